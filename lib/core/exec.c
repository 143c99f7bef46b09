/* SPDX-License-Identifier: GPL-2.0-or-later
 * exec: the executor.
 *
 * Happy path: exec_run -> ACT_AGENT_RUN -> EV_AGENT_DONE -> the record changes -> everybody is told
 * -> the next operation. Recurring monitors come by the alarm heap; death of processes
 * (EV_RSC_GONE) brings the next monitor forward to now. Ways to fail: the guard refuses a start
 * (told, nothing begun); the guard's leave ended meanwhile (not begun); the agent fails, times out
 * or cannot be run (recorded as a failure of that operation; what to do about it is the scheduler's
 * affair). */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/claim.h"
#include "lib/core/coord.h"
#include "lib/core/env.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/herald.h"
#include "lib/core/monitor.h"
#include "lib/core/part.h"
#include "lib/core/path.h"
#include "lib/core/rec.h"
#include "lib/core/view.h"
#include "lib/core/warning.h"

enum {
    OP_SLOT_BITS = 12,
    LIMIT_MAX = 256,
    EXEC_AGAIN_MS = 1000,
    REFUSED_AGAIN_MS = 10000,
    RC_OK = 0,
    RC_INSTALLED = 5,
    RC_NOT_RUNNING = 7,
    RC_PROMOTED = 8,
    RC_DEGRADED = 190,
    RC_DEGRADED_PROMOTED = 191
};

const struct cib_prim *exec_prim(const struct node *n, unsigned slot)
{
    const struct slot *s = &n->exec.slot[slot];
    return s->used && s->prim != CIB_NONE ? &n->store.cib->prim[s->prim] : NULL;
}

void exec_boot(struct node *n)
{
    uint16_t set = n->store.cib->properties.node_action_limit;
    n->exec.limit = (unsigned)num_min(set ? set : num_max(4, 2u * n->cores), LIMIT_MAX);
}

bool exec_busy(const struct node *n)
{
    return n->exec.running > 0 || n->exec.n_queued > 0;
}

unsigned exec_active(const struct node *n)
{
    unsigned count = 0;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, n->self, i);
        if (n->exec.slot[i].used && (rec_active(r) || r->pending == OP_START))
            count++;
    }
    return count;
}

/* ---- maintenance --------------------------------------------------------------------------- */

bool exec_maintained(const struct node *n, const struct cib_prim *prim)
{
    if (n->store.cib->properties.maintenance_mode || prim->effective.maintenance)
        return true;
    for (unsigned i = 0; i < n->store.cib->n_nodes; i++)
        if (n->store.cib->node[i].node_index == n->self && n->store.cib->node[i].maintenance)
            return true;
    return false;
}

static void watch_set(struct node *n, unsigned slot, bool on)
{
    struct slot *s = &n->exec.slot[slot];
    const struct cib_prim *prim = exec_prim(n, slot);
    if ((!on && !s->watched) || (on && prim && prim->part == PART_PROMOTED))
        return; /* the copy of this node is watched, the role has no processes of its own */
    s->watched = on;
    struct action *a = out_action(n, ACT_WATCH);
    a->watch.slot = (uint16_t)slot;
    a->watch.id = out_text(n, prim ? prim->name : s->id);
    a->watch.on = on;
}

/* ---- starting an agent ---------------------------------------------------------------------- */

static const char *action_name(const struct cib_prim *prim, enum rsc_op op)
{
    return op == OP_PROBE ? "monitor" : cib_action(prim, rec_op_word(op));
}

