/* SPDX-License-Identifier: GPL-2.0-or-later
 * session: a stream of bytes with offsets, cut into segments that fit the best link of the moment;
 * messages (u32 length, u8 type, body) lie in the stream. What is not acknowledged in time is sent
 * again from the first missing byte (go back N), over another link if the first is down by then.
 *
 * A session is named by a number of each side, rising within one (boot, life). The first segments
 * of a session carry SYN until something was acknowledged. A SYN with a higher number than the one
 * known means that the peer began anew; unless it answers our present number, we begin anew as
 * well, so that both streams always start at zero together. Ways to fail: the peer is lost (closed
 * by peer), more waits than the ring holds (ERR_FULL: the sender of bulk must ask first), nonsense
 * in the stream (the session is begun anew). */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/cast.h"
#include "lib/core/msg.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"
#include "lib/core/view.h"

enum {
    SEG_HEAD = 4 + 4 + 8 + 8 + 1, /* from, to, offset, ack, flags */
    SEG_SYN = 1,
    WINDOW_IP = 64 * 1024,
    /* A mailbox (lib/wire/block) keeps the newest frames only: more than it holds at once would
     * push out those that the peer waits for. */
    WINDOW_DISK = 2 * SEGMENT_MAX,
    TRIES_MAX = 6, /* the wait doubles up to 2^3 = 8 times */
    STUCK_MS = 10000
};

void session_open(struct node *n, unsigned p)
{
    assert(!ring_engine(n));
    struct session *s = &n->peer[p].session;
    s->mine = ++s->counter;
    s->base = s->next = s->sent = s->end = 0;
    s->resend_us = s->stuck_us = 0;
    s->tries = 0;
    s->hello_sent = s->hello_got = false;
    view_hello_send(n, p);
    s->hello_sent = true;
}

void session_close(struct node *n, unsigned p)
{
    struct session *s = &n->peer[p].session;
    if (ring_engine(n))
        return; /* streams begin anew with hellos */
    s->mine = s->theirs = 0;
    s->base = s->next = s->sent = s->end = s->got = 0;
    s->in_used = 0;
    s->resend_us = s->stuck_us = 0;
    s->ack_due = s->waiting = false;
    s->hello_sent = s->hello_got = false;
}

void session_forget(struct node *n, unsigned p)
{
    session_close(n, p);
    n->peer[p].session.theirs_last = 0;
}

bool session_ready(const struct node *n, unsigned p)
{
    const struct session *s = &n->peer[p].session;
    if (ring_engine(n))
        return ring_hears(n, p);
    return s->mine && s->theirs && s->hello_sent && s->hello_got;
}

size_t session_waiting(const struct node *n, unsigned p)
{
    const struct session *s = &n->peer[p].session;
    return ring_engine(n) ? cast_waiting(n) : (size_t)(s->end - s->base);
}

static void ring_write(struct session *s, const void *at, size_t len)
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

enum err session_send(struct node *n, unsigned p, unsigned type, const void *body, size_t len)
{
    struct session *s = &n->peer[p].session;
    if (ring_engine(n))
        return session_ready(n, p) ? cast_send(n, p, type, body, len) : ERR_MISSING;
    if (!s->mine)
        return ERR_MISSING;
    if (s->end - s->base + MESSAGE_HEAD + len > s->size)
        return ERR_FULL;
    uint8_t head[MESSAGE_HEAD];
    struct buf b;
    buf_write_init(&b, head, sizeof(head));
    buf_put_u32(&b, (uint32_t)len);
    buf_put_u8(&b, (uint8_t)type);
    ring_write(s, head, sizeof(head));
    ring_write(s, body, len);
    return ERR_OK;
}

static void segment_send(struct node *n, unsigned p, unsigned l, size_t len)
{
    struct session *s = &n->peer[p].session;
    struct buf b;
    path_put_head(n, &b, p, l, FRAME_DATA, SEG_HEAD + len);
    buf_put_u32(&b, s->mine);
    buf_put_u32(&b, s->theirs);
    buf_put_u64(&b, s->next);
    buf_put_u64(&b, s->got);
    buf_put_u8(&b, s->base == 0 ? SEG_SYN : 0);
    while (len) {
        size_t place = (size_t)(s->next % s->size);
        size_t part = num_min(len, s->size - place);
        buf_put_bytes(&b, s->out + place, part);
        s->next += part;
        len -= part;
    }
    s->sent = num_max(s->sent, s->next);
    assert(!b.bad);
    path_send(n, &b, p, l, false);
    s->ack_due = false;
}

static uint64_t resend_wait_us(const struct node *n, unsigned p, unsigned l)
{
    const struct session *s = &n->peer[p].session;
    /* On a line a frame, its answer, and what waits before them take their time. */
    uint64_t wait = US(n->timing.resend_ms + n->timing.link[l].ack_ms);
    return wait << num_min(s->tries, 3);
}

static void session_pump(struct node *n, unsigned p)
{
    struct session *s = &n->peer[p].session;
    unsigned l = path_best(n, p);
    if (!s->mine || l == CONF_LINKS_MAX)
        return;
    bool serial = n->conf.link[l].type == LINK_SERIAL;
    size_t most = serial ? FRAME_SERIAL_MAX - FRAME_TAIL - FRAME_HEAD - SEG_HEAD : SEGMENT_MAX;
    uint64_t window = serial ? num_max(n->timing.link[l].queue_bytes, FRAME_SERIAL_MAX) : WINDOW_IP;
    if (n->conf.link[l].type == LINK_DISK)
        window = WINDOW_DISK;
    if (s->resend_us && s->resend_us <= n->now_us && s->base < s->next) {
        s->next = s->base;
        if (s->tries < TRIES_MAX)
            s->tries++;
        s->resend_us = 0;
    }
    while (s->next < s->end && s->next - s->base < window) {
        size_t len = num_min(s->end - s->next, most);
        segment_send(n, p, l, len);
        if (!s->resend_us)
            s->resend_us = n->now_us + resend_wait_us(n, p, l);
    }
    if (s->ack_due)
        segment_send(n, p, l, 0);
    if (s->resend_us)
        out_wake(n, s->resend_us);
}

