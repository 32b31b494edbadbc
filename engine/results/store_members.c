/* The group /members of a sweep: takes batches of members, values of each cell side by side, in any order; gives one
 * variable an indicator in which a member's own values are side by side. Batches are held back until they are worth
 * writing, then put in order, so that few large pieces go to the file. */
#include "results/store_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 16 }; /* cells by members that are turned at once: two of these fit the nearest cache */

/* Members that follow each other in a batch and in the file. */
typedef struct {
    size_t row, count;        /* in the file */
    const double *cells;      /* of the first: [scenario][indicator][park][period][stride] */
    const double *parameters; /* [parameter][stride]; NULL: not kept */
    size_t stride;            /* members of the batch */
} stretch;

struct pf_member_rows {
    size_t scenarios, variables, parks, periods;
    size_t cells;      /* parks x periods */
    size_t parameters; /* 0: not kept */
    hid_t *datasets;   /* [variable] */
    hid_t parameter_dataset;
    pf_range *ranges;
    size_t *first_rows; /* [range] */
    size_t range_count;
    size_t row_count;
    bool *written; /* [row] */

    double *held; /* copies of batches; NULL until the first that is held back */
    size_t used;  /* doubles of it */
    stretch *stretches;
    size_t stretch_count, stretch_capacity;
    double *turned; /* rows of one variable, to be written */
    size_t turned_capacity;
};

/* ---- making the group ---- */

static void write_numbers_of_members(pf_store *store, const pf_member_rows *m)
{
    int64_t *numbers = pf_malloc(m->row_count * sizeof *numbers), *to = numbers;
    for (size_t i = 0; i < m->range_count; i++)
        for (uint64_t k = 0; k < m->ranges[i].count; k++) *to++ = (int64_t)(m->ranges[i].first + k);
    pf_store_member_dimension(store, numbers, m->row_count);
    free(numbers);
}

static void write_dimensions(pf_store *store, const pf_result_members *given)
{
    const pf_result_axes *axes = &given->axes;
    pf_store_scenario_dimension(store, axes->scenarios, axes->scenario_count);
    write_numbers_of_members(store, store->members);
    pf_store_park_dimension(store, axes->parks, axes->park_count);
    if (!given->by_step) {
        pf_store_period_dimension(store, axes->periods, axes->period_count);
        if (store->members->parameters) pf_store_parameter_dimension(store);
        pf_store_period_days(store, axes->periods, axes->period_count);
    } else {
        int32_t *first = PF_ARRAY(store->arena, int32_t, axes->period_count);
        int32_t *end = PF_ARRAY(store->arena, int32_t, axes->period_count);
        for (size_t t = 0; t < axes->period_count; t++) {
            first[t] = axes->periods[t].first_day;
            end[t] = axes->periods[t].end_day;
        }
        pf_store_time_dimension(store, first, axes->period_count);
        if (store->members->parameters) pf_store_parameter_dimension(store);
        pf_store_bounds_dimension(store);
        pf_store_time_bounds(store, first, end, axes->period_count);
    }
    if (axes->against) pf_store_against(store, axes->against, axes->scenario_count);
}

static void make_indicators(pf_store *store, const pf_result_members *given)
{
    const char *last = given->by_step ? "time" : "period";
    const char *const dimensions[] = {"scenario", "member", "park", last};
    const char *coordinates = given->by_step ? "" : "period_first_day period_end_day";
    if (given->axes.against) coordinates = pf_format(store->arena, "scenario_against %s", coordinates);
    for (size_t i = 0; i < given->variable_count; i++) {
        const pf_result_variable *v = &store->header->variables[given->variables[i]];
        hid_t dataset = pf_h5_large_variable(&store->h5, v->name, PF_H5_RANK, dimensions);
        pf_store_titles(store, dataset, v);
        if (v->cell_method)
            pf_h5_set_text(&store->h5, dataset, "cell_methods",
                           pf_format(store->arena, "%s: %s", last, v->cell_method));
        pf_h5_set_text(&store->h5, dataset, "coordinates", coordinates);
        store->members->datasets[i] = dataset;
    }
}

static void make_parameters(pf_store *store)
{
    pf_member_rows *m = store->members;
    if (!m->parameters) return;
    pf_store_parameter_labels(store);
    m->parameter_dataset =
        pf_h5_large_variable(&store->h5, "parameter_value", 2, (const char *const[]){"member", "parameter"});
    pf_h5_set_text(&store->h5, m->parameter_dataset, "long_name", "value of the parameter");
    pf_h5_set_text(&store->h5, m->parameter_dataset, "comment",
                   "The unit is that of the parameter, in parameter_unit.");
    pf_h5_set_text(&store->h5, m->parameter_dataset, "coordinates", "parameter_unit parameter_source");
}

