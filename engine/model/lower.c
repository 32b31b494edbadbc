/* Lowering: the scheduled graph is written again without its named variables, so that constants fold and equal values
 * meet across them; then what is used becomes instructions by binding, and registers are shared out. */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

enum { BY_STEP = 1, BY_LANE = 2, BY_BOTH = 3 };

/* A state as new nodes. */
typedef struct {
    pf_node_id state, initial, next;
    uint32_t origin;
} state_nodes;

typedef struct {
    pf_model *m;
    pf_arena *arena;
    const pf_graph *old;
    pf_graph new;
    pf_node_id *map;       /* [old nodes]: new node */
    pf_tangents *tangents; /* NULL: none are wanted */
    PF_LIST(pf_node_span) spans;
    PF_LIST(state_nodes) states;
    PF_LIST(pf_node_id) outputs;
    uint8_t *binding; /* [new nodes] */
    bool *used;
    uint32_t *reg, *last_use;
    uint32_t *instruction; /* [new nodes]: the row of code that works it out; UINT32_MAX if none does */
    PF_LIST(pf_instruction) code;
    PF_LIST(uint32_t) code_origin;
    PF_LIST(uint32_t) free_registers;
    uint32_t registers;
} lowering;

static pf_node_id mapped(const lowering *l, pf_node_id old)
{
    return old == PF_NO_NODE ? PF_NO_NODE : l->map[old];
}

static void write_again(lowering *l, pf_node_id old)
{
    const pf_node n = l->old->nodes.items[old];
    l->new.origin = n.origin;
    switch (n.kind) {
    case PF_CONSTANT: l->map[old] = pf_constant_node(&l->new, n.value); break;
    case PF_INPUT: l->map[old] = pf_input_node(&l->new, n.index); break;
    case PF_SERIES_VALUE: l->map[old] = pf_series_node(&l->new, pf_held_values(l->m, n.index)); break;
    case PF_STATE: break; /* made before all else */
    case PF_VARIABLE: l->map[old] = mapped(l, l->old->variables.items[n.index].definition); break;
    case PF_OPERATION:
        l->map[old] = pf_operation_node(&l->new, n.op, mapped(l, n.arg[0]), mapped(l, n.arg[1]), mapped(l, n.arg[2]));
        break;
    }
    if (n.nonnegative && l->map[old] != PF_NO_NODE) pf_assume_nonnegative(&l->new, l->map[old]);
}

/* dg_i/dx_j for all tears of a loop. The derivative nodes join the body. */
static const pf_node_id *jacobian_of(lowering *l, const pf_node_span *s, pf_node_id body_end)
{
    pf_graph *g = &l->new;
    pf_node_id *jacobian = PF_ARRAY(l->arena, pf_node_id, s->tears * s->tears), zero = pf_constant_node(g, 0);
    pf_node_id *derivative = pf_malloc(body_end * sizeof *derivative);
    for (size_t j = 0; j < s->tears; j++) {
        for (size_t i = 0; i < body_end; i++) derivative[i] = PF_NO_NODE;
        derivative[s->x[j]] = pf_constant_node(g, 1);
        for (pf_node_id n = s->first; n < body_end; n++)
            if (n != s->x[j]) {
                g->origin = g->nodes.items[n].origin;
                derivative[n] = pf_chain(g, n, derivative);
            }
        for (size_t i = 0; i < s->tears; i++)
            jacobian[i * s->tears + j] = derivative[s->g[i]] == PF_NO_NODE ? zero : derivative[s->g[i]];
    }
    free(derivative);
    return jacobian;
}

static void write_straight(lowering *l, const pf_group *group)
{
    pf_node_span s = {.first = (pf_node_id)l->new.nodes.count};
    for (size_t i = 0; i < group->count; i++) {
        write_again(l, group->nodes[i]);
        if (l->tangents) pf_tangent_of(l->tangents, l->map[group->nodes[i]]);
    }
    s.end = (pf_node_id)l->new.nodes.count;
    *PF_PUSH(l->arena, l->spans) = s;
}

