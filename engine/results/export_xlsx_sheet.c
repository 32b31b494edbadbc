/* A sheet of the workbook: an indicator's values, a row a series, and charts of all parks together above them: a line a
 * scenario, and of a sweep a fan of quantiles for each scenario. */
#include "results/export_xlsx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHART_ROW = 2, CHART_COLUMNS = 8, MOST_QUANTILES = 32, COLOURS = 7 };

/* Okabe and Ito's, told apart with any kind of colour vision; lines also differ in their dashes. */
static const lxw_color_t colours[COLOURS] = {0x000001, 0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9};
static const uint8_t dashes[] = {LXW_CHART_LINE_DASH_SOLID, LXW_CHART_LINE_DASH_DASH, LXW_CHART_LINE_DASH_ROUND_DOT};

/* ---- values ---- */

static bool is_large(const pf_tidy *t, size_t indicator)
{
    size_t count = t->statistic_count * t->case_count * t->park_count * t->period_count;
    const double *values = pf_tidy_series(t, (pf_tidy_place){.indicator = indicator});
    for (size_t i = 0; i < count; i++)
        if (fabs(values[i]) >= 1000) return true;
    return false;
}

/* By statistic, scenario, park: the order of the table's rows. */
static lxw_row_t row_of(const pf_tidy *t, lxw_row_t first_row, pf_tidy_place at)
{
    return first_row + (lxw_row_t)((at.statistic * t->case_count + at.scenario) * t->park_count + at.park);
}

static void put_row(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row, pf_tidy_place at, lxw_format *format)
{
    const pf_tidy *t = x->tidy;
    const double *series = pf_tidy_series(t, at);
    const char *const labels[PF_XLSX_LABELS] = {t->cases[at.scenario].label, t->parks[at.park].title,
                                                t->statistics[at.statistic]};
    for (size_t c = 0; c < PF_XLSX_LABELS; c++) pf_workbook_text(&x->book, sheet, row, (lxw_col_t)c, labels[c], NULL);
    for (size_t p = 0; p < t->period_count; p++)
        pf_workbook_number(sheet, row, (lxw_col_t)(PF_XLSX_LABELS + p), series[p], format);
}

static void put_periods(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row, size_t count)
{
    for (size_t p = 0; p < count; p++)
        pf_workbook_text(&x->book, sheet, row, (lxw_col_t)(PF_XLSX_LABELS + p), x->tidy->periods[p].label,
                         x->of_period);
}

static void put_headings(pf_xlsx *x, lxw_worksheet *sheet, lxw_row_t row)
{
    const pf_tidy *t = x->tidy;
    const char *const labels[PF_XLSX_LABELS] = {pf_tidy_title(t, "Scenario", "Kịch bản"),
                                                pf_tidy_title(t, "Park", "Khu"),
                                                pf_tidy_title(t, "Statistic", "Thống kê")};
    pf_workbook_headings(&x->book, sheet, row, labels, PF_XLSX_LABELS);
    put_periods(x, sheet, row, t->period_count);
}

void pf_xlsx_put_indicator(pf_xlsx *x, lxw_worksheet *sheet, size_t indicator)
{
    const pf_tidy *t = x->tidy;
    const pf_indicator *v = t->indicators[indicator];
    lxw_row_t heading = FIRST_CHART_ROW + PF_XLSX_CHART_ROWS, first = heading + 1, last = heading;
    lxw_col_t last_column = (lxw_col_t)(PF_XLSX_LABELS + t->period_count - 1);
    const char *title = pf_tidy_title(t, v->title, v->title_vi);
    pf_workbook_text(&x->book, sheet, 0, 0, pf_format(t->arena, "%s [%s]", title, pf_tidy_unit(v)), x->book.bold);
    pf_workbook_text(&x->book, sheet, 1, 0, v->definition, x->book.faint);
    put_headings(x, sheet, heading);
    pf_tidy_place at = {.indicator = indicator};
    for (at.statistic = 0; at.statistic < t->statistic_count; at.statistic++)
        for (at.scenario = 0; at.scenario < t->case_count; at.scenario++)
            for (at.park = 0; at.park < t->park_count; at.park++) {
                last = row_of(t, first, at);
                put_row(x, sheet, last, at, is_large(t, indicator) ? x->large : x->small);
            }
    worksheet_autofilter(sheet, heading, 0, last, last_column);
    worksheet_set_column(sheet, 0, 1, 26, NULL);
    worksheet_set_column(sheet, 2, 2, 10, NULL);
    worksheet_set_column(sheet, PF_XLSX_LABELS, last_column, 14, NULL);
    pf_xlsx_put_charts(x, sheet, indicator, first);
}

/* ---- charts ---- */

/* Of periods that follow each other: not the whole time. */
static size_t drawn_periods(const pf_tidy *t)
{
    return t->by_step || !t->years ? t->period_count : t->years;
}

/* All parks together, which come last; else the last park there is. */
static size_t drawn_park(const pf_tidy *t)
{
    return t->park_count - 1;
}

