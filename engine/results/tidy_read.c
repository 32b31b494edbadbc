/* The values of a tidy table: of a run its steps, summed by the reduction that sweeps use; of a sweep the statistics
 * over its members, as they stand in the file. */
#include "results/tidy_internal.h"

#include <stdlib.h>
#include <string.h>

static size_t series_count(const pf_tidy *t)
{
    return t->indicator_count * t->statistic_count * t->case_count * t->park_count;
}

static double *value_at(const pf_tidy *t, size_t indicator, size_t statistic, size_t scenario, size_t park)
{
    pf_tidy_place at = {.indicator = indicator, .statistic = statistic, .scenario = scenario, .park = park};
    return t->file->values + (pf_tidy_series(t, at) - t->values);
}

static void make_room(pf_tidy *t)
{
    t->values = t->file->values = pf_doubles(series_count(t) * t->period_count + 1);
}

static const double *read_doubles(pf_tidy *t, const char *name, size_t count)
{
    return pf_h5_get_numbers(&t->file->h5, name, H5T_NATIVE_DOUBLE, count, t->arena);
}

/* The row of a label; `count` and a failure where there is none. */
static size_t row_of(pf_tidy *t, const char *const *labels, size_t count, const char *label, const char *what)
{
    size_t row = 0;
    while (row < count && strcmp(labels[row], label) != 0) row++;
    if (row == count) pf_h5_fail(&t->file->h5, "dataset '%s' does not hold '%s'", what, label);
    return row;
}

/* ---- a run ---- */

/* What an indicator was in each step: [scenario][park][step]. */
static const double *steps_of(pf_tidy *t, const pf_indicator *indicator)
{
    const pf_compiled *m = t->model;
    size_t steps = m->scenario->calendar.reported;
    return read_doubles(t, indicator->name, t->sample->scenario_count * m->park_count * steps);
}

/* The outputs of all steps as the plan gives them, [scenario][step][row]; by free(). Balances stay 0. */
static double *outputs_of_plan(pf_tidy *t, size_t *rows)
{
    const pf_compiled *m = t->model;
    size_t scenarios = t->sample->scenario_count, steps = m->scenario->calendar.reported, row = 0;
    *rows = m->indicator_count * m->park_count + m->closure_count;
    double *outputs = pf_doubles(scenarios * steps * *rows + 1);
    for (size_t v = 0; v < m->indicator_count && !t->file->h5.failed; v++) {
        const double *values = m->indicators[v].numerator < 0 ? steps_of(t, &m->indicators[v]) : NULL;
        if (!values) continue;
        for (size_t s = 0; s < scenarios; s++)
            for (size_t p = 0; p < m->park_count; p++)
                for (size_t step = 0; step < steps; step++) outputs[(s * steps + step) * *rows + row + p] = *values++;
        row += m->park_count;
    }
    return outputs;
}

/* The cells of a scenario, as pf_cell counts them. */
static void reduce(const pf_tidy *t, const double *outputs, size_t rows, double *cells)
{
    pf_reducer reducer = pf_reducer_of(&t->file->reduction);
    memset(cells, 0, reducer.cells * sizeof *cells);
    for (uint32_t step = 0; step < t->model->scenario->calendar.reported; step++)
        reducer.step(reducer.self, step, 1, outputs + step * rows, 1, cells, 1);
    reducer.end(reducer.self, 1, cells);
}

static void take_cells(pf_tidy *t, size_t scenario, const double *cells)
{
    for (size_t i = 0; i < t->indicator_count; i++)
        for (size_t p = 0; p < t->park_count; p++) {
            size_t row = (size_t)(t->indicators[i] - t->model->indicators);
            const double *from = cells + pf_cell(&t->file->reduction, row, t->file->park_rows[p], 0);
            memcpy(value_at(t, i, 0, scenario, p), from, t->period_count * sizeof *from);
        }
}

/* By step a park's values are those of the file to the last bit, also where a mean was multiplied by its days and
 * divided again. */
static void take_steps(pf_tidy *t, size_t indicator)
{
    const double *values = steps_of(t, t->indicators[indicator]);
    for (size_t c = 0; values && c < t->case_count; c++)
        for (size_t p = 0; p < t->park_count; p++) {
            size_t park = t->file->park_rows[p];
            if (park == t->model->park_count) continue;
            const double *from = values + (t->cases[c].scenario * t->model->park_count + park) * t->period_count;
            memcpy(value_at(t, indicator, 0, c, p), from, t->period_count * sizeof *from);
        }
}

