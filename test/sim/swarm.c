/* SPDX-License-Identifier: GPL-2.0-or-later
 * swarm: what a seed is made of. See swarm.h.
 *
 * Happy path: links and timing (a takeover time that cannot be is doubled until it can),
 * primitives, groups and constraints as crm text, behaviours of agents, wires and the power switch,
 * first boots. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/conf/ini.h"
#include "test/sim/mishap.h"
#include "test/sim/host.h"
#include "test/sim/net.h"
#include "test/sim/operator.h"
#include "test/sim/simagent.h"
#include "test/sim/simlun.h"
#include "test/sim/swarm.h"

enum { SEEDS_RESERVE = 650000, PRIMS_MOST = 12, GROUPS_MOST = 3, LATE_MIN_S = 15, LATE_MAX_S = 60 };

struct draw {
    struct prng p;
    struct world *w;
    struct str text;
    unsigned n_prims, n_tops;
    char top[PRIMS_MOST][16];                        /* groups and ungrouped primitives */
    bool cloned[PRIMS_MOST], promotable[PRIMS_MOST]; /* by top */
    bool tied[PRIMS_MOST]; /* to a promoted role: not to what may be on the other node as well */
    struct prng clones;
};

static uint64_t pick(struct prng *p, const uint32_t *from, size_t n)
{
    return from[prng_below(p, n)];
}
#define PICK(p, ...)                                                                               \
    pick(p, (const uint32_t[]){__VA_ARGS__}, ARRAY_LEN(((const uint32_t[]){__VA_ARGS__})))

/* ---- configuration ------------------------------------------------------------------------------
 */

/* Everything that is not drawn has its default, as parsed from the least that can be written. */
static const char least_conf[] =
    "[cluster]\nname = treasury\n[node db1]\nid = 1\n[node db2]\nid = 2\n"
    "[link lan]\ntype = udp\ndb1 = 192.0.2.1\ndb2 = 192.0.2.2\n"
    "[guard]\nuse = fence\n";

void swarm_conf(struct conf *c)
{
    static struct conf_faults faults;
    static struct conf least;
    if (!least.n_nodes && conf_parse(least_conf, &least, &faults)) {
        fprintf(stderr, "yoke.conf of the simulation: %s\n", faults.at[0].text);
        abort();
    }
    *c = least;
    c->n_links = 0;
    c->uuid[0] = 7;
}

void swarm_link(struct conf *c, const char *name, enum link_type type, uint32_t baud)
{
    assert(c->n_links < CONF_LINKS_MAX);
    struct conf_link *l = &c->link[c->n_links++];
    memset(l, 0, sizeof(*l));
    str_copy(l->name, sizeof(l->name), name);
    l->type = (uint8_t)type;
    l->baud = baud;
    l->port = 7000;
    if (type == LINK_DISK)
        snprintf(l->device, sizeof(l->device), "/dev/disk/by-id/%s", name);
    for (unsigned i = 0; type == LINK_DISK && i < c->n_nodes; i++)
        str_copy(l->addr[i], sizeof(l->addr[i]), l->device);
    for (unsigned i = 0; type != LINK_DISK && i < c->n_nodes; i++)
        snprintf(l->addr[i], CONF_ADDR_LEN, type == LINK_SERIAL ? "/dev/ttyS%u" : "192.0.2.%u",
                 10 * c->n_links + i);
}

void swarm_guard(struct conf *c, unsigned kinds)
{
    unsigned n = 0;
    c->guard = (uint8_t)kinds;
    memset(c->guard_order, 0, sizeof(c->guard_order));
    for (unsigned bit = 0; bit < GUARD_KINDS; bit++)
        if (kinds >> bit & 1)
            c->guard_order[n++] = (uint8_t)(bit + 1);
}

