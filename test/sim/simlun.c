/* SPDX-License-Identifier: GPL-2.0-or-later
 * simlun: the disk array. See simlun.h.
 *
 * Happy path: a command leaves its host (unless its date has passed), travels, is carried out by
 * the logical unit (test/unit/lun.c), its answer travels back. A write travels, is accepted, is on
 * the medium some time later.
 * Ways to fail, all of them wanted: a path that is gone (a reservation command ends there; a write
 * goes by another path, or waits in its host until there is one, whatever was decided meanwhile, or
 * fails), answers that are lost, commands and writes that take seconds, a write done long after its
 * host is dead, a path that comes back by another port, unregistered, resets of the array, power
 * cuts of it, a stranger. A reservation command never comes to the array later than its host waits
 * for it: the host's kernel aborts it then. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/conf/timing.h"
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/quorum.h"
#include "test/sim/simlun.h"
#include "test/sim/simreserve.h"
#include "test/sim/simtrace.h"
#include "test/sim/simwrite.h"
#include "test/sim/umpire.h"

enum {
    PORTS = 3,
    NEXUS_ALIEN = 11, /* so db2's second path has one port less */
    HANG_MIN_MS = 300,
    HANG_MEAN_MS = 3000,
    AGAIN_MS = 20,
    TRIES_MAX = 50,
    LEAVES_MEAN_US = 150,
    STATUS_CONFLICT = 0x18
};
#define ALIEN_KEY 0x0a11e40000000001u

static struct lun_answer answer; /* of the command under way */

/* ---- units --------------------------------------------------------------------------------- */

struct unit *unit_new(struct world *w, const char *name, unsigned link)
{
    assert(w->n_units < UNITS_MAX);
    struct unit *u = &w->unit[w->n_units++];
    *u = (struct unit){.link = (uint8_t)link, .mean_us = 1000};
    str_copy(u->name, sizeof(u->name), name);
    lun_init(&u->lun);
    return u;
}

struct unit *unit_find(struct world *w, const char *name)
{
    for (unsigned i = 0; i < w->n_units; i++)
        if (str_eq(w->unit[i].name, name))
            return &w->unit[i];
    return NULL;
}

const struct unit *unit_of_link(const struct world *w, unsigned link)
{
    for (unsigned i = 0; i < w->n_units; i++)
        if (w->unit[i].link == link && link != CONF_LINKS_MAX)
            return &w->unit[i];
    return NULL;
}

void unit_give(struct world *w, struct unit *u, struct service *s)
{
    assert(s->n_units < SERVICE_UNITS);
    s->unit[s->n_units++] = (uint8_t)(u - w->unit);
}

static unsigned nexus_of(const struct unit *u, unsigned host, unsigned path)
{
    return (host * UNIT_PATHS + path) * PORTS + u->port[host][path];
}

static bool nexus_is(unsigned nexus, unsigned host)
{
    return nexus != NEXUS_ALIEN && nexus / (UNIT_PATHS * PORTS) == host;
}

bool unit_registered(const struct unit *u, unsigned host)
{
    for (unsigned n = 0; n < LUN_NEXUSES; n++)
        if (nexus_is(n, host) && u->lun.key[n])
            return true;
    return false;
}

bool unit_writable(const struct unit *u, unsigned host)
{
    return !u->lun.held || unit_registered(u, host);
}

bool unit_reaches(const struct world *w, const struct unit *u, unsigned host)
{
    for (unsigned i = 0; i < UNIT_PATHS; i++)
        if (unit_path_up(w, u, host, i) && (!u->lun.held || u->lun.key[nexus_of(u, host, i)]))
            return true;
    return false;
}

bool unit_path_up(const struct world *w, const struct unit *u, unsigned host, unsigned path)
{
    if (u->link != CONF_LINKS_MAX && quorum_path_dead(w, u->link, host))
        return false;
    return !u->down[host][path];
}

/* ---- commands under way -------------------------------------------------------------------- */

