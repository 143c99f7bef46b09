/* SPDX-License-Identifier: GPL-2.0-or-later
 * mishap: the schedule of what goes wrong in a seed, and when it is mended. */
#ifndef YOKE_SIM_MISHAP_H
#define YOKE_SIM_MISHAP_H

#include "test/sim/world.h"

/* Draws which faults this seed has, how often, until when; puts the first turn. */
void mishap_draw(struct world *w, struct prng *p);
/* A link that lost its carrier on a host gets it back. */
void mishap_carrier_later(struct world *w, unsigned link, unsigned host, uint64_t in_us);
/* A disk was taken from its owner: that is when its array may lose power as well. */
void mishap_after_take(struct world *w, const struct unit *u);
void mishap_item(struct world *w, const struct item *it);
/* Nothing goes wrong any more: what is broken is mended at once; who is frozen thaws in time. */
void mishap_stop(struct world *w);

#endif
