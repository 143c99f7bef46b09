/* SPDX-License-Identifier: GPL-2.0-or-later
 * udp: a link over IPv4 or IPv6 datagrams, one frame each.
 *
 * Happy path: bound to our own address and port, sends to the peer's; at most BATCH datagrams are
 * read per wake, so that a flood on one link leaves the others their turn. Ways to fail: the own
 * address is not on this machine (yet): tried again, at once when the kernel tells of a change; a
 * send that says the address is gone closes the socket; a refusal by the peer (nobody listens
 * there) is no fault of this end. */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "daemon/inet.h"
#include "daemon/journal.h"
#include "daemon/link.h"

enum { BATCH = 32, SEND_FAULTS = 5 };

struct udp {
    int fd;
    unsigned faults; /* sends in a row that failed */
    struct inet own, peer[NODE_MAX];
};

static int32_t readable(int32_t fd, int32_t revents, void *context)
{
    struct link *l = context;
    uint8_t frame[FRAME_MAX + 1];
    (void)revents;
    for (unsigned i = 0; i < BATCH; i++) {
        ssize_t n = recv(fd, frame, sizeof frame, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        if (n < 0)
            continue; /* a refusal that came back for an earlier send */
        if (n > FRAME_MAX)
            link_bad(l, LINK_BAD_SYNTAX, 1);
        else if (!link_frame(l, frame, (size_t)n, NULL))
            return 0;
    }
    return 0;
}

static bool udp_open(struct link *l)
{
    struct udp *u = l->state;
    const char *own = link_addr(l, l->shell->self);
    int tos = IPTOS_CLASS_CS6, one = 1;
    u->fd = -1;
    u->faults = 0;
    for (unsigned p = 0; p < l->shell->conf.n_nodes; p++)
        if (link_addr(l, p)[0] && inet_parse(link_addr(l, p), l->conf->port, &u->peer[p])) {
            link_down(l, _("address %s cannot be used now"), link_addr(l, p));
            return false;
        }
    u->own = u->peer[l->shell->self];
    int family = u->own.at.ss_family;
    u->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (u->fd < 0) {
        link_down(l, _("cannot make a socket: %s"), strerror(errno));
        return false;
    }
    if (family == AF_INET6) {
        (void)setsockopt(u->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        (void)setsockopt(u->fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
    } else {
        (void)setsockopt(u->fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    }
    if (bind(u->fd, (struct sockaddr *)&u->own.at, u->own.len) != 0) {
        if (errno == EADDRNOTAVAIL)
            link_down(l, _("address %s is not on this machine"), own);
        else
            link_down(l, _("cannot use %s port %u: %s"), own, l->conf->port, strerror(errno));
        return false;
    }
    if (qb_loop_poll_add(l->shell->loop, QB_LOOP_HIGH, u->fd, POLLIN, l, readable) != 0) {
        link_down(l, _("no room in the main loop"));
        return false;
    }
    link_up(l);
    return true;
}

static void udp_close(struct link *l)
{
    struct udp *u = l->state;
    if (u->fd < 0)
        return;
    (void)qb_loop_poll_del(l->shell->loop, u->fd);
    close(u->fd);
    u->fd = -1;
}

static void udp_send(struct link *l, unsigned node, const uint8_t *frame, size_t len, bool beat)
{
    struct udp *u = l->state;
    (void)beat;
    ssize_t n = sendto(u->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL,
                       (struct sockaddr *)&u->peer[node].at, u->peer[node].len);
    if (n >= 0) {
        u->faults = 0;
        return;
    }
    switch (errno) {
    case EAGAIN:
    case ENOBUFS:
    case EINTR:
    case ECONNREFUSED:
    case EPERM: /* a packet filter here; the silence that follows is told by the core */
    case EHOSTUNREACH:
    case EHOSTDOWN: return;
    default: break;
    }
    if (++u->faults >= SEND_FAULTS || errno == EINVAL || errno == EADDRNOTAVAIL ||
        errno == ENODEV || errno == ENETDOWN)
        link_down(l, _("cannot send from %s to %s: %s"), link_addr(l, l->shell->self),
                  link_addr(l, node), strerror(errno));
}

const struct link_driver link_udp = {"udp", sizeof(struct udp), udp_open, udp_close, udp_send};
