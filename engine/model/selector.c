/* sum(SELECTOR): over the ports of a process from inside it; over parks, processes, markets and interventions from an
 * indicator. */
#include "model/model.h"

#include <string.h>

typedef struct {
    const pf_context *c;
    const pf_expression *e;
    pf_term total;
} adding;

static void add(adding *a, pf_term term)
{
    pf_model *m = a->c->model;
    if (term.node == PF_NO_NODE) return;
    if (a->total.node == PF_NO_NODE) a->total = term;
    else if (pf_dimension_equal(a->total.dimension, term.dimension))
        a->total.node = pf_binary(&m->graph, PF_ADD, a->total.node, term.node);
    else
        pf_error(m->diagnostics, a->e->mark, "'%s' adds values of different dimensions: %s and %s",
                 pf_path_text(m->arena, &a->e->path),
                 pf_dimension_text(m->scenario->units, a->total.dimension, m->arena),
                 pf_dimension_text(m->scenario->units, term.dimension, m->arena));
}

static bool segment_is(const pf_path_segment *segment, const char *name, size_t length)
{
    return !strcmp(segment->name, "*") || (strlen(segment->name) == length && !strncmp(segment->name, name, length));
}

static bool names(const pf_path_segment *segment, const char *name)
{
    return !strcmp(segment->name, "*") || !strcmp(segment->name, name);
}

/* "needs.*[group=water]", "in[carrier=electricity]" against a port. */
static bool names_port(const pf_path *path, size_t first, const pf_port *port)
{
    const pf_path_segment *s = &path->segments[first];
    if (path->count - first == 1 && !strcmp(s->name, port->out ? "out" : "in"))
        return pf_filters_hold(s, port->process, port->carrier);
    const char *name = port->name;
    for (size_t i = first; i < path->count; i++) {
        size_t length = strcspn(name, ".");
        if (!*name || !segment_is(&path->segments[i], name, length) ||
            !pf_filters_hold(&path->segments[i], port->process, port->carrier))
            return false;
        name += length + (name[length] == '.');
    }
    return !*name;
}

static bool is_pattern(const pf_path *path, size_t first)
{
    for (size_t i = first; i < path->count; i++)
        if (!strcmp(path->segments[i].name, "*") || path->segments[i].filters.count) return true;
    const char *name = path->segments[first].name;
    return path->count - first == 1 && (!strcmp(name, "in") || !strcmp(name, "out"));
}

static void add_ports(adding *a, pf_process *process, size_t first)
{
    for (size_t i = 0; i < process->ports.count; i++) {
        const pf_port *port = process->ports.items[i];
        if (names_port(&a->e->path, first, port))
            add(a, (pf_term){port->flow, pf_dimension_quotient(port->carrier->unit.dimension, pf_dimension_time())});
    }
}

static void add_process(adding *a, pf_process *process, size_t first)
{
    bool found;
    pf_context inside = {.model = a->c->model, .process = process};
    if (is_pattern(&a->e->path, first)) {
        add_ports(a, process, first);
        return;
    }
    pf_term term = pf_name_term(&inside, &a->e->path, first, &found);
    if (found) add(a, term);
}

static bool in_park(const pf_path_segment *segment, const pf_scope *scope)
{
    const pf_scope *park = scope->kind == PF_SITE_SCOPE ? scope->parent : scope;
    return names(segment, park->name);
}

static void add_processes(adding *a)
{
    pf_model *m = a->c->model;
    const pf_path *path = &a->e->path;
    const pf_path_segment *s = path->segments;
    const pf_park_contents *park = a->c->indicator ? &m->parks[a->c->park] : NULL;
    size_t count = park ? park->processes.count : m->processes.count;
    for (size_t i = 0; i < count; i++) {
        pf_process *p = park ? park->processes.items[i] : m->processes.items[i];
        bool in_site = p->scope->kind == PF_SITE_SCOPE && path->count > 3 && !strcmp(s[1].name, p->scope->name);
        size_t at = in_site ? 2 : 1;
        if (!in_park(&s[0], p->scope) || !pf_filters_hold(&s[0], p, NULL)) continue;
        if (!names(&s[at], p->name) || !pf_filters_hold(&s[at], p, NULL)) continue;
        add_process(a, p, at + 1);
    }
}

