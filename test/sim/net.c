/* SPDX-License-Identifier: GPL-2.0-or-later
 * net: wires. See net.h.
 *
 * Happy path: a frame sent is one parcel in the heap, due after a random delay (serial: after those
 * before it have crept over the line), told to the node when it arrives.
 * Ways to fail: cut in one or both directions (looked at when it is sent and when it arrives),
 * loss, repetition, old frames that come again much later, a mirror that gives a host its own
 * frames back, garbled bytes; a TCP connection holds frames back while cut and breaks after some
 * seconds. */
#include <assert.h>
#include <string.h>
#include "lib/wire/frame.h"
#include "test/sim/host.h"
#include "test/sim/net.h"
#include "test/sim/oracle.h"
#include "test/sim/quorum.h"
#include "test/sim/story.h"

enum {
    BUFFER_FRAMES = 400, /* what a frozen host's sockets hold, over all links */
    TCP_RETRY_US = 150000,
    TCP_PATIENCE_MIN_MS = 2000,
    TCP_PATIENCE_MAX_MS = 9000,
    REMEMBER_EVERY = 23,
    STALE_MIN_MS = 500,
    STALE_MAX_MS = 90000
};

void net_open(struct world *w)
{
    for (unsigned l = 0; l < w->conf.n_links; l++) {
        struct medium *m = &w->medium[l];
        *m = (struct medium){.type = w->conf.link[l].type, .baud = w->conf.link[l].baud};
        for (unsigned i = 0; i < SIM_NODES; i++) {
            m->carrier[i] = true;
            m->from[i].rates.min_us = 100;
            m->from[i].rates.mean_us = 400;
        }
    }
}

static bool wire_dead(const struct medium *m, unsigned from)
{
    return m->from[from].cut || !m->carrier[0] || !m->carrier[1];
}

/* ---- sending -----------------------------------------------------------------------------------
 */

static struct item *parcel_go(struct world *w, unsigned link, unsigned from, unsigned to,
                              uint64_t due_us, struct parcel *p)
{
    struct item *it = world_add(w, ITEM_FRAME, to, due_us);
    it->link = (uint8_t)link;
    it->token = w->medium[link].connection;
    it->a = from;
    it->b = w->host[from].power_no;
    it->parcel = p;
    p->users++;
    return it;
}

/* One frame in some dozens is remembered, in a place drawn at random. */
static void parcel_remember(struct world *w, unsigned link, unsigned from, struct parcel *p)
{
    if (w->exact || w->counts[COUNT_FRAMES] % REMEMBER_EVERY)
        return;
    struct old_frame *o = &w->old[prng_below(&w->net_prng, OLD_FRAMES)];
    if (o->parcel)
        parcel_drop(w, o->parcel);
    *o = (struct old_frame){p, (uint8_t)link, (uint8_t)from, w->host[from].power_no};
    p->users++;
}

void net_play_old(struct world *w, unsigned to)
{
    for (unsigned i = 0; i < OLD_FRAMES; i++) {
        const struct old_frame *o = &w->old[i];
        if (!o->parcel || o->from == to)
            continue;
        struct item *it = parcel_go(w, o->link, o->from, to, w->now_us + MSEC(3) * i, o->parcel);
        it->b = o->power_no;
        it->flag = 1;
    }
}

/* What may befall a frame besides arriving once. */
static bool parcel_mishap(struct world *w, unsigned link, unsigned from, struct parcel *p)
{
    const struct path_rates *r = &w->medium[link].from[from].rates;
    if (w->quiet_wires)
        return false;
    if (r->stale && prng_chance(&w->net_prng, r->stale))
        parcel_go(w, link, from, other(from),
                  w->now_us + MSEC(prng_between(&w->net_prng, STALE_MIN_MS, STALE_MAX_MS)), p)
            ->flag = 1;
    if (r->mirror && prng_chance(&w->net_prng, r->mirror))
        parcel_go(w, link, from, from, w->now_us + 1000, p);
    if (r->garble && prng_chance(&w->net_prng, r->garble)) {
        if (prng_chance(&w->net_prng, 700000))
            net_noise(w, link, other(from), ERR_CRC, 1);
        return true;
    }
    return r->loss && prng_chance(&w->net_prng, r->loss);
}

