/* Sobol' indices and elementary effects against closed forms (Ishigami, Sobol' g, linear functions), and the level of
 * their intervals. With arguments, the program of tests/reference/compare_salib.py. */
#include "sensitivity.h"

/* --- arrangements --- */

typedef double (*model)(const double *x, size_t k);

/* a = 7, b = 0.1; inputs on (-pi, pi). */
static double ishigami(const double *x, size_t k)
{
    double z[3];
    (void)k;
    for (int i = 0; i < 3; i++) z[i] = M_PI * (2 * x[i] - 1);
    return sin(z[0]) + 7 * pow(sin(z[1]), 2) + 0.1 * pow(z[2], 4) * sin(z[0]);
}

static const double g_strengths[] = {0, 1, 4.5, 9, 99, 99, 99, 99};

static double sobol_g(const double *x, size_t k)
{
    double product = 1;
    for (size_t i = 0; i < k; i++) product *= (fabs(4 * x[i] - 2) + g_strengths[i]) / (1 + g_strengths[i]);
    return product;
}

/* A, B, AB_i, and with second order BA_i. */
static double *arranged(model f, size_t groups, size_t k, bool with_second, uint64_t seed)
{
    size_t size = with_second ? 2 * k + 2 : k + 2;
    double *y = pf_doubles(groups * size), x[16];
    for (size_t m = 0; m < groups * size; m++) {
        size_t g = m / size, row = m % size;
        for (size_t i = 0; i < k; i++) {
            bool from_b = row == 1 || (row >= 2 && row < 2 + k && row - 2 == i) || (row >= 2 + k && row - 2 - k != i);
            x[i] = uniform(seed, g, from_b ? k + i : i);
        }
        y[m] = f(x, k);
    }
    return y;
}

static void ishigami_has_its_closed_indices_of_all_orders(void **state)
{
    (void)state;
    enum { GROUPS = 8192, K = 3 };
    const double first[] = {0.3139, 0.4424, 0}, total[] = {0.5576, 0.4424, 0.2437}, second[] = {0, 0.2437, 0};
    pf_estimate s1[K], st[K], s2[K * K];
    double *y = arranged(ishigami, GROUPS, K, true, 1);
    pf_sobol_indices(y, GROUPS, K, hundreds, s1, st, s2);
    for (size_t i = 0; i < K; i++) {
        check_covers(s1[i], first[i], 0.03);
        check_covers(st[i], total[i], 0.03);
    }
    check_covers(s2[1], second[0], 0.06);
    check_covers(s2[2], second[1], 0.06);
    check_covers(s2[5], second[2], 0.06);
    check_nan(s2 + 3, 2);
    free(y);
}

static void sobol_g_has_its_closed_indices(void **state)
{
    (void)state;
    enum { GROUPS = 8192, K = 8 };
    double part[K], product = 1;
    pf_estimate s1[K], st[K];
    for (size_t i = 0; i < K; i++) part[i] = 1 / (3 * pow(1 + g_strengths[i], 2));
    for (size_t i = 0; i < K; i++) product *= 1 + part[i];
    double *y = arranged(sobol_g, GROUPS, K, false, 3);
    pf_sobol_indices(y, GROUPS, K, hundreds, s1, st, NULL);
    for (size_t i = 0; i < K; i++) {
        check_covers(s1[i], part[i] / (product - 1), 0.03);
        check_covers(st[i], part[i] * product / (1 + part[i]) / (product - 1), 0.03);
    }
    free(y);
}

static void intervals_of_sobol_indices_cover_at_their_level(void **state)
{
    (void)state;
    enum { REPEATS = 60, GROUPS = 400, K = 3 };
    const double first[] = {0.3139, 0.4424, 0}, total[] = {0.5576, 0.4424, 0.2437};
    int covered = 0;
    for (uint64_t seed = 100; seed < 100 + REPEATS; seed++) {
        pf_estimate s1[K], st[K];
        double *y = arranged(ishigami, GROUPS, K, false, seed);
        pf_sobol_indices(y, GROUPS, K, (pf_bootstrap){seed, 200}, s1, st, NULL);
        for (size_t i = 0; i < K; i++) {
            covered += s1[i].low <= first[i] && first[i] <= s1[i].high;
            covered += st[i].low <= total[i] && total[i] <= st[i].high;
        }
        free(y);
    }
    assert_in_range(covered, 0.9 * REPEATS * 2 * K, 0.99 * REPEATS * 2 * K);
}

