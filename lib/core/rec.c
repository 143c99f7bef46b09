/* SPDX-License-Identifier: GPL-2.0-or-later
 * rec: records of resources. Every node holds the records of all members, told by their owners as
 * they change; so any node can take over coordination, and answer questions, at once. Times travel
 * as ages, never as dates: two clocks are never compared. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/rec.h"
#include "lib/core/coord.h"
#include "lib/core/exec.h"
#include "lib/core/msg.h"
#include "lib/core/ring.h"
#include "lib/core/take.h"
#include "lib/core/view.h"

enum { REC_BYTES = CIB_ID_LEN + 260 + 1 + NODE_MAX, BATCH_MAX = 64, WISH_SILENT = 0xfe };
enum {
    REC_WHOLE = 1, /* the last of a report */
    REC_REST = 2   /* the first of one: what of this version it does not name is plainly stopped */
};
enum {
    BIT_OWNED = 1,
    BIT_RAN = 2,
    BIT_OUTDATED = 4,
    BIT_FIT = 8,
    BIT_WARNING = 16,
    BIT_FREED = 32
};

const char *rec_life_word(enum rsc_life life)
{
    static const char *const word[] = {"unknown",  "stopped", "started",
                                       "promoted", "failed",  "stop-failed"};
    return life < ARRAY_LEN(word) ? word[life] : "?";
}

const char *rec_op_word(enum rsc_op op)
{
    static const char *const word[] = {"none",    "probe",  "start", "stop",  "monitor",
                                       "promote", "demote", "fence", "notify"};
    return op < ARRAY_LEN(word) ? word[op] : "?";
}

bool rec_active(const struct rec *r)
{
    return r->life == RSC_STARTED || r->life == RSC_PROMOTED || r->life == RSC_FAILED ||
           r->life == RSC_STOP_FAILED;
}

/* By their ids: an index is what a node's own yoke.conf makes of one. */
static void freed_put(const struct node *n, struct buf *b, nodeset freed)
{
    buf_put_u8(b, (uint8_t)nodeset_count(freed));
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (nodeset_has(freed, p))
            buf_put_u8(b, n->conf.node[p].id);
}

static nodeset freed_get(const struct node *n, struct buf *b)
{
    nodeset freed = 0;
    for (unsigned i = buf_get_u8(b); i > 0 && !b->bad; i--) {
        unsigned p = conf_node_by_id(&n->conf, buf_get_u8(b));
        if (p != NODE_NONE)
            freed = nodeset_add(freed, p);
    }
    return freed;
}

static void rec_put(const struct node *n, struct buf *b, unsigned slot)
{
    const struct rec *r = exec_rec_const(n, n->self, slot);
    nodeset freed = take_freed(n, slot);
    buf_put_text(b, n->exec.slot[slot].id);
    buf_put_u8(b, r->life);
    buf_put_u8(b, r->pending);
    buf_put_u8(b, r->last_op);
    buf_put_u8(b, r->last_rc);
    buf_put_u8(b, (uint8_t)((r->owned ? BIT_OWNED : 0) | (r->ever_ran ? BIT_RAN : 0) |
                            (r->outdated ? BIT_OUTDATED : 0) | (r->fit_said ? BIT_FIT : 0) |
                            (*r->warning ? BIT_WARNING : 0) | (freed ? BIT_FREED : 0)));
    if (freed)
        freed_put(n, b, freed);
    if (r->fit_said)
        buf_put_u32(b, (uint32_t)r->fit);
    if (*r->warning)
        buf_put_text(b, r->warning);
    buf_put_u32(b, r->exec_ms);
    buf_put_u8(b, n->view.coordinator == n->self ? n->coord.wish[slot] : WISH_SILENT);
    bool failed = r->fail_op != OP_NONE || r->fail_count; /* a count may have been set by hand */
    buf_put_u8(b, failed);
    if (!failed)
        return;
    buf_put_u8(b, r->fail_op);
    buf_put_u8(b, r->fail_rc);
    buf_put_u8(b, r->fail_monitor);
    buf_put_u32(b, r->fail_count);
    buf_put_u32(b, (uint32_t)((n->now_us - r->fail_us) / 1000));
    buf_put_u32(b, r->fail_wall_s);
    buf_put_text(b, r->reason);
}

