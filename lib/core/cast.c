/* SPDX-License-Identifier: GPL-2.0-or-later
 * cast: each member's stream of messages through corosync, which loses nothing and keeps one order.
 *
 * Happy path: messages (u32 length, u8 type, u8 to whom, body) are queued in one stream, cut into
 * pieces of at most CAST_MAX, and a window of them is cast; each piece that comes back to us makes
 * room for the next. Everybody puts together everybody's stream and takes what is for all or for
 * himself. A stream begins anew, under a new number, with each hello of its sender. Ways to fail:
 * more waits than the queue holds (ERR_FULL), a gap or nonsense in a stream (its sender and we have
 * lost step: all begin anew, ring_again). */
#include "lib/core/cast.h"
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/msg.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"

enum {
    HEAD = 6,               /* of a message in the stream */
    PIECE_HEAD = 1 + 4 + 8, /* kind, number, offset */
    TO_ALL = 0,
    WINDOW = 4 * CAST_MAX
};

void cast_begin(struct node *n, struct buf *b, enum cast_kind kind, size_t max)
{
    assert(max < CAST_MAX);
    buf_write_init(b, out_bytes(n, max + 1), max + 1);
    buf_put_u8(b, (uint8_t)kind);
}

void cast_end(struct node *n, const struct buf *b)
{
    assert(!b->bad && b->pos <= CAST_MAX);
    struct action *a = out_action(n, ACT_CAST);
    a->cast.at = b->at;
    a->cast.len = b->pos;
}

/* ---- out: the session of this node with itself holds its stream ---------------------------------
 */

static struct session *own(struct node *n)
{
    return &n->peer[n->self].session;
}

uint32_t cast_number(const struct node *n)
{
    return n->peer[n->self].session.mine;
}

void cast_reset(struct node *n)
{
    struct session *s = own(n);
    s->mine++;
    s->base = s->next = s->end = 0;
}

void cast_reset_of(struct node *n, unsigned p, uint32_t number)
{
    struct session *s = &n->peer[p].session;
    s->theirs = number;
    s->got = 0;
    s->in_used = 0;
    s->waiting = false;
}

size_t cast_waiting(const struct node *n)
{
    const struct session *s = &n->peer[n->self].session;
    return (size_t)(s->end - s->base);
}

static void queue(struct session *s, const void *at, size_t len)
{
    const uint8_t *from = at;
    while (len) {
        size_t place = (size_t)(s->end % s->size);
        size_t part = num_min(len, s->size - place);
        memcpy(s->out + place, from, part);
        from += part;
        len -= part;
        s->end += part;
    }
}

enum err cast_send(struct node *n, unsigned p, unsigned type, const void *body, size_t len)
{
    struct session *s = own(n);
    uint8_t head[HEAD];
    struct buf b;
    if (s->end - s->base + HEAD + len > s->size)
        return ERR_FULL;
    buf_write_init(&b, head, sizeof(head));
    buf_put_u32(&b, (uint32_t)len);
    buf_put_u8(&b, (uint8_t)type);
    buf_put_u8(&b, p < n->conf.n_nodes ? n->conf.node[p].id : TO_ALL);
    queue(s, head, sizeof(head));
    if (len)
        queue(s, body, len);
    return ERR_OK;
}

void cast_pump(struct node *n)
{
    struct session *s = own(n);
    while (s->next < s->end && s->next - s->base < WINDOW) {
        size_t len = num_min(s->end - s->next, CAST_MAX - PIECE_HEAD);
        struct buf b;
        cast_begin(n, &b, CAST_DATA, PIECE_HEAD - 1 + len);
        buf_put_u32(&b, s->mine);
        buf_put_u64(&b, s->next);
        while (len) {
            size_t place = (size_t)(s->next % s->size);
            size_t part = num_min(len, s->size - place);
            buf_put_bytes(&b, s->out + place, part);
            s->next += part;
            len -= part;
        }
        cast_end(n, &b);
    }
}

/* ---- in ------------------------------------------------------------------------------------- */

/* Hands over the messages that are whole. A message may begin all streams anew: look again. */
static void deliver(struct node *n, unsigned p)
{
    struct session *s = &n->peer[p].session;
    size_t done = 0;
    uint32_t number = s->theirs;
    while (s->theirs == number && s->in_used - done >= HEAD) {
        struct buf b;
        buf_read_init(&b, s->in + done, s->in_used - done);
        uint32_t len = buf_get_u32(&b);
        unsigned type = buf_get_u8(&b), to = buf_get_u8(&b);
        if (len > s->size - HEAD) {
            s->in_used = 0;
            ring_again(n);
            return;
        }
        if (s->in_used - done < HEAD + len)
            break;
        if (!out_roomy(n)) {
            s->waiting = true;
            out_wake(n, n->now_us);
            break;
        }
        struct buf body;
        buf_read_init(&body, s->in + done + HEAD, len);
        done += HEAD + len;
        if (to == TO_ALL || to == n->conf.node[n->self].id)
            msg_take(n, p, type, &body);
    }
    if (s->theirs != number || !done)
        return;
    memmove(s->in, s->in + done, s->in_used - done);
    s->in_used -= done;
}

void cast_take(struct node *n, unsigned p, struct buf *b)
{
    struct session *s = &n->peer[p].session;
    uint32_t number = buf_get_u32(b);
    uint64_t offset = buf_get_u64(b);
    size_t len = buf_left(b);
    if (b->bad)
        return;
    if (p == n->self) {
        if (number == s->mine)
            s->base = num_max(s->base, offset + len);
        return;
    }
    if (number != s->theirs || !ring_hears(n, p))
        return; /* of before its newest hello */
    if (offset != s->got || len > s->size - s->in_used) {
        ring_again(n);
        return;
    }
    memcpy(s->in + s->in_used, b->at + b->pos, len);
    s->in_used += len;
    s->got += len;
    if (!s->waiting)
        deliver(n, p);
}

void cast_resume(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (n->peer[p].session.waiting) {
            n->peer[p].session.waiting = false;
            deliver(n, p);
        }
}
