/* SPDX-License-Identifier: GPL-2.0-or-later
 * guard: a resource is started here only if it is known not to run elsewhere.
 *
 * Known not to run elsewhere means, for each other node: it is a member of our view, its records
 * say so, and it cannot have given us up since; or its incarnation is known to be stopped (goodbye,
 * fence device, operator, a reboot of the machine, our own right to start alone). Two cases need no
 * proof: a resource that loses nothing by running twice for a moment (requires=nothing), and one
 * that this node has had all along (owned). And its own lease must last: see lease.c, which also
 * finds the proof that a peer's lease ran out. A reservation that was taken from a silent peer
 * frees single resources of it, see take.c; and before anything with disks starts, they are
 * reserved for us, and the keys of whoever is known to be stopped are gone from them. */
#include <assert.h>
#include "lib/base/num.h"
#include "lib/core/claim.h"
#include "lib/core/guard.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/lease.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/ring.h"
#include "lib/core/take.h"

enum node_life guard_life(const struct node *n, unsigned p)
{
    const struct peer *peer = &n->peer[p];
    if (p == n->self)
        return LIFE_MEMBER;
    if (peer->twin_us) /* which of the two said what it said? */
        return LIFE_UNCLEAN;
    switch ((enum peer_state)peer->state) {
    case PEER_MEMBER: return peer->reported ? LIFE_MEMBER : LIFE_JOINING;
    case PEER_MEETING: return LIFE_JOINING;
    case PEER_UNMET:
    case PEER_LOST:
        if (peer->proof != PROOF_NONE)
            return LIFE_STOPPED;
        return ring_apart(n, p) ? LIFE_JOINING : LIFE_UNCLEAN; /* alive: nobody fences it */
    case PEER_INCOMPATIBLE: return LIFE_UNCLEAN;
    }
    return LIFE_UNCLEAN;
}

void guard_say(const struct node *n, unsigned p, struct say *say)
{
    const struct peer *peer = &n->peer[p];
    enum node_life life = guard_life(n, p);
    uint64_t silent_ms = peer->heard_us ? (n->now_us - peer->heard_us) / 1000 : 0;
    static const enum say_id by_life[] = {
        [LIFE_MEMBER] = SAY_GUARD_MEMBER,
        [LIFE_JOINING] = SAY_GUARD_JOINING,
        [LIFE_STOPPED] = SAY_GUARD_STOPPED,
        [LIFE_UNCLEAN] = SAY_GUARD_UNCLEAN,
    };
    enum say_id id = by_life[life];
    if (life == LIFE_UNCLEAN && peer->state == PEER_UNMET)
        id = SAY_GUARD_UNMET;
    else if (life == LIFE_UNCLEAN && peer->state == PEER_INCOMPATIBLE)
        id = SAY_GUARD_INCOMPATIBLE;
    else if (life == LIFE_UNCLEAN && peer->away)
        id = SAY_GUARD_AWAY;
    else if (life == LIFE_UNCLEAN && !n->conf.guard)
        id = SAY_GUARD_NONE;
    else if (life == LIFE_UNCLEAN && ring_engine(n))
        id = SAY_GUARD_LOST_RING;
    else if (life == LIFE_JOINING && ring_apart(n, p))
        id = SAY_GUARD_APART;
    if (life == LIFE_UNCLEAN &&
        (id == SAY_GUARD_UNCLEAN || id == SAY_GUARD_UNMET || id == SAY_GUARD_LOST_RING) &&
        (take_say(n, p, say) || lease_say(n, p, say)))
        return;
    say_set(say, id);
    say_arg(say, node_name(n, p));
    if (life == LIFE_STOPPED)
        say_arg(say, proof_word(peer->proof));
    else
        say_argf(say, "%llu.%llu", (unsigned long long)(silent_ms / 1000),
                 (unsigned long long)(silent_ms / 100 % 10));
}

/* Whatever the proof, its keys go first: a command of it may be under way, or its machine boot and
 * look at the disks. True: they are just being taken, and the start waits for that. */
