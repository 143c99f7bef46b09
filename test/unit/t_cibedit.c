/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_cibedit: every kind of edit, what it refuses, and that a refused one leaves no harm. */
#include "lib/cib/diff.h"
#include "lib/cib/edit.h"
#include "test/unit/cibgen.h"
#include "test/unit/cibtext.h"
#include "test/unit/unit.h"

static struct cibtext t;
static char text[CIBTEXT_MAX];
static struct cib_faults faults;

static enum err edit_of(const struct cib *c, struct cib_edit e)
{
    struct str out;
    struct arena a;
    size_t need = cib_arena_need(sizeof(text));
    void *memory = malloc(need);
    ck_assert(memory != NULL);
    arena_init(&a, memory, need);
    str_init(&out, text, sizeof(text));
    enum err err = cib_edit(c, &cibtext_names, &e, &a, &out, &faults);
    ck_assert_uint_eq(a.used, 0); /* scratch is given back */
    free(memory);
    return err;
}

static enum err edit(const char *from, struct cib_edit e)
{
    cibtext_parse(&t, from);
    if (t.err)
        cibtext_show(&t.faults);
    ck_assert_int_eq(t.err, ERR_OK);
    enum err err = edit_of(t.c, e);
    cibtext_free(&t);
    return err;
}

/* The edit of `from` succeeds and gives just `to`. */
static void gives(const char *from, struct cib_edit e, const char *to)
{
    enum err err = edit(from, e);
    if (err)
        cibtext_show(&faults);
    ck_assert_int_eq(err, ERR_OK);
    ck_assert_str_eq(text, to);
}

static void refuses(const char *from, struct cib_edit e, enum err err, unsigned line,
                    const char *words)
{
    ck_assert_int_eq(edit(from, e), err);
    const struct cib_fault *fault = words ? cibtext_fault(&faults, line, words) : NULL;
    if (words && !fault)
        cibtext_show(&faults);
    ck_assert(!words || fault);
}

#define E(k, ...)                                                                                  \
    (struct cib_edit)                                                                              \
    {                                                                                              \
        .kind = EDIT_##k, __VA_ARGS__                                                              \
    }
#define PUT(v) E(PUT, .id = "", .name = "", .value = v)

START_TEST(meta_and_params)
{
    gives("primitive a Dummy", E(META, "a", "target-role", "Stopped"),
          "primitive a Dummy \\\n\tmeta target-role=Stopped\n");
    gives("primitive a Dummy meta priority=1 target-role=Started critical=no",
          E(META, "a", "target-role", "Stopped"),
          "primitive a Dummy \\\n\tmeta priority=1 target-role=Stopped critical=no\n");
    gives("primitive a Dummy meta priority=1", E(META, "a", "priority", NULL),
          "primitive a Dummy\n");
    gives("primitive a Dummy", E(META, "a", "priority", NULL), "primitive a Dummy\n");
    gives("# c\nprimitive a Dummy x=1", E(PARAM, "a", "y", "two words"),
          "# c\nprimitive a Dummy \\\n\tparams x=1 y=\"two words\"\n");
    gives("primitive a Dummy x=1 y=2", E(PARAM, "a", "x", NULL),
          "primitive a Dummy \\\n\tparams y=2\n");
    gives("primitive a Dummy", E(PARAM, "a", "x", "\"; \\"),
          "primitive a Dummy \\\n\tparams x=\"\\\"; \\\\\"\n");
    refuses("primitive a Dummy", E(META, "b", "priority", "1"), ERR_MISSING, 0, NULL);
    refuses("primitive a Dummy\nlocation l a 1: db1", E(META, "l", "priority", "1"), ERR_MISSING, 0,
            NULL);
    refuses("primitive a Dummy", E(META, "a", "priorty", "1"), ERR_SYNTAX, 0, "did you mean");
    refuses("primitive a Dummy", E(META, "a", "priority", "high"), ERR_SYNTAX, 0, "priority=high");
    refuses("primitive a Dummy", E(PARAM, "a", "x y", "1"), ERR_SYNTAX, 0, "cannot be the name");
    refuses("primitive a Dummy", E(PARAM, "a", "", "1"), ERR_SYNTAX, 0, "cannot be the name");
    refuses("primitive a Dummy", E(PARAM, "a", "x", "1\nprimitive b Dummy"), ERR_SYNTAX, 0,
            "not closed");
}
END_TEST

