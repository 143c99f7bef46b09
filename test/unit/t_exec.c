/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_exec: slots, records and ownership: what may be believed about a resource elsewhere. */
#include "test/unit/unit.h"
#include <string.h>
#include "lib/core/exec.h"
#include "lib/core/guard.h"
#include "lib/core/msg.h"
#include "test/unit/corelab.h"

static const char two[] = "primitive a ocf:yoke:app\nprimitive b ocf:yoke:app\n"
                          "location la a 100: db1\nlocation lb b 100: db2\n";

static void put(struct lab *l, unsigned i, const char *text)
{
    struct cmd c = {.kind = CMD_CIB_PUT, .text = text, .text_len = (uint32_t)strlen(text)};
    lab_ask(l, i, 7, &c);
}

/* What agents were asked; the action that is held does not end by itself. */
static struct {
    unsigned node;
    char id[CIB_ID_LEN], action[16];
} asked[512];
static unsigned n_asked;
static const char *held;

static struct lab *together(const char *text)
{
    struct lab *l = lab_open(16, 16384);
    n_asked = 0;
    held = NULL;
    lab_boot(l, 0, text);
    lab_boot(l, 1, text);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3) && node_is_coordinator(l->at[0].n));
    return l;
}

static void confirm_dead(struct lab *l, unsigned i, const char *node)
{
    struct cmd c = {.kind = CMD_CONFIRM, .n_args = 2};
    str_copy(c.arg[0], sizeof(c.arg[0]), node);
    str_copy(c.arg[1], sizeof(c.arg[1]), node);
    lab_ask(l, i, 9, &c);
    ck_assert_ptr_nonnull(strstr(l->at[i].reply, "\"ok\":true"));
}

/* A node that was known to be stopped once, and is a member again, was not asked about a new one.
 */
START_TEST(new_resource_is_unknown_everywhere)
{
    struct lab *l = together(two);
    lab_down(l, 1);
    lab_run(l, 5000);
    confirm_dead(l, 0, "db2");
    lab_run(l, 1000);
    lab_boot(l, 1, NULL);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3));
    ck_assert_int_eq(lab_rec(l, 0, 1, "b")->life, RSC_STOPPED);
    char more[512] = "primitive c ocf:yoke:app\n";
    strcat(more, two);
    l->transit_us = 5000;
    put(l, 0, more);
    for (unsigned i = 0; i < 100 && exec_slot_find(l->at[0].n, "c") == CIB_NONE; i++)
        lab_run(l, 1);
    ck_assert_int_eq(lab_rec(l, 0, 1, "c")->life, RSC_UNKNOWN);
}
END_TEST

static int agent_follow(struct lab *l, unsigned node, const struct act_agent *a)
{
    if (n_asked < ARRAY_LEN(asked)) {
        asked[n_asked].node = node;
        str_copy(asked[n_asked].id, sizeof(asked[0].id), a->id);
        str_copy(asked[n_asked++].action, sizeof(asked[0].action), a->action);
    }
    if (str_eq(a->action, "monitor"))
        return l->running[node][a->slot] ? 0 : 7;
    if (held && str_eq(a->action, held))
        return LAB_HELD;
    if (str_eq(a->action, "start") || str_eq(a->action, "stop"))
        l->running[node][a->slot] = str_eq(a->action, "start");
    return 0;
}

static unsigned times(unsigned node, const char *id, const char *action)
{
    unsigned n = 0;
    for (unsigned i = 0; i < n_asked; i++)
        n += asked[i].node == node && str_eq(asked[i].id, id) && str_eq(asked[i].action, action);
    return n;
}

/* Another agent by the same name is another resource: nobody has looked for it yet. */
START_TEST(another_agent_is_looked_for)
{
    struct lab *l = together(two);
    l->agent = agent_follow;
    put(l, 0,
        "primitive a ocf:yoke:other\nprimitive b ocf:yoke:app\n"
        "location la a 100: db1\nlocation lb b 100: db2\n");
    lab_run(l, 5000);
    ck_assert_uint_eq(times(0, "a", "stop"), 1);
    ck_assert_uint_eq(times(0, "a", "start"), 1);
    ck_assert_uint_ge(times(0, "a", "monitor"), 1);
    ck_assert_uint_ge(times(1, "a", "monitor"), 1);
    ck_assert_uint_eq(times(1, "b", "monitor"), 0);
}
END_TEST

