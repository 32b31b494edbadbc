/* Replay: the message names the expression at fault, its place and its operands, also where registers are used again,
 * and where the fault lies in lane code, step code, an earlier step or a loop. */
#include "kernel/kernel.h"
#include "plan_builder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST_VALUES = 64 };

/* Runs one lane, which must fail so, and replays it: the printed message. */
static const char *message_of(builder *b, const double *inputs, pf_fault_kind kind, uint32_t step)
{
    static char text[1024];
    double outputs[MOST_VALUES];
    pf_fault fault;
    pf_kernel *kernel = pf_kernel_new(builder_finish(b));
    pf_block *block = pf_block_new(kernel, 1);
    pf_block_run(block, 1, inputs, outputs, &fault);
    assert_int_equal(fault.kind, kind);
    assert_int_equal(fault.step, step);
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    pf_replay(kernel, inputs, fault, "2020-03", "scenario full", diagnostics);
    assert_int_equal(pf_error_count(diagnostics), 1);
    FILE *file = tmpfile();
    pf_diagnostics_print(diagnostics, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    pf_diagnostics_free(diagnostics);
    pf_block_free(block);
    pf_kernel_free(kernel);
    builder_free(b);
    return text;
}

static uint32_t named(builder *b, const char *name, uint32_t op, uint32_t first, uint32_t second)
{
    builder_name(b, name);
    return builder_do(b, op, first, second);
}

static void division_of_zero_by_zero_is_found_behind_what_used_it(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t flow = builder_input(&b), load = builder_input(&b), two = builder_constant(&b, 2);
    uint32_t ratio = named(&b, "wwtp.concentration", PF_DIV, load, flow);
    uint32_t twice = named(&b, "twice", PF_MUL, ratio, two);
    builder_output(&b, named(&b, "last", PF_MIN, two, twice));
    builder_straight(&b, 0);
    const double inputs[2] = {0, 0};
    assert_string_equal(
        message_of(&b, inputs, PF_OUTPUT_NOT_FINITE, 0),
        "test.yaml:1:5: error: wwtp.concentration: division gave nan at 2020-03 in scenario full: 0 / 0\n");
}

static void a_function_is_named_with_its_argument(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), one = builder_constant(&b, 1);
    builder_output(&b, named(&b, "sum", PF_ADD, one, named(&b, "growth", PF_LOG, p, 0)));
    builder_straight(&b, 0);
    const double input = -1.5;
    assert_string_equal(message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 0),
                        "test.yaml:1:5: error: growth: log gave nan at 2020-03 in scenario full: log(-1.5)\n");
}

/* One register holds a good value, the bad one, and a good one again, before the output reads what the bad one made. */
static void a_register_used_again_does_not_hide_the_fault(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), one = builder_constant(&b, 1), shared = builder_register(&b);
    builder_name(&b, "good before");
    builder_into(&b, shared, PF_ADD, p, one, 0);
    builder_name(&b, "culprit");
    builder_into(&b, shared, PF_DIV, p, p, 0);
    uint32_t kept = named(&b, "copy", PF_MUL, shared, one);
    builder_name(&b, "good after");
    builder_into(&b, shared, PF_ADD, one, one, 0);
    builder_output(&b, named(&b, "result", PF_ADD, shared, kept));
    builder_straight(&b, 0);
    const double input = 0;
    assert_string_equal(message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 0),
                        "test.yaml:2:5: error: culprit: division gave nan at 2020-03 in scenario full: 0 / 0\n");
}

static void an_infinite_output_leads_to_the_division_by_zero(void **state)
{
    (void)state;
    builder b = builder_new(2);
    const double series[2] = {4, 0};
    uint32_t p = builder_input(&b), s = builder_series(&b, series);
    builder_export(&b, s);
    uint32_t ratio = named(&b, "intensity", PF_DIV, p, s);
    builder_output(&b, named(&b, "negative", PF_NEG, ratio, 0));
    builder_straight(&b, 0);
    const double input = 3;
    assert_string_equal(message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 1),
                        "test.yaml:1:5: error: intensity: division gave inf at 2020-03 in scenario full: 3 / 0\n");
}

/* A limit may be infinite: the fault is the subtraction, not the limit. */
static void infinite_limits_are_not_to_blame(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t limit = builder_input(&b), one = builder_constant(&b, 1);
    uint32_t room = named(&b, "room", PF_ADD, limit, one);
    uint32_t left = named(&b, "left", PF_SUB, room, room);
    builder_output(&b, named(&b, "take", PF_MUL, left, one));
    builder_straight(&b, 0);
    const double input = INFINITY;
    assert_string_equal(message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 0),
                        "test.yaml:2:5: error: left: subtraction gave nan at 2020-03 in scenario full: inf - inf\n");
}

