/* The loop of an analysis: takes chosen outputs of a sample, gives their indices, traces and notes. The members that
 * estimates are made from are those whose output is finite; they are mostly the same for all outputs, so that what is
 * worked out of their parameters once serves until they change. */
#include "analysis/study_internal.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const pf_study *study;
    pf_source source;
    pf_findings *f;
    pf_diagnostics *diagnostics;
    double *kept, *y;                 /* of the members that were kept; of those in use */
    size_t *rows, n;                  /* in use: those with a finite output, or all groups */
    size_t *next;                     /* the same of the output at hand, until it is compared */
    pf_inputs inputs[PF_TRACE_STEPS]; /* of the first n / 16 ... n; the last: of all */
    void *prepared[PF_TRACE_STEPS];
    bool is_ready[PF_TRACE_STEPS];
    pf_estimate *scratch; /* [PF_MOST_INDICES][k] */
} work;

enum { ALL = PF_TRACE_STEPS - 1 };

/* ---- findings ---- */

pf_findings *pf_findings_new(const pf_study *study, size_t k, const char *const *parameters)
{
    pf_arena *arena = pf_arena_new();
    pf_findings *f = PF_NEW(arena, pf_findings);
    const pf_choice *choice = &study->choice;
    size_t outputs = choice->indicator_count * choice->case_count * choice->period_count;
    const char **names = PF_ARRAY(arena, const char *, k + 1);
    memcpy(names, parameters, k * sizeof *names);
    *f = (pf_findings){.arena = arena, .study = study, .k = k, .parameters = names};
    for (size_t i = 0; i < study->method->index_count; i++) {
        f->indices[i] = PF_ARRAY(arena, pf_estimate, outputs * k + 1);
        for (size_t j = 0; j < outputs * k; j++) f->indices[i][j] = (pf_estimate){NAN, NAN, NAN};
    }
    f->outputs = PF_ARRAY(arena, pf_of_output, outputs + 1);
    f->traces = PF_ARRAY(arena, pf_trace *, choice->indicator_count * choice->case_count + 1);
    return f;
}

void pf_findings_free(pf_findings *f)
{
    if (!f) return;
    size_t traces = f->study->choice.indicator_count * f->study->choice.case_count;
    for (size_t i = 0; i < traces; i++) pf_trace_free(f->traces[i]);
    pf_arena_free(f->arena);
}

double pf_noise_of(const pf_findings *f, size_t output)
{
    return f->slices ? pf_pawn_noise(f->outputs[output].n, f->slices) : 0;
}

double pf_scale_of(const pf_findings *f, size_t output)
{
    const pf_method *method = f->study->method;
    double greatest = 0;
    if (method->is_share) return 1;
    for (size_t i = 0; i < f->k; i++) greatest = fmax(greatest, fabs(pf_index_of(f, method->leading, output)[i].value));
    return greatest;
}

static void add_pairs(work *w)
{
    const pf_study *study = w->study;
    const pf_choice *choice = &study->choice;
    pf_findings *f = w->f;
    f->has_pairs = study->method->has_pairs && pf_design_arrangement(study->design) == PF_ARRANGED_SECOND &&
                   f->k <= PF_MOST_PAIRED;
    if (!f->has_pairs) return;
    size_t values = choice->indicator_count * choice->case_count * choice->period_count * f->k * f->k;
    f->pairs = PF_ARRAY(f->arena, pf_estimate, values);
    for (size_t i = 0; i < values; i++) f->pairs[i] = (pf_estimate){NAN, NAN, NAN};
}

/* ---- members in use ---- */

static void release(work *w)
{
    for (size_t step = 0; step < PF_TRACE_STEPS; step++) {
        if (!w->is_ready[step]) continue;
        if (w->study->method->release) w->study->method->release(w->prepared[step]);
        free(w->inputs[step].x);
        w->is_ready[step] = false;
    }
}

static size_t units_of(const work *w)
{
    return w->n / w->source.group;
}

