/* Building the graph: hash-consed nodes. */
#include "model/graph.h"

#include <math.h>
#include <string.h>

/* The hash stands beside the node, so that most that differ are told apart without a look at them. */
struct pf_bucket {
    uint32_t node; /* its number and 1; 0: empty */
    uint32_t hash;
};

void pf_graph_init(pf_graph *graph, pf_arena *arena, uint32_t steps, size_t nodes)
{
    memset(graph, 0, sizeof *graph);
    graph->arena = arena;
    graph->steps = steps;
    graph->nodes.items = PF_ARRAY(arena, pf_node, nodes);
    graph->nodes.capacity = nodes;
    for (graph->bucket_count = 1024; graph->bucket_count < nodes + nodes / 2;) graph->bucket_count *= 2;
    graph->buckets = PF_ARRAY(arena, struct pf_bucket, graph->bucket_count);
    *PF_PUSH(arena, graph->origins) = (pf_origin){.text = "the model"};
}

uint32_t pf_graph_at(pf_graph *graph, const char *file, int line, int column, const char *text)
{
    uint32_t before = graph->origin, newest = (uint32_t)graph->origins.count - 1;
    /* one that is left and of which no node was made gives its place to the next */
    if (newest > graph->kept && newest != before) graph->origins.count--;
    graph->origin = (uint32_t)graph->origins.count;
    *PF_PUSH(graph->arena, graph->origins) = (pf_origin){.file = file, .text = text, .line = line, .column = column};
    return before;
}

static bool same(const pf_node *a, const pf_node *b)
{
    return a->kind == b->kind && a->op == b->op && !memcmp(a->arg, b->arg, sizeof a->arg) && a->index == b->index &&
           !memcmp(&a->value, &b->value, sizeof a->value);
}

static uint32_t hash_of(const pf_node *node)
{
    uint64_t words[7] = {node->kind, node->op, node->arg[0], node->arg[1], node->arg[2], node->index, 0},
             hash = 14695981039346656037u;
    memcpy(&words[6], &node->value, sizeof words[6]);
    for (size_t i = 0; i < 7; i++) hash = (hash ^ words[i]) * 1099511628211u ^ (hash >> 29);
    return (uint32_t)(hash ^ hash >> 32);
}

/* The bucket that holds the same node, or the empty one where it belongs. */
static struct pf_bucket *bucket_of(const pf_graph *graph, const pf_node *node, uint32_t hash)
{
    size_t at = hash & (graph->bucket_count - 1);
    for (;; at = (at + 1) & (graph->bucket_count - 1)) {
        struct pf_bucket *bucket = &graph->buckets[at];
        if (!bucket->node || (bucket->hash == hash && same(&graph->nodes.items[bucket->node - 1], node))) return bucket;
    }
}

static void enlarge(pf_graph *graph)
{
    const struct pf_bucket *old = graph->buckets;
    size_t old_count = graph->bucket_count;
    graph->bucket_count *= 2;
    graph->buckets = PF_ARRAY(graph->arena, struct pf_bucket, graph->bucket_count);
    for (size_t i = 0; i < old_count; i++)
        if (old[i].node) *bucket_of(graph, &graph->nodes.items[old[i].node - 1], old[i].hash) = old[i];
}

static pf_node_id new_node(pf_graph *graph, pf_node node)
{
    node.origin = graph->origin;
    if (graph->origin > graph->kept) graph->kept = graph->origin;
    *PF_PUSH(graph->arena, graph->nodes) = node;
    return (pf_node_id)graph->nodes.count - 1;
}

static pf_node_id shared_node(pf_graph *graph, pf_node node)
{
    if (graph->filled * 5 >= graph->bucket_count * 3) enlarge(graph);
    uint32_t hash = hash_of(&node);
    struct pf_bucket *bucket = bucket_of(graph, &node, hash);
    if (bucket->node) return bucket->node - 1;
    pf_node_id made = new_node(graph, node);
    *bucket = (struct pf_bucket){made + 1, hash};
    graph->filled++;
    return made;
}

void pf_assume_nonnegative(pf_graph *graph, pf_node_id node)
{
    graph->nodes.items[node].nonnegative = true;
}

