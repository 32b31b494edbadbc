/* For tests of the store: a small sweep, of which no two cells are alike, and readers of the file written. */
#ifndef SMALL_SWEEP_H
#define SMALL_SWEEP_H

#include "results/store_internal.h"

#include "temporary.h"

#include <hdf5_hl.h>
#include <math.h>

enum {
    SCENARIOS = 3,
    PARKS = 3,
    PERIODS = 3,
    VARIABLES = 3,
    STATISTICS = 5,
    PARAMETERS = 2,
    ROOT_PARKS = 2,
    STEPS = 24,
    CLOSURES = 2,
    CELLS = PARKS * PERIODS,
    MEMBERS = 1000,
    FIRST_PART = 600,
    GAP = 100,
    LONGEST_BATCH = 64
};

static const char *const scenarios[] = {"baseline", "symbiosis", "full"};
static const char *const titles[] = {"Baseline", "Industrial symbiosis", "Tất cả các giải pháp"};
static const char *const against[] = {NULL, "baseline", "baseline"};
static const char *const parks[] = {"hoa_khanh", "tra_noc", "all"};
static const char *const park_titles[] = {"Hòa Khánh", "Trà Nóc 1 và 2"};
static const char *const closures[] = {"hoa_khanh: market of steam", "tra_noc: cân bằng nước"};
static const char *const statistics[] = {"mean", "sd", "min", "max", "p50"};
static const pf_period years[] = {
    {"2020", 18262, 18628, 0, 12}, {"2021", 18628, 18993, 12, 24}, {"2020-2021", 18262, 18993, 0, 24}};
static const pf_result_variable variables[] = {
    {"electricity_use", "MWh", "Electricity use", "Điện tiêu thụ", NULL, "sum", "sum(*.*.in[carrier=electricity])"},
    {"ghg_total", "t CO2e", "Greenhouse gas emissions", NULL, NULL, "sum", "sum(*.*.ghg)"},
    {"ghg_per_energy", "", "Greenhouse gases a unit of energy", NULL, NULL, "mean", "ghg_total / final_energy"},
};
static const pf_result_parameter parameters[] = {{"firms.beer.electricity", "kWh/m3", "a brewery's report, 2019"},
                                                 {"grid.factor", "t CO2/MWh", "Bộ Tài nguyên và Môi trường"}};
static const uint32_t all_variables[] = {0, 1, 2};
/* Members 0 to 599 and 700 to 1,099. */
static const pf_range ranges[] = {{0, FIRST_PART}, {FIRST_PART + GAP, MEMBERS - FIRST_PART}};
static const pf_result_sweep sweep = {.design = "sobol",
                                      .keep = "annual",
                                      .members = 1100,
                                      .members_failed = 100,
                                      .levels = 4,
                                      .vary = "firms.*\ngrid.factor",
                                      .function_fingerprint = "1f2e"};

typedef struct {
    temporary t;
    pf_result_header header;
    double medians[SCENARIOS * STEPS * (VARIABLES * ROOT_PARKS + CLOSURES)], values[PARAMETERS];
    int32_t first[STEPS], end[STEPS];
    pf_period steps[STEPS];
    char path[64];
} fixture;

static inline pf_result_axes axes(void)
{
    return (pf_result_axes){.scenarios = scenarios,
                            .scenario_count = SCENARIOS,
                            .parks = parks,
                            .park_count = PARKS,
                            .periods = years,
                            .period_count = PERIODS};
}

static inline fixture *make_fixture(void)
{
    fixture *f = pf_calloc(1, sizeof *f);
    f->t = temporary_new();
    snprintf(f->path, sizeof f->path, "%s/out.h5", f->t.folder);
    *PF_PUSH(f->t.arena, f->t.files) = f->path;
    for (int i = 0; i < STEPS; i++) {
        f->first[i] = 18262 + 30 * i;
        f->end[i] = f->first[i] + 30;
        f->steps[i] = (pf_period){"step", f->first[i], f->end[i], (uint32_t)i, (uint32_t)i + 1};
    }
    f->values[0] = 90;
    f->header = (pf_result_header){.title_en = "Two parks",
                                   .scenarios = scenarios,
                                   .scenario_titles = titles,
                                   .scenario_against = against,
                                   .scenario_count = SCENARIOS,
                                   .parks = parks,
                                   .park_titles = park_titles,
                                   .park_count = ROOT_PARKS,
                                   .step_first_day = f->first,
                                   .step_end_day = f->end,
                                   .step_count = STEPS,
                                   .variables = variables,
                                   .variable_count = VARIABLES,
                                   .closures = closures,
                                   .closure_count = CLOSURES,
                                   .parameters = parameters,
                                   .parameter_count = PARAMETERS,
                                   .input = "parks: {}\n",
                                   .accounting = "boundary=park",
                                   .command = "sweep -n 1100",
                                   .seed = "7",
                                   .sweep = &sweep};
    return f;
}

static inline int set_up(void **state)
{
    *state = make_fixture();
    return 0;
}

static inline void free_fixture(fixture *f)
{
    temporary_free(&f->t);
    free(f);
}

static inline int tear_down(void **state)
{
    free_fixture(*state);
    return 0;
}

static inline uint64_t number_of(size_t row)
{
    return row < FIRST_PART ? row : row + GAP;
}

/* No two cells are alike; every seventh member has no ratio. */
static inline double cell_value(size_t scenario, size_t variable, uint64_t member, size_t cell)
{
    if (variable == 2 && member % 7 == 0) return -(double)NAN;
    return (double)member + 1e4 * (double)cell + 1e6 * (double)variable + 1e8 * (double)scenario;
}

static inline double parameter_value(uint64_t member, size_t parameter)
{
    return 0.25 + (double)member + 1e5 * (double)parameter;
}

