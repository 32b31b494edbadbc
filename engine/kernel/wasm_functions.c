/* The functions of a module: a loop over pairs of lanes, in which the values that no other piece needs are local
 * variables. The vector operations are those of the C that generate_c.c writes, so that NaN goes the same ways and all
 * but exp, log, pow and the like, which are the page's own, give the same bits. */
#include "kernel/wasm_functions.h"

#include "base/operations.h"

#include <stdlib.h>

enum { PAIR = 2 * sizeof(double) };
/* Of a piece: the address of the step's exports, the offset of the pair, what has failed, then values. */
enum { EXPORTS, OFFSET, FAILED, NOT_FINITE, FIRST_VALUE };

typedef pf_wasm_generator generator;

static uint32_t place(const generator *g, uint32_t row)
{
    return row * g->module->row_bytes;
}

static uint32_t row_of(const generator *g, pf_source source)
{
    return pf_row_of(g->plan, g->pieces, source);
}

static void vector(const generator *g, pf_wasm_vector_op op)
{
    pf_wasm_vector(g->out, op);
}

static void get(const generator *g, uint32_t local)
{
    pf_wasm_get(g->out, local);
}

static void number(const generator *g, double value)
{
    pf_wasm_f64(g->out, value);
    vector(g, PF_V_ALL);
}

/* A new local variable that will hold a source. */
static uint32_t new_local(generator *g, pf_source source)
{
    g->seen[source.kind][source.index] = g->piece;
    return g->local[source.kind][source.index] = FIRST_VALUE + g->locals++;
}

/* The local variable that holds a source, brought in unless it is there. */
static uint32_t bring(generator *g, pf_source source)
{
    if (g->seen[source.kind][source.index] == g->piece) return g->local[source.kind][source.index];
    switch (source.kind) {
    case PF_FROM_CONSTANT: number(g, g->plan->constants[source.index].value); break;
    case PF_FROM_EXPORT:
        get(g, EXPORTS);
        pf_wasm_memory(g->out, PF_V_LOAD_ALL, source.index * (uint32_t)sizeof(double));
        break;
    case PF_FROM_ROW:
    case PF_FROM_CODE:
        get(g, OFFSET);
        pf_wasm_memory(g->out, PF_V_LOAD, place(g, row_of(g, source)));
        break;
    }
    uint32_t local = new_local(g, source);
    pf_wasm_set(g->out, local);
    return local;
}

static void store(const generator *g, uint32_t row, uint32_t local)
{
    get(g, OFFSET);
    get(g, local);
    pf_wasm_memory(g->out, PF_V_STORE, place(g, row));
}

/* ---- operations on the stack, of local variables a, b, c ---- */

static void of_two(const generator *g, uint32_t a, uint32_t b, pf_wasm_vector_op op)
{
    get(g, a);
    get(g, b);
    vector(g, op);
}

/* All bits, which is a NaN, where a is NaN. */
static void or_nan_of(const generator *g, uint32_t a)
{
    of_two(g, a, a, PF_V_NE);
    vector(g, PF_V_OR);
}

static void comparison(const generator *g, uint32_t a, uint32_t b, pf_wasm_vector_op op)
{
    of_two(g, a, b, op);
    number(g, 1);
    vector(g, PF_V_AND);
    or_nan_of(g, a);
    or_nan_of(g, b);
}

static void share(const generator *g, uint32_t a, uint32_t b)
{
    of_two(g, a, b, PF_V_DIV);
    get(g, b);
    number(g, 0);
    vector(g, PF_V_GT);
    vector(g, PF_V_AND);
    or_nan_of(g, a);
    or_nan_of(g, b);
}

static void choose(const generator *g, uint32_t a, uint32_t b, uint32_t c)
{
    get(g, c);
    get(g, b);
    get(g, a);
    number(g, 0);
    vector(g, PF_V_EQ);
    vector(g, PF_V_CHOOSE);
    or_nan_of(g, a);
}

/* a < b ? a : b, and a > b ? a : b: the operands of pmin and pmax change places. */
static void extreme(const generator *g, uint32_t a, uint32_t b, pf_wasm_vector_op op)
{
    of_two(g, b, a, op);
    or_nan_of(g, a);
}

