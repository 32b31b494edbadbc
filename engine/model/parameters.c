/* Parameters: what a type declares, what a process, its sector or the default gives, in that order, and what
 * interventions make of it. Also values in general: how each kind becomes nodes and lane inputs. */
#include "model/model.h"

#include "base/distributions.h"

#include <math.h>
#include <string.h>

static pf_term distribution_term(const pf_context *c, const pf_value *value, const pf_tree *tree, const char *name)
{
    pf_model *m = c->model;
    pf_input input = {.name = name,
                      .value = value,
                      .source = pf_tree_get_text(tree, "source"),
                      .assumption = pf_tree_get_text(tree, "assumption")};
    input.unit = pf_dimension_text(m->scenario->units, value->unit.dimension, m->arena);
    pf_node_id drawn = pf_input_node(&m->graph, pf_new_input(m, input));
    double least, greatest;
    pf_distribution_at((size_t)value->distribution)->support(value->arguments, &least, &greatest);
    if (least >= 0) pf_assume_nonnegative(&m->graph, drawn);
    return (pf_term){drawn, value->unit.dimension};
}

static pf_term typed_term(const pf_context *c, const pf_value *value, const pf_tree *tree, const char *name);

static pf_term product_term(const pf_context *c, const pf_value *value, const pf_tree *tree, const char *name)
{
    pf_model *m = c->model;
    /* the shared part is drawn once for all that hold it by the same name */
    const char *shared_name = pf_format(m->arena, "%s.shared", value->shared_name ? value->shared_name : name);
    const pf_tree *known = pf_map_get(&m->shared_texts, shared_name);
    pf_memo *memo = pf_memo_at(m, &m->stems, shared_name);
    if (!known) pf_map_set(&m->shared_texts, m->arena, shared_name, (void *)value->shared_text);
    else if (!pf_tree_same(known, value->shared_text))
        pf_error(m->diagnostics, value->shared_text->mark,
                 "'%s' is the name of another shared value (%s:%d); of one name, all must be written alike",
                 shared_name, known->mark.file, known->mark.line);
    if (memo->progress == PF_UNKNOWN) {
        memo->progress = PF_KNOWN;
        memo->term = typed_term(c, value->shared, tree, shared_name);
    }
    pf_term own = typed_term(c, value->own, tree, pf_format(m->arena, "%s.own", name));
    if (memo->term.node == PF_NO_NODE || own.node == PF_NO_NODE) return pf_no_term();
    return (pf_term){pf_binary(&m->graph, PF_MUL, memo->term.node, own.node),
                     pf_dimension_product(memo->term.dimension, own.dimension)};
}

static pf_term series_term(const pf_context *c, const pf_value *value)
{
    pf_model *m = c->model;
    const double *values = value->nominal ? pf_deflated(m, value->series, value->mark) : value->series;
    pf_driver follows = c->of_activity || value->of_activity ? PF_BY_ACTIVITY : PF_BY_FACTORS;
    return (pf_term){pf_dated_node(&m->graph, values, follows), value->unit.dimension};
}

static pf_term typed_term(const pf_context *c, const pf_value *value, const pf_tree *tree, const char *name)
{
    pf_model *m = c->model;
    pf_term term = pf_no_term();
    uint32_t before = pf_model_at(m, value->mark, name);
    switch (value->kind) {
    case PF_NUMBER: term = (pf_term){pf_constant_node(&m->graph, value->number), value->unit.dimension}; break;
    case PF_DISTRIBUTION: term = distribution_term(c, value, tree, name); break;
    case PF_SERIES: term = series_term(c, value); break;
    case PF_EXPRESSION: term = pf_evaluate(c, value->expression); break;
    case PF_SHARED_OWN: term = product_term(c, value, tree, name); break;
    }
    bool literal = value->kind != PF_EXPRESSION && value->kind != PF_SHARED_OWN && !value->any_unit;
    if (term.node != PF_NO_NODE && literal && value->unit.calendar == PF_PER_MONTH)
        term.node = pf_binary(&m->graph, PF_MUL, term.node, m->per_month);
    if (term.node != PF_NO_NODE && literal && value->unit.calendar == PF_PER_YEAR)
        term.node = pf_binary(&m->graph, PF_MUL, term.node, m->per_year);
    m->graph.origin = before;
    return term;
}

