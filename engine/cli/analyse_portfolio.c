/* parkflow analyse portfolio: all combinations of a scenario's interventions, their Pareto front and what is chosen
 * from it, into a results file and tables. */
#include "analysis/cash_flow.h"
#include "analysis/portfolio_store.h"
#include "cli/analyse_game.h"
#include "cli/portfolio_print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kept periods, by place: the one that is looked at, then the whole reported time. */
enum { IN_PERIOD, IN_ALL };

typedef struct {
    pf_game_job game;
    pf_objective objectives[PF_MOST_OBJECTIVES];
    size_t objective_count;
    uint32_t periods[2];
} job;

/* ---- objectives ---- */

static bool add_term(job *j, pf_objective *o, const char *name, uint32_t period, double weight)
{
    const pf_compiled *m = j->game.options->input.model;
    int place = pf_want_indicator(&j->game, name);
    if (place < 0) {
        pf_nearest near = pf_nearest_to(name);
        for (size_t v = 0; v < m->indicator_count; v++) pf_nearest_offer(&near, m->indicators[v].name);
        pf_wrong_usage("analyse", "no indicator is called '%s'%s", name, pf_nearest_hint(&near, m->scenario->arena));
        return false;
    }
    const pf_indicator *v = &m->indicators[j->game.indicators[place]];
    if (v->numerator >= 0)
        return pf_wrong_usage("analyse", "'%s' is a ratio, expected amounts that add up over parks", name), false;
    o->terms[o->term_count].indicator = (uint32_t)place;
    o->terms[o->term_count].period = period;
    o->terms[o->term_count++].weight = weight;
    o->unit = v->unit;
    if (!o->title) o->title = v->title;
    return true;
}

/* "cost": capital as an annuity and the running cost of the period; "capital": all that is spent; else an indicator. */
static bool add_objective(job *j, const char *text)
{
    const pf_game_options *options = j->game.options;
    if (j->objective_count == PF_MOST_OBJECTIVES)
        return pf_wrong_usage("analyse", "more than %d objectives", PF_MOST_OBJECTIVES), false;
    pf_objective *o = &j->objectives[j->objective_count++];
    const char *sign = strchr(text, ':');
    size_t length = sign ? (size_t)(sign - text) : strlen(text);
    *o = (pf_objective){.name = pf_copy_text(options->input.scenario->arena, text, length), .sign = 1};
    if (sign && strcmp(sign, ":max") != 0 && strcmp(sign, ":min") != 0)
        return pf_wrong_usage("analyse", "found '--objective %s', expected NAME, NAME:min or NAME:max", text), false;
    if (sign && !strcmp(sign, ":max")) o->sign = -1;
    if (!strcmp(o->name, "capital")) return add_term(j, o, "capital_cost", IN_ALL, 1);
    if (strcmp(o->name, "cost") != 0) return add_term(j, o, o->name, IN_PERIOD, 1);
    double annuity = pf_annuity(j->game.rates[j->game.rate_count / 2], j->game.life);
    o->title = "Yearly cost";
    return add_term(j, o, "capital_cost", IN_ALL, annuity) && add_term(j, o, "operating_cost", IN_PERIOD, 1);
}

static bool add_objectives(job *j)
{
    static const char *const usual[] = {"cost", "ghg_total", "freshwater_withdrawal"};
    const pf_wanted *wanted = &j->game.options->indicators;
    bool good = true;
    for (size_t i = 0; i < wanted->count && good; i++) good = add_objective(j, wanted->names[i]);
    for (size_t i = 0; i < 3 && good && !wanted->count; i++) good = add_objective(j, usual[i]);
    return good;
}

/* ---- the study ---- */

static bool check_options(const job *j)
{
    const pf_game_options *o = j->game.options;
    if (!(o->within >= 0 && o->within <= 100))
        return pf_wrong_usage("analyse", "found '--within %g', expected 0 to 100 %%", o->within), false;
    if (j->game.players->count <= PF_MOST_IN_PORTFOLIO) return true;
    pf_wrong_usage(
        "analyse",
        "'%s' has %zu interventions, at most %d make portfolios: choose some by --interventions, or put some "
        "together by --group NAME=PATTERN or --by scenario",
        o->scenario, j->game.players->count, PF_MOST_IN_PORTFOLIO);
    return false;
}

static void report(const job *j, const pf_portfolio_study *s, const char *path)
{
    const pf_game_options *o = j->game.options;
    pf_portfolios_print(s, (size_t)o->top, stdout);
    printf("\nChanges are of %s, capital of all reported time; cost is the capital as an annuity of %.3g %% over %.3g "
           "years "
           "and\nthe running cost of %s.\n",
           j->game.game->reduction.periods[j->periods[IN_PERIOD]].label, 100 * j->game.rates[j->game.rate_count / 2],
           j->game.life, j->game.game->reduction.periods[j->periods[IN_PERIOD]].label);
    pf_describe_game(&j->game, s->members, s->failed, stdout);
    pf_tell_written(path, "portfolio");
}

static int execute(job *j)
{
    pf_game_job *g = &j->game;
    pf_diagnostics *diagnostics = g->options->input.diagnostics;
    pf_portfolio_study study = {0};
    const char *path = NULL;
    if (!check_options(j) || !add_objectives(j) || !pf_choose_period(g, j->periods)) return PF_EXIT_WRONG_INPUT;
    g->periods = j->periods;
    g->period_count = 2;
    g->most_slots = PF_MOST_SLOTS;
    if (!pf_start_game(g, false)) return PF_EXIT_WRONG_INPUT;
    pf_portfolio_request request = {.game = g->game,
                                    .objectives = j->objectives,
                                    .objective_count = j->objective_count,
                                    .budget = g->options->budget,
                                    .within = g->options->within / 100,
                                    .most_alternatives = 6};
    pf_status status = pf_study_portfolios(&study, &request, g->design, (size_t)g->options->members, diagnostics);
    pf_progress_end(&g->progress);
    pf_analysis group = {0};
    if (!status) group = pf_portfolio_group(&study, pf_game_words(g));
    if (!status) status = pf_write_game(g, &group, &path);
    if (!status && !g->options->quiet) report(j, &study, path);
    pf_diagnostics_print(diagnostics, stderr);
    pf_portfolio_free(&study);
    return status ? PF_EXIT_FAILED : PF_EXIT_FINE;
}

int pf_analyse_portfolio(int argc, char **argv)
{
    pf_game_options options = {
        .by = -1, .seed = 1, .top = 12, .discount = "8 %", .life = "15", .budget = (double)NAN, .within = 5};
    job j = {.objective_count = 0};
    int status = PF_EXIT_WRONG_INPUT;
    if (!pf_read_game_options(&options, argc, argv)) return status;
    if (pf_open_game(&j.game, &options)) status = execute(&j);
    pf_close_game(&j.game);
    return status;
}
