/* Shapley values: against the mean over all orders, their axioms, and what a sample of orders makes of them. */
#include "analysis/shapley.h"

#include "base/arena.h"
#include "ensemble/draws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 5, SUBSETS = 1 << N, ORDERS = 120 };

/* A game of chance: values between -1 and 1, that of nobody not 0. */
static void random_game(uint64_t game, size_t n, double *v)
{
    for (size_t s = 0; s < (size_t)1 << n; s++) v[s] = 2 * pf_unit_interval(pf_random_bits(7, s, game)) - 1;
}

/* The next order in lexicographic order; 0 behind the last. */
static int next_order(uint32_t *order, size_t n)
{
    size_t i = n - 1, j = n - 1;
    while (i && order[i - 1] > order[i]) i--;
    if (!i) return 0;
    while (order[j] < order[i - 1]) j--;
    uint32_t kept = order[i - 1];
    order[i - 1] = order[j];
    order[j] = kept;
    for (size_t a = i, b = n - 1; a < b; a++, b--) kept = order[a], order[a] = order[b], order[b] = kept;
    return 1;
}

static void mean_over_orders(const double *v, double *shares)
{
    uint32_t order[N];
    size_t orders = 0;
    for (uint32_t i = 0; i < N; i++) order[i] = i, shares[i] = 0;
    do {
        size_t subset = 0;
        for (size_t i = 0; i < N; i++) {
            size_t with = subset | (size_t)1 << order[i];
            shares[order[i]] += v[with] - v[subset];
            subset = with;
        }
        orders++;
    } while (next_order(order, N));
    assert_int_equal(orders, ORDERS);
    for (size_t i = 0; i < N; i++) shares[i] /= ORDERS;
}

static void shares_are_the_mean_over_all_orders(void **state)
{
    (void)state;
    double v[SUBSETS], shares[N], wanted[N];
    for (uint64_t game = 0; game < 200; game++) {
        random_game(game, N, v);
        pf_shapley(v, N, shares);
        mean_over_orders(v, wanted);
        for (size_t i = 0; i < N; i++) assert_true(fabs(shares[i] - wanted[i]) < 1e-14);
    }
}

static void shares_add_up_to_what_all_change(void **state)
{
    (void)state;
    enum { MANY = 16 };
    double *v = pf_doubles((size_t)1 << MANY), shares[MANY], sum = 0;
    random_game(1, MANY, v);
    for (size_t s = 0; s < (size_t)1 << MANY; s++) v[s] = 1e6 + v[s];
    v[((size_t)1 << MANY) - 1] = 1.001e6;
    pf_shapley(v, MANY, shares);
    for (size_t i = 0; i < MANY; i++) sum += shares[i];
    double total = v[((size_t)1 << MANY) - 1] - v[0];
    assert_true(fabs(sum - total) < 1e-9 * fabs(total));
    free(v);
}

static void an_additive_game_gives_its_parts(void **state)
{
    (void)state;
    enum { MANY = 12 };
    double *v = pf_doubles((size_t)1 << MANY), shares[MANY];
    for (size_t s = 0; s < (size_t)1 << MANY; s++)
        for (size_t i = 0; i < MANY; i++)
            if (s >> i & 1) v[s] += (double)i - 3.5;
    pf_shapley(v, MANY, shares);
    for (size_t i = 0; i < MANY; i++) assert_true(fabs(shares[i] - ((double)i - 3.5)) < 1e-12);
    free(v);
}

/* 0 and 1 are alike, 2 changes nothing; the pair of 0 and 1 is worth 3. */
static void who_is_alike_gets_alike_and_a_dummy_nothing(void **state)
{
    (void)state;
    double v[8], shares[3];
    for (size_t s = 0; s < 8; s++) v[s] = 10 + (double)(s & 1) + (double)(s >> 1 & 1) + ((s & 3) == 3 ? 3 : 0);
    pf_shapley(v, 3, shares);
    assert_true(fabs(shares[0] - 2.5) < 1e-15);
    assert_true(shares[0] == shares[1]);
    assert_true(shares[2] == 0);
}

