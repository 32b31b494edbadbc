/* Process types: a name means one thing within a type. */
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
            pf_error(m->diagnostics, entry->mark, "the type '%s' calls both a %s and a %s '%s'; a name means one thing", type->key, kinds[other], kinds[group], entry->key);
    }
    if (!strcmp(entry->key, "step") || !strcmp(entry->key, "ghg") || !strcmp(entry->key, "upstream_ghg"))
        pf_error(m->diagnostics, entry->mark, "the type '%s' may not call a %s '%s': the name is the language's own", type->key, kinds[group], entry->key);
}

void pf_check_types(pf_model *m)
{
    const pf_tree *types = pf_tree_get(m->scenario->tree, "process_types");
    for (size_t t = 0; types && types->kind == PF_MAPPING && t < types->entries.count; t++)
        for (size_t g = 0; g < GROUPS; g++) {
            const pf_tree *map = pf_tree_get(types->entries.items[t].value, groups[g]);
            for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++) check_name(m, &types->entries.items[t], g, &map->entries.items[i]);
        }
}
