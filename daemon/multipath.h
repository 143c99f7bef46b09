/* SPDX-License-Identifier: GPL-2.0-or-later
 * multipath: a dm-multipath map is registered by multipathd alone, by mpathpersist, so that it
 * registers a path that returns with the same key and no other. Waits for programs: never from the
 * main thread. */
#ifndef YOKE_DAEMON_MULTIPATH_H
#define YOKE_DAEMON_MULTIPATH_H

#include <stdint.h>
#include "lib/base/str.h"
#include "lib/wire/pr.h"

enum { MULTIPATH_LIMIT_MS = 5000 };

/* PR_REGISTER or PR_REGISTER_OVER on every path of a map. */
enum pr_outcome multipath_register(const char *map, const struct pr_command *c,
                                   uint64_t not_after_us);
/* Will multipathd keep what is registered on a path that returns? ERR_MISSING and a sentence when
 * not. */
enum err multipath_check(uint64_t key, struct str *why) MUST_CHECK;
/* The same for the text of its configuration: for a test. */
bool multipath_keyed(const char *config, uint64_t key);

#endif
