/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringcoro: a model of corosync on some machines: what its closed process groups and its quorum
 * promise, and how long it takes for it. It knows no world: it is told who hears whom and what time
 * it is, and tells each machine's daemon its news, in order.
 *
 * What it promises: each machine that is up is in one configuration. Casts and changes of the group
 * (the daemons connected in that configuration) come in one order. Whoever goes from one
 * configuration to the next together is given the same casts in between, then the change. Our own
 * casts come back to us. While a configuration settles nobody in it is given anything. */
#ifndef YOKE_SIM_RINGCORO_H
#define YOKE_SIM_RINGCORO_H

#include "lib/base/nodeset.h"
#include "lib/base/prng.h"
#include <stddef.h>

enum { CORO_RINGS = NODE_MAX + 1, CORO_LOG = 2048, CORO_PENDING = 512 };

struct letter { /* bytes on their way to several */
    unsigned users;
    size_t len;
    uint8_t at[];
};
struct letter *letter_new(const uint8_t *at, size_t len);
void letter_drop(struct letter *l);

enum coro_news_kind { NEWS_GROUP, NEWS_CAST, NEWS_QUORUM, NEWS_GONE };
struct coro_news {
    uint8_t kind, from;
    bool quorate;
    nodeset group;
    uint32_t connection;
    struct letter *letter; /* the receiver drops it */
};
typedef void coro_tell(void *context, unsigned machine, const struct coro_news *news);

struct coro_entry {
    uint8_t kind, from;
    uint32_t connection;
    struct letter *letter;
};

struct coro_ring {
    bool used, stuck, merging;
    nodeset members;     /* when it was formed */
    uint64_t due_us;     /* stuck: when a new configuration is formed of it */
    uint64_t token_us;   /* when the next casts get their place in the order */
    uint64_t first, end; /* of the log: entries that somebody still has to be given */
    struct coro_entry log[CORO_LOG];
};

struct coro_machine {
    bool up, frozen, connected;
    bool seen; /* the daemon has been given its own coming */
    bool quorate;
    uint8_t ring;
    uint32_t connection; /* rises */
    nodeset hears;       /* machines whose packets come here */
    nodeset group;       /* as its daemon is told */
    uint64_t given;      /* entries of its ring's log */
    uint64_t due_us;     /* when the next one is */
    unsigned first, n;   /* casts that have no place in the order yet */
    struct coro_entry pending[CORO_PENDING];
};

struct coro {
    unsigned nodes;
    uint64_t now_us, merge_us, next_us;
    uint32_t settle_ms;
    bool steps; /* who comes is told one by one, as corosync does it when parts come together */
    bool lossy; /* what had no place in the order may be lost with the configuration */
    bool loose; /* negative control: each machine loses on its own what was under way */
    struct prng prng;
    coro_tell *tell;
    void *context;
    struct coro_machine machine[NODE_MAX];
    struct coro_ring ring[CORO_RINGS];
};

void coro_open(struct coro *c, unsigned nodes, uint32_t settle_ms, uint64_t seed, coro_tell *tell,
               void *context);
void coro_shut(struct coro *c); /* gives back what is under way */

/* Time comes first: each of these is called with c->now_us up to date (coro_time). */
void coro_start(struct coro *c, unsigned i);
void coro_end(struct coro *c, unsigned i, bool clean); /* clean: it says goodbye to the others */
void coro_freeze(struct coro *c, unsigned i, bool frozen);
/* Packets of from reach i or do not; coro_review after the last of several. */
void coro_hear(struct coro *c, unsigned i, unsigned from, bool hears);
void coro_review(struct coro *c);
uint32_t coro_connect(struct coro *c, unsigned i); /* number of the connection, 0: not there */
void coro_close(struct coro *c, unsigned i);
/* False: more waits than it takes. */
bool coro_cast(struct coro *c, unsigned i, const uint8_t *at, size_t len);

uint64_t coro_due(const struct coro *c); /* UINT64_MAX: nothing to come */
void coro_time(struct coro *c, uint64_t now_us);

/* The truth, for oracles: the machines of its configuration, 0 when it is not up. */
nodeset coro_members(const struct coro *c, unsigned i);
bool coro_settles(const struct coro *c, unsigned i);

#endif
