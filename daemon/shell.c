/* SPDX-License-Identifier: GPL-2.0-or-later
 * shell: events in, actions out, one timer.
 *
 * Happy path: shell_event stamps, records and steps the node, carries its actions out in order,
 * then plans if that was among them, then takes what modules reported meanwhile (kept in a queue as
 * recorded bytes), until nothing is left; then the timer is set to the node's deadline. */
#include "daemon/shell.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "daemon/agent.h"
#include "daemon/clock.h"
#include "daemon/control.h"
#include "daemon/corosync.h"
#include "daemon/doom.h"
#include "daemon/feeder.h"
#include "daemon/fence.h"
#include "daemon/journal.h"
#include "daemon/keep.h"
#include "daemon/link.h"
#include "daemon/planner.h"
#include "daemon/recorder.h"
#include "daemon/reserve.h"
#include "daemon/service.h"
#include "daemon/wake.h"

enum { PLANS_IN_A_ROW = 4 };

struct wake {
    int timer;
    bool armed;         /* it was set and has not fired */
    bool busy;          /* actions are being carried out */
    uint64_t now_us;    /* of the last event: never goes back */
    uint64_t due_us;    /* when the timer was to fire, CLOCK_MONOTONIC_RAW; UINT64_MAX: never */
    uint64_t asleep_us; /* how long the machine had slept at the last event */
    bool plan_wanted;
    bool plan_later; /* drain_later is queued in the loop */
    uint32_t plan_op;
    const struct sched_in *plan_in;
    uint8_t *queue; /* SHELL_QUEUE_BYTES */
    size_t put, taken;
};

/* ---- the queue of events that wait ---- */

/* Each event is recorded as if it were the first, so that it stands for itself. */
static void queue_put(struct wake *w, const struct event *ev)
{
    struct record fresh;
    struct buf b;
    assert(ev->kind != EV_PLANNED && ev->kind != EV_BOOT);
    record_init(&fresh);
    buf_write_init(&b, w->queue + w->put, SHELL_QUEUE_BYTES - w->put);
    record_put(&fresh, &b, ev);
    assert(!b.bad);
    w->put += b.pos;
}

/* The first that waits; what it points to stays until the queue is empty or put to. */
static bool queue_take(struct wake *w, struct record *fresh, struct record_item *item)
{
    struct buf b;
    if (w->taken == w->put) {
        w->taken = w->put = 0;
        return false;
    }
    record_init(fresh);
    buf_read_init(&b, w->queue + w->taken, w->put - w->taken);
    enum err err = record_get(fresh, &b, item);
    assert(!err && !item->is_hash);
    w->taken += b.pos;
    return true;
}

/* ---- actions ---- */

static void plan_want(struct wake *w, const struct action *a)
{
    w->plan_wanted = true; /* a second one before the first was run replaces it */
    w->plan_op = a->plan.op;
    w->plan_in = a->plan.in;
}

static void end(struct shell *s, bool again)
{
    s->ended = true;
    s->exit_again = again;
    recorder_hash(s->recorder, node_hash(s->node)); /* for a replay to compare at its end */
    qb_loop_stop(s->loop);
}

static void carry_out(struct shell *s, const struct action *a)
{
    switch (a->kind) {
    case ACT_SEND:
        links_send(s->links, a->send.link, a->send.node, a->send.at, a->send.len, a->send.beat);
        break;
    case ACT_KEEP: keep_state(s->keep, a->keep.op, &a->keep.kept); break;
    case ACT_KEEP_CIB:
        keep_cib(s->keep, a->keep_cib.op, a->keep_cib.text, a->keep_cib.epoch, a->keep_cib.seq);
        break;
    case ACT_SAVE_LOST:
        keep_lost(s->keep, a->save_lost.text, a->save_lost.epoch, a->save_lost.seq);
        break;
    case ACT_PLAN: plan_want(s->wake, a); break;
    case ACT_AGENT_RUN: agents_run(s->agents, &a->agent); break;
    case ACT_AGENT_KILL: agents_kill(s->agents, a->agent_kill.op); break;
    case ACT_WATCH: agents_watch(s->agents, a->watch.slot, a->watch.id, a->watch.on); break;
    case ACT_FENCE: fences_run(s->fences, &a->fence); break;
    case ACT_REPLY:
        if (s->control)
            control_reply(s->control, a->reply.client, a->reply.text, a->reply.len, a->reply.last);
        break;
    case ACT_EVENT: journal_say(s->journal, &a->event.say, a->event.rsc, a->event.node); break;
    case ACT_RESET_SELF:
        journal_note(s->journal, SAY_ALERT, JOURNAL_RESET, _("this node resets itself: %s"),
                     a->reset.why);
        doom_reset(a->reset.why, a->reset.taken && s->conf.switch_off_on_fenced);
    case ACT_EXIT: end(s, a->exit.again); break;
    case ACT_FEED: feeder_until(s->feeder, a->feed.until_us); break;
    case ACT_PERMIT: reserves_permit(s->reserves, a->permit.op, a->permit.not_after_us); break;
    case ACT_RESERVE: reserves_run(s->reserves, &a->reserve); break;
    case ACT_CAST: corosync_cast(s->corosync, a->cast.at, a->cast.len); break;
    case ACT_KIND_COUNT: assert(!"no such action");
    }
}

/* ---- the step ---- */

