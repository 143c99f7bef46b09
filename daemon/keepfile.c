/* SPDX-License-Identifier: GPL-2.0-or-later
 * keepfile: the files of the state directory, written so that a power cut at any moment leaves
 * either the old or the new: slots in turn, text by a new file renamed over the old.
 *
 * A slot that could not be written or synced is written again whole by the next call: an fdatasync
 * after a failed one proves nothing about pages that were not dirtied again. */
#include "daemon/keepfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "daemon/journal.h"

static const char state_name[] = "state", cib_name[] = "cib.crm";

static enum err fault(struct str *why, const struct keepfile *f, const char *name, int code)
{
    str_addf(why, _("cannot use %s/%s: %s"), f->dir, name, strerror(code));
    if (code == ENOSPC || code == EDQUOT)
        str_addf(why, "%s", _(": free some space there"));
    return code == ENOSPC || code == EDQUOT ? ERR_FULL : ERR_IO;
}

static int write_all(int fd, const void *at, size_t len)
{
    const char *p = at;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

/* A new file of that content, on disk before it gets its name. */
static int put_file(struct keepfile *f, const char *name, const char *head, const char *text,
                    size_t len)
{
    char temp[128];
    snprintf(temp, sizeof temp, "%s.new", name);
    int fd = openat(f->dir_fd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return errno;
    int code = write_all(fd, head, strlen(head));
    if (!code)
        code = write_all(fd, text, len);
    if (!code && fsync(fd) != 0)
        code = errno;
    if (close(fd) != 0 && !code)
        code = errno;
    if (!code && renameat(f->dir_fd, temp, f->dir_fd, name) != 0)
        code = errno;
    if (!code && fsync(f->dir_fd) != 0)
        code = errno;
    if (code)
        (void)unlinkat(f->dir_fd, temp, 0);
    return code;
}

/* Two slots that say "nothing was ever kept": all room is taken now, so that a full disk later
 * cannot stop a takeover. */
static int state_make(struct keepfile *f)
{
    uint8_t *file = calloc(1, KEEPSLOT_FILE);
    struct keepslot slot = {.fresh = true};
    if (!file)
        return ENOMEM;
    keepslot_put(&slot, file);
    keepslot_put(&slot, file + KEEPSLOT_STRIDE);
    int code = put_file(f, state_name, "", (const char *)file, KEEPSLOT_FILE);
    free(file);
    return code;
}

static enum err slots_read(struct keepfile *f, struct keep_found *found, struct str *why)
{
    uint8_t at[KEEPSLOT_BYTES];
    struct keepslot slot[2];
    enum err err[2];
    for (unsigned i = 0; i < 2; i++) {
        ssize_t n = pread(f->state_fd, at, sizeof at, (off_t)i * KEEPSLOT_STRIDE);
        if (n < 0)
            return fault(why, f, state_name, errno);
        memset(at + n, 0, sizeof at - (size_t)n);
        err[i] = keepslot_get(at, &slot[i]);
        if (err[i] == ERR_VERSION) {
            str_addf(why, _("%s/%s was written by another version of yoke: use that one"), f->dir,
                     state_name);
            return ERR_VERSION;
        }
    }
    unsigned use = keepslot_newer(slot, err);
    if (use == 2) {
        str_addf(why,
                 _("%s/%s is damaged, both copies in it: restore the directory from a backup; or, "
                   "if the other node runs and has the configuration, move all files out of %s and "
                   "start again: this node then begins anew and takes the other's configuration"),
                 f->dir, state_name, f->dir);
        return ERR_CRC;
    }
    found->one_slot = err[0] || err[1];
    found->first = slot[use].fresh;
    found->kept = slot[use].kept;
    if (found->one_slot && !found->first) {
        /* The damaged one may have been the newer: it can have held the next epoch, and may have
         * given up the right to start alone. */
        found->kept.epoch++;
        found->kept.alone_boot = 0;
    }
    f->generation = slot[use].generation;
    f->slot = use;
    return ERR_OK;
}

static enum err state_open(struct keepfile *f, struct keep_found *found, struct str *why)
{
    struct stat st;
    f->state_fd = openat(f->dir_fd, state_name, O_RDWR | O_CLOEXEC);
    if (f->state_fd < 0 && errno == ENOENT) {
        if (fstatat(f->dir_fd, cib_name, &st, 0) == 0) {
            str_addf(why,
                     _("%s/%s is gone but %s is there: restore it from a backup; or, if this node "
                       "is to begin anew, move %s away as well"),
                     f->dir, state_name, cib_name, cib_name);
            return ERR_MISSING;
        }
        int code = state_make(f);
        if (code)
            return fault(why, f, state_name, code);
        f->state_fd = openat(f->dir_fd, state_name, O_RDWR | O_CLOEXEC);
    }
    if (f->state_fd < 0)
        return fault(why, f, state_name, errno);
    enum err err = slots_read(f, found, why);
    if (err)
        return err;
    int code = posix_fallocate(f->state_fd, 0, KEEPSLOT_FILE); /* in case it was copied sparse */
    return code && code != EOPNOTSUPP ? fault(why, f, state_name, code) : ERR_OK;
}

/* The configuration's own head says its version: a power cut between text and slot leaves the slot
 * one behind. */
static enum err cib_take(struct keepfile *f, const char *file, struct keep_found *found,
                         struct str *why)
{
    const char *text;
    if (keepslot_head_get(file, &text, &found->kept.cib_epoch, &found->kept.cib_seq)) {
        str_addf(why,
                 _("%s/%s is damaged or was edited by hand: put the other node's file there; or, "
                   "to use it as it is, delete its first line"),
                 f->dir, cib_name);
        return ERR_CRC;
    }
    found->cib_text = strdup(text);
    return found->cib_text ? ERR_OK : fault(why, f, cib_name, ENOMEM);
}

static enum err cib_open(struct keepfile *f, struct keep_found *found, struct str *why)
{
    struct stat st;
    int fd = openat(f->dir_fd, cib_name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        if (found->kept.cib_epoch == 0 && found->kept.cib_seq == 0)
            return ERR_OK;
        str_addf(
            why,
            _("%s/%s is gone: configuration %u.%u was kept there. Put the other node's file or "
              "a backup there; or, if this node is to begin anew, move %s away as well"),
            f->dir, cib_name, found->kept.cib_epoch, found->kept.cib_seq, state_name);
        return ERR_MISSING;
    }
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size > KEEPFILE_CIB_MAX) {
        int code = fd < 0 ? errno : EFBIG;
        if (fd >= 0)
            close(fd);
        return fault(why, f, cib_name, code);
    }
    char *file = calloc(1, (size_t)st.st_size + 1);
    ssize_t n = file ? read(fd, file, (size_t)st.st_size) : -1;
    int code = n < 0 ? errno : n != st.st_size ? EIO : 0;
    close(fd);
    enum err err = code ? fault(why, f, cib_name, code) : cib_take(f, file, found, why);
    free(file);
    return err;
}

enum err keepfile_open(struct keepfile *f, const char *dir, struct keep_found *found,
                       struct str *why)
{
    memset(found, 0, sizeof *found);
    *f = (struct keepfile){.dir_fd = -1, .state_fd = -1};
    if (!str_copy(f->dir, sizeof f->dir, dir))
        return fault(why, f, "", ENAMETOOLONG);
    if (mkdir(dir, 0750) != 0 && errno != EEXIST)
        return fault(why, f, "", errno);
    f->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->dir_fd < 0)
        return fault(why, f, "", errno);
    enum err err = state_open(f, found, why);
    if (!err)
        err = cib_open(f, found, why);
    if (!err && found->cib_text)
        found->first = false;
    if (err)
        keepfile_close(f);
    return err;
}

