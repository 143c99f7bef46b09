/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringmishap: what goes wrong with nodes of the ring. See ringmishap.h.
 *
 * Happy path: at exponential intervals one kind is drawn by the weights of this seed (most are zero
 * in most seeds), done, and its mending put some time later. */
#include "test/sim/ringmishap.h"
#include <assert.h>
#include <string.h>
#include "test/sim/ringagent.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringlun.h"
#include "test/sim/ringnet.h"
#include "test/sim/ringoper.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringtrace.h"

enum fault_kind {
    FAULT_POWER,
    FAULT_POWER_SEVERAL,
    FAULT_POWER_ALL,
    FAULT_POWER_ACTIVE,
    FAULT_DAEMON_KILL,
    FAULT_FREEZE_DAEMON,
    FAULT_FREEZE_MACHINE,
    FAULT_PART,
    FAULT_ISOLATE,
    FAULT_ONE_WAY,
    FAULT_PAIR,
    FAULT_CORO_DIES,
    FAULT_CORO_STOPS,
    FAULT_CORO_ALL,
    FAULT_NO_KEEP,
    FAULT_NO_EXEC,
    FAULT_DIES,
    FAULT_SWITCH_DEAD,
    FAULT_OPERATOR,
    FAULT_LEAVE,
    FAULT_ROLLING,
    FAULT_PATH,
    FAULT_ARRAY, /* these two only where there are disks */
    FAULT_KIND_COUNT
};

/* How often a seed has a kind at all (per million), and its weight then. */
static const struct {
    uint32_t seeds, weight;
} kind_table[FAULT_KIND_COUNT] = {
    [FAULT_POWER] = {500000, 4},          [FAULT_POWER_SEVERAL] = {250000, 2},
    [FAULT_POWER_ALL] = {120000, 1},      [FAULT_POWER_ACTIVE] = {400000, 4},
    [FAULT_DAEMON_KILL] = {400000, 4},    [FAULT_FREEZE_DAEMON] = {350000, 4},
    [FAULT_FREEZE_MACHINE] = {300000, 4}, [FAULT_PART] = {400000, 5},
    [FAULT_ISOLATE] = {400000, 5},        [FAULT_ONE_WAY] = {250000, 3},
    [FAULT_PAIR] = {250000, 3},           [FAULT_CORO_DIES] = {300000, 3},
    [FAULT_CORO_STOPS] = {200000, 2},     [FAULT_CORO_ALL] = {100000, 1},
    [FAULT_NO_KEEP] = {120000, 2},        [FAULT_NO_EXEC] = {100000, 2},
    [FAULT_DIES] = {500000, 8},           [FAULT_SWITCH_DEAD] = {200000, 2},
    [FAULT_OPERATOR] = {700000, 12},      [FAULT_LEAVE] = {300000, 3},
    [FAULT_ROLLING] = {120000, 1},        [FAULT_PATH] = {500000, 5},
    [FAULT_ARRAY] = {200000, 2},
};
_Static_assert((int)FAULT_KIND_COUNT <= (int)ARRAY_LEN(((struct ring_faults *)NULL)->weight),
               "ringworld.h: weight");

static uint64_t lasts(struct rworld *w, uint32_t min_ms, uint32_t mean_ms)
{
    return prng_exponential(&w->faults.prng, MSEC(min_ms), MSEC(mean_ms));
}

/* About what it takes to be lost, shorter and much longer. */
static uint64_t outage(struct rworld *w)
{
    uint32_t dead = w->timing.lost_ms;
    return prng_chance(&w->faults.prng, 400000) ? lasts(w, 30, dead) : lasts(w, dead, 4 * dead);
}

static void next_turn(struct rworld *w)
{
    uint64_t due = w->now_us + prng_exponential(&w->faults.prng, MSEC(200), w->faults.gap_us);
    if (due < w->faults.until_us)
        ringworld_add(w, RING_FAULT, 0, due);
}

void ringmishap_draw(struct rworld *w, struct prng *p)
{
    struct ring_faults *f = &w->faults;
    for (unsigned k = 0; k < FAULT_KIND_COUNT; k++) {
        if (k >= FAULT_PATH && !w->n_units)
            continue;
        bool has = prng_chance(p, kind_table[k].seeds);
        f->weight[k] = has ? kind_table[k].weight : 0;
        f->weight_sum += f->weight[k];
    }
    f->gap_us = prng_between(p, SEC(1), SEC(3) + 2 * MSEC(w->timing.lost_ms));
    f->until_us = SEC(20) + prng_between(p, 5, 40) * f->gap_us;
    f->until_us = f->until_us > SEC(200) ? SEC(200) : f->until_us;
    f->on = true;
    ringworld_add(w, RING_FAULT, 0, SEC(prng_between(p, 3, 12)));
}

/* ---- doing -------------------------------------------------------------------------------------
 */

static void mend_later(struct rworld *w, enum fault_kind kind, unsigned host, uint32_t b,
                       uint64_t in_us)
{
    struct ring_item *it = ringworld_add(w, RING_MEND, host, w->now_us + in_us);
    it->a = kind;
    it->b = b;
}

