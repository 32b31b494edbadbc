/* Members from a table of one's own: one column a parameter ("NAME", or "NAME [UNIT]"), one row a member. A column
 * without a unit is in the unit that results give for the parameter. */
#include "ensemble/design_internal.h"

#include "base/distributions.h"
#include "base/sha256.h"
#include "scenario/csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct {
    pf_design *design;
    pf_arena *arena; /* of the scenario: for texts of messages */
    pf_csv table;
    uint64_t members;
    uint32_t *columns; /* by input: the column, counted from 1; 0: none */
    double *scales;    /* by input: base units in one of the column's */
    pf_diagnostics *diagnostics;
    pf_status status;
} reader;

static const pf_cell *cell_at(const reader *r, uint64_t row, size_t column)
{
    return &r->table.cells[row * r->table.columns + column];
}

static int input_named(const reader *r, const char *name, pf_nearest *near)
{
    const pf_compiled *m = r->design->model;
    for (size_t i = 0; i < m->input_count; i++) {
        if (!pf_is_uncertain(&m->inputs[i])) continue;
        if (!strcmp(m->inputs[i].name, name)) return (int)i;
        pf_nearest_offer(near, m->inputs[i].name);
    }
    return -1;
}

static void check_member_numbers(reader *r, size_t column)
{
    for (uint64_t row = 0; row < r->members; row++) {
        const pf_cell *cell = cell_at(r, row, column);
        char expected[32];
        snprintf(expected, sizeof expected, "%" PRIu64, row);
        if (!strcmp(cell->text, expected)) continue;
        r->status =
            pf_error(r->diagnostics, cell->mark, "found member '%s', expected %s: members count from 0, in order",
                     pf_shortened(r->arena, cell->text), expected);
        return;
    }
}

/* Sets the column's scale; false where the unit does not fit. */
static bool read_unit(const reader *r, const pf_cell *header, uint32_t input, const char *text)
{
    const pf_compiled *m = r->design->model;
    const pf_unit *wanted = &m->inputs[input].value->unit;
    pf_unit unit;
    const char *why;
    if (pf_unit_parse(m->scenario->units, text, &unit, &why)) {
        pf_error(r->diagnostics, header->mark, "found the unit '%s': %s", text, why);
        return false;
    }
    r->scales[input] = unit.scale;
    if (unit.calendar == wanted->calendar && pf_dimension_equal(unit.dimension, wanted->dimension)) return true;
    pf_error(r->diagnostics, header->mark, "found the unit '%s' for '%s', expected one as that of '%s'", text,
             m->inputs[input].name, m->inputs[input].value->text);
    return false;
}

static void read_header(reader *r, size_t column)
{
    const pf_cell *header = &r->table.header[column];
    const char *name, *unit;
    pf_nearest near = pf_nearest_to(header->text), of_name;
    int input = input_named(r, header->text, &near);
    pf_header_split(r->arena, header->text, &name, &unit);
    of_name = pf_nearest_to(name);
    bool has_unit = input < 0 && unit;
    if (has_unit) input = input_named(r, name, &of_name);
    if (input < 0)
        r->status = pf_error(r->diagnostics, header->mark, "no uncertain parameter is called '%s'%s", name,
                             pf_nearest_hint(has_unit ? &of_name : &near, r->arena));
    else if (r->columns[input])
        r->status = pf_error(r->diagnostics, header->mark, "the parameter '%s' has two columns", name);
    else if (has_unit && !read_unit(r, header, (uint32_t)input, unit)) r->status = PF_FAILED;
    else r->columns[input] = (uint32_t)column + 1;
}

static void read_headers(reader *r)
{
    for (size_t column = 0; column < r->table.columns; column++) {
        if (strcmp(r->table.header[column].text, "member")) read_header(r, column);
        else check_member_numbers(r, column);
    }
}

/* What is wrong with a value, or NULL. */
static const char *wrong_value(const reader *r, const pf_value *distribution, double value, double scale)
{
    double least, greatest;
    pf_distribution_at((size_t)distribution->distribution)->support(distribution->arguments, &least, &greatest);
    if (value >= least && value <= greatest) return NULL;
    return pf_format(r->arena, "expected %.15g to %.15g, the range of '%s'", least / scale, greatest / scale,
                     distribution->text);
}

