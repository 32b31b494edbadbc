/* Exact and sampled Shapley values. */
#include "analysis/shapley.h"

#include "base/arena.h"
#include "ensemble/draws.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static unsigned count_bits(size_t x)
{
    unsigned bits = 0;
    for (; x; x &= x - 1) bits++;
    return bits;
}

/* s! (n - 1 - s)! / n! = 1 / (n C(n - 1, s)): how often a player joins just after the s others of a subset. */
static void find_weights(size_t n, double *weights)
{
    double choose = 1;
    for (size_t s = 0; s < n; s++) {
        weights[s] = 1 / ((double)n * choose);
        choose = choose * (double)(n - 1 - s) / (double)(s + 1);
    }
}

void pf_shapley(const double *v, size_t n, double *shares)
{
    double weights[PF_SHAPLEY_MOST + 1] = {0}; /* nobody joins the whole set */
    find_weights(n, weights);
    for (size_t i = 0; i < n; i++) shares[i] = 0;
    for (size_t subset = 0; subset < (size_t)1 << n; subset++) {
        double weight = weights[count_bits(subset)];
        for (size_t i = 0; i < n; i++)
            if (!(subset >> i & 1)) shares[i] += weight * (v[subset | (size_t)1 << i] - v[subset]);
    }
}

/* Fisher and Yates' shuffle. */
void pf_permutation(uint64_t seed, uint64_t number, size_t n, uint32_t *order)
{
    uint64_t key = pf_name_key("shapley permutations");
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        uint64_t bits = pf_random_bits(seed, number / 2 * n + i, key);
        size_t other = (size_t)(((bits >> 32) * i) >> 32);
        uint32_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    for (size_t i = 0; number % 2 && i < n / 2; i++) {
        uint32_t kept = order[i];
        order[i] = order[n - 1 - i];
        order[n - 1 - i] = kept;
    }
}

void pf_marginals(const double *v, size_t n, const uint32_t *order, double *added)
{
    for (size_t i = 0; i < n; i++) added[order[i]] = v[i + 1] - v[i];
}

void pf_pair_means(const double *rows, size_t count, size_t n, double *means, double *half_widths)
{
    size_t pairs = count / 2;
    double t = pairs > 1 ? gsl_cdf_tdist_Pinv(0.975, (double)(pairs - 1)) : (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < count; r++) sum += rows[r * n + i];
        means[i] = sum / (double)count;
        for (size_t p = 0; p < pairs; p++) {
            double off = 0.5 * (rows[2 * p * n + i] + rows[(2 * p + 1) * n + i]) - means[i];
            squares += off * off;
        }
        half_widths[i] = pairs > 1 ? t * sqrt(squares / (double)(pairs - 1) / (double)pairs) : (double)NAN;
    }
}
