/* Ports and stocks of each process: their variables first, then their equations. */
#include "model/model.h"

#include <math.h>
#include <string.h>

pf_port *pf_port_named(const pf_process *p, const char *name)
{
    for (size_t i = 0; i < p->ports.count; i++)
        if (!strcmp(p->ports.items[i]->name, name)) return p->ports.items[i];
    return NULL;
}

pf_stock *pf_stock_named(const pf_process *p, const char *name)
{
    for (size_t i = 0; i < p->stocks.count; i++)
        if (!strcmp(p->stocks.items[i]->name, name)) return p->stocks.items[i];
    return NULL;
}

void pf_refuse(pf_model *m, pf_process *p, const char *name)
{
    pf_map_set(&p->refused, m->arena, name, p);
}

bool pf_is_refused(const pf_process *p, const pf_path *path)
{
    const char *name = path->segments[0].name;
    return pf_map_get(&p->refused, *name == '$' ? name + 1 : name);
}

static const pf_carrier *carrier_of(pf_model *m, const pf_process *p, const pf_tree *text, const char *key)
{
    const char *name = text->text;
    if (text->kind != PF_TEXT) return NULL;
    if (!strcmp(name, "$key")) name = key;
    else if (*name == '$') name = pf_parameter_text(p, name + 1);
    const pf_carrier *carrier = name ? pf_carrier_named(m, name) : NULL;
    if (carrier || *text->text == '$') return carrier; /* the parameter's own check has spoken */
    pf_nearest near = pf_nearest_to(name ? name : "");
    for (size_t i = 0; i < m->carriers.count; i++) pf_nearest_offer(&near, m->carriers.items[i].name);
    pf_error(m->diagnostics, text->mark, "no carrier is called '%s'%s", name ? name : "",
             pf_nearest_hint(&near, m->arena));
    return NULL;
}

static pf_node_id *component_variables(pf_model *m, const pf_port *port, const char *what)
{
    pf_node_id *nodes = PF_ARRAY(m->arena, pf_node_id, port->carrier->component_count);
    for (size_t i = 0; i < port->carrier->component_count; i++) {
        const char *label = pf_dotted(m->arena, port->label, m->components.items[port->carrier->components[i]].name);
        uint32_t before = pf_model_at(m, port->tree->mark, label);
        nodes[i] = pf_variable_node(&m->graph, *what ? pf_format(m->arena, "%s%s", label, what) : label);
        m->graph.origin = before;
    }
    return nodes;
}

static void mark_returning(pf_model *m, pf_node_id variable)
{
    pf_variable_of(&m->graph, variable)->returns = true;
}

static void create_variables(pf_model *m, pf_port *port)
{
    uint32_t before = pf_model_at(m, port->tree->mark, port->label);
    port->flow = pf_variable_node(&m->graph, port->label);
    port->limit = pf_variable_node(&m->graph, pf_dotted(m->arena, port->label, "limit"));
    port->allotted = pf_variable_node(&m->graph, pf_dotted(m->arena, port->label, "allotted"));
    port->components = component_variables(m, port, "");
    if (port->out) {
        port->supply = pf_variable_node(&m->graph, pf_format(m->arena, "%s, as supplied", port->label));
        pf_define(&m->graph, port->supply, port->flow);
        if (port->kind == PF_FIXED) mark_returning(m, port->supply);
        port->component_supplies = component_variables(m, port, ", as supplied");
        for (size_t i = 0; i < port->carrier->component_count; i++) {
            pf_define(&m->graph, port->component_supplies[i], port->components[i]);
            mark_returning(m, port->component_supplies[i]);
        }
    }
    m->graph.origin = before;
}

/* The carrier of a port that is declared as it should be; NULL after an error. */
static const pf_carrier *checked_carrier(pf_model *m, const pf_process *p, const pf_entry *entry, const char *key)
{
    const pf_tree *in = pf_tree_get(entry->value, "in"), *out = pf_tree_get(entry->value, "out");
    bool is = pf_tree_get(entry->value, "is"), up_to = pf_tree_get(entry->value, "up_to");
    if (!in == !out)
        pf_error(m->diagnostics, entry->mark, "the port '%s' of '%s' needs one of 'in' and 'out'", entry->key,
                 p->type_name);
    else if (!is && !up_to)
        pf_error(m->diagnostics, entry->mark,
                 "the flow of port '%s' of '%s' is not determined; expected 'is' or 'up_to'", entry->key, p->type_name);
    else if (out && is && up_to)
        pf_error(m->diagnostics, entry->mark,
                 "the flow of port '%s' of '%s' is determined twice: an 'out' port has 'is' or 'up_to', not both",
                 entry->key, p->type_name);
    else return carrier_of(m, p, in ? in : out, key);
    return NULL;
}

