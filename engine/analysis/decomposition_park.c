/* Reads what firms made and took, traces fuels to them, and puts the factors of each park together: of a firm's
 * electricity, and of each fuel behind its heat. */
#include "analysis/decomposition_park.h"

#include "analysis/lmdi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS = 2, FACTORS = PF_EFFECTS - 1 }; /* the last effect is a plain difference */

/* A year. Arrays are of one block of memory, which begins at `made`. */
typedef struct {
    double *made;                      /* [firms] */
    double *power, *heat;              /* [firms]: energy */
    double *fuels;                     /* [firms][fuels]: energy of the fuels behind the heat */
    double *burnt, *gases, *for_power; /* [parks][fuels]: energy, emissions, energy behind power made in the park */
    double *bought_heat;               /* [parks]: emissions of its making */
} year_of_lane;

typedef struct {
    const pf_decomposed_lane *lane;
    const pf_firm_model *m;
    size_t firms, fuels, parks; /* without all parks together */
    year_of_lane years[YEARS];
} job;

/* A park in a year. */
typedef struct {
    double activity;                /* of all firms */
    double power_used, power_gases; /* by firms, by what was bought and made for them */
    const double *burnt, *gases;    /* [fuels] */
} year_of_park;

/* ---- what the lane says ---- */

static double number(const job *j, size_t row, size_t park, size_t year)
{
    const pf_decomposed_lane *l = j->lane;
    return l->cells[pf_cell(l->by_year, row, park, l->periods[year]) * l->stride];
}

static double number_if_any(const job *j, int row, size_t park, size_t year)
{
    return row < 0 ? 0 : number(j, (size_t)row, park, year);
}

static year_of_lane new_year(const job *j)
{
    year_of_lane y = {.made = pf_doubles(j->firms * (3 + j->fuels) + j->parks * (3 * j->fuels + 1))};
    y.power = y.made + j->firms;
    y.heat = y.power + j->firms;
    y.fuels = y.heat + j->firms;
    y.burnt = y.fuels + j->firms * j->fuels;
    y.gases = y.burnt + j->parks * j->fuels;
    y.for_power = y.gases + j->parks * j->fuels;
    y.bought_heat = y.for_power + j->parks * j->fuels;
    return y;
}

static void read_burners(job *j, size_t year)
{
    year_of_lane *y = &j->years[year];
    for (size_t i = 0; i < j->m->burner_count; i++) {
        const pf_burner *b = &j->m->burners[i];
        double gases = number(j, b->emissions, b->park, year);
        y->burnt[b->park * j->fuels + b->fuel] += number(j, b->energy, b->park, year);
        y->gases[b->park * j->fuels + b->fuel] += gases;
        if (b->is_bought) y->bought_heat[b->park] += gases;
    }
}

/* contents [markets][fuels], as of pf_trace_fuels. */
static void read_needs(job *j, size_t year, const double *contents)
{
    year_of_lane *y = &j->years[year];
    for (size_t i = 0; i < j->m->need_count; i++) {
        const pf_firm_need *need = &j->m->needs[i];
        double energy = number(j, need->energy, j->m->firms[need->firm].park, year);
        double *fuels = y->fuels + need->firm * j->fuels;
        *(need->what == PF_TAKES_ELECTRICITY ? &y->power[need->firm] : &y->heat[need->firm]) += energy;
        if (need->what == PF_BURNS_FUEL) fuels[need->of] += energy;
        if (need->what != PF_TAKES_HEAT || need->of == PF_NO_MARKET) continue;
        for (size_t k = 0; k < j->fuels; k++) fuels[k] += energy * contents[need->of * j->fuels + k];
    }
}

/* Fuel of what makes power beside heat, by energy. */
static void read_power(job *j, size_t year, const double *shares, const double *burdens)
{
    for (size_t i = 0; i < j->m->network.given_count; i++) {
        size_t source = j->m->network.given[i].source;
        double *to = j->years[year].for_power + j->m->sources[source].park * j->fuels;
        for (size_t k = 0; k < j->fuels && j->m->is_power[i]; k++) to[k] += shares[i] * burdens[source * j->fuels + k];
    }
}

