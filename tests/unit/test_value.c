/* Values: literals with units, ranges, distributions, choices, series, expressions; in base units, with their errors.
 */
#include "temporary.h"

#include "base/distributions.h"
#include "scenario/value.h"

#include <gsl/gsl_errno.h>
#include <math.h>

typedef struct {
    temporary files;
    pf_calendar calendar;
    pf_value_reader reader;
} reading;

/* A model of the months of 2020, with the names of units that these tests use. */
static reading begin(void)
{
    static const char *const names[][2] = {{"%", "0.01"},     {"t", "1e3 kg"},           {"h", "3600 s"},
                                           {"day", "24 h"},   {"kWh", "3.6e6 kg m2/s2"}, {"CO2", "label"},
                                           {"CO2e", "label"}, {"GJ", "1e9 kg m2/s2"}};
    reading r = {.files = temporary_new()};
    const char *why;
    pf_step year;
    gsl_set_error_handler_off();
    pf_units *units = pf_units_new();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(pf_units_define(units, names[i][0], names[i][1], &why), PF_OK);
    pf_units_add_currency(units, "VND");
    pf_units_money_year(units, 2020);
    assert_true(pf_date_parse("2020", &year));
    assert_int_equal(pf_calendar_make(r.files.arena, PF_STEP_MONTH, year, year, &r.calendar, &why), PF_OK);
    r.reader = (pf_value_reader){.arena = r.files.arena, .units = units, .diagnostics = r.files.diagnostics};
    return r;
}

static void end(reading *r)
{
    pf_units_free(r->reader.units);
    temporary_free(&r->files);
}

/* The tree under `x` of a file of that YAML. */
static const pf_tree *tree_of(reading *r, const char *yaml)
{
    const char *path =
        temporary_file(&r->files, "m.yaml", pf_format(r->files.arena, "accounting: {gwp: ar5}\nx: %s\n", yaml));
    r->reader.files = pf_files_new(r->files.arena);
    const pf_tree *tree = pf_tree_read(r->reader.files, path, (pf_mark){path, 0, 0}, r->files.diagnostics);
    assert_non_null(tree);
    r->reader.calendar = &r->calendar;
    r->reader.accounting = pf_tree_get(tree, "accounting");
    return pf_tree_get(tree, "x");
}

static pf_value *value_of(reading *r, const char *yaml)
{
    pf_value *value = pf_value_read(&r->reader, tree_of(r, yaml));
    assert_nothing_said(&r->files);
    assert_non_null(value);
    return value;
}

static void refused(const char *yaml, const char *message)
{
    reading r = begin();
    assert_null(pf_value_read(&r.reader, tree_of(&r, yaml)));
    assert_said(&r.files, message);
    end(&r);
}

static void close_to(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-14 * fabs(expected))) fail_msg("%.17g, expected %.17g", value, expected);
}

static bool alike(reading *r, const pf_value *value, const char *unit)
{
    pf_unit wanted;
    const char *why;
    assert_int_equal(pf_unit_parse(r->reader.units, unit, &wanted, &why), PF_OK);
    return pf_dimension_equal(value->unit.dimension, wanted.dimension);
}

static void a_number_comes_out_in_base_units(void **state)
{
    reading r = begin();
    (void)state;
    pf_value *value = value_of(&r, "12 kWh/t");
    assert_int_equal(value->kind, PF_NUMBER);
    close_to(value->number, 12 * 3.6e6 / 1000);
    assert_true(alike(&r, value, "m2/s2"));
    close_to(value_of(&r, "60 %")->number, 0.6);
    close_to(value_of(&r, "-3.5e2 kg")->number, -350);
    close_to(value_of(&r, "1e6 VND")->number, 1e6);
    end(&r);
}

