/* SPDX-License-Identifier: GPL-2.0-or-later
 * carrier: one rtnetlink socket. Messages are not taken apart: any of them means "look again",
 * which getifaddrs does; they are rare. */
#include "daemon/carrier.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include "daemon/inet.h"

struct carrier {
    struct shell *shell;
    struct links *links;
    int fd;
};

void carrier_look(struct carrier *c)
{
    const struct conf *conf = &c->shell->conf;
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0)
        return;
    for (unsigned i = 0; i < conf->n_links; i++) {
        const struct conf_link *l = &conf->link[i];
        const char *name = NULL;
        bool carrier = false;
        struct inet own;
        if ((l->type != LINK_UDP && l->type != LINK_TCP) ||
            inet_parse(l->addr[c->shell->self], 0, &own))
            continue;
        for (const struct ifaddrs *a = all; a && !name; a = a->ifa_next)
            if (a->ifa_addr && inet_same_host(a->ifa_addr, (const struct sockaddr *)&own.at)) {
                name = a->ifa_name;
                carrier = (a->ifa_flags & IFF_RUNNING) != 0;
            }
        links_carrier(c->links, i, name, carrier);
    }
    freeifaddrs(all);
}

static int32_t changed(int32_t fd, int32_t revents, void *context)
{
    struct carrier *c = context;
    char messages[8192];
    ssize_t n;
    (void)revents;
    do
        n = recv(fd, messages, sizeof messages, MSG_DONTWAIT);
    while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
    carrier_look(c);
    links_hurry(c->links);
    return 0;
}

struct carrier *carrier_new(struct shell *s, struct links *ls)
{
    struct sockaddr_nl groups = {.nl_family = AF_NETLINK,
                                 .nl_groups =
                                     RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    struct carrier *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->shell = s;
    c->links = ls;
    c->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (c->fd >= 0 && bind(c->fd, (struct sockaddr *)&groups, sizeof groups) == 0 &&
        qb_loop_poll_add(s->loop, QB_LOOP_MED, c->fd, POLLIN, c, changed) == 0)
        return c;
    if (c->fd >= 0)
        close(c->fd);
    free(c);
    return NULL;
}

void carrier_free(struct carrier *c)
{
    if (!c)
        return;
    qb_loop_poll_del(c->shell->loop, c->fd);
    close(c->fd);
    free(c);
}
