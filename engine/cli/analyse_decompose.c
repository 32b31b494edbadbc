/* parkflow analyse decompose: why greenhouse gases changed between two years, with and without a scenario's
 * interventions, into a results file and tables. */
#include "analysis/decomposition.h"
#include "cli/analyse_game.h"
#include "results/analysis_group.h"
#include "results/table.h"

#include <math.h>
#include <string.h>

typedef struct {
    pf_game_job game; /* its model, scenario and files */
    pf_decomposition found;
    pf_arena *arena;
    const char *unit;
} job;

static const char *park_name(const job *j, size_t park)
{
    return park + 1 == j->found.parks ? "all" : j->found.model->parks[park].name;
}

/* ---- the tables ---- */

/* What is only rounding is 0. */
static const char *effect_text(const job *j, const pf_decomposed *of, double effect)
{
    return pf_amount_text(j->arena, fabs(effect) < 1e-12 * fabs(of->first) ? 0 : effect);
}

static void add_park(const job *j, pf_table *table, size_t scenario, size_t park)
{
    const pf_decomposed *of = &j->found.of[scenario * j->found.parks + park];
    pf_table_add(table, pf_format(j->arena, "  %s", park_name(j, park)));
    pf_table_add(table, pf_amount_text(j->arena, of->first));
    for (size_t e = 0; e < PF_EFFECTS; e++) pf_table_add(table, effect_text(j, of, of->effects[e]));
    pf_table_add(table, pf_amount_text(j->arena, of->last));
}

static const char *spaced(pf_arena *arena, const char *name)
{
    char *text = pf_copy_text(arena, name, strlen(name));
    for (char *at = text; (at = strchr(at, '_')); at++) *at = ' ';
    return text;
}

static void print_scenario(const job *j, size_t scenario)
{
    pf_table table = {.arena = j->arena, .columns = 3 + PF_EFFECTS, .left_columns = 1};
    pf_table_add(&table, "  park");
    pf_table_add(&table, j->found.years[0]);
    for (size_t e = 0; e < PF_EFFECTS; e++) pf_table_add(&table, spaced(j->arena, pf_effect_name((pf_effect_kind)e)));
    pf_table_add(&table, j->found.years[1]);
    for (size_t p = 0; p < j->found.parks; p++)
        if (j->found.of[scenario * j->found.parks + p].first != 0) add_park(j, &table, scenario, p);
    printf("\n%s\n", j->found.model->scenarios[j->found.rows[scenario]].name);
    pf_table_print(&table, stdout);
}

static void print_bars(const job *j)
{
    pf_table table = {.arena = j->arena, .columns = 3 + PF_BARS, .left_columns = 1};
    const pf_scenario_row *scenarios = j->found.model->scenarios;
    pf_table_add(&table, "  park");
    pf_table_add(&table, j->found.years[0]);
    for (size_t b = 0; b < PF_BARS; b++) pf_table_add(&table, spaced(j->arena, pf_bar_name(b)));
    pf_table_add(&table, j->found.years[1]);
    for (size_t p = 0; p < j->found.parks; p++) {
        double bars[PF_BARS];
        const pf_decomposed *reference = &j->found.of[p];
        if (reference->first == 0) continue;
        pf_decomposition_bars(&j->found, p, bars);
        pf_table_add(&table, pf_format(j->arena, "  %s", park_name(j, p)));
        pf_table_add(&table, pf_amount_text(j->arena, reference->first));
        for (size_t b = 0; b < PF_BARS; b++) pf_table_add(&table, pf_amount_text(j->arena, bars[b]));
        pf_table_add(&table, pf_amount_text(j->arena, j->found.of[j->found.parks + p].last));
    }
    printf("\nFrom %s in %s to %s in %s: what %s has to do with it is `interventions`\n",
           scenarios[j->found.rows[0]].name, j->found.years[0], scenarios[j->found.rows[1]].name, j->found.years[1],
           scenarios[j->found.rows[1]].name);
    pf_table_print(&table, stdout);
    if (scenarios[j->found.rows[1]].potential)
        puts("A potential: it holds measures that nobody has carried out or chosen.");
}

static void report(const job *j, const char *path)
{
    printf("ghg_total [%s] from %s to %s at the medians, by effect (LMDI-I): %zu firms\n", j->unit, j->found.years[0],
           j->found.years[1], j->found.firms);
    print_scenario(j, 0);
    if (j->found.rows[0] != j->found.rows[1]) {
        print_scenario(j, 1);
        print_bars(j);
    }
    if (j->found.fuels_apart)
        printf("%zu needs of firms are fuel by weight or volume: their emissions are in the heat factor, not in "
               "intensity.\n",
               j->found.fuels_apart);
    pf_tell_written(path, "decompose");
}

/* ---- the group ---- */

static void add_variable(pf_analysis_group *to, const char *name, const char *title, const char *unit,
                         const char *dimensions, const double *values)
{
    pf_group_add(to, (pf_analysis_variable){
                         .name = name, .long_name = title, .units = unit, .dimensions = dimensions, .values = values});
}