static void rec_get(const struct node *n, struct buf *b, struct rec *r, uint8_t *wish)
{
    memset(r, 0, sizeof(*r));
    r->life = buf_get_u8(b);
    r->pending = buf_get_u8(b);
    r->last_op = buf_get_u8(b);
    r->last_rc = buf_get_u8(b);
    uint8_t bits = buf_get_u8(b);
    r->owned = bits & BIT_OWNED;
    r->ever_ran = bits & BIT_RAN;
    r->outdated = bits & BIT_OUTDATED;
    r->fit_said = bits & BIT_FIT;
    if (bits & BIT_FREED)
        r->freed = freed_get(n, b);
    r->fit = r->fit_said ? (int32_t)buf_get_u32(b) : 0;
    if (bits & BIT_WARNING)
        buf_get_text(b, r->warning, sizeof(r->warning));
    r->exec_ms = buf_get_u32(b);
    *wish = buf_get_u8(b);
    if (buf_get_u8(b)) {
        r->fail_op = buf_get_u8(b);
        r->fail_rc = buf_get_u8(b);
        r->fail_monitor = buf_get_u8(b);
        r->fail_count = buf_get_u32(b);
        uint64_t age_us = US(buf_get_u32(b));
        r->fail_us = n->now_us > age_us ? n->now_us - age_us : 0;
        r->fail_wall_s = buf_get_u32(b);
        buf_get_text(b, r->reason, sizeof(r->reason));
    }
    if (r->life > RSC_STOP_FAILED || r->pending > OP_NOTIFY || r->last_op > OP_FENCE ||
        r->fail_op > OP_FENCE || r->fail_count > SCORE_INF || r->fit < -SCORE_INF ||
        r->fit > SCORE_INF)
        b->bad = true;
}

static void head_put(const struct node *n, struct buf *b, unsigned p, uint8_t flags, unsigned count)
{
    buf_put_u8(b, flags);
    buf_put_u32(b, n->peer[p].orders_taken); /* how much of its orders these records have seen */
    buf_put_u16(b, (uint16_t)count);
}

/* To all members in one cast: how many orders were taken is for who gives them. */
static void cast_tell(struct node *n, unsigned slot)
{
    uint8_t at[REC_BYTES + 12];
    struct buf b;
    if (n->view.state != VIEW_TOGETHER)
        return;
    buf_write_init(&b, at, sizeof(at));
    head_put(n, &b, n->view.coordinator, 0, 1);
    rec_put(n, &b, slot);
    assert(!b.bad);
    msg_send_all(n, MSG_REC, &b);
}

void rec_tell(struct node *n, unsigned slot)
{
    if (ring_engine(n)) {
        cast_tell(n, slot);
        return;
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        uint8_t at[REC_BYTES + 12];
        struct buf b;
        if (p == n->self || n->peer[p].state != PEER_MEMBER)
            continue;
        buf_write_init(&b, at, sizeof(at));
        head_put(n, &b, p, 0, 1);
        rec_put(n, &b, slot);
        assert(!b.bad);
        msg_send(n, p, MSG_REC, &b);
    }
}

/* Nothing to be told of it, but that it is known to be stopped. */
static bool plain(const struct node *n, unsigned slot)
{
    const struct rec *r = exec_rec_const(n, n->self, slot);
    uint8_t wish = n->view.coordinator == n->self ? n->coord.wish[slot] : NODE_NONE;
    return r->life == RSC_STOPPED && r->pending == OP_NONE && r->fail_op == OP_NONE &&
           !r->fail_count && !r->owned && !r->ever_ran && !r->outdated && !r->fit_said &&
           !*r->warning && wish == NODE_NONE;
}

static void rest_put(const struct node *n, struct buf *b)
{
    buf_put_u32(b, n->store.version.epoch);
    buf_put_u32(b, n->store.version.seq);
}

void rec_report(struct node *n, unsigned p)
{
    unsigned slot = 0, to = p == NODE_NONE ? n->view.coordinator : p;
    bool whole = false, all = p == NODE_NONE;
    while (!whole) {
        struct buf b;
        unsigned count = 0;
        uint8_t first = all && !slot ? REC_REST : 0;
        buf_write_init(&b, n->scratch, n->scratch_size);
        head_put(n, &b, to, first, 0);
        if (first)
            rest_put(n, &b);
        for (; slot < n->exec.n_slots && count < BATCH_MAX; slot++)
            if (n->exec.slot[slot].used && n->exec.slot[slot].prim != CIB_NONE &&
                !(all && plain(n, slot))) {
                rec_put(n, &b, slot);
                count++;
            }
        whole = slot == n->exec.n_slots;
        assert(!b.bad);
        size_t end = b.pos;
        b.pos = 0;
        head_put(n, &b, to, (uint8_t)(first | (whole ? REC_WHOLE : 0)), count);
        b.pos = end;
        if (all)
            msg_send_all(n, MSG_REC, &b);
        else
            msg_send(n, p, MSG_REC, &b);
    }
}

