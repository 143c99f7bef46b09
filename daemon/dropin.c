/* SPDX-License-Identifier: GPL-2.0-or-later
 * dropin: see dropin.h. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/dropin.h"

#define DROPIN_ROOT "/run/systemd/system"
#define DROPIN_LOCK DROPIN_ROOT "/.yoke-reload"

static const char for_any[] =
    "# Written by yoke, which starts and stops this unit in its order; gone at the next boot.\n"
    "# Without yoke: delete this file, then systemctl daemon-reload.\n"
    "[Unit]\nBefore=" DROPIN_OURS "\n";
static const char for_service[] = "[Service]\nRestart=no\n";

static bool is_service(const struct systemd *s)
{
    const char *type = strrchr(s->unit, '.');

    return type && str_eq(type, ".service");
}

static bool file_is(const char *path, const char *text)
{
    char now[sizeof(for_any) + sizeof(for_service)];
    FILE *f = fopen(path, "re");
    size_t n;

    if (!f)
        return false;
    n = fread(now, 1, sizeof(now) - 1, f);
    fclose(f);
    now[n] = '\0';
    return str_eq(now, text);
}

/* 0, or minus an errno. Whole or not at all: systemd may read it at any time. */
static int file_write(const char *path, const char *text)
{
    char new_path[SYSTEMD_NAME_LEN + 80];
    size_t len = strlen(text);
    int fd, err = 0;

    snprintf(new_path, sizeof(new_path), "%s.%d", path, (int)getpid());
    fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return -errno;
    if (write(fd, text, len) != (ssize_t)len)
        err = EIO;
    if (close(fd) != 0 && !err)
        err = errno;
    if (!err && rename(new_path, path) != 0)
        err = errno;
    if (err)
        (void)unlink(new_path);
    return -err;
}

static int file_set(const struct systemd *s)
{
    char dir[SYSTEMD_NAME_LEN + 32], path[SYSTEMD_NAME_LEN + 48];
    char text[sizeof(for_any) + sizeof(for_service)];

    snprintf(text, sizeof(text), "%s%s", for_any, is_service(s) ? for_service : "");
    snprintf(dir, sizeof(dir), DROPIN_ROOT "/%s.d", s->unit);
    snprintf(path, sizeof(path), "%s/50-yoke.conf", dir);
    if (file_is(path, text))
        return 0;
    if (mkdir(dir, 0755) != 0 && errno != EEXIST)
        return -errno;
    return file_write(path, text);
}

/* Has systemd read it? 1, 0. Later drop-ins may say otherwise on Restart, and are then obeyed. */
static int is_in_force(struct systemd *s, uint64_t until)
{
    return systemd_lists(s, "Before", DROPIN_OURS, NULL, until);
}

int dropin_set(struct systemd *s, uint64_t until)
{
    int rc = file_set(s), lock;

    if (rc < 0)
        return rc;
    rc = is_in_force(s, until);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    /* Twenty probes at once need one reload: who waited here finds it done. */
    lock = open(DROPIN_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0 && systemd_now_ms() < until)
        systemd_sleep(s, 10);
    rc = is_in_force(s, until);
    if (rc == 0)
        rc = systemd_tell(s, "Reload", NULL, until);
    if (lock >= 0)
        close(lock);
    return rc < 0 ? rc : 0;
}
