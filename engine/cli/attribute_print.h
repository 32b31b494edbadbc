/* An attribution as tables for a terminal. */
#ifndef PF_CLI_ATTRIBUTE_PRINT_H
#define PF_CLI_ATTRIBUTE_PRINT_H

#include "analysis/abatement.h"

#include <stdio.h>

/* Each of the first `shown` indicators: who changed it by how much, in one park and period. */
void pf_attribution_print(const pf_attribution *attribution, size_t shown, size_t park, size_t period, size_t top,
                          FILE *out);
/* What each player's share of greenhouse gases costs somebody, the cheapest first. */
void pf_abatement_print(const pf_attribution *attribution, const pf_abatement_request *request,
                        const pf_account *account, size_t top, FILE *out);
/* How to read the tables; and what must be said if the actors' transfers do not cancel. */
void pf_abatement_notes_print(const pf_attribution *attribution, const pf_abatement_request *request, FILE *out);

#endif
