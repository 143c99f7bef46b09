/* SPDX-License-Identifier: GPL-2.0-or-later
 * host: one machine and the shell of its node. See host.h.
 *
 * Happy path: power on, daemon on (EV_BOOT with what the disk holds), then events and actions until
 * power off or the daemon's end.
 * Ways to fail, all of them wanted: power cut with writes in flight (a prefix of them is durable),
 * the daemon killed, frozen (the shell alone, the machine, the machine and its clock), a disk that
 * refuses writes, a clock that runs fast or slow. */
#include <assert.h>
#include <string.h>
#include "test/sim/fencedev.h"
#include "test/sim/host.h"
#include "test/sim/net.h"
#include "test/sim/oracle.h"
#include "test/sim/simagent.h"
#include "test/sim/simkeeper.h"
#include "test/sim/simlun.h"
#include "test/sim/simrecord.h"
#include "test/sim/simreserve.h"
#include "test/sim/simtrace.h"
#include "test/sim/simwrite.h"

enum {
    WALL_S = 1700000000,
    KEEP_MIN_US = 300,
    KEEP_MEAN_US = 4000,
    PLAN_MEAN_US = 800,
    WAKE_MEAN_US = 120, /* how late a timer wakes the shell */
    IDLE_TURNS_MAX = 2000
};

/* Carries out one node's actions; a single outbox serves all nodes, one after the other. */
static struct outbox box;

/* ---- clock ------------------------------------------------------------------------------------
 */

uint64_t host_local_us(const struct world *w, const struct host *h)
{
    uint64_t run = w->now_us - h->ref_us;
    int64_t bend = (int64_t)(run / 1000000) * h->ppm + (int64_t)(run % 1000000) * h->ppm / 1000000;
    return h->local_base_us + (uint64_t)((int64_t)run + bend);
}

/* World time at which the host's clock shows local_us, or a little after. */
uint64_t host_world_us(const struct world *w, const struct host *h, uint64_t local_us)
{
    if (local_us == NEVER)
        return NEVER;
    uint64_t local_now = host_local_us(w, h);
    if (local_us <= local_now)
        return w->now_us;
    uint64_t left = local_us - local_now;
    if (left > SEC(100000))
        return NEVER;
    return w->now_us + left * 1000000 / (uint64_t)(1000000 + h->ppm) + 2;
}

static void timer_set(struct world *w, struct host *h)
{
    uint64_t due = host_world_us(w, h, node_deadline(h->node));
    if (due != NEVER)
        due += world_lasts(w, &w->host_prng, 1, WAKE_MEAN_US);
    h->timer_us = due;
}

/* ---- events -----------------------------------------------------------------------------------
 */

static void obey(struct world *w, struct host *h, const struct action *a);

void host_tell(struct world *w, struct host *h, struct event *ev)
{
    assert(h->node && h->frozen == AWAKE);
    ev->now_us = host_local_us(w, h);
    ev->wall_s = WALL_S + w->now_us / 1000000;
    assert(ev->now_us >= h->last_local_us);
    h->last_local_us = ev->now_us;
    trace_event(w, h, ev);
    simrecord_event(w, h, ev);
    outbox_clear(&box);
    uint32_t life = h->life_no;
    node_step(h->node, ev, &box);
    simrecord_hash(w, h);
    if (box.n > OUT_ACTIONS_MAX || box.used > OUT_BYTES_MAX)
        oracle_bark(w, "S8", "the outbox of %s overflowed", host_name(w, h->self));
    for (unsigned i = 0; i < box.n && h->life_no == life && !w->barked; i++) {
        trace_action(w, h, &box.at[i]);
        obey(w, h, &box.at[i]);
    }
    if (h->life_no != life)
        return;
    timer_set(w, h);
    oracle_step(w, h);
    if (w->hashing) {
        w->hash = (w->hash ^ node_hash(h->node)) * 0x100000001b3u;
        w->hash = (w->hash ^ ev->kind ^ w->now_us << 8) * 0x100000001b3u;
    }
}

void host_time(struct world *w, struct host *h)
{
    struct event ev = {.kind = EV_TIME};
    host_tell(w, h, &ev);
    if (!h->node)
        return;
    h->idle_turns = node_deadline(h->node) <= h->last_local_us ? h->idle_turns + 1 : 0;
    if (w->broken && h->idle_turns) /* a broken rule may break this too: no end of the run */
        h->timer_us += MSEC(1);
    else if (h->idle_turns > IDLE_TURNS_MAX)
        oracle_bark(w, "S8", "%s asks to be called for ever", host_name(w, h->self));
}

