/* Choices among all subsets. */
#include "analysis/portfolio.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t pf_best_portfolio(const pf_portfolios *p, size_t objective, double budget, size_t with, size_t without)
{
    size_t best = SIZE_MAX;
    for (size_t s = 0; s < (size_t)1 << p->n; s++) {
        const double *x = p->values + s * p->k;
        if ((s & with) != with || s & without || !(x[0] <= budget) || isnan(x[objective])) continue;
        const double *of_best = best == SIZE_MAX ? NULL : p->values + best * p->k;
        if (!of_best || x[objective] < of_best[objective] || (x[objective] == of_best[objective] && x[0] < of_best[0]))
            best = s;
    }
    return best;
}

static unsigned differences(size_t a, size_t b)
{
    unsigned count = 0;
    for (size_t x = a ^ b; x; x &= x - 1) count++;
    return count;
}

size_t pf_distant_portfolios(const bool *candidates, size_t n, size_t first, size_t *chosen, size_t most)
{
    size_t all = (size_t)1 << n, count = 0, next = first;
    uint8_t *nearest = pf_malloc(all);
    memset(nearest, UINT8_MAX, all);
    while (count < most && next != SIZE_MAX) {
        chosen[count++] = next;
        unsigned farthest = 0;
        size_t taken = next;
        next = SIZE_MAX;
        for (size_t s = 0; s < all; s++) {
            unsigned distance = candidates[s] ? differences(s, taken) : 0;
            if (distance < nearest[s]) nearest[s] = (uint8_t)distance;
            if (nearest[s] <= farthest) continue;
            farthest = nearest[s];
            next = s;
        }
    }
    free(nearest);
    return count;
}