static void power_cut(struct rworld *w, struct rhost *h)
{
    if (!h->power)
        return;
    ringhost_power_off(w, h, "power cut");
    if (prng_chance(&w->faults.prng, 150000))
        return; /* it stays off until the operator looks after it */
    struct ring_item *it =
        ringworld_add(w, RING_POWER_ON, h->self, w->now_us + lasts(w, 2000, 15000));
    it->token = h->power_no;
    it->a = (uint32_t)prng_below(&w->faults.prng, 3000);
}

static void daemon_later(struct rworld *w, struct rhost *h, uint64_t in_us)
{
    ringworld_add(w, RING_DAEMON_ON, h->self, w->now_us + in_us)->token = h->power_no;
}

static void coro_fault(struct rworld *w, struct rhost *h, bool clean)
{
    ringhost_coro_end(w, h, clean);
    uint64_t in = prng_chance(&w->faults.prng, 500000) ? lasts(w, 50, 800) : outage(w);
    ringworld_add(w, RING_CORO_ON, h->self, w->now_us + in)->token = h->power_no;
}

static void net_fault(struct rworld *w, struct ring_cut cut, const char *what)
{
    unsigned c = 0;
    while (c < RING_CUTS && w->faults.cut[c].used)
        c++;
    if (c == RING_CUTS)
        return;
    static const char *const net[] = {"", "corosync's", "lan", "all"};
    static const uint8_t nets[] = {3, 3, 3, 1, 1, 2};
    cut.used = true;
    cut.nets = nets[prng_below(&w->faults.prng, ARRAY_LEN(nets))];
    w->faults.cut[c] = cut;
    for (unsigned i = 0; i < w->nodes; i++)
        if (cut.to[i])
            ringtrace_note(w, &w->host[i], "%s: does not reach %#x on %s networks", what, cut.to[i],
                           net[cut.nets]);
    ringnet_cut(w, &cut, true);
    mend_later(w, FAULT_PART, 0, c, outage(w));
}

/* Two or three groups at random. */
static void part(struct rworld *w)
{
    struct prng *p = &w->faults.prng;
    struct ring_cut cut = {0};
    unsigned group[NODE_MAX], groups = prng_chance(p, 700000) ? 2 : 3;
    for (unsigned i = 0; i < w->nodes; i++)
        group[i] = (unsigned)prng_below(p, groups);
    for (unsigned i = 0; i < w->nodes; i++)
        for (unsigned k = 0; k < w->nodes; k++)
            if (group[i] != group[k])
                cut.to[i] = nodeset_add(cut.to[i], k);
    net_fault(w, cut, "parted");
}

static void few_cut(struct rworld *w, enum fault_kind kind, unsigned host)
{
    struct ring_cut cut = {0};
    unsigned other = (host + 1 + (unsigned)prng_below(&w->faults.prng, w->nodes - 1)) % w->nodes;
    nodeset rest = (nodeset)(((1u << w->nodes) - 1) & ~nodeset_one(host));
    if (kind == FAULT_PAIR) {
        cut.to[host] = nodeset_one(other);
        cut.to[other] = nodeset_one(host);
    } else if (kind == FAULT_ISOLATE || prng_chance(&w->faults.prng, 500000)) {
        cut.to[host] = rest;
    }
    for (unsigned i = 0; i < w->nodes && kind != FAULT_PAIR; i++)
        if (i != host && (kind == FAULT_ISOLATE || !cut.to[host]))
            cut.to[i] = nodeset_one(host);
    net_fault(w, cut, kind == FAULT_PAIR ? "pair" : kind == FAULT_ISOLATE ? "isolated" : "one way");
}

static struct rhost *active_host(struct rworld *w)
{
    unsigned from = w->n_services ? (unsigned)prng_below(&w->faults.prng, w->n_services) : 0;
    for (unsigned i = 0; i < w->n_services; i++)
        for (unsigned k = 0; k < w->nodes; k++)
            if (w->service[(from + i) % w->n_services].on[k].active)
                return &w->host[k];
    return &w->host[0];
}

static void all_hosts(struct rworld *w, enum fault_kind kind)
{
    uint32_t share = kind == FAULT_POWER_SEVERAL ? 450000 : 1000000;
    uint64_t at = w->now_us, step = MSEC(w->timing.lost_ms) + SEC(8);
    for (unsigned i = 0; i < w->nodes; i++) {
        struct rhost *h = &w->host[i];
        if (!prng_chance(&w->faults.prng, share))
            continue;
        if (kind == FAULT_CORO_ALL) {
            coro_fault(w, h, true);
        } else if (kind == FAULT_ROLLING) {
            ringworld_add(w, RING_DAEMON_OFF, i, at)->token = h->power_no;
            ringworld_add(w, RING_DAEMON_ON, i, at + step * 2 / 3)->token = h->power_no;
            at += step;
        } else {
            power_cut(w, h);
        }
    }
}

