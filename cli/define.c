/* SPDX-License-Identifier: GPL-2.0-or-later
 * define: changes of one object of the configuration: a definition as it is typed, one attribute, a
 * removal. A primitive gets the time-outs and the monitor interval that its agent advises, where
 * none are written.
 *
 * Fails: with lib/cib's sentences about the text; a parameter that the agent needs is missing; an
 * id that is taken (--force replaces). */
#include "config.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "cli/meta.h"
#include "cli/quoting.h"
#include "cli/workcopy.h"
#include "lib/base/num.h"
#include "lib/cib/print.h"

enum { OBJECT_TEXT_MAX = 256 * 1024, DAY_MS = 86400000, WORDS_SPARE = 64 };

static int put(struct ctx *x, const char *text)
{
    struct cib_edit e = {.kind = EDIT_PUT, .id = "", .name = "", .value = text, .force = x->force};
    return workcopy_edit(x, &e) ? EXIT_FAIL : EXIT_OK;
}

static int put_words(struct ctx *x, int argc, char *const *argv)
{
    struct str s;
    str_init(&s, need(malloc(OBJECT_TEXT_MAX)), OBJECT_TEXT_MAX);
    quoting_join(&s, argc, argv);
    int code = s.cut ? fail_with(EXIT_USAGE, _("the definition is too long")) : put(x, s.at);
    free(s.at);
    return code;
}

/* ---- an object as words
 * ------------------------------------------------------------------------------------- */

struct words {
    char **at; /* with room for WORDS_SPARE more */
    int n;
    char **split; /* owns the texts that were there at first */
    char *own[WORDS_SPARE];
    int n_own;
};

/* The object's text as it stands, without its comments. */
static void words_of(struct words *w, const struct cib *c, unsigned object)
{
    struct str s;
    memset(w, 0, sizeof(*w));
    str_init(&s, need(malloc(OBJECT_TEXT_MAX)), OBJECT_TEXT_MAX);
    cib_print_object(c, object, &s);
    char *from = s.at;
    while (*from == '#')
        from += strcspn(from, "\n") + 1;
    w->split = quoting_split(from, &w->n);
    assert(w->split); /* lib/cib prints what can be read */
    w->at = need(calloc((size_t)w->n + WORDS_SPARE + 1, sizeof(*w->at)));
    memcpy(w->at, w->split, (size_t)w->n * sizeof(*w->at));
    free(s.at);
}

static void words_free(struct words *w)
{
    for (int i = 0; i < w->n_own; i++)
        free(w->own[i]);
    free(w->split);
    free(w->at);
}

static char *words_own(struct words *w, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 2;
    char *text = need(malloc(size));
    snprintf(text, size, "%s%s%s", name, *value ? "=" : "", value);
    assert(w->n_own < WORDS_SPARE);
    return w->own[w->n_own++] = text;
}

static void words_insert(struct words *w, int at, const char *name, const char *value)
{
    memmove(&w->at[at + 1], &w->at[at], (size_t)(w->n - at) * sizeof(*w->at));
    w->at[at] = words_own(w, name, value);
    w->n++;
}

static bool begins_section(const char *word)
{
    return str_eq(word, "op") || str_eq(word, "params") || str_eq(word, "meta") ||
           str_eq(word, "operations") || str_eq(word, "utilization");
}

/* The word NAME=... of the op that begins at `op`: its place, else the end of the op. */
static int op_word(const struct words *w, int op, const char *name, bool *found)
{
    size_t len = strlen(name);
    *found = false;
    for (int i = op + 2; i < w->n; i++) {
        if (begins_section(w->at[i]))
            return i;
        *found = !strncmp(w->at[i], name, len) && w->at[i][len] == '=';
        if (*found)
            return i;
    }
    return w->n;
}

static uint64_t op_interval(const struct words *w, int op)
{
    bool found;
    uint64_t ms = 0;
    int at = op_word(w, op, "interval", &found);
    return found && !num_ms(w->at[at] + strlen("interval="), DAY_MS, &ms) ? ms : 0;
}

