/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringagent: see ringagent.h.
 *
 * Happy path: run, executed a moment later (unless its not-after date has passed), the effect and
 * the answer when its time is over. Ways to fail: an exit code, a hang until the time-out kills it,
 * a start or stop killed half-way, a monitor that is blind (says running) or alarmed (says failed)
 * without reason, processes that die by themselves. It never says "stopped" of what runs. */
#include "test/sim/ringagent.h"
#include <stdio.h>
#include "test/sim/ringhost.h"
#include "test/sim/ringlun.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringtrace.h"

enum { EXEC_MEAN_US = 900, OCF_OK = 0, OCF_ERROR = 1, OCF_UNIMPLEMENTED = 3, OCF_NOT_RUNNING = 7 };
enum { VERB_START, VERB_STOP, VERB_MONITOR, VERB_OTHER };

struct ring_service *ringagent_service(struct rworld *w, const char *id)
{
    for (unsigned i = 0; i < w->n_services; i++)
        if (str_eq(w->service[i].id, id))
            return &w->service[i];
    if (w->n_services == RING_SERVICES) {
        ringoracle_bark(w, "S8", "more than %u resources", RING_SERVICES);
        return &w->service[0];
    }
    struct ring_service *s = &w->service[w->n_services++];
    *s = (struct ring_service){
        .owner = NODE_NONE, .guarded = true, .unit = NODE_NONE, .frees = NODE_NONE};
    s->is = (struct behaviour){.start_ms = 200, .stop_ms = 100, .monitor_ms = 30};
    str_copy(s->id, sizeof(s->id), id);
    return s;
}

/* Whether running it twice does harm: as the configuration of the node that runs it says. */
static bool is_guarded(const struct rhost *h, const struct ring_service *s)
{
    const struct cib *cib = node_cib(h->node);
    struct rsc_ref ref;
    if (!cib || !cib_find(cib, s->id, &ref) || ref.kind != RSC_PRIM)
        return s->guarded;
    const struct cib_prim *p = &cib->prim[ref.index];
    return !p->is_stonith && p->effective.requires != REQUIRES_NOTHING;
}

struct ring_task *ringagent_task(struct rworld *w, struct rhost *h, uint32_t op)
{
    for (unsigned i = 0; i < RING_TASKS; i++) {
        struct ring_task *t = &h->task[i];
        if (t->used)
            continue;
        uint32_t generation = t->generation;
        *t = (struct ring_task){.used = true, .op = op, .generation = generation + 1};
        return t;
    }
    ringoracle_bark(w, "S8", "%s runs more than %u agents at once", rhost_name(w, h->self),
                    RING_TASKS);
    return &h->task[0];
}

static struct ring_item *task_item(struct rworld *w, struct rhost *h, enum ring_item_kind kind,
                                   struct ring_task *t, uint64_t due_us)
{
    struct ring_item *it = ringworld_add(w, kind, h->self, due_us);
    it->token = h->life_no;
    it->a = (uint32_t)(t - h->task);
    it->b = t->generation;
    return it;
}

void ringagent_run(struct rworld *w, struct rhost *h, const struct act_agent *a)
{
    struct ring_task *t = ringagent_task(w, h, a->op);
    struct ring_service *s = ringagent_service(w, a->id);
    t->service = (uint16_t)(s - w->service);
    t->timeout_ms = a->timeout_ms;
    t->not_after_us = a->not_after_us;
    t->recurring = a->recurring;
    t->kill = a->kill;
    t->verb = str_eq(a->action, "start")     ? VERB_START
              : str_eq(a->action, "stop")    ? VERB_STOP
              : str_eq(a->action, "monitor") ? VERB_MONITOR
                                             : VERB_OTHER;
    s->on[h->self].slot = a->slot;
    s->guarded = is_guarded(h, s);
    if (t->verb == VERB_START)
        ringoracle_ordered(w, h, s);
    task_item(w, h, RING_EXEC, t, w->now_us + prng_exponential(&w->agent_prng, 300, EXEC_MEAN_US));
}

/* ---- outcome -----------------------------------------------------------------------------------
 */

/* Draws how the run will end: rc, or -1 for a hang. */
static void task_draw(struct rworld *w, struct ring_task *t)
{
    const struct behaviour *is = &w->service[t->service].is;
    uint32_t fails = t->verb == VERB_START     ? is->start_fails
                     : t->verb == VERB_STOP    ? is->stop_fails
                     : t->verb == VERB_MONITOR ? is->monitor_fails
                                               : 0;
    t->rc = t->verb == VERB_OTHER ? OCF_UNIMPLEMENTED : OCF_OK;
    if (!w->agent_faults)
        return;
    if (prng_chance(&w->agent_prng, is->hangs))
        t->rc = -1;
    else if (prng_chance(&w->agent_prng, fails))
        t->rc = OCF_ERROR;
}

