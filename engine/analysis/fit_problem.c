/* A fit made ready: takes a model and what is asked, gives parameters with their coordinates and observations with
 * their spreads, and at any point the residuals with their derivatives. */
#include "analysis/fit_internal.h"

#include "ensemble/design.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static pf_arena *arena_of(const pf_fit_problem *f)
{
    return f->model->scenario->arena;
}

/* ---- parameters ---- */

static void add_parameter(pf_fit_problem *f, size_t i)
{
    const pf_fitted *of = &f->model->fitted[i];
    const pf_input *input = &f->model->inputs[of->input];
    const pf_distribution *distribution = pf_distribution_at((size_t)input->value->distribution);
    const double *arguments = input->value->arguments;
    pf_fitted_parameter *p = &f->parameters[i];
    double mean;
    f->coordinates[i] = pf_coordinate_new(distribution, arguments, of->is_flat);
    *p = (pf_fitted_parameter){.of = of, .input = input, .size = input->value->unit.scale};
    p->prior = f->coordinates[i].median;
    p->prior_sd = p->prior_low = p->prior_high = (double)NAN;
    if (of->is_flat) {
        p->prior_low = f->coordinates[i].least;
        p->prior_high = f->coordinates[i].greatest;
        f->flats++;
        return;
    }
    pf_distribution_moments(distribution, arguments, &mean, &p->prior_sd);
    p->prior_low = distribution->quantile(0.025, arguments);
    p->prior_high = distribution->quantile(0.975, arguments);
    f->priors++;
}

static bool add_parameters(pf_fit_problem *f)
{
    pf_arena *arena = arena_of(f);
    f->p = f->model->fitted_count;
    if (!f->p) {
        pf_error(f->diagnostics, (pf_mark){f->model->scenario->path, 0, 0},
                 "the model names nothing to fit; expected `fit: {parameters: [PATH, ...]}`");
        return false;
    }
    f->parameters = PF_ARRAY(arena, pf_fitted_parameter, f->p);
    f->coordinates = PF_ARRAY(arena, pf_coordinate, f->p);
    for (size_t i = 0; i < f->p; i++) add_parameter(f, i);
    return true;
}

/* The row of a prior among the priors, by input; SIZE_MAX of anything else. */
static size_t prior_row(const pf_fit_problem *f, uint32_t input)
{
    size_t row = 0;
    for (size_t i = 0; i < f->p; i++) {
        if (f->parameters[i].of->is_flat) continue;
        if (f->parameters[i].of->input == input) return row;
        row++;
    }
    return SIZE_MAX;
}

/* By the inverse of the Cholesky factor of the copula's correlations, those of priors with each other. */
static bool find_whitening(pf_fit_problem *f)
{
    f->whitening = PF_ARRAY(arena_of(f), double, f->priors * f->p + 1);
    if (!f->priors) return true;
    gsl_matrix *factor = gsl_matrix_alloc(f->priors, f->priors);
    gsl_matrix_set_identity(factor);
    for (size_t c = 0; c < f->model->correlation_count; c++) {
        const pf_correlation *pair = &f->model->correlations[c];
        size_t a = prior_row(f, pair->first), b = prior_row(f, pair->second);
        if (a == SIZE_MAX || b == SIZE_MAX) continue;
        gsl_matrix_set(factor, a, b, pf_normal_correlation(pair->rho));
        gsl_matrix_set(factor, b, a, pf_normal_correlation(pair->rho));
    }
    bool is_possible = gsl_linalg_cholesky_decomp1(factor) == 0;
    if (is_possible) gsl_linalg_tri_invert(CblasLower, CblasNonUnit, factor);
    else
        pf_error(f->diagnostics, (pf_mark){0},
                 "the rank correlations of the fitted parameters cannot hold together: their normal copula is not "
                 "positive definite");
    for (size_t r = 0; is_possible && r < f->priors; r++)
        for (size_t i = 0; i < f->p; i++) {
            size_t column = prior_row(f, f->parameters[i].of->input);
            if (column <= r) f->whitening[r * f->p + i] = gsl_matrix_get(factor, r, column);
        }
    gsl_matrix_free(factor);
    return is_possible;
}

/* ---- observations ---- */

static bool is_left_out(const pf_fit_request *request, const pf_observation *o)
{
    for (size_t i = 0; i < request->left_out_count; i++)
        if (!strcmp(request->left_out[i], o->name)) return true;
    return false;
}

static void check_left_out(const pf_fit_problem *f, const pf_fit_request *request)
{
    const pf_compiled *m = f->model;
    for (size_t i = 0; i < request->left_out_count; i++) {
        pf_nearest near = pf_nearest_to(request->left_out[i]);
        const pf_observation *found = NULL;
        for (size_t k = 0; k < m->observation_count; k++) {
            if (!strcmp(m->observations[k].name, request->left_out[i])) found = &m->observations[k];
            pf_nearest_offer(&near, m->observations[k].name);
        }
        if (!found)
            pf_error(f->diagnostics, (pf_mark){0}, "no check is called '%s'%s", request->left_out[i],
                     pf_nearest_hint(&near, arena_of(f)));
        else if (found->is_bound)
            pf_error(f->diagnostics, (pf_mark){0}, "the check '%s' is a bound; only an observation can be left out",
                     found->name);
    }
}

