/* From a results file and names to a table of what they choose: opens the file, compiles the input that it holds, which
 * says how indicators add up, and lets tidy_read.c fill in the values. */
#include "results/tidy_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- choosing by name ---- */

typedef struct {
    const char *path, *what; /* "indicator" */
    const char *const *names;
    size_t count;
} known;

/* The row of a name; `count` after an error with the nearest. */
static size_t find(const known *k, const char *wanted, pf_arena *arena, pf_diagnostics *diagnostics)
{
    pf_nearest near = pf_nearest_to(wanted);
    for (size_t row = 0; row < k->count; row++) {
        if (!strcmp(k->names[row], wanted)) return row;
        pf_nearest_offer(&near, k->names[row]);
    }
    pf_error(diagnostics, (pf_mark){0}, "no %s of '%s' is called '%s'%s", k->what, k->path, wanted,
             pf_nearest_hint(&near, arena));
    return k->count;
}

/* By row: is it wanted? */
static bool *choose(const known *k, const pf_tidy_names *wanted, pf_arena *arena, pf_diagnostics *diagnostics)
{
    bool *chosen = PF_ARRAY(arena, bool, k->count + 1);
    for (size_t row = 0; row < k->count && !wanted->count; row++) chosen[row] = true;
    for (size_t i = 0; i < wanted->count; i++) chosen[find(k, wanted->names[i], arena, diagnostics)] = true;
    return chosen;
}

static void choose_indicators(pf_tidy *t, const pf_tidy_names *wanted, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = t->model;
    const char **names = PF_ARRAY(t->arena, const char *, m->indicator_count + 1);
    for (size_t i = 0; i < m->indicator_count; i++) names[i] = m->indicators[i].name;
    known k = {t->sample->path, "indicator", names, m->indicator_count};
    const bool *chosen = choose(&k, wanted, t->arena, diagnostics);
    if (!k.count) pf_error(diagnostics, (pf_mark){0}, "the model of '%s' has no indicators", k.path);
    t->indicators = PF_ARRAY(t->arena, const pf_indicator *, m->indicator_count + 1);
    for (size_t i = 0; i < m->indicator_count; i++)
        if (chosen[i]) t->indicators[t->indicator_count++] = &m->indicators[i];
}

/* Scenarios with their references; of a sweep also the changes. */
static void choose_cases(pf_tidy *t, const pf_tidy_names *wanted, pf_diagnostics *diagnostics)
{
    const pf_sample *s = t->sample;
    known k = {s->path, "scenario", s->scenarios, s->scenario_count};
    bool *chosen = choose(&k, wanted, t->arena, diagnostics);
    const bool *asked = memcpy(PF_ARRAY(t->arena, bool, s->scenario_count + 1), chosen, s->scenario_count);
    pf_sample_case *cases = PF_ARRAY(t->arena, pf_sample_case, s->case_count + 1);
    for (size_t c = 0; c < s->case_count; c++)
        if (s->cases[c].is_change && asked[s->cases[c].scenario]) chosen[s->cases[c].reference] = true;
    for (size_t c = 0; c < s->case_count; c++)
        if (s->cases[c].is_change ? t->is_sweep && asked[s->cases[c].scenario] : chosen[s->cases[c].scenario])
            cases[t->case_count++] = s->cases[c];
    t->cases = cases;
}

static const char *park_title(const pf_tidy *t, size_t park)
{
    const pf_compiled *m = t->model;
    const pf_tree *parks = pf_tree_get(m->scenario->tree, "parks");
    if (park == m->park_count) return pf_tidy_title(t, "All parks", "Tất cả các khu công nghiệp");
    if (park + 1 == m->park_count) return pf_tidy_title(t, m->parks[park].title, "Dùng chung cho các khu");
    return pf_tidy_title(t, m->parks[park].title, pf_title_vi(pf_tree_get(parks, m->parks[park].name)));
}

static void choose_parks(pf_tidy *t, const pf_tidy_names *wanted, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = t->model;
    size_t count = m->park_count + 1, *rows = PF_ARRAY(t->arena, size_t, count);
    const char **names = PF_ARRAY(t->arena, const char *, count);
    for (size_t p = 0; p < m->park_count; p++) names[p] = m->parks[p].name;
    names[m->park_count] = "all";
    known k = {t->sample->path, "park", names, count};
    const bool *chosen = choose(&k, wanted, t->arena, diagnostics);
    pf_tidy_park *parks = PF_ARRAY(t->arena, pf_tidy_park, count);
    for (size_t p = 0; p < count; p++) {
        if (!chosen[p]) continue;
        rows[t->park_count] = p;
        parks[t->park_count++] = (pf_tidy_park){names[p], park_title(t, p), p == m->park_count};
    }
    t->parks = parks;
    t->file->park_rows = rows;
}

/* ---- opening ---- */

