/* SPDX-License-Identifier: GPL-2.0-or-later
 * slot: resources keep their number while the daemon runs, whatever the configuration does to their
 * order. A new configuration keeps the slots of known ids, gives free ones to new ids, and lets go
 * of removed ones only after they were stopped (retire). */
#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/core/alarm.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/herald.h"
#include "lib/core/monitor.h"
#include "lib/core/msg.h"
#include "lib/core/part.h"
#include "lib/core/rec.h"

unsigned exec_slot_find(const struct node *n, const char *id)
{
    struct rsc_ref ref;
    if (!cib_find(n->store.cib, id, &ref) || ref.kind != RSC_PRIM)
        return CIB_NONE;
    return n->store.slot_of_prim[ref.index];
}

/* Which agent a primitive has: another one is another resource, whatever its name. */
static uint32_t kind_of(const struct cib_prim *p)
{
    uint32_t kind = crc32c(0, p->class, strlen(p->class) + 1);
    if (p->provider)
        kind = crc32c(kind, p->provider, strlen(p->provider) + 1);
    return crc32c(kind, p->type, strlen(p->type) + 1);
}

/* The resource of that slot is in next no more, or is another one by the same name. */
static bool goes(const struct node *n, unsigned slot, const struct cib *next)
{
    struct rsc_ref ref;
    const struct slot *s = &n->exec.slot[slot];
    return !cib_find(next, s->id, &ref) || ref.kind != RSC_PRIM ||
           s->kind != kind_of(&next->prim[ref.index]);
}

bool exec_unmanaged(const struct node *n, unsigned slot)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    return (n->coord.flags[slot] & RSC_UNMANAGED) || !prim->effective.is_managed ||
           exec_maintained(n, prim);
}

/* One resource that goes: true when nothing more is to be done about it. */
static bool retire(struct node *n, unsigned slot)
{
    const struct rec *r = exec_rec_const(n, n->self, slot);
    if (r->pending != OP_NONE)
        return false; /* even a probe must end before its number may be given away */
    /* An earlier life of the daemon may have started it, and nobody has looked yet. */
    if (r->life == RSC_UNKNOWN && n->life > 1 && !n->exec.no_exec)
        return exec_run(n, slot, OP_PROBE) == ERR_MISSING;
    /* A failed stop was told already, an operator must see to it; what nobody manages, nobody
     * stops. Both are let go as they are. */
    if (!rec_active(r) || r->life == RSC_STOP_FAILED || exec_unmanaged(n, slot))
        return true;
    return exec_run(n, slot, OP_STOP) == ERR_MISSING;
}

bool exec_retire(struct node *n, const struct cib *next)
{
    bool done = !n->exec.unwatched;
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used && goes(n, i, next))
            done = retire(n, i) && done;
    return done;
}

const char *exec_orphan(const struct node *n, const struct cib *next)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        if (!n->exec.slot[i].used || !goes(n, i, next) || !exec_unmanaged(n, i))
            continue;
        for (unsigned p = 0; p < n->conf.n_nodes; p++)
            if (rec_active(exec_rec_const(n, p, i)))
                return n->exec.slot[i].id;
    }
    return NULL;
}

static void slot_free(struct node *n, unsigned slot)
{
    struct slot *s = &n->exec.slot[slot];
    bool watched = s->watched;
    if (rec_active(exec_rec(n, n->self, slot)))
        durable_orphan(n);
    alarm_set(&n->exec, slot, UINT64_MAX);
    if (s->queued)
        n->exec.n_queued--;
    herald_drop(n, slot);
    if (s->op)
        exec_op_end(n, slot); /* its completion will be forgotten */
    if (watched) {            /* the slot is not given away before the shell was told */
        n->exec.unwatched++;
        s->used = false;
        s->queued = OP_NONE;
    } else {
        memset(s, 0, sizeof(*s));
    }
    s->prim = CIB_NONE;
    n->exec.params[(size_t)slot * PARAMS_MAX] = '\0';
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        memset(exec_rec(n, p, slot), 0, sizeof(struct rec));
    coord_slot_clear(n, slot);
}

void exec_unwatch(struct node *n)
{
    for (unsigned i = 0; n->exec.unwatched && i < n->exec.n_slots && out_roomy(n); i++) {
        struct slot *s = &n->exec.slot[i];
        if (s->used || !s->watched)
            continue;
        struct action *a = out_action(n, ACT_WATCH);
        a->watch.slot = (uint16_t)i;
        a->watch.id = out_text(n, s->id);
        memset(s, 0, sizeof(*s));
        s->prim = CIB_NONE;
        n->exec.unwatched--;
    }
    if (n->exec.unwatched)
        out_wake(n, n->now_us);
}

