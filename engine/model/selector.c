/* sum(SELECTOR): over the ports of a process from inside it; over parks, processes, markets and interventions from an indicator. */
#include "model/model.h"

#include <string.h>

typedef struct {
    const pf_context *c;
    const pf_expression *e;
    pf_term total;
    size_t found;
} adding;

static void add(adding *a, pf_term term)
{
    pf_model *m = a->c->model;
    a->found++;
    if (term.node == PF_NO_NODE) return;
    if (a->total.node == PF_NO_NODE) a->total = term;
    else if (pf_dimension_equal(a->total.dimension, term.dimension)) a->total.node = pf_binary(&m->graph, PF_ADD, a->total.node, term.node);
    else
        pf_error(m->diagnostics, a->e->mark, "'%s' adds values of different dimensions: %s and %s", pf_path_text(m->arena, &a->e->path),
                 pf_dimension_text(m->scenario->units, a->total.dimension, m->arena), pf_dimension_text(m->scenario->units, term.dimension, m->arena));
}

static bool segment_is(const pf_path_segment *segment, const char *name, size_t length)
{
    return !strcmp(segment->name, "*") || (strlen(segment->name) == length && !strncmp(segment->name, name, length));
}

/* "needs.*[group=water]", "in[carrier=electricity]" against a port. */
static bool names_port(const pf_path *path, size_t first, const pf_port *port)
{
    const pf_path_segment *s = &path->segments[first];
    if (path->count - first == 1 && !strcmp(s->name, port->out ? "out" : "in")) return pf_filters_hold(s, port->process, port->carrier);
    const char *name = port->name;
    for (size_t i = first; i < path->count; i++) {
        size_t length = strcspn(name, ".");
        if (!*name || !segment_is(&path->segments[i], name, length) || !pf_filters_hold(&path->segments[i], port->process, port->carrier)) return false;
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

static bool in_park(const pf_context *c, const pf_path_segment *segment, const pf_scope *scope)
{
    const pf_scope *park = scope->kind == PF_SITE_SCOPE ? scope->parent : scope;
    if (c->indicator && park->park != c->park) return false;
    return !strcmp(segment->name, "*") || !strcmp(segment->name, park->name);
}

static void add_processes(adding *a)
{
    pf_model *m = a->c->model;
    const pf_path *path = &a->e->path;
    const pf_path_segment *s = path->segments;
    for (size_t i = 0; i < m->processes.count; i++) {
        pf_process *p = m->processes.items[i];
        bool in_site = p->scope->kind == PF_SITE_SCOPE && path->count > 3 && !strcmp(s[1].name, p->scope->name);
        size_t at = in_site ? 2 : 1;
        if (!in_park(a->c, &s[0], p->scope) || !pf_filters_hold(&s[0], p, NULL)) continue;
        if (!segment_is(&s[at], p->name, strlen(p->name)) || !pf_filters_hold(&s[at], p, NULL)) continue;
        add_process(a, p, at + 1);
    }
}

static void add_interventions(adding *a)
{
    pf_model *m = a->c->model;
    const pf_path_segment *s = a->e->path.segments;
    for (uint32_t i = 0; i < m->interventions.count; i++) {
        bool found;
        const pf_intervention *v = &m->interventions.items[i];
        if (!segment_is(&s[1], v->name, strlen(v->name)) || (a->c->indicator && v->park != a->c->park)) continue;
        pf_term term = pf_intervention_term(m, i, s[2].name, &found);
        if (found) add(a, term);
    }
}

/* What changes hands in a market: price times what is taken. */
static void add_turnover(adding *a, const pf_market *market)
{
    pf_graph *g = &a->c->model->graph;
    pf_dimension rate = pf_dimension_quotient(market->carrier->unit.dimension, pf_dimension_time());
    if (market->price.node == PF_NO_NODE) return;
    add(a, (pf_term){pf_binary(g, PF_MUL, market->price.node, market->demanded), pf_dimension_product(market->price.dimension, rate)});
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
    for (size_t i = 0; i < m->markets.count; i++) {
        const pf_market *market = m->markets.items[i];
        const char *names[] = {"supplied", "demanded", "unserved", "spilled"};
        pf_node_id nodes[] = {market->supplied, market->demanded, market->unserved, market->spilled};
        if (!in_park(a->c, &s[0], market->scope) || !segment_is(&s[2], market->name, strlen(market->name)) || !market_filters_hold(&s[2], market)) continue;
        if (!strcmp(s[3].name, "turnover")) add_turnover(a, market);
        for (size_t k = 0; k < 4; k++)
            if (!strcmp(names[k], s[3].name)) add(a, (pf_term){nodes[k], pf_dimension_quotient(market->carrier->unit.dimension, pf_dimension_time())});
    }
}

/* A name that no type of the model knows is an error; one that only no process here has is an empty sum. */
static bool type_knows(const pf_tree *type, const char *name)
{
    static const char *const groups[] = {"parameters", "ports", "values", "stocks"};
    static const char *const always[] = {"in", "out", "ghg", "upstream_ghg", "emissions", "upstream", "*"};
    for (size_t g = 0; g < 4; g++)
        if (pf_tree_get(pf_tree_get(type, groups[g]), name)) return true;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (!strcmp(always[i], name)) return true;
    return false;
}

static void check_selector(const adding *a)
{
    pf_model *m = a->c->model;
    const pf_path *path = &a->e->path;
    const pf_tree *types = pf_tree_get(m->scenario->tree, "process_types");
    bool known = path->count == 4 && !strcmp(path->segments[1].name, "markets");
    pf_nearest near_type = {0};
    for (size_t s = 0; s < path->count; s++)
        for (size_t f = 0; f < path->segments[s].filters.count; f++) {
            const pf_filter *filter = &path->segments[s].filters.items[f];
            if (strcmp(filter->key, "type") != 0 || pf_tree_get(types, filter->value)) continue;
            near_type = pf_nearest_to(filter->value);
            for (size_t i = 0; types && i < types->entries.count; i++) pf_nearest_offer(&near_type, types->entries.items[i].key);
            pf_error(m->diagnostics, a->e->mark, "no process type is called '%s'%s, in '%s'", filter->value, pf_nearest_hint(&near_type, m->arena), a->e->text);
            return;
        }
    for (size_t i = 0; !known && types && i < types->entries.count; i++)
        for (size_t s = 2; s < path->count && s < 4; s++) known |= type_knows(types->entries.items[i].value, path->segments[s].name);
    if (!known) pf_error(m->diagnostics, a->e->mark, "'%s' finds nothing: no process type has what it names, in '%s'", pf_path_text(m->arena, path), a->e->text);
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
    else if (!strcmp(path->segments[0].name, "interventions") && path->count == 3) add_interventions(&a);
    else if (path->count == 4 && !strcmp(path->segments[1].name, "markets")) add_markets(&a);
    else if (path->count >= 3) add_processes(&a);
    else pf_error(m->diagnostics, argument->mark, "expected PARK.PROCESS.NAME within 'sum( )', found '%s'", pf_path_text(m->arena, path));
    if (!a.found && !c->process && path->count >= 3 && strcmp(path->segments[0].name, "interventions") != 0) check_selector(&a);
    /* nothing found: 0, which takes the dimension of what it stands beside */
    if (a.total.node == PF_NO_NODE) return (pf_term){pf_constant_node(&m->graph, 0), {{0}}};
    return a.total;
}
