/* SPDX-License-Identifier: GPL-2.0-or-later
 * footprint: where the processes of a unit were when systemd was asked last, so that a monitor can
 * see them when systemd gives no answer: a service that works is not stopped because process 1 or
 * a bus is in trouble. One small file a resource, in RUN_DIR/unit.
 *
 * Happy path: footprint_keep when the unit was seen active; footprint_alive later. yoked watches
 * the main process by it, too (procwatch).
 * Ways to fail: without a file, or for a unit without processes, nothing is known: false. */
#ifndef YOKE_DAEMON_FOOTPRINT_H
#define YOKE_DAEMON_FOOTPRINT_H

#include <stdbool.h>
#include <sys/types.h>
#include "lib/base/err.h"

enum { FOOTPRINT_CGROUP_LEN = 1024 };

struct footprint {
    pid_t main; /* 0: none */
    char cgroup[FOOTPRINT_CGROUP_LEN];
};

/* dir: RUN_DIR, NULL: none is kept. */
void footprint_keep(const char *dir, const char *id, const struct footprint *f);
void footprint_forget(const char *dir, const char *id);
/* Its main process, if that is still the same one; 0. */
pid_t footprint_main(const char *dir, const char *id) MUST_CHECK;
/* Kills what is in its cgroup, once; true: nothing is there any more. For a forced stop when
 * systemd is silent. */
bool footprint_kill(const char *dir, const char *id) MUST_CHECK;
/* Its main process lives, or, if it had none, any process. */
bool footprint_alive(const char *dir, const char *id) MUST_CHECK;

#endif
