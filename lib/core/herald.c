/* SPDX-License-Identifier: GPL-2.0-or-later
 * herald: see herald.h. */
#include <assert.h>
#include <string.h>
#include "lib/core/herald.h"
#include "lib/core/coord.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/msg.h"
#include "lib/core/part.h"
#include "lib/core/rec.h"
#include "lib/core/view.h"

enum { HEARD_TELLING = 0x80 };

static bool runs(const struct rec *r)
{
    return r->life == RSC_STARTED || r->life == RSC_PROMOTED;
}

/* The clone whose part is in that slot, if its copies want to be told; NULL if not. */
static const struct cib_clone *clone_of(const struct node *n, unsigned slot)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    if (!prim || prim->part == PART_WHOLE || !n->store.cib->clone[prim->clone].notify)
        return NULL;
    return &n->store.cib->clone[prim->clone];
}

static unsigned copy_slot(const struct node *n, const struct cib_clone *k, unsigned node)
{
    uint16_t copy = cib_copy(n->store.cib, k, node);
    return copy == CIB_NONE ? CIB_NONE : n->store.slot_of_prim[copy];
}

/* ---- the coordinator ------------------------------------------------------------------------- */

static void order_send(struct node *n, unsigned p, unsigned slot, const struct notice *what)
{
    uint8_t at[CIB_ID_LEN + 32];
    struct buf b;
    struct rec *r = exec_rec(n, p, slot);
    buf_write_init(&b, at, sizeof(at));
    buf_put_text(&b, n->exec.slot[slot].id);
    buf_put_u8(&b, what->when);
    buf_put_u8(&b, what->op);
    buf_put_u8(&b, what->node);
    assert(!b.bad);
    r->pending = OP_NOTIFY;
    r->order = ++n->peer[p].orders_sent;
    n->coord.heard[(size_t)slot * n->conf.n_nodes + p] |= HEARD_TELLING;
    msg_send(n, p, MSG_NOTIFY, &b);
}

static void notice_add(struct node *n, unsigned slot, struct notice what);

/* To all copies that run and have nothing else to do. True: there are such. */
static bool copies_tell(struct node *n, const struct cib_clone *k, struct notice what)
{
    bool some = false;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        unsigned slot = copy_slot(n, k, p);
        if (slot == CIB_NONE || guard_life(n, p) != LIFE_MEMBER)
            continue;
        const struct rec *r = exec_rec_const(n, p, slot);
        if (!runs(r) || (r->pending != OP_NONE && r->pending != OP_NOTIFY))
            continue;
        if (p == n->self)
            notice_add(n, slot, what);
        else
            order_send(n, p, slot, &what);
        some = true;
    }
    return some;
}

enum rsc_op herald_named(const struct cib_prim *part, enum rsc_op op)
{
    bool role = part->part == PART_PROMOTED;
    if (op == OP_START)
        return role ? OP_PROMOTE : OP_START;
    return op != OP_STOP ? OP_NONE : role ? OP_DEMOTE : OP_STOP;
}

bool herald_before(struct node *n, const struct plan_step *step)
{
    if (step->op != OP_START && step->op != OP_STOP)
        return false;
    const struct cib_clone *k = clone_of(n, n->store.slot_of_prim[step->prim]);
    if (!k)
        return false;
    struct notice what = {.when = NOTICE_BEFORE,
                          .op = (uint8_t)herald_named(&n->store.cib->prim[step->prim], step->op),
                          .node = step->node};
    return copies_tell(n, k, what) && herald_busy(n, n->store.slot_of_prim[step->prim]);
}

bool herald_busy(const struct node *n, unsigned slot)
{
    const struct cib_clone *k = clone_of(n, slot);
    for (unsigned p = 0; k && p < n->conf.n_nodes; p++) {
        unsigned copy = copy_slot(n, k, p);
        if (copy != CIB_NONE && guard_life(n, p) == LIFE_MEMBER &&
            exec_rec_const(n, p, copy)->pending == OP_NOTIFY)
            return true;
    }
    return false;
}

bool herald_result(struct node *n, unsigned node, unsigned slot)
{
    const struct cib_clone *k = clone_of(n, slot);
    if (!k)
        return false;
    const struct rec *r = exec_rec_const(n, node, slot);
    uint8_t *heard = &n->coord.heard[(size_t)slot * n->conf.n_nodes + node];
    uint8_t before = *heard & (uint8_t)~HEARD_TELLING;
    bool was_telling = *heard & HEARD_TELLING, telling = r->pending == OP_NOTIFY;
    *heard = (uint8_t)(r->life | (telling ? HEARD_TELLING : 0));
    if (before == r->life)
        return was_telling || telling;
    const struct cib_prim *prim = exec_prim(n, slot);
    bool done = r->pending == OP_NONE && ((r->last_op == OP_START && runs(r)) ||
                                          (r->last_op == OP_STOP && r->life == RSC_STOPPED));
    if (done && view_directs(n))
        copies_tell(n, k,
                    (struct notice){.when = NOTICE_AFTER,
                                    .op = (uint8_t)herald_named(prim, (enum rsc_op)r->last_op),
                                    .node = (uint8_t)node});
    return false;
}

