/* SPDX-License-Identifier: GPL-2.0-or-later
 * level: which fence devices there are for a node, in which order. */
#ifndef YOKE_CORE_LEVEL_H
#define YOKE_CORE_LEVEL_H

#include "lib/core/mind.h"

/* That primitive is a fence device that is in use and reaches the node. */
bool level_able(const struct node *n, unsigned prim, unsigned target);
/* So many levels of fencing there are for that node. */
unsigned level_count(const struct node *n, unsigned target);
/* Device at that place of that level; CIB_NONE past the last. */
unsigned level_device(const struct node *n, unsigned target, unsigned level, unsigned place);
/* What its devices are asked for first. */
enum fence_step level_step(const struct node *n, const struct fence *f,
                           const struct cib_prim *prim);
/* Nobody wants it switched on again. */
bool level_stays_off(const struct node *n, const struct cib_prim *prim);

#endif