/* Quorum disks and watchdogs, of chance of their own. */
static void draw_lease(struct draw *d)
{
    static const char *const name[] = {"quorum", "second", "third"};
    struct world *w = d->w;
    struct prng p;
    prng_seed(&p, w->seed ^ 0x1ea5e1ea5e1ea5eu);
    if (!prng_chance(&p, 450000))
        return;
    unsigned disks = (unsigned)PICK(&p, 1, 1, 1, 1, 2, 3);
    for (unsigned i = 0; i < disks; i++)
        swarm_link(&w->conf, name[i], LINK_DISK, 0);
    for (unsigned i = 0; i < SIM_NODES && disks; i++) {
        struct host *h = &w->host[i];
        if (prng_chance(&p, 200000))
            h->ppm = (int32_t)PICK(&p, 20000, 100000) * (prng_chance(&p, 500000) ? 1 : -1);
    }
    if (prng_chance(&p, 150000))
        return; /* a disk is a link, and no more */
    w->conf.guard = prng_chance(&p, 400000) ? GUARD_LEASE : GUARD_LEASE | GUARD_FENCE;
    swarm_guard(&w->conf, w->conf.guard);
    str_copy(w->conf.watchdog_device, sizeof(w->conf.watchdog_device), "/dev/watchdog");
    w->conf.watchdog_ms = (uint32_t)PICK(&p, 0, 0, 1000, 2000, 10000);
    w->conf.accept_weak_watchdog = false;
    uint8_t kind = (uint8_t)PICK(&p, WATCHDOG_HARDWARE, WATCHDOG_HARDWARE, WATCHDOG_HARDWARE,
                                 WATCHDOG_HARDWARE, WATCHDOG_VIRTUAL, WATCHDOG_SOFT);
    for (unsigned i = 0; i < SIM_NODES; i++)
        w->host[i].keeper.kind = prng_chance(&p, 50000) ? (uint8_t)WATCHDOG_NONE : kind;
}

/* What a disk does, and the watchdogs' time-outs, which the timing gives. */
static void draw_lease_rates(struct draw *d)
{
    struct world *w = d->w;
    struct prng p;
    prng_seed(&p, w->seed ^ 0x2ea5e1ea5e1ea5eu);
    for (unsigned l = 0; l < w->conf.n_links; l++) {
        struct quorum *q = &w->quorum[l];
        q->mean_us = (uint32_t)PICK(&p, 500, 3000, 12000);
        if (!prng_chance(&p, 500000))
            continue;
        q->hangs = (uint32_t)PICK(&p, 0, 1000, 20000);
        q->late = (uint32_t)PICK(&p, 0, 500000);
        q->torn = (uint32_t)PICK(&p, 0, 500000);
        q->overtakes = (uint32_t)PICK(&p, 0, 0, 2000, 20000);
        q->stale = (uint32_t)PICK(&p, 0, 0, 2000, 20000);
    }
    for (unsigned i = 0; i < SIM_NODES; i++)
        w->host[i].keeper.timeout_ms = w->timing.watchdog_ms;
}

static void draw_unit(struct prng *p, struct unit *u)
{
    struct lun *l = &u->lun;
    u->mean_us = (uint32_t)PICK(p, 300, 1000, 10000);
    u->queues = prng_chance(p, 600000);
    if (prng_chance(p, 500000)) {
        u->hangs = (uint32_t)PICK(p, 0, 1000, 20000, 100000);
        u->lost = (uint32_t)PICK(p, 0, 10000, 50000);
    }
    l->no_pr = prng_chance(p, 60000);
    l->no_aptpl = prng_chance(p, 30000);
    l->no_abort = prng_chance(p, 30000);
    l->no_wero = prng_chance(p, 20000);
}

