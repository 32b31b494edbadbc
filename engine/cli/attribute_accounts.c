/* From indicators to cash flows: each part gets its place in the game and its sign, a cost above 0. */
#include "cli/attribute_accounts.h"

#include <string.h>

typedef PF_LIST(pf_cash_part) parts;

static pf_cash_parts finished(const parts *list)
{
    return (pf_cash_parts){list->items, list->count};
}

/* ---- the usual one: --capital and --running ---- */

/* The place of an indicator that must be a sum over time; SIZE_MAX, with a reason, if there is no such. */
static size_t want_sum(pf_game_job *j, const char *name, const char **why)
{
    const pf_compiled *m = j->options->input.model;
    int place = pf_want_indicator(j, name);
    if (place < 0) *why = pf_format(m->scenario->arena, "the model has no indicator %s", name);
    else if (strcmp(m->indicators[j->indicators[place]].method, "sum") != 0)
        *why = pf_format(m->scenario->arena, "%s is no sum over time", name);
    else return (size_t)place;
    return SIZE_MAX;
}

static const char *unit_at(const pf_game_job *j, size_t place)
{
    return j->options->input.model->indicators[j->indicators[place]].unit;
}

static const char *usual_words(pf_arena *arena, const char *capital, const char *running, const char *way)
{
    return pf_format(arena, "%s, %s%s", strcmp(capital, "none") != 0 ? capital : "no capital", running,
                     !strcmp(way, ":income")         ? " as income"
                     : !strcmp(way, ":with_capital") ? " with that capital"
                                                     : "");
}

/* NAME, NAME:income or NAME:with_capital: then the capital is taken off it. */
static bool find_usual(pf_game_job *j, pf_account *to, const char **why)
{
    pf_arena *arena = j->options->input.scenario->arena;
    const char *given = j->options->running ? j->options->running : "operating_cost",
               *spending = j->options->capital ? j->options->capital : "capital_cost", *way = strchr(given, ':');
    if (!way) way = given + strlen(given);
    const char *name = pf_copy_text(arena, given, (size_t)(way - given));
    parts spent = {0}, flow = {0};
    size_t capital = SIZE_MAX;
    if (strcmp(spending, "none") != 0) {
        capital = want_sum(j, spending, why);
        if (capital == SIZE_MAX) return false;
        *PF_PUSH(arena, spent) = (pf_cash_part){capital, 1};
    }
    size_t running = want_sum(j, name, why);
    if (running == SIZE_MAX) return false;
    *why = "capital and running cost have different units";
    if (capital != SIZE_MAX && strcmp(unit_at(j, capital), unit_at(j, running)) != 0) return false;
    *PF_PUSH(arena, flow) = (pf_cash_part){running, !strcmp(way, ":income") ? -1 : 1};
    if (capital != SIZE_MAX && !strcmp(way, ":with_capital")) *PF_PUSH(arena, flow) = (pf_cash_part){capital, -1};
    *to = (pf_account){.holds = usual_words(arena, spending, name, way),
                       .unit = unit_at(j, running),
                       .capital = finished(&spent),
                       .running = finished(&flow),
                       .basis = finished(&spent)};
    return true;
}

/* ---- actors ---- */

/* In places of the game, behind those of the list. */
static void add_parts(pf_game_job *j, const pf_actor_parts *of, double sign, parts *to)
{
    const pf_compiled *m = j->options->input.model;
    for (size_t i = 0; i < of->count; i++) {
        int place = pf_want_indicator(j, m->indicators[of->items[i].indicator].name);
        *PF_PUSH(m->scenario->arena, *to) = (pf_cash_part){(size_t)place, sign * of->items[i].scale};
    }
}

/* "pays payments; receives power_of_plants" */
static const char *with_words(const pf_compiled *m, const char *text, const char *key, const pf_actor_parts *of)
{
    pf_arena *arena = m->scenario->arena;
    if (of->count) text = pf_format(arena, "%s%s%s", text, *text ? "; " : "", key);
    for (size_t i = 0; i < of->count; i++)
        text = pf_format(arena, "%s%s%s", text, i ? ", " : " ", m->indicators[of->items[i].indicator].name);
    return text;
}

