/* SPDX-License-Identifier: GPL-2.0-or-later
 * configure: the configuration as a whole: shown, loaded, saved, checked, edited, committed. What
 * changes one object is in define.c. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/meta.h"
#include "cli/quoting.h"
#include "cli/workcopy.h"
#include "lib/cib/diff.h"
#include "lib/cib/print.h"

enum { OBJECT_TEXT_MAX = 256 * 1024, GROWTH = 64 * 1024 };

static const char *const kind_word[CIB_KIND_COUNT] = {
    "node",  "primitive",        "group",    "clone",        "location",    "colocation",
    "order", "fencing_topology", "property", "rsc_defaults", "op_defaults",
};

/* ---- show ----------------------------------------------------------------------------------- */

static bool wanted(const struct cib_object *o, const char *what)
{
    const char *kind = str_starts(what, "type:") ? what + strlen("type:") : NULL;
    if (kind)
        return str_eq(kind_word[o->kind], kind);
    return str_eq(o->id, what) || str_eq(kind_word[o->kind], what);
}

static bool objects_add(const struct cib *c, const char *what, struct str *out)
{
    bool found = false;
    for (unsigned i = 0; i < c->n_objects; i++)
        if (wanted(&c->object[i], what)) {
            cib_print_object(c, i, out);
            found = true;
        }
    return found;
}

static bool changed_add(struct ctx *x, struct str *out)
{
    struct cib *before;
    void *room;
    if (workcopy_parse(x, NULL, x->copy->base, &before, &room))
        return false;
    cib_diff(before, x->copy->cib, out);
    free(room);
    return true;
}

int conf_show_run(struct ctx *x, int argc, char **argv)
{
    int code = EXIT_OK;
    struct str s;
    bool was_open = x->copy != NULL;
    struct workcopy *w = workcopy_open(x, &code);
    if (!w)
        return code;
    size_t size = 2 * (strlen(w->text) + strlen(w->base)) + GROWTH;
    str_init(&s, need(malloc(size)), size);
    if (argc == 0)
        str_add(&s, w->text);
    for (int i = 0; i < argc; i++) {
        bool kind = str_starts(argv[i], "type:");
        for (unsigned k = 0; k < CIB_KIND_COUNT; k++)
            kind = kind || str_eq(argv[i], kind_word[k]);
        if (str_eq(argv[i], "changed") ? !changed_add(x, &s)
                                       : !objects_add(w->cib, argv[i], &s) && !kind)
            code =
                fail_with(EXIT_FAIL, _("there is no object %s: see yoke configure show"), argv[i]);
    }
    if (x->json && code == EXIT_OK)
        json_show(json_pack("{s:b,s:s,s:b,s:s}", "ok", 1, "version", w->version, "changed",
                            workcopy_changed(w), "text", s.at));
    else if (!x->json)
        fputs(s.at, stdout);
    free(s.at);
    if (!was_open && !str_eq(x->level, "configure"))
        workcopy_close(x);
    return code;
}

/* One attribute of a primitive or group, as crm resource meta and param show it. */
int conf_value_show(struct ctx *x, bool meta, const char *id, const char *name)
{
    int code = EXIT_OK;
    const struct workcopy *w = workcopy_open(x, &code);
    if (!w)
        return code;
    uint16_t object = cib_find_object(w->cib, id, false);
    const struct nvlist *list =
        object == CIB_NONE ? NULL : cib_object_list(w->cib, &w->cib->object[object], meta);
    if (!list)
        return fail_with(EXIT_FAIL, _("there is no resource %s"), id);
    const char *value = nvlist_get(list, name);
    if (!value)
        return fail_with(EXIT_FAIL, _("%s has no %s"), id, name);
    if (x->json)
        json_show(json_pack("{s:b,s:s,s:s,s:s}", "ok", 1, "rsc", id, "name", name, "value", value));
    else
        printf("%s\n", value);
    return EXIT_OK;
}

