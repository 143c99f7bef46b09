/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringworld: virtual time for nodes on corosync. See ringworld.h.
 *
 * Happy path: the earliest of all things to come, timers of the nodes and corosync's own affairs
 * included, is done; it puts new things. What a frozen host does not notice waits until it thaws.
 * Ways to fail: too many things to come, or a node that asks to be called without end: both are
 * violations of rule S8, not crashes. */
#include "test/sim/ringworld.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "test/sim/ringagent.h"
#include "test/sim/ringdog.h"
#include "test/sim/ringfence.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringlun.h"
#include "test/sim/ringmishap.h"
#include "test/sim/ringnet.h"
#include "test/sim/ringoper.h"
#include "test/sim/ringoracle.h"

enum { PLAN_BYTES = 1024 * 1024, FROZEN_FRAMES = 400 };

/* Memory of the hosts: taken once per process, used by every seed in turn. */
static struct {
    size_t size;
    void *node[NODE_MAX];
    char *plan[NODE_MAX];
} pool;

static void *pool_take(size_t size)
{
    void *at = calloc(1, size);
    if (!at)
        abort();
    return at;
}

void ringworld_open(struct rworld *w, uint64_t seed, unsigned nodes)
{
    struct world *shadow = w->shadow;
    for (unsigned i = 0; i < w->n_items; i++)
        letter_drop(w->heap[i].letter);
    for (unsigned i = 0; i < NODE_MAX; i++)
        ringhost_news_drop(&w->host[i]);
    coro_shut(&w->coro);
    memset(w, 0, sizeof(*w));
    w->shadow = shadow;
    w->seed = seed;
    w->nodes = nodes;
    w->limits = (struct limits){.prims = RING_SERVICES, .cib_bytes = RING_CIB, .nodes = nodes};
    struct prng top;
    prng_seed(&top, seed);
    prng_child(&top, &w->net_prng);
    prng_child(&top, &w->agent_prng);
    prng_child(&top, &w->fence_prng);
    prng_child(&top, &w->host_prng);
    prng_child(&top, &w->faults.prng);
    prng_seed(&w->lun_prng, seed ^ 0x1a5b0d15c1a5b0du);
    for (unsigned i = 0; i < nodes; i++)
        prng_child(&top, &w->host[i].prng);
}

static void news_tell(void *context, unsigned machine, const struct coro_news *news)
{
    struct rworld *w = context;
    ringhost_news(w, &w->host[machine], news);
}

void ringworld_begin(struct rworld *w)
{
    struct limits most = w->limits;
    most.nodes = NODE_MAX;
    for (unsigned i = 0; i < w->nodes; i++) {
        struct rhost *h = &w->host[i];
        if (!pool.node[i]) {
            pool.size = node_size(&most);
            pool.node[i] = pool_take(pool.size);
            pool.plan[i] = pool_take(PLAN_BYTES);
        }
        h->self = i;
        h->memory = pool.node[i];
        arena_init(&h->plan_arena, pool.plan[i], PLAN_BYTES);
        h->timer_us = h->quorate_us = NEVER;
        ringdog_gone(h);
    }
    coro_open(&w->coro, w->nodes, w->timing.settle_ms, w->seed ^ 0xc0405c0405c0405u, news_tell, w);
}

/* ---- heap -------------------------------------------------------------------------------------
 */

static bool item_before(const struct ring_item *a, const struct ring_item *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->seq < b->seq;
}

