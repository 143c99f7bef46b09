/* SPDX-License-Identifier: GPL-2.0-or-later
 * request: requests of clients.
 *
 * Happy path: questions are answered at once from what this node knows; wishes go to the
 * coordinator (over the session when that is the other node), which does them (wish.c) and answers,
 * with CMD_WAIT_DONE only when nothing is left to do. Ways to fail: nonsense (refused by name), too
 * many at a time, no coordinator yet, the coordinator is lost meanwhile (said so: the outcome is
 * unknown), the client goes away (forgotten). */
#include <assert.h>
#include <string.h>
#include "lib/core/coord.h"
#include "lib/core/drill.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/msg.h"
#include "lib/core/path.h"
#include "lib/core/request.h"
#include "lib/core/session.h"
#include "lib/core/status.h"
#include "lib/core/view.h"

/* The last place is never waited in, so that a question is answered and a refusal said even when
 * everything else hangs. */
static struct request *request_new(struct node *n, unsigned from, uint32_t client, bool at_once)
{
    for (unsigned i = 0; i < REQUESTS_MAX - (at_once ? 0u : 1u); i++)
        if (!n->request[i].used) {
            struct request *r = &n->request[i];
            memset(r, 0, sizeof(*r));
            r->used = true;
            r->from = (uint8_t)from;
            r->client = client;
            r->since_us = n->now_us;
            return r;
        }
    return NULL;
}

enum { SHORT_MAX = 4096 };

static void reply_send(struct node *n, uint32_t client, const char *text, size_t len)
{
    char *at = out_bytes(n, len + 1);
    memcpy(at, text, len);
    at[len] = '\0';
    struct action *a = out_action(n, ACT_REPLY);
    a->reply.client = client;
    a->reply.text = at;
    a->reply.len = len;
    a->reply.last = true;
}

static enum err answer_send(struct node *n, const struct request *r, const char *text, size_t len)
{
    struct buf b;
    size_t size = len + 16;
    buf_write_init(&b, out_open(n, size), size);
    buf_put_u32(&b, r->client);
    buf_put_u32(&b, (uint32_t)len);
    buf_put_bytes(&b, text, len);
    assert(!b.bad);
    return session_send(n, r->from, MSG_ANSWER, b.at, b.pos);
}

void request_answer(struct node *n, struct request *r, const char *text, size_t len)
{
    assert(r->used);
    if (r->from == n->self) {
        r->used = false;
        reply_send(n, r->client, text, len);
        return;
    }
    enum err err = answer_send(n, r, text, len);
    if (err == ERR_FULL && len > SHORT_MAX) /* that it is too long is said in few words */
        request_refuse_err(n, r, SAY_CMD_TOO_LONG, cmd_word(r->kind), ERR_FULL);
    r->used = false;
}

void request_json(struct node *n, struct json *j, struct str *s)
{
    str_init(s, n->scratch, n->scratch_size);
    json_init(j, s);
    json_open(j, NULL, '{');
}

void request_json_end(struct node *n, struct request *r, struct json *j, const struct str *s)
{
    json_close(j, '}');
    if (s->cut)
        request_refuse_err(n, r, SAY_CMD_TOO_LONG, cmd_word(r->kind), ERR_FULL);
    else
        request_answer(n, r, s->at, s->len);
}

void request_refuse(struct node *n, struct request *r, const struct say *why)
{
    struct json j;
    struct str s;
    char words[512];
    struct str w;
    str_init(&w, words, sizeof(words));
    say_words(why, NULL, &w);
    request_json(n, &j, &s);
    json_bool(&j, "ok", false);
    json_u64(&j, "id", why->id);
    json_text(&j, "name", say_name(why->id));
    json_open(&j, "args", '[');
    for (unsigned i = 0; i < why->n; i++)
        json_text(&j, NULL, say_get_arg(why, i));
    json_close(&j, ']');
    json_text(&j, "error", words);
    status_faults(&j, &n->store.faults, why->id == SAY_CMD_CIB_FAULTS);
    json_close(&j, '}');
    request_answer(n, r, s.at, s.len);
}

void request_refuse_err(struct node *n, struct request *r, enum say_id id, const char *arg,
                        enum err err)
{
    struct say say;
    say_set(&say, id);
    say_arg(&say, arg);
    say_arg(&say, err_text(err));
    request_refuse(n, r, &say);
}

void request_ok(struct node *n, struct request *r)
{
    struct json j;
    struct str s;
    request_json(n, &j, &s);
    json_bool(&j, "ok", true);
    status_version(&j, n);
    json_close(&j, '}');
    request_answer(n, r, s.at, s.len);
}

/* ---- in ----------------------------------------------------------------------------------- */

