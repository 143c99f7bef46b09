/* SPDX-License-Identifier: GPL-2.0-or-later
 * edit: a changed copy of the configuration's tables is printed, read anew with all checks, and
 * printed again.
 *
 * Happy path: one kind of change, one function; compose writes the text; cib_parse agrees. Fails
 * before anything is written (ERR_MISSING, ERR_CONFLICT) or by what cib_parse says of the result.
 */
#include "lib/cib/edit.h"

#include <assert.h>
#include <string.h>
#include "lib/cib/print.h"
#include "lib/cib/reading.h"
#include "lib/cib/sink.h"

struct draft {
    struct cib c; /* tables that change are copied first, the others are shared */
    const struct cib_edit *edit;
    struct arena *arena;
    struct cib_faults *f;
    unsigned object;  /* place of the changed object, CIB_NONE: none */
    const char *raw;  /* EDIT_PUT: its text, which takes the object's place or stands at the end */
    bool raw_comment; /* and has a comment of its own */
    unsigned line, end; /* lines of the changed object in the composed text: line .. end - 1 */
};

/* A copy of n items with room for one more; NULL when full. */
static void *copy_of(struct draft *d, const void *at, size_t n, size_t size)
{
    char *copy = arena_array(d->arena, n + 1, size);
    if (copy && n > 0)
        memcpy(copy, at, n * size);
    return copy;
}

#define OWN(d, table, n)                                                                           \
    do {                                                                                           \
        (d)->c.table = copy_of((d), (d)->c.table, (n), sizeof(*(d)->c.table));                     \
        if (!(d)->c.table)                                                                         \
            return ERR_FULL;                                                                       \
    } while (0)

/* The list with name=value in it, in place of an older value; without the name when value is NULL.
 */
static enum err list_set(struct draft *d, struct nvlist *l, enum attr_table table, const char *name,
                         const char *value)
{
    struct nv *at = arena_array(d->arena, (size_t)l->n + 1, sizeof(*at));
    uint16_t n = 0;
    bool done = value == NULL;
    if (!at)
        return ERR_FULL;
    for (unsigned i = 0; i < l->n; i++) {
        bool hit = table < ATTR_TABLES ? attr_same(table, l->at[i].name, name)
                                       : str_eq(l->at[i].name, name);
        if (!hit)
            at[n++] = l->at[i];
        else if (!done)
            at[n++] = (struct nv){name, value};
        done |= hit;
    }
    if (!done)
        at[n++] = (struct nv){name, value};
    *l = (struct nvlist){.at = at, .n = n};
    return ERR_OK;
}

static enum err object_add(struct draft *d, enum cib_kind kind, unsigned index, const char *id)
{
    OWN(d, object, d->c.n_objects);
    d->object = d->c.n_objects;
    d->c.object[d->c.n_objects++] =
        (struct cib_object){.kind = kind, .index = (uint16_t)index, .id = id};
    return ERR_OK;
}

/* ---- attributes ------------------------------------------------------------------------------ */

/* What stands with a member would go before the group's, which would then seem not to work. */
static bool holds_for_members(const char *name)
{
    return str_eq(name, "target-role") || str_eq(name, "is-managed") || str_eq(name, "maintenance");
}

static enum err rsc_set(struct draft *d)
{
    const struct cib_edit *e = d->edit;
    bool meta = e->kind == EDIT_META;
    enum attr_table table = meta ? ATTR_META : ATTR_TABLES;
    uint16_t object = cib_find_object(&d->c, e->id, false);
    const struct cib_object *o = object == CIB_NONE ? NULL : &d->c.object[object];
    if (!o || !cib_object_list(&d->c, o, meta))
        return ERR_MISSING;
    d->object = object;
    OWN(d, prim, d->c.n_prims);
    if (o->kind == CIB_PRIMITIVE) {
        struct cib_prim *p = &d->c.prim[o->index];
        return list_set(d, meta ? &p->meta : &p->params, table, e->name, e->value);
    }
    if (o->kind == CIB_CLONE) {
        OWN(d, clone, d->c.n_clones);
        struct cib_clone *k = &d->c.clone[o->index];
        enum err err = list_set(d, meta ? &k->meta : &k->params, table, e->name, e->value);
        if (!err && e->value && meta && holds_for_members(e->name))
            err = list_set(d, &d->c.prim[k->prim].meta, table, e->name, NULL);
        return err;
    }
    OWN(d, group, d->c.n_groups);
    struct cib_group *g = &d->c.group[o->index];
    enum err err = list_set(d, meta ? &g->meta : &g->params, table, e->name, e->value);
    for (unsigned i = 0; !err && e->value && meta && i < g->n_members; i++)
        if (holds_for_members(e->name))
            err = list_set(d, &d->c.prim[g->member[i]].meta, table, e->name, NULL);
    return err;
}

