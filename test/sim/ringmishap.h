/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringmishap: what goes wrong with nodes of the ring, and when it is mended. */
#ifndef YOKE_SIM_RINGMISHAP_H
#define YOKE_SIM_RINGMISHAP_H

#include "test/sim/ringworld.h"

/* Draws which kinds of faults this seed has, how often, and for how long. */
void ringmishap_draw(struct rworld *w, struct prng *p);
void ringmishap_item(struct rworld *w, const struct ring_item *it);
/* No more faults, and all that is broken is mended; machines stay off until looked after. */
void ringmishap_stop(struct rworld *w);

#endif
