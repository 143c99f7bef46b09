/* SPDX-License-Identifier: GPL-2.0-or-later
 * child: a program run by the daemon, from start to end: time-out, standard error, exit.
 *
 * Happy path: child_start; when the program's process ends, the pidfd wakes the main loop and the
 * end function is called once with the exit code and the last words on standard error.
 * Fails: child_start returns minus an errno when no process could be made; everything later is told
 * by the end function: not executed (exec_errno), timed out, killed, or stuck (killed, but the
 * kernel cannot end it: state D). Children left holding standard error delay nothing; what they
 * write is read and dropped, so that a service is not killed by SIGPIPE.
 *
 * What runs is noted in RUN_DIR/running (memory of a tmpfs), so that the next life of the daemon
 * can end what this one left: child_pool_new kills those process groups before it returns. */
#ifndef YOKE_DAEMON_CHILD_H
#define YOKE_DAEMON_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <qb/qbloop.h>
#include "lib/base/err.h"

enum { CHILD_MAX = 128, CHILD_LINE_LEN = 512 };

struct child_pool;
struct child;

struct child_spec {
    const char *dirs, *program; /* executed is DIR/program, of the first DIR that has it */
    char *const *argv, *const *envp;
    char *root_env; /* gets the DIR appended in the child, see spawn.h; NULL: none */
    size_t root_env_size;
    const char *input; /* becomes standard input, NULL: /dev/null */
    size_t input_len;
    int cgroup; /* directory of the cgroup to be born in, -1: none */
    uint32_t timeout_ms;
    uint64_t not_after_us; /* CLOCK_MONOTONIC_RAW, 0: none; past it: exec_errno ETIME */
};

struct child_end {
    int exit_code; /* meaningless when one of the following is set */
    int signal;    /* that ended it, 0: none */
    int exec_errno;
    bool timed_out, killed, stuck;
    uint32_t ran_ms;
    const char *reason;    /* after OCF_EXIT_REASON_PREFIX in the last such line, "" if none */
    const char *last_line; /* of standard error that is not blank, "" if none */
};
typedef void child_end_fn(void *context, const struct child_end *end);

#define CHILD_REASON_PREFIX "ocf-exit-reason:"

enum child_way { CHILD_BY_PIDFD, CHILD_BY_SIGNALFD }; /* the second: kernels before 5.3 */

/* NULL with errno set when the loop or RUN_DIR/running cannot be used. */
struct child_pool *child_pool_new(qb_loop_t *loop, const char *run_dir, enum child_way way);
/* Kills and reaps what still runs; no end function is called. */
void child_pool_free(struct child_pool *pool);
/* How many process groups of an earlier life were killed by child_pool_new. */
unsigned child_pool_killed(const struct child_pool *pool);
enum child_way child_way_best(void);

/* 0 or minus an errno. EAGAIN: CHILD_MAX run already. The end function is never called from here.
 */
int child_start(struct child_pool *pool, const struct child_spec *spec, child_end_fn *fn,
                void *context, struct child **out) MUST_CHECK;
/* Kills its process group and descendants; the end function still comes. */
void child_kill(struct child *c);
pid_t child_pid(const struct child *c);

#endif
