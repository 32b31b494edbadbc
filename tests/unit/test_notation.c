/* Texts and numbers as JSON and CSV write them. */
#include "base/notation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef void (*writer)(FILE *out, const void *what);

/* What a writer writes, in static memory. */
static const char *written(writer write, const void *what)
{
    static char text[512];
    FILE *out = fmemopen(text, sizeof text, "w");
    write(out, what);
    fclose(out);
    return text;
}

static void json_text(FILE *out, const void *text)
{
    pf_json_text(out, text);
}

static void json_number(FILE *out, const void *number)
{
    pf_json_number(out, *(const double *)number);
}

static void csv_cell(FILE *out, const void *text)
{
    pf_csv_write_cell(out, text, false);
}

static void numbers_read_back_as_the_same_bits(void **state)
{
    (void)state;
    char text[PF_NUMBER_TEXT];
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 100000; i++) {
        double number;
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17; /* Marsaglia's xorshift */
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;
        double again = strtod(pf_number_text(number, text), NULL);
        assert_memory_equal(&number, &again, sizeof number);
    }
}

static void numbers_are_no_longer_than_they_need_to_be(void **state)
{
    (void)state;
    char text[PF_NUMBER_TEXT];
    assert_string_equal(pf_number_text(0.1, text), "0.1");
    assert_string_equal(pf_number_text(12345678, text), "12345678");
    assert_string_equal(pf_number_text(1.0 / 3, text), "0.3333333333333333");
    assert_string_equal(pf_number_text(-0.0, text), "-0");
}

static void json_has_no_name_for_what_is_not_finite(void **state)
{
    (void)state;
    assert_string_equal(written(json_number, &(double){(double)NAN}), "null");
    assert_string_equal(written(json_number, &(double){(double)INFINITY}), "null");
    assert_string_equal(written(json_number, &(double){2.5}), "2.5");
}

static void json_escapes_what_it_must_and_keeps_utf8(void **state)
{
    (void)state;
    assert_string_equal(written(json_text, "a \"b\" \\ c\n\x01 Hòa"), "\"a \\\"b\\\" \\\\ c\\n\\u0001 Hòa\"");
    assert_string_equal(written(json_text, NULL), "null");
}

static void cells_are_quoted_where_they_need_it(void **state)
{
    (void)state;
    assert_string_equal(written(csv_cell, "plain text"), "plain text");
    assert_string_equal(written(csv_cell, "a, \"b\""), "\"a, \"\"b\"\"\"");
    assert_string_equal(written(csv_cell, " led by a blank"), "\" led by a blank\"");
    assert_string_equal(written(csv_cell, "two\nlines"), "\"two\nlines\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_back_as_the_same_bits),
        cmocka_unit_test(numbers_are_no_longer_than_they_need_to_be),
        cmocka_unit_test(json_has_no_name_for_what_is_not_finite),
        cmocka_unit_test(json_escapes_what_it_must_and_keeps_utf8),
        cmocka_unit_test(cells_are_quoted_where_they_need_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
