/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_timing: over all standard rates, guards and many takeovers and deadtimes: either everything
 * holds or it is refused, and then the value suggested is accepted and one ms less is not. */
#include <stdio.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/base/prng.h"
#include "lib/conf/opt.h"
#include "lib/conf/timing.h"
#include "lib/wire/feed.h"
#include "lib/wire/frame.h"
#include "test/unit/unit.h"

enum { MAX_MS = 600 * 1000 };

_Static_assert((int)TIMING_CONTROL_BYTES == (int)FRAME_SERIAL_MAX, "one largest serial frame");
_Static_assert((int)FRAME_HEAD + (int)FRAME_BEAT_BODY + (int)FRAME_TAIL <= (int)TIMING_BEAT_BYTES,
               "a beat is as short as timing believes");

static struct conf conf_of(uint32_t takeover_ms, uint32_t deadtime_ms, uint8_t guard)
{
    struct conf c;
    memset(&c, 0, sizeof c);
    c.takeover_ms = takeover_ms;
    c.deadtime_ms = deadtime_ms;
    c.guard = guard;
    c.n_nodes = 2;
    return c;
}

static void link_add(struct conf *c, enum link_type type, uint32_t baud, uint32_t interval_ms)
{
    struct conf_link *l = &c->link[c->n_links];
    snprintf(l->name, sizeof l->name, "l%u", c->n_links++);
    l->type = (uint8_t)type;
    l->baud = baud;
    l->interval_ms = interval_ms;
}

static void apply(struct conf *c, const struct timing_refusal *no, uint32_t less)
{
    switch (no->fault) {
    case TIMING_TAKEOVER_SHORT: c->takeover_ms = no->takeover_ms - less; break;
    case TIMING_DEADTIME_SHORT:
        c->deadtime_ms = no->deadtime_ms - less;
        if (no->takeover_ms != 0)
            c->takeover_ms = no->takeover_ms;
        break;
    case TIMING_INTERVAL_SHORT: c->link[no->link].interval_ms = no->interval_ms - less; break;
    case TIMING_OK: ck_abort(); break;
    }
}

/* Holds, or is refused with the smallest value that can be. */
static enum err judge(const struct conf *c)
{
    struct timing t;
    struct timing_refusal no;
    char text[400];
    struct str s;

    enum err err = timing_solve(c, &t, &no);
    if (err == ERR_OK) {
        const char *broken = timing_broken(c, &t);
        ck_assert_msg(broken == NULL, "T %u D %u: %s", c->takeover_ms, c->deadtime_ms, broken);
        ck_assert_uint_le(timing_sum_ms(&t), c->takeover_ms);
        return ERR_OK;
    }
    ck_assert_int_eq(err, ERR_RANGE);
    str_init(&s, text, sizeof text);
    timing_refusal_words(c, &no, NULL, &s);
    ck_assert(!s.cut && s.len < 240 && strstr(text, "smallest") != NULL);
    if (no.link < c->n_links)
        ck_assert_ptr_nonnull(strstr(text, c->link[no.link].name));

    struct conf with = *c, below = *c;
    enum timing_fault fault = no.fault;
    apply(&with, &no, 0);
    apply(&below, &no, 1);
    err = timing_solve(&with, &t, &no);
    ck_assert_msg(err == ERR_OK || (fault == TIMING_INTERVAL_SHORT && no.fault != fault),
                  "%s, but it is refused", text);
    if (err == ERR_OK)
        ck_assert_msg(timing_broken(&with, &t) == NULL, "%s: %s", text, timing_broken(&with, &t));
    ck_assert_msg(timing_solve(&below, &t, &no) == ERR_RANGE, "%s, but one less is accepted", text);
    if (fault == TIMING_DEADTIME_SHORT && with.takeover_ms != c->takeover_ms) {
        with.takeover_ms--;
        ck_assert_msg(timing_solve(&with, &t, &no) == ERR_RANGE, "%s, but less is enough", text);
    }
    return ERR_RANGE;
}

/* Calls f with every standard rate. */
static const char *const *bauds(void)
{
    return opt_find(OPT_LINK, "baud", NULL)->words;
}

