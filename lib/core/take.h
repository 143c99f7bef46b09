/* SPDX-License-Identifier: GPL-2.0-or-later
 * take: the keys of lost nodes: when they are taken, from which disk first, what that proves; and
 * what to do when it is our own key that is gone. */
#ifndef YOKE_CORE_TAKE_H
#define YOKE_CORE_TAKE_H

#include "lib/core/mind.h"

enum {
    TAKE_TRIES_MAX = 3
}; /* so often a disk may fail before what it would tell is done without */

/* Whose key is to be taken from that claim's disks now, NODE_NONE: nobody's. arbiter: race_arbiter.
 */
unsigned take_victim(struct node *n, unsigned i, unsigned arbiter);
/* It was: RESERVE_PREEMPT ended well. */
void take_done(struct node *n, unsigned i, uint16_t state);
/* A look found our key gone and another node's there. was: ours had been there. */
void take_lost(struct node *n, unsigned i, bool was);
/* Whoever is a member again has its keys back. */
void take_follow(struct node *n);

/* Fenced from disk: nothing that this resource does there, on that silent node, can do harm. */
bool take_frees(const struct node *n, unsigned p, unsigned slot);
/* Its key, and not ours, is on a disk of that resource's group: what was owned here was taken away,
 * while this node's daemon was dead perhaps. */
bool take_away(const struct node *n, unsigned slot);
/* Three nodes and more: the lost nodes of which that is so, as this node has seen; a member,
 * another one, has seen it of that node. For the plan: the coordinator need not see each disk
 * itself. */
nodeset take_freed(const struct node *n, unsigned slot);
bool take_told(const struct node *n, unsigned p, unsigned slot);
/* It will be before long, here: three nodes and more, in the part with the quorum. */
bool take_comes(const struct node *n, unsigned p, unsigned slot);
/* Its key is still on the disks of that resource, whatever else is known of it. */
bool take_lacks(const struct node *n, unsigned p, unsigned slot);
/* Registering is unfencing: every other node is a member that hears us, or known to be stopped; of
 * three nodes and more every member hears us, and together we have the quorum. */
bool take_permits(const struct node *n);
/* Until when that is so. */
uint64_t take_permits_until(const struct node *n);
/* The verdict on a silent peer as a sentence; false when reservations say nothing of it. */
bool take_say(const struct node *n, unsigned p, struct say *say);
/* Could it prove something about that peer, if it fell silent now? As a sentence in any case. */
bool take_proof(const struct node *n, unsigned p, struct say *say);
/* Nor is a silent node shot before that is decided, if it can be, or by who lost. */
bool take_may_shoot(const struct node *n, unsigned p);

#endif