/* A column's first wrong cell is said: of a million rows all may be wrong alike. */
static void read_column(reader *r, uint32_t input, double *values)
{
    const pf_input *about = &r->design->model->inputs[input];
    for (uint64_t row = 0; row < r->members; row++) {
        const pf_cell *cell = cell_at(r, row, r->columns[input] - 1);
        const char *rest, *why = "expected a finite number";
        double number;
        if (pf_number_parse(cell->text, &number, &rest) && !*rest && isfinite(number)) {
            values[row] = number * r->scales[input];
            why = wrong_value(r, about->value, values[row], r->scales[input]);
        }
        if (!why) continue;
        r->status = pf_error(r->diagnostics, cell->mark, "found '%s' for '%s' in member %" PRIu64 ": %s",
                             pf_shortened(r->arena, cell->text), about->name, row, why);
        return;
    }
}

static pf_status read_values(reader *r)
{
    pf_design *d = r->design;
    double *values = PF_ARRAY(d->arena, double, r->table.columns * r->members);
    for (uint32_t i = 0; i < d->model->input_count; i++) {
        if (!r->columns[i]) continue;
        read_column(r, i, values + d->varied_count * r->members);
        d->varied[d->varied_count++] = i;
    }
    d->state = values;
    d->members = r->members;
    if (!r->status && !d->varied_count)
        return pf_error(r->diagnostics, r->table.header[0].mark, "expected a column with the name of a parameter");
    return r->status;
}

static pf_status check_request(const reader *r, const pf_design_request *request)
{
    pf_mark file = {request->list, 0, 0};
    if (request->vary_count)
        return pf_error(r->diagnostics, (pf_mark){0},
                        "the columns of a list say what varies; expected no other choice");
    if (!r->table.rows) return pf_error(r->diagnostics, file, "has no rows, expected one a member");
    if (request->members > r->table.rows)
        return pf_error(r->diagnostics, file, "has %zu rows, expected one for each of %" PRIu64 " members",
                        r->table.rows, request->members);
    return PF_OK;
}

static pf_status prepare_list(pf_design *d, const pf_design_request *request, pf_diagnostics *diagnostics)
{
    if (!request->list)
        return pf_error(diagnostics, (pf_mark){0}, "the design 'list' expects a CSV file, a column a parameter");
    pf_files *files = d->model->scenario->files;
    reader r = {.design = d,
                .arena = d->model->scenario->arena,
                .columns = PF_ARRAY(d->arena, uint32_t, d->model->input_count),
                .scales = PF_ARRAY(d->arena, double, d->model->input_count),
                .diagnostics = diagnostics};
    if (pf_csv_read(files, request->list, (pf_mark){0}, &r.table, diagnostics)) return PF_FAILED;
    if (check_request(&r, request)) return PF_FAILED;
    r.members = request->members ? request->members : r.table.rows;
    for (size_t i = 0; i < d->model->input_count; i++) r.scales[i] = 1;
    read_headers(&r);
    const pf_file *file = pf_file_read(files, request->list, (pf_mark){0}, diagnostics);
    char *digest = pf_alloc(d->arena, 65);
    pf_sha256(file->text, file->size, digest);
    d->digest = digest;
    return read_values(&r);
}

static void give_values(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *x)
{
    const double *values = (const double *)d->state + v * d->members;
    for (size_t m = 0; m < count; m++) x[m] = values[members[m]];
}

/* No numbers u lie behind a list. */
static void give_nothing(const pf_design *d, size_t v, const uint64_t *members, size_t count, double *u)
{
    (void)d;
    (void)v;
    (void)members;
    for (size_t m = 0; m < count; m++) u[m] = (double)NAN;
}

const pf_design_row pf_design_list = {
    .name = "list",
    .arrangement = PF_ARRANGED_FREELY,
    .chooses_itself = true,
    .prepare = prepare_list,
    .uniforms = give_nothing,
    .values = give_values,
    .doc = "a CSV file with a column for each parameter that varies and a row for each member",
};
