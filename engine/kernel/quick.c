/* A step when all goes well: segment by segment, by native code where there is some, else by the tape. */
#include "kernel/block.h"
#include "kernel/loop.h"

#include <string.h>

static void run_tape(const pf_block *block, pf_span span)
{
    const pf_call *call = block->kernel->tape->calls + span.first, *end = call + span.count;
    double *rows = block->registers;
    size_t stride = block->stride, width = block->width;
    for (; call < end; call++)
        call->run(width, rows + call->y * stride, rows + call->a * stride, rows + call->b * stride,
                  rows + call->c * stride);
}

static void run_segment(const pf_block *block, size_t segment)
{
    const pf_native *native = block->kernel->native;
    if (native) native->segments[segment](&block->lanes);
    else run_tape(block, block->kernel->tape->segments[segment]);
}

void pf_run_body(pf_block *block, const pf_loop *loop)
{
    if (block->quick) run_segment(block, block->segment);
    else pf_run_code(block, loop->body);
}

static pf_native_lanes lanes_of(const pf_block *block, uint32_t step)
{
    const pf_kernel *kernel = block->kernel;
    return (pf_native_lanes){.registers = block->registers,
                             .exports = kernel->exports + step * kernel->plan->export_count,
                             .failed = block->failed,
                             .outputs = block->outputs,
                             .width = block->width,
                             .operations = kernel->native ? kernel->native->operations : NULL};
}

void pf_quick_step(pf_block *block, uint32_t step)
{
    const pf_plan *plan = block->kernel->plan;
    pf_block_load_exports(block, step);
    memset(block->failed, 0, block->width * sizeof *block->failed);
    block->lanes = lanes_of(block, step);
    block->quick = true;
    for (uint32_t s = 0; s < plan->segment_count; s++) {
        block->segment = s;
        if (plan->segments[s].kind == PF_LOOP) pf_loop_solve(block, plan->segments[s].loop, step);
        else run_segment(block, s);
    }
    run_segment(block, plan->segment_count);
    block->quick = false;
}
