/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringswarm: see ringswarm.h.
 *
 * Happy path: yoke.conf as text (a takeover time that cannot be is doubled until it can), resources
 * as crm text, behaviours, networks, then everything is switched on. */
#include "test/sim/ringswarm.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/conf/ini.h"
#include "test/sim/ringagent.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringlun.h"
#include "test/sim/ringmishap.h"
#include "test/sim/ringoper.h"

enum { CONF_BYTES = 4096, PRIMS_MOST = 8, GROUPS_MOST = 2 };

struct draw {
    struct prng p;
    struct rworld *w;
    struct str text;
    unsigned n_prims, n_tops;
    uint8_t group[PRIMS_MOST];
    char top[PRIMS_MOST][16]; /* groups and ungrouped primitives */
};

static uint64_t pick(struct prng *p, const uint32_t *from, size_t n)
{
    return from[prng_below(p, n)];
}
#define PICK(p, ...)                                                                               \
    pick(p, (const uint32_t[]){__VA_ARGS__}, ARRAY_LEN(((const uint32_t[]){__VA_ARGS__})))

/* ---- yoke.conf ---------------------------------------------------------------------------------
 */

enum { RESERVES = 3 }; /* added to a guard: a reservation beside it */

static void conf_text(struct str *s, unsigned nodes, uint64_t guard, uint32_t takeover_ms)
{
    static const char *const use[] = {"fence",
                                      "lease",
                                      "lease, fence",
                                      "reservation",
                                      "lease, reservation",
                                      "fence, reservation"};
    str_addf(s, "[cluster]\nname = ring\nengine = corosync\ntakeover = %ums\n", takeover_ms);
    for (unsigned i = 1; i <= nodes; i++)
        str_addf(s, "[node n%u]\nid = %u\n", i, i);
    str_add(s, "[link lan]\ntype = udp\n");
    for (unsigned i = 1; i <= nodes; i++)
        str_addf(s, "n%u = 192.0.2.%u\n", i, i);
    str_addf(s, "[guard]\nuse = %s\n", use[guard]);
    if (guard % RESERVES == 1 || guard == 2)
        str_add(s, "[watchdog]\ndevice = /dev/watchdog\n");
}

static void draw_conf(struct draw *d, unsigned nodes)
{
    static struct conf_faults faults;
    struct rworld *w = d->w;
    uint64_t guard = PICK(&d->p, 0, 0, 1, 1, 2);
    if (prng_chance(&w->lun_prng, 350000)) /* drawn apart: the other seeds stay what they are */
        guard = RESERVES + prng_below(&w->lun_prng, RESERVES);
    uint32_t takeover_ms = (uint32_t)PICK(&d->p, 2000, 5000, 5000, 10000, 20000);
    char text[CONF_BYTES], why[300];
    struct str s, reason;
    for (;; takeover_ms *= 2) {
        str_init(&s, text, sizeof(text));
        str_init(&reason, why, sizeof(why));
        conf_text(&s, nodes, guard, takeover_ms);
        if (!conf_parse(text, &w->conf, &faults) && !timing_derive(&w->conf, &w->timing, &reason))
            break;
        if (takeover_ms > 600000) {
            fprintf(stderr, "yoke.conf of the ring: %s\n%s", faults.at[0].text, text);
            abort();
        }
    }
    w->conf.uuid[0] = 7;
    w->lan = 0;
}

/* ---- resources ---------------------------------------------------------------------------------
 */

static void draw_behaviour(struct draw *d, struct ring_service *s)
{
    s->is.start_ms = (uint32_t)PICK(&d->p, 10, 100, 1000, 3000);
    s->is.stop_ms = (uint32_t)PICK(&d->p, 10, 100, 1000, 2000);
    s->is.monitor_ms = (uint32_t)PICK(&d->p, 10, 50, 300);
    if (!prng_chance(&d->p, 350000))
        return;
    s->is.start_fails = (uint32_t)PICK(&d->p, 0, 10000, 100000);
    s->is.killable = (uint32_t)PICK(&d->p, 0, 500000, 1000000);
    s->is.stop_fails = (uint32_t)PICK(&d->p, 0, 0, 10000, 100000);
    s->is.monitor_fails = (uint32_t)PICK(&d->p, 0, 5000, 30000);
    s->is.hangs = (uint32_t)PICK(&d->p, 0, 0, 2000, 10000);
    s->is.blind = (uint32_t)PICK(&d->p, 0, 0, 300000);
}

