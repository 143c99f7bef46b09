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
    "# Without yoke: delete this file, then systemctl daemon-reload.\n";
static const char for_order[] = "[Unit]\nBefore=" DROPIN_OURS "\n";
static const char for_service[] = "[Service]\nRestart=no\n";

enum { TEXT_LEN = sizeof(for_any) + sizeof(for_order) + sizeof(for_service) };

static bool is_service(const struct systemd *s)
{
    const char *type = strrchr(s->unit, '.');

    return type && str_eq(type, ".service");
}

static bool file_is(const char *path, const char *text)
{
    char now[TEXT_LEN];
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

/* 1: written, 0: it was there. */
static int file_set(const struct systemd *s, const char *path, bool ordered)
{
    char dir[SYSTEMD_NAME_LEN + 32], text[TEXT_LEN];
    int rc;

    snprintf(text, sizeof(text), "%s%s%s", for_any, ordered ? for_order : "",
             is_service(s) ? for_service : "");
    snprintf(dir, sizeof(dir), DROPIN_ROOT "/%s.d", s->unit);
    if (file_is(path, text))
        return 0;
    if (mkdir(dir, 0755) != 0 && errno != EEXIST)
        return -errno;
    rc = file_write(path, text);
    return rc < 0 ? rc : 1;
}

/* Is it to be started after yoked, by itself or by a target that yoked belongs to? Then our order
 * would close a circle, and systemd breaks circles by leaving jobs out. 1, 0. */
static int is_after_us(struct systemd *s, uint64_t until)
{
    static const char *const ends[] = {DROPIN_OURS, "multi-user.target", "graphical.target",
                                       "default.target"};
    int rc = 0;
    size_t i;

    for (i = 0; i < ARRAY_LEN(ends) && rc == 0; i++)
        rc = systemd_lists(s, "After", ends[i], NULL, until);
    return rc;
}

/* Has systemd read the file? 1, 0. written: a moment ago, by us, so it may have read another. */
static int is_in_force(struct systemd *s, const char *path, bool written, uint64_t until)
{
    char need[SYSTEMD_WORD_LEN];
    int rc = systemd_lists(s, "DropInPaths", path, NULL, until);

    if (rc <= 0 || !written)
        return rc;
    rc = systemd_text(s, NULL, "NeedDaemonReload", need, sizeof(need), until);
    return rc < 0 ? rc : str_eq(need, "no");
}

int dropin_set(struct systemd *s, uint64_t until)
{
    char path[SYSTEMD_NAME_LEN + 48];
    int rc = is_after_us(s, until), lock;
    bool written;

    if (rc < 0)
        return rc;
    snprintf(path, sizeof(path), DROPIN_ROOT "/%s.d/50-yoke.conf", s->unit);
    rc = file_set(s, path, rc == 0);
    if (rc < 0)
        return rc;
    written = rc > 0;
    rc = is_in_force(s, path, written, until);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    /* Twenty probes at once need one reload: who waited here finds it done. */
    lock = open(DROPIN_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0 && systemd_now_ms() < until)
        systemd_sleep(s, 10);
    rc = is_in_force(s, path, written, until);
    if (rc == 0)
        rc = systemd_tell(s, "Reload", NULL, until);
    if (lock >= 0)
        close(lock);
    return rc < 0 ? rc : 0;
}
