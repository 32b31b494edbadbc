/* From the blocks of a run to named rows; ratios are formed here, after summing. */
#include "results/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t reported(const pf_compiled *model)
{
    return model->scenario->calendar.reported;
}

void pf_collected_init(pf_collected *self, const pf_compiled *model, const uint32_t *scenarios, size_t scenario_count)
{
    *self = (pf_collected){.model = model, .scenarios = scenarios, .scenario_count = scenario_count};
    self->rows = model->indicator_count * model->park_count + model->flow_count + model->closure_count;
    self->values = pf_doubles(scenario_count * reported(model) * self->rows);
    self->faults = pf_calloc(scenario_count, sizeof *self->faults);
    self->inputs = pf_doubles(scenario_count * model->input_count);
}

void pf_collected_free(pf_collected *self)
{
    free(self->values);
    free(self->faults);
    free(self->inputs);
}

static double *row_of(const pf_collected *self, size_t scenario, size_t step)
{
    return self->values + (scenario * reported(self->model) + step) * self->rows;
}

/* A lane's outputs of one step: indicators that are no ratio come as they stand, ratios are divided. */
static void take_step(const pf_collected *self, double *row, const double *outputs, size_t lanes)
{
    const pf_compiled *m = self->model;
    size_t output = 0, parks = m->park_count;
    for (size_t v = 0; v < m->indicator_count; v++)
        for (size_t p = 0; p < parks; p++)
            if (m->indicators[v].numerator < 0) row[v * parks + p] = outputs[output++ * lanes];
    for (size_t v = 0; v < m->indicator_count; v++)
        for (size_t p = 0; p < parks && m->indicators[v].numerator >= 0; p++) {
            double below = row[(size_t)m->indicators[v].denominator * parks + p];
            row[v * parks + p] = below != 0 ? row[(size_t)m->indicators[v].numerator * parks + p] / below : NAN;
        }
    for (size_t i = m->indicator_count * parks; i < self->rows; i++) row[i] = outputs[output++ * lanes];
}

static pf_status take(void *user, const pf_block_result *block, pf_diagnostics *diagnostics)
{
    pf_collected *self = user;
    (void)diagnostics;
    for (size_t s = 0; s < block->scenarios; s++) {
        size_t lane = s * block->members;
        self->faults[s] = block->faults[lane];
        for (size_t i = 0; i < self->model->input_count; i++)
            self->inputs[s * self->model->input_count + i] = block->inputs[i * block->lanes + lane];
        for (size_t t = 0; t < reported(self->model); t++)
            take_step(self, row_of(self, s, t),
                      block->outputs + t * self->model->plan.output_count * block->lanes + lane, block->lanes);
    }
    return PF_OK;
}

pf_sink pf_collecting_sink(pf_collected *self)
{
    return (pf_sink){self, take};
}

static pf_step reported_step(const pf_compiled *model, size_t step)
{
    return model->scenario->calendar.steps[model->scenario->calendar.first_reported + step];
}

static int year_of(int32_t day_number)
{
    int year, month, day;
    pf_day_date(day_number, &year, &month, &day);
    return year;
}

bool pf_reported_years(const pf_compiled *model, int *first, int *last)
{
    int32_t begin = reported_step(model, 0).first_day, end = reported_step(model, reported(model) - 1).end_day;
    *first = year_of(begin) + (pf_day_number(year_of(begin), 1, 1) < begin);
    *last = year_of(end) - 1; /* end is the day after */
    return *first <= *last;
}

typedef struct {
    double sum, last, days;
} totals;

static totals over_year(const pf_collected *self, size_t scenario, size_t indicator, size_t park, int year)
{
    const pf_compiled *m = self->model;
    totals t = {0};
    for (size_t s = 0; s < reported(m); s++) {
        pf_step step = reported_step(m, s);
        if (year && year_of(step.first_day) != year) continue;
        double value = 0, length = step.end_day - step.first_day;
        for (size_t p = 0; p < m->park_count; p++)
            if (park == m->park_count || park == p) value += row_of(self, scenario, s)[indicator * m->park_count + p];
        bool mean = !strcmp(m->indicators[indicator].method, "mean");
        t.sum += mean ? value * length : value;
        t.last = value;
        t.days += length;
    }
    return t;
}

double pf_collected_year(const pf_collected *self, size_t scenario, size_t indicator, size_t park, int year)
{
    const pf_indicator *row = &self->model->indicators[indicator];
    if (row->numerator >= 0) {
        double above = pf_collected_year(self, scenario, (size_t)row->numerator, park, year);
        double below = pf_collected_year(self, scenario, (size_t)row->denominator, park, year);
        return below != 0 ? above / below : NAN;
    }
    totals t = over_year(self, scenario, indicator, park, year);
    if (t.days == 0) return NAN;
    return !strcmp(row->method, "sum") ? t.sum : !strcmp(row->method, "mean") ? t.sum / t.days : t.last;
}

