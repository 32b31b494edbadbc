/* What a sample does not support: refused with what to do instead, or noted beside the numbers. */
#include "analysis/study_internal.h"

#include "results/table.h"

#include <math.h>
#include <string.h>

static pf_arrangement arrangement_of(const pf_study *study)
{
    return study->design ? pf_design_arrangement(study->design) : PF_ARRANGED_FREELY;
}

static bool is_correlated(const pf_study *study)
{
    return study->design && pf_design_is_correlated(study->design);
}

/* Can indices from given data be had of this design? */
static bool fills_space(pf_arrangement arranged)
{
    return arranged != PF_ARRANGED_MORRIS && arranged != PF_ARRANGED_ONE;
}

/* ---- the design ---- */

static pf_status refuse_radial(const pf_study *study, pf_diagnostics *diagnostics)
{
    pf_arrangement arranged = arrangement_of(study);
    const char *instead = arranged == PF_ARRANGED_MORRIS   ? "; 'parkflow analyse morris' works on this file"
                          : arranged == PF_ARRANGED_FREELY ? "; 'parkflow analyse first_order' works on this file"
                                                           : "";
    return pf_error(diagnostics, (pf_mark){0},
                    "Sobol' indices need members in groups, which the design '%s' does not make: for total and second "
                    "order sweep with --design saltelli (or jansen: no second order)%s",
                    study->sample->design, instead);
}

static pf_status refuse_trajectories(const pf_study *study, pf_diagnostics *diagnostics)
{
    pf_arrangement arranged = arrangement_of(study);
    bool is_radial = arranged == PF_ARRANGED_RADIAL || arranged == PF_ARRANGED_SECOND;
    return pf_error(diagnostics, (pf_mark){0},
                    "elementary effects need trajectories, which the design '%s' does not make: sweep with --design "
                    "morris; 'parkflow analyse %s' works on this file",
                    study->sample->design, is_radial ? "sobol" : "rank");
}

/* How many dimensions of a Sobol' sequence the members are drawn from; 0: none. */
static size_t dimensions_of_sequence(const pf_study *study)
{
    size_t k = 0;
    if (study->design) pf_design_varied(study->design, &k);
    switch (arrangement_of(study)) {
    case PF_ARRANGED_RADIAL:
    case PF_ARRANGED_SECOND: return 2 * k;
    case PF_ARRANGED_FREELY: return !strcmp(study->sample->design, "sobol") ? k : 0;
    default: return 0;
    }
}

/* In many dimensions a low-discrepancy sequence leaves patterns in three and more of them together, which ties between
 * two (study_ties.c) do not show. Means are blind to them, distributions are not: of the programme's 591 parameters
 * several without influence came out with a delta of 0.12. */
static pf_status check_patterns(const pf_study *study, pf_diagnostics *diagnostics)
{
    enum { MOST_DIMENSIONS = 50 };
    size_t dimensions = dimensions_of_sequence(study);
    if (!study->method->is_of_distribution || dimensions <= MOST_DIMENSIONS) return PF_OK;
    return pf_error(
        diagnostics, (pf_mark){0},
        "'%s' compares whole distributions, and a Sobol' sequence of %zu dimensions, as in the design '%s', "
        "has patterns that look like influence: sweep with --design latin_hypercube (or monte_carlo); "
        "'parkflow analyse first_order' works on this file",
        study->method->name, dimensions, study->sample->design);
}

static pf_status check_given(const pf_study *study, pf_diagnostics *diagnostics)
{
    pf_arrangement arranged = arrangement_of(study);
    if (!fills_space(arranged))
        return pf_error(diagnostics, (pf_mark){0},
                        "'%s' needs members that were drawn by themselves, but in the design '%s' parameters move one "
                        "at a time: sweep with --design latin_hypercube%s",
                        study->method->name, study->sample->design,
                        arranged == PF_ARRANGED_MORRIS ? "; 'parkflow analyse morris' works on this file" : "");
    if (arranged == PF_ARRANGED_GRID && study->method->splits_equal)
        return pf_error(diagnostics, (pf_mark){0},
                        "'%s' sorts members by a parameter's value, of which the design '%s' has only few: sweep with "
                        "--design latin_hypercube; 'parkflow analyse pawn' works on this file",
                        study->method->name, study->sample->design);
    return check_patterns(study, diagnostics);
}

