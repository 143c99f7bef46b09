/* SPDX-License-Identifier: GPL-2.0-or-later
 * view: the engine for two nodes.
 *
 * Happy path: both nodes hear each other both ways, exchange hellos over a fresh session, and find
 * by the same rule who coordinates: highest epoch, then longest in its view, then lowest id. The
 * coordinator keeps an epoch above both and offers it; the other keeps it too, installs the view
 * and acknowledges; the coordinator installs it. Then configurations are made equal and records
 * told. Ways to fail: the peer falls silent or begins anew at any point: alone again, under an
 * epoch of our own; state cannot be kept: nothing is offered or acknowledged until it can. */
#include <assert.h>
#include "lib/base/num.h"
#include "lib/core/view.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/lease.h"
#include "lib/core/msg.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/request.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"
#include "lib/core/store.h"

enum { FORM_MIN_MS = 5000 };

const char *view_state_word(enum view_state state)
{
    static const char *const word[] = {"none", "alone", "forming", "together"};
    return state < ARRAY_LEN(word) ? word[state] : "?";
}

void view_set(struct node *n, enum view_state state)
{
    static const uint8_t legal[] = {
        [VIEW_NONE] = 1 << VIEW_ALONE | 1 << VIEW_FORMING,
        [VIEW_ALONE] = 1 << VIEW_FORMING | 1 << VIEW_ALONE,
        [VIEW_FORMING] = 1 << VIEW_ALONE | 1 << VIEW_TOGETHER,
        [VIEW_TOGETHER] = 1 << VIEW_ALONE | 1 << VIEW_FORMING,
    };
    struct view *v = &n->view;
    assert(legal[v->state] >> state & 1);
    v->state = (uint8_t)state;
    if (state == VIEW_ALONE || state == VIEW_TOGETHER)
        v->since_us = n->now_us;
    v->follow = v->offered = false;
    v->form_until_us = n->now_us + US(num_max(FORM_MIN_MS, 4u * n->timing.lost_ms));
    coord_reset(n);
    path_hurry(n);
}

bool view_directs(const struct node *n)
{
    return (n->view.state == VIEW_ALONE || n->view.state == VIEW_TOGETHER) &&
           n->view.coordinator == n->self;
}

bool view_whole(const struct node *n)
{
    if (ring_engine(n))
        return n->view.state == VIEW_TOGETHER && nodeset_count(n->view.members) == n->conf.n_nodes;
    return n->view.state != VIEW_ALONE;
}

void view_boot(struct node *n)
{
    struct view *v = &n->view;
    v->epoch = n->durable.want.epoch;
    v->members = nodeset_one(n->self);
    v->coordinator = NODE_NONE;
    v->alone_at_us = n->now_us + US(n->timing.join_wait_ms);
    v->since_us = n->now_us;
}

void view_epoch(struct node *n, uint32_t epoch)
{
    n->view.epoch = epoch;
    durable_epoch(n, epoch);
    n->view.keep_generation = n->durable.generation;
}

static void alone_begin(struct node *n)
{
    struct view *v = &n->view;
    uint32_t epoch = (uint32_t)num_max(v->epoch, v->offer) + 1;
    v->offer = 0;
    v->members = nodeset_one(n->self);
    v->coordinator = (uint8_t)n->self;
    view_set(n, VIEW_ALONE);
    view_epoch(n, epoch);
    struct say say;
    say_set(&say, SAY_VIEW_ALONE);
    say_arg(&say, node_name(n, n->self));
    say_argf(&say, "%u", epoch);
    out_event(n, &say, NULL, NULL);
}

void view_part(struct node *n, unsigned p)
{
    if (ring_engine(n)) {
        ring_part(n);
        return;
    }
    if (n->view.state != VIEW_TOGETHER && n->view.state != VIEW_FORMING)
        return;
    alone_begin(n);
    store_part(n);
    exec_part(n);
    request_part(n, p);
}

void view_restart(struct node *n, unsigned p)
{
    if (n->peer[p].state == PEER_MEMBER) {
        struct say why;
        say_set(&why, SAY_PEER_RESTARTED);
        say_arg(&why, node_name(n, p));
        peer_set(n, p, PEER_MEETING, &why);
    }
    view_part(n, p);
}

/* ---- meeting ------------------------------------------------------------------------------ */

