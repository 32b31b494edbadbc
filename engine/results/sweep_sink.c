/* Takes finished members into the state of a sweep; several threads at once. */
#include "results/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A batch without the members that failed. */
typedef struct {
    const pf_sweep_plan *plan;
    const uint64_t *members;
    size_t count;
    const double *cells; /* [scenario][cell of the batch][count] */
    size_t cell_count;
} sound_batch;

static const double *scenario_cells(const sound_batch *b, size_t scenario)
{
    return b->cells + scenario * b->cell_count * b->count;
}

/* Statistics of the scenario and of its change, for which `change` [plan->cells][count] is room. */
static void add_scenario(pf_sweep_state *self, const sound_batch *b, size_t scenario, size_t change_row, double *change)
{
    const pf_sweep_plan *plan = self->plan;
    const double *levels = scenario_cells(b, scenario);
    int reference = plan->references[scenario];
    size_t values = plan->cells * b->count;
    const double *base = reference >= 0 ? scenario_cells(b, (size_t)reference) : NULL;
    for (size_t i = 0; base && i < values; i++) change[i] = levels[i] - base[i];
    mtx_lock(&self->locks[scenario]);
    pf_statistics_add(self->levels, scenario * plan->cells, plan->cells, levels, b->count, b->count);
    if (base) pf_statistics_add(self->changes, change_row * plan->cells, plan->cells, change, b->count, b->count);
    mtx_unlock(&self->locks[scenario]);
}

static void add_statistics(pf_sweep_state *self, const sound_batch *b)
{
    double *change = pf_malloc(self->plan->cells * b->count * sizeof *change);
    size_t change_row = 0;
    for (size_t s = 0; s < self->plan->scenario_count; s++) {
        add_scenario(self, b, s, change_row, change);
        change_row += self->plan->references[s] >= 0;
    }
    free(change);
}

/* The largest residual of a closure in any scenario, member and step. */
static double largest_residual(const sound_batch *b, size_t closure)
{
    const pf_reduction *r = &b->plan->kept.first;
    size_t steps = r->by_step ? r->period_count : 1;
    double most = 0;
    for (size_t s = 0; s < b->plan->scenario_count; s++) {
        const double *residuals = scenario_cells(b, s) + (r->closures + closure * steps) * b->count;
        for (size_t i = 0; i < steps * b->count; i++) most = fmax(most, fabs(residuals[i]));
    }
    return most;
}

static pf_status keep_members(const pf_sweep_state *self, const sound_batch *b, pf_diagnostics *diagnostics)
{
    const pf_sweep_plan *plan = self->plan;
    size_t kept = 0, offset = plan->one_reduction ? 0 : plan->kept.first.cells;
    while (kept < b->count && b->members[kept] < plan->sample_members) kept++;
    if (!kept || !plan->sample_cell_count) return PF_OK;
    size_t values = plan->scenario_count * plan->sample_cell_count * kept;
    size_t size = (1 + kept) * sizeof(uint64_t) + values * sizeof(double);
    uint64_t *record = pf_malloc(size), count = kept;
    double *to = (double *)(record + 1 + kept);
    memcpy(record, &count, sizeof count);
    memcpy(record + 1, b->members, kept * sizeof *record);
    for (size_t s = 0; s < plan->scenario_count; s++)
        for (size_t i = 0; i < plan->sample_cell_count; i++, to += kept)
            memcpy(to, scenario_cells(b, s) + (offset + plan->sample_cells[i]) * b->count, kept * sizeof *to);
    pf_status status = pf_part_append(self->part, kept, record, size, diagnostics);
    free(record);
    return status;
}

bool pf_sweep_record_read(const pf_sweep_plan *plan, const void *bytes, size_t size, pf_sweep_record *record)
{
    uint64_t count = 0;
    if (size >= sizeof count) memcpy(&count, bytes, sizeof count);
    size_t values = plan->scenario_count * plan->sample_cell_count;
    if (!count || count > size || size != sizeof count + (size_t)count * (sizeof count + values * sizeof(double)))
        return false;
    const uint64_t *words = bytes;
    *record = (pf_sweep_record){words + 1, (size_t)count, (const double *)(words + 1 + count)};
    return true;
}

