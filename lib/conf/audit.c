/* SPDX-License-Identifier: GPL-2.0-or-later
 * audit: nodes, links and addresses of a conf against each other. inet_pton, which only turns text
 * into bytes, is the one library function beyond strings and formats.
 *
 * Happy path: no fault is added. A value that was refused while reading (its line is known, but it
 * is still empty or 0) is not complained about a second time. */
#include "lib/conf/audit.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#define N_(text) text /* marked for translation, done in conf_fault_add */

struct addr {   /* of one link at one node */
    int family; /* 0: none, or not valid */
    uint8_t at[16];
};

struct checking {
    const struct conf *c;
    const struct conf_origin *origin; /* may be NULL */
    struct conf_faults *f;
    struct addr addr[CONF_LINKS_MAX][NODE_MAX];
};

static unsigned head_line(const struct checking *k, enum opt_section section, unsigned index)
{
    return k->origin != NULL ? k->origin->head[conf_place(section, index)] : 0;
}

static unsigned row_line(const struct checking *k, const struct opt *o, unsigned index)
{
    return k->origin != NULL ? k->origin->row[conf_place(o->section, index)][opt_index(o)] : 0;
}

static unsigned key_line(const struct checking *k, enum opt_section section, unsigned index,
                         const char *key)
{
    const struct opt *o = opt_find(section, key, NULL);
    assert(o != NULL);
    return row_line(k, o, index);
}

static unsigned addr_line(const struct checking *k, unsigned link, unsigned node)
{
    return k->origin != NULL ? k->origin->addr[link][node] : 0;
}

static void nodes_check(const struct checking *k)
{
    const struct conf *c = k->c;
    if (c->engine == ENGINE_COROSYNC && c->n_nodes < 2)
        conf_fault_add(
            k->f, 0, false,
            N_("engine corosync needs two to sixteen nodes, here are %u: write a section "
               "[node NAME] for each, with its id"),
            c->n_nodes);
    else if (c->engine == ENGINE_PAIR && c->n_nodes != 2)
        conf_fault_add(
            k->f, 0, false,
            N_("engine pair needs two nodes, here are %u: write a section [node NAME] for "
               "each, with its id; or engine = corosync for more"),
            c->n_nodes);
    for (unsigned i = 0; i < c->n_nodes; i++) {
        const struct conf_node *n = &c->node[i];
        for (enum opt_section s = OPT_LINK; s <= OPT_DISK; s++)
            if (opt_find(s, n->name, NULL) != NULL)
                conf_fault_add(k->f, head_line(k, OPT_NODE, i), false,
                               N_("a node cannot be called %s: that is a key of [%s]"), n->name,
                               opt_kind(s)->word);
        if (n->id == 0 && key_line(k, OPT_NODE, i, "id") == 0 && k->origin == NULL)
            conf_fault_add(k->f, 0, false, N_("node %s has no id"), n->name);
        if (i > 0 && n->id != 0 && n->id == c->node[i - 1].id)
            conf_fault_add(k->f, key_line(k, OPT_NODE, i, "id"), false,
                           N_("nodes %s and %s have the same id %u: each needs its own"),
                           c->node[i - 1].name, n->name, n->id);
        for (unsigned j = 0; j < i; j++)
            if (str_eq(n->name, c->node[j].name))
                conf_fault_add(k->f, head_line(k, OPT_NODE, i), false,
                               N_("two nodes are called %s: each needs its own name"), n->name);
    }
}

/* An address that two hosts can talk by: not "any", not a multicast, not one that needs a zone. */
static bool addr_usable(const struct addr *a)
{
    static const uint8_t none[16];
    if (memcmp(a->at, none, sizeof none) == 0)
        return false;
    if (a->family == AF_INET)
        return a->at[0] < 224 && a->at[0] != 0;
    return a->at[0] != 0xff && !(a->at[0] == 0xfe && (a->at[1] & 0xc0) == 0x80);
}

static struct addr addr_read(const char *text)
{
    struct addr a = {0};
    if (inet_pton(AF_INET, text, a.at) == 1)
        a.family = AF_INET;
    else if (inet_pton(AF_INET6, text, a.at) == 1)
        a.family = AF_INET6;
    return a;
}

