/* SPDX-License-Identifier: GPL-2.0-or-later
 * race: two nodes, one disk (test/model/reserve.pml; DESIGN 2, rules 2c, 4, 6).
 *
 * Happy path: who runs services tries at once; who runs none waits for as long as the other may
 * take. The first PREEMPT on the arbiter's disk, a quorum disk if there is one, wins. Ways to fail:
 * no disk is known that both can reserve: there is no arbiter, and nothing is taken by silence; the
 * peer took our keys while this node was down: a look at the disks tells before anything is taken.
 */
#include "lib/core/race.h"
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/claim.h"
#include "lib/core/exec.h"
#include "lib/core/lease.h"
#include "lib/core/rec.h"
#include "lib/core/take.h"

unsigned race_arbiter(const struct node *n)
{
    const struct claim *at = n->claims.at;
    unsigned best = CIB_NONE, disk = n->exec.n_slots;
    if (!claim_active(n) || !race_is_on(n))
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

static bool first(const struct node *n)
{
    unsigned p = race_peer(n);
    int64_t ours = weight(n, n->self), theirs = weight(n, p);
    /* Who runs nothing, or nothing well, is in no hurry: the other may just be starting something.
     */
    return ours != theirs ? ours > theirs : ours > 0 && n->self < p;
}

/* Who is not first waits until the other must have called us lost, and has had its time: step 6 of
 * lib/conf/timing.c. */
uint64_t race_at(const struct node *n)
{
    unsigned p = race_peer(n);
    uint64_t at_us = n->view.since_us;
    if (first(n) || (n->broken & BREAK_CLAIM_IDLE))
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

unsigned race_dispossessed(const struct node *n)
{
    unsigned p = race_peer(n);
    for (unsigned i = 0; n->peer[p].state == PEER_UNMET && i < claim_count(n); i++) {
        const struct claim *c = &n->claims.at[i];
        if (!claim_concerns(n, i) || c->unable)
            continue;
        bool unknown = !c->found || (claim_able(c) && !c->looked);
        bool gone = c->looked && !c->mine && (c->others);
        if (gone || (unknown && c->tries < TAKE_TRIES_MAX))
            return i;
    }
    return CIB_NONE;
}