void exec_agent_run(struct node *n, unsigned slot, enum rsc_op op, unsigned monitor)
{
    struct slot *s = &n->exec.slot[slot];
    const struct cib_prim *prim = exec_prim(n, slot);
    assert(prim && !s->op);
    bool kill = op == OP_STOP && s->stop_try == STOP_KILLED;
    const char *name = action_name(prim, kill ? OP_PROBE : op);
    const struct cib_op *cop = NULL;
    uint32_t interval = 0, timeout = cib_timeout_ms(n->store.cib, prim, name);
    if (op == OP_MONITOR) {
        interval = cib_monitor_ms(n->store.cib, prim, monitor, &cop);
        if (cop && cop->timeout_ms)
            timeout = cop->timeout_ms;
    } else if (op != OP_PROBE) {
        cop = cib_op_find(prim, name);
    }
    uint32_t counter = out_op(n) & ((1u << (32 - OP_SLOT_BITS)) - 1);
    s->op = (counter ? counter : 1) << OP_SLOT_BITS | slot;
    s->op_kind = (uint8_t)op;
    s->op_monitor = (uint8_t)monitor;
    s->op_until_us = op == OP_START ? guard_until(n, slot) : 0;
    s->killed = false;
    ++*(op == OP_MONITOR ? &n->exec.monitoring : &n->exec.running);
    if (op == OP_START) {
        s->digest = prim->digest;
        env_remember(n, slot);
    }
    struct action *a = out_action(n, ACT_AGENT_RUN);
    a->agent.op = s->op;
    a->agent.slot = (uint16_t)slot;
    a->agent.id = out_text(n, prim->name);
    a->agent.class = out_text(n, prim->class);
    a->agent.provider = out_text(n, prim->provider);
    a->agent.type = out_text(n, prim->type);
    a->agent.action = name;
    a->agent.timeout_ms = timeout;
    a->agent.not_after_us = s->op_until_us;
    a->agent.recurring = op == OP_MONITOR;
    a->agent.kill = kill;
    a->agent.promotable = prim->clone != CIB_NONE && n->store.cib->clone[prim->clone].promotable;
    a->agent.env = env_agent(n, slot, name, cop, interval, timeout,
                             op != OP_START && op != OP_PROBE, &a->agent.env_len);
    if (!a->agent.env) { /* more than an agent can be told: a date in the past, so it is not run */
        a->agent.env = out_text(n, "");
        a->agent.env_len = 0;
        a->agent.not_after_us = 1;
    }
}

/* Nothing of it is here or under way: in a common view the other may have it from now on. */
static void own_settle(struct node *n, unsigned slot)
{
    struct rec *r = exec_rec(n, n->self, slot);
    if (!rec_active(r) && r->pending == OP_NONE && view_whole(n))
        r->owned = false;
}

bool exec_room(const struct node *n)
{
    return n->exec.running < n->exec.limit && out_roomy(n);
}

static void pending_set(struct node *n, unsigned slot, enum rsc_op op)
{
    struct rec *r = exec_rec(n, n->self, slot);
    if (r->pending == op)
        return;
    r->pending = (uint8_t)op;
    own_settle(n, slot);
    rec_tell(n, slot);
}

static void refused(struct node *n, unsigned slot, const struct say *why)
{
    struct say say;
    char words[SAY_ARG_BYTES];
    struct str s;
    struct slot *at = &n->exec.slot[slot];
    if (at->refused == why->id && n->now_us - at->refused_us < US(REFUSED_AGAIN_MS))
        return; /* told a moment ago */
    at->refused = why->id;
    at->refused_us = n->now_us;
    str_init(&s, words, sizeof(words));
    say_words(why, NULL, &s);
    say_set(&say, SAY_START_REFUSED);
    say_arg(&say, n->exec.slot[slot].id);
    say_arg(&say, words);
    out_event(n, &say, n->exec.slot[slot].id, node_name(n, n->self));
}

static bool done_already(const struct rec *r, enum rsc_op op)
{
    return (op == OP_START && (r->life == RSC_STARTED || r->life == RSC_PROMOTED)) ||
           (op == OP_STOP && r->life == RSC_STOPPED);
}

/* A stop does not wait for a monitor that may hang, nor for what is only told. */
static void monitor_kill(struct node *n, struct slot *s)
{
    if ((s->op_kind != OP_MONITOR && s->op_kind != OP_NOTIFY) || s->killed)
        return;
    s->killed = true;
    struct action *a = out_action(n, ACT_AGENT_KILL);
    a->agent_kill.op = s->op;
}

static void queue_put(struct node *n, unsigned slot, enum rsc_op op)
{
    struct slot *s = &n->exec.slot[slot];
    if (!s->queued)
        n->exec.n_queued++;
    s->queued = (uint8_t)op;
    unsigned twin = part_twin(n, slot);
    if (op == OP_STOP && s->op)
        monitor_kill(n, s);
    else if (op == OP_STOP && twin != CIB_NONE && n->exec.slot[twin].op)
        monitor_kill(n, &n->exec.slot[twin]);
}

