/* The parallel runner: takes a kernel and a design, shares the members out to threads in blocks, and gives each
 * finished block to the sink. A lane's bits depend on its inputs alone, so neither threads nor width show in them. */
#include "ensemble/runner.h"

#include <fenv.h>
#include <float.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>

enum { DEFAULT_WIDTH = 64 };

/* What the threads share. */
typedef struct {
    const pf_kernel *kernel;
    const pf_plan *plan;
    pf_run_options options;
    pf_design design;
    pf_sink sink;
    pf_diagnostics *diagnostics;
    uint64_t members_per_block, blocks;
    int failed; /* read and written by OpenMP atomics */
} run;

/* What each thread has of its own. */
typedef struct {
    pf_block *block;
    double *inputs, *outputs;
    pf_fault *faults;
} worker;

static bool has_failed(run *r)
{
    int failed;
#pragma omp atomic read
    failed = r->failed;
    return failed != 0;
}

static void fail(run *r)
{
#pragma omp atomic write
    r->failed = 1;
}

/* Round to nearest; numbers below the normal range neither flushed to zero as results nor taken for it as operands. */
static bool standard_floating_point(void)
{
    volatile double least = DBL_MIN, half = least * 0.5, twice = half * 2;
    return fegetround() == FE_TONEAREST && half > 0 && twice == DBL_MIN;
}

static worker start_worker(const run *r)
{
    size_t lanes = (size_t)r->members_per_block * r->options.scenarios;
    size_t reported = r->plan->steps - r->plan->first_reported;
    return (worker){
        .block = pf_block_new(r->kernel, lanes),
        .inputs = pf_doubles(r->plan->inputs * lanes),
        .outputs = pf_doubles(reported * r->plan->output_count * lanes),
        .faults = pf_calloc(lanes, sizeof(pf_fault)),
    };
}

static void end_worker(worker *w)
{
    pf_block_free(w->block);
    free(w->inputs);
    free(w->outputs);
    free(w->faults);
}

static void give(run *r, const pf_block_result *result)
{
#pragma omp critical(pf_run_sink)
    if (!has_failed(r) && r->sink.take(r->sink.self, result, r->diagnostics) != PF_OK) fail(r);
}

static void run_block(run *r, worker *w, uint64_t number)
{
    uint64_t first = number * r->members_per_block, left = r->options.members - first;
    uint32_t members = (uint32_t)(left < r->members_per_block ? left : r->members_per_block);
    size_t lanes = (size_t)members * r->options.scenarios, lane = 0;
    for (uint32_t scenario = 0; scenario < r->options.scenarios; scenario++)
        for (uint32_t m = 0; m < members; m++, lane++)
            r->design.fill(r->design.self, first + m, scenario, w->inputs + lane, lanes);
    pf_block_run(w->block, lanes, w->inputs, w->outputs, w->faults);
    pf_block_result result = {first, members, r->options.scenarios, lanes, w->outputs, w->inputs, w->faults};
    give(r, &result);
}

static void refuse_floating_point(run *r)
{
    fail(r);
#pragma omp critical(pf_run_sink)
    pf_error(r->diagnostics, (pf_mark){0},
             "a thread's floating-point mode is not the standard one (round to nearest, no flush to zero): "
             "is the program linked with -ffast-math?");
}

static int thread_count(const run *r)
{
    int threads = r->options.threads > 0 ? r->options.threads : omp_get_max_threads();
    return (uint64_t)threads > r->blocks ? (int)r->blocks : threads;
}

pf_status pf_run(const pf_kernel *kernel, const pf_plan *plan, pf_run_options options, pf_design design, pf_sink sink,
                 pf_diagnostics *diagnostics)
{
    if (options.members == 0 || options.scenarios == 0) return PF_OK;
    size_t width = options.width ? options.width : DEFAULT_WIDTH;
    uint64_t members = width / options.scenarios;
    if (members == 0) members = 1;
    if (members > options.members) members = options.members;
    run r = {kernel, plan, options, design, sink, diagnostics, .members_per_block = members};
    r.blocks = (options.members + members - 1) / members;
#pragma omp parallel num_threads(thread_count(&r))
    {
        if (!standard_floating_point()) refuse_floating_point(&r);
        worker w = start_worker(&r);
#pragma omp for schedule(dynamic)
        for (uint64_t number = 0; number < r.blocks; number++)
            if (!has_failed(&r)) run_block(&r, &w, number);
        end_worker(&w);
    }
    return has_failed(&r) ? PF_FAILED : PF_OK;
}
