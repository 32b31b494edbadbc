/* The coordinates in which a fit searches: a real number for each parameter, whose value is always within the support
 * of the parameter's distribution. */
#ifndef PF_FIT_COORDINATES_H
#define PF_FIT_COORDINATES_H

#include "base/distributions.h"

typedef enum {
    PF_BY_PRIOR,    /* the standard normal score of the prior: p = Q(Phi(z)) */
    PF_ALONG_LINE,  /* flat, the other four: no bound */
    PF_FROM_LEAST,  /* a lower bound only */
    PF_TO_GREATEST, /* an upper bound only */
    PF_BETWEEN
} pf_coordinate_kind;

typedef struct {
    pf_coordinate_kind kind;
    const pf_distribution *distribution;
    const double *arguments;
    double least, greatest; /* of the support */
    double median, scale;
} pf_coordinate;

pf_coordinate pf_coordinate_new(const pf_distribution *distribution, const double *arguments, bool is_flat);
/* The parameter at a coordinate, and its derivative by it. */
double pf_coordinate_value(const pf_coordinate *self, double at);
double pf_coordinate_slope(const pf_coordinate *self, double at);
/* Of a flat one: the coordinate of a value within the support. */
double pf_coordinate_of(const pf_coordinate *self, double value);

#endif
