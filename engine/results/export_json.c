/* One JSON document that needs no other: what the numbers are, and series of them by period, for web pages. */
#include "base/notation.h"
#include "base/replacement.h"
#include "results/export_formats.h"

#include <string.h>

/* Begins the next item of a list, which the first one opens. */
static void next_item(FILE *out, size_t number)
{
    fputs(number ? ",\n  {" : "[\n  {", out);
}

static void put_titles(FILE *out, const char *english, const char *vietnamese)
{
    pf_json_pair(out, "title", english);
    fputs(", ", out);
    pf_json_pair(out, "title_vi", vietnamese);
}

static void put_cases(const pf_tidy *t, FILE *out)
{
    fputs("\"scenarios\": ", out);
    for (size_t c = 0; c < t->case_count; c++) {
        const pf_sample_case *of = &t->cases[c];
        const pf_scenario_row *row = pf_tidy_scenario(t, t->sample->scenarios[of->scenario]);
        const char *against = row->against >= 0 ? t->model->scenarios[row->against].name : NULL;
        next_item(out, c);
        pf_json_pair(out, "name", of->label);
        fputs(", ", out);
        put_titles(out, row->title, row->title_vi);
        fputs(", ", out);
        pf_json_pair(out, "against", against);
        fprintf(out, ", \"is_change\": %s, \"is_potential\": %s}", of->is_change ? "true" : "false",
                row->potential ? "true" : "false");
    }
    fputs("],\n\"parks\": ", out);
    for (size_t p = 0; p < t->park_count; p++) {
        next_item(out, p);
        pf_json_pair(out, "name", t->parks[p].name);
        fputs(", ", out);
        pf_json_pair(out, "title", t->parks[p].title);
        fprintf(out, ", \"is_all\": %s}", t->parks[p].is_all ? "true" : "false");
    }
    fputs("],\n", out);
}

static void put_periods(const pf_tidy *t, FILE *out)
{
    fputs("\"periods\": ", out);
    for (size_t i = 0; i < t->period_count; i++) {
        next_item(out, i);
        pf_json_pair(out, "label", t->periods[i].label);
        fputs(", ", out);
        pf_json_pair(out, "first_day", pf_tidy_date(t->arena, t->periods[i].first_day));
        fputs(", ", out);
        pf_json_pair(out, "last_day", pf_tidy_date(t->arena, t->periods[i].end_day - 1));
        fprintf(out, ", \"is_sum_of_others\": %s}", !t->by_step && i >= t->years ? "true" : "false");
    }
    fputs("],\n\"statistics\": ", out);
    for (size_t i = 0; i < t->statistic_count; i++) {
        next_item(out, i);
        pf_json_pair(out, "name", t->statistics[i]);
        fputs(", ", out);
        pf_json_pair(out, "description", pf_export_statistic_doc(t->arena, t->statistics[i]));
        fputc('}', out);
    }
    fputs("],\n", out);
}

typedef struct {
    const pf_tidy *tidy;
    FILE *out;
} writer;

/* A series begins with its first period and ends with its last. */
static bool put_value(void *user, pf_tidy_place at, double value)
{
    const writer *w = user;
    const pf_tidy *t = w->tidy;
    if (!at.period) {
        next_item(w->out, at.indicator + at.statistic + at.scenario + at.park);
        pf_json_pair(w->out, "indicator", t->indicators[at.indicator]->name);
        fputs(", ", w->out);
        pf_json_pair(w->out, "statistic", t->statistics[at.statistic]);
        fputs(", ", w->out);
        pf_json_pair(w->out, "scenario", t->cases[at.scenario].label);
        fputs(", ", w->out);
        pf_json_pair(w->out, "park", t->parks[at.park].name);
        fputs(", ", w->out);
        pf_json_pair(w->out, "unit", pf_tidy_unit(t->indicators[at.indicator]));
        fputs(", \"values\": [", w->out);
    }
    pf_json_number(w->out, value);
    fputs(at.period + 1 < t->period_count ? ", " : "]}", w->out);
    return !ferror(w->out);
}

pf_status pf_export_json(const pf_tidy *t, const char *path, pf_diagnostics *diagnostics)
{
    pf_export_text text;
    pf_export_text_begin(&text);
    fputs("{\"format\": \"parkflow series\", \"format_version\": 1,\n", text.out);
    pf_export_put_origin(t, text.out);
    fprintf(text.out, "\"by\": \"%s\",\n", t->by_step ? "step" : "year");
    put_cases(t, text.out);
    put_periods(t, text.out);
    fputs("\"indicators\": ", text.out);
    pf_export_put_indicators(t, text.out);
    fputs(",\n\"series\": ", text.out);
    pf_tidy_each(t, put_value, &(writer){t, text.out});
    fputs("]}\n", text.out);
    const char *document = pf_export_text_end(&text, t->arena);
    return pf_replace_file(path, document, strlen(document), diagnostics);
}
