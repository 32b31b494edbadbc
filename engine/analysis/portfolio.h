/* Portfolios of up to 20 interventions: takes the objectives of all their subsets, gives the front, the best under a
 * budget, and alternatives that differ. A portfolio is the number of its subset, a bit each. On plain arrays. */
#ifndef PF_PORTFOLIO_H
#define PF_PORTFOLIO_H

#include "analysis/pareto.h"

#include <stdint.h>

enum { PF_MOST_IN_PORTFOLIO = 20 };

/* Objectives of all subsets: values [2^n][k], the smaller the better. */
typedef struct {
    const double *values;
    size_t n, k;
} pf_portfolios;

/* The portfolio with the least `objective` whose first objective is at most `budget`; of equals the one that costs
 * least, then the first. `with` and `without` are players that must and must not be in it. SIZE_MAX: there is none. */
size_t pf_best_portfolio(const pf_portfolios *p, size_t objective, double budget, size_t with, size_t without);

/* Up to `most` portfolios of the candidates, `first` leading, each as far as can be from those taken before: the
 * largest least number of interventions in which they differ (a greedy max-min choice). Returns how many were found. */
size_t pf_distant_portfolios(const bool *candidates, size_t n, size_t first, size_t *chosen, size_t most);

#endif