/* The tangents of a loop are straight code behind it. */
static void write_loop_tangents(lowering *l, const pf_group *group, const pf_node_span *loop)
{
    pf_node_span s = {.first = (pf_node_id)l->new.nodes.count};
    pf_node_id *body = PF_ARRAY(l->arena, pf_node_id, group->count);
    for (size_t i = 0; i < group->count; i++) body[i] = l->map[group->nodes[i]];
    pf_loop_tangents(l->tangents, loop, body, group->count);
    s.end = (pf_node_id)l->new.nodes.count;
    *PF_PUSH(l->arena, l->spans) = s;
}

static void write_loop(lowering *l, const pf_group *group)
{
    pf_node_span s = {.first = (pf_node_id)l->new.nodes.count, .tears = group->tear_count};
    pf_node_id *x = PF_ARRAY(l->arena, pf_node_id, s.tears), *g = PF_ARRAY(l->arena, pf_node_id, s.tears);
    for (size_t i = 0; i < s.tears; i++) {
        const pf_graph_variable *v = pf_variable_of(l->old, group->tears[i]);
        l->new.origin = l->old->nodes.items[group->tears[i]].origin;
        x[i] = l->map[group->tears[i]] = pf_variable_node(&l->new, v->name);
    }
    for (size_t i = 0; i < group->count; i++) write_again(l, group->nodes[i]);
    for (size_t i = 0; i < s.tears; i++) g[i] = mapped(l, pf_variable_of(l->old, group->tears[i])->definition);
    s.x = x;
    s.g = g;
    s.jacobian = jacobian_of(l, &s, (pf_node_id)l->new.nodes.count);
    s.end = (pf_node_id)l->new.nodes.count;
    *PF_PUSH(l->arena, l->spans) = s;
    if (l->tangents) write_loop_tangents(l, group, &s);
}

/* States are made before all else; where tangents are wanted, each that depends on an input has its own behind it. */
static void write_states(lowering *l)
{
    const bool *varies = l->tangents ? pf_depends_on_inputs(l->old) : NULL;
    for (size_t i = 0; i < l->old->nodes.count; i++) {
        if (l->old->nodes.items[i].kind != PF_STATE) continue;
        const char *name = l->old->states.items[l->old->nodes.items[i].index].name;
        l->map[i] = pf_state_node(&l->new, name);
        if (l->tangents) pf_set_tangent(l->tangents, l->map[i], varies[i] ? pf_state_node(&l->new, name) : PF_NO_NODE);
    }
}

static pf_node_id tangent_or_zero(lowering *l, pf_node_id node)
{
    pf_node_id tangent = pf_tangent_of(l->tangents, node);
    return tangent == PF_NO_NODE ? pf_constant_node(&l->new, 0) : tangent;
}

/* What is read at the end of a step: states, then their tangents; outputs, then theirs. */
static void list_ends(lowering *l)
{
    for (size_t i = 0; i < l->old->states.count; i++) *PF_PUSH(l->arena, l->states) = (state_nodes){0};
    for (size_t i = 0; i < l->old->nodes.count; i++) {
        const pf_node *n = &l->old->nodes.items[i];
        if (n->kind != PF_STATE) continue;
        const pf_graph_state *s = &l->old->states.items[n->index];
        l->states.items[n->index] = (state_nodes){l->map[i], mapped(l, s->initial), mapped(l, s->next), n->origin};
    }
    for (size_t i = 0; i < l->m->output_count; i++) *PF_PUSH(l->arena, l->outputs) = mapped(l, l->m->outputs[i]);
    if (!l->tangents) return;
    for (size_t i = 0; i < l->old->states.count; i++) {
        state_nodes s = l->states.items[i];
        pf_node_id tangent = pf_tangent_of(l->tangents, s.state);
        if (tangent == PF_NO_NODE) continue;
        *PF_PUSH(l->arena, l->states) =
            (state_nodes){tangent, tangent_or_zero(l, s.initial), tangent_or_zero(l, s.next), s.origin};
    }
    size_t closures = l->m->output_count - l->m->compiled.closure_count; /* which stand last */
    for (size_t i = 0; i < l->m->output_count; i++) {
        pf_node_id tangent = i < closures ? tangent_or_zero(l, l->outputs.items[i]) : pf_constant_node(&l->new, 0);
        *PF_PUSH(l->arena, l->outputs) = tangent;
    }
}

