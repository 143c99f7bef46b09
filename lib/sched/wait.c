/* SPDX-License-Identifier: GPL-2.0-or-later
 * wait: which step waits for which, and the final order of both, dependencies first.
 *
 * Happy path: wait_link, once. Fails with ERR_FULL. Waits are collected twice: first counted, then
 * written, so that the arena gives exactly what is needed. A loop of waits, which only
 * contradictory orders can make, is broken at the wait that closes it. */
#include <assert.h>
#include <string.h>
#include "lib/sched/draft.h"

/* What can be done now waits for nothing that cannot: what it needs is in order_spread's judgement
 * already, so such a wait is only a wish for an order (4.6.10: optional), and would have no end. */
static void wait_add(struct draft *d, uint32_t step, uint32_t on)
{
    const struct plan_step *at = d->plan->step;
    if (step == STEP_NONE || on == STEP_NONE || step == on || at[step].in_flight ||
        (at[on].blocked && !at[step].blocked))
        return;
    if (d->wait)
        d->wait[d->n_waits] = (struct wait){step, on};
    d->n_waits++;
}

/* The steps of one primitive among themselves, and for the nodes that must be fenced first. */
static void own_link(struct draft *d, unsigned prim)
{
    const struct seat *s = &d->seat[prim];
    for (unsigned n = 0; n < d->n_nodes; n++) {
        const struct spot *spot = draft_spot(d, prim, n);
        wait_add(d, spot->step_stop, spot->step_fly);
        wait_add(d, s->step_start, spot->step_fly);
        wait_add(d, s->step_start, spot->step_probe);
        wait_add(d, s->step_start, spot->step_stop);
        bool unclean = s->gate == CAUSE_UNCLEAN && nodeset_has(d->unclean, n);
        bool fencing = s->gate == CAUSE_FENCING && nodeset_has(d->doomed, n);
        if ((unclean || fencing) && s->to != NODE_NONE && gate_shut(d, prim, s->to))
            wait_add(d, s->step_start, d->step_fence[n]);
    }
}

/* Stopped only after the other one is, or is known to be: what has not been looked at may need it.
 */
static void stop_after_stop(struct draft *d, unsigned prim, unsigned before)
{
    unsigned local = draft_local(d, prim, before);
    for (unsigned n = 0; n < d->n_nodes; n++)
        for (unsigned m = 0; m < d->n_nodes; m++) {
            const struct spot *b = draft_spot(d, before, m);
            if (local != NODE_NONE && local != m)
                continue;
            uint32_t step = draft_spot(d, prim, n)->step_stop;
            wait_add(d, step, b->step_stop);
            wait_add(d, step, b->step_probe);
            if (b->flying == OP_STOP || b->flying == OP_PROBE)
                wait_add(d, step, b->step_fly);
        }
}

static bool has_steps(const struct draft *d, unsigned prim, bool start)
{
    const struct seat *s = &d->seat[prim];
    if (start)
        return s->step_start != STEP_NONE;
    if (s->leave)
        return true;
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (draft_spot(d, prim, n)->flying == OP_STOP)
            return true;
    return false;
}

/* Member of a group that has a step of that kind: the first in the text, or the last. A chain of
 * waits joins the members that have steps, so one of them speaks for all. */
static unsigned speaker(const struct draft *d, struct rsc_ref ref, bool start, bool last)
{
    unsigned n;
    const uint16_t *member = draft_members(d, &ref, &n);
    unsigned found = CIB_NONE;
    for (unsigned m = 0; m < n; m++)
        if (has_steps(d, member[last ? n - 1 - m : m], start)) {
            found = member[last ? n - 1 - m : m];
            break;
        }
    return found;
}

/* Where `first` only starts, a `then` that restarts because of it is down before. */
static void down_link(struct draft *d, unsigned first, unsigned then)
{
    if (first == CIB_NONE || then == CIB_NONE || d->seat[first].leave)
        return;
    unsigned local = draft_local(d, first, then);
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (local == NODE_NONE || local == n)
            wait_add(d, d->seat[first].step_start, draft_spot(d, then, n)->step_stop);
}

