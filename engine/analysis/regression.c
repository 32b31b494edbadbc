/* Linear regression and correlation of outputs on inputs, all standardised. The correlations of the inputs with each
 * other and their Cholesky factor are found once; an output costs three passes over x. */
#include "analysis/bootstrap.h"

#include "base/arena.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNITS = 256, PANEL = 64, AT_ONCE = 4 };

/* An input whose squared multiple correlation with earlier ones is above 1 less this depends on them. */
static const double independent_share = 1e-10;

struct pf_regression {
    const double *x;
    size_t n, k;
    double *mean, *deviation; /* divisor n; a constant input has the deviation 0 */
    gsl_matrix *factor;       /* of the correlations, lower triangle; NULL if there is none */
};

/* products[i][j] += sum over members of panel[m][i] * panel[m][j], for j >= i; members come in multiples of AT_ONCE. */
WIDE static void add_products(const double *panel, size_t members, size_t k, double *products)
{
    for (size_t m = 0; m < members; m += AT_ONCE) {
        const double *a = panel + m * k, *b = a + k, *c = b + k, *d = c + k;
        for (size_t i = 0; i < k; i++) {
            double *row = products + i * k;
            for (size_t j = i; j < k; j++) row[j] += (a[i] * a[j] + b[i] * b[j]) + (c[i] * c[j] + d[i] * d[j]);
        }
    }
}

static double standardised(const pf_regression *self, size_t i, size_t m)
{
    return self->deviation[i] > 0 ? (self->x[i * self->n + m] - self->mean[i]) / self->deviation[i] : 0;
}

/* Members of x, standardised, as rows; rows that are not there are 0. */
static void fill_panel(const pf_regression *self, size_t from, double *panel)
{
    size_t count = self->n - from < PANEL ? self->n - from : PANEL;
    memset(panel, 0, PANEL * self->k * sizeof *panel);
    for (size_t i = 0; i < self->k; i++)
        for (size_t m = 0; m < count; m++) panel[m * self->k + i] = standardised(self, i, from + m);
}

static void find_deviations(pf_regression *self)
{
    for (size_t i = 0; i < self->k; i++) {
        const double *x = self->x + i * self->n;
        double least, greatest;
        self->mean[i] = gsl_stats_mean(x, 1, self->n);
        gsl_stats_minmax(&least, &greatest, x, 1, self->n);
        if (least == greatest) continue;
        self->deviation[i] = gsl_stats_sd_with_fixed_mean(x, 1, self->n, self->mean[i]);
    }
}

/* A constant input stands apart: its row of the correlations is that of the unit matrix. */
static gsl_matrix *correlations_of_inputs(const pf_regression *self)
{
    size_t k = self->k;
    double *panel = pf_doubles(PANEL * k), *products = pf_doubles(k * k);
    for (size_t from = 0; from < self->n; from += PANEL) {
        fill_panel(self, from, panel);
        add_products(panel, PANEL, k, products);
    }
    gsl_matrix *matrix = gsl_matrix_alloc(k, k);
    for (size_t i = 0; i < k; i++) {
        gsl_matrix_set(matrix, i, i, 1);
        for (size_t j = i + 1; j < k; j++) gsl_matrix_set(matrix, j, i, products[i * k + j] / (double)self->n);
    }
    free(panel);
    free(products);
    return matrix;
}

static void find_factor(pf_regression *self)
{
    if (self->n <= self->k + 1) return;
    gsl_matrix *matrix = correlations_of_inputs(self);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    bool independent = gsl_linalg_cholesky_decomp1(matrix) == GSL_SUCCESS;
    gsl_set_error_handler(handler);
    for (size_t i = 0; independent && i < self->k; i++) {
        double pivot = gsl_matrix_get(matrix, i, i);
        independent = pivot * pivot > independent_share;
    }
    if (independent) self->factor = matrix;
    else gsl_matrix_free(matrix);
}

pf_regression *pf_regression_new(const double *x, size_t n, size_t k)
{
    pf_regression *self = pf_calloc(1, sizeof *self);
    *self = (pf_regression){.x = x, .n = n, .k = k, .mean = pf_doubles(k), .deviation = pf_doubles(k)};
    if (n < 2 || k == 0) return self;
    find_deviations(self);
    find_factor(self);
    return self;
}

void pf_regression_free(pf_regression *self)
{
    if (!self) return;
    if (self->factor) gsl_matrix_free(self->factor);
    free(self->mean);
    free(self->deviation);
    free(self);
}