static void scale_and_place_of_y_leave_sobol_indices(void **state)
{
    (void)state;
    enum { GROUPS = 100, K = 3 };
    pf_estimate s1[K], st[K], s2[K * K], s1_moved[K], st_moved[K], s2_moved[K * K];
    double *y = arranged(ishigami, GROUPS, K, true, 3);
    pf_sobol_indices(y, GROUPS, K, hundreds, s1, st, s2);
    for (size_t m = 0; m < GROUPS * (2 * K + 2); m++) y[m] = 1e5 - 30 * y[m];
    pf_sobol_indices(y, GROUPS, K, hundreds, s1_moved, st_moved, s2_moved);
    for (size_t i = 0; i < K; i++) {
        check_near(s1_moved[i].value, s1[i].value, 1e-10);
        check_near(s1_moved[i].low, s1[i].low, 1e-10);
        check_near(st_moved[i].high, st[i].high, 1e-10);
    }
    check_near(s2_moved[2].value, s2[2].value, 1e-10);
    free(y);
}

static void groups_that_are_not_finite_are_left_out(void **state)
{
    (void)state;
    enum { GROUPS = 50, K = 3, SIZE = K + 2 };
    pf_estimate s1[K], st[K], s1_left[K], st_left[K];
    double *y = arranged(ishigami, GROUPS, K, false, 4);
    pf_sobol_indices(y + SIZE, GROUPS - 2, K, hundreds, s1, st, NULL);
    y[3] = NAN;
    y[GROUPS * SIZE - 1] = INFINITY;
    pf_sobol_indices(y, GROUPS, K, hundreds, s1_left, st_left, NULL);
    for (size_t i = 0; i < K; i++) assert_true(same(s1[i], s1_left[i]) && same(st[i], st_left[i]));
    free(y);
}

/* Trajectories on levels of 1 / 3, each step of 2 / 3 up or down, parameters in turn from a random one. */
static double *trajectories(size_t groups, size_t k, uint64_t seed)
{
    size_t members = groups * (k + 1);
    double *u = pf_doubles(k * members);
    for (size_t i = 0; i < k; i++)
        for (size_t g = 0; g < groups; g++) {
            size_t level = (size_t)(4 * uniform(seed, g, i)), place = (g + i) % k;
            for (size_t t = 0; t <= k; t++)
                u[i * members + g * (k + 1) + t] = (double)(t <= place ? level : (level + 2) % 4) / 3;
        }
    return u;
}

static void morris_is_exact_on_a_linear_function(void **state)
{
    (void)state;
    enum { GROUPS = 12, K = 5, MEMBERS = GROUPS * (K + 1) };
    const double slopes[K] = {3, -2, 0.5, 0, 1000};
    double *u = trajectories(GROUPS, K, 1), y[MEMBERS] = {0};
    pf_estimate mu[K], mu_star[K], sigma[K];
    for (size_t i = 0; i < K; i++)
        for (size_t m = 0; m < MEMBERS; m++) y[m] += slopes[i] * u[i * MEMBERS + m];
    y[7] = NAN; /* a trajectory with two effects less */
    pf_morris_effects(u, y, GROUPS, K, hundreds, mu, mu_star, sigma);
    for (size_t i = 0; i < K; i++) {
        check_near(mu[i].value, slopes[i], 1e-11);
        check_near(mu_star[i].value, fabs(slopes[i]), 1e-11);
        check_near(sigma[i].value, 0, 1e-11);
        check_near(mu[i].high - mu[i].low, 0, 1e-11);
    }
    free(u);
}

