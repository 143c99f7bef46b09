/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringhost: one machine of the ring and the shell of its node. See ringhost.h.
 *
 * Happy path: power on, corosync on, daemon on (EV_BOOT with what the disk holds), connected to
 * corosync as daemon/corosync.c does it, then events and actions until power off or the daemon's
 * end. Ways to fail, all of them wanted: power cut with writes in flight (a prefix of them is
 * durable), the daemon killed or frozen (its events are held back, and come in order), the machine
 * frozen, corosync gone, a disk that is slow or refuses writes, a clock that runs fast or slow. */
#include "test/sim/ringhost.h"
#include <assert.h>
#include <string.h>
#include "test/sim/ringagent.h"
#include "test/sim/ringdog.h"
#include "test/sim/ringfence.h"
#include "test/sim/ringlun.h"
#include "test/sim/ringnet.h"
#include "test/sim/ringoper.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringtrace.h"

enum {
    WALL_S = 1700000000,
    KEEP_MIN_US = 300,
    PLAN_MEAN_US = 800,
    WAKE_MEAN_US = 120,
    IDLE_TURNS_MAX = 2000,
    RETRY_US = 500000, /* daemon/corosync.c */
    CONNECT_MEAN_US = 10000
};

/* Carries out one node's actions; a single outbox serves all nodes, one after the other. */
static struct outbox box;

/* ---- clock ------------------------------------------------------------------------------------
 */

uint64_t ringhost_local_us(const struct rworld *w, const struct rhost *h)
{
    uint64_t run = w->now_us - h->ref_us;
    int64_t bend = (int64_t)(run / 1000000) * h->ppm + (int64_t)(run % 1000000) * h->ppm / 1000000;
    return h->local_base_us + (uint64_t)((int64_t)run + bend);
}

uint64_t ringhost_world_us(const struct rworld *w, const struct rhost *h, uint64_t local_us)
{
    if (local_us == NEVER)
        return NEVER;
    uint64_t local_now = ringhost_local_us(w, h);
    if (local_us <= local_now)
        return w->now_us;
    uint64_t left = local_us - local_now;
    if (left > SEC(100000))
        return NEVER;
    return w->now_us + left * 1000000 / (uint64_t)(1000000 + h->ppm) + 2;
}

static void timer_set(struct rworld *w, struct rhost *h)
{
    uint64_t due = ringhost_world_us(w, h, node_deadline(h->node));
    if (due != NEVER)
        due += prng_exponential(&w->host_prng, 1, WAKE_MEAN_US);
    h->timer_us = due;
}

/* ---- events -----------------------------------------------------------------------------------
 */

static void obey(struct rworld *w, struct rhost *h, const struct action *a);

void ringhost_tell(struct rworld *w, struct rhost *h, struct event *ev)
{
    assert(h->node && h->frozen == AWAKE);
    ev->now_us = ringhost_local_us(w, h);
    ev->wall_s = WALL_S + w->now_us / 1000000;
    assert(ev->now_us >= h->last_local_us);
    h->last_local_us = ev->now_us;
    ringtrace_event(w, h, ev);
    outbox_clear(&box);
    uint32_t life = h->life_no;
    node_step(h->node, ev, &box);
    if (box.n > OUT_ACTIONS_MAX || box.used > OUT_BYTES_MAX)
        ringoracle_bark(w, "S8", "the outbox of %s overflowed", rhost_name(w, h->self));
    for (unsigned i = 0; i < box.n && h->life_no == life && !w->barked; i++) {
        ringtrace_action(w, h, &box.at[i]);
        obey(w, h, &box.at[i]);
    }
    if (h->life_no != life)
        return;
    timer_set(w, h);
    ringoracle_step(w, h);
    if (w->hashing) {
        w->hash = (w->hash ^ node_hash(h->node)) * 0x100000001b3u;
        w->hash = (w->hash ^ ev->kind ^ w->now_us << 8) * 0x100000001b3u;
    }
}

