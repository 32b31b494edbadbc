/* Writes a results file (docs/results.md): takes what was computed, by scenario, step and output row, gives one HDF5
 * file. It is built in memory and replaces the old one by write, sync and rename: no reader sees half a file. */
#include "results/store.h"

#include "base/sha256.h"
#include "results/hdf5_helpers.h"
#include "scenario/calendar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    pf_h5 *h5;
    const pf_result_header *header;
    const double *values, *parameter_values;
    pf_arena *arena;
} writer;

/* Text labels along one dimension; NULL texts are written as "". */
static void write_labels(writer *w, const char *name, const char *dimension, const char *const *texts, size_t count,
                         const char *long_name)
{
    hid_t type = pf_h5_text_type();
    hid_t dataset = pf_h5_variable(w->h5, name, type, 1, &dimension);
    pf_h5_set_text(w->h5, dataset, "long_name", long_name);
    pf_h5_write_texts(w->h5, dataset, texts, count);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

static void write_text_dimension(writer *w, const char *name, const char *const *texts, size_t count,
                                 const char *long_name)
{
    hid_t type = pf_h5_text_type();
    hid_t dataset = pf_h5_dimension(w->h5, name, type, count);
    pf_h5_set_text(w->h5, dataset, "long_name", long_name);
    pf_h5_write_texts(w->h5, dataset, texts, count);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

static void write_member_dimension(writer *w)
{
    hid_t dataset = pf_h5_dimension(w->h5, "member", H5T_STD_I64LE, 1);
    pf_h5_set_text(w->h5, dataset, "standard_name", "realization");
    pf_h5_set_text(w->h5, dataset, "long_name", "member: one draw of all uncertain parameters");
    pf_h5_write(w->h5, dataset, H5T_NATIVE_INT64, &(int64_t){0});
    if (dataset >= 0) H5Dclose(dataset);
}

static void write_time_dimension(writer *w)
{
    hid_t dataset = pf_h5_dimension(w->h5, "time", H5T_STD_I32LE, w->header->step_count);
    pf_h5_set_text(w->h5, dataset, "standard_name", "time");
    pf_h5_set_text(w->h5, dataset, "long_name", "first day of the step");
    pf_h5_set_text(w->h5, dataset, "units", "days since 1970-01-01");
    pf_h5_set_text(w->h5, dataset, "calendar", "proleptic_gregorian");
    pf_h5_set_text(w->h5, dataset, "axis", "T");
    pf_h5_set_text(w->h5, dataset, "bounds", "time_bnds");
    pf_h5_write(w->h5, dataset, H5T_NATIVE_INT32, w->header->step_first_day);
    if (dataset >= 0) H5Dclose(dataset);
}

/* "demo.brewing.needs.electricity" */
static const char *flow_name(pf_arena *arena, const pf_result_flow *flow)
{
    return pf_format(arena, "%s.%s.%s", flow->park ? flow->park : "", flow->process ? flow->process : "",
                     flow->port ? flow->port : "");
}

static void write_flow_dimension(writer *w)
{
    size_t count = w->header->flow_count;
    const char **names = PF_ARRAY(w->arena, const char *, count);
    for (size_t i = 0; i < count; i++) names[i] = flow_name(w->arena, &w->header->flows[i]);
    write_text_dimension(w, "flow", names, count, "flow: park, process and port");
}

static void write_parameter_dimension(writer *w)
{
    size_t count = w->header->parameter_count;
    const char **names = PF_ARRAY(w->arena, const char *, count);
    for (size_t i = 0; i < count; i++) names[i] = w->header->parameters[i].name;
    write_text_dimension(w, "parameter", names, count, "uncertain parameter");
}

/* All dimensions come first: their order in the file is the order in which readers list them. */
static void write_dimensions(writer *w)
{
    const pf_result_header *h = w->header;
    write_text_dimension(w, "scenario", h->scenarios, h->scenario_count, "scenario");
    write_member_dimension(w);
    write_text_dimension(w, "park", h->parks, h->park_count, "park");
    write_time_dimension(w);
    if (h->flow_count) write_flow_dimension(w);
    if (h->closure_count) write_text_dimension(w, "closure", h->closures, h->closure_count, "balance");
    if (h->parameter_count) write_parameter_dimension(w);
    hid_t bounds = pf_h5_dimension(w->h5, "nv", -1, 2);
    if (bounds >= 0) H5Dclose(bounds);
}

static void write_time_bounds(writer *w)
{
    size_t count = w->header->step_count;
    int32_t *bounds = PF_ARRAY(w->arena, int32_t, 2 * count);
    for (size_t t = 0; t < count; t++) {
        bounds[2 * t] = w->header->step_first_day[t];
        bounds[2 * t + 1] = w->header->step_end_day[t];
    }
    hid_t dataset = pf_h5_variable(w->h5, "time_bnds", H5T_STD_I32LE, 2, (const char *const[]){"time", "nv"});
    pf_h5_write(w->h5, dataset, H5T_NATIVE_INT32, bounds);
    if (dataset >= 0) H5Dclose(dataset);
}

static const struct {
    const char *name, *long_name;
    size_t offset;
} flow_labels[] = {
    {"flow_park", "park of the flow", offsetof(pf_result_flow, park)},
    {"flow_process", "process of the flow", offsetof(pf_result_flow, process)},
    {"flow_port", "port of the flow", offsetof(pf_result_flow, port)},
    {"flow_carrier", "carrier of the flow", offsetof(pf_result_flow, carrier)},
    {"flow_direction", "in or out of the process", offsetof(pf_result_flow, direction)},
    {"flow_unit", "unit of the flow", offsetof(pf_result_flow, unit)},
};

static void write_flow_labels(writer *w)
{
    size_t count = w->header->flow_count;
    const char **texts = PF_ARRAY(w->arena, const char *, count);
    for (size_t label = 0; label < sizeof flow_labels / sizeof *flow_labels; label++) {
        for (size_t i = 0; i < count; i++)
            memcpy(&texts[i], (const char *)&w->header->flows[i] + flow_labels[label].offset, sizeof *texts);
        write_labels(w, flow_labels[label].name, "flow", texts, count, flow_labels[label].long_name);
    }
}

static void write_parameter_labels(writer *w)
{
    size_t count = w->header->parameter_count;
    const char **units = PF_ARRAY(w->arena, const char *, count), **sources = PF_ARRAY(w->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        units[i] = w->header->parameters[i].unit;
        sources[i] = w->header->parameters[i].source;
    }
    write_labels(w, "parameter_unit", "parameter", units, count, "unit of the parameter");
    write_labels(w, "parameter_source", "parameter", sources, count, "source of the parameter");
}

static void write_all_labels(writer *w)
{
    const pf_result_header *h = w->header;
    write_time_bounds(w);
    write_labels(w, "scenario_title", "scenario", h->scenario_titles, h->scenario_count, "title of the scenario");
    write_labels(w, "scenario_against", "scenario", h->scenario_against, h->scenario_count,
                 "scenario that differences are taken against");
    write_labels(w, "park_title", "park", h->park_titles, h->park_count, "title of the park");
    if (h->flow_count) write_flow_labels(w);
    if (h->parameter_count) write_parameter_labels(w);
}

static size_t row_count(const pf_result_header *h)
{
    return h->variable_count * h->park_count + h->flow_count + h->closure_count;
}

/* Rows first_row .. first_row + count - 1 of `values`, as [scenario][row][step]. All NaN get the same bits. */
static double *gather(const writer *w, size_t first_row, size_t count)
{
    const pf_result_header *h = w->header;
    size_t rows = row_count(h), steps = h->step_count;
    double *gathered = pf_doubles(h->scenario_count * count * steps), *to = gathered;
    for (size_t s = 0; s < h->scenario_count; s++)
        for (size_t row = first_row; row < first_row + count; row++)
            for (size_t t = 0; t < steps; t++) {
                double value = w->values[(s * steps + t) * rows + row];
                *to++ = isnan(value) ? (double)NAN : value;
            }
    return gathered;
}

static const char *const by_park[] = {"scenario", "member", "park", "time"};
static const char *const by_flow[] = {"scenario", "member", "flow", "time"};
static const char *const by_closure[] = {"scenario", "member", "closure", "time"};

static const char *plain_unit(const char *unit)
{
    return unit && *unit ? unit : "1";
}

static void write_indicator(writer *w, size_t number)
{
    const pf_result_variable *v = &w->header->variables[number];
    double *values = gather(w, number * w->header->park_count, w->header->park_count);
    hid_t dataset = pf_h5_variable(w->h5, v->name, H5T_IEEE_F64LE, PF_H5_RANK, by_park);
    pf_h5_set_text(w->h5, dataset, "units", plain_unit(v->unit));
    pf_h5_set_text(w->h5, dataset, "long_name", v->title_en);
    pf_h5_set_text(w->h5, dataset, "long_name_vi", v->title_vi);
    pf_h5_set_text(w->h5, dataset, "iamc_variable", v->iamc);
    if (v->cell_method) pf_h5_set_text(w->h5, dataset, "cell_methods", pf_format(w->arena, "time: %s", v->cell_method));
    pf_h5_set_text(w->h5, dataset, "definition", v->definition);
    pf_h5_set_text(w->h5, dataset, "coordinates", "scenario_title scenario_against park_title");
    pf_h5_write(w->h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
    free(values);
}

static void write_flows(writer *w)
{
    const pf_result_header *h = w->header;
    double *values = gather(w, h->variable_count * h->park_count, h->flow_count);
    hid_t dataset = pf_h5_variable(w->h5, "flow_amount", H5T_IEEE_F64LE, PF_H5_RANK, by_flow);
    pf_h5_set_text(w->h5, dataset, "long_name", "amount of the flow in the step");
    pf_h5_set_text(w->h5, dataset, "cell_methods", "time: sum");
    pf_h5_set_text(w->h5, dataset, "comment", "The unit is that of the flow, in flow_unit.");
    pf_h5_set_text(w->h5, dataset, "coordinates",
                   "scenario_title scenario_against "
                   "flow_park flow_process flow_port flow_carrier flow_direction flow_unit");
    pf_h5_write(w->h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
    free(values);
}

/* The largest size; NaN if there is one. */
static double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i])) return values[i];
        most = fmax(most, fabs(values[i]));
    }
    return most;
}

