/* The compiler's view of a scenario: scopes, processes, ports, markets, interventions, and the graph of their
 * equations. compile.h is what the rest of the program sees; this header is for the files of model/ only. */
#ifndef PF_MODEL_H
#define PF_MODEL_H

#include "base/map.h"
#include "model/compile.h"
#include "model/graph.h"
#include "scenario/schema.h"

/* A value of the graph with its dimension. node is PF_NO_NODE after an error. */
typedef struct {
    pf_node_id node;
    pf_dimension dimension;
} pf_term;

typedef struct pf_process pf_process;
typedef struct pf_market pf_market;
typedef struct pf_scope pf_scope;

typedef struct {
    const char *name;
    const pf_tree *tree;
    pf_unit unit;
} pf_component;

typedef struct {
    const char *name, *unit_text, *group;
    const pf_tree *tree;
    pf_unit unit;
    const uint32_t *components; /* rows of model->components */
    size_t component_count;
    pf_map properties; /* name: pf_memo */
} pf_carrier;

typedef struct {
    const char *name;
    pf_unit unit;
    pf_term gwp; /* CO2e a mass of this gas */
} pf_gas;

/* A quantity that is worked out when first asked for. */
typedef struct {
    enum { PF_UNKNOWN, PF_WORKING, PF_KNOWN } progress;
    pf_term term;
} pf_memo;

typedef enum { PF_FIXED, PF_OFFER, PF_CONVERTER } pf_port_kind;

typedef struct {
    const char *name;  /* "needs.electricity" */
    const char *label; /* "demo.brewery.brewing.needs.electricity" */
    const char *key;   /* of the map it stands for, or NULL */
    pf_process *process;
    const pf_tree *tree;
    bool out, draws_surplus, ranked;
    pf_port_kind kind;
    const pf_carrier *carrier;
    pf_market *market;
    pf_node_id flow, allotted, limit; /* variables */
    pf_node_id is;                    /* what it wants, PF_NO_NODE for an offer */
    pf_node_id supply;                /* `out`: the flow as it enters the market, where a loop may be cut */
    pf_node_id *components;           /* variables, one for each component of the carrier */
    pf_node_id *component_supplies;
    pf_node_id embodied; /* emissions that travel with the flow, PF_NO_NODE where the carrier carries none */
} pf_port;

typedef struct {
    const char *name;
    const pf_tree *tree;
    pf_dimension dimension;
    pf_node_id previous, level; /* state, variable */
    const pf_port *in, *out;    /* where these are ports of one carrier */
    pf_node_id *previous_components, *level_components;
} pf_stock;

typedef enum { PF_MODEL_SCOPE, PF_PARK_SCOPE, PF_SITE_SCOPE } pf_scope_kind;
struct pf_scope {
    pf_scope_kind kind;
    const char *name, *label; /* "brewery", "demo.brewery" */
    uint32_t park;            /* row of model->parks; the last is `shared` */
    const pf_tree *tree;
    pf_scope *parent;
    pf_map markets; /* name: pf_market */
};

/* What stands in a park, or is shared, in the order of the model. */
typedef struct {
    PF_LIST(pf_process *) processes;
    PF_LIST(pf_market *) markets;
    PF_LIST(uint32_t) interventions;
} pf_park_contents;

struct pf_process {
    const char *name, *label, *type_name, *sector_name;
    pf_scope *scope;
    const pf_tree *type, *given, *sector; /* its type; what the model file gives; its sector's defaults */
    pf_mark mark;
    PF_LIST(pf_port *) ports;
    PF_LIST(pf_stock *) stocks;
    pf_map refused;    /* its ports and choices of a carrier that are wrong: uses of them stay silent */
    pf_map parameters; /* "needs.electricity.per_output": pf_memo */
    pf_map memos;      /* "values.x", "emissions.x", "emissions.ghg": pf_memo */
};

typedef struct {
    PF_LIST(pf_port *) ports;
    const char *text;
} pf_rank;

