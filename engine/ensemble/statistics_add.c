/* Adds values to cells. A batch of ordinary values (finite, and not far from the centre) goes through plain loops that
 * the compiler vectorises; others are taken out first and added one by one. Which way a value goes depends on the value
 * alone, and all that is added is whole numbers, so that no order shows. */
#include "ensemble/statistics_cells.h"
#include "ensemble/wide_integer.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

/* Built for several vector widths, of which the machine's is taken at start; the bits are the same. */
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))

/* With 256 integers of up to 45 bits, sums of them, and of the products of their halves of 22 bits, are below 2^53 and
 * so exact in doubles. */
enum { BATCH = 256, LANES = 4, HALF_BITS = 23 };
static const double ORDINARY = 0x1p45;
/* Added and subtracted, it rounds to a whole number, ties to even: units in the last place of 2^52 to 2^53 are 1. */
static const double ROUNDING = 0x1.8p52;

/* Vectors of the compiler; a comparison gives a mask of all ones or zeros a lane. */
typedef double lanes __attribute__((vector_size(LANES * 8), may_alias));
typedef int64_t masks __attribute__((vector_size(LANES * 8)));
typedef int32_t whole_lanes __attribute__((vector_size(LANES * 4), may_alias));

typedef struct {
    size_t count;
    alignas(64) double x[BATCH];     /* the values, the last repeated up to a multiple of LANES */
    alignas(64) double y[BATCH];     /* their distance from the centre in steps, followed by zeros */
    alignas(64) int32_t slot[BATCH]; /* of the row; -1: in a tail */
} batch;

typedef struct {
    double integers, high, mixed, low; /* sums of i, and of the products of i's halves */
    double least, greatest;
} batch_sums;

/* Returns how many are not ordinary. */
WIDE static int place(batch *b, const double *values, const pf_grid *grid, double scale)
{
    int strange = 0;
    for (size_t j = 0; j < b->count; j++) {
        b->x[j] = values[j];
        b->y[j] = (values[j] - grid->centre) * scale;
        strange += !(fabs(b->y[j]) < ORDINARY);
    }
    return strange;
}

static void pad(batch *b)
{
    for (size_t j = b->count; j % LANES != 0; j++) {
        b->x[j] = b->x[b->count - 1];
        b->y[j] = 0;
    }
}

static double total(const lanes *l)
{
    double sum = 0;
    for (size_t i = 0; i < LANES; i++) sum += (*l)[i];
    return sum;
}

WIDE static void sum_up(const batch *b, batch_sums *sums)
{
    lanes integers = {0}, high = {0}, mixed = {0}, low = {0};
    const lanes *y = (const lanes *)b->y;
    for (size_t j = 0; j < b->count; j += LANES, y++) {
        lanes i = (*y + ROUNDING) - ROUNDING;
        lanes upper = (i * 0x1p-23 + ROUNDING) - ROUNDING, lower = i - upper * 0x1p23;
        integers += i;
        high += upper * upper;
        mixed += upper * lower;
        low += lower * lower;
    }
    *sums =
        (batch_sums){.integers = total(&integers), .high = total(&high), .mixed = total(&mixed), .low = total(&low)};
}

WIDE static void find_extremes(const batch *b, batch_sums *sums)
{
    double least[LANES], greatest[LANES];
    for (size_t l = 0; l < LANES; l++) least[l] = greatest[l] = b->x[0];
    for (size_t j = 0; j < b->count; j += LANES) {
        for (size_t l = 0; l < LANES; l++) {
            double x = b->x[j + l];
            least[l] = x < least[l] ? x : least[l];
            greatest[l] = x > greatest[l] ? x : greatest[l];
        }
    }
    sums->least = sums->greatest = b->x[0];
    for (size_t l = 0; l < LANES; l++) {
        sums->least = least[l] < sums->least ? least[l] : sums->least;
        sums->greatest = greatest[l] > sums->greatest ? greatest[l] : sums->greatest;
    }
}

WIDE static void find_slots(batch *b, const pf_grid *grid, double bins)
{
    const lanes *x = (const lanes *)b->x, outside = (lanes){0} - 1, atom_slot = (lanes){0} + bins;
    whole_lanes *slot = (whole_lanes *)b->slot;
    for (size_t j = 0; j < b->count; j += LANES, x++, slot++) {
        lanes t = (*x - grid->low) * grid->per_bin;
        masks inside = (t >= 0) & (t < bins), atom = *x == grid->atom;
        masks linear = ((masks)t & inside) | ((masks)outside & ~inside);
        *slot = __builtin_convertvector((lanes)(((masks)atom_slot & atom) | (linear & ~atom)), whole_lanes);
    }
}

WIDE static void compare(const batch *b, const pf_grid *grid, uint64_t *below, uint64_t *above)
{
    uint64_t less = 0, more = 0;
    for (size_t j = 0; j < b->count; j++) less += b->x[j] < grid->atom;
    for (size_t j = 0; j < b->count; j++) more += b->x[j] > grid->threshold;
    *below += less;
    *above += more;
}

/* Adding 0 makes -0 a 0, whichever of them came first. */
static void widen(pf_cell_state *state, double least, double greatest)
{
    state->least = (least < state->least ? least : state->least) + 0.0;
    state->greatest = (greatest > state->greatest ? greatest : state->greatest) + 0.0;
}

/* Adds `sign` * magnitude * 2^shift. */
static void add_integer(pf_cell_state *state, bool negative, uint64_t magnitude, unsigned shift)
{
    uint64_t term[PF_SUM_WORDS];
    pf_wide_set(term, PF_SUM_WORDS, magnitude, shift);
    if (negative) pf_wide_subtract(state->sum, term, PF_SUM_WORDS);
    else pf_wide_add(state->sum, term, PF_SUM_WORDS);
}

