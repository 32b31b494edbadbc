/* Interventions: switches, adoption, effects on parameters; and whose cost they are. */
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NOWHERE = -1, SEVERAL = -2 };

static pf_node_id new_switch(pf_model *m, const char *name)
{
    return pf_input_node(&m->graph, pf_new_input(m, (pf_input){.name = name, .unit = "1"}));
}

static pf_changes *changes_at(pf_model *m, const char *key)
{
    pf_changes *changes = pf_map_get(&m->changes, key);
    if (!changes) pf_map_set(&m->changes, m->arena, key, changes = PF_NEW(m->arena, pf_changes));
    return changes;
}

static void file_at(pf_model *m, const char *key, size_t row, bool trend)
{
    pf_changes *changes = changes_at(m, key);
    if (trend) *PF_PUSH(m->arena, changes->trends) = (uint32_t)row;
    else *PF_PUSH(m->arena, changes->effects) = (uint32_t)row;
}

/* Files an effect or trend where those look that its path may mean: under the park of a process, each if none is named;
 * and under the whole path, which may be that of an intervention or of a parameter of the model. */
static void file(pf_model *m, const pf_path *path, size_t row, bool trend)
{
    const char *park = path->segments[0].name, *whole = park;
    const pf_tree *parks = pf_tree_get(m->scenario->tree, "parks");
    for (size_t i = 1; i < path->count; i++) whole = pf_dotted(m->arena, whole, path->segments[i].name);
    if (whole != park) file_at(m, whole, row, trend);
    if (strcmp(park, "*") != 0) {
        file_at(m, park, row, trend);
        return;
    }
    for (size_t i = 0; parks && parks->kind == PF_MAPPING && i < parks->entries.count; i++)
        file_at(m, parks->entries.items[i].key, row, trend);
    file_at(m, "shared", row, trend);
}

static void add_effect(pf_model *m, uint32_t number, const pf_tree *tree)
{
    static const char *const verbs[] = {"set", "scale", "cut", "add"};
    const pf_tree *target = NULL;
    pf_effect effect = {.intervention = number, .tree = tree, .mark = tree->mark, .park_hit = (uint32_t)NOWHERE};
    size_t given = 0;
    for (int i = 0; i < 4; i++)
        if (pf_tree_get(tree, verbs[i])) {
            target = pf_tree_get(tree, verbs[i]);
            effect.kind = (pf_effect_kind)i;
            given++;
        }
    if (given != 1) {
        pf_error(m->diagnostics, tree->mark, "found %zu of set, scale, cut and add in this effect, expected one",
                 given);
        return;
    }
    if (target->kind != PF_TEXT) return;
    const char *wanted = effect.kind == PF_SET ? "to" : "by";
    if (!pf_tree_get(tree, wanted)) {
        pf_error(m->diagnostics, tree->mark, "'%s' needs '%s'", verbs[effect.kind], wanted);
        return;
    }
    effect.text = target->text;
    effect.mark = target->mark;
    effect.end_use = pf_tree_get_text(tree, "end_use");
    if (pf_path_parse(m->arena, pf_tree_text_mark(target), target->text, &effect.path, m->diagnostics)) return;
    if (!strcmp(effect.path.segments[0].name, "*")) {
        pf_error(m->diagnostics, target->mark,
                 "the effect '%s' names no park; expected PARK.PROCESS.parameter, so that it is plain which parks it "
                 "reaches",
                 target->text);
        return;
    }
    file(m, &effect.path, m->effects.count, false);
    *PF_PUSH(m->arena, m->effects) = effect;
}

