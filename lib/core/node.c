/* SPDX-License-Identifier: GPL-2.0-or-later
 * node: the one interface. node_step hands an event to whom it concerns, then lets every part do
 * what its time has come for; what a part wants later it says by out_wake. There is no other way in
 * or out. */
#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/base/num.h"
#include "lib/cib/print.h"
#include "lib/core/claim.h"
#include "lib/core/coord.h"
#include "lib/core/drill.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/gauge.h"
#include "lib/core/lease.h"
#include "lib/core/medium.h"
#include "lib/core/msg.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/request.h"
#include "lib/core/reset.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"
#include "lib/core/store.h"
#include "lib/core/view.h"
#include "lib/core/wire.h"

/* ---- memory -----------------------------------------------------------------------------------
 */

static size_t arena_bytes(const struct limits *l)
{
    return cib_arena_need(l->cib_bytes);
}

/* Lays everything out behind the struct; with a NULL node only the size is counted. */
static size_t layout(struct node *n, const struct limits *l, unsigned nodes)
{
    size_t at = 0, slots = 2u * l->prims;
    size_t steps = sched_steps_max(l->prims, nodes);
    /* As many orders and colocations as resources; a plan with more is refused when it comes. */
    size_t deps = sched_deps_max(l->prims, nodes, l->prims);
    char *base = (char *)n;
#define ROOM(field, count, type)                                                                   \
    do {                                                                                           \
        at = (at + 63) & ~(size_t)63;                                                              \
        if (n)                                                                                     \
            n->field = (type *)(void *)(base + at);                                                \
        at += (size_t)(count) * sizeof(type);                                                      \
    } while (0)
    at += sizeof(struct node);
    ROOM(exec.slot, slots, struct slot);
    ROOM(exec.rec, slots * nodes, struct rec);
    ROOM(exec.params, slots * PARAMS_MAX, char);
    ROOM(exec.heap, slots, uint16_t);
    ROOM(exec.heap_place, slots, uint16_t);
    ROOM(exec.heap_due, slots, uint64_t);
    ROOM(coord.in_state, (size_t)l->prims * nodes, struct sched_state);
    ROOM(coord.in_wish, l->prims, uint8_t);
    ROOM(coord.in_restart, l->prims, uint8_t);
    ROOM(coord.in_avoid, l->prims, nodeset);
    ROOM(coord.in_freed, l->prims, nodeset);
    ROOM(claims.at, slots + CONF_DISKS_MAX, struct claim);
    ROOM(coord.step, steps, uint8_t);
    ROOM(coord.left, steps, uint32_t);
    ROOM(coord.after_first, steps + 2, uint32_t);
    ROOM(coord.after, deps, uint32_t);
    ROOM(coord.of_prim, l->prims, uint32_t);
    ROOM(coord.of_next, steps, uint32_t);
    ROOM(coord.todo, steps, uint32_t);
    ROOM(coord.wish, slots, uint8_t);
    ROOM(coord.wish_met, slots, bool);
    ROOM(coord.avoid, slots, nodeset);
    ROOM(coord.restart, slots, bool);
    ROOM(coord.why, slots, struct say);
    ROOM(coord.want, slots, uint8_t);
    ROOM(coord.last, slots, uint8_t);
    ROOM(coord.heard, slots * nodes, uint8_t);
    ROOM(coord.flags, slots, uint8_t);
    ROOM(store.slot_of_prim, l->prims, uint16_t);
    ROOM(store.next_slot_of_prim, l->prims, uint16_t);
    ROOM(store.text[0], l->cib_bytes, char);
    ROOM(store.text[1], l->cib_bytes, char);
    ROOM(store.arena[0].at, arena_bytes(l), char);
    ROOM(store.arena[1].at, arena_bytes(l), char);
    ROOM(edit_arena.at, arena_bytes(l) + l->cib_bytes, char);
    ROOM(scratch, 2 * l->cib_bytes + SESSION_SLACK, char);
    for (unsigned p = 0; p < nodes; p++) {
        ROOM(peer[p].session.out, l->cib_bytes + SESSION_SLACK, uint8_t);
        ROOM(peer[p].session.in, l->cib_bytes + SESSION_SLACK, uint8_t);
    }
#undef ROOM
    if (n) {
        n->exec.n_slots = (unsigned)slots;
        n->coord.steps_max = (uint32_t)steps;
        n->coord.deps_max = (uint32_t)deps;
        n->scratch_size = 2 * l->cib_bytes + SESSION_SLACK;
        arena_init(&n->store.arena[0], n->store.arena[0].at, arena_bytes(l));
        arena_init(&n->store.arena[1], n->store.arena[1].at, arena_bytes(l));
        arena_init(&n->edit_arena, n->edit_arena.at, arena_bytes(l) + l->cib_bytes);
        for (unsigned p = 0; p < nodes; p++)
            n->peer[p].session.size = l->cib_bytes + SESSION_SLACK;
    }
    return at;
}

