/* Results in the formats of others: a table of them. A new one is a file and a row in export.c. */
#ifndef PF_EXPORT_H
#define PF_EXPORT_H

#include "results/tidy.h"

typedef struct {
    const char *name;   /* "iamc" */
    const char *ending; /* ".csv", of the file if no other name is given */
    const char *doc;
    /* What is asked for that the format cannot say; NULL: nothing. */
    pf_status (*check)(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);
    /* Writes it whole or not at all; on failure adds an error, and `path` is as it was. */
    pf_status (*write)(const pf_tidy *tidy, const char *path, pf_diagnostics *diagnostics);
} pf_export_format;

size_t pf_export_format_count(void);
const pf_export_format *pf_export_format_at(size_t row);

#endif