static inline pf_store *begin(fixture *f)
{
    pf_store *store = pf_store_begin(f->path, &f->header, f->t.diagnostics);
    assert_non_null(store);
    pf_store_medians(store, f->medians, f->values);
    return store;
}

static inline void begin_members(pf_store *store)
{
    pf_store_members(store, &(pf_result_members){.axes = axes(),
                                                 .variables = all_variables,
                                                 .variable_count = VARIABLES,
                                                 .ranges = ranges,
                                                 .range_count = 2,
                                                 .has_parameters = true});
}

/* Hands over the members of some rows. */
static inline pf_status give(pf_store *store, const size_t *rows, size_t count)
{
    uint64_t members[LONGEST_BATCH];
    double *cells = pf_doubles(SCENARIOS * VARIABLES * CELLS * count), *to = cells;
    double values[PARAMETERS * LONGEST_BATCH];
    for (size_t i = 0; i < count; i++) members[i] = number_of(rows[i]);
    for (size_t s = 0; s < SCENARIOS; s++)
        for (size_t v = 0; v < VARIABLES; v++)
            for (size_t c = 0; c < CELLS; c++)
                for (size_t i = 0; i < count; i++) *to++ = cell_value(s, v, members[i], c);
    for (size_t k = 0; k < PARAMETERS * count; k++) values[k] = parameter_value(members[k % count], k / count);
    pf_status status = pf_store_member_rows(store, members, count, cells, values);
    free(cells);
    return status;
}

/* All rows but those for which `leave_out` says so, in batches whose sizes and order depend on `seed`. First come rows
 * that are scattered, as of a pilot; then the rest. */
static inline void give_all(pf_store *store, unsigned seed, bool (*leave_out)(size_t row))
{
    bool given[MEMBERS] = {false};
    size_t firsts[MEMBERS], count = 0, batch[LONGEST_BATCH], filled = 0;
    for (size_t row = 0; row < MEMBERS; row++)
        if (seed && row % 13 == seed % 13 && filled < LONGEST_BATCH && !(leave_out && leave_out(row))) {
            given[row] = true;
            batch[filled++] = row;
        }
    if (filled) give(store, batch, filled);
    for (size_t row = 0; row < MEMBERS; row += 50) firsts[count++] = row;
    for (size_t i = count; seed && i-- > 1;) {
        seed = seed * 1103515245u + 12345u;
        size_t other = (seed >> 16) % (i + 1), kept = firsts[i];
        firsts[i] = firsts[other];
        firsts[other] = kept;
    }
    for (size_t i = 0; i < count; i++) {
        filled = 0;
        for (size_t row = firsts[i]; row < firsts[i] + 50; row++)
            if (!given[row] && !(leave_out && leave_out(row))) batch[filled++] = row;
        if (filled) give(store, batch, filled);
    }
}

static inline bool is_left_out(size_t row)
{
    return row < 3 || (row >= 200 && row < 260) || row == 777 || row == MEMBERS - 1;
}

enum { TABLE = STATISTICS * SCENARIOS * CELLS };

static inline void write_statistics(pf_store *store, pf_result_group group, const char *const *of,
                                    const char *const *references, size_t count)
{
    pf_result_statistics s = {.axes = axes(), .statistics = statistics, .statistic_count = STATISTICS, .members = 1000};
    double values[TABLE], bounds[TABLE], exceedance[SCENARIOS * CELLS];
    uint64_t valid[SCENARIOS * CELLS];
    s.axes.scenarios = of;
    s.axes.against = references;
    s.axes.scenario_count = count;
    for (size_t i = 0; i < TABLE; i++) {
        values[i] = (double)i;
        bounds[i] = 1e-3 * (double)i;
    }
    values[1] = -(double)NAN;
    for (size_t i = 0; i < SCENARIOS * CELLS; i++) {
        exceedance[i] = 0.01 * (double)i;
        valid[i] = 1000 - i;
    }
    pf_store_statistics(store, group, &s);
    pf_store_statistic(store, 0, &(pf_result_statistic){.values = values, .bounds = bounds});
    pf_store_statistic(store, 1, &(pf_result_statistic){values, bounds, exceedance, 2.5e5, NULL});
    pf_store_statistic(store, 2, &(pf_result_statistic){values, bounds, NULL, (double)NAN, valid});
}

static inline void write_both_groups(pf_store *store)
{
    write_statistics(store, PF_OF_SCENARIOS, scenarios, NULL, SCENARIOS);
    write_statistics(store, PF_OF_DIFFERENCES, scenarios + 1, against + 1, SCENARIOS - 1);
}

static inline void check_end(pf_store *store, fixture *f)
{
    pf_status status = pf_store_end(store, f->t.diagnostics);
    assert_nothing_said(&f->t);
    assert_int_equal(status, PF_OK);
}

static inline double *read_doubles(const fixture *f, const char *name, hsize_t expected)
{
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    assert_int_equal(H5Sget_simple_extent_npoints(space), expected);
    double *values = PF_ARRAY(f->t.arena, double, (size_t)expected);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    return values;
}

static inline bool has(const fixture *f, const char *name)
{
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    bool found = H5Lexists(file, name, H5P_DEFAULT) > 0;
    H5Fclose(file);
    return found;
}

/* Whether axis `axis` of a variable of a group is a dimension of that group. */
static inline bool is_axis(const fixture *f, const char *variable, unsigned axis, const char *dimension)
{
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, variable, H5P_DEFAULT), scale = H5Dopen2(file, dimension, H5P_DEFAULT);
    bool attached = H5DSis_scale(scale) > 0 && H5DSis_attached(dataset, scale, axis) > 0;
    H5Dclose(scale);
    H5Dclose(dataset);
    H5Fclose(file);
    return attached;
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

#endif
