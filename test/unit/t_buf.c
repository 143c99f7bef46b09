/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_buf: little endian, and the end of the buffer is a wall in both directions. */
#include <string.h>
#include "lib/base/buf.h"
#include "test/unit/unit.h"

START_TEST(writes_little_endian)
{
    static const uint8_t want[] = {1,  3,  2,  7, 6, 5, 4, 15,  14, 13,
                                   12, 11, 10, 9, 8, 2, 0, 'h', 'i'};
    uint8_t at[sizeof(want)];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    buf_put_u8(&b, 1);
    buf_put_u16(&b, 0x0203);
    buf_put_u32(&b, 0x04050607);
    buf_put_u64(&b, 0x08090A0B0C0D0E0Fu);
    buf_put_text(&b, "hi");
    ck_assert(!b.bad);
    ck_assert_uint_eq(buf_left(&b), 0);
    ck_assert_mem_eq(at, want, sizeof(want));
    char text[3];
    buf_read_init(&b, at, sizeof(at));
    ck_assert_uint_eq(buf_get_u8(&b), 1);
    ck_assert_uint_eq(buf_get_u16(&b), 0x0203);
    ck_assert_uint_eq(buf_get_u32(&b), 0x04050607);
    ck_assert_uint_eq(buf_get_u64(&b), 0x08090A0B0C0D0E0Fu);
    buf_get_text(&b, text, sizeof(text));
    ck_assert_str_eq(text, "hi");
    ck_assert(!b.bad && b.pos == sizeof(want));
}
END_TEST

START_TEST(writes_nothing_past_the_end)
{
    uint8_t at[4] = {9, 9, 9, 9};
    struct buf b;
    buf_write_init(&b, at, 3);
    buf_put_u16(&b, 0);
    buf_put_u16(&b, 0); /* one byte is left */
    ck_assert(b.bad);
    ck_assert_uint_eq(b.pos, 2);
    buf_put_u8(&b, 1); /* would fit, but the writing is already bad */
    ck_assert_uint_eq(at[2], 9);
    ck_assert_uint_eq(at[3], 9);
    buf_write_init(&b, at, 3);
    buf_put_text(&b, "ab"); /* four bytes: not even its length is written */
    ck_assert(b.bad && b.pos == 0);
    buf_write_init(&b, at, 3);
    buf_put_bytes(&b, "abcd", 4);
    ck_assert(b.bad && at[0] == 0);
    buf_write_init(&b, at, 2);
    buf_put_text(&b, NULL);
    ck_assert(!b.bad && b.pos == 2 && at[0] == 0 && at[1] == 0);
}
END_TEST

START_TEST(refuses_text_that_has_no_length)
{
    static uint8_t at[70000];
    static char text[65537];
    struct buf b;
    memset(text, 'x', 65536);
    buf_write_init(&b, at, sizeof(at));
    buf_put_text(&b, text);
    ck_assert(b.bad);
    text[65535] = '\0';
    buf_write_init(&b, at, sizeof(at));
    buf_put_text(&b, text);
    ck_assert(!b.bad && b.pos == 65537);
}
END_TEST

START_TEST(reads_zero_past_the_end)
{
    static const uint8_t at[] = {1, 2, 3};
    uint8_t to[3] = {7, 7, 7};
    struct buf b;
    buf_read_init(&b, at, sizeof(at));
    ck_assert_uint_eq(buf_get_u32(&b), 0);
    ck_assert(b.bad);
    ck_assert_uint_eq(buf_get_u8(&b), 0); /* stays bad, though a byte is there */
    buf_get_bytes(&b, to, sizeof(to));
    ck_assert(to[0] == 0 && to[1] == 0 && to[2] == 0);
    ck_assert_ptr_null(buf_get_view(&b, 1));
    buf_read_init(&b, at, sizeof(at));
    ck_assert_ptr_eq(buf_get_view(&b, 3), at);
    ck_assert_ptr_null(buf_get_view(&b, SIZE_MAX)); /* no overflow of pos + len */
    buf_read_init(&b, NULL, 0);
    ck_assert(buf_get_u8(&b) == 0 && b.bad);
}
END_TEST

START_TEST(refuses_bad_texts)
{
    static const uint8_t cut[] = {3, 0, 'a', 'b'}, nul[] = {2, 0, 'a', 0},
                         fine[] = {2, 0, 'a', 'b'};
    char to[3] = "zz";
    struct buf b;
    buf_read_init(&b, cut, sizeof(cut));
    buf_get_text(&b, to, sizeof(to));
    ck_assert(b.bad && to[0] == '\0');
    buf_read_init(&b, nul, sizeof(nul));
    buf_get_text(&b, to, sizeof(to));
    ck_assert(b.bad && to[0] == '\0');
    buf_read_init(&b, fine, sizeof(fine));
    buf_get_text(&b, to, 2); /* no room for the NUL */
    ck_assert(b.bad && to[0] == '\0');
    buf_read_init(&b, fine, sizeof(fine));
    buf_get_text(&b, to, 3);
    ck_assert(!b.bad);
    ck_assert_str_eq(to, "ab");
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("buf");
    tcase_add_test(t, writes_little_endian);
    tcase_add_test(t, writes_nothing_past_the_end);
    tcase_add_test(t, refuses_text_that_has_no_length);
    tcase_add_test(t, reads_zero_past_the_end);
    tcase_add_test(t, refuses_bad_texts);
    return unit_end();
}
