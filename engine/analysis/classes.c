/* Classes of members by the value of each parameter. */
#include "analysis/classes.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double x;
    uint32_t member;
} valued;

/* The bits of x as a number of the same order; -0 counts as 0. */
static uint64_t order_key(double x)
{
    uint64_t bits;
    x += 0.0;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

/* One pass of a radix sort: stable, by `digit` of the key. */
static void sort_by_digit(const valued *from, valued *to, size_t n, unsigned digit)
{
    enum { BITS = 8, VALUES = 1 << BITS };
    size_t next[VALUES + 1] = {0};
    for (size_t i = 0; i < n; i++) next[(order_key(from[i].x) >> (digit * BITS)) % VALUES + 1]++;
    for (size_t v = 0; v < VALUES; v++) next[v + 1] += next[v];
    for (size_t i = 0; i < n; i++) to[next[(order_key(from[i].x) >> (digit * BITS)) % VALUES]++] = from[i];
}

/* Members by value, equal ones in member order. Comparisons took ten times as long for 10^5 members of 600 parameters.
 */
static valued *sorted(const double *x, size_t n)
{
    valued *values = pf_malloc(n * sizeof *values), *other = pf_malloc(n * sizeof *other);
    for (size_t i = 0; i < n; i++) values[i] = (valued){x[i], (uint32_t)i};
    for (unsigned digit = 0; digit < sizeof(double); digit += 2) {
        sort_by_digit(values, other, n, digit);
        sort_by_digit(other, values, n, digit + 1);
    }
    free(other);
    return values;
}

static pf_classes *new_classes(size_t n, size_t k, size_t most)
{
    pf_classes *self = pf_calloc(1, sizeof *self);
    *self = (pf_classes){n, k, most, pf_malloc(n * k)};
    memset(self->of, PF_NO_CLASS, n * k);
    return self;
}

/* Plischke et al. (2013), as SALib's delta.analyze has it. */
static size_t classes_for(size_t n)
{
    double exponent = 2 / (7 + tanh((1500 - (double)n) / 500));
    return (size_t)fmin(ceil(pow((double)n, exponent)), 48);
}

pf_classes *pf_classes_by_rank(const double *x, size_t n, size_t k)
{
    pf_classes *self = new_classes(n, k, classes_for(n));
    double width = (double)n / (double)self->most;
    for (size_t i = 0; i < k; i++) {
        valued *values = sorted(x + i * n, n);
        uint8_t class = 0;
        for (size_t rank = 1; rank <= n; rank++) {
            while (class + 1u < self->most && (double)rank > (class + 1) * width) class ++;
            self->of[i * n + values[rank - 1].member] = class;
        }
        free(values);
    }
    return self;
}

/* The quantile of sorted values by linear interpolation, with NumPy's order of operations: members stand on the bounds.
 */
static double quantile(const valued *values, size_t n, double p)
{
    double place = (double)(n - 1) * p, below = floor(place), part = place - below;
    size_t lower = (size_t)below, upper = lower + 1 < n ? lower + 1 : n - 1;
    double a = values[lower].x, b = values[upper].x, difference = b - a;
    return part < 0.5 ? a + difference * part : b - difference * (1 - part);
}

/* A greatest value of several members is a class of its own or belongs to the last: without it a discrete parameter's
 * highest level would count for nothing. */
static void put_greatest(pf_classes *self, uint8_t *of, const valued *values)
{
    size_t n = self->n;
    if (n < 2 || values[n - 2].x < values[n - 1].x) return;
    for (size_t m = n; m-- > 0 && values[m].x == values[n - 1].x;) of[values[m].member] = (uint8_t)(self->most - 1);
}

pf_classes *pf_classes_by_quantile(const double *x, size_t n, size_t k, size_t slices)
{
    pf_classes *self = new_classes(n, k, slices);
    double step = 1 / (double)slices;
    for (size_t i = 0; n && i < k; i++) {
        valued *values = sorted(x + i * n, n);
        size_t m = 0;
        for (size_t s = 0; s < slices; s++) {
            double upper = quantile(values, n, (double)(s + 1) * step);
            for (; m < n && values[m].x < upper; m++) self->of[i * n + values[m].member] = (uint8_t)s;
        }
        put_greatest(self, self->of + i * n, values);
        free(values);
    }
    return self;
}

void pf_classes_free(pf_classes *self)
{
    if (!self) return;
    free(self->of);
    free(self);
}

size_t pf_classes_most(const pf_classes *self)
{
    return self->most;
}

void pf_ranks(const double *values, size_t n, double *ranks)
{
    valued *in_order = sorted(values, n);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && in_order[to].x == in_order[from].x;) to++;
        for (size_t m = from; m < to; m++) ranks[in_order[m].member] = 0.5 * (double)(from + to + 1);
    }
    free(in_order);
}