pf_term pf_value_term(const pf_context *c, const pf_tree *tree, const char *name)
{
    const pf_value *value = pf_value_read(&c->model->scenario->values, tree);
    return value ? typed_term(c, value, tree, name) : pf_no_term();
}

static void explain(pf_model *m, const char *path, const pf_tree *value, const char *origin, const pf_tree *remarks,
                    pf_term term)
{
    *PF_PUSH(m->arena, m->explained) =
        (pf_explained){.path = path, .value = value, .dimension = term.dimension, .origin = origin, .remarks = remarks};
}

pf_term pf_model_parameter(pf_model *m, const char *name, bool *found)
{
    const pf_tree *tree = pf_tree_get(pf_tree_get(m->scenario->tree, "parameters"), name);
    *found = tree && !pf_is_remark(name);
    if (!*found) return pf_no_term();
    pf_memo *memo = pf_memo_at(m, &m->parameters, name);
    if (memo->progress == PF_WORKING)
        pf_error(m->diagnostics, tree->mark, "the parameter '%s' is defined by itself", name);
    if (memo->progress != PF_UNKNOWN) return memo->term;
    pf_context outside = {.model = m};
    memo->progress = PF_WORKING;
    memo->term = pf_value_term(&outside, tree, pf_format(m->arena, "parameters.%s", name));
    explain(m, pf_format(m->arena, "parameters.%s", name), tree, "given", tree, memo->term);
    pf_path_segment segments[] = {{.name = "parameters"}, {.name = name}};
    pf_path path = {segments, 2};
    memo->term.node =
        pf_after_effects(&outside, pf_format(m->arena, "parameters.%s", name), &path, memo->term, tree->mark);
    memo->progress = PF_KNOWN;
    return memo->term;
}

static bool is_leaf(const pf_tree *declared)
{
    return pf_tree_get(declared, "unit") || pf_tree_get(declared, "number") || pf_tree_get(declared, "carrier");
}

/* A declaration and the value that is given for it, found by the segments of a path. */
typedef struct {
    const pf_tree *declared, *given, *sector;
    const pf_tree *given_remarks, *sector_remarks; /* the nearest map on the way that has a source or an assumption */
    const char *key;                               /* of the last map on the way */
    const char *component;                         /* likewise */
    const pf_path *own;                            /* its names within the process, ... */
    const char *text;                              /* ... as "needs.electricity.per_output" */
} place;

static bool is_none(const pf_tree *tree)
{
    return tree && tree->kind == PF_TEXT && !strcmp(tree->text, "none");
}

static const pf_tree *with_remarks(const pf_tree *tree, const pf_tree *outer)
{
    if (!tree || tree->kind != PF_MAPPING) return outer;
    return pf_tree_get(tree, "source") || pf_tree_get(tree, "assumption") ? tree : outer;
}

/* The names by which a path calls a parameter of the process, put into `own`; and they as one text. */
static const char *own_path(const pf_context *c, const pf_path *path, size_t first, pf_path *own)
{
    const char *text = NULL;
    for (own->count = 0; own->count < path->count - first; own->count++) {
        const char *name = path->segments[first + own->count].name;
        if (!strcmp(name, "$key") && c->key) name = c->key;
        if (!strcmp(name, "$component") && c->component) name = c->component;
        own->segments[own->count] = (pf_path_segment){.name = name};
        text = text ? pf_dotted(c->model->arena, text, name) : name;
    }
    return text;
}

static bool find_place(const pf_context *c, const pf_path *own, place *at)
{
    pf_process *p = c->process;
    *at = (place){.declared = pf_tree_get(p->type, "parameters"),
                  .given = p->given,
                  .sector = p->sector,
                  .key = c->key,
                  .component = c->component,
                  .own = own};
    at->given_remarks = with_remarks(at->given, NULL);
    at->sector_remarks = with_remarks(at->sector, NULL);
    for (size_t i = 0; i < own->count && at->declared; i++) {
        const char *name = own->segments[i].name;
        const char *map = pf_tree_get_text(at->declared, "map");
        if (map && !strcmp(map, "carrier")) at->key = name;
        if (map && !strcmp(map, "component")) at->component = name;
        at->declared = pf_tree_get(at->declared, map ? "of" : name);
        at->given = pf_tree_get(at->given, name);
        at->sector = is_none(at->given) ? NULL : pf_tree_get(at->sector, name);
        at->given_remarks = with_remarks(at->given, at->given_remarks);
        at->sector_remarks = with_remarks(at->sector, at->sector_remarks);
    }
    return at->declared && is_leaf(at->declared);
}

