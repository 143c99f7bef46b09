/* SPDX-License-Identifier: GPL-2.0-or-later
 * fencedev: the power switch of both machines, and the fence agent that talks to it. */
#ifndef YOKE_SIM_FENCEDEV_H
#define YOKE_SIM_FENCEDEV_H

#include "test/sim/world.h"

void fencedev_run(struct world *w, struct host *h, const struct act_fence *a);
void fencedev_item(struct world *w, const struct item *it);

#endif
