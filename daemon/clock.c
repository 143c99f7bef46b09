/* SPDX-License-Identifier: GPL-2.0-or-later
 * clock: the clocks of this machine, read by the vDSO. */
#include "daemon/clock.h"

#include <assert.h>
#include <time.h>

static uint64_t read_us(clockid_t which)
{
    struct timespec t;
    int rc = clock_gettime(which, &t);
    assert(rc == 0);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

uint64_t clock_raw_us(void)
{
    return read_us(CLOCK_MONOTONIC_RAW);
}

uint64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

uint64_t clock_wall_s(void)
{
    return read_us(CLOCK_REALTIME) / 1000000u;
}

uint64_t clock_asleep_us(void)
{
    uint64_t awake = read_us(CLOCK_MONOTONIC);
    uint64_t all = read_us(CLOCK_BOOTTIME); /* read second: the difference is never negative */
    return all - awake;
}
