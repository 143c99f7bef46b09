/* SPDX-License-Identifier: GPL-2.0-or-later
 * msg: what nodes say to each other over a session, and who takes it. Resources are named by id, so
 * that two nodes with different configurations cannot mean different things by one number. */
#ifndef YOKE_CORE_MSG_H
#define YOKE_CORE_MSG_H

#include "lib/core/mind.h"

enum msg_type {
    MSG_HELLO = 1,  /* struct hello: first message of every session */
    MSG_VIEW,       /* coordinator: epoch of the view to install */
    MSG_VIEW_ACK,   /* member: installed */
    MSG_BYE,        /* everything is stopped here, the right to start alone is given up */
    MSG_CIB_SAME,   /* coordinator: our configurations are the same, report your records */
    MSG_CIB_PULL,   /* coordinator: yours is newer, send it */
    MSG_CIB,        /* a configuration to keep: version, flags, text */
    MSG_CIB_ACK,    /* kept (or not): version, err */
    MSG_CIB_COMMIT, /* install what you kept: version */
    MSG_CIB_DROP,   /* forget what you kept: version */
    MSG_REC,        /* records of the sender's resources */
    MSG_ORDER,      /* coordinator: do one operation */
    MSG_FORGET,     /* coordinator: forget failures of a resource (or of all) and look again */
    MSG_FAILCOUNT,  /* coordinator: set a fail count */
    MSG_ADMIN,      /* a client's request, forwarded to the coordinator */
    MSG_ANSWER,     /* its answer */
    MSG_AWAY, /* the daemon ends; what runs on here is managed by nobody: leave it alone for s; 0:
                 until it is back */
    MSG_FENCE_ME, /* coordinator: it cannot stop something; who else could fence it? cause */
    MSG_RESET,    /* reset yourself: boot id of the incarnation that is meant */
    MSG_NOTIFY    /* coordinator: tell your copy of a clone of this */
};

/* Hands a whole message to whom it concerns. b->bad afterwards means nonsense: counted, dropped. */
void msg_take(struct node *n, unsigned p, unsigned type, struct buf *b);
/* Queues a message; when the session cannot take it the session is closed and begun anew, because a
 * message lost silently would leave the two minds apart. Small messages only. */
void msg_send(struct node *n, unsigned p, unsigned type, const struct buf *body);
/* The same to all members: with corosync once. */
void msg_send_all(struct node *n, unsigned type, const struct buf *body);

#endif