int conf_save_run(struct ctx *x, int argc, char **argv)
{
    int code = EXIT_OK;
    char why[512];
    (void)argc;
    bool was_open = x->copy != NULL;
    struct workcopy *w = workcopy_open(x, &code);
    if (!w)
        return code;
    if (!file_write(argv[0], 0600, w->text, strlen(w->text), why, sizeof(why)))
        code = fail_with(EXIT_FAIL, _("cannot write %s"), why);
    if (!was_open && !str_eq(x->level, "configure"))
        workcopy_close(x);
    return code;
}

/* ---- check ---------------------------------------------------------------------------------- */

/* Every primitive against its agent's meta-data; the number of those that are not right. */
static unsigned agents_check(struct ctx *x, const struct cib *c)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < c->n_objects; i++)
        if (c->object[i].kind == CIB_PRIMITIVE)
            bad += !meta_check(x, c, &c->prim[c->object[i].index], c->object[i].line);
    return bad;
}

static int good(struct ctx *x, unsigned bad)
{
    if (bad)
        return fail_with(EXIT_FAIL, _("the configuration is not right"));
    if (!x->quiet && !x->json)
        printf("%s\n", _("the configuration is right"));
    return EXIT_OK;
}

int conf_verify_run(struct ctx *x, int argc, char **argv)
{
    char why[512];
    struct cib *c;
    void *room;
    int code = EXIT_OK;
    if (argc) {
        char *text = file_read(argv[0], CIB_TEXT_MAX - 1, why, sizeof(why));
        if (!text)
            return fail_with(EXIT_FAIL, _("cannot read %s"), why);
        struct workcopy_origin origin = {.path = argv[0]};
        enum err err = workcopy_parse(x, &origin, text, &c, &room);
        code = good(x, err ? 1 : agents_check(x, c));
        free(room);
        free(text);
        return code;
    }
    bool was_open = x->copy != NULL;
    struct workcopy *w = workcopy_open(x, &code);
    if (!w)
        return code;
    code = good(x, workcopy_parse(x, &(struct workcopy_origin){.path = ""}, w->text, &c, &room)
                       ? 1
                       : agents_check(x, c));
    free(room);
    if (!was_open && !str_eq(x->level, "configure"))
        workcopy_close(x);
    return code;
}

/* ---- load ----------------------------------------------------------------------------------- */

static bool kind_is(const char *word, enum cib_kind *kind)
{
    for (unsigned k = 0; k < CIB_KIND_COUNT; k++)
        if (str_eq(word, kind_word[k])) {
            *kind = (enum cib_kind)k;
            return true;
        }
    if (str_eq(word, "collocation")) {
        *kind = CIB_COLOCATION;
        return true;
    }
    return false;
}

/* The next logical line: from *at, which goes past it; malloced. NULL at the end. */
static char *logical_line(const char **at)
{
    const char *from = *at, *end = from;
    if (!*from)
        return NULL;
    for (;;) {
        const char *line = end;
        end += strcspn(end, "\n");
        char *text = need(strndup(line, (size_t)(end - line)));
        bool on = quoting_continues(text) && text[strspn(text, " \t")] != '#';
        free(text);
        end += *end == '\n';
        if (!on || !*end)
            break;
    }
    *at = end;
    return need(strndup(from, (size_t)(end - from)));
}

/* Marks the objects of c that the text defines anew. Property and default sets are joined name by
 * name, so they are never marked. */
static void mark_replaced(const struct cib *c, const char *text, bool *replaced)
{
    char *line;
    while ((line = logical_line(&text)) != NULL) {
        int n = 0;
        enum cib_kind kind;
        char **word = quoting_split(line, &n);
        if (word && n > 1 && kind_is(word[0], &kind) && kind < CIB_PROPERTY) {
            uint16_t object = cib_find_object(c, word[1], kind == CIB_NODE);
            if (object != CIB_NONE)
                replaced[object] = true;
        }
        free(word);
        free(line);
    }
}

