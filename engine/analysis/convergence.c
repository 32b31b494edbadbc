/* The trace of an index over prefixes of its sample, and whether the sample was enough. */
#include "analysis/convergence.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>

/* Of the scale: how narrow intervals should be, and from where a parameter matters. */
static const double narrow = 0.05, matters = 0.05;

pf_trace *pf_trace_new(pf_prefix_estimator estimator, void *user, size_t n, size_t k)
{
    pf_trace *self = pf_calloc(1, sizeof *self);
    self->k = k;
    self->indices = pf_calloc(PF_TRACE_STEPS * k + 1, sizeof *self->indices);
    for (size_t step = 0; step < PF_TRACE_STEPS; step++) {
        self->counts[step] = n >> (PF_TRACE_STEPS - 1 - step);
        estimator(user, self->counts[step], self->indices + step * k);
    }
    return self;
}

void pf_trace_free(pf_trace *self)
{
    if (!self) return;
    free(self->indices);
    free(self);
}

static const pf_estimate *at_step(const pf_trace *self, size_t step)
{
    return self->indices + step * self->k;
}

static double half_width_of(pf_estimate index)
{
    return 0.5 * (index.high - index.low);
}

/* Has it an index with the whole sample? */
static bool is_estimated(const pf_trace *self, size_t i)
{
    return !isnan(at_step(self, PF_TRACE_STEPS - 1)[i].value);
}

double pf_trace_half_width(const pf_trace *self, size_t step)
{
    double widest = NAN;
    for (size_t i = 0; i < self->k; i++) {
        if (!is_estimated(self, i)) continue;
        double width = half_width_of(at_step(self, step)[i]);
        if (isnan(width)) return NAN;
        widest = fmax(widest, width);
    }
    return widest;
}

/* Do two parameters that are apart at n stand in the same order at n / 2? */
static bool keep_their_order(const pf_trace *self, size_t i, size_t j)
{
    const pf_estimate *now = at_step(self, PF_TRACE_STEPS - 1), *before = at_step(self, PF_TRACE_STEPS - 2);
    double apart = now[i].value - now[j].value, doubt = fmax(half_width_of(now[i]), half_width_of(now[j]));
    if (fabs(apart) <= doubt) return true;
    return apart * (before[i].value - before[j].value) > 0;
}

static bool is_ranked(const pf_trace *self, double scale)
{
    const pf_estimate *now = at_step(self, PF_TRACE_STEPS - 1);
    for (size_t i = 0; i < self->k; i++)
        for (size_t j = 0; j < i; j++)
            if (now[i].value >= matters * scale && now[j].value >= matters * scale && !keep_their_order(self, i, j))
                return false;
    return true;
}

pf_verdict pf_trace_verdict(const pf_trace *self, double scale)
{
    pf_verdict verdict = {.half_width = pf_trace_half_width(self, PF_TRACE_STEPS - 1)};
    verdict.is_narrow = verdict.half_width <= narrow * scale;
    verdict.is_ranked = is_ranked(self, scale);
    verdict.is_enough = verdict.is_narrow && verdict.is_ranked;
    return verdict;
}
