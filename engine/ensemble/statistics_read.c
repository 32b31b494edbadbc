/* Statistics out of a cell's integers: each value with the most by which it can be wrong.
 *
 * A value x was summed as i steps h from the centre c: x = c + h (i + e), where |e| is at most 1/2 from rounding to a
 * whole number, and u (|i| + 1/2) from the rounding of x - c, with u = 2^-53. */
#include "ensemble/statistics_cells.h"
#include "ensemble/wide_integer.h"

#include <float.h>
#include <math.h>

static const pf_bounded UNKNOWN = {NAN, INFINITY};
/* Edges of bins are no further out than this, from where x - low may overflow. */
static const double OUTERMOST = 0x1p1022;

uint64_t pf_statistics_valid(const pf_statistics *self, size_t cell)
{
    return pf_all_values(&self->states[cell]);
}

double pf_statistics_min(const pf_statistics *self, size_t cell)
{
    const pf_cell_state *state = &self->states[cell];
    if (pf_all_values(state) == 0) return NAN;
    return state->negative_infinite ? -INFINITY : state->finite ? state->least : INFINITY;
}

double pf_statistics_max(const pf_statistics *self, size_t cell)
{
    const pf_cell_state *state = &self->states[cell];
    if (pf_all_values(state) == 0) return NAN;
    return state->positive_infinite ? INFINITY : state->finite ? state->greatest : -INFINITY;
}

double pf_statistics_exceedance(const pf_statistics *self, size_t cell)
{
    const pf_cell_state *state = &self->states[cell];
    if (isnan(self->grids[cell].threshold)) return NAN;
    return (double)state->above_threshold / (double)pf_all_values(state);
}

/* --- mean and standard deviation --- */

static bool all_summed(const pf_cell_state *state)
{
    return state->finite > 0 && state->finite == pf_all_values(state) && state->far == 0;
}

static double mean_square(const pf_cell_state *state)
{
    return pf_wide_to_double(state->squares, PF_SQUARES_WORDS) / (double)state->finite;
}

/* |sum of i|; returns whether the sum is negative. */
static bool magnitude_of_sum(const pf_cell_state *state, uint64_t magnitude[PF_SUM_WORDS])
{
    for (size_t i = 0; i < PF_SUM_WORDS; i++) magnitude[i] = state->sum[i];
    bool negative = pf_wide_is_negative(magnitude, PF_SUM_WORDS);
    if (negative) pf_wide_negate(magnitude, PF_SUM_WORDS);
    return negative;
}

/* The mean of |i| is at most the root of their mean square. */
pf_bounded pf_statistics_mean(const pf_statistics *self, size_t cell)
{
    const pf_cell_state *state = &self->states[cell];
    const pf_grid *grid = &self->grids[cell];
    if (!all_summed(state)) return UNKNOWN;
    if (state->least == state->greatest) return (pf_bounded){state->least, 0};
    uint64_t magnitude[PF_SUM_WORDS];
    bool negative = magnitude_of_sum(state, magnitude);
    double step = ldexp(1, (int)grid->exponent);
    double offset = step * (pf_wide_to_double(magnitude, PF_SUM_WORDS) / (double)state->finite);
    double mean = fmin(fmax(grid->centre + (negative ? -offset : offset), state->least), state->greatest);
    double bound = step / 2 + DBL_EPSILON * (fabs(mean) + 2 * step * (sqrt(mean_square(state)) + 1));
    return (pf_bounded){mean, bound};
}

/* n (sum of i^2) - (sum of i)^2, exact: no cancellation however small the spread. */
static double spread_integer(const pf_cell_state *state)
{
    enum { WORDS = PF_SQUARES_WORDS + 1 };
    _Static_assert(WORDS == 2 * PF_SUM_WORDS, "both products have as many words");
    uint64_t magnitude[PF_SUM_WORDS], square[WORDS], spread[WORDS];
    magnitude_of_sum(state, magnitude);
    pf_wide_multiply(square, magnitude, PF_SUM_WORDS, magnitude, PF_SUM_WORDS);
    pf_wide_multiply(spread, state->squares, PF_SQUARES_WORDS, &state->finite, 1);
    pf_wide_subtract(spread, square, WORDS);
    return pf_wide_to_double(spread, WORDS);
}

/* By the triangle inequality the standard deviation is off by no more than the root of sum of (h e)^2 / (n - 1). */
pf_bounded pf_statistics_sd(const pf_statistics *self, size_t cell)
{
    const pf_cell_state *state = &self->states[cell];
    if (!all_summed(state) || state->finite < 2) return UNKNOWN;
    if (state->least == state->greatest) return (pf_bounded){0, 0};
    double n = (double)state->finite, step = ldexp(1, (int)self->grids[cell].exponent);
    double sd = step * sqrt(spread_integer(state) / n / (n - 1));
    double rounding = step * (0.5 + DBL_EPSILON * (sqrt(mean_square(state)) + 1));
    return (pf_bounded){sd, rounding * sqrt(n / (n - 1)) * (1 + 8 * DBL_EPSILON) + 4 * DBL_EPSILON * sd};
}

/* --- quantiles --- */

/* Where an order statistic lies, and the likeliest value. */
typedef struct {
    double low, value, high;
} interval;

typedef struct {
    double low, high;       /* edges, a little too wide */
    uint64_t before, count; /* values (but for the atom) in the bins before it, and in it */
} bin;

static interval exactly(double x)
{
    return (interval){x, x, x};
}