/* Disks with reservations, which resources use them, and what their agents say of the rest. */
static void draw_units(struct draw *d)
{
    static const char *const name[] = {"data", "logs", "more"};
    struct world *w = d->w;
    struct prng p;
    prng_seed(&p, w->seed ^ 0xd15cd15cd15cd15cu);
    if (!prng_chance(&p, 450000))
        return;
    for (unsigned l = 0; l < w->conf.n_links; l++)
        if (w->conf.link[l].type == LINK_DISK)
            draw_unit(&p, unit_new(w, w->conf.link[l].name, l));
    unsigned first = w->n_units, data = (unsigned)PICK(&p, 1, 1, 2, 3);
    for (unsigned i = 0; i < data; i++)
        draw_unit(&p, unit_new(w, name[i], CONF_LINKS_MAX));
    for (unsigned i = 0; i < w->n_services; i++) {
        struct service *s = &w->service[i];
        s->write_ms = (uint32_t)PICK(&p, 200, 1000, 4000);
        if (prng_chance(&p, 450000)) {
            unsigned one = (unsigned)prng_below(&p, data);
            unit_give(w, &w->unit[first + one], s);
            if (data > 1 && prng_chance(&p, 250000))
                unit_give(w, &w->unit[first + (one + 1) % data], s);
        } else {
            s->harmless = prng_chance(&p, 400000);
            s->ondisk = !s->harmless && prng_chance(&p, 500000);
        }
    }
    w->boot_writes = prng_chance(&p, 400000);
    w->starved = (uint32_t)PICK(&p, 0, 0, 20000, 100000);
}

/* Whether the guard uses them: the timing depends on it. */
static void draw_reserve(struct draw *d)
{
    struct world *w = d->w;
    struct prng p, q;
    prng_seed(&p, w->seed ^ 0xd15cd15cd15cd15cu);
    prng_seed(&q, w->seed ^ 0xe15ce15ce15ce15cu);
    if (prng_chance(&p, 450000) && prng_chance(&q, SEEDS_RESERVE))
        swarm_guard(&w->conf, w->conf.guard | GUARD_RESERVATION);
}

static void draw_links(struct draw *d)
{
    static const char *const name[] = {"lan", "san", "com"};
    struct conf *c = &d->w->conf;
    unsigned n = (unsigned)prng_between(&d->p, 1, 3);
    for (unsigned i = 0; i < n; i++) {
        enum link_type type =
            (enum link_type)PICK(&d->p, LINK_UDP, LINK_UDP, LINK_UDP, LINK_TCP, LINK_SERIAL);
        swarm_link(c, name[i], type, (uint32_t)PICK(&d->p, 9600, 19200, 115200));
    }
    draw_lease(d);
    draw_reserve(d);
    c->takeover_ms = (uint32_t)PICK(&d->p, 1000, 2000, 5000, 5000, 10000, 20000);
    char why[300];
    struct str s;
    for (;; c->takeover_ms *= 2) {
        str_init(&s, why, sizeof(why));
        if (!timing_derive(c, &d->w->timing, &s))
            return;
        if (c->takeover_ms > 600000) {
            fprintf(stderr, "no takeover time suits these links: %s\n", why);
            abort();
        }
    }
}

/* ---- resources
 * ------------------------------------------------------------------------------------ */

static void draw_behaviour(struct draw *d, struct service *s)
{
    s->is.start_ms = (uint32_t)PICK(&d->p, 10, 100, 1000, 4000);
    s->is.stop_ms = (uint32_t)PICK(&d->p, 10, 100, 1000, 3000);
    s->is.monitor_ms = (uint32_t)PICK(&d->p, 10, 50, 300);
    if (!prng_chance(&d->p, 400000))
        return;
    s->is.start_fails = (uint32_t)PICK(&d->p, 0, 10000, 200000);
    s->is.killable = (uint32_t)PICK(&d->p, 0, 500000, 1000000);
    s->is.stop_fails = (uint32_t)PICK(&d->p, 0, 0, 10000, 100000);
    s->is.monitor_fails = (uint32_t)PICK(&d->p, 0, 5000, 50000);
    s->is.hangs = (uint32_t)PICK(&d->p, 0, 0, 5000, 20000);
    s->is.blind = (uint32_t)PICK(&d->p, 0, 0, 500000);
}

