/* Reads the tables of evidence once more, row by row: takes a scenario, gives cells by the columns that all tables
 * have. */
#include "scenario/evidence.h"

#include "scenario/csv.h"

#include <string.h>

static const char *const columns[PF_EVIDENCE_COLUMNS] = {"id",           "scope",     "quantity", "value",   "low",
                                                         "high",         "unit",      "period",   "kind",    "shape",
                                                         "source_title", "publisher", "year",     "address", "note"};

const char *pf_evidence_column(size_t column)
{
    return columns[column];
}

static const char *cell_of(const pf_csv *table, size_t row, const char *column)
{
    for (size_t c = 0; c < table->columns; c++)
        if (!strcmp(table->header[c].text, column)) return table->cells[row * table->columns + c].text;
    return "";
}

const pf_evidence_row *pf_evidence_rows(const pf_scenario *s, pf_arena *arena, size_t *count)
{
    const pf_tree *names = pf_tree_get(s->tree, "evidence");
    PF_LIST(pf_evidence_row) rows = {0};
    pf_diagnostics *unheard = pf_diagnostics_new(); /* what is wrong with a table was said when the model was read */
    for (size_t i = 0; names && i < names->entries.count; i++) {
        const pf_tree *name = names->entries.items[i].value;
        pf_csv table;
        if (name->kind != PF_TEXT || pf_csv_read(s->files, name->text, name->mark, &table, unheard)) continue;
        for (size_t row = 0; row < table.rows; row++) {
            pf_evidence_row *to = PF_PUSH(arena, rows);
            for (size_t c = 0; c < PF_EVIDENCE_COLUMNS; c++) to->cells[c] = cell_of(&table, row, columns[c]);
        }
    }
    pf_diagnostics_free(unheard);
    *count = rows.count;
    return rows.items;
}

const char *pf_evidence_cell(const pf_evidence_row *row, const char *column)
{
    size_t c = 0;
    while (c + 1 < PF_EVIDENCE_COLUMNS && strcmp(columns[c], column) != 0) c++;
    return row->cells[c];
}
