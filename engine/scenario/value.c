/* Reading values. A text that begins with a number and holds no operator is a literal, all else an expression. */
#include "scenario/value.h"

#include "base/distributions.h"
#include "scenario/pedigree.h"
#include "scenario/schema.h"
#include "scenario/series.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static pf_value *new_value(const pf_value_reader *r, const pf_tree *tree, pf_value_kind kind, const char *text)
{
    pf_value *value = PF_NEW(r->arena, pf_value);
    value->kind = kind;
    value->mark = tree->mark;
    value->text = text;
    value->unit_text = "1";
    value->arguments = PF_ARRAY(r->arena, double, PF_DISTRIBUTION_ARGUMENTS);
    return value;
}

static void take_unit(pf_value *value, const pf_value *from)
{
    value->unit = from->unit;
    value->unit_text = from->unit_text;
}

static pf_value *complain(const pf_value_reader *r, pf_mark mark, const char *text, const char *why)
{
    pf_error(r->diagnostics, mark, "found '%s': %s", text, why);
    return NULL;
}

static bool starts_with_number(const char *text)
{
    if (*text == '-' || *text == '+') text++;
    return isdigit((unsigned char)*text) || (*text == '.' && isdigit((unsigned char)text[1])) ||
           (!strncmp(text, "inf", 3) && !isalnum((unsigned char)text[3]) && text[3] != '_');
}

/* "70..90..120 kWh/m3": the numbers and what follows the last. At most three. */
static size_t split_range(const pf_value_reader *r, const char *text, double numbers[3], const char **unit)
{
    size_t count = 0;
    for (;;) {
        const char *dots = strstr(text, ".."), *rest;
        const char *piece = dots ? pf_copy_text(r->arena, text, (size_t)(dots - text)) : text;
        if (count == 3 || !pf_number_parse(piece, &numbers[count], &rest) || (dots && *rest)) return 0;
        count++;
        if (!dots) {
            *unit = rest;
            return count;
        }
        text = dots + 2;
        while (*text == ' ') text++;
    }
}

/* An expression is what has an operator, a call or a $name after its first number. */
static bool is_literal(const char *text)
{
    if (!starts_with_number(text)) return false;
    const char *rest = text;
    double number;
    if (strstr(text, "..") || strstr(text, "+-")) return true;
    if (pf_number_parse(text, &number, &rest) && *rest && strchr("+-*/^<>=!", *rest)) return false;
    return !strpbrk(rest, "()$,<>=+");
}

static pf_value *finish_distribution(const pf_value_reader *r, pf_value *value)
{
    const pf_distribution *row = pf_distribution_at((size_t)value->distribution);
    const char *why = row->wrong(value->arguments);
    return why ? complain(r, value->mark, value->text, why) : value;
}

static pf_value *read_literal(const pf_value_reader *r, const pf_tree *tree)
{
    static const char *const names[] = {"uniform", "triangular"};
    double numbers[3];
    const char *unit, *why;
    size_t count = split_range(r, tree->text, numbers, &unit);
    if (!count && isinf(strtod(tree->text, NULL)))
        return complain(r, tree->mark, tree->text, "expected a finite number");
    if (!count)
        return complain(r, tree->mark, tree->text,
                        "expected a number and its unit, 'low..high UNIT' or 'low..likely..high UNIT'");
    pf_value *value = new_value(r, tree, count == 1 ? PF_NUMBER : PF_DISTRIBUTION, tree->text);
    if (*unit) value->unit_text = unit;
    if (pf_unit_parse(r->units, value->unit_text, &value->unit, &why))
        return complain(r, tree->mark, tree->text, why);
    if (count > 1 && !(isfinite(numbers[0]) && isfinite(numbers[count - 1])))
        return complain(r, tree->mark, tree->text, "expected finite ends of the range");
    for (size_t i = 0; i < count; i++) value->arguments[i] = numbers[i] * value->unit.scale;
    value->number = value->arguments[0];
    value->any_unit = count == 1 && !*unit && (numbers[0] == 0 || isinf(numbers[0]));
    if (count == 1) return value;
    value->distribution = pf_distribution_named(names[count - 2]);
    return finish_distribution(r, value);
}

