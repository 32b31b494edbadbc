/* parkflow check FILE --run: takes a model that is right, runs it at its medians, prints each check with what was
 * observed, what the model says and how far apart they are; with --csv as rows of CSV, amounts in the check's unit. */
#include "cli/check.h"

#include "analysis/observations.h"
#include "base/notation.h"
#include "results/table.h"

#include <math.h>
#include <string.h>

enum { COLUMNS = 8, LEFT_COLUMNS = 3 };

/* Three significant digits, thousands grouped. */
static const char *amount(pf_arena *arena, double value)
{
    if (isnan(value)) return "-";
    double size = fabs(value);
    if (size >= 1e15 || size < 1000) return pf_format(arena, "%.3g", value);
    double unit = pow(10, floor(log10(size)) - 2);
    return pf_grouped(arena, unit > 1 ? round(value / unit) * unit : value);
}

static const char *with_spread(pf_arena *arena, const pf_observation *o, double value, double sd)
{
    const char *unit = strcmp(o->unit, "1") != 0 ? pf_format(arena, " %s", o->unit) : "",
               *mean = amount(arena, value / o->scale);
    return sd > 0 ? pf_format(arena, "%s +- %s%s", mean, amount(arena, sd / o->scale), unit)
                  : pf_format(arena, "%s%s", mean, unit);
}

static const char *bound_text(pf_arena *arena, const pf_observation *o)
{
    const char *least = pf_tree_get_text(o->tree, "at_least"), *most = pf_tree_get_text(o->tree, "at_most");
    if (isfinite(o->at_least) && !least) least = with_spread(arena, o, o->at_least, 0);
    if (isfinite(o->at_most) && !most) most = with_spread(arena, o, o->at_most, 0);
    if (least && most) return pf_format(arena, "%s to %s", least, most);
    return least ? pf_format(arena, "at least %s", least) : pf_format(arena, "at most %s", most);
}

/* As it is written, where that is a text. */
static const char *observed_text(pf_arena *arena, const pf_observation *o)
{
    if (o->is_bound) return bound_text(arena, o);
    if (o->rows > 1) return pf_format(arena, "%u figures", o->rows);
    const pf_tree *observed = pf_tree_get(o->tree, "observed");
    const char *text = observed->kind == PF_TEXT ? observed->text : pf_tree_get_text(observed, "value");
    return text ? text : with_spread(arena, o, o->mean, o->sd);
}

static const char *where_text(const pf_compiled *m, const pf_finding *f)
{
    const pf_observation *o = f->of;
    const pf_scenario_row *scenario = &m->scenarios[f->scenario];
    if (o->against < 0) return scenario->name;
    const char *what = pf_format(m->scenario->arena, "%s%s", o->sign < 0 ? "saving" : "change", o->held ? " rate" : "");
    return o->against == scenario->against ? pf_format(m->scenario->arena, "%s of %s", what, scenario->name)
                                           : pf_format(m->scenario->arena, "%s of %s against %s", what, scenario->name,
                                                       m->scenarios[o->against].name);
}

/* The findings of a series stand row by row; of each row, one a scenario. */
static size_t row_stride(const pf_compiled *m, const pf_observation *o)
{
    return o->scenario < 0 ? m->scenario_count : 1;
}

/* From the first row of a series, its last. */
static const pf_finding *last_row(const pf_compiled *m, const pf_finding *first)
{
    return first + (first->of->rows - 1) * row_stride(m, first->of);
}

static const char *period_text(const pf_compiled *m, const pf_finding *f)
{
    pf_arena *arena = m->scenario->arena;
    const char *basis = pf_tree_get_text(f->of->tree, "basis"), *period = f->of->period;
    if (f->of->rows > 1) period = pf_format(arena, "%s..%s", period, last_row(m, f)->of->period);
    return !basis || !strcmp(basis, "in_year") ? period : pf_format(arena, "%s, %s", period, basis);
}

/* Of a series the number of rows that agree, and for z the root of the mean square. */
static const char *series_text(const pf_compiled *m, const pf_finding *first, double *z)
{
    const pf_observation *o = first->of;
    size_t agree = 0;
    double squares = 0;
    for (size_t row = 0; row < o->rows; row++) {
        const pf_finding *f = first + row * row_stride(m, o);
        agree += f->verdict == PF_AGREES;
        squares += f->z * f->z;
    }
    *z = sqrt(squares / o->rows);
    return pf_format(m->scenario->arena, "%zu of %u agree", agree, o->rows);
}

