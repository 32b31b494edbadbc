/* The checks of a model, made ready to be held against results: names become rows, expressions of indicators become
 * arithmetic, periods become reported steps, and what was observed becomes numbers in base units. */
#include "model/model.h"

#include "base/distributions.h"

#include <math.h>
#include <string.h>

typedef struct {
    pf_model *m;
    const pf_tree *tree; /* of the check */
    const char *name;
    pf_observation *out;
    pf_arithmetic_reader of; /* its indicators */
} reader;

typedef PF_LIST(pf_observation) observations;

static void complain(const reader *r, pf_mark mark, const char *message)
{
    pf_error(r->m->diagnostics, mark, "%s", message);
}

/* ---- what it speaks of ---- */

static void read_indicator(reader *r)
{
    r->of = (pf_arithmetic_reader){.model = r->m, .what = "a check"};
    pf_read_arithmetic(&r->of, pf_tree_get(r->tree, "indicator"));
    r->out->steps = r->of.steps.items;
    r->out->step_count = r->of.steps.count;
}

/* ---- where, in which scenario ---- */

static void add_park(reader *r, const pf_tree *name, bool *parks)
{
    pf_model *m = r->m;
    pf_nearest near = pf_nearest_to(name->kind == PF_TEXT ? name->text : "");
    for (size_t i = 0; name->kind == PF_TEXT && i < m->scopes.count; i++) {
        const pf_scope *scope = m->scopes.items[i];
        if (scope->kind != PF_PARK_SCOPE) continue;
        if (!strcmp(scope->name, name->text)) {
            parks[scope->park] = true;
            return;
        }
        pf_nearest_offer(&near, scope->name);
    }
    if (name->kind == PF_TEXT && !strcmp(name->text, "shared")) parks[m->park_count - 1] = true;
    else
        complain(r, name->mark,
                 pf_format(m->arena, "no park is called '%s'%s",
                           name->kind == PF_TEXT ? name->text : pf_tree_kind_name(name),
                           pf_nearest_hint(&near, m->arena)));
}

static void read_parks(reader *r)
{
    const pf_tree *park = pf_tree_get(r->tree, "park");
    bool *parks = PF_ARRAY(r->m->arena, bool, r->m->park_count);
    for (size_t i = 0; i < r->m->park_count; i++) parks[i] = !park;
    if (park && park->kind == PF_SEQUENCE)
        for (size_t i = 0; i < park->entries.count; i++) add_park(r, park->entries.items[i].value, parks);
    else if (park) add_park(r, park, parks);
    r->out->parks = parks;
}

static int scenario_named(reader *r, const pf_tree *name)
{
    const pf_compiled *c = &r->m->compiled;
    if (!name || name->kind != PF_TEXT) return -1;
    pf_nearest near = pf_nearest_to(name->text);
    for (size_t i = 0; i < c->scenario_count; i++) {
        if (!strcmp(c->scenarios[i].name, name->text)) return (int)i;
        pf_nearest_offer(&near, c->scenarios[i].name);
    }
    complain(r, name->mark,
             pf_format(r->m->arena, "no scenario is called '%s'%s", name->text, pf_nearest_hint(&near, r->m->arena)));
    return -1;
}

static void read_scenarios(reader *r)
{
    const pf_tree *scenario = pf_tree_get(r->tree, "scenario"), *change = pf_tree_get(r->tree, "change"),
                  *saving = pf_tree_get(r->tree, "saving"), *pair = change ? change : saving;
    r->out->against = -1;
    r->out->sign = saving ? -1 : 1;
    if ((scenario != NULL) + (change != NULL) + (saving != NULL) > 1)
        complain(r, r->tree->mark, "found more than one of scenario, change and saving");
    r->out->scenario = scenario_named(r, pair ? pf_tree_get(pair, "of") : scenario);
    if (!pair || r->out->scenario < 0) return;
    const pf_tree *against = pf_tree_get(pair, "against");
    r->out->against = against ? scenario_named(r, against) : r->m->compiled.scenarios[r->out->scenario].against;
    if (r->out->against < 0 && !against) complain(r, pair->mark, "the scenario is against no other; say `against`");
}

/* ---- when ---- */

static bool is_one_year(pf_step days)
{
    int year, month, day;
    pf_day_date(days.first_day, &year, &month, &day);
    return days.first_day == pf_day_number(year, 1, 1) && days.end_day == pf_day_number(year + 1, 1, 1);
}

