/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_cibprint: the canonical layout, quoting, and parse(print(c)) == c for many configurations. */
#include "lib/cib/sink.h"
#include "test/unit/cibgen.h"
#include "test/unit/cibtext.h"
#include "test/unit/unit.h"

enum { SEEDS = 3000 };

static struct cibtext t, again;

static void same_list(const struct nvlist *a, const struct nvlist *b)
{
    ck_assert_uint_eq(a->n, b->n);
    for (unsigned i = 0; i < a->n; i++) {
        ck_assert_str_eq(a->at[i].name, b->at[i].name);
        ck_assert_str_eq(a->at[i].value, b->at[i].value);
    }
}

static void same_text(const char *a, const char *b)
{
    ck_assert_msg(str_eq(a, b), "%s and %s", a ? a : "NULL", b ? b : "NULL");
}

static void same_meta(const struct cib_meta *a, const struct cib_meta *b)
{
    ck_assert_int_eq(a->priority, b->priority);
    ck_assert_int_eq(a->stickiness, b->stickiness);
    ck_assert_int_eq(a->migration_threshold, b->migration_threshold);
    ck_assert_uint_eq(a->failure_timeout_ms, b->failure_timeout_ms);
    ck_assert(a->target_role == b->target_role && a->requires == b->requires);
    ck_assert(a->is_managed == b->is_managed && a->maintenance == b->maintenance);
    ck_assert(a->critical == b->critical && a->block_on_multiple == b->block_on_multiple);
}

static void same_prim(const struct cib_prim *a, const struct cib_prim *b)
{
    same_text(a->id, b->id);
    same_text(a->class, b->class);
    same_text(a->provider, b->provider);
    same_text(a->type, b->type);
    same_text(a->description, b->description);
    same_list(&a->params, &b->params);
    same_list(&a->meta, &b->meta);
    same_list(&a->all_params, &b->all_params);
    ck_assert_uint_eq(a->digest, b->digest);
    ck_assert_uint_eq(a->group, b->group);
    ck_assert_uint_eq(a->place, b->place);
    same_meta(&a->effective, &b->effective);
    ck_assert_uint_eq(a->n_ops, b->n_ops);
    for (unsigned i = 0; i < a->n_ops; i++) {
        same_text(a->op[i].name, b->op[i].name);
        same_list(&a->op[i].written, &b->op[i].written);
        same_list(&a->op[i].extra, &b->op[i].extra);
        ck_assert_uint_eq(a->op[i].interval_ms, b->op[i].interval_ms);
        ck_assert_uint_eq(a->op[i].timeout_ms, b->op[i].timeout_ms);
        ck_assert_int_eq(a->op[i].on_fail, b->op[i].on_fail);
    }
}

static void same_constraints(const struct cib *a, const struct cib *b)
{
    ck_assert_uint_eq(a->n_locations, b->n_locations);
    for (unsigned i = 0; i < a->n_locations; i++) {
        const struct cib_location *x = &a->location[i], *y = &b->location[i];
        same_text(x->node, y->node);
        ck_assert(x->rsc.kind == y->rsc.kind && x->rsc.index == y->rsc.index);
        ck_assert(x->score == y->score && x->role == y->role && x->discovery == y->discovery);
        ck_assert_uint_eq(x->node_index, y->node_index);
    }
    ck_assert_uint_eq(a->n_colocations, b->n_colocations);
    for (unsigned i = 0; i < a->n_colocations; i++) {
        const struct cib_colocation *x = &a->colocation[i], *y = &b->colocation[i];
        ck_assert(x->rsc.index == y->rsc.index && x->with.index == y->with.index);
        ck_assert(x->score == y->score && x->rsc_role == y->rsc_role);
    }
    ck_assert_uint_eq(a->n_orders, b->n_orders);
    for (unsigned i = 0; i < a->n_orders; i++) {
        const struct cib_order *x = &a->order[i], *y = &b->order[i];
        ck_assert(x->first.index == y->first.index && x->then.index == y->then.index);
        ck_assert(x->first_action == y->first_action && x->then_action == y->then_action);
        ck_assert(x->kind == y->kind && x->symmetrical == y->symmetrical);
    }
}

static void same_cib(const struct cib *a, const struct cib *b)
{
    ck_assert_uint_eq(a->n_objects, b->n_objects);
    ck_assert_uint_eq(a->n_prims, b->n_prims);
    for (unsigned i = 0; i < a->n_prims; i++)
        same_prim(&a->prim[i], &b->prim[i]);
    ck_assert_uint_eq(a->n_groups, b->n_groups);
    for (unsigned i = 0; i < a->n_groups; i++) {
        same_text(a->group[i].id, b->group[i].id);
        same_list(&a->group[i].meta, &b->group[i].meta);
        same_list(&a->group[i].params, &b->group[i].params);
        ck_assert_uint_eq(a->group[i].n_members, b->group[i].n_members);
        ck_assert_mem_eq(a->group[i].member, b->group[i].member, 2u * a->group[i].n_members);
    }
    same_constraints(a, b);
    ck_assert_uint_eq(a->n_nodes, b->n_nodes);
    for (unsigned i = 0; i < a->n_nodes; i++) {
        same_text(a->node[i].description, b->node[i].description);
        same_list(&a->node[i].attributes, &b->node[i].attributes);
    }
    for (unsigned k = 0; k < 3; k++) {
        ck_assert_uint_eq(a->n_sets[k], b->n_sets[k]);
        for (unsigned i = 0; i < a->n_sets[k]; i++)
            same_list(&a->set[k][i].nvs, &b->set[k][i].nvs);
    }
    ck_assert_int_eq(a->properties.stonith_enabled, b->properties.stonith_enabled);
    ck_assert_int_eq(a->properties.maintenance_mode, b->properties.maintenance_mode);
    ck_assert_uint_eq(a->properties.batch_limit, b->properties.batch_limit);
    ck_assert_uint_eq(a->properties.stonith_timeout_ms, b->properties.stonith_timeout_ms);
    ck_assert_uint_eq(a->properties.no_quorum_policy, b->properties.no_quorum_policy);
    same_text(a->comment, b->comment);
    /* Comments: each object keeps its own, wherever it went. */
    for (unsigned i = 0; i < a->n_objects; i++) {
        const struct cib_object *o = &a->object[i];
        uint16_t at = cib_find_object(b, o->id, o->kind == CIB_NODE);
        ck_assert_uint_ne(at, CIB_NONE);
        same_text(o->comment, b->object[at].comment);
    }
}

