/* What the files of `parkflow fit` share. */
#ifndef PF_CLI_FIT_H
#define PF_CLI_FIT_H

#include "analysis/fit.h"

#include <stdio.h>

/* The tables of parameters and observations, the tests, and what the observations cannot tell. */
void pf_fit_print(const pf_fit_result *result, FILE *out);

#endif
