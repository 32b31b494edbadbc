/* What a name means inside a process: ports, stocks, values, emissions, parameters, properties of carriers. */
#include "model/model.h"

#include <string.h>

/* "$key" and "$component" stand for what the context says. */
static const char *segment_name(const pf_context *c, const pf_path_segment *segment)
{
    if (*segment->name != '$') return segment->name;
    if (!strcmp(segment->name, "$key") && c->key) return c->key;
    if (!strcmp(segment->name, "$component") && c->component) return c->component;
    return segment->name;
}

/* $fuel.net_calorific_value, $key.unit, $component.unit */
static pf_term carrier_property(const pf_context *c, const pf_path *path, bool *found)
{
    pf_model *m = c->model;
    const char *name = path->segments[0].name + 1;
    *found = false;
    if (path->count != 2) return pf_no_term();
    const char *property = path->segments[1].name;
    if (!strcmp(name, "component") && c->component && !strcmp(property, "unit"))
        for (size_t i = 0; i < m->components.count; i++)
            if (!strcmp(m->components.items[i].name, c->component)) {
                *found = true;
                return (pf_term){pf_constant_node(&m->graph, m->components.items[i].unit.scale),
                                 m->components.items[i].unit.dimension};
            }
    const char *chosen = !strcmp(name, "key") ? c->key : c->process ? pf_parameter_text(c->process, name) : NULL;
    pf_carrier *carrier = chosen ? (pf_carrier *)pf_carrier_named(m, chosen) : NULL;
    if (!carrier) return pf_no_term();
    *found = true;
    if (!strcmp(property, "unit"))
        return (pf_term){pf_constant_node(&m->graph, carrier->unit.scale), carrier->unit.dimension};
    const pf_tree *properties = pf_tree_get(carrier->tree, "properties"), *value = pf_tree_get(properties, property);
    if (!value) {
        pf_nearest near = pf_nearest_to(property);
        for (size_t i = 0; properties && i < properties->entries.count; i++)
            pf_nearest_offer(&near, properties->entries.items[i].key);
        pf_error(m->diagnostics, carrier->tree->mark, "the carrier '%s' has no property '%s', which %s asks for%s",
                 carrier->name, property, c->process ? c->process->label : "an expression",
                 pf_nearest_hint(&near, m->arena));
        return pf_no_term();
    }
    pf_memo *memo = pf_memo_at(m, &carrier->properties, property);
    if (memo->progress == PF_UNKNOWN) {
        memo->progress = PF_KNOWN;
        pf_context outside = {.model = m};
        memo->term = pf_value_term(&outside, value, pf_format(m->arena, "carriers.%s.%s", carrier->name, property));
    }
    return memo->term;
}

/* How many segments of the path from `first` on spell the port's name; 0 if they do not. */
static size_t spells(const pf_context *c, const pf_path *path, size_t first, const char *name)
{
    size_t count = 0;
    for (size_t i = first; i < path->count; i++) {
        const char *segment = segment_name(c, &path->segments[i]);
        size_t length = strlen(segment);
        if (*name != *segment || strncmp(name, segment, length) != 0 || (name[length] && name[length] != '.')) return 0;
        count++;
        if (!name[length]) return count;
        name += length + 1;
    }
    return 0;
}

static pf_term port_term(const pf_context *c, const pf_path *path, size_t first, bool *found)
{
    for (size_t i = 0; i < c->process->ports.count; i++) {
        const pf_port *port = c->process->ports.items[i];
        size_t spelt = spells(c, path, first, port->name), left = path->count - first - spelt;
        if (!spelt || left > 1 || !port->carrier) continue;
        pf_dimension rate = pf_dimension_quotient(port->carrier->unit.dimension, pf_dimension_time());
        *found = true;
        if (!left) return (pf_term){port->flow, rate};
        const char *what = segment_name(c, &path->segments[first + spelt]);
        if (!strcmp(what, "allotted") && port->kind == PF_CONVERTER) return (pf_term){port->allotted, rate};
        if (!strcmp(what, "limit") && port->kind != PF_FIXED) return (pf_term){port->limit, rate};
        int row = pf_component_of(c->model, port->carrier, what);
        if (row >= 0)
            return (pf_term){
                port->components[row],
                pf_dimension_quotient(c->model->components.items[port->carrier->components[row]].unit.dimension,
                                      pf_dimension_time())};
        *found = false;
    }
    return pf_no_term();
}

/* ghg: the gases of `emissions`, or of `upstream`, weighted by warming potential. */
static pf_term weighted_gases(const pf_context *c, const char *group)
{
    pf_model *m = c->model;
    pf_term total = pf_no_term();
    const pf_tree *gases = pf_tree_get(c->process->type, group);
    for (size_t i = 0; gases && gases->kind == PF_MAPPING && i < gases->entries.count; i++) {
        bool found;
        pf_term gas = pf_value_of(c, group, gases->entries.items[i].key, &found);
        for (size_t g = 0; gas.node != PF_NO_NODE && g < m->gases.count; g++) {
            if (strcmp(m->gases.items[g].name, gases->entries.items[i].key) != 0 ||
                m->gases.items[g].gwp.node == PF_NO_NODE)
                continue;
            pf_node_id weighted = pf_binary(&m->graph, PF_MUL, gas.node, m->gases.items[g].gwp.node);
            total.node = total.node == PF_NO_NODE ? weighted : pf_binary(&m->graph, PF_ADD, total.node, weighted);
            total.dimension = pf_dimension_product(gas.dimension, m->gases.items[g].gwp.dimension);
        }
    }
    return total;
}

