/* Sets a game up: which indicators hang on which players, which slots and rows that needs. */
#include "analysis/game.h"

#include "analysis/shapley.h"
#include "model/influence.h"

#include <stdlib.h>
#include <string.h>

enum { SETS = 64 }; /* that can be followed through a plan at once */

typedef struct {
    pf_game *game;
    const pf_compiled *model;
    pf_arena *arena;
    size_t players;
    uint64_t *influences[(PF_MOST_PLAYERS + SETS - 1) / SETS]; /* [outputs of the plan] */
    PF_LIST(pf_unit_of_game) units;
} builder;

/* ---- units ---- */

/* The first output of an indicator that is no ratio: they come by park. */
static size_t first_output(const pf_compiled *m, size_t indicator)
{
    size_t before = 0;
    for (size_t v = 0; v < indicator; v++) before += m->indicators[v].numerator < 0;
    return before * m->park_count;
}

/* Of a ratio, and over all parks together, whatever one of its parts hangs on. */
static void add_players(const builder *b, size_t indicator, size_t park, bool *players)
{
    const pf_indicator *v = &b->model->indicators[indicator];
    size_t parks = b->model->park_count, first = first_output(b->model, indicator);
    if (v->numerator >= 0) {
        add_players(b, (size_t)v->numerator, park, players);
        add_players(b, (size_t)v->denominator, park, players);
        return;
    }
    for (size_t p = 0; p < parks; p++)
        for (size_t i = 0; i < b->players && (p == park || park == parks); i++)
            players[i] |= b->influences[i / SETS][first + p] >> i % SETS & 1;
}

static void add_unit(builder *b, uint32_t place, uint32_t park)
{
    bool *players = PF_ARRAY(b->arena, bool, b->players);
    size_t count = 0;
    add_players(b, b->game->request->indicators[place], park, players);
    for (size_t i = 0; i < b->players; i++) count += players[i];
    if (count) *PF_PUSH(b->arena, b->units) = (pf_unit_of_game){place, park, players, count};
}

static void follow_players(builder *b)
{
    const pf_players *players = b->game->request->players;
    uint64_t *sets = pf_calloc(b->model->plan.inputs + 1, sizeof *sets);
    for (size_t first = 0; first < b->players; first += SETS) {
        memset(sets, 0, b->model->plan.inputs * sizeof *sets);
        for (size_t k = 0; k < players->switch_count; k++)
            if (players->player_of[k] / SETS == first / SETS)
                sets[players->switches[k].input] |= UINT64_C(1) << players->player_of[k] % SETS;
        b->influences[first / SETS] = pf_influences(&b->model->plan, sets);
    }
    free(sets);
}

static void find_units(builder *b)
{
    const pf_game_request *r = b->game->request;
    follow_players(b);
    for (uint32_t i = 0; i < r->indicator_count; i++) {
        bool is_ratio = b->model->indicators[r->indicators[i]].numerator >= 0;
        for (uint32_t p = 0; p < b->model->park_count + is_ratio; p++) add_unit(b, i, p);
    }
    for (size_t i = 0; i < b->players; i += SETS) free(b->influences[i / SETS]);
    b->game->units = b->units.items;
    b->game->unit_count = b->units.count;
    b->game->value_count = b->units.count * b->game->period_count;
}

/* ---- slots ---- */

/* [n][n]: have two players a unit in common? And how many such has each: [n]. */
static bool *find_conflicts(const pf_game *g, size_t n, size_t *degrees)
{
    bool *conflicts = pf_calloc(n * n, sizeof *conflicts);
    for (size_t u = 0; u < g->unit_count; u++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = 0; q < n; q++)
                conflicts[p * n + q] |= p != q && g->units[u].players[p] && g->units[u].players[q];
    for (size_t p = 0; p < n; p++)
        for (size_t q = 0; q < n; q++) degrees[p] += conflicts[p * n + q];
    return conflicts;
}

/* The lowest slot that none of those in conflict, to whom one was given, has. */
static unsigned free_slot(const pf_game *g, const bool *conflicts, const bool *given, size_t n)
{
    for (unsigned slot = 0;; slot++) {
        bool is_taken = false;
        for (size_t p = 0; p < n; p++) is_taken |= given[p] && conflicts[p] && g->slot_of[p] == slot;
        if (!is_taken) return slot;
    }
}

