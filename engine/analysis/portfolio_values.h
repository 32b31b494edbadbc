/* The objectives of all subsets of a game's players, for one member. */
#ifndef PF_PORTFOLIO_VALUES_H
#define PF_PORTFOLIO_VALUES_H

#include "analysis/portfolio_study.h"

/* to [2^players][objectives]: less the value of the empty set, times sign. */
void pf_portfolio_values(const pf_portfolio_request *request, const pf_game_values *values, size_t member, double *to);

#endif
