/* Cutting the inner loop into pieces. An operation is done as soon as its operands are known, and what it makes ready
 * next, so that few values are alive at a time and few cross from one piece to the next. */
#include "kernel/pieces.h"

#include "base/operations.h"

#include <string.h>

typedef struct {
    uint32_t first, count;     /* of `users` */
    uint32_t missing;          /* operands not yet worked out */
    bool in_loop, done, shown; /* shown: a call needs it in the register file */
    bool needed;               /* for an output, a check, a state or a loop: not for a message only */
    bool stays;                /* reads a tear variable, which only its loop gives its value */
} node;

typedef PF_LIST(uint32_t) number_list;

typedef struct {
    const pf_plan *plan;
    uint32_t size; /* operations of a piece, at most */
    pf_arena *arena;
    pf_value_use *values;
    node *nodes;
    uint32_t *users, *order;
    uint32_t ordered;
    pf_source *now; /* by register: what it holds at this point of the code */
    PF_LIST(pf_piece) pieces;
    uint32_t *loop_end; /* by piece: the last of the same loop */
    bool *is_tear;      /* by register */
    uint32_t loop;      /* at hand, from 1 */
    /* by register: the last loop that reads it before writing to it, that writes to it, that does both */
    uint32_t *read_in, *written_in, *carried_in;
    number_list free_rows, stack;
    uint32_t rows;
} cutter;

bool pf_is_written_out(uint32_t op)
{
    return op <= PF_ABS;
}

static bool is_called(const cutter *c, uint32_t instruction)
{
    return !pf_is_written_out(c->plan->code[instruction].op);
}

static pf_span code_of(const pf_plan *plan, const pf_segment *segment)
{
    return segment->kind == PF_LOOP ? plan->loops[segment->loop].body : segment->code;
}

static void note_leaves(cutter *c)
{
    const pf_plan *plan = c->plan;
    for (uint32_t i = 0; i < plan->registers; i++) c->now[i] = (pf_source){PF_FROM_ROW, i};
    for (uint32_t i = 0; i < plan->constant_count; i++)
        c->now[plan->constants[i].reg] = (pf_source){PF_FROM_CONSTANT, i};
    for (uint32_t i = 0; i < plan->export_count; i++) c->now[plan->exports[i]] = (pf_source){PF_FROM_EXPORT, i};
    c->is_tear = PF_ARRAY(c->arena, bool, plan->registers);
    c->read_in = PF_ARRAY(c->arena, uint32_t, plan->registers);
    c->written_in = PF_ARRAY(c->arena, uint32_t, plan->registers);
    c->carried_in = PF_ARRAY(c->arena, uint32_t, plan->registers);
    for (size_t k = 0; k < plan->loop_count; k++)
        for (uint32_t i = 0; i < plan->loops[k].tears; i++) c->is_tear[plan->loops[k].x[i]] = true;
}

static void resolve(cutter *c, uint32_t instruction, bool in_loop)
{
    pf_instruction in = c->plan->code[instruction];
    const uint32_t operands[3] = {in.a, in.b, in.c};
    pf_value_use *value = &c->values[instruction];
    *value = (pf_value_use){.row = PF_NOWHERE, .output = PF_NOWHERE};
    c->nodes[instruction].in_loop = in_loop;
    for (int k = 0; k < pf_operation_at(in.op)->arity; k++) {
        value->operand[k] = c->now[operands[k]];
        if (value->operand[k].kind == PF_FROM_CODE) c->nodes[value->operand[k].index].count++;
        else c->nodes[instruction].stays |= c->is_tear[operands[k]];
    }
    c->now[in.y] = (pf_source){PF_FROM_CODE, instruction};
    value->at_home = in_loop && c->carried_in[in.y] == c->loop;
}

static void keep_at_home(cutter *c, uint32_t reg)
{
    if (c->now[reg].kind == PF_FROM_CODE) c->values[c->now[reg].index].at_home = true;
}

/* A register that a body reads before it writes to it is read from the register file, by all rounds. */
static void find_carried(cutter *c, pf_span body)
{
    c->loop++;
    for (uint32_t i = body.first; i < body.first + body.count; i++) {
        pf_instruction in = c->plan->code[i];
        const uint32_t operands[3] = {in.a, in.b, in.c};
        for (int k = 0; k < pf_operation_at(in.op)->arity; k++)
            if (c->written_in[operands[k]] != c->loop) c->read_in[operands[k]] = c->loop;
        c->written_in[in.y] = c->loop;
        if (c->read_in[in.y] != c->loop || c->carried_in[in.y] == c->loop) continue;
        c->carried_in[in.y] = c->loop;
        keep_at_home(c, in.y);
        c->now[in.y] = (pf_source){PF_FROM_ROW, in.y};
    }
}