size_t node_size(const struct limits *limits)
{
    return layout(NULL, limits, limits->nodes ? limits->nodes : 2);
}

struct node *node_init(void *memory, const struct limits *limits, const struct conf *conf,
                       const struct timing *timing, unsigned self, uint64_t seed)
{
    struct node *n = memory;
    assert(limits->prims && limits->prims <= CIB_PRIM_MAX && self < conf->n_nodes);
    assert(conf->n_nodes <= (limits->nodes ? limits->nodes : 2));
    n->limits = *limits;
    layout(n, limits, conf->n_nodes);
    n->conf = *conf;
    n->timing = *timing;
    n->self = self;
    n->cluster_crc = crc32c(0, conf->cluster, strlen(conf->cluster));
    for (unsigned i = 0; i < conf->n_nodes; i++)
        n->names.node[i] = n->conf.node[i].name;
    prng_seed(&n->prng, seed);
    n->coord.recheck_us = UINT64_MAX;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        n->exec.slot[i].prim = CIB_NONE;
        n->coord.wish[i] = n->coord.want[i] = n->coord.last[i] = NODE_NONE;
    }
    n->view.coordinator = NODE_NONE;
    n->deadline_us = UINT64_MAX;
    store_init(n);
    return n;
}

/* ---- the step ----------------------------------------------------------------------------------
 */

static void boot(struct node *n, const struct event *ev)
{
    struct say say;
    assert(!n->booted && ev->boot.boot);
    n->booted = true;
    n->boot = ev->boot.boot;
    n->life = ev->boot.life;
    n->cores = ev->boot.cores;
    durable_boot(n, ev->boot.kept);
    say_set(&say, SAY_STARTED);
    say_arg(&say, node_name(n, n->self));
    say_arg(&say, n->conf.cluster);
    say_argf(&say, "%016llx", (unsigned long long)n->boot);
    say_argf(&say, "%u", n->life);
    out_event(n, &say, NULL, node_name(n, n->self));
    if (n->conf.guard == 0) {
        say_set(&say, SAY_UNSAFE);
        say_arg(&say, n->conf.n_nodes == 2 ? node_name(n, n->self ? 0 : 1) : "*");
        out_event(n, &say, NULL, node_name(n, n->self));
    }
    view_boot(n);
    store_boot(n, ev->boot.cib_text);
    peer_boot(n);
    path_boot(n);
}

