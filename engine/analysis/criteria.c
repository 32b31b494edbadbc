/* From a results file to verdicts: takes the run at the medians and the members that a sweep kept, works each criterion
 * out on sums over parks and years, and holds it against what is asked. */
#include "analysis/criteria.h"

#include "base/operations.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a threshold: what rounding may take from a value that is just met. */
static const double rounding = 1e-9;

const char *pf_criterion_verdict_name(pf_criterion_verdict verdict)
{
    static const char *const names[] = {"not computable", "missed", "met", "open", "not in force", "value alone"};
    return names[verdict];
}

pf_criterion_result *pf_scoreboard_at(const pf_scoreboard *b, size_t criterion, size_t scenario, size_t park,
                                      size_t year)
{
    return &b->results[((criterion * b->scenarios + scenario) * b->parks + park) * b->years + year];
}

static const char *bound(pf_arena *arena, const char *words, const pf_criterion *c, double base)
{
    bool is_pure = !strcmp(c->unit, "1");
    return pf_format(arena, "%s %.6g%s%s", words, base / c->scale, is_pure ? "" : " ", is_pure ? "" : c->unit);
}

const char *pf_criterion_wants(pf_arena *arena, const pf_criterion *c)
{
    const char *least = isfinite(c->at_least) ? bound(arena, "at least", c, c->at_least) : NULL,
               *most = isfinite(c->at_most) ? bound(arena, "at most", c, c->at_most) : NULL;
    if (least && most) return pf_format(arena, "%s, %s", least, most);
    return least ? least : most ? most : "";
}

/* ---- arithmetic, on one value or on one of each member ---- */

/* Columns of n values for each indicator, in its unit. */
typedef struct {
    const pf_compiled *model;
    size_t n, park; /* park: model->park_count is all together */
    const double *(*column)(void *user, uint32_t indicator);
    void *user;
} source;

/* All parks together have it only if each has. `shared` is no park. */
static double fact_of(const pf_compiled *m, const pf_fact *fact, size_t park)
{
    double sum = 0;
    if (park < m->park_count) return fact->values[park];
    for (size_t p = 0; p + 1 < m->park_count; p++) sum += fact->values[p];
    return sum;
}

static void fill(double *to, size_t n, double value)
{
    for (size_t i = 0; i < n; i++) to[i] = value;
}

/* What a step puts on the stack. */
static void take(const source *s, const pf_arithmetic *step, double *to)
{
    if (step->kind == PF_TAKE_NUMBER) fill(to, s->n, step->number);
    else if (step->kind == PF_TAKE_FACT) fill(to, s->n, fact_of(s->model, &s->model->facts[step->row], s->park));
    else {
        const double *values = s->column(s->user, step->row);
        for (size_t i = 0; i < s->n; i++) to[i] = values ? values[i] * step->number : (double)NAN;
    }
}

/* Where the expression has no value (something over nothing) it is NaN. values [n], in the criterion's unit. */
static void work_out(const source *s, const pf_criterion *c, double *values)
{
    double *stack = pf_doubles((c->step_count + 1) * s->n), *top = stack;
    for (size_t k = 0; k < c->step_count; k++) {
        const pf_arithmetic *step = &c->steps[k];
        if (step->kind != PF_TAKE_OPERATION) {
            take(s, step, top);
            top += s->n;
            continue;
        }
        bool is_sign = step->row == PF_NEG;
        double *b = top - s->n, *a = is_sign ? b : b - s->n;
        for (size_t i = 0; i < s->n; i++) a[i] = pf_operation_apply(step->row, a[i], b[i], 0);
        top = a + s->n;
    }
    for (size_t i = 0; i < s->n; i++) values[i] = isfinite(stack[i]) ? stack[i] / c->scale : (double)NAN;
    free(stack);
}

/* ---- verdicts ---- */

static bool meets(const pf_criterion *c, double value)
{
    double base = value * c->scale;
    return base >= c->at_least - rounding * fabs(c->at_least) && base <= c->at_most + rounding * fabs(c->at_most);
}

bool pf_criterion_asks(const pf_criterion *c)
{
    return isfinite(c->at_least) || isfinite(c->at_most);
}

/* Would what a bound leaves out change the verdict? More cannot undo that it is enough, nor that it is too much. */
static bool is_proved(const pf_criterion *c, double value, bool is_met)
{
    bool is_below = value * c->scale < c->at_least;
    if (c->exactness == PF_VALUE_EXACT) return true;
    if (is_met) return !isfinite(c->exactness == PF_VALUE_AT_LEAST ? c->at_most : c->at_least);
    return is_below == (c->exactness == PF_VALUE_AT_MOST);
}

