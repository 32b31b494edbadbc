/* Findings as tables for a terminal: takes the indices of the shown period, gives for each indicator the references and
 * the changes, with the parameters that matter most, and a mark where an index may be nothing. */
#include "cli/analyse.h"

#include "results/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const pf_findings *f;
    pf_arena *arena;
    FILE *out;
    size_t top;
    bool has_doubtful, has_few, has_tied; /* a mark of that kind was printed */
} printer;

/* ---- numbers ---- */

/* A share or a ratio has three decimals, an amount four digits. */
static const char *number_text(pf_arena *arena, double value, bool is_amount)
{
    if (is_amount || isnan(value)) return pf_amount_text(arena, value);
    return pf_format(arena, "%.3f", fabs(value) < 0.0005 ? 0.0 : value);
}

static const char *interval_text(pf_arena *arena, pf_estimate of, bool is_amount)
{
    if (isnan(of.low) || isnan(of.high)) return "";
    return pf_format(arena, "%s .. %s", number_text(arena, of.low, is_amount), number_text(arena, of.high, is_amount));
}

/* ---- marks ---- */

/* May the index be nothing but chance? */
static bool is_doubtful(const pf_findings *f, pf_estimate of, bool is_signed, size_t output)
{
    double noise = pf_noise_of(f, output);
    return !isnan(of.low) && of.low <= noise && (!is_signed || of.high >= 0);
}

static const char *mark(printer *p, pf_estimate of, bool is_signed, size_t output)
{
    bool doubtful = is_doubtful(p->f, of, is_signed, output), few = p->f->outputs[output].is_few && !isnan(of.value);
    p->has_doubtful |= doubtful;
    p->has_few |= few;
    return doubtful && few ? "?~" : doubtful ? "?" : few ? "~" : "";
}

/* ---- one output ---- */

typedef struct {
    double size;
    size_t parameter;
} ranked;

static int by_size(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->size != b->size) return a->size > b->size ? -1 : 1;
    return a->parameter < b->parameter ? -1 : a->parameter > b->parameter;
}

/* Parameters by the size of an index, largest first; those that have none are left out. */
static size_t rank(const pf_estimate *index, bool is_signed, size_t k, ranked *order)
{
    size_t count = 0;
    for (size_t i = 0; i < k; i++)
        if (!isnan(index[i].value)) order[count++] = (ranked){is_signed ? fabs(index[i].value) : index[i].value, i};
    qsort(order, count, sizeof *order, by_size);
    return count;
}

static const char *spaced(pf_arena *arena, const char *name)
{
    char *text = pf_copy_text(arena, name, strlen(name));
    for (char *at = text; (at = strchr(at, '_')); at++) *at = ' ';
    return text;
}

static bool has_intervals(const pf_findings *f)
{
    return f->study->method->has_intervals && f->study->bootstrap.resamples;
}

/* The leading index first, the others behind it. */
static size_t index_in_column(const pf_method *method, size_t column)
{
    return column == 0 ? method->leading : column <= method->leading ? column - 1 : column;
}

static void add_heading(printer *p, pf_table *table)
{
    const pf_method *method = p->f->study->method;
    pf_table_add(table, "  parameter");
    for (size_t c = 0; c < method->index_count; c++) {
        pf_table_add(table, spaced(p->arena, method->indices[index_in_column(method, c)].name));
        if (!has_intervals(p->f)) continue;
        pf_table_add(table, "95 % interval");
        pf_table_add(table, "");
    }
}

static void add_parameter(printer *p, pf_table *table, size_t output, size_t parameter)
{
    const pf_method *method = p->f->study->method;
    bool is_tied = p->f->tied && p->f->tied[output * p->f->k + parameter];
    p->has_tied |= is_tied;
    pf_table_add(table, pf_format(p->arena, "%s %s", is_tied ? "!" : " ", p->f->parameters[parameter]));
    for (size_t c = 0; c < method->index_count; c++) {
        const pf_index *index = &method->indices[index_in_column(method, c)];
        pf_estimate of = pf_index_of(p->f, index_in_column(method, c), output)[parameter];
        pf_table_add(table, number_text(p->arena, of.value, index->has_unit));
        if (!has_intervals(p->f)) continue;
        pf_table_add(table, interval_text(p->arena, of, index->has_unit));
        pf_table_add(table, mark(p, of, index->is_signed, output));
    }
}

