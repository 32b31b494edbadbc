/* Tables of an attribution: shares by size, and costs from the cheapest up. */
#include "cli/attribute_print.h"

#include "results/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double key;
    size_t player;
} ranked;

static int by_key(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (isnan(a->key) || isnan(b->key)) return isnan(a->key) - isnan(b->key);
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return a->player < b->player ? -1 : a->player > b->player;
}

static const char *interval_text(pf_arena *arena, pf_estimate of)
{
    if (isnan(of.low) || isnan(of.high)) return "";
    return pf_format(arena, "%s .. %s", pf_amount_text(arena, of.low), pf_amount_text(arena, of.high));
}

static const char *share_text(pf_arena *arena, double part, double whole)
{
    return whole != 0 ? pf_format(arena, "%.1f %%", 100 * part / whole + 0.0) : "-";
}

/* ---- shares ---- */

static void add_row(pf_table *table, const char *name, pf_estimate of, double whole)
{
    pf_table_add(table, pf_format(table->arena, "  %s", name));
    pf_table_add(table, pf_amount_text(table->arena, of.value));
    pf_table_add(table, interval_text(table->arena, of));
    pf_table_add(table, share_text(table->arena, of.value, whole));
}

static void print_indicator(const pf_attribution *a, size_t indicator, size_t park, size_t period, size_t top,
                            FILE *out)
{
    const pf_game_request *r = a->game->request;
    const pf_compiled *m = r->players->model;
    const pf_indicator *about = &m->indicators[r->indicators[indicator]];
    pf_table table = {.arena = m->scenario->arena, .columns = 4, .left_columns = 1};
    ranked *order = pf_calloc(a->players, sizeof *order);
    size_t printed = 0;
    for (size_t p = 0; p < a->players; p++)
        order[p] = (ranked){-fabs(pf_share_estimate(a, pf_share_row(a, p, indicator, park, period)).value), p};
    qsort(order, a->players, sizeof *order, by_key);
    pf_estimate whole = pf_change_estimate(a, pf_change_row(a, indicator, park, period)), rest = {0, NAN, NAN};
    for (size_t i = 0; i < a->players; i++) {
        pf_estimate of = pf_share_estimate(a, pf_share_row(a, order[i].player, indicator, park, period));
        if (i < top && order[i].key < 0) add_row(&table, r->players->players[order[i].player].name, of, whole.value);
        else rest.value += of.value;
        printed += i < top && order[i].key < 0;
    }
    if (rest.value != 0) add_row(&table, pf_format(table.arena, "%zu more", a->players - printed), rest, whole.value);
    add_row(&table, "together", whole, whole.value);
    fprintf(out, "\n%s [%s], %s, %s%s\n", about->name, about->unit, a->game->reduction.periods[period].label,
            park + 1 == a->parks ? "all parks" : "park ", park + 1 == a->parks ? "" : m->parks[park].name);
    pf_table_print(&table, out);
    free(order);
}

void pf_attribution_print(const pf_attribution *a, size_t shown, size_t park, size_t period, size_t top, FILE *out)
{
    const pf_players *players = a->game->request->players;
    const pf_scenario_row *scenarios = players->model->scenarios;
    fprintf(out, "What %s changes against %s, by intervention: Shapley values, which count interactions.\n",
            scenarios[players->scenario].name, scenarios[players->against].name);
    for (size_t i = 0; i < shown; i++) print_indicator(a, i, park, period, top, out);
    if (scenarios[players->scenario].potential)
        fputs("A potential: it holds measures that nobody has carried out or chosen.\n", out);
}

/* ---- costs ---- */

static const char *rate_text(pf_arena *arena, const pf_abatement *of)
{
    if (of->rates == PF_NO_RATE) return "none";
    const char *percent = pf_format(arena, "%.1f %%", 100 * of->internal_rate);
    return of->rates == PF_ONE_RATE ? percent : "several";
}

static const char *range_text(pf_arena *arena, const pf_abatement_request *r, const double *values)
{
    const char *shown = pf_amount_text(arena, values[r->shown]);
    if (r->rate_count == 1 || isnan(values[0])) return shown;
    return pf_format(arena, "%s (%s .. %s)", shown, pf_amount_text(arena, values[0]),
                     pf_amount_text(arena, values[r->rate_count - 1]));
}

