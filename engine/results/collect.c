/* From the one batch of a run of one member to named rows. */
#include "results/collect.h"

#include <stdlib.h>
#include <string.h>

static size_t cells_of(const pf_collected *self)
{
    return self->kept.first.cells + self->kept.second.cells;
}

void pf_collected_init(pf_collected *self, const pf_compiled *model, const uint32_t *scenarios, size_t scenario_count)
{
    *self = (pf_collected){.model = model, .scenarios = scenarios, .scenario_count = scenario_count};
    self->kept = (pf_reduction_pair){pf_reduction_by_step(model), pf_reduction_by_year(model)};
    self->cells = pf_doubles(scenario_count * cells_of(self));
    self->faults = pf_calloc(scenario_count, sizeof *self->faults);
    self->drawn = pf_doubles(model->input_count);
}

void pf_collected_free(pf_collected *self)
{
    free(self->cells);
    free(self->faults);
    free(self->drawn);
}

static pf_status take(void *user, const pf_batch *batch, pf_diagnostics *diagnostics)
{
    pf_collected *self = user;
    (void)diagnostics;
    memcpy(self->cells, batch->cells, self->scenario_count * cells_of(self) * sizeof *self->cells);
    memcpy(self->faults, batch->faults, self->scenario_count * sizeof *self->faults);
    memcpy(self->drawn, batch->inputs, self->model->input_count * sizeof *self->drawn);
    return PF_OK;
}

pf_status pf_collected_run(pf_collected *self, const pf_kernel *kernel, const pf_design *design, uint64_t member,
                           pf_diagnostics *diagnostics)
{
    const pf_compiled *m = self->model;
    const double **settings = pf_scenario_settings(m, self->scenarios, self->scenario_count);
    pf_run_options options = {.ranges = &(pf_range){member, 1},
                              .range_count = 1,
                              .settings = settings,
                              .scenario_count = self->scenario_count,
                              .threads = 1};
    pf_status status = pf_run(kernel, &m->plan, &options, pf_design_draws(design), pf_reducer_of_pair(&self->kept),
                              (pf_sink){self, take}, diagnostics);
    free(settings);
    return status;
}

double pf_collected_in(const pf_collected *self, size_t scenario, size_t indicator, size_t park, size_t period)
{
    return self->cells[scenario * cells_of(self) + self->kept.first.cells +
                       pf_cell(&self->kept.second, indicator, park, period)];
}

static bool same_fault(pf_fault a, pf_fault b)
{
    return a.kind == b.kind && a.step == b.step && a.index == b.index;
}

/* The scenarios that failed like this one, if it is the first of them; else NULL. */
static const char *who_failed(const pf_collected *self, size_t first, const char *member)
{
    const pf_compiled *m = self->model;
    pf_arena *arena = m->scenario->arena;
    const char *names = "scenario";
    for (size_t s = 0; s < self->scenario_count; s++) {
        if (!same_fault(self->faults[s], self->faults[first])) continue;
        if (s < first) return NULL;
        names = pf_format(arena, "%s%s %s", names, s > first ? "," : "", m->scenarios[self->scenarios[s]].name);
    }
    return member ? pf_format(arena, "%s, %s", member, names) : names;
}

bool pf_collected_report_faults(const pf_collected *self, const pf_kernel *kernel, const char *member,
                                pf_diagnostics *diagnostics)
{
    const pf_compiled *m = self->model;
    double *lane = pf_doubles(m->input_count);
    bool any = false;
    for (size_t s = 0; s < self->scenario_count; s++) {
        if (self->faults[s].kind == PF_NO_FAULT) continue;
        const char *who = who_failed(self, s, member);
        any = true;
        if (!who) continue;
        pf_set_lane(m->input_count, m->scenarios[self->scenarios[s]].switches, self->drawn, 1, lane);
        pf_replay(kernel, lane, self->faults[s],
                  pf_step_text(m->scenario->arena, &m->scenario->calendar, self->faults[s].step), who, diagnostics);
    }
    free(lane);
    return any;
}

static const char *accounting_text(const pf_compiled *m)
{
    const pf_tree *accounting = pf_tree_get(m->scenario->tree, "accounting");
    const char *text = "";
    for (size_t i = 0; accounting && i < accounting->entries.count; i++) {
        const pf_entry *entry = &accounting->entries.items[i];
        const char *value = entry->value->text;
        if (!strcmp(entry->key, "freeze")) value = pf_format(m->scenario->arena, "(%s)", m->held);
        else if (entry->value->kind == PF_MAPPING)
            value =
                pf_format(m->scenario->arena, "%s%s",
                          pf_tree_get_text(entry->value, "currency") ? pf_tree_get_text(entry->value, "currency") : "",
                          pf_tree_get_text(entry->value, "year") ? pf_tree_get_text(entry->value, "year") : "");
        text = pf_format(m->scenario->arena, "%s%s%s=%s", text, *text ? " " : "", entry->key, value ? value : "");
    }
    return text;
}

