/* What a finished sweep was asked for, from its results file. */
#include "cli/verbs.h"

pf_design_request pf_request_of_sample(const pf_sample *sample)
{
    return (pf_design_request){.name = sample->design,
                               .members = sample->members,
                               .seed = sample->seed,
                               .levels = sample->levels,
                               .vary = sample->vary,
                               .vary_count = sample->vary_count};
}
