/* The loop solver against closed forms, dense solves by GSL, and itself in blocks of other widths. */
#include "kernel/kernel.h"
#include "plan_builder.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST_TEARS = 7, MOST_LANES = 64 };

static void run_plan(const pf_plan *plan, size_t lanes, const double *inputs, double *outputs, pf_fault *faults)
{
    pf_kernel *kernel = pf_kernel_new(plan);
    pf_block *block = pf_block_new(kernel, lanes);
    pf_block_run(block, lanes, inputs, outputs, faults);
    pf_block_free(block);
    pf_kernel_free(kernel);
}

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

/* What taking `total` gives back: takers [4 that recycle 80 %; 2; the rest, 80 %], plus an inflow of 1.8. */
static double takers(double total)
{
    double first = fmin(4, total), second = fmin(2, total - first), rest = total - first - second;
    return 1.8 + 0.8 * first + 0.8 * rest;
}

/* The same as a plan: g(x) = inflow + 0.8 min(4, x) + 0.8 max(0, x - 6). */
static const pf_plan *plan_of_takers(builder *b)
{
    uint32_t inflow = builder_input(b), x = builder_register(b), recycle = builder_constant(b, 0.8);
    uint32_t four = builder_constant(b, 4), six = builder_constant(b, 6), zero = builder_constant(b, 0);
    uint32_t first = builder_do(b, PF_MIN, four, x), rest = builder_do(b, PF_MAX, zero, builder_do(b, PF_SUB, x, six));
    uint32_t back = builder_do(b, PF_MUL, recycle, builder_do(b, PF_ADD, first, rest));
    uint32_t g = builder_do(b, PF_ADD, inflow, back);
    uint32_t slope = builder_do(b, PF_ADD, builder_do(b, PF_LE, x, four), builder_do(b, PF_GT, x, six));
    uint32_t jacobian = builder_do(b, PF_MUL, recycle, slope);
    builder_loop(b, 0, 1, &x, &g, &jacobian);
    builder_output(b, x);
    builder_output(b, g);
    return builder_finish(b);
}

static void plain_newton_cycles_where_the_safeguarded_one_settles(void **state)
{
    (void)state;
    double x = 9;
    for (int i = 0; i < 10; i++) {
        assert_near(x, i % 2 ? 1 : 9, 1e-9);
        double slope = x < 4 || x > 6 ? 0.8 : 0;
        x += (takers(x) - x) / (1 - slope);
    }
    builder b = builder_new(1);
    double inflow = 1.8, outputs[2];
    pf_fault fault;
    run_plan(plan_of_takers(&b), 1, &inflow, outputs, &fault);
    assert_int_equal(fault.kind, PF_NO_FAULT);
    assert_near(outputs[0], 5, 1e-14);
    assert_near(takers(outputs[0]), outputs[0], 1e-14);
    builder_free(&b);
}

/* x = inflow + gain x, both by lane */
static const pf_plan *plan_of_recycle(builder *b)
{
    uint32_t inflow = builder_input(b), gain = builder_input(b), x = builder_register(b);
    uint32_t g = builder_do(b, PF_ADD, inflow, builder_do(b, PF_MUL, gain, x));
    builder_loop(b, 0, 1, &x, &g, &gain);
    builder_output(b, x);
    return builder_finish(b);
}

static void a_recycle_is_the_sum_of_its_geometric_series(void **state)
{
    (void)state;
    enum { LANES = 6 };
    const double inputs[2][LANES] = {{90, 1, 0, 5, 1e-9, 3}, {0.5, 0, 0.9, 0.99, 0.75, 1 - 1e-9}};
    builder b = builder_new(1);
    double outputs[LANES];
    pf_fault faults[LANES];
    run_plan(plan_of_recycle(&b), LANES, &inputs[0][0], outputs, faults);
    for (size_t l = 0; l < LANES; l++) {
        assert_int_equal(faults[l].kind, PF_NO_FAULT);
        double sum = inputs[0][l] / (1 - inputs[1][l]);
        assert_true(fabs(outputs[l] - sum) <= 1e-11 * sum / fmax(1e-2, 1 - inputs[1][l]));
    }
    builder_free(&b);
}

