/* accounting.freeze against closed forms: adoption at a date, activity and factors at the mean of a period, saving rates
 * of checks with their derivatives. The model: a firm that takes `amount` times an index, which its price multiplies. */
#include "small_model.h"

#include "analysis/observations.h"

/* 182 days of 1 and 184 of 2 in 2020, 181 of 5 and 184 of 3 in 2021. */
static const char *const index_over_time = "{series: {2020-01: 1, 2020-07: 2, 2021-01: 5, 2021-07: 3}}";
static const double index_2020 = (182 * 1 + 184 * 2) / 366.0, index_2021 = (181 * 5 + 184 * 3) / 365.0;
static const double price_2021 = (181 * 11 + 184 * 13) / 365.0;

static small_model read_with(const char *freeze, const char *index, const char *rest)
{
    char text[4096];
    small_model s;
    snprintf(text, sizeof text,
             "time: {start: 2020-01, end: 2021-12, step: month, report: 2020-01..2021-12}\n"
             "accounting: {%s money: {currency: VND, year: 2020}}\n"
             "parameters: {price: {series: {2020-01: 10, 2021-01: 11, 2021-07: 13}}, level: {series: {2020-01: 1, 2020-07: 2}, follows: activity}, plain: {series: {2020-01: 1, 2020-07: 2, 2021-01: 5, 2021-07: 3}}}\n"
             "process_types:\n"
             "  firm:\n"
             "    parameters: {amount: {unit: m3/day}, index: {unit: 1, default: 1, follows: activity}, level: {unit: 1, default: 1, follows: activity}, use: {unit: 1, default: 1}}\n"
             "    ports: {need: {in: water, is: amount * index * level * use}}\n"
             "    values: {paid: need * price, relative: \"index / average(index, 2021) * 1 m3 / 1 day\"}\n"
             "parks: {demo: {processes: {firm: {type: firm, amount: 100 m3/day, index: %s}, mains: {type: offer, carrier: water}}}}\n"
             "indicators:\n"
             "  water: {is: \"sum(*.firm.need)\", unit: m3, over_time: sum}\n"
             "  paid: {is: \"sum(*.firm.paid)\", unit: m3, over_time: sum}\n"
             "  relative: {is: \"sum(*.firm.relative)\", unit: m3, over_time: sum}\n"
             "  adopted: {is: \"sum(interventions.*.adoption)\", unit: 1, over_time: mean}\n"
             "  capital: {is: \"sum(interventions.*.capital_cost)\", unit: VND, over_time: sum}\n"
             "  running: {is: \"sum(interventions.*.running_cost)\", unit: VND, over_time: sum}\n%s",
             freeze, index, rest);
    small_model_read(&s, text);
    return s;
}

static small_model run_with(const char *freeze, const char *index, const char *rest)
{
    small_model s = read_with(freeze, index, rest);
    small_model_run(&s);
    return s;
}

static double days_in(size_t month)
{
    return pf_days_in_month(2020 + (int)month / 12, (int)month % 12 + 1);
}

/* ---- adoption ---- */

static void adopted_everywhere(const char *date, const char *curve, double wanted)
{
    char freeze[128], rest[512];
    snprintf(freeze, sizeof freeze, "freeze: {adoption: %s},", date);
    snprintf(rest, sizeof rest,
             "interventions: {x: {status: planned, adoption: {%s, ceiling: 60 %%}, effects: [{cut: demo.firm.amount, by: 50 %%}]}}\n"
             "scenarios: {base: {}, with_it: {against: base, with: [x]}}\n",
             curve);
    small_model s = run_with(freeze, "1", rest);
    for (size_t t = 0; t < 24; t++) {
        assert_true(fabs(indicator(&s, 1, t, "adopted") - wanted) <= 1e-12);
        assert_close(indicator(&s, 1, t, "water"), 100 * days_in(t) * (1 - 0.5 * wanted));
    }
    small_model_free(&s);
}

