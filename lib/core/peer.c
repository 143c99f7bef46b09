/* SPDX-License-Identifier: GPL-2.0-or-later
 * peer: the other nodes.
 *
 * Happy path: unmet -> meeting (heard both ways on some link) -> member (in the common view);
 * silent on all links -> lost; lost and known to be stopped (a proof) -> its services may be taken
 * over; heard again as a new incarnation -> meeting. Ways to fail: it speaks another version
 * (incompatible: heard, never a member, never taken over by silence); an incarnation that was taken
 * over is still alive (told that it was fenced, nothing else); two machines carry the same id
 * (told, the second is not listened to). */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/peer.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/gauge.h"
#include "lib/core/lease.h"
#include "lib/core/path.h"
#include "lib/core/reset.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"
#include "lib/core/view.h"

enum { TELL_EVERY_US = 1000000, TWIN_GONE_US = 60000000 };

const char *peer_state_word(enum peer_state state)
{
    static const char *const word[] = {"unmet", "meeting", "member", "lost", "incompatible"};
    return state < ARRAY_LEN(word) ? word[state] : "?";
}

const char *proof_word(enum proof proof)
{
    static const char *const word[] = {"none",   "goodbye", "fence", "operator",
                                       "reboot", "right",   "lease", "report"};
    return proof < ARRAY_LEN(word) ? word[proof] : "?";
}

void peer_set(struct node *n, unsigned p, enum peer_state state, const struct say *why)
{
    /* rows: from, bits: to. A member is lost or restarts (meeting); nobody becomes unmet again. */
    static const uint8_t legal[] = {
        [PEER_UNMET] = 1 << PEER_MEETING | 1 << PEER_INCOMPATIBLE | 1 << PEER_LOST,
        [PEER_MEETING] = 1 << PEER_MEMBER | 1 << PEER_LOST | 1 << PEER_INCOMPATIBLE,
        [PEER_MEMBER] = 1 << PEER_LOST | 1 << PEER_MEETING | 1 << PEER_INCOMPATIBLE,
        [PEER_LOST] = 1 << PEER_MEETING | 1 << PEER_INCOMPATIBLE,
        [PEER_INCOMPATIBLE] = 1 << PEER_MEETING | 1 << PEER_LOST,
    };
    struct peer *peer = &n->peer[p];
    assert(p != n->self && state < ARRAY_LEN(legal));
    if (peer->state == state)
        return;
    assert(legal[peer->state] >> state & 1);
    peer->state = (uint8_t)state;
    peer->agrees = false;
    peer->why = *why;
    peer->since_us = n->now_us;
    if (state != PEER_MEMBER) {
        peer->reported = false;
        coord_peer_gone(n, p);
    }
    out_event(n, why, NULL, node_name(n, p));
    coord_touch(n);
    path_hurry(n);
}

void peer_boot(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        struct peer *peer = &n->peer[p];
        peer->since_us = n->now_us;
        say_set(&peer->why, SAY_PEER_UNMET);
        say_arg(&peer->why, node_name(n, p));
    }
}

bool peer_is_dead(const struct node *n, unsigned p, uint64_t boot)
{
    const struct kept *want = &n->durable.want;
    for (unsigned i = 0; i < want->n_fenced; i++)
        if (want->fenced[i].node_id == n->conf.node[p].id && want->fenced[i].boot == boot)
            return true;
    return false;
}

void peer_tell_fenced(struct node *n, unsigned p, unsigned l, uint64_t boot)
{
    struct peer *peer = &n->peer[p];
    if (peer->told_fenced_us && n->now_us - peer->told_fenced_us < TELL_EVERY_US / 10)
        return;
    peer->told_fenced_us = n->now_us;
    struct buf b;
    path_put_head(n, &b, p, l, FRAME_FENCED, 16);
    buf_put_u64(&b, boot);
    buf_put_u32(&b, n->view.epoch);
    path_send(n, &b, p, l, true);
}

void peer_tell_twin(struct node *n, unsigned p, unsigned l)
{
    struct peer *peer = &n->peer[p];
    if (peer->told_twin_us && n->now_us - peer->told_twin_us < 60u * TELL_EVERY_US)
        return;
    peer->told_twin_us = n->now_us;
    struct say say;
    say_set(&say, SAY_PEER_TWIN);
    say_arg(&say, node_name(n, p));
    say_argf(&say, "%u", n->conf.node[p].id);
    say_arg(&say, n->conf.link[l].name);
    out_event(n, &say, NULL, node_name(n, p));
}

void peer_twin(struct node *n, unsigned p, unsigned l)
{
    struct peer *peer = &n->peer[p];
    if (!peer->twin_us)
        coord_touch(n);
    peer->twin_us = n->now_us;
    peer_tell_twin(n, p, l);
}

