/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringlun: see ringlun.h.
 *
 * Happy path: an order begins, its commands leave one after the other, each travels, is carried out
 * by the disk, and its answer travels back; when all is over the core is told once. Ways to fail,
 * all of them wanted: no path; a slow array; a command that is carried out and whose answer never
 * comes; a daemon that dies or is frozen in between, whose command arrives all the same. */
#include "test/sim/ringlun.h"
#include <assert.h>
#include <string.h>
#include "test/sim/ringagent.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringtrace.h"

enum { TRAVEL_MIN_US = 60, ORDER_MEAN_US = 300 };
enum { STEP_BEGIN, STEP_ARRIVE, STEP_ANSWER, STEP_LIMIT };

static struct lun_answer answer; /* of the command under way */

/* ---- drawing --------------------------------------------------------------------------------- */

static unsigned unit_new(struct rworld *w, struct prng *p)
{
    struct ring_unit *u = &w->unit[w->n_units];
    lun_init(&u->lun);
    u->mean_us = prng_chance(p, 200000) ? 30000 : 400;
    u->lost = prng_chance(p, 200000) ? 10000 : 0;
    return w->n_units++;
}

void ringlun_draw(struct rworld *w, struct prng *p, const uint8_t *group, unsigned n)
{
    unsigned of_group[RING_SERVICES + 1];
    for (unsigned i = 0; i <= RING_SERVICES; i++)
        of_group[i] = NODE_NONE;
    for (unsigned i = 0; i < n; i++) {
        struct ring_service *s = &w->service[i];
        unsigned g = group[i];
        uint64_t kind = prng_below(p, 100);
        bool leads = !g || of_group[g] == NODE_NONE;
        if (leads && kind < 80 && w->n_units < RING_UNITS) {
            s->unit = s->frees = (uint8_t)unit_new(w, p);
            of_group[g] = g ? s->unit : NODE_NONE;
        } else if (g && of_group[g] != NODE_NONE && kind < 80) {
            s->harmless = kind < 30;
            s->ondisk = !s->harmless;
            s->frees = (uint8_t)of_group[g];
        }
    }
}

/* ---- who may write --------------------------------------------------------------------------- */

bool ringlun_shut(const struct rworld *w, const struct ring_service *s, unsigned host)
{
    return s->frees != NODE_NONE && !lun_writable(&w->unit[s->frees].lun, host);
}

bool ringlun_works(const struct rworld *w, const struct ring_service *s, unsigned host)
{
    unsigned u = s->unit != NODE_NONE ? s->unit : s->ondisk ? s->frees : NODE_NONE;
    return u == NODE_NONE || (!w->unit[u].down[host] && lun_writable(&w->unit[u].lun, host));
}

/* Somebody who was shut out may write again. */
static void writers_watch(struct rworld *w, unsigned unit)
{
    for (unsigned i = 0; i < w->n_services; i++) {
        const struct ring_service *s = &w->service[i];
        unsigned writers = 0, last = 0;
        for (unsigned k = 0; s->guarded && s->frees == unit && !s->harmless && k < w->nodes; k++)
            if (w->host[k].power && s->on[k].active && !ringlun_shut(w, s, k)) {
                writers++;
                last = k;
            }
        if (writers > 1)
            ringoracle_bark(w, "S1", "%s may write the disk of %s, and so may another that runs it",
                            rhost_name(w, last), s->id);
    }
}

/* ---- an order -------------------------------------------------------------------------------- */

static struct ring_reserving *order_of(struct rworld *w, unsigned host, unsigned service)
{
    return &w->reserving[host][service];
}

static void later(struct rworld *w, const struct ring_reserving *o, unsigned step, uint64_t in_us)
{
    struct ring_item *it = ringworld_add(w, RING_LUN, o->host, w->now_us + in_us);
    it->flag = (uint8_t)step;
    it->a = o->service;
    it->b = o->number;
}

