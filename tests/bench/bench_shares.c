/* The program `parkflow` with a clock in it: linked with --wrap (tests/CMakeLists.txt), so that calls from one part of
 * the engine to another pass through here, each charged to the innermost kind of work. Takes parkflow's arguments; says
 * at the end, on standard error, how many of the seconds each kind took: "share KIND SECONDS", then "total SECONDS".
 * Seconds of threads that run side by side are divided by the number of threads. Clocks have to be reached by wrappers
 * whose arguments are the engine's, so here, and only here, there is global state. */
#include "ensemble/design.h"
#include "ensemble/runner.h"
#include "kernel/native.h"
#include "results/sweep_file.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

typedef enum { OTHER, COMPILING, NATIVE, DRAWING, KERNEL, REDUCING, STATISTICS, LOGGING, HDF5, KINDS } kind;
static const char *const names[KINDS] = {"other",    "compile",    "native", "drawing", "kernel",
                                         "reducing", "statistics", "log",    "hdf5"};

static atomic_uint_least64_t spent[KINDS], running; /* nanoseconds; `running`: in pf_run */
static atomic_uint_least64_t threads = 1;           /* that run side by side */
static pf_reducer reducer;
static _Thread_local struct {
    kind kind;
    uint64_t since;
} here;

static uint64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Charges the time since the last call, and gives what it was charged to. */
static kind turn_to(kind next)
{
    uint64_t now = nanoseconds();
    kind before = here.kind;
    if (here.since) atomic_fetch_add(&spent[before], (now - here.since) / threads);
    here.kind = next;
    here.since = now;
    return before;
}

#define WRAPS(FUNCTION) extern __typeof__(FUNCTION) __real_##FUNCTION, __wrap_##FUNCTION
WRAPS(pf_compile);
WRAPS(pf_native_attach);
WRAPS(pf_design_draw);
WRAPS(pf_block_run_steps);
WRAPS(pf_sweep_reducer);
WRAPS(pf_statistics_add);
WRAPS(pf_statistics_pilot);
WRAPS(pf_statistics_pack);
WRAPS(pf_part_append);
WRAPS(pf_part_checkpoint);
WRAPS(pf_part_records);
WRAPS(pf_store_begin);
WRAPS(pf_store_medians);
WRAPS(pf_store_statistics);
WRAPS(pf_store_statistic);
WRAPS(pf_store_members);
WRAPS(pf_store_member_rows);
WRAPS(pf_store_end);
WRAPS(pf_run);
extern int __real_main(int argc, char **argv);
extern int __wrap_main(int argc, char **argv);

const pf_compiled *__wrap_pf_compile(pf_scenario *scenario, pf_compile_options options)
{
    kind before = turn_to(COMPILING);
    const pf_compiled *model = __real_pf_compile(scenario, options);
    turn_to(before);
    return model;
}

bool __wrap_pf_native_attach(pf_kernel *kernel, const char **why)
{
    kind before = turn_to(NATIVE);
    bool attached = __real_pf_native_attach(kernel, why);
    turn_to(before);
    return attached;
}

void __wrap_pf_design_draw(const pf_design *design, const uint64_t *members, size_t count, double *inputs,
                           size_t stride)
{
    kind before = turn_to(DRAWING);
    __real_pf_design_draw(design, members, count, inputs, stride);
    turn_to(before);
}

void __wrap_pf_block_run_steps(pf_block *block, size_t lanes, const double *inputs, pf_output_taker outputs,
                               pf_fault *faults)
{
    kind before = turn_to(KERNEL);
    __real_pf_block_run_steps(block, lanes, inputs, outputs, faults);
    turn_to(before);
}

/* --- the sums over steps and parks --- */

static void reduce_step(const void *self, uint32_t step, size_t width, const double *outputs, size_t stride,
                        double *cells, size_t lanes)
{
    kind before = turn_to(REDUCING);
    reducer.step(self, step, width, outputs, stride, cells, lanes);
    turn_to(before);
}

static void end_reducing(const void *self, size_t lanes, double *cells)
{
    kind before = turn_to(REDUCING);
    reducer.end(self, lanes, cells);
    turn_to(before);
}

pf_reducer __wrap_pf_sweep_reducer(const pf_sweep_plan *plan)
{
    reducer = __real_pf_sweep_reducer(plan);
    return (pf_reducer){reducer.self, reducer.cells, reduce_step, end_reducing};
}

/* --- statistics --- */

void __wrap_pf_statistics_add(pf_statistics *self, size_t first, size_t count, const double *values, size_t stride,
                              size_t members)
{
    kind before = turn_to(STATISTICS);
    __real_pf_statistics_add(self, first, count, values, stride, members);
    turn_to(before);
}

