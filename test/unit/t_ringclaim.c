/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_ringclaim: reservations with corosync: who registers, whose keys are taken by whom, what that
 * frees. The disks are lun.c's, worked by the real struct reservation, at once; one path a node. */
#include <string.h>
#include "lib/conf/timing.h"
#include "lib/core/claim.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/reservation.h"
#include "lib/core/take.h"
#include "test/unit/corelab.h"
#include "test/unit/lun.h"
#include "test/unit/unit.h"

enum { DISKS = 2, PRIMS = 16, CIB_SIZE = 64 * 1024 };

/* data and log have a disk each; ip runs anywhere without harm, db writes on its group's disks. */
static const char group_text[] =
    "primitive data ocf:yoke:Filesystem params device=/dev/a op stop timeout=60s\n"
    "primitive log ocf:yoke:Filesystem params device=/dev/b\n"
    "primitive ip ocf:yoke:ip\nprimitive db ocf:yoke:pgsql\n"
    "group g data log ip db\n"
    "location l g 100: db1\n";

static const char group_elsewhere[] =
    "primitive data ocf:yoke:Filesystem params device=/dev/a op stop timeout=60s\n"
    "primitive log ocf:yoke:Filesystem params device=/dev/b\n"
    "primitive ip ocf:yoke:ip\nprimitive db ocf:yoke:pgsql\n"
    "group g data log ip db\n"
    "location l g 100: db1\nlocation no g -inf: db2\n";

static struct lab *l;
static struct lun disk[DISKS];
static unsigned done[LAB_NODES][RESERVE_VERB_COUNT]; /* that ended well */
static bool no_disk[LAB_NODES];                      /* the disks are not zoned for it */
static bool stops_hang;

static enum err work(struct lun *lun, unsigned node, const struct act_reserve *a, struct event *ev)
{
    static struct lun_answer reply;
    struct reservation_step s;
    struct reservation r;
    struct reservation_plan plan = {.verb = a->verb,
                                    .key = a->key,
                                    .victim = a->verb == RESERVE_PREEMPT ? a->victim_key : 0,
                                    .n_paths = 1,
                                    .again = a->again};
    reservation_init(&r, &plan);
    while (reservation_next(&r, &s)) {
        enum pr_outcome outcome = lun_do(lun, node, &s.command, &reply);
        reservation_reply(&r, s.path, outcome, reply.data, reply.len);
    }
    for (unsigned p = 0; p < l->n_nodes; p++)
        if (reservation_others(&r) >> l->conf.node[p].id & 1)
            ev->reserved.others = nodeset_add(ev->reserved.others, p);
    ev->reserved.state = reservation_state(&r) | RESERVE_DISKS;
    if (a->verb == RESERVE_READ && a->victim_key &&
        nodeset_has(ev->reserved.others, node == 0 ? 1 : 0))
        ev->reserved.state |= RESERVE_VICTIM; /* of two, as the daemon says it */
    ev->reserved.reason = reservation_why_text(r.why);
    return r.err;
}

static bool answer(struct lab *lab, unsigned node, const struct act_reserve *a, struct event *ev)
{
    bool is_data = str_eq(a->id, "data");
    (void)lab;
    if (!is_data && !str_eq(a->id, "log")) {
        ev->reserved.state = str_eq(a->type, "ip") ? RESERVE_HARMLESS : RESERVE_ONDISK;
        return true;
    }
    if (no_disk[node]) {
        ev->reserved.err = ERR_MISSING;
        ev->reserved.reason = "there is no such disk";
        return true;
    }
    ck_assert_uint_eq(a->key, pr_key_make(l->conf.uuid, l->conf.node[node].id));
    ev->reserved.err = work(&disk[is_data ? 0 : 1], node, a, ev);
    done[node][a->verb] += !ev->reserved.err;
    return true;
}

static int agent(struct lab *lab, unsigned node, const struct act_agent *a)
{
    bool *runs = &lab->running[node][exec_slot_find(lab->at[node].n, a->id)];
    bool stops = str_eq(a->action, "stop");
    if (stops && *runs && stops_hang)
        return LAB_HELD;
    if (stops || str_eq(a->action, "start"))
        *runs = !stops;
    return str_eq(a->action, "monitor") && !*runs ? 7 : 0;
}

