/* First-order propagation: takes quantities, runs the model with tangents at its medians, a lane an uncertain
 * parameter, and gives each quantity's value and slopes. */
#include "analysis/first_order.h"

#include "base/distributions.h"
#include "ensemble/design.h"
#include "ensemble/runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const pf_compiled *model;
    const pf_quantity *quantities;
    size_t count, k, lanes; /* lanes: k, or 1 of a model that has nothing uncertain */
    size_t outputs;         /* without their derivatives */
    size_t *first_output;   /* [indicators]: of its first park */
    uint32_t *varied;
    double *medians; /* [inputs] */
    double *values, *slopes;
    pf_fault *faults; /* [scenario][lanes] */
} work;

/* ---- the run: member m is a direction along parameter m ---- */

static void draw(const void *self, const uint64_t *members, size_t count, double *inputs, size_t stride)
{
    const work *w = self;
    size_t n = w->model->input_count;
    for (size_t i = 0; i < n; i++)
        for (size_t m = 0; m < count; m++) {
            inputs[i * stride + m] = w->medians[i];
            inputs[(n + i) * stride + m] = w->k && w->varied[members[m]] == i;
        }
}

static double days_of(const work *w, uint32_t step)
{
    const pf_calendar *calendar = &w->model->scenario->calendar;
    pf_step at = calendar->steps[calendar->first_reported + step];
    return at.end_day - at.first_day;
}

/* How much of a step's output goes into the quantity. */
static double weight_in(const work *w, const pf_quantity *q, uint32_t step)
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
    const work *w = self;
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
    work *w = self;
    (void)diagnostics;
    for (size_t s = 0; s < batch->scenarios; s++)
        for (size_t m = 0; m < batch->count; m++) {
            pf_fault fault = batch->faults[s * batch->count + m];
            w->faults[s * w->lanes + batch->members[m]] = fault;
            for (size_t i = 0; i < w->count; i++) {
                const double *cells = batch->cells + (s * batch->cell_count + 2 * i) * batch->count + m;
                w->values[s * w->count + i] = cells[0];
                if (w->k)
                    w->slopes[(s * w->count + i) * w->k + batch->members[m]] =
                        fault.kind == PF_NO_FAULT ? cells[batch->count] : (double)NAN;
            }
        }
    return PF_OK;
}

/* [scenario][inputs and their directions]: NaN as it is drawn */
static double **make_settings(const work *w)
{
    size_t n = w->model->input_count;
    double **settings = pf_calloc(w->model->scenario_count, sizeof *settings);
    for (size_t s = 0; s < w->model->scenario_count; s++) {
        settings[s] = pf_doubles(2 * n);
        memcpy(settings[s], w->model->scenarios[s].switches, n * sizeof **settings);
        for (size_t i = 0; i < n; i++) settings[s][n + i] = (double)NAN;
    }
    return settings;
}

/* A fault that every parameter's lane has is the model's own. */
static bool model_fails(const work *w, size_t scenario)
{
    for (size_t l = 0; l < w->lanes; l++)
        if (w->faults[scenario * w->lanes + l].kind == PF_NO_FAULT) return false;
    return true;
}

static pf_status report_faults(const work *w, const pf_kernel *kernel, double **settings, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = w->model;
    size_t n = m->input_count;
    double *drawn = pf_doubles(2 * n), *lane = pf_doubles(2 * n);
    pf_status status = PF_OK;
    memcpy(drawn, w->medians, n * sizeof *drawn);
    for (size_t s = 0; s < m->scenario_count; s++) {
        if (!model_fails(w, s)) continue;
        pf_fault fault = w->faults[s * w->lanes];
        pf_set_lane(2 * n, settings[s], drawn, 1, lane);
        pf_replay(kernel, lane, fault, pf_step_text(m->scenario->arena, &m->scenario->calendar, fault.step),
                  pf_format(m->scenario->arena, "scenario %s", m->scenarios[s].name), diagnostics);
        status = PF_FAILED;
    }
    free(drawn);
    free(lane);
    return status;
}

