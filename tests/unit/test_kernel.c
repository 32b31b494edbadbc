/* The interpreter on plans written by hand: bindings, states, checks, outputs, padding. */
#include "kernel/kernel.h"
#include "plan_builder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST_LANES = 70 };

/* Runs all lanes in one block. */
static void run_plan(const pf_plan *plan, size_t lanes, const double *inputs, double *outputs, pf_fault *faults)
{
    pf_kernel *kernel = pf_kernel_new(plan);
    pf_block *block = pf_block_new(kernel, lanes);
    pf_block_run(block, lanes, inputs, outputs, faults);
    pf_block_free(block);
    pf_kernel_free(kernel);
}

/* y(t) = (p + 2) * (s(t)^2 + 1), p by lane, s by step: the sum is lane code, the square step code. */
static const pf_plan *plan_of_four_bindings(builder *b, const double *series)
{
    uint32_t two = builder_constant(b, 2), one = builder_constant(b, 1), p = builder_input(b);
    uint32_t s = builder_series(b, series), start = builder_here(b);
    uint32_t by_lane = builder_do(b, PF_ADD, p, two);
    b->plan.lane = builder_since(b, start);
    start = builder_here(b);
    uint32_t square = builder_do(b, PF_MUL, s, s), by_step = builder_do(b, PF_ADD, square, one);
    b->plan.step = builder_since(b, start);
    builder_export(b, by_step);
    builder_export(b, s);
    start = builder_here(b);
    builder_output(b, builder_do(b, PF_MUL, by_lane, by_step));
    builder_straight(b, start);
    builder_output(b, s);
    return builder_finish(b);
}

static void each_binding_has_its_own_time(void **state)
{
    (void)state;
    const double series[4] = {1, -3, 0.5, 10}, inputs[3] = {0, 1, -7};
    builder b = builder_new(4);
    const pf_plan *plan = plan_of_four_bindings(&b, series);
    double outputs[4][2][3];
    pf_fault faults[3];
    run_plan(plan, 3, inputs, &outputs[0][0][0], faults);
    for (size_t t = 0; t < 4; t++)
        for (size_t l = 0; l < 3; l++) {
            assert_true(outputs[t][0][l] == (inputs[l] + 2) * (series[t] * series[t] + 1));
            assert_true(outputs[t][1][l] == series[t]);
            assert_int_equal(faults[l].kind, PF_NO_FAULT);
        }
    builder_free(&b);
}

static void steps_before_the_report_run_unseen(void **state)
{
    (void)state;
    builder b = builder_new(5);
    uint32_t rate = builder_input(&b), stock = builder_register(&b), zero = builder_constant(&b, 0);
    uint32_t next = builder_do(&b, PF_ADD, stock, rate);
    builder_straight(&b, 0);
    builder_state(&b, stock, zero, next);
    builder_output(&b, next);
    b.plan.first_reported = 3;
    double inputs[2] = {1, 2.5}, outputs[2][2];
    pf_fault faults[2];
    run_plan(builder_finish(&b), 2, inputs, &outputs[0][0], faults);
    assert_true(outputs[0][0] == 4 && outputs[1][0] == 5);
    assert_true(outputs[0][1] == 10 && outputs[1][1] == 12.5);
    builder_free(&b);
}

/* a(t+1) = a(t) + 1 from 10, b := a, c := b: c follows a two steps behind, in whatever order the states are listed. */
static void states_move_all_at_once(void **state)
{
    (void)state;
    static const uint32_t orders[2][3] = {{0, 1, 2}, {2, 1, 0}};
    for (size_t order = 0; order < 2; order++) {
        builder b = builder_new(4);
        uint32_t one = builder_constant(&b, 1), start = builder_input(&b), none = builder_constant(&b, -1);
        uint32_t reg[3] = {builder_register(&b), builder_register(&b), builder_register(&b)};
        uint32_t next = builder_do(&b, PF_ADD, reg[0], one);
        builder_straight(&b, 0);
        const pf_state states[3] = {{reg[0], start, next}, {reg[1], none, reg[0]}, {reg[2], none, reg[1]}};
        for (size_t i = 0; i < 3; i++) {
            pf_state s = states[orders[order][i]];
            builder_state(&b, s.reg, s.initial, s.next);
        }
        builder_output(&b, reg[2]);
        double input = 10, outputs[4];
        pf_fault fault;
        run_plan(builder_finish(&b), 1, &input, outputs, &fault);
        const double expected[4] = {-1, -1, 10, 11};
        assert_memory_equal(outputs, expected, sizeof expected);
        builder_free(&b);
    }
}

/* Two states that change places need the old value of both. */
static void states_may_be_swapped(void **state)
{
    (void)state;
    builder b = builder_new(3);
    uint32_t p = builder_input(&b), q = builder_input(&b), left = builder_register(&b), right = builder_register(&b);
    builder_state(&b, left, p, right);
    builder_state(&b, right, q, left);
    builder_output(&b, left);
    double inputs[2] = {1, 2}, outputs[3];
    pf_fault fault;
    run_plan(builder_finish(&b), 1, inputs, outputs, &fault);
    assert_true(outputs[0] == 1 && outputs[1] == 2 && outputs[2] == 1);
    builder_free(&b);
}

