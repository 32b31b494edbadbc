/* Names and arrays of portfolios: which interventions each holds, what it comes to, whether it is in the front. */
#include "analysis/portfolio_store.h"

#include "results/analysis_group.h"

#include <math.h>

enum { MOST_STORED = 1 << 16 };

typedef struct {
    const pf_portfolio_study *s;
    const pf_compiled *model;
    pf_arena *arena;
    size_t *rows; /* the portfolios that are stored */
    size_t count;
    pf_analysis_group group;
} table;

/* ---- which ---- */

static bool is_alternative(const pf_portfolio_study *s, size_t portfolio)
{
    for (size_t i = 0; i < s->alternative_count; i++)
        if (s->alternatives[i] == portfolio) return true;
    return false;
}

static bool is_chosen(const pf_portfolio_study *s, size_t p)
{
    bool is_best = false;
    for (size_t o = 1; o < s->request->objective_count; o++) is_best |= s->best[o] == p;
    return s->in_front[p] || is_best || is_alternative(s, p) || p == 0 || p + 1 == s->count;
}

static void choose_rows(table *t)
{
    const pf_portfolio_study *s = t->s;
    bool all = s->count <= MOST_STORED, near = !all && s->near <= MOST_STORED;
    t->rows = PF_ARRAY(t->arena, size_t, s->count);
    for (size_t p = 0; p < s->count; p++)
        if (all || (near && s->is_near[p]) || is_chosen(s, p)) t->rows[t->count++] = p;
}

/* ---- dimensions ---- */

static void add_places(table *t)
{
    const pf_portfolio_study *s = t->s;
    const pf_players *players = s->request->game->request->players;
    size_t k = s->request->objective_count;
    double *subsets = PF_ARRAY(t->arena, double, t->count);
    const char **names = PF_ARRAY(t->arena, const char *, s->n), **titles = PF_ARRAY(t->arena, const char *, s->n),
               **objectives = PF_ARRAY(t->arena, const char *, k), **units = PF_ARRAY(t->arena, const char *, k),
               **senses = PF_ARRAY(t->arena, const char *, k);
    for (size_t i = 0; i < t->count; i++) subsets[i] = (double)t->rows[i];
    for (size_t i = 0; i < s->n; i++) names[i] = players->players[i].name, titles[i] = players->players[i].title;
    for (size_t o = 0; o < k; o++) {
        objectives[o] = s->request->objectives[o].name;
        units[o] = s->request->objectives[o].unit;
        senses[o] = s->request->objectives[o].sign > 0 ? "min" : "max";
    }
    pf_group_add_dimension(&t->group, "portfolio", NULL, subsets, t->count);
    pf_group_add_dimension(&t->group, "intervention", names, NULL, s->n);
    pf_group_add_dimension(&t->group, "objective", objectives, NULL, k);
    pf_group_add(&t->group, (pf_analysis_variable){.name = "intervention_title",
                                                   .long_name = "title",
                                                   .dimensions = "intervention",
                                                   .texts = titles});
    pf_group_add(&t->group,
                 (pf_analysis_variable){
                     .name = "objective_unit", .long_name = "unit", .dimensions = "objective", .texts = units});
    pf_group_add(&t->group, (pf_analysis_variable){.name = "objective_sense",
                                                   .long_name = "min: the smaller the better",
                                                   .dimensions = "objective",
                                                   .texts = senses});
}

/* ---- by portfolio ---- */

typedef double flag_of(const pf_portfolio_study *s, size_t portfolio);

static double front_of(const pf_portfolio_study *s, size_t p)
{
    return s->in_front[p];
}
static double near_of(const pf_portfolio_study *s, size_t p)
{
    return s->is_near[p];
}
static double alternative_of(const pf_portfolio_study *s, size_t p)
{
    return is_alternative(s, p);
}
static double fronts_of(const pf_portfolio_study *s, size_t p)
{
    return s->fronts && s->members ? s->fronts[p] / (double)s->members : (double)NAN;
}

static void add_flag(table *t, const char *name, const char *title, flag_of *of)
{
    double *values = PF_ARRAY(t->arena, double, t->count);
    for (size_t i = 0; i < t->count; i++) values[i] = of(t->s, t->rows[i]);
    pf_group_add(&t->group,
                 (pf_analysis_variable){
                     .name = name, .long_name = title, .units = "1", .dimensions = "portfolio", .values = values});
}

static void add_values(table *t)
{
    const pf_portfolio_study *s = t->s;
    size_t k = s->request->objective_count;
    double *values = PF_ARRAY(t->arena, double, t->count *k), *holds = PF_ARRAY(t->arena, double, t->count * s->n);
    for (size_t i = 0; i < t->count; i++) {
        for (size_t o = 0; o < k; o++)
            values[i * k + o] = s->values[t->rows[i] * k + o] * s->request->objectives[o].sign + 0.0;
        for (size_t p = 0; p < s->n; p++) holds[i * s->n + p] = (double)(t->rows[i] >> p & 1);
    }
    pf_group_add(&t->group,
                 (pf_analysis_variable){.name = "change",
                                        .long_name = "change of the objective against none of the interventions",
                                        .comment = "in objective_unit, at the medians",
                                        .dimensions = "portfolio objective",
                                        .values = values});
    pf_group_add(&t->group, (pf_analysis_variable){.name = "holds",
                                                   .long_name = "1: the portfolio holds the intervention",
                                                   .units = "1",
                                                   .dimensions = "portfolio intervention",
                                                   .values = holds});
}

