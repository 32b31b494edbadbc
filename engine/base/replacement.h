/* A file that takes the place of another at once: written under a temporary name beside it, synced, renamed. No reader
 * sees half of it, and on a failure the old one is as it was. */
#ifndef PF_REPLACEMENT_H
#define PF_REPLACEMENT_H

#include "base/diagnostics.h"

typedef struct {
    const char *path;
    char *temporary;
    int file; /* open for reading and writing; negative: there is none */
} pf_replacement;

/* A new empty file, with the rights that a plain new one gets; texts in the arena. NULL, or why not: a device or a
 * folder is refused, for renaming would put a file in its place. */
const char *pf_replacement_begin(pf_replacement *self, const char *path, pf_arena *arena);
/* Writes all bytes, or says why not. */
const char *pf_replacement_write(pf_replacement *self, const void *bytes, size_t size);
/* If `why` is NULL, syncs the file and puts it in its place; else removes it. Closes it either way, and returns why it
 * did not take its place: `why`, or what went wrong now. */
const char *pf_replacement_end(pf_replacement *self, const char *why, pf_arena *arena);

/* All of it at once: `path` then holds the bytes, or after an error what it held. */
pf_status pf_replace_file(const char *path, const void *bytes, size_t size, pf_diagnostics *diagnostics);
/* An error if there is a reason `why` not. */
pf_status pf_replacement_say(const char *path, const char *why, pf_diagnostics *diagnostics);

#endif
