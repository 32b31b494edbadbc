/* What an investment is worth: takes amounts by year, gives annuity, net present value, internal rate of return and
 * payback. Year 0 is not discounted. On plain arrays. */
#ifndef PF_CASH_FLOW_H
#define PF_CASH_FLOW_H

#include <stddef.h>

/* The share of a capital that pays it back with interest in so many equal yearly amounts; above 0 years. */
double pf_annuity(double rate, double years);

double pf_net_present_value(const double *flows, size_t years, double rate);

/* A rate from -99 % to 1,000 % at which the net present value is 0. */
typedef enum { PF_ONE_RATE, PF_NO_RATE, PF_SEVERAL_RATES } pf_rates;
/* *rate: the only one, or the lowest of several; NaN of none. */
pf_rates pf_internal_rate(const double *flows, size_t years, double *rate);

/* Years until the discounted flows add up to 0 and stay there, a straight line within a year; infinite: never. Flows
 * that are never below 0 in sum have paid back at 0. */
double pf_payback(const double *flows, size_t years, double rate);

/* What was bought up to a year and lasts in it, if all lasts `life` years. */
double pf_lasting_capital(const double *capital, size_t years, double life, size_t year);

/* An investment whose first years are known: capital and running cost (below 0: a saving) by year. Behind the known
 * years the last year's running cost, which comes of what is `in_use` of the capital `basis` (one's own, or what others
 * spent), goes on for the share of it that still lasts, and nothing is bought again. flows [pf_flow_years]: what comes
 * in, costs below 0. */
size_t pf_flow_years(size_t years, double life);
void pf_extend_flows(const double *capital, const double *running, const double *basis, size_t years, double life,
                     double in_use, double *flows);

#endif
