/* Ties between parameters by the design alone. A low-discrepancy sequence of hundreds of dimensions fills some of its
 * planes in bands until a very large number of points (Joe and Kuo 2008, doi:10.1137/070709359): two parameters then
 * hang together although nothing in the model says so, and one without influence shows the index of the other, with a
 * narrow interval. So the method itself is asked how much each parameter tells of those that matter: takes the
 * parameters' values in the place of an output, gives a mark where an index is largely explained by such a tie. */
#include "analysis/study_internal.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

enum { FEWEST_PARAMETERS = 10, MOST_CAUSES = 64 };

/* From where a parameter matters; what a tie must reach beyond what others show, absolutely and in deviations of these;
 * and the share of an index from which it is marked. */
static const double matters = 0.05, least_tie = 0.01, deviations = 4, large_part = 0.2;

/* A parameter that matters for some output, by its greatest index; and what each other one tells of it: [k]. */
typedef struct {
    double greatest;
    size_t place;
    double *ties;
} cause;

static int by_greatest(const void *left, const void *right)
{
    const cause *a = left, *b = right;
    if (a->greatest != b->greatest) return a->greatest > b->greatest ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static size_t count_outputs(const pf_findings *f)
{
    const pf_choice *choice = &f->study->choice;
    return choice->indicator_count * choice->case_count * choice->period_count;
}

static size_t find_causes(const pf_findings *f, cause *causes)
{
    size_t count = 0, outputs = count_outputs(f);
    for (size_t i = 0; i < f->k; i++) {
        double greatest = 0;
        for (size_t o = 0; o < outputs; o++)
            greatest = fmax(greatest, pf_index_of(f, f->study->method->leading, o)[i].value);
        if (greatest >= matters) causes[count++] = (cause){greatest, i, NULL};
    }
    qsort(causes, count, sizeof *causes, by_greatest);
    return count < MOST_CAUSES ? count : MOST_CAUSES;
}

/* Turns what parameters tell of a cause into what goes beyond the level that most of them show (noise, bias). */
static void take_off_level(double *ties, size_t k, size_t self)
{
    double *others = pf_doubles(k);
    size_t count = 0;
    for (size_t j = 0; j < k; j++)
        if (j != self && !isnan(ties[j])) others[count++] = ties[j];
    gsl_sort(others, 1, count);
    double level = count ? gsl_stats_median_from_sorted_data(others, 1, count) : 0;
    for (size_t j = 0; j < count; j++) others[j] = fabs(others[j] - level);
    gsl_sort(others, 1, count);
    /* 1.4826 times the median deviation is the standard deviation of a normal distribution */
    double spread = count ? 1.4826 * gsl_stats_median_from_sorted_data(others, 1, count) : 0;
    double least = fmax(least_tie, deviations * spread);
    for (size_t j = 0; j < k; j++) ties[j] = j != self && ties[j] - level > least ? ties[j] - level : 0;
    free(others);
}

static double *ties_to(const pf_source *source, const pf_inputs *inputs, const void *prepared, const double *x,
                       size_t self)
{
    const pf_method *method = source->study->method;
    pf_estimate *told = pf_calloc(source->k * PF_MOST_INDICES, sizeof *told);
    double *ties = pf_doubles(source->k), r2;
    pf_indices_of to = {.r2 = &r2};
    for (size_t i = 0; i < PF_MOST_INDICES; i++) to.indices[i] = told + i * source->k;
    method->estimate(inputs, prepared, x, (pf_bootstrap){0, 0}, &to);
    for (size_t j = 0; j < source->k; j++) ties[j] = to.indices[method->leading][j].value;
    take_off_level(ties, source->k, self);
    free(told);
    return ties;
}

/* Marks the parameters of one output whose index is largely a cause's. */
static void mark_output(pf_findings *f, size_t output, const cause *causes, size_t count)
{
    const pf_estimate *index = pf_index_of(f, f->study->method->leading, output);
    for (size_t c = 0; c < count; c++)
        for (size_t j = 0; j < f->k; j++) {
            double of_cause = index[causes[c].place].value, borrowed = causes[c].ties[j] * of_cause;
            bool is_tied = borrowed > 0 && of_cause > index[j].value && borrowed >= large_part * index[j].value;
            if (!is_tied || f->tied[output * f->k + j]) continue;
            f->tied[output * f->k + j] = true;
            f->outputs[output].tied += index[j].value >= matters;
        }
}

static void mark_all(pf_findings *f, const cause *causes, size_t count)
{
    bool any = false;
    for (size_t c = 0; c < count; c++)
        for (size_t j = 0; j < f->k; j++) any |= causes[c].ties[j] > 0;
    if (!any) return;
    f->tied = PF_ARRAY(f->arena, bool, count_outputs(f) * f->k);
    for (size_t o = 0; o < count_outputs(f); o++) mark_output(f, o, causes, count);
}

/* A first order that is surely above the total order cannot be the parameter's own either. */
static void mark_impossible(pf_findings *f)
{
    static const double rounding = 0.005; /* as much as is printed */
    size_t count = count_outputs(f) * f->k;
    const pf_estimate *first = f->indices[0], *total = f->indices[1];
    for (size_t i = 0; i < count; i++) {
        if (!(first[i].low > total[i].high + rounding)) continue;
        if (!f->tied) f->tied = PF_ARRAY(f->arena, bool, count);
        f->tied[i] = true;
    }
}

void pf_study_find_ties(const pf_source *source, const pf_inputs *inputs, const void *prepared, const size_t *rows,
                        pf_findings *f, pf_diagnostics *diagnostics)
{
    const pf_study *study = source->study;
    if (study->method->need == PF_NEEDS_RADIAL) mark_impossible(f);
    if (!study->method->finds_ties || source->k < FEWEST_PARAMETERS || !study->design ||
        pf_design_is_correlated(study->design))
        return;
    cause *causes = pf_calloc(source->k, sizeof *causes);
    size_t places[MOST_CAUSES], count = find_causes(f, causes);
    for (size_t c = 0; c < count; c++) places[c] = causes[c].place;
    double *x = pf_source_some_columns(source, places, count, rows, inputs->n, diagnostics);
    for (size_t c = 0; c < count; c++) causes[c].ties = ties_to(source, inputs, prepared, x + c * inputs->n, places[c]);
    mark_all(f, causes, count);
    for (size_t c = 0; c < count; c++) free(causes[c].ties);
    free(x);
    free(causes);
}