/* The scenario that it was made in; -1 after an error. */
static int scenario_of(const pf_fit_problem *f, const pf_fit_request *request, const pf_observation *o)
{
    if (o->scenario >= 0) return o->scenario;
    if (request->scenario >= 0) return request->scenario;
    if (f->model->scenario_count == 1) return 0;
    pf_error(f->diagnostics, o->tree->mark,
             "the check '%s' says no scenario, and there are %zu; expected `scenario: NAME` in it, or --scenario NAME",
             o->name, f->model->scenario_count);
    return -1;
}

static void add_observation(pf_fit_problem *f, const pf_fit_request *request, size_t row, bool left_out)
{
    const pf_observation *o = &f->model->observations[row];
    int scenario = scenario_of(f, request, o);
    bool may_share = f->model->estimates_spread && !left_out;
    if (!(o->sd > 0) && !may_share && !left_out)
        pf_error(f->diagnostics, o->tree->mark,
                 "the check '%s' states no uncertainty; expected `observed: 5 +- 1 UNIT`, `sd:` of a series, or `fit: "
                 "{spread: estimated}`",
                 o->name);
    if (o->is_apart)
        pf_error(
            f->diagnostics, o->tree->mark,
            "the check '%s' is a rate with what changes over time held, which this model does not hold; a fit runs "
            "one model: set accounting.freeze, or fit to other checks",
            o->name);
    if (scenario < 0) return;
    f->observations[f->count++] = (pf_fitted_observation){
        .of = o, .row = (uint32_t)row, .scenario = (uint32_t)scenario, .is_left_out = left_out, .sd = o->sd};
    f->n += !left_out;
    f->unstated += !left_out && !(o->sd > 0);
}

/* Those that are used come first. */
static bool add_observations(pf_fit_problem *f, const pf_fit_request *request)
{
    const pf_compiled *m = f->model;
    f->observations = PF_ARRAY(arena_of(f), pf_fitted_observation, m->observation_count + 1);
    check_left_out(f, request);
    for (int left_out = 0; left_out < 2; left_out++)
        for (size_t i = 0; i < m->observation_count; i++) {
            const pf_observation *o = &m->observations[i];
            bool is_out = is_left_out(request, o), is_fitted = o->use == PF_USE_FIT && !o->unlike;
            if (o->is_bound || is_out != left_out || !(is_out || is_fitted)) continue;
            add_observation(f, request, i, left_out);
        }
    if (pf_error_count(f->diagnostics)) return false;
    if (!f->n)
        pf_error(f->diagnostics, (pf_mark){m->scenario->path, 0, 0},
                 "there is nothing to fit to; expected a check with `observed:` and `use: fit`%s",
                 f->count ? " that is not left out" : "");
    else if (f->n < f->flats)
        pf_error(f->diagnostics, f->parameters[0].of->mark,
                 "%zu parameters under 'flat' cannot be told from %zu observation%s", f->flats, f->n,
                 f->n == 1 ? "" : "s");
    return !pf_error_count(f->diagnostics);
}

/* A spread is in the unit of the first that has none; the others must have that unit too. */
static bool find_unit_of_spread(pf_fit_problem *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const pf_observation *o = f->observations[i].of;
        if (o->sd > 0) continue;
        if (!f->spread_of) f->spread_of = o;
        if (!strcmp(f->spread_of->unit, o->unit)) continue;
        pf_error(f->diagnostics, o->tree->mark,
                 "'%s' in %s and '%s' in %s cannot share a spread; state the uncertainty of one", o->name, o->unit,
                 f->spread_of->name, f->spread_of->unit);
        return false;
    }
    return true;
}

/* A first guess: what is observed without an uncertainty varies by so much. */
static void guess_spread(pf_fit_problem *f)
{
    double sum = 0, squares = 0, count = (double)f->unstated;
    for (size_t i = 0; i < f->n; i++)
        if (!(f->observations[i].of->sd > 0)) sum += f->observations[i].of->mean;
    for (size_t i = 0; i < f->n; i++)
        if (!(f->observations[i].of->sd > 0)) squares += pow(f->observations[i].of->mean - sum / count, 2);
    f->spread = sqrt(squares / count);
    if (!(f->spread > 0)) f->spread = sum != 0 ? fabs(sum / count) : 1;
}

/* ---- runs ---- */

static bool find_medians(pf_fit_problem *f)
{
    pf_design *design = pf_design_new(f->model, &(pf_design_request){.name = "median"}, f->diagnostics);
    f->point = PF_ARRAY(arena_of(f), double, f->model->input_count + 1);
    if (!design) return false;
    pf_design_draw(design, &(uint64_t){0}, 1, f->point, 1);
    pf_design_free(design);
    return true;
}

