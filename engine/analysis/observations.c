/* Holding results against observations: each indicator that a check names is a quantity of a first-order run; the
 * check's arithmetic then works on values and slopes alike. */
#include "analysis/observations.h"

#include "analysis/first_order.h"
#include "base/operations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const pf_compiled *model;
    pf_first_order run;
    size_t *first; /* [observations]: its first quantity */
} holder;

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

/* What a check speaks of, in one scenario; the stack's first is the result. */
static void work_out(const holder *h, const pf_observation *o, size_t quantity, size_t scenario, dual *stack)
{
    const pf_first_order *run = &h->run;
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

/* ---- verdicts ---- */

static pf_verdict judge_observed(const pf_finding *f)
{
    static const double widest = 0.6, ninety_percent = 1.645; /* 1 / 2.5 of the value is left at the lower end */
    if (isnan(f->model)) return PF_NO_SPREAD;
    if (isnan(f->z)) return PF_NO_SPREAD;
    if (fabs(f->z) > 2) return PF_DIFFERS;
    return ninety_percent * f->sd > widest * fabs(f->model) ? PF_TOO_WIDE : PF_AGREES;
}

static void judge(pf_finding *f)
{
    const pf_observation *o = f->of;
    double below = f->model - o->at_least, above = f->model - o->at_most;
    double distance = o->is_bound ? (fabs(below) < fabs(above) ? below : above) : f->model - o->mean;
    double sd = hypot(f->sd, o->sd);
    f->z = sd > 0 ? distance / sd : (double)NAN;
    if (o->is_bound) f->verdict = below >= 0 && above <= 0 ? PF_HOLDS : PF_FAILS;
    else f->verdict = judge_observed(f);
    if (o->unlike) f->verdict = PF_UNLIKE;
    f->counts = o->use == PF_USE_TEST && !o->is_derived && !o->unlike;
}

static pf_finding find(const holder *h, size_t row, uint32_t scenario, dual *stack)
{
    const pf_observation *o = &h->model->observations[row];
    pf_finding f = {.of = o, .scenario = scenario};
    double *slopes = pf_doubles(h->run.k + 1);
    work_out(h, o, h->first[row], scenario, stack);
    f.model = stack->value;
    memcpy(slopes, stack->slopes, h->run.k * sizeof *slopes);
    if (o->against >= 0) {
        work_out(h, o, h->first[row], (size_t)o->against, stack);
        f.model = o->sign * (f.model - stack->value);
        for (size_t i = 0; i < h->run.k; i++) slopes[i] = o->sign * (slopes[i] - stack->slopes[i]);
    }
    f.model *= o->yearly;
    f.sd = o->yearly * sqrt(pf_first_order_variance(&h->run, slopes, NULL));
    judge(&f);
    free(slopes);
    return f;
}

/* ---- all of them ---- */

/* A quantity for each indicator that a check names. */
static pf_quantity *list_quantities(holder *h, size_t *count)
{
    const pf_compiled *m = h->model;
    PF_LIST(pf_quantity) list = {0};
    for (size_t i = 0; i < m->observation_count; i++) {
        const pf_observation *o = &m->observations[i];
        h->first[i] = list.count;
        for (size_t s = 0; s < o->step_count; s++)
            if (o->steps[s].kind == PF_TAKE_INDICATOR)
                *PF_PUSH(m->scenario->arena, list) =
                    (pf_quantity){o->steps[s].row, o->parks, o->first_step, o->end_step};
    }
    *count = list.count;
    return list.items;
}

static void find_all(const holder *h, pf_held *held)
{
    const pf_compiled *m = h->model;
    PF_LIST(pf_finding) list = {0};
    for (size_t i = 0; i < m->observation_count; i++) {
        const pf_observation *o = &m->observations[i];
        size_t depth = depth_of(o);
        double *slopes = pf_doubles(depth * h->run.k + 1);
        dual *stack = pf_calloc(depth, sizeof *stack);
        for (size_t d = 0; d < depth; d++) stack[d].slopes = slopes + d * h->run.k;
        uint32_t first = o->scenario < 0 ? 0 : (uint32_t)o->scenario,
                 end = o->scenario < 0 ? (uint32_t)m->scenario_count : first + 1;
        for (uint32_t s = first; s < end; s++) *PF_PUSH(m->scenario->arena, list) = find(h, i, s, stack);
        free(stack);
        free(slopes);
    }
    held->findings = list.items;
    held->count = list.count;
    held->without = h->run.without;
}

pf_status pf_hold_observations(const pf_compiled *m, pf_held *held, pf_diagnostics *diagnostics)
{
    holder h = {.model = m, .first = PF_ARRAY(m->scenario->arena, size_t, m->observation_count + 1)};
    size_t count;
    const pf_quantity *quantities = list_quantities(&h, &count);
    if (pf_first_order_run(m, quantities, count, &h.run, diagnostics)) return PF_FAILED;
    find_all(&h, held);
    return PF_OK;
}
