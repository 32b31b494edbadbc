/* Was the sample large enough? The trace of an index over growing prefixes of its sample, and a verdict.
 *
 * The verdict follows Sarrazin, Pianosi and Wagener (2016, doi:10.1016/j.envsoft.2016.02.005), who ask that the
 * indices' intervals be narrow and that the ranking of parameters no longer change. */
#ifndef PF_CONVERGENCE_H
#define PF_CONVERGENCE_H

#include "analysis/estimates.h"

#include <stdbool.h>

/* Gives the indices [k] of the first `count` members (or groups) of a sample. */
typedef void (*pf_prefix_estimator)(void *user, size_t count, pf_estimate *indices);

enum { PF_TRACE_STEPS = 5 };

typedef struct {
    size_t k;
    size_t counts[PF_TRACE_STEPS]; /* n / 16, n / 8, n / 4, n / 2, n */
    pf_estimate *indices;          /* [PF_TRACE_STEPS][k] */
} pf_trace;

pf_trace *pf_trace_new(pf_prefix_estimator estimator, void *user, size_t n, size_t k);
void pf_trace_free(pf_trace *trace);
/* The greatest half-width of an interval at a step, of parameters that have an index; NaN if one of them has none. */
double pf_trace_half_width(const pf_trace *trace, size_t step);

typedef struct {
    double half_width; /* at n */
    bool is_narrow;    /* it is at most 0.05 of `scale` */
    bool is_ranked;    /* the ranking of the parameters that matter is that of n / 2 */
    bool is_enough;    /* both */
} pf_verdict;

/* `scale`: 1 for indices that are shares (Sobol', delta, PAWN, squared coefficients); for Morris, the greatest mu_star.
 * A parameter matters from 0.05 of it; two whose indices at n are apart by less than a half-width of theirs may change
 * places. Parameters whose index is NaN throughout (they do not vary) are passed over; if all are, nothing is enough.
 */
pf_verdict pf_trace_verdict(const pf_trace *trace, double scale);

#endif
