/* SPDX-License-Identifier: GPL-2.0-or-later
 * reason: what the plan says of each primitive: where it is, where it ought to be, and why, as one
 * sentence of lib/base/say_sched.h that also says what to type.
 *
 * Happy path: reason_fill, once, last. What is well and in its place has no reason. No ways to
 * fail. */
#include <assert.h>
#include <string.h>
#include "lib/sched/draft.h"

enum { AFTER_FAILURE = 48 }; /* "monitor: ", the exit code, quotes, and a number behind it all */

static const char *name_of(const struct draft *d, unsigned node)
{
    return node < d->n_nodes ? d->in->node[node].name : "";
}

static const char *id_of(const struct draft *d, unsigned prim)
{
    return d->cib->prim[prim].id;
}

/* The resource to type when the meta attribute may stand at the group. */
static const char *id_with(const struct draft *d, unsigned prim, const char *meta)
{
    const struct cib_prim *p = &d->cib->prim[prim];
    if (p->clone != CIB_NONE)
        return nvlist_get(&p->meta, meta) ? p->name : d->cib->clone[p->clone].id;
    if (p->group == CIB_NONE || nvlist_get(&p->meta, meta))
        return p->id;
    return d->cib->group[p->group].id;
}

static void say_failure(const struct draft *d, struct say *why, unsigned prim, unsigned node)
{
    static const char *const text[] = {
        [0] = "unexpected success",  [1] = "error",         [2] = "wrong parameters",
        [3] = "not supported",       [4] = "no permission", [5] = "not installed",
        [6] = "wrong configuration", [7] = "not running",   [8] = "running as promoted",
        [9] = "failed as promoted",
    };
    static const char *const op[] = {
        [OP_PROBE] = "probe",     [OP_START] = "start",     [OP_STOP] = "stop",
        [OP_MONITOR] = "monitor", [OP_PROMOTE] = "promote", [OP_DEMOTE] = "demote",
    };
    const struct sched_state *s = draft_state(d, prim, node < d->n_nodes ? node : 0);
    const char *what = s->fail_rc < ARRAY_LEN(text) ? text[s->fail_rc] : "error";
    const char *own = s->fail_reason ? s->fail_reason : "";
    /* As much of the agent's own words as leaves room for what follows in the sentence. */
    int room = SAY_ARG_BYTES - why->len - (int)strlen(what) - AFTER_FAILURE;
    if (s->fail_op == OP_NONE || s->fail_op >= ARRAY_LEN(op) || !op[s->fail_op])
        say_arg(why, "failed");
    else if (*own && room > 0)
        say_argf(why, "%s: %s (%u), \"%.*s\"", op[s->fail_op], what, s->fail_rc, room, own);
    else
        say_argf(why, "%s: %s (%u)", op[s->fail_op], what, s->fail_rc);
}

static void say_1(const struct draft *d, struct say *why, enum say_id id, unsigned prim)
{
    say_set(why, id);
    say_arg(why, id_of(d, prim));
}

static void say_node(const struct draft *d, struct say *why, enum say_id id, unsigned prim,
                     unsigned node)
{
    say_1(d, why, id, prim);
    say_arg(why, name_of(d, node));
}

/* Members first, then who is joining, then who is silent: the first of them where it was active. */
static unsigned now_of(const struct draft *d, unsigned prim)
{
    static const enum node_life by_trust[] = {LIFE_MEMBER, LIFE_JOINING, LIFE_UNCLEAN};
    const struct seat *s = &d->seat[prim];
    if (s->to != NODE_NONE && nodeset_has(s->well, s->to) && !draft_spot(d, prim, s->to)->flying)
        return s->to;
    if (s->well)
        for (unsigned n = 0; n < d->n_nodes; n++)
            if (nodeset_has(s->well, n) && !draft_spot(d, prim, n)->flying)
                return n;
    for (unsigned i = 0; i < ARRAY_LEN(by_trust); i++)
        for (unsigned n = 0; n < d->n_nodes; n++)
            if (d->in->node[n].life == by_trust[i] && draft_spot(d, prim, n)->is != SPOT_DARK &&
                (draft_spot(d, prim, n)->is != SPOT_OFF || draft_spot(d, prim, n)->flying) &&
                draft_state(d, prim, n)->life > RSC_STOPPED)
                return n;
    return NODE_NONE;
}

