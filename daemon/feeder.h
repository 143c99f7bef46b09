/* SPDX-License-Identifier: GPL-2.0-or-later
 * feeder: the daemon's end of the keeper (keeper.c): carries ACT_FEED there and tells EV_WATCHDOG.
 *
 * Happy path: feeder_new finds the keeper of an earlier life of the daemon, or starts one; what the
 * keeper says is told whenever it changed. The core's dates are CLOCK_MONOTONIC_RAW, as the
 * keeper's: they go as they are.
 * Fails: a keeper that cannot be started or ends is told as not ok, and tried again each second. If
 * it was armed, the kernel fed once more when it closed the device, and the reset comes. */
#ifndef YOKE_DAEMON_FEEDER_H
#define YOKE_DAEMON_FEEDER_H

#include <stdint.h>
#include "daemon/shell.h"

struct feeder;

/* After EV_BOOT. NULL: no memory. Without a [watchdog] it only says so. */
struct feeder *feeder_new(struct shell *s);
/* Ends the keeper if nothing is armed; else it feeds on until its date. */
void feeder_free(struct feeder *f);
/* ACT_FEED. */
void feeder_until(struct feeder *f, uint64_t until_us);

#endif
