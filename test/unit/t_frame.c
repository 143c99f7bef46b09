/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_frame: the bytes of head and beat are those of the specification, and only whole heads read. */
#include <string.h>
#include "lib/wire/frame.h"
#include "test/unit/unit.h"

static const struct frame_head sample = {
    .version = FRAME_VERSION,
    .type = FRAME_BEAT,
    .flags = 0x81,
    .src = 1,
    .dst = 2,
    .link = 3,
    .life = 0x0405,
    .cluster = 0x06070809,
    .boot = 0x1112131415161718u,
    .seq = 0x2122232425262728u,
};

static const uint8_t head_bytes[FRAME_HEAD] = {
    'Y',  'K',  100,  0,    1,    1,    0x81, 1,    0x09, 0x08, 0x07, 0x06, 0x05, 0x04, 2,    3,
    0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21,
};

static size_t beat_make(uint8_t *at, size_t size, const struct frame_beat *beat)
{
    struct buf b;
    buf_write_init(&b, at, size);
    frame_put_head(&b, &sample);
    frame_put_beat(&b, beat);
    return frame_finish(&b);
}

START_TEST(writes_the_specified_bytes)
{
    uint8_t at[FRAME_MAX];
    struct frame_beat beat = {.stamp = 0x01020304, .session = 0xA1A2A3A4, .links = 0x55};
    ck_assert_uint_eq(beat_make(at, sizeof(at), &beat), 80); /* and 20 of seal: 100 on the wire */
    ck_assert_mem_eq(at, head_bytes, FRAME_HEAD);
    ck_assert_uint_eq(at[32], 0x04);
    ck_assert_uint_eq(at[35], 0x01);
    ck_assert_uint_eq(at[75], 0x55);
    ck_assert_uint_eq(at[76], 0xA4);
    ck_assert_uint_eq(at[79], 0xA1);
}
END_TEST

START_TEST(reads_what_it_wrote)
{
    uint8_t at[FRAME_MAX];
    struct frame_head head;
    struct frame_beat beat, got;
    struct buf b;
    memset(&beat, 0, sizeof(beat)); /* padding too: compared as memory below */
    memset(&got, 0, sizeof(got));
    memset(&head, 0, sizeof(head));
    beat.stamp = 1;
    beat.echo_boot = 0x0203040506070809u;
    beat.echo_seq = 3;
    beat.echo_stamp = 4;
    beat.echo_age_us = 5;
    beat.epoch = 6;
    beat.cib_epoch = 7;
    beat.cib_seq = 8;
    beat.cib_hash = 9;
    beat.flags = 0x0A0B;
    beat.min_version = 12;
    beat.links = 13;
    beat.session = 14;
    size_t len = beat_make(at, sizeof(at), &beat);
    buf_read_init(&b, at, len);
    ck_assert_int_eq(frame_get_head(&b, &head), ERR_OK);
    ck_assert_uint_eq(b.pos, FRAME_HEAD);
    ck_assert_uint_eq(head.flags, sample.flags);
    ck_assert_uint_eq(head.cluster, sample.cluster);
    ck_assert_uint_eq(head.life, sample.life);
    ck_assert(head.src == 1 && head.dst == 2 && head.link == 3 && head.type == FRAME_BEAT);
    ck_assert(head.boot == sample.boot && head.seq == sample.seq);
    frame_get_beat(&b, &got);
    ck_assert(!b.bad);
    ck_assert_uint_eq(buf_left(&b), 0);
    ck_assert_mem_eq(&got, &beat, sizeof(beat));
}
END_TEST

START_TEST(refuses_what_is_no_head)
{
    uint8_t at[FRAME_MAX];
    struct frame_beat beat = {0};
    struct frame_head head;
    struct buf b;
    size_t len = beat_make(at, sizeof(at), &beat);
    for (size_t cut = 0; cut < len; cut++) {
        buf_read_init(&b, at, cut);
        ck_assert_int_eq(frame_get_head(&b, &head), cut < FRAME_HEAD ? ERR_SHORT : ERR_SYNTAX);
    }
    for (size_t i = 0; i < 4; i++) { /* sync and length */
        at[i] ^= 1;
        buf_read_init(&b, at, len);
        ck_assert_int_eq(frame_get_head(&b, &head), ERR_SYNTAX);
        at[i] ^= 1;
    }
    memset(at + 16, 0, 8); /* no boot id is 0 */
    buf_read_init(&b, at, len);
    ck_assert_int_eq(frame_get_head(&b, &head), ERR_SYNTAX);
    buf_read_init(&b, at, 79);
    buf_get_view(&b, FRAME_HEAD);
    frame_get_beat(&b, &beat);
    ck_assert(b.bad);
}
END_TEST

START_TEST(names_the_sender_of_another_version)
{
    uint8_t at[FRAME_MAX];
    struct frame_beat beat = {0};
    struct frame_head head;
    struct buf b;
    size_t len = beat_make(at, sizeof(at), &beat);
    for (unsigned version = 0; version < 256; version++) {
        bool known = version == FRAME_VERSION || (version && version == FRAME_VERSION - 1);
        at[4] = (uint8_t)version;
        memset(&head, 0, sizeof(head));
        buf_read_init(&b, at, len);
        ck_assert_int_eq(frame_get_head(&b, &head), known ? ERR_OK : ERR_VERSION);
        ck_assert(head.src == 1 && head.boot == sample.boot && head.version == version);
    }
}
END_TEST

START_TEST(says_when_there_is_no_room)
{
    uint8_t at[2 * FRAME_MAX];
    struct frame_beat beat = {0};
    struct buf b;
    ck_assert_uint_eq(beat_make(at, 79, &beat), 0);
    buf_write_init(&b, at, sizeof(at)); /* room in memory, but not in a frame */
    frame_put_head(&b, &sample);
    while (b.pos < FRAME_MAX - FRAME_TAIL)
        buf_put_u8(&b, 0);
    struct buf over = b;
    ck_assert_uint_eq(frame_finish(&b), FRAME_MAX - FRAME_TAIL);
    buf_put_u8(&over, 0);
    ck_assert_uint_eq(frame_finish(&over), 0);
    ck_assert(over.bad);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("frame");
    tcase_add_test(t, writes_the_specified_bytes);
    tcase_add_test(t, reads_what_it_wrote);
    tcase_add_test(t, refuses_what_is_no_head);
    tcase_add_test(t, names_the_sender_of_another_version);
    tcase_add_test(t, says_when_there_is_no_room);
    return unit_end();
}
