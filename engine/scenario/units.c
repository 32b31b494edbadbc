/* Units: from text ("kWh/t", "t CO2e/MWh", "m3/year") to a scale and a dimension; dimension_text.c goes back.
 * A name is looked up in the table first; one unknown there is given to UDUNITS-2 alone, never inside an expression. */
#include "scenario/units.h"

#include "base/map.h"
#include "scenario/udunits.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_WORD = 63, HIGHEST_POWER = 9 };

static const double seconds_in_year = 31556952, seconds_in_month = 2629746; /* 365.2425 days, and a twelfth of it */
static const char middle_dot[] = "\xc2\xb7";

/* A product of units before its calendar is settled: `scale` leaves out months and years, which are counted apart. */
typedef struct {
    pf_dimension dimension;
    double scale;
    int months, years;
} factor;

typedef enum { A_UNIT, A_LABEL, A_CURRENCY, A_REFUSAL } name_kind;

typedef struct {
    const char *name;
    name_kind kind;
    factor unit;      /* of A_UNIT */
    const char *hint; /* of A_REFUSAL */
} entry;

struct pf_units {
    pf_arena *arena;
    pf_map names;
    PF_LIST(entry *) entries; /* in order of definition, so that hints are always the same */
    pf_unit_symbol symbols[PF_DIMENSIONS];
    int symbol_count, money_year;
    pf_map known; /* units that were read, by their texts; emptied where these may come to mean something else */
    ut_system *udunits;
    bool udunits_was_read;
};

/* --- factors --- */

static pf_dimension dimension_of(int symbol)
{
    pf_dimension dimension = {{0}};
    dimension.power[symbol] = 1;
    return dimension;
}

static const factor one = {.scale = 1};

static factor product(factor a, factor b)
{
    return (factor){pf_dimension_product(a.dimension, b.dimension), a.scale * b.scale, a.months + b.months,
                    a.years + b.years};
}

static factor quotient(factor a, factor b)
{
    return (factor){pf_dimension_quotient(a.dimension, b.dimension), a.scale / b.scale, a.months - b.months,
                    a.years - b.years};
}

double pf_unit_size(pf_unit unit)
{
    double time = unit.calendar == PF_PER_MONTH ? seconds_in_month : unit.calendar == PF_PER_YEAR ? seconds_in_year : 1;
    return unit.scale / time;
}

static bool usable(factor f)
{
    for (int i = 0; i < PF_DIMENSIONS; i++)
        if (abs(f.dimension.power[i]) > INT8_MAX / 2) return false;
    return isfinite(f.scale) && f.scale > 0;
}

/* A rate of the calendar keeps the scale of its amount; elsewhere a month and a year are lengths of time. */
static pf_unit settled(factor f)
{
    pf_unit unit = {.dimension = f.dimension, .scale = f.scale};
    if (f.months == -1 && f.years == 0) unit.calendar = PF_PER_MONTH;
    else if (f.months == 0 && f.years == -1) unit.calendar = PF_PER_YEAR;
    else unit.scale *= pow(seconds_in_month, f.months) * pow(seconds_in_year, f.years);
    return unit;
}

/* --- the table of names --- */

static entry *entry_named(const pf_units *units, const char *name)
{
    return pf_map_get(&units->names, name);
}

static entry *add_entry(pf_units *units, const char *name, name_kind kind)
{
    entry *added = PF_NEW(units->arena, entry);
    *added = (entry){.name = pf_copy_text(units->arena, name, strlen(name)), .kind = kind};
    pf_map_set(&units->names, units->arena, added->name, added);
    *PF_PUSH(units->arena, units->entries) = added;
    units->known = (pf_map){0};
    return added;
}

/* The number of a base symbol, a new one if need be; -1 if there is no room. */
static int symbol_number(pf_units *units, const char *name, bool is_label)
{
    for (int i = 0; i < units->symbol_count; i++)
        if (!strcmp(units->symbols[i].name, name)) return i;
    if (units->symbol_count == PF_DIMENSIONS) return -1;
    int number = units->symbol_count++;
    units->symbols[number].name = pf_copy_text(units->arena, name, strlen(name));
    units->symbols[number].is_label = is_label;
    return number;
}

