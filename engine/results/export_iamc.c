/* The IAMC's table, as pyam reads it: model, scenario, region, variable, unit, years in columns; within a year a column
 * Subannual. As CSV, or a workbook with the sheet `data`. Rules and their sources: docs/exports.md. */
#include "base/notation.h"
#include "base/replacement.h"
#include "results/export_formats.h"
#include "results/workbook.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Units of the template's variables (IAMconsortium/common-definitions): one of `unit` is so many of `of`. */
static const struct {
    const char *variable, *unit, *of;
    double many;
} template[] = {
    {"Final Energy", "EJ/yr", "GJ", 1e9},
    {"Secondary Energy", "EJ/yr", "GJ", 1e9},
    {"Primary Energy", "EJ/yr", "GJ", 1e9},
    {"Water Withdrawal", "km3/yr", "m3", 1e9},
    {"Water Consumption", "km3/yr", "m3", 1e9},
    {"Emissions|CO2", "Mt CO2/yr", "t CO2", 1e6},
    {"Emissions|Kyoto Gases", "Mt CO2-equiv/yr", "t CO2e", 1e6},
    {"Emissions|CH4", "Mt CH4/yr", "t CH4", 1e6},
    {"Emissions|N2O", "kt N2O/yr", "t N2O", 1e3},
};
enum { TEMPLATE = sizeof template / sizeof *template };

static const char own_prefix[] = "Eco-Industrial Park|", region_prefix[] = "Viet Nam|";

typedef struct {
    const char *name, *unit;
    double times, over; /* a value of the model times over */
} variable;

typedef struct {
    const char *label; /* of Subannual; NULL: a year */
    size_t *periods;   /* by year; period_count: there is none */
} slice;

typedef struct {
    const pf_tidy *tidy;
    pf_arena *arena;
    const variable *variables; /* [indicator] */
    PF_LIST(int) years;
    PF_LIST(slice) slices;
    bool is_subannual;
} table;

/* A line: texts, then a number a year, NaN where there is none. */
typedef struct {
    const char *texts[6];
    size_t text_count;
    const double *numbers;
} line;

/* ---- variables ---- */

/* "Final Energy" is the variable of itself and of what stands behind a bar. */
static bool belongs(const char *name, const char *above)
{
    size_t length = strlen(above);
    return !strncmp(name, above, length) && (!name[length] || name[length] == '|');
}

static void convert(variable *v, const pf_tidy *t, const pf_indicator *indicator, size_t row,
                    pf_diagnostics *diagnostics)
{
    const char *why;
    pf_unit from, to;
    pf_units *units = t->model->scenario->units;
    bool fits = !pf_unit_parse(units, pf_tidy_unit(indicator), &from, &why) &&
                !pf_unit_parse(units, template[row].of, &to, &why) &&
                pf_dimension_equal(from.dimension, to.dimension) && !strcmp(indicator->method, "sum");
    if (!fits) {
        pf_error(
            diagnostics, (pf_mark){0},
            "the indicator '%s' is in %s, but its IAMC variable '%s' is an amount in %s: change its unit or `iamc:`",
            indicator->name, pf_tidy_unit(indicator), v->name, template[row].unit);
        return;
    }
    v->unit = template[row].unit;
    v->times = from.scale / to.scale;
    v->over = template[row].many;
}

static variable variable_of(const pf_tidy *t, const pf_indicator *indicator, pf_diagnostics *diagnostics)
{
    bool is_sum = indicator->numerator < 0 && !strcmp(indicator->method, "sum");
    const char *unit = pf_tidy_unit(indicator);
    variable v = {.unit = is_sum ? pf_format(t->arena, "%s/yr", unit) : unit, .times = 1, .over = 1};
    if (!indicator->iamc) {
        char *name = pf_format(t->arena, "%s%s", own_prefix, indicator->title);
        for (char *at = name + strlen(own_prefix); (at = strchr(at, '|'));) *at = '/';
        v.name = name;
        return v;
    }
    v.name = indicator->iamc;
    for (size_t row = 0; row < TEMPLATE; row++)
        if (belongs(v.name, template[row].variable)) convert(&v, t, indicator, row, diagnostics);
    return v;
}

static void find_variables(table *w, pf_diagnostics *diagnostics)
{
    const pf_tidy *t = w->tidy;
    variable *variables = PF_ARRAY(w->arena, variable, t->indicator_count);
    for (size_t i = 0; i < t->indicator_count; i++) {
        variables[i] = variable_of(t, t->indicators[i], diagnostics);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(variables[k].name, variables[i].name))
                pf_error(diagnostics, (pf_mark){0},
                         "the indicators '%s' and '%s' are both the IAMC variable '%s': give one another title or "
                         "`iamc:`, or name those to export by --indicator",
                         t->indicators[k]->name, t->indicators[i]->name, variables[i].name);
    }
    w->variables = variables;
}

