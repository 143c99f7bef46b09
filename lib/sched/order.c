/* SPDX-License-Identifier: GPL-2.0-or-later
 * order: what is ordered after what, and what that makes of each primitive: who restarts because of
 * another, who waits, who cannot be stopped because one that needs it cannot.
 *
 * Happy path: order_read, order_freeze, order_spread, once. order_read fails with ERR_FULL. A loop
 * of orders is broken at the link that closes it. */
#include <assert.h>
#include <string.h>
#include "lib/sched/draft.h"

static void link_add(struct draft *d, uint16_t first, uint16_t then, bool mandatory,
                     bool symmetrical)
{
    if (first != then)
        d->link[d->n_links++] = (struct link){first, then, mandatory, symmetrical};
}

static uint16_t member_of(const struct draft *d, struct rsc_ref ref, bool last)
{
    if (ref.kind == RSC_PRIM)
        return ref.index;
    const struct cib_group *g = &d->cib->group[ref.index];
    return g->member[last ? g->n_members - 1 : 0];
}

/* Starts in order, or stops in order, which is starts in the reverse order when symmetrical. */
static void order_add(struct draft *d, const struct cib_order *o)
{
    bool mandatory = o->kind == ORDER_MANDATORY;
    if (o->kind == ORDER_SERIALIZE || o->first_action != o->then_action || o->spread)
        return;
    if (o->first_action == ACTION_START)
        link_add(d, member_of(d, o->first, true), member_of(d, o->then, false), mandatory,
                 o->symmetrical);
    else if (o->first_action == ACTION_STOP && o->symmetrical)
        link_add(d, member_of(d, o->then, true), member_of(d, o->first, false), mandatory, true);
}

static void links_collect(struct draft *d)
{
    for (unsigned g = 0; g < d->cib->n_groups; g++)
        for (unsigned m = 1; m < d->cib->group[g].n_members; m++)
            link_add(d, d->cib->group[g].member[m - 1], d->cib->group[g].member[m], true, true);
    for (unsigned o = 0; o < d->cib->n_orders; o++)
        order_add(d, &d->cib->order[o]);
}

/* Sorts links by the one that comes later, keeping their order otherwise. */
static enum err links_sort(struct draft *d)
{
    struct link *sorted = arena_array(d->arena, d->n_links, sizeof(*sorted));
    if (!sorted)
        return ERR_FULL;
    for (uint32_t i = 0; i < d->n_links; i++)
        d->link_of[d->link[i].then + 1]++;
    for (unsigned p = 0; p < d->n_prims; p++)
        d->link_of[p + 1] += d->link_of[p];
    for (uint32_t i = 0; i < d->n_links; i++)
        sorted[d->link_of[d->link[i].then]++] = d->link[i];
    for (unsigned p = d->n_prims; p > 0; p--)
        d->link_of[p] = d->link_of[p - 1];
    d->link_of[0] = 0;
    d->link = sorted;
    return ERR_OK;
}

/* Walks from each primitive back to what it is ordered after; those come first in rank. */
static enum err rank_fill(struct draft *d)
{
    uint16_t *stack = arena_array(d->arena, d->n_prims, sizeof(*stack));
    uint32_t *at = arena_array(d->arena, d->n_prims, sizeof(*at));
    uint8_t *met = arena_array(d->arena, d->n_prims, sizeof(*met));
    unsigned n_rank = 0;
    if (!stack || !at || !met)
        return ERR_FULL;
    for (unsigned p = 0; p < d->n_prims; p++)
        at[p] = d->link_of[p];
    for (unsigned p = 0; p < d->n_prims; p++) {
        unsigned depth = 0;
        if (met[p])
            continue;
        met[p] = 1;
        stack[depth++] = (uint16_t)p;
        while (depth > 0) {
            unsigned top = stack[depth - 1];
            if (at[top] == d->link_of[top + 1]) {
                d->seat[top].rank = (uint16_t)n_rank;
                d->rank[n_rank++] = stack[--depth];
                continue;
            }
            unsigned first = d->link[at[top]++].first;
            if (!met[first]) {
                met[first] = 1;
                stack[depth++] = (uint16_t)first;
            }
        }
    }
    assert(n_rank == d->n_prims);
    return ERR_OK;
}

