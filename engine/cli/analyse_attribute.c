/* parkflow analyse attribute: whose doing a scenario's change is, and what it costs, into a results file and tables. */
#include "analysis/attribution_store.h"
#include "cli/analyse_game.h"
#include "cli/attribute_accounts.h"
#include "cli/attribute_print.h"

#include <string.h>

/* What a cost needs besides the indicators that were asked for; false where the model cannot say it, with a reason. */
static bool want_costs(pf_game_job *j, pf_abatement_request *r, const char **why)
{
    *r = (pf_abatement_request){.rate_count = j->rate_count, .shown = j->rate_count / 2};
    memcpy(r->rates, j->rates, sizeof j->rates);
    return pf_find_accounts(j, r, why);
}

/* The usual table, or those of --actor. */
static void print_costs(const pf_game_job *j, const pf_attribution *a, const pf_abatement_request *costs)
{
    size_t first, end, top = (size_t)j->options->top;
    pf_shown_actors(j, costs, &first, &end);
    if (first == end) pf_abatement_print(a, costs, &costs->usual, top, stdout);
    for (size_t i = first; i < end; i++) pf_abatement_print(a, costs, &costs->actors[i], top, stdout);
    pf_abatement_notes_print(a, costs, stdout);
}

static void report(const pf_game_job *j, const pf_attribution *a, const pf_abatement_request *costs, size_t shown,
                   const char *path)
{
    const pf_game_options *o = j->options;
    size_t park, period;
    pf_shown_place(j, &park, &period);
    pf_attribution_print(a, shown, park, period, (size_t)o->top, stdout);
    if (costs) print_costs(j, a, costs);
    fputc('\n', stdout);
    pf_describe_game(j, a->members, a->failed, stdout);
    pf_tell_written(path, "attribute");
}

static int execute(pf_game_job *j)
{
    pf_attribution found = {0};
    pf_abatement_request costs;
    pf_diagnostics *diagnostics = j->options->input.diagnostics;
    const char *why, *path = NULL;
    size_t park, period, first, end;
    if (!pf_want_indicators(j)) return PF_EXIT_WRONG_INPUT;
    size_t shown = j->indicator_count;
    bool has_costs = want_costs(j, &costs, &why);
    if (has_costs && !pf_shown_actors(j, &costs, &first, &end)) return PF_EXIT_WRONG_INPUT;
    if (!pf_shown_place(j, &park, &period) || !pf_start_game(j, true)) return PF_EXIT_WRONG_INPUT;
    costs.lives = j->lives;
    costs.ends = j->ends;
    costs.park = park;
    costs.years = j->game->reduction.years;
    if (has_costs && !costs.years) has_costs = false, why = "no whole year is reported";
    pf_status status = pf_attribute(&found, j->game, j->design, (size_t)j->options->members, diagnostics);
    pf_progress_end(&j->progress);
    pf_analysis group = {0};
    if (!status) group = pf_attribution_group(&found, has_costs ? &costs : NULL, pf_game_words(j));
    if (!status) status = pf_write_game(j, &group, &path);
    if (!status && !j->options->quiet) {
        report(j, &found, has_costs ? &costs : NULL, shown, path);
        if (!has_costs) printf("No costs are told: %s.\n", why);
    }
    pf_diagnostics_print(diagnostics, stderr);
    pf_attribution_free(&found);
    return status ? PF_EXIT_FAILED : PF_EXIT_FINE;
}

int pf_analyse_attribute(int argc, char **argv)
{
    pf_game_options options = {
        .by = -1, .seed = 1, .permutations = 500, .top = 12, .discount = "5..8..12 %", .life = "15"};
    pf_game_job job;
    int status = PF_EXIT_WRONG_INPUT;
    if (!pf_read_game_options(&options, argc, argv)) return status;
    if (pf_open_game(&job, &options)) status = execute(&job);
    pf_close_game(&job);
    return status;
}