static void prepare_run(pf_fit_problem *f)
{
    pf_arena *arena = arena_of(f);
    uint32_t *along = PF_ARRAY(arena, uint32_t, f->p);
    bool *scenarios = PF_ARRAY(arena, bool, f->model->scenario_count);
    for (size_t i = 0; i < f->p; i++) along[i] = f->parameters[i].of->input;
    for (size_t i = 0; i < f->count; i++) {
        scenarios[f->observations[i].scenario] = true;
        if (f->observations[i].of->against >= 0) scenarios[f->observations[i].of->against] = true;
    }
    f->quantities = pf_quantities_of_observations(f->model);
    f->run = pf_quantity_run_new(f->model, f->quantities.quantities, f->quantities.count, along, f->p, scenarios);
    f->at = gsl_vector_alloc(f->p);
    f->values = PF_ARRAY(arena, double, f->count);
    f->slopes = PF_ARRAY(arena, double, f->count * f->p);
}

bool pf_fit_set_up(pf_fit_problem *f, const pf_compiled *model, const pf_fit_request *request,
                   pf_diagnostics *diagnostics)
{
    *f = (pf_fit_problem){.model = model, .diagnostics = diagnostics, .spread = (double)NAN};
    if (!add_parameters(f) || !find_whitening(f) || !add_observations(f, request)) return false;
    if (!find_unit_of_spread(f)) return false;
    if (f->unstated) guess_spread(f);
    if (!find_medians(f)) return false;
    prepare_run(f);
    return true;
}

void pf_fit_free(pf_fit_problem *f)
{
    pf_quantity_run_free(f->run);
    if (f->at) gsl_vector_free(f->at);
}

void pf_fit_start(const pf_fit_problem *f, gsl_vector *at)
{
    gsl_vector_set_zero(at);
    for (size_t i = 0; i < f->p; i++) {
        double start = f->parameters[i].of->start;
        if (!f->parameters[i].of->is_flat) continue;
        gsl_vector_set(at, i, pf_coordinate_of(&f->coordinates[i], isnan(start) ? f->coordinates[i].median : start));
    }
}

static void take_values(pf_fit_problem *f)
{
    pf_slopes slopes = pf_quantity_slopes(f->run);
    for (size_t k = 0; k < f->count; k++) {
        const pf_fitted_observation *o = &f->observations[k];
        double *row = f->slopes + k * f->p;
        f->values[k] = pf_observation_value(&f->quantities, &slopes, o->row, o->scenario, row);
        for (size_t i = 0; i < f->p; i++) {
            row[i] *= pf_coordinate_slope(&f->coordinates[i], gsl_vector_get(f->at, i));
            if (!isfinite(row[i])) row[i] = 0;
        }
        f->is_good = f->is_good && (o->is_left_out || isfinite(f->values[k]));
    }
}

bool pf_fit_evaluate(pf_fit_problem *f, const gsl_vector *at)
{
    bool is_same = f->has_run;
    for (size_t i = 0; is_same && i < f->p; i++) is_same = gsl_vector_get(f->at, i) == gsl_vector_get(at, i);
    if (is_same) return f->is_good;
    gsl_vector_memcpy(f->at, at);
    f->has_run = f->is_good = true;
    for (size_t i = 0; i < f->p; i++) {
        double value = pf_coordinate_value(&f->coordinates[i], gsl_vector_get(at, i));
        f->point[f->parameters[i].of->input] = value;
        f->is_good = f->is_good && isfinite(value);
    }
    f->evaluations++;
    f->is_good = f->is_good && pf_quantity_run_at(f->run, f->point, f->diagnostics);
    if (f->is_good) take_values(f);
    f->failed_trials += !f->is_good;
    return f->is_good;
}

/* ---- residuals ---- */

size_t pf_fit_rows(const pf_fit_problem *f)
{
    return f->n + f->priors;
}

double pf_fit_sd(const pf_fit_problem *f, size_t observation)
{
    const pf_observation *o = f->observations[observation].of;
    if (o->sd > 0) return o->sd;
    return f->spread_of && !strcmp(f->spread_of->unit, o->unit) ? f->spread : (double)NAN;
}

void pf_fit_residuals(const pf_fit_problem *f, gsl_vector *residuals)
{
    for (size_t k = 0; k < f->n; k++)
        gsl_vector_set(residuals, k, (f->values[k] - f->observations[k].of->mean) / pf_fit_sd(f, k));
    for (size_t r = 0; r < f->priors; r++) {
        double sum = 0;
        for (size_t i = 0; i < f->p; i++) sum += f->whitening[r * f->p + i] * gsl_vector_get(f->at, i);
        gsl_vector_set(residuals, f->n + r, sum);
    }
}

void pf_fit_jacobian(const pf_fit_problem *f, gsl_matrix *jacobian)
{
    for (size_t i = 0; i < f->p; i++) {
        for (size_t k = 0; k < f->n; k++) gsl_matrix_set(jacobian, k, i, f->slopes[k * f->p + i] / pf_fit_sd(f, k));
        for (size_t r = 0; r < f->priors; r++) gsl_matrix_set(jacobian, f->n + r, i, f->whitening[r * f->p + i]);
    }
}
