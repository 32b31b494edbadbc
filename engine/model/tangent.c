/* Tangents: takes the lowered graph, gives more nodes of it, the derivative of each node along a direction that the
 * lane brings as further inputs (forward mode: Griewank and Walther, Evaluating Derivatives, 2008, chapter 3).
 *
 * The tangents of a recycle loop x = g(x, p) follow from those of what enters it: dx = J dx + db, J = dg/dx. That is
 * linear, and J stands in the loop's own code, so it is solved by elimination and not by rounds. */
#include "model/model.h"

#include <string.h>

static const pf_node_id UNKNOWN = PF_NO_NODE - 1; /* not asked for yet */

static void grow(pf_tangents *t)
{
    while (t->of.count < t->graph->nodes.count) *PF_PUSH(t->graph->arena, t->of) = UNKNOWN;
}

void pf_set_tangent(pf_tangents *t, pf_node_id node, pf_node_id tangent)
{
    grow(t);
    t->of.items[node] = tangent;
}

static bool is_zero(const pf_graph *g, pf_node_id node)
{
    double value;
    return node == PF_NO_NODE || (pf_is_constant(g, node, &value) && value == 0);
}

static pf_node_id times(pf_graph *g, pf_node_id a, pf_node_id b)
{
    return is_zero(g, a) || is_zero(g, b) ? PF_NO_NODE : pf_binary(g, PF_MUL, a, b);
}

static pf_node_id minus(pf_graph *g, pf_node_id a, pf_node_id b)
{
    if (b == PF_NO_NODE) return a;
    return a == PF_NO_NODE ? pf_unary(g, PF_NEG, b) : pf_binary(g, PF_SUB, a, b);
}

static pf_node_id choice(pf_graph *g, pf_node_id condition, pf_node_id then, pf_node_id otherwise)
{
    pf_node_id zero = pf_constant_node(g, 0);
    if (then == otherwise) return then;
    return pf_operation_node(g, PF_SELECT, condition, then == PF_NO_NODE ? zero : then,
                             otherwise == PF_NO_NODE ? zero : otherwise);
}

/* d y of y = op(a, b). The commonest operations have a form of their own, in fewer operations than the sum of partials,
 * and in which what is not chosen leaves no trace, be it infinite. */
static pf_node_id differentiated(pf_tangents *t, pf_node_id node)
{
    pf_graph *g = t->graph;
    const pf_node n = g->nodes.items[node];
    const pf_node_id *of = t->of.items, a = n.arg[0], b = n.arg[1];
    pf_node_id da = of[a], db = b == PF_NO_NODE ? PF_NO_NODE : of[b];
    if (da == PF_NO_NODE && db == PF_NO_NODE && n.op != PF_SELECT) return PF_NO_NODE;
    switch (n.op) {
    case PF_ADD: return pf_plus(g, da, db);
    case PF_SUB: return minus(g, da, db);
    case PF_NEG: return minus(g, PF_NO_NODE, da);
    case PF_MUL: return pf_plus(g, times(g, da, b), times(g, a, db));
    case PF_DIV:
    case PF_SHARE: return pf_binary(g, n.op, minus(g, da, times(g, node, db)), b);
    case PF_MIN: return choice(g, pf_binary(g, PF_LT, a, b), da, db);
    case PF_MAX: return choice(g, pf_binary(g, PF_GT, a, b), da, db);
    case PF_SELECT: return choice(g, a, db, of[n.arg[2]]);
    /* at 0 from the left, as max(a, 0) above: max(a, 0) + log(1 + exp(-|a|)), an adoption curve, is smooth there */
    case PF_ABS: return choice(g, pf_binary(g, PF_GT, a, pf_constant_node(g, 0)), da, minus(g, PF_NO_NODE, da));
    default: return pf_chain(g, node, of);
    }
}

pf_node_id pf_tangent_of(pf_tangents *t, pf_node_id node)
{
    pf_graph *g = t->graph;
    grow(t);
    if (t->of.items[node] != UNKNOWN) return t->of.items[node];
    const pf_node n = g->nodes.items[node];
    pf_node_id tangent = PF_NO_NODE;
    /* the operands have theirs already, unless `node` was made as a part of a derivative and a model's equation is the
     * same */
    for (int a = 0; n.kind == PF_OPERATION && a < 3; a++)
        if (n.arg[a] != PF_NO_NODE) pf_tangent_of(t, n.arg[a]);
    uint32_t before = g->origin;
    g->origin = n.origin;
    if (n.kind == PF_INPUT) tangent = pf_input_node(g, t->inputs + n.index);
    if (n.kind == PF_OPERATION) tangent = differentiated(t, node);
    g->origin = before;
    if (is_zero(g, tangent)) tangent = PF_NO_NODE;
    pf_set_tangent(t, node, tangent);
    return tangent;
}

/* The equations of a loop's tangents, one a row: [tears] of I - J, then the right side. PF_NO_NODE stands for 0. */
typedef struct {
    pf_graph *g;
    size_t tears;
    pf_node_id *cells;
} equations;

