/* Estimators from given data against closed forms (linear and Gaussian models), direct sums, and the spread of repeated
 * samples. */
#include "sensitivity.h"

#include <gsl/gsl_cdf.h>

/* --- given data --- */

enum { RHO_PERCENT = 60 };
static const double rho = RHO_PERCENT / 100.0, slopes_of_three[] = {1, 1.5, 0.8};

/* Three standard normal inputs, the first two correlated, and y = sum of slopes times inputs. */
static double *correlated_normals(size_t n, uint64_t seed, double *y)
{
    double *x = pf_doubles(3 * n);
    for (size_t m = 0; m < n; m++) {
        x[m] = normal(seed, m, 0);
        x[n + m] = rho * x[m] + sqrt(1 - rho * rho) * normal(seed, m, 1);
        x[2 * n + m] = normal(seed, m, 2);
        y[m] = 0;
        for (size_t i = 0; i < 3; i++) y[m] += slopes_of_three[i] * x[i * n + m];
    }
    return x;
}

/* Of y with each input: cov(y, x_i) / (sd(y) sd(x_i)), whose square is the first order. */
static void known_correlations(double *correlation)
{
    const double *b = slopes_of_three;
    double variance = b[0] * b[0] + b[1] * b[1] + 2 * rho * b[0] * b[1] + b[2] * b[2];
    correlation[0] = (b[0] + rho * b[1]) / sqrt(variance);
    correlation[1] = (b[1] + rho * b[0]) / sqrt(variance);
    correlation[2] = b[2] / sqrt(variance);
}

/* Three uniform inputs, of which the second is often the first, so that their correlation is rho and each is linear in
 * the other in the mean. */
static double *correlated_uniforms(size_t n, uint64_t seed, double *y)
{
    double *x = pf_doubles(3 * n);
    for (size_t m = 0; m < n; m++) {
        for (size_t i = 0; i < 3; i++) x[i * n + m] = uniform(seed, m, i);
        if (uniform(seed, m, 3) < rho) x[n + m] = x[m];
        y[m] = 0;
        for (size_t i = 0; i < 3; i++) y[m] += slopes_of_three[i] * x[i * n + m];
    }
    return x;
}

static void first_order_of_correlated_inputs_is_the_known_one(void **state)
{
    (void)state;
    enum { N = 20000, K = 3 };
    double *y = pf_doubles(N), *x = correlated_uniforms(N, 5, y), known[K], plain[K];
    pf_classes *classes = pf_classes_by_rank(x, N, K);
    pf_estimate first[K];
    known_correlations(known);
    pf_first_order_given(classes, y, hundreds, first, plain);
    for (size_t i = 0; i < K; i++) {
        check_covers(first[i], known[i] * known[i], 0.015);
        assert_true(plain[i] > first[i].value);
    }
    pf_classes_free(classes);
    free(x);
    free(y);
}

/* How far apart N(0, 1) and N(mean, deviation^2) are: half the area between them, from where the densities cross. */
static double area_between_normals(double mean, double deviation)
{
    double a = 1 / (deviation * deviation) - 1, b = -2 * mean / (deviation * deviation);
    double c = mean * mean / (deviation * deviation) + 2 * log(deviation), root = sqrt(b * b - 4 * a * c);
    double low = (-b - root) / (2 * a), high = (-b + root) / (2 * a);
    double narrow = gsl_cdf_ugaussian_P((high - mean) / deviation) - gsl_cdf_ugaussian_P((low - mean) / deviation);
    return narrow - (gsl_cdf_ugaussian_P(high) - gsl_cdf_ugaussian_P(low));
}

static double known_delta(double correlation)
{
    enum { POINTS = 2000 };
    double sum = 0, deviation = sqrt(1 - correlation * correlation);
    for (int i = 0; i < POINTS; i++)
        sum += area_between_normals(correlation * gsl_cdf_ugaussian_Pinv((i + 0.5) / POINTS), deviation);
    return sum / POINTS;
}

static void delta_of_a_linear_gaussian_model_is_the_known_one(void **state)
{
    (void)state;
    enum { N = 20000, K = 3 };
    double *y = pf_doubles(N), *x = correlated_normals(N, 6, y), correlation[K], plain[K];
    pf_classes *classes = pf_classes_by_rank(x, N, K);
    pf_estimate delta[K];
    known_correlations(correlation);
    pf_delta(classes, y, (pf_bootstrap){1, 50}, delta, plain);
    for (size_t i = 0; i < K; i++) {
        check_near(delta[i].value, known_delta(correlation[i]), 0.02);
        assert_true(delta[i].low < delta[i].value && delta[i].value < delta[i].high && delta[i].value < plain[i]);
    }
    pf_classes_free(classes);
    free(x);
    free(y);
}