static void no_and_one_player_are_no_special_case(void **state)
{
    (void)state;
    double v[] = {3, 5}, share;
    pf_shapley(v, 1, &share);
    assert_true(share == 2);
    pf_shapley(v, 0, &share);
    assert_true(share == 2);
}

static void orders_come_in_pairs_and_hold_everyone_once(void **state)
{
    (void)state;
    uint32_t order[9], back[9];
    for (uint64_t pair = 0; pair < 50; pair++) {
        unsigned seen = 0;
        pf_permutation(3, 2 * pair, 9, order);
        pf_permutation(3, 2 * pair + 1, 9, back);
        for (size_t i = 0; i < 9; i++) seen |= 1U << order[i];
        assert_int_equal(seen, 511);
        for (size_t i = 0; i < 9; i++) assert_int_equal(order[i], back[8 - i]);
    }
}

/* Each of the 6 orders of three, within 5 standard deviations of its share. */
static void orders_are_equally_likely(void **state)
{
    (void)state;
    enum { DRAWS = 6000 };
    size_t counts[27] = {0};
    uint32_t order[3];
    for (uint64_t i = 0; i < DRAWS; i++) {
        pf_permutation(11, 2 * i, 3, order);
        counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    for (size_t i = 0; i < 27; i++)
        if (counts[i]) assert_true(fabs((double)counts[i] - DRAWS / 6.0) < 5 * sqrt(DRAWS * 5.0 / 36));
}

/* The share of a sample lies in its 95 % interval for about 95 of 100 players. */
static void intervals_of_a_sample_hold_the_exact_share(void **state)
{
    (void)state;
    enum { SAMPLE = 60, GAMES = 80 };
    double v[SUBSETS], along[N + 1], rows[SAMPLE * N], exact[N], means[N], half_widths[N];
    uint32_t order[N];
    size_t held = 0;
    for (uint64_t game = 0; game < GAMES; game++) {
        random_game(game, N, v);
        pf_shapley(v, N, exact);
        for (uint64_t r = 0; r < SAMPLE; r++) {
            size_t subset = 0;
            pf_permutation(game, r, N, order);
            along[0] = v[0];
            for (size_t i = 0; i < N; i++) along[i + 1] = v[subset |= (size_t)1 << order[i]];
            pf_marginals(along, N, order, rows + r * N);
        }
        pf_pair_means(rows, SAMPLE, N, means, half_widths);
        double sum = 0;
        for (size_t i = 0; i < N; i++) sum += means[i], held += fabs(means[i] - exact[i]) <= half_widths[i];
        assert_true(fabs(sum - (v[SUBSETS - 1] - v[0])) < 1e-12);
    }
    assert_in_range(held, GAMES * N * 0.90, GAMES * N * 0.99);
}

static void an_interval_takes_two_pairs(void **state)
{
    (void)state;
    const double rows[] = {1, 3, 5, 7};
    double mean, half_width;
    pf_pair_means(rows, 4, 1, &mean, &half_width); /* pairs 2 and 6: sd sqrt 8, of the mean 2; t of 1 is 12.7062 */
    assert_true(mean == 4);
    assert_true(fabs(half_width - 2 * 12.706204736) < 1e-6);
    pf_pair_means(rows, 2, 1, &mean, &half_width);
    assert_true(mean == 2 && isnan(half_width));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_the_mean_over_all_orders),
        cmocka_unit_test(shares_add_up_to_what_all_change),
        cmocka_unit_test(an_additive_game_gives_its_parts),
        cmocka_unit_test(who_is_alike_gets_alike_and_a_dummy_nothing),
        cmocka_unit_test(no_and_one_player_are_no_special_case),
        cmocka_unit_test(orders_come_in_pairs_and_hold_everyone_once),
        cmocka_unit_test(orders_are_equally_likely),
        cmocka_unit_test(intervals_of_a_sample_hold_the_exact_share),
        cmocka_unit_test(an_interval_takes_two_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
