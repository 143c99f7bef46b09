/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_block: the bytes of a quorum disk are those of the specification, and all that can stand there
 * instead is told apart. */
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/wire/block.h"
#include "lib/wire/frame.h"
#include "test/unit/unit.h"

static const uint8_t uuid[BLOCK_UUID] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint8_t other[BLOCK_UUID] = {9};
static uint8_t at[BLOCK_BYTES];
static struct block_pack pack;

_Static_assert((int)BLOCK_FRAMES_MAX >= 2 * (2 + (int)FRAME_MAX), "two largest frames fit");

static void crc_right(void)
{
    struct buf b;
    buf_write_init(&b, at + BLOCK_BYTES - 4, 4);
    buf_put_u32(&b, crc32c(0, at, BLOCK_BYTES - 4));
}

static void slot_make(enum block_kind kind, uint8_t node, uint64_t boot, uint64_t seq)
{
    struct block b = {.kind = kind, .node = node, .boot = boot, .seq = seq};
    memcpy(b.uuid, uuid, sizeof uuid);
    b.first = pack.first;
    b.n = pack.n;
    b.len = pack.len;
    b.at = pack.at;
    block_put(at, &b);
}

static enum block_state get(struct block *b, enum block_kind kind, uint8_t node)
{
    return block_get(at, uuid, kind, node, b);
}

START_TEST(places)
{
    ck_assert_uint_eq(block_place(BLOCK_BEAT, 1), 1);
    ck_assert_uint_eq(block_place(BLOCK_MAIL, 1), 2);
    ck_assert_uint_eq(block_place(BLOCK_BEAT, 16), 31);
    ck_assert_uint_eq(block_place(BLOCK_MAIL, 16), BLOCK_COUNT - 1);
}
END_TEST

START_TEST(header_bytes)
{
    struct block_header h = {.cluster = "treasury", .made_s = 0x0102030405060708u}, got;
    memcpy(h.uuid, uuid, sizeof uuid);
    block_put_header(at, &h);
    static const uint8_t want[] = {
        'Y', 'O', 'K', 'E', 'D', 'I', 'S', 'K', 1,  0, 16, 0, 0, 16, 0, 0, 1, 2, 3, 4,   5,   6,  7,
        8,   9,   10,  11,  12,  13,  14,  15,  16, 8, 7,  6, 5, 4,  3, 2, 1, 8, 0, 't', 'r', 'e'};
    ck_assert_mem_eq(at, want, sizeof want);
    ck_assert_int_eq(block_get_header(at, &got), BLOCK_WHOLE);
    ck_assert_str_eq(got.cluster, "treasury");
    ck_assert_mem_eq(got.uuid, uuid, sizeof uuid);
    ck_assert_uint_eq(got.made_s, h.made_s);
}
END_TEST

START_TEST(slot_bytes)
{
    struct block b;
    size_t pos = 0, len;
    block_pack_init(&pack);
    block_pack_add(&pack, (const uint8_t *)"hello", 5);
    slot_make(BLOCK_MAIL, 2, 0x1112131415161718u, 7);
    ck_assert_mem_eq(at, "YOKEMAIL\1\0\2\0\1\0\7\0\1\2", 18);
    ck_assert_mem_eq(at + 32, "\x18\x17\x16\x15\x14\x13\x12\x11\7\0\0\0\0\0\0\0\1\0\0", 19);
    ck_assert_mem_eq(at + 56, "\5\0hello", 8);
    ck_assert_int_eq(get(&b, BLOCK_MAIL, 2), BLOCK_WHOLE);
    ck_assert_uint_eq(b.n, 1);
    ck_assert_mem_eq(block_frame(&b, &pos, &len), "hello", 5);
    ck_assert_uint_eq(len, 5);
    ck_assert_ptr_null(block_frame(&b, &pos, &len));
}
END_TEST

START_TEST(what_else_can_stand_there)
{
    struct block b;
    struct block_header h = {.cluster = "x"};
    memset(at, 0, sizeof at);
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_ZERO);
    ck_assert_int_eq(block_get_header(at, &h), BLOCK_ZERO);
    at[BLOCK_BYTES - 1] = 1;
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_ALIEN);
    memset(at, 0xff, sizeof at);
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_ALIEN);
    ck_assert_int_eq(block_get_header(at, &h), BLOCK_ALIEN);

    block_pack_init(&pack);
    slot_make(BLOCK_BEAT, 1, 5, 1);
    ck_assert_int_eq(block_get_header(at, &h), BLOCK_ALIEN);
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 2), BLOCK_MISPLACED);
    ck_assert_int_eq(get(&b, BLOCK_MAIL, 1), BLOCK_MISPLACED);
    ck_assert_int_eq(block_get(at, other, BLOCK_BEAT, 1, &b), BLOCK_FOREIGN);
    at[8] = 2;
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_TORN);
    crc_right();
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_NEWER);
    at[8] = 0;
    crc_right();
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_OLDER);
    slot_make(BLOCK_BEAT, 1, 5, 1);
    at[12] = 1; /* a frame more than there is */
    crc_right();
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_TORN);
    slot_make(BLOCK_BEAT, 1, 5, 1);
    at[14] = at[15] = 0xff;
    crc_right();
    ck_assert_int_eq(get(&b, BLOCK_BEAT, 1), BLOCK_TORN);
    for (enum block_state s = BLOCK_WHOLE; s < BLOCK_STATES; s++)
        ck_assert_uint_gt(strlen(block_state_word(s)), 0);
}
END_TEST

