/* SPDX-License-Identifier: GPL-2.0-or-later
 * lease: one date, any medium.
 *
 * Happy path: every beat that a peer echoes, and every beat that is whole on the quorum disks,
 * pushes our date on, counted from when it was sent; the keeper is fed until that date while
 * something guarded is here. A peer that is silent for its lease, its watchdog and the drift, by
 * our own clock, and whose block a later read of the disks found unchanged, is known to be stopped.
 * Ways to fail: the date comes near: what is guarded is stopped, in order; what is not stopped in
 * time is reset with the machine. The date passes: all that was known of a peer's end is void, for
 * the peer may have taken over meanwhile. No watchdog: the beats say that the lease proves nothing,
 * and once that is on the disks nothing more is asked of it. */
#include <assert.h>
#include "lib/base/num.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/gauge.h"
#include "lib/core/guard.h"
#include "lib/core/lease.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/reset.h"
#include "lib/core/ring.h"

enum { UNIT_MS = 10, STAMP_OLD_US = 1800000000 };

bool lease_active(const struct node *n)
{
    return conf_lease(&n->conf);
}

const char *watchdog_word(uint8_t kind)
{
    static const char *const word[] = {"none", "file", "soft", "virtual", "hardware"};
    return kind < ARRAY_LEN(word) ? word[kind] : "?";
}

const char *lease_mode_word(const struct node *n)
{
    static const char *const word[] = {"short", "long", "free"};
    return word[n->lease.mode];
}

/* ---- events ------------------------------------------------------------------------------- */

void lease_disk(struct node *n, const struct event *ev)
{
    unsigned l = ev->disk.link;
    if (l >= n->conf.n_links || n->conf.link[l].type != LINK_DISK)
        return;
    /* A date of the future would be a lease for nothing. */
    if (ev->disk.wrote_us <= n->now_us)
        n->lease.wrote_us[l] = num_max(n->lease.wrote_us[l], ev->disk.wrote_us);
    if (ev->disk.wrote_us <= n->now_us && ev->disk.wrote_us >= n->lease.settled_us[l])
        n->lease.sure_us[l] = num_max(n->lease.sure_us[l], ev->disk.wrote_us);
    if (ev->disk.read_us <= n->now_us)
        n->lease.read_us[l] = num_max(n->lease.read_us[l], ev->disk.read_us);
}

/* What failed, was given up, or was under way in an earlier life of the daemon, may land yet: over
 * a longer lease that was told and counted since, so that the peer reads the shorter one
 * (test/model, row 64). The link was down since, so only its coming back need be looked at. */
void lease_link(struct node *n, unsigned l, bool usable)
{
    if (l >= n->conf.n_links || n->conf.link[l].type != LINK_DISK || !usable || n->link[l].usable)
        return;
    if (n->lease.settled_us[l] || n->life > 1)
        n->lease.settled_us[l] = n->now_us + US(TIMING_LANDED_MS);
    else
        n->lease.settled_us[l] = 1; /* the first time in this boot */
}

void lease_watchdog(struct node *n, const struct event *ev)
{
    struct lease *e = &n->lease;
    bool was_ok = e->watchdog.ok, was_armed = e->watchdog.armed, first = !e->watchdog.kind;
    if (ev->watchdog.due != e->watchdog.due)
        path_hurry(n); /* the peer measures from there */
    e->watchdog.kind = ev->watchdog.kind;
    e->watchdog.timeout_ms = ev->watchdog.timeout_ms;
    e->watchdog.armed = ev->watchdog.armed;
    e->watchdog.ok = ev->watchdog.ok && ev->watchdog.kind != WATCHDOG_NONE;
    e->watchdog.due = ev->watchdog.due;
    e->watchdog.until_us = ev->watchdog.until_us;
    str_copy(e->watchdog.reason, sizeof(e->watchdog.reason),
             ev->watchdog.reason ? ev->watchdog.reason : "");
    if (!lease_active(n))
        return;
    /* An earlier life of the daemon had the date that the keeper holds; what this one tells is the
     * short lease, so no more than that from now on. */
    uint64_t lease_us = US(n->timing.lease_ms);
    if (first && n->life > 1 && ev->watchdog.armed && ev->watchdog.until_us > n->now_us) {
        uint64_t until_us = num_min(ev->watchdog.until_us, n->now_us + lease_us);
        if (until_us > lease_us)
            e->floor_us = num_max(e->floor_us, until_us - lease_us);
    }
    struct say say;
    if (e->watchdog.ok != was_ok)
        coord_touch(n);
    if (e->watchdog.ok != was_ok && !e->watchdog.due) { /* that a reset is due the keeper says */
        say_set(&say, e->watchdog.ok ? SAY_WATCHDOG_WORKS : SAY_WATCHDOG_FAILS);
        say_arg(&say, e->watchdog.ok ? watchdog_word(e->watchdog.kind) : e->watchdog.reason);
        say_argf(&say, "%u", e->watchdog.timeout_ms);
        out_event(n, &say, NULL, node_name(n, n->self));
    }
    if (e->watchdog.armed != was_armed)
        path_hurry(n);
}