static const uint32_t times[] = {1,     99,    100,    101,    124,    125,   126,   149,   150,
                                 199,   250,   300,    333,    500,    525,   600,   625,   700,
                                 906,   999,   1000,   1001,   1500,   2000,  2500,  3000,  4000,
                                 5000,  7236,  8000,   9999,   10000,  15000, 20000, 30000, 45000,
                                 60000, 90000, 120000, 180000, 299999, 300000};

START_TEST(takeover_alone)
{
    unsigned ok = 0, refused = 0;
    for (unsigned i = 0; i < ARRAY_LEN(times); i++)
        for (uint8_t guard = 0; guard <= GUARD_FENCE; guard++)
            for (unsigned b = 0; bauds()[b] != NULL; b++) {
                struct conf c = conf_of(times[i], 0, guard);
                link_add(&c, LINK_UDP, 0, 0);
                link_add(&c, LINK_SERIAL, (uint32_t)strtoul(bauds()[b], NULL, 10), 0);
                if (judge(&c) == ERR_OK)
                    ok++;
                else
                    refused++;
            }
    ck_assert_uint_gt(ok, 500);
    ck_assert_uint_gt(refused, 200);
}
END_TEST

START_TEST(takeover_each_ms)
{
    for (uint32_t takeover = 1; takeover < 12000; takeover += takeover < 1500 ? 1 : 7)
        for (uint8_t guard = 0; guard <= GUARD_FENCE; guard++) {
            struct conf c = conf_of(takeover, 0, guard);
            link_add(&c, LINK_SERIAL, takeover % 2 ? 9600 : 115200, 0);
            (void)judge(&c);
            c.link[0].type = LINK_TCP;
            (void)judge(&c);
        }
}
END_TEST

START_TEST(deadtime_given)
{
    unsigned ok = 0, refused = 0;
    for (unsigned i = 0; i < ARRAY_LEN(times); i++)
        for (unsigned k = i % 3; k < ARRAY_LEN(times); k += 3)
            for (uint8_t guard = 0; guard <= GUARD_FENCE; guard++)
                for (unsigned b = 0; bauds()[b] != NULL; b++) {
                    struct conf c = conf_of(times[i], times[k], guard);
                    link_add(&c, LINK_SERIAL, (uint32_t)strtoul(bauds()[b], NULL, 10), 0);
                    link_add(&c, LINK_UDP, 0, 0);
                    if (judge(&c) == ERR_OK)
                        ok++;
                    else
                        refused++;
                }
    ck_assert_uint_gt(ok, 1000);
    ck_assert_uint_gt(refused, 1000);
}
END_TEST

START_TEST(intervals_given)
{
    static const uint32_t intervals[] = {10, 22, 23, 24, 50, 100, 266, 267, 268, 1000, 5000, 60000};
    for (unsigned i = 0; i < ARRAY_LEN(times); i++)
        for (unsigned k = 0; k < ARRAY_LEN(intervals); k++)
            for (unsigned mode = 0; mode < 8; mode++) {
                struct conf c =
                    conf_of(mode & 1 ? 10000 : times[i], mode & 1 ? times[i] : 0, mode >> 1 & 1);
                link_add(&c, LINK_UDP, 0, mode & 4 ? intervals[k] : 0);
                link_add(&c, LINK_SERIAL, mode & 1 ? 9600 : 115200, mode & 4 ? 0 : intervals[k]);
                (void)judge(&c);
            }
}
END_TEST

START_TEST(disks_among_the_links)
{
    static const uint32_t intervals[] = {0, 50, 51, 100, 1000, 60000};
    unsigned ok = 0, refused = 0;
    for (unsigned i = 0; i < ARRAY_LEN(times); i++)
        for (unsigned k = 0; k < ARRAY_LEN(intervals); k++)
            for (unsigned mode = 0; mode < 4; mode++) {
                struct conf c =
                    conf_of(mode & 1 ? 10000 : times[i], mode & 1 ? times[i] : 0, mode >> 1 & 1);
                link_add(&c, LINK_UDP, 0, 0);
                link_add(&c, LINK_DISK, 0, intervals[k]);
                if (judge(&c) == ERR_OK)
                    ok++;
                else
                    refused++;
            }
    ck_assert_uint_gt(ok, 200);
    ck_assert_uint_gt(refused, 200);
}
END_TEST

static char why_text[400];

