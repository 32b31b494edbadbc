/* From a scoreboard to the group /analysis/criteria of the results file (docs/criteria.md). */
#include "analysis/criteria.h"

#include "results/analysis_group.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

static const char everywhere[] = "criterion scenario park period";

/* ---- what the criteria are ---- */

typedef struct {
    const char *name, *title;
    size_t offset; /* of a text in pf_criterion */
} text_column;

static const text_column text_columns[] = {
    {"title", "title", offsetof(pf_criterion, title)},
    {"title_vi", "title in Vietnamese", offsetof(pf_criterion, title_vi)},
    {"framework", "who asks", offsetof(pf_criterion, framework)},
    {"clause", "where it stands there", offsetof(pf_criterion, clause)},
    {"kind", "prerequisite, performance or report", offsetof(pf_criterion, kind)},
    {"sdg", "targets of the Sustainable Development Goals that it serves", offsetof(pf_criterion, sdg)},
    {"source", "row of the evidence", offsetof(pf_criterion, source)},
    {"basis", "kind of that row: recalled is from memory, and to be verified", offsetof(pf_criterion, basis)},
    {"assumption", "what is assumed", offsetof(pf_criterion, assumption)},
    {"not_computable", "why flows and facts cannot answer it; empty if they can",
     offsetof(pf_criterion, not_computable)},
    {"unit", "unit of value, low, median, high and of the thresholds", offsetof(pf_criterion, unit)}};

static void add_texts(pf_analysis_group *to, const pf_compiled *m, const text_column *column)
{
    const char **texts = PF_ARRAY(to->arena, const char *, m->criterion_count);
    for (size_t c = 0; c < m->criterion_count; c++)
        texts[c] = *(const char *const *)((const char *)&m->criteria[c] + column->offset);
    pf_group_add(to, (pf_analysis_variable){
                         .name = column->name, .long_name = column->title, .dimensions = "criterion", .texts = texts});
}

static void add_exactness(pf_analysis_group *to, const pf_compiled *m)
{
    static const char *const names[] = {"exact", "lower bound", "upper bound"};
    const char **texts = PF_ARRAY(to->arena, const char *, m->criterion_count);
    for (size_t c = 0; c < m->criterion_count; c++) texts[c] = names[m->criteria[c].exactness];
    pf_group_add(to, (pf_analysis_variable){.name = "value_is",
                                            .long_name = "what value, low, median and high are of the true value",
                                            .dimensions = "criterion",
                                            .texts = texts});
}

/* Why a criterion cannot be computed in one of the parks that are no sum of others. */
static void add_exceptions(pf_analysis_group *to, const pf_scoreboard *b)
{
    const pf_compiled *m = b->model;
    const char **texts = PF_ARRAY(to->arena, const char *, m->criterion_count * b->parks);
    for (size_t c = 0; c < m->criterion_count; c++)
        for (size_t p = 0; p < m->park_count; p++) texts[c * b->parks + p] = m->criteria[c].not_in[p];
    pf_group_add(to, (pf_analysis_variable){.name = "not_in",
                                            .long_name = "why not in this park; empty if it can be computed there",
                                            .dimensions = "criterion park",
                                            .texts = texts});
}

static void add_thresholds(pf_analysis_group *to, const pf_compiled *m)
{
    double *least = PF_ARRAY(to->arena, double, m->criterion_count),
           *most = PF_ARRAY(to->arena, double, m->criterion_count);
    for (size_t c = 0; c < m->criterion_count; c++) {
        const pf_criterion *of = &m->criteria[c];
        least[c] = isfinite(of->at_least) ? of->at_least / of->scale : (double)NAN;
        most[c] = isfinite(of->at_most) ? of->at_most / of->scale : (double)NAN;
    }
    pf_group_add(to, (pf_analysis_variable){.name = "at_least",
                                            .long_name = "met if the value is no less; missing: no such threshold",
                                            .dimensions = "criterion",
                                            .values = least});
    pf_group_add(to, (pf_analysis_variable){.name = "at_most",
                                            .long_name = "met if the value is no more; missing: no such threshold",
                                            .dimensions = "criterion",
                                            .values = most});
}

/* ---- what was found ---- */

typedef struct {
    const char *name, *title;
    size_t offset; /* of a number in pf_criterion_result */
} number_column;

