/* Components: what each `out` port carries, perfect mixing in a market, shares of a flow. Amounts, never
 * concentrations. */
#include "model/model.h"

#include <string.h>

static pf_node_id zero_of(pf_model *m)
{
    return pf_constant_node(&m->graph, 0);
}

/* What came in with this component, in proportion to this port's share of all that leaves by `pass`. */
static pf_node_id passed(pf_model *m, const pf_port *port, const char *component)
{
    pf_graph *g = &m->graph;
    pf_node_id in = zero_of(m), leaving = zero_of(m);
    for (size_t i = 0; i < port->process->ports.count; i++) {
        const pf_port *other = port->process->ports.items[i];
        int row = pf_component_of(m, other->carrier, component);
        const char *how = pf_tree_get_text(other->tree, "components");
        if (!other->out && row >= 0) in = pf_binary(g, PF_ADD, in, other->components[row]);
        if (other->out && row >= 0 && how && !strcmp(how, "pass")) leaving = pf_binary(g, PF_ADD, leaving, other->flow);
    }
    return pf_binary(g, PF_MUL, in, pf_binary(g, PF_SHARE, port->flow, leaving));
}

/* An outflow carries the mix that the stock had at the start of the step. */
static pf_node_id from_stock(pf_model *m, const pf_port *port, const pf_stock *stock, const char *component)
{
    int row = stock->in ? pf_component_of(m, stock->in->carrier, component) : -1;
    if (row < 0) return PF_NO_NODE;
    pf_node_id mix = pf_binary(&m->graph, PF_SHARE, stock->previous_components[row], stock->previous);
    return pf_binary(&m->graph, PF_MUL, port->flow, mix);
}

static pf_node_id carried(pf_model *m, const pf_port *port, const pf_component *component)
{
    const pf_tree *how = pf_tree_get(port->tree, "components"), *text = how;
    pf_context c = {.model = m, .process = port->process, .key = port->key, .component = component->name};
    pf_dimension rate = pf_dimension_quotient(component->unit.dimension, pf_dimension_time());
    const char *label = pf_dotted(m->arena, port->label, component->name);
    if (how && how->kind == PF_MAPPING) text = pf_tree_get(how, component->name);
    if (!text) {
        pf_error(m->diagnostics, port->tree->mark,
                 "the port '%s' of '%s' lets out %s, which carries %s: expected 'components', an expression for it or "
                 "'pass'",
                 port->name, port->process->type_name, port->carrier->name, component->name);
        return PF_NO_NODE;
    }
    if (text->kind == PF_TEXT && !strcmp(text->text, "pass")) return passed(m, port, component->name);
    const pf_stock *stock = text->kind == PF_TEXT ? pf_stock_named(port->process, text->text) : NULL;
    if (stock) return from_stock(m, port, stock, component->name);
    return pf_evaluate_text(&c, text, &rate, label).node;
}

/* A map of components that names one which the carrier does not have. */
static bool names_strangers(pf_model *m, const pf_port *port)
{
    const pf_tree *how = pf_tree_get(port->tree, "components");
    bool any = false;
    for (size_t i = 0; how && how->kind == PF_MAPPING && i < how->entries.count; i++) {
        const pf_entry *entry = &how->entries.items[i];
        if (pf_is_remark(entry->key) || pf_component_of(m, port->carrier, entry->key) >= 0) continue;
        pf_nearest near = pf_nearest_to(entry->key);
        for (size_t k = 0; k < port->carrier->component_count; k++)
            pf_nearest_offer(&near, m->components.items[port->carrier->components[k]].name);
        pf_error(m->diagnostics, entry->mark, "the port '%s' of '%s' lets out %s, which carries no '%s'%s", port->name,
                 port->process->type_name, port->carrier->name, entry->key, pf_nearest_hint(&near, m->arena));
        any = true;
    }
    return any;
}

static void fix_outflow(pf_model *m, pf_port *port)
{
    pf_graph *g = &m->graph;
    if (names_strangers(m, port)) return;
    for (size_t i = 0; i < port->carrier->component_count; i++) {
        const pf_component *component = &m->components.items[port->carrier->components[i]];
        pf_node_id amount = carried(m, port, component);
        if (amount == PF_NO_NODE) amount = zero_of(m);
        pf_define(g, port->components[i], amount);
        /* where nothing flows, nothing can be carried */
        pf_node_id lost = pf_operation_node(g, PF_SELECT, pf_binary(g, PF_GT, port->flow, zero_of(m)), zero_of(m),
                                            port->components[i]);
        pf_require(m, lost, port->tree->mark,
                   pf_format(m->arena, "%s carries %s where nothing flows; a standing load needs a standing flow",
                             port->label, component->name));
    }
}

/* Totals of the market are named, so that a loop through many firms is cut in one place. */
static void mix(pf_model *m, pf_market *market, size_t row)
{
    pf_graph *g = &m->graph;
    const pf_component *component = &m->components.items[market->carrier->components[row]];
    pf_node_id sum = zero_of(m), total = pf_variable_node(g, pf_dotted(m->arena, market->label, component->name));
    for (size_t i = 0; i < market->ports.count; i++)
        if (market->ports.items[i]->out)
            sum = pf_binary(g, PF_ADD, sum, market->ports.items[i]->component_supplies[row]);
    pf_define(g, total, sum);
    pf_node_id mixed = pf_variable_node(g, pf_format(m->arena, "%s.%s, mixed", market->label, component->name));
    pf_define(g, mixed, pf_binary(g, PF_SHARE, total, pf_binary(g, PF_ADD, market->demanded, market->spilled)));
    for (size_t i = 0; i < market->ports.count; i++) {
        const pf_port *port = market->ports.items[i];
        if (!port->out) pf_define(g, port->components[row], pf_binary(g, PF_MUL, port->flow, mixed));
    }
}

void pf_mix_components(pf_model *m)
{
    for (size_t i = 0; i < m->processes.count; i++)
        for (size_t k = 0; k < m->processes.items[i]->ports.count; k++) {
            pf_port *port = m->processes.items[i]->ports.items[k];
            if (port->out) fix_outflow(m, port);
        }
    for (size_t i = 0; i < m->markets.count; i++)
        for (size_t row = 0; row < m->markets.items[i]->carrier->component_count; row++)
            mix(m, m->markets.items[i], row);
}
