/* The criteria of a model held against its results: by park, year and scenario the value, whether it meets what is
 * asked, and how often it does among the members of a sweep (docs/criteria.md). */
#ifndef PF_CRITERIA_H
#define PF_CRITERIA_H

#include "results/tidy.h"

typedef enum {
    PF_NOT_COMPUTABLE,
    PF_MISSED,
    PF_MET,
    PF_OPEN, /* the value is a bound on the side that proves nothing */
    PF_NOT_IN_FORCE,
    PF_VALUE_ALONE /* nothing is asked of it */
} pf_criterion_verdict;
const char *pf_criterion_verdict_name(pf_criterion_verdict verdict); /* "met" */

/* NaN where there is none: the park lacks a fact, the value is something over nothing, no members were kept. */
typedef struct {
    double value;             /* at the medians, in the criterion's unit */
    double low, median, high; /* 5, 50 and 95 % of the members that have a value */
    double probability;       /* the share of these that meet it; of a bound that of its value */
    double members;           /* that have a value */
    pf_criterion_verdict verdict;
} pf_criterion_result;

typedef struct {
    const pf_compiled *model; /* of the file's input; its criteria are the rows */
    pf_tidy *tidy;            /* at the medians: scenarios, parks (the last: all together), years */
    size_t scenarios, parks, years;
    uint64_t members;             /* that were kept; 0: none by park and year */
    const char *without_members;  /* then why; NULL: it is a run */
    pf_criterion_result *results; /* [criterion][scenario][park][year] */
} pf_scoreboard;

/* False after errors; freed either way. */
bool pf_scoreboard_open(pf_scoreboard *board, const char *path, pf_diagnostics *diagnostics);
void pf_scoreboard_close(pf_scoreboard *board);

pf_criterion_result *pf_scoreboard_at(const pf_scoreboard *board, size_t criterion, size_t scenario, size_t park,
                                      size_t year);
/* Is there a threshold? */
bool pf_criterion_asks(const pf_criterion *criterion);
/* "at least 95 %", "at most 50 %"; "" where nothing is asked. */
const char *pf_criterion_wants(pf_arena *arena, const pf_criterion *criterion);

/* Puts the group /analysis/criteria into the file. */
pf_status pf_scoreboard_write(const pf_scoreboard *board, const char *path, pf_diagnostics *diagnostics);

#endif
