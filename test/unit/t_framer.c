/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_framer: whatever happens to a stream of bytes, exactly the frames that were hit are lost, and
 * the next one is not late. */
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/base/prng.h"
#include "lib/wire/frame.h"
#include "test/unit/unit.h"

enum { FRAMES = 20, BYTES = FRAMES * FRAME_MAX };

struct stream {
    uint8_t at[2 * BYTES];
    size_t len;
    size_t start[FRAMES + 1]; /* where each frame begins; the last: where the stream ends */
};

static struct framer framer;
static bool came[FRAMES];
static unsigned n_came;

/* Number n, with a body of `body` bytes that look like beginnings of frames. */
static size_t frame_make(uint8_t *at, unsigned n, size_t body)
{
    struct frame_head head = {.version = 1, .type = FRAME_DATA, .boot = 1, .seq = n};
    struct buf b;
    buf_write_init(&b, at, FRAME_MAX);
    frame_put_head(&b, &head);
    for (size_t i = 0; i < body; i++)
        buf_put_u8(&b, (uint8_t) "YK\x64\x00"[i % 4]);
    size_t len = frame_finish(&b);
    ck_assert_uint_eq(len, FRAME_HEAD + body);
    for (size_t i = 0; i < FRAME_MAC; i++)
        buf_put_u8(&b, (uint8_t) "YK"[i % 2]);
    buf_put_u32(&b, crc32c(0, at, b.pos));
    return b.pos;
}

static void stream_make(struct stream *s, size_t body)
{
    s->len = 0;
    for (unsigned i = 0; i < FRAMES; i++) {
        s->start[i] = s->len;
        s->len += frame_make(s->at + s->len, i, body);
    }
    s->start[FRAMES] = s->len;
}

static void take(void)
{
    size_t len = 0;
    const uint8_t *at;
    while ((at = framer_next(&framer, &len))) {
        struct frame_head head;
        struct buf b;
        buf_read_init(&b, at, len - FRAME_TAIL);
        ck_assert_int_eq(frame_get_head(&b, &head), ERR_OK);
        ck_assert_uint_lt(head.seq, FRAMES);
        ck_assert_msg(!came[head.seq], "frame %u came twice", (unsigned)head.seq);
        came[head.seq] = true;
        n_came++;
    }
}

static void feed(const uint8_t *at, size_t len, size_t piece)
{
    while (len > 0) {
        size_t n = framer_feed(&framer, at, len < piece ? len : piece);
        ck_assert_uint_gt(n, 0);
        at += n;
        len -= n;
        take();
    }
}

static void begin(void)
{
    framer_init(&framer);
    memset(came, 0, sizeof(came));
    n_came = 0;
}

START_TEST(cuts_at_any_split)
{
    static struct stream s;
    static const size_t pieces[] = {1, 2, 3, 7, 99, 100, 101, 1399, 1400, 5000, SIZE_MAX};
    static const size_t bodies[] = {0, 48, FRAME_MAX - FRAME_MIN};
    for (size_t k = 0; k < ARRAY_LEN(bodies); k++) {
        stream_make(&s, bodies[k]);
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
            begin();
            feed(s.at, s.len, pieces[i]);
            ck_assert_msg(n_came == FRAMES, "%u by %zu", n_came, pieces[i]);
            ck_assert(framer.skipped == 0 && framer.broken == 0 && framer.used == 0);
        }
    }
}
END_TEST

/* Every byte of the fifth frame, hit by every kind of fault: only the fifth is lost, and the sixth
 * is out as soon as its own last byte is in. */
static void hit(const struct stream *s, size_t at, int fault, size_t piece)
{
    static struct stream t;
    t = *s;
    size_t end = s->start[6];
    if (fault < 8) { /* one bit */
        t.at[at] ^= (uint8_t)(1u << fault);
    } else if (fault == 8) { /* one byte lost */
        memmove(t.at + at, t.at + at + 1, t.len - at - 1);
        t.len--;
        end--;
    } else { /* one byte more, the worst one */
        memmove(t.at + at + 1, t.at + at, t.len - at);
        t.at[at] = 'Y';
        t.len++;
        end++;
    }
    begin();
    feed(t.at, end, piece);
    ck_assert_msg(came[5], "byte %zu fault %d: the next frame is late", at - s->start[4], fault);
    feed(t.at + end, t.len - end, piece);
    for (unsigned i = 0; i < FRAMES; i++)
        ck_assert_msg(came[i] || i == 4, "byte %zu fault %d: frame %u lost", at, fault, i);
    /* A 'Y' before the first 'Y' or after it hits nothing. */
    ck_assert_msg(!came[4] || (fault == 9 && at <= s->start[4] + 1), "byte %zu fault %d", at,
                  fault);
}

