/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_arena: zeroed, aligned, bounded; full is an answer, not an accident. */
#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include "lib/base/arena.h"
#include "test/unit/unit.h"

START_TEST(gives_aligned_zeroes)
{
    static alignas(64) char block[512];
    struct arena a;
    memset(block, 0xAA, sizeof(block));
    arena_init(&a, block + 3, sizeof(block) - 3); /* a block that is itself not aligned */
    for (size_t size = 1; size < 20; size += 6) {
        char *at = arena_take(&a, size);
        ck_assert_ptr_nonnull(at);
        ck_assert_uint_eq((uintptr_t)at % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(at[i], 0);
        memset(at, 0xAA, size);
    }
}
END_TEST

START_TEST(ends_where_the_block_ends)
{
    static alignas(64) char block[65];
    struct arena a;
    block[64] = 42;
    arena_init(&a, block, 64);
    ck_assert_ptr_null(arena_take(&a, 65));
    ck_assert_ptr_null(arena_take(&a, SIZE_MAX));
    ck_assert_ptr_nonnull(arena_take(&a, 33));
    ck_assert_ptr_null(arena_take(&a, 17)); /* 33 is padded to 48 */
    ck_assert_ptr_nonnull(arena_take(&a, 16));
    ck_assert_ptr_null(arena_take(&a, 1));
    ck_assert_uint_eq(a.used, 64);
    ck_assert_int_eq(block[64], 42);
    arena_reset(&a);
    ck_assert(a.used == 0 && a.high == 64);
    ck_assert_ptr_eq(arena_take(&a, 64), block);
    arena_init(&a, NULL, 0);
    ck_assert_ptr_null(arena_take(&a, 0));
}
END_TEST

START_TEST(counts_arrays_without_overflow)
{
    static alignas(64) char block[256];
    struct arena a;
    arena_init(&a, block, sizeof(block));
    ck_assert_ptr_null(arena_array(&a, SIZE_MAX / 2 + 1, 2));
    ck_assert_ptr_null(arena_array(&a, SIZE_MAX, SIZE_MAX));
    ck_assert_ptr_nonnull(arena_array(&a, 16, 16));
    ck_assert_ptr_null(arena_array(&a, 1, 1));
}
END_TEST

START_TEST(copies_text)
{
    static alignas(64) char block[16];
    struct arena a;
    arena_init(&a, block, sizeof(block));
    ck_assert_ptr_null(arena_text(&a, "", SIZE_MAX));
    ck_assert_ptr_null(arena_text(&a, "0123456789abcdef", 16)); /* no room for the NUL */
    ck_assert_str_eq(arena_text(&a, "0123456789abcdef", 15), "0123456789abcde");
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("arena");
    tcase_add_test(t, gives_aligned_zeroes);
    tcase_add_test(t, ends_where_the_block_ends);
    tcase_add_test(t, counts_arrays_without_overflow);
    tcase_add_test(t, copies_text);
    return unit_end();
}
