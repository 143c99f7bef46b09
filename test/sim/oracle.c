/* SPDX-License-Identifier: GPL-2.0-or-later
 * oracle: what must hold after every step. See oracle.h.
 *
 * It judges by the truth of the world (what is powered, what runs, what was said to whom), never by
 * what a node believes, apart from its view, its epoch and its being coordinator. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/wire/frame.h"
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/simtrace.h"
#include "test/sim/umpire.h"

enum { BOTH = 3, PENDING_LEN = 400, ROUGH = 20000 };

void oracle_bark(struct world *w, const char *rule, const char *format, ...)
{
    if (w->barked)
        return;
    w->barked = !w->lenient;
    str_copy(w->rule, sizeof(w->rule), rule);
    va_list ap;
    va_start(ap, format);
    vsnprintf(w->bark, sizeof(w->bark), format, ap);
    va_end(ap);
    trace_note(w, NULL, "VIOLATION %s: %s", w->rule, w->bark);
}

/* ---- after every step ---------------------------------------------------------------------------
 */

static uint64_t patience_us(const struct world *w, unsigned times)
{
    return times * MSEC(w->timing.lost_ms) + SEC(4);
}

void oracle_trouble(struct world *w)
{
    w->trouble_us = w->now_us;
}

void oracle_reached(struct world *w, struct host *h)
{
    h->reached_us = w->now_us;
}

/* Since when nothing goes on that may break a view; now, when something does. */
static uint64_t quiet_from_us(const struct world *w)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        const struct host *h = &w->host[i];
        if (!h->node || h->frozen != AWAKE || h->leaving || h->no_keep)
            return w->now_us;
    }
    for (unsigned l = 0; l < w->conf.n_links; l++)
        for (unsigned i = 0; i < SIM_NODES; i++) {
            const struct wire *wire = &w->medium[l].from[i];
            bool rough = wire->rates.loss >= ROUGH || wire->rates.garble >= ROUGH;
            if (wire->cut || !w->medium[l].carrier[i] || (rough && !w->quiet_wires))
                return w->now_us;
        }
    return w->trouble_us;
}

static void one_way_watch(struct world *w, const struct host *h)
{
    uint64_t from = h->reached_us;
    from = h->view_us > from ? h->view_us : from;
    from = h->thawed_us > from ? h->thawed_us : from;
    if (h->view == BOTH && w->now_us > from + patience_us(w, 4))
        oracle_bark(w, "S12", "%s is in a view with %s, which has not heard it for %u ms",
                    host_name(w, h->self), host_name(w, other(h->self)),
                    (unsigned)((w->now_us - h->reached_us) / 1000));
}

static void view_watch(struct world *w, struct host *h)
{
    nodeset view = node_has_view(h->node, BOTH)                   ? BOTH
                   : node_has_view(h->node, nodeset_one(h->self)) ? nodeset_one(h->self)
                                                                  : 0;
    struct host *peer = &w->host[other(h->self)];
    if (view == BOTH && peer->node && peer->view == BOTH) {
        h->together_power = peer->power_no;
        h->together_life = peer->life_no;
        umpire_together(w);
        if (peer->life_no > h->proof_life)
            h->proof = h->fence_refused = false;
    }
    if (view == BOTH)
        h->met_life = h->life_no;
    bool coordinator = node_is_coordinator(h->node);
    if (view == h->view && coordinator == h->coordinator)
        return;
    if (h->view == BOTH && view != BOTH && w->now_us > quiet_from_us(w) + patience_us(w, 6))
        oracle_bark(w, "S13", "%s drops its view of two though nothing has happened for %u s",
                    host_name(w, h->self), (unsigned)((w->now_us - quiet_from_us(w)) / 1000000));
    h->view = view;
    h->coordinator = coordinator;
    h->view_us = w->now_us;
    trace_story(w, h, "  view %s%s%s, epoch %u%s", view & 1 ? host_name(w, 0) : "",
                view == BOTH ? " " : "",
                view & 2 ? host_name(w, 1)
                : view   ? ""
                         : "none",
                node_epoch(h->node), coordinator ? ", coordinator" : "");
}