/* ---- our own date ------------------------------------------------------------------------- */

/* So many disks must have a beat whole before it counts; and so many must have been read that at
 * least one of those is among them. Of two: written one, read both. */
static unsigned write_quorum(unsigned disks)
{
    return disks == 2 ? 1 : disks / 2 + 1;
}
static unsigned read_quorum(unsigned disks)
{
    return disks - write_quorum(disks) + 1;
}

/* The k-th newest of the disks' times, 0 when there are not so many. */
static uint64_t disks_at(const struct node *n, const uint64_t *at, unsigned k)
{
    unsigned disks = conf_disks(&n->conf), first = n->conf.n_links - disks;
    for (unsigned i = first; i < n->conf.n_links; i++) {
        unsigned newer = 0;
        for (unsigned j = first; j < n->conf.n_links; j++)
            newer += at[j] > at[i] || (j < i && at[j] == at[i]);
        if (newer + 1 == k)
            return at[i];
    }
    return 0;
}

static uint64_t wrote_at(const struct node *n, const uint64_t *at)
{
    return disks_at(n, at, write_quorum(conf_disks(&n->conf)));
}

uint64_t lease_date(const struct node *n)
{
    const struct lease *e = &n->lease;
    uint64_t wrote_us = wrote_at(n, e->wrote_us), sure_us = wrote_at(n, e->sure_us);
    /* Later than the change: a beat of the very step in which it changed went out before it, and
     * told the shorter one (seed 64002976). */
    bool on_disk = sure_us && sure_us > e->mode_us;
    if (n->broken & BREAK_LEASE_LONG)
        on_disk = true;
    if (e->mode == LEASE_FREE && on_disk)
        return UINT64_MAX;
    uint64_t base_us = num_max(num_max(wrote_us, e->echo_us), e->floor_us);
    uint64_t date_us = base_us ? base_us + US(n->timing.lease_ms) : 0;
    if (e->mode == LEASE_LONG && on_disk)
        date_us = num_max(date_us, num_max(wrote_us, e->mode_us) + US(n->timing.lease_long_ms));
    return date_us;
}

bool lease_lapsed(const struct node *n)
{
    return lease_active(n) && !n->lease.valid_us && !(n->broken & BREAK_LEASE_ARM);
}

bool lease_guards(const struct node *n, unsigned slot)
{
    const struct slot *s = &n->exec.slot[slot];
    if (!s->used)
        return false;
    const struct cib_prim *prim = exec_prim(n, slot);
    return !prim || (!prim->is_stonith && prim->effective.requires != REQUIRES_NOTHING);
}

/* Something guarded runs here, may run, or is just being started. */
bool lease_holds(const struct node *n)
{
    if (durable_orphaned(n))
        return true;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, n->self, i);
        const struct slot *s = &n->exec.slot[i];
        if (!lease_guards(n, i))
            continue;
        if (rec_active(r) || (s->op && s->op_kind == OP_START))
            return true;
        if (r->life == RSC_UNKNOWN && n->life > 1 && n->lease.watchdog.armed)
            return true; /* an earlier life of the daemon started it, perhaps */
    }
    return false;
}

static bool start_waits(const struct node *n)
{
    for (unsigned i = 0; n->exec.n_queued && i < n->exec.n_slots; i++)
        if (n->exec.slot[i].queued == OP_START && lease_guards(n, i))
            return true;
    return false;
}

