/* Reads the sample of a sweep's file: takes a case, an indicator, a park and a period, gives that output by member.
 * Members lie along the second dimension of a dataset, so that one output is scattered over it: what is near is read
 * along, turned round and kept until something else is asked for. */
#include "results/sample.h"

#include "results/hdf5_helpers.h"
#include "scenario/calendar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    READ_AHEAD_BYTES = 64 << 20,
    SLAB_BYTES = 1 << 20,        /* a piece of it, while it is turned round */
    CHUNK_CACHE_BYTES = 16 << 20 /* so that a chunk that many slabs cross is unpacked once */
};

/* Outputs of one scenario and indicator: values[park - first_park][period - first_period][member]. */
typedef struct {
    bool is_filled;
    size_t scenario, indicator, first_park, parks, first_period, periods;
    double *values;
} panel;

struct pf_sample_file {
    pf_arena *arena;
    pf_h5 h5;
    panel panels[2]; /* a change needs two scenarios */
    size_t latest;   /* the panel that was used last */
    bool is_any;     /* it need not hold members */
    PF_LIST(pf_sample_indicator) indicators;
};

static pf_status cannot_read(const pf_sample *s, pf_diagnostics *diagnostics)
{
    return pf_error(diagnostics, (pf_mark){0}, "cannot read %s from '%s': %s", s->file->is_any ? "results" : "a sweep",
                    s->path, s->file->h5.reason);
}

/* ---- what kind of file is it? ---- */

static bool is_there(pf_arena *arena, const char *format, const char *path)
{
    struct stat status;
    return stat(pf_format(arena, format, path), &status) == 0;
}

/* Why `path` cannot be a sweep, by looking at it from outside; NULL if it may be one. */
static const char *no_sweep(pf_arena *arena, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 && errno == ENOENT && is_there(arena, "%s.part/log", path))
        return "the sweep is not finished: go on with 'parkflow sweep' and --resume";
    if (stat(path, &status) != 0) return strerror(errno);
    if (S_ISDIR(status.st_mode) && is_there(arena, "%s/log", path))
        return "it is the folder of an unfinished sweep: go on with 'parkflow sweep' and --resume";
    if (S_ISDIR(status.st_mode)) return "it is a directory, expected a file that 'parkflow sweep' wrote";
    FILE *file = fopen(path, "rb");
    if (!file) return strerror(errno);
    fclose(file);
    return H5Fis_hdf5(path) > 0 ? NULL : "it is not HDF5, expected a file that 'parkflow sweep' wrote";
}