static void order_over(struct rworld *w, struct ring_reserving *o)
{
    struct rhost *h = &w->host[o->host];
    const struct ring_service *s = &w->service[o->service];
    struct event ev = {.kind = EV_RESERVED};
    uint32_t others = s->unit == NODE_NONE ? 0 : reservation_others(&o->r);
    ev.reserved.op = o->op;
    ev.reserved.slot = o->slot;
    ev.reserved.disk = CONF_LINKS_MAX;
    ev.reserved.reason = "";
    if (s->unit != NODE_NONE) {
        ev.reserved.err = o->r.err;
        ev.reserved.reason = reservation_why_text(o->r.why);
        ev.reserved.state = reservation_state(&o->r) | RESERVE_DISKS;
    }
    for (unsigned p = 0; p < w->nodes; p++)
        if (others >> w->conf.node[p].id & 1)
            ev.reserved.others = nodeset_add(ev.reserved.others, p);
    if (o->verb == RESERVE_FIND) {
        ev.reserved.state |= s->harmless ? RESERVE_HARMLESS : 0;
        ev.reserved.state |= s->ondisk ? RESERVE_ONDISK : 0;
    }
    o->used = false;
    o->number++;
    ringhost_tell(w, h, &ev);
}

static bool unfences(const struct pr_command *c)
{
    return (c->op == PR_REGISTER && c->key != c->sa_key && c->sa_key) || c->op == PR_REGISTER_OVER;
}

static void command_go(struct rworld *w, struct ring_reserving *o, const struct reservation_step *s)
{
    const struct ring_unit *u = &w->unit[w->service[o->service].unit];
    uint64_t leaves_us = MSEC(s->delay_ms), limit_us = leaves_us + MSEC(s->limit_ms);
    uint64_t travels = prng_exponential(&w->lun_prng, TRAVEL_MIN_US, u->mean_us);
    bool late = o->not_after_us && ringhost_local_us(w, &w->host[o->host]) > o->not_after_us;
    o->command = s->command;
    o->number++;
    if (late && unfences(&s->command)) {
        o->outcome = PR_PATH;
        later(w, o, STEP_ANSWER, 1);
        return;
    }
    /* The host's kernel aborts what takes longer than the limit: it arrives before, or never. */
    if (leaves_us + travels < limit_us)
        later(w, o, STEP_ARRIVE, leaves_us + travels);
    later(w, o, STEP_LIMIT, limit_us);
}

static void pump(struct rworld *w, struct ring_reserving *o)
{
    struct reservation_step s;
    while (reservation_next(&o->r, &s))
        command_go(w, o, &s); /* one path, so one at a time */
    if (reservation_over(&o->r))
        order_over(w, o);
}

static void begin(struct rworld *w, struct ring_reserving *o)
{
    struct reservation_plan plan = {.verb = o->verb,
                                    .key = o->key,
                                    .victim = o->verb == RESERVE_PREEMPT ? o->victim : 0,
                                    .n_paths = 1,
                                    .again = o->again,
                                    .register_ms = (uint16_t)o->register_ms};
    if (w->service[o->service].unit == NODE_NONE) {
        order_over(w, o);
        return;
    }
    reservation_init(&o->r, &plan);
    pump(w, o);
}

static void reply(struct rworld *w, struct ring_reserving *o, enum pr_outcome outcome)
{
    reservation_reply(&o->r, 0, outcome, o->data, outcome == PR_GOOD ? o->len : 0);
    pump(w, o);
}

/* It has reached the disk, whoever sent it, and whether he still lives. */
static void arrive(struct rworld *w, struct ring_reserving *o)
{
    unsigned unit = w->service[o->service].unit;
    struct ring_unit *u = &w->unit[unit];
    const struct rhost *h = &w->host[o->host];
    o->outcome = PR_PATH;
    o->len = 0;
    if (!u->down[o->host]) {
        o->outcome = lun_do(&u->lun, o->host, &o->command, &answer);
        assert(answer.len <= sizeof(o->data));
        o->len = answer.len;
        memcpy(o->data, answer.data, answer.len);
        if (pr_op_changes(o->command.op)) {
            ringtrace_note(w, h, "%s on the disk of %s: outcome %u", pr_op_word(o->command.op),
                           w->service[o->service].id, (unsigned)o->outcome);
            writers_watch(w, unit);
        }
    }
    if (o->used && !prng_chance(&w->lun_prng, u->lost))
        later(w, o, STEP_ANSWER, prng_exponential(&w->lun_prng, TRAVEL_MIN_US, u->mean_us));
}

