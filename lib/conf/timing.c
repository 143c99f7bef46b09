/* SPDX-License-Identifier: GPL-2.0-or-later
 * timing: every formula of the cluster's times, once, and the proof that they fit together.
 *
 * The user gives `takeover` T. With a guard half of it, at least PROOF_MIN, is left to the proof P;
 * a twentieth, within MARGIN_MIN .. MARGIN_MAX, is margin M; the rest is silence, the deadtime D.
 * [cluster] deadtime= overrules D. beat = D/5 within BEAT_MIN .. BEAT_MAX.
 * Of link i: frame f, the time of one beat on the line; interval I; limit S = max(D, 3 I + f).
 * L, lost, is the greatest S.
 *
 * 1. A dead peer's services begin to start here within T of its death.
 *
 *      |--- a beat's transit, timers: in M ---|
 *    last beat sent  death                                L over       proof in hand   first start
 *      *--------------x-------------------------------------*---------------*--------------*---> t
 *      |------------------------- silence: L ---------------|--- proof: P --|-- rest of M -|
 *                     |------------------ at most L + P + M <= T --------------------------|
 *
 *    The last beat was sent before the death and is heard at most one transit later, so the limit
 *    of each link runs out at most S + transit after the death, and the last of them is L.
 *
 * 2. A living peer is not called lost. A link is called silent after S >= 3 I + f: two beats in a
 *    row may be lost, or one be lost and the next wait a whole interval behind control frames on a
 *    serial line:
 *
 *      beat       lost       queued behind at most I bytes' worth     heard
 *      *----- I ----*----- I ----*------------ I ---------------*-- f --*       2 I + I + f <= S
 *
 *    On a serial line I is at least the time of the largest control frame, so that one always fits
 *    into queue_bytes; then beats use at most 100/256 < 40 % of the line. 8N1: ten bits a byte.
 *    D is at least DEADTIME_MIN: its beats come 20 ms apart, two ticks of the slowest kernel clock;
 *    below that an ordinary delay of a busy machine is longer than the rhythm it disturbs.
 *
 *    A quorum disk is written every I and read every I, in no step with each other, and each I/O
 * may take f. So news is seen at most I later than on a line, and two lost writes, or two failed
 *    reads, are borne all the same:
 *
 *      written    lost       lost       written  f   read just before    read  f
 *      *----- I ----*---- I ----*---- I ----*----------*-------- I --------*-------*
 *                                                              4 I + 2 f <= S
 *
 * 3. Our own freeze is not the peer's silence. Frozen for less than stall = D/2, we still see a
 *    living peer's last beat as at most stall + I + f <= S old; frozen for longer, the shell says
 * so and the count of silence begins anew. Half holds on every link: where S = D, I + f <= D/2,
 *    because 3 I + f <= D and f < 0.4 I; where S = 3 I + f > D, D/2 + I + f < 2.5 I + 1.5 f <= S.
 *    On a disk it is stall + 2 I + f, and 2 I + f is half of 4 I + 2 f <= S.
 *    And the less often a count begins anew, the sooner a death is seen.
 *
 * 4. An order to start is void before its sender can have called the receiver lost. The receiver's
 *    last beat was sent at most I before it took the order, so no link runs out sooner than S - I
 *    after that:
 *
 *      last beat      order taken    frozen              order void    S over: called lost
 *      *------- I -------*--------------~~~~~~~~~~~~~~~~~~~~~~*--------------*
 *                        |------- order <= S - I, less drift -|
 *
 *    for whichever link still worked: the least S - I counts. Clock rates differ by DRIFT at most.
 *
 * 5. A lease that ran out is a proof. A runs guarded resources; B watches. A counts L from the
 *    sending of its newest beat that was confirmed: echoed by B, or written whole to the quorum
 *    disks. Its watchdog is fed until that date, so it bites at most W later. B counts from the
 *    receipt of A's newest sign on any medium:
 *
 *      A  sent      confirmed  (stop)   (reset)  date          reset by the watchdog
 *         s *----------*---------*--------*--------*----------------*
 *           |------------------- L ----------------|------ W -------|
 *      B       q *  received, q >= s                                      taken for dead
 *                |------------- (L + W) (1 + d) / (1 - d) + settle --------------*
 *
 *    Clocks are never compared; A's may go slower by d, B's faster by d, and the watchdog slower by
 *    d: A is over at most (L + W) / (1 - d) after s, B waits (L + W) / (1 - d) + settle / (1 + d)
 *    after q at least. Settle is for what A's adapter still had in flight.
 *    A renewal that B has not seen: an echo is B's own, so B has seen it. A write that is whole
 *    before A's end is seen by any read that begins after it, if as many disks are read as were
 *    not needed for the write plus one; so B needs such a read begun at or after its date: an
 *    unreadable disk is never "unchanged". A write that becomes whole later finds A dead.
 *    L = lost + the slowest interval + stop, so that a healthy node whose links stutter for less
 *    than lost stops nothing; stop = D/3; W as configured, or D/2 in whole seconds.
 *    While B is known to be stopped A counts the long lease from what is on the disk, and only if
 *    that beat told the long one; going back is told first and counts at once, from the telling.
 *    And only if it was sent TIMING_LANDED or more after the disk came back from a failure: what
 *    failed then, telling the short one, can land over it until then, and no later:
 *
 *      short: fails   disk back   long: whole     short lands   long: whole, counts
 *      *------x-------*-----------*---------------*-------------*---------------> t
 *                     |---------------- landed -----------------|
 *    The sum, as in step 1: the death, transit and margin M, dead, and one more reading of the
 * disk.
 *
 * 6. A reservation that was taken is a proof for what has disks, and at once; but the owner of
 *    services, if it lives, is to be first on the arbiter (that it is first is no matter of safety:
 *    who comes second finds its key gone, and is fenced). A owns, B is idle, all links are cut:
 *
 *      A  last frame from B  u                    u + S: lost, takes B's key       done
 *         ------*----------------------------------------*------------ C ------------*
 *      B     *  last frame from A  v            v + S: lost       v + I + S      + C: takes A's key
 *            *------------------------------------*-------- I -------*------- C -------*
 *
 *    Both last frames of a link came within I before its cut, so u < v + I, and u + S + C is before
 *    v + I + S + C, for whichever link was the last. C is what a take may last: some SCSI commands
 *    of a millisecond each, and an array that is busy. A dead peer costs the same wait: I is at
 *    most CLAIM_BEAT (or what a slow line needs),
 *    so that what has disks starts at S + I + C after the last frame.
 *
 * 7. With corosync, its ring is a link like any other: yoke's beats travel on it, I = beat/2, limit
 * S. Corosync calls a node lost when the token has been away for `token`, and goes on without it
 *    when that has not joined for `consensus` more:
 *
 *      token seen    death               token lost           new membership
 *      *---------------x--- token ------------*---- consensus -----*
 *                      |---------------- settle <= S - I ----------------------|
 *
 *    consensus = 1.2 token, the least that corosync takes; so token = settle / 2.2. It takes no
 * token below TOKEN_MIN (its own retransmissions would be closer together than three kernel ticks).
 * A member that is not silent but settling with the others hears nobody for settle, less than S. An
 * order is void after S - I as on any link, which is settle: no sooner is its receiver given up.
 *
 * What cannot hold is refused with the smallest value that can: limits never fall when takeover or
 * deadtime grows, and D, P, M never take more of T than T grows by, so that bisection finds it. */
