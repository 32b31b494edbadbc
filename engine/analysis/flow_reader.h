/* Inside of reading a flow system: quantities are collected first, then what must hold among them. */
#ifndef PF_FLOW_READER_H
#define PF_FLOW_READER_H

#include "analysis/flow_system.h"
#include "scenario/value.h"

/* A flow, or a change of stock, which is a flow to nowhere. */
typedef struct {
    const char *name, *from, *to;
    size_t amount; /* its quantity */
    pf_mark mark;
} pf_system_flow;

typedef struct {
    pf_arena *arena;
    const pf_tree *tree;
    pf_units *units;
    pf_value_reader values;
    pf_diagnostics *diagnostics;
    const char *unit;   /* of all flows that do not say their own */
    bool has_lost_flow; /* one leads to a process that is not there: nothing is said of who lacks a flow */
    PF_LIST(pf_flow_quantity) quantities;
    PF_LIST(pf_quantity) numbers; /* of each of them */
    PF_LIST(pf_system_flow) flows;
    PF_LIST(pf_flow_constraint) constraints;
    PF_LIST(pf_constraint) sums; /* of each of them */
    pf_map names;                /* of quantities: number + 1, as a pointer */
} pf_flow_reader;

enum { PF_NO_QUANTITY = -1 };

/* The number of a quantity, or PF_NO_QUANTITY. */
int pf_flow_quantity_named(const pf_flow_reader *r, const char *name);
/* The quantity that tells how much of `component` is in `flow`; made, as an unknown, where it is not there yet. */
size_t pf_flow_component(pf_flow_reader *r, const pf_system_flow *flow, const char *component);
/* Adds a quantity whose value is `tree`: a number, a distribution, or nothing or `unknown`. False after an error. */
bool pf_flow_add(pf_flow_reader *r, pf_flow_quantity quantity, const pf_tree *tree);
/* Reads a unit into the quantity; false after an error. */
bool pf_flow_set_unit(pf_flow_reader *r, pf_flow_quantity *quantity, const char *unit, pf_mark mark);

/* Balances of processes, transfers and equations. */
void pf_flow_add_constraints(pf_flow_reader *r);
/* Equations alone (flow_equations.c). */
void pf_flow_add_equations(pf_flow_reader *r);

#endif
