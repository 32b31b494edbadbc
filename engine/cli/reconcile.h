/* What the files of `parkflow reconcile` share. */
#ifndef PF_CLI_RECONCILE_H
#define PF_CLI_RECONCILE_H

#include "analysis/flow_system.h"

#include <stdio.h>

/* The table of quantities, the tests, the suspects, and what is not determined. */
void pf_reconciled_print(const pf_flow_system *system, const pf_reconciliation *result, FILE *out);

#endif