static bool question(struct node *n, struct request *r, const struct cmd *c)
{
    struct json j;
    struct str s;
    request_json(n, &j, &s);
    json_bool(&j, "ok", true);
    switch ((enum cmd_kind)c->kind) {
    case CMD_STATUS: status_all(&j, n); break;
    case CMD_LINK: status_links(&j, n); break;
    case CMD_GUARD: status_guard(&j, n); break;
    case CMD_VERSION:
        status_version(&j, n);
        json_u64(&j, "start", n->life);
        break;
    case CMD_CIB_GET:
        status_version(&j, n);
        json_text(&j, "text", n->store.text[n->store.at]);
        break;
    default: return false;
    }
    request_json_end(n, r, &j, &s);
    return true;
}

static void forward(struct node *n, struct request *r, const struct cmd *c)
{
    size_t size = 16 + CMD_ARGS_MAX * (CMD_ARG_LEN + 2) + c->text_len;
    struct buf b;
    struct say say;
    unsigned p = n->view.coordinator, l = path_best(n, p);
    if (l < CONF_LINKS_MAX && conf_link_slow(&n->conf.link[l]) && c->text_len > SERIAL_CIB_MAX) {
        say_set(&say, SAY_CMD_CIB_NO_LINK);
        request_refuse(n, r, &say);
        return;
    }
    buf_write_init(&b, out_open(n, size), size);
    r->number = ++n->request_no;
    buf_put_u32(&b, r->number);
    cmd_put(&b, c);
    assert(!b.bad);
    r->wait = WAIT_PEER;
    r->target = (uint8_t)p;
    if (session_send(n, p, MSG_ADMIN, b.at, b.pos)) {
        say_set(&say, SAY_CMD_NO_COORDINATOR);
        request_refuse(n, r, &say);
    }
}

static void take(struct node *n, struct request *r, const struct cmd *c)
{
    struct say say;
    r->kind = c->kind;
    r->flags = c->flags;
    r->serial = n->coord.dirty_serial;
    /* A coordinator cannot have itself fenced: who is asked, does it. */
    unsigned target = c->kind == CMD_FENCE ? conf_node_index(&n->conf, c->arg[0]) : NODE_NONE;
    bool local = (target != NODE_NONE && target == n->view.coordinator) || c->kind == CMD_STOP ||
                 c->kind == CMD_CONFIRM || c->kind == CMD_IDLE || c->kind == CMD_SCORES ||
                 c->kind == CMD_FENCE_TEST;
    if (question(n, r, c))
        return;
    if (view_directs(n) || local) {
        wish_do(n, r, c);
    } else if (n->view.state == VIEW_TOGETHER && r->from == n->self) {
        forward(n, r, c);
    } else {
        say_set(&say, SAY_CMD_NO_COORDINATOR);
        request_refuse(n, r, &say);
    }
}

/* Takes one in, of a client or of another node; NULL when it was answered already. */
static struct request *begin(struct node *n, unsigned from, uint32_t client, struct buf *b,
                             struct cmd *c)
{
    struct say say;
    enum err err = cmd_get(b, c);
    bool at_once = err || c->kind == CMD_STATUS || c->kind == CMD_LINK || c->kind == CMD_GUARD ||
                   c->kind == CMD_VERSION || c->kind == CMD_CIB_GET;
    struct request *r = request_new(n, from, client, at_once);
    if (r && !err)
        return r;
    if (!r)
        r = request_new(n, from, client, true);
    assert(r);
    if (err) {
        request_refuse_err(n, r, SAY_CMD_BAD, "", err);
    } else {
        say_set(&say, SAY_CMD_TOO_MANY);
        say_argf(&say, "%u", REQUESTS_MAX - 1);
        request_refuse(n, r, &say);
    }
    return NULL;
}

void request_admin(struct node *n, const struct event *ev)
{
    struct buf b;
    struct cmd c;
    buf_read_init(&b, ev->admin.at, ev->admin.len);
    struct request *r = begin(n, n->self, ev->admin.client, &b, &c);
    if (!r)
        return;
    bool changes = c.kind >= CMD_CIB_PUT && c.kind <= CMD_STOP && c.kind != CMD_SCORES;
    if (changes && !(c.flags & CMD_DRY_RUN)) {
        struct say say;
        say_set(&say, SAY_CMD_TAKEN);
        say_arg(&say, ev->admin.user ? ev->admin.user : "?");
        say_arg(&say, cmd_word(c.kind));
        say_arg(&say, c.kind == CMD_EDIT ? c.arg[1] : c.kind == CMD_CIB_PUT ? "" : c.arg[0]);
        say_arg(&say, c.kind == CMD_EDIT ? c.arg[2] : c.kind == CMD_CIB_PUT ? "" : c.arg[1]);
        out_event(n, &say, NULL, NULL);
    }
    take(n, r, &c);
}

