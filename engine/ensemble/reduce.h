/* From the outputs of a block to what is kept. A cell is an indicator in a park, or in all parks together, in a period:
 * a step, or a whole reported year, the last period then being the whole reported time. Ratios are formed here, after
 * summing over steps and parks. By step, the flows and closures that the model gives out come behind the indicators. */
#ifndef PF_REDUCE_H
#define PF_REDUCE_H

#include "ensemble/runner.h"
#include "model/compile.h"

typedef struct {
    const char *label;             /* "2020-03", "2021", "2020-2023" */
    int32_t first_day, end_day;    /* days since 1970-01-01; end: the day after */
    uint32_t first_step, end_step; /* reported steps, from 0 */
} pf_period;

typedef struct {
    const pf_compiled *model;
    bool by_step;
    const pf_period *periods;
    size_t period_count;
    size_t years;    /* by year: how many of the periods are years; they come first */
    size_t parks;    /* model->park_count + 1: the last is all parks */
    size_t flows;    /* the first flow's cell: [flow][step]; there are none by year */
    size_t closures; /* the first closure's cell: [closure][step]; likewise */
    size_t cells;
} pf_reduction;

/* In the model's arena. */
pf_reduction pf_reduction_by_step(const pf_compiled *model);
pf_reduction pf_reduction_by_year(const pf_compiled *model);

static inline size_t pf_cell(const pf_reduction *r, size_t indicator, size_t park, size_t period)
{
    return (indicator * r->parks + park) * r->period_count + period;
}

/* NaN where a ratio's denominator is 0. Keeps `reduction`. */
pf_reducer pf_reducer_of(const pf_reduction *reduction);

/* Two reductions of the same outputs: cells of the first, then those of the second. */
typedef struct {
    pf_reduction first, second;
} pf_reduction_pair;
pf_reducer pf_reducer_of_pair(const pf_reduction_pair *pair);

#endif
