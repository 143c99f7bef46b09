/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_str: text is always ended, cut only between characters, and marked when cut. */
#include <string.h>
#include "lib/base/str.h"
#include "test/unit/unit.h"

START_TEST(adds_in_order)
{
    char at[64];
    struct str s;
    str_init(&s, at, sizeof(at));
    str_add(&s, "one");
    str_add_char(&s, ' ');
    str_add_n(&s, "two!", 3);
    str_addf(&s, " %d%%", 3);
    ck_assert_str_eq(at, "one two 3%");
    ck_assert_uint_eq(s.len, strlen(at));
    ck_assert(!s.cut);
}
END_TEST

START_TEST(fills_to_the_last_byte)
{
    char at[5] = "####";
    struct str s;
    str_init(&s, at, 4);
    str_add(&s, "abc");
    ck_assert_str_eq(at, "abc");
    ck_assert(!s.cut);
    str_add(&s, "");
    ck_assert(!s.cut);
    str_add_char(&s, 'd');
    ck_assert(s.cut);
    ck_assert_str_eq(at, "abc");
    ck_assert_int_eq(at[4], 0); /* "####" had its NUL there: untouched */
}
END_TEST

START_TEST(stays_a_beginning_once_cut)
{
    char at[6];
    struct str s;
    str_init(&s, at, sizeof(at));
    str_addf(&s, "%s", "abcdefgh");
    ck_assert(s.cut);
    ck_assert_str_eq(at, "abcde");
    str_init(&s, at, sizeof(at));
    str_add(&s, "ab");
    str_add(&s, "cdefgh");
    ck_assert_str_eq(at, "abcde");
    str_init(&s, at, sizeof(at));
    str_add(&s, "abc\xE4\xB8\xAD"); /* the last character does not fit whole */
    ck_assert_str_eq(at, "abc");
    str_add(&s, "x"); /* would fit, but would not be what was said */
    str_addf(&s, "%d", 1);
    ck_assert_str_eq(at, "abc");
    ck_assert_uint_eq(s.len, 3);
}
END_TEST

START_TEST(cuts_between_characters)
{
    static const char *const text = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80z"; /* 1 2 3 4 1 bytes */
    static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (size_t room = 0; room < ARRAY_LEN(whole); room++) {
        char added[16], printed[16], copied[16];
        struct str s;
        str_init(&s, added, room + 1);
        str_add(&s, text);
        ck_assert_uint_eq(strlen(added), whole[room]);
        str_init(&s, printed, room + 1);
        str_addf(&s, "%s", text);
        ck_assert_str_eq(printed, added);
        ck_assert_uint_eq(s.len, whole[room]);
        ck_assert(str_copy(copied, room + 1, text) == (room == 11));
        ck_assert_str_eq(copied, added);
    }
}
END_TEST

START_TEST(compares)
{
    ck_assert(str_eq("a", "a") && !str_eq("a", "A") && !str_eq("a", "ab"));
    ck_assert(str_eq(NULL, NULL) && !str_eq(NULL, "") && !str_eq("", NULL));
    ck_assert(str_eq_fold("Maintenance-Mode", "maintenance-mode"));
    ck_assert(!str_eq_fold("Abc", "aXc"));
    ck_assert(!str_eq_fold("abc", "abcd") && !str_eq_fold("[", "{"));
    ck_assert(str_eq_fold(NULL, NULL) && !str_eq_fold(NULL, "a"));
    ck_assert(str_starts("prefix", "pre") && str_starts("a", "") && !str_starts("pr", "pre"));
}
END_TEST

START_TEST(finds_the_nearest)
{
    static const char *const names[] = {"takeover", "name", "engine", NULL, "status", "udp"};
    size_t n = ARRAY_LEN(names);
    ck_assert_str_eq(str_nearest("takover", names, n), "takeover");
    ck_assert_str_eq(str_nearest("engnie", names, n), "engine"); /* a swap is one edit */
    ck_assert_str_eq(str_nearest("STATU", names, n), "status");
    ck_assert_str_eq(str_nearest("nmae", names, n), "name");
    ck_assert_str_eq(str_nearest("upd", names, n), "udp");
    ck_assert_ptr_null(str_nearest("bandwidth", names, n));
    ck_assert_ptr_null(str_nearest("ud", names, n)); /* too short to guess */
    ck_assert_ptr_null(str_nearest("", names, n));
    ck_assert_ptr_null(str_nearest("takeover", names, 0));
    char longest[200];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    ck_assert_ptr_null(str_nearest(longest, names, n));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("str");
    tcase_add_test(t, adds_in_order);
    tcase_add_test(t, fills_to_the_last_byte);
    tcase_add_test(t, stays_a_beginning_once_cut);
    tcase_add_test(t, cuts_between_characters);
    tcase_add_test(t, compares);
    tcase_add_test(t, finds_the_nearest);
    return unit_end();
}