struct ring_item *ringworld_add(struct rworld *w, enum ring_item_kind kind, unsigned host,
                                uint64_t due_us)
{
    static struct ring_item spill; /* what is put after the heap was full: the run ends */
    struct ring_item new = {.due_us = due_us < w->now_us ? w->now_us : due_us,
                            .seq = w->seq++,
                            .kind = (uint8_t)kind,
                            .host = (uint8_t)host};
    if (w->n_items == RING_ITEMS) {
        ringoracle_bark(w, "S8", "more than %u things are in flight", RING_ITEMS);
        spill = new;
        return &spill;
    }
    unsigned at = w->n_items++;
    while (at > 0 && item_before(&new, &w->heap[(at - 1) / 2])) {
        w->heap[at] = w->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    w->heap[at] = new;
    return &w->heap[at];
}

static struct ring_item heap_pop(struct rworld *w)
{
    assert(w->n_items > 0);
    struct ring_item top = w->heap[0], last = w->heap[--w->n_items];
    unsigned at = 0;
    for (;;) {
        unsigned child = 2 * at + 1;
        if (child >= w->n_items)
            break;
        if (child + 1 < w->n_items && item_before(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!item_before(&w->heap[child], &last))
            break;
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return top;
}

/* ---- going on ---------------------------------------------------------------------------------
 */

/* True when it was put off. */
static bool item_waits(struct rworld *w, const struct ring_item *it)
{
    struct rhost *h = &w->host[it->host];
    switch ((enum ring_item_kind)it->kind) {
    case RING_FRAME:
    case RING_NEWS_DUE:
    case RING_CONNECT:
    case RING_KEPT:
    case RING_PLANNED:
    case RING_EXEC:
    case RING_AGENT_END:
    case RING_GONE:
    case RING_FENCE_END:
    case RING_KEEPER: break;
    case RING_LUN:
        if (!ringlun_travels(it))
            break;
        return false;
    case RING_DAEMON_ON:
    case RING_DAEMON_OFF:
    case RING_CORO_ON:
        if (h->frozen == FROZEN_MACHINE)
            break;
        return false;
    default: return false;
    }
    if (h->frozen == AWAKE)
        return false;
    if (h->frozen == FROZEN_SHELL && it->kind == RING_AGENT_END && !it->flag)
        return false; /* the agent goes on; what the shell hears of it waits */
    if (it->kind == RING_FRAME && ++h->buffered > FROZEN_FRAMES) {
        letter_drop(it->letter);
        return true;
    }
    struct ring_item *again = ringworld_add(w, it->kind, it->host, h->thaw_us);
    uint64_t due = again->due_us, seq = again->seq;
    *again = *it;
    again->due_us = due;
    again->seq = seq;
    return true;
}

static void item_do(struct rworld *w, struct ring_item *it)
{
    if (item_waits(w, it))
        return;
    switch ((enum ring_item_kind)it->kind) {
    case RING_FRAME: ringnet_item(w, it); break;
    case RING_NEWS_DUE:
    case RING_CONNECT:
    case RING_CORO_ON:
    case RING_KEPT:
    case RING_PLANNED:
    case RING_POWER_ON:
    case RING_DAEMON_ON:
    case RING_DAEMON_OFF:
    case RING_THAW: ringhost_item(w, it); break;
    case RING_EXEC:
    case RING_AGENT_END:
    case RING_GONE: ringagent_item(w, it); break;
    case RING_FENCE_HIT:
    case RING_FENCE_END: ringfence_item(w, it); break;
    case RING_FAULT:
    case RING_MEND: ringmishap_item(w, it); break;
    case RING_OPERATOR: ringoper_item(w, it); break;
    case RING_KEEPER:
    case RING_WATCHDOG: ringdog_item(w, it); break;
    case RING_LUN: ringlun_item(w, it); break;
    }
}

/* The earliest of all that may come; the hosts' timers last. */
static struct rhost *earliest(struct rworld *w, uint64_t *due, bool *coro)
{
    struct rhost *timer = NULL;
    if (w->n_items > 0 && w->heap[0].due_us <= *due)
        *due = w->heap[0].due_us;
    *coro = coro_due(&w->coro) < *due;
    if (*coro)
        *due = coro_due(&w->coro);
    for (unsigned i = 0; i < w->nodes; i++) {
        struct rhost *h = &w->host[i];
        if (h->node && h->frozen == AWAKE && h->timer_us < *due) {
            *due = h->timer_us;
            timer = h;
        }
    }
    return timer;
}

void ringworld_run(struct rworld *w, uint64_t until_us)
{
    while (!w->barked) {
        bool coro;
        uint64_t due = until_us;
        struct rhost *timer = earliest(w, &due, &coro);
        if (++w->steps > w->nodes * (uint64_t)RING_STEPS)
            ringoracle_bark(w, "S8", "the run does not end: %u steps a node", RING_STEPS);
        ringoracle_look(w);
        due = due > w->now_us ? due : w->now_us;
        if (timer) {
            w->now_us = due;
            ringhost_time(w, timer);
        } else if (coro) {
            w->now_us = due;
            coro_time(&w->coro, due);
        } else if (w->n_items > 0 && w->heap[0].due_us <= until_us) {
            struct ring_item it = heap_pop(w);
            w->now_us = it.due_us;
            coro_time(&w->coro, w->now_us);
            item_do(w, &it);
        } else {
            break;
        }
    }
    if (!w->barked && w->now_us < until_us)
        w->now_us = until_us;
}
