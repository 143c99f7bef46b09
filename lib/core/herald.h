/* SPDX-License-Identifier: GPL-2.0-or-later
 * herald: clones with notify=true. Each copy that runs is told by its agent's action notify before
 * and after another copy, or itself, is started, stopped, promoted or demoted, as OCF has it.
 *
 * Happy path: the coordinator is about to order a step: all copies are told of it first, and the
 * order goes out when the last of them has ended. Its record shows it done: all copies are told,
 * and what comes after it in the plan waits for that, too. Ways to fail: a copy's agent fails
 * or times out: that is told, and changes nothing; the plan is made anew meanwhile: told once more
 * before, once after; the coordinator dies: what it had not told of nobody tells. */
#ifndef YOKE_CORE_HERALD_H
#define YOKE_CORE_HERALD_H

#include "lib/core/mind.h"

/* What the operation of a part of a clone is for its agent; OP_NONE if nobody is told of it. */
enum rsc_op herald_named(const struct cib_prim *part, enum rsc_op op);

/* ---- the coordinator */

/* Tells the copies of the step that is about to be ordered. False: nobody wants to know. */
bool herald_before(struct node *n, const struct plan_step *step);
/* Copies of that part's clone are being told of something. */
bool herald_busy(const struct node *n, unsigned slot);
/* A record changed: if something was done, its copies are told. True when the record says nothing
 * else than that a copy was told, or is to be. */
bool herald_result(struct node *n, unsigned node, unsigned slot);
/* That node is known to be stopped: so are its copies. Before its records are cleared. */
void herald_gone(struct node *n, unsigned p);

/* ---- the executor */

void herald_order_take(struct node *n, unsigned p, struct buf *b);
/* Runs what waits, if nothing else is under way. */
void herald_go_on(struct node *n, unsigned slot);
/* The agent has ended; reason may be NULL. */
void herald_done(struct node *n, unsigned slot, int rc, const char *reason);
/* Something more urgent is ordered: what waits is forgotten. */
void herald_drop(struct node *n, unsigned slot);

#endif
