/* The inner loop as the interpreter runs it when all goes well: takes a plan, gives calls of one function an operation
 * in the order of kernel/pieces.h, each value in a row that is shared with others as soon as it is free again. */
#ifndef PF_TAPE_H
#define PF_TAPE_H

#include "base/operations.h"
#include "model/plan.h"

/* An operation's function and the rows of the register file that it is called with. */
typedef struct {
    pf_lane_function *run;
    uint32_t y, a, b, c;
} pf_call;

typedef struct {
    pf_call *calls;
    pf_span *segments; /* ranges of `calls`, by segment of the plan, and one for the step's end */
    uint32_t failed; /* the row that is not 0 where a check fails or an output is not finite; the outputs' follow it */
    uint32_t rows, rows_touched;
} pf_tape;

pf_tape *pf_tape_new(const pf_plan *plan);
void pf_tape_free(pf_tape *tape);

#endif
