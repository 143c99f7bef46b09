/* SPDX-License-Identifier: GPL-2.0-or-later
 * corelab: the least shell. See corelab.h. Happy path: lab_open, lab_boot, lab_run. Fails by an
 * assert of Check. */
#include "test/unit/corelab.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/conf/ini.h"
#include "lib/core/exec.h"
#include "lib/core/msg.h"

enum { PLAN_BYTES = 64 * 1024 * 1024, TURNS_MAX = 100000 };

static const char conf_text[] = "[cluster]\nname = treasury\ntakeover = 2s\n"
                                "[node db1]\nid = 1\n[node db2]\nid = 2\n"
                                "[link lan]\ntype = udp\ndb1 = 192.0.2.1\ndb2 = 192.0.2.2\n"
                                "[guard]\nuse = fence\n";

/* A lab lives as long as its test, which is a process of its own: kept in sight, not freed. */
static void *room(size_t size)
{
    static void *kept[16 * LAB_NODES];
    static unsigned n;
    void *at = calloc(1, size);
    assert(at && n < ARRAY_LEN(kept));
    kept[n++] = at;
    return at;
}

static struct lab *open_conf(const char *text, unsigned prims, size_t cib_bytes)
{
    static struct conf_faults faults;
    struct lab *l = room(sizeof(*l));
    char why[256];
    struct str s;
    str_init(&s, why, sizeof(why));
    enum err err = conf_parse(text, &l->conf, &faults);
    assert(!err);
    err = timing_derive(&l->conf, &l->timing, &s);
    assert(!err);
    l->limits = (struct limits){.prims = prims, .cib_bytes = cib_bytes, .nodes = l->conf.n_nodes};
    l->n_nodes = l->conf.n_nodes;
    l->now_us = 60000000; /* machines have been up for a while: TIMING_LANDED_MS and more */
    l->transit_us = 200;
    l->agent_us = 1000;
    l->frame = room(LAB_FRAMES * sizeof(*l->frame));
    l->out = room(sizeof(*l->out));
    l->cast = l->conf.engine == ENGINE_COROSYNC ? room(LAB_CASTS * sizeof(*l->cast)) : NULL;
    for (unsigned i = 0; i < l->n_nodes; i++) {
        l->part[i] = 1;
        struct lab_node *h = &l->at[i];
        h->memory = room(node_size(&l->limits));
        h->cib = room(cib_bytes);
        h->reply = room(LAB_REPLY);
        h->fence_rc = LAB_HELD;
        arena_init(&h->plan_arena, room(PLAN_BYTES), PLAN_BYTES);
    }
    return l;
}

struct lab *lab_open(unsigned prims, size_t cib_bytes)
{
    return open_conf(conf_text, prims, cib_bytes);
}

struct lab *lab_open_ring(unsigned nodes, unsigned prims, size_t cib_bytes)
{
    char text[2048];
    struct str s;
    assert(nodes <= LAB_NODES);
    str_init(&s, text, sizeof(text));
    str_add(&s, "[cluster]\nname = treasury\ntakeover = 3s\nengine = corosync\n");
    for (unsigned i = 1; i <= nodes; i++)
        str_addf(&s, "[node db%u]\nid = %u\n", i, i);
    str_add(&s, "[link lan]\ntype = udp\n");
    for (unsigned i = 1; i <= nodes; i++)
        str_addf(&s, "db%u = 192.0.2.%u\n", i, i);
    str_add(&s, "[guard]\nuse = fence\n");
    return open_conf(text, prims, cib_bytes);
}

/* ---- corosync ---- */

static nodeset group_of(const struct lab *l, unsigned part)
{
    nodeset group = 0;
    for (unsigned i = 0; i < l->n_nodes && part; i++)
        if (l->at[i].up && l->part[i] == part)
            group = nodeset_add(group, i);
    return group;
}