static bool compile(pf_tidy *t, pf_diagnostics *diagnostics)
{
    const pf_sample *s = t->sample;
    if (!s->input) {
        pf_error(diagnostics, (pf_mark){0}, "'%s' does not hold the input that it was made of: run it again", s->path);
        return false;
    }
    t->file->scenario = pf_scenario_read_text(s->input, s->path, NULL, 0, diagnostics);
    if (t->file->scenario) t->model = pf_compile(t->file->scenario, (pf_compile_options){0});
    return t->model && !pf_error_count(diagnostics);
}

static void set_periods(pf_tidy *t)
{
    pf_reduction *r = &t->file->reduction;
    *r = t->by_step ? pf_reduction_by_step(t->model) : pf_reduction_by_year(t->model);
    t->periods = r->periods;
    t->period_count = r->period_count;
    t->years = r->years;
}

static pf_status fill(pf_tidy *t, pf_diagnostics *diagnostics)
{
    pf_h5 *h5 = &t->file->h5;
    pf_h5_open(h5, t->sample->path);
    if (!h5->failed) pf_tidy_read(t);
    if (!h5->failed) return PF_OK;
    return pf_error(diagnostics, (pf_mark){0}, "cannot read results from '%s': %s", t->sample->path, h5->reason);
}

pf_tidy *pf_tidy_open(const char *path, const pf_tidy_request *request, pf_diagnostics *diagnostics)
{
    pf_sample *sample = pf_sample_open_any(path, diagnostics);
    if (!sample) return NULL;
    pf_arena *arena = pf_arena_new();
    pf_tidy *t = PF_NEW(arena, pf_tidy);
    *t = (pf_tidy){.sample = sample,
                   .arena = arena,
                   .by_step = request->by_step,
                   .is_vietnamese = request->is_vietnamese,
                   .is_sweep = sample->design && !request->at_medians,
                   .file = PF_NEW(arena, struct pf_tidy_file)};
    t->file->sample = sample;
    pf_h5_begin(&t->file->h5);
    if (!compile(t, diagnostics)) goto failed;
    set_periods(t);
    choose_indicators(t, &request->indicators, diagnostics);
    choose_cases(t, &request->scenarios, diagnostics);
    choose_parks(t, &request->parks, diagnostics);
    if (!pf_error_count(diagnostics) && !fill(t, diagnostics)) return t;
failed:
    pf_tidy_close(t);
    return NULL;
}

void pf_tidy_close(pf_tidy *t)
{
    if (!t) return;
    pf_h5_end(&t->file->h5);
    pf_sample_close(t->file->sample);
    if (t->file->scenario) pf_scenario_free(t->file->scenario);
    free(t->file->values);
    pf_arena_free(t->arena);
}

/* ---- what is in it ---- */

const double *pf_tidy_series(const pf_tidy *t, pf_tidy_place at)
{
    size_t row = (at.indicator * t->statistic_count + at.statistic) * t->case_count + at.scenario;
    return t->values + (row * t->park_count + at.park) * t->period_count + at.period;
}

void pf_tidy_each(const pf_tidy *t, bool (*take)(void *user, pf_tidy_place place, double value), void *user)
{
    size_t count = t->indicator_count * t->statistic_count * t->case_count * t->park_count * t->period_count;
    bool goes_on = true;
    for (size_t i = 0; i < count && goes_on; i++) {
        size_t series = i / t->period_count, of_case = series / t->park_count, of_statistic = of_case / t->case_count;
        pf_tidy_place at = {of_statistic / t->statistic_count, of_statistic % t->statistic_count,
                            of_case % t->case_count, series % t->park_count, i % t->period_count};
        goes_on = take(user, at, t->values[i]);
    }
}

const char *pf_tidy_title(const pf_tidy *t, const char *english, const char *vietnamese)
{
    return t->is_vietnamese && vietnamese ? vietnamese : english;
}

const char *pf_tidy_unit(const pf_indicator *indicator)
{
    return indicator->unit && *indicator->unit ? indicator->unit : "1";
}

const pf_scenario_row *pf_tidy_scenario(const pf_tidy *t, const char *name)
{
    size_t row = 0;
    while (row + 1 < t->model->scenario_count && strcmp(t->model->scenarios[row].name, name) != 0) row++;
    return &t->model->scenarios[row];
}

double pf_tidy_percentile(const char *statistic)
{
    char *end;
    double percent = *statistic == 'p' ? strtod(statistic + 1, &end) : (double)NAN;
    return !isnan(percent) && end > statistic + 1 && !*end ? percent : (double)NAN;
}

size_t pf_tidy_statistic(const pf_tidy *t, const char *name)
{
    size_t row = 0;
    while (row < t->statistic_count && strcmp(t->statistics[row], name) != 0) row++;
    return row;
}

const char *pf_tidy_date(pf_arena *arena, int32_t day_number)
{
    int year, month, day;
    pf_day_date(day_number, &year, &month, &day);
    return pf_format(arena, "%04d-%02d-%02d", year, month, day);
}

const char *pf_tidy_attribute(const pf_tidy *t, const char *name)
{
    const char *text = pf_h5_get_text(t->file->h5.file, name, t->arena);
    return text ? text : "";
}

const double *pf_tidy_parameters(const pf_tidy *t, size_t *count)
{
    *count = t->file->parameter_count;
    return t->file->parameters;
}
