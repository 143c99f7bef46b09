/* SPDX-License-Identifier: GPL-2.0-or-later
 * sendq: what goes next on a stream. Fails only by dropping, which it counts. */
#include "daemon/sendq.h"

#include <assert.h>
#include <string.h>

void sendq_init(struct sendq *q, unsigned max)
{
    assert(max > 0 && max <= SENDQ_FRAMES);
    q->now.len = q->beat.len = 0;
    q->written = 0;
    q->first = q->n = 0;
    q->max = max;
    q->dropped = 0;
}

static void frame_set(struct sendq_frame *f, const uint8_t *frame, size_t len)
{
    assert(len > 0 && len <= FRAME_MAX);
    memcpy(f->at, frame, len);
    f->len = (uint16_t)len;
}

void sendq_put(struct sendq *q, const uint8_t *frame, size_t len, bool beat)
{
    if (beat) {
        q->dropped += q->beat.len != 0;
        frame_set(&q->beat, frame, len);
    } else if (q->n == q->max) {
        q->dropped++;
    } else {
        frame_set(&q->ring[(q->first + q->n++) % SENDQ_FRAMES], frame, len);
    }
}

size_t sendq_head(struct sendq *q, const uint8_t **at)
{
    if (q->now.len == 0) {
        q->written = 0;
        if (q->beat.len) {
            frame_set(&q->now, q->beat.at, q->beat.len);
            q->beat.len = 0;
        } else if (q->n) {
            const struct sendq_frame *f = &q->ring[q->first];
            frame_set(&q->now, f->at, f->len);
            q->first = (q->first + 1) % SENDQ_FRAMES;
            q->n--;
        }
    }
    *at = q->now.at + q->written;
    return q->now.len - q->written;
}

void sendq_wrote(struct sendq *q, size_t bytes)
{
    q->written += bytes;
    assert(q->written <= q->now.len);
    if (q->written == q->now.len)
        q->now.len = 0, q->written = 0;
}

bool sendq_begun(const struct sendq *q)
{
    return q->now.len != 0 && q->written > 0;
}

void sendq_clear(struct sendq *q)
{
    q->dropped += q->n + (q->beat.len != 0) + (q->now.len != 0);
    q->now.len = q->beat.len = 0;
    q->written = 0;
    q->n = 0;
}
