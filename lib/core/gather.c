/* SPDX-License-Identifier: GPL-2.0-or-later
 * gather: the view of the group's daemons.
 *
 * Happy path: the group changed, or somebody fell silent or came back: at that place of the one
 * order everybody casts a hello and waits for those of all others. The hello that completes them is
 * the same for all, so all conclude the same at the same place: who is dead and stays out, who
 * coordinates, the epoch (one above all), and who is known to be stopped. No further word is
 * needed: the view is in force. Then the coordinator makes the configurations equal (store) and all
 * report what they run (rec). Ways to fail: somebody casts no hello (found silent by ring.c, and it
 * begins again without him); the group changes meanwhile (again); a hello of before such a change
 * is known by the set of nodes that it names. */
#include "lib/core/gather.h"
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/cast.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/lease.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/request.h"
#include "lib/core/reset.h"
#include "lib/core/ring.h"
#include "lib/core/store.h"
#include "lib/core/view.h"

enum {
    HELLO_AGAIN = 1,    /* its sender lost step: all begin anew */
    HELLO_STALE = 4,    /* what it knows of the end of others may be of before */
    HELLO_DIRECTED = 2, /* it coordinated its last view */
    TOLD_LOST = 0xff,   /* in the place of a proof: it was met, and is lost */
    PROOF_BYTES = 9,
    HELLO_BYTES = 80 + NODE_MAX * PROOF_BYTES + KEPT_FENCED_MAX * PROOF_BYTES
};

/* ---- out ------------------------------------------------------------------------------------ */

/* A goodbye holds for whoever hears of it, the word of a moment does not. */
static uint8_t proof_told(const struct node *n, unsigned p)
{
    uint8_t proof = n->peer[p].proof;
    bool there = p == n->self || nodeset_has(ring_in(n), p);
    if (!there && proof == PROOF_NONE && n->peer[p].state == PEER_LOST)
        return TOLD_LOST;
    return there || proof == PROOF_RIGHT || proof == PROOF_REPORT ? PROOF_NONE : proof;
}

static void hello_cast(struct node *n, uint8_t flags)
{
    const struct view *v = &n->view;
    const struct kept *want = &n->durable.want;
    struct cib_version version;
    uint32_t hash;
    struct buf b;
    store_hello(n, &version, &hash);
    cast_begin(n, &b, CAST_HELLO, HELLO_BYTES);
    buf_put_u16(&b, ring_in(n));
    buf_put_u8(&b, (uint8_t)(flags | (v->coordinator == n->self ? HELLO_DIRECTED : 0) |
                             (n->ring.stale ? HELLO_STALE : 0)));
    buf_put_u32(&b, cast_number(n));
    buf_put_u64(&b, n->boot);
    buf_put_u16(&b, n->life);
    buf_put_u32(&b, v->epoch);
    buf_put_u32(&b, n->ring.quorate_epoch);
    buf_put_u8(&b, v->last_size);
    buf_put_u32(&b, version.epoch);
    buf_put_u32(&b, version.seq);
    buf_put_u32(&b, hash);
    buf_put_u8(&b, (uint8_t)n->conf.n_nodes);
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        uint8_t told = proof_told(n, p);
        buf_put_u8(&b, told);
        buf_put_u64(&b, told == TOLD_LOST ? n->peer[p].boot : n->peer[p].proof_boot);
    }
    buf_put_u8(&b, want->n_fenced);
    for (unsigned i = 0; i < want->n_fenced; i++) {
        buf_put_u8(&b, want->fenced[i].node_id);
        buf_put_u64(&b, want->fenced[i].boot);
    }
    cast_end(n, &b);
}

/* What was under way between the members is lost with the view. */
static void view_leave(struct node *n)
{
    struct view *v = &n->view;
    bool in_view = v->state == VIEW_TOGETHER || v->state == VIEW_ALONE;
    if (in_view) /* the larger part of the cluster has more to tell than a node of its own */
        v->last_size = n->ring.quorate ? (uint8_t)nodeset_count(v->members) : 0;
    if (v->state != VIEW_FORMING)
        view_set(n, VIEW_FORMING);
    if (!in_view)
        return;
    store_part(n);
    exec_part(n);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self)
            request_part(n, p);
}