static struct lun_cmd *cmd_new(struct world *w, struct host *h, struct unit *u, unsigned path)
{
    unsigned i = 0;
    while (i < w->lun_cmds && w->lun_cmd[i].used)
        i++;
    if (i == LUN_COMMANDS) {
        oracle_bark(w, "S8", "more than %u commands are under way to the array", LUN_COMMANDS);
        i = 0;
    }
    w->lun_cmds = i < w->lun_cmds ? w->lun_cmds : i + 1;
    struct lun_cmd *c = &w->lun_cmd[i];
    uint32_t generation = c->generation + 1;
    memset(c, 0, sizeof(*c));
    c->used = true;
    c->generation = generation;
    c->host = (uint8_t)h->self;
    c->power_no = h->power_no;
    c->unit = (uint8_t)(u - w->unit);
    c->path = (uint8_t)path;
    c->sent_us = w->now_us;
    return c;
}

static void cmd_later(struct world *w, struct lun_cmd *c, enum item_kind kind, uint64_t in_us)
{
    struct item *it = world_add(w, kind, c->host, w->now_us + in_us);
    it->a = (uint32_t)(c - w->lun_cmd);
    it->b = c->generation;
}

static uint64_t io_lasts(struct world *w, const struct unit *u)
{
    uint64_t us = world_lasts(w, &w->lun_prng, u->mean_us / 4 + 1, u->mean_us);
    if (!w->quiet_wires && u->hangs && prng_chance(&w->lun_prng, u->hangs))
        us += prng_exponential(&w->lun_prng, MSEC(HANG_MIN_MS), MSEC(HANG_MEAN_MS));
    return us;
}

static void cmd_end(struct world *w, struct lun_cmd *c)
{
    struct lun_cmd done = *c;
    c->used = false;
    if (!done.write)
        reserve_answered(w, done.who, done.who_generation, done.path, done.outcome, done.data,
                         done.len);
}

static void write_fails(struct world *w, struct lun_cmd *c, bool conflict)
{
    struct lun_cmd failed = *c;
    c->used = false;
    write_refused(w, &w->unit[failed.unit], &failed, conflict);
}

/* A machine that lost power, or is another one by now, has no answers to wait for. */
static bool cmd_host_gone(const struct world *w, const struct lun_cmd *c)
{
    const struct host *h = &w->host[c->host];
    return !h->power || h->power_no != c->power_no;
}

/* ---- what a change of registrations means ----------------------------------------------------
 */

/* Writes that the array had accepted and has forgotten: aborted, or lost by a reset. */
static void aborted_drop(struct world *w, const struct unit *u)
{
    unsigned index = (unsigned)(u - w->unit);
    for (unsigned i = 0; i < w->lun_cmds; i++) {
        struct lun_cmd *c = &w->lun_cmd[i];
        if (!c->used || c->unit != index || c->stage != LUN_ACCEPTED || u->lun.tasks[c->nexus])
            continue;
        const struct host *h = &w->host[c->host];
        c->used = h->power && h->power_no == c->power_no;
        c->stage = LUN_TRAVELS; /* its host sends it again */
        c->tries = 1;
        if (c->used)
            cmd_later(w, c, ITEM_LUN, MSEC(AGAIN_MS));
    }
}

static unsigned keys_of(const struct unit *u, unsigned host)
{
    unsigned n = 0;
    for (unsigned k = 0; k < LUN_NEXUSES; k++)
        n += nexus_is(k, host) && u->lun.key[k];
    return n;
}

static void keys_watch(struct world *w, struct unit *u, unsigned by, const struct lun_cmd *c,
                       const unsigned *before)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        unsigned now = keys_of(u, i);
        if (now == before[i])
            continue;
        trace_story(w, &w->host[i], "  %s: %u keys", u->name, now);
        if (now < before[i] && i != by)
            umpire_taken(w, u, by, c);
        if (now > before[i])
            umpire_registered(w, u, i, c);
    }
}

static void pr_break(const struct world *w, struct pr_command *c)
{
    if ((w->broken & SIM_BREAK_ABORT) && c->op == PR_PREEMPT_ABORT)
        c->op = PR_PREEMPT;
    if ((w->broken & SIM_BREAK_PROOF) && c->op == PR_REGISTER && c->key == c->sa_key)
        c->op = PR_REGISTER_OVER;
}

