/* The Sobol' sequence: published points, and what scrambling must leave as it is. */
#include "ensemble/design_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double number(size_t dimension, uint64_t index)
{
    pf_sobol_dimension d;
    pf_sobol_published(dimension, &d);
    return (double)pf_sobol_point(&d, index) * 0x1p-52;
}

/* Joe and Kuo, "Notes on generating Sobol' sequences" (2008): the first ten points in three dimensions. */
static void the_first_points_are_the_published_ones(void **state)
{
    (void)state;
    static const double points[][3] = {
        {0, 0, 0},
        {0.5, 0.5, 0.5},
        {0.75, 0.25, 0.25},
        {0.25, 0.75, 0.75},
        {0.375, 0.375, 0.625},
        {0.875, 0.875, 0.125},
        {0.625, 0.125, 0.875},
        {0.125, 0.625, 0.375},
        {0.1875, 0.3125, 0.9375},
        {0.6875, 0.8125, 0.4375},
    };
    for (uint64_t i = 0; i < sizeof points / sizeof *points; i++)
        for (size_t d = 0; d < 3; d++) assert_true(number(d, i) == points[i][d]);
}

/* SciPy 1.10, qmc.Sobol(4096, scramble=False): points to 30 bits, and the sum of them all, each times its dimension. */
static void far_points_in_all_dimensions_are_those_of_scipy(void **state)
{
    (void)state;
    static const struct {
        uint64_t index, sum, point[6];
    } known[] = {
        {1000003, 0xff37dc9bdd000, {296862720, 603356160, 83747840, 979020800, 42687488, 121414656}},
        {123456789, 0xfcc01a49a5ec0, {1047862216, 850867304, 6878296, 54610408, 59301224, 490540936}},
    };
    static const size_t dimensions[6] = {0, 1, 2, 40, 999, 4095};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        uint64_t sum = 0;
        for (size_t d = 0; d < PF_SOBOL_DIMENSIONS; d++)
            sum += (d + 1) * (uint64_t)(number(d, known[k].index) * 0x1p30);
        assert_int_equal(sum, known[k].sum);
        for (size_t d = 0; d < 6; d++)
            assert_int_equal((uint64_t)(number(dimensions[d], known[k].index) * 0x1p30), known[k].point[d]);
    }
}

/* Any 2^m points from a multiple of 2^m on fall into the 2^m cells once each: a (0, 1)-sequence in base 2. */
static void check_cells(const pf_sobol_dimension *d, unsigned power, uint64_t block)
{
    uint64_t cells = UINT64_C(1) << power;
    bool *seen = pf_calloc(cells, sizeof *seen);
    for (uint64_t i = 0; i < cells; i++) {
        uint64_t cell = pf_sobol_point(d, (block << power) + i) >> (52 - power);
        assert_true(cell < cells && !seen[cell]);
        seen[cell] = true;
    }
    free(seen);
}

static void every_dimension_is_a_0_1_sequence_also_when_scrambled(void **state)
{
    (void)state;
    for (size_t dimension = 0; dimension < PF_SOBOL_DIMENSIONS; dimension++) {
        pf_sobol_dimension plain, scrambled;
        pf_sobol_published(dimension, &plain);
        pf_sobol_scrambled(1, dimension, &scrambled);
        for (unsigned power = 1; power <= 4; power++) {
            check_cells(&plain, power, 0);
            check_cells(&scrambled, power, 0);
            check_cells(&scrambled, power, 12345);
        }
        if (dimension % 64 == 1) check_cells(&scrambled, 10, 3);
    }
}

/* The first p digits of the first p columns must be independent for every p, for else 2^p points miss a cell: an
 * elimination that never lacks a pivot. */
static void check_pivots(pf_sobol_dimension d)
{
    for (unsigned i = 0; i < PF_SOBOL_INDEX_BITS; i++) {
        uint64_t digit = UINT64_C(1) << (51 - i);
        assert_true(d.columns[i] & digit);
        assert_true(d.columns[i] >> 52 == 0);
        for (unsigned j = i + 1; j < PF_SOBOL_INDEX_BITS; j++)
            if (d.columns[j] & digit) d.columns[j] ^= d.columns[i];
    }
}

static void every_dimension_stays_one_up_to_2_to_the_40_points(void **state)
{
    (void)state;
    for (size_t dimension = 0; dimension < PF_SOBOL_DIMENSIONS; dimension++) {
        pf_sobol_dimension plain, scrambled;
        pf_sobol_published(dimension, &plain);
        pf_sobol_scrambled(77, dimension, &scrambled);
        check_pivots(plain);
        check_pivots(scrambled);
    }
}

/* The first two dimensions are a (0, 2)-sequence: 2^m points fall into every box of 2^a times 2^(m - a) once. */
static void two_dimensions_fill_every_shape_of_box(void **state)
{
    (void)state;
    enum { POWER = 8 };
    for (uint64_t seed = 1; seed < 6; seed++) {
        pf_sobol_dimension x, y;
        pf_sobol_scrambled(seed, 0, &x);
        pf_sobol_scrambled(seed, 1, &y);
        for (unsigned a = 0; a <= POWER; a++) {
            unsigned char seen[1 << POWER] = {0};
            for (uint64_t i = 0; i < 1 << POWER; i++) {
                uint64_t column = pf_sobol_point(&x, i) >> 44 >> (POWER - a), row = pf_sobol_point(&y, i) >> 44 >> a;
                seen[column << (POWER - a) | row]++;
            }
            for (size_t box = 0; box < sizeof seen; box++) assert_int_equal(seen[box], 1);
        }
    }
}

/* Each single point is uniform over the seeds: mean 1/2 within 6 standard errors. */
static void scrambling_makes_every_point_uniform(void **state)
{
    (void)state;
    enum { SEEDS = 4096 };
    for (uint64_t index = 0; index < 3; index++) {
        double sum = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            pf_sobol_dimension d;
            pf_sobol_scrambled(seed, 5, &d);
            sum += pf_sobol_number(pf_sobol_point(&d, index));
        }
        double off = sum / SEEDS - 0.5;
        assert_true(off < 6 * 0.28868 / 64 && off > -6 * 0.28868 / 64);
    }
}

/* The mean of a product of (1 + (u - 1/2) / 4) over 8 dimensions is 1; plain Monte Carlo is off by some 2e-1 / 64. */
static void a_scrambled_sequence_integrates_far_better_than_chance(void **state)
{
    (void)state;
    enum { POINTS = 4096, DIMENSIONS = 8 };
    pf_sobol_dimension d[DIMENSIONS];
    double sum = 0;
    for (size_t k = 0; k < DIMENSIONS; k++) pf_sobol_scrambled(3, k, &d[k]);
    for (uint64_t i = 0; i < POINTS; i++) {
        double product = 1;
        for (size_t k = 0; k < DIMENSIONS; k++) product *= 1 + (pf_sobol_number(pf_sobol_point(&d[k], i)) - 0.5) / 4;
        sum += product;
    }
    double off = sum / POINTS - 1;
    assert_true(off < 5e-5 && off > -5e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_points_are_the_published_ones),
        cmocka_unit_test(far_points_in_all_dimensions_are_those_of_scipy),
        cmocka_unit_test(every_dimension_is_a_0_1_sequence_also_when_scrambled),
        cmocka_unit_test(every_dimension_stays_one_up_to_2_to_the_40_points),
        cmocka_unit_test(two_dimensions_fill_every_shape_of_box),
        cmocka_unit_test(scrambling_makes_every_point_uniform),
        cmocka_unit_test(a_scrambled_sequence_integrates_far_better_than_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
