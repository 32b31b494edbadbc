/* From options to a game: the model, its scenario, who plays, discount rates and lives; and the way into a file. */
#include "cli/analyse_game.h"

#include "base/distributions.h"
#include "kernel/native.h"
#include "results/collect.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SECONDS_IN_YEAR = 31556952;

/* ---- the model ---- */

static bool is_model_file(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending && (!strcmp(ending, ".yaml") || !strcmp(ending, ".yml"));
}

static bool open_results(pf_game_job *j)
{
    pf_game_options *o = j->options;
    if (o->output || o->input.setting_count)
        return pf_wrong_usage("analyse",
                              "a results file has its own input and takes the results: no --output, no --set"),
               false;
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    j->sample = pf_sample_open_any(o->path, diagnostics);
    if (j->sample && !j->sample->input)
        pf_error(diagnostics, (pf_mark){0}, "'%s' does not hold the input that it was made of", o->path);
    pf_diagnostics_print(diagnostics, stderr);
    bool good = !pf_error_count(diagnostics);
    pf_diagnostics_free(diagnostics);
    return good && pf_open_stored_model(&o->input, j->sample->input, o->path, (pf_compile_options){0});
}

static bool find_scenario(pf_game_job *j)
{
    const pf_compiled *m = j->options->input.model;
    pf_nearest near = pf_nearest_to(j->options->scenario);
    for (j->scenario = 0; j->scenario < m->scenario_count; j->scenario++) {
        if (!strcmp(m->scenarios[j->scenario].name, near.wanted)) return true;
        pf_nearest_offer(&near, m->scenarios[j->scenario].name);
    }
    pf_wrong_usage("analyse", "no scenario is called '%s'%s", near.wanted, pf_nearest_hint(&near, m->scenario->arena));
    return false;
}

/* ---- members ---- */

static bool is_random_sample(const pf_design *design)
{
    return pf_design_arrangement(design) == PF_ARRANGED_FREELY;
}

bool pf_open_members(pf_game_job *j)
{
    pf_game_options *o = j->options;
    bool is_sweep = j->sample && j->sample->design;
    j->members = (pf_design_request){.name = "latin_hypercube", .members = o->members, .seed = o->seed};
    if (!o->members) return true;
    if (is_sweep) j->members = pf_request_of_sample(j->sample, o->input.scenario);
    if (is_sweep && o->members > j->members.members)
        return pf_wrong_usage("analyse", "found '--members %" PRIu64 "', the sweep has %" PRIu64, o->members,
                              j->members.members),
               false;
    j->design = pf_design_new(o->input.model, &j->members, o->input.diagnostics);
    if (j->design && !is_random_sample(j->design))
        pf_error(o->input.diagnostics, (pf_mark){0},
                 "the members of the design '%s' are no random sample: take a sweep by monte_carlo, latin_hypercube or "
                 "sobol, or the model file",
                 pf_design_name(j->design));
    return j->design && !pf_error_count(o->input.diagnostics);
}

/* ---- rates and lives ---- */

static double median(const pf_value *value)
{
    if (value->kind == PF_NUMBER) return value->number;
    if (value->kind != PF_DISTRIBUTION) return (double)NAN;
    return pf_distribution_at((size_t)value->distribution)->quantile(0.5, value->arguments);
}

static const pf_value *read_value(const pf_game_job *j, const char *text)
{
    const pf_scenario *s = j->options->input.scenario;
    return pf_value_read(&s->values, pf_tree_text(s->arena, (pf_mark){0}, text));
}

/* "8 %", or least, middle and greatest: "5..8..12 %". */
static bool read_rates(pf_game_job *j)
{
    const char *text = j->options->discount;
    const pf_value *value = read_value(j, text);
    if (!value) return false;
    bool is_range = value->kind == PF_DISTRIBUTION && strstr(text, "..");
    j->rate_count = value->kind == PF_NUMBER ? 1 : is_range ? 3 : 0;
    for (size_t i = 0; i < j->rate_count; i++) j->rates[i] = value->arguments[i];
    bool good = j->rate_count && pf_dimension_none(value->unit.dimension);
    for (size_t i = 0; i < j->rate_count; i++) good &= j->rates[i] > -0.99 && j->rates[i] < 10;
    if (!good) pf_wrong_usage("analyse", "found '--discount %s', expected a rate, '8 %%' or '5..8..12 %%'", text);
    return good;
}

