/* SPDX-License-Identifier: GPL-2.0-or-later
 * witness: stands in for every OCF agent of the lab: writes into one file of the host when a start
 * or a stop begins and ends, and runs the real agent. The file proves afterwards that nothing ran
 * twice.
 *
 * It is LAB/fence/NAME too, for the fence agent LAB/fence.real/NAME (its action is told as
 * "fence"). It is LAB/ocf/resource.d/PROVIDER/TYPE; LAB/roots lists the OCF roots where the real
 * ones are, one a line; LAB/witness.log gets "NS NODE RESOURCE ACTION begin|end RC"
 * (CLOCK_MONOTONIC). Happy path: exits as the agent does. Fails: 5 (not installed) when there is no
 * such agent. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_MAX_LEN = 1024 };

static void note(const char *lab, const char *id, const char *action, const char *what, int rc)
{
    char path[PATH_MAX_LEN + 16], line[512], host[65] = "?";
    struct timespec t;
    int fd, n;

    clock_gettime(CLOCK_MONOTONIC, &t);
    gethostname(host, sizeof(host) - 1);
    n = snprintf(line, sizeof(line), "%lld %s %s %s %s %d\n",
                 (long long)t.tv_sec * 1000000000LL + t.tv_nsec, host, id, action, what, rc);
    snprintf(path, sizeof(path), "%s/witness.log", lab);
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, line, (size_t)n) != n) {
        /* Without the proof the test is worth nothing: fail loudly. */
        fprintf(stderr, "ocf-exit-reason: witness: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    close(fd);
}

/* Finds the real agent; puts its root into OCF_ROOT, for agents that look for more of it there. */
static int agent_find(const char *lab, const char *tail, char *agent, size_t size)
{
    char path[PATH_MAX_LEN + 16], root[PATH_MAX_LEN];
    FILE *f;
    int found = 0;

    snprintf(path, sizeof(path), "%s/roots", lab);
    f = fopen(path, "r");
    while (f && !found && fgets(root, sizeof(root), f)) {
        root[strcspn(root, "\n")] = '\0';
        snprintf(agent, size, "%s%s", root, tail);
        found = access(agent, X_OK) == 0;
    }
    if (f)
        fclose(f);
    if (found)
        setenv("OCF_ROOT", root, 1);
    return found;
}

static int agent_run(char *agent, char **argv)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return 1;
    if (pid == 0) {
        argv[0] = agent;
        execv(agent, argv);
        _exit(5);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs the agent between two notes. */
static int seen_run(const char *lab, const char *id, const char *word, char *agent, char **argv)
{
    note(lab, id ? id : "?", word, "begin", 0);
    int rc = agent_run(agent, argv);
    note(lab, id ? id : "?", word, "end", rc);
    return rc;
}

int main(int argc, char **argv)
{
    char lab[PATH_MAX_LEN], agent[2 * PATH_MAX_LEN], *at, *tail;
    char *self = (char *)getauxval(AT_EXECFN); /* argv[0] may be anything */
    const char *action = argc > 1 ? argv[1] : "";

    at = strstr(self, "/fence/");
    if (at && (size_t)(at - self) < sizeof(lab)) {
        snprintf(lab, sizeof(lab), "%.*s", (int)(at - self), self);
        snprintf(agent, sizeof(agent), "%s/fence.real/%s", lab, at + strlen("/fence/"));
        return seen_run(lab, at + strlen("/fence/"), "fence", agent, argv);
    }
    at = strstr(self, "/ocf/resource.d/");
    if (!at || (size_t)(at - self) >= sizeof(lab))
        return 5;
    snprintf(lab, sizeof(lab), "%.*s", (int)(at - self), self);
    tail = at + strlen("/ocf");
    if (!agent_find(lab, tail, agent, sizeof(agent))) {
        fprintf(stderr, "ocf-exit-reason: %s is not installed\n", tail);
        return 5;
    }
    if (strcmp(action, "start") == 0 || strcmp(action, "stop") == 0)
        return seen_run(lab, getenv("OCF_RESOURCE_INSTANCE"), action, agent, argv);
    argv[0] = agent;
    execv(agent, argv);
    return 5;
}