static void add_costs(pf_table *table, const char *name, const pf_abatement_request *r, const pf_abatement *of)
{
    pf_arena *arena = table->arena;
    pf_table_add(table, pf_format(arena, "  %s", name));
    pf_table_add(table, pf_amount_text(arena, of->avoided));
    pf_table_add(table, pf_amount_text(arena, of->capital));
    pf_table_add(table, range_text(arena, r, of->cost));
    pf_table_add(table, range_text(arena, r, of->present_value));
    pf_table_add(table, rate_text(arena, of));
    pf_table_add(table, isfinite(of->payback) ? pf_format(arena, "%.1f", of->payback) : "never");
}

static const char *last_year(const pf_attribution *a, const pf_abatement_request *r)
{
    return a->game->reduction.periods[r->years - 1].label;
}

static void print_heading(const pf_attribution *a, const pf_abatement_request *r, const pf_account *of, FILE *out)
{
    const pf_game_request *game = a->game->request;
    const char *gas = game->players->model->indicators[game->indicators[r->gases]].unit;
    fprintf(out, "\nWhat it costs%s%s (%s), at the medians: in %s, gases in %s of %s; real discount rate %.3g %%",
            of->name ? " " : "", of->name ? of->name : "", of->holds, of->unit, gas, last_year(a, r),
            100 * r->rates[r->shown]);
    if (r->rate_count > 1) fprintf(out, " (%.3g .. %.3g %%)", 100 * r->rates[0], 100 * r->rates[r->rate_count - 1]);
    fputc('\n', out);
}

/* Those of whom an actor feels nothing are not told of; the rest from the cheapest up. */
static size_t rank_costs(const pf_abatement *costs, size_t players, const pf_account *account, size_t shown,
                         ranked *order)
{
    size_t count = 0;
    for (size_t p = 0; p < players; p++)
        if (!account->name || !costs[p].is_nothing) order[count++] = (ranked){costs[p].cost[shown], p};
    qsort(order, count, sizeof *order, by_key);
    return count;
}

static void print_rest(const pf_attribution *a, const pf_account *account, size_t count, size_t top, FILE *out)
{
    if (top < count) fprintf(out, "  %zu more\n", count - top);
    if (count < a->players) fprintf(out, "  %zu move no money of %s\n", a->players - count, account->name);
}

void pf_abatement_print(const pf_attribution *a, const pf_abatement_request *r, const pf_account *account, size_t top,
                        FILE *out)
{
    static const char *const heading[] = {"  intervention", "avoided",       "capital",       "cost per unit avoided",
                                          "present value",  "internal rate", "payback, years"};
    const pf_players *players = a->game->request->players;
    pf_table table = {
        .arena = players->model->scenario->arena, .columns = sizeof heading / sizeof *heading, .left_columns = 1};
    ranked *order = pf_calloc(a->players, sizeof *order);
    pf_abatement *costs = pf_calloc(a->players, sizeof *costs);
    for (size_t p = 0; p < a->players; p++) costs[p] = pf_abate(a, a->shares, r, account, p);
    size_t count = rank_costs(costs, a->players, account, r->shown, order);
    for (size_t c = 0; c < table.columns; c++) pf_table_add(&table, heading[c]);
    for (size_t i = 0; i < count && i < top; i++)
        add_costs(&table, players->players[order[i].player].name, r, &costs[order[i].player]);
    print_heading(a, r, account, out);
    if (count) pf_table_print(&table, out);
    print_rest(a, account, count, top, out);
    free(costs);
    free(order);
}

void pf_abatement_notes_print(const pf_attribution *a, const pf_abatement_request *r, FILE *out)
{
    pf_arena *arena = a->game->request->players->model->scenario->arena;
    double left = pf_transfers_left(a, r);
    fprintf(out, "Below 0 a cost is a gain. Behind %s the running cost goes on for as long as the capital lasts.\n",
            last_year(a, r));
    if (left == 0) return;
    fprintf(
        out,
        "In %s what actors pay each other and what they receive differ by %s %s: society's cost leaves that out. What "
        "no actor receives belongs under `bears:`.\n",
        last_year(a, r), pf_amount_text(arena, fabs(left)), r->transfers.unit);
}
