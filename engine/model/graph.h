/* The equations of a model as a graph of values: constants, inputs, series, states, variables, operations.
 * Equal nodes are one node. A variable stands for a quantity whose equation may come later; through variables the graph
 * may be cyclic. Dimensions are not kept here: who builds a node knows them. */
#ifndef PF_GRAPH_H
#define PF_GRAPH_H

#include "base/arena.h"
#include "base/operations.h"
#include "model/plan.h"

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t pf_node_id;
#define PF_NO_NODE UINT32_MAX

typedef enum { PF_CONSTANT, PF_INPUT, PF_SERIES_VALUE, PF_STATE, PF_VARIABLE, PF_OPERATION } pf_node_kind;

typedef struct {
    uint16_t kind; /* pf_node_kind */
    uint16_t op;   /* PF_OPERATION */
    pf_node_id arg[3];
    uint32_t index; /* of the input, series, state or variable */
    uint32_t origin;
    bool nonnegative; /* at least 0 or NaN in every lane that is not at fault */
    double value;     /* PF_CONSTANT */
} pf_node;

typedef struct {
    const char *name;
    pf_node_id definition; /* PF_NO_NODE until known */
    bool returns;    /* matter enters a market here: where a recycle loop may be cut (docs/language.md, "How a market
                        clears") */
    uint32_t market; /* the market and rank it belongs to, for messages; UINT32_MAX if none */
    const char *rank;
    uint32_t origin;
} pf_graph_variable;

typedef struct {
    pf_node_id initial, next;
    const char *name;
} pf_graph_state;

/* What a series follows; accounting.freeze can hold all but the calendar. Adoption is no series, but what is held of it
 * is kept in the same table. */
typedef enum { PF_BY_CALENDAR, PF_BY_ADOPTION, PF_BY_ACTIVITY, PF_BY_FACTORS, PF_DRIVERS } pf_driver;

typedef struct pf_graph {
    pf_arena *arena;
    PF_LIST(pf_node) nodes;
    PF_LIST(pf_graph_variable) variables;
    PF_LIST(pf_graph_state) states;
    PF_LIST(const double *) series; /* [steps] each */
    PF_LIST(pf_driver) follows;     /* by series */
    PF_LIST(pf_origin) origins;
    uint32_t inputs, steps;
    uint32_t origin;           /* given to the nodes made now */
    uint32_t kept;             /* the last origin that something refers to */
    struct pf_bucket *buckets; /* hash table of the nodes that may be asked for again */
    size_t bucket_count, filled;
} pf_graph;

/* `nodes`: about how many are expected. */
void pf_graph_init(pf_graph *graph, pf_arena *arena, uint32_t steps, size_t nodes);

pf_node_id pf_constant_node(pf_graph *graph, double value);
pf_node_id pf_input_node(pf_graph *graph, uint32_t input);
/* values [steps]; a series that does not vary is a constant. */
pf_node_id pf_dated_node(pf_graph *graph, const double *values, pf_driver follows);
/* What a node of activity is worked out from follows activity too, as far as it was a factor. */
void pf_follow_activity(pf_graph *graph, pf_node_id node);
#define pf_series_node(graph, values) pf_dated_node((graph), (values), PF_BY_CALENDAR)
pf_node_id pf_state_node(pf_graph *graph, const char *name);
pf_node_id pf_variable_node(pf_graph *graph, const char *name);
/* The rows that a node of kind variable, or state, stands for; valid until the next is made. */
pf_graph_variable *pf_variable_of(const pf_graph *graph, pf_node_id variable);
pf_graph_state *pf_state_of(const pf_graph *graph, pf_node_id state);
void pf_define(pf_graph *graph, pf_node_id variable, pf_node_id definition);

/* To be said of a value below 0 of which a lane is at fault. */
void pf_assume_nonnegative(pf_graph *graph, pf_node_id node);

/* An operation; constants are folded by the kernel's own function, and only x*1, x/1, x-0, a known choice, min(x, inf),
 * the signs in a+(-b), a-(-b), (-a)+b, -(-a), -(a-b) and |-a|, and of an x that is at least 0 |x|, max(x, 0) and x+0
 * are simplified: to the same bits, but for the sign of a zero. */
pf_node_id pf_operation_node(pf_graph *graph, uint32_t op, pf_node_id a, pf_node_id b, pf_node_id c);
/* a + b, where PF_NO_NODE is an empty sum. */
pf_node_id pf_plus(pf_graph *graph, pf_node_id a, pf_node_id b);
#define pf_unary(graph, op, a) pf_operation_node((graph), (op), (a), PF_NO_NODE, PF_NO_NODE)
#define pf_binary(graph, op, a, b) pf_operation_node((graph), (op), (a), (b), PF_NO_NODE)

bool pf_is_constant(const pf_graph *graph, pf_node_id node, double *value);

/* Sets the place and name that nodes made from now on come from; returns the former one, to be put back. */
uint32_t pf_graph_at(pf_graph *graph, const char *file, int line, int column, const char *text);

#endif