static bool years_of(const pf_value *value, double *years)
{
    bool is_time = !pf_dimension_none(value->unit.dimension);
    *years = median(value) / (is_time ? SECONDS_IN_YEAR : 1);
    if (*years >= 1 && *years <= 100) return true;
    pf_wrong_usage("analyse", "found a life of '%s', expected 1 to 100 years", value->text);
    return false;
}

/* `adoption: {life: ...}`, a value or the name of a parameter; NULL where it says none, or after an error. */
static const pf_value *life_of(const pf_game_job *j, const char *intervention)
{
    const pf_scenario *s = j->options->input.scenario;
    const pf_tree *tree = pf_tree_at(s->tree, pf_dotted(s->arena, intervention, "adoption.life"));
    const pf_value *value = tree ? pf_value_read(&s->values, tree) : NULL;
    while (value && value->kind == PF_EXPRESSION && value->expression->kind == PF_EXPR_PATH) {
        const char *name = value->expression->path.segments[0].name;
        tree = pf_tree_at(s->tree, pf_dotted(s->arena, "parameters", name));
        value = tree ? pf_value_read(&s->values, tree) : NULL;
    }
    return value;
}

/* A player of several interventions has their mean; --life is of those that say none. */
static bool read_lives(pf_game_job *j)
{
    const pf_compiled *m = j->options->input.model;
    size_t *counts = PF_ARRAY(m->scenario->arena, size_t, j->players->count);
    j->lives = PF_ARRAY(m->scenario->arena, double, j->players->count);
    j->ends = PF_ARRAY(m->scenario->arena, bool, j->players->count);
    for (size_t p = 0; p < j->players->count; p++) j->ends[p] = true;
    const pf_value *usual = read_value(j, j->options->life);
    if (!usual || !years_of(usual, &j->life)) return false;
    for (size_t k = 0; k < j->players->switch_count; k++) {
        const char *path = m->inputs[j->players->switches[k].input].name, *end = strrchr(path, '.');
        const pf_value *own = life_of(j, pf_copy_text(m->scenario->arena, path, (size_t)(end - path)));
        double years = j->life;
        if (own && !years_of(own, &years)) return false;
        j->ends[j->players->player_of[k]] &= own != NULL;
        j->lives[j->players->player_of[k]] += years;
        counts[j->players->player_of[k]]++;
    }
    for (size_t p = 0; p < j->players->count; p++) j->lives[p] /= (double)counts[p];
    return true;
}

/* ---- players ---- */

static bool find_players(pf_game_job *j, int by)
{
    const pf_game_options *o = j->options;
    pf_players_request request = {.scenario = j->scenario,
                                  .by = by < 0 ? PF_BY_INTERVENTION : (pf_grouping)by,
                                  .groups = o->groups.names,
                                  .group_count = o->groups.count,
                                  .only = o->interventions.names,
                                  .only_count = o->interventions.count};
    j->players = pf_players_of(o->input.model, &request, o->input.diagnostics);
    return j->players != NULL;
}

bool pf_open_scenario(pf_game_job *j, pf_game_options *o)
{
    *j = (pf_game_job){.options = o, .most_slots = 16};
    bool good = is_model_file(o->path) ? pf_open_model(&o->input, o->path, (pf_compile_options){0}) : open_results(j);
    return good && find_scenario(j);
}

bool pf_open_game(pf_game_job *j, pf_game_options *o)
{
    if (!pf_open_scenario(j, o)) return false;
    bool good = pf_open_members(j) && find_players(j, o->by) && read_rates(j) && read_lives(j);
    pf_diagnostics_print(o->input.diagnostics, stderr);
    if (!good) return false;
    j->indicators = PF_ARRAY(o->input.scenario->arena, uint32_t, o->input.model->indicator_count + 1);
    j->kernel = pf_kernel_new(&o->input.model->plan);
    return true;
}

void pf_close_game(pf_game_job *j)
{
    pf_design_free(j->design);
    pf_kernel_free(j->kernel);
    pf_sample_close(j->sample);
    pf_close_model(&j->options->input);
}

/* ---- indicators ---- */

int pf_want_indicator(pf_game_job *j, const char *name)
{
    const pf_compiled *m = j->options->input.model;
    for (size_t i = 0; i < j->indicator_count; i++)
        if (!strcmp(m->indicators[j->indicators[i]].name, name)) return (int)i;
    for (uint32_t v = 0; v < m->indicator_count; v++) {
        if (strcmp(m->indicators[v].name, name) != 0) continue;
        j->indicators[j->indicator_count] = v;
        return (int)j->indicator_count++;
    }
    return -1;
}

