/* SPDX-License-Identifier: GPL-2.0-or-later
 * quorum: quorum disks. See quorum.h.
 *
 * Happy path: one write of the newest beat at a time; when it is whole the core is told the core
 * time of its handing over. A read begins at the link's rhythm, brings what is on the disk when it
 * ends, and is told to the core after what it brought.
 * Ways to fail, all of them wanted: a path that is gone (a write hangs until it is back, and lands
 * then, whatever became of its host; a read fails), latency of seconds, a power cut with a write
 * under way (it lands all the same, or is lost, or leaves a torn block), a torn block (such a read
 * is never told), a write that fails and lands later over a newer one, a reading that brings what
 * was there before. */
#include <assert.h>
#include <string.h>
#include "test/sim/mishap.h"
#include "test/sim/net.h"
#include "test/sim/oracle.h"
#include "test/sim/quorum.h"
#include "test/sim/simlun.h"
#include "test/sim/simreserve.h"
#include "test/sim/simtrace.h"

enum { HANG_MIN_MS = 500, HANG_MEAN_MS = 8000 };

bool quorum_path_dead(const struct world *w, unsigned link, unsigned host)
{
    const struct medium *m = &w->medium[link];
    const struct unit *u = unit_of_link(w, link);
    return m->from[host].cut || !m->carrier[host] || (u && u->down[host][0] && u->down[host][1]);
}

static uint64_t io_lasts(struct world *w, unsigned link)
{
    const struct quorum *q = &w->quorum[link];
    uint64_t us = world_lasts(w, &w->net_prng, q->mean_us / 4 + 1, q->mean_us);
    if (!w->quiet_wires && q->hangs && prng_chance(&w->net_prng, q->hangs))
        us += prng_exponential(&w->net_prng, MSEC(HANG_MIN_MS), MSEC(HANG_MEAN_MS));
    return us;
}

/* The disk is reserved, and this host is not registered there. */
static bool refused(struct world *w, unsigned link, unsigned host)
{
    const struct unit *u = unit_of_link(w, link);
    return u && !unit_writable(u, host);
}

/* ---- writing ------------------------------------------------------------------------------ */

static void write_begin(struct world *w, unsigned link, unsigned host)
{
    struct quorum *q = &w->quorum[link];
    if (q->by[host].busy || !q->by[host].next)
        return;
    q->by[host].busy = true;
    q->by[host].writes++;
    q->by[host].flying = q->by[host].next;
    q->by[host].flying_us = q->by[host].next_us;
    q->by[host].next = NULL;
    struct item *it = world_add(w, ITEM_DISK_WROTE, host, w->now_us + io_lasts(w, link));
    it->link = (uint8_t)link;
    it->token = w->host[host].life_no;
}

void quorum_send(struct world *w, struct host *h, const struct action *a)
{
    unsigned link = a->send.link, host = h->self;
    struct quorum *q = &w->quorum[link];
    struct parcel *p = parcel_new(w, a->send.at, a->send.len);
    if (!p)
        return;
    if (a->send.beat) {
        if (q->by[host].next)
            parcel_drop(w, q->by[host].next);
        q->by[host].next = p;
        q->by[host].next_us = h->last_local_us;
        write_begin(w, link, host);
        return;
    }
    /* A lost message is sent again by the session. */
    if (quorum_path_dead(w, link, host) || refused(w, link, host)) {
        parcel_drop(w, p);
        return;
    }
    struct parcel **mail = q->of[host].mail;
    if (mail[1])
        parcel_drop(w, mail[1]);
    mail[1] = mail[0];
    mail[0] = p;
    q->of[host].mail_no++;
}

static void block_put(struct world *w, unsigned link, unsigned host, struct parcel *p, uint64_t no)
{
    struct quorum *q = &w->quorum[link];
    if (q->of[host].before)
        parcel_drop(w, q->of[host].before);
    q->of[host].before = q->of[host].beat;
    q->of[host].before_no = q->of[host].beat_no;
    q->of[host].beat = p;
    q->of[host].beat_no = no;
    q->of[host].torn = false;
}

/* The write fails, so the disk is closed and opened again; the array does it all the same, later,
 * over what was written since. */
static void write_given_up(struct world *w, unsigned link, unsigned host, struct parcel *p)
{
    struct quorum *q = &w->quorum[link];
    uint64_t again_us = prng_between(&w->net_prng, MSEC(20), MSEC(1000));
    trace_note(w, &w->host[host], "a write to %s fails, and may land later",
               w->conf.link[link].name);
    struct item *it =
        world_add(w, ITEM_DISK_WROTE, host,
                  w->now_us + again_us + prng_below(&w->net_prng, MSEC(TIMING_LANDED_MS) * 9 / 10));
    it->link = (uint8_t)link;
    it->flag = 2;
    it->parcel = p;
    it->a = (uint32_t)q->by[host].writes;
    net_carrier(w, link, host, false);
    mishap_carrier_later(w, link, host, again_us);
}

