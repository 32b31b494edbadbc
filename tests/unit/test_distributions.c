/* Quantiles of the distributions against closed forms, published values of the normal quantile (Wichura 1988, algorithm
 * AS 241), and distribution functions that are written here or taken from GSL. */
#include "base/distributions.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double smallest = 0x1p-53; /* of all u that are drawn; the greatest is 1 less this */

static const pf_distribution *row(const char *name)
{
    int number = pf_distribution_named(name);
    if (number < 0) fail_msg("there is no distribution '%s'", name);
    return pf_distribution_at((size_t)number);
}

static double quantile(const char *name, double u, const double *arguments)
{
    const char *wrong = row(name)->wrong(arguments);
    if (wrong) fail_msg("%s: %s", name, wrong);
    return row(name)->quantile(u, arguments);
}

static void check_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fabs(expected))) fail_msg("%.17g, not %.17g", value, expected);
}

static void check_wrong(const char *name, const double *arguments, const char *part)
{
    const char *wrong = row(name)->wrong(arguments);
    if (!wrong) fail_msg("%s took arguments that are wrong: %s", name, part);
    if (!strstr(wrong, part)) fail_msg("%s: '%s' does not say '%s'", name, wrong, part);
}

#define ARGUMENTS(...) ((const double[PF_DISTRIBUTION_ARGUMENTS]){__VA_ARGS__})

/* Distributions of every kind and many shapes, for the properties that all must have. */
static const struct {
    const char *name;
    double arguments[8];
} samples[] = {
    {"uniform", {70, 120}},
    {"uniform", {-3e-9, 1e-9}},
    {"triangular", {70, 90, 120}},
    {"triangular", {0, 0, 1}},
    {"triangular", {-2, 1, 1}},
    {"normal", {5, 2}},
    {"lognormal", {3e6, 1.4}},
    {"lognormal", {1e-9, 10}},
    {"truncnormal", {0, 1, -1, 2}},
    {"truncnormal", {10, 2, 14, 30}},
    {"truncnormal", {10, 2, -30, 4}},
    {"truncnormal", {0, 1, 8, 9}},
    {"truncnormal", {0, 1, -INFINITY, -5}},
    {"truncnormal", {1, 3, 0, INFINITY}},
    {"beta", {2, 5, 0, 1}},
    {"beta", {0.5, 0.5, -1, 1}},
    {"beta", {30, 3, 0.2, 0.9}},
    {"pert", {70, 90, 120}},
    {"pert", {0, 0, 1}},
    {"loguniform", {1e-3, 1e4}},
    {"discrete", {3, 5, 1, 2, 1, 0, 3}},
    {"empirical", {4, 7, 1, 3, 3}},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

/* --- all rows --- */

static void rows_are_complete_and_found_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < pf_distribution_count(); i++) {
        const pf_distribution *d = pf_distribution_at(i);
        assert_int_equal(pf_distribution_named(d->name), (int)i);
        assert_in_range(d->arity, 1, PF_DISTRIBUTION_ARGUMENTS);
        for (int k = 0; k < d->arity; k++) assert_non_null(d->arguments[k].name);
        for (int k = d->arity; k < PF_DISTRIBUTION_ARGUMENTS; k++) assert_null(d->arguments[k].name);
        assert_true(d->wrong && d->quantile && d->support && d->doc);
    }
    assert_int_equal(pf_distribution_named("gaussian"), -1);
    assert_int_equal(row("lognormal")->arguments[1].kind, PF_ARGUMENT_NUMBER);
    assert_int_equal(row("beta")->arguments[0].kind, PF_ARGUMENT_NUMBER);
    assert_int_equal(row("beta")->arguments[2].kind, PF_ARGUMENT_VALUE);
}

static void every_row_is_sampled_here(void **state)
{
    (void)state;
    for (size_t i = 0; i < pf_distribution_count(); i++) {
        int found = 0;
        for (size_t k = 0; k < SAMPLES; k++) found += !strcmp(samples[k].name, pf_distribution_at(i)->name);
        if (!found) fail_msg("no sample of %s", pf_distribution_at(i)->name);
    }
}

