/* SPDX-License-Identifier: GPL-2.0-or-later
 * pace: when the next frame may be given to a serial line, so that the kernel's buffer never holds
 * more than the frame on the line: a beat that comes then waits for one frame at most, not for
 * kilobytes. Pure arithmetic: 8N1, ten bits a byte. */
#ifndef YOKE_DAEMON_PACE_H
#define YOKE_DAEMON_PACE_H

#include <stddef.h>
#include <stdint.h>

enum { PACE_LINE_BITS = 10, PACE_SLACK_US = 2000 };

struct pace {
    uint32_t baud;
    uint64_t free_us; /* when the line will have sent all that was written */
};

void pace_init(struct pace *p, uint32_t baud);
uint64_t pace_bytes_us(const struct pace *p, size_t bytes);
/* How long from now until the next frame may be written, 0: at once. queued: bytes that the kernel
 * says are still in its buffer, 0 where it cannot say. */
uint64_t pace_wait_us(struct pace *p, uint64_t now_us, size_t queued);
void pace_wrote(struct pace *p, uint64_t now_us, size_t bytes);

#endif
