/* The order of work: strongly connected components by Tarjan's algorithm. Each that is cyclic is a loop to be torn;
 * with returning matter cut it must have no cycle (dispatch is unique). */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

/* What the search knows of a node. */
typedef struct {
    uint32_t index, low, component;
    uint8_t child; /* the next, of a node on the path */
    bool stacked;
} visited;

typedef struct {
    pf_graph *g;
    size_t count;
    const bool *leaf;    /* [nodes]: not looked behind; NULL: none */
    const visited *only; /* [nodes]: looked into only where the component is `inside`; NULL: everywhere */
    uint32_t inside;
    visited *of; /* [nodes] */
    pf_node_id *stack, *path;
    size_t stack_size, next_index, components;
    pf_node_id *order; /* nodes by component, in the order of work */
    size_t order_size;
} tarjan;

/* The next node that `node` looks at; PF_NO_NODE when it has looked at all. */
static pf_node_id next_child(tarjan *t, pf_node_id node)
{
    const pf_node *n = &t->g->nodes.items[node];
    int most = n->kind == PF_OPERATION ? 3 : n->kind == PF_VARIABLE ? 1 : 0;
    if (t->leaf && t->leaf[node]) return PF_NO_NODE;
    while (t->of[node].child < most) {
        int number = t->of[node].child++;
        pf_node_id child = n->kind == PF_VARIABLE ? t->g->variables.items[n->index].definition : n->arg[number];
        if (child != PF_NO_NODE && (!t->only || t->only[child].component == t->inside)) return child;
    }
    return PF_NO_NODE;
}

static tarjan tarjan_new(pf_graph *g)
{
    size_t n = g->nodes.count;
    tarjan t = {.g = g, .count = n};
    t.of = pf_calloc(n, sizeof *t.of);
    t.stack = pf_calloc(n, sizeof *t.stack);
    t.path = pf_calloc(n, sizeof *t.path);
    t.order = pf_calloc(n, sizeof *t.order);
    return t;
}

static void tarjan_free(tarjan *t)
{
    void *parts[] = {t->of, t->stack, t->path, t->order};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) free(parts[i]);
}

/* Ready for another search of the same graph: only what the last one has met is put back. */
static void forget(tarjan *t)
{
    for (size_t i = 0; i < t->order_size; i++) t->of[t->order[i]].index = 0;
    t->next_index = t->components = t->order_size = 0;
}

static void close_component(tarjan *t, pf_node_id root)
{
    t->components++;
    pf_node_id node;
    do {
        node = t->stack[--t->stack_size];
        t->of[node].stacked = false;
        t->of[node].component = (uint32_t)t->components;
        t->order[t->order_size++] = node;
    } while (node != root);
}

static void open_node(tarjan *t, pf_node_id node, size_t *depth)
{
    uint32_t index = (uint32_t)++t->next_index;
    t->of[node] = (visited){.index = index, .low = index, .stacked = true};
    t->stack[t->stack_size++] = node;
    t->path[(*depth)++] = node;
}

static void visit(tarjan *t, pf_node_id root)
{
    size_t depth = 0;
    if (t->of[root].index) return;
    open_node(t, root, &depth);
    while (depth) {
        pf_node_id node = t->path[depth - 1], child = next_child(t, node);
        if (child != PF_NO_NODE) {
            const visited *met = &t->of[child];
            if (!met->index) open_node(t, child, &depth);
            else if (met->stacked && met->index < t->of[node].low) t->of[node].low = met->index;
            continue;
        }
        depth--;
        uint32_t low = t->of[node].low;
        if (depth && low < t->of[t->path[depth - 1]].low) t->of[t->path[depth - 1]].low = low;
        if (low == t->of[node].index) close_component(t, node);
    }
}

/* The nodes of one component lie side by side in the order. */
static size_t component_end(const tarjan *t, size_t first)
{
    size_t end = first;
    while (end < t->order_size && t->of[t->order[end]].component == t->of[t->order[first]].component) end++;
    return end;
}

/* A circle that passes no rank of a market: quantities defined by themselves. */
static void report_circle(pf_model *m, const pf_node_id *nodes, size_t count)
{
    const char *names = "";
    const pf_origin *first = NULL;
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        const pf_node *n = &m->graph.nodes.items[nodes[i]];
        if (n->kind != PF_VARIABLE || named == 6) continue;
        const pf_graph_variable *v = &m->graph.variables.items[n->index];
        names = pf_format(m->arena, "%s%s%s", names, *names ? ", " : "", v->name);
        if (!first) first = &m->graph.origins.items[v->origin];
        named++;
    }
    pf_mark mark = first ? (pf_mark){first->file, first->line, first->column} : m->root->tree->mark;
    pf_error(m->diagnostics, mark,
             "these depend on each other, and nothing that returns through a market is among them: %s", names);
}

