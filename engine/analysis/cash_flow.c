/* Present values and what follows from them. */
#include "analysis/cash_flow.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <stdbool.h>

double pf_annuity(double rate, double years)
{
    return fabs(rate) < 1e-12 ? 1 / years : rate / -expm1(-years * log1p(rate));
}

double pf_net_present_value(const double *flows, size_t years, double rate)
{
    double value = 0;
    for (size_t y = years; y-- > 0;) value = value / (1 + rate) + flows[y];
    return value;
}

/* ---- the internal rate ---- */

typedef struct {
    const double *flows;
    size_t years;
} series;

/* Over x = log(1 + rate). */
static double value_at(double x, void *self)
{
    const series *s = self;
    return pf_net_present_value(s->flows, s->years, expm1(x));
}

static double root_between(series *s, double low, double high)
{
    enum { MOST_STEPS = 100 };
    gsl_function f = {value_at, s};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    int status = gsl_root_fsolver_set(solver, &f, low, high);
    for (int i = 0; i < MOST_STEPS && !status; i++) {
        status = gsl_root_fsolver_iterate(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 1e-13, 1e-13) ==
            GSL_SUCCESS)
            break;
    }
    double root = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return root;
}

static bool has_both_signs(const double *flows, size_t years)
{
    bool in = false, out = false;
    for (size_t y = 0; y < years; y++) {
        in |= flows[y] > 0;
        out |= flows[y] < 0;
    }
    return in && out;
}

/* A change of sign between neighbours on a fine grid is a root; two roots within 0.2 % of each other may be missed. */
pf_rates pf_internal_rate(const double *flows, size_t years, double *rate)
{
    enum { CELLS = 4096 };
    series s = {flows, years};
    *rate = (double)NAN;
    if (!has_both_signs(flows, years)) return PF_NO_RATE;
    double first = log(0.01), width = (log(11) - first) / CELLS, before = value_at(first, &s);
    size_t roots = 0;
    for (size_t i = 1; i <= CELLS; i++) {
        double here = value_at(first + (double)i * width, &s);
        if ((before < 0 && here >= 0) || (before > 0 && here <= 0)) {
            if (!roots++) *rate = expm1(root_between(&s, first + (double)(i - 1) * width, first + (double)i * width));
        }
        before = here != 0 ? here : -before; /* a root on the grid counts once */
    }
    return roots == 0 ? PF_NO_RATE : roots == 1 ? PF_ONE_RATE : PF_SEVERAL_RATES;
}

double pf_payback(const double *flows, size_t years, double rate)
{
    double sum = 0, paid = 0, weight = 1;
    for (size_t y = 0; y < years; y++, weight /= 1 + rate) {
        double flow = flows[y] * weight, after = sum + flow;
        if (sum < 0 && after >= 0) paid = (double)y - 1 - sum / flow; /* a flow comes in by its time */
        if (after < 0) paid = INFINITY;
        sum = after;
    }
    return paid;
}

/* ---- beyond the known years ---- */

size_t pf_flow_years(size_t years, double life)
{
    return years + (size_t)ceil(life);
}

static double within(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double pf_lasting_capital(const double *capital, size_t years, double life, size_t year)
{
    double lasts = 0;
    for (size_t y = 0; y < years && y <= year; y++) lasts += capital[y] * within(life - (double)(year - y), 0, 1);
    return lasts;
}

/* The share of the running cost that goes on in a year; without capital all of it, for a life from the first year. A
 * share of capital may be below 0 in a year, what lasts may not. */
static double lasting(const double *basis, size_t years, double life, double in_use, size_t year)
{
    double share = in_use > 0 ? pf_lasting_capital(basis, years, life, year) / in_use : life - (double)year;
    return within(share, 0, 1);
}

void pf_extend_flows(const double *capital, const double *running, const double *basis, size_t years, double life,
                     double in_use, double *flows)
{
    size_t end = pf_flow_years(years, life);
    for (size_t y = 0; y < years; y++) flows[y] = -capital[y] - running[y];
    for (size_t y = years; y < end; y++)
        flows[y] = years ? -running[years - 1] * lasting(basis, years, life, in_use, y) : 0;
}
