/* SPDX-License-Identifier: GPL-2.0-or-later
 * monitor: when each recurring monitor of what runs here is due, by the alarm heap; see monitor.h.
 */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/alarm.h"
#include "lib/core/exec.h"
#include "lib/core/monitor.h"
#include "lib/core/part.h"

static void monitor_next(struct node *n, unsigned slot)
{
    const struct slot *s = &n->exec.slot[slot];
    uint64_t due = UINT64_MAX;
    for (unsigned i = 0; i < MONITORS_MAX; i++)
        if (s->monitor_due_us[i])
            due = num_min(due, s->monitor_due_us[i]);
    alarm_set(&n->exec, slot, due);
}

/* First date of the i-th monitor of what runs now, 0 when it has none. */
static uint64_t monitor_due(const struct node *n, const struct cib_prim *prim, unsigned i)
{
    const struct cib_op *op = NULL;
    uint32_t ms = prim ? cib_monitor_ms(n->store.cib, prim, i, &op) : 0;
    bool on = ms && (!op || op->enabled) && !(op && op->role && str_eq(op->role, "Stopped"));
    return on ? n->now_us + US((uint64_t)ms + (op ? op->start_delay_ms : 0)) : 0;
}

void monitor_begin(struct node *n, unsigned slot)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    for (unsigned i = 0; i < MONITORS_MAX; i++)
        n->exec.slot[slot].monitor_due_us[i] = monitor_due(n, prim, i);
    monitor_next(n, slot);
}

/* The configuration changed while the resource runs: monitors that are new begin, those that are
 * gone end, a shorter interval counts at once. */
void monitor_follow(struct node *n, unsigned slot)
{
    struct slot *s = &n->exec.slot[slot];
    const struct cib_prim *prim = exec_prim(n, slot);
    const struct rec *r = exec_rec_const(n, n->self, slot);
    if (r->life != RSC_STARTED && r->life != RSC_PROMOTED)
        return;
    for (unsigned i = 0; i < MONITORS_MAX; i++) {
        uint64_t due = monitor_due(n, prim, i);
        uint64_t *at = &s->monitor_due_us[i];
        *at = due && *at ? num_min(*at, due) : due;
    }
    monitor_next(n, slot);
}

void monitor_end(struct node *n, unsigned slot)
{
    memset(n->exec.slot[slot].monitor_due_us, 0, sizeof(n->exec.slot[slot].monitor_due_us));
    alarm_set(&n->exec, slot, UINT64_MAX);
}

void monitor_set(struct node *n, unsigned slot, unsigned monitor, uint64_t due_us)
{
    assert(monitor < MONITORS_MAX);
    n->exec.slot[slot].monitor_due_us[monitor] = due_us;
    monitor_next(n, slot);
}

void monitor_tick(struct node *n)
{
    struct exec *e = &n->exec;
    unsigned slot = 0;
    while (alarm_next(e, &slot) <= n->now_us && e->monitoring < e->limit && out_roomy(n)) {
        struct slot *s = &e->slot[slot];
        const struct cib_prim *prim = exec_prim(n, slot);
        unsigned which = 0;
        for (unsigned i = 1; i < MONITORS_MAX; i++)
            if (s->monitor_due_us[i] &&
                (!s->monitor_due_us[which] || s->monitor_due_us[i] < s->monitor_due_us[which]))
                which = i;
        const struct cib_op *op;
        uint32_t ms = prim ? cib_monitor_ms(n->store.cib, prim, which, &op) : 0;
        /* Pushed on first: whatever happens to this run, the next one is not lost. A second where
         * no interval is configured: then only the death of its processes brought us here. */
        s->monitor_due_us[which] = prim ? n->now_us + US(ms ? ms : 1000) : 0;
        monitor_next(n, slot);
        s->skipped = prim && exec_maintained(n, prim);
        s->held_up = prim && !s->op && part_busy(n, slot);
        if (!prim || s->op || s->queued || s->skipped || s->held_up)
            continue;
        if (exec_rec_const(n, n->self, slot)->life == RSC_FAILED && !exec_unmanaged(n, slot))
            continue;
        exec_agent_run(n, slot, OP_MONITOR, which);
    }
    uint64_t next = alarm_next(e, &slot);
    if (next != UINT64_MAX && e->monitoring < e->limit)
        out_wake(n, next);
}

void monitor_look(struct node *n, unsigned slot)
{
    struct slot *s = &n->exec.slot[slot];
    const struct rec *r = exec_rec_const(n, n->self, slot);
    if (r->life != RSC_STARTED && r->life != RSC_PROMOTED)
        return;
    s->skipped = false;
    s->monitor_due_us[0] = n->now_us;
    monitor_next(n, slot);
}
