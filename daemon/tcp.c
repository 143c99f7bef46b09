/* SPDX-License-Identifier: GPL-2.0-or-later
 * tcp: a link over one TCP connection, for where a firewall lets no UDP pass.
 *
 * Happy path: the node with the lower index connects, the other accepts from the peer's address
 * only; bytes are cut into frames as on a serial line. A new connection counts when its first frame
 * was authentic; until then the old one stays (whoever borrows the peer's address cannot cut it).
 * Ways to fail: refused, reset, nothing acknowledged within the link's limit (TCP_USER_TIMEOUT): it
 * is closed and made anew; a connection that takes no bytes loses beats, never delays them. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "daemon/inet.h"
#include "daemon/journal.h"
#include "daemon/link.h"
#include "daemon/sendq.h"

enum { READ_BYTES = 16384, UNSENT_MAX = 4096, USER_TIMEOUT_MIN_MS = 500, CONNECT_MIN_MS = 300 };

/* In use, and accepted but not yet proven. */
enum { NOW, NEXT, CONNS };

struct conn {
    int fd;
    bool connecting, want_write;
    struct framer framer;
    uint64_t skipped, broken;
};

struct tcp {
    int listener;
    struct inet own, peer;
    struct conn conn[CONNS];
    qb_loop_timer_handle patience; /* for a connect that nobody answers */
    struct sendq queue;
};

static int32_t conn_event(int32_t fd, int32_t revents, void *context);
static void lost(struct link *l, struct conn *c, int code);

static bool connects(const struct link *l)
{
    return l->shell->self < l->peer;
}

static void conn_close(struct link *l, struct conn *c)
{
    if (c->fd < 0)
        return;
    (void)qb_loop_poll_del(l->shell->loop, c->fd);
    close(c->fd);
    c->fd = -1;
    c->connecting = c->want_write = false;
}

static bool conn_add(struct link *l, struct conn *c, int fd, bool connecting)
{
    int one = 1, unsent = UNSENT_MAX;
    unsigned timeout_ms = l->timing->limit_ms;
    if (timeout_ms < USER_TIMEOUT_MIN_MS)
        timeout_ms = USER_TIMEOUT_MIN_MS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    c->fd = fd;
    c->connecting = c->want_write = connecting;
    c->skipped = c->broken = 0;
    framer_init(&c->framer);
    if (qb_loop_poll_add(l->shell->loop, QB_LOOP_HIGH, fd, connecting ? POLLIN | POLLOUT : POLLIN,
                         l, conn_event) == 0)
        return true;
    close(fd);
    c->fd = -1;
    return false;
}

/* ---- out ---- */

static void want_write(struct link *l, struct conn *c, bool want)
{
    if (c->want_write == want)
        return;
    c->want_write = want;
    (void)qb_loop_poll_mod(l->shell->loop, QB_LOOP_HIGH, c->fd, want ? POLLIN | POLLOUT : POLLIN, l,
                           conn_event);
}

static void pump(struct link *l)
{
    struct tcp *t = l->state;
    struct conn *c = &t->conn[NOW];
    const uint8_t *at;
    size_t len;
    while (c->fd >= 0 && !c->connecting && (len = sendq_head(&t->queue, &at)) > 0) {
        int unsent = 0;
        if (ioctl(c->fd, SIOCOUTQNSD, &unsent) == 0 && unsent >= UNSENT_MAX) {
            want_write(l, c, true);
            return;
        }
        ssize_t n = send(c->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            want_write(l, c, true);
            return;
        }
        if (n < 0) {
            lost(l, c, errno);
            return;
        }
        sendq_wrote(&t->queue, (size_t)n);
    }
    if (c->fd >= 0 && !c->connecting)
        want_write(l, c, false);
}

/* ---- in ---- */

/* A connection that was proven takes the place of the one in use. */
static struct conn *promote(struct link *l)
{
    struct tcp *t = l->state;
    struct conn *now = &t->conn[NOW], *next = &t->conn[NEXT];
    conn_close(l, now);
    *now = *next; /* no pointer into itself; the loop knows the descriptor only */
    next->fd = -1;
    sendq_clear(&t->queue);
    link_up(l);
    return now;
}

/* False: closed meanwhile. */
static bool take(struct link *l, struct conn *c, const uint8_t *at, size_t len)
{
    struct tcp *t = l->state;
    while (len > 0) {
        const uint8_t *frame;
        size_t n = framer_feed(&c->framer, at, len), frame_len;
        at += n;
        len -= n;
        while ((frame = framer_next(&c->framer, &frame_len)) != NULL) {
            bool authentic;
            if (!link_frame(l, frame, frame_len, &authentic) || c->fd < 0)
                return false;
            if (authentic && c == &t->conn[NEXT]) {
                unsigned opens = l->opens;
                c = promote(l);
                if (!l->opened || l->opens != opens || c->fd < 0)
                    return false;
            }
        }
    }
    link_framer_bad(l, &c->framer, &c->skipped, &c->broken);
    return true;
}

static void lost(struct link *l, struct conn *c, int code)
{
    struct tcp *t = l->state;
    if (c == &t->conn[NEXT]) {
        conn_close(l, c);
        return;
    }
    if (connects(l)) {
        link_down(l, c->connecting ? _("cannot connect to %s: %s") : _("connection to %s lost: %s"),
                  link_addr(l, l->peer), code ? strerror(code) : _("closed by the other end"));
        return;
    }
    conn_close(l, c); /* the listener stays */
    sendq_clear(&t->queue);
    link_wait(l, _("connection from %s lost (%s): waiting for it to connect"),
              link_addr(l, l->peer), code ? strerror(code) : _("closed by the other end"));
}

