/* SPDX-License-Identifier: GPL-2.0-or-later
 * take: the keys of a lost peer (test/model/reserve.pml; DESIGN 2, rules 2c, 4, 6).
 *
 * Happy path: the peer is lost. Who runs services takes the other's key at once, from the arbiter's
 * disk first, then from all others; who runs none waits for as long as that may take, and does the
 * same only if its own key is still there. What was taken, and read back, frees the resources of
 * those disks, and those of their group that write nowhere else. Whatever else proves the peer to
 * be stopped, its keys are taken before anything starts.
 *
 * Ways to fail: our own key is gone: the peer was first. What runs here is reset with the machine,
 * who runs nothing stands down, and nothing is registered until the peer is met again, or known to
 * be stopped. No disk that both can reserve is known: nothing is taken by silence. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/claim.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/lease.h"
#include "lib/core/path.h"
#include "lib/core/rec.h"
#include "lib/core/reset.h"
#include "lib/core/take.h"

enum { TRIES_MAX = 3, SHOOT_LATE_MS = 3000 };

static unsigned peer_of(const struct node *n)
{
    return n->self == 0 ? 1 : 0;
}

static bool lost(const struct node *n, unsigned p)
{
    const struct peer *peer = &n->peer[p];
    /* Who left services running, and was fenced since, is as dead as any other (seed 94016112). */
    return (peer->state == PEER_LOST || peer->state == PEER_UNMET) && !peer->twin_us &&
           (!peer->away || guard_life(n, p) == LIFE_STOPPED);
}

/* ---- who may register --------------------------------------------------------------------- */

/* After a freeze, or when our key was found gone: it has heard us since, and is still in our view,
 * as a frame says that it sent after that. */
static bool hears_still(const struct node *n, unsigned p)
{
    uint64_t heard_us = 0;
    for (unsigned l = 0; l < n->conf.n_links; l++)
        heard_us = num_max(heard_us, n->peer[p].path[l].confirmed_us);
    bool fresh =
        !n->claims.doubt_us || (heard_us > n->claims.doubt_us && n->peer[p].epoch == n->view.epoch);
    return fresh && n->now_us <= path_confirmed_until(n, p);
}

bool take_permits(const struct node *n)
{
    if (n->fenced || n->left || (n->view.state != VIEW_ALONE && n->view.state != VIEW_TOGETHER))
        return false;
    if (n->claims.lost && (n->broken & BREAK_CLAIM_LOSER))
        return true;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        enum node_life life = guard_life(n, p);
        bool hears = p == n->self || hears_still(n, p);
        if (life != LIFE_STOPPED && (life != LIFE_MEMBER || !hears))
            return false;
    }
    return true;
}

uint64_t take_permits_until(const struct node *n)
{
    uint64_t until_us = n->now_us + US(n->timing.order_ms);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && guard_life(n, p) == LIFE_MEMBER)
            until_us = num_min(until_us, path_confirmed_until(n, p));
    return until_us;
}

/* ---- who is first ------------------------------------------------------------------------- */

unsigned take_arbiter(const struct node *n)
{
    const struct claim *at = n->claims.at;
    unsigned best = CIB_NONE, disk = n->exec.n_slots;
    if (!claim_active(n))
        return CIB_NONE;
    /* Both must come to the same: what a disk can do does not depend on who asks. */
    if (conf_disks(&n->conf) && (claim_able(&at[disk]) || !at[disk].found))
        return at[disk].found ? disk : CIB_NONE;
    for (unsigned i = 0; i < n->store.cib->n_prims; i++) {
        unsigned slot = n->store.slot_of_prim[i];
        if (slot == CIB_NONE || n->store.cib->prim[i].is_stonith || !claim_able(&at[slot]))
            continue;
        if (best == CIB_NONE || strcmp(n->exec.slot[slot].id, n->exec.slot[best].id) < 0)
            best = slot;
    }
    return best;
}

/* -1: runs nothing guarded; 0: something that has failed, or could not be probed, is there; else
 * the sum of priorities and 1. */
static int64_t weight(const struct node *n, unsigned p)
{
    int64_t sum = -1;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, p, i);
        const struct cib_prim *prim = exec_prim(n, i);
        if (!prim || !lease_guards(n, i) || (!rec_active(r) && r->pending != OP_START))
            continue;
        bool well = r->life == RSC_STARTED || r->life == RSC_PROMOTED || r->pending == OP_START;
        int64_t more = prim->effective.priority > 0 ? prim->effective.priority : 0;
        int64_t least = well ? 1 : 0;
        sum = (sum < least ? least : sum) + (well ? more : 0);
    }
    return sum;
}

