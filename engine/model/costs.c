/* What interventions cost: a literal of `cost`, in prices of any year, to money of the results; capital as adoption
 * rises and as what has ended is bought again, running cost with what is in use. */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

/* A value of `cost`, in which a plain currency means money of its `price_year`; in money of the accounting year. */
static pf_term cost_at_prices(pf_model *m, const pf_intervention *v, const pf_tree *tree, const char *label)
{
    pf_context outside = {.model = m};
    const pf_tree *given = pf_tree_at(v->tree, "cost.price_year"),
                  *money = pf_tree_at(m->scenario->tree, "accounting.money");
    const char *accounting_year = pf_tree_get_text(money, "year"),
               *year = given && given->kind == PF_TEXT ? given->text : NULL;
    if (year && (strspn(year, "0123456789") != 4 || year[4])) {
        pf_error(m->diagnostics, given->mark, "found '%s', expected a year", year);
        year = NULL;
    }
    if (year) pf_units_money_year(m->scenario->units, atoi(year));
    pf_term term = pf_value_term(&outside, tree, label);
    if (!year || !accounting_year) return term;
    pf_units_money_year(m->scenario->units, atoi(accounting_year));
    return strcmp(year, accounting_year) != 0 ? pf_in_money(m, term, pf_tree_get_text(money, "currency"), tree->mark)
                                              : term;
}

/* A literal of `cost` in the money of the results. */
static pf_term cost_term(pf_model *m, const pf_intervention *v, const char *key, bool rate)
{
    const pf_tree *tree = pf_tree_get(pf_tree_get(v->tree, "cost"), key),
                  *money = pf_tree_at(m->scenario->tree, "accounting.money");
    const char *currency = pf_tree_get_text(money, "currency"), *why;
    pf_context outside = {.model = m};
    pf_unit unit;
    if (!tree || !currency) {
        if (tree)
            pf_error(m->diagnostics, tree->mark, "a cost needs `accounting: {money: {currency: ..., year: ...}}`");
        return pf_no_term();
    }
    const char *label = pf_format(m->arena, "interventions.%s.cost.%s", v->name, key);
    pf_term term = cost_at_prices(m, v, tree, label);
    if (pf_unit_parse(m->scenario->units, currency, &unit, &why)) return pf_no_term();
    pf_dimension wanted = rate ? pf_dimension_quotient(unit.dimension, pf_dimension_time()) : unit.dimension;
    return pf_expect(&outside, term, wanted, tree, label, NULL) ? (pf_term){term.node, wanted} : pf_no_term();
}

/* What has been added to an amount since the step before, a rate: an amount that has not fallen. */
static pf_node_id increase_of(pf_model *m, pf_node_id amount, const char *name)
{
    pf_graph *g = &m->graph;
    pf_node_id before = pf_state_node(g, name), zero = pf_constant_node(g, 0);
    pf_graph_state *state = pf_state_of(g, before);
    state->initial = zero;
    state->next = amount;
    return pf_binary(g, PF_DIV, pf_binary(g, PF_MAX, zero, pf_binary(g, PF_SUB, amount, before)), m->step_length.node);
}

/* Adoption that is bought in a step. Who adopted because of other interventions buys again when the others do. */
static pf_node_id purchases(pf_model *m, const pf_intervention *v)
{
    pf_graph *g = &m->graph;
    const pf_adoption *spread = &v->spread;
    pf_node_id first = increase_of(m, v->adopted, pf_format(m->arena, "interventions.%s.adoption", v->name));
    if (spread->renewals == PF_NO_NODE) return first;
    pf_node_id again = increase_of(m, spread->renewals, pf_format(m->arena, "interventions.%s.renewals", v->name));
    return pf_binary(g, PF_ADD, first, pf_binary(g, PF_MUL, again, pf_binary(g, PF_SHARE, v->adopted, spread->curve)));
}

/* No capital where adoption is held; nothing where the switch is 0. */
pf_term pf_intervention_cost(pf_model *m, uint32_t number, bool capital)
{
    pf_graph *g = &m->graph;
    bool found;
    const pf_intervention *v = &m->interventions.items[number];
    pf_term cost = cost_term(m, v, capital ? "capital" : "running", !capital);
    pf_node_id in_use = pf_intervention_term(m, number, "adoption", &found).node, zero = pf_constant_node(g, 0);
    if (cost.node == PF_NO_NODE) return cost;
    pf_node_id amount = in_use == PF_NO_NODE || (capital && m->held[PF_BY_ADOPTION]) ? zero
                        : capital                                                    ? purchases(m, v)
                                                                                     : in_use;
    if (capital) cost.dimension = pf_dimension_quotient(cost.dimension, pf_dimension_time());
    cost.node = pf_operation_node(g, PF_SELECT, v->switched, pf_binary(g, PF_MUL, cost.node, amount), zero);
    return cost;
}
