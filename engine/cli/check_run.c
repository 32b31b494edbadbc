/* parkflow check FILE --run: takes a model that is right, runs it at its medians, prints each check with what was
 * observed, what the model says and how far apart they are. */
#include "cli/check.h"

#include "analysis/observations.h"
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
    const pf_tree *observed = pf_tree_get(o->tree, "observed");
    const char *text = observed->kind == PF_TEXT ? observed->text : pf_tree_get_text(observed, "value");
    return text ? text : with_spread(arena, o, o->mean, o->sd);
}

static const char *where_text(const pf_compiled *m, const pf_finding *f)
{
    const pf_observation *o = f->of;
    const pf_scenario_row *scenario = &m->scenarios[f->scenario];
    if (o->against < 0) return scenario->name;
    const char *what = o->sign < 0 ? "saving" : "change";
    return o->against == scenario->against ? pf_format(m->scenario->arena, "%s of %s", what, scenario->name)
                                           : pf_format(m->scenario->arena, "%s of %s against %s", what, scenario->name,
                                                       m->scenarios[o->against].name);
}

static const char *period_text(pf_arena *arena, const pf_observation *o)
{
    const char *basis = pf_tree_get_text(o->tree, "basis");
    if (!basis || !strcmp(basis, "in_year")) return o->period;
    return pf_format(arena, "%s, %s", o->period, basis);
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
    const char *status = pf_tree_get_text(o->tree, "status");
    const char *cells[COLUMNS] = {
        o->name,
        where_text(m, f),
        period_text(arena, o),
        observed_text(arena, o),
        with_spread(arena, o, f->model, f->sd),
        isnan(f->z) || o->unlike ? "" : pf_format(arena, "%+.1f", round(10 * f->z) / 10 + 0.0),
        f->counts || o->unlike ? verdict_text(f->verdict)
                               : pf_format(arena, "%s (%s)", verdict_text(f->verdict), use_text(o)),
        status ? status : ""};
    for (size_t i = 0; i < COLUMNS; i++) pf_table_add(table, cells[i]);
}

/* The tests, or all that is no test; false where there is none. */
static bool print_findings(const pf_compiled *m, const pf_held *held, bool counts)
{
    pf_table table = {.arena = m->scenario->arena, .columns = COLUMNS, .left_columns = LEFT_COLUMNS};
    add_heading(&table);
    for (size_t i = 0; i < held->count; i++)
        if (held->findings[i].counts == counts) add_finding(&table, m, &held->findings[i]);
    if (table.cells.count == COLUMNS) return false;
    puts(counts ? "Tests" : "\nNot counted: fitted, prior, derived or context, or not alike");
    pf_table_print(&table, stdout);
    return true;
}

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
        if (o->unlike && (!i || held->findings[i - 1].of != o)) printf("%s is not alike: %s.\n", o->name, o->unlike);
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

int pf_check_run(pf_input_model *input)
{
    pf_held held;
    if (!input->model->observation_count) return puts("The model has no checks."), PF_EXIT_FINE;
    const pf_compiled *m = pf_compile(input->scenario, (pf_compile_options){.tangents = true});
    pf_status status = m ? pf_hold_observations(m, &held, input->diagnostics) : PF_FAILED;
    pf_diagnostics_print(input->diagnostics, stderr);
    if (status) return PF_EXIT_FAILED;
    print_findings(m, &held, true);
    print_findings(m, &held, false);
    print_count(&held);
    print_reasons(&held);
    print_notes(&held);
    return PF_EXIT_FINE;
}
