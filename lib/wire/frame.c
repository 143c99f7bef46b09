/* SPDX-License-Identifier: GPL-2.0-or-later
 * frame: head and beat as bytes. Happy path: frame_put_head, body, frame_finish; the other way
 * frame_get_head, then the body's own reader. Fails by too little room or bytes, by a head that is
 * none of ours (ERR_SYNTAX) and by a version that is not understood (ERR_VERSION, the head is
 * filled in all the same, so that the sender can be named). */
#include <assert.h>
#include "lib/wire/frame.h"

enum { AT_LENGTH = 2 };

/* What the design promises for a slow serial line: a beat is 100 bytes, head and seal included. */
_Static_assert(FRAME_HEAD + FRAME_BEAT_BODY + FRAME_TAIL == 100, "a beat is 100 bytes");
_Static_assert(FRAME_SERIAL_MAX <= FRAME_MAX && FRAME_MAX <= UINT16_MAX, "length is 16 bits");

void frame_put_head(struct buf *b, const struct frame_head *h)
{
    assert(b->pos == 0 && h->boot != 0);
    buf_put_u8(b, 'Y');
    buf_put_u8(b, 'K');
    buf_put_u16(b, 0); /* by frame_finish */
    buf_put_u8(b, h->version);
    buf_put_u8(b, h->type);
    buf_put_u8(b, h->flags);
    buf_put_u8(b, h->src);
    buf_put_u32(b, h->cluster);
    buf_put_u16(b, h->life);
    buf_put_u8(b, h->dst);
    buf_put_u8(b, h->link);
    buf_put_u64(b, h->boot);
    buf_put_u64(b, h->seq);
    assert(b->bad || b->pos == FRAME_HEAD);
}

size_t frame_finish(struct buf *b)
{
    if (b->bad || b->pos + FRAME_TAIL > FRAME_MAX) {
        b->bad = true;
        return 0;
    }
    assert(b->pos >= FRAME_HEAD);
    struct buf length;
    buf_write_init(&length, b->at + AT_LENGTH, 2);
    buf_put_u16(&length, (uint16_t)(b->pos + FRAME_TAIL));
    return b->pos;
}

enum err frame_get_head(struct buf *b, struct frame_head *h)
{
    assert(b->pos == 0);
    uint8_t y = buf_get_u8(b), k = buf_get_u8(b);
    uint16_t length = buf_get_u16(b);
    h->version = buf_get_u8(b);
    h->type = buf_get_u8(b);
    h->flags = buf_get_u8(b);
    h->src = buf_get_u8(b);
    h->cluster = buf_get_u32(b);
    h->life = buf_get_u16(b);
    h->dst = buf_get_u8(b);
    h->link = buf_get_u8(b);
    h->boot = buf_get_u64(b);
    h->seq = buf_get_u64(b);
    if (b->bad)
        return ERR_SHORT;
    if (y != 'Y' || k != 'K' || length != b->size + FRAME_TAIL || h->boot == 0)
        return ERR_SYNTAX;
    /* There has never been a version 0. */
    if (h->version == 0 || h->version > FRAME_VERSION || h->version + 1 < FRAME_VERSION)
        return ERR_VERSION;
    return ERR_OK;
}

void frame_put_beat(struct buf *b, const struct frame_beat *beat)
{
    size_t from = b->pos;
    buf_put_u32(b, beat->stamp);
    buf_put_u64(b, beat->echo_boot);
    if (beat->flags & BEAT_LEASE) {
        buf_put_u16(b, beat->lease_cs);
        buf_put_u16(b, beat->watchdog_cs);
    } else {
        buf_put_u32(b, beat->echo_seq);
    }
    buf_put_u32(b, beat->echo_stamp);
    buf_put_u32(b, beat->echo_age_us);
    buf_put_u32(b, beat->epoch);
    buf_put_u32(b, beat->cib_epoch);
    buf_put_u32(b, beat->cib_seq);
    buf_put_u32(b, beat->cib_hash);
    buf_put_u16(b, beat->flags);
    buf_put_u8(b, beat->min_version);
    buf_put_u8(b, beat->links);
    buf_put_u32(b, beat->session);
    assert(b->bad || b->pos - from == FRAME_BEAT_BODY);
}

void frame_get_beat(struct buf *b, struct frame_beat *beat)
{
    beat->stamp = buf_get_u32(b);
    beat->echo_boot = buf_get_u64(b);
    beat->echo_seq = buf_get_u32(b);
    beat->echo_stamp = buf_get_u32(b);
    beat->echo_age_us = buf_get_u32(b);
    beat->epoch = buf_get_u32(b);
    beat->cib_epoch = buf_get_u32(b);
    beat->cib_seq = buf_get_u32(b);
    beat->cib_hash = buf_get_u32(b);
    beat->flags = buf_get_u16(b);
    beat->min_version = buf_get_u8(b);
    beat->links = buf_get_u8(b);
    beat->session = buf_get_u32(b);
    bool lease = beat->flags & BEAT_LEASE; /* the same four bytes, low half first */
    beat->lease_cs = lease ? (uint16_t)beat->echo_seq : 0;
    beat->watchdog_cs = lease ? (uint16_t)(beat->echo_seq >> 16) : 0;
    if (lease)
        beat->echo_seq = 0;
}