/* "Final Energy|Industry" for a run and for the mean, "Final Energy|Industry|5.0th Percentile" for a quantile, as the
 * database of the IPCC's Sixth Assessment Report names them; NULL for what is not exported. */
static const char *name_of(const table *w, size_t indicator, const char *statistic)
{
    const char *name = w->variables[indicator].name;
    double percent = pf_tidy_percentile(statistic);
    if (!strcmp(statistic, "run") || !strcmp(statistic, "mean")) return name;
    if (isnan(percent)) return NULL;
    bool is_tenth = percent * 10 == rint(percent * 10);
    return pf_format(w->arena, is_tenth ? "%s|%.1fth Percentile" : "%s|%gth Percentile", name, percent);
}

/* ---- time ---- */

static size_t year_row(table *w, int year)
{
    size_t row = 0;
    while (row < w->years.count && w->years.items[row] != year) row++;
    if (row == w->years.count) *PF_PUSH(w->arena, w->years) = year;
    return row;
}

/* "January" of a whole month; else "03-15 00:00+07:00", the first moment of the step in Viet Nam's time. */
static const char *slice_label(const table *w, const pf_period *period)
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    int year, month, day;
    pf_day_date(period->first_day, &year, &month, &day);
    bool by_month = w->tidy->model->scenario->calendar.kind == PF_STEP_MONTH;
    return by_month ? months[month - 1] : pf_format(w->arena, "%02d-%02d 00:00+07:00", month, day);
}

static slice *slice_of(table *w, const char *label)
{
    for (size_t i = 0; i < w->slices.count; i++)
        if (!label || !strcmp(w->slices.items[i].label, label)) return &w->slices.items[i];
    slice *added = PF_PUSH(w->arena, w->slices);
    *added = (slice){label, PF_ARRAY(w->arena, size_t, w->years.count)};
    for (size_t y = 0; y < w->years.count; y++) added->periods[y] = w->tidy->period_count;
    return added;
}

static void find_times(table *w, pf_diagnostics *diagnostics)
{
    const pf_tidy *t = w->tidy;
    size_t count = t->by_step ? t->period_count : t->years;
    int *years = PF_ARRAY(w->arena, int, count + 1), month, day;
    w->is_subannual = t->by_step && t->model->scenario->calendar.kind != PF_STEP_YEAR;
    if (!count)
        pf_error(diagnostics, (pf_mark){0}, "'%s' has no whole year, which IAMC's table is of: export --by step",
                 t->sample->path);
    for (size_t i = 0; i < count; i++) {
        pf_day_date(t->periods[i].first_day, &years[i], &month, &day);
        year_row(w, years[i]);
    }
    for (size_t i = 0; i < count; i++)
        slice_of(w, w->is_subannual ? slice_label(w, &t->periods[i]) : NULL)->periods[year_row(w, years[i])] = i;
}

/* ---- lines ---- */

typedef void (*take_line)(void *user, const line *line);

static void add_line(const table *w, pf_tidy_place at, const slice *s, const char *name, take_line take, void *user)
{
    const pf_tidy *t = w->tidy;
    const double *series = pf_tidy_series(t, at);
    const variable *v = &w->variables[at.indicator];
    double *numbers = PF_ARRAY(w->arena, double, w->years.count);
    bool is_empty = true;
    for (size_t y = 0; y < w->years.count; y++) {
        bool is_there = s->periods[y] < t->period_count;
        numbers[y] = is_there ? series[s->periods[y]] * v->times / v->over : (double)NAN;
        is_empty = is_empty && isnan(numbers[y]);
    }
    line l = {.texts = {pf_tidy_attribute(t, "source"), t->cases[at.scenario].label,
                        pf_format(w->arena, "%s%s", region_prefix, t->parks[at.park].title), name, v->unit, s->label},
              .text_count = w->is_subannual ? 6 : 5,
              .numbers = numbers};
    if (!is_empty) take(user, &l);
}