static void bind(lowering *l)
{
    l->binding = PF_ARRAY(l->arena, uint8_t, l->new.nodes.count);
    for (size_t i = 0; i < l->new.nodes.count; i++) {
        const pf_node *n = &l->new.nodes.items[i];
        if (n->kind == PF_SERIES_VALUE) l->binding[i] = BY_STEP;
        if (n->kind == PF_INPUT) l->binding[i] = BY_LANE;
        if (n->kind == PF_STATE || n->kind == PF_VARIABLE) l->binding[i] = BY_BOTH;
        for (int a = 0; n->kind == PF_OPERATION && a < 3; a++)
            if (n->arg[a] != PF_NO_NODE) l->binding[i] |= l->binding[n->arg[a]];
    }
}

/* A use at `position` of the code; the greatest is the end of the step. */
static void use(lowering *l, pf_node_id node, uint32_t position)
{
    l->used[node] = true;
    if (position > l->last_use[node]) l->last_use[node] = position;
}

/* Marks what is used, from the end of the step backwards. A node stands at twice its number; what a loop reads from
 * before it must last to the loop's end, which stands between two nodes. */
static void mark_used(lowering *l)
{
    const uint32_t end = UINT32_MAX;
    l->used = PF_ARRAY(l->arena, bool, l->new.nodes.count);
    l->last_use = PF_ARRAY(l->arena, uint32_t, l->new.nodes.count);
    for (size_t i = 0; i < l->outputs.count; i++) use(l, l->outputs.items[i], end);
    for (size_t i = 0; i < l->m->checks.count; i++) {
        pf_node_id shown = mapped(l, l->m->checks.items[i].value);
        use(l, mapped(l, l->m->checks.items[i].reg), end);
        if (shown != PF_NO_NODE) use(l, shown, 2 * shown); /* a message may read it when it is worked out */
    }
    for (size_t i = 0; i < l->states.count; i++) {
        use(l, l->states.items[i].initial, end);
        use(l, l->states.items[i].next, end);
        use(l, l->states.items[i].state, end);
    }
    for (size_t s = 0; s < l->spans.count; s++)
        for (size_t i = 0; i < l->spans.items[s].tears; i++) {
            use(l, l->spans.items[s].x[i], end);
            use(l, l->spans.items[s].g[i], end);
            for (size_t j = 0; j < l->spans.items[s].tears; j++)
                use(l, l->spans.items[s].jacobian[i * l->spans.items[s].tears + j], end);
        }
    for (size_t s = l->spans.count; s-- > 0;) {
        const pf_node_span *sp = &l->spans.items[s];
        for (pf_node_id n = sp->end; n-- > sp->first;) {
            const pf_node *node = &l->new.nodes.items[n];
            for (int a = 0; l->used[n] && node->kind == PF_OPERATION && a < 3; a++)
                if (node->arg[a] != PF_NO_NODE)
                    use(l, node->arg[a], sp->tears && node->arg[a] < sp->first ? 2 * sp->end - 1 : 2 * n);
        }
    }
}

static uint32_t new_register(lowering *l)
{
    if (l->free_registers.count) return l->free_registers.items[--l->free_registers.count];
    return l->registers++;
}

