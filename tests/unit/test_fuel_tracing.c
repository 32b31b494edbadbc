/* Fuels behind heat: mixtures, lines, power beside heat and heat in a circle against their closed forms, and that
 * nothing is lost on the way, in random networks. */
#include "analysis/fuel_tracing.h"

#include "base/arena.h"
#include "ensemble/draws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_near(double value, double wanted, double margin)
{
    if (!(fabs(value - wanted) <= margin)) fail_msg("found %.17g, expected %.17g", value, wanted);
}

/* 60 and 40 of heat from 80 of coal and 50 of biomass: a unit of heat has 0.8 of the one and 0.5 of the other. */
static void a_market_mixes_what_it_is_given(void **state)
{
    (void)state;
    const pf_heat_flow given[] = {{0, 0}, {1, 0}};
    const pf_heat_network n = {2, 1, 2, given, NULL, 2, 0};
    double contents[2], burdens[4];
    pf_trace_fuels(&n, (double[]){60, 40}, NULL, (double[]){80, 0, 0, 50}, contents, burdens);
    assert_near(contents[0], 0.8, 1e-15);
    assert_near(contents[1], 0.5, 1e-15);
}

/* A boiler (source 0) heats market 0 with 100 from 125; a line (1) takes 50 there and brings 48 to market 1, where a
 * boiler (2) gives 52 from 65 of another fuel. Sources are in an order in which a single round is not enough. */
static void a_line_hands_on_what_it_takes_with_its_losses(void **state)
{
    (void)state;
    const pf_heat_flow given[] = {{1, 1}, {2, 1}, {0, 0}}, taken[] = {{1, 0}};
    const pf_heat_network n = {3, 2, 2, given, taken, 3, 1};
    double contents[4], burdens[6];
    pf_trace_fuels(&n, (double[]){48, 52, 100}, (double[]){50}, (double[]){125, 0, 0, 0, 0, 65}, contents, burdens);
    assert_near(contents[0], 1.25, 1e-14);
    assert_near(burdens[2], 62.5, 1e-13);
    assert_near(contents[2], 0.625, 1e-14);
    assert_near(contents[3], 0.65, 1e-14);
}

/* Of 100 burnt 30 leave as power and 50 as heat: 62.5 stand behind the heat, 37.5 behind the power. */
static void power_beside_heat_takes_its_share(void **state)
{
    (void)state;
    const pf_heat_flow given[] = {{0, PF_NO_MARKET}, {0, 0}};
    const pf_heat_network n = {1, 1, 1, given, NULL, 2, 0};
    double contents[1], burdens[1], shares[2];
    pf_trace_fuels(&n, (double[]){30, 50}, NULL, (double[]){100}, contents, burdens);
    pf_heat_shares(&n, (double[]){30, 50}, shares);
    assert_near(contents[0] * 50, 62.5, 1e-13);
    assert_near(shares[0] * burdens[0], 37.5, 1e-13);
}

/* Waste heat is given and nothing is burnt for it. A source that gives nothing has no shares, and an empty market
 * nothing in it. */
static void free_heat_thins_and_nothing_is_divided_by_nothing(void **state)
{
    (void)state;
    const pf_heat_flow given[] = {{0, 0}, {1, 0}, {2, 1}};
    const pf_heat_network n = {3, 2, 1, given, NULL, 3, 0};
    double contents[2], burdens[3], shares[3];
    pf_trace_fuels(&n, (double[]){30, 10, 0}, NULL, (double[]){40, 0, 7}, contents, burdens);
    pf_heat_shares(&n, (double[]){30, 10, 0}, shares);
    assert_near(contents[0], 1, 1e-15);
    assert_true(contents[1] == 0 && shares[2] == 0);
}

/* Market 0 is given 100 by a boiler that burnt 100, and 45 by a line from market 1; that has nothing but 50 from a line
 * that took 50 from market 0. x0 = (100 + 50 x1) / 145 and x1 = x0. */
static void heat_in_a_circle_is_solved(void **state)
{
    (void)state;
    const pf_heat_flow given[] = {{0, 0}, {1, 0}, {2, 1}}, taken[] = {{1, 1}, {2, 0}};
    const pf_heat_network n = {3, 2, 1, given, taken, 3, 2};
    double contents[2], burdens[3];
    pf_trace_fuels(&n, (double[]){100, 45, 50}, (double[]){50, 50}, (double[]){100, 0, 0}, contents, burdens);
    assert_near(contents[0], 100.0 / 95, 1e-13);
    assert_near(contents[1], 100.0 / 95, 1e-13);
}

enum { STAGES = 6, SOURCES = 3 * STAGES, FUELS = 3 };

static double draw(uint64_t seed, uint64_t row)
{
    return pf_unit_interval(pf_random_bits(seed, row, 0));
}

/* Stage s has a market with two boilers and a line from the stage before. Users take what the next line leaves. */
static void all_that_is_burnt_is_behind_the_heat_of_users(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        pf_heat_flow given[SOURCES], taken[STAGES];
        double heat[SOURCES], intake[STAGES] = {0}, burnt[SOURCES * FUELS] = {0}, of_market[STAGES] = {0};
        double contents[STAGES * FUELS], burdens[SOURCES * FUELS], used[FUELS] = {0}, all[FUELS] = {0};
        for (size_t i = 0; i < SOURCES; i++) {
            size_t stage = STAGES - 1 - i / 3, fuel = i % FUELS; /* the last first */
            given[i] = (pf_heat_flow){i, stage};
            heat[i] = draw(seed, i);
            of_market[stage] += heat[i];
            if (i % 3) all[fuel] += burnt[i * FUELS + fuel] = heat[i] * (1 + draw(seed, 100 + i));
        }
        for (size_t s = 0; s < STAGES; s++) {
            size_t before = s ? s - 1 : 0; /* that of the first stage takes nothing */
            taken[s] = (pf_heat_flow){3 * (STAGES - 1 - s), before};
            intake[s] = s ? of_market[before] * draw(seed, 200 + s) : 0;
        }
        const pf_heat_network n = {SOURCES, STAGES, FUELS, given, taken, SOURCES, STAGES};
        pf_trace_fuels(&n, heat, intake, burnt, contents, burdens);
        for (size_t s = 0; s < STAGES; s++)
            for (size_t k = 0; k < FUELS; k++)
                used[k] += (of_market[s] - (s + 1 < STAGES ? intake[s + 1] : 0)) * contents[s * FUELS + k];
        for (size_t k = 0; k < FUELS; k++) assert_near(used[k], all[k], 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_market_mixes_what_it_is_given),
                                       cmocka_unit_test(a_line_hands_on_what_it_takes_with_its_losses),
                                       cmocka_unit_test(power_beside_heat_takes_its_share),
                                       cmocka_unit_test(free_heat_thins_and_nothing_is_divided_by_nothing),
                                       cmocka_unit_test(heat_in_a_circle_is_solved),
                                       cmocka_unit_test(all_that_is_burnt_is_behind_the_heat_of_users)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