static uint64_t wire_delay(struct world *w, const struct wire *wire)
{
    return world_lasts(w, &w->net_prng, wire->rates.min_us, wire->rates.mean_us);
}

static void udp_send(struct world *w, unsigned link, unsigned from, struct parcel *p)
{
    struct wire *wire = &w->medium[link].from[from];
    if (parcel_mishap(w, link, from, p))
        return;
    parcel_go(w, link, from, other(from), w->now_us + wire_delay(w, wire), p);
    if (!w->quiet_wires && wire->rates.twice && prng_chance(&w->net_prng, wire->rates.twice))
        parcel_go(w, link, from, other(from), w->now_us + 3 * wire_delay(w, wire), p);
}

static void tcp_send(struct world *w, unsigned link, unsigned from, struct parcel *p)
{
    struct medium *m = &w->medium[link];
    struct wire *wire = &m->from[from];
    if (!m->told[from])
        return;
    uint64_t due = w->now_us + wire_delay(w, wire);
    wire->last_due_us = due > wire->last_due_us ? due : wire->last_due_us;
    parcel_go(w, link, from, other(from), wire->last_due_us, p);
}

/* The next frame on an idle serial line: beats first. */
static void line_next(struct world *w, unsigned link, unsigned from)
{
    struct medium *m = &w->medium[link];
    struct wire *wire = &m->from[from];
    if (wire->busy || !wire->n)
        return;
    unsigned at = 0;
    while (at + 1 < wire->n && !wire->line[at].beat)
        at++;
    if (!wire->line[at].beat)
        at = 0;
    struct parcel *p = wire->line[at].parcel;
    wire->n--;
    memmove(&wire->line[at], &wire->line[at + 1], (wire->n - at) * sizeof(wire->line[0]));
    uint64_t lasts = (uint64_t)(p->len + FRAME_TAIL) * 10 * 1000000 / m->baud;
    wire->busy = true;
    struct item *it = world_add(w, ITEM_LINE, from, w->now_us + lasts);
    it->link = (uint8_t)link;
    if (!parcel_mishap(w, link, from, p))
        parcel_go(w, link, from, other(from), w->now_us + lasts + 200, p);
    parcel_drop(w, p);
}

static void serial_send(struct world *w, unsigned link, unsigned from, struct parcel *p, bool beat)
{
    struct wire *wire = &w->medium[link].from[from];
    if (wire->n == LINE_MAX)
        return; /* the shell's queue is full: lost */
    wire->line[wire->n].parcel = p;
    wire->line[wire->n++].beat = beat;
    p->users++;
    line_next(w, link, from);
}

void net_send(struct world *w, struct host *h, const struct action *a)
{
    unsigned link = a->send.link, from = h->self;
    assert(link < w->conf.n_links && a->send.node == other(from));
    assert(a->send.len >= FRAME_HEAD && a->send.len + FRAME_TAIL <= FRAME_MAX);
    struct medium *m = &w->medium[link];
    w->counts[COUNT_FRAMES]++;
    oracle_sent(w, h, a->send.at, a->send.len);
    if (m->type == LINK_DISK) {
        quorum_send(w, h, a);
        return;
    }
    if (m->type == LINK_UDP && wire_dead(m, from))
        return;
    struct parcel *p = parcel_new(w, a->send.at, a->send.len);
    if (!p)
        return;
    if (h->twist_version)
        p->at[4] = h->twist_version;
    if (h->twist_cluster)
        p->at[8] ^= 0xff;
    story_saw(w, h, link, p);
    parcel_remember(w, link, from, p);
    if (m->type == LINK_UDP)
        udp_send(w, link, from, p);
    else if (m->type == LINK_TCP)
        tcp_send(w, link, from, p);
    else
        serial_send(w, link, from, p, a->send.beat);
    parcel_drop(w, p);
}

/* ---- arriving
 * ------------------------------------------------------------------------------------ */

