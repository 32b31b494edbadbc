/* What an output of a plan can hang on: takes sets of lane inputs, gives for each output the sets that reach it through
 * some operation, state or loop. A set that does not reach an output leaves its bits as they are. */
#ifndef PF_INFLUENCE_H
#define PF_INFLUENCE_H

#include "model/plan.h"

/* sets [plan->inputs]: of an input, the sets it is in, a bit each. The result [plan->output_count] is released by
 * free(). */
uint64_t *pf_influences(const pf_plan *plan, const uint64_t *sets);

#endif
