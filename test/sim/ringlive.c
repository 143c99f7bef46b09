/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringlive: see ringlive.h.
 *
 * Happy path: faults stop, machines, corosync and daemons that are down are started, the operator
 * takes back what he asked for; once a second the world is looked at; two good looks in a row end
 * the run, and what was promised is compared. Ways to fail: the time bound passes; then the first
 * thing that is not well is the verdict. */
#include "test/sim/ringlive.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/cib/print.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringmishap.h"
#include "test/sim/ringoper.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringtrace.h"

enum {
    BOOT_AFTER_S = 12,
    DAEMON_AFTER_S = 4,
    CORO_AFTER_S = 2,
    TIDY_FIRST_S = 10,
    TIDY_EVERY_S = 8
};

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

static bool look_services(struct rworld *w, const struct cib *cib, struct look *l)
{
    for (unsigned i = 0; i < w->n_services; i++) {
        const struct ring_service *s = &w->service[i];
        struct rsc_ref ref;
        unsigned alive = 0, active = 0;
        for (unsigned k = 0; k < w->nodes; k++) {
            alive += s->on[k].alive;
            active += s->on[k].active;
        }
        bool known = cib_find(cib, s->id, &ref) && ref.kind == RSC_PRIM;
        bool wanted = known && cib->prim[ref.index].effective.target_role != ROLE_STOPPED;
        if (alive > 1 || active > 1)
            return unwell(l, "L4", "%s runs %u times", s->id, active);
        if (wanted && !alive)
            return unwell(l, "L4", "%s does not run%s", s->id, active ? ", it has failed" : "");
        if (!wanted && active)
            return unwell(l, "L4", "%s runs though nobody wants it", s->id);
    }
    for (unsigned i = 0; i < cib->n_prims; i++) {
        const struct cib_prim *p = &cib->prim[i];
        bool met = p->is_stonith || p->effective.target_role == ROLE_STOPPED;
        for (unsigned k = 0; k < w->n_services && !met; k++)
            met = str_eq(w->service[k].id, p->id);
        if (!met)
            return unwell(l, "L4", "%s was never started", p->id);
    }
    return true;
}

/* An incarnation that somebody has put down as dead is not to be among the living. */
static bool look_dead(struct rworld *w, struct look *l)
{
    for (unsigned i = 0; i < w->nodes; i++)
        for (unsigned k = 0; k < w->host[i].kept.n_fenced; k++)
            for (unsigned o = 0; o < w->nodes; o++)
                if (w->conf.node[o].id == w->host[i].kept.fenced[k].node_id && o != i &&
                    w->host[o].power && w->host[o].boot == w->host[i].kept.fenced[k].boot)
                    return unwell(l, "L5", "%s has put down %s as dead, which lives on",
                                  rhost_name(w, i), rhost_name(w, o));
    return true;
}

static bool look_keys(struct rworld *w, struct look *l)
{
    for (unsigned u = 0; u < w->n_units; u++)
        for (unsigned i = 0; i < w->nodes; i++)
            if (!w->unit[u].lun.key[i])
                return unwell(l, "L6", "%s has no key on disk %u", rhost_name(w, i), u);
    return true;
}

static bool look_views(struct rworld *w, struct look *l)
{
    unsigned coordinators = 0;
    for (unsigned i = 0; i < w->nodes; i++) {
        const struct rhost *h = &w->host[i];
        if (!h->node)
            return unwell(l, "L1", "%s is down", rhost_name(w, i));
        if (!node_has_view(h->node, (nodeset)((1u << w->nodes) - 1)))
            return unwell(l, "L1", "%s is not in a view with all", rhost_name(w, i));
        if (node_epoch(h->node) != node_epoch(w->host[0].node))
            return unwell(l, "L1", "%s has epoch %u, %s %u", rhost_name(w, i), node_epoch(h->node),
                          rhost_name(w, 0), node_epoch(w->host[0].node));
        coordinators += node_is_coordinator(h->node);
    }
    return coordinators == 1 || unwell(l, "L1", "%u nodes coordinate", coordinators);
}

static bool look(struct rworld *w, struct look *l)
{
    if (!look_dead(w, l) || !look_views(w, l))
        return false;
    const struct rhost *a = &w->host[0];
    const struct cib *cib = node_cib(a->node);
    for (unsigned i = 0; i < w->nodes; i++) {
        const struct rhost *h = &w->host[i];
        const struct cib *same = node_cib(h->node);
        char text[300];
        struct str out;
        if (!cib || !same || cib_hash(cib) != cib_hash(same))
            return unwell(l, "L2", "%s and %s work by different configurations", rhost_name(w, 0),
                          rhost_name(w, i));
        if (a->cib_epoch != h->cib_epoch || a->cib_seq != h->cib_seq || strcmp(a->cib, h->cib))
            return unwell(l, "L2", "%s keeps configuration %u.%u, %s %u.%u", rhost_name(w, 0),
                          a->cib_epoch, a->cib_seq, rhost_name(w, i), h->cib_epoch, h->cib_seq);
        str_init(&out, text, sizeof(text));
        if (node_pending(h->node, &out))
            return unwell(l, "L3", "%s: %s", rhost_name(w, i), text);
    }
    if (!cib->n_objects)
        return unwell(l, "L2", "nobody has a configuration");
    return look_services(w, cib, l) && look_keys(w, l);
}

static void look_after(struct rworld *w)
{
    for (unsigned i = 0; i < w->nodes; i++) {
        struct rhost *h = &w->host[i];
        if (!h->power && w->now_us >= h->off_at_us + SEC(BOOT_AFTER_S))
            ringhost_power_on(w, h, MSEC(500));
        else if (h->power && !h->node && w->now_us >= h->down_at_us + SEC(DAEMON_AFTER_S))
            ringhost_daemon_start(w, h);
        if (h->power && h->frozen == AWAKE && !w->coro.machine[i].up &&
            w->now_us >= w->faults.until_us + SEC(CORO_AFTER_S))
            ringhost_coro_start(w, h);
    }
}

void ringlive_run(struct rworld *w)
{
    struct look l = {0};
    ringtrace_note(w, NULL, "faults stop, everything is mended");
    ringmishap_stop(w);
    uint64_t from = w->now_us;
    unsigned bound_s = 240 + 30 * w->timing.lost_ms / 1000, good = 0;
    for (unsigned s = 1; s <= bound_s && good < 2 && !w->barked; s++) {
        ringworld_run(w, from + SEC(s));
        look_after(w);
        if (s >= TIDY_FIRST_S && (s - TIDY_FIRST_S) % TIDY_EVERY_S == 0)
            ringoper_tidies(w);
        good = !w->barked && look(w, &l) ? good + 1 : 0;
    }
    if (good < 2 && !w->barked)
        ringoracle_bark(w, l.rule, "%u s after the faults: %s", bound_s, l.text);
    for (unsigned i = 0; i < w->nodes && !w->barked; i++)
        ringoper_judge(w, &w->host[i]);
}
