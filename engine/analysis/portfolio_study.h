/* Portfolios of a scenario's interventions: takes a game and objectives, gives the objectives of all subsets at the
 * medians, the front and the choices from it, and how they hold over members. */
#ifndef PF_PORTFOLIO_STUDY_H
#define PF_PORTFOLIO_STUDY_H

#include "analysis/estimates.h"
#include "analysis/game.h"
#include "analysis/portfolio.h"

/* A sum over indicators and kept periods of the game, over all parks: sign +1 the smaller the better, -1 the greater.
 */
typedef struct {
    const char *name, *unit, *title;
    struct {
        uint32_t indicator, period; /* places in the game's request */
        double weight;
    } terms[2];
    size_t term_count;
    double sign;
} pf_objective;

typedef struct {
    const pf_game *game;
    const pf_objective *objectives;
    size_t objective_count;
    double budget; /* of the first objective; NaN: none */
    double within; /* of the front's range: 0.05 */
    size_t most_alternatives;
} pf_portfolio_request;

/* Of an intervention: in how many of the best, and what the best loses (in the objective, at least 0) where it must be
 * in, or out. */
typedef struct {
    double in_best;
    pf_estimate with, without;
} pf_in_portfolio;

typedef struct {
    const pf_portfolio_request *request;
    size_t n, count; /* interventions; 2^n portfolios */
    double *values;  /* [portfolio][objective]: change against none of them, times sign */
    bool *in_front, *is_near;
    size_t front, near;   /* how many */
    size_t *alternatives; /* the first is the best or, without a budget, the cheapest of the front */
    size_t alternative_count;
    size_t *best; /* [objective], under the budget; SIZE_MAX: none; [0] unused */
    size_t members, failed;
    uint32_t *fronts;    /* [portfolio]: of so many members in the front; NULL: no members */
    double *in_fronts;   /* [intervention]: its share of the front, mean over members, or at the medians */
    pf_in_portfolio *in; /* [objective][intervention], of the members, or of the medians */
    pf_estimate *regret; /* [objective]: of the medians' best in a member; NaN: no members */
    double *over_budget; /* [objective]: the share of members in which the medians' best costs too much */
} pf_portfolio_study;

/* Freed by pf_portfolio_free, also after an error. */
pf_status pf_study_portfolios(pf_portfolio_study *self, const pf_portfolio_request *request, const pf_design *design,
                              size_t members, pf_diagnostics *diagnostics);
void pf_portfolio_free(pf_portfolio_study *self);

#endif
