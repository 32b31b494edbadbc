/* Times the kernel on members of a model, and says what another evaluator needs to do the same work.
 *   bench_kernel dump MODEL LANES CHECKED FILE   plan, inputs of all lanes, outputs of the first CHECKED lanes
 *   bench_kernel time MODEL LANES CHECKED REPEATS BACKEND THREADS
 *                                                seconds of one run of all lanes, median wall and median CPU, once the
 *                                                first CHECKED lanes have given the interpreter's bits
 *   bench_kernel count MODEL                     what the plan holds; seconds to compile it, and to build native code
 * Lane l is member l / S in scenario l % S of a Monte Carlo sweep of seed 1, with S scenarios. FILE is a row of arrays:
 * name, type (I: uint32, D: double), number of elements, elements. */
#include "base/operations.h"
#include "ensemble/design.h"
#include "kernel/kernel.h"
#include "kernel/native.h"
#include "kernel/pieces.h"
#include "model/compile.h"

#include <gsl/gsl_errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>

enum { PIECE = 320 }; /* operations: as engine/kernel/native.c cuts them */

typedef struct {
    const pf_compiled *model;
    size_t lanes, checked, members;
    double *drawn;   /* [inputs][members] */
    double *outputs; /* [reported step][output][checked], the interpreter's */
    pf_fault *faults;
} bench;

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t output_rows(const bench *b)
{
    const pf_plan *plan = &b->model->plan;
    return (size_t)(plan->steps - plan->first_reported) * plan->output_count;
}

static bool draw(bench *b, pf_diagnostics *diagnostics)
{
    pf_design_request request = {.name = "monte_carlo", .members = b->members, .seed = 1};
    pf_design *design = pf_design_new(b->model, &request, diagnostics);
    if (!design) return false;
    uint64_t *members = pf_calloc(b->members, sizeof *members);
    for (size_t m = 0; m < b->members; m++) members[m] = m;
    b->drawn = pf_doubles(b->model->plan.inputs * b->members);
    pf_design_draw(design, members, b->members, b->drawn, b->members);
    free(members);
    pf_design_free(design);
    return true;
}

/* The inputs of lanes first .. first + count - 1, [inputs][count]; by free(). */
static double *inputs_of(const bench *b, size_t first, size_t count)
{
    size_t inputs = b->model->plan.inputs, scenarios = b->model->scenario_count;
    double *values = pf_doubles(inputs * count);
    for (size_t i = 0; i < inputs; i++)
        for (size_t l = 0; l < count; l++) {
            double setting = b->model->scenarios[(first + l) % scenarios].switches[i];
            double drawn = b->drawn[i * b->members + (first + l) / scenarios];
            values[i * count + l] = isnan(setting) ? drawn : setting;
        }
    return values;
}

/* The checked lanes' outputs, by free(). */
static double *run_checked(const bench *b, const pf_kernel *kernel, pf_fault *faults)
{
    double *inputs = inputs_of(b, 0, b->checked), *outputs = pf_doubles(output_rows(b) * b->checked);
    pf_block *block = pf_block_new(kernel, b->checked);
    pf_block_run(block, b->checked, inputs, outputs, faults);
    pf_block_free(block);
    free(inputs);
    return outputs;
}

static void run_interpreter(bench *b)
{
    pf_kernel *kernel = pf_kernel_new(&b->model->plan);
    b->faults = pf_calloc(b->checked, sizeof *b->faults);
    b->outputs = run_checked(b, kernel, b->faults);
    pf_kernel_free(kernel);
}

/* --- dump --- */

static void put(FILE *file, const char *name, char type, const void *data, size_t count)
{
    fprintf(file, "%s %c %zu\n", name, type, count);
    fwrite(data, type == 'I' ? sizeof(uint32_t) : sizeof(double), count, file);
}

static void put_numbers(FILE *file, const char *name, const size_t *numbers, size_t count)
{
    uint32_t *words = pf_calloc(count, sizeof *words);
    for (size_t i = 0; i < count; i++) words[i] = (uint32_t)numbers[i];
    put(file, name, 'I', words, count);
    free(words);
}