/* ... but an infinity that was computed is. */
static void a_computed_infinity_is_to_blame(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), one = builder_constant(&b, 1);
    uint32_t ratio = named(&b, "ratio", PF_DIV, one, p);
    builder_output(&b, named(&b, "product", PF_MUL, p, ratio));
    builder_straight(&b, 0);
    const double input = 0;
    assert_string_equal(message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 0),
                        "test.yaml:1:5: error: ratio: division gave inf at 2020-03 in scenario full: 1 / 0\n");
}

static void the_branch_not_taken_is_not_to_blame(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), one = builder_constant(&b, 1), y = builder_register(&b);
    uint32_t unused = named(&b, "unused", PF_LOG, builder_constant(&b, -1), 0);
    uint32_t used = named(&b, "used", PF_DIV, p, p);
    builder_name(&b, "choice");
    builder_into(&b, y, PF_SELECT, p, unused, used);
    builder_output(&b, named(&b, "result", PF_ADD, y, one));
    builder_straight(&b, 0);
    const double input = 0;
    assert_string_equal(message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 0),
                        "test.yaml:2:5: error: used: division gave nan at 2020-03 in scenario full: 0 / 0\n");
}

static void a_nan_of_lane_code_is_found_there(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), one = builder_constant(&b, 1);
    uint32_t factor = named(&b, "factor", PF_DIV, p, p);
    b.plan.lane = builder_since(&b, 0);
    uint32_t start = builder_here(&b);
    builder_check(&b, named(&b, "closure", PF_SUB, factor, one), "the balance does not close");
    builder_straight(&b, start);
    const double input = 0;
    assert_string_equal(message_of(&b, &input, PF_CHECK_FAILED, 0),
                        "test.yaml:1:5: error: factor: division gave nan at 2020-03 in scenario full: 0 / 0\n");
}

/* In step code, in a register that the inner loop uses for something else. */
static void a_nan_of_step_code_is_found_there(void **state)
{
    (void)state;
    builder b = builder_new(3);
    const double series[3] = {-1, 1, 2};
    uint32_t p = builder_input(&b), s = builder_series(&b, series), one = builder_constant(&b, 1);
    uint32_t shared = builder_register(&b);
    builder_name(&b, "price index");
    builder_into(&b, shared, PF_LOG, s, 0, 0);
    uint32_t margin = named(&b, "margin", PF_ADD, one, one), fee = named(&b, "fee", PF_ADD, margin, one);
    builder_export(&b, fee);
    uint32_t exported = named(&b, "price", PF_ADD, shared, margin);
    b.plan.step = builder_since(&b, 0);
    builder_export(&b, exported);
    uint32_t start = builder_here(&b);
    named(&b, "demand", PF_ADD, p, fee);
    builder_name(&b, "other");
    builder_into(&b, shared, PF_DIV, one, one, 0);
    builder_output(&b, named(&b, "cost", PF_MUL, p, exported));
    builder_straight(&b, start);
    const double input = 5;
    assert_string_equal(message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 0),
                        "test.yaml:1:5: error: price index: log gave nan at 2020-03 in scenario full: log(-1)\n");
}

/* The stock is spoilt in step 1 and is first looked at in step 3: the message says how long before. */
static void a_nan_carried_by_a_state_is_found_where_it_arose(void **state)
{
    (void)state;
    builder b = builder_new(4);
    const double series[4] = {1, 0, 1, 1};
    uint32_t p = builder_input(&b), s = builder_series(&b, series), zero = builder_constant(&b, 0);
    builder_export(&b, s);
    uint32_t stock = builder_register(&b), late = builder_register(&b);
    uint32_t inflow = named(&b, "inflow", PF_DIV, builder_constant(&b, 0), s);
    uint32_t next = named(&b, "stock", PF_ADD, stock, inflow);
    builder_straight(&b, 0);
    builder_state(&b, stock, p, next);
    builder_state(&b, late, zero, stock);
    builder_output(&b, late);
    const double input = 5;
    assert_string_equal(
        message_of(&b, &input, PF_OUTPUT_NOT_FINITE, 3),
        "test.yaml:1:5: error: inflow: division gave nan 2 steps before 2020-03 in scenario full: 0 / 0\n");
}

static void a_parameter_that_is_nan_is_named_as_the_source(void **state)
{
    (void)state;
    builder b = builder_new(1);
    builder_input(&b);
    uint32_t p = builder_input(&b), one = builder_constant(&b, 1);
    builder_output(&b, named(&b, "heat", PF_MUL, named(&b, "loss", PF_SUB, one, p), one));
    builder_straight(&b, 0);
    const double inputs[2] = {1, NAN};
    assert_string_equal(
        message_of(&b, inputs, PF_OUTPUT_NOT_FINITE, 0),
        "test.yaml:1:5: error: loss: subtraction gave nan at 2020-03 in scenario full: 1 - nan, "
        "given by parameter 1\n");
}

