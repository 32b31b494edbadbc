/* From files to a scenario: load, check against the schema, set up units, calendar and evidence. */
#include "scenario/scenario.h"

#include "scenario/csv.h"
#include "scenario/evidence_values.h"
#include "scenario/input.h"
#include "scenario/load.h"
#include "scenario/pedigree.h"
#include "scenario/schema.h"

#include <stdlib.h>
#include <string.h>

enum { STAND_IN_YEAR = 2000 };

static void define_units(pf_scenario *s)
{
    const pf_tree *names = pf_tree_get(s->tree, "units"), *currencies = pf_tree_get(s->tree, "currencies");
    const pf_tree *money = pf_tree_at(s->tree, "accounting.money");
    const char *why, *year = pf_tree_get_text(money, "year");
    for (size_t i = 0; currencies && i < currencies->entries.count; i++)
        if (currencies->entries.items[i].value->kind == PF_TEXT)
            pf_units_add_currency(s->units, currencies->entries.items[i].value->text);
    bool wrong = year && (strspn(year, "0123456789") != 4 || year[4]);
    if (wrong) pf_error(s->diagnostics, pf_tree_get(money, "year")->mark, "found '%s', expected a year", year);
    if (year) pf_units_money_year(s->units, wrong ? STAND_IN_YEAR : atoi(year));
    for (size_t i = 0; names && names->kind == PF_MAPPING && i < names->entries.count; i++) {
        const pf_entry *entry = &names->entries.items[i];
        if (entry->value->kind == PF_TEXT && pf_units_define(s->units, entry->key, entry->value->text, &why))
            pf_error(s->diagnostics, entry->value->mark, "the unit '%s': %s", entry->key, why);
    }
}

static bool read_range(pf_scenario *s, const pf_tree *tree, pf_step *range)
{
    if (tree->kind == PF_TEXT && strstr(tree->text, "..") && pf_period_parse(tree->text, range)) return true;
    pf_error(s->diagnostics, tree->mark, "found '%s', expected a range of dates like 2020-01..2023-12",
             tree->kind == PF_TEXT ? tree->text : pf_tree_kind_name(tree));
    return false;
}

static bool read_date(pf_scenario *s, const pf_tree *tree, pf_step *days)
{
    if (tree && tree->kind == PF_TEXT && pf_date_parse(tree->text, days)) return true;
    if (tree)
        pf_error(s->diagnostics, tree->mark, "found '%s', expected a date like 2020-01",
                 tree->kind == PF_TEXT ? tree->text : pf_tree_kind_name(tree));
    return false;
}

static void read_calendar(pf_scenario *s)
{
    const pf_tree *time = pf_tree_get(s->tree, "time"), *report = pf_tree_get(time, "report");
    const char *step = pf_tree_get_text(time, "step"), *why;
    pf_step start, end, reported;
    pf_step_kind kind = PF_STEP_MONTH;
    if (step && !pf_step_kind_parse(step, &kind)) return; /* the schema has said so */
    bool good = read_date(s, pf_tree_get(time, "start"), &start);
    good = read_date(s, pf_tree_get(time, "end"), &end) && good;
    if (!good) return;
    pf_step range = {start.first_day, end.end_day};
    if (!report) reported = range;
    else if (!read_range(s, report, &reported)) return;
    if (pf_calendar_make(s->arena, kind, range, reported, &s->calendar, &why))
        pf_error(s->diagnostics, time->mark, "%s", why);
}

static void stand_in(pf_scenario *s)
{
    pf_step month = {pf_day_number(STAND_IN_YEAR, 1, 1), pf_day_number(STAND_IN_YEAR, 2, 1)};
    const char *why;
    pf_calendar_make(s->arena, PF_STEP_MONTH, month, month, &s->calendar, &why);
    s->calendar.stands_in = true;
}

/* What a row of a table has in a column; "" where there is no such column. */
static const char *text_of(const pf_csv *table, size_t row, const char *column)
{
    for (size_t c = 0; c < table->columns; c++)
        if (!strcmp(table->header[c].text, column)) return table->cells[row * table->columns + c].text;
    return "";
}

static void add_evidence(pf_scenario *s, const pf_csv *table, size_t row)
{
    pf_evidence *evidence = PF_NEW(s->arena, pf_evidence);
    *evidence = (pf_evidence){text_of(table, row, "shape"), text_of(table, row, "kind"), text_of(table, row, "value"),
                              text_of(table, row, "low"),   text_of(table, row, "high"), text_of(table, row, "unit")};
    pf_map_set(&s->evidence, s->arena, table->cells[row * table->columns].text, evidence);
}

