/* SPDX-License-Identifier: GPL-2.0-or-later
 * parse: the way from a text to a struct cib.
 *
 * Happy path: the text is copied, cut into words in place and counted, so that every table is taken
 * once and just large enough; each object is read by the function of its kind into raw tables;
 * build.c makes the model of them, effect.c works out inherited values, lint.c looks at the whole.
 * The raw tables stand behind the model in the arena and are given back.
 *
 * Fails with ERR_FULL (arena or a limit) or ERR_SYNTAX; after a fault reading goes on with the next
 * word or object, so that all are told at once. No recursion; work is O(n log n). */
#include "lib/cib/parse.h"

#include <assert.h>
#include <string.h>
#include "lib/cib/effect.h"
#include "lib/cib/expand.h"
#include "lib/cib/lint.h"
#include "lib/cib/reading.h"

/* Text once, comments once more; the worst text for the tables is one long list of op attributes:
 * for 3 bytes ("a= ") a token (8), a raw attribute (16) and two in the model (32). */
enum { NEED_PER_BYTE = 24, NEED_BASE = 128 * 1024 };
enum { GUESSES = 8 }; /* "did you mean" in one text */

static const char words[WORDS_LEN] = "\0interval\0timeout\0role\0monitor\0promotable\0true";

static const struct keyword {
    const char *word;
    enum cib_kind kind;
    void (*parse)(struct reading *r); /* NULL: of a later version */
} keywords[] = {
    {"node", CIB_NODE, parse_node},
    {"primitive", CIB_PRIMITIVE, parse_primitive},
    {"group", CIB_GROUP, parse_group},
    {"location", CIB_LOCATION, parse_location},
    {"colocation", CIB_COLOCATION, parse_colocation},
    {"collocation", CIB_COLOCATION, parse_colocation},
    {"order", CIB_ORDER, parse_order},
    {CIB_TOPOLOGY_ID, CIB_TOPOLOGY, parse_topology},
    {"property", CIB_PROPERTY, parse_property},
    {"rsc_defaults", CIB_RSC_DEFAULTS, parse_rsc_defaults},
    {"op_defaults", CIB_OP_DEFAULTS, parse_op_defaults},
    {"monitor", CIB_KIND_COUNT, parse_monitor},
    {"clone", CIB_CLONE, parse_clone},
    {"ms", CIB_CLONE, parse_ms},
    {"master", CIB_CLONE, parse_ms},
    {"bundle", CIB_KIND_COUNT, NULL},
    {"rsc_template", CIB_KIND_COUNT, NULL},
    {"modgroup", CIB_KIND_COUNT, NULL},
    {"rsc_ticket", CIB_KIND_COUNT, NULL},
    {"tag", CIB_KIND_COUNT, NULL},
    {"alert", CIB_KIND_COUNT, NULL},
    {"role", CIB_KIND_COUNT, NULL},
    {"acl_target", CIB_KIND_COUNT, NULL},
    {"acl_group", CIB_KIND_COUNT, NULL},
    {"user", CIB_KIND_COUNT, NULL},
    {"xml", CIB_KIND_COUNT, NULL},
};

static const struct keyword *keyword_find(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (str_eq(keywords[i].word, word))
            return &keywords[i];
    return NULL;
}

size_t cib_arena_need(size_t text_len)
{
    size_t need;
    if (__builtin_mul_overflow(text_len, NEED_PER_BYTE, &need) ||
        __builtin_add_overflow(need, NEED_BASE, &need))
        return SIZE_MAX;
    return need;
}

/* ---- room for the tables --------------------------------------------------------------------- */

struct counts {
    size_t kind[CIB_KIND_COUNT];
    size_t objects, nvs, extras, ops, members, levels, monitors, comment_len;
};

