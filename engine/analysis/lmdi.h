/* Logarithmic-mean Divisia decomposition, additive (LMDI-I; Ang 2005, "The LMDI approach to decomposition analysis: a
 * practical guide", Energy Policy 33, 867-871): takes the factors of a sum of products in two years, gives what each
 * factor's change brought. There is no residual. On plain arrays. */
#ifndef PF_LMDI_H
#define PF_LMDI_H

#include <stdbool.h>
#include <stddef.h>

/* (a - b) / (log a - log b) of numbers above 0; a where they are equal; 0 where one is 0. */
double pf_log_mean(double a, double b);

/* V = sum over cells of the product of its factors. first and last [factors][cells], none below 0; effects [factors],
 * whose sum is V of the last year less V of the first. Zeros have the effects of the limit from above in which all
 * zeros are the same small number (Ang and Liu 2007, "Handling zero values in the logarithmic mean Divisia index
 * decomposition approach", Energy Policy 35, 238-246): what appears or goes is shared by the factors that were, or
 * become, 0. False where a factor is below 0 or no number. */
bool pf_lmdi(const double *first, const double *last, size_t factors, size_t cells, double *effects);

#endif