static pf_status check_independence(const pf_study *study, pf_diagnostics *diagnostics)
{
    if (!is_correlated(study)) return PF_OK;
    return pf_error(
        diagnostics, (pf_mark){0},
        "'%s' takes parameters to be independent, but correlations tie some of this model: sweep with "
        "--design latin_hypercube and take pawn or delta, which do not, or let only independent ones vary (--vary)",
        study->method->name);
}

pf_status pf_study_check_design(const pf_study *study, pf_diagnostics *diagnostics)
{
    pf_arrangement arranged = arrangement_of(study);
    switch (study->method->need) {
    case PF_NEEDS_RADIAL:
        if (arranged != PF_ARRANGED_RADIAL && arranged != PF_ARRANGED_SECOND) return refuse_radial(study, diagnostics);
        return check_independence(study, diagnostics);
    case PF_NEEDS_TRAJECTORIES:
        if (arranged != PF_ARRANGED_MORRIS) return refuse_trajectories(study, diagnostics);
        return check_independence(study, diagnostics);
    case PF_NEEDS_MEMBERS: return check_given(study, diagnostics);
    case PF_NEEDS_NO_SAMPLE: break;
    }
    return PF_OK;
}

/* ---- the number of members ---- */

pf_status pf_study_check_size(const pf_source *source, pf_diagnostics *diagnostics)
{
    const pf_method *method = source->study->method;
    size_t units = source->n / source->group;
    const char *what = source->group > 1 ? "whole groups" : "members drawn by themselves";
    if (!source->k)
        return pf_error(diagnostics, (pf_mark){0}, "no parameter varies among the members of '%s'",
                        source->study->sample->path);
    if (method->has_r2 && units <= source->k + 1)
        return pf_error(
            diagnostics, (pf_mark){0},
            "'%s' on %zu parameters needs more than %zu members, found %zu: sweep more of them, or let fewer "
            "parameters vary (--vary); 'first_order' does not mind",
            method->name, source->k, source->k + 1, units);
    if (units < method->least)
        return pf_error(diagnostics, (pf_mark){0}, "'%s' needs at least %zu %s, found %zu: sweep more members",
                        method->name, method->least, what, units);
    return PF_OK;
}

/* ---- notes ---- */

static void add_note(pf_findings *f, const char *text)
{
    *PF_PUSH(f->arena, f->notes) = text;
}

static void note_members(const pf_source *source, pf_findings *f)
{
    const pf_sample *s = source->study->sample;
    pf_arrangement arranged = arrangement_of(source->study);
    bool uses_two = source->group == 1 && (arranged == PF_ARRANGED_RADIAL || arranged == PF_ARRANGED_SECOND);
    uint64_t reached = s->kept_count ? s->kept[s->kept_count - 1] + 1 : 0;
    if (reached + s->failed < s->members)
        add_note(f, pf_format(f->arena,
                              "The file keeps the first %s of %s members; 'sweep --keep annual' keeps all of them.",
                              pf_grouped(f->arena, (double)s->kept_count), pf_grouped(f->arena, (double)s->members)));
    if (s->failed)
        add_note(f, pf_format(f->arena, "%s members failed and are left out%s.",
                              pf_grouped(f->arena, (double)s->failed), source->group > 1 ? " with their groups" : ""));
    if (uses_two)
        add_note(f, pf_format(f->arena,
                              "Of each group of the design '%s' only two members count here, the others repeat their "
                              "values: %s members.",
                              s->design, pf_grouped(f->arena, (double)source->n)));
    else if (source->group == 1 && source->n < s->kept_count)
        add_note(f, pf_format(f->arena, "Only the first %s members are used: the values of more take above 1 GiB.",
                              pf_grouped(f->arena, (double)source->n)));
}