static void counts_take(struct counts *n, const char *text, const struct lex_token *tok,
                        size_t n_tok)
{
    const struct keyword *k = NULL;
    bool in_op = false;
    for (size_t i = 0; i < n_tok; i++) {
        const char *word = text + tok[i].at;
        if (tok[i].kind == LEX_COMMENT) {
            n->comment_len += strlen(word) + 1;
            continue;
        }
        if (tok[i].kind == LEX_FIRST) {
            k = keyword_find(word);
            in_op = false;
            n->objects++;
            if (k && k->kind < CIB_KIND_COUNT)
                n->kind[k->kind]++;
            if (k && k->parse == parse_monitor) {
                n->monitors++;
                n->ops++;
                n->nvs += 3;
            }
            n->nvs += k && k->parse == parse_ms;
            continue;
        }
        n->members += k && k->kind == CIB_GROUP;
        if (k && k->kind == CIB_TOPOLOGY) {
            n->levels += n->levels < CIB_LEVELS_MAX;
            n->members++;
            for (const char *at = word; (at = strchr(at, ',')) != NULL; at++)
                n->members++;
        }
        if (str_eq(word, "op")) {
            n->ops++;
            in_op = true;
        } else if (str_eq(word, "params") || str_eq(word, "meta")) {
            in_op = false;
        } else if (strchr(word, '=')) {
            n->nvs++;
            n->extras += in_op;
        }
    }
}

static bool limits_hold(const struct counts *n, struct cib_faults *f)
{
    if (n->objects <= CIB_OBJECT_MAX && n->kind[CIB_PRIMITIVE] <= CIB_PRIM_MAX &&
        n->kind[CIB_GROUP] <= CIB_PRIM_MAX && n->kind[CIB_CLONE] <= CIB_PRIM_MAX)
        return true;
    cib_fault_add(
        f, 0, false,
        "the configuration is too large: at most %d objects, among them %d primitives and "
        "%d groups",
        CIB_OBJECT_MAX, CIB_PRIM_MAX, CIB_PRIM_MAX);
    return false;
}

#define TAKE(to, n)                                                                                \
    do {                                                                                           \
        (to) = arena_array(arena, (n), sizeof(*(to)));                                             \
        if (!(to))                                                                                 \
            return ERR_FULL;                                                                       \
    } while (0)

/* What stays: the model's own tables. */
static enum err model_room(struct reading *r, const struct counts *n, struct arena *arena)
{
    struct cib *c = r->c;
    TAKE(c->object, n->objects);
    TAKE(c->by_object, n->objects);
    TAKE(c->prim, n->kind[CIB_PRIMITIVE]);
    TAKE(c->group, n->kind[CIB_GROUP]);
    TAKE(c->clone, n->kind[CIB_CLONE]);
    TAKE(c->by_id, n->kind[CIB_PRIMITIVE] + n->kind[CIB_GROUP] + n->kind[CIB_CLONE]);
    TAKE(c->location, n->kind[CIB_LOCATION]);
    TAKE(c->colocation, n->kind[CIB_COLOCATION]);
    TAKE(c->order, n->kind[CIB_ORDER]);
    TAKE(c->level, n->levels);
    TAKE(c->node, n->kind[CIB_NODE]);
    for (int i = 0; i < 3; i++)
        TAKE(c->set[i],
             n->kind[CIB_PROPERTY + i] < CIB_SETS_MAX ? n->kind[CIB_PROPERTY + i] : CIB_SETS_MAX);
    TAKE(r->pool_nv, n->nvs + n->extras);
    TAKE(r->pool_op, n->ops);
    TAKE(r->pool_member, n->members);
    r->nv_left = n->nvs + n->extras;
    r->op_left = n->ops;
    r->member_left = n->members;
    TAKE(r->comment, n->comment_len + 1);
    return ERR_OK;
}

/* What is given back: the raw tables. */
static enum err raw_room(struct reading *r, const struct counts *n, struct arena *arena)
{
    TAKE(r->nv, n->nvs + 1);
    TAKE(r->op, n->ops + 1);
    TAKE(r->monitor, n->monitors);
    TAKE(r->prim, n->kind[CIB_PRIMITIVE]);
    TAKE(r->group, n->kind[CIB_GROUP]);
    TAKE(r->clone, n->kind[CIB_CLONE]);
    TAKE(r->location, n->kind[CIB_LOCATION]);
    TAKE(r->colocation, n->kind[CIB_COLOCATION]);
    TAKE(r->order, n->kind[CIB_ORDER]);
    TAKE(r->level, n->levels);
    TAKE(r->node, n->kind[CIB_NODE]);
    for (int i = 0; i < 3; i++)
        TAKE(r->set[i], CIB_SETS_MAX);
    return ERR_OK;
}

