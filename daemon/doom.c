/* SPDX-License-Identifier: GPL-2.0-or-later
 * doom: reset of this machine, by the shortest way.
 *
 * On a real machine: sysrq "b" restarts without a word to anybody; reboot(2) is the second try. To
 * switch off, everything is killed first, because power-off by the kernel takes a moment.
 * In a PID namespace of our own reboot(2) does not touch the machine: the kernel kills the
 * namespace's process 1, and with it all others (pid_namespaces(7)). Where that is not permitted,
 * everything that may be killed is. Our own death is the last thing, so that systemd's and the
 * hardware's watchdog find nobody who feeds them. */
#include "daemon/doom.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/str.h"

/* Inode of the first PID namespace: PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h. */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCu

/* Without /proc the answer is no; then reboot(2) below still does what is right in either place. */
static bool is_machine(void)
{
    struct stat st;
    return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == FIRST_PID_NAMESPACE;
}

static void write_to(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (write(fd, text, strlen(text)) < 0) {
        close(fd); /* there is no one left to tell */
        return;
    }
    close(fd);
}

_Noreturn void doom_reset(const char *why, bool off)
{
    char line[256];
    struct str s;
    bool machine = is_machine();
    str_init(&s, line, sizeof line);
    str_addf(&s, "<1>yoked: this node %s itself now: %s\n",
             off && machine ? "switches off" : "resets", why ? why : "");
    write_to("/dev/kmsg", line);
    if (machine && off) {
        kill(-1, SIGKILL);
        reboot(RB_POWER_OFF);
    }
    if (machine) {
        write_to("/proc/sys/kernel/sysrq", "1\n");
        write_to("/proc/sysrq-trigger", "b");
    }
    reboot(RB_AUTOBOOT);
    kill(-1, SIGKILL);
    kill(1, SIGKILL);
    kill(getpid(), SIGKILL);
    for (;;)
        _exit(1);
}