/* Both ways are open and yet nothing of what waits is acknowledged, or no hello comes: the two have
 * lost step, whatever the reason. */
static void session_watch(struct node *n, unsigned p)
{
    struct session *s = &n->peer[p].session;
    bool waits = s->mine && (s->base < s->end || !s->hello_got);
    if (!waits || path_best(n, p) == CONF_LINKS_MAX || n->peer[p].gone) {
        s->stuck_us = 0;
        return;
    }
    if (!s->stuck_us)
        s->stuck_us = n->now_us;
    uint64_t until_us = s->stuck_us + US(STUCK_MS + 4u * n->timing.lost_ms);
    if (until_us <= n->now_us)
        session_again(n, p);
    else
        out_wake(n, until_us);
}

void session_again(struct node *n, unsigned p)
{
    if (ring_engine(n)) {
        ring_again(n);
        return;
    }
    view_restart(n, p);
    session_close(n, p);
}

void session_tick(struct node *n)
{
    if (ring_engine(n))
        return;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        if (p == n->self)
            continue;
        session_watch(n, p);
        session_pump(n, p);
    }
}

/* ---- in ----------------------------------------------------------------------------------- */

/* Takes the peer's session number; false if the segment is not of a session we are in. */
static bool session_bind(struct node *n, unsigned p, uint32_t from, uint32_t to, bool syn)
{
    struct session *s = &n->peer[p].session;
    if (from != s->theirs) {
        /* The same number again is good as long as it says SYN: we closed and forgot, and the peer,
         * of whose session nothing was acknowledged, does not know. */
        if (!syn || !from || from < s->theirs_last)
            return false;
        /* Of a stream of which it had taken something before, it cannot get the beginning again. */
        bool answers = s->mine && to == s->mine && s->base == 0;
        if (s->theirs && !answers)
            session_close(n, p); /* it began anew: so do we */
        s->theirs = s->theirs_last = from;
        s->got = 0;
        s->in_used = 0;
        s->hello_got = false;
        if (!s->mine) {
            if (n->peer[p].state == PEER_MEMBER || n->view.state == VIEW_FORMING)
                view_restart(n, p);
            if (n->peer[p].state == PEER_MEETING)
                session_open(n, p);
        }
    }
    return s->mine && (to == s->mine || (syn && to == 0));
}

static void ack_take(struct node *n, unsigned p, uint64_t ack)
{
    struct session *s = &n->peer[p].session;
    unsigned l = path_best(n, p);
    if (ack <= s->base || ack > s->sent)
        return;
    s->base = ack;
    s->stuck_us = 0;
    if (s->next < s->base)
        s->next = s->base;
    s->tries = 0;
    s->resend_us = 0;
    if (s->base < s->next) /* no link at the moment: at once, on the first one that comes up */
        s->resend_us = n->now_us + (l < CONF_LINKS_MAX ? resend_wait_us(n, p, l) : 0);
}

/* Hands over the messages that are whole. A message may close the session: look again each time. */
static void session_deliver(struct node *n, unsigned p)
{
    struct session *s = &n->peer[p].session;
    size_t done = 0;
    uint32_t mine = s->mine;
    while (s->mine == mine && s->in_used - done >= MESSAGE_HEAD) {
        struct buf b;
        buf_read_init(&b, s->in + done, s->in_used - done);
        uint32_t len = buf_get_u32(&b);
        unsigned type = buf_get_u8(&b);
        if (len > s->size - MESSAGE_HEAD) {
            session_again(n, p); /* nonsense */
            return;
        }
        if (s->in_used - done < MESSAGE_HEAD + len)
            break;
        if (!out_roomy(n)) {
            s->waiting = true;
            out_wake(n, n->now_us);
            break;
        }
        struct buf body;
        buf_read_init(&body, s->in + done + MESSAGE_HEAD, len);
        done += MESSAGE_HEAD + len;
        msg_take(n, p, type, &body);
    }
    if (s->mine != mine || !done)
        return;
    memmove(s->in, s->in + done, s->in_used - done);
    s->in_used -= done;
}

void session_take(struct node *n, unsigned p, struct buf *b)
{
    struct session *s = &n->peer[p].session;
    uint32_t from = buf_get_u32(b), to = buf_get_u32(b);
    uint64_t offset = buf_get_u64(b), ack = buf_get_u64(b);
    bool syn = buf_get_u8(b) & SEG_SYN;
    if (b->bad || !session_bind(n, p, from, to, syn))
        return;
    if (to == s->mine)
        ack_take(n, p, ack);
    size_t len = buf_left(b);
    if (!len)
        return;
    s->ack_due = true;
    if (offset > s->got || offset + len <= s->got)
        return; /* a gap, or known already: the acknowledgement tells where to go on */
    size_t skip = (size_t)(s->got - offset);
    len -= skip;
    if (len > s->size - s->in_used)
        return; /* no room until the messages before it are whole: it comes again */
    memcpy(s->in + s->in_used, b->at + b->pos + skip, len);
    s->in_used += len;
    s->got += len;
    session_deliver(n, p);
}

void session_resume(struct node *n)
{
    if (ring_engine(n)) {
        cast_resume(n);
        return;
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (n->peer[p].session.waiting) {
            n->peer[p].session.waiting = false;
            session_deliver(n, p);
        }
}
