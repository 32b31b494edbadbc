/* From the values of a game to shares: unit by unit, then all parks together, for one member after another. */
#include "analysis/attribution.h"

#include "analysis/shapley.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One member's values, and where its shares go. */
typedef struct {
    const pf_attribution *a;
    const pf_game_values *values;
    size_t member;
    double *shares, *changes, *half_widths; /* the last may be NULL */
} job;

static double value_of(const job *j, uint64_t row, size_t unit, size_t period)
{
    return pf_game_row(j->values, j->member, row)[unit * j->a->periods + period];
}

static bool is_ratio(const pf_attribution *a, size_t indicator)
{
    const pf_game_request *r = a->game->request;
    return r->players->model->indicators[r->indicators[indicator]].numerator >= 0;
}

/* ---- all subsets ---- */

/* The players of a unit, and the row of each of their subsets. */
static size_t list_players(const pf_game *g, const bool *players, size_t *list, uint64_t *rows)
{
    size_t n = 0;
    for (size_t p = 0; p < g->request->players->count; p++)
        if (players[p]) list[n++] = p;
    rows[0] = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t s = 0; s < (size_t)1 << i; s++) rows[(size_t)1 << i | s] = rows[s] | pf_game_bit(g, list[i]);
    return n;
}

static void share_unit(const job *j, size_t unit)
{
    const pf_unit_of_game *u = &j->a->game->units[unit];
    size_t list[PF_SHAPLEY_MOST], subsets = (size_t)1 << u->player_count;
    uint64_t *rows = pf_calloc(subsets, sizeof *rows);
    double *values = pf_doubles(j->a->periods * subsets), shares[PF_SHAPLEY_MOST];
    size_t n = list_players(j->a->game, u->players, list, rows);
    for (size_t s = 0; s < subsets; s++) /* rows are long: each is looked at once */
        for (size_t t = 0; t < j->a->periods; t++) values[t * subsets + s] = value_of(j, rows[s], unit, t);
    for (size_t t = 0; t < j->a->periods; t++) {
        const double *v = values + t * subsets;
        pf_shapley(v, n, shares);
        for (size_t i = 0; i < n; i++) j->shares[pf_share_row(j->a, list[i], u->indicator, u->park, t)] = shares[i];
        j->changes[pf_change_row(j->a, u->indicator, u->park, t)] = v[subsets - 1] - v[0];
    }
    free(rows);
    free(values);
}

/* ---- a sample of orders ---- */

/* added [permutation][player], onto what is there. */
static void add_marginals(const job *j, size_t unit, size_t period, double *added)
{
    const pf_game *g = j->a->game;
    size_t n = j->a->players;
    uint32_t order[PF_MOST_SAMPLED];
    double v[PF_MOST_SAMPLED + 1], of_order[PF_MOST_SAMPLED];
    v[0] = value_of(j, 0, unit, period);
    v[n] = value_of(j, 1, unit, period);
    for (size_t p = 0; p < g->permutations; p++) {
        for (size_t i = 1; i < n; i++) v[i] = value_of(j, 2 + p * (n - 1) + i - 1, unit, period);
        pf_permutation(g->seed, p, n, order);
        pf_marginals(v, n, order, of_order);
        for (size_t i = 0; i < n; i++) added[p * n + i] += of_order[i];
    }
}

static void put_means(const job *j, const double *added, size_t indicator, size_t park, size_t period)
{
    double means[PF_MOST_SAMPLED], half_widths[PF_MOST_SAMPLED];
    pf_pair_means(added, j->a->game->permutations, j->a->players, means, half_widths);
    for (size_t i = 0; i < j->a->players; i++) {
        size_t row = pf_share_row(j->a, i, indicator, park, period);
        j->shares[row] = means[i];
        if (j->half_widths) j->half_widths[row] = half_widths[i];
    }
}

/* The units of an indicator, and of a sum all parks together. */
static void share_sampled(const job *j, size_t indicator, size_t period)
{
    const pf_game *g = j->a->game;
    size_t n = j->a->players, all = j->a->parks - 1, count = g->permutations * n;
    double *added = pf_doubles(count), *together = pf_doubles(count);
    for (size_t u = 0; u < g->unit_count; u++) {
        const pf_unit_of_game *unit = &g->units[u];
        if (unit->indicator != indicator) continue;
        memset(added, 0, count * sizeof *added);
        add_marginals(j, u, period, added);
        put_means(j, added, indicator, unit->park, period);
        j->changes[pf_change_row(j->a, indicator, unit->park, period)] =
            value_of(j, 1, u, period) - value_of(j, 0, u, period);
        for (size_t i = 0; i < count; i++) together[i] += added[i];
    }
    if (!is_ratio(j->a, indicator)) put_means(j, together, indicator, all, period);
    free(added);
    free(together);
}

/* ---- all parks together ---- */

