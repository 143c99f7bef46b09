/* SPDX-License-Identifier: GPL-2.0-or-later
 * level: which fence devices there are for a node, level by level: as fencing_topology says, or
 * without one each device that can reach the node by itself. Questions about the configuration;
 * nothing is changed. */
#include "lib/core/level.h"
#include "lib/cib/device.h"

/* One with target-role=Stopped is switched off by its administrator. */
bool level_able(const struct node *n, unsigned prim, unsigned target)
{
    const struct cib_prim *p = &n->store.cib->prim[prim];
    return p->is_stonith && p->effective.target_role != ROLE_STOPPED &&
           device_reaches(p, node_name(n, target));
}

unsigned level_count(const struct node *n, unsigned target)
{
    const struct cib *c = n->store.cib;
    unsigned count = 0;
    if (!c->properties.stonith_enabled)
        return 0;
    while (cib_level_get(c, target, count))
        count++;
    for (unsigned i = 0; i < c->n_prims && !cib_level_get(c, target, 0); i++)
        count += level_able(n, i, target);
    return count;
}

unsigned level_device(const struct node *n, unsigned target, unsigned level, unsigned place)
{
    const struct cib *c = n->store.cib;
    const struct cib_level *l = cib_level_get(c, target, level);
    if (l)
        return place < l->n_devices ? l->device[place] : CIB_NONE;
    for (unsigned i = 0; !place && !cib_level_get(c, target, 0) && i < c->n_prims; i++)
        if (level_able(n, i, target) && !level--)
            return i;
    return CIB_NONE;
}

/* The configuration may ask for a device's own reboot; that of a level of several would let the
 * node live through it, one supply after the other. */
enum fence_step level_step(const struct node *n, const struct fence *f, const struct cib_prim *prim)
{
    const char *own = nvlist_get(&prim->all_params, "pcmk_reboot_action");
    bool alone = level_device(n, f->target, f->level, 1) == CIB_NONE;
    bool reboot = own && alone && !str_eq(own, "off") && !n->store.cib->properties.fencing_off;
    return reboot ? FENCE_REBOOT : FENCE_OFF;
}

bool level_stays_off(const struct node *n, const struct cib_prim *prim)
{
    const char *own = nvlist_get(&prim->all_params, "pcmk_reboot_action");
    return n->store.cib->properties.fencing_off || (own && str_eq(own, "off"));
}
