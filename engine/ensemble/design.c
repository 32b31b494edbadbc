/* The design of `run`: one member at the medians. */
#include "ensemble/design.h"

#include "base/distributions.h"

#include <stdlib.h>

static void fill(void *user, uint64_t member, uint32_t scenario, double *inputs, size_t stride)
{
    const pf_median_design *self = user;
    const pf_scenario_row *row = &self->model->scenarios[self->scenarios[scenario]];
    (void)member;
    for (size_t i = 0; i < self->model->input_count; i++)
        inputs[i * stride] = self->model->inputs[i].value ? self->medians[i] : row->switches[i];
}

pf_design pf_median_design_make(pf_median_design *self, const pf_compiled *model, const uint32_t *scenarios)
{
    *self = (pf_median_design){model, scenarios, pf_doubles(model->input_count)};
    for (size_t i = 0; i < model->input_count; i++) {
        const pf_value *value = model->inputs[i].value;
        if (value) self->medians[i] = pf_distribution_at((size_t)value->distribution)->quantile(0.5, value->arguments);
    }
    return (pf_design){self, fill};
}

void pf_median_design_free(pf_median_design *self)
{
    free(self->medians);
}
