/* The compiler: from a scenario to a plan, and what a reader of the plan's numbers must know. */
#ifndef PF_COMPILE_H
#define PF_COMPILE_H

#include "model/plan.h"
#include "scenario/scenario.h"

/* A lane input: an uncertain parameter, or the switch of an intervention or trend. */
typedef struct {
    const char *name;      /* canonical path: "demo.brewery.boiler.efficiency" */
    const pf_value *value; /* the distribution; NULL for a switch */
    const char *unit, *source, *assumption;
} pf_input;

/* Spearman's rank correlation between two uncertain inputs. */
typedef struct {
    uint32_t first, second;
    double rho;
} pf_correlation;

typedef struct {
    const char *name, *title, *title_vi;
    int against;            /* row of scenarios, -1 for a reference */
    const double *switches; /* [inputs]: 0 or 1 of a switch; NaN where a member's draw stands */
    bool potential;         /* holds interventions that nobody has carried out or chosen */
} pf_scenario_row;

typedef struct {
    const char *name, *unit, *title, *title_vi, *iamc, *method, *definition;
    bool headline;
    int numerator, denominator; /* of a ratio: rows of indicators; else -1 */
} pf_indicator;

typedef struct {
    const char *park, *process, *port, *carrier, *direction, *unit;
    const char *market; /* "demo.brewery.steam" */
} pf_flow;

typedef struct {
    const char *name, *title;
} pf_park;

/* A parameter as `check --explain` shows it. */
typedef struct {
    const char *path, *origin;
    const pf_tree *value;   /* as it is written */
    const pf_tree *remarks; /* the map that holds its source or assumption, or NULL */
    pf_dimension dimension;
} pf_explained;

/* A step of the arithmetic of an observation or a criterion, on a stack, in base units. */
typedef struct {
    enum { PF_TAKE_NUMBER, PF_TAKE_INDICATOR, PF_TAKE_OPERATION, PF_TAKE_FACT } kind;
    double number; /* or of an indicator: base units in one of its unit */
    uint32_t row;  /* of indicators, never a ratio; of operations: + - * / and the sign; of facts */
} pf_arithmetic;

typedef enum { PF_USE_TEST, PF_USE_FIT, PF_USE_PRIOR, PF_USE_CONTEXT } pf_observation_use;

/* What `checks:` holds a result against. The result is steps (of the indicators' sums over parks and reported steps)
 * times `yearly`; of a comparison sign * (steps in `scenario` less steps in `against`). Amounts are in base units. */
typedef struct {
    const char *name, *title;
    const pf_tree *tree; /* as it is written, with its remarks */
    const pf_arithmetic *steps;
    size_t step_count;
    const bool *parks;             /* [park_count] */
    int scenario, against;         /* rows of scenarios; -1: each scenario, no comparison */
    double sign, yearly;           /* yearly: of a rate over a year, else 1 */
    uint32_t first_step, end_step; /* reported steps */
    const char *period;
    uint32_t row, rows; /* of a series by date: which of how many observations; else 0 of 1 */
    const char *unit;   /* in which it is said, ... */
    double scale;       /* ... of so many base units */
    bool is_bound;
    double at_least, at_most; /* of a bound; infinite where there is none */
    double mean, sd;          /* of an observation; sd 0: it has no uncertainty */
    pf_observation_use use;
    bool is_derived;
    const char *held;   /* of a saving rate, what its freeze holds: "adoption 2023-10, activity 2019"; else NULL */
    bool is_apart;      /* held is not that of this model: it is held against one compiled with its freeze */
    const char *unlike; /* why this run cannot be held against it: "accounting.grid is average, not margin"; or NULL */
} pf_observation;

/* What is known of parks besides their flows: land, firms, workers. */
typedef struct {
    const char *name;
    pf_unit unit;
    const double *values; /* [park_count], in base units; NaN: of this park it is not told */
} pf_fact;

/* What the arithmetic of a criterion gives, against what there is. */
typedef enum { PF_VALUE_EXACT, PF_VALUE_AT_LEAST, PF_VALUE_AT_MOST } pf_exactness;

/* What a framework or a law asks of a park. */
typedef struct {
    const char *name, *title, *title_vi;
    const char *framework, *clause, *kind, *sdg; /* NULL: not said; sdg: "6.3, 6.4" */
    const char *source, *assumption;
    const char *basis;          /* kind of its row of the evidence: "recalled" */
    const char *not_computable; /* why not; then there are no steps */
    const char *const *not_in;  /* [park_count]: why not in this park; NULL: it can be computed */
    const pf_arithmetic *steps; /* of the indicators' sums over a year, and of facts */
    size_t step_count;
    const char *unit;         /* in which it is said, ... */
    double scale;             /* ... of so many base units */
    double at_least, at_most; /* in base units; both infinite: its value is asked for, and no more */
    pf_exactness exactness;
    int32_t from_day, until_day; /* in force from the one, and up to before the other */
} pf_criterion;

/* An indicator of an actor's cash flow. */
typedef struct {
    uint32_t indicator; /* row of indicators: money, a sum over time */
    double scale;       /* from its unit to that of all actors */
} pf_actor_part;
typedef struct {
    const pf_actor_part *items;
    size_t count;
} pf_actor_parts;

