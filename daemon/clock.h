/* SPDX-License-Identifier: GPL-2.0-or-later
 * clock: the clocks of this machine, read. CLOCK_MONOTONIC_RAW is the core's time: slewing must not
 * bend it. Cannot fail on any kernel that we run on. */
#ifndef YOKE_DAEMON_CLOCK_H
#define YOKE_DAEMON_CLOCK_H

#include <stdint.h>

uint64_t clock_raw_us(void);  /* CLOCK_MONOTONIC_RAW: every date of the core */
uint64_t clock_mono_us(void); /* CLOCK_MONOTONIC: what timerfd and the main loop count by */
uint64_t clock_wall_s(void);  /* seconds since 1970, for display only */
/* CLOCK_BOOTTIME - CLOCK_MONOTONIC: how long the machine has slept since it booted. */
uint64_t clock_asleep_us(void);

#endif