/* Opened, and the group runs on db1. */
static void open_ring(unsigned nodes)
{
    struct timing_refusal no;
    l = lab_open_ring(nodes, PRIMS, CIB_SIZE);
    for (unsigned i = 0; i < DISKS; i++)
        lun_init(&disk[i]);
    memset(done, 0, sizeof(done));
    memset(no_disk, 0, sizeof(no_disk));
    stops_hang = false;
    l->reserve = answer;
    l->agent = agent;
    l->net_parts = true;
    l->conf.guard = GUARD_RESERVATION;
    l->conf.takeover_ms = 4000;
    ck_assert_int_eq(timing_solve(&l->conf, &l->timing, &no), ERR_OK);
}

static void boot_all(void)
{
    for (unsigned i = 0; i < l->n_nodes; i++)
        lab_boot(l, i, group_text);
    lab_run(l, 6000);
    ck_assert_int_eq(lab_rec(l, 0, 0, "db")->life, RSC_STARTED);
}

static nodeset keys(unsigned d)
{
    nodeset is = 0;
    for (unsigned i = 0; i < l->n_nodes; i++)
        if (disk[d].key[i])
            is = nodeset_add(is, i);
    return is;
}

/* The node that runs it and may write; NODE_NONE: nobody does. Aborts when two do. */
static unsigned writer(const char *id)
{
    unsigned at = NODE_NONE;
    for (unsigned i = 0; i < l->n_nodes; i++) {
        if (!l->at[i].up)
            continue;
        unsigned slot = exec_slot_find(l->at[i].n, id);
        if (slot == CIB_NONE || !l->running[i][slot] || !lun_writable(&disk[0], i))
            continue;
        ck_assert_uint_eq(at, NODE_NONE);
        at = i;
    }
    return at;
}

static unsigned takes(unsigned node)
{
    return done[node][RESERVE_PREEMPT];
}

START_TEST(all_register_and_hold)
{
    open_ring(3);
    boot_all();
    for (unsigned d = 0; d < DISKS; d++) {
        ck_assert_uint_eq(keys(d), 7);
        ck_assert(disk[d].held && disk[d].type == PR_TYPE_WERO);
    }
    ck_assert_uint_eq(takes(0) + takes(1) + takes(2), 0);
    ck_assert_uint_eq(writer("db"), 0);
}
END_TEST

/* A machine dies: its keys are gone, all that writes there alone starts, and ip with it. */
START_TEST(owner_dies)
{
    open_ring(3);
    boot_all();
    lab_down(l, 0);
    lab_part(l, 0, 0);
    lab_run(l, l->timing.claim_sum_ms + 2000);
    ck_assert_uint_eq(keys(0), 6);
    ck_assert_uint_eq(keys(1), 6);
    unsigned now = writer("db");
    ck_assert(now == 1 || now == 2);
    ck_assert(l->running[now][exec_slot_find(l->at[now].n, "ip")]);
    ck_assert(takes(1) && takes(2)); /* each knows by itself */
    lab_part(l, 0, 1);
    lab_boot(l, 0, NULL);
    lab_run(l, 8000);
    ck_assert_uint_eq(keys(0), 7);
    ck_assert_uint_eq(writer("db"), now);
}
END_TEST

START_TEST(not_before_deadtime)
{
    open_ring(3);
    boot_all();
    lab_down(l, 0);
    lab_part(l, 0, 0);
    lab_run(l, l->timing.lost_ms - 300);
    ck_assert_uint_eq(keys(0), 7);
}
END_TEST

/* The owner is cut off, and its stop hangs: the others take its keys, and it resets itself. */
START_TEST(cut_off_owner)
{
    open_ring(3);
    boot_all();
    stops_hang = true;
    lab_part(l, 0, 2);
    lab_run(l, l->timing.claim_sum_ms + 3000);
    ck_assert_uint_eq(takes(0), 0);
    ck_assert_uint_eq(keys(0), 6);
    ck_assert(writer("db") == 1 || writer("db") == 2);
    lab_run(l, 12000); /* it looks now and then */
    ck_assert(l->at[0].reset);
}
END_TEST

/* An idle one is cut off: it stands down, and is readmitted when it is back. */
START_TEST(cut_off_idle)
{
    open_ring(3);
    boot_all();
    lab_part(l, 2, 2);
    lab_run(l, l->timing.claim_sum_ms + 12000);
    ck_assert_uint_eq(keys(0), 3);
    ck_assert(l->at[2].n->claims.lost && !l->at[2].reset);
    ck_assert_uint_eq(writer("db"), 0);
    lab_part(l, 2, 1);
    lab_run(l, 12000);
    ck_assert(!l->at[2].n->claims.lost);
    ck_assert_uint_eq(keys(0), 7);
}
END_TEST

