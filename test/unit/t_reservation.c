/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_reservation: each rule of reservation.h on a logical unit in memory, one fault at a time. */
#include <string.h>
#include "lib/core/reservation.h"
#include "test/unit/lun.h"
#include "test/unit/unit.h"

enum { PATHS = 2, STRANGER = 10 };

static const uint8_t uuid[16] = {1, 2, 3, 4, 5};
static struct lun lun;
static struct lun_answer reply;
static bool path_lost[LUN_NEXUSES];
static struct reservation r;

/* Something that happens just before the n-th command of an operation. */
static unsigned when, steps;
static void (*what)(void);

static uint64_t key_of(unsigned node)
{
    return pr_key_make(uuid, (uint8_t)(node + 1));
}

static unsigned nexus_of(unsigned node, unsigned path)
{
    return node * PATHS + path;
}

static void setup(void)
{
    lun_init(&lun);
    memset(path_lost, 0, sizeof path_lost);
    what = NULL;
    when = 0;
}

static void group_do(unsigned node, struct pr_command c)
{
    /* As multipathd: what it has, then over it. */
    for (unsigned p = 0; p < PATHS; p++) {
        c.op = PR_REGISTER_OVER;
        while (lun_do(&lun, nexus_of(node, p), &c, &reply) == PR_ATTENTION)
            ;
    }
    reservation_reply(&r, RESERVATION_GROUP, PR_GOOD, NULL, 0);
}

static enum err run_plan(unsigned node, const struct reservation_plan *plan)
{
    struct reservation_step s;
    steps = 0;
    reservation_init(&r, plan);
    while (!reservation_over(&r)) {
        ck_assert(reservation_next(&r, &s));
        ck_assert_uint_lt(steps, 300);
        if (++steps == when && what)
            what();
        if (s.path == RESERVATION_GROUP) {
            group_do(node, s.command);
            continue;
        }
        unsigned nexus = nexus_of(node, s.path);
        if (path_lost[nexus]) {
            reservation_reply(&r, s.path, PR_PATH, NULL, 0);
            continue;
        }
        enum pr_outcome outcome = lun_do(&lun, nexus, &s.command, &reply);
        reservation_reply(&r, s.path, outcome, reply.data, reply.len);
    }
    ck_assert(!reservation_next(&r, &s));
    return r.err;
}

static enum err run(unsigned node, enum reserve_verb verb)
{
    struct reservation_plan plan = {
        .verb = (uint8_t)verb,
        .key = key_of(node),
        .victim = verb == RESERVE_PREEMPT || verb == RESERVE_READ ? key_of(1 - node % 2) : 0,
        .n_paths = PATHS};
    return run_plan(node, &plan);
}

#define MUST(node, verb, want) ck_assert_int_eq(run(node, verb), want)
#define STATE(bits)            ck_assert_uint_eq(reservation_state(&r), bits)
#define WHY(w)                 ck_assert_str_eq(reservation_why_text(r.why), reservation_why_text(w))

static void both_hold(void)
{
    MUST(0, RESERVE_HOLD, ERR_OK);
    MUST(1, RESERVE_HOLD, ERR_OK);
}

START_TEST(both_register_and_one_holds)
{
    MUST(0, RESERVE_HOLD, ERR_OK);
    STATE(RESERVE_ABLE | RESERVE_MINE | RESERVE_HELD | RESERVE_WHOLE);
    ck_assert(lun.held && lun.type == PR_TYPE_WERO && lun.aptpl);
    ck_assert(lun.key[0] == key_of(0) && lun.key[1] == key_of(0));
    MUST(1, RESERVE_HOLD, ERR_OK);
    STATE(RESERVE_ABLE | RESERVE_MINE | RESERVE_HELD | RESERVE_WHOLE);
    ck_assert_uint_eq(lun.holder, 0);
    MUST(1, RESERVE_READ, ERR_OK);
    ck_assert_uint_eq(r.facts.keys.n, 4);
    MUST(0, RESERVE_HOLD, ERR_OK); /* and again, nothing changes */
    ck_assert_uint_eq(lun.holder, 0);
}
END_TEST

