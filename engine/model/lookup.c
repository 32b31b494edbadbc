/* Lookup tables: y0 + the sum over pieces of slope times the part of x that lies in the piece; so they are linear
 * between their points, constant beyond them, and made of the operations that every back end has. */
#include "model/model.h"

static bool read_column(const pf_context *c, const pf_tree *list, const char *label, double *values,
                        pf_dimension *dimension)
{
    pf_model *m = c->model;
    for (size_t i = 0; i < list->entries.count; i++) {
        const pf_tree *text = list->entries.items[i].value;
        pf_term term = pf_value_term(c, text, label);
        if (term.node == PF_NO_NODE) return false;
        if (!pf_is_constant(&m->graph, term.node, &values[i])) {
            pf_error(m->diagnostics, text->mark, "%s: expected plain numbers with one unit", label);
            return false;
        }
        if (i && !pf_expect(c, term, *dimension, text, label, NULL)) return false;
        if (!i) *dimension = term.dimension;
    }
    return true;
}

static pf_node_id piece(pf_graph *g, pf_node_id x, double from, double to, double rise)
{
    pf_node_id zero = pf_constant_node(g, 0), width = pf_constant_node(g, to - from);
    pf_node_id within =
        pf_binary(g, PF_MIN, width, pf_binary(g, PF_MAX, zero, pf_binary(g, PF_SUB, x, pf_constant_node(g, from))));
    return pf_binary(g, PF_MUL, pf_constant_node(g, rise / (to - from)), within);
}

pf_term pf_lookup(const pf_context *c, const char *name, pf_term x, pf_mark mark)
{
    pf_model *m = c->model;
    pf_context outside = {.model = m};
    const pf_tree *tables = pf_tree_get(m->scenario->tree, "lookups"), *table = pf_tree_get(tables, name),
                  *xs = pf_tree_get(table, "x"), *ys = pf_tree_get(table, "y");
    pf_dimension x_dimension, y_dimension;
    if (!table) {
        pf_nearest near = pf_nearest_to(name);
        for (size_t i = 0; tables && i < tables->entries.count; i++)
            pf_nearest_offer(&near, tables->entries.items[i].key);
        pf_error(m->diagnostics, mark, "no lookup table is called '%s'%s", name, pf_nearest_hint(&near, m->arena));
        return pf_no_term();
    }
    if (!xs || !ys || xs->kind != PF_SEQUENCE || ys->kind != PF_SEQUENCE || xs->entries.count != ys->entries.count ||
        !xs->entries.count) {
        pf_error(m->diagnostics, table->mark, "the lookup table '%s' needs two lists x and y of the same length", name);
        return pf_no_term();
    }
    size_t count = xs->entries.count;
    double *at = PF_ARRAY(m->arena, double, count), *value = PF_ARRAY(m->arena, double, count);
    if (!read_column(&outside, xs, pf_format(m->arena, "lookups.%s.x", name), at, &x_dimension)) return pf_no_term();
    if (!read_column(&outside, ys, pf_format(m->arena, "lookups.%s.y", name), value, &y_dimension)) return pf_no_term();
    if (x.node == PF_NO_NODE) return x;
    if (!pf_fits(c, x, x_dimension)) {
        pf_error(m->diagnostics, mark, "lookup(%s, ...): its second value is in %s, expected %s", name,
                 pf_dimension_text(m->scenario->units, x.dimension, m->arena),
                 pf_dimension_text(m->scenario->units, x_dimension, m->arena));
        return pf_no_term();
    }
    pf_node_id sum = pf_constant_node(&m->graph, value[0]);
    for (size_t i = 1; i < count; i++) {
        if (!(at[i] > at[i - 1])) {
            pf_error(m->diagnostics, xs->entries.items[i].value->mark, "the x of the lookup table '%s' must rise",
                     name);
            return pf_no_term();
        }
        sum = pf_binary(&m->graph, PF_ADD, sum, piece(&m->graph, x.node, at[i - 1], at[i], value[i] - value[i - 1]));
    }
    return (pf_term){sum, y_dimension};
}
