/* SPDX-License-Identifier: GPL-2.0-or-later
 * simreserve: the shell's part of reservations. See simreserve.h.
 *
 * Happy path: the units of the resource one after the other; on each the steps of struct
 * reservation go out and their answers come in; when all is over the core is told once.
 * Ways to fail: no answer in time (PR_HUNG; a late one is ignored), a daemon that dies (what it had
 * sent goes on), one that is frozen (what it had not yet sent waits). A unit that fails ends the
 * operation, except for RESERVE_READ and RESERVE_FIND, which look at all. */
#include <assert.h>
#include <string.h>
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/simagent.h"
#include "test/sim/simlun.h"
#include "test/sim/simreserve.h"
#include "test/sim/simtrace.h"

enum {
    NOTICE_MEAN_US = 5000,
    ANSWER_MEAN_US = 300,
    OF_EVERY =
        RESERVE_DISKS | RESERVE_ABLE | RESERVE_MINE | RESERVE_HELD | RESERVE_WHOLE | RESERVE_ABORTED
};

static struct reserving *reserving_new(struct world *w, struct host *h)
{
    for (unsigned i = 0; i < RESERVINGS_MAX; i++) {
        struct reserving *o = &w->reserving[i];
        if (o->used)
            continue;
        uint32_t generation = o->generation + 1;
        memset(o, 0, sizeof(*o));
        o->used = true;
        o->generation = generation;
        o->host = (uint8_t)h->self;
        o->life_no = h->life_no;
        o->began_us = w->now_us;
        o->all = OF_EVERY;
        return o;
    }
    oracle_bark(w, "S8", "more than %u reservations are under way", RESERVINGS_MAX);
    return NULL;
}

static unsigned index_of(const struct world *w, const struct reserving *o)
{
    return (unsigned)(o - w->reserving);
}

/* An item of this operation: flag 0 it is over, 1 it begins on its next unit, 2 + path a limit. */
static void later(struct world *w, const struct reserving *o, uint64_t in_us, unsigned flag,
                  uint32_t out)
{
    struct item *it = world_add(w, ITEM_RESERVED, o->host, w->now_us + in_us);
    it->a = index_of(w, o);
    it->b = o->generation;
    it->flag = (uint8_t)flag;
    it->token = out;
}

static void finish(struct world *w, struct reserving *o)
{
    later(w, o, world_lasts(w, &w->lun_prng, 50, ANSWER_MEAN_US), 0, 0);
}

/* ---- one unit ------------------------------------------------------------------------------ */

static void unit_over(struct world *w, struct reserving *o);

static void pump(struct world *w, struct reserving *o)
{
    struct host *h = &w->host[o->host];
    struct unit *u = &w->unit[o->unit[o->at]];
    struct reservation_step s;
    while (reservation_next(&o->r, &s)) {
        assert(s.path < UNIT_PATHS);
        o->out[s.path] = ++o->out_no;
        later(w, o, MSEC(s.delay_ms) + MSEC(s.limit_ms), 2u + s.path, o->out_no);
        lun_send(w, h, u, &s, o->not_after_us, index_of(w, o),
                 o->generation << 8 | (o->out_no & 0xff));
    }
    if (reservation_over(&o->r))
        unit_over(w, o);
}

static bool unit_busy(const struct world *w, const struct reserving *o)
{
    for (unsigned i = 0; i < RESERVINGS_MAX; i++) {
        const struct reserving *x = &w->reserving[i];
        if (x != o && x->used && !x->waits && x->host == o->host && x->at < x->n_units &&
            x->unit[x->at] == o->unit[o->at])
            return true;
    }
    return false;
}

static void unit_begin(struct world *w, struct reserving *o)
{
    if (o->at == o->n_units) {
        finish(w, o);
        return;
    }
    o->waits = unit_busy(w, o);
    if (o->waits)
        return;
    bool of_victim = o->verb == RESERVE_PREEMPT || o->verb == RESERVE_READ;
    struct reservation_plan plan = {.verb = o->verb,
                                    .key = o->key,
                                    .victim = of_victim ? o->victim : 0,
                                    .n_paths = UNIT_PATHS,
                                    .again = o->again,
                                    .register_ms = (uint16_t)o->register_ms};
    memset(o->out, 0, sizeof(o->out));
    reservation_init(&o->r, &plan);
    pump(w, o);
}

/* The next operation that waits for the unit goes on. */
static void unit_free(struct world *w, unsigned host, unsigned unit)
{
    for (unsigned i = 0; i < RESERVINGS_MAX; i++) {
        struct reserving *x = &w->reserving[i];
        if (x->used && x->waits && x->host == host && x->unit[x->at] == unit) {
            x->waits = false;
            later(w, x, 10, 1, 0);
            return;
        }
    }
}