static bool taken_over(const struct world *w, const struct host *h)
{
    const struct host *peer = &w->host[other(h->self)];
    for (unsigned i = 0; i < peer->kept.n_fenced && peer->has_kept; i++)
        if (peer->kept.fenced[i].node_id == w->conf.node[h->self].id &&
            peer->kept.fenced[i].boot == h->boot)
            return true;
    return false;
}

/* Its lease is over, or it is no more: what it ran has ended, or S1 will say so. */
static bool lease_over(const struct world *w, const struct host *h)
{
    if (!(w->conf.guard & GUARD_LEASE) || oracle_busy(w, h))
        return false;
    if (!h->power)
        return true;
    if (h->node && node_lease_active(h->node))
        return node_lease_date(h->node) < host_local_us(w, h);
    return h->keeper.until_us < host_local_us(w, h);
}

void oracle_step(struct world *w, struct host *h)
{
    struct host *peer = &w->host[other(h->self)];
    view_watch(w, h);
    one_way_watch(w, h);
    if (lease_over(w, peer)) { /* seen once, it is a proof for good of what that life ran */
        h->over_us = w->now_us;
        oracle_proof(w, h, peer->life_no);
    }
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *x = &w->host[i];
        if (!taken_over(w, x)) {
            x->taken_us = 0;
        } else if (!x->taken_us) {
            x->taken_us = w->now_us;
            x->taken_power = w->host[other(i)].power_no;
        }
    }
    uint32_t epoch = node_epoch(h->node);
    if (epoch < h->epoch_seen || epoch < h->epoch_kept)
        oracle_bark(w, "S6", "the epoch of %s went back to %u, it was %u", host_name(w, h->self),
                    epoch, epoch < h->epoch_seen ? h->epoch_seen : h->epoch_kept);
    h->epoch_seen = epoch;
    if (h->coordinator && peer->coordinator && h->view == BOTH && peer->view == BOTH &&
        node_epoch(peer->node) == epoch)
        oracle_bark(w, "S11", "both nodes coordinate the view of epoch %u", epoch);
    if (w->steps % 64)
        return;
    char text[PENDING_LEN];
    struct str out;
    str_init(&out, text, sizeof(text));
    if (node_pending(h->node, &out) && (!out.len || out.cut))
        oracle_bark(w, "S8", "%s does not say in %u bytes what it waits for", host_name(w, h->self),
                    PENDING_LEN);
}

void oracle_sent(struct world *w, struct host *h, const uint8_t *at, size_t len)
{
    struct buf b;
    struct frame_head head;
    buf_read_init(&b, at, len);
    if (frame_get_head(&b, &head) || head.src != w->conf.node[h->self].id || head.boot != h->boot ||
        head.life != h->life)
        oracle_bark(w, "S8", "%s sent a frame that is not its own", host_name(w, h->self));
    uint64_t *last = &h->seq_sent[head.link % CONF_LINKS_MAX];
    if (head.seq <= *last)
        oracle_bark(w, "S8", "%s used a frame number twice", host_name(w, h->self));
    *last = head.seq;
}

/* ---- starts -------------------------------------------------------------------------------------
 */

/* Under a lease nothing guarded begins without a running watchdog, nor over a pending reset. */
static void lease_watch(struct world *w, const struct host *h, const struct service *s)
{
    const struct keeper *k = &h->keeper;
    if (!s->guarded || !h->node || !node_lease_active(h->node) || k->kind == WATCHDOG_NONE)
        return;
    if (node_lease_date(h->node) == UINT64_MAX)
        return;
    if (!k->armed)
        oracle_bark(w, "S4", "%s is started on %s, whose watchdog does not run", s->id,
                    host_name(w, h->self));
    else if (host_local_us(w, h) > k->until_us)
        oracle_bark(w, "S5", "%s is started on %s over a pending reset", s->id,
                    host_name(w, h->self));
}

void oracle_fed(struct world *w, const struct host *h, uint64_t until_us)
{
    if (until_us && node_lease_active(h->node) && until_us > node_lease_date(h->node))
        oracle_bark(w, "S5", "%s has its watchdog fed for longer than its lease lasts",
                    host_name(w, h->self));
}

