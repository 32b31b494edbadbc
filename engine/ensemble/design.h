/* Designs of members: which value each uncertain parameter has in each member. */
#ifndef PF_DESIGN_H
#define PF_DESIGN_H

#include "ensemble/runner.h"
#include "model/compile.h"

typedef struct {
    const pf_compiled *model;
    const uint32_t *scenarios; /* rows of model->scenarios that run */
    double *medians;           /* [inputs] */
} pf_median_design;

/* One member, all distributions at their median. `scenarios` is kept. */
pf_design pf_median_design_make(pf_median_design *self, const pf_compiled *model, const uint32_t *scenarios);
void pf_median_design_free(pf_median_design *self);

#endif