static void pr_take(struct world *w, struct unit *u, struct lun_cmd *c)
{
    unsigned before[SIM_NODES] = {keys_of(u, 0), keys_of(u, 1)};
    struct pr_command command = c->pr;
    pr_break(w, &command);
    c->outcome = lun_do(&u->lun, c->nexus, &command, &answer);
    if (w->broken & SIM_BREAK_MEMORY) { /* registered without APTPL, and told otherwise */
        u->lun.aptpl = false;
        if (command.op == PR_ABILITIES && answer.len > 3)
            answer.data[3] |= 1;
    }
    assert(answer.len <= LUN_DATA);
    c->len = (uint16_t)answer.len;
    memcpy(c->data, answer.data, answer.len);
    if (!pr_op_changes(command.op))
        return;
    if (c->outcome == PR_GOOD && command.op == PR_PREEMPT_ABORT)
        w->counts[COUNT_TAKES]++;
    keys_watch(w, u, c->host, c, before);
    aborted_drop(w, u);
}

/* ---- on the way -------------------------------------------------------------------------------
 */

/* Another path for a write; UNIT_PATHS: there is none. */
static unsigned path_for(const struct world *w, const struct unit *u, unsigned host, unsigned first)
{
    for (unsigned i = 0; i < UNIT_PATHS; i++)
        if (unit_path_up(w, u, host, (first + i) % UNIT_PATHS))
            return (first + i) % UNIT_PATHS;
    return UNIT_PATHS;
}

/* No path, here or on the way. */
static void cmd_lost(struct world *w, struct unit *u, struct lun_cmd *c)
{
    if (!c->write) {
        c->stage = LUN_RETURNS;
        c->outcome = PR_PATH;
        cmd_later(w, c, ITEM_LUN_BACK, 500);
        return;
    }
    unsigned path = path_for(w, u, c->host, c->path + 1u);
    if (path < UNIT_PATHS && ++c->tries < TRIES_MAX) {
        c->path = (uint8_t)path;
        c->stage = LUN_TRAVELS;
        cmd_later(w, c, ITEM_LUN, MSEC(AGAIN_MS));
    } else if (u->queues && path == UNIT_PATHS) {
        c->stage = LUN_HELD;
    } else {
        write_fails(w, c, false);
    }
}

static void write_arrives(struct world *w, struct unit *u, struct lun_cmd *c)
{
    uint8_t status = lun_write(&u->lun, c->nexus);
    if (status == 0) {
        c->keyed = u->lun.key[c->nexus] != 0;
        c->stage = LUN_ACCEPTED;
        cmd_later(w, c, ITEM_LUN, io_lasts(w, u));
    } else if (status == STATUS_CONFLICT) {
        write_fails(w, c, true);
    } else if (++c->tries < TRIES_MAX) {
        cmd_later(w, c, ITEM_LUN, status == 0x02 ? 300 : MSEC(AGAIN_MS));
    } else {
        write_fails(w, c, false);
    }
}

static void cmd_arrives(struct world *w, struct unit *u, struct lun_cmd *c)
{
    struct host *h = &w->host[c->host];
    if (!unit_path_up(w, u, c->host, c->path)) {
        if (cmd_host_gone(w, c))
            c->used = false;
        else
            cmd_lost(w, u, c);
        return;
    }
    c->nexus = (uint8_t)nexus_of(u, c->host, c->path);
    if (c->write) {
        write_arrives(w, u, c);
        return;
    }
    if (w->now_us > c->sent_us + MSEC(c->limit_ms)) {
        c->used = false; /* its host's kernel has aborted it; nobody waits for it any more */
        return;
    }
    pr_take(w, u, c);
    if (!h->power || prng_chance(&w->lun_prng, w->quiet_wires ? 0 : u->lost)) {
        c->used = false;
        return;
    }
    c->stage = LUN_RETURNS;
    cmd_later(w, c, ITEM_LUN_BACK, io_lasts(w, u));
}