/* The reported steps that make up these days. */
static bool find_steps(reader *r, pf_step days)
{
    const pf_calendar *calendar = &r->m->scenario->calendar;
    return pf_steps_of(calendar->steps + calendar->first_reported, calendar->reported, days, &r->out->first_step,
                       &r->out->end_step);
}

static void read_period(reader *r, const char *period, pf_mark mark)
{
    pf_model *m = r->m;
    const pf_calendar *calendar = &m->scenario->calendar;
    const char *basis = pf_tree_get_text(r->tree, "basis");
    pf_step days;
    r->out->yearly = 1;
    if (calendar->stands_in) return;
    r->out->period = period;
    if (!pf_period_parse(period, &days)) {
        complain(r, mark, pf_format(m->arena, "found the period '%s', expected 2021, 2021-08 or 2020..2023", period));
        return;
    }
    bool is_cumulative = basis && !strcmp(basis, "cumulative"), is_range = strstr(period, "..") != NULL;
    if (is_cumulative && !is_range) days.first_day = calendar->steps[calendar->first_reported].first_day;
    if (!find_steps(r, days)) {
        complain(r, mark,
                 pf_format(m->arena, "the period '%s' is not made of reported steps, which are %s..%s", period,
                           pf_step_text(m->arena, calendar, calendar->first_reported),
                           pf_step_text(m->arena, calendar, calendar->first_reported + calendar->reported - 1)));
        return;
    }
    if (basis && !strcmp(basis, "in_year") && !is_one_year(days))
        complain(r, mark, "the basis in_year is that of one year, like 2021");
    if (basis && !strcmp(basis, "annualised")) r->out->yearly = 365.2425 / (days.end_day - days.first_day);
    if (basis && !is_cumulative && !r->of.is_amount)
        complain(r, pf_tree_get(r->tree, "basis")->mark, "only what is summed over time has a basis of a year");
}

/* ---- what was observed ---- */

/* The unit that a message asks for. */
static const char *said_unit(const reader *r, pf_dimension dimension)
{
    pf_unit unit;
    const char *why;
    bool is_its = r->of.first && !pf_unit_parse(r->m->scenario->units, r->of.first->unit, &unit, &why) &&
                  pf_dimension_equal(unit.dimension, dimension);
    return is_its ? r->of.first->unit : pf_dimension_text(r->m->scenario->units, dimension, r->m->arena);
}

/* The result's dimension, or over a year the same as a rate of a year. */
static bool fits(const reader *r, pf_unit unit, pf_dimension dimension)
{
    const char *basis = pf_tree_get_text(r->tree, "basis");
    bool may_be_rate = basis && strcmp(basis, "cumulative") != 0;
    if (pf_dimension_equal(unit.dimension, dimension) && unit.calendar == PF_NOT_CALENDAR) return true;
    return may_be_rate && unit.calendar == PF_PER_YEAR &&
           pf_dimension_equal(unit.dimension, pf_dimension_quotient(dimension, pf_dimension_time()));
}

/* NULL after an error. The first says in which unit the check is printed. */
static const pf_value *read_amount(reader *r, const pf_tree *tree, pf_dimension dimension, bool may_vary)
{
    pf_model *m = r->m;
    const pf_value *value = pf_value_read(&m->scenario->values, tree);
    if (!value) return NULL;
    if (value->kind != PF_NUMBER && !(may_vary && value->kind == PF_DISTRIBUTION)) {
        pf_error(m->diagnostics, tree->mark, "%s",
                 may_vary ? "expected what was observed: a number, a range or a distribution"
                          : "expected a number and its unit");
        return NULL;
    }
    if (!value->any_unit && !fits(r, value->unit, dimension)) {
        pf_error(m->diagnostics, tree->mark, "the check '%s' is in %s, found '%s'", r->name, said_unit(r, dimension),
                 value->text);
        return NULL;
    }
    if (!r->out->unit && !value->any_unit) {
        r->out->unit = value->unit_text;
        r->out->scale = value->unit.scale;
    }
    return value;
}

static void read_bounds(reader *r, const pf_tree *least, const pf_tree *most, pf_dimension dimension)
{
    const pf_value *low = least ? read_amount(r, least, dimension, false) : NULL,
                   *high = most ? read_amount(r, most, dimension, false) : NULL;
    r->out->is_bound = true;
    r->out->at_least = low ? low->number : -INFINITY;
    r->out->at_most = high ? high->number : INFINITY;
    if (low && high && low->number > high->number)
        pf_error(r->m->diagnostics, least->mark, "at_least is above at_most");
}

