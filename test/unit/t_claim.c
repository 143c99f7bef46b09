/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_claim: lib/core/claim and take: who registers, who reserves, whose keys are taken and when, and
 * what that frees. The disks are as simple as can be: a key a node, a reservation, at once. */
#include <string.h>
#include "lib/conf/timing.h"
#include "lib/core/claim.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/race.h"
#include "lib/core/take.h"
#include "lib/wire/pr.h"
#include "test/unit/corelab.h"
#include "test/unit/unit.h"

enum { DISKS = 3, QUORUM = 1 };

/* data and log have a disk each; ip runs anywhere without harm, db writes on its group's disks,
 * job does neither. */
static const char group_text[] =
    "primitive data ocf:yoke:Filesystem params device=/dev/a\n"
    "primitive log ocf:yoke:Filesystem params device=/dev/b\n"
    "primitive ip ocf:yoke:ip\nprimitive db ocf:yoke:pgsql\nprimitive job ocf:yoke:app\n"
    "group g data log ip db job\n"
    "location l g 100: db1\n";

static struct disk {
    bool key[2], held, unable, stranger;
    bool cut[2];  /* it does not answer that node */
    bool refuses; /* to be reserved */
    bool bare[2];
    unsigned n[2][RESERVE_VERB_COUNT], registered_late;
} disk[DISKS];
static bool held_back; /* PREEMPT is not answered */
static uint32_t held_op;

static unsigned disk_of(const struct act_reserve *a)
{
    if (a->disk < CONF_LINKS_MAX)
        return 2;
    return str_eq(a->id, "data") ? 0 : str_eq(a->id, "log") ? 1 : DISKS;
}

static uint16_t look(const struct disk *d, unsigned node)
{
    return (uint16_t)((d->key[node] ? RESERVE_MINE : 0) | (d->held ? RESERVE_HELD : 0) |
                      (d->key[!node] ? RESERVE_VICTIM : 0) | (d->stranger ? RESERVE_STRANGER : 0) |
                      (d->key[node] && !d->bare[node] ? RESERVE_WHOLE : 0));
}

static void change(struct disk *d, unsigned node, enum reserve_verb verb, struct event *ev)
{
    bool fenced = verb == RESERVE_PREEMPT && !d->key[node];
    if (fenced) {
        ev->reserved.err = ERR_REFUSED;
        ev->reserved.reason = "our key is not there";
    } else if (verb == RESERVE_REGISTER || verb == RESERVE_HOLD) {
        d->key[node] = true;
        d->bare[node] = false;
        d->held = d->held || verb == RESERVE_HOLD;
    } else if (verb == RESERVE_PREEMPT) {
        ev->reserved.state = d->key[!node] ? RESERVE_ABORTED : 0;
        d->key[!node] = false;
        d->held = true;
    } else if (verb == RESERVE_CLEAR) {
        d->key[node] = false;
    }
}

static bool answer(struct lab *l, unsigned node, const struct act_reserve *a, struct event *ev)
{
    unsigned i = disk_of(a);
    if (i == DISKS) {
        ev->reserved.state = str_eq(a->type, "ip")      ? RESERVE_HARMLESS
                             : str_eq(a->type, "pgsql") ? RESERVE_ONDISK
                                                        : 0;
        return true;
    }
    struct disk *d = &disk[i];
    d->n[node][a->verb]++;
    ck_assert_uint_eq(a->key, pr_key_make(l->conf.uuid, l->conf.node[node].id));
    ck_assert_uint_eq(a->victim_key, pr_key_make(l->conf.uuid, l->conf.node[!node].id));
    if (a->verb == RESERVE_REGISTER || a->verb == RESERVE_HOLD)
        d->registered_late += !a->not_after_us || a->not_after_us < l->now_us;
    if (a->verb == RESERVE_PREEMPT && held_back) {
        held_op = a->op;
        return false;
    }
    if (d->cut[node]) {
        ev->reserved.err = ERR_IO;
        ev->reserved.reason = "no path answers";
        return true;
    }
    if (a->verb == RESERVE_HOLD && d->refuses) {
        ev->reserved.err = ERR_CONFLICT;
        ev->reserved.reason = "reserved in another way";
    } else if (a->verb != RESERVE_FIND && a->verb != RESERVE_READ)
        change(d, node, a->verb, ev);
    ev->reserved.state |= look(d, node);
    if (a->verb == RESERVE_FIND) {
        ev->reserved.state |= RESERVE_DISKS | (d->unable ? 0 : RESERVE_ABLE);
        ev->reserved.err = d->unable ? ERR_UNKNOWN : ERR_OK;
        ev->reserved.reason = d->unable ? "the device knows no persistent reservations" : "";
    }
    return true;
}

