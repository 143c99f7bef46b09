/* SPDX-License-Identifier: GPL-2.0-or-later
 * lint: what no single object shows. Happy path: nothing to say. An error is what cannot work or
 * would surely not be meant; a warning is what may be meant. */
#include "lib/cib/lint.h"

#include <assert.h>
#include "lib/cib/attr.h"
#include "lib/cib/cycle.h"
#include "lib/cib/device.h"
#include "lib/cib/fault.h"

struct lint {
    const struct cib *c;
    struct cib_faults *f;
    unsigned *line[CIB_KIND_COUNT]; /* of each kind, by its own index */
};

#define ERROR(l, at, ...) cib_fault_add((l)->f, (at), false, __VA_ARGS__)
#define WARN(l, at, ...)  cib_fault_add((l)->f, (at), true, __VA_ARGS__)

static enum err lines_gather(struct lint *l, struct arena *arena)
{
    const struct cib *c = l->c;
    size_t n[CIB_KIND_COUNT] = {0};
    for (unsigned i = 0; i < c->n_objects; i++)
        if (c->object[i].kind < CIB_KIND_COUNT && c->object[i].index >= n[c->object[i].kind])
            n[c->object[i].kind] = c->object[i].index + 1u;
    for (unsigned k = 0; k < CIB_KIND_COUNT; k++) {
        l->line[k] = arena_array(arena, n[k] + 1, sizeof(unsigned));
        if (!l->line[k])
            return ERR_FULL;
    }
    for (unsigned i = 0; i < c->n_objects; i++)
        if (c->object[i].kind < CIB_KIND_COUNT)
            l->line[c->object[i].kind][c->object[i].index] = c->object[i].line;
    return ERR_OK;
}

/* ---- operations ------------------------------------------------------------------------------ */

static bool promotable(const struct cib *c, uint16_t clone)
{
    return clone != CIB_NONE && c->clone[clone].promotable;
}

/* A role of what has none. */
static bool role_vain(const struct cib *c, struct rsc_ref rsc, enum target_role role)
{
    return role >= ROLE_UNPROMOTED && rsc.index != CIB_NONE &&
           !(rsc.kind == RSC_CLONE && promotable(c, rsc.index));
}

static void op_role(struct lint *l, const struct cib_prim *p, const struct cib_op *op,
                    unsigned line)
{
    enum target_role role = op->role ? attr_role(op->role) : ROLE_STARTED;
    if (role == ROLE_STOPPED)
        ERROR(l, line, "%s: monitors with role=Stopped are not in this version of yoke", p->id);
    else if (role >= ROLE_UNPROMOTED && !promotable(l->c, p->clone))
        WARN(l, line, "%s: op %s with role=%s never runs: %s is in no clone with promotable=true",
             p->id, op->name, op->role, p->id);
}

static void op_on_fail(struct lint *l, const struct cib_prim *p, const struct cib_op *op,
                       unsigned line)
{
    bool stop = str_eq(op->name, "stop");
    const char *value = nvlist_get(&op->written, "on-fail");
    if (stop && op->on_fail == ON_FAIL_RESTART)
        WARN(l, line,
             "%s: a failed stop cannot be answered by on-fail=restart: the default is used", p->id);
    if (stop && (op->on_fail == ON_FAIL_STANDBY || op->on_fail == ON_FAIL_DEMOTE ||
                 op->on_fail == ON_FAIL_STOP))
        ERROR(l, line,
              "%s: a failed stop cannot be answered by on-fail=%s; write fence, block or "
              "ignore",
              p->id, value);
    if (op->on_fail == ON_FAIL_DEMOTE && !str_eq(op->name, "promote") &&
        !(str_eq(op->name, "monitor") && attr_role(op->role) == ROLE_PROMOTED) && !stop)
        ERROR(l, line, "%s: on-fail=demote is for promote and for a monitor with role=Promoted",
              p->id);
    if (op->on_fail == ON_FAIL_FENCE && !l->c->properties.stonith_enabled)
        WARN(l, line,
             "%s: op %s has on-fail=fence, but stonith-enabled=false: it acts as on-fail=%s", p->id,
             op->name, stop ? "block" : "stop");
}

