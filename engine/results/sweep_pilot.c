/* The pilot: keeps the cells of its members until all are there, then sets the grids of the statistics. */
#include "results/sweep.h"

#include <stdlib.h>
#include <string.h>

struct pf_pilot {
    pf_sweep_state *state;
    const uint64_t *members;
    size_t count;
    double *values; /* [scenario][cell][member of the pilot] */
    bool *sound;    /* [member] */
};

pf_pilot *pf_pilot_new(pf_sweep_state *state, const uint64_t *members, size_t count)
{
    pf_pilot *self = pf_calloc(1, sizeof *self);
    *self = (pf_pilot){state, members, count, .sound = pf_calloc(count, sizeof *self->sound)};
    self->values = pf_doubles(state->plan->scenario_count * state->plan->cells * count);
    return self;
}

static size_t place_of(const pf_pilot *self, uint64_t member)
{
    size_t low = 0, high = self->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (self->members[middle] <= member) low = middle;
        else high = middle;
    }
    return low;
}

/* Each member has places of its own, so threads need no lock. A member that fails has no say in the grids. */
static pf_status take(void *user, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    pf_pilot *self = user;
    size_t cells = self->state->plan->cells;
    (void)diagnostics;
    for (size_t m = 0; m < batch->count; m++) {
        size_t place = place_of(self, batch->members[m]);
        self->sound[place] = true;
        for (size_t s = 0; s < batch->scenarios; s++)
            if (batch->faults[s * batch->count + m].kind != PF_NO_FAULT) self->sound[place] = false;
        for (size_t s = 0; s < batch->scenarios; s++)
            for (size_t c = 0; c < cells; c++)
                self->values[(s * cells + c) * self->count + place] =
                    batch->cells[(s * batch->cell_count + c) * batch->count + m];
    }
    return PF_OK;
}

pf_sink pf_pilot_sink(pf_pilot *pilot)
{
    return (pf_sink){pilot, take};
}

/* Moves the sound members to the front; how many they are. */
static size_t drop_failed(pf_pilot *self)
{
    size_t rows = self->state->plan->scenario_count * self->state->plan->cells, kept = 0;
    for (size_t row = 0; row < rows; row++) {
        double *values = self->values + row * self->count;
        kept = 0;
        for (size_t m = 0; m < self->count; m++)
            if (self->sound[m]) values[kept++] = values[m];
    }
    return kept;
}

void pf_pilot_end(pf_pilot *self)
{
    const pf_sweep_plan *plan = self->state->plan;
    size_t members = drop_failed(self), change_row = 0, size = plan->cells * self->count;
    double *change = pf_malloc(size * sizeof *change);
    pf_statistics_pilot(self->state->levels, 0, plan->scenario_count * plan->cells, self->values, self->count, members);
    for (size_t s = 0; s < plan->scenario_count; s++) {
        if (plan->references[s] < 0) continue;
        const double *levels = self->values + s * size, *base = self->values + (size_t)plan->references[s] * size;
        for (size_t i = 0; i < size; i++) change[i] = levels[i] - base[i];
        pf_statistics_pilot(self->state->changes, change_row++ * plan->cells, plan->cells, change, self->count,
                            members);
    }
    free(change);
    free(self->values);
    free(self->sound);
    free(self);
}