static enum err derive(const struct conf *c, struct timing *t)
{
    struct str why;
    str_init(&why, why_text, sizeof why_text);
    return timing_derive(c, t, &why);
}

/* Corosync among the links, alone and with any other; a deadtime, a guard and a lease as well. */
START_TEST(corosync_among_the_links)
{
    unsigned ok = 0, refused = 0;
    for (unsigned i = 0; i < ARRAY_LEN(times); i++)
        for (unsigned mode = 0; mode < 128; mode++) {
            bool three = mode & 64;
            struct conf c =
                conf_of(mode & 1 ? 10000 : times[i], mode & 1 ? times[i] : 0, mode >> 1 & 1);
            c.engine = ENGINE_COROSYNC;
            c.n_nodes = three ? 3 : 2;
            if (mode & 4)
                link_add(&c, LINK_UDP, 0, i % 2 ? 0 : (uint32_t)num_min(times[i], 60000));
            if (mode & 8)
                link_add(&c, LINK_SERIAL, i % 2 ? 9600 : 115200, 0);
            if ((mode & 16) && !three)
                link_add(&c, LINK_DISK, 0, 0);
            if (mode & 32) {
                c.guard |= GUARD_LEASE;
                strcpy(c.watchdog_device, "/dev/watchdog");
            }
            conf_ring_add(&c);
            ck_assert(conf_lease(&c) == ((mode & 32) && (three || (mode & 16))));
            if (judge(&c) == ERR_OK)
                ok++;
            else
                refused++;
        }
    ck_assert_uint_gt(ok, 1000);
    ck_assert_uint_gt(refused, 1000);
}
END_TEST

/* What corosync is set to ends within what yoke waits for, and uses nearly all of it. */
START_TEST(corosync_settles_in_time)
{
    struct timing t;
    struct timing_refusal no;
    unsigned seen = 0;
    for (uint32_t takeover = 100; takeover <= MAX_MS; takeover += takeover < 5000 ? 1 : 997) {
        struct conf c = conf_of(takeover, 0, GUARD_FENCE);
        link_add(&c, LINK_UDP, 0, 0);
        c.engine = ENGINE_COROSYNC;
        conf_ring_add(&c);
        if (timing_solve(&c, &t, &no))
            continue;
        uint32_t token = timing_token_ms(t.settle_ms), consensus = timing_consensus_ms(token);
        const struct timing_link *ring = &t.link[1];
        ck_assert_uint_ge(token, 250);
        ck_assert_uint_ge(consensus * 10, token * 12);
        ck_assert_uint_le(token + consensus, t.settle_ms);
        ck_assert_uint_gt(token + consensus + 4, t.settle_ms);
        ck_assert_uint_eq(t.settle_ms + ring->interval_ms, ring->limit_ms);
        ck_assert_uint_le(ring->limit_ms, t.lost_ms);
        ck_assert_uint_le(t.order_ms, t.settle_ms);
        seen++;
    }
    ck_assert_uint_gt(seen, 4000);
}
END_TEST

START_TEST(figures_of_corosync)
{
    struct timing t;
    struct conf c = conf_of(10000, 0, GUARD_FENCE);
    link_add(&c, LINK_UDP, 0, 0);
    ck_assert_int_eq(derive(&c, &t), ERR_OK);
    ck_assert_uint_eq(t.settle_ms, 0); /* a pair waits for nobody */
    c.engine = ENGINE_COROSYNC;
    conf_ring_add(&c);
    ck_assert_int_eq(derive(&c, &t), ERR_OK);
    ck_assert_uint_eq(t.link[1].interval_ms, 450);
    ck_assert_uint_eq(t.link[1].limit_ms, 4500);
    ck_assert_uint_eq(t.settle_ms, 4050);
    ck_assert_uint_eq(timing_token_ms(t.settle_ms), 1840);
    ck_assert_uint_eq(timing_consensus_ms(1840), 2208);
    struct timing bad = t;
    bad.settle_ms++;
    ck_assert_ptr_nonnull(timing_broken(&c, &bad));

    c.deadtime_ms = 150; /* corosync cannot settle in it */
    ck_assert_int_eq(derive(&c, &t), ERR_RANGE);
    ck_assert_str_eq(why_text, "deadtime = 150ms cannot be kept by the link corosync; the smallest "
                               "deadtime that can be is 611ms");
    c.deadtime_ms = 611;
    ck_assert_int_eq(derive(&c, &t), ERR_OK);
    ck_assert_uint_ge(timing_token_ms(t.settle_ms), 250);
}
END_TEST