static void read_network(job *j, size_t year, double *given, double *taken, double *burnt)
{
    const pf_heat_network *n = &j->m->network;
    for (size_t i = 0; i < n->given_count; i++)
        given[i] = number(j, j->m->given[i], j->m->sources[n->given[i].source].park, year);
    for (size_t i = 0; i < n->taken_count; i++)
        taken[i] = number(j, j->m->taken[i], j->m->sources[n->taken[i].source].park, year);
    for (size_t s = 0; s < n->sources; s++) {
        if (j->m->sources[s].burner == SIZE_MAX) continue;
        const pf_burner *b = &j->m->burners[j->m->sources[s].burner];
        burnt[s * n->fuels + b->fuel] = number(j, b->energy, b->park, year);
    }
}

static void read_year(job *j, size_t year)
{
    const pf_heat_network *n = &j->m->network;
    size_t of_sources = n->sources * n->fuels;
    double *given = pf_doubles(2 * n->given_count + n->taken_count + 2 * of_sources + n->markets * n->fuels + 1),
           *shares = given + n->given_count, *taken = shares + n->given_count, *burnt = taken + n->taken_count,
           *burdens = burnt + of_sources, *contents = burdens + of_sources;
    j->years[year] = new_year(j);
    for (size_t f = 0; f < j->firms; f++)
        j->years[year].made[f] = number(j, j->m->firms[f].production, j->m->firms[f].park, year);
    read_network(j, year, given, taken, burnt);
    pf_trace_fuels(n, given, taken, burnt, contents, burdens);
    pf_heat_shares(n, given, shares);
    read_burners(j, year);
    read_needs(j, year, contents);
    read_power(j, year, shares, burdens);
    free(given);
}

/* ---- the factors of a park ---- */

/* A factor that has no meaning because another one is 0 is 1: the zero alone then has the effect. */
static double quotient(double a, double b)
{
    return b > 0 ? a / b : 1;
}

static double energy_of(const job *j, size_t year, size_t firm)
{
    return j->years[year].power[firm] + j->years[year].heat[firm];
}

/* What a firm makes, in the energy that it took in the first year in which it made anything. */
static double activity_of(const job *j, size_t year, size_t firm)
{
    size_t base = j->years[0].made[firm] > 0 ? 0 : 1;
    double made = j->years[base].made[firm];
    return made > 0 ? energy_of(j, base, firm) * j->years[year].made[firm] / made : 0;
}

static year_of_park sum_park(const job *j, size_t park, size_t year)
{
    const year_of_lane *y = &j->years[year];
    year_of_park of = {.burnt = y->burnt + park * j->fuels, .gases = y->gases + park * j->fuels};
    for (size_t f = 0; f < j->firms; f++) {
        if (j->m->firms[f].park != park) continue;
        of.activity += activity_of(j, year, f);
        of.power_used += y->power[f];
    }
    of.power_gases = number_if_any(j, j->m->bought, park, year) - y->bought_heat[park];
    for (size_t k = 0; k < j->fuels; k++)
        of.power_gases += y->for_power[park * j->fuels + k] * quotient(of.gases[k], of.burnt[k]);
    return of;
}

/* Has electricity (source 0), or a fuel, a factor in both years? What has none stays in the difference. */
static bool has_factor(const year_of_park years[YEARS], size_t source)
{
    bool good = true;
    for (size_t y = 0; y < YEARS; y++)
        good &= source ? years[y].gases[source - 1] >= 0 : years[y].power_used > 0 && years[y].power_gases >= 0;
    return good;
}

static double sum(const double *values, size_t count)
{
    double all = 0;
    for (size_t i = 0; i < count; i++) all += values[i];
    return all;
}