/* Nothing is known of it anywhere, but that a node known to be stopped runs nothing, nor one that a
 * copy is not for. */
static void recs_clear(struct node *n, unsigned slot)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        struct rec *r = exec_rec(n, p, slot);
        memset(r, 0, sizeof(*r));
        if (guard_life(n, p) == LIFE_STOPPED || part_elsewhere(n, slot, p))
            r->life = RSC_STOPPED;
    }
}

static unsigned slot_new(struct node *n, unsigned *from, const struct cib_prim *prim)
{
    while (*from < n->exec.n_slots && (n->exec.slot[*from].used || n->exec.slot[*from].watched))
        ++*from;
    assert(*from < n->exec.n_slots); /* twice as many slots as primitives, see store_parse */
    struct slot *s = &n->exec.slot[*from];
    memset(s, 0, sizeof(*s));
    s->used = true;
    s->kind = kind_of(prim);
    s->prim = (uint16_t)(prim - n->store.cib->prim);
    str_copy(s->id, sizeof(s->id), prim->id);
    coord_slot_clear(n, *from);
    recs_clear(n, *from);
    return (*from)++;
}

/* The slot's resource in a new configuration. */
static void slot_follow(struct node *n, unsigned slot, const struct cib_prim *prim)
{
    struct slot *s = &n->exec.slot[slot];
    struct rec *r = exec_rec(n, n->self, slot);
    if (s->kind != kind_of(prim) && rec_active(r))
        durable_orphan(n);
    if (s->kind != kind_of(prim)) { /* stopped as what it was: nobody has looked for the new one */
        s->kind = kind_of(prim);
        s->digest = 0;
        recs_clear(n, slot);
    }
    r->outdated = rec_active(r) && s->digest && s->digest != prim->digest;
    monitor_follow(n, slot);
}

void exec_install(struct node *n)
{
    const struct cib *c = n->store.cib;
    struct rsc_ref ref;
    unsigned from = 0;
    for (unsigned i = 0; i < c->n_prims; i++)
        n->store.slot_of_prim[i] = CIB_NONE;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        struct slot *s = &n->exec.slot[i];
        if (!s->used)
            continue;
        if (!cib_find(c, s->id, &ref) || ref.kind != RSC_PRIM) {
            slot_free(n, i);
            continue;
        }
        s->prim = ref.index;
        n->store.slot_of_prim[ref.index] = (uint16_t)i;
        slot_follow(n, i, &c->prim[ref.index]);
    }
    for (unsigned i = 0; i < c->n_prims; i++)
        if (n->store.slot_of_prim[i] == CIB_NONE) {
            unsigned slot = slot_new(n, &from, &c->prim[i]);
            n->store.slot_of_prim[i] = (uint16_t)slot;
        }
    exec_boot(n);
    exec_unmaintained(n);
}

void exec_forget(struct node *n, unsigned slot)
{
    struct rec *r = exec_rec(n, n->self, slot);
    rec_forget(r);
    /* Look again: a resource that hung or could not be stopped may have ended meanwhile. */
    if (r->pending == OP_NONE && !part_elsewhere(n, slot, n->self) &&
        (r->life != RSC_STARTED || !n->exec.slot[slot].op)) {
        if (r->life == RSC_FAILED || r->life == RSC_STOP_FAILED || r->life == RSC_STOPPED)
            r->life = RSC_UNKNOWN;
    }
    monitor_look(n, slot);
    rec_tell(n, slot);
    coord_touch(n);
}

void exec_msg(struct node *n, unsigned p, unsigned type, struct buf *b)
{
    char id[CIB_ID_LEN];
    buf_get_text(b, id, sizeof(id));
    uint32_t count = type == MSG_FAILCOUNT ? buf_get_u32(b) : 0;
    if (b->bad || p != n->view.coordinator)
        return;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        if (!exec_prim(n, i) || (*id && !str_eq(id, n->exec.slot[i].id)))
            continue;
        if (type == MSG_FORGET) {
            exec_forget(n, i);
            continue;
        }
        struct rec *r = exec_rec(n, n->self, i);
        r->fail_count = count;
        r->fail_us = n->now_us; /* it counts, and expires, from now on */
        r->fail_wall_s = (uint32_t)n->wall_s;
        if (!count)
            rec_forget(r);
        rec_tell(n, i);
        coord_touch(n);
    }
}
