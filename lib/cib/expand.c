/* SPDX-License-Identifier: GPL-2.0-or-later
 * expand: see expand.h. The tables are laid out anew with room for the parts; what was written
 * keeps its place in them, the parts stand behind. */
#include "lib/cib/expand.h"

#include <assert.h>
#include <string.h>
#include "lib/base/str.h"
#include "lib/cib/fault.h"
#include "lib/cib/reading.h"

struct expand {
    struct cib *c;
    struct arena *arena;
    struct cib_faults *f;
};

/* A table laid out anew, with room for more behind its n. */
#define ROOM(x, table, n, more)                                                                    \
    do {                                                                                           \
        void *old_ = (x)->c->table;                                                                \
        (x)->c->table = arena_array((x)->arena, (size_t)(n) + (more), sizeof(*(x)->c->table));     \
        if (!(x)->c->table)                                                                        \
            return ERR_FULL;                                                                       \
        if ((n) > 0)                                                                               \
            memcpy((x)->c->table, old_, (size_t)(n) * sizeof(*(x)->c->table));                     \
    } while (0)

/* ---- parts ----------------------------------------------------------------------------------- */

static const char *part_id(struct expand *x, const char *name, const char *suffix)
{
    size_t len = strlen(name) + strlen(suffix) + 1;
    char *id = arena_take(x->arena, len);
    struct str s;
    if (!id)
        return NULL;
    str_init(&s, id, len);
    str_addf(&s, "%s%s", name, suffix);
    if (len > CIB_ID_LEN)
        cib_fault_add(x->f, 0, false, "%s is too long for the name of what is cloned: at most %d",
                      name, CIB_ID_LEN - (int)sizeof(":promoted"));
    return id;
}

static enum err copies_make(struct expand *x, unsigned clone)
{
    struct cib *c = x->c;
    struct cib_clone *k = &c->clone[clone];
    struct cib_prim *first = &c->prim[k->prim];
    k->copies = c->n_prims;
    for (unsigned n = 0; n < c->n_copies; n++) {
        char suffix[8];
        struct str s;
        struct cib_prim *p = n == 0 ? first : &c->prim[c->n_prims++];
        str_init(&s, suffix, sizeof(suffix));
        str_addf(&s, ":%u", n);
        *p = *first;
        p->part = PART_COPY;
        p->node = (uint8_t)n;
        p->id = part_id(x, first->name, suffix);
        p->effective.requires = REQUIRES_NOTHING;
        if (!p->id)
            return ERR_FULL;
    }
    if (!k->promotable)
        return ERR_OK;
    struct cib_prim *role = &c->prim[k->promoted = c->n_prims++];
    *role = *first;
    role->part = PART_PROMOTED;
    role->node = NODE_NONE;
    role->id = part_id(x, first->name, ":promoted");
    role->effective.requires =
        nvlist_get(&role->meta, "requires") || nvlist_get(&k->meta, "requires")
            ? k->effective.requires
            : REQUIRES_FENCING;
    if (role->effective.target_role == ROLE_UNPROMOTED)
        role->effective.target_role = ROLE_STOPPED;
    return role->id ? ERR_OK : ERR_FULL;
}

/* ---- constraints ----------------------------------------------------------------------------- */

/* The part of a clone that a constraint means on node n. */
static struct rsc_ref part_of(const struct cib *c, struct rsc_ref ref, bool promoted, unsigned n)
{
    if (ref.kind != RSC_CLONE)
        return ref;
    const struct cib_clone *k = &c->clone[ref.index];
    uint16_t at = promoted && k->promotable ? k->promoted : cib_copy(c, k, n);
    return (struct rsc_ref){.kind = RSC_PRIM, .index = at};
}

/* For how many nodes it must be said. */
static unsigned times(const struct cib *c, struct rsc_ref ref, bool promoted)
{
    return ref.kind == RSC_CLONE && !(promoted && c->clone[ref.index].promotable) ? c->n_copies : 1;
}

static void locations_spread(struct cib *c)
{
    unsigned n = c->n_locations;
    for (unsigned i = 0; i < n; i++) {
        struct cib_location *l = &c->location[i];
        bool promoted = l->role == ROLE_PROMOTED;
        if (l->rsc.kind != RSC_CLONE)
            continue;
        l->spread = true;
        for (unsigned k = 0; k < times(c, l->rsc, promoted); k++) {
            struct cib_location *to = &c->location[c->n_locations++];
            *to = *l;
            to->spread = false;
            to->rsc = part_of(c, l->rsc, promoted, k);
            to->role = ROLE_UNSET;
        }
    }
}

/* "With a clone" stays as it is, unless a copy is to be with the copy beside it. What is only
 * preferred says nothing to a copy, which has one node to be on: it must not keep it from there. */
