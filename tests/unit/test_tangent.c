/* Tangents against closed forms, and against central differences on small models, the tutorial and the programme. */
#include "jacobian.h"

#include <float.h>

enum { DAY = 86400 }; /* steps are days, so that a flow of "x m3/day" comes out as x */

/* A small model: `text` after the units and types of the other small models. */
static jacobian open_small(const char *text)
{
    char all[8192], folder[512];
    assert_non_null(getcwd(folder, sizeof folder)); /* the project's folder */
    int length = snprintf(all, sizeof all,
                          "parkflow: 1\nuse: [%s/scenarios/library/units.yaml, %s/tests/unit/small_types.yaml]\n%s%s",
                          folder, folder, text, strstr(text, "scenarios:") ? "" : "scenarios: {base: {}}\n");
    assert_true(length > 0 && (size_t)length < sizeof all);
    jacobian j = jacobian_of_text(all);
    if (!j.model) pf_diagnostics_print(j.diagnostics, stderr);
    assert_non_null(j.model);
    jacobian_go_to(&j, j.model->scenario_count - 1, 0);
    return j;
}

static size_t input_named(const jacobian *j, const char *name)
{
    for (size_t i = 0; i < j->model->input_count; i++)
        if (!strcmp(j->model->inputs[i].name, name)) return i;
    fail_msg("no input is called %s", name);
    return 0;
}

/* The output of a flow, "process.port", or of an indicator of the first park. */
static size_t output_named(const jacobian *j, const char *name)
{
    const pf_compiled *m = j->model;
    size_t row = 0;
    for (size_t i = 0; i < m->indicator_count; i++) {
        if (!strcmp(m->indicators[i].name, name)) return row;
        row += m->indicators[i].numerator < 0 ? m->park_count : 0;
    }
    for (size_t i = 0; i < m->flow_count; i++) {
        char full[256];
        snprintf(full, sizeof full, "%s.%s", m->flows[i].process, m->flows[i].port);
        if (!strcmp(full, name)) return row + i;
    }
    fail_msg("no output is called %s", name);
    return 0;
}

/* d output / d input in a step, at the point. */
static double slope_in(jacobian *j, size_t step, const char *output, const char *input)
{
    size_t row = input_named(j, input);
    double *slopes = pf_doubles(j->cells);
    assert_true(jacobian_tangents(j, &row, 1, slopes));
    double slope = slopes[step * j->values + output_named(j, output)];
    free(slopes);
    return slope;
}

static double slope(jacobian *j, const char *output, const char *input)
{
    return slope_in(j, 0, output, input);
}

static double point(const jacobian *j, const char *input)
{
    return j->point[input_named(j, input)];
}