START_TEST(a_take_fences_and_is_read_back)
{
    both_hold();
    lun.attention[nexus_of(0, 0)] = 0;
    ck_assert_uint_eq(lun_write(&lun, nexus_of(0, 0)), 0);
    MUST(1, RESERVE_PREEMPT, ERR_OK);
    STATE(RESERVE_ABLE | RESERVE_MINE | RESERVE_HELD | RESERVE_WHOLE | RESERVE_ABORTED);
    ck_assert_uint_eq(lun.tasks[nexus_of(0, 0)], 0);
    ck_assert(!lun_writable(&lun, nexus_of(0, 0)) && !lun_writable(&lun, nexus_of(0, 1)));
    ck_assert(lun_writable(&lun, nexus_of(1, 0)) && lun_writable(&lun, nexus_of(1, 1)));
    /* The loser learns it, and its own take does not bring it back. */
    MUST(0, RESERVE_READ, ERR_OK);
    ck_assert(!(reservation_state(&r) & RESERVE_MINE));
    MUST(0, RESERVE_PREEMPT, ERR_REFUSED);
    WHY(RESERVATION_FENCED);
    ck_assert(!lun.key[0] && !lun.key[1] && lun.key[2]);
    /* Taking again says that nothing was aborted this time. */
    MUST(1, RESERVE_PREEMPT, ERR_OK);
    ck_assert(!(reservation_state(&r) & RESERVE_ABORTED));
}
END_TEST

START_TEST(one_path_is_enough_to_take)
{
    both_hold();
    path_lost[nexus_of(1, 0)] = true;
    MUST(1, RESERVE_PREEMPT, ERR_OK);
    ck_assert_uint_eq(lun.key[0] + lun.key[1], 0);
    path_lost[nexus_of(1, 1)] = true;
    MUST(1, RESERVE_PREEMPT, ERR_IO);
    WHY(RESERVATION_NO_ANSWER);
    STATE(0);
}
END_TEST

static void path_zero_lost(void)
{
    path_lost[nexus_of(1, 0)] = true;
}

START_TEST(a_path_lost_at_any_step_of_a_take)
{
    for (unsigned step = 1; step < 14; step++) {
        setup();
        both_hold();
        when = step;
        what = path_zero_lost;
        enum err err = run(1, RESERVE_PREEMPT);
        /* Before the second path has answered there is no other to go on with: then it fails. */
        ck_assert(err == ERR_OK || (step <= 9 && err));
        if (!err)
            ck_assert(!lun.key[0] && !lun.key[1] && lun.held && lun.key[lun.holder] == key_of(1));
    }
}
END_TEST

static void array_reset(void)
{
    lun_reset(&lun);
}

static void array_power(void)
{
    lun_power_cycle(&lun);
}

START_TEST(attentions_at_any_step_are_survived)
{
    for (unsigned step = 1; step < 24; step++) {
        setup();
        MUST(0, RESERVE_HOLD, ERR_OK);
        when = step;
        what = step % 2 ? array_reset : array_power;
        MUST(1, RESERVE_HOLD, ERR_OK);
        MUST(1, RESERVE_PREEMPT, ERR_OK);
        ck_assert(!lun.key[0] && lun.key[2]);
    }
}
END_TEST

static void stays_busy(void)
{
    lun.attention[nexus_of(1, 0)] = lun.attention[nexus_of(1, 1)] = 0x2900;
}

START_TEST(a_device_that_only_attends_is_given_up)
{
    struct reservation_plan plan = {
        .verb = RESERVE_READ, .key = key_of(1), .n_paths = 1, .victim = 0};
    struct reservation_step s;
    steps = 0;
    reservation_init(&r, &plan);
    while (reservation_next(&r, &s)) {
        ck_assert_uint_lt(steps++, 100);
        stays_busy();
        enum pr_outcome outcome = lun_do(&lun, nexus_of(1, 0), &s.command, &reply);
        reservation_reply(&r, s.path, outcome, reply.data, reply.len);
    }
    ck_assert(reservation_over(&r));
    ck_assert_int_eq(r.err, ERR_IO);
    ck_assert_uint_ge(steps, RESERVATION_AGAIN_MAX);
}
END_TEST

START_TEST(what_cannot_do_it_says_so)
{
    lun.no_pr = true;
    MUST(0, RESERVE_FIND, ERR_UNKNOWN);
    WHY(RESERVATION_NO_COMMANDS);
    lun.no_pr = false;
    MUST(0, RESERVE_FIND, ERR_OK);
    STATE(RESERVE_ABLE);
    lun.no_aptpl = true;
    MUST(0, RESERVE_FIND, ERR_UNKNOWN);
    WHY(RESERVATION_NO_MEMORY);
    STATE(0);
    MUST(0, RESERVE_HOLD, ERR_UNKNOWN);
    lun.no_abilities = true; /* it cannot even say so */
    MUST(0, RESERVE_FIND, ERR_OK);
    ck_assert(!(reservation_state(&r) & RESERVE_ABLE));
    MUST(0, RESERVE_HOLD, ERR_UNKNOWN);
    WHY(RESERVATION_NO_MEMORY);
    lun.no_aptpl = false;
    lun.no_wero = true;
    MUST(0, RESERVE_HOLD, ERR_UNKNOWN);
    WHY(RESERVATION_NO_TYPE);
    lun.no_wero = false;
    MUST(0, RESERVE_HOLD, ERR_OK);
    ck_assert(reservation_state(&r) & RESERVE_ABLE);
}
END_TEST

