/* SPDX-License-Identifier: GPL-2.0-or-later
 * failure: what the reported states and failures mean: spots, bans by fail count and by exit code,
 * expiry, standby by failure.
 *
 * Happy path: failure_read, once; nothing failed, so spots mirror the states. No ways to fail.
 * Rules: a failure stands until its failure-timeout has run from the most recent one, or until it
 * is cleaned up; "not installed" and on-fail=block never expire. Exit codes 2, 4, 5 (and 3, except
 * of a monitor) ban the node, 6 bans all nodes, as administrators know it. */
#include <assert.h>
#include "lib/base/num.h"
#include "lib/sched/draft.h"

enum { RC_ARGS = 2, RC_UNIMPLEMENTED = 3, RC_PERM = 4, RC_INSTALLED = 5, RC_CONFIGURED = 6 };

static enum on_fail on_fail_of(const struct draft *d, unsigned prim, const struct sched_state *s)
{
    static const char *const name[] = {
        [OP_START] = "start",     [OP_STOP] = "stop",     [OP_MONITOR] = "monitor",
        [OP_PROMOTE] = "promote", [OP_DEMOTE] = "demote",
    };
    /* A failed probe says that it does not run as it should, never more. */
    if (s->fail_op == OP_PROBE || s->fail_op >= ARRAY_LEN(name) || !name[s->fail_op])
        return ON_FAIL_RESTART;
    if (s->fail_op == OP_MONITOR && s->fail_how != ON_FAIL_DEFAULT)
        return (enum on_fail)s->fail_how;
    return cib_on_fail(d->cib, &d->cib->prim[prim], name[s->fail_op]);
}

/* Whether the last failure still counts; notes when it will not. */
static bool stands(struct draft *d, unsigned prim, const struct sched_state *s, enum on_fail todo)
{
    if (s->fail_op == OP_NONE && s->fail_count == 0)
        return false;
    uint32_t timeout_ms = draft_meta(d, prim)->failure_timeout_ms;
    bool never = s->fail_op != OP_NONE && (s->fail_rc == RC_INSTALLED || todo == ON_FAIL_BLOCK);
    if (timeout_ms == 0 || never)
        return true;
    uint64_t end_ms = s->fail_ms + timeout_ms;
    if (d->in->now_ms >= end_ms)
        return false;
    d->plan->recheck_ms = num_min(d->plan->recheck_ms, end_ms);
    return true;
}

static enum ban ban_of(const struct draft *d, unsigned prim, const struct sched_state *s)
{
    const struct cib_meta *meta = draft_meta(d, prim);
    if (s->fail_op != OP_NONE) {
        if (s->fail_rc == RC_CONFIGURED && s->fail_op != OP_PROBE)
            return BAN_FATAL;
        /* What a mere look says of the whole configuration counts for the node that looked. */
        if (s->fail_rc == RC_CONFIGURED || s->fail_rc == RC_ARGS || s->fail_rc == RC_PERM ||
            s->fail_rc == RC_INSTALLED ||
            (s->fail_rc == RC_UNIMPLEMENTED && s->fail_op != OP_MONITOR))
            return BAN_HARD;
        if (s->fail_op == OP_START && s->fail_count && d->cib->properties.start_failure_is_fatal)
            return BAN_COUNT;
    }
    if (meta->migration_threshold > 0 && s->fail_count >= (uint32_t)meta->migration_threshold)
        return BAN_COUNT;
    return BAN_NONE;
}

static enum spot_is is_of(const struct draft *d, unsigned prim, unsigned node, enum on_fail todo)
{
    const struct sched_state *s = draft_state(d, prim, node);
    enum node_life life = d->in->node[node].life;
    if (life == LIFE_STOPPED || (life == LIFE_UNCLEAN && d->in->guard_none))
        return SPOT_OFF;
    switch ((enum rsc_life)s->life) {
    case RSC_UNKNOWN: return SPOT_DARK;
    case RSC_STOPPED: return SPOT_OFF;
    case RSC_STARTED:
    case RSC_PROMOTED: return SPOT_ON;
    case RSC_FAILED: return todo == ON_FAIL_IGNORE ? SPOT_ON : SPOT_BAD;
    case RSC_STOP_FAILED:
        /* "Ignore" may be asked for, but not where a second copy would do harm. */
        return todo == ON_FAIL_IGNORE && draft_harmless(d, prim) ? SPOT_OFF : SPOT_STUCK;
    }
    assert(!"rsc_life");
    return SPOT_DARK;
}