static int monitor_rc(struct rworld *w, const struct rhost *h, const struct ring_task *t)
{
    const struct ring_service *s = &w->service[t->service];
    bool active = s->on[h->self].active;
    if (active && (t->rc == OCF_ERROR || !ringlun_works(w, s, h->self)))
        return OCF_ERROR;
    if (s->on[h->self].alive)
        return OCF_OK;
    if (t->recurring && w->agent_faults && prng_chance(&w->agent_prng, s->is.blind))
        return OCF_OK;
    return active ? OCF_ERROR : OCF_NOT_RUNNING;
}

static void task_effect(struct rworld *w, struct rhost *h, struct ring_task *t)
{
    struct ring_service *s = &w->service[t->service];
    bool half = t->killed || t->timed_out || t->rc != OCF_OK, active = s->on[h->self].active;
    if (t->verb == VERB_START) {
        s->on[h->self].alive = !half || prng_chance(&w->agent_prng, 250000);
        s->on[h->self].stuck_us = 0;
        if (!half)
            ringtrace_note(w, h, "%s runs", s->id);
    } else if (t->verb == VERB_STOP && half) {
        s->on[h->self].alive = s->on[h->self].alive && prng_chance(&w->agent_prng, 500000);
        if (!s->on[h->self].stuck_us && !t->killed && active)
            s->on[h->self].stuck_us = w->now_us;
    } else if (t->verb == VERB_STOP) {
        if (active)
            ringtrace_note(w, h, "%s stopped", s->id);
        s->on[h->self].active = s->on[h->self].alive = false;
        s->on[h->self].stuck_us = 0;
    } else if (t->verb == VERB_MONITOR && !t->killed && !t->timed_out) {
        t->rc = monitor_rc(w, h, t);
    }
}

/* ---- items -------------------------------------------------------------------------------------
 */

/* Its processes are gone; whether anything of it is left (a mount, an address) is its nature. */
static void service_killed(struct rworld *w, struct rhost *h, struct ring_service *s)
{
    s->on[h->self].alive = false;
    if (!prng_chance(&w->agent_prng, s->is.killable))
        return;
    s->on[h->self].active = false;
    s->on[h->self].stuck_us = 0;
}

static void not_run(struct rworld *w, struct rhost *h, struct ring_task *t)
{
    struct event ev = {.kind = EV_AGENT_DONE};
    ev.agent.op = t->op;
    ev.agent.rc = OCF_ERROR;
    ev.agent.not_run = true;
    ev.agent.reason = h->no_exec ? "cannot execute" : "the order came too late";
    t->used = false;
    ringhost_tell(w, h, &ev);
}

static void task_exec(struct rworld *w, struct rhost *h, struct ring_task *t)
{
    struct ring_service *s = &w->service[t->service];
    if (h->no_exec || (t->not_after_us && ringhost_local_us(w, h) > t->not_after_us)) {
        not_run(w, h, t);
        return;
    }
    t->executed = true;
    t->began_us = w->now_us;
    if (t->verb == VERB_START) {
        s->on[h->self].active = true;
        w->counts[RING_COUNT_STARTS]++;
        w->counts[RING_COUNT_TAKEOVERS] += s->owner != NODE_NONE && s->owner != h->self;
        ringoracle_running(w, h, s);
        s->owner = (uint8_t)h->self;
        s->owner_power = h->power_no;
    }
    uint32_t mean = t->verb == VERB_START  ? s->is.start_ms
                    : t->verb == VERB_STOP ? s->is.stop_ms
                                           : s->is.monitor_ms;
    if (t->kill && s->on[h->self].active)
        service_killed(w, h, s);
    task_draw(w, t);
    if (t->verb == VERB_START && t->rc == OCF_OK && !ringlun_works(w, s, h->self))
        t->rc = OCF_ERROR; /* its disk does not answer */
    uint64_t lasts = prng_exponential(&w->agent_prng, MSEC(mean) / 2 + 1, MSEC(mean) + 2);
    t->timed_out = t->rc < 0 || (t->timeout_ms && lasts > MSEC(t->timeout_ms));
    if (t->timed_out)
        lasts = t->timeout_ms ? MSEC(t->timeout_ms) : SEC(3600);
    task_item(w, h, RING_AGENT_END, t, w->now_us + lasts);
}