START_TEST(no_abort_is_found_at_the_start)
{
    lun.no_abort = true;
    MUST(0, RESERVE_HOLD, ERR_UNKNOWN);
    WHY(RESERVATION_NO_ABORT);
    ck_assert(!(reservation_state(&r) & RESERVE_ABLE));
}
END_TEST

START_TEST(no_room_is_said)
{
    lun.room = 3;
    MUST(0, RESERVE_HOLD, ERR_OK);
    MUST(1, RESERVE_HOLD, ERR_FULL);
    WHY(RESERVATION_NO_ROOM);
}
END_TEST

START_TEST(a_stranger_is_left_alone)
{
    lun.key[STRANGER] = 0x123abc;
    MUST(0, RESERVE_HOLD, ERR_OK); /* a key alone hinders nobody, and is told */
    ck_assert(reservation_state(&r) & RESERVE_STRANGER);
    ck_assert_uint_eq(r.facts.alien, 0x123abc);
    setup();
    lun.key[STRANGER] = 0x123abc;
    lun.held = true;
    lun.holder = STRANGER;
    lun.type = 3;
    uint32_t before = lun.generation;
    MUST(0, RESERVE_HOLD, ERR_FOREIGN);
    WHY(RESERVATION_ALIEN_HOLDER);
    MUST(0, RESERVE_PREEMPT, ERR_REFUSED);
    ck_assert_uint_eq(lun.generation, before);
    ck_assert(lun.held && lun.holder == STRANGER && !lun.key[0]);
    /* A stranger's key on our own nexus is not written over. */
    setup();
    lun.key[nexus_of(0, 1)] = 0x777;
    MUST(0, RESERVE_HOLD, ERR_FOREIGN);
    WHY(RESERVATION_ALIEN_KEY);
    ck_assert_uint_eq(lun.key[nexus_of(0, 1)], 0x777);
    /* One of ours from before the key file changed is. */
    setup();
    lun.key[nexus_of(0, 1)] = pr_key_make((const uint8_t[16]){9}, 1);
    MUST(0, RESERVE_HOLD, ERR_OK);
    ck_assert_uint_eq(lun.key[nexus_of(0, 1)], key_of(0));
}
END_TEST

START_TEST(another_kind_of_reservation_is_told)
{
    MUST(0, RESERVE_HOLD, ERR_OK);
    lun.type = 7;
    MUST(1, RESERVE_HOLD, ERR_CONFLICT);
    WHY(RESERVATION_OTHER_TYPE);
}
END_TEST

START_TEST(own_stale_keys_are_cleared)
{
    lun.key[STRANGER] = key_of(0); /* an adapter that was replaced */
    lun.held = true;
    lun.holder = STRANGER;
    lun.type = PR_TYPE_WERO;
    lun.aptpl = true;
    MUST(0, RESERVE_HOLD, ERR_OK);
    STATE(RESERVE_ABLE | RESERVE_MINE | RESERVE_HELD | RESERVE_WHOLE);
    ck_assert_uint_eq(lun.key[STRANGER], 0);
    ck_assert(lun.held && lun.holder <= 1);
    /* Not while paths of ours may be written to. */
    lun.key[STRANGER] = key_of(0);
    MUST(0, RESERVE_HOLD, ERR_OK);
    ck_assert(lun.key[STRANGER] && lun.key[0] && lun.key[1]);
}
END_TEST

static void peer_takes(void)
{
    uint64_t mine = key_of(0);
    for (unsigned n = 0; n < LUN_NEXUSES; n++)
        if (lun.key[n] == mine) {
            lun.key[n] = 0;
            lun.attention[n] = 0x2a05;
        }
    lun.generation++;
    lun.held = true;
    lun.holder = (uint8_t)nexus_of(1, 0);
    lun.type = PR_TYPE_WERO;
}

START_TEST(fenced_while_registering_takes_it_all_back)
{
    unsigned refused = 0, before = 0;
    for (unsigned step = 1; step < 20; step++) {
        setup();
        both_hold();
        lun.key[nexus_of(0, 1)] = 0; /* a path that came back bare */
        lun.attention[nexus_of(0, 1)] = 0;
        when = step;
        what = peer_takes;
        enum err err = run(0, RESERVE_HOLD);
        if (steps < step)
            break;
        if (r.why == RESERVATION_FENCED) {
            refused++;
            ck_assert_int_eq(err, ERR_REFUSED);
            ck_assert(!lun.key[0] && !lun.key[1]);
        } else if (lun.key[0]) {
            before++; /* it came before anything of ours was known: an unfencing, as asked */
            ck_assert_uint_le(step, 3);
        }
    }
    ck_assert_uint_ge(refused, 4);
    ck_assert_uint_le(before, 3);
}
END_TEST