static void draw_meta(struct draw *d, bool group)
{
    static const char *const fail[] = {"restart", "restart", "ignore", "stop",
                                       "block",   "standby", "fence"};
    if (prng_chance(&d->p, 400000)) {
        str_add(&d->text, " \\\n\tmeta");
        if (prng_chance(&d->p, 500000))
            str_addf(&d->text, " resource-stickiness=%u",
                     (unsigned)PICK(&d->p, 0, 1, 100, 1000000));
        if (prng_chance(&d->p, 300000))
            str_addf(&d->text, " migration-threshold=%u", (unsigned)PICK(&d->p, 0, 1, 3));
        if (prng_chance(&d->p, 300000))
            str_addf(&d->text, " failure-timeout=%us", (unsigned)PICK(&d->p, 5, 30, 600));
        str_addf(&d->text, " priority=%u", (unsigned)PICK(&d->p, 0, 0, 5, 10));
    }
    if (group)
        return;
    str_addf(&d->text, " \\\n\top monitor interval=%us timeout=%us",
             (unsigned)PICK(&d->p, 2, 5, 10, 30), (unsigned)PICK(&d->p, 5, 20));
    if (prng_chance(&d->p, 200000))
        str_addf(&d->text, " on-fail=%s", fail[prng_below(&d->p, ARRAY_LEN(fail))]);
    if (prng_chance(&d->p, 300000))
        str_addf(&d->text, " \\\n\top start interval=0 timeout=%us", (unsigned)PICK(&d->p, 5, 60));
    if (prng_chance(&d->p, 300000))
        str_addf(&d->text, " \\\n\top stop interval=0 timeout=%us%s", (unsigned)PICK(&d->p, 5, 60),
                 prng_chance(&d->p, 200000) ? " on-fail=block" : "");
}

static void draw_prims(struct draw *d)
{
    d->n_prims = (unsigned)prng_between(&d->p, 1, prng_chance(&d->p, 700000) ? 5 : PRIMS_MOST);
    for (unsigned i = 0; i < d->n_prims; i++) {
        char id[16];
        snprintf(id, sizeof(id), "r%u", i + 1);
        str_addf(&d->text, "primitive %s ocf:yoke:Dummy params delay=%u", id, i);
        draw_meta(d, false);
        str_add_char(&d->text, '\n');
        draw_behaviour(d, service_get(d->w, id));
    }
    unsigned groups = (unsigned)prng_below(&d->p, GROUPS_MOST + 1), i = 0;
    for (unsigned g = 0; g < groups && i + 1 < d->n_prims; g++) {
        unsigned n = (unsigned)prng_between(&d->p, 2, 4);
        str_addf(&d->text, "group g%u", g + 1);
        for (; n > 0 && i < d->n_prims; n--)
            str_addf(&d->text, " r%u", ++i);
        draw_meta(d, true);
        str_add_char(&d->text, '\n');
        snprintf(d->top[d->n_tops++], sizeof(d->top[0]), "g%u", g + 1);
    }
    while (i < d->n_prims)
        snprintf(d->top[d->n_tops++], sizeof(d->top[0]), "r%u", ++i);
}

/* Some of what is in no group runs on both nodes; of that some is promoted on one. Drawn by numbers
 * of its own, so that older seeds are what they were otherwise. */
static void draw_clones(struct draw *d)
{
    prng_seed(&d->clones, d->w->seed ^ 0xc10ec10ec10ec10eu);
    if (!prng_chance(&d->clones, 200000))
        return;
    for (unsigned i = 0; i < d->n_tops; i++) {
        if (d->top[i][0] != 'r' || !prng_chance(&d->clones, 400000))
            continue;
        d->cloned[i] = true;
        d->promotable[i] = prng_chance(&d->clones, 600000);
        str_addf(&d->text, "clone k%s %s meta promotable=%s notify=%s\n", d->top[i], d->top[i],
                 d->promotable[i] ? "true" : "false",
                 prng_chance(&d->clones, 400000) ? "true" : "false");
    }
    for (unsigned i = 1; i < d->n_tops; i++) {
        unsigned k = (unsigned)prng_below(&d->clones, i);
        if (!d->promotable[k] || d->cloned[i] || !prng_chance(&d->clones, 500000))
            continue;
        d->tied[i] = true;
        str_addf(&d->text, "colocation ck%u inf: %s k%s:Promoted\n", i, d->top[i], d->top[k]);
        str_addf(&d->text, "order ok%u Mandatory: k%s:promote %s:start\n", i, d->top[k], d->top[i]);
    }
}

