/* SPDX-License-Identifier: GPL-2.0-or-later
 * coord: the coordinator.
 *
 * Happy path: coord_touch marks the state as changed; at the end of the step a snapshot of it goes
 * out with ACT_PLAN; EV_PLANNED brings the plan; steps whose dependencies are met are ordered, and
 * each result releases the next ones. A result that is not the wanted one makes a new plan. Ways to
 * fail: the state changed while the plan was made (dropped, planned again); the plan does not fit
 * (told, nothing is done until the configuration shrinks). */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/guard.h"
#include "lib/core/herald.h"
#include "lib/core/lease.h"
#include "lib/core/msg.h"
#include "lib/core/rec.h"
#include "lib/core/request.h"
#include "lib/core/ring.h"
#include "lib/core/take.h"
#include "lib/core/view.h"

enum { HOLD_MS = 300, FOLLOW_MS = 50 };

void coord_touch(struct node *n)
{
    n->coord.dirty = true;
    n->coord.dirty_serial++;
}

void coord_reset(struct node *n)
{
    n->coord.plan = NULL;
    n->coord.issued = 0;
    n->coord.hold_us = 0;
    n->coord.recheck_us = UINT64_MAX;
    coord_touch(n);
}

void coord_slot_clear(struct node *n, unsigned slot)
{
    n->coord.wish[slot] = NODE_NONE;
    n->coord.wish_met[slot] = false;
    n->coord.avoid[slot] = 0;
    n->coord.restart[slot] = false;
    n->coord.why[slot].id = 0;
    n->coord.want[slot] = n->coord.last[slot] = NODE_NONE;
    n->coord.flags[slot] = 0;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        n->coord.heard[(size_t)slot * n->conf.n_nodes + p] = RSC_UNKNOWN;
}

void coord_hold(struct node *n)
{
    n->coord.hold_us = n->now_us + US(HOLD_MS);
}

bool coord_idle(const struct node *n)
{
    const struct coord *c = &n->coord;
    return !c->dirty && !c->plan_op && !c->issued;
}

/* ---- the scheduler's input --------------------------------------------------------------------
 */

static void input_nodes(struct node *n, struct sched_in *in, const struct cib *cib)
{
    in->n_nodes = n->conf.n_nodes;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        struct sched_node *s = &in->node[p];
        memset(s, 0, sizeof(*s));
        s->name = node_name(n, p);
        s->life = guard_life(n, p);
        s->leaving = p == n->self ? n->leaving : n->peer[p].leaving;
        s->no_exec = p == n->self ? n->exec.no_exec : n->peer[p].no_exec;
        for (unsigned i = 0; i < cib->n_nodes; i++)
            if (cib->node[i].node_index == p) {
                s->standby = s->standby || cib->node[i].standby;
                s->maintenance = s->maintenance || cib->node[i].maintenance;
            }
    }
}

static void input_state(const struct cib *cib, unsigned prim, const struct rec *r,
                        struct sched_state *s)
{
    const struct cib_op *op = NULL;
    memset(s, 0, sizeof(*s));
    s->life = r->life;
    s->pending = r->pending;
    s->last_rc = r->last_rc;
    s->fail_op = r->fail_op;
    s->fail_rc = r->fail_rc;
    s->fail_reason = r->reason;
    if (r->fail_op == OP_MONITOR && cib_monitor_ms(cib, &cib->prim[prim], r->fail_monitor, &op) &&
        op)
        s->fail_how = (uint8_t)op->on_fail;
    s->fail_count = r->fail_count;
    s->fail_ms = r->fail_us / 1000;
    s->outdated = r->outdated;
    s->owned = r->owned;
    s->ever_ran = r->ever_ran;
    s->fit_said = r->fit_said;
    s->fit = r->fit;
}

/* Slot of a primitive of cib, which may be one that is not in force: CIB_NONE for a new resource.
 */
static unsigned slot_of(const struct node *n, const struct cib *cib, unsigned prim)
{
    return cib == n->store.cib ? n->store.slot_of_prim[prim]
                               : exec_slot_find(n, cib->prim[prim].id);
}