struct pf_market {
    const char *name, *label; /* "wastewater", "demo.wastewater" */
    pf_scope *scope;
    const pf_carrier *carrier;
    const pf_tree *tree; /* NULL where not declared */
    uint32_t number;
    PF_LIST(pf_port *) ports;
    PF_LIST(pf_rank) supply, take;
    /* of take, supply: an entry names nothing, so that others may seem to lack a rank */
    bool rank_refused[2];
    pf_node_id supplied, demanded, unserved, spilled; /* variables */
    pf_node_id throughput;
    pf_term price; /* PF_NO_NODE where it has none */
};

typedef enum { PF_SET, PF_SCALE, PF_CUT, PF_ADDITION } pf_effect_kind;
typedef struct {
    pf_effect_kind kind;
    uint32_t intervention;
    pf_path path;
    const char *text, *end_use;
    const pf_tree *tree;
    pf_mark mark;
    size_t hits;
    uint32_t park_hit;     /* the park of its targets; UINT32_MAX none, UINT32_MAX - 1 several */
    pf_term by, of, floor; /* worked out when first met */
    bool known;
} pf_effect;

/* A curve of adoption by step. PF_NO_NODE: nothing ends, or is bought again, within the model's time. */
typedef struct {
    pf_node_id curve;          /* what was adopted */
    pf_node_id lasting;        /* the share of it that is still in use */
    pf_node_id renewals;       /* adoption that has been bought again, all in all */
    pf_node_id start, ceiling; /* where it has a curve; the ceiling before a lever raises it */
} pf_adoption;

typedef struct {
    const char *name;
    const pf_tree *tree;
    pf_mark mark;
    pf_node_id switched; /* input: 0 or 1 */
    pf_memo adoption, capital, running;
    pf_adoption spread; /* known with `adoption`, as is ... */
    pf_node_id adopted; /* ... what was adopted, with what other interventions do to it */
    uint32_t park;
    pf_node_id delay, raise; /* inputs of its lever; PF_NO_NODE where it has none */
    bool needs_whole;        /* as of pf_lever */
} pf_intervention;

typedef struct {
    pf_path path;
    const char *scenario, *text;
    const pf_tree *tree;
    pf_mark mark;
    pf_node_id switched;
    size_t hits;
    pf_term rate;
    bool known;
} pf_trend;

/* Rows of the model's effects and trends, in their order. */
typedef struct {
    PF_LIST(uint32_t) effects, trends;
} pf_changes;

/* Two `set` of one parameter: an error where one scenario holds both. */
typedef struct {
    const pf_effect *first, *second;
    const char *parameter;
} pf_double_set;

struct pf_model {
    pf_compiled compiled; /* what the rest of the program sees; the first member, see network.c */
    pf_scenario *scenario;
    pf_arena *arena;
    pf_diagnostics *diagnostics;
    pf_graph graph;
    PF_LIST(pf_component) components;
    PF_LIST(pf_carrier) carriers;
    PF_LIST(pf_gas) gases;
    PF_LIST(pf_scope *) scopes; /* model, parks, sites */
    PF_LIST(pf_process *) processes;
    PF_LIST(pf_market *) markets;
    pf_map market_labels; /* label: pf_market */
    PF_LIST(pf_intervention) interventions;
    pf_map intervention_rows; /* by name: the row and 1 */
    PF_LIST(pf_effect) effects;
    PF_LIST(pf_trend) trends;
    PF_LIST(pf_double_set) double_sets;
    pf_map process_types, parameters, stems;
    pf_map changes;           /* pf_changes: by park what may change its parameters, by path what changes any other */
    pf_map selectors;         /* by place: is it right? */
    pf_map input_rows;        /* of what is drawn, by name: the row and 1 */
    pf_map shared_texts;      /* by the name of the shared part: pf_tree */
    PF_LIST(pf_check) checks; /* reg, value: nodes */
    PF_LIST(bool) required;   /* by node: it has a check */
    PF_LIST(pf_explained) explained;
    PF_LIST(pf_input) inputs;
    const pf_node_id *outputs;
    size_t output_count;
    pf_scope *root;
    uint32_t park_count;             /* parks and `shared` */
    pf_park_contents *parks;         /* [park_count] */
    int depth;                       /* of names that are being worked out, each for the one before */
    bool depth_told;                 /* that this is too long a chain is said once */
    const pf_step *held[PF_DRIVERS]; /* what accounting.freeze holds, and at which days; NULL: it goes on changing */
    bool has_levers;
    bool is_variant;                /* compiled for the checks with its freeze only */
    pf_term step_length;            /* s */
    pf_node_id per_month, per_year; /* 1/s */
};

