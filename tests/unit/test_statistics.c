/* Statistics from integers and bins against exact ones of the same values: sums in long double with compensation,
 * quantiles as NumPy defines them on the sorted values. The cases are those that break a pilot. */
#include "base/arena.h"
#include "ensemble/statistics.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BINS = 256, PILOT = 1024, BLOCK = 256 };

/* splitmix64 (Steele, Lea and Flood 2014), from a number alone. */
static uint64_t hash(uint64_t number)
{
    uint64_t z = number * 0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static double unit(uint64_t number)
{
    return ((double)(hash(number) >> 12) + 0.5) * 0x1p-52;
}

static double normal(uint64_t number)
{
    return sqrt(-2 * log(unit(2 * number))) * cos(6.283185307179586 * unit(2 * number + 1));
}

/* --- the cases: value by member --- */

typedef double member_value(size_t member, size_t count);

static double ordered_grid(size_t member, size_t count)
{
    return -3 + 10 * (double)member / (double)count;
}

static double portfolio_cost(size_t member, size_t count)
{
    (void)count;
    double cost = 0;
    for (unsigned i = 0; i < 20; i++)
        if (member >> i & 1) cost += 1e6 * pow(1.37, i) + 0.1;
    return cost;
}

static double rare_event(size_t member, size_t count)
{
    (void)count;
    return member % 100000 == 77777 ? 5000 * unit(member) : 0;
}

static double seldom_event(size_t member, size_t count)
{
    (void)count;
    return hash(member) % 400 == 0 ? -2e-7 * unit(member) : 0;
}

static double rare_departure(size_t member, size_t count)
{
    (void)count;
    return 1234.5 + (member % 50000 == 123 ? 1e-9 * normal(member) : 0);
}

static double normal_value(size_t member, size_t count)
{
    (void)count;
    return 100 + 15 * normal(member);
}

static double lognormal_tails(size_t member, size_t count)
{
    (void)count;
    return 2e5 * pow(5, normal(member));
}

static double tiny_variation(size_t member, size_t count)
{
    (void)count;
    return 7e8 * (1 + 1e-10 * normal(member));
}

static double few_last_places(size_t member, size_t count)
{
    (void)count;
    return 1 + (double)(hash(member) % 300) * DBL_EPSILON;
}

static double tiniest_variation(size_t member, size_t count)
{
    (void)count;
    return 3e5 * (1 + 1e-12 * normal(member));
}

static double often_missing(size_t member, size_t count)
{
    (void)count;
    return member % 3 == 1 ? NAN : normal(member);
}

static double at_capacity(size_t member, size_t count)
{
    (void)count;
    return fmin(40, fmax(0, 30 + 20 * normal(member)));
}

static double always_same(size_t member, size_t count)
{
    (void)member;
    (void)count;
    return 0.1;
}

static double two_points(size_t member, size_t count)
{
    (void)count;
    return hash(member) % 3 ? 1e-3 : 1e3;
}

/* A second mode, so seldom that it is beyond the pilot's middle, and so far that its integers are wide. */
static double hidden_mode(size_t member, size_t count)
{
    (void)count;
    return member % 1000 == 63 ? 1e15 * (1 + unit(member)) : normal(member);
}

static double of_every_size(size_t member, size_t count)
{
    (void)count;
    double size = pow(10, 16 * unit(3 * member) - 8);
    return hash(member) & 1 ? size : -size;
}

static double tiny_numbers(size_t member, size_t count)
{
    (void)count;
    return 1e-315 * unit(member);
}

/* --- exact statistics of a sample --- */

typedef struct {
    double *values; /* sorted, without those that are NaN */
    size_t count;
    long double mean, sd;
} exact;

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Neumaier's compensated sum of (x - centre)^power. */
static long double sum_of(const exact *e, long double centre, bool squared)
{
    long double sum = 0, lost = 0;
    for (size_t i = 0; i < e->count; i++) {
        long double d = e->values[i] - centre, x = squared ? d * d : d, next = sum + x;
        lost += fabsl(sum) >= fabsl(x) ? (sum - next) + x : (x - next) + sum;
        sum = next;
    }
    return sum + lost;
}

static exact exact_of(const double *values, size_t count)
{
    exact e = {.values = pf_malloc(count * sizeof *values)};
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) e.values[e.count++] = values[i];
    qsort(e.values, e.count, sizeof *e.values, ascending);
    e.mean = sum_of(&e, 0, false) / (long double)e.count;
    e.mean += sum_of(&e, e.mean, false) / (long double)e.count;
    e.sd = sqrtl(sum_of(&e, e.mean, true) / (long double)(e.count - 1));
    return e;
}

