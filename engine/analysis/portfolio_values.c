/* Adds up over parks what each park's subset of players gives: the row of a subset is put together from two halves. */
#include "analysis/portfolio_values.h"

#include <stdlib.h>

enum { HALF = 10, HALVES = 1 << HALF };

/* Rows of the lower and the upper half of the players, of those that a unit hangs on. */
typedef struct {
    uint64_t lower[HALVES], upper[HALVES];
} row_table;

static void fill(const pf_game *g, const bool *players, row_table *t)
{
    size_t n = g->request->players->count;
    for (uint64_t half = 0; half < HALVES; half++) {
        t->lower[half] = t->upper[half] = 0;
        for (size_t p = 0; p < n; p++) {
            uint64_t *row = p < HALF ? &t->lower[half] : &t->upper[half];
            if (players[p] && half >> p % HALF & 1) *row |= pf_game_bit(g, p);
        }
    }
}

static void add_term(const pf_portfolio_request *r, const pf_game_values *values, size_t member, size_t unit,
                     size_t period, double weight, const row_table *rows, double *to)
{
    const pf_game *g = r->game;
    size_t count = (size_t)1 << g->request->players->count, at = unit * g->period_count + period;
    const double *v = values->values + member * g->row_count * g->value_count + at;
    for (size_t s = 0; s < count; s++) {
        uint64_t row = rows->lower[s % HALVES] | rows->upper[s / HALVES];
        to[s * r->objective_count] += weight * (v[row * g->value_count] - v[0]);
    }
}

void pf_portfolio_values(const pf_portfolio_request *r, const pf_game_values *values, size_t member, double *to)
{
    const pf_game *g = r->game;
    size_t count = ((size_t)1 << g->request->players->count) * r->objective_count;
    row_table *rows = pf_malloc(sizeof *rows);
    for (size_t i = 0; i < count; i++) to[i] = 0;
    for (size_t u = 0; u < g->unit_count; u++) {
        fill(g, g->units[u].players, rows);
        for (size_t o = 0; o < r->objective_count; o++)
            for (size_t k = 0; k < r->objectives[o].term_count; k++)
                if (r->objectives[o].terms[k].indicator == g->units[u].indicator)
                    add_term(r, values, member, u, r->objectives[o].terms[k].period,
                             r->objectives[o].sign * r->objectives[o].terms[k].weight, rows, to + o);
    }
    free(rows);
}
