/* SPDX-License-Identifier: GPL-2.0-or-later
 * wish: what a client may wish, done by the coordinator: changes of the configuration, moves,
 * restarts, cleanups, fencing, confirmations; and leaving, done by the node itself. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/cib/edit.h"
#include "lib/core/coord.h"
#include "lib/core/drill.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/guard.h"
#include "lib/core/msg.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/request.h"
#include "lib/core/ring.h"
#include "lib/core/status.h"
#include "lib/core/store.h"
#include "lib/core/view.h"

static unsigned index_of(const struct node *n, const struct request *r)
{
    return (unsigned)(r - n->request);
}

static void refuse(struct node *n, struct request *r, enum say_id id, const char *arg)
{
    struct say say;
    say_set(&say, id);
    say_arg(&say, arg);
    request_refuse(n, r, &say);
}

static void change_refuse(struct node *n, struct request *r, enum err err)
{
    if (n->store.faults.n_errors && err != ERR_BUSY)
        refuse(n, r, SAY_CMD_CIB_FAULTS, n->store.faults.at[0].text);
    else if (err == ERR_BUSY)
        refuse(n, r, SAY_CMD_BUSY, "");
    else if (err == ERR_REFUSED)
        refuse(n, r, SAY_CMD_CIB_NO_LINK, "");
    else if (err == ERR_DENIED)
        refuse(n, r, SAY_CMD_UNMANAGED_RUNS, n->store.orphan);
    else
        request_refuse_err(n, r, SAY_CMD_CIB_NOT_KEPT, "", err);
}

static void change_begin(struct node *n, struct request *r, const char *text, size_t len)
{
    enum err err;
    n->store.faults.n = n->store.faults.n_errors = 0;
    if (r->flags & CMD_DRY_RUN) {
        struct cib *cib = NULL;
        err = store_parse(n, text, len, &cib);
        if (!err)
            err = coord_dry_run(n, index_of(n, r), cib);
    } else {
        r->wait = WAIT_CHANGE;
        err = store_change(n, text, len, index_of(n, r));
    }
    if (err)
        change_refuse(n, r, err);
}

static void cib_put(struct node *n, struct request *r, const struct cmd *c)
{
    char now[32];
    struct str s;
    str_init(&s, now, sizeof(now));
    str_addf(&s, "%u.%u", n->store.version.epoch, n->store.version.seq);
    if (c->n_args > 0 && *c->arg[0] && !str_eq(c->arg[0], now)) {
        refuse(n, r, SAY_CMD_CIB_CHANGED, now);
        return;
    }
    change_begin(n, r, c->text, c->text_len);
}

static void edit(struct node *n, struct request *r, const struct cmd *c)
{
    uint64_t kind;
    struct str out;
    if (c->n_args < 3 || num_u64(c->arg[0], 0, EDIT_PUT, &kind)) {
        request_refuse_err(n, r, SAY_CMD_BAD, "edit", ERR_SYNTAX);
        return;
    }
    char *put = NULL;
    arena_reset(&n->edit_arena);
    if (kind == EDIT_PUT) {
        put = arena_text(&n->edit_arena, c->text ? c->text : "", c->text_len);
        if (!put) {
            change_refuse(n, r, ERR_FULL);
            return;
        }
    }
    struct cib_edit e = {
        .kind = (enum cib_edit_kind)kind,
        .id = c->arg[1],
        .name = c->arg[2],
        .value = put                                      ? put
                 : c->flags & CMD_REMOVE || c->n_args < 4 ? NULL
                                                          : c->arg[3],
        .force = c->flags & CMD_FORCE,
    };
    str_init(&out, n->scratch, n->limits.cib_bytes);
    enum err err = cib_edit(n->store.cib, &n->names, &e, &n->edit_arena, &out, &n->store.faults);
    struct rsc_ref part;
    if (err == ERR_MISSING)
        refuse(n, r, cib_find(n->store.cib, c->arg[1], &part) ? SAY_CMD_PART : SAY_CMD_NO_RSC,
               c->arg[1]);
    else if (err == ERR_CONFLICT)
        refuse(n, r, SAY_CMD_STILL_NAMED, c->arg[1]);
    else if (err || out.cut)
        change_refuse(n, r, err ? err : ERR_FULL);
    else
        change_begin(n, r, out.at, out.len);
}

/* Calls a function for every primitive of a resource (groups and clones have several). False: no
 * such resource. */
static bool each_slot(struct node *n, const char *id,
                      void (*what)(struct node *, unsigned, unsigned), unsigned arg)
{
    struct rsc_ref ref;
    const struct cib *c = n->store.cib;
    if (!cib_find(c, id, &ref))
        return false;
    for (unsigned i = 0; cib_part(c, ref, i) != CIB_NONE; i++)
        what(n, n->store.slot_of_prim[cib_part(c, ref, i)], arg);
    return true;
}

