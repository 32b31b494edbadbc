/* Units and dimensions. Our grammar (docs/language.md, "Units"); single names are looked up first in the table that the
 * library's units.yaml gives, then by UDUNITS-2. Every number inside the engine is in coherent base units:
 * m, kg, s, A, K, mol, cd, money of one currency and year (VND2020), and labelled masses (kg CO2 = kg * [CO2]). */
#ifndef PF_UNITS_H
#define PF_UNITS_H

#include "base/arena.h"
#include "base/diagnostics.h"

#include <stdint.h>

enum { PF_DIMENSIONS = 48, PF_BASE_UNITS = 7 };
enum { PF_METRE, PF_KILOGRAM, PF_SECOND }; /* rows of the powers, of which those of base units come first */
typedef struct {
    int8_t power[PF_DIMENSIONS]; /* of m kg s A K mol cd, then of symbols in order of appearance */
} pf_dimension;

/* month^-1 or year^-1 alone among calendar units makes a rate of the calendar. */
typedef enum { PF_NOT_CALENDAR, PF_PER_MONTH, PF_PER_YEAR } pf_calendar_rate;

typedef struct {
    pf_dimension dimension; /* of a calendar rate: with time^-1 */
    double
        scale; /* base units in one of this unit; of a calendar rate: of the amount, as if the rate were "per step" */
    pf_calendar_rate calendar;
} pf_unit;

typedef struct pf_units pf_units;

pf_units *pf_units_new(void);
void pf_units_free(pf_units *units);

/* A bare currency name (VND) means money of this year; VND2018 is another dimension. */
void pf_units_money_year(pf_units *units, int year);
/* Adds a currency ("VND"). */
void pf_units_add_currency(pf_units *units, const char *name);
/* Adds a name: `text` is a number and a unit ("41.868 GJ"), a unit ("1000 t"), or starts with "refused:" and then holds
 * the hint given to who uses it ("refused: write t (tonne)"). On failure *why is set (in the units' own memory). */
pf_status pf_units_define(pf_units *units, const char *name, const char *text, const char **why);

/* Reads a unit: "kWh/t", "m3/day", "t CO2e/MWh", "1", "%", "VND/kWh". On failure *why says what was found and expected,
 * with the nearest name. */
pf_status pf_unit_parse(pf_units *units, const char *text, pf_unit *unit, const char **why);

/* How much one of a unit is in base units, also of a calendar rate: its year has 365.2425 days. */
double pf_unit_size(pf_unit unit);

/* Reads a finite number at the start of `text` ("1.9e9 VND": 1.9e9), also "inf"; *rest is what follows, blanks skipped.
 * False if there is none. */
bool pf_number_parse(const char *text, double *number, const char **rest);

bool pf_dimension_equal(pf_dimension a, pf_dimension b);
bool pf_dimension_none(pf_dimension a);
pf_dimension pf_dimension_product(pf_dimension a, pf_dimension b);
pf_dimension pf_dimension_quotient(pf_dimension a, pf_dimension b);
pf_dimension pf_dimension_power(pf_dimension a, int power);
/* False if a power is odd. */
bool pf_dimension_root(pf_dimension a, pf_dimension *root);
pf_dimension pf_dimension_time(void); /* s */

/* What the powers of a dimension are of, base units first. */
typedef struct {
    const char *name; /* "m", "CO2", "VND2020" */
    bool is_label;
} pf_unit_symbol;
const pf_unit_symbol *pf_units_symbols(const pf_units *units, int *count);

/* How people say it: "m3/s" for a volume rate, "kg CO2/s", "J" (energy), "W" (power), "1". In `arena`. */
const char *pf_dimension_text(const pf_units *units, pf_dimension dimension, pf_arena *arena);

#endif
