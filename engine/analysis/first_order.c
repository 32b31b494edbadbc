/* First-order propagation: takes quantities, runs the model with tangents at its medians, along each uncertain
 * parameter, and gives each quantity's value, slopes and variance. */
#include "analysis/first_order.h"

#include "base/distributions.h"
#include "ensemble/design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t find_varied(const pf_compiled *m, uint32_t *varied, double *deviations)
{
    size_t k = 0;
    double mean;
    for (uint32_t i = 0; i < m->input_count; i++) {
        const pf_value *value = m->inputs[i].value;
        if (!value) continue;
        pf_distribution_moments(pf_distribution_at((size_t)value->distribution), value->arguments, &mean,
                                &deviations[k]);
        varied[k++] = i;
    }
    return k;
}

static const double *kept(pf_arena *arena, const double *values, size_t count)
{
    double *copy = PF_ARRAY(arena, double, count + 1);
    memcpy(copy, values, count * sizeof *copy);
    return copy;
}

static void keep(const pf_quantity_run *run, pf_first_order *result)
{
    const pf_compiled *m = result->model;
    pf_slopes slopes = pf_quantity_slopes(run);
    size_t count = m->scenario_count * slopes.quantities;
    result->values = kept(m->scenario->arena, slopes.values, count);
    result->slopes = kept(m->scenario->arena, slopes.slopes, count * slopes.k);
    result->quantities = slopes.quantities;
    result->without = slopes.without;
}

pf_status pf_first_order_run(const pf_compiled *m, const pf_quantity *quantities, size_t count, const bool *scenarios,
                             pf_first_order *result, pf_diagnostics *diagnostics)
{
    pf_arena *arena = m->scenario->arena;
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, diagnostics);
    double *deviations = PF_ARRAY(arena, double, m->input_count + 1),
           *medians = PF_ARRAY(arena, double, m->input_count + 1);
    uint32_t *varied = PF_ARRAY(arena, uint32_t, m->input_count + 1);
    if (!design) return PF_FAILED;
    pf_design_draw(design, &(uint64_t){0}, 1, medians, 1);
    pf_design_free(design);
    *result = (pf_first_order){.model = m, .varied = varied, .deviations = deviations};
    result->k = find_varied(m, varied, deviations);
    pf_quantity_run *run = pf_quantity_run_new(m, quantities, count, varied, result->k, scenarios);
    bool is_good = pf_quantity_run_at(run, medians, diagnostics);
    if (is_good) keep(run, result);
    else pf_quantity_faults(run, diagnostics);
    pf_quantity_run_free(run);
    return is_good ? PF_OK : PF_FAILED;
}

double pf_first_order_variance(const pf_first_order *self, const double *slopes, double *parts)
{
    const pf_compiled *m = self->model;
    double *moved = pf_doubles(m->input_count + 1), variance = 0; /* by input: slope times deviation */
    for (size_t i = 0; i < self->k; i++) {
        double part = isnan(slopes[i]) ? 0 : slopes[i] * self->deviations[i];
        moved[self->varied[i]] = part;
        variance += part * part;
        if (parts) parts[i] = part * part;
    }
    for (size_t c = 0; c < m->correlation_count; c++) {
        const pf_correlation *pair = &m->correlations[c];
        double both = pair->rho * moved[pair->first] * moved[pair->second];
        variance += 2 * both;
        for (size_t i = 0; parts && i < self->k; i++)
            if (self->varied[i] == pair->first || self->varied[i] == pair->second) parts[i] += both;
    }
    free(moved);
    return variance > 0 ? variance : 0;
}
