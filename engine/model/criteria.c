/* The criteria of a model: takes what frameworks and laws ask of a park, and the facts of parks, gives arithmetic on
 * indicators and thresholds in base units. */
#include "model/model.h"

#include <math.h>
#include <string.h>

typedef PF_LIST(pf_fact) facts;
typedef PF_LIST(pf_criterion) criteria;

/* A number with a unit, or a pure one; NULL after an error. */
static const pf_value *read_number(pf_model *m, const pf_tree *tree)
{
    const pf_value *value = pf_value_read(&m->scenario->values, tree);
    if (!value || (value->kind == PF_NUMBER && value->unit.calendar == PF_NOT_CALENDAR)) return value;
    if (value->kind == PF_NUMBER)
        pf_error(m->diagnostics, tree->mark, "found '%s', a rate; expected an amount: of a flow, that of a year",
                 value->text);
    else pf_error(m->diagnostics, tree->mark, "expected a number and its unit");
    return NULL;
}

/* ---- facts ---- */

static pf_fact *fact_named(facts *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i].name, name)) return &list->items[i];
    return NULL;
}

/* A new one, of which no park has said anything. */
static pf_fact *add_fact(pf_model *m, const char *name, pf_unit unit, facts *list)
{
    double *values = PF_ARRAY(m->arena, double, m->park_count);
    for (uint32_t p = 0; p < m->park_count; p++) values[p] = (double)NAN;
    pf_fact *fact = PF_PUSH(m->arena, *list);
    *fact = (pf_fact){name, unit, values};
    return fact;
}

/* `facts: {area: ha}` of the model: facts that criteria name, whether a park has them or not. */
static void read_declared(pf_model *m, facts *list)
{
    const pf_tree *map = pf_tree_get(m->scenario->tree, "facts");
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) {
        const pf_entry *entry = &map->entries.items[i];
        pf_unit unit = {.scale = 1};
        const char *why;
        if (entry->value->kind != PF_TEXT || pf_is_remark(entry->key)) continue;
        if (pf_unit_parse(m->scenario->units, entry->value->text, &unit, &why))
            pf_error(m->diagnostics, entry->value->mark, "found '%s': %s", entry->value->text, why);
        add_fact(m, entry->key, unit, list);
    }
}

static void read_fact(pf_model *m, const pf_entry *entry, uint32_t park, facts *list)
{
    const pf_value *value = read_number(m, entry->value);
    pf_fact *fact = fact_named(list, entry->key);
    if (!value) return;
    if (!fact) fact = add_fact(m, entry->key, value->unit, list);
    if (!value->any_unit && !pf_dimension_equal(fact->unit.dimension, value->unit.dimension))
        pf_error(m->diagnostics, entry->value->mark, "the fact '%s' is %s elsewhere, found '%s'", entry->key,
                 pf_dimension_text(m->scenario->units, fact->unit.dimension, m->arena), value->text);
    ((double *)fact->values)[park] = value->number;
}

static void read_facts(pf_model *m)
{
    facts list = {0};
    read_declared(m, &list);
    for (size_t i = 0; i < m->scopes.count; i++) {
        const pf_scope *scope = m->scopes.items[i];
        const pf_tree *given = scope->kind == PF_PARK_SCOPE ? pf_tree_get(scope->tree, "facts") : NULL;
        for (size_t k = 0; given && given->kind == PF_MAPPING && k < given->entries.count; k++)
            if (!pf_is_remark(given->entries.items[k].key)) read_fact(m, &given->entries.items[k], scope->park, &list);
    }
    m->compiled.facts = list.items;
    m->compiled.fact_count = list.count;
}

/* ---- criteria ---- */

/* The threshold in base units; `none` where there is none, or after an error. */
static double read_threshold(pf_model *m, const pf_entry *entry, const char *key, const pf_arithmetic_reader *of,
                             pf_criterion *out, double none)
{
    const pf_tree *tree = pf_tree_get(entry->value, key);
    const pf_value *value = tree ? read_number(m, tree) : NULL;
    if (!value || of->is_wrong) return none;
    if (!value->any_unit && !pf_dimension_equal(value->unit.dimension, of->dimension)) {
        pf_error(m->diagnostics, tree->mark, "the criterion '%s' is in %s, found '%s'", entry->key,
                 pf_dimension_text(m->scenario->units, of->dimension, m->arena), value->text);
        return none;
    }
    if (!out->unit && !value->any_unit) {
        out->unit = value->unit_text;
        out->scale = value->unit.scale;
    }
    return value->number;
}

static void read_unit(pf_model *m, const pf_entry *entry, const pf_arithmetic_reader *of, pf_criterion *out)
{
    const pf_tree *text = pf_tree_get(entry->value, "unit");
    pf_unit unit = {.scale = 1};
    const char *why;
    if (!text || text->kind != PF_TEXT || of->is_wrong) return;
    if (pf_unit_parse(m->scenario->units, text->text, &unit, &why))
        pf_error(m->diagnostics, text->mark, "found '%s': %s", text->text, why);
    else if (!pf_dimension_equal(unit.dimension, of->dimension))
        pf_error(m->diagnostics, text->mark, "the criterion '%s' is in %s, found the unit '%s'", entry->key,
                 pf_dimension_text(m->scenario->units, of->dimension, m->arena), text->text);
    out->unit = text->text;
    out->scale = unit.scale;
}

/* Where neither a unit nor a threshold says one: that of its only indicator, or base units. */
static void find_unit(pf_model *m, const pf_arithmetic_reader *of, pf_criterion *out)
{
    pf_unit unit;
    const char *why;
    if (out->unit || of->is_wrong) return;
    out->unit = pf_dimension_text(m->scenario->units, of->dimension, m->arena);
    if (!of->first || pf_unit_parse(m->scenario->units, of->first->unit, &unit, &why)) return;
    if (!pf_dimension_equal(unit.dimension, of->dimension)) return;
    out->unit = of->first->unit;
    out->scale = unit.scale;
}