static void disk_end_check(const struct checking *k, unsigned link, unsigned node)
{
    const struct conf_link *l = &k->c->link[link];
    const char *name = k->c->node[node].name;
    unsigned line = addr_line(k, link, node);
    if (l->addr[node][0] == '/')
        return;
    if (l->addr[node][0] != '\0')
        conf_fault_add(k->f, line, false,
                       N_("%s = %s: a disk needs the path of a device, such as "
                          "/dev/disk/by-id/wwn-0x6001"),
                       name, l->addr[node]);
    else if (line == 0 && key_line(k, OPT_DISK, link, "device") == 0)
        conf_fault_add(k->f, head_line(k, OPT_DISK, link), false,
                       N_("[disk %s] lacks its device at node %s: write device = "
                          "/dev/disk/by-id/..., the same on all nodes, or %s = PATH"),
                       l->name, name, name);
}

static void end_check(struct checking *k, unsigned link, unsigned node)
{
    const struct conf_link *l = &k->c->link[link];
    const char *text = l->addr[node], *name = k->c->node[node].name;
    unsigned line = addr_line(k, link, node);
    if (l->type == LINK_DISK) {
        disk_end_check(k, link, node);
        return;
    }
    if (text[0] == '\0') {
        if (line == 0 && !(l->type == LINK_SERIAL && k->c->n_nodes > 2))
            conf_fault_add(k->f, head_line(k, OPT_LINK, link), false,
                           N_("[link %s] lacks the end at node %s: write %s = %s"), l->name, name,
                           name, l->type == LINK_SERIAL ? "/dev/ttyS0" : "192.0.2.1");
        return;
    }
    if (l->type == LINK_SERIAL) {
        if (text[0] != '/')
            conf_fault_add(
                k->f, line, false,
                N_("%s = %s: a serial link needs the path of a device, such as /dev/ttyS0"), name,
                text);
        return;
    }
    struct addr a = addr_read(text);
    if (a.family == 0)
        conf_fault_add(k->f, line, false,
                       N_("%s = %s is no IPv4 or IPv6 address (no host name, no "
                          "netmask)"),
                       name, text);
    else if (!addr_usable(&a))
        conf_fault_add(
            k->f, line, false,
            N_("%s = %s: this address cannot be used between two servers (any, multicast "
               "or link-local)"),
            name, text);
    k->addr[link][node] = a;
}

/* Keys that are for another kind of link, and ends of two families. */
static void link_check(struct checking *k, unsigned link)
{
    const struct conf_link *l = &k->c->link[link];
    const struct opt *o;
    for (unsigned i = 0; (o = opt_at(i)) != NULL; i++)
        if (o->section == OPT_LINK && o->links != 0 && !(o->links >> l->type & 1) &&
            row_line(k, o, link) != 0)
            conf_fault_add(k->f, row_line(k, o, link), false,
                           N_("%s is not for a link of type %s: take it out"), o->key,
                           l->type == LINK_SERIAL ? "serial"
                           : l->type == LINK_TCP  ? "tcp"
                                                  : "udp");
    for (unsigned n = 0; n < k->c->n_nodes; n++)
        end_check(k, link, n);
    for (unsigned n = 1; n < k->c->n_nodes; n++)
        if (k->addr[link][n].family != 0 && k->addr[link][0].family != 0 &&
            k->addr[link][n].family != k->addr[link][0].family)
            conf_fault_add(k->f, addr_line(k, link, n), false,
                           N_("[link %s]: both ends must be IPv4, or both IPv6"), l->name);
}

/* Is the end (link, node) the same thing as (link2, node2)? */
static bool same_end(const struct checking *k, unsigned link, unsigned node, unsigned link2,
                     unsigned node2)
{
    const struct conf_link *l = &k->c->link[link], *l2 = &k->c->link[link2];
    bool path = l->type == LINK_SERIAL || l->type == LINK_DISK;
    if (l->addr[node][0] == '\0' || path != (l2->type == LINK_SERIAL || l2->type == LINK_DISK))
        return false;
    if (path)
        return node == node2 && str_eq(l->addr[node], l2->addr[node2]);
    return k->addr[link][node].family != 0 &&
           memcmp(&k->addr[link][node], &k->addr[link2][node2], sizeof(struct addr)) == 0;
}

