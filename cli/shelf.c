/* SPDX-License-Identifier: GPL-2.0-or-later
 * shelf: `yoke template`: the templates there are, what one asks for, and one applied: values
 * checked, text made, put beside what is configured, held against the agents' meta-data, shown, and
 * in force in one step.
 *
 * Fails: no such template, or one that is wrong; values missing (exit code 2) or wrong; names that
 * are taken; what the configuration's own check says. Then nothing was changed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/catalog.h"
#include "cli/fillin.h"
#include "cli/meta.h"
#include "cli/quoting.h"
#include "cli/workcopy.h"
#include "lib/cib/print.h"

#define SUFFIX ".tmpl"

enum { NAME_COLUMN = 24, OBJECTS_MAX = TEMPLATE_LINES };

/* The administrator's own go before those that came with yoke. */
static const char *dirs(void)
{
    const char *from_env = getenv("YOKE_TEMPLATES");
    return from_env && *from_env ? from_env
                                 : SYSCONFDIR "/yoke/templates:" YOKE_DATADIR "/templates";
}

static unsigned collect(struct catalog *c)
{
    catalog_scan(c, dirs(), "", false, "", SUFFIX);
    catalog_sort(c);
    return c->n;
}

/* Reads one that is there; NULL: told. */
static struct template *take(const char *name)
{
    char path[4096], why[4352];
    for (const char *list = dirs(); *list;) {
        size_t len = strcspn(list, ":");
        snprintf(path, sizeof(path), "%.*s/%s%s", (int)len, list, name, SUFFIX);
        list += len + (list[len] == ':');
        if (access(path, F_OK) != 0)
            continue;
        char *text = file_read(path, TEMPLATE_BYTES, why, sizeof(why));
        if (!text) {
            complain(_("cannot read %s"), why);
            return NULL;
        }
        struct template *t = template_parse(name, path, text);
        free(text);
        return t;
    }
    return NULL;
}

/* The same by what a user typed: a name, or the begin of only one. */
static struct template *find(const char *word)
{
    struct catalog c = {.n = 0};
    const char *name = NULL;
    struct template *t = NULL;
    unsigned fit = 0;
    collect(&c);
    for (unsigned i = 0; i < c.n && !str_eq(name, word); i++)
        if (str_starts(c.name[i], word) && *word) {
            fit = str_eq(c.name[i], word) ? 1 : fit + 1;
            name = c.name[i];
        }
    if (fit == 1 && name) {
        t = take(name);
        if (!t)
            complain(_("the template %s cannot be used"), name);
    } else if (fit > 1) {
        complain(_("'%s' can mean several templates; yoke template list shows them"), word);
    } else {
        const char *near = str_nearest(word, (const char *const *)c.name, c.n);
        if (near)
            complain(_("there is no template %s; did you mean %s?"), word, near);
        else
            complain(_("there is no template %s; yoke template list shows those there are"), word);
    }
    catalog_free(&c);
    return t;
}

int template_list_run(struct ctx *x, int argc, char **argv)
{
    struct catalog c = {.n = 0};
    json_t *list = json_array();
    int code = EXIT_OK;
    (void)argc;
    (void)argv;
    collect(&c);
    for (unsigned i = 0; i < c.n; i++) {
        struct template *t = take(c.name[i]);
        if (!t) {
            code = EXIT_FAIL;
            continue;
        }
        if (x->json)
            json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "name", t->name, "about",
                                                  template_said(t->about), "file", t->path));
        else
            printf("%-*s %s\n", NAME_COLUMN, t->name, template_said(t->about));
        template_free(t);
    }
    if (c.n == 0 && !x->json)
        complain(_("there are no templates in %s"), dirs());
    if (x->json)
        json_show(json_pack("{s:b,s:O}", "ok", code == EXIT_OK, "templates", list));
    json_decref(list);
    catalog_free(&c);
    return code;
}

/* For completion by a shell: names, or the parameters of one. */
void shelf_complete(const char *name, void (*add)(const char *word))
{
    struct catalog c = {.n = 0};
    char word[128];
    if (!name) {
        collect(&c);
        for (unsigned i = 0; i < c.n; i++)
            add(c.name[i]);
        catalog_free(&c);
        return;
    }
    struct template *t = take(name);
    for (unsigned i = 0; t && i < t->n_params; i++) {
        snprintf(word, sizeof(word), "%s=", t->param[i].name);
        add(word);
    }
    template_free(t);
}

