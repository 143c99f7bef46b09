/* SPDX-License-Identifier: GPL-2.0-or-later
 * durable: state that must outlive a power cut.
 *
 * Happy path: a change raises the generation, one KEEP at a time is under way, its completion
 * carries done_generation up; whoever must not act before something is on disk remembers the
 * generation and asks durable_reached. Beats never wait for it. Ways to fail: the disk does not
 * take it: told once, tried again every second; nothing that waits for it happens meanwhile (no new
 * view, no new start). */
#include <assert.h>
#include "lib/core/durable.h"
#include "lib/core/coord.h"

enum { RETRY_MS = 1000 };

static void touch(struct node *n)
{
    n->durable.generation++;
}

void durable_boot(struct node *n, const struct kept *kept)
{
    if (kept)
        n->durable.want = *kept;
    if (n->broken & BREAK_EPOCH)
        n->durable.want.epoch = 0;
    n->kept = n->durable.want;
    n->durable.right_there = n->kept.alone_boot == n->boot;
}

void durable_epoch(struct node *n, uint32_t epoch)
{
    assert(epoch >= n->durable.want.epoch);
    n->durable.want.epoch = epoch;
    touch(n);
}

void durable_right(struct node *n, bool mine)
{
    uint64_t boot = mine ? n->boot : 0;
    if (n->durable.want.alone_boot == boot)
        return;
    n->durable.want.alone_boot = boot;
    touch(n);
}

void durable_orphan(struct node *n)
{
    if (n->durable.want.orphan_boot == n->boot)
        return;
    n->durable.want.orphan_boot = n->boot;
    touch(n);
}

bool durable_orphaned(const struct node *n)
{
    return n->durable.want.orphan_boot == n->boot;
}

void durable_fenced(struct node *n, unsigned p, uint64_t boot)
{
    struct kept *want = &n->durable.want;
    if (!boot)
        return;
    for (unsigned i = 0; i < want->n_fenced; i++)
        if (want->fenced[i].boot == boot)
            return;
    if (want->n_fenced == KEPT_FENCED_MAX) { /* the oldest has long met its end */
        for (unsigned i = 1; i < KEPT_FENCED_MAX; i++)
            want->fenced[i - 1] = want->fenced[i];
        want->n_fenced--;
    }
    want->fenced[want->n_fenced].node_id = n->conf.node[p].id;
    want->fenced[want->n_fenced++].boot = boot;
    touch(n);
}

void durable_cib(struct node *n)
{
    struct kept *want = &n->durable.want;
    want->cib_epoch = n->store.version.epoch;
    want->cib_seq = n->store.version.seq;
    want->common_epoch = n->store.common.epoch;
    want->common_seq = n->store.common.seq;
    touch(n);
}

bool durable_reached(const struct node *n, uint32_t generation)
{
    return (int32_t)(n->durable.done_generation - generation) >= 0;
}

bool durable_right_gone(const struct node *n)
{
    return !n->durable.right_there && n->durable.want.alone_boot != n->boot;
}

void durable_done(struct node *n, uint32_t op, enum err err)
{
    struct durable *d = &n->durable;
    struct say say;
    if (!op || op != d->op)
        return;
    d->op = 0;
    if (err) {
        d->retry_us = n->now_us + US(RETRY_MS);
        if (!d->failed) {
            say_set(&say, SAY_KEEP_FAILED);
            say_arg(&say, err_text(err));
            out_event(n, &say, NULL, NULL);
        }
        d->failed = true;
        return;
    }
    if (d->failed) {
        say_set(&say, SAY_KEEP_WORKS);
        out_event(n, &say, NULL, NULL);
    }
    d->failed = false;
    d->right_there = d->flying.alone_boot == n->boot;
    d->done_generation = d->flying_generation;
    n->kept = d->flying;
    coord_touch(n);
}

void durable_tick(struct node *n)
{
    struct durable *d = &n->durable;
    if (d->op || durable_reached(n, d->generation))
        return;
    if (d->failed && d->retry_us > n->now_us) {
        out_wake(n, d->retry_us);
        return;
    }
    d->op = out_op(n);
    d->flying = d->want;
    d->flying_generation = d->generation;
    d->right_there = d->right_there || d->want.alone_boot == n->boot;
    struct action *a = out_action(n, ACT_KEEP);
    a->keep.op = d->op;
    a->keep.kept = d->want;
}