/* Whole on the disk; the core of the daemon that handed it over is told so. */
static void write_ends(struct world *w, const struct item *it)
{
    unsigned link = it->link, host = it->host;
    struct quorum *q = &w->quorum[link];
    struct host *h = &w->host[host];
    if (it->flag == 2) {
        trace_note(w, h, "the write to %s that had failed lands", w->conf.link[link].name);
        block_put(w, link, host, it->parcel, it->a);
        return;
    }
    struct parcel *p = q->by[host].flying;
    uint64_t wrote_us = q->by[host].flying_us;
    bool alive = h->node && h->life_no == it->token;
    if (!p)
        return;
    if (quorum_path_dead(w, link, host)) { /* it hangs; quorum_back goes on with it */
        q->by[host].busy = true;
        return;
    }
    q->by[host].busy = false;
    q->by[host].flying = NULL;
    if (refused(w, link, host)) {
        parcel_drop(w, p);
        if (alive)
            reserve_notice(w, h, unit_of_link(w, link));
        return;
    }
    if (!h->power && !it->flag && !prng_chance(&w->net_prng, q->late)) {
        q->of[host].torn = q->of[host].torn || prng_chance(&w->net_prng, q->torn);
        parcel_drop(w, p);
        return;
    }
    if (alive && h->frozen == AWAKE && !w->quiet_wires && q->overtakes &&
        prng_chance(&w->net_prng, q->overtakes)) {
        write_given_up(w, link, host, p);
        return;
    }
    block_put(w, link, host, p, q->by[host].writes);
    if (!alive)
        return;
    write_begin(w, link, host);
    if (h->frozen != AWAKE)
        return; /* its shell hears of the next one */
    struct event ev = {.kind = EV_DISK};
    ev.disk.link = (uint8_t)link;
    ev.disk.wrote_us = wrote_us;
    host_tell(w, h, &ev);
}

void quorum_back(struct world *w, unsigned link, unsigned host)
{
    struct quorum *q = &w->quorum[link];
    if (!q->by[host].busy || !q->by[host].flying)
        return;
    struct item *it = world_add(w, ITEM_DISK_WROTE, host, w->now_us + io_lasts(w, link));
    it->link = (uint8_t)link;
    it->token = w->host[host].life_no;
    it->flag = 1; /* the adapter tried again, whatever became of the host */
}

/* ---- reading ------------------------------------------------------------------------------ */

static void read_later(struct world *w, unsigned link, unsigned host, uint64_t in_us)
{
    struct item *it = world_add(w, ITEM_DISK_READ, host, w->now_us + in_us);
    it->link = (uint8_t)link;
    it->token = w->host[host].life_no;
}

void quorum_open(struct world *w, unsigned link, unsigned host)
{
    struct quorum *q = &w->quorum[link];
    q->by[host].seen_beat = q->by[host].seen_mail = 0;
    if (q->by[host].next)
        parcel_drop(w, q->by[host].next);
    q->by[host].next = NULL;
    read_later(w, link, host, 1000);
}

static void read_begins(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    if (!h->node || it->token != h->life_no)
        return;
    read_later(w, it->link, it->host, MSEC(w->timing.link[it->link].interval_ms));
    if (quorum_path_dead(w, it->link, it->host))
        return;
    uint64_t local_us = host_local_us(w, h);
    struct item *got = world_add(w, ITEM_DISK_GOT, it->host, w->now_us + io_lasts(w, it->link));
    got->link = it->link;
    got->token = it->token;
    got->a = (uint32_t)(local_us >> 32);
    got->b = (uint32_t)local_us;
}

static bool frame_told(struct world *w, struct host *h, unsigned link, struct parcel *p)
{
    struct event ev = {.kind = EV_FRAME};
    uint32_t life = h->life_no;
    ev.frame.link = (uint8_t)link;
    ev.frame.at = p->at;
    ev.frame.len = p->len;
    p->users++;
    host_tell(w, h, &ev);
    parcel_drop(w, p);
    return h->node && h->life_no == life && h->frozen == AWAKE && !w->barked;
}

/* The peer's beat as this reading found it; false: no reading that counts. */
static bool beat_told(struct world *w, struct host *h, unsigned link)
{
    unsigned host = h->self, o = other(host);
    struct quorum *q = &w->quorum[link];
    struct parcel *p = q->of[o].beat;
    uint64_t no = q->of[o].beat_no;
    if (!w->quiet_wires && q->stale && q->of[o].before && prng_chance(&w->net_prng, q->stale)) {
        p = q->of[o].before;
        no = q->of[o].before_no;
    }
    if (!p || no == q->by[host].seen_beat)
        return true;
    if (no < q->by[host].seen_beat)
        return false; /* an older block than before */
    h->heard_first = h->heard_first ? h->heard_first : w->host[o].power_no;
    h->heard_power = w->host[o].power_no > h->heard_power ? w->host[o].power_no : h->heard_power;
    q->by[host].seen_beat = no;
    oracle_reached(w, &w->host[o]);
    return frame_told(w, h, link, p);
}

static bool news_told(struct world *w, struct host *h, unsigned link)
{
    unsigned host = h->self, o = other(host);
    struct quorum *q = &w->quorum[link];
    if (!beat_told(w, h, link))
        return false;
    uint64_t new = q->of[o].mail_no - q->by[host].seen_mail;
    q->by[host].seen_mail = q->of[o].mail_no;
    for (uint64_t i = new > 2 ? 2 : new; i > 0; i--)
        if (q->of[o].mail[i - 1] && !frame_told(w, h, link, q->of[o].mail[i - 1]))
            return false;
    return true;
}

static void read_ends(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    if (!h->node || it->token != h->life_no || quorum_path_dead(w, it->link, it->host) ||
        w->quorum[it->link].of[other(it->host)].torn)
        return;
    if (!news_told(w, h, it->link))
        return;
    struct event ev = {.kind = EV_DISK};
    ev.disk.link = it->link;
    ev.disk.read_us = (uint64_t)it->a << 32 | it->b;
    host_tell(w, h, &ev);
}

void quorum_item(struct world *w, const struct item *it)
{
    switch (it->kind) {
    case ITEM_DISK_WROTE: write_ends(w, it); break;
    case ITEM_DISK_READ: read_begins(w, it); break;
    case ITEM_DISK_GOT: read_ends(w, it); break;
    default: assert(!"quorum_item");
    }
}
