/* SPDX-License-Identifier: GPL-2.0-or-later
 * place: the node of each unit, one after the other; then of each member.
 *
 * Happy path: place_all, once. No ways to fail: what cannot be placed is nowhere.
 * Choice: what is left alone stays; a wish (move) beats all but -INF; else the highest score; among
 * equals where it is (never moves without need), then the node with fewer primitives placed so far,
 * then the lower name. */
#include <assert.h>
#include <string.h>
#include "lib/sched/draft.h"

/* Where a unit is, as a tie-break: its first member that is anywhere. */
static unsigned home_of(const struct draft *d, const struct unit *u)
{
    for (unsigned m = 0; m < u->n_members; m++)
        if (d->seat[u->member[m]].home != NODE_NONE)
            return d->seat[u->member[m]].home;
    return NODE_NONE;
}

static bool better(const struct draft *d, const int32_t *total, unsigned home, unsigned a,
                   unsigned b)
{
    if (total[a] != total[b])
        return total[a] > total[b];
    if (a == home || b == home)
        return a == home;
    if (d->load[a] != d->load[b])
        return d->load[a] < d->load[b];
    return strcmp(d->in->node[a].name, d->in->node[b].name) < 0;
}

/* Node of the first member that is active and left alone. */
static unsigned pinned_at(const struct draft *d, const struct unit *u)
{
    for (unsigned m = 0; m < u->n_members; m++) {
        const struct seat *s = &d->seat[u->member[m]];
        if (s->lock && s->active)
            return draft_lowest(s->active);
    }
    return NODE_NONE;
}

static bool wanted(const struct draft *d, const struct unit *u)
{
    for (unsigned m = 0; m < u->n_members; m++)
        if (!d->seat[u->member[m]].off && !d->seat[u->member[m]].lock)
            return true;
    return false;
}

static unsigned unit_choose(struct draft *d, unsigned unit)
{
    const struct unit *u = &d->unit[unit];
    int32_t *total = draft_total(d, unit);
    unsigned pin = pinned_at(d, u), home = home_of(d, u), best = NODE_NONE;
    if (pin != NODE_NONE)
        return nodeset_has(d->open, pin) ? pin : NODE_NONE;
    if (u->avoid) { /* rolled back where it leaves no node */
        int32_t add[NODE_MAX] = {0};
        for (unsigned n = 0; n < d->n_nodes; n++)
            if (nodeset_has(u->avoid, n))
                add[n] = -SCORE_INF;
        score_merge(d, total, add);
    }
    if (u->wish != NODE_NONE && nodeset_has(d->open, u->wish) && total[u->wish] > -SCORE_INF)
        return u->wish;
    for (unsigned n = 0; n < d->n_nodes; n++) {
        if (!nodeset_has(d->open, n) || total[n] < 0)
            continue;
        if (best == NODE_NONE || better(d, total, home, n, best))
            best = n;
    }
    return best;
}

/* Members in order: one that cannot run keeps those after it from running, not those before. */
static void members_place(struct draft *d, unsigned unit, unsigned node)
{
    const struct unit *u = &d->unit[unit];
    unsigned gap = CIB_NONE;
    for (unsigned m = 0; m < u->n_members; m++) {
        unsigned prim = u->member[m];
        struct seat *s = &d->seat[prim];
        bool wish = node != NODE_NONE && node == u->wish;
        if (s->lock) {
            s->to = (uint8_t)draft_lowest(s->active);
        } else if (gap != CIB_NONE) {
            s->with = (uint16_t)gap;
        } else if (!s->off && node != NODE_NONE) {
            int32_t own = draft_own(d, prim)[node];
            if (own >= 0 || (wish && own > -SCORE_INF))
                s->to = (uint8_t)node;
        }
        if (s->to != NODE_NONE)
            d->load[s->to]++;
        else if (gap == CIB_NONE)
            gap = prim;
    }
}

/* The scores to show are the whole unit's, for its first member. */
static void scores_show(struct draft *d, unsigned unit)
{
    const struct unit *u = &d->unit[unit];
    memcpy(draft_own(d, u->member[0]), draft_total(d, unit), d->n_nodes * sizeof(*d->own));
    for (unsigned m = 0; m < u->n_members; m++)
        for (unsigned n = 0; n < d->n_nodes; n++)
            if (!nodeset_has(d->open, n))
                draft_own(d, u->member[m])[n] = -SCORE_INF;
}

void place_all(struct draft *d)
{
    for (unsigned i = 0; i < d->n_units; i++) {
        unsigned unit = d->turn[i];
        colocate_apply(d, unit);
        unsigned node = wanted(d, &d->unit[unit]) ? unit_choose(d, unit) : NODE_NONE;
        assert(node == NODE_NONE || nodeset_has(d->open, node));
        members_place(d, unit, node);
        scores_show(d, unit);
        d->unit[unit].mark = UNIT_PLACED;
    }
}
