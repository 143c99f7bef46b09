/* SPDX-License-Identifier: GPL-2.0-or-later
 * fencing: which nodes are to be fenced: silent ones, and members that hold on to a resource which
 * could not be stopped or whose failure asks for it (on-fail=fence).
 *
 * Happy path: fencing_decide, once; no node is silent and no stop failed. No ways to fail.
 * A member is fenced only for a resource that ran there: a first attempt to use a wrong
 * configuration must not cost a server. Where fencing cannot be had, a failed stop locks the
 * resource, and on-fail=fence means stop. */
#include "lib/sched/draft.h"

enum { FENCE_SILENT = 1, FENCE_STOP = 2, FENCE_ON_FAIL = 3 };

static bool device_there(const struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++)
        if (d->cib->prim[p].is_stonith && draft_meta(d, p)->target_role != ROLE_STOPPED)
            return true;
    return false;
}

/* By a device; or a member by itself, when it is asked to. */
bool fencing_possible(const struct draft *d, unsigned node)
{
    return d->cib->properties.stonith_enabled && nodeset_del(d->able, node) != 0 &&
           (nodeset_has(d->members, node) || device_there(d));
}

static void doom(struct draft *d, unsigned node, uint8_t cause)
{
    if (d->fence[node] == 0)
        d->fence[node] = cause;
    d->doomed = nodeset_add(d->doomed, node);
}

static void spot_judge(struct draft *d, unsigned prim, unsigned node)
{
    const struct spot *spot = draft_spot(d, prim, node);
    struct seat *s = &d->seat[prim];
    bool stuck = spot->is == SPOT_STUCK;
    if (s->lock || (!stuck && !(spot->is == SPOT_BAD && spot->todo == ON_FAIL_FENCE)))
        return;
    bool ran = draft_state(d, prim, node)->ever_ran;
    bool wanted = stuck ? cib_on_fail(d->cib, &d->cib->prim[prim], "stop") == ON_FAIL_FENCE : true;
    if (wanted && ran && fencing_possible(d, node)) {
        doom(d, node, stuck ? FENCE_STOP : FENCE_ON_FAIL);
    } else if (stuck) {
        s->lock = CAUSE_STUCK;
        s->lock_node = (uint8_t)node;
    } else if (ran) {
        s->off = CAUSE_FAIL_STOP;
        s->lock_node = (uint8_t)node;
    }
}

void fencing_decide(struct draft *d)
{
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (nodeset_has(d->unclean, n))
            d->fence[n] = FENCE_SILENT;
    for (unsigned p = 0; p < d->n_prims; p++)
        for (nodeset left = d->seat[p].active; left; left &= (nodeset)(left - 1))
            spot_judge(d, p, draft_lowest(left));
}
