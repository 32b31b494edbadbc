/* The sample that a finished sweep kept: outputs by member, for analyses; and what an analysis found, put into the same
 * file (docs/results.md).
 *
 * An output is a case, an indicator, a park and a period. A case is a scenario, or the change that it makes: "full" and
 * "full - baseline", the scenario less its reference, formed member by member. Changes come after all scenarios, so
 * that one array, and one dimension `scenario` of an analysis, holds both. */
#ifndef PF_SAMPLE_H
#define PF_SAMPLE_H

#include "base/diagnostics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name, *unit, *title_en, *title_vi; /* titles: NULL where the model has none */
} pf_sample_indicator;

typedef struct {
    const char *label; /* "full", "full - baseline" */
    size_t scenario;   /* row of `scenarios` */
    size_t reference;  /* row of what is taken off, if it is a change */
    bool is_change;
} pf_sample_case;

typedef struct {
    const char *path;
    const char *title, *command, *accounting, *input; /* NULL where the file has none; input: the whole model, YAML */
    const char *design, *keep, *fingerprint;          /* keep: "paths", "annual", "statistics" */
    const char *list;                                 /* of the design list: its file's text; else NULL */
    const char *const *vary;                          /* patterns; none: all uncertain parameters vary */
    size_t vary_count;
    uint64_t seed, members, failed; /* members: of the design, those that failed among them */
    uint32_t levels;                /* 0: not given */

    const uint64_t *kept; /* numbers of the members that are here, ascending: y[i] is of kept[i] */
    size_t kept_count;
    const char *const *scenarios, *const *parks, *const *periods; /* the park "all": all parks together */
    size_t scenario_count, park_count, period_count;
    const pf_sample_case *cases;
    size_t case_count;
    const pf_sample_indicator *indicators;
    size_t indicator_count;
    const char *const *parameters; /* whose values were kept; none if they were not */
    size_t parameter_count;

    size_t read_ahead;           /* bytes, 64 MiB: twice as much is held; the caller may choose another */
    struct pf_sample_file *file; /* inside */
} pf_sample;

/* Refuses what is no finished sweep by saying what it is and what to run instead: NULL then. From here to the closing
 * HDF5 prints no errors of its own. One thread at a time. */
pf_sample *pf_sample_open(const char *path, pf_diagnostics *diagnostics);
/* The same of any results file, also one of `run`, for what needs no members: scenarios, cases and the input only. */
pf_sample *pf_sample_open_any(const char *path, pf_diagnostics *diagnostics);
void pf_sample_close(pf_sample *sample); /* NULL is allowed */

/* y [kept_count]; NaN where a ratio has no value. Quick where calls go through cases, then indicators, parks, periods:
 * what is near in the file is read along, up to `read_ahead` bytes (at least one output) of each of two scenarios. */
pf_status pf_sample_read(pf_sample *sample, size_t row_of_case, size_t indicator, size_t park, size_t period, double *y,
                         pf_diagnostics *diagnostics);
/* x [kept_count]: the values that one of `parameters` had. */
pf_status pf_sample_read_parameter(pf_sample *sample, size_t parameter, double *x, pf_diagnostics *diagnostics);

/* ---- what an analysis found: the group /analysis/METHOD, a netCDF table of its own ---- */

typedef struct {
    const char *name, *long_name;
    const char *const *labels; /* its coordinate: texts, */
    const double *numbers;     /* or numbers; both NULL: it has none */
    size_t length;
} pf_analysis_dimension;

/* The dimensions `scenario` (all cases), `park` and `period` of a sample, for as long as it is open. */
enum { PF_SAMPLE_DIMENSIONS = 3 };
void pf_sample_dimensions(const pf_sample *sample, pf_analysis_dimension dimensions[PF_SAMPLE_DIMENSIONS]);

/* With `has_interval` values come in threes, value, low, high (as pf_estimate has them), and NAME_low and NAME_high are
 * written beside NAME. */
typedef struct {
    const char *name;                        /* "ghg_total_first_order" */
    const char *long_name, *units, *comment; /* the last two may be NULL: no unit, no comment */
    const char *dimensions;                  /* "scenario park period parameter"; "": one value */
    const double *values;                    /* or */
    const char *const *texts;
    bool has_interval;
} pf_analysis_variable;

typedef struct {
    const char *name, *text;
} pf_analysis_note;

typedef struct {
    const char *method;            /* "sobol": a letter, then letters, digits and _ */
    const char *interval;          /* what low and high are: "95 % bootstrap interval" */
    const pf_analysis_note *notes; /* attributes of the group: title, comment, references; NULL texts are left out */
    size_t note_count;
    const pf_analysis_dimension *dimensions;
    size_t dimension_count;
    const pf_analysis_variable *variables;
    size_t variable_count;
} pf_analysis;

/* Puts the group into the results file, in the place of one of that name. It is done on a copy beside the file, which
 * then takes its place: a kill or a full disk leaves the old file as it was. A sample that is open stays readable. */
pf_status pf_sample_write_analysis(const char *path, const pf_analysis *analysis, pf_diagnostics *diagnostics);

#endif