static void open_file(pf_sample *s)
{
    pf_h5 *h5 = &s->file->h5;
    const char *why = no_sweep(s->file->arena, s->path);
    if (why) pf_h5_fail(h5, "%s", why);
    if (!h5->failed) h5->file = H5Fopen(s->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (!h5->failed && h5->file < 0)
        pf_h5_fail(h5, "it is cut short or damaged; write it again by 'parkflow sweep', or copy it again");
}

static void check_kind(pf_sample *s)
{
    pf_h5 *h5 = &s->file->h5;
    if (h5->failed) return;
    const char *source = pf_h5_get_text(h5->file, "source", s->file->arena);
    if (!source || strncmp(source, "parkflow ", 9) != 0)
        pf_h5_fail(h5, "it is HDF5, but not one of parkflow's: expected a file that 'parkflow sweep' wrote");
    else if (s->file->is_any) return;
    else if (!s->design)
        pf_h5_fail(h5, "it is one run, not a sweep: make one by 'parkflow sweep MODEL -n MEMBERS -o FILE'");
    else if (!pf_h5_has(h5, "members"))
        pf_h5_fail(h5, "no members were kept in it, only statistics: sweep with --keep annual or --keep paths");
}

/* ---- what is in it ---- */

static const char *root_text(const pf_sample *s, const char *name)
{
    return pf_h5_get_text(s->file->h5.file, name, s->file->arena);
}

static void split_patterns(pf_sample *s, const char *text)
{
    PF_LIST(const char *) patterns = {0};
    for (size_t length; text && *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        if (length) *PF_PUSH(s->file->arena, patterns) = pf_copy_text(s->file->arena, text, length);
    }
    s->vary = patterns.items;
    s->vary_count = patterns.count;
}

static uint64_t root_count(const pf_sample *s, const char *name)
{
    int64_t number = pf_h5_get_integer(s->file->h5.file, name, 0);
    return number > 0 ? (uint64_t)number : 0;
}

static void read_attributes(pf_sample *s)
{
    if (s->file->h5.failed) return;
    s->title = root_text(s, "title");
    s->command = root_text(s, "command");
    s->accounting = root_text(s, "accounting");
    s->design = root_text(s, "design");
    s->keep = root_text(s, "keep");
    s->fingerprint = root_text(s, "function_fingerprint");
    split_patterns(s, root_text(s, "vary"));
    s->members = root_count(s, "members");
    s->failed = root_count(s, "members_failed");
    s->levels = (uint32_t)root_count(s, "levels");
}

static void read_seed(pf_sample *s)
{
    const char *text = s->file->h5.failed ? NULL : root_text(s, "seed");
    if (!text) return;
    char *end;
    errno = 0;
    s->seed = strtoull(text, &end, 10);
    if (errno || *end || *text < '0' || *text > '9') pf_h5_fail(&s->file->h5, "its seed '%s' is not a number", text);
}

static const char *const *read_labels(pf_sample *s, const char *dataset, size_t *count)
{
    const char **labels = pf_h5_get_texts(&s->file->h5, dataset, count, s->file->arena);
    if (labels && !*count) pf_h5_fail(&s->file->h5, "dataset '%s' is empty", dataset);
    return labels;
}

/* The number of values in a dataset; 0 and a failure where there is none. */
static size_t length_of(pf_h5 *h5, const char *name)
{
    hid_t dataset = h5->failed || !pf_h5_has(h5, name) ? -1 : H5Dopen2(h5->file, name, H5P_DEFAULT);
    hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    hssize_t length = space < 0 ? 0 : H5Sget_simple_extent_npoints(space);
    if (length <= 0) pf_h5_fail(h5, "dataset '%s' is missing or empty", name);
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    return length < 0 ? 0 : (size_t)length;
}

/* "2020-03" where all steps begin with a month, else "2020-03-15". */
static const char *const *labels_of_steps(pf_arena *arena, const int32_t *days, size_t count)
{
    const char **labels = PF_ARRAY(arena, const char *, count);
    bool by_month = true;
    for (size_t t = 0; t < count; t++) {
        int year, month, day;
        pf_day_date(days[t], &year, &month, &day);
        by_month = by_month && day == 1;
        labels[t] = pf_format(arena, "%04d-%02d-%02d", year, month, day);
    }
    for (size_t t = 0; by_month && t < count; t++) labels[t] = pf_copy_text(arena, labels[t], strlen("2020-03"));
    return labels;
}

static void read_periods(pf_sample *s)
{
    pf_h5 *h5 = &s->file->h5;
    if (h5->failed) return;
    if (pf_h5_has(h5, "members/period")) {
        s->periods = read_labels(s, "members/period", &s->period_count);
        return;
    }
    s->period_count = length_of(h5, "members/time");
    const int32_t *days = pf_h5_get_numbers(h5, "members/time", H5T_NATIVE_INT32, s->period_count, s->file->arena);
    if (days) s->periods = labels_of_steps(s->file->arena, days, s->period_count);
}

static void read_kept(pf_sample *s)
{
    pf_h5 *h5 = &s->file->h5;
    s->kept_count = length_of(h5, "members/member");
    const uint64_t *kept = pf_h5_get_numbers(h5, "members/member", H5T_NATIVE_UINT64, s->kept_count, s->file->arena);
    for (size_t i = 1; kept && i < s->kept_count; i++)
        if (kept[i] <= kept[i - 1]) pf_h5_fail(h5, "its members are not in order");
    s->kept = kept;
}

static size_t find_label(const char *const *labels, size_t count, const char *label)
{
    size_t i = 0;
    while (i < count && strcmp(labels[i], label) != 0) i++;
    return i;
}

/* Scenarios, then changes; what a scenario is measured against stands beside the scenarios of the run at the medians.
 */
static void read_cases(pf_sample *s)
{
    size_t count, against_count;
    const char *const *names = read_labels(s, "scenario", &count);
    const char *const *against = read_labels(s, "scenario_against", &against_count);
    if (s->file->h5.failed) return;
    if (count != against_count) pf_h5_fail(&s->file->h5, "its scenarios do not fit their references");
    pf_sample_case *cases = PF_ARRAY(s->file->arena, pf_sample_case, 2 * s->scenario_count);
    for (size_t i = 0; i < s->scenario_count; i++)
        cases[i] = (pf_sample_case){.label = s->scenarios[i], .scenario = i, .reference = i};
    s->case_count = s->scenario_count;
    for (size_t i = 0; i < s->scenario_count && !s->file->h5.failed; i++) {
        size_t row = find_label(names, count, s->scenarios[i]);
        size_t reference = row < count ? find_label(s->scenarios, s->scenario_count, against[row]) : s->scenario_count;
        if (reference == s->scenario_count || reference == i) continue;
        const char *label = pf_format(s->file->arena, "%s - %s", s->scenarios[i], s->scenarios[reference]);
        cases[s->case_count++] = (pf_sample_case){label, i, reference, true};
    }
    s->cases = cases;
}

static bool has_shape(hid_t dataset, const pf_sample *s)
{
    hsize_t size[PF_H5_RANK] = {0};
    hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    bool fits = H5Tget_class(type) == H5T_FLOAT && H5Sget_simple_extent_ndims(space) == PF_H5_RANK &&
                H5Sget_simple_extent_dims(space, size, NULL) == PF_H5_RANK && size[0] == s->scenario_count &&
                size[1] == s->kept_count && size[2] == s->park_count && size[3] == s->period_count;
    H5Tclose(type);
    H5Sclose(space);
    return fits;
}

static herr_t keep_indicator(hid_t group, const char *name, const H5L_info_t *link, void *data)
{
    pf_sample *s = data;
    pf_arena *arena = s->file->arena;
    (void)link;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return 0;
    if (has_shape(dataset, s))
        *PF_PUSH(arena, s->file->indicators) =
            (pf_sample_indicator){.name = pf_copy_text(arena, name, strlen(name)),
                                  .unit = pf_h5_get_text(dataset, "units", arena),
                                  .title_en = pf_h5_get_text(dataset, "long_name", arena),
                                  .title_vi = pf_h5_get_text(dataset, "long_name_vi", arena)};
    H5Dclose(dataset);
    return 0;
}

static void read_indicators(pf_sample *s)
{
    pf_h5 *h5 = &s->file->h5;
    if (h5->failed) return;
    hid_t group = H5Gopen2(h5->file, "members", H5P_DEFAULT);
    if (!pf_h5_good(h5, group)) return;
    hsize_t position = 0;
    herr_t walked = H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &position, keep_indicator, s);
    if (walked < 0) walked = H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, keep_indicator, s);
    pf_h5_good(h5, walked);
    H5Gclose(group);
    s->indicators = s->file->indicators.items;
    s->indicator_count = s->file->indicators.count;
    if (!s->indicator_count) pf_h5_fail(h5, "none of its indicators was kept by member");
}

