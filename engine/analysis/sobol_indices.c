/* Variance-based indices from groups A, B, A with column i of B (AB_i), B with column i of A (BA_i): first order by
 * Saltelli et al. (2010, doi:10.1016/j.cpc.2009.09.018, table 2 b), total order by Jansen (1999, ibid. table 2 f),
 * second order by Saltelli (2002, doi:10.1016/S0010-4655(02)00280-1). All are divided by the variance of the rows A and
 * B together; y is centred first, which the first and second order are sensitive to. */
#include "analysis/bootstrap.h"

#include "base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MOST_UNITS = 256 };

/* Rows of the arrangement as columns of numbers: row c of group g stands at rows[c * groups + g]. */
typedef struct {
    size_t groups, k;
    double *rows;
    pf_resampling resampling;
    /* Of the whole sample in [0], then of the resamples: groups drawn, variance of A and B, replicates. */
    double *drawn, *variance, *first, *other;
    double *sums, *of_units;
} sobol;

static const double *row_a(const sobol *self)
{
    return self->rows;
}

static const double *row_b(const sobol *self)
{
    return self->rows + self->groups;
}

static const double *row_ab(const sobol *self, size_t i)
{
    return self->rows + (2 + i) * self->groups;
}

static const double *row_ba(const sobol *self, size_t i)
{
    return self->rows + (2 + self->k + i) * self->groups;
}

static bool is_finite_row(const double *y, size_t count)
{
    for (size_t c = 0; c < count; c++)
        if (!isfinite(y[c])) return false;
    return true;
}

/* The finite groups, turned to rows, less the mean of all their values. */
static void take_groups(sobol *self, const double *y, size_t groups, size_t size)
{
    size_t *kept = pf_malloc(groups * sizeof *kept), count = 0;
    double sum = 0;
    for (size_t g = 0; g < groups; g++)
        if (is_finite_row(y + g * size, size)) kept[count++] = g;
    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; c < size; c++) sum += y[kept[g] * size + c];
    double mean = sum / (double)(count * size);
    self->groups = count;
    self->rows = pf_doubles(count * size);
    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; c < size; c++) self->rows[c * count + g] = y[kept[g] * size + c] - mean;
    free(kept);
}

/* A sum over groups of one number a group: [0] the whole sample's, then each resample's. */
typedef double (*term)(const sobol *self, size_t group, size_t i, size_t j);

static void sum_of(sobol *self, term of, size_t i, size_t j, double *sums)
{
    const pf_resampling *resampling = &self->resampling;
    sums[0] = 0;
    for (size_t u = 0; u < resampling->units; u++) self->of_units[u] = 0;
    for (size_t g = 0; g < self->groups; g++) {
        double value = of(self, g, i, j);
        sums[0] += value;
        if (resampling->units) self->of_units[resampling->unit_of[g]] += value;
    }
    pf_resample(resampling, self->of_units, sums + 1);
}

static double one(const sobol *self, size_t g, size_t i, size_t j)
{
    (void)self, (void)g, (void)i, (void)j;
    return 1;
}

static double value_of_a_and_b(const sobol *self, size_t g, size_t i, size_t j)
{
    (void)i, (void)j;
    return row_a(self)[g] + row_b(self)[g];
}

static double square_of_a_and_b(const sobol *self, size_t g, size_t i, size_t j)
{
    double a = row_a(self)[g], b = row_b(self)[g];
    (void)i, (void)j;
    return a * a + b * b;
}

static double first_order(const sobol *self, size_t g, size_t i, size_t j)
{
    (void)j;
    return row_b(self)[g] * (row_ab(self, i)[g] - row_a(self)[g]);
}

static double total_order(const sobol *self, size_t g, size_t i, size_t j)
{
    double difference = row_a(self)[g] - row_ab(self, i)[g];
    (void)j;
    return 0.5 * difference * difference;
}

static double closed_second_order(const sobol *self, size_t g, size_t i, size_t j)
{
    return row_ba(self, i)[g] * row_ab(self, j)[g] - row_a(self)[g] * row_b(self)[g];
}