START_TEST(largest_bounds_have_an_answer)
{
    struct conf c = conf_of(MAX_MS, 300 * 1000, GUARD_FENCE);
    link_add(&c, LINK_SERIAL, 1200, 60 * 1000);
    ck_assert_int_eq(judge(&c), ERR_OK);
    c.takeover_ms = 100;
    ck_assert_int_eq(judge(&c), ERR_RANGE);
    c.deadtime_ms = 0;
    ck_assert_int_eq(judge(&c), ERR_RANGE);
}
END_TEST

START_TEST(figures_by_hand)
{
    struct timing t;
    struct conf c = conf_of(10000, 0, GUARD_FENCE);
    link_add(&c, LINK_UDP, 0, 0);
    link_add(&c, LINK_SERIAL, 9600, 0);
    ck_assert_int_eq(derive(&c, &t), ERR_OK);
    ck_assert_uint_eq(t.margin_ms, 500);
    ck_assert_uint_eq(t.proof_ms, 5000);
    ck_assert_uint_eq(t.deadtime_ms, 4500);
    ck_assert_uint_eq(t.lost_ms, 4500);
    ck_assert_uint_eq(t.beat_ms, 900);
    ck_assert_uint_eq(t.stall_ms, 2250);
    ck_assert_uint_eq(t.order_ms, 3564); /* (4500 - 900) less 1 % */
    ck_assert_uint_eq(t.resend_ms, 200);
    ck_assert_uint_eq(t.join_wait_ms, 10000);
    ck_assert_uint_eq(t.link[0].interval_ms, 900);
    ck_assert_uint_eq(t.link[0].limit_ms, 4500);
    ck_assert_uint_eq(t.link[0].frame_ms, 0);
    ck_assert_uint_eq(t.link[1].frame_ms, 105); /* 1000 bits / 9600 */
    ck_assert_uint_eq(t.link[1].queue_bytes, 864);
    ck_assert_uint_eq(t.link[1].ack_ms, 900 + 580);
    ck_assert_uint_eq(timing_sum_ms(&t), 10000);

    c.guard = 0; /* nothing is left to a proof */
    ck_assert_int_eq(derive(&c, &t), ERR_OK);
    ck_assert_uint_eq(t.proof_ms, 0);
    ck_assert_uint_eq(t.lost_ms, 9500);
    ck_assert_uint_eq(t.beat_ms, 1000);
}
END_TEST

START_TEST(figures_of_a_disk)
{
    struct timing t;
    struct conf c = conf_of(10000, 0, GUARD_FENCE);
    link_add(&c, LINK_UDP, 0, 0);
    link_add(&c, LINK_DISK, 0, 0);
    ck_assert_int_eq(derive(&c, &t), ERR_OK);
    ck_assert_uint_eq(t.link[1].interval_ms, 900);
    ck_assert_uint_eq(t.link[1].limit_ms, 4500);
    ck_assert_uint_eq(t.link[1].frame_ms, 25);
    ck_assert_uint_eq(t.link[1].queue_bytes, 0);
    ck_assert_uint_eq(t.link[1].ack_ms, 2 * (900 + 2 * 25));
    c.takeover_ms = 650; /* deadtime 118: shorter than a disk can tell */
    ck_assert_int_eq(derive(&c, &t), ERR_RANGE);
    ck_assert_str_eq(why_text, "takeover = 650ms is too short for the link l1, which is known to "
                               "be silent only after 250ms; the smallest takeover that can be is "
                               "789ms");
    c.takeover_ms = 10000;
    c.link[1].interval_ms = 20;
    ck_assert_int_eq(derive(&c, &t), ERR_RANGE);
    ck_assert_str_eq(why_text, "interval = 20ms is too short for the disk l1; the smallest "
                               "interval that can be is 50ms");
}
END_TEST