/* A dataset of one text; NULL where there is none. */
static const char *read_text(pf_sample *s, const char *name)
{
    size_t count = 0;
    bool is_there = !s->file->h5.failed && pf_h5_has(&s->file->h5, name);
    const char *const *text = is_there ? read_labels(s, name, &count) : NULL;
    return text ? text[0] : NULL;
}

static void read_input(pf_sample *s)
{
    s->input = read_text(s, "input");
    s->list = read_text(s, "design_list");
}

static void read_members(pf_sample *s)
{
    pf_h5 *h5 = &s->file->h5;
    if (h5->failed) return;
    s->scenarios = read_labels(s, "members/scenario", &s->scenario_count);
    s->parks = read_labels(s, "members/park", &s->park_count);
    read_periods(s);
    read_kept(s);
    read_cases(s);
    read_indicators(s);
    if (!h5->failed && pf_h5_has(h5, "members/parameter") && pf_h5_has(h5, "members/parameter_value"))
        s->parameters = read_labels(s, "members/parameter", &s->parameter_count);
}

static void read_scenarios(pf_sample *s)
{
    if (s->file->h5.failed) return;
    s->scenarios = read_labels(s, "scenario", &s->scenario_count);
    read_cases(s);
}

static pf_sample *open_sample(const char *path, bool is_any, pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    pf_sample *s = PF_NEW(arena, pf_sample);
    s->file = PF_NEW(arena, struct pf_sample_file);
    s->file->arena = arena;
    s->path = pf_copy_text(arena, path, strlen(path));
    s->read_ahead = READ_AHEAD_BYTES;
    s->file->is_any = is_any;
    pf_h5_begin(&s->file->h5);
    open_file(s);
    read_attributes(s);
    check_kind(s);
    read_seed(s);
    if (is_any) read_scenarios(s);
    else read_members(s);
    read_input(s);
    if (!s->file->h5.failed) return s;
    cannot_read(s, diagnostics);
    pf_sample_close(s);
    return NULL;
}

