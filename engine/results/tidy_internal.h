/* Inside of a tidy table, for tidy.c and tidy_read.c. */
#ifndef PF_TIDY_INTERNAL_H
#define PF_TIDY_INTERNAL_H

#include "results/hdf5_helpers.h"
#include "results/tidy.h"

struct pf_tidy_file {
    pf_h5 h5;
    pf_sample *sample;
    pf_scenario *scenario;
    pf_reduction reduction;  /* what the periods, and of a run the values, come from */
    const size_t *park_rows; /* of the reduction */
    double *values;
    const double *parameters;
    size_t parameter_count;
};

/* Reads statistics' names, then the values; a failure is kept in `h5`. */
void pf_tidy_read(pf_tidy *tidy);

#endif
