/* What `parkflow check` can print besides whether a model is right, each in a file of its own. */
#ifndef PF_CHECK_H
#define PF_CHECK_H

#include "cli/verbs.h"

/* --run: the model held against its `checks:`. An exit status. csv: for programs, as all that is printed. */
int pf_check_run(pf_input_model *input, bool csv);
/* --evidence: what its numbers, and the variance of its emissions, rest on. */
int pf_check_evidence(pf_input_model *input, bool csv);

#endif