/* Sets as they are, before what the file says of them: what is written later holds. */
static void sets_add(const struct cib *c, struct str *out)
{
    for (unsigned i = 0; i < c->n_objects; i++)
        if (c->object[i].kind >= CIB_PROPERTY)
            cib_print_object(c, i, out);
}

static unsigned lines_in(const char *text)
{
    unsigned n = 0;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        n++;
    return n;
}

/* merged, with its objects in the order that they have in before, new ones last: the order of
 * resources is not without meaning. */
static void in_order(const struct cib *before, const struct cib *merged, struct str *out)
{
    bool *done = need(calloc((size_t)merged->n_objects + 1, sizeof(*done)));
    for (unsigned i = 0; i < before->n_objects; i++) {
        const struct cib_object *o = &before->object[i];
        uint16_t place = cib_find_object(merged, o->id, o->kind == CIB_NODE);
        if (place == CIB_NONE || done[place])
            continue;
        cib_print_object(merged, place, out);
        done[place] = true;
    }
    for (unsigned i = 0; i < merged->n_objects; i++)
        if (!done[i])
            cib_print_object(merged, i, out);
    if (merged->comment)
        str_addf(out, "%s\n", merged->comment);
    free(done);
}

/* The objects of the file in place of those of the same id, all others as they are. */
static int update(struct ctx *x, const char *path, const char *text)
{
    const struct cib *c = x->copy->cib;
    struct cib *merged = NULL;
    void *room = NULL;
    struct str s;
    size_t size = 2 * strlen(text) + 2 * strlen(x->copy->text) + GROWTH;
    bool *replaced = need(calloc((size_t)c->n_objects + 1, sizeof(*replaced)));
    mark_replaced(c, text, replaced);
    str_init(&s, need(malloc(size)), size);
    sets_add(c, &s);
    struct workcopy_origin origin = {path, lines_in(s.at), lines_in(text) + 1};
    str_add(&s, text);
    str_add(&s, "\n\n");
    for (unsigned i = 0; i < c->n_objects; i++)
        if (!replaced[i] && c->object[i].kind < CIB_PROPERTY)
            cib_print_object(c, i, &s);
    if (c->comment)
        str_addf(&s, "%s\n", c->comment);
    enum err err = workcopy_parse(x, &origin, s.at, &merged, &room);
    if (!err) {
        str_init(&s, s.at, s.size);
        in_order(c, merged, &s);
        err = s.cut ? ERR_FULL : workcopy_replace(x, NULL, s.at);
    }
    free(room);
    free(s.at);
    free(replaced);
    return err ? EXIT_FAIL : EXIT_OK;
}

static int replace(struct ctx *x, const char *path, const char *text)
{
    struct workcopy_origin origin = {.path = path};
    return workcopy_replace(x, &origin, text) ? EXIT_FAIL : EXIT_OK;
}

/* Holds the copy, which is another now, against the agents' meta-data, and takes it back when they
 * do not like it. */
static int agents_agree(struct ctx *x, const char *before)
{
    if (agents_check(x, x->copy->cib) == 0)
        return EXIT_OK;
    if (workcopy_replace(x, NULL, before))
        abort(); /* it was good before */
    return fail_with(EXIT_FAIL, _("nothing was changed (--force changes it all the same)"));
}

static int load(struct ctx *x, int argc, char **argv)
{
    const char *path = argv[argc - 1], *text = x->load_text;
    char *before = need(strdup(x->copy->text));
    bool whole = argc < 2 || str_eq(argv[0], "replace");
    int code = whole ? replace(x, path, text) : update(x, path, text);
    code = code == EXIT_OK ? agents_agree(x, before) : code;
    free(before);
    return code;
}

