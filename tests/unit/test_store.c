/* The results file: what is written can be read back by plain HDF5, twice the same bytes, and never half a file.
 * With a file name as argument it only writes the example there, for tests/reference/check_results.py. */
#include "results/store.h"

#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCENARIOS = 3, PARKS = 3, STEPS = 24, VARIABLES = 3, FLOWS = 40, CLOSURES = 2, PARAMETERS = 2,
       ROWS = VARIABLES * PARKS + FLOWS + CLOSURES };

typedef struct {
    pf_result_header header;
    double values[SCENARIOS * STEPS * ROWS], parameters[PARAMETERS];
    int32_t first[STEPS], end[STEPS];
    pf_result_flow flows[FLOWS];
    char ports[FLOWS][40];
    char folder[64], path[96];
    pf_diagnostics *diagnostics;
    char *info; /* what pf_store_info printed last */
    size_t info_size;
} fixture;

static const char *const scenarios[] = {"baseline", "symbiosis", "full"};
static const char *const scenario_titles[] = {"Baseline", "Industrial symbiosis", "Tất cả các giải pháp"};
static const char *const against[] = {NULL, "baseline", "baseline"};
static const char *const parks[] = {"hoa_khanh", "tra_noc", "shared"};
static const char *const park_titles[] = {"Hòa Khánh", "Trà Nóc 1 và 2", NULL};
static const char *const closures[] = {"hoa_khanh: market of steam", "tra_noc: cân bằng nước"};
static const char input[] = "parks:\n  hoa_khanh: {title: {vi: Khu công nghiệp Hòa Khánh}}\n";

static const pf_result_variable variables[] = {
    {"electricity_use", "MWh", "Electricity use", "Điện tiêu thụ", "Final Energy|Industry|Electricity", "sum",
     "sum(*.*.in[carrier=electricity])"},
    {"ghg_total", "t CO2e", "Greenhouse gas emissions", NULL, NULL, "sum", "sum(*.*.ghg)"},
    {"ghg_per_energy", "", "Greenhouse gases a unit of energy", "Cường độ phát thải", NULL, "mean",
     "ghg_total / final_energy"},
};

static const pf_result_parameter parameters[] = {
    {"firms.beer.electricity", "kWh/m3", "a brewery's report, 2019"},
    {"grid.factor", "t CO2/MWh", "Bộ Tài nguyên và Môi trường"},
};

/* Electricity use of a step is scenario + 10 park + 100 step, so that any mix-up of the order shows. */
static double tagged(size_t scenario, size_t park, size_t step)
{
    return (double)scenario + 10.0 * (double)park + 100.0 * (double)step;
}

static void fill_values(fixture *f)
{
    for (size_t s = 0; s < SCENARIOS; s++)
        for (size_t t = 0; t < STEPS; t++) {
            double *row = &f->values[(s * STEPS + t) * ROWS];
            for (size_t p = 0; p < PARKS; p++) {
                row[p] = tagged(s, p, t);
                row[PARKS + p] = 0.5 * row[p];
                row[2 * PARKS + p] = p == 2 ? -(double)NAN : 0.5;
            }
            for (size_t i = 0; i < FLOWS; i++) row[VARIABLES * PARKS + i] = -tagged(s, i, t);
            row[VARIABLES * PARKS + FLOWS] = 1e-16;
            row[VARIABLES * PARKS + FLOWS + 1] = s == 1 && t == 14 ? -3e-13 : 0;
        }
}

static void fill_calendar(fixture *f)
{
    const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t day = 18262; /* 2020-01-01 */
    for (int t = 0; t < STEPS; t++) {
        f->first[t] = day;
        day += lengths[t % 12] + (t == 1); /* 2020 is a leap year */
        f->end[t] = day;
    }
}

