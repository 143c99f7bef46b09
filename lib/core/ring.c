/* SPDX-License-Identifier: GPL-2.0-or-later
 * ring: the engine for two nodes and more, on what corosync promises: one order of casts and
 * changes of the group for all its members, and a quorum.
 *
 * Happy path: the group changes, a view is gathered (gather.c); beats go as a bundle to all, and
 * the next when the last has come back. Whoever casts nothing while a paced bundle of somebody else
 * comes again and again for the limit of this link is silent (its daemon hangs, though its corosync
 * is there): as everybody counts the same casts, everybody finds it at the same place. While
 * corosync settles nothing comes back, so nobody counts. Ways to fail: corosync is not there, or
 * ends: alone, without quorum, and services go or stay as no-quorum-policy says; no quorum: nothing
 * is started; a node that corosync has lost is heard on another link: it is alive, and its services
 * are left alone until it says that nothing runs there, or is proven stopped. */
#include "lib/core/ring.h"
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/cast.h"
#include "lib/core/claim.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/gather.h"
#include "lib/core/lease.h"
#include "lib/core/medium.h"
#include "lib/core/msg.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/request.h"
#include "lib/core/reset.h"
#include "lib/core/store.h"
#include "lib/core/view.h"

enum { BUNDLE_HEAD = 1 + 4 + 1, PIECE_HEAD = 1 + 2, STOPPED_AGAIN_US = 1000000 };

nodeset ring_in(const struct node *n)
{
    return n->ring.group & (nodeset) ~(n->ring.silent | n->ring.gone);
}

bool ring_hears(const struct node *n, unsigned p)
{
    return n->view.state == VIEW_TOGETHER && nodeset_has(n->view.members, p);
}

static unsigned ring_link(const struct node *n)
{
    return conf_ring(&n->conf);
}

/* ---- quorum ---------------------------------------------------------------------------------- */

static uint8_t policy(const struct node *n)
{
    return n->store.cib->properties.no_quorum_policy;
}

bool ring_forbids(const struct node *n, struct say *why)
{
    if (!ring_engine(n) || n->ring.quorate || policy(n) == POLICY_IGNORE ||
        (n->broken & BREAK_QUORUM))
        return false;
    if (why) {
        say_set(why, SAY_GUARD_NO_QUORUM);
        say_arg(why, node_name(n, n->self));
    }
    return true;
}

bool ring_decides(const struct node *n)
{
    unsigned daemons = nodeset_count(n->view.members), nodes = n->conf.n_nodes;
    return !ring_engine(n) || (n->ring.quorate && (nodes == 2 || 2 * daemons > nodes));
}

bool ring_keeps(const struct node *n)
{
    return policy(n) == POLICY_FREEZE;
}

bool ring_quorate(const struct node *n)
{
    const struct ring *r = &n->ring;
    return !ring_engine(n) || r->quorate || (!r->there && !r->given_up) ||
           (n->broken & BREAK_QUORUM);
}

bool ring_apart(const struct node *n, unsigned p)
{
    if (!ring_engine(n) || p == n->self || nodeset_has(ring_in(n), p) || n->peer[p].gone)
        return false;
    return path_signs(n, p); /* a daemon that starts over has not proved itself yet */
}

bool ring_idle(const struct node *n)
{
    return ring_engine(n) && n->ring.idle && !n->ring.quorate && policy(n) != POLICY_IGNORE;
}

/* Looked at once a step, and only where somebody wants to know. */
static void idle_follow(struct node *n)
{
    bool idle = !n->ring.quorate && !exec_busy(n) && !durable_orphaned(n);
    for (unsigned i = 0; idle && i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, n->self, i);
        idle = !lease_guards(n, i) || (r->life == RSC_STOPPED && r->pending == OP_NONE);
    }
    if (idle && !n->ring.idle) {
        n->ring.stale = true;
        path_hurry(n);
    }
    for (unsigned i = 0; idle && i < n->exec.n_slots; i++) /* others may have it by now */
        exec_rec(n, n->self, i)->owned = false;
    n->ring.idle = idle;
    if (n->ring.quorate && (n->view.state == VIEW_TOGETHER || n->view.state == VIEW_ALONE))
        n->ring.quorate_epoch = n->view.epoch;
}

