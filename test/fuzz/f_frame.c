/* SPDX-License-Identifier: GPL-2.0-or-later
 * f_frame: any bytes as a frame off a link. What opens must read and be written back as the same
 * bytes; bytes that nobody sealed must not open. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/wire/auth.h"
#include "lib/wire/frame.h"
#include "test/fuzz/fuzz.h"

static struct auth *seal(void)
{
    static struct auth *auth;
    if (!auth) {
        enum err err = auth_new(AUTH_KIND_SHA256,
                                "00112233445566778899aabbccddeeff"
                                "00112233445566778899aabbccddeeff\n",
                                &auth);
        FUZZ_MUST(err == ERR_OK);
    }
    return auth;
}

static size_t sample(uint8_t *to, size_t size, uint8_t type)
{
    struct frame_head head = {.version = FRAME_VERSION, .type = type, .src = 1, .dst = 2};
    struct frame_beat beat = {.stamp = 7, .echo_boot = 9, .flags = BEAT_RUNS, .min_version = 1};
    struct buf b;
    head.boot = 0x1122334455667788u;
    head.seq = type;
    buf_write_init(&b, to, size);
    frame_put_head(&b, &head);
    if (type == FRAME_BEAT)
        frame_put_beat(&b, &beat);
    else
        buf_put_text(&b, "something to carry");
    size_t len = frame_finish(&b), out = 0;
    enum err err = auth_seal(seal(), to, len, size, &out);
    FUZZ_MUST(err == ERR_OK);
    return out;
}

size_t fuzz_seed(unsigned i, uint8_t *to, size_t size)
{
    return i < 4 ? sample(to, size, (uint8_t)(i + 1)) : 0;
}

/* Reads what is taken for authentic: len is up to the end of the body. */
static void read_body(const uint8_t *at, size_t len)
{
    uint8_t again[FRAME_MAX];
    struct frame_head head;
    struct frame_beat beat;
    struct buf b, w;
    buf_read_init(&b, at, len);
    enum err err = frame_get_head(&b, &head);
    if (err)
        return;
    FUZZ_MUST(b.pos == FRAME_HEAD && !b.bad);
    buf_write_init(&w, again, sizeof(again));
    frame_put_head(&w, &head);
    if (head.type == FRAME_BEAT && buf_left(&b) >= FRAME_BEAT_BODY) {
        frame_get_beat(&b, &beat);
        FUZZ_MUST(!b.bad);
        frame_put_beat(&w, &beat);
    }
    size_t written = w.pos;
    buf_put_bytes(&w, at + written, len - written);
    FUZZ_MUST(frame_finish(&w) == len && memcmp(at, again, len) == 0);
}

int fuzz_one(const uint8_t *at, size_t len)
{
    uint8_t fixed[FRAME_MAX];
    size_t body = 0;
    enum err err = auth_open(seal(), at, len, &body);
    if (!err)
        read_body(at, body);
    if (len < FRAME_MIN || len > FRAME_MAX)
        return 0;
    /* The same again with length and CRC put right, to get past the first gate; and, sealed by
     * ourselves, past the second. */
    memcpy(fixed, at, len);
    fixed[0] = 'Y';
    fixed[1] = 'K';
    fixed[2] = (uint8_t)len;
    fixed[3] = (uint8_t)(len >> 8);
    struct buf crc;
    buf_write_init(&crc, fixed + len - FRAME_CRC, FRAME_CRC);
    buf_put_u32(&crc, crc32c(0, fixed, len - FRAME_CRC));
    enum err second = auth_open(seal(), fixed, len, &body);
    FUZZ_MUST(second == ERR_AUTH || (second == ERR_OK && memcmp(fixed, at, len) == 0) ||
              (second == ERR_OK && err == ERR_CRC) || (second == ERR_OK && err == ERR_SYNTAX));
    size_t out = 0;
    FUZZ_MUST(auth_seal(seal(), fixed, len - FRAME_TAIL, sizeof(fixed), &out) == ERR_OK);
    FUZZ_MUST(out == len && auth_open(seal(), fixed, out, &body) == ERR_OK);
    read_body(fixed, body);
    return 0;
}
