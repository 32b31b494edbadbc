/* Local sensitivities from the model's exact derivatives (pf_compile_options.tangents): they need no sample. */
#ifndef PF_ELASTICITIES_H
#define PF_ELASTICITIES_H

#include "analysis/study.h"

/* Fills in the outputs that a model has, for a sample that was opened without members: its indicators, parks and years
 * (pf_sample_open_any). In the model's arena. */
void pf_elasticities_outputs(pf_sample *sample, const pf_compiled *model);

/* Of each chosen output and uncertain parameter, at the medians of all: d ln Y / d ln p, and the share of the variance
 * sum over p of (dY/dp sd(p))^2; the output's `mean` is Y, its `sd` the root of that sum. `study->model` was compiled
 * with tangents. No shares where parameters are correlated. A derivative that does not exist is NaN, and noted. NULL
 * after an error: the model fails at its medians. */
pf_findings *pf_elasticities_run(const pf_study *study, pf_diagnostics *diagnostics);

#endif