static pf_node_id *cell(const equations *e, size_t row, size_t column)
{
    return &e->cells[row * (e->tears + 1) + column];
}

static equations equations_of(pf_tangents *t, const pf_node_span *loop)
{
    pf_graph *g = t->graph;
    equations e = {g, loop->tears, PF_ARRAY(g->arena, pf_node_id, loop->tears * (loop->tears + 1))};
    for (size_t i = 0; i < e.tears; i++) {
        for (size_t j = 0; j < e.tears; j++) {
            pf_node_id slope = loop->jacobian[i * e.tears + j];
            if (is_zero(g, slope)) slope = PF_NO_NODE;
            *cell(&e, i, j) = minus(g, i == j ? pf_constant_node(g, 1) : PF_NO_NODE, slope);
        }
        *cell(&e, i, e.tears) = pf_tangent_of(t, loop->g[i]);
    }
    return e;
}

/* Brings the larger of the cells in column k to row k, lane by lane. */
static void order_rows(equations *e, size_t k, size_t row)
{
    pf_node_id *upper = cell(e, k, k), *lower = cell(e, row, k);
    if (*lower == PF_NO_NODE) return;
    pf_node_id larger = *upper == PF_NO_NODE
                            ? pf_constant_node(e->g, 1)
                            : pf_binary(e->g, PF_GT, pf_unary(e->g, PF_ABS, *lower), pf_unary(e->g, PF_ABS, *upper));
    for (size_t i = 0; i <= e->tears - k; i++) {
        pf_node_id was_upper = upper[i], was_lower = lower[i];
        upper[i] = choice(e->g, larger, was_lower, was_upper);
        lower[i] = choice(e->g, larger, was_upper, was_lower);
    }
}

static void eliminate(equations *e, size_t k)
{
    for (size_t row = k + 1; row < e->tears; row++) order_rows(e, k, row);
    if (*cell(e, k, k) == PF_NO_NODE) *cell(e, k, k) = pf_constant_node(e->g, 0);
    for (size_t row = k + 1; row < e->tears; row++) {
        if (*cell(e, row, k) == PF_NO_NODE) continue;
        pf_node_id factor = pf_binary(e->g, PF_DIV, *cell(e, row, k), *cell(e, k, k));
        for (size_t j = k + 1; j <= e->tears; j++)
            *cell(e, row, j) = minus(e->g, *cell(e, row, j), times(e->g, factor, *cell(e, k, j)));
    }
}

/* The solution takes the place of the right side. */
static void solve(equations *e)
{
    for (size_t k = 0; k < e->tears; k++) eliminate(e, k);
    for (size_t k = e->tears; k-- > 0;) {
        pf_node_id *right = cell(e, k, e->tears);
        for (size_t j = k + 1; j < e->tears; j++)
            *right = minus(e->g, *right, times(e->g, *cell(e, k, j), *cell(e, j, e->tears)));
        if (*right != PF_NO_NODE) *right = pf_binary(e->g, PF_DIV, *right, *cell(e, k, k));
    }
}

void pf_loop_tangents(pf_tangents *t, const pf_node_span *loop, const pf_node_id *body, size_t count)
{
    bool any = false;
    grow(t);
    /* db: with the tears held fast */
    for (size_t i = 0; i < loop->tears; i++) pf_set_tangent(t, loop->x[i], PF_NO_NODE);
    for (size_t i = 0; i < count; i++) pf_tangent_of(t, body[i]);
    for (size_t i = 0; i < loop->tears; i++) any |= pf_tangent_of(t, loop->g[i]) != PF_NO_NODE;
    if (!any) return;
    t->graph->origin = t->graph->nodes.items[loop->x[0]].origin;
    equations e = equations_of(t, loop);
    solve(&e);
    /* no node from before the loop looks at its tears */
    grow(t);
    for (size_t i = loop->first; i < t->of.count; i++) t->of.items[i] = UNKNOWN;
    for (size_t i = 0; i < loop->tears; i++) pf_set_tangent(t, loop->x[i], *cell(&e, i, e.tears));
    for (size_t i = 0; i < count; i++) pf_tangent_of(t, body[i]);
}

static bool is_found(const bool *found, pf_node_id node)
{
    return node != PF_NO_NODE && found[node];
}

static bool depends(const pf_graph *g, const pf_node *n, const bool *found)
{
    if (n->kind == PF_INPUT) return true;
    if (n->kind == PF_VARIABLE) return is_found(found, g->variables.items[n->index].definition);
    if (n->kind == PF_STATE)
        return is_found(found, g->states.items[n->index].initial) || is_found(found, g->states.items[n->index].next);
    for (int a = 0; n->kind == PF_OPERATION && a < 3; a++)
        if (is_found(found, n->arg[a]) && strcmp(pf_operation_at(n->op)->partial[a], "0") != 0) return true;
    return false;
}

const bool *pf_depends_on_inputs(const pf_graph *g)
{
    bool *found = PF_ARRAY(g->arena, bool, g->nodes.count), more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < g->nodes.count; i++)
            if (!found[i] && depends(g, &g->nodes.items[i], found)) more = found[i] = true;
    }
    return found;
}
