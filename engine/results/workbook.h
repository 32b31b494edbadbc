/* Excel workbooks by libxlsxwriter: begun beside their place, closed and renamed; without a clock, so that the same
 * content gives the same bytes. */
#ifndef PF_WORKBOOK_H
#define PF_WORKBOOK_H

#include "base/replacement.h"

#include <xlsxwriter.h>

typedef struct {
    pf_arena *arena;
    pf_replacement target;
    lxw_workbook *book; /* NULL: it could not be begun */
    const char *why;
    lxw_format *bold, *heading, *link, *faint;
} pf_workbook;

/* False if it could not be begun; pf_workbook_end says why. */
bool pf_workbook_begin(pf_workbook *self, const char *path, const char *title, const char *comments, pf_arena *arena);
/* Puts it in its place; an error if that or anything before it failed. */
pf_status pf_workbook_end(pf_workbook *self, const char *path, pf_diagnostics *diagnostics);

/* A sheet named as near to `name` as Excel allows: 31 characters, none of []:*?/\, no name twice. */
lxw_worksheet *pf_workbook_sheet(pf_workbook *self, const char *name);
/* A text; the longest that a cell holds are cut. Empty ones leave it blank. */
void pf_workbook_text(pf_workbook *self, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const char *text,
                      lxw_format *format);
/* A number; NaN leaves the cell blank. */
void pf_workbook_number(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, double number, lxw_format *format);
/* A row of headings. */
void pf_workbook_headings(pf_workbook *self, lxw_worksheet *sheet, lxw_row_t row, const char *const *headings,
                          size_t count);

/* Has each part of the book in the open file its end? (workbook_check.c) */
bool pf_workbook_is_whole(int file);

#endif
