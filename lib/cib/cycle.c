/* SPDX-License-Identifier: GPL-2.0-or-later
 * cycle: depth-first search with a stack of its own (no recursion, whatever the text) over a graph
 * of what must come before what. A group is two points, its beginning and its end, with its members
 * in between, so that a loop through a group is found exactly and none is imagined.
 *
 * Happy path: no edge leads back to a point on the present way. An edge that does closes a loop. */
#include "lib/cib/cycle.h"

#include <assert.h>
#include "lib/cib/fault.h"

enum { LOOPS_TOLD = 4 };
enum colour { WHITE, GREY, BLACK };

struct edge {
    uint16_t from, to;
    unsigned line; /* 0: inside of a group */
};
struct graph {
    const struct cib *c;
    struct edge *edge;     /* as found */
    uint32_t n_edges, *of; /* of[v] .. of[v+1]: places in sorted[] of the edges from v */
    struct edge *sorted;
    unsigned n; /* points: prims, then beginnings of groups, then their ends */
    uint8_t *colour;
    uint16_t *way;  /* points from the root of the search to the present one */
    uint32_t *next; /* by point: next edge to try */
    unsigned *line; /* by point: line of the edge that led to it */
};

static uint16_t group_begin(const struct cib *c, unsigned g)
{
    return (uint16_t)(c->n_prims + g);
}

static uint16_t group_end(const struct cib *c, unsigned g)
{
    return (uint16_t)(c->n_prims + c->n_groups + g);
}

static const char *point_id(const struct cib *c, unsigned v)
{
    return v < c->n_prims ? c->prim[v].id : c->group[(v - c->n_prims) % c->n_groups].id;
}

/* A clone is one point: what was cloned. */
static struct rsc_ref plain(const struct cib *c, struct rsc_ref r)
{
    if (r.kind == RSC_CLONE)
        r = (struct rsc_ref){.kind = RSC_PRIM, .index = c->clone[r.index].prim};
    return r;
}

static void edge_add(struct graph *g, uint16_t from, uint16_t to, unsigned line)
{
    g->edge[g->n_edges++] = (struct edge){.from = from, .to = to, .line = line};
}

/* One resource with itself or with its own group, or two of one group: told by lint.c, no loop. */
static bool related(const struct cib *c, struct rsc_ref a, struct rsc_ref b)
{
    uint16_t x = a.kind == RSC_GROUP ? a.index : c->prim[a.index].group;
    uint16_t y = b.kind == RSC_GROUP ? b.index : c->prim[b.index].group;
    return (x == y && x != CIB_NONE) || (a.kind == b.kind && a.index == b.index);
}

#define TAKE(to, n)                                                                                \
    do {                                                                                           \
        (to) = arena_array(arena, (n), sizeof(*(to)));                                             \
        if (!(to))                                                                                 \
            return ERR_FULL;                                                                       \
    } while (0)

static enum err graph_room(struct graph *g, const struct cib *c, size_t constraints,
                           struct arena *arena)
{
    g->c = c;
    g->n = (unsigned)c->n_prims + 2u * c->n_groups;
    size_t edges = constraints + c->n_prims + c->n_groups;
    TAKE(g->edge, edges);
    TAKE(g->sorted, edges);
    TAKE(g->of, g->n + 1);
    TAKE(g->colour, g->n);
    TAKE(g->way, g->n);
    TAKE(g->next, g->n);
    TAKE(g->line, g->n);
    return ERR_OK;
}

/* Counting sort by where an edge begins. */
static void graph_sort(struct graph *g)
{
    for (uint32_t i = 0; i < g->n_edges; i++)
        g->of[g->edge[i].from + 1]++;
    for (unsigned v = 0; v < g->n; v++)
        g->of[v + 1] += g->of[v];
    for (unsigned v = 0; v < g->n; v++)
        g->next[v] = g->of[v];
    for (uint32_t i = 0; i < g->n_edges; i++)
        g->sorted[g->next[g->edge[i].from]++] = g->edge[i];
    for (unsigned v = 0; v < g->n; v++)
        g->next[v] = g->of[v];
}

static void loop_tell(const struct graph *g, unsigned depth, const struct edge *last,
                      const char *what, const char *advice, struct cib_faults *f)
{
    char names[120];
    struct str s;
    what = cib_fault_words(f, what);
    advice = cib_fault_words(f, advice);
    unsigned at = depth - 1, line = last->line;
    while (g->way[at] != last->to)
        at--;
    str_init(&s, names, sizeof(names));
    for (unsigned i = at; i < depth; i++) {
        const char *id = point_id(g->c, g->way[i]);
        if (i > at && g->line[g->way[i]] > line)
            line = g->line[g->way[i]];
        if (i == at || !str_eq(id, point_id(g->c, g->way[i - 1])))
            str_addf(&s, "%s, ", id);
    }
    if (s.cut)
        cib_fault_add(f, line, true, "loop of %s: %s ...: %s", what, names, advice);
    else
        cib_fault_add(f, line, true, "loop of %s: %s%s: %s", what, names, point_id(g->c, last->to),
                      advice);
}