static void add_port(pf_model *m, pf_process *p, const pf_entry *entry, const char *key)
{
    const pf_tree *out = pf_tree_get(entry->value, "out"), *draws = pf_tree_get(entry->value, "draws");
    bool is = pf_tree_get(entry->value, "is"), up_to = pf_tree_get(entry->value, "up_to");
    const char *name = key ? pf_dotted(m->arena, entry->key, key) : entry->key;
    const pf_carrier *carrier = checked_carrier(m, p, entry, key);
    if (!carrier) {
        pf_refuse(m, p, entry->key);
        return;
    }
    pf_port *port = PF_NEW(m->arena, pf_port);
    *port = (pf_port){.name = name,
                      .key = key,
                      .process = p,
                      .tree = entry->value,
                      .out = out != NULL,
                      .carrier = carrier,
                      .is = PF_NO_NODE,
                      .label = pf_dotted(m->arena, p->label, name),
                      .kind = is && up_to ? PF_CONVERTER
                              : is        ? PF_FIXED
                                          : PF_OFFER};
    port->draws_surplus = draws && draws->kind == PF_TEXT && !strcmp(draws->text, "surplus");
    create_variables(m, port);
    *PF_PUSH(m->arena, p->ports) = port;
}

static bool keeps_key(const pf_entry *entry)
{
    bool none = entry->value->kind == PF_TEXT && !strcmp(entry->value->text, "none");
    return !none && !pf_is_remark(entry->key);
}

/* A port for each key of a map, given by the process or else by its sector. */
static void add_ports_of_map(pf_model *m, pf_process *p, const pf_entry *entry, const char *map)
{
    const pf_tree *given = pf_tree_get(p->given, map), *sector = pf_tree_get(p->sector, map);
    for (size_t i = 0; given && given->kind == PF_MAPPING && i < given->entries.count; i++)
        if (keeps_key(&given->entries.items[i]) && pf_carrier_named(m, given->entries.items[i].key))
            add_port(m, p, entry, given->entries.items[i].key);
    if (given && given->kind != PF_MAPPING) return;
    for (size_t i = 0; sector && sector->kind == PF_MAPPING && i < sector->entries.count; i++)
        if (keeps_key(&sector->entries.items[i]) && !pf_tree_get(given, sector->entries.items[i].key) &&
            pf_carrier_named(m, sector->entries.items[i].key))
            add_port(m, p, entry, sector->entries.items[i].key);
}

static void add_stock(pf_model *m, pf_process *p, const pf_entry *entry)
{
    bool any;
    double scale;
    pf_context c = {.model = m, .process = p};
    pf_stock *stock = PF_NEW(m->arena, pf_stock);
    const char *label = pf_dotted(m->arena, p->label, entry->key), *in = pf_tree_get_text(entry->value, "in"),
               *out = pf_tree_get_text(entry->value, "out");
    *stock = (pf_stock){.name = entry->key,
                        .tree = entry->value,
                        .in = in ? pf_port_named(p, in) : NULL,
                        .out = out ? pf_port_named(p, out) : NULL};
    if (pf_tree_get(entry->value, "unit"))
        stock->dimension = pf_declared_unit(&c, pf_tree_get(entry->value, "unit"), &any, &scale);
    const pf_tree *initial = pf_tree_get(entry->value, "initial");
    uint32_t before = pf_model_at(m, initial ? initial->mark : entry->mark, label);
    stock->previous = pf_state_node(&m->graph, label);
    stock->level = pf_variable_node(&m->graph, label);
    if (!stock->in || !stock->out || stock->in->carrier != stock->out->carrier) stock->in = stock->out = NULL;
    size_t count = stock->in ? stock->in->carrier->component_count : 0;
    stock->previous_components = PF_ARRAY(m->arena, pf_node_id, count);
    stock->level_components = PF_ARRAY(m->arena, pf_node_id, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = pf_dotted(m->arena, label, m->components.items[stock->in->carrier->components[i]].name);
        stock->previous_components[i] = pf_state_node(&m->graph, name);
        stock->level_components[i] = pf_variable_node(&m->graph, name);
    }
    m->graph.origin = before;
    *PF_PUSH(m->arena, p->stocks) = stock;
}

void pf_build_ports(pf_model *m)
{
    for (size_t i = 0; i < m->processes.count; i++) {
        pf_process *p = m->processes.items[i];
        const pf_tree *ports = pf_tree_get(p->type, "ports"), *stocks = pf_tree_get(p->type, "stocks");
        pf_check_carrier_choices(m, p);
        for (size_t k = 0; ports && k < ports->entries.count; k++) {
            const pf_entry *entry = &ports->entries.items[k];
            const char *each = pf_tree_get_text(entry->value, "each");
            if (entry->value->kind != PF_MAPPING) continue;
            if (each) add_ports_of_map(m, p, entry, each);
            else add_port(m, p, entry, NULL);
        }
        for (size_t k = 0; stocks && k < stocks->entries.count; k++)
            if (stocks->entries.items[k].value->kind == PF_MAPPING) add_stock(m, p, &stocks->entries.items[k]);
    }
}

/* A flow that is known and no number is an error at once; nothing is left of it, so that nothing follows from it. */
static pf_node_id finite_flow(pf_model *m, const pf_port *port, pf_node_id flow)
{
    double value;
    if (flow == PF_NO_NODE || !pf_is_constant(&m->graph, flow, &value) || isfinite(value)) return flow;
    pf_error(m->diagnostics, pf_tree_get(port->tree, "is")->mark, "the flow %s is %s", port->label,
             isnan(value) ? "no number" : "infinite");
    return PF_NO_NODE;
}

