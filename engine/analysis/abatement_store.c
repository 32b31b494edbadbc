/* Costs of all players, whose they are and members, worked out once, and one variable after another taken from them. */
#include "analysis/abatement_store.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const pf_attribution *a;
    const pf_abatement_request *request;
    pf_analysis_group *group;
    const pf_account *accounts; /* of actors, or the usual one alone */
    size_t account_count;
    bool by_actor;
    size_t sets;         /* the medians, and each member */
    pf_abatement *found; /* [player][account][set] */
} table;

/* ---- what is taken ---- */

typedef double cost_of(const pf_abatement *of, size_t rate);

static double capital_of(const pf_abatement *of, size_t rate)
{
    return (void)rate, of->capital;
}
static double avoided_of(const pf_abatement *of, size_t rate)
{
    return (void)rate, of->avoided;
}
static double yearly_of(const pf_abatement *of, size_t rate)
{
    return of->yearly[rate];
}
static double abatement_of(const pf_abatement *of, size_t rate)
{
    return of->cost[rate];
}
static double present_value_of(const pf_abatement *of, size_t rate)
{
    return of->present_value[rate];
}
static double internal_rate_of(const pf_abatement *of, size_t rate)
{
    return (void)rate, of->rates == PF_ONE_RATE ? of->internal_rate : (double)NAN;
}
static double payback_of(const pf_abatement *of, size_t rate)
{
    return (void)rate, of->payback;
}

typedef struct {
    const char *name, *title;
    cost_of *of;
    bool by_rate, per_gas, is_money, is_of_all; /* the last: whoever pays */
    const char *unit;
} cost;

static const cost costs[] = {
    {"avoided", "greenhouse gases avoided in the last year", avoided_of, .is_of_all = true},
    {"capital", "capital spent", capital_of, .is_money = true},
    {"yearly_cost", "capital as an annuity and the last year's running cost", yearly_of, .by_rate = true,
     .is_money = true},
    {"abatement_cost", "yearly cost over gases avoided; missing where none are", abatement_of, .by_rate = true,
     .per_gas = true},
    {"net_present_value", "net present value at the start of the first year", present_value_of, .by_rate = true,
     .is_money = true},
    {"internal_rate", "internal rate of return; missing where there is none or several", internal_rate_of, .unit = "1"},
    {"payback", "payback without discounting; infinite: never", payback_of, .unit = "year"},
};

/* ---- variables ---- */

static const char *gas_unit(const table *t)
{
    const pf_game_request *r = t->a->game->request;
    return r->players->model->indicators[r->indicators[t->request->gases]].unit;
}

static const char *unit_of(const table *t, const cost *c)
{
    if (c->per_gas) return pf_format(t->group->arena, "%s/(%s)", t->accounts->unit, gas_unit(t));
    return c->is_money ? t->accounts->unit : c->unit ? c->unit : gas_unit(t);
}

static pf_analysis_variable variable_of(const table *t, const cost *c, bool of_members)
{
    pf_arena *arena = t->group->arena;
    return (pf_analysis_variable){
        .name = pf_format(arena, "%s%s%s", t->by_actor ? "actor_" : "", c->name, of_members ? "_of_members" : ""),
        .long_name = pf_format(arena, "%s%s%s", t->by_actor ? "by actor: " : "", c->title,
                               of_members ? ", mean over members" : ""),
        .units = unit_of(t, c),
        .dimensions =
            pf_format(arena, "intervention%s%s", t->by_actor ? " actor" : "", c->by_rate ? " discount_rate" : ""),
        .has_interval = of_members};
}

/* At the medians, and over members where there are any. */
static void add_cost(const table *t, const cost *c)
{
    size_t rates = c->by_rate ? t->request->rate_count : 1, count = t->a->players * t->account_count * rates;
    pf_estimate *all = PF_ARRAY(t->group->arena, pf_estimate, count);
    double *medians = PF_ARRAY(t->group->arena, double, count), *values = pf_doubles(t->sets);
    for (size_t i = 0; i < count; i++) {
        const pf_abatement *found = t->found + i / rates * t->sets;
        for (size_t s = 0; s < t->sets; s++) values[s] = c->of(&found[s], i % rates);
        medians[i] = values[0];
        if (t->a->members) all[i] = pf_spread(values + 1, t->a->members, 1);
    }
    free(values);
    pf_analysis_variable at_medians = variable_of(t, c, false), of_members = variable_of(t, c, true);
    at_medians.values = medians;
    of_members.values = (const double *)all;
    pf_group_add(t->group, at_medians);
    if (t->a->members) pf_group_add(t->group, of_members);
}

static void work_out(table *t)
{
    const pf_attribution *a = t->a;
    t->found = pf_calloc(a->players * t->account_count * t->sets, sizeof *t->found);
    for (size_t i = 0; i < a->players * t->account_count; i++)
        for (size_t s = 0; s < t->sets; s++) {
            const double *shares = s ? a->shares_of_members + (s - 1) * pf_share_count(a) : a->shares;
            t->found[i * t->sets + s] =
                pf_abate(a, shares, t->request, &t->accounts[i % t->account_count], i / t->account_count);
        }
}

static void add_costs(table t)
{
    work_out(&t);
    for (size_t c = 0; c < sizeof costs / sizeof *costs; c++)
        if (!t.by_actor || !costs[c].is_of_all) add_cost(&t, &costs[c]);
    free(t.found);
}

static void add_lives(const table *t)
{
    pf_group_add(t->group, (pf_analysis_variable){.name = "life",
                                                  .long_name = "how long a capital lasts",
                                                  .units = "year",
                                                  .dimensions = "intervention",
                                                  .values = t->request->lives});
}

/* ---- actors ---- */

static void add_texts(const table *t, const char *name, const char *title, const char *const *texts)
{
    pf_group_add(t->group,
                 (pf_analysis_variable){.name = name, .long_name = title, .dimensions = "actor", .texts = texts});
}

static void add_actors(const table *t)
{
    pf_arena *arena = t->group->arena;
    const char **names = PF_ARRAY(arena, const char *, t->account_count),
               **titles = PF_ARRAY(arena, const char *, t->account_count),
               **vi = PF_ARRAY(arena, const char *, t->account_count),
               **holds = PF_ARRAY(arena, const char *, t->account_count);
    for (size_t i = 0; i < t->account_count; i++) {
        names[i] = t->accounts[i].name;
        titles[i] = t->accounts[i].title;
        vi[i] = t->accounts[i].title_vi;
        holds[i] = t->accounts[i].holds;
    }
    pf_group_add_dimension(t->group, "actor", names, NULL, t->account_count);
    add_texts(t, "actor_title", "title", titles);
    add_texts(t, "actor_title_vi", "title, Vietnamese", vi);
    add_texts(t, "actor_holds", "what its cash flow is made of", holds);
}

void pf_add_abatement(pf_analysis_group *group, const pf_attribution *a, const pf_abatement_request *r)
{
    table usual = {
        .a = a, .request = r, .group = group, .accounts = &r->usual, .account_count = 1, .sets = a->members + 1};
    table actors = usual;
    actors.accounts = r->actors;
    actors.account_count = r->actor_count;
    actors.by_actor = true;
    pf_group_add_dimension(group, "discount_rate", NULL, r->rates, r->rate_count);
    add_costs(usual);
    add_lives(&usual);
    if (!r->actor_count) return;
    add_actors(&actors);
    add_costs(actors);
}
