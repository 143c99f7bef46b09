/* SPDX-License-Identifier: GPL-2.0-or-later
 * fencer: fencing.
 *
 * Happy path: the plan (or an operator) wants a node fenced. The devices of the first level are
 * switched off one after the other, each is asked whether the node is off, and that is the proof
 * that the incarnation aimed at is stopped; then, unless the configuration says off, they are
 * switched on again, which proves nothing and is waited for by nobody. Without a fencing_topology
 * every device that can reach the node is a level of its own.
 *
 * Ways to fail: a device fails or hangs, or says off and its status says on: the next level, round
 * and round, with growing pauses after each round; at most stonith-max-attempts for an operator. No
 * device is able: told, and the guard waits. A status that cannot be had leaves the device's word,
 * which is told. The node comes back meanwhile: silence is no longer a cause, the next try is
 * dropped. A node that was merely never met is not shot unless startup-fencing says so. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/cib/device.h"
#include "lib/core/coord.h"
#include "lib/core/drill.h"
#include "lib/core/env.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/guard.h"
#include "lib/core/lease.h"
#include "lib/core/level.h"
#include "lib/core/msg.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/request.h"
#include "lib/core/reset.h"
#include "lib/core/ring.h"
#include "lib/core/take.h"
#include "lib/core/view.h"

enum {
    PAUSE_MIN_MS = 500,
    PAUSE_MAX_MS = 30000,
    LOOKS_MAX = 5,        /* times that a device may still say on, */
    LOOK_AGAIN_MS = 1000, /* so long one after the other, before it is not believed */
    BESIDE_MIN_MS = 3000, /* a device that is silent for so long does not hold up the next level; */
    BESIDE_MAX_MS = 15000, /* or for thrice what it took at its last test, within these two */
    LOOK_MS = 10000,       /* a status that hangs does not hold the takeover up for longer */
    AUTO_DELAY_MIN_MS = 2000,
    AUTO_DELAY_MAX_MS = 15000,
    POWER_ON = 0,
    POWER_OFF = 2,     /* what a fence agent's status says by its exit code */
    AT_ONCE_BEATS = 2, /* links that fall silent within so many beats fell silent together */
};

static struct fence *fence_of(struct node *n, unsigned target)
{
    struct fence *idle = NULL;
    for (unsigned i = 0; i < FENCES_MAX; i++) {
        struct fence *f = &n->fencer.fence[i];
        if (f->state != FENCE_IDLE && f->target == target && !f->beside)
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
        if (f->state != FENCE_IDLE && f->step != FENCE_ON && f->step != FENCE_LATE &&
            f->target == target) {
            *why = f->why;
            return true;
        }
    }
    return false;
}

bool fencer_runs(const struct node *n)
{
    for (unsigned i = 0; i < FENCES_MAX; i++)
        if (n->fencer.fence[i].state == FENCE_RUNNING)
            return true;
    return false;
}

