/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_cibparse: texts to values, old spellings, every kind of fault with its line, all at once, and
 * how much memory the worst texts take. */
#include <limits.h>
#include "test/unit/cibtext.h"
#include "test/unit/unit.h"

static struct cibtext t;

static void good(const char *text)
{
    cibtext_parse(&t, text);
    if (t.err)
        cibtext_show(&t.faults);
    ck_assert_int_eq(t.err, ERR_OK);
    ck_assert(t.c != NULL);
}

static void bad(const char *text)
{
    cibtext_parse(&t, text);
    ck_assert_int_eq(t.err, ERR_SYNTAX);
    ck_assert(t.c == NULL);
    ck_assert_uint_gt(t.faults.n_errors, 0);
}

#define MUST_FAULT(line, words)                                                                    \
    do {                                                                                           \
        const struct cib_fault *fault_ = cibtext_fault(&t.faults, line, words);                    \
        if (fault_ == NULL)                                                                        \
            cibtext_show(&t.faults);                                                               \
        ck_assert_msg(fault_ != NULL, "line %u: %s", (unsigned)(line), words);                     \
    } while (0)

/* The text has exactly one fault, an error in line 1 with these words. */
#define ONE_FAULT(text, words)                                                                     \
    do {                                                                                           \
        bad(text);                                                                                 \
        MUST_FAULT(1, words);                                                                      \
        if (t.faults.n != 1)                                                                       \
            cibtext_show(&t.faults);                                                               \
        ck_assert_uint_eq(t.faults.n, 1);                                                          \
        cibtext_free(&t);                                                                          \
    } while (0)

START_TEST(sample_is_read)
{
    good(CIBTEXT_SAMPLE);
    const struct cib *c = t.c;
    ck_assert_uint_eq(t.faults.n, 0);
    ck_assert_uint_eq(c->n_objects, 15);
    ck_assert_uint_eq(c->n_nodes, 1);
    ck_assert_str_eq(c->node[0].name, "db2");
    ck_assert_uint_eq(c->node[0].node_index, 1);
    ck_assert_str_eq(c->node[0].description, "second room");
    ck_assert_str_eq(nvlist_get(&c->node[0].attributes, "site"), "hall 2");
    ck_assert_str_eq(c->object[0].comment, "# the standby node");
    ck_assert_uint_eq(c->object[0].line, 2);
    ck_assert_uint_eq(c->n_prims, 5);
    const struct cib_prim *p = &c->prim[0];
    ck_assert_str_eq(p->class, "ocf");
    ck_assert_str_eq(p->provider, "yoke");
    ck_assert_str_eq(p->type, "Filesystem");
    ck_assert_uint_eq(p->params.n, 3);
    ck_assert_str_eq(p->params.at[1].value, "/data");
    ck_assert_uint_eq(p->n_ops, 2);
    ck_assert_uint_eq(p->op[0].interval_ms, 10000);
    ck_assert_uint_eq(p->op[0].timeout_ms, 40000);
    ck_assert_uint_eq(p->op[0].extra.n, 1);
    ck_assert_str_eq(p->op[0].extra.at[0].name, "OCF_CHECK_LEVEL");
    ck_assert_uint_eq(p->op[0].written.n, 3);
    ck_assert_int_eq(p->op[1].on_fail, ON_FAIL_FENCE);
    ck_assert_str_eq(c->object[1].comment, "# storage first\n# then all else");
    ck_assert_str_eq(c->prim[1].provider, "heartbeat");
    ck_assert_str_eq(c->prim[1].type, "IPaddr2");
    ck_assert(c->prim[3].provider == NULL);
    ck_assert_str_eq(c->prim[3].class, "systemd");
    ck_assert_str_eq(c->prim[3].description, "a \"quoted\" word and a \\");
    ck_assert(c->prim[4].is_stonith);
    ck_assert_uint_eq(c->group[0].n_members, 3);
    ck_assert_uint_eq(c->group[0].member[2], 2);
    ck_assert_uint_eq(c->prim[2].place, 2);
    ck_assert_uint_eq(c->prim[2].group, 0);
    ck_assert_uint_eq(c->prim[3].group, CIB_NONE);
    ck_assert_int_eq(c->colocation[0].score, SCORE_INF);
    ck_assert_int_eq(c->colocation[0].rsc.kind, RSC_PRIM);
    ck_assert_int_eq(c->colocation[0].with.kind, RSC_GROUP);
    ck_assert_int_eq(c->location[0].score, 100);
    ck_assert_uint_eq(c->location[0].node_index, 0);
    ck_assert_int_eq(c->location[1].score, -SCORE_INF);
    ck_assert_uint_eq(c->location[1].discovery, 1);
    ck_assert_int_eq(c->order[0].kind, ORDER_OPTIONAL);
    ck_assert(c->order[0].symmetrical && !c->order[1].symmetrical);
    ck_assert_int_eq(c->order[1].first_action, ACTION_STOP);
    ck_assert_uint_eq(c->properties.stonith_timeout_ms, 90000);
    ck_assert_uint_eq(c->properties.no_quorum_policy, 2);
    ck_assert_uint_eq(c->default_timeout_ms, 30000);
    ck_assert_str_eq(c->comment, "# the end");
    cibtext_free(&t);
}
END_TEST

