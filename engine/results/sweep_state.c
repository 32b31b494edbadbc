/* The state of a sweep: made, packed for a checkpoint, read back, and shards put together. */
#include "results/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t STATISTICS_BYTES = 384 << 20,
                    MOST_BINS = 256;           /* more bins are finer than any reader needs, and miss the cache */
static const uint64_t FIRST_WORD = 0x31737770; /* "pws1" */

void pf_sweep_state_init(pf_sweep_state *self, const pf_sweep_plan *plan)
{
    size_t levels = plan->cells * plan->scenario_count, changes = plan->cells * plan->change_count;
    size_t bins = pf_statistics_bins_within(levels + changes, STATISTICS_BYTES);
    if (bins > MOST_BINS) bins = MOST_BINS;
    *self = (pf_sweep_state){.plan = plan,
                             .levels = pf_statistics_new(levels, bins),
                             .changes = pf_statistics_new(changes, bins),
                             .closures = pf_doubles(plan->model->closure_count),
                             .locks = pf_calloc(plan->scenario_count + 1, sizeof(mtx_t))};
    for (size_t i = 0; i <= plan->scenario_count; i++) mtx_init(&self->locks[i], mtx_plain);
    const pf_reduction *r = &plan->kept.first;
    for (size_t s = 0; s < plan->scenario_count; s++)
        for (size_t v = 0; v < plan->model->indicator_count; v++)
            for (size_t i = 0; i < r->parks * r->period_count; i++)
                pf_statistics_set_threshold(self->levels, s * plan->cells + pf_cell(r, v, 0, 0) + i,
                                            plan->thresholds[v]);
}

void pf_sweep_state_free(pf_sweep_state *self)
{
    for (size_t i = 0; i <= self->plan->scenario_count; i++) mtx_destroy(&self->locks[i]);
    pf_statistics_free(self->levels);
    pf_statistics_free(self->changes);
    free(self->closures);
    free(self->done.items);
    free(self->failures);
    free(self->locks);
}

void pf_sweep_state_clear(pf_sweep_state *self)
{
    pf_part *part = self->part;
    const pf_sweep_plan *plan = self->plan;
    pf_sweep_state_free(self);
    pf_sweep_state_init(self, plan);
    self->part = part;
}

/* --- packing: 64-bit words in the machine's order; on one of another order the first word is not right --- */

static void put_word(FILE *out, uint64_t word)
{
    fwrite(&word, sizeof word, 1, out);
}

static void put_number(FILE *out, double number)
{
    uint64_t word;
    memcpy(&word, &number, sizeof word);
    put_word(out, word);
}

static void put_statistics(FILE *out, const pf_statistics *statistics)
{
    size_t size;
    void *bytes = pf_statistics_pack(statistics, &size);
    put_word(out, size);
    fwrite(bytes, 1, size, out);
    free(bytes);
}

static void put_failure(FILE *out, pf_failed_member f)
{
    put_word(out, f.member);
    put_word(out, f.scenario);
    put_word(out, f.fault.kind);
    put_word(out, f.fault.step);
    put_word(out, f.fault.index);
}

void *pf_sweep_state_pack(const pf_sweep_state *self, size_t *size)
{
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, size);
    put_word(out, FIRST_WORD);
    put_word(out, self->done.count);
    for (size_t i = 0; i < self->done.count; i++) {
        put_word(out, self->done.items[i].first);
        put_word(out, self->done.items[i].count);
    }
    put_word(out, self->failed);
    put_word(out, self->failure_count);
    for (size_t i = 0; i < self->failure_count; i++) put_failure(out, self->failures[i]);
    put_word(out, self->plan->model->closure_count);
    for (size_t i = 0; i < self->plan->model->closure_count; i++) put_number(out, self->closures[i]);
    put_statistics(out, self->levels);
    put_statistics(out, self->changes);
    fclose(out);
    return bytes;
}

/* Reads words until the bytes end; then `failed`. */
typedef struct {
    const unsigned char *at, *end;
    bool failed;
} reader;

static uint64_t take_word(reader *r)
{
    uint64_t word = 0;
    if ((size_t)(r->end - r->at) < sizeof word) r->failed = true;
    if (r->failed) return 0;
    memcpy(&word, r->at, sizeof word);
    r->at += sizeof word;
    return word;
}

/* A number of items of `words` words each: as many as are there, at most. */
static size_t take_count(reader *r, size_t words)
{
    uint64_t count = take_word(r);
    if (count > (size_t)(r->end - r->at) / (words * sizeof(uint64_t))) r->failed = true;
    return r->failed ? 0 : (size_t)count;
}

