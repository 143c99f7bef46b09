/* SPDX-License-Identifier: GPL-2.0-or-later
 * validation: `yoke ra validate`: parameters held against an agent's meta-data, and then its own
 * validate-all on this machine, with the reason it gives.
 *
 * Happy path: an agent's name and parameters, or a resource of the configuration and what should be
 * another way in it. Fails: no such agent here; a class that cannot validate; the agent's reason.
 */
#include "config.h"
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/catalog.h"
#include "cli/meta.h"
#include "cli/quoting.h"
#include "cli/runout.h"
#include "cli/workcopy.h"

#define REASON "ocf-exit-reason:"

enum { VALIDATE_MS = 30000, SAID_BYTES = 256 * 1024, ENV_MAX = 512, TEXT_LEN = 256 * 1024 };

/* ---- what is validated, as a definition ------------------------------------------------------ */

struct target {
    char *text;      /* primitive ID CLASS:PROVIDER:TYPE params ... */
    struct cib *cib; /* of that text */
    void *room;
    char instance[CIB_ID_LEN];
    bool promotable, stored; /* stored: a resource of the configuration */
};

static void target_free(struct target *g)
{
    free(g->text);
    free(g->room);
}

/* Words that are no PARAM=VALUE are told; EXIT_OK if all are. */
static int words_check(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (*argv[i] == '=' || !strchr(argv[i], '='))
            return fail_with(EXIT_USAGE, _("'%s' is not PARAM=VALUE"), argv[i]);
    return EXIT_OK;
}

static void agent_add(struct str *s, const char *id, const char *class, const char *provider,
                      const char *type)
{
    str_addf(s, "primitive %s %s:%s%s%s params", id, class, provider ? provider : "",
             provider ? ":" : "", type);
}

static bool given(const char *name, int argc, char **argv)
{
    size_t len = strlen(name);
    for (int i = 0; i < argc; i++)
        if (!strncmp(argv[i], name, len) && argv[i][len] == '=')
            return true;
    return false;
}

/* A resource of the configuration: those of its parameters that are not given otherwise. */
static int stored_add(struct ctx *x, struct target *g, int argc, char **argv, struct str *s)
{
    const char *id = argv[0];
    int code = EXIT_OK;
    bool was_open = x->copy != NULL;
    const struct workcopy *w = workcopy_open(x, &code);
    if (!w)
        return code;
    uint16_t object = cib_find_object(w->cib, id, false);
    if (object == CIB_NONE || w->cib->object[object].kind != CIB_PRIMITIVE) {
        code = fail_with(EXIT_FAIL,
                         _("there is no resource %s with an agent of its own (an agent is "
                           "CLASS:PROVIDER:TYPE, as ocf:yoke:ip)"),
                         id);
    } else {
        const struct cib_prim *p = &w->cib->prim[w->cib->object[object].index];
        str_copy(g->instance, sizeof(g->instance), p->name);
        g->promotable = p->clone != CIB_NONE && w->cib->clone[p->clone].promotable;
        g->stored = true;
        agent_add(s, id, p->class, p->provider, p->type);
        for (unsigned i = 0; i < p->all_params.n; i++) {
            char *word = NULL;
            if (given(p->all_params.at[i].name, argc - 1, argv + 1))
                continue;
            if (asprintf(&word, "%s=%s", p->all_params.at[i].name, p->all_params.at[i].value) < 0)
                word = NULL;
            str_add_char(s, ' ');
            quoting_word(s, need(word));
            free(word);
        }
    }
    if (!was_open && !str_eq(x->level, "configure"))
        workcopy_close(x);
    return code;
}

static int target_make(struct ctx *x, struct target *g, int argc, char **argv)
{
    struct str s;
    struct agent_name a;
    int code = words_check(argc - 1, argv + 1);
    if (code != EXIT_OK)
        return code;
    str_init(&s, g->text = need(malloc(TEXT_LEN)), TEXT_LEN);
    if (strchr(argv[0], ':')) {
        if (!agent_name_parse(&a, argv[0]))
            return fail_with(EXIT_USAGE, _("usage: yoke ra validate RESOURCE|CLASS:[PROVIDER:]TYPE "
                                           "[PARAM=VALUE...]"));
        str_copy(g->instance, sizeof(g->instance), a.type);
        agent_add(&s, a.type, a.class, a.provider, a.type);
    } else {
        code = stored_add(x, g, argc, argv, &s);
    }
    for (int i = 1; i < argc; i++) {
        str_add_char(&s, ' ');
        quoting_word(&s, argv[i]);
    }
    if (code == EXIT_OK && s.cut)
        code = fail_with(EXIT_USAGE, _("the definition is too long"));
    if (code == EXIT_OK && str_eq(s.at + s.len - strlen(" params"), " params"))
        s.at[s.len - strlen(" params")] = '\0';
    if (code == EXIT_OK && workcopy_parse(x, NULL, g->text, &g->cib, &g->room))
        code = EXIT_FAIL;
    return code;
}

/* ---- the agent asked ------------------------------------------------------------------------- */

struct environment {
    char *at[ENV_MAX + 1];
    unsigned n;
};

