/* SPDX-License-Identifier: GPL-2.0-or-later
 * build: the model out of the raw tables: lists laid out flat, ids sorted, names resolved.
 * Happy path: every list fits into the pools, which were counted beforehand. Faults: an id that is
 * there twice, a name that nothing has, a primitive in two groups. */
#include <assert.h>
#include <string.h>
#include "lib/cib/reading.h"
#include "lib/cib/sort.h"

enum { MONITOR_INTERVAL_MS = 20000, CHUNK = 64 };

#define FAULT_AT(r, line, ...) cib_fault_add((r)->f, (line), false, __VA_ARGS__)
#define WARN_AT(r, line, ...)  cib_fault_add((r)->f, (line), true, __VA_ARGS__)

/* ---- ids ------------------------------------------------------------------------------------- */

static bool object_less(const void *ctx, uint16_t a, uint16_t b)
{
    const struct cib *c = ctx;
    const struct cib_object *x = &c->object[a], *y = &c->object[b];
    if ((x->kind == CIB_NODE) != (y->kind == CIB_NODE))
        return y->kind == CIB_NODE;
    int cmp = strcmp(x->id, y->id);
    return cmp != 0 ? cmp < 0 : a < b;
}

static bool rsc_less(const void *ctx, uint16_t a, uint16_t b)
{
    const struct cib *c = ctx;
    int cmp = strcmp(cib_id_at(c, a), cib_id_at(c, b));
    return cmp != 0 ? cmp < 0 : a < b;
}

static const char *kind_words(enum cib_kind kind)
{
    static const char *const words[] = {
        "node",  "primitive",        "group",    "clone",        "location",   "colocation",
        "order", "fencing_topology", "property", "rsc_defaults", "op_defaults"};
    return kind < ARRAY_LEN(words) ? words[kind] : "object";
}

void build_ids(struct cib *c)
{
    for (unsigned i = 0; i < c->n_ids; i++)
        c->by_id[i] = (uint16_t)i;
    sort_indices(c->by_id, c->n_ids, rsc_less, c);
}

static void ids_sort(struct reading *r)
{
    struct cib *c = r->c;
    for (unsigned i = 0; i < c->n_objects; i++)
        c->by_object[i] = (uint16_t)i;
    sort_indices(c->by_object, c->n_objects, object_less, c);
    c->n_ids = (uint16_t)(c->n_prims + c->n_groups + c->n_clones);
    build_ids(c);
    for (unsigned i = 1; i < c->n_objects; i++) {
        const struct cib_object *was = &c->object[c->by_object[i - 1]];
        const struct cib_object *o = &c->object[c->by_object[i]];
        bool same = (was->kind == CIB_NODE) == (o->kind == CIB_NODE) && str_eq(was->id, o->id);
        if (same && was->kind == CIB_TOPOLOGY && o->kind == CIB_TOPOLOGY)
            FAULT_AT(r, o->line,
                     "fencing_topology stands in line %u already; write one for all nodes",
                     was->line);
        else if (same)
            FAULT_AT(r, o->line, "%.*s is already the id of the %s in line %u; give one another id",
                     FAULT_WORD(o->id), kind_words(was->kind), was->line);
    }
}

/* The resource whose id is nearest, in pieces, so that no table of all names is needed. */
static const char *rsc_nearest(struct reading *r, const char *id)
{
    const char *names[CHUNK], *winners[(3 * CIB_PRIM_MAX + CHUNK - 1) / CHUNK];
    const struct cib *c = r->c;
    unsigned n = c->n_ids, wins = 0;
    if (!r->guesses)
        return NULL;
    r->guesses--;
    for (unsigned i = 0; i < n; i += CHUNK) {
        unsigned k = 0;
        for (; k < CHUNK && i + k < n; k++)
            names[k] = cib_id_at(c, i + k);
        const char *near = str_nearest(id, names, k);
        if (near)
            winners[wins++] = near;
    }
    return str_nearest(id, winners, wins);
}

static void rsc_missing(struct reading *r, const char *id, unsigned line)
{
    uint16_t at = cib_find_object(r->c, id, false);
    if (at != CIB_NONE) {
        if (r->c->object[at].kind < CIB_KIND_COUNT) /* otherwise it was refused, and that told */
            FAULT_AT(r, line, "%.*s is a %s; here stands a resource", FAULT_WORD(id),
                     kind_words(r->c->object[at].kind));
        return;
    }
    const char *near = rsc_nearest(r, id);
    if (near)
        FAULT_AT(r, line, "there is no resource %.*s; did you mean %s?", FAULT_WORD(id), near);
    else
        FAULT_AT(r, line, "there is no resource %.*s", FAULT_WORD(id));
}