static const number_column number_columns[] = {
    {"value", "value at the medians of all parameters", offsetof(pf_criterion_result, value)},
    {"probability", "share of the members with a value that meet it", offsetof(pf_criterion_result, probability)},
    {"low", "5 % of the members with a value", offsetof(pf_criterion_result, low)},
    {"median", "50 % of the members with a value", offsetof(pf_criterion_result, median)},
    {"high", "95 % of the members with a value", offsetof(pf_criterion_result, high)},
    {"members_with_value", "members that have a value", offsetof(pf_criterion_result, members)}};

static size_t result_count(const pf_scoreboard *b)
{
    return b->model->criterion_count * b->scenarios * b->parks * b->years;
}

static void add_numbers(pf_analysis_group *to, const pf_scoreboard *b, const number_column *column)
{
    size_t count = result_count(b);
    double *values = PF_ARRAY(to->arena, double, count);
    for (size_t i = 0; i < count; i++) values[i] = *(const double *)((const char *)&b->results[i] + column->offset);
    pf_group_add(to, (pf_analysis_variable){
                         .name = column->name, .long_name = column->title, .dimensions = everywhere, .values = values});
}

static void add_verdicts(pf_analysis_group *to, const pf_scoreboard *b)
{
    size_t count = result_count(b);
    const char **verdicts = PF_ARRAY(to->arena, const char *, count);
    for (size_t i = 0; i < count; i++) verdicts[i] = pf_criterion_verdict_name(b->results[i].verdict);
    pf_group_add(to,
                 (pf_analysis_variable){
                     .name = "verdict",
                     .long_name = "met, missed, open (a bound proves nothing), value alone (nothing is asked), not in "
                                  "force, not computable",
                     .dimensions = everywhere,
                     .texts = verdicts});
}

static void add_dimensions(pf_analysis_group *to, const pf_scoreboard *b)
{
    const pf_tidy *t = b->tidy;
    const char **criteria = PF_ARRAY(to->arena, const char *, b->model->criterion_count),
               **scenarios = PF_ARRAY(to->arena, const char *, b->scenarios),
               **parks = PF_ARRAY(to->arena, const char *, b->parks),
               **years = PF_ARRAY(to->arena, const char *, b->years);
    for (size_t c = 0; c < b->model->criterion_count; c++) criteria[c] = b->model->criteria[c].name;
    for (size_t s = 0; s < b->scenarios; s++) scenarios[s] = t->cases[s].label;
    for (size_t p = 0; p < b->parks; p++) parks[p] = t->parks[p].name;
    for (size_t y = 0; y < b->years; y++) years[y] = t->periods[y].label;
    pf_group_add_dimension(to, "criterion", criteria, NULL, b->model->criterion_count);
    pf_group_add_dimension(to, "scenario", scenarios, NULL, b->scenarios);
    pf_group_add_dimension(to, "park", parks, NULL, b->parks);
    pf_group_add_dimension(to, "period", years, NULL, b->years);
}

static void add_notes(pf_analysis_group *to, const pf_scoreboard *b)
{
    pf_group_add_note(to, "title", "Criteria of frameworks and laws for eco-industrial parks");
    pf_group_add_note(to, "comment",
                      "The verdict is that of the run at the medians. Sums over steps and parks come before quotients. "
                      "The probability is the share of the members with a value that meet the threshold; it counts the "
                      "model's stated uncertainty and no other.");
    if (b->members) pf_group_add_note(to, "members", pf_format(to->arena, "%" PRIu64, b->members));
    if (b->without_members) pf_group_add_note(to, "without_members", b->without_members);
}

pf_status pf_scoreboard_write(const pf_scoreboard *b, const char *path, pf_diagnostics *diagnostics)
{
    pf_analysis_group group = {.arena = pf_arena_new()};
    add_dimensions(&group, b);
    for (size_t i = 0; i < sizeof text_columns / sizeof *text_columns; i++)
        add_texts(&group, b->model, &text_columns[i]);
    add_thresholds(&group, b->model);
    add_exactness(&group, b->model);
    add_exceptions(&group, b);
    for (size_t i = 0; i < sizeof number_columns / sizeof *number_columns; i++)
        add_numbers(&group, b, &number_columns[i]);
    add_verdicts(&group, b);
    add_notes(&group, b);
    pf_analysis analysis = pf_group_finish(&group, "criteria", NULL);
    pf_status status = pf_sample_write_analysis(path, &analysis, diagnostics);
    pf_arena_free(group.arena);
    return status;
}
