/* The parallel runner: members through all scenarios, in batches that are handed to a sink in any order. It knows plans
 * and lanes, not what they mean. */
#ifndef PF_RUNNER_H
#define PF_RUNNER_H

#include "base/diagnostics.h"
#include "kernel/kernel.h"

#include <signal.h>

/* Members first .. first + count - 1. */
typedef struct {
    uint64_t first, count;
} pf_range;

uint64_t pf_range_members(const pf_range *ranges, size_t count);

/* Draws the values of members: inputs[i * stride + m] of members[m], i < plan->inputs; called by several threads at
 * once. */
typedef struct {
    const void *self;
    void (*draw)(const void *self, const uint64_t *members, size_t count, double *inputs, size_t stride);
} pf_draws;

/* Turns outputs, step by step, into cells that are kept: cells[cell * lanes + lane], begun as zeros. Called by several
 * threads at once. */
typedef struct {
    const void *self;
    size_t cells;
    /* A reported step, from 0, ascending, of lanes that are `width` of the block's `lanes`: outputs[i * stride + l]
     * belongs to cells[cell * lanes + l]. */
    void (*step)(const void *self, uint32_t step, size_t width, const double *outputs, size_t stride, double *cells,
                 size_t lanes);
    void (*end)(const void *self, size_t lanes, double *cells);
} pf_reducer;

/* Finished members, `count` of them, ascending. */
typedef struct {
    const uint64_t *members;
    size_t count, scenarios, cell_count;
    const double *inputs;   /* [plan->inputs][count], as drawn */
    const double *cells;    /* [scenario][cell][count] */
    const pf_fault *faults; /* [scenario][count] */
} pf_batch;

/* Takes finished batches; called by several threads at once. PF_FAILED stops the run. */
typedef struct {
    void *self;
    pf_status (*take)(void *self, const pf_batch *batch, pf_diagnostics *diagnostics);
} pf_sink;

typedef struct {
    const pf_range *ranges; /* the members to run */
    size_t range_count;
    const double *const *settings; /* by scenario: [plan->inputs]; NaN: as the member draws it */
    size_t scenario_count;
    int threads;                          /* 0: as OpenMP chooses */
    size_t width;                         /* lanes a block aims at; 0: as the kernel likes */
    size_t batch;                         /* members a batch aims at; 0: the default */
    const volatile sig_atomic_t *stopped; /* not 0: finish the batches in hand, start no more; may be NULL */
} pf_run_options;

/* Runs the members of all ranges. The same bits reach the sink whatever threads, width and batch are. Fails if the sink
 * does, or if a thread's floating-point mode is not the standard one (round to nearest, no flush to zero); a sink's
 * messages need no lock of their own. */
pf_status pf_run(const pf_kernel *kernel, const pf_plan *plan, const pf_run_options *options, pf_draws draws,
                 pf_reducer reducer, pf_sink sink, pf_diagnostics *diagnostics);

/* The settings of one scenario and one member's inputs, put together: lane [plan->inputs]. */
void pf_set_lane(size_t inputs, const double *setting, const double *drawn, size_t stride, double *lane);

#endif
