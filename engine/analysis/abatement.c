/* One player's shares by year as a cash flow of somebody. */
#include "analysis/abatement.h"

#include <math.h>
#include <stdlib.h>

/* What parts cancel to but for rounding is nothing: an internal rate or a payback of it would be noise. */
static double without_rounding(double sum, double gross)
{
    return fabs(sum) > 1e-9 * gross ? sum : 0;
}

/* One player's amounts by year. */
static void by_year(const pf_attribution *a, const double *shares, const pf_abatement_request *r, size_t player,
                    const pf_cash_parts *parts, double *amounts)
{
    for (size_t y = 0; y < r->years; y++) {
        double sum = 0, gross = 0;
        for (size_t i = 0; i < parts->count; i++) {
            const pf_cash_part *part = &parts->items[i];
            double amount = part->factor * shares[pf_share_row(a, player, part->indicator, r->park, y)];
            sum += amount;
            gross += fabs(amount);
        }
        amounts[y] = without_rounding(sum, gross);
    }
}

/* What a player's capital comes to in the last year: all of it, unless the model itself lets it end. */
static double in_use(const double *capital, const pf_abatement_request *r, size_t player)
{
    double sum = 0;
    if (r->ends[player]) return pf_lasting_capital(capital, r->years, r->lives[player], r->years - 1);
    for (size_t y = 0; y < r->years; y++) sum += capital[y];
    return sum;
}

static void value_flows(const double *flows, size_t years, const pf_abatement_request *r, pf_abatement *of)
{
    of->is_nothing = true;
    for (size_t y = 0; y < years; y++) of->is_nothing &= flows[y] == 0;
    for (size_t k = 0; k < r->rate_count; k++) of->present_value[k] = pf_net_present_value(flows, years, r->rates[k]);
    of->rates = pf_internal_rate(flows, years, &of->internal_rate);
    of->payback = pf_payback(flows, years, 0);
}

pf_abatement pf_abate(const pf_attribution *a, const double *shares, const pf_abatement_request *r,
                      const pf_account *account, size_t player)
{
    const pf_cash_parts gas = {&(pf_cash_part){r->gases, -1}, 1};
    double life = r->lives[player];
    size_t years = pf_flow_years(r->years, life);
    double *capital = pf_doubles(4 * r->years + years), *running = capital + r->years, *basis = running + r->years,
           *avoided = basis + r->years, *flows = avoided + r->years;
    pf_abatement of = {0};
    by_year(a, shares, r, player, &account->capital, capital);
    by_year(a, shares, r, player, &account->running, running);
    by_year(a, shares, r, player, &account->basis, basis);
    by_year(a, shares, r, player, &gas, avoided);
    for (size_t y = 0; y < r->years; y++) of.capital += capital[y];
    of.avoided = avoided[r->years - 1];
    for (size_t k = 0; k < r->rate_count; k++) {
        of.yearly[k] = in_use(capital, r, player) * pf_annuity(r->rates[k], life) + running[r->years - 1];
        of.cost[k] = of.avoided > 0 ? of.yearly[k] / of.avoided : (double)NAN;
    }
    pf_extend_flows(capital, running, basis, r->years, life, in_use(basis, r, player), flows);
    value_flows(flows, years, r, &of);
    free(capital);
    return of;
}

double pf_transfers_left(const pf_attribution *a, const pf_abatement_request *r)
{
    const pf_cash_parts *parts = &r->transfers.running;
    double sum = 0, gross = 0;
    for (size_t i = 0; i < parts->count; i++) {
        const pf_cash_part *part = &parts->items[i];
        double amount = part->factor * a->changes[pf_change_row(a, part->indicator, r->park, r->years - 1)];
        sum += amount;
        gross += fabs(amount);
    }
    return without_rounding(sum, gross);
}
