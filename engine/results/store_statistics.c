/* The groups of a sweep that say what its members came to: /statistics, /difference and /faults. Takes arrays of
 * finished numbers, one indicator at a time. */
#include "results/store_internal.h"

static const struct {
    const char *name, *comment;
} groups[] = {
    [PF_OF_SCENARIOS] = {"statistics",
                         "Statistics over %llu members. NAME_bound is the most by which NAME can differ from exact "
                         "arithmetic on the members: mean and sd come from sums of whole numbers on a fine grid, "
                         "quantiles from counts in bins, so that their order changes nothing. The mean is not the run "
                         "at the medians, which the root of this file holds: the model is not linear, and the median "
                         "of a skewed distribution is not its mean."},
    [PF_OF_DIFFERENCES] = {"difference",
                           "Statistics over %llu members of each scenario less its reference (scenario_against), "
                           "formed member by member: their spread is that of the effect, not that of two scenarios. "
                           "NAME_bound is the most by which NAME can differ from exact arithmetic on the members. The "
                           "mean is not the difference of the runs at the medians, which the root of this file holds: "
                           "the model is not linear, and the median of a skewed distribution is not its mean."},
};

static const char *const all_axes[] = {"statistic", "scenario", "park", "period"};

static void write_closure_maximum(pf_store *store, const double *values)
{
    hid_t dataset = pf_h5_variable(&store->h5, "closure_maximum", H5T_IEEE_F64LE, 1, (const char *const[]){"closure"});
    pf_h5_set_text(&store->h5, dataset, "units", "1");
    pf_h5_set_text(&store->h5, dataset, "long_name",
                   "largest relative residual of the balance in any member, scenario and step");
    pf_store_doubles(store, dataset, values, store->header->closure_count);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_statistics(pf_store *store, pf_result_group group, const pf_result_statistics *s)
{
    const pf_result_axes *axes = &s->axes;
    bool has_closures = s->closure_maximum && store->header->closure_count;
    store->statistics = *s;
    pf_h5_leave_group(&store->h5);
    pf_h5_enter_group(&store->h5, groups[group].name);
    hid_t place = pf_h5_place(&store->h5);
    const char *comment = pf_format(store->arena, groups[group].comment, (unsigned long long)s->members);
    pf_h5_set_text(&store->h5, place, "comment", comment);
    pf_h5_set_integer(&store->h5, place, "members", (int64_t)s->members);
    pf_store_scenario_dimension(store, axes->scenarios, axes->scenario_count);
    pf_store_park_dimension(store, axes->parks, axes->park_count);
    pf_store_period_dimension(store, axes->periods, axes->period_count);
    pf_h5_text_dimension(&store->h5, "statistic", s->statistics, s->statistic_count, "statistic over members");
    if (has_closures) pf_store_closure_dimension(store);
    if (axes->against) pf_store_against(store, axes->against, axes->scenario_count);
    pf_store_period_days(store, axes->periods, axes->period_count);
    if (has_closures) write_closure_maximum(store, s->closure_maximum);
}

/* A variable beside the indicator's own: same unit or "1", of all dimensions or all but `statistic`. */
static hid_t begin_beside(pf_store *store, const pf_result_variable *v, const char *ending, hid_t type, int rank,
                          const char *unit, const char *what)
{
    const char *name = pf_format(store->arena, "%s_%s", v->name, ending);
    hid_t dataset = pf_h5_variable(&store->h5, name, type, rank, all_axes + PF_H5_RANK - rank);
    pf_h5_set_text(&store->h5, dataset, "units", unit && *unit ? unit : "1");
    pf_h5_set_text(&store->h5, dataset, "long_name", pf_format(store->arena, "%s: %s", v->title_en, what));
    return dataset;
}

static void end_variable(pf_store *store, hid_t dataset)
{
    bool has_against = store->statistics.axes.against;
    pf_h5_set_text(&store->h5, dataset, "coordinates",
                   has_against ? "scenario_against period_first_day period_end_day"
                               : "period_first_day period_end_day");
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_statistic(pf_store *store, size_t variable, const pf_result_statistic *s)
{
    const pf_result_variable *v = &store->header->variables[variable];
    const pf_result_axes *axes = &store->statistics.axes;
    size_t cells = axes->scenario_count * axes->park_count * axes->period_count;
    size_t values = cells * store->statistics.statistic_count;
    hid_t dataset = pf_h5_variable(&store->h5, v->name, H5T_IEEE_F64LE, PF_H5_RANK, all_axes);
    pf_store_titles(store, dataset, v);
    pf_store_doubles(store, dataset, s->values, values);
    end_variable(store, dataset);
    dataset = begin_beside(store, v, "bound", H5T_IEEE_F64LE, PF_H5_RANK, v->unit, "the most it can be off");
    pf_store_doubles(store, dataset, s->bounds, values);
    end_variable(store, dataset);
    if (s->exceedance) {
        dataset = begin_beside(store, v, "exceedance", H5T_IEEE_F64LE, PF_H5_RANK - 1, NULL,
                               "share of members above the threshold");
        pf_h5_set_number(&store->h5, dataset, "threshold", s->threshold);
        pf_store_doubles(store, dataset, s->exceedance, cells);
        end_variable(store, dataset);
    }
    if (s->valid) {
        dataset = begin_beside(store, v, "valid", H5T_STD_I64LE, PF_H5_RANK - 1, NULL, "members that have a value");
        pf_h5_write(&store->h5, dataset, H5T_NATIVE_UINT64, s->valid);
        end_variable(store, dataset);
    }
}

static void write_fault_members(pf_store *store, const pf_result_fault *faults, size_t count)
{
    int64_t *members = PF_ARRAY(store->arena, int64_t, count);
    for (size_t i = 0; i < count; i++) members[i] = (int64_t)faults[i].member;
    hid_t dataset = pf_h5_variable(&store->h5, "member", H5T_STD_I64LE, 1, (const char *const[]){"fault"});
    pf_h5_set_text(&store->h5, dataset, "long_name", "number of the member");
    pf_h5_write(&store->h5, dataset, H5T_NATIVE_INT64, members);
    if (dataset >= 0) H5Dclose(dataset);
}

void pf_store_faults(pf_store *store, const pf_result_fault *faults, size_t count)
{
    if (store->h5.failed || count == 0) return;
    if (count > PF_RESULT_FAULTS) count = PF_RESULT_FAULTS;
    const char **scenarios = PF_ARRAY(store->arena, const char *, count);
    const char **steps = PF_ARRAY(store->arena, const char *, count);
    const char **causes = PF_ARRAY(store->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        scenarios[i] = faults[i].scenario;
        steps[i] = faults[i].step;
        causes[i] = faults[i].cause;
    }
    pf_h5_leave_group(&store->h5);
    pf_h5_enter_group(&store->h5, "faults");
    pf_h5_set_text(&store->h5, pf_h5_place(&store->h5), "comment",
                   "Members that failed and are left out of every scenario; no more than the first 1,000 are listed.");
    hid_t dimension = pf_h5_dimension(&store->h5, "fault", -1, count);
    if (dimension >= 0) H5Dclose(dimension);
    write_fault_members(store, faults, count);
    pf_h5_text_variable(&store->h5, "scenario", "fault", scenarios, count, "first scenario in which it failed");
    pf_h5_text_variable(&store->h5, "step", "fault", steps, count, "first step in which it failed");
    pf_h5_text_variable(&store->h5, "cause", "fault", causes, count, "what failed");
    pf_h5_leave_group(&store->h5);
}
