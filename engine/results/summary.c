/* A line a scenario: each headline indicator in the first and the last year, and the change against the reference in each. */
#include "results/summary.h"

#include <math.h>
#include <string.h>

enum { NAME_WIDTH = 20, VALUE_WIDTH = 12, CHANGE_WIDTH = 7, CELL_WIDTH = VALUE_WIDTH + CHANGE_WIDTH };

typedef struct {
    const pf_collected *c;
    const pf_compiled *m;
    FILE *out;
    int years[2];
    size_t year_count;
} table;

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

static void print_change(const table *t, double value, double reference)
{
    if (value == reference) fprintf(t->out, "%*s", CHANGE_WIDTH, "=");
    else if (reference == 0 || isnan(reference) || isnan(value)) fprintf(t->out, "%*s", CHANGE_WIDTH, "");
    else fprintf(t->out, "%+*.1f%%", CHANGE_WIDTH - 1, 100 * (value - reference) / reference);
}

static void print_line(const table *t, size_t scenario, size_t park)
{
    const pf_scenario_row *row = &t->m->scenarios[t->c->scenarios[scenario]];
    int reference = row->against >= 0 ? row_of(t, row->against) : -1;
    char text[32];
    fprintf(t->out, "%c %-*s", row->potential ? '*' : ' ', NAME_WIDTH - 2, row->name);
    for (size_t v = 0; v < t->m->indicator_count; v++)
        for (size_t y = 0; t->m->indicators[v].headline && y < t->year_count; y++) {
            double value = pf_collected_year(t->c, scenario, v, park, t->years[y]);
            fprintf(t->out, "%*s", VALUE_WIDTH, readable(value, text));
            if (reference >= 0) print_change(t, value, pf_collected_year(t->c, (size_t)reference, v, park, t->years[y]));
            else fprintf(t->out, "%*s", CHANGE_WIDTH, "");
        }
    fputc('\n', t->out);
}

static bool is_empty(const table *t, size_t park)
{
    for (size_t s = 0; s < t->c->scenario_count; s++)
        for (size_t v = 0; v < t->m->indicator_count; v++)
            if (t->m->indicators[v].headline && pf_collected_year(t->c, s, v, park, 0) != 0) return false;
    return true;
}

static void print_heading(const table *t)
{
    int columns = (int)t->year_count * CELL_WIDTH;
    fprintf(t->out, "%-*s", NAME_WIDTH, "");
    for (size_t v = 0; v < t->m->indicator_count; v++) {
        const pf_indicator *indicator = &t->m->indicators[v];
        char text[96];
        snprintf(text, sizeof text, "%s [%s]", indicator->name, indicator->unit);
        if (indicator->headline) fprintf(t->out, "   %-*s", columns - 3, text);
    }
    fprintf(t->out, "\n%-*s", NAME_WIDTH, "");
    for (size_t v = 0; v < t->m->indicator_count; v++)
        for (size_t y = 0; t->m->indicators[v].headline && y < t->year_count; y++) fprintf(t->out, "%*d%*s", VALUE_WIDTH, t->years[y], CHANGE_WIDTH, "");
    fputc('\n', t->out);
}

void pf_summary_print(const pf_collected *c, FILE *out)
{
    table t = {.c = c, .m = c->model, .out = out};
    if (!pf_reported_years(c->model, &t.years[0], &t.years[1])) return;
    t.year_count = t.years[1] > t.years[0] ? 2 : 1;
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
    fputs("Changes are against each scenario's reference in the same year; '=' is no change at all.\n", out);
}
