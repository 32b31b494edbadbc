/* A fit to HDF5: takes a result, gives a file with estimates, covariance, residuals and directions, in the units of the
 * input. */
#include "analysis/fit.h"

#include "base/replacement.h"
#include "base/sha256.h"
#include "results/hdf5_helpers.h"
#include "scenario/scenario.h"

#include <math.h>
#include <string.h>

typedef struct {
    pf_h5 h5;
    const pf_fit_result *result;
    size_t p, count;
    pf_arena *arena;
} store;

static const char *const by_parameter[] = {"parameter", "parameter_2"};
static const char *const by_observation[] = {"observation"};
static const char *const by_direction[] = {"direction", "parameter"};

/* ---- dimensions ---- */

static const char *observation_name(const store *s, size_t k)
{
    const pf_observation *o = s->result->observations[k].of;
    return o->rows > 1 ? pf_format(s->arena, "%s %s", o->name, o->period) : o->name;
}

static void write_dimensions(store *s)
{
    const char **names = PF_ARRAY(s->arena, const char *, s->p + s->count + 1);
    for (size_t i = 0; i < s->p; i++) names[i] = s->result->parameters[i].input->name;
    pf_h5_text_dimension(&s->h5, "parameter", names, s->p, "fitted parameter");
    pf_h5_text_dimension(&s->h5, "parameter_2", names, s->p, "the other parameter of a covariance");
    for (size_t k = 0; k < s->count; k++) names[k] = observation_name(s, k);
    pf_h5_text_dimension(&s->h5, "observation", names, s->count, "observation");
    for (size_t i = 0; i < s->p; i++) names[i] = pf_format(s->arena, "%zu", i + 1);
    pf_h5_text_dimension(&s->h5, "direction", names, s->p, "direction in the space of parameters, the strongest first");
}

/* ---- parameters ---- */

static const struct {
    const char *name, *long_name;
    size_t offset;
} of_parameters[] = {
    {"estimate", "estimate: the posterior mode in the coordinate of the fit", offsetof(pf_fitted_parameter, estimate)},
    {"estimate_sd", "standard deviation of the estimate", offsetof(pf_fitted_parameter, sd)},
    {"low", "lower end of the 95 % interval", offsetof(pf_fitted_parameter, low)},
    {"high", "upper end of the 95 % interval", offsetof(pf_fitted_parameter, high)},
    {"prior", "median of the prior", offsetof(pf_fitted_parameter, prior)},
    {"prior_sd", "standard deviation of the prior", offsetof(pf_fitted_parameter, prior_sd)},
    {"prior_low", "2.5 % quantile of the prior; of a flat parameter its lower bound",
     offsetof(pf_fitted_parameter, prior_low)},
    {"prior_high", "97.5 % quantile of the prior; of a flat parameter its upper bound",
     offsetof(pf_fitted_parameter, prior_high)},
};

static void write_parameters(store *s)
{
    const pf_fitted_parameter *parameters = s->result->parameters;
    double *values = PF_ARRAY(s->arena, double, s->p + 1);
    const char **texts = PF_ARRAY(s->arena, const char *, s->p + 1);
    bool *flags = PF_ARRAY(s->arena, bool, s->p + 1);
    for (size_t row = 0; row < sizeof of_parameters / sizeof *of_parameters; row++) {
        for (size_t i = 0; i < s->p; i++) {
            memcpy(&values[i], (const char *)&parameters[i] + of_parameters[row].offset, sizeof *values);
            values[i] /= parameters[i].size;
        }
        pf_h5_number_variable(&s->h5, of_parameters[row].name, 1, by_parameter, values, of_parameters[row].long_name,
                              NULL, "The unit is that of the parameter, in `unit`.");
    }
    for (size_t i = 0; i < s->p; i++) values[i] = parameters[i].of->is_flat ? (double)NAN : parameters[i].score_sd;
    pf_h5_number_variable(&s->h5, "width", 1, by_parameter, values, "width of the posterior, the prior's is 1", "1",
                          NULL);
    for (size_t i = 0; i < s->p; i++) texts[i] = parameters[i].input->value->unit_text;
    pf_h5_text_variable(&s->h5, "unit", "parameter", texts, s->p, "unit of the parameter");
    for (size_t i = 0; i < s->p; i++) texts[i] = parameters[i].of->is_flat ? "flat" : "prior";
    pf_h5_text_variable(&s->h5, "kind", "parameter", texts, s->p, "what was known before");
    for (size_t i = 0; i < s->p; i++) flags[i] = parameters[i].at_bound;
    pf_h5_flag_variable(&s->h5, "at_bound", "parameter", flags, s->p, "1: the estimate is at an end of its support");
}

