/* SPDX-License-Identifier: GPL-2.0-or-later
 * cable: see cable.h. A frame is a FRAME_LINKTEST with the sender's view and a filling of every
 * byte value, so that flow control by XON/XOFF or a line of seven bits shows as damage. There is no
 * key yet, so the place of the MAC is empty and the CRC alone is right. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include "cli/cable.h"
#include "lib/base/crc32c.h"
#include "lib/base/prng.h"
#include "lib/wire/frame.h"

enum {
    VIEW_BYTES = 33,
    BITS_PER_BYTE = 10,
    LOAD = 2, /* a frame of time t every LOAD * t */
    SHORT_FRAME = 100,
    LONG_FRAME = FRAME_SERIAL_MAX,
    LONG_EVERY = 4,
    LINGER_MS = 1500,
    TICK_MS = 50,
    FLAG_DONE = 1
};

struct cable {
    const struct cable_plan *plan;
    struct cable_result *r;
    struct framer framer;
    struct prng prng;
    uint64_t boot, peer_boot;
    uint64_t start_us, next_us, first_us, last_us;
    uint32_t peer_stamp, peer_seq; /* of the newest frame heard */
    uint64_t peer_us;              /* when it came */
    uint8_t out[FRAME_MAX];
    size_t out_len, out_pos;
    bool done, peer_done; /* the own time is over; the peer says that its time is */
};

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- frames --------------------------------------------------------------------------------- */

static void frame_make(struct cable *c)
{
    const struct cable_view *v = &c->r->here;
    struct frame_head head = {
        .version = FRAME_VERSION,
        .type = FRAME_LINKTEST,
        .src = c->plan->self,
        .dst = c->plan->peer,
        .link = c->plan->link,
        .cluster = c->plan->cluster,
        .boot = c->boot,
        .seq = ++c->r->sent,
    };
    struct buf b;
    buf_write_init(&b, c->out, sizeof(c->out));
    frame_put_head(&b, &head);
    buf_put_u8(&b, c->done ? FLAG_DONE : 0);
    buf_put_u32(&b, (uint32_t)now_us());
    buf_put_u32(&b, c->peer_stamp);
    buf_put_u32(&b, c->peer_us ? (uint32_t)(now_us() - c->peer_us) : 0);
    buf_put_u32(&b, v->first);
    buf_put_u32(&b, v->last);
    buf_put_u32(&b, v->heard);
    buf_put_u32(&b, v->damaged);
    buf_put_u32(&b, v->noise);
    assert(b.pos == FRAME_HEAD + VIEW_BYTES);
    size_t size = c->r->sent % LONG_EVERY ? SHORT_FRAME : LONG_FRAME;
    while (b.pos < size - FRAME_TAIL)
        buf_put_u8(&b, (uint8_t)prng_next(&c->prng));
    size_t len = frame_finish(&b);
    memset(c->out + len, 0, FRAME_MAC);
    buf_write_init(&b, c->out + len + FRAME_MAC, FRAME_CRC);
    buf_put_u32(&b, crc32c(0, c->out, len + FRAME_MAC));
    c->out_len = len + FRAME_TAIL;
    c->out_pos = 0;
    c->r->bytes_sent += c->out_len;
}

/* Whose frame is it? Counts those that are not the peer's. */
static bool is_peers(struct cable *c, const struct frame_head *h)
{
    if (h->src == c->plan->self && h->boot == c->boot)
        c->r->echoes++;
    else if (h->src == c->plan->self)
        c->r->twins++;
    else if (h->type != FRAME_LINKTEST || h->src != c->plan->peer || h->dst != c->plan->self ||
             h->link != c->plan->link || h->cluster != c->plan->cluster)
        c->r->foreign++;
    else
        return true;
    return false;
}

static void rtt_take(struct cable *c, uint32_t stamp, uint32_t age_us)
{
    uint32_t rtt = (uint32_t)now_us() - stamp - age_us;
    struct cable_result *r = c->r;
    if (stamp == 0 || rtt > 60000000) /* an echo of somebody before us */
        return;
    r->rtt_min_us = r->rtt_n == 0 || rtt < r->rtt_min_us ? rtt : r->rtt_min_us;
    r->rtt_max_us = rtt > r->rtt_max_us ? rtt : r->rtt_max_us;
    r->rtt_sum_us += rtt;
    r->rtt_n++;
}