static void colocations_spread(struct cib *c)
{
    unsigned n = c->n_colocations;
    for (unsigned i = 0; i < n; i++) {
        struct cib_colocation *x = &c->colocation[i];
        bool role = x->rsc_role == ROLE_PROMOTED, with_role = x->with_role == ROLE_PROMOTED;
        unsigned copies = times(c, x->rsc, role);
        bool with_one = x->with.kind != RSC_CLONE || times(c, x->with, with_role) == 1;
        if (x->rsc.kind != RSC_CLONE && x->with.kind != RSC_CLONE)
            continue;
        x->spread = true;
        if (copies > 1 && x->score > -SCORE_INF && x->score < SCORE_INF)
            continue;
        for (unsigned k = 0; k < copies; k++) {
            struct cib_colocation *to = &c->colocation[c->n_colocations++];
            *to = *x;
            to->spread = false;
            to->rsc = part_of(c, x->rsc, role, k);
            if (with_one || copies > 1)
                to->with = part_of(c, x->with, with_role, k);
        }
    }
}

static enum cib_action plain(enum cib_action a)
{
    return a == ACTION_PROMOTE ? ACTION_START : a == ACTION_DEMOTE ? ACTION_STOP : a;
}

static void orders_spread(struct cib *c)
{
    unsigned n = c->n_orders;
    for (unsigned i = 0; i < n; i++) {
        struct cib_order *o = &c->order[i];
        bool first = o->first_action >= ACTION_PROMOTE, then = o->then_action >= ACTION_PROMOTE;
        unsigned a = times(c, o->first, first), b = times(c, o->then, then);
        if (o->first.kind != RSC_CLONE && o->then.kind != RSC_CLONE)
            continue;
        o->spread = true;
        for (unsigned k = 0; k < (a > b ? a : b); k++) {
            struct cib_order *to = &c->order[c->n_orders++];
            *to = *o;
            to->spread = false;
            to->first = part_of(c, o->first, first, k);
            to->then = part_of(c, o->then, then, k);
            to->first_action = plain(o->first_action);
            to->then_action = plain(o->then_action);
        }
    }
}

/* The promoted role stands and falls with the copy of its node. */
static void roles_tie(struct cib *c)
{
    for (unsigned i = 0; i < c->n_clones; i++) {
        const struct cib_clone *k = &c->clone[i];
        if (!k->promotable)
            continue;
        struct rsc_ref role = {.kind = RSC_PRIM, .index = k->promoted};
        c->colocation[c->n_colocations++] =
            (struct cib_colocation){.id = k->id,
                                    .score = SCORE_INF,
                                    .rsc = role,
                                    .with = {.kind = RSC_CLONE, .index = (uint16_t)i}};
        for (unsigned n = 0; n < c->n_copies; n++)
            c->order[c->n_orders++] =
                (struct cib_order){.id = k->id,
                                   .kind = ORDER_MANDATORY,
                                   .first = {.kind = RSC_PRIM, .index = cib_copy(c, k, n)},
                                   .then = role,
                                   .symmetrical = true};
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

enum err expand_clones(struct cib *c, const struct cib_names *names, struct arena *arena,
                       struct cib_faults *f)
{
    struct expand x = {.c = c, .arena = arena, .f = f};
    unsigned nodes = 0, n = c->n_clones, most;
    assert(c && arena && f);
    for (unsigned i = 0; names && i < NODE_MAX; i++)
        if (names->node[i])
            nodes = i + 1;
    if (n == 0 || nodes == 0)
        return ERR_OK;
    c->n_copies = (uint8_t)nodes;
    most = n * (nodes + 1);
    if (c->n_prims + most > CIB_PRIM_MAX) {
        cib_fault_add(f, 0, false, "the configuration is too large: %u clones on %u nodes", n,
                      nodes);
        return ERR_FULL;
    }
    ROOM(&x, prim, c->n_prims, most);
    ROOM(&x, location, c->n_locations, c->n_locations * nodes);
    ROOM(&x, colocation, c->n_colocations, c->n_colocations * nodes + n);
    ROOM(&x, order, c->n_orders, c->n_orders * nodes + most);
    for (unsigned i = 0; i < n; i++)
        if (copies_make(&x, i))
            return ERR_FULL;
    locations_spread(c);
    colocations_spread(c);
    orders_spread(c);
    roles_tie(c);
    c->n_ids = (uint16_t)(c->n_prims + c->n_groups + 2 * n);
    c->by_id = arena_array(arena, c->n_ids, sizeof(*c->by_id));
    if (!c->by_id)
        return ERR_FULL;
    build_ids(c);
    return ERR_OK;
}
