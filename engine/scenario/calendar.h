/* Dates and steps. A date is a day of the proleptic Gregorian calendar; time runs in seconds of days of 86,400 s. */
#ifndef PF_CALENDAR_H
#define PF_CALENDAR_H

#include "base/arena.h"
#include "base/diagnostics.h"

#include <stdint.h>

typedef enum { PF_STEP_DAY, PF_STEP_WEEK, PF_STEP_MONTH, PF_STEP_QUARTER, PF_STEP_YEAR } pf_step_kind;

typedef struct {
    int32_t first_day, end_day; /* days since 1970-01-01; end_day is the day after the last */
} pf_step;

/* All steps from `start` to `end`, both inclusive, with the part that is reported. */
typedef struct {
    pf_step_kind kind;
    const pf_step *steps;
    uint32_t count, first_reported, reported;
    bool stands_in; /* for a `time:` that is wrong, so that the rest can be checked; nothing is said of series then */
} pf_calendar;

int32_t pf_day_number(int year, int month, int day);
void pf_day_date(int32_t day_number, int *year, int *month, int *day);
int pf_days_in_month(int year, int month);
int pf_days_in_year(int year);

/* Reads "2020", "2020-07", "2020-Q3" or "2020-07-15" as the range of days it covers; false if it is none. */
bool pf_date_parse(const char *text, pf_step *days);
/* Reads one such date, or two as "2020..2023"; false if it is neither. */
bool pf_period_parse(const char *text, pf_step *days);
/* "day", "week", "month", "quarter", "year"; false if unknown. */
bool pf_step_kind_parse(const char *text, pf_step_kind *kind);

/* The calendar of `start` .. `end` (each as pf_date_parse reads it). The range must be a whole number of steps that
 * begin on step boundaries (a month on its first day), and report a part of it on the same boundaries; else *why says
 * what is wrong. */
pf_status pf_calendar_make(pf_arena *arena, pf_step_kind kind, pf_step range, pf_step report, pf_calendar *calendar,
                           const char **why);

/* *first to *end, the steps among `count` that make up these days; false if they are not made of whole ones. */
bool pf_steps_of(const pf_step *steps, uint32_t count, pf_step days, uint32_t *first, uint32_t *end);

double pf_step_seconds(pf_step step);
/* The mean over `step` of a rate that puts 1 into every month, or every year, spread evenly over its days: in 1/s. */
double pf_per_month(pf_step step);
double pf_per_year(pf_step step);
/* "2020-03", "2020-03-15", "2020-Q1", "2020". */
const char *pf_step_text(pf_arena *arena, const pf_calendar *calendar, uint32_t step);

#endif
