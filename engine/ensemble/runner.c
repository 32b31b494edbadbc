/* The parallel runner: takes a kernel and draws, shares the members out to threads in batches of blocks, and gives each
 * finished batch to the sink. A lane's bits depend on its inputs alone, so neither threads nor width show in them. */
#include "ensemble/runner.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A batch is what a sink takes at a time: large enough that taking costs little, small enough for a thread's memory. */
enum { MEMBERS_PER_BATCH = 256, BATCHES_PER_THREAD = 4 };
static const size_t BATCH_BYTES = 32 << 20;

/* What the threads share. */
typedef struct {
    const pf_kernel *kernel;
    const pf_plan *plan;
    const pf_run_options *options;
    pf_draws draws;
    pf_reducer reducer;
    pf_sink sink;
    pf_diagnostics *diagnostics;
    uint64_t members, batches;
    size_t members_per_block, members_per_batch;
    int failed; /* read and written by OpenMP atomics */
} run;

/* What each thread has of its own. */
typedef struct {
    pf_block *block;
    pf_diagnostics *diagnostics;
    uint64_t *members;           /* of the batch */
    double *drawn, *batch_drawn; /* [inputs][members of a block], [inputs][members of the batch] */
    double *lanes;               /* of a block: [inputs][lanes] */
    double *cells, *batch_cells; /* [cell][lanes], [scenario][cell][members of the batch] */
    pf_fault *faults, *batch_faults;
} worker;

uint64_t pf_range_members(const pf_range *ranges, size_t count)
{
    uint64_t members = 0;
    for (size_t i = 0; i < count; i++) members += ranges[i].count;
    return members;
}

void pf_set_lane(size_t inputs, const double *setting, const double *drawn, size_t stride, double *lane)
{
    for (size_t i = 0; i < inputs; i++) lane[i] = isnan(setting[i]) ? drawn[i * stride] : setting[i];
}

static bool has_ended(const run *r)
{
    int failed;
#pragma omp atomic read
    failed = r->failed;
    return failed != 0 || (r->options->stopped && *r->options->stopped);
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
    size_t scenarios = r->options->scenario_count, lanes = r->members_per_block * scenarios;
    return (worker){
        .block = pf_block_new(r->kernel, lanes),
        .diagnostics = pf_diagnostics_new(),
        .members = pf_calloc(r->members_per_batch, sizeof(uint64_t)),
        .drawn = pf_doubles(r->plan->inputs * r->members_per_block),
        .batch_drawn = pf_doubles(r->plan->inputs * r->members_per_batch),
        .lanes = pf_doubles(r->plan->inputs * lanes),
        .cells = pf_doubles(r->reducer.cells * lanes),
        .batch_cells = pf_doubles(r->reducer.cells * scenarios * r->members_per_batch),
        .faults = pf_calloc(lanes, sizeof(pf_fault)),
        .batch_faults = pf_calloc(scenarios * r->members_per_batch, sizeof(pf_fault)),
    };
}

static void end_worker(worker *w)
{
    pf_block_free(w->block);
    pf_diagnostics_free(w->diagnostics);
    free(w->members);
    free(w->drawn);
    free(w->batch_drawn);
    free(w->lanes);
    free(w->cells);
    free(w->batch_cells);
    free(w->faults);
    free(w->batch_faults);
}

/* The members at positions first .. first + count - 1 of all ranges. */
static void number_members(const run *r, uint64_t first, size_t count, uint64_t *members)
{
    const pf_range *range = r->options->ranges;
    while (first >= range->count) first -= range++->count;
    for (size_t m = 0; m < count; m++, first++) {
        while (first >= range->count) first -= range++->count;
        members[m] = range->first + first;
    }
}

/* Lane s * members + m is member m in scenario s. */
static void fill_lanes(const run *r, worker *w, size_t members)
{
    size_t scenarios = r->options->scenario_count;
    for (size_t i = 0; i < r->plan->inputs; i++)
        for (size_t s = 0; s < scenarios; s++) {
            double *lane = w->lanes + (i * scenarios + s) * members, setting = r->options->settings[s][i];
            if (isnan(setting)) memcpy(lane, w->drawn + i * members, members * sizeof *lane);
            else
                for (size_t m = 0; m < members; m++) lane[m] = setting;
        }
}

/* Where the outputs of a block go. */
typedef struct {
    const pf_reducer *reducer;
    double *cells;
    size_t lanes;
} reduction;

static void reduce_step(void *self, uint32_t step, size_t first, size_t width, const double *outputs, size_t stride)
{
    const reduction *to = self;
    to->reducer->step(to->reducer->self, step, width, outputs, stride, to->cells + first, to->lanes);
}

