/* From {evidence: KEY} to the value of the row KEY, written as a model file writes it, with KEY as its source. */
#include "scenario/evidence_values.h"

#include <stdlib.h>
#include <string.h>

static const char key_name[] = "evidence";

typedef struct {
    pf_scenario *s;
    pf_tree *tree; /* the map that names the row */
    const pf_tree *key;
    const pf_evidence *row;
} taking;

static pf_tree *text_at(const taking *t, const char *text)
{
    return pf_tree_text(t->s->arena, t->key->mark, text);
}

static void complain(const taking *t, const char *why)
{
    pf_error(t->s->diagnostics, t->key->mark, "the row '%s' %s", t->key->text, why);
}

static const char *unit_of(const taking *t)
{
    return strcmp(t->row->unit, "1") != 0 ? t->row->unit : "";
}

/* {lognormal: {median: VALUE, gsd: G}} in place of the keys that said so. */
static void spread_by_factor(const taking *t, const char *median)
{
    pf_arena *arena = t->s->arena;
    pf_tree *shape = pf_tree_new(arena, t->key->mark, PF_MAPPING), *gsd = pf_tree_get(t->tree, "gsd");
    pf_tree_add(arena, shape, "median", t->key->mark, text_at(t, median));
    pf_tree_add(arena, shape, "gsd", gsd->mark, gsd);
    pf_tree_add(arena, t->tree, "lognormal", t->key->mark, shape);
}

/* "23 +- 4.6 GWh/year" of 23 and `sd: 20 %`; the sd of a row may also be in its unit: `sd: 5`. */
static const char *spread_evenly(const taking *t)
{
    pf_tree *sd = pf_tree_get(t->tree, "sd");
    char *end = NULL;
    double size = sd->kind == PF_TEXT ? strtod(sd->text, &end) : 0;
    bool is_share = end && !strcmp(end, " %");
    if (!end || end == sd->text || (*end && !is_share) || !(size > 0)) {
        pf_error(t->s->diagnostics, sd->mark,
                 "found %s under 'sd', expected a number in the row's unit, or a share of its value: 20 %%",
                 sd->kind == PF_TEXT ? pf_format(t->s->arena, "'%s'", sd->text) : pf_tree_kind_name(sd));
        return NULL;
    }
    if (is_share) size *= strtod(t->row->value, NULL) / 100;
    return pf_format(t->s->arena, "%s +- %.9g %s", t->row->value, size, unit_of(t));
}

/* How the row is read; NULL after an error, or where the map has its value by now. */
static const char *written(const taking *t)
{
    pf_arena *arena = t->s->arena;
    const pf_evidence *row = t->row;
    const pf_tree *sd = pf_tree_get(t->tree, "sd"), *gsd = pf_tree_get(t->tree, "gsd");
    const char *plain = pf_format(arena, "%s %s", row->value, unit_of(t));
    bool has_ends = *row->low && *row->high, is_interval = !strcmp(row->shape, "interval"),
         is_range = !strcmp(row->shape, "range"), is_point = !strcmp(row->shape, "point");
    pf_unit unit;
    const char *why;
    if (pf_unit_parse(t->s->units, row->unit, &unit, &why)) complain(t, pf_format(arena, "cannot be taken: %s", why));
    else if (is_point && sd && gsd) complain(t, "cannot have both 'sd' and 'gsd'");
    else if (is_point && gsd) spread_by_factor(t, plain);
    else if (is_point) return sd ? spread_evenly(t) : plain;
    else if (!is_interval && !is_range)
        complain(t, pf_format(arena,
                              "is of shape '%s' and so no value; write the value that you take, with `source: %s` and "
                              "why in `assumption:`",
                              row->shape, t->key->text));
    else if (sd || gsd) complain(t, "has a spread of its own: leave out 'sd' and 'gsd'");
    else if (!has_ends) complain(t, "lacks its low or its high end");
    else if (is_range) return pf_format(arena, "%s..%s %s", row->low, row->high, unit_of(t));
    else return pf_format(arena, "%s..%s..%s %s", row->low, row->value, row->high, unit_of(t));
    return NULL;
}

static bool has_rival(const pf_tree *tree)
{
    static const char *const rivals[] = {"value", "source", "choose", "by", "shared", "csv", "series"};
    for (size_t i = 0; i < sizeof rivals / sizeof *rivals; i++)
        if (pf_tree_get(tree, rivals[i])) return true;
    return false;
}

/* After an error the value is a bare 0, of which nobody complains once more. */
static void take(pf_scenario *s, pf_tree *tree, const pf_tree *key)
{
    taking t = {s, tree, key, pf_map_get(&s->evidence, key->text)};
    size_t errors = pf_error_count(s->diagnostics);
    const char *text = NULL;
    pf_tree_remove(s->arena, tree, key_name);
    if (!t.row) {
        pf_nearest near = pf_nearest_to(key->text);
        pf_map_offer(&s->evidence, &near);
        pf_error(s->diagnostics, key->mark, "no table of the evidence has the row '%s'%s", key->text,
                 pf_nearest_hint(&near, s->arena));
    } else if (has_rival(tree)) {
        complain(&t, "gives value and source; leave out what else says them");
    } else {
        text = written(&t);
    }
    bool is_good = pf_error_count(s->diagnostics) == errors;
    if (is_good) pf_tree_add(s->arena, tree, "source", key->mark, text_at(&t, key->text));
    else if (!has_rival(tree)) text = "0";
    pf_tree_remove(s->arena, tree, "sd");
    pf_tree_remove(s->arena, tree, "gsd");
    if (text) pf_tree_add(s->arena, tree, "value", key->mark, text_at(&t, text));
}

/* In a series a date's value is a text: its row stands for the number, and the series says its sources. */
static void take_dates(pf_scenario *s, pf_tree *series)
{
    for (size_t i = 0; i < series->entries.count; i++) {
        pf_tree **value = &series->entries.items[i].value;
        const pf_tree *key = pf_tree_get(*value, key_name);
        if (!key || key->kind != PF_TEXT) continue;
        take(s, *value, key);
        *value = pf_tree_get(*value, "value");
    }
}

static void take_below(pf_scenario *s, pf_tree *tree)
{
    pf_tree *series = pf_tree_get(tree, "series");
    if (series && series->kind == PF_MAPPING) take_dates(s, series);
    const pf_tree *key = tree->kind == PF_MAPPING ? pf_tree_get(tree, key_name) : NULL;
    if (key && key->kind == PF_TEXT) take(s, tree, key);
    for (size_t i = 0; i < tree->entries.count; i++) take_below(s, tree->entries.items[i].value);
}

void pf_take_evidence(pf_scenario *s, pf_tree *tree)
{
    for (size_t i = 0; i < tree->entries.count; i++) take_below(s, tree->entries.items[i].value);
}
