/* SPDX-License-Identifier: GPL-2.0-or-later
 * knet: which of corosync's own links work, as its statistics (libcmap) tell.
 *
 * Happy path: knet_open starts a thread that asks every second; what changes becomes EV_WIRES. Ways
 * to fail: corosync is not there, or stands still: only that thread waits; while it is not there
 * nothing is known (n 0). */
#ifndef YOKE_DAEMON_KNET_H
#define YOKE_DAEMON_KNET_H

#include "daemon/shell.h"

struct knet;

/* NULL: no memory, no thread. With another engine it does nothing, ever. */
struct knet *knet_new(struct shell *s);
void knet_free(struct knet *k);

#endif
