/* Designs: what each gives, its shape, and that a member's draw hangs on nothing but seed, member and name. */
#include "hand_model.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

static const char *const drawn_designs[] = {"monte_carlo", "latin_hypercube", "sobol", "saltelli", "jansen",
                                            "morris",      "one_at_a_time",   "full_grid",  "median"};
enum { DRAWN = sizeof drawn_designs / sizeof *drawn_designs };

/* Five parameters of several distributions, two pairs of them correlated. */
static void mixed_model(hand_model *h)
{
    hand_model_new(h, 5);
    hand_distribution(h, 1, "triangular", (const double[4]){2, 3, 7});
    hand_distribution(h, 2, "normal", (const double[4]){1, 2});
    hand_distribution(h, 3, "pert", (const double[4]){0, 1, 4});
    hand_correlate(h, 1, 3, 0.6);
    hand_correlate(h, 4, 3, -0.3);
}

static void every_design_of_the_table_has_a_name_and_says_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(pf_design_count(), DRAWN + 1); /* and "list" */
    for (size_t i = 0; i < DRAWN; i++) {
        bool found = false;
        for (size_t row = 0; row < pf_design_count(); row++) {
            found |= !strcmp(pf_design_row_name(row), drawn_designs[i]);
            assert_true(strlen(pf_design_row_doc(row)) > 10);
        }
        assert_true(found);
    }
}

/* --- the same bits whatever the order and the block --- */

static uint64_t shuffled(uint64_t i, uint64_t n)
{
    return (i * 7919 + 13) % n; /* 7919 is prime and no divisor of the numbers below */
}

static void check_blocks(const hand_model *h, const pf_design *design, const double *whole, size_t block, bool in_order)
{
    size_t n = (size_t)pf_design_members(design);
    double *inputs = pf_calloc(h->model.input_count * block, sizeof *inputs);
    uint64_t *members = pf_calloc(block, sizeof *members);
    for (size_t first = 0; first < n; first += block) {
        size_t count = n - first < block ? n - first : block;
        for (size_t m = 0; m < count; m++) members[m] = in_order ? first + m : shuffled(first + m, n);
        pf_design_draw(design, members, count, inputs, block);
        for (size_t i = 0; i < h->model.input_count; i++)
            for (size_t m = 0; h->inputs[i].value && m < count; m++)
                assert_memory_equal(&inputs[i * block + m], &whole[i * n + members[m]], sizeof *inputs);
    }
    free(inputs);
    free(members);
}

static void members_drawn_singly_shuffled_and_in_blocks_are_the_same_bits(void **state)
{
    (void)state;
    hand_model h;
    mixed_model(&h);
    for (size_t i = 0; i < DRAWN; i++) {
        pf_design *design = hand_design(&h, (pf_design_request){.name = drawn_designs[i], .members = 100, .seed = 5});
        double *whole = hand_values(&h, design);
        for (size_t block = 1; block <= 70; block += block < 8 ? 1 : 31) {
            check_blocks(&h, design, whole, block, true);
            check_blocks(&h, design, whole, block, false);
        }
        free(whole);
        pf_design_free(design);
    }
    hand_model_free(&h);
}

static void rows_of_switches_are_left_alone(void **state)
{
    (void)state;
    hand_model h;
    hand_model_new(&h, 4);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "sobol", .members = 8});
    double inputs[6 * 2] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    pf_design_draw(design, (const uint64_t[]){3, 1}, 2, inputs, 2);
    for (size_t i = 0; i < 6; i++)
        for (size_t m = 0; m < 2; m++) assert_int_equal(inputs[2 * i + m] == -1, h.inputs[i].value == NULL);
    pf_design_free(design);
    hand_model_free(&h);
}

static void the_seed_changes_every_random_design(void **state)
{
    (void)state;
    hand_model h;
    hand_model_new(&h, 3);
    for (size_t i = 0; i < 6; i++) {
        pf_design *one = hand_design(&h, (pf_design_request){.name = drawn_designs[i], .members = 16, .seed = 1});
        pf_design *two = hand_design(&h, (pf_design_request){.name = drawn_designs[i], .members = 16, .seed = 2});
        double *a = hand_uniforms(one), *b = hand_uniforms(two);
        assert_memory_not_equal(a, b, 3 * 16 * sizeof *a);
        free(a);
        free(b);
        pf_design_free(one);
        pf_design_free(two);
    }
    hand_model_free(&h);
}

