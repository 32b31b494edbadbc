/* The parser of expressions and paths: what is read, written back with all brackets, and where an error is placed. */
#include "temporary.h"

#include "base/operations.h"
#include "scenario/expression.h"

#include <math.h>

/* An expression with a bracket around each operation: "(-(a ^ 2))". */
static const char *bracketed(pf_arena *arena, const pf_expression *e)
{
    const char *part[3] = {"", "", ""};
    for (size_t i = 0; i < e->argument_count; i++) part[i] = bracketed(arena, e->arguments[i]);
    switch (e->kind) {
    case PF_EXPR_NUMBER:
        return e->unit ? pf_format(arena, "%g[%s]", e->number, e->unit) : pf_format(arena, "%g", e->number);
    case PF_EXPR_PATH: return pf_path_text(arena, &e->path);
    case PF_EXPR_CALL: {
        const char *text = pf_format(arena, "%s(", e->unit);
        for (size_t i = 0; i < e->argument_count; i++) text = pf_format(arena, "%s%s%s", text, i ? ", " : "", part[i]);
        return pf_format(arena, "%s)", text);
    }
    case PF_EXPR_OPERATION: {
        const char *sign = pf_operation_at(e->operation)->infix;
        return e->argument_count == 1 ? pf_format(arena, "(%s%s)", sign, part[0])
                                      : pf_format(arena, "(%s %s %s)", part[0], sign, part[1]);
    }
    }
    return "?";
}

static void reads(const char *text, const char *expected)
{
    temporary t = temporary_new();
    pf_expression *e = pf_expression_parse(t.arena, (pf_mark){"m.yaml", 3, 10}, text, t.diagnostics);
    assert_nothing_said(&t);
    assert_non_null(e);
    assert_string_equal(bracketed(t.arena, e), expected);
    temporary_free(&t);
}

/* `place` is the column and the beginning of the message, in a text that begins at line 3, column 10. */
static void refused(const char *text, const char *place)
{
    temporary t = temporary_new();
    assert_null(pf_expression_parse(t.arena, (pf_mark){"m.yaml", 3, 10}, text, t.diagnostics));
    assert_int_equal(pf_error_count(t.diagnostics), 1);
    assert_said(&t, pf_format(t.arena, "m.yaml:3:%s", place));
    temporary_free(&t);
}

static void a_power_binds_tighter_than_the_sign_before_it(void **state)
{
    (void)state;
    reads("-a ^ 2", "(-(a ^ 2))");
    reads("(-a) ^ 2", "((-a) ^ 2)");
    reads("2 ^ -a", "(2 ^ (-a))");
    reads("--a", "(-(-a))");
    reads("a - -b", "(a - (-b))");
}

static void powers_group_from_the_right(void **state)
{
    (void)state;
    reads("a ^ b ^ c", "(a ^ (b ^ c))");
    reads("(a ^ b) ^ c", "((a ^ b) ^ c)");
    reads("(a + b) ^ 2", "((a + b) ^ 2)");
    reads("a * b ^ 2", "(a * (b ^ 2))");
}

static void sums_and_products_group_from_the_left(void **state)
{
    (void)state;
    reads("a - b - c", "((a - b) - c)");
    reads("a / b / c", "((a / b) / c)");
    reads("a / b * c", "((a / b) * c)");
    reads("a + b * c - d", "((a + (b * c)) - d)");
    reads("-a * b", "((-a) * b)");
}

static void comparisons_bind_loosest_and_do_not_chain(void **state)
{
    (void)state;
    reads("a + b <= c * d", "((a + b) <= (c * d))");
    reads("a >= b", "(a >= b)");
    reads("a != b", "(a != b)");
    reads("a == b", "(a == b)");
    reads("a < -b", "(a < (-b))");
    refused("a < b < c", "16: error: found '< c'");
}

static void words_behind_a_number_are_its_unit(void **state)
{
    (void)state;
    reads("1 - exp(-decay * 1 year)", "(1 - exp(((-decay) * 1[year])))");
    reads("16 kg CH4 / 12 kg", "(16[kg CH4] / 12[kg])");
    reads("40 % * a", "(40[%] * a)");
    reads("1.9e9 VND + a", "(1.9e+09[VND] + a)");
    reads("0.5*a", "(0.5 * a)");
    reads(".5", "0.5");
    reads("min(a, inf)", "min(a, inf)");
    reads("infinite", "infinite"); /* a name */
}

static void calls_take_up_to_three_arguments(void **state)
{
    (void)state;
    reads("if(a > 0, b, c - 1)", "if((a > 0), b, (c - 1))");
    reads("share(a, b)", "share(a, b)");
    reads("f()", "f()");
    reads("max(min(a, b), c)", "max(min(a, b), c)");
    refused("f(a, b, c, d)", "20: error: ");
}