/* Ours to restart without asking, until nothing of it is here while the other is a member. */
START_TEST(ownership_ends_when_a_start_was_not_begun)
{
    struct lab *l = together(two);
    l->agent = agent_follow;
    lab_down(l, 1);
    lab_run(l, 5000);
    confirm_dead(l, 0, "db2");
    lab_run(l, 1000);
    held = "start";
    struct cmd c = {.kind = CMD_RESTART, .n_args = 1, .arg = {"a"}};
    lab_ask(l, 0, 10, &c);
    lab_run(l, 100);
    ck_assert(lab_agent_runs(l, 0, "a", "start"));
    ck_assert(lab_rec(l, 0, 0, "a")->owned); /* alone: nobody else can have got it */
    lab_boot(l, 1, NULL);
    lab_run(l, 3000);
    ck_assert(node_has_view(l->at[0].n, 3));
    ck_assert(lab_agent_end(l, 0, "a", "start", 1, true));
    ck_assert(!lab_rec(l, 0, 0, "a")->owned);
}
END_TEST

/* A change of the configuration of what runs: its new monitor begins, the one taken away ends. */
START_TEST(monitors_follow_the_configuration)
{
    struct lab *l = together("primitive a ocf:yoke:app op monitor interval=100s\n");
    l->agent = agent_follow;
    lab_run(l, 5000);
    unsigned on = lab_rec(l, 0, 0, "a")->life == RSC_STARTED ? 0 : 1;
    ck_assert_uint_eq(times(on, "a", "monitor"), 0);
    put(l, 0,
        "primitive a ocf:yoke:app op monitor interval=2s op monitor interval=3s "
        "OCF_CHECK_LEVEL=10\n");
    lab_run(l, 6500);
    ck_assert_uint_eq(times(on, "a", "start"), 0); /* nothing was restarted for that */
    ck_assert_uint_eq(times(on, "a", "monitor"), 5);
    put(l, 0, "primitive a ocf:yoke:app op monitor interval=2s enabled=false\n");
    lab_run(l, 100);
    n_asked = 0;
    lab_run(l, 10000);
    ck_assert_uint_eq(times(on, "a", "monitor"), 0);
}
END_TEST

/* What runs and nobody manages is not removed, unless by force; then it is let go as it is, and
 * this node can no longer say that nothing runs here. What is managed is stopped. */
START_TEST(removal_leaves_the_unmanaged_alone)
{
    struct lab *l = together("primitive a ocf:yoke:app meta is-managed=false\n"
                             "primitive b ocf:yoke:app\n");
    l->agent = agent_follow;
    lab_run(l, 1000);
    unsigned on = lab_rec(l, 0, 0, "b")->life == RSC_STARTED ? 0 : 1;
    l->running[on][exec_slot_find(l->at[on].n, "a")] = true; /* by hand */
    struct cmd c = {.kind = CMD_CLEANUP, .n_args = 2, .arg = {"a", ""}};
    lab_ask(l, 0, 10, &c);
    lab_run(l, 1000);
    ck_assert_int_eq(lab_rec(l, 0, on, "a")->life, RSC_STARTED);
    struct cmd none = {.kind = CMD_CIB_PUT, .text = "# none\n", .text_len = 7};
    lab_ask(l, 0, 11, &none);
    lab_run(l, 2000);
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "CMD_UNMANAGED_RUNS"));
    ck_assert_uint_eq(node_cib(l->at[0].n)->n_prims, 2);
    none.flags = CMD_FORCE;
    lab_ask(l, 0, 12, &none);
    lab_run(l, 2000);
    ck_assert_uint_eq(node_cib(l->at[0].n)->n_prims, 0);
    ck_assert_uint_eq(times(on, "b", "stop"), 1);
    ck_assert_uint_eq(times(on, "a", "stop"), 0);
    struct event stop = {.kind = EV_STOP};
    lab_tell(l, on, &stop);
    lab_run(l, 5000);
    ck_assert(l->at[on].exited);
    ck_assert_int_eq(l->at[!on].n->peer[on].proof, PROOF_NONE);
}
END_TEST