/* One address, or one serial device, must not serve two ends: one broken cable would break two
 * links, and two links on one port would take each other's frames. */
static void ends_check(const struct checking *k)
{
    unsigned nodes = k->c->n_nodes, ends = k->c->n_links * nodes;
    for (unsigned i = 1; i < ends; i++)
        for (unsigned j = 0; j < i; j++)
            if (same_end(k, i / nodes, i % nodes, j / nodes, j % nodes)) {
                conf_fault_add(
                    k->f, addr_line(k, i / nodes, i % nodes), false,
                    N_("%s is used twice, by [link %s] and [link %s]: each end needs its "
                       "own"),
                    k->c->link[i / nodes].addr[i % nodes], k->c->link[j / nodes].name,
                    k->c->link[i / nodes].name);
                break;
            }
}

/* Same subnet, as far as can be told without the netmask: /24 in IPv4, /64 in IPv6. */
static bool same_net(const struct addr *a, const struct addr *b)
{
    return a->family == b->family && memcmp(a->at, b->at, a->family == AF_INET ? 3 : 8) == 0;
}

static void links_check(struct checking *k)
{
    const struct conf *c = k->c;
    bool one_net = c->n_links >= 2 && c->n_nodes > 0;
    if (c->n_links == conf_disks(c)) {
        conf_fault_add(
            k->f, 0, false,
            N_("there is no link: write a section [link NAME] with type and an address for "
               "each node"));
        return;
    }
    for (unsigned i = 0; i < c->n_links; i++)
        link_check(k, i);
    ends_check(k);
    for (unsigned i = 0; i < c->n_links; i++)
        if (c->link[i].type == LINK_SERIAL || c->link[i].type == LINK_DISK ||
            k->addr[i][0].family == 0 || !same_net(&k->addr[i][0], &k->addr[0][0]))
            one_net = false;
    if (c->n_links == 1)
        conf_fault_add(
            k->f, head_line(k, OPT_LINK, 0), true,
            N_("there is only one link: when it fails, the nodes cannot tell a dead peer "
               "from a broken cable; add a second network or a serial cable"));
    else if (one_net)
        conf_fault_add(
            k->f, head_line(k, OPT_LINK, c->n_links - 1), true,
            N_("all links seem to be on one network, so that one switch can cut them all: "
               "add another network or a serial cable"));
}

/* What needs corosync, and what it cannot yet do for more than two. */
static void engine_check(const struct checking *k)
{
    const struct conf *c = k->c;
    if (c->engine != ENGINE_COROSYNC)
        return;
    if (c->n_links == CONF_LINKS_MAX)
        conf_fault_add(k->f, head_line(k, OPT_LINK, 0), false,
                       N_("there are %u links and disks; beside corosync there is room for %u"),
                       c->n_links, CONF_LINKS_MAX - 1);
    for (unsigned l = 0; l < c->n_links; l++) {
        bool disk = c->link[l].type == LINK_DISK;
        unsigned line = head_line(k, disk ? OPT_DISK : OPT_LINK, l);
        if (str_eq(c->link[l].name, CONF_RING_NAME))
            conf_fault_add(k->f, line, false,
                           N_("a link cannot be called %s: with this engine corosync is that link"),
                           CONF_RING_NAME);
        unsigned ends = 0;
        for (unsigned n = 0; n < c->n_nodes; n++)
            ends += c->link[l].addr[n][0] != '\0';
        if (c->n_nodes > 2 && c->link[l].type == LINK_SERIAL && ends != 2)
            conf_fault_add(k->f, line, false,
                           N_("[link %s]: a serial line connects two nodes, here are %u: write the "
                              "device of those two only"),
                           c->link[l].name, ends);
        if (c->n_nodes > 2 && disk)
            conf_fault_add(k->f, line, false,
                           N_("[disk %s]: this version can use a quorum disk for two nodes only, "
                              "here are %u; the quorum of corosync takes its place: take it out"),
                           c->link[l].name, c->n_nodes);
        if (c->n_nodes > 2 && c->link[l].type == LINK_TCP)
            conf_fault_add(k->f, line, false,
                           N_("[link %s]: tcp is for two nodes, here are %u; write type = udp"),
                           c->link[l].name, c->n_nodes);
    }
}

