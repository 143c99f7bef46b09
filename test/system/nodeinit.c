/* SPDX-License-Identifier: GPL-2.0-or-later
 * nodeinit: process 1 of a node of the lab: a machine made of namespaces.
 *
 *   nodeinit NAME CGROUP_DIR FIRST_PID SCRIPT [ARG...]
 *
 * Happy path: joins the cgroup, makes network, PID, mount, UTS, IPC and cgroup namespaces, prints
 * "INIT pid" (as the lab sees it), waits for a line on standard input (by then the lab has given it
 * its network cards), runs SCRIPT, prints READY; then runs every line of its input by a shell, in
 * the background: so no process from outside is ever in the node. Killed, it takes the node with
 * it: the parent ends once every process of the node is dead. Fails: FAILED, or ends at once. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    fprintf(stderr, "nodeinit: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static int text_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), rc = -1;
    if (fd >= 0) {
        rc = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
        close(fd);
    }
    return rc;
}

static int script_run(char **argv)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid == 0) {
        signal(SIGTERM, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        execv(argv[0], argv);
        die(argv[0]);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs each line of the input in a session of its own; returns when the lab is gone. */
static void commands(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        pid_t pid = fork();
        if (pid != 0)
            continue;
        setsid();
        signal(SIGCHLD, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        execl("/bin/sh", "sh", "-c", line, NULL);
        _exit(127);
    }
}

/* Inside: what an init does. */
static void node(const char *name, const char *first_pid, char **argv)
{
    char line[16];

    setvbuf(stdin, NULL, _IONBF, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "init");
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0)
        die("mount");
    if (sethostname(name, strlen(name)) < 0)
        die("sethostname");
    /* Each boot begins its numbers elsewhere, as machines do after a while. */
    if (text_write("/proc/sys/kernel/ns_last_pid", first_pid) < 0)
        fprintf(stderr, "nodeinit: ns_last_pid: %s\n", strerror(errno));
    if (!fgets(line, sizeof(line), stdin))
        die("the lab went away");
    int rc = script_run(argv);
    dprintf(1, "%s\n", rc == 0 ? "READY" : "FAILED");
    signal(SIGCHLD, SIG_IGN); /* orphans are reaped by the kernel */
    commands();
}

int main(int argc, char **argv)
{
    char path[512], pid_text[16];
    int status;

    if (argc < 5)
        return 2;
    snprintf(path, sizeof(path), "%s/cgroup.procs", argv[2]);
    snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (strcmp(argv[2], "-") != 0 && text_write(path, "0") < 0)
        die(path);
    if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP |
                CLONE_NEWPID) < 0)
        die("unshare");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0)
        node(argv[1], argv[3], argv + 4);
    dprintf(1, "INIT %d\n", (int)pid);
    close(0);
    close(1);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return 0;
}