/* What each register holds, and so what each operand is. */
static void resolve_all(cutter *c)
{
    const pf_plan *plan = c->plan;
    note_leaves(c);
    for (size_t s = 0; s < plan->segment_count; s++) {
        const pf_segment *segment = &plan->segments[s];
        pf_span code = code_of(plan, segment);
        if (segment->kind == PF_LOOP) find_carried(c, code);
        for (uint32_t i = 0; i < code.count; i++) resolve(c, code.first + i, segment->kind == PF_LOOP);
        if (segment->kind != PF_LOOP) continue;
        const pf_loop *loop = &plan->loops[segment->loop];
        for (uint32_t i = 0; i < loop->tears; i++) keep_at_home(c, loop->g[i]);
        for (uint32_t i = 0; i < loop->tears * loop->tears; i++) keep_at_home(c, loop->jacobian[i]);
    }
    for (size_t i = 0; i < plan->state_count; i++) keep_at_home(c, plan->states[i].next);
}

static bool is_operation(int k, pf_instruction in, pf_source operand)
{
    return k < pf_operation_at(in.op)->arity && operand.kind == PF_FROM_CODE;
}

static void need_value(cutter *c, pf_source source)
{
    if (source.kind == PF_FROM_CODE) c->nodes[source.index].needed = true;
}

/* What a step has to work out. The code also holds what only the message of a failed check shows. */
static void find_needed(cutter *c)
{
    const pf_plan *plan = c->plan;
    for (size_t i = 0; i < plan->output_count; i++) need_value(c, c->now[plan->outputs[i]]);
    for (size_t i = 0; i < plan->check_count; i++) need_value(c, c->now[plan->checks[i].reg]);
    for (size_t i = plan->code_count; i-- > 0;) {
        node *n = &c->nodes[i];
        n->needed |= n->in_loop || c->values[i].at_home;
        n->done = !n->needed;
        for (int k = 0; n->needed && k < pf_operation_at(plan->code[i].op)->arity; k++)
            need_value(c, c->values[i].operand[k]);
    }
}

/* Lists for each value the instructions that use it; an instruction that uses it twice is listed twice. */
static void list_users(cutter *c)
{
    const pf_plan *plan = c->plan;
    uint32_t total = 0;
    for (size_t i = 0; i < plan->code_count; i++) {
        c->nodes[i].first = total;
        total += c->nodes[i].count;
        c->nodes[i].count = 0;
    }
    c->users = PF_ARRAY(c->arena, uint32_t, total + 1);
    for (uint32_t i = 0; i < plan->code_count; i++)
        for (int k = 0; k < 3; k++) {
            if (!is_operation(k, plan->code[i], c->values[i].operand[k])) continue;
            node *of = &c->nodes[c->values[i].operand[k].index];
            c->users[of->first + of->count++] = i;
            c->nodes[i].missing++;
        }
}

static void append(cutter *c, uint32_t instruction)
{
    node *n = &c->nodes[instruction];
    n->done = true;
    c->order[c->ordered++] = instruction;
    for (uint32_t u = 0; u < n->count; u++) c->nodes[c->users[n->first + u]].missing--;
}

static void push_users(cutter *c, uint32_t instruction)
{
    const node *n = &c->nodes[instruction];
    for (uint32_t u = n->count; u-- > 0;) *PF_PUSH(c->arena, c->stack) = c->users[n->first + u];
}

/* Works out an instruction and then all that it makes ready, depth first. */
static void append_with_followers(cutter *c, uint32_t instruction)
{
    append(c, instruction);
    push_users(c, instruction);
    while (c->stack.count) {
        uint32_t user = c->stack.items[--c->stack.count];
        const node *n = &c->nodes[user];
        if (n->done || n->missing || n->in_loop || n->stays || is_called(c, user)) continue;
        append(c, user);
        push_users(c, user);
    }
}

static uint32_t part_of(uint32_t count, uint32_t i, uint32_t pieces)
{
    return (uint32_t)((uint64_t)count * i / pieces);
}

