/* Equations of a flow system: takes "a = 0.3 * b", gives a sum of products that must be 0. */
#include "analysis/flow_reader.h"

#include "base/operations.h"
#include "scenario/expression.h"

#include <math.h>
#include <string.h>

typedef struct {
    PF_LIST(pf_monomial) terms;
    pf_dimension dimension;
    bool any_unit; /* a bare 0 */
    bool failed;
} polynomial;

static polynomial work_out(pf_flow_reader *r, const pf_expression *e);

static polynomial failure(void)
{
    return (polynomial){.failed = true};
}

/* ---- leaves ---- */

static polynomial number(pf_flow_reader *r, const pf_expression *e)
{
    polynomial p = {0};
    pf_unit unit = {.scale = 1};
    const char *why;
    if (e->unit && pf_unit_parse(r->units, e->unit, &unit, &why)) {
        pf_error(r->diagnostics, e->mark, "'%s': %s", e->unit, why);
        return failure();
    }
    p.dimension = unit.dimension;
    p.any_unit = !e->unit && fpclassify(e->number) == FP_ZERO;
    *PF_PUSH(r->arena, p.terms) = (pf_monomial){.coefficient = e->number * pf_unit_size(unit)};
    return p;
}

static polynomial quantity(pf_flow_reader *r, const pf_expression *e)
{
    polynomial p = {0};
    const char *name = pf_path_text(r->arena, &e->path);
    int found = pf_flow_quantity_named(r, name);
    if (found == PF_NO_QUANTITY) {
        pf_nearest near = pf_nearest_to(name);
        pf_map_offer(&r->names, &near);
        pf_error(r->diagnostics, e->mark, "no quantity is called '%s'%s", name, pf_nearest_hint(&near, r->arena));
        return failure();
    }
    p.dimension = r->quantities.items[found].dimension;
    *PF_PUSH(r->arena, p.terms) = (pf_monomial){.coefficient = 1, .factors = {(uint32_t)found}, .degree = 1};
    return p;
}

/* ---- operations ---- */

static polynomial scaled(pf_flow_reader *r, polynomial p, double factor)
{
    polynomial result = p;
    result.terms.items = NULL;
    result.terms.count = result.terms.capacity = 0;
    for (size_t i = 0; i < p.terms.count; i++) {
        pf_monomial term = p.terms.items[i];
        term.coefficient *= factor;
        *PF_PUSH(r->arena, result.terms) = term;
    }
    return result;
}

static polynomial added(pf_flow_reader *r, const pf_expression *e, polynomial a, polynomial b)
{
    if (!a.any_unit && !b.any_unit && !pf_dimension_equal(a.dimension, b.dimension)) {
        pf_error(r->diagnostics, e->mark, "%s and %s do not add up", pf_dimension_text(r->units, a.dimension, r->arena),
                 pf_dimension_text(r->units, b.dimension, r->arena));
        return failure();
    }
    polynomial sum = scaled(r, a, 1);
    sum.dimension = a.any_unit ? b.dimension : a.dimension;
    sum.any_unit = a.any_unit && b.any_unit;
    for (size_t i = 0; i < b.terms.count; i++) *PF_PUSH(r->arena, sum.terms) = b.terms.items[i];
    return sum;
}

static polynomial multiplied(pf_flow_reader *r, const pf_expression *e, polynomial a, polynomial b)
{
    polynomial product = {.dimension = pf_dimension_product(a.dimension, b.dimension),
                          .any_unit = a.any_unit || b.any_unit};
    for (size_t i = 0; i < a.terms.count; i++)
        for (size_t k = 0; k < b.terms.count; k++) {
            pf_monomial term = a.terms.items[i], other = b.terms.items[k];
            if (term.degree + other.degree > PF_MONOMIAL_FACTORS) {
                pf_error(r->diagnostics, e->mark, "more than %d quantities are multiplied", PF_MONOMIAL_FACTORS);
                return failure();
            }
            term.coefficient *= other.coefficient;
            memcpy(term.factors + term.degree, other.factors, other.degree * sizeof *other.factors);
            term.degree += other.degree;
            *PF_PUSH(r->arena, product.terms) = term;
        }
    return product;
}

