/* What a run gives out: indicators by park, flows, closures of balances. Amounts in a step, in each output's own unit.
 */
#include "model/model.h"

#include <string.h>

typedef struct {
    pf_model *m;
    PF_LIST(pf_node_id) nodes;
    PF_LIST(pf_indicator) indicators;
    PF_LIST(pf_flow) flows;
    PF_LIST(const char *) closures;
    bool drop_closures;
} outputs;

static pf_node_id in_unit(pf_model *m, pf_node_id value, double scale)
{
    return pf_binary(&m->graph, PF_DIV, value, pf_constant_node(&m->graph, scale));
}

static pf_node_id amount_in_step(pf_model *m, pf_node_id rate, double scale)
{
    return in_unit(m, pf_binary(&m->graph, PF_MUL, rate, m->step_length.node), scale);
}

static void add_ratio(outputs *o, const pf_entry *entry, pf_indicator indicator, const pf_tree *ratio)
{
    pf_model *m = o->m;
    int *rows[] = {&indicator.numerator, &indicator.denominator};
    if (ratio->kind != PF_SEQUENCE || ratio->entries.count != 2) {
        pf_error(m->diagnostics, ratio->mark, "expected {ratio: [INDICATOR, INDICATOR]}");
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const pf_tree *name = ratio->entries.items[i].value;
        pf_nearest near = pf_nearest_to(name->text ? name->text : "");
        *rows[i] = -1;
        for (size_t k = 0; k < o->indicators.count; k++) {
            pf_nearest_offer(&near, o->indicators.items[k].name);
            if (name->text && !strcmp(o->indicators.items[k].name, name->text) && o->indicators.items[k].numerator < 0)
                *rows[i] = (int)k;
        }
        if (*rows[i] < 0) {
            pf_error(m->diagnostics, name->mark, "no indicator before '%s' is called '%s'%s", entry->key,
                     name->text ? name->text : "?", pf_nearest_hint(&near, m->arena));
            return;
        }
    }
    indicator.method = "ratio";
    indicator.definition = pf_format(m->arena, "%s / %s", o->indicators.items[indicator.numerator].name,
                                     o->indicators.items[indicator.denominator].name);
    *PF_PUSH(m->arena, o->indicators) = indicator;
}

/* Is the ratio's unit that of its two indicators? */
static void check_ratio_unit(outputs *o, const pf_entry *entry, pf_unit unit)
{
    pf_model *m = o->m;
    const pf_indicator *ratio = &o->indicators.items[o->indicators.count - 1];
    pf_unit parts[2];
    const char *why;
    const int rows[] = {ratio->numerator, ratio->denominator};
    for (size_t i = 0; i < 2; i++)
        if (pf_unit_parse(m->scenario->units, o->indicators.items[rows[i]].unit, &parts[i], &why)) return;
    pf_dimension is = pf_dimension_quotient(parts[0].dimension, parts[1].dimension);
    if (!pf_dimension_equal(is, unit.dimension))
        pf_error(m->diagnostics, entry->mark, "the indicator '%s' is in %s, found the unit '%s'", entry->key,
                 pf_dimension_text(m->scenario->units, is, m->arena), ratio->unit);
}

static void add_by_park(outputs *o, const pf_entry *entry, pf_unit unit, bool sum)
{
    pf_model *m = o->m;
    const pf_tree *is = pf_tree_get(entry->value, "is");
    pf_dimension wanted = sum ? pf_dimension_quotient(unit.dimension, pf_dimension_time()) : unit.dimension;
    for (uint32_t park = 0; park < m->park_count; park++) {
        pf_context c = {.model = m, .indicator = true, .park = park};
        pf_term term = pf_evaluate_text(&c, is, &wanted, entry->key);
        pf_node_id node = term.node == PF_NO_NODE ? pf_constant_node(&m->graph, 0) : term.node;
        *PF_PUSH(m->arena, o->nodes) = sum ? amount_in_step(m, node, unit.scale) : in_unit(m, node, unit.scale);
    }
}

