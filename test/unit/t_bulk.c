/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_bulk: a thousand resources at once: no step overflows its outbox, monitors that hang hold up
 * nothing else, and what is long is refused rather than cut. */
#include "test/unit/unit.h"
#include <stdio.h>
#include <string.h>
#include "lib/cib/device.h"
#include "lib/core/env.h"
#include "lib/core/exec.h"
#include "test/unit/corelab.h"

enum { MANY = 1000, TEXT = 256 * 1024 };

static char *many(unsigned n, const char *extra)
{
    char *text = calloc(1, TEXT);
    struct str s;
    ck_assert_ptr_nonnull(text);
    str_init(&s, text, TEXT);
    str_add(&s, extra);
    for (unsigned i = 0; i < n; i++)
        str_addf(&s, "primitive r%u ocf:yoke:app op monitor interval=10s\n", i);
    ck_assert(!s.cut);
    return text;
}

static unsigned runs(const struct lab *l)
{
    unsigned n = 0;
    for (unsigned i = 0; i < LAB_AGENTS; i++)
        n += l->running[0][i] + l->running[1][i];
    return n;
}

/* As many agents at a time as the configuration may ask for: the rest of a step's work waits for
 * the next step, not for a completion. */
START_TEST(outbox_holds_whatever_comes)
{
    struct lab *l = lab_open(MANY, TEXT);
    char *text = many(MANY, "property node-action-limit=65535\n");
    lab_boot(l, 0, text);
    lab_boot(l, 1, text);
    lab_run(l, 10000);
    ck_assert_uint_eq(runs(l), MANY);
    /* All of it goes, unmanaged and so still watched. */
    struct cmd meta = {.kind = CMD_EDIT, .n_args = 4, .arg = {"3", "", "maintenance-mode", "true"}};
    lab_ask(l, 0, 1, &meta);
    lab_run(l, 2000);
    ck_assert(node_cib(l->at[0].n)->properties.maintenance_mode);
    struct cmd put = {
        .kind = CMD_CIB_PUT, .flags = CMD_FORCE, .text = "# nothing\n", .text_len = 10};
    lab_ask(l, 0, 2, &put);
    lab_run(l, 2000);
    ck_assert_uint_eq(node_cib(l->at[0].n)->n_prims, 0);
    ck_assert_uint_eq(l->at[0].n->exec.unwatched, 0);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_lt(l->at[i].most_actions, OUT_ACTIONS_MAX);
        ck_assert_uint_gt(l->at[i].most_actions, 100);
    }
    free(text);
}
END_TEST

static int monitors_hang(struct lab *l, unsigned node, const struct act_agent *a)
{
    if (a->recurring)
        return LAB_HELD;
    if (str_eq(a->action, "start") || str_eq(a->action, "stop"))
        l->running[node][a->slot] = str_eq(a->action, "start");
    return str_eq(a->action, "monitor") ? 7 : 0;
}

/* Storage hangs, and every monitor with it: other resources can be stopped all the same. */
START_TEST(hanging_monitors_hold_up_no_stop)
{
    struct lab *l = lab_open(64, TEXT);
    char *text = many(40, "");
    l->agent = monitors_hang;
    lab_boot(l, 0, text);
    lab_boot(l, 1, text);
    lab_run(l, 12000);
    ck_assert_uint_eq(l->at[0].n->exec.monitoring, l->at[0].n->exec.limit);
    unsigned on = lab_rec(l, 0, 0, "r39")->life == RSC_STARTED ? 0 : 1;
    struct cmd c = {.kind = CMD_EDIT, .n_args = 4, .arg = {"0", "r39", "target-role", "Stopped"}};
    lab_ask(l, 0, 1, &c);
    lab_run(l, 1000);
    ck_assert_int_eq(lab_rec(l, 0, on, "r39")->life, RSC_STOPPED);
    free(text);
}
END_TEST

/* --wait is for what was asked, not for monitors, of which some always run. */
START_TEST(monitors_are_no_work_to_wait_for)
{
    struct lab *l = lab_open(64, TEXT);
    char *text = many(40, "");
    l->agent = monitors_hang;
    lab_boot(l, 0, text);
    lab_boot(l, 1, text);
    lab_run(l, 12000);
    struct cmd c = {.kind = CMD_IDLE, .flags = CMD_WAIT_DONE};
    lab_ask(l, 0, 5, &c);
    lab_run(l, 100);
    ck_assert_uint_eq(l->at[0].n_replies, 1);
    free(text);
}
END_TEST

/* A fence agent that is told half a name would fence another machine. */
START_TEST(fence_input_is_whole_or_nothing)
{
    static char text[40000];
    struct lab *l = lab_open(16, TEXT);
    struct str s;
    str_init(&s, text, sizeof(text));
    str_add(&s, "primitive power stonith:fence_x params ip=192.0.2.9");
    for (unsigned i = 0; i < 100; i++)
        str_addf(&s, " secret%u=%0200u", i, i);
    str_add(&s, "\nprimitive map stonith:fence_x params pcmk_host_map=\"db2:");
    for (unsigned i = 0; i < 300; i++)
        str_add_char(&s, 'y');
    str_add(&s, "\"\n");
    lab_boot(l, 0, text);
    struct node *n = l->at[0].n;
    ck_assert_uint_eq(node_cib(n)->n_prims, 2);
    outbox_clear(l->out);
    n->out = l->out;
    ck_assert_ptr_null(env_fence(n, &node_cib(n)->prim[0], "db2", "off"));
    ck_assert(!device_reaches(&node_cib(n)->prim[1], "db2"));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("bulk");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, outbox_holds_whatever_comes);
    tcase_add_test(t, hanging_monitors_hold_up_no_stop);
    tcase_add_test(t, monitors_are_no_work_to_wait_for);
    tcase_add_test(t, fence_input_is_whole_or_nothing);
    return unit_end();
}