START_TEST(meta_of_groups)
{
    static const char from[] = "primitive a Dummy meta target-role=Started priority=1\n"
                               "primitive b Dummy meta target-role=Started\n"
                               "primitive c Dummy meta target-role=Started\n"
                               "group g a b\n";
    gives(from, E(META, "g", "target-role", "Stopped"),
          "primitive a Dummy \\\n\tmeta priority=1\n"
          "primitive b Dummy\n"
          "primitive c Dummy \\\n\tmeta target-role=Started\n"
          "group g a b \\\n\tmeta target-role=Stopped\n");
    gives(from, E(META, "g", "priority", "9"),
          "primitive a Dummy \\\n\tmeta target-role=Started priority=1\n"
          "primitive b Dummy \\\n\tmeta target-role=Started\n"
          "primitive c Dummy \\\n\tmeta target-role=Started\n"
          "group g a b \\\n\tmeta priority=9\n");
    gives("primitive a Dummy\ngroup g a meta priority=9 params x=1", E(PARAM, "g", "x", NULL),
          "primitive a Dummy\ngroup g a \\\n\tmeta priority=9\n");
}
END_TEST

START_TEST(nodes)
{
    gives("", E(NODE, "db1", "standby", "on"), "node db1 \\\n\tattributes standby=on\n");
    gives("# n\nnode db1 description=x\nprimitive a Dummy", E(NODE, "db1", "standby", "on"),
          "# n\nnode db1 description=x \\\n\tattributes standby=on\nprimitive a Dummy\n");
    gives("node db1 attributes standby=on site=x", E(NODE, "db1", "standby", NULL),
          "node db1 \\\n\tattributes site=x\n");
    gives("node db1 attributes standby=on", E(NODE, "db1", "standby", "off"),
          "node db1 \\\n\tattributes standby=off\n");
    gives("primitive a Dummy", E(NODE, "db1", "standby", NULL), "primitive a Dummy\n");
    gives("primitive db1 Dummy", E(NODE, "db1", "site", "x"),
          "node db1 \\\n\tattributes site=x\nprimitive db1 Dummy\n");
    refuses("", E(NODE, "db1", "standby", "perhaps"), ERR_SYNTAX, 0, "true or false");
    refuses("", E(NODE, "db 1", "standby", "on"), ERR_MISSING, 0, NULL);
    ck_assert_int_eq(edit("", E(NODE, "db7", "standby", "on")), ERR_OK);
    ck_assert(cibtext_fault(&faults, 0, "no node db7") != NULL);
}
END_TEST

START_TEST(options)
{
    gives("", E(PROPERTY, "", "maintenance-mode", "true"),
          "property cib-bootstrap-options: \\\n\tmaintenance-mode=true\n");
    gives("property batch-limit=3", E(PROPERTY, "", "maintenance-mode", "true"),
          "property cib-bootstrap-options: \\\n\tbatch-limit=3 \\\n\tmaintenance-mode=true\n");
    gives("property stonith-enabled=true batch-limit=3", E(PROPERTY, "", "fencing-enabled", "no"),
          "property cib-bootstrap-options: \\\n\tfencing-enabled=no \\\n\tbatch-limit=3\n");
    gives("# p\nproperty batch-limit=3", E(PROPERTY, "", "batch-limit", NULL), "");
    gives("property batch-limit=3\nproperty other: maintenance-mode=true",
          E(PROPERTY, "", "maintenance-mode", "false"),
          "property cib-bootstrap-options: \\\n\tbatch-limit=3\n"
          "property other: \\\n\tmaintenance-mode=false\n");
    gives("", E(PROPERTY, "", "batch-limit", NULL), "");
    gives("", E(RSC_DEFAULT, "", "resource-stickiness", "100"),
          "rsc_defaults rsc-options: \\\n\tresource-stickiness=100\n");
    gives("", E(OP_DEFAULT, "", "timeout", "1min"), "op_defaults op-options: \\\n\ttimeout=1min\n");
    refuses("", E(PROPERTY, "", "batch-limt", "3"), ERR_SYNTAX, 0, "did you mean batch-limit?");
    refuses("", E(RSC_DEFAULT, "", "priority", "x"), ERR_SYNTAX, 0, "priority=x");
}
END_TEST

#define THREE "primitive a Dummy\nprimitive b Dummy\nprimitive c Dummy\n"