static void add_indicator(outputs *o, const pf_entry *entry)
{
    pf_model *m = o->m;
    const pf_tree *tree = entry->value, *over = pf_tree_get(tree, "over_time"), *unit_text = pf_tree_get(tree, "unit");
    const char *why, *method = over && over->kind == PF_TEXT ? over->text : NULL;
    pf_unit unit = {.scale = 1};
    pf_indicator indicator = {.name = entry->key,
                              .unit = pf_tree_get_text(tree, "unit"),
                              .title = pf_title(tree, entry->key),
                              .title_vi = pf_title_vi(tree),
                              .iamc = pf_tree_get_text(tree, "iamc"),
                              .definition = pf_tree_get_text(tree, "is"),
                              .headline = pf_tree_get_flag(tree, "headline"),
                              .numerator = -1,
                              .denominator = -1};
    if (!over || !unit_text || !indicator.unit) return;
    if (pf_unit_parse(m->scenario->units, indicator.unit, &unit, &why)) {
        pf_error(m->diagnostics, unit_text->mark, "found '%s': %s", indicator.unit, why);
        return;
    }
    if (pf_tree_get(over, "ratio")) {
        size_t before = o->indicators.count;
        add_ratio(o, entry, indicator, pf_tree_get(over, "ratio"));
        if (o->indicators.count > before) check_ratio_unit(o, entry, unit);
        return;
    }
    bool sum = method && !strcmp(method, "sum"), mean = method && !strcmp(method, "mean"),
         last = method && !strcmp(method, "last");
    if (!sum && !mean && !last) {
        pf_error(m->diagnostics, over->mark, "found over_time: %s, expected sum, mean, last or {ratio: [A, B]}",
                 method ? method : pf_tree_kind_name(over));
        return;
    }
    if (!pf_tree_get(tree, "is")) {
        pf_error(m->diagnostics, entry->mark, "the indicator '%s' has no 'is'", entry->key);
        return;
    }
    indicator.method = sum ? "sum" : mean ? "mean" : "point";
    *PF_PUSH(m->arena, o->indicators) = indicator;
    add_by_park(o, entry, unit, sum);
}

static void add_flows(outputs *o)
{
    pf_model *m = o->m;
    for (size_t i = 0; i < m->processes.count; i++)
        for (size_t k = 0; k < m->processes.items[i]->ports.count; k++) {
            const pf_port *port = m->processes.items[i]->ports.items[k];
            const pf_scope *scope = port->process->scope, *park = scope->kind == PF_SITE_SCOPE ? scope->parent : scope;
            const char *process =
                scope == park ? port->process->name : pf_dotted(m->arena, scope->name, port->process->name);
            *PF_PUSH(m->arena, o->flows) = (pf_flow){park->name,
                                                     process,
                                                     port->name,
                                                     port->carrier->name,
                                                     port->out ? "out" : "in",
                                                     port->carrier->unit_text,
                                                     port->market->label};
            *PF_PUSH(m->arena, o->nodes) = amount_in_step(m, port->flow, port->carrier->unit.scale);
        }
}

/* |in - out| / max(in, out), 0 where both are 0; beyond 1e-9 it is a fault, tested without dividing. */
static void add_closure(outputs *o, const char *name, pf_node_id in, pf_node_id out, pf_mark mark)
{
    pf_graph *g = &o->m->graph;
    uint32_t before = pf_model_at(o->m, mark, name);
    pf_node_id left_open = pf_unary(g, PF_ABS, pf_binary(g, PF_SUB, in, out)),
               gross = pf_binary(g, PF_MAX, pf_unary(g, PF_ABS, in), pf_unary(g, PF_ABS, out)),
               closure = pf_binary(g, PF_SHARE, left_open, gross);
    if (!o->drop_closures) {
        *PF_PUSH(o->m->arena, o->closures) = name;
        *PF_PUSH(o->m->arena, o->nodes) = closure;
    }
    pf_node_id most = pf_binary(g, PF_MUL, gross, pf_constant_node(g, 1e-9));
    pf_require_about(o->m, pf_binary(g, PF_SUB, left_open, most), mark,
                     pf_format(o->m->arena, "the balance '%s' does not close", name),
                     (pf_subject){.value = closure, .lead = " by", .unit = "1", .scale = 1});
    g->origin = before;
}

