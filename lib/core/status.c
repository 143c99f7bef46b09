/* SPDX-License-Identifier: GPL-2.0-or-later
 * status: what a node knows, as JSON. Pure reading. Every sentence goes out as id, arguments and
 * English text, so that the reader can put it into words of another language. */
#include <string.h>
#include "lib/core/claim.h"
#include "lib/core/drill.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/gauge.h"
#include "lib/core/guard.h"
#include "lib/core/lease.h"
#include "lib/core/level.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/ring.h"
#include "lib/core/status.h"
#include "lib/core/take.h"
#include "lib/core/wire.h"
#include "lib/core/view.h"

void status_say(struct json *j, const char *key, const struct say *say)
{
    char words[512];
    struct str w;
    if (!say->id) {
        json_text(j, key, NULL);
        return;
    }
    str_init(&w, words, sizeof(words));
    say_words(say, NULL, &w);
    json_open(j, key, '{');
    json_u64(j, "id", say->id);
    json_text(j, "name", say_name(say->id));
    json_open(j, "args", '[');
    for (unsigned i = 0; i < say->n; i++)
        json_text(j, NULL, say_get_arg(say, i));
    json_close(j, ']');
    json_text(j, "text", words);
    json_close(j, '}');
}

void status_version(struct json *j, const struct node *n)
{
    char text[32];
    struct str s;
    str_init(&s, text, sizeof(text));
    str_addf(&s, "%u.%u", n->store.version.epoch, n->store.version.seq);
    json_text(j, "version", text);
    json_u64(j, "protocol", FRAME_VERSION);
    json_text(j, "node", node_name(n, n->self));
}

void status_faults(struct json *j, const struct cib_faults *faults, bool on)
{
    if (!on)
        return;
    json_open(j, "faults", '[');
    for (unsigned i = 0; i < faults->n; i++) {
        json_open(j, NULL, '{');
        json_u64(j, "line", faults->at[i].line);
        json_bool(j, "warning", faults->at[i].warning);
        json_text(j, "text", faults->at[i].text);
        json_close(j, '}');
    }
    json_close(j, ']');
}

/* ---- nodes and links ------------------------------------------------------------------------ */

static const char *life_word(enum node_life life)
{
    static const char *const word[] = {"member", "joining", "stopped", "unclean"};
    return word[life];
}

/* What the guard holds of that node, and what is done about it, unless that is the same. */
static void verdict(struct json *j, const struct node *n, unsigned p)
{
    struct say why, fencing;
    guard_say(n, p, &why);
    status_say(j, "why", &why);
    if (fencer_busy(n, p, &fencing) && fencing.id != why.id)
        status_say(j, "fencing", &fencing);
}

static void node_one(struct json *j, const struct node *n, unsigned p)
{
    const struct cib *c = n->store.cib;
    enum node_life life = guard_life(n, p);
    bool standby = false, maintenance = false;
    bool self = p == n->self;
    unsigned active = 0;
    for (unsigned i = 0; i < c->n_nodes; i++)
        if (c->node[i].node_index == p) {
            standby = standby || c->node[i].standby;
            maintenance = maintenance || c->node[i].maintenance;
        }
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used && rec_active(exec_rec_const(n, p, i)))
            active++;
    json_open(j, NULL, '{');
    json_text(j, "name", node_name(n, p));
    json_u64(j, "id", n->conf.node[p].id);
    json_text(j, "life", life_word(life));
    json_text(j, "peer_state", self ? "self" : peer_state_word(n->peer[p].state));
    json_bool(j, "standby", standby);
    json_bool(j, "maintenance", maintenance);
    json_bool(j, "leaving", self ? n->leaving : n->peer[p].leaving);
    json_bool(j, "no_exec", self ? n->exec.no_exec : n->peer[p].no_exec);
    json_bool(j, "coordinator", n->view.coordinator == p);
    if (ring_engine(n))
        json_bool(j, "isolated", ring_apart(n, p));
    json_u64(j, "active", active);
    json_u64(j, "since_ms",
             self ? (n->now_us - n->view.since_us) / 1000
                  : (n->now_us - n->peer[p].since_us) / 1000);
    if (!self)
        verdict(j, n, p);
    json_close(j, '}');
}