static void equate_port(pf_model *m, pf_port *port)
{
    pf_context c = {.model = m, .process = port->process, .key = port->key};
    pf_dimension rate = pf_dimension_quotient(port->carrier->unit.dimension, pf_dimension_time());
    pf_node_id zero = pf_constant_node(&m->graph, 0);
    pf_tree *is = pf_tree_get(port->tree, "is"), *up_to = pf_tree_get(port->tree, "up_to");
    uint32_t before = pf_model_at(m, port->tree->mark, port->label);
    if (is) port->is = finite_flow(m, port, pf_evaluate_text(&c, is, &rate, port->label).node);
    pf_node_id limit = zero;
    if (up_to) {
        limit = pf_evaluate_text(&c, up_to, &rate, pf_format(m->arena, "%s.limit", port->label)).node;
        if (limit != PF_NO_NODE) limit = pf_binary(&m->graph, PF_MAX, zero, limit);
    }
    pf_define(&m->graph, port->limit, limit == PF_NO_NODE ? zero : limit);
    if (port->kind == PF_FIXED) {
        pf_define(&m->graph, port->flow, port->is == PF_NO_NODE ? zero : port->is);
        pf_define(&m->graph, port->allotted, port->flow);
    }
    m->graph.origin = before;
}

void pf_equate_ports(pf_model *m)
{
    for (size_t i = 0; i < m->processes.count; i++)
        for (size_t k = 0; k < m->processes.items[i]->ports.count; k++)
            equate_port(m, m->processes.items[i]->ports.items[k]);
}

/* level = previous + step (in - out); what is below 0 by no more than rounding is 0. */
static void equate_level(pf_model *m, pf_node_id level, pf_node_id previous, pf_node_id initial, pf_node_id in,
                         pf_node_id out, const pf_stock *stock, pf_subject below, const char *label)
{
    pf_graph *g = &m->graph;
    pf_node_id step = m->step_length.node, gross = pf_binary(g, PF_ADD, previous, pf_binary(g, PF_MUL, step, in));
    pf_node_id raw = pf_binary(g, PF_SUB, gross, pf_binary(g, PF_MUL, step, out));
    pf_define(g, level, pf_binary(g, PF_MAX, raw, pf_constant_node(g, 0)));
    pf_graph_state *state = pf_state_of(g, previous);
    state->initial = initial;
    state->next = level;
    below.lead = " by";
    below.value = pf_unary(g, PF_NEG, raw);
    pf_node_id beyond_rounding =
        pf_binary(g, PF_SUB, below.value, pf_binary(g, PF_MUL, gross, pf_constant_node(g, 1e-12)));
    pf_require_about(m, beyond_rounding, stock->tree->mark, pf_format(m->arena, "the stock %s falls below 0", label),
                     below);
}

static void equate_stock(pf_model *m, pf_process *p, pf_stock *stock)
{
    pf_context c = {.model = m, .process = p};
    const char *label = pf_dotted(m->arena, p->label, stock->name);
    pf_dimension rate = pf_dimension_quotient(stock->dimension, pf_dimension_time());
    pf_term initial = pf_evaluate_text(&c, pf_tree_get(stock->tree, "initial"), &stock->dimension, label);
    pf_term in = pf_evaluate_text(&c, pf_tree_get(stock->tree, "in"), &rate, label),
            out = pf_evaluate_text(&c, pf_tree_get(stock->tree, "out"), &rate, label);
    uint32_t before = pf_model_at(m, stock->tree->mark, label);
    pf_node_id zero = pf_constant_node(&m->graph, 0);
    pf_node_id start = initial.node == PF_NO_NODE ? zero : initial.node;
    pf_subject below = {0};
    below.unit = pf_unit_said(m, pf_tree_get(stock->tree, "unit"), stock->dimension, &below.scale);
    equate_level(m, stock->level, stock->previous, start, in.node == PF_NO_NODE ? zero : in.node,
                 out.node == PF_NO_NODE ? zero : out.node, stock, below, label);
    for (size_t i = 0; stock->in && i < stock->in->carrier->component_count; i++) {
        const pf_component *component = &m->components.items[stock->in->carrier->components[i]];
        below.unit = pf_unit_said(m, pf_tree_get(component->tree, "unit"), component->unit.dimension, &below.scale);
        equate_level(m, stock->level_components[i], stock->previous_components[i], zero, stock->in->components[i],
                     stock->out->components[i], stock, below, pf_dotted(m->arena, label, component->name));
    }
    m->graph.origin = before;
}

void pf_equate_stocks(pf_model *m)
{
    for (size_t i = 0; i < m->processes.count; i++)
        for (size_t k = 0; k < m->processes.items[i]->stocks.count; k++)
            equate_stock(m, m->processes.items[i], m->processes.items[i]->stocks.items[k]);
}
