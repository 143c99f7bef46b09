/* SPDX-License-Identifier: GPL-2.0-or-later
 * claim: our own keys on the disks.
 *
 * Happy path: for each resource, and each quorum disk, its disks are looked for (FIND) and its keys
 * read; as soon as every other node is a member that hears us, or known to be stopped, our key is
 * registered; before the first start the disk is reserved (HOLD); from then on the keys are read
 * again and again, more often while something runs there. A lost peer's key is taken in take.c.
 *
 * Ways to fail: a disk cannot do it, or a stranger has reserved it: told at once, not at a
 * takeover, and the other proofs are left. A command fails: tried again with growing pauses, after
 * a look. A path has come back without our key: registered again, but only when the guard would
 * let us register anyway. The array has forgotten the keys: registered and reserved again, by who
 * may, or by who had taken the other's. Our key is gone and the peer's is there: take_lost. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/claim.h"
#include "lib/core/coord.h"
#include "lib/core/env.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/lease.h"
#include "lib/core/race.h"
#include "lib/core/rec.h"
#include "lib/core/take.h"
#include "lib/wire/pr.h"

enum {
    AGAIN_MIN_MS = 50,
    AGAIN_MAX_MS = 5000,
    IDLE_MS = 10000,   /* a look, while nothing that needs the disk runs here */
    UNABLE_MS = 60000, /* a disk that cannot do it may be changed */
    BAD_TRIES = 2,
    FIND_TRIES = 3, /* a start waits for so many, before what is known without the disks decides */
    PROVE_EVERY = 8,
    PERMIT_MS = 10 /* moved on by at least so much */
};

_Static_assert((int)CONF_KEY_NODES_MAX == (int)PR_NODES_MAX,
               "each node that may have a key has one");

#define VERB_NONE ((unsigned)RESERVE_VERB_COUNT)

bool claim_active(const struct node *n)
{
    return conf_reservation(&n->conf);
}

unsigned claim_count(const struct node *n)
{
    return n->exec.n_slots + conf_disks(&n->conf);
}

bool claim_able(const struct claim *c)
{
    return c->found && (c->state & RESERVE_DISKS) && (c->state & RESERVE_ABLE);
}

static unsigned link_of(const struct node *n, unsigned i)
{
    return n->conf.n_links - conf_disks(&n->conf) + (i - n->exec.n_slots);
}

const char *claim_name(const struct node *n, unsigned i)
{
    return i < n->exec.n_slots ? n->exec.slot[i].id : n->conf.link[link_of(n, i)].name;
}

bool claim_concerns(const struct node *n, unsigned i)
{
    const struct cib_prim *prim = i < n->exec.n_slots ? exec_prim(n, i) : NULL;
    return i >= n->exec.n_slots || (prim && !prim->is_stonith &&
                                    prim->part != PART_COPY); /* which takes over from nobody */
}

/* Two nodes. The other was known to be stopped, but that is a while ago: it has its key there, ours
 * is not, and nobody has heard it. It may have booted since, and have taken ours: what registers
 * now might begin where it goes on. Met, or stopped anew, it is another matter. */
static bool outdated(const struct node *n, unsigned i)
{
    const struct claim *c = &n->claims.at[i];
    unsigned p = race_peer(n);
    return race_is_on(n) && guard_life(n, p) == LIFE_STOPPED && !c->mine && c->others &&
           n->now_us > n->peer[p].proof_us + US(TIMING_LANDED_MS);
}

static uint32_t digest_of(const struct node *n, unsigned i)
{
    return i < n->exec.n_slots ? exec_prim(n, i)->digest ^ n->exec.slot[i].kind : 0;
}

/* Something that needs these disks runs here, may run, or is just being started. */
static bool used(const struct node *n, unsigned i)
{
    if (i >= n->exec.n_slots)
        return lease_holds(n);
    const struct rec *r = exec_rec_const(n, n->self, i);
    return rec_active(r) || r->pending == OP_START;
}

/* It, or one of its group. */
static bool group_used(const struct node *n, unsigned i)
{
    const struct cib_prim *prim = i < n->exec.n_slots ? exec_prim(n, i) : NULL;
    bool any = used(n, i);
    if (!prim || prim->group == CIB_NONE)
        return any;
    const struct cib_group *g = &n->store.cib->group[prim->group];
    for (unsigned m = 0; !any && m < g->n_members; m++)
        any = used(n, n->store.slot_of_prim[g->member[m]]);
    return any;
}