static void paths_have_names_wildcards_filters_and_names_of_names(void **state)
{
    (void)state;
    reads("demo.*[sector=beverages].needs.$key.per_output", "demo.*[sector=beverages].needs.$key.per_output");
    reads("sum(*.*[type=grid][park=a b].electricity)", "sum(*.*[type=grid][park=a b].electricity)");
    reads("$fuel.net_calorific_value * x", "($fuel.net_calorific_value * x)");
    reads("prev(held) / step", "(prev(held) / step)");
    reads("tên_việt * 2", "(tên_việt * 2)");
}

static void a_range_is_no_expression(void **state)
{
    (void)state;
    refused("1..2 + a", "11: error: found '..2 + a'");
}

static void an_error_is_placed_at_its_character(void **state)
{
    (void)state;
    refused("a + * b * )", "16: error: found 'b * )'"); /* `*` alone is a wildcard */
    refused("a + b * )", "18: error: found ')'");
    refused("a + ", "14: error: ");
    refused("", "10: error: ");
    refused("(a + b", "16: error: ");
    refused("a + b)", "15: error: found ')'");
    refused("a b", "12: error: found 'b'");
    refused("a..b", "12: error: found '.b'");
    refused("a[sector]", "18: error: ");
    refused("f(a", "13: error: ");
    refused("a # b", "12: error: found '# b'");
}

static void the_column_of_an_error_counts_characters_and_not_bytes(void **state)
{
    (void)state;
    refused("nước )", "15: error: found ')'");
}

static void an_expression_too_deep_or_too_long_to_read_is_refused(void **state)
{
    temporary t = temporary_new();
    (void)state;
    char *text = pf_alloc(t.arena, 100001);
    memset(text, '(', 1000);
    assert_null(pf_expression_parse(t.arena, (pf_mark){"m.yaml", 1, 1}, text, t.diagnostics));
    assert_said(&t, "m.yaml:1:");
    assert_said(&t, "at most 200 levels");
    memset(text, '-', 1000);
    assert_null(pf_expression_parse(t.arena, (pf_mark){"m.yaml", 2, 1}, text, t.diagnostics));
    assert_said(&t, "m.yaml:2:");
    memset(text, '1', 100000);
    assert_null(pf_expression_parse(t.arena, (pf_mark){"m.yaml", 3, 1}, text, t.diagnostics));
    assert_said(&t, "m.yaml:3:");
    temporary_free(&t);
}

static void each_operation_knows_where_it_stands(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_expression *e = pf_expression_parse(t.arena, (pf_mark){"m.yaml", 3, 10}, "a + b * cc", t.diagnostics);
    assert_int_equal(e->mark.line, 3);
    assert_int_equal(e->arguments[1]->arguments[1]->mark.column, 18);
    assert_string_equal(e->arguments[1]->text, "a + b * cc");
    temporary_free(&t);
}

static void a_path_alone_is_read_and_anything_behind_it_refused(void **state)
{
    temporary t = temporary_new();
    pf_path path;
    (void)state;
    assert_int_equal(pf_path_parse(t.arena, (pf_mark){"m.yaml", 1, 1}, " demo.*[type=firm].needs.steam.per_output ",
                                   &path, t.diagnostics),
                     PF_OK);
    assert_int_equal(path.count, 5);
    assert_string_equal(path.segments[1].name, "*");
    assert_string_equal(path.segments[1].filters.items[0].key, "type");
    assert_string_equal(path.segments[1].filters.items[0].value, "firm");
    assert_int_equal(pf_path_parse(t.arena, (pf_mark){"m.yaml", 1, 1}, "demo.firm + 1", &path, t.diagnostics),
                     PF_FAILED);
    assert_said(&t, "m.yaml:1:11: error: found '+ 1'");
    assert_int_equal(pf_path_parse(t.arena, (pf_mark){"m.yaml", 2, 1}, "demo..x", &path, t.diagnostics), PF_FAILED);
    assert_said(&t, "m.yaml:2:6: error: ");
    assert_int_equal(pf_path_parse(t.arena, (pf_mark){"m.yaml", 4, 1}, "", &path, t.diagnostics), PF_FAILED);
    temporary_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_binds_tighter_than_the_sign_before_it),
        cmocka_unit_test(powers_group_from_the_right),
        cmocka_unit_test(sums_and_products_group_from_the_left),
        cmocka_unit_test(comparisons_bind_loosest_and_do_not_chain),
        cmocka_unit_test(words_behind_a_number_are_its_unit),
        cmocka_unit_test(calls_take_up_to_three_arguments),
        cmocka_unit_test(paths_have_names_wildcards_filters_and_names_of_names),
        cmocka_unit_test(a_range_is_no_expression),
        cmocka_unit_test(an_error_is_placed_at_its_character),
        cmocka_unit_test(the_column_of_an_error_counts_characters_and_not_bytes),
        cmocka_unit_test(an_expression_too_deep_or_too_long_to_read_is_refused),
        cmocka_unit_test(each_operation_knows_where_it_stands),
        cmocka_unit_test(a_path_alone_is_read_and_anything_behind_it_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