static void quantiles_rise_and_stay_within_the_support(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        double least, greatest, last = -INFINITY;
        row(samples[i].name)->support(samples[i].arguments, &least, &greatest);
        assert_true(least < greatest);
        for (int k = -1; k <= 1001; k++) {
            double u = k < 0 ? smallest : k > 1000 ? 1 - smallest : (k + 0.5) / 1001;
            double x = quantile(samples[i].name, u, samples[i].arguments);
            if (!(x >= last && x >= least && x <= greatest)) fail_msg("%s: %.17g at u = %.17g", samples[i].name, x, u);
            assert_true(isfinite(x));
            last = x;
        }
    }
}

/* The mean of the drawn values is that of the distribution: a midpoint rule over u. */
static void means_are_those_of_the_textbook(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double arguments[PF_DISTRIBUTION_ARGUMENTS], mean;
    } cases[] = {
        {"uniform", {70, 120}, 95},
        {"triangular", {70, 90, 120}, (70.0 + 90 + 120) / 3},
        {"normal", {5, 2}, 5},
        {"beta", {2, 5, 0, 1}, 2.0 / 7},
        {"beta", {30, 3, 1, 12}, 1 + 11 * 30.0 / 33},
        {"pert", {70, 90, 120}, (70.0 + 4 * 90 + 120) / 6},
        {"lognormal", {1, 2}, 1.2715160643228513},        /* exp(log(2)^2 / 2) */
        {"truncnormal", {0, 1, 0, 9}, 0.7978845608028654}, /* sqrt(2 / pi) */
        {"loguniform", {1, 10}, 3.9086503371292665},       /* 9 / log(10) */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum { POINTS = 100000 };
        double sum = 0;
        for (int k = 0; k < POINTS; k++) sum += quantile(cases[i].name, (k + 0.5) / POINTS, cases[i].arguments);
        if (!(fabs(sum / POINTS - cases[i].mean) <= 1e-5 * cases[i].mean))
            fail_msg("%s: mean %.12g, not %.12g", cases[i].name, sum / POINTS, cases[i].mean);
    }
}

/* --- closed forms --- */

static void uniform_and_loguniform_follow_their_closed_forms(void **state)
{
    (void)state;
    check_near(quantile("uniform", 0.25, ARGUMENTS(70, 120)), 82.5, 1e-15);
    check_near(quantile("uniform", 0.5, ARGUMENTS(-1, 3)), 1, 1e-15);
    check_near(quantile("uniform", smallest, ARGUMENTS(0, 8)), 8 * smallest, 1e-15);
    check_near(quantile("loguniform", 0.5, ARGUMENTS(1, 100)), 10, 1e-15);
    check_near(quantile("loguniform", 0.25, ARGUMENTS(1, 1e8)), 100, 1e-14);
    check_near(quantile("loguniform", 0.75, ARGUMENTS(1, 1e8)), 1e6, 1e-14);
}

static void the_median_of_a_triangle_is_exact(void **state)
{
    (void)state;
    check_near(quantile("triangular", 0.5, ARGUMENTS(70, 90, 120)), 120 - sqrt(0.5 * 50 * 30), 1e-15);
    check_near(quantile("triangular", 0.5, ARGUMENTS(0, 3, 4)), sqrt(0.5 * 4 * 3), 1e-15);
    check_near(quantile("triangular", 0.5, ARGUMENTS(-1, 0, 1)) + 1, 1, 1e-15);
    check_near(quantile("triangular", 0.4, ARGUMENTS(70, 90, 120)), 90, 1e-15);
}

static double triangle_below(double x, const double *a)
{
    double width = a[2] - a[0];
    if (x < a[1]) return (x - a[0]) * (x - a[0]) / (width * (a[1] - a[0]));
    return 1 - (a[2] - x) * (a[2] - x) / (width * (a[2] - a[1]));
}

static void the_triangle_returns_the_probability_it_was_asked(void **state)
{
    (void)state;
    const double *a = ARGUMENTS(70, 90, 120);
    for (double u = 0.001; u < 1; u += 0.001) check_near(triangle_below(quantile("triangular", u, a), a), u, 1e-12);
}

/* --- normal --- */