static void wish_set(struct node *n, unsigned slot, unsigned node)
{
    n->coord.wish[slot] = (uint8_t)node;
    n->coord.wish_met[slot] = false;
    n->coord.avoid[slot] = 0;
}

static void avoid_set(struct node *n, unsigned slot, unsigned unused)
{
    (void)unused;
    n->coord.wish[slot] = NODE_NONE;
    n->coord.avoid[slot] = 0;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (rec_active(exec_rec(n, p, slot)))
            n->coord.avoid[slot] = nodeset_add(n->coord.avoid[slot], p);
}

static void wish_tell(struct node *n, unsigned slot, unsigned unused)
{
    (void)unused;
    rec_tell(n, slot);
}

static void restart_set(struct node *n, unsigned slot, unsigned on)
{
    bool active = false;
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        active = active || rec_active(exec_rec(n, p, slot));
    n->coord.restart[slot] = on && active;
}

/* A wish was written into the state: plan with it, and answer at once, when done, or only show. */
static void wish_go(struct node *n, struct request *r, const char *id)
{
    if (r->flags & CMD_DRY_RUN) {
        if (coord_dry_run(n, index_of(n, r), NULL)) /* wish_do takes the wish back */
            refuse(n, r, SAY_CMD_BUSY, "");
        return;
    }
    n->coord.wish_us = n->now_us;
    each_slot(n, id, wish_tell, 0);
    coord_touch(n);
    r->serial = n->coord.dirty_serial;
    r->wait = WAIT_IDLE;
    if (!(r->flags & CMD_WAIT_DONE))
        request_ok(n, r);
}

static void move(struct node *n, struct request *r, const struct cmd *c)
{
    bool away = c->n_args < 2 || !*c->arg[1];
    unsigned node = away ? NODE_NONE : conf_node_index(&n->conf, c->arg[1]);
    if (!away && node == NODE_NONE)
        refuse(n, r, SAY_CMD_NO_NODE, c->arg[1]);
    else if (!away && guard_life(n, node) != LIFE_MEMBER)
        refuse(n, r, SAY_CMD_NODE_NOT_THERE, c->arg[1]);
    else if (!each_slot(n, c->arg[0], away ? avoid_set : wish_set, node))
        refuse(n, r, SAY_CMD_NO_RSC, c->arg[0]);
    else
        wish_go(n, r, c->arg[0]);
}

static void restart(struct node *n, struct request *r, const struct cmd *c)
{
    if (each_slot(n, c->arg[0], restart_set, 1))
        wish_go(n, r, c->arg[0]);
    else
        refuse(n, r, SAY_CMD_NO_RSC, c->arg[0]);
}

static void forget_send(struct node *n, unsigned p, unsigned type, const char *id, uint32_t count)
{
    uint8_t at[CIB_ID_LEN + 16];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    buf_put_text(&b, id);
    if (type == MSG_FAILCOUNT)
        buf_put_u32(&b, count);
    if (p != n->self) {
        msg_send(n, p, type, &b);
        return;
    }
    struct buf in;
    buf_read_init(&in, at, b.pos);
    exec_msg(n, n->view.coordinator, type, &in);
}

static void forget_each(struct node *n, const char *node, unsigned type, const char *id,
                        uint32_t count)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if ((!*node || str_eq(node, node_name(n, p))) && nodeset_has(n->view.members, p))
            forget_send(n, p, type, id, count);
}

static void cleanup(struct node *n, struct request *r, const struct cmd *c)
{
    const char *id = c->n_args > 0 ? c->arg[0] : "", *node = c->n_args > 1 ? c->arg[1] : "";
    const struct cib *cib = n->store.cib;
    struct rsc_ref ref;
    uint64_t count = 0;
    unsigned type = c->kind == CMD_FAILCOUNT ? MSG_FAILCOUNT : MSG_FORGET;
    if (*node && conf_node_index(&n->conf, node) == NODE_NONE) {
        refuse(n, r, SAY_CMD_NO_NODE, node);
        return;
    }
    if ((*id || type == MSG_FAILCOUNT) && !cib_find(cib, id, &ref)) {
        refuse(n, r, SAY_CMD_NO_RSC, id);
        return;
    }
    if (type == MSG_FAILCOUNT && (c->n_args < 3 || num_u64(c->arg[2], 0, SCORE_INF, &count))) {
        request_refuse_err(n, r, SAY_CMD_BAD, "failcount", ERR_RANGE);
        return;
    }
    for (unsigned i = 0; *id && cib_part(cib, ref, i) != CIB_NONE; i++)
        forget_each(n, node, type, cib->prim[cib_part(cib, ref, i)].id, (uint32_t)count);
    if (!*id)
        forget_each(n, node, type, id, (uint32_t)count);
    wish_go(n, r, id);
}