/* Removed while this daemon was down: what its earlier life left running is found, and stopped. */
START_TEST(removal_finds_what_was_left_running)
{
    struct lab *l = together(two);
    l->agent = agent_follow;
    ck_assert_int_eq(lab_rec(l, 0, 0, "a")->life, RSC_STARTED);
    unsigned slot = exec_slot_find(l->at[0].n, "a");
    lab_down(l, 0);
    lab_run(l, 5000);
    put(l, 1, "primitive b ocf:yoke:app\n");
    lab_run(l, 1000);
    ck_assert_uint_eq(node_cib(l->at[1].n)->n_prims, 1);
    ck_assert(l->running[0][slot]);
    lab_restart(l, 0);
    lab_run(l, 10000);
    ck_assert(node_has_view(l->at[0].n, 3));
    ck_assert_uint_eq(node_cib(l->at[0].n)->n_prims, 1);
    ck_assert_uint_eq(times(0, "a", "stop"), 1);
    ck_assert_uint_eq(times(0, "a", "start"), 0);
}
END_TEST

static void order_start(struct lab *l, const char *id)
{
    uint8_t at[80];
    struct buf b;
    buf_write_init(&b, at, sizeof(at));
    buf_put_text(&b, id);
    buf_put_u8(&b, OP_START);
    lab_message(l, 1, MSG_ORDER, &b);
}

/* An order that lay in the machine's buffers while it was frozen: the other may have given it up
 * and done it itself. */
START_TEST(order_is_void_after_a_freeze)
{
    struct lab *l = together("primitive a ocf:yoke:app meta target-role=Stopped\n");
    l->agent = agent_follow;
    order_start(l, "a"); /* as the first of two it is done */
    lab_run(l, 100);
    ck_assert_uint_eq(times(1, "a", "start"), 1);
    lab_run(l, 3000); /* and undone */
    ck_assert_int_eq(lab_rec(l, 1, 1, "a")->life, RSC_STOPPED);
    lab_run(l, 500);
    unsigned before = l->n_frames;
    order_start(l, "a");
    ck_assert_uint_eq(l->n_frames, before + 1);
    struct lab_frame kept = l->frame[(l->first + before) % LAB_FRAMES];
    l->n_frames = before;
    l->at[1].up = false;
    lab_run(l, 3000);
    l->at[1].up = true;
    ck_assert_int_eq(l->at[1].n->view.state, VIEW_TOGETHER);
    struct event ev = {.kind = EV_FRAME, .frame = {.at = kept.at, .len = kept.len}};
    lab_tell(l, 1, &ev);
    ck_assert_uint_eq(times(1, "a", "start"), 1);
}
END_TEST

/* What fails while nobody manages it, and is mended by its operator, is well again: managing it
 * anew interrupts nothing. */
START_TEST(unmanaged_is_looked_at)
{
    struct lab *l = together("primitive a ocf:yoke:app meta is-managed=false "
                             "op monitor interval=1s\nlocation la a 100: db1\n");
    l->agent = agent_follow;
    unsigned slot = exec_slot_find(l->at[0].n, "a");
    l->running[0][slot] = true;
    struct cmd c = {.kind = CMD_CLEANUP, .n_args = 2, .arg = {"a", ""}};
    lab_ask(l, 0, 10, &c);
    lab_run(l, 1500);
    ck_assert_int_eq(lab_rec(l, 1, 0, "a")->life, RSC_STARTED);
    l->running[0][slot] = false;
    lab_run(l, 3000);
    ck_assert_int_eq(lab_rec(l, 1, 0, "a")->life, RSC_FAILED);
    ck_assert_uint_eq(lab_rec(l, 0, 0, "a")->fail_count, 1);
    l->running[0][slot] = true;
    lab_run(l, 1500);
    ck_assert_int_eq(lab_rec(l, 1, 0, "a")->life, RSC_STARTED);
    put(l, 0, "primitive a ocf:yoke:app op monitor interval=1s\nlocation la a 100: db1\n");
    lab_run(l, 3000);
    ck_assert_uint_eq(times(0, "a", "stop") + times(0, "a", "start"), 0);
}
END_TEST

static int second_fails(struct lab *l, unsigned node, const struct act_agent *a)
{
    int rc = agent_follow(l, node, a);
    const char *env = a->env;
    for (; *env; env += strlen(env) + 1)
        if (str_eq(env, "OCF_CHECK_LEVEL=10"))
            return 1;
    return rc;
}

