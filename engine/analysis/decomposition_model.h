/* A model with what firms make, the energy that they take, and what gives them heat and burns what for it, as further
 * indicators, for a decomposition. Energy is in GJ, emissions are in the unit of ghg_total. */
#ifndef PF_DECOMPOSITION_MODEL_H
#define PF_DECOMPOSITION_MODEL_H

#include "analysis/fuel_tracing.h"
#include "model/compile.h"

/* A process that says what it makes. */
typedef struct {
    size_t park;
    const char *process;
    size_t production; /* row of the enlarged model's indicators, as all rows here */
} pf_firm;

/* Energy that a firm takes. */
typedef struct {
    size_t firm;
    enum { PF_TAKES_ELECTRICITY, PF_TAKES_HEAT, PF_BURNS_FUEL } what;
    size_t of;     /* heat: of the network's markets, or PF_NO_MARKET; fuel that it burns itself: of `fuels` */
    size_t energy; /* row */
} pf_firm_need;

/* What burns a fuel, or brings bought heat into the park, which then counts as a fuel. */
typedef struct {
    size_t park;
    const char *process;
    size_t fuel;
    size_t energy, emissions; /* rows */
    bool is_bought;           /* its emissions are upstream: a part of ghg_scope2 */
} pf_burner;

/* What gives heat to a market. */
typedef struct {
    size_t park;
    const char *process;
    size_t burner; /* of `burners`; SIZE_MAX: it burns nothing */
} pf_heat_source;

typedef struct {
    const pf_compiled *model; /* enlarged */
    pf_firm *firms;
    size_t firm_count;
    pf_firm_need *needs;
    size_t need_count, fuels_apart;
    const char **fuels; /* carriers */
    size_t fuel_count;
    pf_burner *burners;
    size_t burner_count;
    pf_heat_network network; /* of `sources` and `fuels` */
    const pf_heat_source *sources;
    const size_t *given, *taken; /* rows of the network's flows */
    const bool *is_power;        /* of given: it is electricity, not heat */
    int total, bought;           /* rows of ghg_total, ghg_scope2; -1: there is none */
} pf_firm_model;

/* False after an error. The scenario is left as it was. */
bool pf_firm_model_of(pf_firm_model *self, const pf_compiled *model, pf_diagnostics *diagnostics);

#endif
