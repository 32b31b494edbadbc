/* Wide integers against those of 128 bits that the compiler has, and against closed forms. */
#include "ensemble/wide_integer.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* splitmix64 (Steele, Lea and Flood 2014), from a number alone. */
static uint64_t hash(uint64_t number)
{
    uint64_t z = number * 0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void wide_integers_agree_with_those_of_the_compiler(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 2000; round++) {
        uint64_t a[2] = {hash(4 * round), hash(4 * round + 1)}, b[2] = {hash(4 * round + 2), hash(4 * round + 3)};
        pf_uint128 x = (pf_uint128)a[1] << 64 | a[0], y = (pf_uint128)b[1] << 64 | b[0], sum = x + y, product;
        uint64_t difference[2] = {a[0], a[1]}, shifted[2], wide[2];
        pf_wide_subtract(difference, b, 2);
        assert_true(((pf_uint128)difference[1] << 64 | difference[0]) == x - y);
        pf_wide_set(shifted, 2, y, round % 128);
        assert_true(((pf_uint128)shifted[1] << 64 | shifted[0]) == y << round % 128);
        pf_wide_multiply(wide, a, 1, b, 1);
        product = (pf_uint128)a[0] * b[0];
        assert_true(((pf_uint128)wide[1] << 64 | wide[0]) == product);
        assert_true(fabs(pf_wide_to_double(wide, 2) / (double)product - 1) <= DBL_EPSILON);
        pf_wide_add(a, b, 2);
        assert_true(((pf_uint128)a[1] << 64 | a[0]) == sum);
    }
}

/* (2^192 - 1)^2 = 2^384 - 2^193 + 1. */
static void wide_products_carry_to_the_top(void **state)
{
    (void)state;
    uint64_t a[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX}, square[6];
    pf_wide_multiply(square, a, 3, a, 3);
    const uint64_t expected[6] = {1, 0, 0, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX};
    assert_memory_equal(square, expected, sizeof square);
    assert_true(pf_wide_to_double(square, 6) == 0x1p384);
    assert_true(pf_wide_is_negative(a, 3));
    pf_wide_negate(a, 3);
    assert_true(a[0] == 1 && a[1] == 0 && a[2] == 0);
    pf_wide_set(square, 6, 5, 300);
    assert_true(pf_wide_to_double(square, 6) == 0x5p300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_integers_agree_with_those_of_the_compiler),
        cmocka_unit_test(wide_products_carry_to_the_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
