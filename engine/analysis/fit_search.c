/* The search of a fit: takes a problem and a start, gives the estimates, by GSL's trust-region least squares
 * (gsl_multifit_nlinear) on exact derivatives.
 *
 * A point at which the model has no values is a trial that failed: its residuals are put so high that the trust region
 * shrinks. The search ends where a step to first order would be shorter than a small part of the estimates' standard
 * deviations of the estimates (the criterion of Bates and Watts 1981, with the spread that the residuals are divided
 * by). A spread that is to be estimated is found in rounds: s^2 = RSS / (n - leverages), then the search goes on with
 * it. */
#include "analysis/fit_internal.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>

enum { MOST_ITERATIONS = 1000, MOST_ROUNDS = 100 };

/* In standard deviations of the estimates. */
static const double close_enough = 1e-9, tolerable = 1e-5, near = 0.01;
static const double offset = 1e-6; /* of all residuals: what rounding leaves where a model and its data are far apart */
static const double same_spread = 1e-10;
static const double nowhere = 1e100; /* a residual where the model has no value */

static int residuals_at(const gsl_vector *at, void *self, gsl_vector *residuals)
{
    pf_fit_problem *f = self;
    if (pf_fit_evaluate(f, at)) pf_fit_residuals(f, residuals);
    else gsl_vector_set_all(residuals, nowhere);
    return GSL_SUCCESS;
}

static int jacobian_at(const gsl_vector *at, void *self, gsl_matrix *jacobian)
{
    pf_fit_problem *f = self;
    if (!pf_fit_evaluate(f, at)) return GSL_EBADFUNC;
    pf_fit_jacobian(f, jacobian);
    return GSL_SUCCESS;
}

static double distance_of(const gsl_multifit_nlinear_workspace *w)
{
    pf_scaled_svd svd = pf_scaled_svd_of(gsl_multifit_nlinear_jac(w));
    double distance = pf_svd_distance(&svd, gsl_multifit_nlinear_residual(w));
    pf_scaled_svd_free(&svd);
    return distance;
}

/* Iterates until the search rests; `at` becomes where it stands. */
static void iterate(gsl_multifit_nlinear_workspace *w, gsl_vector *at, pf_fit_result *result)
{
    int status = GSL_SUCCESS;
    result->distance = distance_of(w);
    for (size_t i = 0; i < MOST_ITERATIONS && status == GSL_SUCCESS && result->distance > close_enough; i++) {
        status = gsl_multifit_nlinear_iterate(w);
        result->distance = distance_of(w);
        result->iterations++;
    }
    gsl_vector_memcpy(at, gsl_multifit_nlinear_position(w));
}

/* A step to first order from `at`, and how long it is in standard deviations; NaN where the model has no values. */
static double next_step(pf_fit_problem *f, const gsl_vector *at, gsl_vector *step)
{
    size_t rows = pf_fit_rows(f);
    if (!pf_fit_evaluate(f, at)) return (double)NAN;
    gsl_matrix *jacobian = gsl_matrix_alloc(rows, f->p);
    gsl_vector *residuals = gsl_vector_alloc(rows);
    pf_fit_jacobian(f, jacobian);
    pf_fit_residuals(f, residuals);
    pf_scaled_svd svd = pf_scaled_svd_of(jacobian);
    double distance = pf_svd_distance(&svd, residuals);
    pf_svd_step(&svd, residuals, step);
    pf_scaled_svd_free(&svd);
    gsl_vector_free(residuals);
    gsl_matrix_free(jacobian);
    return distance;
}

/* Near the optimum the sum of squares no longer shows a better point from a worse one, for rounding, but the length of
 * the next step does: whole steps, as long as that shrinks. */
static void polish(pf_fit_problem *f, gsl_vector *at, pf_fit_result *result)
{
    gsl_vector *step = gsl_vector_alloc(f->p), *next = gsl_vector_alloc(f->p);
    double distance = next_step(f, at, step);
    while (distance > close_enough && distance < near) {
        gsl_vector_memcpy(next, at);
        gsl_vector_add(next, step);
        double after = next_step(f, next, step);
        result->iterations++;
        if (!(after < distance / 2)) break;
        gsl_vector_memcpy(at, next);
        distance = after;
    }
    if (distance < result->distance) result->distance = distance;
    gsl_vector_free(next);
    gsl_vector_free(step);
}

static bool search_by(pf_fit_problem *f, const gsl_multifit_nlinear_trs *method, gsl_vector *at, pf_fit_result *result)
{
    size_t rows = pf_fit_rows(f);
    gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_fdf system = {.f = residuals_at, .df = jacobian_at, .n = rows, .p = f->p, .params = f};
    parameters.trs = method;
    parameters.solver = gsl_multifit_nlinear_solver_svd;
    gsl_multifit_nlinear_workspace *w = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, rows, f->p);
    result->method = gsl_multifit_nlinear_trs_name(w);
    bool is_good = gsl_multifit_nlinear_init(at, &system, w) == GSL_SUCCESS;
    if (is_good) iterate(w, at, result);
    double length = gsl_blas_dnrm2(gsl_multifit_nlinear_residual(w));
    gsl_multifit_nlinear_free(w);
    if (is_good) polish(f, at, result);
    return is_good && result->distance <= fmax(tolerable, offset * length);
}

