/* For tests of samples: a small sweep's file in which every value tells where it belongs. */
#ifndef SAMPLE_FILE_H
#define SAMPLE_FILE_H

#include "results/hdf5_helpers.h"
#include "results/sample.h"
#include "temporary.h"

#include <fcntl.h>
#include <hdf5_hl.h>
#include <math.h>

enum {
    SCENARIOS = 3,
    CASES = 5,
    MEMBERS = 500,
    PARKS = 3,
    PERIODS = 4,
    PARAMETERS = 2,
    PAIRS = CASES * PARKS * PERIODS * PARAMETERS * PARAMETERS /* values of the second order */
};

static const char *const scenarios[] = {"baseline", "symbiosis", "full"};
static const char *const against[] = {"", "baseline", "symbiosis"};
static const char *const parks[] = {"hoa_khanh", "tra_noc", "all"};
static const char *const periods[] = {"2020", "2021", "2022", "2020-2022"};
static const char *const parameters[] = {"grid.factor", "demo.boiler.efficiency"};
static const int32_t days[] = {18262, 18293, 18322, 18353}; /* the first four months of 2020 */

typedef struct {
    temporary t;
    const char *path;
    pf_sample *sample;
} fixture;

/* What the example file leaves out or has otherwise. */
typedef struct {
    const char *source, *seed;
    bool is_run, has_no_members, is_by_step, has_parameters, is_reversed;
} variant;

/* Any mix-up of indicator, scenario, member, park or period shows. */
static inline double tagged(size_t indicator, size_t scenario, size_t member, size_t park, size_t period)
{
    return (double)(period + 10 * park + 100 * scenario) + 1e3 * (double)member + 1e7 * (double)indicator;
}

/* Member 7 failed and is not among the kept ones. */
static inline uint64_t number_of(size_t member)
{
    return member < 7 ? member : member + 1;
}

/* ---- the example file ---- */

static inline void put_texts(pf_h5 *h5, const char *name, const char *const *texts, size_t count, const char *of)
{
    hid_t type = pf_h5_text_type();
    hid_t dataset = of ? pf_h5_variable(h5, name, type, 1, &of) : pf_h5_dimension(h5, name, type, count);
    pf_h5_write_texts(h5, dataset, texts, count);
    H5Tclose(type);
    H5Dclose(dataset);
}

static inline void put_numbers(pf_h5 *h5, const char *name, hid_t stored, hid_t given, const void *values, size_t count)
{
    hid_t dataset = pf_h5_dimension(h5, name, stored, count);
    pf_h5_write(h5, dataset, given, values);
    H5Dclose(dataset);
}

static inline void put_indicator(pf_h5 *h5, const char *name, size_t number, const char *last)
{
    const char *const dimensions[] = {"scenario", "member", "park", last};
    double *values = pf_doubles(SCENARIOS * MEMBERS * PARKS * PERIODS), *to = values;
    for (size_t s = 0; s < SCENARIOS; s++)
        for (size_t m = 0; m < MEMBERS; m++)
            for (size_t p = 0; p < PARKS; p++)
                for (size_t t = 0; t < PERIODS; t++) *to++ = tagged(number, s, m, p, t);
    if (number == 1)
        values[PARKS * PERIODS * 3] = (double)NAN; /* a ratio of the baseline, member 3, first park and period */
    hid_t dataset = pf_h5_variable(h5, name, H5T_IEEE_F64LE, 4, dimensions);
    pf_h5_set_text(h5, dataset, "units", "t CO2e");
    pf_h5_set_text(h5, dataset, "long_name", "Greenhouse gas emissions");
    pf_h5_set_text(h5, dataset, "long_name_vi", "Phát thải khí nhà kính");
    pf_h5_write(h5, dataset, H5T_NATIVE_DOUBLE, values);
    H5Dclose(dataset);
    free(values);
}

static inline void put_parameters(pf_h5 *h5)
{
    const char *const dimensions[] = {"member", "parameter"};
    double values[MEMBERS][PARAMETERS];
    for (size_t m = 0; m < MEMBERS; m++)
        for (size_t i = 0; i < PARAMETERS; i++) values[m][i] = (double)m + 0.25 * (double)i;
    put_texts(h5, "parameter", parameters, PARAMETERS, NULL);
    hid_t dataset = pf_h5_variable(h5, "parameter_value", H5T_IEEE_F64LE, 2, dimensions);
    pf_h5_write(h5, dataset, H5T_NATIVE_DOUBLE, values);
    H5Dclose(dataset);
}

