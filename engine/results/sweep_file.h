/* The end of a sweep: its state and its log become one results file. */
#ifndef PF_SWEEP_FILE_H
#define PF_SWEEP_FILE_H

#include "results/collect.h"
#include "results/sweep.h"

typedef struct {
    const char *path;
    pf_result_header header; /* of the run at the medians, with the sweep's facts */
    const pf_collected *medians;
    const double *percentiles; /* ascending, of 100 */
    size_t percentile_count;
    pf_part *const *parts; /* the logs of members that were kept, one a shard */
    size_t part_count;
} pf_sweep_file;

pf_status pf_sweep_write(const pf_sweep_plan *plan, pf_sweep_state *state, const pf_sweep_file *file,
                         pf_diagnostics *diagnostics);

/* A table of headline indicators in all parks: medians and ranges in the last whole year, and changes. */
void pf_sweep_print(const pf_sweep_plan *plan, const pf_sweep_state *state, const pf_sweep_file *file, FILE *out);

#endif
