/* Money of other years and currencies, in money of the results: by exchange rates to the currency of the accounting at
 * the amount's own year, then by the deflator of that currency to the wanted year, then by the exchange rate of that
 * year. */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    char currency[16];
    int year;
} money;

static const char *accounting_currency(const pf_model *m)
{
    return pf_tree_get_text(pf_tree_at(m->scenario->tree, "accounting.money"), "currency");
}

/* The one money symbol of a dimension ("VND2018"), and its power; false if there is none, or more than one. */
static bool money_of(pf_model *m, pf_dimension dimension, money *out, pf_dimension *symbol)
{
    bool found = false;
    for (size_t i = 0; i < PF_DIMENSIONS; i++) {
        pf_dimension one = {{0}};
        one.power[i] = 1;
        if (!dimension.power[i]) continue;
        const char *text = pf_dimension_text(m->scenario->units, one, m->arena);
        size_t letters = strcspn(text, "0123456789"), length = strlen(text);
        if (letters < 3 || length - letters != 4 || strspn(text + letters, "0123456789") != 4 ||
            letters >= sizeof out->currency)
            continue;
        if (found || dimension.power[i] != 1) return false;
        memcpy(out->currency, text, letters);
        out->currency[letters] = 0;
        out->year = atoi(text + letters);
        *symbol = one;
        found = true;
    }
    return found;
}

/* A row of `money: {exchange: {USD: {2019: 23050}}}` or of its deflators. */
static double rate_of(pf_model *m, pf_mark mark, const char *table, const char *currency, int year)
{
    const pf_tree *years = pf_tree_at(m->scenario->tree, pf_format(m->arena, "money.%s.%s", table, currency));
    const char *text = pf_tree_get_text(years, pf_format(m->arena, "%d", year)), *rest;
    double value;
    if (text && pf_number_parse(text, &value, &rest) && !*rest && value > 0) return value;
    pf_error(m->diagnostics, mark, "money of %s%d cannot be converted: expected `money: {%s: {%s: {%d: ...}}}`",
             currency, year, table, currency, year);
    return 0;
}

static double price_level(pf_model *m, pf_mark mark, int from, int to)
{
    const char *currency = accounting_currency(m);
    if (from == to) return 1;
    double then = rate_of(m, mark, "deflator", currency, from), now = rate_of(m, mark, "deflator", currency, to);
    return then > 0 ? now / then : 0;
}

static double factor(pf_model *m, pf_mark mark, money from, money to)
{
    const char *currency = accounting_currency(m);
    double value = strcmp(from.currency, currency) != 0 ? rate_of(m, mark, "exchange", from.currency, from.year) : 1;
    value *= price_level(m, mark, from.year, to.year);
    double back = strcmp(to.currency, currency) != 0 ? rate_of(m, mark, "exchange", to.currency, to.year) : 1;
    return back > 0 ? value / back : 0;
}

pf_term pf_in_money(pf_model *m, pf_term term, const char *unit_text, pf_mark mark)
{
    money from, to;
    pf_dimension from_symbol, to_symbol;
    pf_unit unit;
    const char *why;
    if (term.node == PF_NO_NODE) return term;
    if (!accounting_currency(m) || pf_unit_parse(m->scenario->units, unit_text, &unit, &why) ||
        !money_of(m, unit.dimension, &to, &to_symbol)) {
        pf_error(m->diagnostics, mark, "'%s' is no money; expected a currency like VND, and `accounting: {money: ...}`",
                 unit_text);
        return pf_no_term();
    }
    if (!money_of(m, term.dimension, &from, &from_symbol)) {
        pf_error(m->diagnostics, mark, "found a value in %s, expected one of money",
                 pf_dimension_text(m->scenario->units, term.dimension, m->arena));
        return pf_no_term();
    }
    double by = factor(m, mark, from, to);
    if (by == 0) return pf_no_term();
    term.dimension = pf_dimension_product(pf_dimension_quotient(term.dimension, from_symbol), to_symbol);
    term.node = pf_binary(&m->graph, PF_MUL, term.node, pf_constant_node(&m->graph, by));
    return term;
}

const double *pf_deflated(pf_model *m, const double *series, pf_mark mark)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    double *values = PF_ARRAY(m->arena, double, calendar->count);
    const char *year_text = pf_tree_get_text(pf_tree_at(m->scenario->tree, "accounting.money"), "year");
    if (calendar->stands_in) return series;
    for (uint32_t s = 0; s < calendar->count && accounting_currency(m) && year_text; s++) {
        int year, month, day;
        pf_day_date(calendar->steps[s].first_day, &year, &month, &day);
        values[s] = series[s] * price_level(m, mark, year, atoi(year_text));
    }
    return values;
}