static void link_one(struct json *j, const struct node *n, unsigned p, unsigned l)
{
    static const char *const type[] = {"udp", "tcp", "serial", "disk", "corosync"};
    const struct path *path = &n->peer[p].path[l];
    json_open(j, NULL, '{');
    json_text(j, "name", n->conf.link[l].name);
    json_text(j, "type", type[n->conf.link[l].type]);
    json_text(j, "peer", node_name(n, p));
    json_text(j, "state", path_state_word(path->state));
    json_u64(j, "since_ms", (n->now_us - path->since_us) / 1000);
    status_say(j, "why", &path->why);
}

static void link_details(struct json *j, const struct node *n, unsigned p, unsigned l)
{
    const struct path *path = &n->peer[p].path[l];
    const struct link *link = &n->link[l];
    json_u64(j, "interval_ms", n->timing.link[l].interval_ms);
    json_u64(j, "limit_ms", n->timing.link[l].limit_ms);
    json_u64(j, "heard_ms", path->heard_us ? (n->now_us - path->heard_us) / 1000 : 0);
    json_open(j, "rtt_us", '{');
    json_u64(j, "last", path->rtt_us);
    json_u64(j, "min", path->rtt_min_us);
    json_u64(j, "mean", path->rtt_mean_us);
    json_u64(j, "max", path->rtt_max_us);
    json_close(j, '}');
    json_u64(j, "sent", path->sent);
    json_u64(j, "received", path->received);
    json_u64(j, "lost", path->lost);
    json_u64(j, "late", path->late);
    json_open(j, "bad", '{');
    json_u64(j, "crc", link->bad_crc);
    json_u64(j, "key", link->bad_auth);
    json_u64(j, "form", link->bad_form);
    json_u64(j, "foreign", link->foreign);
    json_u64(j, "replayed", link->replayed);
    json_u64(j, "unproven", link->unproven);
    json_close(j, '}');
    /* Bucket 0: on time; bucket k: late by up to 2^(k-1) quarters of the interval. */
    json_open(j, "lateness", '[');
    for (unsigned i = 0; i < HISTOGRAM_MAX; i++)
        json_u64(j, NULL, path->lateness[i]);
    json_close(j, ']');
}

static void links(struct json *j, const struct node *n, bool details)
{
    json_open(j, "links", '[');
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned l = 0; p != n->self && l < n->conf.n_links; l++) {
            if (!conf_link_joins(&n->conf.link[l], n->self, p))
                continue;
            link_one(j, n, p, l);
            if (details)
                link_details(j, n, p, l);
            json_close(j, '}');
        }
    wire_status(j, n);
    json_close(j, ']');
}

void status_links(struct json *j, const struct node *n)
{
    json_text(j, "node", node_name(n, n->self));
    links(j, n, true);
}

static bool proof_one(struct json *j, const char *proof, bool there, const struct say *why)
{
    json_open(j, NULL, '{');
    json_text(j, "proof", proof);
    json_bool(j, "there", there);
    status_say(j, "why", why);
    json_close(j, '}');
    return there;
}

/* What could prove that peer stopped if it fell silent now. */
static void proofs(struct json *j, const struct node *n, unsigned p)
{
    struct say why;
    bool some = false;
    json_open(j, "proofs", '[');
    if (n->conf.guard & GUARD_FENCE) {
        bool there = level_count(n, p) > 0;
        say_set(&why, there ? SAY_PROOF_FENCE : SAY_PROOF_FENCE_NONE);
        say_arg(&why, node_name(n, p));
        some |= proof_one(j, "fence", there, &why);
    }
    if (n->conf.guard & GUARD_LEASE) {
        bool there = lease_proof(n, p, &why);
        some |= proof_one(j, "lease", there, &why);
    }
    if (conf_reservation(&n->conf)) {
        bool there = take_proof(n, p, &why);
        some |= proof_one(j, "reservation", there, &why);
    }
    json_close(j, ']');
    if (!some && n->conf.guard) {
        say_set(&why, SAY_PROOF_NOTHING);
        say_arg(&why, node_name(n, p));
        status_say(j, "unprovable", &why);
    }
}