static void morris_finds_the_spread_of_an_interaction(void **state)
{
    (void)state;
    /* y = u1 u2 from (0, 0) and from (0, 1/3), u1 first: effects of u1 are 0 and 1/3, of u2 2/3 twice. */
    const double u[] = {0, 2. / 3, 2. / 3, 0, 2. / 3, 2. / 3, 0, 0, 2. / 3, 1. / 3, 1. / 3, 1};
    double y[6];
    pf_estimate mu[2], sigma[2];
    for (size_t m = 0; m < 6; m++) y[m] = u[m] * u[6 + m];
    pf_morris_effects(u, y, 2, 2, no_bootstrap, mu, NULL, sigma);
    check_near(mu[0].value, 1. / 6, 1e-15);
    check_near(sigma[0].value, sqrt(2) / 6, 1e-15);
    check_near(mu[1].value, 2. / 3, 1e-15);
    check_near(sigma[1].value, 0, 1e-15);
    pf_morris_effects(u, y, 1, 2, no_bootstrap, mu, NULL, sigma);
    check_nan(sigma, 2);
}

static void a_seed_repeats_intervals_and_moves_no_index(void **state)
{
    (void)state;
    enum { GROUPS = 30, K = 3 };
    pf_estimate s1[K], st[K], again[K], other[K];
    double *y = arranged(ishigami, GROUPS, K, false, 4);
    pf_sobol_indices(y, GROUPS, K, (pf_bootstrap){1, 100}, s1, st, NULL);
    pf_sobol_indices(y, GROUPS, K, (pf_bootstrap){1, 100}, again, st, NULL);
    pf_sobol_indices(y, GROUPS, K, (pf_bootstrap){2, 100}, other, st, NULL);
    for (size_t i = 0; i < K; i++) {
        assert_true(same(s1[i], again[i]));
        assert_true(s1[i].value == other[i].value && s1[i].low != other[i].low);
    }
    free(y);
}

static void what_does_not_vary_has_no_indices(void **state)
{
    (void)state;
    enum { GROUPS = 20, K = 2 };
    double constant[GROUPS * (2 * K + 2)];
    pf_estimate s1[K], st[K], s2[K * K];
    for (size_t m = 0; m < GROUPS * (2 * K + 2); m++) constant[m] = 0.1;
    pf_sobol_indices(constant, GROUPS, K, hundreds, s1, st, s2);
    check_nan(s1, K);
    check_nan(st, K);
    check_nan(s2, K * K);
    pf_sobol_indices(constant, 0, K, hundreds, s1, st, NULL);
    check_nan(s1, K);
    pf_morris_effects(constant, constant, GROUPS, K, hundreds, s1, st, NULL); /* nothing moves */
    check_nan(s1, K);
    pf_morris_effects(constant, constant, 0, K, hundreds, s1, st, NULL);
    check_nan(s1, K);
}

/* --- the program of tests/reference/compare_salib.py: METHOD members k FILE (x by parameter, then y, as doubles) ---
 */

static void print_values(const char *name, const double *values, size_t count)
{
    printf("%s", name);
    for (size_t i = 0; i < count; i++) printf(" %.17g", values[i]);
    printf("\n");
}

static void print_estimates(const char *name, const pf_estimate *estimates, size_t count)
{
    printf("%s", name);
    for (size_t i = 0; i < count; i++) printf(" %.17g", estimates[i].value);
    printf("\n");
}

static void print_sobol(const double *y, size_t n, size_t k, bool with_second)
{
    pf_estimate *first = estimates(k), *total = estimates(k), *second = with_second ? estimates(k * k) : NULL;
    pf_sobol_indices(y, n / (with_second ? 2 * k + 2 : k + 2), k, no_bootstrap, first, total, second);
    print_estimates("first", first, k);
    print_estimates("total", total, k);
    if (second) print_estimates("second", second, k * k);
    free(first);
    free(total);
    free(second);
}