/* ---- show ----------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static void show_json(const struct template *t)
{
    json_t *params = json_array();
    for (unsigned i = 0; i < t->n_params; i++) {
        const struct template_param *p = &t->param[i];
        json_array_append_new(params, json_pack("{s:s,s:s,s:b,s:o,s:o,s:s}", "name", p->name,
                                                "type", template_type_name(p->type), "required",
                                                p->required, "default", text_or_null(p->value),
                                                "example", text_or_null(p->example), "brief",
                                                template_said(p->question)));
    }
    json_show(json_pack("{s:b,s:s,s:s,s:s,s:s,s:o,s:s}", "ok", 1, "name", t->name, "file", t->path,
                        "about", template_said(t->about), "note", template_said(t->note),
                        "parameters", params, "body", t->body));
}

static void show_text(const struct template *t)
{
    printf("%s: %s (%s)\n\n", t->name, template_said(t->about), t->path);
    if (*template_said(t->note))
        printf("%s\n\n", template_said(t->note));
    printf("%s\n\n", _("Parameters (*: required, []: default):"));
    for (unsigned i = 0; i < t->n_params; i++) {
        const struct template_param *p = &t->param[i];
        printf("%s%s (%s", p->name, p->required ? "*" : "", template_type_name(p->type));
        if (p->value)
            printf(", [%s]", p->value);
        printf("): %s", template_said(p->question));
        if (p->example)
            printf(_(" (such as %s)"), p->example);
        printf("\n");
    }
    printf("\n%s\n\n%s",
           _("What is written; time-outs that do not stand here are those that each "
             "agent advises:"),
           t->body);
}

/* Takes PARAM=VALUE words. */
static int words_take(struct fillin *f, int argc, char **argv)
{
    int code = EXIT_OK;
    for (int i = 0; i < argc && code == EXIT_OK; i++)
        code = fillin_take(f, argv[i]);
    return code;
}

/* The configuration that the values make; malloced, NULL: told. */
static char *filled(const struct fillin *f)
{
    struct str s;
    str_init(&s, need(malloc(TEMPLATE_TEXT_LEN)), TEMPLATE_TEXT_LEN);
    template_fill(f->t, f->value, &s);
    if (!s.cut)
        return s.at;
    complain(_("the definition is too long"));
    free(s.at);
    return NULL;
}

static int show_filled(struct ctx *x, struct fillin *f)
{
    int code = fillin_finish(f);
    char *text = code == EXIT_OK ? filled(f) : NULL;
    if (!text)
        return code == EXIT_OK ? EXIT_FAIL : code;
    if (x->json)
        json_show(json_pack("{s:b,s:s,s:s}", "ok", 1, "name", f->t->name, "text", text));
    else
        fputs(text, stdout);
    free(text);
    return EXIT_OK;
}

int template_show_run(struct ctx *x, int argc, char **argv)
{
    struct template *t = find(argv[0]);
    int code = EXIT_OK;
    if (!t)
        return EXIT_FAIL;
    struct fillin *f = need(malloc(sizeof(*f)));
    fillin_init(f, t);
    code = words_take(f, argc - 1, argv + 1);
    if (code == EXIT_OK && argc > 1)
        code = show_filled(x, f);
    else if (code == EXIT_OK && x->json)
        show_json(t);
    else if (code == EXIT_OK)
        show_text(t);
    free(f);
    template_free(t);
    return code;
}

/* ---- apply ---------------------------------------------------------------------------------- */

/* What is to be put into the configuration; there may be several tries. */
struct applying {
    const char *name;
    char *text; /* what is defined anew */
    bool asked, agreed;
    char *id[OBJECTS_MAX]; /* of that */
    unsigned n;
    char *path[OBJECTS_MAX], *value[OBJECTS_MAX]; /* what is set of others */
    unsigned n_set;
};

/* Parts a text into definitions, of which it keeps the ids, and what is only set. */
static void applying_begin(struct applying *a, const char *name, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = need(strdup(text)), *at = copy, *line;
    struct str s;
    bool setting = false;
    a->name = name;
    str_init(&s, a->text = need(malloc(size)), size);
    while ((line = strsep(&at, "\n")) != NULL && *line) {
        int n = 0;
        bool begins = *line != '\t';
        char **word = begins ? quoting_split(line, &n) : NULL;
        setting = begins ? n > 0 && str_eq(word[0], "set") : setting;
        if (setting && n == 3 && a->n_set < OBJECTS_MAX) {
            a->path[a->n_set] = need(strdup(word[1]));
            a->value[a->n_set++] = need(strdup(word[2]));
        } else if (n > 1 && a->n < OBJECTS_MAX) {
            a->id[a->n++] = need(strdup(word[1]));
        }
        if (!setting)
            str_addf(&s, "%s\n", line);
        free(word);
    }
    free(copy);
}

static void applying_end(struct applying *a)
{
    while (a->n > 0)
        free(a->id[--a->n]);
    while (a->n_set > 0) {
        free(a->path[--a->n_set]);
        free(a->value[a->n_set]);
    }
    free(a->text);
}

static int taken(const struct cib *c, const struct applying *a)
{
    int code = EXIT_OK;
    for (unsigned i = 0; i < a->n; i++)
        if (cib_find_object(c, a->id[i], false) != CIB_NONE)
            code = fail_with(EXIT_FAIL,
                             _("%s is there already: give the new service another name "
                               "(name=...), or remove the old one first"),
                             a->id[i]);
    return code;
}