static void write_closures(writer *w)
{
    const pf_result_header *h = w->header;
    double *values = gather(w, h->variable_count * h->park_count + h->flow_count, h->closure_count);
    hid_t dataset = pf_h5_variable(w->h5, "closure_residual", H5T_IEEE_F64LE, PF_H5_RANK, by_closure);
    pf_h5_set_text(w->h5, dataset, "units", "1");
    pf_h5_set_text(w->h5, dataset, "long_name", "relative residual of the balance");
    pf_h5_set_text(w->h5, dataset, "cell_methods", "time: point");
    pf_h5_set_number(w->h5, dataset, "maximum", largest(values, h->scenario_count * h->closure_count * h->step_count));
    pf_h5_set_text(w->h5, dataset, "coordinates", "scenario_title scenario_against");
    pf_h5_write(w->h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
    free(values);
}

static void write_parameters(writer *w)
{
    const char *const dimensions[] = {"member", "parameter"};
    hid_t dataset = pf_h5_variable(w->h5, "parameter_value", H5T_IEEE_F64LE, 2, dimensions);
    pf_h5_set_text(w->h5, dataset, "long_name", "value of the parameter");
    pf_h5_set_text(w->h5, dataset, "comment", "The unit is that of the parameter, in parameter_unit.");
    pf_h5_set_text(w->h5, dataset, "coordinates", "parameter_unit parameter_source");
    pf_h5_write(w->h5, dataset, H5T_NATIVE_DOUBLE, w->parameter_values);
    if (dataset >= 0) H5Dclose(dataset);
}

static void write_input(writer *w)
{
    hid_t type = pf_h5_text_type();
    hid_t dataset = pf_h5_variable(w->h5, "input", type, 0, NULL);
    pf_h5_set_text(w->h5, dataset, "long_name", "the whole resolved input, YAML");
    pf_h5_write_texts(w->h5, dataset, &w->header->input, 1);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

static const char *date_text(pf_arena *arena, int32_t day_number)
{
    int year, month, day;
    pf_day_date(day_number, &year, &month, &day);
    return pf_format(arena, "%04d-%02d-%02d", year, month, day);
}

/* Whole months from the first day to the end day; 0 if they are not whole. */
static int months_of_step(int32_t first, int32_t end)
{
    int first_year, first_month, first_day, end_year, end_month, end_day;
    pf_day_date(first, &first_year, &first_month, &first_day);
    pf_day_date(end, &end_year, &end_month, &end_day);
    return first_day == 1 && end_day == 1 ? (end_year - first_year) * 12 + end_month - first_month : 0;
}

/* The length of all steps as an ISO 8601 duration: "P1M"; NULL if they differ. */
static const char *resolution(const writer *w)
{
    const pf_result_header *h = w->header;
    int days = h->step_end_day[0] - h->step_first_day[0];
    int months = months_of_step(h->step_first_day[0], h->step_end_day[0]);
    bool same_days = true, same_months = months > 0;
    for (size_t t = 1; t < h->step_count; t++) {
        same_days = same_days && h->step_end_day[t] - h->step_first_day[t] == days;
        same_months = same_months && months_of_step(h->step_first_day[t], h->step_end_day[t]) == months;
    }
    if (same_months && months % 12 == 0) return pf_format(w->arena, "P%dY", months / 12);
    if (same_months) return pf_format(w->arena, "P%dM", months);
    return same_days ? pf_format(w->arena, "P%dD", days) : NULL;
}

static const char *summary(const writer *w, const char *first, const char *last)
{
    return pf_format(w->arena, "Material and energy flows of industrial parks, %s to %s, simulated by parkflow.", first,
                     last);
}

static void write_global_attributes(writer *w)
{
    const pf_result_header *h = w->header;
    char digest[65];
    pf_sha256(h->input, strlen(h->input), digest);
    const char *first = date_text(w->arena, h->step_first_day[0]);
    const char *last = date_text(w->arena, h->step_end_day[h->step_count - 1] - 1);
    const struct {
        const char *name, *text;
    } attributes[] = {
        {"Conventions", "CF-1.11, ACDD-1.3"},
        {"title", h->title_en},
        {"title_vi", h->title_vi},
        {"summary", summary(w, first, last)},
        {"source", "parkflow " PF_VERSION},
        {"compiler", __VERSION__},
        {"command", h->command},
        {"accounting", h->accounting},
        {"seed", h->seed},
        {"input_sha256", digest},
        {"time_coverage_start", first},
        {"time_coverage_end", last},
        {"time_coverage_resolution", resolution(w)},
    };
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        pf_h5_set_text(w->h5, w->h5->file, attributes[i].name, attributes[i].text);
}

static void write_everything(writer *w)
{
    const pf_result_header *h = w->header;
    if (!h->scenario_count || !h->park_count || !h->step_count) {
        pf_h5_fail(w->h5, "there is no scenario, park or step to write");
        return;
    }
    write_global_attributes(w);
    write_dimensions(w);
    write_all_labels(w);
    for (size_t v = 0; v < h->variable_count; v++) write_indicator(w, v);
    if (h->flow_count) write_flows(w);
    if (h->closure_count) write_closures(w);
    if (h->parameter_count) write_parameters(w);
    write_input(w);
}

/* The whole file as bytes, released by free(); NULL and *why on failure. */
static void *build_image(const pf_result_header *header, const double *values, const double *parameter_values,
                         const char *scratch, size_t *size, const char **why, pf_arena *arena)
{
    pf_h5 h5;
    pf_h5_begin(&h5);
    pf_h5_create(&h5, scratch);
    if (!h5.failed) write_everything(&(writer){&h5, header, values, parameter_values, arena});
    void *image = pf_h5_image(&h5, size);
    pf_h5_end(&h5);
    if (!h5.failed) return image;
    *why = pf_copy_text(arena, h5.reason, strlen(h5.reason));
    free(image);
    return NULL;
}

/* A new empty file beside `path`, with the rights a plain new file gets; negative, with errno, on failure.
 * A device or a directory is refused: renaming would put a file in its place. */
static int open_temporary(const char *path, char *temporary)
{
    struct stat old;
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) {
        errno = S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    int file = mkstemp(temporary);
    if (file < 0) return -1;
    mode_t mask = umask(0);
    umask(mask);
    fchmod(file, 0666 & ~mask);
    return file;
}

static bool write_bytes(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

pf_status pf_store_write(const char *path, const pf_result_header *header, const double *values,
                         const double *parameter_values, pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    char *temporary = pf_format(arena, "%s.tmp-XXXXXX", path);
    const char *why = NULL;
    void *image = NULL;
    size_t size;
    int file = open_temporary(path, temporary);
    if (file < 0) {
        why = strerror(errno);
        goto done;
    }
    image = build_image(header, values, parameter_values, temporary, &size, &why, arena);
    if (image && (!write_bytes(file, image, size) || fsync(file) != 0 || rename(temporary, path) != 0))
        why = strerror(errno);
done:
    if (why) pf_error(diagnostics, (pf_mark){0}, "cannot write results to '%s': %s", path, why);
    if (why && file >= 0) unlink(temporary);
    if (file >= 0) close(file);
    free(image);
    pf_arena_free(arena);
    return why ? PF_FAILED : PF_OK;
}