static bool waits_for_keys(const struct node *n, unsigned p, unsigned slot, struct say *why)
{
    if (claim_arming(n, slot))
        return true;
    if (why) {
        say_set(why, SAY_GUARD_UNTAKEN);
        say_arg(why, node_name(n, p));
        say_arg(why, n->exec.slot[slot].id);
        say_arg(why, n->claims.at[slot].reason);
    }
    return false;
}

/* Nothing is known that speaks against a start with regard to that other node. */
static bool free_of(const struct node *n, unsigned p, unsigned slot, const struct cib_prim *prim,
                    struct say *why)
{
    const struct rec *mine = exec_rec_const(n, n->self, slot);
    const struct rec *theirs = exec_rec_const(n, p, slot);
    enum node_life life = guard_life(n, p);
    if (life == LIFE_STOPPED)
        return !take_lacks(n, p, slot) || mine->owned || waits_for_keys(n, p, slot, why);
    if (life == LIFE_MEMBER) {
        bool idle = theirs->life == RSC_STOPPED && theirs->pending == OP_NONE;
        if (!idle && why) {
            say_set(why, SAY_GUARD_RUNS_THERE);
            say_arg(why, prim->id);
            say_arg(why, node_name(n, p));
        }
        bool known = n->now_us <= path_confirmed_until(n, p);
        if (idle && !known && why) {
            say_set(why, SAY_GUARD_UNHEARD);
            say_arg(why, node_name(n, p));
        }
        return (idle && known) || prim->effective.requires == REQUIRES_NOTHING;
    }
    if ((mine->owned && !take_away(n, slot)) || prim->effective.requires == REQUIRES_NOTHING)
        return true;
    if (life == LIFE_UNCLEAN && !n->conf.guard && n->peer[p].state != PEER_INCOMPATIBLE &&
        !n->peer[p].away && !n->peer[p].twin_us)
        return true;
    if (life == LIFE_UNCLEAN && take_frees(n, p, slot))
        return true;
    if (life == LIFE_UNCLEAN && take_comes(n, p, slot) && claim_arming(n, slot))
        return true; /* a member of the part with the quorum: it waits, and is looked at again */
    if (why)
        guard_say(n, p, why);
    return false;
}

/* A peer that is a member may have given this node up, and taken its services over, as soon as it
 * may not have heard it for one link's limit: frozen, or cut off one way, we would not know. So
 * what it said is good for a start only until then. */
uint64_t guard_until(const struct node *n, unsigned slot)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    uint64_t until_us = n->now_us + US(n->timing.order_ms);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && guard_life(n, p) == LIFE_MEMBER && !(n->broken & BREAK_GUARD) &&
            prim->effective.requires != REQUIRES_NOTHING)
            until_us = num_min(until_us, path_confirmed_until(n, p));
    if (lease_active(n) && lease_guards(n, slot) && !(n->broken & (BREAK_GUARD | BREAK_LEASE_ARM)))
        until_us = num_min(until_us, lease_date(n) - US(n->timing.lease_stop_ms));
    return until_us;
}

bool guard_arming(const struct node *n, unsigned slot)
{
    return (lease_guards(n, slot) && lease_arming(n)) || claim_arming(n, slot);
}

bool guard_may_start(const struct node *n, unsigned slot, struct say *why)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    assert(prim);
    if (n->broken & BREAK_GUARD)
        return true;
    if (n->fenced || n->left || n->view.state == VIEW_NONE) {
        if (why) {
            say_set(why, SAY_GUARD_NO_VIEW);
            say_arg(why, node_name(n, n->self));
        }
        return false;
    }
    if (!durable_reached(n, n->view.keep_generation)) {
        if (why)
            say_set(why, SAY_GUARD_NOT_KEPT);
        return false;
    }
    bool keeps = exec_rec_const(n, n->self, slot)->owned && ring_keeps(n);
    if (prim->effective.requires != REQUIRES_NOTHING && !keeps && ring_forbids(n, why))
        return false;
    if (lease_guards(n, slot) && !lease_allows(n, why))
        return false;
    if (!claim_holds(n, slot, why))
        return false;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && !free_of(n, p, slot, prim, why))
            return false;
    return true;
}