static inline void put_members(pf_h5 *h5, variant v)
{
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    pf_h5 group = {.file = H5Gcreate2(h5->file, "members", H5P_DEFAULT, creation, H5P_DEFAULT)};
    uint64_t numbers[MEMBERS];
    for (size_t m = 0; m < MEMBERS; m++) numbers[v.is_reversed ? MEMBERS - 1 - m : m] = number_of(m);
    put_texts(&group, "scenario", scenarios, SCENARIOS, NULL);
    put_numbers(&group, "member", H5T_STD_I64LE, H5T_NATIVE_UINT64, numbers, MEMBERS);
    put_texts(&group, "park", parks, PARKS, NULL);
    if (v.is_by_step) put_numbers(&group, "time", H5T_STD_I32LE, H5T_NATIVE_INT32, days, PERIODS);
    else put_texts(&group, "period", periods, PERIODS, NULL);
    put_indicator(&group, "ghg_total", 0, v.is_by_step ? "time" : "period");
    put_indicator(&group, "ghg_per_energy", 1, v.is_by_step ? "time" : "period");
    if (v.has_parameters) put_parameters(&group);
    assert_false(group.failed);
    H5Gclose(group.file);
    H5Pclose(creation);
}

static inline void put_sweep_attributes(pf_h5 *h5, variant v)
{
    const long long members = MEMBERS + 1, failed = 1, levels = 4;
    pf_h5_set_text(h5, h5->file, "design", "sobol");
    pf_h5_set_text(h5, h5->file, "seed", v.seed ? v.seed : "18446744073709551615");
    pf_h5_set_text(h5, h5->file, "keep", v.is_by_step ? "paths" : "annual");
    pf_h5_set_text(h5, h5->file, "vary", "grid.*\ndemo.*");
    pf_h5_set_text(h5, h5->file, "function_fingerprint", "00ff");
    H5LTset_attribute_long_long(h5->file, "/", "members", &members, 1);
    H5LTset_attribute_long_long(h5->file, "/", "members_failed", &failed, 1);
    H5LTset_attribute_long_long(h5->file, "/", "levels", &levels, 1);
}

static inline const char *write_example(fixture *f, variant v)
{
    pf_h5 h5;
    const char *path = temporary_file(&f->t, "sweep.h5", "");
    int file = open(path, O_RDWR);
    const char *const input[] = {"parks:\n  hoa_khanh: {}\n"};
    pf_h5_begin(&h5);
    pf_h5_create(&h5, file);
    pf_h5_set_text(&h5, h5.file, "source", v.source ? v.source : "parkflow 0.1.0");
    pf_h5_set_text(&h5, h5.file, "title", "Two parks");
    pf_h5_set_text(&h5, h5.file, "command", "sweep -n 501");
    put_texts(&h5, "scenario", scenarios, SCENARIOS, NULL);
    put_texts(&h5, "scenario_against", against, SCENARIOS, "scenario");
    put_texts(&h5, "input", input, 1, NULL);
    if (!v.is_run) put_sweep_attributes(&h5, v);
    if (!v.has_no_members && !v.is_run) put_members(&h5, v);
    pf_h5_end(&h5);
    assert_false(h5.failed);
    close(file);
    return path;
}

static inline int set_up(void **state)
{
    fixture *f = pf_calloc(1, sizeof *f);
    f->t = temporary_new();
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    pf_sample_close(f->sample);
    temporary_free(&f->t);
    free(f);
    return 0;
}

static inline pf_sample *open_example(fixture *f, variant v)
{
    f->path = write_example(f, v);
    f->sample = pf_sample_open(f->path, f->t.diagnostics);
    if (!f->sample) fail_msg("%s", said(&f->t));
    return f->sample;
}

static inline double expected(const pf_sample *s, size_t row, size_t indicator, size_t member, size_t park,
                              size_t period)
{
    const pf_sample_case *c = &s->cases[row];
    double value = tagged(indicator, c->scenario, member, park, period);
    if (c->is_change) value -= tagged(indicator, c->reference, member, park, period);
    bool is_missing = indicator == 1 && member == 3 && park == 0 && period == 0 && (row == 0 || row == 3);
    return is_missing ? (double)NAN : value;
}

static inline void assert_output(fixture *f, size_t row, size_t indicator, size_t park, size_t period)
{
    double y[MEMBERS];
    assert_int_equal(pf_sample_read(f->sample, row, indicator, park, period, y, f->t.diagnostics), PF_OK);
    for (size_t m = 0; m < MEMBERS; m++) {
        double right = expected(f->sample, row, indicator, m, park, period);
        if (isnan(right) ? !isnan(y[m]) : y[m] != right)
            fail_msg("case %zu indicator %zu park %zu period %zu member %zu: %g, expected %g", row, indicator, park,
                     period, m, y[m], right);
    }
}

#endif
