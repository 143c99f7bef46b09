/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_feed: the reset never comes later than the date + W, whatever is told, stalls or dies; and a
 * node whose date is renewed in time is never reset.
 *
 * Besides single steps there is a keeper in virtual time, with a watchdog that keeps the kernel's
 * rules (any feeding and any unclean close start W anew), clocks that differ by a tenth, stalls
 * between looking at the clock and doing, and a kill at any moment. */
#include <stdbool.h>
#include <string.h>
#include "test/unit/unit.h"
#include "lib/base/num.h"
#include "lib/base/prng.h"
#include "lib/wire/feed.h"

enum { MS = 1000, W_MS = 2000, MARGIN_US = FEED_MARGIN_MS * MS };
static const uint64_t T0 = 50000000;

static struct feed armed_until(uint64_t until_us)
{
    struct feed f;
    enum feed_deed deed;
    feed_init(&f, W_MS, true, false, T0, 0);
    ck_assert_int_eq(feed_until(&f, T0, until_us, &deed), ERR_OK);
    ck_assert_int_eq(deed, FEED_OPEN);
    ck_assert_int_eq(feed_done(&f, deed, true, T0), FEED_WAIT);
    return f;
}

START_TEST(test_happy)
{
    uint64_t wait, now = T0;
    enum feed_deed deed;
    struct feed f = armed_until(T0 + 10000 * MS);
    ck_assert_int_eq(feed_next(&f, now, 0, &wait), FEED_WAIT);
    ck_assert_uint_eq(wait, W_MS * MS / 4);
    now += wait;
    ck_assert_int_eq(feed_next(&f, now, 0, &wait), FEED_PING);
    ck_assert_int_eq(feed_done(&f, FEED_PING, true, now), FEED_WAIT);
    ck_assert_uint_eq(feed_reset_us(&f), now + W_MS * MS);
    ck_assert_int_eq(feed_until(&f, now, 0, &deed), ERR_OK);
    ck_assert_int_eq(deed, FEED_RELEASE);
    ck_assert_int_eq(feed_done(&f, deed, true, now), FEED_WAIT);
    ck_assert_int_eq(f.state, FEED_IDLE);
    ck_assert_uint_eq(feed_reset_us(&f), 0);
    ck_assert_int_eq(feed_next(&f, now + 1000000 * MS, 0, &wait), FEED_WAIT);
    ck_assert_uint_eq(wait, UINT64_MAX);
}
END_TEST

START_TEST(test_closes_a_margin_before_the_date)
{
    uint64_t wait, date = T0 + 300 * MS;
    enum feed_deed deed;
    struct feed f = armed_until(date);
    ck_assert_int_eq(feed_next(&f, date - MARGIN_US - 1, 0, &wait), FEED_WAIT);
    ck_assert_uint_eq(wait, 1);
    ck_assert_int_eq(feed_next(&f, date - MARGIN_US, 0, &wait), FEED_CLOSE);
    ck_assert_int_eq(feed_done(&f, FEED_CLOSE, true, date - MARGIN_US), FEED_WAIT);
    ck_assert_uint_le(feed_reset_us(&f), date + W_MS * MS);
    /* for ever: no date and no word helps */
    ck_assert_int_eq(feed_until(&f, date - MARGIN_US, date + 60000 * MS, &deed), ERR_REFUSED);
    ck_assert_int_eq(feed_until(&f, date, 0, &deed), ERR_REFUSED);
    ck_assert_int_eq(deed, FEED_WAIT);
    ck_assert_int_eq(feed_starve(&f), FEED_WAIT);
    ck_assert_int_eq(feed_next(&f, date, 0, &wait), FEED_WAIT);
    /* and when even the watchdog fails, the keeper resets */
    uint64_t end = feed_reset_us(&f) + FEED_GRACE_MS * MS;
    ck_assert_int_eq(feed_next(&f, end - 1, 0, &wait), FEED_WAIT);
    ck_assert_int_eq(feed_next(&f, end, 0, &wait), FEED_RESET);
}
END_TEST

