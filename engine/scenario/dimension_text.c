/* Dimensions as people say them: takes powers of base units and symbols, gives "m3/s", "kg CO2/s", "J". */
#include "scenario/units.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* "top/bottom", each a list of words with blanks. */
typedef struct {
    pf_arena *arena;
    const char *top, *bottom;
} phrase;

static void say(phrase *said, const char *name, int power)
{
    const char **side = power < 0 ? &said->bottom : &said->top;
    const char *word = name;
    if (!power) return;
    bool ends_in_digit = isdigit((unsigned char)name[strlen(name) - 1]);
    if (abs(power) != 1) word = pf_format(said->arena, "%s%s%d", name, ends_in_digit ? "^" : "", abs(power));
    *side = **side ? pf_format(said->arena, "%s %s", *side, word) : word;
}

/* "kg CO2": a label has no power, so a power is said by repetition. Takes the masses off `left`. */
static void say_labelled_masses(const pf_unit_symbol *symbols, int count, phrase *said, pf_dimension *left)
{
    for (int i = PF_BASE_UNITS; i < count; i++) {
        int power = left->power[i];
        if (!symbols[i].is_label || !power) continue;
        const char *words = pf_format(said->arena, "kg %s", symbols[i].name);
        for (int k = 0; k < abs(power); k++) say(said, words, power < 0 ? -1 : 1);
        left->power[PF_KILOGRAM] = (int8_t)(left->power[PF_KILOGRAM] - power);
        left->power[i] = 0;
    }
}

/* `dimension` without `power` energies (time = -2) or energy rates (time = -3). */
static pf_dimension without_energy(pf_dimension dimension, int power, int time)
{
    int8_t *powers = dimension.power;
    powers[PF_METRE] = (int8_t)(powers[PF_METRE] - 2 * power);
    powers[PF_KILOGRAM] = (int8_t)(powers[PF_KILOGRAM] - power);
    powers[PF_SECOND] = (int8_t)(powers[PF_SECOND] - time * power);
    return dimension;
}

/* Few words first, then low powers. */
static int length_said(pf_dimension rest, int energy_power)
{
    enum { A_WORD = 1000 };
    int length = energy_power ? A_WORD + abs(energy_power) : 0;
    for (int i = 0; i < PF_BASE_UNITS; i++)
        if (rest.power[i]) length += A_WORD + abs(rest.power[i]);
    return length;
}

/* Says the J or W that makes the rest shortest, if any does, and takes it off `left`. */
static void say_energy(phrase *said, pf_dimension *left)
{
    static const struct {
        const char *name;
        int time;
    } energies[] = {{"J", -2}, {"W", -3}};
    pf_dimension best = *left;
    const char *name = "";
    int shortest = length_said(*left, 0) + 1, best_power = 0; /* of equals, the one with an energy */
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 4; k++) {
            int power = k % 2 ? -(k / 2 + 1) : k / 2 + 1;
            pf_dimension rest = without_energy(*left, power, energies[i].time);
            if (length_said(rest, power) >= shortest) continue;
            shortest = length_said(rest, power);
            best = rest;
            best_power = power;
            name = energies[i].name;
        }
    if (best_power) say(said, name, best_power);
    *left = best;
}

const char *pf_dimension_text(const pf_units *units, pf_dimension dimension, pf_arena *arena)
{
    int count;
    const pf_unit_symbol *symbols = pf_units_symbols(units, &count);
    phrase said = {arena, "", ""};
    say_labelled_masses(symbols, count, &said, &dimension);
    for (int i = PF_BASE_UNITS; i < count; i++) say(&said, symbols[i].name, dimension.power[i]);
    say_energy(&said, &dimension);
    for (int i = 0; i < PF_BASE_UNITS; i++) say(&said, symbols[i].name, dimension.power[i]);
    if (!*said.bottom) return *said.top ? said.top : "1";
    return pf_format(arena, "%s/%s", *said.top ? said.top : "1", said.bottom);
}