static void add_parks(const pf_attribution *a, double *of_parks)
{
    double *all = of_parks + (a->parks - 1) * a->periods;
    for (size_t t = 0; t < a->periods; t++) {
        all[t] = 0;
        for (size_t p = 0; p + 1 < a->parks; p++) all[t] += of_parks[p * a->periods + t];
    }
}

/* Sums add up over parks, and so do their shares. */
static void share_member(const job *j)
{
    const pf_attribution *a = j->a;
    for (size_t u = 0; u < a->game->unit_count && !a->game->permutations; u++) share_unit(j, u);
    for (size_t i = 0; i < a->indicators; i++) {
        for (size_t t = 0; t < a->periods && a->game->permutations; t++) share_sampled(j, i, t);
        if (is_ratio(a, i)) continue;
        add_parks(a, j->changes + pf_change_row(a, i, 0, 0));
        for (size_t p = 0; p < a->players && !a->game->permutations; p++)
            add_parks(a, j->shares + pf_share_row(a, p, i, 0, 0));
    }
}

/* ---- members ---- */

static pf_status share_medians(pf_attribution *a, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = a->game->request->players->model;
    size_t changes = a->indicators * a->parks * a->periods;
    pf_game_values values = {0};
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, diagnostics);
    pf_status status = design ? pf_game_run(a->game, design, 0, 1, &values, diagnostics, diagnostics) : PF_FAILED;
    if (!status && values.failures) status = PF_FAILED;
    a->shares = pf_doubles(pf_share_count(a));
    a->changes = pf_doubles(changes);
    if (a->game->permutations) a->half_widths = pf_doubles(pf_share_count(a));
    if (!status) share_member(&(job){a, &values, 0, a->shares, a->changes, a->half_widths});
    pf_game_values_free(&values);
    pf_design_free(design);
    return status;
}

/* Members that count stand without gaps. */
static void share_values(pf_attribution *a, const pf_game_values *values)
{
    size_t changes = a->indicators * a->parks * a->periods;
    for (size_t m = 0; m < values->count; m++) {
        if (values->failed[m]) {
            a->failed++;
            continue;
        }
        share_member(&(job){a, values, m, a->shares_of_members + a->members * pf_share_count(a),
                            a->changes_of_members + a->members * changes, NULL});
        a->members++;
    }
}

static pf_status share_members(pf_attribution *a, const pf_design *design, size_t members, pf_diagnostics *diagnostics)
{
    size_t at_once = pf_game_members_at_once(a->game);
    pf_status status = PF_OK;
    a->shares_of_members = pf_doubles(members * pf_share_count(a));
    a->changes_of_members = pf_doubles(members * a->indicators * a->parks * a->periods);
    for (size_t first = 0; first < members && !status; first += at_once) {
        size_t count = members - first < at_once ? members - first : at_once;
        pf_game_values values = {0};
        status = pf_game_run(a->game, design, first, count, &values, NULL, diagnostics);
        if (!status) share_values(a, &values);
        pf_game_values_free(&values);
    }
    return status;
}

pf_status pf_attribute(pf_attribution *self, const pf_game *game, const pf_design *design, size_t members,
                       pf_diagnostics *diagnostics)
{
    const pf_game_request *r = game->request;
    *self = (pf_attribution){.game = game,
                             .players = r->players->count,
                             .indicators = r->indicator_count,
                             .parks = r->players->model->park_count + 1,
                             .periods = game->period_count};
    pf_status status = share_medians(self, diagnostics);
    if (!status && design) status = share_members(self, design, members, diagnostics);
    if (!status && design && !self->members)
        status = pf_error(diagnostics, (pf_mark){0}, "all %zu members fail with some of the interventions", members);
    return status;
}

void pf_attribution_free(pf_attribution *self)
{
    free(self->shares);
    free(self->half_widths);
    free(self->changes);
    free(self->shares_of_members);
    free(self->changes_of_members);
}

/* ---- over members ---- */

pf_estimate pf_spread(const double *values, size_t count, size_t stride)
{
    double *sorted = pf_doubles(count + 1), sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i * stride])) sum += sorted[n++] = values[i * stride];
    pf_estimate of = {(double)NAN, (double)NAN, (double)NAN};
    if (n) {
        gsl_sort(sorted, 1, n);
        of = (pf_estimate){sum / (double)n, gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.05),
                           gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.95)};
    }
    free(sorted);
    return of;
}

pf_estimate pf_share_estimate(const pf_attribution *a, size_t row)
{
    if (a->members) return pf_spread(a->shares_of_members + row, a->members, pf_share_count(a));
    double half = a->half_widths ? a->half_widths[row] : (double)NAN;
    return (pf_estimate){a->shares[row], a->shares[row] - half, a->shares[row] + half};
}

pf_estimate pf_change_estimate(const pf_attribution *a, size_t row)
{
    if (a->members) return pf_spread(a->changes_of_members + row, a->members, a->indicators * a->parks * a->periods);
    return (pf_estimate){a->changes[row], (double)NAN, (double)NAN};
}
