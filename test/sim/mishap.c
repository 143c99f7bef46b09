/* SPDX-License-Identifier: GPL-2.0-or-later
 * mishap: what goes wrong, and when it is mended. See mishap.h.
 *
 * Happy path: at exponential intervals one kind is drawn by the weights of this seed (most are zero
 * in most seeds), done, and its mending put some minimum time later. */
#include <assert.h>
#include "test/sim/mishap.h"
#include "test/sim/host.h"
#include "test/sim/net.h"
#include "test/sim/operator.h"
#include "test/sim/oracle.h"
#include "test/sim/simagent.h"
#include "test/sim/simlun.h"
#include "test/sim/simtrace.h"

enum fault_kind {
    FAULT_KILL,
    FAULT_KILL_BOTH,
    FAULT_KILL_ACTIVE,
    FAULT_DAEMON_KILL,
    FAULT_DAEMON_STOP,
    FAULT_FREEZE_SHELL,
    FAULT_FREEZE_MACHINE,
    FAULT_FREEZE_CLOCK,
    FAULT_CUT,
    FAULT_CUT_ONE_WAY,
    FAULT_CUT_ALL,
    FAULT_CUT_ALL_ONE_WAY,
    FAULT_FLAP,
    FAULT_CARRIER,
    FAULT_NOISE,
    FAULT_OLD_FRAMES,
    FAULT_NO_KEEP,
    FAULT_NO_EXEC,
    FAULT_DIES,
    FAULT_SWITCH_DEAD,
    FAULT_SWITCH_OFF,
    FAULT_OPERATOR,
    FAULT_KIND_OLD, /* kinds before it are drawn from the seed's first generator */
    FAULT_PATH = FAULT_KIND_OLD,
    FAULT_PATHS,
    FAULT_ARRAY_RESET,
    FAULT_ARRAY_POWER,
    FAULT_STRANGER,
    FAULT_KIND_COUNT
};
_Static_assert((int)FAULT_KIND_COUNT <= (int)FAULT_KINDS, "world.h: FAULT_KINDS");

/* How often a seed has a kind at all (per million), and its weight then. */
static const struct {
    uint32_t seeds, weight;
} kind_table[FAULT_KIND_COUNT] = {
    [FAULT_KILL] = {500000, 4},
    [FAULT_KILL_BOTH] = {200000, 1},
    [FAULT_KILL_ACTIVE] = {400000, 4},
    [FAULT_DAEMON_KILL] = {400000, 4},
    [FAULT_DAEMON_STOP] = {300000, 3},
    [FAULT_FREEZE_SHELL] = {300000, 4},
    [FAULT_FREEZE_MACHINE] = {300000, 4},
    [FAULT_FREEZE_CLOCK] = {150000, 3},
    [FAULT_CUT] = {400000, 6},
    [FAULT_CUT_ONE_WAY] = {400000, 6},
    [FAULT_CUT_ALL] = {400000, 4},
    [FAULT_CUT_ALL_ONE_WAY] = {400000, 4},
    [FAULT_FLAP] = {200000, 3},
    [FAULT_CARRIER] = {250000, 4},
    [FAULT_NOISE] = {300000, 4},
    [FAULT_NO_KEEP] = {100000, 2},
    [FAULT_NO_EXEC] = {100000, 2},
    [FAULT_DIES] = {500000, 8},
    [FAULT_SWITCH_DEAD] = {200000, 3},
    [FAULT_SWITCH_OFF] = {150000, 1},
    [FAULT_OPERATOR] = {600000, 10},
    [FAULT_OLD_FRAMES] = {300000, 5},
    [FAULT_PATH] = {500000, 8},
    [FAULT_PATHS] = {400000, 6},
    [FAULT_ARRAY_RESET] = {300000, 4},
    [FAULT_ARRAY_POWER] = {250000, 3},
    [FAULT_STRANGER] = {100000, 1},
};

static uint64_t lasts(struct world *w, uint32_t min_ms, uint32_t mean_ms)
{
    return prng_exponential(&w->faults.prng, MSEC(min_ms), MSEC(mean_ms));
}

static void next_turn(struct world *w)
{
    uint64_t due = w->now_us + prng_exponential(&w->faults.prng, MSEC(200), w->faults.gap_us);
    if (due < w->faults.until_us)
        world_add(w, ITEM_FAULT, 0, due);
}