static const char *use_text(const pf_observation *o)
{
    static const char *const names[] = {"test", "fit", "prior", "context"};
    return o->is_derived ? "derived" : names[o->use];
}

static const char *verdict_text(pf_verdict verdict)
{
    static const char *const names[] = {"agrees", "differs", "too wide", "no spread", "holds", "fails", "not alike"};
    return names[verdict];
}

static void add_heading(pf_table *table)
{
    static const char *const heading[COLUMNS] = {"check", "scenario", "period", "reported",
                                                 "model", "z",        "says",   "status"};
    for (size_t i = 0; i < COLUMNS; i++) pf_table_add(table, heading[i]);
}

static void add_finding(pf_table *table, const pf_compiled *m, const pf_finding *f)
{
    pf_arena *arena = table->arena;
    const pf_observation *o = f->of;
    bool is_series = o->rows > 1;
    double z = f->z;
    const char *status = pf_tree_get_text(o->tree, "status"), *says = verdict_text(f->verdict);
    if (is_series && !o->unlike) says = series_text(m, f, &z);
    const char *cells[COLUMNS] = {
        o->name,
        where_text(m, f),
        period_text(m, f),
        observed_text(arena, o),
        is_series ? "" : with_spread(arena, o, f->model, f->sd),
        isnan(z) || o->unlike ? "" : pf_format(arena, is_series ? "%.1f" : "%+.1f", round(10 * z) / 10 + 0.0),
        f->counts || o->unlike ? says : pf_format(arena, "%s (%s)", says, use_text(o)),
        status ? status : ""};
    for (size_t i = 0; i < COLUMNS; i++) pf_table_add(table, cells[i]);
}

/* The tests, or all that is no test; false where there is none. */
static bool print_findings(const pf_compiled *m, const pf_held *held, bool counts)
{
    pf_table table = {.arena = m->scenario->arena, .columns = COLUMNS, .left_columns = LEFT_COLUMNS};
    add_heading(&table);
    for (size_t i = 0; i < held->count; i++)
        if (held->findings[i].counts == counts && !held->findings[i].of->row)
            add_finding(&table, m, &held->findings[i]);
    if (table.cells.count == COLUMNS) return false;
    puts(counts ? "Tests" : "\nNot counted: fitted, prior, derived or context, or not alike");
    pf_table_print(&table, stdout);
    return true;
}

/* ---- as CSV ---- */

static void put_text(const char *text)
{
    pf_csv_write_cell(stdout, text ? text : "", false);
    putchar(',');
}

/* Nothing of what is not known, or of a bound that there is not. */
static void put_number(double value)
{
    char text[PF_NUMBER_TEXT];
    printf("%s,", isfinite(value) ? pf_number_text(value, text) : "");
}

static void put_finding(const pf_compiled *m, const pf_finding *f)
{
    static const char *const remarks[] = {"basis", "status", "as_of", "source"};
    const pf_observation *o = f->of;
    put_text(o->name);
    put_text(o->title);
    put_text(where_text(m, f));
    put_text(o->period);
    put_number(o->is_bound ? (double)NAN : o->mean / o->scale);
    put_number(o->is_bound || !(o->sd > 0) ? (double)NAN : o->sd / o->scale);
    put_number(o->is_bound ? o->at_least / o->scale : (double)NAN);
    put_number(o->is_bound ? o->at_most / o->scale : (double)NAN);
    put_number(f->model / o->scale);
    put_number(f->sd / o->scale);
    put_text(o->unit);
    put_number(o->unlike ? (double)NAN : f->z);
    put_text(verdict_text(f->verdict));
    put_text(use_text(o));
    put_text(f->counts ? "yes" : "no");
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++) put_text(pf_tree_get_text(o->tree, remarks[i]));
    put_text(o->held);
    pf_csv_write_cell(stdout, o->unlike ? o->unlike : "", false);
    putchar('\n');
}

static void put_findings(const pf_compiled *m, const pf_held *held)
{
    puts("check,title,scenario,period,reported,reported_sd,at_least,at_most,model,model_sd,unit,z,says,use,counts,"
         "basis,status,as_of,source,held,unlike");
    for (size_t i = 0; i < held->count; i++) put_finding(m, &held->findings[i]);
}

/* ---- notes ---- */

static size_t count_of(const pf_held *held, pf_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < held->count; i++) count += held->findings[i].counts && held->findings[i].verdict == verdict;
    return count;
}

