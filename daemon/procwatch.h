/* SPDX-License-Identifier: GPL-2.0-or-later
 * procwatch: notices the end of a resource's processes from the kernel, at once.
 *
 * Watched are the resource's leaders - its processes whose parent is not one of them, at most
 * PROCWATCH_LEADERS - by pidfd, and the emptiness of its cgroup by cgroup.events. Without cgroups
 * the processes are those that still carry the resource's OCF_RESOURCE_INSTANCE. Of a unit of
 * systemd it is its main process, as its agent has noted it (footprint.h). Happy path:
 * procwatch_set after a start or a probe that found it running; then one report for each quiet time
 * between two operations, whatever ends first. While an operation of ours runs nothing is reported;
 * a leader that ended during a monitor that still found the resource well is reported after it,
 * because the monitor may have looked too early. After a monitor only processes older than that
 * monitor are taken for leaders, so that what the monitor itself left behind does not call for the
 * next monitor, for ever. Fails silently where descriptors run out or the kernel has no pidfds
 * (before 5.3): the recurring monitor is the backstop. */
#ifndef YOKE_DAEMON_PROCWATCH_H
#define YOKE_DAEMON_PROCWATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <qb/qbloop.h>
#include "daemon/cgroup.h"

enum { PROCWATCH_LEADERS = 16, PROCWATCH_PIDS = 512, PROCWATCH_WHAT_LEN = 64 };

struct procwatch;

/* what: "process 4711 (postgres) ended". */
typedef void procwatch_fn(void *context, uint16_t slot, const char *what);

/* groups may be NULL. run_dir lives as long. NULL: no memory. */
struct procwatch *procwatch_new(qb_loop_t *loop, struct cgroups *groups, const char *run_dir,
                                procwatch_fn *fn, void *context);
void procwatch_free(struct procwatch *p);
void procwatch_set(struct procwatch *p, uint16_t slot, const char *id, bool on);
/* Around every operation on the resource, watched or not. */
void procwatch_op_begin(struct procwatch *p, uint16_t slot);
enum procwatch_op {
    PROCWATCH_CHANGED,     /* started, promoted, demoted, or a stop that failed */
    PROCWATCH_STOPPED,     /* what still dies is no news */
    PROCWATCH_LOOKED_WELL, /* a monitor that found it active */
    PROCWATCH_OTHER
};
/* what[PROCWATCH_WHAT_LEN] is filled when the caller must report it after the operation's end. */
void procwatch_op_end(struct procwatch *p, uint16_t slot, enum procwatch_op op, char *what);

#endif