/* Votes are the machines' where corosync runs, whether a daemon does or not. */
static void ring_tell(struct lab *l, unsigned i)
{
    unsigned votes = 0;
    for (unsigned k = 0; k < l->n_nodes; k++)
        votes += l->part[k] && l->part[k] == l->part[i];
    struct event ev = {.kind = EV_RING};
    ev.ring.there = l->part[i] != 0;
    ev.ring.changed = true;
    ev.ring.quorate = ev.ring.there && 2 * votes > l->n_nodes;
    ev.ring.group = group_of(l, l->part[i]);
    ev.ring.reason = ev.ring.there ? "" : "it was ended";
    lab_tell(l, i, &ev);
}

static void group_tell(struct lab *l, unsigned part)
{
    if (l->casting) {
        l->changed |= 1u << part;
        return;
    }
    for (unsigned i = 0; i < l->n_nodes; i++)
        if (l->at[i].up && l->part[i] == part)
            ring_tell(l, i);
}

void lab_part(struct lab *l, unsigned i, unsigned part)
{
    unsigned old = l->part[i];
    l->part[i] = (uint8_t)part;
    if (l->at[i].up && !part)
        ring_tell(l, i);
    if (old && l->cast)
        group_tell(l, old);
    if (part && part != old && l->cast)
        group_tell(l, part);
}

static void obey_cast(struct lab *l, unsigned i, const struct action *a)
{
    if (!l->part[i])
        return;
    assert(l->n_casts < LAB_CASTS && a->cast.len <= CAST_MAX);
    struct lab_cast *c = &l->cast[(l->first_cast + l->n_casts++) % LAB_CASTS];
    c->due_us = l->now_us + l->transit_us;
    c->from = (uint8_t)i;
    c->part = l->part[i];
    c->len = a->cast.len;
    l->cast_bytes += c->len;
    memcpy(c->at, a->cast.at, c->len);
}

/* ---- actions ---- */

static void obey_agent(struct lab *l, unsigned i, const struct act_agent *a)
{
    struct lab_node *h = &l->at[i];
    assert(h->n_agents < LAB_AGENTS && a->slot < LAB_AGENTS);
    struct lab_agent *g = &h->agent[h->n_agents++];
    *g = (struct lab_agent){.op = a->op, .slot = a->slot, .due_us = l->now_us + l->agent_us};
    str_copy(g->id, sizeof(g->id), a->id);
    str_copy(g->action, sizeof(g->action), a->action);
    h->agents_run++;
    if (l->agent)
        g->rc = l->agent(l, i, a);
    else if (str_eq(a->action, "monitor"))
        g->rc = l->running[i][a->slot] ? 0 : 7;
    else if (str_eq(a->action, "start") || str_eq(a->action, "stop"))
        l->running[i][a->slot] = str_eq(a->action, "start");
    if (g->rc == LAB_HELD)
        g->due_us = UINT64_MAX;
}

static void obey_send(struct lab *l, unsigned i, const struct action *a)
{
    if (l->cut[i] || (l->net_parts && l->part[i] != l->part[a->send.node]))
        return;
    assert(l->n_frames < LAB_FRAMES && a->send.len <= FRAME_MAX);
    struct lab_frame *f = &l->frame[(l->first + l->n_frames++) % LAB_FRAMES];
    f->due_us = l->now_us + l->transit_us;
    f->to = a->send.node;
    f->len = a->send.len;
    memcpy(f->at, a->send.at, a->send.len);
}

static void obey_reply(struct lab_node *h, const struct action *a)
{
    assert(a->reply.len < LAB_REPLY);
    memcpy(h->reply, a->reply.text, a->reply.len);
    h->reply[a->reply.len] = '\0';
    h->reply_client = a->reply.client;
    h->n_replies++;
    if (a->reply.client < LAB_CLIENTS)
        h->answered[a->reply.client]++;
}

