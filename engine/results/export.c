/* The table of export formats, and what several of them need. */
#include "results/export_formats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const pf_export_format formats[] = {
    {"iamc", ".csv", "the table of the IAMC, which pyam reads; -o FILE.xlsx makes it a workbook", pf_export_check_iamc,
     pf_export_iamc},
    {"csv", ".csv", "tidy: a row a value, with a datapackage.json beside it", NULL, pf_export_csv},
    {"xlsx", ".xlsx", "a workbook: cover, a sheet an indicator with charts, parameters, sources", pf_export_check_xlsx,
     pf_export_xlsx},
    {"json", ".json", "series with all that describes them, for web pages", NULL, pf_export_json},
};

size_t pf_export_format_count(void)
{
    return sizeof formats / sizeof *formats;
}

const pf_export_format *pf_export_format_at(size_t row)
{
    return &formats[row];
}

bool pf_export_has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length > end && !strcasecmp(path + length - end, ending);
}

const char *pf_export_statistic_doc(pf_arena *arena, const char *statistic)
{
    static const char *const docs[][2] = {
        {"run", "the value in a run: each parameter at its median, or as the member that was run drew it"},
        {"mean", "mean over members"},
        {"sd", "standard deviation over members"},
        {"min", "least over members"},
        {"max", "greatest over members"}};
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
        if (!strcmp(docs[i][0], statistic)) return docs[i][1];
    double percent = pf_tidy_percentile(statistic);
    return isnan(percent) ? statistic : pf_format(arena, "%g %% quantile over members", percent);
}

/* ---- text ---- */

void pf_export_text_begin(pf_export_text *text)
{
    *text = (pf_export_text){0};
    text->out = open_memstream(&text->buffer, &text->size);
    if (text->out) return;
    fputs("parkflow: out of memory\n", stderr);
    exit(EXIT_FAILURE);
}

const char *pf_export_text_end(pf_export_text *text, pf_arena *arena)
{
    fclose(text->out);
    const char *copy = pf_copy_text(arena, text->buffer, text->size);
    free(text->buffer);
    return copy;
}