static void guard_kinds(struct json *j, const struct node *n)
{
    static const char *const kind[GUARD_KINDS] = {"fence", "lease", "reservation"};
    char words[64];
    struct str s;
    str_init(&s, words, sizeof(words));
    for (unsigned i = 0; i < GUARD_KINDS; i++)
        if (n->conf.guard >> i & 1)
            str_addf(&s, "%s%s", s.len ? ", " : "", kind[i]);
    json_text(j, "guard", s.len ? words : "none");
    json_bool(j, "unsafe", n->conf.guard == 0);
}

void status_guard(struct json *j, const struct node *n)
{
    json_text(j, "node", node_name(n, n->self));
    guard_kinds(j, n);
    json_bool(j, "alone", n->kept.alone_boot == n->boot);
    if (lease_active(n)) {
        const struct lease *e = &n->lease;
        uint64_t date_us = lease_date(n);
        json_open(j, "lease", '{');
        json_text(j, "mode", lease_mode_word(n));
        json_bool(j, "lapsed", lease_lapsed(n));
        if (date_us != UINT64_MAX)
            json_u64(j, "left_ms", date_us > n->now_us ? (date_us - n->now_us) / 1000 : 0);
        json_text(j, "watchdog", watchdog_word(e->watchdog.kind));
        json_u64(j, "watchdog_ms", e->watchdog.timeout_ms);
        json_bool(j, "armed", e->watchdog.armed);
        json_bool(j, "weak", e->watchdog.kind != WATCHDOG_HARDWARE);
        json_close(j, '}');
    }
    claim_status(j, n);
    json_open(j, "peers", '[');
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        if (p == n->self)
            continue;
        json_open(j, NULL, '{');
        json_text(j, "node", node_name(n, p));
        json_text(j, "life", life_word(guard_life(n, p)));
        json_text(j, "proof", proof_word(n->peer[p].proof));
        verdict(j, n, p);
        gauge_status(j, n, p);
        proofs(j, n, p);
        json_close(j, '}');
    }
    json_close(j, ']');
}

/* ---- resources --------------------------------------------------------------------------------
 */

static const char *state_word(const struct rec *r)
{
    switch (r->life) {
    case RSC_STARTED: return "Started";
    case RSC_PROMOTED: return "Promoted";
    case RSC_FAILED:
    case RSC_STOP_FAILED: return "FAILED";
    default: return "Stopped";
    }
}

static void prim_one(struct json *j, const struct node *n, unsigned i)
{
    const struct cib_prim *prim = &n->store.cib->prim[i];
    unsigned slot = n->store.slot_of_prim[i];
    const struct coord *c = &n->coord;
    const struct rec *shown = NULL;
    const char *pending = NULL;
    unsigned pending_node = 0, shown_node = 0;
    bool served = false; /* by somebody that is there: what a lost node had is taken over */
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        served =
            served || (rec_active(exec_rec_const(n, p, slot)) && guard_life(n, p) != LIFE_UNCLEAN);
    json_open(j, NULL, '{');
    json_text(j, "kind", "primitive");
    json_text(j, "id", prim->id);
    json_text(j, "class", prim->class);
    json_text(j, "provider", prim->provider);
    json_text(j, "type", prim->type);
    if (prim->part != PART_WHOLE)
        json_text(j, "part", prim->part == PART_COPY ? "copy" : "promoted");
    if (prim->part == PART_COPY)
        json_text(j, "for", node_name(n, prim->node));
    json_open(j, "nodes", '[');
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        const struct rec *r = exec_rec_const(n, p, slot);
        if (rec_active(r) && (!served || guard_life(n, p) != LIFE_UNCLEAN)) {
            json_text(j, NULL, node_name(n, p));
            if (!shown) {
                shown = r;
                shown_node = p;
            }
        }
        if (r->pending != OP_NONE) {
            pending = rec_op_word(r->pending);
            pending_node = p;
        }
    }
    json_close(j, ']');
    bool role = prim->part == PART_PROMOTED && shown && shown->life == RSC_STARTED;
    json_text(j, "state", role ? "Promoted" : shown ? state_word(shown) : "Stopped");
    json_text(j, "node", shown ? node_name(n, shown_node) : NULL);
    json_bool(j, "unclean", shown && guard_life(n, shown_node) == LIFE_UNCLEAN);
    json_text(j, "want", c->want[slot] < n->conf.n_nodes ? node_name(n, c->want[slot]) : NULL);
    json_text(j, "pending", pending);
    json_text(j, "pending_node", pending ? node_name(n, pending_node) : NULL);
    json_bool(j, "managed", !(c->flags[slot] & RSC_UNMANAGED));
    json_bool(j, "blocked", c->flags[slot] & RSC_BLOCKED);
    json_bool(j, "maintenance",
              prim->effective.maintenance || n->store.cib->properties.maintenance_mode);
    json_bool(j, "disabled", prim->effective.target_role == ROLE_STOPPED);
    status_say(j, "why", &c->why[slot]);
    json_close(j, '}');
}