static void unit_over(struct world *w, struct reserving *o)
{
    unsigned unit = o->unit[o->at];
    memset(o->out, 0, sizeof(o->out)); /* what comes late is nobody's any more */
    uint16_t state = reservation_state(&o->r) | RESERVE_DISKS;
    o->all &= state;
    o->any |= state;
    if (o->r.err && !o->err) {
        o->err = o->r.err;
        o->reason = reservation_why_text(o->r.why);
    }
    bool looks = o->verb == RESERVE_READ || o->verb == RESERVE_FIND;
    o->at = o->err && !looks ? o->n_units : (uint8_t)(o->at + 1);
    unit_free(w, o->host, unit);
    if (o->at < o->n_units)
        later(w, o, 10, 1, 0);
    else
        finish(w, o);
}

/* On purpose wrong: a take that was sent counts as done. */
static bool believes(const struct world *w, struct reserving *o)
{
    if (!(w->broken & SIM_BREAK_SENT) || o->verb != RESERVE_PREEMPT)
        return false;
    o->err = ERR_OK;
    o->at = o->n_units;
    o->any = 0;
    o->all = OF_EVERY;
    return true;
}

void reserve_answered(struct world *w, unsigned who, uint32_t generation, unsigned path,
                      enum pr_outcome outcome, const uint8_t *data, size_t len)
{
    struct reserving *o = &w->reserving[who];
    if (!o->used || (o->generation & 0xffffff) != generation >> 8 || o->at >= o->n_units ||
        !o->out[path] || (o->out[path] & 0xff) != (generation & 0xff))
        return;
    o->out[path] = 0;
    bool took = o->r.command.op == PR_PREEMPT_ABORT;
    reservation_reply(&o->r, (uint8_t)path, outcome, data, len);
    if (took && believes(w, o))
        finish(w, o);
    else
        pump(w, o);
}

/* ---- from and to the core -------------------------------------------------------------------- */

static void service_units(const struct world *w, struct reserving *o, const struct service *s)
{
    o->service = (uint16_t)(s - w->service);
    o->n_units = s->n_units;
    for (unsigned i = 0; i < s->n_units; i++)
        o->unit[i] = s->unit[i];
    for (unsigned i = 1; i < o->n_units; i++) /* in the order of their names */
        if (o->unit[i] < o->unit[i - 1]) {
            uint8_t first = o->unit[i];
            o->unit[i] = o->unit[i - 1];
            o->unit[i - 1] = first;
        }
}

/* The core asks for one thing at a time of each resource and quorum disk. */
static bool asked_already(const struct world *w, const struct host *h, const struct act_reserve *a)
{
    for (unsigned i = 0; i < RESERVINGS_MAX; i++) {
        const struct reserving *x = &w->reserving[i];
        if (x->used && x->op && x->host == h->self && x->disk == a->disk && x->slot == a->slot)
            return true;
    }
    return false;
}

void reserve_run(struct world *w, struct host *h, const struct act_reserve *a)
{
    struct service *s = a->id ? service_get(w, a->id) : NULL;
    if (asked_already(w, h, a))
        oracle_bark(w, "S8", "%s asks twice at once for the reservation of %s",
                    host_name(w, h->self), a->id ? a->id : "a quorum disk");
    struct reserving *o = reserving_new(w, h);
    if (!o)
        return;
    o->op = a->op;
    o->verb = a->verb;
    o->disk = a->id ? CONF_LINKS_MAX : a->disk;
    o->slot = a->slot;
    o->key = a->key;
    o->victim = a->victim_key;
    o->not_after_us = a->not_after_us;
    o->again = a->again;
    o->register_ms = a->limit_ms;
    o->busy = oracle_busy(w, h);
    h->key = a->key;
    if (s) {
        s->on[h->self].slot = a->slot;
        s->on[h->self].slot_life = h->life_no;
        service_units(w, o, s);
    } else if (unit_of_link(w, a->disk)) {
        o->n_units = 1;
        o->unit[0] = (uint8_t)(unit_of_link(w, a->disk) - w->unit);
    }
    if (!o->n_units)
        o->all = 0;
    later(w, o, world_lasts(w, &w->lun_prng, 20, ANSWER_MEAN_US), 1, 0);
}

void reserve_permit(struct world *w, struct host *h, uint32_t op, uint64_t not_after_us)
{
    for (unsigned i = 0; i < RESERVINGS_MAX; i++) {
        struct reserving *o = &w->reserving[i];
        if (o->used && o->host == h->self && o->op == op && o->life_no == h->life_no)
            o->not_after_us = not_after_us;
    }
}