void peer_fenced_us(struct node *n, unsigned p, struct buf *b)
{
    uint64_t boot = buf_get_u64(b);
    uint32_t epoch = buf_get_u32(b);
    if (b->bad || boot != n->boot || n->fenced)
        return;
    struct say say;
    say_set(&say, SAY_FENCED_SELF);
    say_arg(&say, node_name(n, p));
    say_argf(&say, "%u", epoch);
    out_event(n, &say, NULL, node_name(n, n->self));
    reset_self(n, true, "this node was fenced and its services were taken over");
}

/* Leaves the view with it, if it was in one; its records stay as what may still run there. */
static void peer_drop(struct node *n, unsigned p, enum peer_state to, const struct say *why)
{
    bool was_in = nodeset_has(n->view.members, p) || n->view.state == VIEW_FORMING;
    session_close(n, p);
    peer_set(n, p, to, why);
    if (was_in)
        view_part(n, p);
}

void peer_incarnation(struct node *n, unsigned p, uint64_t boot, uint16_t life)
{
    struct peer *peer = &n->peer[p];
    struct say why;
    bool rebooted = peer->boot && boot != peer->boot;
    bool restarted = peer->boot && boot == peer->boot;
    say_set(&why, rebooted ? SAY_PEER_REBOOTED : restarted ? SAY_PEER_RESTARTED : SAY_PEER_MET);
    say_arg(&why, node_name(n, p));
    /* From now on it is heard, so it is not fenced for silence; it has lost_ms to be met. With
     * corosync the group says when it is met. */
    bool in = !ring_engine(n) || nodeset_has(ring_in(n), p);
    if (in || (peer->state != PEER_UNMET && peer->state != PEER_LOST))
        peer_drop(n, p, in ? PEER_MEETING : PEER_LOST, &why);
    session_forget(n, p);
    path_forget(n, p);
    if (rebooted) {
        /* One machine carries this id: that it booted anew ends the incarnation before. */
        peer->old_boot = peer->boot;
        peer_stopped(n, p, PROOF_REBOOT, peer->boot);
    }
    peer->boot = boot;
    peer->life = life;
    peer->gone = peer->away = false;
    peer->taken_us = n->now_us;
    peer->rival_us = 0;
    lease_accepted(n, p);
    gauge_reborn(n, p);
    /* A proof was about the incarnation before; nothing is known of this one until it reports. */
    peer->proof = PROOF_NONE;
    peer->since_us = n->now_us;
    coord_touch(n);
}

void peer_incompatible(struct node *n, unsigned p, unsigned version)
{
    struct peer *peer = &n->peer[p];
    peer->heard_us = n->now_us;
    if (peer->state == PEER_INCOMPATIBLE)
        return;
    struct say why;
    say_set(&why, SAY_PEER_INCOMPATIBLE);
    say_arg(&why, node_name(n, p));
    say_argf(&why, "%u", version);
    say_argf(&why, "%u", FRAME_VERSION);
    peer_drop(n, p, PEER_INCOMPATIBLE, &why);
}

void peer_beat(struct node *n, unsigned p, const struct frame_beat *beat)
{
    struct peer *peer = &n->peer[p];
    peer->epoch = beat->epoch;
    peer->cib_epoch = beat->cib_epoch;
    peer->cib_seq = beat->cib_seq;
    peer->cib_hash = beat->cib_hash;
    bool leaving = beat->flags & BEAT_LEAVING, no_exec = beat->flags & BEAT_NO_EXEC;
    peer->no_keep = beat->flags & BEAT_NO_KEEP;
    peer->agrees = peer->state == PEER_MEMBER && (peer->agrees || (beat->flags & BEAT_IN_VIEW));
    if (leaving != peer->leaving || no_exec != peer->no_exec)
        coord_touch(n);
    if (no_exec && !peer->no_exec) {
        peer->no_exec_us = n->now_us;
        peer->half_dead_told = false;
    }
    peer->leaving = leaving;
    peer->no_exec = no_exec;
    peer->idle = beat->flags & BEAT_IDLE;
}

void peer_stopped(struct node *n, unsigned p, enum proof proof, uint64_t boot)
{
    if (ring_engine(n) && (proof == PROOF_FENCE || proof == PROOF_LEASE || proof == PROOF_OPERATOR))
        ring_stopped(n, p, proof, boot);
    else
        peer_stopped_now(n, p, proof, boot);
}