void view_hello_send(struct node *n, unsigned p)
{
    uint8_t at[64];
    struct buf b;
    struct view *v = &n->view;
    v->hello_age_ms = v->state == VIEW_NONE ? 0 : (uint32_t)((n->now_us - v->since_us) / 1000);
    buf_write_init(&b, at, sizeof(at));
    buf_put_u32(&b, (uint32_t)num_max(v->epoch, v->offer));
    buf_put_u32(&b, v->hello_age_ms);
    buf_put_u32(&b, n->store.version.epoch);
    buf_put_u32(&b, n->store.version.seq);
    buf_put_u32(&b, n->store.hash);
    buf_put_u32(&b, n->store.common.epoch);
    buf_put_u32(&b, n->store.common.seq);
    buf_put_u16(&b, (uint16_t)exec_active(n));
    buf_put_u8(&b, v->state == VIEW_ALONE);
    v->hello_epoch = (uint32_t)num_max(v->epoch, v->offer);
    msg_send(n, p, MSG_HELLO, &b);
}

/* Same answer on both sides: it looks only at what the two hellos said. */
static bool we_coordinate(const struct node *n, unsigned p)
{
    const struct hello *h = &n->peer[p].hello;
    if (n->view.hello_epoch != h->epoch)
        return n->view.hello_epoch > h->epoch;
    if (n->view.hello_age_ms != h->view_age_ms)
        return n->view.hello_age_ms > h->view_age_ms;
    return n->self < p;
}

void view_hello_take(struct node *n, unsigned p, struct buf *b)
{
    struct peer *peer = &n->peer[p];
    struct hello h = {0};
    h.epoch = buf_get_u32(b);
    h.view_age_ms = buf_get_u32(b);
    h.cib_epoch = buf_get_u32(b);
    h.cib_seq = buf_get_u32(b);
    h.cib_hash = buf_get_u32(b);
    h.common_epoch = buf_get_u32(b);
    h.common_seq = buf_get_u32(b);
    h.n_active = buf_get_u16(b);
    h.alone = buf_get_u8(b);
    if (b->bad || h.epoch >= EPOCH_MAX || peer->session.hello_got)
        return;
    peer->hello = h;
    peer->session.hello_got = true;
}

/* Both hellos are there and nothing is being formed: the coordinator begins. */
static void form_begin(struct node *n, unsigned p)
{
    struct view *v = &n->view;
    if (!we_coordinate(n, p))
        return;
    if (n->durable.failed || n->peer[p].no_keep)
        return; /* it could not be kept: no use to try, and to part again, for ever */
    v->offer = (uint32_t)num_max(v->epoch, n->peer[p].hello.epoch) + 1;
    view_set(n, VIEW_FORMING);
    v->coordinator = (uint8_t)n->self;
    /* From here on the peer may come to run things: the right to start alone ends before that. */
    durable_right(n, false);
    view_epoch(n, v->offer);
}

void view_offer_take(struct node *n, unsigned p, struct buf *b)
{
    struct view *v = &n->view;
    uint32_t offer = buf_get_u32(b);
    if (b->bad || n->peer[p].state != PEER_MEETING || offer <= v->epoch || offer > EPOCH_MAX ||
        v->state == VIEW_FORMING || v->state == VIEW_TOGETHER || n->durable.failed)
        return;
    view_set(n, VIEW_FORMING);
    v->offer = offer;
    v->follow = true;
    v->coordinator = (uint8_t)p;
    durable_right(n, false);
    view_epoch(n, offer);
}

static void install(struct node *n, unsigned p)
{
    struct view *v = &n->view;
    v->offer = 0;
    v->members = nodeset_add(nodeset_one(n->self), p);
    view_set(n, VIEW_TOGETHER);
    n->peer[p].orders_sent = n->peer[p].orders_taken = 0;
    exec_join(n);
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        exec_rec(n, p, i)->order = 0;
    struct say why;
    say_set(&why, SAY_PEER_MEMBER);
    say_arg(&why, node_name(n, p));
    say_argf(&why, "%u", v->epoch);
    say_arg(&why, node_name(n, v->coordinator));
    peer_set(n, p, PEER_MEMBER, &why);
}

