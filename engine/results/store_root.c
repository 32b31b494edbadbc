/* The root of a results file, and the whole of a run's: takes what was computed, by scenario, step and output row,
 * gives indicators, flows, closures and parameters by scenario, member, park and time. */
#include "results/store_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "demo.brewing.needs.electricity" */
static const char *flow_name(pf_arena *arena, const pf_result_flow *flow)
{
    return pf_format(arena, "%s.%s.%s", flow->park ? flow->park : "", flow->process ? flow->process : "",
                     flow->port ? flow->port : "");
}

static void write_flow_dimension(pf_store *store)
{
    size_t count = store->header->flow_count;
    const char **names = PF_ARRAY(store->arena, const char *, count);
    for (size_t i = 0; i < count; i++) names[i] = flow_name(store->arena, &store->header->flows[i]);
    pf_h5_text_dimension(&store->h5, "flow", names, count, "flow: park, process and port");
}

/* All dimensions come first: their order in the file is the order in which readers list them. */
static void write_dimensions(pf_store *store)
{
    const pf_result_header *h = store->header;
    pf_store_scenario_dimension(store, h->scenarios, h->scenario_count);
    pf_store_member_dimension(store, &h->member, 1);
    pf_store_park_dimension(store, h->parks, h->park_count);
    pf_store_time_dimension(store, h->step_first_day, h->step_count);
    if (h->flow_count) write_flow_dimension(store);
    if (h->closure_count) pf_store_closure_dimension(store);
    if (h->parameter_count) pf_store_parameter_dimension(store);
    pf_store_bounds_dimension(store);
}

static const struct {
    const char *name, *long_name;
    size_t offset;
} flow_labels[] = {
    {"flow_park", "park of the flow", offsetof(pf_result_flow, park)},
    {"flow_process", "process of the flow", offsetof(pf_result_flow, process)},
    {"flow_port", "port of the flow", offsetof(pf_result_flow, port)},
    {"flow_carrier", "carrier of the flow", offsetof(pf_result_flow, carrier)},
    {"flow_direction", "in or out of the process", offsetof(pf_result_flow, direction)},
    {"flow_unit", "unit of the flow", offsetof(pf_result_flow, unit)},
};

static void write_flow_labels(pf_store *store)
{
    size_t count = store->header->flow_count;
    const char **texts = PF_ARRAY(store->arena, const char *, count);
    for (size_t label = 0; label < sizeof flow_labels / sizeof *flow_labels; label++) {
        for (size_t i = 0; i < count; i++)
            memcpy(&texts[i], (const char *)&store->header->flows[i] + flow_labels[label].offset, sizeof *texts);
        pf_h5_text_variable(&store->h5, flow_labels[label].name, "flow", texts, count, flow_labels[label].long_name);
    }
}

static void write_all_labels(pf_store *store)
{
    const pf_result_header *h = store->header;
    pf_store_time_bounds(store, h->step_first_day, h->step_end_day, h->step_count);
    pf_h5_text_variable(&store->h5, "scenario_title", "scenario", h->scenario_titles, h->scenario_count,
                        "title of the scenario");
    pf_store_against(store, h->scenario_against, h->scenario_count);
    pf_h5_text_variable(&store->h5, "park_title", "park", h->park_titles, h->park_count, "title of the park");
    if (h->flow_count) write_flow_labels(store);
    if (h->parameter_count) pf_store_parameter_labels(store);
}

static size_t row_count(const pf_result_header *h)
{
    return h->variable_count * h->park_count + h->flow_count + h->closure_count;
}

/* Rows first_row .. first_row + count - 1 of `values`, as [scenario][row][step]. All NaN get the same bits. */
static double *gather(const pf_store *store, const double *all, size_t first_row, size_t count)
{
    const pf_result_header *h = store->header;
    size_t rows = row_count(h), steps = h->step_count;
    double *gathered = pf_doubles(h->scenario_count * count * steps), *to = gathered;
    for (size_t s = 0; s < h->scenario_count; s++)
        for (size_t row = first_row; row < first_row + count; row++)
            for (size_t t = 0; t < steps; t++) {
                double value = all[(s * steps + t) * rows + row];
                *to++ = isnan(value) ? (double)NAN : value;
            }
    return gathered;
}

static const char *const by_park[] = {"scenario", "member", "park", "time"};
static const char *const by_flow[] = {"scenario", "member", "flow", "time"};
static const char *const by_closure[] = {"scenario", "member", "closure", "time"};