static void build_trends(pf_model *m)
{
    const pf_tree *scenarios = pf_tree_get(m->scenario->tree, "scenarios");
    for (size_t i = 0; scenarios && scenarios->kind == PF_MAPPING && i < scenarios->entries.count; i++) {
        const pf_tree *trend = pf_tree_get(scenarios->entries.items[i].value, "trend");
        if (!trend || trend->kind != PF_MAPPING || !trend->entries.count) continue;
        pf_node_id switched = new_switch(m, pf_format(m->arena, "trend.%s", scenarios->entries.items[i].key));
        for (size_t k = 0; k < trend->entries.count; k++) {
            const pf_entry *entry = &trend->entries.items[k];
            pf_trend t = {.text = entry->key, .tree = entry->value, .mark = entry->mark, .switched = switched};
            t.scenario = scenarios->entries.items[i].key;
            if (pf_is_remark(entry->key)) continue;
            if (pf_path_parse(m->arena, entry->mark, entry->key, &t.path, m->diagnostics)) continue;
            file(m, &t.path, m->trends.count, true);
            *PF_PUSH(m->arena, m->trends) = t;
        }
    }
}

void pf_build_interventions(pf_model *m)
{
    const pf_tree *map = pf_tree_get(m->scenario->tree, "interventions");
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) {
        const pf_entry *entry = &map->entries.items[i];
        const pf_tree *effects = pf_tree_get(entry->value, "effects");
        pf_intervention v = {.name = entry->key, .tree = entry->value, .mark = entry->mark};
        if (entry->value->kind != PF_MAPPING) continue;
        v.switched = new_switch(m, pf_format(m->arena, "interventions.%s.switch", entry->key));
        pf_add_lever(m, &v);
        *PF_PUSH(m->arena, m->interventions) = v;
        pf_map_set(&m->intervention_rows, m->arena, v.name, (void *)m->interventions.count);
        for (size_t k = 0; effects && effects->kind == PF_SEQUENCE && k < effects->entries.count; k++)
            if (effects->entries.items[k].value->kind == PF_MAPPING)
                add_effect(m, (uint32_t)m->interventions.count - 1, effects->entries.items[k].value);
    }
    build_trends(m);
}

/* Does a path of an effect or trend mean this parameter? `tail` are the parameter's own segments. */
static bool means(const pf_context *c, const pf_path *path, const pf_path *tail)
{
    size_t rest = 0;
    const char *last = path->segments[path->count - 1].name;
    if (strcmp(last, tail->segments[tail->count - 1].name) != 0 && strcmp(last, "*") != 0) return false;
    if (c->process) {
        if (!pf_path_names_process(path, c->process, tail->count, &rest)) return false;
    } else if (path->count != tail->count) return false;
    for (size_t i = 0; i < tail->count; i++)
        if (strcmp(path->segments[rest + i].name, tail->segments[i].name) != 0 &&
            (strcmp(path->segments[rest + i].name, "*") != 0 || !c->process))
            return false;
    return true;
}

static pf_node_id switched_on(pf_model *m, uint32_t number, pf_node_id adoption)
{
    pf_graph *g = &m->graph;
    return pf_binary(g, PF_MUL, m->interventions.items[number].switched,
                     pf_binary(g, PF_GT, adoption, pf_constant_node(g, 0)));
}

/* Reads `to`, `by`, `of`, `floor` once; their dimensions are checked against the target. */
static void know(const pf_context *c, pf_effect *effect)
{
    pf_model *m = c->model;
    pf_context outside = {.model = m, .of_activity = c->of_activity};
    const char *keys[] = {effect->kind == PF_SET ? "to" : "by", "of", "floor"};
    pf_term *terms[] = {&effect->by, &effect->of, &effect->floor};
    if (effect->known) return;
    effect->known = true;
    for (size_t i = 0; i < 3; i++) {
        const pf_tree *tree = pf_tree_get(effect->tree, keys[i]);
        *terms[i] = pf_no_term();
        if (tree)
            *terms[i] =
                pf_value_term(&outside, tree,
                              pf_format(m->arena, "interventions.%s.%s.%s",
                                        m->interventions.items[effect->intervention].name, effect->text, keys[i]));
        if (c->of_activity) pf_follow_activity(&m->graph, terms[i]->node);
    }
}