static void an_output_read_from_a_series_names_the_series(void **state)
{
    (void)state;
    builder b = builder_new(2);
    const double series[2] = {1, NAN};
    uint32_t s = builder_series(&b, series);
    builder_export(&b, s);
    builder_output(&b, s);
    assert_string_equal(message_of(&b, NULL, PF_OUTPUT_NOT_FINITE, 1),
                        "parkflow: error: series 0 is nan at 2020-03 in scenario full\n");
}

static void a_failed_check_says_its_sentence_and_by_how_much(void **state)
{
    (void)state;
    builder b = builder_new(3);
    const double series[3] = {1, 2, 3.25};
    uint32_t p = builder_input(&b), s = builder_series(&b, series);
    builder_export(&b, s);
    builder_check(&b, builder_do(&b, PF_SUB, s, p), "market steam falls short");
    builder_straight(&b, 0);
    const double input = 3;
    assert_string_equal(message_of(&b, &input, PF_CHECK_FAILED, 2),
                        "test.yaml:800:5: error: market steam falls short at 2020-03 in scenario full\n");
}

/* x = inflow + gain x, after which a segment uses the loop's registers for something else. */
static void recycle_and_reuse(builder *b)
{
    uint32_t inflow = builder_input(b), gain = builder_input(b), x = builder_register(b), g = builder_register(b);
    builder_name(b, "returned");
    builder_into(b, g, PF_MUL, gain, x, 0);
    builder_name(b, "sewage");
    builder_into(b, g, PF_ADD, g, inflow, 0);
    builder_loop(b, 0, 1, &x, &g, &gain);
    uint32_t start = builder_here(b);
    builder_into(b, g, PF_SUB, inflow, inflow, 0);
    builder_into(b, x, PF_SUB, inflow, inflow, 0);
    builder_straight(b, start);
}

static void a_gaining_loop_says_so(void **state)
{
    (void)state;
    builder b = builder_new(2);
    recycle_and_reuse(&b);
    const double inputs[2] = {1, 1};
    assert_string_equal(message_of(&b, inputs, PF_LOOP_GAINS, 0),
                        "test.yaml:900:5: error: reuse loop: more returns than went in at 2020-03 in scenario full: "
                        "in the last round 199 gives 200; something in this loop must remove or release it\n");
}

static void a_nan_in_a_loop_is_found_in_its_body(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t p = builder_input(&b), x = builder_register(&b), half = builder_constant(&b, 0.5);
    uint32_t ratio = named(&b, "recovery", PF_DIV, p, p), back = named(&b, "returned", PF_MUL, half, x);
    uint32_t g = named(&b, "sewage", PF_ADD, back, ratio);
    builder_loop(&b, 0, 1, &x, &g, &half);
    const double input = 0;
    assert_string_equal(message_of(&b, &input, PF_LOOP_OPEN, 0),
                        "test.yaml:1:5: error: recovery: division gave nan at 2020-03 in scenario full: 0 / 0\n");
}

static void an_open_loop_says_between_what_it_swings(void **state)
{
    (void)state;
    builder b = builder_new(1);
    uint32_t inflow = builder_input(&b), x = builder_register(&b), one = builder_constant(&b, 1);
    uint32_t zero = builder_constant(&b, 0), below = builder_do(&b, PF_LT, x, one);
    uint32_t g = builder_do(&b, PF_MUL, below, inflow);
    builder_loop(&b, 0, 1, &x, &g, &zero);
    const double input = 2;
    assert_string_equal(message_of(&b, &input, PF_LOOP_OPEN, 0),
                        "test.yaml:900:5: error: reuse loop does not settle after 200 rounds at 2020-03 in "
                        "scenario full: in the last round 0 gives 2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division_of_zero_by_zero_is_found_behind_what_used_it),
        cmocka_unit_test(a_function_is_named_with_its_argument),
        cmocka_unit_test(a_register_used_again_does_not_hide_the_fault),
        cmocka_unit_test(an_infinite_output_leads_to_the_division_by_zero),
        cmocka_unit_test(infinite_limits_are_not_to_blame),
        cmocka_unit_test(a_computed_infinity_is_to_blame),
        cmocka_unit_test(the_branch_not_taken_is_not_to_blame),
        cmocka_unit_test(a_nan_of_lane_code_is_found_there),
        cmocka_unit_test(a_nan_of_step_code_is_found_there),
        cmocka_unit_test(a_nan_carried_by_a_state_is_found_where_it_arose),
        cmocka_unit_test(a_parameter_that_is_nan_is_named_as_the_source),
        cmocka_unit_test(an_output_read_from_a_series_names_the_series),
        cmocka_unit_test(a_failed_check_says_its_sentence_and_by_how_much),
        cmocka_unit_test(a_gaining_loop_says_so),
        cmocka_unit_test(a_nan_in_a_loop_is_found_in_its_body),
        cmocka_unit_test(an_open_loop_says_between_what_it_swings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
