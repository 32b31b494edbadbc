/* The interpreter: runs a plan over a block of lanes, one function of the table of operations an instruction.
 * Step-bound code is run ahead when the kernel is made; pf_block_run only computes: it does not allocate, and branches
 * by lane only to note a fault. */
#include "kernel/block.h"
#include "kernel/loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The tape is best run wide, for each call has its price, even where that does not fit the second-level cache; but a
 * large model's registers are not to fill the memory. */
enum { LANE_MULTIPLE = 16, NARROWEST = 16, WIDEST = 128, CACHES = 16 };
static const size_t USUAL_CACHE = 512 * 1024;

static size_t padded(size_t lanes)
{
    return (lanes + LANE_MULTIPLE - 1) / LANE_MULTIPLE * LANE_MULTIPLE;
}

static void spread(double *lanes, size_t width, double value)
{
    for (size_t i = 0; i < width; i++) lanes[i] = value;
}

static inline void run_call(const pf_call *call, double *registers, size_t stride, size_t width)
{
    call->run(width, registers + call->y * stride, registers + call->a * stride, registers + call->b * stride,
              registers + call->c * stride);
}

static void run_recorded(pf_block *block, pf_span span)
{
    for (size_t i = span.first; i < (size_t)span.first + span.count; i++) {
        const pf_call *call = &block->kernel->calls[i];
        double a = *pf_register(block, call->a), b = *pf_register(block, call->b), c = *pf_register(block, call->c);
        pf_record *record = &block->records[i];
        *record = (pf_record){.order = ++block->executed, .operand = {a, b, c}};
        run_call(call, block->registers, block->stride, block->width);
        record->y = *pf_register(block, call->y);
    }
}

void pf_run_code(pf_block *block, pf_span span)
{
    if (block->records) {
        run_recorded(block, span);
        return;
    }
    const pf_call *call = block->kernel->calls + span.first, *end = call + span.count;
    double *registers = block->registers;
    size_t stride = block->stride, width = block->width;
    for (; call < end; call++) run_call(call, registers, stride, width);
}

static void load_constants(pf_block *block)
{
    const pf_plan *plan = block->kernel->plan;
    for (size_t i = 0; i < plan->constant_count; i++)
        spread(pf_register(block, plan->constants[i].reg), block->stride, plan->constants[i].value);
}

void pf_run_ahead(pf_block *one, uint32_t step)
{
    const pf_plan *plan = one->kernel->plan;
    for (size_t i = 0; i < plan->series_count; i++) {
        pf_binding row = plan->series_registers[i];
        *pf_register(one, row.reg) = plan->series_values[(size_t)row.index * plan->steps + step];
    }
    pf_run_code(one, plan->step);
}

size_t pf_width_that_fits(size_t rows, size_t widest, size_t caches)
{
    long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
    size_t bytes = caches * (cache > 0 ? (size_t)cache : USUAL_CACHE), width = widest;
    while (width > NARROWEST && rows * width * sizeof(double) > bytes) width /= 2;
    return width;
}

static void tabulate_exports(pf_kernel *kernel)
{
    const pf_plan *plan = kernel->plan;
    pf_block one = {.kernel = kernel, .stride = 1, .width = 1, .registers = pf_doubles(plan->registers)};
    load_constants(&one);
    double *row = kernel->exports;
    for (uint32_t step = 0; step < plan->steps; step++, row += plan->export_count) {
        pf_run_ahead(&one, step);
        for (size_t i = 0; i < plan->export_count; i++) row[i] = *pf_register(&one, plan->exports[i]);
    }
    free(one.registers);
}

static void bind_calls(pf_kernel *kernel)
{
    const pf_plan *plan = kernel->plan;
    for (size_t i = 0; i < plan->code_count; i++) {
        pf_instruction in = plan->code[i];
        kernel->calls[i] = (pf_call){pf_operation_at(in.op)->run, in.y, in.a, in.b, in.c};
    }
}

static void find_shifted_states(pf_kernel *kernel)
{
    const pf_plan *plan = kernel->plan;
    bool *is_state = pf_calloc(plan->registers, sizeof *is_state);
    for (size_t i = 0; i < plan->state_count; i++) is_state[plan->states[i].reg] = true;
    for (size_t i = 0; i < plan->state_count; i++) kernel->shifted[i] = is_state[plan->states[i].next];
    free(is_state);
}