static pf_criterion_verdict judge(const pf_criterion *c, double value)
{
    if (isnan(value)) return PF_NOT_COMPUTABLE;
    if (!pf_criterion_asks(c)) return PF_VALUE_ALONE;
    bool is_met = meets(c, value);
    if (!is_proved(c, value, is_met)) return PF_OPEN;
    return is_met ? PF_MET : PF_MISSED;
}

/* At the end of the period. */
static bool is_in_force(const pf_criterion *c, const pf_period *period)
{
    return c->from_day < period->end_day && period->end_day <= c->until_day;
}

static bool is_computable(const pf_compiled *m, const pf_criterion *c, size_t park)
{
    return !c->not_computable && !(park < m->park_count && c->not_in[park]);
}

/* values [n] are put into order. */
static void count_members(const pf_criterion *c, double *values, size_t n, pf_criterion_result *out)
{
    size_t with = 0, met = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) values[with++] = values[i];
    for (size_t i = 0; i < with; i++) met += meets(c, values[i]);
    out->members = (double)with;
    if (!with) return;
    gsl_sort(values, 1, with);
    out->low = gsl_stats_quantile_from_sorted_data(values, 1, with, 0.05);
    out->median = gsl_stats_quantile_from_sorted_data(values, 1, with, 0.5);
    out->high = gsl_stats_quantile_from_sorted_data(values, 1, with, 0.95);
    if (pf_criterion_asks(c)) out->probability = (double)met / (double)with;
}

/* ---- the run at the medians ---- */

typedef struct {
    const pf_scoreboard *board;
    size_t scenario, park, year;
} place;

static const double *median_column(void *user, uint32_t indicator)
{
    const place *p = user;
    return pf_tidy_series(p->board->tidy, (pf_tidy_place){indicator, 0, p->scenario, p->park, 0}) + p->year;
}

static void judge_place(const pf_scoreboard *b, place p)
{
    source from = {b->model, 1, p.park, median_column, &p};
    for (size_t c = 0; c < b->model->criterion_count; c++) {
        const pf_criterion *criterion = &b->model->criteria[c];
        pf_criterion_result *out = pf_scoreboard_at(b, c, p.scenario, p.park, p.year);
        double none = (double)NAN;
        *out = (pf_criterion_result){none, none, none, none, none, 0, PF_NOT_COMPUTABLE};
        if (!is_computable(b->model, criterion, p.park)) continue;
        work_out(&from, criterion, &out->value);
        out->verdict =
            is_in_force(criterion, &b->tidy->periods[p.year]) ? judge(criterion, out->value) : PF_NOT_IN_FORCE;
    }
}

static void judge_medians(const pf_scoreboard *b)
{
    for (size_t s = 0; s < b->scenarios; s++)
        for (size_t p = 0; p < b->parks; p++)
            for (size_t y = 0; y < b->years; y++) judge_place(b, (place){b, s, p, y});
}

/* ---- members ---- */

typedef struct {
    pf_scoreboard *board;
    pf_sample *sample;
    double **memory;        /* [indicator][year]; NULL: no criterion names it */
    const double **columns; /* of one scenario and park; NULL: it was not kept */
    size_t *periods;        /* [years]: rows of the sample */
    size_t year;            /* that is worked on */
    pf_diagnostics *diagnostics;
} crowd;

static size_t row_of(const char *const *labels, size_t count, const char *label)
{
    size_t row = 0;
    while (row < count && strcmp(labels[row], label) != 0) row++;
    return row;
}

static const double *member_column(void *user, uint32_t indicator)
{
    const crowd *w = user;
    return w->columns[indicator * w->board->years + w->year];
}

static void make_columns(crowd *w)
{
    const pf_compiled *m = w->board->model;
    size_t years = w->board->years, count = m->indicator_count * years + 1;
    w->memory = pf_calloc(count, sizeof *w->memory);
    w->columns = pf_calloc(count, sizeof *w->columns);
    w->periods = pf_calloc(years, sizeof *w->periods);
    for (size_t y = 0; y < years; y++)
        w->periods[y] = row_of(w->sample->periods, w->sample->period_count, w->board->tidy->periods[y].label);
    for (size_t c = 0; c < m->criterion_count; c++)
        for (size_t k = 0; k < m->criteria[c].step_count; k++) {
            const pf_arithmetic *step = &m->criteria[c].steps[k];
            if (step->kind != PF_TAKE_INDICATOR || w->memory[step->row * years]) continue;
            for (size_t y = 0; y < years; y++) w->memory[step->row * years + y] = pf_doubles(w->sample->kept_count);
        }
    /* A park's periods lie side by side; other parks are not read along. */
    w->sample->read_ahead = w->sample->kept_count * w->sample->period_count * sizeof(double);
}

