/* SPDX-License-Identifier: GPL-2.0-or-later
 * durable: the little state that must outlive a power cut, and when it has reached the disk. */
#ifndef YOKE_CORE_DURABLE_H
#define YOKE_CORE_DURABLE_H

#include "lib/core/mind.h"

void durable_boot(struct node *n, const struct kept *kept);
void durable_epoch(struct node *n, uint32_t epoch);
/* Takes or gives up the right to start alone. */
void durable_right(struct node *n, bool mine);
/* A resource was let go (forced) that may still run here: no life of the daemon in this boot says
 * goodbye. */
void durable_orphan(struct node *n);
bool durable_orphaned(const struct node *n);
/* That incarnation was taken over: its frames earn only "you were fenced". */
void durable_fenced(struct node *n, unsigned p, uint64_t boot);
void durable_cib(struct node *n);
/* Everything wanted up to that generation is on disk. */
/* No copy on the disk can say that this boot has the right to start alone: what failed to be
 * written may be there all the same. */
bool durable_right_gone(const struct node *n);
bool durable_reached(const struct node *n, uint32_t generation);
void durable_done(struct node *n, uint32_t op, enum err err);
void durable_tick(struct node *n);

#endif
