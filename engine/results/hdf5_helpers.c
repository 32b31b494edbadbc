/* HDF5 in small steps: new files, dimensions and variables as netCDF-4 wants them, texts as UTF-8.
 * Dimensions are HDF5 dimension scales; creation order is tracked everywhere, times of writing nowhere. */
#include "results/hdf5_helpers.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_IN_HEADER = 32 * 1024,   /* bytes of an attribute; HDF5 allows 64 KiB for a whole header message */
    SMALLEST_COMPRESSED = 16 * 1024, /* bytes of a dataset; below, a chunk index costs more than it saves */
    VALUES_PER_CHUNK = 128 * 1024,
    COMPRESSION = 4
};

void pf_h5_begin(pf_h5 *h5)
{
    *h5 = (pf_h5){.file = -1};
    H5Eget_auto2(H5E_DEFAULT, &h5->printer, &h5->printer_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void pf_h5_end(pf_h5 *h5)
{
    pf_h5_leave_group(h5);
    if (h5->file >= 0) pf_h5_good(h5, H5Fclose(h5->file));
    h5->file = -1;
    pf_h5_leave_disk(&h5->disk);
    H5Eset_auto2(H5E_DEFAULT, h5->printer, h5->printer_data);
}

void pf_h5_fail(pf_h5 *h5, const char *format, ...)
{
    if (h5->failed) return;
    va_list list;
    va_start(list, format);
    vsnprintf(h5->reason, sizeof h5->reason, format, list);
    va_end(list);
    h5->failed = true;
}

/* The first entry of a walk up the stack is where HDF5 met the trouble. */
static herr_t keep_innermost(unsigned depth, const H5E_error2_t *error, void *h5)
{
    if (depth == 0) pf_h5_fail(h5, "HDF5: %s", error->desc);
    return 0;
}

bool pf_h5_good(pf_h5 *h5, int64_t result)
{
    if (h5->disk.error) pf_h5_fail(h5, "%s", strerror(h5->disk.error));
    if (result >= 0) return !h5->disk.error;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, h5);
    pf_h5_fail(h5, "HDF5: no reason given");
    return false;
}

/* The oldest superblock, which every reader knows. */
void pf_h5_create(pf_h5 *h5, int file)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
    h5->disk = (pf_h5_disk){.file = file};
    bool ready = pf_h5_good(h5, pf_h5_use_disk(access, &h5->disk)) &&
                 pf_h5_good(h5, H5Pset_fclose_degree(access, H5F_CLOSE_STRONG)) &&
                 pf_h5_good(h5, H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18)) &&
                 pf_h5_good(h5, H5Pset_link_creation_order(creation, order)) &&
                 pf_h5_good(h5, H5Pset_attr_creation_order(creation, order)) &&
                 pf_h5_good(h5, H5Pset_obj_track_times(creation, false));
    if (ready) h5->file = H5Fcreate("results", H5F_ACC_TRUNC, creation, access);
    if (ready) pf_h5_good(h5, h5->file);
    H5Pclose(access);
    H5Pclose(creation);
}

hid_t pf_h5_place(const pf_h5 *h5)
{
    return h5->group > 0 ? h5->group : h5->file;
}

void pf_h5_enter_group(pf_h5 *h5, const char *name)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    if (h5->failed) return;
    if (H5Lexists(h5->file, name, H5P_DEFAULT) > 0) {
        pf_h5_fail(h5, "a group and a variable are named '%s'", name);
        return;
    }
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    pf_h5_good(h5, H5Pset_link_creation_order(creation, order));
    pf_h5_good(h5, H5Pset_attr_creation_order(creation, order));
    pf_h5_good(h5, H5Pset_obj_track_times(creation, false));
    h5->group = H5Gcreate2(h5->file, name, H5P_DEFAULT, creation, H5P_DEFAULT);
    pf_h5_good(h5, h5->group);
    H5Pclose(creation);
}

void pf_h5_leave_group(pf_h5 *h5)
{
    if (h5->group > 0) H5Gclose(h5->group);
    h5->group = 0;
}

static hid_t text_type_of_size(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_cset(type, H5T_CSET_UTF8);
    if (size != H5T_VARIABLE) H5Tset_strpad(type, H5T_STR_NULLPAD);
    return type;
}

hid_t pf_h5_text_type(void)
{
    return text_type_of_size(H5T_VARIABLE);
}

