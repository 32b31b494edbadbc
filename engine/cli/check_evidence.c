/* parkflow check FILE --evidence: takes a model that is right, prints by park what its numbers rest on, and what the
 * variance of its greenhouse gases rests on, to first order at the medians; with --csv as rows of CSV. */
#include "cli/check.h"

#include "analysis/first_order.h"
#include "base/notation.h"
#include "results/table.h"
#include "scenario/provenance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char emissions[] = "ghg_total"; /* of the library's indicators */

typedef struct {
    const pf_compiled *model;
    const pf_number_read *numbers;
    size_t count;
    pf_map by_place; /* of a number: its row and 1 */
    int indicator;   /* -1: the model has none of that name */
    pf_first_order run;
    bool csv;
} survey;

/* ---- counts ---- */

static bool is_of(const pf_number_read *number, const char *park)
{
    return park ? number->park && !strcmp(number->park, park) : !number->park;
}

static const char *share(pf_arena *arena, double part, double whole)
{
    if (!(whole > 0)) return "-";
    return part > 0 ? pf_format(arena, "%.0f %%", 100 * part / whole) : "";
}

/* What is said of a park, of what they share ("shared") or of all ("all"). */
typedef struct {
    const char *park, *title, *what, *unit; /* what: that is counted, or varies */
    double whole, sd;                       /* in `unit`; sd: of what varies */
    double parts[PF_GROUNDS];
} evidence_row;

static void put_csv(const evidence_row *r)
{
    char text[PF_NUMBER_TEXT];
    const char *labels[] = {r->park, r->what, r->unit};
    double sum = 0;
    for (size_t g = 0; g < PF_GROUNDS; g++) sum += r->parts[g];
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        pf_csv_write_cell(stdout, labels[i], false);
        putchar(',');
    }
    printf("%s,", pf_number_text(r->whole, text));
    printf("%s", isnan(r->sd) ? "" : pf_number_text(r->sd, text));
    for (size_t g = 0; g < PF_GROUNDS; g++) printf(",%s", sum > 0 ? pf_number_text(r->parts[g] / sum, text) : "");
    putchar('\n');
}

static void add_row(const survey *s, pf_table *table, const evidence_row *r)
{
    double sum = 0;
    if (s->csv) return put_csv(r);
    const char *whole = pf_grouped(table->arena, r->whole);
    if (!isnan(r->sd)) whole = pf_format(table->arena, "%s +- %s %s", whole, pf_grouped(table->arena, r->sd), r->unit);
    for (size_t g = 0; g < PF_GROUNDS; g++) sum += r->parts[g];
    pf_table_add(table, r->title);
    pf_table_add(table, whole);
    for (size_t g = 0; g < PF_GROUNDS; g++) pf_table_add(table, share(table->arena, r->parts[g], sum));
}

static void add_counts(const survey *s, pf_table *table, const char *title, const char *park, bool all)
{
    evidence_row r = {all ? "all" : park ? park : "shared", title, "numbers", "1", .sd = (double)NAN};
    for (size_t i = 0; i < s->count; i++) {
        if (!all && !is_of(&s->numbers[i], park)) continue;
        r.parts[s->numbers[i].ground]++;
        r.whole++;
    }
    if (r.whole > 0) add_row(s, table, &r);
}

static void add_heading(pf_table *table, const char *what)
{
    pf_table_add(table, "");
    pf_table_add(table, what);
    for (size_t g = 0; g < PF_GROUNDS; g++) pf_table_add(table, pf_ground_name((pf_ground)g));
}

static void print_counts(const survey *s)
{
    const pf_compiled *m = s->model;
    pf_table table = {.arena = m->scenario->arena, .columns = 2 + PF_GROUNDS, .left_columns = 1};
    add_heading(&table, "numbers");
    for (size_t p = 0; p + 1 < m->park_count; p++) add_counts(s, &table, m->parks[p].title, m->parks[p].name, false);
    add_counts(s, &table, "Shared: sectors, factors, types", NULL, false);
    add_counts(s, &table, "All", NULL, true);
    if (s->csv) return;
    puts("What the numbers rest on");
    pf_table_print(&table, stdout);
}

/* ---- the variance ---- */

static const char *place_text(pf_arena *arena, pf_mark mark)
{
    return pf_format(arena, "%s:%d:%d", mark.file ? mark.file : "", mark.line, mark.column);
}

/* By the place where it is written: copies of a row's common part say the same. */
static pf_ground ground_of_input(const survey *s, const pf_input *input)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->numbers[i].value == input->value) return s->numbers[i].ground;
    size_t row = (size_t)pf_map_get(&s->by_place, place_text(s->model->scenario->arena, input->value->mark));
    return row ? s->numbers[row - 1].ground : PF_RESTS_ON_NOTHING;
}

static void index_places(survey *s)
{
    pf_arena *arena = s->model->scenario->arena;
    for (size_t i = 0; i < s->count; i++)
        pf_map_set(&s->by_place, arena, place_text(arena, s->numbers[i].mark), (void *)(i + 1));
}

