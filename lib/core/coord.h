/* SPDX-License-Identifier: GPL-2.0-or-later
 * coord: asks the scheduler for a plan whenever something changed, and, on the node that directs,
 * carries it out: orders to whoever must act, in the order of their dependencies. Every member
 * plans, so that each can say why things are as they are; only the coordinator orders. */
#ifndef YOKE_CORE_COORD_H
#define YOKE_CORE_COORD_H

#include "lib/core/mind.h"

/* Something that a plan depends on changed. */
void coord_touch(struct node *n);
/* The next plan waits a moment: the last one met a refusal. */
void coord_hold(struct node *n);
/* The plan in force is void (view or configuration changed). */
void coord_reset(struct node *n);
void coord_slot_clear(struct node *n, unsigned slot);
/* A record of that slot on that node changed. */
void coord_result(struct node *n, unsigned node, unsigned slot);
/* That node is no longer a member: what was wished to be there is not any more. */
void coord_peer_gone(struct node *n, unsigned p);
void coord_planned(struct node *n, const struct event *ev);
void coord_order_take(struct node *n, unsigned p, struct buf *b);
void coord_tick(struct node *n);
/* Nothing to do, nothing under way, and the newest plan was made from the newest state. */
bool coord_idle(const struct node *n);
/* Plans on a hypothetical input; the answer goes to that request. cib NULL: the one in force. */
enum err coord_dry_run(struct node *n, unsigned request, const struct cib *cib) MUST_CHECK;

#endif
