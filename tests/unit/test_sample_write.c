/* What an analysis found goes into the sweep's file, beside all that was there, whole or not at all. */
#include "sample_file.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static const pf_analysis_note notes[] = {
    {"title", "Sobol' indices"}, {"comment", NULL}, {"references", "Saltelli et al. 2010"}};

typedef struct {
    pf_analysis_dimension dimensions[PF_SAMPLE_DIMENSIONS + 3];
    pf_analysis_variable variables[4];
    double *first, *second, *trace;
    const char **verdicts;
    pf_analysis analysis;
} findings;

/* Indices in all 5 cases, with intervals; pairs without; a trace and a verdict. */
static findings *find(fixture *f, double offset)
{
    static const double sizes[] = {125, 250, 500};
    findings *found = PF_NEW(f->t.arena, findings);
    size_t outputs = f->sample->case_count * PARKS * PERIODS, firsts = outputs * PARAMETERS;
    pf_sample_dimensions(f->sample, found->dimensions);
    found->dimensions[3] = (pf_analysis_dimension){"parameter", "parameter", parameters, NULL, PARAMETERS};
    found->dimensions[4] = (pf_analysis_dimension){"parameter_2", "second parameter", parameters, NULL, PARAMETERS};
    found->dimensions[5] = (pf_analysis_dimension){"sample_size", "members used", NULL, sizes, 3};
    found->first = PF_ARRAY(f->t.arena, double, 3 * firsts);
    for (size_t i = 0; i < 3 * firsts; i++) found->first[i] = offset + (double)(i / 3) + 0.25 * (double)(i % 3);
    found->first[3] = -(double)NAN;
    found->second = PF_ARRAY(f->t.arena, double, firsts *PARAMETERS);
    for (size_t i = 0; i < firsts * PARAMETERS; i++) found->second[i] = offset + (double)i;
    found->trace = PF_ARRAY(f->t.arena, double, 3);
    found->verdicts = PF_ARRAY(f->t.arena, const char *, PARKS);
    found->verdicts[1] = "too few members";
    found->variables[0] = (pf_analysis_variable){"ghg_total_first_order",          "first-order index", NULL, NULL,
                                                 "scenario park period parameter", found->first,        NULL, true};
    found->variables[1] = (pf_analysis_variable){"ghg_total_second_order",
                                                 "second-order index",
                                                 "1",
                                                 "upper triangle",
                                                 "scenario park period parameter parameter_2",
                                                 found->second,
                                                 NULL,
                                                 false};
    found->variables[2] =
        (pf_analysis_variable){"half_width", "half width", NULL, NULL, "sample_size", found->trace, NULL, false};
    found->variables[3] =
        (pf_analysis_variable){"verdict", "verdict", NULL, NULL, "park", NULL, found->verdicts, false};
    found->analysis =
        (pf_analysis){"sobol", "95 % bootstrap interval", notes, 3, found->dimensions, 6, found->variables, 4};
    return found;
}

static void assert_numbers(hid_t file, const char *name, const double *values, size_t count, size_t step, size_t first)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    assert_int_equal(H5Sget_simple_extent_npoints(space), count);
    double *read = pf_doubles(count);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) >= 0);
    for (size_t i = 0; i < count; i++)
        assert_true(read[i] == values[i * step + first] || (isnan(read[i]) && isnan(values[i * step + first])));
    free(read);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void assert_axes(hid_t file, const char *name, size_t rank, const char *const *axes)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    for (size_t i = 0; i < rank; i++) {
        hid_t scale = H5Dopen2(file, axes[i], H5P_DEFAULT);
        assert_true(H5DSis_attached(dataset, scale, (unsigned)i) > 0);
        H5Dclose(scale);
    }
    H5Dclose(dataset);
}

