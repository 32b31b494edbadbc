/* Does a loop have one solution? Solves each loop of the first step from zero and from far above, and compares. */
#include "kernel/block.h"
#include "kernel/loop.h"

#include <math.h>
#include <stdlib.h>

static const double FAR_ABOVE = 1e6;
static const double ALIKE = 1e-6;

/* The tear variables of all loops, one after another, after the first step from the given starts. */
static void first_step(pf_block *block, const double *inputs, const double *starts, double *tears)
{
    const pf_plan *plan = block->kernel->plan;
    block->loop_starts = starts;
    pf_block_start(block, 1, inputs);
    pf_block_step(block, 0, plan->segment_count);
    for (size_t k = 0; k < plan->loop_count; k++)
        for (uint32_t i = 0; i < plan->loops[k].tears; i++) *tears++ = *pf_register(block, plan->loops[k].x[i]);
}

static double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(values[i]));
    return most;
}

static bool alike(const double *a, const double *b, size_t count)
{
    double most = fmax(largest(a, count), largest(b, count));
    for (size_t i = 0; i < count; i++)
        if (fabs(a[i] - b[i]) > ALIKE * most) return false;
    return true;
}

bool pf_loops_agree(const pf_kernel *kernel, const double *inputs, uint32_t *loop)
{
    const pf_plan *plan = kernel->plan;
    size_t total = 0;
    for (size_t k = 0; k < plan->loop_count; k++) total += plan->loops[k].tears;
    if (!total || !plan->steps) return true;
    pf_block *block = pf_block_new(kernel, 1);
    double *low = pf_doubles(total), *high = pf_doubles(total), *starts = pf_doubles(plan->loop_count);
    bool agree = true;
    first_step(block, inputs, NULL, low);
    bool solved = block->faults[0].kind == PF_NO_FAULT;
    for (size_t k = 0, at = 0; k < plan->loop_count; at += plan->loops[k++].tears) {
        double most = largest(low + at, plan->loops[k].tears);
        starts[k] = FAR_ABOVE * (most > 0 ? most : 1);
    }
    if (solved) first_step(block, inputs, starts, high);
    solved = solved && block->faults[0].kind == PF_NO_FAULT; /* what fails from above says nothing */
    for (size_t k = 0, at = 0; solved && agree && k < plan->loop_count; at += plan->loops[k++].tears) {
        agree = alike(low + at, high + at, plan->loops[k].tears);
        if (!agree) *loop = (uint32_t)k;
    }
    free(low);
    free(high);
    free(starts);
    pf_block_free(block);
    return agree;
}
