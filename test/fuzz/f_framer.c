/* SPDX-License-Identifier: GPL-2.0-or-later
 * f_framer: any bytes off a serial line, in any pieces. Every byte is accounted for, what is given
 * out has a right CRC, and a good frame after the noise always comes through. */
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/base/prng.h"
#include "lib/wire/frame.h"
#include "test/fuzz/fuzz.h"

struct tally {
    uint64_t frames, bytes;
    uint8_t last[FRAME_MAX];
    size_t last_len;
};

static size_t sample(uint8_t *to, unsigned body, uint64_t seq)
{
    struct frame_head head = {.version = FRAME_VERSION, .type = FRAME_DATA, .boot = 5, .seq = seq};
    uint8_t seal[FRAME_MAC];
    struct buf b;
    buf_write_init(&b, to, FRAME_MAX);
    frame_put_head(&b, &head);
    for (unsigned i = 0; i < body; i++)
        buf_put_u8(&b, (uint8_t)(i % 3 ? 'Y' : 'K')); /* a body full of false beginnings */
    size_t len = frame_finish(&b);
    memset(seal, 'Y', sizeof(seal));
    buf_put_bytes(&b, seal, sizeof(seal));
    buf_put_u32(&b, crc32c(0, to, len + FRAME_MAC));
    FUZZ_MUST(!b.bad);
    return b.pos;
}

size_t fuzz_seed(unsigned i, uint8_t *to, size_t size)
{
    size_t len = 0;
    if (i >= 4)
        return 0;
    for (unsigned k = 0; k < 4 && len + FRAME_MAX <= size; k++)
        len += sample(to + len, i == 3 ? FRAME_MAX - FRAME_MIN : 48 * i, k + 10 * i);
    return len;
}

static void drain(struct framer *f, struct tally *t)
{
    size_t len = 0;
    const uint8_t *frame;
    while ((frame = framer_next(f, &len))) {
        struct buf crc;
        FUZZ_MUST(len >= FRAME_MIN && len <= FRAME_MAX);
        buf_read_init(&crc, frame + len - FRAME_CRC, FRAME_CRC);
        FUZZ_MUST(crc32c(0, frame, len - FRAME_CRC) == buf_get_u32(&crc));
        memcpy(t->last, frame, len);
        t->last_len = len;
        t->frames++;
        t->bytes += len;
    }
}

static void feed(struct framer *f, struct tally *t, const uint8_t *at, size_t len, struct prng *p)
{
    while (len > 0) {
        size_t piece = prng_between(p, 1, len < 300 ? len : 300);
        size_t n = framer_feed(f, at, piece);
        FUZZ_MUST(n > 0 && n <= piece);
        at += n;
        len -= n;
        drain(f, t);
    }
}

int fuzz_one(const uint8_t *at, size_t len)
{
    struct framer f;
    struct tally t = {0};
    struct prng p;
    uint8_t good[FRAME_MAX];
    size_t good_len = sample(good, 60, 99);
    framer_init(&f);
    prng_seed(&p, crc32c(0, at, len));
    feed(&f, &t, at, len, &p);
    FUZZ_MUST(t.bytes + f.skipped + f.used == len);
    feed(&f, &t, good, good_len, &p);
    FUZZ_MUST(t.last_len == good_len && memcmp(t.last, good, good_len) == 0);
    FUZZ_MUST(t.bytes + f.skipped == len + good_len && f.used == 0);
    return 0;
}
