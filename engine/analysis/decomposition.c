/* Runs the enlarged model at the medians and for members, and keeps the effects of each lane. */
#include "analysis/decomposition.h"

#include "analysis/attribution.h"
#include "analysis/decomposition_park.h"
#include "results/collect.h"

#include <stdlib.h>
#include <string.h>

enum { SCENARIOS = 2, DECOMPOSED_NUMBERS = sizeof(pf_decomposed) / sizeof(double) };

static const struct {
    const char *name, *title;
} effects[PF_EFFECTS] = {
    {"activity", "what all firms make, weighted by their energy"},
    {"structure", "which firms make it"},
    {"energy_intensity", "energy for a unit made"},
    {"energy_mix", "electricity or heat"},
    {"fuel_mix", "which fuels stand behind a firm's heat"},
    {"fuel_for_heat", "fuel burnt for a unit of heat used: boilers, furnaces, lines, waste heat"},
    {"grid_factor", "emissions of a unit of electricity used"},
    {"heat_factor", "emissions of a unit of a fuel, or of bought heat"},
    {"other", "what no energy of a firm stands behind: wastewater, landfills, processes"},
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
    const pf_decomposition_request *request;
    pf_firm_model firms;
    pf_reduction by_year;
    size_t periods[2];
    pf_kernel *kernel;
    double *values; /* [members][numbers] */
    bool *failed;   /* [members] */
} job;

/* ---- one member ---- */

/* All numbers of a decomposition, one after the other. */
static size_t number_count(const job *j)
{
    return j->out->parks * (SCENARIOS * DECOMPOSED_NUMBERS + PF_BARS);
}