START_TEST(old_spellings)
{
    good("node 1084783552: db1:normal attributes standby=on\n"
         "node $id=\"2\" db2\n"
         "primitive a Dummy params $id=\"a-params\" x=1 operations $id=\"a-ops\" op monitor "
         "interval=10s\n"
         "primitive b ocf:Dummy x=1 meta target-role=Slave\n"
         "primitive d lsb:tomcat\n"
         "monitor d:Started 60s:30s\n"
         "collocation c1 mandatory: a b\n"
         "colocation c2 advisory: a d\n"
         "order o1 0: a b\n"
         "order o2 inf: b d\n"
         "order o3 advisory: a d\n"
         "order o4 mandatory: a:start d\n"
         "order o5 d:stop a\n"
         "location l1 a 100:db1\n"
         "location l2 a -1000001: db1\n"
         "location l3 a 99999999999999999999: db1\n"
         "property $id=\"cib-bootstrap-options\" stonith-enabled=\"false\" dc-version=1.1.24\n"
         "property maintenance-mode=true\n"
         "property stonith-action=off\n"
         "rsc_defaults $id=\"rsc-options\" resource-stickiness=\"100\"\n"
         "op_defaults $id=\"op-options\" timeout=\"240\"\n");
    const struct cib *c = t.c;
    ck_assert_uint_eq(t.faults.n, 0);
    ck_assert(c->node[0].standby && !c->node[1].standby);
    ck_assert_uint_eq(c->node[0].node_index, 0);
    ck_assert_str_eq(c->prim[1].provider, "heartbeat");
    ck_assert_str_eq(nvlist_get(&c->prim[1].params, "x"), "1");
    ck_assert_int_eq(c->prim[1].effective.target_role, ROLE_UNPROMOTED);
    ck_assert_uint_eq(c->prim[2].op[0].interval_ms, 60000);
    ck_assert_uint_eq(c->prim[2].op[0].timeout_ms, 30000);
    ck_assert_str_eq(c->prim[2].op[0].role, "Started");
    ck_assert_int_eq(c->colocation[0].score, SCORE_INF);
    ck_assert_int_eq(c->colocation[1].score, 0);
    ck_assert_int_eq(c->location[0].score, 100);
    ck_assert_int_eq(c->location[1].score, -SCORE_INF);
    ck_assert_int_eq(c->location[2].score, SCORE_INF);
    ck_assert_int_eq(c->order[0].kind, ORDER_OPTIONAL);
    ck_assert_int_eq(c->order[1].kind, ORDER_MANDATORY);
    ck_assert_int_eq(c->order[2].kind, ORDER_OPTIONAL);
    ck_assert_int_eq(c->order[3].kind, ORDER_MANDATORY);
    ck_assert_int_eq(c->order[4].then_action, ACTION_STOP);
    ck_assert_uint_eq(c->n_sets[0], 1);
    ck_assert_uint_eq(c->set[0][0].nvs.n, 4);
    ck_assert(!c->properties.stonith_enabled && c->properties.maintenance_mode);
    ck_assert(c->properties.fencing_off);
    ck_assert_int_eq(c->prim[0].effective.stickiness, 100);
    ck_assert_uint_eq(c->default_timeout_ms, 240000);
    cibtext_free(&t);
}
END_TEST