/* Any sector of 512 bytes new and the others old, or the reverse, shows. */
START_TEST(a_torn_write_shows)
{
    uint8_t old[BLOCK_BYTES], new[BLOCK_BYTES], frame[1400];
    struct block b;
    block_pack_init(&pack);
    for (unsigned i = 0; i < 2; i++) {
        memset(frame, (int)(i + 1), sizeof frame);
        block_pack_add(&pack, frame, sizeof frame);
        block_pack_add(&pack, frame, sizeof frame);
        slot_make(BLOCK_MAIL, 3, 5, 10 + i);
        memcpy(i ? new : old, at, sizeof at);
    }
    for (unsigned mask = 1; mask < 255; mask++) {
        for (unsigned s = 0; s < 8; s++)
            memcpy(at + 512 * s, (mask >> s & 1 ? new : old) + 512 * s, 512);
        if (memcmp(at, new, sizeof at) == 0 || memcmp(at, old, sizeof at) == 0)
            continue; /* the sectors that differ are all of one side */
        ck_assert_int_eq(get(&b, BLOCK_MAIL, 3), BLOCK_TORN);
    }
    for (unsigned i = 0; i < BLOCK_BYTES; i++) {
        memcpy(at, new, sizeof at);
        at[i] ^= 0x10;
        enum block_state s = get(&b, BLOCK_MAIL, 3);
        ck_assert_int_eq(s, i < 8 ? BLOCK_ALIEN : BLOCK_TORN);
    }
}
END_TEST

START_TEST(the_window_keeps_the_newest)
{
    uint8_t frame[FRAME_MAX];
    struct block b;
    block_pack_init(&pack);
    for (unsigned i = 1; i <= 100; i++) {
        memset(frame, (int)i, sizeof frame);
        block_pack_add(&pack, frame, i % 7 ? 200 + i : sizeof frame);
        slot_make(BLOCK_MAIL, 1, 5, i);
        ck_assert_int_eq(get(&b, BLOCK_MAIL, 1), BLOCK_WHOLE);
        ck_assert_uint_ge(b.n, 1);
        ck_assert_uint_eq(b.first + b.n, i + 1);
        size_t pos = 0, len;
        for (unsigned k = 0; k < b.n; k++) {
            const uint8_t *f = block_frame(&b, &pos, &len);
            ck_assert_uint_eq(f[0], b.first + k);
            ck_assert_uint_eq(f[len - 1], b.first + k);
        }
    }
    ck_assert_uint_ge(b.n, 2);
}
END_TEST

START_TEST(news_same_and_back)
{
    struct block_seen seen = {0};
    struct block b = {.boot = 5, .seq = 10, .first = 1, .n = 2};
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_NEW);
    ck_assert(block_frame_new(&seen, &b, 0) && block_frame_new(&seen, &b, 1));
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_SAME);
    b.seq = 11;
    b.n = 3;
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_NEW);
    ck_assert(!block_frame_new(&seen, &b, 0) && !block_frame_new(&seen, &b, 1));
    ck_assert(block_frame_new(&seen, &b, 2) && !block_frame_new(&seen, &b, 2));
    b.seq = 9; /* an old copy that never changes is never believed */
    for (unsigned i = 0; i < 5; i++)
        ck_assert_int_eq(block_news(&seen, &b), BLOCK_BACK);
    b.boot = 4;
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_BACK);
    b.boot = 5;
    b.seq = 11;
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_SAME);
    b.seq = 2; /* one that begins anew is, once it goes on */
    b.boot = 6;
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_BACK);
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_BACK);
    b.seq = 3;
    b.first = 1;
    b.n = 1;
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_NEW);
    ck_assert(block_frame_new(&seen, &b, 0));
    b.seq = 12; /* another boot counts its frames anew */
    b.boot = 7;
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_NEW);
    ck_assert(block_frame_new(&seen, &b, 0));
    b.boot = 8; /* one number, two writers: not the same */
    ck_assert_int_eq(block_news(&seen, &b), BLOCK_BACK);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("block");
    tcase_add_test(t, places);
    tcase_add_test(t, header_bytes);
    tcase_add_test(t, slot_bytes);
    tcase_add_test(t, what_else_can_stand_there);
    tcase_add_test(t, a_torn_write_shows);
    tcase_add_test(t, the_window_keeps_the_newest);
    tcase_add_test(t, news_same_and_back);
    return unit_end();
}
