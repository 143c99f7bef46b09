/* SPDX-License-Identifier: GPL-2.0-or-later
 * carrier: what the kernel tells about the networks below the IP links: carrier lost or back,
 * addresses come and gone (rtnetlink). Nothing is polled.
 *
 * Happy path: carrier_new listens; each message makes it look at the interfaces once and tell the
 * links. Fails: NULL where there is no netlink: the links then find out by themselves, later. */
#ifndef YOKE_DAEMON_CARRIER_H
#define YOKE_DAEMON_CARRIER_H

#include "daemon/link.h"

struct carrier;

struct carrier *carrier_new(struct shell *s, struct links *ls);
void carrier_free(struct carrier *c); /* NULL is allowed */
void carrier_look(struct carrier *c);

#endif
