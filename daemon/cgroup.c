/* SPDX-License-Identifier: GPL-2.0-or-later
 * cgroup: see cgroup.h. */
#include "config.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/cgroup.h"

#define _(text) gettext(text)

enum { CGROUP_PATH_LEN = 512 };
#define CGROUP_TOP "yoke.services"

struct cgroups {
    int dir;
    char path[CGROUP_PATH_LEN];
};

/* Where a cgroup v2 is mounted: the first line of mountinfo with that file system. */
static bool mount_find(char *path, size_t size)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    char line[1024];
    bool found = false;

    if (!f)
        return false;
    while (!found && fgets(line, sizeof(line), f)) {
        char *type = strstr(line, " - "), at[CGROUP_PATH_LEN];

        if (!type || !str_starts(type + 3, "cgroup2 "))
            continue;
        if (sscanf(line, "%*s %*s %*s %*s %511s", at) == 1)
            found = str_copy(path, size, at);
    }
    fclose(f);
    return found;
}

static bool mount_make(const char *run_dir, char *path, size_t size)
{
    snprintf(path, size, "%s/cgroup", run_dir);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return false;
    return mount("cgroup2", path, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

/* The daemon's own cgroup v2 below the mount, "" when it is not told or is the root. */
static void own_find(char *own, size_t size)
{
    FILE *f = fopen("/proc/self/cgroup", "re");
    char line[CGROUP_PATH_LEN];

    own[0] = '\0';
    if (!f)
        return;
    while (fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\n")] = '\0';
        if (str_starts(line, "0::/") && line[4] != '\0')
            str_copy(own, size, line + 3);
    }
    fclose(f);
}

static int dir_open(int at, const char *name, bool make)
{
    if (make && mkdirat(at, name, 0755) != 0 && errno != EEXIST)
        return -1;
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* TOP/yoke.services/NAME, made and proven to take processes; -1 with errno. */
static int base_open(const char *top, const char *name)
{
    int at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC), next, fd;

    if (at < 0)
        return -1;
    next = dir_open(at, CGROUP_TOP, true);
    close(at);
    if (next < 0)
        return -1;
    at = dir_open(next, name, true);
    close(next);
    if (at < 0)
        return -1;
    fd = openat(at, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        close(at);
        return -1;
    }
    close(fd);
    return at;
}

/* Resources of earlier configurations: a cgroup with processes refuses to go, which is right. */
static void empty_remove(int dir)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *e;

    if (!d) {
        if (copy >= 0)
            close(copy);
        return;
    }
    while ((e = readdir(d)))
        if (e->d_type == DT_DIR && e->d_name[0] != '.')
            (void)unlinkat(dir, e->d_name, AT_REMOVEDIR);
    closedir(d);
}

struct cgroups *cgroups_new(const char *cluster, const char *node, const char *run_dir,
                            struct str *why)
{
    struct cgroups *g = calloc(1, sizeof(*g));
    char top[CGROUP_PATH_LEN / 4], own[CGROUP_PATH_LEN / 4], name[CGROUP_PATH_LEN / 4];
    char below[CGROUP_PATH_LEN / 2];

    if (!g)
        return NULL;
    if (!mount_find(top, sizeof(top)) && !mount_make(run_dir, top, sizeof(top))) {
        str_addf(why, _("no cgroup v2 is mounted, and none can be: %s"), strerror(errno));
        free(g);
        return NULL;
    }
    snprintf(name, sizeof(name), "%.60s.%.60s", cluster, node);
    snprintf(g->path, sizeof(g->path), "%s/" CGROUP_TOP "/%s", top, name);
    g->dir = base_open(top, name);
    own_find(own, sizeof(own));
    if (g->dir < 0 && own[0]) {
        snprintf(below, sizeof(below), "%s%s", top, own);
        snprintf(g->path, sizeof(g->path), "%s/" CGROUP_TOP "/%s", below, name);
        g->dir = base_open(below, name);
    }
    if (g->dir < 0) {
        str_addf(why, _("cannot make %s: %s"), g->path, strerror(errno));
        free(g);
        return NULL;
    }
    empty_remove(g->dir);
    return g;
}

void cgroups_free(struct cgroups *g)
{
    if (!g)
        return;
    close(g->dir);
    free(g);
}

const char *cgroups_path(const struct cgroups *g)
{
    return g->path;
}

int cgroups_open(struct cgroups *g, const char *rsc)
{
    assert(g && rsc);
    if (!rsc[0] || rsc[0] == '.' || strchr(rsc, '/')) {
        errno = EINVAL;
        return -1;
    }
    return dir_open(g->dir, rsc, true);
}

size_t cgroup_pids(int dir, pid_t *to, size_t room)
{
    int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    char part[4096];
    size_t n = 0;
    pid_t pid = 0;
    ssize_t len = -1, i;

    if (fd < 0)
        return 0;
    while (n < room && (len = read(fd, part, sizeof(part))) > 0)
        for (i = 0; i < len && n < room; i++) {
            if (part[i] >= '0' && part[i] <= '9') {
                pid = pid * 10 + (part[i] - '0');
                continue;
            }
            if (pid > 0)
                to[n++] = pid;
            pid = 0;
        }
    close(fd);
    return n;
}

/* What mounting or activating starts once for the whole machine, in the cgroup of whoever came
 * first. */
static bool serves_others(pid_t pid)
{
    static const char *const names[] = {"rpc.statd",  "rpcbind",  "rpc.gssd",
                                        "lvmpolld",   "dmeventd", "multipathd",
                                        "mount.ntfs", "udevadm",  "dbus-daemon"};
    char path[64], name[32] = "";
    snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, name, sizeof(name) - 1) : 0;
    if (fd >= 0)
        close(fd);
    name[n > 0 ? n : 0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* One by one, not by cgroup.kill: where the kernel remembers that (seen with Linux 6.18), whatever
 * is started in the cgroup afterwards, by CLONE_INTO_CGROUP, is killed as well. */
pid_t cgroup_kill(int dir)
{
    pid_t pid[256], left = 0;
    size_t n = cgroup_pids(dir, pid, ARRAY_LEN(pid));

    for (size_t i = 0; i < n; i++) {
        if (serves_others(pid[i]))
            continue;
        (void)kill(pid[i], SIGKILL);
        left = pid[i];
    }
    return left;
}

int cgroup_events_open(int dir)
{
    return openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
}

bool cgroup_events_populated(int events_fd)
{
    char text[256];
    ssize_t n = pread(events_fd, text, sizeof(text) - 1, 0);

    if (n <= 0)
        return false; /* the cgroup itself is gone */
    text[n] = '\0';
    return strstr(text, "populated 1") != NULL;
}