static void name_dimensions(const job *j, pf_analysis_group *to, size_t scenarios)
{
    const char **parks = PF_ARRAY(j->arena, const char *, j->found.parks), **rows = PF_ARRAY(j->arena, const char *, 2),
               **effects = PF_ARRAY(j->arena, const char *, PF_EFFECTS),
               **bars = PF_ARRAY(j->arena, const char *, PF_BARS),
               **titles = PF_ARRAY(j->arena, const char *, PF_EFFECTS);
    for (size_t p = 0; p < j->found.parks; p++) parks[p] = park_name(j, p);
    for (size_t s = 0; s < 2; s++) rows[s] = j->found.model->scenarios[j->found.rows[s]].name;
    for (size_t e = 0; e < PF_EFFECTS; e++) effects[e] = pf_effect_name((pf_effect_kind)e);
    for (size_t e = 0; e < PF_EFFECTS; e++) titles[e] = pf_effect_title((pf_effect_kind)e);
    for (size_t b = 0; b < PF_BARS; b++) bars[b] = pf_bar_name(b);
    pf_group_add_dimension(to, "scenario", rows + 2 - scenarios, NULL, scenarios);
    pf_group_add_dimension(to, "park", parks, NULL, j->found.parks);
    pf_group_add_dimension(to, "effect", effects, NULL, PF_EFFECTS);
    pf_group_add_dimension(to, "bar", bars, NULL, PF_BARS);
    pf_group_add(
        to, (pf_analysis_variable){
                .name = "effect_title", .long_name = "what the effect is", .dimensions = "effect", .texts = titles});
}

static void fill(const job *j, pf_analysis_group *to, size_t scenarios)
{
    size_t parks = j->found.parks, count = scenarios * parks;
    double *effects = PF_ARRAY(j->arena, double, count *PF_EFFECTS), *first = PF_ARRAY(j->arena, double, count),
           *last = PF_ARRAY(j->arena, double, count), *residual = PF_ARRAY(j->arena, double, count),
           *bars = PF_ARRAY(j->arena, double, parks *PF_BARS);
    for (size_t i = 0; i < count; i++) {
        const pf_decomposed *of = &j->found.of[(2 - scenarios) * parks + i];
        memcpy(effects + i * PF_EFFECTS, of->effects, sizeof of->effects);
        first[i] = of->first;
        last[i] = of->last;
        residual[i] = of->residual;
    }
    for (size_t p = 0; p < parks; p++) pf_decomposition_bars(&j->found, p, bars + p * PF_BARS);
    add_variable(to, "ghg_total_effect", "effect on greenhouse gases", j->unit, "scenario park effect", effects);
    add_variable(to, "ghg_total_first", "greenhouse gases in the first year", j->unit, "scenario park", first);
    add_variable(to, "ghg_total_last", "greenhouse gases in the last year", j->unit, "scenario park", last);
    add_variable(to, "ghg_total_residual", "what the effects leave out", j->unit, "scenario park", residual);
    add_variable(to, "ghg_total_bar", "from the reference's first year to the scenario's last", j->unit, "park bar",
                 bars);
}

static pf_status write_group(const job *j, const char **path)
{
    pf_analysis_group group = {.arena = j->arena};
    size_t scenarios = j->found.rows[0] == j->found.rows[1] ? 1 : 2;
    name_dimensions(j, &group, scenarios);
    fill(j, &group, scenarios);
    pf_group_add_note(&group, "title", "Decomposition of greenhouse gases between two years");
    pf_group_add_note(&group, "references", "Ang 2005, The LMDI approach to decomposition analysis: a practical guide");
    pf_group_add_note(&group, "first_year", j->found.years[0]);
    pf_group_add_note(&group, "last_year", j->found.years[1]);
    pf_analysis analysis = pf_group_finish(&group, "decompose", NULL);
    return pf_write_game(&j->game, &analysis, path);
}

static int execute(job *j)
{
    const pf_game_options *o = j->game.options;
    const char *const years[] = {o->from, o->to}, *path = NULL;
    j->arena = o->input.scenario->arena;
    j->game.kernel = pf_kernel_new(&o->input.model->plan);
    pf_status status = pf_decompose(&j->found, o->input.model, j->game.scenario, years, o->input.diagnostics);
    for (size_t i = 0; i < o->input.model->indicator_count; i++)
        if (!strcmp(o->input.model->indicators[i].name, "ghg_total")) j->unit = o->input.model->indicators[i].unit;
    if (!status) status = write_group(j, &path);
    if (!status && !o->quiet) report(j, path);
    pf_diagnostics_print(o->input.diagnostics, stderr);
    return !status ? PF_EXIT_FINE : j->found.has_run ? PF_EXIT_FAILED : PF_EXIT_WRONG_INPUT;
}

int pf_analyse_decompose(int argc, char **argv)
{
    pf_game_options options = {.by = -1};
    job j = {.arena = NULL};
    int status = PF_EXIT_WRONG_INPUT;
    if (!pf_read_game_options(&options, argc, argv)) return status;
    if (pf_open_scenario(&j.game, &options)) status = execute(&j);
    pf_close_game(&j.game);
    return status;
}
