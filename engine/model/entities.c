/* Resolve: components, carriers, gases, scopes and processes of a scenario, by name. */
#include "model/model.h"

#include <string.h>

static pf_unit read_unit(pf_model *m, const pf_tree *tree, const char *key)
{
    const pf_tree *text = pf_tree_get(tree, key);
    const char *why;
    pf_unit unit = {.scale = 1};
    if (text && text->kind == PF_TEXT && pf_unit_parse(m->scenario->units, text->text, &unit, &why))
        pf_error(m->diagnostics, text->mark, "found '%s': %s", text->text, why);
    return unit;
}

/* The entries of a map of the model, none where it is missing or no map. */
static size_t entries_of(const pf_tree *parent, const char *key, const pf_entry **entries)
{
    const pf_tree *map = pf_tree_get(parent, key);
    *entries = map && map->kind == PF_MAPPING ? map->entries.items : NULL;
    return *entries ? map->entries.count : 0;
}

static void build_components(pf_model *m)
{
    const pf_entry *entries;
    size_t count = entries_of(m->scenario->tree, "components", &entries);
    for (size_t i = 0; i < count; i++)
        *PF_PUSH(m->arena, m->components) =
            (pf_component){entries[i].key, entries[i].value, read_unit(m, entries[i].value, "unit")};
}

static uint32_t component_row(pf_model *m, const pf_tree *name)
{
    pf_nearest near = pf_nearest_to(name->text ? name->text : "");
    for (size_t i = 0; i < m->components.count; i++) {
        if (name->text && !strcmp(m->components.items[i].name, name->text)) return (uint32_t)i;
        pf_nearest_offer(&near, m->components.items[i].name);
    }
    pf_error(m->diagnostics, name->mark, "no component is called '%s'%s", name->text ? name->text : "?",
             pf_nearest_hint(&near, m->arena));
    return UINT32_MAX;
}

static void build_carrier(pf_model *m, const pf_entry *entry)
{
    pf_carrier carrier = {.name = entry->key, .tree = entry->value, .unit = read_unit(m, entry->value, "unit")};
    const pf_tree *names = pf_tree_get(entry->value, "components");
    carrier.unit_text = pf_tree_get_text(entry->value, "unit");
    carrier.group = pf_tree_get_text(entry->value, "group");
    PF_LIST(uint32_t) rows = {0};
    for (size_t i = 0; names && i < names->entries.count; i++) {
        uint32_t row = component_row(m, names->entries.items[i].value);
        if (row != UINT32_MAX) *PF_PUSH(m->arena, rows) = row;
    }
    carrier.components = rows.items;
    carrier.component_count = rows.count;
    *PF_PUSH(m->arena, m->carriers) = carrier;
}

/* Where the units have a CO2e, a warming potential is CO2e a mass of the gas; where they have none, potentials must be
 * alike. */
static void check_gwp(pf_model *m, const pf_gas *gas, const pf_tree *gwp)
{
    pf_context context = {.model = m};
    pf_unit equivalent;
    const char *why, *label = pf_format(m->arena, "gases.%s.gwp", gas->name);
    if (!pf_unit_parse(m->scenario->units, "kg CO2e", &equivalent, &why)) {
        pf_expect(&context, gas->gwp, pf_dimension_quotient(equivalent.dimension, gas->unit.dimension), gwp, label,
                  NULL);
        return;
    }
    const pf_gas *first = m->gases.count ? &m->gases.items[0] : NULL;
    pf_dimension weighted = pf_dimension_product(gas->gwp.dimension, gas->unit.dimension);
    if (!first || first->gwp.node == PF_NO_NODE || gas->gwp.node == PF_NO_NODE) return;
    if (!pf_dimension_equal(weighted, pf_dimension_product(first->gwp.dimension, first->unit.dimension)))
        pf_error(m->diagnostics, gwp->mark,
                 "the gwp of '%s' gives %s of it, that of '%s' another dimension; expected CO2e a mass of the gas",
                 gas->name, pf_dimension_text(m->scenario->units, weighted, m->arena), first->name);
}