static pf_status run_model(work *w, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = w->model;
    double **settings = make_settings(w);
    pf_kernel *kernel = pf_kernel_new(&m->plan);
    pf_run_options options = {.ranges = &(pf_range){0, w->lanes},
                              .range_count = 1,
                              .settings = (const double *const *)settings,
                              .scenario_count = m->scenario_count,
                              .threads = 1};
    pf_reducer reducer = {w, 2 * w->count, take_step, end_block};
    pf_status status =
        pf_run(kernel, &m->plan, &options, (pf_draws){w, draw}, reducer, (pf_sink){w, take}, diagnostics);
    if (!status) status = report_faults(w, kernel, settings, diagnostics);
    pf_kernel_free(kernel);
    for (size_t s = 0; s < m->scenario_count; s++) free(settings[s]);
    free(settings);
    return status;
}

/* ---- set-up ---- */

static void find_outputs(work *w)
{
    const pf_compiled *m = w->model;
    size_t row = 0;
    w->first_output = PF_ARRAY(m->scenario->arena, size_t, m->indicator_count + 1);
    for (size_t v = 0; v < m->indicator_count; v++) {
        w->first_output[v] = row;
        if (m->indicators[v].numerator < 0) row += m->park_count;
    }
}

static void find_varied(work *w, double *deviations)
{
    const pf_compiled *m = w->model;
    double mean;
    for (uint32_t i = 0; i < m->input_count; i++) {
        const pf_value *value = m->inputs[i].value;
        if (!value) continue;
        pf_distribution_moments(pf_distribution_at((size_t)value->distribution), value->arguments, &mean,
                                &deviations[w->k]);
        w->varied[w->k++] = i;
    }
    w->lanes = w->k ? w->k : 1;
}

static size_t count_without(const work *w)
{
    size_t without = 0;
    for (size_t l = 0; l < w->lanes; l++) {
        bool any = false;
        for (size_t s = 0; s < w->model->scenario_count; s++) any |= w->faults[s * w->lanes + l].kind != PF_NO_FAULT;
        without += any;
    }
    return without;
}

pf_status pf_first_order_run(const pf_compiled *m, const pf_quantity *quantities, size_t count, pf_first_order *result,
                             pf_diagnostics *diagnostics)
{
    pf_arena *arena = m->scenario->arena;
    work w = {.model = m, .quantities = quantities, .count = count, .outputs = m->plan.output_count / 2};
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, diagnostics);
    double *deviations = PF_ARRAY(arena, double, m->input_count + 1);
    if (!design) return PF_FAILED;
    w.medians = PF_ARRAY(arena, double, m->input_count + 1);
    w.varied = PF_ARRAY(arena, uint32_t, m->input_count + 1);
    pf_design_draw(design, &(uint64_t){0}, 1, w.medians, 1);
    pf_design_free(design);
    find_outputs(&w);
    find_varied(&w, deviations);
    w.values = PF_ARRAY(arena, double, m->scenario_count *count + 1);
    w.slopes = PF_ARRAY(arena, double, m->scenario_count *count *w.k + 1);
    w.faults = PF_ARRAY(arena, pf_fault, m->scenario_count * w.lanes);
    pf_status status = run_model(&w, diagnostics);
    *result = (pf_first_order){.model = m,
                               .k = w.k,
                               .varied = w.varied,
                               .deviations = deviations,
                               .values = w.values,
                               .slopes = w.slopes,
                               .quantities = count,
                               .without = status ? 0 : count_without(&w)};
    return status;
}

double pf_first_order_variance(const pf_first_order *self, const double *slopes, double *parts)
{
    const pf_compiled *m = self->model;
    double *moved = pf_doubles(m->input_count + 1), variance = 0; /* by input: slope times deviation */
    for (size_t i = 0; i < self->k; i++) {
        double part = isnan(slopes[i]) ? 0 : slopes[i] * self->deviations[i];
        moved[self->varied[i]] = part;
        variance += part * part;
        if (parts) parts[i] = part * part;
    }
    for (size_t c = 0; c < m->correlation_count; c++) {
        const pf_correlation *pair = &m->correlations[c];
        double both = pair->rho * moved[pair->first] * moved[pair->second];
        variance += 2 * both;
        for (size_t i = 0; parts && i < self->k; i++)
            if (self->varied[i] == pair->first || self->varied[i] == pair->second) parts[i] += both;
    }
    free(moved);
    return variance > 0 ? variance : 0;
}
