/* The inner loop of a plan, cut into pieces of a few hundred operations for a compiler: takes a plan, gives the order
 * of its operations, where each operand comes from, and which values must be kept in the register file. */
#ifndef PF_PIECES_H
#define PF_PIECES_H

#include "base/arena.h"
#include "model/plan.h"

#include <stdbool.h>

#define PF_NOWHERE UINT32_MAX

/* Where a value comes from: a row of the register file, of plan->constants or of plan->exports, or an instruction. */
typedef enum { PF_FROM_ROW, PF_FROM_CONSTANT, PF_FROM_EXPORT, PF_FROM_CODE } pf_source_kind;
typedef struct {
    pf_source_kind kind;
    uint32_t index;
} pf_source;

/* The value that an instruction of the inner loop gives. A plan's register serves many values one after another; here
 * each is told apart. */
typedef struct {
    pf_source operand[3];
    uint32_t piece, last_piece; /* that works it out; that needs it last */
    uint32_t row;          /* of the register file, where another piece or the loop solver needs it, or PF_NOWHERE */
    uint32_t output;       /* the first output that it is, or PF_NOWHERE; the next in `next_output` */
    bool checked, at_home; /* must be at most 0; must be kept in its plan's register */
} pf_value_use;

/* A range of `order`, all of one segment, or of none: what is left to be done at the end of the step. A piece of calls
 * does whole rows by the functions of the table of operations, and shares no local variables. */
typedef struct {
    uint32_t segment, first, count;
    bool calls;
} pf_piece;

typedef struct {
    const pf_piece *pieces;
    size_t piece_count;
    const uint32_t *order;        /* instructions */
    const pf_value_use *values;   /* by instruction */
    const uint32_t *next_output;  /* by output */
    const pf_source *late_checks; /* not of an instruction of straight code */
    size_t late_check_count;
    const pf_source *outputs; /* by output */
    const bool *late_output;  /* by output: likewise */
    uint32_t rows;            /* of the register file: the plan's registers, and the values kept beside them */
    uint32_t rows_touched;    /* by the code of a step */
} pf_pieces;

/* Whether an operation is so simple that it is written out, and not called. */
bool pf_is_written_out(uint32_t op);

/* Pieces of at most `size` operations; with a size of 1 every value has a row. */
pf_pieces pf_cut_pieces(const pf_plan *plan, uint32_t size, pf_arena *arena);

/* The row of the register file that holds a value; constants and the step's exports have theirs as well. */
uint32_t pf_row_of(const pf_plan *plan, const pf_pieces *pieces, pf_source source);

#endif