static void normal_quantiles_are_the_published_ones(void **state)
{
    (void)state;
    check_near(quantile("normal", 0.25, ARGUMENTS(0, 1)), -0.6744897501960817, 1e-15);
    check_near(quantile("normal", 0.001, ARGUMENTS(0, 1)), -3.090232306167814, 1e-15);
    check_near(quantile("normal", 1e-20, ARGUMENTS(0, 1)), -9.262340089798408, 1e-15);
    check_near(quantile("normal", 0.975, ARGUMENTS(0, 1)), 1.959963984540054, 1e-15);
    check_near(quantile("normal", 0.975, ARGUMENTS(100, 10)), 119.59963984540054, 1e-15);
    check_near(quantile("lognormal", 0.5, ARGUMENTS(7, 3)), 7, 1e-15);
    check_near(quantile("lognormal", 0.975, ARGUMENTS(10, 2)), 10 * exp2(1.959963984540054), 1e-14);
    check_near(quantile("lognormal", 0.001, ARGUMENTS(10, 2)), 10 * exp2(-3.090232306167814), 1e-14);
}

/* Q(z) of GSL is exact in the upper tail, so that a loss of digits in 1 - u would be seen. */
static void both_tails_of_the_normal_return_their_probability(void **state)
{
    (void)state;
    for (double p = 0.49; p >= smallest; p /= 1.7) {
        double u = 1 - p, above = 1 - u;
        check_near(gsl_cdf_ugaussian_P(quantile("normal", p, ARGUMENTS(0, 1))), p, 1e-12);
        check_near(gsl_cdf_ugaussian_Q(quantile("normal", u, ARGUMENTS(0, 1))), above, 1e-12);
    }
}

static void symmetric_distributions_are_drawn_symmetrically(void **state)
{
    (void)state;
    for (int k = 2; k <= 53; k++) {
        double u = ldexp(1, -k);
        check_near(quantile("normal", 1 - u, ARGUMENTS(0, 1)), -quantile("normal", u, ARGUMENTS(0, 1)), 1e-15);
        check_near(quantile("truncnormal", 1 - u, ARGUMENTS(0, 1, -2, 2)),
                   -quantile("truncnormal", u, ARGUMENTS(0, 1, -2, 2)), 1e-15);
        check_near(quantile("triangular", 1 - u, ARGUMENTS(-1, 0, 1)), -quantile("triangular", u, ARGUMENTS(-1, 0, 1)),
                   1e-15);
        check_near(quantile("beta", 1 - u, ARGUMENTS(3, 3, -1, 1)), -quantile("beta", u, ARGUMENTS(3, 3, -1, 1)),
                   1e-15);
    }
}

/* --- truncated normal --- */

static void a_half_normal_is_the_normal_of_half_the_probability(void **state)
{
    (void)state;
    for (double u = 0.01; u < 1; u += 0.01)
        check_near(quantile("truncnormal", u, ARGUMENTS(10, 2, 10, INFINITY)),
                   10 + 2 * gsl_cdf_ugaussian_Qinv((1 - u) / 2), 1e-14);
}

static void a_wide_truncation_changes_nothing(void **state)
{
    (void)state;
    for (double u = 0.005; u < 1; u += 0.01)
        check_near(quantile("truncnormal", u, ARGUMENTS(3, 1, -97, 103)), quantile("normal", u, ARGUMENTS(3, 1)),
                   1e-13);
}

static void far_tails_keep_their_probability(void **state)
{
    (void)state;
    for (double u = 0.01; u < 1; u += 0.01) {
        double up = quantile("truncnormal", u, ARGUMENTS(0, 1, 20, 22));
        double down = quantile("truncnormal", 1 - u, ARGUMENTS(0, 1, -22, -20));
        double low = gsl_cdf_ugaussian_Q(20), high = gsl_cdf_ugaussian_Q(22);
        check_near((low - gsl_cdf_ugaussian_Q(up)) / (low - high), u, 1e-9);
        check_near(down, -up, 1e-14);
    }
}

/* --- beta and pert --- */

static void beta_follows_its_closed_forms(void **state)
{
    (void)state;
    for (double u = 0.01; u < 1; u += 0.01) {
        double sine = sin(acos(-1) * u / 2);
        check_near(quantile("beta", u, ARGUMENTS(2, 1, 0, 1)), sqrt(u), 1e-10);
        check_near(quantile("beta", u, ARGUMENTS(1, 4, 0, 1)), 1 - pow(1 - u, 0.25), 1e-10);
        check_near(quantile("beta", u, ARGUMENTS(0.5, 0.5, 0, 1)), sine * sine, 1e-10);
        check_near(quantile("beta", u, ARGUMENTS(1, 1, 70, 120)), 70 + 50 * u, 1e-10);
    }
}

