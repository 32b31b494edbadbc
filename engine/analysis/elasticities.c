/* Elasticities: takes a model with tangents, runs it at the medians once for each uncertain parameter with a direction
 * along it, gives slopes of the years' outputs, scaled. */
#include "analysis/elasticities.h"

#include "analysis/directions.h"
#include "analysis/study_internal.h"

#include "base/distributions.h"
#include "ensemble/reduce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const pf_study *study;
    const pf_compiled *model;
    pf_reduction years;
    pf_reducer of_years;
    size_t k, outputs;  /* parameters; outputs of the model, without their derivatives */
    uint32_t *varied;   /* rows of the model's inputs */
    double *medians;    /* [inputs] */
    double *values;     /* [scenario][cell] */
    double *slopes;     /* [scenario][cell][k] */
    const size_t *rows; /* by scenario of the sample: row of the model's scenarios */
    size_t scenarios;
    size_t faults;
} work;

void pf_elasticities_outputs(pf_sample *sample, const pf_compiled *m)
{
    pf_arena *arena = m->scenario->arena;
    pf_reduction years = pf_reduction_by_year(m);
    pf_sample_indicator *indicators = PF_ARRAY(arena, pf_sample_indicator, m->indicator_count + 1);
    const char **parks = PF_ARRAY(arena, const char *, m->park_count + 1),
               **periods = PF_ARRAY(arena, const char *, years.period_count + 1);
    for (size_t i = 0; i < m->indicator_count; i++) {
        const pf_indicator *v = &m->indicators[i];
        indicators[i] = (pf_sample_indicator){v->name, *v->unit ? v->unit : "1", v->title, v->title_vi};
    }
    for (size_t p = 0; p < m->park_count; p++) parks[p] = m->parks[p].name;
    parks[m->park_count] = "all";
    for (size_t p = 0; p < years.period_count; p++) periods[p] = years.periods[p].label;
    sample->indicators = indicators;
    sample->indicator_count = m->indicator_count;
    sample->parks = parks;
    sample->park_count = m->park_count + 1;
    sample->periods = periods;
    sample->period_count = years.period_count;
}

/* ---- the run: member m is a direction along parameter m ---- */

static void take_step(const void *self, uint32_t step, size_t width, const double *outputs, size_t stride,
                      double *cells, size_t lanes)
{
    const work *w = self;
    const double *slopes = outputs + w->outputs * stride;
    w->of_years.step(w->of_years.self, step, width, outputs, stride, cells, lanes);
    w->of_years.step(w->of_years.self, step, width, slopes, stride, cells + w->years.cells * lanes, lanes);
}

/* d(a / b) = (da - (a / b) db) / b, after sums over steps and parks. */
static void differentiate_ratio(const work *w, size_t indicator, size_t lanes, const double *values, double *slopes)
{
    const pf_indicator *ratio = &w->model->indicators[indicator];
    for (size_t park = 0; park < w->years.parks; park++)
        for (size_t p = 0; p < w->years.period_count; p++) {
            size_t above = pf_cell(&w->years, (size_t)ratio->numerator, park, p) * lanes,
                   below = pf_cell(&w->years, (size_t)ratio->denominator, park, p) * lanes,
                   at = pf_cell(&w->years, indicator, park, p) * lanes;
            for (size_t l = 0; l < lanes; l++)
                slopes[at + l] = (slopes[above + l] - values[at + l] * slopes[below + l]) / values[below + l];
        }
}

static void end_block(const void *self, size_t lanes, double *cells)
{
    const work *w = self;
    double *slopes = cells + w->years.cells * lanes;
    w->of_years.end(w->of_years.self, lanes, cells);
    w->of_years.end(w->of_years.self, lanes, slopes);
    for (size_t v = 0; v < w->model->indicator_count; v++)
        if (w->model->indicators[v].numerator >= 0) differentiate_ratio(w, v, lanes, cells, slopes);
}