static void peer_state_follow(struct node *n, unsigned p, enum say_id lost)
{
    struct peer *peer = &n->peer[p];
    struct say why;
    bool in = nodeset_has(ring_in(n), p);
    if (in && peer->state == PEER_MEMBER) {
        peer->reported = false;
        coord_touch(n);
    } else if (in && peer->state != PEER_MEETING) {
        say_set(&why, SAY_PEER_MET);
        say_arg(&why, node_name(n, p));
        peer_set(n, p, PEER_MEETING, &why);
    } else if (!in && (peer->state == PEER_MEMBER || peer->state == PEER_MEETING)) {
        say_set(&why, lost);
        say_arg(&why, node_name(n, p));
        say_argf(&why, "%u", n->timing.link[conf_ring(&n->conf)].limit_ms);
        peer_set(n, p, PEER_LOST, &why);
    }
}

void gather_begin(struct node *n, enum say_id lost)
{
    struct ring *r = &n->ring;
    r->gathering = true;
    r->said = 0;
    r->n_dead = 0;
    r->begun_us = n->now_us;
    memset(r->proof, 0, sizeof(r->proof));
    view_leave(n);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self)
            peer_state_follow(n, p, lost);
    cast_reset(n);
    if (nodeset_has(ring_in(n), n->self))
        hello_cast(n, 0);
}

void gather_again(struct node *n)
{
    hello_cast(n, HELLO_AGAIN);
}

void gather_alone(struct node *n)
{
    struct view *v = &n->view;
    struct say say;
    if (v->state == VIEW_NONE)
        return;
    view_leave(n);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self)
            peer_state_follow(n, p, SAY_RING_LEFT);
    cast_reset(n);
    n->ring.gathering = false;
    v->members = nodeset_one(n->self);
    v->coordinator = (uint8_t)n->self;
    view_set(n, VIEW_ALONE);
    view_epoch(n, v->epoch + 1);
    say_set(&say, SAY_VIEW_ALONE);
    say_arg(&say, node_name(n, n->self));
    say_argf(&say, "%u", v->epoch);
    out_event(n, &say, NULL, NULL);
}

/* ---- in ------------------------------------------------------------------------------------- */

static void dead_add(struct ring *r, unsigned by, uint8_t id, uint64_t boot)
{
    for (unsigned i = 0; i < r->n_dead; i++)
        if (r->dead[i].node_id == id && r->dead[i].boot == boot)
            return;
    if (r->n_dead == RING_DEAD_MAX)
        return;
    r->dead_by[r->n_dead] = (uint8_t)by;
    r->dead[r->n_dead++] = (struct kept_fenced){id, boot};
}

void gather_dead(struct node *n, unsigned q, unsigned p, uint64_t boot)
{
    dead_add(&n->ring, q, n->conf.node[p].id, boot);
}

static void proofs_get(struct node *n, unsigned p, struct buf *b)
{
    struct ring *r = &n->ring;
    unsigned nodes = buf_get_u8(b);
    for (unsigned i = 0; i < nodes && !b->bad; i++) {
        uint8_t proof = buf_get_u8(b);
        uint64_t boot = buf_get_u64(b);
        if (i < n->conf.n_nodes && (proof < PROOF_REPORT || proof == TOLD_LOST))
            r->proof[i][p] = (struct ring_proof){proof, boot};
    }
    unsigned dead = buf_get_u8(b);
    for (unsigned i = 0; i < dead && !b->bad; i++) {
        uint8_t id = buf_get_u8(b);
        uint64_t boot = buf_get_u64(b);
        if (!b->bad)
            dead_add(r, p, id, boot);
    }
}

static void decide(struct node *n);

