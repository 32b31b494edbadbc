/* Resampling for the estimators: units (groups, members, or batches of them) are drawn with replacement. What an
 * estimator needs are sums over units; a resample of a sum is a weighted sum of the units' sums. */
#ifndef PF_BOOTSTRAP_H
#define PF_BOOTSTRAP_H

#include "analysis/estimates.h"

/* Built for several vector widths; the bits are the same, for nothing is contracted or reassociated. */
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))

typedef struct {
    size_t units, resamples;
    uint16_t *unit_of; /* of each item */
    double *weights;   /* [units][resamples]: how often a resample has drawn a unit */
} pf_resampling;

/* Deals `items` into at most `most` units of nearly equal size: each its own unit if there are no more. With no
 * resamples (or no items) there are none, and everything below does nothing. */
pf_resampling pf_resampling_new(pf_bootstrap bootstrap, size_t items, size_t most);
void pf_resampling_free(pf_resampling *self);

/* sums[r] = sum over units of weights[u][r] * of_units[u]. */
void pf_resample(const pf_resampling *self, const double *of_units, double *sums);
/* The same for one resample and rows of numbers: of_units[units][width], sums[width]. */
void pf_resample_row(const pf_resampling *self, size_t resample, const double *of_units, size_t width, double *sums);

double pf_mean_of(const double *values, size_t count); /* of the finite ones */
/* The interval by the rule of estimates.h; sorts the replicates. NaN ones are left out; NaN bounds if half of them are.
 */
pf_estimate pf_estimate_from(double value, double *replicates, size_t count);

#endif