/* How a dataset is laid out: large ones in chunks, cut along the first dimensions, and compressed. */
static void set_layout(pf_h5 *h5, hid_t properties, int rank, const hsize_t *size)
{
    hsize_t chunk[PF_H5_MOST], room = VALUES_PER_CHUNK, count = 1;
    for (int i = rank; i-- > 0;) {
        count *= size[i];
        chunk[i] = size[i] < room ? size[i] : room;
        if (chunk[i]) room /= chunk[i];
    }
    if (count * sizeof(double) < SMALLEST_COMPRESSED) return;
    pf_h5_good(h5, H5Pset_chunk(properties, rank, chunk));
    pf_h5_good(h5, H5Pset_shuffle(properties));
    pf_h5_good(h5, H5Pset_deflate(properties, COMPRESSION));
}

/* All of its place in the file at once, and no fill values, which the caller's own would only replace. */
static void set_one_piece(pf_h5 *h5, hid_t properties)
{
    pf_h5_good(h5, H5Pset_layout(properties, H5D_CONTIGUOUS));
    pf_h5_good(h5, H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY));
    pf_h5_good(h5, H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER));
}

static hid_t create_dataset(pf_h5 *h5, const char *name, hid_t type, int rank, const hsize_t *size, bool in_one_piece)
{
    hid_t place = pf_h5_place(h5);
    if (!h5->failed && H5Lexists(place, name, H5P_DEFAULT) > 0) pf_h5_fail(h5, "two variables are named '%s'", name);
    if (h5->failed) return -1;
    const double missing = (double)NAN;
    bool is_double = H5Tequal(type, H5T_IEEE_F64LE) > 0;
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = rank ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR);
    pf_h5_good(h5, H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    pf_h5_good(h5, H5Pset_obj_track_times(properties, false));
    if (is_double) pf_h5_good(h5, H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &missing));
    if (in_one_piece) set_one_piece(h5, properties);
    else if (is_double) set_layout(h5, properties, rank, size);
    hid_t dataset = h5->failed ? -1 : H5Dcreate2(place, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    pf_h5_good(h5, dataset);
    H5Sclose(space);
    H5Pclose(properties);
    if (is_double) pf_h5_set_number(h5, dataset, "_FillValue", missing);
    return dataset;
}

hid_t pf_h5_dimension(pf_h5 *h5, const char *name, hid_t type, size_t length)
{
    char title[80];
    snprintf(title, sizeof title, "%s", name);
    /* netCDF-4 knows a dimension without a coordinate by this text. */
    if (type < 0) snprintf(title, sizeof title, "This is a netCDF dimension but not a netCDF variable.%10zu", length);
    hid_t dataset = create_dataset(h5, name, type < 0 ? H5T_IEEE_F32BE : type, 1, (hsize_t[]){length}, false);
    if (!h5->failed) pf_h5_good(h5, H5DSset_scale(dataset, title));
    return dataset;
}

static hsize_t length_of_dimension(pf_h5 *h5, hid_t scale)
{
    hsize_t length = 0;
    hid_t space = H5Dget_space(scale);
    if (pf_h5_good(h5, space)) pf_h5_good(h5, H5Sget_simple_extent_dims(space, &length, NULL));
    if (space >= 0) H5Sclose(space);
    return length;
}

static hid_t make_variable(pf_h5 *h5, const char *name, hid_t type, int rank, const char *const *dimensions,
                           bool in_one_piece)
{
    if (h5->failed) return -1;
    hid_t scales[PF_H5_MOST], dataset = -1;
    hsize_t size[PF_H5_MOST] = {0};
    for (int i = 0; i < rank; i++) {
        scales[i] = H5Dopen2(pf_h5_place(h5), dimensions[i], H5P_DEFAULT);
        if (pf_h5_good(h5, scales[i])) size[i] = length_of_dimension(h5, scales[i]);
    }
    if (!h5->failed) dataset = create_dataset(h5, name, type, rank, size, in_one_piece);
    for (int i = 0; i < rank; i++) {
        if (!h5->failed) pf_h5_good(h5, H5DSattach_scale(dataset, scales[i], (unsigned)i));
        if (scales[i] >= 0) H5Dclose(scales[i]);
    }
    return dataset;
}

hid_t pf_h5_variable(pf_h5 *h5, const char *name, hid_t type, int rank, const char *const *dimensions)
{
    return make_variable(h5, name, type, rank, dimensions, false);
}

