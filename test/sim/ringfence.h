/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringfence: the power switch of the nodes of the ring, as their fence agents work it. */
#ifndef YOKE_SIM_RINGFENCE_H
#define YOKE_SIM_RINGFENCE_H

#include "test/sim/ringworld.h"

void ringfence_run(struct rworld *w, struct rhost *h, const struct act_fence *a);
void ringfence_item(struct rworld *w, const struct ring_item *it);

#endif
