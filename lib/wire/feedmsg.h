/* SPDX-License-Identifier: GPL-2.0-or-later
 * feedmsg: what daemon (or command line) and keeper say to each other, one datagram each on a
 * SOCK_SEQPACKET socket: a request, then its answer; after that the keeper also tells each change
 * of state without being asked. Daemon and keeper may be of different versions (the keeper outlives
 * an upgrade): fields are only ever added at the end.
 *
 * Request: magic u32, version u16, verb u8, until u64.
 * Answer: magic u32, version u16, then the fields of struct feed_answer in their order. */
#ifndef YOKE_WIRE_FEEDMSG_H
#define YOKE_WIRE_FEEDMSG_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/wire/feed.h"

enum { FEEDMSG_VERSION = 1, FEEDMSG_MAX = 1024, FEED_IDENTITY_LEN = 64, FEED_DEVICE_LEN = 256 };

/* Names in the run directory. */
#define FEED_SOCKET "keeper"
#define FEED_FILE   "feed"

enum feed_verb {
    FEED_ASK,   /* only answer */
    FEED_UNTIL, /* until_us: feed until then; 0: stop the watchdog */
    FEED_LEAVE, /* end, if nothing is armed */
    FEED_TEST,  /* feed no more: this machine is to be reset */
    FEED_VERB_COUNT
};

/* Why the answer is not simply yes. Numbers are part of the protocol. */
enum feed_why {
    FEED_WHY_FINE = 0,
    FEED_WHY_NO_DEVICE = 1,     /* error: it cannot be opened */
    FEED_WHY_OWNED = 2,         /* owner, owner_name: another process has it */
    FEED_WHY_OWNED_SYSTEMD = 3, /* process 1 has it: RuntimeWatchdogSec */
    FEED_WHY_NO_WATCHDOG = 4,   /* neither a watchdog nor a file or socket */
    FEED_WHY_STOPS = 5,         /* neither magic close nor nowayout: any close would stop it */
    FEED_WHY_TIMEOUT = 6,       /* read back more than was set: timeout_ms, want_ms */
    FEED_WHY_RUNS = 7,          /* it runs though nobody has it open: a reset is under way */
    FEED_WHY_ORPHAN = 8,        /* an earlier keeper of this boot died while it was armed */
    FEED_WHY_DATE = 9,          /* the date has passed, or is too near or too far */
    FEED_WHY_DUE = 10,          /* the date was not renewed in time: the reset is under way */
    FEED_WHY_TESTED = 11,       /* the feeding ended on request, to see the reset */
    FEED_WHY_SLEPT = 12,        /* the machine was suspended: the date means nothing any more */
    FEED_WHY_PING = 13,         /* error: it could not be fed */
    FEED_WHY_COUNT
};

struct feed_request {
    uint8_t verb;
    uint64_t until_us;
};

struct feed_answer {
    uint64_t boot; /* of the daemon that started the keeper */
    uint8_t state; /* enum feed_state */
    uint8_t kind;  /* enum watchdog_kind */
    uint8_t why;   /* enum feed_why */
    bool stoppable;
    bool locked, realtime; /* memory locked, real-time priority had */
    int32_t error;         /* errno of why, 0: none */
    uint32_t timeout_ms;   /* as read back; 0: not known */
    uint32_t pretimeout_ms;
    uint32_t want_ms; /* as was asked for */
    uint64_t until_us, fed_us;
    uint32_t pid; /* the keeper's */
    uint32_t owner;
    char owner_name[16];
    char identity[FEED_IDENTITY_LEN];
    char device[FEED_DEVICE_LEN];
};

size_t feed_request_put(const struct feed_request *r, uint8_t to[FEEDMSG_MAX]);
/* ERR_SYNTAX, ERR_SHORT, ERR_VERSION (0 or of another protocol), ERR_UNKNOWN (verb). */
enum err feed_request_get(const uint8_t *at, size_t len, struct feed_request *r) MUST_CHECK;
size_t feed_answer_put(const struct feed_answer *a, uint8_t to[FEEDMSG_MAX]);
enum err feed_answer_get(const uint8_t *at, size_t len, struct feed_answer *a) MUST_CHECK;

/* Does it run, fed or not? */
bool feed_answer_armed(const struct feed_answer *a);
/* Does the machine's reset stand behind its lease? It does when all is well, and when the watchdog
 * runs and is fed no more, whoever ended that: then the reset only comes sooner. Not when it could
 * not be fed, runs for another reason than ours, or the machine slept. */
bool feed_answer_sure(const struct feed_answer *a);
/* a->why as a sentence, with what to do; "" for FEED_WHY_FINE. translate NULL: English. system: the
 * text of a->error. */
void feed_answer_words(const struct feed_answer *a, const char *(*translate)(const char *),
                       const char *system, struct str *out);

#endif
