/* The table of operations: its rows are well formed, pass NaN on, give the same bits in any number of lanes, and their
 * partial derivatives, read by a small evaluator of the test's own, agree with difference quotients. */
#include "base/operations.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names_are_unique_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < pf_operation_count(); i++) {
        const pf_operation *row = pf_operation_at(i);
        assert_non_null(row->name);
        assert_int_equal(pf_operation_named(row->name), (int)i);
        if (row->infix) assert_int_equal(pf_operation_infix(row->infix, row->arity), (int)i);
    }
    assert_int_equal(pf_operation_named("no such operation"), -1);
    assert_int_equal(pf_operation_infix("+", 1), -1);
    assert_int_equal(pf_operation_infix("-", 1), PF_NEG);
    assert_int_equal(pf_operation_infix("-", 2), PF_SUB);
}

static void rows_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < pf_operation_count(); i++) {
        const pf_operation *row = pf_operation_at(i);
        assert_in_range(row->arity, 1, 3);
        assert_non_null(row->run);
        assert_non_null(row->doc);
        for (int k = 0; k < row->arity; k++) assert_non_null(row->partial[k]);
        for (int k = row->arity; k < 3; k++) assert_null(row->partial[k]);
    }
}

static void every_operation_passes_nan_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < pf_operation_count(); i++) {
        if (i == PF_SELECT || i == PF_POW) continue; /* see below; and 1 ^ NaN = NaN ^ 0 = 1 in IEEE 754 */
        for (int k = 0; k < pf_operation_at(i)->arity; k++)
            for (double other = -1; other <= 1; other++) {
                double in[3] = {other, other, other};
                in[k] = NAN;
                assert_true(isnan(pf_operation_apply(i, in[0], in[1], in[2])));
            }
    }
    assert_true(isnan(pf_operation_apply(PF_POW, NAN, 2, 0)) && isnan(pf_operation_apply(PF_POW, 2, NAN, 0)));
    assert_true(isnan(pf_operation_apply(PF_POW, NAN, 0, 0)) && isnan(pf_operation_apply(PF_POW, 1, NAN, 0)));
}

static void select_passes_the_nan_it_uses(void **state)
{
    (void)state;
    assert_true(isnan(pf_operation_apply(PF_SELECT, NAN, 1, 2)));
    assert_true(isnan(pf_operation_apply(PF_SELECT, 1, NAN, 2)));
    assert_true(isnan(pf_operation_apply(PF_SELECT, 0, 1, NAN)));
    assert_true(pf_operation_apply(PF_SELECT, 1, 3, NAN) == 3);
    assert_true(pf_operation_apply(PF_SELECT, 0, NAN, 4) == 4);
    assert_true(pf_operation_apply(PF_SELECT, -0.5, 3, 4) == 3);
}

static void share_is_the_safe_division(void **state)
{
    (void)state;
    assert_true(pf_operation_apply(PF_SHARE, 3, 4, 0) == 0.75);
    assert_true(pf_operation_apply(PF_SHARE, 3, 0, 0) == 0);
    assert_true(pf_operation_apply(PF_SHARE, 3, -2, 0) == 0);
    assert_true(pf_operation_apply(PF_SHARE, 3, INFINITY, 0) == 0);
    assert_true(isinf(pf_operation_apply(PF_DIV, 3, 0, 0)));
    assert_true(isnan(pf_operation_apply(PF_DIV, 0, 0, 0)));
}

