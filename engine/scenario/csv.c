/* A CSV reader that keeps places, a state machine over the bytes of the file; and a writer. */
#include "scenario/csv.h"

#include "base/notation.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    pf_arena *arena;
    const char *at;
    pf_mark mark;
    PF_LIST(pf_cell) cells;
    pf_diagnostics *diagnostics;
} scanner;

static char step_on(scanner *s)
{
    char c = *s->at++;
    s->mark.column += !pf_is_later_byte(c);
    if (c == '\n') s->mark = (pf_mark){s->mark.file, s->mark.line + 1, 1};
    return c;
}

static pf_status quoted_cell(scanner *s, pf_cell *cell)
{
    PF_LIST(char) text = {0};
    step_on(s);
    while (*s->at) {
        char c = step_on(s);
        if (c == '"' && *s->at == '"') step_on(s);
        else if (c == '"') {
            *PF_PUSH(s->arena, text) = 0;
            cell->text = text.items;
            return PF_OK;
        }
        *PF_PUSH(s->arena, text) = c;
    }
    return pf_error(s->diagnostics, cell->mark, "a quote opens here and is never closed");
}

static pf_status read_cell(scanner *s)
{
    while (*s->at == ' ' || *s->at == '\t') step_on(s);
    pf_cell cell = {"", s->mark};
    if (*s->at == '"') {
        if (quoted_cell(s, &cell)) return PF_FAILED;
        while (*s->at == ' ' || *s->at == '\t') step_on(s);
    } else {
        const char *start = s->at;
        while (*s->at && *s->at != ',' && *s->at != '\n' && *s->at != '\r') step_on(s);
        const char *end = s->at;
        while (end > start && isspace((unsigned char)end[-1])) end--;
        cell.text = pf_copy_text(s->arena, start, (size_t)(end - start));
    }
    *PF_PUSH(s->arena, s->cells) = cell;
    if (*s->at && *s->at != ',' && *s->at != '\n' && *s->at != '\r')
        return pf_error(s->diagnostics, s->mark, "found '%c' after a closing quote, expected a comma", *s->at);
    return PF_OK;
}

static pf_status read_row(scanner *s, size_t *cells)
{
    size_t before = s->cells.count;
    for (;;) {
        if (read_cell(s)) return PF_FAILED;
        if (*s->at != ',') break;
        step_on(s);
    }
    while (*s->at == '\r' || *s->at == '\n') step_on(s); /* blank lines are skipped with the line's end */
    *cells = s->cells.count - before;
    return PF_OK;
}

static pf_status check_header(const pf_csv *table, pf_diagnostics *diagnostics)
{
    pf_status status = PF_OK;
    for (size_t i = 0; i < table->columns; i++) {
        if (!*table->header[i].text) status = pf_error(diagnostics, table->header[i].mark, "a column has no name");
        for (size_t j = 0; j < i; j++)
            if (*table->header[i].text && !strcmp(table->header[i].text, table->header[j].text))
                status =
                    pf_error(diagnostics, table->header[i].mark, "the column '%s' stands twice", table->header[i].text);
    }
    return status;
}

/* The scanner at the beginning of the file, if it is a text. */
static pf_status open_table(scanner *s, pf_arena *arena, const pf_file *file)
{
    if (strlen(file->text) != file->size)
        return pf_error(s->diagnostics, (pf_mark){file->path, 0, 0}, "is no text: it holds a zero byte");
    s->arena = arena;
    s->at = file->text;
    s->mark = (pf_mark){file->path, 1, 1};
    size_t wrong = pf_wrong_byte(file->text, file->size);
    if (wrong != file->size) {
        while (s->at < file->text + wrong) step_on(s);
        return pf_error(s->diagnostics, s->mark, "this is no UTF-8; save the file in that encoding");
    }
    if (!strncmp(s->at, "\xef\xbb\xbf", 3)) s->at += 3;
    return PF_OK;
}

static pf_status read_table(pf_arena *arena, const pf_file *file, pf_csv *table, pf_diagnostics *diagnostics)
{
    scanner s = {.diagnostics = diagnostics};
    pf_status status = PF_OK;
    if (open_table(&s, arena, file)) return PF_FAILED;
    while (*s.at) {
        pf_mark row = s.mark;
        size_t cells;
        if (read_row(&s, &cells)) return PF_FAILED;
        if (!table->columns) {
            table->columns = cells;
            if (cells == 1 && strchr(s.cells.items[0].text, ';'))
                return pf_error(diagnostics, row, "the cells are separated by ';', expected ',' (and '.' in numbers)");
            continue;
        }
        if (cells != table->columns) {
            status = pf_error(diagnostics, row, "found %zu cells in this row, expected %zu as in the header", cells,
                              table->columns);
            s.cells.count -= cells;
            continue;
        }
        table->rows++;
    }
    if (!table->columns)
        return pf_error(diagnostics, (pf_mark){s.mark.file, 1, 1}, "is empty, expected a table with a header");
    table->header = s.cells.items;
    table->cells = s.cells.items + table->columns;
    return check_header(table, diagnostics) || status ? PF_FAILED : PF_OK;
}

pf_status pf_csv_read(pf_files *files, const char *name, pf_mark from, pf_csv *table, pf_diagnostics *diagnostics)
{
    const pf_file *file = pf_file_read(files, name, from, diagnostics);
    *table = (pf_csv){0};
    if (!file) return PF_FAILED;
    if (file->table) *table = *file->table;
    else if (read_table(files->arena, file, table, diagnostics)) return PF_FAILED;
    else {
        pf_csv *kept = PF_NEW(files->arena, pf_csv);
        *kept = *table;
        ((pf_file *)file)->table = kept;
    }
    return PF_OK;
}

static void write_row(FILE *out, const pf_cell *cells, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        if (c) fputc(',', out);
        pf_csv_write_cell(out, cells[c].text, count == 1);
    }
    fputc('\n', out);
}

const char *pf_csv_text(pf_arena *arena, const pf_csv *table, bool (*wanted)(const void *self, const char *id),
                        const void *self)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write_row(out, table->header, table->columns);
    for (size_t r = 0; r < table->rows; r++) {
        const pf_cell *cells = table->cells + r * table->columns;
        if (!wanted || wanted(self, cells[0].text)) write_row(out, cells, table->columns);
    }
    fclose(out);
    const char *copy = pf_copy_text(arena, text, size);
    free(text);
    return copy;
}

void pf_header_split(pf_arena *arena, const char *header, const char **name, const char **unit)
{
    const char *open = strchr(header, '['), *close = open ? strrchr(open, ']') : NULL;
    *name = header;
    *unit = NULL;
    if (!close || close[1] || open == header) return;
    size_t length = (size_t)(open - header);
    while (length && header[length - 1] == ' ') length--;
    *name = pf_copy_text(arena, header, length);
    *unit = pf_copy_text(arena, open + 1, (size_t)(close - open - 1));
}
