/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_cibcheck: what no single object shows: groups, constraints that contradict, loops, operations.
 */
#include "test/unit/cibtext.h"
#include "test/unit/unit.h"

static struct cibtext t;

#define BASE                                                                                       \
    "primitive a Dummy\nprimitive b Dummy\nprimitive c Dummy\nprimitive d Dummy\nprimitive e "     \
    "Dummy\ngroup g a b c\n"
enum { BASE_LINES = 6 };

/* BASE and then text: exactly one fault, in that line of text, an error or a warning. */
static void one(const char *text, unsigned line, bool warning, const char *words)
{
    char whole[4000];
    snprintf(whole, sizeof(whole), "%s%s\n", BASE, text);
    cibtext_parse(&t, whole);
    const struct cib_fault *fault = cibtext_fault(&t.faults, line + BASE_LINES, words);
    if (!fault || t.faults.n != 1)
        cibtext_show(&t.faults);
    ck_assert_msg(fault != NULL, "%s: %s", text, words);
    ck_assert_uint_eq(t.faults.n, 1);
    ck_assert_int_eq(fault->warning, warning);
    ck_assert_int_eq(t.err, warning ? ERR_OK : ERR_SYNTAX);
    ck_assert_int_eq(t.c != NULL, warning);
    cibtext_free(&t);
}

static void none(const char *text)
{
    char whole[4000];
    snprintf(whole, sizeof(whole), "%s%s\n", BASE, text);
    cibtext_parse(&t, whole);
    cibtext_show(&t.faults);
    ck_assert_int_eq(t.err, ERR_OK);
    ck_assert_uint_eq(t.faults.n, 0);
    cibtext_free(&t);
}

START_TEST(groups)
{
    none("group h d e");
    one("group h d a", 1, false, "a is in group g already");
    one("group h d d", 1, false, "d is in group h twice");
    one("group h", 1, false, "group h has no members");
    one("group h d g", 1, false, "g is a group");
    one("group h d zz", 1, false, "there is no resource zz");
    one("group h d l\nlocation l e 1: db1", 1, false, "l is a location");
    one("primitive f stonith:fence_x\ngroup h d f", 2, false, "f is a fence device");
    one("group h d f\nprimitive f Dummy meta requires=nothing", 2, true, "requires=nothing");
    none("group h d f meta requires=nothing\nprimitive f Dummy meta requires=nothing");
    none("primitive f Dummy meta requires=nothing");
}
END_TEST

START_TEST(ids)
{
    one("primitive g Dummy", 1, false, "already the id of the group in line 6");
    one("location a d 1: db1", 1, false, "already the id of the primitive in line 1");
    one("rsc_defaults a: priority=1", 1, false, "already the id of the primitive");
    none("node db1\nprimitive db1 Dummy");
    one("node db1\nnode db1", 2, false, "already the id of the node in line 7");
    one("node db3", 1, true, "no node db3 in this cluster; did you mean db");
    one("location l a 1: elsewhere", 1, true, "no node elsewhere");
}
END_TEST

START_TEST(nodes_without_names)
{
    static const struct cib_names empty;
    struct cib_faults f;
    struct cib *c;
    struct arena a;
    static char memory[CIBTEXT_MAX * 4];
    arena_init(&a, memory, sizeof(memory));
    ck_assert_int_eq(cib_parse("node x", NULL, &a, &c, &f), ERR_OK);
    ck_assert_uint_eq(f.n, 0);
    ck_assert_uint_eq(c->node[0].node_index, NODE_NONE);
    ck_assert_int_eq(cib_parse("node x", &empty, &a, &c, &f), ERR_OK);
    ck_assert_uint_eq(f.n, 0);
}
END_TEST

START_TEST(pairs)
{
    none("colocation x inf: d g\ncolocation y inf: e d\norder o d g\norder p e d");
    one("colocation x inf: d d", 1, false, "names d twice");
    one("order x d d", 1, false, "names d twice");
    one("order x g g", 1, false, "names g twice");
    one("colocation x inf: g b", 1, false, "b is a member of g already");
    one("order x b g", 1, false, "b is a member of g already");
    one("colocation x -inf: a c", 1, false, "contradicts group g");
    one("colocation x 10: a c", 1, true, "says what group g says already");
    one("order x c a", 1, false, "contradicts group g, where a stands before c");
    one("order x a:stop c:stop", 1, false, "contradicts group g, where a stands before c");
    one("order x a c", 1, true, "says what group g says already");
    one("order x c:stop a:stop", 1, true, "says what group g says already");
    one("location x d role=Promoted 1: db1", 1, false, "d is never promoted");
    one("colocation x inf: d:Promoted e", 1, false, "d is never promoted");
    one("order x d:promote e:start", 1, false, "d is never promoted");
}
END_TEST

START_TEST(order_loops)
{
    one("order x d e\norder y e d", 2, true, "loop of orders: d, e, d:");
    one("order x g d\norder y d a", 2, true, "loop of orders: ");
    one("order x c d\norder y d a", 2, true, "a, b, c, d, a:");
    one("order x c d\norder y d g", 2, true, "loop of orders: ");
    one("order x d e\norder y d:stop e:stop", 2, true, "loop of orders");
    /* Through two groups, but no loop: nothing here waits for itself. */
    none("group h d e\norder x a e\norder y d b");
    one("group h d e\norder x b d\norder y e a", 3, true, "loop of orders");
    none("order x d e\norder y Serialize: e d");
    none("order x d e\norder y e:stop d:stop");
    none("order x d e\norder y d:stop e:stop symmetrical=false");
    none("order x d e\norder y e:stop d:start");
}
END_TEST

