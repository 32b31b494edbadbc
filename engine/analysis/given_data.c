/* First order from given data: the correlation ratio, by classes of each parameter (Plischke, Borgonovo and Smith 2013,
 * doi:10.1016/j.ejor.2012.11.047). */
#include "analysis/bootstrap.h"
#include "analysis/classes.h"

#include "base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNITS = 64, FEWEST_MEMBERS = 10 };

/* Of a class (members in one unit, or in a resample): how many, and their sum of y less its mean. */
typedef struct {
    double count, sum;
} share;

/* The variance of y between classes; its members are those in classes. */
typedef struct {
    double between, members, classes;
} spread;

static spread spread_between(const share *shares, size_t classes)
{
    spread found = {0};
    double sum = 0;
    for (size_t c = 0; c < classes; c++) {
        if (shares[c].count == 0) continue;
        found.between += shares[c].sum * shares[c].sum / shares[c].count;
        sum += shares[c].sum;
        found.members += shares[c].count;
        found.classes += 1;
    }
    double mean = sum / found.members;
    found.between = found.between / found.members - mean * mean;
    return found;
}

static double without_bias(double ratio, spread of)
{
    return 1 - (1 - ratio) * (of.members - 1) / (of.members - of.classes);
}

typedef struct {
    const pf_classes *classes;
    pf_resampling resampling;
    double *y;        /* less its mean */
    double *variance; /* of the whole sample, then of the resamples */
    share *of_units;  /* [units][classes] */
    double *ratios;   /* of the resamples */
} given;

static double variance_of(double count, double sum, double square)
{
    double mean = sum / count;
    return square / count - mean * mean;
}

/* The variance of y in each resample, from the units' sums. */
static void resample_variances(given *self)
{
    size_t units = self->resampling.units, resamples = self->resampling.resamples;
    double *of_units = pf_doubles(3 * units), *sums = pf_doubles(3 * resamples);
    for (size_t i = 0; units && i < self->classes->n; i++) {
        size_t u = self->resampling.unit_of[i];
        of_units[u] += 1;
        of_units[units + u] += self->y[i];
        of_units[2 * units + u] += self->y[i] * self->y[i];
    }
    for (size_t s = 0; s < 3; s++) pf_resample(&self->resampling, of_units + s * units, sums + s * resamples);
    for (size_t r = 0; r < resamples; r++)
        self->variance[1 + r] = variance_of(sums[r], sums[resamples + r], sums[2 * resamples + r]);
    free(of_units);
    free(sums);
}

/* Takes y with its mean taken off; a constant y has the variance NaN. */
static void take_output(given *self, const double *y)
{
    size_t n = self->classes->n;
    double mean = pf_mean_of(y, n), sum = 0, square = 0;
    bool varies = false;
    for (size_t i = 0; i < n; i++) {
        self->y[i] = y[i] - mean;
        sum += self->y[i];
        square += self->y[i] * self->y[i];
        varies |= y[i] != y[0];
    }
    self->variance[0] = varies && n >= FEWEST_MEMBERS ? variance_of((double)n, sum, square) : NAN;
    resample_variances(self);
}

/* The sums over one parameter's classes, whole in `all` and by unit. */
static void sum_classes(given *self, size_t parameter, share *all)
{
    size_t n = self->classes->n, most = self->classes->most;
    const uint8_t *class = self->classes->of + parameter * n;
    memset(self->of_units, 0, self->resampling.units * most * sizeof *self->of_units);
    memset(all, 0, most * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        if (class[i] == PF_NO_CLASS) continue;
        all[class[i]].count += 1;
        all[class[i]].sum += self->y[i];
        if (!self->resampling.units) continue;
        share *unit = &self->of_units[self->resampling.unit_of[i] * most + class[i]];
        unit->count += 1;
        unit->sum += self->y[i];
    }
}

static pf_estimate first_order(given *self, size_t parameter, double *plain)
{
    size_t most = self->classes->most;
    share all[PF_NO_CLASS];
    sum_classes(self, parameter, all);
    spread whole = spread_between(all, most);
    double ratio = whole.between / self->variance[0];
    for (size_t r = 0; r < self->resampling.resamples; r++) {
        pf_resample_row(&self->resampling, r, (const double *)self->of_units, 2 * most, (double *)all);
        spread again = spread_between(all, most);
        self->ratios[r] = without_bias(again.between / self->variance[1 + r], again);
    }
    if (plain) *plain = ratio;
    return pf_estimate_from(without_bias(ratio, whole), self->ratios, self->resampling.resamples);
}

void pf_first_order_given(const pf_classes *classes, const double *y, pf_bootstrap bootstrap, pf_estimate *first,
                          double *plain)
{
    given self = {.classes = classes, .resampling = pf_resampling_new(bootstrap, classes->n, MOST_UNITS)};
    size_t resamples = self.resampling.resamples;
    self.y = pf_doubles(classes->n);
    self.variance = pf_doubles(1 + resamples);
    self.ratios = pf_doubles(resamples);
    self.of_units = pf_calloc(self.resampling.units * classes->most + 1, sizeof *self.of_units);
    take_output(&self, y);
    for (size_t i = 0; i < classes->k; i++) first[i] = first_order(&self, i, plain ? &plain[i] : NULL);
    free(self.y);
    free(self.variance);
    free(self.ratios);
    free(self.of_units);
    pf_resampling_free(&self.resampling);
}