/* Nobody has a quorum: nothing is taken, nothing registered. */
START_TEST(no_quorum)
{
    open_ring(3);
    boot_all();
    for (unsigned i = 0; i < 3; i++)
        lab_part(l, i, i + 1);
    lab_run(l, 20000);
    ck_assert_uint_eq(keys(0), 7);
    ck_assert_uint_eq(takes(0) + takes(1) + takes(2), 0);
    disk[0].key[1] = 0; /* its path came back bare */
    lab_run(l, 20000);
    ck_assert_uint_eq(keys(0), 5);
    for (unsigned i = 0; i < 3; i++)
        lab_part(l, i, 1);
    lab_run(l, 20000);
    ck_assert_uint_eq(keys(0), 7);
}
END_TEST

/* Of five two die at once, the owner and another one. */
START_TEST(two_of_five)
{
    open_ring(5);
    boot_all();
    for (unsigned i = 0; i < 2; i++) {
        lab_down(l, i);
        lab_part(l, i, 0);
    }
    lab_run(l, l->timing.claim_sum_ms + 3000);
    ck_assert_uint_eq(keys(0), 0x1c);
    ck_assert_uint_eq(keys(1), 0x1c);
    ck_assert_uint_ne(writer("db"), NODE_NONE);
}
END_TEST

/* The one that will coordinate does not see the disks: it believes the other's word, and starts
 * nothing there itself. */
START_TEST(coordinator_without_disks)
{
    open_ring(3);
    no_disk[1] = true;
    for (unsigned i = 0; i < l->n_nodes; i++)
        lab_boot(l, i, group_elsewhere);
    lab_run(l, 8000);
    ck_assert_uint_eq(keys(0), 5);
    ck_assert_uint_eq(writer("db"), 0);
    lab_down(l, 0);
    lab_part(l, 0, 0);
    lab_run(l, l->timing.claim_sum_ms + 3000);
    ck_assert(node_is_coordinator(l->at[1].n));
    ck_assert_uint_eq(keys(0), 4);
    ck_assert_uint_eq(writer("db"), 2);
    lab_part(l, 0, 1);
    lab_boot(l, 0, NULL);
    lab_run(l, 8000);
    ck_assert_uint_eq(keys(0), 5);
    ck_assert_uint_eq(writer("db"), 2);
}
END_TEST

/* Known to be stopped by its goodbye: its keys go all the same before anything starts. */
START_TEST(goodbye_is_not_enough)
{
    open_ring(3);
    boot_all();
    struct event ev = {.kind = EV_STOP};
    lab_tell(l, 0, &ev);
    lab_run(l, 4000);
    ck_assert(l->at[0].exited);
    ck_assert(writer("db") == 1 || writer("db") == 2);
    ck_assert_uint_eq(keys(0), 6);
}
END_TEST

/* Two nodes on corosync, which both have the quorum when they are parted: the disk decides. */
START_TEST(two_race)
{
    open_ring(2);
    boot_all();
    l->n_nodes = 2;
    for (unsigned i = 0; i < 2; i++) {
        lab_part(l, i, i + 1);
        l->at[i].n->store.cib->properties.no_quorum_policy = POLICY_IGNORE;
    }
    lab_run(l, l->timing.claim_sum_ms + 12000);
    ck_assert_uint_eq(writer("db"), 0);
    ck_assert_uint_eq(keys(0), 1);
    ck_assert_uint_eq(takes(1), 0);
    ck_assert(l->at[1].n->claims.lost);
}
END_TEST

/* Without the rule that the quorum decides, who is cut off takes the keys of the others. */
START_TEST(broken_rule)
{
    open_ring(3);
    boot_all();
    node_set_break(l->at[2].n, BREAK_CLAIM_QUORUM);
    for (unsigned i = 0; i < 3; i++)
        lab_part(l, i, i + 1);
    lab_run(l, l->timing.claim_sum_ms + 3000);
    ck_assert_uint_gt(takes(2), 0);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("ringclaim");
    tcase_add_test(t, all_register_and_hold);
    tcase_add_test(t, owner_dies);
    tcase_add_test(t, not_before_deadtime);
    tcase_add_test(t, cut_off_owner);
    tcase_add_test(t, cut_off_idle);
    tcase_add_test(t, no_quorum);
    tcase_add_test(t, two_of_five);
    tcase_add_test(t, coordinator_without_disks);
    tcase_add_test(t, goodbye_is_not_enough);
    tcase_add_test(t, two_race);
    tcase_add_test(t, broken_rule);
    return unit_end();
}