START_TEST(sets_join)
{
    /* Without an id: the set that is there, whatever its id. */
    good("rsc_defaults x: priority=1\nrsc_defaults priority=2 critical=no\n");
    ck_assert_uint_eq(t.c->n_sets[1], 1);
    ck_assert_str_eq(t.c->set[1][0].id, "x");
    ck_assert_str_eq(cib_set_get(t.c, CIB_RSC_DEFAULTS, "priority"), "2");
    cibtext_free(&t);
    good("property stonith-enabled=true batch-limit=5\n"
         "# later\n"
         "property fencing-enabled=false\n"
         "op_defaults enabled=false start-delay=2s\n"
         "primitive a Dummy op monitor interval=5s op start enabled=true start-delay=1s\n");
    ck_assert_uint_eq(t.c->n_sets[0], 1);
    ck_assert_uint_eq(t.c->set[0][0].nvs.n, 2);
    ck_assert_str_eq(t.c->set[0][0].nvs.at[0].name, "fencing-enabled");
    ck_assert(!t.c->properties.stonith_enabled);
    ck_assert_uint_eq(t.c->properties.batch_limit, 5);
    ck_assert_str_eq(t.c->object[0].comment, "# later"); /* the comment is not lost */
    ck_assert(!t.c->prim[0].op[0].enabled && t.c->prim[0].op[1].enabled);
    ck_assert_uint_eq(t.c->prim[0].op[0].start_delay_ms, 2000);
    ck_assert_uint_eq(t.c->prim[0].op[1].start_delay_ms, 1000);
    cibtext_free(&t);
}
END_TEST

/* Parts of clones: where they stand, what they are called, who is found by which name. */
START_TEST(clones)
{
    struct rsc_ref ref;
    cibtext_parse(&t, "primitive db Dummy op monitor interval=10s op monitor interval=9s "
                      "role=Promoted op promote timeout=77s op demote timeout=66s\n"
                      "primitive gw Dummy\n"
                      "ms m db meta target-role=Promoted\n"
                      "clone k gw\n"
                      "colocation c inf: gw m:Promoted\n"
                      "location l m role=Promoted 5: db2\n");
    ck_assert_int_eq(t.err, ERR_OK);
    const struct cib *c = t.c;
    ck_assert_uint_eq(c->n_clones, 2);
    unsigned nodes = c->n_copies;
    ck_assert_uint_ge(nodes, 2);
    ck_assert_uint_eq(c->n_prims, 2 * nodes + 1);
    ck_assert(cib_find(c, "db", &ref) && ref.kind == RSC_CLONE && ref.index == 0);
    ck_assert(cib_find(c, "m", &ref) && ref.kind == RSC_CLONE && ref.index == 0);
    ck_assert(cib_find(c, "gw:1", &ref) && ref.kind == RSC_PRIM);
    const struct cib_prim *copy = &c->prim[ref.index];
    ck_assert_str_eq(copy->name, "gw");
    ck_assert_uint_eq(copy->node, 1);
    ck_assert_int_eq(copy->effective.requires, REQUIRES_NOTHING);
    ck_assert(cib_find(c, "db:promoted", &ref) && ref.kind == RSC_PRIM);
    const struct cib_prim *role = &c->prim[ref.index];
    ck_assert_int_eq(role->effective.requires, REQUIRES_FENCING);
    ck_assert_str_eq(cib_action(role, "start"), "promote");
    ck_assert_uint_eq(cib_timeout_ms(c, role, "start"), 77000);
    ck_assert_uint_eq(cib_timeout_ms(c, role, "stop"), 66000);
    const struct cib_op *op;
    ck_assert_uint_eq(cib_monitor_ms(c, role, 0, &op), 9000);
    ck_assert_uint_eq(cib_monitor_ms(c, role, 1, &op), 0);
    cib_find(c, "db:0", &ref);
    ck_assert_uint_eq(cib_monitor_ms(c, &c->prim[ref.index], 0, &op), 10000);
    /* "gw with the promoted one" is said of each copy of gw. */
    unsigned said = 0;
    for (unsigned i = 0; i < c->n_colocations; i++)
        said += str_eq(c->colocation[i].id, "c") && !c->colocation[i].spread;
    ck_assert_uint_eq(said, nodes);
    cibtext_free(&t);
    ONE_FAULT("clone k a b\nprimitive a Dummy", "a clone is of one primitive");
    ONE_FAULT("clone k g\nprimitive a Dummy\ngroup g a", "of one primitive");
    ONE_FAULT("clone k nothing", "there is no resource nothing");
    ONE_FAULT("clone k\nprimitive a Dummy", "clone k needs a primitive");
    ONE_FAULT("clone k a meta clone-node-max=2\nprimitive a Dummy", "it is always 1");
    ONE_FAULT("clone k a meta globally-unique=true\nprimitive a Dummy", "all copies have one name");
    ONE_FAULT("clone k a op monitor interval=5s\nprimitive a Dummy", "a clone has no operations");
}
END_TEST

