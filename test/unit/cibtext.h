/* SPDX-License-Identifier: GPL-2.0-or-later
 * cibtext: what the tests of lib/cib share: a sample, parsing into memory that is just large
 * enough, a look into the faults. */
#ifndef YOKE_TEST_CIBTEXT_H
#define YOKE_TEST_CIBTEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/cib/parse.h"
#include "lib/cib/print.h"

enum { CIBTEXT_MAX = 64 * 1024 };

static const struct cib_names cibtext_names = {.node = {"db1", "db2"}};

/* In canonical layout: printing gives the very same text. */
#define CIBTEXT_SAMPLE                                                                             \
    "# the standby node\n"                                                                         \
    "node db2 description=\"second room\" \\\n"                                                    \
    "\tattributes standby=off site=\"hall 2\"\n"                                                   \
    "# storage first\n"                                                                            \
    "# then all else\n"                                                                            \
    "primitive disk ocf:yoke:Filesystem \\\n"                                                      \
    "\tparams device=/dev/mapper/data directory=/data fstype=xfs \\\n"                             \
    "\top monitor interval=10s timeout=40s OCF_CHECK_LEVEL=10 \\\n"                                \
    "\top stop timeout=2min on-fail=fence\n"                                                       \
    "primitive ip IPaddr2 \\\n"                                                                    \
    "\tparams ip=10.2.13.100 \\\n"                                                                 \
    "\tmeta resource-stickiness=50\n"                                                              \
    "primitive db ocf:yoke:pgsql\n"                                                                \
    "primitive web systemd:nginx description=\"a \\\"quoted\\\" word and a \\\\\"\n"               \
    "primitive power stonith:fence_demo \\\n"                                                      \
    "\tparams pcmk_host_list=\"db1 db2\"\n"                                                        \
    "group treasury disk ip db \\\n"                                                               \
    "\tmeta resource-stickiness=100 \\\n"                                                          \
    "\tparams log=/var/log/treasury\n"                                                             \
    "colocation c1 inf: web treasury\n"                                                            \
    "location l1 treasury 100: db1\n"                                                              \
    "location l2 web resource-discovery=never -inf: db2\n"                                         \
    "order o1 Optional: treasury web\n"                                                            \
    "order o2 Mandatory: power:stop web:stop symmetrical=false\n"                                  \
    "property cib-bootstrap-options: \\\n"                                                         \
    "\tno-quorum-policy=ignore \\\n"                                                               \
    "\tfencing-timeout=90s\n"                                                                      \
    "rsc_defaults rsc-options: \\\n"                                                               \
    "\tfailure-timeout=5min\n"                                                                     \
    "op_defaults op-options: \\\n"                                                                 \
    "\ttimeout=30s\n"                                                                              \
    "# the end\n"

struct cibtext {
    struct arena arena;
    struct cib *c;
    struct cib_faults faults;
    enum err err;
};

/* Everything of the answer lives until cibtext_free. The arena has what cib_arena_need says. */
static inline void cibtext_parse(struct cibtext *t, const char *text)
{
    size_t need = cib_arena_need(strlen(text));
    void *at = malloc(need);
    if (!at)
        abort();
    arena_init(&t->arena, at, need);
    t->err = cib_parse(text, &cibtext_names, &t->arena, &t->c, &t->faults);
}

static inline void cibtext_free(struct cibtext *t)
{
    free(t->arena.at);
    t->arena.at = NULL;
}

/* The fault in that line that holds the words; NULL if none. */
static inline const struct cib_fault *cibtext_fault(const struct cib_faults *f, unsigned line,
                                                    const char *words)
{
    for (unsigned i = 0; i < f->n; i++)
        if (f->at[i].line == line && strstr(f->at[i].text, words) != NULL)
            return &f->at[i];
    return NULL;
}

static inline void cibtext_show(const struct cib_faults *f)
{
    for (unsigned i = 0; i < f->n; i++)
        fprintf(stderr, "%u: %s%s\n", f->at[i].line, f->at[i].warning ? "warning: " : "",
                f->at[i].text);
}

/* The whole configuration as text, in a buffer of the test's. */
static inline const char *cibtext_print(const struct cib *c)
{
    static char text[CIBTEXT_MAX];
    struct str s;
    str_init(&s, text, sizeof(text));
    cib_print(c, &s);
    if (s.cut)
        abort();
    return text;
}

#endif