static bool fits(const pf_context *c, pf_effect *effect, pf_term base)
{
    static const pf_dimension none;
    bool pure = effect->kind == PF_SCALE || effect->kind == PF_CUT;
    const pf_tree *by = pf_tree_get(effect->tree, effect->kind == PF_SET ? "to" : "by"),
                  *of = pf_tree_get(effect->tree, "of"), *floor = pf_tree_get(effect->tree, "floor");
    bool good = pf_expect(c, effect->by, pure ? none : base.dimension, by, effect->text, NULL);
    if (of && !pf_expect(c, effect->of, none, of, effect->text, NULL)) good = false;
    if (floor && !pf_expect(c, effect->floor, base.dimension, floor, effect->text, NULL)) good = false;
    return good;
}

/* Between a number and no limit there is no part of the way. */
static void refuse_partial_infinity(pf_model *m, const pf_effect *effect, pf_node_id base)
{
    double to = 0, from = 0, ceiling = 1;
    const pf_tree *adoption = pf_tree_get(m->interventions.items[effect->intervention].tree, "adoption");
    const char *curve = pf_tree_get_text(adoption, "curve"), *text = pf_tree_get_text(adoption, "ceiling"), *rest;
    bool endless = (pf_is_constant(&m->graph, effect->by.node, &to) && isinf(to)) ||
                   (pf_is_constant(&m->graph, base, &from) && isinf(from));
    m->interventions.items[effect->intervention].needs_whole |= endless;
    bool whole = !text || (pf_number_parse(text, &ceiling, &rest) && ceiling == (*rest == '%' ? 100 : 1));
    if (endless && (!whole || !curve || strcmp(curve, "step") != 0))
        pf_error(m->diagnostics, effect->mark,
                 "a 'set' from or to inf cannot be partial; expected an adoption of curve 'step' and ceiling 100 %%");
}

typedef struct {
    PF_LIST(pf_effect *) all;
} hits;

static pf_node_id adoption_of(pf_model *m, uint32_t number)
{
    bool found;
    pf_term term = pf_intervention_term(m, number, "adoption", &found);
    return term.node == PF_NO_NODE ? pf_constant_node(&m->graph, 0) : term.node;
}

static pf_node_id after_sets(pf_model *m, const hits *h, pf_node_id value)
{
    pf_graph *g = &m->graph;
    for (size_t i = 0; i < h->all.count; i++) {
        const pf_effect *e = h->all.items[i];
        if (e->kind != PF_SET) continue;
        pf_node_id a = adoption_of(m, e->intervention), one = pf_constant_node(g, 1);
        pf_node_id partly =
            pf_binary(g, PF_ADD, value, pf_binary(g, PF_MUL, a, pf_binary(g, PF_SUB, e->by.node, value)));
        pf_node_id now = pf_operation_node(g, PF_SELECT, pf_binary(g, PF_GE, a, one), e->by.node, partly);
        value = pf_operation_node(g, PF_SELECT, switched_on(m, e->intervention, a), now, value);
    }
    return value;
}

static pf_node_id after_scales(pf_model *m, const hits *h, pf_node_id value)
{
    pf_graph *g = &m->graph;
    pf_node_id one = pf_constant_node(g, 1);
    for (size_t i = 0; i < h->all.count; i++) {
        const pf_effect *e = h->all.items[i];
        if (e->kind != PF_SCALE) continue;
        pf_node_id a = adoption_of(m, e->intervention);
        pf_node_id factor = pf_binary(g, PF_ADD, one, pf_binary(g, PF_MUL, a, pf_binary(g, PF_SUB, e->by.node, one)));
        value = pf_binary(g, PF_MUL, value,
                          pf_operation_node(g, PF_SELECT, switched_on(m, e->intervention, a), factor, one));
    }
    return value;
}

static const char *end_use_of(const pf_effect *effect)
{
    return effect->end_use ? effect->end_use : "";
}