static void step(struct shell *s, struct event *ev)
{
    struct wake *w = s->wake;
    uint64_t now = clock_raw_us();
    w->now_us = now > w->now_us ? now : w->now_us;
    ev->now_us = w->now_us;
    ev->wall_s = clock_wall_s();
    recorder_event(s->recorder, ev);
    outbox_clear(s->out);
    node_step(s->node, ev, s->out);
    for (unsigned i = 0; i < s->out->n; i++)
        carry_out(s, &s->out->at[i]);
    if (recorder_wants_hash(s->recorder))
        recorder_hash(s->recorder, node_hash(s->node));
}

static void plan_run(struct shell *s)
{
    struct wake *w = s->wake;
    struct event ev = {.kind = EV_PLANNED, .planned = {.op = w->plan_op}};
    w->plan_wanted = false;
    ev.planned.err = planner_run(s->planner, w->plan_in, &ev.planned.plan);
    step(s, &ev);
}

/* Time that nobody gave us: the timer should have fired long ago, or the machine was asleep. The
 * peer's silence meanwhile proves nothing, so this comes first. */
static void stall_check(struct shell *s)
{
    struct wake *w = s->wake;
    uint64_t now = clock_raw_us(), asleep = clock_asleep_us();
    uint64_t late_us = now > w->due_us ? now - w->due_us : 0;
    uint64_t slept_us = asleep > w->asleep_us ? asleep - w->asleep_us : 0;
    uint64_t lost_ms = (late_us + slept_us) / 1000;
    w->asleep_us = asleep;
    if (lost_ms <= s->timing.stall_ms)
        return;
    struct event ev = {.kind = EV_STALL,
                       .stall = {.lost_ms = lost_ms < UINT32_MAX ? (uint32_t)lost_ms : UINT32_MAX}};
    w->due_us = UINT64_MAX; /* told once */
    step(s, &ev);
}

static void timer_arm(struct shell *s)
{
    struct wake *w = s->wake;
    uint64_t due = node_deadline(s->node);
    struct itimerspec t = {0};
    if (w->armed && due == w->due_us)
        return; /* set already: most frames change nothing */
    w->armed = true;
    w->due_us = due;
    if (due != UINT64_MAX) {
        /* The two clocks differ in rate by less than a thousandth, and the timer is set anew after
         * every event: counting the rest by the other clock is right to a fraction of a beat. */
        uint64_t now = clock_raw_us();
        uint64_t rest_us = due > now ? due - now : 0;
        t.it_value.tv_sec = (time_t)(rest_us / 1000000);
        t.it_value.tv_nsec = (long)(rest_us % 1000000) * 1000 + 1;
    }
    int rc = timerfd_settime(w->timer, 0, &t, NULL);
    assert(rc == 0);
}

static void drain_later(void *context);

/* Plans and queued events, until nothing is left, and the timer. A chain of plans that does not end
 * (each one asking for the next) must not keep beats waiting: after some it goes on by the loop. */
static void drain(struct shell *s)
{
    struct wake *w = s->wake;
    struct record fresh;
    struct record_item item;
    unsigned plans = 0;
    while (!s->ended) {
        if (w->plan_wanted && plans < PLANS_IN_A_ROW) {
            plans++;
            plan_run(s);
        } else if (queue_take(w, &fresh, &item)) {
            step(s, &item.ev);
        } else {
            break;
        }
    }
    if (s->ended)
        return;
    if (w->plan_wanted && !w->plan_later)
        w->plan_later = qb_loop_job_add(s->loop, QB_LOOP_LOW, s, drain_later) == 0;
    service_status(s->service, journal_latest(s->journal));
    timer_arm(s);
}

static void drain_later(void *context)
{
    struct shell *s = context;
    assert(!s->wake->busy);
    s->wake->plan_later = false;
    s->wake->busy = true;
    drain(s);
    s->wake->busy = false;
}

void shell_event(struct shell *s, struct event *ev)
{
    struct wake *w = s->wake;
    if (s->ended)
        return;
    if (w->busy) {
        queue_put(w, ev);
        return;
    }
    w->busy = true;
    if (ev->kind != EV_BOOT)
        stall_check(s);
    step(s, ev);
    drain(s);
    w->busy = false;
}

static int32_t timer_fired(int32_t fd, int32_t revents, void *context)
{
    struct shell *s = context;
    struct event ev = {.kind = EV_TIME};
    uint64_t count;
    (void)revents;
    if (read(fd, &count, sizeof count) < 0 && errno == EAGAIN)
        return 0;
    s->wake->armed = false;
    shell_event(s, &ev);
    return 0;
}

/* ---- for boot.c ---- */

struct wake *wake_new(struct shell *s)
{
    struct wake *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->due_us = UINT64_MAX;
    w->asleep_us = clock_asleep_us();
    w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    void *queue =
        mmap(NULL, SHELL_QUEUE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    w->queue = queue != MAP_FAILED ? queue : NULL;
    if (w->timer >= 0 && w->queue &&
        qb_loop_poll_add(s->loop, QB_LOOP_HIGH, w->timer, POLLIN, s, timer_fired) == 0)
        return w;
    if (w->timer >= 0)
        close(w->timer);
    if (w->queue)
        munmap(w->queue, SHELL_QUEUE_BYTES);
    free(w);
    return NULL;
}

void wake_free(struct shell *s, struct wake *w)
{
    if (!w)
        return;
    (void)qb_loop_poll_del(s->loop, w->timer);
    close(w->timer);
    munmap(w->queue, SHELL_QUEUE_BYTES);
    free(w);
}
