/* Arenas: zeroed and aligned memory that stays where it is, texts, growing lists. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void memory_is_zeroed_and_aligned_at_every_size(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    for (size_t size = 1; size < 5000; size += 37) {
        unsigned char *bytes = pf_alloc(arena, size);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, size); /* so that a chunk that is used twice would show */
    }
    pf_arena_free(arena);
}

static void pieces_do_not_overlap_and_keep_what_is_written(void **state)
{
    enum { PIECES = 3000 };
    (void)state;
    pf_arena *arena = pf_arena_new();
    unsigned char *piece[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        piece[i] = pf_alloc(arena, i % 97 + 1);
        memset(piece[i], (int)(i % 251), i % 97 + 1);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t k = 0; k < i % 97 + 1; k++) assert_int_equal(piece[i][k], i % 251);
    pf_arena_free(arena);
}

static void a_piece_larger_than_any_chunk_is_given(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    size_t size = 5u << 20;
    unsigned char *large = pf_alloc(arena, size), *small = pf_alloc(arena, 16);
    large[size - 1] = 1;
    small[0] = 2;
    assert_int_equal(large[size - 1], 1);
    assert_int_equal(large[0], 0);
    pf_arena_free(arena);
}

static void a_copy_ends_where_it_is_told(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    assert_string_equal(pf_copy_text(arena, "wastewater", 5), "waste");
    assert_string_equal(pf_copy_text(arena, "x", 0), "");
    pf_arena_free(arena);
}

static void a_formatted_text_may_be_of_any_length(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    char *text = pf_format(arena, "%s|%0*d|%g", "nước thải", 9000, 7, 0.5);
    assert_int_equal(strlen(text), strlen("nước thải") + 1 + 9000 + 1 + 3);
    assert_string_equal(text + strlen(text) - 5, "7|0.5");
    assert_string_equal(pf_format(arena, "%s", ""), "");
    pf_arena_free(arena);
}

static void a_list_keeps_its_items_as_it_grows(void **state)
{
    (void)state;
    pf_arena *arena = pf_arena_new();
    PF_LIST(size_t) squares = {0};
    for (size_t i = 0; i < 10000; i++) *PF_PUSH(arena, squares) = i * i;
    assert_int_equal(squares.count, 10000);
    for (size_t i = 0; i < 10000; i++) assert_int_equal(squares.items[i], i * i);
    pf_arena_free(arena);
}

static void doubles_are_zeroed_and_begin_on_a_cache_line(void **state)
{
    (void)state;
    for (size_t count = 0; count < 100; count += 7) {
        double *numbers = pf_doubles(count);
        assert_int_equal((uintptr_t)numbers % 64, 0);
        for (size_t i = 0; i < count; i++) assert_true(numbers[i] == 0);
        free(numbers);
    }
}

static void freeing_no_arena_does_nothing(void **state)
{
    (void)state;
    pf_arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned_at_every_size),
        cmocka_unit_test(pieces_do_not_overlap_and_keep_what_is_written),
        cmocka_unit_test(a_piece_larger_than_any_chunk_is_given),
        cmocka_unit_test(a_copy_ends_where_it_is_told),
        cmocka_unit_test(a_formatted_text_may_be_of_any_length),
        cmocka_unit_test(a_list_keeps_its_items_as_it_grows),
        cmocka_unit_test(doubles_are_zeroed_and_begin_on_a_cache_line),
        cmocka_unit_test(freeing_no_arena_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