/* What is left of one end use: the product of 1 - cut x adoption. */
static pf_node_id remaining(pf_model *m, const hits *h, const char *end_use)
{
    pf_graph *g = &m->graph;
    pf_node_id left = pf_constant_node(g, 1), zero = pf_constant_node(g, 0);
    for (size_t i = 0; i < h->all.count; i++) {
        const pf_effect *e = h->all.items[i];
        if (e->kind != PF_CUT || strcmp(end_use_of(e), end_use) != 0) continue;
        pf_node_id a = adoption_of(m, e->intervention);
        pf_node_id cut = pf_operation_node(g, PF_SELECT, switched_on(m, e->intervention, a),
                                           pf_binary(g, PF_MUL, e->by.node, a), zero);
        left = pf_binary(g, PF_MUL, left, pf_binary(g, PF_SUB, pf_constant_node(g, 1), cut));
    }
    return left;
}

static void check_shares(pf_model *m, const pf_effect *first, const pf_effect *other)
{
    if (first->of.node != other->of.node)
        pf_error(m->diagnostics, other->mark,
                 "the end use '%s' has another share (`of`) here than in line %d; cuts on one end use have one share",
                 end_use_of(other), first->mark.line);
}

static pf_node_id after_cuts(pf_model *m, const hits *h, pf_node_id value)
{
    pf_graph *g = &m->graph;
    pf_node_id one = pf_constant_node(g, 1), saved = PF_NO_NODE, shares = PF_NO_NODE, before = value;
    for (size_t i = 0; i < h->all.count; i++) {
        pf_effect *e = h->all.items[i];
        const pf_effect *first = NULL;
        if (e->kind != PF_CUT) continue;
        for (size_t k = 0; k < i && !first; k++)
            if (h->all.items[k]->kind == PF_CUT && !strcmp(end_use_of(h->all.items[k]), end_use_of(e)))
                first = h->all.items[k];
        if (first) {
            check_shares(m, first, e);
            continue;
        }
        pf_node_id share = e->of.node == PF_NO_NODE ? one : e->of.node;
        pf_node_id part = pf_binary(g, PF_MUL, share, pf_binary(g, PF_SUB, one, remaining(m, h, end_use_of(e))));
        saved = pf_plus(g, saved, part);
        shares = pf_plus(g, shares, share);
        pf_require(m, pf_binary(g, PF_SUB, shares, pf_constant_node(g, 1 + 1e-9)), e->mark,
                   pf_format(m->arena, "the shares (`of`) of the end uses cut in '%s' add to more than 1", e->text));
    }
    if (saved == PF_NO_NODE) return value;
    value = pf_binary(g, PF_MUL, value, pf_binary(g, PF_SUB, one, saved));
    for (size_t i = 0; i < h->all.count; i++)
        if (h->all.items[i]->kind == PF_CUT && h->all.items[i]->floor.node != PF_NO_NODE)
            value = pf_binary(g, PF_MAX, value, pf_binary(g, PF_MIN, before, h->all.items[i]->floor.node));
    return value;
}

static pf_node_id after_additions(pf_model *m, const hits *h, pf_node_id value)
{
    pf_graph *g = &m->graph;
    for (size_t i = 0; i < h->all.count; i++) {
        const pf_effect *e = h->all.items[i];
        if (e->kind != PF_ADDITION) continue;
        pf_node_id a = adoption_of(m, e->intervention);
        pf_node_id more = pf_operation_node(g, PF_SELECT, switched_on(m, e->intervention, a),
                                            pf_binary(g, PF_MUL, a, e->by.node), pf_constant_node(g, 0));
        value = pf_binary(g, PF_ADD, value, more);
    }
    return value;
}

