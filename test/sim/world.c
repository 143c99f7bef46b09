/* SPDX-License-Identifier: GPL-2.0-or-later
 * world: virtual time. See world.h.
 *
 * Happy path: the earliest of all things to come, timers of the nodes included, is taken out of the
 * heap and handed to the part that it concerns; that part puts new things.
 * Ways to fail: too many things to come, or a node that asks to be called without end: both are
 * violations of rule S8, not crashes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "test/sim/mishap.h"
#include "test/sim/fencedev.h"
#include "test/sim/host.h"
#include "test/sim/net.h"
#include "test/sim/quorum.h"
#include "test/sim/simkeeper.h"
#include "test/sim/simlun.h"
#include "test/sim/simreserve.h"
#include "test/sim/simwrite.h"
#include "test/sim/oracle.h"
#include "test/sim/simagent.h"
#include "test/sim/story.h"
#include "test/sim/world.h"

enum { PLAN_BYTES = 1024 * 1024 };

/* Memory of the hosts: taken once per process, used by every seed in turn. */
static struct {
    size_t size;
    void *node[SIM_NODES];
    char *plan[SIM_NODES];
    struct parcel *parcels;
} pool;

static void *pool_take(size_t size)
{
    void *at = calloc(1, size);
    if (!at)
        abort();
    return at;
}

void world_open(struct world *w, uint64_t seed)
{
    struct trace *trace = w->trace;
    memset(w, 0, sizeof(*w));
    w->trace = trace;
    w->seed = seed;
    w->limits = (struct limits){.prims = SERVICES_MAX, .cib_bytes = CIB_BYTES};
    if (!pool.size) {
        pool.size = node_size(&w->limits);
        pool.parcels = pool_take(PARCELS_MAX * sizeof(*pool.parcels));
        for (unsigned i = 0; i < SIM_NODES; i++) {
            pool.node[i] = pool_take(pool.size);
            pool.plan[i] = pool_take(PLAN_BYTES);
        }
    }
    for (unsigned i = PARCELS_MAX; i-- > 0;) {
        pool.parcels[i].next = w->free_parcels;
        w->free_parcels = &pool.parcels[i];
    }
    struct prng top;
    prng_seed(&top, seed);
    prng_child(&top, &w->net_prng);
    prng_child(&top, &w->agent_prng);
    prng_child(&top, &w->fence_prng);
    prng_child(&top, &w->host_prng);
    prng_child(&top, &w->faults.prng);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *h = &w->host[i];
        h->self = i;
        h->memory = pool.node[i];
        h->plan_memory = pool.plan[i];
        arena_init(&h->plan_arena, pool.plan[i], PLAN_BYTES);
        h->timer_us = NEVER;
        prng_child(&top, &h->prng);
    }
    prng_child(&top, &w->lun_prng);
}

/* ---- heap ------------------------------------------------------------------------------------ */

static bool item_before(const struct item *a, const struct item *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->seq < b->seq;
}

