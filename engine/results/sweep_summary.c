/* The table that a sweep ends with: headline indicators of all parks in the last whole year, as median and range over
 * the members, and the change against the reference, formed member by member. */
#include "results/sweep_file.h"
#include "results/summary.h"

#include <math.h>
#include <string.h>

typedef struct {
    const pf_sweep_plan *plan;
    const pf_sweep_state *state;
    double low, high; /* of the range, of 1 */
    size_t period;
    FILE *out;
} table;

/* Three significant digits, with the unit's thousands marked: "1,090,000". */
static const char *rounded(double value, char text[32])
{
    char digits[32];
    if (isnan(value)) return "-";
    double scale = value != 0 ? pow(10, floor(log10(fabs(value))) - 2) : 1;
    if (scale < 1) snprintf(digits, sizeof digits, "%.3g", value);
    else snprintf(digits, sizeof digits, "%.0f", rint(value / scale) * scale);
    size_t length = strcspn(digits, ".e"), start = digits[0] == '-', out = 0;
    for (size_t i = 0; digits[i] && out < 30; i++) {
        if (i > start && i < length && (length - i) % 3 == 0) text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = 0;
    return text;
}

static void print_range(const table *t, const pf_statistics *statistics, size_t cell)
{
    char middle[32], low[32], high[32];
    fprintf(t->out, "%14s", rounded(pf_statistics_quantile(statistics, cell, 0.5).value, middle));
    fprintf(t->out, " (%s .. %s)", rounded(pf_statistics_quantile(statistics, cell, t->low).value, low),
            rounded(pf_statistics_quantile(statistics, cell, t->high).value, high));
}

static void print_indicator(const table *t, size_t indicator)
{
    const pf_sweep_plan *plan = t->plan;
    const pf_reduction *r = &plan->kept.first;
    size_t cell = pf_cell(r, indicator, r->parks - 1, t->period), change_row = 0;
    const pf_indicator *row = &plan->model->indicators[indicator];
    fprintf(t->out, "%s [%s]\n", row->name, row->unit);
    for (size_t s = 0; s < plan->scenario_count; s++) {
        const pf_scenario_row *scenario = &plan->model->scenarios[plan->scenarios[s]];
        fprintf(t->out, "%c %-20s", scenario->potential ? '*' : ' ', scenario->name);
        print_range(t, t->state->levels, s * plan->cells + cell);
        if (plan->references[s] >= 0) {
            fputs("   change ", t->out);
            print_range(t, t->state->changes, change_row++ * plan->cells + cell);
        }
        fputc('\n', t->out);
    }
}

void pf_sweep_print(const pf_sweep_plan *plan, const pf_sweep_state *state, const pf_sweep_file *file, FILE *out)
{
    const pf_reduction *r = &plan->kept.first;
    table t = {plan, state, 0.05, 0.95, 0, out};
    bool potential = false;
    if (file->percentile_count) {
        t.low = file->percentiles[0] / 100;
        t.high = file->percentiles[file->percentile_count - 1] / 100;
    }
    if (r->by_step || !r->years) t.period = r->period_count - 1;
    else t.period = r->years - 1;
    fprintf(out, "All parks, %s: median, and range from %g %% to %g %%, of %llu members\n", r->periods[t.period].label,
            100 * t.low, 100 * t.high, (unsigned long long)(pf_ranges_members(&state->done) - state->failed));
    for (size_t v = 0; v < plan->model->indicator_count; v++)
        if (plan->model->indicators[v].headline) print_indicator(&t, v);
    for (size_t s = 0; s < plan->scenario_count; s++)
        potential = potential || plan->model->scenarios[plan->scenarios[s]].potential;
    if (potential) fputs("* a potential: it holds measures that nobody has carried out or chosen.\n", out);
    pf_say_held(plan->model, out);
    fputs("A change is that of each member against its own reference; its range is not the difference of two ranges.\n",
          out);
}
