/* A model with what firms make, and what boilers and furnaces burn and emit, as further indicators, for a
 * decomposition. */
#ifndef PF_DECOMPOSITION_MODEL_H
#define PF_DECOMPOSITION_MODEL_H

#include "model/compile.h"

/* A firm: a process whose needs of energy are flows. */
typedef struct {
    size_t park;
    const char *process;
    size_t production; /* row of the enlarged model's indicators */
} pf_firm;

/* A need of a firm: a row of the enlarged model's flows. */
typedef struct {
    size_t firm, flow;
    bool is_electricity;
    double joules; /* in one of the flow's unit */
} pf_firm_need;

/* What burns a fuel: a process whose type says its `fuel_energy`. */
typedef struct {
    size_t park;
    const char *process;
    size_t fuel;              /* of `fuels` */
    size_t energy, emissions; /* rows of the enlarged model's indicators */
} pf_burner;

typedef struct {
    const pf_compiled *model; /* enlarged, with all flows */
    pf_firm *firms;
    size_t firm_count;
    pf_firm_need *needs;
    size_t need_count, fuels_apart;
    const char **fuels; /* carriers */
    size_t fuel_count;
    pf_burner *burners;
    size_t burner_count;
    int total, wastewater, bought; /* rows of ghg_total, ghg_wastewater, ghg_scope2; -1: there is none */
} pf_firm_model;

/* False after an error. The scenario is left as it was. */
bool pf_firm_model_of(pf_firm_model *self, const pf_compiled *model, pf_diagnostics *diagnostics);

#endif