/* A series of `row` in `data`, with the headings of `sheet` below it. */
static lxw_chart_series *add_series(pf_xlsx *x, lxw_chart *chart, const lxw_worksheet *sheet, lxw_row_t heading,
                                    const lxw_worksheet *data, lxw_row_t row, const char *name)
{
    lxw_col_t last = (lxw_col_t)(PF_XLSX_LABELS + drawn_periods(x->tidy) - 1);
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    chart_series_set_categories(series, sheet->name, heading, PF_XLSX_LABELS, heading, last);
    chart_series_set_values(series, data->name, row, PF_XLSX_LABELS, row, last);
    chart_series_set_name(series, name);
    return series;
}

static lxw_chart *begin_chart(pf_xlsx *x, uint8_t type, size_t indicator, const char *title)
{
    const pf_tidy *t = x->tidy;
    const pf_indicator *v = t->indicators[indicator];
    lxw_chart *chart = workbook_add_chart(x->book.book, type);
    lxw_chart_font small = {.size = 9}, of_title = {.size = 11, .bold = LXW_TRUE};
    chart_title_set_name(chart, title);
    chart_title_set_name_font(chart, &of_title);
    chart_axis_set_name(chart->y_axis, pf_tidy_unit(v));
    chart_axis_set_name_font(chart->y_axis, &small);
    chart_axis_set_num_format(chart->y_axis, is_large(t, indicator) ? "#,##0" : "General");
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    return chart;
}

static void place_chart(pf_xlsx *x, lxw_worksheet *sheet, lxw_chart *chart, size_t number, const char *text)
{
    enum { WIDTH = 520, HEIGHT = 340 };
    lxw_chart_options options = {.x_offset = (int32_t)(number * (WIDTH + 10)),
                                 .x_scale = WIDTH / 480.0,
                                 .y_scale = HEIGHT / 288.0,
                                 .description = pf_copy_text(x->tidy->arena, text, strlen(text))};
    worksheet_insert_chart_opt(sheet, FIRST_CHART_ROW, 0, chart, &options);
}

/* The run; of a sweep the median, or the mean where it has none. */
static size_t middle(const pf_tidy *t)
{
    size_t median = pf_tidy_statistic(t, "p50"), mean = pf_tidy_statistic(t, "mean");
    return median < t->statistic_count ? median : mean < t->statistic_count ? mean : 0;
}

static void put_lines(pf_xlsx *x, lxw_worksheet *sheet, size_t indicator, lxw_row_t first_row)
{
    const pf_tidy *t = x->tidy;
    pf_tidy_place at = {.indicator = indicator, .statistic = middle(t), .park = drawn_park(t)};
    const char *title = pf_format(t->arena, "%s: %s", t->parks[at.park].title, t->statistics[at.statistic]);
    lxw_chart *chart = begin_chart(x, LXW_CHART_LINE, indicator, title);
    size_t drawn = 0;
    for (at.scenario = 0; at.scenario < t->case_count; at.scenario++) {
        if (t->cases[at.scenario].is_change) continue;
        lxw_chart_line line = {.color = colours[drawn % COLOURS], .width = 2, .dash_type = dashes[drawn / COLOURS % 3]};
        lxw_chart_series *series =
            add_series(x, chart, sheet, first_row - 1, sheet, row_of(t, first_row, at), t->cases[at.scenario].label);
        chart_series_set_line(series, &line);
        drawn++;
    }
    place_chart(x, sheet, chart, 0, title);
}

/* ---- fans ---- */

/* Rows of the quantiles, from the lowest up. */
static size_t quantiles(const pf_tidy *t, size_t rows[MOST_QUANTILES])
{
    size_t count = 0;
    for (size_t s = 0; s < t->statistic_count && count < MOST_QUANTILES; s++) {
        double percent = pf_tidy_percentile(t->statistics[s]);
        size_t to = count;
        if (isnan(percent)) continue;
        for (; to && pf_tidy_percentile(t->statistics[rows[to - 1]]) > percent; to--) rows[to] = rows[to - 1];
        rows[to] = s;
        count++;
    }
    return count;
}

/* The least and the greatest value of a fan; false if a value is missing or below 0: areas pile up from 0. */
static bool fan_range(const pf_tidy *t, pf_tidy_place at, const size_t *rows, size_t count, double range[2])
{
    range[0] = INFINITY;
    range[1] = 0;
    for (size_t q = 0; q < count; q++) {
        at.statistic = rows[q];
        const double *series = pf_tidy_series(t, at);
        for (size_t p = 0; p < drawn_periods(t); p++) {
            if (!(series[p] >= 0)) return false;
            range[0] = fmin(range[0], series[p]);
            range[1] = fmax(range[1], series[p]);
        }
    }
    return range[1] > range[0];
}

/* A round number a little below the least value, so that the band fills the chart. */
static double floor_of(const double range[2])
{
    double step = pow(10, floor(log10(range[1] - range[0])));
    return fmax(0, floor((range[0] - 0.1 * (range[1] - range[0])) / step) * step);
}

