/* SPDX-License-Identifier: GPL-2.0-or-later
 * corosync: the engine's body: our group in CPG, and the quorum.
 *
 * Happy path: corosync_open begins to connect; our own joining, every change of the group and of
 * the quorum becomes EV_RING, every cast EV_CAST, in the order in which corosync tells them. Ways
 * to fail: EV_RING not there, with the reason in words, and it tries again until corosync is there.
 */
#ifndef YOKE_DAEMON_COROSYNC_H
#define YOKE_DAEMON_COROSYNC_H

#include "daemon/shell.h"

struct corosync;

/* NULL: no memory. With another engine it does nothing, ever. */
struct corosync *corosync_new(struct shell *s);
/* After EV_BOOT. */
void corosync_open(struct corosync *c);
void corosync_free(struct corosync *c);
/* ACT_CAST */
void corosync_cast(struct corosync *c, const uint8_t *at, size_t len);

#endif
