/* The rows of the table of methods: each hands its estimator what it needs, in the layout that a sweep has. The
 * estimators' own numbers are tested beside them. */
#include "sensitivity.h"

#include "analysis/methods.h"

enum { K = 3, GROUPS = 512, N = 2000 };

static const pf_method *named(const char *name)
{
    for (size_t i = 0; i < pf_method_count(); i++)
        if (!strcmp(pf_method_at(i)->name, name)) return pf_method_at(i);
    fail_msg("no method is called %s", name);
    return NULL;
}

/* Room for all indices of one output. */
typedef struct {
    pf_estimate values[PF_MOST_INDICES][K], pairs[K * K];
    double r2;
} found;

static pf_indices_of into(found *f, bool has_pairs)
{
    pf_indices_of to = {.pairs = has_pairs ? f->pairs : NULL, .r2 = &f->r2};
    for (size_t i = 0; i < PF_MOST_INDICES; i++) to.indices[i] = f->values[i];
    return to;
}

static double *draw_columns(size_t n)
{
    double *x = pf_doubles(K * n);
    for (size_t i = 0; i < K; i++)
        for (size_t m = 0; m < n; m++) x[i * n + m] = uniform(1, m, i);
    return x;
}

/* From start to end, as a study does it. */
static void analyse(const char *name, double (*model)(const double x[K]), found *f)
{
    const pf_method *method = named(name);
    pf_inputs inputs = {N, K, 1, draw_columns(N)};
    double *y = pf_doubles(N);
    for (size_t m = 0; m < N; m++) y[m] = model((double[K]){inputs.x[m], inputs.x[N + m], inputs.x[2 * N + m]});
    void *prepared = method->prepare(&inputs);
    pf_indices_of to = into(f, false);
    method->estimate(&inputs, prepared, y, hundreds, &to);
    method->release(prepared);
    free(inputs.x);
    free(y);
}

/* y = 3 a + b; of independent uniforms: shares 0.9 and 0.1. */
static double linear(const double x[K])
{
    return 3 * x[0] + x[1];
}

static double steep(const double x[K])
{
    return exp(20 * x[0]);
}

static void rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < pf_method_count(); i++) {
        const pf_method *method = pf_method_at(i);
        assert_true(method->leading < method->index_count && method->index_count <= PF_MOST_INDICES);
        assert_true(method->title && method->doc && method->references);
        assert_true(method->least <= method->few);
        assert_int_equal(method->estimate == NULL, method->need == PF_NEEDS_NO_SAMPLE);
        assert_int_equal(method->prepare == NULL, method->release == NULL);
        for (size_t v = 0; v < method->index_count; v++)
            assert_true(method->indices[v].name && method->indices[v].title);
        for (size_t j = 0; j < i; j++) assert_string_not_equal(method->name, pf_method_at(j)->name);
    }
}

/* Groups A, B, AB_i, BA_i of a product of two parameters and a third without influence. */
static double *arranged_outputs(size_t size)
{
    double *y = pf_doubles(GROUPS * size);
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t c = 0; c < size; c++) {
            double x[K];
            for (size_t i = 0; i < K; i++) {
                bool is_b = c < K + 2 ? c == 1 || c == i + 2 : c != K + 2 + i;
                x[i] = uniform(1, g, is_b ? K + i : i);
            }
            y[g * size + c] = (1 + x[0]) * (1 + x[1]);
        }
    return y;
}

static void sobol_gives_the_same_of_either_arrangement(void **state)
{
    (void)state;
    const pf_method *sobol = named("sobol");
    double *jansen = arranged_outputs(K + 2), *saltelli = arranged_outputs(2 * K + 2);
    pf_inputs radial = {GROUPS * (K + 2), K, K + 2, NULL}, second = {GROUPS * (2 * K + 2), K, 2 * K + 2, NULL};
    found one, other, paired;
    pf_indices_of to_one = into(&one, false), to_other = into(&other, false), to_paired = into(&paired, true);
    sobol->estimate(&radial, NULL, jansen, hundreds, &to_one);
    sobol->estimate(&second, NULL, saltelli, hundreds, &to_other);
    sobol->estimate(&second, NULL, saltelli, hundreds, &to_paired);
    for (size_t i = 0; i < K; i++)
        for (size_t index = 0; index < 2; index++) assert_true(same(one.values[index][i], other.values[index][i]));
    /* of (1 + a)(1 + b): variance 1/12 of each factor, mean 3/2 */
    double part = 9.0 / 4 / 12, both = 2 * part + 1.0 / 144;
    check_covers(one.values[0][0], part / both, 0.1);
    check_covers(one.values[1][1], 1 - part / both, 0.1);
    check_covers(paired.pairs[1], 1.0 / 144 / both, 0.1);
    assert_true(isnan(paired.pairs[K].value)); /* the lower triangle */
    free(jansen);
    free(saltelli);
}