static void input_make(struct node *n, const struct cib *cib)
{
    struct coord *c = &n->coord;
    struct sched_in *in = &c->in;
    unsigned nodes = n->conf.n_nodes;
    memset(in, 0, sizeof(*in));
    in->cib = cib;
    in->now_ms = n->now_us / 1000;
    in->quorate = ring_quorate(n);
    in->lapsed =
        (n->view.state == VIEW_ALONE || ring_engine(n)) && (lease_lapsed(n) || n->lease.ending);
    in->guard_none = n->conf.guard == 0;
    for (unsigned p = 0; p < nodes; p++) /* what the guard refuses need not be tried */
        in->guard_none = in->guard_none && !n->peer[p].away && !n->peer[p].twin_us;
    in->state = c->in_state;
    in->wish = c->in_wish;
    in->avoid = c->in_avoid;
    in->restart = c->in_restart;
    in->freed = c->in_freed;
    input_nodes(n, in, cib);
    for (unsigned i = 0; i < cib->n_prims; i++) {
        unsigned slot = slot_of(n, cib, i);
        bool known = slot != CIB_NONE;
        c->in_wish[i] = known ? c->wish[slot] : NODE_NONE;
        c->in_avoid[i] = known ? c->avoid[slot] : 0;
        c->in_restart[i] = known && c->restart[slot];
        c->in_freed[i] = 0;
        for (unsigned p = 0; p < nodes; p++) {
            struct sched_state *s = &c->in_state[(size_t)i * nodes + p];
            if (known && (take_frees(n, p, slot) || take_told(n, p, slot)))
                c->in_freed[i] = nodeset_add(c->in_freed[i], p);
            if (known) {
                input_state(cib, i, exec_rec_const(n, p, slot), s);
                if (s->owned && p == n->self && take_away(n, slot))
                    s->owned = false;
                s->last = c->last[slot] == p;
            } else {
                memset(s, 0, sizeof(*s));
                s->life = RSC_STOPPED;
            }
        }
    }
}

static void plan_ask(struct node *n, const struct cib *cib)
{
    struct coord *c = &n->coord;
    input_make(n, cib);
    c->plan_op = out_op(n);
    c->plan_serial = c->dirty_serial;
    c->plan = NULL; /* the shell's memory of the old one is about to be used again */
    struct action *a = out_action(n, ACT_PLAN);
    a->plan.op = c->plan_op;
    a->plan.in = &c->in;
}

enum err coord_dry_run(struct node *n, unsigned request, const struct cib *cib)
{
    struct coord *c = &n->coord;
    if (c->plan_op || c->dry_request)
        return ERR_BUSY;
    c->dry_request = (uint16_t)(request + 1);
    n->request[request].wait = WAIT_PLAN;
    plan_ask(n, cib ? cib : n->store.cib);
    c->dirty = true; /* whatever comes of it, the plan in force is made anew afterwards */
    return ERR_OK;
}

/* ---- carrying out -------------------------------------------------------------------------------
 */

static bool step_met(const struct node *n, const struct plan_step *s)
{
    if (s->op == OP_FENCE)
        return guard_life(n, s->node) == LIFE_STOPPED;
    unsigned slot = n->store.slot_of_prim[s->prim];
    const struct rec *r = exec_rec_const(n, s->node, slot);
    if (r->pending != OP_NONE && r->pending != OP_NOTIFY)
        return false;
    if ((s->op == OP_START || s->op == OP_STOP) && herald_busy(n, slot))
        return false; /* done, but what comes after it waits until the other copies know */
    switch (s->op) {
    case OP_PROBE: return r->life == RSC_STOPPED; /* found running: a new plan */
    case OP_START: return r->life == RSC_STARTED || r->life == RSC_PROMOTED;
    case OP_STOP: return r->life == RSC_STOPPED;
    case OP_PROMOTE: return r->life == RSC_PROMOTED;
    case OP_DEMOTE: return r->life == RSC_STARTED || r->life == RSC_STOPPED;
    default: return false;
    }
}