/* The structs of a plan are rows of uint32_t. */
static void put_code(FILE *file, const pf_plan *plan)
{
    put(file, "code", 'I', plan->code, plan->code_count * 5);
    put_numbers(file, "spans", (size_t[]){plan->lane.first, plan->lane.count, plan->step.first, plan->step.count}, 4);
    for (size_t i = 0; i < plan->segment_count; i++) {
        const pf_segment *segment = &plan->segments[i];
        size_t numbers[] = {segment->kind == PF_LOOP, segment->code.first, segment->code.count, segment->loop};
        put_numbers(file, "segment", numbers, 4);
    }
    for (size_t i = 0; i < plan->loop_count; i++) {
        const pf_loop *loop = &plan->loops[i];
        put_numbers(file, "loop", (size_t[]){loop->body.first, loop->body.count, loop->tears}, 3);
        put(file, "x", 'I', loop->x, loop->tears);
        put(file, "g", 'I', loop->g, loop->tears);
        put(file, "jacobian", 'I', loop->jacobian, (size_t)loop->tears * loop->tears);
    }
}

static void put_registers(FILE *file, const pf_plan *plan)
{
    for (size_t i = 0; i < plan->constant_count; i++) {
        put(file, "constant", 'I', &plan->constants[i].reg, 1);
        put(file, "is", 'D', &plan->constants[i].value, 1);
    }
    put(file, "input_registers", 'I', plan->input_registers, plan->input_count * 2);
    put(file, "series_registers", 'I', plan->series_registers, plan->series_count * 2);
    put(file, "series", 'D', plan->series_values, plan->series_count * plan->steps);
    put(file, "exports", 'I', plan->exports, plan->export_count);
    put(file, "states", 'I', plan->states, plan->state_count * 3);
    put(file, "output_registers", 'I', plan->outputs, plan->output_count);
    uint32_t *checks = pf_calloc(plan->check_count, sizeof *checks);
    for (size_t i = 0; i < plan->check_count; i++) checks[i] = plan->checks[i].reg;
    put(file, "checks", 'I', checks, plan->check_count);
    free(checks);
}

static void put_run(FILE *file, const bench *b)
{
    const pf_plan *plan = &b->model->plan;
    uint32_t *fine = pf_calloc(b->checked, sizeof *fine);
    for (size_t i = 0; i < b->checked; i++) fine[i] = b->faults[i].kind == PF_NO_FAULT;
    size_t sizes[] = {plan->registers, plan->steps, plan->first_reported,    plan->inputs,
                      b->lanes,        b->checked,  b->model->closure_count, b->model->scenario_count};
    double *inputs = inputs_of(b, 0, b->lanes);
    put_numbers(file, "sizes", sizes, sizeof sizes / sizeof *sizes);
    put(file, "inputs", 'D', inputs, plan->inputs * b->lanes);
    put(file, "outputs", 'D', b->outputs, output_rows(b) * b->checked);
    put(file, "fine", 'I', fine, b->checked);
    free(inputs);
    free(fine);
}

static bool write_dump(const bench *b, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        return false;
    }
    for (size_t i = 0; i < pf_operation_count(); i++) put(file, pf_operation_at(i)->name, 'I', "", 0);
    for (size_t i = 0; i < b->model->input_count; i++) {
        fputs("input:", file);
        put(file, b->model->inputs[i].name, 'I', "", 0);
    }
    put_code(file, &b->model->plan);
    put_registers(file, &b->model->plan);
    put_run(file, b);
    return fclose(file) == 0;
}

/* --- time --- */

/* The parts of the lanes, each as many as the kernel likes, that one thread runs: first, first + stride, ... */
typedef struct {
    const bench *b;
    size_t width, parts, first, stride;
    double *const *inputs; /* by part */
    pf_block *block;
    double *outputs; /* of a step, overwritten by the next */
    pf_fault *faults;
} share;

static size_t lanes_of(const share *s, size_t part)
{
    size_t left = s->b->lanes - part * s->width;
    return left < s->width ? left : s->width;
}

/* Copies a step's outputs, the least that anybody does with them. */
static void take(void *self, uint32_t step, size_t first, size_t lanes, const double *outputs, size_t stride)
{
    const share *s = self;
    (void)step;
    for (size_t i = 0; i < s->b->model->plan.output_count; i++)
        memcpy(s->outputs + i * s->width + first, outputs + i * stride, lanes * sizeof *outputs);
}

static int run_share(void *argument)
{
    share *s = argument;
    for (size_t part = s->first; part < s->parts; part += s->stride)
        pf_block_run_steps(s->block, lanes_of(s, part), s->inputs[part], (pf_output_taker){s, take}, s->faults);
    return 0;
}

