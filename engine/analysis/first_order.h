/* First-order propagation of uncertainty: sums of a model's outputs at the medians of its parameters, with their exact
 * derivatives (pf_compile_options.tangents), in one run. */
#ifndef PF_FIRST_ORDER_H
#define PF_FIRST_ORDER_H

#include "analysis/quantities.h"

typedef struct {
    const pf_compiled *model; /* compiled with tangents */
    size_t k;                 /* uncertain parameters */
    const uint32_t *varied;   /* [k] rows of model->inputs */
    const double *deviations; /* [k] standard deviations, in base units */
    const double *values;     /* [scenario of the model][quantity], in the indicator's unit */
    const double *slopes;     /* [scenario][quantity][k], in it a base unit of the parameter; NaN where there is none */
    size_t quantities;
    size_t without; /* parameters without a derivative in some scenario */
} pf_first_order;

/* Runs the scenarios [count of the model] that are marked, all where that is NULL; values of others are 0. All is in
 * the model's arena. PF_FAILED, after errors, where the model fails at its medians. */
pf_status pf_first_order_run(const pf_compiled *model, const pf_quantity *quantities, size_t count,
                             const bool *scenarios, pf_first_order *result, pf_diagnostics *diagnostics);

/* The variance of what has these slopes [k], and the part of each parameter [k], covariances halved between the two
 * (rank correlations are taken as those of the values). Parameters without a derivative count as 0. `parts` may be
 * NULL. */
double pf_first_order_variance(const pf_first_order *self, const double *slopes, double *parts);

#endif
