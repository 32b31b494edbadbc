/* Prints what is in a results file, for a terminal: takes a file that `run` or `sweep` wrote, gives aligned tables. */
#include "results/hdf5_helpers.h"
#include "results/info_sweep.h"
#include "results/store.h"
#include "results/table.h"
#include "scenario/calendar.h"

#include <errno.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SCENARIOS_ABREAST = 6 }; /* columns of a table before it is continued below */

typedef struct {
    pf_h5 h5;
    pf_arena *arena;
    size_t scenario_count, park_count, step_count;
    const char **scenarios, **scenario_titles, **against, **parks, **park_titles;
    const int32_t *bounds; /* [step][first day, end day] */
    size_t first_step;     /* of the last year */
    PF_LIST(const char *) indicators;
} contents;

/* ---- numbers and dates as text ---- */

/* "1,234,568" from a thousand on, else four significant digits. */
static const char *number_text(pf_arena *arena, double number)
{
    if (isnan(number)) return "missing";
    if (number == 0) return "0";
    bool is_large = fabs(number) >= 999.95 && fabs(number) < 1e15;
    return is_large ? pf_grouped(arena, number) : pf_format(arena, "%.4g", number);
}

static const char *date_text(pf_arena *arena, int32_t day_number)
{
    int year, month, day;
    pf_day_date(day_number, &year, &month, &day);
    return pf_format(arena, "%04d-%02d-%02d", year, month, day);
}

/* ---- reading ---- */

static const char **read_labels(contents *c, const char *dataset, size_t expected)
{
    size_t count;
    const char **labels = pf_h5_get_texts(&c->h5, dataset, &count, c->arena);
    if (labels && count != expected)
        pf_h5_fail(&c->h5, "dataset '%s' holds %zu texts, expected %zu", dataset, count, expected);
    return labels;
}

/* The first step of the last twelve months: the first that begins on or after the same date, a year before the end. */
static size_t first_step_of_last_year(const contents *c)
{
    int year, month, day;
    pf_day_date(c->bounds[2 * c->step_count - 1], &year, &month, &day);
    size_t first = 0;
    for (size_t t = 0; t < c->step_count; t++) {
        int y, m, d;
        pf_day_date(c->bounds[2 * t], &y, &m, &d);
        bool is_before = y != year - 1 ? y < year - 1 : m != month ? m < month : d < day;
        if (is_before) first = t + 1;
    }
    return first < c->step_count ? first : 0;
}

static size_t length_of(contents *c, const char *dimension)
{
    if (c->h5.failed || !pf_h5_has(&c->h5, dimension)) {
        pf_h5_fail(&c->h5, "dataset '%s' is missing", dimension);
        return 0;
    }
    hid_t dataset = H5Dopen2(c->h5.file, dimension, H5P_DEFAULT), space = H5Dget_space(dataset);
    hssize_t length = space < 0 ? 0 : H5Sget_simple_extent_npoints(space);
    if (length <= 0) pf_h5_fail(&c->h5, "dataset '%s' is empty", dimension);
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    return length < 0 ? 0 : (size_t)length;
}

/* Whether axis `axis` of `dataset` is the dimension `name`. */
static bool has_dimension(const contents *c, hid_t dataset, unsigned axis, const char *name)
{
    hid_t scale = H5Dopen2(c->h5.file, name, H5P_DEFAULT);
    bool attached = scale >= 0 && H5DSis_attached(dataset, scale, axis) > 0;
    if (scale >= 0) H5Dclose(scale);
    return attached;
}

static herr_t keep_indicator(hid_t group, const char *name, const H5L_info_t *link, void *data)
{
    contents *c = data;
    (void)link;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return 0;
    hid_t space = H5Dget_space(dataset);
    hsize_t size[PF_H5_RANK];
    bool is_indicator = H5Sget_simple_extent_ndims(space) == PF_H5_RANK && has_dimension(c, dataset, 2, "park") &&
                        H5Sget_simple_extent_dims(space, size, NULL) == PF_H5_RANK && size[0] == c->scenario_count &&
                        size[1] >= 1 && size[2] == c->park_count && size[3] == c->step_count;
    if (is_indicator) *PF_PUSH(c->arena, c->indicators) = pf_copy_text(c->arena, name, strlen(name));
    H5Sclose(space);
    H5Dclose(dataset);
    return 0;
}

/* The values of the first member: [scenario][rows][step], `rows` parks or closures. */
static double *read_values(contents *c, hid_t dataset, size_t rows)
{
    double *values = pf_doubles(c->scenario_count * rows * c->step_count);
    const hsize_t start[PF_H5_RANK] = {0}, count[PF_H5_RANK] = {c->scenario_count, 1, rows, c->step_count};
    hid_t selected = H5Dget_space(dataset), memory = H5Screate_simple(PF_H5_RANK, count, NULL);
    if (H5Sget_simple_extent_ndims(selected) != PF_H5_RANK)
        pf_h5_fail(&c->h5, "a variable has not the dimensions it should have");
    else if (pf_h5_good(&c->h5, H5Sselect_hyperslab(selected, H5S_SELECT_SET, start, NULL, count, NULL)))
        pf_h5_good(&c->h5, H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, selected, H5P_DEFAULT, values));
    H5Sclose(selected);
    H5Sclose(memory);
    return values;
}

