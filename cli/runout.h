/* SPDX-License-Identifier: GPL-2.0-or-later
 * runout: runs a program and takes what it writes to standard output, within limits of time and
 * size. The program has a process group of its own, which is killed at the end. */
#ifndef YOKE_CLI_RUNOUT_H
#define YOKE_CLI_RUNOUT_H

#include <stddef.h>
#include "lib/base/str.h"

/* Malloced and ended by NUL; NULL with one sentence in why: not to be executed, too slow, too much,
 * or nothing at all. The exit code does not matter. */
char *runout(char *const *argv, char *const *envp, int limit_ms, size_t max, size_t *len,
             struct str *why);
/* The same with what it writes to standard error, which may be nothing, and its exit code (-1: it
 * was killed). It must close both, or end, within the limit. */
char *runout_all(char *const *argv, char *const *envp, int limit_ms, size_t max, int *code,
                 struct str *why);

#endif
