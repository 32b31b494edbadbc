/* Writes a finished sweep: the run at the medians, statistics of levels and changes, members kept, members that failed.
 */
#include "results/sweep_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t PARAMETER_BYTES = 128 << 20;
enum { MEAN, SD, LEAST, MOST, PERCENTILES };

/* Scenarios with a reference; all where `changes` is false. */
typedef struct {
    const pf_sweep_plan *plan;
    const pf_sweep_file *file;
    pf_arena *arena;
    const pf_statistics *statistics;
    bool changes;
    pf_result_axes axes;
} group;

static const char *const *park_labels(const group *g)
{
    const pf_compiled *m = g->plan->model;
    const char **labels = PF_ARRAY(g->arena, const char *, m->park_count + 1);
    for (size_t p = 0; p < m->park_count; p++) labels[p] = m->parks[p].name;
    labels[m->park_count] = "all";
    return labels;
}

static pf_result_axes axes_of(const group *g, const pf_reduction *reduction)
{
    const pf_sweep_plan *plan = g->plan;
    const pf_compiled *m = plan->model;
    const char **names = PF_ARRAY(g->arena, const char *, plan->scenario_count),
               **against = PF_ARRAY(g->arena, const char *, plan->scenario_count);
    pf_result_axes axes = {.scenarios = names,
                           .against = against,
                           .parks = park_labels(g),
                           .park_count = m->park_count + 1,
                           .periods = reduction->periods,
                           .period_count = reduction->period_count};
    for (size_t s = 0; s < plan->scenario_count; s++) {
        const pf_scenario_row *row = &m->scenarios[plan->scenarios[s]];
        if (g->changes && plan->references[s] < 0) continue;
        names[axes.scenario_count] = row->name;
        against[axes.scenario_count++] = row->against >= 0 ? m->scenarios[row->against].name : "";
    }
    return axes;
}

static pf_bounded exact(double value)
{
    return (pf_bounded){value, 0};
}

static pf_bounded statistic_of(const group *g, size_t statistic, size_t cell)
{
    switch (statistic) {
    case MEAN: return pf_statistics_mean(g->statistics, cell);
    case SD: return pf_statistics_sd(g->statistics, cell);
    case LEAST: return exact(pf_statistics_min(g->statistics, cell));
    case MOST: return exact(pf_statistics_max(g->statistics, cell));
    default: return pf_statistics_quantile(g->statistics, cell, g->file->percentiles[statistic - PERCENTILES] / 100);
    }
}

/* Writes one indicator: scenario by scenario its cells follow each other, [park][period]. */
static void write_indicator(const group *g, pf_store *store, size_t indicator, uint64_t members)
{
    size_t cells = g->axes.park_count * g->axes.period_count, rows = g->axes.scenario_count * cells;
    size_t statistics = PERCENTILES + g->file->percentile_count;
    double *values = pf_doubles(statistics * rows), *bounds = pf_doubles(statistics * rows),
           *exceedance = pf_doubles(rows);
    uint64_t *valid = pf_calloc(rows, sizeof *valid);
    bool missing = false;
    for (size_t s = 0, row = 0; s < g->axes.scenario_count; s++)
        for (size_t c = 0; c < cells; c++, row++) {
            size_t cell = s * g->plan->cells + indicator * cells + c;
            for (size_t k = 0; k < statistics; k++) {
                pf_bounded b = statistic_of(g, k, cell);
                values[k * rows + row] = b.value;
                bounds[k * rows + row] = b.bound;
            }
            exceedance[row] = pf_statistics_exceedance(g->statistics, cell);
            valid[row] = pf_statistics_valid(g->statistics, cell);
            missing = missing || valid[row] != members;
        }
    double threshold = g->plan->thresholds[indicator];
    bool has_threshold = !g->changes && !isnan(threshold);
    pf_result_statistic written = {values, bounds, has_threshold ? exceedance : NULL, threshold,
                                   missing ? valid : NULL};
    pf_store_statistic(store, indicator, &written);
    free(values);
    free(bounds);
    free(exceedance);
    free(valid);
}

static void write_group(group *g, pf_store *store, const pf_sweep_state *state)
{
    const char *names[PERCENTILES + 64] = {"mean", "sd", "min", "max"};
    uint64_t members = pf_ranges_members(&state->done) - state->failed;
    for (size_t i = 0; i < g->file->percentile_count; i++)
        names[PERCENTILES + i] = pf_format(g->arena, "p%g", g->file->percentiles[i]);
    g->statistics = g->changes ? state->changes : state->levels;
    g->axes = axes_of(g, &g->plan->kept.first);
    if (!g->axes.scenario_count) return;
    pf_result_statistics written = {.axes = g->axes,
                                    .statistics = names,
                                    .statistic_count = PERCENTILES + g->file->percentile_count,
                                    .members = members,
                                    .closure_maximum = g->changes ? NULL : state->closures};
    pf_store_statistics(store, g->changes ? PF_OF_DIFFERENCES : PF_OF_SCENARIOS, &written);
    for (size_t v = 0; v < g->plan->model->indicator_count && !pf_store_failed(store); v++)
        write_indicator(g, store, v, members);
}

/* --- members --- */

typedef struct {
    const pf_sweep_plan *plan;
    pf_store *store;
    bool has_parameters;
} member_writer;

