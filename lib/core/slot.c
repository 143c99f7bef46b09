/* SPDX-License-Identifier: GPL-2.0-or-later
 * slot: resources keep their number while the daemon runs, whatever the configuration does to their
 * order. A new configuration keeps the slots of known ids, gives free ones to new ids, and lets go
 * of removed ones only after they were stopped (retire). */
#include <assert.h>
#include <string.h>
#include "lib/core/alarm.h"
#include "lib/core/coord.h"
#include "lib/core/exec.h"
#include "lib/core/msg.h"
#include "lib/core/rec.h"

unsigned exec_slot_find(const struct node *n, const char *id)
{
    struct rsc_ref ref;
    if (!cib_find(n->store.cib, id, &ref) || ref.kind != RSC_PRIM)
        return CIB_NONE;
    return n->store.slot_of_prim[ref.index];
}

/* What removing or replacing a resource must stop first. */
static bool retires(const struct node *n, unsigned slot, const struct cib *next)
{
    const struct cib_prim *now = exec_prim(n, slot);
    const struct rec *r = exec_rec_const(n, n->self, slot);
    struct rsc_ref ref;
    if (!now || r->life == RSC_STOPPED || r->life == RSC_UNKNOWN)
        return false;
    if (!cib_find(next, now->id, &ref) || ref.kind != RSC_PRIM)
        return true;
    const struct cib_prim *then = &next->prim[ref.index];
    return !str_eq(now->class, then->class) || !str_eq(now->provider, then->provider) ||
           !str_eq(now->type, then->type);
}

bool exec_retire(struct node *n, const struct cib *next)
{
    bool done = true;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        struct slot *s = &n->exec.slot[i];
        struct rec *r = exec_rec(n, n->self, i);
        if (!s->used || !retires(n, i, next)) {
            /* Even a probe or start under way must end before its number may be given away. */
            if (s->used && exec_prim(n, i) && r->pending != OP_NONE)
                done = done && cib_find(next, s->id, &(struct rsc_ref){0});
            continue;
        }
        if (r->life == RSC_STOP_FAILED && r->pending == OP_NONE)
            continue; /* told already; an operator must see to it */
        done = false;
        if (r->pending == OP_NONE && exec_run(n, i, OP_STOP, 0))
            done = false;
    }
    return done;
}

static void slot_free(struct node *n, unsigned slot)
{
    struct slot *s = &n->exec.slot[slot];
    if (s->watched) {
        struct action *a = out_action(n, ACT_WATCH);
        a->watch.slot = (uint16_t)slot;
        a->watch.id = out_text(n, s->id);
    }
    alarm_set(&n->exec, slot, UINT64_MAX);
    if (s->queued)
        n->exec.n_queued--;
    if (s->op) {
        assert(n->exec.running > 0);
        n->exec.running--; /* its completion will be forgotten */
    }
    memset(s, 0, sizeof(*s));
    s->prim = CIB_NONE;
    n->exec.params[(size_t)slot * PARAMS_MAX] = '\0';
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        memset(exec_rec(n, p, slot), 0, sizeof(struct rec));
    coord_slot_clear(n, slot);
}

static unsigned slot_new(struct node *n, unsigned *from, const char *id)
{
    while (*from < n->exec.n_slots && n->exec.slot[*from].used)
        ++*from;
    assert(*from < n->exec.n_slots); /* twice as many slots as primitives */
    struct slot *s = &n->exec.slot[*from];
    memset(s, 0, sizeof(*s));
    s->used = true;
    str_copy(s->id, sizeof(s->id), id);
    coord_slot_clear(n, *from);
    /* A node known to be stopped runs nothing, new resources included. */
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && n->peer[p].state != PEER_MEMBER && n->peer[p].proof != PROOF_NONE)
            exec_rec(n, p, *from)->life = RSC_STOPPED;
    return (*from)++;
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
        struct rec *r = exec_rec(n, n->self, i);
        r->outdated = rec_active(r) && s->digest && s->digest != c->prim[ref.index].digest;
    }
    for (unsigned i = 0; i < c->n_prims; i++)
        if (n->store.slot_of_prim[i] == CIB_NONE) {
            unsigned slot = slot_new(n, &from, c->prim[i].id);
            n->exec.slot[slot].prim = (uint16_t)i;
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
    if (r->pending == OP_NONE && (r->life != RSC_STARTED || !n->exec.slot[slot].op)) {
        if (r->life == RSC_FAILED || r->life == RSC_STOP_FAILED || r->life == RSC_STOPPED)
            r->life = RSC_UNKNOWN;
    }
    exec_look(n, slot);
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
        if (!count)
            rec_forget(r);
        rec_tell(n, i);
        coord_touch(n);
    }
}
