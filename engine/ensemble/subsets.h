/* Members in chosen settings of switches: a design over switches on top of a design of parameters, for the runner. A
 * member of the run is a pair: number = member * row_count + row. */
#ifndef PF_SUBSETS_H
#define PF_SUBSETS_H

#include "ensemble/design.h"

/* A switch moves with a slot: bit `slot` of a row. */
typedef struct {
    uint32_t input; /* row of model->inputs */
    unsigned slot;
    double set, unset;
} pf_switch;

typedef struct {
    const pf_design *design; /* of the parameters */
    size_t input_count;
    const double *base; /* [input_count]: of switches that are not listed; NaN: as the member draws it */
    const pf_switch *switches;
    size_t switch_count;
    const uint64_t *rows; /* the subsets, a bit a slot; NULL: row r is the subset r */
    uint64_t row_count;
} pf_subsets;

/* Keeps `subsets`. The run wants one setting, in which all inputs are left to the draw: pf_all_as_drawn, by free(). */
pf_draws pf_subset_draws(const pf_subsets *subsets);
double *pf_all_as_drawn(size_t input_count);

#endif
