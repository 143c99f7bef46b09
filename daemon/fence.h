/* SPDX-License-Identifier: GPL-2.0-or-later
 * fence: runs fence agents for ACT_FENCE.
 *
 * Happy path: fences_run, and exactly one EV_FENCE_DONE of that op later. Everything handed in is
 * copied before the call returns. Fails: fences_new gives NULL after telling the journal why. */
#ifndef YOKE_DAEMON_FENCE_H
#define YOKE_DAEMON_FENCE_H

#include "lib/core/action.h"

struct shell;
struct fences;

struct fences *fences_new(struct shell *s);
void fences_free(struct fences *f); /* kills what runs; NULL is allowed */
void fences_run(struct fences *f, const struct act_fence *run);

#endif
