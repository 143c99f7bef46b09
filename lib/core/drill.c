/* SPDX-License-Identifier: GPL-2.0-or-later
 * drill: the tests of the fence devices.
 *
 * Happy path: soon after the start, and from then on as often as the device's monitor asks (at most
 * once a minute, every five minutes when none is written), each node has each device that can reach
 * another node checked by the agent's monitor, whether or not its stonith resource runs here: it is
 * this node that will need it when the other is gone. Ways to fail: the device does not answer, or
 * not in time: an alarm at the first failure, a line in status, and a test a minute until it
 * answers again, which is told as well. More devices than DRILLS_MAX: the rest is not tested. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/cib/device.h"
#include "lib/core/drill.h"
#include "lib/core/env.h"
#include "lib/core/fencer.h"
#include "lib/core/request.h"

enum { FIRST_MS = 30000, STAGGER_MS = 5000, LEAST_MS = 60000, DEFAULT_MS = 300000 };

static unsigned prim_of(const struct node *n, const char *id)
{
    struct rsc_ref ref;
    bool found = cib_find(n->store.cib, id, &ref) && ref.kind == RSC_PRIM;
    return found ? ref.index : CIB_NONE;
}

/* It can reach another node, so this node may need it. */
static bool needed(const struct node *n, const struct cib_prim *prim)
{
    if (!prim->is_stonith || prim->effective.target_role == ROLE_STOPPED ||
        !n->store.cib->properties.stonith_enabled)
        return false;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && device_reaches(prim, node_name(n, p)))
            return true;
    return false;
}

static struct drill_device *device_find(struct node *n, const char *id)
{
    for (unsigned i = 0; i < DRILLS_MAX; i++)
        if (n->drill.device[i].used && str_eq(n->drill.device[i].id, id))
            return &n->drill.device[i];
    return NULL;
}

/* Both nodes do not ask a device at the same moment: many have one console only. */
static void device_add(struct node *n, const char *id, unsigned place)
{
    for (unsigned i = 0; i < DRILLS_MAX; i++) {
        struct drill_device *d = &n->drill.device[i];
        if (d->used)
            continue;
        memset(d, 0, sizeof(*d));
        d->used = true;
        d->due_us = n->now_us + US(FIRST_MS + STAGGER_MS * n->self + 1000u * place);
        str_copy(d->id, sizeof(d->id), id);
        return;
    }
}

/* The configuration changed: devices that are gone are forgotten, new ones come in. */
static void table_make(struct node *n)
{
    const struct cib *c = n->store.cib;
    unsigned place = 0;
    for (unsigned i = 0; i < DRILLS_MAX; i++) {
        struct drill_device *d = &n->drill.device[i];
        unsigned prim = d->used ? prim_of(n, d->id) : CIB_NONE;
        if (d->used && (prim == CIB_NONE || !needed(n, &c->prim[prim])))
            d->used = false;
    }
    for (unsigned i = 0; i < c->n_prims; i++)
        if (needed(n, &c->prim[i]) && !device_find(n, c->prim[i].id))
            device_add(n, c->prim[i].id, place++);
    n->drill.cib_hash = n->store.hash;
    n->drill.made = true;
}

static void again_set(struct node *n, struct drill_device *d)
{
    const struct cib_op *op = NULL;
    unsigned prim = prim_of(n, d->id);
    uint32_t ms =
        prim == CIB_NONE ? 0 : cib_monitor_ms(n->store.cib, &n->store.cib->prim[prim], 0, &op);
    ms = op ? (uint32_t)num_max(ms, LEAST_MS) : DEFAULT_MS;
    d->due_us = n->now_us + US(d->known && !d->ok ? LEAST_MS : ms);
}

static void tell(struct node *n, const struct drill_device *d, enum say_id id)
{
    struct say say;
    say_set(&say, id);
    say_arg(&say, d->id);
    say_arg(&say, node_name(n, n->self));
    say_arg(&say, d->reason);
    out_event(n, &say, d->id, node_name(n, n->self));
}