static void write_covariance(store *s)
{
    const pf_fit_result *r = s->result;
    double *values = PF_ARRAY(s->arena, double, s->p * s->p);
    for (size_t a = 0; a < s->p; a++)
        for (size_t b = 0; b < s->p; b++)
            values[a * s->p + b] = r->covariance[a * s->p + b] / r->parameters[a].size / r->parameters[b].size;
    pf_h5_number_variable(&s->h5, "covariance", 2, by_parameter, values, "covariance of the estimates", NULL,
                          "The unit is the product of those of the parameters, in `unit`.");
    for (size_t a = 0; a < s->p; a++)
        for (size_t b = 0; b < s->p; b++)
            values[a * s->p + b] =
                r->covariance[a * s->p + b] / sqrt(r->covariance[a * s->p + a] * r->covariance[b * s->p + b]);
    pf_h5_number_variable(&s->h5, "correlation", 2, by_parameter, values, "correlation of the estimates", "1", NULL);
}

static void write_directions(store *s)
{
    double *singular = PF_ARRAY(s->arena, double, s->p + 1), *loadings = PF_ARRAY(s->arena, double, s->p * s->p);
    for (size_t j = 0; j < s->p; j++) {
        singular[j] = s->result->directions[j].singular_value;
        memcpy(loadings + j * s->p, s->result->directions[j].loadings, s->p * sizeof *loadings);
    }
    pf_h5_number_variable(&s->h5, "singular_value", 1, by_direction, singular,
                          "singular value of the observations' Jacobian, its columns of length 1", "1", NULL);
    pf_h5_number_variable(&s->h5, "loading", 2, by_direction, loadings, "part of the parameter in the direction", "1",
                          NULL);
}

/* ---- observations ---- */

typedef enum { OBSERVED, OBSERVED_SD, MODEL, MODEL_SD, Z } column;

static double cell(const pf_fitted_observation *o, column which)
{
    double scale = o->of->scale;
    switch (which) {
    case OBSERVED: return o->of->mean / scale;
    case OBSERVED_SD: return o->sd / scale;
    case MODEL: return o->model / scale;
    case MODEL_SD: return o->model_sd / scale;
    case Z: break;
    }
    return o->z;
}

static void write_observations(store *s)
{
    static const char *const names[][2] = {{"observed", "what was observed"},
                                           {"observed_sd", "its standard deviation, stated or estimated"},
                                           {"model", "what the model says at the estimates"},
                                           {"model_sd", "standard deviation of that, from the estimates alone"},
                                           {"z", "model less observed, over its own standard deviation"}};
    double *values = PF_ARRAY(s->arena, double, s->count + 1);
    const char **texts = PF_ARRAY(s->arena, const char *, s->count + 1);
    bool *flags = PF_ARRAY(s->arena, bool, s->count + 1);
    for (int c = OBSERVED; c <= Z; c++) {
        for (size_t k = 0; k < s->count; k++) values[k] = cell(&s->result->observations[k], (column)c);
        pf_h5_number_variable(&s->h5, names[c][0], 1, by_observation, values, names[c][1], c == Z ? "1" : NULL,
                              c == Z ? NULL : "The unit is that of the observation, in `observed_unit`.");
    }
    for (size_t k = 0; k < s->count; k++) texts[k] = s->result->observations[k].of->unit;
    pf_h5_text_variable(&s->h5, "observed_unit", "observation", texts, s->count, "unit of the observation");
    for (size_t k = 0; k < s->count; k++) texts[k] = s->result->observations[k].of->name;
    pf_h5_text_variable(&s->h5, "check", "observation", texts, s->count, "check that it is of");
    for (size_t k = 0; k < s->count; k++) texts[k] = s->result->observations[k].of->period;
    pf_h5_text_variable(&s->h5, "period", "observation", texts, s->count, "when");
    for (size_t k = 0; k < s->count; k++)
        texts[k] = s->result->model->scenarios[s->result->observations[k].scenario].name;
    pf_h5_text_variable(&s->h5, "scenario", "observation", texts, s->count, "in which scenario");
    for (size_t k = 0; k < s->count; k++) flags[k] = s->result->observations[k].is_left_out;
    pf_h5_flag_variable(&s->h5, "left_out", "observation", flags, s->count, "1: predicted, not fitted to");
}