static enum err node_set(struct draft *d)
{
    const struct cib_edit *e = d->edit;
    uint16_t at = cib_find_object(&d->c, e->id, true);
    if (!reading_id_ok(e->id, true))
        return ERR_MISSING;
    if (at == CIB_NONE && !e->value)
        return ERR_OK;
    OWN(d, node, d->c.n_nodes);
    if (at == CIB_NONE) {
        d->c.node[d->c.n_nodes] = (struct cib_node){.name = e->id};
        enum err err = object_add(d, CIB_NODE, d->c.n_nodes++, e->id);
        if (err)
            return err;
    } else {
        d->object = at;
    }
    return list_set(d, &d->c.node[d->c.object[d->object].index].attributes, ATTR_NODE, e->name,
                    e->value);
}

static void object_drop(struct draft *d, unsigned object)
{
    d->c.n_objects--;
    memmove(&d->c.object[object], &d->c.object[object + 1],
            (d->c.n_objects - object) * sizeof(*d->c.object));
    d->object = CIB_NONE;
}

/* In the set that has the name already, else in the first one, else in a new one. */
static enum err set_set(struct draft *d, enum cib_kind kind, enum attr_table table, const char *id)
{
    const struct cib_edit *e = d->edit;
    unsigned k = kind - CIB_PROPERTY, own = 0;
    for (unsigned i = d->c.n_sets[k]; i > 0; i--)
        for (unsigned v = 0; v < d->c.set[k][i - 1].nvs.n; v++)
            if (attr_same(table, d->c.set[k][i - 1].nvs.at[v].name, e->name))
                own = i - 1;
    OWN(d, set[k], d->c.n_sets[k]);
    if (d->c.n_sets[k] == 0) {
        if (!e->value)
            return ERR_OK;
        d->c.set[k][0] = (struct cib_set){.id = id};
        d->c.n_sets[k] = 1;
        enum err err = object_add(d, kind, 0, id);
        if (err)
            return err;
    } else {
        OWN(d, object, d->c.n_objects);
        for (unsigned i = 0; i < d->c.n_objects; i++)
            if (d->c.object[i].kind == kind && d->c.object[i].index == own)
                d->object = i;
    }
    enum err err = list_set(d, &d->c.set[k][own].nvs, table, e->name, e->value);
    if (!err && d->c.set[k][own].nvs.n == 0)
        object_drop(d, d->object);
    return err;
}

/* ---- delete ---------------------------------------------------------------------------------- */

static bool names(struct rsc_ref ref, enum rsc_kind kind, unsigned index)
{
    return ref.kind == kind && ref.index == index;
}

static bool constraint_names(const struct cib *c, const struct cib_object *o, enum rsc_kind kind,
                             unsigned index)
{
    switch (o->kind) {
    case CIB_LOCATION: return names(c->location[o->index].rsc, kind, index);
    case CIB_COLOCATION:
        return names(c->colocation[o->index].rsc, kind, index) ||
               names(c->colocation[o->index].with, kind, index);
    case CIB_ORDER:
        return names(c->order[o->index].first, kind, index) ||
               names(c->order[o->index].then, kind, index);
    default: return false;
    }
}

/* Takes a primitive out of its group; true when nothing is left of the group. */
static enum err member_drop(struct draft *d, unsigned prim, bool *empty)
{
    unsigned group = d->c.prim[prim].group, n = 0;
    OWN(d, group, d->c.n_groups);
    struct cib_group *g = &d->c.group[group];
    uint16_t *member = copy_of(d, g->member, g->n_members, sizeof(*member));
    if (!member)
        return ERR_FULL;
    for (unsigned i = 0; i < g->n_members; i++)
        if (g->member[i] != prim)
            member[n++] = g->member[i];
    g->member = member;
    g->n_members = (uint16_t)n;
    *empty = n == 0;
    return ERR_OK;
}