#include "lib/conf/timing.h"

#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/conf/opt.h"

#define N_(text) text /* marked for translation */

enum {
    BEAT_MIN_MS = 10,
    BEAT_MAX_MS = 1000, /* slower would save nothing and make `yoke link` dull */
    BEATS = 5,          /* a deadtime has so many */
    BEATS_LEAST = 3,    /* a limit has so many at least: heartbeat asks for 2, corosync for 4 */
    DEADTIME_MIN_MS = 100,
    TAKEOVER_MAX_MS = 10 * 60 * 1000,
    PROOF_MIN_MS = 500, /* start an agent in an interpreter, ask a power switch, hear its answer */
    MARGIN_MIN_MS = 25, /* plan, keep the epoch on a disk, a timer */
    MARGIN_MAX_MS = 500,
    MARGIN_PART = 20,
    DRIFT_PART = 100, /* 1 %: a hundred times what a quartz does */
    RESEND_MIN_MS = 20,
    RESEND_MAX_MS = 200, /* what TCP waits on a local network */
    LINE_BITS = 10,      /* 8N1: start, eight, stop */
    LEASE_UNIT_MS = 10,  /* as beats tell it */
    LEASE_STOP_MIN_MS = 500,
    LEASE_STOP_MAX_MS = 10000,
    LEASE_LONG_MIN_MS = 120 * 1000, /* a disk array that changes its controller: a minute */
    LEASE_LONG_MAX_MS = 600 * 1000,
    TOKEN_MIN_MS = 250,
    TOKEN_PART = 22,        /* settle is so many tenths of a token, */
    CONSENSUS_PART = 12,    /* and consensus so many */
    CLAIM_BEAT_MS = 100,    /* the idle one's wait is a part of every takeover by reservation */
    WATCHDOG_MIN_MS = 2000, /* what drivers can do */
    WATCHDOG_MAX_MS = 60 * 1000
};

