/* A series is a list of pieces, each a range of days with a value; a step takes their mean weighted by days. */
#include "scenario/series.h"

#include "scenario/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_first_day(const void *left, const void *right)
{
    int32_t a = ((const pf_dated_value *)left)->days.first_day, b = ((const pf_dated_value *)right)->days.first_day;
    return a < b ? -1 : a > b;
}

static bool one_number(const pf_value_reader *r, const char *text, pf_mark mark, double *number)
{
    const char *rest;
    if (pf_number_parse(text, number, &rest) && !*rest && isfinite(*number)) return true;
    pf_error(r->diagnostics, mark, "found '%s', expected a finite number", text);
    return false;
}

static int column_of(const pf_value_reader *r, const pf_csv *table, const pf_tree *name, const char **unit)
{
    pf_nearest near = pf_nearest_to(name->text);
    for (size_t i = 1; i < table->columns; i++) {
        const char *header;
        pf_header_split(r->arena, table->header[i].text, &header, unit);
        if (!strcmp(header, name->text)) return (int)i;
        pf_nearest_offer(&near, header);
    }
    pf_error(r->diagnostics, name->mark, "the table %s has no column '%s'%s", table->header[0].mark.file, name->text,
             pf_nearest_hint(&near, r->arena));
    return -1;
}

pf_status pf_dated_values_read(const pf_value_reader *r, const pf_tree *file, const pf_tree *column,
                               pf_dated_values *rows, const char **unit)
{
    pf_csv table;
    if (pf_csv_read(r->files, file->text, file->mark, &table, r->diagnostics)) return PF_FAILED;
    if (strcmp(table.header[0].text, "date") != 0)
        return pf_error(r->diagnostics, table.header[0].mark, "found the first column '%s', expected 'date'",
                        table.header[0].text);
    int at = column_of(r, &table, column, unit);
    if (at < 0) return PF_FAILED;
    pf_status status = PF_OK;
    for (size_t row = 0; row < table.rows; row++) {
        const pf_cell *cells = table.cells + row * table.columns;
        pf_dated_value p = {.date = cells[0].text, .mark = cells[at].mark};
        if (!pf_date_parse(cells[0].text, &p.days))
            status = pf_error(r->diagnostics, cells[0].mark,
                              "found '%s', expected a date like 2020, 2020-07, 2020-Q3 or 2020-07-15", cells[0].text);
        else if (!one_number(r, cells[at].text, cells[at].mark, &p.value)) status = PF_FAILED;
        else *PF_PUSH(r->arena, *rows) = p;
    }
    return status;
}

static pf_status read_table(const pf_value_reader *r, const pf_tree *tree, pf_dated_values *list, const char **unit)
{
    const pf_tree *file = pf_tree_get(tree, "csv"), *column = pf_tree_get(tree, "column");
    if (file->kind != PF_TEXT || !column || column->kind != PF_TEXT)
        return pf_error(r->diagnostics, tree->mark, "expected {csv: FILE, column: NAME}");
    return pf_dated_values_read(r, file, column, list, unit);
}

/* Inline values hold until the next date. */
static pf_status read_inline(const pf_value_reader *r, const pf_tree *tree, pf_dated_values *list, const char **unit)
{
    const pf_tree *map = pf_tree_get(tree, "series");
    pf_status status = PF_OK;
    if (map->kind != PF_MAPPING || !map->entries.count)
        return pf_error(r->diagnostics, map->mark, "expected {series: {DATE: VALUE, ...}}");
    for (size_t i = 0; i < map->entries.count; i++) {
        const pf_entry *entry = &map->entries.items[i];
        pf_dated_value p = {.mark = entry->value->mark};
        const char *rest;
        if (!pf_date_parse(entry->key, &p.days))
            status = pf_error(r->diagnostics, entry->mark,
                              "found '%s', expected a date like 2020, 2020-07 or 2020-07-15", entry->key);
        else if (entry->value->kind != PF_TEXT || !pf_number_parse(entry->value->text, &p.value, &rest) ||
                 !isfinite(p.value))
            status = pf_error(r->diagnostics, entry->value->mark, "expected a finite number and its unit");
        else if (i && *unit && *rest && strcmp(rest, *unit) != 0)
            status = pf_error(r->diagnostics, entry->value->mark,
                              "found the unit '%s', expected '%s' as in the first value", rest, *unit);
        else {
            if (!i && *rest) *unit = rest;
            *PF_PUSH(r->arena, *list) = p;
        }
    }
    if (list->count) qsort(list->items, list->count, sizeof *list->items, by_first_day);
    for (size_t i = 0; i < list->count; i++)
        list->items[i].days.end_day = i + 1 < list->count ? list->items[i + 1].days.first_day : INT32_MAX;
    return status;
}

