/* SPDX-License-Identifier: GPL-2.0-or-later
 * reset: the ends of an incarnation that it makes itself.
 *
 * Happy path: a member cannot stop a service, or cannot start any process for so long, and no
 * device can fence it: it is asked, over the session and by its boot id, and resets itself at once,
 * by system calls and without a disk. That it said yes proves nothing: the boot after it does, or
 * its lease, of which nothing is renewed any more. Ways to fail: the machine is so far gone that
 * the reset does not work either: its watchdog is no longer fed; it recovers: asked no more; nobody
 * else could run anything (leaving, half dead as well, maintenance): not asked. */
#include "lib/core/reset.h"
#include <assert.h>
#include "lib/base/num.h"
#include "lib/core/coord.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/msg.h"
#include "lib/core/rec.h"

/* No passing lack of memory or processes is answered by a reset. */
enum { HALF_DEAD_MS = 30000 };

void reset_self(struct node *n, bool taken, const char *why)
{
    n->fenced = true;
    struct action *a = out_action(n, ACT_RESET_SELF);
    a->reset.why = out_text(n, why);
    a->reset.taken = taken;
}

bool reset_ask(struct node *n, unsigned p)
{
    uint8_t at[8];
    struct buf b;
    struct say say;
    const struct peer *peer = &n->peer[p];
    assert(p != n->self && p < n->conf.n_nodes);
    if (peer->state != PEER_MEMBER || n->fenced)
        return false;
    buf_write_init(&b, at, sizeof(at));
    buf_put_u64(&b, peer->boot);
    msg_send(n, p, MSG_RESET, &b);
    say_set(&say, SAY_RESET_ASKED);
    say_arg(&say, node_name(n, p));
    out_event(n, &say, NULL, node_name(n, p));
    return true;
}

void reset_take(struct node *n, unsigned p, struct buf *b)
{
    uint64_t boot = buf_get_u64(b);
    struct say say;
    if (b->bad || boot != n->boot || n->fenced)
        return;
    say_set(&say, SAY_RESET_OBEYED);
    say_arg(&say, node_name(n, n->self));
    say_arg(&say, node_name(n, p));
    out_event(n, &say, NULL, node_name(n, n->self));
    reset_self(n, false, "the other node asks for it, because this one cannot stop its services");
}

/* Something runs there that is ours to move. (The scheduler calls all of it unmanaged: it cannot be
 * moved by orders.) */
static bool holds_services(const struct node *n, unsigned p)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct cib_prim *prim = n->exec.slot[i].used ? exec_prim(n, i) : NULL;
        if (prim && !prim->is_stonith && prim->effective.is_managed && !exec_maintained(n, prim) &&
            rec_active(exec_rec_const(n, p, i)))
            return true;
    }
    return false;
}

void reset_tick(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        struct peer *peer = &n->peer[p];
        if (p == n->self || peer->state != PEER_MEMBER || !peer->no_exec || n->fenced ||
            n->leaving || n->exec.no_exec || n->durable.failed || !holds_services(n, p))
            continue;
        uint64_t due_us = peer->no_exec_us + num_max(US(HALF_DEAD_MS), 3 * US(n->timing.lost_ms));
        if (n->now_us < due_us)
            out_wake(n, due_us);
        else if (!peer->half_dead_told) {
            peer->half_dead_told = true;
            (void)fencer_want(n, p, CAUSE_HALF_DEAD);
        }
    }
}
