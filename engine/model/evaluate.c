/* Expressions to terms: names resolved, dimensions inferred and checked, nodes made. */
#include "model/model.h"

#include <math.h>
#include <string.h>

enum { LONGEST_CHAIN = 500 };

pf_term pf_no_term(void)
{
    return (pf_term){.node = PF_NO_NODE};
}

pf_memo *pf_memo_at(pf_model *m, pf_map *map, const char *key)
{
    pf_memo *memo = pf_map_get(map, key);
    if (memo) return memo;
    memo = PF_NEW(m->arena, pf_memo);
    memo->term = pf_no_term();
    pf_map_set(map, m->arena, key, memo);
    return memo;
}

static pf_term complain(const pf_context *c, const pf_expression *e, const char *message)
{
    pf_error(c->model->diagnostics, e->mark, "%s, in '%s'", message, e->text);
    return pf_no_term();
}

bool pf_fits(const pf_context *c, pf_term term, pf_dimension wanted)
{
    double value;
    if (term.node == PF_NO_NODE) return false;
    if (pf_dimension_equal(term.dimension, wanted)) return true;
    return pf_is_constant(&c->model->graph, term.node, &value) && (value == 0 || isinf(value)) &&
           pf_dimension_none(term.dimension);
}

/* "'3 kWh', which is in J", "'100', which has no unit", "a series in W" */
static const char *found_words(pf_model *m, const pf_tree *written, pf_dimension dimension)
{
    const char *text = written->kind == PF_TEXT ? written->text : pf_tree_get_text(written, "value"), *rest;
    const char *in = pf_dimension_text(m->scenario->units, dimension, m->arena);
    bool none = pf_dimension_none(dimension), series = pf_tree_get(written, "csv") || pf_tree_get(written, "series");
    double number;
    if (!text)
        return pf_format(m->arena, "a %s %s%s", series ? "series" : "value", none ? "without unit" : "in ",
                         none ? "" : in);
    bool bare = pf_number_parse(text, &number, &rest) && !*rest;
    return pf_format(m->arena, "'%s', which %s%s", pf_shortened(m->arena, text),
                     !none  ? "is in "
                     : bare ? "has no unit"
                            : "is a pure number",
                     none ? "" : in);
}

bool pf_expect(const pf_context *c, pf_term term, pf_dimension wanted, const pf_tree *written, const char *what,
               const char *unit)
{
    pf_model *m = c->model;
    if (term.node == PF_NO_NODE || pf_fits(c, term, wanted)) return term.node != PF_NO_NODE;
    const char *expected = unit ? unit : pf_dimension_text(m->scenario->units, wanted, m->arena);
    if (pf_dimension_none(wanted)) expected = "a pure number";
    pf_error(m->diagnostics, written->mark, "%s: found %s, expected %s", what, found_words(m, written, term.dimension),
             expected);
    return false;
}

/* A bare 0 or infinity takes the dimension of what it stands beside. */
static bool alike(const pf_context *c, pf_term *a, pf_term *b)
{
    double value;
    if (pf_dimension_equal(a->dimension, b->dimension)) return true;
    if (pf_is_constant(&c->model->graph, a->node, &value) && (value == 0 || isinf(value)) &&
        pf_dimension_none(a->dimension)) {
        a->dimension = b->dimension;
        return true;
    }
    if (pf_is_constant(&c->model->graph, b->node, &value) && (value == 0 || isinf(value)) &&
        pf_dimension_none(b->dimension)) {
        b->dimension = a->dimension;
        return true;
    }
    return false;
}

static pf_term unlike(const pf_context *c, const pf_expression *e, const pf_operation *op, pf_term a, pf_term b)
{
    pf_model *m = c->model;
    return complain(c, e,
                    pf_format(m->arena, "'%s' needs values of one dimension, found %s and %s",
                              op->infix ? op->infix : op->name,
                              pf_dimension_text(m->scenario->units, a.dimension, m->arena),
                              pf_dimension_text(m->scenario->units, b.dimension, m->arena)));
}

static pf_term power_of(const pf_context *c, const pf_expression *e, pf_term a, pf_term b)
{
    double exponent;
    pf_graph *g = &c->model->graph;
    if (!pf_dimension_none(b.dimension)) return complain(c, e, "an exponent has no dimension");
    pf_term result = {pf_binary(g, PF_POW, a.node, b.node), a.dimension};
    if (pf_dimension_none(a.dimension)) return result;
    if (!pf_is_constant(g, b.node, &exponent) || exponent != rint(exponent) || fabs(exponent) > 8)
        return complain(c, e, "a value with a dimension may only be raised to a whole constant");
    result.dimension = pf_dimension_power(a.dimension, (int)exponent);
    return result;
}