START_TEST(test_late_is_reset_and_never_closed)
{
    uint64_t wait, date = T0 + 3000 * MS;
    enum feed_deed deed;
    struct feed f = armed_until(date);
    ck_assert_int_eq(feed_until(&f, date, date + 9000 * MS, &deed), ERR_REFUSED);
    ck_assert_int_eq(feed_next(&f, date, 0, &wait), FEED_RESET);
    ck_assert_int_eq(f.state, FEED_PENDING);
    f = armed_until(date); /* stalled between the clock and the deed */
    ck_assert_int_eq(feed_next(&f, date - MARGIN_US - 1, 0, &wait), FEED_PING);
    ck_assert_int_eq(feed_done(&f, FEED_PING, true, date + 1), FEED_RESET);
    f = armed_until(date);
    ck_assert_int_eq(feed_next(&f, date - MARGIN_US, 0, &wait), FEED_CLOSE);
    ck_assert_int_eq(feed_done(&f, FEED_CLOSE, true, date + 1), FEED_RESET);
    f = armed_until(date); /* told to end what has passed */
    ck_assert_int_eq(feed_until(&f, T0 + 5, T0 + 1, &deed), ERR_OK);
    ck_assert_int_eq(feed_next(&f, T0 + 5, 0, &wait), FEED_RESET);
}
END_TEST

START_TEST(test_sleep_voids_the_date)
{
    uint64_t wait;
    struct feed f = armed_until(T0 + 10000 * MS);
    ck_assert_int_eq(feed_next(&f, T0, 0, &wait), FEED_WAIT);
    ck_assert_int_eq(feed_next(&f, T0 + 1, 1, &wait), FEED_RESET);
    /* asleep with nothing armed: nothing to do, and no harm later */
    enum feed_deed deed;
    feed_init(&f, W_MS, true, false, T0, 0);
    ck_assert_int_eq(feed_next(&f, T0, 777, &wait), FEED_WAIT);
    ck_assert_int_eq(feed_until(&f, T0, T0 + 10000 * MS, &deed), ERR_OK);
    ck_assert_int_eq(feed_done(&f, deed, true, T0), FEED_WAIT);
    ck_assert_int_eq(feed_next(&f, T0, 777, &wait), FEED_WAIT);
}
END_TEST

START_TEST(test_dates_that_arm_nothing)
{
    struct feed f;
    enum feed_deed deed;
    uint64_t far = T0 + (uint64_t)FEED_AHEAD_MAX_MS * MS;
    feed_init(&f, W_MS, true, false, T0, 0);
    ck_assert_int_eq(feed_until(&f, T0, T0 + MARGIN_US, &deed), ERR_RANGE);
    ck_assert_int_eq(feed_until(&f, T0, T0 - 1, &deed), ERR_RANGE);
    ck_assert_int_eq(feed_until(&f, T0, far + 1, &deed), ERR_RANGE);
    ck_assert_int_eq(feed_until(&f, T0, 0, &deed), ERR_OK);
    ck_assert_int_eq(deed, FEED_WAIT);
    ck_assert_int_eq(f.state, FEED_IDLE);
    /* an opening that fails, or takes until the date, has armed nothing */
    ck_assert_int_eq(feed_until(&f, T0, far, &deed), ERR_OK);
    ck_assert_int_eq(feed_done(&f, deed, false, T0), FEED_WAIT);
    ck_assert_int_eq(f.state, FEED_IDLE);
    ck_assert_int_eq(feed_until(&f, T0, T0 + 500 * MS, &deed), ERR_OK);
    ck_assert_int_eq(feed_done(&f, deed, true, T0 + 400 * MS), FEED_RELEASE);
    ck_assert_int_eq(feed_done(&f, FEED_RELEASE, true, T0 + 400 * MS), FEED_WAIT);
    ck_assert_int_eq(f.state, FEED_IDLE);
}
END_TEST

/* A driver that cannot be stopped is fed for ever, unless something guarded runs. */
START_TEST(test_held)
{
    struct feed f;
    enum feed_deed deed;
    uint64_t wait, now = T0;
    feed_init(&f, W_MS, false, true, now, 0);
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_int_eq(feed_next(&f, now, 0, &wait), i ? FEED_PING : FEED_WAIT);
        (void)feed_done(&f, FEED_PING, true, now);
        now += W_MS * MS / 4;
    }
    ck_assert_int_eq(feed_until(&f, now, now + 1000 * MS, &deed), ERR_OK);
    ck_assert_int_eq(deed, FEED_WAIT); /* it is open */
    ck_assert_int_eq(f.state, FEED_ARMED);
    ck_assert_int_eq(feed_until(&f, now, 0, &deed), ERR_OK);
    ck_assert_int_eq(deed, FEED_WAIT);
    ck_assert_int_eq(f.state, FEED_HELD);
    /* "stopped" that was not */
    f = armed_until(now + 1000 * MS);
    ck_assert_int_eq(feed_until(&f, now, 0, &deed), ERR_OK);
    ck_assert_int_eq(feed_done(&f, FEED_RELEASE, false, now), FEED_WAIT);
    ck_assert_int_eq(f.state, FEED_PENDING);
}
END_TEST