void ringhost_time(struct rworld *w, struct rhost *h)
{
    struct event ev = {.kind = EV_TIME};
    ringhost_tell(w, h, &ev);
    if (!h->node)
        return;
    h->idle_turns = node_deadline(h->node) <= h->last_local_us ? h->idle_turns + 1 : 0;
    if (h->idle_turns > IDLE_TURNS_MAX)
        ringoracle_bark(w, "S8", "%s asks to be called for ever", rhost_name(w, h->self));
}

uint32_t ringhost_ask(struct rworld *w, struct rhost *h, const struct cmd *c)
{
    static uint8_t request[RING_CIB + 2048];
    if (!h->node || h->frozen != AWAKE)
        return 0;
    struct buf b;
    buf_write_init(&b, request, sizeof(request));
    cmd_put(&b, c);
    assert(!b.bad);
    struct event ev = {.kind = EV_ADMIN};
    uint32_t client = ++w->client;
    ev.admin.client = client;
    ev.admin.at = request;
    ev.admin.len = b.pos;
    ev.admin.user = "root";
    ringhost_tell(w, h, &ev);
    return client;
}

/* ---- corosync, as the daemon's shell has it ----------------------------------------------------
 */

static void ring_tell(struct rworld *w, struct rhost *h, bool changed, const char *reason)
{
    struct event ev = {.kind = EV_RING};
    ev.ring.there = h->joined;
    ev.ring.changed = changed;
    ev.ring.quorate = h->joined && h->quorate;
    ev.ring.group = h->joined ? h->group : 0;
    ev.ring.reason = reason;
    ringhost_tell(w, h, &ev);
}

static void retry_later(struct rworld *w, struct rhost *h, uint64_t in_us)
{
    ringworld_add(w, RING_CONNECT, h->self, w->now_us + in_us)->token = h->life_no;
}

static void ring_lost(struct rworld *w, struct rhost *h, const char *reason)
{
    ringhost_news_drop(h);
    h->connection = 0;
    h->joined = h->quorate = false;
    h->group = 0;
    retry_later(w, h, RETRY_US);
    ring_tell(w, h, true, reason);
}

static void ring_connect(struct rworld *w, struct rhost *h)
{
    if (h->connection)
        return;
    h->connection = coro_connect(&w->coro, h->self);
    if (!h->connection) {
        ring_lost(w, h, "connecting to its groups (CPG): not there");
        return;
    }
    h->quorate = w->coro.machine[h->self].quorate;
}

void ringhost_news_drop(struct rhost *h)
{
    for (; h->news_n > 0; h->news_n--) {
        letter_drop(h->news[h->news_first].letter);
        h->news_first = (h->news_first + 1) % RING_NEWS;
    }
}

/* One stream, but the word of the quorum may be behind. */
void ringhost_news(struct rworld *w, struct rhost *h, const struct coro_news *news)
{
    if (!h->node || h->connection != news->connection || h->news_n == RING_NEWS) {
        if (h->news_n == RING_NEWS)
            ringoracle_bark(w, "S8", "more than %u casts wait for %s", RING_NEWS,
                            rhost_name(w, h->self));
        letter_drop(news->letter);
        return;
    }
    uint64_t due = w->now_us + prng_exponential(&w->host_prng, 10, 60);
    if (news->kind == NEWS_QUORUM) {
        struct ring_item *it = ringworld_add(w, RING_NEWS_DUE, h->self,
                                             due + prng_exponential(&w->host_prng, 0, 1500));
        it->token = h->life_no;
        it->flag = 1;
        it->a = news->quorate;
        it->b = news->connection;
        return;
    }
    if (news->kind == NEWS_GROUP)
        ringoracle_trouble(w);
    h->news[(h->news_first + h->news_n++) % RING_NEWS] = *news;
    h->news_us = due > h->news_us ? due : h->news_us;
    ringworld_add(w, RING_NEWS_DUE, h->self, h->news_us)->token = h->life_no;
}

static void quorum_heard(struct rworld *w, struct rhost *h, const struct ring_item *it)
{
    if (it->b != h->connection || h->quorate == (it->a != 0))
        return;
    h->quorate = it->a;
    if (h->joined)
        ring_tell(w, h, false, "");
}

