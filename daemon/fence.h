/* SPDX-License-Identifier: GPL-2.0-or-later
 * fence: runs fence agents for ACT_FENCE.
 *
 * Happy path: fences_run, and exactly one EV_FENCE_DONE of that op later. Everything handed in is
 * copied before the call returns. Fencing is confirmed by exit code 0 alone; the reason is the last
 * line on standard error. Fails: fences_new gives NULL when there is no memory. */
#ifndef YOKE_DAEMON_FENCE_H
#define YOKE_DAEMON_FENCE_H

#include "lib/base/str.h"
#include "lib/core/action.h"
#include "daemon/child.h"

struct shell;
struct fences;

struct fences *fences_new(struct shell *s);
/* After the main loop has ended. What runs is killed by agents_free. NULL is allowed. */
void fences_free(struct fences *f);
void fences_run(struct fences *f, const struct act_fence *run);

/* One fence agent by the fence-agent API: params are name=value lines for its standard input. 0 or
 * minus an errno; the agent is looked for in dirs (colon separated). */
int fence_start(struct child_pool *children, const char *dirs, const char *agent,
                const char *params, uint32_t timeout_ms, child_end_fn *fn, void *context,
                struct child **out) MUST_CHECK;
bool fence_confirmed(const struct child_end *end);
/* Why it did not confirm, or what it said; adds nothing when there is nothing to say. */
void fence_reason(const struct child_end *end, const char *agent, const char *dirs,
                  struct str *out);

#endif