/* Of one scenario, from a batch: the values are the same in all lanes. */
static void take_scenario(work *w, const pf_batch *batch, size_t scenario)
{
    size_t cells = w->years.cells;
    const double *values = batch->cells + scenario * 2 * cells * batch->count, *slopes = values + cells * batch->count;
    for (size_t c = 0; c < cells; c++) {
        w->values[scenario * cells + c] = values[c * batch->count];
        for (size_t m = 0; m < batch->count; m++) {
            const pf_fault *fault = &batch->faults[scenario * batch->count + m];
            bool is_fine = fault->kind == PF_NO_FAULT;
            w->slopes[(scenario * cells + c) * w->k + batch->members[m]] =
                is_fine ? slopes[c * batch->count + m] : (double)NAN;
        }
    }
}

static pf_status take(void *self, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    work *w = self;
    (void)diagnostics;
    for (size_t s = 0; s < w->scenarios; s++) {
        take_scenario(w, batch, s);
        for (size_t m = 0; m < batch->count; m++) w->faults += batch->faults[s * batch->count + m].kind != PF_NO_FAULT;
    }
    return PF_OK;
}

static pf_status run_model(work *w, pf_diagnostics *diagnostics)
{
    double **settings = pf_direction_settings(w->model, w->rows, w->scenarios);
    const pf_directions directions = {w->model, w->medians, w->varied, w->k};
    pf_kernel *kernel = pf_kernel_new(&w->model->plan);
    pf_run_options options = {.ranges = &(pf_range){0, w->k},
                              .range_count = 1,
                              .settings = (const double *const *)settings,
                              .scenario_count = w->scenarios,
                              .threads = 1};
    pf_reducer reducer = {w, 2 * w->years.cells, take_step, end_block};
    pf_status status = pf_run(kernel, &w->model->plan, &options, pf_direction_draws(&directions), reducer,
                              (pf_sink){w, take}, diagnostics);
    pf_kernel_free(kernel);
    pf_direction_settings_free(settings, w->scenarios);
    return status;
}

/* ---- scaling ---- */

static double deviation_of(const pf_value *value)
{
    double mean, sd;
    pf_distribution_moments(pf_distribution_at((size_t)value->distribution), value->arguments, &mean, &sd);
    return sd;
}

/* Cell of the chosen output, in a scenario of the sample. */
static size_t cell_of(const work *w, size_t scenario, size_t indicator, size_t period)
{
    const pf_choice *choice = &w->study->choice;
    return scenario * w->years.cells +
           pf_cell(&w->years, choice->indicators[indicator], choice->park, choice->periods[period]);
}

/* Elasticities and shares of one output, from its value and slopes [k]. */
static void scale(const work *w, const double *deviations, bool has_shares, double y, const double *slopes,
                  pf_estimate *elasticities, pf_estimate *shares, pf_of_output *of)
{
    double variance = 0;
    bool moves = false;
    for (size_t i = 0; i < w->k; i++) {
        double part = slopes[i] * deviations[i];
        moves |= slopes[i] != 0;
        if (!isnan(part)) variance += part * part;
    }
    *of = (pf_of_output){.mean = y, .sd = has_shares ? sqrt(variance) : (double)NAN, .n = 1, .is_constant = !moves};
    if (!moves) return;
    for (size_t i = 0; i < w->k; i++) {
        double part = slopes[i] * deviations[i];
        elasticities[i].value = y != 0 ? slopes[i] * w->medians[w->varied[i]] / y : (double)NAN;
        shares[i].value = has_shares ? part * part / variance : (double)NAN;
    }
}

static void scale_all(const work *w, const double *deviations, bool has_shares, pf_findings *f)
{
    const pf_choice *choice = &w->study->choice;
    double *slopes = pf_doubles(w->k);
    for (size_t v = 0; v < choice->indicator_count; v++)
        for (size_t c = 0; c < choice->case_count; c++)
            for (size_t p = 0; p < choice->period_count; p++) {
                const pf_sample_case *wanted = &w->study->sample->cases[choice->cases[c]];
                size_t row = pf_output_row(f, v, c, p), at = cell_of(w, wanted->scenario, v, p);
                size_t from = cell_of(w, wanted->reference, v, p);
                double y = w->values[at] - (wanted->is_change ? w->values[from] : 0);
                for (size_t i = 0; i < w->k; i++)
                    slopes[i] = w->slopes[at * w->k + i] - (wanted->is_change ? w->slopes[from * w->k + i] : 0);
                scale(w, deviations, has_shares, y, slopes, f->indices[0] + row * w->k, f->indices[1] + row * w->k,
                      &f->outputs[row]);
            }
    free(slopes);
}

