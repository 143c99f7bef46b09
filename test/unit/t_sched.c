/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_sched: the scheduler's edges: too little memory, much to do, nothing to do, contradictions.
 * What it decides is tested by the golden cases (t_schedcase) and by chance (t_schedprop). */
#include <stdio.h>
#include <string.h>
#include "test/unit/schedtext.h"
#include "test/unit/unit.h"

enum { ARENA_MAX = 16 * 1024 * 1024, MANY = 1000 };

static char memory[ARENA_MAX], cib_memory[ARENA_MAX], text[256 * 1024];
static struct sched_state state[MANY * 2];

static struct cib *cib_of(const char *crm)
{
    static struct cib_faults faults;
    static struct cib_names names = {.node = {"db1", "db2"}};
    struct arena arena;
    struct cib *cib = NULL;
    arena_init(&arena, cib_memory, sizeof(cib_memory));
    enum err err = cib_parse(crm, &names, &arena, &cib, &faults);
    ck_assert_msg(err == ERR_OK, "line %u: %s", faults.at[0].line, faults.at[0].text);
    return cib;
}

static struct sched_in input_of(struct cib *cib)
{
    struct sched_in in = {
        .cib = cib, .now_ms = 1000, .n_nodes = 2, .state = state, .quorate = true};
    in.node[0] = (struct sched_node){.name = "db1", .life = LIFE_MEMBER};
    in.node[1] = (struct sched_node){.name = "db2", .life = LIFE_MEMBER};
    memset(state, 0, sizeof(state));
    for (unsigned i = 0; i < MANY * 2; i++)
        state[i].life = RSC_STOPPED;
    return in;
}

static void check(const struct sched_in *in, const struct plan *plan)
{
    char errors[256];
    struct str error;
    str_init(&error, errors, sizeof(errors));
    ck_assert_msg(sched_text_check(in, plan, &error), "%s", errors);
}

static const char small[] = "primitive sw stonith:fence_dummy\n"
                            "primitive a ocf:yoke:Dummy\nprimitive b ocf:yoke:Dummy\n"
                            "primitive c ocf:yoke:Dummy\ngroup g a b\n"
                            "colocation x inf: c g\norder o Mandatory: g c\n"
                            "order s Serialize: sw g\nlocation l g 10: db2\n";

START_TEST(nothing_configured)
{
    struct sched_in in = input_of(cib_of(""));
    struct arena arena;
    struct plan plan;
    arena_init(&arena, memory, sizeof(memory));
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    ck_assert_uint_eq(plan.n_steps, 0);
    ck_assert(plan.recheck_ms == UINT64_MAX);
    in.node[1].life = LIFE_UNCLEAN;
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    ck_assert_uint_eq(plan.n_steps, 1);
    ck_assert_int_eq(plan.step[0].op, OP_FENCE);
}
END_TEST

/* Every size that is too small is told, and what is enough gives the same plan as plenty. */
START_TEST(too_little_memory)
{
    static char plenty[8192], just[8192];
    struct sched_in in = input_of(cib_of(small));
    struct arena arena;
    struct plan plan;
    struct str s;
    arena_init(&arena, memory, sizeof(memory));
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    size_t need = arena.used;
    str_init(&s, plenty, sizeof(plenty));
    sched_text_plan(&in, &plan, &s);
    for (size_t size = 0; size < need; size += 8) {
        arena_init(&arena, memory, size);
        ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_FULL);
    }
    arena_init(&arena, memory, need);
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    str_init(&s, just, sizeof(just));
    sched_text_plan(&in, &plan, &s);
    ck_assert_str_eq(plenty, just);
}
END_TEST

/* A group of a thousand: nothing recurs, everything stays in order. */
START_TEST(long_group)
{
    struct str s;
    struct arena arena;
    struct plan plan;
    str_init(&s, text, sizeof(text));
    for (int i = 0; i < MANY; i++)
        str_addf(&s, "primitive p%d ocf:yoke:Dummy\n", i);
    str_add(&s, "group g");
    for (int i = 0; i < MANY; i++)
        str_addf(&s, " p%d", i);
    str_add(&s, "\nlocation l g 100: db2\n");
    ck_assert(!s.cut);
    struct sched_in in = input_of(cib_of(text));
    arena_init(&arena, memory, sizeof(memory));
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    check(&in, &plan);
    ck_assert_uint_eq(plan.n_steps, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_uint_eq(plan.step[i].prim, i);
        ck_assert_uint_eq(plan.step[i].node, 1);
        ck_assert_uint_eq(plan.step[i].n_deps, i > 0);
        state[i * 2 + 1].life = RSC_STARTED;
    }
    in.node[1].standby = true; /* all of it moves: stops in reverse, then starts */
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    check(&in, &plan);
    ck_assert_uint_eq(plan.n_steps, 2 * MANY);
    ck_assert_uint_eq(plan.step[0].prim, MANY - 1);
    ck_assert_uint_eq(plan.step[MANY].prim, 0);
}
END_TEST

/* A chain of a thousand orders and ties, each to the next, closed to a ring. */
START_TEST(long_ring)
{
    struct str s;
    struct arena arena;
    struct plan plan;
    str_init(&s, text, sizeof(text));
    for (int i = 0; i < MANY; i++)
        str_addf(&s, "primitive p%d ocf:yoke:Dummy\n", i);
    for (int i = 0; i < MANY; i++) {
        str_addf(&s, "order o%d Mandatory: p%d p%d\n", i, i, (i + 1) % MANY);
        str_addf(&s, "colocation c%d inf: p%d p%d\n", i, (i + 1) % MANY, i);
    }
    ck_assert(!s.cut);
    struct sched_in in = input_of(cib_of(text));
    arena_init(&arena, memory, sizeof(memory));
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    check(&in, &plan);
    ck_assert_uint_eq(plan.n_steps, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert(!plan.step[i].blocked);
        ck_assert_uint_eq(plan.rsc[i].node, plan.rsc[0].node);
    }
}
END_TEST

/* Scores as `resource scores` shows them. */
START_TEST(scores_shown)
{
    struct sched_in in = input_of(cib_of("primitive a ocf:yoke:Dummy\nlocation l a 70: db2\n"
                                         "location m a -inf: db1\n"));
    struct arena arena;
    struct plan plan;
    arena_init(&arena, memory, sizeof(memory));
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    ck_assert_int_eq(plan.score[0], -SCORE_INF);
    ck_assert_int_eq(plan.score[1], 70);
    in.node[1].standby = true;
    ck_assert_int_eq(sched_run(&in, &arena, &plan), ERR_OK);
    ck_assert_int_eq(plan.score[1], -SCORE_INF);
    ck_assert_uint_eq(plan.rsc[0].node, PLAN_NO_NODE);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("sched");
    tcase_add_test(t, nothing_configured);
    tcase_add_test(t, too_little_memory);
    tcase_add_test(t, long_group);
    tcase_add_test(t, long_ring);
    tcase_add_test(t, scores_shown);
    return unit_end();
}