void gather_hello(struct node *n, unsigned p, struct buf *b)
{
    struct ring *r = &n->ring;
    struct hello h = {0};
    nodeset of = buf_get_u16(b);
    uint8_t flags = buf_get_u8(b);
    uint32_t number = buf_get_u32(b);
    uint64_t boot = buf_get_u64(b);
    uint16_t life = buf_get_u16(b);
    h.epoch = buf_get_u32(b);
    uint32_t quorate_epoch = buf_get_u32(b);
    h.size = buf_get_u8(b);
    h.cib_epoch = buf_get_u32(b);
    h.cib_seq = buf_get_u32(b);
    h.cib_hash = buf_get_u32(b);
    h.directed = flags & HELLO_DIRECTED;
    if (b->bad || !boot || h.epoch >= EPOCH_MAX || of != ring_in(n) || !nodeset_has(of, p))
        return;
    if (flags & HELLO_AGAIN) {
        gather_begin(n, SAY_RING_LEFT);
        return;
    }
    /* One of a moment before, cast for the same nodes, may have been taken in its place: the newest
     * names the stream. */
    if (p != n->self)
        cast_reset_of(n, p, number);
    if (!r->gathering || nodeset_has(r->said, p))
        return;
    r->said = nodeset_add(r->said, p);
    r->boot[p] = boot;
    r->life[p] = life;
    n->peer[p].hello = h;
    r->teller[p] = (struct ring_teller){quorate_epoch, (flags & HELLO_STALE) != 0};
    proofs_get(n, p, b);
    if ((r->said & of) == of && nodeset_has(of, n->self)) /* else it is a view of the others */
        decide(n);
}

/* ---- what follows from the hellos: the same for all
 * ---------------------------------------------- */

/* Incarnations that are dead stay out, and are told so. False: this one is. */
static bool dead_leave(struct node *n)
{
    struct ring *r = &n->ring;
    for (unsigned i = 0; i < r->n_dead; i++) {
        unsigned p = conf_node_by_id(&n->conf, r->dead[i].node_id);
        uint64_t boot = r->dead[i].boot;
        if (p == NODE_NONE)
            continue;
        bool there = nodeset_has(r->said, p) && r->boot[p] == boot;
        if (there && p == n->self) {
            struct say say;
            say_set(&say, SAY_FENCED_SELF);
            say_arg(&say, node_name(n, r->dead_by[i]));
            say_argf(&say, "%u", n->view.epoch);
            out_event(n, &say, NULL, node_name(n, n->self));
            reset_self(n, true, "this node was fenced and its services were taken over");
            return false;
        }
        if (there || n->peer[p].boot == boot)
            durable_fenced(n, p, boot);
        if (there) {
            struct say why;
            r->gone = nodeset_add(r->gone, p);
            say_set(&why, SAY_RING_LEFT);
            say_arg(&why, node_name(n, p));
            peer_set(n, p, PEER_LOST, &why);
            peer_tell_fenced(n, p, conf_ring(&n->conf), boot);
        }
    }
    return true;
}

/* The one of the largest part with a quorum, of the highest epoch, who did it before. */
static unsigned coordinator_of(const struct node *n, nodeset in)
{
    unsigned best = NODE_NONE;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        if (!nodeset_has(in, p))
            continue;
        const struct hello *h = &n->peer[p].hello;
        const struct hello *o = best == NODE_NONE ? NULL : &n->peer[best].hello;
        if (!o || (h->size != o->size     ? h->size > o->size
                   : h->epoch != o->epoch ? h->epoch > o->epoch
                                          : h->directed && !o->directed))
            best = p;
    }
    return best;
}

static void member_take(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    struct say why;
    peer->proof = PROOF_NONE;
    peer->gone = peer->away = peer->apart_told = false;
    peer->orders_sent = peer->orders_taken = 0;
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        exec_rec(n, p, i)->order = 0;
    /* It cannot have given us up: the ring that it was in with us then is this one. */
    peer->viewed_us = num_max(peer->viewed_us, n->ring.begun_us);
    say_set(&why, SAY_PEER_MEMBER);
    say_arg(&why, node_name(n, p));
    say_argf(&why, "%u", n->view.epoch);
    say_arg(&why, node_name(n, n->view.coordinator));
    peer_set(n, p, PEER_MEMBER, &why);
}

/* Nobody else starts anything before this node's incarnation is known to be stopped, so what it
 * knows of the end of others holds as long as it gave nobody that right. Who said that nothing runs
 * there gave it; what he knows holds all the same if no view with a quorum can have been without
 * all of those that are here and remember theirs, and his was the newest of these. */