static double density(const double *y, size_t n, double bandwidth, double at)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += exp(-0.5 * pow((at - y[i]) / bandwidth, 2));
    return sum / (double)n / bandwidth / sqrt(2 * M_PI);
}

static double silverman(const double *y, size_t n)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++) mean += y[i] / (double)n;
    for (size_t i = 0; i < n; i++) square += pow(y[i] - mean, 2) / ((double)n - 1);
    return sqrt(square) * pow(0.75 * (double)n, -0.2);
}

/* Members in order of x in 4 classes of equal size. */
static double direct_delta(const double *y, size_t n, double least, double greatest)
{
    enum { CLASSES = 4, GRID = 100 };
    double sum = 0, step = (greatest - least) / (GRID - 1), h = silverman(y, n);
    for (size_t c = 0; c < CLASSES; c++) {
        const double *of_class = y + c * n / CLASSES;
        double h_class = silverman(of_class, n / CLASSES);
        for (size_t j = 0; j < GRID; j++) {
            double at = least + (double)j * step, weight = j == 0 || j == GRID - 1 ? 0.5 : 1;
            sum += weight * step * fabs(density(y, n, h, at) - density(of_class, n / CLASSES, h_class, at));
        }
    }
    return sum / (2 * CLASSES);
}

/* With a far outlier the grid is coarse against the kernels, without it fine: two ways of summing. */
static void delta_is_the_direct_sum_of_kernels(void **state)
{
    (void)state;
    enum { N = 200 };
    for (int outlier = 0; outlier < 2; outlier++) {
        double x[N], y[N], plain, least = INFINITY, greatest = -INFINITY;
        for (size_t m = 0; m < N; m++) {
            x[m] = (double)m;
            y[m] = normal(7, m, 0) + 0.01 * (double)m;
        }
        if (outlier) y[3] = 300;
        for (size_t m = 0; m < N; m++) least = fmin(least, y[m]);
        for (size_t m = 0; m < N; m++) greatest = fmax(greatest, y[m]);
        pf_classes *classes = pf_classes_by_rank(x, N, 1);
        pf_estimate delta;
        assert_int_equal(pf_classes_most(classes), 4);
        pf_delta(classes, y, no_bootstrap, &delta, &plain);
        check_near(plain, direct_delta(y, N, least, greatest), 1e-11);
        assert_true(delta.value == plain);
        pf_classes_free(classes);
    }
}

static void delta_of_an_output_with_two_values_is_what_two_classes_say(void **state)
{
    (void)state;
    enum { N = 1000 };
    double x[N], y[N];
    pf_estimate delta;
    for (size_t m = 0; m < N; m++) x[m] = (double)m;
    for (size_t m = 0; m < N; m++) y[m] = m < N / 2;
    pf_classes *classes = pf_classes_by_rank(x, N, 1);
    assert_int_equal(pf_classes_most(classes) % 2, 0);
    pf_delta(classes, y, no_bootstrap, &delta, NULL);
    /* Each class has one value, y as a whole two: half of their area apart; half of it lies off the grid's ends. */
    check_near(delta.value, 0.25, 0.01);
    pf_classes_free(classes);
}

static void pawn_of_the_identity_is_the_distance_of_its_slices(void **state)
{
    (void)state;
    enum { N = 10000 };
    double *x = pf_doubles(N);
    for (size_t m = 0; m < N; m++) x[m] = uniform(8, m, 0);
    const double medians[] = {0.5, 2. / 3, 0.625, 0.7}; /* of max(s, slices - 1 - s) / slices */
    const size_t slices[] = {2, 3, 4, 10};
    for (size_t c = 0; c < 4; c++) {
        pf_classes *classes = pf_classes_by_quantile(x, N, 1, slices[c]);
        pf_estimate median;
        pf_pawn(classes, x, hundreds, &median);
        check_near(median.value, medians[c], 2.0 / N);
        assert_true(median.low <= median.value && median.value <= median.high);
        pf_classes_free(classes);
    }
    free(x);
}