/* "23 +- 2 GWh": the mean and the standard deviation of a normal distribution. */
static pf_value *read_spread(const pf_value_reader *r, const pf_tree *tree)
{
    const char *sign = strstr(tree->text, "+-"), *rest, *unit, *why;
    double mean, sd;
    bool good = pf_number_parse(pf_copy_text(r->arena, tree->text, (size_t)(sign - tree->text)), &mean, &rest) &&
                !*rest && pf_number_parse(sign + 2, &sd, &unit);
    if (!good) return complain(r, tree->mark, tree->text, "expected 'mean +- standard_deviation UNIT'");
    pf_value *value = new_value(r, tree, PF_DISTRIBUTION, tree->text);
    if (*unit) value->unit_text = unit;
    if (pf_unit_parse(r->units, value->unit_text, &value->unit, &why))
        return complain(r, tree->mark, tree->text, why);
    value->arguments[0] = mean * value->unit.scale;
    value->arguments[1] = sd * value->unit.scale;
    value->distribution = pf_distribution_named("normal");
    return finish_distribution(r, value);
}

static pf_value *read_text(const pf_value_reader *r, const pf_tree *tree)
{
    if (!*tree->text) return complain(r, tree->mark, tree->text, "expected a value");
    if (is_literal(tree->text)) return strstr(tree->text, "+-") ? read_spread(r, tree) : read_literal(r, tree);
    pf_value *value = new_value(r, tree, PF_EXPRESSION, tree->text);
    value->expression = pf_expression_parse(r->arena, pf_tree_text_mark(tree), tree->text, r->diagnostics);
    return value->expression ? value : NULL;
}

static pf_value *read_argument(const pf_value_reader *r, const pf_tree *tree, const char *of)
{
    if (tree->kind != PF_TEXT || !is_literal(tree->text) || strstr(tree->text, "..") || strstr(tree->text, "+-")) {
        pf_error(r->diagnostics, tree->mark, "%s: expected a number and its unit", of);
        return NULL;
    }
    return read_literal(r, tree);
}

/* One list of {discrete: {values: [2 kW, 3 kW], weights: [1, 3]}}, put behind the length at arguments[0]. */
static bool read_list(const pf_value_reader *r, const pf_tree *given, pf_value *value, const char *name, bool pure,
                      size_t first)
{
    const pf_tree *list = pf_tree_get(given, name);
    size_t count = list && list->kind == PF_SEQUENCE ? list->entries.count : 0;
    bool unit_known = false;
    if (!count || (first > 1 && (double)count != value->arguments[0])) {
        pf_error(r->diagnostics, list ? list->mark : given->mark, "'%s': expected a list of %s", name,
                 first > 1 ? "as many numbers as there are values" : "values");
        return false;
    }
    if (first == 1) value->arguments = PF_ARRAY(r->arena, double, 1 + 2 * count);
    value->arguments[0] = (double)count;
    for (size_t i = 0; i < count; i++) {
        const pf_tree *text = list->entries.items[i].value;
        pf_value *item = read_argument(r, text, name);
        if (!item) return false;
        bool fits =
            pure ? pf_dimension_none(item->unit.dimension)
                 : item->any_unit || !unit_known || pf_dimension_equal(item->unit.dimension, value->unit.dimension);
        if (!fits)
            return complain(r, text->mark, text->text,
                            pure ? "expected a pure number" : "expected the unit of the other values") != NULL;
        if (!pure && !item->any_unit) take_unit(value, item), unit_known = true;
        value->arguments[first + i] = item->number;
    }
    return true;
}

static void check_arguments(const pf_value_reader *r, const pf_tree *given, const pf_distribution *row)
{
    for (size_t i = 0; given->kind == PF_MAPPING && i < given->entries.count; i++) {
        const pf_entry *entry = &given->entries.items[i];
        bool known = false;
        for (int a = 0; a < row->arity; a++) known |= !strcmp(row->arguments[a].name, entry->key);
        if (known) continue;
        pf_nearest near = pf_nearest_to(entry->key);
        for (int a = 0; a < row->arity; a++) pf_nearest_offer(&near, row->arguments[a].name);
        pf_error(r->diagnostics, entry->mark, "the distribution '%s' has no argument '%s'%s", row->name, entry->key,
                 pf_nearest_hint(&near, r->arena));
    }
}