/* ---- the file ---- */

static void write_attributes(store *s, const char *input)
{
    const pf_fit_result *r = s->result;
    pf_h5 *h5 = &s->h5;
    char digest[65];
    pf_sha256(input, strlen(input), digest);
    pf_h5_set_text(h5, h5->file, "Conventions", "CF-1.11, ACDD-1.3");
    pf_h5_set_text(h5, h5->file, "title", pf_title(r->model->scenario->tree, r->model->scenario->path));
    pf_h5_set_text(h5, h5->file, "summary", "Parameters fitted to observations by nonlinear least squares.");
    pf_h5_set_text(h5, h5->file, "source", "parkflow " PF_VERSION);
    pf_h5_set_text(h5, h5->file, "command", "fit");
    pf_h5_set_text(h5, h5->file, "input_sha256", digest);
    pf_h5_set_text(h5, h5->file, "method", r->method);
    pf_h5_set_number(h5, h5->file, "chi_square", r->chi_square);
    pf_h5_set_number(h5, h5->file, "prior_chi_square", r->prior_chi_square);
    pf_h5_set_integer(h5, h5->file, "degrees_of_freedom", (int64_t)r->degrees);
    pf_h5_set_number(h5, h5->file, "p_value", r->p_value);
    pf_h5_set_number(h5, h5->file, "spread", r->spread_of ? r->spread / r->spread_of->scale : (double)NAN);
    pf_h5_set_number(h5, h5->file, "spread_degrees", r->spread_degrees);
    pf_h5_set_integer(h5, h5->file, "iterations", (int64_t)r->iterations);
    pf_h5_set_integer(h5, h5->file, "evaluations", (int64_t)r->evaluations);
    pf_h5_set_integer(h5, h5->file, "failed_trials", (int64_t)r->failed_trials);
    pf_h5_set_number(h5, h5->file, "distance", r->distance);
}

/* NULL, or why it could not be written. */
static const char *fill(store *s, int file)
{
    const char *input = pf_scenario_input(s->result->model->scenario);
    pf_h5_begin(&s->h5);
    pf_h5_create(&s->h5, file);
    if (!s->h5.failed) write_attributes(s, input);
    if (!s->h5.failed) write_dimensions(s);
    if (!s->h5.failed) write_parameters(s);
    if (!s->h5.failed) write_covariance(s);
    if (!s->h5.failed) write_directions(s);
    if (!s->h5.failed) write_observations(s);
    if (!s->h5.failed) pf_h5_text_scalar(&s->h5, "input", input, "the whole input, YAML");
    pf_h5_end(&s->h5);
    return s->h5.failed ? pf_copy_text(s->arena, s->h5.reason, strlen(s->h5.reason)) : NULL;
}

pf_status pf_fit_store(const char *path, const pf_fit_result *result, pf_diagnostics *diagnostics)
{
    store s = {.result = result,
               .p = result->parameter_count,
               .count = result->observation_count,
               .arena = result->model->scenario->arena};
    pf_replacement target;
    const char *why = pf_replacement_begin(&target, path, s.arena);
    if (!why) why = fill(&s, target.file);
    return pf_replacement_say(path, pf_replacement_end(&target, why, s.arena), diagnostics);
}