static pf_decomposed_all in_place(const job *j, double *numbers)
{
    size_t of_scenarios = j->out->parks * SCENARIOS * DECOMPOSED_NUMBERS;
    return (pf_decomposed_all){(pf_decomposed *)numbers, (double(*)[PF_BARS])(numbers + of_scenarios)};
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

/* cells: of the member in the reference; `next` doubles on in the scenario. */
static void decompose_member(const job *j, const double *cells, size_t next, size_t stride, double *numbers)
{
    pf_decomposed_all to = in_place(j, numbers);
    size_t parks = j->out->parks;
    for (size_t s = 0; s < SCENARIOS; s++)
        pf_decompose_lane(
            &(pf_decomposed_lane){&j->firms, &j->by_year, {j->periods[0], j->periods[1]}, cells + s * next, stride},
            to.of + s * parks);
    for (size_t p = 0; p < parks; p++) find_bars(&to.of[p], &to.of[parks + p], to.bars[p]);
}

static pf_status run_medians(job *j, pf_diagnostics *diagnostics)
{
    pf_collected run;
    pf_design *design = pf_design_new(j->firms.model, &(pf_design_request){.name = "median"}, diagnostics);
    pf_collected_init(&run, j->firms.model, j->out->rows, SCENARIOS);
    pf_status status = design ? pf_collected_run(&run, j->kernel, design, 0, diagnostics) : PF_FAILED;
    if (!status && pf_collected_report_faults(&run, j->kernel, NULL, diagnostics)) status = PF_FAILED;
    size_t by_step = run.kept.first.cells;
    if (!status) decompose_member(j, run.cells + by_step, by_step + j->by_year.cells, 1, (double *)j->out->medians.of);
    pf_collected_free(&run);
    pf_design_free(design);
    return status;
}

/* ---- members ---- */

/* Each member has a place of its own, so threads do not meet. */
static pf_status take(void *self, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    job *j = self;
    (void)diagnostics;
    for (size_t lane = 0; lane < batch->count; lane++) {
        size_t member = (size_t)batch->members[lane];
        for (size_t s = 0; s < SCENARIOS; s++)
            j->failed[member] |= batch->faults[s * batch->count + lane].kind != PF_NO_FAULT;
        if (!j->failed[member])
            decompose_member(j, batch->cells + lane, batch->cell_count * batch->count, batch->count,
                             j->values + member * number_count(j));
    }
    if (j->request->progress) j->request->progress(j->request->user, batch->count);
    return PF_OK;
}

/* Members that count stand without gaps. */
static void drop_failed(job *j)
{
    size_t count = number_count(j), *kept = &j->out->members;
    for (size_t m = 0; m < j->request->members; m++) {
        if (!j->failed[m]) memmove(j->values + (*kept)++ * count, j->values + m * count, count * sizeof *j->values);
        else j->out->failed++;
    }
}

/* Mean and range of each number. */
static void spread_members(job *j)
{
    size_t count = number_count(j);
    double *ends[3];
    for (size_t e = 0; e < 3; e++) ends[e] = PF_ARRAY(j->out->model->scenario->arena, double, count);
    for (size_t i = 0; i < count; i++) {
        pf_estimate of = pf_spread(j->values + i, j->out->members, count);
        ends[0][i] = of.value;
        ends[1][i] = of.low;
        ends[2][i] = of.high;
    }
    j->out->mean = in_place(j, ends[0]);
    j->out->low = in_place(j, ends[1]);
    j->out->high = in_place(j, ends[2]);
}

static pf_status run_members(job *j, pf_diagnostics *diagnostics)
{
    const pf_compiled *m = j->firms.model;
    size_t members = j->request->members;
    pf_design *design = pf_design_new(m, j->request->design, diagnostics);
    const double **settings = pf_scenario_settings(m, j->out->rows, SCENARIOS);
    pf_run_options options = {.ranges = &(pf_range){0, members},
                              .range_count = 1,
                              .settings = settings,
                              .scenario_count = SCENARIOS,
                              .threads = j->request->threads};
    j->values = pf_doubles(members * number_count(j));
    j->failed = pf_calloc(members, sizeof *j->failed);
    pf_status status = !design ? PF_FAILED
                               : pf_run(j->kernel, &m->plan, &options, pf_design_draws(design),
                                        pf_reducer_of(&j->by_year), (pf_sink){j, take}, diagnostics);
    if (!status) drop_failed(j);
    if (!status && !j->out->members) status = pf_error(diagnostics, (pf_mark){0}, "all %zu members fail", members);
    if (!status) spread_members(j);
    pf_design_free(design);
    free(settings);
    free(j->values);
    free(j->failed);
    return status;
}

/* ---- all of it ---- */

static pf_status find_years(job *j, pf_diagnostics *diagnostics)
{
    const pf_reduction *r = &j->by_year;
    if (r->years < 2) return pf_error(diagnostics, (pf_mark){0}, "fewer than two whole years are reported");
    for (size_t y = 0; y < 2; y++) {
        size_t row = y ? r->years - 1 : 0;
        const char *wanted = j->request->years[y] ? j->request->years[y] : r->periods[row].label;
        pf_nearest near = pf_nearest_to(wanted);
        for (row = 0; row < r->years && strcmp(r->periods[row].label, wanted) != 0; row++)
            pf_nearest_offer(&near, r->periods[row].label);
        if (row == r->years)
            return pf_error(diagnostics, (pf_mark){0}, "no whole year is called '%s'%s", wanted,
                            pf_nearest_hint(&near, r->model->scenario->arena));
        j->periods[y] = row;
        j->out->years[y] = r->periods[row].label;
    }
    return PF_OK;
}

static pf_status run_all(job *j, pf_diagnostics *diagnostics)
{
    j->kernel = pf_kernel_new(&j->firms.model->plan);
    pf_status status = run_medians(j, diagnostics);
    if (!status && j->request->design && j->request->members) status = run_members(j, diagnostics);
    pf_kernel_free(j->kernel);
    return status;
}

pf_status pf_decompose(pf_decomposition *self, const pf_compiled *model, const pf_decomposition_request *request,
                       pf_diagnostics *diagnostics)
{
    int against = model->scenarios[request->scenario].against;
    *self = (pf_decomposition){.model = model, .parks = model->park_count + 1};
    self->rows[0] = against >= 0 ? (uint32_t)against : request->scenario;
    self->rows[1] = request->scenario;
    job j = {.out = self, .request = request};
    if (!pf_firm_model_of(&j.firms, model, diagnostics)) return PF_FAILED;
    self->medians = in_place(&j, PF_ARRAY(model->scenario->arena, double, number_count(&j)));
    self->firms = j.firms.firm_count;
    self->fuels_apart = j.firms.fuels_apart;
    j.by_year = pf_reduction_by_year(j.firms.model);
    pf_status status = find_years(&j, diagnostics);
    self->has_run = !status;
    return status ? status : run_all(&j, diagnostics);
}