START_TEST(later_kinds)
{
    static const char *const words[] = {"bundle", "tag", "alert",       "rsc_ticket",
                                        "role",   "xml", "rsc_template"};
    char text[200], sentence[100];
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        snprintf(text, sizeof(text), "%s x y\nlocation l x 0: db1\n", words[i]);
        snprintf(sentence, sizeof(sentence), "%s is not in this version of yoke", words[i]);
        ONE_FAULT(text, sentence); /* and that l names x is no second fault */
    }
    ONE_FAULT("location l /a.*/ 0: db1", "resource pattern");
    ONE_FAULT("primitive a @b", "template");
    ONE_FAULT("primitive a Dummy utilization memory=1", "utilization is not in this");
    ONE_FAULT("primitive a Dummy params rule #uname eq db1 x=1", "a rule is not in this");
    ONE_FAULT("location l a rule -inf: not_defined pingd or pingd lte 0\nprimitive a Dummy",
              "a rule is not in this");
    ONE_FAULT("primitive a Dummy meta $id-ref=x", "$id-ref");
    ONE_FAULT("colocation c inf: a b d", "resource set");
    ONE_FAULT("order o [ a b ]", "resource set");
    ONE_FAULT("node db1:remote", "remote node");
}
END_TEST

START_TEST(faults_of_words)
{
    ONE_FAULT("primitve a Dummy", "did you mean primitive?");
    ONE_FAULT("frobnicate", "is no kind of object; there are node");
    ONE_FAULT("\tparams x=1", "cannot begin an object");
    ONE_FAULT("primitive", "without an id");
    ONE_FAULT("primitive a", "needs an agent");
    ONE_FAULT("primitive 1a Dummy", "cannot be an id");
    ONE_FAULT("primitive a:b Dummy", "cannot be an id");
    ONE_FAULT("primitive meta Dummy", "means something else");
    ONE_FAULT("primitive a123456789012345678901234567890123456789012345678901234567890123 Dummy",
              "at most 63");
    ONE_FAULT("primitive a ofc:yoke:Dummy", "did you mean ocf?");
    ONE_FAULT("primitive a heartbeat:Dummy", "write ocf:heartbeat:Dummy");
    ONE_FAULT("primitive a service:x", "write systemd:");
    ONE_FAULT("primitive a ocf:../../bin:sh", "cannot be the name of an agent");
    ONE_FAULT("primitive a ocf:yoke:.hidden", "cannot be the name of an agent");
    ONE_FAULT("primitive a stonith:external/ipmi", "cannot be the name of an agent");
    ONE_FAULT("primitive a Dummy parms x=1", "did you mean params?");
    ONE_FAULT("primitive a Dummy op", "needs the name of an operation");
    ONE_FAULT("primitive a Dummy op montor interval=10s", "did you mean monitor?");
    ONE_FAULT("primitive a Dummy op monitor 10s", "name=value only");
    ONE_FAULT("primitive a Dummy op monitor timout=10s", "did you mean timeout?");
    ONE_FAULT("primitive a Dummy op monitor timeout=0", "more than 0");
    ONE_FAULT("primitive a Dummy op monitor name=x", "as the word behind op");
    ONE_FAULT("primitive a Dummy op monitor on-fail=explode", "ignore, block");
    ONE_FAULT("primitive a Dummy meta targt-role=x", "did you mean target-role?");
    ONE_FAULT("primitive a Dummy meta target-role=up", "Started, Stopped");
    ONE_FAULT("primitive a Dummy meta priority=high", "a whole number");
    ONE_FAULT("primitive a Dummy meta migration-threshold=-1", "from 0 on");
    ONE_FAULT("primitive a Dummy meta failure-timeout=soon", "a time such as");
    ONE_FAULT("primitive a Dummy meta is-managed=perhaps", "true or false");
    ONE_FAULT("primitive a Dummy params x=1 x=2", "x is set twice, first in line 1");
    ONE_FAULT("primitive a Dummy params =1", "cannot be the name of an attribute");
    ONE_FAULT("property stonith-enabld=true", "did you mean stonith-enabled?");
    ONE_FAULT("property default-resource-stickiness=1", "write rsc_defaults");
    ONE_FAULT("property", "at least one NAME=VALUE");
}
END_TEST

