/* Statistics of many cells over many members, free of order by construction: the same bits however members are shared
 * out to threads or shards. A cell is one kept number: an indicator in a park and period, or its difference to the
 * reference.
 *
 * A pilot gives each cell a grid: a centre c and a step h, a power of two, of about spread * 2^-41. x is added as the
 * integer i = rint((x - c) / h), with its square, into wide integers that hold |i| up to 2^124; if a finite value is
 * farther out, or one is infinite, mean and standard deviation are NaN. Quantiles come from counts: one value by itself
 * (the pilot's most frequent, else 0), linear bins over the pilot's 1 to 99 %, then bins by sixteenths of an octave on
 * both sides, and open ends. Bins count up to 2^32 - 1 values a cell; with more, quantiles alone are NaN. */
#ifndef PF_STATISTICS_H
#define PF_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pf_statistics pf_statistics;

/* `linear_bins` (1 to 2^20) over the pilot's middle. Memory: 4 bytes a linear bin and cell, 64 an octave that values of
 * the cell reach (at most 128, seldom more than 16), and some 200. */
pf_statistics *pf_statistics_new(size_t cells, size_t linear_bins);
void pf_statistics_free(pf_statistics *self);
size_t pf_statistics_cells(const pf_statistics *self);
/* How many linear bins keep `cells` cells of usual spread within `bytes` (at least 64, at most 1,024). */
size_t pf_statistics_bins_within(size_t cells, size_t bytes);

/* Sets the grids of cells first .. first + count - 1 from pilot values: of cell first + k they are values[k * stride +
 * member], `members` of them. Must come once, before any value is added. A cell whose pilot values are all the same
 * takes its scale from that value, or if it is 0 from the largest of the call: the same cells must come together. */
void pf_statistics_pilot(pf_statistics *self, size_t first, size_t count, const double *values, size_t stride,
                         size_t members);
/* Exceedance is counted exactly for one threshold a cell; NaN (the default): none. Before any value is added. */
void pf_statistics_set_threshold(pf_statistics *self, size_t cell, double threshold);

/* Adds values[k * stride + member] to cell first + k. NaN counts as missing. Calls for disjoint ranges of cells may run
 * at once. */
void pf_statistics_add(pf_statistics *self, size_t first, size_t count, const double *values, size_t stride,
                       size_t members);
/* Adds what `other` has; both from the same pilot: false if their grids differ. */
bool pf_statistics_merge(pf_statistics *self, const pf_statistics *other);

/* All of it as bytes, and back (NULL if they are no statistics); pf_statistics_pack gives a buffer to free(). */
void *pf_statistics_pack(const pf_statistics *self, size_t *size);
pf_statistics *pf_statistics_unpack(const void *bytes, size_t size);

/* A value and the most by which it can differ from that of exact arithmetic on the same values; NaN and infinity where
 * it is not known. */
typedef struct {
    double value, bound;
} pf_bounded;

uint64_t pf_statistics_valid(const pf_statistics *self, size_t cell); /* values that are not missing */
pf_bounded pf_statistics_mean(const pf_statistics *self, size_t cell);
pf_bounded pf_statistics_sd(const pf_statistics *self, size_t cell); /* divisor n - 1; NaN below 2 values */
double pf_statistics_min(const pf_statistics *self, size_t cell);
double pf_statistics_max(const pf_statistics *self, size_t cell);
/* The p-quantile as NumPy takes it by default (Hyndman and Fan 1996, definition 7: between the order statistics around
 * position p (n - 1), from 0); the sample's own lies within `bound` of `value`. */
pf_bounded pf_statistics_quantile(const pf_statistics *self, size_t cell, double p);
/* The share of valid values above the threshold; NaN if none was set. */
double pf_statistics_exceedance(const pf_statistics *self, size_t cell);

#endif
