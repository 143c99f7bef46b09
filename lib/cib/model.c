/* SPDX-License-Identifier: GPL-2.0-or-later
 * model: questions to a parsed configuration. Nothing here fails; what is not there is NULL, false
 * or CIB_NONE. Lookups by id take O(log n), all others look through one short list. */
#include "lib/cib/model.h"

#include <assert.h>
#include <string.h>
#include "lib/base/str.h"
#include "lib/cib/attr.h"

const char *cib_id_at(const struct cib *c, unsigned i)
{
    unsigned groups = c->n_prims, clones = groups + c->n_groups, cloned = clones + c->n_clones;
    assert(i < c->n_ids);
    return i < groups   ? c->prim[i].id
           : i < clones ? c->group[i - groups].id
           : i < cloned ? c->clone[i - clones].id
                        : c->prim[c->clone[i - cloned].prim].name;
}

static struct rsc_ref ref_at(const struct cib *c, unsigned i)
{
    unsigned groups = c->n_prims, clones = groups + c->n_groups, cloned = clones + c->n_clones;
    return i < groups ? (struct rsc_ref){RSC_PRIM, (uint16_t)i}
           : i < clones
               ? (struct rsc_ref){RSC_GROUP, (uint16_t)(i - groups)}
               : (struct rsc_ref){RSC_CLONE, (uint16_t)(i - (i < cloned ? clones : cloned))};
}