void host_ask(struct world *w, struct host *h, const struct cmd *c)
{
    static uint8_t request[CMD_TEXT_MAX / 16];
    if (!h->node || h->frozen != AWAKE)
        return;
    struct buf b;
    buf_write_init(&b, request, sizeof(request));
    cmd_put(&b, c);
    assert(!b.bad);
    struct event ev = {.kind = EV_ADMIN};
    ev.admin.client = 1000 + h->clients++;
    ev.admin.at = request;
    ev.admin.len = b.pos;
    ev.admin.user = "root";
    host_tell(w, h, &ev);
}

/* ---- power and daemon
 * ----------------------------------------------------------------------------- */

void host_power_on(struct world *w, struct host *h, uint64_t daemon_us)
{
    if (h->power)
        return;
    oracle_trouble(w);
    h->power = true;
    h->power_no++;
    h->stays_off = false;
    do
        h->boot = prng_next(&h->prng);
    while (!h->boot);
    h->life = 0;
    h->ref_us = w->now_us;
    /* Its clock began with its kernel, which cannot have been before the power was cut. */
    h->local_base_us = prng_between(&h->prng, SEC(1), SEC(100));
    if (h->power_no > 1 && w->now_us - h->off_at_us < h->local_base_us)
        h->local_base_us = w->now_us - h->off_at_us;
    h->last_local_us = 0;
    h->proof = false;
    h->heard_first = h->heard_power = h->together_power = h->together_life = h->met_life = 0;
    trace_note(w, h, "power on");
    h->key = 0;
    simlun_power_on(w, h);
    write_booting(w, h);
    if (daemon_us != NEVER)
        world_add(w, ITEM_DAEMON_ON, h->self, w->now_us + daemon_us)->token = h->power_no;
}

/* Of the writes in flight a prefix reaches the disk; each is whole or not at all. */
static void keeps_cut(struct world *w, struct host *h);

static void daemon_gone(struct world *w, struct host *h)
{
    oracle_trouble(w);
    h->life_no++;
    h->node = NULL;
    h->down_at_us = w->now_us;
    h->timer_us = NEVER;
    h->view = 0;
    h->coordinator = false;
    h->leaving = h->leaving && !oracle_busy(w, h);
    keeps_cut(w, h);
    agent_daemon_gone(w, h);
    reserve_daemon_gone(w, h);
}

void host_power_off(struct world *w, struct host *h, const char *why)
{
    if (!h->power)
        return;
    trace_note(w, h, "power off: %s", why);
    w->counts[COUNT_KILLS]++;
    h->power = false;
    h->off_at_us = w->now_us;
    h->power_no++;
    h->frozen = AWAKE;
    if (h->node)
        daemon_gone(w, h);
    agent_power_off(w, h);
    simlun_power_off(w, h);
    net_review(w, h->self, true);
    keeper_gone(h);
}

void host_daemon_start(struct world *w, struct host *h)
{
    if (!h->power || h->node || h->frozen != AWAKE)
        return;
    oracle_trouble(w);
    oracle_returns(w, h);
    h->life_no++;
    h->life++;
    h->leaving = false;
    h->idle_turns = 0;
    h->replies = h->refusals = 0;
    h->epoch_seen = 0;
    memset(h->seq_sent, 0, sizeof(h->seq_sent));
    memset(h->memory, 0, node_size(&w->limits));
    uint64_t seed = prng_next(&h->prng);
    h->node = node_init(h->memory, &w->limits, &w->conf, &w->timing, h->self, seed);
    assert(h->node);
    simrecord_life(w, h, seed);
    if (w->broken)
        node_set_break(h->node, w->broken);
    trace_note(w, h, "daemon starts");
    struct event ev = {.kind = EV_BOOT};
    ev.boot.boot = h->boot;
    ev.boot.life = h->life;
    h->kept_at_boot = h->kept;
    if (h->cib[0]) { /* the text may be newer than what was kept about it */
        h->kept_at_boot.cib_epoch = h->cib_epoch;
        h->kept_at_boot.cib_seq = h->cib_seq;
    }
    ev.boot.kept = h->has_kept ? &h->kept_at_boot : NULL;
    ev.boot.cib_text = h->cib[0] ? h->cib : NULL;
    ev.boot.cores = 2;
    host_tell(w, h, &ev);
    if (h->node)
        net_review(w, h->self, false);
    if (h->node)
        keeper_speaks(w, h);
}

