/* SPDX-License-Identifier: GPL-2.0-or-later
 * reservation: see reservation.h. After every change the disk is read anew, and what to do next
 * follows from what was read (think_*), never from what was asked for. */
#include "lib/core/reservation.h"

#include <assert.h>
#include <string.h>

enum stage {
    STAGE_ABLE,    /* REPORT CAPABILITIES */
    STAGE_KEYS,    /* READ KEYS, */
    STAGE_HOLDER,  /* then READ RESERVATION: a look */
    STAGE_PROVE,   /* REGISTER K -> K: which paths are registered? */
    STAGE_ENROL,   /* REGISTER 0 -> K on those that are not */
    STAGE_STALE,   /* PREEMPT K by K: registrations of nexuses that are no more */
    STAGE_RESERVE, /* RESERVE */
    STAGE_PREEMPT, /* PREEMPT AND ABORT of the victim */
    STAGE_TRY,     /* PREEMPT AND ABORT of nobody: does the device know it? */
    STAGE_LEAVE,   /* REGISTER K -> 0 */
    STAGE_UNDO     /* the same, because somebody is fencing us */
};

static const char *const whys[RESERVATION_WHYS] = {
    [RESERVATION_FINE] = "fine",
    [RESERVATION_NO_ANSWER] = "no path answers",
    [RESERVATION_NO_COMMANDS] = "the device knows no persistent reservations",
    [RESERVATION_NO_TYPE] = "the device has no reservation of type 5",
    [RESERVATION_NO_MEMORY] = "the device forgets registrations when it loses power",
    [RESERVATION_NO_ABORT] = "the device knows no PREEMPT AND ABORT",
    [RESERVATION_NO_ROOM] = "the device has no room for another registration",
    [RESERVATION_ALIEN_HOLDER] = "reserved by a stranger",
    [RESERVATION_ALIEN_KEY] = "a stranger's key is on our path",
    [RESERVATION_OTHER_TYPE] = "reserved in another way",
    [RESERVATION_FENCED] = "our key is not there",
    [RESERVATION_PATH_BARE] = "a path is not registered",
    [RESERVATION_VICTIM_STAYS] = "the victim's key comes back",
    [RESERVATION_HOLDER] = "held by us, and others are registered",
    [RESERVATION_NO_REST] = "changed at every look",
    [RESERVATION_GARBLED] = "an answer makes no sense",
    [RESERVATION_REFUSED] = "a change did not happen",
};

const char *reservation_why_text(enum reservation_why why)
{
    assert(why < RESERVATION_WHYS);
    return whys[why];
}

static enum err why_err(const struct reservation *r, enum reservation_why why)
{
    switch (why) {
    case RESERVATION_FINE: return ERR_OK;
    case RESERVATION_NO_ANSWER: return r->worst == PR_HUNG ? ERR_TIMEOUT : ERR_IO;
    case RESERVATION_NO_COMMANDS:
    case RESERVATION_NO_TYPE:
    case RESERVATION_NO_MEMORY:
    case RESERVATION_NO_ABORT: return ERR_UNKNOWN;
    case RESERVATION_NO_ROOM: return ERR_FULL;
    case RESERVATION_ALIEN_HOLDER:
    case RESERVATION_ALIEN_KEY: return ERR_FOREIGN;
    case RESERVATION_GARBLED: return ERR_SYNTAX;
    case RESERVATION_FENCED: return ERR_REFUSED;
    default: return ERR_CONFLICT;
    }
}

static void finish(struct reservation *r, enum reservation_why why)
{
    assert(!r->over);
    for (unsigned i = 0; i <= RESERVATION_PATHS_MAX; i++)
        r->path[i].want = false;
    r->over = true;
    r->why = why;
    r->err = why_err(r, why);
}

/* ---- phases: one command, on one path or on all ---------------------------------------------- */

static const enum pr_op stage_op[] = {
    [STAGE_ABLE] = PR_ABILITIES,    [STAGE_KEYS] = PR_KEYS,
    [STAGE_HOLDER] = PR_HOLDER,     [STAGE_PROVE] = PR_REGISTER,
    [STAGE_ENROL] = PR_REGISTER,    [STAGE_STALE] = PR_PREEMPT,
    [STAGE_RESERVE] = PR_RESERVE,   [STAGE_PREEMPT] = PR_PREEMPT_ABORT,
    [STAGE_TRY] = PR_PREEMPT_ABORT, [STAGE_LEAVE] = PR_REGISTER,
    [STAGE_UNDO] = PR_REGISTER,
};

