/* SPDX-License-Identifier: GPL-2.0-or-later
 * program: runs a small program from a worker thread and takes what it prints. Waits for it, with a
 * limit: never from the main thread.
 *
 * Happy path: program_run gives its exit code. Fails with a negative errno: ETIMEDOUT (it was
 * killed), what exec said, ENOMEM. */
#ifndef YOKE_DAEMON_PROGRAM_H
#define YOKE_DAEMON_PROGRAM_H

#include "lib/base/str.h"

#define PROGRAM_DIRS "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin"

/* dirs: where argv[0] is looked for, colon separated. envp: NULL for PATH and LC_ALL=C only. out
 * gets standard output, cut when it is full. */
int program_run(const char *dirs, char *const argv[], char *const envp[], unsigned limit_ms,
                struct str *out) MUST_CHECK;

#endif