static void chain_link(struct draft *d, const struct cib_group *g)
{
    unsigned starter = CIB_NONE, stopper = CIB_NONE;
    for (unsigned m = 0; m < g->n_members; m++) {
        unsigned p = g->member[m];
        bool starts = has_steps(d, p, true), stops = has_steps(d, p, false);
        if (starts && starter != CIB_NONE)
            wait_add(d, d->seat[p].step_start, d->seat[starter].step_start);
        if ((stops || d->seat[p].dark) && stopper != CIB_NONE)
            stop_after_stop(d, stopper, p);
        if (stops)
            down_link(d, starter, p);
        starter = starts ? p : starter;
        stopper = stops ? p : stopper;
    }
}

static void pair_link(struct draft *d, const struct cib_order *o, enum cib_action first_action,
                      enum cib_action then_action, struct rsc_ref first, struct rsc_ref then)
{
    bool fs = first_action == ACTION_START, ts = then_action == ACTION_START;
    if (first_action > ACTION_STOP || then_action > ACTION_STOP || o->kind == ORDER_SERIALIZE ||
        o->spread)
        return;
    /* `first` is done with its last start or its last stop, which is that of its first member;
     * `then` begins with the opposite end. */
    unsigned f = speaker(d, first, fs, fs), t = speaker(d, then, ts, !ts);
    if (f == CIB_NONE || t == CIB_NONE)
        return;
    if (fs && ts) {
        unsigned local = draft_local(d, f, t);
        /* The first copy that runs is not the best one: all that are on their way are heard. */
        bool role =
            d->cib->prim[t].part == PART_PROMOTED && d->cib->prim[t].clone == d->cib->prim[f].clone;
        if (local == NODE_NONE || local == d->seat[t].to || role)
            wait_add(d, d->seat[t].step_start, d->seat[f].step_start);
    } else if (!fs && !ts) {
        stop_after_stop(d, t, f);
    } else {
        for (unsigned n = 0; n < d->n_nodes; n++)
            if (fs)
                wait_add(d, draft_spot(d, t, n)->step_stop, d->seat[f].step_start);
            else
                wait_add(d, d->seat[t].step_start, draft_spot(d, f, n)->step_stop);
    }
}

static enum cib_action inverse(enum cib_action a)
{
    static const enum cib_action of[] = {
        [ACTION_START] = ACTION_STOP,
        [ACTION_STOP] = ACTION_START,
        [ACTION_PROMOTE] = ACTION_DEMOTE,
        [ACTION_DEMOTE] = ACTION_PROMOTE,
    };
    return of[a];
}

static void order_link(struct draft *d, const struct cib_order *o)
{
    pair_link(d, o, o->first_action, o->then_action, o->first, o->then);
    if (!o->symmetrical || o->spread)
        return;
    pair_link(d, o, inverse(o->then_action), inverse(o->first_action), o->then, o->first);
    if (o->kind == ORDER_MANDATORY && o->first_action == ACTION_START &&
        o->then_action == ACTION_START) {
        unsigned f = speaker(d, o->first, false, true);
        down_link(d, speaker(d, o->first, true, false), speaker(d, o->then, false, false));
        unsigned n;
        struct rsc_ref ref = o->then;
        const uint16_t *then = draft_members(d, &ref, &n);
        if (f != CIB_NONE && d->seat[then[0]].dark)
            stop_after_stop(d, f, then[0]);
    }
}

static void waits_collect(struct draft *d)
{
    d->n_waits = 0;
    for (unsigned p = 0; p < d->n_prims; p++)
        own_link(d, p);
    for (unsigned g = 0; g < d->cib->n_groups; g++)
        chain_link(d, &d->cib->group[g]);
    for (unsigned o = 0; o < d->cib->n_orders; o++)
        order_link(d, &d->cib->order[o]);
}