static void print_morris(const double *x, const double *y, size_t n, size_t k)
{
    pf_estimate *mu = estimates(k), *mu_star = estimates(k), *sigma = estimates(k);
    pf_morris_effects(x, y, n / (k + 1), k, no_bootstrap, mu, mu_star, sigma);
    print_estimates("mu", mu, k);
    print_estimates("mu_star", mu_star, k);
    print_estimates("sigma", sigma, k);
    free(mu);
    free(mu_star);
    free(sigma);
}

static void print_given(const double *x, const double *y, size_t n, size_t k)
{
    pf_classes *classes = pf_classes_by_rank(x, n, k);
    pf_estimate *unbiased = estimates(k);
    double *plain = pf_doubles(k);
    pf_first_order_given(classes, y, no_bootstrap, unbiased, plain);
    print_values("first_order", plain, k);
    pf_delta(classes, y, no_bootstrap, unbiased, plain);
    print_values("delta", plain, k);
    free(unbiased);
    free(plain);
    pf_classes_free(classes);
}

static void print_pawn(const double *x, const double *y, size_t n, size_t k, size_t slices)
{
    pf_classes *classes = pf_classes_by_quantile(x, n, k, slices);
    pf_estimate *median = estimates(k);
    pf_pawn(classes, y, no_bootstrap, median);
    print_estimates("median", median, k);
    free(median);
    pf_classes_free(classes);
}

static void print_regression(double *x, double *y, size_t n, size_t k)
{
    for (int rank = 0; rank < 2; rank++) {
        for (size_t i = 0; rank && i < k; i++) pf_ranks(x + i * n, n, x + i * n);
        if (rank) pf_ranks(y, n, y);
        pf_regression *regression = pf_regression_new(x, n, k);
        pf_estimate *coefficients = estimates(k), *correlations = estimates(k);
        double r2;
        pf_regress(regression, y, no_bootstrap, coefficients, correlations, &r2);
        print_estimates(rank ? "rank_coefficients" : "coefficients", coefficients, k);
        print_estimates(rank ? "rank_correlations" : "correlations", correlations, k);
        print_values(rank ? "rank_r2" : "r2", &r2, 1);
        free(coefficients);
        free(correlations);
        pf_regression_free(regression);
    }
}

static int print_indices(char **arguments)
{
    const char *method = arguments[1];
    size_t n = strtoul(arguments[2], NULL, 10), k = strtoul(arguments[3], NULL, 10), count = n * (k + 1);
    double *x = pf_doubles(count), *y = x + n * k;
    FILE *file = fopen(arguments[4], "rb");
    bool read = file && fread(x, sizeof *x, count, file) == count;
    if (!read) fprintf(stderr, "%s does not hold %zu numbers\n", arguments[4], count);
    else if (!strcmp(method, "sobol")) print_sobol(y, n, k, false);
    else if (!strcmp(method, "sobol2")) print_sobol(y, n, k, true);
    else if (!strcmp(method, "morris")) print_morris(x, y, n, k);
    else if (!strcmp(method, "given")) print_given(x, y, n, k);
    else if (!strncmp(method, "pawn", 4)) print_pawn(x, y, n, k, strtoul(method + 4, NULL, 10));
    else if (!strcmp(method, "regression")) print_regression(x, y, n, k);
    if (file) fclose(file);
    free(x);
    return read ? 0 : 1;
}

int main(int count, char **arguments)
{
    if (count == 5) return print_indices(arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ishigami_has_its_closed_indices_of_all_orders),
        cmocka_unit_test(sobol_g_has_its_closed_indices),
        cmocka_unit_test(intervals_of_sobol_indices_cover_at_their_level),
        cmocka_unit_test(scale_and_place_of_y_leave_sobol_indices),
        cmocka_unit_test(groups_that_are_not_finite_are_left_out),
        cmocka_unit_test(morris_is_exact_on_a_linear_function),
        cmocka_unit_test(morris_finds_the_spread_of_an_interaction),
        cmocka_unit_test(a_seed_repeats_intervals_and_moves_no_index),
        cmocka_unit_test(what_does_not_vary_has_no_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
