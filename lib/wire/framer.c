/* SPDX-License-Identifier: GPL-2.0-or-later
 * framer: cuts a stream of bytes into frames. Happy path: framer_feed, framer_next until NULL.
 * Noise costs the frame that it hits. A hit on the length must not make the line wait for 1400
 * bytes that are not coming (at 9600 baud that is longer than any deadtime): while the candidate at
 * the front is incomplete, a whole frame with a right CRC further back wins over it.
 *
 * at[0 .. FRAME_MAX) holds what came in, at[FRAME_MAX ..) the frame last given out. */
#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/wire/frame.h"

enum verdict { NO_FRAME, UNFINISHED, BROKEN, WHOLE };

/* What begins at at[0], of len bytes that are there, of which those before `searched` were looked
 * at before, without a frame in them; *size is the frame's length when it is WHOLE. */
static enum verdict judge(const uint8_t *at, size_t len, size_t searched, size_t *size)
{
    if (at[0] != 'Y' || (len > 1 && at[1] != 'K'))
        return NO_FRAME;
    if (len < 4)
        return UNFINISHED;
    size_t length = at[2] | (size_t)at[3] << 8;
    if (length < FRAME_MIN || length > FRAME_MAX)
        return NO_FRAME;
    if (length > len)
        return UNFINISHED;
    if (length <= searched)
        return BROKEN;
    struct buf seal;
    buf_read_init(&seal, at + length - FRAME_CRC, FRAME_CRC);
    if (crc32c(0, at, length - FRAME_CRC) != buf_get_u32(&seal))
        return BROKEN;
    *size = length;
    return WHOLE;
}

static void drop(struct framer *f, size_t n)
{
    assert(n <= f->used);
    f->used -= n;
    memmove(f->at, f->at + n, f->used);
}

static void skip(struct framer *f, size_t n)
{
    f->skipped += n;
    drop(f, n);
}

/* Makes the front of the window a whole frame (true), or an unfinished one or nothing (false). */
static bool seek(struct framer *f, size_t *size)
{
    size_t from = 0; /* everything before is known to begin no frame */
    bool waits = false;
    for (size_t i = 0; i < f->used; i++) {
        const uint8_t *y = memchr(f->at + i, 'Y', f->used - i);
        if (!y)
            break;
        i = (size_t)(y - f->at);
        size_t searched = f->searched > i ? f->searched - i : 0;
        enum verdict verdict = judge(y, f->used - i, searched, size);
        if (verdict == WHOLE) {
            f->broken += waits; /* the one that it overtakes */
            skip(f, i);
            f->searched = 0;
            return true;
        }
        if (verdict == UNFINISHED && !waits) {
            waits = true;
            from = i;
        }
        if (verdict == BROKEN && !waits)
            f->broken++; /* seen once: it is skipped below */
    }
    skip(f, waits ? from : f->used);
    f->searched = f->used; /* or a stream of single bytes would cost a window of CRCs for each */
    return false;
}

void framer_init(struct framer *f)
{
    memset(f, 0, sizeof(*f));
}

size_t framer_feed(struct framer *f, const uint8_t *at, size_t len)
{
    assert(f->used <= FRAME_MAX);
    size_t room = FRAME_MAX - f->used;
    size_t n = len < room ? len : room;
    if (n)
        memcpy(f->at + f->used, at, n);
    f->used += n;
    return n;
}

const uint8_t *framer_next(struct framer *f, size_t *len)
{
    _Static_assert(sizeof(f->at) >= 2 * FRAME_MAX, "window and the frame given out");
    size_t size = 0;
    if (!seek(f, &size)) {
        assert(f->used < FRAME_MAX); /* a full window holds every frame that begins in front */
        return NULL;
    }
    uint8_t *out = f->at + FRAME_MAX;
    memcpy(out, f->at, size);
    drop(f, size);
    *len = size;
    return out;
}