/* Those with most conflicts first (Welsh and Powell 1967). */
static void give_slots(pf_game *g, pf_arena *arena)
{
    size_t n = g->request->players->count, *degrees = pf_calloc(n, sizeof *degrees);
    bool *conflicts = find_conflicts(g, n, degrees), *given = pf_calloc(n, sizeof *given);
    g->slot_of = PF_ARRAY(arena, unsigned, n);
    for (size_t round = 0; round < n; round++) {
        size_t next = n;
        for (size_t p = 0; p < n; p++)
            if (!given[p] && (next == n || degrees[p] > degrees[next])) next = p;
        g->slot_of[next] = free_slot(g, conflicts + next * n, given, n);
        if (g->slot_of[next] >= g->slots) g->slots = g->slot_of[next] + 1;
        given[next] = true;
    }
    free(conflicts);
    free(degrees);
    free(given);
}

/* ---- a sample of orders ---- */

/* Rows: nobody, all, then each order's subsets of 1 to n - 1 players. */
static void draw_orders(pf_game *g, size_t permutations, uint64_t seed, pf_arena *arena)
{
    size_t n = g->request->players->count, row = 0;
    uint32_t *order = PF_ARRAY(arena, uint32_t, n);
    g->permutations = permutations;
    g->seed = seed;
    g->slots = (unsigned)n;
    g->row_count = 2 + (uint64_t)permutations * (n - 1);
    g->rows = PF_ARRAY(arena, uint64_t, g->row_count);
    g->rows[row++] = 0;
    g->rows[row++] = n == PF_MOST_SAMPLED ? UINT64_MAX : (UINT64_C(1) << n) - 1;
    for (size_t p = 0; p < n; p++) g->slot_of[p] = (unsigned)p;
    for (size_t j = 0; j < permutations; j++) {
        uint64_t subset = 0;
        pf_permutation(seed, j, n, order);
        for (size_t i = 0; i + 1 < n; i++) g->rows[row++] = subset |= UINT64_C(1) << order[i];
    }
}

static void set_switches(pf_game *g, pf_arena *arena)
{
    const pf_players *players = g->request->players;
    g->switches = PF_ARRAY(arena, pf_switch, players->switch_count);
    for (size_t k = 0; k < players->switch_count; k++) {
        g->switches[k] = players->switches[k];
        g->switches[k].slot = g->slot_of[players->player_of[k]];
    }
}

static void keep_periods(pf_game *g, pf_arena *arena)
{
    uint32_t *all = PF_ARRAY(arena, uint32_t, g->reduction.period_count);
    for (uint32_t p = 0; p < g->reduction.period_count; p++) all[p] = p;
    g->periods = g->request->periods ? g->request->periods : all;
    g->period_count = g->request->periods ? g->request->period_count : g->reduction.period_count;
}

static pf_status too_many(const pf_game *g, pf_diagnostics *diagnostics)
{
    const pf_players *players = g->request->players;
    return pf_error(diagnostics, (pf_mark){0},
                    "%u interventions of '%s' bear on one indicator, at most %u can be taken in all combinations: put "
                    "some together by --group NAME=PATTERN or --by scenario",
                    g->slots, players->model->scenarios[players->scenario].name, g->request->most_slots);
}

/* A member's values must fit into memory. */
static pf_status check_size(const pf_game *g, pf_diagnostics *diagnostics)
{
    static const double most = 4e9;
    double bytes = (double)g->row_count * (double)g->value_count * sizeof(double);
    if (bytes <= most) return PF_OK;
    return pf_error(diagnostics, (pf_mark){0},
                    "the values of %llu combinations would take %.0f GB: choose fewer indicators, or put interventions "
                    "together by --group NAME=PATTERN",
                    (unsigned long long)g->row_count, bytes * 1e-9);
}

pf_game *pf_game_new(const pf_game_request *request, size_t permutations, uint64_t seed, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = request->players->model;
    pf_arena *arena = m->scenario->arena;
    pf_game *g = PF_NEW(arena, pf_game);
    *g = (pf_game){.request = request, .reduction = pf_reduction_by_year(m)};
    builder b = {.game = g, .model = m, .arena = arena, .players = request->players->count};
    keep_periods(g, arena);
    find_units(&b);
    give_slots(g, arena);
    bool fits = g->slots <= request->most_slots;
    if (request->players->count > PF_MOST_SAMPLED) permutations = 0;
    if (fits) g->row_count = UINT64_C(1) << g->slots;
    else if (permutations) draw_orders(g, permutations, seed, arena);
    else too_many(g, diagnostics);
    if ((!fits && !permutations) || check_size(g, diagnostics)) return NULL;
    set_switches(g, arena);
    return g;
}
