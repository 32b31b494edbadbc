/* Which outputs an analysis takes: names from the command line, or headline indicators, all scenarios and periods. */
#include "cli/analyse.h"

#include <stdlib.h>
#include <string.h>

typedef const char *(*name_of)(const pf_sample *sample, size_t row);

static const char *indicator_name(const pf_sample *sample, size_t row)
{
    return sample->indicators[row].name;
}

static const char *scenario_name(const pf_sample *sample, size_t row)
{
    return sample->scenarios[row];
}

static const char *park_name(const pf_sample *sample, size_t row)
{
    return sample->parks[row];
}

static const char *period_name(const pf_sample *sample, size_t row)
{
    return sample->periods[row];
}

/* False after a message with the nearest name. */
static bool find(const pf_sample *sample, const char *what, const char *wanted, name_of name, size_t count, size_t *row)
{
    pf_nearest near = pf_nearest_to(wanted);
    for (*row = 0; *row < count; ++*row) {
        if (!strcmp(name(sample, *row), wanted)) return true;
        pf_nearest_offer(&near, name(sample, *row));
    }
    pf_arena *arena = pf_arena_new();
    pf_wrong_usage("analyse", "no %s of '%s' is called '%s'%s", what, sample->path, wanted,
                   pf_nearest_hint(&near, arena));
    pf_arena_free(arena);
    return false;
}

static bool holds(const size_t *rows, size_t count, size_t row)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i] == row) return true;
    return false;
}

static bool find_all(const pf_sample *sample, const char *what, const pf_wanted *wanted, name_of name, size_t count,
                     size_t *rows, size_t *found)
{
    *found = 0;
    for (size_t w = 0; w < wanted->count; w++) {
        size_t row;
        if (!find(sample, what, wanted->names[w], name, count, &row)) return false;
        if (!holds(rows, *found, row)) rows[(*found)++] = row;
    }
    return true;
}

static size_t *take_all(size_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) rows[i] = i;
    return rows;
}

/* ---- indicators ---- */

static bool is_headline(const pf_compiled *model, const char *name)
{
    for (size_t i = 0; i < model->indicator_count; i++)
        if (!strcmp(model->indicators[i].name, name)) return model->indicators[i].headline;
    return false;
}

static bool choose_indicators(pf_choice *choice, const pf_wanted *wanted, const pf_sample *sample,
                              const pf_compiled *model)
{
    choice->indicators = pf_calloc(sample->indicator_count + 1, sizeof *choice->indicators);
    if (!find_all(sample, "indicator", wanted, indicator_name, sample->indicator_count, choice->indicators,
                  &choice->indicator_count))
        return false;
    for (size_t i = 0; i < sample->indicator_count && !wanted->count; i++)
        if (is_headline(model, sample->indicators[i].name)) choice->indicators[choice->indicator_count++] = i;
    if (choice->indicator_count) return true;
    take_all(choice->indicators, sample->indicator_count);
    choice->indicator_count = sample->indicator_count;
    return true;
}

/* ---- cases ---- */

/* A scenario is wanted with its reference, and with the change between them. */
static bool choose_cases(pf_choice *choice, const pf_wanted *wanted, const pf_sample *sample)
{
    size_t *rows = pf_calloc(sample->scenario_count + 1, sizeof *rows), count;
    bool good = find_all(sample, "scenario", wanted, scenario_name, sample->scenario_count, rows, &count);
    choice->cases = pf_calloc(sample->case_count + 1, sizeof *choice->cases);
    for (size_t c = 0; c < sample->case_count && good; c++) {
        const pf_sample_case *of = &sample->cases[c];
        bool is_taken = !count || holds(rows, count, of->scenario);
        for (size_t k = 0; k < sample->case_count && !of->is_change; k++)
            is_taken |= sample->cases[k].is_change && sample->cases[k].reference == of->scenario &&
                        holds(rows, count, sample->cases[k].scenario);
        if (is_taken) choice->cases[choice->case_count++] = c;
    }
    free(rows);
    return good;
}

/* ---- periods ---- */

/* Is the last period the whole reported time, behind its years? */
static bool last_is_whole(const pf_sample *sample)
{
    size_t count = sample->period_count;
    if (count < 2) return false;
    const char *last = sample->periods[count - 1], *first = sample->periods[0];
    size_t length = strlen(first);
    if (strstr(last, "..")) return true;
    return !strncmp(last, first, length) && last[length] == '-' &&
           !strcmp(last + length + 1, sample->periods[count - 2]);
}

static bool choose_periods(pf_choice *choice, const pf_wanted *wanted, bool only_one, const pf_sample *sample)
{
    size_t count = sample->period_count, last = last_is_whole(sample) ? count - 2 : count - 1;
    choice->periods = pf_calloc(count + 1, sizeof *choice->periods);
    if (!find_all(sample, "period", wanted, period_name, count, choice->periods, &choice->period_count)) return false;
    if (!wanted->count && only_one) {
        choice->periods[0] = last;
        choice->period_count = 1;
    } else if (!wanted->count) {
        take_all(choice->periods, count);
        choice->period_count = count;
    }
    choice->shown = choice->period_count - 1;
    for (size_t p = 0; p < choice->period_count && !wanted->count; p++)
        if (choice->periods[p] == last) choice->shown = p;
    return true;
}

bool pf_choose_outputs(pf_choice *choice, const pf_analyse_options *o, const pf_method *method, const pf_sample *sample,
                       const pf_compiled *model)
{
    choice->park = sample->park_count - 1; /* all of them */
    if (o->park && !find(sample, "park", o->park, park_name, sample->park_count, &choice->park)) return false;
    return choose_indicators(choice, &o->indicators, sample, model) && choose_cases(choice, &o->scenarios, sample) &&
           choose_periods(choice, &o->periods, method->is_slow, sample);
}

void pf_free_outputs(pf_choice *choice)
{
    free(choice->cases);
    free(choice->indicators);
    free(choice->periods);
}
