/* SPDX-License-Identifier: GPL-2.0-or-later
 * store: the configuration of resources.
 *
 * Happy path of a change (coordinator): parse and check into the spare arena; the member keeps it
 * (durably) and says so; we keep it; it is in force here, and the member is told to put it in
 * force. Resources that it removes are stopped first. A member that lost its coordinator after
 * keeping a change puts it in force: the change may have been acknowledged to its author already.
 * Happy path of a join: the higher version (epoch, then sequence) wins and is sent to the other
 * side; a losing copy that had changes of its own is saved beside and named in the journal. Ways to
 * fail: the text is wrong (faults), a disk does not take it (the change is refused and dropped on
 * both), only a serial line is up and the text is too long for it (refused, or the member waits for
 * an IP link). */
#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/core/cast.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/msg.h"
#include "lib/core/path.h"
#include "lib/core/rec.h"
#include "lib/core/request.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"
#include "lib/core/store.h"
#include "lib/core/view.h"

enum { VERSION_BYTES = 8, MEET_AGAIN_MS = 2000, ASK_MS = 60000 };

/* Over the text itself, comments included: what one node shows the other must show too. */
static uint32_t text_hash(const char *text)
{
    return crc32c(0, text, strlen(text));
}

static int version_cmp(struct cib_version a, struct cib_version b)
{
    if (a.epoch != b.epoch)
        return a.epoch < b.epoch ? -1 : 1;
    return a.seq < b.seq ? -1 : a.seq > b.seq;
}

static void version_put(struct buf *b, struct cib_version v)
{
    buf_put_u32(b, v.epoch);
    buf_put_u32(b, v.seq);
}

static struct cib_version version_get(struct buf *b)
{
    struct cib_version v;
    v.epoch = buf_get_u32(b);
    v.seq = buf_get_u32(b);
    if (v.epoch > EPOCH_MAX || v.seq >= EPOCH_MAX)
        b->bad = true;
    return v;
}

/* A disk did not take the newer configuration: offered again in a while. */
static void meet_later(struct node *n)
{
    n->store.meet = true;
    n->store.meet_us = n->now_us + US(MEET_AGAIN_MS);
}

static void change_set(struct node *n, enum change_state state)
{
    n->store.change = (uint8_t)state;
    n->store.change_us = n->now_us;
}

enum err store_parse(struct node *n, const char *text, size_t len, struct cib **out)
{
    struct store *s = &n->store;
    unsigned spare = !s->at;
    if (s->change != CHANGE_NONE)
        return ERR_BUSY;
    /* A plan is being made, perhaps by another thread, of what lies in the spare arena. */
    if (n->coord.plan_op && n->coord.in.cib != s->cib)
        return ERR_BUSY;
    if (len >= n->limits.cib_bytes)
        return ERR_FULL;
    if (text != s->text[spare])
        memmove(s->text[spare], text, len);
    s->text[spare][len] = '\0';
    arena_reset(&s->arena[spare]);
    enum err err = cib_parse(s->text[spare], &n->names, &s->arena[spare], out, &s->faults);
    if (!err && (*out)->n_prims > n->limits.prims)
        err = ERR_FULL;
    return err;
}

void store_init(struct node *n)
{
    struct store *s = &n->store;
    s->text[0][0] = '\0';
    enum err err = cib_parse("", &n->names, &s->arena[0], &s->cib, &s->faults);
    assert(!err && s->cib);
    s->hash = text_hash(s->text[s->at]);
}

void store_boot(struct node *n, const char *text)
{
    struct store *s = &n->store;
    struct cib *cib = NULL;
    const struct kept *kept = &n->durable.want;
    s->version = (struct cib_version){kept->cib_epoch, kept->cib_seq};
    s->common = (struct cib_version){kept->common_epoch, kept->common_seq};
    if (text && *text) {
        enum err err = store_parse(n, text, strlen(text), &cib);
        if (!err) {
            s->at = !s->at;
            s->cib = cib;
            s->hash = text_hash(s->text[s->at]);
        } else { /* kept by another version of yoke, or edited by hand: the peer's may still be good
                  */
            struct say say;
            say_set(&say, SAY_CIB_UNREADABLE);
            say_arg(&say, s->faults.n ? s->faults.at[0].text : err_text(err));
            out_event(n, &say, NULL, NULL);
            s->version = s->common = (struct cib_version){0, 0};
        }
    }
    exec_install(n);
}

/* ---- putting in force -------------------------------------------------------------------------
 */

static void report(struct node *n)
{
    if (ring_engine(n)) {
        if (n->store.equal)
            rec_report(n, NODE_NONE);
        return;
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && n->peer[p].state == PEER_MEMBER)
            rec_report(n, p);
}