/* The method's inputs for one of the prefixes, made when they are first asked for. */
static void make_ready(work *w, size_t step)
{
    if (w->is_ready[step]) return;
    size_t n = (units_of(w) >> (ALL - step)) * w->source.group;
    pf_inputs *inputs = &w->inputs[step];
    *inputs = (pf_inputs){n, w->source.k, w->source.group, pf_source_columns(&w->source, w->rows, n, w->diagnostics)};
    w->prepared[step] = w->study->method->prepare ? w->study->method->prepare(inputs) : NULL;
    w->is_ready[step] = true;
}

/* The rows of the output at hand that can be used, into `next`; groups stay whole, and the estimators pass over those
 * that are not finite. */
static size_t find_rows(const work *w)
{
    size_t count = 0;
    for (size_t i = 0; i < w->source.n; i++)
        if (w->source.group > 1 || isfinite(w->kept[w->source.rows[i]])) w->next[count++] = w->source.rows[i];
    return count;
}

static void take_rows(work *w)
{
    size_t n = find_rows(w);
    if (n != w->n || memcmp(w->next, w->rows, n * sizeof *w->rows) != 0) {
        release(w);
        memcpy(w->rows, w->next, n * sizeof *w->rows);
        w->n = n;
    }
    for (size_t i = 0; i < n; i++) w->y[i] = w->rows[i] == SIZE_MAX ? (double)NAN : w->kept[w->rows[i]];
}

/* ---- one output ---- */

static bool is_finite_group(const double *y, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isfinite(y[i])) return false;
    return true;
}

/* The mean of the level that a change starts from, or of the output itself: rounding is relative to it. */
static double level_of(const work *w, size_t indicator, size_t row_of_case, size_t period)
{
    const pf_choice *choice = &w->study->choice;
    const pf_sample_case *cases = w->study->sample->cases, *wanted = &cases[choice->cases[row_of_case]];
    for (size_t c = 0; c < row_of_case; c++)
        if (!cases[choice->cases[c]].is_change && cases[choice->cases[c]].scenario == wanted->scenario)
            return w->f->outputs[pf_output_row(w->f, indicator, c, period)].mean;
    return 0;
}

/* Moments over the groups or members in use. */
static pf_of_output describe(const work *w, double level)
{
    size_t group = w->source.group, count = 0;
    double *finite = pf_doubles(w->n + 1), least, greatest;
    pf_of_output of = {.mean = NAN, .sd = NAN, .r2 = NAN};
    for (size_t g = 0; g < units_of(w); g++) {
        if (!is_finite_group(w->y + g * group, group)) continue;
        for (size_t i = 0; i < group; i++) finite[count++] = w->y[g * group + i];
    }
    of.n = count / group;
    of.is_few = of.n < w->study->method->few;
    if (count > 1) {
        gsl_stats_minmax(&least, &greatest, finite, 1, count);
        of.mean = gsl_stats_mean(finite, 1, count);
        of.sd = gsl_stats_sd_m(finite, 1, count, of.mean);
        double size = fmax(fabs(level), fmax(fabs(least), fabs(greatest)));
        of.is_constant = greatest - least <= 1e-12 * size;
    }
    free(finite);
    return of;
}

static void estimate(work *w, size_t step, const pf_indices_of *to)
{
    make_ready(w, step);
    w->study->method->estimate(&w->inputs[step], w->prepared[step], w->y, w->study->bootstrap, to);
}

/* ---- the trace ---- */

typedef struct {
    work *w;
    const pf_estimate *whole;
} tracer;

/* Gives the leading index of a prefix; that of all is there already. */
static void estimate_prefix(void *user, size_t count, pf_estimate *indices)
{
    enum { FEWEST = 4 };
    const tracer *t = user;
    work *w = t->w;
    size_t k = w->source.k, units = units_of(w), step = ALL;
    double r2;
    if (count == units) {
        memcpy(indices, t->whole, k * sizeof *indices);
        return;
    }
    for (size_t i = 0; i < k; i++) indices[i] = (pf_estimate){NAN, NAN, NAN};
    if (count < FEWEST) return;
    while (units >> (ALL - step) != count) step--;
    pf_indices_of to = {.r2 = &r2};
    for (size_t i = 0; i < PF_MOST_INDICES; i++)
        to.indices[i] = i == w->study->method->leading ? indices : w->scratch + i * k;
    estimate(w, step, &to);
}

