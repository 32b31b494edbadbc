/* The convergence trace: prefixes and verdict of made-up indices, and of a real one whose interval is known to narrow.
 */
#include "sensitivity.h"

#include "analysis/convergence.h"

/* Indices of three parameters by prefix, last one n; half-widths all the same. */
typedef struct {
    double values[PF_TRACE_STEPS][3], half_width;
    size_t asked[PF_TRACE_STEPS], calls;
} made_up;

static void estimate_made_up(void *user, size_t count, pf_estimate *indices)
{
    made_up *self = user;
    for (size_t i = 0; i < 3; i++) {
        double value = self->values[self->calls][i];
        indices[i] = (pf_estimate){value, value - self->half_width, value + self->half_width};
    }
    self->asked[self->calls++] = count;
}

static pf_verdict verdict_of(made_up *indices, double scale)
{
    pf_trace *trace = pf_trace_new(estimate_made_up, indices, 1000, 3);
    pf_verdict verdict = pf_trace_verdict(trace, scale);
    pf_trace_free(trace);
    return verdict;
}

static void prefixes_double_up_to_the_whole(void **state)
{
    (void)state;
    const size_t expected[PF_TRACE_STEPS] = {62, 125, 250, 500, 1000};
    made_up indices = {.half_width = 0.01};
    pf_trace *trace = pf_trace_new(estimate_made_up, &indices, 1000, 3);
    assert_memory_equal(indices.asked, expected, sizeof expected);
    assert_memory_equal(trace->counts, expected, sizeof expected);
    check_near(pf_trace_half_width(trace, 2), 0.01, 1e-15);
    pf_trace_free(trace);
}

static void narrow_intervals_and_a_stable_ranking_are_enough(void **state)
{
    (void)state;
    made_up indices = {{{0}, {0}, {0}, {0.5, 0.3, 0.01}, {0.45, 0.35, 0.02}}, 0.04, {0}, 0};
    pf_verdict verdict = verdict_of(&indices, 1);
    assert_true(verdict.is_enough && verdict.is_narrow && verdict.is_ranked);
    indices.calls = 0;
    verdict = verdict_of(&indices, 0.5);
    assert_false(verdict.is_enough || verdict.is_narrow);
}

static void a_change_of_places_is_not_enough_unless_within_the_intervals(void **state)
{
    (void)state;
    made_up changed = {{{0}, {0}, {0}, {0.3, 0.5, 0.01}, {0.45, 0.35, 0.02}}, 0.04, {0}, 0};
    pf_verdict verdict = verdict_of(&changed, 1);
    assert_true(verdict.is_narrow && !verdict.is_ranked && !verdict.is_enough);
    made_up tied = {{{0}, {0}, {0}, {0.40, 0.43, 0.01}, {0.43, 0.40, 0.02}}, 0.04, {0}, 0};
    assert_true(verdict_of(&tied, 1).is_ranked);
    made_up without_weight = {{{0}, {0}, {0}, {0.9, 0.001, 0.03}, {0.9, 0.04, 0.001}}, 0.01, {0}, 0};
    assert_true(verdict_of(&without_weight, 1).is_ranked);
}

static void parameters_without_index_are_passed_over(void **state)
{
    (void)state;
    made_up one = {{{0}, {0}, {0}, {0.9, NAN, 0.1}, {0.9, NAN, 0.1}}, 0.01, {0}, 0};
    assert_true(verdict_of(&one, 1).is_enough);
    made_up all = {{{0}, {0}, {0}, {0}, {NAN, NAN, NAN}}, 0.01, {0}, 0};
    assert_false(verdict_of(&all, 1).is_enough);
    made_up late = {{{0}, {0}, {0}, {NAN, 0.1, 0.1}, {0.9, 0.1, 0.1}}, 0.01, {0}, 0};
    assert_false(verdict_of(&late, 1).is_ranked);
    made_up without_intervals = {{{0}, {0}, {0}, {0.9, 0.1, 0}, {0.9, 0.1, 0}}, NAN, {0}, 0};
    assert_false(verdict_of(&without_intervals, 1).is_enough);
}

/* y = x1 + x2 / 2 with independent inputs: total orders 0.8 and 0.2, in groups of 4. */
static void estimate_total(void *y, size_t groups, pf_estimate *total)
{
    pf_estimate first[2];
    pf_sobol_indices(y, groups, 2, hundreds, first, total, NULL);
}

static void a_large_sample_is_enough_and_a_small_one_not(void **state)
{
    (void)state;
    enum { GROUPS = 4096 };
    double *y = pf_doubles(4 * GROUPS);
    for (size_t m = 0; m < 4 * GROUPS; m++) {
        size_t g = m / 4, row = m % 4;
        y[m] = uniform(1, g, row == 1 || row == 2) + 0.5 * uniform(1, g, row == 1 || row == 3 ? 3 : 2);
    }
    pf_trace *trace = pf_trace_new(estimate_total, y, GROUPS, 2);
    check_near(pf_trace_half_width(trace, 0) / pf_trace_half_width(trace, 4), 4, 1); /* goes with 1 / sqrt(n) */
    check_near(trace->indices[4 * 2].value, 0.8, 0.05);
    assert_true(pf_trace_verdict(trace, 1).is_enough);
    pf_trace_free(trace);
    trace = pf_trace_new(estimate_total, y, GROUPS / 64, 2);
    assert_false(pf_trace_verdict(trace, 1).is_enough);
    pf_trace_free(trace);
    free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_double_up_to_the_whole),
        cmocka_unit_test(narrow_intervals_and_a_stable_ranking_are_enough),
        cmocka_unit_test(a_change_of_places_is_not_enough_unless_within_the_intervals),
        cmocka_unit_test(parameters_without_index_are_passed_over),
        cmocka_unit_test(a_large_sample_is_enough_and_a_small_one_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
