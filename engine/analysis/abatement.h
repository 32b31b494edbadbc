/* What the players' shares of greenhouse gases cost: takes an attribution that holds capital, running cost and gases,
 * gives for each player cost a tonne, net present value, internal rate and payback. */
#ifndef PF_ABATEMENT_H
#define PF_ABATEMENT_H

#include "analysis/attribution.h"
#include "analysis/cash_flow.h"

enum { PF_MOST_RATES = 3 };

typedef struct {
    /* places among the attribution's indicators: amounts of a period, summed; capital SIZE_MAX: nobody spends any */
    size_t capital, running, gases;
    double running_sign;         /* 1: a cost, -1: an income */
    bool running_has_capital;    /* which is taken off it */
    size_t park, years;          /* the first `years` periods are whole years, one after another */
    double rates[PF_MOST_RATES]; /* real, a year */
    size_t rate_count, shown;    /* the rate of what has one only */
    const double *lives;         /* [players], years */
    const bool *ends;            /* [players]: the model itself ends, or buys again, what has lived its life */
} pf_abatement_request;

typedef struct {
    double capital;                      /* spent in all years */
    double yearly[PF_MOST_RATES];        /* capital as an annuity, and the last year's running cost */
    double avoided;                      /* gases of the last year */
    double cost[PF_MOST_RATES];          /* yearly / avoided; NaN where nothing is avoided */
    double present_value[PF_MOST_RATES]; /* at the start of the first year */
    double internal_rate, payback;       /* payback without discounting, in years; infinite: never */
    pf_rates rates;
} pf_abatement;

/* From the shares of one member, as pf_share_row numbers them. */
pf_abatement pf_abate(const pf_attribution *a, const double *shares, const pf_abatement_request *request,
                      size_t player);

#endif
