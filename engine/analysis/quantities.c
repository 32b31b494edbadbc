/* Quantities with slopes: takes a point, runs the model with tangents there, a lane a parameter, and gives each
 * quantity's value and derivatives. */
#include "analysis/quantities.h"

#include "analysis/directions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pf_quantity_run {
    const pf_compiled *model;
    const pf_quantity *quantities;
    size_t count, k, lanes; /* lanes: k, or 1 where there is nothing to go along */
    size_t outputs;         /* without their derivatives */
    size_t *first_output;   /* [indicators]: of its first park */
    const uint32_t *along;
    double *point; /* [inputs]: the last */
    size_t *rows;  /* of model->scenarios, those that are run */
    size_t scenarios;
    double **settings;
    pf_kernel *kernel;
    double *values, *slopes;
    pf_fault *faults; /* [scenario that is run][lanes] */
};

/* ---- from steps to sums ---- */

static double days_of(const pf_quantity_run *w, uint32_t step)
{
    const pf_calendar *calendar = &w->model->scenario->calendar;
    pf_step at = calendar->steps[calendar->first_reported + step];
    return at.end_day - at.first_day;
}

/* How much of a step's output goes into the quantity. */
static double weight_in(const pf_quantity_run *w, const pf_quantity *q, uint32_t step)
{
    const char *method = w->model->indicators[q->indicator].method;
    if (step < q->first_step || step >= q->end_step) return 0;
    if (!strcmp(method, "point")) return step + 1 == q->end_step;
    if (!strcmp(method, "sum")) return 1;
    double days = 0;
    for (uint32_t s = q->first_step; s < q->end_step; s++) days += days_of(w, s);
    return days_of(w, step) / days;
}

static void add_weighted(double *cell, const double *output, size_t width, double weight)
{
    for (size_t l = 0; l < width; l++) cell[l] += weight * output[l];
}

static void take_step(const void *self, uint32_t step, size_t width, const double *outputs, size_t stride,
                      double *cells, size_t lanes)
{
    const pf_quantity_run *w = self;
    for (size_t i = 0; i < w->count; i++) {
        const pf_quantity *q = &w->quantities[i];
        double weight = weight_in(w, q, step);
        for (size_t park = 0; weight > 0 && park < w->model->park_count; park++) {
            if (!q->parks[park]) continue;
            size_t row = w->first_output[q->indicator] + park;
            add_weighted(cells + 2 * i * lanes, outputs + row * stride, width, weight);
            add_weighted(cells + (2 * i + 1) * lanes, outputs + (w->outputs + row) * stride, width, weight);
        }
    }
}

static void end_block(const void *self, size_t lanes, double *cells)
{
    (void)self;
    (void)lanes;
    (void)cells;
}

static pf_status take(void *self, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    pf_quantity_run *w = self;
    (void)diagnostics;
    for (size_t s = 0; s < batch->scenarios; s++)
        for (size_t m = 0; m < batch->count; m++) {
            pf_fault fault = batch->faults[s * batch->count + m];
            w->faults[s * w->lanes + batch->members[m]] = fault;
            for (size_t i = 0; i < w->count; i++) {
                const double *cells = batch->cells + (s * batch->cell_count + 2 * i) * batch->count + m;
                size_t at = w->rows[s] * w->count + i;
                w->values[at] = cells[0];
                if (w->k)
                    w->slopes[at * w->k + batch->members[m]] =
                        fault.kind == PF_NO_FAULT ? cells[batch->count] : (double)NAN;
            }
        }
    return PF_OK;
}

/* ---- runs ---- */

/* A fault that every parameter's lane has is the model's own. */
static bool model_fails(const pf_quantity_run *w, size_t scenario)
{
    for (size_t l = 0; l < w->lanes; l++)
        if (w->faults[scenario * w->lanes + l].kind == PF_NO_FAULT) return false;
    return true;
}