enum err exec_run(struct node *n, unsigned slot, enum rsc_op op)
{
    struct slot *s = &n->exec.slot[slot];
    struct rec *r = exec_rec(n, n->self, slot);
    struct say why;
    assert(s->used && op != OP_NONE && op != OP_MONITOR && op != OP_FENCE && op != OP_NOTIFY);
    if (!exec_prim(n, slot))
        return ERR_MISSING;
    if (r->pending == op)
        return ERR_OK;
    herald_drop(n, slot);
    if (r->pending != OP_NONE && !(s->queued && !s->op))
        return ERR_BUSY; /* an operation of another kind is under way: its result makes a new plan
                          */
    if (s->queued && !s->op) { /* it had not begun: the newer order counts */
        s->queued = OP_NONE;
        n->exec.n_queued--;
        r->pending = OP_NONE;
        own_settle(n, slot);
    }
    if (done_already(r, op)) {
        rec_tell(n, slot);
        coord_result(n, n->self, slot);
        return ERR_OK;
    }
    s->stop_try = STOP_PLAIN;
    if (op == OP_START && !guard_may_start(n, slot, &why)) {
        refused(n, slot, &why);
        rec_tell(n, slot);
        coord_touch(n);
        return ERR_REFUSED;
    }
    bool arming = op == OP_START && guard_arming(n, slot);
    if (arming)
        out_wake(n, n->now_us); /* watchdog and reservation first */
    if (s->op || !exec_room(n) || arming || part_busy(n, slot))
        queue_put(n, slot, op);
    else
        exec_agent_run(n, slot, op, 0);
    pending_set(n, slot, op);
    return ERR_OK;
}

/* ---- results --------------------------------------------------------------------------------- */

static void life_set(struct node *n, unsigned slot, enum rsc_life life)
{
    struct rec *r = exec_rec(n, n->self, slot);
    const struct cib_prim *prim = exec_prim(n, slot);
    struct say say;
    bool was = rec_active(r), is, role = prim && prim->part == PART_PROMOTED;
    if (r->life == life)
        return;
    enum rsc_life before = r->life;
    r->life = (uint8_t)life;
    is = life == RSC_STARTED || life == RSC_PROMOTED;
    if (is && before != RSC_STARTED && before != RSC_PROMOTED) {
        say_set(&say, role ? SAY_RSC_PROMOTED : SAY_RSC_STARTED);
        r->owned = r->ever_ran = true;
        monitor_begin(n, slot);
        watch_set(n, slot, true);
    } else if (life == RSC_STOPPED && was) {
        say_set(&say, role ? SAY_RSC_DEMOTED : SAY_RSC_STOPPED);
    } else {
        say.id = 0;
    }
    /* What nobody manages is looked at all the same: its operator may mend it. */
    if (!is && !(life == RSC_FAILED && prim && exec_unmanaged(n, slot)))
        monitor_end(n, slot);
    if (!is)
        watch_set(n, slot, false);
    if (life == RSC_STOPPED) {
        r->outdated = false;
        r->warning[0] = '\0'; /* said of what ran */
    }
    if (say.id && prim) {
        say_arg(&say, role ? prim->name : prim->id);
        say_arg(&say, node_name(n, n->self));
        out_event(n, &say, prim->id, node_name(n, n->self));
    }
}

static void start_done(struct node *n, unsigned slot, int rc, bool not_run, const char *reason)
{
    struct rec *r = exec_rec(n, n->self, slot);
    uint64_t until_us = n->exec.slot[slot].op_until_us;
    if (not_run) { /* nothing was begun: stopped it is still */
        if (!until_us || until_us >= n->now_us)
            rec_fail(n, slot, OP_START, 1, reason);
        coord_touch(n);
        return;
    }
    if (rc == RC_OK || rc == RC_DEGRADED) {
        life_set(n, slot, RSC_STARTED);
        r->outdated = false;
        return;
    }
    r->owned = true; /* half a start: it is ours until it is stopped */
    life_set(n, slot, RSC_FAILED);
    rec_fail(n, slot, OP_START, rc, reason);
}