bool cib_find(const struct cib *c, const char *id, struct rsc_ref *out)
{
    assert(c && id && out);
    unsigned low = 0, high = c->n_ids;
    while (low < high) {
        unsigned mid = (low + high) / 2;
        int cmp = strcmp(id, cib_id_at(c, c->by_id[mid]));
        if (cmp == 0) {
            *out = ref_at(c, c->by_id[mid]);
            return true;
        }
        if (cmp < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return false;
}

const char *cib_rsc_id(const struct cib *c, struct rsc_ref rsc)
{
    unsigned before[] = {0, c->n_prims, (unsigned)c->n_prims + c->n_groups};
    assert(rsc.kind < ARRAY_LEN(before));
    return cib_id_at(c, before[rsc.kind] + rsc.index);
}

uint16_t cib_part(const struct cib *c, struct rsc_ref rsc, unsigned i)
{
    if (rsc.kind == RSC_PRIM)
        return i == 0 ? rsc.index : CIB_NONE;
    if (rsc.kind == RSC_GROUP)
        return i < c->group[rsc.index].n_members ? c->group[rsc.index].member[i] : CIB_NONE;
    const struct cib_clone *k = &c->clone[rsc.index];
    return i == c->n_copies ? k->promoted : cib_copy(c, k, i);
}

uint16_t cib_copy(const struct cib *c, const struct cib_clone *clone, unsigned node)
{
    assert(clone->prim != CIB_NONE);
    if (node >= c->n_copies)
        return CIB_NONE;
    return node == 0 ? clone->prim : (uint16_t)(clone->copies + node - 1);
}

uint16_t cib_find_object(const struct cib *c, const char *id, bool node)
{
    assert(c && id);
    unsigned low = 0, high = c->n_objects;
    while (low < high) {
        unsigned mid = (low + high) / 2;
        const struct cib_object *o = &c->object[c->by_object[mid]];
        bool is_node = o->kind == CIB_NODE;
        int cmp = node != is_node ? (int)node - (int)is_node : strcmp(id, o->id);
        if (cmp == 0)
            return c->by_object[mid];
        if (cmp < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return CIB_NONE;
}

const struct nvlist *cib_object_list(const struct cib *c, const struct cib_object *o, bool meta)
{
    switch (o->kind) {
    case CIB_PRIMITIVE: return meta ? &c->prim[o->index].meta : &c->prim[o->index].params;
    case CIB_GROUP: return meta ? &c->group[o->index].meta : &c->group[o->index].params;
    case CIB_CLONE: return meta ? &c->clone[o->index].meta : &c->clone[o->index].params;
    default: return NULL;
    }
}

const char *nvlist_get(const struct nvlist *l, const char *name)
{
    assert(l && name);
    for (unsigned i = l->n; i > 0; i--)
        if (str_eq(l->at[i - 1].name, name))
            return l->at[i - 1].value;
    return NULL;
}

const char *cib_set_get(const struct cib *c, enum cib_kind kind, const char *name)
{
    assert(kind >= CIB_PROPERTY && kind <= CIB_OP_DEFAULTS);
    const char *value = NULL;
    for (unsigned i = 0; !value && i < c->n_sets[kind - CIB_PROPERTY]; i++)
        value = nvlist_get(&c->set[kind - CIB_PROPERTY][i].nvs, name);
    return value;
}

const struct cib_level *cib_level_get(const struct cib *c, unsigned node_index, unsigned n)
{
    bool own = false;
    assert(c && node_index != NODE_NONE);
    for (unsigned i = 0; i < c->n_levels; i++)
        own |= c->level[i].target && c->level[i].node_index == node_index;
    for (unsigned i = 0; i < c->n_levels; i++) {
        const struct cib_level *l = &c->level[i];
        if ((own ? l->target && l->node_index == node_index : !l->target) && !n--)
            return l;
    }
    return NULL;
}

/* ---- operations ------------------------------------------------------------------------------ */

const char *cib_action(const struct cib_prim *p, const char *action)
{
    if (p->part == PART_PROMOTED && str_eq(action, "start"))
        return "promote";
    return p->part == PART_PROMOTED && str_eq(action, "stop") ? "demote" : action;
}

static bool is_monitor(const struct cib_prim *p, const struct cib_op *op)
{
    bool promoted = op->role && attr_role(op->role) == ROLE_PROMOTED;
    return str_eq(op->name, "monitor") && promoted == (p->part == PART_PROMOTED);
}

/* A monitor that runs while the resource is started, or promoted where it stands for that. */
static bool is_recurring(const struct cib_prim *p, const struct cib_op *op)
{
    enum target_role role = op->role ? attr_role(op->role) : ROLE_STARTED;
    return is_monitor(p, op) && op->interval_ms > 0 && op->enabled && role != ROLE_STOPPED &&
           (role != ROLE_UNPROMOTED || p->part == PART_COPY);
}

const struct cib_op *cib_op_find(const struct cib_prim *p, const char *name)
{
    const struct cib_op *second = NULL;
    bool role = p->part == PART_PROMOTED;
    assert(p && name);
    name = cib_action(p, name);
    for (unsigned i = 0; i < p->n_ops; i++) {
        const struct cib_op *op = &p->op[i];
        if (!str_eq(op->name, name))
            continue;
        if (role == (op->role && attr_role(op->role) == ROLE_PROMOTED))
            return op;
        if (!second)
            second = op;
    }
    return second;
}

uint32_t cib_timeout_ms(const struct cib *c, const struct cib_prim *p, const char *action)
{
    const struct cib_op *op = cib_op_find(p, action);
    uint32_t ms = op ? op->timeout_ms : 0;
    action = cib_action(p, action);
    /* One without an interval is written for probes; it answers for a monitor in general. */
    for (unsigned i = 0; i < p->n_ops; i++)
        if (str_eq(p->op[i].name, action) && p->op[i].interval_ms == 0 && p->op[i].timeout_ms > 0)
            ms = p->op[i].timeout_ms;
    return ms ? ms : c->default_timeout_ms;
}

uint32_t cib_monitor_ms(const struct cib *c, const struct cib_prim *p, unsigned n,
                        const struct cib_op **op)
{
    bool any = false;
    unsigned found = 0;
    assert(c && p && op);
    *op = NULL;
    for (unsigned i = 0; i < p->n_ops; i++) {
        any |= is_monitor(p, &p->op[i]);
        if (is_recurring(p, &p->op[i]) && found++ == n) {
            *op = &p->op[i];
            return p->op[i].interval_ms;
        }
    }
    return !any && n == 0 ? c->default_interval_ms : 0;
}

/* Scheduler rules 3.2.2 and 4.11.4. A fence device that cannot be stopped is no reason to fence. */
enum on_fail cib_on_fail(const struct cib *c, const struct cib_prim *p, const char *action)
{
    bool stop = str_eq(action, "stop"), fencing = c->properties.stonith_enabled;
    const struct cib_op *op = cib_op_find(p, action);
    enum on_fail todo = op ? op->on_fail : ON_FAIL_DEFAULT;
    for (unsigned i = 0; i < p->n_ops && todo == ON_FAIL_DEFAULT && str_eq(action, "demote"); i++)
        if (str_eq(p->op[i].name, "monitor") && p->op[i].role &&
            attr_role(p->op[i].role) == ROLE_PROMOTED)
            todo = p->op[i].on_fail;
    if (todo == ON_FAIL_DEFAULT)
        todo = attr_on_fail(cib_set_get(c, CIB_OP_DEFAULTS, "on-fail"));
    if (stop && (todo == ON_FAIL_STANDBY || todo == ON_FAIL_DEMOTE || todo == ON_FAIL_STOP ||
                 todo == ON_FAIL_RESTART))
        todo = ON_FAIL_DEFAULT;
    if (todo == ON_FAIL_DEMOTE) /* what a restart of the promoted role does */
        todo = ON_FAIL_DEFAULT;
    if (todo == ON_FAIL_DEFAULT)
        todo = !stop ? ON_FAIL_RESTART : fencing && !p->is_stonith ? ON_FAIL_FENCE : ON_FAIL_BLOCK;
    if (todo == ON_FAIL_FENCE && !fencing)
        todo = stop ? ON_FAIL_BLOCK : ON_FAIL_STOP;
    return todo;
}
