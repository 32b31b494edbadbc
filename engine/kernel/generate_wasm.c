/* The plan as WebAssembly: the module around the functions of kernel/wasm_functions.c. */
#include "kernel/generate_wasm.h"

#include "kernel/block.h"
#include "kernel/wasm_functions.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 320, LANE_PIECE = 400, PAGE = 65536 };
enum { STEP_TYPE, UNARY_TYPE, BINARY_TYPE, ROWS_TYPE, TYPES };

typedef pf_wasm_generator generator;

/* Functions are numbered in this order. */
typedef struct {
    uint32_t rows, pieces, segments, lane_parts, lane, spread, end;
} numbering;

static numbering number_functions(const generator *g)
{
    numbering n = {.rows = g->called_count, .pieces = 2 * g->called_count};
    n.segments = n.pieces + (uint32_t)g->pieces->piece_count;
    n.lane_parts = n.segments + (uint32_t)g->plan->segment_count + 1;
    n.lane = n.lane_parts + (g->plan->lane.count + LANE_PIECE - 1) / LANE_PIECE;
    n.spread = n.lane + 1;
    n.end = n.spread + 1;
    return n;
}

static void write_types(FILE *out)
{
    static const struct {
        uint8_t type, count, results;
    } types[TYPES] = {[STEP_TYPE] = {PF_WASM_I32, 1, 0},
                      [UNARY_TYPE] = {PF_WASM_F64, 1, 1},
                      [BINARY_TYPE] = {PF_WASM_F64, 2, 1},
                      [ROWS_TYPE] = {PF_WASM_I32, 3, 0}};
    enum { FUNCTION = 0x60 };
    pf_wasm_part part;
    pf_wasm_begin(&part);
    pf_wasm_number(part.out, TYPES);
    for (size_t i = 0; i < TYPES; i++) {
        pf_wasm_byte(part.out, FUNCTION);
        pf_wasm_number(part.out, types[i].count);
        for (uint8_t k = 0; k < types[i].count; k++) pf_wasm_byte(part.out, types[i].type);
        pf_wasm_number(part.out, types[i].results);
        if (types[i].results) pf_wasm_byte(part.out, types[i].type);
    }
    pf_wasm_section(out, PF_WASM_TYPES, &part);
}

static void write_imports(const generator *g, FILE *out)
{
    enum { FUNCTION = 0 };
    pf_wasm_part part;
    pf_wasm_begin(&part);
    pf_wasm_number(part.out, g->called_count);
    for (uint32_t op = 0; op < pf_operation_count(); op++) {
        if (!g->called[op]) continue;
        pf_wasm_name(part.out, "operations");
        pf_wasm_name(part.out, pf_operation_at(op)->name);
        pf_wasm_byte(part.out, FUNCTION);
        pf_wasm_number(part.out, pf_operation_at(op)->arity == 1 ? UNARY_TYPE : BINARY_TYPE);
    }
    pf_wasm_section(out, PF_WASM_IMPORTS, &part);
}

static void write_functions(const numbering *n, FILE *out)
{
    pf_wasm_part part;
    pf_wasm_begin(&part);
    pf_wasm_number(part.out, n->end - n->rows);
    for (uint32_t f = n->rows; f < n->end; f++) pf_wasm_number(part.out, f < n->pieces ? ROWS_TYPE : STEP_TYPE);
    pf_wasm_section(out, PF_WASM_FUNCTIONS, &part);
}

static void write_memory(const generator *g, FILE *out)
{
    enum { MEMORIES = 1, NO_MOST = 0 };
    pf_wasm_part part;
    pf_wasm_begin(&part);
    pf_wasm_number(part.out, MEMORIES);
    pf_wasm_byte(part.out, NO_MOST);
    pf_wasm_number(part.out, (g->module->memory_end + g->module->table_bytes + PAGE - 1) / PAGE);
    pf_wasm_section(out, PF_WASM_MEMORY, &part);
}

static void write_export(FILE *out, const char *name, unsigned kind, uint32_t index)
{
    pf_wasm_name(out, name);
    pf_wasm_byte(out, kind);
    pf_wasm_number(out, index);
}

static void write_exports(const numbering *n, FILE *out)
{
    enum { FUNCTION = 0, MEMORY = 2, NAME = 16 };
    pf_wasm_part part;
    pf_wasm_begin(&part);
    uint32_t segments = n->lane_parts - n->segments;
    pf_wasm_number(part.out, 3 + segments);
    write_export(part.out, "memory", MEMORY, 0);
    write_export(part.out, "lane", FUNCTION, n->lane);
    write_export(part.out, "spread", FUNCTION, n->spread);
    for (uint32_t s = 0; s < segments; s++) {
        char name[NAME];
        snprintf(name, sizeof name, "s%u", s);
        write_export(part.out, name, FUNCTION, n->segments + s);
    }
    pf_wasm_section(out, PF_WASM_EXPORTS, &part);
}

