/* The plan: a model lowered to a flat list of operations on registers. Plain data without pointers into the model,
 * so that every back end reads the same bytes.
 *
 * A register holds one double a lane. Binding says when a value can change, and so where its code runs:
 *   once   at the start (constants folded at compile time need no code)
 *   lane   once a block, from the lane inputs (drawn parameters, switches)
 *   step   once a step, alike in all lanes: run ahead with one lane, its exported registers kept as a table by step
 *   both   in the inner loop, as a list of segments: straight code, or a recycle loop to be solved
 */
#ifndef PF_PLAN_H
#define PF_PLAN_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t op;         /* row of the table of operations */
    uint32_t y, a, b, c; /* registers; operands beyond the arity are 0 */
} pf_instruction;

typedef struct {
    uint32_t first, count;
} pf_span; /* a range of plan->code, or of another table where said */

typedef struct {
    uint32_t reg;
    double value;
} pf_constant;

typedef struct {
    uint32_t reg, index;
} pf_binding; /* register filled from a row of an input table */

/* What one step carries to the next: before the first step reg = initial; at the end of each, reg := next. */
typedef struct {
    uint32_t reg, initial, next;
} pf_state;

/* A recycle loop x = g(x): tear i is register x[i], returns as register g[i];
 * jacobian[i * tears + j] is the register of dg_i/dx_j, all within the body's code. */
typedef struct {
    pf_span body;
    uint32_t tears;
    const uint32_t *x, *g, *jacobian;
    uint32_t origin;
} pf_loop;

typedef enum { PF_STRAIGHT, PF_LOOP } pf_segment_kind;
typedef struct {
    pf_segment_kind kind;
    pf_span code;  /* PF_STRAIGHT */
    uint32_t loop; /* PF_LOOP: row of plan->loops */
} pf_segment;

/* A value that must be at most 0 in every lane and step (NaN fails); `origin` says where it comes from. */
typedef struct {
    uint32_t reg, origin;
    uint32_t value; /* the register of what the message shows, where the origin has a `lead`; ... */
    /* ... by the step's end it may hold another value: the row of code that wrote it, UINT32_MAX for a leaf */
    uint32_t instruction;
} pf_check;

/* The place and text an operation, check or loop comes from. */
typedef struct {
    const char *file, *text; /* text: the name of the quantity, or what a check says when it fails */
    int line, column;
    /* of a check that shows a value: " by" or ", found", and the unit it is said in; else NULL */
    const char *lead, *unit;
    double scale;     /* base units in one of `unit` */
    const char *cure; /* of a check: what to do, or NULL */
} pf_origin;

/* What a failed check says: its text, the value, where it is ("" or " at 2020-03 in scenario full") and the cure. */
const char *pf_check_text(pf_arena *arena, const pf_origin *origin, double value, const char *where);

typedef struct {
    uint32_t registers;
    uint32_t steps, first_reported; /* steps before first_reported run, but are not given out */
    uint32_t inputs;                /* lane inputs */
    const pf_instruction *code;
    const uint32_t *code_origin; /* by instruction: row of origins */
    size_t code_count;
    pf_span lane, step; /* code of these bindings; "both" is in the segments */
    const pf_segment *segments;
    size_t segment_count;
    const pf_loop *loops;
    size_t loop_count;
    const pf_constant *constants;
    size_t constant_count;
    const pf_binding *input_registers; /* index: lane input */
    size_t input_count;
    const pf_binding *series_registers; /* index: row of series_values; read by step code and exported alike */
    size_t series_count;
    const double *series_values; /* [series][steps] */
    const uint32_t *exports;     /* registers of binding step that the inner loop reads */
    size_t export_count;
    const pf_state *states;
    size_t state_count;
    const pf_check *checks;
    size_t check_count;
    const uint32_t *outputs; /* registers read at the end of each reported step */
    size_t output_count;
    const pf_origin *origins;
    size_t origin_count;
} pf_plan;

#endif