pf_units *pf_units_new(void)
{
    pf_units *units = pf_calloc(1, sizeof *units);
    units->arena = pf_arena_new();
    for (int i = 0; i < PF_BASE_UNITS; i++) {
        int number = symbol_number(units, pf_base_unit_names[i], false);
        add_entry(units, pf_base_unit_names[i], A_UNIT)->unit = (factor){.dimension = dimension_of(number), .scale = 1};
    }
    add_entry(units, "month", A_UNIT)->unit = (factor){.dimension = pf_dimension_time(), .scale = 1, .months = 1};
    add_entry(units, "year", A_UNIT)->unit = (factor){.dimension = pf_dimension_time(), .scale = 1, .years = 1};
    return units;
}

void pf_units_free(pf_units *units)
{
    if (!units) return;
    if (units->udunits) ut_free_system(units->udunits);
    pf_arena_free(units->arena);
    free(units);
}

void pf_units_money_year(pf_units *units, int year)
{
    if (year != units->money_year) units->known = (pf_map){0};
    units->money_year = year;
}

void pf_units_add_currency(pf_units *units, const char *name)
{
    if (!entry_named(units, name)) add_entry(units, name, A_CURRENCY);
}

/* --- one name --- */

static pf_udunits_answer ask_udunits(pf_units *units, const char *name, factor *result)
{
    int powers[PF_BASE_UNITS];
    if (!units->udunits_was_read) units->udunits = pf_udunits_read();
    units->udunits_was_read = true;
    *result = one;
    pf_udunits_answer answer = pf_udunits_look_up(units->udunits, name, &result->scale, powers);
    if (answer != PF_NAME_FOUND) return answer;
    for (int i = 0; i < PF_BASE_UNITS; i++) result->dimension.power[i] = (int8_t)powers[i];
    return answer;
}

static bool same_but_for_case(const char *a, const char *b)
{
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b)) a++, b++;
    return !*a && !*b;
}

static const char *refusal(pf_units *units, const char *word, const entry *refused)
{
    return pf_format(units->arena, "'%s' is not used here: %s", word, refused->hint);
}

static bool is_mass(factor f)
{
    return pf_dimension_equal(f.dimension, dimension_of(PF_KILOGRAM));
}

/* "tCO2e": a mass unit and a label written as one word; the hint, or NULL. */
static const char *joined_label_hint(pf_units *units, const char *word)
{
    for (size_t i = 0; i < units->entries.count; i++) {
        const entry *label = units->entries.items[i];
        size_t length = strlen(word), tail = strlen(label->name);
        if (label->kind != A_LABEL || tail >= length || strcmp(word + length - tail, label->name)) continue;
        const char *front = pf_copy_text(units->arena, word, length - tail);
        const entry *mass = entry_named(units, front);
        if (mass && mass->kind == A_UNIT && is_mass(mass->unit))
            return pf_format(units->arena, ", write '%s %s'", front, label->name);
    }
    return NULL;
}

static const char *unknown_name(pf_units *units, const char *word)
{
    const char *hint = joined_label_hint(units, word);
    if (strstr(word, "\xc2\xb2") || strstr(word, "\xc2\xb3") || strstr(word, "\xe2\x81\xbb"))
        hint = ", write a power as in 'm3' or 's-1'";
    pf_nearest search = pf_nearest_to(word);
    for (size_t i = 0; !hint && i < units->entries.count; i++)
        if (units->entries.items[i]->kind != A_REFUSAL) pf_nearest_offer(&search, units->entries.items[i]->name);
    if (!hint) hint = pf_nearest_hint(&search, units->arena);
    bool no_database = units->udunits_was_read && !units->udunits;
    return pf_format(units->arena, "unknown name '%s'%s%s", word, hint,
                     no_database ? " (the UDUNITS-2 database was not found)" : "");
}

