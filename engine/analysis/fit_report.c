/* What a fit says: takes the optimum, gives estimates with intervals, their covariance, tests of the residuals and what
 * the observations cannot tell apart. */
#include "analysis/fit_internal.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

static pf_arena *arena_of(const pf_fit_problem *f)
{
    return f->model->scenario->arena;
}

/* ---- estimates ---- */

/* The inverse of J'J, from J = U S V' with columns of the given lengths: [p][p], of the coordinates. */
static double *covariance_of(const pf_scaled_svd *svd, pf_arena *arena)
{
    size_t p = svd->s->size;
    double *covariance = PF_ARRAY(arena, double, p *p);
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < p; b++) {
            double sum = 0;
            for (size_t j = 0; j < p; j++)
                sum += gsl_matrix_get(svd->v, a, j) * gsl_matrix_get(svd->v, b, j) / pow(gsl_vector_get(svd->s, j), 2);
            covariance[a * p + b] = sum / (gsl_vector_get(svd->lengths, a) * gsl_vector_get(svd->lengths, b));
        }
    return covariance;
}

static bool is_at_bound(const pf_coordinate *c, double value)
{
    static const double near = 1e-4; /* of the support, or of the distance to its median */
    double room = isfinite(c->least) && isfinite(c->greatest) ? c->greatest - c->least
                  : isfinite(c->least)                        ? c->median - c->least
                                                              : c->greatest - c->median;
    return value - c->least < near * room || c->greatest - value < near * room;
}

/* The interval is that of the coordinate, so that it keeps within the support. */
static void report_parameter(pf_fit_problem *f, size_t i, double at, double sd, double quantile)
{
    static const double wide = 0.95, far = 3;
    const pf_coordinate *c = &f->coordinates[i];
    pf_fitted_parameter *p = &f->parameters[i];
    double first = pf_coordinate_value(c, at - quantile * sd), last = pf_coordinate_value(c, at + quantile * sd);
    p->score = at;
    p->score_sd = sd;
    p->estimate = pf_coordinate_value(c, at);
    p->slope = pf_coordinate_slope(c, at);
    p->sd = fabs(p->slope) * sd;
    p->low = fmin(first, last);
    p->high = fmax(first, last);
    p->at_bound = is_at_bound(c, p->estimate);
    p->is_unmoved = !p->of->is_flat && sd > wide;
    p->is_far = !p->of->is_flat && fabs(at) > far;
}

/* Of 97.5 %: Student's, with the degrees of freedom of the spread over the square of the share of the variance that
 * comes from it (Satterthwaite 1946, Biometrics Bulletin 2); so the normal one where none does. */
static double interval_quantile(const pf_fit_problem *f, const pf_scaled_svd *svd, size_t i, double variance,
                                double degrees)
{
    static const double negligible = 1e-6;
    double share = 0;
    for (size_t k = 0; k < f->n; k++)
        if (!(f->observations[k].of->sd > 0)) share += pow(pf_svd_influence(svd, i, k), 2) / variance;
    return share > negligible ? gsl_cdf_tdist_Pinv(0.975, degrees / (share * share)) : gsl_cdf_ugaussian_Pinv(0.975);
}

static void report_parameters(pf_fit_problem *f, const gsl_vector *at, const pf_scaled_svd *svd, const double *scores,
                              pf_fit_result *r)
{
    pf_arena *arena = arena_of(f);
    double *covariance = PF_ARRAY(arena, double, f->p * f->p), *correlation = PF_ARRAY(arena, double, f->p * f->p);
    for (size_t i = 0; i < f->p; i++) {
        double variance = scores[i * f->p + i];
        report_parameter(f, i, gsl_vector_get(at, i), sqrt(variance),
                         interval_quantile(f, svd, i, variance, r->spread_degrees));
    }
    for (size_t a = 0; a < f->p; a++)
        for (size_t b = 0; b < f->p; b++) {
            double both = scores[a * f->p + b];
            correlation[a * f->p + b] = a == b ? 1 : both / (f->parameters[a].score_sd * f->parameters[b].score_sd);
            covariance[a * f->p + b] = both * f->parameters[a].slope * f->parameters[b].slope;
        }
    r->covariance = covariance;
    r->score_correlation = correlation;
}

/* ---- residuals ---- */

/* What the estimates leave uncertain in the model's figure. */
static double model_sd(const pf_fit_problem *f, const double *scores, size_t observation)
{
    const double *slopes = f->slopes + observation * f->p;
    double variance = 0;
    for (size_t a = 0; a < f->p; a++)
        for (size_t b = 0; b < f->p; b++) variance += slopes[a] * scores[a * f->p + b] * slopes[b];
    return sqrt(fmax(variance, 0));
}

