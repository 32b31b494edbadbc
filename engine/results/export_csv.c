/* Tidy CSV: a row a value, and beside it the datapackage.json that says what the columns are. Both files take their
 * places one after the other once both are written. */
#include "base/notation.h"
#include "base/replacement.h"
#include "results/export_formats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const pf_tidy *tidy;
    FILE *out;
} writer;

static bool put_row(void *user, pf_tidy_place at, double value)
{
    const writer *w = user;
    const pf_tidy *t = w->tidy;
    const pf_indicator *indicator = t->indicators[at.indicator];
    const char *labels[] = {t->cases[at.scenario].label, t->parks[at.park].name, t->periods[at.period].label,
                            indicator->name, t->statistics[at.statistic]};
    char number[PF_NUMBER_TEXT];
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        pf_csv_write_cell(w->out, labels[i], false);
        fputc(',', w->out);
    }
    fprintf(w->out, "%s,", isnan(value) ? "" : pf_number_text(value, number));
    pf_csv_write_cell(w->out, pf_tidy_unit(indicator), false);
    fputc('\n', w->out);
    return !ferror(w->out);
}

/* Why a datapackage.json that is there must not be replaced: it describes something else. NULL if it may be. */
static const char *foreign_package(const char *path)
{
    char start[256] = "";
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t length = fread(start, 1, sizeof start - 1, file);
    fclose(file);
    start[length] = 0;
    return strstr(start, "\"parkflow") ? NULL : "it describes other data: export to another folder";
}

/* NULL, or why neither file was written; *where is the one at fault. */
static const char *write_both(const char *const paths[2], const char *const texts[2], const size_t sizes[2],
                              pf_arena *arena, const char **where)
{
    pf_replacement targets[2];
    const char *why = foreign_package(paths[1]);
    *where = paths[1];
    if (why) return why;
    for (size_t i = 0; i < 2; i++) targets[i].file = -1;
    for (size_t i = 0; i < 2 && !why; i++) {
        *where = paths[i];
        why = pf_replacement_begin(&targets[i], paths[i], arena);
        if (!why) why = pf_replacement_write(&targets[i], texts[i], sizes[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        const char *failed = pf_replacement_end(&targets[i], why, arena);
        if (failed && !why) *where = paths[i];
        why = failed ? failed : why;
    }
    return why;
}

pf_status pf_export_csv(const pf_tidy *t, const char *path, pf_diagnostics *diagnostics)
{
    pf_export_text text;
    pf_export_text_begin(&text);
    fputs("scenario,park,time,indicator,statistic,value,unit\n", text.out);
    pf_tidy_each(t, put_row, &(writer){t, text.out});
    const char *csv = pf_export_text_end(&text, t->arena), *slash = strrchr(path, '/'), *where;
    const char *name = slash ? slash + 1 : path, *folder = pf_copy_text(t->arena, path, (size_t)(name - path));
    const char *package = pf_export_package(t, name, csv, text.size);
    const char *const paths[] = {path, pf_format(t->arena, "%sdatapackage.json", folder)};
    const size_t sizes[] = {text.size, strlen(package)};
    const char *why = write_both(paths, (const char *const[]){csv, package}, sizes, t->arena, &where);
    return pf_replacement_say(where, why, diagnostics);
}