START_TEST(sample_prints_itself)
{
    cibtext_parse(&t, CIBTEXT_SAMPLE);
    ck_assert_int_eq(t.err, ERR_OK);
    ck_assert_str_eq(cibtext_print(t.c), CIBTEXT_SAMPLE);
    cibtext_free(&t);
}
END_TEST

START_TEST(round_trips)
{
    static char text[CIBTEXT_MAX], first[CIBTEXT_MAX];
    unsigned objects = 0, warned = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct str s;
        str_init(&s, text, sizeof(text));
        cibgen_text(seed, &s);
        cibtext_parse(&t, text);
        if (t.err) {
            fputs(text, stderr);
            cibtext_show(&t.faults);
        }
        ck_assert_msg(t.err == ERR_OK, "seed %llu", (unsigned long long)seed);
        ck_assert(str_copy(first, sizeof(first), cibtext_print(t.c)));
        cibtext_parse(&again, first);
        if (again.err) {
            fputs(first, stderr);
            cibtext_show(&again.faults);
        }
        ck_assert_msg(again.err == ERR_OK, "seed %llu", (unsigned long long)seed);
        same_cib(t.c, again.c);
        ck_assert_str_eq(cibtext_print(again.c), first);
        ck_assert_uint_eq(cib_hash(t.c), cib_hash(again.c));
        objects += t.c->n_objects;
        warned += t.faults.n > 0;
        cibtext_free(&t);
        cibtext_free(&again);
    }
    ck_assert_uint_gt(objects, 10 * SEEDS); /* the generator makes something worth the name */
    ck_assert_uint_lt(warned, SEEDS);
}
END_TEST

START_TEST(hash_knows_what_matters)
{
    static const char *const others[] = {
        "primitive a Dummy params x=2\nprimitive b Dummy\n",
        "primitive a Dummy params y=1\nprimitive b Dummy\n",
        "primitive b Dummy\nprimitive a Dummy params x=1\n",
        "primitive a Dummy params x=1\n",
        "primitive a Dummy meta priority=1\nprimitive b Dummy\n",
        "primitive a ocf:yoke:Dummy params x=1\nprimitive b Dummy\n",
    };
    cibtext_parse(&t, "# one\nprimitive a Dummy params x=1\nprimitive b Dummy\n");
    uint32_t hash = cib_hash(t.c);
    cibtext_free(&t);
    cibtext_parse(&t, "primitive a ocf:heartbeat:Dummy \\\n x=1\n# two\nprimitive b ocf:Dummy");
    ck_assert_uint_eq(cib_hash(t.c), hash);
    cibtext_free(&t);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        cibtext_parse(&t, others[i]);
        ck_assert_int_eq(t.err, ERR_OK);
        ck_assert_uint_ne(cib_hash(t.c), hash);
        cibtext_free(&t);
    }
}
END_TEST

START_TEST(objects_one_by_one)
{
    char text[200];
    struct str s;
    cibtext_parse(&t, "# why\nprimitive a Dummy x=\"1 2\"\norder o a:start b:stop\nprimitive b "
                      "Dummy\norder o2 a b symmetrical=yes\n");
    ck_assert_int_eq(t.err, ERR_OK);
    str_init(&s, text, sizeof(text));
    cib_print_object(t.c, 0, &s);
    ck_assert_str_eq(text, "# why\nprimitive a Dummy \\\n\tparams x=\"1 2\"\n");
    str_init(&s, text, sizeof(text));
    cib_print_object(t.c, 1, &s);
    ck_assert_str_eq(text, "order o Mandatory: a:start b:stop\n");
    str_init(&s, text, sizeof(text));
    cib_print_object(t.c, 3, &s);
    ck_assert_str_eq(text, "order o2 Mandatory: a b\n");
    str_init(&s, text, 10);
    cib_print_object(t.c, 3, &s);
    ck_assert(s.cut);
    ck_assert_str_eq(text, "order o2 ");
    cibtext_free(&t);
}
END_TEST

int main(void)
{
    TCase *tc = unit_begin("cibprint");
    tcase_add_test(tc, sample_prints_itself);
    tcase_add_test(tc, round_trips);
    tcase_add_test(tc, hash_knows_what_matters);
    tcase_add_test(tc, objects_one_by_one);
    return unit_end();
}