static void member_tell(struct node *n, unsigned type)
{
    uint8_t at[VERSION_BYTES];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    version_put(&b, n->store.next_version);
    msg_send_all(n, type, &b);
}

static void pulled(struct node *n);

/* The change is on disk where it must be: use it, as soon as what it removes is stopped. */
static void install(struct node *n)
{
    struct store *s = &n->store;
    change_set(n, CHANGE_RETIRE);
    if (!exec_retire(n, s->next))
        return;
    change_set(n, CHANGE_NONE);
    s->at = !s->at;
    s->cib = s->next;
    s->next = NULL;
    s->version = s->next_version;
    s->hash = text_hash(s->text[s->at]);
    if (n->view.state == VIEW_TOGETHER)
        s->common = s->version;
    durable_cib(n);
    exec_install(n);
    coord_reset(n);
    path_hurry(n);
    struct say say;
    say_set(&say, SAY_CIB_CHANGED);
    say_argf(&say, "%u.%u", s->version.epoch, s->version.seq);
    say_argf(&say, "%u", s->cib->n_prims);
    out_event(n, &say, NULL, NULL);
    if (s->request)
        request_change_done(n, s->request - 1u, ERR_OK);
    s->request = 0;
    if (s->change_sync && view_directs(n) && ring_engine(n))
        pulled(n);
    else if (s->change_sync && view_directs(n))
        member_tell(n, MSG_CIB_SAME); /* it was the member's copy: now both have it */
    report(n);
}

/* The disk has a text that is dropped: puts the one in force back. */
static void put_back(struct node *n)
{
    const struct store *s = &n->store;
    struct action *a = out_action(n, ACT_KEEP_CIB);
    a->keep_cib.op = out_op(n);
    a->keep_cib.text = s->text[s->at];
    a->keep_cib.epoch = s->version.epoch;
    a->keep_cib.seq = s->version.seq;
}

static void change_forget(struct node *n)
{
    n->store.keep_op = 0;
    n->store.cancelled = false;
    change_set(n, CHANGE_NONE);
    n->store.next = NULL;
    coord_touch(n);
}

static void change_drop(struct node *n, enum err why)
{
    struct store *s = &n->store;
    if (view_directs(n)) {
        member_tell(n, MSG_CIB_DROP);
    } else {
        put_back(n);
    }
    if (s->request)
        request_change_done(n, s->request - 1u, why);
    s->request = 0;
    change_forget(n);
}

static void keep(struct node *n)
{
    struct store *s = &n->store;
    change_set(n, CHANGE_KEEP);
    s->keep_op = out_op(n);
    struct action *a = out_action(n, ACT_KEEP_CIB);
    a->keep_cib.op = s->keep_op;
    a->keep_cib.text = s->text[!s->at];
    a->keep_cib.epoch = s->next_version.epoch;
    a->keep_cib.seq = s->next_version.seq;
}

/* Queues a configuration for the member; ERR_REFUSED when no link that is up carries it. */
static enum err text_send(struct node *n, unsigned p, struct cib_version v, const char *text,
                          bool sync)
{
    size_t len = strlen(text);
    unsigned l = p == NODE_NONE ? conf_ring(&n->conf) : path_best(n, p);
    if (l == CONF_LINKS_MAX || (conf_link_slow(&n->conf.link[l]) && len > SERIAL_CIB_MAX))
        return ERR_REFUSED;
    struct buf b;
    buf_write_init(&b, n->scratch, n->scratch_size);
    version_put(&b, v);
    buf_put_u8(&b, sync);
    buf_put_u32(&b, (uint32_t)len);
    buf_put_bytes(&b, text, len);
    if (b.bad)
        return ERR_FULL;
    return p == NODE_NONE ? cast_send(n, p, MSG_CIB, b.at, b.pos)
                          : session_send(n, p, MSG_CIB, b.at, b.pos);
}

/* The change goes to all members, and each has to keep it. */
static enum err change_ask(struct node *n)
{
    struct store *s = &n->store;
    const char *text = s->text[!s->at];
    enum err err = ERR_OK;
    s->asked = 0;
    for (unsigned p = 0; p < n->conf.n_nodes && !err; p++)
        if (p != n->self && n->peer[p].state == PEER_MEMBER) {
            if (!ring_engine(n))
                err = text_send(n, p, s->next_version, text, false);
            s->asked = nodeset_add(s->asked, p);
        }
    if (ring_engine(n) && s->asked)
        err = text_send(n, NODE_NONE, s->next_version, text, false);
    if (!err && s->asked)
        change_set(n, CHANGE_ASK);
    return err;
}

