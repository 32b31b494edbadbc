/* From an attribution to the group /analysis/attribute of a results file (docs/decisions.md). */
#ifndef PF_ATTRIBUTION_STORE_H
#define PF_ATTRIBUTION_STORE_H

#include "analysis/abatement.h"
#include "results/sample.h"

/* In the model's arena. `request` may be NULL: no costs. `comment` is said of all. */
pf_analysis pf_attribution_group(const pf_attribution *attribution, const pf_abatement_request *request,
                                 const char *comment);

#endif
