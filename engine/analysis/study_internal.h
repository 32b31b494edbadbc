/* The insides of an analysis: what a sample offers (study_inputs.c), what it does not support (study_checks.c), the
 * loop over outputs (study.c). */
#ifndef PF_STUDY_INTERNAL_H
#define PF_STUDY_INTERNAL_H

#include "analysis/study.h"

/* Where x comes from: parameters that vary, and the members that may be used. */
typedef struct {
    const pf_study *study;
    size_t k;
    const char **parameters;
    const uint32_t *columns; /* of each parameter: row of the model's inputs, or of the list's kept parameters */
    size_t group;            /* members of one group as the method takes them; 1 of given data */
    size_t n;
    size_t *rows; /* of sample->kept; SIZE_MAX: it is not there */
} pf_source;

pf_status pf_source_open(pf_source *source, const pf_study *study, pf_arena *arena, pf_diagnostics *diagnostics);
/* The columns of the first `n` of some rows: [k][n], by free(). */
double *pf_source_columns(const pf_source *source, const size_t *rows, size_t n, pf_diagnostics *diagnostics);

/* The same of some parameters: [count][n]. */
double *pf_source_some_columns(const pf_source *source, const size_t *places, size_t count, const size_t *rows,
                               size_t n, pf_diagnostics *diagnostics);

/* Marks indices that may be another parameter's (pf_findings.tied). `inputs` and `prepared` are of the members at
 * `rows`, from which the findings were made. */
void pf_study_find_ties(const pf_source *source, const pf_inputs *inputs, const void *prepared, const size_t *rows,
                        pf_findings *findings, pf_diagnostics *diagnostics);

/* Refuses, or adds notes. */
pf_status pf_study_check_design(const pf_study *study, pf_diagnostics *diagnostics);
pf_status pf_study_check_size(const pf_source *source, pf_diagnostics *diagnostics);
void pf_study_add_notes(const pf_source *source, pf_findings *findings);

/* Room for the findings of k parameters. */
pf_findings *pf_findings_new(const pf_study *study, size_t k, const char *const *parameters);

#endif
