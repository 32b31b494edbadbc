/* The results file of a sweep: members come back whatever the order they came in, and a disk that is full at any point
 * leaves the old file and a program that can go on. With a file name as argument it only writes the example there, for
 * tests/reference/check_results.py. */
#include "small_sweep.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Every value that must be in /members, or NaN where a row is left out. */
static void assert_members_are_there(const fixture *f, bool (*leave_out)(size_t row))
{
    const double missing = (double)NAN;
    for (size_t v = 0; v < VARIABLES; v++) {
        const double *read =
            read_doubles(f, pf_format(f->t.arena, "members/%s", variables[v].name), SCENARIOS * MEMBERS * CELLS);
        for (size_t s = 0; s < SCENARIOS; s++)
            for (size_t row = 0; row < MEMBERS; row++)
                for (size_t c = 0; c < CELLS; c++, read++) {
                    double expected = leave_out && leave_out(row) ? missing : cell_value(s, v, number_of(row), c);
                    if (isnan(expected)) expected = missing;
                    if (memcmp(read, &expected, sizeof expected)) /* bits: all NaN are the same */
                        fail_msg("%s, scenario %zu, row %zu, cell %zu: %g", variables[v].name, s, row, c, *read);
                }
    }
    const double *read = read_doubles(f, "members/parameter_value", MEMBERS * PARAMETERS);
    for (size_t i = 0; i < MEMBERS * PARAMETERS; i++) {
        bool out = leave_out && leave_out(i / PARAMETERS);
        assert_true(out ? isnan(read[i]) : read[i] == parameter_value(number_of(i / PARAMETERS), i % PARAMETERS));
    }
}

static void write_members(fixture *f, unsigned seed, size_t most_held, bool (*leave_out)(size_t row))
{
    pf_store *store = begin(f);
    if (most_held) store->most_held = most_held;
    begin_members(store);
    give_all(store, seed, leave_out);
    check_end(store, f);
}

static void members_come_back_whatever_is_held_back(void **state)
{
    /* a member is 664 bytes, a batch about 33,000: held are none, none, three batches, all, all */
    const size_t held[] = {1, 10000, 105000, 1048576, 0};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        write_members(*state, (unsigned)i, held[i], NULL);
        assert_members_are_there(*state, NULL);
    }
    const double *numbers = read_doubles(*state, "members/member", MEMBERS);
    for (size_t row = 0; row < MEMBERS; row++) assert_true(numbers[row] == (double)number_of(row));
}

static void members_that_never_come_are_missing(void **state)
{
    write_members(*state, 3, 0, is_left_out);
    assert_members_are_there(*state, is_left_out);
    write_members(*state, 3, 3000, is_left_out); /* and gaps are filled in parts */
    assert_members_are_there(*state, is_left_out);
    pf_store *store = begin(*state);
    begin_members(store);
    check_end(store, *state);
    const double *none = read_doubles(*state, "members/ghg_total", SCENARIOS * MEMBERS * CELLS);
    for (size_t i = 0; i < SCENARIOS * MEMBERS * CELLS; i++) assert_true(isnan(none[i]));
}

static void members_that_come_twice_stay_once(void **state)
{
    const size_t again[] = {5, 6, 7, 620};
    pf_store *store = begin(*state);
    begin_members(store);
    give(store, again, 4);
    give_all(store, 9, NULL);
    give(store, again, 4);
    check_end(store, *state);
    assert_members_are_there(*state, NULL);
}

static char *read_bytes(const char *path, size_t *size)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    *size = (size_t)status.st_size;
    char *bytes = pf_malloc(*size + 1);
    FILE *file = fopen(path, "rb");
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    bytes[*size] = 0;
    return bytes;
}

static void the_order_of_batches_changes_no_byte(void **state)
{
    fixture *f = *state;
    size_t size, other_size;
    write_members(f, 0, 0, is_left_out);
    char *bytes = read_bytes(f->path, &size);
    write_members(f, 41, 50000, is_left_out);
    char *other = read_bytes(f->path, &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other, size);
    free(bytes);
    free(other);
}

static void one_that_is_not_to_be_kept_is_refused(void **state)
{
    fixture *f = *state;
    const uint64_t strangers[] = {FIRST_PART, FIRST_PART + GAP - 1, MEMBERS + GAP, UINT64_MAX};
    double *cells = pf_doubles(SCENARIOS * VARIABLES * CELLS), values[PARAMETERS] = {0};
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        pf_store *store = begin(f);
        begin_members(store);
        assert_int_equal(pf_store_member_rows(store, (uint64_t[]){3}, 1, cells, values), PF_OK);
        assert_int_equal(pf_store_member_rows(store, &strangers[i], 1, cells, values), PF_FAILED);
        assert_true(pf_store_failed(store));
        assert_int_equal(pf_store_end(store, f->t.diagnostics), PF_FAILED);
        assert_said(&f->t,
                    pf_format(f->t.arena, "member %llu is none of those to keep", (unsigned long long)strangers[i]));
    }
    assert_int_not_equal(access(f->path, F_OK), 0);
    free(cells);
}

