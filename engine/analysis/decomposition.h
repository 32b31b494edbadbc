/* How greenhouse gases changed between two years, and why: takes a model and a scenario, gives for it and its reference
 * the effects of activity, structure, energy intensity, energy mix and emission factors by park (LMDI-I, lmdi.h), at
 * the medians (docs/decisions.md). What firms make is no indicator of the model, so it is laid over for this run. */
#ifndef PF_DECOMPOSITION_H
#define PF_DECOMPOSITION_H

#include "model/compile.h"

/* In the order of the output. */
typedef enum {
    PF_EFFECT_ACTIVITY,  /* what all firms of a park make, weighted by their energy */
    PF_EFFECT_STRUCTURE, /* which firms make it */
    PF_EFFECT_INTENSITY, /* energy for a unit made */
    PF_EFFECT_MIX,       /* electricity or heat */
    PF_EFFECT_GRID,      /* emissions of a unit of electricity used */
    PF_EFFECT_HEAT,      /* emissions of a unit of heat used: fuels, boilers, furnaces */
    PF_EFFECT_OTHER,     /* wastewater, and what no energy of a firm stands behind: a plain difference */
    PF_EFFECTS
} pf_effect_kind;
const char *pf_effect_name(pf_effect_kind kind);
const char *pf_effect_title(pf_effect_kind kind);

typedef struct {
    double first, last; /* ghg_total in the two years */
    double effects[PF_EFFECTS];
    double residual; /* last - first - effects */
} pf_decomposed;

typedef struct {
    const pf_compiled *model;
    uint32_t rows[2]; /* of model->scenarios: the reference, the scenario */
    const char *years[2];
    size_t parks;              /* the last: all together */
    pf_decomposed *of;         /* [2][parks] */
    bool has_run;              /* the input was fine */
    size_t firms, fuels_apart; /* firms; needs of theirs that are no energy flow (tonnes of fuel) and stay out */
} pf_decomposition;

/* `years`: labels; NULL: the first and the last whole year. Compiles the model a second time, with all flows. In the
 * model's arena. */
pf_status pf_decompose(pf_decomposition *self, const pf_compiled *model, uint32_t scenario, const char *const years[2],
                       pf_diagnostics *diagnostics);

/* The bars that tell a programme from what happened to it: activity, grid, trend, interventions; they add up to the
 * scenario's last year less the reference's first. */
enum { PF_BARS = 4 };
void pf_decomposition_bars(const pf_decomposition *self, size_t park, double bars[PF_BARS]);
const char *pf_bar_name(size_t bar);

#endif
