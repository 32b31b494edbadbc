/* The results file: HDF5 that is valid netCDF-4 (docs/results.md). Written once, under a temporary name, synced,
 * renamed. */
#ifndef PF_STORE_H
#define PF_STORE_H

#include "base/diagnostics.h"

#include <stdint.h>

/* One named output: a variable of dimensions (scenario, member, park, time), or of the dimension that `group` names.
 * values are amounts in a step (or means, levels: cell_method) in `unit`. */
typedef struct {
    const char *name, *unit, *title_en, *title_vi, *iamc; /* iamc, title_vi may be NULL */
    const char *cell_method;                              /* "sum", "mean", "point" */
    const char *definition;                               /* the expression, as written */
} pf_result_variable;

/* What is in a flow row, a closure row or an uncertain input row. */
typedef struct {
    const char *park, *process, *port, *carrier, *direction,
        *unit; /* a flow: "demo", "brewing", "needs.electricity", "electricity", "in", "MWh" */
} pf_result_flow;

typedef struct {
    const char *name, *unit, *source; /* an uncertain parameter: its path */
} pf_result_parameter;

/* Values come as output rows by step: values[scenario][step][row], rows in this order:
 *   indicators: variable v of park p is row v * park_count + p
 *   flows:      after them, one row each
 *   closures:   after them, one row each */
typedef struct {
    const char *title_en, *title_vi;
    const char *const *scenarios, *const *scenario_titles,
                                      *const *scenario_against; /* against: NULL for the reference */
    size_t scenario_count;
    const char *const *parks, *const *park_titles; /* the last may be "shared" */
    size_t park_count;
    const int32_t *step_first_day, *step_end_day; /* reported steps, days since 1970-01-01 */
    size_t step_count;
    const pf_result_variable *variables;
    size_t variable_count;
    const pf_result_flow *flows; /* flow_count 0: none kept */
    size_t flow_count;
    const char *const *closures; /* names of balances: "demo: market of steam" */
    size_t closure_count;
    const pf_result_parameter *parameters;
    size_t parameter_count;
    const char *input;      /* the whole resolved input, YAML; its SHA-256 is stored with it */
    const char *accounting; /* "boundary=park gwp=ar5 grid=average", for the file's attributes */
    const char *command;    /* what was asked, without paths: "run -s full" */
    const char *seed;       /* NULL: medians */
} pf_result_header;

/* Writes `path`. values [scenario][step][row], parameters' values [parameter_count]. A ratio's missing value is NaN in
 * `values` and becomes _FillValue. On failure adds an error, and `path` is as it was. */
pf_status pf_store_write(const char *path, const pf_result_header *header, const double *values,
                         const double *parameter_values, pf_diagnostics *diagnostics);

/* Prints what is in a results file as a table (the `info` verb): title, parks, scenarios, period, variables with units
 * and the sum over the last year by scenario, the worst closure, SHA-256. */
pf_status pf_store_info(const char *path, FILE *out, pf_diagnostics *diagnostics);

#endif
