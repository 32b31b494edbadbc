/* What `info` says about sweeps, finished and not (info.c). */
#ifndef PF_INFO_SWEEP_H
#define PF_INFO_SWEEP_H

#include "base/diagnostics.h"
#include "results/hdf5_helpers.h"
#include "results/table.h"

/* Adds design, members, what is kept and which analyses are there; nothing to the facts of a run. */
void pf_info_add_sweep(const pf_h5 *h5, pf_table *facts);

/* Prints what is in the folder of an unfinished sweep, and whether a process is at work in it. */
pf_status pf_info_part(const char *path, FILE *out, pf_diagnostics *diagnostics);

#endif
