/* SPDX-License-Identifier: GPL-2.0-or-later
 * reservation: how a disk is registered, held, taken or left: which SCSI-3 command on which path
 * after which answer. One disk, one operation. A state machine: no system call, no clock.
 *
 * The rules that it keeps (each has a test that fails without it):
 *   - a path is shown to be registered by REGISTER with the key that it should have (K -> K), which
 *     succeeds on a registered nexus only and changes nothing: it can never bring a fenced node
 *     back. REGISTER without an old key (0 -> K), and over whatever a nexus has, is sent for the
 *     verbs RESERVE_REGISTER and RESERVE_HOLD only, which are unfencing and pass the guard before;
 *   - if a path that had our key loses it while others are registered, we are being fenced: all
 *     that was registered is taken back, and the operation fails;
 *   - a device without APTPL, without "write exclusive, registrants only" or without PREEMPT AND
 *     ABORT cannot do it, and says so before a takeover needs it: the last by a PREEMPT AND ABORT
 *     of a key that nobody has, which must meet a conflict;
 *   - nothing is believed that was not read back: keys and holder of one generation, after every
 *     change; a change whose answer was lost is neither repeated blindly nor counted as done;
 *   - a take reserves before it preempts: a victim without a key could write where nothing is
 *     reserved, after its earlier commands were aborted;
 *   - a reservation of a stranger, or of another kind, is left alone;
 *   - the holder does not unregister while others are registered: the reservation would end, and
 *     whoever was fenced could write again. Who takes over preempts it.
 *
 * Happy path: reservation_init; each step of reservation_next is carried out (several at a time, at
 * most one a path) and answered by reservation_reply; until reservation_over. Fails: err, why. */
#ifndef YOKE_CORE_RESERVATION_H
#define YOKE_CORE_RESERVATION_H

#include "lib/conf/timing.h"
#include "lib/core/action.h"
#include "lib/wire/pr.h"

enum {
    RESERVATION_PATHS_MAX = 16,
    RESERVATION_GROUP = 255,                /* a step for all paths at once: multipathd registers */
    RESERVATION_LIMIT_MS = TIMING_ARRAY_MS, /* a step without an answer for so long hangs */
    RESERVATION_AGAIN_MS = 50,
    RESERVATION_AGAIN_MAX = 20, /* a device that wants to be asked again, per step */
    RESERVATION_ROUNDS_MAX = 8  /* readings, in one operation */
};

enum reservation_why {
    RESERVATION_FINE,
    RESERVATION_NO_ANSWER,    /* on no path */
    RESERVATION_NO_COMMANDS,  /* the device knows no persistent reservations */
    RESERVATION_NO_TYPE,      /* not this type */
    RESERVATION_NO_MEMORY,    /* it forgets them when it loses power (no APTPL) */
    RESERVATION_NO_ABORT,     /* no PREEMPT AND ABORT */
    RESERVATION_NO_ROOM,      /* for our registration */
    RESERVATION_ALIEN_HOLDER, /* reserved under a key that is no node's of this cluster */
    RESERVATION_ALIEN_KEY,    /* on our own path, from another program */
    RESERVATION_OTHER_TYPE,   /* reserved by a node of ours, but not as we do */
    RESERVATION_FENCED,       /* our key is not there: somebody took it, or it never was */
    RESERVATION_PATH_BARE,    /* some path that answers is not registered */
    RESERVATION_VICTIM_STAYS, /* the victim's key comes back again and again */
    RESERVATION_HOLDER,       /* we hold it, and others are registered: not to be left */
    RESERVATION_NO_REST,      /* changed by somebody at every look */
    RESERVATION_GARBLED,      /* an answer that makes no sense */
    RESERVATION_REFUSED,      /* a change that was possible did not happen */
    RESERVATION_WHYS
};
const char *reservation_why_text(enum reservation_why why); /* English, for logs and tests */

struct reservation_plan {
    uint8_t verb;         /* enum reserve_verb */
    uint64_t key, victim; /* by pr_key_make; victim: for RESERVE_PREEMPT, else 0 */
    uint8_t n_paths;      /* 1..RESERVATION_PATHS_MAX */
    bool grouped;         /* registering is a step of RESERVATION_GROUP */
    bool again;           /* our key was there: what has none of it now was taken from us */
    uint16_t register_ms; /* limit of what registers, 0: RESERVATION_LIMIT_MS */
};

struct reservation_step {
    uint8_t path; /* or RESERVATION_GROUP */
    struct pr_command command;
    uint16_t delay_ms; /* wait so long before */
    uint16_t limit_ms; /* then answer PR_HUNG; what was sent may still be carried out, but not what
                          registers: that is aborted */
};

/* What was found; true facts also of an operation that failed, as far as it came. */
struct reservation_facts {
    bool looked;    /* keys, holder, state are as read last */
    uint8_t living; /* paths that answered */
    uint8_t bare;   /* of them, those that are not registered; RESERVE_READ: at least */
    bool told;      /* abilities were told */
    struct pr_abilities abilities;
    struct pr_keys keys;
    struct pr_holder holder;
    uint64_t alien; /* one of the keys that are no node's of this cluster, 0: none */
    uint8_t mine;   /* registrations with our key */
};

/* The fields are reservation.c's, but for facts, err and why after reservation_over. */
struct reservation {
    struct reservation_plan plan;
    uint8_t stage;   /* enum stage: which command is under way */
    bool all, first; /* on all paths; the first good one is enough */
    bool over, aborted, reserved, tried, bare_seen, own_seen, stale_tried;
    uint8_t rounds;
    struct reservation_path {
        bool want, sent, stray, dead; /* stray: its answer is not waited for any more */
        bool registered, was;         /* shown by K -> K; was: at any time in this operation */
        bool over_it;                 /* REGISTER met a conflict: over whatever it has */
        uint8_t again;
        uint16_t delay_ms;
        enum pr_outcome last;
    } path[RESERVATION_PATHS_MAX + 1]; /* the last one is the group */
    enum pr_outcome outcome;           /* of a phase on one path */
    enum pr_outcome worst;             /* what made the last path fail */
    struct pr_command command;
    struct reservation_facts facts;
    enum err err;
    enum reservation_why why;
};

void reservation_init(struct reservation *r, const struct reservation_plan *plan);
/* The next command to send; false: none before an answer, or it is over. */
bool reservation_next(struct reservation *r, struct reservation_step *out) MUST_CHECK;
/* The answer to a step. data: what the device sent, len 0 if nothing. */
void reservation_reply(struct reservation *r, uint8_t path, enum pr_outcome outcome,
                       const uint8_t *data, size_t len);
bool reservation_over(const struct reservation *r);
/* The nodes of this cluster but ours whose key is there: bit N for the node id N. */
uint32_t reservation_others(const struct reservation *r);
/* Bits of enum reserve_state. */
uint8_t reservation_state(const struct reservation *r);

#endif
