/* Cell by cell: what its product changed by, shared out by the logarithms of its factors. */
#include "analysis/lmdi.h"

#include <math.h>

double pf_log_mean(double a, double b)
{
    if (!(a > 0) || !(b > 0)) return 0;
    double least = a < b ? a : b, above = fabs(a - b) / least;
    return above > 0 ? fabs(a - b) / log1p(above) : a;
}

typedef struct {
    const double *first, *last;
    size_t factors, cells, cell;
} of_cell;

static double product(const of_cell *c, const double *values)
{
    double all = 1;
    for (size_t k = 0; k < c->factors; k++) all *= values[k * c->cells + c->cell];
    return all;
}

static size_t count_zeros(const of_cell *c, const double *values)
{
    size_t zeros = 0;
    for (size_t k = 0; k < c->factors; k++) zeros += values[k * c->cells + c->cell] == 0;
    return zeros;
}

/* A cell that comes or goes: the factors that are 0 at its empty end share it. */
static void share_among_zeros(const of_cell *c, const double *empty, double change, double *effects)
{
    size_t zeros = count_zeros(c, empty);
    for (size_t k = 0; k < c->factors && zeros; k++)
        if (empty[k * c->cells + c->cell] == 0) effects[k] += change / (double)zeros;
}

static void add_cell(const of_cell *c, double *effects)
{
    double first = product(c, c->first), last = product(c, c->last), mean = pf_log_mean(last, first);
    if (first > 0 && last > 0)
        for (size_t k = 0; k < c->factors; k++) {
            size_t at = k * c->cells + c->cell;
            effects[k] += mean * log(c->last[at] / c->first[at]);
        }
    else if (last > 0) share_among_zeros(c, c->first, last, effects);
    else if (first > 0) share_among_zeros(c, c->last, -first, effects);
}

bool pf_lmdi(const double *first, const double *last, size_t factors, size_t cells, double *effects)
{
    bool good = true;
    for (size_t i = 0; i < factors * cells; i++)
        good &= first[i] >= 0 && last[i] >= 0 && isfinite(first[i]) && isfinite(last[i]);
    for (size_t k = 0; k < factors; k++) effects[k] = good ? 0 : (double)NAN;
    for (size_t cell = 0; cell < cells && good; cell++)
        add_cell(&(of_cell){first, last, factors, cells, cell}, effects);
    return good;
}