/* ---- one object after the other -------------------------------------------------------------- */

/* Adds a comment line to those of the object being read. */
static void comment_take(struct reading *r, const char *line)
{
    size_t len = strlen(line);
    if (r->comment_len > r->comment_begin)
        r->comment[r->comment_len++] = '\n';
    memcpy(r->comment + r->comment_len, line, len);
    r->comment_len += len;
}

/* Ends the comment gathered so far: returns it, NULL when there is none. */
static const char *comment_end(struct reading *r)
{
    const char *comment = r->comment + r->comment_begin;
    if (r->comment_len == r->comment_begin)
        return NULL;
    r->comment[r->comment_len++] = '\0';
    r->comment_begin = r->comment_len;
    return comment;
}

static void first_unknown(struct reading *r, const char *word)
{
    static const char *const inner[] = {"params",     "meta",       "op",        "utilization",
                                        "operations", "attributes", "op_params", "op_meta"};
    const char *names[ARRAY_LEN(keywords)];
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        names[i] = keywords[i].word;
    bool is_inner = strchr(word, '=') != NULL;
    for (size_t i = 0; i < ARRAY_LEN(inner); i++)
        is_inner |= str_eq(word, inner[i]);
    const char *near = str_nearest(word, names, ARRAY_LEN(names));
    if (is_inner)
        READ_FAULT(
            r,
            "%.*s cannot begin an object; if it belongs to the one above, end the line above "
            "with \" \\\"",
            FAULT_WORD(word));
    else if (near)
        READ_FAULT(r, "%.*s is no kind of object; did you mean %s?", FAULT_WORD(word), near);
    else
        READ_FAULT(r,
                   "%.*s is no kind of object; there are node, primitive, group, clone, location, "
                   "colocation, order, fencing_topology, property, rsc_defaults and op_defaults",
                   FAULT_WORD(word));
}

static void object_read(struct reading *r)
{
    const char *word = r->text + r->tok[r->at].at;
    const struct keyword *k = keyword_find(word);
    r->line = r->tok[r->at].line;
    /* Comments inside of the object are kept with it. */
    r->end = r->at + 1;
    for (uint32_t i = r->end; i < r->n_tok && r->tok[i].kind != LEX_FIRST; i++)
        if (r->tok[i].kind == LEX_WORD)
            r->end = i + 1;
    for (uint32_t i = r->at; i < r->end; i++)
        if (r->tok[i].kind == LEX_COMMENT)
            comment_take(r, r->text + r->tok[i].at);
    r->at++;
    r->first_nv = r->n_nv + 1;
    if (k && k->parse) {
        k->parse(r);
    } else if (k) {
        READ_FAULT(r, "%s is not in this version of yoke", word);
        const char *id = reading_word(r);
        if (id) /* so that not everything that names it is a fault, too */
            reading_object(r, CIB_KIND_COUNT, 0, id);
    } else {
        first_unknown(r, word);
    }
    r->at = r->end;
}

static void objects_read(struct reading *r)
{
    while (r->at < r->n_tok) {
        if (r->tok[r->at].kind == LEX_COMMENT)
            comment_take(r, r->text + r->tok[r->at++].at);
        else
            object_read(r);
    }
    r->c->comment = comment_end(r);
}

void reading_comment(struct reading *r, enum cib_kind kind, unsigned index)
{
    struct cib_object *o = r->c->object;
    while (o->kind != kind || o->index != index)
        o++;
    assert(o < r->c->object + r->c->n_objects);
    size_t len = r->comment_len - r->comment_begin;
    if (!o->comment)
        o->comment = comment_end(r);
    else if (strlen(o->comment) == len &&
             memcmp(o->comment, r->comment + r->comment_begin, len) == 0)
        r->comment_len = r->comment_begin;
}