/* The first scenario in which a member of the batch failed; the number of scenarios if in none. */
static size_t failed_in(const pf_batch *batch, size_t member)
{
    size_t s = 0;
    while (s < batch->scenarios && batch->faults[s * batch->count + member].kind == PF_NO_FAULT) s++;
    return s;
}

/* Replays the failure, so that the first expression at fault is named. */
static void report_failure(const pf_sweep_plan *plan, const pf_batch *batch, size_t member, size_t scenario,
                           pf_diagnostics *diagnostics)
{
    const pf_compiled *m = plan->model;
    const pf_scenario_row *row = &m->scenarios[plan->scenarios[scenario]];
    pf_fault fault = batch->faults[scenario * batch->count + member];
    pf_arena *arena = pf_arena_new();
    double *lane = pf_doubles(m->input_count);
    pf_set_lane(m->input_count, row->switches, batch->inputs + member, batch->count, lane);
    pf_replay(plan->kernel, lane, fault, pf_step_text(arena, &m->scenario->calendar, fault.step),
              pf_format(arena, "member %llu, scenario %s", (unsigned long long)batch->members[member], row->name),
              diagnostics);
    free(lane);
    pf_arena_free(arena);
}

/* Copies what did not fail; the buffer is released by free(). */
static double *leave_out(const pf_sweep_plan *plan, const pf_batch *batch, uint64_t *members, sound_batch *sound)
{
    size_t rows = batch->scenarios * batch->cell_count, count = 0;
    size_t *places = pf_calloc(batch->count, sizeof *places);
    for (size_t m = 0; m < batch->count; m++)
        if (failed_in(batch, m) == batch->scenarios) {
            members[count] = batch->members[m];
            places[count++] = m;
        }
    double *cells = pf_malloc(rows * count * sizeof *cells), *to = cells;
    for (size_t row = 0; row < rows; row++)
        for (size_t m = 0; m < count; m++) *to++ = batch->cells[row * batch->count + places[m]];
    *sound = (sound_batch){plan, members, count, cells, batch->cell_count};
    free(places);
    return cells;
}

static bool any_failed(const pf_batch *batch)
{
    for (size_t i = 0; i < batch->scenarios * batch->count; i++)
        if (batch->faults[i].kind != PF_NO_FAULT) return true;
    return false;
}

static void note_done(pf_sweep_state *self, const pf_batch *batch, const sound_batch *sound)
{
    const pf_sweep_plan *plan = self->plan;
    size_t closures = plan->model->closure_count;
    double *residuals = pf_doubles(closures);
    for (size_t i = 0; i < closures; i++) residuals[i] = largest_residual(sound, i);
    mtx_lock(&self->locks[plan->scenario_count]);
    for (size_t i = 0; i < closures; i++) self->closures[i] = fmax(self->closures[i], residuals[i]);
    for (size_t m = 0; m < batch->count; m++) {
        size_t scenario = failed_in(batch, m);
        pf_ranges_add(&self->done, batch->members[m], 1);
        if (scenario < batch->scenarios)
            pf_sweep_note_failure(self, (pf_failed_member){batch->members[m], (uint32_t)scenario,
                                                           batch->faults[scenario * batch->count + m]});
    }
    mtx_unlock(&self->locks[plan->scenario_count]);
    free(residuals);
}

static pf_status take(void *user, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    pf_sweep_state *self = user;
    sound_batch sound = {self->plan, batch->members, batch->count, batch->cells, batch->cell_count};
    uint64_t *members = NULL;
    double *copied = NULL;
    bool failed = any_failed(batch);
    for (size_t m = 0; failed && !self->plan->count_faults && m < batch->count; m++) {
        size_t scenario = failed_in(batch, m);
        if (scenario == batch->scenarios) continue;
        report_failure(self->plan, batch, m, scenario, diagnostics);
        return PF_FAILED;
    }
    if (failed) {
        members = pf_calloc(batch->count, sizeof *members);
        copied = leave_out(self->plan, batch, members, &sound);
    }
    pf_status status = self->part ? keep_members(self, &sound, diagnostics) : PF_OK;
    if (status == PF_OK) {
        add_statistics(self, &sound);
        note_done(self, batch, &sound);
    }
    free(members);
    free(copied);
    return status;
}

pf_sink pf_sweep_sink(pf_sweep_state *state)
{
    return (pf_sink){state, take};
}
