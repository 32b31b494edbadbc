/* Statistics of many cells: their making, the grids from a pilot, and merging. See also statistics_add.c (values in),
 * statistics_read.c (statistics out), statistics_pack.c (as bytes). */
#include "ensemble/statistics_cells.h"
#include "ensemble/wide_integer.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps: a value one spread from the centre is about 2^41 steps from it, so that those up to 8 spreads off are quick to
 * add; where the pilot has no spread, values near the centre are told apart to the last bit. Values of a pilot beyond
 * LARGEST set no grid, and no bin or step is narrower than LEAST, so that nothing here overflows. */
enum { SPREAD_BITS = 41, LEVEL_BITS = 52, LEVEL_BIN_BITS = 32, LEAST_EXPONENT = -980 };
static const double LARGEST = 0x1p1000;
/* A value that 1 in so many of the pilot have is counted by itself. */
enum { ATOM_SHARE = 64 };

/* --- the pilot --- */

/* The most frequent value if frequent enough (the least of several), else 0. */
static double find_atom(const double *sorted, size_t count)
{
    double atom = 0;
    size_t most = count / ATOM_SHARE > 1 ? count / ATOM_SHARE : 1;
    for (size_t start = 0, end = 0; start < count; start = end) {
        while (end < count && sorted[end] == sorted[start]) end++;
        if (end - start > most) {
            most = end - start;
            atom = sorted[start];
        }
    }
    return atom;
}

/* Without a spread: linear bins as narrow as can matter around the centre, and octaves for all that may come. */
static void set_level_grid(pf_grid *grid, double level, size_t bins)
{
    int exponent = ilogb(level);
    grid->exponent = exponent - LEVEL_BITS > LEAST_EXPONENT ? exponent - LEVEL_BITS : LEAST_EXPONENT;
    double bin = ldexp(1, exponent - LEVEL_BIN_BITS > LEAST_EXPONENT ? exponent - LEVEL_BIN_BITS : LEAST_EXPONENT);
    grid->per_bin = 1 / bin;
    grid->low = grid->centre - bin * (double)bins / 2;
}

/* Linear bins over the middle of the values other than the atom; level: the size of values where there is no spread. */
static void set_grid(pf_grid *grid, const double *sorted, double *others, size_t count, double level, size_t bins)
{
    size_t other_count = 0;
    grid->centre = count ? sorted[count / 2] : 0;
    grid->atom = find_atom(sorted, count);
    for (size_t i = 0; i < count; i++)
        if (sorted[i] != grid->atom) others[other_count++] = sorted[i];
    double low = other_count ? others[other_count / 100] : grid->centre;
    double high = other_count ? others[other_count - 1 - other_count / 100] : grid->centre;
    double spread = fmax(high, grid->centre) - fmin(low, grid->centre);
    if (spread == 0) {
        set_level_grid(grid, grid->centre != 0 ? fabs(grid->centre) : level, bins);
        return;
    }
    if (high == low) {
        low = fmin(low, grid->centre);
        high = low + spread;
    }
    int exponent = ilogb(spread) - SPREAD_BITS;
    grid->exponent = exponent > LEAST_EXPONENT ? exponent : LEAST_EXPONENT;
    grid->low = low;
    grid->per_bin = (double)bins / fmax(high - low, ldexp(1, LEAST_EXPONENT));
}

/* Copies the finite values, -0 as 0; returns how many. */
static size_t copy_finite(double *copy, const double *values, size_t members)
{
    size_t count = 0;
    for (size_t i = 0; i < members; i++)
        if (fabs(values[i]) <= LARGEST) copy[count++] = values[i] + 0.0;
    return count;
}

static double largest_of(const double *values, size_t count, size_t stride, size_t members)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < members; j++) {
            double size = fabs(values[i * stride + j]);
            if (size > largest && size <= LARGEST) largest = size;
        }
    return largest;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void pf_statistics_pilot(pf_statistics *self, size_t first, size_t count, const double *values, size_t stride,
                         size_t members)
{
    double *sorted = pf_doubles(2 * members), *others = sorted + members;
    double largest = largest_of(values, count, stride, members), level = largest > 0 ? largest : 1;
    for (size_t i = 0; i < count; i++) {
        size_t finite = copy_finite(sorted, values + i * stride, members);
        qsort(sorted, finite, sizeof *sorted, ascending);
        set_grid(&self->grids[first + i], sorted, others, finite, level, self->linear_bins);
    }
    free(sorted);
}

/* --- making --- */