static void ops_check(struct lint *l, const struct cib_prim *p, unsigned line)
{
    for (unsigned i = 0; i < p->n_ops; i++) {
        const struct cib_op *op = &p->op[i];
        bool monitor = str_eq(op->name, "monitor");
        bool once = str_eq(op->name, "start") || str_eq(op->name, "stop") ||
                    str_eq(op->name, "promote") || str_eq(op->name, "demote");
        for (unsigned k = 0; k < i; k++)
            if (str_eq(p->op[k].name, op->name) && p->op[k].interval_ms == op->interval_ms) {
                ERROR(l, line, "%s has two op %s with the same interval (%ums); take one out",
                      p->id, op->name, op->interval_ms);
                break;
            }
        if (once && op->interval_ms > 0)
            ERROR(l, line, "%s: op %s cannot have an interval, only a monitor is repeated", p->id,
                  op->name);
        if (monitor && op->enabled && p->effective.migration_threshold > 0 &&
            p->effective.failure_timeout_ms > 0 &&
            op->interval_ms >= p->effective.failure_timeout_ms)
            WARN(l, line,
                 "%s: a failure is forgotten after %us, before the next monitor comes; "
                 "migration-threshold will not be reached: make failure-timeout longer",
                 p->id, p->effective.failure_timeout_ms / 1000);
        op_role(l, p, op, line);
        op_on_fail(l, p, op, line);
    }
}

/* ---- fence devices --------------------------------------------------------------------------- */