bool lease_allows(const struct node *n, struct say *why)
{
    const struct lease *e = &n->lease;
    if (!lease_active(n) || (n->broken & BREAK_LEASE_ARM))
        return true;
    uint64_t date_us = lease_date(n);
    enum say_id id = 0;
    if (e->watchdog.due)
        id = SAY_GUARD_RESET_DUE;
    else if (lease_lapsed(n) ||
             (date_us != UINT64_MAX && date_us <= n->now_us + US(n->timing.lease_stop_ms)))
        id = SAY_GUARD_LAPSED;
    else if (!e->watchdog.ok && date_us != UINT64_MAX)
        id = SAY_GUARD_WATCHDOG;
    if (id && why) {
        say_set(why, id);
        say_arg(why, node_name(n, n->self));
        say_arg(why, e->watchdog.reason);
    }
    return !id;
}

bool lease_arming(const struct node *n)
{
    if (!lease_active(n) || (n->broken & BREAK_LEASE_ARM) || lease_date(n) == UINT64_MAX)
        return false;
    return !n->lease.watchdog.armed || !n->lease.fed_us ||
           n->lease.watchdog.until_us < n->lease.arm_us;
}

bool lease_may_shoot(const struct node *n, unsigned p)
{
    const struct sign *s = &n->peer[p].sign;
    uint64_t lost_us = US(n->timing.lost_ms);
    if (!lease_active(n))
        return true;
    if (lease_lapsed(n) || n->now_us < n->lease.valid_us + lost_us)
        return false;
    return lease_holds(n) || !s->runs || n->now_us - s->heard_us > lost_us;
}

/* All that was known of a peer's end was known for as long as our date lay ahead: after it the peer
 * may have come back, found us silent, and taken over. */
static void knowledge_ends(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && n->peer[p].proof != PROOF_NONE) {
            n->peer[p].proof = PROOF_NONE;
            coord_touch(n);
        }
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used)
            exec_rec(n, n->self, i)->owned = false;
    durable_right(n, false);
}

static void date_passes(struct node *n)
{
    struct say say;
    say_set(&say, SAY_LEASE_RESET);
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
    reset_self(n, false, "its lease ran out and not everything guarded is stopped");
}

void lease_check(struct node *n)
{
    if (!lease_active(n) || !n->lease.valid_us || n->now_us <= lease_date(n))
        return;
    n->lease.valid_us = 0;
    struct say say;
    say_set(&say, SAY_LEASE_LAPSED);
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
    knowledge_ends(n);
    coord_touch(n);
    if (lease_holds(n) && !n->fenced)
        date_passes(n);
}

/* ---- mode and feeding --------------------------------------------------------------------- */

static bool peers_stopped(const struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && guard_life(n, p) != LIFE_STOPPED)
            return false;
    return true;
}

static void mode_follow(struct node *n)
{
    struct lease *e = &n->lease;
    enum lease_mode mode = !e->watchdog.ok || n->away        ? LEASE_FREE
                           : e->valid_us && peers_stopped(n) ? LEASE_LONG
                                                             : LEASE_SHORT;
    if (mode == e->mode)
        return;
    uint64_t date_us = lease_date(n);
    bool shorter = mode < e->mode;
    e->mode = (uint8_t)mode;
    e->mode_us = n->now_us;
    /* Whoever hears the shorter one counts from then; so do we, and no further than before. */
    if (shorter && e->valid_us && date_us > n->now_us) {
        uint64_t floor_us = num_min(n->now_us, date_us - US(n->timing.lease_ms));
        e->floor_us = num_max(e->floor_us, floor_us);
    }
    path_hurry(n);
}

/* A date is worth telling the keeper when it is a good part of a beat further on, or nearer. */
static void feed(struct node *n, uint64_t date_us, bool wanted)
{
    struct lease *e = &n->lease;
    uint64_t worth_us = US(n->timing.beat_ms) / 4;
    if (n->fenced)
        return;                           /* it resets itself; if that fails, its watchdog does */
    if (n->away && date_us == UINT64_MAX) /* the peer leaves us alone, and the disks say so */
        wanted = false;
    else if (!e->watchdog.ok || date_us == UINT64_MAX)
        return; /* nothing to feed, or nothing to feed for */
    if (!wanted && !e->fed_us && !e->watchdog.armed)
        return;
    if (!wanted) {
        if (!e->fed_us && e->watchdog.until_us == 0)
            return; /* told, not yet carried out */
        e->watchdog.until_us = 0;
        date_us = 0;
    } else if (date_us <= n->now_us ||
               (e->fed_us && date_us >= e->fed_us && date_us - e->fed_us < worth_us)) {
        return;
    }
    if (!e->fed_us)
        e->arm_us = date_us;
    e->fed_us = date_us;
    struct action *a = out_action(n, ACT_FEED);
    a->feed.until_us = date_us;
}

