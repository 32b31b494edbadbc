/* Forward-mode derivatives, as more nodes of the same graph: the partials are the table's own expressions. */
#include "model/model.h"

#include <string.h>

typedef struct {
    pf_graph *g;
    pf_node_id a, b, c, y;
} operands;

static pf_node_id build(const operands *o, const pf_expression *e)
{
    pf_node_id t[3] = {PF_NO_NODE, PF_NO_NODE, PF_NO_NODE};
    if (e->kind == PF_EXPR_NUMBER) return pf_constant_node(o->g, e->number);
    if (e->kind == PF_EXPR_PATH) {
        char name = e->path.segments[0].name[0];
        return name == 'a' ? o->a : name == 'b' ? o->b : name == 'c' ? o->c : o->y;
    }
    for (size_t i = 0; i < e->argument_count; i++) t[i] = build(o, e->arguments[i]);
    size_t row = e->kind == PF_EXPR_CALL ? (size_t)pf_operation_named(e->unit) : e->operation;
    return pf_operation_node(o->g, (uint32_t)row, t[0], t[1], t[2]);
}

pf_node_id pf_partial(pf_graph *g, size_t operation, int argument, pf_node_id a, pf_node_id b, pf_node_id c,
                      pf_node_id y)
{
    const char *text = pf_operation_at(operation)->partial[argument];
    if (!strcmp(text, "0")) return PF_NO_NODE;
    pf_diagnostics *ours = pf_diagnostics_new(); /* the table's own text: tested to parse */
    pf_expression *e = pf_expression_parse(g->arena, (pf_mark){0}, text, ours);
    pf_diagnostics_free(ours);
    operands o = {g, a, b, c, y};
    return build(&o, e);
}

/* A choice takes the derivative of what it chooses: the other branch may have none there. */
static pf_node_id chain_of_choice(pf_graph *g, const pf_node *n, const pf_node_id *derivative)
{
    pf_node_id then = derivative[n->arg[1]], otherwise = derivative[n->arg[2]], zero = pf_constant_node(g, 0);
    if (then == PF_NO_NODE && otherwise == PF_NO_NODE) return PF_NO_NODE;
    return pf_operation_node(g, PF_SELECT, n->arg[0], then == PF_NO_NODE ? zero : then,
                             otherwise == PF_NO_NODE ? zero : otherwise);
}

pf_node_id pf_chain(pf_graph *g, pf_node_id node, const pf_node_id *derivative)
{
    const pf_node n = g->nodes.items[node];
    pf_node_id sum = PF_NO_NODE;
    double one;
    if (n.kind == PF_OPERATION && n.op == PF_SELECT) return chain_of_choice(g, &n, derivative);
    for (int k = 0; n.kind == PF_OPERATION && k < pf_operation_at(n.op)->arity; k++) {
        pf_node_id inner = derivative[n.arg[k]];
        if (inner == PF_NO_NODE) continue;
        pf_node_id outer = pf_partial(g, n.op, k, n.arg[0], n.arg[1], n.arg[2], node);
        if (outer == PF_NO_NODE) continue;
        pf_node_id term = pf_is_constant(g, inner, &one) && one == 1 ? outer : pf_binary(g, PF_MUL, outer, inner);
        sum = sum == PF_NO_NODE ? term : pf_binary(g, PF_ADD, sum, term);
    }
    return sum;
}