static void result_take(struct node *n, struct drill_device *d, bool ok, const char *reason)
{
    bool was_bad = d->known && !d->ok, was_good = !d->known || d->ok;
    d->op = 0;
    d->known = true;
    d->ok = ok;
    d->wall_s = (uint32_t)n->wall_s;
    d->took_ms = (uint32_t)((n->now_us - d->begun_us) / 1000);
    str_copy(d->reason, sizeof(d->reason), ok ? "" : reason);
    if (!ok && was_good)
        tell(n, d, SAY_DEVICE_BROKEN);
    else if (ok && was_bad)
        tell(n, d, SAY_DEVICE_WORKS);
    again_set(n, d);
    d->asked = false;
    for (unsigned i = 0; i < DRILLS_MAX; i++)
        if (n->drill.device[i].used && n->drill.device[i].asked)
            return;
    request_drilled(n);
}

static void test_begin(struct node *n, struct drill_device *d)
{
    unsigned prim = prim_of(n, d->id);
    assert(prim != CIB_NONE);
    const struct cib_prim *p = &n->store.cib->prim[prim];
    const char *params = env_fence(n, p, NULL, "monitor");
    d->begun_us = n->now_us;
    if (!params) {
        result_take(n, d, false, "its parameters are too long");
        return;
    }
    d->op = out_op(n);
    struct action *a = out_action(n, ACT_FENCE);
    a->fence.op = d->op;
    a->fence.device = out_text(n, p->id);
    a->fence.agent = out_text(n, p->type);
    a->fence.params = params;
    a->fence.timeout_ms =
        device_timeout_ms(p, "monitor", cib_timeout_ms(n->store.cib, p, "monitor"));
    a->fence.monitor = true;
}

bool drill_done(struct node *n, const struct event *ev)
{
    for (unsigned i = 0; i < DRILLS_MAX; i++) {
        struct drill_device *d = &n->drill.device[i];
        if (!d->used || !d->op || d->op != ev->fence.op)
            continue;
        bool ok = ev->fence.rc == 0 && !ev->fence.timed_out;
        const char *reason = ev->fence.timed_out ? "timed out" : ev->fence.reason;
        result_take(n, d, ok, reason ? reason : "");
        return true;
    }
    return false;
}

bool drill_ask(struct node *n, const char *id)
{
    bool found = false;
    table_make(n);
    for (unsigned i = 0; i < DRILLS_MAX; i++) {
        struct drill_device *d = &n->drill.device[i];
        if (!d->used || (*id && !str_eq(d->id, id)))
            continue;
        d->asked = found = true;
        d->due_us = n->now_us;
    }
    return found;
}

uint32_t drill_took_ms(const struct node *n, const char *id)
{
    for (unsigned i = 0; i < DRILLS_MAX; i++) {
        const struct drill_device *d = &n->drill.device[i];
        if (d->used && d->known && d->ok && str_eq(d->id, id))
            return d->took_ms;
    }
    return 0;
}

void drill_tick(struct node *n)
{
    if (n->view.state != VIEW_ALONE && n->view.state != VIEW_TOGETHER)
        return;
    if (!n->drill.made || n->drill.cib_hash != n->store.hash)
        table_make(n);
    for (unsigned i = 0; i < DRILLS_MAX; i++) {
        struct drill_device *d = &n->drill.device[i];
        if (!d->used || d->op)
            continue;
        if (d->due_us > n->now_us) {
            out_wake(n, d->due_us);
        } else if (fencer_at_work(n) && !d->asked) { /* not now: it has something better to do */
            d->due_us = n->now_us + US(LEAST_MS);
            out_wake(n, d->due_us);
        } else {
            test_begin(n, d);
        }
    }
}

void drill_status(struct json *j, const struct node *n)
{
    json_open(j, "fence_devices", '[');
    for (unsigned i = 0; i < DRILLS_MAX; i++) {
        const struct drill_device *d = &n->drill.device[i];
        unsigned prim = d->used ? prim_of(n, d->id) : CIB_NONE;
        if (prim == CIB_NONE)
            continue;
        json_open(j, NULL, '{');
        json_text(j, "id", d->id);
        json_text(j, "agent", n->store.cib->prim[prim].type);
        json_open(j, "nodes", '[');
        for (unsigned p = 0; p < n->conf.n_nodes; p++)
            if (p != n->self && device_reaches(&n->store.cib->prim[prim], node_name(n, p)))
                json_text(j, NULL, node_name(n, p));
        json_close(j, ']');
        json_bool(j, "tested", d->known);
        json_bool(j, "ok", d->known && d->ok);
        json_text(j, "reason", d->reason);
        json_u64(j, "wall_s", d->wall_s);
        json_u64(j, "took_ms", d->took_ms);
        json_close(j, '}');
    }
    json_close(j, ']');
}