static bool blocked_itself(const struct draft *d, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    switch (s->lock) {
    case CAUSE_FAIL_BLOCK:
    case CAUSE_STUCK:
    case CAUSE_MULTIPLE_BLOCK:
    case CAUSE_HALF_DEAD: return true;
    default: break;
    }
    if (s->lock)
        return false;
    if (s->stop_blocked)
        return true;
    if (s->to == NODE_NONE) {
        for (unsigned n = 0; n < d->n_nodes && !s->off; n++)
            if (nodeset_has(d->open, n) && draft_spot(d, prim, n)->ban)
                return true;
        return false;
    }
    return s->starts && gate_shut(d, prim, s->to) && s->gate != CAUSE_JOINING;
}

/* What it waits for or must be placed with, CIB_NONE for nothing. */
static unsigned next_of(const struct draft *d, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    if (s->lock || s->off)
        return CIB_NONE;
    if (s->to == NODE_NONE)
        return s->with;
    return s->starts && s->start_blocked ? s->first : CIB_NONE;
}

/* The one that all wait for, noted for all on the way there. Contradictory constraints may make a
 * circle: then it ends where the way comes back to what it has passed. */
static void root_find(struct draft *d, unsigned prim)
{
    unsigned end = prim, next;
    while (d->seat[end].root == CIB_NONE && (next = next_of(d, end)) != CIB_NONE) {
        d->seat[end].root = (uint16_t)end; /* passed */
        end = next;
    }
    uint16_t root = d->seat[end].root == CIB_NONE ? (uint16_t)end : d->seat[end].root;
    for (unsigned p = prim; p != end; p = next_of(d, p))
        d->seat[p].root = root;
    d->seat[end].root = root;
}

static unsigned failed_at(const struct draft *d, unsigned prim)
{
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (draft_spot(d, prim, n)->ban && nodeset_has(d->members, n))
            return n;
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (draft_spot(d, prim, n)->ban)
            return n;
    return NODE_NONE;
}

static void waits_say(const struct draft *d, struct say *why, unsigned prim, unsigned root)
{
    const struct seat *r = &d->seat[root];
    unsigned node = failed_at(d, root);
    enum say_id id = SAY_WHY_WAITS;
    if (r->lock && !r->active)
        id = SAY_WHY_WAITS_UNMANAGED;
    else if (r->lock)
        id = SAY_WHY_WAITS_FAULT;
    else if (r->off == CAUSE_ROLE)
        id = SAY_WHY_WAITS_ROLE;
    else if (r->to == NODE_NONE && node != NODE_NONE)
        id = SAY_WHY_WAITS_FAILED;
    say_1(d, why, id, prim);
    say_arg(why, id_of(d, root));
    if (id == SAY_WHY_WAITS_ROLE)
        say_arg(why, id_with(d, root, "target-role"));
    if (id == SAY_WHY_WAITS_FAILED) {
        say_arg(why, name_of(d, node));
        say_failure(d, why, root, node);
    }
}

static void lock_say(const struct draft *d, struct say *why, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    switch ((enum cause)s->lock) {
    case CAUSE_UNMANAGED:
        say_1(d, why, SAY_WHY_UNMANAGED, prim);
        say_arg(why, id_with(d, prim, "is-managed"));
        return;
    case CAUSE_MAINTENANCE:
        say_1(d, why, SAY_WHY_MAINTENANCE, prim);
        say_arg(why, id_with(d, prim, "maintenance"));
        return;
    case CAUSE_MAINTENANCE_ALL: say_1(d, why, SAY_WHY_MAINTENANCE_ALL, prim); return;
    case CAUSE_MAINTENANCE_NODE:
        say_node(d, why, SAY_WHY_MAINTENANCE_NODE, prim, s->lock_node);
        return;
    case CAUSE_HALF_DEAD: say_node(d, why, SAY_WHY_HALF_DEAD, prim, s->lock_node); return;
    case CAUSE_MULTIPLE_BLOCK: say_1(d, why, SAY_WHY_MULTIPLE_BLOCK, prim); return;
    case CAUSE_FAIL_BLOCK: say_node(d, why, SAY_WHY_FAIL_BLOCK, prim, s->lock_node); break;
    case CAUSE_STUCK: say_node(d, why, SAY_WHY_STUCK, prim, s->lock_node); break;
    default: assert(!"lock"); return;
    }
    say_failure(d, why, prim, s->lock_node);
}