#define assert_near(value, wanted)                                                                                     \
    do {                                                                                                               \
        double found_ = (value), wanted_ = (wanted);                                                                   \
        if (!(fabs(found_ - wanted_) <= 1e-12 * fabs(wanted_)))                                                        \
            fail_msg("%s is %.17g, expected %.17g", #value, found_, wanted_);                                          \
    } while (0)

/* Compares by differences, all inputs, at the medians and two other points, in all scenarios. */
static comparison compare_all(jacobian *j)
{
    comparison found = {0};
    for (size_t s = 0; s < j->model->scenario_count; s++)
        for (unsigned shift = 0; shift < 3; shift++) {
            jacobian_go_to(j, s, shift);
            jacobian_compare(j, SIZE_MAX, &found);
        }
    return found;
}

static void compare_small(const char *text, size_t at_least)
{
    jacobian j = open_small(text);
    comparison found = compare_all(&j);
    if (found.not_zero < at_least || found.passed_over * 20 > found.not_zero)
        fail_msg("%zu compared, %zu not zero, %zu passed over", found.compared, found.not_zero, found.passed_over);
    jacobian_close(&j);
}

static void a_product_has_its_factors_as_slopes(void **state)
{
    (void)state;
    jacobian j =
        open_small("parks: {demo: {processes: {town: {type: user, amount: 80..100..130 m3/day, ratio: 60..75..80 %},"
                   " mains: {type: offer, carrier: water}, drain: {type: sink, carrier: sewage}}}}\n");
    assert_near(slope(&j, "town.sewage", "demo.town.amount"), DAY * point(&j, "demo.town.ratio"));
    assert_near(slope(&j, "drain.flow", "demo.town.ratio"), DAY * point(&j, "demo.town.amount"));
    assert_near(slope(&j, "mains.flow", "demo.town.amount"), DAY);
    assert_true(slope(&j, "mains.flow", "demo.town.ratio") == 0);
    jacobian_close(&j);
}

/* All effluent is fed to reuse, of which the part 1 - q returns: the plant has A r / q. */
static void a_reuse_loop_has_the_slopes_of_its_geometric_sum(void **state)
{
    (void)state;
    jacobian j = open_small(
        "parks: {demo: {processes: {town: {type: user, amount: 80..100..130 m3/day, ratio: 60..75..80 %},"
        " plant: {type: plant}, reuse: {type: reuse, recovery: 60..70..85 %}, mains: {type: offer, carrier: water},"
        " river: {type: sink, carrier: effluent}},"
        " markets: {water: {supply: [reuse, mains]}, effluent: {take: [reuse, river]}}}}\n");
    double a = DAY * point(&j, "demo.town.amount"), r = point(&j, "demo.town.ratio"),
           q = point(&j, "demo.reuse.recovery");
    assert_true(j.model->plan.loop_count > 0);
    assert_near(slope(&j, "plant.inflow", "demo.town.amount"), DAY * r / q);
    assert_near(slope(&j, "plant.inflow", "demo.reuse.recovery"), -a * r / (q * q));
    assert_near(slope(&j, "mains.flow", "demo.town.ratio"), -a);
    assert_true(fabs(slope(&j, "mains.flow", "demo.reuse.recovery")) <= 1e-10); /* A (1 - r), whatever q */
    jacobian_close(&j);
}

/* Biogas g = b + k warm, warm = h g: one answer g = b / (1 - k h), through three markets. */
static void a_plant_fed_by_its_own_biogas_has_the_slopes_of_its_answer(void **state)
{
    (void)state;
    jacobian j = open_small(
        "process_types:\n"
        "  digester: {parameters: {base: {unit: MWh/day}, gain: {unit: 1}}, ports: {power: {in: power, is: 10 MWh/day},"
        " warm: {in: steam, up_to: 20 MWh/day}, gas: {out: gas, is: base + gain * warm}}}\n"
        "  chp: {parameters: {thermal: {unit: 1}}, ports: {fuel: {in: gas, up_to: inf, is: power / 0.35},"
        " power: {out: power, up_to: fuel.allotted * 0.35}, heat: {out: steam, is: fuel * thermal}}}\n"
        "parks: {demo: {processes: {digester: {type: digester, base: 15..20..24 MWh/day, gain: 0.4..0.5..0.7},"
        " chp: {type: chp, thermal: 0.4..0.45..0.5}, grid: {type: offer, carrier: power},"
        " flare: {type: sink, carrier: gas}, cooler: {type: sink, carrier: steam}},"
        " markets: {power: {supply: [chp, grid]}, gas: {take: [chp, flare]}, steam: {take: [digester, cooler]}}}}\n");
    double b = DAY * point(&j, "demo.digester.base") / 3.6e9, k = point(&j, "demo.digester.gain"),
           h = point(&j, "demo.chp.thermal");
    assert_near(slope(&j, "digester.gas", "demo.digester.base"), DAY / 3.6e9 / (1 - k * h));
    assert_near(slope(&j, "digester.gas", "demo.digester.gain"), b * h / pow(1 - k * h, 2));
    assert_near(slope(&j, "grid.flow", "demo.chp.thermal"), -0.35 * b * k / pow(1 - k * h, 2));
    jacobian_close(&j);
}

/* left = held (1 - share)^n after n steps. */
static void a_stock_carries_its_slopes_from_step_to_step(void **state)
{
    (void)state;
    jacobian j = open_small("time: {start: 2021-01-01, end: 2021-01-10, step: day}\n"
                            "process_types: {bed: {parameters: {share: {unit: 1}, held: {unit: m3}}, values: {lost: "
                            "prev(left) * share / step},"
                            " stocks: {left: {unit: m3, initial: held, in: 0 m3 / 1 day, out: lost}}}}\n"
                            "parks: {demo: {processes: {bed: {type: bed, held: 50..60..80 m3, share: 5..10..20 %}}}}\n"
                            "indicators: {left: {is: \"sum(*.*.left)\", unit: m3, over_time: last}}\n");
    double held = point(&j, "demo.bed.held"), kept = 1 - point(&j, "demo.bed.share");
    for (size_t step = 0; step < 10; step++) {
        double n = (double)step + 1;
        assert_near(slope_in(&j, step, "left", "demo.bed.held"), pow(kept, n));
        assert_near(slope_in(&j, step, "left", "demo.bed.share"), -n * held * pow(kept, n - 1));
    }
    jacobian_close(&j);
}

static void a_limit_has_a_slope_only_where_it_binds(void **state)
{
    (void)state;
    const char *text =
        "parks: {demo: {processes: {town: {type: demand, carrier: water, amount: %s},"
        " well: {type: offer, carrier: water, limit: 30..40..50 m3/day}, mains: {type: offer, carrier: water}},"
        " markets: {water: {supply: [well, mains]}}}}\n";
    for (int binds = 0; binds < 2; binds++) {
        char filled[1024];
        snprintf(filled, sizeof filled, text, binds ? "90..100..110 m3/day" : "10..20..25 m3/day");
        jacobian j = open_small(filled);
        assert_near(slope(&j, "well.flow", "demo.well.limit"), binds * DAY);
        assert_near(slope(&j, "mains.flow", "demo.well.limit"), -binds * DAY);
        assert_near(slope(&j, "well.flow", "demo.town.amount"), !binds * DAY);
        assert_near(slope(&j, "mains.flow", "demo.town.amount"), binds * DAY);
        jacobian_close(&j);
    }
}

static const char *const root_model =
    "process_types: {odd: {parameters: {x: {unit: 1}}, ports: {need: {in: water, is: \"%s\"}}}}\n"
    "parks: {demo: {processes: {odd: {type: odd, x: 1..2..3}, mains: {type: offer, carrier: water}}}}\n";

/* At x = 2 the root's own slope is infinite. */
static void what_is_not_chosen_leaves_no_trace_be_it_infinite(void **state)
{
    static const char *const guarded[] = {
        "if(x > 2, 1 + sqrt(x - 2), 1 + 3 * x) * 1 m3 / 1 day",
        "min(1 + 3 * x, 8 + sqrt(x - 2)) * 1 m3 / 1 day",
        "max(sqrt(x - 2), 1 + 3 * x) * 1 m3 / 1 day",
    };
    (void)state;
    for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++) {
        char text[1024];
        snprintf(text, sizeof text, root_model, guarded[i]);
        jacobian j = open_small(text);
        j.point[input_named(&j, "demo.odd.x")] = 2;
        assert_near(slope(&j, "mains.flow", "demo.odd.x"), 3);
        jacobian_close(&j);
    }
}

