/* What a model file writes where a value is expected, read to a typed form: number, distribution, series, choice,
 * product of a shared and an own part, or expression (docs/language.md, "Values"). */
#ifndef PF_VALUE_H
#define PF_VALUE_H

#include "scenario/calendar.h"
#include "scenario/expression.h"
#include "scenario/tree.h"
#include "scenario/units.h"

typedef enum { PF_NUMBER, PF_DISTRIBUTION, PF_SERIES, PF_EXPRESSION, PF_SHARED_OWN } pf_value_kind;

typedef struct pf_value pf_value;
struct pf_value {
    pf_value_kind kind;
    pf_mark mark;
    const char *text; /* as written */
    bool any_unit;    /* a bare 0 or inf fits every unit */
    pf_unit unit; /* numbers, distributions and series are in base units already; calendar rates still want 1/s of the
                     step */
    const char *unit_text; /* as it is written with numbers and distributions; "1" of pure numbers */
    double number;
    int distribution;  /* row of the table of distributions */
    double *arguments; /* in base units */
    double *series;    /* [steps], in base units, ... */
    bool nominal;      /* ... each in money of its own date */
    bool of_activity;  /* ... and accounting.freeze.activity holds them */
    pf_expression *expression;
    pf_value *shared, *own;
    bool by_pedigree;           /* a number that accounting.pedigree has spread */
    const char *shared_name;    /* who has the same name shares the draw */
    const pf_tree *shared_text; /* which says the same wherever the name is the same */
};

/* What reading needs to know besides the text. */
typedef struct {
    pf_arena *arena;
    pf_files *files;
    pf_units *units;
    const pf_calendar *calendar;
    const pf_tree *accounting; /* choices for `by:` */
    pf_diagnostics *diagnostics;
    pf_map *series; /* what series.c has read, by table and column; NULL: nothing is kept */
} pf_value_reader;

/* NULL after an error. */
pf_value *pf_value_read(const pf_value_reader *reader, const pf_tree *tree);

/* A date ("2020-07") or a range of dates, as seconds since 1970 of its first day; dimension time. */
pf_value *pf_date_read(const pf_value_reader *reader, const pf_tree *tree);

#endif
