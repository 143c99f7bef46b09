/* SPDX-License-Identifier: GPL-2.0-or-later
 * colocate: what is to be placed together or apart. "A with B": B is placed first, A's wishes count
 * for B (influence), then B's place decides for A.
 *
 * Happy path: colocate_order, colocate_influence, then colocate_apply before each unit is placed.
 * colocate_order fails with ERR_FULL; loops are broken at the constraint that closes them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "lib/sched/draft.h"

/* Groups the colocations by the unit of their dependent, keeping the order of the text. */
static enum err ties_sort(struct draft *d)
{
    unsigned n = d->cib->n_colocations;
    for (unsigned i = 0; i < n; i++)
        if (!d->cib->colocation[i].spread)
            d->unit[draft_unit(d, d->cib->colocation[i].rsc)].n_ties++;
    uint32_t *next = arena_array(d->arena, d->n_units, sizeof(*next));
    if (!next)
        return ERR_FULL;
    for (unsigned u = 0, sum = 0; u < d->n_units; u++) {
        next[u] = d->unit[u].first_tie = sum;
        sum += d->unit[u].n_ties;
    }
    for (unsigned i = 0; i < n; i++)
        if (!d->cib->colocation[i].spread)
            d->tie[next[draft_unit(d, d->cib->colocation[i].rsc)]++] = (uint16_t)i;
    return ERR_OK;
}

static const struct cib_colocation *tie_at(const struct draft *d, const struct unit *u, unsigned i)
{
    assert(i < u->n_ties);
    return &d->cib->colocation[d->tie[u->first_tie + i]];
}

/* The unit that comes before one placed with that: of a clone each copy, until all were met. */
static unsigned with_next(const struct draft *d, struct rsc_ref ref)
{
    if (ref.kind != RSC_CLONE)
        return draft_unit(d, ref);
    for (unsigned n = 0; n < d->n_nodes; n++) {
        uint16_t copy = cib_copy(d->cib, &d->cib->clone[ref.index], n);
        if (copy != CIB_NONE && d->unit[d->unit_of[copy]].mark == UNIT_NEW)
            return d->unit_of[copy];
    }
    return CIB_NONE;
}

/* Walks from each unit to those it is placed with, which therefore come first. The stack is the
 * caller's; a unit that is still open when it is met again closes a loop. */
static void units_walk(struct draft *d, const uint16_t *by_priority, uint16_t *stack, uint32_t *at)
{
    unsigned n_turn = 0;
    for (unsigned i = 0; i < d->n_units; i++) {
        unsigned depth = 0;
        if (d->unit[by_priority[i]].mark != UNIT_NEW)
            continue;
        stack[depth++] = by_priority[i];
        d->unit[by_priority[i]].mark = UNIT_OPEN;
        while (depth > 0) {
            struct unit *u = &d->unit[stack[depth - 1]];
            if (at[stack[depth - 1]] == u->n_ties) {
                u->mark = UNIT_DONE;
                d->turn[n_turn++] = stack[--depth];
                continue;
            }
            unsigned with = with_next(d, tie_at(d, u, at[stack[depth - 1]])->with);
            if (with == CIB_NONE || d->unit[with].mark != UNIT_NEW)
                at[stack[depth - 1]]++;
            if (with != CIB_NONE && d->unit[with].mark == UNIT_NEW) {
                d->unit[with].mark = UNIT_OPEN;
                stack[depth++] = (uint16_t)with;
            }
        }
    }
    assert(n_turn == d->n_units);
}

static int key_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

enum err colocate_order(struct draft *d)
{
    enum err err = ties_sort(d);
    if (err)
        return err;
    uint16_t *by_priority = arena_array(d->arena, d->n_units, sizeof(*by_priority));
    uint16_t *stack = arena_array(d->arena, d->n_units, sizeof(*stack));
    uint32_t *at = arena_array(d->arena, d->n_units, sizeof(*at));
    uint64_t *key = arena_array(d->arena, d->n_units, sizeof(*key));
    if (!by_priority || !stack || !at || !key)
        return ERR_FULL;
    /* Copies of clones, which have no choice; then priority falls, then the place in the text: all
     * in one number. */
    for (unsigned u = 0; u < d->n_units; u++) {
        bool copy = d->cib->prim[d->unit[u].member[0]].part == PART_COPY;
        key[u] =
            (uint64_t)!copy << 63 | (uint64_t)(INT32_MAX - (int64_t)d->unit[u].priority) << 16 | u;
    }
    qsort(key, d->n_units, sizeof(*key), key_compare);
    for (unsigned u = 0; u < d->n_units; u++)
        by_priority[u] = (uint16_t)(key[u] & 0xffff);
    units_walk(d, by_priority, stack, at);
    return ERR_OK;
}

