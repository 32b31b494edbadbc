/* How a market clears: net, takers by rank, calls by rank, what is unserved or spilled; as nodes of the graph. */
#include "model/model.h"

#include <math.h>
#include <string.h>

/* What is still to be shared out while ranks are lowered one after another. */
typedef struct {
    pf_model *m;
    pf_graph *g;
    pf_market *market;
    pf_node_id zero, left, room, taken_from_room, taken;
} clearing;

static pf_node_id or_zero(const clearing *c, pf_node_id node)
{
    return node == PF_NO_NODE ? c->zero : node;
}

/* A named variable for a node, so that messages about loops can say which market and rank it is. */
static pf_node_id named(const clearing *c, const char *what, const char *rank, pf_node_id node)
{
    pf_node_id variable = pf_variable_node(c->g, pf_format(c->m->arena, "%s: %s", c->market->label, what));
    pf_graph_variable *row = pf_variable_of(c->g, variable);
    row->definition = node;
    row->market = c->market->number;
    row->rank = rank;
    return variable;
}

static pf_node_id fixed_flows(const clearing *c, bool out)
{
    pf_node_id sum = PF_NO_NODE;
    for (size_t i = 0; i < c->market->ports.count; i++) {
        const pf_port *port = c->market->ports.items[i];
        if (port->kind == PF_FIXED && port->out == out) sum = pf_plus(c->g, sum, out ? port->supply : port->flow);
    }
    return or_zero(c, sum);
}

static pf_node_id limits_of(const clearing *c, const pf_rank *rank)
{
    pf_node_id sum = PF_NO_NODE;
    for (size_t i = 0; i < rank->ports.count; i++) sum = pf_plus(c->g, sum, rank->ports.items[i]->limit);
    return or_zero(c, sum);
}

/* A port's part of what its rank is given: its limit where all limits fit, else in proportion. */
static pf_node_id part(const clearing *c, const pf_rank *rank, const pf_port *port, pf_node_id sum,
                       pf_node_id available)
{
    if (rank->ports.count == 1) return pf_binary(c->g, PF_MIN, port->limit, available);
    pf_node_id fits = pf_binary(c->g, PF_LE, sum, available);
    pf_node_id split = pf_binary(c->g, PF_MUL, available, pf_binary(c->g, PF_SHARE, port->limit, sum));
    return pf_operation_node(c->g, PF_SELECT, fits, port->limit, split);
}

static bool is_unlimited(const clearing *c, const pf_port *port)
{
    double limit;
    return pf_is_constant(c->g, pf_variable_of(c->g, port->limit)->definition, &limit) && isinf(limit);
}

static void check_rank(const clearing *c, const pf_rank *rank, bool supply)
{
    pf_mark mark = c->market->tree ? c->market->tree->mark : rank->ports.items[0]->process->mark;
    for (size_t i = 0; i < rank->ports.count; i++) {
        const pf_port *port = rank->ports.items[i], *first = rank->ports.items[0];
        if (rank->ports.count > 1 && is_unlimited(c, port))
            pf_error(c->m->diagnostics, mark,
                     "the market %s: %s has no limit and cannot share a rank; give it a rank of its own, or a limit",
                     c->market->label, port->label);
        if (!supply && (port->kind != first->kind || port->draws_surplus != first->draws_surplus))
            pf_error(c->m->diagnostics, mark,
                     "the market %s: %s and %s cannot share a rank: one draws on offers, the other takes surplus only",
                     c->market->label, first->label, port->label);
    }
}

static void take_rank(clearing *c, const pf_rank *rank)
{
    const pf_port *first = rank->ports.items[0];
    bool draws = first->kind == PF_CONVERTER && !first->draws_surplus;
    pf_node_id available = draws ? pf_binary(c->g, PF_ADD, c->left, c->room) : c->left;
    pf_node_id sum = limits_of(c, rank), taken = PF_NO_NODE;
    check_rank(c, rank, false);
    for (size_t i = 0; i < rank->ports.count; i++) {
        pf_port *port = rank->ports.items[i];
        pf_node_id allotted = part(c, rank, port, sum, available);
        allotted = named(c, "allotted by rank", rank->text, allotted);
        pf_define(c->g, port->allotted, allotted);
        pf_node_id flow = port->kind == PF_CONVERTER && port->is != PF_NO_NODE
                              ? pf_binary(c->g, PF_MIN, port->is, allotted)
                              : allotted;
        pf_define(c->g, port->flow, flow);
        taken = pf_plus(c->g, taken, port->flow);
    }
    /* off what is left first, then off room */
    pf_node_id off_left = pf_binary(c->g, PF_MIN, taken, c->left), off_room = pf_binary(c->g, PF_SUB, taken, off_left);
    c->left = named(c, "left after rank", rank->text, pf_binary(c->g, PF_SUB, c->left, off_left));
    c->taken = pf_plus(c->g, c->taken, taken);
    if (!draws) return;
    c->room = named(c, "room after rank", rank->text, pf_binary(c->g, PF_SUB, c->room, off_room));
    c->taken_from_room = pf_plus(c->g, c->taken_from_room, off_room);
}

