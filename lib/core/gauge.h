/* SPDX-License-Identifier: GPL-2.0-or-later
 * gauge: the peer measures how long a node lives after its watchdog was last fed. What a device
 * says of its time-out is no proof that it resets in time (some have two stages, some do nothing);
 * only somebody else can see how long the machine really lived. */
#ifndef YOKE_CORE_GAUGE_H
#define YOKE_CORE_GAUGE_H

#include "lib/base/json.h"
#include "lib/core/mind.h"

/* Its beat says whether it is fed no more, and its time-out. */
void gauge_beat(struct node *n, unsigned p, uint64_t boot, const struct frame_beat *beat);
void gauge_tick(struct node *n);
/* Another incarnation of that node was accepted: the one that was measured is dead. */
void gauge_reborn(struct node *n, unsigned p);
/* That incarnation outlived its watchdog: nothing may be built on it. */
bool gauge_failed(const struct node *n, unsigned p, uint64_t boot);
/* "watchdog_test": what was measured last, nothing when nothing was. */
void gauge_status(struct json *j, const struct node *n, unsigned p);

#endif