enum err store_change(struct node *n, const char *text, size_t len, unsigned request)
{
    struct store *s = &n->store;
    struct cib *cib = NULL;
    assert(view_directs(n));
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && n->peer[p].state == PEER_MEMBER && !n->peer[p].reported)
            return ERR_BUSY; /* it is just being brought up to date */
    enum err err = store_parse(n, text, len, &cib);
    if (err)
        return err;
    const char *orphan = exec_orphan(n, cib);
    str_copy(s->orphan, sizeof(s->orphan), orphan ? orphan : "");
    if (orphan && !(request < REQUESTS_MAX && n->request[request].flags & CMD_FORCE))
        return ERR_DENIED; /* let go it would be forgotten, and might be started elsewhere one day
                            */
    s->next = cib;
    s->next_version = (struct cib_version){n->view.epoch, s->version.seq + 1};
    s->change_sync = false;
    err = change_ask(n);
    if (err)
        return err;
    s->request = (uint16_t)(request < REQUESTS_MAX ? request + 1 : 0);
    if (s->change == CHANGE_NONE)
        keep(n);
    return ERR_OK;
}

void store_kept(struct node *n, uint32_t op, enum err err)
{
    struct store *s = &n->store;
    if (!op || op != s->keep_op || s->change != CHANGE_KEEP)
        return;
    s->keep_op = 0;
    if (err) {
        struct say say;
        say_set(&say, SAY_CIB_NOT_KEPT);
        say_arg(&say, err_text(err));
        out_event(n, &say, NULL, NULL);
    }
    if (s->cancelled) {
        put_back(n);
        change_forget(n);
        report(n); /* what waited for it */
        return;
    }
    bool follows = n->view.state == VIEW_TOGETHER && n->view.coordinator != n->self;
    if (!follows) {
        if (err) {
            if (s->change_sync)
                meet_later(n);
            change_drop(n, err);
            return;
        }
        member_tell(n, MSG_CIB_COMMIT);
        install(n);
        return;
    }
    uint8_t at[VERSION_BYTES + 1];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    version_put(&b, s->next_version);
    buf_put_u8(&b, (uint8_t)err);
    change_set(n, err ? CHANGE_NONE : CHANGE_WAIT);
    if (n->view.coordinator < n->conf.n_nodes)
        msg_send(n, n->view.coordinator, MSG_CIB_ACK, &b);
    if (!err && s->change_sync)
        install(n);
}

void store_part(struct node *n)
{
    struct store *s = &n->store;
    s->unmet = s->sent = 0;
    s->pulled = NODE_NONE;
    s->equal = s->meet = false;
    /* With corosync the next view makes all copies equal again: whoever has said that he kept it
     * has the newest, and who has not, gets it from him. Its author is told that nobody knows. */
    if (ring_engine(n) && (s->change == CHANGE_ASK || s->change == CHANGE_KEEP)) {
        if (s->request)
            request_unknown(n, s->request - 1u);
        s->request = 0;
        if (s->change == CHANGE_ASK)
            change_forget(n);
        else
            s->cancelled = true; /* as soon as it is written: one at a time */
    }
    switch ((enum change_state)s->change) {
    case CHANGE_NONE:
    case CHANGE_RETIRE: break;
    case CHANGE_ASK: keep(n); break; /* the member is gone: alone it is ours to decide */
    case CHANGE_KEEP: break;         /* goes on: kept, then in force */
    case CHANGE_WAIT: install(n); break;
    }
}

/* ---- joining ----------------------------------------------------------------------------------
 */

void store_meet(struct node *n, unsigned p)
{
    struct store *s = &n->store;
    const struct hello *h = &n->peer[p].hello;
    struct cib_version theirs = {h->cib_epoch, h->cib_seq};
    uint8_t at[VERSION_BYTES];
    struct buf b;
    if (s->change != CHANGE_NONE) {
        s->meet = true; /* first what is under way */
        return;
    }
    s->meet = false;
    int cmp = version_cmp(s->version, theirs);
    bool same = cmp == 0 && s->hash == h->cib_hash;
    buf_write_init(&b, at, sizeof(at));
    version_put(&b, s->version);
    if (same) {
        s->common = s->version;
        durable_cib(n);
        msg_send(n, p, MSG_CIB_SAME, &b);
        rec_report(n, p);
    } else if (cmp < 0) {
        msg_send(n, p, MSG_CIB_PULL, &b);
    } else if (text_send(n, p, s->version, s->text[s->at], true)) {
        s->meet = true; /* waits for a link that can carry it */
    } else {
        s->next_version = s->version;
    }
}