struct cib_object *reading_object(struct reading *r, enum cib_kind kind, unsigned index,
                                  const char *id)
{
    struct cib_object *o = &r->c->object[r->c->n_objects++];
    *o = (struct cib_object){.kind = kind,
                             .index = (uint16_t)index,
                             .id = id,
                             .comment = comment_end(r),
                             .line = r->line};
    return o;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static char *text_copy(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_take(arena, WORDS_LEN + len + 1);
    if (copy) {
        memcpy(copy, words, WORDS_LEN);
        memcpy(copy + WORDS_LEN, text, len);
    }
    return copy;
}

/* Cuts a fresh copy of the text; the tokens' offsets count from its beginning. */
static enum err text_cut(struct reading *r, struct arena *arena)
{
    struct lex_token *tok;
    TAKE(tok, lex_bound(r->text + WORDS_LEN));
    r->n_tok = (uint32_t)lex_run(r->text + WORDS_LEN, tok, r->f);
    for (uint32_t i = 0; i < r->n_tok; i++)
        tok[i].at += WORDS_LEN;
    r->tok = tok;
    return ERR_OK;
}

/* Reads all objects. *stays: how much of the arena the model has; what is behind it are raw tables,
 * needed by build_model only. */
static enum err tables_fill(struct reading *r, struct arena *arena, const char *text, size_t *stays)
{
    struct counts n = {0};
    size_t len = strlen(text);
    r->c = arena_take(arena, sizeof(*r->c));
    size_t begin = arena->used;
    r->text = text_copy(arena, text, len);
    if (!r->c || !r->text || text_cut(r, arena))
        return ERR_FULL;
    counts_take(&n, r->text, r->tok, r->n_tok);
    if (!limits_hold(&n, r->f))
        return ERR_FULL;

    /* Once more from the start, now with the tables that stay in front. */
    arena->used = begin;
    r->f->n = r->f->n_errors = 0;
    r->text = text_copy(arena, text, len);
    if (!r->text || model_room(r, &n, arena))
        return ERR_FULL;
    *stays = arena->used;
    if (text_cut(r, arena) || raw_room(r, &n, arena))
        return ERR_FULL;
    objects_read(r);
    return ERR_OK;
}

static bool text_too_long(const char *text, struct cib_faults *f)
{
    f->n = f->n_errors = 0;
    if (strnlen(text, CIB_TEXT_MAX + 1) <= CIB_TEXT_MAX)
        return false;
    cib_fault_add(f, 0, false, "the configuration is longer than %d bytes", CIB_TEXT_MAX);
    return true;
}

/* Says why, where nothing has been said yet. */
static enum err full_tell(enum err err, struct cib_faults *f)
{
    if (err == ERR_FULL && f->n_errors == 0)
        cib_fault_add(f, 0, false,
                      "the configuration is too large for the memory set aside for it");
    return err ? err : f->n_errors > 0 ? ERR_SYNTAX : ERR_OK;
}

enum err reading_head(const char *text, struct arena *arena, struct cib_object *out,
                      struct cib_faults *f)
{
    struct reading r = {.f = f, .guesses = GUESSES};
    size_t stays;
    unsigned n = 0;
    if (text_too_long(text, f))
        return ERR_FULL;
    enum err err = tables_fill(&r, arena, text, &stays);
    for (uint32_t i = 0; !err && i < r.n_tok; i++)
        n += r.tok[i].kind == LEX_FIRST;
    if (!err && n != 1)
        cib_fault_add(f, 0, false, "here stands one object, not %u", n);
    if ((err = full_tell(err, f)) != ERR_OK)
        return err;
    *out = (struct cib_object){.kind = CIB_KIND_COUNT};
    if (r.c->n_objects > 0)
        *out = r.c->object[0];
    return ERR_OK;
}

enum err cib_parse(const char *text, const struct cib_names *names, struct arena *arena,
                   struct cib **out, struct cib_faults *f)
{
    struct reading r = {.f = f, .names = names, .guesses = GUESSES};
    size_t stays = 0;
    assert(text && arena && out && f);
    *out = NULL;
    f->translate = names ? names->translate : NULL;
    if (text_too_long(text, f))
        return ERR_FULL;
    enum err err = tables_fill(&r, arena, text, &stays);
    if (!err) {
        build_model(&r);
        arena->used = stays;
        err = effect_apply(r.c, strlen(text), arena, f);
    }
    stays = arena->used;
    if (!err)
        err = lint_run(r.c, arena, f);
    arena->used = stays;
    if (!err && f->n_errors == 0)
        err = expand_clones(r.c, names, arena, f);
    err = full_tell(err, f);
    cib_faults_sort(f);
    if (!err)
        *out = r.c;
    return err;
}