static fixture *make_fixture(void)
{
    fixture *f = calloc(1, sizeof *f);
    fill_values(f);
    fill_calendar(f);
    f->parameters[0] = 90;
    f->parameters[1] = 0.8458;
    for (int i = 0; i < FLOWS; i++) {
        snprintf(f->ports[i], sizeof f->ports[i], "needs.carrier_%d", i);
        const char *direction = i % 3 ? "in" : "out";
        f->flows[i] = (pf_result_flow){parks[i % 2], "brewing", f->ports[i], "electricity", direction, "MWh"};
    }
    f->header = (pf_result_header){
        .title_en = "Two parks", .title_vi = "Hai khu công nghiệp sinh thái",
        .scenarios = scenarios, .scenario_titles = scenario_titles, .scenario_against = against,
        .scenario_count = SCENARIOS,
        .parks = parks, .park_titles = park_titles, .park_count = PARKS,
        .step_first_day = f->first, .step_end_day = f->end, .step_count = STEPS,
        .variables = variables, .variable_count = VARIABLES, .flows = f->flows, .flow_count = FLOWS,
        .closures = closures, .closure_count = CLOSURES, .parameters = parameters, .parameter_count = PARAMETERS,
        .input = input, .accounting = "boundary=park gwp=ar5 grid=average", .command = "run -s full"};
    return f;
}

static int set_up(void **state)
{
    fixture *f = make_fixture();
    strcpy(f->folder, "/tmp/test_store-XXXXXX");
    if (!mkdtemp(f->folder)) return -1;
    snprintf(f->path, sizeof f->path, "%s/out.h5", f->folder);
    f->diagnostics = pf_diagnostics_new();
    *state = f;
    return 0;
}

/* Calls `visit` for each file of the folder; returns how many there are. */
static int each_file(const fixture *f, void (*visit)(const char *path))
{
    int count = 0;
    DIR *folder = opendir(f->folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", f->folder, entry->d_name);
        if (visit) visit(path);
        count++;
    }
    closedir(folder);
    return count;
}

static void remove_file(const char *path)
{
    remove(path);
}

static int tear_down(void **state)
{
    fixture *f = *state;
    each_file(f, remove_file);
    rmdir(f->folder);
    pf_diagnostics_free(f->diagnostics);
    free(f->info);
    free(f);
    return 0;
}

static pf_status write_example(fixture *f, const char *path)
{
    return pf_store_write(path, &f->header, f->values, f->parameters, f->diagnostics);
}

static char *read_bytes(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    bytes[*size] = 0;
    fclose(file);
    return bytes;
}

static pf_status read_info(fixture *f)
{
    free(f->info);
    f->info = NULL;
    FILE *out = open_memstream(&f->info, &f->info_size);
    pf_status status = pf_store_info(f->path, out, f->diagnostics);
    fclose(out);
    return status;
}

static void read_doubles(hid_t file, const char *name, hsize_t expected, double *values)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    assert_int_equal(H5Sget_simple_extent_npoints(space), expected);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void values_come_back_by_scenario_park_and_time(void **state)
{
    fixture *f = *state;
    assert_int_equal(write_example(f, f->path), PF_OK);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    double use[SCENARIOS][PARKS][STEPS], flow[SCENARIOS][FLOWS][STEPS], closure[SCENARIOS][CLOSURES][STEPS];
    read_doubles(file, "electricity_use", SCENARIOS * PARKS * STEPS, &use[0][0][0]);
    read_doubles(file, "flow_amount", SCENARIOS * FLOWS * STEPS, &flow[0][0][0]);
    read_doubles(file, "closure_residual", SCENARIOS * CLOSURES * STEPS, &closure[0][0][0]);
    for (size_t s = 0; s < SCENARIOS; s++)
        for (size_t t = 0; t < STEPS; t++) {
            for (size_t p = 0; p < PARKS; p++) assert_true(use[s][p][t] == tagged(s, p, t));
            for (size_t i = 0; i < FLOWS; i++) assert_true(flow[s][i][t] == -tagged(s, i, t));
            assert_true(closure[s][0][t] == 1e-16);
        }
    assert_true(closure[1][1][14] == -3e-13);
    double maximum = 0;
    H5LTget_attribute_double(file, "closure_residual", "maximum", &maximum);
    assert_true(maximum == 3e-13);
    H5Fclose(file);
}

