/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_cibdiff: objects of one side, of the other, and changed ones. */
#include "lib/cib/diff.h"
#include "test/unit/cibtext.h"
#include "test/unit/unit.h"

static char text[4000];

static unsigned diff(const char *from, const char *to)
{
    struct cibtext a, b;
    struct str s;
    cibtext_parse(&a, from);
    cibtext_parse(&b, to);
    ck_assert(a.c && b.c);
    str_init(&s, text, sizeof(text));
    unsigned n = cib_diff(a.c, b.c, &s);
    cibtext_free(&a);
    cibtext_free(&b);
    return n;
}

START_TEST(nothing)
{
    ck_assert_uint_eq(diff("", ""), 0);
    ck_assert_uint_eq(diff(CIBTEXT_SAMPLE, CIBTEXT_SAMPLE), 0);
    ck_assert_str_eq(text, "");
    ck_assert_uint_eq(diff("# x\nprimitive a Dummy params y=1",
                           "primitive a ocf:heartbeat:Dummy \\\n y=1\n# z\n"),
                      0);
}
END_TEST

START_TEST(changes)
{
    ck_assert_uint_eq(diff("primitive a Dummy x=1\nprimitive b Dummy\nnode b\n",
                           "primitive a Dummy x=2\nnode b\nprimitive c Dummy\n"),
                      3);
    ck_assert_str_eq(text, "- primitive a Dummy \\\n"
                           "- \tparams x=1\n"
                           "+ primitive a Dummy \\\n"
                           "+ \tparams x=2\n"
                           "- primitive b Dummy\n"
                           "+ primitive c Dummy\n");
    ck_assert_uint_eq(diff("", "property stonith-enabled=no"), 1);
    ck_assert_str_eq(text, "+ property cib-bootstrap-options: \\\n+ \tstonith-enabled=no\n");
    /* Another kind under the same id. */
    ck_assert_uint_eq(diff("primitive a Dummy", "primitive b Dummy\ngroup a b"), 2);
    ck_assert_str_eq(text, "- primitive a Dummy\n+ group a b\n+ primitive b Dummy\n");
    /* A member less changes the group. */
    ck_assert_uint_eq(diff("primitive a Dummy\nprimitive b Dummy\ngroup g a b",
                           "primitive a Dummy\nprimitive b Dummy\ngroup g b"),
                      1);
    ck_assert_str_eq(text, "- group g a b\n+ group g b\n");
}
END_TEST

START_TEST(cut_text_still_counts)
{
    struct cibtext a, b;
    struct str s;
    char small[8];
    cibtext_parse(&a, CIBTEXT_SAMPLE);
    cibtext_parse(&b, "");
    str_init(&s, small, sizeof(small));
    ck_assert_uint_eq(cib_diff(a.c, b.c, &s), a.c->n_objects);
    ck_assert(s.cut);
    cibtext_free(&a);
    cibtext_free(&b);
}
END_TEST

int main(void)
{
    TCase *tc = unit_begin("cibdiff");
    tcase_add_test(tc, nothing);
    tcase_add_test(tc, changes);
    tcase_add_test(tc, cut_text_still_counts);
    return unit_end();
}