struct item *world_add(struct world *w, enum item_kind kind, unsigned host, uint64_t due_us)
{
    static struct item spill; /* what is put after the heap was full: forgotten, the run ends */
    struct item new = {.due_us = due_us < w->now_us ? w->now_us : due_us,
                       .seq = w->seq++,
                       .kind = (uint8_t)kind,
                       .host = (uint8_t)host};
    if (w->n_items == ITEMS_MAX) {
        oracle_bark(w, "S8", "more than %u things are in flight", ITEMS_MAX);
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

static struct item heap_pop(struct world *w)
{
    assert(w->n_items > 0);
    struct item top = w->heap[0], last = w->heap[--w->n_items];
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

/* ---- frames in flight ------------------------------------------------------------------------ */

struct parcel *parcel_new(struct world *w, const uint8_t *at, size_t len)
{
    assert(len <= PARCEL_BYTES);
    struct parcel *p = w->free_parcels;
    if (!p) {
        oracle_bark(w, "S8", "more than %u frames are in flight", PARCELS_MAX);
        return NULL;
    }
    w->free_parcels = p->next;
    w->parcels_used++;
    p->users = 1;
    p->len = (uint32_t)len;
    memcpy(p->at, at, len);
    return p;
}

void parcel_drop(struct world *w, struct parcel *p)
{
    assert(p->users > 0);
    if (--p->users)
        return;
    p->next = w->free_parcels;
    w->free_parcels = p;
    w->parcels_used--;
}

/* ---- going on -------------------------------------------------------------------------------- */

/* What a frozen host does not notice now waits until it thaws. True when it was put off. */
static bool item_waits(struct world *w, const struct item *it)
{
    if (it->kind == ITEM_THAW || it->kind == ITEM_POWER_ON || it->kind == ITEM_FAULT ||
        it->kind == ITEM_MEND || it->kind == ITEM_SCRIPT || it->kind == ITEM_LINE ||
        it->kind == ITEM_CONNECT || it->kind == ITEM_HANGUP || it->kind == ITEM_FENCE_HIT ||
        it->kind == ITEM_WATCHDOG || it->kind == ITEM_DISK_WROTE || it->kind == ITEM_LUN ||
        it->kind == ITEM_WRITE)
        return false;
    const struct host *h = &w->host[it->host];
    if (h->frozen == AWAKE)
        return false;
    if (h->frozen == FROZEN_SHELL && it->kind == ITEM_AGENT_END && !it->flag)
        return false; /* the agent goes on; what the shell hears of it waits */
    if (it->kind == ITEM_FRAME && net_overflows(w, it))
        return true;
    struct item *again = world_add(w, it->kind, it->host, h->thaw_us);
    uint64_t due = again->due_us, seq = again->seq;
    *again = *it;
    again->due_us = due;
    again->seq = seq;
    return true;
}

static void item_do(struct world *w, struct item *it)
{
    if (item_waits(w, it))
        return;
    switch ((enum item_kind)it->kind) {
    case ITEM_FRAME:
    case ITEM_NOISE:
    case ITEM_LINE:
    case ITEM_LINK:
    case ITEM_CONNECT:
    case ITEM_HANGUP: net_item(w, it); break;
    case ITEM_KEPT:
    case ITEM_PLANNED:
    case ITEM_POWER_ON:
    case ITEM_DAEMON_ON:
    case ITEM_THAW: host_item(w, it); break;
    case ITEM_EXEC:
    case ITEM_AGENT_END:
    case ITEM_GONE: agent_item(w, it); break;
    case ITEM_FENCE_HIT:
    case ITEM_FENCE_END: fencedev_item(w, it); break;
    case ITEM_FAULT:
    case ITEM_MEND: mishap_item(w, it); break;
    case ITEM_SCRIPT: story_item(w, it); break;
    case ITEM_DISK_WROTE:
    case ITEM_DISK_READ:
    case ITEM_DISK_GOT: quorum_item(w, it); break;
    case ITEM_KEEPER:
    case ITEM_WATCHDOG: keeper_item(w, it); break;
    case ITEM_LUN:
    case ITEM_LUN_BACK: simlun_item(w, it); break;
    case ITEM_RESERVED: reserve_item(w, it); break;
    case ITEM_WRITE: write_item(w, it); break;
    }
}

void world_run(struct world *w, uint64_t until_us)
{
    while (!w->barked) {
        struct host *timer = NULL;
        uint64_t due = until_us;
        if (w->n_items > 0 && w->heap[0].due_us <= due)
            due = w->heap[0].due_us;
        for (unsigned i = 0; i < SIM_NODES; i++) {
            struct host *h = &w->host[i];
            if (h->node && h->frozen == AWAKE && h->timer_us < due) {
                due = h->timer_us;
                timer = h;
            }
        }
        if (++w->steps > STEPS_MAX)
            oracle_bark(w, "S8", "the run does not end: %u steps", STEPS_MAX);
        if (timer) {
            w->now_us = due > w->now_us ? due : w->now_us;
            host_time(w, timer);
        } else if (w->n_items > 0 && w->heap[0].due_us <= until_us) {
            struct item it = heap_pop(w);
            assert(it.due_us >= w->now_us);
            w->now_us = it.due_us;
            item_do(w, &it);
        } else {
            break;
        }
    }
    if (!w->barked && w->now_us < until_us)
        w->now_us = until_us;
}