/* When to look again, or to try again. */
static uint64_t due_at(const struct node *n, unsigned i)
{
    const struct claim *c = &n->claims.at[i];
    uint64_t again_ms = num_min((uint64_t)AGAIN_MIN_MS << num_min(c->tries, 10), AGAIN_MAX_MS);
    uint64_t look_ms = !claim_able(c) ? UNABLE_MS
                       : used(n, i)   ? n->timing.deadtime_ms / 2
                                      : IDLE_MS;
    return c->ended_us + US(c->tries ? again_ms : look_ms);
}

/* ---- asking ------------------------------------------------------------------------------- */

static void claim_ask(struct node *n, unsigned i, enum reserve_verb verb, unsigned victim)
{
    struct claim *c = &n->claims.at[i];
    bool slot = i < n->exec.n_slots;
    assert(!c->op && verb < RESERVE_VERB_COUNT);
    assert(verb != RESERVE_PREEMPT || (victim < n->conf.n_nodes && victim != n->self));
    c->op = out_op(n);
    c->verb = (uint8_t)verb;
    c->victim = (uint8_t)(race_is_on(n) ? race_peer(n) : victim);
    struct action *a = out_action(n, ACT_RESERVE);
    struct act_reserve *r = &a->reserve;
    r->op = c->op;
    r->verb = (uint8_t)verb;
    r->disk = (uint8_t)(slot ? CONF_LINKS_MAX : link_of(n, i));
    r->key = pr_key_make(n->conf.uuid, n->conf.node[n->self].id);
    if (c->victim < n->conf.n_nodes)
        r->victim_key = pr_key_make(n->conf.uuid, n->conf.node[c->victim].id);
    if (verb == RESERVE_REGISTER || verb == RESERVE_HOLD) {
        /* A repair by who may write there must not land after the other has taken our key. */
        c->limit_ms = r->limit_ms = c->mine ? n->timing.register_ms : 0;
        c->permit_us = r->not_after_us = take_permits_until(n) - US(r->limit_ms);
        r->again = c->mine;
    }
    if (!slot)
        return;
    const struct cib_prim *prim = exec_prim(n, i);
    r->slot = (uint16_t)i;
    r->id = out_text(n, prim->id);
    r->class = out_text(n, prim->class);
    r->provider = out_text(n, prim->provider);
    r->type = out_text(n, prim->type);
    r->env = env_agent(n, i, "monitor", NULL, 0, 0, false, &r->env_len);
    if (!r->env) {
        r->env = out_text(n, "");
        r->env_len = 0;
    }
}

/* Its key has to be there, and the disk to be reserved. */
static unsigned own_wanted(const struct node *n, unsigned i)
{
    const struct claim *c = &n->claims.at[i];
    const struct slot *s = i < n->exec.n_slots ? &n->exec.slot[i] : NULL;
    if (outdated(n, i))
        return VERB_NONE;
    bool start = s && (s->queued == OP_START || used(n, i));
    /* A quorum disk is reserved when both are registered: else the other's beats were refused. */
    bool both = !s && (c->others || guard_life(n, race_peer(n)) == LIFE_STOPPED);
    if ((start || both) && (!c->mine || !c->held || c->bare))
        return RESERVE_HOLD;
    return !c->mine || c->bare ? RESERVE_REGISTER : VERB_NONE;
}

/* Readmitted is who is known to run nothing of what the other runs: what was left over here when
 * our key was taken would write again. */
static bool leftover(const struct node *n)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        const struct claim *c = &n->claims.at[i];
        const struct rec *mine = exec_rec_const(n, n->self, i);
        if (!claim_concerns(n, i) || (c->found && !(c->state & RESERVE_DISKS)))
            continue;
        bool there = false;
        for (unsigned p = 0; rec_active(mine) && p < n->conf.n_nodes; p++) {
            const struct rec *theirs = exec_rec_const(n, p, i);
            there = there || (p != n->self && guard_life(n, p) == LIFE_MEMBER &&
                              (rec_active(theirs) || theirs->pending == OP_START));
        }
        if (mine->life == RSC_UNKNOWN || there)
            return true;
    }
    return false;
}

