/* Lane inputs of directions: takes a point and the inputs to go along, gives draws and settings for the runner. */
#include "analysis/directions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void draw(const void *self, const uint64_t *members, size_t count, double *inputs, size_t stride)
{
    const pf_directions *d = self;
    size_t n = d->model->input_count;
    for (size_t i = 0; i < n; i++)
        for (size_t m = 0; m < count; m++) {
            inputs[i * stride + m] = d->point[i];
            inputs[(n + i) * stride + m] = d->k && d->along[members[m]] == i;
        }
}

pf_draws pf_direction_draws(const pf_directions *self)
{
    return (pf_draws){self, draw};
}

double **pf_direction_settings(const pf_compiled *model, const size_t *rows, size_t count)
{
    size_t n = model->input_count;
    double **settings = pf_calloc(count, sizeof *settings);
    for (size_t s = 0; s < count; s++) {
        settings[s] = pf_doubles(2 * n);
        memcpy(settings[s], model->scenarios[rows[s]].switches, n * sizeof **settings);
        for (size_t i = 0; i < n; i++) settings[s][n + i] = (double)NAN; /* as it is drawn */
    }
    return settings;
}

void pf_direction_settings_free(double **settings, size_t count)
{
    for (size_t s = 0; s < count; s++) free(settings[s]);
    free(settings);
}
