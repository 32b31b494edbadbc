/* Comma-separated tables (RFC 4180, UTF-8), each cell with its place. */
#ifndef PF_CSV_H
#define PF_CSV_H

#include "scenario/file.h"

typedef struct {
    const char *text; /* blanks around it removed */
    pf_mark mark;
} pf_cell;

typedef struct pf_csv {
    size_t columns, rows; /* rows without the header */
    const pf_cell *header;
    const pf_cell *cells; /* [rows][columns] */
} pf_csv;

/* Reads the table `name` with a header, which is named at `from`. A row with another number of cells, an open quote, a
 * duplicate or empty header are errors. */
pf_status pf_csv_read(pf_files *files, const char *name, pf_mark from, pf_csv *table, pf_diagnostics *diagnostics);

/* The header and the rows that are wanted (all: NULL) as text, written in one way however they were written before. */
const char *pf_csv_text(pf_arena *arena, const pf_csv *table, bool (*wanted)(const void *self, const char *id),
                        const void *self);

/* Splits "name [unit]" into its two parts; *unit is NULL if there is none. */
void pf_header_split(pf_arena *arena, const char *header, const char **name, const char **unit);

#endif
