/* SPDX-License-Identifier: GPL-2.0-or-later
 * uevent: tells when a disk, a path or a map comes, goes or changes, by the kernel's own word.
 * NULL where the kernel says nothing, as in a container. Main thread only. */
#ifndef YOKE_DAEMON_UEVENT_H
#define YOKE_DAEMON_UEVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <qb/qbloop.h>

struct uevent;

struct uevent *uevent_new(qb_loop_t *loop, void (*fn)(void *context), void *context);
void uevent_free(struct uevent *u); /* NULL is allowed */
/* Is a message of the kernel about a whole disk, a path or a map? */
bool uevent_concerns(const char *message, size_t len);

#endif
