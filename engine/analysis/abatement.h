/* What the players' shares of greenhouse gases cost, and whom: takes an attribution that holds gases and the amounts of
 * money that make up somebody's cash flow, gives for each player cost a tonne, net present value, internal rate and
 * payback. */
#ifndef PF_ABATEMENT_H
#define PF_ABATEMENT_H

#include "analysis/attribution.h"
#include "analysis/cash_flow.h"

enum { PF_MOST_RATES = 3 };

/* An indicator of a cash flow, summed over a period: its place in the attribution, and what it is multiplied by, below
 * 0 what comes in. Shares add up, so that those of a flow are the sums of those of its parts. */
typedef struct {
    size_t indicator;
    double factor;
} pf_cash_part;
typedef struct {
    const pf_cash_part *items;
    size_t count;
} pf_cash_parts;

/* Whose cost. */
typedef struct {
    const char *name, *title, *title_vi; /* of an actor */
    const char *holds, *unit;            /* what it is made of, for readers; of its money */
    pf_cash_parts capital, running;
    pf_cash_parts basis; /* the capital that running cost comes of, of actors that of all of them */
} pf_account;

typedef struct {
    pf_account usual;
    const pf_account *actors; /* the last one: society, which is what all bear and their capital, without transfers */
    size_t actor_count;
    pf_account transfers; /* running: what all actors pay, less what all receive, which should be nothing */
    size_t gases;
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
    bool is_nothing; /* no money comes or goes in any year */
} pf_abatement;

/* From the shares of one member, as pf_share_row numbers them. */
pf_abatement pf_abate(const pf_attribution *a, const double *shares, const pf_abatement_request *request,
                      const pf_account *account, size_t player);

/* What is paid to actors and received by none, in the change of the last year at the medians; 0 if it cancels. */
double pf_transfers_left(const pf_attribution *a, const pf_abatement_request *request);

#endif
