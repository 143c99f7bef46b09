/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringoracle: what must hold after every step of nodes on corosync. See ringoracle.h.
 *
 * It judges by the truth of the world (what is powered, what runs, who hears whom), never by what a
 * node believes, apart from its view, its epoch and whom it takes for the coordinator. */
#include "test/sim/ringoracle.h"
#include <stdarg.h>
#include <stdio.h>
#include "lib/core/mind.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringlun.h"
#include "test/sim/ringtrace.h"

enum { PENDING_LEN = 400, LOOK_EVERY = 64 };

void ringoracle_bark(struct rworld *w, const char *rule, const char *format, ...)
{
    if (w->barked)
        return;
    w->barked = true;
    str_copy(w->rule, sizeof(w->rule), rule);
    va_list ap;
    va_start(ap, format);
    vsnprintf(w->bark, sizeof(w->bark), format, ap);
    va_end(ap);
    ringtrace_note(w, NULL, "VIOLATION %s: %s", w->rule, w->bark);
}

void ringoracle_trouble(struct rworld *w)
{
    w->trouble_us = w->now_us;
}

bool ringoracle_busy(const struct rworld *w, const struct rhost *h)
{
    for (unsigned i = 0; i < w->n_services; i++)
        if (w->service[i].guarded && w->service[i].on[h->self].active)
            return true;
    return false;
}

static uint64_t patience_us(const struct rworld *w, unsigned times)
{
    return times * MSEC(w->timing.lost_ms) + SEC(1);
}

/* ---- views -------------------------------------------------------------------------------------
 */

static nodeset view_of(const struct rhost *h)
{
    const struct view *v = &h->node->view;
    return v->state == VIEW_ALONE || v->state == VIEW_TOGETHER ? v->members : 0;
}

/* Somebody is frozen, leaves, or cannot work: he may well fall out of a view any time. */
static bool quiet(const struct rworld *w)
{
    for (unsigned i = 0; i < w->nodes; i++) {
        const struct rhost *h = &w->host[i];
        if (h->frozen != AWAKE || h->no_exec || (h->node && h->leaving))
            return false;
    }
    return true;
}

static void view_watch(struct rworld *w, struct rhost *h)
{
    nodeset view = view_of(h);
    uint8_t coordinator = view ? h->node->view.coordinator : NODE_NONE;
    for (unsigned i = 0; i < w->nodes && view; i++) {
        const struct rhost *o = &w->host[i];
        if (o == h || !o->node || view_of(o) != view || node_epoch(o->node) != node_epoch(h->node))
            continue;
        if (o->node->view.coordinator != coordinator)
            ringoracle_bark(w, "S11",
                            "in the view of epoch %u %s takes %s for the coordinator, %s %s",
                            node_epoch(h->node), rhost_name(w, h->self), rhost_name(w, coordinator),
                            rhost_name(w, i), rhost_name(w, o->node->view.coordinator));
    }
    if (view == h->view && coordinator == h->view_coordinator)
        return;
    if (h->view & ~view && quiet(w) && w->now_us > w->trouble_us + patience_us(w, 6))
        ringoracle_bark(w, "S13", "%s drops its view though nothing has happened for %u s",
                        rhost_name(w, h->self), (unsigned)((w->now_us - w->trouble_us) / 1000000));
    w->counts[RING_COUNT_VIEWS] += view != 0;
    h->view = view;
    h->view_coordinator = coordinator;
    h->view_us = w->now_us;
}

/* Alive, awake and in the group: whoever is in the same configuration should see it. */
static bool answers(const struct rworld *w, const struct rhost *h)
{
    return h->node && h->frozen == AWAKE && h->joined && !h->leaving &&
           !coro_settles(&w->coro, h->self) && w->coro.machine[h->self].seen;
}

