/* SPDX-License-Identifier: GPL-2.0-or-later
 * guard: who may run a service. Every start on this node passes guard_may_start; nothing else in
 * the house decides this. A pure question about the node's state: it changes nothing. */
#ifndef YOKE_CORE_GUARD_H
#define YOKE_CORE_GUARD_H

#include "lib/core/mind.h"

/* What may be believed about a node. */
enum node_life guard_life(const struct node *n, unsigned p);
/* The verdict on a peer as a sentence. */
void guard_say(const struct node *n, unsigned p, struct say *say);
/* May this node start that resource now? why (may be NULL) gets the reason when not. */
bool guard_may_start(const struct node *n, unsigned slot, struct say *why) MUST_CHECK;
/* It may, but not yet: the watchdog, or the reservation of its disks, is under way. */
bool guard_arming(const struct node *n, unsigned slot);
/* The leave ends then, whatever happens to this machine meanwhile: a start's not-after date. */
uint64_t guard_until(const struct node *n, unsigned slot);

#endif
