/* What the exports share; for them alone. */
#ifndef PF_EXPORT_FORMATS_H
#define PF_EXPORT_FORMATS_H

#include "results/export.h"

pf_status pf_export_check_iamc(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);
pf_status pf_export_iamc(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);
pf_status pf_export_csv(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);
pf_status pf_export_json(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);
pf_status pf_export_check_xlsx(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);
pf_status pf_export_xlsx(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);

/* Does `path` end so, in letters of any size? */
bool pf_export_has_ending(const char *path, const char *ending);
/* "the mean over members" */
const char *pf_export_statistic_doc(pf_arena *arena, const char *statistic);

/* datapackage.json of a CSV file, in the tidy table's arena. */
const char *pf_export_package(const pf_tidy *tidy, const char *csv_name, const char *csv, size_t size);
/* What indicators are, as the value of a JSON key. */
void pf_export_put_indicators(const pf_tidy *tidy, FILE *out);
/* Pairs of JSON, each with a comma behind: the title and where the numbers come from. */
void pf_export_put_origin(const pf_tidy *tidy, FILE *out);

/* Text that was written to a stream, in `arena`: begin, write, end. */
typedef struct {
    FILE *out;
    char *buffer;
    size_t size;
} pf_export_text;
void pf_export_text_begin(pf_export_text *text);
const char *pf_export_text_end(pf_export_text *text, pf_arena *arena);

#endif