pf_kernel *pf_kernel_new(const pf_plan *plan)
{
    pf_kernel *kernel = pf_calloc(1, sizeof *kernel);
    *kernel = (pf_kernel){
        .plan = plan,
        .calls = pf_calloc(plan->code_count, sizeof *kernel->calls),
        .exports = pf_doubles(plan->steps * plan->export_count),
        .shifted = pf_calloc(plan->state_count, sizeof *kernel->shifted),
        .scratch = plan->state_count,
    };
    kernel->tape = pf_tape_new(plan);
    kernel->width = pf_width_that_fits(kernel->tape->rows_touched, WIDEST, CACHES);
    for (size_t i = 0; i < plan->loop_count; i++) {
        size_t needed = pf_loop_scratch(&plan->loops[i]);
        if (needed > kernel->scratch) kernel->scratch = needed;
    }
    bind_calls(kernel);
    find_shifted_states(kernel);
    tabulate_exports(kernel);
    return kernel;
}

void pf_kernel_free(pf_kernel *kernel)
{
    if (!kernel) return;
    free(kernel->calls);
    free(kernel->exports);
    free(kernel->shifted);
    pf_tape_free(kernel->tape);
    pf_native_free(kernel->native);
    free(kernel);
}

size_t pf_kernel_width(const pf_kernel *kernel)
{
    return kernel->width;
}

pf_block *pf_block_new(const pf_kernel *kernel, size_t lanes)
{
    pf_block *block = pf_calloc(1, sizeof *block);
    const pf_native *native = kernel->native;
    size_t most = kernel->width, rows = native ? native->rows : kernel->tape->rows;
    block->kernel = kernel;
    block->width = lanes < most ? padded(lanes) : most;
    block->stride = pf_stride(native ? most : block->width);
    block->registers = pf_doubles(rows * block->stride);
    block->scratch = pf_doubles(kernel->scratch * block->stride);
    block->failed = pf_register(block, native ? native->failed : kernel->tape->failed);
    block->outputs = block->failed + block->stride;
    block->faults = pf_calloc(block->stride, sizeof *block->faults);
    block->faults_before = pf_calloc(block->stride, sizeof *block->faults);
    load_constants(block);
    return block;
}

void pf_block_free(pf_block *block)
{
    if (!block) return;
    free(block->registers);
    free(block->scratch);
    free(block->faults);
    free(block->faults_before);
    free(block->records);
    free(block);
}

/* Lanes beyond the last repeat the first one, so that they neither fail nor keep a loop waiting on their own. */
static void load_inputs(pf_block *block, size_t lanes, const double *inputs, size_t input_row)
{
    const pf_plan *plan = block->kernel->plan;
    for (size_t i = 0; i < plan->input_count; i++) {
        const double *row = inputs + plan->input_registers[i].index * input_row;
        double *reg = pf_register(block, plan->input_registers[i].reg);
        memcpy(reg, row, lanes * sizeof *reg);
        spread(reg + lanes, block->width - lanes, row[0]);
    }
}

void pf_block_load_exports(pf_block *block, uint32_t step)
{
    const pf_plan *plan = block->kernel->plan;
    const double *row = block->kernel->exports + step * plan->export_count;
    for (size_t i = 0; i < plan->export_count; i++) spread(pf_register(block, plan->exports[i]), block->width, row[i]);
}

static void start(pf_block *block, size_t lanes, const double *inputs, size_t input_row)
{
    const pf_plan *plan = block->kernel->plan;
    block->width = padded(lanes);
    memset(block->faults, 0, block->width * sizeof *block->faults);
    load_inputs(block, lanes, inputs, input_row);
    pf_run_code(block, plan->lane);
    if (plan->steps) pf_block_load_exports(block, 0); /* an initial value may be one of the first step */
    for (size_t i = 0; i < plan->state_count; i++)
        memcpy(pf_register(block, plan->states[i].reg), pf_register(block, plan->states[i].initial),
               block->width * sizeof(double));
}

void pf_block_start(pf_block *block, size_t lanes, const double *inputs)
{
    start(block, lanes, inputs, lanes);
}

void pf_block_step(pf_block *block, uint32_t step, size_t segments)
{
    const pf_plan *plan = block->kernel->plan;
    pf_block_load_exports(block, step);
    for (size_t i = 0; i < segments; i++) {
        const pf_segment *segment = &plan->segments[i];
        if (segment->kind == PF_LOOP) pf_loop_solve(block, segment->loop, step);
        else pf_run_code(block, segment->code);
    }
}