static void news_heard(struct rworld *w, struct rhost *h)
{
    if (!h->news_n)
        return; /* dropped meanwhile */
    struct coro_news news = h->news[h->news_first];
    h->news_first = (h->news_first + 1) % RING_NEWS;
    h->news_n--;
    if (news.kind == NEWS_GONE) {
        ring_lost(w, h, "it has ended");
    } else if (news.kind == NEWS_GROUP) {
        h->group = news.group;
        h->joined = nodeset_has(h->group, h->self);
        ring_tell(w, h, true, "");
    } else if (h->joined) {
        struct event ev = {.kind = EV_CAST};
        ev.cast.node = news.from;
        ev.cast.at = news.letter->at;
        ev.cast.len = news.letter->len;
        ringhost_tell(w, h, &ev);
    }
    letter_drop(news.letter);
}

void ringhost_coro_start(struct rworld *w, struct rhost *h)
{
    if (!h->power || w->coro.machine[h->self].up)
        return;
    ringtrace_note(w, h, "corosync starts");
    coro_time(&w->coro, w->now_us);
    coro_start(&w->coro, h->self);
    ringoracle_trouble(w);
}

void ringhost_coro_end(struct rworld *w, struct rhost *h, bool clean)
{
    if (!w->coro.machine[h->self].up)
        return;
    ringtrace_note(w, h, "corosync %s", clean ? "is stopped" : "dies");
    coro_time(&w->coro, w->now_us);
    coro_end(&w->coro, h->self, clean);
    ringoracle_trouble(w);
}

/* ---- power and daemon --------------------------------------------------------------------------
 */

void ringhost_power_on(struct rworld *w, struct rhost *h, uint64_t daemon_us)
{
    if (h->power)
        return;
    ringoracle_trouble(w);
    h->power = true;
    h->power_no++;
    h->on_at_us = w->now_us;
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
    h->idle_us = w->now_us;
    ringtrace_note(w, h, "power on");
    ringworld_add(w, RING_CORO_ON, h->self,
                  w->now_us + prng_exponential(&h->prng, MSEC(20), MSEC(600)))
        ->token = h->power_no;
    if (daemon_us != NEVER)
        ringworld_add(w, RING_DAEMON_ON, h->self, w->now_us + daemon_us)->token = h->power_no;
}

static void keeps_cut(struct rworld *w, struct rhost *h);

static void daemon_gone(struct rworld *w, struct rhost *h)
{
    ringoracle_trouble(w);
    h->life_no++;
    h->node = NULL;
    h->down_at_us = w->now_us;
    h->timer_us = h->quorate_us = NEVER;
    h->view = 0;
    h->left_well = (h->leaving || h->left_well) && !ringoracle_busy(w, h);
    coro_time(&w->coro, w->now_us);
    coro_close(&w->coro, h->self);
    ringhost_news_drop(h);
    h->connection = 0;
    h->joined = h->quorate = false;
    h->group = 0;
    keeps_cut(w, h);
    ringagent_daemon_gone(w, h);
    ringlun_daemon_gone(w, h);
}

void ringhost_power_off(struct rworld *w, struct rhost *h, const char *why)
{
    if (!h->power)
        return;
    ringtrace_note(w, h, "power off: %s", why);
    w->counts[RING_COUNT_POWER]++;
    h->power = false;
    h->off_at_us = w->now_us;
    h->power_no++;
    h->frozen = AWAKE;
    if (h->node)
        daemon_gone(w, h);
    ringhost_coro_end(w, h, false);
    ringagent_power_off(w, h);
    ringdog_gone(h);
}

void ringhost_reset(struct rworld *w, struct rhost *h, const char *why)
{
    ringhost_power_off(w, h, why);
    struct ring_item *it = ringworld_add(w, RING_POWER_ON, h->self,
                                         w->now_us + prng_between(&w->host_prng, SEC(5), SEC(20)));
    it->token = h->power_no;
    it->a = 1000;
}

