/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringfence: see ringfence.h.
 *
 * Happy path: the target loses power a moment before the agent ends with 0; asked for on, it comes
 * back. Ways to fail: the device is dead, it refuses, it hangs, it acts and says it failed. Asked
 * for its status it says the truth, unless it is dead. It never says success without having acted,
 * except where that is broken on purpose. */
#include "test/sim/ringfence.h"
#include <string.h>
#include "test/sim/ringagent.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringtrace.h"

enum { BOOT_MIN_S = 3, BOOT_MAX_S = 25, MONITOR_MS = 100, STATUS_MS = 20 };

/* Value of a name among name=value lines; false when absent. */
static bool param_get(const char *params, const char *name, char *to, size_t size)
{
    size_t len = strlen(name);
    for (const char *at = params; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
        if (strncmp(at, name, len) || at[len] != '=')
            continue;
        size_t n = strcspn(at + len + 1, "\n");
        n = n < size ? n : size - 1;
        memcpy(to, at + len + 1, n);
        to[n] = '\0';
        return true;
    }
    return false;
}

static unsigned target_of(const struct rworld *w, const char *params)
{
    char plug[CONF_NAME_LEN];
    if (!param_get(params, "plug", plug, sizeof(plug)) &&
        !param_get(params, "port", plug, sizeof(plug)))
        return NODE_NONE;
    return conf_node_index(&w->conf, plug);
}

static void run_end(struct rworld *w, struct rhost *h, struct ring_task *t, uint64_t due_us)
{
    struct ring_item *it = ringworld_add(w, RING_FENCE_END, h->self, due_us);
    it->token = h->life_no;
    it->a = (uint32_t)(t - h->task);
    it->b = t->generation;
}

static void boot_later(struct rworld *w, struct rhost *machine)
{
    struct ring_item *it =
        ringworld_add(w, RING_POWER_ON, machine->self,
                      w->now_us + SEC(prng_between(&w->fence_prng, BOOT_MIN_S, BOOT_MAX_S)));
    it->token = machine->power_no;
    it->a = 1000;
}

/* Draws what this run will do; rc -1 is a hang. */
static void run_draw(struct rworld *w, struct ring_task *t)
{
    struct prng *p = &w->fence_prng;
    t->hits = true;
    t->rc = 0;
    if (w->world_broken & RING_BREAK_FENCE) {
        t->hits = false;
    } else if (w->box.dead) {
        t->hits = false;
        t->rc = prng_chance(p, 500000) ? 1 : -1;
    } else if (!w->agent_faults) {
        return;
    } else if (prng_chance(p, w->box.fails)) {
        t->hits = false;
        t->rc = 1;
    } else if (prng_chance(p, w->box.hangs)) {
        t->hits = prng_chance(p, 300000);
        t->rc = -1;
    } else if (prng_chance(p, w->box.kills_but_fails)) {
        t->rc = 1;
    }
}

/* Whether it is to be seen off; on; anything else of the device. True: that was it. */
static bool query_run(struct rworld *w, struct rhost *h, struct ring_task *t,
                      const struct act_fence *a, const char *action)
{
    bool on = str_eq(action, "on");
    if (a->monitor || t->target == NODE_NONE) {
        t->rc = w->box.dead ? 1 : 0;
        run_end(w, h, t, w->now_us + MSEC(MONITOR_MS));
        return true;
    }
    if (!on && !str_eq(action, "status"))
        return false;
    struct rhost *machine = &w->host[t->target];
    bool seen = machine->power && !(w->world_broken & RING_BREAK_FENCE);
    t->rc = w->box.dead ? 1 : on || seen ? 0 : 2;
    if (!w->box.dead && on && !machine->power)
        boot_later(w, machine);
    run_end(w, h, t, w->now_us + MSEC(STATUS_MS));
    return true;
}

void ringfence_run(struct rworld *w, struct rhost *h, const struct act_fence *a)
{
    struct ring_task *t = ringagent_task(w, h, a->op);
    char action[32] = "reboot";
    t->plug = true;
    t->timeout_ms = a->timeout_ms ? a->timeout_ms : 60000;
    t->target = (uint8_t)target_of(w, a->params);
    (void)param_get(a->params, "action", action, sizeof(action));
    if (!a->monitor && t->target == NODE_NONE)
        ringoracle_bark(w, "S8", "%s asks its fence device to %s nobody", rhost_name(w, h->self),
                        action);
    if (query_run(w, h, t, a, action))
        return;
    t->counts = true;
    run_draw(w, t);
    w->counts[RING_COUNT_FENCES]++;
    ringtrace_note(w, h, "%s: %s %s", a->agent, action, rhost_name(w, t->target));
    uint64_t lasts = prng_exponential(&w->fence_prng, MSEC(50), MSEC(w->box.delay_ms + 1));
    t->timed_out = lasts > MSEC(t->timeout_ms) || t->rc < 0;
    if (t->hits) {
        struct ring_item *it =
            ringworld_add(w, RING_FENCE_HIT, t->target, w->now_us + lasts * 4 / 5);
        it->flag = str_eq(action, "reboot");
        it->a = h->self;
        it->token = h->power_no;
    }
    run_end(w, h, t, w->now_us + (t->timed_out ? MSEC(t->timeout_ms) : lasts));
}

static void switch_acts(struct rworld *w, const struct ring_item *it)
{
    struct rhost *victim = &w->host[it->host];
    /* Who asked has died meanwhile: its agent may or may not have spoken to the device before. */
    if (w->host[it->a].power_no != it->token && prng_chance(&w->fence_prng, 500000))
        return;
    if (victim->power)
        ringhost_power_off(w, victim, "by the power switch");
    else
        victim->power_no += 2; /* whatever was to switch it on no longer does */
    if (it->flag)
        boot_later(w, victim);
}

void ringfence_item(struct rworld *w, const struct ring_item *it)
{
    if (it->kind == RING_FENCE_HIT) {
        switch_acts(w, it);
        return;
    }
    struct rhost *h = &w->host[it->host];
    struct ring_task *t = &h->task[it->a];
    if (it->token != h->life_no || !t->used || t->generation != it->b)
        return;
    struct event ev = {.kind = EV_FENCE_DONE};
    ev.fence.op = t->op;
    ev.fence.timed_out = t->timed_out;
    ev.fence.rc = t->timed_out ? 1 : t->rc;
    ev.fence.reason = ev.fence.rc ? "simulated" : "";
    t->used = false;
    if (t->counts && t->target < w->nodes && !ev.fence.rc) {
        struct rhost *victim = &w->host[t->target];
        victim->proven_power = victim->power ? victim->power_no - 1 : victim->power_no;
    }
    ringhost_tell(w, h, &ev);
}