static void add_piece(cutter *c, uint32_t segment, uint32_t first, uint32_t end)
{
    *PF_PUSH(c->arena, c->pieces) = (pf_piece){segment, first, end - first, is_called(c, c->order[first])};
}

/* Cuts what is ordered from `first` on. */
static void add_pieces(cutter *c, uint32_t segment, uint32_t first)
{
    while (first < c->ordered) {
        uint32_t end = first + 1;
        while (end < c->ordered && is_called(c, c->order[end]) == is_called(c, c->order[first])) end++;
        uint32_t count = end - first, pieces = (count + c->size - 1) / c->size;
        for (uint32_t i = 0; i < pieces; i++)
            add_piece(c, segment, first + part_of(count, i, pieces), first + part_of(count, i + 1, pieces));
        first = end;
    }
}

/* Calls that need nothing of the step come first, all together. */
static void order_ready_calls(cutter *c)
{
    const pf_plan *plan = c->plan;
    for (uint32_t s = 0; s < plan->segment_count; s++)
        for (uint32_t i = 0; plan->segments[s].kind == PF_STRAIGHT && i < plan->segments[s].code.count; i++) {
            uint32_t instruction = plan->segments[s].code.first + i;
            const node *n = &c->nodes[instruction];
            if (is_called(c, instruction) && n->missing == 0 && !n->stays) append(c, instruction);
        }
}

static void order_code(cutter *c)
{
    const pf_plan *plan = c->plan;
    for (uint32_t s = 0; s < plan->segment_count; s++) {
        pf_span code = code_of(plan, &plan->segments[s]);
        uint32_t first = c->ordered;
        if (s == 0 && plan->segments[s].kind == PF_STRAIGHT) order_ready_calls(c);
        for (uint32_t i = code.first; i < code.first + code.count; i++) {
            if (c->nodes[i].done) continue;
            if (plan->segments[s].kind == PF_STRAIGHT) append_with_followers(c, i);
            else append(c, i);
        }
        add_pieces(c, s, first);
    }
    *PF_PUSH(c->arena, c->pieces) = (pf_piece){(uint32_t)plan->segment_count, c->ordered, 0, false};
}

static void find_loop_ends(cutter *c)
{
    size_t count = c->pieces.count;
    c->loop_end = PF_ARRAY(c->arena, uint32_t, count);
    for (size_t p = count; p-- > 0;) {
        const pf_piece *piece = &c->pieces.items[p];
        bool loop = piece->segment < c->plan->segment_count && c->plan->segments[piece->segment].kind == PF_LOOP;
        bool more = loop && p + 1 < count && c->pieces.items[p + 1].segment == piece->segment;
        c->loop_end[p] = more ? c->loop_end[p + 1] : (uint32_t)p;
    }
}

static void need(cutter *c, pf_source source, uint32_t piece)
{
    if (source.kind != PF_FROM_CODE) return;
    pf_value_use *value = &c->values[source.index];
    if (piece > value->last_piece) value->last_piece = piece;
}

static void note_needs(cutter *c)
{
    for (uint32_t p = 0; p < c->pieces.count; p++)
        for (uint32_t i = 0; i < c->pieces.items[p].count; i++) {
            uint32_t instruction = c->order[c->pieces.items[p].first + i];
            pf_value_use *value = &c->values[instruction];
            value->piece = p;
            if (value->last_piece < p) value->last_piece = p;
            for (int k = 0; k < pf_operation_at(c->plan->code[instruction].op)->arity; k++) {
                pf_source operand = value->operand[k];
                if (operand.kind == PF_FROM_CODE && c->pieces.items[p].calls) c->nodes[operand.index].shown = true;
                bool crosses = operand.kind == PF_FROM_CODE && c->values[operand.index].piece != p;
                need(c, operand,
                     crosses ? c->loop_end[p] : p); /* what a loop reads from outside must last to its end */
            }
        }
}

/* A check or output of straight code is seen to where its value is worked out, any other at the end of the step. */
static bool is_early(const cutter *c, pf_source source)
{
    return source.kind == PF_FROM_CODE && !c->nodes[source.index].in_loop && !is_called(c, source.index);
}