/* A name that is in the table but for its case is a slip: kwh, MT, mW, T. NULL if there is none. */
static const char *wrong_case(pf_units *units, const char *name, const char *word)
{
    for (size_t i = 0; i < units->entries.count; i++) {
        const entry *other = units->entries.items[i];
        if (other->kind == A_LABEL || !same_but_for_case(other->name, name)) continue;
        if (other->kind == A_REFUSAL) return refusal(units, word, other);
        return pf_format(units->arena, "unknown name '%s', did you mean '%s'?", name, other->name);
    }
    return NULL;
}

/* A base symbol as a factor; NULL on success, else why not. */
static const char *read_symbol(pf_units *units, const char *name, bool is_label, factor *result)
{
    int number = symbol_number(units, name, is_label);
    if (number < 0)
        return pf_format(units->arena, "no room for '%s': at most %d labels and currencies of a year", name,
                         PF_DIMENSIONS - PF_BASE_UNITS);
    *result = (factor){.dimension = dimension_of(number), .scale = 1};
    return NULL;
}

static const char *read_money(pf_units *units, const char *currency, const char *digits, factor *result)
{
    const char *year = digits;
    if (!*digits && !units->money_year)
        return pf_format(units->arena, "money without a year: write '%s2020' or state the year of money", currency);
    if (!*digits) year = pf_format(units->arena, "%04d", units->money_year);
    if (strlen(year) != 4 || year[0] < '1' || year[0] > '2')
        return pf_format(units->arena, "'%s%s': a currency is followed by its year in four digits, as in '%s2020'",
                         currency, digits, currency);
    return read_symbol(units, pf_format(units->arena, "%s%s", currency, year), false, result);
}

/* What `name` means, where it is all of `word` but the digits of a power. NULL on success, else why not. */
static const char *read_name(pf_units *units, const char *name, const char *word, factor *result)
{
    const entry *found = entry_named(units, name);
    if (found && found->kind == A_UNIT) {
        *result = found->unit;
        return NULL;
    }
    if (found && found->kind == A_REFUSAL) return refusal(units, word, found);
    if (found && found->kind == A_LABEL)
        return pf_format(units->arena,
                         "'%s' is a label: it stands after a mass unit and a blank, without a power, as in 'kg %s' "
                         "(a unit of the same letters goes by its full name)",
                         name, name);
    const char *slip = wrong_case(units, name, word);
    if (slip) return slip;
    switch (ask_udunits(units, name, result)) {
    case PF_NAME_FOUND: return NULL;
    case PF_NAME_NOT_A_SCALE:
        return pf_format(units->arena, "'%s' has a zero of its own or is logarithmic: a temperature is in K", name);
    default: return unknown_name(units, word);
    }
}

/* --- the grammar --- */

typedef struct {
    pf_units *units;
    const char *text, *at;
    factor above, below;
    bool is_below;
    const char *why;
} reader;

static pf_status fail(reader *r, const char *why)
{
    r->why = pf_format(r->units->arena, "unit '%s': %s", r->text, why);
    return PF_FAILED;
}

static pf_status fail_at(reader *r, const char *expected)
{
    if (!*r->at) return fail(r, pf_format(r->units->arena, "it ends where %s is expected", expected));
    return fail(r, pf_format(r->units->arena, "found '%s' where %s is expected", r->at, expected));
}

static bool at_dot(const char *at)
{
    return !strncmp(at, middle_dot, strlen(middle_dot));
}

static bool in_word(const char *at)
{
    unsigned char c = (unsigned char)*at;
    return (c >= 0x80 && !at_dot(at)) || isalnum(c) || c == '_';
}

static void skip_blanks(reader *r)
{
    while (*r->at == ' ' || *r->at == '\t') r->at++;
}

/* "%", "1", or a letter and all letters and digits after it; the length, 0 if there is none. */
static size_t word_length(const char *at)
{
    size_t length = 0;
    if (*at == '%') return 1;
    if (*at == '1' && !in_word(at + 1)) return 1;
    if (isdigit((unsigned char)*at)) return 0;
    while (in_word(at + length)) length++;
    return length;
}

