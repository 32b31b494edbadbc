/* Whose cost `analyse attribute` tells: of the indicators of --capital and --running, and of the model's actors. */
#ifndef PF_CLI_ATTRIBUTE_ACCOUNTS_H
#define PF_CLI_ATTRIBUTE_ACCOUNTS_H

#include "analysis/abatement.h"
#include "cli/analyse_game.h"

/* The accounts of a request, with the indicators that they need wanted of the game. False where the model can say none,
 * with a reason. */
bool pf_find_accounts(pf_game_job *job, pf_abatement_request *request, const char **why);

/* Which of request->actors --actor shows: *first up to *end; none if it was not given. False after a message. */
bool pf_shown_actors(const pf_game_job *job, const pf_abatement_request *request, size_t *first, size_t *end);

#endif
