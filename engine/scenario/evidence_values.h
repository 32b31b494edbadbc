/* Values that stand in the tables of evidence and nowhere else: {evidence: KEY} becomes the row's value and source. */
#ifndef PF_EVIDENCE_VALUES_H
#define PF_EVIDENCE_VALUES_H

#include "scenario/scenario.h"

/* Replaces each `evidence: KEY` below the top of the scenario's tree by `value` and `source`, as the row's shape says:
 * a point with `sd` or `gsd` beside it has that spread, an interval is low..value..high, a range low..high; any other
 * shape is no value, and an error. A date of a `series` gets the number only. Once, before anything is read from the
 * tree. */
void pf_take_evidence(pf_scenario *scenario, pf_tree *tree);

#endif