static void order_send(struct node *n, const struct plan_step *s)
{
    uint8_t at[CIB_ID_LEN + 32];
    struct buf b;
    unsigned slot = n->store.slot_of_prim[s->prim];
    buf_write_init(&b, at, sizeof(at));
    buf_put_text(&b, n->exec.slot[slot].id);
    buf_put_u8(&b, s->op);
    assert(!b.bad);
    /* Known from now on: the next plan must not order it again before the answer comes. */
    struct rec *r = exec_rec(n, s->node, slot);
    r->pending = s->op;
    r->order = ++n->peer[s->node].orders_sent;
    msg_send(n, s->node, MSG_ORDER, &b);
}

static void step_issue(struct node *n, unsigned i)
{
    struct coord *c = &n->coord;
    const struct plan_step *s = &c->plan->step[i];
    if (c->step[i] == STEP_WAIT)
        c->issued++;
    if (c->step[i] == STEP_WAIT && !s->in_flight && herald_before(n, s)) {
        c->step[i] = STEP_TOLD;
        return;
    }
    c->step[i] = STEP_ISSUED;
    if (s->in_flight)
        return;
    if (s->op == OP_STOP)
        c->restart[n->store.slot_of_prim[s->prim]] = false; /* once */
    if (s->op == OP_FENCE) {
        if (!fencer_want(n, s->node, s->cause)) {
            c->step[i] = STEP_DROPPED; /* nothing to wait for: the guard says what is missing */
            c->issued--;
        }
    } else if (s->node != n->self) {
        order_send(n, s);
    } else if (exec_run(n, n->store.slot_of_prim[s->prim], s->op)) {
        /* Refused or busy: its record was told, and a new plan follows, but not at once. */
        coord_hold(n);
        if (c->plan && c->step[i] == STEP_ISSUED) {
            c->step[i] = STEP_DROPPED;
            c->issued--;
        }
    }
}

static void todo_put(struct coord *c, uint32_t i)
{
    assert(c->todo_end < c->steps_max);
    c->todo[c->todo_end++] = i;
}

static void step_done(struct node *n, uint32_t i)
{
    struct coord *c = &n->coord;
    if (c->step[i] == STEP_DONE)
        return;
    if (c->step[i] == STEP_ISSUED)
        c->issued--;
    c->step[i] = STEP_DONE;
    c->done++;
    for (uint32_t d = c->after_first[i]; d < c->after_first[i + 1]; d++)
        if (--c->left[c->after[d]] == 0)
            todo_put(c, c->after[d]);
}

/* Orders what has become possible, from a work list: every step and dependency is looked at once.
 */
static void steps_go(struct node *n)
{
    struct coord *c = &n->coord;
    while (c->plan && !c->dirty && c->todo_at < c->todo_end) {
        uint32_t i = c->todo[c->todo_at++];
        if (c->step[i] != STEP_WAIT || c->plan->step[i].blocked)
            continue;
        step_issue(n, i);
        if (c->plan && c->step[i] == STEP_ISSUED && step_met(n, &c->plan->step[i]))
            step_done(n, i);
    }
    /* All that can be done of it is done: a fresh plan says what is left, and why. */
    if (c->plan && !c->dirty && !c->issued && c->done) {
        c->done = 0;
        coord_touch(n);
    }
}

/* A wish holds while the resource does well where it was wished, so that a stronger preference in
 * the configuration does not pull it back at once; a failure there, or a move for any other reason,
 * ends it. It is in no configuration and outlives no loss of the node. */
static void wish_follow(struct node *n, unsigned node, unsigned slot, const struct rec *r,
                        bool running)
{
    struct coord *c = &n->coord;
    bool failed = r->fail_op != OP_NONE && r->pending == OP_NONE && r->fail_us >= c->wish_us;
    if (c->wish[slot] == NODE_NONE)
        return;
    if (c->wish[slot] == node && running)
        c->wish_met[slot] = true;
    if (c->wish[slot] == node ? failed : running && c->wish_met[slot]) {
        c->wish[slot] = NODE_NONE;
        c->wish_met[slot] = false;
    }
}

