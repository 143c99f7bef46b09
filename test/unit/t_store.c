/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_store: how a change of the configuration travels, and what becomes of it when it is cut short.
 */
#include "test/unit/unit.h"
#include <string.h>
#include "lib/core/msg.h"
#include "lib/core/store.h"
#include "test/unit/corelab.h"

static const char one[] = "primitive a ocf:yoke:app\n";
static const char two[] = "primitive a ocf:yoke:app\nprimitive b ocf:yoke:app\n";

static struct lab *together(void)
{
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, one);
    lab_boot(l, 1, one);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3) && node_is_coordinator(l->at[0].n));
    return l;
}

static void put(struct lab *l, unsigned i, const char *text)
{
    struct cmd c = {.kind = CMD_CIB_PUT, .text = text, .text_len = (uint32_t)strlen(text)};
    lab_ask(l, i, 7, &c);
}

static unsigned prims(const struct lab *l, unsigned i)
{
    return node_cib(l->at[i].n)->n_prims;
}

/* The member is lost before it has it: it counts here, and the member gets it when it is back. */
START_TEST(change_outlives_the_member)
{
    struct lab *l = together();
    l->cut[0] = l->cut[1] = true;
    put(l, 0, two);
    ck_assert_uint_eq(l->at[0].n->store.change, CHANGE_ASK);
    lab_run(l, 3000);
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "\"ok\":true"));
    ck_assert_uint_eq(prims(l, 0), 2);
    ck_assert_uint_eq(prims(l, 1), 1);
    l->cut[0] = l->cut[1] = false;
    lab_run(l, 5000);
    ck_assert_uint_eq(prims(l, 1), 2);
    ck_assert_str_eq(l->at[0].cib, l->at[1].cib);
}
END_TEST

/* The coordinator dies after the member kept it: it may have been acknowledged, so it counts. */
START_TEST(change_outlives_the_coordinator)
{
    struct lab *l = together();
    l->transit_us = 5000;
    put(l, 0, two);
    for (unsigned i = 0; i < 50 && l->at[1].n->store.change != CHANGE_WAIT; i++)
        lab_run(l, 1);
    ck_assert_uint_eq(l->at[1].n->store.change, CHANGE_WAIT);
    lab_down(l, 0);
    lab_run(l, 3000);
    ck_assert_uint_eq(prims(l, 1), 2);
}
END_TEST

/* Nobody asked a member for its copy: a damaged one does not set ours back. */
START_TEST(unasked_copies_are_not_taken)
{
    struct lab *l = together();
    put(l, 0, two);
    lab_run(l, 1000);
    for (unsigned sync = 0; sync < 2; sync++) {
        uint8_t at[256];
        struct buf b;
        buf_write_init(&b, at, sizeof(at));
        buf_put_u32(&b, 1);
        buf_put_u32(&b, 1);
        buf_put_u8(&b, (uint8_t)sync);
        buf_put_u32(&b, (uint32_t)strlen(one));
        buf_put_bytes(&b, one, strlen(one));
        lab_message(l, 0, MSG_CIB, &b);
        lab_run(l, 1000);
        ck_assert_uint_eq(prims(l, 0), 2);
        ck_assert_uint_eq(prims(l, 1), 2);
    }
}
END_TEST

/* While a plan is made of the configuration before, its memory is not used for the next one. */
START_TEST(plan_keeps_its_configuration)
{
    struct lab *l = together();
    struct cmd c = {.kind = CMD_CLEANUP, .n_args = 2, .arg = {"a", ""}};
    l->at[0].plan_held = true;
    lab_ask(l, 0, 1, &c);
    lab_run(l, 10);
    ck_assert_uint_ne(l->at[0].plan_op, 0);
    const struct cib *planned = l->at[0].plan_in->cib;
    put(l, 0, two);
    lab_run(l, 100);
    ck_assert_uint_eq(prims(l, 0), 2);
    put(l, 0, "# none\n");
    lab_run(l, 100);
    ck_assert_uint_eq(planned->n_prims, 1);
    ck_assert_str_eq(planned->prim[0].id, "a");
    l->at[0].plan_held = false;
    lab_plan(l, 0);
    lab_run(l, 1000);
    put(l, 0, "# none\n");
    lab_run(l, 1000);
    ck_assert_uint_eq(prims(l, 0), 0);
}
END_TEST

/* The second of two changes at a time is refused, by either node. */
START_TEST(one_change_at_a_time)
{
    struct lab *l = together();
    l->transit_us = 5000;
    put(l, 0, two);
    put(l, 0, "# none\n");
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "CMD_BUSY"));
    put(l, 1, "# none\n");
    lab_run(l, 1000);
    ck_assert_ptr_nonnull(strstr(l->at[1].reply, "CMD_BUSY"));
    ck_assert_uint_eq(prims(l, 0), 2);
    ck_assert_uint_eq(prims(l, 1), 2);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("store");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, change_outlives_the_member);
    tcase_add_test(t, change_outlives_the_coordinator);
    tcase_add_test(t, unasked_copies_are_not_taken);
    tcase_add_test(t, plan_keeps_its_configuration);
    tcase_add_test(t, one_change_at_a_time);
    return unit_end();
}
