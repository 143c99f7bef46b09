/* SPDX-License-Identifier: GPL-2.0-or-later
 * workcopy: see workcopy.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "cli/workcopy.h"
#include "lib/base/say.h"
#include "lib/cib/diff.h"
#include "lib/cib/print.h"

enum { TRIES = 5, GROWTH = 64 * 1024 };

/* Faults of a text that was not right, and warnings of one that was. */
static void faults_tell(const struct workcopy_origin *o, const struct cib_faults *f)
{
    for (unsigned i = 0; i < f->n; i++) {
        unsigned line = f->at[i].line;
        bool inside = o && line > o->skip && (!o->lines || line <= o->skip + o->lines);
        if (!f->at[i].warning || inside || (o && !line))
            fault_tell(o && (inside || !line) ? o->path : "", inside ? line - o->skip : 0,
                       f->at[i].warning, f->at[i].text);
    }
    if (f->n_errors > CIB_FAULTS_MAX)
        complain(_("%u errors in all; the others are not shown"), f->n_errors);
}

static void names_fill(struct ctx *x, struct cib_names *names)
{
    memset(names, 0, sizeof(*names));
    names->translate = translate;
    for (unsigned i = 0; conf_try(x) && i < x->conf.n_nodes; i++)
        names->node[i] = x->conf.node[i].name;
}

enum err workcopy_parse(struct ctx *x, const struct workcopy_origin *origin, const char *text,
                        struct cib **out, void **room)
{
    struct cib_names names;
    struct arena arena;
    size_t size = cib_arena_need(strlen(text));
    struct cib_faults *faults = need(calloc(1, sizeof(*faults)));
    names_fill(x, &names);
    *room = need(malloc(size));
    arena_init(&arena, *room, size);
    enum err err = cib_parse(text, &names, &arena, out, faults);
    faults_tell(origin, faults);
    if (err) {
        if (!faults->n)
            complain("%s", translate(err_text(err)));
        free(*room);
        *room = NULL;
    }
    free(faults);
    return err;
}

void workcopy_close(struct ctx *x)
{
    if (!x->copy)
        return;
    free(x->copy->base);
    free(x->copy->text);
    free(x->copy->room);
    free(x->copy);
    x->copy = NULL;
}

bool workcopy_changed(const struct workcopy *w)
{
    return w && !str_eq(w->base, w->text);
}

/* The canonical text; malloced. */
static char *printed(const struct cib *c, size_t room)
{
    struct str s;
    for (;; room *= 2) {
        str_init(&s, need(malloc(room)), room);
        cib_print(c, &s);
        if (!s.cut)
            return s.at;
        free(s.at);
    }
}

struct workcopy *workcopy_open(struct ctx *x, int *code)
{
    if (x->copy)
        return x->copy;
    bool silent = x->silent;
    x->silent = true;
    json_t *answer = ask(x, ask_cmd(CMD_CIB_GET, 0), code);
    x->silent = silent;
    if (!answer)
        return NULL;
    struct workcopy *w = x->copy = need(calloc(1, sizeof(*w)));
    str_copy(w->version, sizeof(w->version), json_str(answer, "version"));
    const char *text = json_str(answer, "text");
    names_fill(x, &w->names);
    enum err err = workcopy_parse(x, NULL, text, &w->cib, &w->room);
    if (!err) {
        w->base = printed(w->cib, strlen(text) + GROWTH);
        w->text = need(strdup(w->base));
    }
    json_decref(answer);
    if (err) {
        workcopy_close(x);
        *code = EXIT_FAIL;
        complain(_("the configuration in force is not understood here: are command line and "
                   "daemon of different versions? (yoke version)"));
        return NULL;
    }
    return w;
}

/* Takes over a text whose parsed form is cib in room. */
static void adopt(struct workcopy *w, char *text, struct cib *cib, void *room)
{
    free(w->text);
    free(w->room);
    w->text = text;
    w->cib = cib;
    w->room = room;
}

enum err workcopy_replace(struct ctx *x, const struct workcopy_origin *origin, const char *text)
{
    struct cib *cib;
    void *room;
    assert(x->copy);
    enum err err = workcopy_parse(x, origin, text, &cib, &room);
    if (!err)
        adopt(x->copy, printed(cib, strlen(text) + GROWTH), cib, room);
    return err;
}

