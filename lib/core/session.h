/* SPDX-License-Identifier: GPL-2.0-or-later
 * session: a reliable, ordered stream of messages to one peer over whatever links are up. */
#ifndef YOKE_CORE_SESSION_H
#define YOKE_CORE_SESSION_H

#include "lib/core/mind.h"

enum { SESSION_SLACK = 64 * 1024, MESSAGE_HEAD = 5 };

/* Begins a session of our own with a hello; the peer answers with its own. */
void session_open(struct node *n, unsigned p);
/* Everything queued is forgotten; the next open begins anew. */
void session_close(struct node *n, unsigned p);
/* The two have lost step, or a message was lost: parts, and begins a session anew. */
void session_again(struct node *n, unsigned p);
/* A new incarnation of the peer: its session numbers begin anew too. */
void session_forget(struct node *n, unsigned p);
/* Both hellos are there. */
bool session_ready(const struct node *n, unsigned p);
/* Queues a message: type is enum msg_type. ERR_FULL: more waits than may; ERR_MISSING: no session.
 */
enum err session_send(struct node *n, unsigned p, unsigned type, const void *body,
                      size_t len) MUST_CHECK;
/* The body of a FRAME_DATA of the peer's present incarnation. */
void session_take(struct node *n, unsigned p, struct buf *b);
/* Takes in messages that the last step had no room for. */
void session_resume(struct node *n);
/* Sends what may go, again what was not acknowledged in time, and acknowledgements. */
void session_tick(struct node *n);
size_t session_waiting(const struct node *n, unsigned p); /* bytes not yet acknowledged */

#endif