/* numpy.quantile(values, p). */
static double exact_quantile(const exact *e, double p)
{
    double position = (double)(e->count - 1) * p;
    size_t rank = (size_t)position;
    double share = position - (double)rank, a = e->values[rank];
    if (share == 0) return a;
    double b = e->values[rank + 1];
    return share < 0.5 ? a + (b - a) * share : b - (b - a) * (1 - share);
}

/* --- comparing --- */

/* Within the bound, and the bound within what is wanted: infinite where no more is known. */
static void check_bounded(const char *what, pf_bounded found, long double expected, long double most)
{
    if (!(fabsl(found.value - expected) <= found.bound + 1e-18L * fabsl(expected)))
        fail_msg("%s: %.17g +- %.3g, not %.20Lg", what, found.value, found.bound, expected);
    if (!(found.bound <= most)) fail_msg("%s: a bound of %g, not %Lg or less", what, found.bound, most);
}

static void check_unknown(pf_bounded found)
{
    assert_true(isnan(found.value));
    assert_true(found.bound == INFINITY);
}

/* Members of the pilot by a hash of their number, as the runner takes them. */
static void set_pilot(pf_statistics *s, const double *values, size_t count)
{
    double pilot[PILOT];
    for (size_t i = 0; i < PILOT; i++) pilot[i] = values[hash(i) % count];
    pf_statistics_pilot(s, 0, 1, pilot, PILOT, PILOT);
}

static void add_in_blocks(pf_statistics *s, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i += BLOCK)
        pf_statistics_add(s, 0, 1, values + i, BLOCK, count - i < BLOCK ? count - i : BLOCK);
}