void ringhost_daemon_start(struct rworld *w, struct rhost *h)
{
    if (!h->power || h->node || h->frozen != AWAKE)
        return;
    ringoracle_trouble(w);
    h->life_no++;
    h->life++;
    h->leaving = false;
    h->idle_turns = 0;
    h->epoch_seen = 0;
    memset(h->memory, 0, node_size(&w->limits));
    uint64_t seed = prng_next(&h->prng);
    h->node = node_init(h->memory, &w->limits, &w->conf, &w->timing, h->self, seed);
    assert(h->node);
    if (w->broken)
        node_set_break(h->node, w->broken);
    ringtrace_note(w, h, "daemon starts");
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
    ringhost_tell(w, h, &ev);
    if (h->node) {
        struct event link = {.kind = EV_LINK};
        link.link.link = (uint8_t)w->lan;
        link.link.usable = true;
        link.link.reason = "";
        ringhost_tell(w, h, &link);
    }
    if (h->node)
        ringdog_speaks(w, h);
    if (h->node)
        retry_later(w, h, prng_exponential(&h->prng, 500, CONNECT_MEAN_US));
}

void ringhost_daemon_kill(struct rworld *w, struct rhost *h, const char *why)
{
    if (!h->node)
        return;
    ringtrace_note(w, h, "daemon gone: %s", why);
    if (h->frozen == FROZEN_SHELL)
        h->frozen = AWAKE;
    daemon_gone(w, h);
}

void ringhost_daemon_stop(struct rworld *w, struct rhost *h)
{
    if (!h->node || h->frozen != AWAKE)
        return;
    struct event ev = {.kind = EV_STOP};
    ringtrace_note(w, h, "daemon is asked to stop");
    ringoracle_trouble(w);
    h->leaving = true;
    ringhost_tell(w, h, &ev);
}

void ringhost_freeze(struct rworld *w, struct rhost *h, enum host_freeze kind, uint64_t for_us)
{
    if (!h->power || h->frozen != AWAKE || kind == AWAKE)
        return;
    ringtrace_note(w, h, "frozen (%s) for %u ms", kind == FROZEN_SHELL ? "daemon" : "machine",
                   (unsigned)(for_us / 1000));
    ringoracle_trouble(w);
    h->frozen = (uint8_t)kind;
    h->buffered = 0;
    h->frozen_at_us = w->now_us;
    h->thaw_us = w->now_us + for_us;
    struct ring_item *it = ringworld_add(w, RING_THAW, h->self, h->thaw_us);
    it->token = h->power_no;
    if (kind == FROZEN_MACHINE) {
        coro_time(&w->coro, w->now_us);
        coro_freeze(&w->coro, h->self, true);
        ringdog_frozen(w, h);
    }
}

void ringhost_thaw(struct rworld *w, struct rhost *h)
{
    uint64_t lost_us = w->now_us - h->frozen_at_us;
    enum host_freeze kind = h->frozen;
    h->frozen = AWAKE;
    h->thaw_us = 0;
    ringoracle_trouble(w);
    ringtrace_note(w, h, "thaws");
    if (kind == FROZEN_MACHINE) {
        coro_time(&w->coro, w->now_us);
        coro_freeze(&w->coro, h->self, false);
        ringdog_thawed(w, h);
    }
    if (h->node && lost_us > MSEC(w->timing.stall_ms)) {
        struct event ev = {.kind = EV_STALL};
        ev.stall.lost_ms = (uint32_t)(lost_us / 1000);
        ringhost_tell(w, h, &ev);
    }
    if (h->node)
        timer_set(w, h);
}

/* ---- disk --------------------------------------------------------------------------------------
 */

static struct ring_keep *keep_add(struct rworld *w, struct rhost *h, uint32_t op)
{
    if (h->keep_n == RING_KEEPS) {
        ringoracle_bark(w, "S8", "%s has more than %u writes in flight", rhost_name(w, h->self),
                        RING_KEEPS);
        h->keep_n = 0;
    }
    struct ring_keep *k = &h->keep[(h->keep_first + h->keep_n++) % RING_KEEPS];
    uint64_t due = w->now_us + prng_exponential(&w->host_prng, KEEP_MIN_US, h->keep_mean_us);
    h->keep_due_us = due > h->keep_due_us ? due : h->keep_due_us + 1;
    ringworld_add(w, RING_KEPT, h->self, h->keep_due_us)->token = h->life_no;
    *k = (struct ring_keep){.op = op, .fails = h->no_keep};
    return k;
}