static void off_say(const struct draft *d, struct say *why, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    switch ((enum cause)s->off) {
    case CAUSE_ROLE:
        say_1(d, why, SAY_WHY_ROLE, prim);
        say_arg(why, id_with(d, prim, "target-role"));
        return;
    case CAUSE_STOP_ALL: say_1(d, why, SAY_WHY_STOP_ALL, prim); return;
    case CAUSE_QUORUM: say_1(d, why, SAY_WHY_QUORUM, prim); return;
    case CAUSE_LAPSED: say_1(d, why, SAY_WHY_LAPSED, prim); return;
    case CAUSE_MULTIPLE_STOP: say_1(d, why, SAY_WHY_MULTIPLE_STOP, prim); return;
    case CAUSE_FAIL_STOP:
        say_node(d, why, SAY_WHY_FAIL_STOP, prim, s->lock_node);
        say_failure(d, why, prim, s->lock_node);
        return;
    default: assert(!"off");
    }
}

static void ban_say(const struct draft *d, struct say *why, unsigned prim, unsigned node)
{
    const struct sched_state *s = draft_state(d, prim, node);
    uint64_t end_ms = s->fail_ms + draft_meta(d, prim)->failure_timeout_ms;
    enum ban ban = draft_spot(d, prim, node)->ban;
    if (ban == BAN_FATAL || ban == BAN_HARD) {
        say_node(d, why, ban == BAN_FATAL ? SAY_WHY_BAN_FATAL : SAY_WHY_BAN_HARD, prim, node);
        say_failure(d, why, prim, node);
        return;
    }
    bool retry = end_ms > d->in->now_ms && draft_meta(d, prim)->failure_timeout_ms;
    say_node(d, why, retry ? SAY_WHY_BAN_RETRY : SAY_WHY_BAN_COUNT, prim, node);
    if (s->fail_count >= SCORE_INF)
        say_arg(why, "INFINITY");
    else
        say_argf(why, "%u", s->fail_count);
    say_failure(d, why, prim, node);
    if (retry)
        say_argf(why, "%llu", (unsigned long long)((end_ms - d->in->now_ms + 999) / 1000));
}

/* The ban that ends first, so that the sentence tells when it goes on; fatal ones say most. */
static unsigned worst_ban(const struct draft *d, unsigned prim)
{
    unsigned found = NODE_NONE;
    for (unsigned n = 0; n < d->n_nodes; n++) {
        const struct spot *spot = draft_spot(d, prim, n);
        const struct sched_state *s = draft_state(d, prim, n);
        if (spot->ban == BAN_FATAL && s->fail_rc == 6)
            return n;
        if (!nodeset_has(d->open, n) || !spot->ban || spot->ban == BAN_FATAL)
            continue;
        if (found == NODE_NONE ||
            (spot->ban == BAN_COUNT && (draft_spot(d, prim, found)->ban != BAN_COUNT ||
                                        s->fail_ms < draft_state(d, prim, found)->fail_ms)))
            found = n;
    }
    return found;
}

/* The primitive whose failure put a node on standby, CIB_NONE if none did. */
static unsigned standby_by(const struct draft *d, unsigned node)
{
    for (unsigned p = 0; p < d->n_prims; p++)
        if (draft_spot(d, p, node)->todo == ON_FAIL_STANDBY)
            return p;
    return CIB_NONE;
}

