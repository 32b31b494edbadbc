/* {evidence: KEY}: the value of a row of the evidence, as its shape says. */
#include "scenario/scenario.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    pf_diagnostics *diagnostics;
    pf_scenario *scenario;
} fixture;

/* The parameters of a model, each line one of them; tables are in tests/unit/evidence_values.csv. */
static void read_parameters(fixture *f, const char *parameters)
{
    char path[] = "/tmp/parkflow-test-XXXXXX", folder[512];
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    assert_non_null(getcwd(folder, sizeof folder));
    fprintf(out,
            "parkflow: 1\nuse: [%s/scenarios/library/units.yaml]\nevidence: [%s/tests/unit/evidence_values.csv]\n"
            "parameters:\n%stime: {start: 2020, end: 2020}\nscenarios: {base: {}}\nparks: {}\n",
            folder, folder, parameters);
    fclose(out);
    f->diagnostics = pf_diagnostics_new();
    f->scenario = pf_scenario_read(path, NULL, 0, f->diagnostics);
    assert_non_null(f->scenario);
    unlink(path);
}

static const pf_value *value_of(fixture *f, const char *name)
{
    const pf_value *value =
        pf_value_read(&f->scenario->values, pf_tree_get(pf_tree_get(f->scenario->tree, "parameters"), name));
    if (!value) pf_diagnostics_print(f->diagnostics, stderr);
    assert_non_null(value);
    return value;
}

static void free_fixture(fixture *f)
{
    pf_scenario_free(f->scenario);
    pf_diagnostics_free(f->diagnostics);
}

static void a_point_is_a_number_with_its_source(void **state)
{
    (void)state;
    fixture f;
    read_parameters(&f, "  p: {evidence: plant_limit, note: kept}\n");
    const pf_value *p = value_of(&f, "p");
    const pf_tree *tree = pf_tree_at(f.scenario->tree, "parameters.p");
    assert_int_equal(p->kind, PF_NUMBER);
    assert_true(fabs(p->number - 6000.0 / 86400) < 1e-15);
    assert_string_equal(pf_tree_get_text(tree, "source"), "plant_limit");
    assert_string_equal(pf_tree_get_text(tree, "note"), "kept");
    assert_null(pf_tree_get(tree, "evidence"));
    free_fixture(&f);
}

static void a_point_may_be_given_a_spread(void **state)
{
    (void)state;
    fixture f;
    read_parameters(&f, "  share: {evidence: plant_limit, sd: 20 %}\n  same: {evidence: plant_limit, sd: 1200}\n"
                        "  factor: {evidence: plant_limit, gsd: 1.5}\n");
    const pf_value *share = value_of(&f, "share"), *same = value_of(&f, "same"), *factor = value_of(&f, "factor");
    assert_int_equal(share->kind, PF_DISTRIBUTION);
    assert_true(share->arguments[0] == same->arguments[0] && share->arguments[1] == same->arguments[1]);
    assert_true(fabs(share->arguments[1] / share->arguments[0] - 0.2) < 1e-14);
    assert_true(fabs(factor->arguments[0] - 6000.0 / 86400) < 1e-15 && factor->arguments[1] == 1.5);
    free_fixture(&f);
}

static void an_interval_is_triangular_and_a_range_uniform(void **state)
{
    (void)state;
    fixture f;
    read_parameters(&f, "  interval: {evidence: heat}\n  range: {evidence: loss}\n");
    const pf_value *interval = value_of(&f, "interval"), *range = value_of(&f, "range");
    assert_true(interval->arguments[0] == 2.0e6 && interval->arguments[1] == 2.4e6 && interval->arguments[2] == 2.66e6);
    assert_true(fabs(range->arguments[0] - 0.05) < 1e-16 && fabs(range->arguments[1] - 0.18) < 1e-16);
    free_fixture(&f);
}

static void what_was_taken_stands_in_the_stored_input(void **state)
{
    (void)state;
    fixture f;
    read_parameters(&f, "  p: {evidence: heat}\n");
    const char *input = pf_scenario_input(f.scenario);
    assert_non_null(strstr(input, "2.0..2.4..2.66 GJ"));
    assert_non_null(strstr(input, "source: heat"));
    assert_null(strstr(input, "evidence: heat"));
    free_fixture(&f);
}

static void what_is_no_value_is_refused(void **state)
{
    (void)state;
    fixture f;
    read_parameters(&f, "  norm: {evidence: norm}\n  goal: {evidence: goal}\n  least: {evidence: least}\n"
                        "  misspelt: {evidence: plant_limi}\n  twice: {evidence: plant_limit, value: 3 m3/day}\n"
                        "  spread: {evidence: loss, sd: 10 %}\n  odd: {evidence: plant_limit, sd: much}\n");
    assert_int_equal(pf_error_count(f.diagnostics), 7);
    free_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_a_number_with_its_source),
        cmocka_unit_test(a_point_may_be_given_a_spread),
        cmocka_unit_test(an_interval_is_triangular_and_a_range_uniform),
        cmocka_unit_test(what_was_taken_stands_in_the_stored_input),
        cmocka_unit_test(what_is_no_value_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
