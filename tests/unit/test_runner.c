/* The runner: every member in every scenario once, the same bits for any threads and width, early stop, and the check
 * of the floating-point mode. */
#include "ensemble/runner.h"
#include "plan_builder.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
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

static void draw(const void *self, const uint64_t *members, size_t count, double *inputs, size_t stride)
{
    (void)self;
    for (size_t m = 0; m < count; m++) inputs[m] = 1 + 0.01 * (double)members[m];
    for (size_t m = 0; m < count; m++) inputs[stride + m] = -7; /* the scenarios set it */
}

/* All outputs are kept. */
static void keep_step(const void *self, uint32_t step, size_t width, const double *outputs, size_t stride,
                      double *cells, size_t lanes)
{
    (void)self;
    for (size_t i = 0; i < OUTPUTS; i++)
        memcpy(cells + (step * OUTPUTS + i) * lanes, outputs + i * stride, width * sizeof *cells);
}

static void end_block(const void *self, size_t lanes, double *cells)
{
    (void)self;
    (void)lanes;
    (void)cells;
}

/* Puts each lane where its member and scenario belong. */
typedef struct {
    double outputs[MEMBERS][SCENARIOS][STEPS][OUTPUTS], drawn[MEMBERS];
    int taken[MEMBERS][SCENARIOS], fail_at; /* from this batch on taking fails */
    atomic_int batches;
    atomic_size_t most_members;
    volatile sig_atomic_t *stop; /* set by the first batch */
} sorter;

static void sort_lane(sorter *s, const pf_batch *batch, size_t at, size_t scenario)
{
    uint64_t m = batch->members[at];
    assert_true(m < MEMBERS);
    s->taken[m][scenario]++;
    s->drawn[m] = batch->inputs[at];
    assert_int_equal(batch->faults[scenario * batch->count + at].kind, PF_NO_FAULT);
    for (size_t t = 0; t < STEPS; t++)
        for (size_t i = 0; i < OUTPUTS; i++)
            s->outputs[m][scenario][t][i] =
                batch->cells[(scenario * batch->cell_count + t * OUTPUTS + i) * batch->count + at];
}

static pf_status take_batch(void *self, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    sorter *s = self;
    int number = ++s->batches;
    if (s->fail_at && number >= s->fail_at) return pf_error(diagnostics, (pf_mark){0}, "the disk is full");
    if (s->stop) *s->stop = 1;
    assert_int_equal(batch->scenarios, SCENARIOS);
    if (batch->count > s->most_members) s->most_members = batch->count;
    for (size_t scenario = 0; scenario < SCENARIOS; scenario++)
        for (size_t m = 0; m < batch->count; m++) sort_lane(s, batch, m, scenario);
    return PF_OK;
}

static const double gain_of_scenario[SCENARIOS][INPUTS] = {{NAN, 0}, {NAN, 0.2}, {NAN, 0.4}};
static const double *const settings[SCENARIOS] = {gain_of_scenario[0], gain_of_scenario[1], gain_of_scenario[2]};
static const pf_range all[] = {{0, MEMBERS}};

/* Runs into `s`; what the diagnostics say first is copied to `message` if that is not NULL. */
static pf_status run_ranges(sorter *s, pf_run_options options, char message[256])
{
    builder b = builder_new(STEPS);
    const pf_plan *plan = plan_of_tank(&b);
    pf_kernel *kernel = pf_kernel_new(plan);
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    options.settings = settings;
    options.scenario_count = SCENARIOS;
    options.stopped = s->stop;
    pf_reducer reducer = {NULL, STEPS * OUTPUTS, keep_step, end_block};
    pf_status status =
        pf_run(kernel, plan, &options, (pf_draws){NULL, draw}, reducer, (pf_sink){s, take_batch}, diagnostics);
    assert_int_equal(status == PF_OK, pf_error_count(diagnostics) == 0);
    if (message) snprintf(message, 256, "%s", status == PF_OK ? "" : pf_first_error(diagnostics));
    pf_diagnostics_free(diagnostics);
    pf_kernel_free(kernel);
    builder_free(&b);
    return status;
}

static pf_status run_sorted(sorter *s, int threads, size_t width, size_t batch, char message[256])
{
    return run_ranges(
        s, (pf_run_options){.ranges = all, .range_count = 1, .threads = threads, .width = width, .batch = batch},
        message);
}

static void every_member_comes_once_in_every_scenario(void **state)
{
    (void)state;
    sorter *s = calloc(1, sizeof *s);
    assert_int_equal(run_sorted(s, 2, 16, 5, NULL), PF_OK);
    assert_int_equal(s->most_members, 16 / SCENARIOS);
    assert_int_equal(s->batches, (MEMBERS + 4) / 5);
    for (size_t m = 0; m < MEMBERS; m++) {
        assert_true(s->drawn[m] == 1 + 0.01 * (double)m);
        for (size_t c = 0; c < SCENARIOS; c++) assert_int_equal(s->taken[m][c], 1);
    }
    free(s);
}