/* Leaves and what does not vary by both keep their registers for good. */
static void pin_registers(lowering *l)
{
    l->reg = PF_ARRAY(l->arena, uint32_t, l->new.nodes.count);
    l->instruction = PF_ARRAY(l->arena, uint32_t, l->new.nodes.count);
    for (size_t i = 0; i < l->new.nodes.count; i++) {
        l->instruction[i] = UINT32_MAX;
        bool leaf = l->new.nodes.items[i].kind != PF_OPERATION;
        if (l->used[i] && (leaf || l->binding[i] != BY_BOTH)) l->reg[i] = l->registers++;
    }
}

static uint32_t reg_of(const lowering *l, pf_node_id node)
{
    return node == PF_NO_NODE ? 0 : l->reg[node];
}

/* Room for an instruction of each operation that is used. */
static void reserve_code(lowering *l)
{
    size_t count = 0;
    for (size_t i = 0; i < l->new.nodes.count; i++) count += l->used[i] && l->new.nodes.items[i].kind == PF_OPERATION;
    l->code.items = PF_ARRAY(l->arena, pf_instruction, count);
    l->code_origin.items = PF_ARRAY(l->arena, uint32_t, count);
    l->code.capacity = l->code_origin.capacity = count;
}

static void emit(lowering *l, pf_node_id node)
{
    const pf_node *n = &l->new.nodes.items[node];
    l->instruction[node] = (uint32_t)l->code.count;
    *PF_PUSH(l->arena, l->code) =
        (pf_instruction){n->op, l->reg[node], reg_of(l, n->arg[0]), reg_of(l, n->arg[1]), reg_of(l, n->arg[2])};
    *PF_PUSH(l->arena, l->code_origin) = n->origin;
}

static pf_span emit_binding(lowering *l, uint8_t binding)
{
    pf_span s = {.first = (uint32_t)l->code.count};
    for (pf_node_id i = 0; i < l->new.nodes.count; i++)
        if (l->used[i] && l->new.nodes.items[i].kind == PF_OPERATION && l->binding[i] == binding) emit(l, i);
    s.count = (uint32_t)l->code.count - s.first;
    return s;
}

/* Gives back the registers of operands that were used here for the last time. */
static void release_operands(lowering *l, pf_node_id node, uint32_t position)
{
    const pf_node *n = &l->new.nodes.items[node];
    for (int a = 0; a < 3; a++) {
        pf_node_id arg = n->arg[a];
        if (arg == PF_NO_NODE || l->new.nodes.items[arg].kind != PF_OPERATION || l->binding[arg] != BY_BOTH) continue;
        if (l->last_use[arg] != position || (a > 0 && arg == n->arg[0]) || (a > 1 && arg == n->arg[1])) continue;
        *PF_PUSH(l->arena, l->free_registers) = l->reg[arg];
    }
}

static int by_number(const void *left, const void *right)
{
    pf_node_id a = *(const pf_node_id *)left, b = *(const pf_node_id *)right;
    return a < b ? -1 : a > b;
}

/* Gives back the registers of what came from before a loop and was last used in it. */
static void release_entrants(lowering *l, const pf_node_span *loop)
{
    PF_LIST(pf_node_id) last = {0};
    for (pf_node_id n = loop->first; n < loop->end; n++) {
        const pf_node *node = &l->new.nodes.items[n];
        for (int a = 0; l->used[n] && node->kind == PF_OPERATION && a < 3; a++) {
            pf_node_id arg = node->arg[a];
            if (arg == PF_NO_NODE || arg >= loop->first || l->last_use[arg] != 2 * loop->end - 1) continue;
            if (l->new.nodes.items[arg].kind == PF_OPERATION && l->binding[arg] == BY_BOTH)
                *PF_PUSH(l->arena, last) = arg;
        }
    }
    if (last.count) qsort(last.items, last.count, sizeof *last.items, by_number);
    for (size_t i = 0; i < last.count; i++)
        if (!i || last.items[i] != last.items[i - 1]) *PF_PUSH(l->arena, l->free_registers) = l->reg[last.items[i]];
}

