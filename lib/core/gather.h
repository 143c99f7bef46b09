/* SPDX-License-Identifier: GPL-2.0-or-later
 * gather: how the daemons of the group come to one view: hellos, and what all conclude from them.
 */
#ifndef YOKE_CORE_GATHER_H
#define YOKE_CORE_GATHER_H

#include "lib/core/mind.h"

/* Out of the view, if in one; a hello goes out, and who is no longer in the group is lost, for that
 * reason. All members do it at the same place of the one order. */
void gather_begin(struct node *n, enum say_id lost);
/* The body of a CAST_HELLO. */
void gather_hello(struct node *n, unsigned p, struct buf *b);
/* While hellos are gathered: q says that this incarnation of p is dead. */
void gather_dead(struct node *n, unsigned q, unsigned p, uint64_t boot);
/* A hello that asks all to begin anew. */
void gather_again(struct node *n);
/* There is no group: this node is in a view of its own. */
void gather_alone(struct node *n);

#endif
