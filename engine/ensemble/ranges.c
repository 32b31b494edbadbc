/* Sets of member numbers: kept sorted, neighbours joined. */
#include "ensemble/ranges.h"

#include <stdlib.h>
#include <string.h>

static uint64_t end_of(pf_range range)
{
    return range.first + range.count;
}

/* The first range that ends at or behind `member`: sets are short, but for a moment with many threads. */
static size_t first_ending_at(const pf_range_set *set, uint64_t member)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (end_of(set->items[middle]) < member) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void grow(pf_range_set *set)
{
    if (set->count < set->capacity) return;
    set->capacity = set->capacity ? 2 * set->capacity : 16;
    set->items = pf_realloc(set->items, set->capacity * sizeof *set->items);
}

void pf_ranges_add(pf_range_set *set, uint64_t first, uint64_t count)
{
    uint64_t end = first + count;
    if (!count) return;
    size_t at = first_ending_at(set, first), past = at;
    for (; past < set->count && set->items[past].first <= end; past++) {
        if (set->items[past].first < first) first = set->items[past].first;
        if (end_of(set->items[past]) > end) end = end_of(set->items[past]);
    }
    if (past == at) grow(set);
    size_t after = set->count - past;
    if (after) memmove(set->items + at + 1, set->items + past, after * sizeof *set->items);
    set->items[at] = (pf_range){first, end - first};
    set->count = at + 1 + after;
}

pf_range_set pf_ranges_missing(const pf_range_set *set, pf_range whole)
{
    pf_range_set missing = {0};
    uint64_t at = whole.first;
    for (size_t i = 0; i < set->count && at < end_of(whole); i++) {
        uint64_t first = set->items[i].first;
        if (first > end_of(whole)) first = end_of(whole);
        if (first > at) pf_ranges_add(&missing, at, first - at);
        if (end_of(set->items[i]) > at) at = end_of(set->items[i]);
    }
    if (at < end_of(whole)) pf_ranges_add(&missing, at, end_of(whole) - at);
    return missing;
}

bool pf_ranges_overlap(const pf_range_set *a, const pf_range_set *b)
{
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        if (end_of(a->items[i]) <= b->items[k].first) i++;
        else if (end_of(b->items[k]) <= a->items[i].first) k++;
        else return true;
    }
    return false;
}

uint64_t pf_ranges_members(const pf_range_set *set)
{
    return pf_range_members(set->items, set->count);
}
