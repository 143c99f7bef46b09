/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_ring: nodes on corosync: how they come to a view and part, who takes over, what waits for a
 * quorum, what is heard on another link. */
#include <stdio.h>
#include <string.h>
#include "lib/conf/timing.h"
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/ring.h"
#include "test/unit/corelab.h"
#include "test/unit/unit.h"

enum { PRIMS = 16, CIB_SIZE = 64 * 1024 };

static const char two[] = "primitive web ocf:yoke:app params a=1\n"
                          "primitive db ocf:yoke:app params a=2\n"
                          "primitive st stonith:fence_x params pcmk_host_list=\"db1 db2 db3\"\n";
static struct lab *l;

static void open_three(void)
{
    l = lab_open_ring(3, PRIMS, CIB_SIZE);
    l->net_parts = true;
    for (unsigned i = 0; i < 3; i++)
        l->at[i].fence_rc = 0, l->at[i].fence_says_off = true;
    for (unsigned i = 0; i < 3; i++)
        lab_boot(l, i, two);
    lab_run(l, 3000);
}

/* Where it runs, by the agents' word; NODE_NONE: nowhere. Aborts when on two. */
static unsigned place(const char *id)
{
    unsigned at = NODE_NONE;
    for (unsigned i = 0; i < l->n_nodes; i++) {
        if (!l->at[i].up)
            continue;
        unsigned slot = exec_slot_find(l->at[i].n, id);
        if (slot == CIB_NONE || !l->running[i][slot])
            continue;
        ck_assert_uint_eq(at, NODE_NONE);
        at = i;
    }
    return at;
}

static unsigned coordinator(void)
{
    unsigned is = NODE_NONE;
    for (unsigned i = 0; i < l->n_nodes; i++)
        if (l->at[i].up && node_is_coordinator(l->at[i].n) && l->at[i].n->ring.quorate) {
            ck_assert_uint_eq(is, NODE_NONE);
            is = i;
        }
    ck_assert_uint_ne(is, NODE_NONE);
    return is;
}

START_TEST(three_form_a_view)
{
    open_three();
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(node_has_view(l->at[i].n, 7));
        ck_assert_uint_eq(node_epoch(l->at[i].n), node_epoch(l->at[0].n));
    }
    coordinator();
    ck_assert_uint_ne(place("web"), NODE_NONE);
    ck_assert_uint_ne(place("db"), NODE_NONE);
    ck_assert_uint_ne(place("db"), place("web"));
}
END_TEST

/* A machine that dies: its corosync and its daemon. */
START_TEST(one_dies)
{
    open_three();
    unsigned victim = place("db");
    lab_down(l, victim);
    lab_part(l, victim, 0);
    lab_run(l, 5000);
    unsigned now = place("db");
    ck_assert_uint_ne(now, NODE_NONE);
    ck_assert_uint_ne(now, victim);
    ck_assert_int_eq(l->at[coordinator()].n->peer[victim].proof, PROOF_FENCE);
    l->part[victim] = 1;
    lab_boot(l, victim, NULL);
    lab_run(l, 3000);
    ck_assert(node_has_view(l->at[victim].n, 7));
    ck_assert_uint_eq(place("db"), now); /* nothing moves back */
}
END_TEST

/* Without a quorum what runs is stopped, and nothing is started or changed. */
START_TEST(a_part_without_quorum_stops)
{
    open_three();
    unsigned alone = place("db");
    for (unsigned i = 0; i < 3; i++)
        l->at[i].fence_rc = 1; /* no device answers */
    lab_part(l, alone, 2);
    lab_run(l, 6000);
    ck_assert_uint_eq(place("db"), NODE_NONE);
    ck_assert(!l->at[alone].n->ring.quorate);
    struct cmd c = {.kind = CMD_CIB_PUT, .text = "", .flags = CMD_FORCE};
    lab_ask(l, alone, 7, &c);
    ck_assert_ptr_nonnull(strstr(l->at[alone].reply, "CMD_NO_QUORUM"));
    lab_part(l, alone, 1);
    lab_run(l, 3000);
    ck_assert(node_has_view(l->at[alone].n, 7));
    ck_assert_uint_ne(place("db"), NODE_NONE);
}
END_TEST

/* Lost to corosync and heard on the network: left alone until it says that nothing runs there. */
START_TEST(apart_is_left_alone)
{
    open_three();
    l->net_parts = false;
    unsigned alone = place("db");
    unsigned fences = l->at[0].n_fences + l->at[1].n_fences + l->at[2].n_fences;
    lab_part(l, alone, 2);
    lab_run(l, 6000);
    unsigned now = place("db");
    ck_assert_uint_ne(now, NODE_NONE);
    ck_assert_uint_ne(now, alone);
    ck_assert_uint_eq(l->at[0].n_fences + l->at[1].n_fences + l->at[2].n_fences, fences);
    ck_assert_int_eq(l->at[now].n->peer[alone].proof, PROOF_REPORT);
}
END_TEST