/* Sets name=value in the op of that name (interval_ms < 0: the only one). False: several fit. */
static bool op_set(struct words *w, const char *op, int64_t interval_ms, const char *name,
                   const char *value)
{
    int place = -1;
    bool found;
    for (int i = 3; i + 1 < w->n; i++) {
        if (!str_eq(w->at[i], "op") || !str_eq(w->at[i + 1], op) ||
            (interval_ms >= 0 && op_interval(w, i) != (uint64_t)interval_ms))
            continue;
        if (place >= 0)
            return false;
        place = i;
    }
    if (place < 0) {
        char ms[32];
        place = w->n;
        words_insert(w, w->n, "op", "");
        words_insert(w, w->n, op, "");
        snprintf(ms, sizeof(ms), "%lldms", (long long)interval_ms);
        if (interval_ms > 0 && !str_eq(name, "interval"))
            words_insert(w, w->n, "interval", ms);
    }
    int at = op_word(w, place, name, &found);
    if (found)
        w->at[at] = words_own(w, name, value);
    else
        words_insert(w, at, name, value);
    return true;
}

/* ---- definitions ---------------------------------------------------------------------------- */

/* A time as the agent wrote it, with its unit. */
static void with_unit(const char *time, char *at, size_t size)
{
    size_t len = strlen(time);
    snprintf(at, size, "%s%s", time, len && strspn(time, "0123456789.") == len ? "s" : "");
}

static bool op_written(const struct cib_prim *p, const char *name)
{
    for (unsigned i = 0; i < p->n_ops; i++)
        if (str_eq(p->op[i].name, name))
            return true;
    return false;
}

/* Sets the op's interval and time-out to what is advised; true: something was added. */
static bool action_advise(struct words *w, const struct cib_prim *p, const struct meta_action *a)
{
    char time[32];
    uint64_t ms;
    bool added = false, recurring = str_eq(a->name, "monitor");
    const struct cib_op *op = cib_op_find(p, a->name);
    if (op_written(p, a->name) && !op)
        return false;
    if (recurring && !op && a->interval && !num_ms(a->interval, DAY_MS, &ms) && ms > 0) {
        with_unit(a->interval, time, sizeof(time));
        added = op_set(w, a->name, -1, "interval", time);
    } else if (recurring && !op) {
        return false; /* the built-in one */
    }
    if (a->timeout && !num_ms(a->timeout, DAY_MS, &ms) && ms > 0 && (!op || !op->timeout_ms)) {
        with_unit(a->timeout, time, sizeof(time));
        added |= op_set(w, a->name, -1, "timeout", time);
    }
    return added;
}

/* The monitor of the promoted role, behind the others: it must have an interval of its own. */
static bool promoted_advise(struct words *w, const struct cib_prim *p, const struct meta *m)
{
    char time[32];
    uint64_t ms;
    const struct meta_action *a = NULL;
    for (unsigned i = 0; i < m->n_actions; i++)
        if (str_eq(m->action[i].name, "monitor") && str_eq_fold(m->action[i].role, "Promoted"))
            a = &m->action[i];
    for (unsigned i = 0; i < p->n_ops; i++)
        if (str_eq(p->op[i].name, "monitor") &&
            (str_eq_fold(p->op[i].role, "Promoted") || str_eq_fold(p->op[i].role, "Master")))
            return false;
    if (!a || !a->interval || num_ms(a->interval, DAY_MS, &ms) || ms == 0)
        return false;
    words_insert(w, w->n, "op", "");
    words_insert(w, w->n, "monitor", "");
    with_unit(a->interval, time, sizeof(time));
    words_insert(w, w->n, "interval", time);
    words_insert(w, w->n, "role", "Promoted");
    if (a->timeout && !num_ms(a->timeout, DAY_MS, &ms) && ms > 0) {
        with_unit(a->timeout, time, sizeof(time));
        words_insert(w, w->n, "timeout", time);
    }
    return true;
}

