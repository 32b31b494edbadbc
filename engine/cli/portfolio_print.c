/* The front, the alternatives near it, and how each intervention fares. */
#include "cli/portfolio_print.h"

#include "results/table.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const pf_portfolio_study *s;
    pf_arena *arena;
    FILE *out;
} printer;

static const pf_objective *objective(const printer *p, size_t o)
{
    return &p->s->request->objectives[o];
}

static const char *interval_text(pf_arena *arena, pf_estimate of)
{
    if (isnan(of.value)) return "-";
    const char *mean = pf_amount_text(arena, of.value);
    if (of.low == of.high) return mean;
    return pf_format(arena, "%s (%s .. %s)", mean, pf_amount_text(arena, of.low), pf_amount_text(arena, of.high));
}

/* An intervention is a letter in the tables: "ac" holds the first and the third. */
static const char *letters_of(const printer *p, size_t portfolio)
{
    char letters[PF_MOST_IN_PORTFOLIO + 1] = "";
    for (size_t i = 0; i < p->s->n; i++) letters[i] = portfolio >> i & 1 ? (char)('a' + i) : '.';
    return pf_format(p->arena, "  %s", letters);
}

/* ---- portfolios ---- */

static pf_table begin_portfolios(const printer *p)
{
    pf_table table = {
        .arena = p->arena, .columns = 1 + p->s->request->objective_count + (p->s->members > 0), .left_columns = 1};
    pf_table_add(&table, "");
    for (size_t o = 0; o < p->s->request->objective_count; o++)
        pf_table_add(&table, pf_format(p->arena, "%s [%s]", objective(p, o)->name, objective(p, o)->unit));
    if (p->s->members) pf_table_add(&table, "in fronts");
    return table;
}

static void add_portfolio(const printer *p, pf_table *table, size_t portfolio)
{
    size_t k = p->s->request->objective_count;
    pf_table_add(table, letters_of(p, portfolio));
    for (size_t o = 0; o < k; o++)
        pf_table_add(table, pf_amount_text(p->arena, p->s->values[portfolio * k + o] * objective(p, o)->sign));
    if (p->s->members)
        pf_table_add(table, pf_format(p->arena, "%.0f %%", 100 * p->s->fronts[portfolio] / (double)p->s->members));
}

typedef struct {
    double key;
    size_t portfolio;
} ranked;

static int by_key(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return a->portfolio < b->portfolio ? -1 : a->portfolio > b->portfolio;
}

/* From the least of the first objective to the greatest, evenly spread where there are many. */
static void print_front(const printer *p, size_t top)
{
    const pf_portfolio_study *s = p->s;
    pf_table table = begin_portfolios(p);
    ranked *order = pf_calloc(s->front + 1, sizeof *order);
    size_t count = 0, shown = s->front < top ? s->front : top;
    for (size_t i = 0; i < s->count; i++)
        if (s->in_front[i]) order[count++] = (ranked){s->values[i * s->request->objective_count], i};
    qsort(order, count, sizeof *order, by_key);
    for (size_t i = 0; i < shown; i++)
        add_portfolio(p, &table, order[shown > 1 ? i * (count - 1) / (shown - 1) : 0].portfolio);
    fprintf(p->out, "\n%zu of %zu portfolios are in the front: no other is as good in all and better in one%s\n",
            s->front, s->count, shown < s->front ? "; some of them" : "");
    pf_table_print(&table, p->out);
    free(order);
}

static void print_best(const printer *p)
{
    const pf_portfolio_study *s = p->s;
    const pf_objective *first = objective(p, 0);
    for (size_t o = 1; o < s->request->objective_count && !isnan(s->request->budget); o++) {
        pf_table table = begin_portfolios(p);
        fprintf(p->out, "\nThe best in %s with %s of at most %s %s\n", objective(p, o)->name, first->name,
                pf_amount_text(p->arena, s->request->budget), first->unit);
        if (s->best[o] != SIZE_MAX) add_portfolio(p, &table, s->best[o]);
        if (s->best[o] != SIZE_MAX) pf_table_print(&table, p->out);
        else fputs("  there is none\n", p->out);
        if (!s->members) continue;
        fprintf(p->out,
                "  in %.0f %% of the members it costs more; in the others it loses %s %s against their own best\n",
                100 * s->over_budget[o], interval_text(p->arena, s->regret[o]), objective(p, o)->unit);
    }
}

static void print_alternatives(const printer *p)
{
    const pf_portfolio_study *s = p->s;
    pf_table table = begin_portfolios(p);
    for (size_t i = 0; i < s->alternative_count; i++) add_portfolio(p, &table, s->alternatives[i]);
    fprintf(p->out, "\nNearly as good and most unlike each other: of %zu within %.3g %% of the front\n", s->near,
            100 * s->request->within);
    pf_table_print(&table, p->out);
}

/* ---- interventions ---- */

static void add_intervention(const printer *p, pf_table *table, size_t i, bool has_best)
{
    const pf_portfolio_study *s = p->s;
    const pf_player *player = &s->request->game->request->players->players[i];
    pf_table_add(table, pf_format(p->arena, "  %c  %s", (char)('a' + i), player->name));
    pf_table_add(table, pf_format(p->arena, "%.0f %%", 100 * s->in_fronts[i]));
    for (size_t o = 1; o < s->request->objective_count && has_best; o++) {
        const pf_in_portfolio *in = &s->in[o * s->n + i];
        pf_table_add(table, pf_format(p->arena, "%.0f %%", 100 * in->in_best));
        pf_table_add(table, interval_text(p->arena, in->with));
        pf_table_add(table, interval_text(p->arena, in->without));
    }
}

/* Robust is what is in most fronts; what the best loses without an intervention says what it is worth there. */
static void print_interventions(const printer *p)
{
    const pf_portfolio_study *s = p->s;
    bool has_best = !isnan(s->request->budget);
    size_t others = has_best ? s->request->objective_count - 1 : 0;
    pf_table table = {.arena = p->arena, .columns = 2 + 3 * others, .left_columns = 1};
    pf_table_add(&table, "  intervention");
    pf_table_add(&table, "share of the front");
    for (size_t o = 1; o <= others; o++) {
        pf_table_add(&table, pf_format(p->arena, "in best %s", objective(p, o)->name));
        pf_table_add(&table, "loss with it");
        pf_table_add(&table, "loss without");
    }
    for (size_t i = 0; i < s->n; i++) add_intervention(p, &table, i, has_best);
    fputs("\nInterventions\n", p->out);
    pf_table_print(&table, p->out);
}

void pf_portfolios_print(const pf_portfolio_study *s, size_t top, FILE *out)
{
    const pf_players *players = s->request->game->request->players;
    printer p = {s, players->model->scenario->arena, out};
    fprintf(out, "All %zu portfolios of the %zu interventions of %s, as changes against %s at the medians\n", s->count,
            s->n, players->model->scenarios[players->scenario].name, players->model->scenarios[players->against].name);
    print_interventions(&p);
    print_front(&p, top);
    print_best(&p);
    print_alternatives(&p);
}
