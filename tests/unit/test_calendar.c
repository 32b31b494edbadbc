/* The calendar against the C library's, known dates, and the rule that x per month puts x into every month. */
#include "scenario/calendar.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static pf_step range_of(const char *from, const char *to)
{
    pf_step first, last;
    if (!pf_date_parse(from, &first)) fail_msg("'%s' was not read", from);
    if (!pf_date_parse(to, &last)) fail_msg("'%s' was not read", to);
    return (pf_step){first.first_day, last.end_day};
}

static pf_calendar made(pf_arena *arena, pf_step_kind kind, pf_step range, pf_step report)
{
    pf_calendar calendar = {0};
    const char *why = NULL;
    if (pf_calendar_make(arena, kind, range, report, &calendar, &why) != PF_OK) fail_msg("%s", why);
    return calendar;
}

static void check_refused(pf_step_kind kind, pf_step range, pf_step report, const char *part)
{
    pf_arena *arena = pf_arena_new();
    pf_calendar calendar;
    const char *why = NULL;
    if (pf_calendar_make(arena, kind, range, report, &calendar, &why) == PF_OK) fail_msg("taken, without: %s", part);
    if (!strstr(why, part)) fail_msg("%s\n   does not say: %s", why, part);
    pf_arena_free(arena);
}

/* --- days --- */

static void day_numbers_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int day = -800000; day < 3000000; day += 17) {
        time_t seconds = (time_t)day * 86400;
        struct tm date;
        int year, month, day_of_month;
        assert_non_null(gmtime_r(&seconds, &date));
        pf_day_date(day, &year, &month, &day_of_month);
        assert_int_equal(year, date.tm_year + 1900);
        assert_int_equal(month, date.tm_mon + 1);
        assert_int_equal(day_of_month, date.tm_mday);
        assert_int_equal(pf_day_number(year, month, day_of_month), day);
    }
}

static void days_follow_each_other_through_eight_centuries(void **state)
{
    (void)state;
    int32_t expected = pf_day_number(1600, 1, 1);
    for (int year = 1600; year < 2400; year++) {
        int32_t first = expected;
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= pf_days_in_month(year, month); day++)
                assert_int_equal(pf_day_number(year, month, day), expected++);
        assert_int_equal(expected - first, pf_days_in_year(year));
    }
    assert_int_equal(expected - pf_day_number(1600, 1, 1), 2 * 146097);
}

static void leap_years_are_the_gregorian_ones(void **state)
{
    (void)state;
    assert_int_equal(pf_days_in_year(2020), 366);
    assert_int_equal(pf_days_in_year(2000), 366);
    assert_int_equal(pf_days_in_year(1900), 365);
    assert_int_equal(pf_days_in_year(2023), 365);
    assert_int_equal(pf_days_in_month(2020, 2), 29);
    assert_int_equal(pf_days_in_month(2100, 2), 28);
    assert_int_equal(pf_day_number(1970, 1, 1), 0);
    assert_int_equal(pf_day_number(2000, 2, 29), 11016);
}

/* --- dates as text --- */

static void check_date(const char *text, int32_t first, int32_t end)
{
    pf_step days;
    if (!pf_date_parse(text, &days)) fail_msg("'%s' was not read", text);
    assert_int_equal(days.first_day, first);
    assert_int_equal(days.end_day, end);
}

static void dates_cover_a_year_quarter_month_or_day(void **state)
{
    (void)state;
    check_date("2020", 18262, 18262 + 366);
    check_date("2020-02", 18293, 18293 + 29);
    check_date("2020-02-29", 18321, 18322);
    check_date("2020-Q1", 18262, 18262 + 91);
    check_date("2020-Q4", pf_day_number(2020, 10, 1), pf_day_number(2021, 1, 1));
    check_date("2019-12", pf_day_number(2019, 12, 1), 18262);
    check_date("0001-01-01", -719162, -719161);
    check_date("9999", pf_day_number(9999, 1, 1), 2932897);
}

static void what_is_no_date_is_not_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"",        "202",     "20200",      "0000",       "2020-",      "2020-0",
                                        "2020-00", "2020-13", "2020-1",     "2020-Q0",    "2020-Q5",    "2020-Q",
                                        "2020-q1", "2020-Q1x", "2020-02-30", "2019-02-29", "2020-04-31", "2020-01-00",
                                        "2020-01-1", "2020-01-011", "2020/01", " 2020",   "2020 ",      "-2020"};
    pf_step days;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (pf_date_parse(texts[i], &days)) fail_msg("'%s' was read", texts[i]);
}

