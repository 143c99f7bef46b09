/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_keepslot: kept state to bytes and back; every damaged byte is found; the newer whole slot wins.
 */
#include "test/unit/unit.h"
#include <string.h>
#include "daemon/keepslot.h"
#include "lib/base/buf.h"
#include "lib/base/crc32c.h"

static struct keepslot sample(uint64_t generation)
{
    struct keepslot s = {.generation = generation,
                         .kept = {.epoch = 7,
                                  .cib_epoch = 3,
                                  .cib_seq = 17,
                                  .common_epoch = 2,
                                  .common_seq = 9,
                                  .alone_boot = 0x1122334455667788,
                                  .orphan_boot = 0x99aabbccddeeff00,
                                  .n_fenced = KEPT_FENCED_MAX}};
    for (unsigned i = 0; i < KEPT_FENCED_MAX; i++)
        s.kept.fenced[i] = (struct kept_fenced){(uint8_t)(i + 1), 1000 + i};
    return s;
}

START_TEST(test_round_trip)
{
    struct keepslot s = sample(42), got;
    uint8_t at[KEEPSLOT_BYTES];
    keepslot_put(&s, at);
    ck_assert_int_eq(keepslot_get(at, &got), ERR_OK);
    ck_assert_uint_eq(got.generation, 42);
    ck_assert(!got.fresh);
    ck_assert_uint_eq(got.kept.epoch, 7);
    ck_assert_uint_eq(got.kept.cib_epoch, 3);
    ck_assert_uint_eq(got.kept.cib_seq, 17);
    ck_assert_uint_eq(got.kept.common_epoch, 2);
    ck_assert_uint_eq(got.kept.common_seq, 9);
    ck_assert_uint_eq(got.kept.alone_boot, 0x1122334455667788);
    ck_assert_uint_eq(got.kept.orphan_boot, 0x99aabbccddeeff00);
    ck_assert_uint_eq(got.kept.n_fenced, KEPT_FENCED_MAX);
    for (unsigned i = 0; i < KEPT_FENCED_MAX; i++) {
        ck_assert_uint_eq(got.kept.fenced[i].node_id, i + 1);
        ck_assert_uint_eq(got.kept.fenced[i].boot, 1000 + i);
    }
    s = (struct keepslot){.fresh = true};
    keepslot_put(&s, at);
    ck_assert_int_eq(keepslot_get(at, &got), ERR_OK);
    ck_assert(got.fresh);
}
END_TEST

START_TEST(test_every_damaged_byte)
{
    struct keepslot s = sample(1), got;
    uint8_t at[KEEPSLOT_BYTES] = {0};
    ck_assert_int_eq(keepslot_get(at, &got), ERR_CRC); /* never written */
    keepslot_put(&s, at);
    for (unsigned i = 0; i < KEEPSLOT_BYTES; i++) {
        at[i] ^= 0x10;
        ck_assert_int_eq(keepslot_get(at, &got), ERR_CRC);
        at[i] ^= 0x10;
    }
    ck_assert_int_eq(keepslot_get(at, &got), ERR_OK);
}
END_TEST

/* What is whole but not ours to read. */
START_TEST(test_foreign)
{
    struct keepslot s = sample(1), got;
    uint8_t at[KEEPSLOT_BYTES];
    struct buf b;
    keepslot_put(&s, at);
    at[8]++;
    buf_write_init(&b, at + KEEPSLOT_BYTES - 4, 4);
    buf_put_u32(&b, crc32c(0, at, KEEPSLOT_BYTES - 4));
    ck_assert_int_eq(keepslot_get(at, &got), ERR_VERSION);
    keepslot_put(&s, at);
    at[60] = KEPT_FENCED_MAX + 1;
    buf_write_init(&b, at + KEEPSLOT_BYTES - 4, 4);
    buf_put_u32(&b, crc32c(0, at, KEEPSLOT_BYTES - 4));
    ck_assert_int_eq(keepslot_get(at, &got), ERR_RANGE);
}
END_TEST

START_TEST(test_newer)
{
    const struct keepslot old_new[2] = {sample(8), sample(9)}, new_old[2] = {sample(9), sample(8)};
    const enum err ok[2] = {ERR_OK, ERR_OK}, first[2] = {ERR_CRC, ERR_OK};
    const enum err second[2] = {ERR_OK, ERR_CRC}, both[2] = {ERR_CRC, ERR_CRC};
    ck_assert_uint_eq(keepslot_newer(old_new, ok), 1);
    ck_assert_uint_eq(keepslot_newer(new_old, ok), 0);
    ck_assert_uint_eq(keepslot_newer(new_old, first), 1);
    ck_assert_uint_eq(keepslot_newer(old_new, second), 0);
    ck_assert_uint_eq(keepslot_newer(old_new, both), 2);
}
END_TEST

START_TEST(test_head)
{
    char file[256];
    const char *body = "primitive ip ocf:yoke:ip params ip=1.2.3.4\n", *text;
    uint32_t epoch = 1, seq = 2;
    struct str s;
    str_init(&s, file, sizeof file);
    keepslot_head_put(&s, 3, 17, body);
    str_add(&s, body);
    ck_assert_int_eq(keepslot_head_get(file, &text, &epoch, &seq), ERR_OK);
    ck_assert_str_eq(text, body);
    ck_assert_uint_eq(epoch, 3);
    ck_assert_uint_eq(seq, 17);
    file[s.len - 3] = '5';
    ck_assert_int_eq(keepslot_head_get(file, &text, &epoch, &seq), ERR_CRC);
    epoch = 1, seq = 2;
    ck_assert_int_eq(keepslot_head_get(body, &text, &epoch, &seq), ERR_OK);
    ck_assert_ptr_eq(text, body);
    ck_assert_uint_eq(epoch, 1);
    ck_assert_uint_eq(seq, 2);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("keepslot");
    tcase_add_test(t, test_round_trip);
    tcase_add_test(t, test_every_damaged_byte);
    tcase_add_test(t, test_foreign);
    tcase_add_test(t, test_newer);
    tcase_add_test(t, test_head);
    return unit_end();
}
