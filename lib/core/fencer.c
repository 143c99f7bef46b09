/* SPDX-License-Identifier: GPL-2.0-or-later
 * fencer: fencing, first form.
 *
 * Happy path: the plan (or an operator) wants a node fenced; the first able stonith device is
 * asked; its success is a proof that the incarnation aimed at is stopped. Ways to fail: the device
 * fails or hangs: the next able one, round and round, with growing pauses, at most
 * stonith-max-attempts without a pause; no device is able: told, and the guard waits. The node
 * comes back meanwhile: silence is no longer a cause, the next try is dropped. A node that was
 * merely never met is not shot unless startup-fencing says so. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/coord.h"
#include "lib/core/env.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/guard.h"
#include "lib/core/lease.h"
#include "lib/core/msg.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/request.h"
#include "lib/core/view.h"

enum { PAUSE_MIN_MS = 500, PAUSE_MAX_MS = 30000 };

static struct fence *fence_of(struct node *n, unsigned target)
{
    struct fence *idle = NULL;
    for (unsigned i = 0; i < FENCES_MAX; i++) {
        struct fence *f = &n->fencer.fence[i];
        if (f->state != FENCE_IDLE && f->target == target)
            return f;
        if (f->state == FENCE_IDLE && !idle)
            idle = f;
    }
    return idle;
}

bool fencer_busy(const struct node *n, unsigned target, struct say *why)
{
    for (unsigned i = 0; i < FENCES_MAX; i++) {
        const struct fence *f = &n->fencer.fence[i];
        if (f->state != FENCE_IDLE && f->target == target) {
            *why = f->why;
            return true;
        }
    }
    return false;
}

static void fence_tell(struct node *n, struct fence *f, enum say_id id, const char *device,
                       const char *reason)
{
    say_set(&f->why, id);
    say_arg(&f->why, node_name(n, f->target));
    say_arg(&f->why, device);
    say_argf(&f->why, "%u", f->attempts);
    say_arg(&f->why, reason);
    out_event(n, &f->why, NULL, node_name(n, f->target));
}

/* A device with target-role=Stopped is switched off by its administrator. */
static bool device_able(const struct node *n, const struct cib_prim *prim, unsigned target)
{
    return prim->is_stonith && prim->effective.target_role != ROLE_STOPPED &&
           env_fence_able(prim, node_name(n, target));
}

/* The k-th device that can fence the target, counted round and round; CIB_NONE if there is none. */
static unsigned device_pick(const struct node *n, unsigned target, unsigned k)
{
    const struct cib *c = n->store.cib;
    unsigned able = 0;
    for (unsigned i = 0; i < c->n_prims; i++)
        able += device_able(n, &c->prim[i], target);
    if (!able)
        return CIB_NONE;
    k %= able;
    for (unsigned i = 0; i < c->n_prims; i++)
        if (device_able(n, &c->prim[i], target) && !k--)
            return i;
    return CIB_NONE;
}

static void fence_pause(struct node *n, struct fence *f, unsigned rounds)
{
    f->state = FENCE_PAUSE;
    uint64_t ms = (uint64_t)PAUSE_MIN_MS << num_min(rounds, 8);
    f->retry_us = n->now_us + US(num_min(ms, PAUSE_MAX_MS));
}

