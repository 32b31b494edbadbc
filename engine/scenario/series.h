/* Values over time, from a table or inline, averaged by days over the model's steps. */
#ifndef PF_SERIES_H
#define PF_SERIES_H

#include "scenario/value.h"

/* {csv: FILE, column: NAME, unit: UNIT} or {series: {DATE: VALUE, ...}}: one number a step in base units (of a calendar
 * rate: the amount), NULL after an error. Every day of the model's time must have a value. */
double *pf_series_read(const pf_value_reader *reader, const pf_tree *tree, pf_unit *unit);

#endif
