/* Open addressing with linear probing; FNV-1a. */
#include "base/map.h"

#include <stdint.h>
#include <string.h>

struct pf_map_slot {
    const char *key;
    void *value;
};

static size_t hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037u;
    for (; *key; key++) hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    return (size_t)hash;
}

static struct pf_map_slot *slot_of(const pf_map *map, const char *key)
{
    size_t at = hash_of(key) & (map->capacity - 1);
    while (map->slots[at].key && strcmp(map->slots[at].key, key) != 0) at = (at + 1) & (map->capacity - 1);
    return &map->slots[at];
}

void *pf_map_get(const pf_map *map, const char *key)
{
    return map->capacity ? slot_of(map, key)->value : NULL;
}

static void enlarge(pf_map *map, pf_arena *arena)
{
    pf_map larger = {.capacity = map->capacity ? map->capacity * 2 : 16, .count = map->count};
    larger.slots = PF_ARRAY(arena, struct pf_map_slot, larger.capacity);
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key) *slot_of(&larger, map->slots[i].key) = map->slots[i];
    *map = larger;
}

void pf_map_set(pf_map *map, pf_arena *arena, const char *key, void *value)
{
    if (map->count * 2 >= map->capacity) enlarge(map, arena);
    struct pf_map_slot *slot = slot_of(map, key);
    if (!slot->key) map->count++;
    *slot = (struct pf_map_slot){key, value};
}

void pf_map_offer(const pf_map *map, pf_nearest *search)
{
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key) pf_nearest_offer(search, map->slots[i].key);
}
