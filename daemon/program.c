/* SPDX-License-Identifier: GPL-2.0-or-later
 * program: see program.h. */
#include "config.h"

#include "daemon/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "daemon/spawn.h"

enum { READ_BYTES = 4096, LOOK_MS = 20 };

static char *const plain_env[] = {"PATH=" PROGRAM_DIRS, "LC_ALL=C", NULL};

/* Reads what is there; false: the other end is closed. */
static bool output_take(int fd, struct str *out)
{
    char text[READ_BYTES];
    ssize_t n = read(fd, text, sizeof text);
    if (n > 0)
        str_add_n(out, text, (size_t)n);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until the process has ended: 0, or -ETIMEDOUT. A grandchild that keeps standard output open is
 * not waited for. */
static int end_wait(pid_t pid, int fd, unsigned limit_ms, struct str *out, int *status)
{
    uint64_t until_us = spawn_now_us() + (uint64_t)limit_ms * 1000;
    bool open = true;
    for (;;) {
        struct pollfd p = {.fd = open ? fd : -1, .events = POLLIN};
        (void)poll(&p, 1, LOOK_MS);
        pid_t ended = waitpid(pid, status, WNOHANG);
        while (open && p.revents && (open = output_take(fd, out))) {
            p.revents = 0;
            (void)poll(&p, 1, 0);
        }
        if (ended == pid)
            return 0;
        if (ended < 0 && errno != EINTR)
            return -errno;
        if (spawn_now_us() > until_us)
            return -ETIMEDOUT;
    }
}

static int run(struct spawn *s, int fd, unsigned limit_ms, struct str *out)
{
    int pidfd, status = 0;
    pid_t pid = spawn_run(s, &pidfd);
    close(s->out);
    if (pid < 0)
        return (int)pid;
    int rc = end_wait(pid, fd, limit_ms, out, &status);
    if (rc == -ETIMEDOUT) {
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL); /* before it made a session of its own */
        for (unsigned i = 0; i < 10 && waitpid(pid, &status, WNOHANG) == 0; i++)
            (void)poll(NULL, 0, LOOK_MS); /* one that hangs in the kernel is left to it */
    }
    if (pidfd >= 0)
        close(pidfd);
    if (rc == 0 && s->note->exec_errno)
        return -s->note->exec_errno;
    return rc ? rc : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int program_run(const char *dirs, char *const argv[], char *const envp[], unsigned limit_ms,
                struct str *out)
{
    int pipe_fd[2];
    struct spawn_note *note =
        mmap(NULL, sizeof *note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (note == MAP_FAILED)
        return -ENOMEM;
    if (pipe2(pipe_fd, O_CLOEXEC) != 0) {
        munmap(note, sizeof *note);
        return -errno;
    }
    (void)fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK);
    struct spawn s = {.dirs = dirs,
                      .program = argv[0],
                      .argv = argv,
                      .envp = envp ? envp : plain_env,
                      .in = -1,
                      .out = pipe_fd[1],
                      .err = -1,
                      .cgroup = -1,
                      .note = note};
    int rc = run(&s, pipe_fd[0], limit_ms, out);
    close(pipe_fd[0]);
    munmap(note, sizeof *note);
    return rc;
}