static void add_square(pf_cell_state *state, pf_uint128 square, unsigned shift)
{
    uint64_t term[PF_SQUARES_WORDS];
    pf_wide_set(term, PF_SQUARES_WORDS, square, shift);
    pf_wide_add(state->squares, term, PF_SQUARES_WORDS);
}

static void add_sums(pf_cell_state *state, const batch_sums *sums)
{
    add_integer(state, sums->integers < 0, (uint64_t)fabs(sums->integers), 0);
    __int128 square = (__int128)sums->high * ((__int128)1 << 2 * HALF_BITS) +
                      (__int128)sums->mixed * ((__int128)1 << (HALF_BITS + 1)) + (__int128)sums->low;
    add_square(state, (pf_uint128)square, 0);
    widen(state, sums->least, sums->greatest);
}

static void count_in_tail(pf_statistics *self, size_t cell, double x)
{
    const pf_grid *grid = &self->grids[cell];
    double t = (x - grid->low) * grid->per_bin;
    pf_tail tail = t < 0 ? PF_LOWER_TAIL : PF_UPPER_TAIL;
    double distance = (t < 0 ? -t : t - (double)self->linear_bins) + PF_PARTS;
    uint64_t bits; /* exponent and first bits of the fraction are octave and part */
    memcpy(&bits, &distance, sizeof bits);
    uint64_t bin = (bits >> (52 - PF_PARTS_BITS)) - ((1023 + PF_PARTS_BITS) << PF_PARTS_BITS);
    if (bin >= PF_TAIL_BINS) bin = PF_TAIL_BINS - 1;
    uint64_t octave = bin / PF_PARTS;
    pf_octave(self, tail, octave, cell)[bin % PF_PARTS]++;
    self->states[cell].octaves[tail] |= (uint64_t)1 << octave;
}

static void count_all(pf_statistics *self, size_t cell, const batch *b)
{
    uint32_t *row = pf_row(self, cell), last = (uint32_t)self->linear_bins;
    for (size_t j = 0; j < b->count; j++) {
        uint32_t slot = (uint32_t)b->slot[j];
        if (slot <= last) row[slot]++;
        else count_in_tail(self, cell, b->x[j]);
    }
}

static void add_ordinary(pf_statistics *self, size_t cell, batch *b)
{
    if (b->count == 0) return;
    const pf_grid *grid = &self->grids[cell];
    pf_cell_state *state = &self->states[cell];
    batch_sums sums;
    pad(b);
    sum_up(b, &sums);
    find_extremes(b, &sums);
    add_sums(state, &sums);
    find_slots(b, grid, (double)self->linear_bins);
    compare(b, grid, &state->below_atom, &state->above_threshold);
    count_all(self, cell, b);
    state->finite += b->count;
}

/* y, rounded to a whole number, into the sums. */
static void sum_one(pf_cell_state *state, double y)
{
    double magnitude = fabs(rint(y));
    if (!(magnitude < ldexp(1, PF_FARTHEST_BITS))) {
        state->far++;
        return;
    }
    int exponent = 0;
    double fraction = frexp(magnitude, &exponent);
    unsigned shift = exponent > 53 ? (unsigned)exponent - 53 : 0;
    uint64_t digits = (uint64_t)ldexp(fraction, exponent - (int)shift);
    add_integer(state, y < 0, digits, shift);
    add_square(state, (pf_uint128)digits * digits, 2 * shift);
}

static void add_strange(pf_statistics *self, size_t cell, double x, double y)
{
    const pf_grid *grid = &self->grids[cell];
    pf_cell_state *state = &self->states[cell];
    if (isnan(x)) return;
    state->above_threshold += x > grid->threshold;
    if (isinf(x)) {
        state->negative_infinite += x < 0;
        state->positive_infinite += x > 0;
        return;
    }
    state->finite++;
    widen(state, x, x);
    sum_one(state, y);
    if (x == grid->atom) {
        pf_row(self, cell)[self->linear_bins]++;
        return;
    }
    state->below_atom += x < grid->atom;
    double t = (x - grid->low) * grid->per_bin;
    if (t >= 0 && t < (double)self->linear_bins) pf_row(self, cell)[(size_t)t]++;
    else count_in_tail(self, cell, x);
}

/* Adds the strange ones and closes their gaps. */
static void take_out_strange(pf_statistics *self, size_t cell, batch *b)
{
    size_t kept = 0;
    for (size_t j = 0; j < b->count; j++) {
        double x = b->x[j], y = b->y[j];
        if (fabs(y) < ORDINARY) {
            b->x[kept] = x;
            b->y[kept++] = y;
        } else {
            add_strange(self, cell, x, y);
        }
    }
    b->count = kept;
}

/* Rows of many cells are not in the cache: the next is on its way while this one is summed. */
static void fetch_row(const pf_statistics *self, size_t cell)
{
    enum { LINE = 64 };
    const char *row = (const char *)pf_row(self, cell);
    for (size_t i = 0; i <= self->linear_bins * sizeof(uint32_t); i += LINE) __builtin_prefetch(row + i, 1);
}

void pf_statistics_add(pf_statistics *self, size_t first, size_t count, const double *values, size_t stride,
                       size_t members)
{
    batch b;
    for (size_t cell = first; cell < first + count; cell++, values += stride) {
        if (cell + 1 < first + count) fetch_row(self, cell + 1);
        double scale = ldexp(1, -(int)self->grids[cell].exponent);
        for (size_t start = 0; start < members; start += BATCH) {
            b.count = members - start < BATCH ? members - start : BATCH;
            if (place(&b, values + start, &self->grids[cell], scale)) take_out_strange(self, cell, &b);
            add_ordinary(self, cell, &b);
        }
    }
}