static pf_span emit_span(lowering *l, const pf_node_span *s)
{
    pf_span code = {.first = (uint32_t)l->code.count};
    for (pf_node_id n = s->first; n < s->end; n++) {
        if (!l->used[n] || l->new.nodes.items[n].kind != PF_OPERATION || l->binding[n] != BY_BOTH) continue;
        l->reg[n] = new_register(l);
        emit(l, n);
        release_operands(l, n, 2 * n);
        if (l->last_use[n] == 2 * n) *PF_PUSH(l->arena, l->free_registers) = l->reg[n];
    }
    if (s->tears) release_entrants(l, s);
    code.count = (uint32_t)l->code.count - code.first;
    return code;
}

static const uint32_t *registers_of(lowering *l, const pf_node_id *nodes, size_t count)
{
    uint32_t *registers = PF_ARRAY(l->arena, uint32_t, count);
    for (size_t i = 0; i < count; i++) registers[i] = l->reg[nodes[i]];
    return registers;
}

static void emit_segments(lowering *l, pf_plan *plan)
{
    PF_LIST(pf_segment) segments = {0};
    PF_LIST(pf_loop) loops = {0};
    for (size_t i = 0; i < l->spans.count; i++) {
        const pf_node_span *s = &l->spans.items[i];
        pf_span code = emit_span(l, s);
        if (!s->tears && code.count) *PF_PUSH(l->arena, segments) = (pf_segment){PF_STRAIGHT, code, 0};
        if (!s->tears) continue;
        *PF_PUSH(l->arena, segments) = (pf_segment){PF_LOOP, {0}, (uint32_t)loops.count};
        *PF_PUSH(l->arena, loops) = (pf_loop){code,
                                              (uint32_t)s->tears,
                                              registers_of(l, s->x, s->tears),
                                              registers_of(l, s->g, s->tears),
                                              registers_of(l, s->jacobian, s->tears * s->tears),
                                              l->new.nodes.items[s->x[0]].origin};
    }
    plan->segments = segments.items;
    plan->segment_count = segments.count;
    plan->loops = loops.items;
    plan->loop_count = loops.count;
}

static void fill_leaves(lowering *l, pf_plan *plan)
{
    PF_LIST(pf_constant) constants = {0};
    PF_LIST(pf_binding) inputs = {0}, series = {0};
    double *values = PF_ARRAY(l->arena, double, (l->new.series.count + 1) * l->new.steps);
    for (size_t i = 0; i < l->new.nodes.count; i++) {
        const pf_node *n = &l->new.nodes.items[i];
        if (!l->used[i]) continue;
        if (n->kind == PF_CONSTANT) *PF_PUSH(l->arena, constants) = (pf_constant){l->reg[i], n->value};
        if (n->kind == PF_INPUT) *PF_PUSH(l->arena, inputs) = (pf_binding){l->reg[i], n->index};
        if (n->kind == PF_SERIES_VALUE) *PF_PUSH(l->arena, series) = (pf_binding){l->reg[i], n->index};
    }
    for (size_t s = 0; s < l->new.series.count; s++)
        memcpy(values + s * l->new.steps, l->new.series.items[s], l->new.steps * sizeof *values);
    plan->constants = constants.items;
    plan->constant_count = constants.count;
    plan->input_registers = inputs.items;
    plan->input_count = inputs.count;
    plan->series_registers = series.items;
    plan->series_count = series.count;
    plan->series_values = values;
}

