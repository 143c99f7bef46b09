/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_fencer: levels side by side: what happens to the lane that was not first. */
#include <string.h>
#include "test/unit/corelab.h"
#include "test/unit/unit.h"

static const char two[] = "primitive a ocf:yoke:app\n"
                          "primitive board stonith:fence_x\nprimitive strip stonith:fence_x\n"
                          "fencing_topology board strip\nproperty priority-fencing-delay=0\n";

static void answered(struct lab *l, uint32_t op, int rc)
{
    struct event ev = {.kind = EV_FENCE_DONE, .fence = {.op = op, .rc = rc, .reason = ""}};
    lab_tell(l, 0, &ev);
}

static bool asked_for(const struct lab *l, const char *action)
{
    return strstr(l->at[0].fence_input, action) != NULL;
}

/* db2 is dead, its board hangs, and the strip is asked beside it; *board: the hanging agent. */
static struct lab *two_lanes(uint32_t *board)
{
    struct lab *l = lab_open(16, 16384);
    for (unsigned i = 0; i < 2; i++)
        lab_boot(l, i, two);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3));
    lab_down(l, 1);
    while (!asked_for(l, "action=off"))
        lab_run(l, 10);
    *board = l->at[0].fence_op;
    ck_assert_str_eq(l->at[0].n->fencer.fence[0].device, "board");
    lab_run(l, 2500);
    ck_assert_uint_eq(l->at[0].fence_op, *board);
    lab_run(l, 1000);
    ck_assert_uint_ne(l->at[0].fence_op, *board);
    return l;
}

static void strip_says_off(struct lab *l)
{
    answered(l, l->at[0].fence_op, 0);
    ck_assert(asked_for(l, "action=status"));
    answered(l, l->at[0].fence_op, 2);
    ck_assert_int_eq(l->at[0].n->peer[1].proof, PROOF_FENCE);
}

/* The second level decides; on again only when the first can do no more harm. */
START_TEST(first_to_be_off_decides)
{
    uint32_t board;
    struct lab *l = two_lanes(&board);
    strip_says_off(l);
    lab_run(l, 2000);
    ck_assert(!asked_for(l, "action=on"));
    answered(l, board, 0);
    ck_assert(asked_for(l, "action=on"));
    answered(l, l->at[0].fence_op, 0);
    for (unsigned i = 0; i < FENCES_MAX; i++)
        ck_assert_int_eq(l->at[0].n->fencer.fence[i].state, FENCE_IDLE);
}
END_TEST

/* The board says no in the end: the lane beside it goes on alone, and counts. */
START_TEST(lane_outlives_the_first)
{
    uint32_t board;
    struct lab *l = two_lanes(&board);
    uint32_t strip = l->at[0].fence_op;
    answered(l, board, 1);
    lab_run(l, 2000);
    ck_assert_uint_eq(l->at[0].fence_op, strip); /* nobody is asked a second time */
    strip_says_off(l);
    ck_assert(asked_for(l, "action=on"));
}
END_TEST

/* The lane says no: the board is waited for, and the levels begin anew only then. */
START_TEST(lane_fails)
{
    uint32_t board;
    struct lab *l = two_lanes(&board);
    uint32_t strip = l->at[0].fence_op;
    answered(l, strip, 1);
    lab_run(l, 10000);
    ck_assert_uint_eq(l->at[0].fence_op, strip);
    answered(l, board, 1);
    lab_run(l, 2000);
    ck_assert_uint_ne(l->at[0].fence_op, strip);
    ck_assert_int_eq(l->at[0].n->peer[1].proof, PROOF_NONE);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("fencer");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, first_to_be_off_decides);
    tcase_add_test(t, lane_outlives_the_first);
    tcase_add_test(t, lane_fails);
    return unit_end();
}