static struct lab *lab_made(unsigned guard, bool quorum)
{
    struct timing_refusal no;
    struct lab *l = lab_open(16, 16384);
    memset(disk, 0, sizeof(disk));
    held_back = false;
    l->reserve = answer;
    l->conf.guard = (uint8_t)guard;
    l->conf.takeover_ms = 4000;
    if (quorum) {
        struct conf_link *q = &l->conf.link[l->conf.n_links++];
        str_copy(q->name, sizeof(q->name), "quorum");
        q->type = LINK_DISK;
    }
    ck_assert_int_eq(timing_solve(&l->conf, &l->timing, &no), ERR_OK);
    return l;
}

/* Both are members, and g runs on db1. */
static struct lab *pair(unsigned guard)
{
    struct lab *l = lab_made(guard, false);
    lab_boot(l, 0, group_text);
    lab_boot(l, 1, group_text);
    lab_run(l, 6000);
    ck_assert_int_eq(lab_rec(l, 0, 0, "job")->life, RSC_STARTED);
    return l;
}

static void cut_all(struct lab *l)
{
    l->cut[0] = l->cut[1] = true;
}

static enum rsc_life life(struct lab *l, unsigned node, const char *id)
{
    return lab_rec(l, node, node, id)->life;
}

START_TEST(registers_and_holds)
{
    struct lab *l = pair(GUARD_RESERVATION);
    for (unsigned d = 0; d < 2; d++) {
        ck_assert(disk[d].key[0] && disk[d].key[1] && disk[d].held);
        ck_assert_uint_eq(disk[d].n[0][RESERVE_HOLD], 1);
        ck_assert_uint_eq(disk[d].n[1][RESERVE_HOLD], 0); /* it runs nothing there */
        ck_assert_uint_eq(disk[d].registered_late, 0);
    }
    (void)l;
}
END_TEST

START_TEST(alone_registers_nothing)
{
    struct lab *l = lab_made(GUARD_RESERVATION, false);
    lab_boot(l, 0, group_text);
    lab_run(l, 20000);
    ck_assert(!disk[0].key[0] && !disk[1].key[0]);
    ck_assert_uint_eq(disk[0].n[0][RESERVE_REGISTER] + disk[0].n[0][RESERVE_HOLD], 0);
    ck_assert_int_eq(life(l, 0, "data"), RSC_STOPPED);
}
END_TEST

START_TEST(start_waits_for_the_reservation)
{
    struct lab *l = lab_made(GUARD_RESERVATION, false);
    disk[0].refuses = true;
    lab_boot(l, 0, group_text);
    lab_boot(l, 1, group_text);
    lab_run(l, 6000);
    ck_assert_int_eq(life(l, 0, "data"), RSC_STOPPED);
    ck_assert_uint_gt(disk[0].n[0][RESERVE_HOLD], 1);
    disk[0].refuses = false;
    lab_run(l, 12000);
    ck_assert_int_eq(life(l, 0, "data"), RSC_STARTED);
    ck_assert(disk[0].held);
}
END_TEST

/* The owner dies: data, log and what runs in vain without them go on at db2, soon after deadtime;
 * job waits. */
START_TEST(owner_dies)
{
    struct lab *l = pair(GUARD_RESERVATION);
    uint64_t dead_us = l->now_us;
    lab_down(l, 0);
    lab_run(l, l->timing.deadtime_ms + 300);
    ck_assert(!disk[0].key[0] && !disk[1].key[0]);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STARTED);
    ck_assert_int_eq(life(l, 1, "log"), RSC_STARTED);
    ck_assert_int_eq(life(l, 1, "ip"), RSC_STARTED);
    ck_assert_int_eq(life(l, 1, "db"), RSC_STARTED);
    ck_assert_uint_le(l->now_us, dead_us + US(l->timing.claim_sum_ms));
    lab_run(l, 10000);
    ck_assert_int_eq(life(l, 1, "job"), RSC_STOPPED);
    ck_assert_uint_eq(l->at[1].kept.n_fenced, 1); /* that incarnation is dead for ever */
    ck_assert_uint_eq(l->at[1].kept.fenced[0].boot, l->at[0].boot);
}
END_TEST

