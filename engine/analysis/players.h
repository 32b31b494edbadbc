/* Who plays when a scenario's change is shared out: the switches in which it differs from its reference, each alone or
 * several together as one player. */
#ifndef PF_PLAYERS_H
#define PF_PLAYERS_H

#include "ensemble/subsets.h"

enum { PF_MOST_PLAYERS = 256 };

typedef enum { PF_BY_INTERVENTION, PF_BY_SCENARIO, PF_BY_STATUS } pf_grouping;

typedef struct {
    const char *name, *title, *title_vi; /* title_vi may be NULL */
    const char *holds;                   /* its interventions: "a, b" */
} pf_player;

typedef struct {
    const pf_compiled *model;
    uint32_t scenario, against; /* rows of model->scenarios */
    pf_player *players;
    size_t count;
    pf_switch *switches; /* their slot is the row of their player, until a game gives another */
    size_t *player_of;   /* [switch_count] */
    size_t switch_count;
} pf_players;

typedef struct {
    uint32_t scenario;
    pf_grouping by;
    const char *const *groups; /* "NAME=PATTERN,PATTERN": interventions whose names fit (fnmatch) are one player */
    size_t group_count;
    const char *const *only; /* patterns: other interventions stay as in the reference; none: all play */
    size_t only_count;
} pf_players_request;

/* In the model's arena; NULL after an error: no reference, nothing that differs, a pattern that fits nothing, too many.
 */
pf_players *pf_players_of(const pf_compiled *model, const pf_players_request *request, pf_diagnostics *diagnostics);

/* Does the scenario list other scenarios, by which it could be grouped? */
bool pf_lists_scenarios(const pf_compiled *model, uint32_t scenario);

#endif
