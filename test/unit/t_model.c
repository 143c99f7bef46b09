/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_model: lookups, effective values, what an operation may take and what its failure does. */
#include "test/unit/cibtext.h"
#include "test/unit/unit.h"

static struct cibtext t;

static const struct cib *cib(const char *text)
{
    cibtext_parse(&t, text);
    if (t.err)
        cibtext_show(&t.faults);
    ck_assert_int_eq(t.err, ERR_OK);
    return t.c;
}

START_TEST(scores)
{
    ck_assert_int_eq(score_add(1, 2), 3);
    ck_assert_int_eq(score_add(SCORE_INF, -SCORE_INF), -SCORE_INF);
    ck_assert_int_eq(score_add(-SCORE_INF, SCORE_INF), -SCORE_INF);
    ck_assert_int_eq(score_add(-5, SCORE_INF), SCORE_INF);
    ck_assert_int_eq(score_add(SCORE_INF - 1, 5), SCORE_INF);
    ck_assert_int_eq(score_add(1 - SCORE_INF, -5), -SCORE_INF);
}
END_TEST

START_TEST(lookups)
{
    const struct cib *c = cib(CIBTEXT_SAMPLE);
    struct rsc_ref ref;
    ck_assert(cib_find(c, "web", &ref) && ref.kind == RSC_PRIM && ref.index == 3);
    ck_assert_str_eq(cib_rsc_id(c, ref), "web");
    ck_assert(cib_find(c, "treasury", &ref) && ref.kind == RSC_GROUP && ref.index == 0);
    ck_assert_str_eq(cib_rsc_id(c, ref), "treasury");
    ck_assert(!cib_find(c, "l1", &ref) && !cib_find(c, "", &ref) && !cib_find(c, "zzz", &ref));
    for (unsigned i = 0; i < c->n_objects; i++)
        ck_assert_uint_eq(cib_find_object(c, c->object[i].id, c->object[i].kind == CIB_NODE), i);
    ck_assert_uint_eq(cib_find_object(c, "db2", false), CIB_NONE);
    ck_assert_uint_eq(cib_find_object(c, "l1", true), CIB_NONE);
    ck_assert_str_eq(cib_set_get(c, CIB_OP_DEFAULTS, "timeout"), "30s");
    ck_assert(cib_set_get(c, CIB_PROPERTY, "timeout") == NULL);
    static const struct nv at[] = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
    const struct nvlist l = {.at = at, .n = 3};
    ck_assert_str_eq(nvlist_get(&l, "a"), "3"); /* the last one counts */
    ck_assert(nvlist_get(&l, "c") == NULL);
    cibtext_free(&t);
    ck_assert(!cib_find(cib(""), "a", &ref));
    ck_assert_uint_eq(cib_find_object(t.c, "a", false), CIB_NONE);
    cibtext_free(&t);
}
END_TEST

START_TEST(defaults)
{
    const struct cib *c = cib("primitive a Dummy\nprimitive f stonith:fence_x\n");
    const struct cib_meta *m = &c->prim[0].effective;
    ck_assert_int_eq(m->priority, 0);
    ck_assert_int_eq(m->stickiness, SCORE_INF);
    ck_assert_int_eq(m->migration_threshold, 3);
    ck_assert_uint_eq(m->failure_timeout_ms, 600000);
    ck_assert_int_eq(m->target_role, ROLE_STARTED);
    ck_assert_int_eq(m->requires, REQUIRES_FENCING);
    ck_assert(m->is_managed && !m->maintenance && m->critical);
    ck_assert(!m->block_on_multiple && !m->stop_only_on_multiple);
    ck_assert_int_eq(c->prim[1].effective.requires, REQUIRES_NOTHING);
    const struct cib_properties *p = &c->properties;
    ck_assert(p->symmetric_cluster && p->stonith_enabled && !p->maintenance_mode);
    ck_assert(!p->start_failure_is_fatal && !p->startup_fencing && !p->fencing_off);
    ck_assert_uint_eq(p->stonith_timeout_ms, 60000);
    ck_assert_uint_eq(p->stonith_max_attempts, 10);
    ck_assert_uint_eq(p->no_quorum_policy, 0);
    ck_assert_uint_eq(c->default_timeout_ms, 20000);
    ck_assert_uint_eq(c->default_interval_ms, 20000);
    cibtext_free(&t);
}
END_TEST