void mishap_draw(struct world *w, struct prng *p)
{
    struct faults *f = &w->faults;
    struct prng later;
    prng_seed(&later, w->seed ^ 0xfa117fa117fa117fu);
    for (unsigned k = 0; k < FAULT_KIND_COUNT; k++) {
        bool has = prng_chance(k < FAULT_KIND_OLD ? p : &later, kind_table[k].seeds);
        f->weight[k] = has && (k < FAULT_KIND_OLD || w->n_units) ? kind_table[k].weight : 0;
        f->weight_sum += f->weight[k];
    }
    uint64_t dead_us = MSEC(w->timing.deadtime_ms);
    f->gap_us = prng_between(p, SEC(1), SEC(4) + 2 * dead_us);
    f->until_us = SEC(30) + prng_between(p, 5, 120) * f->gap_us + 4 * dead_us;
    f->until_us = f->until_us > SEC(1000) ? SEC(1000) : f->until_us;
    f->on = true;
    world_add(w, ITEM_FAULT, 0, SEC(prng_between(p, 4, 15)));
}

/* ---- doing and mending
 * ----------------------------------------------------------------------------- */

static void mend_later(struct world *w, enum fault_kind kind, unsigned host, unsigned link,
                       unsigned flag, uint64_t in_us)
{
    struct item *it = world_add(w, ITEM_MEND, host, w->now_us + in_us);
    it->a = kind;
    it->link = (uint8_t)link;
    it->flag = (uint8_t)flag;
    it->token = w->host[host].power_no;
}

static void kill_host(struct world *w, struct host *h)
{
    if (!h->power)
        return;
    host_power_off(w, h, "power cut");
    if (prng_chance(&w->faults.prng, 150000))
        return; /* it stays dead until the operator looks after it */
    struct item *it = world_add(w, ITEM_POWER_ON, h->self, w->now_us + lasts(w, 2000, 20000));
    it->token = h->power_no;
    it->a = (uint32_t)prng_below(&w->faults.prng, 2000);
}

static void daemon_later(struct world *w, struct host *h)
{
    uint64_t in = prng_chance(&w->faults.prng, 500000) ? lasts(w, 20, 500) : lasts(w, 500, 15000);
    world_add(w, ITEM_DAEMON_ON, h->self, w->now_us + in)->token = h->power_no;
}

/* Cuts of about a deadtime, shorter and much longer ones. */
static uint64_t cut_lasts(struct world *w)
{
    uint32_t dead = w->timing.deadtime_ms;
    return prng_chance(&w->faults.prng, 400000) ? lasts(w, 50, dead) : lasts(w, dead, 4 * dead);
}

static void cut_links(struct world *w, enum fault_kind kind, unsigned only, unsigned dirs)
{
    uint64_t in = cut_lasts(w);
    for (unsigned l = 0; l < w->conf.n_links; l++) {
        if (only < w->conf.n_links && l != only)
            continue;
        trace_note(w, NULL, "%s cut%s", w->conf.link[l].name,
                   dirs == 3   ? ""
                   : dirs == 1 ? " from db1"
                               : " from db2");
        for (unsigned i = 0; i < SIM_NODES; i++)
            if (dirs >> i & 1)
                net_cut(w, l, i, true);
        mend_later(w, kind, 0, l, dirs, in);
    }
}

static void flap(struct world *w, unsigned link)
{
    for (unsigned i = 0; i < 10; i++) {
        mend_later(w, FAULT_FLAP, 0, link, 1, MSEC(400) * i);
        mend_later(w, FAULT_FLAP, 0, link, 0, MSEC(400) * i + lasts(w, 20, 150));
    }
}

static struct host *active_host(struct world *w)
{
    for (unsigned i = 0; i < w->n_services; i++)
        for (unsigned k = 0; k < SIM_NODES; k++)
            if (w->service[i].on[k].active)
                return &w->host[k];
    return &w->host[0];
}

static void noise(struct world *w, unsigned link, unsigned to)
{
    static const enum err kinds[] = {ERR_CRC, ERR_SYNTAX, ERR_AUTH, ERR_SHORT};
    unsigned n = (unsigned)prng_between(&w->faults.prng, 1, 20);
    for (unsigned i = 0; i < n; i++)
        net_noise(w, link, to, kinds[prng_below(&w->faults.prng, ARRAY_LEN(kinds))],
                  (uint32_t)prng_between(&w->faults.prng, 1, 50));
}

