/* One player's shares by year as a cash flow. */
#include "analysis/abatement.h"

#include <math.h>
#include <stdlib.h>

static void by_year(const pf_attribution *a, const double *shares, const pf_abatement_request *r, size_t player,
                    size_t indicator, double sign, double *amounts)
{
    for (size_t y = 0; y < r->years && indicator != SIZE_MAX; y++)
        amounts[y] = sign * shares[pf_share_row(a, player, indicator, r->park, y)];
}

static void value_flows(const double *capital, const double *running, const pf_abatement_request *r, double life,
                        double in_use, pf_abatement *of)
{
    size_t years = pf_flow_years(r->years, life);
    double *flows = pf_doubles(years);
    pf_extend_flows(capital, running, r->years, life, in_use, flows);
    for (size_t k = 0; k < r->rate_count; k++) of->present_value[k] = pf_net_present_value(flows, years, r->rates[k]);
    of->rates = pf_internal_rate(flows, years, &of->internal_rate);
    of->payback = pf_payback(flows, years, 0);
    free(flows);
}

pf_abatement pf_abate(const pf_attribution *a, const double *shares, const pf_abatement_request *r, size_t player)
{
    double *amounts = pf_doubles(3 * r->years), *capital = amounts, *running = amounts + r->years,
           *gases = amounts + 2 * r->years, life = r->lives[player];
    pf_abatement of = {0};
    by_year(a, shares, r, player, r->capital, 1, capital);
    by_year(a, shares, r, player, r->running, r->running_sign, running);
    by_year(a, shares, r, player, r->gases, 1, gases);
    for (size_t y = 0; y < r->years; y++) of.capital += capital[y];
    for (size_t y = 0; y < r->years && r->running_has_capital; y++) running[y] -= capital[y];
    of.avoided = -gases[r->years - 1];
    double in_use = r->ends[player] ? pf_lasting_capital(capital, r->years, life, r->years - 1) : of.capital;
    for (size_t k = 0; k < r->rate_count; k++) {
        of.yearly[k] = in_use * pf_annuity(r->rates[k], life) + running[r->years - 1];
        of.cost[k] = of.avoided > 0 ? of.yearly[k] / of.avoided : (double)NAN;
    }
    value_flows(capital, running, r, life, in_use, &of);
    free(amounts);
    return of;
}