pf_statistics *pf_statistics_new(size_t cells, size_t linear_bins)
{
    pf_statistics *self = pf_calloc(1, sizeof *self);
    if (linear_bins < 1) linear_bins = 1;
    if (linear_bins > PF_MOST_LINEAR_BINS) linear_bins = PF_MOST_LINEAR_BINS;
    self->cells = cells;
    self->linear_bins = linear_bins;
    self->grids = pf_calloc(cells, sizeof *self->grids);
    self->states = pf_calloc(cells, sizeof *self->states);
    self->rows = pf_calloc(cells, (linear_bins + 1) * sizeof *self->rows);
    for (int tail = 0; tail < 2; tail++) self->tails[tail] = pf_calloc(cells, PF_TAIL_BINS * sizeof *self->tails[tail]);
    for (size_t i = 0; i < cells; i++) {
        self->grids[i].threshold = NAN;
        self->states[i].least = INFINITY;
        self->states[i].greatest = -INFINITY;
        set_grid(&self->grids[i], NULL, NULL, 0, 1, linear_bins);
    }
    return self;
}

void pf_statistics_free(pf_statistics *self)
{
    if (!self) return;
    free(self->grids);
    free(self->states);
    free(self->rows);
    free(self->tails[PF_LOWER_TAIL]);
    free(self->tails[PF_UPPER_TAIL]);
    free(self);
}

size_t pf_statistics_cells(const pf_statistics *self)
{
    return self->cells;
}

/* Outputs with long tails touch a dozen or so octaves. */
size_t pf_statistics_bins_within(size_t cells, size_t bytes)
{
    enum { FEWEST = 64, MOST = 1024, USUAL_OCTAVES = 16 };
    size_t fixed = sizeof(pf_grid) + sizeof(pf_cell_state) + (1 + USUAL_OCTAVES * PF_PARTS) * sizeof(uint32_t);
    size_t each = cells ? bytes / cells : bytes;
    size_t bins = each > fixed ? (each - fixed) / sizeof(uint32_t) : 0;
    return bins < FEWEST ? FEWEST : bins > MOST ? MOST : bins;
}

void pf_statistics_set_threshold(pf_statistics *self, size_t cell, double threshold)
{
    self->grids[cell].threshold = isnan(threshold) ? NAN : threshold + 0.0;
}

/* --- merging --- */

static void add_counts(uint32_t *counts, const uint32_t *other, size_t count)
{
    for (size_t i = 0; i < count; i++) counts[i] += other[i];
}

static void merge_state(pf_cell_state *state, const pf_cell_state *other)
{
    state->finite += other->finite;
    state->negative_infinite += other->negative_infinite;
    state->positive_infinite += other->positive_infinite;
    state->below_atom += other->below_atom;
    state->above_threshold += other->above_threshold;
    state->far += other->far;
    state->least = other->least < state->least ? other->least : state->least;
    state->greatest = other->greatest > state->greatest ? other->greatest : state->greatest;
    pf_wide_add(state->sum, other->sum, PF_SUM_WORDS);
    pf_wide_add(state->squares, other->squares, PF_SQUARES_WORDS);
}

static void merge_tail(pf_statistics *self, const pf_statistics *other, size_t cell, pf_tail tail)
{
    uint64_t octaves = other->states[cell].octaves[tail];
    self->states[cell].octaves[tail] |= octaves;
    for (size_t i = 0; i < PF_OCTAVES; i++)
        if (octaves >> i & 1) add_counts(pf_octave(self, tail, i, cell), pf_octave(other, tail, i, cell), PF_PARTS);
}

/* Bit by bit, so that a threshold that is NaN equals another; pf_grid has no padding. */
static bool same_grids(const pf_statistics *self, const pf_statistics *other)
{
    _Static_assert(sizeof(pf_grid) == 5 * sizeof(double) + sizeof(int64_t), "no padding");
    return self->cells == other->cells && self->linear_bins == other->linear_bins &&
           memcmp(self->grids, other->grids, self->cells * sizeof *self->grids) == 0;
}

bool pf_statistics_merge(pf_statistics *self, const pf_statistics *other)
{
    if (!same_grids(self, other)) return false;
    for (size_t cell = 0; cell < self->cells; cell++) {
        merge_state(&self->states[cell], &other->states[cell]);
        add_counts(pf_row(self, cell), pf_row(other, cell), self->linear_bins + 1);
        merge_tail(self, other, cell, PF_LOWER_TAIL);
        merge_tail(self, other, cell, PF_UPPER_TAIL);
    }
    return true;
}