static pf_term apply(const pf_context *c, const pf_expression *e, size_t row, pf_term *t)
{
    const pf_operation *op = pf_operation_at(row);
    pf_dimension dimension = t[0].dimension;
    switch (op->units) {
    case PF_UNITS_SAME:
    case PF_UNITS_COMPARE:
        if (!alike(c, &t[0], &t[1])) return unlike(c, e, op, t[0], t[1]);
        dimension = op->units == PF_UNITS_SAME ? t[0].dimension : (pf_dimension){0};
        break;
    case PF_UNITS_KEEP: break;
    case PF_UNITS_PRODUCT: dimension = pf_dimension_product(t[0].dimension, t[1].dimension); break;
    case PF_UNITS_QUOTIENT: dimension = pf_dimension_quotient(t[0].dimension, t[1].dimension); break;
    case PF_UNITS_POWER: return power_of(c, e, t[0], t[1]);
    case PF_UNITS_ROOT:
        if (!pf_dimension_root(t[0].dimension, &dimension))
            return complain(c, e, "the square root of this dimension is none");
        break;
    case PF_UNITS_DIMENSIONLESS:
        for (int i = 0; i < op->arity; i++)
            if (!pf_dimension_none(t[i].dimension))
                return complain(
                    c, e,
                    pf_format(c->model->arena, "'%s' needs a value without dimension, found %s", op->name,
                              pf_dimension_text(c->model->scenario->units, t[i].dimension, c->model->arena)));
        break;
    case PF_UNITS_SELECT:
        if (!pf_dimension_none(t[0].dimension))
            return complain(c, e, "the condition of 'if' has a dimension, expected a comparison");
        if (!alike(c, &t[1], &t[2])) return unlike(c, e, op, t[1], t[2]);
        dimension = t[1].dimension;
        break;
    }
    return (pf_term){pf_operation_node(&c->model->graph, (uint32_t)row, t[0].node,
                                       op->arity > 1 ? t[1].node : PF_NO_NODE, op->arity > 2 ? t[2].node : PF_NO_NODE),
                     dimension};
}

static pf_term number_term(const pf_context *c, const pf_expression *e)
{
    pf_unit unit = {.scale = 1};
    const char *why;
    if (e->unit && pf_unit_parse(c->model->scenario->units, e->unit, &unit, &why))
        return complain(c, e, pf_format(c->model->arena, "'%s': %s", e->unit, why));
    return (pf_term){pf_constant_node(&c->model->graph, e->number * unit.scale), unit.dimension};
}

/* prev(stock), or prev(x, first). */
static pf_term previous(const pf_context *c, const pf_expression *e)
{
    pf_graph *g = &c->model->graph;
    const pf_expression *of = e->argument_count ? e->arguments[0] : NULL;
    if (of && of->kind == PF_EXPR_PATH && e->argument_count == 1) {
        const pf_stock *stock = c->process ? pf_stock_named(c->process, of->path.segments[0].name) : NULL;
        if (stock && of->path.count == 1) return (pf_term){stock->previous, stock->dimension};
    }
    if (e->argument_count != 2) return complain(c, e, "expected prev(STOCK) or prev(VALUE, FIRST)");
    pf_term now = pf_evaluate(c, e->arguments[0]), first = pf_evaluate(c, e->arguments[1]);
    if (now.node == PF_NO_NODE || first.node == PF_NO_NODE) return pf_no_term();
    if (!alike(c, &first, &now)) return complain(c, e, "the two values of 'prev' differ in dimension");
    pf_node_id state = pf_state_node(g, e->text);
    pf_graph_state *row = pf_state_of(g, state);
    row->initial = first.node;
    row->next = now.node;
    return (pf_term){state, now.dimension};
}

/* average(x, year): the mean of a series, weighted by days, over the steps of a year. */
static pf_term average(const pf_context *c, const pf_expression *e)
{
    pf_model *m = c->model;
    if (e->argument_count != 2) return complain(c, e, "expected average(SERIES, YEAR)");
    pf_term series = pf_evaluate(c, e->arguments[0]), when = pf_evaluate(c, e->arguments[1]);
    double year, value, sum = 0, days = 0;
    if (series.node == PF_NO_NODE || when.node == PF_NO_NODE) return pf_no_term();
    if (pf_is_constant(&m->graph, series.node, &value)) return series;
    if (!pf_is_constant(&m->graph, when.node, &year)) return complain(c, e, "the year of 'average' must be a number");
    const pf_node *node = &m->graph.nodes.items[series.node];
    if (node->kind != PF_SERIES_VALUE) return complain(c, e, "'average' needs a series that no intervention changes");
    const pf_calendar *calendar = &m->scenario->calendar;
    for (uint32_t s = 0; s < calendar->count; s++) {
        int y, month, day;
        pf_day_date(calendar->steps[s].first_day, &y, &month, &day);
        double length = calendar->steps[s].end_day - calendar->steps[s].first_day;
        if (y != (int)year) continue;
        sum += length * m->graph.series.items[node->index][s];
        days += length;
    }
    if (calendar->stands_in) return series;
    if (days < 365)
        return complain(
            c, e, pf_format(m->arena, "the year %d of 'average' is not wholly within the model's time", (int)year));
    return (pf_term){pf_constant_node(&m->graph, sum / days), series.dimension};
}