/* Sent again without harm, whether it was carried out or not. */
static bool stage_repeats(enum stage stage)
{
    return stage != STAGE_STALE && stage != STAGE_RESERVE && stage != STAGE_PREEMPT;
}

static bool stage_needs_key(enum stage stage)
{
    return stage == STAGE_STALE || stage == STAGE_RESERVE || stage == STAGE_PREEMPT ||
           stage == STAGE_TRY;
}

static struct pr_command command_of(const struct reservation *r, enum stage stage)
{
    uint64_t key = r->plan.key;
    struct pr_command c = {.op = stage_op[stage], .key = key, .sa_key = key};
    switch (stage) {
    case STAGE_ENROL: c.key = 0; break;
    case STAGE_PREEMPT: c.sa_key = r->plan.victim; break;
    case STAGE_TRY: c.sa_key = (key & ~(uint64_t)0xff) | PR_NOBODY; break;
    case STAGE_LEAVE:
    case STAGE_UNDO: c.sa_key = 0; break;
    default: break;
    }
    return c;
}

static bool path_usable(const struct reservation *r, unsigned i, enum stage stage)
{
    const struct reservation_path *p = &r->path[i];
    return !p->dead && !p->sent && (!stage_needs_key(stage) || p->registered);
}

static void path_want(struct reservation_path *p)
{
    p->want = true;
    p->over_it = false;
    p->again = 0;
    p->delay_ms = 0;
    p->last = PR_OUTCOMES;
}

/* The next path for a command that any one may carry; false: there is none. */
static bool one_want(struct reservation *r)
{
    for (unsigned i = 0; i < r->plan.n_paths; i++)
        if (path_usable(r, i, (enum stage)r->stage)) {
            path_want(&r->path[i]);
            return true;
        }
    return false;
}

static bool stage_wants(const struct reservation *r, unsigned i, enum stage stage)
{
    const struct reservation_path *p = &r->path[i];
    return stage == STAGE_ENROL                          ? !p->registered
           : stage == STAGE_UNDO || stage == STAGE_LEAVE ? p->registered || p->was
                                                         : true;
}

static void begin(struct reservation *r, enum stage stage)
{
    bool registers = stage == STAGE_ENROL || stage == STAGE_LEAVE || stage == STAGE_UNDO;
    unsigned wanted = 0;
    r->stage = (uint8_t)stage;
    r->command = command_of(r, stage);
    r->all =
        registers || stage == STAGE_PROVE || (stage == STAGE_KEYS && r->plan.verb == RESERVE_READ);
    r->first = stage == STAGE_PROVE && r->plan.verb == RESERVE_PREEMPT;
    r->outcome = PR_OUTCOMES;
    if (r->all && stage == STAGE_KEYS)
        r->facts.living = 0;
    if (registers && r->plan.grouped) {
        path_want(&r->path[RESERVATION_PATHS_MAX]);
        return;
    }
    for (unsigned i = 0; r->all && i < r->plan.n_paths; i++)
        if (path_usable(r, i, stage) && stage_wants(r, i, stage)) {
            path_want(&r->path[i]);
            wanted++;
        }
    if (r->all ? wanted == 0 : !one_want(r))
        finish(r, stage_needs_key(stage) && r->facts.living ? RESERVATION_PATH_BARE
                                                            : RESERVATION_NO_ANSWER);
}

static void look(struct reservation *r)
{
    bool preempts = r->plan.verb == RESERVE_PREEMPT && r->aborted;
    if (r->rounds++ == RESERVATION_ROUNDS_MAX)
        finish(r, preempts ? RESERVATION_VICTIM_STAYS : RESERVATION_NO_REST);
    else
        begin(r, STAGE_KEYS);
}

/* ---- what was read --------------------------------------------------------------------------- */

static bool key_there(const struct pr_keys *keys, uint64_t key)
{
    for (unsigned i = 0; i < keys->n; i++)
        if (keys->key[i] == key)
            return true;
    return false;
}

static bool victim_there(const struct reservation *r)
{
    return r->plan.victim && (key_there(&r->facts.keys, r->plan.victim) ||
                              (r->facts.holder.held && r->facts.holder.key == r->plan.victim));
}

static bool holder_alien(const struct reservation *r)
{
    const struct pr_holder *h = &r->facts.holder;
    return h->held && !pr_key_kin(h->key, r->plan.key);
}