START_TEST(a_slow_line_takes_from_the_proof)
{
    struct timing t;
    struct conf c = conf_of(10000, 0, GUARD_FENCE);
    link_add(&c, LINK_SERIAL, 1200, 0);
    ck_assert_int_eq(derive(&c, &t), ERR_OK);
    ck_assert_uint_eq(t.link[0].interval_ms, 2134); /* 2560 bits / 1200 */
    ck_assert_uint_eq(t.lost_ms, 3 * 2134 + 834);
    ck_assert_uint_eq(t.proof_ms, 10000 - t.lost_ms - 500);
    c.takeover_ms = 8000;
    ck_assert_int_eq(derive(&c, &t), ERR_RANGE);
    ck_assert_str_eq(why_text,
                     "takeover = 8s is too short for the link l0, which is known to be silent "
                     "only after 7236ms; the smallest takeover that can be is 8143ms");
}
END_TEST

START_TEST(issue_deadtimes)
{
    struct timing t;
    static const uint32_t deadtimes[] = {2000, 500, 300, 150};
    for (unsigned i = 0; i < ARRAY_LEN(deadtimes); i++) {
        struct conf c = conf_of(10000, deadtimes[i], GUARD_FENCE);
        link_add(&c, LINK_UDP, 0, 0);
        link_add(&c, LINK_TCP, 0, 0);
        link_add(&c, LINK_SERIAL, 115200, 0);
        ck_assert_int_eq(derive(&c, &t), ERR_OK);
        ck_assert_uint_eq(t.lost_ms, deadtimes[i]);
        ck_assert_uint_eq(t.proof_ms, 10000 - 500 - deadtimes[i]);
    }
    struct conf c = conf_of(10000, 150, 0);
    link_add(&c, LINK_UDP, 0, 0);
    link_add(&c, LINK_SERIAL, 9600, 0);
    ck_assert_int_eq(derive(&c, &t), ERR_RANGE);
    ck_assert_str_eq(why_text,
                     "deadtime = 150ms cannot be kept by the link l1; the smallest deadtime "
                     "that can be is 906ms");
    c.takeover_ms = 600;
    ck_assert_int_eq(derive(&c, &t), ERR_RANGE);
    ck_assert_ptr_nonnull(strstr(why_text, "is 906ms, and the smallest takeover is then 953ms"));
}
END_TEST

START_TEST(a_broken_relation_is_seen)
{
    struct timing good, t;
    struct conf c = conf_of(10000, 0, GUARD_FENCE);
    link_add(&c, LINK_SERIAL, 115200, 0);
    ck_assert_int_eq(derive(&c, &good), ERR_OK);
    ck_assert_ptr_null(timing_broken(&c, &good));
#define BREAKS(change)                                                                             \
    do {                                                                                           \
        t = good;                                                                                  \
        change;                                                                                    \
        ck_assert_msg(timing_broken(&c, &t) != NULL, #change);                                     \
    } while (0)
    BREAKS(t.deadtime_ms = 99);
    BREAKS(t.beat_ms = 9);
    BREAKS(t.lost_ms = t.deadtime_ms - 1);
    BREAKS(t.margin_ms++);
    BREAKS(t.proof_ms = 499);
    BREAKS(t.join_wait_ms = t.lost_ms - 1);
    BREAKS(t.stall_ms = t.deadtime_ms);
    BREAKS(t.order_ms = t.deadtime_ms);
    BREAKS(t.order_ms = 0);
    BREAKS(t.resend_ms = t.deadtime_ms / 2);
    BREAKS(t.link[0].interval_ms = t.deadtime_ms / 3 + 1);
    BREAKS(t.link[0].interval_ms = 20);
    BREAKS(t.link[0].limit_ms = t.lost_ms + 1);
    BREAKS(t.link[0].limit_ms = t.deadtime_ms - 1);
    BREAKS(t.link[0].frame_ms = 8);
    BREAKS(t.link[0].warn_ms = t.link[0].interval_ms);
    BREAKS(t.link[0].queue_bytes = 255);
    BREAKS(t.link[0].queue_bytes = 1000000);
    c.link[0].type = LINK_UDP;
    BREAKS((void)0);
    c.link[0].type = LINK_DISK;
    BREAKS((void)0);
    struct conf d = conf_of(10000, 0, GUARD_FENCE);
    link_add(&d, LINK_DISK, 0, 0);
    ck_assert_int_eq(derive(&d, &t), ERR_OK);
    t.link[0].limit_ms = t.lost_ms = 4 * 900 + 49;
    ck_assert_ptr_nonnull(timing_broken(&d, &t));
    c.link[0].type = LINK_SERIAL;
    c.deadtime_ms = 4000;
    BREAKS((void)0);
    c.deadtime_ms = 0;
    c.guard = 0;
    BREAKS((void)0);
}
END_TEST

/* Real time, with each clock at a rate of its own: the owner is over before the observer says so.
 * wait_ms: what the observer waits by its clock. */
static bool proof_holds(uint32_t lease_ms, uint32_t watchdog_ms, uint32_t wait_ms, double owner,
                        double dog, double observer)
{
    double over = lease_ms / owner + watchdog_ms / dog;
    return wait_ms / observer >= over;
}

START_TEST(a_lease_is_over_before_the_peer_says_so)
{
    const double slow = 1 - TIMING_DRIFT_PPM / 1e6, fast = 1 + TIMING_DRIFT_PPM / 1e6;
    const double rates[] = {slow, 0.98, 1, 1.02, fast};
    unsigned caught = 0;
    struct prng p;
    prng_seed(&p, 5);
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t l = (uint32_t)prng_between(&p, 100, 600000);
        uint32_t w = (uint32_t)prng_between(&p, 1000, 300000);
        double r[3];
        for (unsigned k = 0; k < 3; k++)
            r[k] = i % 2 ? rates[prng_below(&p, 5)]
                         : slow + (fast - slow) * (double)prng_below(&p, 1000001) / 1e6;
        ck_assert_msg(proof_holds(l, w, timing_dead_ms(l, w), r[0], r[1], r[2]), "L %u W %u", l, w);
        /* It must be able to fail: without W, without drift. */
        caught += !proof_holds(l, w, timing_dead_ms(l, 0), r[0], r[1], r[2]);
        caught += !proof_holds(l, w, l + w, r[0], r[1], r[2]);
    }
    ck_assert_uint_gt(caught, 10000);
}
END_TEST

