/* Opening the files that a model names: what cannot be read is said where it is named. */
#ifndef PF_FILE_H
#define PF_FILE_H

#include "base/diagnostics.h"

/* A regular file of at most 64 MB, open for reading, and its size; NULL after an error, which is placed at `from`: the
 * text that names the file, or the file as a whole where the command line names it. */
FILE *pf_file_open(const char *path, pf_mark from, size_t *size, pf_diagnostics *diagnostics);

#endif