static void graph_walk(struct graph *g, const char *what, const char *advice, struct cib_faults *f)
{
    unsigned told = 0;
    graph_sort(g);
    for (unsigned root = 0; root < g->n; root++) {
        unsigned depth = 0;
        if (g->colour[root] != WHITE)
            continue;
        g->way[depth++] = (uint16_t)root;
        g->colour[root] = GREY;
        while (depth > 0) {
            uint16_t v = g->way[depth - 1];
            if (g->next[v] == g->of[v + 1]) {
                g->colour[v] = BLACK;
                depth--;
                continue;
            }
            const struct edge *e = &g->sorted[g->next[v]++];
            if (g->colour[e->to] == WHITE) {
                assert(depth < g->n);
                g->colour[e->to] = GREY;
                g->line[e->to] = e->line;
                g->way[depth++] = e->to;
            } else if (g->colour[e->to] == GREY && told++ < LOOPS_TOLD) {
                loop_tell(g, depth, e, what, advice, f);
            }
        }
    }
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void order_edge(struct graph *g, const struct cib_order *o, unsigned line)
{
    const struct cib *c = g->c;
    bool first_up = o->first_action == ACTION_START || o->first_action == ACTION_PROMOTE;
    bool then_up = o->then_action == ACTION_START || o->then_action == ACTION_PROMOTE;
    struct rsc_ref a = plain(c, o->first), b = plain(c, o->then);
    if (o->kind == ORDER_SERIALIZE || first_up != then_up || a.index == CIB_NONE ||
        b.index == CIB_NONE || related(c, a, b))
        return;
    if (!first_up) { /* stopped first means started last */
        if (!o->symmetrical)
            return;
        a = plain(c, o->then);
        b = plain(c, o->first);
    }
    edge_add(g, a.kind == RSC_PRIM ? a.index : group_end(c, a.index),
             b.kind == RSC_PRIM ? b.index : group_begin(c, b.index), line);
}

static enum err orders_walk(const struct cib *c, const unsigned *line, struct arena *arena,
                            struct cib_faults *f)
{
    struct graph g = {0};
    if (graph_room(&g, c, c->n_orders, arena))
        return ERR_FULL;
    for (unsigned i = 0; i < c->n_groups; i++) {
        uint16_t at = group_begin(c, i);
        for (unsigned m = 0; m < c->group[i].n_members; m++) {
            edge_add(&g, at, c->group[i].member[m], 0);
            at = c->group[i].member[m];
        }
        edge_add(&g, at, group_end(c, i), 0);
    }
    for (unsigned i = 0; i < c->n_orders; i++)
        order_edge(&g, &c->order[i], line[i]);
    graph_walk(&g, N_("orders"), N_("none of them can be first; take one order out"), f);
    return ERR_OK;
}

/* ---- colocations ----------------------------------------------------------------------------- */

/* Scheduler rules 4.6.10: as dependent a group is its first member, as primary its last (mandatory)
 * or first one. */
static bool rsc_point(const struct cib *c, struct rsc_ref r, bool last, uint16_t *out)
{
    if (r.index == CIB_NONE || (r.kind == RSC_GROUP && c->group[r.index].n_members == 0))
        return false;
    const struct cib_group *g = &c->group[r.index];
    *out = r.kind == RSC_PRIM ? r.index : g->member[last ? g->n_members - 1 : 0];
    return true;
}

static enum err colocations_walk(const struct cib *c, const unsigned *line, struct arena *arena,
                                 struct cib_faults *f)
{
    struct graph g = {0};
    uint16_t from, to;
    if (graph_room(&g, c, c->n_colocations, arena))
        return ERR_FULL;
    for (unsigned i = 0; i < c->n_groups; i++)
        for (unsigned m = 1; m < c->group[i].n_members; m++)
            edge_add(&g, c->group[i].member[m], c->group[i].member[m - 1], 0);
    for (unsigned i = 0; i < c->n_colocations; i++) {
        const struct cib_colocation *x = &c->colocation[i];
        struct rsc_ref rsc = plain(c, x->rsc), with = plain(c, x->with);
        if (rsc.index != CIB_NONE && with.index != CIB_NONE && related(c, rsc, with))
            continue;
        if (x->score > 0 && rsc_point(c, rsc, false, &from) &&
            rsc_point(c, with, x->score >= SCORE_INF, &to))
            edge_add(&g, from, to, line[i]);
    }
    graph_walk(&g, N_("colocations"),
               N_("none of them can be placed first; take one colocation out"), f);
    return ERR_OK;
}

enum err cycle_find(const struct cib *c, const unsigned *order_line,
                    const unsigned *colocation_line, struct arena *arena, struct cib_faults *f)
{
    assert(c && order_line && colocation_line);
    size_t begin = arena->used;
    enum err err = orders_walk(c, order_line, arena, f);
    arena->used = begin;
    return err ? err : colocations_walk(c, colocation_line, arena, f);
}
