/* Follows sets of inputs through the code of a plan, register by register, until states bring nothing new. Whatever an
 * operation reads counts, also the branch that a choice does not take: the sets are never too small. */
#include "model/influence.h"

#include "base/operations.h"

#include <stdbool.h>
#include <stdlib.h>

typedef struct {
    const pf_plan *plan;
    uint64_t *of;     /* [registers] */
    uint64_t *stored; /* [states]: what has been carried from one step to the next */
} tracer;

static void run_code(tracer *t, pf_span code)
{
    for (uint32_t i = code.first; i < code.first + code.count; i++) {
        const pf_instruction *c = &t->plan->code[i];
        int arity = pf_operation_at(c->op)->arity;
        uint64_t sets = t->of[c->a];
        if (arity > 1) sets |= t->of[c->b];
        if (arity > 2) sets |= t->of[c->c];
        t->of[c->y] = sets;
    }
}

/* Each tear may hang on whatever enters the loop. */
static void run_loop(tracer *t, const pf_loop *loop)
{
    uint64_t sets = 0, before;
    do {
        before = sets;
        for (uint32_t i = 0; i < loop->tears; i++) t->of[loop->x[i]] = sets;
        run_code(t, loop->body);
        for (uint32_t i = 0; i < loop->tears; i++) sets |= t->of[loop->g[i]];
        for (uint32_t i = 0; i < loop->tears * loop->tears; i++) sets |= t->of[loop->jacobian[i]];
    } while (sets != before);
}

static void begin(tracer *t, const uint64_t *sets)
{
    const pf_plan *p = t->plan;
    for (uint32_t r = 0; r < p->registers; r++) t->of[r] = 0;
    for (size_t i = 0; i < p->input_count; i++) t->of[p->input_registers[i].reg] = sets[p->input_registers[i].index];
    run_code(t, p->lane);
    for (size_t i = 0; i < p->state_count; i++) t->of[p->states[i].reg] = t->of[p->states[i].initial] | t->stored[i];
}

/* A step; true where its end carries more than was known. What is bound to steps alone hangs on no input. */
static bool run_step(tracer *t, const uint64_t *sets)
{
    const pf_plan *p = t->plan;
    bool is_new = false;
    begin(t, sets);
    for (size_t i = 0; i < p->segment_count; i++)
        if (p->segments[i].kind == PF_LOOP) run_loop(t, &p->loops[p->segments[i].loop]);
        else run_code(t, p->segments[i].code);
    for (size_t i = 0; i < p->state_count; i++) {
        uint64_t next = t->stored[i] | t->of[p->states[i].next];
        is_new |= next != t->stored[i];
        t->stored[i] = next;
    }
    return is_new;
}

uint64_t *pf_influences(const pf_plan *plan, const uint64_t *sets)
{
    tracer t = {plan, pf_calloc(plan->registers + 1, sizeof *t.of), pf_calloc(plan->state_count + 1, sizeof *t.stored)};
    uint64_t *outputs = pf_calloc(plan->output_count + 1, sizeof *outputs);
    while (run_step(&t, sets)) continue;
    for (size_t i = 0; i < plan->output_count; i++) outputs[i] = t.of[plan->outputs[i]];
    free(t.of);
    free(t.stored);
    return outputs;
}