static void operation(const generator *g, uint32_t op, uint32_t a, uint32_t b, uint32_t c)
{
    switch (op) {
    case PF_ADD: of_two(g, a, b, PF_V_ADD); break;
    case PF_SUB: of_two(g, a, b, PF_V_SUB); break;
    case PF_MUL: of_two(g, a, b, PF_V_MUL); break;
    case PF_DIV: of_two(g, a, b, PF_V_DIV); break;
    case PF_MIN: extreme(g, a, b, PF_V_PMIN); break;
    case PF_MAX: extreme(g, a, b, PF_V_PMAX); break;
    case PF_SHARE: share(g, a, b); break;
    case PF_SELECT: choose(g, a, b, c); break;
    case PF_LT: comparison(g, a, b, PF_V_LT); break;
    case PF_LE: comparison(g, a, b, PF_V_LE); break;
    case PF_GT: comparison(g, a, b, PF_V_GT); break;
    case PF_GE: comparison(g, a, b, PF_V_GE); break;
    case PF_EQ: comparison(g, a, b, PF_V_EQ); break;
    case PF_NE: comparison(g, a, b, PF_V_NE); break;
    default: get(g, a); vector(g, op == PF_NEG ? PF_V_NEG : PF_V_ABS);
    }
}

/* ---- functions ---- */

static void begin_function(generator *g, pf_wasm_part *body)
{
    g->piece++;
    g->locals = 0;
    pf_wasm_begin(body);
    g->out = body->out;
}

/* Local variables behind the parameters: one i32 if it counts, and vectors. */
static void end_function(generator *g, pf_wasm_part *body, bool counts, FILE *code)
{
    pf_wasm_part whole;
    pf_wasm_begin(&whole);
    pf_wasm_number(whole.out, counts ? 2 : 0);
    if (counts) {
        pf_wasm_number(whole.out, 1);
        pf_wasm_byte(whole.out, PF_WASM_I32);
        pf_wasm_number(whole.out, FIRST_VALUE - FAILED + g->locals);
        pf_wasm_byte(whole.out, PF_WASM_V128);
    }
    fclose(body->out);
    fwrite(body->bytes, 1, body->size, whole.out);
    free(body->bytes);
    pf_wasm_end(whole.out);
    pf_wasm_put(&whole, code);
}

static void begin_pairs(const generator *g)
{
    pf_wasm_loop(g->out);
}

static void end_pairs(const generator *g)
{
    pf_wasm_loop_end(g->out, OFFSET, PAIR, g->module->lanes * (uint32_t)sizeof(double));
}

static void load_failures(const generator *g)
{
    get(g, OFFSET);
    pf_wasm_memory(g->out, PF_V_LOAD, place(g, g->module->failed));
    pf_wasm_set(g->out, FAILED);
    get(g, OFFSET);
    pf_wasm_memory(g->out, PF_V_LOAD, place(g, g->module->not_finite));
    pf_wasm_set(g->out, NOT_FINITE);
}

static void check(const generator *g, uint32_t local)
{
    get(g, FAILED);
    get(g, local);
    number(g, 0);
    vector(g, PF_V_LE);
    vector(g, PF_V_NOT);
    vector(g, PF_V_OR);
    pf_wasm_set(g->out, FAILED);
}

/* x - x has no bits where x is finite, and is NaN elsewhere. */
static void put_output(const generator *g, uint32_t output, uint32_t local)
{
    store(g, g->module->outputs + output, local);
    of_two(g, local, local, PF_V_SUB);
    get(g, NOT_FINITE);
    vector(g, PF_V_OR);
    pf_wasm_set(g->out, NOT_FINITE);
}

static void write_value(generator *g, uint32_t instruction)
{
    const pf_value_use *value = &g->pieces->values[instruction];
    uint32_t op = g->plan->code[instruction].op, local[3] = {0};
    for (int k = 0; k < pf_operation_at(op)->arity; k++) local[k] = bring(g, value->operand[k]);
    operation(g, op, local[0], local[1], local[2]);
    uint32_t y = new_local(g, (pf_source){PF_FROM_CODE, instruction});
    pf_wasm_set(g->out, y);
    if (value->row != PF_NOWHERE) store(g, value->row, y);
    if (value->checked) check(g, y);
    for (uint32_t k = value->output; k != PF_NOWHERE; k = g->pieces->next_output[k]) put_output(g, k, y);
}

static void write_step_end(generator *g)
{
    for (size_t i = 0; i < g->pieces->late_check_count; i++) check(g, bring(g, g->pieces->late_checks[i]));
    for (uint32_t k = 0; k < g->plan->output_count; k++)
        if (g->pieces->late_output[k]) put_output(g, k, bring(g, g->pieces->outputs[k]));
}