bool pf_quantity_run_at(pf_quantity_run *w, const double *point, pf_diagnostics *diagnostics)
{
    memcpy(w->point, point, w->model->input_count * sizeof *point);
    const pf_directions directions = {w->model, w->point, w->along, w->k};
    pf_run_options options = {.ranges = &(pf_range){0, w->lanes},
                              .range_count = 1,
                              .settings = (const double *const *)w->settings,
                              .scenario_count = w->scenarios,
                              .threads = 1};
    pf_reducer reducer = {w, 2 * w->count, take_step, end_block};
    bool is_good = pf_run(w->kernel, &w->model->plan, &options, pf_direction_draws(&directions), reducer,
                          (pf_sink){w, take}, diagnostics) == PF_OK;
    for (size_t s = 0; s < w->scenarios; s++) is_good = is_good && !model_fails(w, s);
    return is_good;
}

void pf_quantity_faults(const pf_quantity_run *w, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = w->model;
    size_t n = m->input_count;
    double *drawn = pf_doubles(2 * n), *lane = pf_doubles(2 * n);
    memcpy(drawn, w->point, n * sizeof *drawn);
    for (size_t s = 0; s < w->scenarios; s++) {
        if (!model_fails(w, s)) continue;
        pf_fault fault = w->faults[s * w->lanes];
        pf_set_lane(2 * n, w->settings[s], drawn, 1, lane);
        pf_replay(w->kernel, lane, fault, pf_step_text(m->scenario->arena, &m->scenario->calendar, fault.step),
                  pf_format(m->scenario->arena, "scenario %s", m->scenarios[w->rows[s]].name), diagnostics);
    }
    free(drawn);
    free(lane);
}

static size_t count_without(const pf_quantity_run *w)
{
    size_t without = 0;
    for (size_t l = 0; l < w->lanes; l++) {
        bool any = false;
        for (size_t s = 0; s < w->scenarios; s++) any |= w->faults[s * w->lanes + l].kind != PF_NO_FAULT;
        without += any;
    }
    return without;
}

pf_slopes pf_quantity_slopes(const pf_quantity_run *w)
{
    return (pf_slopes){w->values, w->slopes, w->count, w->k, count_without(w)};
}

/* ---- set-up ---- */

static void find_outputs(pf_quantity_run *w)
{
    const pf_compiled *m = w->model;
    size_t row = 0;
    w->first_output = pf_calloc(m->indicator_count + 1, sizeof *w->first_output);
    for (size_t v = 0; v < m->indicator_count; v++) {
        w->first_output[v] = row;
        if (m->indicators[v].numerator < 0) row += m->park_count;
    }
}

pf_quantity_run *pf_quantity_run_new(const pf_compiled *m, const pf_quantity *quantities, size_t count,
                                     const uint32_t *along, size_t k, const bool *scenarios)
{
    pf_quantity_run *w = pf_calloc(1, sizeof *w);
    *w = (pf_quantity_run){.model = m, .quantities = quantities, .count = count, .k = k, .along = along};
    w->lanes = k ? k : 1;
    w->outputs = m->plan.output_count / 2;
    w->rows = pf_calloc(m->scenario_count + 1, sizeof *w->rows);
    for (size_t s = 0; s < m->scenario_count; s++)
        if (!scenarios || scenarios[s]) w->rows[w->scenarios++] = s;
    find_outputs(w);
    w->point = pf_doubles(m->input_count + 1);
    w->settings = pf_direction_settings(m, w->rows, w->scenarios);
    w->kernel = pf_kernel_new(&m->plan);
    w->values = pf_doubles(m->scenario_count * count + 1);
    w->slopes = pf_doubles(m->scenario_count * count * k + 1);
    w->faults = pf_calloc(w->scenarios * w->lanes + 1, sizeof *w->faults);
    return w;
}

void pf_quantity_run_free(pf_quantity_run *w)
{
    if (!w) return;
    pf_kernel_free(w->kernel);
    pf_direction_settings_free(w->settings, w->scenarios);
    free(w->rows);
    free(w->first_output);
    free(w->point);
    free(w->values);
    free(w->slopes);
    free(w->faults);
    free(w);
}