static void quorum_follow(struct node *n, bool quorate)
{
    struct say say;
    if (quorate == n->ring.quorate)
        return;
    n->ring.quorate = quorate;
    for (unsigned p = 0; quorate && p < n->conf.n_nodes; p++) {
        n->peer[p].idle = false; /* said when nobody here could act upon it: it may be over */
        /* So may all that is known of the end of others, if they had leave to act without us: a
         * vote of a corosync without a daemon brings no hellos that say (seed 900281 of three). */
        if (n->peer[p].proof == PROOF_REPORT || n->ring.stale)
            n->peer[p].proof = PROOF_NONE;
    }
    n->ring.stale = n->ring.stale && !quorate;
    if (!quorate) /* others may take our keys from now on, and what is kept running may be theirs */
        claim_doubt(n);
    say_set(&say, quorate ? SAY_QUORUM_HAVE : SAY_QUORUM_LOST);
    out_event(n, &say, NULL, NULL);
    coord_touch(n);
    path_hurry(n);
}

/* ---- the group ------------------------------------------------------------------------------- */

static void there_follow(struct node *n, const struct event *ev)
{
    struct ring *r = &n->ring;
    const char *reason = ev->ring.reason ? ev->ring.reason : "";
    struct say say;
    medium_usable(n, ring_link(n), ev->ring.there, reason);
    bool told = r->there != ev->ring.there || (!r->there && !str_eq(r->reason, reason));
    str_copy(r->reason, sizeof(r->reason), reason);
    if (!told)
        return;
    say_set(&say, ev->ring.there ? SAY_RING_THERE : SAY_RING_GONE);
    say_arg(&say, reason);
    out_event(n, &say, NULL, NULL);
    if (r->there != ev->ring.there) {
        r->since_us = n->now_us;
        r->given_up = false;
    }
    r->there = ev->ring.there;
}

void ring_event(struct node *n, const struct event *ev)
{
    struct ring *r = &n->ring;
    if (!ring_engine(n))
        return;
    bool was_there = r->there;
    there_follow(n, ev);
    if (!r->there) {
        r->group = r->silent = r->gone = 0;
        if (was_there)
            gather_alone(n);
    } else if (ev->ring.changed) {
        r->group = ev->ring.group;
        r->silent = r->gone = 0;
        r->beats_back = r->beats; /* what was under way may be lost */
        memset(r->behind, 0, sizeof(r->behind));
        gather_begin(n, SAY_RING_LEFT);
    }
    quorum_follow(n, r->there && ev->ring.quorate);
}

void ring_part(struct node *n)
{
    if (n->view.state != VIEW_TOGETHER)
        return;
    view_set(n, VIEW_FORMING);
    store_part(n);
    exec_part(n);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self)
            request_part(n, p);
}

void ring_again(struct node *n)
{
    ring_part(n);
    cast_reset(n);
    gather_again(n);
}

/* ---- beats, and who is silent ------------------------------------------------------------------
 */

bool ring_may_beat(const struct node *n)
{
    return n->ring.there && n->ring.beats == n->ring.beats_back;
}

void ring_frame_put(struct node *n, unsigned p, const uint8_t *at, size_t len)
{
    struct ring *r = &n->ring;
    struct buf b;
    if (!r->there || !nodeset_has(r->group, p) ||
        r->bundle_len + PIECE_HEAD + len > sizeof(r->bundle))
        return;
    buf_write_init(&b, r->bundle + r->bundle_len, sizeof(r->bundle) - r->bundle_len);
    buf_put_u8(&b, n->conf.node[p].id);
    buf_put_u16(&b, (uint16_t)len);
    buf_put_bytes(&b, at, len);
    assert(!b.bad);
    r->bundle_len += b.pos;
}

