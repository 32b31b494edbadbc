/* Single names to UDUNITS-2. UDUNITS itself takes prefixes of prefixes ("pcs" is a pico-centi-second) and prefixes of
 * anything ("mph" is a milli-phot); here one prefix stands before a full name or before one of a few symbols. */
#include "scenario/udunits.h"

#include <stdbool.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *const pf_base_unit_names[PF_BASE_UNITS] = {"m", "kg", "s", "A", "K", "mol", "cd"};

static const struct {
    const char *name, *symbol;
    double factor;
} prefixes[] = {
    {"pico", "p", 1e-12}, {"nano", "n", 1e-9}, {"micro", "u", 1e-6}, {"milli", "m", 1e-3}, {"centi", "c", 1e-2},
    {"deci", "d", 1e-1},  {"deka", "da", 10},  {"hecto", "h", 100},  {"kilo", "k", 1e3},   {"mega", "M", 1e6},
    {"giga", "G", 1e9},   {"tera", "T", 1e12}, {"peta", "P", 1e15},  {"exa", "E", 1e18},
};

static const char *const prefixed_symbols[] = {
    "m",  "g",  "s", "A", "V",  "l",   "L",  "mol",
    "Hz", "Pa", "J", "W", "eV", "cal", "bar"}; /* no siemens: TS is total solids; no newton: TN */

typedef struct {
    double scale;
    int powers[PF_BASE_UNITS];
} sum;

static ut_status add_power(const ut_unit *basic, int power, sum *into)
{
    const char *symbol = ut_get_symbol(basic, UT_ASCII);
    for (int i = 0; symbol && i < PF_BASE_UNITS; i++)
        if (!strcmp(symbol, pf_base_unit_names[i])) {
            into->powers[i] += power;
            return UT_SUCCESS;
        }
    return ut_is_dimensionless(basic) ? UT_SUCCESS : UT_VISIT_ERROR;
}

static ut_status visit_basic(const ut_unit *unit, void *into)
{
    return add_power(unit, 1, into);
}

static ut_status visit_product(const ut_unit *unit, int count, const ut_unit *const *basic, const int *powers,
                               void *into)
{
    (void)unit;
    ut_status status = UT_SUCCESS;
    for (int i = 0; i < count && status == UT_SUCCESS; i++) status = add_power(basic[i], powers[i], into);
    return status;
}

static ut_status visit_scaled(const ut_unit *unit, double scale, const ut_unit *underlying, double offset, void *into);

static ut_status visit_timestamp(const ut_unit *unit, const ut_unit *time, double origin, void *into)
{
    (void)unit, (void)time, (void)origin, (void)into;
    return UT_VISIT_ERROR;
}

static ut_status visit_logarithmic(const ut_unit *unit, double base, const ut_unit *reference, void *into)
{
    (void)unit, (void)base, (void)reference, (void)into;
    return UT_VISIT_ERROR;
}

static const ut_visitor visitor = {visit_basic, visit_product, visit_scaled, visit_timestamp, visit_logarithmic};

static ut_status visit_scaled(const ut_unit *unit, double scale, const ut_unit *underlying, double offset, void *into)
{
    (void)unit;
    if (offset < 0 || offset > 0) return UT_VISIT_ERROR;
    ((sum *)into)->scale *= scale;
    return ut_accept_visitor(underlying, &visitor, into);
}

static bool is_prefixed_symbol(const char *symbol)
{
    for (size_t i = 0; i < COUNT(prefixed_symbols); i++)
        if (!strcmp(prefixed_symbols[i], symbol)) return true;
    return false;
}

static ut_unit *find(const ut_system *system, const char *name, double *prefix)
{
    ut_unit *unit = ut_get_unit_by_symbol(system, name);
    if (!unit) unit = ut_get_unit_by_name(system, name);
    *prefix = 1;
    for (size_t i = 0; !unit && i < COUNT(prefixes); i++) {
        size_t symbol = strlen(prefixes[i].symbol), full = strlen(prefixes[i].name);
        if (!strncmp(name, prefixes[i].symbol, symbol) && is_prefixed_symbol(name + symbol))
            unit = ut_get_unit_by_symbol(system, name + symbol);
        else if (!strncmp(name, prefixes[i].name, full) && name[full]) unit = ut_get_unit_by_name(system, name + full);
        if (unit) *prefix = prefixes[i].factor;
    }
    return unit;
}

/* Plain words of two letters or more: single letters mean too many things (a: are, T: tesla, u: atomic mass). */
static bool is_fit(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    return strlen(name) > 1 && strspn(name, letters) == strlen(name);
}

ut_system *pf_udunits_read(void)
{
    ut_set_error_message_handler(ut_ignore);
    return ut_read_xml(NULL);
}

pf_udunits_answer pf_udunits_look_up(ut_system *system, const char *name, double *scale, int powers[PF_BASE_UNITS])
{
    sum total = {.scale = 1};
    double prefix;
    ut_unit *unit = system && is_fit(name) ? find(system, name, &prefix) : NULL;
    if (!unit) return PF_NAME_UNKNOWN;
    ut_status status = ut_accept_visitor(unit, &visitor, &total);
    ut_free(unit);
    *scale = total.scale * prefix;
    memcpy(powers, total.powers, sizeof total.powers);
    return status == UT_SUCCESS ? PF_NAME_FOUND : PF_NAME_NOT_A_SCALE;
}