/* How much of a word is a name: without digits at its end, unless the table has them ("CO2"). */
static size_t name_length(const pf_units *units, const char *word)
{
    char name[LONGEST_WORD + 1];
    strcpy(name, word);
    size_t length = strlen(name);
    while (length > 1 && isdigit((unsigned char)name[length - 1]) && !entry_named(units, name)) name[--length] = 0;
    return length;
}

/* A power as digits of the word ("m3") or after it ("s-1", "m^3", "s^-1"). */
static pf_status read_power(reader *r, const char *digits, int *power)
{
    *power = 1;
    bool is_marked = *r->at == '^' || *r->at == '-', is_negative = false;
    if (*digits && is_marked) return fail_at(r, "the end of a power");
    if (!*digits && !is_marked) return PF_OK;
    if (is_marked) {
        if (*r->at == '^') r->at++;
        is_negative = *r->at == '-';
        if (is_negative) r->at++;
        digits = r->at;
        while (isdigit((unsigned char)*r->at)) r->at++;
    }
    char *end;
    long number = isdigit((unsigned char)*digits) ? strtol(digits, &end, 10) : 0;
    if (number < 1 || number > HIGHEST_POWER) return fail(r, "a power is a whole number from 1 to 9, or from -1 to -9");
    *power = is_negative ? -(int)number : (int)number;
    return PF_OK;
}

static pf_status read_factor(reader *r, factor *result, int *power)
{
    size_t length = word_length(r->at);
    if (length == 0) return fail_at(r, "the name of a unit");
    if (length > LONGEST_WORD) return fail(r, "a name is too long");
    char word[LONGEST_WORD + 1] = {0}, name[LONGEST_WORD + 1] = {0};
    memcpy(word, r->at, length);
    r->at += length;
    *result = one;
    *power = 1;
    if (!strcmp(word, "1")) return PF_OK;
    memcpy(name, word, name_length(r->units, word));
    const char *digits = word + strlen(name), *why;
    const entry *found = entry_named(r->units, name);
    bool is_money = found && found->kind == A_CURRENCY;
    why = is_money ? read_money(r->units, name, digits, result) : read_name(r->units, name, word, result);
    if (why) return fail(r, why);
    return read_power(r, is_money ? "" : digits, power);
}

/* After a mass unit and a blank: a label, or a name of the table; never one of UDUNITS ("kg TS": terasiemens). */
static pf_status read_label(reader *r, factor *mass)
{
    const char *start = r->at + strspn(r->at, " \t");
    size_t length = word_length(start);
    char word[LONGEST_WORD + 1] = {0}, name[LONGEST_WORD + 1] = {0};
    if (start == r->at || length == 0 || length > LONGEST_WORD) return PF_OK;
    memcpy(word, start, length);
    memcpy(name, word, name_length(r->units, word));
    const entry *found = entry_named(r->units, word);
    if (!found && strcmp(word, "1") && !entry_named(r->units, name)) return fail(r, unknown_name(r->units, word));
    if (!found || found->kind != A_LABEL) return PF_OK;
    r->at = start + length;
    if (*r->at == '^' || *r->at == '-') return fail_at(r, "the end of a label, which has no power,");
    factor label;
    const char *why = read_symbol(r->units, word, true, &label);
    if (why) return fail(r, why);
    *mass = product(*mass, label);
    return PF_OK;
}

static pf_status read_term(reader *r)
{
    factor term;
    int power;
    if (read_factor(r, &term, &power) != PF_OK) return PF_FAILED;
    if (is_mass(term) && power == 1 && read_label(r, &term) != PF_OK) return PF_FAILED;
    factor *side = r->is_below == (power < 0) ? &r->above : &r->below;
    for (int i = 0; i < abs(power); i++) *side = product(*side, term);
    return PF_OK;
}

/* "kWh/m2/year": what was meant is 'kWh/m2 year'. */
static pf_status second_slash(reader *r)
{
    char *meant = pf_copy_text(r->units->arena, r->text, strlen(r->text));
    for (char *slash = strchr(meant, '/'); slash && *slash; slash++)
        if (slash > strchr(meant, '/') && *slash == '/') *slash = ' ';
    return fail(r, pf_format(r->units->arena, "a second '/': all that follows the first is the denominator, write '%s'",
                             meant));
}