/* How many of the ranked parameters to print: none whose index comes out as 0. */
static size_t count_printed(const printer *p, const pf_index *leading, const ranked *order, size_t count)
{
    static const double least_share = 0.0005;
    size_t printed = 0;
    while (printed < count && printed < p->top && order[printed].size > (leading->has_unit ? 0 : least_share))
        printed++;
    return printed;
}

static void print_parameters(printer *p, size_t output)
{
    const pf_findings *f = p->f;
    const pf_method *method = f->study->method;
    const pf_index *leading = &method->indices[method->leading];
    ranked *order = pf_calloc(f->k + 1, sizeof *order);
    size_t count = rank(pf_index_of(f, method->leading, output), leading->is_signed, f->k, order);
    if (!count && method->index_count > 1) /* of a value of 0 there are no elasticities */
        count = rank(pf_index_of(f, 1, output), false, f->k, order);
    size_t printed = count_printed(p, leading, order, count);
    pf_table table = {.arena = p->arena, .left_columns = 1};
    table.columns = 1 + method->index_count * (has_intervals(f) ? 3 : 1);
    add_heading(p, &table);
    for (size_t i = 0; i < printed; i++) add_parameter(p, &table, output, order[i].parameter);
    if (printed) pf_table_print(&table, p->out);
    if (!count) fputs("    no index can be estimated\n", p->out);
    else if (printed < count)
        fprintf(p->out, "    %zu %s%s\n", count - printed, printed ? "more" : "parameters",
                printed < p->top ? ", next to nothing" : "");
    free(order);
}

/* The pairs that stand out most. */
static void print_pairs(printer *p, size_t output)
{
    enum { MOST_PAIRS = 3 };
    const pf_findings *f = p->f;
    const pf_estimate *pairs = f->pairs + output * f->k * f->k;
    ranked *order = pf_calloc(f->k * f->k + 1, sizeof *order);
    size_t count = rank(pairs, false, f->k * f->k, order);
    pf_table table = {.arena = p->arena, .columns = 4, .left_columns = 1};
    for (size_t i = 0; i < count && i < MOST_PAIRS; i++) {
        size_t pair = order[i].parameter;
        pf_estimate of = pairs[pair];
        if (is_doubtful(f, of, true, output)) continue;
        pf_table_add(&table,
                     pf_format(p->arena, "    %s x %s", f->parameters[pair / f->k], f->parameters[pair % f->k]));
        pf_table_add(&table, number_text(p->arena, of.value, false));
        pf_table_add(&table, interval_text(p->arena, of, false));
        pf_table_add(&table, mark(p, of, true, output));
    }
    fputs(table.cells.count ? "    second order:\n" : "    no pair has a second order that is surely not 0\n", p->out);
    pf_table_print(&table, p->out);
    free(order);
}

static void print_regression(printer *p, double r2)
{
    static const double trusted = 0.7;
    fprintf(p->out, "    R2 %.2f%s\n", r2,
            r2 < trusted ? ": the regression explains too little to go by; take first_order, delta or pawn" : "");
}