/* --- one output --- */

typedef struct {
    const pf_regression *inputs;
    pf_resampling resampling;
    double *y, *residual;  /* [n], standardised */
    double *correlation;   /* [k] */
    double *coefficient;   /* [k] */
    double *step_of_units; /* [k][units]: the change of the coefficients by a unit's residuals */
    double *moments;       /* of the resamples: [MOMENTS][resamples] */
    double *replicates;
} output;

/* Sums over members, of units and resamples: how many, y and its square; of an input its values, squares and products
 * with y. */
enum { COUNT, Y, Y2, X, X2, XY, MOMENTS };

static void standardise(output *self, const double *y)
{
    size_t n = self->inputs->n;
    double mean = gsl_stats_mean(y, 1, n), least, greatest;
    gsl_stats_minmax(&least, &greatest, y, 1, n);
    double deviation = greatest > least ? gsl_stats_sd_with_fixed_mean(y, 1, n, mean) : NAN;
    for (size_t m = 0; m < n; m++) self->y[m] = (y[m] - mean) / deviation;
}

static void correlate(output *self)
{
    const pf_regression *inputs = self->inputs;
    for (size_t i = 0; i < inputs->k; i++) {
        const double *x = inputs->x + i * inputs->n;
        double sum = 0;
        for (size_t m = 0; m < inputs->n; m++) sum += (x[m] - inputs->mean[i]) * self->y[m];
        self->correlation[i] = inputs->deviation[i] > 0 ? sum / inputs->deviation[i] / (double)inputs->n : NAN;
    }
}

static void solve(const pf_regression *inputs, double *right)
{
    gsl_vector_view view = gsl_vector_view_array(right, inputs->k);
    gsl_linalg_cholesky_svx(inputs->factor, &view.vector);
}

/* Coefficients, residuals; R2. */
static double fit(output *self)
{
    const pf_regression *inputs = self->inputs;
    double explained = 0;
    for (size_t i = 0; i < inputs->k; i++) self->coefficient[i] = inputs->deviation[i] > 0 ? self->correlation[i] : 0;
    solve(inputs, self->coefficient);
    memcpy(self->residual, self->y, inputs->n * sizeof *self->y);
    for (size_t i = 0; i < inputs->k; i++) {
        if (!(inputs->deviation[i] > 0)) continue;
        const double *x = inputs->x + i * inputs->n;
        double slope = self->coefficient[i] / inputs->deviation[i], mean = inputs->mean[i];
        for (size_t m = 0; m < inputs->n; m++) self->residual[m] -= slope * (x[m] - mean);
        explained += self->coefficient[i] * self->correlation[i];
    }
    return explained;
}

/* Adds a column of products by unit. */
static void sum_by_unit(const output *self, size_t i, double *of_units, double *residuals)
{
    size_t units = self->resampling.units;
    memset(of_units, 0, 3 * units * sizeof *of_units);
    memset(residuals, 0, units * sizeof *residuals);
    for (size_t m = 0; m < self->inputs->n; m++) {
        double z = standardised(self->inputs, i, m);
        size_t u = self->resampling.unit_of[m];
        of_units[u] += z;
        of_units[units + u] += z * z;
        of_units[2 * units + u] += z * self->y[m];
        residuals[u] += z * self->residual[m];
    }
}

static void sum_output_by_unit(const output *self, double *of_units)
{
    size_t units = self->resampling.units;
    for (size_t m = 0; m < self->inputs->n; m++) {
        size_t u = self->resampling.unit_of[m];
        of_units[u] += 1;
        of_units[units + u] += self->y[m];
        of_units[2 * units + u] += self->y[m] * self->y[m];
    }
}

static void resample_moments(output *self, const double *of_units, size_t first)
{
    size_t units = self->resampling.units, resamples = self->resampling.resamples;
    for (size_t s = 0; s < 3; s++)
        pf_resample(&self->resampling, of_units + s * units, self->moments + (first + s) * resamples);
}

/* Variances and covariance of a resample. */
typedef struct {
    double x, y, xy;
} spread;

static spread spread_of(const output *self, size_t r)
{
    double moment[MOMENTS];
    for (size_t s = 0; s < MOMENTS; s++) moment[s] = self->moments[s * self->resampling.resamples + r];
    double n = moment[COUNT], x = moment[X] / n, y = moment[Y] / n;
    return (spread){moment[X2] / n - x * x, moment[Y2] / n - y * y, moment[XY] / n - x * y};
}

