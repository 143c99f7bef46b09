/* SPDX-License-Identifier: GPL-2.0-or-later
 * take: the keys of lost nodes (test/model/reserve.pml; DESIGN 2, rules 2c, 4, 6).
 *
 * Happy path: a node is lost. Of two nodes one takes the other's key, see race.c. Of more, all in
 * the part that has the quorum do, its coordinator first: the others then find it gone, and know
 * by their own look what they may start. What was taken, and read back, frees the resources of
 * those disks, and those of their group that write nowhere else. Whatever else proves a node to
 * be stopped, its keys are taken before anything starts.
 *
 * Ways to fail: our own key is gone: another was first. What runs here is reset with the machine,
 * who runs nothing stands down, and nothing is registered until the peer is met again, or known to
 * be stopped; of three nodes and more until we are in the part with the quorum again. No disk that
 * both can reserve is known: nothing is taken by silence. */
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
#include "lib/core/race.h"
#include "lib/core/rec.h"
#include "lib/core/reset.h"
#include "lib/core/ring.h"
#include "lib/core/take.h"
#include "lib/core/view.h"

enum { SHOOT_LATE_MS = 3000 };

static bool lost(const struct node *n, unsigned p)
{
    const struct peer *peer = &n->peer[p];
    /* Who left services running, and was fenced since, is as dead as any other (seed 94016112). */
    return (peer->state == PEER_LOST || peer->state == PEER_UNMET) && !peer->twin_us &&
           !ring_apart(n, p) && (!peer->away || guard_life(n, p) == LIFE_STOPPED);
}

static nodeset lost_all(const struct node *n)
{
    nodeset all = 0;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && lost(n, p))
            all = nodeset_add(all, p);
    return all;
}

/* ---- who may register --------------------------------------------------------------------- */

/* After a freeze, or when our key was found gone: it has heard us since, and is still in our view,
 * as a frame says that it sent after that. */
