/* SPDX-License-Identifier: GPL-2.0-or-later
 * privilege: what lets the daemon run in time on a busy machine: memory locked as it is touched,
 * real-time priority, protection from the out-of-memory killer. Each that is not permitted is told
 * once and done without. */
#ifndef YOKE_DAEMON_PRIVILEGE_H
#define YOKE_DAEMON_PRIVILEGE_H

#include "daemon/journal.h"
#include "lib/conf/conf.h"

/* Called once, when all large memory has been taken but not yet touched. */
void privilege_raise(const struct conf *c, struct journal *j);

#endif
