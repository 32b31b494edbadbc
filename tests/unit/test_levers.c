/* Levers: interventions moved by lane inputs against models that are written so, bit by bit; what their outputs say. */
#include "small_model.h"

#include "base/operations.h"

enum { STEPS = 24, DAY = 86400 };

static const char *const curves[] = {"curve: step, start: 2020-03", "curve: linear, start: 2020-03, end: 2020-12",
                                     "curve: logistic, start: 2020-03, midpoint: 2020-10",
                                     "curve: bass, start: 2020-03, p: 0.01 1/day, q: 0.02 1/day"};
/* The same, 31 days later. */
static const char *const later[] = {"curve: step, start: 2020-04", "curve: linear, start: 2020-04, end: 2021-01",
                                    "curve: logistic, start: 2020-04, midpoint: 2020-11",
                                    "curve: bass, start: 2020-04, p: 0.01 1/day, q: 0.02 1/day"};
enum { CURVES = sizeof curves / sizeof *curves, DAYS_LATER = 31 };

/* In place: the scenario refers to what the model holds. */
static void read_with(small_model *s, const char *curve, const char *ceiling)
{
    char text[2048];
    snprintf(text, sizeof text,
             "time: {start: 2020-01, end: 2021-12, step: month, report: 2020-01..2021-12}\n"
             "accounting: {money: {currency: VND, year: 2020}}\n"
             "parks: {demo: {processes: {firm: {type: demand, carrier: water, amount: 90..100..110 m3/day}, mains: "
             "{type: offer, carrier: water}}}}\n"
             "indicators: {water: {is: \"sum(*.firm.flow)\", unit: m3, over_time: sum}, capital: {is: "
             "\"sum(interventions.*.capital_cost)\", unit: VND, over_time: sum}}\n"
             "interventions: {x: {title: {en: X, vi: Y}, status: planned, adoption: {%s, ceiling: %s}, effects: [{cut: "
             "demo.firm.amount, by: 50 %%}], cost: {capital: 1e6 VND}}}\n"
             "scenarios: {base: {}, with_it: {against: base, with: [x]}}\n",
             curve, ceiling);
    small_model_read(s, text);
    assert_non_null(s->model);
}

/* Outputs of one lane: the intervention is on, all that is uncertain at its median; released by free(). */
static double *run_lane(const small_model *s, const pf_compiled *m, double delay, double raise)
{
    const uint64_t none = 0;
    double *drawn = pf_doubles(m->plan.inputs), *lane = pf_doubles(m->plan.inputs),
           *outputs = pf_doubles(STEPS * m->plan.output_count);
    pf_fault fault;
    pf_design *design = pf_design_new(m, &(pf_design_request){.name = "median"}, s->diagnostics);
    pf_design_draw(design, &none, 1, drawn, 1);
    pf_set_lane(m->plan.inputs, m->scenarios[1].switches, drawn, 1, lane);
    if (m->lever_count) {
        lane[m->levers[0].delay] += delay;
        lane[m->levers[0].raise] += raise;
    }
    pf_kernel *kernel = pf_kernel_new(&m->plan);
    pf_block *block = pf_block_new(kernel, 1);
    pf_block_run(block, 1, lane, outputs, &fault);
    assert_int_equal(fault.kind, PF_NO_FAULT);
    pf_block_free(block);
    pf_kernel_free(kernel);
    pf_design_free(design);
    free(drawn);
    free(lane);
    return outputs;
}

static const pf_compiled *with_levers(const small_model *s)
{
    const pf_compiled *m = pf_compile(s->scenario, (pf_compile_options){.levers = true, .drop_closures = true});
    assert_non_null(m);
    return m;
}

static const pf_compiled *without(const small_model *s)
{
    const pf_compiled *m = pf_compile(s->scenario, (pf_compile_options){.drop_closures = true});
    assert_non_null(m);
    assert_int_equal(m->lever_count, 0);
    return m;
}

/* The outputs that both have, which come first, are the same to the bit. */
static void assert_same(const small_model *moved, double delay, double raise, const small_model *written)
{
    const pf_compiled *m = with_levers(moved), *w = without(written);
    assert_int_equal(m->plan.output_count, w->plan.output_count + PF_LEVER_OUTPUTS);
    double *ours = run_lane(moved, m, delay, raise), *theirs = run_lane(written, w, 0, 0);
    for (size_t t = 0; t < STEPS; t++)
        assert_memory_equal(ours + t * m->plan.output_count, theirs + t * w->plan.output_count,
                            w->plan.output_count * sizeof *ours);
    free(ours);
    free(theirs);
}