/* A quantity a park, and one for all: over all reported time. */
static pf_quantity *list_quantities(const survey *s)
{
    const pf_compiled *m = s->model;
    pf_arena *arena = m->scenario->arena;
    pf_quantity *quantities = PF_ARRAY(arena, pf_quantity, m->park_count + 1);
    for (size_t q = 0; q <= m->park_count; q++) {
        bool *parks = PF_ARRAY(arena, bool, m->park_count);
        for (size_t p = 0; p < m->park_count; p++) parks[p] = p == q || q == m->park_count;
        quantities[q] = (pf_quantity){(uint32_t)s->indicator, parks, 0, m->scenario->calendar.reported};
    }
    return quantities;
}

static void add_variance(const survey *s, pf_table *table, const pf_ground *grounds, size_t quantity)
{
    const pf_compiled *m = s->model;
    bool all = quantity == m->park_count;
    double *of = pf_doubles(s->run.k + 1);
    double variance = pf_first_order_variance(&s->run, s->run.slopes + quantity * s->run.k, of);
    evidence_row r = {.park = all ? "all" : m->parks[quantity].name,
                      .title = all ? "All" : m->parks[quantity].title,
                      .what = emissions,
                      .unit = m->indicators[s->indicator].unit,
                      .whole = s->run.values[quantity],
                      .sd = sqrt(variance)};
    for (size_t i = 0; i < s->run.k; i++) r.parts[grounds[i]] += of[i];
    if (r.whole != 0) add_row(s, table, &r);
    free(of);
}

static void print_variance(const survey *s)
{
    const pf_compiled *m = s->model;
    pf_table table = {.arena = m->scenario->arena, .columns = 2 + PF_GROUNDS, .left_columns = 1};
    pf_ground *grounds = PF_ARRAY(m->scenario->arena, pf_ground, s->run.k + 1);
    for (size_t i = 0; i < s->run.k; i++) grounds[i] = ground_of_input(s, &m->inputs[s->run.varied[i]]);
    add_heading(&table, pf_format(table.arena, "%s, with one sd", emissions));
    for (size_t q = 0; q <= m->park_count; q++) add_variance(s, &table, grounds, q);
    if (s->csv) return;
    printf("\nWhat the variance of %s rests on: scenario %s, all reported time, to first order at the medians\n",
           emissions, m->scenarios[0].name);
    pf_table_print(&table, stdout);
    if (s->run.without)
        printf("%zu parameter%s no derivative there and count%s as certain.\n", s->run.without,
               s->run.without == 1 ? " has" : "s have", s->run.without == 1 ? "s" : "");
}

/* ---- orphans ---- */

static void print_orphans(const survey *s)
{
    size_t orphans = 0;
    for (size_t i = 0; i < s->count; i++) orphans += s->numbers[i].ground == PF_RESTS_ON_NOTHING;
    if (!orphans) {
        puts("\nNo orphans: every number has a source or an assumption.");
        return;
    }
    printf("\n%zu orphan%s, with neither source nor assumption:\n", orphans, orphans == 1 ? "" : "s");
    for (size_t i = 0; i < s->count; i++) {
        const pf_number_read *n = &s->numbers[i];
        if (n->ground != PF_RESTS_ON_NOTHING) continue;
        if (n->mark.line) printf("  %s (%s:%d:%d)\n", n->path, n->mark.file, n->mark.line, n->mark.column);
        else printf("  %s (%s)\n", n->path, n->mark.file);
    }
}

static int emissions_row(const pf_compiled *m)
{
    for (size_t i = 0; i < m->indicator_count; i++)
        if (!strcmp(m->indicators[i].name, emissions) && m->indicators[i].numerator < 0) return (int)i;
    return -1;
}

int pf_check_evidence(pf_input_model *input, bool csv)
{
    survey s = {.model = pf_compile(input->scenario, (pf_compile_options){.tangents = true}), .csv = csv};
    pf_status status = s.model ? PF_OK : PF_FAILED;
    if (!status) {
        s.numbers = pf_provenance(input->scenario, &s.count);
        s.indicator = emissions_row(s.model);
        index_places(&s);
    }
    if (!status && s.indicator >= 0)
        status =
            pf_first_order_run(s.model, list_quantities(&s), s.model->park_count + 1, NULL, &s.run, input->diagnostics);
    pf_diagnostics_print(input->diagnostics, stderr);
    if (status) return PF_EXIT_FAILED;
    if (csv) puts("park,what,unit,whole,sd,measured,derived,benchmark,assumed,orphan");
    print_counts(&s);
    if (s.indicator >= 0) print_variance(&s);
    if (csv) return PF_EXIT_FINE;
    if (s.indicator < 0) printf("\nThe model has no indicator %s whose variance could be shared out.\n", emissions);
    print_orphans(&s);
    return PF_EXIT_FINE;
}