static uint32_t clip(uint32_t v, uint32_t min, uint32_t max)
{
    return v < min ? min : v > max ? max : v;
}

/* Time of so many bytes on a serial line, rounded up to whole ms. */
static uint32_t line_ms(uint32_t bytes, uint32_t baud)
{
    assert(baud > 0);
    return (bytes * LINE_BITS * 1000 + baud - 1) / baud;
}

/* The shortest interval that the link can carry. */
static uint32_t interval_least(const struct conf_link *l)
{
    if (l->type == LINK_DISK)
        return TIMING_DISK_INTERVAL_MIN_MS;
    if (l->type != LINK_SERIAL)
        return BEAT_MIN_MS;
    return clip(line_ms(TIMING_CONTROL_BYTES, l->baud), BEAT_MIN_MS, UINT32_MAX);
}

static uint32_t frame_time(const struct conf_link *l)
{
    return l->type == LINK_DISK     ? TIMING_DISK_IO_MS
           : l->type == LINK_SERIAL ? line_ms(TIMING_BEAT_BYTES, l->baud)
                                    : 0;
}

/* The silence that a link needs before it may be called down: steps 2 and 7 of the proof. */
static uint32_t silence_least(const struct conf_link *l, uint32_t interval_ms)
{
    if (l->type == LINK_RING)
        return (uint32_t)num_max(TOKEN_MIN_MS * TOKEN_PART / 10, 2 * interval_ms) + interval_ms;
    if (l->type == LINK_DISK)
        return (BEATS_LEAST + 1) * interval_ms + 2 * frame_time(l);
    return BEATS_LEAST * interval_ms + frame_time(l);
}

static uint32_t beat_of(const struct conf *c, uint32_t deadtime_ms)
{
    bool races = conf_reservation(c) && c->n_nodes == 2; /* of more the quorum decides, no beat */
    return clip(deadtime_ms / BEATS, BEAT_MIN_MS, races ? CLAIM_BEAT_MS : BEAT_MAX_MS);
}

static uint32_t interval_of(const struct conf_link *l, uint32_t beat_ms)
{
    if (l->interval_ms != 0)
        return l->interval_ms;
    return (uint32_t)num_max(l->type == LINK_RING ? beat_ms / 2 : beat_ms, interval_least(l));
}

static void link_derive(const struct conf_link *l, const struct timing *t, struct timing_link *out)
{
    bool serial = l->type == LINK_SERIAL;
    out->interval_ms = interval_of(l, t->beat_ms);
    out->frame_ms = frame_time(l);
    out->limit_ms = (uint32_t)num_max(t->deadtime_ms, silence_least(l, out->interval_ms));
    out->warn_ms = out->limit_ms / 2;
    out->queue_bytes =
        serial ? (uint32_t)((uint64_t)out->interval_ms * l->baud / (LINE_BITS * 1000)) : 0;
    out->ack_ms = l->type == LINK_DISK ? 2 * (out->interval_ms + 2 * out->frame_ms)
                  : !serial            ? 0
                                       : out->interval_ms +
                                  line_ms(TIMING_CONTROL_BYTES + 3 * TIMING_BEAT_BYTES, l->baud);
}

/* One clock may be slow by TIMING_DRIFT_PPM, and the other fast by as much. */
uint64_t timing_sure_us(uint64_t limit_us)
{
    return limit_us / (1000000 + TIMING_DRIFT_PPM) * (1000000 - TIMING_DRIFT_PPM) +
           limit_us % (1000000 + TIMING_DRIFT_PPM) * (1000000 - TIMING_DRIFT_PPM) /
               (1000000 + TIMING_DRIFT_PPM);
}