static size_t count_of_sums(const sobol *self)
{
    return self->resampling.resamples + 1;
}

/* The greatest size of a value in A and B; 0 if they do not vary. */
static double size_of_a_and_b(const sobol *self)
{
    double largest = 0;
    bool varies = false;
    for (size_t g = 0; g < 2 * self->groups; g++) {
        largest = fmax(largest, fabs(self->rows[g]));
        varies |= self->rows[g] != self->rows[0];
    }
    return varies ? largest : 0;
}

/* A variance within rounding of 0 is none: the index would be 0/0. */
static void find_variances(sobol *self)
{
    double size = size_of_a_and_b(self);
    sum_of(self, one, 0, 0, self->drawn);
    sum_of(self, value_of_a_and_b, 0, 0, self->sums);
    sum_of(self, square_of_a_and_b, 0, 0, self->variance);
    for (size_t r = 0; r < count_of_sums(self); r++) {
        double count = 2 * self->drawn[r], mean = self->sums[r] / count;
        double variance = self->variance[r] / count - mean * mean;
        self->variance[r] = variance > 1e-14 * size * size ? variance : NAN;
    }
}

/* Indices of the whole sample and of the resamples, from a sum over groups. */
static void index_of(sobol *self, term of, size_t i, size_t j, double *index)
{
    sum_of(self, of, i, j, index);
    for (size_t r = 0; r < count_of_sums(self); r++) index[r] /= self->drawn[r] * self->variance[r];
}

static pf_estimate estimate_of(const sobol *self, double *index)
{
    return pf_estimate_from(index[0], index + 1, self->resampling.resamples);
}

/* first[i * sums]: kept for all parameters only where the second order needs them. */
static void find_second_order(sobol *self, const double *first, pf_estimate *second)
{
    size_t sums = count_of_sums(self);
    for (size_t i = 0; i < self->k; i++) {
        for (size_t j = 0; j <= i; j++) second[i * self->k + j] = (pf_estimate){NAN, NAN, NAN};
        for (size_t j = i + 1; j < self->k; j++) {
            index_of(self, closed_second_order, i, j, self->other);
            for (size_t r = 0; r < sums; r++) self->other[r] -= first[i * sums + r] + first[j * sums + r];
            second[i * self->k + j] = estimate_of(self, self->other);
        }
    }
}

static void find_all(sobol *self, pf_estimate *first, pf_estimate *total, pf_estimate *second)
{
    size_t sums = count_of_sums(self);
    find_variances(self);
    double *kept = pf_doubles(second ? self->k * sums : 0);
    for (size_t i = 0; i < self->k; i++) {
        index_of(self, first_order, i, 0, self->first);
        for (size_t r = 0; second && r < sums; r++) kept[i * sums + r] = self->first[r];
        index_of(self, total_order, i, 0, self->other);
        first[i] = estimate_of(self, self->first);
        total[i] = estimate_of(self, self->other);
    }
    if (second) find_second_order(self, kept, second);
    free(kept);
}

void pf_sobol_indices(const double *y, size_t groups, size_t k, pf_bootstrap bootstrap, pf_estimate *first,
                      pf_estimate *total, pf_estimate *second)
{
    sobol self = {.k = k};
    take_groups(&self, y, groups, second ? 2 * k + 2 : k + 2);
    self.resampling = pf_resampling_new(bootstrap, self.groups, MOST_UNITS);
    size_t sums = count_of_sums(&self);
    double *buffer = pf_doubles(5 * sums + MOST_UNITS);
    self.drawn = buffer;
    self.variance = buffer + sums;
    self.first = buffer + 2 * sums;
    self.other = buffer + 3 * sums;
    self.sums = buffer + 4 * sums;
    self.of_units = buffer + 5 * sums;
    find_all(&self, first, total, second);
    pf_resampling_free(&self.resampling);
    free(buffer);
    free(self.rows);
}