static void an_exponent_may_have_either_sign(void **state)
{
    reading r = begin();
    (void)state;
    close_to(value_of(&r, "1e-3 kg")->number, 1e-3);
    pf_value *value = value_of(&r, "1.2E+06 kg");
    assert_int_equal(value->kind, PF_NUMBER);
    close_to(value->number, 1.2e6);
    close_to(value_of(&r, "1e-3..1e+3 kg")->arguments[1], 1e3);
    end(&r);
}

static void a_label_makes_a_quantity_of_its_own(void **state)
{
    reading r = begin();
    (void)state;
    pf_value *value = value_of(&r, "0.9 t CO2/kWh");
    close_to(value->number, 0.9 * 1000 / 3.6e6);
    assert_true(alike(&r, value, "kg CO2/kWh"));
    assert_false(alike(&r, value, "kg/kWh"));
    assert_false(alike(&r, value, "kg CO2e/kWh"));
    end(&r);
}

static void a_bare_zero_or_infinity_fits_every_unit_and_other_numbers_do_not(void **state)
{
    reading r = begin();
    (void)state;
    assert_true(value_of(&r, "0")->any_unit);
    assert_true(value_of(&r, "inf")->any_unit);
    assert_true(isinf(value_of(&r, "inf")->number));
    assert_false(value_of(&r, "1")->any_unit);
    assert_false(value_of(&r, "0 kg")->any_unit);
    end(&r);
}

static void two_numbers_are_uniform_and_three_triangular(void **state)
{
    reading r = begin();
    (void)state;
    pf_value *two = value_of(&r, "5..12 t"), *three = value_of(&r, "70..90..120 kg"),
             *blanks = value_of(&r, "0.5 .. 0.75 .. 1");
    assert_int_equal(two->kind, PF_DISTRIBUTION);
    assert_int_equal(two->distribution, pf_distribution_named("uniform"));
    close_to(two->arguments[0], 5000);
    close_to(two->arguments[1], 12000);
    assert_int_equal(three->distribution, pf_distribution_named("triangular"));
    close_to(three->arguments[1], 90);
    close_to(three->arguments[2], 120);
    close_to(blanks->arguments[1], 0.75);
    close_to(value_of(&r, "-2..-1 kg")->arguments[0], -2);
    end(&r);
}

static void a_range_that_is_none_is_refused(void **state)
{
    (void)state;
    refused("12..5 kg", "m.yaml:2:4: error: ");
    refused("5..4..12 kg", "m.yaml:2:4: error: ");
    refused("1..2..3..4 kg", "m.yaml:2:4: error: ");
    refused("1 kg..2 kg", "m.yaml:2:4: error: ");
    refused("0..inf kg", "m.yaml:2:4: error: ");
}

static void a_named_distribution_has_its_arguments_in_base_units(void **state)
{
    reading r = begin();
    (void)state;
    pf_value *value = value_of(&r, "{lognormal: {median: 5 t, gsd: 1.3}}");
    assert_int_equal(value->distribution, pf_distribution_named("lognormal"));
    close_to(pf_distribution_at((size_t)value->distribution)->quantile(0.5, value->arguments), 5000);
    assert_true(alike(&r, value, "kg"));
    end(&r);
}

static void a_distribution_names_what_is_missing_unknown_or_of_another_unit(void **state)
{
    reading r = begin();
    (void)state;
    refused("{lognormal: {median: 5 t}}", "'gsd'");
    refused("{lognormal: {median: 5 t, gsd: 1.3 kg}}", "expected a pure number");
    refused("{uniform: {low: 1 kg, high: 2 kWh}}", "m.yaml:2:");
    refused("{lognormal: {median: 5 t, gsd: 0.5}}", "gsd");
    refused("{lognormel: {median: 5 t, gsd: 1.5}}", "did you mean 'lognormal'?");
    pf_value_read(&r.reader, tree_of(&r, "{lognormal: {median: 5 t, gsd: 1.5, gds: 2}}"));
    assert_said(&r.files, "m.yaml:2:40: error: ");
    assert_said(&r.files, "did you mean 'gsd'?");
    end(&r);
}

