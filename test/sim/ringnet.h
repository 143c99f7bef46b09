/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringnet: the link lan between the nodes of the ring, and who reaches whom on it and on corosync's
 * own network. */
#ifndef YOKE_SIM_RINGNET_H
#define YOKE_SIM_RINGNET_H

#include "test/sim/ringworld.h"

enum { RINGNET_CORO, RINGNET_LAN };

void ringnet_send(struct rworld *w, struct rhost *h, const struct action *a);
void ringnet_item(struct rworld *w, struct ring_item *it);
/* Adds a fault, or takes it away; a pair may be cut by several. */
void ringnet_cut(struct rworld *w, const struct ring_cut *cut, bool on);
void ringnet_heal(struct rworld *w);

#endif