static void read_observation(reader *r, const pf_tree *tree, pf_dimension dimension)
{
    const pf_value *value = read_amount(r, tree, dimension, true);
    if (!value) return;
    if (value->kind == PF_NUMBER) r->out->mean = value->number;
    else
        pf_distribution_moments(pf_distribution_at((size_t)value->distribution), value->arguments, &r->out->mean,
                                &r->out->sd);
}

static void read_observed(reader *r, pf_dimension dimension)
{
    const pf_tree *observed = pf_tree_get(r->tree, "observed"), *least = pf_tree_get(r->tree, "at_least"),
                  *most = pf_tree_get(r->tree, "at_most");
    pf_unit unit = {.scale = 1};
    const char *why;
    if (observed ? least || most : !least && !most)
        pf_error(r->m->diagnostics, r->tree->mark,
                 "a check has either 'observed', or 'at_least' and 'at_most' or one of them");
    else if (r->of.is_wrong || !r->of.first) return; /* nothing is known of its unit */
    else if (observed) read_observation(r, observed, dimension);
    else read_bounds(r, least, most, dimension);
    if (r->out->unit || !r->of.first) return; /* a bare 0 is said in the indicator's unit */
    r->out->unit = r->of.first->unit;
    if (!pf_unit_parse(r->m->scenario->units, r->of.first->unit, &unit, &why)) r->out->scale = unit.scale;
}

/* ---- what it may prove ---- */

/* A figure that was computed from another is no second observation. */
static void read_derived(reader *r)
{
    pf_model *m = r->m;
    const pf_tree *from = pf_tree_get(r->tree, "derived_from"), *checks = pf_tree_get(m->scenario->tree, "checks");
    if (!from || from->kind != PF_SEQUENCE) return;
    r->out->is_derived = from->entries.count > 0;
    for (size_t i = 0; i < from->entries.count; i++) {
        const pf_tree *name = from->entries.items[i].value;
        if (name->kind != PF_TEXT || pf_tree_get(checks, name->text) || pf_map_get(&m->scenario->evidence, name->text))
            continue;
        pf_nearest near = pf_nearest_to(name->text);
        for (size_t k = 0; k < checks->entries.count; k++) pf_nearest_offer(&near, checks->entries.items[k].key);
        pf_map_offer(&m->scenario->evidence, &near);
        complain(r, name->mark,
                 pf_format(m->arena, "'%s' is neither a check nor a row of the evidence%s", name->text,
                           pf_nearest_hint(&near, m->arena)));
    }
}

static void read_use(reader *r)
{
    static const char *const names[] = {"test", "fit", "prior", "context"};
    const char *use = pf_tree_get_text(r->tree, "use");
    for (size_t i = 0; use && i < sizeof names / sizeof *names; i++)
        if (!strcmp(use, names[i])) r->out->use = (pf_observation_use)i;
}

/* Its boundary and its choices of accounting must be those of the model, or the two are not alike. */
static void read_accounting(reader *r)
{
    pf_model *m = r->m;
    const pf_tree *has = pf_tree_get(m->scenario->tree, "accounting"), *wants = pf_tree_get(r->tree, "accounting");
    const char *boundary = pf_tree_get_text(r->tree, "boundary"), *of_model = pf_tree_get_text(has, "boundary");
    if (!of_model) of_model = "park";
    if (boundary && strcmp(boundary, of_model) != 0)
        r->out->unlike = pf_format(m->arena, "its boundary is the %s, the model's the %s", boundary, of_model);
    for (size_t i = 0; wants && wants->kind == PF_MAPPING && i < wants->entries.count; i++) {
        const pf_entry *entry = &wants->entries.items[i];
        const char *found = pf_tree_get_text(has, entry->key);
        if (entry->value->kind != PF_TEXT || pf_is_remark(entry->key)) continue;
        if (!found || strcmp(found, entry->value->text) != 0)
            r->out->unlike = pf_format(m->arena, "it wants accounting.%s=%s, this run has %s", entry->key,
                                       entry->value->text, found ? found : "none");
    }
}

/* A saving that is annualised is a rate: of a year in which what changes over time is held as its freeze says. */
static void check_basis_of_rate(const reader *r, const pf_tree *freeze)
{
    const pf_tree *basis = pf_tree_get(r->tree, "basis");
    const char *text = pf_tree_get_text(r->tree, "basis");
    bool compares = pf_tree_get(r->tree, "change") || pf_tree_get(r->tree, "saving"),
         is_annualised = text && !strcmp(text, "annualised");
    if (!freeze && compares && is_annualised)
        complain(r, basis->mark,
                 "an annualised saving is a rate, no saving in a year; expected what it holds, as in "
                 "`freeze: {adoption: 2023-10, activity: 2019, factors: 2021}`");
    if (freeze && !compares) complain(r, freeze->mark, "'freeze' makes a rate of a saving or a change; found neither");
    else if (freeze && !is_annualised)
        complain(r, basis ? basis->mark : freeze->mark,
                 "with 'freeze' a saving is a rate, no saving in a year; expected `basis: annualised`");
}