/* ---- joining, engine corosync: first all copies are made equal, then all report ----------------
 */

void store_hello(const struct node *n, struct cib_version *version, uint32_t *hash)
{
    const struct store *s = &n->store;
    bool next = s->change == CHANGE_RETIRE;
    *version = next ? s->next_version : s->version;
    *hash = next ? text_hash(s->text[!s->at]) : s->hash;
}

void store_gathered(struct node *n)
{
    struct store *s = &n->store;
    s->unmet = view_directs(n) ? nodeset_del(n->view.members, n->self) : 0;
    s->sent = 0;
    s->pulled = NODE_NONE;
    s->equal = false;
    s->meet = s->unmet != 0;
    s->meet_us = 0;
}

/* That member has our copy now. */
static void met(struct node *n, unsigned p)
{
    struct hello *h = &n->peer[p].hello;
    h->cib_epoch = n->store.version.epoch;
    h->cib_seq = n->store.version.seq;
    h->cib_hash = n->store.hash;
    n->store.meet = true;
}

static void pulled(struct node *n)
{
    struct store *s = &n->store;
    s->sent = 0; /* what was sent before was older */
    s->meet = s->unmet != 0;
    if (s->pulled < n->conf.n_nodes)
        met(n, s->pulled);
    s->pulled = NODE_NONE;
}

/* Everybody has the same: all report what they run, by its names. */
static void equal_take(struct node *n)
{
    struct store *s = &n->store;
    s->common = s->version;
    s->equal = true;
    durable_cib(n);
    if (s->change == CHANGE_NONE)
        rec_report(n, NODE_NONE);
    /* else as soon as the copy that is being put in force is */
}

/* The newest copy that a member has, if it is newer than ours. */
static unsigned newest_of(const struct node *n)
{
    struct cib_version best = n->store.version;
    unsigned from = NODE_NONE;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        const struct hello *h = &n->peer[p].hello;
        struct cib_version theirs = {h->cib_epoch, h->cib_seq};
        if (!nodeset_has(n->store.unmet, p) || version_cmp(theirs, best) <= 0)
            continue;
        best = theirs;
        from = p;
    }
    return from;
}

static void meet_all(struct node *n)
{
    struct store *s = &n->store;
    uint8_t at[VERSION_BYTES];
    struct buf b;
    unsigned newest = newest_of(n);
    buf_write_init(&b, at, sizeof(at));
    version_put(&b, s->version);
    s->meet = false;
    if (newest != NODE_NONE) {
        if (s->pulled != newest)
            msg_send(n, newest, MSG_CIB_PULL, &b);
        s->pulled = (uint8_t)newest;
        return;
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        const struct hello *h = &n->peer[p].hello;
        struct cib_version theirs = {h->cib_epoch, h->cib_seq};
        if (!nodeset_has(s->unmet, p))
            continue;
        if (version_cmp(s->version, theirs) == 0 && s->hash == h->cib_hash) {
            s->unmet = nodeset_del(s->unmet, p);
        } else if (!nodeset_has(s->sent, p)) {
            s->next_version = s->version;
            if (text_send(n, p, s->version, s->text[s->at], true))
                meet_later(n);
            else
                s->sent = nodeset_add(s->sent, p);
        }
    }
    if (s->unmet || s->equal)
        return;
    msg_send_all(n, MSG_CIB_SAME, &b);
    equal_take(n);
}

/* The other side's copy wins: ours is saved if it holds changes that the other never had. */
static void lost_save(struct node *n, struct cib_version winner)
{
    struct store *s = &n->store;
    if (version_cmp(s->version, s->common) == 0 || !s->version.seq)
        return;
    struct action *a = out_action(n, ACT_SAVE_LOST);
    a->save_lost.text = s->text[s->at];
    a->save_lost.epoch = s->version.epoch;
    a->save_lost.seq = s->version.seq;
    struct say say;
    say_set(&say, SAY_CIB_LOST);
    say_argf(&say, "%u.%u", s->version.epoch, s->version.seq);
    say_argf(&say, "%u.%u", winner.epoch, winner.seq);
    out_event(n, &say, NULL, NULL);
}

