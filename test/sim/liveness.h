/* SPDX-License-Identifier: GPL-2.0-or-later
 * liveness: after the faults, on a healed pair, everything wanted must run again within a time
 * bound.
 *
 *   L1  both nodes are in one view
 *   L2  both have the same configuration, in force and on disk
 *   L3  nothing is pending
 *   L4  every wanted resource runs exactly once
 *   L5  what cannot be stopped is fenced, unasked */
#ifndef YOKE_SIM_LIVENESS_H
#define YOKE_SIM_LIVENESS_H

#include "test/sim/world.h"

/* Heals the world and runs it until all is well, or barks. */
void liveness_run(struct world *w);
/* Why nobody may expect that primitive to run; NULL: it is wanted. */
const char *liveness_excuse(const struct cib *cib, unsigned prim);

#endif