/* Reserved so that none but registered nexuses write, by us or by a node that may stay. */
static bool held_well(const struct reservation *r)
{
    const struct pr_holder *h = &r->facts.holder;
    return h->held && h->type == PR_TYPE_WERO && h->scope == 0 && !holder_alien(r) &&
           !(r->plan.victim && h->key == r->plan.victim);
}

/* Keys of neither node; of two programs on our own nexus a stranger's can only be theirs. */
static void keys_sort(struct reservation *r)
{
    struct reservation_facts *f = &r->facts;
    f->mine = 0;
    f->alien = 0;
    for (unsigned i = 0; i < f->keys.n; i++) {
        f->mine += f->keys.key[i] == r->plan.key;
        if (!pr_key_kin(f->keys.key[i], r->plan.key))
            f->alien = f->keys.key[i];
    }
    if (!f->alien && holder_alien(r))
        f->alien = f->holder.key;
}

static bool stranger_there(const struct pr_keys *keys)
{
    for (unsigned i = 0; i < keys->n; i++)
        if (pr_key_node(keys->key[i]) == 0)
            return true;
    return false;
}

/* Paths that answered to K -> K, and those of them that are not registered. */
static void paths_count(struct reservation *r)
{
    r->facts.living = r->facts.bare = 0;
    for (unsigned i = 0; i < r->plan.n_paths; i++) {
        const struct reservation_path *p = &r->path[i];
        bool answered = p->last == PR_GOOD || p->last == PR_CONFLICT;
        r->facts.living += answered;
        r->facts.bare += answered && !p->registered;
    }
}

/* ---- what to do next --------------------------------------------------------------------------
 */

static bool abilities_fail(struct reservation *r)
{
    const struct pr_abilities *a = &r->facts.abilities;
    if (!r->facts.told)
        return false; /* older devices cannot say; registering and reserving shows it */
    if (a->types_told && !a->wero)
        finish(r, RESERVATION_NO_TYPE);
    else if (!a->keeps)
        finish(r, RESERVATION_NO_MEMORY);
    return r->over;
}

/* Somebody else's reservation is left alone. */
static bool others_hold(struct reservation *r)
{
    const struct pr_holder *h = &r->facts.holder;
    if (holder_alien(r))
        finish(r, RESERVATION_ALIEN_HOLDER);
    else if (h->held && !held_well(r) && h->key != r->plan.victim)
        finish(r, RESERVATION_OTHER_TYPE);
    return r->over;
}

/* A path had our key and has it no more, while we are registering: we are being fenced. */
static bool being_fenced(const struct reservation *r)
{
    for (unsigned i = 0; i < r->plan.n_paths; i++)
        if (r->path[i].was && !r->path[i].registered && r->path[i].last == PR_CONFLICT)
            return true;
    return false;
}

static void think_enrol(struct reservation *r)
{
    struct reservation_facts *f = &r->facts;
    bool may_reserve = r->plan.verb == RESERVE_HOLD;
    if (others_hold(r))
        return;
    if (being_fenced(r) || (f->mine == 0 && f->living > f->bare)) {
        begin(r, STAGE_UNDO);
    } else if (r->plan.again && f->mine == 0) {
        finish(r, RESERVATION_FENCED);
    } else if (f->bare > 0) {
        if (r->bare_seen)
            finish(r, RESERVATION_REFUSED);
        else
            begin(r, STAGE_ENROL);
        r->bare_seen = true;
    } else if (f->mine > r->plan.n_paths && !r->own_seen && !r->stale_tried) {
        r->stale_tried = true; /* nothing of this boot has written by them yet */
        begin(r, STAGE_STALE);
    } else if (f->told && !f->abilities.keeps_now) {
        finish(r, RESERVATION_NO_MEMORY);
    } else if (may_reserve && !f->holder.held) {
        if (r->reserved)
            finish(r, RESERVATION_REFUSED);
        else
            begin(r, STAGE_RESERVE);
        r->reserved = true;
    } else if (!r->tried) { /* also who only registers: both must know what it can do */
        r->tried = true;
        begin(r, STAGE_TRY);
    } else {
        finish(r, RESERVATION_FINE);
    }
}

static void think_preempt(struct reservation *r)
{
    if (r->facts.mine == 0)
        finish(r, RESERVATION_FENCED);
    else if (others_hold(r))
        return;
    else if (!r->facts.holder.held)
        begin(r, STAGE_RESERVE); /* first: else it could write between the abort and this */
    else if (victim_there(r))
        begin(r, STAGE_PREEMPT);
    else
        finish(r, RESERVATION_FINE);
}