/* ---- by intervention and objective ---- */

static void add_estimates(table *t, const char *name, const char *title, const char *dimensions, const pf_estimate *all)
{
    pf_group_add(&t->group, (pf_analysis_variable){.name = name,
                                                   .long_name = title,
                                                   .comment = "in objective_unit; 0: no loss",
                                                   .dimensions = dimensions,
                                                   .values = (const double *)all,
                                                   .has_interval = true});
}

static void add_losses(table *t)
{
    const pf_portfolio_study *s = t->s;
    size_t k = s->request->objective_count, count = k * s->n;
    double *in_best = PF_ARRAY(t->arena, double, count), *over = PF_ARRAY(t->arena, double, k);
    pf_estimate *with = PF_ARRAY(t->arena, pf_estimate, count), *without = PF_ARRAY(t->arena, pf_estimate, count),
                *regret = PF_ARRAY(t->arena, pf_estimate, k), none = {NAN, NAN, NAN};
    for (size_t i = 0; i < count; i++) {
        bool has = i >= s->n;
        in_best[i] = has ? s->in[i].in_best : (double)NAN;
        with[i] = has ? s->in[i].with : none;
        without[i] = has ? s->in[i].without : none;
    }
    for (size_t o = 0; o < k; o++) over[o] = o ? s->over_budget[o] : (double)NAN, regret[o] = o ? s->regret[o] : none;
    pf_group_add(&t->group,
                 (pf_analysis_variable){.name = "in_best",
                                        .long_name = "share of members whose best portfolio under the budget holds it",
                                        .units = "1",
                                        .dimensions = "objective intervention",
                                        .values = in_best});
    add_estimates(t, "loss_with", "what the best under the budget loses where it must hold the intervention",
                  "objective intervention", with);
    add_estimates(t, "loss_without", "what the best under the budget loses without the intervention",
                  "objective intervention", without);
    add_estimates(t, "regret", "what the medians' best loses against a member's own, where it is within the budget",
                  "objective", regret);
    pf_group_add(&t->group,
                 (pf_analysis_variable){.name = "over_budget",
                                        .long_name = "share of members in which the medians' best is beyond the budget",
                                        .units = "1",
                                        .dimensions = "objective",
                                        .values = over});
}

/* ---- the group ---- */

static void add_notes(table *t, const char *comment)
{
    const pf_players *players = t->s->request->game->request->players;
    pf_group_add_note(&t->group, "title", "Portfolios of interventions: all combinations and their Pareto front");
    pf_group_add_note(&t->group, "references",
                      "Kung, Luccio and Preparata 1975, On finding the maxima of a set of vectors");
    pf_group_add_note(&t->group, "scenario", t->model->scenarios[players->scenario].name);
    pf_group_add_note(&t->group, "against", t->model->scenarios[players->against].name);
    pf_group_add_note(&t->group, "comment", comment);
    pf_group_add_note(&t->group, "budget",
                      isnan(t->s->request->budget) ? NULL : pf_format(t->arena, "%.17g", t->s->request->budget));
    pf_group_add_note(&t->group, "within", pf_format(t->arena, "%.17g", t->s->request->within));
    pf_group_add_note(&t->group, "portfolios", pf_format(t->arena, "%zu", t->s->count));
    pf_group_add_note(&t->group, "members", pf_format(t->arena, "%zu", t->s->members));
    pf_group_add_note(&t->group, "members_failed", pf_format(t->arena, "%zu", t->s->failed));
}

pf_analysis pf_portfolio_group(const pf_portfolio_study *s, const char *comment)
{
    const pf_compiled *m = s->request->game->request->players->model;
    table t = {.s = s, .model = m, .arena = m->scenario->arena, .group.arena = m->scenario->arena};
    choose_rows(&t);
    add_places(&t);
    add_values(&t);
    add_flag(&t, "in_front", "1: no other portfolio beats it", front_of);
    add_flag(&t, "is_near", "1: within a margin of the front", near_of);
    add_flag(&t, "is_alternative", "1: chosen as near the front and unlike the others", alternative_of);
    if (s->members) add_flag(&t, "front_share", "share of members in whose front it is", fronts_of);
    pf_group_add(&t.group, (pf_analysis_variable){.name = "front_holds",
                                                  .long_name = "share of the front's portfolios that hold it",
                                                  .units = "1",
                                                  .dimensions = "intervention",
                                                  .values = s->in_fronts});
    if (!isnan(s->request->budget) && s->request->objective_count > 1) add_losses(&t);
    add_notes(&t, comment);
    return pf_group_finish(&t.group, "portfolio",
                           s->members ? "range from 5 % to 95 % over members" : "value at the medians");
}
