/* Runs the enlarged model and puts the factors of each park together, at the medians and member by member. */
#include "analysis/decomposition.h"

#include "analysis/attribution.h"
#include "analysis/decomposition_model.h"
#include "analysis/lmdi.h"
#include "results/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS = 2, CARRIERS = 2, FACTORS = PF_EFFECTS - 1 }; /* electricity and heat; the effects but the last */
enum { DECOMPOSED_NUMBERS = sizeof(pf_decomposed) / sizeof(double) };

static const struct {
    const char *name, *title;
} effects[PF_EFFECTS] = {
    {"activity", "what all firms make, weighted by their energy"},
    {"structure", "which firms make it"},
    {"energy_intensity", "energy for a unit made"},
    {"energy_mix", "electricity or heat"},
    {"fuel_mix", "which fuels the park burns"},
    {"fuel_for_heat", "fuel burnt for a unit of heat used: boilers, furnaces"},
    {"grid_factor", "emissions of a unit of electricity used"},
    {"heat_factor", "emissions of a unit of a fuel, and of heat that no fuel of the park gave"},
    {"other", "wastewater, and what no energy of a firm stands behind"},
};

const char *pf_effect_name(pf_effect_kind kind)
{
    return effects[kind].name;
}

const char *pf_effect_title(pf_effect_kind kind)
{
    return effects[kind].title;
}

const char *pf_bar_name(size_t bar)
{
    static const char *const names[PF_BARS] = {"activity", "grid_factor", "trend", "interventions"};
    return names[bar];
}

typedef struct {
    pf_decomposition *out;
    pf_firm_model firms;
    pf_collected run;
    size_t period[YEARS];  /* of the reduction by year */
    size_t scenario;       /* that is looked at: 0, 1 */
    double *made;          /* [year][firm]: production */
    double *energy;        /* [year][firm][carrier], joules */
    double *burnt, *gases; /* [year][fuel]: of the park that is looked at, energy and emissions */
} job;

/* ---- what the run says ---- */

static double indicator_in(const job *j, int row, size_t park, size_t year)
{
    return row < 0 ? 0 : pf_collected_in(&j->run, j->scenario, (size_t)row, park, j->period[year]);
}

static double flow_in(const job *j, size_t flow, size_t year)
{
    const pf_reduction *steps = &j->run.kept.first;
    const pf_period *period = &j->run.kept.second.periods[j->period[year]];
    const double *cells = j->run.cells + j->scenario * (steps->cells + j->run.kept.second.cells) + steps->flows +
                          flow * steps->period_count;
    double sum = 0;
    for (uint32_t s = period->first_step; s < period->end_step; s++) sum += cells[s];
    return sum;
}

static void read_firms(job *j)
{
    size_t n = j->firms.firm_count;
    memset(j->energy, 0, YEARS * n * CARRIERS * sizeof *j->energy);
    for (size_t y = 0; y < YEARS; y++) {
        for (size_t f = 0; f < n; f++)
            j->made[y * n + f] = indicator_in(j, (int)j->firms.firms[f].production, j->firms.firms[f].park, y);
        for (size_t i = 0; i < j->firms.need_count; i++) {
            const pf_firm_need *need = &j->firms.needs[i];
            j->energy[(y * n + need->firm) * CARRIERS + !need->is_electricity] +=
                need->joules * flow_in(j, need->flow, y);
        }
    }
}

/* ---- the factors of a park ---- */

/* used, emitted: of electricity and of heat; burnt, gases: by fuel, all_burnt, all_gases: of all fuels. */
typedef struct {
    double all; /* activity */
    double used[CARRIERS], emitted[CARRIERS];
    double *burnt, *gases, all_burnt, all_gases;
} year_of_park;

/* What has factors in both years; what has none stays in the difference, or, of fuels, in the rest of heat. */
typedef struct {
    bool electricity, fuels, rest;
} factored;

static double energy_of(const job *j, size_t year, size_t firm)
{
    const double *e = j->energy + (year * j->firms.firm_count + firm) * CARRIERS;
    return e[0] + e[1];
}

/* What a firm makes, in the energy that it took in the first year in which it made anything. */
static double activity_of(const job *j, size_t year, size_t firm)
{
    size_t n = j->firms.firm_count, base = j->made[firm] > 0 ? 0 : 1;
    double made = j->made[base * n + firm];
    return made > 0 ? energy_of(j, base, firm) * j->made[year * n + firm] / made : 0;
}