static bool unfences(const struct pr_command *c)
{
    return c->op == PR_REGISTER_OVER || (c->op == PR_REGISTER && c->sa_key && c->key != c->sa_key);
}

static void cmd_leaves(struct world *w, struct unit *u, struct lun_cmd *c)
{
    const struct host *h = &w->host[c->host];
    bool late = c->not_after_us && host_local_us(w, h) > c->not_after_us;
    if (late && unfences(&c->pr) && !(w->broken & SIM_BREAK_LATE)) {
        c->stage = LUN_RETURNS;
        c->outcome = PR_PATH;
        cmd_end(w, c);
        return;
    }
    c->sent_us = w->now_us;
    c->stage = LUN_TRAVELS;
    cmd_later(w, c, ITEM_LUN, io_lasts(w, u));
}

void lun_send(struct world *w, struct host *h, struct unit *u, const struct reservation_step *step,
              uint64_t not_after_us, unsigned who, uint32_t generation)
{
    struct lun_cmd *c = cmd_new(w, h, u, step->path);
    uint64_t in_us = MSEC(step->delay_ms);
    c->pr = step->command;
    c->limit_ms = step->limit_ms;
    c->asked_busy = w->reserving[who].busy;
    c->not_after_us = not_after_us;
    c->who = (uint16_t)who;
    c->asked_us = w->reserving[who].began_us;
    c->who_generation = generation;
    c->stage = LUN_LEAVES;
    if (unfences(&c->pr) && !w->quiet_wires && prng_chance(&w->lun_prng, w->starved))
        in_us += prng_exponential(&w->lun_prng, MSEC(100), 2 * MSEC(w->timing.deadtime_ms));
    cmd_later(w, c, ITEM_LUN_BACK, in_us + world_lasts(w, &w->lun_prng, 20, LEAVES_MEAN_US));
}

void lun_write_send(struct world *w, struct host *h, struct unit *u, unsigned service, uint32_t no)
{
    struct lun_cmd *c = cmd_new(w, h, u, (unsigned)prng_below(&w->lun_prng, UNIT_PATHS));
    c->write = true;
    c->booting = no == 0;
    c->service = (uint16_t)service;
    c->start_no = no;
    c->stage = LUN_TRAVELS;
    cmd_later(w, c, ITEM_LUN, num_min(io_lasts(w, u), MSEC(TIMING_LANDED_MS) * 9 / 10));
}

static void write_done(struct world *w, struct unit *u, struct lun_cmd *c)
{
    struct lun_cmd done = *c;
    lun_task_do(&u->lun, c->nexus);
    c->used = false;
    write_landed(w, u, &done);
}

void simlun_item(struct world *w, const struct item *it)
{
    struct lun_cmd *c = &w->lun_cmd[it->a];
    struct unit *u = &w->unit[c->unit];
    const struct host *h = &w->host[c->host];
    if (!c->used || c->generation != it->b)
        return;
    switch ((enum lun_stage)c->stage) {
    case LUN_LEAVES: cmd_leaves(w, u, c); break;
    case LUN_TRAVELS:
        /* What its host has to send again waits while the machine is frozen. */
        if (c->tries && h->power && (h->frozen == FROZEN_MACHINE || h->frozen == FROZEN_CLOCK))
            cmd_later(w, c, ITEM_LUN, h->thaw_us - w->now_us);
        else
            cmd_arrives(w, u, c);
        break;
    case LUN_HELD: break;
    case LUN_ACCEPTED: write_done(w, u, c); break;
    case LUN_RETURNS: cmd_end(w, c); break;
    }
}

void simlun_power_on(struct world *w, const struct host *h)
{
    for (unsigned i = 0; i < w->lun_cmds; i++) {
        struct lun_cmd *c = &w->lun_cmd[i];
        if (!c->used || c->host != h->self || c->power_no == h->power_no)
            continue;
        if (c->stage == LUN_ACCEPTED)
            lun_task_do(&w->unit[c->unit].lun, c->nexus);
        c->used = false;
    }
}

