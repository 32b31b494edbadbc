/* Sets of member numbers as ascending ranges that neither touch nor overlap. */
#ifndef PF_RANGES_H
#define PF_RANGES_H

#include "ensemble/runner.h"

#include <stdbool.h>

typedef struct {
    pf_range *items; /* released by free() */
    size_t count, capacity;
} pf_range_set;

/* Adds members first .. first + count - 1; those that are there already stay once. */
void pf_ranges_add(pf_range_set *set, uint64_t first, uint64_t count);
/* The members of `whole` that are not in `set`. */
pf_range_set pf_ranges_missing(const pf_range_set *set, pf_range whole);
bool pf_ranges_overlap(const pf_range_set *a, const pf_range_set *b);
uint64_t pf_ranges_members(const pf_range_set *set);

#endif