static void read_freeze(reader *r)
{
    pf_model *m = r->m;
    const pf_tree *freeze = pf_tree_get(r->tree, "freeze");
    const pf_step *held[PF_DRIVERS] = {0};
    const char *of_run = m->compiled.held;
    check_basis_of_rate(r, freeze);
    pf_read_freeze(m, freeze, held);
    r->out->held = pf_freeze_text(m->arena, freeze);
    if (r->out->held ? of_run && !strcmp(r->out->held, of_run) : !of_run) return;
    r->out->is_apart = m->is_variant || r->out->held;
    r->out->unlike = r->out->held
                         ? pf_format(m->arena, "it is a saving rate, which wants a run with freeze: %s", r->out->held)
                         : pf_format(m->arena, "this run has accounting.freeze: %s", of_run);
}

static void read_date_of_report(reader *r)
{
    const pf_tree *as_of = pf_tree_get(r->tree, "as_of");
    pf_step days;
    if (as_of && (as_of->kind != PF_TEXT || !pf_date_parse(as_of->text, &days)))
        complain(r, as_of->mark, "expected the date of a report, like 2023-10");
}

/* An observation a row of the table, each of the same check. */
static void read_series(reader *r, pf_dimension dimension, observations *list)
{
    const pf_tree *observed = pf_tree_get(r->tree, "observed"), *period = pf_tree_get(r->tree, "period");
    pf_observed_series series;
    if (period) complain(r, period->mark, "a series of observations has its own dates, and no period");
    if (pf_observed_series_read(r->m, observed, &series) || r->of.is_wrong || !r->of.first) return;
    if (!fits(r, series.unit, dimension)) {
        complain(r, observed->mark,
                 pf_format(r->m->arena, "the check '%s' is in %s, found the unit '%s'", r->name,
                           said_unit(r, dimension), series.unit_text));
        return;
    }
    for (size_t i = 0; i < series.count; i++) {
        const pf_observed_row *row = &series.rows[i];
        read_period(r, row->date, row->mark);
        r->out->unit = series.unit_text;
        r->out->scale = series.unit.scale;
        r->out->mean = row->value * series.unit.scale;
        r->out->sd = row->sd * series.unit.scale;
        r->out->row = (uint32_t)i;
        r->out->rows = (uint32_t)series.count;
        *PF_PUSH(r->m->arena, *list) = *r->out;
    }
}

static void read_one(reader *r, pf_dimension dimension, observations *list)
{
    const pf_tree *period = pf_tree_get(r->tree, "period");
    if (!period) complain(r, r->tree->mark, "the check has no 'period' (2021, 2021-08 or 2020..2023)");
    else if (period->kind == PF_TEXT) read_period(r, period->text, period->mark);
    read_observed(r, dimension);
    r->out->rows = 1;
    *PF_PUSH(r->m->arena, *list) = *r->out;
}

static void read_check(pf_model *m, const pf_entry *entry, observations *list)
{
    pf_observation out = {
        .name = entry->key, .title = pf_title(entry->value, entry->key), .tree = entry->value, .yearly = 1};
    reader r = {.m = m, .tree = entry->value, .name = entry->key, .out = &out};
    read_indicator(&r);
    read_parks(&r);
    read_scenarios(&r);
    read_derived(&r);
    read_use(&r);
    read_accounting(&r);
    read_freeze(&r);
    read_date_of_report(&r);
    if (pf_is_observed_series(pf_tree_get(r.tree, "observed"))) read_series(&r, r.of.dimension, list);
    else read_one(&r, r.of.dimension, list);
}

void pf_build_checks(pf_model *m)
{
    const pf_tree *all = pf_tree_get(m->scenario->tree, "checks");
    observations list = {0};
    for (size_t i = 0; all && all->kind == PF_MAPPING && i < all->entries.count; i++)
        if (all->entries.items[i].value->kind == PF_MAPPING) read_check(m, &all->entries.items[i], &list);
    m->compiled.observations = list.items;
    m->compiled.observation_count = list.count;
}