START_TEST(leases_that_are_derived)
{
    static const uint32_t dogs[] = {0, 1000, 2000, 10000, 60000};
    unsigned ok = 0;
    for (unsigned i = 0; i < ARRAY_LEN(times); i++)
        for (unsigned k = 0; k < ARRAY_LEN(dogs); k++)
            for (unsigned both = 0; both < 2; both++) {
                struct conf c = conf_of(times[i], 0, GUARD_LEASE | (both ? GUARD_FENCE : 0));
                struct timing t;
                c.watchdog_ms = dogs[k];
                strcpy(c.watchdog_device, "/dev/watchdog");
                link_add(&c, LINK_UDP, 0, 0);
                link_add(&c, LINK_DISK, 0, 0);
                if (judge(&c) != ERR_OK)
                    continue;
                ok++;
                ck_assert_int_eq(derive(&c, &t), ERR_OK);
                ck_assert_uint_ge(t.lease_ms, t.lost_ms + t.lease_stop_ms + t.link[1].interval_ms);
                ck_assert_uint_gt(t.lease_long_ms, 60000 + t.lease_stop_ms);
                ck_assert_uint_lt(t.lease_reset_ms, t.lease_stop_ms);
                ck_assert_uint_gt(t.lease_reset_ms, FEED_MARGIN_MS);
                ck_assert(both || t.lease_sum_ms <= t.takeover_ms);
            }
    ck_assert_uint_gt(ok, 100);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("timing");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, takeover_alone);
    tcase_add_test(t, takeover_each_ms);
    tcase_add_test(t, deadtime_given);
    tcase_add_test(t, intervals_given);
    tcase_add_test(t, disks_among_the_links);
    tcase_add_test(t, figures_of_a_disk);
    tcase_add_test(t, corosync_among_the_links);
    tcase_add_test(t, corosync_settles_in_time);
    tcase_add_test(t, figures_of_corosync);
    tcase_add_test(t, largest_bounds_have_an_answer);
    tcase_add_test(t, figures_by_hand);
    tcase_add_test(t, a_slow_line_takes_from_the_proof);
    tcase_add_test(t, issue_deadtimes);
    tcase_add_test(t, a_broken_relation_is_seen);
    tcase_add_test(t, a_lease_is_over_before_the_peer_says_so);
    tcase_add_test(t, leases_that_are_derived);
    return unit_end();
}
