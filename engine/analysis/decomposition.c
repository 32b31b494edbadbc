/* Runs the enlarged model and puts the factors of each park together. */
#include "analysis/decomposition.h"

#include "analysis/decomposition_model.h"
#include "analysis/lmdi.h"
#include "results/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS = 2, CARRIERS = 2, FACTORS = 6 }; /* electricity and heat; the effects but the last */

static const struct {
    const char *name, *title;
} effects[PF_EFFECTS] = {
    {"activity", "what all firms make, weighted by their energy"},
    {"structure", "which firms make it"},
    {"energy_intensity", "energy for a unit made"},
    {"energy_mix", "electricity or heat"},
    {"grid_factor", "emissions of a unit of electricity used"},
    {"heat_factor", "emissions of a unit of heat used: fuels, boilers, furnaces"},
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
    size_t period[YEARS]; /* of the reduction by year */
    size_t scenario;      /* that is looked at: 0, 1 */
    double *made;         /* [year][firm]: production */
    double *energy;       /* [year][firm][carrier], joules */
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

typedef struct {
    double all; /* activity */
    double used[CARRIERS], emitted[CARRIERS];
} year_of_park;

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
    return of;
}

/* A factor that has no meaning because another one is 0 is 1: the zero alone then has the effect. */
static double quotient(double a, double b)
{
    return b > 0 ? a / b : 1;
}

/* Of firm and carrier; `factors` [FACTORS][cells]. */
static void put_cell(const job *j, const year_of_park *p, size_t year, size_t firm, size_t carrier, bool is_kept,
                     size_t cells, double *factors)
{
    double made = activity_of(j, year, firm), energy = energy_of(j, year, firm),
           of_carrier = j->energy[(year * j->firms.firm_count + firm) * CARRIERS + carrier];
    const double values[FACTORS] = {p->all,
                                    quotient(made, p->all),
                                    quotient(energy, made),
                                    is_kept ? quotient(of_carrier, energy) : 0,
                                    carrier == 0 ? quotient(p->emitted[0], p->used[0]) : 1,
                                    carrier == 1 ? quotient(p->emitted[1], p->used[1]) : 1};
    for (size_t k = 0; k < FACTORS; k++) factors[k * cells] = values[k];
}

/* Both years' factors of a park, and the sum of its cells. */
static double fill_park(const job *j, size_t park, size_t year, const bool *kept, size_t cells, double *factors)
{
    year_of_park p = sum_park(j, park, year);
    size_t cell = 0;
    double sum = 0;
    for (size_t f = 0; f < j->firms.firm_count; f++)
        for (size_t c = 0; c < CARRIERS && j->firms.firms[f].park == park; c++)
            put_cell(j, &p, year, f, c, kept[c], cells, factors + cell++);
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
    return cells * CARRIERS;
}

/* A carrier that no firm uses in one of the years has no factor: what it emits stays in the difference. */
static pf_decomposed decompose_park(const job *j, size_t park)
{
    size_t cells = cells_of(j, park);
    year_of_park first = sum_park(j, park, 0), last = sum_park(j, park, 1);
    bool kept[CARRIERS];
    for (size_t c = 0; c < CARRIERS; c++)
        kept[c] = first.used[c] > 0 && last.used[c] > 0 && first.emitted[c] >= 0 && last.emitted[c] >= 0;
    double *factors = pf_doubles(2 * FACTORS * cells + 1), sums[YEARS];
    pf_decomposed of = {.first = indicator_in(j, j->firms.total, park, 0),
                        .last = indicator_in(j, j->firms.total, park, 1)};
    for (size_t y = 0; y < YEARS; y++) sums[y] = fill_park(j, park, y, kept, cells, factors + y * FACTORS * cells);
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

static void decompose_scenario(job *j)
{
    pf_decomposed *of = j->out->of + j->scenario * j->out->parks, *all = of + j->out->parks - 1;
    read_firms(j);
    for (size_t p = 0; p + 1 < j->out->parks; p++) {
        of[p] = decompose_park(j, p);
        add_up(all, &of[p]);
    }
    for (size_t p = 0; p < j->out->parks; p++) find_residual(&of[p]);
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

static pf_status run_model(job *j, pf_diagnostics *diagnostics)
{
    pf_kernel *kernel = pf_kernel_new(&j->firms.model->plan);
    pf_design *design = pf_design_new(j->firms.model, &(pf_design_request){.name = "median"}, diagnostics);
    pf_status status = design ? pf_collected_run(&j->run, kernel, design, 0, diagnostics) : PF_FAILED;
    if (!status && pf_collected_report_faults(&j->run, kernel, NULL, diagnostics)) status = PF_FAILED;
    pf_design_free(design);
    pf_kernel_free(kernel);
    return status;
}

pf_status pf_decompose(pf_decomposition *self, const pf_compiled *model, uint32_t scenario, const char *const years[2],
                       pf_diagnostics *diagnostics)
{
    int against = model->scenarios[scenario].against;
    *self = (pf_decomposition){.model = model, .parks = model->park_count + 1};
    self->rows[0] = against >= 0 ? (uint32_t)against : scenario;
    self->rows[1] = scenario;
    self->of = PF_ARRAY(model->scenario->arena, pf_decomposed, 2 * self->parks);
    job j = {.out = self};
    if (!pf_firm_model_of(&j.firms, model, diagnostics)) return PF_FAILED;
    self->firms = j.firms.firm_count;
    self->fuels_apart = j.firms.fuels_apart;
    pf_collected_init(&j.run, j.firms.model, self->rows, 2);
    j.made = pf_doubles(YEARS * self->firms);
    j.energy = pf_doubles(YEARS * self->firms * CARRIERS);
    pf_status status = find_years(&j, years, diagnostics);
    self->has_run = !status;
    if (!status) status = run_model(&j, diagnostics);
    for (j.scenario = 0; j.scenario < 2 && !status; j.scenario++) decompose_scenario(&j);
    pf_collected_free(&j.run);
    free(j.made);
    free(j.energy);
    return status;
}

void pf_decomposition_bars(const pf_decomposition *self, size_t park, double bars[PF_BARS])
{
    const pf_decomposed *reference = &self->of[park], *scenario = &self->of[self->parks + park];
    const double *e = reference->effects;
    bars[0] = e[PF_EFFECT_ACTIVITY] + e[PF_EFFECT_STRUCTURE];
    bars[1] = e[PF_EFFECT_GRID];
    bars[2] = e[PF_EFFECT_INTENSITY] + e[PF_EFFECT_MIX] + e[PF_EFFECT_HEAT] + e[PF_EFFECT_OTHER];
    bars[3] = scenario->last - reference->last;
}
