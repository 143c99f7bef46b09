/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_say: sentences keep their arguments, travel, and refuse nonsense; the table itself is sound. */
#include <string.h>
#include "lib/base/say.h"
#include "test/unit/unit.h"

static const struct {
    unsigned number;
    const char *name, *format;
} rows[] = {
#define SAY_ROW(name, number, level, text) {number, #name, text},
#include "lib/base/say_core.h"
#include "lib/base/say_sched.h"
#undef SAY_ROW
};

static const char *shout(const char *format)
{
    return str_starts(format, "yoked") ? "%2: %1 (100%, %%3) %0 %" : format;
}

static const char *words(const struct say *s, const char *(*translate)(const char *))
{
    static char at[1024];
    struct str out;
    str_init(&out, at, sizeof(at));
    say_words(s, translate, &out);
    return at;
}

START_TEST(puts_into_words)
{
    struct say s;
    say_set(&s, SAY_STARTED);
    say_arg(&s, "1.0"); /* %1 is the node, %2 the cluster */
    say_argf(&s, "db%d", 1);
    say_arg(&s, "treasury");
    ck_assert_uint_eq(s.n, 3);
    ck_assert_str_eq(say_get_arg(&s, 1), "db1");
    ck_assert_str_eq(say_get_arg(&s, 3), "");
    ck_assert_ptr_nonnull(strstr(words(&s, NULL), "1.0"));
    ck_assert_ptr_nonnull(strstr(words(&s, NULL), "cluster db1"));
    ck_assert_str_eq(words(&s, shout), "db1: 1.0 (100%, %3) %0 %");
}
END_TEST

START_TEST(cuts_what_does_not_fit)
{
    struct say s;
    say_set(&s, SAY_STARTED);
    say_argf(&s, "%0170d", 0);
    say_arg(&s, "123456789"); /* nine bytes are left: eight and the NUL */
    say_arg(&s, "lost");
    ck_assert_uint_eq(s.n, 2);
    ck_assert_uint_eq(s.len, SAY_ARG_BYTES);
    ck_assert_str_eq(say_get_arg(&s, 1), "12345678");
    ck_assert_str_eq(say_get_arg(&s, 2), "");
    say_set(&s, SAY_STARTED);
    say_argf(&s, "%0500d", 0);
    ck_assert_uint_eq(strlen(say_get_arg(&s, 0)), SAY_ARG_BYTES - 1);
}
END_TEST

START_TEST(travels)
{
    uint8_t at[256];
    struct say s = {0}, t;
    struct buf b;
    say_set(&s, SAY_STARTED);
    say_arg(&s, "a");
    say_arg(&s, "");
    say_arg(&s, NULL);
    s.id = 999; /* a newer peer's sentence */
    buf_write_init(&b, at, sizeof(at));
    say_put(&s, &b);
    ck_assert(!b.bad);
    size_t len = b.pos;
    buf_read_init(&b, at, len);
    say_get(&t, &b);
    ck_assert(!b.bad);
    ck_assert_mem_eq(&s, &t, sizeof(s));
    ck_assert_str_eq(words(&t, NULL), "message 999: a, , ");
    for (size_t cut = 0; cut < len; cut++) {
        buf_read_init(&b, at, cut);
        say_get(&t, &b);
        ck_assert(b.bad && t.id == 0 && t.n == 0);
    }
}
END_TEST

START_TEST(refuses_nonsense)
{
    static const uint8_t bad[][8] = {
        {1, 0, 1, 2, 'a', 'b'},    /* no NUL */
        {1, 0, 2, 2, 'a', 0},      /* fewer than promised */
        {1, 0, 0, 2, 'a', 0},      /* more than promised */
        {1, 0, 1, 3, 0, 'a', 'b'}, /* something after the last NUL */
        {1, 0, 10, 0},             /* too many */
        {1, 0, 1, 255, 0},         /* longer than can be kept */
    };
    struct say s;
    struct buf b;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        uint8_t at[300] = {0};
        memcpy(at, bad[i], sizeof(bad[i]));
        memset(at + sizeof(bad[i]), 'x', 250);
        buf_read_init(&b, at, sizeof(at));
        say_get(&s, &b);
        ck_assert_msg(b.bad && s.n == 0, "case %zu", i);
    }
}
END_TEST

START_TEST(refuses_more_than_it_can_keep)
{
    uint8_t at[4 + 255];
    struct say s;
    struct buf b;
    memset(at, 'x', sizeof(at));
    memcpy(at, (const uint8_t[]){1, 0, 1, 255}, 4);
    at[sizeof(at) - 1] = 0; /* well formed but for its length */
    buf_read_init(&b, at, sizeof(at));
    say_get(&s, &b);
    ck_assert(b.bad && s.id == 0 && s.len == 0);
    at[3] = SAY_ARG_BYTES;
    at[3 + SAY_ARG_BYTES] = 0;
    buf_read_init(&b, at, sizeof(at));
    say_get(&s, &b);
    ck_assert(!b.bad && s.n == 1 && s.len == SAY_ARG_BYTES);
}
END_TEST

START_TEST(has_a_sound_table)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert(rows[i].number > 0 && rows[i].number < SAY_ID_MAX);
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(rows[k].number != rows[i].number, "%s and %s", rows[k].name,
                          rows[i].name);
        enum say_id id = (enum say_id)rows[i].number;
        ck_assert_str_eq(say_name(id), rows[i].name);
        ck_assert_str_eq(say_format(id), rows[i].format);
        ck_assert_uint_le(say_level(id), SAY_ALERT);
    }
    ck_assert_ptr_null(say_name((enum say_id)999));
    ck_assert_ptr_null(say_format((enum say_id)999));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("say");
    tcase_add_test(t, puts_into_words);
    tcase_add_test(t, cuts_what_does_not_fit);
    tcase_add_test(t, travels);
    tcase_add_test(t, refuses_nonsense);
    tcase_add_test(t, refuses_more_than_it_can_keep);
    tcase_add_test(t, has_a_sound_table);
    return unit_end();
}
