/* Names and arrays of an attribution, by player, park and period. */
#include "analysis/attribution_store.h"

#include "analysis/abatement_store.h"

typedef struct {
    const pf_attribution *a;
    const pf_compiled *model;
    pf_arena *arena;
    pf_analysis_group group;
} table;

/* ---- dimensions ---- */

static void add_texts(table *t, const char *name, const char *title, const char *const *texts)
{
    pf_group_add(&t->group, (pf_analysis_variable){
                                .name = name, .long_name = title, .dimensions = "intervention", .texts = texts});
}

static void add_players(table *t)
{
    const pf_players *players = t->a->game->request->players;
    const char **names = PF_ARRAY(t->arena, const char *, players->count),
               **titles = PF_ARRAY(t->arena, const char *, players->count),
               **vi = PF_ARRAY(t->arena, const char *, players->count),
               **holds = PF_ARRAY(t->arena, const char *, players->count);
    for (size_t p = 0; p < players->count; p++) {
        names[p] = players->players[p].name;
        titles[p] = players->players[p].title;
        vi[p] = players->players[p].title_vi;
        holds[p] = players->players[p].holds;
    }
    pf_group_add_dimension(&t->group, "intervention", names, NULL, players->count);
    add_texts(t, "intervention_title", "title", titles);
    add_texts(t, "intervention_title_vi", "title, Vietnamese", vi);
    add_texts(t, "intervention_holds", "the interventions that it stands for", holds);
}

static void add_places(table *t)
{
    const pf_reduction *r = &t->a->game->reduction;
    const char **parks = PF_ARRAY(t->arena, const char *, t->a->parks),
               **periods = PF_ARRAY(t->arena, const char *, t->a->periods);
    for (size_t p = 0; p + 1 < t->a->parks; p++) parks[p] = t->model->parks[p].name;
    parks[t->a->parks - 1] = "all";
    for (size_t p = 0; p < t->a->periods; p++) periods[p] = r->periods[p].label;
    pf_group_add_dimension(&t->group, "park", parks, NULL, t->a->parks);
    pf_group_add_dimension(&t->group, "period", periods, NULL, t->a->periods);
}

/* ---- shares ---- */

typedef pf_estimate estimate_of(const pf_attribution *a, size_t row);

/* Estimates as the writer takes them: in threes, or plain where there is no interval. */
static void add_estimates(table *t, pf_analysis_variable v, estimate_of *of, const size_t *rows, size_t count)
{
    pf_estimate *all = PF_ARRAY(t->arena, pf_estimate, count);
    double *plain = PF_ARRAY(t->arena, double, count);
    for (size_t i = 0; i < count; i++) {
        all[i] = of(t->a, rows[i]);
        plain[i] = all[i].value;
    }
    v.has_interval = t->a->members || (of == pf_share_estimate && t->a->half_widths);
    v.values = v.has_interval ? (const double *)all : plain;
    pf_group_add(&t->group, v);
}

static void add_plain(table *t, pf_analysis_variable v, const double *from, const size_t *rows, size_t count)
{
    double *values = PF_ARRAY(t->arena, double, count);
    for (size_t i = 0; i < count; i++) values[i] = from[rows[i]];
    v.values = values;
    pf_group_add(&t->group, v);
}

static void add_change(table *t, const pf_indicator *about, size_t indicator)
{
    size_t count = t->a->parks * t->a->periods, *rows = PF_ARRAY(t->arena, size_t, count);
    for (size_t i = 0; i < count; i++) rows[i] = pf_change_row(t->a, indicator, 0, 0) + i;
    pf_analysis_variable v = {.name = pf_format(t->arena, "%s_change", about->name),
                              .long_name = pf_format(t->arena, "%s: change against the reference", about->title),
                              .units = about->unit,
                              .dimensions = "park period"};
    add_estimates(t, v, pf_change_estimate, rows, count);
    if (!t->a->members) return;
    v.name = pf_format(t->arena, "%s_at_medians", v.name);
    add_plain(t, v, t->a->changes, rows, count);
}

static void add_shares(table *t, const pf_indicator *about, size_t indicator)
{
    size_t places = t->a->parks * t->a->periods, count = t->a->players * places,
           *rows = PF_ARRAY(t->arena, size_t, count);
    for (size_t i = 0; i < count; i++) rows[i] = pf_share_row(t->a, i / places, indicator, 0, 0) + i % places;
    pf_analysis_variable v = {.name = pf_format(t->arena, "%s_contribution", about->name),
                              .long_name = pf_format(t->arena, "%s: Shapley share of the change", about->title),
                              .units = about->unit,
                              .dimensions = "intervention park period"};
    add_estimates(t, v, pf_share_estimate, rows, count);
    if (!t->a->members) return;
    v.name = pf_format(t->arena, "%s_at_medians", v.name);
    add_plain(t, v, t->a->shares, rows, count);
}

/* ---- the group's own words ---- */

static void add_notes(table *t, const char *comment)
{
    const pf_game *g = t->a->game;
    const pf_players *players = g->request->players;
    pf_analysis_group *to = &t->group;
    pf_group_add_note(to, "title", "Attribution of a scenario's change to its interventions by Shapley values");
    pf_group_add_note(to, "references", "Shapley 1953, A value for n-person games");
    pf_group_add_note(to, "scenario", t->model->scenarios[players->scenario].name);
    pf_group_add_note(to, "against", t->model->scenarios[players->against].name);
    pf_group_add_note(to, "comment", comment);
    pf_group_add_note(to, "members", pf_format(t->arena, "%zu", t->a->members));
    pf_group_add_note(to, "members_failed", pf_format(t->arena, "%zu", t->a->failed));
    if (g->permutations) pf_group_add_note(to, "permutations", pf_format(t->arena, "%zu", g->permutations));
}

pf_analysis pf_attribution_group(const pf_attribution *a, const pf_abatement_request *request, const char *comment)
{
    const pf_game_request *r = a->game->request;
    const pf_compiled *m = r->players->model;
    table t = {.a = a, .model = m, .arena = m->scenario->arena, .group.arena = m->scenario->arena};
    add_players(&t);
    add_places(&t);
    for (size_t i = 0; i < a->indicators; i++) {
        add_change(&t, &m->indicators[r->indicators[i]], i);
        add_shares(&t, &m->indicators[r->indicators[i]], i);
    }
    if (request) pf_add_abatement(&t.group, a, request);
    add_notes(&t, comment);
    return pf_group_finish(&t.group, "attribute",
                           a->members ? "range from 5 % to 95 % over members" : "95 % interval of the sample");
}
