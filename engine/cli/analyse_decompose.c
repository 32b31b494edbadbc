/* parkflow analyse decompose: why greenhouse gases changed between two years, with and without a scenario's
 * interventions, into a results file and tables. */
#include "analysis/decomposition.h"
#include "cli/analyse_game.h"
#include "results/analysis_group.h"
#include "results/table.h"

#include <math.h>
#include <stddef.h>
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
    const pf_decomposed *of = &j->found.medians.of[scenario * j->found.parks + park];
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
        if (j->found.medians.of[scenario * j->found.parks + p].first != 0) add_park(j, &table, scenario, p);
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
        const pf_decomposed *reference = &j->found.medians.of[p];
        if (reference->first == 0) continue;
        pf_table_add(&table, pf_format(j->arena, "  %s", park_name(j, p)));
        pf_table_add(&table, pf_amount_text(j->arena, reference->first));
        for (size_t b = 0; b < PF_BARS; b++)
            pf_table_add(&table, pf_amount_text(j->arena, j->found.medians.bars[p][b]));
        pf_table_add(&table, pf_amount_text(j->arena, j->found.medians.of[j->found.parks + p].last));
    }
    printf("\nFrom %s in %s to %s in %s: what %s has to do with it is `interventions`\n",
           scenarios[j->found.rows[0]].name, j->found.years[0], scenarios[j->found.rows[1]].name, j->found.years[1],
           scenarios[j->found.rows[1]].name);
    pf_table_print(&table, stdout);
    if (scenarios[j->found.rows[1]].potential)
        puts("A potential: it holds measures that nobody has carried out or chosen.");
}

static void add_range(const job *j, pf_table *table, const char *name, double mean, double low, double high)
{
    const pf_decomposed *all = &j->found.medians.of[2 * j->found.parks - 1];
    pf_table_add(table, pf_format(j->arena, "  %s", spaced(j->arena, name)));
    pf_table_add(table, effect_text(j, all, mean));
    pf_table_add(table, pf_format(j->arena, "%s .. %s", effect_text(j, all, low), effect_text(j, all, high)));
}

/* Of all parks together: the scenario's effects, then the bars. */
static void print_members(const job *j)
{
    const pf_decomposition *d = &j->found;
    size_t all = d->parks - 1, scenario = d->parks + all;
    pf_table table = {.arena = j->arena, .columns = 3, .left_columns = 1};
    for (size_t e = 0; e < PF_EFFECTS; e++)
        add_range(j, &table, pf_effect_name((pf_effect_kind)e), d->mean.of[scenario].effects[e],
                  d->low.of[scenario].effects[e], d->high.of[scenario].effects[e]);
    for (size_t b = 0; b < PF_BARS && d->rows[0] != d->rows[1]; b++)
        add_range(j, &table, pf_format(j->arena, "bar: %s", pf_bar_name(b)), d->mean.bars[all][b], d->low.bars[all][b],
                  d->high.bars[all][b]);
    printf("\n%s, all parks: mean and range from 5 %% to 95 %% over %zu members%s; each is formed member by member\n",
           d->model->scenarios[d->rows[1]].name, d->members,
           d->failed ? pf_format(j->arena, " (%zu more failed)", d->failed) : "");
    pf_table_print(&table, stdout);
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
    if (j->found.members) print_members(j);
    if (j->found.fuels_apart)
        printf("%zu needs of firms are fuel by weight or volume: what they emit is in `other`.\n",
               j->found.fuels_apart);
    pf_tell_written(path, "decompose");
}

/* ---- the group ---- */

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

/* Where a variable's numbers stand among those of all decomposed: so many from each of `count`, `stride` apart. */
typedef struct {
    size_t offset, each, stride, count;
} place;

/* The numbers of `of`, one after the other. */
static double *taken(const job *j, const double *from, const place *at)
{
    double *to = PF_ARRAY(j->arena, double, at->count * at->each);
    for (size_t i = 0; i < at->count; i++)
        memcpy(to + i * at->each, from + i * at->stride + at->offset, at->each * sizeof *to);
    return to;
}

/* With members mean, low and high in threes. */
static const double *with_ends(const job *j, const double *const from[3], const place *at)
{
    const double *mean = taken(j, from[0], at), *low = taken(j, from[1], at), *high = taken(j, from[2], at);
    double *to = PF_ARRAY(j->arena, double, 3 * at->count * at->each);
    for (size_t i = 0; i < at->count * at->each; i++) {
        to[3 * i] = mean[i];
        to[3 * i + 1] = low[i];
        to[3 * i + 2] = high[i];
    }
    return to;
}