static void print_count(const pf_held *held)
{
    size_t agree = count_of(held, PF_AGREES), differ = count_of(held, PF_DIFFERS), wide = count_of(held, PF_TOO_WIDE),
           bare = count_of(held, PF_NO_SPREAD), hold = count_of(held, PF_HOLDS), fail = count_of(held, PF_FAILS);
    size_t observed = agree + differ + wide + bare, bounds = hold + fail;
    printf("\nObservations that test the model: %zu", observed);
    if (observed)
        printf(". Agree: %zu; differ by more than two standard deviations: %zu; too wide to tell: %zu", agree, differ,
               wide);
    if (bare) printf("; without a spread to judge by: %zu", bare);
    printf(".\nBounds: %zu", bounds);
    if (bounds) printf(". Hold: %zu; fail: %zu", hold, fail);
    puts(".");
}

/* Each reason why a check cannot be held against this run, once. */
static void print_reasons(const pf_held *held)
{
    for (size_t i = 0; i < held->count; i++) {
        const pf_observation *o = held->findings[i].of;
        if (o->unlike && !o->row && (!i || held->findings[i - 1].of != o))
            printf("%s is not alike: %s.\n", o->name, o->unlike);
    }
}

/* The checks from row `first` on that hold the same as that one, each once. */
static void print_alike(const pf_held *held, size_t first)
{
    const pf_observation *one = held->findings[first].of, *last = NULL;
    printf("A rate, no saving in a year, with what changes over time held at %s:", one->held);
    for (size_t i = first; i < held->count; i++) {
        const pf_observation *o = held->findings[i].of;
        if (o == last || !o->held || strcmp(o->held, one->held) != 0) continue;
        printf("%s %s", last ? "," : "", o->name);
        last = o;
    }
    puts(".");
}

/* Findings of one freeze follow each other. */
static void print_freezes(const pf_held *held)
{
    const char *last = "";
    for (size_t i = 0; i < held->count; i++) {
        const char *now = held->findings[i].of->held;
        if (now && strcmp(now, last) != 0) print_alike(held, i);
        if (now) last = now;
    }
}

static void print_notes(const pf_held *held)
{
    puts("The model stands at the medians of its parameters, with one standard deviation to first order; z is the "
         "difference\nover the root of both variances.");
    if (held->without)
        printf("%zu parameter%s no derivative there and count%s as certain.\n", held->without,
               held->without == 1 ? " has" : "s have", held->without == 1 ? "s" : "");
}

/* Adds what is found in a run with this freeze, or with that of the model. */
static pf_status add_findings(pf_input_model *input, const pf_tree *freeze, pf_held *held)
{
    pf_held more;
    const pf_compiled *m = pf_compile(input->scenario, (pf_compile_options){.tangents = true, .freeze = freeze});
    if (!m || pf_hold_observations(m, &more, input->diagnostics)) return PF_FAILED;
    pf_finding *all = PF_ARRAY(input->scenario->arena, pf_finding, held->count + more.count);
    if (held->count) memcpy(all, held->findings, held->count * sizeof *all);
    if (more.count) memcpy(all + held->count, more.findings, more.count * sizeof *all);
    *held = (pf_held){all, held->count + more.count, held->without > more.without ? held->without : more.without};
    return PF_OK;
}

static bool is_held(const pf_held *held, const pf_observation *o)
{
    for (size_t i = 0; i < held->count; i++)
        if (!strcmp(held->findings[i].of->name, o->name)) return true;
    return false;
}

/* A run for all that are savings in a year or levels, and one for each freeze that saving rates ask for. */
static pf_status hold_all(pf_input_model *input, pf_held *held)
{
    const pf_compiled *m = input->model;
    pf_status status = PF_OK;
    bool any = false;
    for (size_t i = 0; i < m->observation_count; i++) any |= !m->observations[i].is_apart;
    if (any) status = add_findings(input, NULL, held);
    for (size_t i = 0; i < m->observation_count && !status; i++)
        if (!is_held(held, &m->observations[i]))
            status = add_findings(input, pf_tree_get(m->observations[i].tree, "freeze"), held);
    return status;
}

int pf_check_run(pf_input_model *input, bool csv)
{
    const pf_compiled *m = input->model;
    pf_held held = {0};
    if (!m->observation_count && !csv) return puts("The model has no checks."), PF_EXIT_FINE;
    pf_status status = hold_all(input, &held);
    pf_diagnostics_print(input->diagnostics, stderr);
    if (status) return PF_EXIT_FAILED;
    if (csv) return put_findings(m, &held), PF_EXIT_FINE;
    print_findings(m, &held, true);
    print_findings(m, &held, false);
    print_count(&held);
    print_freezes(&held);
    print_reasons(&held);
    print_notes(&held);
    return PF_EXIT_FINE;
}
