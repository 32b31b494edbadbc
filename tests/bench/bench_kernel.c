/* Times the interpreter on a model's plan and writes the plan, its inputs and its outputs for another evaluator.
 *   bench_kernel MODEL LANES REPEATS DUMP   prints the median CPU seconds of one block run and the lanes at fault
 * DUMP is a row of arrays: name, type (I: uint32, D: double), number of elements, elements. */
#include "base/distributions.h"
#include "base/operations.h"
#include "kernel/kernel.h"
#include "model/compile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    const pf_compiled *model;
    size_t lanes;
    double *inputs, *outputs;
    pf_fault *faults;
} bench;

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
}

static void put_run(FILE *file, const bench *b)
{
    const pf_plan *plan = &b->model->plan;
    uint32_t *fine = pf_calloc(b->lanes, sizeof *fine);
    for (size_t i = 0; i < b->lanes; i++) fine[i] = b->faults[i].kind == PF_NO_FAULT;
    size_t closures = b->model->closure_count;
    size_t sizes[] = {plan->registers, plan->steps, plan->first_reported, plan->inputs, b->lanes, closures};
    put_numbers(file, "sizes", sizes, 6);
    put(file, "inputs", 'D', b->inputs, plan->inputs * b->lanes);
    put(file, "outputs", 'D', b->outputs, (size_t)(plan->steps - plan->first_reported) * plan->output_count * b->lanes);
    put(file, "fine", 'I', fine, b->lanes);
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
    put_code(file, &b->model->plan);
    put_registers(file, &b->model->plan);
    put_run(file, b);
    return fclose(file) == 0;
}

/* SplitMix64 (Steele, Lea and Flood 2014), to a number between 0 and 1, never either. */
static double uniform(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return ((double)(z >> 12) + 0.5) * 0x1p-52;
}

static double quantile(const pf_value *value, double u)
{
    return pf_distribution_at((size_t)value->distribution)->quantile(u, value->arguments);
}

/* Scenarios in turn, lane by lane; every uncertain parameter at a random quantile. */
static void draw(bench *b)
{
    uint64_t state = 1;
    for (size_t i = 0; i < b->model->input_count; i++) {
        const pf_value *value = b->model->inputs[i].value;
        for (size_t lane = 0; lane < b->lanes; lane++) {
            const pf_scenario_row *scenario = &b->model->scenarios[lane % b->model->scenario_count];
            b->inputs[i * b->lanes + lane] = value ? quantile(value, uniform(&state)) : scenario->switches[i];
        }
    }
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this process alone, whatever else the machine does */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_seconds(const bench *b, const pf_kernel *kernel, size_t repeats)
{
    pf_block *block = pf_block_new(kernel, b->lanes);
    double *seconds = pf_doubles(repeats);
    pf_block_run(block, b->lanes, b->inputs, b->outputs, b->faults); /* warms up; the outputs are of this run */
    for (size_t i = 0; i < repeats; i++) {
        double start = cpu_seconds();
        pf_block_run(block, b->lanes, b->inputs, b->outputs, b->faults);
        seconds[i] = cpu_seconds() - start;
    }
    qsort(seconds, repeats, sizeof *seconds, ascending);
    double median = seconds[repeats / 2];
    free(seconds);
    pf_block_free(block);
    return median;
}

static bool run_bench(const pf_compiled *model, size_t lanes, size_t repeats, const char *dump)
{
    const pf_plan *plan = &model->plan;
    bench b = {.model = model, .lanes = lanes};
    pf_kernel *kernel = pf_kernel_new(plan);
    b.inputs = pf_doubles(plan->inputs * lanes);
    b.outputs = pf_doubles((size_t)(plan->steps - plan->first_reported) * plan->output_count * lanes);
    b.faults = pf_calloc(lanes, sizeof *b.faults);
    draw(&b);
    double seconds = median_seconds(&b, kernel, repeats);
    size_t faults = 0;
    for (size_t i = 0; i < lanes; i++) faults += b.faults[i].kind != PF_NO_FAULT;
    printf("%.9g %zu\n", seconds, faults);
    bool written = write_dump(&b, dump);
    free(b.inputs);
    free(b.outputs);
    free(b.faults);
    pf_kernel_free(kernel);
    return written;
}

int main(int argc, char **argv)
{
    size_t lanes = argc == 5 ? strtoul(argv[2], NULL, 10) : 0, repeats = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
    if (!lanes || !repeats) {
        fprintf(stderr, "usage: bench_kernel MODEL LANES REPEATS DUMP\n");
        return 2;
    }
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_scenario *scenario = pf_scenario_read(argv[1], NULL, 0, diagnostics);
    const pf_compiled *model = scenario ? pf_compile(scenario, (pf_compile_options){0}) : NULL;
    bool good = model && !pf_error_count(diagnostics) && run_bench(model, lanes, repeats, argv[4]);
    pf_diagnostics_print(diagnostics, stderr);
    pf_scenario_free(scenario);
    pf_diagnostics_free(diagnostics);
    return good ? 0 : 1;
}
