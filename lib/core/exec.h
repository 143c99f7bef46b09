/* SPDX-License-Identifier: GPL-2.0-or-later
 * exec: carries out operations on this node's resources: one at a time per resource, at most so
 * many in all, recurring monitors when there is room. Owns the slots and this node's records. */
#ifndef YOKE_CORE_EXEC_H
#define YOKE_CORE_EXEC_H

#include "lib/core/mind.h"

void exec_boot(struct node *n);
/* A configuration is in force: slots follow their ids. */
void exec_install(struct node *n);
/* Stops what `next` no longer has; true when nothing of it runs any more. */
bool exec_retire(struct node *n, const struct cib *next);

/* Maintenance of the cluster, of this node or of that resource. */
bool exec_maintained(const struct node *n, const struct cib_prim *prim);
/* Nobody but its operator starts or stops it now. */
bool exec_unmanaged(const struct node *n, unsigned slot);
/* A resource that runs, that nobody manages, and that next no longer has; NULL if there is none. */
const char *exec_orphan(const struct node *n, const struct cib *next);

static inline struct rec *exec_rec(struct node *n, unsigned node, unsigned slot)
{
    return &n->exec.rec[(size_t)node * n->exec.n_slots + slot];
}
static inline const struct rec *exec_rec_const(const struct node *n, unsigned node, unsigned slot)
{
    return &n->exec.rec[(size_t)node * n->exec.n_slots + slot];
}
/* The primitive of a slot, NULL when the configuration no longer has it. */
const struct cib_prim *exec_prim(const struct node *n, unsigned slot);
/* Slot by resource id, CIB_NONE when there is none. */
unsigned exec_slot_find(const struct node *n, const char *id);

/* Begins (or queues) an operation other than a recurring monitor. The guard is asked about a start
 * now and, when it had to wait, once more before it is begun; what it says holds until guard_until.
 * ERR_REFUSED: the guard does not allow the start. Doing what is done already succeeds at once. */
enum err exec_run(struct node *n, unsigned slot, enum rsc_op op) MUST_CHECK;
/* One more operation may begin now. */
bool exec_room(const struct node *n);
/* Runs its agent, now: for a monitor the one of that number. Nothing else of it may be under way.
 */
void exec_agent_run(struct node *n, unsigned slot, enum rsc_op op, unsigned monitor);
/* A configuration may have ended a maintenance. */
void exec_unmaintained(struct node *n);
void exec_agent_done(struct node *n, const struct event *ev);
/* Processes of a resource are gone: look at once. */
void exec_gone(struct node *n, unsigned slot, const char *what);
void exec_tick(struct node *n);
/* The agent under way for that slot is over, or forgotten. */
void exec_op_end(struct node *n, unsigned slot);
/* Ends the watches of slots that were given up, as many as this step has room for. */
void exec_unwatch(struct node *n);
/* Everything on that node is known to be stopped. */
void exec_peer_stopped(struct node *n, unsigned p);
/* The view broke: orders not yet begun are void. */
void exec_part(struct node *n);
/* A common view begins: what is stopped here may be started by the other from now on. */
void exec_join(struct node *n);
unsigned exec_active(const struct node *n); /* resources that run, or may run, here */
bool exec_busy(const struct node *n);
/* Forget failures of a slot, and look again. */
void exec_forget(struct node *n, unsigned slot);
void exec_msg(struct node *n, unsigned p, unsigned type, struct buf *b);

#endif
