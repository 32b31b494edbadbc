/* The results file of a run or a sweep: HDF5 that is valid netCDF-4 (docs/results.md). Written step by step to a
 * temporary name beside its place, then synced and renamed. */
#ifndef PF_STORE_H
#define PF_STORE_H

#include "ensemble/reduce.h"

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

/* What a sweep was, for the file's attributes; NULL or 0: not given. */
typedef struct {
    const char *design, *keep; /* "sobol"; "paths", "annual" or "statistics" */
    uint64_t members, members_failed;
    uint32_t levels;
    const char *vary;                 /* patterns, one a line */
    const char *list;                 /* of the design list: its file's text */
    const char *function_fingerprint; /* of the functions of the mathematical library */
} pf_result_sweep;

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
    const char *input;            /* the whole resolved input, YAML; its SHA-256 is stored with it */
    const char *accounting;       /* "boundary=park gwp=ar5 grid=average", for the file's attributes */
    const char *command;          /* what was asked, without paths: "run -s full" */
    const char *seed;             /* NULL: medians */
    int64_t member;               /* the number of the one that is written; 0 at the medians */
    const pf_result_sweep *sweep; /* NULL: a run */
} pf_result_header;

/* Writes the file of a run. values [scenario][step][row], parameters' values [parameter_count]. A ratio's missing value
 * is NaN in `values` and becomes _FillValue. On failure adds an error, and `path` is as it was. */
pf_status pf_store_write(const char *path, const pf_result_header *header, const double *values,
                         const double *parameter_values, pf_diagnostics *diagnostics);

/* ---- the same step by step, for sweeps; by one thread ----
 *
 * After the first step that fails the others do nothing, and pf_store_end says why. Nothing that is passed is kept but
 * `header` and what it points to. */
typedef struct pf_store pf_store;

/* A temporary file beside `path`; NULL after an error. */
pf_store *pf_store_begin(const char *path, const pf_result_header *header, pf_diagnostics *diagnostics);
/* Closes, syncs and renames; on failure adds an error, and `path` is as it was. Frees the store either way. */
pf_status pf_store_end(pf_store *store, pf_diagnostics *diagnostics);
/* Removes the temporary file instead; `path` is as it was. NULL is allowed. */
void pf_store_abandon(pf_store *store);
/* Has a step failed? Then there is no use in going on. */
bool pf_store_failed(const pf_store *store);

/* What stands in the root, in a sweep the run at the medians: as for pf_store_write. Comes first. */
void pf_store_medians(pf_store *store, const double *values, const double *parameter_values);

/* What the cells of a sweep are of: [scenario][park][period] for each indicator. */
typedef struct {
    const char *const *scenarios;
    const char *const *against; /* NULL: not written */
    size_t scenario_count;
    const char *const *parks; /* the last may be "all": all parks together */
    size_t park_count;
    const pf_period *periods;
    size_t period_count;
} pf_result_axes;

/* Statistics over members, in the groups /statistics (of each scenario) and /difference (of scenarios less their
 * references, member by member; axes.against says which). */
typedef enum { PF_OF_SCENARIOS, PF_OF_DIFFERENCES } pf_result_group;

typedef struct {
    pf_result_axes axes;
    const char *const *statistics; /* "mean", "sd", "min", "max", "p5", ... */
    size_t statistic_count;
    uint64_t members;              /* that they are over */
    const double *closure_maximum; /* of all members [header->closure_count]; NULL: none */
} pf_result_statistics;

/* One indicator's. */
typedef struct {
    const double *values, *bounds; /* [statistic][scenario][park][period]; bounds: the most that values can be off */
    const double *exceedance;      /* the share above `threshold` [scenario][park][period]; NULL: none */
    double threshold;
    const uint64_t *valid; /* members with a value [scenario][park][period]; NULL: all have one */
} pf_result_statistic;

/* Begins a group; pf_store_statistic then adds indicators to it, each a row of header->variables. */
void pf_store_statistics(pf_store *store, pf_result_group group, const pf_result_statistics *statistics);
void pf_store_statistic(pf_store *store, size_t variable, const pf_result_statistic *statistic);

/* Values by member, in the group /members. */
typedef struct {
    pf_result_axes axes;
    bool by_step;              /* periods are steps: the dimension `time`, as in the root, instead of `period` */
    const uint32_t *variables; /* the indicators kept, rows of header->variables */
    size_t variable_count;
    const pf_range *ranges; /* the members, ascending */
    size_t range_count;
    bool has_parameters; /* their parameters' values too */
} pf_result_members;

/* Begins it. Members may then come in any order, ascending within a call; those that never come stay missing (NaN). */
void pf_store_members(pf_store *store, const pf_result_members *members);
/* cells [scenario][indicator][park][period][count]; parameters [header->parameter_count][count], NULL: not kept.
 * PF_FAILED (without an error, see pf_store_end) if the store has failed. */
pf_status pf_store_member_rows(pf_store *store, const uint64_t *members, size_t count, const double *cells,
                               const double *parameters);

/* The members that failed, the first PF_RESULT_FAULTS of them, in the group /faults. */
typedef struct {
    uint64_t member;
    const char *scenario, *step, *cause;
} pf_result_fault;
enum { PF_RESULT_FAULTS = 1000 };
void pf_store_faults(pf_store *store, const pf_result_fault *faults, size_t count);

/* Prints what is in a results file as a table (the `info` verb): title, parks, scenarios, period, variables with units
 * and the sum over the last year by scenario, the worst closure, SHA-256. */
pf_status pf_store_info(const char *path, FILE *out, pf_diagnostics *diagnostics);

#endif