/* The header of the results file, in the scenario's arena. */
static pf_result_header header_of(const pf_collected *self, const char *command)
{
    const pf_compiled *m = self->model;
    pf_arena *arena = m->scenario->arena;
    size_t steps = reported(m);
    const char **names = PF_ARRAY(arena, const char *, self->scenario_count),
               **titles = PF_ARRAY(arena, const char *, self->scenario_count),
               **against = PF_ARRAY(arena, const char *, self->scenario_count);
    for (size_t s = 0; s < self->scenario_count; s++) {
        const pf_scenario_row *row = &m->scenarios[self->scenarios[s]];
        names[s] = row->name;
        titles[s] = row->title;
        against[s] = row->against >= 0 ? m->scenarios[row->against].name : NULL;
    }
    const char **parks = PF_ARRAY(arena, const char *, m->park_count),
               **park_titles = PF_ARRAY(arena, const char *, m->park_count);
    for (size_t p = 0; p < m->park_count; p++) parks[p] = m->parks[p].name, park_titles[p] = m->parks[p].title;
    int32_t *first = PF_ARRAY(arena, int32_t, steps), *end = PF_ARRAY(arena, int32_t, steps);
    for (size_t s = 0; s < steps; s++) first[s] = reported_step(m, s).first_day, end[s] = reported_step(m, s).end_day;
    pf_result_header h = {.title_en = pf_title(m->scenario->tree, m->scenario->path),
                          .title_vi = pf_title_vi(m->scenario->tree),
                          .scenarios = names,
                          .scenario_titles = titles,
                          .scenario_against = against,
                          .scenario_count = self->scenario_count,
                          .parks = parks,
                          .park_titles = park_titles,
                          .park_count = m->park_count,
                          .step_first_day = first,
                          .step_end_day = end,
                          .step_count = steps,
                          .closures = m->closures,
                          .closure_count = m->closure_count,
                          .input = m->scenario->input,
                          .command = command};
    return h;
}

static const char *accounting_text(const pf_compiled *m)
{
    const pf_tree *accounting = pf_tree_get(m->scenario->tree, "accounting");
    const char *text = "";
    for (size_t i = 0; accounting && i < accounting->entries.count; i++) {
        const pf_entry *entry = &accounting->entries.items[i];
        const char *value = entry->value->text;
        if (entry->value->kind == PF_MAPPING)
            value =
                pf_format(m->scenario->arena, "%s%s",
                          pf_tree_get_text(entry->value, "currency") ? pf_tree_get_text(entry->value, "currency") : "",
                          pf_tree_get_text(entry->value, "year") ? pf_tree_get_text(entry->value, "year") : "");
        text = pf_format(m->scenario->arena, "%s%s%s=%s", text, *text ? " " : "", entry->key, value ? value : "");
    }
    return text;
}

pf_status pf_collected_write(const pf_collected *self, const char *path, const char *command, const double *parameters,
                             pf_diagnostics *diagnostics)
{
    const pf_compiled *m = self->model;
    pf_arena *arena = m->scenario->arena;
    pf_result_header h = header_of(self, command);
    pf_result_variable *variables = PF_ARRAY(arena, pf_result_variable, m->indicator_count);
    pf_result_flow *flows = PF_ARRAY(arena, pf_result_flow, m->flow_count);
    pf_result_parameter *rows = PF_ARRAY(arena, pf_result_parameter, m->input_count);
    double *values = pf_doubles(m->input_count);
    for (size_t i = 0; i < m->indicator_count; i++) {
        const pf_indicator *v = &m->indicators[i];
        variables[i] = (pf_result_variable){v->name, v->unit, v->title, v->title_vi, v->iamc, v->method, v->definition};
    }
    for (size_t i = 0; i < m->flow_count; i++) {
        const pf_flow *f = &m->flows[i];
        flows[i] = (pf_result_flow){f->park, f->process, f->port, f->carrier, f->direction, f->unit};
    }
    for (size_t i = 0; i < m->input_count; i++) {
        if (!m->inputs[i].value) continue;
        rows[h.parameter_count] = (pf_result_parameter){m->inputs[i].name, m->inputs[i].unit, m->inputs[i].source};
        values[h.parameter_count++] = parameters[i];
    }
    h.variables = variables;
    h.variable_count = m->indicator_count;
    h.flows = flows;
    h.flow_count = m->flow_count;
    h.parameters = rows;
    h.accounting = accounting_text(m);
    pf_status status = pf_store_write(path, &h, self->values, values, diagnostics);
    free(values);
    return status;
}