bool fencer_at_work(const struct node *n)
{
    for (unsigned i = 0; i < FENCES_MAX; i++)
        if (n->fencer.fence[i].state != FENCE_IDLE)
            return true;
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

/* ---- one step -------------------------------------------------------------------------------- */

static void fence_pause(struct node *n, struct fence *f, uint32_t ms)
{
    f->state = FENCE_PAUSE;
    f->retry_us = n->now_us + US(ms);
    out_wake(n, f->retry_us);
}

static void history_add(struct node *n, const struct fence *f, bool ok, const char *reason)
{
    struct fence_history *h = &n->fencer.history[n->fencer.n_history++ % FENCE_HISTORY_MAX];
    h->target = f->target;
    h->ok = ok;
    h->wall_s = (uint32_t)n->wall_s;
    h->took_ms = (uint32_t)((n->now_us - f->begun_us) / 1000);
    str_copy(h->device, sizeof(h->device), f->device);
    str_copy(h->reason, sizeof(h->reason), reason);
}

static void level_begin(struct node *n, struct fence *f)
{
    f->place = f->looks = f->lanes = 0;
    f->waited = false;
    f->verified = true;
    f->step = FENCE_OFF;
    f->cib_hash = n->store.hash;
}

/* Of several lanes the others go on; the first of them takes the place of the one that began. */
static bool lane_leaves(struct node *n, struct fence *f)
{
    struct fence *next = NULL;
    for (unsigned i = 0; i < FENCES_MAX && !next; i++) {
        struct fence *o = &n->fencer.fence[i];
        if (o != f && o->state != FENCE_IDLE && o->target == f->target)
            next = o;
    }
    if (!next)
        return false;
    if (!f->beside) {
        next->beside = false;
        next->cause = f->cause;
        next->attempts = (uint16_t)num_max(f->attempts, next->attempts);
    }
    f->state = FENCE_IDLE;
    f->beside = false;
    return true;
}

/* The next level, or after the last one a pause and the first again: long pauses only when much has
 * been tried already. */
static void level_fail(struct node *n, struct fence *f, const char *reason)
{
    unsigned rounds =
        f->attempts / (unsigned)num_max(1, n->store.cib->properties.stonith_max_attempts);
    uint64_t ms = (uint64_t)PAUSE_MIN_MS << num_min(rounds, 8);
    history_add(n, f, false, reason);
    fence_tell(n, f, SAY_FENCE_FAILED, f->device, reason);
    if (lane_leaves(n, f))
        return;
    bool last = f->level + 1u >= level_count(n, f->target);
    f->level = last ? 0 : (uint8_t)(f->level + 1);
    level_begin(n, f);
    fence_pause(n, f, last ? (uint32_t)num_min(ms, PAUSE_MAX_MS) : 0);
}

/* No device, but it is heard: it may do it itself. Its next boot, or its lease, is the proof. */
static bool fence_ask(struct node *n, struct fence *f)
{
    if (f->cause == CAUSE_SILENCE || f->cause == CAUSE_OPERATOR || !reset_ask(n, f->target))
        return false;
    f->step = FENCE_ASKED;
    f->boot = n->peer[f->target].boot;
    f->attempts++;
    say_set(&f->why, SAY_RESET_ASKED);
    say_arg(&f->why, node_name(n, f->target));
    fence_pause(n, f, PAUSE_MAX_MS);
    return true;
}

static void fence_nobody(struct node *n, struct fence *f)
{
    if (fence_ask(n, f))
        return;
    struct say other;
    bool silent = f->cause == CAUSE_SILENCE;
    bool hope = silent && ((lease_say(n, f->target, &other) && other.id == SAY_GUARD_LEASE) ||
                           take_say(n, f->target, &other));
    if (!hope)
        fence_tell(n, f, SAY_FENCE_NO_DEVICE, "", "");
    else
        f->why = other; /* its time will be over, or its disks are ours */
    f->level = 0;
    level_begin(n, f);
    fence_pause(n, f, PAUSE_MAX_MS);
    if (f->cause == CAUSE_OPERATOR) { /* the operator sees it, and need not wait for ever */
        f->state = FENCE_IDLE;
        request_fenced(n, f->target, false, "");
    }
}

static const char *step_action(enum fence_step step)
{
    static const char *const word[] = {"off", "status", "on", "reboot", "status", "", ""};
    return word[step];
}

/* Asks the device to do the step; false, told, when it cannot be asked. */
static bool device_ask(struct node *n, struct fence *f, const struct cib_prim *prim)
{
    const char *action = step_action(f->step);
    const char *params = env_fence(n, prim, node_name(n, f->target), action);
    uint32_t ms = n->store.cib->properties.stonith_timeout_ms;
    if (f->step == FENCE_LOOK || f->step == FENCE_PEEK)
        ms = (uint32_t)num_min(ms, LOOK_MS);
    if (!params)
        return false;
    f->state = FENCE_RUNNING;
    f->op = out_op(n);
    f->step_us = n->now_us;
    struct action *a = out_action(n, ACT_FENCE);
    a->fence.op = f->op;
    a->fence.device = out_text(n, prim->id);
    a->fence.agent = out_text(n, prim->type);
    a->fence.params = params;
    a->fence.timeout_ms = device_timeout_ms(prim, action, ms);
    return true;
}

/* The device's own delay (pcmk_delay_*), once, in the first round: so that of two nodes that shoot
 * at each other one is first. */
static bool device_waits(struct node *n, struct fence *f, const struct cib_prim *prim)
{
    uint32_t least, most;
    unsigned tried = f->attempts - (f->place > 0);
    if (f->waited || f->cause != CAUSE_SILENCE || tried >= level_count(n, f->target))
        return false;
    f->waited = true;
    device_delay_ms(prim, node_name(n, f->target), &least, &most);
    uint32_t ms = most > least ? (uint32_t)prng_between(&n->prng, least, most) : least;
    if (!ms)
        return false;
    fence_pause(n, f, ms);
    say_set(&f->why, SAY_FENCE_DELAYED);
    say_arg(&f->why, node_name(n, f->target));
    say_arg(&f->why, prim->id);
    say_argf(&f->why, "%u", ms);
    out_event(n, &f->why, NULL, node_name(n, f->target));
    return true;
}

/* Begins, or goes on with, the device that it is at. */
static void fence_run(struct node *n, struct fence *f)
{
    if (f->cib_hash != n->store.hash) { /* devices may be others by now: the level from its start */
        if (f->level >= level_count(n, f->target))
            f->level = 0;
        level_begin(n, f);
    }
    unsigned device = level_device(n, f->target, f->level, f->place);
    if (device == CIB_NONE) {
        fence_nobody(n, f);
        return;
    }
    const struct cib_prim *prim = &n->store.cib->prim[device];
    if (f->step != FENCE_LOOK)
        f->step = (uint8_t)level_step(n, f, prim);
    if (f->step != FENCE_LOOK && device_waits(n, f, prim))
        return;
    str_copy(f->device, sizeof(f->device), prim->id);
    if (f->step != FENCE_LOOK) {
        if (f->place == 0) { /* the incarnation aimed at is the present one */
            f->attempts++;
            f->boot = n->peer[f->target].boot;
        }
        fence_tell(n, f, SAY_FENCE_BEGINS, prim->id, "");
    }
    if (!level_able(n, device, f->target))
        level_fail(n, f, "it is switched off, or not for this node (pcmk_host_list)");
    else if (!device_ask(n, f, prim))
        level_fail(n, f, "its parameters are too long");
}

/* ---- who shoots first ------------------------------------------------------------------------ */

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

/* Of a machine that dies, every link falls silent within a beat or two; links that are cut while it
 * lives rarely fall together. A link that never carried anything says nothing, and a single one
 * cannot tell the two apart. */
static bool fell_at_once(const struct node *n, unsigned target)
{
    uint64_t first_end = UINT64_MAX, last = 0;
    unsigned heard_links = 0;
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        uint64_t heard = n->peer[target].path[l].heard_us;
        if (!heard)
            continue;
        heard_links++;
        first_end = num_min(first_end, heard + US(AT_ONCE_BEATS * n->timing.link[l].interval_ms));
        last = num_max(last, heard);
    }
    return heard_links > 1 && last <= first_end;
}