/* Puts a block of `members`, the first of which is member `at` of the batch of `count`, in its place. */
static void keep_block(const run *r, worker *w, size_t at, size_t members, size_t count)
{
    size_t scenarios = r->options->scenario_count, size = members * sizeof(double);
    for (size_t i = 0; i < r->plan->inputs; i++) memcpy(w->batch_drawn + i * count + at, w->drawn + i * members, size);
    for (size_t s = 0; s < scenarios; s++) {
        for (size_t c = 0; c < r->reducer.cells; c++)
            memcpy(w->batch_cells + (s * r->reducer.cells + c) * count + at, w->cells + (c * scenarios + s) * members,
                   size);
        memcpy(w->batch_faults + s * count + at, w->faults + s * members, members * sizeof *w->faults);
    }
}

static void run_block(const run *r, worker *w, size_t at, size_t members, size_t count)
{
    size_t lanes = members * r->options->scenario_count;
    r->draws.draw(r->draws.self, w->members + at, members, w->drawn, members);
    fill_lanes(r, w, members);
    memset(w->cells, 0, r->reducer.cells * lanes * sizeof *w->cells);
    reduction to = {&r->reducer, w->cells, lanes};
    pf_block_run_steps(w->block, lanes, w->lanes, (pf_output_taker){&to, reduce_step}, w->faults);
    r->reducer.end(r->reducer.self, lanes, w->cells);
    keep_block(r, w, at, members, count);
}

static void pass_on(run *r, pf_diagnostics *from)
{
#pragma omp critical(pf_run_diagnostics)
    pf_diagnostics_move(r->diagnostics, from);
}

static void run_batch(run *r, worker *w, uint64_t number)
{
    uint64_t first = number * r->members_per_batch, left = r->members - first;
    size_t count = left < r->members_per_batch ? (size_t)left : r->members_per_batch;
    number_members(r, first, count, w->members);
    for (size_t at = 0, members; at < count; at += members) {
        members = count - at < r->members_per_block ? count - at : r->members_per_block;
        run_block(r, w, at, members, count);
    }
    pf_batch batch = {w->members,     count,          r->options->scenario_count, r->reducer.cells, w->batch_drawn,
                      w->batch_cells, w->batch_faults};
    if (r->sink.take(r->sink.self, &batch, w->diagnostics) != PF_OK) fail(r);
    pass_on(r, w->diagnostics);
}

static void refuse_floating_point(run *r, worker *w)
{
    fail(r);
    pf_error(w->diagnostics, (pf_mark){0},
             "a thread's floating-point mode is not the standard one (round to nearest, no flush to zero): "
             "is the program linked with -ffast-math?");
    pass_on(r, w->diagnostics);
}

static int thread_count(const run *r)
{
    int threads = r->options->threads > 0 ? r->options->threads : omp_get_max_threads();
    return (uint64_t)threads > r->batches ? (int)r->batches : threads;
}

/* Whole blocks make a batch; few members are shared out to all threads. */
static void cut(run *r)
{
    const pf_run_options *options = r->options;
    size_t width = options->width ? options->width : pf_kernel_width(r->kernel);
    size_t block = width / options->scenario_count, most = options->batch;
    size_t member_bytes = (r->reducer.cells * options->scenario_count + r->plan->inputs) * sizeof(double);
    int threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    if (block == 0) block = 1;
    if (block > r->members) block = (size_t)r->members;
    if (!most) {
        most = MEMBERS_PER_BATCH;
        if (most > BATCH_BYTES / member_bytes) most = BATCH_BYTES / member_bytes;
        uint64_t share = r->members / ((uint64_t)threads * BATCHES_PER_THREAD);
        if (most > share) most = (size_t)share;
    }
    r->members_per_block = block;
    r->members_per_batch = most > block ? most / block * block : block;
    r->batches = (r->members + r->members_per_batch - 1) / r->members_per_batch;
}

pf_status pf_run(const pf_kernel *kernel, const pf_plan *plan, const pf_run_options *options, pf_draws draws,
                 pf_reducer reducer, pf_sink sink, pf_diagnostics *diagnostics)
{
    run r = {kernel, plan, options, draws, reducer, sink, diagnostics, .failed = 0};
    r.members = pf_range_members(options->ranges, options->range_count);
    if (r.members == 0 || options->scenario_count == 0) return PF_OK;
    cut(&r);
#pragma omp parallel num_threads(thread_count(&r))
    {
        worker w = start_worker(&r);
        if (!standard_floating_point()) refuse_floating_point(&r, &w);
#pragma omp for schedule(dynamic)
        for (uint64_t number = 0; number < r.batches; number++)
            if (!has_ended(&r)) run_batch(&r, &w, number);
        end_worker(&w);
    }
    return r.failed ? PF_FAILED : PF_OK;
}
