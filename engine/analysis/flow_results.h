/* What a reconciled flow system is written to. */
#ifndef PF_FLOW_RESULTS_H
#define PF_FLOW_RESULTS_H

#include "analysis/flow_system.h"

/* An HDF5 file that is valid netCDF-4 (docs/reconcile.md). On failure adds an error, and `path` is as it was. */
pf_status pf_flow_store(const char *path, const pf_flow_system *system, const pf_reconciliation *result,
                        pf_diagnostics *diagnostics);

/* The joint distribution as YAML that a scenario can `use:`: as many correlated parameters as vary freely, the others
 * as expressions of these, so that each draw fulfils the constraints (to first order where they are not linear). In the
 * system's arena; NULL after an error. */
const char *pf_flow_use_text(const pf_flow_system *system, const pf_reconciliation *result,
                             pf_diagnostics *diagnostics);

#endif