static void pawn_keeps_the_highest_level_of_a_discrete_parameter(void **state)
{
    (void)state;
    enum { N = 100 };
    double x[N], y[N];
    pf_estimate median;
    for (size_t m = 0; m < N; m++) x[m] = m < 80;
    for (size_t m = 0; m < N; m++) y[m] = x[m] + 0.001 * (double)m;
    pf_classes *classes = pf_classes_by_quantile(x, N, 1, 10);
    pf_pawn(classes, y, no_bootstrap, &median);
    check_near(median.value, 0.5, 1e-12); /* of 0.8 for the level 0 and 0.2 for the level 1 */
    pf_classes_free(classes);
}

static void parameters_without_influence_are_at_the_noise(void **state)
{
    (void)state;
    enum { N = 4000, K = 40 };
    double *x = pf_doubles(K * N), *y = pf_doubles(N), mean_first = 0, mean_pawn = 0, mean_delta = 0, mean_plain = 0;
    double plain[K];
    pf_estimate first[K], pawn[K], delta[K];
    for (size_t m = 0; m < N; m++) y[m] = normal(9, m, K);
    for (size_t i = 0; i < K * N; i++) x[i] = uniform(9, i % N, i / N);
    pf_classes *classes = pf_classes_by_rank(x, N, K), *slices = pf_classes_by_quantile(x, N, K, 10);
    pf_first_order_given(classes, y, no_bootstrap, first, NULL);
    pf_pawn(slices, y, no_bootstrap, pawn);
    pf_delta(classes, y, (pf_bootstrap){1, 20}, delta, plain);
    for (size_t i = 0; i < K; i++) {
        mean_first += first[i].value / K;
        mean_pawn += pawn[i].value / K;
        mean_delta += delta[i].value / K;
        mean_plain += plain[i] / K;
    }
    check_near(mean_first, 0, 0.001); /* of the plain ratio: 0.005 */
    check_near(mean_pawn, pf_pawn_noise(N, 10), 0.05 * pf_pawn_noise(N, 10));
    assert_true(mean_delta < 0.7 * mean_plain);
    pf_classes_free(classes);
    pf_classes_free(slices);
    free(x);
    free(y);
}

/* All plain values of given data, in a row. */
enum { GIVEN = 5 };

static void given_values(const double *x, const double *y, size_t n, size_t k, double *values)
{
    pf_classes *classes = pf_classes_by_rank(x, n, k), *slices = pf_classes_by_quantile(x, n, k, 7);
    pf_regression *regression = pf_regression_new(x, n, k);
    pf_estimate *found = estimates(k), *correlations = estimates(k);
    pf_first_order_given(classes, y, no_bootstrap, found, values);
    pf_delta(classes, y, no_bootstrap, found, values + k);
    pf_pawn(slices, y, no_bootstrap, found);
    for (size_t i = 0; i < k; i++) values[2 * k + i] = found[i].value;
    pf_regress(regression, y, no_bootstrap, found, correlations, NULL);
    for (size_t i = 0; i < k; i++) values[3 * k + i] = found[i].value;
    for (size_t i = 0; i < k; i++) values[4 * k + i] = correlations[i].value;
    free(found);
    free(correlations);
    pf_regression_free(regression);
    pf_classes_free(classes);
    pf_classes_free(slices);
}

static void the_order_of_members_does_not_matter(void **state)
{
    (void)state;
    enum { N = 1009, K = 3 }; /* a prime: stepping by 400 comes past all */
    double y[N], y_moved[N], x_moved[K * N], values[GIVEN * K], moved[GIVEN * K], *x = correlated_normals(N, 10, y);
    for (size_t m = 0; m < N; m++) {
        size_t from = m * 400 % N;
        y_moved[m] = y[from];
        for (size_t i = 0; i < K; i++) x_moved[i * N + m] = x[i * N + from];
    }
    given_values(x, y, N, K, values);
    given_values(x_moved, y_moved, N, K, moved);
    for (size_t i = 0; i < GIVEN * K; i++) check_near(moved[i], values[i], 1e-12);
    for (size_t m = 0; m < N; m++) y[m] = exp(y[m]);
    given_values(x, y, N, K, moved);
    for (size_t i = 2 * K; i < 3 * K; i++) assert_true(moved[i] == values[i]); /* PAWN knows the order of y only */
    free(x);
}

/* --- regression --- */