START_TEST(properties)
{
    const struct cib *c =
        cib("property symmetric-cluster=false stop-all-resources=1 start-failure-is-fatal=true "
            "startup-fencing=true fencing-action=off fencing-max-attempts=3 node-action-limit=2 "
            "no-quorum-policy=suicide stonith-timeout=2min maintenance-mode=yes\n");
    const struct cib_properties *p = &c->properties;
    ck_assert(!p->symmetric_cluster && p->stop_all_resources && p->start_failure_is_fatal);
    ck_assert(p->startup_fencing && p->fencing_off && p->maintenance_mode);
    ck_assert_uint_eq(p->stonith_max_attempts, 3);
    ck_assert_uint_eq(p->node_action_limit, 2);
    ck_assert_uint_eq(p->no_quorum_policy, 4);
    ck_assert_uint_eq(p->stonith_timeout_ms, 120000);
    cibtext_free(&t);
}
END_TEST

START_TEST(inheritance)
{
    const struct cib *c = cib("primitive a Dummy meta priority=7 requires=quorum\n"
                              "primitive b Dummy\n"
                              "primitive d Dummy\n"
                              "primitive f stonith:fence_x meta requires=fencing\n"
                              "group g a b meta priority=5 target-role=Stopped is-managed=no "
                              "multiple-active=block\n"
                              "rsc_defaults priority=3 resource-stickiness=-4 requires=unfencing "
                              "multiple-active=stop_only failure-timeout=1min\n");
    ck_assert_int_eq(c->prim[0].effective.priority, 7);
    ck_assert_int_eq(c->prim[1].effective.priority, 5);
    ck_assert_int_eq(c->prim[2].effective.priority, 3);
    ck_assert_int_eq(c->group[0].effective.priority, 5);
    ck_assert_int_eq(c->prim[0].effective.stickiness, -4);
    ck_assert_int_eq(c->prim[0].effective.requires, REQUIRES_QUORUM);
    ck_assert_int_eq(c->prim[1].effective.requires, REQUIRES_FENCING);
    ck_assert_int_eq(c->prim[3].effective.requires, REQUIRES_FENCING);
    ck_assert_int_eq(c->prim[1].effective.target_role, ROLE_STOPPED);
    ck_assert_int_eq(c->prim[2].effective.target_role, ROLE_STARTED);
    ck_assert(!c->prim[0].effective.is_managed && c->prim[2].effective.is_managed);
    ck_assert(c->prim[1].effective.block_on_multiple);
    ck_assert(!c->prim[1].effective.stop_only_on_multiple);
    ck_assert(c->prim[2].effective.stop_only_on_multiple);
    ck_assert_uint_eq(c->prim[0].effective.failure_timeout_ms, 60000);
    cibtext_free(&t);
}
END_TEST

START_TEST(params_and_digest)
{
    const struct cib *c = cib("primitive a Dummy x=1 y=2\n"
                              "primitive b Dummy\n"
                              "primitive d Dummy y=2 x=1\n"
                              "primitive e Dummy x=1 y=3\n"
                              "primitive f ocf:yoke:Dummy x=1 y=2\n"
                              "primitive h Dummy x=1 meta priority=1 op start timeout=9\n"
                              "primitive i Dummy x=1\n"
                              "group g a b params x=9 z=8\n");
    const struct nvlist *l = &c->prim[0].all_params;
    ck_assert_uint_eq(l->n, 3);
    ck_assert_str_eq(nvlist_get(l, "x"), "1");
    ck_assert_str_eq(nvlist_get(l, "z"), "8");
    ck_assert_uint_eq(c->prim[0].params.n, 2);
    ck_assert_uint_eq(c->prim[1].all_params.n, 2);
    ck_assert_str_eq(nvlist_get(&c->prim[1].all_params, "x"), "9");
    cibtext_free(&t);

    c = cib("primitive a Dummy x=1 y=2\nprimitive b Dummy y=2 x=1\nprimitive d Dummy x=1 y=3\n"
            "primitive e ocf:yoke:Dummy x=1 y=2\nprimitive f Dummy x=1 y=2 meta priority=1 op "
            "start timeout=9\nprimitive h Dummy x=1\ngroup g h params y=2\nprimitive i systemd:x "
            "xy=\"\"\nprimitive j systemd:x x=y\n");
    uint32_t digest = c->prim[0].digest;
    ck_assert_uint_eq(c->prim[1].digest, digest); /* the order means nothing */
    ck_assert_uint_ne(c->prim[2].digest, digest);
    ck_assert_uint_ne(c->prim[3].digest, digest);
    ck_assert_uint_eq(c->prim[4].digest, digest);
    ck_assert_uint_eq(c->prim[5].digest, digest); /* the group's counts */
    ck_assert_uint_ne(c->prim[6].digest, c->prim[7].digest);
    cibtext_free(&t);
}
END_TEST