static void obey_event(struct lab *l, unsigned i, const struct action *a)
{
    char words[512];
    struct str s;
    l->at[i].event = a->event.say;
    l->at[i].n_events++;
    if (!getenv("LAB_TRACE"))
        return;
    str_init(&s, words, sizeof(words));
    say_words(&a->event.say, NULL, &s);
    fprintf(stderr, "%8llu db%u %s\n", (unsigned long long)(l->now_us / 1000), i + 1, words);
}

static void obey(struct lab *l, unsigned i, const struct action *a, struct event *done, unsigned *n)
{
    struct lab_node *h = &l->at[i];
    struct event ev = {0};
    switch (a->kind) {
    case ACT_SEND: obey_send(l, i, a); break;
    case ACT_CAST: obey_cast(l, i, a); break;
    case ACT_KEEP:
    case ACT_KEEP_CIB:
        ev.kind = EV_KEPT;
        ev.kept.op = a->kind == ACT_KEEP ? a->keep.op : a->keep_cib.op;
        ev.kept.err = h->disk_fails ? ERR_IO : ERR_OK;
        if (!h->disk_fails && a->kind == ACT_KEEP) {
            h->kept = a->keep.kept;
            h->has_kept = true;
        } else if (!h->disk_fails) {
            str_copy(h->cib, l->limits.cib_bytes, a->keep_cib.text);
            h->cib_epoch = a->keep_cib.epoch;
            h->cib_seq = a->keep_cib.seq;
        }
        done[(*n)++] = ev;
        break;
    case ACT_PLAN:
        h->plan_op = a->plan.op;
        h->plan_in = a->plan.in;
        break;
    case ACT_AGENT_RUN: obey_agent(l, i, &a->agent); break;
    case ACT_AGENT_KILL:
        for (unsigned k = 0; k < h->n_agents; k++)
            if (h->agent[k].op == a->agent_kill.op) {
                h->agent[k].rc = 1;
                h->agent[k].due_us = l->now_us;
            }
        break;
    case ACT_FENCE:
        h->n_fences++;
        h->fence_op = a->fence.op;
        str_copy(h->fence_input, sizeof(h->fence_input), a->fence.params);
        if (h->fence_rc == LAB_HELD)
            break;
        ev.kind = EV_FENCE_DONE;
        ev.fence.op = a->fence.op;
        ev.fence.rc =
            h->fence_says_off && strstr(h->fence_input, "action=status") ? 2 : h->fence_rc;
        ev.fence.reason = "";
        done[(*n)++] = ev;
        break;
    case ACT_REPLY: obey_reply(h, a); break;
    case ACT_EVENT: obey_event(l, i, a); break;
    case ACT_RESERVE:
        ev.kind = EV_RESERVED;
        ev.reserved.op = a->reserve.op;
        ev.reserved.reason = "";
        if (!l->reserve || l->reserve(l, i, &a->reserve, &ev))
            done[(*n)++] = ev;
        break;
    case ACT_RESET_SELF: h->reset = true; break;
    case ACT_EXIT: h->exited = true; break;
    default: break;
    }
}

void lab_tell(struct lab *l, unsigned i, struct event *ev)
{
    struct lab_node *h = &l->at[i];
    struct event done[16];
    unsigned n = 0;
    ev->now_us = l->now_us;
    ev->wall_s = 1700000000 + l->now_us / 1000000;
    outbox_clear(l->out);
    node_step(h->n, ev, l->out);
    h->steps++;
    h->most_actions = (unsigned)num_max(h->most_actions, l->out->n);
    h->most_bytes = num_max(h->most_bytes, l->out->used);
    for (unsigned k = 0; k < l->out->n; k++) {
        assert(n < ARRAY_LEN(done));
        obey(l, i, &l->out->at[k], done, &n);
    }
    if (h->exited || h->reset)
        lab_down(l, i);
    for (unsigned k = 0; k < n && h->up; k++)
        lab_tell(l, i, &done[k]);
    if (h->up && h->plan_op && !h->plan_held)
        lab_plan(l, i);
}