static void read_run(pf_tidy *t)
{
    static const char *const run[] = {"run"};
    size_t rows, steps = t->model->scenario->calendar.reported;
    t->statistics = run;
    t->statistic_count = 1;
    make_room(t);
    double *outputs = outputs_of_plan(t, &rows), *cells = pf_doubles(t->file->reduction.cells + 1);
    for (size_t c = 0; c < t->case_count && !t->file->h5.failed; c++) {
        reduce(t, outputs + t->cases[c].scenario * steps * rows, rows, cells);
        take_cells(t, c, cells);
    }
    for (size_t i = 0; i < t->indicator_count && t->by_step; i++) take_steps(t, i);
    free(outputs);
    free(cells);
}

/* ---- a sweep ---- */

/* One of its groups: of scenarios, or of their changes. */
typedef struct {
    const char *name;
    const char **scenarios;
    size_t scenario_count, park_count;
} group;

static bool has_labels(pf_tidy *t, const char *dataset)
{
    size_t count;
    const char **labels = pf_h5_get_texts(&t->file->h5, dataset, &count, t->arena);
    if (!labels || count != t->period_count) return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i], t->periods[i].label) != 0) return false;
    return true;
}

static void check_periods(pf_tidy *t)
{
    if (has_labels(t, "statistics/period") || t->file->h5.failed) return;
    pf_h5_fail(&t->file->h5, "%s",
               t->by_step ? "its statistics are by year: export by year, or sweep again with --by step"
                          : "its statistics are by step: export --by step, or sweep again with --by year");
}

static bool open_group(pf_tidy *t, group *g, const char *name)
{
    pf_h5 *h5 = &t->file->h5;
    *g = (group){.name = name};
    const char **parks = pf_h5_get_texts(h5, pf_format(t->arena, "%s/park", name), &g->park_count, t->arena);
    if (parks && g->park_count != t->model->park_count + 1)
        pf_h5_fail(h5, "'%s/park' holds %zu parks, expected %zu", name, g->park_count, t->model->park_count + 1);
    g->scenarios = pf_h5_get_texts(h5, pf_format(t->arena, "%s/scenario", name), &g->scenario_count, t->arena);
    return !h5->failed;
}

static void take_statistics(pf_tidy *t, const group *g, size_t indicator, size_t row_of_case, const double *values)
{
    const pf_sample_case *of = &t->cases[row_of_case];
    size_t scenario = row_of(t, g->scenarios, g->scenario_count, t->sample->scenarios[of->scenario], g->name);
    for (size_t s = 0; s < t->statistic_count && scenario < g->scenario_count; s++)
        for (size_t p = 0; p < t->park_count; p++) {
            size_t row = (s * g->scenario_count + scenario) * g->park_count + t->file->park_rows[p];
            memcpy(value_at(t, indicator, s, row_of_case, p), values + row * t->period_count,
                   t->period_count * sizeof *values);
        }
}

static void read_group(pf_tidy *t, const group *g, bool of_changes)
{
    size_t count = t->statistic_count * g->scenario_count * g->park_count * t->period_count;
    for (size_t i = 0; i < t->indicator_count; i++) {
        const double *values = read_doubles(t, pf_format(t->arena, "%s/%s", g->name, t->indicators[i]->name), count);
        for (size_t c = 0; values && c < t->case_count; c++)
            if (t->cases[c].is_change == of_changes) take_statistics(t, g, i, c, values);
    }
}

static bool has_changes(const pf_tidy *t)
{
    for (size_t c = 0; c < t->case_count; c++)
        if (t->cases[c].is_change) return true;
    return false;
}

static void read_sweep(pf_tidy *t)
{
    pf_h5 *h5 = &t->file->h5;
    group g;
    if (!pf_h5_has(h5, "statistics")) pf_h5_fail(h5, "it holds no statistics: sweep again");
    if (!h5->failed) check_periods(t);
    t->statistics = pf_h5_get_texts(h5, "statistics/statistic", &t->statistic_count, t->arena);
    if (h5->failed) return;
    make_room(t);
    if (open_group(t, &g, "statistics")) read_group(t, &g, false);
    if (!h5->failed && has_changes(t) && open_group(t, &g, "difference")) read_group(t, &g, true);
}

/* ---- both ---- */

static void read_parameters(pf_tidy *t)
{
    size_t count = 0;
    if (!pf_h5_has(&t->file->h5, "parameter") || !pf_h5_has(&t->file->h5, "parameter_value")) return;
    pf_h5_get_texts(&t->file->h5, "parameter", &count, t->arena);
    t->file->parameters = read_doubles(t, "parameter_value", count);
    t->file->parameter_count = count;
}

void pf_tidy_read(pf_tidy *t)
{
    if (t->is_sweep) read_sweep(t);
    else read_run(t);
    if (!t->file->h5.failed) read_parameters(t);
}
