/* SPDX-License-Identifier: GPL-2.0-or-later
 * simagent: agents and what they manage. See simagent.h.
 *
 * Happy path: run, executed a moment later (unless its not-after date has passed), the effect and
 * the answer when its time is over. Ways to fail: an exit code, a hang until the time-out kills it,
 * a start or stop killed half-way, a monitor that is blind (says running) or alarmed (says failed)
 * without reason, processes that die by themselves. It never says "stopped" of what runs: no
 * manager could survive that. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/simagent.h"
#include "test/sim/simtrace.h"
#include "test/sim/simwrite.h"

enum {
    STOP_LOOK_MS = 50,
    EXEC_MEAN_US = 900,
    OCF_OK = 0,
    OCF_ERROR = 1,
    OCF_UNIMPLEMENTED = 3,
    OCF_NOT_RUNNING = 7,
    OCF_PROMOTED = 8,
    OCF_FAILED_PROMOTED = 9
};

struct service *service_get(struct world *w, const char *id)
{
    for (unsigned i = 0; i < w->n_services; i++)
        if (str_eq(w->service[i].id, id))
            return &w->service[i];
    if (w->n_services == SERVICES_MAX) {
        oracle_bark(w, "S8", "more than %u resources", SERVICES_MAX);
        return &w->service[0];
    }
    struct service *s = &w->service[w->n_services++];
    *s = (struct service){.owner = NODE_NONE, .guarded = true};
    s->is = (struct behaviour){.start_ms = 200, .stop_ms = 100, .monitor_ms = 30};
    str_copy(s->id, sizeof(s->id), id);
    return s;
}

/* ---- parts of clones ------------------------------------------------------------------------- */

static struct service *part_find(struct world *w, const struct service *s, const char *suffix)
{
    char id[CIB_ID_LEN + 16];
    snprintf(id, sizeof(id), "%.*s%s", (int)strcspn(s->id, ":"), s->id, suffix);
    for (unsigned i = 0; i < w->n_services; i++)
        if (str_eq(w->service[i].id, id))
            return &w->service[i];
    return NULL;
}

/* The copy beside a promoted role, on that host; NULL for what is no role. */
static struct service *copy_of(struct world *w, const struct service *s, unsigned host)
{
    const char *suffix = strchr(s->id, ':');
    char number[8];
    snprintf(number, sizeof(number), ":%u", host);
    return str_eq(suffix, ":promoted") ? part_find(w, s, number) : NULL;
}

/* The promoted role of a copy, NULL for what is none. */
static struct service *role_of(struct world *w, const struct service *s)
{
    const char *suffix = strchr(s->id, ':');
    return suffix && !str_eq(suffix, ":promoted") ? part_find(w, s, ":promoted") : NULL;
}

/* A copy that is gone is not promoted any more. */
static void role_ends(struct world *w, const struct service *s, unsigned host)
{
    struct service *role = s->on[host].active ? NULL : role_of(w, s);
    if (!role)
        return;
    role->on[host].active = role->on[host].alive = false;
    role->on[host].stuck_us = 0;
}

/* What the agent of that name works on: of a clone one part is a service of its own here. */
static struct service *part_get(struct world *w, const struct host *h, const char *id,
                                const struct act_agent *a)
{
    const struct cib *cib = h->node ? node_cib(h->node) : NULL;
    struct rsc_ref ref;
    if (!cib || !cib_find(cib, id, &ref) || ref.kind != RSC_CLONE)
        return service_get(w, id);
    const struct cib_clone *k = &cib->clone[ref.index];
    bool role = a && (str_eq(a->action, "promote") || str_eq(a->action, "demote"));
    for (size_t at = 0; a && at < a->env_len; at += strlen(a->env + at) + 1)
        role = role || str_eq(a->env + at, "OCF_RESKEY_CRM_meta_role=Promoted");
    uint16_t prim = role ? k->promoted : cib_copy(cib, k, h->self);
    assert(prim != CIB_NONE);
    return service_get(w, cib->prim[prim].id);
}

/* Whether running it twice does harm: as the configuration of the node that runs it says. */
static bool is_guarded(const struct host *h, const struct service *s)
{
    const struct cib *cib = node_cib(h->node);
    struct rsc_ref ref;
    if (!cib || !cib_find(cib, s->id, &ref) || ref.kind != RSC_PRIM)
        return s->guarded;
    const struct cib_prim *p = &cib->prim[ref.index];
    return !p->is_stonith && p->effective.requires != REQUIRES_NOTHING;
}