/* y := f(a, b) in whole rows, by the function that calls the import. */
static void write_call(const generator *g, uint32_t op, uint32_t y, uint32_t a, uint32_t b)
{
    pf_wasm_i32(g->out, place(g, y));
    pf_wasm_i32(g->out, place(g, a));
    pf_wasm_i32(g->out, place(g, b));
    pf_wasm_call(g->out, g->called_count + g->called[op] - 1);
}

static void write_call_of(const generator *g, uint32_t instruction)
{
    const pf_value_use *value = &g->pieces->values[instruction];
    uint32_t op = g->plan->code[instruction].op;
    int last = pf_operation_at(op)->arity - 1;
    write_call(g, op, value->row, row_of(g, value->operand[0]), row_of(g, value->operand[last]));
}

void pf_wasm_write_piece(generator *g, const pf_piece *piece, FILE *code)
{
    pf_wasm_part body;
    begin_function(g, &body);
    for (uint32_t i = 0; piece->calls && i < piece->count; i++) write_call_of(g, g->pieces->order[piece->first + i]);
    if (!piece->calls) {
        begin_pairs(g);
        load_failures(g);
        for (uint32_t i = 0; i < piece->count; i++) write_value(g, g->pieces->order[piece->first + i]);
        if (piece->segment == g->plan->segment_count) write_step_end(g);
        store(g, g->module->failed, FAILED);
        store(g, g->module->not_finite, NOT_FINITE);
        end_pairs(g);
    }
    end_function(g, &body, !piece->calls, code);
}

void pf_wasm_write_rows(generator *g, uint32_t op, FILE *code)
{
    enum { Y, A, B, AT };
    pf_wasm_part body;
    begin_function(g, &body);
    begin_pairs(g);
    for (uint32_t operand = Y; operand <= (pf_operation_at(op)->arity == 1 ? A : B); operand++) {
        get(g, operand);
        get(g, AT);
        pf_wasm_add(g->out);
        if (operand != Y) pf_wasm_load_f64(g->out, 0);
    }
    pf_wasm_call(g->out, g->called[op] - 1);
    pf_wasm_store_f64(g->out, 0);
    pf_wasm_loop_end(g->out, AT, sizeof(double), g->module->lanes * (uint32_t)sizeof(double));
    end_function(g, &body, true, code);
}

/* Every value has its plan's register. */
void pf_wasm_write_lane_part(generator *g, pf_span range, FILE *code)
{
    enum { A = FIRST_VALUE, B, C, Y };
    pf_wasm_part body;
    begin_function(g, &body);
    g->locals = Y - FIRST_VALUE + 1;
    for (uint32_t i = range.first; i < range.first + range.count; i++) {
        const pf_instruction *in = &g->plan->code[i];
        const uint32_t operands[] = {in->a, in->b, in->c};
        int arity = pf_operation_at(in->op)->arity;
        if (!pf_is_written_out(in->op)) {
            write_call(g, in->op, in->y, in->a, arity > 1 ? in->b : in->a);
            continue;
        }
        pf_wasm_i32(g->out, 0);
        pf_wasm_set(g->out, OFFSET);
        begin_pairs(g);
        for (uint32_t k = 0; k < (uint32_t)arity; k++) {
            get(g, OFFSET);
            pf_wasm_memory(g->out, PF_V_LOAD, place(g, operands[k]));
            pf_wasm_set(g->out, A + k);
        }
        operation(g, in->op, A, B, C);
        pf_wasm_set(g->out, Y);
        store(g, in->y, Y);
        end_pairs(g);
    }
    end_function(g, &body, true, code);
}

void pf_wasm_write_spread(generator *g, const bool *read, FILE *code)
{
    pf_wasm_part body;
    begin_function(g, &body);
    begin_pairs(g);
    for (uint32_t i = 0; i < g->plan->export_count; i++)
        if (read[g->plan->exports[i]]) store(g, g->plan->exports[i], bring(g, (pf_source){PF_FROM_EXPORT, i}));
    end_pairs(g);
    end_function(g, &body, true, code);
}

void pf_wasm_write_calls(generator *g, uint32_t first, uint32_t count, FILE *code)
{
    pf_wasm_part body;
    begin_function(g, &body);
    for (uint32_t i = 0; i < count; i++) {
        get(g, EXPORTS);
        pf_wasm_call(g->out, first + i);
    }
    end_function(g, &body, false, code);
}