void ringoracle_look(struct rworld *w)
{
    if (w->steps % LOOK_EVERY)
        return;
    bool gap = w->now_us > w->looked_us + MSEC(w->timing.lost_ms); /* nobody did anything */
    w->looked_us = w->now_us;
    for (unsigned i = 0; i < w->nodes; i++)
        for (unsigned k = 0; k < w->nodes; k++) {
            struct rhost *h = &w->host[i], *o = &w->host[k];
            bool should =
                answers(w, h) && answers(w, o) && nodeset_has(coro_members(&w->coro, i), k);
            if (gap || !should || nodeset_has(view_of(h), k)) {
                h->out_us[k] = 0;
            } else if (!h->out_us[k]) {
                h->out_us[k] = w->now_us;
            } else if (w->now_us > h->out_us[k] + patience_us(w, 4)) {
                ringoracle_bark(w, "S18", "%s answers and has not been in the view of %s for %u ms",
                                rhost_name(w, k), rhost_name(w, i),
                                (unsigned)((w->now_us - h->out_us[k]) / 1000));
            }
        }
}

void ringoracle_step(struct rworld *w, struct rhost *h)
{
    view_watch(w, h);
    uint32_t epoch = node_epoch(h->node);
    if (epoch < h->epoch_seen || epoch < h->epoch_kept)
        ringoracle_bark(w, "S6", "the epoch of %s went back to %u, it was %u",
                        rhost_name(w, h->self), epoch,
                        epoch < h->epoch_seen ? h->epoch_seen : h->epoch_kept);
    h->epoch_seen = epoch;
    if (!ringoracle_busy(w, h))
        h->idle_us = w->now_us;
    else
        h->busy_power = h->power_no;
    if (!h->quorate || !h->joined)
        h->quorate_us = NEVER;
    else if (h->quorate_us == NEVER)
        h->quorate_us = w->now_us;
    /* From now on it may start something; the word of the quorum may have been behind before. */
    bool has = h->quorate_us != NEVER && w->now_us > h->quorate_us + MSEC(20);
    if (has && nodeset_has(h->view, h->self)) {
        h->known_power = h->power_no;
        h->left_well = false;
    }
    if (w->steps % LOOK_EVERY)
        return;
    char text[PENDING_LEN];
    struct str out;
    str_init(&out, text, sizeof(text));
    if (node_pending(h->node, &out) && (!out.len || out.cut))
        ringoracle_bark(w, "S8", "%s does not say in %u bytes what it waits for",
                        rhost_name(w, h->self), PENDING_LEN);
}

/* ---- starts ------------------------------------------------------------------------------------
 */

/* Under a lease nothing guarded begins without a running watchdog, nor over a pending reset. */
static void lease_watch(struct rworld *w, const struct rhost *h, const struct ring_service *s)
{
    const struct keeper *k = &h->keeper;
    if (!h->node || !node_lease_active(h->node) || k->kind == WATCHDOG_NONE ||
        node_lease_date(h->node) == UINT64_MAX)
        return;
    if (!k->armed)
        ringoracle_bark(w, "S4", "%s is started on %s, whose watchdog does not run", s->id,
                        rhost_name(w, h->self));
    else if (ringhost_local_us(w, h) > k->until_us)
        ringoracle_bark(w, "S5", "%s is started on %s over a pending reset", s->id,
                        rhost_name(w, h->self));
}

void ringoracle_running(struct rworld *w, struct rhost *h, const struct ring_service *s)
{
    if (!s->guarded)
        return;
    lease_watch(w, h, s);
    for (unsigned o = 0; o < w->nodes; o++)
        if (o != h->self && w->host[o].power && s->on[o].active && !ringlun_shut(w, s, o) &&
            !ringlun_shut(w, s, h->self))
            ringoracle_bark(w, "S1", "%s is started on %s while it %s on %s", s->id,
                            rhost_name(w, h->self), s->on[o].alive ? "runs" : "may run",
                            rhost_name(w, o));
}

void ringoracle_fed(struct rworld *w, const struct rhost *h, uint64_t until_us)
{
    if (until_us && node_lease_active(h->node) && until_us > node_lease_date(h->node))
        ringoracle_bark(w, "S5", "%s has its watchdog fed for longer than its lease lasts",
                        rhost_name(w, h->self));
}