/* Each monitor has its own on-fail: the deep one blocks, the other one would restart. */
START_TEST(on_fail_of_the_monitor_that_failed)
{
    struct lab *l = together("primitive a ocf:yoke:app op monitor interval=2s "
                             "op monitor interval=3s on-fail=block OCF_CHECK_LEVEL=10\n");
    unsigned on = lab_rec(l, 0, 0, "a")->life == RSC_STARTED ? 0 : 1;
    l->agent = second_fails;
    lab_run(l, 10000);
    ck_assert_int_eq(lab_rec(l, !on, on, "a")->life, RSC_FAILED);
    ck_assert_uint_eq(times(on, "a", "stop"), 0);
    ck_assert(l->at[0].n->coord.flags[exec_slot_find(l->at[0].n, "a")] & RSC_BLOCKED);
}
END_TEST

static int warned_rc;

static int warns(struct lab *l, unsigned node, const struct act_agent *a)
{
    int rc = agent_follow(l, node, a);
    return str_eq(a->action, "monitor") && rc == 0 ? warned_rc : rc;
}

/* The monitor says "degraded" for a while: that is told once, and once that it is over. */
START_TEST(degraded_is_a_warning)
{
    struct lab *l = together("primitive a ocf:yoke:app op monitor interval=2s\n");
    unsigned on = lab_rec(l, 0, 0, "a")->life == RSC_STARTED ? 0 : 1;
    unsigned before = l->at[on].n_events;
    warned_rc = 190;
    l->agent = warns;
    lab_run(l, 10000);
    ck_assert_uint_eq(l->at[on].n_events, before + 1);
    ck_assert_int_eq(l->at[on].event.id, SAY_RSC_WARNED);
    ck_assert_str_ne(lab_rec(l, !on, on, "a")->warning, "");
    warned_rc = 0;
    lab_run(l, 10000);
    ck_assert_uint_eq(l->at[on].n_events, before + 2);
    ck_assert_int_eq(l->at[on].event.id, SAY_RSC_WELL);
    ck_assert_str_eq(lab_rec(l, !on, on, "a")->warning, "");
    ck_assert_int_eq(lab_rec(l, !on, on, "a")->life, RSC_STARTED);
    ck_assert_uint_eq(times(on, "a", "stop"), 0);
}
END_TEST

/* The deep monitor alone warns: the shallow one, all well, does not call it off. */
static int deep_warns(struct lab *l, unsigned node, const struct act_agent *a)
{
    int rc = second_fails(l, node, a);
    return str_eq(a->action, "monitor") && rc == 1 ? 190 : agent_follow(l, node, a);
}

START_TEST(who_warned_calls_it_off)
{
    struct lab *l = together("primitive a ocf:yoke:app op monitor interval=2s "
                             "op monitor interval=3s OCF_CHECK_LEVEL=10\n");
    unsigned on = lab_rec(l, 0, 0, "a")->life == RSC_STARTED ? 0 : 1;
    unsigned before = l->at[on].n_events;
    l->agent = deep_warns;
    lab_run(l, 20000);
    ck_assert_uint_eq(l->at[on].n_events, before + 1);
    ck_assert_int_eq(l->at[on].event.id, SAY_RSC_WARNED);
    l->agent = agent_follow;
    lab_run(l, 10000);
    ck_assert_uint_eq(l->at[on].n_events, before + 2);
    ck_assert_int_eq(l->at[on].event.id, SAY_RSC_WELL);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("exec");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, new_resource_is_unknown_everywhere);
    tcase_add_test(t, another_agent_is_looked_for);
    tcase_add_test(t, ownership_ends_when_a_start_was_not_begun);
    tcase_add_test(t, monitors_follow_the_configuration);
    tcase_add_test(t, removal_leaves_the_unmanaged_alone);
    tcase_add_test(t, removal_finds_what_was_left_running);
    tcase_add_test(t, order_is_void_after_a_freeze);
    tcase_add_test(t, unmanaged_is_looked_at);
    tcase_add_test(t, on_fail_of_the_monitor_that_failed);
    tcase_add_test(t, degraded_is_a_warning);
    tcase_add_test(t, who_warned_calls_it_off);
    return unit_end();
}