static pf_node_id after_trends(const pf_context *c, const pf_changes *changes, const pf_path *tail, pf_node_id value)
{
    pf_model *m = c->model;
    pf_graph *g = &m->graph;
    for (size_t i = 0; i < changes->trends.count; i++) {
        pf_trend *t = &m->trends.items[changes->trends.items[i]];
        pf_context outside = {.model = m};
        if (!means(c, &t->path, tail)) continue;
        t->hits++;
        if (!t->known) {
            t->known = true;
            t->rate =
                pf_value_term(&outside, t->tree, pf_format(m->arena, "scenarios.%s.trend.%s", t->scenario, t->text));
            if (!pf_expect(c, t->rate, (pf_dimension){0}, t->tree, t->text, NULL)) t->rate = pf_no_term();
        }
        if (t->rate.node == PF_NO_NODE) continue;
        pf_node_id one = pf_constant_node(g, 1), years = pf_trend_years(m, c->of_activity),
                   growth = pf_binary(g, PF_POW, pf_binary(g, PF_ADD, one, t->rate.node), years);
        value = pf_binary(g, PF_MUL, value, pf_operation_node(g, PF_SELECT, t->switched, growth, one));
    }
    return value;
}

static void note_park(const pf_context *c, pf_effect *e)
{
    uint32_t park = c->process ? c->process->scope->park : c->model->park_count - 1;
    e->park_hit = e->park_hit == (uint32_t)NOWHERE || e->park_hit == park ? park : (uint32_t)SEVERAL;
}

/* Among which are all that mean the parameter. */
static const pf_changes *changes_of(const pf_context *c, const char *path)
{
    const pf_scope *scope = c->process ? c->process->scope : NULL;
    if (scope && scope->kind == PF_SITE_SCOPE) scope = scope->parent;
    return changes_at(c->model, scope ? scope->name : path);
}

pf_node_id pf_after_effects(const pf_context *c, const char *path_text, const pf_path *path, pf_term base, pf_mark mark)
{
    pf_model *m = c->model;
    hits h = {0};
    if (base.node == PF_NO_NODE) return base.node;
    const pf_changes *changes = changes_of(c, path_text);
    for (size_t i = 0; i < changes->effects.count; i++) {
        pf_effect *e = &m->effects.items[changes->effects.items[i]];
        if (!means(c, &e->path, path)) continue;
        e->hits++;
        note_park(c, e);
        know(c, e);
        if (!fits(c, e, base)) continue;
        if (e->kind == PF_SET) refuse_partial_infinity(m, e, base.node);
        *PF_PUSH(m->arena, h.all) = e;
    }
    uint32_t before = pf_model_at(m, mark, path_text);
    pf_node_id value = after_trends(c, changes, path, base.node);
    if (h.all.count) value = after_additions(m, &h, after_cuts(m, &h, after_scales(m, &h, after_sets(m, &h, value))));
    m->graph.origin = before;
    for (size_t i = 0; i < h.all.count; i++)
        for (size_t k = 0; k < i; k++)
            if (h.all.items[i]->kind == PF_SET && h.all.items[k]->kind == PF_SET)
                *PF_PUSH(m->arena, m->double_sets) = (pf_double_set){h.all.items[k], h.all.items[i], path_text};
    return value;
}

/* What is in use: adopted, after what other interventions do to it, clipped to [0, 1], and not ended. */
static pf_term adoption_term(pf_model *m, uint32_t number)
{
    pf_intervention *v = &m->interventions.items[number];
    pf_context outside = {.model = m};
    uint32_t before = pf_model_at(m, v->mark, pf_format(m->arena, "interventions.%s.adoption", v->name));
    pf_path_segment segments[] = {{.name = "interventions"}, {.name = v->name}, {.name = "adoption"}};
    pf_path path = {segments, 3};
    pf_term term = pf_no_term();
    v->spread = pf_adoption_curve(&outside, v);
    term.node = v->spread.curve;
    term.node =
        pf_after_effects(&outside, pf_format(m->arena, "interventions.%s.adoption", v->name), &path, term, v->mark);
    term.node = pf_binary(&m->graph, PF_MIN, pf_constant_node(&m->graph, 1),
                          pf_binary(&m->graph, PF_MAX, pf_constant_node(&m->graph, 0), term.node));
    v->adopted = term.node;
    if (v->spread.lasting != PF_NO_NODE) term.node = pf_binary(&m->graph, PF_MUL, term.node, v->spread.lasting);
    m->graph.origin = before;
    return term;
}

