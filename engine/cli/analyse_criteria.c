/* parkflow analyse criteria: which criteria of frameworks and laws the parks meet, from the results of a run or a
 * sweep, into the results file and tables. */
#include "analysis/criteria.h"
#include "cli/analyse.h"

#include "results/table.h"

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { PARK = 256, PERIOD };

static const struct option options[] = {{"scenario", required_argument, NULL, 's'},
                                        {"park", required_argument, NULL, PARK},
                                        {"period", required_argument, NULL, PERIOD},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {0}};

typedef struct {
    const char *path, *scenario, *park, *period;
    bool quiet;
    pf_scoreboard board;
    pf_arena *arena;
    size_t year;                 /* that is shown */
    size_t first_park, end_park; /* likewise */
    size_t first_scenario, scenario_end;
} job;

/* ---- which are shown ---- */

/* The row of a name; false after a message. */
static bool find(const char *option, const char *wanted, const char *const *names, size_t count, size_t *row)
{
    int found = pf_read_choice("analyse", option, wanted, names, count);
    *row = found < 0 ? 0 : (size_t)found;
    return found >= 0;
}

static bool choose(job *j)
{
    const pf_scoreboard *b = &j->board;
    const pf_tidy *t = b->tidy;
    size_t most = b->scenarios + b->parks + b->years;
    const char **names = PF_ARRAY(j->arena, const char *, most);
    for (size_t s = 0; s < b->scenarios; s++) names[s] = t->cases[s].label;
    for (size_t p = 0; p < b->parks; p++) names[b->scenarios + p] = t->parks[p].name;
    for (size_t y = 0; y < b->years; y++) names[b->scenarios + b->parks + y] = t->periods[y].label;
    j->scenario_end = b->scenarios;
    j->end_park = b->parks;
    j->year = b->years - 1;
    if (j->scenario && !find("--scenario", j->scenario, names, b->scenarios, &j->first_scenario)) return false;
    if (j->park && !find("--park", j->park, names + b->scenarios, b->parks, &j->first_park)) return false;
    if (j->scenario) j->scenario_end = j->first_scenario + 1;
    if (j->park) j->end_park = j->first_park + 1;
    return !j->period || find("--period", j->period, names + b->scenarios + b->parks, b->years, &j->year);
}

/* `shared` holds what belongs to no park, and is shown when it is asked for. */
static bool is_shown(const job *j, size_t park)
{
    return j->park || park + 1 != j->board.model->park_count;
}

/* ---- tables ---- */

static void add_row(pf_table *table, const char *const *cells)
{
    for (size_t i = 0; i < table->columns; i++) pf_table_add(table, cells[i]);
}

/* "4 of 6", and how many are met on average over the members; "-" where none can be judged. */
static const char *count_text(const job *j, size_t scenario, size_t park)
{
    size_t met = 0, judged = 0;
    double expected = 0;
    for (size_t c = 0; c < j->board.model->criterion_count; c++) {
        const pf_criterion_result *r = pf_scoreboard_at(&j->board, c, scenario, park, j->year);
        if (r->verdict != PF_MET && r->verdict != PF_MISSED) continue;
        met += r->verdict == PF_MET;
        judged++;
        expected += isnan(r->probability) ? 0 : r->probability;
    }
    if (!judged) return "-";
    return j->board.members ? pf_format(j->arena, "%zu of %zu (%.1f)", met, judged, expected)
                            : pf_format(j->arena, "%zu of %zu", met, judged);
}

/* A row a scenario, a column a park. */
static void print_counts(const job *j)
{
    pf_table table = {.arena = j->arena, .columns = 1, .left_columns = 1};
    for (size_t p = j->first_park; p < j->end_park; p++) table.columns += is_shown(j, p);
    for (size_t s = j->first_scenario; s <= j->scenario_end; s++) {
        bool is_heading = s == j->first_scenario;
        pf_table_add(&table, is_heading ? "scenario" : j->board.tidy->cases[s - 1].label);
        for (size_t p = j->first_park; p < j->end_park; p++)
            if (is_shown(j, p))
                pf_table_add(&table, is_heading ? j->board.tidy->parks[p].name : count_text(j, s - 1, p));
    }
    puts(j->board.members ? "Met, of those judged met or missed (met on average over the members)"
                          : "Met, of those judged met or missed");
    pf_table_print(&table, stdout);
}

static const char *with_unit(const job *j, const pf_criterion *c, double value)
{
    bool is_pure = !strcmp(c->unit, "1");
    if (isnan(value)) return "";
    return pf_format(j->arena, "%s%s%s", pf_amount_text(j->arena, value), is_pure ? "" : " ", is_pure ? "" : c->unit);
}

static const char *wants_text(const job *j, const pf_criterion *c)
{
    const char *wants = pf_criterion_wants(j->arena, c);
    bool is_recalled = c->basis && !strcmp(c->basis, "recalled");
    return *wants && is_recalled ? pf_format(j->arena, "%s (recalled)", wants) : wants;
}