static bool first(const struct node *n, unsigned p)
{
    int64_t ours = weight(n, n->self), theirs = weight(n, p);
    /* Who runs nothing, or nothing well, is in no hurry: the other may just be starting something.
     */
    return ours != theirs ? ours > theirs : ours > 0 && n->self < p;
}

/* Who is not first waits until the other must have called us lost, and has had its time: step 6 of
 * lib/conf/timing.c. */
static uint64_t take_at(const struct node *n, unsigned p)
{
    uint64_t at_us = n->view.since_us;
    if (first(n, p) || (n->broken & BREAK_CLAIM_IDLE))
        return 0;
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        const struct timing_link *t = &n->timing.link[l];
        const struct path *path = &n->peer[p].path[l];
        /* A new life of its daemon, not met yet, may run what the one before had; also one of which
         * there was only a frame that proves nothing (seed 61008285). */
        uint64_t heard_us = num_max(path->heard_us, path->sign_us);
        if (heard_us)
            at_us = num_max(at_us, heard_us + US((uint64_t)t->interval_ms + t->limit_ms));
    }
    return at_us + US(n->timing.claim_wait_ms);
}

/* A peer that we have not met in this life may have taken our keys while we were down, and run its
 * services on those disks: a disk that has its key and not ours, or one that has not been looked at
 * yet; CIB_NONE when there is none, and when it has been met: then take_lost tells (test/sim, seed
 * 92017019). */
static unsigned dispossessed(const struct node *n, unsigned p)
{
    for (unsigned i = 0; n->peer[p].state == PEER_UNMET && i < claim_count(n); i++) {
        const struct claim *c = &n->claims.at[i];
        if (!claim_concerns(n, i) || c->unable)
            continue;
        bool unknown = !c->found || (claim_able(c) && !c->looked);
        bool gone = c->looked && !c->mine && (c->state & RESERVE_VICTIM);
        if (gone || (unknown && c->tries < TRIES_MAX))
            return i;
    }
    return CIB_NONE;
}

bool take_wanted(struct node *n, unsigned i, unsigned arbiter)
{
    unsigned p = peer_of(n);
    const struct claim *c = &n->claims.at[i];
    if (!lost(n, p) || n->view.state != VIEW_ALONE || n->fenced || n->left || !c->mine ||
        nodeset_has(c->taken, p))
        return false;
    bool stopped = guard_life(n, p) == LIFE_STOPPED;
    if (stopped && (n->broken & BREAK_CLAIM_TAKE))
        return false;
    /* Known to be stopped, it may have booted since: the arbiter first all the same, if it can be
     * had. */
    if (stopped)
        return i == arbiter || arbiter == CIB_NONE || n->claims.at[arbiter].tries >= TRIES_MAX ||
               nodeset_has(n->claims.at[arbiter].taken, p);
    if (n->claims.lost)
        return false;
    bool decides = i == arbiter || (n->broken & BREAK_CLAIM_ARBITER);
    if (!decides)
        return arbiter != CIB_NONE && nodeset_has(n->claims.at[arbiter].taken, p);
    if (dispossessed(n, p) != CIB_NONE && !(n->broken & BREAK_CLAIM_ARBITER))
        return false;
    uint64_t at_us = take_at(n, p);
    if (n->now_us >= at_us)
        return true;
    out_wake(n, at_us);
    return false;
}

/* ---- taken -------------------------------------------------------------------------------- */

/* It had that resource, as far as is known here. */
static bool had(const struct node *n, unsigned p, unsigned slot)
{
    const struct rec *r = exec_rec_const(n, p, slot);
    return rec_active(r) || r->pending == OP_START ||
           (n->coord.last[slot] == p && !rec_active(exec_rec_const(n, n->self, slot)));
}