void keepfile_close(struct keepfile *f)
{
    if (f->state_fd >= 0)
        close(f->state_fd);
    if (f->dir_fd >= 0)
        close(f->dir_fd);
    f->state_fd = f->dir_fd = -1;
}

int keepfile_state(struct keepfile *f, const struct kept *kept)
{
    struct keepslot slot = {.generation = f->generation + 1, .kept = *kept};
    uint8_t at[KEEPSLOT_BYTES];
    unsigned other = !f->slot;
    keepslot_put(&slot, at);
    ssize_t n = pwrite(f->state_fd, at, sizeof at, (off_t)other * KEEPSLOT_STRIDE);
    if (n != (ssize_t)sizeof at)
        return n < 0 ? errno : EIO;
    if (fdatasync(f->state_fd) != 0)
        return errno;
    f->slot = other;
    f->generation++;
    return 0;
}

int keepfile_cib(struct keepfile *f, const char *text, uint32_t epoch, uint32_t seq)
{
    char head[96];
    struct str s;
    str_init(&s, head, sizeof head);
    keepslot_head_put(&s, epoch, seq, text);
    return put_file(f, cib_name, head, text, strlen(text));
}

int keepfile_lost(struct keepfile *f, const char *text, uint32_t epoch, uint32_t seq, char *name,
                  size_t size)
{
    char stamp[32];
    struct tm tm;
    struct stat st;
    time_t now = time(NULL);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%S", gmtime_r(&now, &tm));
    snprintf(name, size, "cib.lost-%u.%u-%s.crm", epoch, seq, stamp);
    for (unsigned i = 2; i < 100 && fstatat(f->dir_fd, name, &st, 0) == 0; i++)
        snprintf(name, size, "cib.lost-%u.%u-%s-%u.crm", epoch, seq, stamp, i);
    return put_file(f, name, "", text, strlen(text));
}