static bool hears_still(const struct node *n, unsigned p)
{
    uint64_t heard_us = ring_engine(n) ? n->peer[p].viewed_us : 0;
    for (unsigned l = 0; !ring_engine(n) && l < n->conf.n_links; l++)
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
    if (ring_forbids(n, NULL) || (!race_is_on(n) && !ring_decides(n)))
        return false;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        enum node_life life = guard_life(n, p);
        if (p == n->self || life == LIFE_STOPPED)
            continue;
        /* Whoever takes keys has the quorum, and that is here as long as its members hear us. */
        bool outvoted = !race_is_on(n) && (life == LIFE_UNCLEAN || ring_apart(n, p));
        if (!outvoted && (life != LIFE_MEMBER || !hears_still(n, p)))
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

/* ---- whose key is wanted ------------------------------------------------------------------- */

/* Two nodes: is the peer's to be taken from that claim's disks now? */
static bool raced(struct node *n, unsigned i, unsigned arbiter)
{
    unsigned p = race_peer(n);
    const struct claim *at = n->claims.at;
    if (!lost(n, p) || n->view.state != VIEW_ALONE || nodeset_has(at[i].taken, p))
        return false;
    bool stopped = guard_life(n, p) == LIFE_STOPPED;
    if (stopped && (n->broken & BREAK_CLAIM_TAKE))
        return false;
    /* Known to be stopped, it may have booted since: the arbiter first all the same, if it can be
     * had. */
    if (stopped)
        return i == arbiter || arbiter == CIB_NONE || at[arbiter].tries >= TAKE_TRIES_MAX ||
               nodeset_has(at[arbiter].taken, p);
    if (n->claims.lost)
        return false;
    bool decides = i == arbiter || (n->broken & BREAK_CLAIM_ARBITER);
    if (!decides)
        return arbiter != CIB_NONE && nodeset_has(at[arbiter].taken, p);
    if (race_dispossessed(n) != CIB_NONE && !(n->broken & BREAK_CLAIM_ARBITER))
        return false;
    uint64_t at_us = race_at(n);
    if (n->now_us >= at_us)
        return true;
    out_wake(n, at_us);
    return false;
}

/* Whoever is not the coordinator lets it be first, so that they do not all do the same at once. */
static uint64_t quorum_at(const struct node *n, unsigned p)
{
    uint64_t wait_us = view_directs(n) ? 0 : US(n->timing.claim_wait_ms);
    return num_max(path_signed(n, p) + US(n->timing.lost_ms), n->view.since_us) + wait_us;
}

/* Three nodes and more: the first of those whose key is to be taken. */
static unsigned outvoted(struct node *n, unsigned i)
{
    nodeset left = n->claims.parted & (nodeset)~n->claims.at[i].taken;
    bool in_view = n->view.state == VIEW_TOGETHER || n->view.state == VIEW_ALONE;
    for (unsigned p = 0; left && in_view && p < n->conf.n_nodes; p++) {
        bool stopped = nodeset_has(left, p) && guard_life(n, p) == LIFE_STOPPED;
        if (!nodeset_has(left, p) || (stopped && (n->broken & BREAK_CLAIM_TAKE)))
            continue;
        bool may = (ring_decides(n) && !n->claims.lost) || (n->broken & BREAK_CLAIM_QUORUM);
        uint64_t at_us = stopped ? 0 : quorum_at(n, p);
        if (may && n->now_us >= at_us)
            return p;
        if (may)
            out_wake(n, at_us);
    }
    return NODE_NONE;
}

unsigned take_victim(struct node *n, unsigned i, unsigned arbiter)
{
    bool forbids = ring_forbids(n, NULL) && !(n->broken & BREAK_CLAIM_QUORUM);
    if (n->fenced || n->left || !n->claims.at[i].mine || forbids)
        return NODE_NONE;
    if (race_is_on(n))
        return raced(n, i, arbiter) ? race_peer(n) : NODE_NONE;
    return outvoted(n, i);
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
    struct claim *c = &n->claims.at[i];
    unsigned p = c->victim;
    struct say say;
    if (!lost(n, p)) {
        c->looked = false; /* it is heard again: whose key is there now? */
        return;
    }
    c->taken = nodeset_add(c->taken, p);
    c->settled_us = n->now_us + (state & RESERVE_ABORTED ? 0 : US(TIMING_SETTLE_MS));
    c->others = nodeset_del(c->others, p);
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

nodeset take_freed(const struct node *n, unsigned slot)
{
    nodeset freed = 0;
    for (unsigned p = 0; !race_is_on(n) && n->claims.parted && p < n->conf.n_nodes; p++)
        if (nodeset_has(n->claims.parted, p) && take_frees(n, p, slot))
            freed = nodeset_add(freed, p);
    return freed;
}

bool take_told(const struct node *n, unsigned p, unsigned slot)
{
    if (race_is_on(n) || !claim_active(n) || !nodeset_has(n->claims.parted, p) || n->claims.lost)
        return false;
    for (unsigned q = 0; q < n->conf.n_nodes; q++)
        if (q != n->self && guard_life(n, q) == LIFE_MEMBER &&
            nodeset_has(exec_rec_const(n, q, slot)->freed, p))
            return true;
    return false;
}

/* What has become free, or is so no more, all are told. */
static void freed_tell(struct node *n)
{
    for (unsigned i = 0; !race_is_on(n) && i < n->exec.n_slots; i++) {
        struct claim *c = &n->claims.at[i];
        nodeset freed = n->exec.slot[i].used ? take_freed(n, i) : 0;
        if (freed == c->told || !out_roomy(n))
            continue;
        c->told = freed;
        rec_tell(n, i);
    }
}

bool take_comes(const struct node *n, unsigned p, unsigned slot)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    bool any = false;
    if (race_is_on(n) || !claim_active(n) || !prim || !nodeset_has(n->claims.parted, p) ||
        guard_life(n, p) != LIFE_UNCLEAN || n->claims.lost || !ring_decides(n) ||
        take_frees(n, p, slot))
        return false;
    const struct cib_group *g = prim->group == CIB_NONE ? NULL : &n->store.cib->group[prim->group];
    for (unsigned m = 0; m < (g ? g->n_members : 1); m++) {
        unsigned other = g ? n->store.slot_of_prim[g->member[m]] : slot;
        const struct claim *c = &n->claims.at[other];
        bool disks = c->found && (c->state & RESERVE_DISKS);
        if (disks && !taken(n, p, other) && (!claim_able(c) || !c->mine || c->tries))
            return false;
        any = any || disks;
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
        if (c->looked && !c->mine && !c->unable && c->others)
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
            (!take_frees(n, p, i) && !take_told(n, p, i)))
            continue;
        memset(r, 0, sizeof(*r));
        r->life = RSC_STOPPED;
        coord_touch(n);
    }
}

