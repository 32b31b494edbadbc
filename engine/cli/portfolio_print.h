/* Portfolios as tables for a terminal. */
#ifndef PF_CLI_PORTFOLIO_PRINT_H
#define PF_CLI_PORTFOLIO_PRINT_H

#include "analysis/portfolio_study.h"

#include <stdio.h>

void pf_portfolios_print(const pf_portfolio_study *study, size_t top, FILE *out);

#endif