static void run_shares(share *shares, size_t threads)
{
    thrd_t *others = pf_calloc(threads, sizeof *others);
    for (size_t t = 1; t < threads; t++)
        if (thrd_create(&others[t], run_share, &shares[t]) != thrd_success) abort();
    run_share(&shares[0]);
    for (size_t t = 1; t < threads; t++) thrd_join(others[t], NULL);
    free(others);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

static void print_medians(share *shares, size_t threads, size_t repeats)
{
    double *wall = pf_doubles(repeats), *cpu = pf_doubles(repeats);
    run_shares(shares, threads); /* warms up */
    for (size_t i = 0; i < repeats; i++) {
        double wall_start = seconds_of(CLOCK_MONOTONIC), cpu_start = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        run_shares(shares, threads);
        wall[i] = seconds_of(CLOCK_MONOTONIC) - wall_start;
        cpu[i] = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    }
    printf("%.9g %.9g %zu\n", median(wall, repeats), median(cpu, repeats), shares[0].width);
    free(wall);
    free(cpu);
}

static void time_lanes(const bench *b, const pf_kernel *kernel, size_t threads, size_t repeats)
{
    size_t width = pf_kernel_width(kernel), parts = (b->lanes + width - 1) / width;
    share *shares = pf_calloc(threads, sizeof *shares);
    double **inputs = pf_calloc(parts, sizeof *inputs);
    for (size_t t = 0; t < threads; t++)
        shares[t] = (share){.b = b,
                            .width = width,
                            .parts = parts,
                            .first = t,
                            .stride = threads,
                            .inputs = inputs,
                            .block = pf_block_new(kernel, width),
                            .outputs = pf_doubles(b->model->plan.output_count * width),
                            .faults = pf_calloc(width, sizeof(pf_fault))};
    for (size_t part = 0; part < parts; part++) inputs[part] = inputs_of(b, part * width, lanes_of(&shares[0], part));
    print_medians(shares, threads, repeats);
    for (size_t part = 0; part < parts; part++) free(inputs[part]);
    for (size_t t = 0; t < threads; t++) {
        pf_block_free(shares[t].block);
        free(shares[t].outputs);
        free(shares[t].faults);
    }
    free(inputs);
    free(shares);
}

static bool has_the_interpreters_bits(const bench *b, const pf_kernel *kernel)
{
    pf_fault *faults = pf_calloc(b->checked, sizeof *faults);
    double *outputs = run_checked(b, kernel, faults);
    bool same = !memcmp(outputs, b->outputs, output_rows(b) * b->checked * sizeof *outputs);
    for (size_t i = 0; i < b->checked; i++) same = same && faults[i].kind == b->faults[i].kind;
    free(outputs);
    free(faults);
    return same;
}

static bool time_kernel(const bench *b, bool native, size_t threads, size_t repeats)
{
    pf_kernel *kernel = pf_kernel_new(&b->model->plan);
    const char *why = NULL;
    bool good = !native || pf_native_attach(kernel, &why);
    if (!good) fprintf(stderr, "bench_kernel: no native code: %s\n", why);
    if (good && !has_the_interpreters_bits(b, kernel)) {
        fprintf(stderr, "bench_kernel: native code differs from the interpreter; nothing is timed\n");
        good = false;
    }
    if (good) time_lanes(b, kernel, threads, repeats);
    pf_kernel_free(kernel);
    return good;
}

/* --- count --- */

static size_t count_operations(const pf_plan *plan, pf_span span, size_t *by_row)
{
    size_t rows_moved = 0;
    for (uint32_t i = span.first; i < span.first + span.count; i++) {
        by_row[plan->code[i].op]++;
        rows_moved += (size_t)pf_operation_at(plan->code[i].op)->arity + 1;
    }
    return rows_moved;
}

/* The operations of a step, each once; gives the rows that the interpreter reads and writes for them. */
static size_t count_inner_loop(const pf_plan *plan)
{
    size_t *by_row = pf_calloc(pf_operation_count(), sizeof *by_row), rows = 0, operations = 0;
    for (size_t i = 0; i < plan->segment_count; i++) {
        const pf_segment *segment = &plan->segments[i];
        pf_span span = segment->kind == PF_LOOP ? plan->loops[segment->loop].body : segment->code;
        rows += count_operations(plan, span, by_row);
        operations += span.count;
    }
    for (size_t i = 0; i < pf_operation_count(); i++)
        if (by_row[i]) printf("operation.%s %zu\n", pf_operation_at(i)->name, by_row[i]);
    printf("operations %zu\n", operations);
    free(by_row);
    return rows;
}

/* A value of another piece is read from the register file once a piece, whatever number of operations want it. */
static bool is_new_load(const pf_pieces *pieces, uint32_t piece, pf_source source, uint32_t *seen_rows,
                        uint32_t *seen_values)
{
    if (source.kind != PF_FROM_ROW && source.kind != PF_FROM_CODE) return false;
    if (source.kind == PF_FROM_CODE && pieces->values[source.index].piece == piece) return false;
    uint32_t *seen = source.kind == PF_FROM_ROW ? &seen_rows[source.index] : &seen_values[source.index];
    bool is_new = *seen != piece + 1;
    *seen = piece + 1;
    return is_new;
}

static size_t rows_moved_by_native_code(const pf_plan *plan)
{
    pf_arena *arena = pf_arena_new();
    pf_pieces pieces = pf_cut_pieces(plan, PIECE, arena);
    uint32_t *seen_rows = PF_ARRAY(arena, uint32_t, pieces.rows),
             *seen_values = PF_ARRAY(arena, uint32_t, plan->code_count);
    size_t moved = plan->output_count;
    for (uint32_t p = 0; p < pieces.piece_count; p++) {
        const pf_piece *piece = &pieces.pieces[p];
        for (uint32_t i = piece->first; i < piece->first + piece->count; i++) {
            const pf_value_use *value = &pieces.values[pieces.order[i]];
            for (int k = 0; k < pf_operation_at(plan->code[pieces.order[i]].op)->arity; k++)
                moved += is_new_load(&pieces, p, value->operand[k], seen_rows, seen_values);
            moved += value->row != PF_NOWHERE;
        }
    }
    pf_arena_free(arena);
    return moved;
}

static void count_plan(const bench *b, double compile_seconds)
{
    const pf_plan *plan = &b->model->plan;
    size_t interpreter = count_inner_loop(plan);
    printf("interpreter_rows %zu\nnative_rows %zu\n", interpreter, rows_moved_by_native_code(plan));
    printf("scenarios %zu\nsteps %" PRIu32 "\nreported %" PRIu32 "\n", b->model->scenario_count, plan->steps,
           plan->steps - plan->first_reported);
    printf("registers %" PRIu32 "\noutputs %zu\nloops %zu\n", plan->registers, plan->output_count, plan->loop_count);
    printf("compile_seconds %.9g\n", compile_seconds);
    pf_kernel *kernel = pf_kernel_new(plan);
    const char *why;
    double start = seconds_of(CLOCK_MONOTONIC);
    bool native = pf_native_attach(kernel, &why);
    printf("native_seconds %.9g\n", native ? seconds_of(CLOCK_MONOTONIC) - start : (double)NAN);
    printf("width %zu\n", pf_kernel_width(kernel));
    pf_kernel_free(kernel);
}

/* --- the command line --- */

static bool run_command(bench *b, int argc, char **argv, double compile_seconds, pf_diagnostics *diagnostics)
{
    bool is_dump = !strcmp(argv[1], "dump"), good = true;
    if (!strcmp(argv[1], "count")) {
        count_plan(b, compile_seconds);
        return true;
    }
    b->lanes = strtoul(argv[3], NULL, 10);
    b->checked = strtoul(argv[4], NULL, 10);
    if (b->checked > b->lanes) b->checked = b->lanes;
    b->members = (b->lanes + b->model->scenario_count - 1) / b->model->scenario_count;
    if (!draw(b, diagnostics)) return false;
    run_interpreter(b);
    if (is_dump) good = write_dump(b, argv[5]);
    else
        good =
            time_kernel(b, !strcmp(argv[6], "native"), strtoul(argv[argc - 1], NULL, 10), strtoul(argv[5], NULL, 10));
    free(b->drawn);
    free(b->outputs);
    free(b->faults);
    return good;
}

int main(int argc, char **argv)
{
    const char *command = argc > 2 ? argv[1] : "";
    int expected = !strcmp(command, "dump") ? 6 : !strcmp(command, "time") ? 8 : !strcmp(command, "count") ? 3 : 0;
    if (argc != expected) {
        fprintf(stderr, "usage: bench_kernel dump MODEL LANES CHECKED FILE\n"
                        "       bench_kernel time MODEL LANES CHECKED REPEATS BACKEND THREADS\n"
                        "       bench_kernel count MODEL\n");
        return 2;
    }
    gsl_set_error_handler_off();
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    double start = seconds_of(CLOCK_MONOTONIC);
    pf_scenario *scenario = pf_scenario_read(argv[2], NULL, 0, diagnostics);
    bench b = {.model = scenario ? pf_compile(scenario, (pf_compile_options){0}) : NULL};
    double compile_seconds = seconds_of(CLOCK_MONOTONIC) - start;
    bool good = b.model && !pf_error_count(diagnostics) && run_command(&b, argc, argv, compile_seconds, diagnostics);
    pf_diagnostics_print(diagnostics, stderr);
    pf_scenario_free(scenario);
    pf_diagnostics_free(diagnostics);
    return good ? 0 : 1;
}