static void connected(struct link *l, struct conn *c)
{
    struct tcp *t = l->state;
    int code = 0;
    socklen_t len = sizeof code;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0)
        code = errno;
    if (code) {
        lost(l, c, code);
        return;
    }
    c->connecting = false;
    if (t->patience) {
        qb_loop_timer_del(l->shell->loop, t->patience);
        t->patience = 0;
    }
    want_write(l, c, false);
    link_up(l);
}

static int32_t conn_event(int32_t fd, int32_t revents, void *context)
{
    struct link *l = context;
    struct tcp *t = l->state;
    struct conn *c = &t->conn[fd == t->conn[NEXT].fd ? NEXT : NOW];
    unsigned opens = l->opens;
    uint8_t bytes[READ_BYTES];
    if (c->fd != fd)
        return 0;
    if (c->connecting) {
        if (revents & (POLLOUT | POLLERR | POLLHUP))
            connected(l, c);
        return 0;
    }
    if (revents & (POLLIN | POLLERR | POLLHUP)) {
        ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n > 0 && !take(l, c, bytes, (size_t)n))
            return 0;
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            lost(l, c, n == 0 ? 0 : errno);
            return 0;
        }
    }
    if ((revents & POLLOUT) && l->opened && l->opens == opens)
        pump(l);
    return 0;
}

static int32_t acceptable(int32_t fd, int32_t revents, void *context)
{
    struct link *l = context;
    struct tcp *t = l->state;
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    (void)revents;
    int new_fd = accept4(fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (new_fd < 0)
        return 0;
    if (!inet_same_host((struct sockaddr *)&from, (struct sockaddr *)&t->peer.at)) {
        close(new_fd);
        link_bad(l, LINK_BAD_SYNTAX, 1);
        return 0;
    }
    conn_close(l, &t->conn[NEXT]);
    if (!conn_add(l, &t->conn[NEXT], new_fd, false))
        return 0;
    /* The one that connects speaks first: its beats prove the connection. */
    return 0;
}

/* ---- opening ---- */

static void out_of_patience(void *context)
{
    struct link *l = context;
    struct tcp *t = l->state;
    t->patience = 0;
    if (l->opened && t->conn[NOW].connecting)
        lost(l, &t->conn[NOW], ETIMEDOUT);
}

static bool begin_connect(struct link *l, int fd)
{
    struct tcp *t = l->state;
    uint64_t wait_ms = 2ull * l->timing->interval_ms;
    if (wait_ms < CONNECT_MIN_MS)
        wait_ms = CONNECT_MIN_MS;
    if (connect(fd, (struct sockaddr *)&t->peer.at, t->peer.len) != 0 && errno != EINPROGRESS) {
        int code = errno;
        close(fd);
        link_down(l, _("cannot connect to %s: %s"), link_addr(l, l->peer), strerror(code));
        return false;
    }
    if (!conn_add(l, &t->conn[NOW], fd, true) ||
        qb_loop_timer_add(l->shell->loop, QB_LOOP_MED, wait_ms * 1000000u, l, out_of_patience,
                          &t->patience) != 0) {
        link_down(l, _("no room in the main loop"));
        return false;
    }
    return true;
}

static bool begin_listen(struct link *l, int fd)
{
    struct tcp *t = l->state;
    if (listen(fd, 4) != 0 ||
        qb_loop_poll_add(l->shell->loop, QB_LOOP_MED, fd, POLLIN, l, acceptable) != 0) {
        close(fd);
        link_down(l, _("cannot listen on %s port %u: %s"), link_addr(l, l->shell->self),
                  l->conf->port, strerror(errno));
        return false;
    }
    t->listener = fd;
    link_wait(l, _("waiting for %s to connect"), link_addr(l, l->peer));
    return true;
}

static bool tcp_open(struct link *l)
{
    struct tcp *t = l->state;
    const char *own = link_addr(l, l->shell->self), *peer = link_addr(l, l->peer);
    bool out = connects(l);
    int one = 1;
    t->listener = t->conn[NOW].fd = t->conn[NEXT].fd = -1;
    t->patience = 0;
    sendq_init(&t->queue, SENDQ_FRAMES);
    if (inet_parse(own, out ? 0 : l->conf->port, &t->own) ||
        inet_parse(peer, l->conf->port, &t->peer)) {
        link_down(l, _("address %s or %s cannot be used now"), own, peer);
        return false;
    }
    int fd = socket(t->own.at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        link_down(l, _("cannot make a socket: %s"), strerror(errno));
        return false;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&t->own.at, t->own.len) != 0) {
        int code = errno;
        close(fd);
        if (code == EADDRNOTAVAIL)
            link_down(l, _("address %s is not on this machine"), own);
        else
            link_down(l, _("cannot use %s port %u: %s"), own, l->conf->port, strerror(code));
        return false;
    }
    return out ? begin_connect(l, fd) : begin_listen(l, fd);
}

static void tcp_close(struct link *l)
{
    struct tcp *t = l->state;
    if (t->patience)
        qb_loop_timer_del(l->shell->loop, t->patience);
    t->patience = 0;
    conn_close(l, &t->conn[NOW]);
    conn_close(l, &t->conn[NEXT]);
    if (t->listener >= 0) {
        (void)qb_loop_poll_del(l->shell->loop, t->listener);
        close(t->listener);
    }
    t->listener = -1;
}

static void tcp_send(struct link *l, unsigned node, const uint8_t *frame, size_t len, bool beat)
{
    (void)node;
    struct tcp *t = l->state;
    if (t->conn[NOW].fd < 0 || t->conn[NOW].connecting)
        return;
    sendq_put(&t->queue, frame, len, beat);
    pump(l);
}

const struct link_driver link_tcp = {"tcp", sizeof(struct tcp), tcp_open, tcp_close, tcp_send};