static void a_choice_of_indicators_in_all_parks_together(void **state)
{
    fixture *f = *state;
    const uint32_t chosen[] = {1};
    pf_result_axes some = axes();
    some.parks = parks + PARKS - 1;
    some.park_count = 1;
    pf_store *store = begin(f);
    pf_store_members(
        store,
        &(pf_result_members){
            .axes = some, .variables = chosen, .variable_count = 1, .ranges = &(pf_range){10, 2}, .range_count = 1});
    double cells[SCENARIOS * PERIODS * 2];
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) cells[i] = (double)i;
    pf_store_member_rows(store, (uint64_t[]){10, 11}, 2, cells, NULL);
    check_end(store, f);
    const double *read = read_doubles(f, "members/ghg_total", SCENARIOS * 2 * PERIODS);
    for (size_t s = 0; s < SCENARIOS; s++)
        for (size_t m = 0; m < 2; m++)
            for (size_t p = 0; p < PERIODS; p++) assert_true(*read++ == (double)((s * PERIODS + p) * 2 + m));
    assert_false(has(f, "members/electricity_use") || has(f, "members/parameter_value"));
}

static void steps_of_members_are_times_with_bounds(void **state)
{
    fixture *f = *state;
    pf_result_axes by_step = axes();
    by_step.periods = f->steps;
    by_step.period_count = STEPS;
    pf_store *store = begin(f);
    pf_store_members(store, &(pf_result_members){.axes = by_step,
                                                 .by_step = true,
                                                 .variables = all_variables,
                                                 .variable_count = 1,
                                                 .ranges = ranges,
                                                 .range_count = 2});
    check_end(store, f);
    const double *days = read_doubles(f, "members/time", STEPS),
                 *ends = read_doubles(f, "members/time_bnds", 2 * STEPS);
    for (int i = 0; i < STEPS; i++) {
        assert_true(days[i] == f->first[i] && ends[2 * i] == f->first[i] && ends[2 * i + 1] == f->end[i]);
    }
    assert_true(is_axis(f, "members/electricity_use", 0, "members/scenario"));
    assert_true(is_axis(f, "members/electricity_use", 1, "members/member"));
    assert_true(is_axis(f, "members/electricity_use", 2, "members/park"));
    assert_true(is_axis(f, "members/electricity_use", 3, "members/time"));
    assert_false(has(f, "members/period"));
}

/* ---- failing ---- */

static pf_status write_all(fixture *f, const char *path)
{
    const pf_result_fault fault = {3, "full", "2021-03", "division by 0"};
    pf_store *store = pf_store_begin(path, &f->header, f->t.diagnostics);
    if (!store) return PF_FAILED;
    store->most_held = 100000;
    pf_store_medians(store, f->medians, f->values);
    write_both_groups(store);
    begin_members(store);
    give_all(store, 5, is_left_out);
    pf_store_faults(store, &fault, 1);
    return pf_store_end(store, f->t.diagnostics);
}

static size_t files_beside(const fixture *f)
{
    glob_t found;
    size_t count = glob(pf_format(f->t.arena, "%s/*", f->t.folder), 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static void assert_old_is_kept(const fixture *f)
{
    size_t size;
    char *kept = read_bytes(f->path, &size);
    assert_string_equal(kept, "old");
    free(kept);
    assert_int_equal(files_beside(f), 1);
}

/* HDF5 1.10 crashes at the end of a program that could not close a file: this one ends after all these. */
static void a_disk_that_fills_at_any_point_leaves_the_old_file_and_one_error(void **state)
{
    fixture *f = *state;
    size_t size;
    assert_int_equal(write_all(f, f->path), PF_OK);
    free(read_bytes(f->path, &size));
    temporary_file(&f->t, "out.h5", "old");
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    pf_diagnostics_free(f->t.diagnostics);
    for (size_t most = 0; most < size; most += size / 40) {
        pf_diagnostics *said_now = f->t.diagnostics = pf_diagnostics_new();
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, limit.rlim_max});
        pf_status status = write_all(f, f->path);
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_int_equal(status, PF_FAILED);
        assert_int_equal(pf_error_count(said_now), 1);
        assert_non_null(strstr(pf_first_error(said_now), strerror(EFBIG)));
        assert_old_is_kept(f);
        pf_diagnostics_free(said_now);
    }
    f->t.diagnostics = pf_diagnostics_new();
    assert_int_equal(write_all(f, f->path), PF_OK);
    assert_members_are_there(f, is_left_out);
}

static void what_is_abandoned_leaves_the_old_file(void **state)
{
    fixture *f = *state;
    const size_t rows[] = {1, 2, 3};
    temporary_file(&f->t, "out.h5", "old");
    pf_store *store = begin(f);
    begin_members(store);
    give(store, rows, 3);
    assert_int_equal(files_beside(f), 2);
    pf_store_abandon(store);
    assert_old_is_kept(f);
    pf_store_abandon(NULL);
}

static int write_for_reference(const char *path)
{
    fixture *f = make_fixture();
    pf_status status = write_all(f, path);
    pf_diagnostics_print(f->t.diagnostics, stderr);
    free_fixture(f);
    return status == PF_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 1) return write_for_reference(argv[1]);
    const struct CMUnitTest tests[] = {
        TEST(members_come_back_whatever_is_held_back),
        TEST(members_that_never_come_are_missing),
        TEST(members_that_come_twice_stay_once),
        TEST(the_order_of_batches_changes_no_byte),
        TEST(one_that_is_not_to_be_kept_is_refused),
        TEST(a_choice_of_indicators_in_all_parks_together),
        TEST(steps_of_members_are_times_with_bounds),
        TEST(a_disk_that_fills_at_any_point_leaves_the_old_file_and_one_error),
        TEST(what_is_abandoned_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