static void think_clear(struct reservation *r)
{
    const struct reservation_facts *f = &r->facts;
    bool holds = f->holder.held && f->holder.key == r->plan.key;
    if (f->mine == 0)
        finish(r, RESERVATION_FINE);
    else if (holds && f->keys.n > f->mine)
        finish(r, RESERVATION_HOLDER);
    else if (r->bare_seen)
        finish(r, RESERVATION_REFUSED);
    else
        begin(r, STAGE_LEAVE);
    r->bare_seen = true;
}

static void think(struct reservation *r)
{
    switch ((enum reserve_verb)r->plan.verb) {
    case RESERVE_FIND:
        if (!abilities_fail(r))
            finish(r, RESERVATION_FINE);
        break;
    case RESERVE_READ: finish(r, RESERVATION_FINE); break;
    case RESERVE_REGISTER:
    case RESERVE_HOLD: think_enrol(r); break;
    case RESERVE_PREEMPT: think_preempt(r); break;
    case RESERVE_CLEAR: think_clear(r); break;
    case RESERVE_VERB_COUNT: assert(!"no such verb");
    }
}

/* ---- a phase is over --------------------------------------------------------------------------
 */

static void able_done(struct reservation *r)
{
    if (abilities_fail(r))
        return;
    if (r->plan.verb == RESERVE_FIND || r->bare_seen)
        look(r);
    else
        begin(r, STAGE_PROVE);
}

static void prove_done(struct reservation *r)
{
    bool any = false;
    paths_count(r);
    for (unsigned i = 0; i < r->plan.n_paths; i++) {
        any = any || r->path[i].registered;
        r->own_seen = r->own_seen || (r->path[i].registered && !r->bare_seen);
    }
    if (r->plan.verb == RESERVE_PREEMPT && !any && r->facts.living == 0)
        finish(r, RESERVATION_NO_ANSWER);
    else if (r->bare_seen && r->facts.told)
        begin(r, STAGE_ABLE); /* is what was registered kept over a loss of power? */
    else
        look(r);
}

static void stale_done(struct reservation *r)
{
    for (unsigned i = 0; i < r->plan.n_paths; i++)
        r->path[i].registered = r->path[i].was = false;
    r->bare_seen = false; /* whoever else had our key is gone: register anew */
    begin(r, STAGE_PROVE);
}

static void try_done(struct reservation *r)
{
    if (r->outcome == PR_UNSUPPORTED)
        finish(r, RESERVATION_NO_ABORT);
    else
        look(r);
}

static void phase_done(struct reservation *r)
{
    for (unsigned i = 0; i < r->plan.n_paths; i++)
        r->path[i].stray = r->path[i].sent;
    switch ((enum stage)r->stage) {
    case STAGE_ABLE: able_done(r); break;
    case STAGE_KEYS: begin(r, STAGE_HOLDER); break;
    case STAGE_HOLDER:
        if (r->facts.holder.generation != r->facts.keys.generation) {
            look(r); /* somebody changed it in between */
            break;
        }
        r->facts.looked = true;
        keys_sort(r);
        if (r->plan.verb == RESERVE_READ)
            r->facts.bare = r->facts.living > r->facts.mine ? r->facts.living - r->facts.mine : 0;
        think(r);
        break;
    case STAGE_PROVE: prove_done(r); break;
    case STAGE_ENROL: begin(r, STAGE_PROVE); break;
    case STAGE_STALE: stale_done(r); break;
    case STAGE_PREEMPT:
        r->aborted = r->outcome == PR_GOOD;
        if (r->outcome == PR_UNSUPPORTED)
            finish(r, RESERVATION_NO_ABORT);
        else
            look(r);
        break;
    case STAGE_RESERVE:
        r->aborted = false; /* nothing was reserved: what came then was not */
        if (r->outcome == PR_UNSUPPORTED)
            finish(r, RESERVATION_NO_TYPE);
        else
            look(r);
        break;
    case STAGE_LEAVE: look(r); break;
    case STAGE_TRY: try_done(r); break;
    case STAGE_UNDO: finish(r, RESERVATION_FENCED); break;
    }
}

/* ---- answers ----------------------------------------------------------------------------------
 */

