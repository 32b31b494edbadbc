/* Units against definitions of the SI and of the tonne of oil equivalent, the traps of docs/language.md, and garbage.
 * The names come from the library's own table, read here by libyaml. */
#include "scenario/units.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include <cmocka.h>

static const double day = 86400, year = 365.2425 * 86400;

/* --- the library's table --- */

static void define(pf_units *units, const char *section, const char *name, const char *text)
{
    const char *why = NULL;
    if (!strcmp(section, "currencies")) pf_units_add_currency(units, name);
    else if (pf_units_define(units, name, text, &why) != PF_OK) fail_msg("%s: %s", name, why);
}

/* Scalars come as SECTION, then NAME, TEXT, ... in a mapping, or NAME, ... in a sequence. */
static void read_library(pf_units *units)
{
    FILE *file = fopen("scenarios/library/units.yaml", "r");
    yaml_parser_t parser;
    yaml_event_t event;
    char section[64] = "", name[64] = "";
    int depth = 0;
    bool in_list = false, more = true;
    assert_non_null(file);
    assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_input_file(&parser, file);
    while (more) {
        assert_true(yaml_parser_parse(&parser, &event));
        depth += (event.type == YAML_MAPPING_START_EVENT) - (event.type == YAML_MAPPING_END_EVENT);
        if (event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_SEQUENCE_END_EVENT) in_list = !in_list;
        if (event.type == YAML_SCALAR_EVENT) {
            const char *text = (const char *)event.data.scalar.value;
            if (depth == 1 && !in_list) snprintf(section, sizeof section, "%s", text);
            else if (in_list) define(units, section, text, "");
            else if (!*name) snprintf(name, sizeof name, "%s", text);
            else define(units, section, name, text), *name = 0;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    fclose(file);
}

static int set_up(void **state)
{
    pf_units *units = pf_units_new();
    read_library(units);
    pf_units_money_year(units, 2020);
    *state = units;
    return 0;
}

static int tear_down(void **state)
{
    pf_units_free(*state);
    return 0;
}

/* --- checks --- */

static pf_unit parsed(pf_units *units, const char *text)
{
    pf_unit unit = {0};
    const char *why = NULL;
    if (pf_unit_parse(units, text, &unit, &why) != PF_OK) fail_msg("%s", why);
    return unit;
}

static void check_near(const char *what, double value, double expected)
{
    if (!(fabs(value - expected) <= 4e-16 * fabs(expected))) fail_msg("%s: %.17g, not %.17g", what, value, expected);
}

static void check_text(pf_units *units, const char *text, const char *expected)
{
    pf_arena *arena = pf_arena_new();
    const char *said = pf_dimension_text(units, parsed(units, text).dimension, arena);
    if (strcmp(said, expected) != 0) fail_msg("%s: '%s', not '%s'", text, said, expected);
    pf_arena_free(arena);
}

static void check(pf_units *units, const char *text, double scale, const char *dimension)
{
    pf_unit unit = parsed(units, text);
    check_near(text, unit.scale, scale);
    if (unit.calendar != PF_NOT_CALENDAR) fail_msg("%s is a rate of the calendar", text);
    check_text(units, text, dimension);
}

static void check_rate(pf_units *units, const char *text, double scale, const char *dimension,
                       pf_calendar_rate calendar)
{
    pf_unit unit = parsed(units, text);
    check_near(text, unit.scale, scale);
    if (unit.calendar != calendar) fail_msg("%s: calendar %d, not %d", text, (int)unit.calendar, (int)calendar);
    check_text(units, text, dimension);
}

static void check_refused(pf_units *units, const char *text, const char *part)
{
    pf_unit unit;
    const char *why = NULL;
    if (pf_unit_parse(units, text, &unit, &why) == PF_OK) fail_msg("'%s' was taken: %.17g", text, unit.scale);
    if (!strstr(why, part)) fail_msg("%s\n   does not say: %s", why, part);
}

/* --- scales --- */

static void energies_volumes_and_masses_have_their_scales(void **state)
{
    check(*state, "kWh", 3.6e6, "J");
    check(*state, "MWh", 3.6e9, "J");
    check(*state, "toe", 41.868e9, "J");
    check(*state, "Mcal", 1e-4 * 41.868e9, "J");
    check(*state, "MMBtu", 1055.05585262e6, "J");
    check(*state, "TJ", 1e12, "J");
    check(*state, "kW", 1e3, "W");
    check(*state, "GJ/h", 1e9 / 3600, "W");
    check(*state, "m3", 1, "m3");
    check(*state, "l", 1e-3, "m3");
    check(*state, "Ml/day", 1e3 / day, "m3/s");
    check(*state, "ha", 1e4, "m2");
    check(*state, "kt", 1e6, "kg");
    check(*state, "Mg", 1e3, "kg");
    check(*state, "mg/l", 1e-3, "kg/m3");
    check(*state, "kVA", 1e3, "W");
    check(*state, "bar", 1e5, "J/m3");
    check(*state, "RT", 12000 * 1055.05585262 / 3600, "W");
}

static void ratios_and_pure_numbers_have_their_scales(void **state)
{
    check(*state, "1", 1, "1");
    check(*state, "%", 0.01, "1");
    check(*state, "ppm", 1e-6, "1");
    check(*state, "m3/m3", 1, "1");
    check(*state, "kg/t", 1e-3, "1");
    check(*state, "GJ/m3", 1e9, "J/m3");
    check(*state, "kWh/t", 3.6e3, "J/kg");
    check(*state, "kJ/kg K", 1e3, "J/kg K");
    check(*state, "t/MW h", 1e3 / 3.6e9, "kg/J");
    check(*state, "W/m2 K", 1, "W/m2 K");
    check(*state, "million VND/worker", 1e6, "VND2020");
    check(*state, "thousand t", 1e6, "kg");
    check(*state, "EUR/kW", 1e-3, "EUR2020/W");
    check(*state, "kg/piece", 1, "kg");
    check(*state, "year", year, "s");
    check(*state, "month", year / 12, "s");
    check(*state, "week", 7 * day, "s");
}

static void powers_are_written_in_four_ways(void **state)
{
    check(*state, "m3 s-1", 1, "m3/s");
    check(*state, "m^3 s^-1", 1, "m3/s");
    check(*state, "m3*s^-1", 1, "m3/s");
    check(*state, "m3 \xc2\xb7 h-1", 1.0 / 3600, "m3/s");
    check(*state, "km2", 1e6, "m2");
    check(*state, "1/s-1", 1, "s");
    check(*state, "  kg  m2 / s2  ", 1, "J");
    check(*state, "h2", 3600.0 * 3600, "s2");
}

/* UDUNITS-2 reads some of these as knot, tonne times coulomb, kilogram times newton, pico-centi-second, are. */
static void names_that_mislead_mean_what_the_table_says(void **state)
{
    check(*state, "kt", 1e6, "kg");
    check(*state, "t", 1e3, "kg");
    check(*state, "t C", 1e3, "kg C");
    check(*state, "kg N", 1, "kg N");
    check(*state, "h", 3600, "s");
    check(*state, "d", day, "s");
    check(*state, "pcs", 1, "1");
    check(*state, "years", year, "s");
    check(*state, "kg TS/day", 1 / day, "kg TS/s");
    check(*state, "litre", 1e-3, "m3");
    check_refused(*state, "t/MW/h", "second '/': all that follows the first is the denominator, write 't/MW h'");
    check_refused(*state, "kWh/m2/month/1", "write 'kWh/m2 month 1'");
    check_refused(*state, "gal/ft2", "a US gallon is 3.785411784 l");
    check_refused(*state, "rpm", "write 1/min");
    check_refused(*state, "a", "write year");
    check_refused(*state, "ton", "write t for a tonne");
    check_refused(*state, "kiloton", "write kt");
    check_refused(*state, "tn", "write t");
    check_refused(*state, "MT", "Mt for a million tonnes");
    check_refused(*state, "T", "write t");
    check_refused(*state, "cbm/day", "write m3");
    check_refused(*state, "M3", "write m3");
    check_refused(*state, "Nm3/h", "pressure and temperature");
    check_refused(*state, "kwh", "write kWh");
    check_refused(*state, "degC", "temperatures are in K");
    check_refused(*state, "y", "write year");
    check_refused(*state, "mph", "unknown name 'mph'");
    check_refused(*state, "u", "unknown name 'u'");
}

static void names_unknown_to_the_table_go_to_udunits_alone(void **state)
{
    check(*state, "kilowatt", 1e3, "W");
    check(*state, "hPa", 100, "J/m3");
    check(*state, "inch", 0.0254, "m");
    check(*state, "kmol", 1e3, "mol");
    check(*state, "micrometer", 1e-6, "m");
    check(*state, "newton", 1, "J/m");
    check(*state, "lb", 0.45359237, "kg");
    check(*state, "rad", 1, "1");
    check_refused(*state, "degF", "a temperature is in K");
    check_refused(*state, "dBZ", "unknown name 'dBZ'");
    check_refused(*state, "kiloinchh", "unknown name");
    check_refused(*state, "mmmm", "unknown name");
}

/* --- labels --- */

static void a_label_makes_another_dimension_of_a_mass(void **state)
{
    check(*state, "t CO2", 1e3, "kg CO2");
    check(*state, "t CO2e/MWh", 1e3 / 3.6e9, "kg CO2e/J");
    check(*state, "g CO2/kWh", 1e-3 / 3.6e6, "kg CO2/J");
    check(*state, "kg CH4/kg COD", 1, "kg CH4/kg COD");
    check(*state, "kg N2O/TJ", 1e-12, "kg N2O/J");
    check(*state, "kg CO2/kg", 1, "kg CO2/kg");
    check(*state, "mg BOD/l", 1e-3, "kg BOD/m3");
    check(*state, "kg CO2/day", 1 / day, "kg CO2/s");
    check(*state, "t CO2 t CO2", 1e6, "kg CO2 kg CO2");
    check(*state, "m3/kg N", 1, "m3/kg N");
    pf_unit plain = parsed(*state, "t"), co2 = parsed(*state, "t CO2"), co2e = parsed(*state, "t CO2e");
    assert_false(pf_dimension_equal(plain.dimension, co2.dimension));
    assert_false(pf_dimension_equal(co2e.dimension, co2.dimension));
}

static void a_label_without_its_mass_is_refused(void **state)
{
    check_refused(*state, "CO2", "'CO2' is a label: it stands after a mass unit");
    check_refused(*state, "m3 CO2", "is a label");
    check_refused(*state, "kg*N", "is a label");
    check_refused(*state, "kg2 N", "is a label");
    check_refused(*state, "N/m2", "goes by its full name");
    check_refused(*state, "kg CO2^2", "no power");
    check_refused(*state, "t CO22", "is a label");
    check_refused(*state, "t Co2", "did you mean 'CO2'?");
    check_refused(*state, "tCO2e/year", "write 't CO2e'");
    check_refused(*state, "kgCOD", "write 'kg COD'");
    check_refused(*state, "t clinker", "unknown name 'clinker'");
    check_refused(*state, "kg siemens", "unknown name 'siemens'");
    check(*state, "kg*siemens", 1, "kg A2/W");
    check(*state, "kg m2", 1, "J s2");
    check_refused(*state, "TS", "is a label");
}

/* --- the calendar --- */

static void month_and_year_alone_to_minus_one_make_rates_of_the_calendar(void **state)
{
    check_rate(*state, "m3/year", 1, "m3/s", PF_PER_YEAR);
    check_rate(*state, "m3/month", 1, "m3/s", PF_PER_MONTH);
    check_rate(*state, "kt/year", 1e6, "kg/s", PF_PER_YEAR);
    check_rate(*state, "million VND/month", 1e6, "VND2020/s", PF_PER_MONTH);
    check_rate(*state, "kWh year-1", 3.6e6, "W", PF_PER_YEAR);
    check_rate(*state, "kWh/m2 year", 3.6e6, "W/m2", PF_PER_YEAR);
    check_rate(*state, "%/yr", 0.01, "1/s", PF_PER_YEAR);
    check_rate(*state, "t CO2e/year", 1e3, "kg CO2e/s", PF_PER_YEAR);
}

static void other_uses_of_month_and_year_are_lengths_of_time(void **state)
{
    check(*state, "m3/day", 1 / day, "m3/s");
    check(*state, "month/year", 1.0 / 12, "1");
    check(*state, "kWh year/month", 3.6e6 * 12, "J");
    check(*state, "m/year2", 1 / (year * year), "m/s2");
    check(*state, "MW year", 1e6 * year, "J");
    check(*state, "1/month year", 12 / (year * year), "1/s2");
}

/* --- money --- */

static void money_of_each_year_is_a_dimension(void **state)
{
    check(*state, "VND", 1, "VND2020");
    check(*state, "VND/kWh", 1 / 3.6e6, "VND2020/J");
    check(*state, "VND2018/USD2018", 1, "VND2018/USD2018");
    check(*state, "VND2018^2", 1, "VND2018^2");
    assert_true(pf_dimension_equal(parsed(*state, "VND").dimension, parsed(*state, "VND2020").dimension));
    assert_false(pf_dimension_equal(parsed(*state, "VND").dimension, parsed(*state, "VND2018").dimension));
    check_refused(*state, "VND18", "four digits");
    check_refused(*state, "VND20188", "four digits");
    check_refused(*state, "vnd", "did you mean 'VND'?");
}

static void money_without_a_year_is_refused_until_it_is_stated(void **state)
{
    (void)state;
    pf_units *units = pf_units_new();
    pf_units_add_currency(units, "VND");
    check_refused(units, "VND", "money without a year");
    check(units, "VND2019", 1, "VND2019");
    pf_units_money_year(units, 2021);
    check(units, "VND", 1, "VND2021");
    pf_units_free(units);
}

/* --- errors --- */

static void errors_say_what_was_found_and_expected(void **state)
{
    check_refused(*state, "", "it ends where the name of a unit is expected");
    check_refused(*state, "   ", "it ends where");
    check_refused(*state, "/h", "nothing stands before '/'");
    check_refused(*state, "kWh/", "it ends where the name of a unit is expected");
    check_refused(*state, "kWh*", "it ends where");
    check_refused(*state, "kWh // t", "found '/ t'");
    check_refused(*state, "kg/(m2 s)", "found '(m2 s)'");
    check_refused(*state, "kg (m)", "brackets are not used");
    check_refused(*state, "kWhh", "did you mean 'kWh'?");
    check_refused(*state, "mW", "did you mean 'MW'?");
    check_refused(*state, "KW", "did you mean 'kW'?");
    check_refused(*state, "100 km", "found '100 km' where the name of a unit is expected");
    check_refused(*state, "m^", "a power is a whole number");
    check_refused(*state, "m0", "a power is a whole number");
    check_refused(*state, "m10", "a power is a whole number");
    check_refused(*state, "m3^2", "the end of a power");
    check_refused(*state, "m^2.5", "found '.5' where '*', '/' or a blank is expected");
    check_refused(*state, "m**3", "found '*3'");
    check_refused(*state, "m\xc2\xb3", "write a power as in 'm3'");
    check_refused(*state, "kWh@s", "found '@s'");
    check_refused(*state, "m9 m9 m9 m9 m9 m9 m9 m9 m9", "too large or too small");
    check_refused(*state, "EJ9 EJ9 EJ9", "too large or too small");
}

static void a_definition_must_be_a_positive_amount_of_a_new_name(void **state)
{
    const char *why = NULL;
    assert_int_equal(pf_units_define(*state, "sack", "50 kg", &why), PF_OK);
    check(*state, "sack/day", 50 / day, "kg/s");
    assert_int_equal(pf_units_define(*state, "sack", "60 kg", &why), PF_FAILED);
    assert_non_null(strstr(why, "defined already"));
    assert_int_equal(pf_units_define(*state, "rate", "1/s", &why), PF_OK);
    check(*state, "rate", 1, "1/s");
    assert_int_equal(pf_units_define(*state, "nothing", "0 kg", &why), PF_FAILED);
    assert_non_null(strstr(why, "above 0"));
    assert_int_equal(pf_units_define(*state, "without", "inf kg", &why), PF_FAILED);
    assert_int_equal(pf_units_define(*state, "empty", "", &why), PF_FAILED);
    assert_int_equal(pf_units_define(*state, "two words", "1 kg", &why), PF_FAILED);
    assert_int_equal(pf_units_define(*state, "1", "1 kg", &why), PF_FAILED);
    assert_int_equal(pf_units_define(*state, "barrell", "159 ll", &why), PF_FAILED);
    assert_non_null(strstr(why, "unknown name 'll'"));
}

static void labels_and_currencies_beyond_the_room_are_refused(void **state)
{
    pf_unit unit;
    const char *why = NULL;
    int taken = 0;
    char text[32];
    do snprintf(text, sizeof text, "USD%d", 1900 + taken);
    while (pf_unit_parse(*state, text, &unit, &why) == PF_OK && ++taken < 100);
    assert_in_range(taken, 1, PF_DIMENSIONS - 7);
    assert_non_null(strstr(why, "no room for"));
    check(*state, "USD1900/kWh", 1 / 3.6e6, "USD1900/J");
}

/* --- dimensions --- */

static void dimensions_multiply_divide_and_take_roots(void **state)
{
    pf_dimension area = parsed(*state, "m2").dimension, length = parsed(*state, "m").dimension, root;
    assert_true(pf_dimension_equal(pf_dimension_product(length, length), area));
    assert_true(pf_dimension_equal(pf_dimension_quotient(area, length), length));
    assert_true(pf_dimension_equal(pf_dimension_power(length, 2), area));
    assert_true(pf_dimension_none(pf_dimension_power(area, 0)));
    assert_true(pf_dimension_root(area, &root));
    assert_true(pf_dimension_equal(root, length));
    assert_false(pf_dimension_root(length, &root));
    assert_true(pf_dimension_equal(pf_dimension_time(), parsed(*state, "s").dimension));
}

/* What is said of a dimension is a unit of that dimension, with scale 1. */
static void texts_of_dimensions_read_back_as_themselves(void **state)
{
    static const char *const words[] = {"kg CO2", "kg N", "VND", "USD2015", "J", "W", "kg",
                                        "m",      "m3",   "s",   "K",       "A", "mol"};
    enum { WORDS = sizeof words / sizeof *words };
    pf_arena *arena = pf_arena_new();
    unsigned random = 1;
    int compared = 0;
    for (int i = 0; i < 20000; i++) {
        pf_dimension dimension = {{0}};
        for (int k = 0; k < 4; k++) {
            random = random * 1664525u + 1013904223u;
            int power = (int)(random >> 20) % 5 - 2;
            pf_dimension part = parsed(*state, words[(random >> 24) % WORDS]).dimension;
            dimension = pf_dimension_product(dimension, pf_dimension_power(part, power));
        }
        const char *text = pf_dimension_text(*state, dimension, arena);
        pf_unit unit;
        const char *why = "";
        /* Powers beyond 9 and their like are no unit that a person would write. */
        if (pf_unit_parse(*state, text, &unit, &why) != PF_OK && strstr(why, "a power is a whole number")) continue;
        if (!pf_dimension_equal(parsed(*state, text).dimension, dimension)) fail_msg("'%s' is another dimension", text);
        check_near(text, parsed(*state, text).scale, 1);
        compared++;
    }
    assert_true(compared > 19000);
    pf_arena_free(arena);
}

/* --- numbers --- */

static void check_number(const char *text, double expected, const char *expected_rest)
{
    double number;
    const char *rest;
    if (!pf_number_parse(text, &number, &rest)) fail_msg("'%s' was not read", text);
    if (number < expected || number > expected) fail_msg("'%s' is %.17g", text, number);
    assert_string_equal(rest, expected_rest);
}

static void numbers_end_before_their_unit_and_before_a_range(void **state)
{
    (void)state;
    check_number("1.9e9 VND", 1.9e9, "VND");
    check_number("96e3 m3/year", 96e3, "m3/year");
    check_number("-0.5%", -0.5, "%");
    check_number(" +.25", 0.25, "");
    check_number("70..90 %", 70, "..90 %");
    check_number("1.5e-3..2", 1.5e-3, "..2");
    check_number("2eV", 2, "eV");
    check_number("2e+V", 2, "e+V");
    check_number("inf m3/day", INFINITY, "m3/day");
    check_number("-inf", -INFINITY, "");
    check_number("5.", 5, ".");
    check_number("1,000", 1, ",000");
}

static void what_is_no_finite_number_is_not_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"",     "-",    ".",     "e5",  "nan", "infinite",
                                        "info", "0x10", "1e400", "--1", "+-1", "VND"};
    double number;
    const char *rest;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (pf_number_parse(texts[i], &number, &rest)) fail_msg("'%s' was read as %g", texts[i], number);
}

