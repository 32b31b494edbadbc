/* Statistics merged, and as bytes: they come back whole, and bytes that are damaged do no harm. */
#include "base/arena.h"
#include "ensemble/statistics.h"

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

enum { BINS = 64 };

static pf_statistics *statistics_of(const double *values, size_t count)
{
    pf_statistics *s = pf_statistics_new(1, BINS);
    pf_statistics_pilot(s, 0, 1, values, count, count);
    pf_statistics_add(s, 0, 1, values, count, count);
    return s;
}

static void merging_refuses_other_grids(void **state)
{
    (void)state;
    double values[4] = {1, 2, 3, 5}, others[4] = {1, 2, 3, 6};
    pf_statistics *a = statistics_of(values, 4), *b = statistics_of(others, 4);
    pf_statistics *wider = pf_statistics_new(1, BINS + 1), *more = pf_statistics_new(2, BINS);
    assert_false(pf_statistics_merge(a, b));
    assert_false(pf_statistics_merge(a, wider));
    assert_false(pf_statistics_merge(a, more));
    assert_int_equal(pf_statistics_valid(a, 0), 4);
    pf_statistics *limited = statistics_of(values, 4);
    pf_statistics_set_threshold(limited, 0, 2.5);
    assert_false(pf_statistics_merge(a, limited));
    pf_statistics_free(a);
    pf_statistics_free(b);
    pf_statistics_free(wider);
    pf_statistics_free(more);
    pf_statistics_free(limited);
}

static pf_statistics *copy_of(const pf_statistics *s)
{
    size_t size = 0;
    void *bytes = pf_statistics_pack(s, &size);
    pf_statistics *copy = pf_statistics_unpack(bytes, size);
    assert_non_null(copy);
    free(bytes);
    return copy;
}

static void beyond_what_bins_count_only_quantiles_are_lost(void **state)
{
    (void)state;
    double values[1 << 12];
    for (size_t i = 0; i < 1 << 12; i++) values[i] = (double)(hash(i) >> 11);
    pf_statistics *s = statistics_of(values, 1 << 12);
    double mean = pf_statistics_mean(s, 0).value;
    for (int i = 0; i < 22; i++) {
        pf_statistics *copy = copy_of(s);
        assert_true(isfinite(pf_statistics_quantile(s, 0, 0.4).bound) == (i < 20));
        assert_true(pf_statistics_merge(s, copy));
        pf_statistics_free(copy);
    }
    assert_int_equal(pf_statistics_valid(s, 0), (uint64_t)1 << 34);
    assert_true(pf_statistics_mean(s, 0).value == mean);
    pf_statistics_free(s);
}

static void read_everything(const pf_statistics *s)
{
    for (size_t cell = 0; cell < pf_statistics_cells(s); cell++) {
        pf_statistics_mean(s, cell);
        pf_statistics_sd(s, cell);
        pf_statistics_min(s, cell);
        pf_statistics_max(s, cell);
        pf_statistics_exceedance(s, cell);
        for (double p = 0; p <= 1; p += 0.125) pf_statistics_quantile(s, cell, p);
    }
}

static void *small_pack(size_t *size)
{
    enum { CELLS = 3, MEMBERS = 90 };
    double values[CELLS][MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        values[0][i] = 100 + (double)(hash(i) % 1000);
        values[1][i] = ldexp(i % 2 ? 1 : -1, (int)(hash(i) % 90) - 45);
        values[2][i] = i % 40 == 1 ? INFINITY : i % 3 ? NAN : 0;
    }
    pf_statistics *s = pf_statistics_new(CELLS, 8);
    pf_statistics_pilot(s, 0, CELLS, values[0], MEMBERS, 20);
    pf_statistics_set_threshold(s, 1, 10);
    pf_statistics_add(s, 0, CELLS, values[0], MEMBERS, MEMBERS);
    void *bytes = pf_statistics_pack(s, size);
    pf_statistics_free(s);
    return bytes;
}

static void packed_statistics_come_back_whole(void **state)
{
    (void)state;
    size_t size = 0, again_size = 0;
    void *bytes = small_pack(&size);
    pf_statistics *s = pf_statistics_unpack(bytes, size);
    assert_non_null(s);
    assert_int_equal(pf_statistics_cells(s), 3);
    void *again = pf_statistics_pack(s, &again_size);
    assert_int_equal(size, again_size);
    assert_memory_equal(bytes, again, size);
    free(bytes);
    free(again);
    pf_statistics_free(s);
}

static void cut_or_longer_bytes_are_refused(void **state)
{
    (void)state;
    size_t size = 0;
    char *bytes = small_pack(&size), *longer = pf_calloc(size + 1, 1);
    memcpy(longer, bytes, size);
    assert_null(pf_statistics_unpack(longer, size + 1));
    for (size_t cut = 0; cut < size; cut++) {
        char *shorter = pf_malloc(cut); /* of its own, so that a sanitizer sees a step too far */
        memcpy(shorter, bytes, cut);
        assert_null(pf_statistics_unpack(shorter, cut));
        free(shorter);
    }
    free(bytes);
    free(longer);
}

static void damaged_bytes_are_refused_or_harmless(void **state)
{
    (void)state;
    size_t size = 0, refused = 0, rounds = 20000;
    uint8_t *bytes = small_pack(&size), *damaged = pf_malloc(size);
    for (uint64_t round = 0; round < rounds; round++) {
        memcpy(damaged, bytes, size);
        for (uint64_t i = 0; i <= round % 4; i++) {
            uint64_t bits = hash(round * 8 + i);
            damaged[bits % size] =
                (uint8_t)(round % 2 ? bits >> 40 : damaged[bits % size] ^ (uint64_t)1 << (bits >> 40) % 8);
        }
        pf_statistics *s = pf_statistics_unpack(damaged, size);
        refused += s == NULL;
        if (s) {
            double values[3] = {1, NAN, -1e9};
            pf_statistics_add(s, 0, pf_statistics_cells(s), values, 0, 3);
            read_everything(s);
        }
        pf_statistics_free(s);
    }
    assert_in_range(refused, rounds / 4, rounds - 1);
    free(bytes);
    free(damaged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merging_refuses_other_grids),
        cmocka_unit_test(beyond_what_bins_count_only_quantiles_are_lost),
        cmocka_unit_test(packed_statistics_come_back_whole),
        cmocka_unit_test(cut_or_longer_bytes_are_refused),
        cmocka_unit_test(damaged_bytes_are_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