static void read_value(pf_model *m, const pf_entry *entry, pf_criterion *out)
{
    pf_arithmetic_reader of = {.model = m, .what = "a criterion", .takes_facts = true};
    pf_read_arithmetic(&of, pf_tree_get(entry->value, "of"));
    out->steps = of.steps.items;
    out->step_count = of.steps.count;
    read_unit(m, entry, &of, out);
    out->at_least = read_threshold(m, entry, "at_least", &of, out, -INFINITY);
    out->at_most = read_threshold(m, entry, "at_most", &of, out, INFINITY);
    if (out->at_least > out->at_most)
        pf_error(m->diagnostics, pf_tree_get(entry->value, "at_least")->mark, "at_least is above at_most");
    find_unit(m, &of, out);
}

/* Why not, by park. */
static const char *const *read_not_in(pf_model *m, const pf_tree *tree)
{
    const pf_tree *map = pf_tree_get(tree, "not_in");
    const char **why = PF_ARRAY(m->arena, const char *, m->park_count);
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) {
        const pf_entry *entry = &map->entries.items[i];
        pf_nearest near = pf_nearest_to(entry->key);
        bool is_known = false;
        for (size_t s = 0; s < m->scopes.count; s++) {
            const pf_scope *scope = m->scopes.items[s];
            if (scope->kind != PF_PARK_SCOPE) continue;
            pf_nearest_offer(&near, scope->name);
            if (strcmp(scope->name, entry->key) != 0) continue;
            is_known = true;
            why[scope->park] = entry->value->kind == PF_TEXT ? entry->value->text : NULL;
        }
        if (!is_known)
            pf_error(m->diagnostics, entry->mark, "no park is called '%s'%s", entry->key,
                     pf_nearest_hint(&near, m->arena));
    }
    return why;
}

static pf_exactness exactness_of(const pf_tree *tree)
{
    const char *text = pf_tree_get_text(tree, "value_is");
    if (!text || !strcmp(text, "exact")) return PF_VALUE_EXACT;
    return !strcmp(text, "lower_bound") ? PF_VALUE_AT_LEAST : PF_VALUE_AT_MOST;
}

/* The day a date begins, or the one after it ends; `none` where it is not said. */
static int32_t day_of(pf_model *m, const pf_tree *tree, const char *key, bool is_end, int32_t none)
{
    const pf_tree *date = pf_tree_get(tree, key);
    pf_step days;
    if (!date) return none;
    if (date->kind == PF_TEXT && pf_date_parse(date->text, &days)) return is_end ? days.end_day : days.first_day;
    pf_error(m->diagnostics, date->mark, "expected a date under '%s', like 2022-07", key);
    return none;
}

static const char *basis_of(const pf_model *m, const char *source)
{
    const pf_evidence *row = source ? pf_map_get(&m->scenario->evidence, source) : NULL;
    return row ? row->kind : NULL;
}

/* "6.3, 6.4" */
static const char *joined(pf_arena *arena, const pf_tree *list)
{
    const char *text = NULL;
    for (size_t i = 0; list && list->kind == PF_SEQUENCE && i < list->entries.count; i++) {
        const pf_tree *item = list->entries.items[i].value;
        if (item->kind == PF_TEXT) text = text ? pf_format(arena, "%s, %s", text, item->text) : item->text;
    }
    return text;
}

static void read_criterion(pf_model *m, const pf_entry *entry, criteria *list)
{
    const pf_tree *tree = entry->value, *why = pf_tree_get(tree, "not_computable");
    const char *kind = pf_tree_get_text(tree, "kind");
    pf_criterion out = {.name = entry->key,
                        .title = pf_title(tree, entry->key),
                        .title_vi = pf_title_vi(tree),
                        .framework = pf_tree_get_text(tree, "framework"),
                        .clause = pf_tree_get_text(tree, "clause"),
                        .kind = kind ? kind : "performance",
                        .sdg = joined(m->arena, pf_tree_get(tree, "sdg")),
                        .source = pf_tree_get_text(tree, "source"),
                        .assumption = pf_tree_get_text(tree, "assumption"),
                        .basis = basis_of(m, pf_tree_get_text(tree, "source")),
                        .not_computable = pf_tree_get_text(tree, "not_computable"),
                        .not_in = read_not_in(m, tree),
                        .exactness = exactness_of(tree),
                        .from_day = day_of(m, tree, "from", false, INT32_MIN),
                        .until_day = day_of(m, tree, "until", true, INT32_MAX),
                        .scale = 1,
                        .at_least = -INFINITY,
                        .at_most = INFINITY};
    if (!why == !pf_tree_get(tree, "of"))
        pf_error(m->diagnostics, entry->mark, "the criterion '%s' has %s; expected one of them", entry->key,
                 why ? "both 'of' and 'not_computable'" : "neither 'of' nor 'not_computable'");
    else if (!why) read_value(m, entry, &out);
    *PF_PUSH(m->arena, *list) = out;
}

void pf_build_criteria(pf_model *m)
{
    const pf_tree *all = pf_tree_get(m->scenario->tree, "criteria");
    criteria list = {0};
    read_facts(m);
    for (size_t i = 0; all && all->kind == PF_MAPPING && i < all->entries.count; i++)
        if (all->entries.items[i].value->kind == PF_MAPPING) read_criterion(m, &all->entries.items[i], &list);
    m->compiled.criteria = list.items;
    m->compiled.criterion_count = list.count;
}