void coord_peer_gone(struct node *n, unsigned p)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->coord.wish[i] == p) {
            n->coord.wish[i] = NODE_NONE;
            n->coord.wish_met[i] = false;
        }
}

/* The copies of a clone have been told: what was to be done is ordered, what was done is over. */
static void told_go_on(struct node *n, unsigned slot)
{
    struct coord *c = &n->coord;
    const struct cib_prim *prim = exec_prim(n, slot);
    struct rsc_ref clone = {.kind = RSC_CLONE, .index = prim->clone};
    if (herald_busy(n, slot))
        return;
    for (unsigned m = 0; cib_part(n->store.cib, clone, m) != CIB_NONE; m++) {
        uint32_t k = c->plan ? c->of_prim[cib_part(n->store.cib, clone, m)] : UINT32_MAX;
        for (; c->plan && k != UINT32_MAX; k = c->of_next[k]) {
            if (c->step[k] == STEP_TOLD)
                step_issue(n, k);
            else if (c->step[k] == STEP_ISSUED && step_met(n, &c->plan->step[k]))
                step_done(n, k);
        }
    }
}

void coord_result(struct node *n, unsigned node, unsigned slot)
{
    struct coord *c = &n->coord;
    if (herald_result(n, node, slot)) {
        told_go_on(n, slot);
        return;
    }
    const struct rec *r = exec_rec_const(n, node, slot);
    uint16_t prim = n->exec.slot[slot].prim;
    bool running = r->life == RSC_STARTED || r->life == RSC_PROMOTED;
    if (running) {
        c->last[slot] = (uint8_t)node;
        if (c->why[slot].id == SAY_WHY_START)
            c->why[slot].id = 0; /* done: there is nothing left to say */
    }
    if (running && !nodeset_has(c->avoid[slot], node))
        c->avoid[slot] = 0;
    wish_follow(n, node, slot, r, running);
    if (!c->plan || prim == CIB_NONE) {
        coord_touch(n);
        return;
    }
    bool known = false;
    for (uint32_t k = c->of_prim[prim]; k != UINT32_MAX; k = c->of_next[k]) {
        const struct plan_step *s = &c->plan->step[k];
        if (s->node != node || s->op == OP_FENCE || c->step[k] != STEP_ISSUED)
            continue;
        if (step_met(n, s)) {
            step_done(n, k);
            known = true;
        } else if (r->pending == s->op || herald_busy(n, slot)) {
            known = true; /* it has begun there; or others are being told that it is done */
        } else if (s->op == OP_START && r->life == RSC_STOPPED) {
            coord_hold(
                n); /* refused, or not begun in time: the same plan at once would meet the same */
        }
    }
    if (!known)
        coord_touch(n);
}

static void plan_index(struct node *n, const struct plan *plan)
{
    struct coord *c = &n->coord;
    uint32_t steps = plan->n_steps;
    c->todo_at = c->todo_end = c->done = 0;
    assert(steps <= c->steps_max && plan->n_deps <= c->deps_max);
    memset(c->after_first, 0, (steps + 2) * sizeof(*c->after_first));
    for (uint32_t i = 0; i < plan->n_deps; i++)
        c->after_first[plan->dep[i] + 2]++;
    for (uint32_t i = 2; i < steps + 2; i++)
        c->after_first[i] += c->after_first[i - 1];
    for (unsigned i = 0; i < n->store.cib->n_prims; i++)
        c->of_prim[i] = UINT32_MAX;
    for (uint32_t i = 0; i < steps; i++) {
        const struct plan_step *s = &plan->step[i];
        c->step[i] = STEP_WAIT;
        c->left[i] = s->n_deps;
        for (uint32_t d = 0; d < s->n_deps; d++)
            c->after[c->after_first[plan->dep[s->first_dep + d] + 1]++] = i;
        if (!s->n_deps)
            todo_put(c, i);
        if (s->prim != CIB_NONE) {
            c->of_next[i] = c->of_prim[s->prim];
            c->of_prim[s->prim] = i;
        }
    }
}