void simlun_power_off(struct world *w, struct host *h)
{
    for (unsigned i = 0; i < w->lun_cmds; i++) {
        struct lun_cmd *c = &w->lun_cmd[i];
        if (!c->used || c->host != h->self)
            continue;
        bool away = c->stage == LUN_ACCEPTED || (c->stage == LUN_TRAVELS && !c->tries &&
                                                 !w->exact && prng_chance(&w->lun_prng, 500000));
        c->used = away;
    }
}

/* ---- what befalls them ------------------------------------------------------------------------
 */

static void held_go(struct world *w, struct unit *u, unsigned host)
{
    unsigned index = (unsigned)(u - w->unit);
    for (unsigned i = 0; i < w->lun_cmds; i++) {
        struct lun_cmd *c = &w->lun_cmd[i];
        if (!c->used || c->unit != index || c->host != host || c->stage != LUN_HELD)
            continue;
        c->stage = LUN_TRAVELS;
        c->tries = 1;
        c->path = (uint8_t)path_for(w, u, host, 0);
        if (c->path == UNIT_PATHS)
            c->stage = LUN_HELD;
        else
            cmd_later(w, c, ITEM_LUN, io_lasts(w, u));
    }
}

/* On purpose wrong: a path that returns is registered, whatever is there. */
static void return_registers(struct world *w, struct unit *u, unsigned host, unsigned path)
{
    const struct host *h = &w->host[host];
    struct pr_command c = {.op = PR_REGISTER_OVER, .sa_key = h->key};
    unsigned before[SIM_NODES] = {keys_of(u, 0), keys_of(u, 1)};
    if (!h->key || !h->power)
        return;
    while (lun_do(&u->lun, nexus_of(u, host, path), &c, &answer) == PR_ATTENTION)
        ;
    keys_watch(w, u, host, NULL, before); /* registers, and takes nothing */
}

void unit_path(struct world *w, struct unit *u, unsigned host, unsigned path, bool up, bool bare)
{
    struct host *h = &w->host[host];
    if (u->down[host][path] == !up)
        return;
    trace_note(w, h, "path %u to %s %s", path, u->name, up ? "is back" : "is gone");
    u->down[host][path] = !up;
    if (!up) {
        u->up_us[host] = NEVER;
        return;
    }
    if (bare && !(host == 1 && path == 1 && u->port[host][path] == PORTS - 2))
        u->port[host][path] = (uint8_t)((u->port[host][path] + 1) % PORTS);
    u->up_us[host] = u->down[host][0] || u->down[host][1] ? NEVER : w->now_us;
    if (w->broken & SIM_BREAK_RETURN)
        return_registers(w, u, host, path);
    held_go(w, u, host);
    if (u->link != CONF_LINKS_MAX && !quorum_path_dead(w, u->link, host))
        quorum_back(w, u->link, host);
    reserve_notice(w, h, u);
}

void unit_reset(struct world *w, struct unit *u)
{
    trace_note(w, NULL, "%s is reset", u->name);
    lun_reset(&u->lun);
    aborted_drop(w, u);
}

void unit_power_cycle(struct world *w, struct unit *u)
{
    trace_note(w, NULL, "%s loses power for a moment", u->name);
    lun_power_cycle(&u->lun);
    aborted_drop(w, u);
    for (unsigned i = 0; i < SIM_NODES; i++)
        reserve_notice(w, &w->host[i], u);
}

void unit_stranger(struct world *w, struct unit *u, bool comes)
{
    struct pr_command c = {.op = PR_REGISTER_OVER, .sa_key = comes ? ALIEN_KEY : 0};
    trace_note(w, NULL, "a stranger %s %s", comes ? "registers on" : "leaves", u->name);
    u->alien = comes;
    while (lun_do(&u->lun, NEXUS_ALIEN, &c, &answer) == PR_ATTENTION)
        ;
    c = (struct pr_command){.op = PR_RESERVE, .key = ALIEN_KEY};
    if (comes && !u->lun.held)
        (void)lun_do(&u->lun, NEXUS_ALIEN, &c, &answer);
    for (unsigned i = 0; i < SIM_NODES; i++)
        reserve_notice(w, &w->host[i], u);
}