/* From the units' sums of residuals times inputs to steps of the coefficients. */
static void solve_steps(output *self)
{
    size_t k = self->inputs->k, units = self->resampling.units;
    double freedom = (double)self->inputs->n - (double)k - 1;
    double scale = sqrt((double)self->inputs->n / freedom) / (double)self->inputs->n, *step = pf_doubles(k);
    for (size_t u = 0; u < units; u++) {
        for (size_t i = 0; i < k; i++) step[i] = self->step_of_units[i * units + u] * scale;
        solve(self->inputs, step);
        for (size_t i = 0; i < k; i++) self->step_of_units[i * units + u] = step[i];
    }
    free(step);
}

static pf_estimate correlation_estimate(output *self, size_t i)
{
    for (size_t r = 0; r < self->resampling.resamples; r++) {
        spread of = spread_of(self, r);
        self->replicates[r] = of.xy / sqrt(of.x * of.y);
    }
    return pf_estimate_from(self->correlation[i], self->replicates, self->resampling.resamples);
}

/* A resample's coefficient is standardised by its own deviations; the steps come from the sums of the moments' pass. */
static pf_estimate coefficient_estimate(output *self, size_t i, const double *x_variance, const double *y_variance)
{
    size_t units = self->resampling.units, resamples = self->resampling.resamples;
    pf_resample(&self->resampling, self->step_of_units + i * units, self->replicates);
    for (size_t r = 0; r < resamples; r++)
        self->replicates[r] = (self->coefficient[i] + self->replicates[r]) * sqrt(x_variance[r] / y_variance[r]);
    double value = self->inputs->deviation[i] > 0 ? self->coefficient[i] : NAN;
    return pf_estimate_from(value, self->replicates, resamples);
}

static void estimate_all(output *self, bool fitted, pf_estimate *coefficients, pf_estimate *correlations)
{
    size_t k = self->inputs->k, units = self->resampling.units, resamples = self->resampling.resamples;
    double *of_units = pf_doubles(3 * units), *variances = pf_doubles((k + 1) * resamples);
    if (units) sum_output_by_unit(self, of_units);
    resample_moments(self, of_units, COUNT);
    for (size_t i = 0; i < k; i++) {
        if (units) sum_by_unit(self, i, of_units, self->step_of_units + i * units);
        resample_moments(self, of_units, X);
        for (size_t r = 0; r < resamples; r++) {
            spread of = spread_of(self, r);
            variances[i * resamples + r] = of.x;
            variances[k * resamples + r] = of.y;
        }
        if (correlations) correlations[i] = correlation_estimate(self, i);
    }
    if (fitted && units) solve_steps(self);
    for (size_t i = 0; fitted && coefficients && i < k; i++)
        coefficients[i] = coefficient_estimate(self, i, variances + i * resamples, variances + k * resamples);
    free(of_units);
    free(variances);
}

void pf_regress(const pf_regression *regression, const double *y, pf_bootstrap bootstrap, pf_estimate *coefficients,
                pf_estimate *correlations, double *r2)
{
    size_t n = regression->n, k = regression->k;
    for (size_t i = 0; coefficients && i < k; i++) coefficients[i] = (pf_estimate){NAN, NAN, NAN};
    for (size_t i = 0; correlations && i < k; i++) correlations[i] = (pf_estimate){NAN, NAN, NAN};
    if (r2) *r2 = NAN;
    if (n < 3 || k == 0) return;
    output self = {.inputs = regression, .resampling = pf_resampling_new(bootstrap, n, MOST_UNITS)};
    size_t units = self.resampling.units, resamples = self.resampling.resamples;
    double *buffer = pf_doubles(2 * n + 2 * k + k * units + (MOMENTS + 1) * resamples);
    self.y = buffer;
    self.residual = self.y + n;
    self.correlation = self.residual + n;
    self.coefficient = self.correlation + k;
    self.step_of_units = self.coefficient + k;
    self.moments = self.step_of_units + k * units;
    self.replicates = self.moments + MOMENTS * resamples;
    standardise(&self, y);
    correlate(&self);
    double explained = regression->factor ? fit(&self) : NAN;
    if (r2) *r2 = explained;
    estimate_all(&self, regression->factor != NULL, coefficients, correlations);
    free(buffer);
    pf_resampling_free(&self.resampling);
}