static const pf_gas *gas_named(const pf_context *c, const pf_entry *entry)
{
    for (size_t i = 0; i < c->model->gases.count; i++)
        if (!strcmp(c->model->gases.items[i].name, entry->key)) return &c->model->gases.items[i];
    pf_nearest near = pf_nearest_to(entry->key);
    for (size_t i = 0; i < c->model->gases.count; i++) pf_nearest_offer(&near, c->model->gases.items[i].name);
    pf_error(c->model->diagnostics, entry->mark, "no gas is called '%s'%s", entry->key,
             pf_nearest_hint(&near, c->model->arena));
    return NULL;
}

static pf_term work_out(const pf_context *c, const char *group, const pf_entry *entry, const char *label)
{
    pf_context inside = *c;
    inside.key = inside.component = NULL;
    if (!strcmp(group, "values")) {
        const pf_tree *text = entry->value->kind == PF_MAPPING ? pf_tree_get(entry->value, "is") : entry->value;
        return pf_evaluate_text(&inside, text ? text : entry->value, NULL, label);
    }
    const pf_gas *gas = gas_named(c, entry);
    if (!gas) return pf_no_term();
    pf_dimension rate = pf_dimension_quotient(gas->unit.dimension, pf_dimension_time());
    return pf_evaluate_text(&inside, entry->value, &rate, label);
}

pf_term pf_value_of(const pf_context *c, const char *group, const char *name, bool *found)
{
    pf_model *m = c->model;
    const pf_entry *entry = pf_tree_entry(pf_tree_get(c->process->type, group), name);
    bool total = !strcmp(name, "ghg");
    *found = entry || total;
    if (!*found) return pf_no_term();
    pf_memo *memo = pf_memo_at(m, &c->process->memos, pf_dotted(m->arena, group, name));
    if (memo->progress == PF_WORKING) {
        pf_error(m->diagnostics, entry ? entry->mark : c->process->mark, "the value '%s' is defined by itself", name);
        return pf_no_term();
    }
    if (memo->progress == PF_UNKNOWN) {
        memo->progress = PF_WORKING;
        memo->term =
            total ? weighted_gases(c, group) : work_out(c, group, entry, pf_dotted(m->arena, c->process->label, name));
        memo->progress = PF_KNOWN;
    }
    return memo->term;
}

static pf_term stock_term(const pf_context *c, const pf_path *path, size_t first, bool *found)
{
    const pf_stock *stock = pf_stock_named(c->process, segment_name(c, &path->segments[first]));
    if (!stock || path->count - first > 2) return pf_no_term();
    *found = true;
    if (path->count - first == 1) return (pf_term){stock->level, stock->dimension};
    int row = stock->in ? pf_component_of(c->model, stock->in->carrier, path->segments[first + 1].name) : -1;
    *found = row >= 0;
    if (row < 0) return pf_no_term();
    return (pf_term){stock->level_components[row],
                     c->model->components.items[stock->in->carrier->components[row]].unit.dimension};
}

static pf_term process_name(const pf_context *c, const pf_path *path, size_t first, bool *found)
{
    size_t count = path->count - first;
    const char *name = segment_name(c, &path->segments[first]);
    pf_term term = port_term(c, path, first, found);
    if (!*found) term = stock_term(c, path, first, found);
    if (!*found && count == 1 && !strcmp(name, "ghg")) term = pf_value_of(c, "emissions", "ghg", found);
    if (!*found && count == 1 && !strcmp(name, "imported_ghg")) return *found = true, pf_imported_emissions(c);
    if (!*found && count == 1 && !strcmp(name, "upstream_ghg")) term = pf_value_of(c, "upstream", "ghg", found);
    if (!*found && count == 1) term = pf_value_of(c, "values", name, found);
    if (!*found && count == 2 && (!strcmp(name, "emissions") || !strcmp(name, "upstream")))
        term = pf_value_of(c, name, segment_name(c, &path->segments[first + 1]), found);
    if (!*found) term = pf_parameter_term(c, path, first, found);
    return term;
}

pf_term pf_name_term(const pf_context *c, const pf_path *path, size_t first, bool *found)
{
    pf_term term = pf_no_term();
    *found = false;
    if (path->segments[first].name[0] == '$' && !(first == 0 && path->count == 1)) {
        term = carrier_property(c, path, found);
        if (*found) return term;
    }
    size_t count = path->count - first;
    const char *name = segment_name(c, &path->segments[first]);
    if (count == 1 && !strcmp(name, "step")) {
        *found = true;
        return c->model->step_length;
    }
    if (c->process) term = process_name(c, path, first, found);
    if (!*found && count == 1 && first == 0) term = pf_model_parameter(c->model, name, found);
    return term;
}
