/* Collects a run of one member: from the runner's blocks to rows of a results file. */
#ifndef PF_COLLECT_H
#define PF_COLLECT_H

#include "ensemble/design.h"
#include "ensemble/reduce.h"
#include "results/store.h"

typedef struct {
    const pf_compiled *model;
    const uint32_t *scenarios; /* rows of model->scenarios */
    size_t scenario_count;
    pf_reduction_pair kept; /* by step, and by year */
    double *cells;          /* [scenario][cells of both] */
    pf_fault *faults;       /* [scenario] */
    double *drawn;          /* [inputs], the member's values */
} pf_collected;

void pf_collected_init(pf_collected *self, const pf_compiled *model, const uint32_t *scenarios, size_t scenario_count);
void pf_collected_free(pf_collected *self);
/* Runs one member through the scenarios. */
pf_status pf_collected_run(pf_collected *self, const pf_kernel *kernel, const pf_design *design, uint64_t member,
                           pf_diagnostics *diagnostics);

/* A cell of the reduction by year. */
double pf_collected_in(const pf_collected *self, size_t scenario, size_t indicator, size_t park, size_t period);

/* All values by scenario, step and row: indicators by park (without all parks together), flows, closures; by free(). */
double *pf_collected_rows(const pf_collected *self);
size_t pf_collected_row_count(const pf_collected *self);
/* The values of the uncertain parameters; by free(). */
double *pf_collected_parameters(const pf_collected *self);

/* Adds an error for each scenario that failed, found by replay; `member` names it where it is not NULL. */
bool pf_collected_report_faults(const pf_collected *self, const pf_kernel *kernel, const char *member,
                                pf_diagnostics *diagnostics);

/* What of the results file's header the model says; the rest is for the caller to fill in. In the model's arena. */
pf_result_header pf_collected_header(const pf_collected *self);
/* Writes the results file. */
pf_status pf_collected_write(const pf_collected *self, const char *path, const pf_result_header *header,
                             pf_diagnostics *diagnostics);

#endif