static void step_kinds_are_known_by_name(void **state)
{
    (void)state;
    pf_step_kind kind;
    assert_true(pf_step_kind_parse("day", &kind) && kind == PF_STEP_DAY);
    assert_true(pf_step_kind_parse("week", &kind) && kind == PF_STEP_WEEK);
    assert_true(pf_step_kind_parse("month", &kind) && kind == PF_STEP_MONTH);
    assert_true(pf_step_kind_parse("quarter", &kind) && kind == PF_STEP_QUARTER);
    assert_true(pf_step_kind_parse("year", &kind) && kind == PF_STEP_YEAR);
    assert_false(pf_step_kind_parse("months", &kind));
    assert_false(pf_step_kind_parse("", &kind));
}

/* --- steps --- */

static void five_years_of_months_report_the_last_four(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    pf_calendar months = made(arena, PF_STEP_MONTH, range_of("2019-01", "2023-12"), range_of("2020-01", "2023-12"));
    assert_int_equal(months.count, 60);
    assert_int_equal(months.first_reported, 12);
    assert_int_equal(months.reported, 48);
    assert_string_equal(pf_step_text(arena, &months, 0), "2019-01");
    assert_string_equal(pf_step_text(arena, &months, 13), "2020-02");
    assert_string_equal(pf_step_text(arena, &months, 59), "2023-12");
    assert_true(fabs(pf_step_seconds(months.steps[13]) - 29 * 86400.0) <= 0);
    pf_arena_free(arena);
}