static pf_term unit_of(const pf_context *c, const pf_expression *e)
{
    if (e->argument_count != 1) return complain(c, e, "expected unit(PARAMETER)");
    pf_term t = pf_evaluate(c, e->arguments[0]);
    if (t.node != PF_NO_NODE) t.node = pf_constant_node(&c->model->graph, 1);
    return t;
}

static pf_term clip(const pf_context *c, const pf_expression *e)
{
    pf_term t[3], inner[2];
    if (e->argument_count != 3) return complain(c, e, "expected clip(VALUE, LOW, HIGH)");
    for (size_t i = 0; i < 3; i++)
        if ((t[i] = pf_evaluate(c, e->arguments[i])).node == PF_NO_NODE) return pf_no_term();
    inner[0] = t[0], inner[1] = t[1];
    t[0] = apply(c, e, PF_MAX, inner);
    inner[0] = t[0], inner[1] = t[2];
    return t[0].node == PF_NO_NODE ? t[0] : apply(c, e, PF_MIN, inner);
}

/* convert(x, VND): money of another year or currency. */
static pf_term convert(const pf_context *c, const pf_expression *e)
{
    bool named = e->argument_count == 2 && e->arguments[1]->kind == PF_EXPR_PATH && e->arguments[1]->path.count == 1;
    if (!named) return complain(c, e, "expected convert(AMOUNT, CURRENCY)");
    return pf_in_money(c->model, pf_evaluate(c, e->arguments[0]), e->arguments[1]->path.segments[0].name, e->mark);
}

/* lookup(NAME, x) */
static pf_term look_up(const pf_context *c, const pf_expression *e)
{
    bool named = e->argument_count == 2 && e->arguments[0]->kind == PF_EXPR_PATH && e->arguments[0]->path.count == 1;
    if (!named) return complain(c, e, "expected lookup(TABLE, VALUE)");
    pf_term x = pf_evaluate(c, e->arguments[1]);
    return x.node == PF_NO_NODE ? x : pf_lookup(c, e->arguments[0]->path.segments[0].name, x, e->mark);
}

static pf_term sum_of(const pf_context *c, const pf_expression *e)
{
    return e->argument_count == 1 ? pf_sum(c, e->arguments[0]) : complain(c, e, "expected sum(SELECTOR)");
}

/* Functions that are no operations: what they compute depends on the model, not only on values. */
static const struct {
    const char *name;
    pf_term (*run)(const pf_context *, const pf_expression *);
} functions[] = {{"sum", sum_of}, {"prev", previous},   {"average", average}, {"unit", unit_of},
                 {"clip", clip},  {"convert", convert}, {"lookup", look_up}};

static pf_term unknown_function(const pf_context *c, const pf_expression *e)
{
    pf_nearest near = pf_nearest_to(e->unit);
    for (size_t i = 0; i < pf_operation_count(); i++) pf_nearest_offer(&near, pf_operation_at(i)->name);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) pf_nearest_offer(&near, functions[i].name);
    return complain(
        c, e,
        pf_format(c->model->arena, "no function is called '%s'%s", e->unit, pf_nearest_hint(&near, c->model->arena)));
}

static pf_term operation_term(const pf_context *c, const pf_expression *e, size_t row)
{
    pf_term t[3];
    const pf_operation *op = pf_operation_at(row);
    if ((int)e->argument_count != op->arity)
        return complain(c, e,
                        pf_format(c->model->arena, "'%s' takes %d value%s, found %zu", op->name, op->arity,
                                  op->arity == 1 ? "" : "s", e->argument_count));
    for (size_t i = 0; i < e->argument_count; i++) t[i] = pf_evaluate(c, e->arguments[i]);
    for (size_t i = 0; i < e->argument_count; i++)
        if (t[i].node == PF_NO_NODE) return pf_no_term();
    return apply(c, e, row, t);
}

