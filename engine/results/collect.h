/* Collects a run of one member: from the runner's blocks to rows of a results file. */
#ifndef PF_COLLECT_H
#define PF_COLLECT_H

#include "ensemble/runner.h"
#include "model/compile.h"
#include "results/store.h"

typedef struct {
    const pf_compiled *model;
    const uint32_t *scenarios; /* rows of model->scenarios */
    size_t scenario_count;
    size_t rows;      /* per step: indicators x parks, ratios among them; flows; closures */
    double *values;   /* [scenario][step][row] */
    pf_fault *faults; /* [scenario] */
    double *inputs;   /* [scenario][inputs], for replay */
} pf_collected;

void pf_collected_init(pf_collected *self, const pf_compiled *model, const uint32_t *scenarios, size_t scenario_count);
void pf_collected_free(pf_collected *self);
pf_sink pf_collecting_sink(pf_collected *self);

/* The value of an indicator in a park over the reported steps of a year; all years where year is 0. A ratio sums before
 * it divides; NaN where it has no value, or where no step lies in that year. park == model->park_count means all parks.
 */
double pf_collected_year(const pf_collected *self, size_t scenario, size_t indicator, size_t park, int year);
/* First and last year of which all days are reported; false if there is none. */
bool pf_reported_years(const pf_compiled *model, int *first, int *last);

/* Writes the results file. `parameters`: [inputs], the values that were used. */
pf_status pf_collected_write(const pf_collected *self, const char *path, const char *command, const double *parameters,
                             pf_diagnostics *diagnostics);

#endif
