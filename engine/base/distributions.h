/* The table of distributions: a new one is a row in distributions.c. */
#ifndef PF_DISTRIBUTIONS_H
#define PF_DISTRIBUTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { PF_DISTRIBUTION_ARGUMENTS = 4 };

/* How an argument is read: in the parameter's own unit, or as a pure number; or a list of such. A row with lists has
 * arguments [0] the length n of each list, then the n numbers of the first list, then those of the second. */
typedef enum { PF_ARGUMENT_VALUE, PF_ARGUMENT_NUMBER, PF_ARGUMENT_VALUES, PF_ARGUMENT_NUMBERS } pf_argument_kind;

typedef struct {
    const char *name; /* "triangular" */
    int arity;
    struct {
        const char *name; /* "low" */
        pf_argument_kind kind;
    } arguments[PF_DISTRIBUTION_ARGUMENTS];
    /* NULL if the arguments make a distribution, else what is wrong: "gsd must be at least 1". */
    const char *(*wrong)(const double *arguments);
    /* The value below which a draw falls with probability u, 0 < u < 1. */
    double (*quantile)(double u, const double *arguments);
    /* The support: the least and greatest value a draw can have (may be infinite). */
    void (*support)(const double *arguments, double *least, double *greatest);
    const char *doc;
    /* The same for n numbers, to the same bits, where that is faster; else NULL. `x` may be `u`. */
    void (*quantiles)(size_t n, const double *u, const double *arguments, double *x);
} pf_distribution;

size_t pf_distribution_count(void);
const pf_distribution *pf_distribution_at(size_t number);
int pf_distribution_named(const char *name); /* -1 if there is none */

/* The score z of the standard normal distribution at u, and u at z: kept off 0 and 1 as every u is. */
double pf_score_of(double u);
double pf_probability_of(double score);
/* The value whose share of the distribution is that of the score; exact of normal and lognormal ones however far out.
 */
double pf_value_at_score(const pf_distribution *distribution, const double *arguments, double score);

/* x[i] = quantile of u[i]; `x` may be `u`. */
void pf_quantiles(const pf_distribution *distribution, size_t n, const double *u, const double *arguments, double *x);

/* The mean and the standard deviation: of a normal one its own, else from the quantiles in the middle of 4,096 equal
 * shares of probability. */
void pf_distribution_moments(const pf_distribution *distribution, const double *arguments, double *mean, double *sd);

#endif