/* --- garbage --- */

/* Random pieces of units and random bytes; the sanitizers of the debug build look for invalid accesses. */
static void garbage_gets_an_answer_or_a_reason(void **state)
{
    static const char *const pieces[] = {
        "kg", "CO2", "/",    "*", " ", "^", "-",  "3", "1", "VND",  "2018",     "%", "\xc2\xb7", "\xc2", "year",
        "kWh", "\xff", "(", "t", "N", "e9", ".", "_", "degC", "\xc3\xa9", "h"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    unsigned random = 7;
    int taken = 0, refused = 0;
    for (int i = 0; i < 100000; i++) {
        char text[128] = "";
        for (int k = (int)(random >> 28); k >= 0; k--) {
            random = random * 1664525u + 1013904223u;
            if (random >> 27) strcat(text, pieces[(random >> 16) % PIECES]);
            else strcat(text, (char[]){(char)(random >> 8 | 1), 0});
        }
        pf_unit unit = {0};
        const char *why = NULL;
        bool is_taken = pf_unit_parse(*state, text, &unit, &why) == PF_OK;
        assert_true(is_taken ? unit.scale > 0 && isfinite(unit.scale) : why != NULL);
        taken += is_taken;
        refused += !is_taken;
    }
    assert_true(taken > 1000 && refused > 1000);
}

static void a_word_of_any_length_is_survived(void **state)
{
    char text[5000];
    memset(text, 'k', sizeof text);
    text[sizeof text - 1] = 0;
    check_refused(*state, text, "a name is too long");
    memset(text + 1, '1', 70);
    text[71] = 0;
    check_refused(*state, text, "a name is too long");
    memset(text, 'm', 63);
    text[63] = 0;
    check_refused(*state, text, "unknown name");
}

#define WITH_LIBRARY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LIBRARY(energies_volumes_and_masses_have_their_scales),
        WITH_LIBRARY(ratios_and_pure_numbers_have_their_scales),
        WITH_LIBRARY(powers_are_written_in_four_ways),
        WITH_LIBRARY(names_that_mislead_mean_what_the_table_says),
        WITH_LIBRARY(names_unknown_to_the_table_go_to_udunits_alone),
        WITH_LIBRARY(a_label_makes_another_dimension_of_a_mass),
        WITH_LIBRARY(a_label_without_its_mass_is_refused),
        WITH_LIBRARY(month_and_year_alone_to_minus_one_make_rates_of_the_calendar),
        WITH_LIBRARY(other_uses_of_month_and_year_are_lengths_of_time),
        WITH_LIBRARY(money_of_each_year_is_a_dimension),
        cmocka_unit_test(money_without_a_year_is_refused_until_it_is_stated),
        WITH_LIBRARY(errors_say_what_was_found_and_expected),
        WITH_LIBRARY(a_definition_must_be_a_positive_amount_of_a_new_name),
        WITH_LIBRARY(labels_and_currencies_beyond_the_room_are_refused),
        WITH_LIBRARY(dimensions_multiply_divide_and_take_roots),
        WITH_LIBRARY(texts_of_dimensions_read_back_as_themselves),
        cmocka_unit_test(numbers_end_before_their_unit_and_before_a_range),
        cmocka_unit_test(what_is_no_finite_number_is_not_read),
        WITH_LIBRARY(garbage_gets_an_answer_or_a_reason),
        WITH_LIBRARY(a_word_of_any_length_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