static void resources(struct json *j, const struct node *n)
{
    const struct cib *c = n->store.cib;
    json_open(j, "resources", '[');
    for (unsigned i = 0; i < c->n_objects; i++) {
        const struct cib_object *o = &c->object[i];
        if (o->kind == CIB_PRIMITIVE && c->prim[o->index].group == CIB_NONE &&
            c->prim[o->index].clone == CIB_NONE)
            prim_one(j, n, o->index);
        if (o->kind != CIB_GROUP && o->kind != CIB_CLONE)
            continue;
        struct rsc_ref ref = {.kind = o->kind == CIB_GROUP ? RSC_GROUP : RSC_CLONE,
                              .index = o->index};
        json_open(j, NULL, '{');
        json_text(j, "kind", o->kind == CIB_GROUP ? "group" : "clone");
        json_text(j, "id", o->id);
        if (o->kind == CIB_CLONE) {
            json_text(j, "rsc", c->prim[c->clone[o->index].prim].name);
            json_bool(j, "promotable", c->clone[o->index].promotable);
        }
        json_open(j, "members", '[');
        for (unsigned m = 0; cib_part(c, ref, m) != CIB_NONE; m++)
            prim_one(j, n, cib_part(c, ref, m));
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void failures(struct json *j, const struct node *n)
{
    json_open(j, "failures", '[');
    for (unsigned i = 0; i < n->store.cib->n_prims; i++)
        for (unsigned p = 0; p < n->conf.n_nodes; p++) {
            const struct cib_prim *prim = &n->store.cib->prim[i];
            const struct rec *r = exec_rec_const(n, p, n->store.slot_of_prim[i]);
            uint64_t timeout_us = US(prim->effective.failure_timeout_ms);
            if (r->fail_op == OP_NONE || (timeout_us && n->now_us - r->fail_us >= timeout_us))
                continue;
            json_open(j, NULL, '{');
            json_text(j, "rsc", prim->id);
            json_text(j, "op", rec_op_word(r->fail_op));
            json_text(j, "node", node_name(n, p));
            json_u64(j, "rc", r->fail_rc);
            json_text(j, "reason", r->reason);
            json_u64(j, "wall_s", r->fail_wall_s);
            json_u64(j, "exec_ms", r->exec_ms);
            json_u64(j, "fail_count", r->fail_count);
            json_i64(j, "threshold", prim->effective.migration_threshold);
            json_close(j, '}');
        }
    json_close(j, ']');
}

static void warnings(struct json *j, const struct node *n)
{
    json_open(j, "warnings", '[');
    for (unsigned i = 0; i < n->store.cib->n_prims; i++)
        for (unsigned p = 0; p < n->conf.n_nodes; p++) {
            const struct rec *r = exec_rec_const(n, p, n->store.slot_of_prim[i]);
            if (!*r->warning || !rec_active(r))
                continue;
            json_open(j, NULL, '{');
            json_text(j, "rsc", n->store.cib->prim[i].id);
            json_text(j, "node", node_name(n, p));
            json_text(j, "text", r->warning);
            json_close(j, '}');
        }
    json_close(j, ']');
}

static void fencing(struct json *j, const struct node *n)
{
    const struct fencer *f = &n->fencer;
    unsigned first = f->n_history > FENCE_HISTORY_MAX ? f->n_history - FENCE_HISTORY_MAX : 0;
    json_open(j, "fencing", '[');
    for (unsigned i = first; i < f->n_history; i++) {
        const struct fence_history *h = &f->history[i % FENCE_HISTORY_MAX];
        json_open(j, NULL, '{');
        json_text(j, "target", node_name(n, h->target));
        json_text(j, "device", h->device);
        json_bool(j, "ok", h->ok);
        json_text(j, "reason", h->reason);
        json_u64(j, "wall_s", h->wall_s);
        json_u64(j, "took_ms", h->took_ms);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void status_whys(struct json *j, const struct node *n)
{
    json_open(j, "whys", '[');
    for (unsigned i = 0; i < n->store.cib->n_prims; i++) {
        unsigned slot = n->store.slot_of_prim[i];
        if (!n->coord.why[slot].id)
            continue;
        json_open(j, NULL, '{');
        json_text(j, "rsc", n->store.cib->prim[i].id);
        status_say(j, "why", &n->coord.why[slot]);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void status_plan(struct json *j, const struct node *n, const struct sched_in *in,
                 const struct plan *plan, bool scores)
{
    json_open(j, "plan", '[');
    for (uint32_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->step[i];
        json_open(j, NULL, '{');
        json_text(j, "op", rec_op_word(s->op));
        json_text(j, "rsc", s->prim == CIB_NONE ? NULL : in->cib->prim[s->prim].id);
        json_text(j, "node", node_name(n, s->node));
        json_bool(j, "blocked", s->blocked);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "whys", '[');
    for (unsigned i = 0; i < in->cib->n_prims; i++)
        if (plan->rsc[i].why.id) {
            json_open(j, NULL, '{');
            json_text(j, "rsc", in->cib->prim[i].id);
            status_say(j, "why", &plan->rsc[i].why);
            json_close(j, '}');
        }
    json_close(j, ']');
    if (!scores)
        return;
    json_open(j, "scores", '[');
    for (unsigned i = 0; i < in->cib->n_prims; i++)
        for (unsigned p = 0; p < in->n_nodes; p++) {
            json_open(j, NULL, '{');
            json_text(j, "rsc", in->cib->prim[i].id);
            json_text(j, "node", node_name(n, p));
            json_i64(j, "score", plan->score[i * in->n_nodes + p]);
            json_close(j, '}');
        }
    json_close(j, ']');
}

void status_all(struct json *j, struct node *n)
{
    const struct cib *c = n->store.cib;
    unsigned disabled = 0, blocked = 0;
    for (unsigned i = 0; i < c->n_prims; i++) {
        disabled += c->prim[i].effective.target_role == ROLE_STOPPED;
        blocked += (n->coord.flags[n->store.slot_of_prim[i]] & RSC_BLOCKED) != 0;
    }
    json_text(j, "cluster", n->conf.cluster);
    status_version(j, n);
    json_text(j, "coordinator",
              n->view.coordinator < n->conf.n_nodes ? node_name(n, n->view.coordinator) : NULL);
    json_text(j, "view", view_state_word(n->view.state));
    json_u64(j, "epoch", n->view.epoch);
    guard_kinds(j, n);
    ring_status(j, n);
    json_bool(j, "maintenance_mode", c->properties.maintenance_mode);
    json_bool(j, "stop_all", c->properties.stop_all_resources);
    json_bool(j, "stonith_enabled", c->properties.stonith_enabled);
    json_u64(j, "wall_s", n->wall_s);
    json_u64(j, "n_resources", c->n_prims);
    json_u64(j, "n_disabled", disabled);
    json_u64(j, "n_blocked", blocked);
    json_open(j, "nodes", '[');
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        node_one(j, n, p);
    json_close(j, ']');
    links(j, n, false);
    resources(j, n);
    warnings(j, n);
    failures(j, n);
    fencing(j, n);
    drill_status(j, n);
    struct str pending;
    char words[256];
    str_init(&pending, words, sizeof(words));
    json_text(j, "pending", node_pending(n, &pending) ? words : NULL);
}
