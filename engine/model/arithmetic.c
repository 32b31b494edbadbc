/* Arithmetic on indicators: takes an expression of their names, park facts and numbers, gives steps on a stack in base
 * units, that work on sums over parks and steps; so that ratios divide last. */
#include "model/model.h"

#include "base/operations.h"

#include <string.h>

static void refuse(pf_arithmetic_reader *r, pf_mark mark, const char *message)
{
    pf_error(r->model->diagnostics, mark, "%s", message);
    r->is_wrong = true;
}

static void push(pf_arithmetic_reader *r, pf_arithmetic step)
{
    *PF_PUSH(r->model->arena, r->steps) = step;
}

static void take_indicator(pf_arithmetic_reader *r, size_t row, pf_dimension *dimension)
{
    const pf_indicator *indicator = &r->model->compiled.indicators[row];
    pf_unit unit;
    const char *why;
    if (pf_unit_parse(r->model->scenario->units, indicator->unit, &unit, &why)) {
        r->is_wrong = true; /* the indicator has said so */
        return;
    }
    if (!r->first) r->first = indicator;
    r->is_amount &= !strcmp(indicator->method, "sum");
    *dimension = unit.dimension;
    if (indicator->numerator < 0) {
        push(r, (pf_arithmetic){PF_TAKE_INDICATOR, unit.scale, (uint32_t)row});
        return;
    }
    take_indicator(r, (size_t)indicator->numerator, dimension);
    take_indicator(r, (size_t)indicator->denominator, dimension);
    push(r, (pf_arithmetic){PF_TAKE_OPERATION, 0, PF_DIV});
    *dimension = unit.dimension;
}

static bool is_fact(const pf_arithmetic_reader *r, const pf_expression *e)
{
    return r->takes_facts && e->path.count == 2 && !strcmp(e->path.segments[0].name, "park");
}

static void take_fact(pf_arithmetic_reader *r, const pf_expression *e, pf_dimension *dimension)
{
    const pf_compiled *c = &r->model->compiled;
    const char *name = e->path.segments[1].name;
    pf_nearest near = pf_nearest_to(name);
    for (size_t i = 0; i < c->fact_count; i++) {
        if (!strcmp(c->facts[i].name, name)) {
            r->is_amount = false;
            r->takes_fact = true;
            *dimension = c->facts[i].unit.dimension;
            push(r, (pf_arithmetic){PF_TAKE_FACT, 1, (uint32_t)i});
            return;
        }
        pf_nearest_offer(&near, c->facts[i].name);
    }
    refuse(r, e->mark,
           pf_format(r->model->arena, "no park has a fact '%s'%s", name, pf_nearest_hint(&near, r->model->arena)));
}

int pf_indicator_named(pf_model *m, const char *name, pf_mark mark)
{
    pf_nearest near = pf_nearest_to(name);
    for (size_t i = 0; i < m->compiled.indicator_count; i++) {
        if (!strcmp(m->compiled.indicators[i].name, name)) return (int)i;
        pf_nearest_offer(&near, m->compiled.indicators[i].name);
    }
    if (!pf_tree_get(pf_tree_get(m->scenario->tree, "indicators"), name)) /* else its own error has been said */
        pf_error(m->diagnostics, mark, "no indicator is called '%s'%s", name, pf_nearest_hint(&near, m->arena));
    return -1;
}

static void take_name(pf_arithmetic_reader *r, const pf_expression *e, pf_dimension *dimension)
{
    int row = pf_indicator_named(r->model, pf_path_text(r->model->arena, &e->path), e->mark);
    if (row < 0) r->is_wrong = true;
    else take_indicator(r, (size_t)row, dimension);
}

static pf_dimension take(pf_arithmetic_reader *r, const pf_expression *e);

static pf_dimension take_operation(pf_arithmetic_reader *r, const pf_expression *e)
{
    pf_model *m = r->model;
    const pf_operation *op = pf_operation_at(e->operation);
    pf_dimension a = take(r, e->arguments[0]), b = e->argument_count > 1 ? take(r, e->arguments[1]) : a;
    bool is_sum = e->operation == PF_ADD || e->operation == PF_SUB, is_product = e->operation == PF_MUL;
    bool is_scaled = e->argument_count > 1 && (e->arguments[1]->kind == PF_EXPR_NUMBER ||
                                               (is_product && e->arguments[0]->kind == PF_EXPR_NUMBER));
    r->is_amount &= is_sum || is_scaled || e->operation == PF_NEG;
    if (r->is_wrong) return a;
    if (is_sum && !pf_dimension_equal(a, b))
        refuse(r, e->mark,
               pf_format(m->arena, "'%s' needs values of one dimension, found %s and %s", op->infix,
                         pf_dimension_text(m->scenario->units, a, m->arena),
                         pf_dimension_text(m->scenario->units, b, m->arena)));
    push(r, (pf_arithmetic){PF_TAKE_OPERATION, 0, (uint32_t)e->operation});
    if (is_product) return pf_dimension_product(a, b);
    return e->operation == PF_DIV ? pf_dimension_quotient(a, b) : a;
}

static bool is_arithmetic(const pf_expression *e)
{
    return e->kind == PF_EXPR_OPERATION && e->operation <= PF_NEG;
}

/* Puts an expression's steps down and gives its dimension. */
static pf_dimension take(pf_arithmetic_reader *r, const pf_expression *e)
{
    pf_unit unit = {.scale = 1};
    const char *why;
    if (e->kind == PF_EXPR_PATH && is_fact(r, e)) take_fact(r, e, &unit.dimension);
    else if (e->kind == PF_EXPR_PATH) take_name(r, e, &unit.dimension);
    else if (is_arithmetic(e)) return take_operation(r, e);
    else if (e->kind != PF_EXPR_NUMBER)
        refuse(r, e->mark,
               pf_format(r->model->arena, "%s names indicators, and + - * / between them; put more into an indicator",
                         r->what));
    else if (e->unit && pf_unit_parse(r->model->scenario->units, e->unit, &unit, &why))
        refuse(r, e->mark, pf_format(r->model->arena, "'%s': %s", e->unit, why));
    else push(r, (pf_arithmetic){PF_TAKE_NUMBER, e->number * unit.scale, 0});
    return unit.dimension;
}

void pf_read_arithmetic(pf_arithmetic_reader *r, const pf_tree *text)
{
    pf_model *m = r->model;
    r->is_amount = true;
    if (!text || text->kind != PF_TEXT) {
        r->is_wrong = true; /* the schema has said so */
        return;
    }
    const pf_expression *e = pf_expression_parse(m->arena, pf_tree_text_mark(text), text->text, m->diagnostics);
    if (e) r->dimension = take(r, e);
    if (!e) r->is_wrong = true;
    else if (!r->is_wrong && !r->first && !r->takes_fact)
        refuse(r, text->mark,
               pf_format(m->arena, "%s must name an indicator%s", r->what, r->takes_facts ? " or a fact" : ""));
}