static void regression_of_a_linear_model_is_exact(void **state)
{
    (void)state;
    enum { N = 50, K = 3 };
    double y[N], *x = correlated_normals(N, 11, y), r2, mean = 0, variance = 0;
    pf_regression *regression = pf_regression_new(x, N, K);
    pf_estimate coefficients[K];
    pf_regress(regression, y, hundreds, coefficients, NULL, &r2);
    check_near(r2, 1, 1e-13);
    for (size_t m = 0; m < N; m++) mean += y[m] / N;
    for (size_t m = 0; m < N; m++) variance += pow(y[m] - mean, 2);
    for (size_t i = 0; i < K; i++) {
        double x_mean = 0, x_variance = 0;
        for (size_t m = 0; m < N; m++) x_mean += x[i * N + m] / N;
        for (size_t m = 0; m < N; m++) x_variance += pow(x[i * N + m] - x_mean, 2);
        check_near(coefficients[i].value, slopes_of_three[i] * sqrt(x_variance / variance), 1e-13);
    }
    pf_regression_free(regression);
    free(x);
}

static void correlations_are_the_known_ones(void **state)
{
    (void)state;
    enum { N = 20000, K = 3 };
    double *y = pf_doubles(N), *x = correlated_normals(N, 12, y), known[K];
    pf_estimate pearson[K], spearman[K];
    known_correlations(known);
    pf_regression *regression = pf_regression_new(x, N, K);
    pf_regress(regression, y, hundreds, NULL, pearson, NULL);
    pf_regression_free(regression);
    for (size_t i = 0; i < K; i++) pf_ranks(x + i * N, N, x + i * N);
    pf_ranks(y, N, y);
    regression = pf_regression_new(x, N, K);
    pf_regress(regression, y, hundreds, NULL, spearman, NULL);
    pf_regression_free(regression);
    for (size_t i = 0; i < K; i++) {
        check_covers(pearson[i], known[i], 0.015);
        check_covers(spearman[i], 6 / M_PI * asin(known[i] / 2), 0.015); /* of a binormal distribution */
    }
    free(x);
    free(y);
}

static void equal_values_share_their_rank(void **state)
{
    (void)state;
    double values[] = {3, -1, 3, 2, -0.0, 0.0, -7, INFINITY}, expected[] = {6.5, 2, 6.5, 5, 3.5, 3.5, 1, 8};
    pf_ranks(values, 8, values);
    assert_memory_equal(values, expected, sizeof values);
}

static void dependent_inputs_have_no_coefficients_but_correlations(void **state)
{
    (void)state;
    enum { N = 30, K = 3 };
    double y[N], *x = correlated_normals(N, 13, y), r2;
    pf_estimate coefficients[K], correlations[K];
    for (size_t m = 0; m < N; m++) x[2 * N + m] = 5 + x[m] - 2 * x[N + m];
    pf_regression *regression = pf_regression_new(x, N, K);
    pf_regress(regression, y, hundreds, coefficients, correlations, &r2);
    check_nan(coefficients, K);
    assert_true(isnan(r2));
    for (size_t i = 0; i < K; i++) assert_true(correlations[i].low < correlations[i].high);
    pf_regression_free(regression);
    regression = pf_regression_new(x, K + 1, K);
    pf_regress(regression, y, hundreds, coefficients, correlations, &r2);
    check_nan(coefficients, K);
    pf_regression_free(regression);
    free(x);
}

static void a_constant_input_has_no_coefficient_and_leaves_the_others(void **state)
{
    (void)state;
    enum { N = 30, K = 3 };
    double y[N], *x = correlated_normals(N, 14, y), r2;
    pf_estimate coefficients[K], correlations[K];
    for (size_t m = 0; m < N; m++) {
        y[m] -= slopes_of_three[2] * x[2 * N + m];
        x[2 * N + m] = 0.1;
    }
    pf_regression *regression = pf_regression_new(x, N, K);
    pf_regress(regression, y, hundreds, coefficients, correlations, &r2);
    check_near(r2, 1, 1e-13);
    assert_true(isfinite(coefficients[0].value) && isfinite(correlations[1].value));
    check_nan(coefficients + 2, 1);
    check_nan(correlations + 2, 1);
    pf_regression_free(regression);
    free(x);
}

/* --- intervals of given data --- */

enum { REPEATED = 6 };