/* log(1 + e^(x - 2)), written so that it cannot overflow, as in the curves of adoption; both terms have a kink at 2. */
static void two_kinks_that_make_a_smooth_sum_have_its_slope(void **state)
{
    char text[1024];
    (void)state;
    snprintf(text, sizeof text, root_model, "(max(x - 2, 0) + log(1 + exp(-abs(x - 2)))) * 1 m3 / 1 day");
    jacobian j = open_small(text);
    j.point[input_named(&j, "demo.odd.x")] = 2;
    assert_near(slope(&j, "mains.flow", "demo.odd.x"), 0.5);
    jacobian_close(&j);
}

static void a_slope_that_does_not_exist_is_a_fault_of_its_output(void **state)
{
    char text[1024];
    (void)state;
    snprintf(text, sizeof text, root_model, "sqrt(x - 2) * 1 m3 / 1 day");
    jacobian j = open_small(text);
    size_t x = input_named(&j, "demo.odd.x");
    j.point[x] = 2;
    jacobian_prepare(&j, 1);
    j.inputs[j.model->input_count + x] = 1;
    jacobian_run(&j, 1);
    assert_int_equal(j.faults[0].kind, PF_OUTPUT_NOT_FINITE);
    assert_true(j.faults[0].index >= j.values);
    jacobian_close(&j);
}