static void add(struct environment *e, const char *prefix, const char *name, const char *value)
{
    size_t size = strlen(prefix) + strlen(name) + strlen(value) + 2;
    if (e->n == ENV_MAX)
        return;
    e->at[e->n] = need(malloc(size));
    snprintf(e->at[e->n++], size, "%s%s=%s", prefix, name, value);
}

static void environment_make(struct environment *e, const struct cib_prim *p, const char *instance,
                             bool promotable, const char *root)
{
    const char *locale = setlocale(LC_MESSAGES, NULL);
    add(e, "", "OCF_ROOT", root);
    add(e, "", "OCF_RA_VERSION_MAJOR", "1");
    add(e, "", "OCF_RA_VERSION_MINOR", "1");
    add(e, "", "OCF_RESOURCE_INSTANCE", instance);
    add(e, "", "OCF_RESOURCE_PROVIDER", p->provider);
    add(e, "", "OCF_RESOURCE_TYPE", p->type);
    add(e, "", "OCF_EXIT_REASON_PREFIX", REASON);
    add(e, "", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    add(e, "", "LANG", locale ? locale : "C");
    add(e, "OCF_RESKEY_CRM_meta_", "timeout", "20000");
    if (promotable)
        add(e, "OCF_RESKEY_CRM_meta_", "promotable", "true");
    for (unsigned i = 0; i < p->params.n; i++)
        add(e, "OCF_RESKEY_", p->params.at[i].name, p->params.at[i].value);
}

/* What it said last: its reason, else its last line; blanks at the end off. */
static const char *reason_find(char *said)
{
    const char *reason = "", *line;
    bool marked = false;
    while ((line = strsep(&said, "\n")) != NULL) {
        bool reasoned = str_starts(line, REASON);
        if (reasoned)
            line += strlen(REASON);
        line += strspn(line, " \t");
        if (*line && (reasoned || !marked))
            reason = line;
        marked = marked || reasoned;
    }
    return reason;
}

/* What is told when it gives no reason. */
static const char *meaning(int code)
{
    static const char *const text[] = {
        [1] = N_("it failed, and does not say why"),
        [2] = N_("a parameter is wrong"),
        [3] = N_("the agent has no validate-all"),
        [4] = N_("a right is missing; are you root?"),
        [5] = N_("something that it needs is not installed on this machine"),
        [6] = N_("a parameter is wrong or missing"),
    };
    return code > 0 && code < (int)ARRAY_LEN(text) ? _(text[code]) : _(text[1]);
}

int validation_ask(struct ctx *x, const struct cib_prim *p, const char *instance, bool promotable,
                   struct str *why)
{
    struct meta_place at;
    struct environment e = {.n = 0};
    int code = 0;
    if (!meta_place(x, p->class, p->provider, p->type, &at, why))
        return -1;
    char *const argv[] = {at.path, (char *)"validate-all", NULL};
    environment_make(&e, p, instance, promotable, at.root);
    char *said = runout_all(argv, e.at, VALIDATE_MS, SAID_BYTES, &code, why);
    while (e.n > 0)
        free(e.at[--e.n]);
    if (!said)
        return -1;
    const char *reason = reason_find(said);
    if (code != 0)
        str_add(why, *reason ? reason : meaning(code));
    free(said);
    return code < 0 ? 1 : code;
}

static int validate(struct ctx *x, const struct target *g, const struct cib_prim *p)
{
    char reason[1024], agent[256];
    struct str why;
    snprintf(agent, sizeof(agent), "%s%s%s:%s:%s%s", g->stored ? g->instance : "",
             g->stored ? " (" : "", p->class, p->provider, p->type, g->stored ? ")" : "");
    str_init(&why, reason, sizeof(reason));
    int code = validation_ask(x, p, g->instance, g->promotable, &why);
    if (code < 0)
        return fail_with(EXIT_FAIL, _("%s cannot be asked: %s"), agent, reason);
    if (x->json)
        json_show(json_pack("{s:b,s:s,s:i,s:s}", "ok", code == 0, "agent", agent, "code", code,
                            "reason", reason));
    if (code != 0)
        return fail_with(EXIT_FAIL, _("%s: %s (exit code %d)"), agent, reason, code);
    if (!x->json && !x->quiet)
        printf(_("%s: right on this machine\n"), agent);
    return EXIT_OK;
}

int ra_validate_run(struct ctx *x, int argc, char **argv)
{
    struct target g = {.text = NULL};
    int code = target_make(x, &g, argc, argv);
    if (code == EXIT_OK) {
        assert(g.cib && g.cib->n_prims == 1);
        const struct cib_prim *p = &g.cib->prim[0];
        if (!str_eq(p->class, "ocf"))
            code = fail_with(EXIT_FAIL,
                             str_eq(p->class, "stonith")
                                 ? _("agents of class %s cannot validate; yoke fence test asks the "
                                     "devices themselves")
                                 : _("agents of class %s cannot validate"),
                             p->class);
        else if (!meta_check_params(x, p, 0))
            code = EXIT_FAIL;
        else
            code = validate(x, &g, p);
    }
    target_free(&g);
    return code;
}