static void assert_found(const char *path, const findings *found, size_t cases)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    size_t firsts = cases * PARKS * PERIODS * PARAMETERS;
    assert_numbers(file, "analysis/sobol/ghg_total_first_order", found->first, firsts, 3, 0);
    assert_numbers(file, "analysis/sobol/ghg_total_first_order_low", found->first, firsts, 3, 1);
    assert_numbers(file, "analysis/sobol/ghg_total_first_order_high", found->first, firsts, 3, 2);
    assert_numbers(file, "analysis/sobol/ghg_total_second_order", found->second, firsts * PARAMETERS, 1, 0);
    assert_numbers(file, "analysis/sobol/half_width", found->trace, 3, 1, 0);
    const char *const axes[] = {"analysis/sobol/scenario", "analysis/sobol/park", "analysis/sobol/period",
                                "analysis/sobol/parameter", "analysis/sobol/parameter_2"};
    assert_axes(file, "analysis/sobol/ghg_total_second_order", 5, axes);
    H5Fclose(file);
}

static void an_analysis_goes_in_beside_all_that_was_there(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){0});
    findings *found = find(f, 0);
    assert_int_equal(pf_sample_write_analysis(f->path, &found->analysis, f->t.diagnostics), PF_OK);
    assert_found(f->path, found, f->sample->case_count);
    assert_output(f, 4, 0, 2, 3); /* the open sample reads on */
    size_t count;
    pf_h5 h5;
    pf_h5_begin(&h5);
    pf_h5_open(&h5, f->path);
    const char **labels = pf_h5_get_texts(&h5, "analysis/sobol/scenario", &count, f->t.arena);
    assert_int_equal(count, 5);
    assert_string_equal(labels[4], "full - symbiosis");
    labels = pf_h5_get_texts(&h5, "analysis/sobol/verdict", &count, f->t.arena);
    assert_string_equal(labels[1], "too few members");
    hid_t group = H5Gopen2(h5.file, "analysis/sobol", H5P_DEFAULT);
    assert_string_equal(pf_h5_get_text(group, "references", f->t.arena), "Saltelli et al. 2010");
    hid_t low = H5Dopen2(group, "ghg_total_first_order_low", H5P_DEFAULT);
    assert_string_equal(pf_h5_get_text(low, "long_name", f->t.arena),
                        "first-order index, low end of the 95 % bootstrap interval");
    H5Dclose(low);
    H5Gclose(group);
    pf_h5_end(&h5);
    pf_sample_close(f->sample);
    f->sample = pf_sample_open(f->path, f->t.diagnostics);
    for (size_t row = 0; row < 5; row++) assert_output(f, row, 1, 1, 2);
}

static void an_analysis_replaces_the_one_of_its_name_only(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){0});
    findings *old = find(f, 0), *other = find(f, 7), *new = find(f, 1000);
    other->analysis.method = "morris";
    assert_int_equal(pf_sample_write_analysis(f->path, &old->analysis, f->t.diagnostics), PF_OK);
    assert_int_equal(pf_sample_write_analysis(f->path, &other->analysis, f->t.diagnostics), PF_OK);
    assert_int_equal(pf_sample_write_analysis(f->path, &new->analysis, f->t.diagnostics), PF_OK);
    assert_found(f->path, new, f->sample->case_count);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_numbers(file, "analysis/morris/ghg_total_second_order", other->second, PAIRS, 1, 0);
    H5Fclose(file);
}

/* The bytes of a file, and its size. */
static char *bytes_of(const char *path, size_t *size)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    *size = (size_t)status.st_size;
    char *bytes = pf_malloc(*size);
    FILE *file = fopen(path, "rb");
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *open = opendir(folder);
    for (struct dirent *entry; (entry = readdir(open));) count += entry->d_name[0] != '.';
    closedir(open);
    return count;
}

static void writing_twice_gives_the_same_bytes(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){0});
    findings *found = find(f, 0);
    size_t first_size, size;
    assert_int_equal(pf_sample_write_analysis(f->path, &found->analysis, f->t.diagnostics), PF_OK);
    char *first = bytes_of(f->path, &first_size);
    pf_sample_close(f->sample);
    sleep(1); /* a time of writing would now differ */
    open_example(f, (variant){0});
    found = find(f, 0);
    assert_int_equal(pf_sample_write_analysis(f->path, &found->analysis, f->t.diagnostics), PF_OK);
    char *bytes = bytes_of(f->path, &size);
    assert_int_equal(size, first_size);
    assert_memory_equal(bytes, first, size);
    free(bytes);
    free(first);
}