START_TEST(deletes)
{
    gives(THREE, E(DELETE, "b"), "primitive a Dummy\nprimitive c Dummy\n");
    gives(THREE "location l a 1: db1", E(DELETE, "l"), THREE);
    gives(THREE "property batch-limit=1", E(DELETE, "cib-bootstrap-options"), THREE);
    gives(THREE "node db1", E(DELETE, "db1"), THREE);
    gives(THREE "group g a b", E(DELETE, "g"), THREE);
    refuses(THREE, E(DELETE, "zz"), ERR_MISSING, 0, NULL);
    refuses(THREE, E(DELETE, "zz", .force = true), ERR_MISSING, 0, NULL);
    /* Named elsewhere. */
    refuses(THREE "group g a b", E(DELETE, "a"), ERR_CONFLICT, 0, NULL);
    refuses(THREE "order o a b", E(DELETE, "a"), ERR_CONFLICT, 0, NULL);
    refuses(THREE "colocation o inf: a b", E(DELETE, "b"), ERR_CONFLICT, 0, NULL);
    refuses(THREE "location o a 1: db1", E(DELETE, "a"), ERR_CONFLICT, 0, NULL);
    refuses(THREE "group g a b\nlocation o g 1: db1", E(DELETE, "g"), ERR_CONFLICT, 0, NULL);
    gives(THREE "group g a b", E(DELETE, "a", .force = true),
          "primitive b Dummy\nprimitive c Dummy\ngroup g b\n");
    gives(THREE "group g a\nlocation l g 1: db1\nlocation m b 1: db1",
          E(DELETE, "a", .force = true),
          "primitive b Dummy\nprimitive c Dummy\nlocation m b 1: db1\n");
    gives(THREE "order o a b\ncolocation x inf: c a\norder p b c", E(DELETE, "a", .force = true),
          "primitive b Dummy\nprimitive c Dummy\norder p Mandatory: b c\n");
    gives(THREE "group g a b\nlocation o g 1: db1", E(DELETE, "g", .force = true), THREE);
}
END_TEST

START_TEST(puts_done)
{
    gives(THREE, PUT("primitive d ocf:yoke:ip ip=1"),
          THREE "primitive d ocf:yoke:ip \\\n\tparams ip=1\n");
    gives(THREE, PUT("group g a b\n"), THREE "group g a b\n");
    /* In its place, and the old comment stays where there is no new one. */
    gives("# one\nprimitive a Dummy x=1\nprimitive b Dummy\n", PUT("primitive a Dummy y=2"),
          "# one\nprimitive a Dummy \\\n\tparams y=2\nprimitive b Dummy\n");
    gives("# one\nprimitive a Dummy x=1\nprimitive b Dummy\n",
          PUT("# two\nprimitive a Dummy \\\n\ty=2 \\"),
          "# two\nprimitive a Dummy \\\n\tparams y=2\nprimitive b Dummy\n");
    gives("primitive a Dummy\n# end\n", PUT("primitive b Dummy"),
          "primitive a Dummy\nprimitive b Dummy\n# end\n");
    gives("property batch-limit=1 maintenance-mode=true",
          PUT("property maintenance-mode=false stonith-timeout=5"),
          "property cib-bootstrap-options: \\\n\tbatch-limit=1 \\\n\tmaintenance-mode=false \\\n"
          "\tstonith-timeout=5\n");
    gives("rsc_defaults priority=1", PUT("rsc_defaults priority=2 critical=no"),
          "rsc_defaults rsc-options: \\\n\tpriority=2 \\\n\tcritical=no\n");
    gives("# old\nproperty batch-limit=1\nop_defaults timeout=5",
          PUT("# new\nproperty batch-limit=2"),
          "# new\nproperty cib-bootstrap-options: \\\n\tbatch-limit=2\n"
          "op_defaults op-options: \\\n\ttimeout=5\n");
    gives("primitive a Dummy", PUT("monitor a 10s:20s"),
          "primitive a Dummy \\\n\top monitor interval=10s timeout=20s\n");
    gives("node db1", PUT("node 7: db1 attributes standby=on"),
          "node db1 \\\n\tattributes standby=on\n");
    gives("primitive a Dummy", PUT("\xEF\xBB\xBFprimitive a Dummy x=1"),
          "primitive a Dummy \\\n\tparams x=1\n");
}
END_TEST