static void each_line(const table *w, take_line take, void *user)
{
    const pf_tidy *t = w->tidy;
    pf_tidy_place at = {0};
    for (at.indicator = 0; at.indicator < t->indicator_count; at.indicator++)
        for (at.statistic = 0; at.statistic < t->statistic_count; at.statistic++) {
            const char *name = name_of(w, at.indicator, t->statistics[at.statistic]);
            for (at.scenario = 0; name && at.scenario < t->case_count; at.scenario++)
                for (at.park = 0; !t->cases[at.scenario].is_change && at.park < t->park_count; at.park++)
                    for (size_t s = 0; s < w->slices.count; s++) add_line(w, at, &w->slices.items[s], name, take, user);
        }
}

static const char *const headings[] = {"Model", "Scenario", "Region", "Variable", "Unit", "Subannual"};

/* ---- as CSV ---- */

typedef struct {
    const table *table;
    FILE *out;
} csv_writer;

static void put_csv_line(void *user, const line *l)
{
    const csv_writer *w = user;
    char text[PF_NUMBER_TEXT];
    for (size_t i = 0; i < l->text_count; i++) {
        if (i) fputc(',', w->out);
        pf_csv_write_cell(w->out, l->texts[i], false);
    }
    for (size_t y = 0; y < w->table->years.count; y++)
        fprintf(w->out, ",%s", isnan(l->numbers[y]) ? "" : pf_number_text(l->numbers[y], text));
    fputc('\n', w->out);
}

static pf_status write_csv(const table *w, const char *path, pf_diagnostics *diagnostics)
{
    pf_export_text text;
    pf_export_text_begin(&text);
    for (size_t i = 0; i < (w->is_subannual ? 6 : 5); i++) fprintf(text.out, "%s%s", i ? "," : "", headings[i]);
    for (size_t y = 0; y < w->years.count; y++) fprintf(text.out, ",%d", w->years.items[y]);
    fputc('\n', text.out);
    each_line(w, put_csv_line, &(csv_writer){w, text.out});
    const char *csv = pf_export_text_end(&text, w->arena);
    return pf_replace_file(path, csv, strlen(csv), diagnostics);
}

/* ---- as a workbook ---- */

typedef struct {
    const table *table;
    pf_workbook *book;
    lxw_worksheet *sheet;
    lxw_row_t row;
} sheet_writer;

static void put_sheet_line(void *user, const line *l)
{
    sheet_writer *w = user;
    w->row++;
    for (size_t i = 0; i < l->text_count; i++)
        pf_workbook_text(w->book, w->sheet, w->row, (lxw_col_t)i, l->texts[i], NULL);
    for (size_t y = 0; y < w->table->years.count; y++)
        pf_workbook_number(w->sheet, w->row, (lxw_col_t)(l->text_count + y), l->numbers[y], NULL);
}

static pf_status write_workbook(const table *w, const char *path, pf_diagnostics *diagnostics)
{
    pf_workbook book;
    size_t texts = w->is_subannual ? 6 : 5;
    if (pf_workbook_begin(&book, path, "IAMC", "", w->arena)) {
        sheet_writer writer = {w, &book, pf_workbook_sheet(&book, "data"), 0};
        pf_workbook_headings(&book, writer.sheet, 0, headings, texts);
        for (size_t y = 0; y < w->years.count; y++)
            worksheet_write_number(writer.sheet, 0, (lxw_col_t)(texts + y), w->years.items[y], book.heading);
        worksheet_set_column(writer.sheet, 0, 2, 24, NULL);
        worksheet_set_column(writer.sheet, 3, 3, 60, NULL);
        worksheet_set_column(writer.sheet, 4, (lxw_col_t)(texts + w->years.count - 1), 16, NULL);
        each_line(w, put_sheet_line, &writer);
        worksheet_autofilter(writer.sheet, 0, 0, writer.row, (lxw_col_t)(texts + w->years.count - 1));
        worksheet_freeze_panes(writer.sheet, 1, 0);
    }
    return pf_workbook_end(&book, path, diagnostics);
}

static pf_status prepare(table *w, const pf_tidy *t, pf_diagnostics *diagnostics)
{
    *w = (table){.tidy = t, .arena = t->arena};
    find_variables(w, diagnostics);
    find_times(w, diagnostics);
    return pf_error_count(diagnostics) ? PF_FAILED : PF_OK;
}

pf_status pf_export_check_iamc(const pf_tidy *t, const char *path, pf_diagnostics *diagnostics)
{
    table w;
    (void)path;
    return prepare(&w, t, diagnostics);
}

pf_status pf_export_iamc(const pf_tidy *t, const char *path, pf_diagnostics *diagnostics)
{
    table w;
    if (prepare(&w, t, diagnostics)) return PF_FAILED;
    return pf_export_has_ending(path, ".xlsx") ? write_workbook(&w, path, diagnostics)
                                               : write_csv(&w, path, diagnostics);
}
