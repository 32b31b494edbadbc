/* Whose doing a scenario's change is: each player's Shapley share of the change of each indicator, park and year, at
 * the medians and by member (docs/decisions.md). */
#ifndef PF_ATTRIBUTION_H
#define PF_ATTRIBUTION_H

#include "analysis/estimates.h"
#include "analysis/game.h"

typedef struct {
    const pf_game *game;
    size_t players, indicators, parks, periods; /* the last park: all together */
    size_t members, failed;                     /* that count; that were left out */
    double *shares;                             /* [player][indicator][park][period] at the medians */
    double *half_widths;                        /* the same, of the 95 % interval of a sample; else NULL */
    double *changes;                            /* [indicator][park][period] at the medians */
    double *shares_of_members;                  /* [member][player]...; NULL: none were asked for */
    double *changes_of_members;
} pf_attribution;

/* `members` of `design`, which may be NULL: the medians alone. A fault at the medians is an error, members that fail
 * are left out. Freed by pf_attribution_free, also after an error. */
pf_status pf_attribute(pf_attribution *self, const pf_game *game, const pf_design *design, size_t members,
                       pf_diagnostics *diagnostics);
void pf_attribution_free(pf_attribution *self);

static inline size_t pf_share_count(const pf_attribution *a)
{
    return a->players * a->indicators * a->parks * a->periods;
}
static inline size_t pf_change_row(const pf_attribution *a, size_t indicator, size_t park, size_t period)
{
    return (indicator * a->parks + park) * a->periods + period;
}
static inline size_t pf_share_row(const pf_attribution *a, size_t player, size_t indicator, size_t park, size_t period)
{
    return player * a->indicators * a->parks * a->periods + pf_change_row(a, indicator, park, period);
}

/* Mean, 5 % and 95 % point of `count` values, `stride` apart; of none NaN, those that are NaN left out. */
pf_estimate pf_spread(const double *values, size_t count, size_t stride);

/* A share or a change: over members where there are any; else at the medians, with the interval of a sample. */
pf_estimate pf_share_estimate(const pf_attribution *self, size_t row);
pf_estimate pf_change_estimate(const pf_attribution *self, size_t row);

#endif
