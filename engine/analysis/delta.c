/* Borgonovo's delta (2007, doi:10.1016/j.ress.2006.04.015) from given data: half the area between the density of y and
 * its density within a class of a parameter, averaged over classes (Plischke, Borgonovo and Smith 2013,
 * doi:10.1016/j.ejor.2012.11.047, eq. 26). Densities are of Gaussian kernels with Silverman's bandwidth on a grid of
 * 100 points from the least to the greatest y. */
#include "analysis/bootstrap.h"
#include "analysis/classes.h"

#include "base/arena.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNITS = 64, GRID = 100, ROW = GRID + 1, FEWEST_MEMBERS = 10 };

/* Moments about the nearest grid point that a member adds to: for the indices (error below 1e-11 of a kernel's peak
 * where the bandwidth is `wide`) and for the resamples (below 0.7 %, of alternating sign). */
enum { TERMS = 12, FEW_TERMS = 3 };

/* In steps of the grid: from here on kernels are summed by moments. */
static const double wide = 2;

/* A row holds the sum of kernels at each grid point, not yet divided by the bandwidth, and then the count of members.
 */
typedef struct {
    const pf_classes *classes;
    pf_resampling resampling;
    double least, step, bandwidth; /* the grid; the bandwidth of y as a whole */
    double *of_units;              /* [units][ROW]: of the class in hand */
    double *moments;   /* of the members by nearest grid point: [GRID][TERMS], or [units][GRID][FEW_TERMS] */
    double *whole;     /* [1 + resamples][ROW]: densities of y */
    double *values;    /* [1 + resamples]: delta of the parameter in hand */
    double *y;         /* in order of its classes */
    uint16_t *unit_of; /* likewise */
} borgonovo;

/* --- sums of kernels --- */

static size_t nearest_point(const borgonovo *self, double y, double *beyond)
{
    double place = (y - self->least) / self->step, nearest = fmin(fmax(rint(place), 0), GRID - 1);
    *beyond = place - nearest;
    return (size_t)nearest;
}

/* A narrow kernel at all grid points within reach (above 1e-17 of its peak). Along an even grid the ratio of a kernel's
 * neighbours itself has a constant ratio, so that a few exponentials serve all points; the walk starts at the nearest.
 */
static void add_kernel(const borgonovo *self, double y, double bandwidth, double *row)
{
    const double negligible = 1e-17, step = self->step / bandwidth;
    double beyond;
    size_t nearest = nearest_point(self, y, &beyond);
    double t = -beyond * step, peak = exp(-0.5 * t * t), fall = exp(-step * step);
    double up = exp(-step * (t + 0.5 * step)), down = fall / up, kernel = peak * up;
    row[nearest] += peak;
    for (size_t j = nearest + 1; j < GRID && kernel > negligible; j++) {
        row[j] += kernel;
        up *= fall;
        kernel *= up;
    }
    kernel = peak * down;
    for (size_t j = nearest; j-- > 0 && kernel > negligible;) {
        row[j] += kernel;
        down *= fall;
        kernel *= down;
    }
}

static void add_moments(const borgonovo *self, double y, size_t terms, double *moments)
{
    double beyond, power = 1;
    double *at = moments + nearest_point(self, y, &beyond) * terms;
    for (size_t m = 0; m < terms; m++) {
        at[m] += power;
        power *= beyond;
    }
}

/* The Taylor series of the kernel about the grid points (as in Greengard and Strain's fast Gauss transform, 1991,
 * doi:10.1137/0912004): exp(-(t - s)^2 / 2) = exp(-t^2 / 2) sum over m of He_m(t) s^m / m!. term[m][GRID + d] belongs
 * to the moment m of members nearest to a point d steps below. */
typedef struct {
    size_t reach;
    double term[TERMS][2 * GRID + 1];
} series;

static series series_of(double step)
{
    const double farthest = 9.5; /* there the last term is below 1e-13 */
    series found = {.reach = (size_t)fmin(ceil(farthest / step), GRID)};
    for (size_t d = 0; d <= 2 * GRID; d++) {
        double t = ((double)d - GRID) * step, last = 0, now = exp(-0.5 * t * t);
        for (size_t m = 0; m < TERMS; m++) {
            found.term[m][d] = now;
            double next = (t * now * step - last * step * step) / (double)(m + 1);
            last = now;
            now = next;
        }
    }
    return found;
}

