/* The front against a comparison of all pairs, on random and tied points; near points; choices among portfolios. */
#include "analysis/portfolio.h"

#include "base/arena.h"
#include "ensemble/draws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 400 };

/* With `levels` above 0 whole numbers below it, so that many are equal. */
static void draw_points(uint64_t game, size_t n, size_t k, unsigned levels, double *points)
{
    for (size_t i = 0; i < n * k; i++) {
        double u = pf_unit_interval(pf_random_bits(game, i, 5));
        points[i] = levels ? floor(u * levels) : u - 0.5;
    }
}

static bool beats(const double *a, const double *b, size_t k)
{
    bool is_better = false;
    for (size_t j = 0; j < k; j++) {
        if (!(a[j] <= b[j])) return false;
        is_better |= a[j] < b[j];
    }
    return is_better;
}

static bool is_beaten(const double *points, size_t n, size_t k, const double *point, const bool *rivals)
{
    for (size_t i = 0; i < n; i++)
        if ((!rivals || rivals[i]) && beats(points + i * k, point, k)) return true;
    return false;
}

static void the_front_is_what_nobody_beats(void **state)
{
    (void)state;
    double points[MOST * PF_MOST_OBJECTIVES];
    bool front[MOST];
    for (uint64_t game = 0; game < 240; game++) {
        size_t n = 1 + game * 13 % MOST, k = 1 + game % 3, count = 0;
        draw_points(game, n, k, game % 4 == 0 ? 0 : game % 4 == 1 ? 20 : game % 4 == 2 ? 4 : 2, points);
        size_t found = pf_pareto_front(points, n, k, front);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(front[i], !is_beaten(points, n, k, points + i * k, NULL));
            count += front[i];
        }
        assert_int_equal(found, count);
    }
}

static void near_points_would_not_be_beaten_with_a_margin(void **state)
{
    (void)state;
    double points[MOST * PF_MOST_OBJECTIVES], moved[PF_MOST_OBJECTIVES];
    bool front[MOST], near[MOST];
    const double margins[] = {1, 0, 2};
    for (uint64_t game = 0; game < 90; game++) {
        size_t n = 1 + game * 29 % MOST, k = 1 + game % 3, count = 0;
        draw_points(game, n, k, 12, points);
        pf_pareto_front(points, n, k, front);
        size_t found = pf_pareto_near(points, n, k, front, margins, near);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < k; j++) moved[j] = points[i * k + j] - margins[j];
            assert_int_equal(near[i], front[i] || !is_beaten(points, n, k, moved, front));
            count += near[i];
        }
        assert_int_equal(found, count);
    }
}

static void values_that_are_no_number_are_left_out(void **state)
{
    (void)state;
    const double points[] = {NAN, 0, 1, 1, 2, NAN, 1, 1, -0.0, 2, 0.0, 2};
    const bool wanted[] = {false, true, false, true, true, true};
    bool front[6];
    assert_int_equal(pf_pareto_front(points, 6, 2, front), 4);
    for (size_t i = 0; i < 6; i++) assert_int_equal(front[i], wanted[i]);
}

/* Costs 1, 2, 4, .. and gains of twice, once and half that: taken in the order of what they give for their cost. */
static void additive_portfolios_have_their_closed_form(void **state)
{
    (void)state;
    enum { N = 10, COUNT = 1 << N };
    double *values = pf_doubles(2 * COUNT);
    bool *front = pf_calloc(COUNT, sizeof *front);
    for (size_t s = 0; s < COUNT; s++)
        for (size_t i = 0; i < N; i++)
            if (s >> i & 1) values[2 * s] += (double)(1 << i), values[2 * s + 1] -= 3.0 * (double)(1 << i);
    /* each cost once, and what it gains is three times it: all are in the front */
    assert_int_equal(pf_pareto_front(values, COUNT, 2, front), COUNT);
    pf_portfolios all = {values, N, 2};
    for (size_t budget = 0; budget < COUNT; budget += 37)
        assert_int_equal(pf_best_portfolio(&all, 1, (double)budget + 0.5, 0, 0), budget);
    assert_int_equal(pf_best_portfolio(&all, 1, 5, 4, 1), 4);
    assert_int_equal(pf_best_portfolio(&all, 1, 5, 8, 0), SIZE_MAX);
    assert_int_equal(pf_best_portfolio(&all, 1, INFINITY, 0, 3), COUNT - 4);
    free(values);
    free(front);
}

static void of_equal_portfolios_the_cheaper_is_best(void **state)
{
    (void)state;
    const double values[] = {0, 0, 3, -5, 2, -5, 5, -5};
    assert_int_equal(pf_best_portfolio(&(pf_portfolios){values, 2, 2}, 1, 10, 0, 0), 2);
}

static void alternatives_are_as_far_apart_as_can_be(void **state)
{
    (void)state;
    bool candidates[16] = {0};
    size_t chosen[5];
    candidates[0] = candidates[1] = candidates[3] = candidates[7] = candidates[15] = candidates[12] = true;
    assert_int_equal(pf_distant_portfolios(candidates, 4, 0, chosen, 5), 5);
    assert_int_equal(chosen[0], 0);
    assert_int_equal(chosen[1], 15); /* 4 away */
    assert_int_equal(chosen[2], 3);  /* 2 from both, as 12 is: the first of them */
    assert_int_equal(chosen[3], 12); /* 2 from 0 and 15, 4 from 3 */
    assert_int_equal(chosen[4], 1);
    assert_int_equal(pf_distant_portfolios(candidates, 4, 0, chosen, 1), 1);
    bool one[16] = {[5] = true};
    assert_int_equal(pf_distant_portfolios(one, 4, 5, chosen, 5), 1);
    assert_int_equal(pf_distant_portfolios(one, 4, SIZE_MAX, chosen, 5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_front_is_what_nobody_beats),
        cmocka_unit_test(near_points_would_not_be_beaten_with_a_margin),
        cmocka_unit_test(values_that_are_no_number_are_left_out),
        cmocka_unit_test(additive_portfolios_have_their_closed_form),
        cmocka_unit_test(of_equal_portfolios_the_cheaper_is_best),
        cmocka_unit_test(alternatives_are_as_far_apart_as_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