/* A unit's own table: its members', as far as they leave a node at all. One that is not critical
 * does not count; nor does one that is wanted nowhere. */
static void total_start(struct draft *d, unsigned unit)
{
    const struct unit *u = &d->unit[unit];
    int32_t *total = draft_total(d, unit);
    memcpy(total, draft_own(d, u->member[0]), d->n_nodes * sizeof(*total));
    for (unsigned m = 1; m < u->n_members; m++) {
        unsigned prim = u->member[m];
        if (draft_meta(d, prim)->critical && !d->seat[prim].off && !d->seat[prim].lock)
            score_merge(d, total, draft_own(d, prim));
    }
}

/* What the whole dependent unit wants, as it counts for the one it is placed with: s is the
 * constraint's score. A dislike is not turned into a like, except where it leaves one node only. */
static void push(struct draft *d, unsigned unit, unsigned with, int32_t s)
{
    const int32_t *total = draft_total(d, unit);
    int32_t add[NODE_MAX] = {0};
    if (s > 0) {
        for (unsigned n = 0; n < d->n_nodes; n++) {
            int64_t part = (int64_t)total[n] * s / SCORE_INF;
            add[n] = part == 0 && total[n] ? (total[n] > 0 ? 1 : -1) : (int32_t)part;
        }
    } else {
        nodeset can = 0;
        for (unsigned n = 0; n < d->n_nodes; n++)
            if (nodeset_has(d->open, n) && total[n] >= 0)
                can = nodeset_add(can, n);
        if (nodeset_count(can) != 1)
            return;
        add[draft_lowest(can)] = s;
    }
    score_merge(d, draft_total(d, with), add);
}

static void wishes_push(struct draft *d, unsigned unit, unsigned with)
{
    const struct unit *u = &d->unit[unit];
    struct unit *w = &d->unit[with];
    if (u->wish != NODE_NONE && w->wish == NODE_NONE && nodeset_has(d->open, u->wish) &&
        draft_total(d, unit)[u->wish] > -SCORE_INF)
        w->wish = u->wish;
    w->avoid |= u->avoid;
}

/* A unit that is left alone wants to be where it is; one that is wanted nowhere wants nothing. */
static bool counts(struct draft *d, unsigned unit)
{
    const struct unit *u = &d->unit[unit];
    int32_t *total = draft_total(d, unit);
    const struct seat *s = &d->seat[u->member[0]];
    if (s->lock) {
        if (!s->active)
            return false;
        for (unsigned n = 0; n < d->n_nodes; n++)
            total[n] = nodeset_has(s->active, n) ? SCORE_INF : 0;
        return true;
    }
    return !s->off;
}

static bool influences(const struct draft *d, const struct cib_colocation *c, unsigned with)
{
    bool critical = c->rsc.kind == RSC_GROUP ? d->cib->group[c->rsc.index].effective.critical
                                             : draft_meta(d, c->rsc.index)->critical;
    /* Not "is active": between the two halves of a move it must count as before. */
    return critical || d->seat[d->unit[with].member[0]].home == NODE_NONE;
}

/* Whoever must keep away does not pull, whatever else is written. */
static bool apart(const struct draft *d, const struct unit *u, unsigned with)
{
    for (unsigned t = 0; t < u->n_ties; t++)
        if (tie_at(d, u, t)->score <= -SCORE_INF && tie_at(d, u, t)->with.kind != RSC_CLONE &&
            draft_unit(d, tie_at(d, u, t)->with) == with)
            return true;
    return false;
}

static void wishes_read(struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++) {
        struct unit *u = &d->unit[d->unit_of[p]];
        if (d->in->wish && d->in->wish[p] < d->n_nodes && u->wish == NODE_NONE)
            u->wish = d->in->wish[p];
        if (d->in->avoid)
            u->avoid |= d->in->avoid[p];
    }
}

/* From the last to be placed to the first, so that each table is whole before it counts for
 * another. */