static void report_dispatch(pf_model *m, const pf_node_id *nodes, size_t count)
{
    const char *where = "";
    pf_mark mark = {0};
    for (size_t i = 0; i < count; i++) {
        const pf_node *n = &m->graph.nodes.items[nodes[i]];
        if (n->kind != PF_VARIABLE) continue;
        const pf_graph_variable *v = &m->graph.variables.items[n->index];
        if (v->market == UINT32_MAX || !v->rank) continue;
        const pf_market *market = m->markets.items[v->market];
        const char *name = pf_format(m->arena, "%s (rank '%s')", market->label, v->rank);
        if (!strstr(where, name)) where = pf_format(m->arena, "%s%s%s", where, *where ? ", " : "", name);
        if (market->tree && !mark.line) mark = market->tree->mark;
    }
    if (!*where) {
        report_circle(m, nodes, count);
        return;
    }
    if (!mark.line) mark = m->root->tree->mark;
    pf_error(m->diagnostics, mark,
             "who is served first is not determined: each waits for the other in %s; rank the processes alike in all "
             "of these markets, let them share one rank, or make one of the flows fixed",
             where);
}

/* Choosing tears: variables of a cyclic component, greedily those through which most others run. What is by node of the
 * graph is made once for all components, each of which leaves `cyclic` and `uses` empty. */
typedef struct {
    pf_graph *g;
    tarjan inner; /* searches within the component, with the torn variables as leaves */
    bool *torn, *cyclic;
    uint32_t *uses;
    const pf_node_id *nodes; /* the component's */
    size_t count;
} tearing;

static tearing tearing_new(pf_graph *g, const tarjan *whole)
{
    tearing k = {.g = g, .inner = tarjan_new(g)};
    k.torn = pf_calloc(g->nodes.count, sizeof *k.torn);
    k.cyclic = pf_calloc(g->nodes.count, sizeof *k.cyclic);
    k.uses = pf_calloc(g->nodes.count, sizeof *k.uses);
    k.inner.leaf = k.torn;
    k.inner.only = whole->of;
    return k;
}

static void tearing_free(tearing *k)
{
    tarjan_free(&k->inner);
    free(k->torn);
    free(k->cyclic);
    free(k->uses);
}

static void look_into(tearing *k, const pf_node_id *nodes, size_t count)
{
    k->nodes = nodes;
    k->count = count;
    k->inner.inside = k->inner.only[nodes[0]].component;
}

/* With returning matter cut there must be no cycle; what is left of one lies within a component of the whole graph. */
static pf_status check_component(pf_model *m, tearing *k)
{
    tarjan *t = &k->inner;
    pf_status status = PF_OK;
    forget(t);
    for (size_t i = 0; i < k->count; i++) {
        const pf_node *n = &m->graph.nodes.items[k->nodes[i]];
        k->torn[k->nodes[i]] = n->kind == PF_VARIABLE && m->graph.variables.items[n->index].returns;
    }
    for (size_t i = 0; i < k->count; i++) visit(t, k->nodes[i]);
    for (size_t first = 0, end; first < t->order_size; first = end) {
        end = component_end(t, first);
        if (end - first == 1) continue;
        report_dispatch(m, t->order + first, end - first);
        status = PF_FAILED;
    }
    for (size_t i = 0; i < k->count; i++) k->torn[k->nodes[i]] = false;
    return status;
}

static pf_status check_dispatch(pf_model *m, const tarjan *whole, tearing *k)
{
    pf_status status = PF_OK;
    for (size_t first = 0, end; first < whole->order_size; first = end) {
        end = component_end(whole, first);
        const pf_node *n = &m->graph.nodes.items[whole->order[first]];
        bool itself = n->kind == PF_VARIABLE && m->graph.variables.items[n->index].definition == whole->order[first];
        look_into(k, whole->order + first, end - first);
        if (itself) report_dispatch(m, whole->order + first, 1);
        if (itself || (end - first > 1 && check_component(m, k))) status = PF_FAILED;
    }
    return status;
}

/* Does the component still have a cycle? If so, the nodes on cycles are marked. */
static bool has_cycle(tearing *k)
{
    tarjan *t = &k->inner;
    bool any = false;
    forget(t);
    for (size_t i = 0; i < k->count; i++) visit(t, k->nodes[i]);
    for (size_t first = 0, end; first < t->order_size; first = end) {
        end = component_end(t, first);
        for (size_t i = first; i < end; i++) k->cyclic[t->order[i]] = end - first > 1;
        any |= end - first > 1;
    }
    return any;
}