static void add_notes(const work *w, bool has_shares, pf_findings *f)
{
    *PF_PUSH(f->arena, f->notes) =
        "Slopes hold at the medians only: where a model bends or interacts, take pawn, sobol "
        "or first_order of a sweep.";
    if (!has_shares)
        *PF_PUSH(f->arena, f->notes) =
            "Parameters are correlated: there are no shares of the variance, which would not add up.";
    if (w->faults)
        *PF_PUSH(f->arena, f->notes) =
            "Some derivatives do not exist at the medians; these parameters have no elasticity.";
}

/* ---- set-up ---- */

static pf_status find_scenarios(work *w, size_t *rows, pf_diagnostics *diagnostics)
{
    const pf_sample *sample = w->study->sample;
    for (size_t s = 0; s < sample->scenario_count; s++) {
        size_t row = 0;
        while (row < w->model->scenario_count && strcmp(w->model->scenarios[row].name, sample->scenarios[s]) != 0)
            row++;
        if (row == w->model->scenario_count)
            return pf_error(diagnostics, (pf_mark){0}, "the input in '%s' has no scenario '%s'", sample->path,
                            sample->scenarios[s]);
        rows[s] = row;
    }
    w->rows = rows;
    w->scenarios = sample->scenario_count;
    return PF_OK;
}

static pf_status take_medians(work *w, pf_diagnostics *diagnostics)
{
    pf_design *design = pf_design_new(w->model, &(pf_design_request){.name = "median"}, diagnostics);
    if (!design) return PF_FAILED;
    pf_design_draw(design, &(uint64_t){0}, 1, w->medians, 1);
    pf_design_free(design);
    for (uint32_t i = 0; i < w->model->input_count; i++)
        if (w->model->inputs[i].value) w->varied[w->k++] = i;
    if (w->k) return PF_OK;
    return pf_error(diagnostics, (pf_mark){0}, "the model has no uncertain parameters");
}

static pf_findings *scaled(const work *w)
{
    pf_arena *arena = w->model->scenario->arena;
    const char **names = PF_ARRAY(arena, const char *, w->k);
    double *deviations = pf_doubles(w->k);
    bool has_shares = !w->model->correlation_count;
    for (size_t i = 0; i < w->k; i++) {
        names[i] = w->model->inputs[w->varied[i]].name;
        deviations[i] = deviation_of(w->model->inputs[w->varied[i]].value);
    }
    pf_findings *f = pf_findings_new(w->study, w->k, names);
    scale_all(w, deviations, has_shares, f);
    add_notes(w, has_shares, f);
    f->members = f->group = 1;
    free(deviations);
    return f;
}

pf_findings *pf_elasticities_run(const pf_study *study, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = study->model;
    work w = {.study = study, .model = m, .years = pf_reduction_by_year(m), .outputs = m->plan.output_count / 2};
    pf_findings *found = NULL;
    size_t *rows = pf_calloc(study->sample->scenario_count, sizeof *rows);
    w.of_years = pf_reducer_of(&w.years);
    w.varied = pf_calloc(m->input_count + 1, sizeof *w.varied);
    w.medians = pf_doubles(m->input_count);
    if (find_scenarios(&w, rows, diagnostics) || take_medians(&w, diagnostics)) goto done;
    w.values = pf_doubles(w.scenarios * w.years.cells);
    w.slopes = pf_doubles(w.scenarios * w.years.cells * w.k);
    if (run_model(&w, diagnostics)) goto done;
    if (w.faults == w.k * w.scenarios)
        pf_error(diagnostics, (pf_mark){0}, "the model fails at the medians of its parameters");
    else found = scaled(&w);
done:
    free(rows);
    free(w.varied);
    free(w.medians);
    free(w.values);
    free(w.slopes);
    return found;
}