static void frozen_adoption_is_the_value_of_its_curve_at_the_end_of_the_date(void **state)
{
    (void)state;
    double start = pf_day_number(2020, 3, 1), middle = pf_day_number(2020, 12, 1), at = pf_day_number(2020, 11, 1);
    double e = exp(-0.03 * (at - start));
    adopted_everywhere("2020-10", "curve: step, start: 2020-03", 0.6);
    adopted_everywhere("2020-10", "curve: step, start: 2020-10-31", 0.6);
    adopted_everywhere("2020-10", "curve: linear, start: 2020-03, end: 2021-03", 0.6 * (at - start) / 365);
    adopted_everywhere("2020-10", "curve: linear, start: 2020-03, end: 2020-09", 0.6);
    adopted_everywhere("2020-10", "curve: logistic, start: 2020-03, midpoint: 2020-12", 0.6 / (1 + exp(-log(99) * (at - middle) / (middle - start))));
    adopted_everywhere("2020-10", "curve: bass, start: 2020-03, p: 0.01 1/day, q: 0.02 1/day", 0.6 * (1 - e) / (1 + 2 * e));
    adopted_everywhere("2020-10-31", "curve: linear, start: 2020-03, end: 2021-03", 0.6 * (at - start) / 365);
}

static void adoption_frozen_before_the_start_changes_nothing_to_the_bit(void **state)
{
    (void)state;
    static const char *const curves[] = {"curve: step, start: 2020-11", "curve: linear, start: 2020-11, end: 2020-12", "curve: logistic, start: 2020-11, midpoint: 2020-12",
                                         "curve: bass, start: 2020-11, p: 0.01 1/day, q: 0.02 1/day"};
    for (size_t i = 0; i < 4; i++) adopted_everywhere("2020-10", curves[i], 0);
}

static void a_frozen_trend_has_grown_to_the_end_of_the_date(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {adoption: 2020-10},", "1", "scenarios: {base: {trend: {demo.firm.use: 3 %}}}\n");
    double years = (pf_day_number(2020, 11, 1) - pf_day_number(2020, 1, 1)) / 365.2425;
    for (size_t t = 0; t < 24; t++) assert_close(indicator(&s, 0, t, "water"), 100 * days_in(t) * pow(1.03, years));
    small_model_free(&s);
}

static void a_trend_of_activity_is_held_with_activity_in_the_middle_of_its_period(void **state)
{
    (void)state;
    static const char *const trend = "scenarios: {base: {trend: {demo.firm.level: 3 %}}}\n";
    small_model held = run_with("freeze: {activity: 2021},", "1", trend), free_one = run_with("", "1", trend),
                other = run_with("freeze: {adoption: 2020-10, factors: 2021},", "1", trend);
    double years = (366 + 0.5 * 365) / 365.2425;
    for (size_t t = 0; t < 24; t++) {
        assert_close(indicator(&held, 0, t, "water"), 100 * days_in(t) * pow(1.03, years));
        assert_true(indicator(&free_one, 0, t, "water") == indicator(&other, 0, t, "water"));
    }
    small_model_free(&held);
    small_model_free(&free_one);
    small_model_free(&other);
}

static void frozen_adoption_is_less_by_what_has_ended(void **state)
{
    (void)state;
    double e = log(99), at = pf_day_number(2021, 3, 1), half = pf_day_number(2020, 12, 1) - pf_day_number(2020, 3, 1);
    double place = at - pf_day_number(2020, 12, 1);
    adopted_everywhere("2020-10", "curve: step, start: 2020-03, life: 100 day", 0);
    adopted_everywhere("2020-05", "curve: step, start: 2020-03, life: 100 day", 0.6);
    adopted_everywhere("2020-10", "curve: step, start: 2020-03, life: 100 day, renewed: true", 0.6);
    adopted_everywhere("2021-02", "curve: linear, start: 2020-03, end: 2021-03, life: 100 day", 0.6 * 100 / 365);
    adopted_everywhere("2021-02", "curve: logistic, start: 2020-03, midpoint: 2020-12, life: 100 day",
                       0.6 * (1 / (1 + exp(-e * place / half)) - 1 / (1 + exp(-e * (place - 100) / half))));
}