bool pf_want_indicators(pf_game_job *j)
{
    const pf_compiled *m = j->options->input.model;
    for (size_t i = 0; i < j->options->indicators.count; i++) {
        pf_nearest near = pf_nearest_to(j->options->indicators.names[i]);
        if (pf_want_indicator(j, near.wanted) >= 0) continue;
        for (size_t v = 0; v < m->indicator_count; v++) pf_nearest_offer(&near, m->indicators[v].name);
        pf_wrong_usage("analyse", "no indicator is called '%s'%s", near.wanted,
                       pf_nearest_hint(&near, m->scenario->arena));
        return false;
    }
    for (size_t v = 0; v < m->indicator_count && !j->options->indicators.count; v++)
        if (m->indicators[v].headline && m->indicators[v].numerator < 0) pf_want_indicator(j, m->indicators[v].name);
    if (!j->indicator_count)
        pf_wrong_usage("analyse", "the model has no headline indicator: expected --indicator NAME");
    return j->indicator_count > 0;
}

/* ---- the game ---- */

void pf_count_runs(void *user, size_t runs)
{
    pf_progress_add(user, runs);
}

static bool set_up(pf_game_job *j, size_t permutations, pf_diagnostics *diagnostics)
{
    j->request = (pf_game_request){.players = j->players,
                                   .kernel = j->kernel,
                                   .indicators = j->indicators,
                                   .indicator_count = j->indicator_count,
                                   .periods = j->periods,
                                   .period_count = j->period_count,
                                   .most_slots = j->most_slots,
                                   .threads = (int)j->options->threads,
                                   .progress = pf_count_runs,
                                   .user = &j->progress};
    j->game = pf_game_new(&j->request, permutations, j->options->seed, diagnostics);
    return j->game != NULL;
}

/* Are there more interventions than can be taken in all combinations, and nothing else was asked for? Then the
 * scenarios that this one lists play. */
static bool plays_by_scenario(pf_game_job *j, size_t permutations)
{
    const pf_game_options *o = j->options;
    if (o->by >= 0 || o->groups.count || !pf_lists_scenarios(o->input.model, j->scenario)) return false;
    pf_diagnostics *unheard = pf_diagnostics_new();
    bool fits = set_up(j, permutations, unheard) && !j->game->permutations;
    pf_diagnostics_free(unheard);
    return !fits;
}

bool pf_start_game(pf_game_job *j, bool may_sample)
{
    pf_game_options *o = j->options;
    size_t permutations = may_sample ? (size_t)o->permutations : 0;
    const char *why;
    bool good = true;
    if (plays_by_scenario(j, permutations)) good = find_players(j, PF_BY_SCENARIO) && read_lives(j);
    good = good && set_up(j, permutations, o->input.diagnostics);
    pf_diagnostics_print(o->input.diagnostics, stderr);
    if (!good) return false;
    uint64_t runs = j->game->row_count * (o->members + 1);
    if (pf_is_worth_compiling(o->input.model, (double)runs) && !pf_native_attach(j->kernel, &why))
        fprintf(stderr, "parkflow analyse: no native code: %s; the interpreter runs instead\n", why);
    pf_progress_begin(&j->progress, runs, 0, o->quiet);
    return true;
}

/* The row of --period; of the last year if it is not given. */
static bool find_period(const pf_game_job *j, const pf_reduction *r, size_t *period)
{
    const char *wanted = j->options->period;
    *period = (r->years ? r->years : r->period_count) - 1;
    if (!wanted) return true;
    pf_nearest near = pf_nearest_to(wanted);
    for (*period = 0; *period < r->period_count; ++*period) {
        if (!strcmp(r->periods[*period].label, wanted)) return true;
        pf_nearest_offer(&near, r->periods[*period].label);
    }
    pf_wrong_usage("analyse", "no period is called '%s'%s", wanted, pf_nearest_hint(&near, r->model->scenario->arena));
    return false;
}

bool pf_choose_period(const pf_game_job *j, uint32_t periods[2])
{
    pf_reduction r = pf_reduction_by_year(j->options->input.model);
    size_t period;
    if (!find_period(j, &r, &period)) return false;
    periods[0] = (uint32_t)period;
    periods[1] = (uint32_t)r.period_count - 1;
    return true;
}

