/* SPDX-License-Identifier: GPL-2.0-or-later
 * pace: the line's own time, reckoned from what was written and corrected by what the kernel says
 * is left. Cannot fail. */
#include "daemon/pace.h"

#include <assert.h>

void pace_init(struct pace *p, uint32_t baud)
{
    assert(baud > 0);
    *p = (struct pace){.baud = baud};
}

uint64_t pace_bytes_us(const struct pace *p, size_t bytes)
{
    return ((uint64_t)bytes * PACE_LINE_BITS * 1000000u + p->baud - 1) / p->baud;
}

uint64_t pace_wait_us(struct pace *p, uint64_t now_us, size_t queued)
{
    uint64_t by_kernel_us = now_us + pace_bytes_us(p, queued);
    if (by_kernel_us > p->free_us && queued > 0)
        p->free_us = by_kernel_us; /* slower than reckoned: a USB adapter, or the line was held */
    return p->free_us > now_us + PACE_SLACK_US ? p->free_us - now_us - PACE_SLACK_US : 0;
}

void pace_wrote(struct pace *p, uint64_t now_us, size_t bytes)
{
    if (p->free_us < now_us)
        p->free_us = now_us;
    p->free_us += pace_bytes_us(p, bytes);
}
