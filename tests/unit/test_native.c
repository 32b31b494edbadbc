/* Native code against the interpreter on plans written by hand, and its cache against tampering. Every test has a cache
 * folder of its own. */
#include "kernel/generate_c.h"
#include "kernel/native.h"
#include "random_plan.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST_LANES = 70 };

static char folder[32]; /* $XDG_CACHE_HOME of the test */

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/parkflow-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    setenv("XDG_CACHE_HOME", folder, 1);
    unsetenv("PARKFLOW_CC");
    return 0;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *place)
{
    (void)s;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* --- the same bits --- */

static const pf_plan *any_plan(builder *b, uint64_t seed, uint32_t operations)
{
    return random_plan(b, seed, (random_kind){(uint32_t)pf_operation_count(), 0.03}, operations);
}

static double canonical(double value)
{
    return isnan(value) ? NAN : value;
}

/* Runs the same lanes on both, in one block each. Gives the number of finite outputs, to see that there are some. */
static size_t assert_alike(const pf_plan *plan, const pf_kernel *one, const pf_kernel *other, size_t lanes,
                           uint64_t seed)
{
    size_t count = (plan->steps - plan->first_reported) * plan->output_count * lanes, finite = 0;
    double *inputs = pf_doubles(plan->inputs * lanes), *left = pf_doubles(count), *right = pf_doubles(count);
    pf_fault faults[2][MOST_LANES];
    for (size_t i = 0; i < plan->inputs * lanes; i++) {
        inputs[i] = 4 * builder_random(&seed) - 1;
        if (builder_random(&seed) < 0.1) inputs[i] = SPECIAL[(size_t)(builder_random(&seed) * SPECIALS)];
    }
    pf_block *a = pf_block_new(one, lanes), *b = pf_block_new(other, lanes);
    pf_block_run(a, lanes, inputs, left, faults[0]);
    pf_block_run(b, lanes, inputs, right, faults[1]);
    for (size_t i = 0; i < count; i++) {
        double x = canonical(left[i]), y = canonical(right[i]);
        assert_memory_equal(&x, &y, sizeof x);
        finite += isfinite(x) != 0;
    }
    assert_memory_equal(faults[0], faults[1], lanes * sizeof(pf_fault));
    pf_block_free(a);
    pf_block_free(b);
    free(inputs);
    free(left);
    free(right);
    return finite;
}

/* Large enough to be cut into several pieces and files. */
static void random_plans_give_the_interpreters_bits(void **state)
{
    (void)state;
    static const size_t widths[] = {1, 8, 9, 64, MOST_LANES};
    static const uint32_t sizes[] = {40, 1300};
    for (uint64_t size = 0; size < 2; size++) {
        builder b = builder_new(STEPS);
        const pf_plan *plan = any_plan(&b, 11 + size, sizes[size]);
        pf_kernel *interpreted = pf_kernel_new(plan), *native = pf_kernel_new(plan);
        const char *why = NULL;
        if (!pf_native_attach(native, &why)) fail_msg("%s", why);
        size_t finite = 0;
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
            finite += assert_alike(plan, interpreted, native, widths[w], w + 1);
        assert_true(finite > 1000);
        pf_kernel_free(interpreted);
        pf_kernel_free(native);
        builder_free(&b);
    }
}

/* Checks that s(t) is at most p, that q is, as constant - comparison and as value - constant, and a division. */
static const pf_plan *plan_of_checks(builder *b, const double *series)
{
    uint32_t p = builder_input(b), q = builder_input(b), s = builder_series(b, series);
    uint32_t one = builder_constant(b, 1), five = builder_constant(b, 5);
    builder_export(b, s);
    builder_check(b, builder_do(b, PF_SUB, s, p), "p is exceeded");
    builder_check(b, builder_do(b, PF_SUB, one, builder_do(b, PF_LE, s, q)), "q is exceeded");
    builder_check(b, builder_do(b, PF_SUB, q, five), "q is above 5");
    builder_output(b, builder_do(b, PF_DIV, s, p));
    builder_straight(b, 0);
    b->plan.first_reported = 1;
    return builder_finish(b);
}

static void faults_are_those_of_the_first_step_and_check(void **state)
{
    (void)state;
    enum { LANES = 7 };
    const double series[4] = {0, 1, 2, 3};
    const double inputs[2][LANES] = {{4, 2, 1, 4, NAN, 4, INFINITY}, {5, 5, 1, 0, 5, 5.5, NAN}};
    const pf_fault expected[LANES] = {{PF_NO_FAULT, 0, 0},     {PF_CHECK_FAILED, 3, 0}, {PF_CHECK_FAILED, 2, 0},
                                      {PF_CHECK_FAILED, 1, 1}, {PF_CHECK_FAILED, 0, 0}, {PF_CHECK_FAILED, 0, 2},
                                      {PF_CHECK_FAILED, 0, 1}};
    builder b = builder_new(4);
    pf_kernel *kernel = pf_kernel_new(plan_of_checks(&b, series));
    const char *why = NULL;
    if (!pf_native_attach(kernel, &why)) fail_msg("%s", why);
    pf_block *block = pf_block_new(kernel, LANES);
    double outputs[3][LANES];
    pf_fault faults[LANES];
    pf_block_run(block, LANES, &inputs[0][0], &outputs[0][0], faults);
    assert_memory_equal(faults, expected, sizeof faults);
    assert_true(outputs[2][0] == 0.75);
    pf_block_free(block);
    pf_kernel_free(kernel);
    builder_free(&b);
}

/* --- the compiler and the cache --- */

typedef struct {
    builder b;
    pf_kernel *kernel;
    const char *why;
    bool native;
} attempt;

/* Attaches to a small plan, the same each time. */
static void attach(attempt *a)
{
    *a = (attempt){.b = builder_new(STEPS)};
    a->kernel = pf_kernel_new(any_plan(&a->b, 5, 30));
    a->native = pf_native_attach(a->kernel, &a->why);
}

static void end(attempt *a)
{
    pf_kernel_free(a->kernel);
    builder_free(&a->b);
}

/* Attaches, and sees that the interpreter stays and works, for that reason. */
static void assert_refused(const char *why)
{
    attempt a;
    attach(&a);
    assert_false(a.native);
    assert_string_equal(a.why, why);
    pf_kernel *interpreted = pf_kernel_new(&a.b.plan);
    assert_alike(&a.b.plan, a.kernel, interpreted, 9, 3);
    pf_kernel_free(interpreted);
    end(&a);
}

static void assert_taken(void)
{
    attempt a;
    attach(&a);
    if (!a.native) fail_msg("%s", a.why);
    end(&a);
}

/* A compiler of our own: a script that leaves a line in the file `calls` each time, and then does as it is told. */
static void use_script(const char *body)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/compiler", folder);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fprintf(out, "#!/bin/sh\n[ \"$1\" = --version ] && exec cc --version\necho called >> %s/calls\n%s\n", folder, body);
    fclose(out);
    chmod(path, 0700);
    setenv("PARKFLOW_CC", path, 1);
}