static void compare(const char *curve, const char *ceiling, double delay, double raise, const char *other_curve,
                    const char *other_ceiling)
{
    small_model moved, written;
    read_with(&moved, curve, ceiling);
    read_with(&written, other_curve, other_ceiling);
    assert_same(&moved, delay, raise, &written);
    small_model_free(&moved);
    small_model_free(&written);
}

static void levers_at_rest_change_no_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        compare(curves[i], "60 %", 0, 0, curves[i], "60 %");
        compare(curves[i], "50..60..80 %", 0, 0, curves[i], "50..60..80 %");
    }
    compare("curve: step, start: 2020-03..2020-09", "60 %", 0, 0, "curve: step, start: 2020-03..2020-09", "60 %");
}

static void a_delay_moves_all_dates_of_a_curve(void **state)
{
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        compare(curves[i], "60 %", DAYS_LATER * DAY, 0, later[i], "60 %");
        compare(later[i], "60 %", -DAYS_LATER * DAY, 0, curves[i], "60 %");
    }
}

static void a_raise_adds_to_the_ceiling_between_none_and_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        compare(curves[i], "50 %", 0, 0.25, curves[i], "75 %");
        compare(curves[i], "50 %", 0, -0.25, curves[i], "25 %");
        compare(curves[i], "50 %", 0, 0.75, curves[i], "100 %");
        compare(curves[i], "50 %", 0, -0.75, curves[i], "0 %");
    }
}

static void outputs_of_a_lever_say_what_came_of_it(void **state)
{
    (void)state;
    small_model s;
    read_with(&s, "curve: step, start: 2020-03-16", "50 %");
    const pf_compiled *m = with_levers(&s);
    const pf_lever *lever = &m->levers[0];
    double *outputs = run_lane(&s, m, DAYS_LATER * DAY, 0.25), start = pf_day_number(2020, 4, 16) * (double)DAY;
    for (size_t t = 0; t < STEPS; t++) {
        const double *out = outputs + t * m->plan.output_count + lever->first_output;
        double share = t < 3 ? 0 : t == 3 ? 15.0 / 30 : 1; /* of April, from the 16th */
        assert_true(fabs(out[PF_LEVER_ADOPTION] - 0.75 * share) < 1e-12);
        assert_true(out[PF_LEVER_CEILING] == 0.5 && out[PF_LEVER_START] == start);
    }
    free(outputs);
    small_model_free(&s);
}

static void levers_are_described(void **state)
{
    (void)state;
    small_model s;
    read_with(&s, curves[2], "60 %");
    const pf_compiled *m = with_levers(&s);
    const pf_lever *lever = &m->levers[0];
    assert_int_equal(m->lever_count, 1);
    assert_string_equal(lever->name, "x");
    assert_string_equal(lever->title, "X");
    assert_string_equal(lever->title_vi, "Y");
    assert_string_equal(lever->status, "planned");
    assert_string_equal(lever->curve, "logistic");
    assert_int_equal(lever->park, 0);
    assert_false(lever->needs_whole);
    assert_true(m->scenarios[1].switches[lever->switched] == 1 && m->scenarios[1].switches[lever->delay] == 0);
    small_model_free(&s);
}

static void what_excludes_another_and_what_is_whole_is_told(void **state)
{
    (void)state;
    small_model s;
    small_model_read(&s, "parks: {demo: {processes: {firm: {type: demand, carrier: water, amount: 10 m3/day}, mains: "
                         "{type: offer, carrier: water, limit: 20 m3/day}}}}\n"
                         "interventions:\n"
                         "  endless: {status: planned, adoption: {curve: step, start: 2021-01}, effects: [{set: "
                         "demo.mains.limit, to: inf m3/day}]}\n"
                         "  larger:  {status: planned, adoption: {curve: step, start: 2021-01}, effects: [{set: "
                         "demo.mains.limit, to: 30 m3/day}]}\n");
    assert_non_null(s.model);
    const pf_compiled *m = with_levers(&s);
    assert_int_equal(m->conflict_count, 1);
    assert_int_equal(m->conflicts[0].first + m->conflicts[0].second, 1);
    assert_true(m->levers[0].needs_whole && !m->levers[1].needs_whole);
    small_model_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levers_at_rest_change_no_bit),
        cmocka_unit_test(a_delay_moves_all_dates_of_a_curve),
        cmocka_unit_test(a_raise_adds_to_the_ceiling_between_none_and_all),
        cmocka_unit_test(outputs_of_a_lever_say_what_came_of_it),
        cmocka_unit_test(levers_are_described),
        cmocka_unit_test(what_excludes_another_and_what_is_whole_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