static void every_axis_has_the_scale_of_its_dimension(void **state)
{
    fixture *f = *state;
    write_example(f, f->path);
    const char *const axes[] = {"scenario", "member", "park", "time"};
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, "ghg_total", H5P_DEFAULT);
    for (unsigned i = 0; i < 4; i++) {
        hid_t scale = H5Dopen2(file, axes[i], H5P_DEFAULT);
        assert_true(H5DSis_scale(scale) > 0);
        assert_true(H5DSis_attached(dataset, scale, i) > 0);
        H5Dclose(scale);
    }
    H5Dclose(dataset);
    H5Fclose(file);
}

static void missing_ratios_are_the_fill_value(void **state)
{
    fixture *f = *state;
    write_example(f, f->path);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    double ratio[SCENARIOS][PARKS][STEPS], fill = 0;
    read_doubles(file, "ghg_per_energy", SCENARIOS * PARKS * STEPS, &ratio[0][0][0]);
    assert_true(H5LTget_attribute_double(file, "ghg_per_energy", "_FillValue", &fill) >= 0);
    assert_memory_equal(&ratio[2][2][5], &fill, sizeof fill); /* the very bits, whatever NaN was given */
    assert_true(isnan(fill));
    assert_true(ratio[2][1][5] == 0.5);
    H5Fclose(file);
}

static void the_input_is_kept_whole_with_its_sha256(void **state)
{
    fixture *f = *state;
    size_t length = 1 << 20;
    char *text = malloc(length + 1), digest[65], stored[80] = "";
    for (size_t i = 0; i < length; i++) text[i] = i % 61 ? (char)('a' + i % 23) : '\n';
    text[length] = 0;
    f->header.input = text;
    assert_int_equal(write_example(f, f->path), PF_OK);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, "input", H5P_DEFAULT);
    hid_t type = H5Dget_type(dataset);
    char *read = NULL;
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &read) >= 0);
    assert_int_equal(H5Tget_cset(type), H5T_CSET_UTF8);
    assert_string_equal(read, text);
    pf_sha256(text, length, digest);
    H5LTget_attribute_string(file, "/", "input_sha256", stored);
    assert_string_equal(stored, digest);
    H5free_memory(read);
    free(text);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
}

