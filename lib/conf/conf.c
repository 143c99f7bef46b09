/* SPDX-License-Identifier: GPL-2.0-or-later
 * conf: nodes of a struct conf by name and by id. Happy path: the index. Fails: NODE_NONE. */
#include "lib/conf/conf.h"

#include <assert.h>
#include <string.h>
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
    bool told = conf_disks(c) > 0 || (c->engine == ENGINE_COROSYNC && c->n_nodes > 2);
    return (c->guard & GUARD_LEASE) && told && c->watchdog_device[0] != '\0';
}

bool conf_reservation(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_nodes; i++)
        if (c->node[i].id > CONF_KEY_NODES_MAX)
            return false;
    return (c->guard & GUARD_RESERVATION) != 0;
}

unsigned conf_ring(const struct conf *c)
{
    unsigned links = c->n_links - conf_disks(c);
    return links > 0 && c->link[links - 1].type == LINK_RING ? links - 1 : (unsigned)CONF_LINKS_MAX;
}

void conf_ring_add(struct conf *c)
{
    unsigned at = c->n_links - conf_disks(c);
    assert(c->n_links < CONF_LINKS_MAX && conf_ring(c) == CONF_LINKS_MAX);
    memmove(&c->link[at + 1], &c->link[at], (c->n_links - at) * sizeof(c->link[0]));
    memset(&c->link[at], 0, sizeof(c->link[at]));
    c->link[at].type = LINK_RING;
    (void)str_copy(c->link[at].name, sizeof(c->link[at].name), CONF_RING_NAME);
    c->n_links++;
}

unsigned conf_disks(const struct conf *c)
{
    unsigned n = 0;
    while (n < c->n_links && c->link[c->n_links - 1 - n].type == LINK_DISK)
        n++;
    return n;
}