static struct rsc_ref rsc_resolve(struct reading *r, uint32_t name, unsigned line)
{
    struct rsc_ref ref = {.kind = RSC_PRIM, .index = CIB_NONE};
    if (name && !cib_find(r->c, r->text + name, &ref))
        rsc_missing(r, r->text + name, line);
    return ref;
}

static uint8_t node_resolve(struct reading *r, const char *name, unsigned line)
{
    bool any = false;
    for (unsigned i = 0; r->names && i < NODE_MAX; i++) {
        any |= r->names->node[i] != NULL;
        if (name && str_eq(r->names->node[i], name))
            return (uint8_t)i;
    }
    if (!any || !name || !*name)
        return NODE_NONE;
    const char *near = str_nearest(name, r->names->node, NODE_MAX);
    if (near)
        WARN_AT(r, line, "there is no node %.*s in this cluster; did you mean %s?",
                FAULT_WORD(name), near);
    else
        WARN_AT(r, line, "there is no node %.*s in this cluster", FAULT_WORD(name));
    return NODE_NONE;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static struct nv *nv_take(struct reading *r, uint32_t raw)
{
    assert(r->nv_left > 0);
    r->nv_left--;
    *r->pool_nv = (struct nv){r->text + r->nv[raw].name, r->text + r->nv[raw].value};
    return r->pool_nv++;
}

static struct nvlist list_cut(struct reading *r, const struct raw_list *raw, bool only_extra)
{
    struct nvlist l = {.at = r->pool_nv};
    for (uint32_t i = raw->first; i; i = r->nv[i].next)
        if (!only_extra || !attr_find(ATTR_OP, r->text + r->nv[i].name)) {
            (void)nv_take(r, i);
            l.n++;
        }
    return l;
}

static void op_build(struct reading *r, const struct raw_op *raw, struct cib_op *op)
{
    const struct cib *c = r->c;
    *op = (struct cib_op){.name = r->text + raw->name};
    op->written = list_cut(r, &raw->attrs, false);
    op->extra = list_cut(r, &raw->attrs, true);
    const struct nvlist *l = &op->written;
    const char *enabled = nvlist_get(l, "enabled"), *delay = nvlist_get(l, "start-delay");
    op->interval_ms = attr_ms(nvlist_get(l, "interval"),
                              str_eq(op->name, "monitor") ? c->default_interval_ms : 0);
    op->timeout_ms = attr_ms(nvlist_get(l, "timeout"), 0);
    op->start_delay_ms = attr_ms(delay ? delay : cib_set_get(c, CIB_OP_DEFAULTS, "start-delay"), 0);
    op->on_fail = attr_on_fail(nvlist_get(l, "on-fail"));
    op->enabled = attr_bool(enabled ? enabled : cib_set_get(c, CIB_OP_DEFAULTS, "enabled"), true);
    op->role = nvlist_get(l, "role");
}

static void prim_build(struct reading *r, unsigned index)
{
    struct cib_prim *p = &r->c->prim[index];
    const struct raw_prim *raw = &r->prim[index];
    p->params = list_cut(r, &raw->params, false);
    p->meta = list_cut(r, &raw->meta, false);
    p->op = r->pool_op;
    for (uint32_t i = raw->first_op; i; i = r->op[i].next) {
        if (p->n_ops == CIB_OPS_MAX) {
            FAULT_AT(r, r->op[i].line, "more than %d operations of one primitive", CIB_OPS_MAX);
            return;
        }
        assert(r->op_left > 0);
        r->op_left--;
        op_build(r, &r->op[i], r->pool_op++);
        p->n_ops++;
    }
}

static void member_join(struct reading *r, unsigned group, const char *id, unsigned line)
{
    struct cib_group *g = &r->c->group[group];
    struct rsc_ref ref;
    if (!cib_find(r->c, id, &ref)) {
        rsc_missing(r, id, line);
        return;
    }
    if (ref.kind != RSC_PRIM) {
        FAULT_AT(r, line, "%s is a %s; a group has primitives only", id,
                 kind_words(ref.kind == RSC_GROUP ? CIB_GROUP : CIB_CLONE));
        return;
    }
    struct cib_prim *p = &r->c->prim[ref.index];
    if (p->clone != CIB_NONE) {
        FAULT_AT(r, line, "%s is cloned by %s; it cannot be in a group too", id,
                 r->c->clone[p->clone].id);
    } else if (p->group == group) {
        FAULT_AT(r, line, "%s is in group %s twice", id, g->id);
    } else if (p->group != CIB_NONE) {
        FAULT_AT(r, line, "%s is in group %s already; a primitive is in one group at most", id,
                 r->c->group[p->group].id);
    } else {
        assert(r->member_left > 0);
        r->member_left--;
        *r->pool_member++ = ref.index;
        p->group = (uint16_t)group;
        p->place = g->n_members++;
    }
}

static void group_build(struct reading *r, unsigned index, unsigned line)
{
    struct cib_group *g = &r->c->group[index];
    const struct raw_group *raw = &r->group[index];
    unsigned written = g->n_members;
    g->params = list_cut(r, &raw->params, false);
    g->meta = list_cut(r, &raw->meta, false);
    g->member = r->pool_member;
    g->n_members = 0;
    for (uint32_t i = raw->member, n = 0; n < written; i++)
        if (r->tok[i].kind == LEX_WORD) {
            member_join(r, index, r->text + r->tok[i].at, r->tok[i].line);
            n++;
        }
    if (written == 0)
        FAULT_AT(r, line, "group %.*s has no members; write group %.*s RSC ...", FAULT_WORD(g->id),
                 FAULT_WORD(g->id));
}

static void clone_build(struct reading *r, unsigned index, unsigned line)
{
    struct cib_clone *k = &r->c->clone[index];
    const struct raw_clone *raw = &r->clone[index];
    const char *id = r->text + raw->prim;
    struct rsc_ref ref;
    k->params = list_cut(r, &raw->params, false);
    k->meta = list_cut(r, &raw->meta, false);
    k->promotable = attr_bool(nvlist_get(&k->meta, "promotable"), false);
    k->notify = attr_bool(nvlist_get(&k->meta, "notify"), false);
    k->prim = k->promoted = CIB_NONE;
    if (!raw->prim)
        return; /* told */
    if (!cib_find(r->c, id, &ref)) {
        rsc_missing(r, id, line);
        return;
    }
    if (ref.kind != RSC_PRIM) {
        FAULT_AT(r, line, "%s is a %s; in this version of yoke a clone is of one primitive", id,
                 kind_words(ref.kind == RSC_GROUP ? CIB_GROUP : CIB_CLONE));
        return;
    }
    struct cib_prim *p = &r->c->prim[ref.index];
    k->prim = ref.index;
    if (p->group != CIB_NONE)
        FAULT_AT(r, line, "%s is in group %s; it cannot be cloned too", id,
                 r->c->group[p->group].id);
    else if (p->clone != CIB_NONE)
        FAULT_AT(r, line, "%s is cloned by %s already", id, r->c->clone[p->clone].id);
    else if (p->is_stonith)
        FAULT_AT(r, line, "%s is a fence device; it needs no clone, every node can use it", id);
    else
        p->clone = (uint16_t)index;
}

/* The short form of monitor becomes an op of its primitive. */
static void monitors_join(struct reading *r)
{
    for (uint32_t i = 0; i < r->n_monitor; i++) {
        const struct raw_monitor *m = &r->monitor[i];
        struct rsc_ref ref = rsc_resolve(r, m->rsc, r->op[m->op].line);
        if (ref.index == CIB_NONE)
            continue;
        if (ref.kind != RSC_PRIM) {
            FAULT_AT(r, r->op[m->op].line, "%s is no primitive; write monitor with those in it",
                     cib_rsc_id(r->c, ref));
            continue;
        }
        struct raw_prim *raw = &r->prim[ref.index];
        if (raw->last_op)
            r->op[raw->last_op].next = m->op;
        else
            raw->first_op = m->op;
        raw->last_op = m->op;
    }
}

/* ---- fencing_topology --------------------------------------------------------------------------
 */

static void device_join(struct reading *r, struct cib_level *l, const char *id, unsigned line)
{
    struct rsc_ref ref;
    if (!cib_find(r->c, id, &ref)) {
        rsc_missing(r, id, line);
        return;
    }
    if (ref.kind != RSC_PRIM || !str_eq(r->c->prim[ref.index].class, "stonith")) {
        FAULT_AT(r, line, "%s is no fence device; in fencing_topology stand stonith primitives",
                 id);
        return;
    }
    for (unsigned i = 0; i < l->n_devices; i++)
        if (l->device[i] == ref.index) {
            FAULT_AT(r, line, "%s stands twice in one level; take one out", id);
            return;
        }
    assert(r->member_left > 0);
    r->member_left--;
    *r->pool_member++ = ref.index;
    l->n_devices++;
}

static void level_build(struct reading *r, unsigned index)
{
    struct cib_level *l = &r->c->level[index];
    const struct raw_level *raw = &r->level[index];
    const char *at = r->text + raw->devices;
    unsigned written = l->n_devices, before = 0;
    l->device = r->pool_member;
    l->n_devices = 0;
    for (unsigned i = 0; i < index; i++) {
        const struct cib_level *was = &r->c->level[i];
        before += l->target ? was->target && str_eq(was->target, l->target) : !was->target;
    }
    /* Told once for each target, however many stand there. */
    l->node_index = before || !l->target ? NODE_NONE : node_resolve(r, l->target, raw->line);
    for (unsigned i = 0; i < index && before; i++)
        if (l->target && r->c->level[i].target && str_eq(r->c->level[i].target, l->target))
            l->node_index = r->c->level[i].node_index;
    if (before == CIB_LEVELS_OF_MAX)
        FAULT_AT(r, raw->line, "more than %d levels of one node", CIB_LEVELS_OF_MAX);
    for (unsigned i = 0; i < written; i++, at += strlen(at) + 1)
        device_join(r, l, at, raw->line);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void object_build(struct reading *r, const struct cib_object *o)
{
    struct cib *c = r->c;
    unsigned i = o->index;
    switch (o->kind) {
    case CIB_NODE:
        c->node[i].attributes = list_cut(r, &r->node[i], false);
        c->node[i].standby = attr_bool(nvlist_get(&c->node[i].attributes, "standby"), false);
        c->node[i].maintenance =
            attr_bool(nvlist_get(&c->node[i].attributes, "maintenance"), false);
        c->node[i].node_index = node_resolve(r, c->node[i].name, o->line);
        break;
    case CIB_PRIMITIVE: prim_build(r, i); break;
    case CIB_GROUP: group_build(r, i, o->line); break;
    case CIB_CLONE: clone_build(r, i, o->line); break;
    case CIB_LOCATION:
        c->location[i].rsc = rsc_resolve(r, r->location[i].a, o->line);
        c->location[i].node_index = node_resolve(r, c->location[i].node, o->line);
        break;
    case CIB_COLOCATION:
        c->colocation[i].rsc = rsc_resolve(r, r->colocation[i].a, o->line);
        c->colocation[i].with = rsc_resolve(r, r->colocation[i].b, o->line);
        break;
    case CIB_ORDER:
        c->order[i].first = rsc_resolve(r, r->order[i].a, o->line);
        c->order[i].then = rsc_resolve(r, r->order[i].b, o->line);
        break;
    case CIB_TOPOLOGY:
        for (unsigned k = 0; k < c->n_levels; k++)
            level_build(r, k);
        break;
    default: break;
    }
}

/* What stands in a clone is there as its clone only. */
static void clone_speak(const struct cib *c, struct rsc_ref *ref)
{
    if (ref->kind == RSC_PRIM && ref->index != CIB_NONE && c->prim[ref->index].clone != CIB_NONE)
        *ref = (struct rsc_ref){.kind = RSC_CLONE, .index = c->prim[ref->index].clone};
}

static void clones_speak(struct cib *c)
{
    for (unsigned i = 0; i < c->n_locations; i++)
        clone_speak(c, &c->location[i].rsc);
    for (unsigned i = 0; i < c->n_colocations; i++) {
        clone_speak(c, &c->colocation[i].rsc);
        clone_speak(c, &c->colocation[i].with);
    }
    for (unsigned i = 0; i < c->n_orders; i++) {
        clone_speak(c, &c->order[i].first);
        clone_speak(c, &c->order[i].then);
    }
}

void build_model(struct reading *r)
{
    struct cib *c = r->c;
    assert(c);
    ids_sort(r);
    /* Defaults first: operations look into them. */
    for (unsigned k = 0; k < 3; k++)
        for (unsigned i = 0; i < c->n_sets[k]; i++)
            c->set[k][i].nvs = list_cut(r, &r->set[k][i], false);
    c->default_interval_ms = MONITOR_INTERVAL_MS;
    c->default_timeout_ms = attr_ms(cib_set_get(c, CIB_OP_DEFAULTS, "timeout"), 20000);
    monitors_join(r);
    for (unsigned i = 0; i < c->n_objects; i++)
        object_build(r, &c->object[i]);
    if (c->n_clones)
        clones_speak(c);
}