const pf_tree *pf_parameter_given(const pf_process *p, const char *path)
{
    const pf_tree *given = pf_tree_at(p->given, path);
    return given ? given : pf_tree_at(p->sector, path);
}

const char *pf_parameter_text(const pf_process *p, const char *name)
{
    const pf_tree *declared = pf_tree_get(pf_tree_get(p->type, "parameters"), name),
                  *given = pf_parameter_given(p, name);
    if (!declared || !pf_tree_get(declared, "carrier")) return NULL;
    return given ? (given->kind == PF_TEXT ? given->text : NULL) : pf_tree_get_text(declared, "default");
}

static bool is_plain_unit(const pf_tree *unit)
{
    return unit && unit->kind == PF_TEXT && strcmp(unit->text, "any") != 0 && !strpbrk(unit->text, "$(");
}

const char *pf_unit_said(pf_model *m, const pf_tree *unit, pf_dimension dimension, double *scale)
{
    pf_unit plain;
    const char *why;
    bool simple = is_plain_unit(unit) && !pf_unit_parse(m->scenario->units, unit->text, &plain, &why) &&
                  plain.calendar == PF_NOT_CALENDAR;
    *scale = simple ? plain.scale : 1;
    return simple ? unit->text : pf_dimension_text(m->scenario->units, dimension, m->arena);
}

pf_dimension pf_declared_unit(const pf_context *c, const pf_tree *unit, bool *any, double *scale)
{
    pf_model *m = c->model;
    pf_unit plain = {.scale = 1};
    const char *why;
    *any = false;
    *scale = 1;
    if (unit->kind == PF_TEXT && !strcmp(unit->text, "any")) *any = true;
    else if (is_plain_unit(unit)) {
        if (pf_unit_parse(m->scenario->units, unit->text, &plain, &why)) {
            pf_error(m->diagnostics, unit->mark, "found the unit '%s': %s", unit->text, why);
            *any = true;
        }
        *scale = plain.scale;
    } else {
        pf_term term = pf_evaluate_text(c, unit, NULL, "the unit");
        *any = term.node == PF_NO_NODE;
        plain.dimension = term.dimension;
        if (!*any) pf_is_constant(&m->graph, term.node, scale);
    }
    return plain.dimension;
}

typedef struct {
    const char *key, *sign;
    bool lower, strict;
} limit;

static const limit limits[] = {{"above", "above", true, true},
                               {"at_least", "at least", true, false},
                               {"below", "below", false, true},
                               {"at_most", "at most", false, false}};

/* The distribution that a node is drawn from, or NULL. */
static const pf_value *drawn_from(const pf_model *m, pf_node_id node)
{
    const pf_node *n = &m->graph.nodes.items[node];
    return n->kind == PF_INPUT ? m->inputs.items[n->index].value : NULL;
}

typedef enum { TO_BE_SEEN, HOLDS, BROKEN } verdict;

/* What a distribution can draw must lie within a limit that is known; then nothing is left to test in a run. */
static verdict judge_support(const pf_model *m, pf_node_id drawn, pf_node_id bound, const limit *l)
{
    double at, least, greatest;
    const pf_value *value = drawn_from(m, drawn);
    if (!value || !pf_is_constant(&m->graph, bound, &at)) return TO_BE_SEEN;
    pf_distribution_at((size_t)value->distribution)->support(value->arguments, &least, &greatest);
    double end = l->lower ? least : greatest;
    bool inside = l->lower ? end >= at * (1 - 1e-12) : end <= at * (1 + 1e-12);
    bool always_on_it = l->strict && least == greatest && end == at; /* a draw is never the very end of its support */
    return inside && !always_on_it ? HOLDS : BROKEN;
}