static void keep_text(struct rworld *w, struct rhost *h, struct ring_keep *k,
                      const struct action *a)
{
    enum { TEXTS = ARRAY_LEN(h->keep_text) };
    k->cib = true;
    k->epoch = a->keep_cib.epoch;
    k->seq = a->keep_cib.seq;
    k->text = h->keep_text[h->keep_text_next++ % TEXTS];
    for (unsigned i = 0; i + 1 < h->keep_n; i++)
        if (h->keep[(h->keep_first + i) % RING_KEEPS].text == k->text)
            ringoracle_bark(w, "S8", "%s writes its configuration %u times at once",
                            rhost_name(w, h->self), TEXTS + 1);
    if (!str_copy(k->text, RING_CIB, a->keep_cib.text))
        ringoracle_bark(w, "S8", "%s keeps a configuration that is too long",
                        rhost_name(w, h->self));
}

static enum err keep_land(struct rworld *w, struct rhost *h, const struct ring_keep *k)
{
    if (k->fails)
        return ERR_IO;
    if (w->world_broken & RING_BREAK_KEEP)
        return ERR_OK; /* a disk that says it did, and did not */
    if (k->cib) {
        memcpy(h->cib, k->text, RING_CIB);
        h->cib_epoch = k->epoch;
        h->cib_seq = k->seq;
    } else {
        h->kept = k->kept;
        h->epoch_kept = k->kept.epoch;
    }
    h->has_kept = true;
    return ERR_OK;
}

static struct ring_keep keep_next(struct rhost *h)
{
    assert(h->keep_n > 0);
    struct ring_keep k = h->keep[h->keep_first];
    h->keep_first = (h->keep_first + 1) % RING_KEEPS;
    h->keep_n--;
    return k;
}

/* Of the writes in flight a prefix reaches the disk; each is whole or not at all. */
static void keeps_cut(struct rworld *w, struct rhost *h)
{
    uint64_t land = h->keep_n ? prng_below(&w->host_prng, h->keep_n + 1) : 0;
    for (; h->keep_n > 0; land -= land > 0) {
        struct ring_keep k = keep_next(h);
        if (land > 0)
            (void)keep_land(w, h, &k);
    }
}

/* ---- items -------------------------------------------------------------------------------------
 */

static void shell_item(struct rworld *w, struct rhost *h, const struct ring_item *it)
{
    struct event ev = {0};
    struct ring_keep k;
    if (!h->node || it->token != h->life_no)
        return;
    switch (it->kind) {
    case RING_NEWS_DUE:
        if (it->flag)
            quorum_heard(w, h, it);
        else
            news_heard(w, h);
        break;
    case RING_CONNECT: ring_connect(w, h); break;
    case RING_KEPT:
        k = keep_next(h);
        ev.kind = EV_KEPT;
        ev.kept.op = k.op;
        ev.kept.err = keep_land(w, h, &k);
        ringhost_tell(w, h, &ev);
        break;
    case RING_PLANNED:
        ev.kind = EV_PLANNED;
        ev.planned.op = it->a;
        ev.planned.err = it->b == h->plan_no ? h->plan_err : ERR_CONFLICT;
        ev.planned.plan = ev.planned.err ? NULL : &h->plan;
        ringhost_tell(w, h, &ev);
        break;
    default: assert(!"shell item");
    }
}