int conf_load_run(struct ctx *x, int argc, char **argv)
{
    char why[512];
    if (argc == 2 && !str_eq(argv[0], "replace") && !str_eq(argv[0], "update") &&
        !str_eq(argv[0], "push"))
        return fail_with(EXIT_USAGE, _("replace or update, not '%s'"), argv[0]);
    if (argc == 2 && str_eq(argv[0], "push"))
        argv[0] = (char *)"replace";
    char *text = file_read(argv[argc - 1], CIB_TEXT_MAX - 1, why, sizeof(why));
    if (!text)
        return fail_with(EXIT_FAIL, _("cannot read %s"), why);
    x->load_text = text;
    int code = workcopy_do(x, load, argc, argv);
    x->load_text = NULL;
    free(text);
    return code;
}

/* ---- the configure level -------------------------------------------------------------------- */

int conf_commit_run(struct ctx *x, int argc, char **argv)
{
    bool again = false, force = x->force;
    if (argc && !str_eq(argv[0], "force") && !str_eq(argv[0], "replace"))
        return fail_with(EXIT_USAGE, _("usage: commit [force]"));
    if (!x->copy)
        return str_eq(x->level, "configure")
                   ? EXIT_OK
                   : fail_with(EXIT_USAGE, _("there is nothing to commit: what is typed after yoke "
                                             "configure on one line is in force at once"));
    int code = workcopy_commit(x, argc || force, &again);
    if (again)
        return fail_with(EXIT_FAIL,
                         _("somebody else changed the configuration meanwhile: commit force "
                           "puts yours in its place, refresh drops yours and loads it "
                           "again"));
    return code;
}

int conf_refresh_run(struct ctx *x, int argc, char **argv)
{
    int code = EXIT_OK;
    (void)argc;
    (void)argv;
    workcopy_close(x);
    return workcopy_open(x, &code) ? EXIT_OK : code;
}

static bool editor_run(const char *path)
{
    const char *editor = getenv("VISUAL");
    int status = 0;
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    pid_t pid = fork();
    if (pid == 0) { /* by the shell: $EDITOR may have arguments */
        execlp("sh", "sh", "-c", "eval \"$0\" '\"$1\"'", editor, path, (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Edits a file until the text is right or the user gives up. */
static int edit_file(struct ctx *x, const char *path)
{
    char why[512], answer[16];
    for (;;) {
        if (!editor_run(path))
            return fail_with(EXIT_FAIL, _("the editor failed (set EDITOR): nothing was changed"));
        char *text = file_read(path, CIB_TEXT_MAX - 1, why, sizeof(why));
        if (!text)
            return fail_with(EXIT_FAIL, _("cannot read %s"), why);
        char *before = need(strdup(x->copy->text));
        int code = replace(x, "", text);
        code = code == EXIT_OK ? agents_agree(x, before) : code;
        free(before);
        free(text);
        if (code == EXIT_OK)
            return code;
        if (!isatty(STDIN_FILENO) ||
            !confirm_typed(x, _("Edit again? [Y/n]"), NULL, answer, sizeof(answer)) ||
            tolower((unsigned char)*answer) == 'n')
            return fail_with(EXIT_FAIL, _("nothing was changed"));
    }
}

static int edit(struct ctx *x, int argc, char **argv)
{
    char path[] = "/tmp/yoke-configure.XXXXXX", why[512];
    int fd = mkstemp(path); /* 0600: parameters may be passwords */
    (void)argc;
    (void)argv;
    if (fd < 0)
        return fail_with(EXIT_FAIL, _("cannot write %s"), path);
    close(fd);
    int code = file_write(path, 0600, x->copy->text, strlen(x->copy->text), why, sizeof(why))
                   ? edit_file(x, path)
                   : fail_with(EXIT_FAIL, _("cannot write %s"), why);
    unlink(path);
    return code;
}

int conf_edit_run(struct ctx *x, int argc, char **argv)
{
    return workcopy_do(x, edit, argc, argv);
}
