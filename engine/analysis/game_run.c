/* Runs the rows of a game for members of a design, and keeps what its units come to. */
#include "analysis/game.h"

#include <stdlib.h>
#include <string.h>
#include <threads.h>

static const size_t VALUE_BYTES = (size_t)512 << 20; /* of the members that are held at once */

/* What the threads put their batches into; each lane has a place of its own. */
typedef struct {
    pf_game_values *out;
    uint64_t first_fault; /* a number of the run */
    pf_fault fault;
    mtx_t lock; /* of failures */
} taker;

static void note_fault(taker *t, uint64_t number, size_t member, pf_fault fault)
{
    mtx_lock(&t->lock);
    t->out->failures += !t->out->failed[member];
    t->out->failed[member] = true;
    if (t->fault.kind == PF_NO_FAULT || number < t->first_fault) {
        t->fault = fault;
        t->first_fault = number;
    }
    mtx_unlock(&t->lock);
}

static void keep(const pf_game *g, const pf_batch *batch, size_t lane, double *to)
{
    const pf_reduction *r = &g->reduction;
    for (size_t u = 0; u < g->unit_count; u++) {
        size_t indicator = g->request->indicators[g->units[u].indicator];
        for (size_t p = 0; p < g->period_count; p++)
            *to++ = batch->cells[pf_cell(r, indicator, g->units[u].park, g->periods[p]) * batch->count + lane];
    }
}

static pf_status take(void *self, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    taker *t = self;
    const pf_game *g = t->out->game;
    (void)diagnostics;
    for (size_t lane = 0; lane < batch->count; lane++) {
        uint64_t number = batch->members[lane] - t->out->first * g->row_count;
        keep(g, batch, lane, t->out->values + number * g->value_count);
        if (batch->faults[lane].kind != PF_NO_FAULT)
            note_fault(t, batch->members[lane], (size_t)(number / g->row_count), batch->faults[lane]);
    }
    if (g->request->progress) g->request->progress(g->request->user, batch->count);
    return PF_OK;
}

/* "member 3, with a, b": which players are in, of those that share slots all. */
static const char *lane_text(const pf_game *g, uint64_t number, bool is_member)
{
    const pf_players *players = g->request->players;
    pf_arena *arena = players->model->scenario->arena;
    uint64_t row = number % g->row_count, slots = g->rows ? g->rows[row] : row;
    const char *names = "";
    for (size_t p = 0; p < players->count; p++)
        if (slots >> g->slot_of[p] & 1)
            names = pf_format(arena, "%s%s%s", names, *names ? ", " : "", players->players[p].name);
    const char *with = *names ? pf_format(arena, "with %s only", names) : "without any of them";
    if (!is_member) return pf_format(arena, "scenario %s %s", players->model->scenarios[players->scenario].name, with);
    return pf_format(arena, "member %llu, scenario %s %s", (unsigned long long)(number / g->row_count),
                     players->model->scenarios[players->scenario].name, with);
}

static void explain_fault(const taker *t, pf_draws draws, bool is_member, pf_diagnostics *faults)
{
    const pf_game *g = t->out->game;
    const pf_compiled *m = g->request->players->model;
    double *lane = pf_doubles(m->plan.inputs);
    draws.draw(draws.self, &t->first_fault, 1, lane, 1);
    pf_replay(g->request->kernel, lane, t->fault,
              pf_step_text(m->scenario->arena, &m->scenario->calendar, t->fault.step),
              lane_text(g, t->first_fault, is_member), faults);
    free(lane);
}

static size_t bytes_of_member(const pf_game *g)
{
    return (size_t)g->row_count * g->value_count * sizeof(double);
}

size_t pf_game_members_at_once(const pf_game *g)
{
    size_t bytes = bytes_of_member(g);
    return bytes && bytes < VALUE_BYTES ? VALUE_BYTES / bytes : 1;
}

pf_status pf_game_run(const pf_game *g, const pf_design *design, uint64_t first, size_t count, pf_game_values *out,
                      pf_diagnostics *faults, pf_diagnostics *diagnostics)
{
    const pf_players *players = g->request->players;
    const pf_compiled *m = players->model;
    pf_subsets subsets = {.design = design,
                          .input_count = m->input_count,
                          .base = m->scenarios[players->against].switches,
                          .switches = g->switches,
                          .switch_count = players->switch_count,
                          .rows = g->rows,
                          .row_count = g->row_count};
    double *setting = pf_all_as_drawn(m->input_count);
    const double *const settings[] = {setting};
    pf_run_options options = {.ranges = &(pf_range){first * g->row_count, count * g->row_count},
                              .range_count = 1,
                              .settings = settings,
                              .scenario_count = 1,
                              .threads = g->request->threads};
    *out = (pf_game_values){.game = g, .first = first, .count = count};
    out->values = pf_doubles(count * (size_t)g->row_count * g->value_count);
    out->failed = pf_calloc(count, sizeof *out->failed);
    taker t = {.out = out};
    mtx_init(&t.lock, mtx_plain);
    pf_status status = pf_run(g->request->kernel, &m->plan, &options, pf_subset_draws(&subsets),
                              pf_reducer_of(&g->reduction), (pf_sink){&t, take}, diagnostics);
    if (!status && out->failures && faults)
        explain_fault(&t, pf_subset_draws(&subsets), strcmp(pf_design_name(design), "median") != 0, faults);
    mtx_destroy(&t.lock);
    free(setting);
    return status;
}

void pf_game_values_free(pf_game_values *values)
{
    free(values->values);
    free(values->failed);
    *values = (pf_game_values){0};
}
