/* SPDX-License-Identifier: GPL-2.0-or-later
 * draft: memory of one calculation. Happy path: draft_new, once. Fails only for want of room. */
#include <assert.h>
#include <string.h>
#include "lib/sched/draft.h"

static bool tables_take(struct draft *d)
{
    size_t cells = (size_t)d->n_prims * d->n_nodes;
    size_t most_units = (size_t)d->n_prims + d->cib->n_groups;
    d->spot = arena_array(d->arena, cells, sizeof(*d->spot));
    d->seat = arena_array(d->arena, d->n_prims, sizeof(*d->seat));
    d->own = arena_array(d->arena, cells, sizeof(*d->own));
    d->total = arena_array(d->arena, most_units * d->n_nodes, sizeof(*d->total));
    d->unit = arena_array(d->arena, most_units, sizeof(*d->unit));
    d->unit_of = arena_array(d->arena, d->n_prims, sizeof(*d->unit_of));
    d->unit_of_group = arena_array(d->arena, d->cib->n_groups, sizeof(*d->unit_of_group));
    d->turn = arena_array(d->arena, most_units, sizeof(*d->turn));
    d->tie = arena_array(d->arena, d->cib->n_colocations, sizeof(*d->tie));
    d->load = arena_array(d->arena, d->n_nodes, sizeof(*d->load));
    d->rank = arena_array(d->arena, d->n_prims, sizeof(*d->rank));
    d->link_of = arena_array(d->arena, d->n_prims + 1u, sizeof(*d->link_of));
    d->plan->rsc = arena_array(d->arena, d->n_prims, sizeof(*d->plan->rsc));
    return d->spot && d->seat && d->own && d->total && d->unit && d->unit_of && d->unit_of_group &&
           d->turn && d->tie && d->load && d->rank && d->link_of && d->plan->rsc;
}

static void nodes_read(struct draft *d)
{
    for (unsigned n = 0; n < d->n_nodes; n++) {
        const struct sched_node *node = &d->in->node[n];
        nodeset one = nodeset_one(n);
        d->step_fence[n] = STEP_NONE;
        if (node->life == LIFE_MEMBER) {
            d->members |= one;
            if (!node->no_exec)
                d->able |= one;
        } else if (node->life == LIFE_JOINING) {
            d->joining |= one;
        } else if (node->life == LIFE_UNCLEAN && !d->in->guard_none) {
            d->unclean |= one;
        }
        if (node->standby)
            d->standby |= one;
    }
}

/* A group counts at the place of its first member in the text. */
static void units_number(struct draft *d)
{
    for (unsigned g = 0; g < d->cib->n_groups; g++)
        d->unit_of_group[g] = CIB_NONE;
    for (unsigned p = 0; p < d->n_prims; p++) {
        const struct cib_prim *prim = &d->cib->prim[p];
        bool in_group = prim->group != CIB_NONE;
        if (in_group && d->unit_of_group[prim->group] != CIB_NONE) {
            d->unit_of[p] = d->unit_of_group[prim->group];
            continue;
        }
        struct unit *u = &d->unit[d->n_units];
        u->wish = NODE_NONE;
        u->is_group = in_group;
        u->index = in_group ? prim->group : (uint16_t)p;
        u->member = in_group ? d->cib->group[prim->group].member : &u->index;
        u->n_members = in_group ? d->cib->group[prim->group].n_members : 1;
        u->priority =
            in_group ? d->cib->group[prim->group].effective.priority : prim->effective.priority;
        assert(u->n_members > 0);
        d->unit_of[p] = (uint16_t)d->n_units;
        if (in_group)
            d->unit_of_group[prim->group] = (uint16_t)d->n_units;
        d->n_units++;
    }
}

enum err draft_new(struct draft *d, const struct sched_in *in, struct arena *arena,
                   struct plan *plan)
{
    assert(in->cib && in->n_nodes <= NODE_MAX && (in->state || !in->cib->n_prims));
    memset(d, 0, sizeof(*d));
    memset(plan, 0, sizeof(*plan));
    d->in = in;
    d->cib = in->cib;
    d->arena = arena;
    d->plan = plan;
    d->n_prims = in->cib->n_prims;
    d->n_nodes = in->n_nodes;
    plan->recheck_ms = UINT64_MAX;
    if (!tables_take(d))
        return ERR_FULL;
    plan->score = d->own;
    nodes_read(d);
    units_number(d);
    for (unsigned p = 0; p < d->n_prims; p++) {
        struct seat *s = &d->seat[p];
        s->to = s->home = s->lock_node = s->gate_node = NODE_NONE;
        s->first = s->frozen = s->with = s->root = CIB_NONE;
        s->step_start = STEP_NONE;
        for (unsigned n = 0; n < d->n_nodes; n++) {
            struct spot *spot = draft_spot(d, p, n);
            spot->step_fly = spot->step_probe = spot->step_stop = STEP_NONE;
        }
    }
    return ERR_OK;
}

bool draft_harmless(const struct draft *d, unsigned prim)
{
    return draft_meta(d, prim)->requires == REQUIRES_NOTHING || d->cib->prim[prim].is_stonith;
}

unsigned draft_lowest(nodeset set)
{
    return set ? (unsigned)__builtin_ctz(set) : NODE_NONE;
}

const uint16_t *draft_members(const struct draft *d, struct rsc_ref *ref, unsigned *n)
{
    assert(ref->kind != RSC_CLONE);
    if (ref->kind == RSC_GROUP) {
        *n = d->cib->group[ref->index].n_members;
        return d->cib->group[ref->index].member;
    }
    *n = 1;
    return &ref->index;
}

unsigned draft_unit(const struct draft *d, struct rsc_ref ref)
{
    assert(ref.kind != RSC_CLONE);
    return ref.kind == RSC_GROUP ? d->unit_of_group[ref.index] : d->unit_of[ref.index];
}
