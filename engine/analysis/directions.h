/* Runs of a model with tangents (pf_compile_options.tangents): all members stand at one point, member m is a direction
 * along the m-th of some inputs. */
#ifndef PF_DIRECTIONS_H
#define PF_DIRECTIONS_H

#include "ensemble/runner.h"
#include "model/compile.h"

typedef struct {
    const pf_compiled *model;
    const double *point;   /* [inputs] */
    const uint32_t *along; /* [k] rows of model->inputs; k 0: one member, without a direction */
    size_t k;
} pf_directions;

pf_draws pf_direction_draws(const pf_directions *self);

/* By scenario, of `rows` of model->scenarios, what is set and what a member brings: [2 * inputs]. */
double **pf_direction_settings(const pf_compiled *model, const size_t *rows, size_t count);
void pf_direction_settings_free(double **settings, size_t count);

#endif