/* Its goodbye is proof for all. */
START_TEST(one_leaves)
{
    open_three();
    unsigned leaver = place("db");
    struct event ev = {.kind = EV_STOP};
    lab_tell(l, leaver, &ev);
    lab_run(l, 3000);
    ck_assert(l->at[leaver].exited);
    ck_assert_uint_ne(place("db"), NODE_NONE);
    ck_assert_uint_eq(l->at[0].n_fences + l->at[1].n_fences + l->at[2].n_fences, 0);
}
END_TEST

/* Corosync ends everywhere and comes back: services go on, and nobody is fenced. */
START_TEST(corosync_restarts)
{
    open_three();
    unsigned db = place("db"), web = place("web");
    for (unsigned i = 0; i < 3; i++)
        lab_part(l, i, 0);
    lab_run(l, 500);
    for (unsigned i = 0; i < 3; i++)
        lab_part(l, i, 1);
    lab_run(l, 3000);
    ck_assert_uint_eq(place("db"), db);
    ck_assert_uint_eq(place("web"), web);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(node_has_view(l->at[i].n, 7));
        ck_assert_uint_eq(l->at[i].n_fences, 0);
    }
}
END_TEST

static void wires_tell(unsigned node, nodeset up0)
{
    struct event ev = {.kind = EV_WIRES, .wires = {.n = 2, .has = {6, 6}, .up = {up0, 6}}};
    lab_tell(l, node, &ev);
}

/* A watchdog that runs, and is fed for as long as anybody could want. */
static void watchdog_tell(unsigned node)
{
    struct event ev = {.kind = EV_WATCHDOG,
                       .watchdog = {.kind = WATCHDOG_HARDWARE,
                                    .timeout_ms = 2000,
                                    .armed = true,
                                    .ok = true,
                                    .until_us = l->now_us + US(3600000),
                                    .reason = ""}};
    lab_tell(l, node, &ev);
}

/* Their keepers tell every now and then. */
static void guarded_run(uint64_t ms)
{
    for (uint64_t at = 0; at < ms; at += 500) {
        for (unsigned i = 0; i < l->n_nodes; i++)
            if (l->at[i].up)
                watchdog_tell(i);
        lab_run(l, 500);
    }
}

/* Lost, booted anew without corosync, heard on the network, and lost again before anybody met it:
 * both lives have told a lease, and when both are over, it is known to be stopped. */
START_TEST(lease_of_a_second_life)
{
    struct timing_refusal no;
    l = lab_open_ring(3, PRIMS, CIB_SIZE);
    l->conf.guard = GUARD_LEASE;
    l->conf.takeover_ms = 20000;
    str_copy(l->conf.watchdog_device, sizeof(l->conf.watchdog_device), "/dev/watchdog");
    ck_assert_int_eq(timing_solve(&l->conf, &l->timing, &no), ERR_OK);
    for (unsigned i = 0; i < 3; i++)
        lab_boot(l, i, "primitive db ocf:yoke:app params a=2\nlocation l db 100: db3\n");
    guarded_run(20000);
    ck_assert(node_has_view(l->at[0].n, 7));
    ck_assert_uint_eq(place("db"), 2);
    lab_down(l, 2);
    lab_part(l, 2, 0);
    guarded_run(1000);
    l->cut[2] = true; /* until its keeper has spoken */
    lab_boot(l, 2, NULL);
    watchdog_tell(2);
    l->cut[2] = false;
    guarded_run(1000);
    ck_assert_uint_ne(l->at[0].n->peer[2].stranger.boot, 0);
    lab_down(l, 2);
    guarded_run(l->timing.lease_sum_ms + 2000);
    ck_assert_int_eq(l->at[0].n->peer[2].proof, PROOF_LEASE);
    ck_assert_int_eq(l->at[1].n->peer[2].proof, PROOF_LEASE);
    guarded_run(5000);
    ck_assert_uint_ne(place("db"), NODE_NONE);
}
END_TEST

