/* A plan, its module and the numbers that it runs on, as scripts/explorer/engine.js reads them; for the explorer's
 * files and its tests. */
#ifndef PF_EXPLORER_PLAN_H
#define PF_EXPLORER_PLAN_H

#include "kernel/generate_wasm.h"

typedef struct {
    const pf_plan *plan;
    pf_wasm_module module;
    const bool *is_drawn; /* by input: its values come along; else the page sets it */
    const double *drawn;  /* [inputs][lanes] */
    size_t lanes;
} pf_explorer_plan;

/* A JSON object: registers, segments, loops, places in the memory. */
void pf_explorer_put_plan(const pf_explorer_plan *self, FILE *out);
/* Constants, exports, what is drawn, the module: compressed (RFC 1950), in base64 (RFC 4648). */
void pf_explorer_put_numbers(const pf_explorer_plan *self, FILE *out);

#endif