static void write_indicator(pf_store *store, const double *all, size_t number)
{
    const pf_result_variable *v = &store->header->variables[number];
    double *values = gather(store, all, number * store->header->park_count, store->header->park_count);
    hid_t dataset = pf_h5_variable(&store->h5, v->name, H5T_IEEE_F64LE, PF_H5_RANK, by_park);
    pf_store_titles(store, dataset, v);
    pf_h5_set_text(&store->h5, dataset, "iamc_variable", v->iamc);
    if (v->cell_method)
        pf_h5_set_text(&store->h5, dataset, "cell_methods", pf_format(store->arena, "time: %s", v->cell_method));
    pf_h5_set_text(&store->h5, dataset, "definition", v->definition);
    pf_h5_set_text(&store->h5, dataset, "coordinates", "scenario_title scenario_against park_title");
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
    free(values);
}

static void write_flows(pf_store *store, const double *all)
{
    const pf_result_header *h = store->header;
    double *values = gather(store, all, h->variable_count * h->park_count, h->flow_count);
    hid_t dataset = pf_h5_variable(&store->h5, "flow_amount", H5T_IEEE_F64LE, PF_H5_RANK, by_flow);
    pf_h5_set_text(&store->h5, dataset, "long_name", "amount of the flow in the step");
    pf_h5_set_text(&store->h5, dataset, "cell_methods", "time: sum");
    pf_h5_set_text(&store->h5, dataset, "comment", "The unit is that of the flow, in flow_unit.");
    pf_h5_set_text(&store->h5, dataset, "coordinates",
                   "scenario_title scenario_against "
                   "flow_park flow_process flow_port flow_carrier flow_direction flow_unit");
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
    free(values);
}

/* The largest size; NaN if there is one. */
static double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i])) return values[i];
        most = fmax(most, fabs(values[i]));
    }
    return most;
}

static void write_closures(pf_store *store, const double *all)
{
    const pf_result_header *h = store->header;
    double *values = gather(store, all, h->variable_count * h->park_count + h->flow_count, h->closure_count);
    hid_t dataset = pf_h5_variable(&store->h5, "closure_residual", H5T_IEEE_F64LE, PF_H5_RANK, by_closure);
    pf_h5_set_text(&store->h5, dataset, "units", "1");
    pf_h5_set_text(&store->h5, dataset, "long_name", "relative residual of the balance");
    pf_h5_set_text(&store->h5, dataset, "cell_methods", "time: point");
    pf_h5_set_number(&store->h5, dataset, "maximum",
                     largest(values, h->scenario_count * h->closure_count * h->step_count));
    pf_h5_set_text(&store->h5, dataset, "coordinates", "scenario_title scenario_against");
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
    free(values);
}

static void write_parameters(pf_store *store, const double *values)
{
    const char *const dimensions[] = {"member", "parameter"};
    hid_t dataset = pf_h5_variable(&store->h5, "parameter_value", H5T_IEEE_F64LE, 2, dimensions);
    pf_h5_set_text(&store->h5, dataset, "long_name", "value of the parameter");
    pf_h5_set_text(&store->h5, dataset, "comment", "The unit is that of the parameter, in parameter_unit.");
    pf_h5_set_text(&store->h5, dataset, "coordinates", "parameter_unit parameter_source");
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_DOUBLE, values);
    if (dataset >= 0) H5Dclose(dataset);
}

static void write_text(pf_store *store, const char *name, const char *long_name, const char *text)
{
    hid_t type = pf_h5_text_type();
    hid_t dataset = pf_h5_variable(&store->h5, name, type, 0, NULL);
    pf_h5_set_text(&store->h5, dataset, "long_name", long_name);
    pf_h5_write_texts(&store->h5, dataset, &text, 1);
    H5Tclose(type);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_medians(pf_store *store, const double *values, const double *parameter_values)
{
    const pf_result_header *h = store->header;
    if (store->h5.failed) return;
    write_dimensions(store);
    write_all_labels(store);
    for (size_t v = 0; v < h->variable_count; v++) write_indicator(store, values, v);
    if (h->flow_count) write_flows(store, values);
    if (h->closure_count) write_closures(store, values);
    if (h->parameter_count) write_parameters(store, parameter_values);
    write_text(store, "input", "the whole resolved input, YAML", store->header->input);
    if (store->header->sweep && store->header->sweep->list)
        write_text(store, "design_list", "the members of the design, CSV", store->header->sweep->list);
}
