/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_cmd: requests travel whole, and whatever is out of bounds is refused by its name. */
#include <string.h>
#include "lib/wire/cmd.h"
#include "test/unit/unit.h"

static struct cmd sample(void)
{
    struct cmd c = {.kind = CMD_EDIT, .flags = CMD_DRY_RUN | CMD_REMOVE, .n_args = 3};
    strcpy(c.arg[0], "3");
    strcpy(c.arg[2], "treasury");
    c.text = "primitive ip ocf:yoke:ip\n";
    c.text_len = (uint32_t)strlen(c.text);
    return c;
}

START_TEST(travels)
{
    uint8_t at[4096];
    struct cmd c = sample(), got;
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    cmd_put(&b, &c);
    ck_assert(!b.bad);
    size_t len = b.pos;
    buf_read_init(&b, at, len);
    ck_assert_int_eq(cmd_get(&b, &got), ERR_OK);
    ck_assert_uint_eq(b.pos, len);
    ck_assert(got.kind == CMD_EDIT && got.flags == (CMD_DRY_RUN | CMD_REMOVE) && got.n_args == 3);
    ck_assert_str_eq(got.arg[0], "3");
    ck_assert_str_eq(got.arg[1], "");
    ck_assert_str_eq(got.arg[2], "treasury");
    ck_assert_str_eq(got.arg[3], "");
    ck_assert_uint_eq(got.text_len, c.text_len);
    ck_assert_mem_eq(got.text, c.text, c.text_len);
    ck_assert((const uint8_t *)got.text > at && (const uint8_t *)got.text < at + len);
    for (size_t cut = 0; cut < len; cut++) {
        buf_read_init(&b, at, cut);
        ck_assert_msg(cmd_get(&b, &got) == ERR_SHORT, "cut at %zu", cut);
        buf_write_init(&b, at + sizeof(at) / 2, cut);
        cmd_put(&b, &c);
        ck_assert(b.bad);
    }
}
END_TEST

START_TEST(tells_empty_text_from_none)
{
    uint8_t at[64];
    struct cmd c = {.kind = CMD_CIB_PUT}, got;
    struct buf b;
    for (int empty = 0; empty < 2; empty++) {
        c.text = empty ? "" : NULL;
        buf_write_init(&b, at, sizeof(at));
        cmd_put(&b, &c);
        buf_read_init(&b, at, b.pos);
        ck_assert_int_eq(cmd_get(&b, &got), ERR_OK);
        ck_assert((got.text != NULL) == empty && got.text_len == 0);
    }
}
END_TEST

START_TEST(refuses_what_is_out_of_bounds)
{
    static const struct {
        uint8_t at[8];
        size_t len;
        enum err want;
    } bad[] = {
        {{CMD_STATUS, 0, 0, 0, 0}, 5, ERR_OK},
        {{CMD_KIND_COUNT, 0, 0, 0, 0}, 5, ERR_UNKNOWN},
        {{CMD_STATUS, 16, 0, 0, 0}, 5, ERR_UNKNOWN}, /* a flag of a later version */
        {{CMD_STATUS, 0, 128, 0, 0}, 5, ERR_UNKNOWN},
        {{CMD_STATUS, 0, 0, CMD_ARGS_MAX + 1, 0}, 5, ERR_RANGE},
        {{CMD_STATUS, 0, 0, 1, 0, 1}, 6, ERR_RANGE},        /* an argument of 256 bytes */
        {{CMD_STATUS, 0, 0, 1, 1, 0, 0, 0}, 8, ERR_SYNTAX}, /* a NUL in it */
        {{CMD_STATUS, 0, 0, 0, 2}, 5, ERR_SYNTAX},
        {{CMD_STATUS, 0, 0, 0, 1, 1, 0, 16}, 8, ERR_SHORT},
    };
    struct cmd got;
    struct buf b;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        buf_read_init(&b, bad[i].at, bad[i].len);
        ck_assert_msg(cmd_get(&b, &got) == bad[i].want, "case %zu", i);
    }
    static const uint8_t huge[] = {CMD_CIB_PUT, 0, 0, 0, 1, 1, 0, 16, 0}; /* 1 MB and one byte */
    buf_read_init(&b, huge, sizeof(huge));
    ck_assert_int_eq(cmd_get(&b, &got), ERR_RANGE);
}
END_TEST

START_TEST(has_a_word_for_every_kind)
{
    for (unsigned i = 0; i < CMD_KIND_COUNT; i++)
        for (unsigned k = 0; k < i; k++)
            ck_assert_str_ne(cmd_word((enum cmd_kind)i), cmd_word((enum cmd_kind)k));
    ck_assert_str_eq(cmd_word(CMD_CONFIRM), "confirm-dead");
    ck_assert_ptr_null(cmd_word(CMD_KIND_COUNT));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("cmd");
    tcase_add_test(t, travels);
    tcase_add_test(t, tells_empty_text_from_none);
    tcase_add_test(t, refuses_what_is_out_of_bounds);
    tcase_add_test(t, has_a_word_for_every_kind);
    return unit_end();
}
