/* SPDX-License-Identifier: GPL-2.0-or-later
 * cgroup: a cgroup v2 of its own for every resource, so that the kernel tells which processes
 * belong to it and when the last one is gone.
 *
 * They live at the top of the hierarchy, MOUNT/yoke.services/CLUSTER.NODE/RESOURCE, and not below
 * the daemon's own cgroup: a service manager that stops or restarts yoked looks at (and may kill)
 * what is in the unit's cgroup, and services must outlive the daemon. With Delegate=yes and
 * KillMode=process the fallback, MOUNT/OWN-CGROUP/yoke.services/..., is left alone too; it is used
 * where the top may not be written (containers). No controller is switched on: this counts
 * processes, it limits nothing. The node's name keeps nodes that share one hierarchy apart.
 *
 * Happy path: cgroups_new, cgroups_open before each agent run. Directories are made when first
 * needed, found again by later lives of the daemon, and removed when empty by cgroups_new.
 * Fails: cgroups_new gives NULL and a reason where no cgroup v2 can be had. */
#ifndef YOKE_DAEMON_CGROUP_H
#define YOKE_DAEMON_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "lib/base/str.h"

struct cgroups;

/* Looks for a mounted cgroup v2; mounts one at RUN_DIR/cgroup where none is (the hierarchy itself
 * exists in every kernel since 4.5). NULL: why says the reason. */
struct cgroups *cgroups_new(const char *cluster, const char *node, const char *run_dir,
                            struct str *why);
void cgroups_free(struct cgroups *g); /* leaves the cgroups: services live on */
const char *cgroups_path(const struct cgroups *g);
/* The directory of a resource's cgroup, made if it is not there; close-on-exec; -1 with errno. */
int cgroups_open(struct cgroups *g, const char *rsc) MUST_CHECK;

/* Processes in it, at most room; pids of another pid namespace (shown as 0) are left out. */
size_t cgroup_pids(int dir, pid_t *to, size_t room);
/* SIGKILL for all in it but what serves the whole machine (rpc.statd, lvmpolld); one of those that
 * were there, 0: none. To be called again until none is. */
pid_t cgroup_kill(int dir);

/* An open cgroup.events, for POLLPRI; -1 with errno. */
int cgroup_events_open(int dir) MUST_CHECK;
/* Reads it anew (which also arms the next POLLPRI): false when the last process is gone. */
bool cgroup_events_populated(int events_fd);

#endif
