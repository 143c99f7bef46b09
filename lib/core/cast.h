/* SPDX-License-Identifier: GPL-2.0-or-later
 * cast: what travels through corosync: kinds of casts, and the stream of messages of each member.
 */
#ifndef YOKE_CORE_CAST_H
#define YOKE_CORE_CAST_H

#include "lib/core/mind.h"

enum cast_kind {
    CAST_BEATS = 1, /* a bundle of frames, each to one member */
    CAST_HELLO,     /* what a member is, for the view that is being agreed on */
    CAST_DATA,      /* a piece of the sender's stream of messages */
    CAST_STOPPED,   /* that incarnation of a node is known to be stopped */
    CAST_BYE,       /* MSG_BYE: everything is stopped here */
    CAST_AWAY       /* MSG_AWAY */
};

/* Begins a cast of that kind; b has room for max bytes of it. Ended by cast_end. */
void cast_begin(struct node *n, struct buf *b, enum cast_kind kind, size_t max);
void cast_end(struct node *n, const struct buf *b);

/* Our stream begins anew: what waits is forgotten. */
void cast_reset(struct node *n);
/* That member's stream begins anew, under that number. */
void cast_reset_of(struct node *n, unsigned p, uint32_t number);
uint32_t cast_number(const struct node *n); /* of our stream */
/* Queues a message to p, or to all members if p is NODE_NONE. ERR_FULL: more waits than may. */
enum err cast_send(struct node *n, unsigned p, unsigned type, const void *body,
                   size_t len) MUST_CHECK;
size_t cast_waiting(const struct node *n); /* bytes that have not come back to us */
/* The body of a CAST_DATA of a member (or of our own). */
void cast_take(struct node *n, unsigned p, struct buf *b);
void cast_resume(struct node *n); /* messages that the last step had no room for */
void cast_pump(struct node *n);   /* casts what may go */

#endif
