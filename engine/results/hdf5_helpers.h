/* Small HDF5 steps that the writer and the reader of results files share. The first failure is kept as a reason and
 * turns every later step into nothing, so that callers ask once, at the end. HDF5 prints no errors meanwhile. */
#ifndef PF_HDF5_HELPERS_H
#define PF_HDF5_HELPERS_H

#include "base/arena.h"
#include "results/hdf5_disk.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

enum { PF_H5_RANK = 4, PF_H5_MOST = 6 }; /* dimensions of an indicator; the most that a variable has */

typedef struct {
    hid_t file;      /* negative: none is open */
    hid_t group;     /* where names are looked up and made; 0: in the file's root */
    pf_h5_disk disk; /* of pf_h5_create */
    bool failed;
    char reason[256];
    H5E_auto2_t printer; /* what HDF5 did with its errors before */
    void *printer_data;
} pf_h5;

/* Between these two HDF5 is silent; the second closes the file. A pf_h5 stays where it is meanwhile. */
void pf_h5_begin(pf_h5 *h5);
void pf_h5_end(pf_h5 *h5);

/* Keeps the first reason. pf_h5_good keeps HDF5's own, if `result` is negative, and the disk's. */
void pf_h5_fail(pf_h5 *h5, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool pf_h5_good(pf_h5 *h5, int64_t result);

/* A new file, written to the open descriptor `file`, which stays the caller's. */
void pf_h5_create(pf_h5 *h5, int file);

/* From here to pf_h5_leave_group names are those of a new group. */
void pf_h5_enter_group(pf_h5 *h5, const char *name);
void pf_h5_leave_group(pf_h5 *h5);
/* The group entered, or the file: for attributes. */
hid_t pf_h5_place(const pf_h5 *h5);

/* The string type of all labels: UTF-8 of any length. Closed by H5Tclose. */
hid_t pf_h5_text_type(void);

/* A dimension with its coordinate, which the caller writes; `type` -1: a dimension without. Closed by H5Dclose. */
hid_t pf_h5_dimension(pf_h5 *h5, const char *name, hid_t type, size_t length);
/* A variable of dimensions made before; rank 0 is a scalar. Doubles are filled with NaN. Closed by H5Dclose. */
hid_t pf_h5_variable(pf_h5 *h5, const char *name, hid_t type, int rank, const char *const *dimensions);
/* The same for many doubles that the caller writes in parts, all of them: in one piece, not compressed or filled. */
hid_t pf_h5_large_variable(pf_h5 *h5, const char *name, int rank, const char *const *dimensions);
void pf_h5_write(pf_h5 *h5, hid_t dataset, hid_t memory_type, const void *values);
/* The part of `count` values along each dimension from `first` on. */
void pf_h5_write_part(pf_h5 *h5, hid_t dataset, hid_t memory_type, const hsize_t *first, const hsize_t *count,
                      const void *values);
/* Texts into a dataset of text type; NULL is written as "". */
void pf_h5_write_texts(pf_h5 *h5, hid_t dataset, const char *const *texts, size_t count);

/* A whole dimension or variable of texts. */
void pf_h5_text_dimension(pf_h5 *h5, const char *name, const char *const *texts, size_t count, const char *long_name);
void pf_h5_text_variable(pf_h5 *h5, const char *name, const char *dimension, const char *const *texts, size_t count,
                         const char *long_name);

/* A scalar of text. */
void pf_h5_text_scalar(pf_h5 *h5, const char *name, const char *text, const char *long_name);
/* A whole variable of doubles; `units` NULL: they are said in `comment`. */
void pf_h5_number_variable(pf_h5 *h5, const char *name, int rank, const char *const *dimensions, const double *values,
                           const char *long_name, const char *units, const char *comment);
/* A whole variable of 0 and 1. */
void pf_h5_flag_variable(pf_h5 *h5, const char *name, const char *dimension, const bool *flags, size_t count,
                         const char *long_name);

/* Attributes; NULL or "" writes none. */
void pf_h5_set_text(pf_h5 *h5, hid_t object, const char *name, const char *text);
void pf_h5_set_number(pf_h5 *h5, hid_t object, const char *name, double number);
void pf_h5_set_integer(pf_h5 *h5, hid_t object, const char *name, int64_t number);

/* An existing file, for reading. */
void pf_h5_open(pf_h5 *h5, const char *path);
bool pf_h5_has(const pf_h5 *h5, const char *dataset);
/* A text attribute; NULL where there is none. */
const char *pf_h5_get_text(hid_t object, const char *name, pf_arena *arena);
/* A whole number; `none` where there is no such attribute. */
int64_t pf_h5_get_integer(hid_t object, const char *name, int64_t none);
/* All texts of a list; NULL and a failure where it is none. */
const char **pf_h5_get_texts(pf_h5 *h5, const char *dataset, size_t *count, pf_arena *arena);
/* All numbers of a dataset, which must be `count`; NULL and a failure if not. */
void *pf_h5_get_numbers(pf_h5 *h5, const char *dataset, hid_t memory_type, size_t count, pf_arena *arena);

#endif
