/* What observations speak of: each indicator that one names is a quantity of a run; its arithmetic then works on values
 * and slopes alike. */
#include "analysis/observation_values.h"

#include "base/operations.h"

#include <stdlib.h>
#include <string.h>

/* ---- arithmetic on values with slopes ---- */

typedef struct {
    double value;
    double *slopes; /* [k] */
} dual;

/* a and b become a op b, by the rules of differentiation; of a sign, a alone. */
static void apply(uint32_t operation, size_t k, dual *a, const dual *b)
{
    double x = a->value, y = b->value;
    for (size_t i = 0; i < k; i++) {
        double dx = a->slopes[i], dy = b->slopes[i];
        switch (operation) {
        case PF_ADD: a->slopes[i] = dx + dy; break;
        case PF_SUB: a->slopes[i] = dx - dy; break;
        case PF_MUL: a->slopes[i] = dx * y + x * dy; break;
        case PF_DIV: a->slopes[i] = (dx - x / y * dy) / y; break;
        default: a->slopes[i] = -dx; break;
        }
    }
    a->value = pf_operation_apply(operation, x, y, 0);
}

/* What it speaks of, in one scenario; the stack's first is the result. */
static void work_out(const pf_slopes *run, const pf_observation *o, size_t quantity, size_t scenario, dual *stack)
{
    size_t top = 0;
    for (size_t i = 0; i < o->step_count; i++) {
        const pf_arithmetic *step = &o->steps[i];
        if (step->kind == PF_TAKE_OPERATION) {
            bool is_sign = step->row == PF_NEG;
            top -= !is_sign;
            apply(step->row, run->k, &stack[top - 1], &stack[is_sign ? top - 1 : top]);
            continue;
        }
        size_t at = scenario * run->quantities + quantity;
        bool is_number = step->kind == PF_TAKE_NUMBER;
        stack[top].value = is_number ? step->number : run->values[at] * step->number;
        for (size_t p = 0; p < run->k; p++)
            stack[top].slopes[p] = is_number ? 0 : run->slopes[at * run->k + p] * step->number;
        quantity += !is_number;
        top++;
    }
}

static size_t depth_of(const pf_observation *o)
{
    size_t top = 0, most = 1;
    for (size_t i = 0; i < o->step_count; i++) {
        if (o->steps[i].kind != PF_TAKE_OPERATION) top++;
        else if (o->steps[i].row != PF_NEG) top--;
        if (top > most) most = top;
    }
    return most;
}

double pf_observation_value(const pf_observed_quantities *self, const pf_slopes *run, size_t row, uint32_t scenario,
                            double *slopes)
{
    const pf_observation *o = &self->model->observations[row];
    size_t depth = depth_of(o);
    double *memory = pf_doubles(depth * run->k + 1);
    dual *stack = pf_calloc(depth, sizeof *stack);
    for (size_t d = 0; d < depth; d++) stack[d].slopes = memory + d * run->k;
    work_out(run, o, self->first[row], scenario, stack);
    double value = stack->value;
    memcpy(slopes, stack->slopes, run->k * sizeof *slopes);
    if (o->against >= 0) {
        work_out(run, o, self->first[row], (size_t)o->against, stack);
        value = o->sign * (value - stack->value);
        for (size_t i = 0; i < run->k; i++) slopes[i] = o->sign * (slopes[i] - stack->slopes[i]);
    }
    for (size_t i = 0; i < run->k; i++) slopes[i] *= o->yearly;
    free(stack);
    free(memory);
    return value * o->yearly;
}

pf_observed_quantities pf_quantities_of_observations(const pf_compiled *m)
{
    pf_arena *arena = m->scenario->arena;
    PF_LIST(pf_quantity) list = {0};
    size_t *first = PF_ARRAY(arena, size_t, m->observation_count + 1);
    for (size_t i = 0; i < m->observation_count; i++) {
        const pf_observation *o = &m->observations[i];
        first[i] = list.count;
        for (size_t s = 0; s < o->step_count; s++)
            if (o->steps[s].kind == PF_TAKE_INDICATOR)
                *PF_PUSH(arena, list) = (pf_quantity){o->steps[s].row, o->parks, o->first_step, o->end_step};
    }
    return (pf_observed_quantities){m, list.items, list.count, first};
}