static void read_evidence(pf_scenario *s)
{
    const pf_tree *files = pf_tree_get(s->tree, "evidence");
    s->has_evidence = files != NULL;
    for (size_t i = 0; files && i < files->entries.count; i++) {
        const pf_tree *name = files->entries.items[i].value;
        pf_csv table;
        if (name->kind != PF_TEXT) continue;
        if (pf_csv_read(s->files, name->text, name->mark, &table, s->diagnostics)) continue;
        if (strcmp(table.header[0].text, "id") != 0) {
            pf_error(s->diagnostics, table.header[0].mark, "found the first column '%s', expected 'id'",
                     table.header[0].text);
            continue;
        }
        for (size_t r = 0; r < table.rows; r++) add_evidence(s, &table, r);
    }
}

static const char *find_source(pf_scenario *s, const pf_tree *key)
{
    if (!key || !s->has_evidence) return NULL;
    const pf_evidence *evidence = key->kind == PF_TEXT ? pf_map_get(&s->evidence, key->text) : NULL;
    if (evidence) return evidence->shape;
    pf_nearest near = pf_nearest_to(key->kind == PF_TEXT ? key->text : "");
    pf_map_offer(&s->evidence, &near);
    pf_error(s->diagnostics, key->mark, "no table of the evidence has the row '%s'%s",
             key->kind == PF_TEXT ? key->text : pf_tree_kind_name(key), pf_nearest_hint(&near, s->arena));
    return NULL;
}

/* A norm is no mean and a goal no observation: who takes a number from one must say so. */
static void check_shape(pf_scenario *s, const pf_tree *tree, const char *shape, bool what_if)
{
    const pf_tree *source = pf_tree_get(tree, "source");
    if (!strcmp(shape, "target") && !what_if)
        pf_error(s->diagnostics, source->mark, "'%s' is a target; outside of a `what_if` it may not stand for a value",
                 source->text);
    if (!strcmp(shape, "ceiling") && !pf_tree_get(tree, "assumption"))
        pf_error(s->diagnostics, source->mark,
                 "'%s' is a ceiling, so the mean lies below it; say in `assumption:` at what ratio it is taken",
                 source->text);
}

/* Remarks may stand in any map: each source must be a row of the evidence, a choice must say why. */
static void check_remarks(pf_scenario *s, const pf_tree *tree, bool what_if)
{
    const char *status = pf_tree_get_text(tree, "status");
    if (status) what_if = !strcmp(status, "what_if");
    const char *shape = find_source(s, pf_tree_get(tree, "source"));
    if (shape) check_shape(s, tree, shape, what_if);
    const pf_tree *quality = pf_tree_get(tree, "quality");
    double variance;
    if (quality) pf_pedigree_read(quality, &variance, s->diagnostics);
    find_source(s, pf_tree_get(tree, "choose"));
    find_source(s, pf_tree_get(tree, "over"));
    if (pf_tree_get(tree, "choose") && !pf_tree_get(tree, "why"))
        pf_error(s->diagnostics, tree->mark, "found 'choose' without 'why'");
    for (size_t i = 0; i < tree->entries.count; i++)
        if (tree->entries.items[i].value->kind != PF_TEXT) check_remarks(s, tree->entries.items[i].value, what_if);
}

/* Takes over the arena of `files`. */
static pf_scenario *read_with(pf_files *files, const char *path, const char *const *settings, size_t setting_count,
                              pf_diagnostics *diagnostics)
{
    pf_arena *arena = files->arena;
    pf_tree *tree = pf_load(files, path, settings, setting_count, diagnostics);
    if (!tree) {
        pf_arena_free(arena);
        return NULL;
    }
    pf_scenario *s = PF_NEW(arena, pf_scenario);
    *s = (pf_scenario){.arena = arena, .path = path, .tree = tree, .files = files, .diagnostics = diagnostics};
    s->units = pf_units_new();
    pf_schema_check(arena, tree, "model", diagnostics);
    define_units(s);
    read_calendar(s);
    if (!s->calendar.count) stand_in(s);
    read_evidence(s);
    pf_take_evidence(s, tree);
    check_remarks(s, tree, false);
    s->values = (pf_value_reader){.arena = arena,
                                  .files = files,
                                  .units = s->units,
                                  .calendar = &s->calendar,
                                  .accounting = pf_tree_get(tree, "accounting"),
                                  .diagnostics = diagnostics,
                                  .series = PF_NEW(arena, pf_map)};
    return s;
}

pf_scenario *pf_scenario_read(const char *path, const char *const *settings, size_t setting_count,
                              pf_diagnostics *diagnostics)
{
    return read_with(pf_files_new(pf_arena_new()), path, settings, setting_count, diagnostics);
}

pf_scenario *pf_scenario_read_text(const char *text, const char *name, const char *const *settings,
                                   size_t setting_count, pf_diagnostics *diagnostics)
{
    pf_files *files = pf_files_new(pf_arena_new());
    pf_file_put(files, name, text);
    return read_with(files, name, settings, setting_count, diagnostics);
}

const char *pf_scenario_input(const pf_scenario *s)
{
    return pf_input_text(s->files, s->tree);
}

void pf_scenario_free(pf_scenario *s)
{
    if (!s) return;
    pf_units_free(s->units);
    pf_arena_free(s->arena);
}
