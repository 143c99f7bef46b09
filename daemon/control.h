/* SPDX-License-Identifier: GPL-2.0-or-later
 * control: the control socket (libqb IPC), for root and the configured group.
 *
 * Happy path: a request becomes EV_ADMIN with a client number, its answer comes by control_reply,
 * in one or more parts; a client that goes away becomes EV_ADMIN_GONE. Numbers are not reused soon.
 * Fails: control_new gives NULL after telling the journal why. */
#ifndef YOKE_DAEMON_CONTROL_H
#define YOKE_DAEMON_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shell;
struct control;

/* Called after EV_BOOT has been told: requests may come from now on. */
struct control *control_new(struct shell *s);
void control_free(struct control *c); /* NULL is allowed */
/* text is JSON, copied. A client that is gone is ignored. */
void control_reply(struct control *c, uint32_t client, const char *text, size_t len, bool last);

#endif