static void a_loop_that_gains_is_refused_and_its_neighbours_are_not(void **state)
{
    (void)state;
    enum { LANES = 8 };
    const double inputs[2][LANES] = {{1, 1, 1, 1, 0.3, 2, 0, 1}, {1, 0.5, 1.2, 0.9, 1, 1e6, 1.2, 1e200}};
    static const pf_fault_kind expected[LANES] = {PF_LOOP_GAINS, PF_NO_FAULT,   PF_LOOP_GAINS, PF_NO_FAULT,
                                                  PF_LOOP_GAINS, PF_LOOP_GAINS, PF_NO_FAULT,   PF_LOOP_GAINS};
    builder b = builder_new(2);
    double outputs[2][LANES];
    pf_fault faults[LANES];
    run_plan(plan_of_recycle(&b), LANES, &inputs[0][0], &outputs[0][0], faults);
    for (size_t l = 0; l < LANES; l++) {
        assert_int_equal(faults[l].kind, expected[l]);
        assert_int_equal(faults[l].step, 0);
        assert_int_equal(faults[l].index, 0);
    }
    assert_near(outputs[1][1], 2, 1e-13);
    assert_near(outputs[1][3], 10, 1e-13);
    assert_true(outputs[1][6] == 0);
    builder_free(&b);
}

/* 30 % and 70 % of the flow return by two ways: a gain of 1 to rounding, 1.8 of inflow. */
static void a_gain_of_one_to_rounding_is_refused(void **state)
{
    (void)state;
    const double shares[3] = {0.3, 0.6, 0.1}, inputs[2] = {1.8, shares[0] + shares[1] + shares[2]};
    assert_true(inputs[1] != 1 && fabs(inputs[1] - 1) < 1e-15);
    builder b = builder_new(1);
    double output;
    pf_fault fault;
    run_plan(plan_of_recycle(&b), 1, inputs, &output, &fault);
    assert_int_equal(fault.kind, PF_LOOP_GAINS);
    builder_free(&b);
}

/* x = c + A x as a plan; inputs: A by rows, then c. */
static const pf_plan *plan_of_linear_loop(builder *b, uint32_t n)
{
    uint32_t a[MOST_TEARS * MOST_TEARS], c[MOST_TEARS], x[MOST_TEARS], g[MOST_TEARS];
    for (uint32_t i = 0; i < n * n; i++) a[i] = builder_input(b);
    for (uint32_t i = 0; i < n; i++) c[i] = builder_input(b);
    for (uint32_t i = 0; i < n; i++) x[i] = builder_register(b);
    for (uint32_t i = 0; i < n; i++) {
        g[i] = c[i];
        for (uint32_t j = 0; j < n; j++) g[i] = builder_do(b, PF_ADD, g[i], builder_do(b, PF_MUL, a[i * n + j], x[j]));
    }
    builder_loop(b, 0, n, x, g, a);
    for (uint32_t i = 0; i < n; i++) builder_output(b, x[i]);
    return builder_finish(b);
}

/* x of (I - A) x = c by GSL's LU. */
static void solve_dense(size_t n, const double *a, const double *c, double *x)
{
    double matrix[MOST_TEARS * MOST_TEARS], right[MOST_TEARS];
    for (size_t i = 0; i < n * n; i++) matrix[i] = (i % n == i / n) - a[i];
    memcpy(right, c, n * sizeof *c);
    gsl_matrix_view view = gsl_matrix_view_array(matrix, n, n);
    gsl_vector_view in = gsl_vector_view_array(right, n), out = gsl_vector_view_array(x, n);
    gsl_permutation *permutation = gsl_permutation_alloc(n);
    int sign;
    assert_int_equal(gsl_linalg_LU_decomp(&view.matrix, permutation, &sign), 0);
    assert_int_equal(gsl_linalg_LU_solve(&view.matrix, permutation, &in.vector, &out.vector), 0);
    gsl_permutation_free(permutation);
}

/* A sewer loop of 60 % within a water loop of 30 %, with 10 % crossing: two tears. */
static void nested_loops_agree_with_a_dense_solve(void **state)
{
    (void)state;
    const double inputs[6] = {0.6, 0.3, 0.1, 0.3, 100, 7};
    builder b = builder_new(1);
    double outputs[2], expected[2];
    pf_fault fault;
    run_plan(plan_of_linear_loop(&b, 2), 1, inputs, outputs, &fault);
    solve_dense(2, inputs, inputs + 4, expected);
    assert_int_equal(fault.kind, PF_NO_FAULT);
    for (size_t i = 0; i < 2; i++) assert_near(outputs[i], expected[i], 1e-13);
    /* by hand: determinant 0.4 * 0.7 - 0.3 * 0.1 = 0.25 */
    assert_near(outputs[0], (0.7 * 100 + 0.3 * 7) / 0.25, 1e-13);
    assert_near(outputs[1], (0.1 * 100 + 0.4 * 7) / 0.25, 1e-13);
    builder_free(&b);
}

