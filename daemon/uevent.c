/* SPDX-License-Identifier: GPL-2.0-or-later
 * uevent: see uevent.h. Texts "NAME=VALUE", each ended by NUL, after a first one "add@/devices...".
 */
#include "daemon/uevent.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include "lib/base/str.h"

enum { MESSAGE_BYTES = 8192, KERNEL_GROUP = 1, IN_A_ROW = 64 };

struct uevent {
    qb_loop_t *loop;
    int fd;
    void (*fn)(void *context);
    void *context;
};

bool uevent_concerns(const char *message, size_t len)
{
    bool block = false, disk = false;
    if (len == 0 || message[len - 1] != '\0')
        return false;
    for (size_t at = 0; at < len; at += strlen(message + at) + 1) {
        const char *text = message + at;
        block = block || str_eq(text, "SUBSYSTEM=block");
        disk = disk || str_eq(text, "DEVTYPE=disk");
    }
    return block && disk;
}

static int32_t message_came(int32_t fd, int32_t revents, void *context)
{
    struct uevent *u = context;
    char message[MESSAGE_BYTES];
    struct sockaddr_nl from;
    bool concerns = false;
    (void)revents;
    for (unsigned i = 0; i < IN_A_ROW; i++) {
        socklen_t from_len = sizeof from;
        ssize_t n =
            recvfrom(fd, message, sizeof message - 1, 0, (struct sockaddr *)&from, &from_len);
        if (n <= 0)
            break; /* nothing more; ENOBUFS: more than we could read, the next one tells */
        message[n] = '\0';
        concerns = concerns || (from.nl_pid == 0 && uevent_concerns(message, (size_t)n + 1));
    }
    if (concerns)
        u->fn(u->context);
    return 0;
}

struct uevent *uevent_new(qb_loop_t *loop, void (*fn)(void *context), void *context)
{
    struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
    struct uevent *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    *u = (struct uevent){.loop = loop, .fn = fn, .context = context};
    u->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (u->fd >= 0 && bind(u->fd, (struct sockaddr *)&own, sizeof own) == 0 &&
        qb_loop_poll_add(loop, QB_LOOP_LOW, u->fd, POLLIN, u, message_came) == 0)
        return u;
    if (u->fd >= 0)
        close(u->fd);
    free(u);
    return NULL;
}

void uevent_free(struct uevent *u)
{
    if (!u)
        return;
    (void)qb_loop_poll_del(u->loop, u->fd);
    close(u->fd);
    free(u);
}