static void place_checks(cutter *c, pf_pieces *result)
{
    const pf_plan *plan = c->plan;
    pf_source *late = PF_ARRAY(c->arena, pf_source, plan->check_count);
    for (size_t i = 0; i < plan->check_count; i++) {
        pf_source source = c->now[plan->checks[i].reg];
        if (is_early(c, source)) c->values[source.index].checked = true;
        else late[result->late_check_count++] = source;
    }
    for (size_t i = 0; i < result->late_check_count; i++) need(c, late[i], (uint32_t)c->pieces.count - 1);
    result->late_checks = late;
}

static void place_outputs(cutter *c, pf_pieces *result)
{
    const pf_plan *plan = c->plan;
    pf_source *outputs = PF_ARRAY(c->arena, pf_source, plan->output_count);
    uint32_t *next = PF_ARRAY(c->arena, uint32_t, plan->output_count);
    bool *late = PF_ARRAY(c->arena, bool, plan->output_count);
    for (uint32_t i = 0; i < plan->output_count; i++) {
        outputs[i] = c->now[plan->outputs[i]];
        late[i] = !is_early(c, outputs[i]);
        if (late[i]) {
            need(c, outputs[i], (uint32_t)c->pieces.count - 1);
            continue;
        }
        next[i] = c->values[outputs[i].index].output;
        c->values[outputs[i].index].output = i;
    }
    result->outputs = outputs;
    result->next_output = next;
    result->late_output = late;
}

/* A row beside the plan's registers for each value that crosses to another piece; given back after the piece that needs
 * it last. */
static void share_rows(cutter *c)
{
    number_list *ending = PF_ARRAY(c->arena, number_list, c->pieces.count);
    c->rows = c->plan->registers;
    for (uint32_t p = 0; p < c->pieces.count; p++) {
        for (uint32_t i = 0; i < c->pieces.items[p].count; i++) {
            uint32_t instruction = c->order[c->pieces.items[p].first + i];
            pf_value_use *value = &c->values[instruction];
            if (value->at_home) value->row = c->plan->code[instruction].y;
            bool shown = is_called(c, instruction) || c->nodes[instruction].shown || c->size == 1;
            if (value->at_home || (value->last_piece == p && !shown)) continue;
            value->row = c->free_rows.count ? c->free_rows.items[--c->free_rows.count] : c->rows++;
            *PF_PUSH(c->arena, ending[value->last_piece]) = value->row;
        }
        for (size_t i = 0; i < ending[p].count; i++) *PF_PUSH(c->arena, c->free_rows) = ending[p].items[i];
    }
}

static uint32_t count_touched(cutter *c)
{
    bool *touched = PF_ARRAY(c->arena, bool, c->rows);
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->ordered; i++) {
        const pf_value_use *value = &c->values[c->order[i]];
        if (value->row != PF_NOWHERE) touched[value->row] = true;
        for (int k = 0; k < pf_operation_at(c->plan->code[c->order[i]].op)->arity; k++)
            if (value->operand[k].kind == PF_FROM_ROW) touched[value->operand[k].index] = true;
    }
    for (uint32_t i = 0; i < c->rows; i++) count += touched[i];
    return count;
}

uint32_t pf_row_of(const pf_plan *plan, const pf_pieces *pieces, pf_source source)
{
    switch (source.kind) {
    case PF_FROM_ROW: return source.index;
    case PF_FROM_CONSTANT: return plan->constants[source.index].reg;
    case PF_FROM_EXPORT: return plan->exports[source.index];
    case PF_FROM_CODE: return pieces->values[source.index].row;
    }
    return 0;
}

pf_pieces pf_cut_pieces(const pf_plan *plan, uint32_t size, pf_arena *arena)
{
    cutter c = {.plan = plan, .size = size, .arena = arena};
    pf_pieces result = {0};
    c.values = PF_ARRAY(arena, pf_value_use, plan->code_count);
    c.nodes = PF_ARRAY(arena, node, plan->code_count);
    c.order = PF_ARRAY(arena, uint32_t, plan->code_count);
    c.now = PF_ARRAY(arena, pf_source, plan->registers);
    resolve_all(&c);
    find_needed(&c);
    list_users(&c);
    order_code(&c);
    find_loop_ends(&c);
    note_needs(&c);
    place_checks(&c, &result);
    place_outputs(&c, &result);
    share_rows(&c);
    result.pieces = c.pieces.items;
    result.piece_count = c.pieces.count;
    result.order = c.order;
    result.values = c.values;
    result.rows = c.rows;
    result.rows_touched = count_touched(&c);
    return result;
}
