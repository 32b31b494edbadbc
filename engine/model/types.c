/* Process types: declarations of the right form, and a name means one thing within a type. */
#include "model/model.h"

#include <string.h>

static const char *const groups[] = {"parameters", "ports", "values", "stocks"};
static const char *const kinds[] = {"parameter", "port", "value", "stock"};
enum { GROUPS = sizeof groups / sizeof *groups };

/* A port for each key of a map bears the map's name. */
static bool stands_for_map(size_t group, const pf_entry *entry)
{
    return group == 1 && pf_tree_get(entry->value, "each");
}

static void check_name(pf_model *m, const pf_entry *type, size_t group, const pf_entry *entry)
{
    for (size_t other = 0; other < group; other++) {
        const pf_entry *before = pf_tree_entry(pf_tree_get(type->value, groups[other]), entry->key);
        if (before && !stands_for_map(group, entry))
            pf_error(m->diagnostics, entry->mark, "the type '%s' calls both a %s and a %s '%s'; a name means one thing",
                     type->key, kinds[other], kinds[group], entry->key);
    }
    if (!strcmp(entry->key, "step") || !strcmp(entry->key, "ghg") || !strcmp(entry->key, "upstream_ghg") ||
        !strcmp(entry->key, "imported_ghg"))
        pf_error(m->diagnostics, entry->mark, "the type '%s' may not call a %s '%s': the name is the language's own",
                 type->key, kinds[group], entry->key);
}

static const char *const declaration_keys[] = {"unit",     "number", "carrier", "default", "above",
                                               "at_least", "below",  "at_most", "follows"};

static bool among(const char *key, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(keys[i], key)) return true;
    return false;
}

/* A key that may say one thing only. */
static void check_only(pf_model *m, const pf_tree *declared, const char *key, const char *only)
{
    const pf_tree *said = pf_tree_get(declared, key);
    if (said && (said->kind != PF_TEXT || strcmp(said->text, only) != 0))
        pf_error(m->diagnostics, said->mark, "found %s: '%s', expected %s", key,
                 said->kind == PF_TEXT ? said->text : pf_tree_kind_name(said), only);
}

static void check_declaration_keys(pf_model *m, const pf_tree *declared)
{
    const size_t count = sizeof declaration_keys / sizeof *declaration_keys;
    for (size_t i = 0; i < declared->entries.count; i++) {
        const pf_entry *entry = &declared->entries.items[i];
        pf_nearest near = pf_nearest_to(entry->key);
        for (size_t k = 0; k < count; k++) pf_nearest_offer(&near, declaration_keys[k]);
        if (!pf_is_remark(entry->key) && !among(entry->key, declaration_keys, count))
            pf_error(m->diagnostics, entry->mark, "'%s' is no key of a parameter's declaration%s", entry->key,
                     pf_nearest_hint(&near, m->arena));
    }
    check_only(m, declared, "number", "whole");
    check_only(m, declared, "follows", "activity");
}

static void check_group_of_carriers(pf_model *m, const pf_tree *group)
{
    pf_nearest near = pf_nearest_to(group->kind == PF_TEXT ? group->text : "");
    pf_nearest_offer(&near, "any");
    for (size_t i = 0; i < m->carriers.count; i++) {
        const char *its = m->carriers.items[i].group;
        if (its && group->kind == PF_TEXT && !strcmp(its, group->text)) return;
        if (its) pf_nearest_offer(&near, its);
    }
    if (group->kind == PF_TEXT && !strcmp(group->text, "any")) return;
    pf_error(m->diagnostics, group->mark, "no carrier is of the group '%s'%s",
             group->kind == PF_TEXT ? group->text : "?", pf_nearest_hint(&near, m->arena));
}

/* A declaration without `unit`, which is no group of declarations either: values stand in it. */
static bool lacks_unit(pf_model *m, const pf_entry *entry)
{
    const pf_tree *declared = entry->value;
    size_t before = pf_error_count(m->diagnostics);
    bool value = false;
    for (size_t i = 0; i < declared->entries.count; i++)
        value |= !pf_is_remark(declared->entries.items[i].key) && declared->entries.items[i].value->kind == PF_TEXT;
    if (!value || pf_tree_get(declared, "map")) return false;
    check_declaration_keys(m, declared);
    if (pf_error_count(m->diagnostics) == before)
        pf_error(m->diagnostics, entry->mark, "the parameter '%s' has no 'unit'", entry->key);
    return true;
}