static void add_scenarios(const pf_collected *self, pf_result_header *h)
{
    const pf_compiled *m = self->model;
    pf_arena *arena = m->scenario->arena;
    const char **names = PF_ARRAY(arena, const char *, self->scenario_count),
               **titles = PF_ARRAY(arena, const char *, self->scenario_count),
               **against = PF_ARRAY(arena, const char *, self->scenario_count);
    for (size_t s = 0; s < self->scenario_count; s++) {
        const pf_scenario_row *row = &m->scenarios[self->scenarios[s]];
        names[s] = row->name;
        titles[s] = row->title;
        against[s] = row->against >= 0 ? m->scenarios[row->against].name : NULL;
    }
    h->scenarios = names;
    h->scenario_titles = titles;
    h->scenario_against = against;
    h->scenario_count = self->scenario_count;
}

static void add_parks_and_steps(const pf_collected *self, pf_result_header *h)
{
    const pf_compiled *m = self->model;
    pf_arena *arena = m->scenario->arena;
    size_t steps = self->kept.first.period_count;
    const char **parks = PF_ARRAY(arena, const char *, m->park_count),
               **titles = PF_ARRAY(arena, const char *, m->park_count);
    for (size_t p = 0; p < m->park_count; p++) parks[p] = m->parks[p].name, titles[p] = m->parks[p].title;
    int32_t *first = PF_ARRAY(arena, int32_t, steps), *end = PF_ARRAY(arena, int32_t, steps);
    for (size_t s = 0; s < steps; s++) {
        first[s] = self->kept.first.periods[s].first_day;
        end[s] = self->kept.first.periods[s].end_day;
    }
    h->parks = parks;
    h->park_titles = titles;
    h->park_count = m->park_count;
    h->step_first_day = first;
    h->step_end_day = end;
    h->step_count = steps;
}

static void add_rows(const pf_compiled *m, pf_result_header *h)
{
    pf_arena *arena = m->scenario->arena;
    pf_result_variable *variables = PF_ARRAY(arena, pf_result_variable, m->indicator_count);
    pf_result_flow *flows = PF_ARRAY(arena, pf_result_flow, m->flow_count);
    pf_result_parameter *parameters = PF_ARRAY(arena, pf_result_parameter, m->input_count);
    for (size_t i = 0; i < m->indicator_count; i++) {
        const pf_indicator *v = &m->indicators[i];
        variables[i] = (pf_result_variable){v->name, v->unit, v->title, v->title_vi, v->iamc, v->method, v->definition};
    }
    for (size_t i = 0; i < m->flow_count; i++) {
        const pf_flow *f = &m->flows[i];
        flows[i] = (pf_result_flow){f->park, f->process, f->port, f->carrier, f->direction, f->unit};
    }
    for (size_t i = 0; i < m->input_count; i++)
        if (m->inputs[i].value)
            parameters[h->parameter_count++] =
                (pf_result_parameter){m->inputs[i].name, m->inputs[i].unit, m->inputs[i].source};
    h->variables = variables;
    h->variable_count = m->indicator_count;
    h->flows = flows;
    h->flow_count = m->flow_count;
    h->parameters = parameters;
    h->closures = m->closures;
    h->closure_count = m->closure_count;
}

pf_result_header pf_collected_header(const pf_collected *self)
{
    const pf_compiled *m = self->model;
    pf_result_header h = {.title_en = pf_title(m->scenario->tree, "A model without a title"),
                          .title_vi = pf_title_vi(m->scenario->tree),
                          .input = pf_scenario_input(m->scenario),
                          .accounting = accounting_text(m)};
    add_scenarios(self, &h);
    add_parks_and_steps(self, &h);
    add_rows(m, &h);
    return h;
}

size_t pf_collected_row_count(const pf_collected *self)
{
    const pf_compiled *m = self->model;
    return m->indicator_count * m->park_count + m->flow_count + m->closure_count;
}

double *pf_collected_rows(const pf_collected *self)
{
    const pf_compiled *m = self->model;
    const pf_reduction *r = &self->kept.first;
    double *values = pf_doubles(self->scenario_count * r->period_count * pf_collected_row_count(self)), *to = values;
    for (size_t s = 0; s < self->scenario_count; s++) {
        const double *cells = self->cells + s * cells_of(self);
        for (size_t t = 0; t < r->period_count; t++) {
            for (size_t v = 0; v < m->indicator_count; v++)
                for (size_t p = 0; p < m->park_count; p++) *to++ = cells[pf_cell(r, v, p, t)];
            for (size_t i = 0; i < m->flow_count + m->closure_count; i++)
                *to++ = cells[r->flows + i * r->period_count + t];
        }
    }
    return values;
}

double *pf_collected_parameters(const pf_collected *self)
{
    const pf_compiled *m = self->model;
    double *parameters = pf_doubles(m->input_count), *to = parameters;
    for (size_t i = 0; i < m->input_count; i++)
        if (m->inputs[i].value) *to++ = self->drawn[i];
    return parameters;
}

pf_status pf_collected_write(const pf_collected *self, const char *path, const pf_result_header *header,
                             pf_diagnostics *diagnostics)
{
    double *rows = pf_collected_rows(self), *parameters = pf_collected_parameters(self);
    pf_status status = pf_store_write(path, header, rows, parameters, diagnostics);
    free(rows);
    free(parameters);
    return status;
}