/* Corosync's own links: one that stays down is told of, a blink and a node that is lost are not. */
START_TEST(wires)
{
    open_three();
    wires_tell(0, 6);
    lab_run(l, 3000);
    unsigned events = l->at[0].n_events;
    wires_tell(0, 2); /* not to db3 */
    lab_run(l, l->timing.lost_ms / 2);
    ck_assert_uint_eq(l->at[0].n_events, events);
    wires_tell(0, 6);
    lab_run(l, 3000);
    ck_assert_uint_eq(l->at[0].n_events, events);
    wires_tell(0, 2);
    lab_run(l, l->timing.lost_ms + 100);
    ck_assert_uint_eq(l->at[0].n_events, events + 1);
    ck_assert_int_eq(l->at[0].event.id, SAY_WIRE_LOST);
    ck_assert_str_eq(say_get_arg(&l->at[0].event, 1), "db3");
    struct cmd c = {.kind = CMD_STATUS};
    lab_ask(l, 0, 9, &c);
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "{\"name\":\"knet0\",\"type\":\"knet\",\"peer\":"
                                                 "\"db3\",\"state\":\"down\""));
    wires_tell(0, 6);
    lab_run(l, 100);
    ck_assert_int_eq(l->at[0].event.id, SAY_WIRE_BACK);
    lab_down(l, 2);
    lab_part(l, 2, 0);
    wires_tell(0, 2);
    lab_run(l, 8000);
    ck_assert_int_ne(l->at[0].event.id, SAY_WIRE_LOST);
}
END_TEST

/* A change is in force on all, or refused; who was away gets it. */
START_TEST(configurations)
{
    open_three();
    unsigned c = coordinator(), away = (c + 1) % 3, asked = (c + 2) % 3;
    lab_down(l, away);
    lab_run(l, 500);
    struct cmd put = {.kind = CMD_CIB_PUT};
    static const char more[] =
        "primitive web ocf:yoke:app params a=1\n"
        "primitive log ocf:yoke:app params a=9\n"
        "primitive db ocf:yoke:app params a=2\n"
        "primitive st stonith:fence_x params pcmk_host_list=\"db1 db2 db3\"\n";
    put.text = more;
    put.text_len = sizeof(more) - 1;
    put.flags = CMD_FORCE;
    lab_ask(l, asked, 9, &put);
    lab_run(l, 2000);
    ck_assert_msg(strstr(l->at[asked].reply, "\"ok\":true"), "%s", l->at[asked].reply);
    ck_assert_uint_ne(place("log"), NODE_NONE);
    lab_boot(l, away, NULL); /* it was fenced meanwhile */
    lab_run(l, 3000);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(node_has_view(l->at[i].n, 7));
        ck_assert_uint_eq(l->at[i].n->store.hash, l->at[c].n->store.hash);
    }
}
END_TEST

/* Sixteen nodes, a thousand resources: what a join costs on the wire, for all together. */
START_TEST(joining_is_cheap)
{
    static char text[128 * 1024];
    struct str s;
    l = lab_open_ring(16, 1000, sizeof(text));
    l->net_parts = true;
    str_init(&s, text, sizeof(text));
    for (unsigned i = 0; i < 1000; i++)
        str_addf(&s, "primitive r%u ocf:yoke:app params a=%u\n", i, i);
    for (unsigned i = 0; i < 16; i++)
        lab_boot(l, i, text);
    lab_run(l, 20000);
    unsigned active = 0;
    for (unsigned i = 0; i < 16; i++)
        for (unsigned k = 0; k < 1000; k++)
            active += l->running[i][exec_slot_find(l->at[i].n, l->at[0].n->store.cib->prim[k].id)];
    ck_assert_uint_eq(active, 1000);
    struct event ev = {.kind = EV_STOP};
    lab_tell(l, 15, &ev);
    lab_run(l, 10000);
    ck_assert(l->at[15].exited);
    lab_run(l, 10000);
    uint64_t before = l->cast_bytes, begun_us = l->now_us;
    lab_restart(l, 15);
    while (!l->at[15].n->peer[0].reported && l->now_us - begun_us < 10000000)
        lab_run(l, 1);
    uint64_t took_ms = (l->now_us - begun_us) / 1000, bytes = l->cast_bytes - before;
    printf("# a join of 16 nodes, 1000 resources: %llu bytes cast, %llu ms\n",
           (unsigned long long)bytes, (unsigned long long)took_ms);
    ck_assert_uint_lt(bytes, 1024 * 1024);
    ck_assert_uint_lt(took_ms, 1000);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("ring");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, three_form_a_view);
    tcase_add_test(t, one_dies);
    tcase_add_test(t, a_part_without_quorum_stops);
    tcase_add_test(t, apart_is_left_alone);
    tcase_add_test(t, one_leaves);
    tcase_add_test(t, corosync_restarts);
    tcase_add_test(t, lease_of_a_second_life);
    tcase_add_test(t, wires);
    tcase_add_test(t, configurations);
    tcase_add_test(t, joining_is_cheap);
    return unit_end();
}