static void frozen_adoption_spends_no_capital_and_keeps_its_running_cost(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {adoption: 2020-10},", "1",
                             "interventions: {x: {status: planned, adoption: {curve: linear, start: 2020-02, end: 2021-02}, effects: [{cut: demo.firm.amount, by: 50 %}],"
                             " cost: {capital: 1000 VND, running: 12 VND/month}}}\nscenarios: {with_it: {with: [x]}}\n");
    double adopted = (pf_day_number(2020, 11, 1) - pf_day_number(2020, 2, 1)) / 366.0;
    for (size_t t = 0; t < 24; t++) {
        assert_true(indicator(&s, 0, t, "capital") == 0);
        assert_close(indicator(&s, 0, t, "running"), 12 * adopted);
    }
    small_model_free(&s);
}

/* ---- activity and factors ---- */

static void frozen_activity_is_its_mean_over_the_period_by_days(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {activity: 2020},", index_over_time, "");
    for (size_t t = 0; t < 24; t++) {
        assert_close(indicator(&s, 0, t, "water"), 100 * days_in(t) * index_2020);
        double price = t < 12 ? 10 : t < 18 ? 11 : 13; /* a factor goes on */
        assert_close(indicator(&s, 0, t, "paid"), 100 * days_in(t) * index_2020 * price);
    }
    small_model_free(&s);
    s = run_with("freeze: {activity: 2020..2021},", index_over_time, "");
    assert_close(indicator(&s, 0, 3, "water"), 100 * 30 * (366 * index_2020 + 365 * index_2021) / 731);
    small_model_free(&s);
}

static void the_average_of_frozen_activity_is_that_of_the_year_it_asks_for(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {activity: 2020},", index_over_time, "");
    for (size_t t = 0; t < 24; t++) assert_close(indicator(&s, 0, t, "relative"), days_in(t) * index_2020 / index_2021);
    small_model_free(&s);
}

static void frozen_factors_are_those_of_their_vintage(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {factors: 2021},", index_over_time, ""), plain = run_with("", index_over_time, ""),
                exact = run_with("freeze: {factors: 2020},", index_over_time, "");
    for (size_t t = 0; t < 24; t++) {
        assert_close(indicator(&s, 0, t, "paid"), indicator(&plain, 0, t, "water") * price_2021);
        assert_true(indicator(&s, 0, t, "water") == indicator(&plain, 0, t, "water")); /* activity goes on, to the bit */
        assert_true(indicator(&exact, 0, t, "paid") == indicator(&plain, 0, t, "paid") || t >= 12);
    }
    small_model_free(&s);
    small_model_free(&plain);
    small_model_free(&exact);
}

static void a_series_says_itself_that_it_follows_activity(void **state)
{
    (void)state;
    static const char *const effects[] = {"set: demo.firm.use, to: 2 * level", "scale: demo.firm.use, by: {series: {2020-01: 2, 2020-07: 4}, follows: activity}"};
    for (size_t i = 0; i < 2; i++) {
        char rest[512];
        snprintf(rest, sizeof rest, "interventions: {x: {status: planned, adoption: {curve: step, start: 2019-01}, effects: [{%s}]}}\nscenarios: {base: {with: [x]}}\n", effects[i]);
        small_model s = run_with("freeze: {activity: 2020, factors: 2021},", "1", rest);
        for (size_t t = 0; t < 24; t++) assert_close(indicator(&s, 0, t, "water"), 200 * days_in(t) * index_2020);
        small_model_free(&s);
    }
}