void ringhost_item(struct rworld *w, const struct ring_item *it)
{
    struct rhost *h = &w->host[it->host];
    bool same = it->token == h->power_no;
    switch (it->kind) {
    case RING_POWER_ON:
        if (same)
            ringhost_power_on(w, h, MSEC(it->a));
        break;
    case RING_CORO_ON:
        if (same)
            ringhost_coro_start(w, h);
        break;
    case RING_DAEMON_ON:
        if (same)
            ringhost_daemon_start(w, h);
        break;
    case RING_DAEMON_OFF:
        if (same)
            ringhost_daemon_stop(w, h);
        break;
    case RING_THAW:
        if (same && h->frozen != AWAKE && h->thaw_us == it->due_us)
            ringhost_thaw(w, h);
        break;
    default: shell_item(w, h, it);
    }
}

/* ---- actions -----------------------------------------------------------------------------------
 */

static void obey_plan(struct rworld *w, struct rhost *h, const struct action *a)
{
    arena_reset(&h->plan_arena);
    h->plan_no++;
    h->plan_err = sched_run(a->plan.in, &h->plan_arena, &h->plan);
    struct ring_item *it = ringworld_add(
        w, RING_PLANNED, h->self, w->now_us + prng_exponential(&w->host_prng, 50, PLAN_MEAN_US));
    it->token = h->life_no;
    it->a = a->plan.op;
    it->b = h->plan_no;
}

static void obey_exit(struct rworld *w, struct rhost *h, const struct action *a)
{
    bool again = a->exit.again;
    ringhost_daemon_kill(w, h, again ? "starts over" : "left");
    if (again)
        ringworld_add(w, RING_DAEMON_ON, h->self, w->now_us + MSEC(20))->token = h->power_no;
}

static void obey_cast(struct rworld *w, struct rhost *h, const struct action *a)
{
    w->counts[RING_COUNT_CASTS]++;
    if (a->cast.len > CAST_MAX || !a->cast.len)
        ringoracle_bark(w, "S8", "%s casts %zu bytes", rhost_name(w, h->self), a->cast.len);
    if ((w->world_broken & RING_BREAK_MUTE) && h->self == 0 && w->now_us > SEC(15))
        return; /* it asks, and nothing comes of it */
    coro_time(&w->coro, w->now_us);
    if (h->connection && !coro_cast(&w->coro, h->self, a->cast.at, a->cast.len))
        ringoracle_bark(w, "S8", "more than %u casts of %s wait", CORO_PENDING,
                        rhost_name(w, h->self));
}

static void obey(struct rworld *w, struct rhost *h, const struct action *a)
{
    bool ok;
    switch (a->kind) {
    case ACT_SEND: ringnet_send(w, h, a); break;
    case ACT_KEEP: keep_add(w, h, a->keep.op)->kept = a->keep.kept; break;
    case ACT_KEEP_CIB: keep_text(w, h, keep_add(w, h, a->keep_cib.op), a); break;
    case ACT_SAVE_LOST: break;
    case ACT_PLAN: obey_plan(w, h, a); break;
    case ACT_AGENT_RUN: ringagent_run(w, h, &a->agent); break;
    case ACT_AGENT_KILL: ringagent_kill(w, h, a->agent_kill.op); break;
    case ACT_WATCH: ringagent_watch(w, h, a); break;
    case ACT_FENCE: ringfence_run(w, h, &a->fence); break;
    case ACT_REPLY:
        ok = a->reply.len > 10 && !memcmp(a->reply.text, "{\"ok\":true", 10);
        if (a->reply.last)
            ringoper_answered(w, h, a->reply.client, ok);
        break;
    case ACT_EVENT: ringoracle_said(w, h, &a->event.say); break;
    case ACT_RESET_SELF: ringhost_reset(w, h, a->reset.why); break;
    case ACT_EXIT: obey_exit(w, h, a); break;
    case ACT_FEED:
        ringoracle_fed(w, h, a->feed.until_us);
        ringdog_feed(w, h, a->feed.until_us);
        break;
    case ACT_CAST: obey_cast(w, h, a); break;
    case ACT_PERMIT: ringlun_permit(w, h, a->permit.op, a->permit.not_after_us); break;
    case ACT_RESERVE: ringlun_reserve(w, h, &a->reserve); break;
    case ACT_KIND_COUNT: assert(!"action"); break;
    }
}