typedef struct pf_model pf_model;

/* Where an expression stands: what its names mean. */
typedef struct {
    pf_model *model;
    pf_process *process; /* NULL outside a process */
    const char *key, *component;
    bool of_activity; /* what is read here says how much is made: accounting.freeze.activity holds it */
    bool indicator;   /* parks by the first part of a path */
    uint32_t park;
} pf_context;

/* entities.c */
void pf_build_entities(pf_model *model);
const pf_carrier *pf_carrier_named(const pf_model *model, const char *name);
int pf_component_of(const pf_model *model, const pf_carrier *carrier,
                    const char *name); /* row in the carrier's list, or -1 */
bool pf_filters_hold(const pf_path_segment *segment, const pf_process *process, const pf_carrier *carrier);
/* Does `path`, of which the first segments name park, site and process, name this process? *rest: the first segment
 * behind them. */
bool pf_path_names_process(const pf_path *path, const pf_process *process, size_t tail, size_t *rest);

/* types.c */
void pf_check_types(pf_model *model);

/* ports.c */
void pf_build_ports(pf_model *model);
void pf_equate_ports(pf_model *model);
void pf_equate_stocks(pf_model *model);
/* Remembers that a port or a choice of a carrier is wrong, which has been said; and asks for the name that a path
 * begins with. */
void pf_refuse(pf_model *model, pf_process *process, const char *name);
bool pf_is_refused(const pf_process *process, const pf_path *path);
pf_port *pf_port_named(const pf_process *process, const char *name);
pf_stock *pf_stock_named(const pf_process *process, const char *name);

/* parameters.c */
pf_term pf_parameter_term(const pf_context *context, const pf_path *path, size_t first, bool *found);
void pf_check_carrier_choices(pf_model *model, pf_process *process);
void pf_check_parameters(pf_model *model, pf_process *process);
const char *pf_parameter_text(const pf_process *process,
                              const char *name); /* a carrier's name or whole number, as text */
const pf_tree *pf_parameter_given(const pf_process *process, const char *path);
pf_term pf_model_parameter(pf_model *model, const char *name, bool *found);
pf_term pf_value_term(const pf_context *context, const pf_tree *tree, const char *name);
/* The unit in which a message says a value: the declared one, or the dimension where it is worked out or a rate of the
 * calendar. */
const char *pf_unit_said(pf_model *model, const pf_tree *unit, pf_dimension dimension, double *scale);
pf_dimension pf_declared_unit(const pf_context *context, const pf_tree *unit, bool *any, double *scale);

/* evaluate.c, names.c */
pf_term pf_evaluate(const pf_context *context, const pf_expression *expression);
/* Parses and evaluates; the term must have `wanted` (unless NULL), else an error that says `what`. */
pf_term pf_evaluate_text(const pf_context *context, const pf_tree *text, const pf_dimension *wanted, const char *what);
pf_term pf_value_of(const pf_context *context, const char *group, const char *name,
                    bool *found); /* values, emissions, upstream, ghg */
pf_term pf_name_term(const pf_context *context, const pf_path *path, size_t first, bool *found);
pf_term pf_no_term(void);
/* The memo under `key`, made, and unknown, where there is none yet. */
pf_memo *pf_memo_at(pf_model *model, pf_map *map, const char *key);
bool pf_fits(const pf_context *context, pf_term term, pf_dimension wanted);
/* The same, with an error about what is written; `unit` says what is expected, NULL: the dimension. */
bool pf_expect(const pf_context *context, pf_term term, pf_dimension wanted, const pf_tree *written, const char *what,
               const char *unit);

/* money.c: the term in the money that `unit_text` names; a nominal series by steps in prices of the accounting year */
pf_term pf_in_money(pf_model *model, pf_term term, const char *unit_text, pf_mark mark);
const double *pf_deflated(pf_model *model, const double *series, pf_mark mark);

