/* Rows of the tables of evidence, with all their columns: for those who say what a model rests on. */
#ifndef PF_EVIDENCE_H
#define PF_EVIDENCE_H

#include "scenario/scenario.h"

enum { PF_EVIDENCE_COLUMNS = 15 };

/* "id", "scope", ..., "note" */
const char *pf_evidence_column(size_t column);

typedef struct {
    const char *cells[PF_EVIDENCE_COLUMNS]; /* "" where a table has no such column */
} pf_evidence_row;

/* Of all tables that the scenario names; of a stored input the rows that it refers to. In `arena`. */
const pf_evidence_row *pf_evidence_rows(const pf_scenario *scenario, pf_arena *arena, size_t *count);
/* The cell of a column by its name. */
const char *pf_evidence_cell(const pf_evidence_row *row, const char *column);

#endif
