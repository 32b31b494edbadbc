/* Members from a CSV file: what is taken, and each way in which it can be wrong. */
#include "hand_model.h"

#include "base/sha256.h"

/* p0 uniform 0 to 1, p1 triangular 2 to 7, p2 a month's amount, p3 a length. */
static void list_model(hand_model *h)
{
    hand_model_new(h, 4);
    hand_distribution(h, 1, "triangular", (const double[4]){2, 3, 7});
    h->inputs[hand_row(2)].value = hand_value(h, "uniform", (const double[4]){100, 200}, "kg/month");
    h->inputs[hand_row(3)].value = hand_value(h, "normal", (const double[4]){0, 1000}, "m");
}

static pf_design_request request_of(hand_model *h, const char *text, uint64_t members)
{
    return (pf_design_request){.name = "list", .list = temporary_file(&h->files, "list.csv", text), .members = members};
}

static void columns_in_any_order_become_values_and_the_rest_its_median(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    size_t count;
    const char *text = "p1,member,p0\n 2.5,0,0.25\n7,1,1e-3\n2,2,1\n";
    pf_design *design = hand_design(&h, request_of(&h, text, 0));
    const uint32_t *varied = pf_design_varied(design, &count);
    assert_int_equal(count, 2);
    assert_int_equal(varied[0], hand_row(0));
    assert_int_equal(varied[1], hand_row(1));
    assert_int_equal(pf_design_members(design), 3);
    assert_int_equal(pf_design_group(design), 1);
    double x[6 * 2];
    pf_design_draw(design, (const uint64_t[]){2, 0}, 2, x, 2);
    assert_true(x[2 * hand_row(0)] == 1 && x[2 * hand_row(0) + 1] == 0.25);
    assert_true(x[2 * hand_row(1)] == 2 && x[2 * hand_row(1) + 1] == 2.5);
    assert_true(x[2 * hand_row(2)] == 150 && x[2 * hand_row(3)] == 0);
    pf_design_free(design);
    hand_model_free(&h);
}

static void a_column_may_say_its_unit(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    pf_design *design = hand_design(&h, request_of(&h, "p3 [km],p2 [Mg/month]\n-2.5,0.125\n", 0));
    double x[6];
    pf_design_draw(design, (const uint64_t[]){0}, 1, x, 1);
    assert_true(x[hand_row(3)] == -2500 && x[hand_row(2)] == 125);
    pf_design_free(design);
    hand_model_free(&h);
}

static void a_parameter_whose_name_has_brackets_is_found(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    h.inputs[hand_row(0)].name = "park.*[type=firm]";
    pf_design *design = hand_design(&h, request_of(&h, "park.*[type=firm]\n0.5\n0.75\n", 0));
    double x[6];
    pf_design_draw(design, (const uint64_t[]){1}, 1, x, 1);
    assert_true(x[hand_row(0)] == 0.75);
    pf_design_free(design);
    hand_model_free(&h);
}

static void fewer_members_than_rows_are_the_first_ones(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    pf_design *design = hand_design(&h, request_of(&h, "p0,p1\n0.5,3\n0.25,4\nnothing,at all\n", 2));
    assert_int_equal(pf_design_members(design), 2);
    double *u = hand_uniforms(design), *x = hand_values(&h, design);
    for (size_t i = 0; i < 4; i++) assert_true(isnan(u[i])); /* a list has values and no u */
    assert_true(x[0] == 0.5 && x[1] == 0.25);
    free(u);
    free(x);
    pf_design_free(design);
    hand_model_free(&h);
}

/* Values given are the members' own: the copula leaves them alone. */
static void correlations_do_not_change_a_list(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    hand_correlate(&h, 0, 1, 0.8);
    pf_design *design = hand_design(&h, request_of(&h, "p0,p1\n0.5,3\n0.25,4\n", 0));
    double *x = hand_values(&h, design);
    assert_true(x[2 * hand_row(0) + 1] == 0.25 && x[2 * hand_row(1) + 1] == 4);
    free(x);
    pf_design_free(design);
    hand_model_free(&h);
}

static void the_digest_is_that_of_the_file(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    char digest[65];
    const char *text = "p0\n0.5\n";
    pf_sha256(text, strlen(text), digest);
    pf_design *design = hand_design(&h, request_of(&h, text, 0));
    assert_string_equal(pf_design_list_digest(design), digest);
    pf_design_free(design);
    hand_model_free(&h);
}

