/* The progress line: share done, rate and time left, at most five times a second. */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 24 };

double pf_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void pf_progress_begin(pf_progress *self, uint64_t members, uint64_t done, bool quiet)
{
    double now = pf_seconds();
    *self = (pf_progress){.shown = !quiet && isatty(STDERR_FILENO), .members = members, .done = done, .before = done};
    self->began = now;
    self->next = now + 0.5;
    mtx_init(&self->lock, mtx_plain);
}

static void print_duration(double seconds)
{
    long left = (long)(seconds + 0.5);
    if (left >= 3600) fprintf(stderr, "%ld h %02ld min", left / 3600, left / 60 % 60);
    else if (left >= 60) fprintf(stderr, "%ld min %02ld s", left / 60, left % 60);
    else fprintf(stderr, "%ld s", left);
}

static void print_line(const pf_progress *self, double now)
{
    double share = (double)self->done / (double)self->members;
    double rate = (double)(self->done - self->before) / (now - self->began);
    int full = (int)(share * BAR);
    fprintf(stderr, "\r\033[K[");
    for (int i = 0; i < BAR; i++) fputc(i < full ? '#' : '.', stderr);
    fprintf(stderr, "] %3.0f %%  %llu of %llu members  %.0f/s", 100 * share, (unsigned long long)self->done,
            (unsigned long long)self->members, rate);
    if (rate > 0) fputs("  ", stderr), print_duration((double)(self->members - self->done) / rate);
    if (rate > 0) fputs(" left", stderr);
    fflush(stderr);
}

void pf_progress_add(pf_progress *self, uint64_t members)
{
    if (!self->shown) return;
    mtx_lock(&self->lock);
    double now = pf_seconds();
    self->done += members;
    if (now >= self->next) {
        print_line(self, now);
        self->next = now + 0.2;
    }
    mtx_unlock(&self->lock);
}

void pf_progress_end(pf_progress *self)
{
    if (self->shown) fputs("\r\033[K", stderr), fflush(stderr);
    mtx_destroy(&self->lock);
}