/* Registers of binding step that code of the inner loop, or a reader of the step's end, looks at. */
static void fill_exports(lowering *l, pf_plan *plan)
{
    PF_LIST(uint32_t) exports = {0};
    bool *read = PF_ARRAY(l->arena, bool, l->new.nodes.count);
    for (size_t i = 0; i < l->new.nodes.count; i++) {
        const pf_node *n = &l->new.nodes.items[i];
        if (!l->used[i]) continue;
        if (l->last_use[i] == UINT32_MAX) read[i] = true;
        for (int a = 0; n->kind == PF_OPERATION && l->binding[i] == BY_BOTH && a < 3; a++)
            if (n->arg[a] != PF_NO_NODE) read[n->arg[a]] = true;
    }
    for (size_t i = 0; i < l->new.nodes.count; i++)
        if (read[i] && l->binding[i] == BY_STEP) *PF_PUSH(l->arena, exports) = l->reg[i];
    plan->exports = exports.items;
    plan->export_count = exports.count;
}

static void fill_ends(lowering *l, pf_plan *plan)
{
    pf_model *m = l->m;
    PF_LIST(pf_state) states = {0};
    PF_LIST(pf_check) checks = {0};
    for (size_t i = 0; i < l->states.count; i++) {
        state_nodes s = l->states.items[i];
        if (i < l->old->states.count && l->binding[s.initial] & BY_STEP) {
            const pf_origin *at = &l->old->origins.items[s.origin];
            pf_error(m->diagnostics, (pf_mark){at->file, at->line, at->column},
                     "the first value of '%s' varies over time; expected one that does not",
                     l->old->states.items[i].name);
        }
        *PF_PUSH(l->arena, states) = (pf_state){l->reg[s.state], l->reg[s.initial], l->reg[s.next]};
    }
    for (size_t i = 0; i < m->checks.count; i++) {
        const pf_check *check = &m->checks.items[i];
        pf_node_id value = mapped(l, check->value);
        if (value == PF_NO_NODE) value = mapped(l, check->reg);
        uint32_t reg = l->reg[mapped(l, check->reg)];
        *PF_PUSH(l->arena, checks) = (pf_check){reg, check->origin, l->reg[value], l->instruction[value]};
    }
    plan->states = states.items;
    plan->state_count = states.count;
    plan->checks = checks.items;
    plan->check_count = checks.count;
    plan->outputs = registers_of(l, l->outputs.items, l->outputs.count);
    plan->output_count = l->outputs.count;
}

void pf_lower(pf_model *m, const pf_schedule *schedule, bool tangents)
{
    lowering l = {.m = m, .arena = m->arena, .old = &m->graph};
    pf_plan *plan = &m->compiled.plan;
    pf_graph_init(&l.new, m->arena, m->graph.steps, m->graph.nodes.count);
    l.map = PF_ARRAY(m->arena, pf_node_id, m->graph.nodes.count);
    pf_tangents along = {.graph = &l.new, .inputs = (uint32_t)m->inputs.count};
    if (tangents) l.tangents = &along;
    write_states(&l);
    for (size_t i = 0; i < schedule->count; i++) {
        const pf_group *group = &schedule->groups[i];
        if (group->tear_count) write_loop(&l, group);
        else write_straight(&l, group);
    }
    list_ends(&l);
    bind(&l);
    mark_used(&l);
    pin_registers(&l);
    *plan = (pf_plan){.steps = m->graph.steps,
                      .first_reported = m->scenario->calendar.first_reported,
                      .inputs = (uint32_t)(tangents ? 2 * m->inputs.count : m->inputs.count)};
    reserve_code(&l);
    plan->lane = emit_binding(&l, BY_LANE);
    plan->step = emit_binding(&l, BY_STEP);
    emit_segments(&l, plan);
    fill_leaves(&l, plan);
    fill_exports(&l, plan);
    fill_ends(&l, plan);
    plan->registers = l.registers ? l.registers : 1;
    plan->code = l.code.items;
    plan->code_origin = l.code_origin.items;
    plan->code_count = l.code.count;
    plan->origins = m->graph.origins.items;
    plan->origin_count = m->graph.origins.count;
}
