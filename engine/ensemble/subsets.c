/* Draws members with their switches: the parameters of a member are drawn once for all of its rows that stand together.
 */
#include "ensemble/subsets.h"

#include <math.h>
#include <string.h>

static uint64_t row_of(const pf_subsets *s, uint64_t number)
{
    uint64_t row = number % s->row_count;
    return s->rows ? s->rows[row] : row;
}

/* The members of a run from place `first` on that are one member of the design. */
static size_t count_alike(const pf_subsets *s, const uint64_t *numbers, size_t first, size_t count)
{
    size_t end = first + 1;
    while (end < count && numbers[end] / s->row_count == numbers[first] / s->row_count) end++;
    return end - first;
}

static void draw_parameters(const pf_subsets *s, const uint64_t *numbers, size_t count, double *inputs, size_t stride)
{
    for (size_t first = 0, alike; first < count; first += alike) {
        uint64_t member = numbers[first] / s->row_count;
        alike = count_alike(s, numbers, first, count);
        pf_design_draw(s->design, &member, 1, inputs + first, stride);
        for (size_t i = 0; i < s->input_count; i++) {
            double *row = inputs + i * stride + first;
            for (size_t m = 1; m < alike && isnan(s->base[i]); m++) row[m] = row[0];
        }
    }
}

static void draw(const void *self, const uint64_t *numbers, size_t count, double *inputs, size_t stride)
{
    const pf_subsets *s = self;
    draw_parameters(s, numbers, count, inputs, stride);
    for (size_t i = 0; i < s->input_count; i++)
        for (size_t m = 0; m < count && !isnan(s->base[i]); m++) inputs[i * stride + m] = s->base[i];
    for (size_t k = 0; k < s->switch_count; k++) {
        const pf_switch *w = &s->switches[k];
        for (size_t m = 0; m < count; m++)
            inputs[w->input * stride + m] = row_of(s, numbers[m]) >> w->slot & 1 ? w->set : w->unset;
    }
}

pf_draws pf_subset_draws(const pf_subsets *subsets)
{
    return (pf_draws){subsets, draw};
}

double *pf_all_as_drawn(size_t input_count)
{
    double *setting = pf_doubles(input_count);
    for (size_t i = 0; i < input_count; i++) setting[i] = (double)NAN;
    return setting;
}