static void steps_of_each_kind_fill_the_range_without_gaps(void **state)
{
    (void)state;
    static const struct {
        pf_step_kind kind;
        const char *from, *to;
        uint32_t count;
        const char *second;
    } cases[] = {
        {PF_STEP_DAY, "2020-02", "2020-03", 60, "2020-02-02"},
        {PF_STEP_WEEK, "2020-02-05", "2020-03-10", 5, "2020-02-12"},
        {PF_STEP_MONTH, "2019-11", "2020", 14, "2019-12"},
        {PF_STEP_QUARTER, "2019-Q2", "2020", 7, "2019-Q3"},
        {PF_STEP_YEAR, "2016", "2020", 5, "2017"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pf_arena *arena = pf_arena_new();
        pf_step range = range_of(cases[i].from, cases[i].to);
        pf_calendar calendar = made(arena, cases[i].kind, range, range);
        assert_int_equal(calendar.count, cases[i].count);
        assert_int_equal(calendar.reported, cases[i].count);
        assert_int_equal(calendar.first_reported, 0);
        assert_string_equal(pf_step_text(arena, &calendar, 1), cases[i].second);
        assert_int_equal(calendar.steps[0].first_day, range.first_day);
        assert_int_equal(calendar.steps[calendar.count - 1].end_day, range.end_day);
        for (uint32_t k = 1; k < calendar.count; k++)
            assert_int_equal(calendar.steps[k].first_day, calendar.steps[k - 1].end_day);
        pf_arena_free(arena);
    }
}

/* --- rates of the calendar --- */

typedef double rate(pf_step step);

/* The amount of a rate over a range, step by step; compensated, so that only the steps' own errors are seen. */
static double amount_over(pf_step_kind kind, pf_step range, rate *per)
{
    pf_arena *arena = pf_arena_new();
    pf_calendar calendar = made(arena, kind, range, range);
    double sum = 0, lost = 0;
    for (uint32_t i = 0; i < calendar.count; i++) {
        double part = per(calendar.steps[i]) * pf_step_seconds(calendar.steps[i]) - lost, next = sum + part;
        lost = (next - sum) - part;
        sum = next;
    }
    pf_arena_free(arena);
    return sum;
}

static void check_amount(pf_step_kind kind, pf_step range, rate *per, double expected)
{
    double amount = amount_over(kind, range, per);
    if (!(fabs(amount - expected) <= 1e-15 * expected))
        fail_msg("kind %d: %.17g, not %.17g", (int)kind, amount, expected);
}

static void one_a_month_puts_one_into_every_month(void **state)
{
    (void)state;
    for (int year = 2019; year <= 2024; year++)
        for (int month = 1; month <= 12; month++) {
            char text[32];
            snprintf(text, sizeof text, "%d-%02d", year, month);
            check_amount(PF_STEP_MONTH, range_of(text, text), pf_per_month, 1);
            check_amount(PF_STEP_DAY, range_of(text, text), pf_per_month, 1);
        }
    check_amount(PF_STEP_QUARTER, range_of("2020-Q1", "2020-Q1"), pf_per_month, 3);
    check_amount(PF_STEP_YEAR, range_of("2020", "2020"), pf_per_month, 12);
    check_amount(PF_STEP_DAY, range_of("2020", "2020"), pf_per_month, 12);
}

static void one_a_year_puts_one_into_every_year(void **state)
{
    (void)state;
    for (int year = 2019; year <= 2024; year++) {
        char text[16];
        snprintf(text, sizeof text, "%d", year);
        for (int kind = PF_STEP_DAY; kind <= PF_STEP_YEAR; kind++)
            if (kind != PF_STEP_WEEK) check_amount((pf_step_kind)kind, range_of(text, text), pf_per_year, 1);
    }
    check_amount(PF_STEP_MONTH, range_of("2019", "2024"), pf_per_year, 6);
}

static void a_year_is_spread_over_its_days(void **state)
{
    (void)state;
    check_amount(PF_STEP_MONTH, range_of("2020-02", "2020-02"), pf_per_year, 29.0 / 366);
    check_amount(PF_STEP_MONTH, range_of("2021-02", "2021-02"), pf_per_year, 28.0 / 365);
    check_amount(PF_STEP_DAY, range_of("2020-02-29", "2020-02-29"), pf_per_month, 1.0 / 29);
}

static void a_week_over_a_boundary_counts_each_side_by_its_days(void **state)
{
    (void)state;
    check_amount(PF_STEP_WEEK, range_of("2020-02-27", "2020-03-04"), pf_per_month, 3.0 / 29 + 4.0 / 31);
    check_amount(PF_STEP_WEEK, range_of("2019-12-30", "2020-01-05"), pf_per_year, 2.0 / 365 + 5.0 / 366);
}

/* --- ranges that are refused --- */

static void a_range_off_its_boundaries_is_refused(void **state)
{
    (void)state;
    pf_step june = range_of("2020-06", "2020-06"), mid_june = range_of("2020-06-15", "2020-07");
    check_refused(PF_STEP_MONTH, mid_june, mid_june,
                  "the time starts on 2020-06-15: with steps of a month it starts on the first day of a month");
    pf_step open = range_of("2020-06", "2020-07-15");
    check_refused(PF_STEP_MONTH, open, open, "the time ends on 2020-07-15: with steps of a month");
    check_refused(PF_STEP_QUARTER, june, june, "the first of January, April, July or October");
    check_refused(PF_STEP_YEAR, june, june, "1 January");
    pf_step short_year = range_of("2020-01", "2020-11");
    check_refused(PF_STEP_YEAR, short_year, short_year, "ends on 2020-11-30");
    check_refused(PF_STEP_WEEK, june, june, "2020-06-01 to 2020-06-30, is not made of whole weeks");
}

static void a_range_that_ends_before_it_starts_is_refused(void **state)
{
    (void)state;
    pf_step backwards = range_of("2021", "2019"), empty = range_of("2020-01-02", "2020-01-01");
    check_refused(PF_STEP_YEAR, backwards, backwards, "ends on 2019-12-31, before it starts on 2021-01-01");
    check_refused(PF_STEP_DAY, empty, empty, "before it starts");
}

static void a_report_must_be_a_part_on_the_same_boundaries(void **state)
{
    (void)state;
    pf_step range = range_of("2020", "2021");
    check_refused(PF_STEP_MONTH, range, range_of("2019-12", "2020-12"),
                  "the reported time, 2019-12-01 to 2020-12-31, is not within the time of the model, "
                  "2020-01-01 to 2021-12-31");
    check_refused(PF_STEP_MONTH, range, range_of("2021-12", "2022-01"), "is not within");
    check_refused(PF_STEP_MONTH, range, range_of("2020-03-02", "2020-05"), "the reported time starts on 2020-03-02");
    check_refused(PF_STEP_YEAR, range, range_of("2020-07", "2021"), "the reported time starts on 2020-07-01");
    pf_step weeks = range_of("2020-01-01", "2020-01-28");
    check_refused(PF_STEP_WEEK, weeks, range_of("2020-01-09", "2020-01-15"), "whole weeks counted from 2020-01-01");
    pf_arena *arena = pf_arena_new();
    pf_calendar calendar = made(arena, PF_STEP_WEEK, weeks, range_of("2020-01-08", "2020-01-21"));
    assert_int_equal(calendar.first_reported, 1);
    assert_int_equal(calendar.reported, 2);
    pf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day_numbers_agree_with_the_c_library),
        cmocka_unit_test(days_follow_each_other_through_eight_centuries),
        cmocka_unit_test(leap_years_are_the_gregorian_ones),
        cmocka_unit_test(dates_cover_a_year_quarter_month_or_day),
        cmocka_unit_test(what_is_no_date_is_not_read),
        cmocka_unit_test(step_kinds_are_known_by_name),
        cmocka_unit_test(five_years_of_months_report_the_last_four),
        cmocka_unit_test(steps_of_each_kind_fill_the_range_without_gaps),
        cmocka_unit_test(one_a_month_puts_one_into_every_month),
        cmocka_unit_test(one_a_year_puts_one_into_every_year),
        cmocka_unit_test(a_year_is_spread_over_its_days),
        cmocka_unit_test(a_week_over_a_boundary_counts_each_side_by_its_days),
        cmocka_unit_test(a_range_off_its_boundaries_is_refused),
        cmocka_unit_test(a_range_that_ends_before_it_starts_is_refused),
        cmocka_unit_test(a_report_must_be_a_part_on_the_same_boundaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