struct task *task_new(struct world *w, struct host *h, uint32_t op)
{
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        struct task *t = &h->task[i];
        if (t->used)
            continue;
        uint32_t generation = t->generation;
        *t = (struct task){.used = true, .op = op, .generation = generation + 1};
        return t;
    }
    oracle_bark(w, "S8", "%s runs more than %u agents at once", host_name(w, h->self), TASKS_MAX);
    return &h->task[0];
}

static struct item *task_item(struct world *w, struct host *h, enum item_kind kind, struct task *t,
                              uint64_t due_us)
{
    struct item *it = world_add(w, kind, h->self, due_us);
    it->token = h->life_no;
    it->a = (uint32_t)(t - h->task);
    it->b = t->generation;
    return it;
}

void agent_run(struct world *w, struct host *h, const struct act_agent *a)
{
    struct task *t = task_new(w, h, a->op);
    struct service *s = part_get(w, h, a->id, a);
    t->service = (uint16_t)(s - w->service);
    t->timeout_ms = a->timeout_ms;
    t->not_after_us = a->not_after_us;
    t->recurring = a->recurring;
    t->kill = a->kill;
    str_copy(t->action, sizeof(t->action), a->action);
    bool up = str_eq(a->action, "start") || str_eq(a->action, "promote");
    bool down = str_eq(a->action, "stop") || str_eq(a->action, "demote");
    t->verb = up                             ? TASK_START
              : down                         ? TASK_STOP
              : str_eq(a->action, "monitor") ? TASK_MONITOR
                                             : TASK_OTHER;
    s->on[h->self].slot = a->slot;
    s->guarded = is_guarded(h, s);
    if (t->verb == TASK_START)
        oracle_ordered(w, h, s);
    task_item(w, h, ITEM_EXEC, t, w->now_us + world_lasts(w, &w->agent_prng, 300, EXEC_MEAN_US));
}

/* ---- outcome ------------------------------------------------------------------------------------
 */

static bool task_scripted(struct service *s, unsigned host, struct task *t)
{
    if (!s->script[host].times || !str_eq(s->script[host].action, t->action))
        return false;
    s->script[host].times--;
    t->rc = s->script[host].rc;
    if (s->script[host].hang)
        t->rc = -1;
    t->scripted = true;
    return true;
}

/* Draws how the run will end: rc, or -1 for a hang. */
static void task_draw(struct world *w, struct host *h, struct task *t)
{
    struct service *s = &w->service[t->service];
    if (task_scripted(s, h->self, t))
        return;
    static const uint32_t none;
    uint32_t fails = t->verb == TASK_START     ? s->is.start_fails
                     : t->verb == TASK_STOP    ? s->is.stop_fails
                     : t->verb == TASK_MONITOR ? s->is.monitor_fails
                                               : none;
    bool told = str_eq(t->action, "notify");
    t->rc = t->verb == TASK_OTHER && !told ? OCF_UNIMPLEMENTED : OCF_OK;
    const struct service *copy = copy_of(w, s, h->self);
    if (t->verb == TASK_START &&
        (!write_reaches(w, s, h->self) || (copy && !copy->on[h->self].alive)))
        t->rc = OCF_ERROR;
    if (!w->agent_faults)
        return;
    if (prng_chance(&w->agent_prng, s->is.hangs))
        t->rc = -1;
    else if (prng_chance(&w->agent_prng, fails))
        t->rc = t->verb == TASK_START && prng_chance(&w->agent_prng, 100000) ? 5 : OCF_ERROR;
}

/* What a monitor sees: the truth, or a harmless error about it. */
static int monitor_rc(struct world *w, const struct host *h, const struct task *t)
{
    const struct service *s = &w->service[t->service];
    const struct service *copy = copy_of(w, s, h->self), *role = role_of(w, s);
    if (t->rc == OCF_ERROR && s->on[h->self].active)
        return OCF_ERROR;
    if (copy) /* of the role: as the agent, which knows no roles, sees it */
        return s->on[h->self].alive      ? OCF_PROMOTED
               : s->on[h->self].active   ? OCF_FAILED_PROMOTED
               : copy->on[h->self].alive ? OCF_OK
                                         : OCF_NOT_RUNNING;
    if (role && role->on[h->self].alive && s->on[h->self].alive)
        return OCF_PROMOTED;
    if (s->on[h->self].alive)
        return OCF_OK;
    if (t->recurring && w->agent_faults && prng_chance(&w->agent_prng, s->is.blind))
        return OCF_OK;
    return s->on[h->self].active ? OCF_ERROR : OCF_NOT_RUNNING;
}

