/* SPDX-License-Identifier: GPL-2.0-or-later
 * cibgen: configurations by chance, right ones, in all the spellings that people use. */
#ifndef YOKE_TEST_CIBGEN_H
#define YOKE_TEST_CIBGEN_H

#include "lib/base/prng.h"
#include "lib/base/str.h"

struct cibgen {
    struct prng p;
    struct str *s;
    unsigned prims, groups, group_of[64]; /* group_of: 0 none */
};

static inline bool cibgen_often(struct cibgen *g, unsigned percent)
{
    return prng_chance(&g->p, percent * 10000);
}

static inline const char *cibgen_one(struct cibgen *g, const char *const *of, size_t n)
{
    return of[prng_below(&g->p, n)];
}

#define CIBGEN_ONE(g, ...)                                                                         \
    cibgen_one(g, (const char *const[]){__VA_ARGS__},                                              \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static inline void cibgen_gap(struct cibgen *g)
{
    str_add(g->s, CIBGEN_ONE(g, " ", " ", " ", "  ", "\t", " \\\n\t", " \\\n"));
}

static inline void cibgen_comment(struct cibgen *g)
{
    while (cibgen_often(g, 15))
        str_add(g->s, CIBGEN_ONE(g, "# a remark\n", "  # 说明 \"\n", "#\n", "# x \\\n", "\n"));
}

static inline void cibgen_value(struct cibgen *g)
{
    str_add(g->s,
            CIBGEN_ONE(g, "1", "/dev/sda", "\"two words\"", "'single \"q\"'", "\"a \\\"b\\\" c\"",
                       "\"\"", "", "a=b", "back\\slash", "\"\\\\\"", "数据", "#x", "a\"b c\"d",
                       "10.2.13.100", "\"tab\there\"", "{", "x:y"));
}

static inline void cibgen_params(struct cibgen *g)
{
    unsigned n = (unsigned)prng_between(&g->p, 1, 4);
    for (unsigned i = 0; i < n; i++) {
        cibgen_gap(g);
        str_addf(g->s, "%s%u=", CIBGEN_ONE(g, "p", "with-dash", "OCF_x", "a.b"), i);
        cibgen_value(g);
    }
}

static inline void cibgen_meta(struct cibgen *g)
{
    static const char *const choices[] = {
        "priority=10",
        "critical=no",
        "target-role=Stopped",
        "is-managed=off",
        "resource-stickiness=inf",
        "requires=quorum",
        "migration-threshold=0",
        "failure-timeout=30min",
        "multiple-active=block",
        "maintenance=y",
    };
    for (size_t i = 0; i < ARRAY_LEN(choices); i++)
        if (cibgen_often(g, 20)) {
            cibgen_gap(g);
            str_add(g->s, choices[i]);
        }
}

static inline void cibgen_ops(struct cibgen *g)
{
    unsigned n = (unsigned)prng_below(&g->p, 3);
    for (unsigned i = 0; i < n; i++) {
        cibgen_gap(g);
        str_addf(g->s, "op monitor interval=%us", 5 + i);
        if (cibgen_often(g, 50))
            str_add(g->s, " timeout=90");
        if (cibgen_often(g, 30))
            str_add(g->s, " OCF_CHECK_LEVEL=10");
        if (cibgen_often(g, 20))
            str_addf(g->s, " on-fail=%s", CIBGEN_ONE(g, "restart", "ignore", "fence", "standby"));
    }
    if (cibgen_often(g, 30))
        str_add(g->s, " op stop timeout=100s on-fail=block");
}

static inline void cibgen_prim(struct cibgen *g, unsigned i)
{
    cibgen_comment(g);
    str_addf(g->s, "primitive p%u ", i);
    str_add(g->s, CIBGEN_ONE(g, "Dummy", "ocf:yoke:ip", "ocf:heartbeat:pgsql", "systemd:a@b-c.d",
                             "systemd:x\\x2dy", "lsb:foo", "ocf:Dummy"));
    if (cibgen_often(g, 20)) {
        str_add(g->s, " description=");
        cibgen_value(g);
    }
    if (cibgen_often(g, 60)) {
        if (cibgen_often(g, 80)) {
            cibgen_gap(g);
            str_add(g->s, "params");
        }
        cibgen_params(g);
    }
    if (cibgen_often(g, 40)) {
        str_add(g->s, " meta");
        cibgen_meta(g);
    }
    cibgen_ops(g);
    str_add(g->s, "\n");
}

/* Members are those that come next, so that no primitive is in two groups. */
static inline void cibgen_group(struct cibgen *g, unsigned i, unsigned *next)
{
    unsigned n = (unsigned)prng_between(&g->p, 1, 4);
    cibgen_comment(g);
    str_addf(g->s, "group g%u", i);
    for (; n > 0 && *next < g->prims; n--) {
        cibgen_gap(g);
        g->group_of[*next] = i;
        str_addf(g->s, "p%u", (*next)++);
    }
    if (cibgen_often(g, 30)) {
        str_add(g->s, " meta");
        cibgen_meta(g);
    }
    if (cibgen_often(g, 30)) {
        str_add(g->s, " params");
        cibgen_params(g);
    }
    str_add(g->s, "\n");
}

/* Two resources that are not of one group. Returns false when they are. */
static inline bool cibgen_pair(struct cibgen *g, unsigned *a, unsigned *b)
{
    *a = (unsigned)prng_below(&g->p, g->prims);
    *b = (unsigned)prng_below(&g->p, g->prims);
    return *a != *b && (g->group_of[*a] == 0 || g->group_of[*a] != g->group_of[*b]);
}

static inline void cibgen_constraint(struct cibgen *g, unsigned i)
{
    unsigned a, b;
    const char *word = CIBGEN_ONE(g, "location", "colocation", "collocation", "order");
    if (!cibgen_pair(g, &a, &b))
        return;
    cibgen_comment(g);
    str_addf(g->s, "%s k%u ", word, i);
    if (str_eq(word, "location")) {
        str_addf(g->s, "p%u ", a);
        str_add(g->s, CIBGEN_ONE(g, "", "role=Started ", "resource-discovery=never "));
        str_add(g->s, CIBGEN_ONE(g, "inf:", "-INFINITY:", "50:", "-7:", "0:", "99999999:"));
        str_add(g->s, CIBGEN_ONE(g, " db1", "db2", " elsewhere"));
    } else if (str_eq(word, "order")) {
        str_add(g->s,
                CIBGEN_ONE(g, "", "Mandatory: ", "optional: ", "0: ", "inf: ", "Serialize: "));
        str_addf(g->s, "p%u%s p%u%s", a, CIBGEN_ONE(g, "", ":start", ":stop"), b,
                 CIBGEN_ONE(g, "", ":start", ":stop"));
        str_add(g->s, CIBGEN_ONE(g, "", " symmetrical=false"));
    } else {
        str_add(g->s, CIBGEN_ONE(g, "inf: ", "-inf: ", "mandatory: ", "100: ", "0: "));
        str_addf(g->s, "p%u%s p%u", a, CIBGEN_ONE(g, "", ":Started"), b);
    }
    str_add(g->s, "\n");
}

static inline void cibgen_sets(struct cibgen *g)
{
    static const char *const lines[] = {
        "property stonith-enabled=false\n",
        "property cib-bootstrap-options: fencing-timeout=70 \\\n\tno-quorum-policy=freeze\n",
        "property $id=\"other\" batch-limit=4\n",
        "property maintenance-mode=true stonith-enabled=yes\n",
        "rsc_defaults resource-stickiness=200\n",
        "rsc_defaults rsc-options: migration-threshold=5\n",
        "op_defaults timeout=1min\n",
        "op_defaults op-options: on-fail=restart record-pending=true\n",
        "node db1 attributes standby=on site=\"a b\"\n",
        "node 7: db2 description=second\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (cibgen_often(g, 30)) {
            cibgen_comment(g);
            str_add(g->s, lines[i]);
        }
}

/* Writes the configuration of that seed. */
static inline void cibgen_text(uint64_t seed, struct str *s)
{
    struct cibgen g = {.s = s};
    unsigned next = 0;
    prng_seed(&g.p, seed);
    g.prims = (unsigned)prng_between(&g.p, 1, 24);
    g.groups = (unsigned)prng_below(&g.p, 4);
    bool groups_first = cibgen_often(&g, 30);
    for (unsigned i = 1; groups_first && i <= g.groups && next < g.prims; i++)
        cibgen_group(&g, i, &next);
    for (unsigned i = 0; i < g.prims; i++)
        cibgen_prim(&g, i);
    for (unsigned i = 1; !groups_first && i <= g.groups && next < g.prims; i++)
        cibgen_group(&g, i, &next);
    for (unsigned i = (unsigned)prng_below(&g.p, 8); i > 0; i--)
        cibgen_constraint(&g, i);
    cibgen_sets(&g);
    if (cibgen_often(&g, 30))
        str_addf(s, "monitor p%u 77s:88s\n", (unsigned)prng_below(&g.p, g.prims));
    cibgen_comment(&g);
}

#endif