/* The answer to the request that was forwarded under that number; its client may be gone. */
static void answer_take(struct node *n, uint32_t number, struct buf *b)
{
    uint32_t len = buf_get_u32(b);
    const uint8_t *text = buf_get_view(b, len);
    for (unsigned i = 0; i < REQUESTS_MAX && !b->bad; i++) {
        struct request *r = &n->request[i];
        if (!r->used || r->wait != WAIT_PEER || r->number != number)
            continue;
        request_answer(n, r, (const char *)text, len);
        return;
    }
}

void request_msg(struct node *n, unsigned p, unsigned type, struct buf *b)
{
    uint32_t number = buf_get_u32(b);
    struct cmd c;
    if (b->bad)
        return;
    if (type == MSG_ANSWER) {
        answer_take(n, number, b);
        return;
    }
    struct buf rest;
    buf_read_init(&rest, b->at + b->pos, buf_left(b));
    struct request *r = begin(n, p, number, &rest, &c);
    if (!r)
        return;
    if (c.kind == CMD_STOP || c.kind == CMD_CONFIRM || c.kind == CMD_IDLE ||
        c.kind == CMD_FENCE_TEST)
        request_refuse_err(n, r, SAY_CMD_BAD, cmd_word(c.kind), ERR_DENIED); /* a node's own */
    else
        take(n, r, &c);
}

void request_gone(struct node *n, uint32_t client)
{
    for (unsigned i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &n->request[i];
        if (r->used && r->from == n->self && r->client == client)
            r->used = false;
    }
}

/* ---- later ---------------------------------------------------------------------------------- */

void request_part(struct node *n, unsigned p)
{
    struct say say;
    for (unsigned i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &n->request[i];
        if (!r->used)
            continue;
        if (r->from != n->self && r->from != p)
            continue;
        if (r->from != n->self) {
            r->used = false; /* nobody is left to be answered */
        } else if (r->wait == WAIT_PEER && r->target == p) {
            say_set(&say, SAY_CMD_COORDINATOR_LOST);
            say_arg(&say, node_name(n, p));
            request_refuse(n, r, &say);
        }
    }
}

void request_unknown(struct node *n, unsigned request)
{
    struct request *r = &n->request[request];
    struct say say;
    if (!r->used || r->wait != WAIT_CHANGE)
        return;
    say_set(&say, SAY_CMD_COORDINATOR_LOST);
    say_arg(&say, node_name(n, n->self));
    request_refuse(n, r, &say);
}

void request_change_done(struct node *n, unsigned request, enum err err)
{
    struct request *r = &n->request[request];
    if (!r->used || r->wait != WAIT_CHANGE)
        return;
    if (err) {
        request_refuse_err(n, r, SAY_CMD_CIB_NOT_KEPT, "", err);
    } else if (r->flags & CMD_WAIT_DONE) {
        r->wait = WAIT_IDLE;
        r->serial = n->coord.dirty_serial;
    } else {
        request_ok(n, r);
    }
}

void request_fenced(struct node *n, unsigned target, bool ok, const char *why)
{
    (void)why;
    for (unsigned i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &n->request[i];
        if (!r->used || r->wait != WAIT_FENCE || r->target != target)
            continue;
        if (ok)
            request_ok(n, r);
        else
            request_refuse_err(n, r, SAY_CMD_NOT_FENCED, node_name(n, target), ERR_REFUSED);
    }
}

void request_drilled(struct node *n)
{
    for (unsigned i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &n->request[i];
        struct json j;
        struct str s;
        if (!r->used || r->wait != WAIT_DRILL)
            continue;
        request_json(n, &j, &s);
        json_bool(&j, "ok", true);
        json_text(&j, "node", node_name(n, n->self));
        drill_status(&j, n);
        request_json_end(n, r, &j, &s);
    }
}

static void idle_answer(struct node *n, struct request *r)
{
    struct json j;
    struct str s;
    request_json(n, &j, &s);
    json_bool(&j, "ok", true);
    status_version(&j, n);
    status_whys(&j, n);
    request_json_end(n, r, &j, &s);
}

/* Nothing is left to do, here or at a member. */
static bool idle(const struct node *n)
{
    if (!coord_idle(n) || exec_busy(n) || n->store.change != CHANGE_NONE)
        return false;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned i = 0; nodeset_has(n->view.members, p) && i < n->exec.n_slots; i++)
            if (n->exec.slot[i].used && exec_rec_const(n, p, i)->pending != OP_NONE)
                return false;
    return true;
}

void request_tick(struct node *n)
{
    bool asked = false;
    for (unsigned i = 0; i < REQUESTS_MAX; i++) {
        struct request *r = &n->request[i];
        if (!r->used || r->wait != WAIT_IDLE)
            continue;
        if (!asked && !idle(n))
            return;
        asked = true;
        if (!out_roomy(n)) {
            out_wake(n, n->now_us);
            return;
        }
        idle_answer(n, r);
    }
}