/* What only a part of a clone can lack: a copy its node, the promoted role an agent's word. */
static bool part_say(const struct draft *d, struct say *why, unsigned prim)
{
    const struct cib_prim *p = &d->cib->prim[prim];
    if (p->part == PART_COPY && !nodeset_has(d->able, p->node)) {
        say_node(d, why, SAY_WHY_COPY, prim, p->node);
        return true;
    }
    uint16_t awaited = score_awaited(d, prim);
    if (awaited != CIB_NONE) {
        say_1(d, why, SAY_WHY_HEARD, prim);
        say_arg(why, id_of(d, awaited));
        return true;
    }
    bool fit = p->part != PART_PROMOTED;
    for (unsigned n = 0; !fit && n < d->n_nodes; n++) {
        uint16_t copy = cib_copy(d->cib, &d->cib->clone[p->clone], n);
        const struct sched_state *s = copy == CIB_NONE ? NULL : draft_state(d, copy, n);
        fit = s && nodeset_has(d->open, n) && s->fit_said && s->fit >= 0;
    }
    if (!fit)
        say_1(d, why, SAY_WHY_UNFIT, prim);
    return !fit;
}

static void nowhere_say(const struct draft *d, struct say *why, unsigned prim)
{
    unsigned node = worst_ban(d, prim);
    if (node != NODE_NONE) {
        ban_say(d, why, prim, node);
        return;
    }
    if (part_say(d, why, prim))
        return;
    const struct cib_prim *p = &d->cib->prim[prim];
    nodeset scope = p->part == PART_COPY ? nodeset_one(p->node) : (nodeset)~0u;
    if (d->open & scope) {
        say_1(d, why, SAY_WHY_NOWHERE, prim);
        return;
    }
    for (unsigned n = 0; n < d->n_nodes; n++) {
        if (!nodeset_has(d->able & scope, n))
            continue;
        unsigned by = standby_by(d, n);
        if (d->in->node[n].leaving) {
            say_node(d, why, SAY_WHY_LEAVING, prim, n);
        } else if (nodeset_has(d->standby, n) && !d->in->node[n].standby && by != CIB_NONE) {
            say_node(d, why, SAY_WHY_STANDBY_FAILED, prim, n);
            say_arg(why, id_of(d, by));
        } else if (nodeset_has(d->standby, n)) {
            say_node(d, why, SAY_WHY_STANDBY, prim, n);
        } else {
            continue;
        }
        return;
    }
    say_1(d, why, SAY_WHY_NO_NODE, prim);
}

static void frozen_say(const struct draft *d, struct say *why, unsigned prim)
{
    unsigned by = d->seat[prim].frozen;
    for (unsigned i = 0; i < d->n_prims && !d->seat[by].lock; i++)
        by = d->seat[by].frozen;
    say_1(d, why, d->seat[by].lock ? SAY_WHY_FROZEN : SAY_WHY_FROZEN_FENCING, prim);
    say_arg(why, id_of(d, by));
}

static void gate_say(const struct draft *d, struct say *why, unsigned prim)
{
    static const enum say_id id[] = {
        [CAUSE_UNCLEAN] = SAY_WHY_UNCLEAN, [CAUSE_JOINING] = SAY_WHY_JOINING,
        [CAUSE_BLIND] = SAY_WHY_BLIND,     [CAUSE_FENCING] = SAY_WHY_FENCING,
        [CAUSE_FREEZE] = SAY_WHY_FREEZE,
    };
    const struct seat *s = &d->seat[prim];
    assert(s->gate < ARRAY_LEN(id) && id[s->gate]);
    say_node(d, why, id[s->gate], prim, s->gate_node);
}

static void restart_say(const struct draft *d, struct say *why, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    switch ((enum cause)s->must) {
    case CAUSE_MULTIPLE: say_node(d, why, SAY_WHY_RESTART_MULTIPLE, prim, s->to); return;
    case CAUSE_OUTDATED: say_node(d, why, SAY_WHY_RESTART_OUTDATED, prim, s->to); return;
    case CAUSE_ASKED: say_node(d, why, SAY_WHY_RESTART_ASKED, prim, s->to); return;
    case CAUSE_FIRST:
        if (s->start_blocked) {
            say_1(d, why, SAY_WHY_RESTART_GONE, prim);
        } else {
            say_node(d, why, SAY_WHY_RESTART_FIRST, prim, s->to);
        }
        say_arg(why, id_of(d, s->first));
        return;
    default: break;
    }
    say_node(d, why, SAY_WHY_RESTART_FAILED, prim, s->to);
    say_failure(d, why, prim, s->to);
}