static pf_node_id call_offers(clearing *c, pf_node_id need)
{
    pf_node_id above = PF_NO_NODE;
    for (size_t r = 0; r < c->market->supply.count; r++) {
        const pf_rank *rank = &c->market->supply.items[r];
        pf_node_id remaining =
            above == PF_NO_NODE ? need : pf_binary(c->g, PF_MAX, c->zero, pf_binary(c->g, PF_SUB, need, above));
        pf_node_id sum = limits_of(c, rank);
        remaining = named(c, "called from rank", rank->text, remaining);
        check_rank(c, rank, true);
        for (size_t i = 0; i < rank->ports.count; i++)
            pf_define(c->g, rank->ports.items[i]->flow, part(c, rank, rank->ports.items[i], sum, remaining));
        above = pf_plus(c->g, above, sum);
    }
    return or_zero(c, above);
}

/* `amount` of a market's carrier is more than rounding of what it turns over. */
static pf_node_id beyond_rounding(pf_graph *g, const pf_market *market, pf_node_id amount)
{
    return pf_binary(g, PF_SUB, amount, pf_binary(g, PF_MUL, market->throughput, pf_constant_node(g, 1e-9)));
}

static void require_served(pf_model *m, const pf_market *market, pf_node_id amount, const char *key, const char *what,
                           const char *cure)
{
    if (pf_tree_get_flag(market->tree, key)) return;
    pf_require_about(m, beyond_rounding(&m->graph, market, amount), pf_market_mark(market),
                     pf_format(m->arena, "the market %s of %s %s", market->label, market->carrier->name, what),
                     pf_about_rate(m, amount, market->carrier, cure));
}

static pf_node_id total_of(const clearing *c, bool out)
{
    pf_node_id sum = PF_NO_NODE;
    for (size_t i = 0; i < c->market->ports.count; i++)
        if (c->market->ports.items[i]->out == out) sum = pf_plus(c->g, sum, c->market->ports.items[i]->flow);
    return or_zero(c, sum);
}

/* What a type's equations must keep to: no negative flow, no take beyond the allotment, to 1e-9 of the market's
 * throughput. */
static void require_sane_flows(pf_model *m, const pf_market *market)
{
    pf_graph *g = &m->graph;
    for (size_t i = 0; i < market->ports.count; i++) {
        const pf_port *port = market->ports.items[i];
        pf_mark mark = port->tree->mark;
        if (port->is == PF_NO_NODE) continue;
        pf_node_id below = pf_unary(g, PF_NEG, port->is), over = pf_binary(g, PF_SUB, port->is, port->allotted);
        pf_require_about(m, beyond_rounding(g, market, below), mark,
                         pf_format(m->arena, "the flow %s is negative", port->label),
                         pf_about_rate(m, below, port->carrier, NULL));
        if (port->kind != PF_CONVERTER) continue;
        const char *type = port->process->type_name;
        const char *cure = pf_format(m->arena,
                                     "an error of the type '%s', whose other ports must be limited by "
                                     "%s.allotted",
                                     type, port->name);
        pf_require_about(m, beyond_rounding(g, market, over), mark,
                         pf_format(m->arena, "%s wants more than its market allots to it", port->label),
                         pf_about_rate(m, over, port->carrier, cure));
    }
}

static bool has_unlimited_offer(const clearing *c)
{
    for (size_t i = 0; i < c->market->ports.count; i++) {
        const pf_port *port = c->market->ports.items[i];
        if (port->out && port->kind == PF_OFFER && is_unlimited(c, port)) return true;
    }
    return false;
}

/* A side that nobody is on is worth a word before a run: it fails there, unless the flow turns out to be 0. */
static void remark_on_sides(pf_model *m, const pf_market *market)
{
    bool present[2] = {false, false},
         allowed[2] = {pf_tree_get_flag(market->tree, "may_spill"), pf_tree_get_flag(market->tree, "may_fall_short")};
    for (size_t i = 0; i < market->ports.count; i++) present[market->ports.items[i]->out] = true;
    for (size_t i = 0; i < market->ports.count; i++) {
        const pf_port *port = market->ports.items[i];
        double flow;
        bool nothing = port->is == PF_NO_NODE || (pf_is_constant(&m->graph, port->is, &flow) && flow == 0);
        if (port->kind != PF_FIXED || nothing || present[!port->out] || allowed[!port->out]) continue;
        pf_warn(m->diagnostics, port->process->mark, "nobody %s the %s that %s %s; a run fails unless that is 0",
                port->out ? "takes" : "supplies", market->carrier->name, port->label, port->out ? "gives" : "needs");
    }
}

