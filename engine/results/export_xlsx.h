/* The workbook's parts; for them alone. */
#ifndef PF_EXPORT_XLSX_H
#define PF_EXPORT_XLSX_H

#include "results/export_formats.h"
#include "results/workbook.h"

typedef struct {
    const pf_tidy *tidy;
    pf_workbook book;
    lxw_worksheet *fans;       /* what the fans are drawn from; NULL of a run */
    lxw_row_t fan_row;         /* its next free row */
    lxw_format *large, *small; /* of numbers */
    lxw_format *of_period;     /* of headings of numbers */
} pf_xlsx;

/* The values of an indicator, with its charts. */
void pf_xlsx_put_indicator(pf_xlsx *x, lxw_worksheet *sheet, size_t indicator);
/* The charts, above the table of values: `first_row` is its first, in the order of pf_tidy_each. */
void pf_xlsx_put_charts(pf_xlsx *x, lxw_worksheet *sheet, size_t indicator, lxw_row_t first_row);

enum { PF_XLSX_LABELS = 3, PF_XLSX_CHART_ROWS = 18 }; /* columns before the first period; rows that charts take */

#endif
