/* The sample of a sweep's file: each output comes back by member, and what is no sweep is refused by what it is. */
#include "sample_file.h"

#include <sys/stat.h>

/* ---- reading ---- */

static void the_facts_of_a_sweep_come_back(void **state)
{
    pf_sample *s = open_example(*state, (variant){0});
    assert_string_equal(s->title, "Two parks");
    assert_string_equal(s->command, "sweep -n 501");
    assert_string_equal(s->design, "sobol");
    assert_string_equal(s->keep, "annual");
    assert_string_equal(s->fingerprint, "00ff");
    assert_string_equal(s->input, "parks:\n  hoa_khanh: {}\n");
    assert_null(s->accounting);
    assert_true(s->seed == UINT64_MAX);
    assert_int_equal(s->members, MEMBERS + 1);
    assert_int_equal(s->failed, 1);
    assert_int_equal(s->levels, 4);
    assert_int_equal(s->vary_count, 2);
    assert_string_equal(s->vary[0], "grid.*");
    assert_string_equal(s->vary[1], "demo.*");
    assert_int_equal(s->parameter_count, 0);
}

static void the_axes_and_indicators_come_back_in_order(void **state)
{
    pf_sample *s = open_example(*state, (variant){0});
    assert_int_equal(s->scenario_count, SCENARIOS);
    assert_int_equal(s->park_count, PARKS);
    assert_int_equal(s->period_count, PERIODS);
    assert_int_equal(s->kept_count, MEMBERS);
    for (size_t i = 0; i < PERIODS; i++) assert_string_equal(s->periods[i], periods[i]);
    for (size_t i = 0; i < PARKS; i++) assert_string_equal(s->parks[i], parks[i]);
    for (size_t m = 0; m < MEMBERS; m++) assert_int_equal(s->kept[m], number_of(m));
    assert_int_equal(s->indicator_count, 2);
    assert_string_equal(s->indicators[0].name, "ghg_total");
    assert_string_equal(s->indicators[1].name, "ghg_per_energy");
    assert_string_equal(s->indicators[0].unit, "t CO2e");
    assert_string_equal(s->indicators[0].title_vi, "Phát thải khí nhà kính");
}

static void cases_are_scenarios_and_then_changes(void **state)
{
    pf_sample *s = open_example(*state, (variant){0});
    const char *const labels[] = {"baseline", "symbiosis", "full", "symbiosis - baseline", "full - symbiosis"};
    assert_int_equal(s->case_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(s->cases[i].label, labels[i]);
        assert_int_equal(s->cases[i].is_change, i >= SCENARIOS);
    }
}

static void every_output_is_its_own_whatever_is_read_ahead(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){0});
    const size_t output = MEMBERS * sizeof(double);
    const size_t budgets[] = {f->sample->read_ahead, PERIODS * output, (PERIODS - 1) * output, output, 1};
    for (size_t b = 0; b < sizeof budgets / sizeof *budgets; b++) {
        f->sample->read_ahead = budgets[b];
        for (size_t row = 0; row < f->sample->case_count; row++)
            for (size_t indicator = 0; indicator < 2; indicator++)
                for (size_t park = 0; park < PARKS; park++)
                    for (size_t period = 0; period < PERIODS; period++) assert_output(f, row, indicator, park, period);
    }
}

static void outputs_may_be_asked_for_in_any_order(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){.is_by_step = true});
    f->sample->read_ahead = 2 * MEMBERS * sizeof(double);
    for (unsigned i = 0, next = 1; i < 300; i++) {
        next = next * 1103515245u + 12345u;
        unsigned choice = next >> 16;
        assert_output(f, choice % 5, choice / 5 % 2, choice / 10 % PARKS, choice / 30 % PERIODS);
    }
}

static void steps_are_labelled_by_month(void **state)
{
    pf_sample *s = open_example(*state, (variant){.is_by_step = true});
    const char *const labels[] = {"2020-01", "2020-02", "2020-03", "2020-04"};
    for (size_t t = 0; t < PERIODS; t++) assert_string_equal(s->periods[t], labels[t]);
}