static void clear(pf_model *m, pf_market *market)
{
    clearing c = {.m = m,
                  .g = &m->graph,
                  .market = market,
                  .zero = pf_constant_node(&m->graph, 0),
                  .taken_from_room = PF_NO_NODE,
                  .taken = PF_NO_NODE};
    pf_graph *g = &m->graph;
    uint32_t before = pf_model_at(m, pf_market_mark(market), pf_format(m->arena, "market %s", market->label));
    pf_node_id net = named(&c, "net", NULL, pf_binary(g, PF_SUB, fixed_flows(&c, true), fixed_flows(&c, false)));
    pf_node_id short_of = pf_binary(g, PF_MAX, c.zero, pf_unary(g, PF_NEG, net)), limits = PF_NO_NODE;
    for (size_t r = 0; r < market->supply.count; r++)
        limits = pf_plus(g, limits, limits_of(&c, &market->supply.items[r]));
    if (has_unlimited_offer(&c)) limits = pf_constant_node(g, INFINITY); /* so that room depends on nobody's limit */
    c.left = pf_binary(g, PF_MAX, c.zero, net);
    c.room = pf_binary(g, PF_MAX, c.zero, pf_binary(g, PF_SUB, or_zero(&c, limits), short_of));
    for (size_t r = 0; r < market->take.count; r++) take_rank(&c, &market->take.items[r]);
    pf_node_id need = named(&c, "need", NULL, pf_plus(g, short_of, or_zero(&c, c.taken_from_room)));
    pf_node_id offered = call_offers(&c, need);
    pf_define(g, market->unserved, pf_binary(g, PF_MAX, c.zero, pf_binary(g, PF_SUB, need, offered)));
    pf_define(g, market->spilled, pf_binary(g, PF_MAX, c.zero, pf_binary(g, PF_SUB, net, or_zero(&c, c.taken))));
    pf_define(g, market->supplied, total_of(&c, true));
    pf_define(g, market->demanded, total_of(&c, false));
    market->throughput = pf_binary(g, PF_MAX, pf_binary(g, PF_ADD, market->supplied, market->unserved),
                                   pf_binary(g, PF_ADD, market->demanded, market->spilled));
    m->graph.origin = before;
}

/* The first check that fails is reported: causes come before what follows from them in any market. */
static void check_markets(pf_model *m)
{
    for (size_t i = 0; i < m->markets.count; i++) require_sane_flows(m, m->markets.items[i]);
    for (size_t i = 0; i < m->markets.count; i++) {
        const pf_market *market = m->markets.items[i];
        require_served(m, market, market->unserved, "may_fall_short", "falls short of its demand",
                       "give it a supplier of last resort, or say `may_fall_short: true`");
        require_served(m, market, market->spilled, "may_spill", "has more supply than anybody takes",
                       "give it a taker of last resort, or say `may_spill: true`");
    }
}

static void read_price(pf_model *m, pf_market *market)
{
    const pf_tree *tree = pf_tree_get(market->tree, "price");
    pf_context outside = {.model = m};
    pf_unit money;
    market->price = pf_no_term();
    if (!tree) return;
    const char *currency = pf_tree_get_text(pf_tree_at(m->scenario->tree, "accounting.money"), "currency"), *why;
    const char *label = pf_format(m->arena, "markets.%s.price", market->label);
    if (!currency || pf_unit_parse(m->scenario->units, currency, &money, &why)) {
        pf_error(m->diagnostics, tree->mark, "a price needs `accounting: {money: {currency: ..., year: ...}}`");
        return;
    }
    pf_term price = pf_value_term(&outside, tree, label);
    pf_dimension wanted = pf_dimension_quotient(money.dimension, market->carrier->unit.dimension);
    if (pf_expect(&outside, price, wanted, tree, label, NULL)) market->price = (pf_term){price.node, wanted};
}

void pf_clear_markets(pf_model *m)
{
    for (size_t i = 0; i < m->markets.count; i++) {
        read_price(m, m->markets.items[i]);
        remark_on_sides(m, m->markets.items[i]);
        clear(m, m->markets.items[i]);
    }
    check_markets(m);
}