void __wrap_pf_statistics_pilot(pf_statistics *self, size_t first, size_t count, const double *values, size_t stride,
                                size_t members)
{
    kind before = turn_to(STATISTICS);
    __real_pf_statistics_pilot(self, first, count, values, stride, members);
    turn_to(before);
}

void *__wrap_pf_statistics_pack(const pf_statistics *self, size_t *size)
{
    kind before = turn_to(STATISTICS);
    void *bytes = __real_pf_statistics_pack(self, size);
    turn_to(before);
    return bytes;
}

/* --- the log --- */

pf_status __wrap_pf_part_append(pf_part *part, uint64_t members, const void *bytes, size_t size,
                                pf_diagnostics *diagnostics)
{
    kind before = turn_to(LOGGING);
    pf_status status = __real_pf_part_append(part, members, bytes, size, diagnostics);
    turn_to(before);
    return status;
}

pf_status __wrap_pf_part_checkpoint(pf_part *part, uint64_t members, const void *bytes, size_t size,
                                    pf_diagnostics *diagnostics)
{
    kind before = turn_to(LOGGING);
    pf_status status = __real_pf_part_checkpoint(part, members, bytes, size, diagnostics);
    turn_to(before);
    return status;
}

pf_status __wrap_pf_part_records(pf_part *part, pf_part_visitor *visit, void *user, pf_diagnostics *diagnostics)
{
    kind before = turn_to(LOGGING);
    pf_status status = __real_pf_part_records(part, visit, user, diagnostics);
    turn_to(before);
    return status;
}

/* --- HDF5 --- */

pf_store *__wrap_pf_store_begin(const char *path, const pf_result_header *header, pf_diagnostics *diagnostics)
{
    kind before = turn_to(HDF5);
    pf_store *store = __real_pf_store_begin(path, header, diagnostics);
    turn_to(before);
    return store;
}

void __wrap_pf_store_medians(pf_store *store, const double *values, const double *parameter_values)
{
    kind before = turn_to(HDF5);
    __real_pf_store_medians(store, values, parameter_values);
    turn_to(before);
}

void __wrap_pf_store_statistics(pf_store *store, pf_result_group group, const pf_result_statistics *statistics)
{
    kind before = turn_to(HDF5);
    __real_pf_store_statistics(store, group, statistics);
    turn_to(before);
}

void __wrap_pf_store_statistic(pf_store *store, size_t variable, const pf_result_statistic *statistic)
{
    kind before = turn_to(HDF5);
    __real_pf_store_statistic(store, variable, statistic);
    turn_to(before);
}

void __wrap_pf_store_members(pf_store *store, const pf_result_members *members)
{
    kind before = turn_to(HDF5);
    __real_pf_store_members(store, members);
    turn_to(before);
}

pf_status __wrap_pf_store_member_rows(pf_store *store, const uint64_t *members, size_t count, const double *cells,
                                      const double *parameters)
{
    kind before = turn_to(HDF5);
    pf_status status = __real_pf_store_member_rows(store, members, count, cells, parameters);
    turn_to(before);
    return status;
}

pf_status __wrap_pf_store_end(pf_store *store, pf_diagnostics *diagnostics)
{
    kind before = turn_to(HDF5);
    pf_status status = __real_pf_store_end(store, diagnostics);
    turn_to(before);
    return status;
}

/* --- the runner, and all of it --- */

pf_status __wrap_pf_run(const pf_kernel *kernel, const pf_plan *plan, const pf_run_options *options, pf_draws draws,
                        pf_reducer with, pf_sink sink, pf_diagnostics *diagnostics)
{
    kind before = turn_to(OTHER);
    uint64_t start = nanoseconds();
    atomic_store(&threads, (uint64_t)(options->threads > 0 ? options->threads : sysconf(_SC_NPROCESSORS_ONLN)));
    pf_status status = __real_pf_run(kernel, plan, options, draws, with, sink, diagnostics);
    turn_to(before);
    atomic_store(&threads, 1);
    atomic_fetch_add(&running, nanoseconds() - start);
    return status;
}

static void report(uint64_t total)
{
    uint64_t other = total;
    for (kind k = COMPILING; k < KINDS; k++) {
        fprintf(stderr, "share %s %.6f\n", names[k], 1e-9 * (double)spent[k]);
        other -= spent[k];
    }
    fprintf(stderr, "share %s %.6f\n", names[OTHER], 1e-9 * (double)(int64_t)other);
    fprintf(stderr, "running %.6f\ntotal %.6f\n", 1e-9 * (double)running, 1e-9 * (double)total);
}

int __wrap_main(int argc, char **argv)
{
    uint64_t start = nanoseconds();
    int status = __real_main(argc, argv);
    report(nanoseconds() - start);
    return status;
}