/* [pays=operator], [status=planned] */
static bool intervention_filters_hold(const pf_path_segment *segment, const pf_intervention *intervention)
{
    for (size_t i = 0; i < segment->filters.count; i++) {
        const pf_filter *f = &segment->filters.items[i];
        const char *value = pf_intervention_text(intervention, f->key);
        if (!value || strcmp(value, f->value) != 0) return false;
    }
    return true;
}

static void add_interventions(adding *a)
{
    pf_model *m = a->c->model;
    const pf_path_segment *s = a->e->path.segments;
    const pf_park_contents *park = a->c->indicator ? &m->parks[a->c->park] : NULL;
    size_t count = park ? park->interventions.count : m->interventions.count;
    for (size_t i = 0; i < count; i++) {
        bool found;
        uint32_t number = park ? park->interventions.items[i] : (uint32_t)i;
        const pf_intervention *v = &m->interventions.items[number];
        if (!names(&s[1], v->name) || !intervention_filters_hold(&s[1], v)) continue;
        pf_term term = pf_intervention_term(m, number, s[2].name, &found);
        if (found) add(a, term);
    }
}

/* What changes hands in a market: price times what is taken. */
static void add_turnover(adding *a, const pf_market *market)
{
    pf_graph *g = &a->c->model->graph;
    pf_dimension rate = pf_dimension_quotient(market->carrier->unit.dimension, pf_dimension_time());
    if (market->price.node == PF_NO_NODE) return;
    add(a, (pf_term){pf_binary(g, PF_MUL, market->price.node, market->demanded),
                     pf_dimension_product(market->price.dimension, rate)});
}

static bool market_filters_hold(const pf_path_segment *segment, const pf_market *market)
{
    for (size_t i = 0; i < segment->filters.count; i++) {
        const pf_filter *f = &segment->filters.items[i];
        const char *value = !strcmp(f->key, "carrier") ? market->carrier->name : pf_tree_get_text(market->tree, f->key);
        if (!value || strcmp(value, f->value) != 0) return false;
    }
    return true;
}

/* sum(*.markets.steam.unserved), sum(*.markets.*[pays=firm].turnover) */
static void add_markets(adding *a)
{
    pf_model *m = a->c->model;
    const pf_path_segment *s = a->e->path.segments;
    const pf_park_contents *park = a->c->indicator ? &m->parks[a->c->park] : NULL;
    size_t count = park ? park->markets.count : m->markets.count;
    for (size_t i = 0; i < count; i++) {
        const pf_market *market = park ? park->markets.items[i] : m->markets.items[i];
        const char *parts[] = {"supplied", "demanded", "unserved", "spilled"};
        pf_node_id nodes[] = {market->supplied, market->demanded, market->unserved, market->spilled};
        if (!in_park(&s[0], market->scope) || !names(&s[2], market->name) || !market_filters_hold(&s[2], market))
            continue;
        if (!strcmp(s[3].name, "turnover")) add_turnover(a, market);
        for (size_t k = 0; k < 4; k++)
            if (!strcmp(parts[k], s[3].name))
                add(a,
                    (pf_term){nodes[k], pf_dimension_quotient(market->carrier->unit.dimension, pf_dimension_time())});
    }
}

pf_term pf_sum(const pf_context *c, const pf_expression *argument)
{
    pf_model *m = c->model;
    adding a = {.c = c, .e = argument, .total = pf_no_term()};
    if (argument->kind != PF_EXPR_PATH) {
        pf_error(m->diagnostics, argument->mark, "expected a selector within 'sum( )', in '%s'", argument->text);
        return pf_no_term();
    }
    const pf_path *path = &argument->path;
    if (c->process) add_ports(&a, c->process, 0);
    else if (!pf_check_selector(c, argument)) return pf_no_term();
    else if (!strcmp(path->segments[0].name, "interventions")) add_interventions(&a);
    else if (!strcmp(path->segments[1].name, "markets")) add_markets(&a);
    else add_processes(&a);
    /* nothing found here: 0, which takes the dimension of what it stands beside */
    if (a.total.node == PF_NO_NODE) return (pf_term){pf_constant_node(&m->graph, 0), {{0}}};
    return a.total;
}