static double beta_2_3_below(double x)
{
    return x * x * (6 - 8 * x + 3 * x * x);
}

static void beta_returns_the_probability_it_was_asked(void **state)
{
    (void)state;
    check_near(quantile("beta", 0.05, ARGUMENTS(2, 3, 0, 1)), 0.09761146, 1e-7); /* R: qbeta(0.05, 2, 3) */
    for (double u = 0.01; u < 1; u += 0.01)
        check_near(beta_2_3_below(quantile("beta", u, ARGUMENTS(2, 3, 0, 1))), u, 1e-10);
}

/* The inverse of GSL 2.7 gives NaN or a wrong value for some of these shapes. */
static void beta_of_extreme_shapes_returns_its_probability_from_both_ends(void **state)
{
    (void)state;
    static const double shapes[][2] = {{0.3, 0.7}, {2, 5},     {5, 2},      {30, 3},   {200, 400}, {1.01, 60},
                                       {0.1, 8},   {8, 0.1},   {0.02, 3},   {5, 1e4},  {3000, 3000}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (double p = 0.49; p >= smallest; p /= 1.7) {
            double below = 1 - (1 - p), alpha = shapes[i][0], beta = shapes[i][1];
            double x = quantile("beta", below, ARGUMENTS(alpha, beta, 0, 1));
            double mirrored = quantile("beta", 1 - below, ARGUMENTS(beta, alpha, -1, 0));
            if (x > 1e-300) check_near(gsl_cdf_beta_P(x, alpha, beta), below, 1e-10);
            check_near(-mirrored, x, 1e-15);
        }
}

static void pert_is_the_beta_of_its_mode(void **state)
{
    (void)state;
    for (double u = 0.01; u < 1; u += 0.01)
        check_near(quantile("pert", u, ARGUMENTS(70, 90, 120)),
                   70 + 50 * quantile("beta", u, ARGUMENTS(2.6, 3.4, 0, 1)), 1e-14);
    check_near(quantile("pert", 0.5, ARGUMENTS(0, 5, 10)), 5, 1e-10);
    check_near(quantile("pert", 0.75, ARGUMENTS(0, 0, 1)), 1 - pow(0.25, 0.2), 1e-10);
}

/* --- constants --- */

static void distributions_without_width_are_constants(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double arguments[PF_DISTRIBUTION_ARGUMENTS], constant;
    } cases[] = {
        {"uniform", {0.1, 0.1}, 0.1},
        {"triangular", {0.3, 0.3, 0.3}, 0.3},
        {"normal", {0.7, 0}, 0.7},
        {"lognormal", {0.7, 1}, 0.7},
        {"truncnormal", {0.7, 0, 0.1, 1}, 0.7},
        {"truncnormal", {0.7, 1, 0.9, 0.9}, 0.9},
        {"beta", {2, 3, 0.1, 0.1}, 0.1},
        {"pert", {0.1, 0.1, 0.1}, 0.1},
        {"loguniform", {0.1, 0.1}, 0.1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double least, greatest;
        for (int k = 0; k < 5; k++) {
            double u = (double[]){smallest, 0.3, 0.5, 0.9, 1 - smallest}[k];
            check_near(quantile(cases[i].name, u, cases[i].arguments), cases[i].constant, 0);
        }
        row(cases[i].name)->support(cases[i].arguments, &least, &greatest);
        check_near(least, cases[i].constant, 0);
        check_near(greatest, cases[i].constant, 0);
    }
}

/* --- lists --- */

static void discrete_draws_each_value_as_often_as_its_weight(void **state)
{
    (void)state;
    static const double a[] = {3, 5, 1, 2, 1, 0, 3}; /* 5 once, 1 never, 2 three times of four */
    int fives = 0, ones = 0, twos = 0;
    for (int k = 0; k < 1000; k++) {
        double x = row("discrete")->quantile((k + 0.5) / 1000, a);
        fives += x == 5;
        ones += x == 1;
        twos += x == 2;
    }
    assert_int_equal(fives, 250);
    assert_int_equal(ones, 0);
    assert_int_equal(twos, 750);
}

static void empirical_is_linear_between_sorted_values(void **state)
{
    (void)state;
    static const double a[] = {4, 7, 1, 3, 4}; /* R: quantile(c(7, 1, 3, 4), c(0.1, 0.5, 0.9)) = 1.6 3.5 6.1 */
    assert_true(fabs(row("empirical")->quantile(0.1, a) - 1.6) < 1e-12);
    assert_true(fabs(row("empirical")->quantile(0.5, a) - 3.5) < 1e-12);
    assert_true(fabs(row("empirical")->quantile(0.9, a) - 6.1) < 1e-12);
}

static void wrong_lists_are_named(void **state)
{
    (void)state;
    static const double negative[] = {2, 1, 2, 1, -1}, nothing[] = {2, 1, 2, 0, 0}, endless[] = {1, INFINITY};
    check_wrong("discrete", negative, "not be negative");
    check_wrong("discrete", nothing, "more than 0");
    check_wrong("empirical", endless, "finite");
}

/* --- wrong arguments --- */

static void wrong_arguments_are_named(void **state)
{
    (void)state;
    check_wrong("uniform", ARGUMENTS(2, 1), "low must not be above high");
    check_wrong("uniform", ARGUMENTS(2, INFINITY), "finite");
    check_wrong("uniform", ARGUMENTS(NAN, 1), "finite");
    check_wrong("triangular", ARGUMENTS(1, 3, 2), "mode must lie between low and high");
    check_wrong("triangular", ARGUMENTS(1, NAN, 2), "mode must lie between low and high");
    check_wrong("pert", ARGUMENTS(1, 0, 2), "mode must lie between low and high");
    check_wrong("normal", ARGUMENTS(0, -1), "sd must be finite and at least 0");
    check_wrong("normal", ARGUMENTS(NAN, 1), "mean");
    check_wrong("lognormal", ARGUMENTS(1, 0.9), "gsd must be finite and at least 1");
    check_wrong("lognormal", ARGUMENTS(0, 2), "median must be finite and above 0");
    check_wrong("truncnormal", ARGUMENTS(0, 1, 2, 1), "low must not be above high");
    check_wrong("truncnormal", ARGUMENTS(0, 1, 40, 50), "within 37 standard deviations");
    check_wrong("truncnormal", ARGUMENTS(0, 1, -50, -40), "within 37 standard deviations");
    check_wrong("truncnormal", ARGUMENTS(5, 0, 6, 7), "within 37 standard deviations");
    check_wrong("truncnormal", ARGUMENTS(0, 1, INFINITY, INFINITY), "finite number");
    check_wrong("beta", ARGUMENTS(0, 1, 0, 1), "alpha and beta");
    check_wrong("beta", ARGUMENTS(1, NAN, 0, 1), "alpha and beta");
    check_wrong("beta", ARGUMENTS(1, 1, 1, 0), "low must not be above high");
    check_wrong("loguniform", ARGUMENTS(0, 1), "low must be above 0");
    check_wrong("loguniform", ARGUMENTS(2, 1), "low must not be above high");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete_and_found_by_name),
        cmocka_unit_test(every_row_is_sampled_here),
        cmocka_unit_test(quantiles_rise_and_stay_within_the_support),
        cmocka_unit_test(means_are_those_of_the_textbook),
        cmocka_unit_test(uniform_and_loguniform_follow_their_closed_forms),
        cmocka_unit_test(the_median_of_a_triangle_is_exact),
        cmocka_unit_test(the_triangle_returns_the_probability_it_was_asked),
        cmocka_unit_test(normal_quantiles_are_the_published_ones),
        cmocka_unit_test(both_tails_of_the_normal_return_their_probability),
        cmocka_unit_test(symmetric_distributions_are_drawn_symmetrically),
        cmocka_unit_test(a_half_normal_is_the_normal_of_half_the_probability),
        cmocka_unit_test(a_wide_truncation_changes_nothing),
        cmocka_unit_test(far_tails_keep_their_probability),
        cmocka_unit_test(beta_follows_its_closed_forms),
        cmocka_unit_test(beta_returns_the_probability_it_was_asked),
        cmocka_unit_test(beta_of_extreme_shapes_returns_its_probability_from_both_ends),
        cmocka_unit_test(pert_is_the_beta_of_its_mode),
        cmocka_unit_test(distributions_without_width_are_constants),
        cmocka_unit_test(discrete_draws_each_value_as_often_as_its_weight),
        cmocka_unit_test(empirical_is_linear_between_sorted_values),
        cmocka_unit_test(wrong_lists_are_named),
        cmocka_unit_test(wrong_arguments_are_named),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