START_TEST(test_failed_ping_is_tried_again_not_at_once)
{
    struct feed f = armed_until(T0 + 60000 * MS);
    uint64_t wait, now = T0 + W_MS * MS / 4, fed = f.fed_us;
    ck_assert_int_eq(feed_next(&f, now, 0, &wait), FEED_PING);
    ck_assert_int_eq(feed_done(&f, FEED_PING, false, now), FEED_WAIT);
    ck_assert_uint_eq(f.fed_us, fed);
    ck_assert_int_eq(feed_next(&f, now, 0, &wait), FEED_WAIT);
    ck_assert_uint_gt(wait, 0);
    ck_assert_int_eq(feed_next(&f, now + wait, 0, &wait), FEED_PING);
}
END_TEST

/* ---- a keeper in virtual time ---- */

struct run {
    struct prng p;
    struct feed f;
    uint64_t now;      /* RAW */
    bool open, runs;   /* the device */
    uint64_t fire_us;  /* when it resets; meaningless unless it runs */
    uint64_t promised; /* the newest date that ever held, since it was armed */
    uint64_t ended;    /* the machine's end, 0: lives */
    bool doom;         /* FEED_RESET resets */
    uint32_t stall_max_us;
};

static void device_feed(struct run *r)
{
    r->runs = true;
    r->fire_us = r->now + (uint64_t)W_MS * MS;
}

static void time_pass(struct run *r, uint64_t us)
{
    if (r->runs && r->now + us >= r->fire_us && !r->ended)
        r->ended = r->fire_us;
    r->now += us;
}

/* Between the look at the clock and the deed, and again after it. */
static void stall(struct run *r)
{
    if (prng_chance(&r->p, 100000))
        time_pass(r, prng_below(&r->p, r->stall_max_us));
}

static void deeds(struct run *r, enum feed_deed deed)
{
    while (deed != FEED_WAIT && !r->ended) {
        stall(r);
        if (r->ended)
            return;
        switch (deed) {
        case FEED_OPEN:
            r->open = true;
            device_feed(r);
            break;
        case FEED_PING: device_feed(r); break;
        case FEED_RELEASE:
            r->open = r->runs = false;
            r->promised = 0;
            break;
        case FEED_CLOSE:
            device_feed(r);
            r->open = false;
            break;
        case FEED_RESET:
            if (r->doom && !r->ended)
                r->ended = r->now;
            return;
        case FEED_WAIT: break;
        }
        stall(r);
        deed = feed_done(&r->f, deed, true, r->now);
    }
}

static void say_date(struct run *r)
{
    enum feed_deed deed;
    uint64_t date = r->now + prng_below(&r->p, 6000) * MS;
    if (prng_chance(&r->p, 50000))
        date = 0;
    enum err err = feed_until(&r->f, r->now, date, &deed);
    if (!err && date > r->promised)
        r->promised = date;
    deeds(r, deed);
}

/* The kernel closes what a killed process had open. */
static void kill_keeper(struct run *r)
{
    if (r->open)
        device_feed(r);
    r->open = false;
    if (r->runs && !r->ended)
        r->ended = r->fire_us;
}

static void run_one(struct run *r, uint64_t seed)
{
    prng_seed(&r->p, seed);
    r->now = T0;
    feed_init(&r->f, W_MS, true, false, r->now, 0);
    uint64_t killed = r->now + prng_below(&r->p, 30000) * MS;
    while (!r->ended && r->now < T0 + 60000u * MS) {
        uint64_t wait;
        if (r->now >= killed) {
            kill_keeper(r);
            break;
        }
        if (prng_chance(&r->p, 300000))
            say_date(r);
        enum feed_deed deed = feed_next(&r->f, r->now, 0, &wait);
        if (deed != FEED_WAIT) {
            deeds(r, deed);
            if (deed == FEED_RESET && !r->doom)
                time_pass(r, (uint64_t)W_MS * MS);
            continue;
        }
        /* sleeps by a clock of another rate, or until a message comes */
        uint64_t nap = wait == UINT64_MAX ? 1000 * MS : feed_nap_us(wait);
        nap = nap * (900 + prng_below(&r->p, 201)) / 1000 + 60; /* what a wake-up takes */
        time_pass(r, prng_chance(&r->p, 500000) ? prng_below(&r->p, nap + 1) : nap);
        stall(r);
    }
}