static void host_fault(struct rworld *w, enum fault_kind kind, struct rhost *h)
{
    struct prng *p = &w->faults.prng;
    switch (kind) {
    case FAULT_POWER: power_cut(w, h); break;
    case FAULT_POWER_ACTIVE: power_cut(w, active_host(w)); break;
    case FAULT_DAEMON_KILL:
        if (h->frozen == FROZEN_MACHINE)
            break;
        ringhost_daemon_kill(w, h, "killed");
        daemon_later(w, h, prng_chance(p, 500000) ? lasts(w, 20, 500) : lasts(w, 500, 15000));
        break;
    case FAULT_LEAVE:
        ringhost_daemon_stop(w, h);
        daemon_later(w, h, lasts(w, 3000, 20000));
        break;
    case FAULT_FREEZE_DAEMON: ringhost_freeze(w, h, FROZEN_SHELL, outage(w)); break;
    case FAULT_FREEZE_MACHINE: ringhost_freeze(w, h, FROZEN_MACHINE, outage(w)); break;
    case FAULT_CORO_DIES:
    case FAULT_CORO_STOPS: coro_fault(w, h, kind == FAULT_CORO_STOPS); break;
    case FAULT_NO_KEEP:
        ringtrace_note(w, h, "its disk refuses writes");
        h->no_keep = true;
        mend_later(w, kind, h->self, 0, outage(w));
        break;
    case FAULT_NO_EXEC:
        ringtrace_note(w, h, "it cannot start processes");
        h->no_exec = true;
        mend_later(w, kind, h->self, 0,
                   prng_chance(p, 400000) ? lasts(w, 35000, 40000) : outage(w));
        break;
    default: assert(!"host fault");
    }
}

static void do_fault(struct rworld *w, enum fault_kind kind)
{
    struct prng *p = &w->faults.prng;
    unsigned host = (unsigned)prng_below(p, w->nodes);
    switch (kind) {
    case FAULT_POWER_SEVERAL:
    case FAULT_POWER_ALL:
    case FAULT_CORO_ALL:
    case FAULT_ROLLING: all_hosts(w, kind); break;
    case FAULT_PART: part(w); break;
    case FAULT_ISOLATE:
    case FAULT_ONE_WAY:
    case FAULT_PAIR: few_cut(w, kind, host); break;
    case FAULT_DIES:
        if (w->n_services)
            ringagent_dies(w, &w->service[prng_below(p, w->n_services)], active_host(w)->self);
        break;
    case FAULT_SWITCH_DEAD:
        ringtrace_note(w, NULL, "the power switch does not answer");
        w->box.dead = true;
        mend_later(w, kind, 0, 0, lasts(w, 3000, 20000));
        break;
    case FAULT_OPERATOR: ringoper_acts(w, p); break;
    case FAULT_PATH: {
        unsigned unit = (unsigned)prng_below(p, w->n_units);
        ringlun_path(w, host, unit, false);
        mend_later(w, kind, host, unit, outage(w));
        break;
    }
    case FAULT_ARRAY: ringlun_reset(w, (unsigned)prng_below(p, w->n_units)); break;
    default: host_fault(w, kind, &w->host[host]); break;
    }
}

/* ---- mending -----------------------------------------------------------------------------------
 */

static void mend(struct rworld *w, const struct ring_item *it)
{
    struct ring_cut *cut;
    switch ((enum fault_kind)it->a) {
    case FAULT_PART:
        cut = &w->faults.cut[it->b];
        ringtrace_note(w, NULL, "a network is whole again");
        ringnet_cut(w, cut, false);
        cut->used = false;
        break;
    case FAULT_NO_KEEP: w->host[it->host].no_keep = false; break;
    case FAULT_NO_EXEC: w->host[it->host].no_exec = false; break;
    case FAULT_SWITCH_DEAD: w->box.dead = false; break;
    case FAULT_PATH: ringlun_path(w, it->host, it->b, true); break;
    default: assert(!"mend");
    }
}

/* Who is off for long and was not switched on again by anybody. */
static void look_after(struct rworld *w)
{
    for (unsigned i = 0; i < w->nodes; i++) {
        struct rhost *h = &w->host[i];
        if (!h->power && w->now_us > h->off_at_us + SEC(40) && prng_chance(&w->faults.prng, 200000))
            ringhost_power_on(w, h, MSEC(500));
    }
}

void ringmishap_item(struct rworld *w, const struct ring_item *it)
{
    if (!w->faults.on)
        return;
    if (it->kind == RING_MEND) {
        mend(w, it);
        return;
    }
    look_after(w);
    if (w->faults.weight_sum) {
        uint64_t r = prng_below(&w->faults.prng, w->faults.weight_sum);
        unsigned k = 0;
        for (; r >= w->faults.weight[k]; k++)
            r -= w->faults.weight[k];
        do_fault(w, (enum fault_kind)k);
    }
    next_turn(w);
}

void ringmishap_stop(struct rworld *w)
{
    w->faults.on = false;
    w->agent_faults = false;
    w->box.dead = false;
    ringnet_heal(w);
    ringlun_heal(w);
    for (unsigned i = 0; i < w->nodes; i++)
        w->host[i].no_exec = w->host[i].no_keep = false;
}
