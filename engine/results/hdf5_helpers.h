/* Small HDF5 steps that the writer and the reader of results files share. The first failure is kept as a reason and
 * turns every later step into nothing, so that callers ask once, at the end. HDF5 prints no errors meanwhile. */
#ifndef PF_HDF5_HELPERS_H
#define PF_HDF5_HELPERS_H

#include "base/arena.h"

#include <hdf5.h>
#include <stdbool.h>

enum { PF_H5_RANK = 4 }; /* the most dimensions a variable has */

typedef struct {
    hid_t file; /* negative: none is open */
    bool failed;
    char reason[256];
    H5E_auto2_t printer; /* what HDF5 did with its errors before */
    void *printer_data;
} pf_h5;

/* Between these two HDF5 is silent; the second closes the file. */
void pf_h5_begin(pf_h5 *h5);
void pf_h5_end(pf_h5 *h5);

/* Keeps the first reason. pf_h5_good keeps HDF5's own, if `result` is negative. */
void pf_h5_fail(pf_h5 *h5, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool pf_h5_good(pf_h5 *h5, int64_t result);

/* A new file in memory (`name` only has to be free for HDF5 to look at), and its bytes, released by free(). */
void pf_h5_create(pf_h5 *h5, const char *name);
void *pf_h5_image(pf_h5 *h5, size_t *size);

/* The string type of all labels: UTF-8 of any length. Closed by H5Tclose. */
hid_t pf_h5_text_type(void);

/* A dimension with its coordinate, which the caller writes; `type` -1: a dimension without. Closed by H5Dclose. */
hid_t pf_h5_dimension(pf_h5 *h5, const char *name, hid_t type, size_t length);
/* A variable of dimensions made before; rank 0 is a scalar. Doubles are filled with NaN. Closed by H5Dclose. */
hid_t pf_h5_variable(pf_h5 *h5, const char *name, hid_t type, int rank, const char *const *dimensions);
void pf_h5_write(pf_h5 *h5, hid_t dataset, hid_t memory_type, const void *values);
/* Texts into a dataset of text type; NULL is written as "". */
void pf_h5_write_texts(pf_h5 *h5, hid_t dataset, const char *const *texts, size_t count);

/* Attributes; NULL or "" writes none. */
void pf_h5_set_text(pf_h5 *h5, hid_t object, const char *name, const char *text);
void pf_h5_set_number(pf_h5 *h5, hid_t object, const char *name, double number);

/* An existing file, for reading. */
void pf_h5_open(pf_h5 *h5, const char *path);
bool pf_h5_has(const pf_h5 *h5, const char *dataset);
/* A text attribute; NULL where there is none. */
const char *pf_h5_get_text(hid_t object, const char *name, pf_arena *arena);
/* All texts of a list; NULL and a failure where it is none. */
const char **pf_h5_get_texts(pf_h5 *h5, const char *dataset, size_t *count, pf_arena *arena);
/* All numbers of a dataset, which must be `count`; NULL and a failure if not. */
void *pf_h5_get_numbers(pf_h5 *h5, const char *dataset, hid_t memory_type, size_t count, pf_arena *arena);

#endif