WIDE static void add_series(const series *kernel, const double *moments, size_t terms, double *row)
{
    for (size_t p = 0; p < GRID; p++) {
        size_t from = p > kernel->reach ? p - kernel->reach : 0;
        size_t to = p + kernel->reach < GRID ? p + kernel->reach + 1 : GRID;
        if (moments[p * terms] == 0) continue;
        for (size_t m = 0; m < terms; m++) {
            const double *term = kernel->term[m] + GRID - p;
            double moment = moments[p * terms + m];
            for (size_t j = from; j < to; j++) row[j] += moment * term[j];
        }
    }
}

/* --- densities --- */

static double bandwidth_of(const double *y, size_t count)
{
    return gsl_stats_sd(y, 1, count) * pow(0.75 * (double)count, -0.2);
}

static void to_density(double *row, double bandwidth)
{
    double scale = row[GRID] * bandwidth * sqrt(2 * M_PI);
    for (size_t j = 0; j < GRID; j++) row[j] /= scale;
}

/* Some members of a sample: all, or those of a class. */
typedef struct {
    const double *y;
    const uint16_t *unit_of;
    size_t count;
    double bandwidth;
} members;

static void sum_narrow(const borgonovo *self, members of, double *row)
{
    memset(row, 0, ROW * sizeof *row);
    for (size_t i = 0; i < of.count; i++) add_kernel(self, of.y[i], of.bandwidth, row);
    row[GRID] = (double)of.count;
}

static void sum_wide(const borgonovo *self, members of, const series *kernel, double *row)
{
    memset(self->moments, 0, GRID * TERMS * sizeof *self->moments);
    memset(row, 0, ROW * sizeof *row);
    for (size_t i = 0; i < of.count; i++) add_moments(self, of.y[i], TERMS, self->moments);
    add_series(kernel, self->moments, TERMS, row);
    row[GRID] = (double)of.count;
}

/* The same by unit, into self->of_units. */
static void sum_units_narrow(const borgonovo *self, members of)
{
    for (size_t i = 0; i < of.count; i++)
        add_kernel(self, of.y[i], of.bandwidth, self->of_units + of.unit_of[i] * (size_t)ROW);
}

static void sum_units_wide(const borgonovo *self, members of, const series *kernel)
{
    enum { SIZE = GRID * FEW_TERMS };
    size_t units = self->resampling.units;
    memset(self->moments, 0, units * SIZE * sizeof *self->moments);
    for (size_t i = 0; i < of.count; i++)
        add_moments(self, of.y[i], FEW_TERMS, self->moments + of.unit_of[i] * (size_t)SIZE);
    for (size_t u = 0; u < units; u++)
        add_series(kernel, self->moments + u * SIZE, FEW_TERMS, self->of_units + u * ROW);
}

/* Densities of some members: of all of them in row 0 and of the resamples after it. */
static void find_densities(borgonovo *self, members of, double *rows)
{
    bool is_wide = of.bandwidth >= wide * self->step;
    series kernel = series_of(self->step / of.bandwidth);
    if (is_wide) sum_wide(self, of, &kernel, rows);
    else sum_narrow(self, of, rows);
    to_density(rows, of.bandwidth);
    if (!self->resampling.units) return;
    memset(self->of_units, 0, self->resampling.units * ROW * sizeof *self->of_units);
    if (is_wide) sum_units_wide(self, of, &kernel);
    else sum_units_narrow(self, of);
    for (size_t i = 0; i < of.count; i++) self->of_units[of.unit_of[i] * (size_t)ROW + GRID] += 1;
    for (size_t r = 0; r < self->resampling.resamples; r++) {
        double *row = rows + (r + 1) * ROW;
        pf_resample_row(&self->resampling, r, self->of_units, ROW, row);
        to_density(row, of.bandwidth);
    }
}

/* Half the area between two densities by the trapezoidal rule. */
static double half_area(const borgonovo *self, const double *a, const double *b)
{
    double sum = 0.5 * (fabs(a[0] - b[0]) + fabs(a[GRID - 1] - b[GRID - 1]));
    for (size_t j = 1; j < GRID - 1; j++) sum += fabs(a[j] - b[j]);
    return 0.5 * sum * self->step;
}

