/* Criteria and facts as the compiler makes them: arithmetic in base units, thresholds, what parks know of themselves.
 */
#include "small_model.h"

#include "analysis/criteria.h"
#include "base/operations.h"

static const char *const two_parks =
    "time: {start: 2020-01, end: 2021-12, step: month}\n"
    "process_types: {firm: {parameters: {amount: {unit: m3/day}}, ports: {need: {in: water, is: amount}}}}\n"
    "parks:\n"
    "  north:\n"
    "    facts: {workers: 40, area: {value: 2 ha, note: let}}\n"
    "    processes: {firm: {type: firm, amount: 5 m3/day}, mains: {type: offer, carrier: water}}\n"
    "  south:\n"
    "    facts: {area: 5000 m2}\n"
    "    processes: {firm: {type: firm, amount: 1 m3/day}, mains: {type: offer, carrier: water}}\n"
    "indicators:\n"
    "  water: {is: \"sum(*.firm.need)\", unit: thousand m3, over_time: sum}\n"
    "  rate: {is: \"sum(*.firm.need)\", unit: m3/day, over_time: mean}\n"
    "  days: {over_time: {ratio: [water, rate]}, unit: day}\n";

static small_model compiled(const char *criteria)
{
    char text[8192];
    small_model s;
    snprintf(text, sizeof text, "%scriteria:\n%s", two_parks, criteria);
    small_model_read(&s, text);
    return s;
}

/* What the arithmetic gives where each indicator is `value` in its unit, and facts are those of a park. */
static double work_out(const pf_compiled *m, const pf_criterion *c, double value, size_t park)
{
    double stack[16];
    size_t top = 0;
    for (size_t i = 0; i < c->step_count; i++) {
        const pf_arithmetic *step = &c->steps[i];
        if (step->kind == PF_TAKE_OPERATION) {
            top -= step->row != PF_NEG;
            stack[top - 1] =
                pf_operation_apply(step->row, stack[top - 1], stack[step->row == PF_NEG ? top - 1 : top], 0);
        } else
            stack[top++] = step->kind == PF_TAKE_NUMBER ? step->number
                           : step->kind == PF_TAKE_FACT ? m->facts[step->row].values[park]
                                                        : value * step->number;
    }
    assert_int_equal(top, 1);
    return stack[0] / c->scale;
}

static void facts_are_in_base_units_and_missing_where_no_park_says_them(void **state)
{
    (void)state;
    small_model s = compiled("  any: {of: park.area, framework: a law}\n");
    const pf_compiled *m = s.model;
    assert_non_null(m);
    assert_int_equal(m->fact_count, 2);
    assert_string_equal(m->facts[0].name, "workers");
    assert_true(m->facts[0].values[0] == 40 && isnan(m->facts[0].values[1]) && isnan(m->facts[0].values[2]));
    assert_true(m->facts[1].values[0] == 20000 && m->facts[1].values[1] == 5000);
    small_model_free(&s);
}

static void arithmetic_is_in_base_units_and_given_in_the_unit_asked_for(void **state)
{
    (void)state;
    small_model s = compiled("  share: {of: 1 - water / (water + water), at_least: 95 %, framework: a law}\n"
                             "  by_area: {of: water / park.area, unit: m3/ha, at_most: 2 m3/m2, framework: a law}\n"
                             "  less: {of: -water + 500 m3, framework: a law}\n");
    const pf_compiled *m = s.model;
    assert_non_null(m);
    assert_true(fabs(work_out(m, &m->criteria[0], 3, 0) - 50) < 1e-12);
    assert_string_equal(m->criteria[0].unit, "%");
    assert_true(fabs(work_out(m, &m->criteria[1], 3, 0) - 1500) < 1e-9);
    assert_true(fabs(work_out(m, &m->criteria[1], 3, 1) - 6000) < 1e-9);
    assert_true(m->criteria[1].at_most == 2 && isinf(m->criteria[1].at_least));
    assert_true(fabs(work_out(m, &m->criteria[2], 3, 0) + 2.5) < 1e-12); /* in the indicator's own unit */
    assert_string_equal(m->criteria[2].unit, "thousand m3");
    small_model_free(&s);
}

static void a_ratio_is_taken_apart_so_that_it_divides_last(void **state)
{
    (void)state;
    small_model s = compiled("  time: {of: days, unit: day, framework: a law}\n");
    const pf_criterion *c = &s.model->criteria[0];
    assert_int_equal(c->step_count, 3);
    assert_int_equal(c->steps[0].kind, PF_TAKE_INDICATOR);
    assert_string_equal(s.model->indicators[c->steps[0].row].name, "water");
    assert_string_equal(s.model->indicators[c->steps[1].row].name, "rate");
    assert_int_equal(c->steps[2].row, PF_DIV);
    small_model_free(&s);
}

static void what_is_asked_is_said_in_words(void **state)
{
    (void)state;
    small_model s = compiled("  both: {of: water / water, at_least: 5 %, at_most: 0.5, framework: a law}\n"
                             "  pure: {of: park.workers, at_least: 2, framework: a law}\n"
                             "  none: {of: water, framework: a law}\n");
    const pf_criterion *c = s.model->criteria;
    pf_arena *arena = pf_arena_new();
    assert_string_equal(pf_criterion_wants(arena, &c[0]), "at least 5 %, at most 50 %");
    assert_string_equal(pf_criterion_wants(arena, &c[1]), "at least 2");
    assert_string_equal(pf_criterion_wants(arena, &c[2]), "");
    assert_true(pf_criterion_asks(&c[0]) && !pf_criterion_asks(&c[2]));
    pf_arena_free(arena);
    small_model_free(&s);
}

static void a_criterion_changes_no_plan(void **state)
{
    (void)state;
    small_model with = compiled("  any: {of: water / park.area, at_most: 2 m3/m2, framework: a law}\n"), without;
    small_model_read(&without, two_parks);
    assert_int_equal(with.model->plan.code_count, without.model->plan.code_count);
    assert_int_equal(with.model->plan.output_count, without.model->plan.output_count);
    assert_int_equal(with.model->input_count, without.model->input_count);
    small_model_free(&with);
    small_model_free(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_in_base_units_and_missing_where_no_park_says_them),
        cmocka_unit_test(arithmetic_is_in_base_units_and_given_in_the_unit_asked_for),
        cmocka_unit_test(a_ratio_is_taken_apart_so_that_it_divides_last),
        cmocka_unit_test(what_is_asked_is_said_in_words),
        cmocka_unit_test(a_criterion_changes_no_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