static void sum_fuels(const job *j, size_t park, size_t year, year_of_park *of)
{
    size_t fuels = j->firms.fuel_count;
    of->burnt = j->burnt + year * fuels;
    of->gases = j->gases + year * fuels;
    memset(of->burnt, 0, fuels * sizeof *of->burnt);
    memset(of->gases, 0, fuels * sizeof *of->gases);
    for (size_t i = 0; i < j->firms.burner_count; i++) {
        const pf_burner *b = &j->firms.burners[i];
        if (b->park != park) continue;
        of->burnt[b->fuel] += indicator_in(j, (int)b->energy, park, year);
        of->gases[b->fuel] += indicator_in(j, (int)b->emissions, park, year);
    }
    for (size_t k = 0; k < fuels; k++) {
        of->all_burnt += of->burnt[k];
        of->all_gases += of->gases[k];
    }
}

static year_of_park sum_park(const job *j, size_t park, size_t year)
{
    year_of_park of = {.all = 0};
    for (size_t f = 0; f < j->firms.firm_count; f++) {
        if (j->firms.firms[f].park != park) continue;
        of.all += activity_of(j, year, f);
        for (size_t c = 0; c < CARRIERS; c++) of.used[c] += j->energy[(year * j->firms.firm_count + f) * CARRIERS + c];
    }
    of.emitted[0] = indicator_in(j, j->firms.bought, park, year);
    of.emitted[1] =
        indicator_in(j, j->firms.total, park, year) - of.emitted[0] - indicator_in(j, j->firms.wastewater, park, year);
    sum_fuels(j, park, year, &of);
    return of;
}

/* Heat's emissions that no fuel of the park gave; what is only rounding is 0. */
static double rest_of(const year_of_park *p, bool has_fuels)
{
    double rest = p->emitted[1] - (has_fuels ? p->all_gases : 0);
    return fabs(rest) > 1e-9 * fabs(p->emitted[1]) ? rest : 0;
}

static bool all_at_least_0(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(values[i] >= 0)) return false;
    return true;
}

static factored what_is_factored(const job *j, const year_of_park years[YEARS])
{
    factored of = {true, true, true};
    for (size_t y = 0; y < YEARS; y++) {
        const year_of_park *p = &years[y];
        of.electricity &= p->used[0] > 0 && p->emitted[0] >= 0;
        of.fuels &= p->used[1] > 0 && p->all_burnt > 0 && all_at_least_0(p->gases, j->firms.fuel_count);
    }
    for (size_t y = 0; y < YEARS; y++) of.rest &= years[y].used[1] > 0 && rest_of(&years[y], of.fuels) >= 0;
    return of;
}

/* A factor that has no meaning because another one is 0 is 1: the zero alone then has the effect. */
static double quotient(double a, double b)
{
    return b > 0 ? a / b : 1;
}

/* What a cell stands for: electricity, each fuel, and the rest of heat, in this order. */
static size_t sources_of(const job *j)
{
    return 2 + j->firms.fuel_count;
}

/* Of firm and source; `factors` [FACTORS][cells]. */
static void put_cell(const job *j, const year_of_park *p, const factored *kept, size_t year, size_t firm, size_t source,
                     size_t cells, double *factors)
{
    bool is_electricity = source == 0, is_rest = source + 1 == sources_of(j), is_fuel = !is_electricity && !is_rest;
    bool is_kept = is_electricity ? kept->electricity : is_fuel ? kept->fuels : kept->rest;
    double made = activity_of(j, year, firm), energy = energy_of(j, year, firm);
    double of_carrier = j->energy[(year * j->firms.firm_count + firm) * CARRIERS + !is_electricity];
    double burnt = is_fuel ? p->burnt[source - 1] : 0, gases = is_fuel ? p->gases[source - 1] : 0;
    const double values[FACTORS] = {
        [PF_EFFECT_ACTIVITY] = p->all,
        [PF_EFFECT_STRUCTURE] = quotient(made, p->all),
        [PF_EFFECT_INTENSITY] = quotient(energy, made),
        [PF_EFFECT_MIX] = is_kept ? quotient(of_carrier, energy) : 0,
        [PF_EFFECT_FUEL_MIX] = is_fuel ? quotient(burnt, p->all_burnt) : 1,
        [PF_EFFECT_BURNT] = is_fuel ? quotient(p->all_burnt, p->used[1]) : 1,
        [PF_EFFECT_GRID] = is_electricity ? quotient(p->emitted[0], p->used[0]) : 1,
        [PF_EFFECT_HEAT] = is_fuel   ? quotient(gases, burnt)
                           : is_rest ? quotient(rest_of(p, kept->fuels), p->used[1])
                                     : 1,
    };
    for (size_t k = 0; k < FACTORS; k++) factors[k * cells] = values[k];
}

