/* SPDX-License-Identifier: GPL-2.0-or-later
 * simkeeper: a host's keeper process and its watchdog. They outlive the daemon. */
#ifndef YOKE_SIM_SIMKEEPER_H
#define YOKE_SIM_SIMKEEPER_H

#include "test/sim/host.h"

/* ACT_FEED. */
void keeper_feed(struct world *w, struct host *h, uint64_t until_us);
/* Tells a daemon what there is (EV_WATCHDOG), a moment later. */
void keeper_speaks(struct world *w, struct host *h);
void keeper_frozen(struct world *w, struct host *h);
void keeper_thawed(struct world *w, struct host *h, enum host_freeze kind, uint64_t lost_us);
/* Power is off: nothing of it is left. */
void keeper_gone(struct host *h);
/* It is fed no more, on request; a watchdog that does not bite is no good. */
void keeper_starve(struct world *w, struct host *h, bool bites);
void keeper_item(struct world *w, const struct item *it);

#endif