static void bundle_cast(struct node *n)
{
    struct ring *r = &n->ring;
    struct buf b;
    if (!r->bundle_len)
        return;
    bool paced = !r->paced_us ||
                 n->now_us - r->paced_us >= US(n->timing.link[ring_link(n)].interval_ms) * 7 / 8;
    if (paced)
        r->paced_us = n->now_us;
    cast_begin(n, &b, CAST_BEATS, BUNDLE_HEAD + r->bundle_len);
    buf_put_u32(&b, ++r->beats);
    buf_put_u8(&b, paced);
    buf_put_bytes(&b, r->bundle, r->bundle_len);
    cast_end(n, &b);
    r->bundle_len = 0;
}

/* Paced bundles of one while another casts nothing, that make it silent: not sooner than the limit
 * of this link, by the clock of the one. */
static unsigned behind_max(const struct node *n)
{
    const struct timing_link *l = &n->timing.link[ring_link(n)];
    unsigned k = l->limit_ms * 8 / (l->interval_ms * 7) + 1;
    return (unsigned)num_min(k, UINT8_MAX);
}

static void silence_count(struct node *n, unsigned q)
{
    struct ring *r = &n->ring;
    nodeset silent = 0;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != q && nodeset_has(ring_in(n), p) && ++r->behind[p][q] >= behind_max(n))
            silent = nodeset_add(silent, p);
    if (!silent)
        return;
    r->silent |= silent;
    gather_begin(n, SAY_RING_SILENT);
}

static void beats_take(struct node *n, unsigned q, struct buf *b)
{
    uint32_t number = buf_get_u32(b);
    bool paced = buf_get_u8(b);
    if (b->bad)
        return;
    if (q == n->self)
        n->ring.beats_back = (uint32_t)num_max(n->ring.beats_back, number);
    while (q != n->self && buf_left(b) > 0) {
        uint8_t id = buf_get_u8(b);
        uint16_t len = buf_get_u16(b);
        const uint8_t *at = buf_get_view(b, len);
        if (b->bad)
            return;
        if (id == n->conf.node[n->self].id)
            path_frame(n, ring_link(n), at, len);
    }
    if (paced && nodeset_has(ring_in(n), q))
        silence_count(n, q);
}

/* ---- what all are told ------------------------------------------------------------------------
 */

void ring_stopped(struct node *n, unsigned p, enum proof proof, uint64_t boot)
{
    struct ring *r = &n->ring;
    struct buf b;
    if (!r->there || (r->stopped_us[p] && n->now_us - r->stopped_us[p] < STOPPED_AGAIN_US)) {
        out_wake(n, n->now_us + STOPPED_AGAIN_US);
        return;
    }
    r->stopped_us[p] = n->now_us;
    cast_begin(n, &b, CAST_STOPPED, 10);
    buf_put_u8(&b, n->conf.node[p].id);
    buf_put_u8(&b, (uint8_t)proof);
    buf_put_u64(&b, boot);
    cast_end(n, &b);
}

/* Out of the group for good, as far as the view is concerned. What is known of it is put down
 * before the hellos of the next view, which tell it to all. True: such a view is to be gathered. */
static bool member_goes(struct node *n, unsigned p)
{
    if (!nodeset_has(n->ring.group, p) || nodeset_has(n->ring.gone, p))
        return false;
    n->ring.gone = nodeset_add(n->ring.gone, p);
    return true;
}

