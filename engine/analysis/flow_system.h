/* A flow system as users write it, for `parkflow reconcile` (docs/reconcile.md): flows between processes with their
 * components, and what must hold among them. Read to quantities and constraints in base units. */
#ifndef PF_FLOW_SYSTEM_H
#define PF_FLOW_SYSTEM_H

#include "analysis/reconcile.h"
#include "scenario/tree.h"
#include "scenario/units.h"

typedef enum {
    PF_OF_FLOW,      /* its amount: "sludge" */
    PF_OF_COMPONENT, /* how much of a component one unit of a flow has: "sludge.cod" */
    PF_OF_STOCK,     /* "landfill.stock_change" */
    PF_OF_TRANSFER,  /* the share of what enters a process that leaves by a flow: "plant.transfer.cod.sludge" */
    PF_OF_PARAMETER
} pf_quantity_kind;

typedef struct {
    const char *name;
    pf_quantity_kind kind;
    pf_mark mark;
    const char *unit; /* as written */
    pf_dimension dimension;
    double size;                  /* of its unit, in base units */
    const char *from, *to;        /* of a flow or a stock change: processes; NULL: outside */
    const char *flow, *component; /* of a component: NULL elsewhere */
    const char *source, *assumption;
} pf_flow_quantity;

typedef struct {
    const char *name; /* "balance of plant", "cod balance of plant", "equation steam_yield" */
    pf_mark mark;
} pf_flow_constraint;

typedef struct pf_flow_system pf_flow_system;
struct pf_flow_system {
    const char *title, *prefix; /* prefix: of the names that a scenario is to use */
    const char *input;          /* the whole input as text */
    const pf_flow_quantity *quantities;
    const pf_flow_constraint *constraints;
    pf_reconcile_problem problem; /* of both, in their order */
    pf_units *units;
    pf_arena *arena;
};

/* Reads `path`; NULL after errors. */
pf_flow_system *pf_flow_system_read(const char *path, pf_diagnostics *diagnostics);
void pf_flow_system_free(pf_flow_system *system);

/* Says what constraints an end that is none is about, each at its place. */
void pf_flow_system_explain(const pf_flow_system *system, const pf_reconciliation *end, pf_diagnostics *diagnostics);

#endif