/* Monte Carlo is keyed by names: what else varies changes nothing. */
static void a_draw_hangs_on_its_own_name_only(void **state)
{
    (void)state;
    static const char *const patterns[] = {"p3"};
    hand_model h;
    hand_model_new(&h, 5);
    pf_design *all = hand_design(&h, (pf_design_request){.name = "monte_carlo", .members = 50, .seed = 9});
    pf_design *one = hand_design(
        &h, (pf_design_request){.name = "monte_carlo", .members = 20, .seed = 9, .vary = patterns, .vary_count = 1});
    double *a = hand_uniforms(all), *b = hand_uniforms(one);
    assert_memory_equal(a + 3 * 50, b, 20 * sizeof *b);
    for (uint64_t m = 0; m < 20; m++) assert_true(b[m] == pf_unit_interval(pf_random_bits(9, m, pf_name_key("p3"))));
    free(a);
    free(b);
    pf_design_free(all);
    pf_design_free(one);
    hand_model_free(&h);
}

/* --- what varies --- */

static void patterns_choose_what_varies_and_the_rest_stands_at_its_median(void **state)
{
    (void)state;
    static const char *const patterns[] = {"p[12]", "p4"};
    hand_model h;
    mixed_model(&h);
    size_t count;
    pf_design *design = hand_design(
        &h, (pf_design_request){.name = "sobol", .members = 64, .seed = 1, .vary = patterns, .vary_count = 2});
    const uint32_t *varied = pf_design_varied(design, &count);
    assert_int_equal(count, 3);
    for (size_t v = 0; v < 3; v++) assert_int_equal(varied[v], hand_row((const size_t[]){1, 2, 4}[v]));
    double *x = hand_values(&h, design), pert = h.inputs[hand_row(3)].value->arguments[1];
    for (size_t m = 0; m < 64; m++) {
        assert_true(x[m] == 0.5);
        assert_true(x[64 * hand_row(3) + m] == x[64 * hand_row(3)]);
    }
    assert_true(pert == 1 && x[64 * hand_row(3)] > 1 && x[64 * hand_row(3)] < 2);
    assert_false(pf_design_is_correlated(design)); /* p3, to which both others are tied, does not vary */
    free(x);
    pf_design_free(design);
    hand_model_free(&h);
}

static void the_median_is_one_member_of_which_nothing_varies(void **state)
{
    (void)state;
    hand_model h;
    mixed_model(&h);
    size_t count;
    pf_design *design = hand_design(&h, (pf_design_request){.name = "median", .members = 100});
    pf_design_varied(design, &count);
    assert_int_equal(count, 0);
    assert_int_equal(pf_design_members(design), 1);
    assert_string_equal(pf_design_list_digest(design), "none");
    double *x = hand_values(&h, design);
    assert_true(x[hand_row(0)] == 0.5 && x[hand_row(2)] == 1);
    assert_true(fabs(x[hand_row(1)] - (7 - sqrt(0.5 * 5 * 4))) < 1e-15);
    free(x);
    pf_design_free(design);
    hand_model_free(&h);
}

/* --- Latin hypercube --- */

static void check_strata(size_t n, uint64_t seed)
{
    hand_model h;
    hand_model_new(&h, 7);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "latin_hypercube", .members = n, .seed = seed});
    double *u = hand_uniforms(design);
    unsigned char *seen = pf_malloc(n);
    for (size_t v = 0; v < 7; v++) {
        memset(seen, 0, n);
        for (size_t m = 0; m < n; m++) {
            assert_true(u[v * n + m] > 0 && u[v * n + m] < 1);
            seen[(size_t)(u[v * n + m] * (double)n)]++;
        }
        for (size_t s = 0; s < n; s++) assert_int_equal(seen[s], 1);
    }
    free(seen);
    free(u);
    pf_design_free(design);
    hand_model_free(&h);
}

static void each_stratum_of_a_latin_hypercube_is_hit_once(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 5, 8, 100, 1000, 4096, 50001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) check_strata(sizes[i], i);
}

/* Of 400 parameters in 20 members each pair's correlation has the variance 1 / (n - 1) of random orders; its mean
 * square over 399 pairs of neighbours has a standard error of about 7 %. */
static void columns_of_a_latin_hypercube_are_independent(void **state)
{
    (void)state;
    enum { PARAMETERS = 400, MEMBERS = 20 };
    hand_model h;
    hand_model_new(&h, PARAMETERS);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "latin_hypercube", .members = MEMBERS, .seed = 4});
    double *u = hand_uniforms(design), squares = 0, sum = 0;
    for (size_t v = 0; v + 1 < PARAMETERS; v++) {
        double r = gsl_stats_correlation(u + v * MEMBERS, 1, u + (v + 1) * MEMBERS, 1, MEMBERS);
        squares += r * r * (MEMBERS - 1) / (PARAMETERS - 1);
        sum += r / (PARAMETERS - 1);
    }
    assert_true(squares > 0.65 && squares < 1.35);
    assert_true(fabs(sum) < 5 / sqrt((MEMBERS - 1.0) * (PARAMETERS - 1)));
    free(u);
    pf_design_free(design);
    hand_model_free(&h);
}