START_TEST(colocation_loops)
{
    one("colocation x inf: d e\ncolocation y inf: e d", 2, true, "loop of colocations: d, e, d:");
    none("colocation x inf: d e\ncolocation y -inf: e d");
    one("colocation x inf: g d\ncolocation y inf: d g", 2, true, "loop of colocations");
    one("colocation x inf: a d\ncolocation y inf: d b", 2, true, "loop of colocations");
    none("colocation x inf: c d\ncolocation y inf: e c");
    /* With a score below infinity a group is its first member only. */
    one("colocation x inf: b d\ncolocation y 10: d g\ncolocation z inf: d c", 3, true,
        "loop of colocations");
    none("colocation x inf: b d\ncolocation y 10: d g");
}
END_TEST

START_TEST(loops_are_bounded)
{
    static char text[200000];
    struct str s;
    unsigned told = 0;
    str_init(&s, text, sizeof(text));
    for (unsigned i = 0; i < 400; i++)
        str_addf(&s, "primitive a-rather-long-name-%u Dummy\n", i);
    for (unsigned i = 0; i < 400; i++) {
        str_addf(&s, "order o%u a-rather-long-name-%u a-rather-long-name-%u\n", i, i,
                 (i + 1) % 400);
        str_addf(&s, "order q%u a-rather-long-name-%u a-rather-long-name-%u\n", i, i,
                 (i + 7) % 400);
    }
    cibtext_parse(&t, text);
    ck_assert_int_eq(t.err, ERR_OK);
    for (unsigned i = 0; i < t.faults.n; i++)
        told += strstr(t.faults.at[i].text, "loop of orders") != NULL;
    ck_assert_uint_ge(told, 1);
    ck_assert_uint_le(told, 8);
    ck_assert(strstr(t.faults.at[0].text, "take one order out")); /* also behind many names */
    cibtext_free(&t);

    str_init(&s, text, sizeof(text));
    for (unsigned i = 0; i < 100; i++)
        str_addf(&s,
                 "primitive a%u Dummy\nprimitive b%u Dummy\norder o%u a%u b%u\norder q%u b%u a%u\n",
                 i, i, i, i, i, i, i, i);
    cibtext_parse(&t, text);
    ck_assert_int_eq(t.err, ERR_OK);
    ck_assert_uint_eq(t.faults.n, 4);
    cibtext_free(&t);
}
END_TEST

START_TEST(operations)
{
    none("primitive f Dummy op monitor interval=10s op monitor interval=20s op start timeout=10");
    one("primitive f Dummy op monitor interval=10s op monitor interval=10000ms", 1, false,
        "two op monitor with the same interval (10000ms)");
    one("primitive f Dummy op start timeout=1 op start timeout=2", 1, false, "two op start");
    one("primitive f Dummy op monitor interval=10s\nmonitor f 10", 1, false, "two op monitor");
    one("primitive f Dummy op start interval=10s", 1, false, "only a monitor is repeated");
    one("primitive f Dummy op monitor interval=9s role=Stopped", 1, false, "role=Stopped");
    one("primitive f Dummy op monitor interval=9s role=Master", 1, true, "never runs");
    one("primitive f Dummy op stop on-fail=standby", 1, false, "cannot be answered by");
    one("primitive f Dummy op stop on-fail=restart", 1, true, "cannot be answered by");
    one("primitive f Dummy op start on-fail=demote", 1, false, "on-fail=demote is for");
    one("primitive f Dummy op stop on-fail=fence\nproperty stonith-enabled=no", 1, true,
        "stonith-enabled=false: it acts as on-fail=block");
    one("primitive f Dummy op monitor timeout=20000", 1, true, "write 20000ms");
    one("primitive f Dummy op monitor interval=1h", 1, true, "before the next monitor comes");
    one("primitive f Dummy meta failure-timeout=5 op monitor interval=10", 1, true,
        "a failure is forgotten after 5s");
    none("primitive f Dummy meta failure-timeout=0 op monitor interval=1h");
    one("monitor g 10", 1, false, "g is no primitive; write monitor");
    one("monitor zz 10", 1, false, "there is no resource zz");
}
END_TEST

START_TEST(options)
{
    none("property cluster-name=x have-watchdog=false");
    one("property placement-strategy=balanced", 1, true, "has no effect");
    one("property enable-acl=true", 1, true, "has no effect");
    one("property s1: batch-limit=1\nproperty s2: batch-limit=2", 2, false,
        "batch-limit is set in s1 as well, in line 7");
    one("property s1: stonith-enabled=1\nproperty s2: fencing-enabled=1", 2, false, "is set in s1");
    one("property stonith-enabled=1 fencing-enabled=1", 1, false, "is set twice");
    one("rsc_defaults cluster-delay=1", 1, false, "is not known in rsc_defaults");
    one("op_defaults interval=10", 1, false, "write interval= with each op");
    one("node db1 attributes standbye=on", 1, true, "did you mean standby?");
    none("node db1 attributes room=4");
    one("primitive f stonith:external_x", 1, true, "names begin with fence_");
}
END_TEST

int main(void)
{
    TCase *tc = unit_begin("cibcheck");
    tcase_add_test(tc, groups);
    tcase_add_test(tc, ids);
    tcase_add_test(tc, nodes_without_names);
    tcase_add_test(tc, pairs);
    tcase_add_test(tc, order_loops);
    tcase_add_test(tc, colocation_loops);
    tcase_add_test(tc, loops_are_bounded);
    tcase_add_test(tc, operations);
    tcase_add_test(tc, options);
    return unit_end();
}
