/* SPDX-License-Identifier: GPL-2.0-or-later
 * agent: runs resource agents for ACT_AGENT_RUN, and watches the processes of resources.
 *
 * Happy path: agents_run, and exactly one EV_AGENT_DONE of that op later, also after a kill or when
 * nothing could be executed (not_run). Everything handed in is copied before the call returns.
 * At most AGENTS_MAX run at a time, the others wait, recurring monitors longest; operations on one
 * resource never overlap and keep their order. Each runs in its resource's own cgroup.
 * Classes: ocf (resource agent API 1.1), systemd (by yoke-unit, see sysunit.h), lsb (/etc/init.d),
 * stonith (started = its device was checked). What is not there ends with OCF_ERR_INSTALLED (5) and
 * a reason.
 * Fails: agents_new gives NULL after telling the journal why. */
#ifndef YOKE_DAEMON_AGENT_H
#define YOKE_DAEMON_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/core/action.h"

struct child_pool;
struct shell;
struct agents;

enum { AGENTS_MAX = 64 };

/* s->loop, conf and journal are there already; the node is not yet. */
struct agents *agents_new(struct shell *s);
/* No event is raised from here. Resources go on running. NULL is allowed. */
void agents_free(struct agents *a);
void agents_run(struct agents *a, const struct act_agent *run);
/* Kills the process group of a running operation; an unknown op is ignored. */
void agents_kill(struct agents *a, uint32_t op);
/* Begins or ends to watch the processes of a resource: EV_RSC_GONE with slot when they die. */
void agents_watch(struct agents *a, uint16_t slot, const char *id, bool on);
/* The pool of the daemon's children, for fence agents; lives as long as a. */
struct child_pool *agents_children(struct agents *a);

#endif