/* A year's factors of a park, and the sum of its cells. */
static double fill_park(const job *j, size_t park, size_t year, const year_of_park *p, const factored *kept,
                        size_t cells, double *factors)
{
    size_t cell = 0;
    double sum = 0;
    for (size_t f = 0; f < j->firms.firm_count; f++)
        for (size_t source = 0; source < sources_of(j) && j->firms.firms[f].park == park; source++)
            put_cell(j, p, kept, year, f, source, cells, factors + cell++);
    for (size_t i = 0; i < cells; i++) {
        double product = 1;
        for (size_t k = 0; k < FACTORS; k++) product *= factors[k * cells + i];
        sum += product;
    }
    return sum;
}

static size_t cells_of(const job *j, size_t park)
{
    size_t cells = 0;
    for (size_t f = 0; f < j->firms.firm_count; f++) cells += j->firms.firms[f].park == park;
    return cells * sources_of(j);
}

static pf_decomposed decompose_park(const job *j, size_t park)
{
    size_t cells = cells_of(j, park);
    const year_of_park years[YEARS] = {sum_park(j, park, 0), sum_park(j, park, 1)};
    factored kept = what_is_factored(j, years);
    double *factors = pf_doubles(YEARS * FACTORS * cells + 1), sums[YEARS];
    pf_decomposed of = {.first = indicator_in(j, j->firms.total, park, 0),
                        .last = indicator_in(j, j->firms.total, park, 1)};
    for (size_t y = 0; y < YEARS; y++)
        sums[y] = fill_park(j, park, y, &years[y], &kept, cells, factors + y * FACTORS * cells);
    pf_lmdi(factors, factors + FACTORS * cells, FACTORS, cells, of.effects);
    of.effects[PF_EFFECT_OTHER] = (of.last - sums[1]) - (of.first - sums[0]);
    free(factors);
    return of;
}

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

static void decompose_scenario(job *j, pf_decomposed *of)
{
    size_t parks = j->out->parks;
    pf_decomposed *all = &of[parks - 1];
    *all = (pf_decomposed){.first = 0};
    read_firms(j);
    for (size_t p = 0; p + 1 < parks; p++) {
        of[p] = decompose_park(j, p);
        add_up(all, &of[p]);
    }
    for (size_t p = 0; p < parks; p++) find_residual(&of[p]);
}

static void find_bars(const pf_decomposed *reference, const pf_decomposed *scenario, double bars[PF_BARS])
{
    const double *e = reference->effects;
    bars[0] = e[PF_EFFECT_ACTIVITY] + e[PF_EFFECT_STRUCTURE];
    bars[1] = e[PF_EFFECT_GRID];
    bars[2] = e[PF_EFFECT_INTENSITY] + e[PF_EFFECT_MIX] + e[PF_EFFECT_FUEL_MIX] + e[PF_EFFECT_BURNT] +
              e[PF_EFFECT_HEAT] + e[PF_EFFECT_OTHER];
    bars[3] = scenario->last - reference->last;
}

/* The run that was made last. */
static void decompose_run(job *j, const pf_decomposed_all *to)
{
    size_t parks = j->out->parks;
    for (j->scenario = 0; j->scenario < 2; j->scenario++) decompose_scenario(j, to->of + j->scenario * parks);
    for (size_t p = 0; p < parks; p++) find_bars(&to->of[p], &to->of[parks + p], to->bars[p]);
}

/* ---- over members ---- */

/* All numbers of a decomposition, one after the other. */
static size_t number_count(const job *j)
{
    return j->out->parks * (2 * DECOMPOSED_NUMBERS + PF_BARS);
}

static pf_decomposed_all in_place(const job *j, double *numbers)
{
    size_t parks = j->out->parks;
    return (pf_decomposed_all){(pf_decomposed *)numbers,
                               (double(*)[PF_BARS])(numbers + parks * 2 * DECOMPOSED_NUMBERS)};
}

static bool has_failed(const job *j)
{
    return j->run.faults[0].kind != PF_NO_FAULT || j->run.faults[1].kind != PF_NO_FAULT;
}

/* Mean and range of each number, `values` [members][numbers]. */
static void spread_members(job *j, const double *values)
{
    pf_arena *arena = j->out->model->scenario->arena;
    size_t count = number_count(j);
    double *ends[3];
    for (size_t e = 0; e < 3; e++) ends[e] = PF_ARRAY(arena, double, count);
    for (size_t i = 0; i < count; i++) {
        pf_estimate of = pf_spread(values + i, j->out->members, count);
        ends[0][i] = of.value;
        ends[1][i] = of.low;
        ends[2][i] = of.high;
    }
    j->out->mean = in_place(j, ends[0]);
    j->out->low = in_place(j, ends[1]);
    j->out->high = in_place(j, ends[2]);
}

