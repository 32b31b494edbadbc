/* LMDI: published values of another program, no residual, and what zeros give in the limit. */
#include "analysis/lmdi.h"

#include "base/arena.h"
#include "ensemble/draws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_near(double value, double wanted, double margin)
{
    if (!(fabs(value - wanted) <= margin)) fail_msg("found %.17g, expected %.17g", value, wanted);
}

/* The numbers that M. K. Heun's package LMDIR (MIT licence), which follows Ang 2005, checks itself by: two
 * sub-categories of three factors in four years. */
static const double years[4][6] = {{1, 4, 10, 5, 2, 3}, {4, 5, 5, 6, 3, 4}, {8, 5, 2, 7, 4, 5}, {10, 6, 1, 8, 5, 6}};

static void effects_are_those_of_lmdir(void **state)
{
    (void)state;
    const double wanted[3][3] = {{69.79006598, -9.455125793, 39.66505981},
                                 {42.96021467, -34.31902656, 50.3588119},
                                 {54.01064234, -9.021284671, 54.01064234}};
    for (size_t y = 0; y < 3; y++) {
        double effects[3];
        assert_true(pf_lmdi(years[y], years[y + 1], 3, 2, effects));
        for (size_t k = 0; k < 3; k++) assert_near(effects[k], wanted[y][k], 1e-7);
    }
}

/* The same package's cases of a zero: its factor takes all that appears (60), or all that goes (-60). */
static void a_single_zero_is_that_of_lmdir(void **state)
{
    (void)state;
    double first[6], last[6], effects[3];
    for (size_t i = 0; i < 6; i++) first[i] = years[0][i], last[i] = years[1][i];
    first[0] = 0;
    assert_true(pf_lmdi(first, last, 3, 2, effects));
    assert_near(effects[0], 60 + 19.31568569, 1e-7);
    assert_near(effects[1], 15.78206435, 1e-7);
    first[0] = years[0][0];
    last[5] = 0;
    assert_true(pf_lmdi(first, last, 3, 2, effects));
    assert_near(effects[0], 50.47438029, 1e-7);
    assert_near(effects[2], 14.76280986 - 60, 1e-7);
}

static double value_of(const double *x, size_t factors, size_t cells)
{
    double sum = 0;
    for (size_t c = 0; c < cells; c++) {
        double product = 1;
        for (size_t k = 0; k < factors; k++) product *= x[k * cells + c];
        sum += product;
    }
    return sum;
}

static void there_is_no_residual_also_with_zeros(void **state)
{
    (void)state;
    enum { FACTORS = 5, CELLS = 30, COUNT = FACTORS * CELLS };
    double first[COUNT], last[COUNT], effects[FACTORS];
    for (uint64_t game = 0; game < 300; game++) {
        for (uint64_t i = 0; i < COUNT; i++) {
            double u = pf_unit_interval(pf_random_bits(game, i, 1)), v = pf_unit_interval(pf_random_bits(game, i, 2));
            first[i] = u < 0.05 * (double)(game % 4) ? 0 : exp(6 * u - 3);
            last[i] = v < 0.05 * (double)(game % 4) ? 0 : first[i] > 0 && game % 3 == 0 ? first[i] : exp(6 * v - 3);
        }
        assert_true(pf_lmdi(first, last, FACTORS, CELLS, effects));
        double before = value_of(first, FACTORS, CELLS), after = value_of(last, FACTORS, CELLS), sum = 0;
        for (size_t k = 0; k < FACTORS; k++) sum += effects[k];
        assert_true(fabs(sum - (after - before)) <= 1e-13 * (before + after));
    }
}

/* Two zeros at one end share what appears: what small numbers in their place come to, ever more slowly. */
static void zeros_have_the_effects_of_small_numbers(void **state)
{
    (void)state;
    const double last[] = {3, 5, 2};
    double zeros[] = {0, 0, 2}, effects[3], small[3];
    assert_true(pf_lmdi(zeros, last, 3, 1, effects));
    assert_near(effects[0], 15, 0);
    assert_near(effects[1], 15, 0);
    assert_near(effects[2], 0, 0);
    double before = INFINITY;
    for (double tiny = 1e-20; tiny > 1e-150; tiny *= 1e-20) {
        assert_true(pf_lmdi((const double[]){tiny, tiny, 2}, last, 3, 1, small));
        double off = fabs(small[0] - 15) + fabs(small[1] - 15) + fabs(small[2]);
        assert_true(off < before);
        before = off;
    }
    assert_true(before < 0.1);
}

static void what_is_zero_in_both_years_has_no_effect(void **state)
{
    (void)state;
    double effects[2];
    assert_true(pf_lmdi((const double[]){0, 4}, (const double[]){7, 0}, 2, 1, effects));
    assert_true(effects[0] == 0 && effects[1] == 0);
}

static void only_the_factor_that_changes_has_an_effect(void **state)
{
    (void)state;
    double effects[3];
    assert_true(pf_lmdi((const double[]){2, 3, 5}, (const double[]){2, 4, 5}, 3, 1, effects));
    assert_near(effects[1], 10, 1e-12);
    assert_true(effects[0] == 0 && effects[2] == 0);
}

static void negative_factors_are_refused(void **state)
{
    (void)state;
    double effects[2];
    assert_false(pf_lmdi((const double[]){2, -3}, (const double[]){2, 3}, 2, 1, effects));
    assert_true(isnan(effects[0]));
    assert_false(pf_lmdi((const double[]){2, 3}, (const double[]){2, NAN}, 2, 1, effects));
}

static void the_logarithmic_mean_is_smooth_where_both_are_equal(void **state)
{
    (void)state;
    assert_near(pf_log_mean(exp(1), 1), exp(1) - 1, 1e-15);
    assert_true(pf_log_mean(4, 4) == 4);
    assert_true(pf_log_mean(0, 4) == 0);
    for (double step = 1e-1; step > 1e-15; step *= 0.1) /* between the geometric and the arithmetic mean */
        assert_near(pf_log_mean(4 + step, 4), 4 + step / 2, step * step / 40 + 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_are_those_of_lmdir),
        cmocka_unit_test(a_single_zero_is_that_of_lmdir),
        cmocka_unit_test(there_is_no_residual_also_with_zeros),
        cmocka_unit_test(zeros_have_the_effects_of_small_numbers),
        cmocka_unit_test(what_is_zero_in_both_years_has_no_effect),
        cmocka_unit_test(only_the_factor_that_changes_has_an_effect),
        cmocka_unit_test(negative_factors_are_refused),
        cmocka_unit_test(the_logarithmic_mean_is_smooth_where_both_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