/* What our devices for that node took at their last test, twice: theirs for us are of that kind. */
static uint32_t delay_auto_ms(const struct node *n, unsigned target)
{
    uint32_t took = 0;
    for (unsigned i = 0; i < n->store.cib->n_prims; i++)
        if (level_able(n, i, target))
            took = (uint32_t)num_max(took, drill_took_ms(n, n->store.cib->prim[i].id));
    return (uint32_t)num_min(num_max(AUTO_DELAY_MIN_MS, 2ull * took), AUTO_DELAY_MAX_MS);
}

/* When both live and every link is cut, both would shoot, and both might die. So the one with less
 * to lose shoots later: by priority-fencing-delay if one is written, which makes every takeover by
 * that node so much longer; by default only where the links fell one after the other, which is what
 * a cut looks like and a dead machine does not. */
static uint32_t delay_ms(const struct node *n, unsigned target)
{
    const struct cib_properties *p = &n->store.cib->properties;
    int64_t mine = weight_of(n, n->self), theirs = weight_of(n, target);
    bool after = mine == theirs ? n->self > target : mine < theirs;
    if (n->conf.n_nodes > 2 && ring_engine(n)) /* the part without a quorum does not shoot */
        after = false;
    if (!after)
        return 0;
    if (!p->priority_fencing_delay_auto)
        return p->priority_fencing_delay_ms;
    return theirs > 0 && !fell_at_once(n, target) ? delay_auto_ms(n, target) : 0;
}