START_TEST(not_before_deadtime)
{
    struct lab *l = pair(GUARD_RESERVATION);
    lab_down(l, 0);
    lab_run(l, l->timing.deadtime_ms);
    ck_assert_uint_eq(disk[0].n[1][RESERVE_PREEMPT], 0);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STOPPED);
}
END_TEST

/* One of two disks does not obey: its resource stays, and so does all that needs both. */
START_TEST(one_disk_refuses)
{
    struct lab *l = pair(GUARD_RESERVATION);
    disk[1].cut[1] = true;
    lab_down(l, 0);
    lab_run(l, 8000);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STARTED);
    ck_assert_int_eq(life(l, 1, "log"), RSC_STOPPED);
    ck_assert_int_eq(life(l, 1, "ip"), RSC_STOPPED);
    const struct node *n = l->at[1].n;
    ck_assert(take_frees(n, 0, exec_slot_find(n, "data")));
    ck_assert(!take_frees(n, 0, exec_slot_find(n, "log")));
    ck_assert(!take_frees(n, 0, exec_slot_find(n, "ip")));
    ck_assert(!take_frees(n, 0, exec_slot_find(n, "db")));
}
END_TEST

/* The arbiter first: who does not get it takes nothing else. */
START_TEST(arbiter_first)
{
    struct lab *l = pair(GUARD_RESERVATION);
    ck_assert_uint_eq(race_arbiter(l->at[1].n), exec_slot_find(l->at[1].n, "data"));
    disk[0].cut[1] = true;
    lab_down(l, 0);
    lab_run(l, 8000);
    ck_assert(disk[1].key[0]);
    ck_assert_uint_eq(disk[1].n[1][RESERVE_PREEMPT], 0);
}
END_TEST

START_TEST(quorum_disk_decides)
{
    struct lab *l = lab_made(GUARD_RESERVATION, true);
    lab_boot(l, 0, group_text);
    lab_boot(l, 1, group_text);
    lab_run(l, 6000);
    ck_assert_uint_eq(race_arbiter(l->at[1].n), l->at[1].n->exec.n_slots);
    ck_assert(disk[2].key[0] && disk[2].key[1] && disk[2].held);
    disk[2].cut[1] = true;
    lab_down(l, 0);
    lab_run(l, 8000);
    ck_assert(disk[0].key[0]);
    disk[2].cut[1] = false;
    lab_run(l, 8000);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STARTED);
}
END_TEST

/* All links are cut: the owner takes the idle one's keys, before that one begins; it stands down,
 * and registers again when they meet. */
START_TEST(owner_is_first)
{
    struct lab *l = pair(GUARD_RESERVATION);
    cut_all(l);
    lab_run(l, 8000);
    ck_assert(l->at[0].up && l->at[1].up);
    ck_assert(disk[0].key[0] && !disk[0].key[1] && !disk[1].key[1]);
    ck_assert_int_eq(life(l, 0, "job"), RSC_STARTED);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STOPPED);
    lab_run(l, 20000); /* and never again until it is readmitted */
    ck_assert(!disk[0].key[1] && !disk[1].key[1] && !take_may_shoot(l->at[1].n, 0));
    l->cut[0] = l->cut[1] = false;
    lab_run(l, 8000);
    ck_assert(disk[0].key[1] && disk[1].key[1] && l->at[1].up);
    ck_assert_int_eq(life(l, 0, "job"), RSC_STARTED);
    ck_assert(!l->at[1].n->claims.lost);
}
END_TEST

/* The owner froze; it goes on, finds its key gone, and resets. */
START_TEST(fenced_owner_resets)
{
    struct lab *l = pair(GUARD_RESERVATION);
    cut_all(l);
    l->at[0].up = false;
    lab_run(l, 5000);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STARTED);
    l->at[0].up = true;
    struct event stall = {.kind = EV_STALL, .stall = {.lost_ms = 5000}};
    lab_tell(l, 0, &stall);
    lab_run(l, 50);
    ck_assert(l->at[0].reset);
}
END_TEST