static void text_take(struct node *n, unsigned p, struct buf *b)
{
    struct store *s = &n->store;
    struct cib *cib = NULL;
    struct cib_version v = version_get(b);
    bool sync = buf_get_u8(b);
    uint32_t len = buf_get_u32(b);
    const uint8_t *text = buf_get_view(b, len);
    if (b->bad)
        return;
    /* A change comes from who coordinates, a copy that was asked for is newer than ours. */
    bool directs = p == n->view.coordinator;
    if (!directs && (!sync || version_cmp(v, s->version) <= 0))
        return;
    enum err err = s->change == CHANGE_NONE ? ERR_OK : ERR_BUSY;
    if (!err)
        err = store_parse(n, (const char *)text, len, &cib);
    if (err) {
        uint8_t at[VERSION_BYTES + 1];
        struct buf a;
        buf_write_init(&a, at, sizeof(at));
        version_put(&a, v);
        buf_put_u8(&a, (uint8_t)err);
        msg_send(n, p, MSG_CIB_ACK, &a);
        return;
    }
    if (sync)
        lost_save(n, v);
    s->next = cib;
    s->next_version = v;
    s->change_sync = sync;
    keep(n);
}

static void ack_take(struct node *n, unsigned p, struct buf *b)
{
    struct store *s = &n->store;
    struct cib_version v = version_get(b);
    enum err err = buf_get_u8(b);
    if (b->bad || version_cmp(v, s->next_version))
        return;
    if (err) {
        struct say say;
        say_set(&say, SAY_CIB_NOT_KEPT_THERE);
        say_arg(&say, node_name(n, p));
        say_arg(&say, err_text(err < ERR_COUNT ? err : ERR_INTERNAL));
        out_event(n, &say, NULL, NULL);
        if (s->change == CHANGE_NONE)
            meet_later(n);
    }
    if (s->change == CHANGE_ASK) {
        s->asked = nodeset_del(s->asked, p);
        if (err)
            change_drop(n, err < ERR_COUNT ? err : ERR_IO);
        else if (!s->asked)
            keep(n);
    } else if (ring_engine(n)) {
        if (!err)
            met(n, p);
        s->sent = nodeset_del(s->sent, p);
    } else if (s->change == CHANGE_NONE && !err) { /* a member was brought up to date */
        s->common = s->version;
        durable_cib(n);
        rec_report(n, p);
    }
}

void store_msg(struct node *n, unsigned p, unsigned type, struct buf *b)
{
    struct store *s = &n->store;
    bool from_coordinator = p == n->view.coordinator;
    if (type == MSG_CIB) {
        text_take(n, p, b);
    } else if (type == MSG_CIB_ACK) {
        ack_take(n, p, b);
    } else if (type == MSG_CIB_SAME && from_coordinator && ring_engine(n)) {
        equal_take(n);
    } else if (type == MSG_CIB_SAME && from_coordinator) {
        s->common = s->version;
        durable_cib(n);
        rec_report(n, p);
    } else if (type == MSG_CIB_PULL && from_coordinator) {
        if (text_send(n, p, s->version, s->text[s->at], true))
            s->pull = true; /* as soon as a link can carry it */
        else
            s->next_version = s->version;
    } else if (type == MSG_CIB_COMMIT && from_coordinator) {
        struct cib_version v = version_get(b);
        if (!b->bad && s->change == CHANGE_WAIT && !version_cmp(v, s->next_version))
            install(n);
    } else if (type == MSG_CIB_DROP && from_coordinator) {
        if (s->change == CHANGE_WAIT || s->change == CHANGE_KEEP)
            change_drop(n, ERR_REFUSED);
    }
}

void store_tick(struct node *n)
{
    struct store *s = &n->store;
    if (s->change == CHANGE_RETIRE)
        install(n);
    if (s->change == CHANGE_ASK) { /* a member whose disk hangs must not keep all others waiting */
        uint64_t until_us = s->change_us + US(ASK_MS);
        if (until_us <= n->now_us)
            change_drop(n, ERR_TIMEOUT);
        else
            out_wake(n, until_us);
    }
    if (n->view.state != VIEW_TOGETHER) {
        s->meet = s->pull = false;
        return;
    }
    if (s->meet && s->meet_us > n->now_us) {
        out_wake(n, s->meet_us);
        return;
    }
    if (ring_engine(n)) {
        if (s->meet && s->change == CHANGE_NONE && view_directs(n))
            meet_all(n);
        return;
    }
    for (unsigned p = 0; (s->meet || s->pull) && p < n->conf.n_nodes; p++) {
        unsigned l = p == n->self ? CONF_LINKS_MAX : path_best(n, p);
        if (l == CONF_LINKS_MAX || n->peer[p].state != PEER_MEMBER || s->change != CHANGE_NONE)
            continue;
        if (s->meet)
            store_meet(n, p);
        else if (!text_send(n, p, s->version, s->text[s->at], true))
            s->pull = false;
    }
}