static void guard_check(const struct checking *k)
{
    const struct conf *c = k->c;
    unsigned use = key_line(k, OPT_GUARD, 0, "use");
    if (c->guard == 0)
        conf_fault_add(
            k->f, use, true,
            N_("UNSAFE: with guard none, the services of a peer that is only cut off run "
               "twice and can destroy the data; have a fence device, or a [disk NAME] and a "
               "[watchdog], and leave use away"));
    bool asked = c->guard != GUARD_ALL; /* the default: whatever can be had */
    if (asked && (c->guard & GUARD_LEASE) && c->watchdog_device[0] == '\0')
        conf_fault_add(
            k->f, use, false,
            N_("use = lease needs a watchdog, which resets a node whose lease ran out: write "
               "[watchdog] device = /dev/watchdog, or take lease out of use"));
    bool quorum = c->engine == ENGINE_COROSYNC && c->n_nodes > 2; /* in the place of a disk */
    if (asked && (c->guard & GUARD_LEASE) && conf_disks(c) == 0 && !quorum)
        conf_fault_add(
            k->f, use, false,
            N_("use = lease needs a quorum disk, which tells whether a silent node still "
               "renews its lease: write a [disk NAME], or take lease out of use"));
    if (c->guard == GUARD_RESERVATION)
        conf_fault_add(k->f, use, true,
                       N_("reservation alone frees only what has disks, and what is declared "
                          "harmless beside it: an address waits until the peer is known to be "
                          "stopped; have lease or fence as well"));
    for (unsigned i = 0; (c->guard & GUARD_RESERVATION) && i < c->n_nodes; i++)
        if (c->node[i].id > CONF_KEY_NODES_MAX)
            conf_fault_add(k->f, key_line(k, OPT_NODE, i, "id"), c->guard != GUARD_RESERVATION,
                           N_("there are reservations for the ids 1 to %d only, so that they prove "
                              "nothing here: give node %s such a one"),
                           CONF_KEY_NODES_MAX, c->node[i].name);
    if (c->watchdog_device[0] == '\0' && c->watchdog_ms != 0)
        conf_fault_add(k->f, key_line(k, OPT_WATCHDOG, 0, "timeout"), true,
                       N_("timeout says nothing without a watchdog: write device = "
                          "/dev/watchdog"));
    if (c->accept_weak_watchdog)
        conf_fault_add(
            k->f, key_line(k, OPT_WATCHDOG, 0, "accept-weak-watchdog"), true,
            N_("WEAK: a paused virtual machine, or a hung kernel, takes a weak watchdog with it "
               "and may go on later; have a hardware watchdog, a reservation or a fence device"));
    for (unsigned i = 0; conf_disks(c) > 0 && i < c->n_nodes; i++)
        if (c->node[i].id > CONF_DISK_NODES_MAX)
            conf_fault_add(k->f, key_line(k, OPT_NODE, i, "id"), false,
                           N_("a quorum disk has room for the ids 1 to %d: give node %s such a "
                              "one"),
                           CONF_DISK_NODES_MAX, c->node[i].name);
    if (conf_disks(c) == 2)
        conf_fault_add(
            k->f, head_line(k, OPT_DISK, c->n_links - 1), true,
            N_("two quorum disks are no majority: both must be read before a lease counts as "
               "run out, so that the failure of one holds up a takeover; have one or three"));
}

void conf_check(const struct conf *c, const struct conf_origin *origin, struct conf_faults *faults)
{
    struct checking k;
    assert(c != NULL && faults != NULL);
    assert(c->n_nodes <= NODE_MAX && c->n_links <= CONF_LINKS_MAX);
    memset(&k, 0, sizeof k);
    k.c = c;
    k.origin = origin;
    k.f = faults;
    nodes_check(&k);
    links_check(&k);
    engine_check(&k);
    guard_check(&k);
}