START_TEST(puts_refused)
{
    refuses(THREE, PUT(""), ERR_SYNTAX, 0, "one object, not 0");
    refuses(THREE, PUT("# x"), ERR_SYNTAX, 0, "one object, not 0");
    refuses(THREE, PUT("primitive d Dummy\nprimitive e Dummy"), ERR_SYNTAX, 0, "not 2");
    refuses(THREE, PUT("# x\nprimitve d Dummy"), ERR_SYNTAX, 2, "did you mean primitive?");
    refuses(THREE, PUT("bundle k a"), ERR_SYNTAX, 1, "bundle is not in this version");
    refuses(THREE, PUT("primitive d \\\n\tDummy \\\n\tmeta x=1"), ERR_SYNTAX, 3, "x is not known");
    refuses(THREE, PUT("group g a zz"), ERR_SYNTAX, 1, "no resource zz");
    refuses(THREE "group g a b", PUT("# h\ngroup h c \\\n\tb"), ERR_SYNTAX, 3, "already");
    refuses(THREE, PUT("group a b"), ERR_SYNTAX, 1, "another kind of object");
    refuses(THREE "order o a b", PUT("primitive o Dummy"), ERR_SYNTAX, 1, "another kind");
    refuses(THREE, PUT("monitor zz 10"), ERR_SYNTAX, 1, "no resource zz");
    /* What breaks elsewhere is told, without a line that would mislead. */
    refuses(THREE "group g a\norder o b g", PUT("group g a b"), ERR_SYNTAX, 0,
            "b is a member of g");
    /* A warning about the object is told, others are not. */
    ck_assert_int_eq(edit(THREE "location l a 1: db8", PUT("location k a 1: db9")), ERR_OK);
    ck_assert_uint_eq(faults.n, 1);
    ck_assert(cibtext_fault(&faults, 1, "db9") != NULL);
}
END_TEST

START_TEST(too_small)
{
    char small[40];
    struct str out;
    static char memory[CIBTEXT_MAX];
    struct arena a;
    struct cib_edit e = PUT("primitive d Dummy");
    cibtext_parse(&t, THREE);
    arena_init(&a, memory, sizeof(memory));
    str_init(&out, small, sizeof(small));
    ck_assert_int_eq(cib_edit(t.c, &cibtext_names, &e, &a, &out, &faults), ERR_FULL);
    for (size_t size = 0; size < 4000; size += 40) {
        arena_init(&a, memory, size);
        str_init(&out, text, sizeof(text));
        enum err err = cib_edit(t.c, &cibtext_names, &e, &a, &out, &faults);
        ck_assert(err == ERR_FULL || err == ERR_OK);
        ck_assert(err == ERR_OK || size < 3000);
    }
    cibtext_free(&t);
}
END_TEST

/* Putting any object of a configuration back as it is changes nothing; deleting it with force
 * always gives something right. */
START_TEST(any_object)
{
    static char from[CIBTEXT_MAX], object[CIBTEXT_MAX];
    struct cibtext whole;
    struct str s;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        str_init(&s, from, sizeof(from));
        cibgen_text(seed, &s);
        cibtext_parse(&whole, from);
        ck_assert_int_eq(whole.err, ERR_OK);
        for (unsigned i = 0; i < whole.c->n_objects; i++) {
            str_init(&s, object, sizeof(object));
            cib_print_object(whole.c, i, &s);
            ck_assert_int_eq(edit_of(whole.c, PUT(object)), ERR_OK);
            if (strcmp(text, cibtext_print(whole.c)) != 0) /* too long for a message of Check */
                ck_abort_msg("seed %u: putting back changed something: %s", (unsigned)seed, object);
            const char *id = whole.c->object[i].id;
            ck_assert_int_eq(edit_of(whole.c, E(DELETE, id, .force = true)), ERR_OK);
            cibtext_parse(&t, text);
            ck_assert_int_eq(t.err, ERR_OK);
            ck_assert_uint_lt(t.c->n_objects, whole.c->n_objects);
            cibtext_free(&t);
        }
        cibtext_free(&whole);
    }
}
END_TEST

int main(void)
{
    TCase *tc = unit_begin("cibedit");
    tcase_add_test(tc, meta_and_params);
    tcase_add_test(tc, meta_of_groups);
    tcase_add_test(tc, nodes);
    tcase_add_test(tc, options);
    tcase_add_test(tc, deletes);
    tcase_add_test(tc, puts_done);
    tcase_add_test(tc, puts_refused);
    tcase_add_test(tc, too_small);
    tcase_add_test(tc, any_object);
    return unit_end();
}