void pf_block_advance(pf_block *block)
{
    const pf_plan *plan = block->kernel->plan;
    const bool *shifted = block->kernel->shifted;
    size_t size = block->width * sizeof(double);
    for (size_t i = 0; i < plan->state_count; i++)
        if (shifted[i]) memcpy(block->scratch + i * block->stride, pf_register(block, plan->states[i].next), size);
    for (size_t i = 0; i < plan->state_count; i++) {
        const double *next = shifted[i] ? block->scratch + i * block->stride : pf_register(block, plan->states[i].next);
        memcpy(pf_register(block, plan->states[i].reg), next, size);
    }
}

static void note_fault(pf_block *block, size_t lane, pf_fault fault)
{
    if (block->faults[lane].kind == PF_NO_FAULT) block->faults[lane] = fault;
}

static void evaluate_checks(pf_block *block, uint32_t step)
{
    const pf_plan *plan = block->kernel->plan;
    for (uint32_t i = 0; i < plan->check_count; i++) {
        const double *value = pf_register(block, plan->checks[i].reg);
        int failed = 0;
        for (size_t lane = 0; lane < block->width; lane++) failed |= !(value[lane] <= 0);
        if (!failed) continue;
        for (size_t lane = 0; lane < block->width; lane++)
            if (!(value[lane] <= 0)) note_fault(block, lane, (pf_fault){PF_CHECK_FAILED, step, i});
    }
}

/* Gathers the outputs of a step; those of a reported one must be finite. */
static void gather_outputs(pf_block *block, uint32_t step)
{
    const pf_plan *plan = block->kernel->plan;
    bool reported = step >= plan->first_reported;
    for (uint32_t i = 0; i < plan->output_count; i++) {
        const double *value = pf_register(block, plan->outputs[i]);
        memcpy(block->outputs + i * block->stride, value, block->width * sizeof *value);
        for (size_t lane = 0; reported && lane < block->width; lane++)
            if (!isfinite(value[lane])) note_fault(block, lane, (pf_fault){PF_OUTPUT_NOT_FINITE, step, i});
    }
}

static void run_in_full(pf_block *block, uint32_t step)
{
    pf_block_step(block, step, block->kernel->plan->segment_count);
    evaluate_checks(block, step);
    gather_outputs(block, step);
}

/* Whether a quick step found a fault in a lane that had none. */
static bool fails_anew(const pf_block *block)
{
    static const double none = 0;
    bool found = false;
    for (size_t lane = 0; lane < block->width; lane++)
        found |= memcmp(&block->failed[lane], &none, sizeof none) && block->faults[lane].kind == PF_NO_FAULT;
    return found;
}

/* A quick step; one in which a lane fails is run again in full, to see where. */
static void run_step(pf_block *block, uint32_t step)
{
    size_t size = block->width * sizeof *block->faults;
    memcpy(block->faults_before, block->faults, size);
    pf_quick_step(block, step);
    if (!fails_anew(block)) return;
    memcpy(block->faults, block->faults_before, size);
    run_in_full(block, step);
}

void pf_block_run_steps(pf_block *block, size_t lanes, const double *inputs, pf_output_taker outputs, pf_fault *faults)
{
    const pf_plan *plan = block->kernel->plan;
    for (size_t first = 0, part; first < lanes; first += part) {
        part = lanes - first < block->kernel->width ? lanes - first : block->kernel->width;
        start(block, part, inputs + first, lanes);
        for (uint32_t step = 0; step < plan->steps; step++) {
            run_step(block, step);
            if (step >= plan->first_reported)
                outputs.take(outputs.self, step - plan->first_reported, first, part, block->outputs, block->stride);
            pf_block_advance(block);
        }
        memcpy(faults + first, block->faults, part * sizeof *faults);
    }
}

typedef struct {
    double *outputs; /* [step][output][lanes] */
    size_t count, lanes;
} output_array;

static void copy_outputs(void *self, uint32_t step, size_t first, size_t lanes, const double *outputs, size_t stride)
{
    const output_array *array = self;
    double *to = array->outputs + step * array->count * array->lanes + first;
    for (size_t i = 0; i < array->count; i++, to += array->lanes, outputs += stride)
        memcpy(to, outputs, lanes * sizeof *to);
}

void pf_block_run(pf_block *block, size_t lanes, const double *inputs, double *outputs, pf_fault *faults)
{
    output_array array = {outputs, block->kernel->plan->output_count, lanes};
    pf_block_run_steps(block, lanes, inputs, (pf_output_taker){&array, copy_outputs}, faults);
}