static void task_end(struct rworld *w, struct rhost *h, const struct ring_item *it,
                     struct ring_task *t)
{
    if (!it->flag)
        task_effect(w, h, t);
    if (h->frozen == FROZEN_SHELL) {
        task_item(w, h, RING_AGENT_END, t, h->thaw_us)->flag = 1;
        return;
    }
    struct event ev = {.kind = EV_AGENT_DONE};
    ev.agent.op = t->op;
    ev.agent.timed_out = t->timed_out && !t->killed;
    ev.agent.rc = t->timed_out || t->killed ? OCF_ERROR : t->rc;
    ev.agent.exec_ms = (uint32_t)((w->now_us - t->began_us) / 1000);
    ev.agent.reason = ev.agent.rc == OCF_OK || ev.agent.rc == OCF_NOT_RUNNING ? "" : "simulated";
    t->used = false;
    ringhost_tell(w, h, &ev);
}

void ringagent_item(struct rworld *w, const struct ring_item *it)
{
    struct rhost *h = &w->host[it->host];
    if (it->token != h->life_no)
        return;
    if (it->kind == RING_GONE) {
        struct ring_service *s = &w->service[it->a];
        char what[96];
        if (!s->on[h->self].watched || !h->node)
            return;
        snprintf(what, sizeof(what), "process %u (%s) ended", 1000 + it->a, s->id);
        struct event ev = {.kind = EV_RSC_GONE};
        ev.rsc.slot = s->on[h->self].slot;
        ev.rsc.what = what;
        ringhost_tell(w, h, &ev);
        return;
    }
    struct ring_task *t = &h->task[it->a];
    if (!t->used || t->generation != it->b)
        return;
    if (it->kind == RING_EXEC)
        task_exec(w, h, t);
    else
        task_end(w, h, it, t);
}

void ringagent_kill(struct rworld *w, struct rhost *h, uint32_t op)
{
    for (unsigned i = 0; i < RING_TASKS; i++) {
        struct ring_task *t = &h->task[i];
        if (!t->used || t->op != op || t->plug)
            continue;
        t->killed = true;
        t->generation++; /* its ordinary end no longer counts */
        t->began_us = t->executed ? t->began_us : w->now_us;
        task_item(w, h, RING_AGENT_END, t, w->now_us + MSEC(1))->flag = !t->executed;
        return;
    }
}

void ringagent_watch(struct rworld *w, struct rhost *h, const struct action *a)
{
    struct ring_service *s = ringagent_service(w, a->watch.id);
    s->on[h->self].watched = a->watch.on;
    s->on[h->self].slot = a->watch.slot;
}

void ringagent_dies(struct rworld *w, struct ring_service *s, unsigned host)
{
    struct rhost *h = &w->host[host];
    if (!h->power || !s->on[host].alive)
        return;
    ringtrace_note(w, h, "%s dies", s->id);
    s->on[host].alive = s->on[host].active = false;
    s->on[host].stuck_us = 0;
    for (unsigned i = 0; i < RING_TASKS; i++) { /* a start under way revives nothing half dead */
        struct ring_task *t = &h->task[i];
        if (t->used && !t->plug && t->executed && t->verb == VERB_START &&
            &w->service[t->service] == s)
            s->on[host].active = true;
    }
    if (!h->node)
        return;
    struct ring_item *it =
        ringworld_add(w, RING_GONE, host, w->now_us + prng_exponential(&w->agent_prng, 100, 2000));
    it->token = h->life_no;
    it->a = (uint32_t)(s - w->service);
}

/* Agents are children of the shell: they die with it, wherever they had got to. */
void ringagent_daemon_gone(struct rworld *w, struct rhost *h)
{
    for (unsigned i = 0; i < RING_TASKS; i++) {
        struct ring_task *t = &h->task[i];
        if (!t->used)
            continue;
        t->killed = true;
        if (t->executed && !t->plug && h->power)
            task_effect(w, h, t);
        t->used = false;
    }
    for (unsigned i = 0; i < w->n_services; i++)
        w->service[i].on[h->self].watched = false;
}

void ringagent_power_off(struct rworld *w, struct rhost *h)
{
    for (unsigned i = 0; i < w->n_services; i++) {
        w->service[i].on[h->self].active = w->service[i].on[h->self].alive = false;
        w->service[i].on[h->self].stuck_us = 0;
    }
}