START_TEST(loses_only_the_frame_that_was_hit)
{
    static struct stream s;
    stream_make(&s, 48);
    for (size_t at = s.start[4]; at < s.start[5]; at++)
        for (int fault = 0; fault < 10; fault++) {
            hit(&s, at, fault, 1);
            hit(&s, at, fault, 64);
        }
}
END_TEST

START_TEST(counts_what_it_threw_away)
{
    static struct stream s;
    stream_make(&s, 0); /* no false beginnings in these */
    s.at[s.start[4] + 20] ^= 1;
    begin();
    feed(s.at, s.len, 64);
    ck_assert_uint_eq(framer.broken, 1);
    ck_assert_uint_eq(framer.skipped, FRAME_MIN);
    begin();
    feed((const uint8_t *)"\r\nlogin: YK", 11, 64);
    feed(s.at, s.start[4], 64);
    ck_assert_uint_eq(n_came, 4);
    ck_assert_uint_eq(framer.skipped, 11);
    /* A length that will never be filled: counted when the next frame overtakes it. */
    s.at[s.start[4] + 20] ^= 1; /* whole again */
    s.at[s.start[4] + 3] = 4;
    begin();
    feed(s.at, s.len, 64);
    ck_assert_uint_eq(framer.broken, 1);
    ck_assert_uint_eq(framer.skipped, FRAME_MIN);
}
END_TEST

START_TEST(takes_nothing_shorter_than_a_frame)
{
    for (unsigned length = 0; length < FRAME_MIN; length++) {
        uint8_t at[FRAME_MIN] = {'Y', 'K', (uint8_t)length};
        struct buf crc;
        if (length >= 4 + FRAME_CRC) { /* everything right but for its length */
            buf_write_init(&crc, at + length - FRAME_CRC, FRAME_CRC);
            buf_put_u32(&crc, crc32c(0, at, length - FRAME_CRC));
        }
        begin();
        feed(at, sizeof(at), 64);
        ck_assert_uint_eq(n_came, 0);
        ck_assert_uint_eq(framer.skipped, FRAME_MIN);
    }
}
END_TEST

START_TEST(hears_through_noise)
{
    static struct stream s;
    struct prng p;
    stream_make(&s, 48);
    prng_seed(&p, 5);
    begin();
    for (unsigned i = 0; i < FRAMES; i++) { /* noise before every frame, longer than any frame */
        for (unsigned k = 0; k < 3000; k++) {
            uint8_t noise =
                prng_chance(&p, 300000) ? (uint8_t) "YK"[k % 2] : (uint8_t)prng_next(&p);
            feed(&noise, 1, 1);
        }
        feed(s.at + s.start[i], s.start[i + 1] - s.start[i], 64);
        ck_assert_msg(came[i], "frame %u", i);
    }
    ck_assert_uint_eq(framer.skipped, 3000 * FRAMES);
}
END_TEST

START_TEST(takes_no_more_than_it_can_hold)
{
    static struct stream s;
    size_t len = 0;
    stream_make(&s, FRAME_MAX - FRAME_MIN);
    begin();
    ck_assert_uint_eq(framer_feed(&framer, s.at, s.len), FRAME_MAX);
    ck_assert_uint_eq(framer_feed(&framer, s.at, s.len), 0);
    const uint8_t *at = framer_next(&framer, &len);
    ck_assert_ptr_nonnull(at);
    ck_assert_uint_eq(len, FRAME_MAX);
    /* What was given out stays while more is fed, until the next call of framer_next. */
    ck_assert_uint_eq(framer_feed(&framer, s.at + FRAME_MAX, FRAME_MAX), FRAME_MAX);
    ck_assert_mem_eq(at, s.at, FRAME_MAX);
    ck_assert_ptr_nonnull(framer_next(&framer, &len));
    ck_assert_ptr_null(framer_next(&framer, &len));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("framer");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, cuts_at_any_split);
    tcase_add_test(t, loses_only_the_frame_that_was_hit);
    tcase_add_test(t, counts_what_it_threw_away);
    tcase_add_test(t, takes_nothing_shorter_than_a_frame);
    tcase_add_test(t, hears_through_noise);
    tcase_add_test(t, takes_no_more_than_it_can_hold);
    return unit_end();
}