static void move_say(const struct draft *d, struct say *why, unsigned prim, unsigned from)
{
    const struct seat *s = &d->seat[prim];
    const struct unit *u = &d->unit[d->unit_of[prim]];
    bool failed = draft_spot(d, prim, from)->ban != BAN_NONE;
    unsigned with = CIB_NONE;
    for (unsigned m = 0; m < u->n_members && with == CIB_NONE; m++)
        if (draft_spot(d, u->member[m], from)->ban)
            with = u->member[m];
    enum say_id id = SAY_WHY_MOVE;
    if (u->wish == s->to || nodeset_has(u->avoid, from))
        id = SAY_WHY_MOVE_ASKED;
    else if (d->in->node[from].leaving)
        id = SAY_WHY_MOVE_LEAVING;
    else if (nodeset_has(d->standby, from))
        id = SAY_WHY_MOVE_STANDBY;
    else if (failed)
        id = SAY_WHY_MOVE_FAILED;
    else if (with != CIB_NONE)
        id = SAY_WHY_MOVE_WITH;
    say_node(d, why, id, prim, from);
    say_arg(why, name_of(d, s->to));
    if (id == SAY_WHY_MOVE_FAILED)
        say_failure(d, why, prim, from);
    else if (id == SAY_WHY_MOVE_WITH)
        say_arg(why, id_of(d, with));
}

/* Member, to be fenced, where it could not be stopped. */
static unsigned stuck_at(const struct draft *d, unsigned prim)
{
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (nodeset_has(d->doomed, n) && draft_spot(d, prim, n)->is == SPOT_STUCK)
            return n;
    return NODE_NONE;
}

/* It has a place and steps to get there. */
static void change_say(const struct draft *d, struct say *why, unsigned prim, unsigned now)
{
    const struct seat *s = &d->seat[prim];
    unsigned root = s->root;
    bool gone = s->must == CAUSE_FIRST && s->leave;
    if (stuck_at(d, prim) != NODE_NONE) {
        say_node(d, why, SAY_WHY_STOP_FENCING, prim, stuck_at(d, prim));
        say_failure(d, why, prim, stuck_at(d, prim));
    } else if (s->starts && s->start_blocked && root != prim && !gone) {
        waits_say(d, why, prim, root);
    } else if (s->starts && gate_shut(d, prim, s->to)) {
        gate_say(d, why, prim);
    } else if (s->starts && s->dark) {
        say_node(d, why, SAY_WHY_PROBING, prim, draft_lowest(s->dark));
    } else if (s->starts && nodeset_has(s->leave, s->to)) {
        restart_say(d, why, prim);
    } else if (s->starts && now != NODE_NONE && now != s->to && nodeset_has(d->members, now)) {
        move_say(d, why, prim, now);
    } else if (s->starts) {
        say_node(d, why, SAY_WHY_START, prim, s->to);
    } else if (s->leave) {
        say_node(d, why, SAY_WHY_STOP_EXTRA, prim, draft_lowest(s->leave));
        say_arg(why, name_of(d, s->to));
    }
}

static void seat_say(struct draft *d, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    const struct unit *u = &d->unit[d->unit_of[prim]];
    struct plan_rsc *r = &d->plan->rsc[prim];
    unsigned root = s->root;
    r->node = s->to;
    r->now = (uint8_t)now_of(d, prim);
    r->managed = !s->lock;
    r->blocked = blocked_itself(d, prim) || (root != prim && blocked_itself(d, root));
    if (s->lock)
        lock_say(d, &r->why, prim);
    else if (s->stop_blocked)
        frozen_say(d, &r->why, prim);
    else if (s->off)
        off_say(d, &r->why, prim);
    else if (s->to == NODE_NONE && root != prim)
        waits_say(d, &r->why, prim, root);
    else if (s->to == NODE_NONE)
        nowhere_say(d, &r->why, prim);
    else
        change_say(d, &r->why, prim, r->now);
    if (!r->why.id && u->wish != NODE_NONE && u->wish != s->to && s->to == r->now) {
        say_node(d, &r->why, SAY_WHY_STAYS, prim, s->to);
        say_arg(&r->why, name_of(d, u->wish));
    }
}

void reason_fill(struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++)
        if (d->seat[p].root == CIB_NONE)
            root_find(d, p);
    for (unsigned p = 0; p < d->n_prims; p++)
        seat_say(d, p);
}
