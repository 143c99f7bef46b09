/* SPDX-License-Identifier: GPL-2.0-or-later
 * serial: a link over a serial line (null-modem cable).
 *
 * Happy path: bytes in are cut into frames by a framer; frames out wait in a queue and are written
 * one by one as the line gets free (pace), so that a beat never stands behind more than the frame
 * on the line. Ways to fail: noise costs the frame it hits; a device that goes away (USB adapter,
 * other end of a pty) is opened again; output that nobody takes (held line, unread pty) is thrown
 * away after a beat's time, for a late beat is worth nothing. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/journal.h"
#include "daemon/link.h"
#include "daemon/pace.h"
#include "daemon/sendq.h"
#include "daemon/tty.h"

enum { READ_BYTES = 4096, QUEUE_FRAMES = 32, STUCK_MIN_US = 200000 };

struct serial {
    int fd, timer;
    bool timer_set;
    struct pace pace;
    struct framer framer;
    uint64_t skipped, broken; /* of the framer, already told */
    uint64_t stuck_us;        /* since when the kernel takes nothing; 0: it does */
    struct sendq queue;
};

static void pump(struct link *l);

static void timer_arm(struct serial *s, uint64_t wait_us)
{
    struct itimerspec t = {.it_value = {.tv_sec = (time_t)(wait_us / 1000000),
                                        .tv_nsec = (long)(wait_us % 1000000) * 1000}};
    if (wait_us == 0)
        t.it_value.tv_nsec = 1;
    s->timer_set = timerfd_settime(s->timer, 0, &t, NULL) == 0;
}

/* The kernel took nothing. Returns false when all output was given up. */
static bool stuck(struct link *l, struct serial *s)
{
    uint64_t now = clock_mono_us();
    uint64_t limit = (uint64_t)l->timing->interval_ms * 1000 + pace_bytes_us(&s->pace, FRAME_MAX);
    if (limit < STUCK_MIN_US)
        limit = STUCK_MIN_US;
    if (s->stuck_us == 0)
        s->stuck_us = now;
    if (now - s->stuck_us < limit)
        return true;
    tty_drop_output(s->fd);
    sendq_clear(&s->queue);
    pace_init(&s->pace, s->pace.baud);
    s->stuck_us = 0;
    return false;
}

/* Writes what the line can take now, and sees to it that it is called again. */
static void pump(struct link *l)
{
    struct serial *s = l->state;
    const uint8_t *at;
    while (!s->timer_set) {
        bool begun = sendq_begun(&s->queue);
        uint64_t wait_us = begun ? 0 : pace_wait_us(&s->pace, clock_mono_us(), tty_queued(s->fd));
        size_t len = sendq_head(&s->queue, &at);
        if (len == 0)
            return;
        if (wait_us > 0) {
            timer_arm(s, wait_us);
            return;
        }
        ssize_t n = write(s->fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            link_down(l, _("cannot write to %s: %s"), link_addr(l, l->shell->self),
                      strerror(errno));
            return;
        }
        if (n <= 0) {
            if (stuck(l, s))
                timer_arm(s, pace_bytes_us(&s->pace, len) + PACE_SLACK_US);
            return;
        }
        s->stuck_us = 0;
        pace_wrote(&s->pace, clock_mono_us(), (size_t)n);
        sendq_wrote(&s->queue, (size_t)n);
    }
}

static int32_t timer_fired(int32_t fd, int32_t revents, void *context)
{
    struct link *l = context;
    struct serial *s = l->state;
    uint64_t count;
    (void)revents;
    if (read(fd, &count, sizeof count) < 0 && errno == EAGAIN)
        return 0;
    s->timer_set = false;
    pump(l);
    return 0;
}

/* Frames that are whole; false: the link was closed meanwhile. */
static bool take(struct link *l, const uint8_t *at, size_t len)
{
    struct serial *s = l->state;
    while (len > 0) {
        const uint8_t *frame;
        size_t n = framer_feed(&s->framer, at, len), frame_len;
        at += n;
        len -= n;
        while ((frame = framer_next(&s->framer, &frame_len)) != NULL)
            if (!link_frame(l, frame, frame_len, NULL))
                return false;
    }
    link_framer_bad(l, &s->framer, &s->skipped, &s->broken);
    return true;
}

static int32_t readable(int32_t fd, int32_t revents, void *context)
{
    struct link *l = context;
    uint8_t bytes[READ_BYTES];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0) {
        (void)take(l, bytes, (size_t)n);
        return 0;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR) && !(revents & (POLLHUP | POLLERR)))
        return 0;
    link_down(l, _("%s: the device went away (%s)"), link_addr(l, l->shell->self),
              n == 0 || errno == EAGAIN ? _("end of file") : strerror(errno));
    return 0;
}

static bool serial_open(struct link *l)
{
    struct serial *s = l->state;
    char why[REASON_LEN];
    struct str str;
    str_init(&str, why, sizeof why);
    s->timer = -1;
    s->timer_set = false;
    s->stuck_us = 0;
    s->skipped = s->broken = 0;
    pace_init(&s->pace, l->conf->baud);
    framer_init(&s->framer);
    sendq_init(&s->queue, QUEUE_FRAMES);
    s->fd = tty_open(link_addr(l, l->shell->self), l->conf->baud, &str);
    if (s->fd < 0) {
        link_down(l, "%s", why);
        return false;
    }
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (s->timer < 0 ||
        qb_loop_poll_add(l->shell->loop, QB_LOOP_HIGH, s->timer, POLLIN, l, timer_fired) != 0 ||
        qb_loop_poll_add(l->shell->loop, QB_LOOP_HIGH, s->fd, POLLIN, l, readable) != 0) {
        link_down(l, _("no room in the main loop"));
        return false;
    }
    link_up(l);
    return true;
}

static void serial_close(struct link *l)
{
    struct serial *s = l->state;
    if (s->timer >= 0) {
        (void)qb_loop_poll_del(l->shell->loop, s->timer);
        close(s->timer);
    }
    if (s->fd >= 0) {
        (void)qb_loop_poll_del(l->shell->loop, s->fd);
        tty_close(s->fd);
    }
    s->fd = s->timer = -1;
    s->timer_set = false;
}

static void serial_send(struct link *l, unsigned node, const uint8_t *frame, size_t len, bool beat)
{
    (void)node;
    struct serial *s = l->state;
    assert(len <= FRAME_SERIAL_MAX);
    sendq_put(&s->queue, frame, len, beat);
    pump(l);
}

const struct link_driver link_serial = {"serial", sizeof(struct serial), serial_open, serial_close,
                                        serial_send};