/* Takes a fence device out of the levels; what is left without one is no level. */
static enum err device_drop(struct draft *d, unsigned prim, bool *named)
{
    uint16_t levels = 0;
    OWN(d, level, d->c.n_levels);
    for (unsigned i = 0; i < d->c.n_levels; i++) {
        struct cib_level l = d->c.level[i];
        uint16_t *device = copy_of(d, l.device, l.n_devices, sizeof(*device));
        uint16_t n = 0;
        if (!device)
            return ERR_FULL;
        for (unsigned k = 0; k < l.n_devices; k++)
            if (l.device[k] != prim)
                device[n++] = l.device[k];
        *named |= n < l.n_devices;
        l.device = device;
        l.n_devices = n;
        if (n > 0)
            d->c.level[levels++] = l;
    }
    d->c.n_levels = levels;
    return ERR_OK;
}

static enum err object_delete(struct draft *d)
{
    uint16_t at = cib_find_object(&d->c, d->edit->id, false), kept = 0;
    if (at == CIB_NONE)
        at = cib_find_object(&d->c, d->edit->id, true);
    if (at == CIB_NONE)
        return ERR_MISSING;
    enum cib_kind kind = d->c.object[at].kind;
    unsigned index = d->c.object[at].index, group = kind == CIB_GROUP ? index : CIB_NONE;
    bool named = false, empty = false;
    uint16_t clone = kind == CIB_CLONE       ? (uint16_t)index
                     : kind == CIB_PRIMITIVE ? d->c.prim[index].clone
                                             : CIB_NONE;
    named = kind == CIB_PRIMITIVE && clone != CIB_NONE;
    OWN(d, object, d->c.n_objects);
    if (kind == CIB_PRIMITIVE && d->c.prim[index].group != CIB_NONE) {
        named = true;
        if (member_drop(d, index, &empty))
            return ERR_FULL;
        if (empty)
            group = d->c.prim[index].group;
    }
    enum err err = kind == CIB_PRIMITIVE ? device_drop(d, index, &named) : ERR_OK;
    if (err)
        return err;
    for (unsigned i = 0; i < d->c.n_objects; i++) {
        const struct cib_object *o = &d->c.object[i];
        bool hit = (kind == CIB_PRIMITIVE && constraint_names(&d->c, o, RSC_PRIM, index)) ||
                   (clone != CIB_NONE && constraint_names(&d->c, o, RSC_CLONE, clone)) ||
                   (group != CIB_NONE && constraint_names(&d->c, o, RSC_GROUP, group));
        bool gone = i == at || (empty && o->kind == CIB_GROUP && o->index == group) ||
                    (o->kind == CIB_CLONE && o->index == clone) ||
                    (o->kind == CIB_TOPOLOGY && d->c.n_levels == 0);
        named |= hit;
        if (!hit && !gone)
            d->c.object[kept++] = *o;
    }
    d->c.n_objects = kept;
    return named && !d->edit->force ? ERR_CONFLICT : ERR_OK;
}

/* ---- put ------------------------------------------------------------------------------------- */

static enum err object_put(struct draft *d)
{
    struct cib_object head;
    const char *text = d->edit->value ? d->edit->value : "";
    enum err err = reading_head(text, d->arena, &head, d->f);
    if (err)
        return err;
    d->raw = str_starts(text, "\xEF\xBB\xBF") ? text + 3 : text;
    d->raw_comment = head.comment != NULL;
    uint16_t at = head.kind == CIB_KIND_COUNT
                      ? CIB_NONE
                      : cib_find_object(&d->c, head.id, head.kind == CIB_NODE);
    if (at == CIB_NONE)
        return ERR_OK;
    if (d->c.object[at].kind != head.kind) {
        cib_fault_add(d->f, head.line, false,
                      "%.*s is the id of another kind of object; delete that first or take another "
                      "id",
                      FAULT_WORD(head.id));
        return ERR_SYNTAX;
    }
    if (head.kind < CIB_PROPERTY) {
        d->object = at;
    } else if (head.comment) { /* a set joins the one that is there; the newer comment stays */
        OWN(d, object, d->c.n_objects);
        d->c.object[at].comment = NULL;
    }
    return ERR_OK;
}

/* ---- the new text ---------------------------------------------------------------------------- */

