/* SPDX-License-Identifier: GPL-2.0-or-later
 * footprint: see footprint.h. The file: pid, start of that process in ticks, path of the cgroup. */
#include "config.h"
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/footprint.h"
#include "daemon/spawn.h"

static bool file_path(char *to, size_t size, const char *dir, const char *id)
{
    struct str s;

    if (!dir || !*dir || !id || !*id || strchr(id, '/'))
        return false;
    str_init(&s, to, size);
    str_addf(&s, "%s/unit/%s", dir, id);
    return !s.cut;
}

static uint64_t start_of(pid_t pid)
{
    struct spawn_stat st;

    return pid > 0 && spawn_stat(pid, &st) && st.state != 'Z' ? st.start_ticks : 0;
}

/* Where systemd counts processes in another pid namespace than ours, its numbers mean nothing. */
static bool is_in_cgroup(pid_t pid, const char *cgroup)
{
    char path[64], text[4096];
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
    f = fopen(path, "re");
    if (!f)
        return false;
    n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    return strstr(text, cgroup) != NULL;
}

void footprint_keep(const char *dir, const char *id, const struct footprint *f)
{
    char path[512], next[520], text[FOOTPRINT_CGROUP_LEN + 64], old[sizeof(text)] = "";
    pid_t main = f->main > 1 && is_in_cgroup(f->main, f->cgroup) ? f->main : 0;
    int n, fd;

    if (!file_path(path, sizeof(path) - 16, dir, id))
        return;
    n = snprintf(text, sizeof(text), "%d %" PRIu64 " %s\n", (int)main, start_of(main), f->cgroup);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        ssize_t got = read(fd, old, sizeof(old) - 1);

        close(fd);
        if (got == n && str_eq(old, text))
            return;
    } else {
        snprintf(next, sizeof(next), "%s/unit", dir);
        (void)mkdir(next, 0755);
    }
    snprintf(next, sizeof(next), "%s.new", path);
    fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return;
    bool whole = write(fd, text, (size_t)n) == n;
    close(fd);
    if (!whole || rename(next, path) != 0)
        (void)unlink(next);
}

void footprint_forget(const char *dir, const char *id)
{
    char path[512];

    if (file_path(path, sizeof(path), dir, id))
        (void)unlink(path);
}

/* Where systemd may have its tree: v2 alone, v2 beside v1, v1. */
static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
                                    "/sys/fs/cgroup/systemd"};

enum { DEPTH_MAX = 5 }; /* of cgroups that the service made below its own */

/* How many processes are in that cgroup and below; each gets the signal, 0: none. */
static unsigned tree_count(const char *path, int number, unsigned depth)
{
    char below[PATH_MAX];
    const struct dirent *e;
    unsigned n = 0;
    FILE *f;
    DIR *d;
    int pid;

    snprintf(below, sizeof(below), "%s/cgroup.procs", path);
    f = fopen(below, "re");
    while (f && fscanf(f, "%d", &pid) == 1)
        if (pid > 1 && (!number || kill(pid, number) == 0))
            n++;
    if (f)
        fclose(f);
    d = depth < DEPTH_MAX ? opendir(path) : NULL;
    while (d && (e = readdir(d)) != NULL)
        if (e->d_type == DT_DIR && e->d_name[0] != '.' &&
            snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < (int)sizeof(below))
            n += tree_count(below, number, depth + 1);
    if (d)
        closedir(d);
    return n;
}

static unsigned cgroup_count(const char *cgroup, int number)
{
    char path[FOOTPRINT_CGROUP_LEN + 64];
    unsigned n = 0;
    size_t i;

    for (i = 0; i < ARRAY_LEN(roots) && !n; i++) {
        snprintf(path, sizeof(path), "%s%s", roots[i], cgroup);
        n = tree_count(path, number, 0);
    }
    return n;
}

static bool file_read(const char *dir, const char *id, struct footprint *f, uint64_t *start)
{
    char path[512];
    FILE *file;
    int pid = 0, n;

    *f = (struct footprint){.main = 0};
    if (!file_path(path, sizeof(path), dir, id))
        return false;
    file = fopen(path, "re");
    if (!file)
        return false;
    n = fscanf(file, "%d %" SCNu64 " %1023s", &pid, start, f->cgroup);
    fclose(file);
    f->main = pid;
    /* Not the root: that would be everybody. */
    return n == 3 && f->cgroup[0] == '/' && f->cgroup[1] && !strstr(f->cgroup, "..");
}

pid_t footprint_main(const char *dir, const char *id)
{
    struct footprint f;
    uint64_t start;

    return file_read(dir, id, &f, &start) && f.main > 1 && start && start_of(f.main) == start
               ? f.main
               : 0;
}

bool footprint_alive(const char *dir, const char *id)
{
    struct footprint f;
    uint64_t start;

    if (!file_read(dir, id, &f, &start))
        return false;
    return f.main > 0 ? footprint_main(dir, id) > 0 : cgroup_count(f.cgroup, 0) > 0;
}

bool footprint_kill(const char *dir, const char *id)
{
    struct footprint f;
    uint64_t start;

    return file_read(dir, id, &f, &start) && cgroup_count(f.cgroup, SIGKILL) == 0;
}