static void copy_ranges(pf_member_rows *m, const pf_range *ranges, size_t count)
{
    m->ranges = pf_malloc(count * sizeof *ranges);
    m->first_rows = pf_malloc(count * sizeof *m->first_rows);
    m->range_count = count;
    for (size_t i = 0; i < count; i++) {
        m->ranges[i] = ranges[i];
        m->first_rows[i] = m->row_count;
        m->row_count += (size_t)ranges[i].count;
    }
    m->written = pf_calloc(m->row_count, sizeof *m->written);
}

void pf_store_members(pf_store *store, const pf_result_members *given)
{
    const pf_result_axes *axes = &given->axes;
    if (store->h5.failed) return;
    pf_member_rows *m = pf_calloc(1, sizeof *m);
    m->scenarios = axes->scenario_count;
    m->variables = given->variable_count;
    m->parks = axes->park_count;
    m->periods = axes->period_count;
    m->cells = m->parks * m->periods;
    m->parameters = given->has_parameters ? store->header->parameter_count : 0;
    m->datasets = pf_calloc(given->variable_count, sizeof *m->datasets);
    copy_ranges(m, given->ranges, given->range_count);
    store->members = m;
    pf_h5_leave_group(&store->h5);
    pf_h5_enter_group(&store->h5, "members");
    write_dimensions(store, given);
    make_indicators(store, given);
    make_parameters(store);
    pf_h5_leave_group(&store->h5);
}

/* ---- holding batches back ---- */

/* The row of a member; row_count if it is none of the sweep's. */
static size_t row_of(const pf_member_rows *m, uint64_t member)
{
    size_t low = 0, high = m->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->ranges[middle].first <= member) low = middle + 1;
        else high = middle;
    }
    if (low == 0 || member - m->ranges[low - 1].first >= m->ranges[low - 1].count) return m->row_count;
    return m->first_rows[low - 1] + (size_t)(member - m->ranges[low - 1].first);
}

static stretch *add_stretch(pf_member_rows *m)
{
    if (m->stretch_count == m->stretch_capacity) {
        m->stretch_capacity = 2 * m->stretch_capacity + 64;
        m->stretches = pf_realloc(m->stretches, m->stretch_capacity * sizeof *m->stretches);
    }
    return &m->stretches[m->stretch_count++];
}

static bool add_stretches(pf_store *store, const uint64_t *members, size_t count, const double *cells,
                          const double *parameters)
{
    pf_member_rows *m = store->members;
    stretch *last = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t row = row_of(m, members[i]);
        if (row == m->row_count) {
            pf_h5_fail(&store->h5, "member %llu is none of those to keep", (unsigned long long)members[i]);
            return false;
        }
        m->written[row] = true;
        if (last && row == last->row + last->count) {
            last->count++;
            continue;
        }
        last = add_stretch(m);
        *last = (stretch){row, 1, cells + i, parameters ? parameters + i : NULL, count};
    }
    return true;
}

/* A copy that lives until what is held is written; there must be room for it. */
static const double *hold(pf_member_rows *m, const double *values, size_t count)
{
    double *copy = m->held + m->used;
    memcpy(copy, values, count * sizeof *copy);
    m->used += count;
    return copy;
}

/* ---- turning and writing ---- */

/* Columns of cells [cell][from_count] to rows of cells [count][cells]; all NaN get the same bits. */
static void turn(const double *from, size_t from_count, size_t cells, size_t count, double *to)
{
    for (size_t first = 0; first < count; first += TILE)
        for (size_t first_cell = 0; first_cell < cells; first_cell += TILE) {
            size_t end = first + TILE < count ? first + TILE : count;
            size_t end_cell = first_cell + TILE < cells ? first_cell + TILE : cells;
            for (size_t i = first; i < end; i++)
                for (size_t cell = first_cell; cell < end_cell; cell++) {
                    double value = from[cell * from_count + i];
                    to[i * cells + cell] = isnan(value) ? (double)NAN : value;
                }
        }
}

