/* SPDX-License-Identifier: GPL-2.0-or-later
 * meta: what an agent says of itself: its parameters, and the times it advises. Found by running
 * the agent on this machine.
 *
 * Happy path: meta_get, then the lists; meta_check for a primitive. Fails: meta_get gives NULL with
 * one sentence in why: not installed here, no answer in time, no XML. */
#ifndef YOKE_CLI_META_H
#define YOKE_CLI_META_H

#include "cli/cli.h"
#include "lib/cib/model.h"

struct meta_param {
    char *name, *type, *value; /* value: default, NULL if none */
    char *brief, *text;
    bool required, deprecated;
    char *replaced_by;
};
struct meta_action {
    char *name, *timeout, *interval, *role; /* NULL: not said */
    int depth;
};
struct meta {
    struct meta *next;
    char agent[256]; /* class:provider:type */
    char *brief, *text;
    bool twice_harmless, data_on_disk; /* what it says to the guard, see agents/yoke-common.sh */
    struct meta_param *param;
    unsigned n_params;
    struct meta_action *action;
    unsigned n_actions;
};

/* Where agents are looked for: colon separated, from yoke.conf or built in. */
const char *meta_agent_dirs(struct ctx *x);
const char *meta_fence_dirs(struct ctx *x);
/* The reader's language, as meta-data and templates have it: "zh" or "en". */
const char *meta_language(void);
/* Where an agent is found: false, and why tells, when it is not installed here. */
struct meta_place {
    char root[CONF_PATH_LEN]; /* for OCF_ROOT */
    char path[2 * CONF_PATH_LEN];
};
bool meta_place(struct ctx *x, const char *class, const char *provider, const char *type,
                struct meta_place *at, struct str *why);
/* Kept until the program ends. NULL with why empty: a class that has no meta-data (lsb), and
 * the script is there. */
const struct meta *meta_get(struct ctx *x, const char *class, const char *provider,
                            const char *type, struct str *why);
/* From a text; for meta_get and tests. NULL: no such document. */
struct meta *meta_parse(const char *xml, size_t len, const char *language);
void meta_free(struct meta *m);
/* The action's advice: depth 0 and no role if there is one. NULL: the agent does not have it. */
const struct meta_action *meta_action(const struct meta *m, const char *name);
/* Tells what is wrong with a primitive by its agent's meta-data; true if there are no errors. Only
 * warns with --force, and when the agent is not installed here. */
bool meta_check(struct ctx *x, const struct cib *c, const struct cib_prim *p, unsigned line);
/* The same of its parameters alone. */
bool meta_check_params(struct ctx *x, const struct cib_prim *p, unsigned line);

/* validation.c: runs the agent's validate-all on this machine. 0: right; else the exit code, and
 * why has its reason; -1: it could not be asked, and why tells. */
int validation_ask(struct ctx *x, const struct cib_prim *p, const char *instance, bool promotable,
                   struct str *why);

#endif
