/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_request: every request is answered once, to who asked. */
#include "test/unit/unit.h"
#include <stdio.h>
#include <string.h>
#include "lib/core/exec.h"
#include "lib/core/msg.h"
#include "test/unit/corelab.h"

static const char two[] = "primitive a ocf:yoke:app\nprimitive b ocf:yoke:app\n";

static struct lab *together(void)
{
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, two);
    lab_boot(l, 1, two);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3) && node_is_coordinator(l->at[0].n));
    return l;
}

static void gone(struct lab *l, unsigned i, uint32_t client)
{
    struct event ev = {.kind = EV_ADMIN_GONE, .admin_gone = {.client = client}};
    lab_tell(l, i, &ev);
}

/* Requests that wait, as many as there may be, leave room for a question. */
START_TEST(questions_are_answered_whatever_waits)
{
    struct lab *l = together();
    struct cmd fence = {.kind = CMD_FENCE, .flags = CMD_WAIT_DONE, .n_args = 1, .arg = {"db2"}};
    struct cmd status = {.kind = CMD_STATUS};
    for (unsigned i = 0; i < 40; i++)
        lab_ask(l, 0, 100 + i, &fence);
    for (unsigned i = 0; i < REQUESTS_MAX; i++)
        l->at[0].n->request[i].used = i + 1 < REQUESTS_MAX;
    lab_ask(l, 0, 300, &fence);
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "CMD_TOO_MANY"));
    lab_ask(l, 0, 200, &status);
    ck_assert_uint_eq(l->at[0].reply_client, 200);
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "\"ok\":true"));
}
END_TEST

/* A client of db2 asks, goes away; another one asks and gets the number of its place: the first
 * answer is not for it. */
START_TEST(answer_of_one_is_not_given_to_another)
{
    struct lab *l = together();
    struct cmd first = {.kind = CMD_MOVE, .n_args = 2, .arg = {"nonsense", "db1"}};
    struct cmd second = {.kind = CMD_CLEANUP, .n_args = 2, .arg = {"a", ""}};
    lab_ask(l, 1, 1, &first);
    gone(l, 1, 1);
    lab_ask(l, 1, 2, &second);
    lab_run(l, 100);
    ck_assert_uint_eq(l->at[1].n_replies, 1);
    ck_assert_uint_eq(l->at[1].reply_client, 2);
    ck_assert_ptr_nonnull(strstr(l->at[1].reply, "\"ok\":true"));
}
END_TEST

/* The same with the plan of a dry run. */
START_TEST(plan_of_one_is_not_given_to_another)
{
    struct lab *l = together();
    struct cmd dry = {.kind = CMD_MOVE, .flags = CMD_DRY_RUN, .n_args = 2, .arg = {"a", "db2"}};
    struct cmd idle = {.kind = CMD_IDLE, .flags = CMD_WAIT_DONE};
    l->at[0].plan_held = true;
    lab_ask(l, 0, 1, &dry);
    ck_assert_uint_ne(l->at[0].plan_op, 0);
    gone(l, 0, 1);
    lab_ask(l, 0, 2, &idle);
    ck_assert_uint_eq(l->at[0].n_replies, 0);
    l->at[0].plan_held = false;
    lab_plan(l, 0);
    lab_run(l, 1000);
    ck_assert_uint_eq(l->at[0].n_replies, 1);
    ck_assert_ptr_null(strstr(l->at[0].reply, "\"plan\""));
}
END_TEST

/* Whoever forwards is answered, also when there is no place left to wait in. */
START_TEST(forwarded_are_refused_not_dropped)
{
    struct lab *l = together();
    for (unsigned i = 0; i + 1 < REQUESTS_MAX; i++)
        l->at[0].n->request[i].used = true;
    struct cmd c = {.kind = CMD_CLEANUP, .n_args = 2, .arg = {"a", ""}};
    lab_ask(l, 1, 1, &c);
    lab_run(l, 100);
    ck_assert_uint_eq(l->at[1].n_replies, 1);
    ck_assert_ptr_nonnull(strstr(l->at[1].reply, "CMD_TOO_MANY"));
}
END_TEST

/* What only the node itself may be asked is not done for another. */
START_TEST(leaving_is_not_ordered_from_elsewhere)
{
    struct lab *l = together();
    uint8_t at[256];
    struct buf b;
    struct cmd c = {.kind = CMD_STOP, .flags = CMD_FORCE};
    buf_write_init(&b, at, sizeof(at));
    buf_put_u32(&b, 1);
    cmd_put(&b, &c);
    lab_message(l, 0, MSG_ADMIN, &b);
    lab_run(l, 3000);
    ck_assert(l->at[0].up && !l->at[0].n->leaving);
}
END_TEST

/* A fail count that was set is known to both nodes, and counts, though nothing ever failed. */
START_TEST(fail_count_is_told)
{
    struct lab *l = together();
    unsigned on = lab_rec(l, 0, 0, "a")->life == RSC_STARTED ? 0 : 1;
    struct cmd c = {.kind = CMD_FAILCOUNT, .n_args = 3, .arg = {"a", "", "5"}};
    str_copy(c.arg[1], sizeof(c.arg[1]), on ? "db2" : "db1");
    lab_ask(l, 0, 1, &c);
    lab_run(l, 3000);
    ck_assert_uint_eq(lab_rec(l, 0, on, "a")->fail_count, 5);
    ck_assert_uint_eq(lab_rec(l, 1, on, "a")->fail_count, 5);
    ck_assert_int_eq(lab_rec(l, 0, !on, "a")->life, RSC_STARTED); /* threshold 3: it moved */
}
END_TEST

/* A member whose disk hangs: the change is refused in the end, and the next one is not blocked. */
START_TEST(change_that_nobody_keeps_ends)
{
    struct lab *l = together();
    struct cmd c = {.kind = CMD_EDIT, .n_args = 4, .arg = {"0", "a", "target-role", "Stopped"}};
    l->at[1].n->store.change = CHANGE_KEEP; /* as if a write had never come back */
    l->at[1].n->store.keep_op = 0;
    lab_ask(l, 0, 1, &c);
    lab_run(l, 100);
    ck_assert_uint_eq(l->at[0].n_replies, 1); /* busy there: refused at once */
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "\"ok\":false"));
    l->at[1].n->store.change = CHANGE_NONE;
    l->at[0].n->store.change = CHANGE_ASK; /* and one that was never answered */
    l->at[0].n->store.change_us = l->now_us;
    lab_run(l, 70000);
    ck_assert_int_eq(l->at[0].n->store.change, CHANGE_NONE);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("request");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, questions_are_answered_whatever_waits);
    tcase_add_test(t, answer_of_one_is_not_given_to_another);
    tcase_add_test(t, plan_of_one_is_not_given_to_another);
    tcase_add_test(t, forwarded_are_refused_not_dropped);
    tcase_add_test(t, leaving_is_not_ordered_from_elsewhere);
    tcase_add_test(t, fail_count_is_told);
    tcase_add_test(t, change_that_nobody_keeps_ends);
    return unit_end();
}