static void note_correlations(const pf_source *source, pf_findings *f)
{
    if (is_correlated(source->study))
        add_note(f, "Parameters are correlated: an index also counts what a parameter shares with those tied to it, so "
                    "that shares do not add up to 1.");
    else if (!source->study->design)
        add_note(f, "The columns of a list may be correlated: then an index also counts what a parameter shares with "
                    "others.");
}

static void note_chance(const pf_source *source, pf_findings *f)
{
    enum { MANY = 40 };
    const pf_method *method = source->study->method;
    if (method->need != PF_NEEDS_MEMBERS || source->k < MANY || !source->study->bootstrap.resamples) return;
    add_note(f, pf_format(f->arena,
                          "Of %zu parameters about %zu may show an interval without 0 (or noise) by chance alone.",
                          source->k, source->k / MANY));
}

void pf_study_add_notes(const pf_source *source, pf_findings *f)
{
    const pf_method *method = source->study->method;
    note_members(source, f);
    note_correlations(source, f);
    note_chance(source, f);
    if (!method->has_pairs || f->has_pairs) return;
    if (arrangement_of(source->study) == PF_ARRANGED_RADIAL)
        add_note(f, "There is no second order: --design saltelli has the members for it, jansen has not.");
    else
        add_note(f, pf_format(f->arena,
                              "The second order is left out: %zu parameters make %s pairs; let at most %d vary "
                              "(--vary) to have it.",
                              source->k, pf_grouped(f->arena, 0.5 * (double)source->k * (double)(source->k - 1)),
                              PF_MOST_PAIRED));
}

/* ---- the verdict ---- */

/* Of intervals that are too wide by `ratio`: their width falls with the root of the number of members. */
static const char *members_for(pf_findings *f, double ratio)
{
    double power = pow(10, floor(log10((double)f->members * ratio * ratio)) - 1);
    return pf_grouped(f->arena, ceil((double)f->members * ratio * ratio / power) * power);
}

const char *pf_verdict_words(pf_findings *f, size_t indicator, size_t row_of_case)
{
    static const double narrow = 0.05; /* as convergence.h has it */
    const pf_choice *choice = &f->study->choice;
    const pf_trace *trace = f->traces[indicator * choice->case_count + row_of_case];
    if (!trace) return NULL;
    size_t output = pf_output_row(f, indicator, row_of_case, choice->shown);
    double scale = pf_scale_of(f, output);
    pf_verdict verdict = pf_trace_verdict(trace, scale);
    const char *members = pf_grouped(f->arena, (double)f->members);
    const char *of = f->study->method->is_share ? "" : " of the greatest";
    double width = verdict.half_width / scale;
    if (f->outputs[output].tied)
        return dimensions_of_sequence(f->study)
                   ? "Members of another design needed: sweep with --design latin_hypercube or monte_carlo."
                   : "More members needed: by chance some indices are another parameter's.";
    if (isnan(width)) return pf_format(f->arena, "No verdict on %s members: some indices have no interval.", members);
    if (verdict.is_enough)
        return pf_format(f->arena,
                         "%s members were enough: intervals are within %.2g%s, and the order of parameters "
                         "no longer changes.",
                         members, width, of);
    if (!verdict.is_narrow)
        return pf_format(f->arena,
                         "More members needed: the widest interval is +-%.2g%s, wanted +-%g; about %s members "
                         "would do.",
                         width, of, narrow, members_for(f, width / narrow));
    return pf_format(f->arena,
                     "More members needed: parameters that matter still change places between %s and %s "
                     "members.",
                     pf_grouped(f->arena, (double)(trace->counts[PF_TRACE_STEPS - 2] * f->group)), members);
}
