/* The runner: every member in every scenario once, the same bits for any threads and width, early stop, and the check
 * of the floating-point mode. */
#include "ensemble/runner.h"
#include "plan_builder.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

enum { MEMBERS = 101, SCENARIOS = 3, STEPS = 4, OUTPUTS = 2, INPUTS = 2 };

/* A tank fed by p, of which a loop returns part; the scenario is the second input. */
static const pf_plan *plan_of_tank(builder *b)
{
    const double series[STEPS] = {1, 1.25, 0.75, 2};
    uint32_t p = builder_input(b), gain = builder_input(b), s = builder_series(b, series);
    uint32_t zero = builder_constant(b, 0), x = builder_register(b), stock = builder_register(b);
    builder_export(b, s);
    uint32_t back = builder_do(b, PF_MUL, gain, builder_do(b, PF_LOG1P, x, 0));
    uint32_t g = builder_do(b, PF_ADD, builder_do(b, PF_MUL, p, s), back);
    uint32_t slope = builder_do(b, PF_DIV, gain, builder_do(b, PF_ADD, builder_constant(b, 1), x));
    builder_loop(b, 0, 1, &x, &g, &slope);
    uint32_t start = builder_here(b), next = builder_do(b, PF_ADD, stock, x);
    builder_straight(b, start);
    builder_state(b, stock, zero, next);
    builder_output(b, x);
    builder_output(b, next);
    return builder_finish(b);
}

static void fill_inputs(void *self, uint64_t member, uint32_t scenario, double *inputs, size_t stride)
{
    (void)self;
    inputs[0] = 1 + 0.01 * (double)member;
    inputs[stride] = 0.2 * (double)scenario;
}

/* Puts each lane where its member and scenario belong. */
typedef struct {
    double outputs[MEMBERS][SCENARIOS][STEPS][OUTPUTS], inputs[MEMBERS][SCENARIOS][INPUTS];
    int taken[MEMBERS][SCENARIOS], blocks, fail_at;
    uint32_t most_members;
} sorter;

static void sort_lane(sorter *s, const pf_block_result *block, uint32_t member, uint32_t scenario)
{
    size_t lane = (size_t)scenario * block->members + member;
    uint64_t m = block->first_member + member;
    assert_true(m < MEMBERS);
    s->taken[m][scenario]++;
    assert_int_equal(block->faults[lane].kind, PF_NO_FAULT);
    for (size_t i = 0; i < INPUTS; i++) s->inputs[m][scenario][i] = block->inputs[i * block->lanes + lane];
    for (size_t t = 0; t < STEPS; t++)
        for (size_t i = 0; i < OUTPUTS; i++)
            s->outputs[m][scenario][t][i] = block->outputs[(t * OUTPUTS + i) * block->lanes + lane];
}

static pf_status take_block(void *self, const pf_block_result *block, pf_diagnostics *diagnostics)
{
    sorter *s = self;
    if (++s->blocks == s->fail_at) return pf_error(diagnostics, (pf_mark){0}, "the disk is full");
    assert_int_equal(block->scenarios, SCENARIOS);
    assert_int_equal(block->lanes, block->members * SCENARIOS);
    if (block->members > s->most_members) s->most_members = block->members;
    for (uint32_t scenario = 0; scenario < SCENARIOS; scenario++)
        for (uint32_t member = 0; member < block->members; member++) sort_lane(s, block, member, scenario);
    return PF_OK;
}

/* Runs into `s`; what the diagnostics say first is copied to `message` if that is not NULL. */
static pf_status run_sorted(sorter *s, int threads, size_t width, char message[256])
{
    builder b = builder_new(STEPS);
    const pf_plan *plan = plan_of_tank(&b);
    pf_kernel *kernel = pf_kernel_new(plan);
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_run_options options = {.members = MEMBERS, .scenarios = SCENARIOS, .threads = threads, .width = width};
    pf_design design = {NULL, fill_inputs};
    pf_status status = pf_run(kernel, plan, options, design, (pf_sink){s, take_block}, diagnostics);
    assert_int_equal(status == PF_OK, pf_error_count(diagnostics) == 0);
    if (message) snprintf(message, 256, "%s", status == PF_OK ? "" : pf_first_error(diagnostics));
    pf_diagnostics_free(diagnostics);
    pf_kernel_free(kernel);
    builder_free(&b);
    return status;
}

static void every_member_comes_once_in_every_scenario(void **state)
{
    (void)state;
    sorter *s = calloc(1, sizeof *s);
    assert_int_equal(run_sorted(s, 2, 16, NULL), PF_OK);
    assert_int_equal(s->most_members, 16 / SCENARIOS);
    assert_int_equal(s->blocks, (MEMBERS + 4) / 5);
    for (size_t m = 0; m < MEMBERS; m++)
        for (size_t c = 0; c < SCENARIOS; c++) {
            assert_int_equal(s->taken[m][c], 1);
            assert_true(s->inputs[m][c][0] == 1 + 0.01 * (double)m && s->inputs[m][c][1] == 0.2 * (double)c);
        }
    free(s);
}

