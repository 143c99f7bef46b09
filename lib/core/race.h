/* SPDX-License-Identifier: GPL-2.0-or-later
 * race: of two nodes that have lost each other, which one takes the other's key: decided on one
 * disk, the arbiter's. Of three nodes and more the quorum has decided before, and nobody races. */
#ifndef YOKE_CORE_RACE_H
#define YOKE_CORE_RACE_H

#include "lib/core/mind.h"

/* Two nodes. Everything below is about the other one, and is called only then, unless it says
 * otherwise. */
static inline bool race_is_on(const struct node *n)
{
    return n->conf.n_nodes == 2;
}

static inline unsigned race_peer(const struct node *n)
{
    return n->self == 0 ? 1 : 0;
}

/* The claim on which it is decided who may take: CIB_NONE when there is none, and when nobody
 * races. */
unsigned race_arbiter(const struct node *n);
/* When this node may try, on the arbiter's disk; 0: at once. */
uint64_t race_at(const struct node *n);
/* A peer that we have not met in this life may have taken our keys while we were down, and run its
 * services on those disks: a disk that has its key and not ours, or one that has not been looked at
 * yet; CIB_NONE when there is none, and when it has been met: then take_lost tells (test/sim, seed
 * 92017019). */
unsigned race_dispossessed(const struct node *n);

#endif
