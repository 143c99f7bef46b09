/* SPDX-License-Identifier: GPL-2.0-or-later
 * part: what is different for the executor when a primitive is a part of a clone: a copy and the
 * promoted role of the same node have one agent and one service, of which each sees its half. */
#ifndef YOKE_CORE_PART_H
#define YOKE_CORE_PART_H

#include "lib/core/mind.h"

/* Slot of the other part of the same clone on this node: the role's for the copy of this node, and
 * the other way round; CIB_NONE when there is none. */
unsigned part_twin(const struct node *n, unsigned slot);
/* The other part has an agent under way, so this one's must wait: they work on the same thing. */
bool part_busy(const struct node *n, unsigned slot);
/* A copy that is for another node: it does not run on p, nobody needs to look. */
bool part_elsewhere(const struct node *n, unsigned slot, unsigned p);
/* An agent's exit code as it counts for that part (OCF 1.1): a copy that is promoted runs, a role
 * whose copy merely runs does not. */
int part_rc(const struct node *n, unsigned slot, enum rsc_op op, int rc);
/* A copy has just been started, or was seen promoted: what is known of its role is not true any
 * more, as some services come back as what they were. It is to be looked at before all else. */
void part_doubt(struct node *n, unsigned slot, enum rsc_op op, int rc);
/* What the agent said of being promoted is kept with the copy, and told if it is new. */
void part_fit(struct node *n, unsigned slot, const struct event *ev);

#endif
