/* What numbers rest on. Values keep what they were read as (pf_tree.value), so that a walk over the tree meets just
 * those that the compiler has asked for. Remarks hold for the map they stand in and below it, up to the next: within a
 * process, a sector, an intervention, and no further out. */
#include "scenario/provenance.h"

#include "scenario/schema.h"

#include <string.h>

typedef struct {
    const pf_scenario *scenario;
    const char *park;
    PF_LIST(pf_number_read) found;
} walker;

const char *pf_ground_name(pf_ground ground)
{
    static const char *const names[] = {"measured", "derived", "benchmark", "assumed", "orphan"};
    return names[ground];
}

static pf_ground ground_of_kind(const char *kind)
{
    static const struct {
        const char *kind;
        pf_ground ground;
    } kinds[] = {{"measured", PF_RESTS_ON_MEASURED},       {"reported", PF_RESTS_ON_MEASURED},
                 {"official_factor", PF_RESTS_ON_DERIVED}, {"estimate", PF_RESTS_ON_DERIVED},
                 {"benchmark", PF_RESTS_ON_BENCHMARK},     {"default_factor", PF_RESTS_ON_BENCHMARK}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].kind, kind)) return kinds[i].ground;
    return PF_RESTS_ON_ASSUMED;
}

static bool is_remarked(const pf_tree *tree)
{
    return pf_tree_get(tree, "source") || pf_tree_get(tree, "choose") || pf_tree_get(tree, "assumption");
}

static pf_ground ground_of(const walker *w, const pf_tree *remarks)
{
    const char *source = pf_tree_get_text(remarks, "source");
    bool is_assumed = pf_tree_get(remarks, "assumption") != NULL;
    if (!source) source = pf_tree_get_text(remarks, "choose");
    if (!source) return is_assumed ? PF_RESTS_ON_ASSUMED : PF_RESTS_ON_NOTHING;
    const pf_evidence *evidence = pf_map_get(&w->scenario->evidence, source);
    pf_ground ground = evidence ? ground_of_kind(evidence->kind) : PF_RESTS_ON_ASSUMED;
    return is_assumed && ground < PF_RESTS_ON_DERIVED ? PF_RESTS_ON_DERIVED : ground;
}

/* Holds an expression a number of its own? 0 and 1 are parts of formulas. */
static bool has_number(const pf_expression *e)
{
    if (e->kind == PF_EXPR_NUMBER) return e->unit || (e->number != 0 && e->number != 1);
    for (size_t i = 0; i < e->argument_count; i++)
        if (has_number(e->arguments[i])) return true;
    return false;
}

static bool is_number(const pf_value *value)
{
    if (value->kind == PF_EXPRESSION) return has_number(value->expression);
    return !value->any_unit;
}

static void visit(walker *w, const pf_tree *tree, const pf_tree *remarks, const char *path);

static void visit_value(walker *w, const pf_tree *tree, const pf_tree *remarks, const char *path)
{
    const pf_value *value = tree->value;
    const pf_tree *inner = pf_tree_get(tree, "value"), *choices = pf_tree_get(tree, "of");
    for (size_t i = 0; choices && !inner && i < choices->entries.count; i++)
        if (choices->entries.items[i].value->value == value) inner = choices->entries.items[i].value;
    if (value->kind == PF_SHARED_OWN) {
        visit(w, pf_tree_get(tree, "shared"), remarks, pf_dotted(w->scenario->arena, path, "shared"));
        visit(w, pf_tree_get(tree, "own"), remarks, pf_dotted(w->scenario->arena, path, "own"));
    } else if (inner && inner->value == value) visit(w, inner, remarks, path);
    else if (is_number(value))
        *PF_PUSH(w->scenario->arena, w->found) =
            (pf_number_read){path, w->park, ground_of(w, remarks), tree->mark, value};
}

/* All numbers in a tree; `remarks`: the nearest map around it that has any. */
static void visit(walker *w, const pf_tree *tree, const pf_tree *remarks, const char *path)
{
    if (!tree) return;
    if (is_remarked(tree)) remarks = tree;
    if (tree->value) {
        visit_value(w, tree, remarks, path);
        return;
    }
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *entry = &tree->entries.items[i];
        if (entry->key && pf_is_remark(entry->key)) continue;
        const char *name = entry->key ? entry->key : pf_format(w->scenario->arena, "%zu", i);
        visit(w, entry->value, remarks, *path ? pf_dotted(w->scenario->arena, path, name) : name);
    }
}

/* The entries of a map, each of which begins without remarks. */
static void visit_entries(walker *w, const pf_tree *map, const char *path)
{
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) {
        const pf_entry *entry = &map->entries.items[i];
        if (pf_is_remark(entry->key)) continue;
        visit(w, entry->value, NULL, *path ? pf_dotted(w->scenario->arena, path, entry->key) : entry->key);
    }
}