/* Puts the steps of one primitive into the chain, sorted by place; n is how many there are. */
static unsigned chain_insert(const struct draft *d, uint32_t *chain, unsigned n,
                             const uint32_t *place, uint32_t step)
{
    if (step == STEP_NONE || d->plan->step[step].blocked)
        return n;
    unsigned at = n;
    for (; at > 0 && place[chain[at - 1]] > place[step]; at--)
        chain[at] = chain[at - 1];
    chain[at] = step;
    return n + 1;
}

/* Nothing of the one while anything of the other is done: all of both in the order of the plan, one
 * by one. After the sort, so that no loop can come of it. In flight comes first. */
static enum err serialize_add(struct draft *d, struct cib_order *o, const uint32_t *place)
{
    struct rsc_ref *side[] = {&o->first, &o->then};
    unsigned n = 0, n_members[2];
    const uint16_t *member[2];
    for (int i = 0; i < 2; i++)
        member[i] = draft_members(d, side[i], &n_members[i]);
    uint32_t *chain = arena_array(
        d->arena, (size_t)(n_members[0] + n_members[1]) * (2 * d->n_nodes + 1), sizeof(*chain));
    if (!chain)
        return ERR_FULL;
    for (int i = 0; i < 2; i++)
        for (unsigned m = 0; m < n_members[i]; m++) {
            unsigned p = member[i][m];
            n = chain_insert(d, chain, n, place, d->seat[p].step_start);
            for (unsigned k = 0; k < d->n_nodes; k++) {
                const struct spot *spot = draft_spot(d, p, k);
                n = chain_insert(d, chain, n, place, spot->step_stop);
                if (spot->flying == OP_STOP)
                    n = chain_insert(d, chain, n, place, spot->step_fly);
            }
        }
    unsigned flying = 0;
    while (flying < n && d->plan->step[chain[flying]].in_flight)
        flying++;
    for (unsigned i = 0; i < flying && flying < n; i++)
        wait_add(d, chain[flying], chain[i]);
    for (unsigned i = flying + 1; i < n; i++)
        wait_add(d, chain[i], chain[i - 1]);
    return ERR_OK;
}

static enum err serialize_collect(struct draft *d, const uint32_t *place)
{
    for (unsigned o = 0; o < d->cib->n_orders; o++) {
        if (d->cib->order[o].kind != ORDER_SERIALIZE || d->cib->order[o].spread)
            continue;
        enum err err = serialize_add(d, &d->cib->order[o], place);
        if (err)
            return err;
    }
    return ERR_OK;
}

/* How many waits that will be at most. */
static uint32_t serialize_room(const struct draft *d)
{
    uint32_t room = 0;
    for (unsigned o = 0; o < d->cib->n_orders; o++) {
        unsigned n_first, n_then;
        if (d->cib->order[o].kind != ORDER_SERIALIZE || d->cib->order[o].spread)
            continue;
        (void)draft_members(d, &d->cib->order[o].first, &n_first);
        (void)draft_members(d, &d->cib->order[o].then, &n_then);
        room += (n_first + n_then) * (2 * d->n_nodes + 1);
    }
    return room;
}

/* A place for each step, after those that it waits for, else in natural order. The walk keeps its
 * own stack. */
struct walk {
    uint32_t *first, *on; /* waits by step */
    uint32_t *place, *order, *stack, *at;
    uint8_t *mark;
    uint32_t n_placed;
};

static bool walk_new(struct draft *d, struct walk *w, uint32_t room)
{
    size_t n = d->plan->n_steps;
    w->first = arena_array(d->arena, n + 1, sizeof(*w->first));
    w->on = arena_array(d->arena, room, sizeof(*w->on));
    w->place = arena_array(d->arena, n, sizeof(*w->place));
    w->order = arena_array(d->arena, n, sizeof(*w->order));
    w->stack = arena_array(d->arena, n, sizeof(*w->stack));
    w->at = arena_array(d->arena, n, sizeof(*w->at));
    w->mark = arena_array(d->arena, n, sizeof(*w->mark));
    w->n_placed = 0;
    return w->first && w->on && w->place && w->order && w->stack && w->at && w->mark;
}