static void only_the_members_of_the_ranges_run(void **state)
{
    (void)state;
    const pf_range ranges[] = {{3, 1}, {5, 0}, {10, 20}, {40, 2}, {99, 2}};
    sorter *s = calloc(1, sizeof *s), *whole = calloc(1, sizeof *whole);
    assert_int_equal(
        run_ranges(s, (pf_run_options){.ranges = ranges, .range_count = 5, .threads = 2, .batch = 7}, NULL), PF_OK);
    assert_int_equal(run_sorted(whole, 1, 0, 0, NULL), PF_OK);
    for (size_t m = 0; m < MEMBERS; m++) {
        bool wanted = m == 3 || (m >= 10 && m < 30) || m == 40 || m == 41 || m >= 99;
        for (size_t c = 0; c < SCENARIOS; c++) assert_int_equal(s->taken[m][c], wanted);
        if (wanted) assert_memory_equal(s->outputs[m], whole->outputs[m], sizeof s->outputs[m]);
    }
    free(s);
    free(whole);
}

static void a_run_that_is_stopped_finishes_its_batches_and_is_well(void **state)
{
    (void)state;
    volatile sig_atomic_t stop = 0;
    sorter *s = calloc(1, sizeof *s);
    s->stop = &stop;
    assert_int_equal(run_sorted(s, 1, 16, 5, NULL), PF_OK);
    assert_int_equal(s->batches, 1);
    for (size_t m = 0; m < MEMBERS; m++) assert_int_equal(s->taken[m][0], m < 5);
    free(s);
}

/* Scenario 0 returns nothing: x = p s and the tank holds p times the sum of s; elsewhere x = p s + gain log(1 + x). */
static void results_solve_the_equations(void **state)
{
    (void)state;
    const double series[STEPS] = {1, 1.25, 0.75, 2};
    sorter *s = calloc(1, sizeof *s);
    assert_int_equal(run_sorted(s, 0, 0, 0, NULL), PF_OK);
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
    assert_int_equal(run_sorted(first, 1, 0, 0, NULL), PF_OK);
    for (int threads = 1; threads <= 3; threads++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            memset(other, 0, sizeof *other);
            assert_int_equal(run_sorted(other, threads, widths[w], 2 * w, NULL), PF_OK);
            assert_memory_equal(other->outputs, first->outputs, sizeof first->outputs);
            assert_memory_equal(other->taken, first->taken, sizeof first->taken);
        }
    free(first);
    free(other);
}

/* No thread takes more than one batch that fails, however the threads are scheduled. */
static void a_sink_that_fails_stops_the_run(void **state)
{
    (void)state;
    char message[256];
    for (int threads = 1; threads <= 2; threads++) {
        sorter *s = calloc(1, sizeof *s);
        s->fail_at = 3;
        assert_int_equal(run_sorted(s, threads, 8, 2, message), PF_FAILED);
        assert_string_equal(message, "the disk is full");
        assert_true(s->batches >= 3 && s->batches <= 2 + threads);
        free(s);
    }
}

static void another_rounding_mode_is_refused(void **state)
{
    (void)state;
    char message[256];
    sorter *s = calloc(1, sizeof *s);
    fesetround(FE_UPWARD);
    pf_status status = run_sorted(s, 1, 0, 0, message);
    fesetround(FE_TONEAREST);
    assert_int_equal(status, PF_FAILED);
    assert_non_null(strstr(message, "floating-point mode"));
    assert_int_equal(s->batches, 0);
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
        pf_status status = run_sorted(s, 1, 0, 0, message);
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
    sorter *s = calloc(1, sizeof *s);
    assert_int_equal(run_ranges(s, (pf_run_options){.ranges = all, .range_count = 0}, NULL), PF_OK);
    assert_int_equal(s->batches, 0);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_comes_once_in_every_scenario),
        cmocka_unit_test(only_the_members_of_the_ranges_run),
        cmocka_unit_test(a_run_that_is_stopped_finishes_its_batches_and_is_well),
        cmocka_unit_test(results_solve_the_equations),
        cmocka_unit_test(threads_and_width_do_not_change_the_bits),
        cmocka_unit_test(a_sink_that_fails_stops_the_run),
        cmocka_unit_test(another_rounding_mode_is_refused),
        cmocka_unit_test(flushing_to_zero_is_refused),
        cmocka_unit_test(no_members_is_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