/* y = x + noise; all estimates of its only input but the constant one. */
static void estimate_all(uint64_t seed, pf_estimate *found)
{
    enum { N = 600 };
    const pf_bootstrap bootstrap = {seed, 100};
    double x[N], y[N];
    for (size_t m = 0; m < N; m++) x[m] = uniform(seed, m, 0);
    for (size_t m = 0; m < N; m++) y[m] = x[m] + 0.3 * normal(seed, m, 1);
    pf_classes *classes = pf_classes_by_rank(x, N, 1), *slices = pf_classes_by_quantile(x, N, 1, 8);
    pf_regression *regression = pf_regression_new(x, N, 1);
    pf_first_order_given(classes, y, bootstrap, &found[0], NULL);
    pf_delta(classes, y, bootstrap, &found[1], NULL);
    pf_pawn(slices, y, bootstrap, &found[2]);
    pf_regress(regression, y, bootstrap, &found[3], &found[4], NULL);
    pf_regression_free(regression);
    for (size_t m = 0; m < N; m++) x[m] = pow(x[m], 3);
    for (size_t m = 0; m < N; m++) y[m] = x[m] + 0.5 * normal(seed, m, 1);
    regression = pf_regression_new(x, N, 1);
    pf_regress(regression, y, bootstrap, &found[5], NULL, NULL);
    pf_classes_free(classes);
    pf_classes_free(slices);
    pf_regression_free(regression);
}

/* The widths of the intervals are those of the spread of the values over repeated samples. */
static void intervals_of_given_data_are_as_wide_as_the_spread_of_samples(void **state)
{
    (void)state;
    enum { REPEATS = 100 };
    double sum[REPEATED] = {0}, square[REPEATED] = {0}, width[REPEATED] = {0};
    for (uint64_t seed = 0; seed < REPEATS; seed++) {
        pf_estimate found[REPEATED];
        estimate_all(1000 + seed, found);
        for (size_t e = 0; e < REPEATED; e++) {
            sum[e] += found[e].value;
            square[e] += found[e].value * found[e].value;
            width[e] += (found[e].high - found[e].low) / REPEATS;
        }
    }
    for (size_t e = 0; e < REPEATED; e++) {
        double deviation = sqrt((square[e] - sum[e] * sum[e] / REPEATS) / (REPEATS - 1));
        double ratio = width[e] / (2 * 1.96 * deviation);
        if (!(ratio > 0.8 && ratio < 1.3)) fail_msg("estimate %zu: width is %.3f of the spread", e, ratio);
    }
}

/* --- what cannot be estimated --- */

static void check_given_nan(const double *x, const double *y, size_t n)
{
    pf_classes *classes = pf_classes_by_rank(x, n, 1), *slices = pf_classes_by_quantile(x, n, 1, 4);
    pf_regression *regression = pf_regression_new(x, n, 1);
    pf_estimate found[5];
    double plain[2], r2;
    pf_first_order_given(classes, y, hundreds, &found[0], &plain[0]);
    pf_delta(classes, y, hundreds, &found[1], &plain[1]);
    pf_pawn(slices, y, hundreds, &found[2]);
    pf_regress(regression, y, hundreds, &found[3], &found[4], &r2);
    check_nan(found, 5);
    assert_true(isnan(plain[0]) && isnan(plain[1]) && isnan(r2));
    pf_classes_free(classes);
    pf_classes_free(slices);
    pf_regression_free(regression);
}

static void a_constant_output_and_too_few_members_have_no_indices(void **state)
{
    (void)state;
    enum { N = 100 };
    double x[N], constant[N], broken[N];
    for (size_t m = 0; m < N; m++) x[m] = uniform(1, m, 0);
    for (size_t m = 0; m < N; m++) constant[m] = 0.1;
    for (size_t m = 0; m < N; m++) broken[m] = m == 50 ? NAN : x[m];
    check_given_nan(x, constant, N);
    check_given_nan(x, broken, N);
    for (size_t n = 0; n < 3; n++) check_given_nan(x, x, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_order_of_correlated_inputs_is_the_known_one),
        cmocka_unit_test(delta_of_a_linear_gaussian_model_is_the_known_one),
        cmocka_unit_test(delta_is_the_direct_sum_of_kernels),
        cmocka_unit_test(delta_of_an_output_with_two_values_is_what_two_classes_say),
        cmocka_unit_test(pawn_of_the_identity_is_the_distance_of_its_slices),
        cmocka_unit_test(pawn_keeps_the_highest_level_of_a_discrete_parameter),
        cmocka_unit_test(parameters_without_influence_are_at_the_noise),
        cmocka_unit_test(the_order_of_members_does_not_matter),
        cmocka_unit_test(regression_of_a_linear_model_is_exact),
        cmocka_unit_test(correlations_are_the_known_ones),
        cmocka_unit_test(equal_values_share_their_rank),
        cmocka_unit_test(dependent_inputs_have_no_coefficients_but_correlations),
        cmocka_unit_test(a_constant_input_has_no_coefficient_and_leaves_the_others),
        cmocka_unit_test(intervals_of_given_data_are_as_wide_as_the_spread_of_samples),
        cmocka_unit_test(a_constant_output_and_too_few_members_have_no_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
