/* SPDX-License-Identifier: GPL-2.0-or-later
 * drill: every node tests the fence devices that it may need, before it needs them. */
#ifndef YOKE_CORE_DRILL_H
#define YOKE_CORE_DRILL_H

#include "lib/base/json.h"
#include "lib/core/mind.h"

void drill_tick(struct node *n);
/* A test ended; false when that operation was none. */
bool drill_done(struct node *n, const struct event *ev);
/* An operator wants it tested now ("": all of them). False: there is no such device here. */
bool drill_ask(struct node *n, const char *id);
/* What its last test took, 0 when there was none that succeeded. */
uint32_t drill_took_ms(const struct node *n, const char *id);
/* "fence_devices": what is known of each, as this node sees it. */
void drill_status(struct json *j, const struct node *n);

#endif