static void fence_try(struct node *n, struct fence *f)
{
    const struct cib *c = n->store.cib;
    unsigned device = device_pick(n, f->target, f->device_next);
    if (device == CIB_NONE || !c->properties.stonith_enabled) {
        fence_tell(n, f, SAY_FENCE_NO_DEVICE, "", "");
        fence_pause(n, f, 8);
        if (f->cause == CAUSE_OPERATOR) { /* the operator sees it, and need not wait for ever */
            f->state = FENCE_IDLE;
            request_fenced(n, f->target, false, "");
        }
        return;
    }
    const struct cib_prim *prim = &c->prim[device];
    const char *action = c->properties.fencing_off ? "off" : "reboot";
    const char *params = env_fence(n, prim, node_name(n, f->target), action);
    f->device_prim = (uint16_t)device;
    f->device_next++;
    f->attempts++;
    if (!params) {
        fence_tell(n, f, SAY_FENCE_FAILED, prim->id, "its parameters are too long");
        fence_pause(n, f, 8);
        return;
    }
    f->state = FENCE_RUNNING;
    f->op = out_op(n);
    f->boot = n->peer[f->target].boot;
    str_copy(f->device, sizeof(f->device), prim->id);
    fence_tell(n, f, SAY_FENCE_BEGINS, prim->id, "");
    struct action *a = out_action(n, ACT_FENCE);
    a->fence.op = f->op;
    a->fence.device = out_text(n, prim->id);
    a->fence.agent = out_text(n, prim->type);
    a->fence.params = params;
    a->fence.timeout_ms = c->properties.stonith_timeout_ms;
}

/* What a node's services weigh, as far as is known: each its priority, and one for being there. */
static int64_t weight_of(const struct node *n, unsigned p)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct cib_prim *prim = n->exec.slot[i].used ? exec_prim(n, i) : NULL;
        if (prim && !prim->is_stonith && rec_active(exec_rec_const(n, p, i)))
            sum += 1 + (prim->effective.priority > 0 ? prim->effective.priority : 0);
    }
    return sum;
}

/* When both live and every link is cut, both would shoot, and both might die. So the one with less
 * to lose shoots later, if the configuration gives a time for it; the time of a takeover grows by
 * as much. */
static uint32_t delay_ms(const struct node *n, unsigned target)
{
    int64_t mine = weight_of(n, n->self), theirs = weight_of(n, target);
    bool after = mine == theirs ? n->self > target : mine < theirs;
    return after ? n->store.cib->properties.priority_fencing_delay_ms : 0;
}

static void fence_wait(struct node *n, struct fence *f, uint32_t ms)
{
    f->state = FENCE_PAUSE;
    f->retry_us = n->now_us + US(ms);
    say_set(&f->why, SAY_FENCE_WAITS);
    say_arg(&f->why, node_name(n, f->target));
    say_argf(&f->why, "%u", ms);
    out_event(n, &f->why, NULL, node_name(n, f->target));
}

static bool wanted(const struct node *n, const struct fence *f)
{
    if (f->cause == CAUSE_OPERATOR || f->cause == CAUSE_ASKED)
        return f->attempts < n->store.cib->properties.stonith_max_attempts;
    if (!view_directs(n) || n->fenced)
        return false;
    if (f->cause == CAUSE_SILENCE && !lease_may_shoot(n, f->target))
        return false;
    if (f->cause == CAUSE_SILENCE)
        return guard_life(n, f->target) == LIFE_UNCLEAN && !n->peer[f->target].twin_us &&
               !n->peer[f->target].away && n->peer[f->target].state != PEER_INCOMPATIBLE;
    return guard_life(n, f->target) != LIFE_STOPPED;
}

/* A node cannot see its own fencing through: a member does it. */
static void fence_me(struct node *n, enum fence_cause cause)
{
    uint8_t at[1];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    buf_put_u8(&b, (uint8_t)cause);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && n->peer[p].state == PEER_MEMBER) {
            msg_send(n, p, MSG_FENCE_ME, &b);
            return;
        }
}

void fencer_asked(struct node *n, unsigned p, struct buf *b)
{
    buf_get_u8(b);
    if (!b->bad)
        (void)fencer_want(n, p, CAUSE_ASKED);
}

