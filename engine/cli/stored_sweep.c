/* What a finished sweep was asked for, from its results file. */
#include "cli/verbs.h"

/* A list comes along in the file: it is read again under a name that no file has. */
pf_design_request pf_request_of_sample(const pf_sample *sample, pf_scenario *scenario)
{
    const char *list = NULL;
    if (sample->list) {
        list = pf_format(scenario->arena, "%s:design_list", sample->path);
        pf_file_put(scenario->files, list, sample->list);
    }
    return (pf_design_request){.name = sample->design,
                               .members = sample->members,
                               .seed = sample->seed,
                               .list = list,
                               .levels = sample->levels,
                               .vary = sample->vary,
                               .vary_count = sample->vary_count};
}
