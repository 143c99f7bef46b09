/* SPDX-License-Identifier: GPL-2.0-or-later
 * fencer: has a node switched off or reset by the fence devices of the configuration. */
#ifndef YOKE_CORE_FENCER_H
#define YOKE_CORE_FENCER_H

#include "lib/core/mind.h"

enum fence_cause {
    CAUSE_SILENCE,
    CAUSE_STOP_FAILED,
    CAUSE_ON_FAIL,
    CAUSE_OPERATOR,
    CAUSE_ASKED,
    CAUSE_HALF_DEAD
};

/* That node should be fenced; does nothing when it is already being fenced or known stopped. False:
 * it is not being fenced, for good reason. */
bool fencer_want(struct node *n, unsigned target, enum fence_cause cause);
/* A coordinator asks its member to have it fenced. */
void fencer_asked(struct node *n, unsigned p, struct buf *b);
void fencer_done(struct node *n, const struct event *ev);
void fencer_tick(struct node *n);
/* fencer_at_work: some fence agent of a fencing is under way.
 * A fencing of that node is under way or waits for its next try; *why tells. */
bool fencer_at_work(const struct node *n);
bool fencer_busy(const struct node *n, unsigned target, struct say *why);

/* A fence agent is running. */
bool fencer_runs(const struct node *n);

#endif