pf_sample *pf_sample_open(const char *path, pf_diagnostics *diagnostics)
{
    return open_sample(path, false, diagnostics);
}

pf_sample *pf_sample_open_any(const char *path, pf_diagnostics *diagnostics)
{
    return open_sample(path, true, diagnostics);
}

void pf_sample_close(pf_sample *s)
{
    if (!s) return;
    pf_h5_end(&s->file->h5);
    free(s->file->panels[0].values);
    free(s->file->panels[1].values);
    pf_arena_free(s->file->arena);
}

/* ---- reading outputs ---- */

/* What to read along with an output: all parks, one park, or some of its periods, as far as memory allows. */
static panel around(const pf_sample *s, size_t scenario, size_t indicator, size_t park, size_t period)
{
    size_t most = s->read_ahead / sizeof(double) / s->kept_count;
    panel p = {.scenario = scenario, .indicator = indicator, .periods = s->period_count};
    p.parks = s->park_count;
    if (most / s->period_count < s->park_count) {
        p.first_park = park;
        p.parks = 1;
    }
    if (most < s->period_count) {
        size_t left = s->period_count - period, some = most ? most : 1;
        p.first_period = period;
        p.periods = some < left ? some : left;
    }
    return p;
}

static bool holds(const panel *p, size_t scenario, size_t indicator, size_t park, size_t period)
{
    return p->is_filled && p->scenario == scenario && p->indicator == indicator && park >= p->first_park &&
           park - p->first_park < p->parks && period >= p->first_period && period - p->first_period < p->periods;
}

/* slab [rows][columns] into values [columns][members], from member `first` on. */
static void turn(const double *slab, size_t rows, size_t columns, double *values, size_t members, size_t first)
{
    for (size_t column = 0; column < columns; column++)
        for (size_t row = 0; row < rows; row++) values[column * members + first + row] = slab[row * columns + column];
}

static void read_slabs(pf_sample *s, panel *p, hid_t dataset)
{
    pf_h5 *h5 = &s->file->h5;
    size_t columns = p->parks * p->periods, rows = SLAB_BYTES / sizeof(double) / columns;
    if (!rows) rows = 1;
    double *slab = pf_malloc(rows * columns * sizeof *slab);
    hid_t space = H5Dget_space(dataset);
    for (size_t first = 0; first < s->kept_count && !h5->failed; first += rows) {
        size_t left = s->kept_count - first, count = rows < left ? rows : left;
        const hsize_t start[] = {p->scenario, first, p->first_park, p->first_period};
        const hsize_t size[] = {1, count, p->parks, p->periods};
        hid_t memory = H5Screate_simple(PF_H5_RANK, size, NULL);
        if (pf_h5_good(h5, H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL)) &&
            pf_h5_good(h5, H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, slab)))
            turn(slab, count, columns, p->values, s->kept_count, first);
        H5Sclose(memory);
    }
    H5Sclose(space);
    free(slab);
}