/* A limit as a node in the dimension of the parameter; none after an error. */
static pf_node_id bound_of(const pf_context *c, const place *at, const pf_tree *text, pf_dimension dimension,
                           const char *label)
{
    pf_model *m = c->model;
    pf_term bound = pf_value_term(c, text, label);
    if (bound.node == PF_NO_NODE || pf_dimension_equal(bound.dimension, dimension)) return bound.node;
    if (!pf_dimension_none(bound.dimension) && !pf_expect(c, bound, dimension, text, label, NULL)) return PF_NO_NODE;
    bool any; /* a plain number is in the declared unit */
    double scale;
    pf_declared_unit(c, pf_tree_get(at->declared, "unit"), &any, &scale);
    return pf_binary(&m->graph, PF_MUL, bound.node, pf_constant_node(&m->graph, any ? 1 : scale));
}

/* What a message about a parameter shows of it. */
static pf_subject found_value(const pf_context *c, const place *at, pf_term term, const pf_tree *value)
{
    pf_subject about = {.value = term.node,
                        .lead = ", found",
                        .written = value->kind == PF_TEXT ? value->text : pf_tree_get_text(value, "value")};
    about.unit = pf_unit_said(c->model, pf_tree_get(at->declared, "unit"), term.dimension, &about.scale);
    return about;
}

/* above, at_least, below, at_most: checked after all effects. */
static void check_limits(const pf_context *c, const place *at, pf_node_id base, pf_term term, const pf_tree *value,
                         const char *label)
{
    pf_model *m = c->model;
    double known;
    for (const limit *l = limits; l < limits + sizeof limits / sizeof *limits; l++) {
        const pf_tree *text = pf_tree_get(at->declared, l->key);
        pf_node_id bound = text ? bound_of(c, at, text, term.dimension, label) : PF_NO_NODE;
        if (bound == PF_NO_NODE) continue;
        if (l->lower && pf_is_constant(&m->graph, bound, &known) && known >= 0)
            pf_assume_nonnegative(&m->graph, term.node);
        verdict drawn = judge_support(m, base, bound, l);
        if (drawn == HOLDS && term.node == base) continue;
        pf_node_id low = l->lower ? bound : term.node, high = l->lower ? term.node : bound;
        pf_node_id wrong = pf_unary(&m->graph, PF_NEG, pf_binary(&m->graph, l->strict ? PF_LT : PF_LE, low, high));
        wrong = pf_binary(&m->graph, PF_ADD, wrong, pf_constant_node(&m->graph, 1));
        if (pf_is_constant(&m->graph, wrong, &known) && known <= 0) continue;
        const char *message =
            pf_format(m->arena, "%s must be %s %s", label, l->sign, text->kind == PF_TEXT ? text->text : "its limit");
        if (drawn == BROKEN)
            pf_error(m->diagnostics, value->mark, "%s, found '%s', which can be %s than that", message,
                     drawn_from(m, base)->text, l->lower ? "less" : "more");
        else pf_require_about(m, wrong, value->mark, message, found_value(c, at, term, value));
    }
}

static const pf_tree *chosen_value(const pf_context *c, const place *at, const char *label, const char **canonical)
{
    pf_model *m = c->model;
    *canonical = label;
    if (at->given && !is_none(at->given)) return at->given;
    if (at->sector && !at->given) {
        *canonical = pf_format(m->arena, "sectors.%s.%s", c->process->sector_name, at->text);
        return at->sector;
    }
    return pf_tree_get(at->declared, "default");
}

/* A sector's value is one term for all its processes. */
static pf_term base_term(const pf_context *c, const place *at, const pf_tree *value, const char *canonical)
{
    pf_model *m = c->model;
    if (value != at->sector || at->given) return pf_value_term(c, value, canonical);
    pf_memo *memo = pf_memo_at(m, &m->stems, canonical);
    if (memo->progress == PF_UNKNOWN) {
        memo->progress = PF_KNOWN;
        memo->term = pf_value_term(c, value, canonical);
    }
    return memo->term;
}

static pf_term whole_number(pf_model *m, pf_term term, const pf_tree *value, const char *label)
{
    double number;
    if (pf_is_constant(&m->graph, term.node, &number) && pf_dimension_none(term.dimension) && number == rint(number) &&
        isfinite(number))
        return term;
    pf_error(m->diagnostics, value->mark, "%s: found '%s', expected a whole number", label,
             value->kind == PF_TEXT ? value->text : pf_tree_kind_name(value));
    return pf_no_term();
}

