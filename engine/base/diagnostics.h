/* Errors of the user's input: collected, sorted by place, printed together.
 * A message says what was found, what was expected and, where a name is wrong, the nearest valid one. */
#ifndef PF_DIAGNOSTICS_H
#define PF_DIAGNOSTICS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdio.h>

/* Where something stands in the input. Lines and columns count from 1; 0 is "none". */
typedef struct {
    const char *file; /* NULL: the command line */
    int line, column;
} pf_mark;

typedef enum { PF_OK, PF_FAILED } pf_status;

typedef struct pf_diagnostics pf_diagnostics;

pf_diagnostics *pf_diagnostics_new(void);
void pf_diagnostics_free(pf_diagnostics *diagnostics);

/* Adds an error; the same message at the same place is kept once. Returns PF_FAILED, so that a caller can `return
 * pf_error(...)`. */
pf_status pf_error(pf_diagnostics *diagnostics, pf_mark at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a remark that fails nothing. */
void pf_warn(pf_diagnostics *diagnostics, pf_mark at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Moves all messages of `from`, which is empty afterwards, behind those of `to`. */
void pf_diagnostics_move(pf_diagnostics *to, pf_diagnostics *from);

size_t pf_error_count(const pf_diagnostics *diagnostics);
/* "FILE:LINE:COLUMN: error: MESSAGE", a line each, by file (in order of appearance) and place. */
void pf_diagnostics_print(const pf_diagnostics *diagnostics, FILE *out);
/* The first error's message, without its place; NULL where there is none. */
const char *pf_first_error(const pf_diagnostics *diagnostics);

/* A later byte of a character of UTF-8: columns count characters. */
bool pf_is_later_byte(char byte);
/* The first `most` characters of a text, or all of it. */
const char *pf_first_characters(pf_arena *arena, const char *text, size_t most);
/* A text as a message quotes it: whole, or its first 60 characters and "...". */
const char *pf_shortened(pf_arena *arena, const char *text);

/* A search for the name nearest to `wanted` (by optimal string alignment distance, at most a third of its length):
 * offer each candidate, then read `best`, NULL if none is near. */
typedef struct {
    const char *wanted, *best;
    size_t distance;
} pf_nearest;
pf_nearest pf_nearest_to(const char *wanted);
void pf_nearest_offer(pf_nearest *search, const char *candidate);
/* ", did you mean 'NAME'?" or "" */
const char *pf_nearest_hint(const pf_nearest *search, pf_arena *arena);

#endif
