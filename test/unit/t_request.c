/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_request: every request is answered once, to who asked. */
#include "test/unit/unit.h"
#include <stdio.h>
#include <string.h>
#include "lib/base/prng.h"
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

/* ---- a storm ---- */

struct asked {
    unsigned node;
    uint16_t life; /* of the daemon that was asked */
    bool gone;
};

static void random_cmd(struct prng *p, struct cmd *c)
{
    static const char *const rsc[] = {"a", "b", "g", "nobody", "", "power"};
    static const char *const node[] = {"db1", "db2", "", "db9"};
    static const char *const text[] = {
        "primitive a ocf:yoke:app\nprimitive b ocf:yoke:app\nprimitive power stonith:fence_x\n",
        ("primitive a ocf:yoke:other\nprimitive c ocf:yoke:app\ngroup g a c\n"
         "primitive power stonith:fence_x\n"),
        "# nothing\n", "primitive", "primitive power stonith:fence_x\n"};
    static const uint8_t kind[] = {CMD_STATUS,  CMD_LINK,    CMD_GUARD,     CMD_CIB_GET,
                                   CMD_CIB_PUT, CMD_CIB_PUT, CMD_EDIT,      CMD_MOVE,
                                   CMD_RESTART, CMD_CLEANUP, CMD_FAILCOUNT, CMD_SCORES,
                                   CMD_FENCE,   CMD_CONFIRM, CMD_IDLE,      CMD_VERSION};
    memset(c, 0, sizeof(*c));
    c->kind = kind[prng_below(p, ARRAY_LEN(kind))];
    c->flags = (uint16_t)((prng_chance(p, 400000) ? CMD_WAIT_DONE : 0) |
                          (prng_chance(p, 200000) ? CMD_DRY_RUN : 0) |
                          (prng_chance(p, 100000) ? CMD_FORCE : 0));
    c->n_args = (uint8_t)prng_below(p, CMD_ARGS_MAX + 1);
    str_copy(c->arg[0], CMD_ARG_LEN,
             c->kind == CMD_FENCE || c->kind == CMD_CONFIRM ? node[prng_below(p, 4)]
                                                            : rsc[prng_below(p, 6)]);
    str_copy(c->arg[1], CMD_ARG_LEN, node[prng_below(p, 4)]);
    str_copy(c->arg[2], CMD_ARG_LEN, "1");
    if (c->kind == CMD_EDIT) {
        str_copy(c->arg[1], CMD_ARG_LEN, c->arg[0]);
        str_copy(c->arg[0], CMD_ARG_LEN, "0");
        str_copy(c->arg[2], CMD_ARG_LEN, "target-role");
        str_copy(c->arg[3], CMD_ARG_LEN, prng_chance(p, 500000) ? "Stopped" : "Started");
    } else if (c->kind == CMD_CIB_PUT) {
        str_copy(c->arg[0], CMD_ARG_LEN, "");
        c->text = text[prng_below(p, ARRAY_LEN(text))];
        c->text_len = (uint32_t)strlen(c->text);
    }
}

static void random_trouble(struct lab *l, struct prng *p)
{
    unsigned i = (unsigned)prng_below(p, 2);
    switch (prng_below(p, 5)) {
    case 0: l->cut[i] = !l->cut[i]; break;
    case 1: l->cut[0] = l->cut[1] = false; break;
    case 2:
        lab_down(l, i);
        lab_run(l, prng_below(p, 3000));
        lab_restart(l, i);
        break;
    case 3: l->at[i].disk_fails = !l->at[i].disk_fails; break;
    default: lab_run(l, prng_below(p, 3000)); break;
    }
}

/* Whatever is asked, wherever, whatever breaks meanwhile: one answer to each who still waits. */
START_TEST(everybody_is_answered_once)
{
    static struct asked asked[4000];
    struct lab *l = lab_open(16, 16384);
    struct prng p;
    prng_seed(&p, (uint64_t)_i + 1);
    l->at[0].fence_rc = l->at[1].fence_rc = 1;
    lab_boot(l, 0, two);
    lab_boot(l, 1, two);
    lab_run(l, 5000);
    unsigned n = 0;
    for (; n < 400; n++) {
        struct cmd c;
        unsigned i = (unsigned)prng_below(&p, 2);
        random_cmd(&p, &c);
        asked[n] = (struct asked){.node = i, .life = l->at[i].life};
        lab_ask(l, i, n, &c);
        if (prng_chance(&p, 100000)) {
            unsigned who = (unsigned)prng_below(&p, n + 1);
            asked[who].gone = true;
            gone(l, asked[who].node, who);
        }
        lab_run(l, prng_chance(&p, 300000) ? prng_below(&p, 400) : 0);
        if (prng_chance(&p, 50000))
            random_trouble(l, &p);
    }
    l->cut[0] = l->cut[1] = l->at[0].disk_fails = l->at[1].disk_fails = false;
    lab_run(l, 400000);
    for (unsigned i = 0; i < n; i++) {
        unsigned answers = l->at[asked[i].node].answered[i];
        ck_assert_uint_le(answers, 1);
        const struct lab_node *h =
            &l->at[asked[i].node]; /* it may have been told that it is dead */
        if (!asked[i].gone && h->up && asked[i].life == h->life)
            ck_assert_msg(answers == 1, "request %u of seed %d got no answer", i, _i + 1);
    }
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
    tcase_add_loop_test(t, everybody_is_answered_once, 0, 60);
    return unit_end();
}
