/* Writes the tape. Checks and outputs are seen to as soon as their values are known, while these are in the cache. */
#include "kernel/tape.h"

#include "kernel/pieces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const pf_plan *plan;
    const pf_pieces *pieces;
    pf_tape *tape;
    size_t count;
} writer;

/* y := y, or 1 where a is above 0 or NaN. */
PF_WIDE static void check(size_t lanes, double *y, const double *a, const double *b, const double *c)
{
    (void)b;
    (void)c;
    for (size_t i = 0; i < lanes; i++) y[i] = a[i] <= 0 ? y[i] : 1;
}

/* y := y, or 1 where a is not finite. */
PF_WIDE static void check_finite(size_t lanes, double *y, const double *a, const double *b, const double *c)
{
    (void)b;
    (void)c;
    for (size_t i = 0; i < lanes; i++) y[i] = fabs(a[i]) < INFINITY ? y[i] : 1;
}

static void copy(size_t lanes, double *y, const double *a, const double *b, const double *c)
{
    (void)b;
    (void)c;
    memcpy(y, a, lanes * sizeof *y);
}

static void write_call(writer *w, pf_lane_function *run, uint32_t y, uint32_t a, uint32_t b, uint32_t c)
{
    w->tape->calls[w->count++] = (pf_call){run, y, a, b, c};
}

static void write_output(writer *w, uint32_t output, uint32_t row)
{
    write_call(w, copy, w->tape->failed + 1 + output, row, row, row);
    write_call(w, check_finite, w->tape->failed, row, row, row);
}

static void write_value(writer *w, uint32_t instruction)
{
    const pf_value_use *value = &w->pieces->values[instruction];
    uint32_t op = w->plan->code[instruction].op, rows[3];
    for (int k = 0; k < 3; k++)
        rows[k] = pf_row_of(w->plan, w->pieces, value->operand[k < pf_operation_at(op)->arity ? k : 0]);
    write_call(w, pf_operation_at(op)->run, value->row, rows[0], rows[1], rows[2]);
    if (value->checked) write_call(w, check, w->tape->failed, value->row, value->row, value->row);
    for (uint32_t k = value->output; k != PF_NOWHERE; k = w->pieces->next_output[k]) write_output(w, k, value->row);
}

static void write_step_end(writer *w)
{
    for (size_t i = 0; i < w->pieces->late_check_count; i++) {
        uint32_t row = pf_row_of(w->plan, w->pieces, w->pieces->late_checks[i]);
        write_call(w, check, w->tape->failed, row, row, row);
    }
    for (uint32_t k = 0; k < w->plan->output_count; k++)
        if (w->pieces->late_output[k]) write_output(w, k, pf_row_of(w->plan, w->pieces, w->pieces->outputs[k]));
}

static void write_segments(writer *w)
{
    const pf_piece *piece = w->pieces->pieces, *end = piece + w->pieces->piece_count;
    for (uint32_t s = 0; s <= w->plan->segment_count; s++) {
        uint32_t first = (uint32_t)w->count;
        for (; piece < end && piece->segment == s; piece++)
            for (uint32_t i = 0; i < piece->count; i++) write_value(w, w->pieces->order[piece->first + i]);
        if (s == w->plan->segment_count) write_step_end(w);
        w->tape->segments[s] = (pf_span){first, (uint32_t)w->count - first};
    }
}

pf_tape *pf_tape_new(const pf_plan *plan)
{
    pf_arena *arena = pf_arena_new();
    pf_pieces pieces = pf_cut_pieces(plan, 1, arena);
    pf_tape *tape = pf_calloc(1, sizeof *tape);
    uint32_t outputs = (uint32_t)plan->output_count;
    size_t most = plan->code_count + plan->check_count + 2 * plan->output_count;
    *tape = (pf_tape){.calls = pf_calloc(most, sizeof *tape->calls),
                      .segments = pf_calloc(plan->segment_count + 1, sizeof *tape->segments),
                      .failed = pieces.rows,
                      .rows = pieces.rows + 1 + outputs,
                      .rows_touched = pieces.rows_touched + 1 + outputs};
    writer w = {plan, &pieces, tape, 0};
    write_segments(&w);
    pf_arena_free(arena);
    return tape;
}

void pf_tape_free(pf_tape *tape)
{
    if (!tape) return;
    free(tape->calls);
    free(tape->segments);
    free(tape);
}