/* An operation in flight is taken to end well: what follows it depends on it, and any other end
 * makes a new plan. */
static void flight_read(struct spot *spot, const struct sched_state *s)
{
    if (s->pending == OP_START) {
        spot->flying = OP_START;
        spot->is = SPOT_ON;
    } else if (s->pending == OP_STOP) {
        spot->flying = OP_STOP;
        spot->is = SPOT_OFF;
    } else if (s->pending == OP_PROBE) {
        spot->flying = OP_PROBE;
        spot->is = SPOT_DARK;
    }
}

static void spot_read(struct draft *d, unsigned prim, unsigned node)
{
    const struct sched_state *s = draft_state(d, prim, node);
    struct spot *spot = draft_spot(d, prim, node);
    enum on_fail todo = on_fail_of(d, prim, s);
    bool member = nodeset_has(d->members, node);
    bool stand = stands(d, prim, s, todo);
    spot->is = (uint8_t)is_of(d, prim, node, s->fail_op == OP_NONE ? ON_FAIL_RESTART : todo);
    if (member)
        flight_read(spot, s);
    if (!stand)
        return;
    if (s->fail_op != OP_NONE)
        spot->todo = (uint8_t)todo;
    if (todo == ON_FAIL_IGNORE && s->fail_op != OP_NONE)
        return;
    spot->ban = (uint8_t)ban_of(d, prim, s);
    if (spot->todo == ON_FAIL_STANDBY && member)
        d->standby |= nodeset_one(node);
}

/* Where its stickiness speaks for: where it is; else where it is just being stopped, so that a
 * restart goes on where it began; else where it was. */
static unsigned home_of(const struct draft *d, unsigned prim)
{
    const struct seat *seat = &d->seat[prim];
    nodeset flying = 0, owned = 0, last = 0;
    for (unsigned n = 0; n < d->n_nodes; n++) {
        if (draft_spot(d, prim, n)->flying == OP_STOP)
            flying = nodeset_add(flying, n);
        if (draft_state(d, prim, n)->owned)
            owned = nodeset_add(owned, n);
        if (draft_state(d, prim, n)->last)
            last = nodeset_add(last, n);
    }
    nodeset by_weight[] = {seat->well, seat->active, flying, owned, last};
    for (unsigned i = 0; i < ARRAY_LEN(by_weight); i++) {
        nodeset set = by_weight[i] & d->members;
        if (set)
            return nodeset_count(set) == 1 ? draft_lowest(set) : NODE_NONE;
    }
    return NODE_NONE;
}

static void seat_read(struct draft *d, unsigned prim)
{
    struct seat *seat = &d->seat[prim];
    bool fatal = false;
    for (unsigned n = 0; n < d->n_nodes; n++) {
        const struct spot *spot = draft_spot(d, prim, n);
        nodeset one = nodeset_one(n);
        fatal = fatal || spot->ban == BAN_FATAL;
        if (!nodeset_has(d->members, n))
            continue;
        if (spot->is == SPOT_DARK)
            seat->dark |= one;
        else if (spot->is != SPOT_OFF)
            seat->active |= one;
        if (spot->is == SPOT_ON)
            seat->well |= one;
    }
    seat->home = (uint8_t)home_of(d, prim);
    /* Where it runs well its configuration cannot be that wrong. */
    for (unsigned n = 0; fatal && n < d->n_nodes; n++)
        if (!nodeset_has(seat->well, n))
            draft_spot(d, prim, n)->ban = BAN_FATAL;
}

void failure_read(struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++) {
        for (unsigned n = 0; n < d->n_nodes; n++)
            spot_read(d, p, n);
        seat_read(d, p);
    }
}
