/* The groups of a sweep's file that say what its members came to: statistics and differences stand where they should,
 * failed members are listed, and the root says what the sweep was. */
#include "small_sweep.h"

static void statistics_stand_by_statistic_scenario_park_and_period(void **state)
{
    fixture *f = *state;
    const char *const dimensions[] = {"statistic", "scenario", "park", "period"};
    pf_store *store = begin(f);
    write_both_groups(store);
    check_end(store, f);
    const double *values = read_doubles(f, "statistics/ghg_total", TABLE);
    const double *bounds = read_doubles(f, "statistics/ghg_total_bound", TABLE), missing = (double)NAN;
    for (size_t i = 0; i < TABLE; i++) assert_true(i == 1 || (values[i] == (double)i && bounds[i] == 1e-3 * (double)i));
    assert_memory_equal(&values[1], &missing, sizeof missing);
    for (unsigned i = 0; i < 4; i++) {
        const char *dimension = pf_format(f->t.arena, "statistics/%s", dimensions[i]);
        assert_true(is_axis(f, "statistics/ghg_total", i, dimension));
        assert_true(is_axis(f, "statistics/ghg_total_bound", i, dimension));
        if (i > 0) assert_true(is_axis(f, "statistics/ghg_per_energy_valid", i - 1, dimension));
    }
    const double *first = read_doubles(f, "statistics/period_first_day", PERIODS);
    const double *end = read_doubles(f, "statistics/period_end_day", PERIODS);
    for (size_t i = 0; i < PERIODS; i++) assert_true(first[i] == years[i].first_day && end[i] == years[i].end_day);
}

static void what_was_not_asked_for_is_not_there(void **state)
{
    fixture *f = *state;
    double threshold = 0;
    pf_store *store = begin(f);
    write_both_groups(store);
    check_end(store, f);
    assert_true(read_doubles(f, "statistics/ghg_total_exceedance", SCENARIOS * CELLS)[7] == 0.07);
    assert_true(read_doubles(f, "statistics/ghg_per_energy_valid", SCENARIOS * CELLS)[7] == 993);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    H5LTget_attribute_double(file, "statistics/ghg_total_exceedance", "threshold", &threshold);
    H5Fclose(file);
    assert_true(threshold == 2.5e5);
    assert_false(has(f, "statistics/electricity_use_exceedance") || has(f, "statistics/electricity_use_valid"));
    assert_false(has(f, "members") || has(f, "faults"));
}

static void differences_are_of_those_with_a_reference(void **state)
{
    fixture *f = *state;
    size_t count;
    pf_h5 h5;
    pf_store *store = begin(f);
    write_both_groups(store);
    check_end(store, f);
    pf_h5_begin(&h5);
    pf_h5_open(&h5, f->path);
    const char **names = pf_h5_get_texts(&h5, "difference/scenario", &count, f->t.arena);
    assert_int_equal(count, SCENARIOS - 1);
    assert_string_equal(names[0], "symbiosis");
    const char **references = pf_h5_get_texts(&h5, "difference/scenario_against", &count, f->t.arena);
    assert_string_equal(references[1], "baseline");
    pf_h5_end(&h5);
    read_doubles(f, "difference/ghg_total", STATISTICS * (SCENARIOS - 1) * CELLS);
}

static void failed_members_are_listed_up_to_a_thousand(void **state)
{
    fixture *f = *state;
    size_t many = PF_RESULT_FAULTS + 5, count;
    pf_result_fault *faults = pf_calloc(many, sizeof *faults);
    for (size_t i = 0; i < many; i++) faults[i] = (pf_result_fault){2 * i, "full", "2021-03", "phép chia cho 0"};
    pf_store *store = begin(f);
    pf_store_faults(store, faults, many);
    check_end(store, f);
    assert_true(read_doubles(f, "faults/member", PF_RESULT_FAULTS)[999] == 1998);
    pf_h5 h5;
    pf_h5_begin(&h5);
    pf_h5_open(&h5, f->path);
    assert_string_equal(pf_h5_get_texts(&h5, "faults/cause", &count, f->t.arena)[999], "phép chia cho 0");
    assert_string_equal(pf_h5_get_texts(&h5, "faults/step", &count, f->t.arena)[0], "2021-03");
    assert_string_equal(pf_h5_get_texts(&h5, "faults/scenario", &count, f->t.arena)[0], "full");
    pf_h5_end(&h5);
    store = begin(f);
    pf_store_faults(store, faults, 0);
    check_end(store, f);
    assert_false(has(f, "faults"));
    free(faults);
}

static void the_root_says_what_the_sweep_was(void **state)
{
    fixture *f = *state;
    for (int is_sweep = 1; is_sweep >= 0; is_sweep--) {
        if (!is_sweep) f->header.sweep = NULL;
        check_end(begin(f), f);
        hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
        const char *design = pf_h5_get_text(file, "design", f->t.arena),
                   *vary = pf_h5_get_text(file, "vary", f->t.arena);
        assert_int_equal(pf_h5_get_integer(file, "members", -1), is_sweep ? 1100 : -1);
        assert_int_equal(pf_h5_get_integer(file, "members_failed", -1), is_sweep ? 100 : -1);
        assert_int_equal(pf_h5_get_integer(file, "levels", -1), is_sweep ? 4 : -1);
        if (is_sweep) assert_string_equal(design, "sobol");
        else assert_null(design);
        if (is_sweep) assert_string_equal(vary, "firms.*\ngrid.factor");
        H5Fclose(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(statistics_stand_by_statistic_scenario_park_and_period),
        TEST(what_was_not_asked_for_is_not_there),
        TEST(differences_are_of_those_with_a_reference),
        TEST(failed_members_are_listed_up_to_a_thousand),
        TEST(the_root_says_what_the_sweep_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
