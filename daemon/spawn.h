/* SPDX-License-Identifier: GPL-2.0-or-later
 * spawn: makes a process out of a program, fit to run outside a locked real-time daemon.
 *
 * Happy path: spawn_run returns the pid and a pidfd; the child becomes leader of a session of its
 * own, is born inside the wanted cgroup and executes the program with default signals, ordinary
 * scheduling, umask 022, directory / and no descriptor but 0, 1 and 2.
 * Fails with an errno when no process could be made. That the program could not be executed shows
 * later: the child ends and note->exec_errno says why. So the daemon never waits for the disk on
 * which a program lies; vfork and posix_spawn would make it wait. Copying the page tables of a
 * daemon of 16 MB costs 0.1 ms, and copying what it then writes to 3 us a page. */
#ifndef YOKE_DAEMON_SPAWN_H
#define YOKE_DAEMON_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/err.h"

/* Lies in memory shared by parent and child (MAP_SHARED). */
struct spawn_note {
    int32_t pid;        /* 0: unused */
    int32_t exec_errno; /* why the program could not be executed, 0: it was */
    uint64_t
        start_ticks; /* start of the process, as in /proc/PID/stat: tells it from a later one */
};

struct spawn {
    /* DIR/program is executed from the first DIR that has it; dirs is colon separated. The child
     * looks for it, not the daemon, for the same reason as above. */
    const char *dirs, *program;
    char *const *argv, *const *envp;
    /* One of envp's texts, "NAME=" with room for a path: the child appends the DIR; NULL: none. */
    char *root_env;
    size_t root_env_size;
    int in, out, err;        /* become 0, 1, 2; -1: /dev/null */
    int cgroup;              /* directory of a cgroup v2, -1: the daemon's own */
    uint64_t not_after_us;   /* CLOCK_MONOTONIC_RAW; past it the child gives up: ETIME. 0: none */
    struct spawn_note *note; /* pid and exec_errno are filled */
};

/* The pid, or minus an errno. *pidfd is -1 on kernels before 5.3; the caller closes it. */
pid_t spawn_run(const struct spawn *s, int *pidfd) MUST_CHECK;
/* A pidfd of any process, or -1 (gone, or a kernel without them). */
int spawn_pidfd(pid_t pid) MUST_CHECK;
/* One line of /proc/PID/stat; false when there is no such process. */
struct spawn_stat {
    pid_t pid, parent;
    char state;
    uint64_t start_ticks;
    char name[16];
};
bool spawn_stat(pid_t pid, struct spawn_stat *out) MUST_CHECK;
uint64_t spawn_now_us(void); /* CLOCK_MONOTONIC_RAW, the clock of not_after_us */
/* Now, in the unit of start_ticks. */
uint64_t spawn_ticks(void);

#endif