void lab_plan(struct lab *l, unsigned i)
{
    struct lab_node *h = &l->at[i];
    struct event ev = {.kind = EV_PLANNED};
    arena_reset(&h->plan_arena);
    ev.planned.op = h->plan_op;
    ev.planned.err = sched_run(h->plan_in, &h->plan_arena, &h->plan);
    ev.planned.plan = &h->plan;
    h->plan_op = 0;
    lab_tell(l, i, &ev);
}

/* ---- power ---- */

void lab_down(struct lab *l, unsigned i)
{
    l->at[i].up = false;
    l->at[i].n_agents = 0;
    if (l->cast)
        group_tell(l, l->part[i]);
}

void lab_restart(struct lab *l, unsigned i)
{
    struct lab_node *h = &l->at[i];
    struct event ev = {.kind = EV_BOOT};
    memset(h->memory, 0, node_size(&l->limits));
    h->n = node_init(h->memory, &l->limits, &l->conf, &l->timing, i, 42 + i);
    h->up = true;
    h->exited = h->reset = false;
    h->n_agents = 0;
    h->plan_op = 0;
    h->kept.cib_epoch = h->cib_epoch;
    h->kept.cib_seq = h->cib_seq;
    ev.boot.boot = h->boot;
    ev.boot.life = ++h->life;
    ev.boot.kept = h->has_kept ? &h->kept : NULL;
    ev.boot.cib_text = h->cib_seq ? h->cib : NULL;
    ev.boot.cores = 2;
    lab_tell(l, i, &ev);
    struct event link = {.kind = EV_LINK, .link = {.link = 0, .usable = true}};
    lab_tell(l, i, &link);
    if (l->cast)
        group_tell(l, l->part[i]);
}

void lab_boot(struct lab *l, unsigned i, const char *text)
{
    struct lab_node *h = &l->at[i];
    h->boot += 0x1001u + i;
    h->life = 0;
    memset(l->running[i], 0, sizeof(l->running[i]));
    if (text) {
        str_copy(h->cib, l->limits.cib_bytes, text);
        h->cib_epoch = h->cib_seq = 1;
        h->has_kept = true;
        h->kept = (struct kept){.epoch = 1, .common_epoch = 1, .common_seq = 1};
    }
    lab_restart(l, i);
}

/* ---- time ---- */

static uint64_t next_us(const struct lab *l)
{
    uint64_t next = l->n_frames ? l->frame[l->first].due_us : UINT64_MAX;
    if (l->n_casts)
        next = num_min(next, l->cast[l->first_cast].due_us);
    for (unsigned i = 0; i < l->n_nodes; i++) {
        const struct lab_node *h = &l->at[i];
        if (!h->up)
            continue;
        next = num_min(next, node_deadline(h->n));
        for (unsigned k = 0; k < h->n_agents; k++)
            next = num_min(next, h->agent[k].due_us);
    }
    return next;
}

static bool agent_turn(struct lab *l, unsigned i)
{
    struct lab_node *h = &l->at[i];
    for (unsigned k = 0; k < h->n_agents; k++) {
        struct event ev = {.kind = EV_AGENT_DONE};
        if (h->agent[k].due_us > l->now_us)
            continue;
        ev.agent.op = h->agent[k].op;
        ev.agent.rc = h->agent[k].rc;
        ev.agent.reason = "";
        h->agent[k] = h->agent[--h->n_agents];
        lab_tell(l, i, &ev);
        return true;
    }
    return false;
}

static void cast_turn(struct lab *l)
{
    struct lab_cast *c = &l->cast[l->first_cast];
    bool counts = l->at[c->from].up && l->part[c->from] == c->part;
    l->casting = true;
    for (unsigned i = 0; i < l->n_nodes; i++) {
        struct event ev = {.kind = EV_CAST};
        ev.cast.node = c->from;
        ev.cast.at = c->at;
        ev.cast.len = c->len;
        if (l->at[i].up && l->part[i] == c->part && counts)
            lab_tell(l, i, &ev);
    }
    l->casting = false;
    for (unsigned part = 0; l->changed; part++)
        if (l->changed >> part & 1) {
            l->changed &= ~(1u << part);
            group_tell(l, part);
        }
    l->first_cast = (l->first_cast + 1) % LAB_CASTS;
    l->n_casts--;
}

