/* SPDX-License-Identifier: GPL-2.0-or-later
 * service: what systemd is told: READY, STATUS, WATCHDOG, STOPPING. Without systemd (no
 * NOTIFY_SOCKET) nothing happens. The watchdog is pinged from the main loop only, so that a loop
 * that hangs stops pinging. */
#ifndef YOKE_DAEMON_SERVICE_H
#define YOKE_DAEMON_SERVICE_H

#include <qb/qbloop.h>

struct service;

struct service *service_new(qb_loop_t *loop); /* NULL: no memory */
void service_free(struct service *v);
void service_ready(struct service *v);
/* Told at most once a second and only when it changed; the latest one wins. */
void service_status(struct service *v, const char *status);
void service_stopping(struct service *v);

#endif
