/* Sets of member numbers: joined, subtracted, compared, against a plain list of marks. */
#include "ensemble/ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MEMBERS = 200 };

static bool holds(const pf_range_set *set, uint64_t member)
{
    for (size_t i = 0; i < set->count; i++)
        if (member >= set->items[i].first && member < set->items[i].first + set->items[i].count) return true;
    return false;
}

static void assert_marks(const pf_range_set *set, const bool *marks)
{
    uint64_t members = 0;
    for (uint64_t m = 0; m < MEMBERS; m++) {
        assert_int_equal(holds(set, m), marks[m]);
        members += marks[m];
    }
    assert_true(pf_ranges_members(set) == members);
    for (size_t i = 1; i < set->count; i++)
        assert_true(set->items[i].first > set->items[i - 1].first + set->items[i - 1].count);
}

/* A small linear congruential generator: any order of additions will do. */
static uint64_t next(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

static void additions_in_any_order_give_the_union_in_joined_ranges(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 50; seed++) {
        pf_range_set set = {0};
        bool marks[MEMBERS] = {false};
        uint64_t random = seed;
        for (int i = 0; i < 25; i++) {
            uint64_t first = next(&random, MEMBERS - 20), count = next(&random, 20);
            pf_ranges_add(&set, first, count);
            for (uint64_t m = first; m < first + count; m++) marks[m] = true;
            assert_marks(&set, marks);
        }
        free(set.items);
    }
}

static void what_is_missing_and_what_is_there_make_the_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 50; seed++) {
        pf_range_set set = {0};
        bool marks[MEMBERS] = {false};
        uint64_t random = seed, first = next(&random, 50), count = next(&random, MEMBERS - 50);
        for (int i = 0; i < 6; i++) pf_ranges_add(&set, next(&random, MEMBERS - 20), next(&random, 20));
        pf_range_set missing = pf_ranges_missing(&set, (pf_range){first, count});
        for (uint64_t m = first; m < first + count; m++) marks[m] = !holds(&set, m);
        assert_marks(&missing, marks);
        assert_false(pf_ranges_overlap(&set, &missing));
        free(set.items);
        free(missing.items);
    }
}

static void sets_that_share_a_member_overlap(void **state)
{
    (void)state;
    pf_range_set a = {0}, b = {0};
    pf_ranges_add(&a, 10, 10);
    pf_ranges_add(&b, 0, 10);
    pf_ranges_add(&b, 20, 5);
    assert_false(pf_ranges_overlap(&a, &b));
    pf_ranges_add(&b, 19, 1);
    assert_true(pf_ranges_overlap(&a, &b) && pf_ranges_overlap(&b, &a));
    free(a.items);
    free(b.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_in_any_order_give_the_union_in_joined_ranges),
        cmocka_unit_test(what_is_missing_and_what_is_there_make_the_whole),
        cmocka_unit_test(sets_that_share_a_member_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
