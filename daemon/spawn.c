/* SPDX-License-Identifier: GPL-2.0-or-later
 * spawn: clone3 with CLONE_PIDFD and CLONE_INTO_CGROUP (Linux 5.7); where that is refused, fork and
 * a write to cgroup.procs. Between clone and exec the child only makes system calls. See spawn.h.
 */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/spawn.h"

/* Numbers that older headers lack; they are the same on every architecture. */
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
enum { SPAWN_PIDFD = 0x1000, SPAWN_FDS_MAX = 4096, SPAWN_PATH_LEN = 1024 };
#define SPAWN_INTO_CGROUP 0x200000000ull

struct clone3_args { /* clone_args of linux/sched.h, version 2 */
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    uint64_t set_tid, set_tid_size, cgroup;
};

int spawn_pidfd(pid_t pid)
{
    assert(pid > 0);
    return (int)syscall(SYS_pidfd_open, pid, 0); /* always close-on-exec */
}

uint64_t spawn_now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t spawn_ticks(void)
{
    struct timespec t;
    long hz = sysconf(_SC_CLK_TCK);

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * (uint64_t)hz + (uint64_t)t.tv_nsec / (1000000000ull / (uint64_t)hz);
}

bool spawn_stat(pid_t pid, struct spawn_stat *out)
{
    char path[32], line[512], *name, *end;
    unsigned long long start;
    ssize_t n;
    int fd, parent;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, line, sizeof(line) - 1);
    close(fd);
    if (n <= 0)
        return false;
    line[n] = '\0';
    name = strchr(line, '('); /* the name may hold blanks and parentheses: the last one ends it */
    end = strrchr(line, ')');
    if (!name || !end || end < name)
        return false;
    if (sscanf(end + 1,
               " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &out->state, &parent, &start) != 3)
        return false;
    *end = '\0';
    snprintf(out->name, sizeof(out->name), "%s", name + 1);
    out->pid = pid;
    out->parent = parent;
    out->start_ticks = start;
    return true;
}

/* ---- in the child ---- */

static void child_write_file(int dir, const char *path, const char *text)
{
    int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return;
    n = write(fd, text, strlen(text));
    (void)n;
    close(fd);
}

static void child_signals(void)
{
    struct sigaction dfl;
    sigset_t none;
    int sig;

    memset(&dfl, 0, sizeof(dfl));
    dfl.sa_handler = SIG_DFL;
    for (sig = 1; sig < NSIG; sig++)
        (void)sigaction(sig, &dfl,
                        NULL); /* KILL, STOP and libc's own are refused: as it should be */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* fd moved out of the way of 0-2, so that the three dup2 cannot tread on each other. */
static int child_fd(int fd, int null)
{
    int from = fd >= 0 ? fd : null;

    return from > 2 ? from : fcntl(from, F_DUPFD, 3);
}

static void child_fds(const struct spawn *s)
{
    int null = open("/dev/null", O_RDWR);
    int in = child_fd(s->in, null), out = child_fd(s->out, null), err = child_fd(s->err, null);
    int fd;

    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0)
        return;
    for (fd = 3; fd < SPAWN_FDS_MAX; fd++)
        close(fd);
}

/* Executes DIR/program for one DIR after the other; returns the errno that says most. The memory is
 * the child's own copy: the environment may be written to. */
static int child_exec(const struct spawn *s)
{
    size_t env_len = s->root_env ? strlen(s->root_env) : 0;
    const char *at = s->dirs, *end;
    char path[SPAWN_PATH_LEN];
    struct str text;

    for (; *at; at = *end ? end + 1 : end) {
        end = strchrnul(at, ':');
        if (end == at)
            continue;
        str_init(&text, path, sizeof(path));
        str_add_n(&text, at, (size_t)(end - at));
        str_add_char(&text, '/');
        str_add(&text, s->program);
        if (s->root_env) {
            struct str root;

            str_init(&root, s->root_env + env_len, s->root_env_size - env_len);
            str_add_n(&root, at, (size_t)(end - at));
        }
        if (text.cut)
            continue;
        execve(path, s->argv, s->envp);
        if (errno != ENOENT && errno != ENOTDIR)
            return errno;
    }
    return ENOENT;
}

static _Noreturn void child_main(const struct spawn *s, bool in_cgroup)
{
    struct sched_param zero = {0};

    setsid();
    if (!in_cgroup && s->cgroup >= 0)
        child_write_file(s->cgroup, "cgroup.procs", "0");
    if (sched_getscheduler(0) != SCHED_OTHER) /* also clears SCHED_RESET_ON_FORK */
        (void)sched_setscheduler(0, SCHED_OTHER, &zero);
    if (getpriority(PRIO_PROCESS, 0) < 0)
        (void)setpriority(PRIO_PROCESS, 0, 0);
    child_write_file(AT_FDCWD, "/proc/self/oom_score_adj", "0"); /* the daemon's own protection */
    umask(022);
    if (chdir("/") != 0) {
        s->note->exec_errno = errno;
        _exit(127);
    }
    child_fds(s);
    child_signals();
    /* Looked at here and not only in the parent: on a busy machine the child may run much later. */
    if (s->not_after_us && spawn_now_us() > s->not_after_us) {
        s->note->exec_errno = ETIME;
        _exit(127);
    }
    s->note->exec_errno = child_exec(s);
    _exit(127);
}

/* ---- in the parent ---- */

static pid_t clone_child(int cgroup, int *pidfd)
{
    struct clone3_args a;
    int fd = -1;
    pid_t pid;

    memset(&a, 0, sizeof(a));
    a.flags = SPAWN_PIDFD;
    a.pidfd = (uint64_t)(uintptr_t)&fd;
    a.exit_signal = SIGCHLD;
    if (cgroup >= 0) {
        a.flags |= SPAWN_INTO_CGROUP;
        a.cgroup = (uint64_t)cgroup;
    }
    pid = (pid_t)syscall(SYS_clone3, &a, sizeof(a));
    if (pid > 0)
        *pidfd = fd;
    return pid;
}

static bool clone_unfit(int err)
{
    /* No clone3, or not with these flags, or not into that cgroup: fork knows a way. */
    return err == ENOSYS || err == EINVAL || err == E2BIG || err == EPERM || err == EACCES ||
           err == EOPNOTSUPP || err == EBUSY || err == ENODEV;
}

pid_t spawn_run(const struct spawn *s, int *pidfd)
{
    sigset_t all, before;
    bool in_cgroup = true;
    pid_t pid;
    int err;

    assert(s->dirs && s->program && s->argv && s->envp && s->note);
    *pidfd = -1;
    s->note->exec_errno = 0;
    /* A handler of the daemon's must not run in the child: it shares pipes with it. */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = clone_child(s->cgroup, pidfd);
    if (pid < 0 && clone_unfit(errno)) {
        in_cgroup = false;
        pid = fork();
    }
    if (pid == 0)
        child_main(s, in_cgroup);
    err = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        return -err;
    s->note->pid = pid;
    if (*pidfd < 0)
        *pidfd = spawn_pidfd(pid);
    return pid;
}