bool ringlun_travels(const struct ring_item *it)
{
    return it->flag == STEP_ARRIVE;
}

void ringlun_item(struct rworld *w, const struct ring_item *it)
{
    struct ring_reserving *o = order_of(w, it->host, it->a);
    if (o->number != it->b || (!o->used && it->flag != STEP_ARRIVE))
        return;
    switch (it->flag) {
    case STEP_BEGIN: begin(w, o); break;
    case STEP_ARRIVE: arrive(w, o); break;
    case STEP_ANSWER: reply(w, o, o->outcome); break;
    default: reply(w, o, PR_HUNG); break;
    }
}

/* ---- from the core ----------------------------------------------------------------------------
 */

void ringlun_reserve(struct rworld *w, struct rhost *h, const struct act_reserve *a)
{
    unsigned service = 0;
    while (service < w->n_services && !str_eq(w->service[service].id, a->id))
        service++;
    if (service == w->n_services) /* what the operator has made: without disks */
        service = (unsigned)(ringagent_service(w, a->id) - w->service);
    struct ring_reserving *o = order_of(w, h->self, service);
    if (o->used)
        ringoracle_bark(w, "S8", "%s asks twice at once for the reservation of %s",
                        rhost_name(w, h->self), a->id);
    if (a->verb == RESERVE_PREEMPT && !h->quorate)
        ringoracle_bark(w, "S20", "%s takes keys from the disk of %s without a quorum",
                        rhost_name(w, h->self), a->id);
    uint32_t number = o->number + 1;
    *o = (struct ring_reserving){.used = true, .host = (uint8_t)h->self, .number = number};
    o->service = (uint8_t)service;
    o->op = a->op;
    o->verb = a->verb;
    o->slot = a->slot;
    o->key = a->key;
    o->victim = a->victim_key;
    o->not_after_us = a->not_after_us;
    o->again = a->again;
    o->register_ms = a->limit_ms;
    later(w, o, STEP_BEGIN, prng_exponential(&w->lun_prng, 20, ORDER_MEAN_US));
}

void ringlun_permit(struct rworld *w, const struct rhost *h, uint32_t op, uint64_t not_after_us)
{
    for (unsigned i = 0; i < w->n_services; i++) {
        struct ring_reserving *o = order_of(w, h->self, i);
        if (o->used && o->op == op)
            o->not_after_us = not_after_us;
    }
}

/* Its thread dies; a command that has left goes on. */
void ringlun_daemon_gone(struct rworld *w, const struct rhost *h)
{
    for (unsigned i = 0; i < RING_SERVICES; i++)
        order_of(w, h->self, i)->used = false;
}

/* ---- faults ---------------------------------------------------------------------------------- */

void ringlun_path(struct rworld *w, unsigned host, unsigned unit, bool up)
{
    if (unit >= w->n_units)
        return;
    ringtrace_note(w, &w->host[host], "its path to disk %u is %s", unit, up ? "back" : "gone");
    w->unit[unit].down[host] = !up;
}

void ringlun_reset(struct rworld *w, unsigned unit)
{
    if (unit >= w->n_units)
        return;
    ringtrace_note(w, NULL, "disk %u is reset", unit);
    lun_reset(&w->unit[unit].lun);
}

void ringlun_heal(struct rworld *w)
{
    for (unsigned u = 0; u < w->n_units; u++) {
        memset(w->unit[u].down, 0, sizeof(w->unit[u].down));
        w->unit[u].lost = 0;
    }
}
