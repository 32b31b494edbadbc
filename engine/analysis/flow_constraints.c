/* What holds in a flow system: a balance of the amount and of each component at each process, and the shares in which a
 * process passes on what enters it. */
#include "analysis/flow_reader.h"

#include <string.h>

typedef struct {
    const pf_system_flow *flow;
    bool enters;
} side;

typedef PF_LIST(side) side_list;

typedef PF_LIST(pf_monomial) sum;

static bool is_named(const char *process, const char *name)
{
    return process && !strcmp(process, name);
}

static side_list sides_of(pf_flow_reader *r, const char *process)
{
    side_list sides = {0};
    for (size_t i = 0; i < r->flows.count; i++) {
        const pf_system_flow *flow = &r->flows.items[i];
        if (is_named(flow->to, process)) *PF_PUSH(r->arena, sides) = (side){flow, true};
        if (is_named(flow->from, process)) *PF_PUSH(r->arena, sides) = (side){flow, false};
    }
    return sides;
}

static void add_constraint(pf_flow_reader *r, const char *name, pf_mark mark, const sum *terms)
{
    *PF_PUSH(r->arena, r->constraints) = (pf_flow_constraint){name, mark};
    *PF_PUSH(r->arena, r->sums) = (pf_constraint){terms->items, terms->count};
}

/* The amount of a flow, or the load of a component in it. */
static pf_monomial load(pf_flow_reader *r, double sign, const pf_system_flow *flow, const char *component)
{
    pf_monomial term = {.coefficient = sign, .factors = {(uint32_t)flow->amount}, .degree = 1};
    if (component) term.factors[term.degree++] = (uint32_t)pf_flow_component(r, flow, component);
    return term;
}

/* ---- balances ---- */

static void add_balance(pf_flow_reader *r, const pf_entry *process, const side_list *sides, const char *component)
{
    sum terms = {0};
    for (size_t i = 0; i < sides->count; i++)
        *PF_PUSH(r->arena, terms) = load(r, sides->items[i].enters ? 1 : -1, sides->items[i].flow, component);
    const char *of = component ? pf_format(r->arena, "%s ", component) : "";
    add_constraint(r, pf_format(r->arena, "%sbalance of %s", of, process->key), process->mark, &terms);
}

/* Is the balance wanted? All are, unless the process lists those that are. */
static bool is_balanced(const pf_entry *process, const char *what)
{
    const pf_tree *list = pf_tree_get(process->value, "balance");
    for (size_t i = 0; list && i < list->entries.count; i++)
        if (list->entries.items[i].value->kind == PF_TEXT && !strcmp(list->entries.items[i].value->text, what))
            return true;
    return !list;
}

static void check_balance_names(pf_flow_reader *r, const pf_entry *process)
{
    const pf_tree *list = pf_tree_get(process->value, "balance"), *components = pf_tree_get(r->tree, "components");
    for (size_t i = 0; list && i < list->entries.count; i++) {
        const pf_tree *name = list->entries.items[i].value;
        if (name->kind != PF_TEXT || !strcmp(name->text, "amount") || pf_tree_entry(components, name->text)) continue;
        pf_nearest near = pf_nearest_to(name->text);
        pf_nearest_offer(&near, "amount");
        for (size_t c = 0; components && c < components->entries.count; c++)
            pf_nearest_offer(&near, components->entries.items[c].key);
        pf_error(r->diagnostics, name->mark, "found '%s' under 'balance', expected `amount` or a component%s",
                 name->text, pf_nearest_hint(&near, r->arena));
    }
}

/* A balance needs two sides of one kind. */
static bool check_sides(pf_flow_reader *r, const pf_entry *process, const side_list *sides)
{
    bool enters = false, leaves = false;
    for (size_t i = 0; i < sides->count; i++) {
        const pf_flow_quantity *first = &r->quantities.items[sides->items[0].flow->amount],
                               *other = &r->quantities.items[sides->items[i].flow->amount];
        bool is_stock = other->kind == PF_OF_STOCK;
        enters |= sides->items[i].enters || is_stock;
        leaves |= !sides->items[i].enters || is_stock;
        if (pf_dimension_equal(first->dimension, other->dimension)) continue;
        pf_error(r->diagnostics, process->mark,
                 "'%s' cannot be balanced: '%s' is in %s, '%s' in %s; say `balance: []` and tie them by equations",
                 process->key, first->name, first->unit, other->name, other->unit);
        return false;
    }
    if ((enters && leaves) || r->has_lost_flow) return true;
    pf_error(r->diagnostics, process->mark, "nothing %s '%s'; add a flow, a stock_change, or say `balance: []`",
             enters ? "leaves" : "enters", process->key);
    return false;
}

