/* SPDX-License-Identifier: GPL-2.0-or-later
 * duty: who is managed at all (the rest is left alone), and who is wanted anywhere.
 *
 * Happy path: duty_read, once, after failure_read: nobody is locked, nobody is off. No ways to
 * fail. Locked counts for more than off: what is not managed is not stopped either. */
#include <assert.h>
#include "lib/sched/draft.h"

/* The first member where it is active and that the test set holds; else NODE_NONE. */
static unsigned active_in(const struct draft *d, unsigned prim, nodeset set)
{
    return draft_lowest(d->seat[prim].active & set);
}

static unsigned todo_node(const struct draft *d, unsigned prim, enum on_fail todo)
{
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (draft_spot(d, prim, n)->todo == todo && nodeset_has(d->members, n))
            return n;
    return NODE_NONE;
}

static enum cause lock_of(const struct draft *d, unsigned prim, unsigned *node)
{
    const struct cib_meta *meta = draft_meta(d, prim);
    nodeset maintenance = 0;
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (d->in->node[n].maintenance)
            maintenance = nodeset_add(maintenance, n);
    *node = NODE_NONE;
    if (d->cib->properties.maintenance_mode)
        return CAUSE_MAINTENANCE_ALL;
    if (meta->maintenance)
        return CAUSE_MAINTENANCE;
    if (!meta->is_managed)
        return CAUSE_UNMANAGED;
    *node = active_in(d, prim, maintenance);
    if (*node != NODE_NONE)
        return CAUSE_MAINTENANCE_NODE;
    *node = todo_node(d, prim, ON_FAIL_BLOCK);
    if (*node != NODE_NONE)
        return CAUSE_FAIL_BLOCK;
    *node = active_in(d, prim, d->members & (nodeset)~d->able);
    if (*node != NODE_NONE)
        return CAUSE_HALF_DEAD;
    return CAUSE_NONE;
}

static enum cause off_of(const struct draft *d, unsigned prim)
{
    uint8_t policy = d->cib->properties.no_quorum_policy;
    if (draft_meta(d, prim)->target_role == ROLE_STOPPED)
        return CAUSE_ROLE;
    if (d->cib->properties.stop_all_resources)
        return CAUSE_STOP_ALL;
    if (d->in->lapsed && !draft_harmless(d, prim))
        return CAUSE_LAPSED;
    if (!d->in->quorate && policy != POLICY_FREEZE && policy != POLICY_IGNORE &&
        !draft_harmless(d, prim))
        return CAUSE_QUORUM;
    if (todo_node(d, prim, ON_FAIL_STOP) != NODE_NONE)
        return CAUSE_FAIL_STOP;
    return CAUSE_NONE;
}

void duty_read(struct draft *d)
{
    assert(d->cib->properties.no_quorum_policy <= POLICY_FENCE);
    for (unsigned p = 0; p < d->n_prims; p++) {
        struct seat *s = &d->seat[p];
        unsigned node;
        s->lock = (uint8_t)lock_of(d, p, &node);
        s->lock_node = (uint8_t)node;
        s->off = (uint8_t)off_of(d, p);
        if (s->off == CAUSE_FAIL_STOP)
            s->lock_node = (uint8_t)todo_node(d, p, ON_FAIL_STOP);
    }
}