/* Copies y and units in order of class; class c has start[c] to start[c + 1]. */
static void sort_by_class(borgonovo *self, const uint8_t *class, const double *y, size_t *start)
{
    size_t n = self->classes->n, next[PF_NO_CLASS + 2] = {0};
    for (size_t i = 0; i < n; i++) next[class[i] + 1]++;
    for (size_t c = 0; c <= PF_NO_CLASS; c++) next[c + 1] += next[c];
    memcpy(start, next, (self->classes->most + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++) {
        size_t place = next[class[i]]++;
        self->y[place] = y[i];
        if (self->resampling.units) self->unit_of[place] = self->resampling.unit_of[i];
    }
}

static bool varies(const double *y, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (y[i] != y[0]) return true;
    return false;
}

/* values[r]: the sum over classes of half the area, weighted by their shares of the members. */
static void find_deltas(borgonovo *self, size_t parameter, const double *y, double *rows)
{
    size_t samples = 1 + self->resampling.resamples, start[PF_NO_CLASS + 1];
    sort_by_class(self, self->classes->of + parameter * self->classes->n, y, start);
    memset(self->values, 0, samples * sizeof *self->values);
    for (size_t c = 0; c < self->classes->most; c++) {
        const double *of_class = self->y + start[c];
        size_t count = start[c + 1] - start[c];
        if (!count) continue;
        double bandwidth = varies(of_class, count) ? bandwidth_of(of_class, count) : self->bandwidth;
        find_densities(self, (members){of_class, self->unit_of + start[c], count, bandwidth}, rows);
        for (size_t r = 0; r < samples; r++) {
            const double *row = rows + r * ROW, *whole = self->whole + r * ROW;
            if (row[GRID] > 0) self->values[r] += row[GRID] / whole[GRID] * half_area(self, row, whole);
        }
    }
}

static pf_estimate estimate(borgonovo *self, double *plain)
{
    double value = self->values[0], *resampled = self->values + 1;
    size_t resamples = self->resampling.resamples;
    if (plain) *plain = value;
    if (!resamples) return pf_estimate_from(value, NULL, 0);
    double reduced = 2 * value - pf_mean_of(resampled, resamples);
    return pf_estimate_from(reduced, resampled, resamples);
}

/* The grid and the densities of y as a whole; false where y does not vary or n is too small. */
static bool take_output(borgonovo *self, const double *y)
{
    size_t n = self->classes->n;
    double greatest;
    if (n < FEWEST_MEMBERS) return false;
    gsl_stats_minmax(&self->least, &greatest, y, 1, n);
    self->step = (greatest - self->least) / (GRID - 1);
    self->bandwidth = bandwidth_of(y, n);
    if (!(self->step > 0) || !isfinite(self->bandwidth)) return false;
    find_densities(self, (members){y, self->resampling.unit_of, n, self->bandwidth}, self->whole);
    return true;
}

void pf_delta(const pf_classes *classes, const double *y, pf_bootstrap bootstrap, pf_estimate *delta, double *plain)
{
    borgonovo self = {.classes = classes, .resampling = pf_resampling_new(bootstrap, classes->n, MOST_UNITS)};
    size_t samples = 1 + self.resampling.resamples;
    self.of_units = pf_doubles(self.resampling.units * ROW);
    self.moments = pf_doubles((self.resampling.units + 1) * GRID * TERMS);
    self.whole = pf_doubles(samples * ROW);
    self.values = pf_doubles(samples);
    self.y = pf_doubles(classes->n);
    self.unit_of = pf_malloc(classes->n * sizeof *self.unit_of);
    double *rows = pf_doubles(samples * ROW);
    bool possible = take_output(&self, y);
    for (size_t i = 0; i < classes->k; i++) {
        delta[i] = (pf_estimate){NAN, NAN, NAN};
        if (plain) plain[i] = NAN;
        if (!possible) continue;
        find_deltas(&self, i, y, rows);
        delta[i] = estimate(&self, plain ? &plain[i] : NULL);
    }
    free(self.of_units);
    free(self.moments);
    free(self.whole);
    free(self.values);
    free(self.y);
    free(self.unit_of);
    free(rows);
    pf_resampling_free(&self.resampling);
}
