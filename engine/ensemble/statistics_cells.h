/* What the files statistics*.c share: the state of a cell, and the bins that its values are counted in. */
#ifndef PF_STATISTICS_CELLS_H
#define PF_STATISTICS_CELLS_H

#include "ensemble/statistics.h"

/* Bins beyond the linear ones, on each side: PARTS to an octave of the distance (in linear bins, counted from PARTS at
 * the edge, so that the first is as wide as a linear bin), OCTAVES of them; the last is open. */
enum {
    PF_PARTS_BITS = 4,
    PF_PARTS = 1 << PF_PARTS_BITS,
    PF_OCTAVES = 64,
    PF_TAIL_BINS = PF_OCTAVES * PF_PARTS,
    PF_MOST_LINEAR_BINS = 1 << 20
};

/* Signed sums of up to 2^64 integers below 2^124, and of their squares. */
enum { PF_SUM_WORDS = 3, PF_SQUARES_WORDS = 5, PF_FARTHEST_BITS = 124 };

typedef enum { PF_LOWER_TAIL, PF_UPPER_TAIL } pf_tail;

/* What the pilot fixes. */
typedef struct {
    double centre;
    double low, per_bin; /* x is in linear bin k if k <= (x - low) * per_bin < k + 1 */
    double atom;         /* a value that is counted by itself */
    double threshold;
    int64_t exponent; /* the step is 2^exponent */
} pf_grid;

typedef struct {
    uint64_t finite, negative_infinite, positive_infinite;
    uint64_t below_atom;      /* of the finite ones */
    uint64_t above_threshold; /* of all */
    uint64_t far;             /* finite, but too far from the centre to be summed */
    double least, greatest;   /* of the finite ones */
    uint64_t sum[PF_SUM_WORDS], squares[PF_SQUARES_WORDS];
    uint64_t octaves[2]; /* bit k: octave k of the tail counts something */
} pf_cell_state;

struct pf_statistics {
    size_t cells, linear_bins;
    pf_grid *grids;        /* [cells] */
    pf_cell_state *states; /* [cells] */
    uint32_t *rows;        /* [cells][linear_bins + 1] the last counts the atom */
    /* [octave][cell][part] of each tail: octaves that no cell reaches are never touched, so take no memory */
    uint32_t *tails[2];
};

static inline uint32_t *pf_row(const pf_statistics *self, size_t cell)
{
    return self->rows + cell * (self->linear_bins + 1);
}

static inline uint32_t *pf_octave(const pf_statistics *self, pf_tail tail, size_t octave, size_t cell)
{
    return self->tails[tail] + (octave * self->cells + cell) * PF_PARTS;
}

static inline uint64_t pf_all_values(const pf_cell_state *state)
{
    return state->finite + state->negative_infinite + state->positive_infinite;
}

#endif
