/* SPDX-License-Identifier: GPL-2.0-or-later
 * rundir: run_dir/lock (flock, our pid) and run_dir/boot ("KEY BOOT LIFE").
 *
 * KEY tells one run of the machine from another, should run_dir not be memory: the kernel's boot_id
 * and when process 1 began (a container has its own). The boot id itself is drawn at random,
 * because containers share the kernel's. A damaged boot file is refused: taking it for a new boot
 * would let the other node believe that this one had stopped all its services. */
#include "daemon/rundir.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/journal.h"

enum { PATH_LEN = 320, KEY_LEN = 96, LIFE_MAX = 65535 };

static enum err fault(struct str *why, const char *what, const char *path)
{
    int code = errno;
    str_addf(why, _("cannot %s %s: %s"), what, path, strerror(code));
    return code == ENOSPC || code == EDQUOT ? ERR_FULL : ERR_IO;
}

/* First line of a file without its end, "" when there is none. */
static void first_line(const char *path, char *to, size_t size)
{
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, to, size - 1);
        close(fd);
    }
    to[n > 0 ? n : 0] = '\0';
    to[strcspn(to, "\n")] = '\0';
}

static void run_key(char *key, size_t size)
{
    char boot_id[48], stat[512];
    unsigned long long start = 0;
    struct str s;
    first_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
    first_line("/proc/1/stat", stat, sizeof stat);
    const char *p = strrchr(stat, ')'); /* the name may hold anything */
    if (p)
        (void)sscanf(p + 1,
                     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
                     "%*d %*d %llu",
                     &start);
    str_init(&s, key, size);
    str_addf(&s, "%s/%llu", *boot_id ? boot_id : "-", start);
}

/* The group by the local file alone: a name service on the network could make the start wait. */
static gid_t group_find(const char *name)
{
    gid_t id = (gid_t)-1;
    FILE *f = fopen("/etc/group", "re");
    struct group *g;
    if (!f)
        return id;
    while (id == (gid_t)-1 && (g = fgetgrent(f)) != NULL)
        if (strcmp(g->gr_name, name) == 0)
            id = g->gr_gid;
    fclose(f);
    return id;
}

static enum err lock_take(const char *dir, struct rundir *r, struct str *why)
{
    char path[PATH_LEN], pid[32];
    snprintf(path, sizeof path, "%s/lock", dir);
    r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (r->lock < 0)
        return fault(why, _("open"), path);
    if (flock(r->lock, LOCK_EX | LOCK_NB) != 0) {
        int code = errno;
        first_line(path, pid, sizeof pid);
        close(r->lock);
        r->lock = -1;
        errno = code;
        if (code != EWOULDBLOCK)
            return fault(why, _("lock"), path);
        str_addf(why,
                 _("another yoked (process %s) runs with %s: stop that one first, or give this "
                   "one a run-dir of its own in yoke.conf"),
                 *pid ? pid : "?", dir);
        return ERR_EXISTS;
    }
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(r->lock, 0) != 0 || pwrite(r->lock, pid, (size_t)len, 0) != len)
        return fault(why, _("write"), path);
    return ERR_OK;
}

static enum err boot_read(const char *path, const char *key, struct rundir *r, struct str *why)
{
    char line[256], kept_key[KEY_LEN];
    unsigned life;
    int end = 0;
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? ERR_OK : fault(why, _("read"), path);
    first_line(path, line, sizeof line);
    if (sscanf(line, "%95s %16" SCNx64 " %u%n", kept_key, &r->boot, &life, &end) != 3 ||
        line[end] != '\0' || r->boot == 0 || life == 0 || life > LIFE_MAX) {
        str_addf(why,
                 _("%s is damaged, so this boot's id is not known: reboot this machine; if "
                   "nothing of the cluster runs here, deleting the file does as well"),
                 path);
        return ERR_SYNTAX;
    }
    if (strcmp(key, kept_key) != 0) {
        r->boot = 0; /* of an earlier run of the machine */
    } else if (life == LIFE_MAX) {
        str_addf(why, _("yoked was started %d times since this machine was booted: reboot it"),
                 LIFE_MAX);
        return ERR_FULL;
    } else {
        r->life = (uint16_t)(life + 1);
    }
    return ERR_OK;
}

static enum err boot_write(const char *path, const char *key, const struct rundir *r,
                           struct str *why)
{
    char line[256], temp[PATH_LEN + 8];
    snprintf(temp, sizeof temp, "%s.new", path);
    int len = snprintf(line, sizeof line, "%s %016" PRIx64 " %u\n", key, r->boot, r->life);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return fault(why, _("create"), temp);
    bool ok = write(fd, line, (size_t)len) == len;
    if (close(fd) != 0 || !ok)
        return fault(why, _("write"), temp);
    return rename(temp, path) == 0 ? ERR_OK : fault(why, _("create"), path);
}

enum err rundir_open(const char *dir, const char *group, struct rundir *r, struct str *why)
{
    char path[PATH_LEN], key[KEY_LEN];
    *r = (struct rundir){.lock = -1};
    if (mkdir(dir, 0750) == 0) {
        if (chown(dir, (uid_t)-1, group_find(group)) != 0)
            return fault(why, _("give to its group"), dir);
    } else if (errno != EEXIST) {
        return fault(why, _("create"), dir);
    }
    enum err err = lock_take(dir, r, why);
    if (err)
        return err;
    snprintf(path, sizeof path, "%s/boot", dir);
    run_key(key, sizeof key);
    err = boot_read(path, key, r, why);
    if (!err && r->boot == 0) {
        r->life = 1;
        while (r->boot == 0)
            if (getrandom(&r->boot, sizeof r->boot, 0) != (ssize_t)sizeof r->boot)
                r->boot = 0;
    }
    if (!err)
        err = boot_write(path, key, r, why);
    if (err)
        rundir_close(r);
    assert(err || (r->boot && r->life));
    return err;
}

void rundir_close(struct rundir *r)
{
    if (r->lock >= 0)
        close(r->lock);
    r->lock = -1;
}