static pf_value *read_list_distribution(const pf_value_reader *r, const pf_tree *tree, size_t row_number)
{
    const pf_distribution *row = pf_distribution_at(row_number);
    const pf_tree *given = pf_tree_get(tree, row->name);
    pf_value *value = new_value(r, tree, PF_DISTRIBUTION, row->name);
    value->distribution = (int)row_number;
    value->unit.scale = 1;
    for (int i = 0; i < row->arity; i++) {
        size_t first = i ? 1 + (size_t)value->arguments[0] : 1;
        if (!read_list(r, given, value, row->arguments[i].name, row->arguments[i].kind == PF_ARGUMENT_NUMBERS, first))
            return NULL;
    }
    check_arguments(r, given, row);
    return finish_distribution(r, value);
}

/* {lognormal: {median: 5 kg, gsd: 1.3}} */
static pf_value *read_distribution(const pf_value_reader *r, const pf_tree *tree, size_t row_number)
{
    const pf_distribution *row = pf_distribution_at(row_number);
    const pf_tree *given = pf_tree_get(tree, row->name);
    pf_value *value = new_value(r, tree, PF_DISTRIBUTION, row->name);
    bool unit_known = false;
    value->distribution = (int)row_number;
    for (int i = 0; i < row->arity; i++) {
        const char *name = row->arguments[i].name;
        const pf_tree *text = pf_tree_get(given, name);
        if (!text) {
            pf_error(r->diagnostics, given->mark, "the distribution '%s' has no '%s'", row->name, name);
            return NULL;
        }
        pf_value *argument = read_argument(r, text, name);
        if (!argument) return NULL;
        bool pure = row->arguments[i].kind == PF_ARGUMENT_NUMBER;
        if (pure ? !pf_dimension_none(argument->unit.dimension)
                 : unit_known && !argument->any_unit &&
                       !pf_dimension_equal(argument->unit.dimension, value->unit.dimension))
            return complain(r, text->mark, text->text,
                            pure ? "expected a pure number" : "expected the unit of the other arguments");
        if (!pure && !argument->any_unit) take_unit(value, argument), unit_known = true;
        value->arguments[i] = argument->number;
    }
    if (!unit_known && pf_unit_parse(r->units, "1", &value->unit, &(const char *){NULL})) return NULL;
    check_arguments(r, given, row);
    return finish_distribution(r, value);
}

/* {by: gwp, of: {ar4: 25, ar5: 28}} */
static pf_value *read_choice(const pf_value_reader *r, const pf_tree *tree)
{
    const pf_tree *by = pf_tree_get(tree, "by"), *of = pf_tree_get(tree, "of");
    if (by->kind != PF_TEXT || !of || of->kind != PF_MAPPING) {
        pf_error(r->diagnostics, tree->mark, "expected {by: NAME, of: {CHOICE: VALUE, ...}}");
        return NULL;
    }
    const pf_tree *chooser = pf_tree_get(r->accounting, by->text);
    const char *choice = pf_tree_get_text(r->accounting, by->text);
    if (chooser && !choice) {
        pf_error(r->diagnostics, chooser->mark, "found %s under '%s', expected a text", pf_tree_kind_name(chooser),
                 by->text);
        return NULL;
    }
    if (!choice) {
        pf_error(r->diagnostics, by->mark, "'%s' is not chosen; expected `accounting: {%s: ...}`", by->text, by->text);
        return NULL;
    }
    const pf_tree *chosen = pf_tree_get(of, choice);
    if (chosen) return pf_value_read(r, chosen);
    pf_nearest near = pf_nearest_to(choice);
    const char *names = "";
    for (size_t i = 0; i < of->entries.count; i++) {
        pf_nearest_offer(&near, of->entries.items[i].key);
        names = pf_format(r->arena, "%s%s%s", names, i ? ", " : "", of->entries.items[i].key);
    }
    pf_error(r->diagnostics, chooser->mark, "found %s: '%s', expected one of %s%s", by->text, choice, names,
             pf_nearest_hint(&near, r->arena));
    return NULL;
}