/* What holds for all claims alike in this step. */
struct outlook {
    bool permits;
    bool readmits; /* permits, and nothing is left over: neither here, nor from before this
                      machine's boot on the way to the array, where it was refused while nothing was
                      registered */
    unsigned arbiter;
};

static unsigned wanted(struct node *n, unsigned i, const struct outlook *o, unsigned *victim)
{
    struct claim *c = &n->claims.at[i];
    bool due = n->now_us >= due_at(n, i), now = due || c->tries == 0;
    if (!c->found || c->digest != digest_of(n, i))
        return now ? RESERVE_FIND : VERB_NONE;
    /* It is reserved since the attempt that showed that it is unable: each path needs our key. */
    if (c->unable && c->bare && now && o->readmits)
        return c->looked ? RESERVE_REGISTER : RESERVE_READ;
    if (!claim_able(c))
        return due && (c->state & RESERVE_DISKS) ? RESERVE_FIND : VERB_NONE;
    if (!c->looked)
        return now ? RESERVE_READ : VERB_NONE;
    *victim = now && !(c->barred && o->permits) ? take_victim(n, i, o->arbiter) : NODE_NONE;
    if (*victim != NODE_NONE)
        return RESERVE_PREEMPT;
    /* Forgotten by the array, after we had taken the other's: whoever is first is not it. */
    bool again = c->forgot && c->taken && !n->claims.lost;
    if (now && again && !n->left && !n->fenced)
        return RESERVE_HOLD;
    unsigned verb = now && o->readmits ? own_wanted(n, i) : VERB_NONE;
    return verb == VERB_NONE && due ? RESERVE_READ : verb;
}

/* Each beat of the peer shows that it still counts us as alive, so that what registers on a slow
 * array may go on: else a short deadtime would never suffice for it. */
static void permit_move(struct node *n, unsigned i, const struct outlook *o)
{
    struct claim *c = &n->claims.at[i];
    bool registers = c->verb == RESERVE_REGISTER || c->verb == RESERVE_HOLD;
    if (!c->op || !registers || !o->readmits || !out_roomy(n))
        return;
    uint64_t until_us = take_permits_until(n) - US(c->limit_ms);
    if (until_us < c->permit_us + US(PERMIT_MS))
        return;
    struct action *a = out_action(n, ACT_PERMIT);
    a->permit.op = c->op;
    a->permit.not_after_us = c->permit_us = until_us;
}

/* Other parameters, another agent: other disks, perhaps. */
static void forget(struct claim *c, uint32_t digest)
{
    uint32_t op = c->op;
    uint8_t verb = c->verb;
    bool bad = c->bad;
    memset(c, 0, sizeof(*c));
    c->op = op;
    c->verb = verb;
    c->bad = bad;
    c->digest = digest;
}

void claim_tick(struct node *n)
{
    bool more = false;
    if (!claim_active(n))
        return;
    take_follow(n);
    struct outlook o = {.permits = take_permits(n), .arbiter = race_arbiter(n)};
    uint64_t young_us = US(TIMING_LANDED_MS);
    if (n->now_us < young_us)
        out_wake(n, young_us);
    o.readmits = o.permits && n->now_us >= young_us && !leftover(n);
    for (unsigned i = 0; i < claim_count(n); i++) {
        struct claim *c = &n->claims.at[i];
        if (!claim_concerns(n, i)) {
            memset(c, 0, sizeof(*c)); /* what is under way for it is forgotten */
            continue;
        }
        permit_move(n, i, &o);
        if (c->op || n->exiting || n->claims.clear_us)
            continue;
        if (c->digest != digest_of(n, i))
            forget(c, digest_of(n, i));
        unsigned victim = NODE_NONE, verb = wanted(n, i, &o, &victim);
        if (verb != VERB_NONE && !out_roomy(n)) {
            more = true;
            continue;
        }
        if (verb != VERB_NONE)
            claim_ask(n, i, (enum reserve_verb)verb, victim);
        else if (due_at(n, i) > n->now_us && (!c->found || (c->state & RESERVE_DISKS)))
            out_wake(n, due_at(n, i));
    }
    if (more)
        out_wake(n, n->now_us);
}

