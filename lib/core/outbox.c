/* SPDX-License-Identifier: GPL-2.0-or-later
 * outbox: where a step's actions are put together. Happy path: work that may be repeated many times
 * in a step (agents to run, answers, messages taken in) looks at out_roomy first and leaves the
 * rest to the next step; what is left needs less than SPARE_ACTIONS and SPARE_BYTES. Filling it up
 * is our bug, so it is an assert and not an error. */
#include <assert.h>
#include <string.h>
#include "lib/core/mind.h"

enum {
    SPARE_ACTIONS = 192, /* beats, a window of segments, events of one step */
    SPARE_BYTES = 2 * CIB_TEXT_MAX + 512 * 1024 /* the longest answer, and the frames */
};
_Static_assert((int)SPARE_BYTES * 2 <= (int)OUT_BYTES_MAX, "room for an answer beside the rest");

bool out_roomy(const struct node *n)
{
    return n->out->n + SPARE_ACTIONS <= OUT_ACTIONS_MAX &&
           n->out->used + SPARE_BYTES <= OUT_BYTES_MAX;
}

struct action *out_action(struct node *n, enum act_kind kind)
{
    assert(n->out && n->out->n < OUT_ACTIONS_MAX);
    struct action *a = &n->out->at[n->out->n++];
    memset(a, 0, sizeof(*a));
    a->kind = kind;
    return a;
}

void *out_bytes(struct node *n, size_t len)
{
    size_t room = (len + 15) & ~(size_t)15;
    assert(n->out && n->out->used + room <= OUT_BYTES_MAX);
    void *at = n->out->bytes + n->out->used;
    n->out->used += room;
    return at;
}

void *out_open(struct node *n, size_t max)
{
    assert(n->out && n->out->used + max <= OUT_BYTES_MAX);
    return n->out->bytes + n->out->used;
}

void out_close(struct node *n, size_t len)
{
    (void)out_bytes(n, len);
}

const char *out_text(struct node *n, const char *text)
{
    if (!text)
        return NULL;
    size_t len = strlen(text) + 1;
    return memcpy(out_bytes(n, len), text, len);
}

uint32_t out_op(struct node *n)
{
    if (++n->op == 0)
        n->op = 1;
    return n->op;
}

void out_event(struct node *n, const struct say *say, const char *rsc, const char *node)
{
    struct action *a = out_action(n, ACT_EVENT);
    a->event.say = *say;
    a->event.rsc = out_text(n, rsc);
    a->event.node = out_text(n, node);
}

void out_wake(struct node *n, uint64_t at_us)
{
    if (at_us < n->deadline_us)
        n->deadline_us = at_us;
}