static void rest_take(struct node *n, unsigned p, struct buf *b)
{
    uint32_t epoch = buf_get_u32(b), seq = buf_get_u32(b);
    if (b->bad || epoch != n->store.version.epoch || seq != n->store.version.seq)
        return;
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        struct rec *r = exec_rec(n, p, i);
        if (!n->exec.slot[i].used || n->exec.slot[i].prim == CIB_NONE || r->order)
            continue;
        memset(r, 0, sizeof(*r));
        r->life = RSC_STOPPED;
    }
}

void rec_take(struct node *n, unsigned p, struct buf *b)
{
    uint8_t flags = buf_get_u8(b);
    bool whole = flags & REC_WHOLE;
    uint32_t taken = buf_get_u32(b);
    unsigned count = buf_get_u16(b);
    if (flags & REC_REST)
        rest_take(n, p, b);
    for (unsigned i = 0; i < count && !b->bad; i++) {
        char id[CIB_ID_LEN];
        struct rec r;
        uint8_t wish;
        buf_get_text(b, id, sizeof(id));
        rec_get(n, b, &r, &wish);
        unsigned slot = exec_slot_find(n, id);
        if (b->bad || slot == CIB_NONE)
            continue;
        struct rec *old = exec_rec(n, p, slot);
        r.order = old->order;
        /* An order of ours for it is still on its way there: the record was told before, and what
         * it says of what is being done is no longer true. */
        if ((int32_t)(r.order - taken) > 0)
            r.pending = old->pending;
        bool fits = old->fit_said != r.fit_said || old->fit != r.fit;
        bool news = old->life != r.life || old->pending != r.pending ||
                    old->fail_count != r.fail_count || old->outdated != r.outdated || fits;
        *old = r;
        if (p == n->view.coordinator && (wish < n->conf.n_nodes || wish == NODE_NONE))
            n->coord.wish[slot] = wish; /* so that it outlives a change of the coordinator */
        /* What runs or is begun there is no longer ours to restart without asking. */
        if (rec_active(&r) || r.pending == OP_START)
            if (!rec_active(exec_rec(n, n->self, slot)))
                exec_rec(n, n->self, slot)->owned = false;
        if (fits)
            coord_touch(n);
        if (news)
            coord_result(n, p, slot);
    }
    if (whole && !b->bad && !n->peer[p].reported) {
        n->peer[p].reported = true;
        coord_touch(n);
    }
}

void rec_forget(struct rec *r)
{
    r->fail_op = OP_NONE;
    r->fail_rc = r->fail_monitor = 0;
    r->fail_count = 0;
    r->fail_us = 0;
    r->fail_wall_s = 0;
    r->reason[0] = '\0';
}

void rec_fail(struct node *n, unsigned slot, enum rsc_op op, int rc, const char *reason)
{
    struct rec *r = exec_rec(n, n->self, slot);
    const struct cib_prim *prim = exec_prim(n, slot);
    uint64_t timeout_us = US(prim->effective.failure_timeout_ms);
    if ((r->fail_op != OP_NONE || r->fail_count) && timeout_us &&
        n->now_us - r->fail_us >= timeout_us)
        rec_forget(r);
    bool fatal =
        op == OP_STOP || (op == OP_START && n->store.cib->properties.start_failure_is_fatal);
    r->fail_op = (uint8_t)op;
    r->fail_rc = (uint8_t)(rc >= 0 && rc <= 255 ? rc : 1);
    if (op != OP_PROBE) /* a failed look is no failure of the service */
        r->fail_count = fatal ? SCORE_INF : (uint32_t)num_min(r->fail_count + 1, SCORE_INF);
    r->fail_us = n->now_us;
    r->fail_wall_s = (uint32_t)n->wall_s;
    str_copy(r->reason, sizeof(r->reason), reason ? reason : "");
    struct say say;
    say_set(&say, SAY_RSC_FAILED);
    say_arg(&say, prim->id);
    say_arg(&say, rec_op_word(op));
    say_arg(&say, node_name(n, n->self));
    say_argf(&say, "%d", rc);
    say_arg(&say, r->reason);
    out_event(n, &say, prim->id, node_name(n, n->self));
}
