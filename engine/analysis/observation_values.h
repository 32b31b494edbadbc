/* What the observations of a model's checks speak of, worked out from a run of quantities. */
#ifndef PF_OBSERVATION_VALUES_H
#define PF_OBSERVATION_VALUES_H

#include "analysis/quantities.h"

typedef struct {
    const pf_compiled *model;
    const pf_quantity *quantities; /* one for each indicator that an observation names */
    size_t count;
    const size_t *first; /* [observations]: its first quantity */
} pf_observed_quantities;

/* In the model's arena. */
pf_observed_quantities pf_quantities_of_observations(const pf_compiled *model);

/* The model's figure, in base units, for a row of model->observations in a scenario, and its slopes [run->k]. */
double pf_observation_value(const pf_observed_quantities *self, const pf_slopes *run, size_t row, uint32_t scenario,
                            double *slopes);

#endif
