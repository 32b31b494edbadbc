/* From a study of portfolios to the group /analysis/portfolio of a results file (docs/decisions.md). */
#ifndef PF_PORTFOLIO_STORE_H
#define PF_PORTFOLIO_STORE_H

#include "analysis/portfolio_study.h"
#include "results/sample.h"

/* In the model's arena. Of many portfolios those that are near the front, in it or chosen. */
pf_analysis pf_portfolio_group(const pf_portfolio_study *study, const char *comment);

#endif