/* The x at which (x - low) * per_bin, as it is rounded, passes t: at most `slack` off. */
static double edge_at(const pf_statistics *self, size_t cell, double t, double *slack)
{
    const pf_grid *grid = &self->grids[cell];
    double size = (fabs(t) + (double)self->linear_bins + PF_PARTS) / grid->per_bin;
    *slack = 8 * DBL_EPSILON * (fabs(grid->low) + size);
    return grid->low + t / grid->per_bin;
}

static void set_edges(const pf_statistics *self, size_t cell, double first, double last, bin *b)
{
    double slack_below = 0, slack_above = 0;
    double low = edge_at(self, cell, first, &slack_below) - slack_below;
    double high = edge_at(self, cell, last, &slack_above) + slack_above;
    b->low = fmin(low, OUTERMOST);
    b->high = fmax(high, -OUTERMOST);
}

/* How far out the first value of bin `number` of a tail lies, in linear bins. */
static double distance_of(size_t number)
{
    if (number >= PF_TAIL_BINS) return INFINITY;
    return ldexp(1 + (double)(number % PF_PARTS) / PF_PARTS, (int)(number / PF_PARTS) + PF_PARTS_BITS) - PF_PARTS;
}

static bool reaches(bin *b, uint64_t count, uint64_t rank)
{
    b->count = count;
    if (rank - b->before < count) return true;
    b->before += count;
    return false;
}

/* Bins of a tail in ascending order: of the lower one from the farthest. */
static bool find_in_tail(const pf_statistics *self, size_t cell, pf_tail tail, uint64_t rank, bin *b)
{
    for (size_t k = 0; k < PF_TAIL_BINS; k++) {
        size_t number = tail == PF_LOWER_TAIL ? PF_TAIL_BINS - 1 - k : k, octave = number / PF_PARTS;
        if (!(self->states[cell].octaves[tail] >> octave & 1)) continue;
        if (!reaches(b, pf_octave(self, tail, octave, cell)[number % PF_PARTS], rank)) continue;
        double bins = (double)self->linear_bins, near = distance_of(number), far = distance_of(number + 1);
        if (tail == PF_LOWER_TAIL) set_edges(self, cell, -far, -near, b);
        else set_edges(self, cell, bins + near, bins + far, b);
        return true;
    }
    return false;
}

static bool find_in_row(const pf_statistics *self, size_t cell, uint64_t rank, bin *b)
{
    const uint32_t *row = pf_row(self, cell);
    for (size_t k = 0; k < self->linear_bins; k++) {
        if (!reaches(b, row[k], rank)) continue;
        set_edges(self, cell, (double)k, (double)k + 1, b);
        return true;
    }
    return false;
}

/* The bin that holds the value of this rank among those that are not the atom. */
static bin find_bin(const pf_statistics *self, size_t cell, uint64_t rank)
{
    bin b = {.low = -INFINITY, .high = INFINITY};
    if (find_in_tail(self, cell, PF_LOWER_TAIL, rank, &b) || find_in_row(self, cell, rank, &b)) return b;
    find_in_tail(self, cell, PF_UPPER_TAIL, rank, &b);
    return b;
}

/* Between a and b, neither of which is NaN; infinite differences do no harm. */
static double between(double a, double b, double share)
{
    return a == b || share == 0 ? a : a * (1 - share) + b * share;
}

/* The finite value of this rank, which is not the atom: the bin's part on its side of the atom, as if filled evenly. */
static interval in_bin(const pf_statistics *self, size_t cell, uint64_t rank)
{
    const pf_cell_state *state = &self->states[cell];
    double atom = self->grids[cell].atom;
    bin b = find_bin(self, cell, rank);
    uint64_t first = b.before, end = b.before + b.count;
    double low = fmax(b.low, state->least), high = fmin(b.high, state->greatest);
    if (rank < state->below_atom) {
        end = end < state->below_atom ? end : state->below_atom;
        high = fmin(high, atom);
    } else {
        first = first > state->below_atom ? first : state->below_atom;
        low = fmax(low, atom);
    }
    double share = ((double)(rank - first) + 0.5) / (double)(end - first);
    return (interval){low, fmin(fmax(between(low, high, share), low), high), high};
}

static interval order_statistic(const pf_statistics *self, size_t cell, uint64_t rank)
{
    const pf_cell_state *state = &self->states[cell];
    if (rank < state->negative_infinite) return exactly(-INFINITY);
    rank -= state->negative_infinite;
    if (rank >= state->finite) return exactly(INFINITY);
    if (rank == 0) return exactly(state->least);
    if (rank == state->finite - 1) return exactly(state->greatest);
    if (rank < state->below_atom) return in_bin(self, cell, rank);
    uint64_t atoms = pf_row(self, cell)[self->linear_bins];
    if (rank - state->below_atom < atoms) return exactly(self->grids[cell].atom);
    return in_bin(self, cell, rank - atoms);
}

pf_bounded pf_statistics_quantile(const pf_statistics *self, size_t cell, double p)
{
    uint64_t count = pf_all_values(&self->states[cell]);
    if (count == 0 || count > UINT32_MAX || !(p >= 0 && p <= 1)) return UNKNOWN;
    double position = (double)(count - 1) * p, share = position - floor(position);
    uint64_t rank = (uint64_t)position;
    interval a = order_statistic(self, cell, rank);
    interval b = share > 0 ? order_statistic(self, cell, rank + 1) : a;
    double low = between(a.low, b.low, share), high = between(a.high, b.high, share);
    double value = between(a.value, b.value, share);
    if (a.low == b.high || (low == high && isinf(low))) return (pf_bounded){value, 0};
    double bound = fmax(high - value, value - low) + 4 * DBL_EPSILON * fmax(fabs(a.low), fabs(b.high));
    return isnan(value) ? UNKNOWN : (pf_bounded){value, bound};
}
