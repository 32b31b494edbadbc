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
    const double *switches; /* [inputs]: 0 or 1 where the input is a switch */
    bool potential;         /* holds interventions that nobody has carried out or chosen */
} pf_scenario_row;

typedef struct {
    const char *name, *unit, *title, *title_vi, *iamc, *method, *definition;
    bool headline;
    int numerator, denominator; /* of a ratio: rows of indicators; else -1 */
} pf_indicator;

typedef struct {
    const char *park, *process, *port, *carrier, *direction, *unit;
} pf_flow;

typedef struct {
    const char *name, *title;
} pf_park;

/* A parameter as `check --explain` shows it. */
typedef struct {
    const char *path, *text, *unit, *origin;
    pf_mark mark;
    const char *source, *assumption;
    size_t effects;
} pf_explained;

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
    /* plan outputs in this order: indicators that are no ratio, [indicator][park]; flows; closures */
    const pf_flow *flows;
    size_t flow_count;
    const char *const *closures;
    size_t closure_count;
    const pf_explained *parameters;
    size_t parameter_count;
    size_t process_count, market_count;
} pf_compiled;

/* Compiles a scenario; freed with it. NULL after errors. */
const pf_compiled *pf_compile(pf_scenario *scenario, bool keep_flows);

/* Writes the processes and markets as a Graphviz graph. */
void pf_network_print(const pf_compiled *compiled, FILE *out);

/* Writes a plan for people: a line an operation, by binding and segment. */
void pf_plan_print(const pf_plan *plan, FILE *out);

#endif