static void market_ranks_that_share_agree_with_differences(void **state)
{
    (void)state;
    compare_small("parks: {demo: {processes: {left: {type: supply, carrier: heat, amount: 90..100..120 MWh/day},"
                  " a: {type: use_of, carrier: heat, limit: 100..120..140 MWh/day, wants: 50..60..65 MWh/day},"
                  " b: {type: use_of, carrier: heat, limit: 55..60..70 MWh/day, wants: 990..999..1010 MWh/day},"
                  " rest: {type: sink, carrier: heat}}, markets: {heat: {take: [[a, b], rest]}}}}\n",
                  50);
}

static void a_tank_beside_a_reuse_plant_agrees_with_differences(void **state)
{
    (void)state;
    compare_small("time: {start: 2021-01-01, end: 2021-01-05, step: day}\n"
                  "parks: {demo: {processes: {rain: {type: supply, carrier: effluent, amount: 20..30..35 m3/day},"
                  " tank: {type: tank, held: 55..60..64 m3}, town: {type: demand, carrier: water, amount: 100 m3/day},"
                  " reuse: {type: reuse, recovery: 60..70..80 %, limit: 45..50..55 m3/day},"
                  " mains: {type: offer, carrier: water}, drain: {type: sink, carrier: sewage},"
                  " river: {type: sink, carrier: effluent}}, markets: {water: {supply: [reuse, mains]},"
                  " effluent: {supply: [tank], take: [reuse, tank, river]}}}}\n",
                  100);
}

static void compare_adoption(const char *freeze, size_t at_least)
{
    char text[4096];
    int length = snprintf(
        text, sizeof text,
        "time: {start: 2020-01, end: 2021-12, step: month, report: 2020-01..2021-12}\n"
        "accounting: {%smoney: {currency: VND, year: 2020}}\n"
        "process_types: {firm: {parameters: {amount: {unit: m3/day}}, ports: {need: {in: water, is: amount}}}}\n"
        "parks: {demo: {processes: {firm: {type: firm, amount: 90..100..120 m3/day}, mains: {type: offer, carrier: "
        "water}}}}\n"
        "interventions:\n"
        "  slow: {status: planned, adoption: {curve: logistic, start: 2020-03-01, midpoint: 2020-09-01..2020-12-01, "
        "ceiling: 50..60..70 %%},"
        " cost: {capital: 80..100..150 VND, running: 5..8..9 VND/year}, effects: [{cut: demo.firm.amount, by: "
        "40..50..55 %%}]}\n"
        "  copied: {status: planned, adoption: {curve: bass, start: 2020-01-01, p: 0.005..0.01..0.02 1/day,"
        " q: 0.01..0.02..0.04 1/day}, effects: [{scale: demo.firm.amount, by: 0.6..0.7..0.9}]}\n"
        "  even: {status: planned, adoption: {curve: linear, start: 2020-02-01, end: 2020-09-01, ceiling: 40..60..70 "
        "%%},"
        " effects: [{add: demo.firm.amount, by: 5..10..12 m3/day}]}\n"
        "scenarios: {base: {}, with_them: {with: [slow, copied, even]}}\n"
        "indicators: {adopted: {is: \"sum(interventions.*.adoption)\", unit: 1, over_time: mean},"
        " capital: {is: \"sum(interventions.*.capital_cost)\", unit: VND, over_time: sum},"
        " running: {is: \"sum(interventions.*.running_cost)\", unit: VND, over_time: sum}}\n",
        freeze);
    assert_true(length > 0 && (size_t)length < sizeof text);
    compare_small(text, at_least);
}