/* What a reading brought; false: it makes no sense, and the operation is over. */
static bool reading_take(struct reservation *r, const uint8_t *data, size_t len)
{
    struct reservation_facts *f = &r->facts;
    struct pr_keys keys;
    enum err err = ERR_OK;
    switch ((enum stage)r->stage) {
    case STAGE_ABLE:
        err = pr_get_abilities(data, len, &f->abilities);
        f->told = !err;
        break;
    case STAGE_KEYS:
        err = pr_get_keys(data, len, &keys);
        if (!err && keys.cut)
            err = ERR_FULL;
        /* Of several paths the newest is right. */
        if (!err && (!r->all || f->living == 0 || keys.generation >= f->keys.generation))
            f->keys = keys;
        f->living += r->all;
        break;
    case STAGE_HOLDER: err = pr_get_holder(data, len, &f->holder); break;
    default: return true;
    }
    if (err)
        finish(r, RESERVATION_GARBLED);
    return !err;
}

/* An answer that is none of: done, conflict, path lost. False: the operation is over. */
static bool refusal_take(struct reservation *r, enum pr_outcome outcome)
{
    enum stage stage = (enum stage)r->stage;
    if (outcome == PR_FULL) {
        finish(r, RESERVATION_NO_ROOM);
    } else if (outcome == PR_UNSUPPORTED) {
        if (stage == STAGE_ENROL)
            finish(r, RESERVATION_NO_MEMORY); /* APTPL is all that can be wrong with it */
        else if (stage == STAGE_KEYS || stage == STAGE_HOLDER || stage == STAGE_PROVE)
            finish(r, RESERVATION_NO_COMMANDS);
    }
    return !r->over;
}

/* REGISTER 0 -> K met a conflict: this nexus has another key already. */
static void enrol_over(struct reservation *r, struct reservation_path *p)
{
    if (p->over_it)
        return;
    if (stranger_there(&r->facts.keys)) {
        finish(r, RESERVATION_ALIEN_KEY);
        return;
    }
    p->over_it = p->want = true;
}

static void path_shown(struct reservation *r, struct reservation_path *p, enum pr_outcome outcome)
{
    switch ((enum stage)r->stage) {
    case STAGE_PROVE: p->registered = outcome == PR_GOOD; break;
    case STAGE_ENROL:
        if (outcome == PR_CONFLICT && p != &r->path[RESERVATION_PATHS_MAX])
            enrol_over(r, p);
        p->registered = outcome == PR_GOOD;
        break;
    case STAGE_LEAVE:
    case STAGE_UNDO: p->registered = p->registered && outcome != PR_GOOD; break;
    default: return;
    }
    p->was = p->was || p->registered;
}

static bool phase_over(const struct reservation *r, enum pr_outcome outcome)
{
    if (r->first && outcome == PR_GOOD)
        return true;
    for (unsigned i = 0; i <= RESERVATION_PATHS_MAX; i++)
        if (r->path[i].want || (r->path[i].sent && !r->path[i].stray))
            return false;
    return true;
}

static void path_answered(struct reservation *r, struct reservation_path *p,
                          enum pr_outcome outcome, const uint8_t *data, size_t len)
{
    enum stage stage = (enum stage)r->stage;
    bool again = pr_outcome_again(outcome) || (outcome == PR_ABORTED && stage_repeats(stage));
    if (again && p->again < RESERVATION_AGAIN_MAX) {
        p->again++;
        p->want = true;
        p->delay_ms = outcome == PR_ATTENTION ? 0 : RESERVATION_AGAIN_MS;
        return;
    }
    p->last = r->outcome = outcome;
    if (outcome == PR_PATH || outcome == PR_HUNG || outcome == PR_FAILED || again) {
        p->dead = true;
        r->worst = outcome;
        /* A reading goes on by another path; of a change one must first see what it did. */
        if (!r->all && stage_repeats(stage) && one_want(r))
            return;
    }
    if (outcome == PR_GOOD && !reading_take(r, data, len))
        return;
    if (!refusal_take(r, outcome))
        return;
    path_shown(r, p, outcome);
}

/* A reading that no path could carry. */
static bool unread(const struct reservation *r)
{
    enum stage stage = (enum stage)r->stage;
    bool reads = stage == STAGE_KEYS || stage == STAGE_HOLDER;
    if (reads && r->all)
        return r->facts.living == 0;
    return (reads && r->outcome != PR_GOOD) ||
           (stage == STAGE_ABLE && r->outcome != PR_GOOD && r->outcome != PR_UNSUPPORTED);
}

