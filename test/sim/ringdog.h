/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringdog: keeper and hardware watchdog of a host of the ring. They outlive the daemon. */
#ifndef YOKE_SIM_RINGDOG_H
#define YOKE_SIM_RINGDOG_H

#include "test/sim/ringworld.h"

/* It tells the daemon how it is, soon. */
void ringdog_speaks(struct rworld *w, struct rhost *h);
void ringdog_feed(struct rworld *w, struct rhost *h, uint64_t until_us);
/* The machine has just been frozen, or goes on. */
void ringdog_frozen(struct rworld *w, struct rhost *h);
void ringdog_thawed(struct rworld *w, struct rhost *h);
void ringdog_gone(struct rhost *h); /* with the power */
void ringdog_item(struct rworld *w, const struct ring_item *it);

#endif
