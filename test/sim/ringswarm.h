/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringswarm: what a seed of a ring is made of: how many nodes, guard, timing, resources, agents,
 * networks, and which faults. */
#ifndef YOKE_SIM_RINGSWARM_H
#define YOKE_SIM_RINGSWARM_H

#include "test/sim/ringworld.h"

/* Opens the world and switches it on; nodes 0: as many as the seed says. */
void ringswarm_draw(struct rworld *w, uint64_t seed, unsigned nodes);
void ringswarm_words(const struct rworld *w, struct str *out);

#endif
