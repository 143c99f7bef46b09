/* SPDX-License-Identifier: GPL-2.0-or-later
 * liveness: a healed pair serves again. See liveness.h.
 *
 * Happy path: faults stop, machines and daemons that are down are started, the operator clears
 * failures now and then; once a second the world is looked at; two good looks in a row end the run.
 * Ways to fail: the time bound passes; then the first thing that is not well is the verdict. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/cib/print.h"
#include "test/sim/mishap.h"
#include "test/sim/host.h"
#include "test/sim/liveness.h"
#include "test/sim/operator.h"
#include "test/sim/oracle.h"
#include "test/sim/simtrace.h"

enum {
    BOTH = 3,
    BOOT_AFTER_S = 12,
    DAEMON_AFTER_S = 4,
    TIDY_FIRST_S = 15,
    TIDY_EVERY_S = 20,
    STUCK_S = 60
};

/* ---- what is wanted -----------------------------------------------------------------------------
 */

static bool ref_has(const struct cib *c, struct rsc_ref r, unsigned prim)
{
    return r.kind == RSC_PRIM    ? r.index == prim
           : r.kind == RSC_GROUP ? c->prim[prim].group == r.index
                                 : false; /* others say it of a clone's parts */
}

enum { DEPTH_MAX = 40 };
static const char *excuse(const struct cib *c, unsigned prim, unsigned depth);

static const char *ref_excuse(const struct cib *c, struct rsc_ref r, unsigned depth)
{
    if (r.kind == RSC_PRIM)
        return excuse(c, r.index, depth);
    for (unsigned i = 0; r.kind == RSC_CLONE && i < c->n_copies; i++)
        if (excuse(c, cib_copy(c, &c->clone[r.index], i), depth + 1))
            return "a copy that it may need does not run";
    if (r.kind == RSC_CLONE)
        return NULL;
    const struct cib_group *g = &c->group[r.index];
    for (unsigned i = 0; i < g->n_members; i++)
        if (excuse(c, g->member[i], depth))
            return "a group it needs is not whole";
    return NULL;
}

static bool banned_everywhere(const struct cib *c, unsigned prim)
{
    nodeset banned = 0;
    for (unsigned i = 0; i < c->n_locations; i++)
        if (ref_has(c, c->location[i].rsc, prim) && c->location[i].score <= -SCORE_INF &&
            c->location[i].node_index != NODE_NONE)
            banned = nodeset_add(banned, c->location[i].node_index);
    for (unsigned i = 0; i < c->n_nodes; i++)
        if (c->node[i].node_index != NODE_NONE && (c->node[i].standby || c->node[i].maintenance))
            banned = nodeset_add(banned, c->node[i].node_index);
    const struct cib_prim *p = &c->prim[prim];
    return p->part == PART_COPY ? nodeset_has(banned, p->node) : banned == BOTH;
}

/* Two that must be together, one of them banned here, the other there. */
static bool banned_here_or_there(const struct cib *c, unsigned prim)
{
    bool banned = false, together = false;
    for (unsigned i = 0; i < c->n_locations; i++)
        banned |= c->location[i].score <= -SCORE_INF;
    for (unsigned i = 0; i < c->n_colocations; i++)
        together |=
            c->colocation[i].score >= SCORE_INF &&
            (ref_has(c, c->colocation[i].rsc, prim) || ref_has(c, c->colocation[i].with, prim));
    return banned && together;
}

static const char *excuse(const struct cib *c, unsigned prim, unsigned depth)
{
    const struct cib_prim *p = &c->prim[prim];
    if (depth > DEPTH_MAX)
        return "it depends on itself";
    if (p->is_stonith)
        return "a fence device";
    if (p->effective.target_role == ROLE_STOPPED)
        return "target-role=Stopped";
    if (c->properties.stop_all_resources)
        return "stop-all-resources";
    if (!p->effective.is_managed || p->effective.maintenance || c->properties.maintenance_mode)
        return "not managed";
    if (cib_on_fail(c, p, "monitor") == ON_FAIL_IGNORE)
        return "the failures of its monitor are ignored";
    if (banned_everywhere(c, prim) || banned_here_or_there(c, prim))
        return "no node may run it";
    if (p->group != CIB_NONE && p->place > 0 &&
        excuse(c, c->group[p->group].member[p->place - 1], depth + 1))
        return "its group stops before it";
    for (unsigned i = 0; i < c->n_colocations; i++)
        if (!c->colocation[i].spread && c->colocation[i].score >= SCORE_INF &&
            ref_has(c, c->colocation[i].rsc, prim) && p->part == PART_COPY &&
            (c->colocation[i].with.kind != RSC_PRIM ||
             c->prim[c->colocation[i].with.index].part != PART_COPY))
            return "what it must be with is on one node";
    for (unsigned i = 0; i < c->n_colocations; i++)
        if (!c->colocation[i].spread && c->colocation[i].score >= SCORE_INF &&
            ref_has(c, c->colocation[i].rsc, prim) &&
            ref_excuse(c, c->colocation[i].with, depth + 1))
            return "what it must be with does not run";
    for (unsigned i = 0; i < c->n_orders; i++)
        if (!c->order[i].spread && c->order[i].kind == ORDER_MANDATORY &&
            ref_has(c, c->order[i].then, prim) && ref_excuse(c, c->order[i].first, depth + 1))
            return "what it must come after does not run";
    return NULL;
}

const char *liveness_excuse(const struct cib *cib, unsigned prim)
{
    return excuse(cib, prim, 0);
}

