/* accounting.freeze: reads {adoption: DATE, activity: PERIOD, factors: PERIOD} to days, and gives what a series is held
 * at. The graph keeps each series whole, so that average(x, year) sees it; lowering puts the mean in its place. */
#include "model/model.h"

#include <string.h>

static const char *const names[PF_DRIVERS] = {
    [PF_BY_ADOPTION] = "adoption", [PF_BY_ACTIVITY] = "activity", [PF_BY_FACTORS] = "factors"};

static const char *time_text(const pf_model *m)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    return pf_format(m->arena, "%s..%s", pf_step_text(m->arena, calendar, 0),
                     pf_step_text(m->arena, calendar, calendar->count - 1));
}

/* A mean is over whole steps; adoption is that of an instant. */
static bool is_within_time(const pf_model *m, pf_driver driver, pf_step days)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    uint32_t first, end;
    if (driver != PF_BY_ADOPTION) return pf_steps_of(calendar->steps, calendar->count, days, &first, &end);
    return days.first_day >= calendar->steps[0].first_day &&
           days.end_day <= calendar->steps[calendar->count - 1].end_day;
}

/* The days that one key names; NULL after an error. */
static const pf_step *read_days(pf_model *m, pf_driver driver, const pf_tree *tree)
{
    bool is_date = driver == PF_BY_ADOPTION;
    pf_step *days = PF_NEW(m->arena, pf_step);
    if (tree->kind != PF_TEXT || !(is_date ? pf_date_parse : pf_period_parse)(tree->text, days)) {
        pf_error(m->diagnostics, tree->mark, "found %s under '%s', expected %s",
                 tree->kind == PF_TEXT ? pf_format(m->arena, "'%s'", tree->text) : pf_tree_kind_name(tree),
                 names[driver], is_date ? "a date like 2023-10" : "a year or another period, like 2019 or 2019..2021");
        return NULL;
    }
    if (m->scenario->calendar.stands_in || is_within_time(m, driver, *days)) return days;
    pf_error(m->diagnostics, tree->mark, "%s cannot be held as in '%s', which is not %s the model's time, %s",
             names[driver], tree->text, is_date ? "within" : "made of steps of", time_text(m));
    return NULL;
}

void pf_read_freeze(pf_model *m, const pf_tree *freeze, const pf_step **held)
{
    bool is_empty = true;
    if (!freeze || freeze->kind != PF_MAPPING) return; /* the schema has said so */
    for (size_t i = 0; i < freeze->entries.count; i++) is_empty &= pf_is_remark(freeze->entries.items[i].key);
    for (pf_driver driver = PF_BY_ADOPTION; driver < PF_DRIVERS; driver++) {
        const pf_tree *tree = pf_tree_get(freeze, names[driver]);
        if (tree) held[driver] = read_days(m, driver, tree);
    }
    if (is_empty)
        pf_error(m->diagnostics, freeze->mark, "'freeze' holds nothing; expected adoption, activity or factors");
}

const char *pf_freeze_text(pf_arena *arena, const pf_tree *freeze)
{
    const char *text = NULL;
    for (pf_driver driver = PF_BY_ADOPTION; driver < PF_DRIVERS; driver++) {
        const char *when = pf_tree_get_text(freeze, names[driver]);
        if (when) text = pf_format(arena, "%s%s%s %s", text ? text : "", text ? ", " : "", names[driver], when);
    }
    return text;
}

/* Weighted by days; of equal values it is that value, to the bit. */
static double mean_of(const pf_calendar *calendar, const double *values, pf_step days)
{
    uint32_t first, end;
    double mean = 0, weight = 0;
    pf_steps_of(calendar->steps, calendar->count, days, &first, &end);
    for (uint32_t s = first; s < end; s++) {
        double length = calendar->steps[s].end_day - calendar->steps[s].first_day;
        weight += length;
        mean += (values[s] - mean) * (length / weight);
    }
    return mean;
}

const double *pf_held_values(const pf_model *m, uint32_t series)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    const double *values = m->graph.series.items[series];
    const pf_step *days = m->held[m->graph.follows.items[series]];
    if (!days || calendar->stands_in) return values;
    double *held = PF_ARRAY(m->arena, double, calendar->count), mean = mean_of(calendar, values, *days);
    for (uint32_t s = 0; s < calendar->count; s++) held[s] = mean;
    return held;
}