/* Of two rows that overlap, the later in the file is at fault, and is left out of what follows. */
static pf_status check_overlaps(const pf_value_reader *r, pf_dated_values *list)
{
    pf_status status = PF_OK;
    const pf_dated_value *last = list->items;
    if (list->count) qsort(list->items, list->count, sizeof *list->items, by_first_day);
    for (size_t i = 1; i < list->count; i++) {
        const pf_dated_value *next = &list->items[i];
        const pf_dated_value *wrong = next->mark.line > last->mark.line ? next : last,
                             *right = wrong == next ? last : next;
        bool overlap = next->days.first_day < last->days.end_day;
        if (overlap)
            status = pf_error(r->diagnostics, wrong->mark, "this row's date overlaps with that of line %d",
                              right->mark.line);
        last = overlap ? right : next;
    }
    return status;
}

static pf_status average_over_steps(const pf_value_reader *r, const pf_tree *tree, const pf_dated_values *list,
                                    double *values)
{
    size_t first = 0;
    if (r->calendar->stands_in) { /* which steps there are is not known: nothing can be missing */
        for (uint32_t s = 0; s < r->calendar->count; s++) values[s] = list->count ? list->items[0].value : 0;
        return PF_OK;
    }
    for (uint32_t s = 0; s < r->calendar->count; s++) {
        pf_step step = r->calendar->steps[s];
        double sum = 0;
        int32_t covered = 0;
        while (first < list->count && list->items[first].days.end_day <= step.first_day) first++;
        for (size_t i = first; i < list->count && list->items[i].days.first_day < step.end_day; i++) {
            int32_t from = list->items[i].days.first_day, to = list->items[i].days.end_day;
            int32_t days = (to < step.end_day ? to : step.end_day) - (from > step.first_day ? from : step.first_day);
            sum += days * list->items[i].value;
            covered += days;
        }
        if (covered < step.end_day - step.first_day)
            return pf_error(r->diagnostics, tree->mark, "the series has no value for %s%s",
                            pf_step_text(r->arena, r->calendar, s), covered ? " on all days" : "");
        values[s] = sum / covered;
    }
    return PF_OK;
}

/* The mean of each step in the unit that stands with the values (NULL: none does). */
typedef struct {
    const char *unit;
    double *values;
} means;

/* Under which the means of a column are kept; NULL where it has none, or nothing is kept. */
static const char *key_of(const pf_value_reader *r, const pf_tree *tree)
{
    const pf_tree *name = pf_tree_get(tree, "csv");
    const char *column = pf_tree_get_text(tree, "column");
    if (!r->series || !column || !name || name->kind != PF_TEXT) return NULL;
    const pf_file *file = pf_file_read(r->files, name->text, name->mark, r->diagnostics);
    return file ? pf_format(r->arena, "%s\n%s", file->path, column) : NULL;
}

static means *read_means(const pf_value_reader *r, const pf_tree *tree)
{
    const char *key = key_of(r, tree);
    means *known = key ? pf_map_get(r->series, key) : NULL;
    if (known) return known;
    pf_dated_values list = {0};
    means new = {.values = PF_ARRAY(r->arena, double, r->calendar->count)};
    bool table = pf_tree_get(tree, "csv");
    if (table ? read_table(r, tree, &list, &new.unit) || check_overlaps(r, &list)
              : read_inline(r, tree, &list, &new.unit))
        return NULL;
    if (average_over_steps(r, tree, &list, new.values)) return NULL;
    known = PF_NEW(r->arena, means);
    *known = new;
    if (key) pf_map_set(r->series, r->arena, key, known);
    return known;
}

double *pf_series_read(const pf_value_reader *r, const pf_tree *tree, pf_unit *unit)
{
    const means *read = read_means(r, tree);
    const char *unit_text = read ? read->unit : NULL, *why, *stated = pf_tree_get_text(tree, "unit");
    if (!read) return NULL;
    if (stated && unit_text && strcmp(stated, unit_text) != 0) {
        pf_error(r->diagnostics, tree->mark, "found unit: '%s', but the values are in '%s'", stated, unit_text);
        return NULL;
    }
    if (!unit_text) unit_text = stated ? stated : "1";
    if (pf_unit_parse(r->units, unit_text, unit, &why)) {
        pf_error(r->diagnostics, tree->mark, "found '%s': %s", unit_text, why);
        return NULL;
    }
    double *values = PF_ARRAY(r->arena, double, r->calendar->count);
    for (uint32_t s = 0; s < r->calendar->count; s++) values[s] = read->values[s] * unit->scale;
    return values;
}
