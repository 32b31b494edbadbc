/* Interventions, calendar rates and money against their formulas. The model: one firm that takes `amount` of water. */
#include "small_model.h"

static small_model run_with(const char *time, const char *amount, const char *rest)
{
    char text[4096];
    small_model s;
    snprintf(text, sizeof text,
             "time: {start: %s}\n"
             "accounting: {money: {currency: VND, year: 2020}}\n"
             "process_types: {firm: {parameters: {amount: {unit: m3/day}}, ports: {need: {in: water, is: amount}}}}\n"
             "parks: {demo: {processes: {firm: {type: firm, amount: %s}, mains: {type: offer, carrier: water}}}}\n"
             "indicators: {water: {is: \"sum(*.firm.need)\", unit: m3, over_time: sum}, adopted: {is: \"sum(interventions.*.adoption)\", unit: 1, over_time: mean},"
             " capital: {is: \"sum(interventions.*.capital_cost)\", unit: VND, over_time: sum}, running: {is: \"sum(interventions.*.running_cost)\", unit: VND, over_time: sum}}\n%s",
             time, amount, rest);
    small_model_read(&s, text);
    small_model_run(&s);
    return s;
}

static const char *const year_2020 = "2020-01, end: 2020-12, step: month, report: 2020-01..2020-12";
static const char *const two_years = "2020-01, end: 2021-12, step: month, report: 2020-01..2021-12";

static void a_rate_by_month_gives_the_same_in_every_month(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "300 m3/month", "");
    for (size_t t = 0; t < 12; t++) assert_close(indicator(&s, 0, t, "water"), 300);
    small_model_free(&s);
}

static void a_rate_by_year_is_spread_over_the_days_of_a_leap_year(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "366 m3/year", "");
    assert_close(indicator(&s, 0, 0, "water"), 31);
    assert_close(indicator(&s, 0, 1, "water"), 29);
    small_model_free(&s);
}

static double logistic(double t, double middle, double half_time)
{
    return 1 / (1 + exp(-log(99) * (t - middle) / half_time));
}

static void logistic_adoption_is_the_mean_of_its_curve_over_each_month(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: logistic, start: 2020-03-01, midpoint: 2020-10-01, ceiling: 60 %}, effects: [{cut: demo.firm.amount, by: 50 %}]}}\n"
                             "scenarios: {base: {}, with_it: {with: [x]}}\n");
    double start = pf_day_number(2020, 3, 1), middle = pf_day_number(2020, 10, 1);
    const pf_calendar *calendar = &s.model->scenario->calendar;
    for (size_t t = 0; t < 24; t++) {
        double sum = 0, from = calendar->steps[t].first_day, days = calendar->steps[t].end_day - from;
        enum { PARTS = 20000 };
        for (int i = 0; i < PARTS; i++) {
            double day = from + days * (i + 0.5) / PARTS;
            sum += day < start ? 0 : 0.6 * logistic(day, middle, middle - start);
        }
        double adopted = sum / PARTS;
        assert_true(fabs(indicator(&s, 1, t, "adopted") - adopted) < 1e-8);
        assert_true(fabs(indicator(&s, 1, t, "water") - 100 * days * (1 - 0.5 * adopted)) < 1e-5);
    }
    assert_true(indicator(&s, 1, 1, "water") == indicator(&s, 0, 1, "water")); /* before the start, to the bit */
    small_model_free(&s);
}

static void bass_adoption_is_the_mean_of_its_curve(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: bass, start: 2020-01-01, p: 0.01 1/day, q: 0.02 1/day}, effects: [{cut: demo.firm.amount, by: 50 %}]}}\n"
                             "scenarios: {with_it: {with: [x]}}\n");
    double sum = 0;
    enum { PARTS = 20000 };
    for (int i = 0; i < PARTS; i++) {
        double e = exp(-0.03 * 31 * (i + 0.5) / PARTS);
        sum += (1 - e) / (1 + 2 * e);
    }
    assert_true(fabs(indicator(&s, 0, 0, "water") - 3100 * (1 - 0.5 * sum / PARTS)) < 1e-5);
    small_model_free(&s);
}

