/* The dimensions of a results file and the labels beside them: takes names and days, gives what the root and the groups
 * of a sweep have in common. */
#include "results/store_internal.h"

#include <math.h>
#include <stdlib.h>

void pf_store_scenario_dimension(pf_store *store, const char *const *names, size_t count)
{
    pf_h5_text_dimension(&store->h5, "scenario", names, count, "scenario");
}

void pf_store_park_dimension(pf_store *store, const char *const *names, size_t count)
{
    pf_h5_text_dimension(&store->h5, "park", names, count, "park");
}

void pf_store_member_dimension(pf_store *store, const int64_t *members, size_t count)
{
    hid_t dataset = pf_h5_dimension(&store->h5, "member", H5T_STD_I64LE, count);
    pf_h5_set_text(&store->h5, dataset, "standard_name", "realization");
    pf_h5_set_text(&store->h5, dataset, "long_name", "member: one draw of all uncertain parameters");
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_INT64, members);
    if (dataset >= 0) H5Dclose(dataset);
}

static void set_calendar(pf_store *store, hid_t dataset)
{
    pf_h5_set_text(&store->h5, dataset, "units", "days since 1970-01-01");
    pf_h5_set_text(&store->h5, dataset, "calendar", "proleptic_gregorian");
}

void pf_store_time_dimension(pf_store *store, const int32_t *first_days, size_t count)
{
    hid_t dataset = pf_h5_dimension(&store->h5, "time", H5T_STD_I32LE, count);
    pf_h5_set_text(&store->h5, dataset, "standard_name", "time");
    pf_h5_set_text(&store->h5, dataset, "long_name", "first day of the step");
    set_calendar(store, dataset);
    pf_h5_set_text(&store->h5, dataset, "axis", "T");
    pf_h5_set_text(&store->h5, dataset, "bounds", "time_bnds");
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_INT32, first_days);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_time_bounds(pf_store *store, const int32_t *first_days, const int32_t *end_days, size_t count)
{
    int32_t *bounds = PF_ARRAY(store->arena, int32_t, 2 * count);
    for (size_t t = 0; t < count; t++) {
        bounds[2 * t] = first_days[t];
        bounds[2 * t + 1] = end_days[t];
    }
    hid_t dataset = pf_h5_variable(&store->h5, "time_bnds", H5T_STD_I32LE, 2, (const char *const[]){"time", "nv"});
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_INT32, bounds);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_bounds_dimension(pf_store *store)
{
    hid_t dataset = pf_h5_dimension(&store->h5, "nv", -1, 2);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_period_dimension(pf_store *store, const pf_period *periods, size_t count)
{
    const char **labels = PF_ARRAY(store->arena, const char *, count);
    for (size_t i = 0; i < count; i++) labels[i] = periods[i].label;
    pf_h5_text_dimension(&store->h5, "period", labels, count, "period: a year, a step or the whole reported time");
}

static void write_days(pf_store *store, const char *name, const int32_t *days, const char *long_name)
{
    hid_t dataset = pf_h5_variable(&store->h5, name, H5T_STD_I32LE, 1, (const char *const[]){"period"});
    pf_h5_set_text(&store->h5, dataset, "long_name", long_name);
    set_calendar(store, dataset);
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_INT32, days);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_period_days(pf_store *store, const pf_period *periods, size_t count)
{
    int32_t *first = PF_ARRAY(store->arena, int32_t, count), *end = PF_ARRAY(store->arena, int32_t, count);
    for (size_t i = 0; i < count; i++) {
        first[i] = periods[i].first_day;
        end[i] = periods[i].end_day;
    }
    write_days(store, "period_first_day", first, "first day of the period");
    write_days(store, "period_end_day", end, "day after the last of the period");
}

void pf_store_against(pf_store *store, const char *const *against, size_t count)
{
    pf_h5_text_variable(&store->h5, "scenario_against", "scenario", against, count,
                        "scenario that differences are taken against");
}

void pf_store_closure_dimension(pf_store *store)
{
    pf_h5_text_dimension(&store->h5, "closure", store->header->closures, store->header->closure_count, "balance");
}

void pf_store_parameter_dimension(pf_store *store)
{
    size_t count = store->header->parameter_count;
    const char **names = PF_ARRAY(store->arena, const char *, count);
    for (size_t i = 0; i < count; i++) names[i] = store->header->parameters[i].name;
    pf_h5_text_dimension(&store->h5, "parameter", names, count, "uncertain parameter");
}

void pf_store_parameter_labels(pf_store *store)
{
    size_t count = store->header->parameter_count;
    const char **units = PF_ARRAY(store->arena, const char *, count);
    const char **sources = PF_ARRAY(store->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        units[i] = store->header->parameters[i].unit;
        sources[i] = store->header->parameters[i].source;
    }
    pf_h5_text_variable(&store->h5, "parameter_unit", "parameter", units, count, "unit of the parameter");
    pf_h5_text_variable(&store->h5, "parameter_source", "parameter", sources, count, "source of the parameter");
}

void pf_store_titles(pf_store *store, hid_t dataset, const pf_result_variable *variable)
{
    pf_h5_set_text(&store->h5, dataset, "units", variable->unit && *variable->unit ? variable->unit : "1");
    pf_h5_set_text(&store->h5, dataset, "long_name", variable->title_en);
    pf_h5_set_text(&store->h5, dataset, "long_name_vi", variable->title_vi);
}

void pf_store_doubles(pf_store *store, hid_t dataset, const double *values, size_t count)
{
    if (store->h5.failed) return;
    double *plain = pf_doubles(count);
    for (size_t i = 0; i < count; i++) plain[i] = isnan(values[i]) ? (double)NAN : values[i];
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_DOUBLE, plain);
    free(plain);
}
