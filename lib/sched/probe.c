/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe: where nobody needs to look before a start. A member that has not reported on a primitive
 * is probed; resource-discovery=never promises that it never runs there, and =exclusive that it
 * runs nowhere but on the nodes so marked. A copy of a clone is for one node.
 *
 * Happy path: probe_read, once, after failure_read. No ways to fail. */
#include <assert.h>
#include "lib/sched/draft.h"

enum { DISCOVERY_ALWAYS, DISCOVERY_NEVER, DISCOVERY_EXCLUSIVE };

static void forget(struct draft *d, unsigned prim, unsigned node)
{
    struct spot *spot = draft_spot(d, prim, node);
    if (spot->is != SPOT_DARK || spot->flying)
        return;
    spot->is = SPOT_OFF;
    d->seat[prim].dark = nodeset_del(d->seat[prim].dark, node);
}

static void location_read(struct draft *d, const struct cib_location *l, unsigned prim)
{
    if (l->discovery == DISCOVERY_NEVER)
        forget(d, prim, l->node_index);
    else if (l->discovery == DISCOVERY_EXCLUSIVE)
        d->seat[prim].only |= nodeset_one(l->node_index);
}

void probe_read(struct draft *d)
{
    for (unsigned i = 0; i < d->cib->n_locations; i++) {
        const struct cib_location *l = &d->cib->location[i];
        if (l->node_index >= d->n_nodes || l->discovery == DISCOVERY_ALWAYS || l->spread)
            continue;
        assert(l->discovery <= DISCOVERY_EXCLUSIVE);
        unsigned n_members;
        const uint16_t *member = draft_members(d, &d->cib->location[i].rsc, &n_members);
        for (unsigned m = 0; m < n_members; m++)
            location_read(d, l, member[m]);
    }
    for (unsigned p = 0; p < d->n_prims; p++) {
        const struct cib_prim *prim = &d->cib->prim[p];
        bool copy = prim->part == PART_COPY;
        for (unsigned n = 0; (copy || d->seat[p].only) && n < d->n_nodes; n++)
            if ((copy && n != prim->node) || (d->seat[p].only && !nodeset_has(d->seat[p].only, n)))
                forget(d, p, n);
    }
}