static void stopped_take(struct node *n, unsigned q, struct buf *b)
{
    unsigned p = conf_node_by_id(&n->conf, buf_get_u8(b));
    enum proof proof = buf_get_u8(b);
    uint64_t boot = buf_get_u64(b);
    if (b->bad || p == NODE_NONE || proof == PROOF_NONE || proof >= PROOF_REPORT)
        return;
    struct peer *peer = &n->peer[p];
    if (p == n->self) {
        if (boot == n->boot && !n->fenced)
            reset_self(n, true, "this node was fenced and its services were taken over");
        return;
    }
    /* Whether the daemon that is in the group now is meant all must see alike: by the hellos. */
    if (n->ring.gathering)
        gather_dead(n, q, p, boot);
    bool meant = !n->ring.gathering && nodeset_has(ring_in(n), p) && n->ring.boot[p] == boot;
    if (peer->boot && boot && peer->boot != boot) {
        durable_fenced(n, p, boot); /* another incarnation is there meanwhile */
        return;
    }
    if (nodeset_has(ring_in(n), p) && !meant)
        return; /* its hello tells which one it is */
    bool gather = meant && member_goes(n, p);
    if (gather && (peer->state == PEER_MEMBER || peer->state == PEER_MEETING)) {
        struct say why;
        say_set(&why, SAY_PEER_FENCED);
        say_arg(&why, node_name(n, p));
        peer_set(n, p, PEER_LOST, &why);
    }
    if (proof == PROOF_FENCE)
        peer->gone = true; /* what was heard of it a moment ago is no sign of life */
    /* Only now: a word without effect would be said again as soon as it is back (seed 54490). */
    n->ring.stopped_us[p] = 0;
    if (peer->proof == PROOF_NONE || peer->proof == PROOF_REPORT)
        peer_stopped_now(n, p, proof, boot);
    if (gather)
        gather_begin(n, SAY_RING_LEFT);
}

void ring_bye(struct node *n, unsigned type, const struct buf *body)
{
    struct buf b;
    size_t len = body ? body->pos : 0;
    n->ring.bye_back = !n->ring.there; /* there is nobody to be told */
    if (!n->ring.there)
        return;
    cast_begin(n, &b, type == MSG_AWAY ? CAST_AWAY : CAST_BYE, len);
    if (len)
        buf_put_bytes(&b, body->at, len);
    cast_end(n, &b);
}

bool ring_bye_told(const struct node *n)
{
    return n->ring.bye_back;
}

static void bye_take(struct node *n, unsigned q, bool away, struct buf *b)
{
    if (q == n->self) {
        n->ring.bye_back = true;
        return;
    }
    if (n->peer[q].boot == 0 || peer_is_dead(n, q, n->peer[q].boot))
        return;
    bool gather = member_goes(n, q);
    if (away)
        peer_away(n, q, b);
    else
        peer_goodbye(n, q);
    if (gather)
        gather_begin(n, SAY_RING_LEFT);
}

/* ---- casts ------------------------------------------------------------------------------------
 */

void ring_cast(struct node *n, const struct event *ev)
{
    struct ring *r = &n->ring;
    struct buf b;
    unsigned q = ev->cast.node;
    if (!ring_engine(n) || q >= n->conf.n_nodes || !nodeset_has(r->group, q) || n->fenced)
        return;
    memset(r->behind[q], 0, sizeof(r->behind[q]));
    if (nodeset_has(r->silent, q)) { /* it is back */
        r->silent = nodeset_del(r->silent, q);
        gather_begin(n, SAY_RING_LEFT);
    }
    buf_read_init(&b, ev->cast.at, ev->cast.len);
    switch ((enum cast_kind)buf_get_u8(&b)) {
    case CAST_BEATS: beats_take(n, q, &b); break;
    case CAST_HELLO: gather_hello(n, q, &b); break;
    case CAST_DATA: cast_take(n, q, &b); break;
    case CAST_STOPPED: stopped_take(n, q, &b); break;
    case CAST_BYE: bye_take(n, q, false, &b); break;
    case CAST_AWAY: bye_take(n, q, true, &b); break;
    }
}

/* ---- who is no member
 * ---------------------------------------------------------------------------- */