static void a_state_may_begin_with_a_value_of_the_first_step(void **state)
{
    (void)state;
    const double series[3] = {7, 8, 9};
    builder b = builder_new(3);
    uint32_t s = builder_series(&b, series), held = builder_register(&b);
    builder_export(&b, s);
    builder_state(&b, held, s, s);
    builder_output(&b, held);
    double outputs[3];
    pf_fault fault;
    run_plan(builder_finish(&b), 1, NULL, outputs, &fault);
    assert_true(outputs[0] == 7 && outputs[1] == 7 && outputs[2] == 8);
    builder_free(&b);
}

/* Checks s(t) - p <= 0 and s(t) - q <= 0 for s = 0, 1, 2, ... */
static const pf_plan *plan_of_two_checks(builder *b, const double *series)
{
    uint32_t p = builder_input(b), q = builder_input(b), s = builder_series(b, series);
    builder_export(b, s);
    builder_check(b, builder_do(b, PF_SUB, s, p), "p is exceeded");
    builder_check(b, builder_do(b, PF_SUB, s, q), "q is exceeded");
    builder_straight(b, 0);
    builder_output(b, s);
    return builder_finish(b);
}

static void the_first_failing_step_and_lowest_check_is_kept(void **state)
{
    (void)state;
    const double series[5] = {0, 1, 2, 3, 4};
    enum { LANES = 5 };
    const double inputs[2][LANES] = {{9, 2, 1, 9, NAN}, {9, 9, 1, 0, 9}};
    const pf_fault expected[LANES] = {{PF_NO_FAULT, 0, 0},
                                      {PF_CHECK_FAILED, 3, 0},
                                      {PF_CHECK_FAILED, 2, 0},
                                      {PF_CHECK_FAILED, 1, 1},
                                      {PF_CHECK_FAILED, 0, 0}};
    builder b = builder_new(5);
    double outputs[5][LANES];
    pf_fault faults[LANES];
    run_plan(plan_of_two_checks(&b, series), LANES, &inputs[0][0], &outputs[0][0], faults);
    for (size_t l = 0; l < LANES; l++) {
        assert_int_equal(faults[l].kind, expected[l].kind);
        assert_int_equal(faults[l].step, expected[l].step);
        assert_int_equal(faults[l].index, expected[l].index);
    }
    builder_free(&b);
}

static void a_block_forgets_the_faults_of_its_last_run(void **state)
{
    (void)state;
    const double series[2] = {0, 1}, bad[2] = {0, 0}, good[2] = {1, 1};
    builder b = builder_new(2);
    pf_kernel *kernel = pf_kernel_new(plan_of_two_checks(&b, series));
    pf_block *block = pf_block_new(kernel, 1);
    double outputs[2];
    pf_fault fault;
    pf_block_run(block, 1, bad, outputs, &fault);
    assert_int_equal(fault.kind, PF_CHECK_FAILED);
    pf_block_run(block, 1, good, outputs, &fault);
    assert_int_equal(fault.kind, PF_NO_FAULT);
    pf_block_free(block);
    pf_kernel_free(kernel);
    builder_free(&b);
}

static void outputs_of_reported_steps_must_be_finite(void **state)
{
    (void)state;
    const double series[4] = {0, 1, 0, 1};
    builder b = builder_new(4);
    uint32_t p = builder_input(&b), s = builder_series(&b, series);
    builder_export(&b, s);
    builder_output(&b, p);
    builder_output(&b, builder_do(&b, PF_DIV, p, s));
    builder_straight(&b, 0);
    b.plan.first_reported = 1;
    const double inputs[3] = {0, 1, NAN};
    double outputs[3][2][3];
    pf_fault faults[3];
    run_plan(builder_finish(&b), 3, inputs, &outputs[0][0][0], faults);
    const pf_fault expected[3] = {
        {PF_OUTPUT_NOT_FINITE, 2, 1}, {PF_OUTPUT_NOT_FINITE, 2, 1}, {PF_OUTPUT_NOT_FINITE, 1, 0}};
    for (size_t l = 0; l < 3; l++) {
        assert_int_equal(faults[l].kind, expected[l].kind);
        assert_int_equal(faults[l].step, expected[l].step);
        assert_int_equal(faults[l].index, expected[l].index);
    }
    builder_free(&b);
}

/* Mostly an operation that keeps finite values finite, now and then any. */
static uint32_t random_operation(uint64_t *seed)
{
    static const uint32_t tame[] = {PF_ADD, PF_SUB, PF_MUL, PF_MIN, PF_MAX, PF_SHARE, PF_SELECT, PF_ABS};
    double pick = builder_random(seed) * 10;
    return pick < 8 ? tame[(size_t)pick] : (uint32_t)(builder_random(seed) * (double)pf_operation_count());
}

