/* A map from text to a pointer, in an arena. Keys are kept, not copied; entries cannot be removed. */
#ifndef PF_MAP_H
#define PF_MAP_H

#include "base/arena.h"
#include "base/diagnostics.h"

#include <stdbool.h>

typedef struct {
    struct pf_map_slot *slots;
    size_t count, capacity;
} pf_map;

/* The value stored under `key`, or NULL. */
void *pf_map_get(const pf_map *map, const char *key);
/* Stores `value` (not NULL) under `key`, replacing what stood there. */
void pf_map_set(pf_map *map, pf_arena *arena, const char *key, void *value);

/* Offers every key to the search. */
void pf_map_offer(const pf_map *map, pf_nearest *search);

#endif