static void build_gases(pf_model *m)
{
    const pf_entry *entries;
    size_t count = entries_of(m->scenario->tree, "gases", &entries);
    for (size_t i = 0; i < count; i++) {
        pf_context context = {.model = m};
        pf_gas gas = {entries[i].key, read_unit(m, entries[i].value, "unit"), pf_no_term()};
        const pf_tree *gwp = pf_tree_get(entries[i].value, "gwp");
        if (gwp) gas.gwp = pf_value_term(&context, gwp, pf_format(m->arena, "gases.%s.gwp", gas.name));
        if (gwp) check_gwp(m, &gas, gwp);
        *PF_PUSH(m->arena, m->gases) = gas;
    }
}

const pf_carrier *pf_carrier_named(const pf_model *m, const char *name)
{
    for (size_t i = 0; i < m->carriers.count; i++)
        if (!strcmp(m->carriers.items[i].name, name)) return &m->carriers.items[i];
    return NULL;
}

int pf_component_of(const pf_model *m, const pf_carrier *carrier, const char *name)
{
    for (size_t i = 0; i < carrier->component_count; i++)
        if (!strcmp(m->components.items[carrier->components[i]].name, name)) return (int)i;
    return -1;
}

static pf_scope *new_scope(pf_model *m, pf_scope_kind kind, const char *name, pf_scope *parent, const pf_tree *tree,
                           uint32_t park)
{
    pf_scope *scope = PF_NEW(m->arena, pf_scope);
    *scope = (pf_scope){.kind = kind, .name = name, .parent = parent, .tree = tree, .park = park};
    scope->label = kind == PF_SITE_SCOPE ? pf_dotted(m->arena, parent->label, name) : name;
    *PF_PUSH(m->arena, m->scopes) = scope;
    return scope;
}

static const pf_tree *type_of(pf_model *m, const pf_entry *entry)
{
    const pf_tree *name = pf_tree_get(entry->value, "type");
    if (!name || name->kind != PF_TEXT) return NULL;
    const pf_tree *types = pf_tree_get(m->scenario->tree, "process_types"), *type = pf_tree_get(types, name->text);
    if (type) return type;
    pf_nearest near = pf_nearest_to(name->text);
    for (size_t i = 0; types && i < types->entries.count; i++) pf_nearest_offer(&near, types->entries.items[i].key);
    pf_error(m->diagnostics, name->mark, "no process type is called '%s'%s", name->text,
             pf_nearest_hint(&near, m->arena));
    return NULL;
}

static const pf_tree *sector_of(pf_model *m, const pf_tree *name)
{
    const pf_tree *sectors = pf_tree_get(m->scenario->tree, "sectors");
    const pf_tree *sector = name && name->kind == PF_TEXT ? pf_tree_get(sectors, name->text) : NULL;
    if (sector || !sectors || !name || name->kind != PF_TEXT) return sector;
    pf_nearest near = pf_nearest_to(name->text);
    for (size_t i = 0; i < sectors->entries.count; i++) pf_nearest_offer(&near, sectors->entries.items[i].key);
    pf_error(m->diagnostics, name->mark, "no sector is called '%s'%s", name->text, pf_nearest_hint(&near, m->arena));
    return NULL;
}

static void build_process(pf_model *m, pf_scope *scope, const pf_entry *entry)
{
    const pf_tree *type = type_of(m, entry), *sector = pf_tree_get(entry->value, "sector");
    if (!type) return;
    if (!sector) sector = pf_tree_get(scope->tree, "sector");
    pf_process *p = PF_NEW(m->arena, pf_process);
    *p = (pf_process){.name = entry->key, .scope = scope, .type = type, .given = entry->value, .mark = entry->mark};
    p->label = pf_dotted(m->arena, scope->label, entry->key);
    p->type_name = pf_tree_get_text(entry->value, "type");
    p->sector_name = sector && sector->kind == PF_TEXT ? sector->text : NULL;
    p->sector = sector_of(m, sector);
    *PF_PUSH(m->arena, m->processes) = p;
    *PF_PUSH(m->arena, m->parks[scope->park].processes) = p;
}