void take_done(struct node *n, unsigned i, uint16_t state)
{
    unsigned p = peer_of(n);
    struct claim *c = &n->claims.at[i];
    struct say say;
    if (!lost(n, p)) {
        c->looked = false; /* it is heard again: whose key is there now? */
        return;
    }
    c->taken = nodeset_add(c->taken, p);
    c->settled_us = n->now_us + (state & RESERVE_ABORTED ? 0 : US(TIMING_SETTLE_MS));
    c->state &= (uint16_t)~RESERVE_VICTIM;
    bool slot = i < n->exec.n_slots;
    const struct cib_prim *prim = slot ? exec_prim(n, i) : NULL;
    bool ran = prim && had(n, p, i) && guard_life(n, p) == LIFE_UNCLEAN;
    /* Its services go elsewhere: that incarnation is dead for ever. Who only loses its key because
     * it is idle may come back as it is. */
    if (ran)
        durable_fenced(n, p, n->peer[p].boot);
    say_set(&say, ran ? SAY_CLAIM_STARTS : SAY_CLAIM_TAKEN);
    say_arg(&say, claim_name(n, i));
    say_arg(&say, node_name(n, p));
    if (ran)
        say_arg(&say, prim->group != CIB_NONE ? n->store.cib->group[prim->group].id : prim->id);
    out_event(n, &say, slot ? claim_name(n, i) : NULL, node_name(n, p));
}

static bool taken(const struct node *n, unsigned p, unsigned i)
{
    const struct claim *c = &n->claims.at[i];
    return claim_able(c) && nodeset_has(c->taken, p) && n->now_us >= c->settled_us;
}

bool take_frees(const struct node *n, unsigned p, unsigned slot)
{
    const struct claim *at = n->claims.at, *c = &at[slot];
    const struct cib_prim *prim = exec_prim(n, slot);
    bool any = false;
    if (!claim_active(n) || !prim || p == n->self || !lost(n, p) || n->claims.lost || !c->found)
        return false;
    if (c->state & RESERVE_DISKS)
        return taken(n, p, slot);
    /* Without disks: it writes nowhere, or only on those of its group. */
    if (prim->group == CIB_NONE ||
        (!(c->state & (RESERVE_HARMLESS | RESERVE_ONDISK)) && !(n->broken & BREAK_CLAIM_STOPPED)))
        return false;
    const struct cib_group *g = &n->store.cib->group[prim->group];
    for (unsigned m = 0; m < g->n_members; m++) {
        unsigned other = n->store.slot_of_prim[g->member[m]];
        if (!at[other].found || ((at[other].state & RESERVE_DISKS) && !taken(n, p, other)))
            return false;
        any = any || (at[other].state & RESERVE_DISKS);
    }
    return any;
}

bool take_lacks(const struct node *n, unsigned p, unsigned slot)
{
    return claim_active(n) && lease_guards(n, slot) && claim_able(&n->claims.at[slot]) &&
           guard_life(n, p) == LIFE_STOPPED && !taken(n, p, slot) &&
           !(n->broken & BREAK_CLAIM_TAKE);
}

bool take_away(const struct node *n, unsigned slot)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    if (!claim_active(n) || !prim)
        return false;
    const struct cib_group *g = prim->group == CIB_NONE ? NULL : &n->store.cib->group[prim->group];
    for (unsigned m = 0; m < (g ? g->n_members : 1); m++) {
        const struct claim *c = &n->claims.at[g ? n->store.slot_of_prim[g->member[m]] : slot];
        if (c->looked && !c->mine && !c->unable && (c->state & RESERVE_VICTIM))
            return true;
    }
    return false;
}

/* What it still runs it runs in vain: it counts as stopped there. */
static void freed_settle(struct node *n, unsigned p)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        struct rec *r = exec_rec(n, p, i);
        if (!n->exec.slot[i].used || (r->life == RSC_STOPPED && r->pending == OP_NONE) ||
            !take_frees(n, p, i))
            continue;
        memset(r, 0, sizeof(*r));
        r->life = RSC_STOPPED;
        coord_touch(n);
    }
}

void take_follow(struct node *n)
{
    unsigned p = peer_of(n);
    if (n->claims.lost && guard_life(n, p) != LIFE_UNCLEAN && take_permits(n))
        n->claims.lost = false;
    bool member = n->peer[p].state == PEER_MEMBER;
    if (n->claims.parted != lost(n, p))
        claim_urge(n);
    n->claims.parted = lost(n, p);
    for (unsigned i = 0; i < claim_count(n); i++) {
        struct claim *c = &n->claims.at[i];
        if (member)
            c->taken = nodeset_del(c->taken, p);
        if (c->taken && c->settled_us > n->now_us)
            out_wake(n, c->settled_us);
        else if (c->taken && c->settled_us) {
            c->settled_us = 0;
            coord_touch(n);
        }
    }
    if (guard_life(n, p) == LIFE_UNCLEAN)
        freed_settle(n, p);
}

