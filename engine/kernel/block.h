/* The insides of a kernel and of a block, shared by interpreter, loop solver and replay, and by no one else.
 * A register is `stride` doubles of the block's arena, of which the first `width` (a multiple of 8) are in use. */
#ifndef PF_BLOCK_H
#define PF_BLOCK_H

#include "base/operations.h"
#include "kernel/kernel.h"

#include <stdbool.h>

/* An instruction with its operation's function looked up. */
typedef struct {
    pf_lane_function *run;
    uint32_t y, a, b, c;
} pf_call;

/* What an instruction last read and gave in lane 0, kept in a replay; `order` counts from 1, 0 is "never run". */
typedef struct {
    uint64_t order;
    double y, operand[3];
} pf_record;

struct pf_kernel {
    const pf_plan *plan; /* must outlive the kernel */
    pf_call *calls;
    double *exports; /* [steps][plan->export_count] */
    bool *shifted;   /* by state: its next value is itself a state, so all such are read before any is written */
    size_t scratch;  /* doubles a lane */
};

struct pf_block {
    const pf_kernel *kernel;
    size_t stride, width;
    double *registers, *scratch;
    const double *loop_starts; /* by loop: where its tears start; NULL: at zero */
    pf_fault *faults;          /* by lane, padding included */
    pf_record *records;        /* by instruction; NULL but in a replay */
    uint64_t executed;
};

static inline double *pf_register(const pf_block *block, uint32_t reg)
{
    return block->registers + reg * block->stride;
}

/* Runs a range of the code on all lanes. */
void pf_run_code(pf_block *block, pf_span span);
/* Runs the step-bound code of one step on a register file of one lane. */
void pf_run_ahead(pf_block *one, uint32_t step);

/* The parts of pf_block_run: before the first step, the first `segments` segments of a step, and the end of a step. */
void pf_block_start(pf_block *block, size_t lanes, const double *inputs);
void pf_block_step(pf_block *block, uint32_t step, size_t segments);
void pf_block_advance(pf_block *block);

#endif
