/* SPDX-License-Identifier: GPL-2.0-or-later
 * lunpath: preloaded into a program, makes chosen block devices (loop devices, say) SCSI disks:
 * SCSI commands go to a lunserver, which also decides whether this machine may write. For tests
 * only. YOKE_LUNS="DEVICE=SOCKET DEVICE=SOCKET..."   YOKE_NEXUS=0   which of the disks' paths this
 * is Happy path: ioctl(SG_IO), write and pwrite on one of them. Fails: a server that does not
 * answer is a path that is cut; a write that is refused is EBADE, as the kernel says. */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <scsi/sg.h>
#include "test/system/lunpacket.h"

enum { PATH_BYTES = 108, NO_CONNECT = 1 /* DID_NO_CONNECT */ };

/* Is fd one of the devices? Its server's socket. */
static bool lun_of(int fd, char socket_path[PATH_BYTES])
{
    const char *luns = getenv("YOKE_LUNS");
    struct stat st, device;
    char path[PATH_BYTES];
    int used = 0;
    if (!luns || fstat(fd, &st) != 0 || !S_ISBLK(st.st_mode))
        return false;
    for (; sscanf(luns, " %107[^= ]=%107s%n", path, socket_path, &used) == 2; luns += used)
        if (stat(path, &device) == 0 && device.st_rdev == st.st_rdev)
            return true;
    return false;
}

/* False: the path is cut. */
static bool lun_ask(const char *socket_path, struct lun_packet *p, struct lun_reply *out)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *nexus = getenv("YOKE_NEXUS");
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    ssize_t n = -1;
    p->nexus = (uint8_t)(nexus ? atoi(nexus) : 0);
    memcpy(at.sun_path, socket_path, PATH_BYTES);
    if (fd < 0)
        return false;
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
        send(fd, p, sizeof *p, MSG_NOSIGNAL) == (ssize_t)sizeof *p)
        n = recv(fd, out, sizeof *out, 0);
    close(fd);
    return n >= (ssize_t)offsetof(struct lun_reply, data);
}

static int sg_io(const char *socket_path, struct sg_io_hdr *h)
{
    struct lun_packet p = {.kind = LUN_ORDER};
    struct lun_reply out;
    if (h->cmd_len > LUN_CDB ||
        (h->dxfer_direction == SG_DXFER_TO_DEV && h->dxfer_len > LUN_PARAM)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(p.cdb, h->cmdp, h->cmd_len);
    if (h->dxfer_direction == SG_DXFER_TO_DEV)
        memcpy(p.param, h->dxferp, h->dxfer_len);
    h->status = h->sb_len_wr = 0;
    h->driver_status = h->host_status = 0;
    if (!lun_ask(socket_path, &p, &out)) {
        h->host_status = NO_CONNECT;
        return 0;
    }
    h->status = out.status;
    h->sb_len_wr = out.sense_len < h->mx_sb_len ? out.sense_len : h->mx_sb_len;
    memcpy(h->sbp, out.sense, h->sb_len_wr);
    if (h->dxfer_direction == SG_DXFER_FROM_DEV) {
        unsigned n = out.len < h->dxfer_len ? out.len : h->dxfer_len;
        memcpy(h->dxferp, out.data, n);
        h->resid = (int)(h->dxfer_len - n);
    }
    return 0;
}

/* May this machine write there? */
static bool may_write(int fd)
{
    char path[PATH_BYTES] = "";
    struct lun_packet p = {.kind = LUN_WRITE};
    struct lun_reply out;
    if (!lun_of(fd, path))
        return true;
    if (!lun_ask(path, &p, &out)) {
        errno = EIO;
        return false;
    }
    errno = EBADE;
    return out.status == 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*next)(int, unsigned long, ...);
    char path[PATH_BYTES] = "";
    va_list ap;
    va_start(ap, request);
    void *arg = va_arg(ap, void *);
    va_end(ap);
    if (request == SG_IO && lun_of(fd, path))
        return sg_io(path, arg);
    if (!next)
        next = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    return next(fd, request, arg);
}

ssize_t pwrite(int fd, const void *at, size_t len, off_t where)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    if (!may_write(fd))
        return -1;
    if (!next)
        next = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    return next(fd, at, len, where);
}

ssize_t pwrite64(int fd, const void *at, size_t len, off64_t where)
{
    return pwrite(fd, at, len, (off_t)where);
}

ssize_t write(int fd, const void *at, size_t len)
{
    static ssize_t (*next)(int, const void *, size_t);
    if (!next)
        next = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    return may_write(fd) ? next(fd, at, len) : -1;
}