/* `from`: medians, mean, low, high. */
static void add_variable(const job *j, pf_analysis_group *to, pf_analysis_variable v, const double *const from[4],
                         place at)
{
    v.units = j->unit;
    if (j->found.members) {
        v.has_interval = true;
        v.values = with_ends(j, from + 1, &at);
        pf_group_add(to, v);
        v.has_interval = false;
        v.name = pf_format(j->arena, "%s_at_medians", v.name);
    }
    v.values = taken(j, from[0], &at);
    pf_group_add(to, v);
}

static void fill(const job *j, pf_analysis_group *to, size_t scenarios)
{
    const pf_decomposition *d = &j->found;
    const pf_decomposed_all *const all[] = {&d->medians, &d->mean, &d->low, &d->high};
    size_t parks = d->parks, skipped = (2 - scenarios) * parks, numbers = sizeof(pf_decomposed) / sizeof(double);
    const double *of[4], *bars[4];
    for (size_t i = 0; i < 4; i++) {
        of[i] = all[i]->of ? (const double *)(all[i]->of + skipped) : NULL;
        bars[i] = all[i]->bars ? all[i]->bars[0] : NULL;
    }
    static const struct {
        const char *name, *title, *dimensions;
        size_t offset, each;
    } parts[] = {
        {"ghg_total_effect", "effect on greenhouse gases", "scenario park effect", offsetof(pf_decomposed, effects),
         PF_EFFECTS},
        {"ghg_total_first", "greenhouse gases in the first year", "scenario park", offsetof(pf_decomposed, first), 1},
        {"ghg_total_last", "greenhouse gases in the last year", "scenario park", offsetof(pf_decomposed, last), 1},
        {"ghg_total_residual", "what the effects leave out", "scenario park", offsetof(pf_decomposed, residual), 1},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        add_variable(j, to,
                     (pf_analysis_variable){
                         .name = parts[i].name, .long_name = parts[i].title, .dimensions = parts[i].dimensions},
                     of, (place){parts[i].offset / sizeof(double), parts[i].each, numbers, scenarios * parks});
    add_variable(j, to,
                 (pf_analysis_variable){.name = "ghg_total_bar",
                                        .long_name = "from the reference's first year to the scenario's last",
                                        .dimensions = "park bar"},
                 bars, (place){0, PF_BARS, PF_BARS, parks});
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
    pf_group_add_note(&group, "members", pf_format(j->arena, "%zu", j->found.members));
    pf_group_add_note(&group, "members_failed", pf_format(j->arena, "%zu", j->found.failed));
    pf_analysis analysis = pf_group_finish(&group, "decompose", "range from 5 % to 95 % over members");
    return pf_write_game(&j->game, &analysis, path);
}

static pf_status decompose(job *j)
{
    const pf_game_options *o = j->game.options;
    pf_decomposition_request request = {.scenario = j->game.scenario,
                                        .years = {o->from, o->to},
                                        .design = o->members ? &j->game.members : NULL,
                                        .members = (size_t)o->members,
                                        .threads = (int)o->threads,
                                        .progress = pf_count_runs,
                                        .user = &j->game.progress};
    if (!pf_open_members(&j->game)) return PF_FAILED;
    pf_progress_begin(&j->game.progress, o->members, 0, o->quiet || !o->members);
    pf_status status = pf_decompose(&j->found, o->input.model, &request, o->input.diagnostics);
    pf_progress_end(&j->game.progress);
    return status;
}

static int execute(job *j)
{
    const pf_game_options *o = j->game.options;
    const char *path = NULL;
    j->arena = o->input.scenario->arena;
    j->game.kernel = pf_kernel_new(&o->input.model->plan);
    pf_status status = decompose(j);
    for (size_t i = 0; i < o->input.model->indicator_count; i++)
        if (!strcmp(o->input.model->indicators[i].name, "ghg_total")) j->unit = o->input.model->indicators[i].unit;
    if (!status) status = write_group(j, &path);
    if (!status && !o->quiet) report(j, path);
    pf_diagnostics_print(o->input.diagnostics, stderr);
    return !status ? PF_EXIT_FINE : j->found.has_run ? PF_EXIT_FAILED : PF_EXIT_WRONG_INPUT;
}

int pf_analyse_decompose(int argc, char **argv)
{
    pf_game_options options = {.by = -1, .seed = 1};
    job j = {.arena = NULL};
    int status = PF_EXIT_WRONG_INPUT;
    if (!pf_read_game_options(&options, argc, argv)) return status;
    if (pf_open_scenario(&j.game, &options)) status = execute(&j);
    pf_close_game(&j.game);
    return status;
}
