/* SPDX-License-Identifier: GPL-2.0-or-later
 * lease: how long this node may run guarded resources, and when a silent peer's time is over. */
#ifndef YOKE_CORE_LEASE_H
#define YOKE_CORE_LEASE_H

#include "lib/core/mind.h"

void lease_disk(struct node *n, const struct event *ev);     /* EV_DISK */
void lease_watchdog(struct node *n, const struct event *ev); /* EV_WATCHDOG */

#endif
