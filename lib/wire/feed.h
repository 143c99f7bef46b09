/* SPDX-License-Identifier: GPL-2.0-or-later
 * feed: when the keeper feeds the watchdog, and when it never does so again. A state machine on
 * times: no system call, so that random schedules can be run through it.
 *
 * The promise: with dates told by feed_until, no feeding happens later than the newest date, so
 * that the machine is reset at most one watchdog time-out W after it, whatever dies here. Closing
 * the device feeds it once more (the kernel's watchdog_release), also when it is the kernel that
 * closes it because the keeper was killed. So the keeper closes it itself, one margin before the
 * date: after that nothing is left that could feed.
 *
 *      last renewal                    date - margin      date              reset at the latest
 *   ---*----- feed ----- feed ----- feed ----*--------------*------------------------*---> t
 *                                          close           (a kill from here on        date + W
 *                                        = last feed        feeds nothing)
 *
 * Happy path: feed_until when the daemon says a date, feed_next whenever time has passed, and after
 * each deed feed_done with the clock read after it. Fails: whoever notices that a feeding or a
 * close came after the date, or that the machine slept, answers FEED_RESET: the watchdog can no
 * longer keep the promise, the machine must be reset by other means at once.
 * Times are CLOCK_MONOTONIC_RAW in microseconds. */
#ifndef YOKE_WIRE_FEED_H
#define YOKE_WIRE_FEED_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"

enum {
    FEED_MARGIN_MS = 200, /* the keeper closes so long before the date: whoever holds a date has
                             that much less. Longer than a real-time process ever waits */
    FEED_AHEAD_MAX_MS = 24 * 3600 * 1000, /* no date is further away */
    FEED_GRACE_MS = 1000                  /* a device that did not fire by then never will */
};

enum feed_state {
    FEED_IDLE,    /* the device is closed and stopped */
    FEED_HELD,    /* it cannot be stopped: fed without a date, because nothing is guarded */
    FEED_ARMED,   /* fed until the date */
    FEED_PENDING, /* not fed any more: the reset is coming and nothing here may put it off */
    FEED_STATE_COUNT
};

enum feed_deed {
    FEED_WAIT,    /* nothing to do for *wait_us */
    FEED_OPEN,    /* open the device (which starts it): only after feed_until */
    FEED_PING,    /* feed it */
    FEED_RELEASE, /* stop it by the magic close */
    FEED_CLOSE,   /* close it without stopping it: the last feeding */
    FEED_RESET    /* reset the machine at once; keep the device open, closing would feed it */
};

struct feed {
    enum feed_state state;
    bool stoppable;      /* a magic close stops the device */
    uint32_t timeout_ms; /* W, as read back */
    uint32_t grace_ms;   /* FEED_GRACE_MS; how long after W the keeper itself resets the machine */
    uint64_t until_us;   /* the date; 0 when there is none */
    uint64_t fed_us;     /* when the last feeding was over; 0: none yet */
    uint64_t failed_us;  /* when a feeding failed last */
    uint64_t slept_us;   /* how long the machine had slept since its boot */
};

/* held: the device is open and cannot be stopped. now_us: when it was last fed. */
void feed_init(struct feed *f, uint32_t timeout_ms, bool stoppable, bool held, uint64_t now_us,
               uint64_t slept_us);
/* A reset is under way that somebody else left behind. */
void feed_init_pending(struct feed *f, uint32_t timeout_ms, uint64_t now_us);

/* The daemon says a date; 0: stop the device. *deed is what must be done now, then feed_done.
 * ERR_REFUSED: a reset is pending. ERR_RANGE: the date is nearer than the margin, or further than
 * FEED_AHEAD_MAX_MS, and nothing is armed by it; while armed a nearer date is taken (it ends the
 * feeding), a further one than allowed is refused. */
enum err feed_until(struct feed *f, uint64_t now_us, uint64_t until_us,
                    enum feed_deed *deed) MUST_CHECK;
/* What must be done now. slept_us: BOOTTIME - MONOTONIC. *wait_us: how long until feed_next wants
 * to be asked again, UINT64_MAX: not before the next message. */
enum feed_deed feed_next(struct feed *f, uint64_t now_us, uint64_t slept_us, uint64_t *wait_us);
/* A deed was done (ok) or failed; now_us was read after it. FEED_RESET when it was too late, else
 * FEED_WAIT. */
enum feed_deed feed_done(struct feed *f, enum feed_deed deed, bool ok, uint64_t now_us);
/* Stop feeding for good, as `yoke watchdog test` wants it. */
enum feed_deed feed_starve(struct feed *f);

/* When the reset comes at the latest if nobody feeds any more; 0: never. */
uint64_t feed_reset_us(const struct feed *f);
uint64_t feed_interval_us(const struct feed *f);
/* How long to sleep by another clock of which the rate may differ by a tenth, so as not to be late
 * by this one: the rest is slept in further steps. 1 ms at least. */
uint64_t feed_nap_us(uint64_t wait_us);
const char *feed_state_word(enum feed_state state);

#endif