uint32_t timing_dead_ms(uint32_t lease_ms, uint32_t watchdog_ms)
{
    uint64_t least = 1000000 - TIMING_DRIFT_PPM, most = 1000000 + TIMING_DRIFT_PPM;
    uint64_t ms = (((uint64_t)lease_ms + watchdog_ms) * most + least - 1) / least;
    return (uint32_t)num_min(ms + TIMING_SETTLE_MS, UINT32_MAX);
}

uint32_t timing_token_ms(uint32_t settle_ms)
{
    return settle_ms * 10 / TOKEN_PART;
}

uint32_t timing_consensus_ms(uint32_t token_ms)
{
    return (token_ms * CONSENSUS_PART + 9) / 10;
}

/* Step 5. True when a takeover by the lease alone is within T. */
static bool lease_derive(const struct conf *c, struct timing *t)
{
    uint32_t slowest = 0, read = 0;
    for (unsigned i = 0; i < c->n_links; i++) {
        slowest = (uint32_t)num_max(slowest, t->link[i].interval_ms);
        if (c->link[i].type == LINK_DISK)
            read = (uint32_t)num_max(read, t->link[i].interval_ms + t->link[i].frame_ms);
    }
    uint32_t seconds = (t->deadtime_ms / 2 + 999) / 1000 * 1000;
    t->watchdog_ms =
        c->watchdog_ms != 0 ? c->watchdog_ms : clip(seconds, WATCHDOG_MIN_MS, WATCHDOG_MAX_MS);
    t->lease_stop_ms = clip(t->deadtime_ms / 3, LEASE_STOP_MIN_MS, LEASE_STOP_MAX_MS);
    t->lease_reset_ms = (uint32_t)num_max(t->lease_stop_ms / 8, TIMING_RESET_MIN_MS);
    uint32_t lease_ms = t->lost_ms + slowest + t->lease_stop_ms;
    t->lease_ms = (lease_ms + LEASE_UNIT_MS - 1) / LEASE_UNIT_MS * LEASE_UNIT_MS;
    t->lease_long_ms = clip(10 * t->lease_ms, LEASE_LONG_MIN_MS, LEASE_LONG_MAX_MS);
    t->lease_dead_ms = timing_dead_ms(t->lease_ms, t->watchdog_ms);
    t->lease_sum_ms = t->lease_dead_ms + read + t->margin_ms;
    return t->lease_sum_ms <= t->takeover_ms || t->takeover_ms == TAKEOVER_MAX_MS;
}

/* Step 6. */
static void claim_derive(const struct conf *c, struct timing *t)
{
    uint32_t last = 0;
    t->register_ms = TIMING_ARRAY_MS;
    for (unsigned i = 0; i < c->n_links; i++) {
        last = (uint32_t)num_max(last, t->link[i].limit_ms + t->link[i].interval_ms);
        t->register_ms = (uint32_t)num_min(t->register_ms, t->link[i].limit_ms / 6);
    }
    t->claim_wait_ms = TIMING_CLAIM_MS;
    t->claim_sum_ms = last + t->claim_wait_ms + t->margin_ms;
}

/* All of *t from takeover T and deadtime D (0: derived). True when it fits: what was derived is not
 * below its least, and silence, proof and margin are not more than T. */
