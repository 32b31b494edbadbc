/* Puts what an analysis found into a sweep's file: takes named arrays with their dimensions, gives the group
 * /analysis/METHOD. The file is copied, the copy changed, synced and renamed: nobody sees half of it. */
#include "results/sample.h"

#include "base/replacement.h"
#include "results/hdf5_helpers.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 20 };

typedef struct {
    pf_h5 group; /* its `file` is the group: names are looked up in it */
    const pf_analysis *analysis;
    pf_arena *arena;
} writer;

/* ---- dimensions and variables ---- */

static void write_dimension(writer *w, const pf_analysis_dimension *d)
{
    hid_t text = pf_h5_text_type();
    hid_t type = d->labels ? text : d->numbers ? H5T_IEEE_F64LE : -1;
    hid_t dataset = pf_h5_dimension(&w->group, d->name, type, d->length);
    pf_h5_set_text(&w->group, dataset, "long_name", d->long_name);
    if (d->labels) pf_h5_write_texts(&w->group, dataset, d->labels, d->length);
    else if (d->numbers) pf_h5_write(&w->group, dataset, H5T_NATIVE_DOUBLE, d->numbers);
    H5Tclose(text);
    if (dataset >= 0) H5Dclose(dataset);
}

static const pf_analysis_dimension *dimension_named(const pf_analysis *a, const char *name)
{
    for (size_t i = 0; i < a->dimension_count; i++)
        if (strcmp(a->dimensions[i].name, name) == 0) return &a->dimensions[i];
    return NULL;
}

/* "scenario park" as two names; their number, and that of the values. */
static int split_names(writer *w, const pf_analysis_variable *v, const char *names[PF_H5_MOST], size_t *values)
{
    int rank = 0;
    *values = 1;
    for (const char *at = v->dimensions + strspn(v->dimensions, " "); *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        const char *name = pf_copy_text(w->arena, at, length);
        const pf_analysis_dimension *d = dimension_named(w->analysis, name);
        if (!d) pf_h5_fail(&w->group, "'%s' has a dimension '%s' that is not there", v->name, name);
        if (rank == PF_H5_MOST) pf_h5_fail(&w->group, "'%s' has more than %d dimensions", v->name, PF_H5_MOST);
        if (w->group.failed) return 0;
        *values *= d->length;
        names[rank++] = name;
        at += length;
    }
    return rank;
}

/* Every `step`-th value from `first` on; all NaN get the same bits. */
static double *every(const double *values, size_t count, size_t step, size_t first)
{
    double *picked = pf_doubles(count);
    for (size_t i = 0; i < count; i++) {
        double value = values[i * step + first];
        picked[i] = isnan(value) ? (double)NAN : value;
    }
    return picked;
}

static void write_numbers(writer *w, const pf_analysis_variable *v, int end, const char *name, const char *title)
{
    const char *names[PF_H5_MOST];
    size_t count;
    int rank = split_names(w, v, names, &count);
    hid_t dataset = pf_h5_variable(&w->group, name, H5T_IEEE_F64LE, rank, names);
    pf_h5_set_text(&w->group, dataset, "long_name", title);
    pf_h5_set_text(&w->group, dataset, "units", v->units);
    pf_h5_set_text(&w->group, dataset, "comment", v->comment);
    if (v->has_interval && end == 0)
        pf_h5_set_text(&w->group, dataset, "ancillary_variables",
                       pf_format(w->arena, "%s_low %s_high", v->name, v->name));
    if (!w->group.failed) {
        double *values = every(v->values, count, v->has_interval ? 3 : 1, (size_t)end);
        pf_h5_write(&w->group, dataset, H5T_NATIVE_DOUBLE, values);
        free(values);
    }
    if (dataset >= 0) H5Dclose(dataset);
}

static void write_texts(writer *w, const pf_analysis_variable *v)
{
    const char *names[PF_H5_MOST];
    size_t count;
    int rank = split_names(w, v, names, &count);
    hid_t type = pf_h5_text_type(), dataset = pf_h5_variable(&w->group, v->name, type, rank, names);
    pf_h5_set_text(&w->group, dataset, "long_name", v->long_name);
    pf_h5_set_text(&w->group, dataset, "comment", v->comment);
    if (!w->group.failed) pf_h5_write_texts(&w->group, dataset, v->texts, count);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

static void write_variable(writer *w, const pf_analysis_variable *v)
{
    if (v->texts) {
        write_texts(w, v);
        return;
    }
    write_numbers(w, v, 0, v->name, v->long_name);
    if (!v->has_interval) return;
    const char *interval = w->analysis->interval ? w->analysis->interval : "interval";
    write_numbers(w, v, 1, pf_format(w->arena, "%s_low", v->name),
                  pf_format(w->arena, "%s, low end of the %s", v->long_name, interval));
    write_numbers(w, v, 2, pf_format(w->arena, "%s_high", v->name),
                  pf_format(w->arena, "%s, high end of the %s", v->long_name, interval));
}

/* ---- the group ---- */

static bool is_name(const char *text)
{
    if (!isalpha((unsigned char)*text)) return false;
    while (isalnum((unsigned char)*text) || *text == '_') text++;
    return !*text;
}

static hid_t open_group(pf_h5 *h5, hid_t parent, const char *name)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    if (h5->failed) return -1;
    if (H5Lexists(parent, name, H5P_DEFAULT) > 0) return H5Gopen2(parent, name, H5P_DEFAULT);
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    pf_h5_good(h5, H5Pset_link_creation_order(creation, order));
    pf_h5_good(h5, H5Pset_attr_creation_order(creation, order));
    pf_h5_good(h5, H5Pset_obj_track_times(creation, false));
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Pclose(creation);
    return group;
}

