/* Tables for a terminal: cells of text go in row by row, aligned columns come out. */
#ifndef PF_TABLE_H
#define PF_TABLE_H

#include "base/arena.h"

#include <stdio.h>

typedef struct {
    pf_arena *arena;
    size_t columns, left_columns; /* the first are set to the left, the others to the right */
    PF_LIST(const char *) cells;
} pf_table;

void pf_table_add(pf_table *table, const char *text);
/* A row of two cells; none where `text` is NULL or "". */
void pf_table_add_fact(pf_table *table, const char *name, const char *text);
void pf_table_print(const pf_table *table, FILE *out);

/* "1,234,568" */
const char *pf_grouped(pf_arena *arena, double number);
/* An amount in four digits, from a thousand on whole and grouped: "0.5", "12.35", "1,234,568"; "-" of none, "never" of
 * an infinite one. */
const char *pf_amount_text(pf_arena *arena, double value);

#endif