static void take(struct node *n, const struct event *ev)
{
    switch (ev->kind) {
    case EV_BOOT: boot(n, ev); break;
    case EV_TIME: break;
    case EV_FRAME: path_frame(n, ev->frame.link, ev->frame.at, ev->frame.len); break;
    case EV_FRAME_BAD:
        medium_noise(n, ev->frame_bad.link, ev->frame_bad.why, ev->frame_bad.count);
        break;
    case EV_LINK:
        lease_link(n, ev->link.link, ev->link.usable);
        medium_usable(n, ev->link.link, ev->link.usable, ev->link.reason);
        break;
    case EV_KEPT:
        durable_done(n, ev->kept.op, ev->kept.err);
        store_kept(n, ev->kept.op, ev->kept.err);
        break;
    case EV_PLANNED: coord_planned(n, ev); break;
    case EV_AGENT_DONE: exec_agent_done(n, ev); break;
    case EV_RSC_GONE: exec_gone(n, ev->rsc.slot, ev->rsc.what); break;
    case EV_FENCE_DONE:
        if (!drill_done(n, ev))
            fencer_done(n, ev);
        break;
    case EV_ADMIN: request_admin(n, ev); break;
    case EV_ADMIN_GONE: request_gone(n, ev->admin_gone.client); break;
    case EV_STALL:
        path_stall(n, ev->stall.lost_ms);
        claim_doubt(n);
        break;
    case EV_STOP:
        n->leaving = true;
        coord_touch(n);
        path_hurry(n);
        break;
    case EV_DISK: lease_disk(n, ev); break;
    case EV_WATCHDOG: lease_watchdog(n, ev); break;
    case EV_RESERVED: claim_done(n, ev); break;
    case EV_RING: ring_event(n, ev); break;
    case EV_CAST: ring_cast(n, ev); break;
    case EV_WIRES: wire_event(n, ev); break;
    case EV_KIND_COUNT: assert(!"no such event");
    }
}

static void leave_exit(struct node *n, enum say_id id)
{
    struct say say;
    say_set(&say, id);
    say_arg(&say, node_name(n, n->self));
    out_event(n, &say, NULL, node_name(n, n->self));
    out_action(n, ACT_EXIT)->exit.again = id == SAY_STARTS_OVER;
    n->exiting = true;
}

/* Everything here is known to be stopped: nothing active, nothing under way, nothing unknown. */
static bool all_stopped(const struct node *n)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, n->self, i);
        if (n->exec.slot[i].used && (r->life != RSC_STOPPED || r->pending != OP_NONE))
            return false;
    }
    return !exec_busy(n);
}

/* Only what nobody manages is left: it stays as it is. */
static bool only_unmanaged(const struct node *n)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, n->self, i);
        if (n->exec.slot[i].used && r->life != RSC_STOPPED && !(n->coord.flags[i] & RSC_UNMANAGED))
            return false;
    }
    return !exec_busy(n) && coord_idle(n);
}

/* Just agreeing on a view: a goodbye said in it spares the other a doubt, and us a fencing. */
static bool leave_waits(struct node *n)
{
    bool meeting = n->view.state == VIEW_FORMING;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        meeting = meeting || (p != n->self && n->peer[p].state == PEER_MEETING);
    if (!meeting)
        return false;
    if (!n->leave_us)
        n->leave_us = n->now_us + US(num_max(LEAVE_WAIT_MS, 2 * n->timing.lost_ms));
    if (n->leave_us <= n->now_us)
        return false;
    out_wake(n, n->leave_us);
    return true;
}

/* The last word, to the other or to all. */
static void bye_send(struct node *n, enum msg_type type, const struct buf *body)
{
    n->bye_sent = true;
    n->leave_us = n->now_us + US(LEAVE_WAIT_MS);
    if (ring_engine(n))
        ring_bye(n, type, body);
    else
        msg_send_all(n, type, body);
    out_wake(n, n->leave_us);
}

static bool bye_told(const struct node *n)
{
    if (ring_engine(n))
        return ring_bye_told(n);
    return session_waiting(n, n->self == 0 ? 1 : 0) == 0;
}

static void leave_stopped(struct node *n)
{
    bool together = n->view.state == VIEW_TOGETHER;
    n->left = true; /* from here on the guard refuses every start */
    durable_right(n, !together && n->kept.alone_boot == n->boot);
    if (!together) {
        if (durable_reached(n, n->durable.generation) || n->durable.failed)
            leave_exit(n, SAY_LEFT);
        return;
    }
    if (!claim_clear(n)) /* while the peer is there, which holds what must stay reserved */
        return;
    /* A disk that takes nothing more is no reason to stay, unless it says that we may start alone.
     */
    if (!durable_right_gone(n) && !durable_reached(n, n->durable.generation))
        return;
    bye_send(n, MSG_BYE, NULL);
}

