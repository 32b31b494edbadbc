/* How greenhouse gases changed between two years, and why: takes a model and a scenario, gives for it and its reference
 * the effects of activity, structure, energy intensity, energy and fuel mix, and emission factors by park (LMDI-I,
 * lmdi.h), at the medians and over members (docs/decisions.md). What firms make and take, and boilers burn, is no
 * indicator of the model, so it is laid over for this run. */
#ifndef PF_DECOMPOSITION_H
#define PF_DECOMPOSITION_H

#include "ensemble/design.h"

/* In the order of the output. */
typedef enum {
    PF_EFFECT_ACTIVITY,  /* what all firms of a park make, weighted by their energy */
    PF_EFFECT_STRUCTURE, /* which firms make it */
    PF_EFFECT_INTENSITY, /* energy for a unit made */
    PF_EFFECT_MIX,       /* electricity or heat */
    PF_EFFECT_FUEL_MIX,  /* which fuels stand behind a firm's heat */
    PF_EFFECT_BURNT,     /* fuel burnt for a unit of a firm's heat: boilers, furnaces, lines, waste heat */
    PF_EFFECT_GRID,      /* emissions of a unit of electricity used */
    PF_EFFECT_HEAT,      /* emissions of a unit of a fuel, or of bought heat */
    PF_EFFECT_OTHER,     /* what no energy of a firm stands behind, as wastewater, landfills: a plain difference */
    PF_EFFECTS
} pf_effect_kind;
const char *pf_effect_name(pf_effect_kind kind);
const char *pf_effect_title(pf_effect_kind kind);

typedef struct {
    double first, last; /* ghg_total in the two years */
    double effects[PF_EFFECTS];
    double residual; /* last - first - effects */
} pf_decomposed;

/* The bars that tell a programme from what happened to it: activity, grid, trend, interventions; they add up to the
 * scenario's last year less the reference's first. */
enum { PF_BARS = 4 };
const char *pf_bar_name(size_t bar);

/* Of each number of what it is of. */
typedef struct {
    pf_decomposed *of;       /* [2][parks] */
    double (*bars)[PF_BARS]; /* [parks] */
} pf_decomposed_all;

typedef struct {
    uint32_t scenario;                         /* row of model->scenarios; its reference goes with it */
    const char *years[2];                      /* labels; NULL: the first and the last whole year */
    const pf_design_request *design;           /* of members; NULL: the medians alone */
    size_t members;                            /* of the design, the first */
    int threads;                               /* 0: as many as there are processors */
    void (*progress)(void *user, size_t runs); /* from several threads; NULL: nobody asks */
    void *user;
} pf_decomposition_request;

typedef struct {
    const pf_compiled *model;
    uint32_t rows[2]; /* of model->scenarios: the reference, the scenario */
    const char *years[2];
    size_t parks;                               /* the last: all together */
    pf_decomposed_all medians, mean, low, high; /* over members, where there are some: mean, 5 and 95 % */
    size_t members, failed;                     /* that the last three are over; that failed and are left out */
    bool has_run;                               /* the input was fine */
    size_t firms, fuels_apart; /* firms; needs of theirs that are no energy flow (tonnes of fuel) and stay out */
} pf_decomposition;

/* Compiles the model a second time and runs it at the medians and for the members. In the model's arena. */
pf_status pf_decompose(pf_decomposition *self, const pf_compiled *model, const pf_decomposition_request *request,
                       pf_diagnostics *diagnostics);

#endif