static void frame_arrives(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    struct medium *m = &w->medium[it->link];
    struct parcel *p = it->parcel;
    bool held = m->type == LINK_TCP && !it->flag && it->token == m->connection &&
                wire_dead(m, it->a) && h->node;
    if (held) { /* TCP tries again; what comes after waits behind it */
        struct wire *wire = &m->from[it->a];
        uint64_t due = w->now_us + TCP_RETRY_US;
        if (due > wire->last_due_us)
            wire->last_due_us = due;
        parcel_go(w, it->link, it->a, it->host, due, p);
    } else if (h->node && (it->flag || (!wire_dead(m, it->a) &&
                                        (m->type != LINK_TCP || it->token == m->connection)))) {
        if (it->a != it->host) {
            h->heard_first = h->heard_first ? h->heard_first : it->b;
            h->heard_power = it->b > h->heard_power ? it->b : h->heard_power;
            if (!it->flag)
                oracle_reached(w, &w->host[it->a]);
        }
        struct event ev = {.kind = EV_FRAME};
        ev.frame.link = it->link;
        ev.frame.at = p->at;
        ev.frame.len = p->len;
        host_tell(w, h, &ev);
    }
    parcel_drop(w, p);
}

bool net_overflows(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    if (++h->buffered <= BUFFER_FRAMES)
        return false;
    parcel_drop(w, it->parcel);
    return true;
}

void net_inject(struct world *w, unsigned link, unsigned to, const uint8_t *at, size_t len,
                uint64_t due_us)
{
    struct parcel *p = parcel_new(w, at, len);
    if (!p)
        return;
    parcel_go(w, link, other(to), to, due_us, p);
    parcel_drop(w, p);
}

void net_noise(struct world *w, unsigned link, unsigned to, enum err why, uint32_t count)
{
    struct item *it = world_add(w, ITEM_NOISE, to, w->now_us + 500);
    it->link = (uint8_t)link;
    it->a = why;
    it->b = count;
}

static void noise_arrives(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    if (!h->node)
        return;
    struct event ev = {.kind = EV_FRAME_BAD};
    ev.frame_bad.link = it->link;
    ev.frame_bad.why = (enum err)it->a;
    ev.frame_bad.count = it->b;
    host_tell(w, h, &ev);
}

/* ---- usable or not
 * ---------------------------------------------------------------------------------- */

static const char *const link_reason[] = {"", "no carrier", "connection refused",
                                          "connection reset by peer", "connection timed out"};
enum { REASON_NONE, REASON_CARRIER, REASON_REFUSED, REASON_RESET, REASON_TIMEOUT };

static void link_say(struct world *w, unsigned link, unsigned host, bool usable, unsigned reason,
                     uint64_t in_us)
{
    struct item *it = world_add(w, ITEM_LINK, host, w->now_us + in_us);
    it->link = (uint8_t)link;
    it->token = w->host[host].life_no;
    it->flag = usable;
    it->a = reason;
}

static void link_told(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    if (!h->node || it->token != h->life_no)
        return;
    struct event ev = {.kind = EV_LINK};
    w->medium[it->link].told[h->self] = it->flag;
    ev.link.link = it->link;
    ev.link.usable = it->flag;
    ev.link.reason = link_reason[it->a];
    host_tell(w, h, &ev);
}

/* A TCP connection is tried as soon as both ends are there and the wires are whole. */
static void tcp_review(struct world *w, unsigned link)
{
    struct medium *m = &w->medium[link];
    if (m->connected || m->connecting || wire_dead(m, 0) || wire_dead(m, 1) || !w->host[0].node ||
        !w->host[1].node)
        return;
    m->connecting = true;
    struct item *it =
        world_add(w, ITEM_CONNECT, 0, w->now_us + world_lasts(w, &w->net_prng, 500, MSEC(60)));
    it->link = (uint8_t)link;
}

static void tcp_connects(struct world *w, unsigned link)
{
    struct medium *m = &w->medium[link];
    m->connecting = false;
    if (m->connected || wire_dead(m, 0) || wire_dead(m, 1) || !w->host[0].node || !w->host[1].node)
        return;
    m->connected = true;
    m->connection++;
    for (unsigned i = 0; i < SIM_NODES; i++) {
        m->from[i].last_due_us = 0;
        if (m->told[i])
            link_say(w, link, i, false, REASON_RESET, 1);
        link_say(w, link, i, true, REASON_NONE, 2);
    }
}