/* lookup.c: the value of a table of `lookups` at x */
pf_term pf_lookup(const pf_context *context, const char *name, pf_term x, pf_mark mark);

/* correlations.c */
void pf_build_correlations(pf_model *model);

/* embodied.c: emissions that travel with energy; what a process takes in across the reporting boundary */
void pf_trace_emissions(pf_model *model);
pf_term pf_imported_emissions(const pf_context *context);

/* selector.c */
pf_term pf_sum(const pf_context *context, const pf_expression *argument);
/* selector_check.c: false, and an error, where a selector of an indicator names what the model nowhere has. It is
 * looked at once, for all parks. */
bool pf_check_selector(const pf_context *context, const pf_expression *selector);
/* Says why the path of an effect or trend finds no parameter. */
void pf_explain_no_hit(pf_model *model, const pf_path *path, const char *text, pf_mark mark);

/* interventions.c */
void pf_build_interventions(pf_model *model);
pf_node_id pf_after_effects(const pf_context *context, const char *path_text, const pf_path *path, pf_term base,
                            pf_mark mark);
/* What filters go by: its `status` or `sector`, or who `pays`; NULL where it says none. */
const char *pf_intervention_text(const pf_intervention *intervention, const char *key);
pf_term pf_intervention_term(pf_model *model, uint32_t number, const char *what, bool *found);
void pf_finish_interventions(pf_model *model);
/* costs.c: capital, or running cost, by step, in the money of the results */
pf_term pf_intervention_cost(pf_model *model, uint32_t number, bool capital);
/* adoption.c */
pf_adoption pf_adoption_curve(const pf_context *context, const pf_intervention *intervention);
/* How many years a trend has grown, by step; that of a parameter of activity is held with activity. */
pf_node_id pf_trend_years(pf_model *model, bool of_activity);

/* freeze.c: the days at which a `freeze` holds each driver that it names, put into held [PF_DRIVERS] */
void pf_read_freeze(pf_model *model, const pf_tree *freeze, const pf_step **held);
/* "adoption 2023-10, activity 2019"; NULL where it names none. */
const char *pf_freeze_text(pf_arena *arena, const pf_tree *freeze);
/* The values of a series of the graph, as they are or as they are held. [steps] */
const double *pf_held_values(const pf_model *model, uint32_t series);

/* markets.c, clearing.c, mixing.c */
pf_mark pf_market_mark(const pf_market *market); /* where it is declared, or its first process */
void pf_build_markets(pf_model *model);
void pf_clear_markets(pf_model *model);
void pf_mix_components(pf_model *model);

/* levers.c: what moves an intervention, and after all other outputs what came of it */
void pf_add_lever(pf_model *model, pf_intervention *intervention);
void pf_build_levers(pf_model *model);

/* outputs.c */
void pf_build_outputs(pf_model *model, pf_compile_options options);

/* scenarios.c */
void pf_build_scenarios(pf_model *model);

/* arithmetic.c: an expression of indicators, and of park facts if it takes them, as steps. What is wrong is an error.
 */
typedef struct {
    pf_model *model;
    const char *what; /* of messages: "a check" */
    bool takes_facts;
    PF_LIST(pf_arithmetic) steps;
    pf_dimension dimension;
    const pf_indicator *first; /* the first that it names */
    bool takes_fact;           /* it names one */
    bool is_amount;            /* all that it names are sums over time */
    bool is_wrong;             /* nothing is known of its dimension */
} pf_arithmetic_reader;
void pf_read_arithmetic(pf_arithmetic_reader *reader, const pf_tree *text);
/* Row of an indicator; -1 after an error, with the nearest name. */
int pf_indicator_named(pf_model *model, const char *name, pf_mark mark);

/* actors.c */
void pf_build_actors(pf_model *model);

/* checks.c */
void pf_build_checks(pf_model *model);

/* criteria.c: the facts of parks, and the criteria */
void pf_build_criteria(pf_model *model);