/* --- arrangements --- */

/* Place 0 is A, 1 is B; then A with a column of B each; in the long form then B with a column of A each. */
static void check_base(const char *name, pf_arrangement arrangement, size_t size)
{
    enum { K = 4 };
    hand_model h;
    hand_model_new(&h, K);
    pf_design *design = hand_design(&h, (pf_design_request){.name = name, .members = 8 * size - 3, .seed = 3});
    size_t n = (size_t)pf_design_members(design);
    assert_int_equal(pf_design_arrangement(design), arrangement);
    assert_int_equal(pf_design_group(design), size);
    assert_int_equal(n, 8 * size);
    double *u = hand_uniforms(design);
    for (size_t m = 0; m < n; m++)
        for (size_t v = 0; v < K; v++) {
            size_t place = m % size, first = m - place, changed = place < K + 2 ? place - 2 : place - 2 - K;
            bool b = place == 1 || (place >= 2 && (place < K + 2 ? v == changed : v != changed));
            assert_true(u[v * n + m] == u[v * n + first + b]);
        }
    for (size_t v = 0; v < K; v++)
        for (size_t first = 0; first < n; first += size) assert_true(u[v * n + first] != u[v * n + first + 1]);
    free(u);
    pf_design_free(design);
    hand_model_free(&h);
}

static void saltelli_and_jansen_groups_have_their_shape(void **state)
{
    (void)state;
    check_base("saltelli", PF_ARRANGED_SECOND, 10);
    check_base("jansen", PF_ARRANGED_RADIAL, 6);
}

/* A and B together are one sequence of 2 k dimensions: 8 groups hit each eighth once, in A and in B, in all columns. */
static void both_bases_of_an_arrangement_are_evenly_spread(void **state)
{
    (void)state;
    hand_model h;
    hand_model_new(&h, 5);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "jansen", .members = 7 * 8, .seed = 8});
    double *u = hand_uniforms(design);
    for (size_t v = 0; v < 5; v++)
        for (size_t base = 0; base < 2; base++) {
            unsigned seen = 0;
            for (size_t group = 0; group < 8; group++) seen |= 1u << (unsigned)(u[v * 56 + group * 7 + base] * 8);
            assert_int_equal(seen, 0xff);
        }
    free(u);
    pf_design_free(design);
    hand_model_free(&h);
}

/* Along a trajectory each parameter moves once, by 1/2, between levels at the middles of quarters. */
static void check_trajectory(const double *u, size_t n, size_t k, bool *first_moves)
{
    unsigned char moved[16] = {0};
    for (size_t m = 0; m < k; m++) {
        size_t moves = 0;
        for (size_t v = 0; v < k; v++) {
            double level = u[v * n + m] * 4 - 0.5, step = fabs(u[v * n + m + 1] - u[v * n + m]);
            assert_true(level == floor(level) && level >= 0 && level <= 3);
            if (step == 0) continue;
            assert_true(step == 0.5);
            moved[v]++;
            moves++;
            if (!m) first_moves[v] = true;
        }
        assert_int_equal(moves, 1);
    }
    for (size_t v = 0; v < k; v++) assert_int_equal(moved[v], 1);
}

static void morris_trajectories_move_each_parameter_once(void **state)
{
    (void)state;
    enum { K = 6, TRAJECTORIES = 60, N = TRAJECTORIES * (K + 1) };
    hand_model h;
    hand_model_new(&h, K);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "morris", .members = N - K, .seed = 3});
    assert_int_equal(pf_design_members(design), N);
    assert_int_equal(pf_design_group(design), K + 1);
    double *u = hand_uniforms(design);
    bool first_moves[K] = {0};
    for (size_t t = 0; t < TRAJECTORIES; t++) check_trajectory(u + t * (K + 1), N, K, first_moves);
    for (size_t v = 0; v < K; v++) assert_true(first_moves[v]); /* the chance that one never is first: 1e-4 */
    free(u);
    pf_design_free(design);
    hand_model_free(&h);
}