static void a_choice_follows_the_accounting(void **state)
{
    reading r = begin();
    (void)state;
    close_to(value_of(&r, "{by: gwp, of: {ar4: 25 kg, ar5: 28 kg}}")->number, 28);
    refused("{by: gwp, of: {ar4: 25 kg, ar6: 27 kg}}", "expected one of ar4, ar6");
    refused("{by: grid, of: {average: 1 kg}}", "'grid' is not chosen");
    end(&r);
}

static void shared_and_own_parts_are_read_as_two_values(void **state)
{
    reading r = begin();
    (void)state;
    pf_value *value = value_of(&r, "{shared: 1..2 kg, own: {lognormal: {median: 1, gsd: 1.1}}}");
    assert_int_equal(value->kind, PF_SHARED_OWN);
    assert_int_equal(value->shared->distribution, pf_distribution_named("uniform"));
    assert_int_equal(value->own->distribution, pf_distribution_named("lognormal"));
    assert_null(value->shared_name);
    assert_string_equal(value_of(&r, "{shared: 1..2 kg, own: 0.9..1.1, as: all_firms}")->shared_name, "all_firms");
    refused("{shared: 1..2 kg}", "'own'");
    refused("{shared: 1..2 kg, own: 0.9..1.1, as: [x]}", "found a list under 'as', expected a name");
    end(&r);
}

static void a_value_with_remarks_is_its_value(void **state)
{
    reading r = begin();
    (void)state;
    close_to(value_of(&r, "{value: 3 t, source: key, note: as told}")->number, 3000);
    end(&r);
}

static void a_text_with_an_operator_call_or_name_is_an_expression(void **state)
{
    static const char *const expressions[] = {"output * 0.2", "2 * a", "\"min(a, 3 kg)\"", "-a",      "1 kg + 2 kg",
                                              "$fuel.unit",   "1 - a", "a * 3 kg",         "infinite"};
    reading r = begin();
    (void)state;
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++)
        if (value_of(&r, expressions[i])->kind != PF_EXPRESSION) fail_msg("%s", expressions[i]);
    end(&r);
}

static void a_rate_of_the_calendar_is_marked_as_one(void **state)
{
    reading r = begin();
    (void)state;
    assert_int_equal(value_of(&r, "100 m3/month")->unit.calendar, PF_PER_MONTH);
    assert_int_equal(value_of(&r, "1200 m3/year")->unit.calendar, PF_PER_YEAR);
    assert_int_equal(value_of(&r, "3 m3/day")->unit.calendar, PF_NOT_CALENDAR);
    close_to(value_of(&r, "100 t/month")->number, 1e5);
    end(&r);
}

static void a_series_is_averaged_by_days_over_each_step(void **state)
{
    reading r = begin();
    (void)state;
    pf_value *value = value_of(&r, "{series: {2019-01: 1 t, 2020-03-11: 4 t}}");
    assert_int_equal(value->kind, PF_SERIES);
    close_to(value->series[0], 1000);
    close_to(value->series[2], (10 * 1000 + 21 * 4000) / 31.0); /* March */
    close_to(value->series[11], 4000);
    end(&r);
}

static void a_series_from_a_table_takes_its_unit_from_the_header(void **state)
{
    reading r = begin();
    (void)state;
    temporary_file(&r.files, "a.csv",
                   "date,price "
                   "[VND/"
                   "kWh],other\n2019,1500,9\n2020-Q1,1600,9\n2020-Q2,1700,9\n2020-07,1800,9\n2020-08,1800,9\n2020-09,"
                   "1800,9\n2020-Q4,1900,9\n");
    pf_value *value = value_of(&r, "{csv: a.csv, column: price}");
    close_to(value->series[0], 1600 / 3.6e6);
    close_to(value->series[8], 1800 / 3.6e6);
    close_to(value->series[9], 1900 / 3.6e6);
    assert_true(alike(&r, value, "VND/kWh"));
    refused("{csv: none.csv, column: x}", "none.csv");
    end(&r);
}