static polynomial divided(pf_flow_reader *r, const pf_expression *e, polynomial a, polynomial b)
{
    double divisor = 0;
    bool is_number = true;
    for (size_t i = 0; i < b.terms.count; i++) {
        is_number &= b.terms.items[i].degree == 0;
        divisor += b.terms.items[i].coefficient;
    }
    if (!is_number || fpclassify(divisor) == FP_ZERO) {
        pf_error(r->diagnostics, e->mark,
                 "an equation may divide by a number that is not 0 only; write a = c * b instead of a / b = c");
        return failure();
    }
    polynomial quotient = scaled(r, a, 1 / divisor);
    quotient.dimension = pf_dimension_quotient(a.dimension, b.dimension);
    return quotient;
}

static polynomial operation(pf_flow_reader *r, const pf_expression *e)
{
    polynomial a = work_out(r, e->arguments[0]), b = {0};
    if (e->argument_count > 1) b = work_out(r, e->arguments[1]);
    if (a.failed || b.failed) return failure();
    switch (e->operation) {
    case PF_ADD: return added(r, e, a, b);
    case PF_SUB: return added(r, e, a, scaled(r, b, -1));
    case PF_NEG: return scaled(r, a, -1);
    case PF_MUL: return multiplied(r, e, a, b);
    case PF_DIV: return divided(r, e, a, b);
    default: break;
    }
    pf_error(r->diagnostics, e->mark, "an equation of a flow system is made of + - * and of / by numbers");
    return failure();
}

static polynomial work_out(pf_flow_reader *r, const pf_expression *e)
{
    switch (e->kind) {
    case PF_EXPR_NUMBER: return number(r, e);
    case PF_EXPR_PATH: return quantity(r, e);
    case PF_EXPR_OPERATION: return operation(r, e);
    case PF_EXPR_CALL: break;
    }
    pf_error(r->diagnostics, e->mark, "an equation of a flow system has no functions, only + - * and / by numbers");
    return failure();
}

/* ---- equations ---- */

static void add_equation(pf_flow_reader *r, const pf_entry *entry)
{
    pf_mark mark = pf_tree_text_mark(entry->value);
    const char *text = entry->value->text, *sign = strchr(text, '=');
    if (!sign || strchr(sign + 1, '=') || (sign > text && strchr("<>!", sign[-1]))) {
        pf_error(r->diagnostics, mark, "found '%s', expected an equation with one '='", pf_shortened(r->arena, text));
        return;
    }
    pf_mark right_mark = mark;
    for (const char *at = text; at <= sign; at++) right_mark.column += right_mark.column && !pf_is_later_byte(*at);
    const char *left_text = pf_copy_text(r->arena, text, (size_t)(sign - text));
    pf_expression *left = pf_expression_parse(r->arena, mark, left_text, r->diagnostics),
                  *right = pf_expression_parse(r->arena, right_mark, sign + 1, r->diagnostics);
    if (!left || !right) return;
    polynomial a = work_out(r, left), b = work_out(r, right);
    if (a.failed || b.failed) return;
    polynomial all = added(r, right, a, scaled(r, b, -1));
    if (all.failed) return;
    *PF_PUSH(r->arena, r->constraints) =
        (pf_flow_constraint){pf_format(r->arena, "equation %s", entry->key), entry->mark};
    *PF_PUSH(r->arena, r->sums) = (pf_constraint){all.terms.items, all.terms.count};
}

void pf_flow_add_equations(pf_flow_reader *r)
{
    const pf_tree *equations = pf_tree_get(r->tree, "equations");
    for (size_t i = 0; equations && i < equations->entries.count; i++) add_equation(r, &equations->entries.items[i]);
}
