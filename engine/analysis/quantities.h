/* Sums of a model's outputs with their exact derivatives, at any point of its parameters. */
#ifndef PF_QUANTITIES_H
#define PF_QUANTITIES_H

#include "base/diagnostics.h"
#include "model/compile.h"

/* An indicator, never a ratio, in some parks together, over reported steps: summed, or as its method says averaged by
 * days or taken at the end. */
typedef struct {
    uint32_t indicator;
    const bool *parks; /* [park_count] */
    uint32_t first_step, end_step;
} pf_quantity;

/* What a run gives, by scenario of the model; of scenarios that were not run nothing. */
typedef struct {
    const double *values; /* [scenario][quantity], in the indicator's unit */
    const double *slopes; /* [scenario][quantity][k], in it a base unit of the parameter; NaN where there is none */
    size_t quantities, k;
    size_t without; /* parameters without a derivative in some scenario */
} pf_slopes;

/* Made once for a model compiled with tangents, run at many points. `along` [k] are the rows of model->inputs along
 * which there are slopes, `scenarios` [count of the model] says which are run, NULL: all. These and `quantities` are
 * kept. */
typedef struct pf_quantity_run pf_quantity_run;
pf_quantity_run *pf_quantity_run_new(const pf_compiled *model, const pf_quantity *quantities, size_t count,
                                     const uint32_t *along, size_t k, const bool *scenarios);
void pf_quantity_run_free(pf_quantity_run *run);

/* Runs at `point` [inputs]. False where the model fails there, or, after an error, where it cannot be run at all. */
bool pf_quantity_run_at(pf_quantity_run *run, const double *point, pf_diagnostics *diagnostics);
/* Of the last point; good until the next. */
pf_slopes pf_quantity_slopes(const pf_quantity_run *run);
/* Says why the model failed at the last point. */
void pf_quantity_faults(const pf_quantity_run *run, pf_diagnostics *diagnostics);

#endif
