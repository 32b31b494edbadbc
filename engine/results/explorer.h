/* A page in which a reader runs the model: one HTML file with the plan as WebAssembly, the draws of a sweep's members,
 * and what is said of them (docs/explorer.md). */
#ifndef PF_EXPLORER_H
#define PF_EXPLORER_H

#include "ensemble/design.h"
#include "results/sample.h"

typedef struct {
    const pf_sample *sample;  /* a finished sweep; its `kept` members are drawn again */
    const pf_compiled *model; /* of its input, compiled with `levers` and `drop_closures` */
    const pf_design *design;  /* the sweep's */
    uint64_t members;         /* at most */
} pf_explorer;

/* An error where the design's members are no sample of the parameters' distributions, or are too many for a page. */
pf_status pf_explorer_check(const pf_explorer *explorer, pf_diagnostics *diagnostics);
/* Writes it whole or not at all. */
pf_status pf_explorer_write(const pf_explorer *explorer, const char *path, pf_diagnostics *diagnostics);

#endif
