/* The insides of a kernel and of a block, shared by interpreter, native code, loop solver and replay, and by no one
 * else. A register is `stride` doubles of the block's arena, of which the first `width` (a multiple of 8) are in use.
 */
#ifndef PF_BLOCK_H
#define PF_BLOCK_H

#include "base/operations.h"
#include "kernel/compiler.h"
#include "kernel/generate_c.h"
#include "kernel/kernel.h"
#include "kernel/tape.h"

#include <stdbool.h>

/* What an instruction last read and gave in lane 0, kept in a replay; `order` counts from 1, 0 is "never run". */
typedef struct {
    uint64_t order;
    double y, operand[3];
} pf_record;

/* Native code (native.c). */
typedef struct {
    pf_library *library;
    pf_native_segment *const *segments; /* by segment of the plan, and one for the step's end */
    pf_lane_function **operations;      /* by row of the table of operations */
    uint32_t failed, rows;              /* as of the tape */
} pf_native;

struct pf_kernel {
    const pf_plan *plan; /* must outlive the kernel */
    size_t width;        /* lanes that are run together */
    pf_call *calls;      /* by instruction of the plan */
    pf_tape *tape;
    pf_native *native; /* NULL: the tape is run */
    double *exports;   /* [steps][plan->export_count] */
    bool *shifted;     /* by state: its next value is itself a state, so all such are read before any is written */
    size_t scratch;    /* doubles a lane */
};

struct pf_block {
    const pf_kernel *kernel;
    size_t stride, width;
    double *registers, *scratch;
    double *failed, *outputs;  /* rows of the registers: what pf_quick_step says of a step */
    pf_fault *faults;          /* by lane, padding included */
    pf_fault *faults_before;   /* the step */
    bool quick;                /* in pf_quick_step, whose ... */
    uint32_t segment;          /* ... segment is a loop */
    pf_native_lanes lanes;     /* what native code is given */
    const double *loop_starts; /* by loop: where its tears start; NULL: at zero */
    pf_record *records;        /* by instruction; NULL but in a replay */
    uint64_t executed;
};

static inline double *pf_register(const pf_block *block, uint32_t reg)
{
    return block->registers + reg * block->stride;
}

/* Doubles from one row of a register file to the next: an odd number of cache lines, so that rows do not compete for
 * the same few places of a cache. */
static inline size_t pf_stride(size_t lanes)
{
    return ((lanes + 7) / 8 | 1) * 8;
}

/* As many lanes, up to `widest`, as keep `rows` of them within so many second-level caches. */
size_t pf_width_that_fits(size_t rows, size_t widest, size_t caches);

/* Runs a range of the code on all lanes. */
void pf_run_code(pf_block *block, pf_span span);
/* Runs the step-bound code of one step on a register file of one lane. */
void pf_run_ahead(pf_block *one, uint32_t step);

/* The parts of pf_block_run: before the first step, the first `segments` segments of a step, and the end of a step. */
void pf_block_start(pf_block *block, size_t lanes, const double *inputs);
void pf_block_step(pf_block *block, uint32_t step, size_t segments);
void pf_block_advance(pf_block *block);
void pf_block_load_exports(pf_block *block, uint32_t step);

/* All of a step by native code or by the tape. block->failed then has bits in the lanes where a check fails or an
 * output is not finite, and block->outputs [output_count][stride] the outputs; of the registers only those that states,
 * loops and the lane itself own are as pf_block_step leaves them. */
void pf_quick_step(pf_block *block, uint32_t step);
/* Runs a loop's body once, by whichever runs the step. */
void pf_run_body(pf_block *block, const pf_loop *loop);

void pf_native_free(pf_native *native);

#endif