static void end_watch(struct node *n, uint64_t date_us, bool held)
{
    struct lease *e = &n->lease;
    bool bound = date_us != UINT64_MAX && e->valid_us;
    uint64_t stop_us = bound ? date_us - US(n->timing.lease_stop_ms) : 0;
    bool ending = bound && n->now_us >= stop_us;
    if (ending != e->ending) {
        e->ending = ending;
        coord_touch(n);
    }
    if (!bound)
        return;
    if (ending && held && n->now_us + US(n->timing.lease_reset_ms) >= date_us && !n->fenced)
        date_passes(n);
    out_wake(n, !ending ? stop_us : held ? date_us - US(n->timing.lease_reset_ms) : date_us + 1);
    out_wake(n, date_us + 1);
}

/* ---- the peer's --------------------------------------------------------------------------- */

void lease_tell(const struct node *n, struct frame_beat *beat)
{
    const struct lease *e = &n->lease;
    if (e->watchdog.due) {
        beat->flags |= BEAT_DUE;
        beat->watchdog_cs = (uint16_t)num_min(e->watchdog.timeout_ms / UNIT_MS, UINT16_MAX);
    }
    if (!lease_active(n))
        return;
    uint32_t lease_ms = e->mode == LEASE_LONG ? n->timing.lease_long_ms : n->timing.lease_ms;
    uint8_t kind = e->mode == LEASE_FREE ? WATCHDOG_NONE : e->watchdog.kind;
    beat->lease_cs = (uint16_t)num_min((lease_ms + UNIT_MS - 1) / UNIT_MS, UINT16_MAX);
    beat->watchdog_cs =
        (uint16_t)num_min((e->watchdog.timeout_ms + UNIT_MS - 1) / UNIT_MS, UINT16_MAX);
    beat->flags |= (uint16_t)(BEAT_LEASE | (e->watchdog.armed ? BEAT_ARMED : 0) |
                              (lease_holds(n) ? BEAT_RUNS : 0) | kind << BEAT_KIND_SHIFT);
}

void lease_sign(struct node *n, unsigned p, uint64_t boot, const struct frame_beat *beat)
{
    struct peer *peer = &n->peer[p];
    bool own = boot == peer->boot;
    struct sign *s = own ? &peer->sign : &peer->stranger;
    if (!lease_active(n))
        return;
    bool told = beat->flags & BEAT_LEASE;
    uint8_t kind =
        told && !gauge_failed(n, p, boot) ? beat->flags >> BEAT_KIND_SHIFT & 7 : WATCHDOG_NONE;
    uint64_t dead_us =
        n->now_us + US((uint64_t)timing_dead_ms((uint32_t)beat->lease_cs * UNIT_MS,
                                                (uint32_t)beat->watchdog_cs * UNIT_MS));
    if (n->broken & BREAK_LEASE_DEAD)
        dead_us = n->now_us + US((uint64_t)beat->lease_cs * UNIT_MS);
    /* What was sent later counts, whichever link was faster. */
    bool newer = !s->heard_us || s->boot != boot || n->now_us - s->heard_us > STAMP_OLD_US ||
                 (int32_t)(beat->stamp - s->stamp) >= 0;
    if (own && newer) {
        *s = (struct sign){n->now_us,
                           dead_us,
                           boot,
                           beat->stamp,
                           kind,
                           (beat->flags & BEAT_ARMED) != 0,
                           (beat->flags & BEAT_RUNS) != 0};
        return;
    }
    s->kind = s->heard_us ? (uint8_t)num_min(s->kind, kind) : kind;
    s->heard_us = n->now_us;
    s->dead_us = num_max(s->dead_us, dead_us);
    s->boot = own ? s->boot : boot;
    s->armed = s->armed || (beat->flags & BEAT_ARMED);
    s->runs = s->runs || (beat->flags & BEAT_RUNS);
}

void lease_parted(struct node *n, unsigned p)
{
    struct sign *s = &n->peer[p].sign;
    if (s->heard_us && s->dead_us > s->heard_us)
        s->dead_us = num_max(s->dead_us, n->now_us + (s->dead_us - s->heard_us));
}

