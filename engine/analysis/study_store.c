/* From findings to the group /analysis/METHOD of the results file (docs/results.md). */
#include "analysis/study.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    pf_findings *f;
    pf_arena *arena;
    PF_LIST(pf_analysis_dimension) dimensions;
    PF_LIST(pf_analysis_variable) variables;
    PF_LIST(pf_analysis_note) notes;
    bool is_traced;
} table;

/* ---- dimensions ---- */

static void add_dimension(table *t, const char *name, const char *title, const char *const *labels, size_t length)
{
    *PF_PUSH(t->arena, t->dimensions) = (pf_analysis_dimension){name, title, labels, NULL, length};
}

static void add_choice(table *t)
{
    const pf_choice *choice = &t->f->study->choice;
    const pf_sample *sample = t->f->study->sample;
    const char **cases = PF_ARRAY(t->arena, const char *, choice->case_count),
               **periods = PF_ARRAY(t->arena, const char *, choice->period_count);
    for (size_t c = 0; c < choice->case_count; c++) cases[c] = sample->cases[choice->cases[c]].label;
    for (size_t p = 0; p < choice->period_count; p++) periods[p] = sample->periods[choice->periods[p]];
    add_dimension(t, "scenario", "scenario, or its change", cases, choice->case_count);
    add_dimension(t, "park", "park", &sample->parks[choice->park], 1);
    add_dimension(t, "period", "period", periods, choice->period_count);
    add_dimension(t, "parameter", "parameter", t->f->parameters, t->f->k);
    if (t->f->has_pairs) add_dimension(t, "parameter_2", "second parameter", t->f->parameters, t->f->k);
}

static const pf_trace *any_trace(const pf_findings *f)
{
    size_t traces = f->study->choice.indicator_count * f->study->choice.case_count;
    for (size_t i = 0; i < traces; i++)
        if (f->traces[i]) return f->traces[i];
    return NULL;
}

/* How many members an estimate was made from, along a trace. */
static void add_trace_dimension(table *t)
{
    t->is_traced = any_trace(t->f) != NULL;
    if (!t->is_traced) return;
    double *members = PF_ARRAY(t->arena, double, PF_TRACE_STEPS);
    size_t units = t->f->members / t->f->group;
    for (size_t step = 0; step < PF_TRACE_STEPS; step++)
        members[step] = (double)((units >> (PF_TRACE_STEPS - 1 - step)) * t->f->group);
    *PF_PUSH(t->arena, t->dimensions) =
        (pf_analysis_dimension){"trace_members", "members of the growing sample", NULL, members, PF_TRACE_STEPS};
}

/* ---- variables ---- */

static void add_variable(table *t, pf_analysis_variable variable)
{
    *PF_PUSH(t->arena, t->variables) = variable;
}

static bool has_intervals(const pf_findings *f)
{
    return f->study->method->has_intervals && f->study->bootstrap.resamples;
}

static double *plain_values(table *t, const pf_estimate *estimates, size_t count)
{
    double *values = PF_ARRAY(t->arena, double, count + 1);
    for (size_t i = 0; i < count; i++) values[i] = estimates[i].value;
    return values;
}

/* Estimates as the writer takes them: in threes, or plain where there are no intervals. */
static void add_estimates(table *t, pf_analysis_variable variable, const pf_estimate *estimates, size_t count)
{
    variable.has_interval = has_intervals(t->f);
    variable.values = variable.has_interval ? (const double *)estimates : plain_values(t, estimates, count);
    add_variable(t, variable);
}

static void add_moments(table *t, const pf_sample_indicator *about, const pf_of_output *outputs, size_t count)
{
    static const char dimensions[] = "scenario park period";
    double *means = PF_ARRAY(t->arena, double, count), *sds = PF_ARRAY(t->arena, double, count),
           *r2 = PF_ARRAY(t->arena, double, count);
    for (size_t i = 0; i < count; i++) {
        means[i] = outputs[i].mean;
        sds[i] = outputs[i].sd;
        r2[i] = outputs[i].r2;
    }
    const char *mean = "mean over the members", *sd = "standard deviation over the members";
    if (t->f->study->method->need == PF_NEEDS_NO_SAMPLE) {
        mean = "value at the medians of all parameters";
        sd = "standard deviation by first-order propagation";
    }
    add_variable(t, (pf_analysis_variable){.name = pf_format(t->arena, "%s_mean", about->name),
                                           .long_name = mean,
                                           .units = about->unit,
                                           .dimensions = dimensions,
                                           .values = means});
    add_variable(t, (pf_analysis_variable){.name = pf_format(t->arena, "%s_sd", about->name),
                                           .long_name = sd,
                                           .units = about->unit,
                                           .dimensions = dimensions,
                                           .values = sds});
    if (!t->f->study->method->has_r2) return;
    add_variable(t, (pf_analysis_variable){.name = pf_format(t->arena, "%s_r2", about->name),
                                           .long_name = "share of the variance that the regression explains",
                                           .units = "1",
                                           .dimensions = dimensions,
                                           .values = r2});
}