static void fence(struct node *n, struct request *r, const struct cmd *c)
{
    unsigned target = conf_node_index(&n->conf, c->arg[0]);
    if (target == NODE_NONE) {
        refuse(n, r, SAY_CMD_NO_NODE, c->arg[0]);
    } else if (target == n->self) {
        refuse(n, r, SAY_CMD_NOT_SELF, c->arg[0]);
    } else {
        r->wait = WAIT_FENCE;
        r->target = (uint8_t)target;
        (void)fencer_want(n, target, CAUSE_OPERATOR);
        if (r->used && !(r->flags & CMD_WAIT_DONE))
            request_ok(n, r);
    }
}

static void fence_test(struct node *n, struct request *r, const struct cmd *c)
{
    const char *id = c->n_args > 0 ? c->arg[0] : "";
    r->wait = WAIT_DRILL;
    if (!drill_ask(n, id))
        refuse(n, r, SAY_CMD_NO_DEVICE, *id ? id : node_name(n, n->self));
}

/* A quorum disk that was not read lately: the peer may be alive on it. CONF_LINKS_MAX: none. */
static unsigned disk_unseen(const struct node *n)
{
    for (unsigned l = 0; l < n->conf.n_links; l++)
        if (n->conf.link[l].type == LINK_DISK &&
            n->now_us - n->lease.read_us[l] > US(n->timing.link[l].limit_ms))
            return l;
    return CONF_LINKS_MAX;
}

/* The operator's word is proof only where nothing speaks against it: any sign of life refuses it.
 */
static void confirm(struct node *n, struct request *r, const struct cmd *c)
{
    unsigned target = conf_node_index(&n->conf, c->arg[0]);
    const struct peer *peer = target < NODE_MAX ? &n->peer[target] : NULL;
    struct say say;
    unsigned disk;
    if (!peer) {
        refuse(n, r, SAY_CMD_NO_NODE, c->arg[0]);
    } else if (target == n->self || c->n_args < 2 || !str_eq(c->arg[0], c->arg[1])) {
        refuse(n, r, SAY_CMD_TYPE_NAME, c->arg[0]);
    } else if (peer->state == PEER_MEMBER || peer->state == PEER_MEETING || path_signs(n, target) ||
               (peer->heard_us && n->now_us - peer->heard_us < US(n->timing.lost_ms))) {
        refuse(n, r, SAY_CMD_STILL_HEARD, c->arg[0]);
    } else if ((disk = disk_unseen(n)) < CONF_LINKS_MAX && !(c->flags & CMD_FORCE)) {
        say_set(&say, SAY_CMD_DISK_UNSEEN);
        say_arg(&say, n->conf.link[disk].name);
        say_arg(&say, c->arg[0]);
        request_refuse(n, r, &say);
    } else if (peer->away && !(c->flags & CMD_FORCE)) { /* known to run on, without a daemon */
        refuse(n, r, SAY_CMD_AWAY_RUNS, c->arg[0]);
    } else if (ring_engine(n) && (!n->ring.there || ring_forbids(n, NULL))) {
        refuse(n, r, SAY_CMD_NO_QUORUM, "");
    } else if (n->view.state != VIEW_ALONE && n->view.state != VIEW_NONE && !ring_engine(n)) {
        refuse(n, r, SAY_CMD_NO_COORDINATOR, "");
    } else {
        n->view.alone_at_us = n->now_us; /* there is nobody to wait for any longer */
        peer_stopped(n, target, PROOF_OPERATOR, peer->boot);
        r->wait = WAIT_IDLE;
        if (!(r->flags & CMD_WAIT_DONE))
            request_ok(n, r);
    }
}

static void leave(struct node *n, struct request *r, const struct cmd *c)
{
    for (unsigned i = 0; i < n->exec.n_slots && !(c->flags & CMD_FORCE); i++)
        if (n->exec.slot[i].used && (n->coord.flags[i] & RSC_UNMANAGED) &&
            rec_active(exec_rec(n, n->self, i))) {
            refuse(n, r, SAY_CMD_UNMANAGED_RUNS, n->exec.slot[i].id);
            return;
        }
    const char *ms = str_starts(c->arg[0], CMD_STOP_FOR) ? c->arg[0] + strlen(CMD_STOP_FOR) : "";
    if (c->n_args && c->arg[0][0] && num_ms(ms, AWAY_MAX_MS, &n->away_ms)) {
        request_refuse_err(n, r, SAY_CMD_BAD, c->arg[0], ERR_RANGE);
        return;
    }
    n->leaving = true;
    coord_touch(n);
    request_ok(n, r);
}

static void start_over(struct node *n, struct request *r)
{
    if (n->leaving) {
        refuse(n, r, SAY_CMD_LEAVING, node_name(n, n->self));
        return;
    }
    n->again = true;
    request_ok(n, r);
}