static void probe_done(struct node *n, unsigned slot, int rc, const char *reason)
{
    struct slot *s = &n->exec.slot[slot];
    const struct cib_prim *prim = exec_prim(n, slot);
    switch (rc) {
    case RC_OK:
    case RC_DEGRADED:
        if (!s->digest)
            s->digest = prim->digest; /* it runs from before: taken as it is */
        life_set(n, slot, RSC_STARTED);
        break;
    case RC_PROMOTED:
    case RC_DEGRADED_PROMOTED: life_set(n, slot, RSC_PROMOTED); break;
    case RC_NOT_RUNNING: life_set(n, slot, RSC_STOPPED); break;
    case 2:
    case 3:
    case 4:
    case RC_INSTALLED:
    case 6: /* it cannot run here, so it does not */
        life_set(n, slot, RSC_STOPPED);
        rec_fail(n, slot, OP_PROBE, rc, reason);
        break;
    default: life_set(n, slot, RSC_FAILED); rec_fail(n, slot, OP_PROBE, rc, reason);
    }
}

static void monitor_done(struct node *n, unsigned slot, int rc, const char *reason)
{
    struct rec *r = exec_rec(n, n->self, slot);
    struct slot *s = &n->exec.slot[slot];
    const struct cib_prim *prim = exec_prim(n, slot);
    const struct cib_op *op = NULL;
    uint32_t ms = cib_monitor_ms(n->store.cib, prim, s->op_monitor, &op);
    bool well = rc == RC_OK || rc == RC_PROMOTED || rc == RC_DEGRADED || rc == RC_DEGRADED_PROMOTED;
    bool mended = r->life == RSC_FAILED && r->pending == OP_NONE && exec_unmanaged(n, slot) && well;
    warning_take(n, slot, s->op_monitor, rc, reason);
    if (mended)
        life_set(n, slot, rc == RC_OK || rc == RC_DEGRADED ? RSC_STARTED : RSC_PROMOTED);
    if (r->life != RSC_STARTED && r->life != RSC_PROMOTED)
        return;
    monitor_set(n, slot, s->op_monitor, ms ? n->now_us + US(ms) : 0);
    if (well)
        return;
    rec_fail(n, slot, OP_MONITOR, rc, reason);
    claim_suspect(n, slot);
    r->fail_monitor = s->op_monitor;
    enum on_fail todo =
        op && op->on_fail ? op->on_fail : cib_on_fail(n->store.cib, prim, "monitor");
    if (todo != ON_FAIL_IGNORE)
        life_set(n, slot, RSC_FAILED);
}

/* Before a stop counts as failed, and a node is fenced for it: once more by force, then what is
 * left of the processes is killed and the resource is looked at. True: that was begun. */
static bool stop_harder(struct node *n, unsigned slot, int rc, const char *reason)
{
    struct slot *s = &n->exec.slot[slot];
    const struct cib_prim *prim = exec_prim(n, slot);
    struct say say;
    if (!prim || prim->is_stonith || s->stop_try == STOP_KILLED)
        return false;
    s->stop_try++;
    say_set(&say, s->stop_try == STOP_FORCED ? SAY_STOP_FORCED : SAY_STOP_KILLED);
    say_arg(&say, s->id);
    say_arg(&say, node_name(n, n->self));
    say_argf(&say, "%d", rc);
    say_arg(&say, reason ? reason : "");
    out_event(n, &say, s->id, node_name(n, n->self));
    exec_agent_run(n, slot, OP_STOP, 0);
    exec_rec(n, n->self, slot)->pending = OP_STOP;
    return true;
}

static void stop_done(struct node *n, unsigned slot, int rc, const char *reason)
{
    /* Where its software is missing and it never ran, there is nothing to stop. */
    bool nothing = rc == RC_INSTALLED && !exec_rec(n, n->self, slot)->ever_ran;
    bool looked = n->exec.slot[slot].stop_try == STOP_KILLED; /* then rc is that of a monitor */
    if (rc == (looked ? RC_NOT_RUNNING : RC_OK) || nothing || (n->broken & BREAK_STOP)) {
        life_set(n, slot, RSC_STOPPED);
        return;
    }
    if (stop_harder(n, slot, rc, reason))
        return;
    life_set(n, slot, RSC_STOP_FAILED);
    rec_fail(n, slot, OP_STOP, looked && rc == RC_OK ? 1 : rc,
             looked && rc == RC_OK ? "it runs on after it was stopped by force and killed"
                                   : reason);
}