static void apart_tell(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    struct say say;
    uint64_t due_us = peer->since_us + US(n->timing.lost_ms);
    if (peer->state != PEER_LOST || peer->apart_told || !n->ring.there || !ring_apart(n, p))
        return;
    if (n->now_us <= due_us) { /* until then it may be what came before it was lost */
        out_wake(n, due_us + 1);
        return;
    }
    unsigned l = 0;
    while (l + 1 < n->conf.n_links && peer->path[l].state != PATH_UP)
        l++;
    peer->apart_told = true;
    say_set(&say, SAY_RING_APART);
    say_arg(&say, node_name(n, p));
    say_arg(&say, n->conf.link[l].name);
    out_event(n, &say, NULL, node_name(n, p));
    coord_touch(n);
}

void ring_peer_tick(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    bool apart = ring_apart(n, p);
    if (apart != peer->apart) {
        peer->apart = apart; /* what the scheduler makes of it changes */
        coord_touch(n);
    }
    if (peer->state == PEER_LOST)
        apart_tell(n, p);
    if (peer->proof == PROOF_REPORT && !peer->idle) {
        peer->proof = PROOF_NONE;
        coord_touch(n);
    } else if (peer->proof == PROOF_NONE && peer->idle && apart &&
               (peer->state == PEER_LOST || peer->state == PEER_UNMET)) {
        peer_stopped_now(n, p, PROOF_REPORT, peer->boot);
    }
}

/* no-quorum-policy=fence: who had the quorum, has lost it and runs what needs one, ends at once. */
static void quorum_fence(struct node *n)
{
    struct ring *r = &n->ring;
    struct say say;
    r->had_quorum = r->had_quorum || r->quorate;
    if (!r->had_quorum || ring_quorate(n) || policy(n) != POLICY_FENCE)
        return;
    r->had_quorum = false;
    if (!lease_holds(n))
        return;
    say_set(&say, SAY_QUORUM_FENCES);
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
    reset_self(n, false, "it has lost the quorum, and no-quorum-policy is fence");
}

void ring_tick(struct node *n)
{
    struct ring *r = &n->ring;
    if (!ring_engine(n) || n->fenced)
        return;
    quorum_fence(n);
    uint64_t until_us = r->since_us + US(n->timing.lost_ms);
    if (!r->there && !r->given_up && n->now_us >= until_us) {
        r->given_up = true;
        coord_touch(n);
    } else if (!r->there && !r->given_up) {
        out_wake(n, until_us);
    }
    idle_follow(n);
    bundle_cast(n);
    if (n->view.state == VIEW_TOGETHER)
        cast_pump(n);
}

void ring_status(struct json *j, const struct node *n)
{
    const struct ring *r = &n->ring;
    if (!ring_engine(n))
        return;
    json_open(j, "ring", '{');
    json_bool(j, "there", r->there);
    json_bool(j, "quorate", r->quorate);
    json_text(j, "reason", r->there ? NULL : r->reason);
    json_open(j, "group", '[');
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (nodeset_has(r->group, p))
            json_text(j, NULL, node_name(n, p));
    json_close(j, ']');
    json_open(j, "silent", '[');
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (nodeset_has(r->silent, p))
            json_text(j, NULL, node_name(n, p));
    json_close(j, ']');
    json_close(j, '}');
}

void ring_mix(void (*mix)(uint64_t *h, uint64_t v), uint64_t *h, const struct node *n)
{
    const struct ring *r = &n->ring;
    mix(h, (uint64_t)r->there | (uint64_t)r->quorate << 1 | (uint64_t)r->gathering << 2 |
               (uint64_t)r->given_up << 3 | (uint64_t)r->group << 16 | (uint64_t)r->silent << 32 |
               (uint64_t)r->gone << 48);
    mix(h, (uint64_t)r->said | (uint64_t)r->beats << 16);
    mix(h, n->peer[n->self].session.base);
    mix(h, n->peer[n->self].session.end);
}
