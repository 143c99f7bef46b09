/* SPDX-License-Identifier: GPL-2.0-or-later
 * service: sd_notify from a timer of the main loop.
 *
 * Happy path: one timer, at a third of WATCHDOG_USEC or each second, pings and sends the status if
 * it changed. Fails silently: systemd will say so itself. */
#include "daemon/service.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include "lib/base/num.h"
#include "lib/base/str.h"

enum { STATUS_LEN = 512, STATUS_NS = 1000 * 1000 * 1000 };

struct service {
    qb_loop_t *loop;
    qb_loop_timer_handle timer;
    uint64_t period_ns;
    bool notify, watchdog, ready, changed;
    char status[STATUS_LEN];
};

static void status_send(struct service *v)
{
    if (!v->changed)
        return;
    v->changed = false;
    sd_notifyf(0, "STATUS=%s", v->status);
}

static void turn(void *context)
{
    struct service *v = context;
    if (v->watchdog)
        sd_notify(0, "WATCHDOG=1");
    status_send(v);
    if (qb_loop_timer_add(v->loop, QB_LOOP_LOW, v->period_ns, v, turn, &v->timer) != 0)
        v->timer = 0;
}

struct service *service_new(qb_loop_t *loop)
{
    struct service *v = calloc(1, sizeof *v);
    uint64_t usec = 0;
    if (!v)
        return NULL;
    v->loop = loop;
    v->notify = getenv("NOTIFY_SOCKET") != NULL;
    v->watchdog = v->notify && sd_watchdog_enabled(0, &usec) > 0;
    v->period_ns = v->watchdog ? num_min(usec * 1000 / 3, STATUS_NS) : STATUS_NS;
    return v;
}

void service_free(struct service *v)
{
    if (!v)
        return;
    if (v->timer)
        qb_loop_timer_del(v->loop, v->timer);
    free(v);
}

void service_ready(struct service *v)
{
    if (!v->notify || v->ready)
        return;
    v->ready = true;
    sd_notify(0, "READY=1");
    turn(v);
}

void service_status(struct service *v, const char *status)
{
    if (!v->notify || strncmp(v->status, status, sizeof v->status - 1) == 0)
        return;
    (void)str_copy(v->status, sizeof v->status, status);
    v->changed = true;
}

void service_stopping(struct service *v)
{
    if (!v->notify)
        return;
    sd_notify(0, "STOPPING=1");
    status_send(v);
}
