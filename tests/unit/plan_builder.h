/* Plans written by hand, for tests: registers and instructions are added one by one, each in a register of its own.
 * The instruction with number n comes from test.yaml, line n + 1, and bears the name last given by builder_name. */
#ifndef PF_PLAN_BUILDER_H
#define PF_PLAN_BUILDER_H

#include "base/arena.h"
#include "base/operations.h"
#include "model/plan.h"

#include <string.h>

typedef struct {
    pf_arena *arena;
    pf_plan plan;
    PF_LIST(pf_instruction) code;
    PF_LIST(uint32_t) code_origin;
    PF_LIST(pf_segment) segments;
    PF_LIST(pf_loop) loops;
    PF_LIST(pf_constant) constants;
    PF_LIST(pf_binding) inputs;
    PF_LIST(pf_binding) series;
    PF_LIST(double) series_values;
    PF_LIST(uint32_t) exports;
    PF_LIST(pf_state) states;
    PF_LIST(pf_check) checks;
    PF_LIST(uint32_t) outputs;
    PF_LIST(pf_origin) origins;
    const char *name;
} builder;

static inline builder builder_new(uint32_t steps)
{
    return (builder){.arena = pf_arena_new(), .plan.steps = steps, .name = "quantity"};
}

static inline void builder_free(builder *b)
{
    pf_arena_free(b->arena);
}

static inline void builder_name(builder *b, const char *name)
{
    b->name = name;
}

static inline uint32_t builder_register(builder *b)
{
    return b->plan.registers++;
}

static inline uint32_t builder_constant(builder *b, double value)
{
    uint32_t reg = builder_register(b);
    *PF_PUSH(b->arena, b->constants) = (pf_constant){reg, value};
    return reg;
}

static inline uint32_t builder_input(builder *b)
{
    uint32_t reg = builder_register(b);
    *PF_PUSH(b->arena, b->inputs) = (pf_binding){reg, b->plan.inputs++};
    return reg;
}

/* `values` [steps] */
static inline uint32_t builder_series(builder *b, const double *values)
{
    uint32_t reg = builder_register(b), row = (uint32_t)b->series.count;
    *PF_PUSH(b->arena, b->series) = (pf_binding){reg, row};
    for (uint32_t i = 0; i < b->plan.steps; i++) *PF_PUSH(b->arena, b->series_values) = values[i];
    return reg;
}

static inline uint32_t builder_origin(builder *b, const char *text, int line)
{
    *PF_PUSH(b->arena, b->origins) = (pf_origin){.file = "test.yaml", .text = text, .line = line, .column = 5};
    return (uint32_t)b->origins.count - 1;
}

static inline void builder_into(builder *b, uint32_t y, uint32_t op, uint32_t first, uint32_t second, uint32_t third)
{
    *PF_PUSH(b->arena, b->code_origin) = builder_origin(b, b->name, (int)b->code.count + 1);
    *PF_PUSH(b->arena, b->code) = (pf_instruction){op, y, first, second, third};
}

static inline uint32_t builder_do(builder *b, uint32_t op, uint32_t first, uint32_t second)
{
    uint32_t y = builder_register(b);
    builder_into(b, y, op, first, second, 0);
    return y;
}

static inline uint32_t builder_here(const builder *b)
{
    return (uint32_t)b->code.count;
}

/* The code from `start` to here. */
static inline pf_span builder_since(const builder *b, uint32_t start)
{
    return (pf_span){start, builder_here(b) - start};
}

static inline void builder_straight(builder *b, uint32_t start)
{
    *PF_PUSH(b->arena, b->segments) = (pf_segment){PF_STRAIGHT, builder_since(b, start), 0};
}

static inline void *builder_copy(builder *b, const void *items, size_t size)
{
    void *copy = pf_alloc(b->arena, size);
    return memcpy(copy, items, size);
}

/* A loop whose body is the code from `start` to here. */
static inline void builder_loop(builder *b, uint32_t start, uint32_t tears, const uint32_t *x, const uint32_t *g,
                                const uint32_t *jacobian)
{
    pf_loop loop = {.body = builder_since(b, start), .tears = tears, .origin = builder_origin(b, "reuse loop", 900)};
    loop.x = builder_copy(b, x, tears * sizeof *x);
    loop.g = builder_copy(b, g, tears * sizeof *g);
    loop.jacobian = builder_copy(b, jacobian, tears * tears * sizeof *jacobian);
    *PF_PUSH(b->arena, b->segments) = (pf_segment){PF_LOOP, {0, 0}, (uint32_t)b->loops.count};
    *PF_PUSH(b->arena, b->loops) = loop;
}

static inline void builder_export(builder *b, uint32_t reg)
{
    *PF_PUSH(b->arena, b->exports) = reg;
}

static inline void builder_state(builder *b, uint32_t reg, uint32_t initial, uint32_t next)
{
    *PF_PUSH(b->arena, b->states) = (pf_state){reg, initial, next};
}

static inline void builder_check(builder *b, uint32_t reg, const char *text)
{
    *PF_PUSH(b->arena, b->checks) = (pf_check){.reg = reg, .origin = builder_origin(b, text, 800)};
}

static inline void builder_output(builder *b, uint32_t reg)
{
    *PF_PUSH(b->arena, b->outputs) = reg;
}

static inline const pf_plan *builder_finish(builder *b)
{
    pf_plan *p = &b->plan;
    p->code = b->code.items, p->code_count = b->code.count;
    p->code_origin = b->code_origin.items;
    p->segments = b->segments.items, p->segment_count = b->segments.count;
    p->loops = b->loops.items, p->loop_count = b->loops.count;
    p->constants = b->constants.items, p->constant_count = b->constants.count;
    p->input_registers = b->inputs.items, p->input_count = b->inputs.count;
    p->series_registers = b->series.items, p->series_count = b->series.count;
    p->series_values = b->series_values.items;
    p->exports = b->exports.items, p->export_count = b->exports.count;
    p->states = b->states.items, p->state_count = b->states.count;
    p->checks = b->checks.items, p->check_count = b->checks.count;
    p->outputs = b->outputs.items, p->output_count = b->outputs.count;
    p->origins = b->origins.items, p->origin_count = b->origins.count;
    return p;
}

/* Uniform in [0, 1), the same on every machine (xorshift64*). */
static inline double builder_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (double)((*seed * 2685821657736338717u) >> 11) * 0x1p-53;
}

#endif