/* A random plan on two states and three inputs, to compare widths by. */
static const pf_plan *random_plan(builder *b, uint32_t operations)
{
    uint64_t seed = 42;
    double series[6];
    for (size_t i = 0; i < 6; i++) series[i] = builder_random(&seed);
    for (int i = 0; i < 3; i++) builder_input(b);
    uint32_t one = builder_constant(b, 1), s = builder_series(b, series);
    uint32_t states[2] = {builder_register(b), builder_register(b)};
    builder_export(b, s);
    for (uint32_t i = 0; i < operations; i++) {
        uint32_t n = b->plan.registers, op = random_operation(&seed);
        uint32_t in[3];
        for (int k = 0; k < 3; k++) in[k] = (uint32_t)(builder_random(&seed) * n);
        uint32_t y = builder_register(b);
        builder_into(b, y, op, in[0], in[1], in[2]);
        builder_output(b, y);
    }
    builder_straight(b, 0);
    builder_state(b, states[0], one, b->plan.registers - 1);
    builder_state(b, states[1], 0, states[0]);
    return builder_finish(b);
}

/* Outputs as a NaN of no particular sign, or as they are. */
static double canonical(double value)
{
    return isnan(value) ? NAN : value;
}

/* Each lane alone, against blocks of any width; a block is used again for fewer lanes. */
static void a_lane_gives_the_same_bits_in_any_block(void **state)
{
    (void)state;
    enum { OPERATIONS = 40, STEPS = 6, LANES = MOST_LANES };
    builder b = builder_new(STEPS);
    const pf_plan *plan = random_plan(&b, OPERATIONS);
    pf_kernel *kernel = pf_kernel_new(plan);
    static double inputs[3][LANES], part[3 * LANES];
    static double outputs[STEPS * OPERATIONS * LANES], alone[LANES][STEPS * OPERATIONS];
    pf_fault faults[LANES], faults_alone[LANES];
    uint64_t seed = 7;
    for (size_t i = 0; i < 3; i++)
        for (size_t l = 0; l < LANES; l++) inputs[i][l] = 4 * builder_random(&seed) - 1;
    pf_block *single = pf_block_new(kernel, 1);
    for (size_t l = 0; l < LANES; l++) {
        const double mine[3] = {inputs[0][l], inputs[1][l], inputs[2][l]};
        pf_block_run(single, 1, mine, alone[l], &faults_alone[l]);
    }
    static const size_t widths[] = {1, 5, 8, 9, 16, 64, LANES};
    pf_block *block = pf_block_new(kernel, LANES);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t first = 0; first < LANES; first += widths[w]) {
            size_t lanes = LANES - first < widths[w] ? LANES - first : widths[w];
            for (size_t i = 0; i < 3; i++) memcpy(part + i * lanes, inputs[i] + first, lanes * sizeof *part);
            pf_block_run(block, lanes, part, outputs, faults);
            for (size_t l = 0; l < lanes; l++) {
                assert_memory_equal(&faults[l], &faults_alone[first + l], sizeof *faults);
                for (size_t i = 0; i < STEPS * OPERATIONS; i++) {
                    double left = canonical(outputs[i * lanes + l]), right = canonical(alone[first + l][i]);
                    assert_memory_equal(&left, &right, sizeof left);
                }
            }
        }
    pf_block_free(single);
    pf_block_free(block);
    pf_kernel_free(kernel);
    builder_free(&b);
}

/* What is compared above would prove nothing if all lanes were NaN. */
static void the_random_plan_has_finite_outputs_that_differ_by_lane(void **state)
{
    (void)state;
    enum { OPERATIONS = 40, STEPS = 6 };
    builder b = builder_new(STEPS);
    static double outputs[STEPS][OPERATIONS][2];
    const double inputs[3][2] = {{0.4, 2.2}, {1.5, 0.3}, {2.5, -0.5}};
    pf_fault faults[2];
    run_plan(random_plan(&b, OPERATIONS), 2, &inputs[0][0], &outputs[0][0][0], faults);
    int useful = 0;
    for (size_t i = 0; i < OPERATIONS; i++)
        useful += isfinite(outputs[STEPS - 1][i][0]) && outputs[STEPS - 1][i][0] != outputs[STEPS - 1][i][1];
    assert_true(useful >= OPERATIONS / 4);
    builder_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_binding_has_its_own_time),
        cmocka_unit_test(steps_before_the_report_run_unseen),
        cmocka_unit_test(states_move_all_at_once),
        cmocka_unit_test(states_may_be_swapped),
        cmocka_unit_test(a_state_may_begin_with_a_value_of_the_first_step),
        cmocka_unit_test(a_block_forgets_the_faults_of_its_last_run),
        cmocka_unit_test(the_first_failing_step_and_lowest_check_is_kept),
        cmocka_unit_test(outputs_of_reported_steps_must_be_finite),
        cmocka_unit_test(a_lane_gives_the_same_bits_in_any_block),
        cmocka_unit_test(the_random_plan_has_finite_outputs_that_differ_by_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