static void part_gone(struct node *n, const struct cib_clone *k, unsigned slot, unsigned p)
{
    if (slot == CIB_NONE)
        return;
    bool ran = runs(exec_rec_const(n, p, slot));
    n->coord.heard[(size_t)slot * n->conf.n_nodes + p] = RSC_STOPPED;
    if (ran && view_directs(n))
        copies_tell(n, k,
                    (struct notice){.when = NOTICE_AFTER,
                                    .op = (uint8_t)herald_named(exec_prim(n, slot), OP_STOP),
                                    .node = (uint8_t)p});
}

void herald_gone(struct node *n, unsigned p)
{
    const struct cib *c = n->store.cib;
    for (unsigned i = 0; i < c->n_clones; i++) {
        const struct cib_clone *k = &c->clone[i];
        if (!k->notify)
            continue;
        if (k->promotable) /* its role is over before the copy is */
            part_gone(n, k, n->store.slot_of_prim[k->promoted], p);
        part_gone(n, k, copy_slot(n, k, p), p);
    }
}

/* ---- the executor ---------------------------------------------------------------------------- */

static void pending_set(struct node *n, unsigned slot, enum rsc_op op)
{
    exec_rec(n, n->self, slot)->pending = (uint8_t)op;
    rec_tell(n, slot);
    coord_result(n, n->self, slot);
}

static void notice_add(struct node *n, unsigned slot, struct notice what)
{
    struct slot *s = &n->exec.slot[slot];
    const struct rec *r = exec_rec_const(n, n->self, slot);
    for (unsigned i = 0; i < s->n_notices; i++)
        if (!memcmp(&s->notice[i], &what, sizeof(what)))
            return; /* the plan was made anew */
    if (!runs(r) || (r->pending != OP_NONE && r->pending != OP_NOTIFY) ||
        s->n_notices == NOTICES_MAX)
        return;
    s->notice[s->n_notices++] = what;
    n->exec.n_notices++;
    pending_set(n, slot, OP_NOTIFY);
    herald_go_on(n, slot);
}

void herald_order_take(struct node *n, unsigned p, struct buf *b)
{
    char id[CIB_ID_LEN];
    struct notice what;
    buf_get_text(b, id, sizeof(id));
    what.when = buf_get_u8(b);
    what.op = buf_get_u8(b);
    what.node = buf_get_u8(b);
    if (b->bad || p != n->view.coordinator)
        return;
    n->peer[p].orders_taken++;
    unsigned slot = exec_slot_find(n, id);
    if (slot == CIB_NONE || !clone_of(n, slot) || what.node >= n->conf.n_nodes ||
        what.when < NOTICE_BEFORE || what.when > NOTICE_AFTER ||
        (what.op != OP_START && what.op != OP_STOP && what.op != OP_PROMOTE &&
         what.op != OP_DEMOTE))
        return;
    notice_add(n, slot, what);
    rec_tell(n, slot); /* whatever came of it, and that the order was taken */
}

void herald_go_on(struct node *n, unsigned slot)
{
    const struct slot *s = &n->exec.slot[slot];
    if (s->n_notices && !s->op && exec_room(n) && !part_busy(n, slot))
        exec_agent_run(n, slot, OP_NOTIFY, 0);
}

void herald_done(struct node *n, unsigned slot, int rc, const char *reason)
{
    struct slot *s = &n->exec.slot[slot];
    struct say say;
    if (!s->n_notices)
        return; /* dropped meanwhile */
    if (rc) {
        say_set(&say, s->notice[0].when == NOTICE_BEFORE ? SAY_NOTIFY_PRE_FAILED
                                                         : SAY_NOTIFY_POST_FAILED);
        say_arg(&say, s->id);
        say_arg(&say, rec_op_word((enum rsc_op)s->notice[0].op));
        say_arg(&say, node_name(n, s->notice[0].node));
        say_argf(&say, "%d", rc);
        say_arg(&say, reason ? reason : "");
        out_event(n, &say, s->id, node_name(n, n->self));
    }
    s->n_notices--;
    n->exec.n_notices--;
    memmove(&s->notice[0], &s->notice[1], s->n_notices * sizeof(s->notice[0]));
    if (s->n_notices)
        herald_go_on(n, slot);
    else
        pending_set(n, slot, OP_NONE);
}

void herald_drop(struct node *n, unsigned slot)
{
    struct slot *s = &n->exec.slot[slot];
    if (!s->n_notices)
        return;
    n->exec.n_notices -= s->n_notices;
    s->n_notices = 0;
    exec_rec(n, n->self, slot)->pending = OP_NONE;
}