static double take_number(reader *r)
{
    uint64_t word = take_word(r);
    double number;
    memcpy(&number, &word, sizeof number);
    return number;
}

static pf_statistics *take_statistics(reader *r, size_t cells)
{
    size_t size = (size_t)take_word(r);
    if (r->failed || size > (size_t)(r->end - r->at)) return NULL;
    pf_statistics *statistics = pf_statistics_unpack(r->at, size);
    r->at += size;
    if (!statistics || pf_statistics_cells(statistics) == cells) return statistics;
    pf_statistics_free(statistics);
    return NULL;
}

static void take_failures(reader *r, pf_sweep_state *self)
{
    self->failed = take_word(r);
    size_t count = take_count(r, 5);
    self->failures = pf_realloc(self->failures, count * sizeof *self->failures);
    self->failure_count = self->failure_capacity = count;
    for (size_t i = 0; i < count; i++) {
        pf_failed_member *f = &self->failures[i];
        f->member = take_word(r);
        f->scenario = (uint32_t)take_word(r);
        f->fault.kind = (pf_fault_kind)take_word(r);
        f->fault.step = (uint32_t)take_word(r);
        f->fault.index = (uint32_t)take_word(r);
        if (f->scenario >= self->plan->scenario_count) r->failed = true;
    }
}

static void replace_statistics(pf_statistics **old, pf_statistics *new)
{
    pf_statistics_free(*old);
    *old = new;
}

bool pf_sweep_state_unpack(pf_sweep_state *self, const void *bytes, size_t size)
{
    reader r = {bytes, (const unsigned char *)bytes + size, false};
    const pf_sweep_plan *plan = self->plan;
    if (take_word(&r) != FIRST_WORD) return false;
    size_t ranges = take_count(&r, 2);
    for (size_t i = 0; i < ranges; i++) {
        uint64_t first = take_word(&r), count = take_word(&r);
        pf_ranges_add(&self->done, first, count);
    }
    take_failures(&r, self);
    if (take_count(&r, 1) != plan->model->closure_count) return false;
    for (size_t i = 0; i < plan->model->closure_count; i++) self->closures[i] = take_number(&r);
    pf_statistics *levels = take_statistics(&r, plan->cells * plan->scenario_count);
    pf_statistics *changes = levels ? take_statistics(&r, plan->cells * plan->change_count) : NULL;
    if (changes) {
        replace_statistics(&self->levels, levels);
        replace_statistics(&self->changes, changes);
    } else pf_statistics_free(levels);
    return changes && !r.failed && r.at == r.end;
}

/* --- shards --- */

static int by_member(const void *left, const void *right)
{
    const pf_failed_member *a = left, *b = right;
    return a->member < b->member ? -1 : a->member > b->member;
}

/* Keeps those of the least numbers, so that which are kept does not hang on the order in which they came. */
void pf_sweep_keep_failures(pf_sweep_state *self)
{
    if (self->failure_count) qsort(self->failures, self->failure_count, sizeof *self->failures, by_member);
    if (self->failure_count > PF_FAILED_MEMBERS_KEPT) self->failure_count = PF_FAILED_MEMBERS_KEPT;
}

void pf_sweep_note_failure(pf_sweep_state *self, pf_failed_member failure)
{
    self->failed++;
    if (self->failure_count == 2 * PF_FAILED_MEMBERS_KEPT) pf_sweep_keep_failures(self);
    if (self->failure_count == self->failure_capacity) {
        self->failure_capacity = self->failure_capacity ? 2 * self->failure_capacity : 16;
        self->failures = pf_realloc(self->failures, self->failure_capacity * sizeof *self->failures);
    }
    self->failures[self->failure_count++] = failure;
}

bool pf_sweep_state_merge(pf_sweep_state *self, const pf_sweep_state *other, pf_diagnostics *diagnostics)
{
    if (pf_ranges_overlap(&self->done, &other->done))
        return pf_error(diagnostics, (pf_mark){0}, "two shards hold the same members"), false;
    if (!pf_statistics_merge(self->levels, other->levels) || !pf_statistics_merge(self->changes, other->changes))
        return pf_error(diagnostics, (pf_mark){0}, "two shards stand on different pilots"), false;
    for (size_t i = 0; i < other->done.count; i++)
        pf_ranges_add(&self->done, other->done.items[i].first, other->done.items[i].count);
    for (size_t i = 0; i < self->plan->model->closure_count; i++)
        self->closures[i] = fmax(self->closures[i], other->closures[i]);
    uint64_t failed = self->failed + other->failed;
    for (size_t i = 0; i < other->failure_count; i++) pf_sweep_note_failure(self, other->failures[i]);
    self->failed = failed;
    return true;
}