/* Puts the text behind what is there, with the times that agents advise. */
static int put(struct ctx *x, const struct applying *a)
{
    size_t old = strlen(x->copy->text), size = old + strlen(a->text) + 2;
    char *joined = need(malloc(size)), path[256];
    unsigned lines = 0, bad = 0;
    for (const char *at = x->copy->text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    snprintf(joined, size, "%s%s", x->copy->text, a->text);
    snprintf(path, sizeof(path), "%s" SUFFIX, a->name);
    enum err err =
        workcopy_replace(x, &(struct workcopy_origin){.path = path, .skip = lines}, joined);
    free(joined);
    for (unsigned i = 0; !err && i < a->n; i++) {
        uint16_t object = cib_find_object(x->copy->cib, a->id[i], false);
        if (object == CIB_NONE || x->copy->cib->object[object].kind != CIB_PRIMITIVE)
            continue;
        if (define_advise(x, a->id[i]) != EXIT_OK)
            return EXIT_FAIL;
        object = cib_find_object(x->copy->cib, a->id[i], false);
        const struct cib *c = x->copy->cib;
        bad += !meta_check(x, c, &c->prim[c->object[object].index], 0);
    }
    int code = err || bad ? EXIT_FAIL : EXIT_OK;
    for (unsigned i = 0; code == EXIT_OK && i < a->n_set; i++)
        code = define_set(x, a->path[i], a->value[i]);
    return code;
}

/* Asks the agents of the new resources whether they could run here; root alone gets true answers.
 * This need not be a node where they shall run, so that it is never more than a warning. */
static void agents_ask(struct ctx *x, const struct applying *a)
{
    char reason[512], text[768];
    struct str why;
    for (unsigned i = 0; i < a->n && geteuid() == 0 && !x->quiet && !a->agreed; i++) {
        const struct cib *c = x->copy->cib;
        const struct cib_object *o = &c->object[cib_find_object(c, a->id[i], false)];
        const struct cib_prim *p = o->kind == CIB_PRIMITIVE ? &c->prim[o->index] : NULL;
        str_init(&why, reason, sizeof(reason));
        if (!p || !str_eq(p->class, "ocf") ||
            validation_ask(x, p, a->id[i], p->clone != CIB_NONE && c->clone[p->clone].promotable,
                           &why) <= 0)
            continue;
        snprintf(text, sizeof(text), _("%s: on this machine its agent says: %s"), a->id[i], reason);
        fault_tell("", 0, true, text);
    }
}

static void new_show(const struct ctx *x, const struct applying *a)
{
    struct str s;
    const struct cib *c = x->copy->cib;
    str_init(&s, need(malloc(TEMPLATE_TEXT_LEN)), TEMPLATE_TEXT_LEN);
    for (unsigned i = 0; i < a->n; i++)
        cib_print_object(c, cib_find_object(c, a->id[i], false), &s);
    fputs(s.at, stdout);
    for (unsigned i = 0; i < a->n_set; i++)
        printf("set %s %s\n", a->path[i], a->value[i]);
    fflush(stdout);
    free(s.at);
}

/* Where somebody answered questions, the last one is whether to do it. */
static bool agree(struct ctx *x, struct applying *a)
{
    char answer[16] = "";
    if (a->agreed || !a->asked || x->dry_run || str_eq(x->level, "configure"))
        return true;
    a->agreed = confirm_typed(x, _("Put this in force? [Y/n]"), NULL, answer, sizeof(answer)) &&
                (*answer == '\0' || *answer == 'y' || *answer == 'Y');
    return a->agreed;
}

static int apply(struct ctx *x, int argc, char **argv)
{
    struct applying *a = x->applying;
    char *before = need(strdup(x->copy->text));
    (void)argc;
    (void)argv;
    int code = taken(x->copy->cib, a);
    if (code == EXIT_OK) {
        code = put(x, a);
        if (code == EXIT_OK && !x->json && !x->quiet && !x->dry_run && !a->agreed)
            new_show(x, a);
        if (code == EXIT_OK)
            agents_ask(x, a);
        if (code != EXIT_OK)
            complain(_("nothing was changed"));
        else if (!agree(x, a))
            code = fail_with(EXIT_FAIL, _("nothing was changed"));
    }
    if (code != EXIT_OK && workcopy_replace(x, NULL, before))
        abort(); /* it was good before */
    free(before);
    return code;
}

int template_apply_run(struct ctx *x, int argc, char **argv)
{
    struct template *t = find(argv[0]);
    struct applying a = {.n = 0};
    if (!t)
        return EXIT_FAIL;
    struct fillin *f = need(malloc(sizeof(*f)));
    fillin_init(f, t);
    int code = words_take(f, argc - 1, argv + 1);
    a.asked = isatty(STDIN_FILENO) && !x->json;
    if (code == EXIT_OK && a.asked) {
        if (*template_said(t->note))
            fprintf(stderr, "%s\n\n", template_said(t->note));
        code = fillin_ask(x, f);
    }
    code = code == EXIT_OK ? fillin_finish(f) : code;
    char *text = code == EXIT_OK ? filled(f) : NULL;
    if (text) {
        fillin_look(f);
        applying_begin(&a, t->name, text);
        x->applying = &a;
        code = workcopy_do(x, apply, 0, NULL);
        x->applying = NULL;
    } else if (code == EXIT_OK) {
        code = EXIT_FAIL;
    }
    applying_end(&a);
    free(text);
    free(f);
    template_free(t);
    return code;
}