void host_daemon_kill(struct world *w, struct host *h, const char *why)
{
    if (!h->node)
        return;
    trace_note(w, h, "daemon gone: %s", why);
    enum host_freeze kind = h->frozen;
    h->frozen = AWAKE;
    if (kind != AWAKE)
        keeper_thawed(w, h, kind, w->now_us - h->frozen_at_us);
    daemon_gone(w, h);
    net_review(w, h->self, false);
}

void host_daemon_stop(struct world *w, struct host *h)
{
    if (!h->node || h->frozen != AWAKE)
        return;
    struct event ev = {.kind = EV_STOP};
    trace_note(w, h, "daemon is asked to stop");
    h->leaving = true;
    host_tell(w, h, &ev);
}

void host_freeze(struct world *w, struct host *h, enum host_freeze kind, uint64_t for_us)
{
    if (!h->power || h->frozen != AWAKE || kind == AWAKE)
        return;
    static const char *const word[] = {"awake", "daemon", "machine", "machine and clock"};
    trace_note(w, h, "frozen (%s) for %u ms", word[kind], (unsigned)(for_us / 1000));
    h->frozen = (uint8_t)kind;
    h->buffered = 0;
    h->frozen_at_us = w->now_us;
    h->thaw_us = w->now_us + for_us;
    struct item *it = world_add(w, ITEM_THAW, h->self, h->thaw_us);
    it->token = h->power_no;
    it->a = h->life_no;
    keeper_frozen(w, h);
}

void host_thaw(struct world *w, struct host *h)
{
    uint64_t lost_us = w->now_us - h->frozen_at_us;
    enum host_freeze kind = h->frozen;
    h->frozen = AWAKE;
    h->thawed_us = w->now_us;
    oracle_trouble(w);
    trace_note(w, h, "thaws");
    if (kind == FROZEN_CLOCK) {
        h->ref_us += lost_us;
        h->paused_us = w->now_us;
    }
    keeper_thawed(w, h, kind, lost_us);
    if (kind != FROZEN_CLOCK && h->node && lost_us > MSEC(w->timing.stall_ms)) {
        struct event ev = {.kind = EV_STALL};
        ev.stall.lost_ms = (uint32_t)(lost_us / 1000);
        host_tell(w, h, &ev);
    }
    if (h->node)
        timer_set(w, h);
}

/* ---- disk
 * ------------------------------------------------------------------------------------------ */

static struct keep *keep_add(struct world *w, struct host *h, uint32_t op)
{
    if (h->keep_n == KEEPS_MAX) {
        oracle_bark(w, "S8", "%s has more than %u writes in flight", host_name(w, h->self),
                    KEEPS_MAX);
        h->keep_n = 0;
    }
    struct keep *k = &h->keep[(h->keep_first + h->keep_n++) % KEEPS_MAX];
    uint64_t due = w->now_us + world_lasts(w, &w->host_prng, KEEP_MIN_US, KEEP_MEAN_US);
    h->keep_due_us = due > h->keep_due_us ? due : h->keep_due_us + 1;
    struct item *it = world_add(w, ITEM_KEPT, h->self, h->keep_due_us);
    it->token = h->life_no;
    *k = (struct keep){.op = op, .fails = h->no_keep};
    return k;
}

static void keep_text(struct world *w, struct host *h, struct keep *k, const struct action *a)
{
    enum { TEXTS = ARRAY_LEN(h->keep_text) };
    k->cib = true;
    k->epoch = a->keep_cib.epoch;
    k->seq = a->keep_cib.seq;
    k->text = h->keep_text[h->keep_text_next++ % TEXTS];
    for (unsigned i = 0; i + 1 < h->keep_n; i++)
        if (h->keep[(h->keep_first + i) % KEEPS_MAX].text == k->text)
            oracle_bark(w, "S8", "%s writes its configuration %u times at once",
                        host_name(w, h->self), TEXTS + 1);
    if (!str_copy(k->text, CIB_BYTES, a->keep_cib.text))
        oracle_bark(w, "S8", "%s keeps a configuration that is too long", host_name(w, h->self));
}

static enum err keep_land(struct host *h, const struct keep *k)
{
    if (k->fails)
        return ERR_IO;
    if (k->cib) {
        memcpy(h->cib, k->text, CIB_BYTES);
        h->cib_epoch = k->epoch;
        h->cib_seq = k->seq;
    } else {
        h->kept = k->kept;
        h->epoch_kept = k->kept.epoch;
    }
    h->has_kept = true;
    return ERR_OK;
}

static struct keep keep_next(struct host *h)
{
    assert(h->keep_n > 0);
    struct keep k = h->keep[h->keep_first];
    h->keep_first = (h->keep_first + 1) % KEEPS_MAX;
    h->keep_n--;
    return k;
}

