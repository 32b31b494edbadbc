/* Values over time, from a table or inline, averaged by days over the model's steps. */
#ifndef PF_SERIES_H
#define PF_SERIES_H

#include "scenario/value.h"

/* A row of a table of dates. */
typedef struct {
    const char *date; /* as it is written, of a table */
    pf_step days;
    double value; /* in the unit of its column */
    pf_mark mark;
} pf_dated_value;

typedef struct {
    pf_dated_value *items;
    size_t count, capacity;
} pf_dated_values;

/* The rows of one column, in their order; the first column is `date`. *unit is that of the header, or NULL. */
pf_status pf_dated_values_read(const pf_value_reader *reader, const pf_tree *file, const pf_tree *column,
                               pf_dated_values *rows, const char **unit);

/* {csv: FILE, column: NAME, unit: UNIT} or {series: {DATE: VALUE, ...}}: one number a step in base units (of a calendar
 * rate: the amount), NULL after an error. Every day of the model's time must have a value. */
double *pf_series_read(const pf_value_reader *reader, const pf_tree *tree, pf_unit *unit);

#endif