static void fill(pf_sample *s, panel *p)
{
    pf_h5 *h5 = &s->file->h5;
    const char *name = pf_format(s->file->arena, "members/%s", s->indicators[p->indicator].name);
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    pf_h5_good(
        h5, H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, CHUNK_CACHE_BYTES, H5D_CHUNK_CACHE_W0_DEFAULT));
    hid_t dataset = h5->failed ? -1 : H5Dopen2(h5->file, name, access);
    if (pf_h5_good(h5, dataset)) {
        p->values = pf_malloc(p->parks * p->periods * s->kept_count * sizeof *p->values);
        read_slabs(s, p, dataset);
        H5Dclose(dataset);
    }
    p->is_filled = !h5->failed;
    H5Pclose(access);
}

/* The values of a scenario, by member; NULL after a failure. The panel that was not used last makes room. */
static const double *values_of(pf_sample *s, size_t scenario, size_t indicator, size_t park, size_t period)
{
    struct pf_sample_file *file = s->file;
    size_t slot = 0;
    while (slot < 2 && !holds(&file->panels[slot], scenario, indicator, park, period)) slot++;
    if (slot == 2) {
        slot = 1 - file->latest;
        free(file->panels[slot].values);
        file->panels[slot] = around(s, scenario, indicator, park, period);
        fill(s, &file->panels[slot]);
    }
    file->latest = slot;
    panel *p = &file->panels[slot];
    if (!p->is_filled) return NULL;
    return p->values + ((park - p->first_park) * p->periods + period - p->first_period) * s->kept_count;
}

pf_status pf_sample_read(pf_sample *s, size_t row_of_case, size_t indicator, size_t park, size_t period, double *y,
                         pf_diagnostics *diagnostics)
{
    const pf_sample_case *wanted = &s->cases[row_of_case];
    const double *values = values_of(s, wanted->scenario, indicator, park, period);
    if (!values) return cannot_read(s, diagnostics);
    memcpy(y, values, s->kept_count * sizeof *y);
    if (!wanted->is_change) return PF_OK;
    values = values_of(s, wanted->reference, indicator, park, period);
    if (!values) return cannot_read(s, diagnostics);
    for (size_t i = 0; i < s->kept_count; i++) y[i] -= values[i];
    return PF_OK;
}

pf_status pf_sample_read_parameter(pf_sample *s, size_t parameter, double *x, pf_diagnostics *diagnostics)
{
    pf_h5 *h5 = &s->file->h5;
    const hsize_t start[] = {0, parameter}, size[] = {s->kept_count, 1};
    hid_t dataset = h5->failed ? -1 : H5Dopen2(h5->file, "members/parameter_value", H5P_DEFAULT);
    hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset), memory = H5Screate_simple(2, size, NULL);
    if (pf_h5_good(h5, space) && H5Sget_simple_extent_ndims(space) == 2 &&
        pf_h5_good(h5, H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL)))
        pf_h5_good(h5, H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, x));
    else pf_h5_fail(h5, "'parameter_value' has not the dimensions it should have");
    H5Sclose(memory);
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    return h5->failed ? cannot_read(s, diagnostics) : PF_OK;
}

void pf_sample_dimensions(const pf_sample *s, pf_analysis_dimension dimensions[PF_SAMPLE_DIMENSIONS])
{
    const char **cases = PF_ARRAY(s->file->arena, const char *, s->case_count);
    for (size_t i = 0; i < s->case_count; i++) cases[i] = s->cases[i].label;
    dimensions[0] = (pf_analysis_dimension){"scenario", "scenario, or its change", cases, NULL, s->case_count};
    dimensions[1] = (pf_analysis_dimension){"park", "park", s->parks, NULL, s->park_count};
    dimensions[2] = (pf_analysis_dimension){"period", "period", s->periods, NULL, s->period_count};
}