static pf_account account_of(pf_game_job *j, const pf_actor *actor)
{
    const pf_compiled *m = j->options->input.model;
    parts running = {0}, capital = {0};
    const char *holds = with_words(m, "", "pays", &actor->pays);
    holds = with_words(m, holds, "receives", &actor->receives);
    holds = with_words(m, holds, "bears", &actor->bears);
    add_parts(j, &actor->pays, 1, &running);
    add_parts(j, &actor->receives, -1, &running);
    add_parts(j, &actor->bears, 1, &running);
    add_parts(j, &actor->capital, 1, &capital);
    return (pf_account){.name = actor->name,
                        .title = actor->title,
                        .title_vi = actor->title_vi,
                        .holds = with_words(m, holds, "capital", &actor->capital),
                        .unit = m->actors_unit,
                        .capital = finished(&capital),
                        .running = finished(&running)};
}

static void find_transfers(pf_game_job *j, pf_abatement_request *r)
{
    const pf_compiled *m = j->options->input.model;
    parts all = {0};
    for (size_t i = 0; i < m->actor_count; i++) {
        add_parts(j, &m->actors[i].pays, 1, &all);
        add_parts(j, &m->actors[i].receives, -1, &all);
    }
    r->transfers = (pf_account){.unit = m->actors_unit, .running = finished(&all)};
}

static pf_account society_of(pf_game_job *j)
{
    const pf_compiled *m = j->options->input.model;
    parts running = {0}, capital = {0};
    for (size_t i = 0; i < m->actor_count; i++) {
        add_parts(j, &m->actors[i].bears, 1, &running);
        add_parts(j, &m->actors[i].capital, 1, &capital);
    }
    return (pf_account){.name = "society",
                        .title = "Society, without transfers",
                        .title_vi = "Xã hội, không gồm khoản chuyển giao",
                        .holds = "what all actors bear, and their capital",
                        .unit = m->actors_unit,
                        .capital = finished(&capital),
                        .running = finished(&running)};
}

/* What one spends lets the flows of others go on: all have the capital of all as their basis. */
static void find_actors(pf_game_job *j, pf_abatement_request *r)
{
    const pf_compiled *m = j->options->input.model;
    pf_account *accounts = PF_ARRAY(m->scenario->arena, pf_account, m->actor_count + 1);
    r->actor_count = m->actor_count ? m->actor_count + 1 : 0;
    r->actors = accounts;
    if (!m->actor_count) return;
    for (size_t i = 0; i < m->actor_count; i++) accounts[i] = account_of(j, &m->actors[i]);
    accounts[m->actor_count] = society_of(j);
    for (size_t i = 0; i <= m->actor_count; i++) accounts[i].basis = accounts[m->actor_count].capital;
    find_transfers(j, r);
}

bool pf_find_accounts(pf_game_job *j, pf_abatement_request *r, const char **why)
{
    r->gases = want_sum(j, "ghg_total", why);
    if (r->gases == SIZE_MAX) return false;
    find_actors(j, r);
    if (find_usual(j, &r->usual, why)) return true;
    if (!r->actor_count || j->options->capital || j->options->running) return false;
    r->usual = r->actors[r->actor_count - 1];
    return true;
}

/* ---- which are shown ---- */

bool pf_shown_actors(const pf_game_job *j, const pf_abatement_request *r, size_t *first, size_t *end)
{
    const char *wanted = j->options->actor;
    *first = *end = 0;
    if (!wanted) return true;
    if (!r->actor_count)
        return pf_wrong_usage("analyse", "found '--actor %s', the model has no `actors:`", wanted), false;
    *end = r->actor_count;
    if (!strcmp(wanted, "all")) return true;
    pf_nearest near = pf_nearest_to(wanted);
    for (*first = 0; *first < r->actor_count; ++*first) {
        *end = *first + 1;
        if (!strcmp(r->actors[*first].name, wanted)) return true;
        pf_nearest_offer(&near, r->actors[*first].name);
    }
    pf_wrong_usage("analyse", "no actor is called '%s'%s", wanted,
                   pf_nearest_hint(&near, j->options->input.scenario->arena));
    return false;
}