/* Half dead, or well again: everybody is told by the next beat, and plans accordingly. */
static void exec_works(struct node *n, bool works)
{
    if (n->exec.no_exec != works)
        return;
    struct say say;
    n->exec.no_exec = !works;
    say_set(&say, works ? SAY_EXEC_WORKS : SAY_EXEC_FAILS);
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
    path_hurry(n);
    coord_touch(n);
}

/* An agent could not even be executed: that says nothing about its resource. */
static void not_begun(struct node *n, unsigned slot, enum rsc_op op)
{
    struct slot *s = &n->exec.slot[slot];
    if (op == OP_MONITOR) {
        monitor_set(n, slot, s->op_monitor, n->now_us + US(EXEC_AGAIN_MS));
    } else {
        coord_hold(n);
        coord_touch(n);
    }
}

static void queue_go_on(struct node *n, unsigned slot)
{
    struct slot *s = &n->exec.slot[slot];
    struct rec *r = exec_rec(n, n->self, slot);
    struct say why = {0};
    if (!s->queued || s->op || !exec_room(n) || part_busy(n, slot))
        return;
    enum rsc_op op = s->queued;
    s->queued = OP_NONE;
    n->exec.n_queued--;
    bool may = op != OP_START || guard_may_start(n, slot, &why);
    if (may && op == OP_START && guard_arming(n, slot)) {
        s->queued = (uint8_t)op;
        n->exec.n_queued++;
        return;
    }
    if (!may || done_already(r, op)) {
        if (!may)
            refused(n, slot, &why);
        pending_set(n, slot, OP_NONE);
        coord_touch(n);
        coord_result(n, n->self, slot);
        return;
    }
    exec_agent_run(n, slot, op, 0);
}

/* The other part of the same clone had to wait for this one's agent; and when this one has failed
 * it is looked at now. */
static void twin_go_on(struct node *n, unsigned slot, bool failed)
{
    unsigned twin = part_twin(n, slot);
    if (twin == CIB_NONE)
        return;
    queue_go_on(n, twin);
    herald_go_on(n, twin);
    if (n->exec.slot[twin].held_up || failed)
        monitor_look(n, twin);
    n->exec.slot[twin].held_up = false;
}

void exec_op_end(struct node *n, unsigned slot)
{
    struct slot *s = &n->exec.slot[slot];
    unsigned *count = s->op_kind == OP_MONITOR ? &n->exec.monitoring : &n->exec.running;
    assert(s->op && *count > 0);
    --*count;
    s->op = 0;
    s->op_kind = OP_NONE;
    s->killed = false;
}

void exec_agent_done(struct node *n, const struct event *ev)
{
    unsigned slot = ev->agent.op & ((1u << OP_SLOT_BITS) - 1);
    if (slot >= n->exec.n_slots || n->exec.slot[slot].op != ev->agent.op || !ev->agent.op)
        return; /* forgotten */
    struct slot *s = &n->exec.slot[slot];
    struct rec *r = exec_rec(n, n->self, slot);
    enum rsc_op op = s->op_kind;
    bool killed = s->killed;
    bool late = s->op_until_us && s->op_until_us < n->now_us;
    int rc = ev->agent.timed_out ? 1 : part_rc(n, slot, op, ev->agent.rc);
    const char *reason = ev->agent.timed_out ? "timed out" : ev->agent.reason;
    uint8_t before = r->life;
    exec_op_end(n, slot);
    if (op != OP_MONITOR && op != OP_NOTIFY) {
        r->pending = OP_NONE;
        r->last_op = (uint8_t)op;
        r->last_rc = (uint8_t)rc;
    }
    if (op != OP_NOTIFY && (op != OP_MONITOR || rc != RC_OK))
        r->exec_ms = ev->agent.exec_ms;
    if (!ev->agent.not_run || !late)
        exec_works(n, !ev->agent.not_run);
    if (op == OP_NOTIFY)
        herald_done(n, slot, rc, reason);
    else if (ev->agent.not_run && op != OP_START)
        not_begun(n, slot, op);
    else if (op == OP_START)
        start_done(n, slot, rc, ev->agent.not_run, reason);
    else if (op == OP_STOP)
        stop_done(n, slot, rc, reason);
    else if (op == OP_PROBE)
        probe_done(n, slot, rc, reason);
    else if (!killed)
        monitor_done(n, slot, rc, reason);
    own_settle(n, slot);
    part_fit(n, slot, ev);
    part_doubt(n, slot, op, ev->agent.rc);
    bool failed = r->life == RSC_FAILED || r->life == RSC_STOP_FAILED;
    if ((op != OP_MONITOR && op != OP_NOTIFY) || failed || r->life != before) {
        rec_tell(n, slot);
        coord_result(n, n->self, slot);
    }
    if (s->gone && r->life == RSC_STARTED && !s->queued) {
        monitor_set(n, slot, 0, n->now_us);
    }
    s->gone = false;
    queue_go_on(n, slot);
    herald_go_on(n, slot);
    twin_go_on(n, slot, failed && r->life != before);
}

