/* PAWN from given data (Pianosi and Wagener 2018, doi:10.1016/j.envsoft.2018.07.019): how far the distribution of y
 * moves when a parameter is held within one slice of its range. */
#include "analysis/bootstrap.h"
#include "analysis/classes.h"

#include "base/arena.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNITS = 64, BINS = 128, FEWEST_MEMBERS = 10 };

typedef struct {
    const pf_classes *slices;
    pf_resampling resampling;
    size_t *order;    /* members by y */
    bool *is_last;    /* of equal values, in that order: only there a distribution function is read */
    uint8_t *bin;     /* of each member, by rank of y; equal values are in one bin */
    double *of_units; /* [slices][units][BINS]: members */
    double *whole;    /* [resamples][BINS]: the distribution function of y as a whole */
    double *medians;  /* of the resamples */
} pawn;

static void sort_output(pawn *self, const double *y)
{
    size_t n = self->slices->n;
    uint8_t bin = 0;
    gsl_sort_index(self->order, y, 1, n);
    for (size_t m = n; m-- > 0;) {
        self->is_last[m] = m + 1 == n || y[self->order[m]] != y[self->order[m + 1]];
        if (self->is_last[m]) bin = (uint8_t)(m * BINS / n);
        self->bin[self->order[m]] = bin;
    }
}

static double median_of(double *distances, size_t count)
{
    if (!count) return NAN;
    gsl_sort(distances, 1, count);
    return gsl_stats_median_from_sorted_data(distances, 1, count);
}

/* Reads all distribution functions at once, along y: count / members of a slice against rank / n. Between two members
 * of a slice its own function stands still and the whole only rises, so that extremes are at the slice's members
 * (after), and just before them. Members of one value are taken together; `touched` are the slices among them. */
typedef struct {
    double size[PF_NO_CLASS + 1], count[PF_NO_CLASS + 1], distance[PF_NO_CLASS + 1];
    uint8_t touched[PF_NO_CLASS + 1];
} walk;

static void read_distances(walk *at, double whole, const uint8_t *classes, size_t count)
{
    for (size_t t = 0; t < count; t++) {
        uint8_t c = classes[t];
        at->distance[c] = fmax(at->distance[c], fabs(at->count[c] / at->size[c] - whole));
    }
}

static double median_distance(const pawn *self, const uint8_t *class)
{
    size_t n = self->slices->n, from = 0, found = 0;
    walk at = {{0}, {0}, {0}, {0}};
    for (size_t i = 0; i < n; i++) at.size[class[i]] += 1;
    for (size_t m = 0; m < n; m++) {
        if (!self->is_last[m]) continue;
        size_t touched = 0;
        for (size_t i = from; i <= m; i++) {
            uint8_t c = class[self->order[i]];
            if (memchr(at.touched, c, touched)) continue;
            at.touched[touched++] = c;
        }
        read_distances(&at, (double)from / (double)n, at.touched, touched);
        for (size_t i = from; i <= m; i++) at.count[class[self->order[i]]] += 1;
        read_distances(&at, (double)(m + 1) / (double)n, at.touched, touched);
        from = m + 1;
    }
    for (size_t c = 0; c < self->slices->most; c++)
        if (at.size[c] > 0) at.distance[found++] = at.distance[c];
    return median_of(at.distance, found);
}

/* Turns counts by bin into a distribution function; false where there are no members. */
static bool accumulate(double *bins)
{
    for (size_t b = 1; b < BINS; b++) bins[b] += bins[b - 1];
    double total = bins[BINS - 1];
    for (size_t b = 0; b < BINS; b++) bins[b] /= total;
    return total > 0;
}

static void resample_whole(pawn *self)
{
    double *of_units = pf_doubles(self->resampling.units * BINS);
    for (size_t i = 0; self->resampling.units && i < self->slices->n; i++)
        of_units[self->resampling.unit_of[i] * (size_t)BINS + self->bin[i]] += 1;
    for (size_t r = 0; r < self->resampling.resamples; r++) {
        pf_resample_row(&self->resampling, r, of_units, BINS, self->whole + r * BINS);
        accumulate(self->whole + r * BINS);
    }
    free(of_units);
}

static void count_bins(pawn *self, const uint8_t *class)
{
    size_t units = self->resampling.units;
    memset(self->of_units, 0, self->slices->most * units * BINS * sizeof *self->of_units);
    for (size_t i = 0; units && i < self->slices->n; i++) {
        if (class[i] == PF_NO_CLASS) continue;
        self->of_units[(class[i] * units + self->resampling.unit_of[i]) * BINS + self->bin[i]] += 1;
    }
}

static double resampled_median(pawn *self, size_t resample)
{
    const double *whole = self->whole + resample * BINS;
    double distances[PF_NO_CLASS], bins[BINS];
    size_t found = 0;
    for (size_t c = 0; c < self->slices->most; c++) {
        const double *of_units = self->of_units + c * self->resampling.units * BINS;
        pf_resample_row(&self->resampling, resample, of_units, BINS, bins);
        if (!accumulate(bins)) continue;
        double distance = 0;
        for (size_t b = 0; b < BINS; b++) distance = fmax(distance, fabs(bins[b] - whole[b]));
        distances[found++] = distance;
    }
    return median_of(distances, found);
}

static pf_estimate estimate(pawn *self, size_t parameter)
{
    const uint8_t *class = self->slices->of + parameter * self->slices->n;
    double median = median_distance(self, class);
    count_bins(self, class);
    for (size_t r = 0; r < self->resampling.resamples; r++) self->medians[r] = resampled_median(self, r);
    return pf_estimate_from(median, self->medians, self->resampling.resamples);
}

static bool can_be_estimated(const double *y, size_t n)
{
    bool varies = false, finite = true;
    for (size_t i = 0; i < n; i++) {
        varies |= y[i] != y[0];
        finite &= isfinite(y[i]) != 0;
    }
    return varies && finite && n >= FEWEST_MEMBERS;
}

void pf_pawn(const pf_classes *slices, const double *y, pf_bootstrap bootstrap, pf_estimate *median)
{
    size_t n = slices->n;
    for (size_t i = 0; i < slices->k; i++) median[i] = (pf_estimate){NAN, NAN, NAN};
    if (!can_be_estimated(y, n)) return;
    pawn self = {.slices = slices, .resampling = pf_resampling_new(bootstrap, n, MOST_UNITS)};
    self.order = pf_malloc(n * sizeof *self.order);
    self.is_last = pf_malloc(n * sizeof *self.is_last);
    self.bin = pf_malloc(n * sizeof *self.bin);
    self.of_units = pf_doubles(slices->most * self.resampling.units * BINS);
    self.whole = pf_doubles(self.resampling.resamples * BINS);
    self.medians = pf_doubles(self.resampling.resamples);
    sort_output(&self, y);
    resample_whole(&self);
    for (size_t i = 0; i < slices->k; i++) median[i] = estimate(&self, i);
    free(self.order);
    free(self.is_last);
    free(self.bin);
    free(self.of_units);
    free(self.whole);
    free(self.medians);
    pf_resampling_free(&self.resampling);
}

/* The two-sample statistic of a slice against the rest tends to Kolmogorov's distribution, whose median is 0.82757; the
 * whole contains the slice, which takes the factor 1 - 1 / slices off. */
double pf_pawn_noise(size_t n, size_t slices)
{
    return 0.8275735551899077 * sqrt((double)(slices - 1) / (double)n);
}