void peer_stopped_now(struct node *n, unsigned p, enum proof proof, uint64_t boot)
{
    struct peer *peer = &n->peer[p];
    peer->proof = (uint8_t)proof;
    peer->proof_boot = boot;
    peer->proof_us = n->now_us;
    exec_peer_stopped(n, p);
    if (proof == PROOF_FENCE || proof == PROOF_OPERATOR || proof == PROOF_LEASE)
        durable_fenced(n, p, boot);
    /* Who has said goodbye never takes the right again in this life: the other may have heard it.
     */
    if (n->view.state == VIEW_ALONE && proof != PROOF_RIGHT && proof != PROOF_REBOOT && !n->left &&
        !ring_engine(n))
        durable_right(n, true);
    struct say say;
    say_set(&say, SAY_PEER_STOPPED);
    say_arg(&say, node_name(n, p));
    say_arg(&say, proof_word(proof));
    out_event(n, &say, NULL, node_name(n, p));
    coord_touch(n);
}

void peer_lose(struct node *n, unsigned p, const struct say *why)
{
    peer_drop(n, p, PEER_LOST, why);
}

void peer_goodbye(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    if (peer->gone)
        return;
    peer->gone = true;
    struct say why;
    say_set(&why, SAY_PEER_LEFT);
    say_arg(&why, node_name(n, p));
    /* The session stays until the machine is silent, so that the goodbye is acknowledged. */
    peer_set(n, p, PEER_LOST, &why);
    view_part(n, p);
    peer_stopped(n, p, PROOF_GOODBYE, peer->boot);
}

void peer_away(struct node *n, unsigned p, struct buf *b)
{
    struct peer *peer = &n->peer[p];
    struct say why;
    uint32_t away_s = buf_get_u32(b);
    if (b->bad)
        return;
    peer->gone = peer->away = true;
    peer->away_until_us = away_s ? n->now_us + US(1000ull * away_s) : 0;
    say_set(&why, SAY_PEER_AWAY);
    say_arg(&why, node_name(n, p));
    /* The session stays until the machine is silent, so that this is acknowledged. */
    peer_set(n, p, PEER_LOST, &why);
    view_part(n, p);
}

/* What it had asked for is over: from now on its silence is that of any node. */
static void away_watch(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    struct say say;
    if (!peer->away || !peer->away_until_us)
        return;
    if (n->now_us < peer->away_until_us) {
        out_wake(n, peer->away_until_us);
        return;
    }
    peer->away = false;
    say_set(&say, SAY_AWAY_OVER);
    say_arg(&say, node_name(n, p));
    out_event(n, &say, NULL, node_name(n, p));
    coord_touch(n);
}

static void peer_silent(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    struct say why;
    bool member = peer->state == PEER_MEMBER;
    bool deaf = n->now_us - peer->heard_us < US(n->timing.beat_ms) * 2;
    say_set(&why, !member ? SAY_PEER_LOST_AGAIN : deaf ? SAY_PEER_DEAF : SAY_PEER_LOST);
    say_arg(&why, node_name(n, p));
    say_argf(&why, "%llu.%llu", (unsigned long long)((n->now_us - peer->heard_us) / 1000000),
             (unsigned long long)((n->now_us - peer->heard_us) / 100000 % 10));
    peer_drop(n, p, PEER_LOST, &why);
}

/* A peer that is just being met may take as long as a silent one before it counts as lost. */
static uint64_t meet_until(const struct node *n, const struct peer *peer)
{
    return num_max(peer->up_us, peer->since_us) + US(n->timing.lost_ms);
}

void peer_tick(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        struct peer *peer = &n->peer[p];
        if (p == n->self)
            continue;
        away_watch(n, p);
        bool up = path_any_up(n, p);
        if (up)
            peer->up_us = n->now_us;
        if (peer->twin_us && n->now_us - peer->twin_us > TWIN_GONE_US) {
            peer->twin_us = 0;
            coord_touch(n);
        } else if (peer->twin_us) {
            out_wake(n, peer->twin_us + TWIN_GONE_US + 1);
        }
        if (ring_engine(n) && peer->state != PEER_INCOMPATIBLE) {
            ring_peer_tick(n, p);
            continue;
        }
        switch ((enum peer_state)peer->state) {
        case PEER_UNMET:
        case PEER_LOST:
            if (up && !n->fenced && !peer->gone) {
                struct say why;
                say_set(&why, SAY_PEER_MET);
                say_arg(&why, node_name(n, p));
                peer_set(n, p, PEER_MEETING, &why);
                session_open(n, p);
            }
            break;
        case PEER_MEETING:
            if (up && !peer->session.mine)
                session_open(n, p);
            if (!up && n->now_us > meet_until(n, peer))
                peer_silent(n, p);
            else if (!up)
                out_wake(n, meet_until(n, peer) + 1);
            break;
        case PEER_MEMBER:
            if (!up && !path_any_alive(n, p))
                peer_silent(n, p);
            break;
        case PEER_INCOMPATIBLE:
            if (n->now_us - peer->heard_us > US(n->timing.lost_ms))
                peer_silent(n, p);
            else
                out_wake(n, peer->heard_us + US(n->timing.lost_ms) + 1);
            break;
        }
    }
}