static void add_trace(table *t, const pf_sample_indicator *about, size_t indicator)
{
    const pf_findings *f = t->f;
    const pf_choice *choice = &f->study->choice;
    const pf_index *index = &f->study->method->indices[f->study->method->leading];
    size_t one = PF_TRACE_STEPS * f->k, count = choice->case_count * one;
    pf_estimate *estimates = PF_ARRAY(t->arena, pf_estimate, count + 1);
    for (size_t i = 0; i < count; i++) estimates[i] = (pf_estimate){NAN, NAN, NAN};
    for (size_t c = 0; c < choice->case_count; c++) {
        const pf_trace *trace = f->traces[indicator * choice->case_count + c];
        if (trace) memcpy(estimates + c * one, trace->indices, one * sizeof *estimates);
    }
    const char *period = f->study->sample->periods[choice->periods[choice->shown]];
    add_estimates(t,
                  (pf_analysis_variable){
                      .name = pf_format(t->arena, "%s_%s_trace", about->name, index->name),
                      .long_name = pf_format(t->arena, "%s, %s, from the first members only", index->title, period),
                      .units = index->has_unit ? about->unit : "1",
                      .dimensions = "scenario trace_members parameter"},
                  estimates, count);
}

/* 1 where a mark stands. */
static void add_ties(table *t, const pf_sample_indicator *about, const bool *tied, size_t count)
{
    double *marks = PF_ARRAY(t->arena, double, count + 1);
    for (size_t i = 0; i < count; i++) marks[i] = tied[i];
    add_variable(t, (pf_analysis_variable){
                        .name = pf_format(t->arena, "%s_tied", about->name),
                        .long_name = "1: the index may not be the parameter's own, but a pattern of the design's",
                        .units = "1",
                        .dimensions = "scenario park period parameter",
                        .values = marks});
}

static void add_verdicts(table *t, const pf_sample_indicator *about, size_t indicator)
{
    size_t count = t->f->study->choice.case_count;
    const char **words = PF_ARRAY(t->arena, const char *, count);
    for (size_t c = 0; c < count; c++) words[c] = pf_verdict_words(t->f, indicator, c);
    add_variable(t, (pf_analysis_variable){.name = pf_format(t->arena, "%s_verdict", about->name),
                                           .long_name = "was the sample large enough?",
                                           .dimensions = "scenario",
                                           .texts = words});
}

static void add_indicator(table *t, size_t indicator)
{
    const pf_findings *f = t->f;
    const pf_choice *choice = &f->study->choice;
    const pf_method *method = f->study->method;
    const pf_sample_indicator *about = &f->study->sample->indicators[choice->indicators[indicator]];
    size_t first = pf_output_row(f, indicator, 0, 0), outputs = choice->case_count * choice->period_count;
    const char *title = about->title_en ? about->title_en : about->name;
    for (size_t i = 0; i < method->index_count; i++)
        add_estimates(
            t,
            (pf_analysis_variable){.name = pf_format(t->arena, "%s_%s", about->name, method->indices[i].name),
                                   .long_name = pf_format(t->arena, "%s: %s", title, method->indices[i].title),
                                   .units = method->indices[i].has_unit ? about->unit : "1",
                                   .dimensions = "scenario park period parameter"},
            f->indices[i] + first * f->k, outputs * f->k);
    if (f->has_pairs)
        add_estimates(t,
                      (pf_analysis_variable){
                          .name = pf_format(t->arena, "%s_second_order", about->name),
                          .long_name = pf_format(t->arena, "%s: share of the variance by a pair's interaction", title),
                          .units = "1",
                          .comment = "upper triangle: parameter before parameter_2",
                          .dimensions = "scenario park period parameter parameter_2"},
                      f->pairs + first * f->k * f->k, outputs * f->k * f->k);
    add_moments(t, about, f->outputs + first, outputs);
    if (f->tied) add_ties(t, about, f->tied + first * f->k, outputs * f->k);
    if (!t->is_traced) return;
    add_trace(t, about, indicator);
    add_verdicts(t, about, indicator);
}

/* ---- the group's own words ---- */

static void add_note(table *t, const char *name, const char *text)
{
    *PF_PUSH(t->arena, t->notes) = (pf_analysis_note){name, text};
}

static const char *joined_notes(const table *t)
{
    const char *text = NULL;
    for (size_t i = 0; i < t->f->notes.count; i++)
        text = pf_format(t->arena, "%s%s%s", text ? text : "", text ? " " : "", t->f->notes.items[i]);
    return text;
}

static void add_notes(table *t)
{
    const pf_study *study = t->f->study;
    add_note(t, "title", study->method->title);
    add_note(t, "summary", study->method->doc);
    add_note(t, "references", study->method->references);
    add_note(t, "comment", joined_notes(t));
    if (study->method->need == PF_NEEDS_NO_SAMPLE) return;
    add_note(t, "members", pf_format(t->arena, "%zu", t->f->members));
    add_note(t, "resamples", pf_format(t->arena, "%zu", study->bootstrap.resamples));
    add_note(t, "seed", pf_format(t->arena, "%" PRIu64, study->bootstrap.seed));
}

pf_status pf_findings_write(pf_findings *f, pf_diagnostics *diagnostics)
{
    table t = {.f = f, .arena = pf_arena_new()};
    add_choice(&t);
    add_trace_dimension(&t);
    for (size_t i = 0; i < f->study->choice.indicator_count; i++) add_indicator(&t, i);
    add_notes(&t);
    pf_analysis analysis = {.method = f->study->method->name,
                            .interval = "95 % bootstrap interval",
                            .notes = t.notes.items,
                            .note_count = t.notes.count,
                            .dimensions = t.dimensions.items,
                            .dimension_count = t.dimensions.count,
                            .variables = t.variables.items,
                            .variable_count = t.variables.count};
    pf_status status = pf_sample_write_analysis(f->study->sample->path, &analysis, diagnostics);
    pf_arena_free(t.arena);
    return status;
}
