/* What `info` prints about sweeps: a finished one beyond its run at the medians, and the folder of an unfinished one.
 */
#include "results/part.h"
#include "results/store.h"

#include "temporary.h"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/wait.h>

typedef struct {
    temporary t;
    const char *path;
} fixture;

static int set_up(void **state)
{
    fixture *f = pf_calloc(1, sizeof *f);
    f->t = temporary_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    temporary_free(&f->t);
    free(f);
    return 0;
}

static const char *info_of(fixture *f, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    pf_status status = pf_store_info(path, out, f->t.diagnostics);
    fclose(out);
    const char *copy = pf_copy_text(f->t.arena, text, size);
    free(text);
    if (status) fail_msg("%s", said(&f->t));
    return copy;
}

/* A line of the facts, whatever stands between its columns. */
static void assert_fact(const char *text, const char *name, const char *value)
{
    size_t length = strlen(name);
    for (const char *line = text; *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != 0)) {
        const char *at = line + strspn(line, " ");
        if (strncmp(at, name, length) != 0 || at[length] != ' ') continue;
        at += length + strspn(at + length, " ");
        if (strncmp(at, value, strlen(value)) == 0 && at[strlen(value)] == '\n') return;
    }
    fail_msg("no line '%s  %s' in:\n%s", name, value, text);
}

static const char *write_run(fixture *f)
{
    static const char *const scenarios[] = {"baseline"}, *const parks[] = {"demo"}, *const none[] = {NULL};
    static const int32_t first[] = {18262}, end[] = {18293};
    static const pf_result_variable use = {.name = "electricity_use",
                                           .unit = "MWh",
                                           .title_en = "Electricity use",
                                           .cell_method = "sum",
                                           .definition = "1"};
    const pf_result_header header = {.title_en = "One park",
                                     .scenarios = scenarios,
                                     .scenario_titles = none,
                                     .scenario_against = none,
                                     .scenario_count = 1,
                                     .parks = parks,
                                     .park_titles = none,
                                     .park_count = 1,
                                     .step_first_day = first,
                                     .step_end_day = end,
                                     .step_count = 1,
                                     .variables = &use,
                                     .variable_count = 1,
                                     .input = "parkflow: 1\n",
                                     .command = "sweep",
                                     .seed = "1"};
    const char *path = temporary_file(&f->t, "out.h5", "");
    assert_int_equal(pf_store_write(path, &header, &(double){5}, NULL, f->t.diagnostics), PF_OK);
    return path;
}

static void set_integer(hid_t file, const char *name, long long number)
{
    assert_true(H5LTset_attribute_long_long(file, "/", name, &number, 1) >= 0);
}

static void make_length(hid_t group, const char *name, hsize_t length)
{
    double *values = pf_doubles(length);
    assert_true(H5LTmake_dataset_double(group, name, 1, &length, values) >= 0);
    free(values);
}

static const char *write_sweep(fixture *f, bool has_members)
{
    const char *path = write_run(f);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5LTset_attribute_string(file, "/", "design", "morris");
    H5LTset_attribute_string(file, "/", "keep", has_members ? "annual" : "statistics");
    H5LTset_attribute_string(file, "/", "vary", "grid.*\ndemo.*");
    set_integer(file, "members", 100000);
    set_integer(file, "members_failed", 12);
    set_integer(file, "levels", 4);
    if (has_members) {
        hid_t members = H5Gcreate2(file, "members", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        make_length(members, "member", 4096);
        make_length(members, "park", 7);
        make_length(members, "period", 5);
        H5Gclose(members);
        hid_t analysis = H5Gcreate2(file, "analysis", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Gclose(H5Gcreate2(analysis, "pawn", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        H5Gclose(H5Gcreate2(analysis, "morris", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        H5Gclose(analysis);
    }
    H5Fclose(file);
    return path;
}

static void a_finished_sweep_tells_its_design_and_what_it_kept(void **state)
{
    fixture *f = *state;
    const char *text = info_of(f, write_sweep(f, true));
    assert_fact(text, "design", "morris, 4 levels");
    assert_fact(text, "members", "100,000, of which 12 failed");
    assert_fact(text, "seed", "1");
    assert_fact(text, "varied", "grid.* demo.*");
    assert_fact(text, "kept", "annual; by member: 4,096 members, 7 parks, 5 periods");
    assert_fact(text, "analyses", "morris, pawn");
    assert_fact(text, "electricity_use", "MWh          5"); /* the run at the medians is shown too */
}

static void a_sweep_of_statistics_alone_tells_so(void **state)
{
    fixture *f = *state;
    const char *text = info_of(f, write_sweep(f, false));
    assert_fact(text, "kept", "statistics");
    assert_null(strstr(text, "analyses"));
}

static void a_run_has_no_facts_of_a_sweep(void **state)
{
    fixture *f = *state;
    const char *text = info_of(f, write_run(f));
    assert_fact(text, "seed", "1");
    assert_null(strstr(text, "design"));
    assert_null(strstr(text, "members"));
    assert_null(strstr(text, "kept"));
}

static pf_part *make_part(fixture *f)
{
    f->path = pf_format(f->t.arena, "%s/out.h5.part", f->t.folder);
    pf_part *part =
        pf_part_open(f->path, PF_PART_NEW, "model: demo\ndesign: sobol\nmembers: 100000\n", f->t.diagnostics);
    assert_non_null(part);
    for (int i = 0; i < 3; i++) assert_int_equal(pf_part_append(part, 512, "bytes", 5, f->t.diagnostics), PF_OK);
    return part;
}

static void an_unfinished_sweep_tells_how_far_it_is(void **state)
{
    fixture *f = *state;
    pf_part *part = make_part(f);
    pf_part_close(part);
    const char *text = info_of(f, f->path);
    assert_fact(text, "design", "sobol");
    assert_fact(text, "finished", "1,536 of 100000 members");
    assert_fact(text, "size", "103 bytes, 3 records");
    assert_fact(text, "state", "stopped; --resume goes on with it");
    part = pf_part_open(f->path, PF_PART_RESUME, "model: demo\ndesign: sobol\nmembers: 100000\n", f->t.diagnostics);
    assert_int_equal(pf_part_checkpoint(part, 70000, "state", 5, f->t.diagnostics), PF_OK);
    pf_part_close(part);
    text = info_of(f, f->path);
    assert_fact(text, "finished", "70,000 of 100000 members");
    part = pf_part_open(f->path, PF_PART_RESUME, "model: demo\ndesign: sobol\nmembers: 100000\n", f->t.diagnostics);
    pf_part_remove(part);
    pf_part_close(part);
}

/* Seen from another process, as locks are. */
static void a_running_sweep_is_said_to_run(void **state)
{
    fixture *f = *state;
    pf_part *part = make_part(f);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        pf_store_info(f->path, out, f->t.diagnostics);
        fclose(out);
        _exit(text && strstr(text, "running") ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pf_part_remove(part);
    pf_part_close(part);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_finished_sweep_tells_its_design_and_what_it_kept),
        TEST(a_sweep_of_statistics_alone_tells_so),
        TEST(a_run_has_no_facts_of_a_sweep),
        TEST(an_unfinished_sweep_tells_how_far_it_is),
        TEST(a_running_sweep_is_said_to_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