static void adoption_curves_and_effects_agree_with_differences(void **state)
{
    (void)state;
    compare_adoption("", 500);
}

static void frozen_adoption_agrees_with_differences(void **state)
{
    (void)state;
    compare_adoption("freeze: {adoption: 2020-07}, ", 500);
}

static void lookups_agree_with_differences(void **state)
{
    (void)state;
    compare_small(
        "lookups: {bent: {x: [0, 1, 2, 5], y: [1 m3/day, 4 m3/day, 5 m3/day, 3 m3/day]}}\n"
        "process_types: {firm: {parameters: {x: {unit: 1}}, ports: {need: {in: water, is: \"lookup(bent, x)\"}}}}\n"
        "parks: {demo: {processes: {one: {type: firm, x: 0.2..0.5..0.8}, two: {type: firm, x: 1.2..1.5..1.8},"
        " three: {type: firm, x: 3..4..4.5}, mains: {type: offer, carrier: water}}}}\n",
        18);
}

/* A change of no input moves nothing: operations that depend on none have no tangents. */
static void a_model_without_inputs_has_no_tangents(void **state)
{
    (void)state;
    jacobian j = open_small("parks: {demo: {processes: {town: {type: user, amount: 100 m3/day, ratio: 75 %},"
                            " plant: {type: plant}, reuse: {type: reuse, recovery: 70 %, limit: 50 m3/day},"
                            " mains: {type: offer, carrier: water}, tank: {type: tank, held: 60 m3},"
                            " river: {type: sink, carrier: effluent}}, markets: {water: {supply: [reuse, mains]},"
                            " effluent: {supply: [tank], take: [reuse, tank, river]}}}}\n");
    const pf_plan *plan = &j.model->plan;
    assert_int_equal(plan->inputs, 0);
    assert_int_equal(plan->state_count, 1);
    for (size_t i = 0; i < j.values; i++)
        assert_int_equal(plan->outputs[j.values + i], plan->outputs[2 * j.values - 1]); /* all are one zero */
    jacobian_close(&j);
}

/* The values are those of the plan without tangents to the bit, and the slopes of closures are 0. */
static void values_have_the_bits_of_the_plan_without_tangents(void **state)
{
    (void)state;
    jacobian j = jacobian_open("scenarios/tutorial/park.yaml");
    assert_non_null(j.model);
    pf_scenario *scenario = pf_scenario_read("scenarios/tutorial/park.yaml", NULL, 0, j.diagnostics);
    const pf_compiled *plain = pf_compile(scenario, (pf_compile_options){.keep_flows = true});
    assert_non_null(plain);
    assert_int_equal(j.model->plan.output_count, 2 * plain->plan.output_count);
    assert_int_equal(j.model->plan.inputs, 2 * plain->plan.inputs);
    pf_kernel *kernel = pf_kernel_new(&plain->plan);
    pf_block *block = pf_block_new(kernel, 1);
    double *outputs = pf_doubles(j.cells);
    pf_fault fault;
    for (size_t s = 0; s < plain->scenario_count; s++) {
        jacobian_go_to(&j, s, 1);
        jacobian_prepare(&j, 1);
        for (size_t i = 0; i < plain->input_count; i++) j.inputs[plain->input_count + i] = 1;
        jacobian_run(&j, 1);
        pf_block_run(block, 1, j.point, outputs, &fault);
        for (size_t c = 0; c < j.cells; c++) {
            double value = jacobian_value(&j, 1, c, 0);
            assert_memory_equal(&value, &outputs[c], sizeof value);
            if (c % j.values >= j.values - plain->closure_count) assert_true(jacobian_slope(&j, 1, c, 0) == 0);
        }
    }
    free(outputs);
    pf_block_free(block);
    pf_kernel_free(kernel);
    pf_scenario_free(scenario);
    jacobian_close(&j);
}