static bool has_device(const struct cib *c)
{
    for (unsigned i = 0; i < c->n_prims; i++)
        if (c->prim[i].is_stonith && c->prim[i].effective.target_role != ROLE_STOPPED)
            return c->properties.stonith_enabled;
    return false;
}

/* ---- looking
 * ----------------------------------------------------------------------------------------- */

struct look {
    const char *rule;
    char text[BARK_LEN];
};

static bool unwell(struct look *l, const char *rule, const char *format, ...) PRINTF_LIKE(3, 4);
static bool unwell(struct look *l, const char *rule, const char *format, ...)
{
    va_list ap;
    l->rule = rule;
    va_start(ap, format);
    vsnprintf(l->text, sizeof(l->text), format, ap);
    va_end(ap);
    return false;
}

static bool look_services(struct world *w, const struct cib *cib, struct look *l)
{
    for (unsigned i = 0; i < w->n_services; i++) {
        const struct service *s = &w->service[i];
        unsigned alive = s->on[0].alive + s->on[1].alive;
        unsigned active = s->on[0].active + s->on[1].active;
        struct rsc_ref ref;
        bool known = cib_find(cib, s->id, &ref) && ref.kind == RSC_PRIM;
        if (alive > 1 || active > 1)
            return unwell(l, "L4", "%s runs %u times", s->id, active);
        if (known && !alive && !liveness_excuse(cib, ref.index))
            return unwell(l, "L4", "%s does not run%s", s->id, active ? ", it has failed" : "");
    }
    for (unsigned i = 0; i < cib->n_prims; i++) {
        bool met = liveness_excuse(cib, i) != NULL;
        for (unsigned k = 0; k < w->n_services && !met; k++)
            met = str_eq(w->service[k].id, cib->prim[i].id);
        if (!met)
            return unwell(l, "L4", "%s was never started", cib->prim[i].id);
    }
    return true;
}

static bool look(struct world *w, struct look *l)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        const struct host *h = &w->host[i];
        if (!h->node)
            return unwell(l, "L1", "%s is down", host_name(w, i));
        if (!node_has_view(h->node, BOTH))
            return unwell(l, "L1", "%s is not in a view with its peer", host_name(w, i));
    }
    const struct host *a = &w->host[0], *b = &w->host[1];
    const struct cib *cib = node_cib(a->node), *same = node_cib(b->node);
    if (!cib || !same || cib_hash(cib) != cib_hash(same))
        return unwell(l, "L2", "the nodes work by different configurations");
    if (a->cib_epoch != b->cib_epoch || a->cib_seq != b->cib_seq || strcmp(a->cib, b->cib))
        return unwell(l, "L2", "the nodes keep different configurations: %u.%u, %u.%u",
                      a->cib_epoch, a->cib_seq, b->cib_epoch, b->cib_seq);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        char text[300];
        struct str out;
        str_init(&out, text, sizeof(text));
        if (node_pending(w->host[i].node, &out))
            return unwell(l, "L3", "%s: %s", host_name(w, i), text);
    }
    return look_services(w, cib, l);
}

/* A failed stop of what this daemon has seen run is followed by a fencing, unasked; where the
 * configuration wants something else, or has no device, the operator's cleanup helps. True: wait
 * for it. */
static bool stuck_watch(struct world *w, uint64_t from)
{
    bool stuck = false;
    for (unsigned i = 0; i < w->n_services; i++)
        for (unsigned k = 0; k < SIM_NODES; k++) {
            const struct service *s = &w->service[i];
            const struct host *h = &w->host[k];
            const struct cib *cib = h->node ? node_cib(h->node) : NULL;
            struct rsc_ref ref;
            if (!s->on[k].stuck_us || s->on[k].ran_life != h->life_no || !cib ||
                !cib_find(cib, s->id, &ref) || ref.kind != RSC_PRIM ||
                !cib->prim[ref.index].effective.is_managed ||
                cib_on_fail(cib, &cib->prim[ref.index], "stop") != ON_FAIL_FENCE ||
                !has_device(cib))
                continue;
            uint64_t since = s->on[k].stuck_us > from ? s->on[k].stuck_us : from;
            stuck = true;
            if (w->now_us > since + SEC(STUCK_S) + 4 * MSEC(w->timing.lost_ms))
                oracle_bark(w, "L5", "%s could not be stopped on %s, and nobody fences it", s->id,
                            host_name(w, k));
        }
    return stuck;
}

/* ---- the run
 * -------------------------------------------------------------------------------------------- */

static void look_after(struct world *w)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *h = &w->host[i];
        if (!h->power && w->now_us >= h->off_at_us + SEC(BOOT_AFTER_S))
            host_power_on(w, h, MSEC(500));
        else if (h->power && !h->node && w->now_us >= h->down_at_us + SEC(DAEMON_AFTER_S))
            host_daemon_start(w, h);
    }
}

void liveness_run(struct world *w)
{
    struct look l = {0};
    trace_note(w, NULL, "faults stop, everything is mended");
    mishap_stop(w);
    uint64_t from = w->now_us;
    unsigned bound_s = 240 + 30 * w->timing.deadtime_ms / 1000, good = 0;
    for (unsigned s = 1; s <= bound_s && good < 2 && !w->barked; s++) {
        world_run(w, from + SEC(s));
        look_after(w);
        if (!stuck_watch(w, from) && s >= TIDY_FIRST_S && (s - TIDY_FIRST_S) % TIDY_EVERY_S == 0)
            operator_tidies(w);
        good = !w->barked && look(w, &l) ? good + 1 : 0;
        if (s < TIDY_FIRST_S)
            good = 0;
    }
    if (good < 2 && !w->barked)
        oracle_bark(w, l.rule, "%u s after the faults: %s", bound_s, l.text);
}
