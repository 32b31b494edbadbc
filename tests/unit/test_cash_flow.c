/* Annuities, present values, internal rates and paybacks: closed forms, and the values that numpy-financial documents.
 */
#include "analysis/cash_flow.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double value, double wanted, double margin)
{
    if (!(fabs(value - wanted) <= margin)) fail_msg("found %.17g, expected %.17g", value, wanted);
}

static void an_annuity_pays_its_capital_back(void **state)
{
    (void)state;
    const double rates[] = {-0.02, 0, 1e-15, 1e-6, 0.05, 0.08, 0.5};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (int years = 1; years < 40; years++) {
            double value = 0, payment = pf_annuity(rates[r], years);
            for (int y = 1; y <= years; y++) value += payment * pow(1 + rates[r], -y);
            assert_near(value, 1, 1e-9);
        }
    assert_near(pf_annuity(0.08, 15), 0.11682954, 1e-8); /* tables of capital recovery factors */
}

static void present_value_is_that_of_numpy_financial(void **state)
{
    (void)state;
    const double flows[] = {-40000, 5000, 8000, 12000, 30000};
    assert_near(pf_net_present_value(flows, 5, 0.08), 3065.22267, 1e-5); /* its documentation of npv */
    double sum = 0;
    for (size_t y = 0; y < 5; y++) sum += flows[y] / pow(1.08, (double)y);
    assert_near(pf_net_present_value(flows, 5, 0.08), sum, 1e-9);
    assert_near(pf_net_present_value(flows, 5, 0), 15000, 0);
}

static void one_internal_rate_is_found(void **state)
{
    (void)state;
    double rate;
    assert_int_equal(pf_internal_rate((const double[]){-100, 39, 59, 55, 20}, 5, &rate), PF_ONE_RATE);
    assert_near(rate, 0.28095, 5e-6); /* documentation of numpy_financial.irr, as is the next */
    assert_int_equal(pf_internal_rate((const double[]){-100, 0, 0, 74}, 4, &rate), PF_ONE_RATE);
    assert_near(rate, -0.0955, 5e-5);
    assert_near(rate, cbrt(0.74) - 1, 1e-12);
    assert_int_equal(pf_internal_rate((const double[]){100, -110}, 2, &rate), PF_ONE_RATE); /* a loan */
    assert_near(rate, 0.1, 1e-12);
}

static void none_or_several_internal_rates_are_told_apart(void **state)
{
    (void)state;
    double rate;
    assert_int_equal(pf_internal_rate((const double[]){5, 3, 1}, 3, &rate), PF_NO_RATE);
    assert_true(isnan(rate));
    assert_int_equal(pf_internal_rate((const double[]){-5, -3}, 2, &rate), PF_NO_RATE);
    assert_int_equal(pf_internal_rate((const double[]){0, 0, 0}, 3, &rate), PF_NO_RATE);
    assert_int_equal(pf_internal_rate((const double[]){-1, 5, -6}, 3, &rate), PF_SEVERAL_RATES); /* 100 and 200 % */
    assert_near(rate, 1, 1e-12);
    assert_int_equal(pf_internal_rate((const double[]){1, -2.5, 2}, 3, &rate), PF_NO_RATE); /* complex ones */
}

static void a_rate_on_a_point_of_the_grid_counts_once(void **state)
{
    (void)state;
    double rate, on_grid = exp(log(0.01) + 2048 * ((log(11) - log(0.01)) / 4096)) - 1;
    assert_int_equal(pf_internal_rate((const double[]){-1, 1 + on_grid}, 2, &rate), PF_ONE_RATE);
    assert_near(rate, on_grid, 1e-12);
}

static void payback_is_when_the_sum_turns(void **state)
{
    (void)state;
    assert_near(pf_payback((const double[]){-100, 50, 50, 50}, 4, 0), 2, 1e-12);
    assert_near(pf_payback((const double[]){-100, 40, 40, 40}, 4, 0), 2.5, 1e-12);
    assert_true(isinf(pf_payback((const double[]){-100, 40, 40}, 3, 0)));
    assert_near(pf_payback((const double[]){3, 1}, 2, 0), 0, 0);
    assert_near(pf_payback((const double[]){-100, 120, -50, 60}, 4, 0), 2.5, 1e-12); /* it must stay paid */
    assert_near(pf_payback((const double[]){-100, 110}, 2, 0.1), 1, 1e-12);
    assert_true(isinf(pf_payback((const double[]){-100, 110}, 2, 0.2)));
}

/* 60 in the first year and 40 in the second, each lasting 3 years; a saving of 10, then of 25 a year. */
static void a_saving_goes_on_for_what_lasts(void **state)
{
    (void)state;
    const double capital[] = {60, 40}, running[] = {-10, -25}, wanted[] = {-50, -15, 25, 10, 0};
    double flows[5];
    assert_int_equal(pf_flow_years(2, 3), 5);
    pf_extend_flows(capital, running, capital, 2, 3, 100, flows);
    for (size_t y = 0; y < 5; y++) assert_near(flows[y], wanted[y], 1e-12);
}

/* 60 in the first year end before the third; 40 in the third pay for all of its saving. */
static void what_has_ended_is_no_part_of_what_goes_on(void **state)
{
    (void)state;
    const double capital[] = {60, 0, 40}, running[] = {-10, -10, -8}, wanted[] = {-50, 10, -32, 8, 0};
    double flows[5];
    assert_int_equal(pf_flow_years(3, 2), 5);
    pf_extend_flows(capital, running, capital, 3, 2, pf_lasting_capital(capital, 3, 2, 2), flows);
    for (size_t y = 0; y < 5; y++) assert_near(flows[y], wanted[y], 1e-12);
    assert_near(pf_lasting_capital(capital, 3, 2, 2), 40, 1e-12);
    assert_near(pf_lasting_capital(capital, 3, 2.25, 2), 0.25 * 60 + 40, 1e-12);
}

/* Others bought 60 and 40, and all that one spends is what comes in or goes out because of it. */
static void a_saving_goes_on_for_what_others_bought(void **state)
{
    (void)state;
    const double capital[] = {0, 0}, bought[] = {60, 40}, running[] = {-10, -25}, wanted[] = {10, 25, 25, 10, 0};
    double flows[5];
    pf_extend_flows(capital, running, bought, 2, 3, 100, flows);
    for (size_t y = 0; y < 5; y++) assert_near(flows[y], wanted[y], 1e-12);
}

static void without_capital_a_saving_has_one_life(void **state)
{
    (void)state;
    const double capital[] = {0, 0}, running[] = {-10, -20}, wanted[] = {10, 20, 20, 10, 0, 0};
    double flows[6];
    assert_int_equal(pf_flow_years(2, 3.5), 6);
    pf_extend_flows(capital, running, capital, 2, 3.5, 0, flows);
    for (size_t y = 0; y < 6; y++) assert_near(flows[y], wanted[y], 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_annuity_pays_its_capital_back),
        cmocka_unit_test(present_value_is_that_of_numpy_financial),
        cmocka_unit_test(one_internal_rate_is_found),
        cmocka_unit_test(none_or_several_internal_rates_are_told_apart),
        cmocka_unit_test(a_rate_on_a_point_of_the_grid_counts_once),
        cmocka_unit_test(payback_is_when_the_sum_turns),
        cmocka_unit_test(a_saving_goes_on_for_what_lasts),
        cmocka_unit_test(a_saving_goes_on_for_what_others_bought),
        cmocka_unit_test(what_has_ended_is_no_part_of_what_goes_on),
        cmocka_unit_test(without_capital_a_saving_has_one_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