static void draw_prims(struct draw *d)
{
    d->n_prims = (unsigned)prng_between(&d->p, 1, prng_chance(&d->p, 700000) ? 4 : PRIMS_MOST);
    for (unsigned i = 0; i < d->n_prims; i++) {
        char id[16];
        snprintf(id, sizeof(id), "r%u", i + 1);
        str_addf(&d->text, "primitive %s ocf:yoke:Dummy params delay=%u", id, i);
        if (prng_chance(&d->p, 250000))
            str_addf(&d->text, " \\\n\tmeta resource-stickiness=%u failure-timeout=%us",
                     (unsigned)PICK(&d->p, 0, 1, 100), (unsigned)PICK(&d->p, 5, 30));
        else if (prng_chance(&d->p, 60000))
            str_add(&d->text, " \\\n\tmeta requires=nothing");
        str_addf(&d->text, " \\\n\top monitor interval=%us timeout=%us",
                 (unsigned)PICK(&d->p, 2, 5, 10, 30), (unsigned)PICK(&d->p, 5, 20));
        if (prng_chance(&d->p, 300000))
            str_addf(&d->text, " \\\n\top stop interval=0 timeout=%us",
                     (unsigned)PICK(&d->p, 5, 20));
        str_add_char(&d->text, '\n');
        draw_behaviour(d, ringagent_service(d->w, id));
    }
    unsigned groups = (unsigned)prng_below(&d->p, GROUPS_MOST + 1), i = 0;
    for (unsigned g = 0; g < groups && i + 1 < d->n_prims; g++) {
        unsigned n = (unsigned)prng_between(&d->p, 2, 3);
        str_addf(&d->text, "group g%u", g + 1);
        for (; n > 0 && i < d->n_prims; n--) {
            d->group[i] = (uint8_t)(g + 1);
            str_addf(&d->text, " r%u", ++i);
        }
        str_add_char(&d->text, '\n');
        snprintf(d->top[d->n_tops++], sizeof(d->top[0]), "g%u", g + 1);
    }
    while (i < d->n_prims)
        snprintf(d->top[d->n_tops++], sizeof(d->top[0]), "r%u", ++i);
}

static void draw_constraints(struct draw *d)
{
    for (unsigned i = 0; i < d->n_tops; i++) {
        if (prng_chance(&d->p, 250000))
            str_addf(&d->text, "location l%u %s %s: n%u\n", i, d->top[i],
                     prng_chance(&d->p, 150000) ? "-inf" : "100",
                     (unsigned)prng_between(&d->p, 1, d->w->nodes));
        if (i == 0 || !prng_chance(&d->p, 300000))
            continue;
        const char *base = d->top[prng_below(&d->p, i)];
        if (prng_chance(&d->p, 500000))
            str_addf(&d->text, "colocation c%u %s: %s %s\n", i,
                     prng_chance(&d->p, 500000) ? "50" : "-50", d->top[i], base);
        else
            str_addf(&d->text, "order o%u %s: %s %s\n", i,
                     prng_chance(&d->p, 700000) ? "Mandatory" : "Optional", base, d->top[i]);
    }
}

static void draw_device(struct draw *d, unsigned node)
{
    str_addf(&d->text, "primitive power%u stonith:fence_sim params pcmk_host_list=\"", node);
    for (unsigned i = 1; i <= d->w->nodes; i++)
        if (!node || i == node)
            str_addf(&d->text, "%sn%u", node || i == 1 ? "" : " ", i);
    str_add(&d->text, "\" \\\n\top monitor interval=30s timeout=10s\n");
}

static void draw_cib(struct draw *d)
{
    struct rworld *w = d->w;
    str_init(&d->text, w->cib_text, sizeof(w->cib_text));
    str_add(&d->text, "primitive mark ocf:yoke:Dummy params");
    for (unsigned i = 0; i < RING_KEYS; i++)
        str_addf(&d->text, " k%u=0", i);
    str_add(&d->text, " meta target-role=Stopped\n");
    draw_prims(d);
    if ((w->conf.guard & GUARD_FENCE) || prng_chance(&d->p, 300000)) {
        bool each = prng_chance(&d->p, 200000) && w->nodes <= 5;
        for (unsigned i = 1; i <= w->nodes && each; i++)
            draw_device(d, i);
        if (!each)
            draw_device(d, 0);
    }
    draw_constraints(d);
    str_addf(&d->text, "property cib-bootstrap-options: stonith-timeout=%us",
             (unsigned)PICK(&d->p, 5, 20, 60));
    if (prng_chance(&d->p, 150000))
        str_add(&d->text, " no-quorum-policy=freeze");
    str_add_char(&d->text, '\n');
    assert(!d->text.cut);
}