/* A residual that the fit takes part in varies by less than its datum, a prediction by more. */
static void report_observation(pf_fit_problem *f, const double *scores, const pf_scaled_svd *svd, size_t k)
{
    static const double decides = 1e-9; /* what is left of its variance */
    pf_fitted_observation *o = &f->observations[k];
    double difference = f->values[k] - o->of->mean;
    o->model = f->values[k];
    o->model_sd = model_sd(f, scores, k);
    o->sd = pf_fit_sd(f, k);
    if (o->is_left_out) {
        double both = isnan(o->sd) ? o->model_sd : hypot(o->sd, o->model_sd);
        o->z = both > 0 ? difference / both : (double)NAN;
        return;
    }
    double left = 1 - pf_svd_leverage(svd, k);
    o->z = left > decides ? difference / (o->sd * sqrt(left)) : (double)NAN;
}

static void report_tests(const pf_fit_problem *f, const gsl_vector *residuals, pf_fit_result *r)
{
    for (size_t k = 0; k < residuals->size; k++)
        *(k < f->n ? &r->chi_square : &r->prior_chi_square) += pow(gsl_vector_get(residuals, k), 2);
    r->degrees = f->n - f->flats;
    bool can_test = r->degrees && !f->unstated;
    r->p_value = can_test ? gsl_cdf_chisq_Q(r->chi_square + r->prior_chi_square, (double)r->degrees) : (double)NAN;
}

/* ---- what the observations tell apart ---- */

/* A collinearity index (1 / singular value of columns of length 1) above 10 is weak: Brun, Reichert and Kuensch 2001,
 * Water Resources Research 37. */
static void report_directions(const pf_fit_problem *f, const gsl_matrix *jacobian, pf_fit_result *r)
{
    static const double weak = 0.1;
    pf_arena *arena = arena_of(f);
    gsl_matrix_const_view data = gsl_matrix_const_submatrix(jacobian, 0, 0, f->n, f->p);
    pf_scaled_svd svd = pf_scaled_svd_of(&data.matrix);
    pf_fit_direction *directions = PF_ARRAY(arena, pf_fit_direction, f->p);
    for (size_t j = 0; j < f->p; j++) {
        double *loadings = PF_ARRAY(arena, double, f->p);
        for (size_t i = 0; i < f->p; i++) loadings[i] = gsl_matrix_get(svd.v, i, j);
        double value = gsl_vector_get(svd.s, j);
        directions[j] = (pf_fit_direction){value, loadings, value < weak};
    }
    pf_scaled_svd_free(&svd);
    r->directions = directions;
}

static bool is_determined(const pf_fit_problem *f, const pf_scaled_svd *svd)
{
    if (!pf_svd_is_singular(svd)) return true;
    double *loadings = PF_ARRAY(arena_of(f), double, f->p);
    for (size_t i = 0; i < f->p; i++) loadings[i] = gsl_matrix_get(svd->v, i, f->p - 1);
    const char *names = pf_fit_names_in(arena_of(f), f->parameters, f->p, loadings);
    bool is_one = !strchr(names, ',');
    pf_error(f->diagnostics, f->parameters[0].of->mark,
             is_one
                 ? "no observation says anything about %s; give it a prior (`parameters:`), or leave it out"
                 : "the observations cannot tell apart: %s; give one of them a prior (`parameters:`), or leave it out",
             names);
    return false;
}

void pf_fit_report(pf_fit_problem *f, const gsl_vector *at, pf_fit_result *r)
{
    size_t rows = pf_fit_rows(f);
    gsl_matrix *jacobian = gsl_matrix_alloc(rows, f->p);
    gsl_vector *residuals = gsl_vector_alloc(rows);
    pf_fit_jacobian(f, jacobian);
    pf_fit_residuals(f, residuals);
    pf_scaled_svd svd = pf_scaled_svd_of(jacobian);
    if (is_determined(f, &svd)) {
        const double *scores = covariance_of(&svd, arena_of(f));
        report_parameters(f, at, &svd, scores, r);
        for (size_t k = 0; k < f->count; k++) report_observation(f, scores, &svd, k);
        report_tests(f, residuals, r);
        report_directions(f, jacobian, r);
    }
    pf_scaled_svd_free(&svd);
    gsl_vector_free(residuals);
    gsl_matrix_free(jacobian);
}