void view_ack_take(struct node *n, unsigned p, struct buf *b)
{
    struct view *v = &n->view;
    struct hello *h = &n->peer[p].hello;
    uint32_t offer = buf_get_u32(b);
    uint32_t cib_epoch = buf_get_u32(b), cib_seq = buf_get_u32(b), cib_hash = buf_get_u32(b);
    if (b->bad || v->state != VIEW_FORMING || v->follow || offer != v->offer ||
        n->peer[p].state != PEER_MEETING)
        return;
    h->cib_epoch = cib_epoch; /* it may have changed since the hello */
    h->cib_seq = cib_seq;
    h->cib_hash = cib_hash;
    install(n, p);
    store_meet(n, p);
}

static void form_go_on(struct node *n, unsigned p)
{
    struct view *v = &n->view;
    uint8_t at[16];
    struct buf b;
    if (v->form_until_us <= n->now_us) { /* an offer went astray: begin anew with fresh hellos */
        session_close(n, p);
        view_part(n, p);
        return;
    }
    out_wake(n, v->form_until_us);
    if (!durable_reached(n, v->keep_generation) || n->store.change != CHANGE_NONE)
        return;
    buf_write_init(&b, at, sizeof(at));
    buf_put_u32(&b, v->offer);
    if (v->follow) {
        buf_put_u32(&b, n->store.version.epoch);
        buf_put_u32(&b, n->store.version.seq);
        buf_put_u32(&b, n->store.hash);
        install(n, p);
        msg_send(n, p, MSG_VIEW_ACK, &b);
    } else if (!v->offered) {
        v->offered = true;
        msg_send(n, p, MSG_VIEW, &b);
    }
}

/* What it waits for, and what to type. */
static void unmet_tell(struct node *n, unsigned p)
{
    struct say why;
    guard_say(n, p, &why);
    out_event(n, &why, NULL, node_name(n, p));
}

/* The right of an earlier life of the daemon. Who finds something guarded of its own running goes
 * on: nobody who looked can have called that dead. Who finds nothing may have been confirmed dead,
 * and taken over, while no daemon was there (test/model, row 62). */
static void right_follow(struct node *n)
{
    struct view *v = &n->view;
    bool runs = n->broken & BREAK_RIGHT, unknown = false;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct rec *r = exec_rec_const(n, n->self, i);
        runs = runs || (lease_guards(n, i) && (r->life == RSC_STARTED || r->life == RSC_PROMOTED));
        unknown = unknown || (n->exec.slot[i].used && r->life == RSC_UNKNOWN);
    }
    if (!runs && unknown)
        return;
    v->right_asked = false;
    if (!runs)
        durable_right(n, false);
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        if (p == n->self || n->peer[p].state != PEER_UNMET || n->peer[p].proof != PROOF_NONE)
            continue;
        if (runs)
            peer_stopped(n, p, PROOF_RIGHT, 0);
        else
            unmet_tell(n, p);
    }
}

void view_tick(struct node *n)
{
    struct view *v = &n->view;
    bool meeting = false;
    if (ring_engine(n))
        return;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        if (p == n->self || n->peer[p].state != PEER_MEETING)
            continue;
        meeting = true;
        if (!session_ready(n, p))
            continue;
        if (v->state == VIEW_NONE || v->state == VIEW_ALONE)
            form_begin(n, p);
        if (v->state == VIEW_FORMING)
            form_go_on(n, p);
    }
    if (v->state == VIEW_ALONE && v->right_asked)
        right_follow(n);
    if (v->state != VIEW_NONE)
        return;
    if (v->alone_at_us > n->now_us) {
        out_wake(n, v->alone_at_us);
        return;
    }
    if (meeting && n->now_us - v->since_us <
                       US((uint64_t)n->timing.join_wait_ms + FORM_MIN_MS + 4u * n->timing.lost_ms))
        v->alone_at_us = n->now_us + US(n->timing.lost_ms); /* it is just being agreed on */
    else
        alone_begin(n); /* a peer that cannot agree is no reason to leave what runs here alone */
    /* Under a lease the peer may have taken over while no daemon of this boot ran: the disk
     * decides. */
    v->right_asked =
        v->state == VIEW_ALONE &&
        (n->broken & BREAK_RIGHT || (n->kept.alone_boot == n->boot && !lease_active(n)));
    for (unsigned p = 0; v->state == VIEW_ALONE && p < n->conf.n_nodes; p++) {
        if (p == n->self || n->peer[p].state != PEER_UNMET)
            continue;
        if (n->peer[p].proof != PROOF_NONE) /* the operator's word came while we waited */
            durable_right(n, true);
        else if (!v->right_asked)
            unmet_tell(n, p);
    }
}
