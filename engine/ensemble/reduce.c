/* Sums the outputs of steps into periods, parks into all parks, and divides ratios at the end. */
#include "ensemble/reduce.h"

#include "base/operations.h"

#include <math.h>
#include <string.h>

static int year_of(int32_t day_number)
{
    int year, month, day;
    pf_day_date(day_number, &year, &month, &day);
    return year;
}

static pf_step reported_step(const pf_compiled *m, size_t step)
{
    return m->scenario->calendar.steps[m->scenario->calendar.first_reported + step];
}

static pf_period period_of_steps(const pf_compiled *m, uint32_t first, uint32_t end, const char *label)
{
    return (pf_period){label, reported_step(m, first).first_day, reported_step(m, end - 1).end_day, first, end};
}

/* Where the cells of flows and closures begin. */
static pf_reduction laid_out(pf_reduction r)
{
    size_t steps = r.by_step ? r.period_count : 0;
    r.parks = r.model->park_count + 1;
    r.flows = r.model->indicator_count * r.parks * r.period_count;
    r.closures = r.flows + r.model->flow_count * steps;
    r.cells = r.closures + r.model->closure_count * steps;
    return r;
}

pf_reduction pf_reduction_by_step(const pf_compiled *m)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    pf_period *periods = PF_ARRAY(m->scenario->arena, pf_period, calendar->reported);
    for (uint32_t s = 0; s < calendar->reported; s++)
        periods[s] =
            period_of_steps(m, s, s + 1, pf_step_text(m->scenario->arena, calendar, calendar->first_reported + s));
    return laid_out((pf_reduction){m, .by_step = true, .periods = periods, .period_count = calendar->reported});
}

/* Is step `first` the first of a year of which all days are reported? Then *end is the step behind it. */
static bool whole_year(const pf_compiled *m, uint32_t first, uint32_t *end)
{
    uint32_t reported = m->scenario->calendar.reported;
    int year = year_of(reported_step(m, first).first_day);
    for (*end = first; *end < reported && year_of(reported_step(m, *end).first_day) == year;) ++*end;
    return reported_step(m, first).first_day == pf_day_number(year, 1, 1) &&
           reported_step(m, *end - 1).end_day == pf_day_number(year + 1, 1, 1);
}

static const char *whole_label(const pf_compiled *m, uint32_t steps, bool years)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    pf_arena *arena = m->scenario->arena;
    int first = year_of(reported_step(m, 0).first_day), last = year_of(reported_step(m, steps - 1).end_day - 1);
    if (years) return first == last ? pf_format(arena, "%d", first) : pf_format(arena, "%d-%d", first, last);
    return pf_format(arena, "%s..%s", pf_step_text(arena, calendar, calendar->first_reported),
                     pf_step_text(arena, calendar, calendar->first_reported + steps - 1));
}

pf_reduction pf_reduction_by_year(const pf_compiled *m)
{
    uint32_t steps = m->scenario->calendar.reported, end, covered = 0;
    PF_LIST(pf_period) periods = {0};
    for (uint32_t first = 0; first < steps; first = end) {
        if (!whole_year(m, first, &end)) continue;
        const char *label = pf_format(m->scenario->arena, "%d", year_of(reported_step(m, first).first_day));
        *PF_PUSH(m->scenario->arena, periods) = period_of_steps(m, first, end, label);
        covered += end - first;
    }
    size_t years = periods.count;
    if (years != 1 || covered < steps)
        *PF_PUSH(m->scenario->arena, periods) = period_of_steps(m, 0, steps, whole_label(m, steps, covered == steps));
    return laid_out((pf_reduction){m, .periods = periods.items, .period_count = periods.count, .years = years});
}

typedef enum { SUM, MEAN, POINT } method;

static method method_of(const pf_indicator *indicator)
{
    switch (indicator->method[0]) { /* "mean", "point", "sum" */
    case 'm': return MEAN;
    case 'p': return POINT;
    default: return SUM;
    }
}

PF_WIDE static void add_to_cell(double *cell, const double *output, size_t lanes, method how, double days)
{
    if (how == POINT)
        for (size_t l = 0; l < lanes; l++) cell[l] = output[l];
    else if (how == MEAN)
        for (size_t l = 0; l < lanes; l++) cell[l] += output[l] * days;
    else
        for (size_t l = 0; l < lanes; l++) cell[l] += output[l];
}

/* A step's outputs, one after another, and the block's cells. */
typedef struct {
    const pf_reduction *r;
    uint32_t step;
    size_t width, stride, lanes;
    const double *output;
    double *cells;
} taking;

/* Adds the next output to its cell in each period that the step is in. */
static void take_indicator(taking *t, size_t indicator, size_t park, method how, double days)
{
    const pf_reduction *r = t->r;
    size_t first = r->by_step ? t->step : 0, end = r->by_step ? first + 1 : r->period_count;
    for (size_t p = first; p < end; p++)
        if (t->step >= r->periods[p].first_step && t->step < r->periods[p].end_step)
            add_to_cell(t->cells + pf_cell(r, indicator, park, p) * t->lanes, t->output, t->width, how, days);
    t->output += t->stride;
}

