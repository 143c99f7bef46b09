/* SPDX-License-Identifier: GPL-2.0-or-later
 * runout: see runout.h. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/runout.h"

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static pid_t begin(char *const *argv, char *const *envp, bool errors, int *out)
{
    int end[2];
    if (pipe2(end, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        setpgid(0, 0);
        signal(SIGPIPE, SIG_DFL);
        if (null >= 0 && dup2(null, 0) >= 0 && dup2(end[1], 1) >= 0 &&
            dup2(errors ? end[1] : null, 2) >= 0)
            execve(argv[0], argv, envp);
        _exit(127);
    }
    if (pid > 0)
        setpgid(pid, pid); /* whoever is first: parent or child */
    close(end[1]);
    if (pid < 0)
        close(end[0]);
    else
        *out = end[0];
    return pid;
}

/* Reads to the end of file; false: why tells. */
static bool take(int fd, char *at, size_t max, size_t *len, int limit_ms, const char *name,
                 struct str *why)
{
    long long until = now_ms() + limit_ms;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (;;) {
        long long left = until - now_ms();
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            str_addf(why, _("%s did not answer within %d s"), name, limit_ms / 1000);
            return false;
        }
        ssize_t got = read(fd, at + *len, max - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        *len += (size_t)got;
        if (*len == max) {
            str_addf(why, _("%s writes more than %zu bytes"), name, max);
            return false;
        }
    }
}

/* Runs it to its end; NULL: why tells. */
static char *run(char *const *argv, char *const *envp, int limit_ms, size_t max, bool errors,
                 size_t *len, int *status, struct str *why)
{
    int fd = -1;
    assert(argv && argv[0] && why);
    *len = 0;
    char *at = need(malloc(max + 1));
    pid_t pid = begin(argv, envp, errors, &fd);
    if (pid < 0) {
        str_addf(why, "%s: %s", argv[0], strerror(errno));
        free(at);
        return NULL;
    }
    bool good = take(fd, at, max, len, limit_ms, argv[0], why);
    close(fd);
    if (!good || !errors)
        kill(-pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    kill(-pid, SIGKILL); /* what it may have left behind */
    if (!good) {
        free(at);
        return NULL;
    }
    at[*len] = '\0';
    return at;
}

char *runout(char *const *argv, char *const *envp, int limit_ms, size_t max, size_t *len,
             struct str *why)
{
    int status = 0;
    char *at = run(argv, envp, limit_ms, max, false, len, &status, why);
    if (!at || *len > 0)
        return at;
    str_addf(why, _("%s gives no meta-data"), argv[0]);
    free(at);
    return NULL;
}

char *runout_all(char *const *argv, char *const *envp, int limit_ms, size_t max, int *code,
                 struct str *why)
{
    int status = 0;
    size_t len;
    char *at = run(argv, envp, limit_ms, max, true, &len, &status, why);
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return at;
}
