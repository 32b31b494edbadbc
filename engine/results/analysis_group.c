/* Lists of dimensions, variables and notes as one analysis. */
#include "results/analysis_group.h"

void pf_group_add_dimension(pf_analysis_group *group, const char *name, const char *const *labels,
                            const double *numbers, size_t length)
{
    *PF_PUSH(group->arena, group->dimensions) = (pf_analysis_dimension){name, name, labels, numbers, length};
}

void pf_group_add(pf_analysis_group *group, pf_analysis_variable variable)
{
    *PF_PUSH(group->arena, group->variables) = variable;
}

void pf_group_add_note(pf_analysis_group *group, const char *name, const char *text)
{
    *PF_PUSH(group->arena, group->notes) = (pf_analysis_note){name, text};
}

pf_analysis pf_group_finish(const pf_analysis_group *group, const char *method, const char *interval)
{
    return (pf_analysis){.method = method,
                         .interval = interval,
                         .notes = group->notes.items,
                         .note_count = group->notes.count,
                         .dimensions = group->dimensions.items,
                         .dimension_count = group->dimensions.count,
                         .variables = group->variables.items,
                         .variable_count = group->variables.count};
}
