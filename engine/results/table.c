/* Tables for a terminal: takes cells, gives lines whose columns stand under each other, also with accents. */
#include "results/table.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *pf_grouped(pf_arena *arena, double number)
{
    const char *digits = pf_format(arena, "%.0f", fabs(number));
    size_t length = strlen(digits), used = 0;
    char *text = pf_alloc(arena, length + length / 3 + 2);
    if (number < 0) text[used++] = '-';
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) text[used++] = ',';
        text[used++] = digits[i];
    }
    return text;
}

const char *pf_amount_text(pf_arena *arena, double value)
{
    if (isnan(value)) return "-";
    bool is_large = fabs(value) >= 999.95 && fabs(value) < 1e15;
    return is_large ? pf_grouped(arena, value) : pf_format(arena, "%.4g", value + 0.0);
}

/* Columns a UTF-8 text takes: its code points, less combining marks (U+0300 to U+036F). */
static size_t display_width(const char *text)
{
    size_t width = 0;
    for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
        bool continues = (*byte & 0xC0) == 0x80;
        bool combines = *byte == 0xCC || (*byte == 0xCD && byte[1] < 0xB0);
        width += !continues && !combines;
    }
    return width;
}

void pf_table_add(pf_table *t, const char *text)
{
    *PF_PUSH(t->arena, t->cells) = text;
}

void pf_table_add_fact(pf_table *t, const char *name, const char *text)
{
    if (!text || !*text) return;
    pf_table_add(t, name);
    pf_table_add(t, text);
}

static size_t column_width(const pf_table *t, size_t column)
{
    size_t widest = 0;
    for (size_t i = column; i < t->cells.count; i += t->columns) {
        size_t width = display_width(t->cells.items[i]);
        if (width > widest) widest = width;
    }
    return widest;
}

void pf_table_print(const pf_table *t, FILE *out)
{
    size_t *widths = PF_ARRAY(t->arena, size_t, t->columns);
    for (size_t column = 0; column < t->columns; column++) widths[column] = column_width(t, column);
    int gap = 0; /* spaces owed: none are printed at the end of a line */
    for (size_t i = 0; i < t->cells.count; i++) {
        size_t column = i % t->columns;
        const char *cell = t->cells.items[i];
        int padding = (int)(widths[column] - display_width(cell));
        bool is_left = column < t->left_columns;
        gap += is_left ? 2 : 2 + padding;
        if (*cell) fprintf(out, "%*s%s", gap, "", cell);
        if (*cell) gap = 0;
        gap += is_left ? padding : 0;
        if (column + 1 < t->columns) continue;
        fputc('\n', out);
        gap = 0;
    }
}