static void linear_adoption_rises_evenly_and_stays(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: linear, start: 2020-01-01, end: 2020-03-01}, effects: [{scale: demo.firm.amount, by: 0}]}}\n"
                             "scenarios: {with_it: {with: [x]}}\n");
    assert_close(indicator(&s, 0, 0, "water"), 3100 * (1 - 15.5 / 60)); /* 60 days to the first of March */
    assert_close(indicator(&s, 0, 1, "water"), 2900 * (1 - 45.5 / 60));
    assert_close(indicator(&s, 0, 5, "water"), 0);
    small_model_free(&s);
}

static void a_step_within_a_month_counts_by_its_days(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: step, start: 2020-01-21}, effects: [{set: demo.firm.amount, to: 40 m3/day}]}}\n"
                             "scenarios: {with_it: {with: [x]}}\n");
    assert_close(indicator(&s, 0, 0, "water"), 20 * 100 + 11 * 40);
    assert_close(indicator(&s, 0, 1, "water"), 29 * 40);
    small_model_free(&s);
}

#define ALWAYS "status: planned, adoption: {curve: step, start: 2019-01-01}"

static void cuts_multiply_on_one_end_use_and_add_on_different_ones(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "100 m3/day",
                             "interventions:\n"
                             "  a: {" ALWAYS ", effects: [{cut: demo.firm.amount, by: 20 %, end_use: washing, of: 50 %}]}\n"
                             "  b: {" ALWAYS ", effects: [{cut: demo.firm.amount, by: 10 %, end_use: washing, of: 50 %}]}\n"
                             "  c: {" ALWAYS ", effects: [{cut: demo.firm.amount, by: 30 %, end_use: cooling, of: 40 %}]}\n"
                             "scenarios: {all: {with: [a, b, c]}}\n");
    assert_close(indicator(&s, 0, 0, "water"), 3100 * (1 - 0.5 * (1 - 0.8 * 0.9) - 0.4 * 0.3));
    small_model_free(&s);
}

static void a_floor_bounds_what_cuts_leave(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "100 m3/day", "interventions: {a: {" ALWAYS ", effects: [{cut: demo.firm.amount, by: 80 %, floor: 35 m3/day}]}}\nscenarios: {all: {with: [a]}}\n");
    assert_close(indicator(&s, 0, 0, "water"), 31 * 35);
    small_model_free(&s);
}

static void effects_apply_as_set_scale_cut_add_whatever_their_order(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "100 m3/day",
                             "interventions:\n"
                             "  d: {" ALWAYS ", effects: [{add: demo.firm.amount, by: 7 m3/day}, {cut: demo.firm.amount, by: 50 %}]}\n"
                             "  b: {" ALWAYS ", effects: [{scale: demo.firm.amount, by: 3}, {set: demo.firm.amount, to: 60 m3/day}]}\n"
                             "scenarios: {all: {with: [d, b]}}\n");
    assert_close(indicator(&s, 0, 0, "water"), 31 * (60 * 3 * 0.5 + 7));
    small_model_free(&s);
}

static void a_policy_raises_anothers_adoption(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "100 m3/day",
                             "interventions:\n"
                             "  a: {status: planned, adoption: {curve: step, start: 2019-01-01, ceiling: 40 %}, effects: [{cut: demo.firm.amount, by: 50 %}]}\n"
                             "  policy: {" ALWAYS ", effects: [{scale: interventions.a.adoption, by: 1.5}]}\n"
                             "scenarios: {a: {with: [a]}, both: {with: [a, policy]}, alone: {with: [policy]}, base: {}}\n");
    assert_close(indicator(&s, 0, 0, "water"), 3100 * (1 - 0.5 * 0.4));
    assert_close(indicator(&s, 1, 0, "water"), 3100 * (1 - 0.5 * 0.6));
    assert_true(indicator(&s, 2, 0, "water") == indicator(&s, 3, 0, "water"));
    small_model_free(&s);
}

static void a_trend_grows_from_the_start_to_the_middle_of_each_step_and_is_inherited(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day", "scenarios: {base: {trend: {demo.firm.amount: 3 %}}, other: {against: base}, apart: {}}\n");
    double years = (0.5 * (pf_day_number(2021, 12, 1) + pf_day_number(2022, 1, 1)) - pf_day_number(2020, 1, 1)) / 365.2425;
    assert_close(indicator(&s, 0, 23, "water"), 3100 * pow(1.03, years));
    assert_close(indicator(&s, 1, 23, "water"), 3100 * pow(1.03, years));
    assert_close(indicator(&s, 2, 23, "water"), 3100);
    small_model_free(&s);
}

