/* SPDX-License-Identifier: GPL-2.0-or-later
 * conf: yoke.conf as a value. Filled by ini, checked by audit, timed by timing; never changed
 * while the daemon runs. Sizes are fixed, so that a conf can be copied and hashed. */
#ifndef YOKE_CONF_CONF_H
#define YOKE_CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/nodeset.h"

enum {
    CONF_NAME_LEN = 64,  /* cluster, node and link names, with NUL; letters digits - _ . */
    CONF_ADDR_LEN = 108, /* IP address, or device path */
    CONF_PATH_LEN = 256,
    CONF_LINKS_MAX = 8, /* [link] and [disk] together: a frame names its link in three bits */
    CONF_DISKS_MAX = 3,
    CONF_DISK_NODES_MAX = 16, /* highest node id that has its blocks on a quorum disk */
    CONF_KEY_NODES_MAX = 16   /* highest node id that has a key for reservations */
};

enum conf_engine { ENGINE_PAIR, ENGINE_COROSYNC };
/* LINK_RING: corosync, as a link of its own that no section describes; see conf_ring. */
enum link_type { LINK_UDP, LINK_TCP, LINK_SERIAL, LINK_DISK, LINK_RING };
#define CONF_RING_NAME "corosync"
enum conf_auth { AUTH_HMAC_SHA256, AUTH_HMAC_SM3 };
/* Bits; 0 means none: UNSAFE. Bit i is word i of the option. */
enum conf_guard {
    GUARD_FENCE = 1,
    GUARD_LEASE = 2,
    GUARD_RESERVATION = 4,
    GUARD_KINDS = 3,
    GUARD_ALL = 7
};

struct conf_node {
    char name[CONF_NAME_LEN];
    uint8_t id; /* 1..255, unique; what travels in frames. Everywhere else nodes go by index:
                   conf.node[] is sorted by id, index 0 is the lowest id */
};

struct conf_link {
    char name[CONF_NAME_LEN];
    uint8_t type;                       /* enum link_type */
    char addr[NODE_MAX][CONF_ADDR_LEN]; /* by node index: IPv4/IPv6 address, or device path */
    char device[CONF_ADDR_LEN];         /* disk: its path on all nodes, already in addr[] */
    uint16_t port;                      /* udp, tcp */
    uint32_t baud;                      /* serial */
    uint32_t interval_ms;               /* 0: derived */
};

struct conf {
    char cluster[CONF_NAME_LEN];
    uint8_t uuid[16]; /* of the cluster, for the keys of reservations: no option, the daemon makes
                         it from the key file before the core is made */
    uint8_t engine;   /* enum conf_engine */
    uint32_t takeover_ms;
    uint32_t deadtime_ms;  /* 0: derived from takeover */
    uint32_t join_wait_ms; /* cold start: how long to wait for the peer before saying so */
    unsigned n_nodes;
    struct conf_node node[NODE_MAX];
    unsigned n_links; /* all of them: first each [link], then corosync as one of LINK_RING if that
                         is the engine, then each [disk] as one of LINK_DISK */
    struct conf_link link[CONF_LINKS_MAX];
    uint8_t guard;                       /* bits of enum conf_guard, 0 = none */
    uint8_t guard_order[GUARD_KINDS];    /* 1 + bit number, as preferred; ended by 0. Behind guard:
                                            one option fills both */
    char watchdog_device[CONF_PATH_LEN]; /* "": none */
    uint32_t watchdog_ms;                /* 0: derived */
    bool accept_weak_watchdog; /* a lease that ran out is proof also without a hardware watchdog */
    uint8_t auth;              /* enum conf_auth */
    char keyfile[CONF_PATH_LEN];
    char state_dir[CONF_PATH_LEN];  /* /var/lib/yoke */
    char run_dir[CONF_PATH_LEN];    /* /run/yoke */
    char agent_dirs[CONF_PATH_LEN]; /* colon separated: roots that hold resource.d */
    char fence_dirs[CONF_PATH_LEN]; /* colon separated: where fence_* live */
    char group[CONF_NAME_LEN];      /* group allowed to talk to the daemon: yoke */
    bool realtime, lock_memory;     /* true, true */
    int log_level;                  /* enum say_level: least that goes to the journal */
    bool switch_off_on_fenced;      /* what a node does when told it was fenced: true power off */
};

/* Index of the node of that name or NODE_NONE. */
unsigned conf_node_index(const struct conf *c, const char *name);
unsigned conf_node_by_id(const struct conf *c, uint8_t id);
/* A link for short messages only: a long one would keep the beats and orders behind it waiting. */
static inline bool conf_link_slow(const struct conf_link *l)
{
    return l->type == LINK_SERIAL || l->type == LINK_DISK;
}
/* Both nodes have an end of it. With more than two nodes a link need not join them all: a serial
 * line joins two. */
static inline bool conf_link_joins(const struct conf_link *l, unsigned a, unsigned b)
{
    return l->type == LINK_RING || (l->addr[a][0] != '\0' && l->addr[b][0] != '\0');
}
/* How many of the links are quorum disks; they are the last ones. */
unsigned conf_disks(const struct conf *c);
/* The link that is corosync, CONF_LINKS_MAX with engine pair. */
unsigned conf_ring(const struct conf *c);
/* Puts it into its place, in front of the disks. There must be room for it. */
void conf_ring_add(struct conf *c);
/* A lease is sought, and has what it stands on: a watchdog, and what tells whether a silent node
 * still renews it: a quorum disk, or of three nodes and more the quorum, without which nobody's
 * lease is renewed. */
bool conf_lease(const struct conf *c);
/* A reservation is sought: all nodes have ids for which there are keys. */
bool conf_reservation(const struct conf *c);

#endif