/* A component is balanced where a flow tells something of it; flows there that do not have it as an unknown. */
static bool is_told(const pf_flow_reader *r, const side_list *sides, const char *component)
{
    for (size_t i = 0; i < sides->count; i++)
        if (pf_flow_quantity_named(r, pf_dotted(r->arena, sides->items[i].flow->name, component)) != PF_NO_QUANTITY)
            return true;
    return false;
}

/* ---- transfers ---- */

static const pf_system_flow *outflow_named(pf_flow_reader *r, const pf_entry *process, const side_list *sides,
                                           const pf_entry *name)
{
    pf_nearest near = pf_nearest_to(name->key);
    for (size_t i = 0; i < sides->count; i++) {
        if (sides->items[i].enters) continue;
        if (!strcmp(sides->items[i].flow->name, name->key)) return sides->items[i].flow;
        pf_nearest_offer(&near, sides->items[i].flow->name);
    }
    pf_error(r->diagnostics, name->mark, "no flow '%s' leaves '%s'%s", name->key, process->key,
             pf_nearest_hint(&near, r->arena));
    return NULL;
}

/* Of what enters, the share `entry` leaves by a flow: load out = share * sum of loads in. */
static void add_transfer(pf_flow_reader *r, const pf_entry *process, const side_list *sides, const pf_entry *of,
                         const pf_entry *entry)
{
    const char *component = strcmp(of->key, "amount") != 0 ? of->key : NULL;
    const pf_system_flow *out = outflow_named(r, process, sides, entry);
    if (!out) return;
    pf_flow_quantity q = {
        .name = pf_format(r->arena, "%s.transfer.%s.%s", process->key, of->key, out->name),
        .kind = PF_OF_TRANSFER,
        .mark = entry->mark,
        .source = pf_tree_get_text(process->value, "source"),
        .assumption = pf_tree_get_text(process->value, "assumption"),
    };
    pf_flow_set_unit(r, &q, "1", entry->mark);
    pf_flow_add(r, q, entry->value);
    uint32_t share = (uint32_t)pf_flow_quantity_named(r, q.name);
    sum terms = {0};
    *PF_PUSH(r->arena, terms) = load(r, 1, out, component);
    for (size_t i = 0; i < sides->count; i++) {
        if (!sides->items[i].enters) continue;
        pf_monomial term = load(r, -1, sides->items[i].flow, component);
        term.factors[term.degree++] = share;
        *PF_PUSH(r->arena, terms) = term;
    }
    add_constraint(r, pf_format(r->arena, "transfer of %s to %s in %s", of->key, out->name, process->key), entry->mark,
                   &terms);
}

static void add_transfers(pf_flow_reader *r, const pf_entry *process, const side_list *sides)
{
    const pf_tree *transfer = pf_tree_get(process->value, "transfer"), *components = pf_tree_get(r->tree, "components");
    for (size_t i = 0; transfer && i < transfer->entries.count; i++) {
        const pf_entry *of = &transfer->entries.items[i];
        if (!of->key || of->value->kind != PF_MAPPING ||
            (strcmp(of->key, "amount") != 0 && !pf_tree_entry(components, of->key))) {
            pf_error(r->diagnostics, of->mark,
                     "expected transfer: {amount: {FLOW: SHARE, ...}}, or a component instead of `amount`");
            continue;
        }
        for (size_t f = 0; f < of->value->entries.count; f++)
            add_transfer(r, process, sides, of, &of->value->entries.items[f]);
    }
}

/* ---- all ---- */

static void add_process(pf_flow_reader *r, const pf_entry *process)
{
    const pf_tree *components = pf_tree_get(r->tree, "components"), *list = pf_tree_get(process->value, "balance");
    side_list sides = sides_of(r, process->key);
    check_balance_names(r, process);
    bool is_balanced_at_all = !list || list->entries.count;
    if (is_balanced_at_all && !check_sides(r, process, &sides)) return;
    if (is_balanced(process, "amount")) add_balance(r, process, &sides, NULL);
    for (size_t c = 0; components && c < components->entries.count; c++) {
        const char *component = components->entries.items[c].key;
        if (is_balanced(process, component) && is_told(r, &sides, component))
            add_balance(r, process, &sides, component);
    }
    add_transfers(r, process, &sides);
}

void pf_flow_add_constraints(pf_flow_reader *r)
{
    const pf_tree *processes = pf_tree_get(r->tree, "processes");
    for (size_t i = 0; processes && i < processes->entries.count; i++) add_process(r, &processes->entries.items[i]);
    pf_flow_add_equations(r);
}