static pf_node leaf(pf_node_kind kind, uint32_t index)
{
    return (pf_node){.kind = (uint16_t)kind, .arg = {PF_NO_NODE, PF_NO_NODE, PF_NO_NODE}, .index = index};
}

pf_node_id pf_constant_node(pf_graph *graph, double value)
{
    pf_node node = leaf(PF_CONSTANT, 0);
    node.value = value;
    node.nonnegative = value >= 0;
    return shared_node(graph, node);
}

pf_node_id pf_input_node(pf_graph *graph, uint32_t input)
{
    if (input >= graph->inputs) graph->inputs = input + 1;
    return shared_node(graph, leaf(PF_INPUT, input));
}

pf_node_id pf_dated_node(pf_graph *graph, const double *values, pf_driver follows)
{
    bool varies = false, nonnegative = values[0] >= 0;
    for (uint32_t s = 1; s < graph->steps; s++) {
        varies |= values[s] != values[0];
        nonnegative &= values[s] >= 0;
    }
    if (!varies) return pf_constant_node(graph, values[0]);
    pf_node node = leaf(PF_SERIES_VALUE, 0);
    node.nonnegative = nonnegative;
    while (node.index < graph->series.count &&
           (graph->follows.items[node.index] != follows ||
            memcmp(graph->series.items[node.index], values, graph->steps * sizeof *values)))
        node.index++;
    if (node.index == graph->series.count) {
        *PF_PUSH(graph->arena, graph->series) = values;
        *PF_PUSH(graph->arena, graph->follows) = follows;
    }
    return shared_node(graph, node);
}

void pf_follow_activity(pf_graph *graph, pf_node_id node)
{
    if (node == PF_NO_NODE) return;
    const pf_node *n = &graph->nodes.items[node];
    if (n->kind == PF_SERIES_VALUE && graph->follows.items[n->index] == PF_BY_FACTORS)
        graph->follows.items[n->index] = PF_BY_ACTIVITY;
    for (int i = 0; i < 3 && n->kind == PF_OPERATION; i++) pf_follow_activity(graph, n->arg[i]);
}

pf_node_id pf_state_node(pf_graph *graph, const char *name)
{
    *PF_PUSH(graph->arena, graph->states) = (pf_graph_state){PF_NO_NODE, PF_NO_NODE, name};
    return new_node(graph, leaf(PF_STATE, (uint32_t)graph->states.count - 1));
}

pf_node_id pf_variable_node(pf_graph *graph, const char *name)
{
    *PF_PUSH(graph->arena, graph->variables) =
        (pf_graph_variable){.name = name, .definition = PF_NO_NODE, .market = UINT32_MAX, .origin = graph->origin};
    return new_node(graph, leaf(PF_VARIABLE, (uint32_t)graph->variables.count - 1));
}

pf_graph_variable *pf_variable_of(const pf_graph *graph, pf_node_id variable)
{
    return &graph->variables.items[graph->nodes.items[variable].index];
}

pf_graph_state *pf_state_of(const pf_graph *graph, pf_node_id state)
{
    return &graph->states.items[graph->nodes.items[state].index];
}

void pf_define(pf_graph *graph, pf_node_id variable, pf_node_id definition)
{
    pf_variable_of(graph, variable)->definition = definition;
}

bool pf_is_constant(const pf_graph *graph, pf_node_id node, double *value)
{
    if (node == PF_NO_NODE || graph->nodes.items[node].kind != PF_CONSTANT) return false;
    *value = graph->nodes.items[node].value;
    return true;
}

static bool is_result_of(const pf_graph *graph, uint32_t op, pf_node_id node)
{
    return node != PF_NO_NODE && graph->nodes.items[node].kind == PF_OPERATION && graph->nodes.items[node].op == op;
}

static bool is_negated(const pf_graph *graph, pf_node_id node)
{
    return is_result_of(graph, PF_NEG, node);
}

static bool is_nonnegative(const pf_graph *graph, pf_node_id node)
{
    return node == PF_NO_NODE || graph->nodes.items[node].nonnegative;
}