static void capital_is_spent_as_adoption_rises_and_running_cost_follows_it(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: linear, start: 2020-02-01, end: 2020-06-01, ceiling: 50 %}, effects: [{cut: demo.firm.amount, by: 50 %}],"
                             " cost: {capital: 1000 VND, running: 12 VND/month}}}\nscenarios: {base: {}, with_it: {against: base, with: [x]}}\n");
    double capital = 0;
    for (size_t t = 0; t < 24; t++) capital += indicator(&s, 1, t, "capital");
    assert_close(capital, 500);
    assert_close(indicator(&s, 1, 0, "capital"), 0);
    assert_close(indicator(&s, 1, 23, "running"), 6);
    assert_close(indicator(&s, 0, 23, "running"), 0);
    small_model_free(&s);
}

static void what_has_lived_its_life_ends(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: step, start: 2020-01-21, ceiling: 50 %, life: 365.2425 day}, effects: [{cut: demo.firm.amount, by: 50 %}],"
                             " cost: {capital: 1000 VND}}}\nscenarios: {base: {}, with_it: {against: base, with: [x]}}\n");
    double capital = 0;
    for (size_t t = 0; t < 24; t++) capital += indicator(&s, 1, t, "capital");
    assert_close(capital, 500);
    assert_close(indicator(&s, 1, 6, "adopted"), 0.5);
    assert_close(indicator(&s, 1, 12, "adopted"), 0.5 * 19.2425 / 31); /* to 2021-01-20 and a quarter of a day */
    assert_true(indicator(&s, 1, 13, "adopted") == 0);
    assert_true(indicator(&s, 1, 13, "water") == indicator(&s, 0, 13, "water")); /* afterwards, to the bit */
    small_model_free(&s);
}

static void a_curve_ends_as_it_began_a_life_later(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: linear, start: 2020-01-01, end: 2020-03-01, life: 366 day}, effects: [{scale: demo.firm.amount, by: 0}]}}\n"
                             "scenarios: {with_it: {with: [x]}}\n");
    assert_close(indicator(&s, 0, 0, "adopted"), 15.5 / 60);
    assert_close(indicator(&s, 0, 11, "adopted"), 1);
    assert_close(indicator(&s, 0, 12, "adopted"), 1 - 15.5 / 60); /* 366 days are 2020 */
    assert_close(indicator(&s, 0, 20, "adopted"), 0);
    small_model_free(&s);
}

static void what_is_renewed_stays_and_is_paid_for_again(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: linear, start: 2020-01-01, end: 2020-03-01, life: 300 day, renewed: true}, effects: [{cut: demo.firm.amount, by: 50 %}],"
                             " cost: {capital: 1000 VND}}}\nscenarios: {base: {}, with_it: {against: base, with: [x]}}\n");
    double capital = 0;
    for (size_t t = 0; t < 24; t++) capital += indicator(&s, 1, t, "capital");
    assert_close(capital, 3000); /* in 2020, after 300 days and after 600; the third time after 900 is beyond the end */
    for (size_t t = 3; t < 24; t++) assert_close(indicator(&s, 1, t, "adopted"), 1);
    small_model_free(&s);
}

static void logistic_adoption_with_a_life_is_what_was_adopted_less_what_was_a_life_ago(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "interventions: {x: {status: planned, adoption: {curve: logistic, start: 2020-03-01, midpoint: 2020-10-01, ceiling: 60 %, life: 200 day}, effects: [{cut: demo.firm.amount, by: 50 %}],"
                             " cost: {running: 1 VND/day}}}\nscenarios: {with_it: {with: [x]}}\n");
    double start = pf_day_number(2020, 3, 1), middle = pf_day_number(2020, 10, 1);
    const pf_calendar *calendar = &s.model->scenario->calendar;
    for (size_t t = 0; t < 24; t++) {
        double sum = 0, from = calendar->steps[t].first_day, days = calendar->steps[t].end_day - from;
        enum { PARTS = 20000 };
        for (int i = 0; i < PARTS; i++) {
            double day = from + days * (i + 0.5) / PARTS;
            sum += day < start ? 0 : 0.6 * logistic(day, middle, middle - start);
            sum -= day - 200 < start ? 0 : 0.6 * logistic(day - 200, middle, middle - start);
        }
        assert_true(fabs(indicator(&s, 0, t, "adopted") - sum / PARTS) < 1e-6);
        assert_close(indicator(&s, 0, t, "running"), days * indicator(&s, 0, t, "adopted"));
    }
    small_model_free(&s);
}