/* A dry run writes its wish into the state like a real one; what was there before is put back. */
struct wishes {
    uint8_t *wish;
    bool *met, *restart;
    nodeset *avoid;
};

static void wishes_copy(struct node *n, const struct wishes *w, bool back)
{
    struct coord *c = &n->coord;
    size_t k = n->exec.n_slots;
    memcpy(back ? c->wish : w->wish, back ? w->wish : c->wish, k * sizeof(*c->wish));
    memcpy(back ? c->wish_met : w->met, back ? w->met : c->wish_met, k * sizeof(*c->wish_met));
    memcpy(back ? c->restart : w->restart, back ? w->restart : c->restart, k * sizeof(*c->restart));
    memcpy(back ? c->avoid : w->avoid, back ? w->avoid : c->avoid, k * sizeof(*c->avoid));
}

static void wish_try(struct node *n, struct request *r, const struct cmd *c)
{
    struct wishes w;
    size_t k = n->exec.n_slots;
    arena_reset(&n->edit_arena);
    w.wish = arena_array(&n->edit_arena, k, sizeof(*w.wish));
    w.met = arena_array(&n->edit_arena, k, sizeof(*w.met));
    w.restart = arena_array(&n->edit_arena, k, sizeof(*w.restart));
    w.avoid = arena_array(&n->edit_arena, k, sizeof(*w.avoid));
    if (!w.wish || !w.met || !w.restart || !w.avoid) {
        refuse(n, r, SAY_CMD_BUSY, "");
        return;
    }
    wishes_copy(n, &w, false);
    if (c->kind == CMD_MOVE)
        move(n, r, c);
    else
        restart(n, r, c);
    wishes_copy(n, &w, true);
}

/* What cannot be tried out is refused in a dry run, never done. */
static bool dry_able(enum cmd_kind kind)
{
    return kind == CMD_CIB_PUT || kind == CMD_EDIT || kind == CMD_MOVE || kind == CMD_RESTART ||
           kind == CMD_SCORES || kind == CMD_IDLE;
}

void wish_do(struct node *n, struct request *r, const struct cmd *c)
{
    if ((c->flags & CMD_DRY_RUN) && !dry_able(c->kind)) {
        refuse(n, r, SAY_CMD_NO_DRY_RUN, cmd_word(c->kind));
        return;
    }
    if ((c->flags & CMD_DRY_RUN) && (c->kind == CMD_MOVE || c->kind == CMD_RESTART)) {
        wish_try(n, r, c);
        return;
    }
    bool changes = c->kind == CMD_CIB_PUT || c->kind == CMD_EDIT;
    if (changes && !(c->flags & CMD_DRY_RUN) && !ring_decides(n)) {
        refuse(n, r, SAY_CMD_NO_QUORUM, "");
        return;
    }
    switch ((enum cmd_kind)c->kind) {
    case CMD_CIB_PUT: cib_put(n, r, c); break;
    case CMD_EDIT: edit(n, r, c); break;
    case CMD_MOVE: move(n, r, c); break;
    case CMD_RESTART: restart(n, r, c); break;
    case CMD_CLEANUP:
    case CMD_FAILCOUNT: cleanup(n, r, c); break;
    case CMD_SCORES:
        if (coord_dry_run(n, index_of(n, r), NULL))
            refuse(n, r, SAY_CMD_BUSY, "");
        break;
    case CMD_FENCE: fence(n, r, c); break;
    case CMD_FENCE_TEST: fence_test(n, r, c); break;
    case CMD_CONFIRM: confirm(n, r, c); break;
    case CMD_STOP:
        if (c->n_args && str_eq(c->arg[0], CMD_STOP_AGAIN))
            start_over(n, r);
        else
            leave(n, r, c);
        break;
    case CMD_IDLE:
        r->wait = WAIT_IDLE;
        if (!(r->flags & CMD_WAIT_DONE))
            request_ok(n, r);
        break;
    default: request_refuse_err(n, r, SAY_CMD_BAD, "", ERR_UNKNOWN); break;
    }
}

void request_dry_run(struct node *n, unsigned request, const struct sched_in *in,
                     const struct plan *plan)
{
    struct request *r = &n->request[request];
    struct json j;
    struct str s;
    if (!r->used || r->wait != WAIT_PLAN)
        return; /* its client is gone, and somebody else has its place */
    if (!plan) {
        request_refuse_err(n, r, SAY_CMD_BAD, cmd_word(r->kind), ERR_FULL);
        return;
    }
    request_json(n, &j, &s);
    json_bool(&j, "ok", true);
    status_plan(&j, n, in, plan, r->kind == CMD_SCORES);
    status_faults(&j, &n->store.faults, r->kind == CMD_CIB_PUT || r->kind == CMD_EDIT);
    request_json_end(n, r, &j, &s);
}