static void tcp_breaks(struct world *w, unsigned link, unsigned reason)
{
    struct medium *m = &w->medium[link];
    if (!m->connected)
        return;
    m->connected = false;
    m->connection++;
    for (unsigned i = 0; i < SIM_NODES; i++)
        if (w->host[i].node)
            link_say(w, link, i, false, reason, 1);
    tcp_review(w, link);
}

/* Silence on a connection is borne for some seconds. */
static void tcp_worries(struct world *w, unsigned link)
{
    struct medium *m = &w->medium[link];
    if (!m->connected)
        return;
    uint64_t patience = prng_between(&w->net_prng, TCP_PATIENCE_MIN_MS, TCP_PATIENCE_MAX_MS);
    struct item *it = world_add(w, ITEM_HANGUP, 0, w->now_us + MSEC(patience));
    it->link = (uint8_t)link;
    it->token = m->connection;
}

static void tcp_gives_up(struct world *w, const struct item *it)
{
    struct medium *m = &w->medium[it->link];
    bool well = !wire_dead(m, 0) && !wire_dead(m, 1) && w->host[0].node && w->host[1].node;
    if (m->connected && m->connection == it->token && !well)
        tcp_breaks(w, it->link, REASON_TIMEOUT);
}

static void line_clear(struct world *w, struct wire *wire)
{
    while (wire->n > 0)
        parcel_drop(w, wire->line[--wire->n].parcel);
}

void net_review(struct world *w, unsigned host, bool suddenly)
{
    bool up = w->host[host].node != NULL;
    for (unsigned l = 0; l < w->conf.n_links; l++) {
        struct medium *m = &w->medium[l];
        m->told[host] = false;
        if (!up)
            line_clear(w, &m->from[host]);
        if (m->type == LINK_DISK && up)
            quorum_open(w, l, host);
        if (m->type != LINK_TCP) {
            if (up)
                link_say(w, l, host, m->carrier[host], m->carrier[host] ? 0 : REASON_CARRIER, 100);
        } else if (up) {
            link_say(w, l, host, false, REASON_REFUSED, 100);
            tcp_breaks(w, l, REASON_RESET);
            tcp_review(w, l);
        } else if (suddenly || wire_dead(m, host)) {
            tcp_worries(w, l);
        } else {
            tcp_breaks(w, l, REASON_RESET);
        }
    }
}

void net_cut(struct world *w, unsigned link, unsigned from, bool cut)
{
    struct medium *m = &w->medium[link];
    if (m->from[from].cut == cut)
        return;
    m->from[from].cut = cut;
    oracle_trouble(w);
    if (m->type == LINK_DISK && !cut)
        quorum_back(w, link, from);
    if (m->type != LINK_TCP)
        return;
    if (cut)
        tcp_worries(w, link);
    else
        tcp_review(w, link);
}

void net_carrier(struct world *w, unsigned link, unsigned host, bool there)
{
    struct medium *m = &w->medium[link];
    if (m->carrier[host] == there)
        return;
    m->carrier[host] = there;
    oracle_trouble(w);
    if (m->type == LINK_DISK && there)
        quorum_back(w, link, host);
    if (m->type == LINK_TCP && !there)
        tcp_worries(w, link);
    else if (m->type == LINK_TCP)
        tcp_review(w, link);
    else if (w->host[host].node)
        link_say(w, link, host, there, there ? REASON_NONE : REASON_CARRIER, 100);
}

void net_heal(struct world *w)
{
    for (unsigned l = 0; l < w->conf.n_links; l++)
        for (unsigned i = 0; i < SIM_NODES; i++) {
            net_carrier(w, l, i, true);
            net_cut(w, l, i, false);
        }
    w->quiet_wires = true;
}

/* ---- items
 * ------------------------------------------------------------------------------------------------
 */

void net_item(struct world *w, const struct item *it)
{
    switch (it->kind) {
    case ITEM_FRAME: frame_arrives(w, it); break;
    case ITEM_NOISE: noise_arrives(w, it); break;
    case ITEM_LINK: link_told(w, it); break;
    case ITEM_CONNECT: tcp_connects(w, it->link); break;
    case ITEM_HANGUP: tcp_gives_up(w, it); break;
    case ITEM_LINE:
        w->medium[it->link].from[it->host].busy = false;
        line_next(w, it->link, it->host);
        break;
    default: assert(!"net_item");
    }
}
