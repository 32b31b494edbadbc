/* Resampling: deals items into units, draws how often each resample takes a unit, turns replicates into an interval. */
#include "analysis/bootstrap.h"

#include "base/arena.h"
#include "ensemble/draws.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number below `count` (at most 2^32), each equally likely but for 2^-32. */
static size_t draw_below(uint64_t seed, uint64_t number, uint64_t key, size_t count)
{
    return (size_t)(((pf_random_bits(seed, number, key) >> 32) * count) >> 32);
}

/* Fisher and Yates' shuffle of the units, each as often as its share of the items. */
static void deal(pf_resampling *self, uint64_t seed, size_t items)
{
    uint64_t key = pf_name_key("bootstrap batches");
    for (size_t i = 0; i < items; i++) self->unit_of[i] = (uint16_t)(i % self->units);
    if (self->units == items) return;
    for (size_t i = items; i > 1; i--) {
        size_t other = draw_below(seed, i, key, i);
        uint16_t kept = self->unit_of[i - 1];
        self->unit_of[i - 1] = self->unit_of[other];
        self->unit_of[other] = kept;
    }
}

pf_resampling pf_resampling_new(pf_bootstrap bootstrap, size_t items, size_t most)
{
    pf_resampling self = {.units = items < most ? items : most, .resamples = bootstrap.resamples};
    if (!items || !bootstrap.resamples) return (pf_resampling){.units = 0};
    self.unit_of = pf_malloc(items * sizeof *self.unit_of);
    self.weights = pf_doubles(self.units * self.resamples);
    deal(&self, bootstrap.seed, items);
    uint64_t key = pf_name_key("bootstrap resamples");
    for (size_t r = 0; r < self.resamples; r++)
        for (size_t u = 0; u < self.units; u++) {
            size_t drawn = draw_below(bootstrap.seed, r * self.units + u, key, self.units);
            self.weights[drawn * self.resamples + r] += 1;
        }
    return self;
}

void pf_resampling_free(pf_resampling *self)
{
    free(self->unit_of);
    free(self->weights);
}

WIDE static void add_scaled(const double *values, double scale, size_t count, double *sums)
{
    for (size_t i = 0; i < count; i++) sums[i] += scale * values[i];
}

void pf_resample(const pf_resampling *self, const double *of_units, double *sums)
{
    if (!self->resamples) return;
    memset(sums, 0, self->resamples * sizeof *sums);
    for (size_t u = 0; u < self->units; u++) {
        add_scaled(self->weights + u * self->resamples, of_units[u], self->resamples, sums);
    }
}

void pf_resample_row(const pf_resampling *self, size_t resample, const double *of_units, size_t width, double *sums)
{
    memset(sums, 0, width * sizeof *sums);
    for (size_t u = 0; u < self->units; u++) {
        double weight = self->weights[u * self->resamples + resample];
        if (weight == 0) continue;
        add_scaled(of_units + u * width, weight, width, sums);
    }
}

double pf_mean_of(const double *values, size_t count)
{
    double sum = 0;
    size_t finite = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i])) continue;
        sum += values[i];
        finite++;
    }
    return finite ? sum / (double)finite : NAN;
}

pf_estimate pf_estimate_from(double value, double *replicates, size_t count)
{
    size_t finite = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(replicates[i])) replicates[finite++] = replicates[i];
    if (!isfinite(value) || finite < 2 || finite * 2 < count) return (pf_estimate){value, NAN, NAN};
    double shift = value - pf_mean_of(replicates, finite);
    gsl_sort(replicates, 1, finite);
    double low = gsl_stats_quantile_from_sorted_data(replicates, 1, finite, 0.025);
    double high = gsl_stats_quantile_from_sorted_data(replicates, 1, finite, 0.975);
    return (pf_estimate){value, low + shift, high + shift};
}
