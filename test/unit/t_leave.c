/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_leave: how a node goes: with a goodbye whenever somebody is there to hear it. */
#include "test/unit/unit.h"
#include <string.h>
#include "test/unit/corelab.h"

static const char one[] = "primitive a ocf:yoke:app\n";

static void stop(struct lab *l, unsigned i)
{
    struct event ev = {.kind = EV_STOP};
    lab_tell(l, i, &ev);
}

static struct lab *together(void)
{
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, one);
    lab_boot(l, 1, one);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3));
    return l;
}

/* A disk that takes nothing holds nobody who has no right to give up. */
START_TEST(broken_disk_is_no_reason_to_stay)
{
    struct lab *l = together();
    l->at[1].disk_fails = true;
    l->at[1].n->durable.generation++; /* something that cannot be written */
    lab_run(l, 1000);
    stop(l, 1);
    lab_run(l, 2000);
    ck_assert(l->at[1].exited);
    ck_assert_int_eq(l->at[0].n->peer[1].proof, PROOF_GOODBYE);
}
END_TEST

/* It is asked to leave while the two are just meeting: the other hears a goodbye all the same. */
START_TEST(leaving_while_meeting_says_goodbye)
{
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, one);
    lab_run(l, 5000); /* alone */
    lab_boot(l, 1, one);
    for (unsigned i = 0; i < 5000 && l->at[0].n->peer[1].state != PEER_MEETING; i++)
        lab_run(l, 1);
    ck_assert_int_eq(l->at[0].n->peer[1].state, PEER_MEETING);
    stop(l, 0);
    lab_run(l, 5000);
    ck_assert(l->at[0].exited);
    ck_assert_int_eq(l->at[1].n->peer[0].proof, PROOF_GOODBYE);
}
END_TEST

/* Services that the daemon's life before left running are stopped, not abandoned. */
START_TEST(leaving_after_a_restart_stops_what_runs)
{
    struct lab *l = together();
    unsigned on = l->running[0][0] ? 0 : 1;
    ck_assert(l->running[on][0]);
    lab_down(l, !on);
    lab_restart(l, on);
    stop(l, on);
    lab_run(l, 20000);
    ck_assert(l->at[on].exited);
    ck_assert(!l->running[on][0]);
}
END_TEST

/* Asked twice, it goes once. */
START_TEST(asked_twice)
{
    struct lab *l = together();
    stop(l, 0);
    lab_run(l, 1);
    if (l->at[0].up)
        stop(l, 0);
    lab_run(l, 3000);
    ck_assert(l->at[0].exited);
    ck_assert_int_eq(l->at[1].n->peer[0].proof, PROOF_GOODBYE);
}
END_TEST

/* In maintenance the daemon is ended and what runs goes on: nobody fences the node for it, nobody
 * takes anything over, until the daemon is back. */
START_TEST(away_in_maintenance)
{
    struct lab *l = lab_open(16, 16384);
    static const char text[] = "property maintenance-mode=true\n"
                               "primitive a ocf:yoke:app\nprimitive power stonith:fence_x\n";
    for (unsigned i = 0; i < 2; i++) {
        lab_boot(l, i, text);
        l->running[i][0] = i == 0; /* by hand */
    }
    lab_run(l, 5000);
    ck_assert_int_eq(l->at[1].n->exec.rec[0].life, RSC_STARTED);
    stop(l, 0);
    lab_run(l, 20000);
    ck_assert(l->at[0].exited && l->running[0][0]);
    ck_assert_uint_eq(l->at[1].n_fences, 0);
    ck_assert_int_eq(l->at[1].n->peer[0].proof, PROOF_NONE);
    lab_restart(l, 0);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[1].n, 3) && !l->at[1].n->peer[0].away);
    lab_down(l, 0); /* and this time it dies */
    lab_run(l, 5000);
    ck_assert_uint_ge(l->at[1].n_fences, 1);
}
END_TEST

/* The right to start alone after a restart of the daemon: for who finds its services running. Who
 * finds nothing may have been called dead meanwhile, and taken over. */
static void restarts_alone(bool running)
{
    struct cmd dead = {.kind = CMD_CONFIRM, .n_args = 2, .arg = {"db2", "db2"}};
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, one);
    lab_run(l, 5000);
    lab_ask(l, 0, 1, &dead);
    lab_run(l, 5000);
    ck_assert_int_eq(l->at[0].n->peer[1].proof, PROOF_OPERATOR);
    ck_assert(l->running[0][0]);
    ck_assert_uint_eq(l->at[0].kept.alone_boot, l->at[0].boot);
    l->running[0][0] = running;
    lab_restart(l, 0);
    lab_run(l, 20000);
    ck_assert_int_eq(l->at[0].n->peer[1].proof, running ? PROOF_RIGHT : PROOF_NONE);
    ck_assert(l->running[0][0] == running);
    ck_assert_uint_eq(l->at[0].kept.alone_boot, running ? l->at[0].boot : 0);
}

START_TEST(right_of_who_runs)
{
    restarts_alone(true);
}
END_TEST

START_TEST(no_right_of_who_finds_nothing)
{
    restarts_alone(false);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("leave");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, broken_disk_is_no_reason_to_stay);
    tcase_add_test(t, leaving_while_meeting_says_goodbye);
    tcase_add_test(t, leaving_after_a_restart_stops_what_runs);
    tcase_add_test(t, asked_twice);
    tcase_add_test(t, away_in_maintenance);
    tcase_add_test(t, right_of_who_runs);
    tcase_add_test(t, no_right_of_who_finds_nothing);
    return unit_end();
}
