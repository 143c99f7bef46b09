/* SPDX-License-Identifier: GPL-2.0-or-later
 * fencedev: the power switch. See fencedev.h.
 *
 * Happy path: the target loses power a moment before the agent ends with 0; for a reboot it comes
 * back. Ways to fail: the device is dead, it refuses, it hangs, it acts and says it failed, it acts
 * and its answer never comes. Asked for
 * its status it says the truth, unless it is dead. It never says success without having acted,
 * except where a story tells it to. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "test/sim/fencedev.h"
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/simagent.h"
#include "test/sim/simtrace.h"

enum {
    BOOT_MIN_S = 3,
    BOOT_MAX_S = 25,
    STORY_BOOT_S = 15,
    MONITOR_MS = 100,
    STATUS_MS = 20,
    ON_MS = 20
};

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

static unsigned target_of(const struct world *w, const char *params)
{
    char plug[CONF_NAME_LEN];
    if (!param_get(params, "plug", plug, sizeof(plug)) &&
        !param_get(params, "port", plug, sizeof(plug)))
        return NODE_NONE;
    for (unsigned i = 0; i < SIM_NODES; i++)
        if (str_eq(plug, host_name(w, i)))
            return i;
    return NODE_NONE;
}

static void run_end(struct world *w, struct host *h, struct task *t, uint64_t due_us)
{
    struct item *it = world_add(w, ITEM_FENCE_END, h->self, due_us);
    it->token = h->life_no;
    it->a = (uint32_t)(t - h->task);
    it->b = t->generation;
}

/* Status and power on: neither is a proof of anything. */
static void query_run(struct world *w, struct host *h, struct task *t, unsigned target, bool on,
                      bool dead)
{
    struct host *machine = &w->host[target];
    t->target = NODE_NONE;
    t->rc = dead ? 1 : on || (machine->power && !w->box.lies_on) ? 0 : 2;
    if (!dead && on && !w->box.stays_off) {
        uint64_t boot_s =
            w->faults.on ? prng_between(&w->fence_prng, BOOT_MIN_S, BOOT_MAX_S) : STORY_BOOT_S;
        machine->stays_off = false;
        struct item *it = world_add(w, ITEM_POWER_ON, machine->self, w->now_us + SEC(boot_s));
        it->token = machine->power_no;
        it->a = 1000;
    }
    run_end(w, h, t, w->now_us + MSEC(on ? ON_MS : STATUS_MS));
}

/* Draws what this run will do; rc -1 is a hang. */
static void run_draw(struct world *w, struct task *t, bool mine)
{
    struct switchbox *box = &w->box;
    struct prng *p = &w->fence_prng;
    t->hits = true;
    t->rc = 0;
    if (box->script_times && mine) {
        box->script_times--;
        t->rc = box->script_rc;
        t->hits = t->rc == 0;
    } else if (box->lies && mine) {
        t->hits = false;
    } else if (box->dead && mine) {
        t->hits = false;
        t->rc = box->mute < 1000000 && prng_chance(p, 500000) ? 1 : -1;
    } else if (!w->agent_faults) {
        return;
    } else if (prng_chance(p, box->fails)) {
        t->hits = false;
        t->rc = 1;
    } else if (prng_chance(p, box->hangs)) {
        t->hits = false;
        t->rc = -1;
    } else if (prng_chance(p, box->kills_but_fails)) {
        t->rc = 1;
    } else if (prng_chance(p, box->mute)) {
        t->rc = -1;
    }
}

void fencedev_run(struct world *w, struct host *h, const struct act_fence *a)
{
    struct task *t = task_new(w, h, a->op);
    bool mine = !w->box.only[0] || str_eq(w->box.only, a->device);
    t->plug = true;
    t->timeout_ms = a->timeout_ms ? a->timeout_ms : 60000;
    if (a->monitor) {
        t->target = NODE_NONE;
        t->rc = w->box.dead && mine ? 1 : 0;
        run_end(w, h, t, w->now_us + MSEC(MONITOR_MS));
        return;
    }
    char action[32] = "reboot";
    (void)param_get(a->params, "action", action, sizeof(action));
    t->target = (uint8_t)target_of(w, a->params);
    bool on = str_eq(action, "on");
    if (t->target != NODE_NONE && (on || str_eq(action, "status"))) {
        if (on)
            trace_story(w, h, "  %s: %s %s", a->agent, action, host_name(w, t->target));
        query_run(w, h, t, t->target, on, w->box.dead && mine);
        return;
    }
    if (t->target == NODE_NONE || (!str_eq(action, "reboot") && !str_eq(action, "off"))) {
        oracle_bark(w, "S3", "%s asks its fence device to %s nobody", host_name(w, h->self),
                    action);
        return;
    }
    t->reboots = str_eq(action, "reboot");
    run_draw(w, t, mine);
    w->counts[COUNT_FENCES]++;
    trace_story(w, h, "  %s: %s %s", a->agent, action, host_name(w, t->target));
    uint64_t lasts = world_lasts(w, &w->fence_prng, MSEC(100), MSEC(w->box.delay_ms + 1));
    if (lasts > MSEC(t->timeout_ms) || t->rc < 0)
        t->timed_out = true;
    if (t->hits) {
        struct item *it = world_add(w, ITEM_FENCE_HIT, t->target, w->now_us + lasts * 4 / 5);
        it->flag = t->reboots;
        it->a = h->self;
        it->token = h->power_no;
    }
    run_end(w, h, t, w->now_us + (t->timed_out ? MSEC(t->timeout_ms) : lasts));
}

static void switch_acts(struct world *w, const struct item *it)
{
    struct host *victim = &w->host[it->host];
    /* Who asked has died meanwhile: its agent may or may not have spoken to the device before. */
    if (w->host[it->a].power_no != it->token && (w->exact || prng_chance(&w->fence_prng, 500000)))
        return;
    if (victim->power)
        host_power_off(w, victim, "by the power switch");
    else
        victim->power_no++; /* whatever was to switch it on no longer does */
    victim->fenced_life = victim->life_no;
    victim->stays_off = !it->flag || w->box.stays_off;
    if (victim->stays_off)
        return;
    uint64_t boot_s =
        w->faults.on ? prng_between(&w->fence_prng, BOOT_MIN_S, BOOT_MAX_S) : STORY_BOOT_S;
    struct item *on = world_add(w, ITEM_POWER_ON, victim->self, w->now_us + SEC(boot_s));
    on->token = victim->power_no;
    on->a = 1000;
}

void fencedev_item(struct world *w, const struct item *it)
{
    if (it->kind == ITEM_FENCE_HIT) {
        switch_acts(w, it);
        return;
    }
    struct host *h = &w->host[it->host];
    struct task *t = &h->task[it->a];
    if (it->token != h->life_no || !t->used || t->generation != it->b)
        return;
    struct event ev = {.kind = EV_FENCE_DONE};
    ev.fence.op = t->op;
    ev.fence.timed_out = t->timed_out;
    ev.fence.rc = t->timed_out ? 1 : t->rc;
    ev.fence.reason = ev.fence.rc ? "simulated" : "";
    t->used = false;
    if (t->target != NODE_NONE && t->target != h->self) {
        if (ev.fence.rc == 0)
            oracle_proof(w, h, w->host[t->target].fenced_life);
        else
            h->fence_refused = true;
    }
    host_tell(w, h, &ev);
}
