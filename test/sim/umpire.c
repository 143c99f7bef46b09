/* SPDX-License-Identifier: GPL-2.0-or-later
 * umpire: see umpire.h. It judges where a disk can do reservations and the guard uses them. */
#include <assert.h>
#include "test/sim/mishap.h"
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/simlun.h"
#include "test/sim/simwrite.h"
#include "test/sim/umpire.h"

static bool able(const struct unit *u)
{
    const struct lun *l = &u->lun;
    return !l->no_pr && !l->no_aptpl && !l->no_abort && !l->no_wero && !u->alien;
}

static bool uses(const struct world *w, const struct service *s, const struct unit *u)
{
    for (unsigned i = 0; i < s->n_units; i++)
        if (&w->unit[s->unit[i]] == u)
            return true;
    return false;
}

/* All its disks can do it: else none of them is reserved for it. */
static bool all_able(const struct world *w, const struct service *s)
{
    for (unsigned i = 0; i < s->n_units; i++)
        if (!able(&w->unit[s->unit[i]]))
            return false;
    return s->n_units > 0;
}

/* Somebody reserves it. */
static bool judged(const struct world *w, const struct unit *u)
{
    if (!(w->conf.guard & GUARD_RESERVATION) || !able(u))
        return false;
    for (unsigned i = 0; i < w->n_services; i++)
        if (uses(w, &w->service[i], u) && all_able(w, &w->service[i]))
            return true;
    return u->link != CONF_LINKS_MAX;
}

/* Something runs there that uses the disk, and has it reserved. */
static bool in_use(const struct world *w, const struct unit *u, unsigned host)
{
    if (!w->host[host].power)
        return false;
    for (unsigned i = 0; i < w->n_services; i++)
        if (w->service[i].on[host].active && uses(w, &w->service[i], u) &&
            all_able(w, &w->service[i]))
            return true;
    return false;
}

static bool is_taken(const struct world *w, const struct unit *u, unsigned victim)
{
    return u->taken[victim].power_no && u->taken[victim].power_no == w->host[victim].power_no &&
           u->taken[victim].by_power == w->host[other(victim)].power_no;
}

/* Owner first: who runs nothing waits for who does, if that one may live. */
static void wait_watch(struct world *w, const struct unit *u, unsigned by, uint64_t asked_us)
{
    const struct host *h = &w->host[by], *victim = &w->host[other(by)];
    uint64_t heard_us = victim->reached_us, limit_ms = UINT64_MAX;
    for (unsigned l = 0; l < w->conf.n_links; l++)
        limit_ms = w->timing.link[l].limit_ms < limit_ms ? w->timing.link[l].limit_ms : limit_ms;
    uint64_t wait_us = MSEC(limit_ms + w->timing.claim_wait_ms) * 4 / 5; /* by its own clock */
    if (!judged(w, u) || oracle_busy(w, h) || !oracle_busy(w, victim) || !victim->power ||
        h->proof || !heard_us || heard_us > asked_us || h->down_at_us > heard_us ||
        h->thawed_us > heard_us)
        return;
    if (!victim->node || victim->frozen != AWAKE || victim->thawed_us > heard_us)
        return; /* it could not be first */
    for (unsigned i = 0; i < w->n_units; i++)
        if (is_taken(w, &w->unit[i], other(by)))
            return; /* it was decided before, on another disk */
    if (asked_us < heard_us + wait_us)
        oracle_bark(w, "S17", "%s, which runs nothing, takes %s from %s %u ms after it heard it",
                    host_name(w, by), u->name, host_name(w, other(by)),
                    (unsigned)((asked_us - heard_us) / 1000));
}

/* Sent while they were parted, it lands when they have met again: the other is readmitted, and may
 * register what it has just lost (seed 63001999). */
static bool met_since(const struct world *w, unsigned by, const struct lun_cmd *c)
{
    const struct host *h = &w->host[by], *o = &w->host[other(by)];
    return h->view == o->view && nodeset_count(h->view) == SIM_NODES && c->asked_us < h->view_us &&
           c->asked_us < o->view_us;
}

void umpire_taken(struct world *w, struct unit *u, unsigned by, const struct lun_cmd *c)
{
    unsigned victim = other(by);
    if (met_since(w, by, c))
        return;
    if (unit_registered(u, victim) || !w->host[victim].power || !w->host[by].power)
        return;
    for (unsigned i = 0; i < w->n_units; i++)
        if (is_taken(w, &w->unit[i], by) && judged(w, u) && judged(w, &w->unit[i]) &&
            !(w->host[by].proof && !oracle_busy(w, &w->host[victim])))
            oracle_bark(w, "S7", "%s takes %s from %s, which took %s from it", host_name(w, by),
                        u->name, host_name(w, victim), w->unit[i].name);
    if (!c->asked_busy)
        wait_watch(w, u, by, c->asked_us);
    mishap_after_take(w, u);
    u->taken[victim].power_no = w->host[victim].power_no;
    u->taken[victim].by_power = w->host[by].power_no;
    u->taken[victim].at_us = w->now_us;
}