static pf_value *read_shared_own(const pf_value_reader *r, const pf_tree *tree)
{
    pf_value *value = new_value(r, tree, PF_SHARED_OWN, "shared x own");
    const pf_tree *own = pf_tree_get(tree, "own");
    if (!own) {
        pf_error(r->diagnostics, tree->mark, "found 'shared' without 'own'");
        return NULL;
    }
    const pf_tree *name = pf_tree_get(tree, "as");
    if (name && (name->kind != PF_TEXT || !*name->text)) {
        pf_error(r->diagnostics, name->mark, "found %s under 'as', expected a name for the shared part",
                 pf_tree_kind_name(name));
        return NULL;
    }
    value->shared_name = name ? name->text : NULL;
    value->shared_text = pf_tree_get(tree, "shared");
    value->shared = pf_value_read(r, value->shared_text);
    value->own = pf_value_read(r, own);
    return value->shared && value->own ? value : NULL;
}

/* The keys that may stand in a map that is a value, by the one that says what it is. */
static const char *const value_keys[][5] = {
    {"value"},
    {"by", "of"},
    {"shared", "own", "as"},
    {"csv", "column", "unit", "prices", "follows"},
    {"series", "unit", "prices", "follows"},
};

static void check_value_keys(const pf_value_reader *r, const pf_tree *tree, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < tree->entries.count; i++) {
        const pf_entry *entry = &tree->entries.items[i];
        bool known = pf_is_remark(entry->key);
        for (size_t k = 0; k < count && keys[k]; k++) known |= !strcmp(keys[k], entry->key);
        if (known) continue;
        pf_nearest near = pf_nearest_to(entry->key);
        for (size_t k = 0; k < count && keys[k]; k++) pf_nearest_offer(&near, keys[k]);
        static const char *const remarks[] = {"source", "assumption", "note", "choose"};
        for (size_t k = 0; k < sizeof remarks / sizeof *remarks; k++) pf_nearest_offer(&near, remarks[k]);
        pf_error(r->diagnostics, entry->mark, "'%s' is no key of a value that is given by '%s'%s", entry->key, keys[0],
                 pf_nearest_hint(&near, r->arena));
    }
}

/* Does it have the key, which may say one thing only? */
static bool says(const pf_value_reader *r, const pf_tree *tree, const char *key, const char *only)
{
    const char *text = pf_tree_get_text(tree, key);
    bool is = text && !strcmp(text, only);
    if (text && !is) pf_error(r->diagnostics, tree->mark, "found %s: '%s', expected %s", key, text, only);
    return is;
}

static pf_value *read_series(const pf_value_reader *r, const pf_tree *tree)
{
    pf_value *value = new_value(r, tree, PF_SERIES, "a series");
    value->nominal = says(r, tree, "prices", "nominal");
    value->of_activity = says(r, tree, "follows", "activity");
    value->series = pf_series_read(r, tree, &value->unit);
    return value->series ? value : NULL;
}

static pf_value *read_map(const pf_value_reader *r, const pf_tree *tree)
{
    for (size_t i = 0; i < sizeof value_keys / sizeof *value_keys; i++)
        if (pf_tree_get(tree, value_keys[i][0])) {
            check_value_keys(r, tree, value_keys[i], 5);
            break;
        }
    if (pf_tree_get(tree, "value")) return pf_value_read(r, pf_tree_get(tree, "value"));
    if (pf_tree_get(tree, "by")) return read_choice(r, tree);
    if (pf_tree_get(tree, "shared")) return read_shared_own(r, tree);
    if (pf_tree_get(tree, "csv") || pf_tree_get(tree, "series")) return read_series(r, tree);
    for (size_t i = 0; i < pf_distribution_count(); i++)
        if (pf_tree_get(tree, pf_distribution_at(i)->name)) {
            check_value_keys(r, tree, &pf_distribution_at(i)->name, 1);
            return pf_distribution_at(i)->arguments[0].kind == PF_ARGUMENT_VALUES ? read_list_distribution(r, tree, i)
                                                                                  : read_distribution(r, tree, i);
        }
    pf_nearest near = pf_nearest_to(tree->entries.count ? tree->entries.items[0].key : "");
    static const char *const others[] = {"value", "by", "shared", "csv", "series"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) pf_nearest_offer(&near, others[i]);
    for (size_t i = 0; i < pf_distribution_count(); i++) pf_nearest_offer(&near, pf_distribution_at(i)->name);
    pf_error(r->diagnostics, tree->mark,
             "found a map that is no value; expected value, by, shared, csv, series or a distribution%s",
             pf_nearest_hint(&near, r->arena));
    return NULL;
}