/* Flows and closures by step are copied. */
static void take_rows(taking *t, size_t first_cell, size_t count)
{
    size_t steps = t->r->period_count;
    for (size_t i = 0; i < count; i++, t->output += t->stride)
        memcpy(t->cells + (first_cell + i * steps + t->step) * t->lanes, t->output, t->width * sizeof *t->cells);
}

/* Outputs come in the order of the plan: indicators that are no ratio by park, flows, closures. */
static void take_step(const void *self, uint32_t step, size_t width, const double *outputs, size_t stride,
                      double *cells, size_t lanes)
{
    const pf_reduction *r = self;
    const pf_compiled *m = r->model;
    if (step >= m->scenario->calendar.reported) return; /* a report may end before the model does */
    taking t = {r, step, width, stride, lanes, outputs, cells};
    double days = reported_step(m, step).end_day - reported_step(m, step).first_day;
    for (size_t v = 0; v < m->indicator_count; v++)
        for (size_t park = 0; m->indicators[v].numerator < 0 && park < m->park_count; park++)
            take_indicator(&t, v, park, method_of(&m->indicators[v]), days);
    if (!r->by_step) return;
    take_rows(&t, r->flows, m->flow_count);
    take_rows(&t, r->closures, m->closure_count);
}

static void divide_by_days(const pf_reduction *r, size_t indicator, size_t lanes, double *cells)
{
    for (size_t park = 0; park < r->model->park_count; park++)
        for (size_t p = 0; p < r->period_count; p++) {
            double *cell = cells + pf_cell(r, indicator, park, p) * lanes;
            double days = r->periods[p].end_day - r->periods[p].first_day;
            for (size_t l = 0; l < lanes; l++) cell[l] /= days;
        }
}

PF_WIDE static void add_parks(const pf_reduction *r, size_t indicator, size_t lanes, double *cells)
{
    for (size_t p = 0; p < r->period_count; p++) {
        double *all = cells + pf_cell(r, indicator, r->parks - 1, p) * lanes;
        for (size_t park = 0; park < r->model->park_count; park++) {
            const double *cell = cells + pf_cell(r, indicator, park, p) * lanes;
            for (size_t l = 0; l < lanes; l++) all[l] += cell[l];
        }
    }
}

PF_WIDE static void divide_ratio(const pf_reduction *r, size_t indicator, size_t lanes, double *cells)
{
    const pf_indicator *ratio = &r->model->indicators[indicator];
    for (size_t park = 0; park < r->parks; park++)
        for (size_t p = 0; p < r->period_count; p++) {
            const double *above = cells + pf_cell(r, (size_t)ratio->numerator, park, p) * lanes,
                         *below = cells + pf_cell(r, (size_t)ratio->denominator, park, p) * lanes;
            double *cell = cells + pf_cell(r, indicator, park, p) * lanes;
            for (size_t l = 0; l < lanes; l++) cell[l] = below[l] != 0 ? above[l] / below[l] : (double)NAN;
        }
}

/* Both parts of a ratio are sums or means themselves, so ratios come last. */
static void end_block(const void *self, size_t lanes, double *cells)
{
    const pf_reduction *r = self;
    const pf_indicator *indicators = r->model->indicators;
    for (size_t v = 0; v < r->model->indicator_count; v++) {
        if (indicators[v].numerator >= 0) continue;
        if (method_of(&indicators[v]) == MEAN) divide_by_days(r, v, lanes, cells);
        add_parks(r, v, lanes, cells);
    }
    for (size_t v = 0; v < r->model->indicator_count; v++)
        if (indicators[v].numerator >= 0) divide_ratio(r, v, lanes, cells);
}

pf_reducer pf_reducer_of(const pf_reduction *reduction)
{
    return (pf_reducer){reduction, reduction->cells, take_step, end_block};
}

static void take_step_of_pair(const void *self, uint32_t step, size_t width, const double *outputs, size_t stride,
                              double *cells, size_t lanes)
{
    const pf_reduction_pair *pair = self;
    take_step(&pair->first, step, width, outputs, stride, cells, lanes);
    take_step(&pair->second, step, width, outputs, stride, cells + pair->first.cells * lanes, lanes);
}

static void end_block_of_pair(const void *self, size_t lanes, double *cells)
{
    const pf_reduction_pair *pair = self;
    end_block(&pair->first, lanes, cells);
    end_block(&pair->second, lanes, cells + pair->first.cells * lanes);
}

pf_reducer pf_reducer_of_pair(const pf_reduction_pair *pair)
{
    return (pf_reducer){pair, pair->first.cells + pair->second.cells, take_step_of_pair, end_block_of_pair};
}