int define_advise(struct ctx *x, const char *id)
{
    static const char *const action[] = {"monitor", "start", "stop", "promote", "demote"};
    char reason[256];
    struct str why;
    struct words w;
    unsigned added = 0;
    const struct cib *c = x->copy->cib;
    uint16_t object = cib_find_object(c, id, false);
    assert(object != CIB_NONE);
    const struct cib_prim *p = &c->prim[c->object[object].index];
    bool promotable = p->clone != CIB_NONE && c->clone[p->clone].promotable;
    str_init(&why, reason, sizeof(reason));
    const struct meta *m = meta_get(x, p->class, p->provider, p->type, &why);
    if (!m || p->is_stonith)
        return EXIT_OK;
    words_of(&w, c, object);
    for (unsigned i = 0; i < (promotable ? ARRAY_LEN(action) : 3); i++) {
        const struct meta_action *a = meta_action(m, action[i]);
        if (a)
            added += action_advise(&w, p, a);
    }
    if (promotable)
        added += promoted_advise(&w, p, m);
    int code = added ? put_words(x, w.n, w.at) : EXIT_OK;
    words_free(&w);
    return code;
}

static int primitive(struct ctx *x, int argc, char **argv)
{
    char *before = need(strdup(x->copy->text));
    int code = put_words(x, argc, argv);
    if (code == EXIT_OK) {
        uint16_t object = cib_find_object(x->copy->cib, argv[1], false);
        assert(object != CIB_NONE);
        code = define_advise(x, argv[1]);
        object = cib_find_object(x->copy->cib, argv[1], false);
        const struct cib_prim *p = &x->copy->cib->prim[x->copy->cib->object[object].index];
        if (code == EXIT_OK && !meta_check(x, x->copy->cib, p, 0)) {
            complain(_("%s was not defined (--force defines it all the same)"), argv[1]);
            code = EXIT_FAIL;
        }
        if (code != EXIT_OK && workcopy_replace(x, NULL, before))
            abort(); /* it was good before */
    }
    free(before);
    return code;
}

/* A clone, then what its primitive's agent advises for the promoted role. */
static int clone(struct ctx *x, int argc, char **argv)
{
    int code = put_words(x, argc, argv);
    uint16_t object = argc > 2 ? cib_find_object(x->copy->cib, argv[2], false) : CIB_NONE;
    if (code != EXIT_OK || object == CIB_NONE || x->copy->cib->object[object].kind != CIB_PRIMITIVE)
        return code;
    return define_advise(x, argv[2]);
}

/* node NAME attributes A=B ...: joins what is written of that node. */
static int node(struct ctx *x, int argc, char **argv)
{
    bool plain = argc > 3 && str_eq(argv[2], "attributes") &&
                 cib_find_object(x->copy->cib, argv[1], true) != CIB_NONE;
    for (int i = 3; plain && i < argc; i++)
        plain = strchr(argv[i], '=') != NULL;
    if (!plain)
        return put_words(x, argc, argv);
    for (int i = 3; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        char *name = need(strndup(argv[i], (size_t)(value - argv[i])));
        struct cib_edit e = {.kind = EDIT_NODE, .id = argv[1], .name = name, .value = value + 1};
        enum err err = workcopy_edit(x, &e);
        free(name);
        if (err)
            return EXIT_FAIL;
    }
    return EXIT_OK;
}

static bool kind_has_id(const char *kind)
{
    return str_eq(kind, "primitive") || str_eq(kind, "group") || str_eq(kind, "clone") ||
           str_eq(kind, "ms") || str_eq(kind, "location") || str_eq(kind, "colocation") ||
           str_eq(kind, "order");
}

/* argv[0] is the kind. */
static int define(struct ctx *x, int argc, char **argv)
{
    if (kind_has_id(argv[0]) && !x->force &&
        cib_find_object(x->copy->cib, argv[1], false) != CIB_NONE)
        return fail_with(
            EXIT_FAIL,
            _("%s is defined already: change it by yoke configure set or edit, or put this "
              "in its place with --force"),
            argv[1]);
    if (str_eq(argv[0], "primitive"))
        return primitive(x, argc, argv);
    if (str_eq(argv[0], "clone") || str_eq(argv[0], "ms"))
        return clone(x, argc, argv);
    return str_eq(argv[0], "node") ? node(x, argc, argv) : put_words(x, argc, argv);
}

