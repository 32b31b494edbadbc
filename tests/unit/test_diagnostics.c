/* Diagnostics: order, counting, places; and the nearest valid name. */
#include "temporary.h"

static pf_mark at(const char *file, int line, int column)
{
    return (pf_mark){file, line, column};
}

static void errors_come_out_by_file_in_order_of_appearance_and_by_place(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_error(t.diagnostics, at("z.yaml", 9, 1), "third");
    pf_error(t.diagnostics, at("a.yaml", 1, 1), "fourth");
    pf_error(t.diagnostics, at("z.yaml", 2, 7), "second");
    pf_error(t.diagnostics, at("z.yaml", 2, 3), "first");
    assert_string_equal(
        said(&t),
        "z.yaml:2:3: error: first\nz.yaml:2:7: error: second\nz.yaml:9:1: error: third\na.yaml:1:1: error: fourth\n");
    temporary_free(&t);
}

static void a_place_without_column_or_line_is_shown_without(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_error(t.diagnostics, at("a.yaml", 4, 0), "of a line");
    pf_error(t.diagnostics, at("a.yaml", 0, 0), "of a file");
    assert_string_equal(said(&t), "a.yaml: error: of a file\na.yaml:4: error: of a line\n");
    temporary_free(&t);
}

static void the_same_error_at_the_same_place_is_kept_once(void **state)
{
    temporary t = temporary_new();
    char again[] = "a.yaml"; /* another address */
    (void)state;
    for (int i = 0; i < 3; i++) pf_error(t.diagnostics, at("a.yaml", 1, 2), "no %s", "market");
    pf_error(t.diagnostics, at(again, 1, 2), "no market");
    assert_int_equal(pf_error_count(t.diagnostics), 1);
    pf_error(t.diagnostics, at("a.yaml", 1, 3), "no market");
    pf_error(t.diagnostics, at("a.yaml", 1, 2), "no carrier");
    assert_int_equal(pf_error_count(t.diagnostics), 3);
    temporary_free(&t);
}

static void a_remark_is_printed_but_is_no_error(void **state)
{
    temporary t = temporary_new();
    (void)state;
    pf_warn(t.diagnostics, at("a.yaml", 1, 1), "look here");
    assert_int_equal(pf_error_count(t.diagnostics), 0);
    assert_null(pf_first_error(t.diagnostics));
    assert_string_equal(said(&t), "a.yaml:1:1: note: look here\n");
    temporary_free(&t);
}

static void an_error_returns_failure_and_the_first_is_the_first_reported(void **state)
{
    temporary t = temporary_new();
    (void)state;
    assert_int_equal(pf_error(t.diagnostics, at("b.yaml", 9, 9), "came %d", 1), PF_FAILED);
    pf_error(t.diagnostics, at("a.yaml", 1, 1), "came 2");
    assert_string_equal(pf_first_error(t.diagnostics), "came 1");
    temporary_free(&t);
}

static const char *nearest(const char *wanted, const char *const *names)
{
    pf_nearest search = pf_nearest_to(wanted);
    for (; *names; names++) pf_nearest_offer(&search, *names);
    return search.best;
}

static void the_nearest_name_forgives_a_slip_of_each_kind(void **state)
{
    static const char *const names[] = {"electricity", "steam", "wastewater", "effluent", NULL};
    (void)state;
    assert_string_equal(nearest("electrcity", names), "electricity"); /* a letter less */
    assert_string_equal(nearest("stteam", names), "steam");           /* a letter more */
    assert_string_equal(nearest("wastewatar", names), "wastewater");  /* another letter */
    assert_string_equal(nearest("effleunt", names), "effluent");      /* two letters swapped */
}

static void a_name_unlike_all_has_no_nearest(void **state)
{
    static const char *const names[] = {"electricity", "steam", NULL};
    (void)state;
    assert_null(nearest("landfill", names));
    assert_null(nearest("x", names));
}

static void of_two_near_names_the_nearer_is_offered_and_of_equals_the_first(void **state)
{
    static const char *const names[] = {"boiler_12", "boiler_1", "boiler_2", NULL};
    (void)state;
    assert_string_equal(nearest("boilr_1", names), "boiler_1");
    assert_string_equal(nearest("boiler_3", names), "boiler_1");
}

static void the_hint_is_a_question_or_nothing(void **state)
{
    temporary t = temporary_new();
    pf_nearest near = pf_nearest_to("steem"), far = pf_nearest_to("steem");
    (void)state;
    pf_nearest_offer(&near, "steam");
    pf_nearest_offer(&far, "coal");
    assert_string_equal(pf_nearest_hint(&near, t.arena), ", did you mean 'steam'?");
    assert_string_equal(pf_nearest_hint(&far, t.arena), "");
    temporary_free(&t);
}

static void a_text_is_shortened_by_characters_and_not_by_bytes(void **state)
{
    temporary t = temporary_new();
    (void)state;
    assert_string_equal(pf_first_characters(t.arena, "nước thải", 4), "nước");
    assert_string_equal(pf_first_characters(t.arena, "nước", 10), "nước");
    temporary_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_come_out_by_file_in_order_of_appearance_and_by_place),
        cmocka_unit_test(a_place_without_column_or_line_is_shown_without),
        cmocka_unit_test(the_same_error_at_the_same_place_is_kept_once),
        cmocka_unit_test(a_remark_is_printed_but_is_no_error),
        cmocka_unit_test(an_error_returns_failure_and_the_first_is_the_first_reported),
        cmocka_unit_test(the_nearest_name_forgives_a_slip_of_each_kind),
        cmocka_unit_test(a_name_unlike_all_has_no_nearest),
        cmocka_unit_test(of_two_near_names_the_nearer_is_offered_and_of_equals_the_first),
        cmocka_unit_test(the_hint_is_a_question_or_nothing),
        cmocka_unit_test(a_text_is_shortened_by_characters_and_not_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