static void a_series_with_a_gap_an_overlap_or_an_unknown_column_is_refused(void **state)
{
    reading r = begin();
    (void)state;
    temporary_file(&r.files, "a.csv", "date,gap,price\n2020-01,1,1\n2020-Q1,1,1\n");
    assert_null(pf_value_read(&r.reader, tree_of(&r, "{csv: a.csv, column: gap}")));
    assert_said(&r.files, "a.csv:3:");
    assert_null(pf_value_read(&r.reader, tree_of(&r, "{csv: a.csv, column: prise}")));
    assert_said(&r.files, "did you mean 'price'?");
    end(&r);
    refused("{series: {2020-02: 1 t}}", "m.yaml:2:");
    refused("{series: {2019: 1 t, 2020-02: 1 kWh}}", "m.yaml:2:");
    refused("{series: {2019: 1 t, Feb: 1 t}}", "found 'Feb', expected a date");
}

static void what_is_no_value_is_refused_with_its_place(void **state)
{
    (void)state;
    refused("[1, 2]", "m.yaml:2:4: error: found a list");
    refused("{speed: 2}", "m.yaml:2:4: error: ");
    refused("\"\"", "m.yaml:2:4: error: ");
    refused("12 kWj", "kW");
    refused("1e999 kg", "m.yaml:2:4: error: ");
    refused("a +", "m.yaml:2:7: error: ");
    refused("\"a + )\"", "m.yaml:2:9: error: found ')'"); /* the quote counts */
}

static void dates_and_ranges_of_dates_are_seconds_since_1970(void **state)
{
    reading r = begin();
    (void)state;
    pf_value *date = pf_date_read(&r.reader, tree_of(&r, "1970-01-02")),
             *range = pf_date_read(&r.reader, tree_of(&r, "1970-01-01..1970-02"));
    assert_non_null(date);
    assert_non_null(range);
    assert_true(date->number == 86400);
    assert_int_equal(range->kind, PF_DISTRIBUTION);
    assert_true(range->arguments[1] == 31 * 86400.0);
    assert_null(pf_date_read(&r.reader, tree_of(&r, "2020-13")));
    assert_said(&r.files, "m.yaml:2:4: error: ");
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_comes_out_in_base_units),
        cmocka_unit_test(an_exponent_may_have_either_sign),
        cmocka_unit_test(a_label_makes_a_quantity_of_its_own),
        cmocka_unit_test(a_bare_zero_or_infinity_fits_every_unit_and_other_numbers_do_not),
        cmocka_unit_test(two_numbers_are_uniform_and_three_triangular),
        cmocka_unit_test(a_range_that_is_none_is_refused),
        cmocka_unit_test(a_named_distribution_has_its_arguments_in_base_units),
        cmocka_unit_test(a_distribution_names_what_is_missing_unknown_or_of_another_unit),
        cmocka_unit_test(a_choice_follows_the_accounting),
        cmocka_unit_test(shared_and_own_parts_are_read_as_two_values),
        cmocka_unit_test(a_value_with_remarks_is_its_value),
        cmocka_unit_test(a_text_with_an_operator_call_or_name_is_an_expression),
        cmocka_unit_test(a_rate_of_the_calendar_is_marked_as_one),
        cmocka_unit_test(a_series_is_averaged_by_days_over_each_step),
        cmocka_unit_test(a_series_from_a_table_takes_its_unit_from_the_header),
        cmocka_unit_test(a_series_with_a_gap_an_overlap_or_an_unknown_column_is_refused),
        cmocka_unit_test(what_is_no_value_is_refused_with_its_place),
        cmocka_unit_test(dates_and_ranges_of_dates_are_seconds_since_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