static void one_at_a_time_moves_each_parameter_to_both_of_its_ends(void **state)
{
    (void)state;
    enum { K = 3, N = 2 * K + 1 };
    hand_model h;
    hand_model_new(&h, K);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "one_at_a_time"});
    assert_int_equal(pf_design_members(design), N);
    assert_int_equal(pf_design_group(design), N);
    double *u = hand_uniforms(design);
    for (size_t v = 0; v < K; v++)
        for (size_t m = 0; m < N; m++)
            assert_true(u[v * N + m] == (m == 2 * v + 1 ? 0.05 : m == 2 * v + 2 ? 0.95 : 0.5));
    free(u);
    pf_design_free(design);
    hand_model_free(&h);
}

static void a_grid_holds_every_combination_once(void **state)
{
    (void)state;
    enum { K = 4, LEVELS = 5, N = 625 };
    hand_model h;
    hand_model_new(&h, K);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "full_grid", .levels = LEVELS});
    assert_int_equal(pf_design_members(design), N);
    double *u = hand_uniforms(design);
    unsigned char seen[N] = {0};
    for (size_t m = 0; m < N; m++) {
        size_t number = 0;
        for (size_t v = 0; v < K; v++) {
            double level = u[v * N + m] * LEVELS - 0.5;
            assert_true(fabs(level - rint(level)) < 1e-14);
            number = number * LEVELS + (size_t)rint(level);
        }
        seen[number]++;
    }
    for (size_t m = 0; m < N; m++) assert_int_equal(seen[m], 1);
    free(u);
    pf_design_free(design);
    hand_model_free(&h);
}

/* --- correlations --- */

static double spearman(const double *x, const double *y, size_t n)
{
    double *work = pf_calloc(2 * n, sizeof *work), r = gsl_stats_spearman(x, 1, y, 1, n, work);
    free(work);
    return r;
}

/* 2^14 points of a Sobol' sequence: far closer than chance would be. */
static void the_copula_gives_the_rank_correlations_asked_for(void **state)
{
    (void)state;
    enum { N = 1 << 14 };
    hand_model h;
    mixed_model(&h);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "sobol", .members = N, .seed = 2});
    assert_true(pf_design_is_correlated(design));
    double *x = hand_values(&h, design);
    const double *p[5];
    for (size_t i = 0; i < 5; i++) p[i] = x + N * hand_row(i);
    assert_true(fabs(spearman(p[1], p[3], N) - 0.6) < 0.002);
    assert_true(fabs(spearman(p[4], p[3], N) + 0.3) < 0.002);
    assert_true(fabs(spearman(p[1], p[4], N)) < 0.002);
    assert_true(fabs(spearman(p[0], p[1], N)) < 0.002);
    assert_true(fabs(spearman(p[2], p[3], N)) < 0.002);
    free(x);
    pf_design_free(design);
    hand_model_free(&h);
}

static void correlated_parameters_keep_their_own_distributions(void **state)
{
    (void)state;
    enum { N = 1 << 12 };
    hand_model h;
    hand_model_new(&h, 3);
    hand_correlate(&h, 0, 1, 0.9);
    hand_correlate(&h, 0, 2, -0.5);
    hand_correlate(&h, 1, 2, -0.4);
    pf_design *design = hand_design(&h, (pf_design_request){.name = "monte_carlo", .members = N, .seed = 2});
    double *x = hand_values(&h, design);
    for (size_t i = 0; i < 3; i++) {
        double *u = x + N * hand_row(i), worst = 0;
        gsl_sort(u, 1, N);
        for (size_t m = 0; m < N; m++) worst = fmax(worst, fabs(u[m] - ((double)m + 0.5) / N));
        assert_true(worst < 1.95 / sqrt(N)); /* Kolmogorov's distance: beyond in 1 of 1,000 samples */
    }
    free(x);
    pf_design_free(design);
    hand_model_free(&h);
}

static void correlations_that_no_copula_has_are_refused(void **state)
{
    (void)state;
    hand_model h;
    hand_model_new(
        &h, 3); /* positive definite as ranks, but 2 sin(pi/6 rho) is not: smallest eigenvalues 0.0009 and -0.02 */
    hand_correlate(&h, 0, 1, 0.707);
    hand_correlate(&h, 1, 2, 0.706);
    hand_correlate(&h, 0, 2, 0);
    hand_refused(&h, (pf_design_request){.name = "sobol"}, "3 parameters, from 'p0' on");
    hand_model_free(&h);
}

/* --- refusals --- */