/* What a watchdog that is no hardware guards may be proven all the same, where the user accepts
 * that: then S1 judges. */
void oracle_said(struct world *w, const struct host *h, const struct say *say)
{
    const struct host *peer = &w->host[other(h->self)];
    if (say->id != SAY_PEER_STOPPED || !str_eq(say_get_arg(say, 1), "lease"))
        return;
    if (peer->power && oracle_busy(w, peer) && peer->keeper.kind == WATCHDOG_HARDWARE)
        oracle_bark(w, "S4", "%s says that the lease of %s is over, which still runs something",
                    host_name(w, h->self), host_name(w, peer->self));
}

void oracle_running(struct world *w, struct host *h, const struct service *s)
{
    unsigned o = other(h->self);
    lease_watch(w, h, s);
    if (s->guarded && w->host[o].power && s->on[o].active && s->on[h->self].active &&
        !umpire_fenced(w, s, o, h) && !umpire_fenced(w, s, h->self, &w->host[o]))
        oracle_bark(w, "S1", "%s is started on %s while it %s on %s", s->id, host_name(w, h->self),
                    s->on[o].alive ? "runs" : "may run", host_name(w, o));
}

/* The life before this one said goodbye from a common view, which its peer may have entered and
 * left within one step, so that nobody saw it there. */
void oracle_returns(struct world *w, const struct host *h)
{
    struct host *peer = &w->host[other(h->self)];
    if (h->leaving && (peer->together_life + 1 == h->life_no || h->met_life + 1 == h->life_no))
        oracle_proof(w, peer, h->life_no);
}

bool oracle_busy(const struct world *w, const struct host *h)
{
    for (unsigned i = 0; i < w->n_services; i++)
        if (w->service[i].guarded && w->service[i].on[h->self].active)
            return true;
    return false;
}

void oracle_ordered(struct world *w, struct host *h, const struct service *s)
{
    const struct host *peer = &w->host[other(h->self)];
    if (!s->guarded || ((w->conf.guard & GUARD_RESERVATION) && umpire_fenced(w, s, h->self, peer)))
        return; /* in vain, and without harm */
    /* Who took it over has lost its right since, if its own lease ran out, or its machine did not
     * survive it. */
    bool mine = s->owner == h->self && s->owner_power == h->power_no;
    bool from_disk = (w->conf.guard & GUARD_RESERVATION) && mine; /* the other has not got it */
    bool dead = h->taken_us && peer->power_no != h->taken_power;
    /* A clock that stood still shows no date as passed; what is no disk's waits over there. */
    bool paused =
        (w->conf.guard & GUARD_RESERVATION) && h->paused_us && w->now_us < h->paused_us + SEC(2);
    if (taken_over(w, h) && !from_disk && !dead && !paused && !lease_over(w, peer) &&
        (!h->taken_us || h->over_us <= h->taken_us)) {
        oracle_bark(w, "S10", "%s starts %s though it was taken over", host_name(w, h->self),
                    s->id);
        return;
    }
    if (!w->conf.guard)
        return;
    bool together = h->view == BOTH && !s->on[peer->self].active;
    uint32_t known = h->together_power ? h->together_power : h->heard_first;
    bool reborn = h->heard_power > known && !s->on[peer->self].active;
    bool left = peer->leaving && !oracle_busy(w, peer);
    bool fenced = (w->conf.guard & GUARD_RESERVATION) && umpire_fenced(w, s, peer->self, h);
    if (mine || together || reborn || left || h->proof || fenced) {
        if (s->owner == peer->self)
            w->counts[COUNT_TAKEOVERS]++;
        return;
    }
    oracle_bark(w, h->fence_refused ? "S3" : "S2",
                "%s starts %s without proof that %s is stopped%s", host_name(w, h->self), s->id,
                host_name(w, peer->self), h->fence_refused ? ": its fencing had failed" : "");
}

void oracle_proof(struct world *w, struct host *h, uint32_t life)
{
    assert(life <= w->host[other(h->self)].life_no + 1);
    h->proof = true;
    h->proof_life = life;
    h->fence_refused = false;
}