/* Nonnegative A whose columns sum to less than one, some entries 0, units of the tears far apart; c mostly positive. */
static void random_contraction(uint32_t n, uint64_t *seed, double *a, double *c)
{
    double scale[MOST_TEARS];
    for (uint32_t i = 0; i < n; i++) scale[i] = pow(10, 6 * builder_random(seed) - 3);
    for (uint32_t j = 0; j < n; j++) {
        double sum = 0, gain = 0.98 * builder_random(seed);
        for (uint32_t i = 0; i < n; i++) {
            double entry = builder_random(seed);
            a[i * n + j] = entry < 0.3 ? 0 : entry;
            sum += a[i * n + j];
        }
        for (uint32_t i = 0; i < n; i++) a[i * n + j] *= sum > 0 ? gain / sum * scale[i] / scale[j] : 0;
    }
    for (uint32_t i = 0; i < n; i++) c[i] = builder_random(seed) < 0.2 ? 0 : scale[i] * builder_random(seed);
}

static void random_contractions_agree_with_dense_solves(void **state)
{
    (void)state;
    static double inputs[MOST_TEARS * (MOST_TEARS + 1)][MOST_LANES], outputs[MOST_TEARS][MOST_LANES];
    static double a[MOST_LANES][MOST_TEARS * MOST_TEARS], c[MOST_LANES][MOST_TEARS];
    pf_fault faults[MOST_LANES];
    uint64_t seed = 2024;
    for (uint32_t n = 1; n <= 6; n++) {
        builder b = builder_new(1);
        const pf_plan *plan = plan_of_linear_loop(&b, n);
        for (size_t l = 0; l < MOST_LANES; l++) {
            random_contraction(n, &seed, a[l], c[l]);
            for (size_t i = 0; i < n * n; i++) inputs[i][l] = a[l][i];
            for (size_t i = 0; i < n; i++) inputs[n * n + i][l] = c[l][i];
        }
        run_plan(plan, MOST_LANES, &inputs[0][0], &outputs[0][0], faults);
        for (size_t l = 0; l < MOST_LANES; l++) {
            double expected[MOST_TEARS];
            solve_dense(n, a[l], c[l], expected);
            assert_int_equal(faults[l].kind, PF_NO_FAULT);
            for (size_t i = 0; i < n; i++) assert_true(fabs(outputs[i][l] - expected[i]) <= 1e-9 * fabs(expected[i]));
        }
        builder_free(&b);
    }
}

/* The largest eigenvalue of a ring of gains is their product's root: 2 * 0.5 * 1 = 1, and 1.1 times that. */
static void a_ring_that_gains_as_a_whole_is_refused(void **state)
{
    (void)state;
    static const struct {
        double gain;
        pf_fault_kind kind;
    } cases[] = {{0.9, PF_NO_FAULT}, {1, PF_LOOP_GAINS}, {1.1, PF_LOOP_GAINS}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double inputs[12] = {0, 0, 2, 0.5, 0, 0, 0, cases[i].gain, 0, 1, 0, 0};
        builder b = builder_new(1);
        double outputs[3];
        pf_fault fault;
        run_plan(plan_of_linear_loop(&b, 3), 1, inputs, outputs, &fault);
        assert_int_equal(fault.kind, cases[i].kind);
        if (fault.kind == PF_NO_FAULT) assert_near(outputs[0], 1 / (1 - cases[i].gain), 1e-12);
        builder_free(&b);
    }
}

/* Seven tears in a ring, of which the gains 8 and 1/8 cancel: the flows grow unevenly, and I - J is singular. */
static void a_ring_of_uneven_gains_is_refused_wherever_it_is_fed(void **state)
{
    (void)state;
    enum { RING = 7 };
    for (size_t fed = 0; fed < RING; fed++) {
        double inputs[RING * RING + RING] = {0}, outputs[RING];
        for (size_t i = 0; i < RING; i++) inputs[i * RING + (i + RING - 1) % RING] = i == 1 ? 8 : i == 4 ? 0.125 : 1;
        inputs[RING * RING + fed] = 1;
        builder b = builder_new(1);
        pf_fault fault;
        run_plan(plan_of_linear_loop(&b, RING), 1, inputs, outputs, &fault);
        assert_int_equal(fault.kind, PF_LOOP_GAINS);
        builder_free(&b);
    }
}