/* The wait is for a peer that may be alive: one without power is not, so it is asked for. */
static void fence_wait(struct node *n, struct fence *f, uint32_t ms)
{
    unsigned device = level_device(n, f->target, 0, 0);
    say_set(&f->why, n->store.cib->properties.priority_fencing_delay_auto ? SAY_FENCE_WAITS_AUTO
                                                                          : SAY_FENCE_WAITS);
    say_arg(&f->why, node_name(n, f->target));
    say_argf(&f->why, "%u", ms);
    out_event(n, &f->why, NULL, node_name(n, f->target));
    fence_pause(n, f, ms);
    f->step = FENCE_PEEK;
    if (device == CIB_NONE || !level_able(n, device, f->target) ||
        !device_ask(n, f, &n->store.cib->prim[device]))
        f->step = FENCE_OFF;
}

static void peeked(struct node *n, struct fence *f, bool off)
{
    f->step = FENCE_OFF;
    f->state = FENCE_PAUSE;
    if (off) /* nobody there who could be first */
        f->retry_us = n->now_us;
    out_wake(n, f->retry_us);
}

/* ---- begin and end --------------------------------------------------------------------------- */

static bool wanted(const struct node *n, const struct fence *f)
{
    const struct peer *peer = &n->peer[f->target];
    if (f->step == FENCE_ASKED && (peer->boot != f->boot || peer->state != PEER_MEMBER))
        return false; /* it has done it, or is lost otherwise: what now is planned anew */
    if (f->cause == CAUSE_HALF_DEAD)
        return peer->no_exec && peer->state == PEER_MEMBER && !n->fenced;
    if (f->cause == CAUSE_OPERATOR || f->cause == CAUSE_ASKED)
        return f->attempts < n->store.cib->properties.stonith_max_attempts;
    if (!view_directs(n) || n->fenced || ring_forbids(n, NULL))
        return false;
    if (f->cause == CAUSE_SILENCE &&
        (!lease_may_shoot(n, f->target) || !take_may_shoot(n, f->target)))
        return false;
    if (f->cause == CAUSE_SILENCE)
        return guard_life(n, f->target) == LIFE_UNCLEAN && !peer->twin_us && !peer->away &&
               peer->state != PEER_INCOMPATIBLE;
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
    if (f && f->state != FENCE_IDLE && f->step == FENCE_ON) {
        f->again = (uint8_t)(cause + 1); /* it is off, and being switched on: then anew */
        return true;
    }
    if (f && f->state != FENCE_IDLE) {
        if (cause == CAUSE_OPERATOR && f->cause != CAUSE_OPERATOR) { /* he need not wait */
            f->cause = (uint8_t)cause;
            f->attempts = 0;
            f->retry_us = n->now_us;
        } else if (f->cause != CAUSE_OPERATOR &&
                   (cause == CAUSE_ASKED || f->cause == CAUSE_SILENCE)) {
            f->cause = (uint8_t)cause;                       /* holds also when it is heard again */
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
    level_begin(n, f);
    uint32_t ms = cause == CAUSE_SILENCE ? delay_ms(n, target) : 0;
    if (wanted(n, f) && ms)
        fence_wait(n, f, ms);
    else if (wanted(n, f))
        fence_run(n, f);
    return f->state != FENCE_IDLE;
}

/* Off, or reset, on the word of the device: that incarnation is over. */
static void fence_success(struct node *n, unsigned target, uint64_t boot)
{
    struct peer *peer = &n->peer[target];
    if (peer->boot != boot)
        return;           /* it has booted anew meanwhile */
    if (ring_engine(n)) { /* it leaves the view where all are told, at the same place */
        peer_stopped(n, target, PROOF_FENCE, boot);
        return;
    }
    if (peer->state == PEER_MEMBER || peer->state == PEER_MEETING) {
        struct say why;
        say_set(&why, SAY_PEER_FENCED);
        say_arg(&why, node_name(n, target));
        peer_lose(n, target, &why);
    }
    peer->gone = true; /* what was heard of it a moment ago is no sign of life */
    peer_stopped(n, target, PROOF_FENCE, boot);
}

/* Lanes that were not first: an agent that is under way cannot be called back. */
static bool lanes_late(struct node *n, struct fence *first)
{
    bool late = false;
    for (unsigned i = 0; i < FENCES_MAX; i++) {
        struct fence *f = &n->fencer.fence[i];
        if (f == first || f->state == FENCE_IDLE || f->target != first->target)
            continue;
        if (f->state == FENCE_RUNNING) {
            f->step = FENCE_LATE;
            f->beside = late = true;
        } else {
            f->state = FENCE_IDLE;
        }
    }
    first->beside = false;
    return late;
}

/* Switches the level's devices on again, from its place on; nobody waits for it. But not while
 * another device may switch it off yet: that would hit its next boot. */
static void power_on(struct node *n, struct fence *f)
{
    unsigned device = CIB_NONE;
    f->step = FENCE_ON;
    if (lanes_late(n, f)) {
        f->state = FENCE_PAUSE;
        return;
    }
    while (f->cib_hash == n->store.hash &&
           (device = level_device(n, f->target, f->level, f->place)) != CIB_NONE) {
        const struct cib_prim *prim = &n->store.cib->prim[device];
        str_copy(f->device, sizeof(f->device), prim->id);
        f->place++;
        if (!level_stays_off(n, prim) && device_ask(n, f, prim))
            return;
    }
    f->state = FENCE_IDLE;
    if (f->again)
        (void)fencer_want(n, f->target, (enum fence_cause)(f->again - 1));
}

static void level_done(struct node *n, struct fence *f)
{
    unsigned target = f->target;
    bool reboot = f->step == FENCE_REBOOT;
    history_add(n, f, true, "");
    f->state = FENCE_RUNNING;
    fence_tell(n, f,
               reboot        ? SAY_FENCE_DONE_RESET
               : f->verified ? SAY_FENCE_DONE
                             : SAY_FENCE_DONE_UNSEEN,
               f->device, "");
    f->step = FENCE_ON;
    f->op = 0;
    fence_success(n, target, f->boot);
    request_fenced(n, target, true, "");
    f->place = reboot ? UINT8_MAX : 0; /* which is past the last: nothing is left to switch on */
    power_on(n, f);
}

static void device_next(struct node *n, struct fence *f)
{
    f->place++;
    f->looks = 0;
    f->waited = false;
    f->step = FENCE_OFF;
    if (f->cib_hash == n->store.hash && level_device(n, f->target, f->level, f->place) == CIB_NONE)
        level_done(n, f);
    else
        fence_run(n, f);
}

/* The device has said that the node is off. rc of its status: 0 on, 2 off, else no answer. */
static void looked(struct node *n, struct fence *f, int rc, const char *reason)
{
    if (rc == POWER_ON && !(n->broken & BREAK_FENCE_TRUST)) {
        if (++f->looks < LOOKS_MAX)
            fence_pause(n, f, LOOK_AGAIN_MS);
        else
            level_fail(n, f, "it says that it switched the power off, and its status says on");
        return;
    }
    if (rc != POWER_OFF) {
        struct say say;
        f->verified = false;
        say_set(&say, SAY_FENCE_UNSEEN);
        say_arg(&say, node_name(n, f->target));
        say_arg(&say, f->device);
        say_arg(&say, reason);
        out_event(n, &say, NULL, node_name(n, f->target));
    }
    device_next(n, f);
}

static void late_ends(struct node *n, struct fence *f)
{
    struct fence *first = fence_of(n, f->target);
    f->state = FENCE_IDLE;
    f->beside = false;
    if (first && first->state == FENCE_PAUSE && first->step == FENCE_ON)
        power_on(n, first);
}

static void switched_on(struct node *n, struct fence *f, bool ok, const char *reason)
{
    if (!ok) {
        struct say say;
        say_set(&say, SAY_FENCE_NOT_ON);
        say_arg(&say, node_name(n, f->target));
        say_arg(&say, f->device);
        say_arg(&say, reason);
        out_event(n, &say, NULL, node_name(n, f->target));
    }
    power_on(n, f);
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
    const char *reason = ev->fence.timed_out ? "timed out" : ev->fence.reason;
    if (!reason)
        reason = "";
    if (f->step == FENCE_LATE) {
        late_ends(n, f);
        return;
    }
    if (f->step == FENCE_ON) {
        switched_on(n, f, ok, reason);
        return;
    }
    if (f->step == FENCE_PEEK) {
        peeked(n, f, ev->fence.rc == POWER_OFF && !ev->fence.timed_out);
        return;
    }
    if (f->step == FENCE_LOOK) {
        looked(n, f, ev->fence.timed_out ? 1 : ev->fence.rc, reason);
        return;
    }
    if (!ok && !(n->broken & BREAK_FENCE_TRUST)) {
        level_fail(n, f, reason);
    } else if (f->step == FENCE_REBOOT) {
        level_done(n, f);
    } else {
        f->step = FENCE_LOOK;
        fence_run(n, f);
    }
}

/* A device that hangs holds nobody up: the next level is begun beside it. */
static void lane_watch(struct node *n, struct fence *f)
{
    unsigned levels = level_count(n, f->target);
    uint64_t took = drill_took_ms(n, f->device);
    uint64_t at_us = f->step_us + US(num_min(num_max(3 * took, BESIDE_MIN_MS), BESIDE_MAX_MS));
    struct fence *lane = NULL;
    if (f->beside || f->step == FENCE_ON || f->step == FENCE_PEEK || f->lanes + 1u >= levels ||
        f->cib_hash != n->store.hash)
        return;
    at_us += (at_us - f->step_us) * f->lanes; /* one after the other, each with its time */
    for (unsigned i = 0; i < FENCES_MAX; i++)
        if (n->fencer.fence[i].state == FENCE_IDLE)
            lane = &n->fencer.fence[i];
    if (!lane)
        return;
    if (n->now_us < at_us) {
        out_wake(n, at_us);
        return;
    }
    *lane = *f;
    lane->beside = true;
    lane->again = 0;
    lane->op = 0;
    lane->level = (uint8_t)((f->level + ++f->lanes) % levels);
    level_begin(n, lane);
    fence_tell(n, lane, SAY_FENCE_BESIDE, f->device, "");
    fence_run(n, lane);
}

void fencer_tick(struct node *n)
{
    for (unsigned i = 0; i < FENCES_MAX; i++) {
        struct fence *f = &n->fencer.fence[i];
        if (f->state == FENCE_RUNNING)
            lane_watch(n, f);
        if (f->state != FENCE_PAUSE || f->step == FENCE_ON)
            continue;
        if (!wanted(n, f)) {
            f->state = FENCE_IDLE;
            coord_touch(n);
            request_fenced(n, f->target, false, "");
            continue;
        }
        if (f->retry_us <= n->now_us)
            fence_run(n, f);
        else
            out_wake(n, f->retry_us);
    }
}
