/* SPDX-License-Identifier: GPL-2.0-or-later
 * conf: nodes of a struct conf by name and by id. Happy path: the index. Fails: NODE_NONE. */
#include "lib/conf/conf.h"

#include <assert.h>
#include "lib/base/str.h"

unsigned conf_node_index(const struct conf *c, const char *name)
{
    assert(c != NULL && c->n_nodes <= NODE_MAX);
    for (unsigned i = 0; i < c->n_nodes; i++)
        if (str_eq(c->node[i].name, name))
            return i;
    return NODE_NONE;
}

unsigned conf_node_by_id(const struct conf *c, uint8_t id)
{
    assert(c != NULL && c->n_nodes <= NODE_MAX);
    for (unsigned i = 0; i < c->n_nodes; i++)
        if (c->node[i].id == id)
            return i;
    return NODE_NONE;
}

bool conf_lease(const struct conf *c)
{
    return (c->guard & GUARD_LEASE) && conf_disks(c) > 0 && c->watchdog_device[0] != '\0';
}

unsigned conf_disks(const struct conf *c)
{
    unsigned n = 0;
    while (n < c->n_links && c->link[c->n_links - 1 - n].type == LINK_DISK)
        n++;
    return n;
}