/* Whose money comes and goes: what actors pay each other, what they spend on goods and work from elsewhere, capital. */
typedef struct {
    const char *name, *title, *title_vi;
    pf_actor_parts pays, receives, bears, capital;
} pf_actor;

/* A parameter that is to be fitted. */
typedef struct {
    uint32_t input; /* row of inputs */
    bool is_flat;   /* its distribution gives bounds and a start only */
    double start;   /* of a flat one, in base units; NaN: its median */
    pf_mark mark;
} pf_fitted;

enum { PF_LEVER_ADOPTION, PF_LEVER_CEILING, PF_LEVER_START, PF_LEVER_OUTPUTS };

/* An intervention that a reader can move: see pf_compile_options.levers. */
typedef struct {
    const char *name, *title, *title_vi, *status, *curve; /* title_vi, status, curve: NULL where it has none */
    uint32_t park;                                        /* row of parks: whose costs it counts to */
    uint32_t switched, delay, raise;                      /* rows of inputs */
    uint32_t first_output;                                /* of PF_LEVER_OUTPUTS */
    bool needs_whole; /* sets a parameter from or to inf, which cannot be done in part: its ceiling stays at 1 */
} pf_lever;

/* Two interventions that set the same parameter, so that one scenario cannot hold both. */
typedef struct {
    uint32_t first, second; /* rows of levers */
} pf_conflict;

typedef struct {
    const pf_scenario *scenario;
    pf_plan plan;
    const pf_input *inputs;
    size_t input_count;
    const pf_correlation *correlations;
    size_t correlation_count;
    const pf_scenario_row *scenarios;
    size_t scenario_count;
    const pf_park *parks; /* the last is `shared` */
    size_t park_count;
    const pf_indicator *indicators;
    size_t indicator_count;
    /* plan outputs in this order: indicators that are no ratio, [indicator][park]; flows; closures; of levers */
    const pf_flow *flows;
    size_t flow_count;
    const char *const *closures;
    size_t closure_count;
    const pf_explained *parameters;
    size_t parameter_count;
    const pf_observation *observations;
    size_t observation_count;
    const pf_fact *facts;
    size_t fact_count;
    const pf_criterion *criteria;
    size_t criterion_count;
    const pf_actor *actors;
    size_t actor_count;
    const char *actors_unit; /* of all their flows: that of the first indicator, ... */
    double actors_scale;     /* ... of so much of the currency */
    const pf_fitted *fitted;
    size_t fitted_count;
    bool estimates_spread; /* what was observed without an uncertainty has one spread, to be estimated */
    const pf_lever *levers;
    size_t lever_count;
    const pf_conflict *conflicts; /* of levers */
    size_t conflict_count;
    size_t process_count, market_count;
    const char *held; /* what accounting.freeze holds; NULL: nothing */
} pf_compiled;

typedef struct {
    bool keep_flows;       /* every flow is an output, not only what indicators sum up */
    bool drop_closures;    /* they are tested all the same, but are no outputs */
    bool tangents;         /* the plan also works out exact derivatives, as below */
    bool levers;           /* interventions can be moved by lane inputs, as below; not together with tangents */
    const pf_tree *freeze; /* in place of accounting.freeze: that of a check, for it and its like; or NULL */
} pf_compile_options;

/* Compiles a scenario; freed with it. NULL after errors.
 *
 * With `tangents` the plan has twice the inputs and twice the outputs of the model. Lane input input_count + i is the
 * component of a direction d for input i, and output plan.output_count / 2 + k is the derivative of output k along d:
 *   sum over i of d(output k) / d(input i) * d[i],
 * in the output's unit a base unit of the input, for the same step, at the point that the first input_count inputs say.
 * The first half of the outputs has the bits of the plan without tangents. One lane an input, all at the same point and
 * with 1 for its input and 0 elsewhere in the direction, gives the whole Jacobian of every step in one block; times
 * input / output it is the local elasticity. Indicators and flows have derivatives; those of closures are given as 0.
 * Where a min, a max or a choice stands at its kink, the derivative is that of the branch which is taken; a switch that
 * is only asked for (on or off) has none. Where the derivative does not exist (d sqrt(x) at 0) the lane has the fault
 * PF_OUTPUT_NOT_FINITE. A ratio r = a / b of indicators, which is no output, has (da - r db) / b from its summed parts.
 *
 * With `levers` each intervention has two more inputs without a distribution: `delay`, the seconds by which all dates
 * of its adoption lie later, and `raise`, which is added to its ceiling, the sum being kept between 0 and 1. At 0,
 * where every scenario has them, the outputs have the bits of the plan without. The outputs of a lever say by step what
 * came of it: adoption, the ceiling before it was raised, and the start (s since 1970), 0 where it has no curve.
 */
const pf_compiled *pf_compile(pf_scenario *scenario, pf_compile_options options);

/* Writes the processes and markets as a Graphviz graph. */
void pf_network_print(const pf_compiled *compiled, FILE *out);

/* Writes a plan for people: a line an operation, by binding and segment. */
void pf_plan_print(const pf_plan *plan, FILE *out);

#endif