/* Who looks every now and then finds it too, without being told. */
START_TEST(owner_looks)
{
    struct lab *l = pair(GUARD_RESERVATION);
    cut_all(l);
    held_back = true; /* its own attempt hangs */
    lab_run(l, l->timing.deadtime_ms + 100);
    disk[1].key[0] = false;
    lab_run(l, l->timing.deadtime_ms);
    ck_assert(l->at[0].reset);
    ck_assert(!l->at[1].reset);
}
END_TEST

/* Known to be stopped by another proof: its keys go first all the same. */
START_TEST(every_takeover_preempts)
{
    struct lab *l = pair(GUARD_RESERVATION | GUARD_FENCE);
    disk[0].cut[1] = true; /* no arbiter, so no proof by reservation */
    lab_down(l, 0);
    lab_run(l, 3000);
    struct cmd dead = {.kind = CMD_CONFIRM, .n_args = 2, .arg = {"db1", "db1"}};
    lab_ask(l, 1, 1, &dead);
    lab_run(l, 1000);
    ck_assert_int_eq(guard_life(l->at[1].n, 0), LIFE_STOPPED);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STOPPED); /* its key is still there */
    ck_assert(disk[0].key[0] && !disk[1].key[0]);
    disk[0].cut[1] = false;
    lab_run(l, 10000);
    ck_assert(!disk[0].key[0]);
    ck_assert_int_eq(life(l, 1, "job"), RSC_STARTED);
}
END_TEST

/* The idle peer dies: its keys are taken as well. */
START_TEST(idle_key_is_taken)
{
    struct lab *l = pair(GUARD_RESERVATION);
    lab_down(l, 1);
    lab_run(l, l->timing.deadtime_ms + 100);
    ck_assert(!disk[0].key[1] && !disk[1].key[1]);
    ck_assert_uint_eq(l->at[0].kept.n_fenced, 0); /* nothing was taken over from it */
}
END_TEST

/* Taken away, and there again: taken away again. */
START_TEST(winner_looks_on)
{
    struct lab *l = pair(GUARD_RESERVATION);
    lab_down(l, 0);
    lab_run(l, 3000);
    disk[0].key[0] = true; /* a REGISTER that was under way for very long */
    lab_run(l, l->timing.deadtime_ms);
    ck_assert(!disk[0].key[0]);
}
END_TEST

START_TEST(array_forgets)
{
    struct lab *l = pair(GUARD_RESERVATION);
    lab_down(l, 0);
    lab_run(l, 3000);
    disk[0].key[1] = disk[0].held = false;
    struct event ev = {.kind = EV_RESERVED};
    ev.reserved.slot = (uint16_t)exec_slot_find(l->at[1].n, "data");
    ev.reserved.disk = CONF_LINKS_MAX;
    ev.reserved.reason = "";
    lab_tell(l, 1, &ev);
    lab_run(l, 10);
    ck_assert(disk[0].key[1] && disk[0].held && l->at[1].up);
    ck_assert_int_eq(life(l, 1, "data"), RSC_STARTED);
}
END_TEST

/* A path is back without our key: registered again while together, never while parted. */
START_TEST(bare_path)
{
    struct lab *l = pair(GUARD_RESERVATION);
    disk[0].bare[0] = true;
    lab_run(l, l->timing.deadtime_ms);
    ck_assert(!disk[0].bare[0]);
    lab_down(l, 1);
    lab_run(l, 3000);
    disk[0].bare[0] = true;
    lab_run(l, 3000);
    ck_assert(disk[0].bare[0]);
}
END_TEST

static unsigned alarms;
static void alarms_count(struct lab *l, unsigned node, enum say_id id)
{
    alarms += l->at[node].event.id == id;
}

START_TEST(unable_is_told_at_start)
{
    struct lab *l = lab_made(GUARD_RESERVATION, false);
    alarms = 0;
    disk[0].unable = disk[1].unable = true;
    lab_boot(l, 0, group_text);
    for (unsigned i = 0; i < 100; i++) {
        lab_run(l, 1);
        alarms_count(l, 0, SAY_CLAIM_UNABLE);
    }
    ck_assert_uint_gt(alarms, 0);
    ck_assert_uint_eq(disk[0].n[0][RESERVE_REGISTER], 0);
    lab_boot(l, 1, group_text);
    lab_run(l, 6000); /* and nothing is held up by it */
    ck_assert_int_eq(life(l, 0, "job"), RSC_STARTED);
    ck_assert_uint_eq(race_arbiter(l->at[0].n), CIB_NONE);
}
END_TEST