hid_t pf_h5_large_variable(pf_h5 *h5, const char *name, int rank, const char *const *dimensions)
{
    return make_variable(h5, name, H5T_IEEE_F64LE, rank, dimensions, true);
}

void pf_h5_write(pf_h5 *h5, hid_t dataset, hid_t memory_type, const void *values)
{
    if (!h5->failed) pf_h5_good(h5, H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
}

void pf_h5_write_part(pf_h5 *h5, hid_t dataset, hid_t memory_type, const hsize_t *first, const hsize_t *count,
                      const void *values)
{
    if (h5->failed) return;
    hid_t selected = H5Dget_space(dataset);
    if (!pf_h5_good(h5, selected)) return;
    hid_t memory = H5Screate_simple(H5Sget_simple_extent_ndims(selected), count, NULL);
    if (pf_h5_good(h5, H5Sselect_hyperslab(selected, H5S_SELECT_SET, first, NULL, count, NULL)))
        pf_h5_good(h5, H5Dwrite(dataset, memory_type, memory, selected, H5P_DEFAULT, values));
    H5Sclose(memory);
    H5Sclose(selected);
}

void pf_h5_write_texts(pf_h5 *h5, hid_t dataset, const char *const *texts, size_t count)
{
    const char **present = pf_malloc(count * sizeof *present);
    for (size_t i = 0; i < count; i++) present[i] = texts[i] ? texts[i] : "";
    hid_t type = pf_h5_text_type();
    if (count) pf_h5_write(h5, dataset, type, present);
    H5Tclose(type);
    free(present);
}

void pf_h5_text_dimension(pf_h5 *h5, const char *name, const char *const *texts, size_t count, const char *long_name)
{
    hid_t type = pf_h5_text_type();
    hid_t dataset = pf_h5_dimension(h5, name, type, count);
    pf_h5_set_text(h5, dataset, "long_name", long_name);
    pf_h5_write_texts(h5, dataset, texts, count);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_h5_text_variable(pf_h5 *h5, const char *name, const char *dimension, const char *const *texts, size_t count,
                         const char *long_name)
{
    hid_t type = pf_h5_text_type();
    hid_t dataset = pf_h5_variable(h5, name, type, 1, &dimension);
    pf_h5_set_text(h5, dataset, "long_name", long_name);
    pf_h5_write_texts(h5, dataset, texts, count);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

static void set_attribute(pf_h5 *h5, hid_t object, const char *name, hid_t type, hid_t space, const void *value)
{
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (!pf_h5_good(h5, attribute)) return;
    pf_h5_good(h5, H5Awrite(attribute, type, value));
    H5Aclose(attribute);
}

void pf_h5_text_scalar(pf_h5 *h5, const char *name, const char *text, const char *long_name)
{
    hid_t type = pf_h5_text_type(), dataset = pf_h5_variable(h5, name, type, 0, NULL);
    pf_h5_set_text(h5, dataset, "long_name", long_name);
    pf_h5_write_texts(h5, dataset, &text, 1);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_h5_number_variable(pf_h5 *h5, const char *name, int rank, const char *const *dimensions, const double *values,
                           const char *long_name, const char *units, const char *comment)
{
    hid_t dataset = pf_h5_variable(h5, name, H5T_IEEE_F64LE, rank, dimensions);
    pf_h5_set_text(h5, dataset, "long_name", long_name);
    pf_h5_set_text(h5, dataset, "units", units);
    pf_h5_set_text(h5, dataset, "comment", comment);
    pf_h5_write(h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_h5_flag_variable(pf_h5 *h5, const char *name, const char *dimension, const bool *flags, size_t count,
                         const char *long_name)
{
    int8_t *values = pf_calloc(count + 1, sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = flags[i];
    hid_t dataset = pf_h5_variable(h5, name, H5T_STD_I8LE, 1, &dimension);
    pf_h5_set_text(h5, dataset, "long_name", long_name);
    pf_h5_write(h5, dataset, H5T_NATIVE_INT8, values);
    if (dataset >= 0) H5Dclose(dataset);
    free(values);
}

void pf_h5_set_text(pf_h5 *h5, hid_t object, const char *name, const char *text)
{
    if (h5->failed || !text || !*text) return;
    bool is_long = strlen(text) > LONGEST_IN_HEADER;
    hid_t type = text_type_of_size(is_long ? H5T_VARIABLE : strlen(text)), space = H5Screate(H5S_SCALAR);
    set_attribute(h5, object, name, type, space, is_long ? (const void *)&text : text);
    H5Sclose(space);
    H5Tclose(type);
}

/* netCDF's attributes are lists: of one here. */
static void set_list_of_one(pf_h5 *h5, hid_t object, const char *name, hid_t type, const void *value)
{
    if (h5->failed) return;
    hid_t space = H5Screate_simple(1, (hsize_t[]){1}, NULL);
    set_attribute(h5, object, name, type, space, value);
    H5Sclose(space);
}

void pf_h5_set_number(pf_h5 *h5, hid_t object, const char *name, double number)
{
    set_list_of_one(h5, object, name, H5T_NATIVE_DOUBLE, &number);
}

void pf_h5_set_integer(pf_h5 *h5, hid_t object, const char *name, int64_t number)
{
    set_list_of_one(h5, object, name, H5T_NATIVE_INT64, &number);
}

void pf_h5_open(pf_h5 *h5, const char *path)
{
    h5->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    pf_h5_good(h5, h5->file);
}

bool pf_h5_has(const pf_h5 *h5, const char *dataset)
{
    return H5Lexists(h5->file, dataset, H5P_DEFAULT) > 0;
}

const char *pf_h5_get_text(hid_t object, const char *name, pf_arena *arena)
{
    if (H5Aexists(object, name) <= 0) return NULL;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    char *text = NULL, *longer = NULL;
    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) {
        text = NULL;
    } else if (H5Tis_variable_str(type) > 0) {
        if (H5Aread(attribute, type, &longer) >= 0 && longer) text = pf_copy_text(arena, longer, strlen(longer));
        if (longer) H5free_memory(longer);
    } else {
        text = pf_alloc(arena, H5Tget_size(type) + 1);
        if (H5Aread(attribute, type, text) < 0) text = NULL;
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return text;
}

int64_t pf_h5_get_integer(hid_t object, const char *name, int64_t none)
{
    if (H5Aexists(object, name) <= 0) return none;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), space = H5Aget_space(attribute);
    int64_t number = none;
    if (H5Sget_simple_extent_npoints(space) != 1 || H5Aread(attribute, H5T_NATIVE_INT64, &number) < 0) number = none;
    H5Sclose(space);
    H5Aclose(attribute);
    return number;
}

/* The number of values in a dataset; -1 and a failure where there is no such dataset. */
static hssize_t open_dataset(pf_h5 *h5, const char *name, hid_t *dataset, hid_t *space)
{
    *dataset = *space = -1;
    if (h5->failed) return -1;
    if (pf_h5_has(h5, name)) *dataset = H5Dopen2(h5->file, name, H5P_DEFAULT);
    if (*dataset >= 0) *space = H5Dget_space(*dataset);
    if (*space < 0) pf_h5_fail(h5, "dataset '%s' is missing", name);
    return *space < 0 ? -1 : H5Sget_simple_extent_npoints(*space);
}

const char **pf_h5_get_texts(pf_h5 *h5, const char *name, size_t *count, pf_arena *arena)
{
    hid_t dataset, space, type = -1;
    hssize_t length = open_dataset(h5, name, &dataset, &space);
    const char **texts = NULL;
    *count = 0;
    if (length < 0) goto done;
    type = H5Dget_type(dataset);
    if (H5Tis_variable_str(type) <= 0) {
        pf_h5_fail(h5, "dataset '%s' is not a list of texts", name);
        goto done;
    }
    char **read = pf_calloc((size_t)length, sizeof *read);
    texts = PF_ARRAY(arena, const char *, (size_t)length + 1);
    if (pf_h5_good(h5, H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, read))) {
        for (hssize_t i = 0; i < length; i++) texts[i] = read[i] ? pf_copy_text(arena, read[i], strlen(read[i])) : "";
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, read);
        *count = (size_t)length;
    }
    free(read);
done:
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    return h5->failed ? NULL : texts;
}

void *pf_h5_get_numbers(pf_h5 *h5, const char *name, hid_t memory_type, size_t count, pf_arena *arena)
{
    hid_t dataset, space;
    hssize_t length = open_dataset(h5, name, &dataset, &space);
    void *values = NULL;
    if (length >= 0 && (size_t)length != count)
        pf_h5_fail(h5, "dataset '%s' holds %lld values, expected %zu", name, (long long)length, count);
    if (!h5->failed) {
        values = pf_alloc(arena, count * H5Tget_size(memory_type));
        pf_h5_good(h5, H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    }
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    return h5->failed ? NULL : values;
}
