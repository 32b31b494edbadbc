/* What the players' shares cost, as variables of the group /analysis/attribute: by player, and by player and actor
 * (docs/decisions.md). */
#ifndef PF_ABATEMENT_STORE_H
#define PF_ABATEMENT_STORE_H

#include "analysis/abatement.h"
#include "results/analysis_group.h"

/* Into a group that has the dimension `intervention`; its arena keeps the values. */
void pf_add_abatement(pf_analysis_group *group, const pf_attribution *attribution, const pf_abatement_request *request);

#endif
