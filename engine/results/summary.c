/* A line a scenario: each headline indicator in the first and the last year, and the change against the reference in
 * each. */
#include "results/summary.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

enum { NAME_WIDTH = 20, VALUE_WIDTH = 12, CHANGE_WIDTH = 7, CELL_WIDTH = VALUE_WIDTH + CHANGE_WIDTH };

typedef struct {
    const pf_collected *c;
    const pf_compiled *m;
    FILE *out;
    size_t periods[2];        /* of the reduction by year: the first and the last year */
    size_t year_count, whole; /* whole: the period of all reported time */
    char line[2048];          /* being put together */
    size_t length;
} table;

__attribute__((format(printf, 2, 3))) static void add(table *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int more = vsnprintf(t->line + t->length, sizeof t->line - t->length, format, list);
    va_end(list);
    if (more > 0) t->length += (size_t)more;
    if (t->length >= sizeof t->line) t->length = sizeof t->line - 1;
}

/* Prints the line without the blanks at its end. */
static void end_line(table *t)
{
    while (t->length && t->line[t->length - 1] == ' ') t->length--;
    fprintf(t->out, "%.*s\n", (int)t->length, t->line);
    t->length = 0;
}

/* 1234567 -> "1,234,567"; three significant digits below 1000. */
static const char *readable(double value, char text[32])
{
    char digits[32];
    bool small = fabs(value) < 1000 && value != rint(value);
    if (isnan(value)) return "-";
    snprintf(digits, sizeof digits, small ? "%.3g" : fabs(value) < 1e15 ? "%.0f" : "%.3e", value);
    size_t length = strlen(digits), start = digits[0] == '-', out = 0;
    for (size_t i = 0; i < length && out < 30; i++) {
        if (!small && fabs(value) < 1e15 && i > start && (length - i) % 3 == 0) text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = 0;
    return text;
}

static int row_of(const table *t, int scenario)
{
    for (size_t i = 0; i < t->c->scenario_count; i++)
        if ((int)t->c->scenarios[i] == scenario) return (int)i;
    return -1;
}

static void print_change(table *t, double value, double reference)
{
    if (value == reference) add(t, "%*s", CHANGE_WIDTH, "=");
    else if (reference == 0 || isnan(reference) || isnan(value)) add(t, "%*s", CHANGE_WIDTH, "");
    else add(t, "%+*.1f%%", CHANGE_WIDTH - 1, 100 * (value - reference) / reference);
}

static void print_line(table *t, size_t scenario, size_t park)
{
    const pf_scenario_row *row = &t->m->scenarios[t->c->scenarios[scenario]];
    int reference = row->against >= 0 ? row_of(t, row->against) : -1;
    char text[32];
    add(t, "%c %-*s", row->potential ? '*' : ' ', NAME_WIDTH - 2, row->name);
    for (size_t v = 0; v < t->m->indicator_count; v++)
        for (size_t y = 0; t->m->indicators[v].headline && y < t->year_count; y++) {
            double value = pf_collected_in(t->c, scenario, v, park, t->periods[y]);
            add(t, "%*s", VALUE_WIDTH, readable(value, text));
            if (reference >= 0)
                print_change(t, value, pf_collected_in(t->c, (size_t)reference, v, park, t->periods[y]));
            else add(t, "%*s", CHANGE_WIDTH, "");
        }
    end_line(t);
}

static bool is_empty(table *t, size_t park)
{
    for (size_t s = 0; s < t->c->scenario_count; s++)
        for (size_t v = 0; v < t->m->indicator_count; v++)
            if (t->m->indicators[v].headline && pf_collected_in(t->c, s, v, park, t->whole) != 0) return false;
    return true;
}

static void print_heading(table *t)
{
    int columns = (int)t->year_count * CELL_WIDTH;
    add(t, "%-*s", NAME_WIDTH, "");
    for (size_t v = 0; v < t->m->indicator_count; v++) {
        const pf_indicator *indicator = &t->m->indicators[v];
        char text[96];
        snprintf(text, sizeof text, "%s [%s]", indicator->name, indicator->unit);
        if (indicator->headline) add(t, "   %-*s", columns - 3, text);
    }
    end_line(t);
    add(t, "%-*s", NAME_WIDTH, "");
    for (size_t v = 0; v < t->m->indicator_count; v++)
        for (size_t y = 0; t->m->indicators[v].headline && y < t->year_count; y++)
            add(t, "%*s%*s", VALUE_WIDTH, t->c->kept.second.periods[t->periods[y]].label, CHANGE_WIDTH, "");
    end_line(t);
}

void pf_say_held(const pf_compiled *m, FILE *out)
{
    if (m->held)
        fprintf(out, "What changes over time is held (%s): changes are saving rates, no savings in a year.\n", m->held);
}

void pf_summary_print(const pf_collected *c, FILE *out)
{
    table t = {.c = c, .m = c->model, .out = out};
    const pf_reduction *by_year = &c->kept.second;
    size_t years = by_year->years;
    if (!years) return;
    t.periods[1] = years - 1;
    t.year_count = years > 1 ? 2 : 1;
    t.whole = by_year->period_count - 1;
    print_heading(&t);
    size_t shown = 0, potentials = 0;
    for (size_t s = 0; s < c->scenario_count; s++) potentials += t.m->scenarios[c->scenarios[s]].potential;
    for (size_t p = 0; p <= t.m->park_count; p++) {
        if (p < t.m->park_count && is_empty(&t, p)) continue;
        if (p == t.m->park_count && shown < 2) continue; /* one park is its own total */
        shown++;
        fprintf(out, "%s\n", p == t.m->park_count ? "All parks" : t.m->parks[p].title);
        for (size_t s = 0; s < c->scenario_count; s++) print_line(&t, s, p);
    }
    if (potentials) fputs("* a potential: it holds measures that nobody has carried out or chosen.\n", out);
    pf_say_held(t.m, out);
    fputs("Changes are against each scenario's reference in the same year; '=' is no change at all.\n", out);
}