void claim_doubt(struct node *n)
{
    n->claims.doubt_us = n->now_us;
    for (unsigned i = 0; claim_active(n) && i < claim_count(n); i++)
        n->claims.at[i].looked = false;
    claim_urge(n);
}

void claim_suspect(struct node *n, unsigned slot)
{
    const struct cib_prim *prim = claim_active(n) ? exec_prim(n, slot) : NULL;
    if (!prim)
        return;
    const struct cib_group *g = prim->group == CIB_NONE ? NULL : &n->store.cib->group[prim->group];
    for (unsigned m = 0; m < (g ? g->n_members : 1); m++) {
        struct claim *c = &n->claims.at[g ? n->store.slot_of_prim[g->member[m]] : slot];
        if (claim_able(c))
            c->looked = false;
    }
}

void claim_urge(struct node *n)
{
    for (unsigned i = 0; claim_active(n) && i < claim_count(n); i++)
        if (n->claims.at[i].tries)
            n->claims.at[i].ended_us = 0;
}

/* ---- answers ------------------------------------------------------------------------------ */

/* Cannot be used as it is: told once; and when it can again. */
static void tell(struct node *n, unsigned i)
{
    struct claim *c = &n->claims.at[i];
    struct say say;
    bool unable = c->found && (c->state & RESERVE_DISKS) && !(c->state & RESERVE_ABLE);
    bool bad = unable || (c->state & RESERVE_STRANGER) || c->tries >= BAD_TRIES;
    if (bad == c->bad || (i >= n->exec.n_slots && unable))
        return; /* a quorum disk need not be able: then a data disk decides */
    c->bad = bad;
    say_set(&say, !bad                          ? SAY_CLAIM_WORKS
                  : c->state & RESERVE_STRANGER ? SAY_CLAIM_STRANGER
                  : unable                      ? SAY_CLAIM_UNABLE
                                                : SAY_CLAIM_FAILS);
    say_arg(&say, claim_name(n, i));
    say_arg(&say, node_name(n, n->self));
    say_arg(&say, c->reason);
    out_event(n, &say, i < n->exec.n_slots ? claim_name(n, i) : NULL, node_name(n, n->self));
}

static void read_done(struct node *n, unsigned i)
{
    struct claim *c = &n->claims.at[i];
    bool was = c->mine, victim = c->others != 0;
    c->looked = true;
    c->mine = c->state & RESERVE_MINE;
    /* A look cannot tell which path our keys are on: the attempt does, every now and then. */
    bool whole = c->mine && (c->state & RESERVE_WHOLE);
    c->bare = c->mine && (c->bare || !whole || ++c->looks % PROVE_EVERY == 0);
    /* What cannot be reserved is, since the other one tried: without our key we could not write. */
    c->bare = c->bare || (c->unable && victim && !whole);
    c->forgot = !c->mine && !victim && (was || c->forgot);
    /* Of two nodes it is known for what it is by who holds it: the other one may. */
    if (!c->mine || (!(c->state & RESERVE_HELD) && !(victim && race_is_on(n))))
        c->held = false;
    c->taken &= (nodeset)~c->others; /* it came back: once more, if it is still lost */
    if (!c->mine && victim && !c->unable)
        take_lost(n, i, was || (n->life > 1 && group_used(n, i)));
}

/* Bits that every look brings anew; the others are those of the last FIND. */
enum { LOOKED = RESERVE_MINE | RESERVE_HELD | RESERVE_VICTIM | RESERVE_STRANGER | RESERVE_WHOLE };

static void find_done(struct node *n, unsigned i, enum err err, uint16_t state)
{
    struct claim *c = &n->claims.at[i];
    c->looked = false;
    if (err && err != ERR_UNKNOWN)
        return;
    c->tries = 0;
    c->found = true;
    c->state = err || c->unable ? state & (uint16_t)~RESERVE_ABLE : state;
    if (i >= n->exec.n_slots)
        c->state |= RESERVE_DISKS;
}