/* ---- our own is gone ---------------------------------------------------------------------- */

static void taken_over(struct node *n, unsigned i, unsigned p)
{
    struct say say;
    say_set(&say, SAY_CLAIM_RESET);
    say_arg(&say, claim_name(n, i));
    say_arg(&say, node_name(n, p));
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
    reset_self(n, true, "the other node took its reservation away");
}

void take_lost(struct node *n, unsigned i, bool was)
{
    unsigned p = peer_of(n);
    struct say say;
    if (!was || n->fenced || (n->broken & BREAK_CLAIM_LOST))
        return;
    n->claims.doubt_us = n->now_us;
    if (guard_life(n, p) == LIFE_MEMBER && take_permits(n))
        return;
    /* Whatever proved it to be stopped was true of an incarnation before. */
    n->peer[p].proof = PROOF_NONE;
    /* The other one lives, or did: what was known of its end, or taken from it, counts no more. */
    for (unsigned k = 0; k < claim_count(n); k++)
        n->claims.at[k].taken = 0;
    for (unsigned k = 0; k < n->exec.n_slots; k++)
        exec_rec(n, n->self, k)->owned = false;
    coord_touch(n);
    if (lease_holds(n)) {
        taken_over(n, i, p);
        return;
    }
    if (n->claims.lost)
        return;
    n->claims.lost = true;
    say_set(&say, SAY_CLAIM_LOST);
    say_arg(&say, claim_name(n, i));
    say_arg(&say, node_name(n, p));
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
}

bool take_may_shoot(const struct node *n, unsigned p)
{
    unsigned arbiter = take_arbiter(n);
    if (arbiter == CIB_NONE || n->claims.lost)
        return !n->claims.lost;
    const struct claim *a = &n->claims.at[arbiter];
    /* It does not answer: who has the disks still may be first with its fence device. */
    bool late = n->now_us >= n->view.since_us + US((uint64_t)n->timing.lost_ms + SHOOT_LATE_MS);
    return !a->mine || (a->tries >= TRIES_MAX && late) || nodeset_has(a->taken, p);
}

/* ---- sentence ----------------------------------------------------------------------------- */

bool take_say(const struct node *n, unsigned p, struct say *say)
{
    char names[96];
    struct str s;
    unsigned arbiter = take_arbiter(n);
    if (!claim_active(n) || p == n->self || !lost(n, p) || arbiter == CIB_NONE)
        return false;
    const struct claim *a = &n->claims.at[arbiter];
    uint64_t silent_ms = n->peer[p].heard_us ? (n->now_us - n->peer[p].heard_us) / 1000 : 0;
    str_init(&s, names, sizeof(names));
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used && taken(n, p, i))
            str_addf(&s, "%s%s", s.len ? ", " : "", claim_name(n, i));
    unsigned ours = dispossessed(n, p);
    bool known = ours != CIB_NONE && n->claims.at[ours].looked;
    bool absent = known || (a->looked && !a->mine && (a->state & RESERVE_VICTIM));
    bool gone = n->claims.lost || absent;
    if (!gone && !s.len && (!a->mine || !n->peer[p].heard_us))
        return false;
    say_set(say, gone ? SAY_GUARD_CLAIM_LOST : s.len ? SAY_GUARD_TAKEN : SAY_GUARD_TAKING);
    say_arg(say, node_name(n, p));
    say_arg(say, gone || !s.len ? claim_name(n, known ? ours : arbiter) : names);
    say_argf(say, "%llu.%llu", (unsigned long long)(silent_ms / 1000),
             (unsigned long long)(silent_ms / 100 % 10));
    return true;
}

bool take_proof(const struct node *n, unsigned p, struct say *say)
{
    char names[96];
    struct str s;
    unsigned arbiter = take_arbiter(n);
    str_init(&s, names, sizeof(names));
    for (unsigned i = 0; claim_active(n) && i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used && claim_able(&n->claims.at[i]) && n->claims.at[i].mine)
            str_addf(&s, "%s%s", s.len ? ", " : "", claim_name(n, i));
    bool there = s.len > 0 && arbiter != CIB_NONE;
    say_set(say, there ? SAY_PROOF_CLAIM : SAY_PROOF_CLAIM_NONE);
    say_arg(say, node_name(n, p));
    if (there) {
        say_arg(say, names);
        say_arg(say, claim_name(n, arbiter));
    }
    return there;
}