static bool fill(const struct conf *c, uint32_t takeover_ms, uint32_t deadtime_ms, struct timing *t)
{
    uint32_t proof = c->guard != 0 ? PROOF_MIN_MS : 0;
    uint32_t share = c->guard != 0 ? (uint32_t)num_max(takeover_ms / 2, proof) : 0;
    bool fits = true;

    memset(t, 0, sizeof *t);
    if (conf_lease(c)) /* it takes the longest: silence is a part of it */
        share = (uint32_t)num_max(takeover_ms - takeover_ms * 3 / 10, proof);
    t->takeover_ms = takeover_ms;
    t->margin_ms = clip(takeover_ms / MARGIN_PART, MARGIN_MIN_MS, MARGIN_MAX_MS);
    if (deadtime_ms == 0) {
        fits = takeover_ms >= share + t->margin_ms + DEADTIME_MIN_MS;
        deadtime_ms = fits ? takeover_ms - share - t->margin_ms : DEADTIME_MIN_MS;
    }
    t->deadtime_ms = deadtime_ms;
    t->beat_ms = beat_of(c, deadtime_ms);
    t->lost_ms = deadtime_ms;
    t->order_ms = deadtime_ms;
    for (unsigned i = 0; i < c->n_links; i++) {
        struct timing_link *l = &t->link[i];
        link_derive(&c->link[i], t, l);
        t->lost_ms = (uint32_t)num_max(t->lost_ms, l->limit_ms);
        t->order_ms = (uint32_t)num_min(t->order_ms, l->limit_ms - l->interval_ms);
        if (c->link[i].type == LINK_RING)
            t->settle_ms = l->limit_ms - l->interval_ms;
    }
    t->order_ms -= (t->order_ms + DRIFT_PART - 1) / DRIFT_PART;
    t->stall_ms = deadtime_ms / 2;
    t->resend_ms = clip(deadtime_ms / 10, RESEND_MIN_MS, RESEND_MAX_MS);
    t->join_wait_ms =
        (uint32_t)num_max(c->join_wait_ms != 0 ? c->join_wait_ms : takeover_ms, t->lost_ms);
    if (conf_reservation(c))
        claim_derive(c, t);
    fits = fits && takeover_ms >= t->lost_ms + t->margin_ms + proof;
    if (c->guard == GUARD_RESERVATION && t->claim_sum_ms > takeover_ms)
        fits = takeover_ms == TAKEOVER_MAX_MS;
    /* With another proof beside it the lease may take longer than T: its figure is shown. */
    if (conf_lease(c) && !lease_derive(c, t) && c->guard == GUARD_LEASE)
        fits = false;
    if (c->guard != 0 && fits)
        t->proof_ms = takeover_ms - t->lost_ms - t->margin_ms;
    return fits;
}

static uint32_t takeover_least(const struct conf *c, uint32_t deadtime_ms)
{
    struct timing t;
    uint32_t low = 0, high = TAKEOVER_MAX_MS; /* low does not fit, high does */
    bool fits = fill(c, high, deadtime_ms, &t);
    assert(fits); /* the option table's bounds see to it */
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (fill(c, mid, deadtime_ms, &t))
            high = mid;
        else
            low = mid;
    }
    return high;
}

/* The smallest deadtime that every link can keep, and the link that needs it. */
static uint32_t deadtime_least(const struct conf *c, unsigned *link)
{
    uint32_t least = DEADTIME_MIN_MS;
    for (unsigned i = 0; i < c->n_links; i++) {
        const struct conf_link *l = &c->link[i];
        uint32_t silence;
        /* A longer deadtime has a longer rhythm, which the silence of a ring is counted from; it
         * grows by less than deadtime does, so that this ends at the least that can be. */
        while ((silence = silence_least(l, interval_of(l, beat_of(c, least)))) > least) {
            least = silence;
            *link = i;
        }
    }
    return least;
}

static enum err refuse_takeover(const struct conf *c, const struct timing *t,
                                struct timing_refusal *no)
{
    no->fault = TIMING_TAKEOVER_SHORT;
    no->takeover_ms = takeover_least(c, c->deadtime_ms);
    no->deadtime_ms = c->deadtime_ms;
    for (unsigned i = 0; i < c->n_links; i++)
        if (t->link[i].limit_ms == t->lost_ms && t->lost_ms > t->deadtime_ms) {
            no->link = i;
            no->limit_ms = t->lost_ms;
        }
    return ERR_RANGE;
}

enum err timing_solve(const struct conf *c, struct timing *out, struct timing_refusal *no)
{
    struct timing t;
    assert(c != NULL && out != NULL && no != NULL && c->n_links <= CONF_LINKS_MAX);
    memset(no, 0, sizeof *no);
    no->link = CONF_LINKS_MAX;
    for (unsigned i = 0; i < c->n_links; i++)
        if (c->link[i].interval_ms != 0 && c->link[i].interval_ms < interval_least(&c->link[i])) {
            no->fault = TIMING_INTERVAL_SHORT;
            no->link = i;
            no->interval_ms = interval_least(&c->link[i]);
            return ERR_RANGE;
        }
    bool fits = fill(c, c->takeover_ms, c->deadtime_ms, &t);
    if (c->deadtime_ms != 0 && (t.lost_ms > c->deadtime_ms || c->deadtime_ms < DEADTIME_MIN_MS)) {
        no->fault = TIMING_DEADTIME_SHORT;
        no->deadtime_ms = deadtime_least(c, &no->link);
        no->limit_ms = no->deadtime_ms;
        if (!fill(c, c->takeover_ms, no->deadtime_ms, &t))
            no->takeover_ms = takeover_least(c, no->deadtime_ms);
        return ERR_RANGE;
    }
    if (!fits)
        return refuse_takeover(c, &t, no);
    assert(timing_broken(c, &t) == NULL);
    *out = t;
    return ERR_OK;
}