static void keeps_cut(struct world *w, struct host *h)
{
    uint64_t land = h->keep_n ? prng_below(&w->host_prng, h->keep_n + 1) : 0;
    for (; h->keep_n > 0; land -= land > 0) {
        struct keep k = keep_next(h);
        if (land > 0)
            (void)keep_land(h, &k);
    }
}

/* ---- items
 * --------------------------------------------------------------------------------------------- */

void host_item(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    struct event ev = {0};
    struct keep k;
    switch (it->kind) {
    case ITEM_POWER_ON:
        if (it->token == h->power_no)
            host_power_on(w, h, MSEC(it->a));
        break;
    case ITEM_DAEMON_ON:
        if (it->token == h->power_no)
            host_daemon_start(w, h);
        break;
    case ITEM_THAW:
        if (it->token == h->power_no && h->frozen != AWAKE && h->thaw_us == it->due_us)
            host_thaw(w, h);
        break;
    case ITEM_KEPT:
        if (it->token != h->life_no)
            break;
        k = keep_next(h);
        ev.kind = EV_KEPT;
        ev.kept.op = k.op;
        ev.kept.err = keep_land(h, &k);
        host_tell(w, h, &ev);
        break;
    case ITEM_PLANNED:
        if (it->token != h->life_no)
            break;
        ev.kind = EV_PLANNED;
        ev.planned.op = it->a;
        ev.planned.err = it->b == h->plan_no ? h->plan_err : ERR_CONFLICT;
        ev.planned.plan = ev.planned.err ? NULL : &h->plan;
        host_tell(w, h, &ev);
        break;
    default: assert(!"host_item");
    }
}

/* ---- actions
 * -------------------------------------------------------------------------------------------- */

static void obey_plan(struct world *w, struct host *h, const struct action *a)
{
    arena_reset(&h->plan_arena);
    h->plan_no++;
    h->plan_err = sched_run(a->plan.in, &h->plan_arena, &h->plan);
    struct item *it = world_add(w, ITEM_PLANNED, h->self,
                                w->now_us + world_lasts(w, &w->host_prng, 50, PLAN_MEAN_US));
    it->token = h->life_no;
    it->a = a->plan.op;
    it->b = h->plan_no;
}

static void obey_exit(struct world *w, struct host *h, const struct action *a)
{
    bool again = a->exit.again;
    host_daemon_kill(w, h, again ? "starts over" : "left");
    if (again)
        world_add(w, ITEM_DAEMON_ON, h->self, w->now_us + MSEC(20))->token = h->power_no;
}

void host_reset(struct world *w, struct host *h, const char *why)
{
    host_power_off(w, h, why);
    struct item *it = world_add(w, ITEM_POWER_ON, h->self,
                                w->now_us + prng_between(&w->host_prng, SEC(5), SEC(20)));
    it->token = h->power_no;
    it->a = 1000;
}

static void obey(struct world *w, struct host *h, const struct action *a)
{
    switch (a->kind) {
    case ACT_SEND: net_send(w, h, a); break;
    case ACT_KEEP: keep_add(w, h, a->keep.op)->kept = a->keep.kept; break;
    case ACT_KEEP_CIB: keep_text(w, h, keep_add(w, h, a->keep_cib.op), a); break;
    case ACT_SAVE_LOST: break;
    case ACT_PLAN: obey_plan(w, h, a); break;
    case ACT_AGENT_RUN: agent_run(w, h, &a->agent); break;
    case ACT_AGENT_KILL: agent_kill(w, h, a->agent_kill.op); break;
    case ACT_WATCH: agent_watch(w, h, a); break;
    case ACT_FENCE: fencedev_run(w, h, &a->fence); break;
    case ACT_REPLY:
        if (a->reply.last && a->reply.len > 10 && !memcmp(a->reply.text, "{\"ok\":true", 10))
            h->replies++;
        else if (a->reply.last)
            h->refusals++;
        break;
    case ACT_EVENT: oracle_said(w, h, &a->event.say); break;
    case ACT_RESET_SELF: host_reset(w, h, a->reset.why); break;
    case ACT_EXIT: obey_exit(w, h, a); break;
    case ACT_FEED:
        oracle_fed(w, h, a->feed.until_us);
        keeper_feed(w, h, a->feed.until_us);
        break;
    case ACT_PERMIT: reserve_permit(w, h, a->permit.op, a->permit.not_after_us); break;
    case ACT_RESERVE: reserve_run(w, h, &a->reserve); break;
    case ACT_CAST: assert(!"engine pair"); break;
    case ACT_KIND_COUNT: assert(!"action"); break;
    }
}