START_TEST(faults_of_constraints)
{
    ONE_FAULT("location l", "needs a resource");
    ONE_FAULT("location l x=1", "needs a resource");
    ONE_FAULT("monitor a", "write monitor RSC");
    ONE_FAULT("node", "needs the name of a node");
    ONE_FAULT("node db1:b", "no type of node");
    ONE_FAULT("node db1 attributes standby=maybe", "true or false");
    ONE_FAULT("colocation c a b", "needs a score");
    ONE_FAULT("colocation c inf: a", "needs two resources");
    ONE_FAULT("order o", "needs two resources");
    ONE_FAULT("location l databse 1: db1\nprimitive database Dummy", "did you mean database?");
    static const char base[] = "primitive a Dummy\nprimitive b Dummy\n";
    static const struct {
        const char *text, *words;
    } faults[] = {
        {"location l a 10 db1", "a score ends with a colon"},
        {"location l a x: db1", "is no score"},
        {"location l a rol=Started 1: db1", "did you mean role?"},
        {"location l a role=Boss 1: db1", "is no role"},
        {"location l a resource-discovery=often 1: db1", "always, never or exclusive"},
        {"location l a 1:", "the node is missing"},
        {"location l a", "needs a score and a node"},
        {"location l a 1: db1 2: db2", "one score and one node"},
        {"location l aa 1: db1", "there is no resource aa"},
        {"location l l 1: db1", "l is a location"},
        {"colocation c inf: a b node-attribute=site", "not in this version"},
        {"colocation c inf: a:Boss b", "is no role"},
        {"order o Mandatry: a b", "did you mean Mandatory?"},
        {"order o -5: a b", "is no kind of order"},
        {"order o a:strt b", "did you mean start?"},
        {"order o a b symetrical=true", "did you mean symmetrical?"},
        {"order o a b symmetrical=x", "true or false"},
        {"order o Serialize: a b symmetrical=true", "never symmetrical"},
        {"monitor b often", "is not a time"},
        {"monitor b:Boss 10", "is no role"},
        {"monitor b 10:0", "is not a time"},
        {"primitive a Dummy", "already the id of the primitive in line 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        char text[200];
        snprintf(text, sizeof(text), "%s%s\n", base, faults[i].text);
        bad(text);
        MUST_FAULT(3, faults[i].words);
        if (t.faults.n != 1)
            cibtext_show(&t.faults);
        ck_assert_uint_eq(t.faults.n, 1);
        cibtext_free(&t);
    }
}
END_TEST

START_TEST(all_faults_at_once)
{
    char text[8000];
    struct str s;
    bad("primitve a Dummy\n"
        "primitive b Dummy meta x=1 \\\n"
        "\tparams y=1 y=2\n"
        "group g b zz\n"
        "location l b 10: db9\n");
    ck_assert_uint_eq(t.faults.n_errors, 4);
    MUST_FAULT(1, "primitve");
    MUST_FAULT(2, "x is not known in meta");
    MUST_FAULT(3, "y is set twice");
    MUST_FAULT(4, "no resource zz");
    MUST_FAULT(5, "no node db9");
    ck_assert(t.faults.at[4].warning);
    for (unsigned i = 1; i < t.faults.n; i++)
        ck_assert_uint_le(t.faults.at[i - 1].line, t.faults.at[i].line);
    cibtext_free(&t);

    /* More than there is room for: counted, and no error is lost for a warning. */
    str_init(&s, text, sizeof(text));
    for (unsigned i = 0; i < 70; i++)
        str_addf(&s, "primitive p%u Dummy op start timeout=20000\n", i);
    str_add(&s, "nonsense\n");
    bad(text);
    ck_assert_uint_eq(t.faults.n, CIB_FAULTS_MAX);
    ck_assert_uint_eq(t.faults.n_errors, 1);
    MUST_FAULT(71, "nonsense");
    cibtext_free(&t);
}
END_TEST

START_TEST(limits)
{
    static char text[CIB_TEXT_MAX + 2];
    struct str s;
    memset(text, '\n', CIB_TEXT_MAX + 1);
    cibtext_parse(&t, text);
    ck_assert_int_eq(t.err, ERR_FULL);
    MUST_FAULT(0, "longer than");
    cibtext_free(&t);

    str_init(&s, text, sizeof(text));
    for (unsigned i = 0; i <= CIB_PRIM_MAX; i++)
        str_addf(&s, "primitive p%u Dummy\n", i);
    cibtext_parse(&t, text);
    ck_assert_int_eq(t.err, ERR_FULL);
    MUST_FAULT(0, "too large");
    cibtext_free(&t);

    str_init(&s, text, sizeof(text));
    str_add(&s, "primitive a Dummy x=");
    for (unsigned i = 0; i < 4096; i++)
        str_add_char(&s, 'x');
    ONE_FAULT(text, "longer than 4095");

    str_init(&s, text, sizeof(text));
    str_add(&s, "primitive a Dummy params");
    for (unsigned i = 0; i < 129; i++)
        str_addf(&s, " p%u=1", i);
    ONE_FAULT(text, "more than 128 attributes");

    /* What a group hands down is bounded, too. */
    str_init(&s, text, sizeof(text));
    str_add(&s, "group g");
    for (unsigned i = 0; i < 200; i++)
        str_addf(&s, " a%u", i);
    str_add(&s, " params");
    for (unsigned i = 0; i < 100; i++)
        str_addf(&s, " p%u=1", i);
    for (unsigned i = 0; i < 200; i++)
        str_addf(&s, "\nprimitive a%u Dummy x=1", i);
    cibtext_parse(&t, text);
    ck_assert_int_eq(t.err, ERR_FULL);
    MUST_FAULT(0, "hand down too many params");
    cibtext_free(&t);
}
END_TEST

START_TEST(arena_too_small)
{
    static char memory[CIBTEXT_MAX];
    struct cib_faults f;
    struct arena a;
    struct cib *c;
    unsigned refused = 0;
    for (size_t size = 0; size < sizeof(memory); size += 128) {
        arena_init(&a, memory, size);
        enum err err = cib_parse(CIBTEXT_SAMPLE, &cibtext_names, &a, &c, &f);
        ck_assert(err == ERR_OK || err == ERR_FULL);
        ck_assert((err == ERR_OK) == (c != NULL));
        ck_assert((err == ERR_OK) == (f.n_errors == 0));
        refused += err == ERR_FULL;
    }
    ck_assert_uint_gt(refused, 10);
    ck_assert(c != NULL);
    ck_assert_str_eq(cibtext_print(c), CIBTEXT_SAMPLE);
}
END_TEST

/* Texts made of what costs most for each byte: the promise of cib_arena_need holds. */
START_TEST(arena_need)
{
    static const struct {
        const char *head, *piece;
    } texts[] = {
        {"", "node a\n"},
        {"", "group a b\n"},
        {"", "primitive a b\n"},
        {"", "order a b c\n"},
        {"", "colocation a 0:b c\n"},
        {"", "location a b 0:c\n"},
        {"", "property a=\n"},
        {"", "monitor a 1\n"},
        {"primitive a b\n", "monitor a 1:1\n"},
        {"", "#\n"},
        {"", "\\\n"},
        {"", "x\n"},
        {"group a ", "b "},
        {"primitive a b ", "a= "},
        {"primitive a b ", "op s "},
        {"primitive a b ", "op s a= "},
        {"primitive a b ", "op s a= b= c= d= "},
        {"primitive a b op s ", "a= "},
        {"primitive a b ", "meta a= "},
        {"primitive a b ", "\"\" "},
    };
    static char text[400000];
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        bool few = str_starts(texts[i].piece, "group") || str_starts(texts[i].piece, "prim");
        unsigned most = !strchr(texts[i].piece, '\n') ? UINT_MAX : few ? CIB_PRIM_MAX : 16000;
        for (size_t size = 64; size <= sizeof(text); size *= 5) {
            struct str s;
            str_init(&s, text, size);
            str_add(&s, texts[i].head);
            for (unsigned n = 0; n < most && s.len + 20 < size; n++)
                str_add(&s, texts[i].piece);
            cibtext_parse(&t, text);
            ck_assert_msg(t.err != ERR_FULL, "%s%s... of %zu bytes", texts[i].head, texts[i].piece,
                          size);
            cibtext_free(&t);
        }
    }
}
END_TEST

