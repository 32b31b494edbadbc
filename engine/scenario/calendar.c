/* The calendar: from dates as text to days, and from a range of days to the steps of a run.
 * Days are counted from 1970-01-01 in the proleptic Gregorian calendar; its 400 years have 146,097 days. */
#include "scenario/calendar.h"

#include <ctype.h>
#include <string.h>

enum { DAYS_IN_400_YEARS = 146097, DAYS_TO_1970 = 719468 /* from 0000-03-01 */, DAYS_IN_WEEK = 7 };

static const char *const step_names[] = {"day", "week", "month", "quarter", "year"};

static int floor_divided(int a, int b)
{
    return a / b - (a % b < 0);
}

/* Years are taken to begin in March, so that the leap day is the last. */
int32_t pf_day_number(int year, int month, int day)
{
    int from_march = (month + 9) % 12, march_year = year - (month < 3);
    int era = floor_divided(march_year, 400), year_of_era = march_year - era * 400;
    int day_of_year = (153 * from_march + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_IN_400_YEARS + day_of_era - DAYS_TO_1970;
}

void pf_day_date(int32_t day_number, int *year, int *month, int *day)
{
    int days = day_number + DAYS_TO_1970, era = floor_divided(days, DAYS_IN_400_YEARS);
    int day_of_era = days - era * DAYS_IN_400_YEARS;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = year_of_era + era * 400 + (*month < 3);
}

int pf_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && pf_days_in_year(year) == 366);
}

int pf_days_in_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
}

/* Moves `text` over exactly `digits` digits. */
static bool read_digits(const char **text, int digits, int *number)
{
    *number = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (!isdigit((unsigned char)**text)) return false;
        *number = *number * 10 + (**text - '0');
    }
    return true;
}

static bool read_sign(const char **text, char sign)
{
    if (**text != sign) return false;
    (*text)++;
    return true;
}

static pf_step whole_months(int year, int month, int count)
{
    int end = month - 1 + count;
    return (pf_step){pf_day_number(year, month, 1), pf_day_number(year + end / 12, end % 12 + 1, 1)};
}

bool pf_date_parse(const char *text, pf_step *days)
{
    int year, number, day;
    if (!read_digits(&text, 4, &year) || year == 0) return false;
    *days = whole_months(year, 1, 12);
    if (!*text) return true;
    if (!read_sign(&text, '-')) return false;
    if (read_sign(&text, 'Q')) {
        if (!read_digits(&text, 1, &number) || *text || number < 1 || number > 4) return false;
        *days = whole_months(year, 3 * number - 2, 3);
        return true;
    }
    if (!read_digits(&text, 2, &number) || number < 1 || number > 12) return false;
    *days = whole_months(year, number, 1);
    if (!*text) return true;
    if (!read_sign(&text, '-') || !read_digits(&text, 2, &day) || *text) return false;
    if (day < 1 || day > pf_days_in_month(year, number)) return false;
    days->first_day += day - 1;
    days->end_day = days->first_day + 1;
    return true;
}

bool pf_period_parse(const char *text, pf_step *days)
{
    char first[sizeof "2020-07-15"];
    const char *dots = strstr(text, "..");
    pf_step last;
    if (!dots) return pf_date_parse(text, days);
    size_t length = (size_t)(dots - text);
    if (length >= sizeof first) return false;
    memcpy(first, text, length);
    first[length] = 0;
    if (!pf_date_parse(first, days) || !pf_date_parse(dots + 2, &last)) return false;
    days->end_day = last.end_day;
    return true;
}

bool pf_step_kind_parse(const char *text, pf_step_kind *kind)
{
    for (int i = PF_STEP_DAY; i <= PF_STEP_YEAR; i++)
        if (!strcmp(text, step_names[i])) {
            *kind = (pf_step_kind)i;
            return true;
        }
    return false;
}

/* The first day of the step after the one that begins at `day`. */
static int32_t next_boundary(pf_step_kind kind, int32_t day)
{
    int year, month, day_of_month;
    pf_day_date(day, &year, &month, &day_of_month);
    switch (kind) {
    case PF_STEP_DAY: return day + 1;
    case PF_STEP_WEEK: return day + DAYS_IN_WEEK;
    case PF_STEP_MONTH: return whole_months(year, month, 1).end_day;
    case PF_STEP_QUARTER: return whole_months(year, month, 3).end_day;
    case PF_STEP_YEAR: return whole_months(year, month, 12).end_day;
    }
    return day + 1;
}

/* Weeks begin on the weekday of `origin`. */
static bool is_boundary(pf_step_kind kind, int32_t origin, int32_t day)
{
    int year, month, day_of_month;
    pf_day_date(day, &year, &month, &day_of_month);
    switch (kind) {
    case PF_STEP_DAY: return true;
    case PF_STEP_WEEK: return (day - origin) % DAYS_IN_WEEK == 0;
    case PF_STEP_MONTH: return day_of_month == 1;
    case PF_STEP_QUARTER: return day_of_month == 1 && month % 3 == 1;
    case PF_STEP_YEAR: return day_of_month == 1 && month == 1;
    }
    return false;
}