static void read_contents(contents *c)
{
    const char *source = pf_h5_get_text(c->h5.file, "source", c->arena);
    if (!source || strncmp(source, "parkflow ", 9) != 0) {
        pf_h5_fail(&c->h5, "it is HDF5, but not a results file: expected one written by 'parkflow run'");
        return;
    }
    c->scenario_count = length_of(c, "scenario");
    c->park_count = length_of(c, "park");
    c->step_count = length_of(c, "time");
    c->scenarios = read_labels(c, "scenario", c->scenario_count);
    c->scenario_titles = read_labels(c, "scenario_title", c->scenario_count);
    c->against = read_labels(c, "scenario_against", c->scenario_count);
    c->parks = read_labels(c, "park", c->park_count);
    c->park_titles = read_labels(c, "park_title", c->park_count);
    c->bounds = pf_h5_get_numbers(&c->h5, "time_bnds", H5T_NATIVE_INT32, 2 * c->step_count, c->arena);
    if (c->h5.failed) return;
    c->first_step = first_step_of_last_year(c);
    hsize_t position = 0;
    pf_h5_good(&c->h5, H5Literate(c->h5.file, H5_INDEX_CRT_ORDER, H5_ITER_INC, &position, keep_indicator, c));
}

/* ---- printing ---- */

static const char *attribute(const contents *c, const char *name)
{
    const char *text = pf_h5_get_text(c->h5.file, name, c->arena);
    return text ? text : "";
}

static void print_facts(const contents *c, FILE *out)
{
    pf_table facts = {.arena = c->arena, .columns = 2, .left_columns = 2};
    const char *vietnamese = attribute(c, "title_vi");
    fprintf(out, "%s\n", attribute(c, "title"));
    if (*vietnamese) fprintf(out, "%s\n", vietnamese);
    pf_table_add_fact(&facts, "period",
                      pf_format(c->arena, "%s to %s, %zu steps", date_text(c->arena, c->bounds[0]),
                                date_text(c->arena, c->bounds[2 * c->step_count - 1] - 1), c->step_count));
    pf_table_add_fact(&facts, "accounting", attribute(c, "accounting"));
    pf_table_add_fact(&facts, "command", attribute(c, "command"));
    pf_table_add_fact(&facts, "seed", attribute(c, "seed"));
    pf_info_add_sweep(&c->h5, &facts);
    pf_table_add_fact(&facts, "written by", attribute(c, "source"));
    pf_table_add_fact(&facts, "input SHA-256", attribute(c, "input_sha256"));
    pf_table_print(&facts, out);
}

static void print_names(const contents *c, FILE *out)
{
    pf_table scenarios = {.arena = c->arena, .columns = 3, .left_columns = 3};
    for (size_t s = 0; s < c->scenario_count; s++) {
        pf_table_add(&scenarios, c->scenarios[s]);
        pf_table_add(&scenarios, c->scenario_titles[s]);
        pf_table_add(&scenarios, *c->against[s] ? pf_format(c->arena, "against %s", c->against[s]) : "reference");
    }
    fprintf(out, "\nScenarios\n");
    pf_table_print(&scenarios, out);
    pf_table parks = {.arena = c->arena, .columns = 2, .left_columns = 2};
    for (size_t p = 0; p < c->park_count; p++) {
        pf_table_add(&parks, c->parks[p]);
        pf_table_add(&parks, c->park_titles[p]);
    }
    fprintf(out, "\nParks\n");
    pf_table_print(&parks, out);
}

/* The sum over parks and the last year. */
static const char *sum_text(const contents *c, const double *values)
{
    double sum = 0;
    for (size_t p = 0; p < c->park_count; p++)
        for (size_t t = c->first_step; t < c->step_count; t++) sum += values[p * c->step_count + t];
    return number_text(c->arena, sum);
}

/* What cannot be summed, a level or a ratio, is shown by its range over parks and the last year. */
static const char *range_text(const contents *c, const double *values)
{
    double least = (double)NAN, most = (double)NAN;
    for (size_t p = 0; p < c->park_count; p++)
        for (size_t t = c->first_step; t < c->step_count; t++) {
            least = fmin(least, values[p * c->step_count + t]);
            most = fmax(most, values[p * c->step_count + t]);
        }
    const char *low = number_text(c->arena, least), *high = number_text(c->arena, most);
    return strcmp(low, high) ? pf_format(c->arena, "%s .. %s", low, high) : low;
}