static void comparisons_give_one_or_zero(void **state)
{
    (void)state;
    static const struct {
        size_t op;
        double less, equal, more;
    } cases[] = {{PF_LT, 1, 0, 0}, {PF_LE, 1, 1, 0}, {PF_GT, 0, 0, 1},
                 {PF_GE, 0, 1, 1}, {PF_EQ, 0, 1, 0}, {PF_NE, 1, 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(pf_operation_apply(cases[i].op, -1, 2, 0) == cases[i].less);
        assert_true(pf_operation_apply(cases[i].op, 2, 2, 0) == cases[i].equal);
        assert_true(pf_operation_apply(cases[i].op, INFINITY, 2, 0) == cases[i].more);
    }
    assert_true(pf_operation_apply(PF_EQ, INFINITY, INFINITY, 0) == 1);
}

static const double SAMPLES[] = {0, -0.0, 1, -1, 0.3, 7.5, -2.25, 1e-300, 1e300, INFINITY, -INFINITY, NAN, 5e-324, 3};
enum { SAMPLE_COUNT = sizeof SAMPLES / sizeof *SAMPLES, MOST_LANES = 67 };

/* Bits, but for a NaN's sign and payload, of which IEEE 754 promises nothing. */
static void assert_same_bits(double a, double b)
{
    if (isnan(a) || isnan(b)) assert_true(isnan(a) && isnan(b));
    else assert_memory_equal(&a, &b, sizeof a);
}

static void lanes_do_not_change_the_bits(void **state)
{
    (void)state;
    for (size_t op = 0; op < pf_operation_count(); op++)
        for (size_t lanes = 1; lanes <= MOST_LANES; lanes++) {
            double a[MOST_LANES], b[MOST_LANES], c[MOST_LANES], y[MOST_LANES], in_place[MOST_LANES];
            for (size_t l = 0; l < lanes; l++) {
                in_place[l] = a[l] = SAMPLES[(l * 5 + lanes) % SAMPLE_COUNT];
                b[l] = SAMPLES[(l * 3 + op) % SAMPLE_COUNT];
                c[l] = SAMPLES[(l + lanes * 2) % SAMPLE_COUNT];
            }
            pf_operation_at(op)->run(lanes, y, a, b, c);
            pf_operation_at(op)->run(lanes, in_place, in_place, b, c);
            for (size_t l = 0; l < lanes; l++) {
                assert_same_bits(y[l], pf_operation_apply(op, a[l], b[l], c[l]));
                assert_same_bits(in_place[l], y[l]);
            }
        }
}

/* ---- An evaluator of the partials: comparison < sum < product < sign < power < atom ---- */

typedef struct {
    const char *at;
    double a, b, c, y;
} reader;

static double read_comparison(reader *r);

static int accept(reader *r, const char *sign)
{
    while (isspace((unsigned char)*r->at)) r->at++;
    size_t length = strlen(sign);
    if (strncmp(r->at, sign, length) != 0) return 0;
    r->at += length;
    return 1;
}

static double read_call(reader *r, const char *name)
{
    double in[3] = {0, 0, 0};
    int op = pf_operation_named(name), count = 0;
    assert_int_not_equal(op, -1);
    do in[count++] = read_comparison(r);
    while (count < 3 && accept(r, ","));
    assert_true(accept(r, ")"));
    assert_int_equal(count, pf_operation_at((size_t)op)->arity);
    return pf_operation_apply((size_t)op, in[0], in[1], in[2]);
}

static double read_atom(reader *r)
{
    if (accept(r, "(")) {
        double value = read_comparison(r);
        assert_true(accept(r, ")"));
        return value;
    }
    char name[16] = "";
    for (size_t i = 0; i + 1 < sizeof name && isalpha((unsigned char)*r->at); i++) name[i] = *r->at++;
    if (!*name) {
        char *end;
        double value = strtod(r->at, &end);
        assert_ptr_not_equal(end, r->at);
        r->at = end;
        return value;
    }
    if (accept(r, "(")) return read_call(r, name);
    assert_int_equal(strlen(name), 1);
    assert_non_null(strchr("abcy", *name));
    return *name == 'a' ? r->a : *name == 'b' ? r->b : *name == 'c' ? r->c : r->y;
}

static double read_power(reader *r)
{
    double base = read_atom(r);
    return accept(r, "^") ? pow(base, read_power(r)) : base;
}

static double read_sign(reader *r)
{
    return accept(r, "-") ? -read_sign(r) : read_power(r);
}

static double read_product(reader *r)
{
    double value = read_sign(r);
    for (;;) {
        if (accept(r, "*")) value *= read_sign(r);
        else if (accept(r, "/")) value /= read_sign(r);
        else return value;
    }
}

static double read_sum(reader *r)
{
    double value = read_product(r);
    for (;;) {
        if (accept(r, "+")) value += read_product(r);
        else if (accept(r, "-")) value -= read_product(r);
        else return value;
    }
}

static double read_comparison(reader *r)
{
    static const char *const signs[] = {"<=", ">=", "==", "!=", "<", ">"};
    double left = read_sum(r);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (accept(r, signs[i])) {
            int op = pf_operation_infix(signs[i], 2);
            return pf_operation_apply((size_t)op, left, read_sum(r), 0);
        }
    return left;
}

static double partial_of(size_t op, int operand, const double *in)
{
    double y = pf_operation_apply(op, in[0], in[1], in[2]);
    reader r = {pf_operation_at(op)->partial[operand], in[0], in[1], in[2], y};
    double value = read_comparison(&r);
    assert_int_equal(*r.at, '\0');
    return value;
}

static double difference_quotient(size_t op, int operand, const double *in)
{
    const double h = 1e-6;
    double up[3] = {in[0], in[1], in[2]}, down[3] = {in[0], in[1], in[2]};
    up[operand] += h;
    down[operand] -= h;
    return (pf_operation_apply(op, up[0], up[1], up[2]) - pf_operation_apply(op, down[0], down[1], down[2])) / (2 * h);
}

static void partials_agree_with_difference_quotients(void **state)
{
    (void)state;
    static const double points[][3] = {
        {0.4, 1.7, 2.1}, {2.6, 0.9, -1.2}, {1.3, 1.9, 0.2}, {-0.6, 2, 0.7}, {0.8, -1.5, 3}};
    for (size_t op = 0; op < pf_operation_count(); op++)
        for (size_t p = 0; p < sizeof points / sizeof *points; p++)
            for (int k = 0; k < pf_operation_at(op)->arity; k++) {
                double expected = difference_quotient(op, k, points[p]);
                if (isnan(expected)) continue; /* outside of the operation's domain: log(-0.6) */
                assert_true(fabs(partial_of(op, k, points[p]) - expected) <= 1e-8 * (1 + fabs(expected)));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_found),
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(every_operation_passes_nan_on),
        cmocka_unit_test(select_passes_the_nan_it_uses),
        cmocka_unit_test(share_is_the_safe_division),
        cmocka_unit_test(comparisons_give_one_or_zero),
        cmocka_unit_test(lanes_do_not_change_the_bits),
        cmocka_unit_test(partials_agree_with_difference_quotients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
