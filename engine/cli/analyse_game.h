/* What `analyse attribute`, `portfolio` and `decompose` share: a scenario of a model or a results file, and for the
 * first two its interventions, set and unset in all combinations; options (analyse_game_options.c) and what they come
 * to (analyse_game.c). */
#ifndef PF_CLI_ANALYSE_GAME_H
#define PF_CLI_ANALYSE_GAME_H

#include "analysis/game.h"
#include "cli/analyse.h"
#include "cli/progress.h"

typedef struct {
    const char *capital, *running; /* indicators of the costs that are told; capital may be "none" */
    const char *actor;             /* or whose costs are: a name, or "all" */
    const char *method, *path, *output, *scenario, *discount, *life, *park, *period, *from, *to;
    pf_wanted indicators, groups, interventions;
    int by; /* pf_grouping; -1: not said */
    uint64_t members, seed, permutations, threads, top;
    double budget, within; /* of a portfolio: NaN: none; a share */
    bool quiet;
    pf_input_model input; /* --set */
} pf_game_options;

typedef struct {
    pf_game_options *options;
    pf_sample *sample; /* NULL: a model file was given */
    pf_kernel *kernel;
    pf_design_request members; /* what `design` was asked for */
    pf_design *design;         /* of members; NULL: the medians alone */
    uint32_t scenario;         /* row of the model */
    pf_players *players;
    uint32_t *indicators;
    size_t indicator_count;
    const uint32_t *periods; /* that are kept; NULL: all */
    size_t period_count;
    unsigned most_slots;
    pf_game_request request;
    pf_game *game;
    double rates[3]; /* real discount rates */
    size_t rate_count;
    double life, *lives; /* years: of --life, and [players] */
    bool *ends;          /* [players]: all of their interventions say a life, by which the model goes */
    pf_progress progress;
} pf_game_job;

/* False after a message. `argv[0]` is the method. */
bool pf_read_game_options(pf_game_options *options, int argc, char **argv);

/* Opens model and scenario; false after messages. */
bool pf_open_scenario(pf_game_job *job, pf_game_options *options);
/* Its members: a sweep's own, the first of them; of a model a Latin hypercube. False after a message, or errors. */
bool pf_open_members(pf_game_job *job);
/* Scenario and members, with players, rates and lives. */
bool pf_open_game(pf_game_job *job, pf_game_options *options);
/* Onto the pf_progress `user`; as what runs a model calls it. */
void pf_count_runs(void *user, size_t runs);
/* Sets the game of job->indicators up, with a sample of orders where that is allowed. */
bool pf_start_game(pf_game_job *job, bool may_sample);
void pf_close_game(pf_game_job *job);

/* Adds an indicator by name; -1, without a message, if the model has none; else its place. */
int pf_want_indicator(pf_game_job *job, const char *name);
/* The indicators of --indicator, or the headline ones that are no ratio; false after a message. */
bool pf_want_indicators(pf_game_job *job);

/* Rows, in a reduction by year, of --period (the last year, if not given) and of all reported time; false after a
 * message. Before pf_start_game. */
bool pf_choose_period(const pf_game_job *job, uint32_t periods[2]);
/* Places of --park (all, if not given) and --period; false after a message. */
bool pf_shown_place(const pf_game_job *job, size_t *park, size_t *period);

/* Puts the group into the results file, or into the new one of --output that a model is run into; *path: which, or
 * NULL: none was asked for. */
pf_status pf_write_game(const pf_game_job *job, const pf_analysis *analysis, const char **path);

/* What must be said of the numbers: members, subsets, seed. */
void pf_describe_game(const pf_game_job *job, size_t members, size_t failed, FILE *out);
/* The same without members, in the model's arena. */
const char *pf_game_words(const pf_game_job *job);
/* Where the group is, or that it is nowhere. */
void pf_tell_written(const char *path, const char *method);

int pf_analyse_attribute(int argc, char **argv);
int pf_analyse_portfolio(int argc, char **argv);
int pf_analyse_decompose(int argc, char **argv);

#endif