static void add_indicator(contents *c, pf_table *t, const char *name, size_t first, size_t count)
{
    hid_t dataset = H5Dopen2(c->h5.file, name, H5P_DEFAULT);
    const char *unit = pf_h5_get_text(dataset, "units", c->arena);
    const char *method = pf_h5_get_text(dataset, "cell_methods", c->arena);
    double *values = read_values(c, dataset, c->park_count);
    bool is_sum = method && strcmp(method, "time: sum") == 0;
    pf_table_add(t, name);
    pf_table_add(t, unit ? unit : "");
    for (size_t s = first; s < first + count; s++) {
        const double *of_scenario = values + s * c->park_count * c->step_count;
        pf_table_add(t, is_sum ? sum_text(c, of_scenario) : range_text(c, of_scenario));
    }
    free(values);
    H5Dclose(dataset);
}

static void print_indicators(contents *c, FILE *out)
{
    fprintf(out, "\nAll parks, %s to %s: sums; a range by step and park where summing means nothing\n",
            date_text(c->arena, c->bounds[2 * c->first_step]),
            date_text(c->arena, c->bounds[2 * c->step_count - 1] - 1));
    for (size_t first = 0; first < c->scenario_count; first += SCENARIOS_ABREAST) {
        size_t left = c->scenario_count - first, count = left < SCENARIOS_ABREAST ? left : SCENARIOS_ABREAST;
        pf_table t = {.arena = c->arena, .columns = 2 + count, .left_columns = 2};
        pf_table_add(&t, "indicator");
        pf_table_add(&t, "unit");
        for (size_t s = first; s < first + count; s++) pf_table_add(&t, c->scenarios[s]);
        for (size_t i = 0; i < c->indicators.count; i++) add_indicator(c, &t, c->indicators.items[i], first, count);
        if (first) fputc('\n', out);
        pf_table_print(&t, out);
    }
}

static size_t place_of_worst(const double *values, size_t count)
{
    size_t worst = 0;
    for (size_t i = 1; i < count; i++)
        if (isnan(values[i]) || fabs(values[i]) > fabs(values[worst])) worst = i;
    return worst;
}

static void print_worst_closure(contents *c, FILE *out)
{
    size_t count = length_of(c, "closure");
    const char **closures = read_labels(c, "closure", count);
    if (c->h5.failed) return;
    hid_t dataset = H5Dopen2(c->h5.file, "closure_residual", H5P_DEFAULT);
    if (!pf_h5_good(&c->h5, dataset)) return;
    double *values = read_values(c, dataset, count);
    size_t worst = place_of_worst(values, c->scenario_count * count * c->step_count);
    size_t step = worst % c->step_count, row = worst / c->step_count;
    fprintf(out, "\nWorst of %zu closures: %s, %s (scenario %s, step of %s)\n", count,
            number_text(c->arena, fabs(values[worst])), closures[row % count], c->scenarios[row / count],
            date_text(c->arena, c->bounds[2 * step]));
    free(values);
    H5Dclose(dataset);
}

static void print_contents(contents *c, FILE *out)
{
    print_facts(c, out);
    print_names(c, out);
    print_indicators(c, out);
    if (pf_h5_has(&c->h5, "closure")) print_worst_closure(c, out);
    if (pf_h5_has(&c->h5, "flow")) fprintf(out, "Flows kept: %zu\n", length_of(c, "flow"));
    if (pf_h5_has(&c->h5, "parameter")) fprintf(out, "Uncertain parameters: %zu\n", length_of(c, "parameter"));
}

/* Why `path` cannot be a results file; NULL if it may be one. */
static const char *not_hdf5(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) return strerror(errno);
    if (S_ISDIR(status.st_mode)) return "it is a directory, expected a results file written by 'parkflow run'";
    FILE *file = fopen(path, "rb");
    if (!file) return strerror(errno);
    fclose(file);
    return H5Fis_hdf5(path) > 0 ? NULL : "it is not HDF5, expected a results file written by 'parkflow run'";
}

/* Is it the folder of an unfinished sweep? */
static bool is_unfinished(const char *path)
{
    pf_arena *arena = pf_arena_new();
    struct stat status;
    bool has_log = stat(pf_format(arena, "%s/log", path), &status) == 0;
    pf_arena_free(arena);
    return has_log;
}

pf_status pf_store_info(const char *path, FILE *out, pf_diagnostics *diagnostics)
{
    if (is_unfinished(path)) return pf_info_part(path, out, diagnostics);
    contents c = {.arena = pf_arena_new()};
    pf_h5_begin(&c.h5);
    const char *why = not_hdf5(path);
    if (why) pf_h5_fail(&c.h5, "%s", why);
    if (!c.h5.failed) pf_h5_open(&c.h5, path);
    if (!c.h5.failed) read_contents(&c);
    if (!c.h5.failed) print_contents(&c, out);
    if (c.h5.failed) pf_error(diagnostics, (pf_mark){0}, "cannot read results from '%s': %s", path, c.h5.reason);
    pf_status status = c.h5.failed ? PF_FAILED : PF_OK;
    pf_h5_end(&c.h5);
    pf_arena_free(c.arena);
    return status;
}