void colocate_influence(struct draft *d)
{
    wishes_read(d);
    for (unsigned u = 0; u < d->n_units; u++) {
        total_start(d, u);
        d->unit[u].mark = UNIT_NEW;
    }
    for (unsigned i = d->n_units; i-- > 0;) {
        const struct unit *u = &d->unit[d->turn[i]];
        d->unit[d->turn[i]].mark = UNIT_DONE;
        if (!counts(d, d->turn[i]))
            continue;
        for (unsigned t = 0; t < u->n_ties; t++) {
            const struct cib_colocation *c = tie_at(d, u, t);
            if (c->with.kind == RSC_CLONE)
                continue; /* its copies are where they must be */
            unsigned with = draft_unit(d, c->with);
            if (d->unit[with].mark == UNIT_DONE || c->score == 0 || !influences(d, c, with) ||
                (c->score > 0 && apart(d, u, with)))
                continue;
            push(d, d->turn[i], with, c->score);
            if (c->score >= SCORE_INF)
                wishes_push(d, d->turn[i], with);
        }
    }
}

/* Where the other one is: all of a group must be up for a mandatory tie, its first for an optional;
 * of a clone each copy counts. */
static nodeset nodes_of(const struct draft *d, const struct cib_colocation *c, unsigned *prim)
{
    *prim = c->with.index;
    if (c->with.kind == RSC_CLONE) {
        const struct cib_clone *k = &d->cib->clone[c->with.index];
        nodeset set = 0;
        *prim = k->prim;
        for (unsigned n = 0; n < d->n_nodes; n++) {
            uint16_t copy = cib_copy(d->cib, k, n);
            if (copy != CIB_NONE && d->seat[copy].to == n)
                set = nodeset_add(set, n);
        }
        return set;
    }
    if (c->with.kind == RSC_GROUP) {
        const struct cib_group *g = &d->cib->group[c->with.index];
        bool mandatory = c->score >= SCORE_INF || c->score <= -SCORE_INF;
        *prim = g->member[mandatory ? g->n_members - 1 : 0];
    }
    return d->seat[*prim].to == NODE_NONE ? 0 : nodeset_one(d->seat[*prim].to);
}

/* What a tie to something on those nodes adds to each node's score. */
static void tie_table(const struct draft *d, int32_t score, nodeset nodes, int32_t *add)
{
    for (unsigned n = 0; n < d->n_nodes; n++) {
        bool same = nodeset_has(nodes, n);
        if (score >= SCORE_INF)
            add[n] = same ? 0 : -SCORE_INF;
        else
            add[n] = same ? score : 0;
    }
}

static void tie_apply(struct draft *d, unsigned unit, const struct cib_colocation *c)
{
    unsigned prim;
    nodeset nodes = nodes_of(d, c, &prim);
    bool mandatory = c->score >= SCORE_INF || c->score <= -SCORE_INF;
    int32_t add[NODE_MAX];
    if (!nodes && c->score < SCORE_INF)
        return; /* nothing to be near to, nothing to keep away from */
    unsigned subject = c->rsc.kind == RSC_GROUP ? d->unit[unit].member[0] : c->rsc.index;
    tie_table(d, c->score, nodes, add);
    int32_t *total = draft_total(d, unit), *own = draft_own(d, subject);
    bool first = subject == d->unit[unit].member[0];
    if (mandatory && first)
        for (unsigned n = 0; n < d->n_nodes; n++)
            total[n] = score_add(total[n], add[n]);
    else
        score_merge(d, total, add);
    if (mandatory) {
        for (unsigned n = 0; n < d->n_nodes; n++)
            own[n] = score_add(own[n], add[n]);
        if (!nodes)
            d->seat[subject].with = (uint16_t)prim;
    }
}

void colocate_apply(struct draft *d, unsigned unit)
{
    const struct unit *u = &d->unit[unit];
    for (int pass = 0; pass < 2; pass++)
        for (unsigned t = 0; t < u->n_ties; t++) {
            const struct cib_colocation *c = tie_at(d, u, t);
            bool mandatory = c->score >= SCORE_INF || c->score <= -SCORE_INF;
            bool clone = c->with.kind == RSC_CLONE;
            unsigned with = clone ? CIB_NONE : draft_unit(d, c->with);
            if (mandatory == (pass == 0) && c->score && with != unit &&
                (clone || d->unit[with].mark == UNIT_PLACED))
                tie_apply(d, unit, c);
        }
}