static void turn(struct lab *l)
{
    if (l->n_casts && l->cast[l->first_cast].due_us <= l->now_us) {
        cast_turn(l);
        return;
    }
    if (l->n_frames && l->frame[l->first].due_us <= l->now_us) {
        struct lab_frame *f = &l->frame[l->first];
        struct event ev = {.kind = EV_FRAME};
        ev.frame.at = f->at;
        ev.frame.len = f->len;
        if (l->at[f->to].up)
            lab_tell(l, f->to, &ev);
        l->first = (l->first + 1) % LAB_FRAMES;
        l->n_frames--;
        return;
    }
    for (unsigned i = 0; i < l->n_nodes; i++) {
        if (!l->at[i].up)
            continue;
        if (agent_turn(l, i))
            return;
        if (node_deadline(l->at[i].n) <= l->now_us) {
            struct event ev = {.kind = EV_TIME};
            lab_tell(l, i, &ev);
        }
    }
}

void lab_run(struct lab *l, uint64_t ms)
{
    uint64_t until = l->now_us + US(ms), at = 0;
    for (unsigned turns = 0; next_us(l) <= until;) {
        l->now_us = num_max(l->now_us, next_us(l));
        turns = l->now_us == at ? turns + 1 : 0;
        assert(turns < TURNS_MAX); /* it asks to be called for ever */
        at = l->now_us;
        turn(l);
    }
    l->now_us = until;
}

/* ---- from outside ---- */

void lab_ask(struct lab *l, unsigned i, uint32_t client, const struct cmd *c)
{
    static uint8_t at[CMD_TEXT_MAX + CMD_ARGS_MAX * CMD_ARG_LEN + 64];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    cmd_put(&b, c);
    assert(!b.bad);
    struct event ev = {.kind = EV_ADMIN};
    ev.admin.client = client;
    ev.admin.at = at;
    ev.admin.len = b.pos;
    ev.admin.user = "root";
    lab_tell(l, i, &ev);
}

/* By the other node's own session, so that offsets and numbers stay right. */
void lab_message(struct lab *l, unsigned to, unsigned type, const struct buf *body)
{
    struct node *from = l->at[!to].n;
    struct event ev = {.kind = EV_TIME};
    outbox_clear(l->out);
    from->out = l->out;
    msg_send(from, to, type, body);
    from->out = NULL;
    lab_tell(l, !to, &ev);
}

bool lab_agent_runs(const struct lab *l, unsigned i, const char *id, const char *action)
{
    const struct lab_node *h = &l->at[i];
    for (unsigned k = 0; k < h->n_agents; k++)
        if (str_eq(h->agent[k].id, id) && str_eq(h->agent[k].action, action))
            return true;
    return false;
}

bool lab_agent_end(struct lab *l, unsigned i, const char *id, const char *action, int rc,
                   bool not_run)
{
    struct lab_node *h = &l->at[i];
    struct event ev = {.kind = EV_AGENT_DONE};
    for (unsigned k = 0; k < h->n_agents; k++)
        if (str_eq(h->agent[k].id, id) && str_eq(h->agent[k].action, action)) {
            ev.agent.op = h->agent[k].op;
            ev.agent.rc = rc;
            ev.agent.not_run = not_run;
            ev.agent.reason = "";
            h->agent[k] = h->agent[--h->n_agents];
            lab_tell(l, i, &ev);
            return true;
        }
    return false;
}

struct rec *lab_rec(struct lab *l, unsigned i, unsigned of, const char *id)
{
    unsigned slot = exec_slot_find(l->at[i].n, id);
    assert(slot != CIB_NONE);
    return exec_rec(l->at[i].n, of, slot);
}