START_TEST(many)
{
    static char text[CIB_TEXT_MAX];
    struct str s;
    struct rsc_ref ref;
    str_init(&s, text, sizeof(text));
    for (unsigned i = 0; i < 2000; i++)
        str_addf(&s, "primitive p%u ocf:yoke:Dummy params a=%u op monitor interval=10s\n", i, i);
    for (unsigned i = 0; i < 200; i++) {
        str_addf(&s, "group g%u", i);
        for (unsigned k = 0; k < 10; k++)
            str_addf(&s, " p%u", i + 200 * k);
        str_add(&s, "\n");
    }
    for (unsigned i = 1; i < 200; i++)
        str_addf(&s, "order o%u g%u g%u\n", i, i - 1, i);
    good(text);
    ck_assert_uint_eq(t.faults.n, 0);
    for (unsigned i = 0; i < 2000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "p%u", i);
        ck_assert(cib_find(t.c, id, &ref));
        ck_assert(ref.kind == RSC_PRIM && ref.index == i);
        ck_assert_uint_eq(t.c->prim[i].group, i % 200);
        ck_assert_uint_eq(t.c->prim[i].place, i / 200);
    }
    ck_assert(cib_find(t.c, "g199", &ref) && ref.kind == RSC_GROUP && ref.index == 199);
    ck_assert(!cib_find(t.c, "p2000", &ref));
    cibtext_free(&t);
}
END_TEST

int main(void)
{
    TCase *tc = unit_begin("cibparse");
    tcase_add_test(tc, sample_is_read);
    tcase_add_test(tc, old_spellings);
    tcase_add_test(tc, sets_join);
    tcase_add_test(tc, clones);
    tcase_add_test(tc, later_kinds);
    tcase_add_test(tc, faults_of_words);
    tcase_add_test(tc, faults_of_constraints);
    tcase_add_test(tc, all_faults_at_once);
    tcase_add_test(tc, limits);
    tcase_add_test(tc, arena_too_small);
    tcase_add_test(tc, arena_need);
    tcase_add_test(tc, many);
    return unit_end();
}
