/* An analysis of a results file: a method (methods.h) applied to chosen outputs, with what the sample does not support
 * refused or noted; and its way back into the file. Printing is the caller's. */
#ifndef PF_STUDY_H
#define PF_STUDY_H

#include "analysis/convergence.h"
#include "analysis/methods.h"
#include "ensemble/design.h"
#include "results/sample.h"

/* The outputs that are analysed, by rows of the sample's tables. */
typedef struct {
    size_t *cases, *indicators, *periods;
    size_t case_count, indicator_count, period_count;
    size_t park;
    size_t shown; /* of `periods`, by place in it: the period that is printed and traced */
} pf_choice;

typedef struct {
    const pf_method *method;
    pf_sample *sample;
    const pf_compiled *model;
    const pf_design *design; /* NULL: of a list, whose values are read from the file */
    pf_choice choice;
    pf_bootstrap bootstrap;
    void (*progress)(void *user, size_t done, size_t outputs); /* after each output; NULL: nobody asks */
    void *user;
} pf_study;

/* Of one output over all its members. */
typedef struct {
    double mean, sd, r2;
    size_t tied;      /* parameters that matter and are marked so */
    size_t n;         /* members that it is estimated from, or groups */
    bool is_constant; /* it does not vary beyond rounding: there is no index */
    bool is_few;      /* so few that its indices are only a hint */
} pf_of_output;

typedef struct {
    pf_arena *arena;
    const pf_study *study;
    size_t k;
    const char *const *parameters;
    size_t members, group;                 /* members that are used; members a group, 1: no groups */
    size_t slices;                         /* of PAWN */
    bool has_pairs;                        /* [k][k] of each output */
    pf_estimate *indices[PF_MOST_INDICES]; /* [indicator][case][period][k] each, by place in the choice */
    pf_estimate *pairs;                    /* [indicator][case][period][k][k] */
    bool *tied;                            /* [indicator][case][period][k], or NULL: none; see study_ties.c */
    pf_of_output *outputs;                 /* [indicator][case][period] */
    pf_trace **traces;                     /* [indicator][case], of the shown period; NULL: there is none */
    PF_LIST(const char *) notes;           /* what a reader of the numbers must know: whole sentences */
} pf_findings;

/* NULL after an error in `diagnostics`: why the sample does not support the method, and what to do instead. Keeps
 * `study`. */
pf_findings *pf_study_run(const pf_study *study, pf_diagnostics *diagnostics);
void pf_findings_free(pf_findings *findings);

static inline size_t pf_output_row(const pf_findings *f, size_t indicator, size_t row_of_case, size_t period)
{
    return (indicator * f->study->choice.case_count + row_of_case) * f->study->choice.period_count + period;
}

/* [k] */
static inline const pf_estimate *pf_index_of(const pf_findings *f, size_t index, size_t output)
{
    return f->indices[index] + output * f->k;
}

/* The value below which an index is noise; 0 where the interval alone says it. */
double pf_noise_of(const pf_findings *findings, size_t output);
/* The scale of the leading index for verdicts: 1 of a share, else the greatest. */
double pf_scale_of(const pf_findings *findings, size_t output);

/* Was the sample of the shown period large enough, and if not, what to do; in the findings' arena. NULL without trace.
 */
const char *pf_verdict_words(pf_findings *findings, size_t indicator, size_t row_of_case);

/* Puts the group /analysis/METHOD into the results file. */
pf_status pf_findings_write(pf_findings *findings, pf_diagnostics *diagnostics);

#endif