static void sobol_leaves_out_a_group_that_failed(void **state)
{
    (void)state;
    double *y = arranged_outputs(K + 2);
    found whole, cut;
    pf_indices_of to_whole = into(&whole, false), to_cut = into(&cut, false);
    pf_inputs all = {GROUPS * (K + 2), K, K + 2, NULL}, fewer = {(GROUPS - 1) * (K + 2), K, K + 2, NULL};
    named("sobol")->estimate(&fewer, NULL, y, no_bootstrap, &to_cut);
    y[GROUPS * (K + 2) - 2] = (double)NAN;
    named("sobol")->estimate(&all, NULL, y, no_bootstrap, &to_whole);
    for (size_t i = 0; i < K; i++) check_near(whole.values[1][i].value, cut.values[1][i].value, 0);
    free(y);
}

/* Trajectories in which parameter i moves up by 1/2 at place i + 1. */
static void morris_finds_the_slopes_of_a_linear_model(void **state)
{
    (void)state;
    enum { TRAJECTORIES = 20, SIZE = K + 1 };
    pf_inputs inputs = {TRAJECTORIES * SIZE, K, SIZE, pf_doubles(K * TRAJECTORIES * SIZE)};
    double y[TRAJECTORIES * SIZE];
    for (size_t m = 0; m < inputs.n; m++) {
        double x[K];
        for (size_t i = 0; i < K; i++) {
            x[i] = 0.5 * uniform(1, m / SIZE, i) + (m % SIZE > i ? 0.5 : 0);
            inputs.x[i * inputs.n + m] = x[i];
        }
        y[m] = x[2] - linear(x);
    }
    found f;
    pf_indices_of to = into(&f, false);
    named("morris")->estimate(&inputs, NULL, y, no_bootstrap, &to);
    const double mu[K] = {-3, -1, 1};
    for (size_t i = 0; i < K; i++) {
        check_near(f.values[0][i].value, mu[i], 1e-12);
        check_near(f.values[1][i].value, fabs(mu[i]), 1e-12);
        check_near(f.values[2][i].value, 0, 1e-7);
    }
    free(inputs.x);
}

static void first_order_gives_the_shares_of_a_linear_model(void **state)
{
    (void)state;
    found f;
    analyse("first_order", linear, &f);
    check_near(f.values[0][0].value, 0.9, 0.02);
    check_near(f.values[0][1].value, 0.1, 0.03);
    check_near(f.values[0][2].value, 0, 0.02);
}

static void regression_gives_the_roots_of_these_shares(void **state)
{
    (void)state;
    found f;
    analyse("regression", linear, &f);
    check_near(f.r2, 1, 1e-12);
    check_near(f.values[0][0].value, sqrt(0.9), 0.02);
    check_near(f.values[0][1].value, sqrt(0.1), 0.02);
    check_near(f.values[0][2].value, 0, 1e-12);
    check_covers(f.values[1][1], sqrt(0.1), 0.05);
}

static void ranks_see_through_a_steep_curve(void **state)
{
    (void)state;
    found plain, ranked;
    analyse("regression", steep, &plain);
    analyse("rank", steep, &ranked);
    check_near(ranked.r2, 1, 1e-12);
    check_near(ranked.values[0][0].value, 1, 1e-12);
    check_near(ranked.values[1][0].value, 1, 1e-12);
    assert_true(plain.r2 < 0.5);
}

static void delta_and_pawn_rank_the_parameters(void **state)
{
    (void)state;
    static const char *const names[] = {"delta", "pawn"};
    for (size_t i = 0; i < 2; i++) {
        found f;
        analyse(names[i], linear, &f);
        assert_true(f.values[0][0].low > f.values[0][1].high && f.values[0][1].low > f.values[0][2].high);
    }
}

static void slices_hold_enough_members(void **state)
{
    (void)state;
    const size_t expected[][2] = {{100, 5}, {300, 6}, {499, 9}, {500, 10}, {100000, 10}};
    for (size_t i = 0; i < 5; i++) assert_int_equal(pf_pawn_slices(expected[i][0]), expected[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(sobol_gives_the_same_of_either_arrangement),
        cmocka_unit_test(sobol_leaves_out_a_group_that_failed),
        cmocka_unit_test(morris_finds_the_slopes_of_a_linear_model),
        cmocka_unit_test(first_order_gives_the_shares_of_a_linear_model),
        cmocka_unit_test(regression_gives_the_roots_of_these_shares),
        cmocka_unit_test(ranks_see_through_a_steep_curve),
        cmocka_unit_test(delta_and_pawn_rank_the_parameters),
        cmocka_unit_test(slices_hold_enough_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