/* check_series.c: observations by date, in the unit of their column */
typedef struct {
    const char *date;
    pf_mark mark;
    double value, sd; /* sd 0: none is given */
} pf_observed_row;
typedef struct {
    pf_unit unit;
    const char *unit_text;
    const pf_observed_row *rows;
    size_t count;
} pf_observed_series;
bool pf_is_observed_series(const pf_tree *observed);
pf_status pf_observed_series_read(pf_model *model, const pf_tree *observed, pf_observed_series *series);

/* fit.c: the parameters that `fit:` names */
void pf_build_fit(pf_model *model);

/* schedule.c: the order in which nodes are worked out; a loop is a group of nodes of which some variables are torn. */
typedef struct {
    const pf_node_id *nodes; /* in order; of a loop: its body, given the tears */
    size_t count;
    const pf_node_id *tears; /* variables; NULL for straight code */
    size_t tear_count;
} pf_group;
typedef struct {
    const pf_group *groups;
    size_t count;
} pf_schedule;
/* Orders all that `roots` need. Dispatch that is not unique is an error. */
pf_status pf_schedule_make(pf_model *model, const pf_node_id *roots, size_t root_count, pf_schedule *schedule);

/* differentiate.c: dy/d(argument) of an operation. PF_NO_NODE stands for 0. */
pf_node_id pf_partial(pf_graph *graph, size_t operation, int argument, pf_node_id a, pf_node_id b, pf_node_id c,
                      pf_node_id y);
/* d node, given the derivatives of its operands. */
pf_node_id pf_chain(pf_graph *graph, pf_node_id node, const pf_node_id *derivative);

/* Nodes `first` to `end` of the lowered graph, in the order of work: straight, or the body of a loop x = g(x). */
typedef struct {
    pf_node_id first, end;
    const pf_node_id *x, *g, *jacobian; /* [tears], [tears], [tears][tears]: dg_i/dx_j */
    size_t tears;                       /* 0: straight */
} pf_node_span;

/* tangent.c: the derivative of each node of the lowered graph along the lane's direction. */
typedef struct {
    pf_graph *graph;
    uint32_t inputs;        /* the direction's component for input i is input inputs + i */
    PF_LIST(pf_node_id) of; /* [nodes], as far as asked for */
} pf_tangents;
/* The node of the tangent, made where there is none yet; PF_NO_NODE stands for 0. */
pf_node_id pf_tangent_of(pf_tangents *tangents, pf_node_id node);
/* Says what the tangent of a state is. */
void pf_set_tangent(pf_tangents *tangents, pf_node_id node, pf_node_id tangent);
/* Makes the tangents of a loop's body, whose nodes that others may ask for are `body` in the order of work. */
void pf_loop_tangents(pf_tangents *tangents, const pf_node_span *loop, const pf_node_id *body, size_t count);
/* By node: does it depend on an input, by more than a comparison? In the graph's arena. */
const bool *pf_depends_on_inputs(const pf_graph *graph);

/* lower.c: the plan of the scheduled graph. */
void pf_lower(pf_model *model, const pf_schedule *schedule, bool tangents);

/* requirements.c */
uint32_t pf_model_at(pf_model *model, pf_mark mark, const char *text);
/* node must be at most 0 at run time; `message` is a whole sentence. Known violations are errors at once. */
void pf_require(pf_model *model, pf_node_id node, pf_mark mark, const char *message);
/* What a message shows behind its sentence. */
typedef struct {
    pf_node_id value;
    const char *lead;    /* " by" or ", found"; NULL: no value is shown */
    const char *unit;    /* in which it is said, ... */
    double scale;        /* ... of so many base units */
    const char *written; /* what the input says, shown in place of a value that is known at once; or NULL */
    const char *cure;    /* or NULL */
} pf_subject;
/* The same, with a value or a cure in the message. */
void pf_require_about(pf_model *model, pf_node_id node, pf_mark mark, const char *message, pf_subject about);
/* A rate of a carrier, said in its unit a day. */
pf_subject pf_about_rate(pf_model *model, pf_node_id value, const pf_carrier *carrier, const char *cure);
uint32_t pf_new_input(pf_model *model, pf_input input);

#endif
