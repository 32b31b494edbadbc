/* Counter-based draws against the known answers that Random123 publishes (its file kat_vectors: "philox4x32 10"), and
 * the key of a name against SHA-256 values of FIPS 180-2. */
#include "ensemble/draws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Counter words 0 to 3, key words 0 and 1, the first two words of the answer. */
static const uint32_t known[][8] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d},
    {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0x408f276d, 0x41c83b0e},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb},
};

static uint64_t joined(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

static void philox_gives_its_published_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const uint32_t *w = known[i];
        uint64_t bits = pf_random_bits(joined(w[4], w[5]), joined(w[0], w[1]), joined(w[2], w[3]));
        assert_int_equal(bits, joined(w[6], w[7]));
    }
}

/* SHA-256 of "abc" begins with ba 78 16 bf 8f 01 cf ea, that of "" with e3 b0 c4 42 98 fc 1c 14. */
static void a_name_has_the_first_bytes_of_its_digest_as_its_key(void **state)
{
    (void)state;
    assert_int_equal(pf_name_key("abc"), 0xeacf018fbf1678ba);
    assert_int_equal(pf_name_key(""), 0x141cfc9842c4b0e3);
}

static void a_number_is_never_0_or_1_and_its_complement_is_exact(void **state)
{
    (void)state;
    assert_true(pf_unit_interval(0) == 0x1p-53);
    assert_true(pf_unit_interval(UINT64_MAX) == 1 - 0x1p-53);
    assert_true(pf_unit_interval(UINT64_C(1) << 63) == 0.5 + 0x1p-53);
    for (uint64_t i = 0; i < 10000; i++) {
        double u = pf_unit_interval(pf_random_bits(1, i, 2)), other = 1 - u;
        assert_true(u > 0 && u < 1 && 1 - other == u);
        assert_true(pf_unit_interval(~pf_random_bits(1, i, 2)) == other);
    }
}

static void the_lowest_twelve_bits_do_not_matter(void **state)
{
    (void)state;
    assert_true(pf_unit_interval(0xfff) == pf_unit_interval(0));
    assert_true(pf_unit_interval(0x1000) == 0x1.8p-52);
}

/* Means of 2^16 numbers: 1/2 within 6 standard errors of sqrt(1/12) / 2^8. */
static void numbers_are_uniform_along_members_names_and_seeds(void **state)
{
    (void)state;
    enum { NUMBERS = 1 << 16 };
    double sums[3] = {0};
    for (uint64_t i = 0; i < NUMBERS; i++) {
        sums[0] += pf_unit_interval(pf_random_bits(7, i, 11));
        sums[1] += pf_unit_interval(pf_random_bits(7, 3, i));
        sums[2] += pf_unit_interval(pf_random_bits(i, 3, 11));
    }
    for (int k = 0; k < 3; k++) {
        double off = sums[k] / NUMBERS - 0.5;
        assert_true(off < 6 * 0.28868 / 256 && off > -6 * 0.28868 / 256);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_its_published_answers),
        cmocka_unit_test(a_name_has_the_first_bytes_of_its_digest_as_its_key),
        cmocka_unit_test(a_number_is_never_0_or_1_and_its_complement_is_exact),
        cmocka_unit_test(the_lowest_twelve_bits_do_not_matter),
        cmocka_unit_test(numbers_are_uniform_along_members_names_and_seeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