/* A machine that was paused with its clock cannot know that its date has passed: what it sends then
 * it takes back when it has looked, and meanwhile it writes nothing (S15). What a member that runs
 * nothing had sent before it was parted may come late from a slow array: it is taken once more at
 * the next look, and begins nothing meanwhile. c: NULL for a path that came back registered. */
void umpire_registered(struct world *w, struct unit *u, unsigned host, const struct lun_cmd *c)
{
    unsigned o = other(host);
    const struct host *h = &w->host[host];
    bool paused = h->paused_us && w->now_us < h->paused_us + SEC(2);
    bool same = u->taken[host].power_no && u->taken[host].by_power == w->host[o].power_no;
    bool late = c && c->host == host && c->sent_us < u->taken[host].at_us && !c->asked_busy &&
                !oracle_busy(w, h);
    if (!same || !in_use(w, u, o) || !judged(w, u))
        u->taken[host].power_no = 0;
    else if (!paused && !late)
        oracle_bark(w, "S16", "%s registers on %s, which %s took from it and uses",
                    host_name(w, host), u->name, host_name(w, o));
}

void umpire_together(struct world *w)
{
    for (unsigned i = 0; i < w->n_units; i++)
        for (unsigned k = 0; k < SIM_NODES; k++)
            w->unit[i].taken[k].power_no = 0;
}

/* The other one has known the booting machine as lost for so long that its keys must be gone; but
 * who has asked to be left alone keeps them, also over a power cut that nobody can see (seed
 * 68003008). */
static bool boot_judged(const struct world *w, const struct unit *u, unsigned host)
{
    const struct host *o = &w->host[other(host)];
    uint64_t long_us = 2 * MSEC(w->timing.lost_ms) + SEC(5);
    if (o->node && node_spares(o->node, host))
        return false;
    for (unsigned i = 0; i < w->n_units; i++) /* an array that hangs is asked again and again */
        if (w->unit[i].hangs || w->unit[i].lost)
            long_us = 2 * MSEC(w->timing.lost_ms) + SEC(60);
    for (unsigned i = 0; i < w->n_units; i++) { /* without the arbiter's disk nothing is taken */
        const struct unit *each = &w->unit[i];
        if (!unit_reaches(w, each, o->self) || each->up_us[o->self] == NEVER ||
            w->now_us <= each->up_us[o->self] + long_us)
            return false;
    }
    return in_use(w, u, o->self) && o->node && o->frozen == AWAKE && o->view != 3 && o->view &&
           w->now_us > o->view_us + long_us && w->now_us > o->thawed_us + long_us &&
           w->now_us > o->down_at_us + long_us;
}

void umpire_written(struct world *w, const struct unit *u, const struct lun_cmd *c)
{
    const struct service *s = &w->service[c->service];
    unsigned o = other(c->host);
    if (!judged(w, u))
        return;
    bool fenced = u->taken[c->host].power_no == c->power_no && w->host[o].power &&
                  u->taken[c->host].by_power == w->host[o].power_no;
    if (fenced) /* by who lives, or at least may */
        oracle_bark(w, "S15", "a write of %s is done on %s, from which it was fenced",
                    host_name(w, c->host), u->name);
    if (c->booting && boot_judged(w, u, c->host))
        oracle_bark(w, "S14", "%s boots and writes to %s, which %s uses", host_name(w, c->host),
                    u->name, host_name(w, o));
    /* What an unregistered node had sent nobody can abort: its start began without a reservation.
     */
    if (!c->booting && s->guarded && c->keyed && all_able(w, s) && s->owner == o &&
        s->on[o].start_no > c->start_no && s->on[o].active && unit_writable(u, o) &&
        write_reaches(w, s, o)) /* who is fenced starts it in vain */
        oracle_bark(w, "S14", "a write of %s on %s is done on %s after it was started on %s", s->id,
                    host_name(w, c->host), u->name, host_name(w, o));
}

static bool fenced_of(const struct world *w, const struct service *s, unsigned host)
{
    for (unsigned i = 0; i < s->n_units; i++)
        if (unit_writable(&w->unit[s->unit[i]], host))
            return false;
    return true;
}

static const struct service *service_of(const struct world *w, const char *id)
{
    for (unsigned i = 0; i < w->n_services; i++)
        if (str_eq(w->service[i].id, id))
            return &w->service[i];
    return NULL;
}

bool umpire_fenced(const struct world *w, const struct service *s, unsigned host,
                   const struct host *by)
{
    if (s->n_units)
        return fenced_of(w, s, host);
    const struct cib *cib = by->node ? node_cib(by->node) : NULL;
    struct rsc_ref ref;
    if ((!s->harmless && !s->ondisk) || !cib || !cib_find(cib, s->id, &ref) ||
        ref.kind != RSC_PRIM || cib->prim[ref.index].group == CIB_NONE)
        return false;
    const struct cib_group *g = &cib->group[cib->prim[ref.index].group];
    bool any = false;
    for (unsigned i = 0; i < g->n_members; i++) {
        const struct service *m = service_of(w, cib->prim[g->member[i]].id);
        if (!m || !m->n_units)
            continue;
        any = true;
        if (!fenced_of(w, m, host))
            return false;
    }
    return any;
}
