/* Holding results against observations: the model's figure for each, with its spread to first order, and what the two
 * together say. */
#include "analysis/observations.h"

#include "analysis/first_order.h"
#include "analysis/observation_values.h"

#include <math.h>
#include <stdlib.h>

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

static pf_finding find(const pf_observed_quantities *quantities, const pf_first_order *run, size_t row,
                       uint32_t scenario)
{
    pf_finding f = {.of = &run->model->observations[row], .scenario = scenario};
    pf_slopes all = {run->values, run->slopes, run->quantities, run->k, run->without};
    double *slopes = pf_doubles(run->k + 1);
    f.model = pf_observation_value(quantities, &all, row, scenario, slopes);
    f.sd = sqrt(pf_first_order_variance(run, slopes, NULL));
    judge(&f);
    free(slopes);
    return f;
}

/* The scenarios that observations speak of, and what they are held against; all, where one names none. */
static const bool *scenarios_of(const pf_compiled *m)
{
    bool *wanted = PF_ARRAY(m->scenario->arena, bool, m->scenario_count + 1);
    for (size_t i = 0; i < m->observation_count; i++) {
        const pf_observation *o = &m->observations[i];
        if (o->is_apart) continue;
        if (o->scenario < 0) return NULL;
        wanted[o->scenario] = true;
        if (o->against >= 0) wanted[o->against] = true;
    }
    return wanted;
}

pf_status pf_hold_observations(const pf_compiled *m, pf_held *held, pf_diagnostics *diagnostics)
{
    pf_observed_quantities quantities = pf_quantities_of_observations(m);
    pf_first_order run;
    PF_LIST(pf_finding) list = {0};
    if (pf_first_order_run(m, quantities.quantities, quantities.count, scenarios_of(m), &run, diagnostics))
        return PF_FAILED;
    for (size_t i = 0; i < m->observation_count; i++) {
        int only = m->observations[i].scenario;
        uint32_t first = only < 0 ? 0 : (uint32_t)only, end = only < 0 ? (uint32_t)m->scenario_count : first + 1;
        if (m->observations[i].is_apart) continue;
        for (uint32_t s = first; s < end; s++) *PF_PUSH(m->scenario->arena, list) = find(&quantities, &run, i, s);
    }
    *held = (pf_held){list.items, list.count, run.without};
    return PF_OK;
}
