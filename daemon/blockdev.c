/* SPDX-License-Identifier: GPL-2.0-or-later
 * blockdev: system calls on a quorum disk. O_DIRECT, because what is read must come from the disk
 * and not from this machine's cache; O_DSYNC, because what is called written must be there after a
 * power cut. */
#include "config.h"

#include "daemon/blockdev.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>
#include "daemon/journal.h"

static enum err refuse(struct blockdev *d, enum err err)
{
    blockdev_close(d);
    return err;
}

static enum err open_failed(const char *path, int code, struct str *why)
{
    if (code == ENOENT || code == ENXIO || code == ENODEV || code == ENOTDIR) {
        str_addf(why,
                 _("%s is not there: is the disk connected and mapped to this node (ls -l "
                   "/dev/disk/by-id)?"),
                 path);
        return ERR_MISSING;
    }
    if (code == EBUSY) {
        str_addf(why, _("%s is in use on this machine: type 'lsblk %s'"), path, path);
        return ERR_BUSY;
    }
    str_addf(why, _("cannot open %s: %s"), path, strerror(code));
    return code == EACCES || code == EPERM || code == EROFS ? ERR_DENIED : ERR_IO;
}

/* Where O_DIRECT is not to be had: a plain file on some file systems, for tests. */
static enum err cached_open(struct blockdev *d, const char *path, int flags, struct str *why)
{
    struct stat st;
    d->fd = open(path, flags);
    if (d->fd < 0)
        return open_failed(path, errno, why);
    if (fstat(d->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        str_addf(why, _("%s cannot be read past the cache (no direct I/O): take another disk"),
                 path);
        return refuse(d, ERR_IO);
    }
    return ERR_OK;
}

static enum err size_find(struct blockdev *d, const char *path, struct str *why)
{
    struct stat st;
    int sector = 0;
    if (fstat(d->fd, &st) != 0 || !(S_ISBLK(st.st_mode) || S_ISREG(st.st_mode))) {
        str_addf(why, _("%s is neither a disk nor a file"), path);
        return refuse(d, ERR_SYNTAX);
    }
    d->bytes = (uint64_t)st.st_size;
    if (S_ISBLK(st.st_mode) &&
        (ioctl(d->fd, BLKGETSIZE64, &d->bytes) != 0 || ioctl(d->fd, BLKSSZGET, &sector) != 0)) {
        str_addf(why, _("cannot ask %s for its size: %s"), path, strerror(errno));
        return refuse(d, ERR_IO);
    }
    if (sector > BLOCK_BYTES) {
        str_addf(why, _("the sectors of %s have %d bytes: more than %d cannot be used"), path,
                 sector, BLOCK_BYTES);
        return refuse(d, ERR_SYNTAX);
    }
    if (d->bytes < (uint64_t)BLOCK_COUNT * BLOCK_BYTES) {
        str_addf(why, _("%s is too small: a quorum disk needs %d KiB, 1 MiB is a good size"), path,
                 BLOCK_COUNT * BLOCK_BYTES / 1024);
        return refuse(d, ERR_SHORT);
    }
    return ERR_OK;
}

enum err blockdev_open(struct blockdev *d, const char *path, enum blockdev_use use, struct str *why)
{
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct stat st;
    flags |= use == BLOCKDEV_READ ? O_RDONLY : O_RDWR | O_DSYNC;
    /* O_EXCL means a claim for a device only; for a file it would need O_CREAT. */
    if (use == BLOCKDEV_OWN && stat(path, &st) == 0 && S_ISBLK(st.st_mode))
        flags |= O_EXCL;
    d->direct = true;
    d->bytes = 0;
    d->fd = open(path, flags | O_DIRECT);
    if (d->fd < 0 && errno == EINVAL) {
        d->direct = false;
        enum err err = cached_open(d, path, flags, why);
        if (err)
            return err;
    }
    if (d->fd < 0)
        return open_failed(path, errno, why);
    return size_find(d, path, why);
}

void blockdev_close(struct blockdev *d)
{
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
}

int blockdev_read(const struct blockdev *d, unsigned first, unsigned n, uint8_t *to)
{
    size_t size = (size_t)n * BLOCK_BYTES;
    assert(first + n <= BLOCK_COUNT);
    for (;;) {
        ssize_t got = pread(d->fd, to, size, (off_t)first * BLOCK_BYTES);
        if (got == (ssize_t)size)
            return 0;
        if (got < 0 && errno == EINTR)
            continue;
        return got < 0 ? errno : EIO; /* shorter than it was when it was opened */
    }
}

int blockdev_write(const struct blockdev *d, unsigned first, unsigned n, const uint8_t *at)
{
    size_t size = (size_t)n * BLOCK_BYTES;
    assert(first + n <= BLOCK_COUNT);
    for (;;) {
        ssize_t put = pwrite(d->fd, at, size, (off_t)first * BLOCK_BYTES);
        if (put == (ssize_t)size)
            return 0;
        if (put < 0 && errno == EINTR)
            continue;
        return put < 0 ? errno : EIO;
    }
}

uint8_t *blockdev_memory(unsigned n)
{
    void *at = NULL;
    if (posix_memalign(&at, BLOCK_BYTES, (size_t)n * BLOCK_BYTES) != 0)
        return NULL;
    memset(at, 0, (size_t)n * BLOCK_BYTES);
    return at;
}

static bool uuid_known(const uint8_t *uuid, const uint8_t known[][BLOCK_UUID], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (memcmp(uuid, known[i], BLOCK_UUID) == 0)
            return true;
    return false;
}

bool blockdev_header_ok(const uint8_t *block, const char *name, const char *cluster,
                        const uint8_t uuid[][BLOCK_UUID], unsigned n_uuid, struct block_header *h,
                        struct str *why)
{
    switch (block_get_header(block, h)) {
    case BLOCK_WHOLE: break;
    case BLOCK_ZERO:
        str_addf(why,
                 _("the disk %s is empty (wiped, or never prepared): type 'yoke disk init %s' "
                   "on one node"),
                 name, name);
        return false;
    case BLOCK_TORN:
        str_addf(why,
                 _("the header of the disk %s is damaged: type 'yoke disk init --force %s' on "
                   "one node, if it is ours"),
                 name, name);
        return false;
    case BLOCK_NEWER:
        str_addf(why, _("the disk %s was prepared by a later version: update yoke on this node"),
                 name);
        return false;
    case BLOCK_OLDER:
        str_addf(why,
                 _("the disk %s was prepared by an earlier version: when both nodes have this one, "
                   "type 'yoke disk init --force %s' on one node"),
                 name, name);
        return false;
    default:
        str_addf(why,
                 _("the disk %s holds something that is not yoke's and is left alone: is the "
                   "device in yoke.conf right?"),
                 name);
        return false;
    }
    if (!str_eq(h->cluster, cluster)) {
        str_addf(why,
                 _("the disk %s is the cluster %s's and is left alone: each cluster needs its "
                   "own"),
                 name, h->cluster);
        return false;
    }
    if (!uuid_known(h->uuid, uuid, n_uuid)) {
        str_addf(why,
                 _("the disk %s was prepared with another key, or by another cluster of this "
                   "name: type 'yoke disk init --force %s', if it is ours"),
                 name, name);
        return false;
    }
    return true;
}