/* Some databases keep their role on their disk: what died as the primary is started as one. */
static void role_resumes(struct world *w, struct host *h, struct service *s)
{
    struct service *role = s->on[h->self].was_promoted ? role_of(w, s) : NULL;
    s->on[h->self].was_promoted = false;
    if (!role)
        return;
    role->on[h->self].active = role->on[h->self].alive = true;
    trace_story(w, h, "  %s is what it was", role->id);
    oracle_running(w, h, role);
}

static void task_effect(struct world *w, struct host *h, struct task *t)
{
    struct service *s = &w->service[t->service];
    bool half = t->killed || t->timed_out || t->rc != OCF_OK;
    if (t->verb == TASK_START) {
        s->on[h->self].alive = !half || prng_chance(&w->agent_prng, 250000);
        s->on[h->self].stuck_us = 0;
        if (!half) {
            s->on[h->self].ran_life = h->life_no;
            trace_story(w, h, "  %s runs", s->id);
            role_resumes(w, h, s);
        }
    } else if (t->verb == TASK_STOP && half) {
        s->on[h->self].alive = s->on[h->self].alive && prng_chance(&w->agent_prng, 500000);
        /* Of what was gone already a killing and a look find that out. */
        if (!s->on[h->self].stuck_us && !t->killed && s->on[h->self].active)
            s->on[h->self].stuck_us = w->now_us;
    } else if (t->verb == TASK_STOP) {
        if (s->on[h->self].active)
            trace_story(w, h, "  %s stopped", s->id);
        s->on[h->self].active = s->on[h->self].alive = false;
        s->on[h->self].stuck_us = 0;
    } else if (t->verb == TASK_MONITOR && !t->killed && !t->timed_out && !t->scripted) {
        t->rc = monitor_rc(w, h, t);
    }
    role_ends(w, s, h->self);
}

/* ---- items
 * ---------------------------------------------------------------------------------------- */

/* Its processes are gone; whether anything of it is left (a mount, an address) is its nature. */
static void service_killed(struct world *w, struct host *h, struct service *s)
{
    s->on[h->self].alive = false;
    if (!prng_chance(&w->agent_prng, s->is.killable) || write_pending(w, s, h->self))
        return;
    trace_story(w, h, "  %s is gone, killed", s->id);
    s->on[h->self].active = false;
    s->on[h->self].stuck_us = 0;
    struct service *copy = copy_of(w, s, h->self);
    if (copy) /* what is killed of a role is the whole service */
        copy->on[h->self].active = copy->on[h->self].alive = false;
    role_ends(w, s, h->self);
}

static void task_exec(struct world *w, struct host *h, struct task *t)
{
    struct service *s = &w->service[t->service];
    uint64_t local = host_local_us(w, h);
    if (h->no_exec || (t->not_after_us && local > t->not_after_us)) {
        struct event ev = {.kind = EV_AGENT_DONE};
        ev.agent.op = t->op;
        ev.agent.rc = OCF_ERROR;
        ev.agent.not_run = true;
        ev.agent.reason = h->no_exec ? "cannot execute" : "the order came too late";
        t->used = false;
        host_tell(w, h, &ev);
        return;
    }
    t->executed = true;
    t->began_us = w->now_us;
    if (t->verb == TASK_START) {
        s->on[h->self].active = true;
        s->owner = (uint8_t)h->self;
        s->owner_power = h->power_no;
        w->counts[COUNT_STARTS]++;
        write_begins(w, h, s);
        oracle_running(w, h, s);
    }
    uint32_t mean = t->verb == TASK_START  ? s->is.start_ms
                    : t->verb == TASK_STOP ? s->is.stop_ms
                                           : s->is.monitor_ms;
    if (t->kill && s->on[h->self].active)
        service_killed(w, h, s);
    task_draw(w, h, t);
    uint64_t lasts = world_lasts(w, &w->agent_prng, MSEC(mean) / 2 + 1, MSEC(mean) + 2);
    t->timed_out = t->rc < 0 || (t->timeout_ms && lasts > MSEC(t->timeout_ms));
    if (t->timed_out)
        lasts = t->timeout_ms ? MSEC(t->timeout_ms) : SEC(3600);
    task_item(w, h, ITEM_AGENT_END, t, w->now_us + lasts);
}

/* What it has written is not yet on the disk, and no stop is a success before it is. */
static bool stop_waits(const struct world *w, const struct host *h, struct task *t)
{
    if (t->plug || t->verb != TASK_STOP || t->killed || t->timed_out || t->rc != OCF_OK ||
        !write_pending(w, &w->service[t->service], h->self))
        return false;
    if (!t->timeout_ms || w->now_us + MSEC(STOP_LOOK_MS) < t->began_us + MSEC(t->timeout_ms))
        return true;
    t->timed_out = true;
    return false;
}