/* A number whose pedigree is to be its spread becomes a lognormal distribution with the number as its median. 0 and
 * infinity stay what they are. */
static pf_value *with_pedigree(const pf_value_reader *r, const pf_tree *tree, pf_value *plain)
{
    const pf_tree *quality = pf_tree_get(tree, "quality");
    const char *wanted = pf_tree_get_text(r->accounting, "pedigree");
    double variance;
    if (!plain || !quality) return plain;
    if (pf_pedigree_read(quality, &variance, r->diagnostics)) return NULL;
    if (!wanted || strcmp(wanted, "spread") != 0) return plain;
    bool varies = plain->kind == PF_DISTRIBUTION || plain->kind == PF_SHARED_OWN;
    if (varies)
        return complain(r, tree->mark, plain->text,
                        "it has a spread of its own, and accounting.pedigree asks for that of its quality; expected "
                        "one of the two");
    if (plain->kind != PF_NUMBER)
        return complain(r, tree->mark, plain->text, "the spread of a pedigree is that of a number");
    if (plain->number < 0) return complain(r, tree->mark, plain->text, "a pedigree spreads what is above 0");
    if (variance <= 0 || plain->number <= 0 || isinf(plain->number)) return plain;
    pf_value *value = new_value(r, tree, PF_DISTRIBUTION, plain->text);
    take_unit(value, plain);
    value->distribution = pf_distribution_named("lognormal");
    value->arguments[0] = plain->number;
    value->arguments[1] = exp(sqrt(variance));
    value->by_pedigree = true;
    return finish_distribution(r, value);
}

pf_value *pf_value_read(const pf_value_reader *reader, const pf_tree *tree)
{
    if (tree->value) return tree->value;
    if (tree->kind == PF_SEQUENCE) {
        pf_error(reader->diagnostics, tree->mark, "found a list, expected a value");
        return NULL;
    }
    pf_value *value =
        tree->kind == PF_TEXT ? read_text(reader, tree) : with_pedigree(reader, tree, read_map(reader, tree));
    ((pf_tree *)tree)->value = value;
    return value;
}

pf_value *pf_date_read(const pf_value_reader *r, const pf_tree *tree)
{
    if (tree->value) return tree->value;
    const char *text = tree->kind == PF_TEXT ? tree->text : pf_tree_get_text(tree, "value");
    const char *wanted = "expected a date like 2020, 2020-07 or 2020-07-15, or a range 2020-07..2021-03";
    if (!text) {
        pf_error(r->diagnostics, tree->mark, "found %s, %s", pf_tree_kind_name(tree), wanted);
        return NULL;
    }
    const char *dots = strstr(text, "..");
    pf_step first, last;
    const char *low = dots ? pf_copy_text(r->arena, text, (size_t)(dots - text)) : text;
    if (!pf_date_parse(low, &first) || (dots && !pf_date_parse(dots + 2, &last)))
        return complain(r, tree->mark, text, wanted);
    pf_value *value = new_value(r, tree, dots ? PF_DISTRIBUTION : PF_NUMBER, text);
    value->unit = (pf_unit){.dimension = pf_dimension_time(), .scale = 1};
    value->unit_text = "s";
    value->number = value->arguments[0] = first.first_day * 86400.0;
    ((pf_tree *)tree)->value = value;
    if (!dots) return value;
    value->arguments[1] = last.first_day * 86400.0;
    value->distribution = pf_distribution_named("uniform");
    return finish_distribution(r, value);
}
