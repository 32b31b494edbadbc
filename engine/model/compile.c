/* The compiler's passes, in order: resolve, ports, markets, equations, outputs, scenarios, schedule, lower. */
#include "model/model.h"

#include <string.h>

static void build_time(pf_model *m)
{
    const pf_calendar *calendar = &m->scenario->calendar;
    double *length = PF_ARRAY(m->arena, double, calendar->count), *month = PF_ARRAY(m->arena, double, calendar->count),
           *year = PF_ARRAY(m->arena, double, calendar->count);
    for (uint32_t s = 0; s < calendar->count; s++) {
        length[s] = pf_step_seconds(calendar->steps[s]);
        month[s] = pf_per_month(calendar->steps[s]);
        year[s] = pf_per_year(calendar->steps[s]);
    }
    m->step_length = (pf_term){pf_series_node(&m->graph, length), pf_dimension_time()};
    m->per_month = pf_series_node(&m->graph, month);
    m->per_year = pf_series_node(&m->graph, year);
}

static void build_freeze(pf_model *m, const pf_tree *of_checks)
{
    const pf_tree *freeze = of_checks ? of_checks : pf_tree_at(m->scenario->tree, "accounting.freeze");
    m->is_variant = of_checks;
    pf_read_freeze(m, freeze, m->held);
    m->compiled.held = pf_freeze_text(m->arena, freeze);
}

/* Every value and emission is worked out, so that errors show even where nothing asks for it. */
static void check_values(pf_model *m, pf_process *p)
{
    static const char *const groups[] = {"values", "emissions", "upstream"};
    pf_context c = {.model = m, .process = p};
    bool found;
    for (size_t g = 0; g < 3; g++) {
        const pf_tree *map = pf_tree_get(p->type, groups[g]);
        for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++)
            pf_value_of(&c, groups[g], map->entries.items[i].key, &found);
    }
}

static void check_model_parameters(pf_model *m)
{
    const pf_tree *map = pf_tree_get(m->scenario->tree, "parameters");
    bool found;
    for (size_t i = 0; map && map->kind == PF_MAPPING && i < map->entries.count; i++)
        pf_model_parameter(m, map->entries.items[i].key, &found);
}

static void describe(pf_model *m)
{
    pf_compiled *out = &m->compiled;
    PF_LIST(pf_park) parks = {0};
    for (size_t i = 0; i < m->scopes.count; i++)
        if (m->scopes.items[i]->kind == PF_PARK_SCOPE)
            *PF_PUSH(m->arena, parks) =
                (pf_park){m->scopes.items[i]->name, pf_title(m->scopes.items[i]->tree, m->scopes.items[i]->name)};
    *PF_PUSH(m->arena, parks) = (pf_park){"shared", "Shared by the parks"};
    out->scenario = m->scenario;
    out->parks = parks.items;
    out->park_count = parks.count;
    out->inputs = m->inputs.items;
    out->input_count = m->inputs.count;
    out->parameters = m->explained.items;
    out->parameter_count = m->explained.count;
    out->process_count = m->processes.count;
    out->market_count = m->markets.count;
}

static size_t roots_of(pf_model *m, pf_node_id **roots)
{
    PF_LIST(pf_node_id) list = {0};
    for (size_t i = 0; i < m->output_count; i++) *PF_PUSH(m->arena, list) = m->outputs[i];
    for (size_t i = 0; i < m->checks.count; i++) *PF_PUSH(m->arena, list) = m->checks.items[i].reg;
    for (size_t i = 0; i < m->graph.states.count; i++) {
        *PF_PUSH(m->arena, list) = m->graph.states.items[i].initial;
        *PF_PUSH(m->arena, list) = m->graph.states.items[i].next;
    }
    *roots = list.items;
    return list.count;
}

/* What every process has, from its parameters to its equations. */
static void build_equations(pf_model *m)
{
    pf_build_ports(m);
    pf_build_markets(m);
    for (size_t i = 0; i < m->processes.count; i++) pf_check_parameters(m, m->processes.items[i]);
    pf_equate_ports(m);
    pf_equate_stocks(m);
    pf_mix_components(m);
    pf_trace_emissions(m);
    if (!pf_error_count(m->diagnostics)) pf_clear_markets(m);
    for (size_t i = 0; i < m->processes.count; i++) check_values(m, m->processes.items[i]);
    check_model_parameters(m);
}

const pf_compiled *pf_compile(pf_scenario *scenario, pf_compile_options options)
{
    pf_model *m = PF_NEW(scenario->arena, pf_model);
    m->scenario = scenario;
    m->arena = scenario->arena;
    m->diagnostics = scenario->diagnostics;
    if (!scenario->calendar.count) return NULL;
    pf_graph_init(&m->graph, m->arena, scenario->calendar.count, 0);
    build_time(m);
    build_freeze(m, options.freeze);
    m->has_levers = options.levers;
    pf_build_interventions(m);
    pf_build_entities(m);
    pf_check_types(m);
    build_equations(m);
    pf_finish_interventions(m); /* whose effects are all known now */
    pf_build_outputs(m, options);
    pf_build_levers(m);
    pf_build_scenarios(m);
    pf_build_correlations(m);
    pf_build_checks(m);
    pf_build_criteria(m);
    pf_build_actors(m);
    pf_build_fit(m);
    if (pf_error_count(m->diagnostics)) return NULL;
    pf_node_id *roots;
    pf_schedule schedule;
    size_t root_count = roots_of(m, &roots);
    if (pf_schedule_make(m, roots, root_count, &schedule)) return NULL;
    pf_lower(m, &schedule, options.tangents);
    describe(m);
    return pf_error_count(m->diagnostics) ? NULL : &m->compiled;
}