/* Counts, or with -1 takes back, how many nodes of the cycles use each node. */
static void count_uses(tearing *k, int by)
{
    for (size_t i = 0; i < k->count; i++) {
        const pf_node *n = &k->g->nodes.items[k->nodes[i]];
        for (int a = 0; k->cyclic[k->nodes[i]] && n->kind == PF_OPERATION && a < 3; a++)
            if (n->arg[a] != PF_NO_NODE) k->uses[n->arg[a]] += (uint32_t)by;
    }
}

/* How many nodes of the cycles use each variable, times how many the variable's own equation uses. */
static pf_node_id busiest(tearing *k)
{
    pf_node_id best = PF_NO_NODE;
    uint64_t most = 0;
    count_uses(k, 1);
    for (size_t i = 0; i < k->count; i++) {
        const pf_node *n = &k->g->nodes.items[k->nodes[i]];
        if (n->kind != PF_VARIABLE || !k->cyclic[k->nodes[i]] || k->torn[k->nodes[i]]) continue;
        const pf_graph_variable *v = &k->g->variables.items[n->index];
        const pf_node *d = &k->g->nodes.items[v->definition];
        uint64_t fan_in = 1;
        for (int a = 0; d->kind == PF_OPERATION && a < 3; a++)
            fan_in += d->arg[a] != PF_NO_NODE && k->cyclic[d->arg[a]];
        uint64_t weight = (uint64_t)(k->uses[k->nodes[i]] + 1) * fan_in;
        if (weight > most || (weight == most && k->nodes[i] < best)) most = weight, best = k->nodes[i];
    }
    count_uses(k, -1);
    return best;
}

static void choose_tears(tearing *k)
{
    while (has_cycle(k)) {
        pf_node_id best = busiest(k);
        if (best == PF_NO_NODE) break;
        k->torn[best] = true;
    }
    /* a later tear may have made an earlier one needless */
    for (size_t i = 0; i < k->count; i++) {
        if (!k->torn[k->nodes[i]]) continue;
        k->torn[k->nodes[i]] = false;
        if (has_cycle(k)) k->torn[k->nodes[i]] = true;
    }
    for (size_t i = 0; i < k->count; i++) k->cyclic[k->nodes[i]] = false;
}

static int by_number(const void *left, const void *right)
{
    pf_node_id a = *(const pf_node_id *)left, b = *(const pf_node_id *)right;
    return a < b ? -1 : a > b;
}

static pf_group loop_group(pf_model *m, tearing *k, const pf_node_id *nodes, size_t count)
{
    PF_LIST(pf_node_id) tears = {0}, body = {0};
    tarjan *t = &k->inner;
    look_into(k, nodes, count);
    choose_tears(k);
    forget(t);
    for (size_t i = 0; i < count; i++)
        if (k->torn[nodes[i]]) {
            *PF_PUSH(m->arena, tears) = nodes[i];
            visit(t, pf_variable_of(&m->graph, nodes[i])->definition);
        }
    for (size_t i = 0; i < t->order_size; i++)
        if (!k->torn[t->order[i]]) *PF_PUSH(m->arena, body) = t->order[i];
    qsort(tears.items, tears.count, sizeof *tears.items, by_number);
    return (pf_group){body.items, body.count, tears.items, tears.count};
}

pf_status pf_schedule_make(pf_model *m, const pf_node_id *roots, size_t root_count, pf_schedule *schedule)
{
    PF_LIST(pf_group) groups = {0};
    tarjan t = tarjan_new(&m->graph);
    tearing k = tearing_new(&m->graph, &t);
    for (size_t i = 0; i < root_count; i++) visit(&t, roots[i]);
    size_t count = t.order_size; /* what is asked for; all else is only looked at */
    for (size_t i = 0; i < m->graph.variables.count; i++)
        if (m->graph.variables.items[i].definition != PF_NO_NODE) visit(&t, m->graph.variables.items[i].definition);
    pf_status status = check_dispatch(m, &t, &k);
    if (status) goto done;
    pf_node_id *order = PF_ARRAY(m->arena, pf_node_id, count);
    memcpy(order, t.order, count * sizeof *order);
    for (size_t first = 0, end, from = 0; first < count; first = end) {
        end = component_end(&t, first);
        if (end - first == 1 && end < count) continue;
        bool cyclic = end - first > 1;
        size_t straight_end = cyclic ? first : end;
        if (straight_end > from) *PF_PUSH(m->arena, groups) = (pf_group){order + from, straight_end - from, NULL, 0};
        if (cyclic) *PF_PUSH(m->arena, groups) = loop_group(m, &k, order + first, end - first);
        from = end;
    }
    *schedule = (pf_schedule){groups.items, groups.count};
done:
    tearing_free(&k);
    tarjan_free(&t);
    return status;
}