/* A declaration says unit, number or carrier; a map says map and of; all else groups declarations. */
static void check_declaration(pf_model *m, const pf_entry *entry, int depth)
{
    const pf_tree *declared = entry->value, *map = pf_tree_get(declared, "map");
    if (declared->kind != PF_MAPPING || depth > 8) {
        pf_error(m->diagnostics, declared->mark, "found %s under '%s', expected a declaration like {unit: kg/s}",
                 pf_tree_kind_name(declared), entry->key);
        return;
    }
    if (pf_tree_get(declared, "unit") || pf_tree_get(declared, "number") || pf_tree_get(declared, "carrier")) {
        check_declaration_keys(m, declared);
        if (pf_tree_get(declared, "carrier")) check_group_of_carriers(m, pf_tree_get(declared, "carrier"));
        return;
    }
    if (lacks_unit(m, entry)) return;
    if (map && (map->kind != PF_TEXT || (strcmp(map->text, "carrier") != 0 && strcmp(map->text, "component") != 0)))
        pf_error(m->diagnostics, map->mark, "found map: '%s', expected carrier or component",
                 map->kind == PF_TEXT ? map->text : pf_tree_kind_name(map));
    if (map && !pf_tree_get(declared, "of"))
        pf_error(m->diagnostics, declared->mark, "the map '%s' has no 'of'", entry->key);
    for (size_t i = 0; i < declared->entries.count; i++) {
        const pf_entry *inner = &declared->entries.items[i];
        if (inner->value == map || pf_is_remark(inner->key)) continue;
        check_declaration(m, inner, depth + 1);
    }
}

static void check_each(pf_model *m, const pf_entry *type, const pf_entry *port)
{
    const pf_tree *each = pf_tree_get(port->value, "each"), *parameters = pf_tree_get(type->value, "parameters");
    if (!each || each->kind != PF_TEXT || pf_tree_get(pf_tree_get(parameters, each->text), "map")) return;
    pf_nearest near = pf_nearest_to(each->text);
    for (size_t i = 0; parameters && i < parameters->entries.count; i++)
        if (pf_tree_get(parameters->entries.items[i].value, "map"))
            pf_nearest_offer(&near, parameters->entries.items[i].key);
    pf_error(m->diagnostics, each->mark, "the type '%s' declares no map '%s'%s", type->key, each->text,
             pf_nearest_hint(&near, m->arena));
}

/* Components belong to what leaves, and to carriers that have some. */
static void check_port_components(pf_model *m, const pf_entry *port)
{
    const pf_tree *components = pf_tree_get(port->value, "components");
    const char *out = pf_tree_get_text(port->value, "out");
    const pf_carrier *carrier = out ? pf_carrier_named(m, out) : NULL;
    if (!components) return;
    if (!out)
        pf_error(m->diagnostics, components->mark,
                 "the port '%s' takes in, and says 'components'; only an 'out' port fixes them", port->key);
    else if (carrier && !carrier->component_count)
        pf_error(m->diagnostics, components->mark, "the carrier '%s' of port '%s' has no components", out, port->key);
}

static void check_parts(pf_model *m, const pf_entry *type)
{
    const pf_tree *parameters = pf_tree_get(type->value, "parameters"), *ports = pf_tree_get(type->value, "ports");
    for (size_t i = 0; parameters && parameters->kind == PF_MAPPING && i < parameters->entries.count; i++)
        if (!pf_is_remark(parameters->entries.items[i].key)) check_declaration(m, &parameters->entries.items[i], 0);
    for (size_t i = 0; ports && ports->kind == PF_MAPPING && i < ports->entries.count; i++) {
        check_each(m, type, &ports->entries.items[i]);
        check_port_components(m, &ports->entries.items[i]);
    }
}

/* Each default of a sector must be a parameter of some type. */
static void check_sector(pf_model *m, const pf_tree *types, const pf_tree *sector)
{
    for (size_t i = 0; i < sector->entries.count; i++) {
        const pf_entry *entry = &sector->entries.items[i];
        bool known = pf_is_remark(entry->key);
        pf_nearest near = pf_nearest_to(entry->key);
        for (size_t t = 0; types && t < types->entries.count && !known; t++) {
            const pf_tree *declared = pf_tree_get(types->entries.items[t].value, "parameters");
            known = pf_tree_get(declared, entry->key);
            for (size_t k = 0; declared && declared->kind == PF_MAPPING && k < declared->entries.count; k++)
                pf_nearest_offer(&near, declared->entries.items[k].key);
        }
        if (!known)
            pf_error(m->diagnostics, entry->mark, "no process type has the parameter '%s'%s", entry->key,
                     pf_nearest_hint(&near, m->arena));
    }
}

void pf_check_types(pf_model *m)
{
    const pf_tree *sectors = pf_tree_get(m->scenario->tree, "sectors");
    const pf_tree *types = pf_tree_get(m->scenario->tree, "process_types");
    for (size_t i = 0; sectors && sectors->kind == PF_MAPPING && i < sectors->entries.count; i++)
        if (sectors->entries.items[i].value->kind == PF_MAPPING)
            check_sector(m, types, sectors->entries.items[i].value);
    for (size_t t = 0; types && types->kind == PF_MAPPING && t < types->entries.count; t++) {
        check_parts(m, &types->entries.items[t]);
        for (size_t g = 0; g < GROUPS; g++) {
            const pf_tree *map = pf_tree_get(types->entries.items[t].value, groups[g]);
            for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++)
                check_name(m, &types->entries.items[t], g, &map->entries.items[i]);
        }
    }
}
