/* Comma-separated tables (RFC 4180, UTF-8), each cell with its place. */
#ifndef PF_CSV_H
#define PF_CSV_H

#include "base/arena.h"
#include "base/diagnostics.h"

typedef struct {
    const char *text; /* blanks around it removed */
    pf_mark mark;
} pf_cell;

typedef struct {
    size_t columns, rows; /* rows without the header */
    const pf_cell *header;
    const pf_cell *cells; /* [rows][columns] */
} pf_csv;

/* Reads a table with a header, which is named at `from`. A row with another number of cells, an open quote, a
 * duplicate or empty header are errors. */
pf_status pf_csv_read(pf_arena *arena, const char *path, pf_mark from, pf_csv *table, pf_diagnostics *diagnostics);

/* Splits "name [unit]" into its two parts; *unit is NULL if there is none. */
void pf_header_split(pf_arena *arena, const char *header, const char **name, const char **unit);

#endif