/* ---- all outputs ---- */

static void analyse_output(work *w, size_t indicator, size_t row_of_case, size_t period)
{
    pf_findings *f = w->f;
    const pf_method *method = w->study->method;
    size_t row = pf_output_row(f, indicator, row_of_case, period);
    take_rows(w);
    f->outputs[row] = describe(w, level_of(w, indicator, row_of_case, period));
    if (f->outputs[row].is_constant || f->outputs[row].n < method->least) return;
    pf_indices_of to = {.pairs = f->has_pairs ? f->pairs + row * f->k * f->k : NULL, .r2 = &f->outputs[row].r2};
    for (size_t i = 0; i < method->index_count; i++) to.indices[i] = f->indices[i] + row * f->k;
    estimate(w, ALL, &to);
    if (!method->is_traced || period != w->study->choice.shown || !w->study->bootstrap.resamples) return;
    tracer t = {w, to.indices[method->leading]};
    f->traces[indicator * w->study->choice.case_count + row_of_case] =
        pf_trace_new(estimate_prefix, &t, units_of(w), f->k);
}

static pf_status analyse_all(work *w)
{
    const pf_study *study = w->study;
    const pf_choice *choice = &study->choice;
    size_t done = 0, outputs = choice->case_count * choice->indicator_count * choice->period_count;
    for (size_t c = 0; c < choice->case_count; c++)
        for (size_t i = 0; i < choice->indicator_count; i++)
            for (size_t p = 0; p < choice->period_count; p++) {
                if (pf_sample_read(study->sample, choice->cases[c], choice->indicators[i], choice->park,
                                   choice->periods[p], w->kept, w->diagnostics))
                    return PF_FAILED;
                analyse_output(w, i, c, p);
                if (pf_error_count(w->diagnostics)) return PF_FAILED;
                if (study->progress) study->progress(study->user, ++done, outputs);
            }
    return PF_OK;
}

static pf_findings *run(work *w)
{
    const pf_study *study = w->study;
    size_t kept = study->sample->kept_count, n = w->source.n;
    w->f = pf_findings_new(study, w->source.k, w->source.parameters);
    w->f->members = n;
    w->f->group = w->source.group;
    if (!strcmp(study->method->name, "pawn")) w->f->slices = pf_pawn_slices(n);
    add_pairs(w);
    pf_study_add_notes(&w->source, w->f);
    w->kept = pf_doubles(kept);
    w->y = pf_doubles(n);
    w->rows = pf_calloc(n, sizeof *w->rows);
    w->next = pf_calloc(n, sizeof *w->next);
    w->scratch = pf_calloc(PF_MOST_INDICES * w->source.k, sizeof *w->scratch);
    pf_status status = analyse_all(w);
    if (!status && w->is_ready[ALL])
        pf_study_find_ties(&w->source, &w->inputs[ALL], w->prepared[ALL], w->rows, w->f, w->diagnostics);
    release(w);
    free(w->kept);
    free(w->y);
    free(w->rows);
    free(w->next);
    free(w->scratch);
    if (!status) return w->f;
    pf_findings_free(w->f);
    return NULL;
}

pf_findings *pf_study_run(const pf_study *study, pf_diagnostics *diagnostics)
{
    work w = {.study = study, .diagnostics = diagnostics};
    pf_findings *found = NULL;
    pf_arena *arena = pf_arena_new();
    if (pf_study_check_design(study, diagnostics)) goto done;
    if (pf_source_open(&w.source, study, arena, diagnostics)) goto done;
    if (pf_study_check_size(&w.source, diagnostics)) goto done;
    found = run(&w);
done:
    pf_arena_free(arena);
    return found;
}
