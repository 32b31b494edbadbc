/* The parallel runner: blocks of members through all scenarios, handed to a sink in any order. */
#ifndef PF_RUNNER_H
#define PF_RUNNER_H

#include "base/diagnostics.h"
#include "kernel/kernel.h"

/* Fills the lane inputs; called by several threads at once. Member `member` in scenario `scenario` has
 * inputs[i * stride], i < plan->inputs. */
typedef struct {
    void *self;
    void (*fill)(void *self, uint64_t member, uint32_t scenario, double *inputs, size_t stride);
} pf_design;

/* A finished block: members first_member .. first_member + members - 1; lane = scenario * members + (member -
 * first_member). outputs [reported steps][plan->output_count][lanes], faults [lanes]. */
typedef struct {
    uint64_t first_member;
    uint32_t members, scenarios;
    size_t lanes;
    const double *outputs, *inputs; /* inputs [plan->inputs][lanes] */
    const pf_fault *faults;
} pf_block_result;

/* Takes finished blocks; called by one thread at a time. */
typedef struct {
    void *self;
    pf_status (*take)(void *self, const pf_block_result *block, pf_diagnostics *diagnostics);
} pf_sink;

typedef struct {
    uint64_t members;
    uint32_t scenarios;
    int threads;  /* 0: as OpenMP chooses */
    size_t width; /* lanes a block aims at; 0: the default, 64 */
} pf_run_options;

/* Runs all members in all scenarios. The same bits reach the sink whatever the threads and the width.
 * Fails if the sink does, or if a thread's floating-point mode is not the standard one (round to nearest, no flush to
 * zero). */
pf_status pf_run(const pf_kernel *kernel, const pf_plan *plan, pf_run_options options, pf_design design, pf_sink sink,
                 pf_diagnostics *diagnostics);

#endif