static pf_term call_term(const pf_context *c, const pf_expression *e)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!strcmp(functions[i].name, e->unit)) return functions[i].run(c, e);
    int row = pf_operation_named(e->unit);
    if (row < 0) return unknown_function(c, e);
    return operation_term(c, e, (size_t)row);
}

static void offer_names(const pf_context *c, pf_nearest *near)
{
    static const char *const groups[] = {"parameters", "values", "stocks"};
    const pf_tree *parameters = pf_tree_get(c->model->scenario->tree, "parameters");
    for (size_t g = 0; c->process && g < 3; g++) {
        const pf_tree *map = pf_tree_get(c->process->type, groups[g]);
        for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++)
            pf_nearest_offer(near, map->entries.items[i].key);
    }
    for (size_t i = 0; c->process && i < c->process->ports.count; i++)
        pf_nearest_offer(near, c->process->ports.items[i]->name);
    for (size_t i = 0; parameters && i < parameters->entries.count; i++)
        pf_nearest_offer(near, parameters->entries.items[i].key);
}

/* "3 kg/day" is 3 kg / day within an expression, where '/' divides. */
static const char *unit_hint(const pf_context *c, const pf_expression *e, const char *name)
{
    pf_unit unit;
    const char *why;
    bool is_unit = e->path.count == 1 && !e->path.segments[0].filters.count &&
                   !pf_unit_parse(c->model->scenario->units, name, &unit, &why);
    return is_unit ? pf_format(c->model->arena, "; '%s' is a unit: write / 1 %s", name, name) : "";
}

static pf_term chain_too_long(const pf_context *c, const pf_expression *e)
{
    bool told = c->model->depth_told;
    c->model->depth_told = true;
    if (told) return pf_no_term();
    return complain(c, e,
                    pf_format(c->model->arena,
                              "this is the end of a chain of more than %d names, each defined "
                              "by the next",
                              LONGEST_CHAIN));
}

static pf_term path_term(const pf_context *c, const pf_expression *e)
{
    bool found;
    if (c->process && pf_is_refused(c->process, &e->path)) return pf_no_term();
    if (c->model->depth == LONGEST_CHAIN) return chain_too_long(c, e);
    c->model->depth++;
    pf_term term = pf_name_term(c, &e->path, 0, &found);
    c->model->depth--;
    if (found) return term;
    const char *name = pf_path_text(c->model->arena, &e->path);
    const char *in = c->process ? pf_format(c->model->arena, " (in %s)", c->process->label) : "";
    pf_nearest near = pf_nearest_to(name);
    offer_names(c, &near);
    return complain(c, e,
                    pf_format(c->model->arena, "nothing here is called '%s'%s%s%s", name, in,
                              pf_nearest_hint(&near, c->model->arena), unit_hint(c, e, name)));
}

pf_term pf_evaluate(const pf_context *c, const pf_expression *e)
{
    switch (e->kind) {
    case PF_EXPR_NUMBER: return number_term(c, e);
    case PF_EXPR_PATH: return path_term(c, e);
    case PF_EXPR_CALL: return call_term(c, e);
    case PF_EXPR_OPERATION: return operation_term(c, e, e->operation);
    }
    return pf_no_term();
}

/* "0.3 kWh/m3" as a whole is a number with its unit, though within an expression '/' divides. */
static bool is_quantity(const pf_context *c, const char *text)
{
    double number;
    const char *rest, *why;
    pf_unit unit;
    return pf_number_parse(text, &number, &rest) && *rest &&
           !pf_unit_parse(c->model->scenario->units, rest, &unit, &why);
}

pf_term pf_evaluate_text(const pf_context *c, const pf_tree *text, const pf_dimension *wanted, const char *what)
{
    pf_model *m = c->model;
    if (!text || text->kind != PF_TEXT) {
        if (text)
            pf_error(m->diagnostics, text->mark, "%s: found %s, expected an expression", what, pf_tree_kind_name(text));
        return pf_no_term();
    }
    const pf_expression *e = text->expression;
    bool quantity = !e && is_quantity(c, text->text);
    if (!e && !quantity) {
        e = pf_expression_parse(m->arena, pf_tree_text_mark(text), text->text, m->diagnostics);
        if (!e) return pf_no_term();
        ((pf_tree *)text)->expression = e;
    }
    uint32_t before = pf_model_at(m, text->mark, what);
    pf_term term = quantity ? pf_value_term(c, text, what) : pf_evaluate(c, e);
    m->graph.origin = before;
    if (term.node == PF_NO_NODE) return term;
    if (wanted && !pf_expect(c, term, *wanted, text, what, NULL)) return pf_no_term();
    if (wanted) term.dimension = *wanted;
    return term;
}
