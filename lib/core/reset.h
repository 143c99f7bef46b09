/* SPDX-License-Identifier: GPL-2.0-or-later
 * reset: one node asks the other to reset itself: where there is no fence device, and for a node
 * that is half dead. Its end is proven by the boot after it, or by its lease. */
#ifndef YOKE_CORE_RESET_H
#define YOKE_CORE_RESET_H

#include "lib/core/mind.h"

/* Asks that member to reset itself; false: it cannot be asked. */
bool reset_ask(struct node *n, unsigned p);
/* A member asks us. */
void reset_take(struct node *n, unsigned p, struct buf *b);
/* A member that cannot start processes any more, and still runs services: fenced, or asked. */
void reset_tick(struct node *n);
/* This incarnation ends at once; taken: its services were taken over, so that the configuration
 * says whether it may start anew. Nothing feeds the watchdog any more. */
void reset_self(struct node *n, bool taken, const char *why);

#endif