static void a_life_beyond_the_models_time_changes_no_bit(void **state)
{
    (void)state;
    double found[24];
    for (int with_life = 0; with_life < 2; with_life++) {
        char rest[512];
        snprintf(rest, sizeof rest,
                 "interventions: {x: {status: planned, adoption: {curve: logistic, start: 2020-03-01..2020-05-01, midpoint: 2020-10-01%s}, effects: [{cut: demo.firm.amount, by: 50 %%}], cost: {capital: 7 VND}}}\n"
                 "scenarios: {with_it: {with: [x]}}\n",
                 with_life ? ", life: 2..3..9 year" : "");
        small_model s = run_with(two_years, "100 m3/day", rest);
        for (size_t t = 0; t < 24; t++) {
            double now = indicator(&s, 0, t, "water") + indicator(&s, 0, t, "capital");
            if (with_life) assert_true(now == found[t]);
            found[t] = now;
        }
        small_model_free(&s);
    }
}

/* What a policy adds ends, or is bought again, with those whom it joins. */
static void a_policy_raises_what_ends_and_what_is_renewed(void **state)
{
    (void)state;
    static const char *const rest =
        "interventions:\n"
        "  a: {status: planned, adoption: {curve: step, start: 2020-01-01, ceiling: 40 %%, life: 500 day%s}, effects: [{cut: demo.firm.amount, by: 50 %%}], cost: {capital: 1000 VND}}\n"
        "  policy: {status: planned, adoption: {curve: step, start: 2020-07-01}, effects: [{scale: interventions.a.adoption, by: 1.5}, {scale: demo.firm.amount, by: 1}]}\n"
        "scenarios: {both: {with: [a, policy]}}\n";
    for (int renewed = 0; renewed < 2; renewed++) {
        char text[1024];
        snprintf(text, sizeof text, rest, renewed ? ", renewed: true" : "");
        small_model s = run_with(two_years, "100 m3/day", text);
        double capital = 0;
        for (size_t t = 0; t < 24; t++) capital += indicator(&s, 0, t, "capital");
        assert_close(capital, renewed ? 1200 : 600);
        assert_close(indicator(&s, 0, 0, "water"), 3100 * (1 - 0.5 * 0.4));
        assert_close(indicator(&s, 0, 8, "water"), 3000 * (1 - 0.5 * 0.6));
        assert_close(indicator(&s, 0, 20, "water"), renewed ? 3000 * (1 - 0.5 * 0.6) : 3000);
        small_model_free(&s);
    }
}

static void an_uncertain_life_stands_at_its_median(void **state)
{
    (void)state;
    small_model s = run_with(two_years, "100 m3/day",
                             "parameters: {how_long: 200..400 day}\n"
                             "interventions:\n"
                             "  x: {status: planned, adoption: {curve: step, start: 2020-01-01, life: how_long}, effects: [{cut: demo.firm.amount, by: 50 %}]}\n"
                             "scenarios: {with_it: {with: [x]}}\n");
    assert_close(indicator(&s, 0, 9, "adopted"), 26.0 / 31); /* 300 days: to the 27th of October */
    assert_true(indicator(&s, 0, 10, "adopted") == 0);
    small_model_free(&s);
}