static bool trusts(const struct node *n, unsigned q)
{
    const struct ring *r = &n->ring;
    bool majority = 2 * r->remember > n->conf.n_nodes;
    return !r->teller[q].stale || (majority && r->teller[q].quorate_epoch == r->trusted);
}

static void tellers_count(struct node *n, nodeset in)
{
    struct ring *r = &n->ring;
    r->remember = 0;
    r->trusted = 0;
    for (unsigned q = 0; q < n->conf.n_nodes; q++)
        if (nodeset_has(in, q) && r->teller[q].quorate_epoch) {
            r->remember++;
            r->trusted = (uint32_t)num_max(r->trusted, r->teller[q].quorate_epoch);
        }
}

/* Another member has met it and lost it: it is not merely one that has not come yet. */
static void lost_take(struct node *n, unsigned p, uint64_t boot)
{
    struct peer *peer = &n->peer[p];
    struct say why;
    if (peer->state != PEER_UNMET || peer->boot || peer->proof != PROOF_NONE)
        return;
    peer->boot = boot;
    say_set(&why, SAY_RING_LEFT);
    say_arg(&why, node_name(n, p));
    peer_set(n, p, PEER_LOST, &why);
}

static void stranger_take(struct node *n, unsigned p)
{
    struct peer *peer = &n->peer[p];
    lease_parted(n, p);
    if (!trusts(n, n->self) && peer->proof != PROOF_NONE) {
        peer->proof = PROOF_NONE;
        coord_touch(n);
    }
    for (unsigned q = 0; q < n->conf.n_nodes; q++) {
        const struct ring_proof *told = &n->ring.proof[p][q];
        bool said = nodeset_has(n->ring.said, q);
        if (said && told->proof == TOLD_LOST)
            lost_take(n, p, told->boot);
        else if (said && trusts(n, q) && told->proof && peer->proof == PROOF_NONE &&
                 (!peer->boot || !told->boot || peer->boot == told->boot))
            peer_stopped_now(n, p, (enum proof)told->proof, told->boot);
    }
}

static void view_tell(struct node *n)
{
    const struct view *v = &n->view;
    char names[SAY_ARG_BYTES];
    struct say say;
    struct str s;
    if (v->state == VIEW_ALONE) {
        say_set(&say, SAY_VIEW_ALONE);
        say_arg(&say, node_name(n, n->self));
        say_argf(&say, "%u", v->epoch);
    } else {
        str_init(&s, names, sizeof(names));
        for (unsigned p = 0; p < n->conf.n_nodes; p++)
            if (nodeset_has(v->members, p))
                str_addf(&s, "%s%s", s.len ? ", " : "", node_name(n, p));
        say_set(&say, SAY_RING_VIEW);
        say_arg(&say, names);
        say_argf(&say, "%u", v->epoch);
        say_arg(&say, node_name(n, v->coordinator));
    }
    out_event(n, &say, NULL, NULL);
}

static void decide(struct node *n)
{
    struct view *v = &n->view;
    uint32_t epoch = v->epoch;
    if (!dead_leave(n))
        return;
    nodeset in = ring_in(n);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (nodeset_has(in, p)) {
            const struct peer *peer = &n->peer[p];
            epoch = (uint32_t)num_max(epoch, peer->hello.epoch);
            if (p != n->self && (peer->boot != n->ring.boot[p] || peer->life != n->ring.life[p]))
                peer_incarnation(n, p, n->ring.boot[p], n->ring.life[p]);
        }
    n->ring.gathering = false;
    v->members = in;
    v->coordinator = (uint8_t)coordinator_of(n, in);
    view_set(n, nodeset_count(in) == 1 ? VIEW_ALONE : VIEW_TOGETHER);
    view_epoch(n, epoch + 1);
    durable_right(n, false);
    if (v->state == VIEW_TOGETHER)
        exec_join(n);
    view_tell(n);
    tellers_count(n, in);
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        if (p == n->self)
            continue;
        if (nodeset_has(in, p))
            member_take(n, p);
        else
            stranger_take(n, p);
    }
    n->ring.stale = false;
    store_gathered(n);
}