const char *pf_intervention_text(const pf_intervention *v, const char *key)
{
    return pf_tree_get_text(!strcmp(key, "pays") ? pf_tree_get(v->tree, "cost") : v->tree, key);
}

pf_term pf_intervention_term(pf_model *m, uint32_t number, const char *what, bool *found)
{
    pf_intervention *v = &m->interventions.items[number];
    bool adoption = !strcmp(what, "adoption"), capital = !strcmp(what, "capital_cost"),
         running = !strcmp(what, "running_cost");
    pf_memo *memo = adoption ? &v->adoption : capital ? &v->capital : &v->running;
    *found = adoption || capital || running;
    if (!*found) return pf_no_term();
    if (memo->progress == PF_WORKING) {
        pf_error(m->diagnostics, v->mark,
                 "the adoption of '%s' depends on itself through the interventions that raise it", v->name);
        return pf_no_term();
    }
    if (memo->progress == PF_UNKNOWN) {
        memo->progress = PF_WORKING;
        memo->term = pf_no_term();
        pf_term term = adoption ? adoption_term(m, number) : pf_intervention_cost(m, number, capital);
        memo->term = term;
        memo->progress = PF_KNOWN;
    }
    return memo->term;
}

static uint32_t park_named(pf_model *m, const pf_tree *name)
{
    pf_nearest near = pf_nearest_to(name->text);
    for (size_t i = 0; i < m->scopes.count; i++) {
        if (m->scopes.items[i]->kind == PF_SITE_SCOPE) continue;
        if (!strcmp(m->scopes.items[i]->name, name->text)) return m->scopes.items[i]->park;
        pf_nearest_offer(&near, m->scopes.items[i]->name);
    }
    pf_error(m->diagnostics, name->mark, "no park is called '%s'%s", name->text, pf_nearest_hint(&near, m->arena));
    return m->park_count - 1;
}

/* Whose costs they are: the park's that all effects reach, unless one is named. */
static void find_parks(pf_model *m)
{
    for (size_t i = 0; i < m->interventions.count; i++) m->interventions.items[i].park = (uint32_t)NOWHERE;
    for (size_t i = 0; i < m->effects.count; i++) {
        const pf_effect *e = &m->effects.items[i];
        uint32_t *park = &m->interventions.items[e->intervention].park;
        if (e->hits) *park = *park == (uint32_t)NOWHERE || *park == e->park_hit ? e->park_hit : (uint32_t)SEVERAL;
    }
    for (uint32_t i = 0; i < m->interventions.count; i++) {
        pf_intervention *v = &m->interventions.items[i];
        const pf_tree *named = pf_tree_get(v->tree, "park");
        if (v->park >= m->park_count) v->park = m->park_count - 1;
        if (named && named->kind == PF_TEXT) v->park = park_named(m, named);
        *PF_PUSH(m->arena, m->parks[v->park].interventions) = i;
    }
}

void pf_finish_interventions(pf_model *m)
{
    bool found;
    for (uint32_t i = 0; i < m->interventions.count; i++) {
        pf_intervention_term(m, i, "adoption", &found);
        pf_intervention_term(m, i, "capital_cost", &found);
        pf_intervention_term(m, i, "running_cost", &found);
    }
    for (size_t i = 0; i < m->effects.count; i++) {
        const pf_effect *e = &m->effects.items[i];
        if (!e->hits) pf_explain_no_hit(m, &e->path, e->text, e->mark);
    }
    for (size_t i = 0; i < m->trends.count; i++) {
        const pf_trend *t = &m->trends.items[i];
        if (!t->hits) pf_explain_no_hit(m, &t->path, t->text, t->mark);
    }
    find_parks(m);
}