static void put_fan_headings(pf_xlsx *x)
{
    const pf_tidy *t = x->tidy;
    const char *const labels[PF_XLSX_LABELS] = {pf_tidy_title(t, "Indicator", "Chỉ số"),
                                                pf_tidy_title(t, "Scenario", "Kịch bản"),
                                                pf_tidy_title(t, "Width of", "Độ rộng")};
    pf_workbook_headings(&x->book, x->fans, x->fan_row, labels, PF_XLSX_LABELS);
    put_periods(x, x->fans, x->fan_row++, drawn_periods(t));
    worksheet_set_column(x->fans, 0, PF_XLSX_LABELS - 1, 24, NULL);
    worksheet_freeze_panes(x->fans, 1, 0);
}

/* The lowest quantile, then what each one is above the one before: a row each on the sheet of fans. */
static lxw_row_t put_widths(pf_xlsx *x, pf_tidy_place at, const size_t *rows, size_t count)
{
    const pf_tidy *t = x->tidy;
    if (!x->fan_row) put_fan_headings(x);
    lxw_row_t first = x->fan_row;
    for (size_t q = 0; q < count; q++, x->fan_row++) {
        at.statistic = rows[q];
        const double *upper = pf_tidy_series(t, at), *lower = NULL;
        const char *name = t->statistics[rows[q]];
        if (q) at.statistic = rows[q - 1];
        if (q) lower = pf_tidy_series(t, at);
        if (q) name = pf_format(t->arena, "%s .. %s", t->statistics[rows[q - 1]], name);
        pf_workbook_text(&x->book, x->fans, x->fan_row, 0, t->indicators[at.indicator]->name, NULL);
        pf_workbook_text(&x->book, x->fans, x->fan_row, 1, t->cases[at.scenario].label, NULL);
        pf_workbook_text(&x->book, x->fans, x->fan_row, 2, name, NULL);
        for (size_t p = 0; p < drawn_periods(t); p++)
            pf_workbook_number(x->fans, x->fan_row, (lxw_col_t)(PF_XLSX_LABELS + p), upper[p] - (lower ? lower[p] : 0),
                               NULL);
    }
    return first;
}

/* Bands are darkest in the middle. */
static void colour_band(lxw_chart_series *series, size_t band, size_t bands, lxw_color_t colour)
{
    double outside = fabs((2 * (double)band + 1) / (double)bands - 1);
    lxw_chart_fill fill = {.color = colour, .transparency = (uint8_t)(30 + 50 * outside)};
    lxw_chart_line edge = {.color = 0xFFFFFF, .width = 1};
    chart_series_set_fill(series, &fill);
    chart_series_set_line(series, &edge);
}

static void put_fan(pf_xlsx *x, lxw_worksheet *sheet, pf_tidy_place at, lxw_row_t first_row, size_t number)
{
    const pf_tidy *t = x->tidy;
    size_t rows[MOST_QUANTILES], count = quantiles(t, rows);
    double range[2];
    if (count < 2 || !fan_range(t, at, rows, count, range)) return;
    const char *title = pf_format(t->arena, "%s: %s, %s .. %s", t->parks[at.park].title, t->cases[at.scenario].label,
                                  t->statistics[rows[0]], t->statistics[rows[count - 1]]);
    lxw_chart *chart = begin_chart(x, LXW_CHART_AREA_STACKED, at.indicator, title);
    lxw_row_t row = put_widths(x, at, rows, count);
    lxw_chart_fill none = {.none = LXW_TRUE};
    chart->y_axis->is_value = LXW_TRUE; /* libxlsxwriter 1.1.4 forgets to say so of area charts */
    chart_axis_set_min(chart->y_axis, floor_of(range));
    for (size_t q = 0; q < count; q++) {
        const char *upper = t->statistics[rows[q]];
        const char *name = q ? pf_format(t->arena, "%s .. %s", t->statistics[rows[q - 1]], upper) : upper;
        lxw_chart_series *series = add_series(x, chart, sheet, first_row - 1, x->fans, row + (lxw_row_t)q, name);
        if (q) colour_band(series, q - 1, count - 1, colours[1 + (number - 1) % (COLOURS - 1)]);
        else chart_series_set_fill(series, &none);
    }
    int16_t base[] = {0, -1};
    chart_legend_delete_series(chart, base);
    place_chart(x, sheet, chart, number, title);
}

void pf_xlsx_put_charts(pf_xlsx *x, lxw_worksheet *sheet, size_t indicator, lxw_row_t first_row)
{
    const pf_tidy *t = x->tidy;
    pf_tidy_place at = {.indicator = indicator, .park = drawn_park(t)};
    size_t number = 1;
    put_lines(x, sheet, indicator, first_row);
    for (at.scenario = 0; x->fans && at.scenario < t->case_count; at.scenario++)
        if (!t->cases[at.scenario].is_change) put_fan(x, sheet, at, first_row, number++);
}