static void print_output(printer *p, size_t indicator, size_t row_of_case)
{
    const pf_findings *f = p->f;
    const pf_choice *choice = &f->study->choice;
    const pf_sample *sample = f->study->sample;
    size_t output = pf_output_row(f, indicator, row_of_case, choice->shown);
    const pf_of_output *of = &f->outputs[output];
    bool is_local = f->study->method->need == PF_NEEDS_NO_SAMPLE;
    fprintf(p->out, "  %s: %s %s, sd %s%s\n", sample->cases[choice->cases[row_of_case]].label,
            is_local ? "at the medians" : "mean", number_text(p->arena, of->mean, true),
            number_text(p->arena, of->sd, true), is_local ? " by propagation" : "");
    if (of->is_constant) {
        fputs("    does not vary: no parameter has an influence\n", p->out);
        return;
    }
    if (of->n < f->study->method->least) {
        fprintf(p->out, "    only %zu members have a value: too few\n", of->n);
        return;
    }
    if (f->study->method->has_r2) print_regression(p, of->r2);
    print_parameters(p, output);
    if (f->has_pairs) print_pairs(p, output);
}

/* ---- all of them ---- */

/* A reference, or a change: levels of other scenarios are what both come to. */
static bool is_printed(const pf_findings *f, size_t row_of_case)
{
    const pf_sample *sample = f->study->sample;
    const pf_sample_case *of = &sample->cases[f->study->choice.cases[row_of_case]];
    for (size_t c = 0; c < sample->case_count && !of->is_change; c++)
        if (sample->cases[c].is_change && sample->cases[c].scenario == of->scenario) return false;
    return true;
}

static void print_indicator(printer *p, pf_findings *f, size_t indicator)
{
    const pf_choice *choice = &f->study->choice;
    const pf_sample *sample = f->study->sample;
    const pf_sample_indicator *about = &sample->indicators[choice->indicators[indicator]];
    const char *park = sample->parks[choice->park];
    fprintf(p->out, "\n%s [%s], %s, %s%s\n", about->name, about->unit ? about->unit : "1",
            sample->periods[choice->periods[choice->shown]], strcmp(park, "all") ? "park " : "all parks",
            strcmp(park, "all") ? park : "");
    for (size_t c = 0; c < choice->case_count; c++) {
        if (!is_printed(f, c)) continue;
        print_output(p, indicator, c);
        const char *verdict = pf_verdict_words(f, indicator, c);
        if (verdict) fprintf(p->out, "    %s\n", verdict);
    }
}

static void print_legend(const printer *p)
{
    const pf_findings *f = p->f;
    if (p->has_tied && f->study->method->need == PF_NEEDS_RADIAL)
        fputs("!  the first order is above the total order, which cannot be: patterns of the design; take the total.\n",
              p->out);
    else if (p->has_tied)
        fprintf(p->out,
                "!  not its own: among these members of the design '%s' it goes with a parameter that matters.\n",
                f->study->sample->design);
    if (p->has_doubtful && f->slices)
        fprintf(p->out, "?  within the noise of %zu slices of %s members (%.3f): it may be nothing.\n", f->slices,
                pf_grouped(p->arena, (double)f->members), pf_pawn_noise(f->members, f->slices));
    else if (p->has_doubtful) fputs("?  the interval holds 0: it may be nothing.\n", p->out);
    if (p->has_few)
        fprintf(p->out, "~  fewer than %zu %s: only a hint.\n", f->study->method->few,
                f->group > 1 ? "groups" : "members");
}

void pf_findings_print(pf_findings *f, size_t top, FILE *out)
{
    printer p = {.f = f, .arena = pf_arena_new(), .out = out, .top = top};
    const pf_method *method = f->study->method;
    fprintf(out, "%s (%s).\n", method->title, method->doc);
    if (method->need != PF_NEEDS_NO_SAMPLE)
        fprintf(out, "%s members of the design '%s', %zu parameters.\n", pf_grouped(p.arena, (double)f->members),
                f->study->sample->design, f->k);
    for (size_t i = 0; i < f->notes.count; i++) fprintf(out, "Note: %s\n", f->notes.items[i]);
    for (size_t i = 0; i < f->study->choice.indicator_count; i++) print_indicator(&p, f, i);
    fputc('\n', out);
    print_legend(&p);
    pf_arena_free(p.arena);
}