/* What everybody, not only the coordinator, learns from a plan: where things ought to be, and why.
 */
static void plan_learn(struct node *n, const struct plan *plan)
{
    struct coord *c = &n->coord;
    for (unsigned i = 0; i < n->store.cib->n_prims; i++) {
        unsigned slot = n->store.slot_of_prim[i];
        const struct plan_rsc *r = &plan->rsc[i];
        c->why[slot] = r->why;
        c->want[slot] = r->node;
        c->flags[slot] =
            (uint8_t)((r->managed ? 0 : RSC_UNMANAGED) | (r->blocked ? RSC_BLOCKED : 0));
        if (c->avoid[slot] && r->node == PLAN_NO_NODE && c->wish[slot] == NODE_NONE) {
            c->avoid[slot] = 0; /* nowhere else to go: it stays rather than stops */
            coord_touch(n);
        }
    }
    c->recheck_us = plan->recheck_ms == UINT64_MAX ? UINT64_MAX : US(plan->recheck_ms + 1);
}

void coord_planned(struct node *n, const struct event *ev)
{
    struct coord *c = &n->coord;
    if (!ev->planned.op || ev->planned.op != c->plan_op)
        return;
    c->plan_op = 0;
    if (c->dry_request) {
        unsigned request = c->dry_request - 1u;
        c->dry_request = 0;
        request_dry_run(n, request, &c->in, ev->planned.err ? NULL : ev->planned.plan);
        return;
    }
    enum err err = ev->planned.err;
    if (!err &&
        (ev->planned.plan->n_steps > c->steps_max || ev->planned.plan->n_deps > c->deps_max))
        err = ERR_FULL;
    if (err) {
        struct say say;
        say_set(&say, SAY_PLAN_FAILED);
        say_arg(&say, err_text(err));
        out_event(n, &say, NULL, NULL);
        return;
    }
    if (!view_directs(n)) /* it only wants to know why: soon is soon enough */
        c->hold_us = num_max(c->hold_us, n->now_us + US(FOLLOW_MS));
    if (c->plan_cib != n->store.cib)
        return; /* made from a configuration that is no longer in force */
    plan_learn(n, ev->planned.plan);
    if (!view_directs(n) || c->dirty)
        return;
    c->issued = 0;
    plan_index(n, ev->planned.plan);
    c->plan = ev->planned.plan;
    steps_go(n);
}

void coord_order_take(struct node *n, unsigned p, struct buf *b)
{
    char id[CIB_ID_LEN];
    buf_get_text(b, id, sizeof(id));
    uint8_t op = buf_get_u8(b);
    if (b->bad || p != n->view.coordinator)
        return;
    n->peer[p].orders_taken++;
    unsigned slot = exec_slot_find(n, id);
    if (slot == CIB_NONE || op == OP_NONE || op == OP_MONITOR || op > OP_DEMOTE)
        return;
    /* Whatever comes of it, our record tells, and that the order was taken. */
    if (exec_run(n, slot, op) == ERR_MISSING)
        coord_touch(n);
    rec_tell(n, slot);
}

void coord_tick(struct node *n)
{
    struct coord *c = &n->coord;
    bool in_view = n->view.state == VIEW_ALONE || n->view.state == VIEW_TOGETHER;
    if (c->recheck_us <= n->now_us) {
        c->recheck_us = UINT64_MAX;
        coord_touch(n);
    }
    if (c->recheck_us != UINT64_MAX)
        out_wake(n, c->recheck_us);
    if (!in_view || n->fenced || n->store.change == CHANGE_RETIRE)
        return;
    /* Before the epoch is on disk nothing may be started, so there is nothing to plan. */
    if (!durable_reached(n, n->view.keep_generation))
        return;
    steps_go(n);
    if (c->hold_us > n->now_us) {
        out_wake(n, c->hold_us);
        return;
    }
    if (c->dirty && !c->plan_op) {
        c->dirty = false;
        c->plan_cib = n->store.cib;
        plan_ask(n, n->store.cib);
    }
}