static void add_criterion(const job *j, pf_table *table, size_t criterion, size_t scenario, size_t park)
{
    const pf_criterion *c = &j->board.model->criteria[criterion];
    const pf_criterion_result *r = pf_scoreboard_at(&j->board, criterion, scenario, park, j->year);
    const char *low = pf_amount_text(j->arena, r->low), *high = pf_amount_text(j->arena, r->high);
    add_row(table,
            (const char *[]){c->name, j->board.tidy->parks[park].name, wants_text(j, c), with_unit(j, c, r->value),
                             isnan(r->low) ? "" : pf_format(j->arena, "%s to %s", low, high),
                             pf_criterion_verdict_name(r->verdict),
                             isnan(r->probability) ? "" : pf_format(j->arena, "%.2f", r->probability)});
}

/* A row a criterion and park. */
static void print_scenario(const job *j, size_t scenario)
{
    pf_table table = {.arena = j->arena, .columns = 7, .left_columns = 3};
    bool has_members = j->board.members;
    add_row(&table, (const char *[]){"criterion", "park", "asked", "value", has_members ? "5 to 95 %" : "", "says",
                                     has_members ? "probability" : ""});
    for (size_t c = 0; c < j->board.model->criterion_count; c++)
        for (size_t p = j->first_park; p < j->end_park && !j->board.model->criteria[c].not_computable; p++)
            if (is_shown(j, p)) add_criterion(j, &table, c, scenario, p);
    printf("\n%s, %s\n", j->board.tidy->cases[scenario].label, j->board.tidy->periods[j->year].label);
    pf_table_print(&table, stdout);
}

/* The heading comes with the first. */
static void print_reason(const char *name, const char *park, const char *why, bool *any)
{
    if (!why) return;
    if (!*any) puts("\nNot computable from flows and facts");
    *any = true;
    printf("  %s%s%s: %s\n", name, park ? " in " : "", park ? park : "", why);
}

static void print_not_computable(const job *j)
{
    const pf_compiled *m = j->board.model;
    bool any = false;
    for (size_t c = 0; c < m->criterion_count; c++) {
        const pf_criterion *of = &m->criteria[c];
        print_reason(of->name, NULL, of->not_computable, &any);
        for (size_t p = j->first_park; p < j->end_park && p < m->park_count; p++)
            print_reason(of->name, m->parks[p].name, of->not_in[p], &any);
    }
}

static size_t computable_count(const pf_compiled *m)
{
    size_t count = 0;
    for (size_t c = 0; c < m->criterion_count; c++) count += !m->criteria[c].not_computable;
    return count;
}

static void report(const job *j)
{
    const pf_scoreboard *b = &j->board;
    size_t count = b->model->criterion_count, computable = computable_count(b->model);
    printf("%zu of %zu criteria can be computed; in %s, at the medians of all parameters\n", computable, count,
           b->tidy->periods[j->year].label);
    if (b->members)
        printf("Probability: the share of %" PRIu64 " members that meet it, of those with a value\n", b->members);
    else if (b->without_members) printf("No probabilities: %s\n", b->without_members);
    if (j->scenario) print_scenario(j, j->first_scenario);
    else print_counts(j);
    if (j->scenario) print_not_computable(j);
    if (!j->scenario) puts("Each criterion: --scenario NAME, also with --park NAME.");
    printf("Written: the group /analysis/criteria of %s.\n", j->path);
}

/* ---- the verb ---- */

static bool read_options(job *j, int argc, char **argv)
{
    int option;
    bool good = true;
    while (good && (option = pf_next_option(argc, argv, ":s:q", options, NULL)) != -1) switch (option) {
        case 's': j->scenario = optarg; break;
        case PARK: j->park = optarg; break;
        case PERIOD: j->period = optarg; break;
        case 'q': j->quiet = true; break;
        default: good = false;
        }
    if (!good) return false;
    if (optind + 1 != argc) return pf_wrong_usage("analyse", "expected criteria and one results file"), false;
    j->path = argv[optind];
    return true;
}

int pf_analyse_criteria(int argc, char **argv)
{
    job j = {.arena = pf_arena_new()};
    pf_diagnostics *diagnostics = pf_diagnostics_new();
    int status = PF_EXIT_WRONG_INPUT;
    if (!read_options(&j, argc, argv)) goto done;
    if (!pf_scoreboard_open(&j.board, j.path, diagnostics) || !choose(&j)) goto done;
    status = pf_scoreboard_write(&j.board, j.path, diagnostics) ? PF_EXIT_FAILED : PF_EXIT_FINE;
    if (!status && !j.quiet) report(&j);
done:
    pf_diagnostics_print(diagnostics, stderr);
    pf_scoreboard_close(&j.board);
    pf_diagnostics_free(diagnostics);
    pf_arena_free(j.arena);
    return status;
}
