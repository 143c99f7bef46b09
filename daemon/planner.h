/* SPDX-License-Identifier: GPL-2.0-or-later
 * planner: runs the scheduler for ACT_PLAN, in memory of its own.
 *
 * Happy path: planner_run gives a plan that stays valid until the next planner_run. Fails:
 * planner_new gives NULL without memory; planner_run ERR_FULL, when the memory was too small. */
#ifndef YOKE_DAEMON_PLANNER_H
#define YOKE_DAEMON_PLANNER_H

#include "lib/sched/sched.h"

struct planner;

struct planner *planner_new(size_t bytes);
void planner_free(struct planner *p);
enum err planner_run(struct planner *p, const struct sched_in *in,
                     const struct plan **out) MUST_CHECK;

#endif