static void a_definition_too_long_for_a_header_is_kept_whole(void **state)
{
    fixture *f = *state;
    size_t length = 100 * 1024;
    char *text = malloc(length + 1), *read = NULL;
    memset(text, 'x', length);
    text[length] = 0;
    pf_result_variable long_variable = variables[0];
    long_variable.definition = text;
    pf_result_variable all[] = {long_variable, variables[1], variables[2]};
    f->header.variables = all;
    assert_int_equal(write_example(f, f->path), PF_OK);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t attribute = H5Aopen_by_name(file, "electricity_use", "definition", H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    assert_true(H5Aread(attribute, type, &read) >= 0);
    assert_string_equal(read, text);
    H5free_memory(read);
    H5Tclose(type);
    H5Aclose(attribute);
    H5Fclose(file);
    free(text);
}

static void two_runs_write_the_same_bytes(void **state)
{
    fixture *f = *state;
    char other[128];
    snprintf(other, sizeof other, "%s/another_name.h5", f->folder);
    assert_int_equal(write_example(f, f->path), PF_OK);
    sleep(1); /* a clock in the file would now differ */
    void *dirt = malloc(1 << 20);
    memset(dirt, 0xA5, 1 << 20); /* and so would memory that was never set */
    free(dirt);
    assert_int_equal(write_example(f, other), PF_OK);
    size_t size, other_size;
    char *bytes = read_bytes(f->path, &size), *other_bytes = read_bytes(other, &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other_bytes, size);
    free(bytes);
    free(other_bytes);
}

static void steps_get_their_iso_8601_length(void **state)
{
    fixture *f = *state;
    const struct {
        int32_t first[2], end[2];
        const char *text;
    } cases[] = {
        {{18262, 18293}, {18293, 18322}, "P1M"}, /* January and February 2020 */
        {{18262, 18628}, {18628, 18993}, "P1Y"}, /* 2020 and 2021 */
        {{18262, 18353}, {18353, 18444}, "P3M"}, /* the first quarters of 2020 */
        {{18263, 18270}, {18270, 18277}, "P7D"},
        {{18262, 18263}, {18263, 18294}, ""}, /* a day, then 31 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16] = "";
        f->header.step_first_day = cases[i].first;
        f->header.step_end_day = cases[i].end;
        f->header.step_count = 2;
        assert_int_equal(write_example(f, f->path), PF_OK);
        hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
        if (H5Aexists(file, "time_coverage_resolution") > 0)
            H5LTget_attribute_string(file, "/", "time_coverage_resolution", text);
        assert_string_equal(text, cases[i].text);
        H5Fclose(file);
    }
}

static void a_full_disk_leaves_the_old_file_and_one_error(void **state)
{
    fixture *f = *state;
    FILE *old = fopen(f->path, "w");
    fputs("old", old);
    fclose(old);
    struct rlimit limit, small;
    getrlimit(RLIMIT_FSIZE, &limit);
    small = (struct rlimit){8192, limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    pf_status status = write_example(f, f->path);
    setrlimit(RLIMIT_FSIZE, &limit);
    size_t size;
    char *kept = read_bytes(f->path, &size);
    assert_int_equal(status, PF_FAILED);
    assert_string_equal(kept, "old");
    assert_int_equal(each_file(f, NULL), 1);
    assert_int_equal(pf_error_count(f->diagnostics), 1);
    assert_non_null(strstr(pf_first_error(f->diagnostics), f->path));
    assert_non_null(strstr(pf_first_error(f->diagnostics), strerror(EFBIG)));
    free(kept);
}

static void hdf5_refusing_a_name_leaves_no_file_and_one_error(void **state)
{
    fixture *f = *state;
    pf_result_variable taken = variables[0];
    taken.name = "time_bnds";
    f->header.variables = &taken;
    f->header.variable_count = 1;
    assert_int_equal(write_example(f, f->path), PF_FAILED);
    assert_int_equal(each_file(f, NULL), 0);
    assert_int_equal(pf_error_count(f->diagnostics), 1);
    assert_non_null(strstr(pf_first_error(f->diagnostics), "two variables are named 'time_bnds'"));
}

static void a_missing_folder_and_a_device_are_refused(void **state)
{
    fixture *f = *state;
    assert_int_equal(write_example(f, "/nonexistent/out.h5"), PF_FAILED);
    assert_string_equal(pf_first_error(f->diagnostics),
                        "cannot write results to '/nonexistent/out.h5': No such file or directory");
    assert_int_equal(write_example(f, "/dev/null"), PF_FAILED);
    struct stat status;
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

static void the_file_can_be_read_as_others_allow(void **state)
{
    fixture *f = *state;
    mode_t before = umask(027);
    write_example(f, f->path);
    umask(before);
    struct stat status;
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
}

static void info_shows_the_sum_of_the_last_year(void **state)
{
    fixture *f = *state;
    write_example(f, f->path);
    assert_int_equal(read_info(f), PF_OK);
    assert_non_null(strstr(f->info, "2020-01-01 to 2021-12-31, 24 steps"));
    assert_non_null(strstr(f->info, "Hai khu công nghiệp sinh thái"));
    assert_non_null(strstr(f->info, "2021-01-01 to 2021-12-31"));
    /* baseline: 12 months of parks 0, 10, 20, plus 3 parks times 100 (12 + .. + 23) = 360 + 63,000 */
    assert_non_null(strstr(f->info, "63,360"));
    assert_non_null(strstr(f->info, "63,396")); /* symbiosis: one more in each of 36 */
    assert_non_null(strstr(f->info, "Worst of 2 closures: 3e-13, tra_noc: cân bằng nước"
                                 " (scenario symbiosis, step of 2021-03-01)"));
}

/* The column, in code points, at which `word` ends in the first line that begins with `start`. */
static int end_column(const char *text, const char *start, const char *word)
{
    const char *line = strstr(text, start);
    assert_non_null(line);
    const char *end = strstr(line, word);
    assert_non_null(end);
    int column = 0;
    for (const char *byte = line; byte < end + strlen(word); byte++) column += ((unsigned char)*byte & 0xC0) != 0x80;
    return column;
}

static void info_aligns_columns_of_vietnamese_names(void **state)
{
    fixture *f = *state;
    const char *const vietnamese[] = {"cơ_sở", "cộng_sinh", "full"};
    f->header.scenarios = vietnamese;
    write_example(f, f->path);
    assert_int_equal(read_info(f), PF_OK);
    assert_int_equal(end_column(f->info, "  indicator", "cộng_sinh"), end_column(f->info, "  electricity_use", "63,396"));
    assert_int_equal(end_column(f->info, "  indicator", "full"), end_column(f->info, "  electricity_use", "63,432"));
}

static void info_names_what_a_foreign_file_is_not(void **state)
{
    fixture *f = *state;
    FILE *file = fopen(f->path, "w");
    fputs("year,amount\n2020,1\n", file);
    fclose(file);
    assert_int_equal(read_info(f), PF_FAILED);
    assert_non_null(strstr(pf_first_error(f->diagnostics), "it is not HDF5, expected a results file"));

    pf_diagnostics_free(f->diagnostics);
    f->diagnostics = pf_diagnostics_new();
    H5Fclose(H5Fcreate(f->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    assert_int_equal(read_info(f), PF_FAILED);
    assert_non_null(strstr(pf_first_error(f->diagnostics), "it is HDF5, but not a results file"));
    assert_int_equal(pf_error_count(f->diagnostics), 1);
}

static void info_refuses_a_file_cut_anywhere(void **state)
{
    fixture *f = *state;
    size_t size;
    write_example(f, f->path);
    char *bytes = read_bytes(f->path, &size);
    for (size_t kept = 0; kept < size; kept += size / 50) {
        assert_int_equal(truncate(f->path, (off_t)kept), 0);
        assert_int_equal(read_info(f), PF_FAILED);
        FILE *file = fopen(f->path, "wb");
        fwrite(bytes, 1, size, file);
        fclose(file);
    }
    free(bytes);
}

static int write_for_reference(const char *path)
{
    fixture *f = make_fixture();
    f->diagnostics = pf_diagnostics_new();
    pf_status status = write_example(f, path);
    pf_diagnostics_print(f->diagnostics, stderr);
    pf_diagnostics_free(f->diagnostics);
    free(f);
    return status == PF_OK ? 0 : 1;
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc > 1) return write_for_reference(argv[1]);
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_by_scenario_park_and_time),
        TEST(every_axis_has_the_scale_of_its_dimension),
        TEST(missing_ratios_are_the_fill_value),
        TEST(the_input_is_kept_whole_with_its_sha256),
        TEST(a_definition_too_long_for_a_header_is_kept_whole),
        TEST(two_runs_write_the_same_bytes),
        TEST(steps_get_their_iso_8601_length),
        TEST(a_full_disk_leaves_the_old_file_and_one_error),
        TEST(hdf5_refusing_a_name_leaves_no_file_and_one_error),
        TEST(a_missing_folder_and_a_device_are_refused),
        TEST(the_file_can_be_read_as_others_allow),
        TEST(info_shows_the_sum_of_the_last_year),
        TEST(info_aligns_columns_of_vietnamese_names),
        TEST(info_names_what_a_foreign_file_is_not),
        TEST(info_refuses_a_file_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