/* I - A has a zero where the first pivot stands, and substitution goes round: (1, 0), (2, 1), (2, 2), (1, 2), ... */
static void a_zero_pivot_is_no_obstacle(void **state)
{
    (void)state;
    const double inputs[6] = {1, -1, 1, 0, 1, 0};
    builder b = builder_new(1);
    double outputs[2];
    pf_fault fault;
    run_plan(plan_of_linear_loop(&b, 2), 1, inputs, outputs, &fault);
    assert_int_equal(fault.kind, PF_NO_FAULT);
    assert_true(outputs[0] == 1 && outputs[1] == 1);
    builder_free(&b);
}

/* x = inflow where x < 1, else 0: with an inflow of 2 there is no fixed point, and nothing grows. */
static void a_loop_without_a_solution_stays_open(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t inflow = builder_input(&b), x = builder_register(&b), one = builder_constant(&b, 1);
    uint32_t zero = builder_constant(&b, 0), below = builder_do(&b, PF_LT, x, one);
    uint32_t g = builder_do(&b, PF_MUL, below, inflow);
    builder_loop(&b, 0, 1, &x, &g, &zero);
    builder_output(&b, x);
    double input[2] = {2, 0.5}, outputs[2];
    pf_fault faults[2];
    run_plan(builder_finish(&b), 2, input, outputs, faults);
    assert_int_equal(faults[0].kind, PF_LOOP_OPEN);
    assert_int_equal(faults[1].kind, PF_NO_FAULT);
    assert_true(outputs[1] == 0.5);
    builder_free(&b);
}

/* A NaN in g is a fault of its lane; the register that counts rounds shows that it did not wait for the last one. */
static void nan_leaves_the_loop_at_once(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), x = builder_register(&b), half = builder_constant(&b, 0.5);
    uint32_t one = builder_constant(&b, 1), zero = builder_constant(&b, 0), rounds = builder_register(&b);
    uint32_t g = builder_do(&b, PF_ADD, builder_do(&b, PF_DIV, p, p), builder_do(&b, PF_MUL, half, x));
    builder_into(&b, rounds, PF_ADD, rounds, one, 0);
    builder_loop(&b, 0, 1, &x, &g, &half);
    builder_state(&b, rounds, zero, zero);
    builder_output(&b, rounds);
    double input = 0, outputs;
    pf_fault fault;
    run_plan(builder_finish(&b), 1, &input, &outputs, &fault);
    assert_int_equal(fault.kind, PF_LOOP_OPEN);
    assert_true(outputs == 2); /* one round, and the run that makes all registers agree */
    builder_free(&b);
}

/* x = 2 - p where x < 1, else 0, has no solution for p = 0. Nothing but the lane asked for may keep the loop going. */
static void lanes_that_fill_a_block_up_cost_no_rounds(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), x = builder_register(&b);
    uint32_t one = builder_constant(&b, 1), two = builder_constant(&b, 2);
    uint32_t zero = builder_constant(&b, 0), rounds = builder_register(&b), below = builder_do(&b, PF_LT, x, one);
    uint32_t g = builder_do(&b, PF_MUL, below, builder_do(&b, PF_SUB, two, p));
    builder_into(&b, rounds, PF_ADD, rounds, one, 0);
    builder_loop(&b, 0, 1, &x, &g, &zero);
    builder_state(&b, rounds, zero, zero);
    builder_output(&b, rounds);
    double input = 2, outputs;
    pf_fault fault;
    run_plan(builder_finish(&b), 1, &input, &outputs, &fault);
    assert_int_equal(fault.kind, PF_NO_FAULT);
    assert_true(outputs == 2);
    builder_free(&b);
}

/* The registers that depend on a tear hold the values of the solution, not those of the round before. */
static void all_registers_agree_at_the_solution(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t inflow = builder_input(&b), x = builder_register(&b), recycle = builder_constant(&b, 0.7);
    uint32_t back = builder_do(&b, PF_MUL, recycle, x), g = builder_do(&b, PF_ADD, inflow, back);
    builder_loop(&b, 0, 1, &x, &g, &recycle);
    builder_output(&b, x);
    builder_output(&b, back);
    const double inflows[5] = {1, 3, 1e7, 0.1, 0};
    double outputs[2][5];
    pf_fault faults[5];
    run_plan(builder_finish(&b), 5, inflows, &outputs[0][0], faults);
    for (size_t l = 0; l < 5; l++) assert_true(outputs[1][l] == 0.7 * outputs[0][l]);
    builder_free(&b);
}