static void change_done(struct node *n, unsigned i, enum err err, uint16_t state)
{
    struct claim *c = &n->claims.at[i];
    bool believed = c->verb == RESERVE_PREEMPT && (n->broken & BREAK_CLAIM_READBACK);
    if (err == ERR_UNKNOWN) { /* whatever it says of itself when it is asked again */
        c->unable = true;
        c->state &= (uint16_t)~RESERVE_ABLE;
        if ((state & RESERVE_MINE) && (state & RESERVE_WHOLE)) { /* that is all it can do */
            c->mine = true;
            c->bare = c->barred = false;
            return;
        }
    }
    if (err && !believed) {
        c->looked = false; /* whatever was done of it: look */
        c->bare = c->bare || err == ERR_CONFLICT;
        c->barred = c->barred || (err == ERR_CONFLICT && c->verb == RESERVE_PREEMPT);
        if (err == ERR_REFUSED)
            c->tries = 0;
        return;
    }
    if (c->verb == RESERVE_CLEAR) {
        c->mine = c->held = false;
        return;
    }
    c->mine = true;
    c->held = c->held || c->verb != RESERVE_REGISTER;
    c->bare = c->barred = c->forgot = false;
    if (c->verb == RESERVE_PREEMPT)
        take_done(n, i, state);
    else if (c->verb == RESERVE_REGISTER && i >= n->exec.n_slots)
        c->looked = false; /* is the other one's there as well? */
}

static void state_take(const struct node *n, struct claim *c, const struct event *ev)
{
    bool victim = ev->reserved.state & RESERVE_VICTIM;
    c->state = (uint16_t)((c->state & ~LOOKED) | (ev->reserved.state & LOOKED));
    c->others = race_is_on(n) ? victim ? nodeset_one(race_peer(n)) : 0
                              : nodeset_del(ev->reserved.others, n->self);
}

static void ended(struct node *n, unsigned i, const struct event *ev)
{
    struct claim *c = &n->claims.at[i];
    enum err err = ev->reserved.err;
    c->op = 0;
    c->err = (uint8_t)err;
    str_copy(c->reason, sizeof(c->reason),
             !err                  ? ""
             : ev->reserved.reason ? ev->reserved.reason
                                   : err_text(err));
    c->tries = (uint8_t)(!err ? 0 : num_min(c->tries + 1u, 200));
    c->ended_us = n->now_us;
    if (c->verb == RESERVE_FIND) {
        find_done(n, i, err, ev->reserved.state);
    } else {
        if (!err)
            state_take(n, c, ev);
        if (c->verb == RESERVE_READ && !err)
            read_done(n, i);
        else if (c->verb == RESERVE_READ)
            c->looked = false; /* what was seen before is too old for a start */
        else
            change_done(n, i, err, ev->reserved.state);
    }
    tell(n, i);
    if (c->verb != RESERVE_READ || err)
        coord_touch(n);
}

void claim_done(struct node *n, const struct event *ev)
{
    unsigned disks = conf_disks(&n->conf), first = n->conf.n_links - disks;
    if (!claim_active(n))
        return;
    for (unsigned i = 0; ev->reserved.op && i < claim_count(n); i++)
        if (n->claims.at[i].op == ev->reserved.op) {
            ended(n, i, ev);
            return;
        }
    if (ev->reserved.op)
        return; /* forgotten */
    /* The shell saw something change: look, whatever it was. */
    unsigned l = ev->reserved.disk;
    unsigned i = l >= CONF_LINKS_MAX                 ? ev->reserved.slot
                 : l >= first && l < n->conf.n_links ? n->exec.n_slots + l - first
                                                     : claim_count(n);
    if (i < claim_count(n) && (l < CONF_LINKS_MAX || i < n->exec.n_slots)) {
        n->claims.at[i].looked = false;
        n->claims.at[i].bare = true; /* perhaps: only the attempt tells */
        n->claims.at[i].ended_us = 0;
    }
}

/* ---- leaving ------------------------------------------------------------------------------ */

bool claim_clear(struct node *n)
{
    bool done = true;
    if (!claim_active(n))
        return true;
    if (!n->claims.clear_us)
        n->claims.clear_us = n->now_us + US(LEAVE_WAIT_MS);
    /* Not from the quorum disks: our last word may have to go by them. The peer takes those. */
    for (unsigned i = 0; i < n->exec.n_slots; i++) {
        struct claim *c = &n->claims.at[i];
        if (!c->op && c->mine && !c->cleared && claim_concerns(n, i) && out_roomy(n)) {
            c->cleared = true;
            claim_ask(n, i, RESERVE_CLEAR, NODE_NONE);
        }
        done = done && !c->op;
    }
    out_wake(n, n->claims.clear_us);
    return done || n->now_us >= n->claims.clear_us;
}

