/* A results file as a table of numbers: values by indicator, statistic, case, park and period, whatever the file was
 * made by. What `run` wrote is summed here as sweeps sum: ratios last, over steps and parks. */
#ifndef PF_TIDY_H
#define PF_TIDY_H

#include "ensemble/reduce.h"
#include "results/sample.h"

enum { PF_TIDY_MOST = 64 };

typedef struct {
    const char *names[PF_TIDY_MOST];
    size_t count; /* 0: all */
} pf_tidy_names;

typedef struct {
    pf_tidy_names indicators, scenarios, parks; /* a scenario comes with its reference */
    bool by_step;                               /* else by year, and the whole reported time */
    bool is_vietnamese;                         /* titles */
    bool at_medians;                            /* of a sweep not its statistics, but its run at the medians */
} pf_tidy_request;

typedef struct {
    const char *name, *title;
    bool is_all; /* all parks together */
} pf_tidy_park;

typedef struct {
    const pf_sample *sample;  /* what the file says of itself */
    const pf_compiled *model; /* of the input that it holds */
    pf_arena *arena;
    bool by_step, is_vietnamese, is_sweep;
    const pf_indicator **indicators;
    size_t indicator_count;
    const char *const *statistics; /* of a sweep as the file names them: "mean", "p5"; of a run only "run" */
    size_t statistic_count;
    const pf_sample_case *cases; /* scenarios, and of a sweep their changes */
    size_t case_count;
    const pf_tidy_park *parks; /* the last is all parks together, if it was not left out */
    size_t park_count;
    const pf_period *periods;
    size_t period_count, years; /* the first are whole years; 0 by step */
    const double *values;       /* [indicator][statistic][case][park][period]; NaN: a ratio of nothing */
    struct pf_tidy_file *file;  /* inside */
} pf_tidy;

/* NULL after an error, which says what the file is and what to run instead. */
pf_tidy *pf_tidy_open(const char *path, const pf_tidy_request *request, pf_diagnostics *diagnostics);
void pf_tidy_close(pf_tidy *tidy); /* NULL is allowed */

/* Where something stands: rows of the lists above. */
typedef struct {
    size_t indicator, statistic, scenario, park, period; /* scenario: a row of `cases` */
} pf_tidy_place;

/* The values of a series, by period, from place.period on. */
const double *pf_tidy_series(const pf_tidy *tidy, pf_tidy_place place);

/* All values, period by period, park by park, and so on, in the order of `values`. False from `take` ends it. */
void pf_tidy_each(const pf_tidy *tidy, bool (*take)(void *user, pf_tidy_place place, double value), void *user);

/* The title in the language asked for. */
const char *pf_tidy_title(const pf_tidy *tidy, const char *english, const char *vietnamese);
/* "1" where the model gives none. */
const char *pf_tidy_unit(const pf_indicator *indicator);
const pf_scenario_row *pf_tidy_scenario(const pf_tidy *tidy, const char *name);
/* The number behind "p2.5", in per cent; NaN if the statistic is no quantile. */
double pf_tidy_percentile(const char *statistic);
/* The row of a statistic; statistic_count if there is none of that name. */
size_t pf_tidy_statistic(const pf_tidy *tidy, const char *name);
/* "2020-01-31" */
const char *pf_tidy_date(pf_arena *arena, int32_t day_number);
/* An attribute of the file's root; "" where there is none. */
const char *pf_tidy_attribute(const pf_tidy *tidy, const char *name);
/* The values that uncertain parameters had in the run at the medians, or in the member that was run: in the order of
 * the model's inputs that are no switches. NULL where there are none. */
const double *pf_tidy_parameters(const pf_tidy *tidy, size_t *count);

#endif
