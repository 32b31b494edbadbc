/* The files that a model names, each read once: first those that came along in a stored input, then those of the disk.
 * What cannot be read is said where it is named. */
#ifndef PF_FILE_H
#define PF_FILE_H

#include "base/diagnostics.h"
#include "base/map.h"

/* A file as it was read; a zero byte stands behind its text. */
typedef struct {
    const char *path; /* for marks */
    const char *text;
    size_t size;
    const struct pf_csv *table; /* what csv.c has read it as, kept for who asks again */
} pf_file;

typedef struct {
    pf_arena *arena;
    pf_map read;   /* by path: pf_file */
    pf_map stored; /* by the file that brought it and its name: pf_file */
} pf_files;

pf_files *pf_files_new(pf_arena *arena);

/* The file `name`, which is named at `from`: what the file there brought along under that name, else a regular file of
 * at most 64 MB beside it. NULL after an error, which is placed at `from`, or at the file as a whole where the command
 * line names it. */
const pf_file *pf_file_read(pf_files *files, const char *name, pf_mark from, pf_diagnostics *diagnostics);

/* From now on `path` has this text, which is copied, whatever stands on the disk. */
void pf_file_put(pf_files *files, const char *path, const char *text);
/* The file `holder` brings a text along, under the name that it has there; the text is kept, not copied. */
void pf_file_store(pf_files *files, const char *holder, const char *name, const char *text);

/* The place of the first byte that is no UTF-8; `size` where there is none. */
size_t pf_wrong_byte(const char *text, size_t size);

/* `name` relative to the folder of the file that `mark` stands in; as it is where the command line names it. */
const char *pf_path_beside(pf_arena *arena, pf_mark mark, const char *name);
/* The name of a file that is named under `use:` at `from`: as it is if something of that name is beside; else its
 * absolute path among the scenarios that came with the program, if it is there: in the folder that PARKFLOW_SCENARIOS
 * names, or where they were installed or are in the source tree. */
const char *pf_name_used(pf_files *files, pf_mark from, const char *name);

#endif