static pf_term work_out(const pf_context *c, const place *at)
{
    pf_model *m = c->model;
    bool any;
    double scale;
    const char *canonical, *label = pf_dotted(m->arena, c->process->label, at->text);
    const pf_tree *value = chosen_value(c, at, label, &canonical);
    if (!value) {
        pf_error(m->diagnostics, c->process->mark, "%s has no '%s', and its type '%s' has no default for it",
                 c->process->label, at->text, c->process->type_name);
        return pf_no_term();
    }
    pf_context inside = *c;
    inside.key = at->key;
    inside.component = at->component;
    inside.of_activity = pf_tree_get(at->declared, "follows");
    pf_term term = base_term(&inside, at, value, canonical);
    if (term.node == PF_NO_NODE) return term;
    if (inside.of_activity) pf_follow_activity(&m->graph, term.node);
    const pf_tree *unit = pf_tree_get(at->declared, "unit");
    if (!unit) return whole_number(m, term, value, label);
    pf_dimension wanted = pf_declared_unit(&inside, unit, &any, &scale);
    if (!any && !pf_expect(c, term, wanted, value, label, is_plain_unit(unit) ? unit->text : NULL)) return pf_no_term();
    if (!any) term.dimension = wanted;
    bool given = value == at->given, by_sector = value == at->sector;
    explain(m, label, value,
            given       ? "given"
            : by_sector ? canonical
                        : "default of the type",
            given       ? at->given_remarks
            : by_sector ? at->sector_remarks
                        : with_remarks(value, at->declared),
            term);
    pf_node_id base = term.node;
    term.node = pf_after_effects(&inside, label, at->own, term, value->mark);
    if (term.node != PF_NO_NODE) check_limits(&inside, at, base, term, value, label);
    return term;
}

pf_term pf_parameter_term(const pf_context *c, const pf_path *path, size_t first, bool *found)
{
    pf_model *m = c->model;
    pf_path_segment segments[PF_MOST_NAMES];
    pf_path own = {segments, 0};
    const char *name = own_path(c, path, first, &own);
    pf_memo *memo = pf_map_get(&c->process->parameters, name);
    *found = true;
    if (memo && memo->progress == PF_WORKING)
        pf_error(m->diagnostics, c->process->mark, "the parameter %s.%s is defined by itself", c->process->label, name);
    if (memo) return memo->term;
    place at;
    *found = find_place(c, &own, &at) && !pf_tree_get(at.declared, "carrier");
    if (!*found) return pf_no_term();
    at.text = name;
    memo = pf_memo_at(m, &c->process->parameters, name);
    memo->progress = PF_WORKING;
    memo->term = work_out(c, &at);
    memo->progress = PF_KNOWN;
    return memo->term;
}

static bool is_process_key(const char *key)
{
    return !strcmp(key, "type") || !strcmp(key, "sector") || !strcmp(key, "joins") || pf_is_remark(key);
}

/* Keys that are given but not declared: text columns of a table (kept as attributes for filters) must be texts that are
 * no numbers. */
static void check_given_keys(pf_model *m, const pf_process *p, const pf_tree *declared, const pf_tree *given,
                             const char *path, bool top)
{
    for (size_t i = 0; given && given->kind == PF_MAPPING && i < given->entries.count; i++) {
        const pf_entry *entry = &given->entries.items[i];
        if (top ? is_process_key(entry->key) : pf_is_remark(entry->key)) continue;
        const char *map = pf_tree_get_text(declared, "map");
        const pf_tree *inner = pf_tree_get(declared, map ? "of" : entry->key);
        const char *below = *path ? pf_dotted(m->arena, path, entry->key) : entry->key;
        if (map && !strcmp(map, "carrier") && !pf_carrier_named(m, entry->key)) {
            pf_nearest near = pf_nearest_to(entry->key);
            for (size_t k = 0; k < m->carriers.count; k++) pf_nearest_offer(&near, m->carriers.items[k].name);
            pf_error(m->diagnostics, entry->mark, "no carrier is called '%s'%s", entry->key,
                     pf_nearest_hint(&near, m->arena));
        } else if (!inner) {
            pf_nearest near = pf_nearest_to(entry->key);
            for (size_t k = 0; declared && k < declared->entries.count; k++)
                pf_nearest_offer(&near, declared->entries.items[k].key);
            pf_error(m->diagnostics, entry->mark, "'%s' is no parameter of the type '%s'%s", below, p->type_name,
                     pf_nearest_hint(&near, m->arena));
        } else if (!is_leaf(inner) && !is_none(entry->value)) {
            if (entry->value->kind != PF_MAPPING)
                pf_error(m->diagnostics, entry->value->mark, "found %s under '%s', expected a map",
                         pf_tree_kind_name(entry->value), below);
            check_given_keys(m, p, inner, entry->value, below, false);
        }
    }
}