void timing_refusal_words(const struct conf *c, const struct timing_refusal *no,
                          const char *(*translate)(const char *), struct str *out)
{
#define SAY(text) (translate != NULL ? translate(text) : text)
    enum { TAKEOVER, DEADTIME, INTERVAL, NEW_TAKEOVER, NEW_DEADTIME, NEW_INTERVAL, LIMIT, VALUES };
    char text[VALUES][24];
    const struct conf_link *l = no->link < c->n_links ? &c->link[no->link] : NULL;
    const uint32_t ms[VALUES] = {c->takeover_ms,  c->deadtime_ms,  l != NULL ? l->interval_ms : 0,
                                 no->takeover_ms, no->deadtime_ms, no->interval_ms,
                                 no->limit_ms};
    for (unsigned i = 0; i < VALUES; i++) {
        struct str s;
        str_init(&s, text[i], sizeof text[i]);
        opt_ms(ms[i], &s);
    }
    assert(no->fault != TIMING_OK);
    if (no->fault == TIMING_INTERVAL_SHORT) {
        assert(l != NULL);
        if (l->type == LINK_DISK)
            str_addf(out,
                     SAY(N_("interval = %s is too short for the disk %s; the smallest interval "
                            "that can be is %s")),
                     text[INTERVAL], l->name, text[NEW_INTERVAL]);
        else
            str_addf(out,
                     SAY(N_("interval = %s is more than the link %s can carry at %u baud; the "
                            "smallest interval that can be is %s")),
                     text[INTERVAL], l->name, l->baud, text[NEW_INTERVAL]);
    } else if (no->fault == TIMING_DEADTIME_SHORT && l == NULL) {
        str_addf(out,
                 SAY(N_("deadtime = %s is too short; the smallest deadtime that can be is %s")),
                 text[DEADTIME], text[NEW_DEADTIME]);
    } else if (no->fault == TIMING_DEADTIME_SHORT) {
        str_addf(out,
                 SAY(N_("deadtime = %s cannot be kept by the link %s; the smallest deadtime that "
                        "can be is %s")),
                 text[DEADTIME], l->name, text[NEW_DEADTIME]);
    } else if (l != NULL) {
        str_addf(out,
                 SAY(N_("takeover = %s is too short for the link %s, which is known to be silent "
                        "only after %s; the smallest takeover that can be is %s")),
                 text[TAKEOVER], l->name, text[LIMIT], text[NEW_TAKEOVER]);
    } else if (c->deadtime_ms != 0) {
        str_addf(out,
                 SAY(N_("takeover = %s is too short for deadtime = %s, the proof and a margin; "
                        "the smallest takeover that can be is %s")),
                 text[TAKEOVER], text[DEADTIME], text[NEW_TAKEOVER]);
    } else {
        str_addf(out,
                 SAY(N_("takeover = %s is too short; the smallest takeover that can be is %s")),
                 text[TAKEOVER], text[NEW_TAKEOVER]);
    }
    if (no->fault == TIMING_DEADTIME_SHORT && no->takeover_ms != 0)
        str_addf(out, SAY(N_(", and the smallest takeover is then %s")), text[NEW_TAKEOVER]);
#undef SAY
}

enum err timing_derive(const struct conf *c, struct timing *out, struct str *why)
{
    struct timing_refusal no;
    enum err err = timing_solve(c, out, &no);
    if (err)
        timing_refusal_words(c, &no, NULL, why);
    return err;
}

