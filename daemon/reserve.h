/* SPDX-License-Identifier: GPL-2.0-or-later
 * reserve: carries out ACT_RESERVE in worker threads, and notices when a path comes or goes.
 *
 * Happy path: reserves_run, and exactly one EV_RESERVED of that op later. Everything handed in is
 * copied before the call returns. Disks are looked for anew by RESERVE_FIND, RESERVE_REGISTER and
 * RESERVE_HOLD, and when none of those known answers; else those found last are worked, so that a
 * takeover needs no program. Fails: reserves_new gives NULL when there is no memory or descriptor;
 * a thread that hangs in the kernel is left behind, and told of by reserves_hung. Main thread only.
 */
#ifndef YOKE_DAEMON_RESERVE_H
#define YOKE_DAEMON_RESERVE_H

#include <stdbool.h>
#include "lib/core/action.h"

struct shell;
struct reserves;

/* The cluster's UUID for its keys is in shell->conf by then. */
struct reserves *reserves_new(struct shell *s);
/* After the main loop has ended. NULL is allowed. */
void reserves_free(struct reserves *r);
void reserves_run(struct reserves *r, const struct act_reserve *act);
/* ACT_PERMIT */
void reserves_permit(struct reserves *r, uint32_t op, uint64_t not_after_us);
/* Does a command to some path hang in the kernel? Then the daemon cannot start over by exec. */
bool reserves_hung(const struct reserves *r);

#endif
