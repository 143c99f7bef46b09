/* SPDX-License-Identifier: GPL-2.0-or-later
 * wire: corosync's own links (knet) to the other nodes: which of them work. Nothing is decided by
 * it: it is told, so that a broken one is mended before the next one breaks. */
#ifndef YOKE_CORE_WIRE_H
#define YOKE_CORE_WIRE_H

#include "lib/base/json.h"
#include "lib/core/mind.h"

void wire_event(struct node *n, const struct event *ev); /* EV_WIRES */
void wire_tick(struct node *n);
/* More of "links", one object a wire and node. */
void wire_status(struct json *j, const struct node *n);

#endif