static void random_inflows(uint64_t seed, double *inflows)
{
    for (size_t l = 0; l < MOST_LANES; l++) inflows[l] = 4 * builder_random(&seed);
}

/* The `index`th lane in order, or from the last. */
static size_t lane_at(size_t index, int reversed)
{
    return reversed ? MOST_LANES - 1 - index : index;
}

/* Lanes that need other numbers of rounds, in blocks of 1, 8, 16 and 64, in order and reversed. */
static void neighbours_and_width_do_not_change_the_bits(void **state)
{
    (void)state;
    builder b = builder_new(1);
    const pf_plan *plan = plan_of_takers(&b);
    pf_kernel *kernel = pf_kernel_new(plan);
    double inflows[MOST_LANES], mixed[MOST_LANES], alone[MOST_LANES][2], outputs[2 * MOST_LANES];
    random_inflows(11, inflows);
    pf_fault faults[MOST_LANES];
    static const size_t widths[] = {1, 8, 16, 64};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        size_t width = widths[w];
        pf_block *block = pf_block_new(kernel, width);
        for (int reversed = 0; reversed <= 1; reversed++)
            for (size_t first = 0; first < MOST_LANES; first += width) {
                for (size_t l = 0; l < width; l++) mixed[l] = inflows[lane_at(first + l, reversed)];
                pf_block_run(block, width, mixed, outputs, faults);
                for (size_t l = 0; l < width; l++) {
                    size_t lane = lane_at(first + l, reversed);
                    const double found[2] = {outputs[l], outputs[width + l]};
                    assert_int_equal(faults[l].kind, PF_NO_FAULT);
                    if (width == 1 && !reversed) memcpy(alone[lane], found, sizeof found);
                    assert_memory_equal(found, alone[lane], sizeof found);
                    assert_near(takers(found[0]) - 1.8 + inflows[lane], found[0], 1e-11);
                }
            }
        pf_block_free(block);
    }
    pf_kernel_free(kernel);
    builder_free(&b);
}

/* A neighbour that gains, is NaN or is infinite changes nothing in the lane beside it. */
static void a_neighbour_at_fault_does_not_change_the_bits(void **state)
{
    (void)state;
    builder b = builder_new(3);
    const pf_plan *plan = plan_of_recycle(&b);
    const double alone_inputs[2] = {1.7, 0.83};
    const double neighbours[][2] = {{1, 1.3}, {NAN, 0.5}, {1, INFINITY}, {1, 1}, {INFINITY, 0}};
    double alone[3], pair[3][2];
    pf_fault faults[2];
    run_plan(plan, 1, alone_inputs, alone, faults);
    for (size_t i = 0; i < sizeof neighbours / sizeof *neighbours; i++)
        for (size_t mine = 0; mine <= 1; mine++) {
            double inputs[2][2];
            for (size_t k = 0; k < 2; k++) {
                inputs[k][mine] = alone_inputs[k];
                inputs[k][1 - mine] = neighbours[i][k];
            }
            run_plan(plan, 2, &inputs[0][0], &pair[0][0], faults);
            assert_int_equal(faults[mine].kind, PF_NO_FAULT);
            assert_int_not_equal(faults[1 - mine].kind, PF_NO_FAULT);
            for (size_t t = 0; t < 3; t++) assert_memory_equal(&pair[t][mine], &alone[t], sizeof *alone);
        }
    builder_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_newton_cycles_where_the_safeguarded_one_settles),
        cmocka_unit_test(a_recycle_is_the_sum_of_its_geometric_series),
        cmocka_unit_test(a_loop_that_gains_is_refused_and_its_neighbours_are_not),
        cmocka_unit_test(a_gain_of_one_to_rounding_is_refused),
        cmocka_unit_test(nested_loops_agree_with_a_dense_solve),
        cmocka_unit_test(random_contractions_agree_with_dense_solves),
        cmocka_unit_test(a_ring_that_gains_as_a_whole_is_refused),
        cmocka_unit_test(a_ring_of_uneven_gains_is_refused_wherever_it_is_fed),
        cmocka_unit_test(a_zero_pivot_is_no_obstacle),
        cmocka_unit_test(a_loop_without_a_solution_stays_open),
        cmocka_unit_test(lanes_that_fill_a_block_up_cost_no_rounds),
        cmocka_unit_test(nan_leaves_the_loop_at_once),
        cmocka_unit_test(all_registers_agree_at_the_solution),
        cmocka_unit_test(neighbours_and_width_do_not_change_the_bits),
        cmocka_unit_test(a_neighbour_at_fault_does_not_change_the_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