/* Scenario 0 returns nothing: x = p s and the tank holds p times the sum of s; elsewhere x = p s + gain log(1 + x). */
static void results_solve_the_equations(void **state)
{
    (void)state;
    const double series[STEPS] = {1, 1.25, 0.75, 2};
    sorter *s = calloc(1, sizeof *s);
    assert_int_equal(run_sorted(s, 0, 0, NULL), PF_OK);
    for (size_t m = 0; m < MEMBERS; m++)
        for (size_t c = 0; c < SCENARIOS; c++) {
            double held = 0;
            for (size_t t = 0; t < STEPS; t++) {
                double x = s->outputs[m][c][t][0], p = 1 + 0.01 * (double)m;
                assert_true(fabs(p * series[t] + 0.2 * (double)c * log1p(x) - x) <= 1e-12 * x);
                held += x;
                assert_true(s->outputs[m][c][t][1] == held);
            }
        }
    free(s);
}

static void threads_and_width_do_not_change_the_bits(void **state)
{
    (void)state;
    static const size_t widths[] = {1, 3, 8, 50, 64, 1000};
    sorter *first = calloc(1, sizeof *first), *other = calloc(1, sizeof *other);
    assert_int_equal(run_sorted(first, 1, 0, NULL), PF_OK);
    for (int threads = 1; threads <= 3; threads++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            memset(other, 0, sizeof *other);
            assert_int_equal(run_sorted(other, threads, widths[w], NULL), PF_OK);
            assert_memory_equal(other->outputs, first->outputs, sizeof first->outputs);
            assert_memory_equal(other->taken, first->taken, sizeof first->taken);
        }
    free(first);
    free(other);
}

static void a_sink_that_fails_stops_the_run(void **state)
{
    (void)state;
    char message[256];
    for (int threads = 1; threads <= 2; threads++) {
        sorter *s = calloc(1, sizeof *s);
        s->fail_at = 3;
        assert_int_equal(run_sorted(s, threads, 8, message), PF_FAILED);
        assert_string_equal(message, "the disk is full");
        assert_int_equal(s->blocks, 3);
        free(s);
    }
}

static void another_rounding_mode_is_refused(void **state)
{
    (void)state;
    char message[256];
    sorter *s = calloc(1, sizeof *s);
    fesetround(FE_UPWARD);
    pf_status status = run_sorted(s, 1, 0, message);
    fesetround(FE_TONEAREST);
    assert_int_equal(status, PF_FAILED);
    assert_non_null(strstr(message, "floating-point mode"));
    assert_int_equal(s->blocks, 0);
    free(s);
}

/* Flush to zero (bit 15 of MXCSR), as -ffast-math sets it, and denormals taken for zero (bit 6). */
static void flushing_to_zero_is_refused(void **state)
{
    (void)state;
#ifdef __SSE2__
    static const unsigned int modes[] = {1u << 15, 1u << 6};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char message[256];
        sorter *s = calloc(1, sizeof *s);
        unsigned int standard = _mm_getcsr();
        _mm_setcsr(standard | modes[i]);
        pf_status status = run_sorted(s, 1, 0, message);
        _mm_setcsr(standard);
        assert_int_equal(status, PF_FAILED);
        assert_non_null(strstr(message, "flush to zero"));
        free(s);
    }
#else
    skip();
#endif
}

static void no_members_is_no_work(void **state)
{
    (void)state;
    builder b = builder_new(STEPS);
    const pf_plan *plan = plan_of_tank(&b);
    pf_kernel *kernel = pf_kernel_new(plan);
    sorter *s = calloc(1, sizeof *s);
    pf_run_options options = {.members = 0, .scenarios = SCENARIOS};
    pf_design design = {NULL, fill_inputs};
    assert_int_equal(pf_run(kernel, plan, options, design, (pf_sink){s, take_block}, NULL), PF_OK);
    assert_int_equal(s->blocks, 0);
    free(s);
    pf_kernel_free(kernel);
    builder_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_comes_once_in_every_scenario),
        cmocka_unit_test(results_solve_the_equations),
        cmocka_unit_test(threads_and_width_do_not_change_the_bits),
        cmocka_unit_test(a_sink_that_fails_stops_the_run),
        cmocka_unit_test(another_rounding_mode_is_refused),
        cmocka_unit_test(flushing_to_zero_is_refused),
        cmocka_unit_test(no_members_is_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