static int by_row(const void *left, const void *right)
{
    const stretch *a = left, *b = right;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* Rows first .. first + count - 1 of an indicator in a scenario; of the parameters where `variable` is past the last.
 */
static void write_rows(pf_store *store, size_t scenario, size_t variable, size_t first, size_t count,
                       const double *values)
{
    const pf_member_rows *m = store->members;
    if (variable == m->variables) {
        pf_h5_write_part(&store->h5, m->parameter_dataset, H5T_NATIVE_DOUBLE, (hsize_t[]){first, 0},
                         (hsize_t[]){count, m->parameters}, values);
        return;
    }
    pf_h5_write_part(&store->h5, m->datasets[variable], H5T_NATIVE_DOUBLE, (hsize_t[]){scenario, first, 0, 0},
                     (hsize_t[]){1, count, m->parks, m->periods}, values);
}

/* Where a stretch's columns of an indicator in a scenario begin. */
static const double *columns_of(const pf_member_rows *m, const stretch *s, size_t scenario, size_t variable)
{
    if (variable == m->variables) return s->parameters;
    return s->cells + (scenario * m->variables + variable) * m->cells * s->stride;
}

/* All that is held back of one indicator in one scenario, or of the parameters. */
static void write_variable(pf_store *store, size_t scenario, size_t variable)
{
    const pf_member_rows *m = store->members;
    size_t cells = variable == m->variables ? m->parameters : m->cells, count = 0;
    for (size_t i = 0; i < m->stretch_count; i++) {
        const stretch *s = &m->stretches[i];
        turn(columns_of(m, s, scenario, variable), s->stride, cells, s->count, m->turned + count * cells);
        count += s->count;
        if (i + 1 < m->stretch_count && s[1].row == s->row + s->count) continue;
        write_rows(store, scenario, variable, s->row + s->count - count, count, m->turned);
        count = 0;
    }
}

static void make_room_to_turn(pf_member_rows *m)
{
    size_t rows = 0;
    for (size_t i = 0; i < m->stretch_count; i++) rows += m->stretches[i].count;
    size_t needed = rows * (m->cells > m->parameters ? m->cells : m->parameters);
    if (needed <= m->turned_capacity) return;
    free(m->turned);
    m->turned = pf_malloc(needed * sizeof *m->turned);
    m->turned_capacity = needed;
}

/* Members that came twice are written twice. */
static void write_held(pf_store *store)
{
    pf_member_rows *m = store->members;
    if (!m->stretch_count) return;
    make_room_to_turn(m);
    qsort(m->stretches, m->stretch_count, sizeof *m->stretches, by_row);
    for (size_t s = 0; s < m->scenarios; s++)
        for (size_t v = 0; v < m->variables; v++) write_variable(store, s, v);
    if (m->parameters) write_variable(store, 0, m->variables);
    m->used = m->stretch_count = 0;
}

pf_status pf_store_member_rows(pf_store *store, const uint64_t *members, size_t count, const double *cells,
                               const double *parameters)
{
    pf_member_rows *m = store->members;
    if (store->h5.failed || !m) return PF_FAILED;
    size_t values = m->scenarios * m->variables * m->cells * count, more = m->parameters * count;
    size_t room = store->most_held / sizeof *m->held;
    bool too_large = values + more > room;
    if (m->used + values + more > room) write_held(store);
    if (!too_large) {
        if (!m->held) m->held = pf_malloc(store->most_held);
        cells = hold(m, cells, values);
        parameters = m->parameters ? hold(m, parameters, more) : NULL;
    }
    if (add_stretches(store, members, count, cells, m->parameters ? parameters : NULL) && too_large) write_held(store);
    return store->h5.failed ? PF_FAILED : PF_OK;
}

/* ---- the end ---- */

static void write_missing(pf_store *store, size_t first, size_t count, const double *missing)
{
    const pf_member_rows *m = store->members;
    for (size_t s = 0; s < m->scenarios; s++)
        for (size_t v = 0; v < m->variables; v++) write_rows(store, s, v, first, count, missing);
    if (m->parameters) write_rows(store, 0, m->variables, first, count, missing);
}

static void fill_gaps(pf_store *store)
{
    const pf_member_rows *m = store->members;
    size_t widest = m->cells > m->parameters ? m->cells : m->parameters;
    size_t most = store->most_held / sizeof(double) / widest + 1, count;
    double *missing = NULL;
    for (size_t row = 0; row < m->row_count; row += count) {
        for (count = 0; count < most && row + count < m->row_count && !m->written[row + count];) count++;
        if (count) {
            missing = pf_realloc(missing, count * widest * sizeof *missing);
            for (size_t i = 0; i < count * widest; i++) missing[i] = (double)NAN;
            write_missing(store, row, count, missing);
        } else {
            count = 1;
        }
    }
    free(missing);
}

void pf_store_finish_members(pf_store *store)
{
    if (!store->members || store->h5.failed) return;
    write_held(store);
    fill_gaps(store);
}

void pf_store_free_members(pf_store *store)
{
    pf_member_rows *m = store->members;
    if (!m) return;
    free(m->held);
    free(m->turned);
    free(m->datasets);
    free(m->ranges);
    free(m->first_rows);
    free(m->written);
    free(m->stretches);
    free(m);
    store->members = NULL;
}