void lease_accepted(struct node *n, unsigned p)
{
    n->peer[p].sign = n->peer[p].stranger = (struct sign){0};
}

/* When its time is over, by all signs of it; 0: nothing says so. */
static uint64_t dead_at(const struct node *n, unsigned p, uint8_t *kind)
{
    const struct peer *peer = &n->peer[p];
    const struct sign *const both[] = {&peer->sign, &peer->stranger};
    uint64_t dead_us = 0;
    *kind = WATCHDOG_KIND_COUNT;
    for (unsigned i = 0; i < 2; i++) {
        if (!both[i]->heard_us)
            continue;
        dead_us = num_max(dead_us, both[i]->dead_us);
        *kind = (uint8_t)num_min(*kind, both[i]->kind);
    }
    /* Our own date lay ahead all the time from here on, so nobody can have taken over from us. */
    return dead_us ? num_max(dead_us, n->lease.valid_us) : 0;
}

static bool kind_counts(const struct node *n, uint8_t kind)
{
    return kind == WATCHDOG_HARDWARE ||
           (n->conf.accept_weak_watchdog && kind != WATCHDOG_NONE && kind < WATCHDOG_KIND_COUNT);
}

static bool judged(const struct node *n, unsigned p)
{
    const struct peer *peer = &n->peer[p];
    return lease_active(n) && p != n->self && !peer->twin_us && !peer->away &&
           (peer->state == PEER_UNMET || peer->state == PEER_LOST);
}

static bool read_since(const struct node *n, uint64_t at_us)
{
    return (n->broken & BREAK_LEASE_READ) || conf_disks(&n->conf) == 0 ||
           disks_at(n, n->lease.read_us, read_quorum(conf_disks(&n->conf))) >= at_us;
}

/* Alone, or in the part that has the quorum. */
static bool may_judge(const struct node *n, unsigned p)
{
    if (!ring_engine(n))
        return n->view.state == VIEW_ALONE;
    return (n->view.state == VIEW_ALONE || n->view.state == VIEW_TOGETHER) && n->ring.there &&
           !ring_forbids(n, NULL) && !ring_apart(n, p);
}

static void peer_watch(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    uint8_t kind;
    struct say say;
    if (!judged(n, p) || peer->proof != PROOF_NONE || n->fenced) {
        if (!judged(n, p))
            peer->sign_told = false;
        return;
    }
    uint64_t dead_us = dead_at(n, p, &kind);
    if (!peer->sign_told && peer->state == PEER_LOST && may_judge(n, p) && n->now_us < dead_us) {
        peer->sign_told = true;
        if (lease_say(n, p, &say))
            out_event(n, &say, NULL, node_name(n, p));
    }
    if (!dead_us || lease_lapsed(n) || !may_judge(n, p) || !kind_counts(n, kind))
        return;
    if (n->now_us < dead_us) {
        out_wake(n, dead_us);
        return;
    }
    if (!read_since(n, dead_us))
        return; /* the next word of the disk brings us here again */
    bool later = peer->stranger.heard_us > peer->sign.heard_us;
    /* With corosync an incarnation is met by its hello: the proof is about the one that was. The
     * later one, whose lease is over as well, is put down as dead beside it. */
    bool ring = ring_engine(n) && peer->boot;
    if (later && ring)
        durable_fenced(n, p, peer->stranger.boot);
    peer_stopped(n, p, PROOF_LEASE, later && !ring ? peer->stranger.boot : peer->boot);
}

/* "lan, com and quorum" */
static void links_add(const struct node *n, struct str *out)
{
    for (unsigned l = 0; l < n->conf.n_links; l++)
        str_addf(out, "%s%s",
                 l == 0                     ? ""
                 : l + 1 == n->conf.n_links ? " and "
                                            : ", ",
                 n->conf.link[l].name);
}