static void devices_check(struct lint *l)
{
    const struct cib *c = l->c;
    for (unsigned i = 0; i < c->n_prims; i++)
        if (c->prim[i].is_stonith)
            device_check(&c->prim[i], l->f, l->line[CIB_PRIMITIVE][i]);
    for (unsigned i = 0; i < c->n_levels; i++)
        for (unsigned d = 0; d < c->level[i].n_devices; d++) {
            const struct cib_prim *p = &c->prim[c->level[i].device[d]];
            if (c->level[i].target && !device_reaches(p, c->level[i].target))
                WARN(l, l->line[CIB_TOPOLOGY][0],
                     "%s cannot fence %s: it is not in its pcmk_host_list or pcmk_host_map", p->id,
                     c->level[i].target);
        }
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void group_check(struct lint *l, const struct cib_group *g, unsigned line)
{
    const struct cib *c = l->c;
    const struct cib_prim *guarded = NULL;
    for (unsigned i = 0; i < g->n_members; i++) {
        const struct cib_prim *p = &c->prim[g->member[i]];
        if (p->is_stonith)
            ERROR(l, line, "%s is a fence device; it cannot be in a group, take it out of %s",
                  p->id, g->id);
        else if (!guarded && p->effective.requires == REQUIRES_FENCING)
            guarded = p;
    }
    for (unsigned i = 0; guarded && i < g->n_members; i++) {
        const struct cib_prim *p = &c->prim[g->member[i]];
        const char *requires = nvlist_get(&p->meta, "requires");
        if (requires && str_eq_fold(requires, "nothing"))
            WARN(
                l, l->line[CIB_PRIMITIVE][g->member[i]],
                "%s has requires=nothing, but %s of the same group needs proof that the other node "
                "is stopped; use it only for what loses nothing by running twice",
                p->id, guarded->id);
    }
}

/* ---- clones ---------------------------------------------------------------------------------- */

static const char *const clone_meta[] = {"clone-max",    "clone-node-max",   "globally-unique",
                                         "notify",       "interleave",       "promotable",
                                         "promoted-max", "promoted-node-max"};

/* What counts with a clone only. */
static void meta_check(struct lint *l, const char *id, const struct nvlist *meta, unsigned line)
{
    for (unsigned i = 0; i < meta->n; i++)
        for (unsigned k = 0; k < ARRAY_LEN(clone_meta); k++)
            if (attr_same(ATTR_META, clone_meta[k], meta->at[i].name))
                WARN(l, line, "%s: %s counts in a clone only; write it with clone ID %s", id,
                     meta->at[i].name, id);
}

/* One copy for each node, all of one name, one of them promoted: other values ask for what is not
 * there. */
static void clone_check(struct lint *l, const struct cib_clone *k, unsigned line)
{
    for (unsigned i = 0; i < k->meta.n; i++) {
        const char *name = k->meta.at[i].name, *value = k->meta.at[i].value;
        bool one = attr_same(ATTR_META, "clone-node-max", name) ||
                   attr_same(ATTR_META, "promoted-max", name) ||
                   attr_same(ATTR_META, "promoted-node-max", name);
        if (one && attr_count(value, 1) != 1)
            ERROR(l, line, "%s: %s=%s is not in this version of yoke; it is always 1", k->id, name,
                  value);
        else if (str_eq(name, "globally-unique") && attr_bool(value, false))
            ERROR(l, line, "%s: %s=%s is not in this version of yoke: all copies have one name",
                  k->id, name, value);
        else if (str_eq(name, "interleave") && !attr_bool(value, true))
            WARN(l, line,
                 "%s: interleave=false has no effect: what is ordered after a clone waits for the "
                 "copy of its own node",
                 k->id);
        else if (str_eq(name, "clone-max"))
            WARN(l, line,
                 "%s: clone-max has no effect: there is one copy for each node; keep a node free "
                 "of it by location ID %s -inf: NODE",
                 k->id, k->id);
    }
}

/* ---- constraints ----------------------------------------------------------------------------- */

static bool known(struct rsc_ref r)
{
    return r.index != CIB_NONE;
}

static bool same(struct rsc_ref a, struct rsc_ref b)
{
    return a.kind == b.kind && a.index == b.index;
}

/* Group that holds r, or that r is; CIB_NONE for neither. */
static uint16_t group_of(const struct cib *c, struct rsc_ref r)
{
    return r.kind == RSC_GROUP ? r.index : r.kind == RSC_PRIM ? c->prim[r.index].group : CIB_NONE;
}

/* Both are one, or one is a group and the other in it: nonsense, told. */
static bool pair_wrong(struct lint *l, const char *what, const char *id, struct rsc_ref a,
                       struct rsc_ref b, unsigned line)
{
    if (same(a, b)) {
        ERROR(l, line, "%s %s names %s twice; it needs two resources", what, id,
              cib_rsc_id(l->c, a));
        return true;
    }
    if (a.kind != b.kind && group_of(l->c, a) != CIB_NONE &&
        group_of(l->c, a) == group_of(l->c, b)) {
        const char *member = cib_rsc_id(l->c, a.kind == RSC_PRIM ? a : b);
        const char *group = cib_rsc_id(l->c, a.kind == RSC_GROUP ? a : b);
        ERROR(l, line, "%s %s: %s is a member of %s already; take the %s out", what, id, member,
              group, what);
        return true;
    }
    return false;
}

static bool siblings(const struct cib *c, struct rsc_ref a, struct rsc_ref b)
{
    return a.kind == RSC_PRIM && b.kind == RSC_PRIM && c->prim[a.index].group != CIB_NONE &&
           c->prim[a.index].group == c->prim[b.index].group;
}

static void vain_tell(struct lint *l, const char *what, const char *id, struct rsc_ref rsc,
                      unsigned line)
{
    ERROR(l, line, "%s %s: %s is never promoted; write a clone of it with meta promotable=true",
          what, id, cib_rsc_id(l->c, rsc));
}

static void colocation_check(struct lint *l, const struct cib_colocation *x, unsigned line)
{
    if (role_vain(l->c, x->rsc, x->rsc_role))
        vain_tell(l, "colocation", x->id, x->rsc, line);
    if (role_vain(l->c, x->with, x->with_role))
        vain_tell(l, "colocation", x->id, x->with, line);
    if (!known(x->rsc) || !known(x->with) ||
        pair_wrong(l, "colocation", x->id, x->rsc, x->with, line))
        return;
    if (!siblings(l->c, x->rsc, x->with))
        return;
    const char *group = l->c->group[group_of(l->c, x->rsc)].id;
    if (x->score < 0)
        ERROR(l, line, "colocation %s contradicts group %s, which keeps its members together",
              x->id, group);
    else
        WARN(l, line, "colocation %s says what group %s says already", x->id, group);
}

static void order_check(struct lint *l, const struct cib_order *o, unsigned line)
{
    bool up = (o->first_action == ACTION_START || o->first_action == ACTION_PROMOTE) &&
              (o->then_action == ACTION_START || o->then_action == ACTION_PROMOTE);
    bool down = (o->first_action == ACTION_STOP || o->first_action == ACTION_DEMOTE) &&
                (o->then_action == ACTION_STOP || o->then_action == ACTION_DEMOTE);
    if (o->first_action >= ACTION_PROMOTE && role_vain(l->c, o->first, ROLE_PROMOTED))
        vain_tell(l, "order", o->id, o->first, line);
    if (o->then_action >= ACTION_PROMOTE && role_vain(l->c, o->then, ROLE_PROMOTED))
        vain_tell(l, "order", o->id, o->then, line);
    if (!known(o->first) || !known(o->then) ||
        pair_wrong(l, "order", o->id, o->first, o->then, line))
        return;
    if (!siblings(l->c, o->first, o->then) || (!up && !down))
        return;
    const struct cib_prim *first = &l->c->prim[o->first.index], *then = &l->c->prim[o->then.index];
    const char *group = l->c->group[first->group].id;
    if ((first->place < then->place) == up)
        WARN(l, line, "order %s says what group %s says already", o->id, group);
    else
        ERROR(l, line, "order %s contradicts group %s, where %s stands before %s", o->id, group,
              first->place < then->place ? first->id : then->id,
              first->place < then->place ? then->id : first->id);
}

enum err lint_run(const struct cib *c, struct arena *arena, struct cib_faults *f)
{
    struct lint l = {.c = c, .f = f};
    assert(c && arena && f);
    if (lines_gather(&l, arena))
        return ERR_FULL;
    for (unsigned i = 0; i < c->n_prims; i++)
        ops_check(&l, &c->prim[i], l.line[CIB_PRIMITIVE][i]);
    devices_check(&l);
    for (unsigned i = 0; i < c->n_groups; i++)
        group_check(&l, &c->group[i], l.line[CIB_GROUP][i]);
    for (unsigned i = 0; i < c->n_locations; i++)
        if (role_vain(c, c->location[i].rsc, c->location[i].role))
            vain_tell(&l, "location", c->location[i].id, c->location[i].rsc,
                      l.line[CIB_LOCATION][i]);
    for (unsigned i = 0; i < c->n_clones; i++)
        clone_check(&l, &c->clone[i], l.line[CIB_CLONE][i]);
    for (unsigned i = 0; i < c->n_prims; i++)
        if (c->prim[i].clone == CIB_NONE)
            meta_check(&l, c->prim[i].id, &c->prim[i].meta, l.line[CIB_PRIMITIVE][i]);
    for (unsigned i = 0; i < c->n_groups; i++)
        meta_check(&l, c->group[i].id, &c->group[i].meta, l.line[CIB_GROUP][i]);
    for (unsigned i = 0; i < c->n_colocations; i++)
        colocation_check(&l, &c->colocation[i], l.line[CIB_COLOCATION][i]);
    for (unsigned i = 0; i < c->n_orders; i++)
        order_check(&l, &c->order[i], l.line[CIB_ORDER][i]);
    return cycle_find(c, l.line[CIB_ORDER], l.line[CIB_COLOCATION], arena, f);
}