/* What runs on is left alone by everybody: the other must know that it is so on purpose. */
static bool leave_away(struct node *n)
{
    if (n->view.state != VIEW_TOGETHER)
        return false;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, n->self, i);
        if (n->exec.slot[i].used && (r->life == RSC_FAILED || r->life == RSC_STOP_FAILED))
            return false; /* blocked after a failure: that the other may have to end by force */
    }
    n->left = n->away = true;
    uint8_t at[4];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    buf_put_u32(&b, (uint32_t)(n->away_ms / 1000));
    bye_send(n, MSG_AWAY, &b);
    return true;
}

static void leave_tick(struct node *n)
{
    if (!n->leaving || n->exiting)
        return;
    if (n->view.state == VIEW_NONE) {
        if (n->life == 1 ||
            (ring_engine(n) &&
             !n->ring.there)) /* a later life of the daemon may have found services running */
            leave_exit(n, SAY_LEFT_EARLY);
        return;
    }
    if (n->bye_sent) {
        bool told = bye_told(n) && (!n->away || !lease_active(n) || lease_date(n) == UINT64_MAX);
        if (told || n->now_us >= n->leave_us)
            leave_exit(n, n->away ? SAY_LEFT_AWAY : SAY_LEFT);
        else
            out_wake(n, n->leave_us);
        return;
    }
    if (leave_waits(n))
        return;
    if (all_stopped(n) && !durable_orphaned(n))
        leave_stopped(n);
    else if (all_stopped(n))
        leave_exit(n, SAY_LEFT_RUNNING);
    else if (only_unmanaged(n) && (durable_orphaned(n) || !leave_away(n)))
        leave_exit(n, SAY_LEFT_RUNNING);
}

/* The daemon starts over in place, resources running: what is under way is seen to its end first,
 * so that the new one has nothing to guess. Monitors it just begins again. */
static void again_tick(struct node *n)
{
    if (!n->again || n->leaving || n->exiting)
        return;
    bool kept = durable_reached(n, n->durable.generation) || n->durable.failed;
    if (!exec_busy(n) && !fencer_runs(n) && n->store.change == CHANGE_NONE && kept)
        leave_exit(n, SAY_STARTS_OVER);
}

static void tick(struct node *n)
{
    session_resume(n);
    peer_tick(n); /* judges what path_tick of the last step saw, and what this event changed */
    path_tick(n);
    peer_tick(n);
    view_tick(n);
    lease_tick(n);
    store_tick(n);
    claim_tick(n);
    exec_tick(n);
    reset_tick(n);
    fencer_tick(n);
    drill_tick(n);
    gauge_tick(n);
    coord_tick(n);
    leave_tick(n);
    again_tick(n);
    request_tick(n);
    durable_tick(n);
    session_tick(n);
    ring_tick(n);
    wire_tick(n);
}

void node_step(struct node *n, const struct event *ev, struct outbox *out)
{
    assert(ev->now_us >= n->now_us && (n->booted || ev->kind == EV_BOOT));
    assert(out->n == 0);
    n->out = out;
    n->now_us = ev->now_us;
    n->wall_s = ev->wall_s;
    n->deadline_us = UINT64_MAX;
    if (!n->exiting) {
        lease_check(n);
        take(n, ev);
        tick(n);
    }
    n->out = NULL;
}

uint64_t node_deadline(const struct node *n)
{
    return n->deadline_us;
}

/* ---- looking in
 * ---------------------------------------------------------------------------------- */

uint32_t node_epoch(const struct node *n)
{
    return n->view.epoch;
}

uint64_t node_lease_date(const struct node *n)
{
    return lease_lapsed(n) ? 0 : lease_active(n) ? lease_date(n) : UINT64_MAX;
}

bool node_lease_active(const struct node *n)
{
    return lease_active(n);
}

bool node_has_view(const struct node *n, nodeset members)
{
    return (n->view.state == VIEW_ALONE || n->view.state == VIEW_TOGETHER) &&
           n->view.members == members;
}

bool node_is_coordinator(const struct node *n)
{
    return view_directs(n);
}

bool node_spares(const struct node *n, unsigned p)
{
    return n->peer[p].away;
}

const struct cib *node_cib(const struct node *n)
{
    return n->store.cib;
}

void node_set_break(struct node *n, unsigned rules)
{
    n->broken = rules;
}