bool fencer_want(struct node *n, unsigned target, enum fence_cause cause)
{
    assert(target < n->conf.n_nodes);
    const struct peer *peer = &n->peer[target];
    struct fence *f = fence_of(n, target);
    if (target == n->self) {
        fence_me(n, cause);
        return true;
    }
    if (f && f->state != FENCE_IDLE) {
        if (cause == CAUSE_OPERATOR && f->cause != CAUSE_OPERATOR) { /* he need not wait */
            f->cause = (uint8_t)cause;
            f->attempts = 0;
            f->retry_us = n->now_us;
        } else if (f->cause != CAUSE_OPERATOR &&
                   (cause == CAUSE_ASKED || f->cause == CAUSE_SILENCE)) {
            f->cause = (uint8_t)cause; /* holds also when it is heard again */
            f->attempts = (uint16_t)num_min(f->attempts, 1); /* those before were for silence */
        }
        return true;
    }
    if (!f)
        return false;
    if (cause == CAUSE_SILENCE && peer->state == PEER_UNMET &&
        !n->store.cib->properties.startup_fencing)
        return false; /* merely not met yet: the guard waits for it, or for the operator */
    memset(f, 0, sizeof(*f));
    f->target = (uint8_t)target;
    f->cause = (uint8_t)cause;
    f->begun_us = n->now_us;
    uint32_t ms = cause == CAUSE_SILENCE ? delay_ms(n, target) : 0;
    if (wanted(n, f) && ms)
        fence_wait(n, f, ms);
    else if (wanted(n, f))
        fence_try(n, f);
    return f->state != FENCE_IDLE;
}

static void history_add(struct node *n, const struct fence *f, bool ok, const char *reason)
{
    struct fence_history *h = &n->fencer.history[n->fencer.n_history++ % FENCE_HISTORY_MAX];
    h->target = f->target;
    h->ok = ok;
    h->wall_s = (uint32_t)n->wall_s;
    str_copy(h->device, sizeof(h->device), f->device);
    str_copy(h->reason, sizeof(h->reason), reason);
}

/* Off, or reset, on the word of the device: that incarnation is over. */
static void fence_success(struct node *n, unsigned target, uint64_t boot)
{
    struct peer *peer = &n->peer[target];
    if (peer->boot != boot)
        return; /* it has booted anew meanwhile */
    if (peer->state == PEER_MEMBER || peer->state == PEER_MEETING) {
        struct say why;
        say_set(&why, SAY_PEER_FENCED);
        say_arg(&why, node_name(n, target));
        peer_lose(n, target, &why);
    }
    peer->gone = true; /* what was heard of it a moment ago is no sign of life */
    peer_stopped(n, target, PROOF_FENCE, boot);
}

void fencer_done(struct node *n, const struct event *ev)
{
    struct fence *f = NULL;
    for (unsigned i = 0; i < FENCES_MAX; i++)
        if (n->fencer.fence[i].state == FENCE_RUNNING && n->fencer.fence[i].op == ev->fence.op)
            f = &n->fencer.fence[i];
    if (!f)
        return;
    bool ok = ev->fence.rc == 0 && !ev->fence.timed_out;
    if (n->broken & BREAK_FENCE_TRUST)
        ok = true;
    const char *reason = ev->fence.timed_out ? "timed out" : ev->fence.reason;
    history_add(n, f, ok, reason ? reason : "");
    if (ok) {
        unsigned target = f->target;
        uint64_t boot = f->boot;
        f->state = FENCE_IDLE;
        fence_tell(n, f, SAY_FENCE_DONE, f->device, "");
        fence_success(n, target, boot);
        request_fenced(n, target, true, "");
        return;
    }
    fence_tell(n, f, SAY_FENCE_FAILED, f->device, reason ? reason : "");
    fence_pause(n, f, f->attempts / num_max(1, n->store.cib->properties.stonith_max_attempts));
}

void fencer_tick(struct node *n)
{
    for (unsigned i = 0; i < FENCES_MAX; i++) {
        struct fence *f = &n->fencer.fence[i];
        if (f->state != FENCE_PAUSE)
            continue;
        if (!wanted(n, f)) {
            f->state = FENCE_IDLE;
            coord_touch(n);
            request_fenced(n, f->target, false, "");
            continue;
        }
        if (f->retry_us <= n->now_us)
            fence_try(n, f);
        else
            out_wake(n, f->retry_us);
    }
}