enum err workcopy_edit(struct ctx *x, const struct cib_edit *edit)
{
    struct workcopy *w = x->copy;
    struct arena scratch;
    struct str out;
    assert(w);
    size_t room = strlen(w->text) + (edit->value ? 2 * strlen(edit->value) : 0) + GROWTH;
    size_t size = cib_arena_need(room);
    struct cib_faults *faults = need(calloc(1, sizeof(*faults)));
    void *memory = need(malloc(size));
    arena_init(&scratch, memory, size);
    str_init(&out, need(malloc(room)), room);
    enum err err = cib_edit(w->cib, &w->names, edit, &scratch, &out, faults);
    if (err == ERR_MISSING)
        complain(edit->kind == EDIT_NODE ? _("there is no node %s in yoke.conf")
                                         : _("there is no object %s: see yoke configure show"),
                 edit->id);
    else if (err == ERR_CONFLICT)
        complain(_("%s is still named by a group or a constraint: remove that first, or use "
                   "--force"),
                 edit->id);
    else if (err && !faults->n)
        complain("%s", translate(err_text(err)));
    for (unsigned i = 0; i < faults->n; i++)
        faults->at[i].line = 0; /* of one line that was just typed */
    faults_tell(&(struct workcopy_origin){.path = ""}, faults);
    if (!err) {
        struct cib *cib = NULL;
        void *cib_room = NULL;
        err = workcopy_parse(x, NULL, out.at, &cib, &cib_room);
        if (!err)
            adopt(w, need(strdup(out.at)), cib, cib_room);
    }
    free(out.at);
    free(memory);
    free(faults);
    return err;
}

/* What a dry run or --verbose shows of the change itself. */
static void difference_show(struct ctx *x, const struct workcopy *w)
{
    struct cib *before;
    void *room;
    struct str s;
    if (workcopy_parse(x, NULL, w->base, &before, &room))
        return;
    size_t size = strlen(w->base) + strlen(w->text) + GROWTH;
    str_init(&s, need(malloc(2 * size)), 2 * size);
    cib_diff(before, w->cib, &s);
    fputs(s.at, stdout);
    free(s.at);
    free(room);
}

static int committed(struct ctx *x, struct workcopy *w, const json_t *answer)
{
    if (x->json) {
        json_show(json_incref((json_t *)answer));
    } else if (x->dry_run) {
        difference_show(x, w);
        plan_show(answer);
    } else {
        if (x->verbose)
            difference_show(x, w);
        whys_show(answer);
    }
    if (x->dry_run)
        return EXIT_OK;
    str_copy(w->version, sizeof(w->version), json_str(answer, "version"));
    free(w->base);
    w->base = need(strdup(w->text));
    return EXIT_OK;
}

int workcopy_commit(struct ctx *x, bool any, bool *again)
{
    struct workcopy *w = x->copy;
    int code = EXIT_FAIL;
    *again = false;
    if (!workcopy_changed(w)) {
        if (x->json)
            json_show(json_pack("{s:b,s:s,s:b}", "ok", 1, "version", w ? w->version : "",
                                "unchanged", 1));
        else if (!x->quiet && x->interactive)
            printf("%s\n", _("nothing to commit"));
        return EXIT_OK;
    }
    struct cmd *c = ask_cmd(CMD_CIB_PUT, ask_flags(x));
    ask_arg(c, any ? "" : w->version);
    c->text = w->text;
    c->text_len = (uint32_t)strlen(w->text);
    json_t *answer = ask_try(x, c, &code);
    if (!answer)
        return code;
    if (json_is(answer, "ok")) {
        code = committed(x, w, answer);
    } else if (json_num(answer, "id") == SAY_CMD_CIB_CHANGED) {
        *again = true;
    } else {
        refusal_show(x, answer);
    }
    json_decref(answer);
    return code;
}

int workcopy_do(struct ctx *x, int (*change)(struct ctx *, int, char **), int argc, char **argv)
{
    bool again = true;
    int code = EXIT_FAIL;
    if (str_eq(x->level, "configure"))
        return workcopy_open(x, &code) ? change(x, argc, argv) : code;
    struct workcopy *kept = x->copy;
    x->copy = NULL;
    for (int i = 0; again && i < TRIES; i++) {
        again = false;
        if (!workcopy_open(x, &code))
            break;
        code = change(x, argc, argv);
        if (code == EXIT_OK)
            code = workcopy_commit(x, false, &again);
        workcopy_close(x);
    }
    if (again)
        code = fail_with(EXIT_FAIL,
                         _("the configuration is being changed by somebody else all the time: try "
                           "again later"));
    x->copy = kept;
    return code;
}