static pf_node_id component_total(pf_model *m, const pf_market *market, size_t row, bool out)
{
    pf_node_id sum = pf_constant_node(&m->graph, 0);
    for (size_t i = 0; i < market->ports.count; i++)
        if (market->ports.items[i]->out == out)
            sum = pf_binary(&m->graph, PF_ADD, sum, market->ports.items[i]->components[row]);
    return sum;
}

static void add_market_closures(outputs *o, const pf_market *market)
{
    pf_model *m = o->m;
    pf_graph *g = &m->graph;
    pf_mark mark = pf_market_mark(market);
    add_closure(o, market->label, pf_binary(g, PF_ADD, market->supplied, market->unserved),
                pf_binary(g, PF_ADD, market->demanded, market->spilled), mark);
    for (size_t i = 0; i < market->carrier->component_count; i++) {
        const char *component = m->components.items[market->carrier->components[i]].name;
        pf_node_id in = component_total(m, market, i, true), out = component_total(m, market, i, false);
        pf_node_id lost =
            pf_binary(g, PF_MUL, in,
                      pf_binary(g, PF_SHARE, market->spilled, pf_binary(g, PF_ADD, market->demanded, market->spilled)));
        add_closure(o, pf_dotted(m->arena, market->label, component), in, pf_binary(g, PF_ADD, out, lost), mark);
    }
}

static void add_declared_closures(outputs *o, pf_process *p)
{
    pf_model *m = o->m;
    pf_context c = {.model = m, .process = p};
    const pf_tree *balances = pf_tree_get(p->type, "balances");
    for (size_t i = 0; balances && i < balances->entries.count; i++) {
        const pf_entry *entry = &balances->entries.items[i];
        const char *name = pf_dotted(m->arena, p->label, entry->key);
        pf_term in = pf_evaluate_text(&c, pf_tree_get(entry->value, "in"), NULL, name);
        if (in.node == PF_NO_NODE) continue;
        pf_term out = pf_evaluate_text(&c, pf_tree_get(entry->value, "out"), &in.dimension, name);
        if (out.node != PF_NO_NODE) add_closure(o, name, in.node, out.node, entry->mark);
    }
}

void pf_build_outputs(pf_model *m, pf_compile_options options)
{
    outputs o = {.m = m, .drop_closures = options.drop_closures};
    const pf_tree *indicators = pf_tree_get(m->scenario->tree, "indicators");
    for (size_t i = 0; indicators && indicators->kind == PF_MAPPING && i < indicators->entries.count; i++)
        if (indicators->entries.items[i].value->kind == PF_MAPPING) add_indicator(&o, &indicators->entries.items[i]);
    if (options.keep_flows) add_flows(&o);
    for (size_t i = 0; i < m->markets.count; i++) add_market_closures(&o, m->markets.items[i]);
    for (size_t i = 0; i < m->processes.count; i++) add_declared_closures(&o, m->processes.items[i]);
    m->outputs = o.nodes.items;
    m->output_count = o.nodes.count;
    m->compiled.indicators = o.indicators.items;
    m->compiled.indicator_count = o.indicators.count;
    m->compiled.flows = o.flows.items;
    m->compiled.flow_count = o.flows.count;
    m->compiled.closures = o.closures.items;
    m->compiled.closure_count = o.closures.count;
}