void exec_gone(struct node *n, unsigned slot, const char *what)
{
    if (slot >= n->exec.n_slots || !exec_prim(n, slot))
        return;
    struct slot *s = &n->exec.slot[slot];
    struct rec *r = exec_rec(n, n->self, slot);
    if ((r->life != RSC_STARTED && r->life != RSC_PROMOTED) || r->pending != OP_NONE)
        return;
    struct say say;
    say_set(&say, SAY_RSC_GONE);
    say_arg(&say, s->id);
    say_arg(&say, what);
    out_event(n, &say, s->id, node_name(n, n->self));
    if (s->op) {
        s->gone = true; /* a monitor is under way and may have looked too early: look again */
        return;
    }
    monitor_set(n, slot, 0, n->now_us);
}

/* ---- time ------------------------------------------------------------------------------------ */

void exec_unmaintained(struct node *n)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct cib_prim *prim = exec_prim(n, i);
        if (n->exec.slot[i].skipped && prim && !exec_maintained(n, prim))
            monitor_look(n, i); /* what died meanwhile is to be seen at once */
    }
}

/* Nothing is ordered from a node that cannot start processes, so it must find out by itself when it
 * can again: by looking at one resource after the other. */
static void exec_try(struct node *n)
{
    struct exec *e = &n->exec;
    if (!e->no_exec || e->running)
        return; /* what runs will tell */
    if (e->try_us <= n->now_us) {
        e->try_us = n->now_us + US(EXEC_AGAIN_MS);
        for (unsigned i = 0; i < e->n_slots; i++) {
            e->try_slot = (uint16_t)((e->try_slot + 1u) % e->n_slots);
            const struct rec *r = exec_rec_const(n, n->self, e->try_slot);
            if (!exec_prim(n, e->try_slot) || r->pending != OP_NONE)
                continue;
            if (r->life == RSC_STARTED || r->life == RSC_PROMOTED)
                monitor_look(n, e->try_slot);
            else if (exec_run(n, e->try_slot, OP_PROBE))
                continue;
            break;
        }
    }
    out_wake(n, num_max(e->try_us, n->now_us + 1));
}

void exec_tick(struct node *n)
{
    struct exec *e = &n->exec;
    exec_try(n);
    for (unsigned i = 0; (e->n_queued || e->n_notices) && i < e->n_slots && exec_room(n); i++) {
        queue_go_on(n, i);
        herald_go_on(n, i);
    }
    if (e->n_queued && e->running < e->limit && !out_roomy(n))
        out_wake(n, n->now_us); /* the rest at once, in a step of its own */
    exec_unwatch(n);
    monitor_tick(n);
}

void exec_part(struct node *n)
{
    for (unsigned i = 0; n->exec.n_queued && i < n->exec.n_slots; i++) {
        struct slot *s = &n->exec.slot[i];
        if (s->queued != OP_START && s->queued != OP_PROBE)
            continue;
        s->queued = OP_NONE;
        n->exec.n_queued--;
        pending_set(n, i, OP_NONE);
    }
}

void exec_join(struct node *n)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        struct rec *r = exec_rec(n, n->self, i);
        if (n->exec.slot[i].used && !rec_active(r) && r->pending == OP_NONE)
            r->owned = false; /* what is under way settles when it ends */
    }
}

void exec_peer_stopped(struct node *n, unsigned p)
{
    herald_gone(n, p);
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        struct rec *r = exec_rec(n, p, i);
        memset(r, 0, sizeof(*r));
        r->life = RSC_STOPPED;
    }
}