static const char *link_broken(const struct conf_link *c, const struct timing_link *l,
                               const struct timing *t)
{
    uint32_t beat_bits = TIMING_BEAT_BYTES * LINE_BITS, queue_bits = l->queue_bytes * LINE_BITS;
    if (l->interval_ms < BEAT_MIN_MS)
        return "a link's interval is at least 10 ms";
    if (l->limit_ms < t->deadtime_ms || l->limit_ms < 3 * l->interval_ms + l->frame_ms)
        return "a link's limit is at least deadtime, and three intervals and a frame";
    if (l->limit_ms > t->lost_ms)
        return "lost is at least every link's limit";
    if (l->warn_ms < l->interval_ms + l->frame_ms || l->warn_ms >= l->limit_ms)
        return "a beat is late only after its interval, and before the limit";
    if (t->stall_ms + l->interval_ms * (c->type == LINK_DISK ? 2 : 1) + l->frame_ms > l->limit_ms)
        return "a freeze below stall does not look like silence";
    if ((t->order_ms + l->interval_ms) > l->limit_ms || t->order_ms == 0)
        return "an order is void before its receiver can be called lost";
    if (c->type == LINK_DISK) {
        if (l->limit_ms < 4 * l->interval_ms + 2 * l->frame_ms)
            return "a disk's limit is at least four intervals, a write and a read";
        if (l->interval_ms < TIMING_DISK_INTERVAL_MIN_MS || l->frame_ms != TIMING_DISK_IO_MS)
            return "a disk's rhythm leaves time for its I/O";
        return l->queue_bytes == 0 && l->ack_ms >= 2 * l->interval_ms ? NULL
                                                                      : "a disk has no queue";
    }
    if (c->type == LINK_RING && t->settle_ms + l->interval_ms > l->limit_ms)
        return "corosync settles before its ring counts as silent";
    if (c->type != LINK_SERIAL)
        return l->frame_ms == 0 && l->queue_bytes == 0 && l->ack_ms == 0
                   ? NULL
                   : "an IP link has no line times";
    if ((uint64_t)l->frame_ms * c->baud < (uint64_t)beat_bits * 1000)
        return "frame is the time of a beat on the line";
    if ((uint64_t)beat_bits * 1000 * 10 > (uint64_t)4 * l->interval_ms * c->baud)
        return "beats use at most 40 % of a serial line";
    if (l->queue_bytes < TIMING_CONTROL_BYTES)
        return "the largest control frame fits into a serial line's queue";
    if ((uint64_t)queue_bits * 1000 > (uint64_t)l->interval_ms * c->baud)
        return "a full queue delays a beat by at most an interval";
    return NULL;
}

const char *timing_broken(const struct conf *c, const struct timing *t)
{
    if (t->deadtime_ms < DEADTIME_MIN_MS)
        return "deadtime is at least 100 ms";
    if (t->beat_ms < BEAT_MIN_MS || t->beat_ms > BEAT_MAX_MS || 3 * t->beat_ms > t->deadtime_ms)
        return "beat is 10 ms to 1 s, at most a third of deadtime";
    if (t->lost_ms < t->deadtime_ms)
        return "lost is at least deadtime";
    if (t->margin_ms < MARGIN_MIN_MS || timing_sum_ms(t) > t->takeover_ms)
        return "lost, proof and margin are at most takeover";
    if (c->guard != 0 ? t->proof_ms < PROOF_MIN_MS : t->proof_ms != 0)
        return "a guard has time for its proof, and none needs none";
    if (c->deadtime_ms != 0 && (t->deadtime_ms != c->deadtime_ms || t->lost_ms != c->deadtime_ms))
        return "a deadtime that was given is kept";
    if (t->join_wait_ms < t->lost_ms)
        return "a cold start waits for at least lost";
    if (3 * t->resend_ms > t->deadtime_ms)
        return "a message is sent twice again within deadtime";
    if (conf_lease(c) && t->lease_ms < t->lost_ms + t->lease_stop_ms)
        return "a lease outlasts a stutter of all links and the stopping";
    if (conf_lease(c) &&
        (uint64_t)(t->lease_dead_ms - TIMING_SETTLE_MS) * (1000000 - TIMING_DRIFT_PPM) <
            (uint64_t)(t->lease_ms + t->watchdog_ms) * (1000000 + TIMING_DRIFT_PPM))
        return "a lease and its watchdog are over before the peer says so, whatever the clocks do";
    if (conf_lease(c) && t->lease_reset_ms >= t->lease_stop_ms)
        return "what is to be stopped has time for it";
    if (conf_reservation(c) && t->claim_wait_ms < TIMING_CLAIM_MS)
        return "who runs nothing leaves time to who does";
    for (unsigned i = 0; conf_reservation(c) && i < c->n_links; i++)
        if (2 * t->register_ms >= t->link[i].limit_ms)
            return "a registration is over, or void, before the other node may take our keys";
    for (unsigned i = 0; i < c->n_links; i++) {
        const char *broken = link_broken(&c->link[i], &t->link[i], t);
        if (broken != NULL)
            return broken;
    }
    return NULL;
}

uint32_t timing_sum_ms(const struct timing *t)
{
    return t->lost_ms + t->proof_ms + t->margin_ms;
}
