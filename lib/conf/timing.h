/* SPDX-License-Identifier: GPL-2.0-or-later
 * timing: every interval and time-out of the cluster, derived from one number, with its proof.
 * timing.c holds each formula once, the proof as a timeline, and refuses what cannot hold. */
#ifndef YOKE_CONF_TIMING_H
#define YOKE_CONF_TIMING_H

#include "lib/conf/conf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/* Largest frame that is a heartbeat, on the wire, with authentication (issue: at most 100 bytes). */
enum { TIMING_BEAT_BYTES = 100 };

struct timing_link {
    uint32_t interval_ms; /* a beat every so often */
    uint32_t limit_ms;    /* silent for longer: down. >= 3 intervals + frame_ms, >= deadtime */
    uint32_t frame_ms;    /* time one beat occupies the line; 0 for IP */
    uint32_t warn_ms;     /* a beat later than this is counted as late: limit / 2 */
    uint32_t queue_bytes; /* control bytes that may wait on the line without delaying a beat by more
                             than one interval; 0 for IP: no limit */
};

struct timing {
    uint32_t takeover_ms, deadtime_ms, beat_ms;
    uint32_t lost_ms;   /* a peer is lost after this: the greatest limit_ms of the links in use */
    uint32_t proof_ms;  /* what is left of takeover for the proof */
    uint32_t join_wait_ms;
    uint32_t stall_ms;  /* the shell frozen for longer: silence of others does not count */
    uint32_t order_ms;  /* an order to start is void after this: not-after date */
    uint32_t resend_ms; /* session retransmission: first try; doubles to 8 x */
    struct timing_link link[CONF_LINKS_MAX];
};

/* ERR_OK, or ERR_RANGE with the reason and the smallest takeover that can be, written to why. */
enum err timing_derive(const struct conf *c, struct timing *out, struct str *why) MUST_CHECK;

#endif
