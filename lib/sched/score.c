/* SPDX-License-Identifier: GPL-2.0-or-later
 * score: what each primitive by itself may and wants, per node: location, stickiness, bans by
 * failures, and staying put while the gate is shut.
 *
 * Happy path: score_fill, score_hold, once. No ways to fail. Arithmetic is score_add's: -INF beats
 * +INF. A node with a negative score may not run it. */
#include <assert.h>
#include <string.h>
#include "lib/sched/draft.h"

bool score_available(const struct draft *d, const int32_t *table)
{
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (nodeset_has(d->open, n) && table[n] >= 0)
            return true;
    return false;
}

bool score_merge(const struct draft *d, int32_t *table, const int32_t *add)
{
    int32_t sum[NODE_MAX];
    for (unsigned n = 0; n < d->n_nodes; n++)
        sum[n] = score_add(table[n], add[n]);
    if (score_available(d, table) && !score_available(d, sum))
        return false;
    memcpy(table, sum, d->n_nodes * sizeof(*sum));
    return true;
}

/* A location of a group counts once, for its first member; the others follow it. */
static void locations_add(struct draft *d)
{
    enum { DISCOVERY_EXCLUSIVE = 2 };
    for (unsigned i = 0; i < d->cib->n_locations; i++) {
        struct cib_location *l = &d->cib->location[i];
        if (l->node_index >= d->n_nodes || l->spread || l->role == ROLE_PROMOTED ||
            l->role == ROLE_STOPPED)
            continue;
        unsigned n_members;
        const uint16_t *member = draft_members(d, &l->rsc, &n_members);
        assert(n_members > 0 && l->discovery <= DISCOVERY_EXCLUSIVE);
        for (unsigned m = 0; m < n_members; m++)
            d->seat[member[m]].named |= nodeset_one(l->node_index);
        int32_t *own = &draft_own(d, member[0])[l->node_index];
        *own = score_add(*own, l->score);
    }
}

uint16_t score_awaited(const struct draft *d, unsigned prim)
{
    const struct cib_prim *p = &d->cib->prim[prim];
    if (p->part != PART_PROMOTED || d->seat[prim].active)
        return CIB_NONE;
    for (unsigned n = 0; n < d->n_nodes; n++) {
        uint16_t copy = cib_copy(d->cib, &d->cib->clone[p->clone], n);
        if (copy != CIB_NONE && draft_spot(d, copy, n)->flying == OP_START)
            return copy;
    }
    return CIB_NONE;
}

/* Whether it may be on a node by what it is: a copy on its own, the promoted role where the agent
 * said that it is fit for it. */
static void part_fill(struct draft *d, unsigned prim)
{
    const struct cib_prim *p = &d->cib->prim[prim];
    int32_t *own = draft_own(d, prim);
    bool early = score_awaited(d, prim) != CIB_NONE;
    for (unsigned n = 0; p->part != PART_WHOLE && n < d->n_nodes; n++) {
        if (p->part == PART_COPY) {
            own[n] = n == p->node ? own[n] : -SCORE_INF;
            continue;
        }
        uint16_t copy = cib_copy(d->cib, &d->cib->clone[p->clone], n);
        const struct sched_state *s = copy == CIB_NONE ? NULL : draft_state(d, copy, n);
        own[n] = score_add(own[n], !s || early ? -SCORE_INF : s->fit_said ? s->fit : -1);
    }
}

static void seat_fill(struct draft *d, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    const struct cib_meta *meta = draft_meta(d, prim);
    bool symmetric = d->cib->properties.symmetric_cluster;
    int32_t *own = draft_own(d, prim);
    bool at_home_allowed = symmetric || nodeset_has(s->named, s->home);
    if (s->home != NODE_NONE && meta->stickiness > 0 && !s->lock && at_home_allowed)
        own[s->home] = score_add(own[s->home], meta->stickiness);
    for (unsigned n = 0; n < d->n_nodes; n++) {
        bool elsewhere = s->only && !nodeset_has(s->only, n);
        if (elsewhere || draft_spot(d, prim, n)->ban || (!symmetric && !nodeset_has(s->named, n)))
            own[n] = -SCORE_INF;
    }
}

void score_fill(struct draft *d)
{
    locations_add(d);
    for (unsigned p = 0; p < d->n_prims; p++) {
        seat_fill(d, p);
        part_fill(d, p);
    }
}

static void only_here(struct draft *d, unsigned prim, unsigned node)
{
    int32_t *own = draft_own(d, prim);
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (n != node)
            own[n] = -SCORE_INF;
}

/* While it could not be started elsewhere, or nobody knows where else it runs, what runs well
 * stays, whatever the scores say; and what may be restarted only where it is owned is not sent
 * away. */
void score_hold(struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++) {
        struct seat *s = &d->seat[p];
        int32_t *own = draft_own(d, p);
        if (s->lock || s->off || (!s->gate && !s->dark))
            continue;
        if (nodeset_count(s->well) == 1 && s->active == s->well && (s->well & d->open)) {
            unsigned here = draft_lowest(s->well);
            only_here(d, p, here);
            if (own[here] < 0)
                own[here] = 0;
            s->held = true;
            continue;
        }
        for (unsigned n = 0; s->gate && n < d->n_nodes; n++)
            if (nodeset_has(d->open, n) && own[n] >= 0 && !gate_shut(d, p, n)) {
                only_here(d, p, n);
                break;
            }
    }
}
