/* SPDX-License-Identifier: GPL-2.0-or-later
 * doom: ends this incarnation of the machine at once, as a power cut would: nothing is synced,
 * nothing is stopped in order. In a container (a PID namespace of our own) the container is the
 * machine: all its processes are killed, the host lives on. */
#ifndef YOKE_DAEMON_DOOM_H
#define YOKE_DAEMON_DOOM_H

#include <stdbool.h>

/* why: English, for the console. off: power off instead of reset, where that can be had. */
_Noreturn void doom_reset(const char *why, bool off);

#endif