static size_t calls(void)
{
    char path[64], line[16];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/calls", folder);
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in)) count++;
    if (in) fclose(in);
    return count;
}

/* The path of the only library in the cache. */
static const char *library_path(void)
{
    static char path[160];
    char cache[48];
    snprintf(cache, sizeof cache, "%s/parkflow", folder);
    DIR *files = opendir(cache);
    size_t found = 0;
    assert_non_null(files);
    for (struct dirent *file; (file = readdir(files));) {
        if (file->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%.100s", cache, file->d_name);
        found++;
    }
    closedir(files);
    assert_int_equal(found, 1); /* and nothing of the build is left beside it */
    return path;
}

static void without_a_compiler_the_interpreter_stays(void **state)
{
    (void)state;
    setenv("PARKFLOW_CC", "/nowhere/cc", 1);
    assert_refused("no C compiler was found");
    setenv("PARKFLOW_CC", "no-such-compiler-anywhere", 1);
    assert_refused("no C compiler was found");
}

static void a_compiler_that_fails_is_reported_and_leaves_nothing(void **state)
{
    (void)state;
    char cache[48];
    use_script("exit 1");
    assert_refused("the C compiler failed");
    snprintf(cache, sizeof cache, "%s/parkflow", folder);
    assert_int_equal(rmdir(cache), 0);
}

/* A compiler whose sums are differences. */
static void code_with_other_bits_is_refused(void **state)
{
    (void)state;
    use_script("for f do case $f in *.c) sed -i 's/((a) + (b))/((a) - (b))/' \"$f\";; esac; done; exec cc \"$@\"");
    assert_refused("native code does not give the interpreter's bits");
}

static void the_second_time_nothing_is_compiled(void **state)
{
    (void)state;
    use_script("exec cc \"$@\"");
    assert_taken();
    size_t first = calls();
    assert_true(first >= 2); /* to compile, and to link */
    assert_taken();
    assert_int_equal(calls(), first);
}

static void a_library_that_others_could_write_or_that_is_a_link_is_built_anew(void **state)
{
    (void)state;
    char aside[64];
    use_script("exec cc \"$@\"");
    assert_taken();
    size_t once = calls();
    assert_int_equal(chmod(library_path(), 0770), 0);
    assert_taken();
    assert_int_equal(calls(), 2 * once);
    char name[160];
    strcpy(name, library_path());
    snprintf(aside, sizeof aside, "%s/aside.so", folder);
    assert_int_equal(rename(name, aside), 0);
    assert_int_equal(symlink(aside, name), 0);
    assert_taken();
    assert_int_equal(calls(), 3 * once);
}

static void a_cache_open_to_others_is_refused(void **state)
{
    (void)state;
    char cache[48];
    snprintf(cache, sizeof cache, "%s/parkflow", folder);
    assert_int_equal(mkdir(cache, 0700), 0);
    assert_int_equal(chmod(cache, 0755), 0);
    assert_refused("the cache folder is another user's, or open to others");
    assert_int_equal(rmdir(cache), 0);
    assert_int_equal(symlink("/tmp", cache), 0);
    assert_refused("the cache folder cannot be opened");
}

static void the_text_holds_nothing_of_the_model(void **state)
{
    (void)state;
    builder b = builder_new(STEPS);
    builder_name(&b, "*/ system(\"evil\"); /*");
    const pf_plan *plan = any_plan(&b, 5, 30);
    pf_pieces pieces = pf_cut_pieces(plan, 100, b.arena);
    pf_c_text text = pf_generate_c(plan, &pieces, 8, b.arena);
    assert_true(text.count > 0);
    for (size_t i = 0; i < text.count; i++) {
        assert_null(strstr(text.files[i], "evil"));
        assert_null(strstr(text.files[i], "test.yaml"));
    }
    builder_free(&b);
}

static void the_fingerprint_is_that_of_this_machine_each_time(void **state)
{
    (void)state;
    char one[65], other[65];
    pf_native_fingerprint(one);
    pf_native_fingerprint(other);
    assert_int_equal(strspn(one, "0123456789abcdef"), 64);
    assert_string_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_plans_give_the_interpreters_bits, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(faults_are_those_of_the_first_step_and_check, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(without_a_compiler_the_interpreter_stays, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_compiler_that_fails_is_reported_and_leaves_nothing, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(code_with_other_bits_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_second_time_nothing_is_compiled, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_library_that_others_could_write_or_that_is_a_link_is_built_anew, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_cache_open_to_others_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_text_holds_nothing_of_the_model, make_folder, remove_folder),
        cmocka_unit_test(the_fingerprint_is_that_of_this_machine_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