static bool gives_nonnegative(const pf_graph *graph, uint32_t op, pf_node_id a, pf_node_id b, pf_node_id c)
{
    switch (op) {
    case PF_ADD:
    case PF_MUL:
    case PF_DIV:
    case PF_SHARE:
    case PF_MIN: return is_nonnegative(graph, a) && is_nonnegative(graph, b);
    case PF_MAX: return is_nonnegative(graph, a) || is_nonnegative(graph, b);
    case PF_SELECT: return is_nonnegative(graph, b) && is_nonnegative(graph, c);
    case PF_POW: return is_nonnegative(graph, a);
    case PF_ABS:
    case PF_EXP: return true;
    default: return op >= PF_LT && op <= PF_NE;
    }
}

/* x where an operation on x and a constant gives x, by what is known of its sign; else PF_NO_NODE. */
static pf_node_id left_as_it_is(const pf_graph *graph, uint32_t op, pf_node_id x, double constant)
{
    if (x == PF_NO_NODE) return x;
    bool same =
        (op == PF_MIN && constant > 0 && isinf(constant)) ||
        (graph->nodes.items[x].nonnegative && ((op == PF_MAX && constant <= 0) || (op == PF_ADD && constant == 0)));
    return same ? x : PF_NO_NODE;
}

/* Without the minus signs that IEEE 754 lets go with the same bits: a - b is a + (-b), sums commute, |-a| is |a|. */
static pf_node_id without_signs(pf_graph *graph, uint32_t op, pf_node_id a, pf_node_id b)
{
    bool sum = op == PF_ADD || op == PF_SUB, even = op == PF_ABS || op == PF_NEG;
    if (even && is_negated(graph, a))
        return op == PF_NEG ? graph->nodes.items[a].arg[0] : pf_unary(graph, op, graph->nodes.items[a].arg[0]);
    if (op == PF_NEG && is_result_of(graph, PF_SUB, a))
        return pf_binary(graph, PF_SUB, graph->nodes.items[a].arg[1], graph->nodes.items[a].arg[0]);
    if (op == PF_ABS && is_nonnegative(graph, a)) return a;
    if (sum && is_negated(graph, b))
        return pf_binary(graph, op == PF_ADD ? PF_SUB : PF_ADD, a, graph->nodes.items[b].arg[0]);
    if (op == PF_ADD && is_negated(graph, a)) return pf_binary(graph, PF_SUB, b, graph->nodes.items[a].arg[0]);
    return PF_NO_NODE;
}

pf_node_id pf_operation_node(pf_graph *graph, uint32_t op, pf_node_id a, pf_node_id b, pf_node_id c)
{
    double x = 0, y = 0, z = 0;
    int arity = pf_operation_at(op)->arity;
    bool known_a = pf_is_constant(graph, a, &x), known_b = pf_is_constant(graph, b, &y),
         known_c = pf_is_constant(graph, c, &z);
    if (known_a && (arity < 2 || known_b) && (arity < 3 || known_c))
        return pf_constant_node(graph, pf_operation_apply(op, x, y, z));
    if ((op == PF_MUL || op == PF_DIV) && known_b && y == 1) return a;
    if (op == PF_MUL && known_a && x == 1) return b;
    if (op == PF_SUB && known_b && y == 0) return a;
    if (op == PF_SELECT && known_a && x == x) return x != 0 ? b : c;
    pf_node_id simplified = without_signs(graph, op, a, b);
    if (simplified == PF_NO_NODE && known_b) simplified = left_as_it_is(graph, op, a, y);
    if (simplified == PF_NO_NODE && known_a && arity == 2) simplified = left_as_it_is(graph, op, b, x);
    if (simplified != PF_NO_NODE) return simplified;
    pf_node node = {
        .kind = PF_OPERATION, .op = (uint16_t)op, .arg = {a, arity > 1 ? b : PF_NO_NODE, arity > 2 ? c : PF_NO_NODE}};
    node.nonnegative = gives_nonnegative(graph, op, node.arg[0], node.arg[1], node.arg[2]);
    return shared_node(graph, node);
}

pf_node_id pf_plus(pf_graph *graph, pf_node_id a, pf_node_id b)
{
    return a == PF_NO_NODE ? b : b == PF_NO_NODE ? a : pf_binary(graph, PF_ADD, a, b);
}
