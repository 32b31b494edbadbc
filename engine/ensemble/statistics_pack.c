/* Statistics as bytes and back: for a checkpoint, and from shard to shard. All numbers are little-endian; counts of
 * bins, most of them small, are in LEB128 (7 bits a byte, low ones first; the top bit says that more follow).
 *
 *   header  8 bytes "pfstats\n", version, linear bins, cells: 64 bits each
 *   cell    grid and state, field by field: 64 bits each; counts of the row, then those of the octaves that count
 *           something, of the lower and of the upper tail
 *
 * Equal statistics give equal bytes. */
#include "ensemble/statistics_cells.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, HEADER_BYTES = 32, LONGEST_COUNT = 5 };
enum { CELL_BYTES = (sizeof(pf_grid) + sizeof(pf_cell_state)) };
_Static_assert(CELL_BYTES == 8 * (6 + 8 + PF_SUM_WORDS + PF_SQUARES_WORDS + 2), "fields of 64 bits, without padding");
static const char MAGIC[8] = "pfstats\n";

/* --- writing --- */

static uint8_t *put_word(uint8_t *at, uint64_t word)
{
    for (int i = 0; i < 8; i++) *at++ = (uint8_t)(word >> 8 * i);
    return at;
}

static uint8_t *put_words(uint8_t *at, const void *fields, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word;
        memcpy(&word, (const char *)fields + i, 8);
        at = put_word(at, word);
    }
    return at;
}

static uint8_t *put_count(uint8_t *at, uint32_t count)
{
    for (; count >= 0x80; count >>= 7) *at++ = (uint8_t)(count | 0x80);
    *at++ = (uint8_t)count;
    return at;
}

static uint8_t *put_tail(uint8_t *at, const pf_statistics *self, size_t cell, pf_tail tail)
{
    for (size_t i = 0; i < PF_OCTAVES; i++) {
        if (!(self->states[cell].octaves[tail] >> i & 1)) continue;
        const uint32_t *octave = pf_octave(self, tail, i, cell);
        for (size_t k = 0; k < PF_PARTS; k++) at = put_count(at, octave[k]);
    }
    return at;
}

static uint8_t *put_cell(uint8_t *at, const pf_statistics *self, size_t cell)
{
    const uint32_t *row = pf_row(self, cell);
    at = put_words(at, &self->grids[cell], sizeof *self->grids);
    at = put_words(at, &self->states[cell], sizeof *self->states);
    for (size_t k = 0; k <= self->linear_bins; k++) at = put_count(at, row[k]);
    at = put_tail(at, self, cell, PF_LOWER_TAIL);
    return put_tail(at, self, cell, PF_UPPER_TAIL);
}

static size_t octaves_of(const pf_cell_state *state)
{
    return (size_t)__builtin_popcountll(state->octaves[PF_LOWER_TAIL]) +
           (size_t)__builtin_popcountll(state->octaves[PF_UPPER_TAIL]);
}

static size_t most_bytes(const pf_statistics *self)
{
    size_t counts = self->cells * (self->linear_bins + 1);
    for (size_t i = 0; i < self->cells; i++) counts += PF_PARTS * octaves_of(&self->states[i]);
    return HEADER_BYTES + self->cells * CELL_BYTES + counts * LONGEST_COUNT;
}

void *pf_statistics_pack(const pf_statistics *self, size_t *size)
{
    uint8_t *bytes = pf_malloc(most_bytes(self)), *at = bytes;
    memcpy(at, MAGIC, sizeof MAGIC);
    at = put_word(at + sizeof MAGIC, VERSION);
    at = put_word(at, self->linear_bins);
    at = put_word(at, self->cells);
    for (size_t i = 0; i < self->cells; i++) at = put_cell(at, self, i);
    *size = (size_t)(at - bytes);
    void *shorter = realloc(bytes, *size);
    return shorter ? shorter : bytes;
}

/* --- reading --- */

/* What is left to read; `damaged` once something was not as written. */
typedef struct {
    const uint8_t *at, *end;
    bool damaged;
} reader;

static uint64_t take_word(reader *r)
{
    uint64_t word = 0;
    if (r->end - r->at < 8) {
        r->damaged = true;
        return 0;
    }
    for (int i = 0; i < 8; i++) word |= (uint64_t)*r->at++ << 8 * i;
    return word;
}