static void wrong_requests_are_refused_with_what_would_be_right(void **state)
{
    (void)state;
    const struct {
        pf_design_request request;
        const char *message;
    } cases[] = {
        {{.name = "sobel"}, "did you mean 'sobol'?"},
        {{.name = NULL}, "no design is called ''"},
        {{.name = "sobol", .vary = (const char *const[]){"q*"}, .vary_count = 1},
         "no uncertain parameter matches 'q*'"},
        {{.name = "sobol", .vary = (const char *const[]){"p111"}, .vary_count = 1}, "did you mean 'p1"},
        {{.name = "morris", .levels = 5}, "even number"},
        {{.name = "full_grid"}, "more than 2^40 members"},
        {{.name = "monte_carlo", .members = UINT64_MAX}, "less than 2^40"},
        {{.name = "saltelli", .members = (UINT64_C(1) << 40) - 1}, "less than 2^40"},
        {{.name = "sobol", .list = "list.csv"}, "reads no file"},
        {{.name = "list"}, "expects a CSV file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hand_model h;
        hand_model_new(&h, 60);
        hand_refused(&h, cases[i].request, cases[i].message);
        hand_model_free(&h);
    }
}

static void more_dimensions_than_the_table_has_are_refused(void **state)
{
    (void)state;
    hand_model h;
    hand_model_new(&h, 2049);
    pf_design_free(hand_design(&h, (pf_design_request){.name = "sobol", .members = 1}));
    hand_refused(&h, (pf_design_request){.name = "jansen", .members = 1}, "has 4098 dimensions, expected at most 4096");
    hand_model_free(&h);
}

static void a_model_without_uncertainty_can_only_be_run_at_its_medians(void **state)
{
    (void)state;
    hand_model h;
    hand_model_new(&h, 0);
    pf_design_free(hand_design(&h, (pf_design_request){.name = "median"}));
    hand_refused(&h, (pf_design_request){.name = "monte_carlo"}, "nothing to vary");
    hand_model_free(&h);
}

static void parameters_of_one_key_are_refused_by_name(void **state)
{
    (void)state;
    hand_model h;
    hand_model_new(&h, 6);
    h.inputs[hand_row(4)].name = h.inputs[hand_row(1)].name;
    hand_refused(&h, (pf_design_request){.name = "monte_carlo"}, "'p1' and 'p1' would share their draws");
    hand_model_free(&h);
}

static void members_that_are_not_said_have_a_default_in_whole_groups(void **state)
{
    (void)state;
    static const uint64_t members[] = {1000, 1000, 1024, 1024 * 8, 1024 * 5, 20 * 4, 7, 27, 1};
    hand_model h;
    hand_model_new(&h, 3);
    for (size_t i = 0; i < DRAWN; i++) {
        pf_design *design = hand_design(&h, (pf_design_request){.name = drawn_designs[i]});
        assert_int_equal(pf_design_members(design), members[i]);
        assert_string_equal(pf_design_name(design), drawn_designs[i]);
        pf_design_free(design);
    }
    hand_model_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_design_of_the_table_has_a_name_and_says_what_it_is),
        cmocka_unit_test(members_drawn_singly_shuffled_and_in_blocks_are_the_same_bits),
        cmocka_unit_test(rows_of_switches_are_left_alone),
        cmocka_unit_test(the_seed_changes_every_random_design),
        cmocka_unit_test(a_draw_hangs_on_its_own_name_only),
        cmocka_unit_test(patterns_choose_what_varies_and_the_rest_stands_at_its_median),
        cmocka_unit_test(the_median_is_one_member_of_which_nothing_varies),
        cmocka_unit_test(each_stratum_of_a_latin_hypercube_is_hit_once),
        cmocka_unit_test(columns_of_a_latin_hypercube_are_independent),
        cmocka_unit_test(saltelli_and_jansen_groups_have_their_shape),
        cmocka_unit_test(both_bases_of_an_arrangement_are_evenly_spread),
        cmocka_unit_test(morris_trajectories_move_each_parameter_once),
        cmocka_unit_test(one_at_a_time_moves_each_parameter_to_both_of_its_ends),
        cmocka_unit_test(a_grid_holds_every_combination_once),
        cmocka_unit_test(the_copula_gives_the_rank_correlations_asked_for),
        cmocka_unit_test(correlated_parameters_keep_their_own_distributions),
        cmocka_unit_test(correlations_that_no_copula_has_are_refused),
        cmocka_unit_test(wrong_requests_are_refused_with_what_would_be_right),
        cmocka_unit_test(more_dimensions_than_the_table_has_are_refused),
        cmocka_unit_test(a_model_without_uncertainty_can_only_be_run_at_its_medians),
        cmocka_unit_test(parameters_of_one_key_are_refused_by_name),
        cmocka_unit_test(members_that_are_not_said_have_a_default_in_whole_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