/* The group anew; what was of that name goes. */
static void write_group(pf_h5 *h5, hid_t all, const pf_analysis *analysis)
{
    if (H5Lexists(all, analysis->method, H5P_DEFAULT) > 0)
        pf_h5_good(h5, H5Ldelete(all, analysis->method, H5P_DEFAULT));
    hid_t group = open_group(h5, all, analysis->method);
    if (h5->failed || !pf_h5_good(h5, group)) return;
    writer w = {.group = {.file = group}, .analysis = analysis, .arena = pf_arena_new()};
    for (size_t i = 0; i < analysis->note_count; i++)
        pf_h5_set_text(&w.group, group, analysis->notes[i].name, analysis->notes[i].text);
    for (size_t i = 0; i < analysis->dimension_count; i++) write_dimension(&w, &analysis->dimensions[i]);
    for (size_t i = 0; i < analysis->variable_count; i++) write_variable(&w, &analysis->variables[i]);
    if (w.group.failed) pf_h5_fail(h5, "%s", w.group.reason);
    pf_arena_free(w.arena);
    H5Gclose(group);
}

/* Did a run or a sweep write the file? */
static bool is_of_results(const pf_h5 *h5, pf_arena *arena)
{
    const char *source = H5Aexists(h5->file, "source") > 0 ? pf_h5_get_text(h5->file, "source", arena) : NULL;
    return source && strncmp(source, "parkflow ", strlen("parkflow ")) == 0;
}

/* Into the copy: it must be a results file, as this is its only place. */
static void write_into(pf_h5 *h5, int copy, const pf_analysis *analysis, pf_arena *arena)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    h5->disk = (pf_h5_disk){.file = copy};
    pf_h5_good(h5, pf_h5_use_disk(access, &h5->disk));
    h5->file = h5->failed ? -1 : H5Fopen("results", H5F_ACC_RDWR, access);
    H5Pclose(access);
    if (!pf_h5_good(h5, h5->file)) return;
    if (!is_of_results(h5, arena)) pf_h5_fail(h5, "it is no file that 'parkflow run' or 'parkflow sweep' wrote");
    hid_t all = open_group(h5, h5->file, "analysis");
    if (h5->failed || !pf_h5_good(h5, all)) return;
    write_group(h5, all, analysis);
    H5Gclose(all);
}

/* ---- the copy ---- */

/* All of `from` into the new file; NULL, or why not. */
static const char *copy_bytes(int from, pf_replacement *to)
{
    char *bytes = pf_malloc(COPY_BYTES);
    const char *why = NULL;
    ssize_t got;
    while (!why && (got = read(from, bytes, COPY_BYTES)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        why = got < 0 ? strerror(errno) : pf_replacement_write(to, bytes, (size_t)got);
    }
    free(bytes);
    return why;
}

/* The new file becomes a copy of the one in its place, with the same rights. */
static const char *copy_file(pf_replacement *to)
{
    struct stat status;
    int from = open(to->path, O_RDONLY | O_CLOEXEC);
    if (from < 0) return strerror(errno);
    bool good = fstat(from, &status) == 0 && fchmod(to->file, status.st_mode & 07777) == 0;
    const char *why = good ? copy_bytes(from, to) : strerror(errno);
    close(from);
    return why;
}

/* NULL, or why it could not be done; a text in the arena. */
static const char *replace(const char *path, const pf_analysis *analysis, pf_arena *arena)
{
    pf_h5 h5;
    pf_replacement copy;
    const char *why = pf_replacement_begin(&copy, path, arena);
    if (!why) why = copy_file(&copy);
    if (why) return pf_replacement_end(&copy, why, arena);
    pf_h5_begin(&h5);
    write_into(&h5, copy.file, analysis, arena);
    pf_h5_end(&h5);
    if (h5.failed) why = pf_copy_text(arena, h5.reason, strlen(h5.reason));
    return pf_replacement_end(&copy, why, arena);
}

pf_status pf_sample_write_analysis(const char *path, const pf_analysis *analysis, pf_diagnostics *diagnostics)
{
    pf_arena *arena = pf_arena_new();
    char *real = realpath(path, NULL); /* behind a link: the file is replaced, not the link */
    const char *why = !real ? strerror(errno) : !is_name(analysis->method) ? "the name is no word" : NULL;
    if (!why) why = replace(real, analysis, arena);
    if (why)
        pf_error(diagnostics, (pf_mark){0}, "cannot write the analysis '%s' into '%s': %s", analysis->method, path,
                 why);
    free(real);
    pf_arena_free(arena);
    return why ? PF_FAILED : PF_OK;
}