static void free_columns(crowd *w)
{
    size_t count = w->board->model->indicator_count * w->board->years;
    for (size_t i = 0; i < count; i++) free(w->memory[i]);
    free(w->memory);
    free(w->columns);
    free(w->periods);
}

static size_t kept_row(const pf_sample *s, const char *indicator)
{
    size_t row = 0;
    while (row < s->indicator_count && strcmp(s->indicators[row].name, indicator) != 0) row++;
    return row;
}

/* Of all years, indicator by indicator, which is the order of the file. */
static pf_status read_columns(crowd *w, size_t scenario, size_t park)
{
    const pf_sample *s = w->sample;
    size_t years = w->board->years;
    for (size_t i = 0; i < w->board->model->indicator_count; i++) {
        size_t row = kept_row(s, w->board->model->indicators[i].name);
        for (size_t y = 0; y < years && row < s->indicator_count; y++) {
            double *to = w->memory[i * years + y];
            if (!to || w->periods[y] == s->period_count) continue;
            if (pf_sample_read(w->sample, scenario, row, park, w->periods[y], to, w->diagnostics)) return PF_FAILED;
            w->columns[i * years + y] = to;
        }
    }
    return PF_OK;
}

static void count_year(crowd *w, place p)
{
    source from = {w->board->model, w->sample->kept_count, p.park, member_column, w};
    double *values = pf_doubles(from.n);
    w->year = p.year;
    for (size_t c = 0; c < from.model->criterion_count; c++) {
        const pf_criterion *criterion = &from.model->criteria[c];
        if (!is_computable(from.model, criterion, p.park) || !is_in_force(criterion, &w->board->tidy->periods[p.year]))
            continue;
        work_out(&from, criterion, values);
        count_members(criterion, values, from.n, pf_scoreboard_at(w->board, c, p.scenario, p.park, p.year));
    }
    free(values);
}

static pf_status count_park(crowd *w, size_t row_of_case, size_t row_of_park)
{
    const pf_tidy *t = w->board->tidy;
    const pf_sample *s = w->sample;
    size_t scenario = row_of(s->scenarios, s->scenario_count, t->cases[row_of_case].label),
           park = row_of(s->parks, s->park_count, t->parks[row_of_park].name);
    if (scenario == s->scenario_count || park == s->park_count) return PF_OK;
    if (read_columns(w, scenario, park)) return PF_FAILED;
    for (size_t y = 0; y < w->board->years; y++) count_year(w, (place){w->board, row_of_case, row_of_park, y});
    return PF_OK;
}

static pf_status count_of_sweep(pf_scoreboard *b, const char *path, pf_diagnostics *diagnostics)
{
    crowd w = {.board = b, .sample = pf_sample_open(path, diagnostics), .diagnostics = diagnostics};
    pf_status status = PF_OK;
    if (!w.sample) return PF_FAILED;
    make_columns(&w);
    for (size_t s = 0; s < b->scenarios; s++)
        for (size_t p = 0; p < b->parks && !status; p++) status = count_park(&w, s, p);
    b->members = w.sample->kept_count;
    free_columns(&w);
    pf_sample_close(w.sample);
    return status;
}

/* Only with these are all indicators there by member, park and year. */
static bool has_members(pf_scoreboard *b)
{
    const pf_sample *s = b->tidy->sample;
    if (!s->design) return false;
    if (s->keep && !strcmp(s->keep, "annual")) return true;
    b->without_members = "the sweep kept no members by park and year; sweep with --keep annual";
    return false;
}

/* ---- opening ---- */

static pf_status check(const pf_scoreboard *b, const char *path, pf_diagnostics *diagnostics)
{
    if (!b->model->criterion_count)
        return pf_error(diagnostics, (pf_mark){0},
                        "the model of '%s' has no criteria; add scenarios/framework/eip.yaml to its `use:` and run it "
                        "again",
                        path);
    if (!b->years) return pf_error(diagnostics, (pf_mark){0}, "'%s' holds no whole year", path);
    return PF_OK;
}

bool pf_scoreboard_open(pf_scoreboard *b, const char *path, pf_diagnostics *diagnostics)
{
    *b = (pf_scoreboard){.tidy = pf_tidy_open(path, &(pf_tidy_request){.at_medians = true}, diagnostics)};
    if (!b->tidy) return false;
    b->model = b->tidy->model;
    b->scenarios = b->tidy->case_count;
    b->parks = b->tidy->park_count;
    b->years = b->tidy->years;
    if (check(b, path, diagnostics)) return false;
    b->results = pf_calloc(b->model->criterion_count * b->scenarios * b->parks * b->years, sizeof *b->results);
    judge_medians(b);
    return !has_members(b) || !count_of_sweep(b, path, diagnostics);
}

void pf_scoreboard_close(pf_scoreboard *b)
{
    free(b->results);
    pf_tidy_close(b->tidy);
}