void take_follow(struct node *n)
{
    nodeset parted = lost_all(n), members = 0;
    bool two = race_is_on(n);
    if (n->claims.lost && take_permits(n) && (!two || guard_life(n, race_peer(n)) != LIFE_UNCLEAN))
        n->claims.lost = false;
    if (n->claims.parted != parted)
        claim_urge(n);
    n->claims.parted = parted;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && n->peer[p].state == PEER_MEMBER)
            members = nodeset_add(members, p);
    for (unsigned i = 0; i < claim_count(n); i++) {
        struct claim *c = &n->claims.at[i];
        c->taken &= (nodeset)~members;
        if (c->taken && c->settled_us > n->now_us)
            out_wake(n, c->settled_us);
        else if (c->taken && c->settled_us) {
            c->settled_us = 0;
            coord_touch(n);
        }
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (nodeset_has(parted, p) && guard_life(n, p) == LIFE_UNCLEAN)
            freed_settle(n, p);
    freed_tell(n);
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

/* Any of those whose key is there. */
static unsigned taker_of(const struct node *n, const struct claim *c)
{
    unsigned p = 0;
    while (p + 1 < n->conf.n_nodes && !nodeset_has(c->others, p))
        p++;
    return p;
}

void take_lost(struct node *n, unsigned i, bool was)
{
    unsigned q = taker_of(n, &n->claims.at[i]);
    struct say say;
    if (!was || n->fenced || (n->broken & BREAK_CLAIM_LOST))
        return;
    n->claims.doubt_us = n->now_us;
    if (take_permits(n) && guard_life(n, q) == LIFE_MEMBER)
        return;
    /* Whatever proved them to be stopped was true of an incarnation before. */
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        n->peer[p].proof = PROOF_NONE;
    /* The other one lives, or did: what was known of its end, or taken from it, counts no more. */
    for (unsigned k = 0; k < claim_count(n); k++)
        n->claims.at[k].taken = 0;
    for (unsigned k = 0; k < n->exec.n_slots; k++)
        exec_rec(n, n->self, k)->owned = false;
    coord_touch(n);
    if (lease_holds(n)) {
        taken_over(n, i, q);
        return;
    }
    if (n->claims.lost)
        return;
    n->claims.lost = true;
    say_set(&say, SAY_CLAIM_LOST);
    say_arg(&say, claim_name(n, i));
    say_arg(&say, node_name(n, q));
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
}

bool take_may_shoot(const struct node *n, unsigned p)
{
    unsigned arbiter = race_arbiter(n);
    if (arbiter == CIB_NONE || n->claims.lost)
        return !n->claims.lost;
    const struct claim *a = &n->claims.at[arbiter];
    /* It does not answer: who has the disks still may be first with its fence device. */
    bool late = n->now_us >= n->view.since_us + US((uint64_t)n->timing.lost_ms + SHOOT_LATE_MS);
    return !a->mine || (a->tries >= TAKE_TRIES_MAX && late) || nodeset_has(a->taken, p);
}

/* ---- sentence ----------------------------------------------------------------------------- */

/* Two nodes: the peer has, or may have, taken our keys. Which claim shows it, CIB_NONE: none. */
static unsigned gone_from(const struct node *n, unsigned arbiter)
{
    const struct claim *a = &n->claims.at[arbiter];
    unsigned ours = race_dispossessed(n);
    if (ours != CIB_NONE && n->claims.at[ours].looked)
        return ours;
    bool absent = a->looked && !a->mine && a->others;
    return absent || n->claims.lost ? arbiter : CIB_NONE;
}

/* The first claim from which that node's key is about to be taken. */
static unsigned taking_from(const struct node *n, unsigned p)
{
    for (unsigned i = 0; ring_decides(n) && i < n->exec.n_slots; i++) {
        const struct claim *c = &n->claims.at[i];
        if (n->exec.slot[i].used && claim_able(c) && c->mine && !nodeset_has(c->taken, p))
            return i;
    }
    return CIB_NONE;
}

bool take_say(const struct node *n, unsigned p, struct say *say)
{
    char names[96];
    struct str s;
    if (!claim_active(n) || p == n->self || !lost(n, p))
        return false;
    unsigned arbiter = race_arbiter(n), gone = CIB_NONE, taking = CIB_NONE;
    if (race_is_on(n) && arbiter == CIB_NONE)
        return false;
    if (race_is_on(n)) {
        gone = gone_from(n, arbiter);
        taking = n->claims.at[arbiter].mine && n->peer[p].heard_us ? arbiter : CIB_NONE;
    } else {
        taking = taking_from(n, p);
    }
    str_init(&s, names, sizeof(names));
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used && taken(n, p, i))
            str_addf(&s, "%s%s", s.len ? ", " : "", claim_name(n, i));
    if (gone == CIB_NONE && !s.len && taking == CIB_NONE)
        return false;
    uint64_t silent_ms = n->peer[p].heard_us ? (n->now_us - n->peer[p].heard_us) / 1000 : 0;
    bool lost_it = gone != CIB_NONE;
    say_set(say, lost_it ? SAY_GUARD_CLAIM_LOST : s.len ? SAY_GUARD_TAKEN : SAY_GUARD_TAKING);
    say_arg(say, node_name(n, p));
    say_arg(say, lost_it ? claim_name(n, gone) : s.len ? names : claim_name(n, taking));
    say_argf(say, "%llu.%llu", (unsigned long long)(silent_ms / 1000),
             (unsigned long long)(silent_ms / 100 % 10));
    return true;
}

bool take_proof(const struct node *n, unsigned p, struct say *say)
{
    char names[96];
    struct str s;
    unsigned arbiter = race_arbiter(n);
    str_init(&s, names, sizeof(names));
    for (unsigned i = 0; claim_active(n) && i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used && claim_able(&n->claims.at[i]) && n->claims.at[i].mine)
            str_addf(&s, "%s%s", s.len ? ", " : "", claim_name(n, i));
    bool two = race_is_on(n), there = s.len > 0 && (!two || arbiter != CIB_NONE);
    say_set(say, !there ? SAY_PROOF_CLAIM_NONE : two ? SAY_PROOF_CLAIM : SAY_PROOF_CLAIM_QUORUM);
    say_arg(say, node_name(n, p));
    if (there)
        say_arg(say, names);
    if (there && two)
        say_arg(say, claim_name(n, arbiter));
    return there;
}