bool lease_say(const struct node *n, unsigned p, struct say *say)
{
    const struct peer *peer = &n->peer[p];
    uint8_t kind;
    char links[SAY_ARG_BYTES];
    struct str s;
    if (!judged(n, p))
        return false;
    uint64_t dead_us = dead_at(n, p, &kind);
    if (!dead_us && !lease_lapsed(n))
        return false;
    uint64_t heard_us = num_max(peer->heard_us, peer->sign.heard_us);
    uint64_t silent_ms = (n->now_us - num_max(heard_us, peer->stranger.heard_us)) / 1000;
    uint64_t left_ms = dead_us > n->now_us ? (dead_us - n->now_us) / 1000 : 0;
    bool counts = kind_counts(n, kind), over = n->now_us >= dead_us;
    say_set(say, lease_lapsed(n)                   ? SAY_GUARD_LAPSED
                 : !counts                         ? SAY_GUARD_WEAK
                 : over && !read_since(n, dead_us) ? SAY_GUARD_UNREAD
                                                   : SAY_GUARD_LEASE);
    str_init(&s, links, sizeof(links));
    links_add(n, &s);
    say_arg(say, node_name(n, lease_lapsed(n) ? n->self : p));
    say_arg(say, links);
    say_argf(say, "%llu.%llu", (unsigned long long)(silent_ms / 1000),
             (unsigned long long)(silent_ms / 100 % 10));
    if (!lease_lapsed(n) && !counts)
        say_arg(say, watchdog_word(kind));
    else
        say_argf(say, "%llu.%llu", (unsigned long long)(left_ms / 1000),
                 (unsigned long long)(left_ms / 100 % 10));
    return true;
}

bool lease_proof(const struct node *n, unsigned p, struct say *say)
{
    const struct sign *s = &n->peer[p].sign;
    bool counts = lease_active(n) && s->heard_us && kind_counts(n, s->kind);
    say_set(say, !lease_active(n) ? SAY_PROOF_LEASE_NONE
                 : !s->heard_us   ? SAY_PROOF_LEASE_UNKNOWN
                 : counts         ? SAY_PROOF_LEASE
                                  : SAY_PROOF_LEASE_WEAK);
    say_arg(say, node_name(n, p));
    say_arg(say, watchdog_word(s->kind));
    uint64_t ms = counts ? (s->dead_us - s->heard_us) / 1000 : 0;
    say_argf(say, "%llu.%llu", (unsigned long long)(ms / 1000),
             (unsigned long long)(ms / 100 % 10));
    return counts || (lease_active(n) && !s->heard_us);
}

/* With corosync any part with a quorum may take over, so a beat renews our lease only when so many
 * have it, and count us to their view, that no part without one of them and us has a quorum: of n
 * nodes n/2 others. (Of two it is the other, as with engine pair.) Who calls us lost says so no
 * more before anybody counts from then, see lease_parted. */
static uint64_t viewed_at(const struct node *n)
{
    unsigned k = n->conf.n_nodes / 2;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        unsigned newer = 0;
        uint64_t at_us = n->peer[p].viewed_us;
        for (unsigned q = 0; q < n->conf.n_nodes; q++)
            newer += n->peer[q].viewed_us > at_us || (q < p && n->peer[q].viewed_us == at_us);
        if (newer + 1 == k)
            return at_us;
    }
    return 0;
}

static void echo_follow(struct node *n)
{
    struct lease *e = &n->lease;
    if (ring_engine(n) && !(n->broken & BREAK_LEASE_HEARD)) {
        e->echo_us = num_max(e->echo_us, viewed_at(n));
        return;
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned l = 0; p != n->self && l < n->conf.n_links; l++) {
            const struct path *path = &n->peer[p].path[l];
            e->echo_us = num_max(e->echo_us, path->confirmed_us);
            if (n->broken & BREAK_LEASE_HEARD)
                e->echo_us = num_max(e->echo_us, path->heard_us);
        }
}

/* ---- time --------------------------------------------------------------------------------- */

void lease_tick(struct node *n)
{
    struct lease *e = &n->lease;
    if (!lease_active(n))
        return;
    echo_follow(n);
    if (!e->valid_us && lease_date(n) > n->now_us) {
        e->valid_us = n->now_us;
        knowledge_ends(n); /* nor counts what was learned while it had passed */
        coord_touch(n);
    }
    bool settled = e->valid_us && n->now_us >= e->valid_us + US(n->timing.lost_ms);
    if (settled && !e->settled)
        coord_touch(n); /* what lease_may_shoot held up */
    else if (e->valid_us && !settled)
        out_wake(n, e->valid_us + US(n->timing.lost_ms));
    e->settled = settled;
    mode_follow(n);
    uint64_t date_us = lease_date(n);
    bool held = lease_holds(n);
    feed(n, date_us, held || start_waits(n));
    end_watch(n, date_us, held);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        peer_watch(n, p);
}