/* One path of one host, or all that it has; cut_links is the way to the quorum disks. */
static void paths_fail(struct world *w, enum fault_kind kind, unsigned host)
{
    struct prng *p = &w->faults.prng;
    unsigned only = (unsigned)prng_below(p, w->n_units), path = (unsigned)prng_below(p, UNIT_PATHS);
    uint64_t in = cut_lasts(w);
    bool bare = prng_chance(p, 400000);
    for (unsigned i = 0; i < w->n_units; i++)
        for (unsigned k = 0; k < UNIT_PATHS; k++) {
            if (kind == FAULT_PATH && (i != only || k != path))
                continue;
            unit_path(w, &w->unit[i], host, k, false, false);
            mend_later(w, FAULT_PATH, host, i, (k << 1 | bare), in);
        }
}

static void array_fault(struct world *w, enum fault_kind kind)
{
    unsigned i = (unsigned)prng_below(&w->faults.prng, w->n_units);
    struct unit *u = &w->unit[i];
    if (kind == FAULT_ARRAY_RESET) {
        unit_reset(w, u);
    } else if (kind == FAULT_STRANGER) {
        unit_stranger(w, u, true);
        mend_later(w, kind, 0, i, 0, cut_lasts(w));
    } else { /* nobody has a path to it meanwhile */
        uint64_t in = cut_lasts(w);
        unit_power_cycle(w, u);
        for (unsigned h = 0; h < SIM_NODES; h++)
            for (unsigned k = 0; k < UNIT_PATHS; k++) {
                unit_path(w, u, h, k, false, false);
                mend_later(w, FAULT_PATH, h, i, k << 1, in);
            }
    }
}

static void host_fault(struct world *w, enum fault_kind kind, struct host *h)
{
    switch (kind) {
    case FAULT_KILL: kill_host(w, h); break;
    case FAULT_KILL_ACTIVE: kill_host(w, active_host(w)); break;
    case FAULT_KILL_BOTH:
        kill_host(w, &w->host[0]);
        kill_host(w, &w->host[1]);
        break;
    case FAULT_DAEMON_KILL:
        host_daemon_kill(w, h, "killed");
        daemon_later(w, h);
        break;
    case FAULT_DAEMON_STOP:
        host_daemon_stop(w, h);
        world_add(w, ITEM_DAEMON_ON, h->self, w->now_us + lasts(w, 5000, 30000))->token =
            h->power_no;
        break;
    case FAULT_FREEZE_SHELL: host_freeze(w, h, FROZEN_SHELL, cut_lasts(w)); break;
    case FAULT_FREEZE_MACHINE: host_freeze(w, h, FROZEN_MACHINE, cut_lasts(w)); break;
    case FAULT_FREEZE_CLOCK:
        /* A clock stops with a virtual machine, and there is no hardware watchdog in one. */
        host_freeze(w, h,
                    conf_lease(&w->conf) && h->keeper.kind == WATCHDOG_HARDWARE ? FROZEN_MACHINE
                                                                                : FROZEN_CLOCK,
                    cut_lasts(w));
        break;
    case FAULT_NO_KEEP:
        h->no_keep = true;
        mend_later(w, kind, h->self, 0, 0, cut_lasts(w));
        break;
    case FAULT_NO_EXEC:
        h->no_exec = true; /* at times for so long that the other asks it to reset itself */
        mend_later(w, kind, h->self, 0, 0,
                   prng_chance(&w->faults.prng, 400000) ? lasts(w, 35000, 40000) : cut_lasts(w));
        break;
    default: assert(!"host fault");
    }
}