static void a_named_series_follows_activity_where_such_a_parameter_is_made_of_it(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {activity: 2020, factors: 2021},", "plain", "");
    for (size_t t = 0; t < 24; t++) {
        assert_close(indicator(&s, 0, t, "water"), 100 * days_in(t) * index_2020);
        assert_close(indicator(&s, 0, t, "relative"), days_in(t) * index_2020 / index_2021);
    }
    small_model_free(&s);
    s = run_with("freeze: {activity: 2020, factors: 2021},", "1",
                 "interventions: {x: {status: planned, adoption: {curve: step, start: 2019-01}, effects: [{scale: demo.firm.level, by: 2 * plain}, {set: demo.firm.use, to: price}]}}\nscenarios: {base: {with: [x]}}\n");
    for (size_t t = 0; t < 24; t++) assert_close(indicator(&s, 0, t, "water"), 100 * days_in(t) * 2 * index_2020 * price_2021);
    small_model_free(&s);
}

static void nominal_prices_are_frozen_in_money_of_the_results(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {factors: 2020..2021},", "1",
                             "money: {deflator: {VND: {2020: 100, 2021: 125}}}\n"
                             "interventions: {x: {status: planned, adoption: {curve: step, start: 2019-01}, effects: [{cut: demo.firm.amount, by: 1 %}],"
                             " cost: {running: {series: {2020-01: 366 VND/day, 2021-01: 365 VND/day}, prices: nominal}}}}\nscenarios: {base: {with: [x]}}\n");
    for (size_t t = 0; t < 24; t++) assert_close(indicator(&s, 0, t, "running"), days_in(t) * (366 * 366 + 365 * 365 * 0.8) / 731);
    small_model_free(&s);
}

/* ---- all of it ---- */

static const char *const all_that_varies = "interventions: {x: {status: planned, adoption: {curve: logistic, start: 2020-02, midpoint: 2020-09}, effects: [{cut: demo.firm.amount, by: 50 %}]}}\n"
                                           "scenarios: {base: {trend: {demo.firm.use: -1 %, demo.firm.level: 2 %}}, with_it: {against: base, with: [x]}}\n";

static void with_all_frozen_months_of_equal_length_are_equal_to_the_bit(void **state)
{
    (void)state;
    small_model s = run_with("freeze: {adoption: 2020-10, activity: 2020, factors: 2021},", index_over_time, all_that_varies),
                plain = run_with("", index_over_time, all_that_varies);
    size_t differ = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t t = 0; t < 24; t++)
            for (size_t u = 0; u < t; u++) {
                if (days_in(t) != days_in(u)) continue;
                assert_true(indicator(&s, k, t, "paid") == indicator(&s, k, u, "paid"));
                differ += indicator(&plain, k, t, "paid") != indicator(&plain, k, u, "paid");
            }
    assert_true(differ > 100); /* or nothing was proved */
    small_model_free(&s);
    small_model_free(&plain);
}

/* ---- saving rates ---- */

static const char *const rates =
    "interventions: {x: {status: carried_out, adoption: {curve: linear, start: 2020-02-01..2020-06-01, end: 2021-06-01}, effects: [{cut: demo.firm.amount, by: 50 %}]}}\n"
    "scenarios: {base: {}, with_it: {against: base, with: [x]}}\n"
    "checks:\n"
    "  in_2021: {indicator: water, saving: {of: with_it}, period: 2021, basis: in_year, observed: 30 +- 3 thousand m3/year}\n"
    "  rate: {indicator: water, saving: {of: with_it}, period: 2021, basis: annualised, freeze: {adoption: 2020-10, activity: 2020}, observed: 30 +- 3 thousand m3/year}\n"
    "  other: {indicator: water, saving: {of: with_it}, period: 2020, basis: annualised, freeze: {adoption: 2021-10}, observed: 30 +- 3 thousand m3/year}\n";

