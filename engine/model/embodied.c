/* Embodied emissions: what was emitted to make bought power, steam and heat travels with it, like a component. A market
 * mixes; a process hands on its own emissions and those of what it takes in, shared over what it sells by energy (GHG
 * Protocol, Scope 2 Guidance 2015, chapter 6: a supplier's factor is that of its mix). What crosses the reporting
 * boundary is scope 2. */
#include "model/model.h"

#include <string.h>

static bool travels(const pf_carrier *carrier)
{
    return pf_tree_get_flag(carrier->tree, "embodied");
}

static void create_variables(pf_model *m)
{
    for (size_t i = 0; i < m->processes.count; i++)
        for (size_t k = 0; k < m->processes.items[i]->ports.count; k++) {
            pf_port *port = m->processes.items[i]->ports.items[k];
            port->embodied = PF_NO_NODE;
            if (!travels(port->carrier)) continue;
            port->embodied = pf_variable_node(&m->graph, pf_format(m->arena, "%s, embodied emissions", port->label));
            /* what is sold may come back, as power of a plant that its own waste heat drives */
            pf_variable_of(&m->graph, port->embodied)->returns = port->out;
        }
}

/* Its own emissions, those upstream, and what it takes in. */
static pf_node_id burden_of(pf_model *m, pf_process *p)
{
    pf_context c = {.model = m, .process = p};
    bool found;
    pf_node_id sum = pf_plus(&m->graph, pf_value_of(&c, "emissions", "ghg", &found).node,
                             pf_value_of(&c, "upstream", "ghg", &found).node);
    for (size_t k = 0; k < p->ports.count; k++)
        if (!p->ports.items[k]->out) sum = pf_plus(&m->graph, sum, p->ports.items[k]->embodied);
    return sum == PF_NO_NODE ? pf_constant_node(&m->graph, 0) : sum;
}

static void hand_on(pf_model *m, pf_process *p)
{
    pf_graph *g = &m->graph;
    pf_node_id sold = PF_NO_NODE;
    for (size_t k = 0; k < p->ports.count; k++)
        if (p->ports.items[k]->out && p->ports.items[k]->embodied != PF_NO_NODE)
            sold = pf_plus(g, sold, p->ports.items[k]->flow);
    if (sold == PF_NO_NODE) return;
    pf_node_id each = pf_binary(g, PF_SHARE, burden_of(m, p), sold);
    for (size_t k = 0; k < p->ports.count; k++) {
        pf_port *port = p->ports.items[k];
        if (port->out && port->embodied != PF_NO_NODE)
            pf_define(g, port->embodied, pf_binary(g, PF_MUL, port->flow, each));
    }
}

static void mix(pf_model *m, pf_market *market)
{
    pf_graph *g = &m->graph;
    pf_node_id sum = PF_NO_NODE;
    if (!travels(market->carrier)) return;
    for (size_t i = 0; i < market->ports.count; i++)
        if (market->ports.items[i]->out) sum = pf_plus(g, sum, market->ports.items[i]->embodied);
    pf_node_id total = sum == PF_NO_NODE ? pf_constant_node(g, 0) : sum;
    pf_node_id each = pf_variable_node(g, pf_format(m->arena, "%s, embodied emissions", market->label));
    pf_define(g, each, pf_binary(g, PF_SHARE, total, pf_binary(g, PF_ADD, market->demanded, market->spilled)));
    for (size_t i = 0; i < market->ports.count; i++) {
        const pf_port *port = market->ports.items[i];
        if (!port->out) pf_define(g, port->embodied, pf_binary(g, PF_MUL, port->flow, each));
    }
}

void pf_trace_emissions(pf_model *m)
{
    create_variables(m);
    for (size_t i = 0; i < m->processes.count; i++) hand_on(m, m->processes.items[i]);
    for (size_t i = 0; i < m->markets.count; i++) mix(m, m->markets.items[i]);
}

pf_term pf_imported_emissions(const pf_context *c)
{
    pf_model *m = c->model;
    const char *boundary = pf_tree_get_text(pf_tree_get(m->scenario->tree, "accounting"), "boundary");
    bool by_park = !boundary || !strcmp(boundary, "park");
    pf_term sum = pf_no_term();
    if (!m->gases.count) return sum;
    sum.dimension = pf_dimension_quotient(
        pf_dimension_product(m->gases.items[0].gwp.dimension, m->gases.items[0].unit.dimension), pf_dimension_time());
    for (size_t k = 0; k < c->process->ports.count; k++) {
        const pf_port *port = c->process->ports.items[k];
        bool crosses = by_park && c->process->scope->kind != PF_MODEL_SCOPE && port->market &&
                       port->market->scope->park != c->process->scope->park;
        if (!port->out && crosses) sum.node = pf_plus(&m->graph, sum.node, port->embodied);
    }
    return sum;
}
