/* Sensitivity estimators on plain arrays: they know nothing of files, models or names.
 *
 * x [k][n]: inputs, by parameter; y [n]: one output, all of it finite where not said otherwise. Indices come as [k]
 * (second order: [k][k], upper triangle, the rest NaN). What cannot be estimated is NaN: a constant y (0/0), an n that
 * is too small, a parameter that does not vary. Where SALib has an index, the plain value is SALib's on the same
 * sample.
 *
 * Intervals (95 %) are of the bootstrap. Its units are groups of an arrangement, or members of given data; beyond 256
 * units (64 for the estimators by classes) they are dealt at random into so many batches of equal size, and batches are
 * drawn with replacement: then a resample costs no pass over the members. The interval is the resampled index's 2.5
 * to 97.5 % range, moved as a whole so that the resamples' mean stands at `value`: a resample doubles the bias of a
 * biased estimator, so that the plain percentile interval of delta or PAWN often misses its own value. Units count as
 * independent: for low-discrepancy designs, whose error is smaller, the interval is too wide rather than too narrow.
 * All draws are counter-based (ensemble/draws.h): a seed repeats them. */
#ifndef PF_ESTIMATES_H
#define PF_ESTIMATES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    double value, low, high;
} pf_estimate;

typedef struct {
    uint64_t seed;
    size_t resamples; /* 0: no intervals (NaN) */
} pf_bootstrap;

/* --- of an arrangement: y in member order, groups of k + 2, or 2 k + 2 with second order (ensemble/design.h) --- */

/* First order by Saltelli et al. (2010), total order by Jansen (1999); second order by Saltelli (2002), as SALib does.
 * `second` may be NULL (groups of k + 2). A group with a value that is not finite is left out whole. */
void pf_sobol_indices(const double *y, size_t groups, size_t k, pf_bootstrap bootstrap, pf_estimate *first,
                      pf_estimate *total, pf_estimate *second);

/* Elementary effects (Morris 1991; mu_star: Campolongo 2007). u [k][groups * (k + 1)]: the numbers that the design
 * gave; effects are per unit of u. An effect that is missing (u stands still, y is not finite) is left out. Any of the
 * three may be NULL. */
void pf_morris_effects(const double *u, const double *y, size_t groups, size_t k, pf_bootstrap bootstrap,
                       pf_estimate *mu, pf_estimate *mu_star, pf_estimate *sigma);

/* --- from given data, by classes of each parameter, which are made once and serve all outputs --- */

typedef struct pf_classes pf_classes;

/* Classes of nearly equal size by rank (ties in member order), as many as SALib's delta.analyze takes: n^(2 / (7 +
 * tanh((1500 - n) / 500))), at most 48. For first order and delta. x is not kept. */
pf_classes *pf_classes_by_rank(const double *x, size_t n, size_t k);
/* 2 to 254 classes between quantiles of x, each with its lower bound and without its upper, as SALib's pawn.analyze
 * cuts them: equal values stay together and a class may be empty. The greatest x is in no class; but if several members
 * have it (a discrete parameter), they are one, which SALib leaves out. For PAWN. */
pf_classes *pf_classes_by_quantile(const double *x, size_t n, size_t k, size_t slices);
void pf_classes_free(pf_classes *classes);
size_t pf_classes_most(const pf_classes *classes); /* classes a parameter, empty ones included */

/* First order: the share of the variance of y that lies between classes (Plischke, Borgonovo and Smith 2013).
 * `plain` [k], NULL allowed: that share, which is SALib's S1. `first` has its bias taken off, which is (classes - 1) /
 * n where y does not depend on x: 1 - (1 - share) (n - 1) / (n - classes) (Kelley 1935). What E(y | x) varies
 * within classes is missing from both, which the interval does not know: of a linear effect of a normal x 2 % at n =
 * 5,000 (18 classes), 1 % at 20,000 (28), 0.6 % with 48 classes; of a uniform x a sixth of that or less. */
void pf_first_order_given(const pf_classes *classes, const double *y, pf_bootstrap bootstrap, pf_estimate *first,
                          double *plain);

/* Moment-independent delta (Borgonovo 2007) by kernel densities over classes (Plischke et al. 2013, eq. 26).
 * `plain` [k], NULL allowed: SALib's calc_delta. `delta`: with resamples, its bias is reduced by them (eq. 30: 2 delta
 * less the resamples' mean, in which classes and bandwidths stay); without, it is the plain one. A class of constant y
 * has the bandwidth of the whole sample (SALib 1.4 counts it half, SALib 1.6 not at all). */
void pf_delta(const pf_classes *classes, const double *y, pf_bootstrap bootstrap, pf_estimate *delta, double *plain);

/* PAWN (Pianosi and Wagener 2018): the median over slices of the Kolmogorov-Smirnov distance between y in the slice and
 * y as a whole. Resamples compare the distributions at 128 quantiles of y. */
void pf_pawn(const pf_classes *slices, const double *y, pf_bootstrap bootstrap, pf_estimate *median);
/* What PAWN gives in the median, for large n, for a parameter without influence. */
double pf_pawn_noise(size_t n, size_t slices);

/* --- regression; the cross-products of x are made once and serve all outputs --- */

typedef struct pf_regression pf_regression;

/* Keeps x, which must live as long and stay as it is. */
pf_regression *pf_regression_new(const double *x, size_t n, size_t k);
void pf_regression_free(pf_regression *regression);

/* Standardised coefficients of the linear regression (of a parameter alone: its correlation) with R2, and Pearson's
 * correlation of each input with y. Each of the three may be NULL. Coefficients and R2 are NaN where n is not above
 * k + 1 or the inputs are linearly dependent. A coefficient's resamples are one Newton step from its value (the
 * estimating-function bootstrap of Hu and Kalbfleisch 2000, which takes no new cross-products), widened by
 * sqrt(n / (n - k - 1)). */
void pf_regress(const pf_regression *regression, const double *y, pf_bootstrap bootstrap, pf_estimate *coefficients,
                pf_estimate *correlations, double *r2);

/* Ranks from 1, equal values sharing their mean rank; `ranks` may be `values`. Regression and correlation of ranks are
 * the rank regression coefficients and Spearman's correlation. */
void pf_ranks(const double *values, size_t n, double *ranks);

#endif