/* After a power cut of both: whose key is still there may go on; who was fenced waits. */
START_TEST(cold_start_with_key)
{
    struct lab *l = pair(GUARD_RESERVATION);
    lab_down(l, 0);
    lab_down(l, 1);
    lab_boot(l, 1, NULL);
    lab_run(l, 10000);
    ck_assert(!disk[0].key[0]);
    ck_assert_int_eq(life(l, 1, "db"), RSC_STARTED);
}
END_TEST

START_TEST(cold_start_fenced)
{
    struct lab *l = pair(GUARD_RESERVATION);
    lab_down(l, 0);
    lab_run(l, 5000);
    lab_down(l, 1);
    lab_boot(l, 0, NULL);
    lab_run(l, 20000);
    ck_assert(!disk[0].key[0] && disk[0].key[1]);
    ck_assert_int_eq(life(l, 0, "data"), RSC_STOPPED);
    struct say why;
    guard_say(l->at[0].n, 1, &why);
    ck_assert_uint_eq(why.id, SAY_GUARD_CLAIM_LOST);
}
END_TEST

/* Who leaves takes its keys back; who is left alone keeps its own, and starts alone with it. */
START_TEST(leaving)
{
    struct lab *l = pair(GUARD_RESERVATION);
    struct event stop = {.kind = EV_STOP};
    lab_tell(l, 1, &stop);
    lab_run(l, 3000);
    ck_assert(l->at[1].exited && disk[0].n[1][RESERVE_CLEAR] == 1 && !disk[0].key[1]);
    lab_tell(l, 0, &stop);
    lab_run(l, 5000);
    ck_assert(l->at[0].exited && disk[0].key[0] && disk[0].n[0][RESERVE_CLEAR] == 0);
    lab_boot(l, 0, NULL);
    lab_run(l, 10000);
    ck_assert_int_eq(life(l, 0, "db"), RSC_STARTED);
}
END_TEST

/* A rule taken away: what the tests above would see. */
START_TEST(broken_rules)
{
    struct lab *l = pair(GUARD_RESERVATION);
    node_set_break(l->at[1].n, BREAK_CLAIM_STOPPED);
    lab_down(l, 0);
    lab_run(l, 3000);
    ck_assert_int_eq(life(l, 1, "job"), RSC_STARTED);

    l = pair(GUARD_RESERVATION);
    node_set_break(l->at[0].n, BREAK_CLAIM_LOST);
    cut_all(l);
    disk[0].key[0] = disk[1].key[0] = false;
    lab_run(l, 3 * l->timing.deadtime_ms);
    ck_assert(!l->at[0].reset);

    l = pair(GUARD_RESERVATION);
    node_set_break(l->at[1].n, BREAK_CLAIM_IDLE);
    held_back = true;
    cut_all(l);
    lab_run(l, l->timing.deadtime_ms + 20);
    ck_assert(disk[0].n[1][RESERVE_PREEMPT]);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("claim");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, registers_and_holds);
    tcase_add_test(t, alone_registers_nothing);
    tcase_add_test(t, start_waits_for_the_reservation);
    tcase_add_test(t, owner_dies);
    tcase_add_test(t, not_before_deadtime);
    tcase_add_test(t, one_disk_refuses);
    tcase_add_test(t, arbiter_first);
    tcase_add_test(t, quorum_disk_decides);
    tcase_add_test(t, owner_is_first);
    tcase_add_test(t, fenced_owner_resets);
    tcase_add_test(t, owner_looks);
    tcase_add_test(t, every_takeover_preempts);
    tcase_add_test(t, idle_key_is_taken);
    tcase_add_test(t, winner_looks_on);
    tcase_add_test(t, array_forgets);
    tcase_add_test(t, bare_path);
    tcase_add_test(t, unable_is_told_at_start);
    tcase_add_test(t, cold_start_with_key);
    tcase_add_test(t, cold_start_fenced);
    tcase_add_test(t, leaving);
    tcase_add_test(t, broken_rules);
    return unit_end();
}