int conf_define_run(struct ctx *x, int argc, char **argv)
{
    return workcopy_do(x, define, argc + 1, argv - 1);
}

/* ---- one attribute -------------------------------------------------------------------------- */

static int edit_one(struct ctx *x, enum cib_edit_kind kind, const char *id, const char *name,
                    const char *value)
{
    struct cib_edit e = {.kind = kind, .id = id, .name = name, .value = value, .force = x->force};
    return workcopy_edit(x, &e) ? EXIT_FAIL : EXIT_OK;
}

static bool is_op(const char *word, size_t len)
{
    static const char *const name[] = {"start",  "stop",   "monitor",    "promote",     "demote",
                                       "notify", "reload", "migrate_to", "migrate_from"};
    for (unsigned i = 0; i < ARRAY_LEN(name); i++)
        if (strlen(name[i]) == len && !strncmp(word, name[i], len))
            return true;
    return false;
}

/* rest: OP.[INTERVAL.]NAME */
static int set_op(struct ctx *x, unsigned object, char *rest, const char *value)
{
    struct words w;
    uint64_t ms = 0;
    char *op = strsep(&rest, "."), *name = strrchr(rest, '.');
    int64_t interval_ms = -1;
    if (name) {
        *name++ = '\0';
        if (num_ms(rest, DAY_MS, &ms))
            return fail_with(EXIT_USAGE, _("%s is no interval: ID.OP.INTERVAL.NAME"), rest);
        interval_ms = (int64_t)ms;
    } else {
        name = rest;
    }
    words_of(&w, x->copy->cib, object);
    bool one = op_set(&w, op, interval_ms, name, value);
    int code = one ? put_words(x, w.n, w.at)
                   : fail_with(EXIT_USAGE,
                               _("there are several %s operations: say which by its "
                                 "interval, ID.%s.10s.NAME"),
                               op, op);
    words_free(&w);
    return code;
}

/* A parameter; one that the agent does not have is told. */
static int set_param(struct ctx *x, const char *id, const char *name, const char *value)
{
    int code = edit_one(x, EDIT_PARAM, id, name, value);
    const struct cib *c = x->copy->cib;
    uint16_t object = cib_find_object(c, id, false);
    if (code == EXIT_OK && object != CIB_NONE && c->object[object].kind == CIB_PRIMITIVE)
        (void)meta_check_params(x, &c->prim[c->object[object].index], 0);
    return code;
}

static int set_prim(struct ctx *x, unsigned object, const char *id, char *rest, const char *value)
{
    const struct cib *c = x->copy->cib;
    const struct cib_object *o = &c->object[object];
    const struct nvlist *meta = cib_object_list(c, o, true);
    const struct nvlist *params = cib_object_list(c, o, false);
    if (str_starts(rest, "meta."))
        return edit_one(x, EDIT_META, id, rest + strlen("meta."), value);
    if (str_starts(rest, "params."))
        return set_param(x, id, rest + strlen("params."), value);
    if (str_starts(rest, "op."))
        rest += strlen("op.");
    size_t op = strcspn(rest, ".");
    if (rest[op] && is_op(rest, op) && o->kind == CIB_PRIMITIVE)
        return set_op(x, object, rest, value);
    /* As crm does: whichever list has it; a new one is a parameter. */
    bool in_meta = nvlist_get(meta, rest) && !nvlist_get(params, rest);
    if (in_meta || o->kind != CIB_PRIMITIVE)
        return edit_one(x, EDIT_META, id, rest, value);
    return set_param(x, id, rest, value);
}