/* Of a park, or of a site in it. */
static void visit_scope(walker *w, const pf_tree *scope, const char *path)
{
    const pf_tree *sites = pf_tree_get(scope, "sites");
    visit_entries(w, pf_tree_get(scope, "processes"), path);
    visit_entries(w, pf_tree_get(scope, "markets"), path);
    for (size_t i = 0; sites && sites->kind == PF_MAPPING && i < sites->entries.count; i++)
        visit_scope(w, sites->entries.items[i].value, pf_dotted(w->scenario->arena, path, sites->entries.items[i].key));
}

static void visit_parks(walker *w)
{
    const pf_tree *parks = pf_tree_get(w->scenario->tree, "parks");
    for (size_t i = 0; parks && parks->kind == PF_MAPPING && i < parks->entries.count; i++) {
        w->park = parks->entries.items[i].key;
        visit_scope(w, parks->entries.items[i].value, w->park);
    }
    w->park = NULL;
}

/* The park that a path begins with, or NULL. */
static const char *park_in(const walker *w, const char *path)
{
    const pf_tree *parks = pf_tree_get(w->scenario->tree, "parks");
    const char *first = path ? pf_copy_text(w->scenario->arena, path, strcspn(path, ".")) : "";
    const pf_entry *entry = parks && parks->kind == PF_MAPPING ? pf_tree_entry(parks, first) : NULL;
    return entry ? entry->key : NULL;
}

/* The park of an intervention: what it says, or where its first effect is. */
static const char *park_of_intervention(const walker *w, const pf_tree *tree)
{
    static const char *const verbs[] = {"set", "scale", "cut", "add"};
    const pf_tree *effects = pf_tree_get(tree, "effects");
    const pf_tree *first = effects && effects->entries.count ? effects->entries.items[0].value : NULL;
    if (pf_tree_get(tree, "park")) return park_in(w, pf_tree_get_text(tree, "park"));
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (pf_tree_get(first, verbs[i])) return park_in(w, pf_tree_get_text(first, verbs[i]));
    return NULL;
}

static void visit_interventions(walker *w)
{
    const pf_tree *map = pf_tree_get(w->scenario->tree, "interventions");
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) {
        const pf_entry *entry = &map->entries.items[i];
        w->park = park_of_intervention(w, entry->value);
        visit(w, entry->value, NULL, pf_dotted(w->scenario->arena, "interventions", entry->key));
    }
    w->park = NULL;
}

static void visit_trends(walker *w)
{
    const pf_tree *map = pf_tree_get(w->scenario->tree, "scenarios");
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) {
        const pf_entry *entry = &map->entries.items[i];
        const pf_tree *trend = pf_tree_get(entry->value, "trend"), *remarks = NULL;
        if (is_remarked(trend)) remarks = trend;
        const char *path = pf_format(w->scenario->arena, "scenarios.%s.trend", entry->key);
        for (size_t k = 0; trend && trend->kind == PF_MAPPING && k < trend->entries.count; k++) {
            const pf_entry *rate = &trend->entries.items[k];
            if (pf_is_remark(rate->key)) continue;
            w->park = park_in(w, rate->key);
            visit(w, rate->value, remarks, pf_dotted(w->scenario->arena, path, rate->key));
        }
    }
    w->park = NULL;
}

/* Only defaults of parameters: their limits are conditions. A declaration is a map with `default`. */
static void visit_defaults(walker *w, const pf_tree *declared, const pf_tree *remarks, const char *path)
{
    if (!declared || declared->kind != PF_MAPPING) return;
    if (is_remarked(declared)) remarks = declared;
    const pf_tree *given = pf_tree_get(declared, "default");
    if (given) visit(w, given, remarks, path);
    for (size_t i = 0; !given && i < declared->entries.count; i++) {
        const pf_entry *entry = &declared->entries.items[i];
        visit_defaults(w, entry->value, remarks, pf_dotted(w->scenario->arena, path, entry->key));
    }
}

static void visit_types(walker *w)
{
    const pf_tree *types = pf_tree_get(w->scenario->tree, "process_types");
    for (size_t i = 0; types && types->kind == PF_MAPPING && i < types->entries.count; i++) {
        const pf_entry *type = &types->entries.items[i];
        visit_defaults(w, pf_tree_get(type->value, "parameters"), is_remarked(type->value) ? type->value : NULL,
                       pf_dotted(w->scenario->arena, "process_types", type->key));
    }
}

const pf_number_read *pf_provenance(const pf_scenario *scenario, size_t *count)
{
    static const char *const shared[] = {"parameters", "carriers", "gases", "sectors", "markets"};
    walker w = {.scenario = scenario};
    visit_parks(&w);
    visit_entries(&w, pf_tree_get(scenario->tree, "processes"), "shared");
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        visit_entries(&w, pf_tree_get(scenario->tree, shared[i]), shared[i]);
    visit_types(&w);
    visit_interventions(&w);
    visit_trends(&w);
    *count = w.found.count;
    return w.found.items;
}
