/* Begins, names sheets of, and ends a workbook: takes texts and numbers, gives an .xlsx file. */
#include "results/workbook.h"

#include <math.h>
#include <string.h>

enum { MOST_NAME = 31, MOST_TEXT = 32767 }; /* characters that Excel allows in a sheet's name and in a cell */

/* Not the time of day: the first second that a ZIP archive can say. */
static const time_t no_time = 315532800;

bool pf_workbook_begin(pf_workbook *self, const char *path, const char *title, const char *comments, pf_arena *arena)
{
    *self = (pf_workbook){.arena = arena};
    self->why = pf_replacement_begin(&self->target, path, arena);
    self->book = self->why ? NULL : workbook_new(self->target.temporary);
    if (!self->book) return false;
    lxw_doc_properties properties = {.title = pf_copy_text(arena, title, strlen(title)),
                                     .comments = pf_copy_text(arena, comments, strlen(comments)),
                                     .created = no_time};
    workbook_set_properties(self->book, &properties);
    self->bold = workbook_add_format(self->book);
    self->heading = workbook_add_format(self->book);
    self->faint = workbook_add_format(self->book);
    self->link = workbook_get_default_url_format(self->book);
    format_set_bold(self->bold);
    format_set_bold(self->heading);
    format_set_bottom(self->heading, LXW_BORDER_THIN);
    format_set_font_color(self->faint, 0x595959);
    return true;
}

pf_status pf_workbook_end(pf_workbook *self, const char *path, pf_diagnostics *diagnostics)
{
    lxw_error error = self->book ? workbook_close(self->book) : LXW_NO_ERROR;
    if (!self->why && !self->book) self->why = "there is no memory for it";
    if (!self->why && error) self->why = lxw_strerror(error);
    if (!self->why && !pf_workbook_is_whole(self->target.file))
        self->why = "a part of it is cut short; is the disk of temporary files full?";
    return pf_replacement_say(path, pf_replacement_end(&self->target, self->why, self->arena), diagnostics);
}

lxw_worksheet *pf_workbook_sheet(pf_workbook *self, const char *name)
{
    const char *allowed = pf_first_characters(self->arena, name, MOST_NAME);
    char *tried = pf_copy_text(self->arena, allowed, strlen(allowed));
    for (char *at = tried; *at; at++)
        if (strchr("[]:*?/\\'", *at)) *at = '_';
    allowed = tried;
    for (int number = 2; workbook_validate_sheet_name(self->book, tried) != LXW_NO_ERROR && number < 1000; number++)
        tried = pf_format(self->arena, "%s %d", pf_first_characters(self->arena, allowed, MOST_NAME - 4), number);
    return workbook_add_worksheet(self->book, tried);
}

void pf_workbook_text(pf_workbook *self, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const char *text,
                      lxw_format *format)
{
    if (text && *text)
        worksheet_write_string(sheet, row, column, pf_first_characters(self->arena, text, MOST_TEXT), format);
}

void pf_workbook_number(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, double number, lxw_format *format)
{
    if (isfinite(number)) worksheet_write_number(sheet, row, column, number, format);
}

void pf_workbook_headings(pf_workbook *self, lxw_worksheet *sheet, lxw_row_t row, const char *const *headings,
                          size_t count)
{
    for (size_t c = 0; c < count; c++) pf_workbook_text(self, sheet, row, (lxw_col_t)c, headings[c], self->heading);
}