static void task_end(struct world *w, struct host *h, const struct item *it, struct task *t)
{
    if (!it->flag)
        task_effect(w, h, t);
    if (h->frozen == FROZEN_SHELL) {
        task_item(w, h, ITEM_AGENT_END, t, h->thaw_us)->flag = 1;
        return;
    }
    struct event ev = {.kind = EV_AGENT_DONE};
    ev.agent.op = t->op;
    ev.agent.timed_out = t->timed_out && !t->killed;
    ev.agent.rc = t->timed_out || t->killed ? OCF_ERROR : t->rc;
    ev.agent.exec_ms = (uint32_t)((w->now_us - t->began_us) / 1000);
    ev.agent.reason = ev.agent.rc == OCF_OK || ev.agent.rc == OCF_NOT_RUNNING ? "" : "simulated";
    const struct service *s = &w->service[t->service];
    if (s->fits && !t->timed_out && !t->killed) {
        ev.agent.fit_told = FIT_SCORE;
        ev.agent.fit = s->fit;
    }
    t->used = false;
    host_tell(w, h, &ev);
}

void agent_item(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    if (it->token != h->life_no)
        return;
    if (it->kind == ITEM_GONE) {
        struct service *s = &w->service[it->a];
        if (!s->on[h->self].watched)
            return;
        char what[96];
        snprintf(what, sizeof(what), "process %u (%s) ended", 1000 + it->a, s->id);
        struct event ev = {.kind = EV_RSC_GONE};
        ev.rsc.slot = s->on[h->self].slot;
        ev.rsc.what = what;
        host_tell(w, h, &ev);
        return;
    }
    struct task *t = &h->task[it->a];
    if (!t->used || t->generation != it->b)
        return;
    if (it->kind == ITEM_EXEC)
        task_exec(w, h, t);
    else if (!it->flag && stop_waits(w, h, t))
        task_item(w, h, ITEM_AGENT_END, t, w->now_us + MSEC(STOP_LOOK_MS));
    else
        task_end(w, h, it, t);
}

void agent_kill(struct world *w, struct host *h, uint32_t op)
{
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        struct task *t = &h->task[i];
        if (!t->used || t->op != op || t->plug)
            continue;
        t->killed = true;
        t->generation++; /* its ordinary end no longer counts */
        t->began_us = t->executed ? t->began_us : w->now_us;
        task_item(w, h, ITEM_AGENT_END, t, w->now_us + MSEC(1))->flag = !t->executed;
        return;
    }
}

void agent_watch(struct world *w, struct host *h, const struct action *a)
{
    struct service *s = part_get(w, h, a->watch.id, NULL);
    s->on[h->self].watched = a->watch.on;
    s->on[h->self].slot = a->watch.slot;
}

void service_dies(struct world *w, struct service *s, unsigned host)
{
    struct host *h = &w->host[host];
    if (!h->power || !s->on[host].alive)
        return;
    trace_note(w, h, "%s dies", s->id);
    s->on[host].alive = false;
    s->on[host].active = write_pending(w, s, host);
    s->on[host].stuck_us = 0;
    const struct service *role = role_of(w, s);
    s->on[host].was_promoted = s->resumes && role && role->on[host].alive;
    for (unsigned i = 0; i < TASKS_MAX; i++) { /* a start under way revives nothing half dead */
        struct task *t = &h->task[i];
        if (t->used && !t->plug && t->executed && t->verb == TASK_START &&
            &w->service[t->service] == s)
            s->on[host].active = true;
    }
    role_ends(w, s, host);
    if (!h->node)
        return;
    struct item *it =
        world_add(w, ITEM_GONE, host, w->now_us + world_lasts(w, &w->agent_prng, 100, 2000));
    it->token = h->life_no;
    it->a = (uint32_t)(s - w->service);
}

/* Agents are children of the shell: they die with it, wherever they had got to. */
void agent_daemon_gone(struct world *w, struct host *h)
{
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        struct task *t = &h->task[i];
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

void agent_power_off(struct world *w, struct host *h)
{
    for (unsigned i = 0; i < w->n_services; i++) {
        w->service[i].on[h->self].active = w->service[i].on[h->self].alive = false;
        w->service[i].on[h->self].stuck_us = 0;
        w->service[i].on[h->self].writes = 0;
    }
}
