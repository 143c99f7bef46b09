/* SPDX-License-Identifier: GPL-2.0-or-later
 * rundir: the run directory: one daemon at a time, and which incarnation this is.
 *
 * Happy path: rundir_open takes the lock, draws a boot id at the first start after a boot and
 * counts the daemon's starts. Fails with one sentence in why. */
#ifndef YOKE_DAEMON_RUNDIR_H
#define YOKE_DAEMON_RUNDIR_H

#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/str.h"

struct rundir {
    int lock;      /* descriptor that holds the lock; closed on exec of ourselves */
    uint64_t boot; /* never 0 */
    uint16_t life; /* from 1 */
};

/* ERR_EXISTS: another daemon has it; ERR_IO, ERR_SYNTAX, ERR_FULL: see why. */
enum err rundir_open(const char *dir, const char *group, struct rundir *r,
                     struct str *why) MUST_CHECK;
void rundir_close(struct rundir *r);

#endif