static void values_of_parameters_come_back_where_they_were_kept(void **state)
{
    fixture *f = *state;
    pf_sample *s = open_example(f, (variant){.has_parameters = true});
    double x[MEMBERS];
    assert_int_equal(s->parameter_count, PARAMETERS);
    assert_string_equal(s->parameters[1], "demo.boiler.efficiency");
    assert_int_equal(pf_sample_read_parameter(s, 1, x, f->t.diagnostics), PF_OK);
    for (size_t m = 0; m < MEMBERS; m++) assert_true(x[m] == (double)m + 0.25);
    assert_int_equal(s->indicator_count, 2); /* parameter values are none */
}

/* ---- what is refused ---- */

static void assert_refused(fixture *f, const char *path, const char *message)
{
    f->sample = pf_sample_open(path, f->t.diagnostics);
    assert_null(f->sample);
    assert_said(&f->t, pf_format(f->t.arena, "cannot read a sweep from '%s': %s", strrchr(path, '/') + 1, message));
}

static void a_run_is_told_from_a_sweep(void **state)
{
    assert_refused(*state, write_example(*state, (variant){.is_run = true}),
                   "it is one run, not a sweep: make one by 'parkflow sweep");
}

static void a_sweep_without_members_is_told_what_to_keep(void **state)
{
    assert_refused(*state, write_example(*state, (variant){.has_no_members = true}),
                   "no members were kept in it, only statistics: sweep with --keep annual or --keep paths");
}

static void hdf5_of_others_is_refused(void **state)
{
    assert_refused(*state, write_example(*state, (variant){.source = "somebody else"}),
                   "it is HDF5, but not one of parkflow's");
}

static void what_is_not_hdf5_is_refused(void **state)
{
    fixture *f = *state;
    assert_refused(f, temporary_file(&f->t, "model.yaml", "parkflow: 1\n"), "it is not HDF5, expected a file that");
    assert_refused(f, temporary_file(&f->t, "empty.h5", ""), "it is not HDF5, expected a file that");
    assert_refused(f, pf_format(f->t.arena, "%s/none.h5", f->t.folder), "No such file or directory");
}

static void an_unfinished_sweep_is_told_to_be_resumed(void **state)
{
    fixture *f = *state;
    const char *folder = pf_format(f->t.arena, "%s/out.h5.part", f->t.folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    const char *log = temporary_file(&f->t, "out.h5.part/log", "");
    assert_refused(f, folder, "it is the folder of an unfinished sweep: go on with");
    assert_refused(f, pf_format(f->t.arena, "%s/out.h5", f->t.folder), "the sweep is not finished: go on with");
    unlink(log);
    rmdir(folder);
}

/* Wherever it is cut: an error, or (behind the last byte that matters) the whole. */
static void a_file_cut_short_is_refused(void **state)
{
    fixture *f = *state;
    const char *path = write_example(f, (variant){0});
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    for (off_t cut = status.st_size - 1; cut > 0; cut -= status.st_size / 50) {
        pf_diagnostics *diagnostics = pf_diagnostics_new();
        assert_int_equal(truncate(path, cut), 0);
        assert_null(pf_sample_open(path, diagnostics));
        bool is_known = strstr(pf_first_error(diagnostics), "cut short or damaged") ||
                        strstr(pf_first_error(diagnostics), "it is not HDF5");
        if (!is_known) fail_msg("%s", pf_first_error(diagnostics));
        pf_diagnostics_free(diagnostics);
    }
}

static void a_seed_or_members_that_cannot_be_are_refused(void **state)
{
    fixture *f = *state;
    assert_refused(f, write_example(f, (variant){.seed = "0x1f"}), "its seed '0x1f' is not a number");
    assert_refused(f, write_example(f, (variant){.is_reversed = true}), "its members are not in order");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_facts_of_a_sweep_come_back),
        TEST(the_axes_and_indicators_come_back_in_order),
        TEST(cases_are_scenarios_and_then_changes),
        TEST(every_output_is_its_own_whatever_is_read_ahead),
        TEST(outputs_may_be_asked_for_in_any_order),
        TEST(steps_are_labelled_by_month),
        TEST(values_of_parameters_come_back_where_they_were_kept),
        TEST(a_run_is_told_from_a_sweep),
        TEST(a_sweep_without_members_is_told_what_to_keep),
        TEST(hdf5_of_others_is_refused),
        TEST(what_is_not_hdf5_is_refused),
        TEST(an_unfinished_sweep_is_told_to_be_resumed),
        TEST(a_file_cut_short_is_refused),
        TEST(a_seed_or_members_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
