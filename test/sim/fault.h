/* SPDX-License-Identifier: GPL-2.0-or-later
 * fault: the schedule of what goes wrong in a seed, and when it is mended. */
#ifndef YOKE_SIM_FAULT_H
#define YOKE_SIM_FAULT_H

#include "test/sim/world.h"

/* Draws which faults this seed has, how often, until when; puts the first turn. */
void fault_draw(struct world *w, struct prng *p);
void fault_item(struct world *w, const struct item *it);
/* Nothing goes wrong any more: what is broken is mended at once, who is frozen thaws. */
void fault_stop(struct world *w);

#endif