/* The methods in turn, each from the same start; the first that comes to rest. `at` is left where the last stood. */
static bool search(pf_fit_problem *f, gsl_vector *at, pf_fit_result *result)
{
    const gsl_multifit_nlinear_trs *const methods[] = {gsl_multifit_nlinear_trs_lm, gsl_multifit_nlinear_trs_lmaccel,
                                                       gsl_multifit_nlinear_trs_ddogleg};
    gsl_vector *start = gsl_vector_alloc(f->p);
    bool has_rest = false;
    gsl_vector_memcpy(start, at);
    for (size_t i = 0; i < sizeof methods / sizeof *methods && !has_rest; i++) {
        gsl_vector_memcpy(at, start);
        has_rest = search_by(f, methods[i], at, result);
    }
    gsl_vector_free(start);
    return has_rest;
}

/* ---- the common spread ---- */

/* From the residuals at the last point; 0 where nothing is left to estimate it from. */
static double estimate_spread(const pf_fit_problem *f, pf_fit_result *result)
{
    gsl_matrix *jacobian = gsl_matrix_alloc(pf_fit_rows(f), f->p);
    pf_fit_jacobian(f, jacobian);
    pf_scaled_svd svd = pf_scaled_svd_of(jacobian);
    double squares = 0;
    result->spread_degrees = 0;
    for (size_t k = 0; k < f->n; k++) {
        if (f->observations[k].of->sd > 0) continue;
        squares += pow(f->values[k] - f->observations[k].of->mean, 2);
        result->spread_degrees += 1 - pf_svd_leverage(&svd, k);
    }
    pf_scaled_svd_free(&svd);
    gsl_matrix_free(jacobian);
    return result->spread_degrees > 1e-6 ? sqrt(squares / result->spread_degrees) : 0;
}

static double largest_observed(const pf_fit_problem *f)
{
    double most = 0;
    for (size_t k = 0; k < f->n; k++) most = fmax(most, fabs(f->observations[k].of->mean));
    return most;
}

static bool say_no_spread(const pf_fit_problem *f, double degrees)
{
    if (degrees > 1e-6)
        pf_error(f->diagnostics, f->parameters[0].of->mark,
                 "the model goes through all observations: their spread cannot be estimated");
    else
        pf_error(f->diagnostics, f->parameters[0].of->mark,
                 "there are too few observations to estimate their spread beside the parameters; state it");
    return false;
}

/* ---- ends ---- */

static bool say_no_rest(const pf_fit_problem *f, const gsl_vector *at, const pf_fit_result *result)
{
    pf_arena *arena = f->model->scenario->arena;
    const char *place = "";
    for (size_t i = 0; i < f->p; i++)
        place = pf_format(arena, "%s%s%s = %.6g %s", place, i ? ", " : "", f->parameters[i].input->name,
                          pf_coordinate_value(&f->coordinates[i], gsl_vector_get(at, i)) / f->parameters[i].size,
                          f->parameters[i].input->value->unit_text);
    pf_error(f->diagnostics, (pf_mark){f->model->scenario->path, 0, 0},
             "the fit found no optimum in %zu iterations (%zu trials at which the model fails); it stood at %s, about "
             "%.2g standard deviations away: give a nearer `start:` or narrower distributions",
             result->iterations, f->failed_trials, place, result->distance);
    return false;
}

/* Rounds until the spread rests too. */
static bool search_with_spread(pf_fit_problem *f, gsl_vector *at, pf_fit_result *result)
{
    for (size_t round = 0; round < MOST_ROUNDS; round++) {
        if (!search(f, at, result)) return say_no_rest(f, at, result);
        if (!f->unstated) return true;
        pf_fit_evaluate(f, at);
        double last = f->spread, spread = estimate_spread(f, result);
        if (!(spread > 1e-14 * largest_observed(f))) return say_no_spread(f, result->spread_degrees);
        f->spread = spread;
        if (fabs(spread / last - 1) < same_spread) return true;
    }
    return say_no_rest(f, at, result);
}

bool pf_fit_search(pf_fit_problem *f, gsl_vector *at, pf_fit_result *result)
{
    pf_fit_start(f, at);
    if (!pf_fit_evaluate(f, at)) {
        pf_quantity_faults(f->run, f->diagnostics);
        pf_error(f->diagnostics, (pf_mark){f->model->scenario->path, 0, 0},
                 "the model fails where the fit begins; give another `start:` or other distributions");
        return false;
    }
    return search_with_spread(f, at, result) && pf_fit_evaluate(f, at);
}
