/* What follows from a sweep's request: cells, changes, the pilot's members, which members and cells are kept. */
#include "results/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PILOT_MEMBERS = 1024, LEAST_PILOT = 64 };
static const size_t PILOT_BYTES = 128 << 20, SAMPLE_BYTES = 256 << 20;

const char *const pf_keep_names[PF_KEEPS] = {"statistics", "annual", "paths"};

static const int *references_of(const pf_sweep_plan *plan, size_t *changes)
{
    int *rows = PF_ARRAY(plan->model->scenario->arena, int, plan->scenario_count);
    *changes = 0;
    for (size_t s = 0; s < plan->scenario_count; s++) {
        rows[s] = -1;
        for (size_t k = 0; k < plan->scenario_count; k++)
            if ((int)plan->scenarios[k] == plan->model->scenarios[plan->scenarios[s]].against) rows[s] = (int)k;
        *changes += rows[s] >= 0;
    }
    return rows;
}

/* The cells of the reduction of members that are kept, by indicator, park and period. */
static const uint32_t *sample_of(const pf_sweep_plan *plan, size_t *count)
{
    const pf_reduction *r = &plan->kept.second;
    const pf_compiled *m = plan->model;
    uint32_t *cells = PF_ARRAY(m->scenario->arena, uint32_t, r->flows);
    bool all = plan->keep != PF_KEEP_STATISTICS;
    *count = 0;
    for (size_t v = 0; v < m->indicator_count; v++)
        for (size_t park = all ? 0 : r->parks - 1; (all || m->indicators[v].headline) && park < r->parks; park++)
            for (size_t p = 0; p < r->period_count; p++) cells[(*count)++] = (uint32_t)pf_cell(r, v, park, p);
    return cells;
}

/* Whole groups of an arrangement, so that what is kept is one itself. */
static uint64_t members_that_fit(const pf_sweep_plan *plan)
{
    uint64_t members = pf_design_members(plan->design), group = pf_design_group(plan->design);
    size_t bytes = plan->sample_cell_count * plan->scenario_count * sizeof(double);
    if (plan->keep != PF_KEEP_STATISTICS || !bytes || members <= SAMPLE_BYTES / bytes) return members;
    return SAMPLE_BYTES / bytes / group * group;
}

void pf_sweep_plan_complete(pf_sweep_plan *plan)
{
    const pf_compiled *m = plan->model;
    bool by_step = plan->keep == PF_KEEP_PATHS;
    plan->kept.first = plan->by_step ? pf_reduction_by_step(m) : pf_reduction_by_year(m);
    plan->kept.second = by_step ? pf_reduction_by_step(m) : pf_reduction_by_year(m);
    plan->one_reduction = plan->by_step == by_step;
    plan->cells = plan->kept.first.flows;
    plan->references = references_of(plan, &plan->change_count);
    plan->sample_cells = sample_of(plan, &plan->sample_cell_count);
    plan->sample_members = members_that_fit(plan);
}

pf_reducer pf_sweep_reducer(const pf_sweep_plan *plan)
{
    return plan->one_reduction ? pf_reducer_of(&plan->kept.first) : pf_reducer_of_pair(&plan->kept);
}

size_t pf_sweep_pilot_members(const pf_sweep_plan *plan)
{
    size_t bytes = plan->cells * (plan->scenario_count + plan->change_count) * sizeof(double);
    size_t fit = bytes ? PILOT_BYTES / bytes : PILOT_MEMBERS;
    uint64_t members = pf_design_members(plan->design);
    if (fit < LEAST_PILOT) fit = LEAST_PILOT;
    if (fit > PILOT_MEMBERS) fit = PILOT_MEMBERS;
    return fit < members ? fit : (size_t)members;
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* Member floor(u n) for numbers u of a fixed stream; doublets are dropped. */
uint64_t *pf_sweep_choose_pilot(const pf_sweep_plan *plan, size_t *count)
{
    uint64_t members = pf_design_members(plan->design), key = pf_name_key("pilot");
    size_t wanted = pf_sweep_pilot_members(plan), kept = 0;
    uint64_t *chosen = pf_calloc(wanted, sizeof *chosen);
    for (size_t i = 0; i < wanted; i++)
        chosen[i] = wanted == members ? i : (uint64_t)(pf_unit_interval(pf_random_bits(0, i, key)) * (double)members);
    qsort(chosen, wanted, sizeof *chosen, by_number);
    for (size_t i = 0; i < wanted; i++)
        if (!kept || chosen[i] != chosen[kept - 1]) chosen[kept++] = chosen[i];
    *count = kept;
    return chosen;
}