static void frame_take(struct cable *c, const uint8_t *at, size_t len)
{
    struct frame_head h;
    struct buf b;
    struct cable_view *here = &c->r->here, there;
    assert(len >= FRAME_MIN);
    buf_read_init(&b, at, len - FRAME_TAIL);
    if (frame_get_head(&b, &h) || !is_peers(c, &h))
        return;
    uint8_t flags = buf_get_u8(&b);
    uint32_t stamp = buf_get_u32(&b), echo = buf_get_u32(&b), age = buf_get_u32(&b);
    there.first = buf_get_u32(&b);
    there.last = buf_get_u32(&b);
    there.heard = buf_get_u32(&b);
    there.damaged = buf_get_u32(&b);
    there.noise = buf_get_u32(&b);
    if (b.bad)
        return;
    if (h.boot != c->peer_boot) { /* begun, or begun anew */
        c->peer_boot = h.boot;
        here->first = (uint32_t)h.seq;
        here->heard = 0;
        c->first_us = now_us();
        c->peer_done = false;
    }
    here->last = (uint32_t)h.seq;
    here->heard++;
    c->peer_stamp = stamp;
    c->peer_us = c->last_us = now_us();
    c->r->bytes_heard += len;
    c->r->there = there;
    c->r->there_known = true;
    c->peer_done |= flags & FLAG_DONE;
    rtt_take(c, echo, age);
}

/* ---- the line ------------------------------------------------------------------------------- */

static void hear(struct cable *c)
{
    uint8_t block[4096];
    ssize_t n = read(c->plan->fd, block, sizeof(block));
    if (n <= 0)
        return;
    const uint8_t *at = block, *frame;
    size_t left = (size_t)n, len;
    c->r->bytes_any += left;
    while (left > 0) {
        size_t took = framer_feed(&c->framer, at, left);
        at += took;
        left -= took;
        while ((frame = framer_next(&c->framer, &len)) != NULL)
            frame_take(c, frame, len);
    }
    c->r->here.damaged = (uint32_t)c->framer.broken;
    c->r->here.noise = (uint32_t)c->framer.skipped;
}

static void speak(struct cable *c)
{
    uint64_t now = now_us();
    if (c->out_pos == c->out_len) {
        if (now < c->next_us)
            return;
        frame_make(c);
        uint64_t line_us = (uint64_t)c->out_len * BITS_PER_BYTE * 1000000 / c->plan->baud;
        c->next_us = (c->next_us + LOAD * line_us > now ? c->next_us : now) + LOAD * line_us;
    }
    ssize_t n = write(c->plan->fd, c->out + c->out_pos, c->out_len - c->out_pos);
    if (n > 0)
        c->out_pos += (size_t)n;
}

/* Both ends are done, or there is nobody to wait for. */
static bool over(struct cable *c)
{
    uint64_t now = now_us();
    if (!c->first_us)
        return now - c->start_us >= (uint64_t)c->plan->wait_ms * 1000;
    uint64_t ran_us = now - c->first_us, run_us = (uint64_t)c->plan->run_ms * 1000;
    c->done = ran_us >= run_us;
    /* Once more after the peer has heard that we are done: it wants our last counts. */
    return c->done && (ran_us >= run_us + LINGER_MS * 1000 ||
                       (c->peer_done && ran_us >= run_us + LINGER_MS * 1000 / 3));
}

void cable_run(const struct cable_plan *plan, struct cable_result *r)
{
    struct cable c = {.plan = plan, .r = r};
    assert(plan->baud > 0 && plan->fd >= 0);
    memset(r, 0, sizeof(*r));
    if (getrandom(&c.boot, sizeof(c.boot), 0) != (ssize_t)sizeof(c.boot) || !c.boot)
        c.boot = now_us();
    prng_seed(&c.prng, c.boot);
    framer_init(&c.framer);
    c.start_us = c.next_us = now_us();
    while (!over(&c)) {
        bool wants = c.out_pos < c.out_len;
        uint64_t now = now_us();
        uint64_t wait_ms = wants || c.next_us <= now ? TICK_MS : (c.next_us - now) / 1000 + 1;
        struct pollfd p = {.fd = plan->fd, .events = (short)(POLLIN | (wants ? POLLOUT : 0))};
        if (poll(&p, 1, wait_ms < TICK_MS ? (int)wait_ms : TICK_MS) > 0 &&
            (p.revents & (POLLHUP | POLLERR)) && !(p.revents & POLLIN))
            usleep(TICK_MS * 1000); /* a device that went away: do not spin on it */
        hear(&c);
        speak(&c);
    }
    r->span_us = c.last_us - c.first_us;
}

/* ---- judgement ------------------------------------------------------------------------------ */

static uint32_t lost(const struct cable_view *v)
{
    uint32_t span = v->first ? v->last - v->first + 1 : 0;
    return span > v->heard ? span - v->heard : 0;
}

uint32_t cable_lost_here(const struct cable_result *r)
{
    return lost(&r->here);
}

uint32_t cable_lost_there(const struct cable_result *r)
{
    return lost(&r->there);
}

bool cable_ok(const struct cable_result *r)
{
    return r->here.heard > 0 && r->there_known && r->there.heard > 0 && !lost(&r->here) &&
           !lost(&r->there) && !r->here.damaged && !r->there.damaged && !r->echoes && !r->twins &&
           !r->foreign;
}
