/* A CSV reader that keeps places: a state machine over the bytes of the file. */
#include "scenario/csv.h"

#include "scenario/file.h"

#include <ctype.h>
#include <string.h>

typedef struct {
    pf_arena *arena;
    const char *at;
    pf_mark mark;
    PF_LIST(pf_cell) cells;
    pf_diagnostics *diagnostics;
} scanner;

static char *read_file(pf_arena *arena, const char *path, pf_mark from, pf_diagnostics *diagnostics)
{
    size_t size;
    FILE *file = pf_file_open(path, from, &size, diagnostics);
    if (!file) return NULL;
    char *text = pf_alloc(arena, size + 1);
    const char *why = NULL;
    if (fread(text, 1, size, file) != size) why = "cannot be read to its end";
    else if (strlen(text) != size) why = "is no text: it holds a zero byte";
    if (why) pf_error(diagnostics, (pf_mark){path, 0, 0}, "%s", why);
    fclose(file);
    return why ? NULL : text;
}

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

pf_status pf_csv_read(pf_arena *arena, const char *path, pf_mark from, pf_csv *table, pf_diagnostics *diagnostics)
{
    const char *text = read_file(arena, path, from, diagnostics);
    if (!text) return PF_FAILED;
    if (!strncmp(text, "\xef\xbb\xbf", 3)) text += 3;
    scanner s = {.arena = arena, .at = text, .mark = {path, 1, 1}, .diagnostics = diagnostics};
    pf_status status = PF_OK;
    *table = (pf_csv){0};
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
        return pf_error(diagnostics, (pf_mark){path, 1, 1}, "is empty, expected a table with a header");
    table->header = s.cells.items;
    table->cells = s.cells.items + table->columns;
    return check_header(table, diagnostics) || status ? PF_FAILED : PF_OK;
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
