/* SPDX-License-Identifier: GPL-2.0-or-later
 * replay: one node, fed with the events that a daemon recorded. See replay.h.
 *
 * Happy path: configuration, index, seed and limits from the head; every event is told to a fresh
 * node, actions are traced and not carried out, except that plans are made anew; each recorded hash
 * is compared with this node's. Ends well when all were equal. Ways to fail: no such file, no
 * recording, a configuration that no longer holds, another hash: the first event after which it
 * differs is named. A half-written last item is the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/conf/ini.h"
#include "lib/core/record.h"
#include "test/sim/replay.h"
#include "test/sim/simtrace.h"

enum { PLAN_BYTES = 64 * 1024 * 1024 };

struct replay {
    struct world *w;
    struct host *h;
    struct record record;
    struct outbox out;
    struct arena arena;
    struct plan plan;
    uint32_t plan_op; /* ACT_PLAN not yet answered, and its input */
    const struct sched_in *plan_in;
    uint64_t events, hashes;
};

static bool refuse(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    return false;
}

static uint8_t *file_bytes(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    uint8_t *at = NULL;
    long len = -1;
    if (!fseek(f, 0, SEEK_END))
        len = ftell(f);
    rewind(f);
    if (len > 0)
        at = malloc((size_t)len);
    *size = at ? fread(at, 1, (size_t)len, f) : 0;
    fclose(f);
    return at;
}

static bool node_make(struct replay *r, const char *path, const struct record_head *head)
{
    static struct conf_faults faults;
    char why[300];
    struct str out;
    struct world *w = r->w;
    str_init(&out, why, sizeof(why));
    if (conf_parse(head->conf_text, &w->conf, &faults))
        return refuse(path, faults.n ? faults.at[0].text : "its yoke.conf does not hold");
    if (timing_derive(&w->conf, &w->timing, &out))
        return refuse(path, why);
    if (head->self >= w->conf.n_nodes)
        return refuse(path, "it is of a node that its yoke.conf does not have");
    r->h->self = head->self;
    r->h->memory = calloc(1, node_size(&head->limits));
    char *plan = malloc(PLAN_BYTES);
    if (!r->h->memory || !plan)
        return refuse(path, "there is not enough memory to replay it");
    arena_init(&r->arena, plan, PLAN_BYTES);
    r->h->node =
        node_init(r->h->memory, &head->limits, &w->conf, &w->timing, head->self, head->seed);
    return r->h->node || refuse(path, "its limits do not hold");
}

static void replay_event(struct replay *r, struct event *ev)
{
    struct world *w = r->w;
    w->now_us = ev->now_us;
    if (ev->kind == EV_PLANNED && ev->planned.op == r->plan_op && !ev->planned.err && r->plan_in) {
        arena_reset(&r->arena);
        ev->planned.err = sched_run(r->plan_in, &r->arena, &r->plan);
        ev->planned.plan = ev->planned.err ? NULL : &r->plan;
    }
    trace_event(w, r->h, ev);
    outbox_clear(&r->out);
    node_step(r->h->node, ev, &r->out);
    r->events++;
    for (unsigned i = 0; i < r->out.n; i++) {
        const struct action *a = &r->out.at[i];
        trace_action(w, r->h, a);
        if (a->kind == ACT_PLAN) {
            r->plan_op = a->plan.op;
            r->plan_in = a->plan.in;
        }
    }
}

static bool replay_items(struct replay *r, const char *path, struct buf *b)
{
    struct record_item item;
    char why[160];
    for (;;) {
        enum err err = record_get(&r->record, b, &item);
        if (err == ERR_SHORT)
            return true;
        if (err)
            return refuse(path, "it is damaged in the middle");
        /* What the shell never tells a node, it asserts: such a recording is no proof of a bug. */
        bool boot = !item.is_hash && item.ev.kind == EV_BOOT;
        if (boot != (r->events == 0) || (!item.is_hash && item.ev.now_us < r->w->now_us))
            return refuse(path, "it is damaged in the middle: its events are not in order");
        if (!item.is_hash) {
            replay_event(r, &item.ev);
            continue;
        }
        r->hashes++;
        if (item.hash == node_hash(r->h->node))
            continue;
        snprintf(why, sizeof(why),
                 "after event %" PRIu64 " (%" PRIu64 " ms) the node differs from the one recorded: "
                 "was it made by the same version?",
                 r->events, r->w->now_us / 1000);
        return refuse(path, why);
    }
}

bool replay_run(struct world *w, const char *path, bool trace)
{
    static struct replay r;
    size_t size = 0;
    struct buf b;
    struct record_head head;
    uint8_t *at = file_bytes(path, &size);
    if (!at)
        return refuse(path, "cannot be read");
    trace_open(w->trace, trace ? TRACE_ALL : TRACE_STORY, stdout);
    r.w = w;
    r.h = &w->host[0];
    buf_read_init(&b, at, size);
    record_init(&r.record);
    enum err err = record_get_head(&b, &head);
    bool ok = err ? refuse(path, err_text(err)) : node_make(&r, path, &head);
    ok = ok && replay_items(&r, path, &b);
    printf("%" PRIu64 " events, %" PRIu64 " hashes compared\n", r.events, r.hashes);
    free(r.arena.at);
    free(r.h->memory);
    free(at);
    return ok;
}
