/* From one lane's numbers of the enlarged model (decomposition_model.h) to the effects in each park. */
#ifndef PF_DECOMPOSITION_PARK_H
#define PF_DECOMPOSITION_PARK_H

#include "analysis/decomposition.h"
#include "analysis/decomposition_model.h"
#include "ensemble/reduce.h"

typedef struct {
    const pf_firm_model *firms;
    const pf_reduction *by_year;
    size_t periods[2];   /* of it: the first and the last year */
    const double *cells; /* of a scenario: a cell, as pf_cell has it, `stride` from the next */
    size_t stride;
} pf_decomposed_lane;

/* of [parks and 1]: the last is all together. */
void pf_decompose_lane(const pf_decomposed_lane *lane, pf_decomposed *of);

#endif