static void do_fault(struct world *w, enum fault_kind kind)
{
    struct prng *p = &w->faults.prng;
    unsigned host = (unsigned)prng_below(p, SIM_NODES);
    unsigned link = (unsigned)prng_below(p, w->conf.n_links);
    switch (kind) {
    case FAULT_CUT: cut_links(w, kind, link, 3); break;
    case FAULT_CUT_ONE_WAY: cut_links(w, kind, link, 1u << host); break;
    case FAULT_CUT_ALL: cut_links(w, kind, CONF_LINKS_MAX, 3); break;
    case FAULT_CUT_ALL_ONE_WAY: cut_links(w, kind, CONF_LINKS_MAX, 1u << host); break;
    case FAULT_FLAP: flap(w, link); break;
    case FAULT_CARRIER:
        trace_note(w, &w->host[host], "%s loses carrier", w->conf.link[link].name);
        net_carrier(w, link, host, false);
        mend_later(w, kind, host, link, 0, cut_lasts(w));
        break;
    case FAULT_NOISE: noise(w, link, host); break;
    case FAULT_OLD_FRAMES: net_play_old(w, host); break;
    case FAULT_DIES:
        if (w->n_services)
            service_dies(w, &w->service[prng_below(p, w->n_services)], host);
        break;
    case FAULT_SWITCH_DEAD:
        w->box.dead = true;
        mend_later(w, kind, 0, 0, 0, lasts(w, 5000, 30000));
        break;
    case FAULT_SWITCH_OFF: w->box.stays_off = !w->box.stays_off; break;
    case FAULT_OPERATOR: operator_acts(w, p); break;
    case FAULT_PATH:
    case FAULT_PATHS: paths_fail(w, kind, host); break;
    case FAULT_ARRAY_RESET:
    case FAULT_ARRAY_POWER:
    case FAULT_STRANGER: array_fault(w, kind); break;
    default: host_fault(w, kind, &w->host[host]); break;
    }
}

static void mend(struct world *w, const struct item *it)
{
    switch ((enum fault_kind)it->a) {
    case FAULT_CUT:
    case FAULT_CUT_ONE_WAY:
    case FAULT_CUT_ALL:
    case FAULT_CUT_ALL_ONE_WAY:
        trace_note(w, NULL, "%s whole again", w->conf.link[it->link].name);
        for (unsigned i = 0; i < SIM_NODES; i++)
            if (it->flag >> i & 1)
                net_cut(w, it->link, i, false);
        break;
    case FAULT_FLAP:
        net_cut(w, it->link, 0, it->flag);
        net_cut(w, it->link, 1, it->flag);
        break;
    case FAULT_CARRIER: net_carrier(w, it->link, it->host, true); break;
    case FAULT_NO_KEEP:
        w->host[it->host].no_keep = false;
        oracle_trouble(w);
        break;
    case FAULT_NO_EXEC: w->host[it->host].no_exec = false; break;
    case FAULT_SWITCH_DEAD: w->box.dead = false; break;
    case FAULT_PATH:
        unit_path(w, &w->unit[it->link], it->host, it->flag >> 1, true, it->flag & 1);
        break;
    case FAULT_STRANGER: unit_stranger(w, &w->unit[it->link], false); break;
    case FAULT_ARRAY_POWER: unit_power_cycle(w, &w->unit[it->link]); break;
    default: assert(!"mend");
    }
}

void mishap_after_take(struct world *w, const struct unit *u)
{
    if (w->faults.on && w->faults.weight[FAULT_ARRAY_POWER] && prng_chance(&w->faults.prng, 200000))
        mend_later(w, FAULT_ARRAY_POWER, 0, (unsigned)(u - w->unit), 0, lasts(w, 1, 500));
}

void mishap_carrier_later(struct world *w, unsigned link, unsigned host, uint64_t in_us)
{
    mend_later(w, FAULT_CARRIER, host, link, 0, in_us);
}

void mishap_item(struct world *w, const struct item *it)
{
    if (!w->faults.on)
        return;
    if (it->kind == ITEM_MEND) {
        mend(w, it);
        return;
    }
    if (w->faults.weight_sum) {
        uint64_t r = prng_below(&w->faults.prng, w->faults.weight_sum);
        unsigned k = 0;
        for (; r >= w->faults.weight[k]; k++)
            r -= w->faults.weight[k];
        do_fault(w, (enum fault_kind)k);
    }
    next_turn(w);
}

void mishap_stop(struct world *w)
{
    w->faults.on = false;
    w->agent_faults = false;
    w->box.dead = w->box.stays_off = false;
    net_heal(w);
    for (unsigned i = 0; i < w->n_units; i++) {
        struct unit *u = &w->unit[i];
        u->hangs = u->lost = 0;
        if (u->alien)
            unit_stranger(w, u, false);
        for (unsigned k = 0; k < SIM_NODES * UNIT_PATHS; k++)
            unit_path(w, u, k / UNIT_PATHS, k % UNIT_PATHS, true, false);
    }
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *h = &w->host[i];
        h->no_exec = h->no_keep = false;
    }
}