/* ---- the guard's questions ---------------------------------------------------------------- */

typedef bool of_peer(const struct node *n, unsigned p, unsigned slot);

static bool of_any(const struct node *n, unsigned slot, of_peer *what)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self && what(n, p, slot))
            return true;
    return false;
}

bool claim_arming(const struct node *n, unsigned slot)
{
    if (!claim_active(n) || !lease_guards(n, slot))
        return false;
    const struct claim *c = &n->claims.at[slot];
    if (n->broken & BREAK_CLAIM_READBACK)
        return false;
    bool known = c->found && c->digest == digest_of(n, slot);
    if ((!known && c->tries < FIND_TRIES) || of_any(n, slot, take_comes))
        return true;
    if (!c->tries && claim_able(c)) {
        bool lacks = of_any(n, slot, take_lacks);
        bool done = c->looked && c->mine && c->held && !c->bare && !lacks;
        if (!done && (c->op || (take_permits(n) && !outdated(n, slot))))
            return true;
    }
    /* After a freeze: were we taken over meanwhile? Asked last: it looks at all of them. */
    unsigned arbiter = race_arbiter(n);
    const struct claim *a = arbiter == CIB_NONE ? NULL : &n->claims.at[arbiter];
    return a && a->mine && !a->looked && !a->tries;
}

bool claim_holds(const struct node *n, unsigned slot, struct say *why)
{
    if (!claim_active(n) || !lease_guards(n, slot))
        return true;
    const struct claim *c = &n->claims.at[slot];
    bool held = c->looked && c->mine && c->held;
    if (!claim_able(c) || held || (n->broken & BREAK_CLAIM_READBACK))
        return true; /* not known, or not to be had: the other proofs decide alone */
    if (claim_arming(n, slot))
        return true; /* not yet: it waits */
    if (why) {
        say_set(why, SAY_GUARD_UNHELD);
        say_arg(why, n->exec.slot[slot].id);
        say_arg(why, c->reason[0] ? c->reason
                     : outdated(n, slot)
                         ? "our key is not there, the other's is: has it booted since?"
                         : "our key is not there");
    }
    return false;
}

/* ---- status ------------------------------------------------------------------------------- */

static const char *state_word(const struct node *n, const struct claim *c)
{
    return !c->found                     ? c->tries ? "not found" : "being looked for"
           : !(c->state & RESERVE_DISKS) ? "no disk"
           : !(c->state & RESERVE_ABLE)  ? "unable"
           : c->state & RESERVE_STRANGER ? "stranger"
           : c->taken                    ? "taken"
           : !c->mine && c->others       ? "lost"
           : !c->mine                    ? "not registered"
           : c->bare                     ? "bare path"
           : c->held                     ? "held"
           : n->claims.lost              ? "registered, stands down"
                                         : "registered";
}

static const char *taken_names(const struct node *n, const struct claim *c, char *at, size_t size)
{
    struct str s;
    str_init(&s, at, size);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (nodeset_has(c->taken, p))
            str_addf(&s, "%s%s", s.len ? ", " : "", node_name(n, p));
    return at;
}

void claim_status(struct json *j, const struct node *n)
{
    char names[NODE_MAX * (CONF_NAME_LEN + 2)];
    unsigned arbiter = race_arbiter(n);
    if (!claim_active(n))
        return;
    json_bool(j, "stands_down", n->claims.lost);
    json_open(j, "reservations", '[');
    for (unsigned i = 0; i < claim_count(n); i++) {
        const struct claim *c = &n->claims.at[i];
        if (!claim_concerns(n, i))
            continue;
        json_open(j, NULL, '{');
        json_text(j, i < n->exec.n_slots ? "rsc" : "disk", claim_name(n, i));
        json_text(j, "state", state_word(n, c));
        json_bool(j, "arbiter", i == arbiter);
        json_bool(j, "able", claim_able(c));
        json_bool(j, "registered", c->mine);
        json_bool(j, "held", c->held);
        json_text(j, "taken_from", c->taken ? taken_names(n, c, names, sizeof(names)) : NULL);
        json_text(j, "reason", c->reason[0] ? c->reason : NULL);
        json_close(j, '}');
    }
    json_close(j, ']');
}