void reservation_reply(struct reservation *r, uint8_t path, enum pr_outcome outcome,
                       const uint8_t *data, size_t len)
{
    unsigned i = path == RESERVATION_GROUP ? RESERVATION_PATHS_MAX : path;
    assert(i <= RESERVATION_PATHS_MAX && r->path[i].sent && outcome < PR_OUTCOMES);
    struct reservation_path *p = &r->path[i];
    p->sent = false;
    if (p->stray || r->over) {
        /* Only K -> K is left behind, and shows what it shows also later. */
        p->stray = false;
        p->registered = outcome == PR_GOOD;
        p->dead = outcome == PR_PATH || outcome == PR_HUNG || outcome == PR_FAILED;
        return;
    }
    path_answered(r, p, outcome, data, len);
    if (r->over || !phase_over(r, outcome))
        return;
    for (unsigned k = 0; k < r->plan.n_paths; k++)
        r->path[k].want = false; /* the first good one was enough */
    if (unread(r))
        finish(r, RESERVATION_NO_ANSWER);
    else
        phase_done(r);
}

/* ---- outside ----------------------------------------------------------------------------------
 */

void reservation_init(struct reservation *r, const struct reservation_plan *plan)
{
    assert(plan->verb < RESERVE_VERB_COUNT && plan->key && plan->key != plan->victim);
    assert(plan->n_paths >= 1 && plan->n_paths <= RESERVATION_PATHS_MAX);
    assert(plan->verb != RESERVE_PREEMPT || plan->victim);
    memset(r, 0, sizeof(*r));
    r->plan = *plan;
    r->worst = PR_OUTCOMES;
    switch ((enum reserve_verb)plan->verb) {
    case RESERVE_FIND:
    case RESERVE_REGISTER:
    case RESERVE_HOLD: begin(r, STAGE_ABLE); break;
    case RESERVE_READ: look(r); break;
    default: begin(r, STAGE_PROVE); break;
    }
}

bool reservation_next(struct reservation *r, struct reservation_step *out)
{
    for (unsigned i = 0; !r->over && i <= RESERVATION_PATHS_MAX; i++) {
        struct reservation_path *p = &r->path[i];
        if (!p->want || p->sent)
            continue;
        p->want = false;
        p->sent = true;
        *out = (struct reservation_step){.path = (uint8_t)i,
                                         .command = r->command,
                                         .delay_ms = p->delay_ms,
                                         .limit_ms = RESERVATION_LIMIT_MS};
        if (r->stage == STAGE_ENROL && r->plan.register_ms)
            out->limit_ms = r->plan.register_ms;
        if (i == RESERVATION_PATHS_MAX)
            out->path = RESERVATION_GROUP;
        if (p->over_it)
            out->command.op = PR_REGISTER_OVER;
        return true;
    }
    return false;
}

bool reservation_over(const struct reservation *r)
{
    return r->over;
}

static bool able(const struct reservation *r)
{
    const struct pr_abilities *a = &r->facts.abilities;
    if (r->facts.told)
        return a->keeps && (a->wero || !a->types_told) && r->why != RESERVATION_NO_ABORT;
    return r->over && !r->err && held_well(r) && r->facts.mine > 0;
}

uint8_t reservation_state(const struct reservation *r)
{
    const struct reservation_facts *f = &r->facts;
    unsigned state = able(r) ? RESERVE_ABLE : 0;
    if (!f->looked)
        return (uint8_t)state;
    state |= f->mine > 0 ? RESERVE_MINE : 0;
    state |= f->mine > 0 && held_well(r) ? RESERVE_HELD : 0;
    state |= victim_there(r) ? RESERVE_VICTIM : 0;
    state |= f->alien ? RESERVE_STRANGER : 0;
    state |= f->mine > 0 && f->living > 0 && f->bare == 0 ? RESERVE_WHOLE : 0;
    state |= r->aborted ? RESERVE_ABORTED : 0;
    return (uint8_t)state;
}

static uint32_t other_bit(const struct reservation *r, uint64_t key)
{
    uint8_t id = pr_key_node(key);
    bool other = key != r->plan.key && pr_key_kin(key, r->plan.key) && id <= PR_NODES_MAX;
    return other ? UINT32_C(1) << id : 0;
}

uint32_t reservation_others(const struct reservation *r)
{
    const struct reservation_facts *f = &r->facts;
    uint32_t bits = 0;
    if (!f->looked)
        return 0;
    for (unsigned i = 0; i < f->keys.n; i++)
        bits |= other_bit(r, f->keys.key[i]);
    return f->holder.held ? bits | other_bit(r, f->holder.key) : bits;
}
