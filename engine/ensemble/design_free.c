/* Members that each stand by themselves: Monte Carlo, and the Latin hypercube of McKay, Beckman and Conover (1979). */
#include "ensemble/design_internal.h"

enum { DEFAULT_MEMBERS = 1000 };

static pf_status prepare_monte_carlo(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    return pf_design_size(d, request, 1, DEFAULT_MEMBERS, diagnostics);
}

static void draw_monte_carlo(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    for (size_t m = 0; m < count; m++) u[m] = pf_unit_interval(pf_random_bits(d->seed, members[m], d->keys[v]));
}

const pf_design_row pf_design_monte_carlo = {
    .name = "monte_carlo",
    .arrangement = PF_ARRANGED_FREELY,
    .prepare = prepare_monte_carlo,
    .uniforms = draw_monte_carlo,
    .doc = "independent draws",
};

static pf_status prepare_latin_hypercube(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    if (pf_design_size(d, request, 1, DEFAULT_MEMBERS, diagnostics)) return PF_FAILED;
    pf_shuffle *strata = PF_ARRAY(d->arena, pf_shuffle, d->varied_count);
    for (size_t v = 0; v < d->varied_count; v++) strata[v] = pf_shuffle_make(d->members, d->seed, d->keys[v], 0);
    d->state = strata;
    return PF_OK;
}

/* The middle of the cell of 2^-52 that is nearest to x, 0 <= x <= 1: never 0 or 1. A number from 1 to 2 has steps of
 * just that. */
static double in_a_cell(double x)
{
    double above_one = 1 + x;
    if (above_one > 2 - 0x1p-52) above_one = 2 - 0x1p-52;
    return (above_one - 1) + 0x1p-53;
}

static void draw_latin_hypercube(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    const pf_shuffle *strata = (const pf_shuffle *)d->state + v;
    double n = (double)d->members;
    draw_monte_carlo(d, v, members, count, u);
    for (size_t m = 0; m < count; m++) u[m] = in_a_cell(((double)pf_shuffled(strata, members[m]) + u[m]) / n);
}

const pf_design_row pf_design_latin_hypercube = {
    .name = "latin_hypercube",
    .arrangement = PF_ARRANGED_FREELY,
    .prepare = prepare_latin_hypercube,
    .uniforms = draw_latin_hypercube,
    .doc = "each parameter's range in as many equally likely strata as there are members, one draw in each",
};