/* Stories tell what was changed, or could not be, and what was noticed. */
static void told(struct world *w, const struct host *h, const struct reserving *o,
                 const struct event *ev)
{
    char text[160];
    struct str out;
    if (o->op && !o->err && (o->verb == RESERVE_READ || o->verb == RESERVE_FIND))
        return;
    str_init(&out, text, sizeof(text));
    trace_reserve_words(ev->reserved.state, &out);
    trace_story(w, h, "  %s %s:%s%s%s%s", o->op ? trace_reserve_verb(o->verb) : "noticed",
                o->disk == CONF_LINKS_MAX ? w->service[o->service].id : w->conf.link[o->disk].name,
                text, o->err ? " (" : "", o->err ? ev->reserved.reason : "", o->err ? ")" : "");
}

/* What was told already is no news. */
static bool is_news(struct world *w, const struct reserving *o, const struct event *ev)
{
    uint32_t *last = o->disk == CONF_LINKS_MAX ? &w->service[o->service].on[o->host].noticed
                                               : &w->unit[o->unit[0]].noticed[o->host];
    uint32_t now = ev->reserved.state + 1u + ((uint32_t)ev->reserved.err << 16);
    bool same = *last == now;
    *last = o->op ? 0 : now;
    return o->op || !same;
}

static void tell(struct world *w, struct reserving *o)
{
    struct host *h = &w->host[o->host];
    struct event ev = {.kind = EV_RESERVED};
    const struct service *s = o->disk == CONF_LINKS_MAX ? &w->service[o->service] : NULL;
    ev.reserved.op = o->op;
    ev.reserved.err = o->err;
    ev.reserved.slot = o->slot;
    ev.reserved.disk = o->disk;
    ev.reserved.reason = o->reason ? o->reason : "";
    ev.reserved.state = (uint16_t)(o->all | (o->any & (RESERVE_VICTIM | RESERVE_STRANGER)));
    if (s && o->verb == RESERVE_FIND) {
        ev.reserved.state |= s->harmless ? RESERVE_HARMLESS : 0;
        ev.reserved.state |= s->ondisk ? RESERVE_ONDISK : 0;
    }
    o->used = false;
    bool known = o->disk == CONF_LINKS_MAX || o->n_units;
    if (known && !is_news(w, o, &ev))
        return;
    told(w, h, o, &ev);
    host_tell(w, h, &ev);
}

void reserve_item(struct world *w, const struct item *it)
{
    struct reserving *o = &w->reserving[it->a];
    if (!o->used || o->generation != it->b)
        return;
    if (it->flag == 0) {
        tell(w, o);
    } else if (it->flag == 1) {
        unit_begin(w, o);
    } else if (o->at < o->n_units && o->out[it->flag - 2] == it->token) {
        o->out[it->flag - 2] = 0;
        reservation_reply(&o->r, (uint8_t)(it->flag - 2), PR_HUNG, NULL, 0);
        pump(w, o);
    }
}

/* ---- what the shell notices by itself ------------------------------------------------------- */

static void notice(struct world *w, struct host *h, const struct unit *u, struct service *s)
{
    unsigned disk = s ? CONF_LINKS_MAX : u->link;
    for (unsigned i = 0; i < RESERVINGS_MAX; i++) { /* one look at a time */
        const struct reserving *x = &w->reserving[i];
        if (x->used && !x->op && x->host == h->self && x->disk == disk &&
            (!s || x->slot == s->on[h->self].slot))
            return;
    }
    struct reserving *o = reserving_new(w, h);
    if (!o)
        return;
    o->verb = RESERVE_READ;
    o->key = h->key;
    o->disk = (uint8_t)disk;
    o->n_units = 1;
    o->unit[0] = (uint8_t)(u - w->unit);
    if (s) {
        service_units(w, o, s);
        o->slot = s->on[h->self].slot;
    }
    later(w, o, world_lasts(w, &w->lun_prng, 100, NOTICE_MEAN_US), 1, 0);
}

void reserve_notice(struct world *w, struct host *h, const struct unit *u)
{
    if (!h->node || !h->key)
        return;
    if (u->link != CONF_LINKS_MAX) {
        notice(w, h, u, NULL);
        return;
    }
    for (unsigned i = 0; i < w->n_services; i++) {
        struct service *s = &w->service[i];
        bool uses = false;
        for (unsigned k = 0; k < s->n_units; k++)
            uses = uses || &w->unit[s->unit[k]] == u;
        if (uses && s->on[h->self].slot_life == h->life_no)
            notice(w, h, u, s);
    }
}

void reserve_daemon_gone(struct world *w, const struct host *h)
{
    for (unsigned i = 0; i < RESERVINGS_MAX; i++)
        if (w->reserving[i].host == h->self)
            w->reserving[i].used = false;
    for (unsigned i = 0; i < w->n_services; i++)
        w->service[i].on[h->self].noticed = 0;
    for (unsigned i = 0; i < w->n_units; i++)
        w->unit[i].noticed[h->self] = 0;
}
