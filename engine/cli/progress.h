/* A line on a terminal that says how far a sweep is; nothing in a pipe. */
#ifndef PF_PROGRESS_H
#define PF_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <threads.h>

typedef struct {
    bool shown;                     /* standard error is a terminal */
    uint64_t members, done, before; /* before: done when this process began */
    double began, next;             /* seconds; when the line is due again */
    mtx_t lock;
} pf_progress;

/* `done` of `members` are there already. */
void pf_progress_begin(pf_progress *self, uint64_t members, uint64_t done, bool quiet);
/* Safe from several threads. */
void pf_progress_add(pf_progress *self, uint64_t members);
/* Takes the line away. */
void pf_progress_end(pf_progress *self);

/* Seconds of a clock that only runs forward. */
double pf_seconds(void);

#endif