START_TEST(timeouts)
{
    const struct cib *c = cib("primitive a Dummy op monitor interval=10 timeout=11 op stop "
                              "timeout=2min op start on-fail=stop\n"
                              "primitive b Dummy op monitor interval=10 timeout=11 op monitor "
                              "interval=0 timeout=99 op monitor interval=5 timeout=3\n"
                              "op_defaults timeout=33\n");
    const struct cib_prim *a = &c->prim[0];
    ck_assert_uint_eq(cib_timeout_ms(c, a, "monitor"), 11000);
    ck_assert_uint_eq(cib_timeout_ms(c, a, "stop"), 120000);
    ck_assert_uint_eq(cib_timeout_ms(c, a, "start"), 33000);
    ck_assert_uint_eq(cib_timeout_ms(c, a, "promote"), 33000);
    ck_assert_uint_eq(cib_timeout_ms(c, &c->prim[1], "monitor"), 99000);
    ck_assert_ptr_eq(cib_op_find(a, "stop"), &a->op[1]);
    ck_assert(cib_op_find(a, "demote") == NULL);
    cibtext_free(&t);
}
END_TEST

START_TEST(monitors)
{
    const struct cib_op *op = NULL;
    const struct cib *c =
        cib("primitive a Dummy\n"
            "primitive b Dummy op monitor interval=0\n"
            "primitive d Dummy op monitor interval=10s enabled=false\n"
            "primitive e Dummy op monitor timeout=30s\n"
            "primitive f Dummy op monitor interval=10 op monitor interval=0 timeout=5 op monitor "
            "interval=60 OCF_CHECK_LEVEL=10 op monitor interval=11 role=Master\n"
            "primitive h Dummy op start timeout=9\n");
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[0], 0, &op), 20000);
    ck_assert(op == NULL);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[0], 1, &op), 0);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[1], 0, &op), 0);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[2], 0, &op), 0);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[3], 0, &op), 20000);
    ck_assert(op && op->timeout_ms == 30000);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[4], 0, &op), 10000);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[4], 1, &op), 60000);
    ck_assert_str_eq(nvlist_get(&op->extra, "OCF_CHECK_LEVEL"), "10");
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[4], 2, &op), 0);
    ck_assert(op == NULL);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[5], 0, &op), 20000);
    cibtext_free(&t);
}
END_TEST

START_TEST(failures)
{
    const struct cib *c =
        cib("primitive a Dummy\n"
            "primitive b Dummy op stop on-fail=block op start on-fail=standby op monitor "
            "interval=5 on-fail=ignore\n"
            "primitive f stonith:fence_x\n"
            "primitive h Dummy op monitor interval=9 role=Promoted on-fail=fence\n");
    const struct cib_prim *a = &c->prim[0], *b = &c->prim[1];
    ck_assert_int_eq(cib_on_fail(c, a, "stop"), ON_FAIL_FENCE);
    ck_assert_int_eq(cib_on_fail(c, a, "start"), ON_FAIL_RESTART);
    ck_assert_int_eq(cib_on_fail(c, a, "monitor"), ON_FAIL_RESTART);
    ck_assert_int_eq(cib_on_fail(c, a, "demote"), ON_FAIL_RESTART);
    ck_assert_int_eq(cib_on_fail(c, b, "stop"), ON_FAIL_BLOCK);
    ck_assert_int_eq(cib_on_fail(c, b, "start"), ON_FAIL_STANDBY);
    ck_assert_int_eq(cib_on_fail(c, b, "monitor"), ON_FAIL_IGNORE);
    ck_assert_int_eq(cib_on_fail(c, &c->prim[2], "stop"), ON_FAIL_BLOCK);
    ck_assert_int_eq(cib_on_fail(c, &c->prim[3], "demote"), ON_FAIL_FENCE);
    cibtext_free(&t);

    c = cib("primitive a Dummy op start on-fail=fence\nproperty fencing-enabled=false\n");
    ck_assert_int_eq(cib_on_fail(c, &c->prim[0], "stop"), ON_FAIL_BLOCK);
    ck_assert_int_eq(cib_on_fail(c, &c->prim[0], "start"), ON_FAIL_STOP);
    cibtext_free(&t);

    c = cib("primitive a Dummy op start on-fail=restart\nop_defaults on-fail=standby\n");
    ck_assert_int_eq(cib_on_fail(c, &c->prim[0], "monitor"), ON_FAIL_STANDBY);
    ck_assert_int_eq(cib_on_fail(c, &c->prim[0], "start"), ON_FAIL_RESTART);
    ck_assert_int_eq(cib_on_fail(c, &c->prim[0], "stop"), ON_FAIL_FENCE);
    cibtext_free(&t);
}
END_TEST

int main(void)
{
    TCase *tc = unit_begin("model");
    tcase_add_test(tc, scores);
    tcase_add_test(tc, lookups);
    tcase_add_test(tc, defaults);
    tcase_add_test(tc, properties);
    tcase_add_test(tc, inheritance);
    tcase_add_test(tc, params_and_digest);
    tcase_add_test(tc, timeouts);
    tcase_add_test(tc, monitors);
    tcase_add_test(tc, failures);
    return unit_end();
}