START_TEST(the_holder_does_not_leave)
{
    both_hold();
    MUST(0, RESERVE_CLEAR, ERR_CONFLICT);
    WHY(RESERVATION_HOLDER);
    ck_assert(lun.held && lun.key[0]);
    MUST(1, RESERVE_CLEAR, ERR_OK);
    ck_assert(!lun.key[2] && !lun.key[3]);
    MUST(1, RESERVE_CLEAR, ERR_OK);
    MUST(0, RESERVE_CLEAR, ERR_OK); /* the last one may */
    ck_assert(!lun.held && !lun.key[0] && !lun.key[1]);
}
END_TEST

START_TEST(multipathd_registers_for_all)
{
    struct reservation_plan plan = {
        .verb = RESERVE_HOLD, .key = key_of(0), .n_paths = PATHS, .grouped = true};
    ck_assert_int_eq(run_plan(0, &plan), ERR_OK);
    STATE(RESERVE_ABLE | RESERVE_MINE | RESERVE_HELD | RESERVE_WHOLE);
    plan.verb = RESERVE_CLEAR;
    ck_assert_int_eq(run_plan(0, &plan), ERR_OK);
    ck_assert(!lun.key[0] && !lun.key[1] && !lun.held);
}
END_TEST

static void victim_returns(void)
{
    lun.key[nexus_of(0, 0)] = key_of(0);
    lun.generation++;
}

START_TEST(a_victim_that_registers_again_is_taken_again)
{
    for (unsigned step = 6; step < 12; step++) {
        setup();
        both_hold();
        when = step;
        what = victim_returns;
        enum err err = run(1, RESERVE_PREEMPT);
        if (!err)
            ck_assert(!(reservation_state(&r) & RESERVE_VICTIM));
    }
}
END_TEST

START_TEST(nonsense_is_not_believed)
{
    struct reservation_plan plan = {.verb = RESERVE_READ, .key = key_of(1), .n_paths = 1};
    struct reservation_step s;
    const uint8_t cut[8] = {0, 0, 0, 1, 0, 0, 0, 64};
    reservation_init(&r, &plan);
    ck_assert(reservation_next(&r, &s));
    reservation_reply(&r, 0, PR_GOOD, cut, sizeof cut);
    ck_assert(reservation_over(&r));
    ck_assert_int_eq(r.err, ERR_SYNTAX);
    STATE(0);
}
END_TEST

START_TEST(a_hung_path_is_not_waited_for)
{
    struct reservation_plan plan = {
        .verb = RESERVE_PREEMPT, .key = key_of(1), .victim = key_of(0), .n_paths = PATHS};
    struct reservation_step s;
    bool hung = false;
    both_hold();
    reservation_init(&r, &plan);
    while (!reservation_over(&r)) {
        ck_assert(reservation_next(&r, &s)); /* without an answer from path 0 */
        if (s.path == 0) {
            hung = true;
            continue;
        }
        enum pr_outcome outcome = lun_do(&lun, nexus_of(1, s.path), &s.command, &reply);
        reservation_reply(&r, s.path, outcome, reply.data, reply.len);
    }
    ck_assert(hung);
    ck_assert_int_eq(r.err, ERR_OK);
    ck_assert(!lun.key[0]);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("reservation");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, both_register_and_one_holds);
    tcase_add_test(t, a_take_fences_and_is_read_back);
    tcase_add_test(t, one_path_is_enough_to_take);
    tcase_add_test(t, a_path_lost_at_any_step_of_a_take);
    tcase_add_test(t, attentions_at_any_step_are_survived);
    tcase_add_test(t, a_device_that_only_attends_is_given_up);
    tcase_add_test(t, what_cannot_do_it_says_so);
    tcase_add_test(t, no_abort_is_found_at_the_start);
    tcase_add_test(t, no_room_is_said);
    tcase_add_test(t, a_stranger_is_left_alone);
    tcase_add_test(t, another_kind_of_reservation_is_told);
    tcase_add_test(t, own_stale_keys_are_cleared);
    tcase_add_test(t, fenced_while_registering_takes_it_all_back);
    tcase_add_test(t, the_holder_does_not_leave);
    tcase_add_test(t, multipathd_registers_for_all);
    tcase_add_test(t, a_victim_that_registers_again_is_taken_again);
    tcase_add_test(t, nonsense_is_not_believed);
    tcase_add_test(t, a_hung_path_is_not_waited_for);
    return unit_end();
}