/* What stands between two terms. */
static pf_status read_joint(reader *r)
{
    bool has_blank = *r->at == ' ' || *r->at == '\t';
    skip_blanks(r);
    if (*r->at == '/') {
        if (r->is_below) return second_slash(r);
        r->is_below = true;
        r->at++;
    } else if (*r->at == '*') {
        r->at++;
    } else if (at_dot(r->at)) {
        r->at += strlen(middle_dot);
    } else if (*r->at == '(' || *r->at == ')') {
        return fail(r, "brackets are not used: all that follows '/' is the denominator, as in 't/MW h'");
    } else if (*r->at && !has_blank) {
        return fail_at(r, "'*', '/' or a blank");
    }
    skip_blanks(r);
    return PF_OK;
}

static pf_status parse(pf_units *units, const char *text, factor *result, const char **why)
{
    reader r = {.units = units, .text = text, .at = text, .above = one, .below = one};
    pf_status status = PF_OK;
    skip_blanks(&r);
    if (*r.at == '/') status = fail(&r, "nothing stands before '/': write '1/...'");
    else if (*r.at == '(') status = read_joint(&r);
    while (status == PF_OK) {
        status = read_term(&r);
        const char *end = r.at + strspn(r.at, " \t");
        if (status != PF_OK || !*end) break;
        status = read_joint(&r);
    }
    *result = quotient(r.above, r.below);
    if (status == PF_OK && !(usable(r.above) && usable(r.below) && usable(*result)))
        status = fail(&r, "it is too large or too small to be meant");
    if (status != PF_OK) *why = r.why;
    return status;
}

pf_status pf_unit_parse(pf_units *units, const char *text, pf_unit *unit, const char **why)
{
    factor result;
    pf_unit *known = pf_map_get(&units->known, text);
    if (!known) {
        if (parse(units, text, &result, why) != PF_OK) return PF_FAILED;
        known = PF_NEW(units->arena, pf_unit);
        *known = settled(result);
        pf_map_set(&units->known, units->arena, pf_copy_text(units->arena, text, strlen(text)), known);
    }
    *unit = *known;
    return PF_OK;
}

static bool is_definable(const char *name)
{
    size_t length = word_length(name);
    return length > 0 && length <= LONGEST_WORD && !name[length] && strcmp(name, "1") != 0;
}

static pf_status define_unit(pf_units *units, const char *name, const char *text, const char **why)
{
    double number = 1;
    const char *rest = text;
    if (!pf_number_parse(text, &number, &rest)) number = 1, rest = text;
    else if (*rest == '/') number = 1, rest = text; /* "1/s" */
    factor unit = one;
    if (*rest && parse(units, rest, &unit, why) != PF_OK) return PF_FAILED;
    unit.scale *= number;
    if (*text && usable(unit)) {
        add_entry(units, name, A_UNIT)->unit = unit;
        return PF_OK;
    }
    *why = pf_format(units->arena, "'%s' does not define a unit: expected a number above 0 and a unit, as in '3.6e6 J'",
                     text);
    return PF_FAILED;
}

pf_status pf_units_define(pf_units *units, const char *name, const char *text, const char **why)
{
    static const char refused[] = "refused:";
    if (!is_definable(name)) {
        *why = pf_format(units->arena, "'%s' cannot name a unit: expected letters, then letters or digits", name);
        return PF_FAILED;
    }
    if (entry_named(units, name)) {
        *why = pf_format(units->arena, "the unit '%s' is defined already", name);
        return PF_FAILED;
    }
    if (!strcmp(text, "label")) {
        add_entry(units, name, A_LABEL);
    } else if (!strncmp(text, refused, strlen(refused))) {
        const char *hint = text + strlen(refused);
        hint += strspn(hint, " ");
        add_entry(units, name, A_REFUSAL)->hint = pf_copy_text(units->arena, hint, strlen(hint));
    } else {
        return define_unit(units, name, text, why);
    }
    return PF_OK;
}

const pf_unit_symbol *pf_units_symbols(const pf_units *units, int *count)
{
    *count = units->symbol_count;
    return units->symbols;
}
