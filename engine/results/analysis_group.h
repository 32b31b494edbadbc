/* Puts together what an analysis found, piece by piece, for pf_sample_write_analysis. */
#ifndef PF_ANALYSIS_GROUP_H
#define PF_ANALYSIS_GROUP_H

#include "results/sample.h"

typedef struct {
    pf_arena *arena;
    PF_LIST(pf_analysis_dimension) dimensions;
    PF_LIST(pf_analysis_variable) variables;
    PF_LIST(pf_analysis_note) notes;
} pf_analysis_group;

/* Its own name is its title. Labels or numbers, or neither. */
void pf_group_add_dimension(pf_analysis_group *group, const char *name, const char *const *labels,
                            const double *numbers, size_t length);
void pf_group_add(pf_analysis_group *group, pf_analysis_variable variable);
void pf_group_add_note(pf_analysis_group *group, const char *name, const char *text);
/* Holds what the group holds, for as long as its arena. */
pf_analysis pf_group_finish(const pf_analysis_group *group, const char *method, const char *interval);

#endif
