/* SPDX-License-Identifier: GPL-2.0-or-later
 * node: one node's whole mind, as a value. It is told events and answers with an ordered list of
 * actions; it never calls out. Memory comes from the caller, once. No static state: any number of
 * nodes live side by side in one process, which is how the simulator runs whole clusters.
 *
 * Happy path: node_size, node_init, node_step(EV_BOOT), then a node_step per event; after each,
 * carry out the outbox and see that EV_TIME comes no later than node_deadline. */
#ifndef YOKE_CORE_NODE_H
#define YOKE_CORE_NODE_H

#include "lib/conf/conf.h"
#include "lib/conf/timing.h"
#include "lib/core/action.h"

struct node;

struct limits {
    unsigned prims;   /* most primitives in a configuration */
    size_t cib_bytes; /* longest configuration text */
    unsigned nodes;   /* most nodes; 0 stands for 2 */
};

/* Safety rules that a negative control may break on purpose (simulator only; 0 in the daemon). */
enum node_break {
    BREAK_GUARD = 1,               /* starts are allowed without the guard's leave */
    BREAK_FENCE_TRUST = 2,         /* a fence device's failure is taken for success */
    BREAK_ONE_WAY = 4,             /* hearing alone makes a link up */
    BREAK_ECHO_BOOT = 8,           /* a frame's boot id is believed without an echo of our own */
    BREAK_EPOCH = 16,              /* epochs are not kept over a restart */
    BREAK_RIGHT = 32,              /* every node believes it has the right to start alone */
    BREAK_STOP = 64,               /* a failed stop is taken for success */
    BREAK_LEASE_HEARD = 128,       /* hearing the peer renews our own lease */
    BREAK_LEASE_DEAD = 256,        /* no allowance for the watchdog of the other */
    BREAK_LEASE_READ = 512,        /* an unreadable disk is taken for unchanged */
    BREAK_LEASE_ARM = 1024,        /* a start does not wait for the watchdog, nor for the date */
    BREAK_LEASE_LONG = 2048,       /* the long lease counts before the disk tells it */
    BREAK_CLAIM_STOPPED = 4096,    /* fenced from its disks is taken for stopped */
    BREAK_CLAIM_TAKE = 8192,       /* who is known stopped keeps its keys, idle or not */
    BREAK_CLAIM_LOSER = 16384,     /* whose key was taken registers it again at once */
    BREAK_CLAIM_ARBITER = 32768,   /* each disk is taken by itself, no arbiter first */
    BREAK_CLAIM_IDLE = 65536,      /* who holds nothing does not wait for who does */
    BREAK_CLAIM_LOST = 131072,     /* whose key was taken goes on as if nothing were */
    BREAK_CLAIM_READBACK = 262144, /* what a disk refused, or was not asked, counts as done */
    BREAK_QUORUM = 524288,         /* every part of the cluster believes that it has the quorum */
    BREAK_CLAIM_QUORUM = 1048576   /* keys are taken without it */
};

size_t node_size(const struct limits *limits);
/* memory: node_size bytes, zeroed, aligned for any type. conf and timing are copied. */
struct node *node_init(void *memory, const struct limits *limits, const struct conf *conf,
                       const struct timing *timing, unsigned self, uint64_t seed) MUST_CHECK;
void node_step(struct node *n, const struct event *ev, struct outbox *out);
/* Time at which EV_TIME is wanted at the latest, in the clock of the events. */
uint64_t node_deadline(const struct node *n);

/* For tests, the simulator's oracle and `status`; never needed to run a node. */
uint32_t node_epoch(const struct node *n);
/* Until when it may run guarded resources: 0 not at all, UINT64_MAX without bound. */
uint64_t node_lease_date(const struct node *n);
bool node_lease_active(const struct node *n);
bool node_has_view(const struct node *n, nodeset members);
bool node_is_coordinator(const struct node *n);
/* That node has ended its daemon, and what runs on there is left alone, its keys too. */
bool node_spares(const struct node *n, unsigned p);
/* What it waits for or still has to do, as a sentence in out; false when idle. */
bool node_pending(const struct node *n, struct str *out);
/* Hash of a canonical serialisation of the whole state: same events, same hash. */
uint64_t node_hash(const struct node *n);
/* Configuration in force, NULL before there is one. */
const struct cib *node_cib(const struct node *n);
void node_set_break(struct node *n, unsigned rules);

#endif
