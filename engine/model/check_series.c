/* A check's `observed: {csv: FILE, column: NAME, sd: ...}`: takes the map, gives each row of the table with its date,
 * its value and its standard deviation. */
#include "model/model.h"

#include "scenario/series.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

bool pf_is_observed_series(const pf_tree *observed)
{
    return pf_tree_get(observed, "csv") != NULL;
}

static pf_status parse_unit(pf_model *m, const char *text, pf_mark mark, pf_unit *unit)
{
    const char *why;
    if (!pf_unit_parse(m->scenario->units, text, unit, &why)) return PF_OK;
    return pf_error(m->diagnostics, mark, "found '%s': %s", text, why);
}

/* How many of the series' unit one of the spread's unit is; *relative: it is a share of the value. */
static pf_status compare_units(pf_model *m, const pf_tree *sd, pf_unit spread, pf_unit series, double *factor,
                               bool *relative)
{
    *relative = pf_dimension_none(spread.dimension) && !pf_dimension_none(series.dimension);
    *factor = *relative ? spread.scale : spread.scale / series.scale;
    if (*relative || (pf_dimension_equal(spread.dimension, series.dimension) && spread.calendar == series.calendar))
        return PF_OK;
    return pf_error(m->diagnostics, sd->mark,
                    "found '%s', expected a standard deviation in the unit of the series, or %%", sd->text);
}

static pf_status spread_by_value(pf_model *m, const pf_tree *sd, pf_unit series, pf_observed_row *rows, size_t count)
{
    const pf_value *value = pf_value_read(&m->scenario->values, sd);
    double factor;
    bool relative;
    if (!value) return PF_FAILED;
    if (value->kind != PF_NUMBER || !(value->number > 0))
        return pf_error(m->diagnostics, sd->mark, "found '%s', expected a standard deviation above 0", sd->text);
    pf_unit base = value->unit;
    base.scale = 1; /* the number is in base units already */
    if (compare_units(m, sd, base, series, &factor, &relative)) return PF_FAILED;
    for (size_t i = 0; i < count; i++) rows[i].sd = value->number * factor * (relative ? fabs(rows[i].value) : 1);
    return PF_OK;
}

static pf_status spread_by_column(pf_model *m, const pf_tree *file, const pf_tree *sd, pf_unit series,
                                  pf_observed_row *rows, size_t count)
{
    pf_dated_values column = {0};
    const char *text = NULL;
    pf_unit unit = series;
    double factor;
    bool relative;
    if (pf_dated_values_read(&m->scenario->values, file, sd, &column, &text)) return PF_FAILED;
    if (text && parse_unit(m, text, sd->mark, &unit)) return PF_FAILED;
    if (compare_units(m, sd, unit, series, &factor, &relative)) return PF_FAILED;
    pf_status status = PF_OK;
    for (size_t i = 0; i < count; i++) {
        rows[i].sd = column.items[i].value * factor * (relative ? fabs(rows[i].value) : 1);
        if (!(column.items[i].value > 0))
            status = pf_error(m->diagnostics, column.items[i].mark, "expected a standard deviation above 0");
    }
    return status;
}

static pf_status read_spreads(pf_model *m, const pf_tree *observed, pf_unit series, pf_observed_row *rows, size_t count)
{
    const pf_tree *sd = pf_tree_get(observed, "sd");
    if (!sd) return PF_OK;
    bool is_number = isdigit((unsigned char)*sd->text) || strchr("+-.", *sd->text);
    return is_number ? spread_by_value(m, sd, series, rows, count)
                     : spread_by_column(m, pf_tree_get(observed, "csv"), sd, series, rows, count);
}

static bool is_well_formed(pf_model *m, const pf_tree *observed)
{
    size_t before = pf_error_count(m->diagnostics);
    pf_schema_check(m->arena, observed, "observed_series", m->diagnostics);
    return pf_error_count(m->diagnostics) == before;
}

pf_status pf_observed_series_read(pf_model *m, const pf_tree *observed, pf_observed_series *series)
{
    pf_dated_values column = {0};
    const char *in_header = NULL, *stated = pf_tree_get_text(observed, "unit");
    if (!is_well_formed(m, observed)) return PF_FAILED;
    if (pf_dated_values_read(&m->scenario->values, pf_tree_get(observed, "csv"), pf_tree_get(observed, "column"),
                             &column, &in_header))
        return PF_FAILED;
    if (stated && in_header && strcmp(stated, in_header) != 0)
        return pf_error(m->diagnostics, observed->mark, "found unit: '%s', but the values are in '%s'", stated,
                        in_header);
    series->unit_text = in_header ? in_header : stated ? stated : "1";
    if (parse_unit(m, series->unit_text, observed->mark, &series->unit)) return PF_FAILED;
    pf_observed_row *rows = PF_ARRAY(m->arena, pf_observed_row, column.count + 1);
    for (size_t i = 0; i < column.count; i++)
        rows[i] = (pf_observed_row){column.items[i].date, column.items[i].mark, column.items[i].value, 0};
    series->rows = rows;
    series->count = column.count;
    return read_spreads(m, observed, series->unit, rows, column.count);
}