/* ---- everything else ---------------------------------------------------------------------------
 */

static void draw_rates(struct draw *d)
{
    struct rworld *w = d->w;
    struct path_rates *r = &w->lan_rates;
    r->mean_us = (uint32_t)PICK(&d->p, 200, 500, 5000);
    r->min_us = r->mean_us / 4;
    if (prng_chance(&d->p, 500000)) {
        r->loss = (uint32_t)PICK(&d->p, 0, 1000, 20000, 150000);
        r->twice = (uint32_t)PICK(&d->p, 0, 10000);
        r->stale = (uint32_t)PICK(&d->p, 0, 0, 2000);
    }
    w->coro.steps = prng_chance(&d->p, 500000);
    w->coro.lossy = prng_chance(&d->p, 200000);
    w->box.delay_ms = (uint32_t)PICK(&d->p, 100, 500, 3000);
    if (prng_chance(&d->p, 400000)) {
        w->box.fails = (uint32_t)PICK(&d->p, 0, 50000, 300000);
        w->box.hangs = (uint32_t)PICK(&d->p, 0, 20000, 100000);
        w->box.kills_but_fails = (uint32_t)PICK(&d->p, 0, 50000);
    }
    w->agent_faults = prng_chance(&d->p, 700000);
}

static void draw_host(struct draw *d, struct rhost *h, bool installed)
{
    struct rworld *w = d->w;
    h->ppm = (int32_t)prng_between(&d->p, 0, 1000) - 500;
    if (prng_chance(&d->p, 150000))
        h->ppm = (int32_t)PICK(&d->p, 20000, 90000) * (prng_chance(&d->p, 500000) ? 1 : -1);
    h->keep_mean_us = (uint32_t)PICK(&d->p, 1000, 4000, 4000, 50000, 200000);
    h->keeper.kind = w->conf.guard & GUARD_LEASE ? WATCHDOG_HARDWARE : WATCHDOG_NONE;
    h->keeper.timeout_ms = w->timing.watchdog_ms;
    if (installed) {
        str_copy(h->cib, sizeof(h->cib), w->cib_text);
        h->cib_epoch = h->cib_seq = 1;
        h->kept = (struct kept){.cib_epoch = 1, .cib_seq = 1};
        h->has_kept = true;
    }
    ringhost_power_on(w, h, prng_between(&d->p, MSEC(10), MSEC(2500)));
}

void ringswarm_draw(struct rworld *w, uint64_t seed, unsigned nodes)
{
    struct draw d = {.w = w};
    prng_seed(&d.p, seed ^ 0x51a551a551a551a5u);
    unsigned drawn = (unsigned)PICK(&d.p, 3, 3, 3, 4, 5, 5, 6, 7);
    drawn = prng_chance(&d.p, 30000) ? (unsigned)prng_between(&d.p, 8, 16) : drawn;
    ringworld_open(w, seed, nodes ? nodes : drawn);
    draw_conf(&d, w->nodes);
    ringworld_begin(w);
    draw_cib(&d);
    if (w->conf.guard & GUARD_RESERVATION)
        ringlun_draw(w, &w->lun_prng, d.group, d.n_prims);
    draw_rates(&d);
    bool installed = prng_chance(&d.p, 600000);
    for (unsigned i = 0; i < w->nodes; i++)
        draw_host(&d, &w->host[i], installed);
    if (!installed)
        ringoper_puts_later(w, SEC(4));
    ringmishap_draw(w, &d.p);
}

void ringswarm_words(const struct rworld *w, struct str *out)
{
    static const char *const use[] = {"", " fence", " lease", " lease and fence"};
    unsigned guard =
        (w->conf.guard & GUARD_FENCE ? 1u : 0) | (w->conf.guard & GUARD_LEASE ? 2u : 0);
    str_addf(out,
             "%u nodes, guard%s%s, takeover %u ms, deadtime %u ms, lost %u ms, settle %u ms%s%s",
             w->nodes, use[guard], w->n_units ? " reservation" : "", w->timing.takeover_ms,
             w->timing.deadtime_ms, w->timing.lost_ms, w->timing.settle_ms,
             w->coro.steps ? ", one by one" : "", w->coro.lossy ? ", lossy" : "");
    if (w->conf.guard & GUARD_LEASE)
        str_addf(out, ", lease %u ms, watchdog %u ms", w->timing.lease_ms, w->timing.watchdog_ms);
    str_addf(out, ", faults until %u ms", (unsigned)(w->faults.until_us / 1000));
}
