/* Facts about the model and its plan as one JSON object: titles, units, calendar, scenarios, levers. */
#include "results/explorer_json.h"

#include "base/notation.h"
#include "ensemble/reduce.h"

#include <string.h>

typedef struct {
    const pf_explorer_facts *facts;
    const pf_compiled *model;
    FILE *out;
} writer;

/* ---- pieces of JSON ---- */

static void separate(const writer *w, size_t number)
{
    if (number) fputs(",", w->out);
}

static void key(const writer *w, const char *name)
{
    fprintf(w->out, "\"%s\":", name);
}

static void put_pair(const writer *w, const char *name, const char *text)
{
    pf_json_pair(w->out, name, text);
    fputc(',', w->out);
}

static void put_flag(const writer *w, const char *name, bool flag)
{
    fprintf(w->out, "\"%s\":%s,", name, flag ? "true" : "false");
}

static void put_number(const writer *w, const char *name, long long number)
{
    fprintf(w->out, "\"%s\":%lld,", name, number);
}

/* The last pair of an object, so that each of the others may have a comma behind it. */
static void end_with(const writer *w, const char *name, long long number)
{
    fprintf(w->out, "\"%s\":%lld}\n", name, number);
}

static void put_titles(const writer *w, const char *name, const char *title, const char *title_vi)
{
    put_pair(w, "name", name);
    put_pair(w, "title", title);
    put_pair(w, "title_vi", title_vi);
}

/* ---- the model ---- */

static void put_origin(const writer *w)
{
    const pf_sample *s = w->facts->sample;
    const pf_tree *tree = w->model->scenario->tree;
    put_pair(w, "title", pf_title(tree, "parkflow"));
    put_pair(w, "title_vi", pf_title_vi(tree));
    put_pair(w, "sha256", w->facts->sha256);
    put_pair(w, "version", PF_VERSION);
    put_pair(w, "command", s->command);
    put_pair(w, "accounting", s->accounting);
    put_pair(w, "held", w->model->held);
    put_pair(w, "design", s->design);
    fprintf(w->out, "\"seed\":\"%llu\",", (unsigned long long)s->seed);
    fputs("\"members\":[", w->out);
    for (size_t i = 0; i < w->facts->member_count; i++)
        fprintf(w->out, "%s%llu", i ? "," : "", (unsigned long long)w->facts->members[i]);
    fputs("],", w->out);
}

static void put_indicators(const writer *w)
{
    key(w, "indicators");
    fputc('[', w->out);
    for (size_t i = 0; i < w->model->indicator_count; i++) {
        const pf_indicator *v = &w->model->indicators[i];
        separate(w, i);
        fputc('{', w->out);
        put_titles(w, v->name, v->title, v->title_vi);
        put_pair(w, "unit", v->unit);
        put_pair(w, "method", v->method);
        put_pair(w, "definition", v->definition);
        put_flag(w, "headline", v->headline);
        put_number(w, "numerator", v->numerator);
        end_with(w, "denominator", v->denominator);
    }
    fputs("],", w->out);
}

static void put_parks(const writer *w)
{
    const pf_tree *parks = pf_tree_get(w->model->scenario->tree, "parks");
    key(w, "parks");
    fputc('[', w->out);
    for (size_t i = 0; i < w->model->park_count; i++) {
        const pf_park *park = &w->model->parks[i];
        bool is_shared = i + 1 == w->model->park_count;
        separate(w, i);
        fputc('{', w->out);
        put_titles(w, park->name, park->title,
                   is_shared ? "Dùng chung cho các khu" : pf_title_vi(pf_tree_get(parks, park->name)));
        end_with(w, "row", (long long)i);
    }
    fputs("],", w->out);
}

/* Of a scenario the inputs that it sets to 1; the other switches stand at 0. */
static void put_scenarios(const writer *w)
{
    key(w, "scenarios");
    fputc('[', w->out);
    for (size_t s = 0; s < w->model->scenario_count; s++) {
        const pf_scenario_row *row = &w->model->scenarios[s];
        separate(w, s);
        fputc('{', w->out);
        put_titles(w, row->name, row->title, row->title_vi);
        put_flag(w, "potential", row->potential);
        key(w, "on");
        fputc('[', w->out);
        for (size_t i = 0, count = 0; i < w->model->input_count; i++)
            if (row->switches[i] == 1) fprintf(w->out, "%s%zu", count++ ? "," : "", i);
        fputs("],", w->out);
        end_with(w, "against", row->against);
    }
    fputs("],", w->out);
}

static void put_levers(const writer *w)
{
    const pf_compiled *m = w->model;
    key(w, "levers");
    fputc('[', w->out);
    for (size_t i = 0; i < m->lever_count; i++) {
        const pf_lever *lever = &m->levers[i];
        separate(w, i);
        fputc('{', w->out);
        put_titles(w, lever->name, lever->title, lever->title_vi);
        put_pair(w, "status", lever->status);
        put_pair(w, "curve", lever->curve);
        put_flag(w, "needs_whole", lever->needs_whole);
        put_number(w, "park", lever->park);
        put_number(w, "switched", lever->switched);
        put_number(w, "delay", lever->delay);
        put_number(w, "raise", lever->raise);
        end_with(w, "first_output", lever->first_output);
    }
    fputs("],", w->out);
    key(w, "conflicts");
    fputc('[', w->out);
    for (size_t i = 0; i < m->conflict_count; i++)
        fprintf(w->out, "%s[%u,%u]", i ? "," : "", m->conflicts[i].first, m->conflicts[i].second);
    fputs("],", w->out);
}

static void put_periods(const writer *w, const char *name, const pf_reduction *r, size_t count)
{
    key(w, name);
    fputc('[', w->out);
    for (size_t i = 0; i < count; i++) {
        const pf_period *p = &r->periods[i];
        separate(w, i);
        fputc('{', w->out);
        put_pair(w, "label", p->label);
        put_number(w, "first_day", p->first_day);
        put_number(w, "end_day", p->end_day);
        put_number(w, "first_step", p->first_step);
        end_with(w, "end_step", p->end_step);
    }
    fputs("],", w->out);
}

static void put_calendar(const writer *w)
{
    pf_reduction by_step = pf_reduction_by_step(w->model), by_year = pf_reduction_by_year(w->model);
    put_periods(w, "by_step", &by_step, by_step.period_count);
    put_periods(w, "by_year", &by_year, by_year.period_count);
    put_number(w, "years", (long long)by_year.years);
    put_number(w, "first_day", w->model->scenario->calendar.steps[0].first_day);
}

void pf_explorer_put_facts(const pf_explorer_facts *facts, FILE *out)
{
    writer w = {facts, facts->model, out};
    fputc('{', out);
    put_origin(&w);
    put_indicators(&w);
    put_parks(&w);
    put_scenarios(&w);
    put_levers(&w);
    put_calendar(&w);
    key(&w, "plan");
    pf_explorer_put_plan(&facts->plan, out);
    fputs("}\n", out);
}
