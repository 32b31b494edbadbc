/* The kernel runs a plan over a block of lanes. It knows nothing of files, names or units. */
#ifndef PF_KERNEL_H
#define PF_KERNEL_H

#include "base/diagnostics.h"
#include "model/plan.h"

/* A lane that failed: the first step and check (or loop) at fault. */
typedef enum { PF_NO_FAULT, PF_CHECK_FAILED, PF_LOOP_OPEN, PF_LOOP_GAINS, PF_OUTPUT_NOT_FINITE } pf_fault_kind;
typedef struct {
    pf_fault_kind kind;
    uint32_t step;  /* from 0 at the start of the model's time */
    uint32_t index; /* row of plan->checks, plan->loops or plan->outputs */
} pf_fault;

/* A plan made ready to run: its step-bound code run ahead. Read-only afterwards, shared by all threads; the plan must
 * outlive it. */
typedef struct pf_kernel pf_kernel;
pf_kernel *pf_kernel_new(const pf_plan *plan);
void pf_kernel_free(pf_kernel *kernel);

/* The number of lanes that runs fastest: blocks of more are run in parts of this many, so a multiple of it is best. */
size_t pf_kernel_width(const pf_kernel *kernel);

/* A thread's registers for blocks of up to `lanes` lanes. */
typedef struct pf_block pf_block;
pf_block *pf_block_new(const pf_kernel *kernel, size_t lanes);
void pf_block_free(pf_block *block);

/* Takes the outputs of a reported step, counted from 0, of lanes first .. first + lanes - 1: outputs[i * stride + l] is
 * output i of lane first + l. What it is given is overwritten by the next step. */
typedef struct {
    void *self;
    void (*take)(void *self, uint32_t step, size_t first, size_t lanes, const double *outputs, size_t stride);
} pf_output_taker;

/* Runs all steps for `lanes` lanes (at most those of pf_block_new), in parts of as many as run together.
 *   inputs   [plan->inputs][lanes]
 *   outputs  taken step by step
 *   faults   [lanes], written
 * A lane with a fault goes on to the end, its outputs are not to be used. */
void pf_block_run_steps(pf_block *block, size_t lanes, const double *inputs, pf_output_taker outputs, pf_fault *faults);

/* The same, for all outputs at once: [plan->steps - plan->first_reported][plan->output_count][lanes]. */
void pf_block_run(pf_block *block, size_t lanes, const double *inputs, double *outputs, pf_fault *faults);

/* Runs one lane again up to its fault, keeping every operation's value, and adds an error to `diagnostics` that names
 * the first expression at fault with its place, step and operands. `inputs` [plan->inputs] is that lane's; `when` says
 * the step in words ("2020-03"), `who` the lane ("scenario full"). */
void pf_replay(const pf_kernel *kernel, const double *inputs, pf_fault fault, const char *when, const char *who,
               pf_diagnostics *diagnostics);

/* Do the loops of the first step come to the same solution from zero and from far above? If not, *loop is one that does
 * not: its dispatch is not unique. `inputs` [plan->inputs] of one lane. A loop that fails from above is not judged. */
bool pf_loops_agree(const pf_kernel *kernel, const double *inputs, uint32_t *loop);

#endif