static void cost_goes_to_who_pays(void **state)
{
    (void)state;
    small_model s;
    small_model_read(&s, "time: {start: 2020-01, end: 2020-12, step: month}\n"
                         "accounting: {money: {currency: VND, year: 2020}}\n"
                         "process_types: {firm: {parameters: {amount: {unit: m3/day}}, ports: {need: {in: water, is: amount}}}}\n"
                         "parks: {demo: {processes: {firm: {type: firm, amount: 1 m3/day}, mains: {type: offer, carrier: water}}}}\n"
                         "interventions:\n"
                         "  a: {status: planned, adoption: {curve: step, start: 2020-01}, effects: [{cut: demo.firm.amount, by: 1 %}], cost: {capital: 10 VND, pays: firm}}\n"
                         "  b: {status: what_if, adoption: {curve: step, start: 2020-01}, effects: [{cut: demo.firm.amount, by: 1 %}], cost: {capital: 200 VND, running: 5 VND/month, pays: operator}}\n"
                         "  c: {status: planned, adoption: {curve: step, start: 2020-01}, effects: [{cut: demo.firm.amount, by: 1 %}], cost: {capital: 3000 VND}}\n"
                         "indicators:\n"
                         "  firm: {is: \"sum(interventions.*[pays=firm].capital_cost)\", unit: VND, over_time: sum}\n"
                         "  operator: {is: \"sum(interventions.*[pays=operator].capital_cost) + sum(interventions.*[pays=operator].running_cost)\", unit: VND, over_time: sum}\n"
                         "  planned: {is: \"sum(interventions.*[status=planned].capital_cost)\", unit: VND, over_time: sum}\n"
                         "scenarios: {all: {with: [a, b, c]}}\n");
    small_model_run(&s);
    assert_close(indicator(&s, 0, 0, "firm"), 10);
    assert_close(indicator(&s, 0, 0, "operator"), 205);
    assert_close(indicator(&s, 0, 0, "planned"), 3010);
    small_model_free(&s);
}

static void cost_of_another_year_and_currency_comes_in_money_of_the_results(void **state)
{
    (void)state;
    small_model s = run_with(year_2020, "100 m3/day",
                             "money: {exchange: {EUR: {2018: 27000}}, deflator: {VND: {2018: 90, 2020: 99}}}\n"
                             "interventions: {x: {status: planned, adoption: {curve: step, start: 2020-01-01}, effects: [{cut: demo.firm.amount, by: 1 %}],"
                             " cost: {capital: 2 EUR, price_year: 2018}}}\nscenarios: {with_it: {with: [x]}}\n");
    assert_close(indicator(&s, 0, 0, "capital"), 2 * 27000 * 99.0 / 90);
    small_model_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_by_month_gives_the_same_in_every_month),
        cmocka_unit_test(a_rate_by_year_is_spread_over_the_days_of_a_leap_year),
        cmocka_unit_test(logistic_adoption_is_the_mean_of_its_curve_over_each_month),
        cmocka_unit_test(bass_adoption_is_the_mean_of_its_curve),
        cmocka_unit_test(linear_adoption_rises_evenly_and_stays),
        cmocka_unit_test(a_step_within_a_month_counts_by_its_days),
        cmocka_unit_test(cuts_multiply_on_one_end_use_and_add_on_different_ones),
        cmocka_unit_test(a_floor_bounds_what_cuts_leave),
        cmocka_unit_test(effects_apply_as_set_scale_cut_add_whatever_their_order),
        cmocka_unit_test(a_policy_raises_anothers_adoption),
        cmocka_unit_test(a_trend_grows_from_the_start_to_the_middle_of_each_step_and_is_inherited),
        cmocka_unit_test(capital_is_spent_as_adoption_rises_and_running_cost_follows_it),
        cmocka_unit_test(what_has_lived_its_life_ends),
        cmocka_unit_test(a_curve_ends_as_it_began_a_life_later),
        cmocka_unit_test(what_is_renewed_stays_and_is_paid_for_again),
        cmocka_unit_test(logistic_adoption_with_a_life_is_what_was_adopted_less_what_was_a_life_ago),
        cmocka_unit_test(a_life_beyond_the_models_time_changes_no_bit),
        cmocka_unit_test(a_policy_raises_what_ends_and_what_is_renewed),
        cmocka_unit_test(an_uncertain_life_stands_at_its_median),
        cmocka_unit_test(cost_goes_to_who_pays),
        cmocka_unit_test(cost_of_another_year_and_currency_comes_in_money_of_the_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