static void take_words(reader *r, void *fields, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = take_word(r);
        memcpy((char *)fields + i, &word, 8);
    }
}

/* A count of more than 32 bits, or with zeros at its end, was not written here. */
static uint32_t take_count(reader *r)
{
    uint64_t count = 0;
    for (int i = 0; i < LONGEST_COUNT && r->at < r->end; i++) {
        uint8_t byte = *r->at++;
        count |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte & 0x80) continue;
        if (count > UINT32_MAX || (byte == 0 && i > 0)) break;
        return (uint32_t)count;
    }
    r->damaged = true;
    return 0;
}

static uint64_t take_counts(reader *r, uint32_t *counts, size_t count)
{
    uint64_t sum = 0;
    for (size_t k = 0; k < count && !r->damaged; k++) sum += counts[k] = take_count(r);
    return sum;
}

static uint64_t take_tail(reader *r, pf_statistics *self, size_t cell, pf_tail tail)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < PF_OCTAVES && !r->damaged; i++) {
        if (!(self->states[cell].octaves[tail] >> i & 1)) continue;
        uint64_t octave = take_counts(r, pf_octave(self, tail, i, cell), PF_PARTS);
        if (octave == 0) r->damaged = self->states[cell].finite <= UINT32_MAX;
        sum += octave;
    }
    return sum;
}

static bool is_sound_grid(const pf_grid *grid)
{
    return isfinite(grid->centre) && isfinite(grid->low) && isfinite(grid->atom) && isfinite(grid->per_bin) &&
           grid->per_bin > 0 && grid->exponent >= -1022 && grid->exponent <= 1022;
}

/* counted: in all bins, which beyond 32 bits may have wrapped. */
static bool is_sound_state(const pf_cell_state *state, uint64_t counted, uint64_t atoms)
{
    uint64_t limit = UINT64_MAX / 4, all = pf_all_values(state);
    if (state->finite > limit || state->negative_infinite > limit || state->positive_infinite > limit) return false;
    if (state->finite == 0 ? state->least != INFINITY || state->greatest != -INFINITY
                           : !(isfinite(state->least) && isfinite(state->greatest) && state->least <= state->greatest))
        return false;
    if (state->above_threshold > all || state->far > state->finite || state->below_atom > state->finite) return false;
    return state->finite > UINT32_MAX || (counted == state->finite && atoms <= state->finite - state->below_atom);
}

static void take_cell(reader *r, pf_statistics *self, size_t cell)
{
    uint32_t *row = pf_row(self, cell);
    take_words(r, &self->grids[cell], sizeof *self->grids);
    take_words(r, &self->states[cell], sizeof *self->states);
    uint64_t counted = take_counts(r, row, self->linear_bins + 1);
    counted += take_tail(r, self, cell, PF_LOWER_TAIL);
    counted += take_tail(r, self, cell, PF_UPPER_TAIL);
    if (!is_sound_grid(&self->grids[cell]) || !is_sound_state(&self->states[cell], counted, row[self->linear_bins]))
        r->damaged = true;
}

/* Sizes are checked against the bytes at hand before anything is allocated. */
pf_statistics *pf_statistics_unpack(const void *bytes, size_t size)
{
    if (size < HEADER_BYTES || memcmp(bytes, MAGIC, sizeof MAGIC)) return NULL;
    reader r = {.at = (const uint8_t *)bytes + sizeof MAGIC, .end = (const uint8_t *)bytes + size};
    uint64_t version = take_word(&r), linear_bins = take_word(&r), cells = take_word(&r);
    if (version != VERSION || linear_bins < 1 || linear_bins > PF_MOST_LINEAR_BINS) return NULL;
    if (cells > (size - HEADER_BYTES) / (CELL_BYTES + linear_bins + 1)) return NULL;
    pf_statistics *self = pf_statistics_new(cells, linear_bins);
    for (size_t i = 0; i < cells && !r.damaged; i++) take_cell(&r, self, i);
    if (!r.damaged && r.at == r.end) return self;
    pf_statistics_free(self);
    return NULL;
}