/* The parts of clones, when all else has been drawn. */
static void draw_parts(struct draw *d)
{
    for (unsigned i = 0; i < d->n_tops; i++)
        for (unsigned n = 0; d->cloned[i] && n <= SIM_NODES; n++) {
            char id[32];
            if (n == SIM_NODES && !d->promotable[i])
                continue;
            snprintf(id, sizeof(id), n == SIM_NODES ? "%s:promoted" : "%s:%u", d->top[i], n);
            struct service *s = service_get(d->w, id);
            s->is = service_get(d->w, d->top[i])->is;
            s->fits = d->promotable[i] && n < SIM_NODES;
            s->fit = (int32_t)PICK(&d->clones, 5, 10, 100);
        }
}

static void draw_constraints(struct draw *d)
{
    for (unsigned i = 0; i < d->n_tops; i++) {
        if (prng_chance(&d->p, 250000))
            str_addf(&d->text, "location l%u %s %s: db%u\n", i, d->top[i],
                     prng_chance(&d->p, 150000)   ? "-inf"
                     : prng_chance(&d->p, 500000) ? "100"
                                                  : "10",
                     (unsigned)prng_between(&d->p, 1, 2));
        if (i == 0 || !prng_chance(&d->p, 300000))
            continue;
        const char *base = d->top[prng_below(&d->p, i)];
        size_t before = d->text.len;
        if (prng_chance(&d->p, 600000))
            str_addf(&d->text, "colocation c%u %s: %s %s\n", i,
                     prng_chance(&d->p, 700000)   ? "inf"
                     : prng_chance(&d->p, 500000) ? "50"
                                                  : "-50",
                     d->top[i], base);
        if (d->tied[i])
            d->text.len = before, d->text.at[before] = '\0';
        if (prng_chance(&d->p, 600000))
            str_addf(&d->text, "order o%u %s: %s %s\n", i,
                     prng_chance(&d->p, 700000) ? "Mandatory" : "Optional", base, d->top[i]);
    }
}

static void draw_cib(struct draw *d)
{
    str_init(&d->text, d->w->cib_text, sizeof(d->w->cib_text));
    draw_prims(d);
    if (prng_chance(&d->p, 900000))
        str_add(&d->text, "primitive power stonith:fence_sim params pcmk_host_list=\"db1 db2\" "
                          "\\\n\top monitor interval=30s timeout=10s\n");
    draw_clones(d);
    draw_constraints(d);
    str_addf(&d->text, "property cib-bootstrap-options: stonith-timeout=%us",
             (unsigned)PICK(&d->p, 5, 20, 60));
    if (prng_chance(&d->p, 100000))
        str_add(&d->text, " stonith-action=off");
    str_add_char(&d->text, '\n');
    assert(!d->text.cut);
}

/* ---- wires and switch
 * -------------------------------------------------------------------------------- */

static void draw_rates(struct draw *d)
{
    struct world *w = d->w;
    bool bad_net = prng_chance(&d->p, 500000);
    for (unsigned l = 0; l < w->conf.n_links; l++) {
        uint32_t quarter_us = w->timing.link[l].interval_ms * 250;
        uint32_t mean = (uint32_t)PICK(&d->p, 300, 300, 2000, 20000);
        for (unsigned i = 0; i < SIM_NODES; i++) {
            struct path_rates *r = &w->medium[l].from[i].rates;
            r->mean_us = mean < quarter_us ? mean : quarter_us;
            r->min_us = r->mean_us / 4;
            if (!bad_net)
                continue;
            r->loss = (uint32_t)PICK(&d->p, 0, 0, 1000, 20000, 150000);
            r->twice = (uint32_t)PICK(&d->p, 0, 10000);
            r->stale = (uint32_t)PICK(&d->p, 0, 0, 2000);
            r->mirror = (uint32_t)PICK(&d->p, 0, 0, 1000);
            if (w->medium[l].type == LINK_SERIAL)
                r->garble = (uint32_t)PICK(&d->p, 0, 5000, 50000);
        }
    }
    w->box.delay_ms = (uint32_t)PICK(&d->p, 300, 1000, 3000);
    if (prng_chance(&d->p, 400000)) {
        w->box.fails = (uint32_t)PICK(&d->p, 0, 100000, 400000);
        w->box.hangs = (uint32_t)PICK(&d->p, 0, 0, 50000);
        w->box.kills_but_fails = (uint32_t)PICK(&d->p, 0, 50000);
        w->box.mute = (uint32_t)PICK(&d->p, 0, 50000);
    }
}