/* Whatever is told and whoever is killed: the end comes before promise + W, as long as the few
 * stalls that can come together are shorter than the margin. */
START_TEST(test_never_later_than_the_date_and_w)
{
    unsigned ends = 0, idle = 0;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct run r = {.doom = true, .stall_max_us = MARGIN_US / 4};
        run_one(&r, seed);
        if (r.ended) {
            ends++;
            ck_assert_msg(r.ended <= r.promised + (uint64_t)W_MS * MS,
                          "seed %u: reset %u us after date + W", (unsigned)seed,
                          (unsigned)(r.ended - r.promised - W_MS * MS));
        } else {
            idle++;
            ck_assert(!r.runs || r.f.state == FEED_ARMED);
        }
    }
    ck_assert_uint_gt(ends, 1000); /* the test tests something */
    ck_assert_uint_gt(idle, 100);
}
END_TEST

/* Stalls that the margin does not cover cost no more than themselves: the keeper notices. */
START_TEST(test_long_stalls)
{
    enum { STALL_US = 3 * MARGIN_US, TOGETHER = 4 };
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct run r = {.doom = true, .stall_max_us = STALL_US};
        run_one(&r, seed);
        if (r.ended)
            ck_assert_msg(r.ended <= r.promised + (uint64_t)W_MS * MS + TOGETHER * STALL_US,
                          "seed %u", (unsigned)seed);
    }
}
END_TEST

/* Renewed each 500 ms until 3 s ahead, with stalls of up to 100 ms: nobody is reset. */
START_TEST(test_renewed_lives)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct run r = {.doom = true, .stall_max_us = 100 * MS};
        enum feed_deed deed;
        uint64_t wait, renew = T0;
        prng_seed(&r.p, seed);
        r.now = T0;
        feed_init(&r.f, W_MS, true, false, r.now, 0);
        while (r.now < T0 + 60000u * MS) {
            if (r.now >= renew) {
                ck_assert_int_eq(feed_until(&r.f, r.now, r.now + 3000 * MS, &deed), ERR_OK);
                deeds(&r, deed);
                renew = r.now + 500 * MS;
            }
            deed = feed_next(&r.f, r.now, 0, &wait);
            deeds(&r, deed);
            if (deed == FEED_WAIT)
                time_pass(&r, num_min(feed_nap_us(wait) * 11 / 10, renew - r.now));
            stall(&r);
            ck_assert_uint_eq(r.ended, 0);
        }
        ck_assert_int_eq(r.f.state, FEED_ARMED);
    }
}
END_TEST

/* By a clock that runs a tenth slower, naps never end after the wait, and soon end near it. */
START_TEST(test_naps)
{
    static const unsigned rates[] = {900, 1000, 1100};
    for (unsigned i = 0; i < 3; i++) {
        uint64_t left = 3600000ull * MS;
        unsigned naps = 0;
        while (left > 2 * MS) {
            uint64_t nap = feed_nap_us(left) * rates[i] / 1000;
            ck_assert_uint_le(nap, left);
            left -= nap;
            naps++;
        }
        ck_assert_uint_le(naps, 20);
    }
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("feed");
    tcase_add_test(t, test_happy);
    tcase_add_test(t, test_closes_a_margin_before_the_date);
    tcase_add_test(t, test_late_is_reset_and_never_closed);
    tcase_add_test(t, test_sleep_voids_the_date);
    tcase_add_test(t, test_dates_that_arm_nothing);
    tcase_add_test(t, test_held);
    tcase_add_test(t, test_failed_ping_is_tried_again_not_at_once);
    tcase_add_test(t, test_never_later_than_the_date_and_w);
    tcase_add_test(t, test_long_stalls);
    tcase_add_test(t, test_renewed_lives);
    tcase_add_test(t, test_naps);
    return unit_end();
}
