/* SPDX-License-Identifier: GPL-2.0-or-later
 * unitstop: stop of a unit.
 *
 * Happy path: StopUnit, its job ends, the unit is inactive and none of its processes is left.
 * While yoked itself is being stopped (systemctl stop, shutdown) systemd holds the unit's stop back
 * until yoked is gone, because of our drop-in, and yoked waits for the unit: then that job is told
 * to go first.
 * What is left behind (KillMode=) is ended too: it could write on, beside the other node. What
 * does not end is killed when a fifth of the time is left; a forced stop kills at once.
 * Ways to fail: still there when the time is over: what systemd and the processes are at. */
#include "config.h"
#include <errno.h>
#include <libintl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/str.h"
#include "daemon/dropin.h"
#include "daemon/footprint.h"
#include "daemon/sysunit.h"

#define _(text) gettext(text)

enum { TURN_MS = 100, LEFT_MS = 1000, KILL_AGAIN_MS = 300 };

struct stop {
    char job[96];      /* "": none is under way */
    bool freed, asked; /* told to go first; what was left has been asked to end */
    uint64_t kill_at, left_at, killed_at;
};

static void kill_all(struct sysunit *u, struct stop *stop)
{
    uint64_t now = systemd_now_ms();

    if (now < stop->killed_at + KILL_AGAIN_MS)
        return;
    stop->killed_at = now;
    int rc = systemd_signal(&u->s, SIGKILL, u->last);
    if (rc != -EREMOTEIO) /* refused: there is nothing to kill */
        sysunit_must(u, rc);
}

static void job_begin(struct sysunit *u, struct stop *stop)
{
    int rc = systemd_job(&u->s, "StopUnit", "replace", stop->job, sizeof(stop->job), u->last);

    if (rc == -EREMOTEIO && strstr(u->s.refused, "NoSuchUnit"))
        sysunit_end(u, SYSUNIT_OK, NULL);
    sysunit_must(u, rc);
    stop->freed = false;
}

static void job_turn(struct sysunit *u, struct stop *stop)
{
    char result[SYSTEMD_WORD_LEN];

    if (!stop->job[0])
        job_begin(u, stop);
    if (sysunit_must(u, systemd_job_wait(&u->s, stop->job, sysunit_turn_ms(u, TURN_MS), result,
                                         sizeof(result), u->last)) > 0) {
        stop->job[0] = '\0';
        return;
    }
    if (!stop->freed && sysunit_must(u, systemd_job_held(&u->s, stop->job, DROPIN_OURS, u->last))) {
        stop->freed = true;
        sysunit_must(u, systemd_job(&u->s, "StopUnit", "ignore-dependencies", stop->job,
                                    sizeof(stop->job), u->last));
    }
}

/* It is inactive, or failed: what it left behind goes, too. */
static void rest_end(struct sysunit *u, struct stop *stop)
{
    uint64_t now = systemd_now_ms();
    char one[64];

    if (sysunit_must(u, systemd_processes(&u->s, one, sizeof(one), u->last)) == 0) {
        footprint_forget(u->run_dir, u->id);
        sysunit_end(u, SYSUNIT_OK, NULL);
    }
    if (!stop->asked) {
        stop->asked = true;
        stop->left_at = now;
        int rc = systemd_signal(&u->s, SIGTERM, u->last);
        if (rc != -EREMOTEIO)
            sysunit_must(u, rc);
    } else if (u->forced || now >= stop->kill_at || now >= stop->left_at + LEFT_MS) {
        kill_all(u, stop);
    }
    systemd_sleep(&u->s, SYSUNIT_LOOK_MS / 2);
}

static void end_late(struct sysunit *u)
{
    char one[64];

    if (systemd_processes(&u->s, one, sizeof(one), u->last + 100) > 0)
        sysunit_end(u, SYSUNIT_GENERIC,
                    _("%s has not stopped within %u ms: %s (%s), process %s is left"), u->name,
                    u->timeout_ms, u->state.active, u->state.sub, one);
    sysunit_end(u, SYSUNIT_GENERIC, _("%s has not stopped within %u ms: %s (%s)"), u->name,
                u->timeout_ms, u->state.active, u->state.sub);
}

void sysunit_stop(struct sysunit *u)
{
    struct stop stop = {.kill_at = u->until - u->timeout_ms / 5};

    sysunit_must(u, systemd_load(&u->s, u->name, u->last));
    for (;;) {
        sysunit_look(u);
        if (!sysunit_in_time(u))
            end_late(u);
        if (sysunit_is(u, "inactive") || sysunit_is(u, "failed")) {
            rest_end(u, &stop);
            continue;
        }
        job_turn(u, &stop);
        if (u->forced || systemd_now_ms() >= stop.kill_at)
            kill_all(u, &stop);
    }
}