/* Is the carrier that a process chose one of the group? What a group without carriers means, the type's own check has
 * said. */
static void check_carrier_choice(pf_model *m, pf_process *p, const pf_entry *declared)
{
    const char *name = pf_parameter_text(p, declared->key), *group = pf_tree_get_text(declared->value, "carrier");
    const pf_tree *given = pf_parameter_given(p, declared->key);
    pf_mark mark = given ? given->mark : p->mark;
    const pf_carrier *carrier = name ? pf_carrier_named(m, name) : NULL;
    bool any = group && !strcmp(group, "any"), group_exists = any;
    if (carrier && (any || (group && carrier->group && !strcmp(carrier->group, group)))) return;
    pf_nearest near = pf_nearest_to(name ? name : "");
    for (size_t i = 0; i < m->carriers.count; i++) {
        if (!any && (!m->carriers.items[i].group || !group || strcmp(m->carriers.items[i].group, group) != 0)) continue;
        pf_nearest_offer(&near, m->carriers.items[i].name);
        group_exists = true;
    }
    pf_refuse(m, p, declared->key);
    if (!name)
        pf_error(m->diagnostics, mark, "%s has no '%s', expected the name of a carrier%s%s", p->label, declared->key,
                 any ? "" : " of the group ", any ? "" : group);
    else if (!carrier)
        pf_error(m->diagnostics, mark, "no carrier is called '%s'%s", name, pf_nearest_hint(&near, m->arena));
    else if (group_exists)
        pf_error(m->diagnostics, mark, "%s.%s: the carrier '%s' is not of the group '%s'%s", p->label, declared->key,
                 name, group, pf_nearest_hint(&near, m->arena));
}

void pf_check_carrier_choices(pf_model *m, pf_process *p)
{
    const pf_tree *declared = pf_tree_get(p->type, "parameters");
    for (size_t i = 0; declared && declared->kind == PF_MAPPING && i < declared->entries.count; i++)
        if (pf_tree_get(declared->entries.items[i].value, "carrier"))
            check_carrier_choice(m, p, &declared->entries.items[i]);
}

/* Works out every parameter of a process, so that errors show even where nothing asks for it. */
static void check_declared(const pf_context *c, const pf_tree *declared, const pf_tree *given, const pf_tree *sector,
                           pf_path path)
{
    const char *map = pf_tree_get_text(declared, "map");
    const pf_tree *keys[] = {map ? given : declared, map ? sector : NULL};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; keys[k] && keys[k]->kind == PF_MAPPING && i < keys[k]->entries.count; i++) {
            const pf_entry *entry = &keys[k]->entries.items[i];
            if (pf_is_remark(entry->key) || (k && pf_tree_get(given, entry->key))) continue;
            const pf_tree *inner = map ? pf_tree_get(declared, "of") : entry->value;
            if (is_none(pf_tree_get(given, entry->key))) continue;
            path.segments[path.count] = (pf_path_segment){.name = entry->key};
            pf_path below = {path.segments, path.count + 1};
            bool found;
            if (!is_leaf(inner)) {
                if (inner && inner->kind == PF_MAPPING && path.count < 14)
                    check_declared(c, inner, pf_tree_get(given, entry->key), pf_tree_get(sector, entry->key), below);
            } else if (!pf_tree_get(inner, "carrier")) pf_parameter_term(c, &below, 0, &found);
        }
}

void pf_check_parameters(pf_model *m, pf_process *p)
{
    pf_path_segment segments[PF_MOST_NAMES];
    pf_context c = {.model = m, .process = p};
    check_given_keys(m, p, pf_tree_get(p->type, "parameters"), p->given, "", true);
    if (pf_tree_get(p->type, "parameters"))
        check_declared(&c, pf_tree_get(p->type, "parameters"), p->given, p->sector, (pf_path){segments, 0});
}