/* path: ID.rest; it is written into. */
static int set_path(struct ctx *x, char *path, const char *value)
{
    const struct cib *c = x->copy->cib;
    /* Ids may have dots: the longest that is one counts. */
    for (char *dot = strrchr(path, '.'); dot; dot = memrchr(path, '.', (size_t)(dot - path))) {
        char *id = need(strndup(path, (size_t)(dot - path)));
        uint16_t object = cib_find_object(c, id, false);
        bool named = object == CIB_NONE && cib_find_object(c, id, true) != CIB_NONE;
        enum cib_kind kind = object == CIB_NONE ? CIB_NODE : c->object[object].kind;
        int code = -1;
        if (named ||
            (object == CIB_NONE && conf_try(x) && conf_node_index(&x->conf, id) < NODE_MAX))
            code = edit_one(x, EDIT_NODE, id, dot + 1, value);
        else if (kind == CIB_PROPERTY || str_eq(id, "property"))
            code = edit_one(x, EDIT_PROPERTY, "", dot + 1, value);
        else if (kind == CIB_RSC_DEFAULTS || str_eq(id, "rsc_defaults"))
            code = edit_one(x, EDIT_RSC_DEFAULT, "", dot + 1, value);
        else if (kind == CIB_OP_DEFAULTS || str_eq(id, "op_defaults"))
            code = edit_one(x, EDIT_OP_DEFAULT, "", dot + 1, value);
        else if (object != CIB_NONE && cib_object_list(c, &c->object[object], true))
            code = set_prim(x, object, id, dot + 1, value);
        else if (object != CIB_NONE)
            code = fail_with(EXIT_FAIL, _("%s is a constraint: define it anew with --force"), id);
        free(id);
        if (code >= 0)
            return code;
    }
    return fail_with(EXIT_FAIL,
                     _("%s: there is no such object; it is ID.NAME, ID.meta.NAME or "
                       "ID.OP.NAME"),
                     path);
}

int define_set(struct ctx *x, const char *path, const char *value)
{
    char *copy = need(strdup(path)); /* there may be another try */
    int code = set_path(x, copy, value);
    free(copy);
    return code;
}

static int set(struct ctx *x, int argc, char **argv)
{
    (void)argc;
    return define_set(x, argv[0], argv[1]);
}

int conf_set_run(struct ctx *x, int argc, char **argv)
{
    return workcopy_do(x, set, argc, argv);
}

/* ---- removal -------------------------------------------------------------------------------- */

/* Constraints first, then groups, then what is in them: so that no order of words is wrong. */
static int rank(const struct cib *c, const char *id)
{
    uint16_t object = cib_find_object(c, id, false);
    if (object == CIB_NONE)
        return 0;
    enum cib_kind kind = c->object[object].kind;
    return kind == CIB_PRIMITIVE ? 2 : kind == CIB_GROUP || kind == CIB_CLONE;
}

static int delete (struct ctx *x, int argc, char **argv)
{
    char *before = need(strdup(x->copy->text));
    int code = EXIT_OK;
    for (int want = 0; want <= 2; want++)
        for (int i = 0; i < argc && code == EXIT_OK; i++) {
            if (!argv[i] || rank(x->copy->cib, argv[i]) != want)
                continue;
            code = edit_one(x, EDIT_DELETE, argv[i], "", NULL);
            argv[i] = code == EXIT_OK ? NULL : argv[i];
        }
    if (code != EXIT_OK && workcopy_replace(x, NULL, before))
        abort(); /* it was good before */
    free(before);
    return code;
}

static int delete_copied(struct ctx *x, int argc, char **argv)
{
    char **ids = need(calloc((size_t)argc + 1, sizeof(*ids)));
    memcpy(ids, argv, (size_t)argc * sizeof(*ids));
    int code = delete (x, argc, ids);
    free(ids);
    return code;
}

int conf_delete_run(struct ctx *x, int argc, char **argv)
{
    return workcopy_do(x, delete_copied, argc, argv);
}

static int erase(struct ctx *x, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return workcopy_replace(x, NULL, "") ? EXIT_FAIL : EXIT_OK;
}

int conf_erase_run(struct ctx *x, int argc, char **argv)
{
    if (!x->force)
        return fail_with(EXIT_FAIL,
                         _("erase removes every resource and stops it; say --force if you "
                           "mean it (yoke configure save FILE keeps a copy)"));
    return workcopy_do(x, erase, argc, argv);
}