enum err order_read(struct draft *d)
{
    d->link = arena_array(d->arena, (size_t)d->n_prims + d->cib->n_orders, sizeof(*d->link));
    if (!d->link)
        return ERR_FULL;
    links_collect(d);
    enum err err = links_sort(d);
    return err ? err : rank_fill(d);
}

/* Among contradictory orders the link that closes a loop counts for nothing. */
static bool counts(const struct draft *d, const struct link *l)
{
    return l->mandatory && d->seat[l->first].rank < d->seat[l->then].rank;
}

/* What is active and cannot be stopped freezes what must be stopped after it. From the last in rank
 * to the first, so that it goes through a whole chain. */
void order_freeze(struct draft *d)
{
    for (unsigned i = d->n_prims; i-- > 0;) {
        unsigned p = d->rank[i];
        struct seat *s = &d->seat[p];
        if (s->active && (s->lock || (s->active & d->doomed)))
            s->frozen = (uint16_t)p;
        if (s->frozen == CIB_NONE || !s->active)
            continue;
        for (uint32_t k = d->link_of[p]; k < d->link_of[p + 1]; k++) {
            const struct link *l = &d->link[k];
            unsigned local = draft_local(d, l->first, p);
            if (local != NODE_NONE && !nodeset_has(s->active, local))
                continue;
            if (counts(d, l) && l->symmetrical && d->seat[l->first].frozen == CIB_NONE)
                d->seat[l->first].frozen = (uint16_t)p;
        }
    }
}

static bool steady(const struct draft *d, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    return s->to != NODE_NONE && !s->starts && !nodeset_has(d->doomed, s->to) &&
           draft_spot(d, prim, s->to)->is == SPOT_ON;
}

/* What those before it mean for one that runs well, or that is to start. */
static void firsts_look(struct draft *d, unsigned prim, bool at_home)
{
    struct seat *s = &d->seat[prim];
    for (uint32_t k = d->link_of[prim]; k < d->link_of[prim + 1]; k++) {
        const struct link *l = &d->link[k];
        const struct seat *f = &d->seat[l->first];
        unsigned local = draft_local(d, l->first, prim);
        if (!counts(d, l) || steady(d, l->first) || (local != NODE_NONE && local != s->to))
            continue;
        bool comes = f->starts && !f->start_blocked, goes = f->stops && !f->stop_blocked;
        if (!comes && !s->start_blocked) {
            s->start_blocked = true;
            s->first = l->first;
        }
        if (at_home && l->symmetrical && (goes || (comes && !f->dark)) && s->must != CAUSE_FIRST) {
            s->must = CAUSE_FIRST;
            s->first = l->first;
        }
    }
}

static void seat_spread(struct draft *d, unsigned prim)
{
    struct seat *s = &d->seat[prim];
    const struct spot *spot = s->to == NODE_NONE ? NULL : draft_spot(d, prim, s->to);
    bool at_home = spot && spot->is == SPOT_ON;
    bool flying = at_home && spot->flying == OP_START;
    if (s->lock) {
        s->starts = at_home && spot->flying == OP_START; /* what was begun ends */
        return;
    }
    firsts_look(d, prim, at_home);
    bool shut = s->to != NODE_NONE && gate_shut(d, prim, s->to);
    /* What is only for the better is not begun when it could not be ended. */
    if (at_home && !flying && !s->must && !s->start_blocked && !s->gate && !s->dark &&
        s->frozen == CIB_NONE) {
        if (draft_state(d, prim, s->to)->outdated)
            s->must = CAUSE_OUTDATED;
        else if (d->in->restart && d->in->restart[prim])
            s->must = CAUSE_ASKED;
    }
    s->leave = s->active & d->able & (nodeset)~d->doomed;
    if (at_home && !s->must)
        s->leave = nodeset_del(s->leave, s->to);
    s->stops = s->leave != 0;
    s->starts = s->to != NODE_NONE && (!at_home || s->must || flying);
    s->stop_blocked = s->stops && s->frozen != CIB_NONE;
    if (s->starts && (shut || s->stop_blocked))
        s->start_blocked = true;
}

void order_spread(struct draft *d)
{
    for (unsigned i = 0; i < d->n_prims; i++)
        seat_spread(d, d->rank[i]);
}
