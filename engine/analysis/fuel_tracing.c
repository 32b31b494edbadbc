/* Hands fuels on from sources to markets and back, round after round, until nothing changes any more. */
#include "analysis/fuel_tracing.h"

#include "base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

void pf_heat_shares(const pf_heat_network *n, const double *given, double *shares)
{
    double *all = pf_doubles(n->sources + 1);
    for (size_t i = 0; i < n->given_count; i++) all[n->given[i].source] += given[i];
    for (size_t i = 0; i < n->given_count; i++) shares[i] = share(given[i], all[n->given[i].source]);
    free(all);
}

static void load_sources(const pf_heat_network *n, const double *taken, const double *burnt, const double *contents,
                         double *burdens)
{
    memcpy(burdens, burnt, n->sources * n->fuels * sizeof *burdens);
    for (size_t i = 0; i < n->taken_count; i++)
        for (size_t k = 0; k < n->fuels; k++)
            burdens[n->taken[i].source * n->fuels + k] += taken[i] * contents[n->taken[i].market * n->fuels + k];
}

/* `weights` of flows: the source's share over the market's heat. */
static void mix_markets(const pf_heat_network *n, const double *weights, const double *burdens, double *contents)
{
    memset(contents, 0, n->markets * n->fuels * sizeof *contents);
    for (size_t i = 0; i < n->given_count; i++)
        for (size_t k = 0; k < n->fuels && n->given[i].market != PF_NO_MARKET; k++)
            contents[n->given[i].market * n->fuels + k] += weights[i] * burdens[n->given[i].source * n->fuels + k];
}

static void weigh(const pf_heat_network *n, const double *given, double *weights)
{
    double *heat = pf_doubles(n->markets + 1);
    pf_heat_shares(n, given, weights);
    for (size_t i = 0; i < n->given_count; i++)
        if (n->given[i].market != PF_NO_MARKET) heat[n->given[i].market] += given[i];
    for (size_t i = 0; i < n->given_count; i++)
        if (n->given[i].market != PF_NO_MARKET) weights[i] = share(weights[i], heat[n->given[i].market]);
    free(heat);
}

static bool differ(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fabs(a[i] - b[i]) > 1e-15 * fabs(b[i])) return true;
    return false;
}

void pf_trace_fuels(const pf_heat_network *n, const double *given, const double *taken, const double *burnt,
                    double *contents, double *burdens)
{
    enum { MOST_ROUNDS = 1000 }; /* of heat in a circle that loses 4 % a time; without one a round a link is enough */
    size_t count = n->markets * n->fuels;
    double *weights = pf_doubles(n->given_count + 1), *before = pf_doubles(count + 1);
    weigh(n, given, weights);
    memset(contents, 0, count * sizeof *contents);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        memcpy(before, contents, count * sizeof *before);
        load_sources(n, taken, burnt, contents, burdens);
        mix_markets(n, weights, burdens, contents);
        if (!differ(contents, before, count)) break;
    }
    free(weights);
    free(before);
}