static void build_scope(pf_model *m, pf_scope *scope)
{
    const pf_entry *entries;
    size_t count = entries_of(scope->tree, "processes", &entries);
    for (size_t i = 0; i < count; i++)
        if (entries[i].value->kind == PF_MAPPING) build_process(m, scope, &entries[i]);
    if (scope->kind != PF_PARK_SCOPE) return;
    count = entries_of(scope->tree, "sites", &entries);
    for (size_t i = 0; i < count; i++)
        if (entries[i].value->kind == PF_MAPPING)
            build_scope(m, new_scope(m, PF_SITE_SCOPE, entries[i].key, scope, entries[i].value, scope->park));
}

void pf_build_entities(pf_model *m)
{
    const pf_entry *entries;
    build_components(m);
    size_t count = entries_of(m->scenario->tree, "carriers", &entries);
    for (size_t i = 0; i < count; i++) build_carrier(m, &entries[i]);
    build_gases(m);
    count = entries_of(m->scenario->tree, "parks", &entries);
    m->park_count = (uint32_t)count + 1;
    m->parks = PF_ARRAY(m->arena, pf_park_contents, m->park_count);
    m->root = new_scope(m, PF_MODEL_SCOPE, "shared", NULL, m->scenario->tree, (uint32_t)count);
    build_scope(m, m->root);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(entries[i].key, "shared"))
            pf_error(m->diagnostics, entries[i].mark,
                     "a park may not be called 'shared': so are called the processes of the model itself");
        else if (entries[i].value->kind == PF_MAPPING)
            build_scope(m, new_scope(m, PF_PARK_SCOPE, entries[i].key, m->root, entries[i].value, (uint32_t)i));
}

bool pf_filters_hold(const pf_path_segment *segment, const pf_process *process, const pf_carrier *carrier)
{
    for (size_t i = 0; i < segment->filters.count; i++) {
        const char *key = segment->filters.items[i].key, *value = NULL;
        if (!strcmp(key, "carrier")) value = carrier ? carrier->name : NULL;
        else if (!strcmp(key, "group")) value = carrier ? carrier->group : NULL;
        else if (!strcmp(key, "type")) value = process->type_name;
        else if (!strcmp(key, "sector")) value = process->sector_name;
        else if (!strcmp(key, "site")) value = process->scope->kind == PF_SITE_SCOPE ? process->scope->name : "none";
        else value = pf_tree_get_text(process->given, key);
        if (!value || strcmp(value, segment->filters.items[i].value) != 0) return false;
    }
    return true;
}

static bool segment_is(const pf_path_segment *segment, const char *name)
{
    return !strcmp(segment->name, "*") || !strcmp(segment->name, name);
}

bool pf_path_names_process(const pf_path *path, const pf_process *p, size_t tail, size_t *rest)
{
    if (path->count < tail + 2 || path->count > tail + 3) return false;
    const pf_scope *park = p->scope->kind == PF_SITE_SCOPE ? p->scope->parent : p->scope;
    *rest = path->count - tail;
    if (!segment_is(&path->segments[0], park->name) || !pf_filters_hold(&path->segments[0], p, NULL)) return false;
    const pf_path_segment *name = &path->segments[*rest - 1];
    if (!segment_is(name, p->name) || !pf_filters_hold(name, p, NULL)) return false;
    if (*rest == 2) return true;
    return p->scope->kind == PF_SITE_SCOPE && segment_is(&path->segments[1], p->scope->name) &&
           pf_filters_hold(&path->segments[1], p, NULL);
}
