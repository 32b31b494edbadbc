/* Which fuels stand behind the heat of markets: takes what was burnt where, and the heat that sources give to markets
 * and take from them; gives the fuel in a unit of each market's heat. A market mixes what it is given, and a source
 * shares what it burns and takes in over what it gives, by energy: as the model's embodied emissions do
 * (model/embodied.c), but on sums over a period. On plain arrays. */
#ifndef PF_FUEL_TRACING_H
#define PF_FUEL_TRACING_H

#include <stddef.h>
#include <stdint.h>

/* Of what is no heat of a market: electricity, say, that is made beside it. */
#define PF_NO_MARKET SIZE_MAX

/* Energy from a source into a market, or the other way. */
typedef struct {
    size_t source, market; /* PF_NO_MARKET: the source's share of it is nobody's heat */
} pf_heat_flow;

typedef struct {
    size_t sources, markets, fuels;
    const pf_heat_flow *given, *taken;
    size_t given_count, taken_count;
} pf_heat_network;

/* given, taken: energy of each flow; burnt [sources][fuels]: energy of fuels. Gives contents [markets][fuels], energy
 * of a fuel in a unit of heat (0 where a market is given none), and burdens [sources][fuels], all fuel that a source
 * shares out. Exact where no heat goes round in a circle, else to rounding. */
void pf_trace_fuels(const pf_heat_network *network, const double *given, const double *taken, const double *burnt,
                    double *contents, double *burdens);

/* The share of each flow in all that its source gives: 0 where that is nothing. */
void pf_heat_shares(const pf_heat_network *network, const double *given, double *shares);

#endif