bool pf_shown_place(const pf_game_job *j, size_t *park, size_t *period)
{
    const pf_compiled *m = j->options->input.model;
    const char *wanted = j->options->park;
    *park = m->park_count;
    pf_reduction r = pf_reduction_by_year(m);
    if (!find_period(j, &r, period)) return false;
    if (!wanted || !strcmp(wanted, "all")) return true;
    pf_nearest near = pf_nearest_to(wanted);
    for (*park = 0; *park < m->park_count; ++*park) {
        if (!strcmp(m->parks[*park].name, wanted)) return true;
        pf_nearest_offer(&near, m->parks[*park].name);
    }
    pf_wrong_usage("analyse", "no park is called '%s'%s", wanted, pf_nearest_hint(&near, m->scenario->arena));
    return false;
}

/* ---- into a file ---- */

/* The scenario and its reference at the medians, as `run` writes them. */
static pf_status write_medians(const pf_game_job *j, const char *path)
{
    const pf_game_options *o = j->options;
    int against = o->input.model->scenarios[j->scenario].against;
    const uint32_t rows[] = {against < 0 ? j->scenario : (uint32_t)against, j->scenario};
    pf_collected medians;
    pf_design *design = pf_design_new(o->input.model, &(pf_design_request){.name = "median"}, o->input.diagnostics);
    pf_collected_init(&medians, o->input.model, against < 0 ? rows + 1 : rows, against < 0 ? 1 : 2);
    pf_status status = design ? pf_collected_run(&medians, j->kernel, design, 0, o->input.diagnostics) : PF_FAILED;
    pf_result_header header = pf_collected_header(&medians);
    header.command = pf_format(o->input.scenario->arena, "run -s %s", o->scenario);
    for (size_t i = 0; i < o->input.setting_count; i++)
        header.command = pf_format(o->input.scenario->arena, "%s --set %s", header.command, o->input.settings[i]);
    if (!status) status = pf_collected_write(&medians, path, &header, o->input.diagnostics);
    pf_collected_free(&medians);
    pf_design_free(design);
    return status;
}

pf_status pf_write_game(const pf_game_job *j, const pf_analysis *analysis, const char **path)
{
    const pf_game_options *o = j->options;
    *path = j->sample ? o->path : o->output;
    if (!*path) return PF_OK;
    pf_status status = j->sample ? PF_OK : write_medians(j, *path);
    return status ? status : pf_sample_write_analysis(*path, analysis, o->input.diagnostics);
}

/* The most interventions that an indicator of a park hangs on. */
static size_t most_together(const pf_game *g)
{
    size_t most = 0;
    for (size_t u = 0; u < g->unit_count; u++)
        if (g->units[u].player_count > most) most = g->units[u].player_count;
    return most;
}

void pf_describe_game(const pf_game_job *j, size_t members, size_t failed, FILE *out)
{
    const pf_game *g = j->game;
    const pf_compiled *m = j->options->input.model;
    pf_arena *arena = m->scenario->arena;
    if (g->permutations)
        fprintf(out, "A sample: %zu random orders of %zu interventions; intervals of 95 %% are of the sampling.\n",
                g->permutations, j->players->count);
    else if (g->slots < j->players->count)
        fprintf(out, "All combinations of %zu: %" PRIu64 " runs, for no indicator of a park hangs on more than %zu.\n",
                j->players->count, g->row_count, most_together(g));
    else fprintf(out, "All %" PRIu64 " combinations of %zu.\n", g->row_count, j->players->count);
    if (members)
        fprintf(out, "Mean and range from 5 %% to 95 %% over %zu members%s; each is formed member by member.\n",
                members,
                failed ? pf_format(arena, " (%zu more fail with some combination and are left out)", failed) : "");
    else fputs("All parameters stand at their medians.\n", out);
}

const char *pf_game_words(const pf_game_job *j)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    pf_describe_game(j, 0, 0, out);
    fclose(out);
    const char *kept = pf_copy_text(j->options->input.scenario->arena, text, size);
    free(text);
    return kept;
}

void pf_tell_written(const char *path, const char *method)
{
    if (!path) puts("Nothing was written; --output FILE.h5 does.");
    else
        printf("Written: the group /analysis/%s of %s. To draw it:\n"
               "  /usr/bin/python3 scripts/plot_decisions.py %s %s %s.png\n",
               method, path, path, method, method);
}