/* Of a firm's electricity (source 0), or of a fuel of its heat; `factors` [FACTORS][cells]. */
static void put_cell(const job *j, const year_of_park *p, size_t year, size_t firm, size_t source, size_t cells,
                     double *factors)
{
    const year_of_lane *y = &j->years[year];
    const double *fuels = y->fuels + firm * j->fuels;
    double made = activity_of(j, year, firm), energy = energy_of(j, year, firm), all_fuels = sum(fuels, j->fuels);
    size_t k = source - 1;
    const double values[FACTORS] = {
        [PF_EFFECT_ACTIVITY] = p->activity,
        [PF_EFFECT_STRUCTURE] = quotient(made, p->activity),
        [PF_EFFECT_INTENSITY] = quotient(energy, made),
        [PF_EFFECT_MIX] = quotient(source ? y->heat[firm] : y->power[firm], energy),
        [PF_EFFECT_FUEL_MIX] = source ? quotient(fuels[k], all_fuels) : 1,
        [PF_EFFECT_BURNT] = source ? quotient(all_fuels, y->heat[firm]) : 1,
        [PF_EFFECT_GRID] = source ? 1 : quotient(p->power_gases, p->power_used),
        [PF_EFFECT_HEAT] = source ? quotient(p->gases[k], p->burnt[k]) : 1,
    };
    for (size_t i = 0; i < FACTORS; i++) factors[i * cells] = values[i];
}

/* A year's factors of a park, cell by cell: without those that have none. */
static void fill_park(const job *j, size_t park, size_t year, const year_of_park years[YEARS], size_t cells,
                      double *factors)
{
    size_t cell = 0;
    for (size_t source = 0; source <= j->fuels; source++)
        for (size_t f = 0; f < j->firms && has_factor(years, source); f++)
            if (j->m->firms[f].park == park) put_cell(j, &years[year], year, f, source, cells, factors + cell++);
}

static double sum_of_products(const double *factors, size_t cells)
{
    double all = 0;
    for (size_t i = 0; i < cells; i++) {
        double product = 1;
        for (size_t k = 0; k < FACTORS; k++) product *= factors[k * cells + i];
        all += product;
    }
    return all;
}

static size_t count_cells(const job *j, size_t park, const year_of_park years[YEARS])
{
    size_t firms = 0, sources = 0;
    for (size_t f = 0; f < j->firms; f++) firms += j->m->firms[f].park == park;
    for (size_t source = 0; source <= j->fuels; source++) sources += has_factor(years, source);
    return firms * sources;
}

static pf_decomposed decompose_park(const job *j, size_t park)
{
    const year_of_park years[YEARS] = {sum_park(j, park, 0), sum_park(j, park, 1)};
    size_t cells = count_cells(j, park, years);
    double *first = pf_doubles(YEARS * FACTORS * cells + 1), *last = first + FACTORS * cells;
    pf_decomposed of = {.first = number(j, (size_t)j->m->total, park, 0),
                        .last = number(j, (size_t)j->m->total, park, 1)};
    fill_park(j, park, 0, years, cells, first);
    fill_park(j, park, 1, years, cells, last);
    pf_lmdi(first, last, FACTORS, cells, of.effects);
    of.effects[PF_EFFECT_OTHER] = (of.last - sum_of_products(last, cells)) - (of.first - sum_of_products(first, cells));
    free(first);
    return of;
}

/* ---- all parks ---- */

static void add_up(pf_decomposed *all, const pf_decomposed *of)
{
    all->first += of->first;
    all->last += of->last;
    for (size_t e = 0; e < PF_EFFECTS; e++) all->effects[e] += of->effects[e];
}

static void find_residual(pf_decomposed *of)
{
    of->residual = of->last - of->first;
    for (size_t e = 0; e < PF_EFFECTS; e++) of->residual -= of->effects[e];
}

void pf_decompose_lane(const pf_decomposed_lane *lane, pf_decomposed *of)
{
    const pf_firm_model *m = lane->firms;
    job j = {lane, m, m->firm_count, m->fuel_count, m->model->park_count, {{0}}};
    of[j.parks] = (pf_decomposed){.first = 0};
    for (size_t y = 0; y < YEARS; y++) read_year(&j, y);
    for (size_t p = 0; p < j.parks; p++) {
        of[p] = decompose_park(&j, p);
        add_up(&of[j.parks], &of[p]);
    }
    for (size_t p = 0; p <= j.parks; p++) find_residual(&of[p]);
    for (size_t y = 0; y < YEARS; y++) free(j.years[y].made);
}
