/* Shapley values (Shapley 1953, "A value for n-person games"): takes the values of subsets of n players, gives each
 * player the mean of what it adds over all orders in which the players may join. They add up to v(all) - v(none). On
 * plain arrays. */
#ifndef PF_SHAPLEY_H
#define PF_SHAPLEY_H

#include <stddef.h>
#include <stdint.h>

enum { PF_SHAPLEY_MOST = 24 };

/* v [2^n]: of the subset whose players are the set bits of the index; shares [n]; n <= PF_SHAPLEY_MOST. */
void pf_shapley(const double *v, size_t n, double *shares);

/* The order number `number` of n players, each equally likely. Orders come in pairs: an odd one is the one before it
 * turned round, which takes out much of the chance (antithetic draws; Mitchell, Cooper, Frank and Holmes 2022,
 * "Sampling permutations for Shapley value estimation"). */
void pf_permutation(uint64_t seed, uint64_t number, size_t n, uint32_t *order);

/* What each player adds as the players join in an order: v [n + 1] of the growing subset, from none to all. */
void pf_marginals(const double *v, size_t n, const uint32_t *order, double *added);

/* Mean over `count` rows [count][n] and the half width of its 95 % interval from pairs of rows that follow each other
 * (count is even; Student's t); NaN of fewer than two pairs. */
void pf_pair_means(const double *rows, size_t count, size_t n, double *means, double *half_widths);

#endif