static pf_status run_members(job *j, const pf_kernel *kernel, const pf_design_request *request, size_t members,
                             pf_diagnostics *diagnostics)
{
    pf_design *design = pf_design_new(j->firms.model, request, diagnostics);
    double *values = pf_doubles(members * number_count(j));
    pf_status status = design ? PF_OK : PF_FAILED;
    for (uint64_t m = 0; m < members && !status; m++) {
        status = pf_collected_run(&j->run, kernel, design, m, diagnostics);
        if (status) break;
        if (has_failed(j)) j->out->failed++;
        else {
            pf_decomposed_all to = in_place(j, values + j->out->members++ * number_count(j));
            decompose_run(j, &to);
        }
    }
    if (!status && !j->out->members) status = pf_error(diagnostics, (pf_mark){0}, "all %zu members fail", members);
    if (!status) spread_members(j, values);
    pf_design_free(design);
    free(values);
    return status;
}

/* ---- all of it ---- */

static pf_status find_years(job *j, const char *const years[2], pf_diagnostics *diagnostics)
{
    const pf_reduction *r = &j->run.kept.second;
    if (r->years < 2) return pf_error(diagnostics, (pf_mark){0}, "fewer than two whole years are reported");
    for (size_t y = 0; y < YEARS; y++) {
        size_t row = y ? r->years - 1 : 0;
        const char *wanted = years[y] ? years[y] : r->periods[row].label;
        pf_nearest near = pf_nearest_to(wanted);
        for (row = 0; row < r->years && strcmp(r->periods[row].label, wanted) != 0; row++)
            pf_nearest_offer(&near, r->periods[row].label);
        if (row == r->years)
            return pf_error(diagnostics, (pf_mark){0}, "no whole year is called '%s'%s", wanted,
                            pf_nearest_hint(&near, r->model->scenario->arena));
        j->period[y] = row;
        j->out->years[y] = r->periods[row].label;
    }
    return PF_OK;
}

static pf_status run_medians(job *j, const pf_kernel *kernel, pf_diagnostics *diagnostics)
{
    pf_design *design = pf_design_new(j->firms.model, &(pf_design_request){.name = "median"}, diagnostics);
    pf_status status = design ? pf_collected_run(&j->run, kernel, design, 0, diagnostics) : PF_FAILED;
    if (!status && pf_collected_report_faults(&j->run, kernel, NULL, diagnostics)) status = PF_FAILED;
    if (!status) decompose_run(j, &j->out->medians);
    pf_design_free(design);
    return status;
}

static pf_status run_all(job *j, const pf_design_request *request, size_t members, pf_diagnostics *diagnostics)
{
    pf_kernel *kernel = pf_kernel_new(&j->firms.model->plan);
    pf_status status = run_medians(j, kernel, diagnostics);
    if (!status && request && members) status = run_members(j, kernel, request, members, diagnostics);
    pf_kernel_free(kernel);
    return status;
}

pf_status pf_decompose(pf_decomposition *self, const pf_compiled *model, uint32_t scenario, const char *const years[2],
                       const pf_design_request *request, size_t members, pf_diagnostics *diagnostics)
{
    int against = model->scenarios[scenario].against;
    *self = (pf_decomposition){.model = model, .parks = model->park_count + 1};
    self->rows[0] = against >= 0 ? (uint32_t)against : scenario;
    self->rows[1] = scenario;
    job j = {.out = self};
    self->medians = in_place(&j, PF_ARRAY(model->scenario->arena, double, number_count(&j)));
    if (!pf_firm_model_of(&j.firms, model, diagnostics)) return PF_FAILED;
    self->firms = j.firms.firm_count;
    self->fuels_apart = j.firms.fuels_apart;
    pf_collected_init(&j.run, j.firms.model, self->rows, 2);
    j.made = pf_doubles(YEARS * self->firms);
    j.energy = pf_doubles(YEARS * self->firms * CARRIERS);
    j.burnt = pf_doubles(YEARS * j.firms.fuel_count + 1);
    j.gases = pf_doubles(YEARS * j.firms.fuel_count + 1);
    pf_status status = find_years(&j, years, diagnostics);
    self->has_run = !status;
    if (!status) status = run_all(&j, request, members, diagnostics);
    pf_collected_free(&j.run);
    free(j.made);
    free(j.energy);
    free(j.burnt);
    free(j.gases);
    return status;
}
