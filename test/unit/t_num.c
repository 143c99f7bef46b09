/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_num: whole texts only, exact bounds, durations never rounded down. */
#include <inttypes.h>
#include "lib/base/num.h"
#include "test/unit/unit.h"

START_TEST(reads_unsigned)
{
    uint64_t v = 77;
    ck_assert(num_u64("0", 0, UINT64_MAX, &v) == ERR_OK && v == 0);
    ck_assert(num_u64("18446744073709551615", 0, UINT64_MAX, &v) == ERR_OK && v == UINT64_MAX);
    v = 77;
    ck_assert_int_eq(num_u64("18446744073709551616", 0, UINT64_MAX, &v), ERR_RANGE);
    ck_assert_int_eq(num_u64("99999999999999999999999", 0, UINT64_MAX, &v), ERR_RANGE);
    ck_assert_int_eq(num_u64("4", 5, 9, &v), ERR_RANGE);
    ck_assert_int_eq(num_u64("10", 5, 9, &v), ERR_RANGE);
    static const char *const wrong[] = {"", " 1", "1 ", "-1", "+1", "0x10", "1e3", "abc", "1.0"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        ck_assert_msg(num_u64(wrong[i], 0, 100, &v) == ERR_SYNTAX, "'%s'", wrong[i]);
    ck_assert_uint_eq(v, 77); /* untouched by failures */
    ck_assert(num_u64("5", 5, 9, &v) == ERR_OK && num_u64("9", 5, 9, &v) == ERR_OK && v == 9);
}
END_TEST

START_TEST(reads_signed)
{
    int64_t v = 77;
    ck_assert_int_eq(num_i64("9223372036854775808", INT64_MIN, INT64_MAX, &v), ERR_RANGE);
    ck_assert_int_eq(num_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &v), ERR_RANGE);
    ck_assert_int_eq(num_i64("--1", -9, 9, &v), ERR_SYNTAX);
    ck_assert_int_eq(num_i64("-", -9, 9, &v), ERR_SYNTAX);
    ck_assert_int_eq(num_i64("-10", -9, 9, &v), ERR_RANGE);
    ck_assert_int_eq(v, 77);
    ck_assert(num_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v) == 0 && v == INT64_MIN);
    ck_assert(num_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v) == 0 && v == INT64_MAX);
    ck_assert(num_i64("+5", -9, 9, &v) == 0 && v == 5);
    ck_assert(num_i64("-0", -9, 9, &v) == 0 && v == 0);
}
END_TEST

START_TEST(reads_durations)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } right[] = {
        {"10", 10000},
        {"0", 0},
        {"10s", 10000},
        {"10 sec", 10000},
        {"500ms", 500},
        {"5msec", 5},
        {"1us", 1},
        {"1000us", 1},
        {"1001usec", 2},
        {"2m", 120000},
        {"2min", 120000},
        {"1h", 3600000},
        {"1hr", 3600000},
        {"1d", 86400000},
        {"0.5s", 500},
        {"1.5h", 5400000},
        {"0.0001s", 1},
        {"0.001", 1},
        {"0.0010001", 2},
        {"2MIN", 120000},
        {"0.00000000000001d", 1},
        {"1.000000000000", 1000},
    };
    for (size_t i = 0; i < ARRAY_LEN(right); i++) {
        uint64_t ms = 0;
        ck_assert_msg(num_ms(right[i].text, UINT64_MAX, &ms) == ERR_OK, "'%s'", right[i].text);
        ck_assert_msg(ms == right[i].ms, "'%s' gave %" PRIu64, right[i].text, ms);
    }
}
END_TEST

START_TEST(refuses_durations)
{
    uint64_t ms = 77;
    static const char *const wrong[] = {"",   "s",   "-1s",  "1x",   "1.",
                                        ".5", "1.s", "1s 2", "1 2s", "1,5s"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        ck_assert_msg(num_ms(wrong[i], UINT64_MAX, &ms) == ERR_SYNTAX, "'%s'", wrong[i]);
    ck_assert_int_eq(num_ms("11s", 10000, &ms), ERR_RANGE);
    ck_assert_int_eq(num_ms("10.0001s", 10000, &ms), ERR_RANGE);
    ck_assert_int_eq(num_ms("99999999999999999999d", UINT64_MAX, &ms), ERR_RANGE);
    ck_assert_int_eq(num_ms("18446744073709551615d", UINT64_MAX, &ms), ERR_RANGE);
    ck_assert_uint_eq(ms, 77);
    ck_assert(num_ms("10s", 10000, &ms) == ERR_OK && ms == 10000);
}
END_TEST

START_TEST(reads_booleans)
{
    static const char *const yes[] = {"yes", "TRUE", "On", "1", "y"};
    static const char *const no[] = {"no", "false", "OFF", "0", "N"};
    static const char *const neither[] = {"", "ja", "2", "yes ", "01", "tru"};
    bool v;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        v = false;
        ck_assert(num_bool(yes[i], &v) == ERR_OK && v);
        ck_assert(num_bool(no[i], &v) == ERR_OK && !v);
    }
    for (size_t i = 0; i < ARRAY_LEN(neither); i++)
        ck_assert_int_eq(num_bool(neither[i], &v), ERR_SYNTAX);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("num");
    tcase_add_test(t, reads_unsigned);
    tcase_add_test(t, reads_signed);
    tcase_add_test(t, reads_durations);
    tcase_add_test(t, refuses_durations);
    tcase_add_test(t, reads_booleans);
    return unit_end();
}