static void write_segments(generator *g, const numbering *n, FILE *code)
{
    uint32_t piece = 0;
    for (uint32_t s = 0; s <= g->plan->segment_count; s++) {
        uint32_t first = piece;
        while (piece < g->pieces->piece_count && g->pieces->pieces[piece].segment == s) piece++;
        pf_wasm_write_calls(g, n->pieces + first, piece - first, code);
    }
}

static pf_span lane_part(pf_span lane, uint32_t at)
{
    return (pf_span){lane.first + at, lane.count - at < LANE_PIECE ? lane.count - at : LANE_PIECE};
}

static void write_code(generator *g, const numbering *n, const bool *read, FILE *out)
{
    const pf_span lane = g->plan->lane;
    pf_wasm_part part;
    pf_wasm_begin(&part);
    pf_wasm_number(part.out, n->end - n->rows);
    for (uint32_t op = 0; op < pf_operation_count(); op++)
        if (g->called[op]) pf_wasm_write_rows(g, op, part.out);
    for (size_t i = 0; i < g->pieces->piece_count; i++) pf_wasm_write_piece(g, &g->pieces->pieces[i], part.out);
    write_segments(g, n, part.out);
    for (uint32_t at = 0; at < lane.count; at += LANE_PIECE) pf_wasm_write_lane_part(g, lane_part(lane, at), part.out);
    pf_wasm_write_calls(g, n->lane_parts, n->lane - n->lane_parts, part.out);
    pf_wasm_write_spread(g, read, part.out);
    pf_wasm_section(out, PF_WASM_CODE, &part);
}

/* By register: is its row read, though it is one of the step's exports? */
static bool *rows_read(const generator *g, pf_arena *arena)
{
    const pf_plan *plan = g->plan;
    bool *read = PF_ARRAY(arena, bool, g->pieces->rows);
    for (size_t p = 0; p < g->pieces->piece_count; p++)
        for (uint32_t i = 0; g->pieces->pieces[p].calls && i < g->pieces->pieces[p].count; i++) {
            uint32_t instruction = g->pieces->order[g->pieces->pieces[p].first + i];
            for (int k = 0; k < pf_operation_at(plan->code[instruction].op)->arity; k++)
                read[pf_row_of(g->plan, g->pieces, g->pieces->values[instruction].operand[k])] = true;
        }
    for (size_t i = 0; i < plan->state_count; i++) read[plan->states[i].initial] = read[plan->states[i].next] = true;
    for (size_t i = 0; i < plan->loop_count; i++) {
        const pf_loop *loop = &plan->loops[i];
        for (uint32_t k = 0; k < loop->tears; k++) read[loop->g[k]] = true;
        for (uint32_t k = 0; k < loop->tears * loop->tears; k++) read[loop->jacobian[k]] = true;
    }
    return read;
}

static void find_called(generator *g, pf_arena *arena)
{
    g->called = PF_ARRAY(arena, uint32_t, pf_operation_count());
    for (size_t i = 0; i < g->plan->code_count; i++)
        if (!pf_is_written_out(g->plan->code[i].op)) g->called[g->plan->code[i].op] = 1;
    for (size_t op = 0; op < pf_operation_count(); op++)
        if (g->called[op]) g->called[op] = ++g->called_count;
}

static void make_room(generator *g, pf_arena *arena)
{
    const size_t counts[] = {[PF_FROM_ROW] = g->plan->registers,
                             [PF_FROM_CONSTANT] = g->plan->constant_count,
                             [PF_FROM_EXPORT] = g->plan->export_count,
                             [PF_FROM_CODE] = g->plan->code_count};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        g->seen[i] = PF_ARRAY(arena, uint32_t, counts[i] + 1);
        g->local[i] = PF_ARRAY(arena, uint32_t, counts[i] + 1);
    }
}

pf_wasm_module pf_generate_wasm(const pf_kernel *kernel, uint32_t lanes, pf_arena *arena)
{
    const pf_plan *plan = kernel->plan;
    pf_pieces pieces = pf_cut_pieces(plan, PIECE, arena);
    pf_wasm_module module = {.lanes = lanes, .row_bytes = (uint32_t)(pf_stride(lanes) * sizeof(double))};
    module.failed = pieces.rows;
    module.not_finite = module.failed + 1;
    module.outputs = module.not_finite + 1;
    module.memory_end = (module.outputs + (uint32_t)plan->output_count) * module.row_bytes;
    module.exports = kernel->exports;
    module.table_bytes = (uint32_t)(plan->steps * plan->export_count * sizeof(double));
    generator g = {.plan = plan, .pieces = &pieces, .module = &module};
    find_called(&g, arena);
    make_room(&g, arena);
    numbering n = number_functions(&g);
    pf_wasm_part whole;
    pf_wasm_begin(&whole);
    pf_wasm_header(whole.out);
    write_types(whole.out);
    write_imports(&g, whole.out);
    write_functions(&n, whole.out);
    write_memory(&g, whole.out);
    write_exports(&n, whole.out);
    write_code(&g, &n, rows_read(&g, arena), whole.out);
    fclose(whole.out);
    module.bytes = memcpy(pf_alloc(arena, whole.size), whole.bytes, whole.size);
    module.size = whole.size;
    free(whole.bytes);
    return module;
}
