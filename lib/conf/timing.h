/* SPDX-License-Identifier: GPL-2.0-or-later
 * timing: every interval and time-out of the cluster, derived from one number, with its proof.
 * timing.c holds each formula once, the proof as a timeline, and refuses what cannot hold. */
#ifndef YOKE_CONF_TIMING_H
#define YOKE_CONF_TIMING_H

#include "lib/conf/conf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/* Largest frame that is a heartbeat, on the wire, with authentication, and the largest frame of any
 * kind on a serial line (FRAME_SERIAL_MAX of lib/wire; the unit test holds the two together). */
enum { TIMING_BEAT_BYTES = 100, TIMING_CONTROL_BYTES = 256 };
/* What one write or one read of a quorum disk may take without disturbing its rhythm, and the
 * shortest rhythm. */
enum { TIMING_DISK_IO_MS = 25, TIMING_DISK_INTERVAL_MIN_MS = 50 };

struct timing_link {
    uint32_t interval_ms; /* a beat every so often */
    uint32_t limit_ms; /* silent for longer: down. >= deadtime, and >= 3 intervals + frame_ms; of a
                          disk >= 4 intervals + 2 frame_ms */
    uint32_t frame_ms; /* time one beat occupies the line, or one I/O the disk; 0 for IP */
    uint32_t warn_ms;  /* a beat later than this is counted as late: limit / 2 */
    uint32_t queue_bytes; /* control bytes that may wait on the line without delaying a beat by more
                             than one interval; 0 for IP and disk: no limit */
    uint32_t ack_ms;      /* what a full queue, a largest control frame and its answer take on the
                             line: added to resend_ms when the session runs over it; 0 for IP. Of a
                             disk: written, read, and the same for the answer */
};

struct timing {
    uint32_t takeover_ms, deadtime_ms, beat_ms;
    uint32_t lost_ms;  /* a peer is lost after this: the greatest limit_ms of the links in use */
    uint32_t proof_ms; /* what is left of takeover for the proof; 0 with guard none. A promise shown
                          to the user, not a time-out: a slower proof is waited for all the same */
    uint32_t margin_ms; /* for transit, timers, planning and keeping: lost + proof + margin <=
                           takeover */
    uint32_t join_wait_ms;
    uint32_t settle_ms; /* with corosync: it has a new membership so long after a node fell silent;
                           step 7. 0 with engine pair */
    uint32_t stall_ms;  /* the shell frozen for longer: silence of others does not count */
    uint32_t order_ms;  /* an order to start is void after this: not-after date */
    uint32_t resend_ms; /* session retransmission: first try; doubles to 8 x */
    /* Lease, all 0 unless conf_lease: step 5 of the proof. */
    uint32_t lease_ms; /* L: guarded resources may run so long after a confirmed sending time */
    uint32_t lease_stop_ms;  /* so long before its end they begin to be stopped */
    uint32_t lease_reset_ms; /* so long before its end, what is not stopped is reset */
    uint32_t lease_long_ms;  /* L while the peer is known to be stopped and the disk says so */
    uint32_t watchdog_ms;    /* W: what the watchdog is to be set to */
    uint32_t lease_dead_ms;  /* a peer's lease is over so long after its newest sign */
    uint32_t lease_sum_ms;   /* from a death to the first start here, with the lease as the proof */
    /* Reservation, both 0 unless guard has GUARD_RESERVATION: step 6. */
    uint32_t claim_wait_ms; /* who runs nothing waits so long, after every link's interval and limit
                               have passed, before it takes the other's keys */
    uint32_t claim_sum_ms;  /* from a death to the first start here of what has disks */
    uint32_t register_ms; /* a command that registers is aborted after this: it must be over before
                             the other node can take our keys */
    struct timing_link link[CONF_LINKS_MAX];
};

/* What clocks may differ by: the assumption that step 5 stands on. */
enum { TIMING_DRIFT_PPM = 100000, TIMING_SETTLE_MS = 100 };
/* A write that was given up lands within so long, or never: R_A_TOV of a Fibre Channel fabric, the
 * time after which no frame of an exchange may still be delivered (10 s by the standard, FC-FS). */
enum { TIMING_LANDED_MS = 10000 };
/* What an answer of a disk array may last. */
enum { TIMING_ARRAY_MS = 800 };
/* What taking a key from the arbiter's disk may last, before who waits for it no longer does. */
enum { TIMING_CLAIM_MS = 150 };
/* Longer than the keeper's own margin before the date (FEED_MARGIN_MS of lib/wire): up to this
 * moment a renewal must still find it feeding. The unit test holds the two together. */
enum { TIMING_RESET_MIN_MS = 250 };
/* For so long, by our clock, another node has not counted limit_us by its own. */
uint64_t timing_sure_us(uint64_t limit_us);
/* How long after the newest sign of a node its lease is over, by the observer's clock, whatever
 * lease and watchdog time-out the sign told. */
uint32_t timing_dead_ms(uint32_t lease_ms, uint32_t watchdog_ms);

/* What corosync is to be set to so that it settles within settle_ms: step 7. */
uint32_t timing_token_ms(uint32_t settle_ms);
uint32_t timing_consensus_ms(uint32_t token_ms);

/* What cannot be, and the smallest value that can. */
enum timing_fault {
    TIMING_OK,
    TIMING_TAKEOVER_SHORT, /* takeover_ms is the smallest that can be, all else unchanged */
    TIMING_DEADTIME_SHORT, /* deadtime_ms is the smallest that can be; takeover_ms too, if not 0 */
    TIMING_INTERVAL_SHORT  /* interval_ms is the smallest that link's line can carry */
};
struct timing_refusal {
    enum timing_fault fault;
    unsigned link; /* the link that makes it so, CONF_LINKS_MAX when none */
    uint32_t takeover_ms, deadtime_ms, interval_ms;
    uint32_t limit_ms; /* silence that this link needs */
};

/* c must have passed conf_check. ERR_OK, or ERR_RANGE with *no filled in and *out unspecified. */
enum err timing_solve(const struct conf *c, struct timing *out,
                      struct timing_refusal *no) MUST_CHECK;
/* The refusal as one sentence; translate may be NULL (English) or gettext. */
void timing_refusal_words(const struct conf *c, const struct timing_refusal *no,
                          const char *(*translate)(const char *), struct str *out);
/* Both at once, in English: ERR_OK, or ERR_RANGE with the reason and the smallest value that can
 * be, written to why. */
enum err timing_derive(const struct conf *c, struct timing *out, struct str *why) MUST_CHECK;
/* The first relation of the proof in timing.c that t breaks, NULL when all hold. */
const char *timing_broken(const struct conf *c, const struct timing *t);
/* Upper bound, from the death of a peer to the first start of its services here. */
uint32_t timing_sum_ms(const struct timing *t);

#endif