/* The values of the uncertain parameters, drawn again: a member's draws are a function of its number. */
static double *parameters_of(const member_writer *w, const pf_sweep_record *record)
{
    const pf_compiled *m = w->plan->model;
    double *inputs = pf_doubles(m->input_count * record->count), *to = inputs;
    pf_design_draw(w->plan->design, record->members, record->count, inputs, record->count);
    for (size_t i = 0; i < m->input_count; i++) {
        if (!m->inputs[i].value) continue;
        if (to != inputs + i * record->count) memmove(to, inputs + i * record->count, record->count * sizeof *to);
        to += record->count;
    }
    return inputs;
}

static pf_status write_record(void *user, const void *bytes, size_t size, pf_diagnostics *diagnostics)
{
    const member_writer *w = user;
    pf_sweep_record record;
    if (!pf_sweep_record_read(w->plan, bytes, size, &record))
        return pf_error(diagnostics, (pf_mark){0}, "a record of the sweep's log is not what it should be");
    double *parameters = w->has_parameters ? parameters_of(w, &record) : NULL;
    pf_status status = pf_store_member_rows(w->store, record.members, record.count, record.cells, parameters);
    free(parameters);
    return status;
}

static const uint32_t *kept_indicators(const group *g, size_t *count)
{
    const pf_compiled *m = g->plan->model;
    uint32_t *rows = PF_ARRAY(g->arena, uint32_t, m->indicator_count);
    *count = 0;
    for (size_t v = 0; v < m->indicator_count; v++)
        if (g->plan->keep != PF_KEEP_STATISTICS || m->indicators[v].headline) rows[(*count)++] = (uint32_t)v;
    return rows;
}

static pf_status write_members(group *g, pf_store *store, pf_diagnostics *diagnostics)
{
    const pf_sweep_plan *plan = g->plan;
    pf_range members = {0, plan->sample_members};
    pf_result_members written = {.axes = axes_of(g, &plan->kept.second),
                                 .by_step = plan->kept.second.by_step,
                                 .ranges = &members,
                                 .range_count = 1};
    if (!plan->sample_members || !plan->sample_cell_count) return PF_OK;
    if (plan->keep == PF_KEEP_STATISTICS) {
        written.axes.parks += written.axes.park_count - 1;
        written.axes.park_count = 1;
    }
    written.variables = kept_indicators(g, &written.variable_count);
    written.has_parameters = members.count * g->file->header.parameter_count <= PARAMETER_BYTES / sizeof(double);
    pf_store_members(store, &written);
    member_writer w = {plan, store, written.has_parameters};
    pf_status status = PF_OK;
    for (size_t i = 0; i < g->file->part_count && !status; i++)
        status = pf_part_records(g->file->parts[i], write_record, &w, diagnostics);
    return status;
}

/* --- members that failed --- */

/* What a replay says, without its place. */
static const char *cause_of(const group *g, const pf_failed_member *failure, const char *when)
{
    const pf_compiled *m = g->plan->model;
    const pf_scenario_row *row = &m->scenarios[g->plan->scenarios[failure->scenario]];
    double *drawn = pf_doubles(m->input_count), *lane = pf_doubles(m->input_count);
    pf_diagnostics *said = pf_diagnostics_new();
    pf_design_draw(g->plan->design, &failure->member, 1, drawn, 1);
    pf_set_lane(m->input_count, row->switches, drawn, 1, lane);
    pf_replay(g->plan->kernel, lane, failure->fault, when, row->name, said);
    const char *text = pf_first_error(said);
    const char *cause = text ? pf_format(g->arena, "%s", text) : "";
    pf_diagnostics_free(said);
    free(drawn);
    free(lane);
    return cause;
}

static void write_failures(const group *g, pf_store *store, pf_sweep_state *state)
{
    const pf_compiled *m = g->plan->model;
    pf_sweep_keep_failures(state);
    if (!state->failure_count) return;
    pf_result_fault *faults = pf_calloc(state->failure_count, sizeof *faults);
    for (size_t i = 0; i < state->failure_count; i++) {
        const pf_failed_member *f = &state->failures[i];
        const char *when = pf_step_text(g->arena, &m->scenario->calendar, f->fault.step);
        faults[i] = (pf_result_fault){f->member, m->scenarios[g->plan->scenarios[f->scenario]].name, when,
                                      cause_of(g, f, when)};
    }
    pf_store_faults(store, faults, state->failure_count);
    free(faults);
}

pf_status pf_sweep_write(const pf_sweep_plan *plan, pf_sweep_state *state, const pf_sweep_file *file,
                         pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    group levels = {.plan = plan, .file = file, .arena = arena}, changes = levels;
    changes.changes = true;
    pf_status status = PF_FAILED;
    pf_store *store = pf_store_begin(file->path, &file->header, diagnostics);
    if (!store) goto done;
    double *rows = pf_collected_rows(file->medians), *parameters = pf_collected_parameters(file->medians);
    pf_store_medians(store, rows, parameters);
    free(rows);
    free(parameters);
    write_group(&levels, store, state);
    write_group(&changes, store, state);
    status = write_members(&levels, store, diagnostics);
    if (!status) write_failures(&levels, store, state);
    if (!status || pf_store_failed(store)) status = pf_store_end(store, diagnostics);
    else pf_store_abandon(store);
done:
    pf_arena_free(arena);
    return status;
}
