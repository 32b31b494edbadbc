/* The map from texts to pointers. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_empty_map_holds_nothing(void **state)
{
    pf_map map = {0};
    (void)state;
    assert_null(pf_map_get(&map, "steam"));
    assert_int_equal(map.count, 0);
}

static void a_key_is_found_by_its_text_and_not_its_address(void **state)
{
    pf_arena *arena = pf_arena_new();
    pf_map map = {0};
    int value = 7;
    char key[] = "steam";
    (void)state;
    pf_map_set(&map, arena, key, &value);
    assert_ptr_equal(pf_map_get(&map, pf_copy_text(arena, "steamed", 5)), &value);
    assert_null(pf_map_get(&map, "stea"));
    assert_null(pf_map_get(&map, "steams"));
    assert_null(pf_map_get(&map, ""));
    pf_arena_free(arena);
}

static void setting_a_key_again_replaces_its_value(void **state)
{
    pf_arena *arena = pf_arena_new();
    pf_map map = {0};
    int first, second;
    (void)state;
    pf_map_set(&map, arena, "heat", &first);
    pf_map_set(&map, arena, "heat", &second);
    assert_ptr_equal(pf_map_get(&map, "heat"), &second);
    assert_int_equal(map.count, 1);
    pf_arena_free(arena);
}

static void the_empty_text_is_a_key(void **state)
{
    pf_arena *arena = pf_arena_new();
    pf_map map = {0};
    int value;
    (void)state;
    pf_map_set(&map, arena, "", &value);
    assert_ptr_equal(pf_map_get(&map, ""), &value);
    pf_arena_free(arena);
}

static void ten_thousand_keys_are_all_found_and_others_are_not(void **state)
{
    enum { KEYS = 10000 };
    static int values[KEYS];
    pf_arena *arena = pf_arena_new();
    pf_map map = {0};
    (void)state;
    for (int i = 0; i < KEYS; i++) pf_map_set(&map, arena, pf_format(arena, "demo.site%d.firm", i), &values[i]);
    assert_int_equal(map.count, KEYS);
    for (int i = 0; i < KEYS; i++) {
        assert_ptr_equal(pf_map_get(&map, pf_format(arena, "demo.site%d.firm", i)), &values[i]);
        assert_null(pf_map_get(&map, pf_format(arena, "demo.site%d.firm", KEYS + i)));
    }
    pf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_holds_nothing),
        cmocka_unit_test(a_key_is_found_by_its_text_and_not_its_address),
        cmocka_unit_test(setting_a_key_again_replaces_its_value),
        cmocka_unit_test(the_empty_text_is_a_key),
        cmocka_unit_test(ten_thousand_keys_are_all_found_and_others_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