/* Writes in a process of its own, whose files may not pass `limit` bytes; exits 0 if it said an error. */
static void write_on_a_full_disk(fixture *f, const findings *found, rlim_t limit)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
        pf_status status = pf_sample_write_analysis(f->path, &found->analysis, f->t.diagnostics);
        bool is_said = status == PF_FAILED && strstr(pf_first_error(f->t.diagnostics), "File too large");
        H5close(); /* crashes if HDF5 still has something to write */
        _exit(is_said ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_full_disk_leaves_the_file_as_it_was(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){0});
    findings *found = find(f, 0);
    size_t size, after_size;
    char *before = bytes_of(f->path, &size);
    const rlim_t limits[] = {size / 2, size + 1, size + 4096, size + 10000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        write_on_a_full_disk(f, found, limits[i]);
        char *after = bytes_of(f->path, &after_size);
        assert_int_equal(after_size, size);
        assert_memory_equal(after, before, size);
        free(after);
        assert_int_equal(files_in(f->t.folder), 1);
    }
    free(before);
}

/* Killed at ever later moments, the file is always one of the two that were ever whole. */
static void a_kill_leaves_the_old_or_the_new(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){0});
    findings *found[] = {find(f, 0), find(f, 500)};
    assert_int_equal(pf_sample_write_analysis(f->path, &found[0]->analysis, f->t.diagnostics), PF_OK);
    for (long i = 0; i < 12; i++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            for (size_t which = 0;; which = 1 - which)
                pf_sample_write_analysis(f->path, &found[which]->analysis, f->t.diagnostics);
        nanosleep(&(struct timespec){0, 400000 * i}, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        pf_h5 h5;
        pf_h5_begin(&h5);
        pf_h5_open(&h5, f->path);
        const double *second =
            pf_h5_get_numbers(&h5, "analysis/sobol/ghg_total_second_order", H5T_NATIVE_DOUBLE, PAIRS, f->t.arena);
        assert_non_null(second);
        const double *right = found[second[0] >= 500]->second;
        assert_memory_equal(second, right, PAIRS * sizeof *right);
        pf_h5_end(&h5);
    }
    DIR *folder = opendir(f->t.folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strstr(entry->d_name, ".tmp-")) unlink(pf_format(f->t.arena, "%s/%s", f->t.folder, entry->d_name));
    closedir(folder);
}

static void what_cannot_be_written_says_why_and_changes_nothing(void **state)
{
    fixture *f = *state;
    open_example(f, (variant){0});
    size_t size, after_size;
    char *before = bytes_of(f->path, &size);
    findings *found = find(f, 0);
    found->variables[2].dimensions = "sample_sise";
    assert_int_equal(pf_sample_write_analysis(f->path, &found->analysis, f->t.diagnostics), PF_FAILED);
    assert_said(&f->t, "cannot write the analysis 'sobol' into 'sweep.h5': 'half_width' has a dimension 'sample_sise'");
    found = find(f, 0);
    found->variables[2].name = "ghg_total_first_order_low";
    assert_int_equal(pf_sample_write_analysis(f->path, &found->analysis, f->t.diagnostics), PF_FAILED);
    assert_said(&f->t, "two variables are named 'ghg_total_first_order_low'");
    found->analysis.method = "../sobol";
    assert_int_equal(pf_sample_write_analysis(f->path, &found->analysis, f->t.diagnostics), PF_FAILED);
    assert_said(&f->t, "cannot write the analysis '../sobol' into 'sweep.h5': the name is no word");
    char *after = bytes_of(f->path, &after_size);
    assert_int_equal(after_size, size);
    assert_memory_equal(after, before, size);
    free(after);
    free(before);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_analysis_goes_in_beside_all_that_was_there),
        TEST(an_analysis_replaces_the_one_of_its_name_only),
        TEST(writing_twice_gives_the_same_bytes),
        TEST(a_full_disk_leaves_the_file_as_it_was),
        TEST(a_kill_leaves_the_old_or_the_new),
        TEST(what_cannot_be_written_says_why_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