static void a_rate_is_held_against_a_model_with_its_freeze_only(void **state)
{
    (void)state;
    pf_held held;
    small_model s = read_with("", index_over_time, rates);
    assert_non_null(s.model);
    const pf_compiled *plain = pf_compile(s.scenario, (pf_compile_options){.tangents = true});
    assert_int_equal(pf_hold_observations(plain, &held, s.diagnostics), PF_OK);
    assert_int_equal(held.count, 1);
    assert_string_equal(held.findings[0].of->name, "in_2021");
    const pf_compiled *frozen = pf_compile(s.scenario, (pf_compile_options){.tangents = true, .freeze = pf_tree_get(plain->observations[1].tree, "freeze")});
    assert_int_equal(pf_hold_observations(frozen, &held, s.diagnostics), PF_OK);
    assert_int_equal(held.count, 1);
    assert_string_equal(held.findings[0].of->name, "rate");
    assert_string_equal(held.findings[0].of->held, "adoption 2020-10, activity 2020");
    small_model_free(&s);
}

/* adopted = (at - start) / (end - start): d adopted / d start = (at - end) / (end - start)^2 */
static void a_rate_has_the_spread_of_its_uncertain_dates(void **state)
{
    (void)state;
    pf_held held;
    small_model s = read_with("", index_over_time, rates);
    const pf_compiled *m = pf_compile(s.scenario, (pf_compile_options){.tangents = true, .freeze = pf_tree_get(s.model->observations[1].tree, "freeze")});
    assert_int_equal(pf_hold_observations(m, &held, s.diagnostics), PF_OK);
    double first = pf_day_number(2020, 2, 1), last = pf_day_number(2020, 6, 1), start = 0.5 * (first + last);
    double at = pf_day_number(2020, 11, 1), end = pf_day_number(2021, 6, 1), sd = (last - first) / sqrt(12);
    double whole = 0.5 * 100 * index_2020 * 365.2425;
    assert_true(fabs(held.findings[0].model / (whole * (at - start) / (end - start)) - 1) < 1e-12);
    assert_true(fabs(held.findings[0].sd / (whole * (end - at) / ((end - start) * (end - start)) * sd) - 1) < 1e-6);
    small_model_free(&s);
}

static void a_frozen_run_is_not_held_against_savings_in_a_year(void **state)
{
    (void)state;
    small_model s = read_with("freeze: {adoption: 2020-10, activity: 2020},", index_over_time, rates);
    assert_non_null(s.model);
    const pf_observation *o = s.model->observations;
    assert_non_null(strstr(o[0].unlike, "this run has accounting.freeze: adoption 2020-10, activity 2020"));
    assert_null(o[1].unlike);
    assert_true(!o[0].is_apart && !o[1].is_apart && o[2].is_apart);
    small_model_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_adoption_is_the_value_of_its_curve_at_the_end_of_the_date),
        cmocka_unit_test(adoption_frozen_before_the_start_changes_nothing_to_the_bit),
        cmocka_unit_test(a_frozen_trend_has_grown_to_the_end_of_the_date),
        cmocka_unit_test(a_trend_of_activity_is_held_with_activity_in_the_middle_of_its_period),
        cmocka_unit_test(frozen_adoption_is_less_by_what_has_ended),
        cmocka_unit_test(frozen_adoption_spends_no_capital_and_keeps_its_running_cost),
        cmocka_unit_test(frozen_activity_is_its_mean_over_the_period_by_days),
        cmocka_unit_test(the_average_of_frozen_activity_is_that_of_the_year_it_asks_for),
        cmocka_unit_test(frozen_factors_are_those_of_their_vintage),
        cmocka_unit_test(a_series_says_itself_that_it_follows_activity),
        cmocka_unit_test(a_named_series_follows_activity_where_such_a_parameter_is_made_of_it),
        cmocka_unit_test(nominal_prices_are_frozen_in_money_of_the_results),
        cmocka_unit_test(with_all_frozen_months_of_equal_length_are_equal_to_the_bit),
        cmocka_unit_test(a_rate_is_held_against_a_model_with_its_freeze_only),
        cmocka_unit_test(a_rate_has_the_spread_of_its_uncertain_dates),
        cmocka_unit_test(a_frozen_run_is_not_held_against_savings_in_a_year),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
