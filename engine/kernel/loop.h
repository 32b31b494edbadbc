/* The solver of recycle loops: safeguarded Newton over all lanes of a block (docs/language.md, "Loops"). */
#ifndef PF_LOOP_H
#define PF_LOOP_H

#include "kernel/block.h"

enum { PF_LOOP_ROUNDS = 200 };

/* Solves plan->loops[number] in every lane without a fault, from zero; leaves the body's registers at the solution.
 * A lane that does not settle gets its fault. What a lane gets does not depend on its neighbours. */
void pf_loop_solve(pf_block *block, uint32_t number, uint32_t step);

/* Doubles a lane that the solver needs of block->scratch. */
size_t pf_loop_scratch(const pf_loop *loop);

#endif
