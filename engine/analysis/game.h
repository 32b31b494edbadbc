/* The game of a scenario's interventions: takes players and wanted indicators, gives the indicators for subsets of
 * players, by simulation. Indicators of a park hang on few players, which the plan itself tells (model/influence.h);
 * players that no output has in common share a slot, so that 2^slots runs hold all 2^n subsets of every park at once.
 * Values are exact: what a park's indicator cannot hang on leaves its bits as they are. */
#ifndef PF_GAME_H
#define PF_GAME_H

#include "analysis/players.h"
#include "ensemble/reduce.h"

enum { PF_MOST_SLOTS = 20, PF_MOST_SAMPLED = 64 };

typedef struct {
    const pf_players *players;
    const pf_kernel *kernel;
    const uint32_t *indicators; /* rows of model->indicators */
    size_t indicator_count;
    const uint32_t *periods; /* of the reduction by year; NULL: all */
    size_t period_count;
    unsigned most_slots;                       /* beyond them not all combinations are run; at most PF_MOST_SLOTS */
    int threads;                               /* 0: as many as there are processors */
    void (*progress)(void *user, size_t runs); /* from several threads; NULL: nobody asks */
    void *user;
} pf_game_request;

/* An indicator in a park that hangs on some player. Sums over all parks are no unit, for they follow; ratios are. */
typedef struct {
    uint32_t indicator;  /* place in the request */
    uint32_t park;       /* model->park_count: all of them */
    const bool *players; /* [players]: on which it can hang */
    size_t player_count; /* how many they are */
} pf_unit_of_game;

typedef struct {
    const pf_game_request *request;
    pf_reduction reduction;  /* by year */
    const uint32_t *periods; /* of it, that are kept */
    size_t period_count;
    pf_unit_of_game *units;
    size_t unit_count;
    unsigned *slot_of;   /* [players] */
    pf_switch *switches; /* of the players, by slot */
    unsigned slots;
    size_t permutations; /* of a sample; 0: all subsets */
    uint64_t seed;
    uint64_t *rows; /* of a sample: nobody, all, then each order's subsets of 1 to n - 1; NULL: all subsets of slots */
    uint64_t row_count;
    size_t value_count; /* of a row: [unit][period] */
} pf_game;

/* Of all subsets where the slots allow it, else of `permutations` orders (even) drawn by `seed`; with 0 of them, or
 * more than PF_MOST_SAMPLED players, an error says what to do instead. In the model's arena. NULL after an error. Keeps
 * `request`. */
pf_game *pf_game_new(const pf_game_request *request, size_t permutations, uint64_t seed, pf_diagnostics *diagnostics);

/* Values of members first .. first + count - 1 of a design. */
typedef struct {
    const pf_game *game;
    uint64_t first;
    size_t count;
    double *values; /* [member][row][unit][period] */
    bool *failed;   /* [member] */
    size_t failures;
} pf_game_values;

/* How many members may be held at once. */
size_t pf_game_members_at_once(const pf_game *game);

/* Runs them. A member that fails in any row is marked; the first fault of all, by number, is added to `faults`, which
 * may be NULL. */
pf_status pf_game_run(const pf_game *game, const pf_design *design, uint64_t first, size_t count, pf_game_values *out,
                      pf_diagnostics *faults, pf_diagnostics *diagnostics);
void pf_game_values_free(pf_game_values *values);

static inline const double *pf_game_row(const pf_game_values *v, size_t member, uint64_t row)
{
    return v->values + (member * v->game->row_count + row) * v->game->value_count;
}

/* What a player adds to a row that is not of a sample. */
static inline uint64_t pf_game_bit(const pf_game *game, size_t player)
{
    return UINT64_C(1) << game->slot_of[player];
}

#endif