static const char *day_text(pf_arena *arena, int32_t day_number)
{
    int year, month, day;
    pf_day_date(day_number, &year, &month, &day);
    return pf_format(arena, "%04d-%02d-%02d", year, month, day);
}

/* What is wrong with the ends of `days`, the `what` of a calendar ("the time"); NULL if nothing is. */
static const char *wrong_ends(pf_arena *arena, pf_step_kind kind, int32_t origin, pf_step days, const char *what)
{
    static const char *const first_days[] = {"", "", "the first day of a month",
                                             "the first of January, April, July or October", "1 January"};
    const char *first = day_text(arena, days.first_day), *last = day_text(arena, days.end_day - 1);
    if (days.end_day <= days.first_day)
        return pf_format(arena, "%s ends on %s, before it starts on %s", what, last, first);
    bool starts = is_boundary(kind, origin, days.first_day), ends = is_boundary(kind, origin, days.end_day);
    if (kind == PF_STEP_WEEK && !(starts && ends))
        return pf_format(arena, "%s, %s to %s, is not made of whole weeks counted from %s", what, first, last,
                         day_text(arena, origin));
    if (!starts)
        return pf_format(arena, "%s starts on %s: with steps of a %s it starts on %s", what, first, step_names[kind],
                         first_days[kind]);
    if (!ends)
        return pf_format(arena, "%s ends on %s: with steps of a %s it ends on the last day of one", what, last,
                         step_names[kind]);
    return NULL;
}

pf_status pf_calendar_make(pf_arena *arena, pf_step_kind kind, pf_step range, pf_step report, pf_calendar *calendar,
                           const char **why)
{
    const char *wrong = wrong_ends(arena, kind, range.first_day, range, "the time");
    if (!wrong) wrong = wrong_ends(arena, kind, range.first_day, report, "the reported time");
    if (!wrong && (report.first_day < range.first_day || report.end_day > range.end_day))
        wrong = pf_format(arena, "the reported time, %s to %s, is not within the time of the model, %s to %s",
                          day_text(arena, report.first_day), day_text(arena, report.end_day - 1),
                          day_text(arena, range.first_day), day_text(arena, range.end_day - 1));
    if (wrong) {
        *why = wrong;
        return PF_FAILED;
    }
    PF_LIST(pf_step) steps = {0};
    *calendar = (pf_calendar){.kind = kind};
    for (int32_t day = range.first_day, next; day < range.end_day; day = next) {
        next = next_boundary(kind, day);
        *PF_PUSH(arena, steps) = (pf_step){day, next};
        calendar->first_reported += next <= report.first_day;
        calendar->reported += day >= report.first_day && next <= report.end_day;
    }
    calendar->steps = steps.items;
    calendar->count = (uint32_t)steps.count;
    return PF_OK;
}

bool pf_steps_of(const pf_step *steps, uint32_t count, pf_step days, uint32_t *first, uint32_t *end)
{
    *first = 0;
    while (*first < count && steps[*first].first_day < days.first_day) ++*first;
    *end = *first;
    while (*end < count && steps[*end].end_day <= days.end_day) ++*end;
    return *first < *end && steps[*first].first_day == days.first_day && steps[*end - 1].end_day == days.end_day;
}

double pf_step_seconds(pf_step step)
{
    return 86400.0 * (step.end_day - step.first_day);
}

/* How many periods of `months` months (1 or 12) lie in `step`; a part of one counts by its days. */
static double periods_within(pf_step step, int months)
{
    double periods = 0;
    for (int32_t day = step.first_day, end; day < step.end_day; day = end) {
        int year, month, day_of_month;
        pf_day_date(day, &year, &month, &day_of_month);
        pf_step period = whole_months(year, months == 12 ? 1 : month, months);
        end = period.end_day < step.end_day ? period.end_day : step.end_day;
        periods += (double)(end - day) / (period.end_day - period.first_day);
    }
    return periods;
}

double pf_per_month(pf_step step)
{
    return periods_within(step, 1) / pf_step_seconds(step);
}

double pf_per_year(pf_step step)
{
    return periods_within(step, 12) / pf_step_seconds(step);
}

const char *pf_step_text(pf_arena *arena, const pf_calendar *calendar, uint32_t step)
{
    int year, month, day;
    pf_day_date(calendar->steps[step].first_day, &year, &month, &day);
    switch (calendar->kind) {
    case PF_STEP_MONTH: return pf_format(arena, "%04d-%02d", year, month);
    case PF_STEP_QUARTER: return pf_format(arena, "%04d-Q%d", year, (month + 2) / 3);
    case PF_STEP_YEAR: return pf_format(arena, "%04d", year);
    default: return day_text(arena, calendar->steps[step].first_day);
    }
}
