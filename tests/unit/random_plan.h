/* Plans made up at random, for back ends to agree on: all kinds of operands, special numbers, states, exports, a loop
 * that calls a function, checks and outputs anywhere. */
#ifndef RANDOM_PLAN_H
#define RANDOM_PLAN_H

#include "plan_builder.h"

#include <math.h>
#include <stdint.h>

enum { INPUTS = 6, STEPS = 5 };

static const double SPECIAL[] = {0, -0.0, 1, -1, 0.5, 3, 1e300, -1e300, 5e-324, INFINITY, -INFINITY, NAN};
enum { SPECIALS = sizeof SPECIAL / sizeof *SPECIAL };

typedef struct {
    uint32_t operations; /* so many of the first rows of the table */
    double checks;       /* how many of the values are checked */
} random_kind;

/* Of the operands some are constants, special ones among them, some inputs, states or exports, most are recent values.
 */
static inline uint32_t random_operand(builder *b, uint64_t *seed, uint32_t leaves)
{
    double pick = builder_random(seed);
    uint32_t made = b->plan.registers - leaves;
    if (pick < 0.4 || !made) return (uint32_t)(builder_random(seed) * leaves);
    uint32_t back = (uint32_t)(builder_random(seed) * (pick < 0.8 ? 20 : made));
    return b->plan.registers - 1 - (back < made ? back : 0);
}

static inline void random_code(builder *b, uint64_t *seed, random_kind kind, uint32_t operations, uint32_t leaves)
{
    for (uint32_t i = 0; i < operations; i++) {
        uint32_t op = (uint32_t)(builder_random(seed) * kind.operations), in[3];
        for (int k = 0; k < 3; k++) in[k] = random_operand(b, seed, leaves);
        uint32_t y = builder_register(b);
        builder_into(b, y, op, in[0], in[1], in[2]);
        double fate = builder_random(seed);
        if (fate < 0.1) builder_output(b, y);
        if (fate > 1 - kind.checks) builder_check(b, y, "too much");
    }
}

/* x = p + g x, g below 1 by lane, and its tear, value and derivative used after it. */
static inline void add_loop(builder *b, random_kind kind, uint32_t p)
{
    uint32_t start = builder_here(b), half = builder_constant(b, 0.5), x = builder_register(b);
    uint32_t slope = builder_do(b, PF_MUL, half, builder_do(b, PF_LT, x, builder_constant(b, 1e6)));
    uint32_t g = builder_do(b, PF_ADD, p, builder_do(b, PF_MUL, slope, x));
    uint32_t squared = builder_do(b, 20, g, 0); /* a square root: called, in the body */
    builder_loop(b, start, 1, &x, &g, &slope);
    start = builder_here(b);
    builder_output(b, builder_do(b, PF_ADD, x, squared));
    builder_straight(b, start);
    builder_output(b, g);
    if (kind.checks > 0) builder_check(b, slope, "a slope");
}

static inline const pf_plan *random_plan(builder *b, uint64_t seed, random_kind kind, uint32_t operations)
{
    double series[STEPS];
    for (int i = 0; i < STEPS; i++) series[i] = 2 * builder_random(&seed);
    for (int i = 0; i < INPUTS; i++) builder_input(b);
    for (int i = 0; i < SPECIALS; i++) builder_constant(b, SPECIAL[i]);
    uint32_t s = builder_series(b, series), states[2] = {builder_register(b), builder_register(b)};
    builder_export(b, s);
    uint32_t leaves = b->plan.registers, start = builder_here(b);
    random_code(b, &seed, kind, operations, leaves);
    builder_straight(b, start);
    add_loop(b, kind, 0);
    start = builder_here(b);
    random_code(b, &seed, kind, operations / 2, leaves);
    builder_straight(b, start);
    builder_state(b, states[0], 1, b->plan.registers - 1);
    builder_state(b, states[1], s, states[0]);
    builder_output(b, 2);
    builder_output(b, s);
    builder_output(b, states[1]);
    b->plan.first_reported = 1;
    return builder_finish(b);
}

#endif
