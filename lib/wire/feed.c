/* SPDX-License-Identifier: GPL-2.0-or-later
 * feed: the keeper's state machine. Every path to FEED_PENDING is one-way. */
#include "lib/wire/feed.h"

#include <assert.h>
#include <string.h>
#include "lib/base/num.h"

enum {
    US = 1000,
    INTERVALS = 4, /* feedings in one time-out: three may be late */
    INTERVAL_MIN_US = 20 * US,
    NAP_PART = 8, /* an eighth is more than the tenth by which clocks may differ */
    NAP_MIN_US = US
};

static uint64_t margin_us(void)
{
    return (uint64_t)FEED_MARGIN_MS * US;
}

void feed_init(struct feed *f, uint32_t timeout_ms, bool stoppable, bool held, uint64_t now_us,
               uint64_t slept_us)
{
    assert(timeout_ms > 0 && !(held && stoppable));
    memset(f, 0, sizeof *f);
    f->state = held ? FEED_HELD : FEED_IDLE;
    f->stoppable = stoppable;
    f->timeout_ms = timeout_ms;
    f->fed_us = held ? now_us : 0;
    f->slept_us = slept_us;
    f->grace_ms = FEED_GRACE_MS;
}

void feed_init_pending(struct feed *f, uint32_t timeout_ms, uint64_t now_us)
{
    memset(f, 0, sizeof *f);
    f->state = FEED_PENDING;
    f->timeout_ms = timeout_ms;
    f->fed_us = now_us; /* at the latest */
    f->grace_ms = FEED_GRACE_MS;
}

uint64_t feed_interval_us(const struct feed *f)
{
    return num_max((uint64_t)f->timeout_ms * US / INTERVALS, INTERVAL_MIN_US);
}

uint64_t feed_reset_us(const struct feed *f)
{
    return f->state == FEED_IDLE ? 0 : f->fed_us + (uint64_t)f->timeout_ms * US;
}

uint64_t feed_nap_us(uint64_t wait_us)
{
    return num_max(wait_us - wait_us / NAP_PART, NAP_MIN_US);
}

const char *feed_state_word(enum feed_state state)
{
    static const char *const words[FEED_STATE_COUNT] = {"idle", "held", "armed", "pending"};
    assert((unsigned)state < FEED_STATE_COUNT);
    return words[state];
}

static enum err disarm(struct feed *f, enum feed_deed *deed)
{
    if (f->state == FEED_ARMED) {
        f->until_us = 0;
        if (f->stoppable) {
            *deed = FEED_RELEASE;
        } else {
            f->state = FEED_HELD;
        }
    }
    return ERR_OK;
}

enum err feed_until(struct feed *f, uint64_t now_us, uint64_t until_us, enum feed_deed *deed)
{
    *deed = FEED_WAIT;
    if (f->state == FEED_PENDING)
        return ERR_REFUSED;
    if (f->state == FEED_ARMED && now_us >= f->until_us)
        return ERR_REFUSED; /* too late for any other date: feed_next will say so */
    if (until_us == 0)
        return disarm(f, deed);
    if (until_us > now_us + (uint64_t)FEED_AHEAD_MAX_MS * US)
        return ERR_RANGE;
    if (f->state != FEED_ARMED) {
        if (until_us <= now_us + margin_us())
            return ERR_RANGE;
        *deed = f->state == FEED_IDLE ? FEED_OPEN : FEED_WAIT;
        f->state = FEED_ARMED;
    }
    f->until_us = until_us;
    return ERR_OK;
}

static enum feed_deed reset(struct feed *f)
{
    f->state = FEED_PENDING;
    return FEED_RESET;
}

static enum feed_deed ping_or_wait(const struct feed *f, uint64_t now_us, uint64_t *wait_us)
{
    uint64_t interval_us = feed_interval_us(f), due_us = f->fed_us + interval_us;
    if (f->failed_us > f->fed_us)
        due_us = f->failed_us + interval_us / INTERVALS;
    if (now_us >= due_us)
        return FEED_PING;
    *wait_us = due_us - now_us;
    return FEED_WAIT;
}

enum feed_deed feed_next(struct feed *f, uint64_t now_us, uint64_t slept_us, uint64_t *wait_us)
{
    bool slept = slept_us > f->slept_us;
    *wait_us = UINT64_MAX;
    f->slept_us = num_max(f->slept_us, slept_us);
    switch (f->state) {
    case FEED_HELD: return ping_or_wait(f, now_us, wait_us);
    case FEED_ARMED: break;
    case FEED_PENDING: {
        uint64_t over_us = feed_reset_us(f) + (uint64_t)f->grace_ms * US;
        if (now_us >= over_us)
            return FEED_RESET; /* the watchdog did not do it */
        *wait_us = over_us - now_us;
        return FEED_WAIT;
    }
    default: return FEED_WAIT;
    }
    /* This clock stood still while the machine slept, the peer's did not: the date means nothing
     * any more. And past the date even closing is forbidden: it would feed. */
    if (slept || now_us >= f->until_us)
        return reset(f);
    if (now_us + margin_us() >= f->until_us) {
        f->state = FEED_PENDING;
        return FEED_CLOSE;
    }
    enum feed_deed deed = ping_or_wait(f, now_us, wait_us);
    *wait_us = num_min(*wait_us, f->until_us - margin_us() - now_us);
    return deed;
}

/* Nobody was told yet that it is armed: an opening that took until the date is taken back. */
static enum feed_deed opened(struct feed *f, bool ok, uint64_t now_us)
{
    bool late = now_us + margin_us() >= f->until_us;
    f->fed_us = ok ? now_us : 0;
    if (ok && !late)
        return FEED_WAIT;
    f->until_us = 0;
    if (ok && f->stoppable)
        return FEED_RELEASE;
    f->state = ok ? FEED_HELD : FEED_IDLE;
    return FEED_WAIT;
}

enum feed_deed feed_done(struct feed *f, enum feed_deed deed, bool ok, uint64_t now_us)
{
    bool late = f->until_us != 0 && now_us > f->until_us;
    switch (deed) {
    case FEED_OPEN: return opened(f, ok, now_us);
    case FEED_PING: *(ok ? &f->fed_us : &f->failed_us) = now_us; break;
    case FEED_CLOSE: f->fed_us = now_us; break;
    case FEED_RELEASE:
        f->state = ok ? FEED_IDLE : FEED_PENDING; /* closed, and it runs on */
        f->fed_us = ok ? 0 : now_us;
        return FEED_WAIT;
    default: return FEED_WAIT;
    }
    return late ? reset(f) : FEED_WAIT;
}

enum feed_deed feed_starve(struct feed *f)
{
    if (f->state != FEED_ARMED && f->state != FEED_HELD)
        return FEED_WAIT;
    f->state = FEED_PENDING;
    return FEED_CLOSE;
}