/* Waits sorted by step, keeping their order otherwise. */
static void walk_fill(const struct draft *d, struct walk *w)
{
    uint32_t n = d->plan->n_steps;
    memset(w->first, 0, (n + 1) * sizeof(*w->first));
    for (uint32_t i = 0; i < d->n_waits; i++)
        w->first[d->wait[i].step + 1]++;
    for (uint32_t i = 0; i < n; i++)
        w->first[i + 1] += w->first[i];
    memcpy(w->at, w->first, n * sizeof(*w->at));
    for (uint32_t i = 0; i < d->n_waits; i++)
        w->on[w->at[d->wait[i].step]++] = d->wait[i].on;
    memcpy(w->at, w->first, n * sizeof(*w->at));
}

static void walk_from(struct walk *w, uint32_t step)
{
    enum { NEW, OPEN, DONE };
    uint32_t depth = 0;
    if (w->mark[step] != NEW)
        return;
    w->mark[step] = OPEN;
    w->stack[depth++] = step;
    while (depth > 0) {
        uint32_t top = w->stack[depth - 1];
        if (w->at[top] == w->first[top + 1]) {
            w->mark[top] = DONE;
            w->place[top] = w->n_placed;
            w->order[w->n_placed++] = top;
            depth--;
            continue;
        }
        uint32_t on = w->on[w->at[top]++];
        if (w->mark[on] == NEW) {
            w->mark[on] = OPEN;
            w->stack[depth++] = on;
        }
    }
}

/* Only waits on earlier steps are kept: those that close a loop go. */
static void loops_drop(struct draft *d, const uint32_t *place)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->n_waits; i++)
        if (place[d->wait[i].on] < place[d->wait[i].step])
            d->wait[kept++] = d->wait[i];
    d->n_waits = kept;
}

/* Steps and dependencies as the plan shows them. */
static enum err plan_write(struct draft *d, struct walk *w)
{
    struct plan *plan = d->plan;
    struct plan_step *sorted = arena_array(d->arena, plan->n_steps, sizeof(*sorted));
    plan->dep = arena_array(d->arena, d->n_waits, sizeof(*plan->dep));
    if (!sorted || !plan->dep)
        return ERR_FULL;
    walk_fill(d, w);
    memset(w->stack, 0, plan->n_steps * sizeof(*w->stack));
    for (uint32_t i = 0; i < plan->n_steps; i++) {
        uint32_t old = w->order[i];
        sorted[i] = plan->step[old];
        sorted[i].first_dep = plan->n_deps;
        for (uint32_t k = w->first[old]; k < w->first[old + 1]; k++) {
            uint32_t on = w->place[w->on[k]];
            if (w->stack[on] != i + 1) /* several constraints may say the same */
                plan->dep[plan->n_deps++] = on;
            w->stack[on] = i + 1;
        }
        assert(plan->n_deps - sorted[i].first_dep <= UINT16_MAX);
        sorted[i].n_deps = (uint16_t)(plan->n_deps - sorted[i].first_dep);
    }
    plan->step = sorted;
    return ERR_OK;
}

enum err wait_link(struct draft *d)
{
    struct walk w;
    d->wait = NULL;
    waits_collect(d);
    uint32_t room = d->n_waits + serialize_room(d);
    if (room > sched_deps_max(d->n_prims, d->n_nodes, d->cib->n_orders))
        return ERR_FULL;
    d->wait = arena_array(d->arena, room, sizeof(*d->wait));
    if (!d->wait)
        return ERR_FULL;
    waits_collect(d);
    /* Room in the walk for all waits, also those that come after it. */
    if (!walk_new(d, &w, room))
        return ERR_FULL;
    walk_fill(d, &w);
    for (uint32_t i = 0; i < d->plan->n_steps; i++)
        walk_from(&w, i);
    assert(w.n_placed == d->plan->n_steps);
    loops_drop(d, w.place);
    enum err err = serialize_collect(d, w.place);
    assert(d->n_waits <= room);
    return err ? err : plan_write(d, &w);
}