static void wrong_lists_are_refused_at_the_place_of_the_fault(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        uint64_t members;
    } cases[] = {
        {"p0,pp1\n1,2\n", "list.csv:1:4: error: no uncertain parameter is called 'pp1', did you mean 'p1'?", 0},
        {"p0,a switch\n1,2\n", "list.csv:1:4: error: no uncertain parameter is called 'a switch'", 0},
        {"p0 [1],p0\n1,2\n", "list.csv:1:8: error: the parameter 'p0' has two columns", 0},
        {"p0,p1\n1,2\n0.5,8\n", "list.csv:3:5: error: found '8' for 'p1' in member 1: expected 2 to 7, the range of",
         0},
        {"p0\n0.5\n-0.1\n", "list.csv:3:1: error: found '-0.1' for 'p0' in member 1: expected 0 to 1", 0},
        {"p2 [Mg/month]\n0.25\n", "found '0.25' for 'p2' in member 0: expected 0.1 to 0.2", 0},
        {"p3\nnan\n", "list.csv:2:1: error: found 'nan' for 'p3' in member 0: expected a finite number", 0},
        {"p3\ninf\n", "found 'inf' for 'p3' in member 0: expected a finite number", 0},
        {"p3\n1e999\n", "expected a finite number", 0},
        {"p3\n5 m\n", "found '5 m' for 'p3' in member 0: expected a finite number", 0},
        {"p3,p0\n,0.5\n", "found '' for 'p3' in member 0: expected a finite number", 0},
        {"p3 [kg]\n1\n", "list.csv:1:1: error: found the unit 'kg' for 'p3'", 0},
        {"p2 [kg/year]\n1\n", "found the unit 'kg/year' for 'p2'", 0},
        {"p3 [furlongz]\n1\n", "found the unit 'furlongz'", 0},
        {"member,p0\n0,0.5\n2,0.5\n", "list.csv:3:1: error: found member '2', expected 1", 0},
        {"member,p0\n1,0.5\n", "found member '1', expected 0", 0},
        {"member\n0\n", "expected a column with the name of a parameter", 0},
        {"p0\n", "list.csv: error: has no rows", 0},
        {"p0\n0.5\n", "list.csv: error: has 1 rows, expected one for each of 3 members", 3},
        {"p0,p1\n0.5\n", "found 1 cells in this row, expected 2", 0},
        {"", "is empty", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hand_model h;
        list_model(&h);
        pf_design_request request = request_of(&h, cases[i].text, cases[i].members);
        assert_null(pf_design_new(&h.model, &request, h.files.diagnostics));
        if (!strstr(said(&h.files), cases[i].message))
            fail_msg("'%s' does not say '%s'", said(&h.files), cases[i].message);
        hand_model_free(&h);
    }
}

static void all_columns_faults_are_said_at_once_each_at_its_first_row(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    pf_design_request request = request_of(&h, "p0,px,p1\n2,0,9\n3,0,9\n", 0);
    assert_null(pf_design_new(&h.model, &request, h.files.diagnostics));
    assert_int_equal(pf_error_count(h.files.diagnostics), 3);
    hand_model_free(&h);
}

static void a_list_takes_no_other_choice_of_what_varies(void **state)
{
    (void)state;
    static const char *const patterns[] = {"p0"};
    hand_model h;
    list_model(&h);
    pf_design_request request = request_of(&h, "p0\n0.5\n", 0);
    request.vary = patterns;
    request.vary_count = 1;
    hand_refused(&h, request, "the columns of a list say what varies");
    hand_model_free(&h);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    hand_model h;
    list_model(&h);
    pf_design_request request = {.name = "list", .list = "no/such.csv"};
    assert_null(pf_design_new(&h.model, &request, h.files.diagnostics));
    assert_non_null(strstr(said(&h.files), "no/such.csv"));
    hand_model_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_in_any_order_become_values_and_the_rest_its_median),
        cmocka_unit_test(a_column_may_say_its_unit),
        cmocka_unit_test(a_parameter_whose_name_has_brackets_is_found),
        cmocka_unit_test(fewer_members_than_rows_are_the_first_ones),
        cmocka_unit_test(correlations_do_not_change_a_list),
        cmocka_unit_test(the_digest_is_that_of_the_file),
        cmocka_unit_test(wrong_lists_are_refused_at_the_place_of_the_fault),
        cmocka_unit_test(all_columns_faults_are_said_at_once_each_at_its_first_row),
        cmocka_unit_test(a_list_takes_no_other_choice_of_what_varies),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