static unsigned lines_of(const struct str *s)
{
    unsigned n = 0;
    for (const char *at = s->at; (at = strchr(at, '\n')) != NULL; at++)
        n++;
    return n;
}

static void raw_put(struct draft *d, struct str *out)
{
    const struct cib_object *old = d->object == CIB_NONE ? NULL : &d->c.object[d->object];
    if (old && old->comment && !d->raw_comment)
        str_addf(out, "%s\n", old->comment);
    d->line = lines_of(out) + 1;
    str_add(out, d->raw);
    str_add(out, "\n\n"); /* the empty line ends it even after a last backslash */
    d->end = lines_of(out) + 1;
}

static void compose(struct draft *d, struct str *out)
{
    struct sink s;
    sink_init(&s, out);
    for (unsigned k = 0; k < CIB_KIND_COUNT; k++)
        for (unsigned i = 0; i < d->c.n_objects; i++) {
            if (d->c.object[i].kind != sink_kind(k))
                continue;
            if (i == d->object && d->raw) {
                raw_put(d, out);
                continue;
            }
            if (i == d->object)
                d->line = lines_of(out) + 1;
            sink_object(&s, &d->c, i);
            if (i == d->object)
                d->end = lines_of(out) + 1;
        }
    if (d->raw && d->object == CIB_NONE)
        raw_put(d, out);
    sink_end(&s, &d->c);
}

/* Lines of the composed text mean nothing to the user: those of EDIT_PUT's text do. Warnings about
 * other objects were there before. */
static void faults_turn(const struct draft *d, struct cib_faults *f)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < f->n; i++) {
        struct cib_fault *fault = &f->at[i];
        bool inside = fault->line >= d->line && fault->line < d->end;
        if (!inside && fault->warning)
            continue;
        fault->line = inside && d->raw ? fault->line - d->line + 1 : 0;
        if (kept != i)
            f->at[kept] = *fault;
        kept++;
    }
    f->n = kept;
}

static enum err change(struct draft *d)
{
    switch (d->edit->kind) {
    case EDIT_META:
    case EDIT_PARAM: return rsc_set(d);
    case EDIT_NODE: return node_set(d);
    case EDIT_PROPERTY: return set_set(d, CIB_PROPERTY, ATTR_PROPERTY, CIB_SET_PROPERTY);
    case EDIT_RSC_DEFAULT: return set_set(d, CIB_RSC_DEFAULTS, ATTR_META, CIB_SET_RSC_DEFAULTS);
    case EDIT_OP_DEFAULT: return set_set(d, CIB_OP_DEFAULTS, ATTR_OP_DEFAULT, CIB_SET_OP_DEFAULTS);
    case EDIT_DELETE: return object_delete(d);
    case EDIT_PUT: return object_put(d);
    }
    return ERR_UNKNOWN;
}

enum err cib_edit(const struct cib *c, const struct cib_names *names_of,
                  const struct cib_edit *edit, struct arena *scratch, struct str *out,
                  struct cib_faults *faults)
{
    struct draft d = {.edit = edit, .arena = scratch, .f = faults, .object = CIB_NONE};
    struct cib *next = NULL;
    assert(c && edit && scratch && out && faults);
    assert(edit->kind == EDIT_PUT || edit->id);
    d.c = *c;
    faults->n = faults->n_errors = 0;
    faults->translate = names_of ? names_of->translate : NULL;
    str_init(out, out->at, out->size);
    size_t begin = scratch->used;
    bool named = edit->kind != EDIT_PUT && edit->kind != EDIT_DELETE;
    if (named && (!edit->name || !reading_name_ok(edit->name))) {
        cib_fault_add(faults, 0, false, "%.*s= cannot be the name of an attribute",
                      FAULT_WORD(edit->name ? edit->name : ""));
        return ERR_SYNTAX;
    }
    enum err err = change(&d);
    if (!err)
        compose(&d, out);
    scratch->used = begin;
    if (!err && out->cut)
        err = ERR_FULL;
    if (!err) {
        err = cib_parse(out->at, names_of, scratch, &next, faults);
        faults_turn(&d, faults);
    }
    if (!err) {
        str_init(out, out->at, out->size);
        cib_print(next, out);
        err = out->cut ? ERR_FULL : ERR_OK;
    }
    scratch->used = begin;
    return err;
}