static double *draw(member_value *value, size_t count)
{
    double *values = pf_malloc(count * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = value(i, count);
    return values;
}

static pf_statistics *statistics_of(const double *values, size_t count)
{
    pf_statistics *s = pf_statistics_new(1, BINS);
    set_pilot(s, values, count);
    pf_statistics_set_threshold(s, 0, values[count / 2]);
    add_in_blocks(s, values, count);
    return s;
}

static void check_quantiles(const pf_statistics *s, const exact *e)
{
    static const double levels[] = {0, 1e-5, 0.001, 0.01, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.99, 0.999, 1};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        check_bounded("quantile", pf_statistics_quantile(s, 0, levels[i]), exact_quantile(e, levels[i]), INFINITY);
    for (uint64_t i = 0; i < 200; i++)
        check_bounded("quantile", pf_statistics_quantile(s, 0, unit(i)), exact_quantile(e, unit(i)), INFINITY);
    check_bounded("minimum", pf_statistics_quantile(s, 0, 0), e->values[0], 0);
    check_bounded("maximum", pf_statistics_quantile(s, 0, 1), e->values[e->count - 1], 0);
}

static void check_exceedance(const pf_statistics *s, const exact *e, double threshold)
{
    size_t above = 0;
    for (size_t i = 0; i < e->count; i++) above += e->values[i] > threshold;
    assert_true(isnan(threshold) || pf_statistics_exceedance(s, 0) == (double)above / (double)e->count);
}

/* All statistics of `count` members; mean and standard deviation to `most`. */
static void check_case(member_value *value, size_t count, double most)
{
    double *values = draw(value, count);
    pf_statistics *s = statistics_of(values, count);
    exact e = exact_of(values, count);
    assert_int_equal(pf_statistics_valid(s, 0), e.count);
    check_bounded("mean", pf_statistics_mean(s, 0), e.mean, most);
    check_bounded("sd", pf_statistics_sd(s, 0), e.sd, most);
    assert_true(pf_statistics_min(s, 0) == e.values[0]);
    assert_true(pf_statistics_max(s, 0) == e.values[e.count - 1]);
    check_quantiles(s, &e);
    check_exceedance(s, &e, values[count / 2]);
    free(e.values);
    free(values);
    pf_statistics_free(s);
}

static pf_bounded quantile_of(member_value *value, size_t count, double p)
{
    double *values = draw(value, count);
    pf_statistics *s = statistics_of(values, count);
    pf_bounded q = pf_statistics_quantile(s, 0, p);
    free(values);
    pf_statistics_free(s);
    return q;
}

/* --- tests --- */

static void an_ordered_grid_is_exact_to_rounding(void **state)
{
    (void)state;
    check_case(ordered_grid, 100000, 1e-11);
}

static void a_portfolio_of_a_million_subsets_is_exact_to_rounding(void **state)
{
    (void)state;
    check_case(portfolio_cost, 1 << 20, 1e-3); /* of 1.5e9 */
}

static void a_rare_event_that_the_pilot_does_not_see_keeps_its_mean_and_spread(void **state)
{
    (void)state;
    check_case(rare_event, 1000000, 1e-12);
    check_case(seldom_event, 100000, 1e-18);
    check_case(rare_departure, 200000, 1e-12);
}

static void long_tails_are_summed_to_rounding(void **state)
{
    (void)state;
    check_case(lognormal_tails, 200000, 1e-4); /* of 7e5 */
}

static void a_tiny_coefficient_of_variation_does_not_cancel(void **state)
{
    (void)state;
    check_case(tiny_variation, 50000, 1e-6);    /* 7e8 +- 0.07; doubles there are 1.2e-7 apart */
    check_case(tiniest_variation, 50000, 1e-9); /* 3e5 +- 3e-7; 5.8e-11 apart */
    check_case(few_last_places, 5000, 1e-15);
    double *values = draw(tiny_variation, 50000);
    pf_statistics *s = statistics_of(values, 50000);
    assert_true(pf_statistics_sd(s, 0).bound < 1e-11 * pf_statistics_sd(s, 0).value);
    free(values);
    pf_statistics_free(s);
}

static void values_that_the_pilot_does_not_foresee_stay_within_their_bounds(void **state)
{
    (void)state;
    check_case(hidden_mode, 100000, 1);      /* of 1e13 */
    check_case(of_every_size, 100000, 2e-5); /* of 1e8 */
    check_case(tiny_numbers, 10000, 1e-290);
}

static void missing_values_are_left_out(void **state)
{
    (void)state;
    check_case(often_missing, 30001, 1e-11);
}

static void equal_values_have_no_error(void **state)
{
    (void)state;
    check_case(always_same, 12345, 0);
    check_case(always_same, 2, 0);
    check_bounded("median", quantile_of(always_same, 1000, 0.5), 0.1, 0);
}

static void a_frequent_value_is_a_quantile_without_error(void **state)
{
    (void)state;
    check_case(at_capacity, 100000, 1e-10);
    check_case(two_points, 5000, 1e-9);
    check_bounded("capacity", quantile_of(at_capacity, 100000, 0.9), 40, 0);
    check_bounded("median of a rare event", quantile_of(rare_event, 200000, 0.5), 0, 0);
    check_bounded("median of a seldom event", quantile_of(seldom_event, 200000, 0.5), 0, 0);
    check_bounded("level", quantile_of(rare_departure, 100000, 0.5), 1234.5, 0);
}

/* A single bin holds both sides of the frequent value. */
static void a_quantile_stays_on_its_side_of_a_frequent_value(void **state)
{
    (void)state;
    double values[1001];
    for (int i = 0; i <= 1000; i++) values[i] = i < 300 ? -1 + i / 300. : i <= 700 ? 0 : (i - 700) / 300.;
    pf_statistics *s = pf_statistics_new(1, 1);
    pf_statistics_pilot(s, 0, 1, values, 1001, 1001);
    add_in_blocks(s, values, 1001);
    pf_bounded low = pf_statistics_quantile(s, 0, 0.15), high = pf_statistics_quantile(s, 0, 0.85);
    assert_true(fabs(low.value + 0.5) < 0.02 && low.bound < 0.52);
    assert_true(fabs(high.value - 0.5) < 0.02 && high.bound < 0.52);
    pf_statistics_free(s);
}

static void bounds_of_quantiles_are_as_narrow_as_the_bins(void **state)
{
    (void)state;
    /* The pilot's 1 to 99 % of a normal: 2.33 standard deviations either way, and some scatter. */
    double bin = 15 * 2 * 2.6 / BINS;
    for (double p = 0.05; p < 0.96; p += 0.05) assert_true(quantile_of(normal_value, 20000, p).bound < bin);
    pf_bounded tail = quantile_of(lognormal_tails, 100000, 0.999);
    assert_true(tail.bound < tail.value / 16);
}

static void one_value_has_no_spread(void **state)
{
    (void)state;
    double values[1] = {-4.5};
    pf_statistics *s = statistics_of(values, 1);
    check_bounded("mean", pf_statistics_mean(s, 0), -4.5, 0);
    check_unknown(pf_statistics_sd(s, 0));
    check_bounded("median", pf_statistics_quantile(s, 0, 0.5), -4.5, 0);
    pf_statistics_free(s);
}

static void two_values_are_interpolated_as_numpy_does(void **state)
{
    (void)state;
    double values[2] = {3, 7};
    pf_statistics *s = statistics_of(values, 2);
    check_bounded("mean", pf_statistics_mean(s, 0), 5, 1e-11);
    check_bounded("sd", pf_statistics_sd(s, 0), sqrtl(8), 1e-11);
    check_bounded("quantile", pf_statistics_quantile(s, 0, 0.3), 4.2L, 1e-14);
    pf_statistics_free(s);
}

static void no_values_give_nothing(void **state)
{
    (void)state;
    double values[3] = {NAN, NAN, NAN};
    pf_statistics *s = statistics_of(values, 3);
    assert_int_equal(pf_statistics_valid(s, 0), 0);
    check_unknown(pf_statistics_mean(s, 0));
    check_unknown(pf_statistics_sd(s, 0));
    check_unknown(pf_statistics_quantile(s, 0, 0.5));
    assert_true(isnan(pf_statistics_min(s, 0)) && isnan(pf_statistics_max(s, 0)));
    assert_true(isnan(pf_statistics_exceedance(s, 0)));
    pf_statistics_free(s);
}

static void infinite_values_are_ranked_but_not_summed(void **state)
{
    (void)state;
    double values[11] = {2, INFINITY, 1, -INFINITY, 4, 3, INFINITY, INFINITY, 5, 6, 7};
    pf_statistics *s = statistics_of(values, 11);
    assert_int_equal(pf_statistics_valid(s, 0), 11);
    check_unknown(pf_statistics_mean(s, 0));
    check_unknown(pf_statistics_sd(s, 0));
    assert_true(pf_statistics_min(s, 0) == -INFINITY && pf_statistics_max(s, 0) == INFINITY);
    check_bounded("rank 1", pf_statistics_quantile(s, 0, 0.1), 1, 0);
    check_bounded("rank 7", pf_statistics_quantile(s, 0, 0.7), 7, 0);
    check_bounded("rank 3", pf_statistics_quantile(s, 0, 0.3), 3, 0.1);
    pf_bounded high = pf_statistics_quantile(s, 0, 0.85);
    assert_true(high.value == INFINITY && high.bound == 0);
    check_unknown(pf_statistics_quantile(s, 0, 1.5));
    pf_statistics_free(s);
}

static void values_too_far_to_be_summed_are_known(void **state)
{
    (void)state;
    double values[5] = {0.5, 1e300, 0.25, -1e300, 1.7e308};
    pf_statistics *s = pf_statistics_new(1, BINS);
    pf_statistics_pilot(s, 0, 1, values, 1, 1);
    add_in_blocks(s, values, 5);
    exact e = exact_of(values, 5);
    check_unknown(pf_statistics_mean(s, 0));
    check_unknown(pf_statistics_sd(s, 0));
    assert_true(pf_statistics_max(s, 0) == 1.7e308);
    check_quantiles(s, &e);
    free(e.values);
    pf_statistics_free(s);
}

static void the_largest_doubles_do_no_harm(void **state)
{
    (void)state;
    double values[40];
    for (size_t i = 0; i < 40; i++) values[i] = (i % 2 ? 1 : -1) * DBL_MAX * unit(i);
    pf_statistics *s = statistics_of(values, 40);
    exact e = exact_of(values, 40);
    for (double p = 0; p <= 1; p += 1. / 39 / 4) {
        pf_bounded q = pf_statistics_quantile(s, 0, p);
        long double position = 39 * (long double)p, rank = floorl(position);
        long double low = e.values[(size_t)rank], high = e.values[(size_t)fminl(rank + 1, 39)];
        check_bounded("quantile", q, low + (high - low) * (position - rank), INFINITY);
    }
    free(e.values);
    pf_statistics_free(s);
}

/* Differences to the bins' lower end that overflow. */
static void the_largest_span_does_no_harm(void **state)
{
    (void)state;
    double below = nextafter(DBL_MAX, 0), values[5] = {-0x1p1000, 0x1p1000, below, DBL_MAX, DBL_MAX};
    pf_statistics *s = pf_statistics_new(1, 4);
    pf_statistics_pilot(s, 0, 1, values, 2, 2);
    add_in_blocks(s, values, 5);
    check_bounded("rank 2", pf_statistics_quantile(s, 0, 0.5), below, DBL_MAX);
    check_bounded("rank 3", pf_statistics_quantile(s, 0, 0.75), DBL_MAX, DBL_MAX);
    pf_statistics_free(s);
}

/* Whole multiples of a step from 2^41 to 2^118 times the grid's: nothing is rounded but the result. */
static void sums_from_narrow_to_wide_are_exact(void **state)
{
    (void)state;
    double pilot[3] = {-1, 0, 1}, values[101];
    for (int power = 0; power <= 77; power += 7) {
        pf_statistics *s = pf_statistics_new(1, 4);
        pf_statistics_pilot(s, 0, 1, pilot, 3, 3);
        for (int i = 0; i <= 100; i++) values[i] = ldexp(i - 30, power);
        add_in_blocks(s, values, 101);
        assert_true(pf_statistics_mean(s, 0).value == ldexp(20, power));
        double sd = ldexp(sqrt(858.5), power); /* the mean square of -50 to 50, times 101 / 100 */
        assert_true(fabs(pf_statistics_sd(s, 0).value - sd) <= 2 * DBL_EPSILON * sd);
        assert_true(pf_statistics_sd(s, 0).bound <= 1e-12 * sd);
        pf_statistics_free(s);
    }
}

static void zeros_of_both_signs_are_one_value(void **state)
{
    (void)state;
    double one[2] = {0.0, -0.0}, other[2] = {-0.0, 0.0};
    pf_statistics *a = statistics_of(one, 2), *b = statistics_of(other, 2);
    size_t a_size = 0, b_size = 0;
    void *a_bytes = pf_statistics_pack(a, &a_size), *b_bytes = pf_statistics_pack(b, &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a_bytes, b_bytes, a_size);
    assert_false(signbit(pf_statistics_min(a, 0)));
    free(a_bytes);
    free(b_bytes);
    pf_statistics_free(a);
    pf_statistics_free(b);
}

static void the_scale_of_a_cell_of_zeros_is_that_of_its_neighbours(void **state)
{
    (void)state;
    double pilot[2][2] = {{0, 0}, {1e12, 2e12}}, values[3] = {0, 1.1e12, 3e9};
    pf_statistics *s = pf_statistics_new(2, BINS);
    pf_statistics_pilot(s, 0, 2, pilot[0], 2, 2);
    pf_statistics_add(s, 0, 1, values, 3, 3);
    check_bounded("mean", pf_statistics_mean(s, 0), 1103e9L / 3, 1e-3);
    assert_int_equal(pf_statistics_valid(s, 1), 0);
    pf_statistics_free(s);
}

static void bins_fit_the_memory_asked_for(void **state)
{
    (void)state;
    assert_int_equal(pf_statistics_bins_within(1, 1), 64);
    assert_int_equal(pf_statistics_bins_within(10, (size_t)1 << 30), 1024);
    size_t bins = pf_statistics_bins_within(100000, (size_t)256 << 20);
    assert_in_range(bins, 200, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordered_grid_is_exact_to_rounding),
        cmocka_unit_test(a_portfolio_of_a_million_subsets_is_exact_to_rounding),
        cmocka_unit_test(a_rare_event_that_the_pilot_does_not_see_keeps_its_mean_and_spread),
        cmocka_unit_test(long_tails_are_summed_to_rounding),
        cmocka_unit_test(a_tiny_coefficient_of_variation_does_not_cancel),
        cmocka_unit_test(values_that_the_pilot_does_not_foresee_stay_within_their_bounds),
        cmocka_unit_test(missing_values_are_left_out),
        cmocka_unit_test(equal_values_have_no_error),
        cmocka_unit_test(a_frequent_value_is_a_quantile_without_error),
        cmocka_unit_test(a_quantile_stays_on_its_side_of_a_frequent_value),
        cmocka_unit_test(bounds_of_quantiles_are_as_narrow_as_the_bins),
        cmocka_unit_test(one_value_has_no_spread),
        cmocka_unit_test(two_values_are_interpolated_as_numpy_does),
        cmocka_unit_test(no_values_give_nothing),
        cmocka_unit_test(infinite_values_are_ranked_but_not_summed),
        cmocka_unit_test(values_too_far_to_be_summed_are_known),
        cmocka_unit_test(the_largest_doubles_do_no_harm),
        cmocka_unit_test(the_largest_span_does_no_harm),
        cmocka_unit_test(sums_from_narrow_to_wide_are_exact),
        cmocka_unit_test(zeros_of_both_signs_are_one_value),
        cmocka_unit_test(the_scale_of_a_cell_of_zeros_is_that_of_its_neighbours),
        cmocka_unit_test(bins_fit_the_memory_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