static void the_slope_along_a_direction_is_the_sum_over_its_components(void **state)
{
    (void)state;
    jacobian j = jacobian_open("scenarios/tutorial/park.yaml");
    assert_non_null(j.model);
    size_t count = j.model->input_count, *inputs = pf_calloc(count, sizeof *inputs), moved = 0;
    double *slopes = pf_doubles(count * j.cells);
    for (size_t i = 0; i < count; i++) inputs[i] = i;
    jacobian_go_to(&j, 2, 0);
    assert_true(jacobian_tangents(&j, inputs, count, slopes));
    jacobian_prepare(&j, 1);
    for (size_t i = 0; i < count; i++) j.inputs[count + i] = (i % 3 == 1 ? -0.3 : 0.2) * j.point[i];
    jacobian_run(&j, 1);
    for (size_t c = 0; c < j.cells; c++) {
        double sum = 0, gross = 0, along = jacobian_slope(&j, 1, c, 0);
        for (size_t i = 0; i < count; i++) {
            sum += slopes[i * j.cells + c] * j.inputs[count + i];
            gross += fabs(slopes[i * j.cells + c] * j.inputs[count + i]);
        }
        assert_true(fabs(along - sum) <= 1e-11 * gross);
        moved += along != 0;
    }
    assert_true(moved > 1000);
    free(slopes);
    free(inputs);
    jacobian_close(&j);
}

static void the_tutorial_agrees_with_differences_by_every_input(void **state)
{
    (void)state;
    jacobian j = jacobian_open("scenarios/tutorial/park.yaml");
    assert_non_null(j.model);
    comparison found = compare_all(&j);
    assert_true(found.not_zero > 40000);
    assert_true(found.passed_over * 100 < found.not_zero);
    jacobian_close(&j);
}

static void the_programme_agrees_with_differences_by_a_sample_of_inputs(void **state)
{
    (void)state;
    jacobian j = jacobian_open("scenarios/vietnam/programme.yaml");
    comparison found = {0};
    assert_non_null(j.model);
    jacobian_go_to(&j, j.model->scenario_count - 2, 0);
    jacobian_compare(&j, 25, &found);
    assert_true(found.not_zero > 10000);
    assert_true(found.passed_over * 100 < found.not_zero);
    jacobian_close(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_has_its_factors_as_slopes),
        cmocka_unit_test(a_reuse_loop_has_the_slopes_of_its_geometric_sum),
        cmocka_unit_test(a_plant_fed_by_its_own_biogas_has_the_slopes_of_its_answer),
        cmocka_unit_test(a_stock_carries_its_slopes_from_step_to_step),
        cmocka_unit_test(a_limit_has_a_slope_only_where_it_binds),
        cmocka_unit_test(what_is_not_chosen_leaves_no_trace_be_it_infinite),
        cmocka_unit_test(two_kinks_that_make_a_smooth_sum_have_its_slope),
        cmocka_unit_test(a_slope_that_does_not_exist_is_a_fault_of_its_output),
        cmocka_unit_test(market_ranks_that_share_agree_with_differences),
        cmocka_unit_test(a_tank_beside_a_reuse_plant_agrees_with_differences),
        cmocka_unit_test(adoption_curves_and_effects_agree_with_differences),
        cmocka_unit_test(frozen_adoption_agrees_with_differences),
        cmocka_unit_test(lookups_agree_with_differences),
        cmocka_unit_test(a_model_without_inputs_has_no_tangents),
        cmocka_unit_test(values_have_the_bits_of_the_plan_without_tangents),
        cmocka_unit_test(the_slope_along_a_direction_is_the_sum_over_its_components),
        cmocka_unit_test(the_tutorial_agrees_with_differences_by_every_input),
        cmocka_unit_test(the_programme_agrees_with_differences_by_a_sample_of_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