static void draw_hosts(struct draw *d)
{
    struct world *w = d->w;
    bool kept = prng_chance(&d->p, 750000);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *h = &w->host[i];
        if (prng_chance(&d->p, 300000) && !h->ppm)
            h->ppm = (int32_t)PICK(&d->p, 100, 500, 20000) * (prng_chance(&d->p, 500000) ? 1 : -1);
        bool late = prng_chance(&d->p, 100000);
        struct item *it = world_add(w, ITEM_POWER_ON, i,
                                    late ? SEC(prng_between(&d->p, LATE_MIN_S, LATE_MAX_S))
                                         : MSEC(prng_below(&d->p, 3000)));
        it->token = h->power_no;
        it->a = (uint32_t)prng_below(&d->p, 500);
        if (!kept)
            continue;
        h->has_kept = true;
        h->kept = (struct kept){
            .epoch = 1, .cib_epoch = 1, .cib_seq = 1, .common_epoch = 1, .common_seq = 1};
        h->cib_epoch = h->cib_seq = 1;
        memcpy(h->cib, w->cib_text, sizeof(h->cib));
    }
    if (!kept)
        operator_puts_later(w, SEC(prng_between(&d->p, 3, 12)));
}

void swarm_draw(struct world *w)
{
    struct draw d = {.w = w};
    prng_seed(&d.p, w->seed ^ 0x5eed5eed5eed5eedu);
    swarm_conf(&w->conf);
    draw_links(&d);
    net_open(w);
    draw_cib(&d);
    draw_units(&d);
    draw_parts(&d);
    draw_rates(&d);
    draw_lease_rates(&d);
    draw_hosts(&d);
    w->agent_faults = true;
    mishap_draw(w, &d.p);
}

void swarm_words(const struct world *w, struct str *out)
{
    str_addf(out, "takeover %u ms, deadtime %u ms, beat %u ms, links", w->timing.takeover_ms,
             w->timing.deadtime_ms, w->timing.beat_ms);
    for (unsigned l = 0; l < w->conf.n_links; l++)
        str_addf(out, " %s(%s)", w->conf.link[l].name,
                 w->conf.link[l].type == LINK_UDP    ? "udp"
                 : w->conf.link[l].type == LINK_TCP  ? "tcp"
                 : w->conf.link[l].type == LINK_DISK ? "disk"
                                                     : "serial");
    if (w->conf.guard & GUARD_LEASE)
        str_addf(out, ", lease %u ms, watchdogs %u %u of %u ms", w->timing.lease_ms,
                 w->host[0].keeper.kind, w->host[1].keeper.kind, w->timing.watchdog_ms);
    for (unsigned i = 0; i < w->n_units; i++) {
        const struct lun *l = &w->unit[i].lun;
        bool able = !l->no_pr && !l->no_aptpl && !l->no_abort && !l->no_wero;
        str_addf(out, ", %s%s", w->unit[i].name, able ? "" : " (cannot)");
    }
    if (w->conf.guard & GUARD_RESERVATION)
        str_add(out, ", reservation");
    for (unsigned i = 0; i < w->n_services && w->n_units; i++) {
        const struct service *s = &w->service[i];
        str_addf(out, " %s:%s%s", s->id, s->harmless ? "harmless" : "", s->ondisk ? "ondisk" : "");
        for (unsigned k = 0; k < s->n_units; k++)
            str_addf(out, "%s%s", k ? "+" : "", w->unit[s->unit[k]].name);
    }
    str_addf(out, ", %u resources, faults until %u ms", w->n_services,
             (unsigned)(w->faults.until_us / 1000));
}