void ringoracle_said(struct rworld *w, const struct rhost *h, const struct say *say)
{
    if (say->id == SAY_QUORUM_LOST)
        w->counts[RING_COUNT_NO_QUORUM]++;
    if (say->id != SAY_PEER_STOPPED || !str_eq(say_get_arg(say, 1), "lease"))
        return;
    unsigned p = conf_node_index(&w->conf, say_get_arg(say, 0));
    bool behind = h->news_n > 0; /* it hears of what was long ago */
    if (p < w->nodes && !behind && w->host[p].power && ringoracle_busy(w, &w->host[p]))
        ringoracle_bark(w, "S4", "%s says that the lease of %s is over, which still runs something",
                        rhost_name(w, h->self), rhost_name(w, p));
}

/* Its lease is over, or it is no more. */
static bool lease_over(const struct rworld *w, const struct rhost *o)
{
    if (!(w->conf.guard & GUARD_LEASE) || (o->power && ringoracle_busy(w, o)))
        return false;
    if (!o->power)
        return true;
    if (o->node && node_lease_active(o->node))
        return node_lease_date(o->node) < ringhost_local_us(w, o);
    return o->keeper.until_us < ringhost_local_us(w, o);
}

/* It has run nothing since it booted, nor could it: somebody in the view has been there since
 * before and gave nobody the right to act without him (seed 7001613). */
static bool held_off(const struct rworld *w, const struct rhost *h, const struct rhost *o)
{
    for (unsigned i = 0; o->busy_power != o->power_no && i < w->nodes; i++) {
        const struct rhost *m = &w->host[i];
        bool before = m->power && m->known_power == m->power_no && m->on_at_us < o->on_at_us;
        if (nodeset_has(h->view, i) && m->node && before && !m->node->ring.stale)
            return true;
    }
    return false;
}

/* What can be known of a node outside of the view that speaks for its being stopped: a proof that
 * lasts, its own word of now, or its word of before it fell silent. That word is good only for who
 * has had the quorum ever since: else o may have been in a part that had it. */
static const char *doubt(const struct rworld *w, const struct rhost *h, const struct rhost *o)
{
    uint64_t grace_us = SEC(1);
    uint32_t last = o->known_power ? o->known_power : 1;
    if (o->proven_power >= last || o->left_well || lease_over(w, o))
        return NULL;
    if (o->power && ringoracle_busy(w, o))
        return "it runs something";
    if (o->node && o->frozen == AWAKE)
        return NULL; /* it can say that it runs nothing */
    uint64_t since_us = o->node ? o->frozen_at_us : o->down_at_us;
    if (o->idle_us + grace_us >= since_us && h->quorate_us <= since_us + grace_us)
        return NULL;
    if (held_off(w, h, o))
        return NULL;
    return !o->power ? "it is off, but who knows that?" : "its daemon does not answer";
}

void ringoracle_ordered(struct rworld *w, struct rhost *h, const struct ring_service *s)
{
    bool mine = s->owner == h->self && s->owner_power == h->power_no;
    uint8_t policy = node_cib(h->node)->properties.no_quorum_policy;
    if (!s->guarded)
        return;
    /* What is kept running may be another's by now, as long as its disk takes nothing from here. */
    bool kept = policy == POLICY_FREEZE && (mine || ringlun_shut(w, s, h->self));
    if (!h->quorate && policy != POLICY_IGNORE && !kept)
        ringoracle_bark(w, "S17", "%s starts %s without a quorum", rhost_name(w, h->self), s->id);
    for (unsigned i = 0; i < w->nodes; i++) {
        const struct rhost *o = &w->host[i];
        /* Who has put it down alone, and then lost the quorum, will tell it when they meet. */
        bool told = o != h && o->has_kept && nodeset_has(h->view, i);
        for (unsigned k = 0; told && k < o->kept.n_fenced; k++)
            if (o->kept.fenced[k].node_id == w->conf.node[h->self].id &&
                o->kept.fenced[k].boot == h->boot)
                ringoracle_bark(w, "S10", "%s starts %s though %s has put it down as dead",
                                rhost_name(w, h->self), s->id, rhost_name(w, i));
        bool known = o == h || mine || nodeset_has(h->view, i) || ringlun_shut(w, s, i) ||
                     ringlun_shut(w, s, h->self);
        const char *why = known ? NULL : doubt(w, h, o);
        if (why)
            ringoracle_bark(w, "S2", "%s starts %s without proof that %s is stopped: %s",
                            rhost_name(w, h->self), s->id, rhost_name(w, i), why);
    }
}
